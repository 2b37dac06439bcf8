"""Mixture-v0 beside its parts: as many episodes of each, in a mixture of 20 ids and without one.

An episode is ``reset`` and the steps of a solution, through ``gym.make`` with all its wrappers;
finding the solution does not count. The parts play as many episodes each as the mixture played of
them: once each part in one go, and once in the order in which the mixture draws them. To change
environments costs something by itself, since the processor's caches hold another's code and data;
what is left to the second is what the mixture adds. All run in this process, in turn.

    python -m baselines.speed.mixture
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

import gymnasium as gym

from reasoning_gym_envs import ENVIRONMENTS

LEVEL = 3
EPISODES = 1000
ROUNDS = 12
IDS = [id for id, entry in ENVIRONMENTS.items() if not entry.needs and id != "Mixture-v0"][:20]

Env = gym.Env[Any, Any]


def seconds_of(envs: Iterable[Env]) -> float:
    """Seconds of the processor that an episode of each environment takes, one after the other."""
    spent = 0.0
    for env in envs:
        start = time.process_time()
        env.reset()
        spent += time.process_time() - start
        solution = env.unwrapped.solution()  # type: ignore[attr-defined]
        start = time.process_time()
        for action in solution:
            env.step(action)
        spent += time.process_time() - start
    return spent


def begin(envs: Mapping[str, Env]) -> None:
    """Begin the same episodes in every round."""
    for env in envs.values():
        env.reset(seed=1)


def main() -> None:
    """Print the time until the first episode, the speed of each way, and the ratios."""
    start = time.process_time()
    mixture = gym.make("Mixture-v0", ids=IDS, level=LEVEL)
    made = time.process_time() - start
    mixture.reset(seed=1)
    first = time.process_time() - start
    print(f"{len(IDS)} ids: made in {1000 * made:.0f} ms, the first episode after "
          f"{1000 * first:.0f} ms of the processor")  # fmt: skip

    order = [mixture.reset()[1]["component"] for _ in range(EPISODES)]
    parts = {id: gym.make(id, level=LEVEL) for id in IDS}
    ways: dict[str, list[Env]] = {
        "the mixture": [mixture] * EPISODES,
        "its parts, one after the other": [parts[id] for id in sorted(order)],
        "its parts, in the mixture's order": [parts[id] for id in order],
    }
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(ROUNDS):
        for way, envs in ways.items():
            begin({**parts, "Mixture-v0": mixture})
            best[way] = min(best[way], seconds_of(envs))
    print(f"episodes per CPU-second at level {LEVEL}, best of {ROUNDS} rounds of {EPISODES:,}:")
    for way, seconds in best.items():
        ratio = seconds / best["the mixture"]
        print(f"  {way:36}{EPISODES / seconds:>8,.0f}   the mixture is {ratio:.3f} as fast")


if __name__ == "__main__":
    main()
