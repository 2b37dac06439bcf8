"""Environment steps and processor time to a greedy solution: our agents beside Stable-Baselines3.

    python -m baselines.speed.classic [--seeds 7] [--tasks maze corridors lake]

* maze: one maze of level 3 (9 × 9), `TextMaze-v0` with ``view="coordinates"``, shaped rewards;
* corridors: the same mazes seen from within (``view="local"``), where places may look alike;
* lake: FrozenLake-v1, 4 × 4, not slippery.

Our agents read the texts and know which commands are admissible.  The peers see the environment's
own numbers (`NumericObservation`; one-hot states of the lake), and are not told which actions are
possible: neither A2C nor PPO of Stable-Baselines3 can be.  Their settings (`PEERS`) come from a
random search of 33 to 60 configurations for each of maze and lake, refined around its best; there
are two of an algorithm where the fewest steps and the least time were found in different places.
In the corridors all have their settings of the maze.  Where the agent's γ is far below that of the
shaped reward, what a step is worth is seen at once; the peers gain from it as ours do.

Every 200 steps or more, between two updates, the greedy policy is tried in an environment of its
own: what that takes is not counted, and the first trial that reaches the goal ends the run.  All
take their turns in one process, on one thread, problem by problem.  A seed is both the maze and the
agent's random numbers.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

import gymnasium as gym
import torch

from agents.actor_critic import ActorCritic, ActorCriticConfig
from agents.common.environments import TaskConfig, make_env
from agents.ppo import PPO, PPOConfig
from agents.q_learning import QLearning, QLearningConfig
from reasoning_gym_envs.wrappers import DiscreteCommands, NumericObservation

CHECK_EVERY = 200  # steps, at least
MOST_STEPS = 40_000
WARM_STEPS = 600  # of a run that is not measured: the first one of a process loads much


@dataclass(frozen=True)
class Task:
    """What is to be learned."""

    title: str
    env_id: str
    env_kwargs: dict[str, Any]
    longest: int
    """States: a greedy policy that took more steps than that goes in circles."""
    is_ours: bool = True
    """Whether it is an environment of this package, with shaped rewards."""


_MAZE = {"level": 3}
TASKS = {
    "maze": Task("TextMaze level 3", "TextMaze-v0", {**_MAZE, "view": "coordinates"}, 81),
    "corridors": Task("TextMaze level 3, local view", "TextMaze-v0", _MAZE, 81),
    "lake": Task("FrozenLake 4 × 4", "FrozenLake-v1", {"is_slippery": False}, 16, is_ours=False),
}


class Run(NamedTuple):
    """An agent in training."""

    advance: Callable[[], int]
    """Learn for a while; returns the environment steps so far."""
    choose: Callable[[Any, dict[str, Any]], Any]
    """The greedy action for an observation and its info."""
    env: gym.Env[Any, Any]
    """Where the greedy policy is tried."""


def _kwargs(task: Task, gamma: float) -> dict[str, Any]:
    """The environment's arguments, with the γ of a shaped reward."""
    reward = {"reward": {"mode": "shaped", "gamma": gamma}} if task.is_ours else {}
    return {**task.env_kwargs, **reward}


# Ours. -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ours:
    """An agent of this repository and its settings for a task."""

    name: str
    agent: Callable[[Any], Any]
    config: TaskConfig
    reward_gamma: float | None = None
    """γ of the shaped reward; None for the agent's."""

    def start(self, task: Task, seed: int) -> Run:
        """An agent that has learned nothing yet."""
        config = replace(
            self.config,
            env_id=task.env_id,
            env_kwargs=_kwargs(task, self.reward_gamma or self.config.gamma),
            same_problem=True,
            seed=seed,
            steps=MOST_STEPS,
        )
        agent = self.agent(config)

        def advance() -> int:
            agent.update()
            return int(agent.envs.steps)

        def choose(observation: str, info: dict[str, Any]) -> Any:
            return agent.choose([observation], info["action_mask"][None].astype(bool))[0]

        return Run(advance, choose, make_env(config))


