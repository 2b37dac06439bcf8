"""The environments of the classic agents: made from a configuration, stepped together, put back.

An agent of this folder reads texts and answers with commands.  Here a `TaskConfig` becomes
environments with numbered commands and action masks (`make_env`), a batch of them to train on whose
exact state a checkpoint can put back (`TrainingEnvs`), and a greedy test on problems that training
never sees (`play`).
"""

from __future__ import annotations

import importlib
import inspect
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np
from gymnasium.envs.registration import load_env_creator
from gymnasium.spaces import Discrete
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from numpy.typing import NDArray

import reasoning_gym_envs  # noqa: F401  (registers the environments)
from agents.common.trackers import TrackerName
from reasoning_gym_envs.seeds import derive_seed, distinct_seeds
from reasoning_gym_envs.wrappers import DiscreteCommands, InWords, RememberCommands, SameProblem

__all__ = [
    "TEST_SEED",
    "Score",
    "TaskConfig",
    "TrainingEnvs",
    "arguments",
    "at_least",
    "make_env",
    "make_test",
    "parameters",
    "play",
]

Texts = Sequence[str]
Masks = NDArray[np.bool_]
"""Which commands are admissible, ``[environments, commands]``."""
Choose = Callable[[Texts, Masks], NDArray[np.int64]]
"""A policy: the numbers of the commands for some observations and their masks."""

TEST_SEED = 20_000_101
"""The test problems are the same for every run, whatever its seed."""
_TEST_SLOTS = 50  # played at a time
_RECENT = 100  # episodes that the returns are averaged over


@dataclass
class TaskConfig:
    """What to learn, for how long, and how often to look: the settings that all agents share."""

    env_id: str = "TextMaze-v0"
    """Environment to learn."""
    env_kwargs: dict[str, Any] = field(default_factory=dict)
    """Arguments of `gymnasium.make`, as JSON. Where the environment has an instruction, it is left
    out unless given here: what is always the same says nothing about the state."""
    vocabulary: tuple[str, ...] = ()
    r"""The commands of an environment that has no list of them: answers such as \boxed{7}, or names
    for the actions of an environment of numbers such as FrozenLake-v1."""
    same_problem: bool = False
    """Play one problem, that of the seed, again and again, and be tested on it. Otherwise train on
    the train split, and be tested on problems of the test split."""
    remember: int = 0
    """The latest commands that are added to an observation, so many of them."""
    seed: int = 0
    """Seeds everything: the same configuration and seed give the same agent."""
    steps: int = 50_000
    """Environment steps to learn from."""
    gamma: float = 0.97
    """Discount, of the agent and of reward="shaped"."""
    eval_every: int = 5_000
    """Environment steps between tests of the greedy policy; 0 tests before the first step and after
    the last alone."""
    eval_episodes: int = 50
    """Different problems in a test (one, where `same_problem`)."""
    checkpoint_every: int = 20_000
    """Environment steps between checkpoints; 0 writes one at the end alone. Episodes begin anew
    there, so that a run that is resumed is the same as one that was never stopped."""
    tracker: TrackerName | None = None
    """Where the metrics go besides the run folder: into TensorBoard's files, to trackio, or to
    Weights & Biases. Each is an extra of the package."""


def at_least(least: int, config: Any, *names: str) -> None:
    """Raise `ValueError` for a setting that is smaller; one that is None is open."""
    for name in names:
        value = getattr(config, name)
        if value is not None and value < least:
            raise ValueError(f"{name} must be at least {least}, got {value}")


def make_env(config: TaskConfig, *, split: str = "train") -> DiscreteCommands[str]:
    """The environment of a configuration: texts to read, numbers of commands to give.

    Raises `ValueError` for settings that make no sense, and as `gymnasium.make` does.
    """
    at_least(0, config, "seed", "steps", "remember", "eval_every", "checkpoint_every")
    at_least(1, config, "eval_episodes")
    kwargs = arguments(config, split=split)
    env: gym.Env[Any, Any] = gym.make(config.env_id, disable_env_checker=True, **kwargs)
    vocabulary = list(config.vocabulary) or None
    if isinstance(env.observation_space, Discrete) and isinstance(env.action_space, Discrete):
        if env.spec is not None and env.spec.max_episode_steps is None:
            raise ValueError(
                f"{config.env_id} has no limit of steps, and a greedy policy may never end an "
                'episode: give one, such as {"max_episode_steps": 200} in env_kwargs'
            )
        names = vocabulary or [f"action {number}" for number in range(int(env.action_space.n))]
        env, vocabulary = InWords(env, names), None
    if config.same_problem:
        env = SameProblem(env, seed=config.seed)
    if config.remember:
        env = RememberCommands(env, config.remember)
    return DiscreteCommands(env, vocabulary)


