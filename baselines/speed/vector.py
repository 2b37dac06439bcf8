"""Steps per second of gym.make_vec, beside the cheapest text environment that can be written.

python -m baselines.speed.vector
"""

from __future__ import annotations

import time
from typing import Any

import gymnasium as gym

import reasoning_gym_envs  # noqa: F401
from reasoning_gym_envs import UnicodeText

SECONDS = 1.0
ACTION = "<think>7+8=15, 3+5+1=9</think>\\boxed{95}"


class Trivial(gym.Env[str, str]):
    """Says the same text for ever: what is left is the vector environment's own work."""

    def __init__(self) -> None:
        self.observation_space = UnicodeText(65_536)
        self.action_space = UnicodeText(65_536)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        """Begin."""
        super().reset(seed=seed)
        return "Compute $37 + 58$.", {}

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """End."""
        return "Correct.", 1.0, True, False, {}


def rate(id: str, mode: str, n: int, **arguments: Any) -> float:
    """Steps of single environments per second of wall clock, automatic resets included."""
    envs = gym.make_vec(id, num_envs=n, vectorization_mode=mode, **arguments)
    try:
        envs.reset(seed=0)
        actions = [ACTION] * n
        steps, start = 0, time.perf_counter()
        while (spent := time.perf_counter() - start) < SECONDS:
            for _ in range(10):
                envs.step(actions)
            steps += 10 * n
        return steps / spent
    finally:
        envs.close()


def main() -> None:
    """Print rates and ratios."""
    gym.register("Trivial-v0", entry_point="baselines.speed.vector:Trivial")
    arguments = {"topics": "integer_arithmetic", "level": 2}
    print("steps per second (wall clock), automatic resets included")
    print(f"{'mode':8}{'n':>5}{'trivial text':>16}{'MathBoxed-v0':>16}{'ratio':>8}")
    for mode, sizes in (("sync", (1, 8, 64)), ("async", (1, 2, 8))):
        for n in sizes:
            trivial = rate("Trivial-v0", mode, n)
            boxed = rate("MathBoxed-v0", mode, n, **arguments)
            print(f"{mode:8}{n:>5}{trivial:>16,.0f}{boxed:>16,.0f}{boxed / trivial:>8.2f}")


if __name__ == "__main__":
    main()