_ON_MAZE = ActorCriticConfig(
    environments=8,
    rollout=4,
    learning_rate=4e-3,
    gamma=0.1,
    gae_lambda=0.95,
    entropy_coef=3e-4,
)
_ON_LAKE = ActorCriticConfig(
    environments=8,
    rollout=6,
    learning_rate=3e-3,
    gamma=0.9,
    gae_lambda=1.0,
    entropy_coef=0.03,
    width=128,
)
_PPO = PPOConfig(
    environments=8,
    rollout=16,
    learning_rate=3e-3,
    gamma=0.5,
    epochs=6,
    minibatches=4,
    layers=0,
    anneal_learning_rate=False,
)
_TABLE = QLearningConfig(learning_rate=1.0, gamma=0.95, epsilon=0.1, epsilon_end=0.1, log_every=200)
OURS: dict[str, list[Ours]] = {
    "maze": [
        Ours("ActorCritic", ActorCritic, _ON_MAZE, reward_gamma=0.99),
        Ours("PPO", PPO, _PPO, reward_gamma=0.99),
        Ours("QLearning", QLearning, _TABLE),
    ],
    "corridors": [
        Ours("ActorCritic", ActorCritic, _ON_MAZE, reward_gamma=0.99),
        Ours("PPO", PPO, _PPO, reward_gamma=0.99),
    ],
    "lake": [
        Ours("ActorCritic", ActorCritic, _ON_LAKE),
        Ours("PPO", PPO, replace(_PPO, gamma=0.99)),
        Ours("QLearning", QLearning, replace(_TABLE, gamma=0.99)),
    ],
}
"""The actor-critic's settings come from a random search as well, on the same mazes and seeds that
are measured here; the others were set by hand."""


# Theirs. -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Peer:
    """An algorithm of Stable-Baselines3 and its settings for a task."""

    name: str
    algorithm: str
    settings: dict[str, Any]
    n_envs: int
    net_arch: tuple[int, ...]
    activation: str = "Tanh"
    ortho_init: bool = True
    reward_gamma: float | None = None
    """γ of the shaped reward; None for the agent's."""

    def start(self, task: Task, seed: int) -> Run:
        """A model that has learned nothing yet."""
        import stable_baselines3
        from stable_baselines3.common.logger import Logger
        from stable_baselines3.common.utils import set_random_seed
        from stable_baselines3.common.vec_env import DummyVecEnv

        def make() -> gym.Env[Any, Any]:
            return _numeric_env(task, seed, self.reward_gamma or self.settings["gamma"])

        set_random_seed(seed)  # the model's own argument would seed the environments, too
        model = getattr(stable_baselines3, self.algorithm)(
            "MlpPolicy",
            DummyVecEnv([make] * self.n_envs),
            device="cpu",
            policy_kwargs={
                "net_arch": list(self.net_arch),
                "activation_fn": getattr(torch.nn, self.activation),
                "ortho_init": self.ortho_init,
            },
            **self.settings,
        )
        model.set_logger(Logger(None, []))

        def advance() -> int:
            model.learn(CHECK_EVERY, reset_num_timesteps=False, log_interval=None)
            return int(model.num_timesteps)

        def choose(observation: Any, info: dict[str, Any]) -> Any:
            return int(model.predict(observation, deterministic=True)[0])

        return Run(advance, choose, make())


def _numeric_env(task: Task, seed: int, gamma: float) -> gym.Env[Any, Any]:
    kwargs = _kwargs(task, gamma)
    if not task.is_ours:
        return gym.make(task.env_id, disable_env_checker=True, **kwargs)
    env = gym.make(task.env_id, disable_env_checker=True, same_maze=True, **kwargs)
    numeric = DiscreteCommands(NumericObservation(env))
    numeric.reset(seed=seed)  # later resets have no seed, and stay in this maze
    return numeric


_MAZE_A2C: dict[str, Any] = {
    "n_steps": 4,
    "learning_rate": 0.0049,
    "gamma": 0.3,
    "gae_lambda": 0.95,
    "ent_coef": 0.01,
    "vf_coef": 1.0,
}
_MAZE_PPO: dict[str, Any] = {
    "n_steps": 64,
    "batch_size": 256,
    "n_epochs": 12,
    "learning_rate": 0.00645,
    "gamma": 0.5,
    "gae_lambda": 0.95,
    "max_grad_norm": 5.0,
}
_QUICK_PPO: dict[str, Any] = {
    "n_steps": 8,
    "batch_size": 256,
    "n_epochs": 5,
    "learning_rate": 0.01289,
    "gamma": 0.3,
    "gae_lambda": 0.95,
    "max_grad_norm": 5.0,
}
_ON_MAZES = [
    Peer("SB3 A2C", "A2C", _MAZE_A2C, 8, (128,), ortho_init=False, reward_gamma=0.99),
    Peer("SB3 PPO", "PPO", _MAZE_PPO, 8, (64,), "ReLU", ortho_init=False, reward_gamma=0.99),
    Peer("SB3 PPO, quick", "PPO", _QUICK_PPO, 32, (64,), "ReLU", False, reward_gamma=0.99),
]
_LAKE_A2C: dict[str, Any] = {
    "n_steps": 8,
    "learning_rate": 0.00284,
    "gamma": 0.99,
    "gae_lambda": 0.9,
}
_LAKE_A2C |= {"ent_coef": 0.06, "normalize_advantage": True}
_LAKE_PPO: dict[str, Any] = {
    "n_steps": 64,
    "batch_size": 128,
    "n_epochs": 6,
    "learning_rate": 0.004,
}
_LAKE_PPO |= {"gamma": 0.99, "gae_lambda": 0.95, "ent_coef": 0.01}
PEERS: dict[str, list[Peer]] = {
    "maze": _ON_MAZES,
    "corridors": _ON_MAZES,
    "lake": [
        Peer("SB3 A2C", "A2C", _LAKE_A2C, 8, (128,), ortho_init=False),
        Peer("SB3 A2C, 4 steps", "A2C", {**_LAKE_A2C, "n_steps": 4}, 8, (128,), ortho_init=False),
        Peer("SB3 PPO", "PPO", _LAKE_PPO, 8, (64,)),
    ],
}
"""Settings that are not named are those of Stable-Baselines3 itself."""


