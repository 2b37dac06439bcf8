"""Tabular Q-learning on texts: how good each command was, written down for each observation.

    Q(s, a)  ←  Q(s, a) + α [target − Q(s, a)]

    target  =  r + γ max_a' Q(s', a')              Q-learning     (equation 6.8)
               r + γ Q(s', a')                     SARSA          (equation 6.7)
               r + γ Σ_a' π(a'|s') Q(s', a')       Expected SARSA (equation 6.9)

The equations are those of Sutton and Barto, "Reinforcement Learning", 2nd edition, 2018; Q-learning
is due to Watkins (1989).  `QLearning` reads from top to bottom and plays one environment; after it
comes `BatchedQLearning`, the same rule in NumPy for hundreds of mazes at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Literal

import numpy as np
from gymnasium.spaces import Discrete
from gymnasium.vector import VectorEnv
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from agents.common.environments import (
    Finished,
    Masks,
    Score,
    TaskConfig,
    Texts,
    at_least,
    make_env,
    make_test,
    play,
)
from agents.common.run_folder import RunFolder
from agents.common.training import train
from reasoning_gym_envs.maze.mazes import DIRECTIONS
from reasoning_gym_envs.seeds import derive_seed

__all__ = ["BatchedQLearning", "QLearning", "QLearningConfig"]

Target = Literal["q_learning", "sarsa", "expected_sarsa"]


@dataclass
class QLearningConfig(TaskConfig):
    """Settings of a tabular run. The three ways to explore can be combined: ε-greedy, an optimistic
    `initial_value`, a `count_bonus`."""

    same_problem: bool = True
    """Play one problem, that of the seed, again and again, and be tested on it: a table knows only
    texts that it has seen. Otherwise train on the train split, and be tested on the test split."""
    target: Target = "q_learning"
    """What a value is moved towards: that of the best next command, or of the next command that the
    policy gives (SARSA), or would give on average (Expected SARSA)."""
    learning_rate: float = 0.5
    """α. 1 is best where nothing is random; less averages over what is."""
    learning_rate_decay: bool = False
    """Use α = 1/n(s, a) instead, n counting the updates: the mean of all targets so far."""
    epsilon: float = 1.0
    """ε at the start: the share of commands that are drawn at random."""
    epsilon_end: float = 0.05
    """ε at the end, reached in a straight line after `epsilon_steps`."""
    epsilon_steps: int = 20_000
    """Environment steps in which ε goes from one to the other."""
    initial_value: float = 0.0
    """Q of a command that was never tried. A high one makes the agent try everything once
    ("optimism in the face of uncertainty"; Sutton and Barto 2018, section 2.6)."""
    count_bonus: float = 0.0
    r"""c: the greedy choice is that of the highest Q(s, a) + c/√n(s, a), a command that was never
    tried before all others. The bonus of MBIE-EB (Strehl and Littman 2008, equation 6), added to
    the choice as UCB does, not to the values, so that what is learned has no bonus in it."""
    log_every: int = 1_000
    """Environment steps between two records of the metrics."""


class Values(dict[str, float]):
    """Q(s, ·) of one observation: a number for each command, `initial` for those never tried."""

    def __init__(self, initial: float) -> None:
        self.initial = initial

    def __missing__(self, command: str) -> float:
        return self.initial


class QLearning:
    """Tabular Q-learning: ``table[observation][command]`` is the value of a command.

    Values belong to the text and the command, and only commands that are admissible now are looked
    at: a text that comes with other commands another time shares the values of those in common.
    """

    def __init__(self, config: QLearningConfig) -> None:
        if config.target not in ("q_learning", "sarsa", "expected_sarsa"):
            raise ValueError(f"target is q_learning, sarsa or expected_sarsa, not {config.target}")
        at_least(1, config, "log_every")
        self.config = config
        self.envs = _Episodes(config)
        self.vocabulary = self.envs.vocabulary
        self.table: dict[str, Values] = {}
        self.visits: dict[str, Values] = {}  # n(s, a)
        self._counts = config.learning_rate_decay or config.count_bonus > 0
        self.random = Random(config.seed)
        self.ties = Random(config.seed)
        """Chooses among equals in `act`: playing does not change what is learned."""
        self.epsilon = config.epsilon

    # The algorithm. ------------------------------------------------------------------------------

    def update(self) -> dict[str, float]:
        """Play and learn for ``log_every`` steps; returns metrics."""
        config, env, gamma = self.config, self.envs, self.config.gamma
        is_sarsa = config.target == "sarsa"
        slope = (config.epsilon - config.epsilon_end) / max(config.epsilon_steps, 1)
        bound = max if slope > 0 else min
        steps = min(config.log_every, config.steps - env.steps)
        error = 0.0
        observation, commands = env.observation, env.commands
        command: str | None = None
        for step in range(env.steps, env.steps + steps):
            self.epsilon = bound(config.epsilon - slope * step, config.epsilon_end)
            if command is None:
                command = self.explore(observation, commands)
            after, next_commands, reward, terminated, truncated = env.step(command)
            following = None
            if is_sarsa and not terminated:
                following = self.explore(after, next_commands)

            # Nothing comes after a terminal state.  An episode that is only cut short would have
            # gone on: what that is worth is asked of the table.
            future = 0.0 if terminated else self.value(after, next_commands, following)
            error += abs(self.learn_from(observation, command, reward + gamma * future))

            observation, commands, command = after, next_commands, following
            if terminated or truncated:
                env.begin()
                observation, commands, command = env.observation, env.commands, None
        return {"epsilon": self.epsilon, "states": len(self.table), "td_error": error / steps}

    def explore(self, observation: str, commands: Sequence[str]) -> str:
        """The command to try: with probability ε any, else one of the best, bonus included."""
        if self.random.random() < self.epsilon:
            return commands[int(self.random.random() * len(commands))]
        return _one_of_the_best(self.scores(observation, commands), commands, self.random)

    def value(self, observation: str, commands: Sequence[str], following: str | None) -> float:
        """What the future from an observation is worth; `following` is SARSA's next command."""
        values = self.values(observation, commands)
        if self.config.target == "q_learning":
            return max(values)
        if following is not None:
            return values[commands.index(following)]
        scores = self.scores(observation, commands)
        best = max(scores)
        greedy = [value for value, score in zip(values, scores, strict=True) if score == best]
        mean = sum(values) / len(values)
        return (1 - self.epsilon) * sum(greedy) / len(greedy) + self.epsilon * mean

    def learn_from(self, observation: str, command: str, target: float) -> float:
        """Move a value towards its target; returns the temporal-difference error."""
        values = self.table.get(observation)
        if values is None:
            values = self.table[observation] = Values(self.initial(observation))
        rate = self.config.learning_rate
        if self._counts:
            visits = self.visits.setdefault(observation, Values(0.0))
            visits[command] += 1.0
            if self.config.learning_rate_decay:
                rate = 1.0 / visits[command]
        error = target - values[command]
        values[command] += rate * error
        return error

    # Reading the table. --------------------------------------------------------------------------

    def initial(self, observation: str) -> float:
        """Q of commands that were never tried there."""
        return self.config.initial_value

    def values(self, observation: str, commands: Sequence[str]) -> list[float]:
        """Q(s, ·) of some commands."""
        values = self.table.get(observation)
        if values is None:
            return [self.initial(observation)] * len(commands)
        return [values[command] for command in commands]

    def scores(self, observation: str, commands: Sequence[str]) -> list[float]:
        """What the greedy choice in training goes by: the values, and the bonus if there is one."""
        values, bonus = self.values(observation, commands), self.config.count_bonus
        if not bonus:
            return values
        visits = self.visits.get(observation, Values(0.0))
        tried = [visits[command] for command in commands]
        return [
            value + bonus / n**0.5 if n else float("inf")
            for value, n in zip(values, tried, strict=True)
        ]

    # Acting and testing. -------------------------------------------------------------------------

    def act(self, observation: str, info: dict[str, Any] | None = None) -> str:
        """The best command, among the admissible ones where `info` names them.

        Among equals, and in what was never seen, one at random.
        """
        commands = (info or {}).get("admissible_commands") or self.vocabulary
        return _one_of_the_best(self.values(observation, commands), commands, self.ties)

    def choose(self, observations: Texts, masks: Masks) -> NDArray[np.int64]:
        """The same for several observations, commands as their numbers."""
        number = {command: k for k, command in enumerate(self.vocabulary)}
        chosen = []
        for observation, mask in zip(observations, masks, strict=True):
            commands = [self.vocabulary[k] for k in np.flatnonzero(mask)]
            chosen.append(number[self.act(observation, {"admissible_commands": commands})])
        return np.array(chosen)

    def evaluate(self) -> Score:
        """Play the test problems greedily; equals are drawn as in any other test."""
        if not hasattr(self, "_test"):
            self._test = make_test(self.config)
        self.ties = Random(self.config.seed)
        return play(self.choose, self._test)

    # A run. --------------------------------------------------------------------------------------

    def learn(
        self,
        folder: str | Path | None = None,
        *,
        resume: bool = False,
        on_update: Callable[[int, dict[str, Any]], None] | None = None,
    ) -> bool:
        """Train for ``config.steps`` environment steps; see `agents.common.training.train`."""
        return train(self, folder, resume=resume, on_update=on_update)

    def save(self, folder: str | Path) -> None:
        """Write the texts and commands as JSON and the numbers, in that order, as safetensors."""
        Path(folder).mkdir(parents=True, exist_ok=True)
        texts = {text: list(values) for text, values in self.table.items()}
        (Path(folder) / "table.json").write_text(
            json.dumps(texts, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        entries = [(text, command) for text, commands in texts.items() for command in commands]
        numbers = {"values": [self.table[text][command] for text, command in entries]}
        if self._counts:
            numbers["visits"] = [self.visits[text][command] for text, command in entries]
        arrays = {name: np.array(column, np.float64) for name, column in numbers.items()}
        save_file(arrays, Path(folder) / "table.safetensors")

    def _read(self, folder: Path) -> None:
        texts = json.loads((folder / "table.json").read_text(encoding="utf-8"))
        arrays = load_file(folder / "table.safetensors")
        for name, table in (("values", self.table), ("visits", self.visits)):
            table.clear()
            if name in arrays:
                numbers: Iterator[float] = iter(arrays[name].tolist())
                for text, commands in texts.items():
                    table[text] = Values(self.initial(text) if name == "values" else 0.0)
                    table[text].update((command, next(numbers)) for command in commands)

    def state(self) -> dict[str, Any]:
        """The random numbers and the environment, for `restore`."""
        return {
            "random": self.random.getstate(),
            "environment": self.envs.state(),
        }

    def restore(self, folder: Path, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        self._read(folder)
        version, numbers, gauss = state["random"]
        self.random.setstate((version, tuple(numbers), gauss))
        self.envs.put_back(state["environment"])

    @classmethod
    def load(cls, folder: str | Path) -> QLearning:
        """The agent of a run folder, as its newest checkpoint left it."""
        agent = cls(RunFolder.load_config(folder, QLearningConfig))
        agent._read(RunFolder.latest(folder))
        return agent


def _one_of_the_best(scores: list[float], commands: Sequence[str], random: Random) -> str:
    best = max(scores)
    if scores.count(best) == 1:
        return commands[scores.index(best)]
    tied = [c for c, score in zip(commands, scores, strict=True) if score == best]
    return tied[int(random.random() * len(tied))]


class _Episodes(Finished):
    """The episodes that a `QLearning` plays in its environment, which a checkpoint can put back.

    Their state is (seed, step of the last restart, commands since then), as that of
    `agents.common.environments.TrainingEnvs`; texts and commands are handed on as they are, which
    is fast.
    """

    def __init__(self, config: TaskConfig) -> None:
        super().__init__()
        numbered = make_env(config)
        self.vocabulary = numbered.vocabulary
        self._env = numbered.env
        self._seed = config.seed
        self._only = frozenset(config.vocabulary)  # where the configuration names the commands
        self.steps = 0
        self.restart()

    def restart(self) -> None:
        """Begin an episode from a seed that (seed, steps) decide."""
        self._restarted, self._given = self.steps, list[str]()
        self.begin(derive_seed(self._seed, 0, self.steps))

    def begin(self, seed: int | None = None) -> None:
        """Begin an episode."""
        self.observation, info = self._env.reset(seed=seed)
        self.commands = self._possible(info)
        self._return, self._length = 0.0, 0

    def _possible(self, info: dict[str, Any]) -> Sequence[str]:
        """The admissible commands, among those of the vocabulary: what the action mask says."""
        commands: Sequence[str] = info.get("admissible_commands", ())
        if self._only:
            commands = [command for command in commands if command in self._only]
        return commands or self.vocabulary

    def step(self, command: str) -> tuple[str, Sequence[str], float, bool, bool]:
        """The next observation and its commands, the reward, terminated, truncated."""
        self.observation, reward, terminated, truncated, info = self._env.step(command)
        self.commands = self._possible(info)
        self._given.append(command)
        self.steps += 1
        self._return += reward  # type: ignore[operator]
        self._length += 1
        if terminated or truncated:
            self.finish(self._return, bool(info.get("is_success")), self._length)
        return self.observation, self.commands, reward, terminated, truncated  # type: ignore

    def state(self) -> dict[str, Any]:
        """What `put_back` needs, in types that JSON knows."""
        return {
            **self.finished(),
            "restarted": self._restarted,
            "commands": self._given,
        }

    def put_back(self, state: dict[str, Any]) -> None:
        """Go on from a state: restart as then, and give the commands again."""
        self.steps = state["restarted"]
        self.restart()
        for command in state["commands"]:
            *_, terminated, truncated = self.step(command)
            if terminated or truncated:
                self.begin()
        self.put_finished_back(state)


# In NumPy, many mazes at once. -------------------------------------------------------------------

_WAYS = 16
"""Subsets of the four directions, as bits."""
_DRAWS = 12
"""A number below 12 is one of 1, 2, 3 or 4 equally likely things."""
_PICKED = np.array(
    [[ways[k % len(ways)] if (ways := [d for d in range(4) if subset >> d & 1]) else 0
      for k in range(_DRAWS)] for subset in range(_WAYS)],
).reshape(-1)  # fmt: skip
"""``_PICKED[12 * subset + k]``: a member of the subset."""
_LOWEST = np.finfo(np.float64).min
_TWO, _FOUR, _EIGHT = np.uint8(2), np.uint8(4), np.uint8(8)
_BLOCK = 64  # steps whose random numbers are drawn together


class BatchedQLearning:
    """Q-learning on ``gym.make_vec("TextMaze-v0", n, observation="index", same_maze=True)``.

    All slots write into one table, so that they must play one maze (``begin([seed] * n)``), or
    with ``shared=False`` each into its own, for n different mazes.

    ``values[command, state]`` is Q: −∞ for commands that are not admissible and in states that
    were not seen, so that no mask is needed, and 0 in terminal states. Where several slots make the
    same step at once, the last one's target is the one that counts: the update of a single learner,
    of which the other slots' transitions are left out.

    Args:
        envs: a native vector maze, with observation="index" and same_maze=True.
        shared: one table for all slots (their mazes must be the same), or one for each.
        gamma: discount.
        learning_rate: α; 1 where there is no ice.
        epsilon: share of commands that are drawn at random.
        initial_value: Q of a command that was never tried.
        seed: of the random numbers.

    Raises:
        ValueError: observations that are no numbers of states.
    """

    def __init__(
        self,
        envs: VectorEnv[Any, Any, Any],
        *,
        shared: bool = True,
        gamma: float = 0.99,
        learning_rate: float = 1.0,
        epsilon: float = 0.05,
        initial_value: float = 0.0,
        seed: int = 0,
    ) -> None:
        if not isinstance(envs.single_observation_space, Discrete):
            raise ValueError('the batch learns from numbered states: pass observation="index"')
        self.envs = envs
        self.shared, self.gamma, self.learning_rate = shared, gamma, learning_rate
        self.epsilon, self.initial_value = epsilon, initial_value
        self.rng = np.random.default_rng(seed)
        n, self.states = envs.num_envs, int(envs.single_observation_space.n)
        self._table = np.zeros(n, np.int64) if shared else np.arange(n) * self.states
        self.values = np.full((4, self.states * (1 if shared else n)), -np.inf)
        self.updates = 0
        """Values that were moved towards a target."""

    def begin(self, seeds: int | Sequence[int]) -> None:
        """Begin an episode in every slot; the table stays. Raises as the environments' reset."""
        observations, infos = self.envs.reset(seed=seeds)  # type: ignore[arg-type]
        self._ended = np.zeros(self.envs.num_envs, bool)
        self._state = observations + self._table
        self._see(self._state, infos)

    def _see(self, states: NDArray[np.int64], infos: dict[str, Any]) -> None:
        """Look states up, and write down the commands of those that are new."""
        self._rows = self.values.take(states, axis=1)
        self._best = self._rows.max(axis=0)
        new = self._best == -np.inf
        if new.any():
            for state, commands in zip(
                states[new].tolist(), infos["admissible_commands"][new], strict=True
            ):
                for command in commands:
                    self.values[DIRECTIONS.index(command), state] = self.initial_value
                if not commands:
                    self.values[:, state] = 0.0
            self._rows = self.values.take(states, axis=1)
            self._best = self._rows.max(axis=0)

    def learn(self, steps: int) -> None:
        """Take some steps in every slot, and learn from them."""
        n, width = self.envs.num_envs, self.values.shape[1]
        for step in range(steps):
            if step % _BLOCK == 0:
                block = min(_BLOCK, steps - step)
                picks = self.rng.integers(0, _DRAWS, (block, n), dtype=np.uint8)
                explores = self.rng.random((block, n), dtype=np.float32) < self.epsilon

            # ε-greedy: one of the best, or one of those that are admissible.
            floor = np.where(explores[step % _BLOCK], _LOWEST, self._best)
            tied = self._rows >= floor
            subsets = tied[0] | tied[1] * _TWO | tied[2] * _FOUR | tied[3] * _EIGHT
            actions = _PICKED.take(subsets * np.uint8(_DRAWS) + picks[step % _BLOCK])

            observations, rewards, terminated, truncated, infos = self.envs.step(actions)
            entries = actions * width + self._state
            self._state = observations + self._table
            self._see(self._state, infos)
            # What follows a terminal state is worth nothing; a truncated episode would have gone
            # on, and its last observation tells where.
            targets = rewards + self.gamma * np.where(terminated, 0.0, self._best)

            # A step after the end only began the next episode: nothing to learn from.
            if self._ended.any():
                entries, targets = entries[~self._ended], targets[~self._ended]
            self._ended = terminated | truncated
            values = self.values.reshape(-1)
            old = values.take(entries)
            values[entries] = old + self.learning_rate * (targets - old)
            self.updates += len(entries)

    def act(self, observations: NDArray[np.int64]) -> NDArray[np.int64]:
        """The best command of each slot, as its number."""
        best: NDArray[np.int64] = self.values[:, observations + self._table].argmax(axis=0)
        return best