def arguments(config: TaskConfig, *, split: str = "train") -> dict[str, Any]:
    """What `make_env` gives to `gymnasium.make`."""
    kwargs, takes = dict(config.env_kwargs), parameters(config.env_id)
    if "instruction" in takes:
        kwargs.setdefault("instruction", "")
    if "split" in takes and not config.same_problem:
        kwargs.setdefault("split", split)
    if kwargs.get("reward") == "shaped":
        kwargs["reward"] = {"mode": "shaped", "gamma": config.gamma}
    return kwargs


def parameters(env_id: str) -> set[str]:
    """Names of the arguments that an environment takes."""
    module, _, name = env_id.rpartition(":")  # "module:Env-v0" is registered by the module
    if module:
        importlib.import_module(module)
    entry = gym.spec(name).entry_point
    creator: Any = load_env_creator(entry) if isinstance(entry, str) else entry
    if inspect.isclass(creator):  # Python 3.10 would give the signature of TextEnv.__new__
        return set(inspect.signature(creator.__init__).parameters) - {"self"}
    return set(inspect.signature(creator).parameters) if creator else set()


class _NeededInfo(gym.Wrapper[str, Any, str, Any]):
    """Hands on what is needed here: a vector environment puts every entry of `info` into arrays."""

    def reset(self, **arguments: Any) -> tuple[str, dict[str, Any]]:
        observation, info = self.env.reset(**arguments)
        return observation, {"action_mask": info["action_mask"]}

    def step(self, action: Any) -> tuple[str, float, bool, bool, dict[str, Any]]:
        observation, reward, terminated, truncated, info = self.env.step(action)
        needed = {"action_mask": info["action_mask"]}
        if terminated or truncated:
            needed["is_success"] = info.get("is_success", False)
        return observation, float(reward), terminated, truncated, needed


def _side_by_side(config: TaskConfig, count: int, split: str = "train") -> SyncVectorEnv:
    return SyncVectorEnv(
        [lambda: _NeededInfo(make_env(config, split=split))] * count,
        autoreset_mode=AutoresetMode.NEXT_STEP,
    )


class Transitions(NamedTuple):
    """What one step of a batch of environments gave; arrays have an entry for each of them."""

    observations: Texts
    masks: Masks
    rewards: NDArray[np.float32]
    terminated: NDArray[np.bool_]
    truncated: NDArray[np.bool_]
    valid: NDArray[np.bool_]
    """False where the step only began the next episode (Gymnasium's automatic reset): its action
    was not played, so that there is nothing to learn from it."""


class Finished:
    """The episodes that have ended: how many there were, and how the latest of them went."""

    def __init__(self) -> None:
        self.episodes = 0
        """Episodes that have ended."""
        self._recent: deque[tuple[float, bool, int]] = deque(maxlen=_RECENT)

    def finish(self, total: float, success: bool, length: int) -> None:
        """Count an episode: its sum of rewards, whether it was solved, its steps."""
        self.episodes += 1
        self._recent.append((total, success, length))

    def metrics(self) -> dict[str, float]:
        """Episodes so far, and the means of the last hundred: return, success and length."""
        means = np.mean(self._recent, axis=0).tolist() if self._recent else ()
        return {
            "episodes": self.episodes,
            **dict(zip(("return", "success", "length"), means, strict=False)),
        }

    def finished(self) -> dict[str, Any]:
        """What `put_finished_back` needs, in types that JSON knows."""
        return {"episodes": self.episodes, "recent": list(self._recent)}

    def put_finished_back(self, state: dict[str, Any]) -> None:
        """Go on counting from a state."""
        self.episodes = state["episodes"]
        self._recent = deque(map(tuple, state["recent"]), maxlen=_RECENT)