# Measuring. --------------------------------------------------------------------------------------


@dataclass
class Result:
    """What a contender took on each problem; None where it found no solution."""

    name: str
    steps: list[int | None] = field(default_factory=list)
    seconds: list[float | None] = field(default_factory=list)

    def median(self, values: Sequence[float | None]) -> float:
        """The median, where no solution counts as infinitely many."""
        return statistics.median(float("inf") if value is None else value for value in values)


def measure(run: Run, task: Task, most: int = MOST_STEPS) -> tuple[int, float] | None:
    """Steps and processor seconds until the greedy policy reaches the goal."""
    steps, checked, spent = 0, 0, 0.0
    while steps < most:
        began = time.process_time()
        steps = run.advance()
        spent += time.process_time() - began
        if steps - checked >= CHECK_EVERY:
            checked = steps
            if reaches_goal(run, task.longest):
                return steps, spent
    return None


def reaches_goal(run: Run, longest: int) -> bool:
    """Whether the greedy policy gets to the goal; three times, as a table's ties are drawn."""
    return all(_once(run, longest) for _ in range(3))


def _once(run: Run, longest: int) -> bool:
    observation, info = run.env.reset()
    for _ in range(longest):
        observation, reward, terminated, truncated, info = run.env.step(
            run.choose(observation, info)
        )
        if terminated or truncated:
            return terminated and float(reward) > 0
    return False


def peers_version() -> str | None:
    """The version of Stable-Baselines3; None where it is not installed."""
    try:
        return version("stable_baselines3")
    except PackageNotFoundError:
        return None


def compare(name: str, seeds: int) -> list[Result]:
    """Measure ours and theirs on a task."""
    task = TASKS[name]
    contenders: list[Ours | Peer] = [*OURS[name], *(PEERS[name] if peers_version() else ())]
    results = [Result(contender.name) for contender in contenders]
    for contender in contenders:
        measure(contender.start(task, 0), task, WARM_STEPS)
    for seed in range(1, seeds + 1):
        for contender, result in zip(contenders, results, strict=True):
            found = measure(contender.start(task, seed), task)
            result.steps.append(found[0] if found else None)
            result.seconds.append(found[1] if found else None)
            print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return results


def table(name: str, results: Sequence[Result]) -> str:
    """A Markdown table; the ratios are to the best of the peers in each column."""
    peers = [result for result in results if result.name.startswith("SB3")]
    infinite = float("inf")
    fewest = min((peer.median(peer.steps) for peer in peers), default=infinite)
    least = min((peer.median(peer.seconds) for peer in peers), default=infinite)
    lines = [
        f"### {TASKS[name].title}",
        "",
        "| agent | solved | steps (all) | CPU s | SB3's fewest steps / its | SB3's least s / its |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for result in results:
        steps, seconds = result.median(result.steps), result.median(result.seconds)
        found = sorted(value for value in result.steps if value is not None)
        spread = f" ({found[0]:,}–{found[-1]:,})" if found else ""
        ratios = [
            f"{peer / own:.2f}" if peer < infinite and own < infinite else "–"
            for peer, own in ((fewest, steps), (least, seconds))
        ]
        lines.append(
            f"| {result.name} | {len(found)} of {len(result.steps)} | {_number(steps)}{spread} | "
            f"{_number(seconds, 2)} | {ratios[0]} | {ratios[1]} |"
        )
    return "\n".join(lines)


def _number(value: float, digits: int = 0) -> str:
    return f"{value:,.{digits}f}" if value < float("inf") else "–"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        prog="python -m baselines.speed.classic", description=(__doc__ or "").split("\n\n")[0]
    )
    parser.add_argument("--seeds", type=int, default=7, help="problems and runs on each task")
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=list(TASKS))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print("Medians over", arguments.seeds, "seeds. Ratios above 1: better than the peers' best.")
    installed = peers_version()
    print("Stable-Baselines3", installed or "is not installed: pip install stable-baselines3")
    for name in arguments.tasks:
        print(f"\n{table(name, compare(name, arguments.seeds))}", flush=True)


if __name__ == "__main__":
    main()