class TrainingEnvs(Finished):
    """Environments stepped together in Gymnasium's `SyncVectorEnv`.

    An episode that has ended begins anew with the next step, whatever the action
    (``AutoresetMode.NEXT_STEP``), so that the observation after the last step is that of the end:
    what a truncated episode is worth there can be asked for.

    Their state is (seed, step of the last restart, actions since then): to put them back, the
    actions are played again.  So they restart at every checkpoint.
    """

    def __init__(self, config: TaskConfig, count: int) -> None:
        super().__init__()
        self.config = config
        self.count = count
        self.envs = _side_by_side(config, count)
        self.vocabulary: tuple[str, ...] = self.envs.envs[0].get_wrapper_attr("vocabulary")
        self.steps = 0
        """Environment steps so far; automatic resets do not count."""
        self.observations: Texts = ()
        self.masks: Masks = np.zeros((0, 0), bool)
        self.restart()

    def restart(self) -> None:
        """Begin new episodes, from seeds that (seed, steps) decide."""
        self._restarted, self._actions = self.steps, list[list[int]]()
        seeds: list[int | None] = [
            derive_seed(self.config.seed, 0, self.steps, slot) for slot in range(self.count)
        ]
        self.observations, infos = self.envs.reset(seed=seeds)
        self.masks = infos["action_mask"].astype(bool)
        self._ended = np.zeros(self.count, bool)
        self._returns, self._lengths = np.zeros(self.count), np.zeros(self.count, int)

    def step(self, actions: NDArray[Any], counts: NDArray[np.bool_] | None = None) -> Transitions:
        """Give each environment the number of a command; only those where `counts` are counted.

        `put_back` counts every step: restart before the next checkpoint where some did not count.
        """
        self._actions.append(actions.tolist())
        valid = ~self._ended if counts is None else ~self._ended & counts
        self.observations, rewards, terminated, truncated, infos = self.envs.step(actions)
        self.masks = infos["action_mask"].astype(bool)
        self._ended = terminated | truncated
        self.steps += int(valid.sum())
        self._returns[valid] += rewards[valid]
        self._lengths[valid] += 1
        for slot in np.flatnonzero(self._ended & valid):
            success = bool(infos["is_success"][slot])
            self.finish(float(self._returns[slot]), success, int(self._lengths[slot]))
            self._returns[slot] = self._lengths[slot] = 0
        return Transitions(
            self.observations, self.masks, rewards.astype(np.float32), terminated, truncated, valid
        )

    def state(self) -> dict[str, Any]:
        """What `put_back` needs, in types that JSON knows."""
        return {
            **self.finished(),
            "restarted": self._restarted,
            "actions": self._actions,
        }

    def put_back(self, state: dict[str, Any]) -> None:
        """Go on from a state: restart as then, and play the actions again."""
        self.steps = state["restarted"]
        self.restart()
        for actions in state["actions"]:
            self.step(np.array(actions))
        self.put_finished_back(state)


# Testing. ----------------------------------------------------------------------------------------


class Score(NamedTuple):
    """What a policy reaches on some problems, one episode each."""

    success: float
    """Share of the episodes that were solved."""
    mean_return: float
    """Sum of rewards, mean."""
    length: float
    """Steps, mean."""

    def metrics(self) -> dict[str, float]:
        """As a run logs it."""
        return {
            "test_success": self.success,
            "test_return": self.mean_return,
            "test_length": self.length,
        }


class Test(NamedTuple):
    """Environments and the seeds of the problems to be played in them."""

    envs: SyncVectorEnv
    seeds: Sequence[int]


def make_test(config: TaskConfig) -> Test:
    """Different problems of the test split, or the one problem where `same_problem`."""
    if config.same_problem:
        return Test(_side_by_side(config, 1), [config.seed])
    seeds = distinct_seeds(make_env(config, split="test"), config.eval_episodes, TEST_SEED)
    slots = min(len(seeds), _TEST_SLOTS)
    return Test(_side_by_side(config, slots, split="test"), seeds)


def play(choose: Choose, test: Test) -> Score:
    """One episode of each problem, all slots at a time."""
    envs, seeds = test
    results: list[tuple[bool, float, int]] = []
    for start in range(0, len(seeds), envs.num_envs):
        count = len(seeds[start : start + envs.num_envs])
        chunk: list[int | None] = [*seeds[start : start + count], *[0] * (envs.num_envs - count)]
        observations, infos = envs.reset(seed=chunk)
        returns, lengths, successes = np.zeros(count), np.zeros(count, int), np.zeros(count, bool)
        running = np.ones(count, bool)
        while running.any():
            actions = choose(observations, infos["action_mask"].astype(bool))
            observations, rewards, terminated, truncated, infos = envs.step(actions)
            returns[running] += rewards[:count][running]
            lengths[running] += 1
            ends = running & (terminated | truncated)[:count]
            if ends.any():
                successes[ends] = infos["is_success"][:count][ends].astype(bool)
                running &= ~ends
        results += zip(successes.tolist(), returns.tolist(), lengths.tolist(), strict=True)
    success, mean_return, length = np.mean(np.array(results, float), axis=0).tolist()
    return Score(success, mean_return, length)
