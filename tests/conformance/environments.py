"""A text environment that knows nothing of this package, and one for each fault to be found."""

from __future__ import annotations

import hashlib
import random
import threading
from typing import Any

import gymnasium as gym
from gymnasium.error import ResetNeeded

from reasoning_gym_envs import UnicodeText

TURNS = 3


class Sums(gym.Env[str, str]):
    """Add two numbers, in three attempts. Each level has longer numbers."""

    def __init__(self, level: int = 2, split: str = "train") -> None:
        if not 1 <= level <= 10 or split not in ("train", "test"):
            raise ValueError("level from 1 to 10, split train or test")
        self._level, self._split = level, split
        self._answer: int | None = None
        self._turn = 0
        self.observation_space = self.action_space = UnicodeText(100_000)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        super().reset(seed=seed)
        while True:
            a, b = map(int, self._numbers())
            problem = hashlib.sha256(f"{a} {b}".encode()).hexdigest()[:16]
            if self._belongs(problem):
                break
        self._answer, self._turn = a + b, 0
        self._info = {"problem_id": problem}
        return self._question(a, b), dict(self._info)

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        self._check(action)
        self._turn += 1
        right = self._is_right(action)
        reward = self._pay(right)
        over = right or self._turn == TURNS
        info = {**self._info, "reward_terms": {"success": reward}}
        if over:
            info["is_success"] = right
            self._answer = None
        return "Right." if right else "Wrong.", reward, right, over and not right, info

    def solution(self) -> list[str]:
        """What solves it."""
        return [str(self._answer)]

    def _numbers(self) -> Any:
        return self.np_random.integers(10**self._level, size=2)

    def _belongs(self, problem: str) -> bool:
        return (int(problem, 16) % 4 == 0) == (self._split == "test")

    def _question(self, a: int, b: int) -> str:
        return f"{a} + {b} = ?"

    def _check(self, action: str) -> None:
        if not isinstance(action, str):
            raise TypeError("an action is a str")
        if self._answer is None:
            raise ResetNeeded("call reset")

    def _is_right(self, action: str) -> bool:
        return action == str(self._answer)

    def _pay(self, right: bool) -> float:
        return float(right)


class TakesAnything(Sums):
    def _check(self, action: Any) -> None:
        if self._answer is None:
            raise ResetNeeded("call reset")


class GoesOnAfterTheEnd(Sums):
    def _check(self, action: str) -> None:
        if not isinstance(action, str):
            raise TypeError("an action is a str")


class Unseeded(Sums):
    def _numbers(self) -> Any:
        return random.Random().sample(range(10**self._level), 2)


class GlobalRandom(Sums):
    def _numbers(self) -> Any:
        random.seed(int(self.np_random.integers(2**31)))
        return [random.randrange(10**self._level) for _ in range(2)]


class HashOrder(Sums):
    def _numbers(self) -> Any:
        first = next(iter({f"word {n}" for n in range(100)}))
        return self.np_random.integers(10**self._level, size=2) + int(first.split()[1])


class AlwaysTheSame(Sums):
    def _numbers(self) -> Any:
        return (3, 4) if self._split == "train" else (3, 8)

    def _belongs(self, problem: str) -> bool:
        return True


class WrongSolution(Sums):
    def solution(self) -> list[str]:
        return [str((self._answer or 0) + 1)]


class SaysNotWhetherSolved(Sums):
    def step(self, action: str) -> Any:
        *rest, info = super().step(action)
        return (*rest, {name: value for name, value in info.items() if name != "is_success"})


class TermsThatDoNotSum(Sums):
    def step(self, action: str) -> Any:
        observation, reward, *rest, info = super().step(action)
        return observation, reward, *rest, {**info, "reward_terms": {"success": reward + 1}}


class PaysForTrying(Sums):
    def _pay(self, right: bool) -> float:
        return 1.0 if right else 0.9


class AnyNumberInTheText(Sums):
    def _is_right(self, action: str) -> bool:
        return str(self._answer) in action


class RaisesOnOddText(Sums):
    def _is_right(self, action: str) -> bool:
        action.encode()
        return super()._is_right(action)


class CoinFlip(Sums):
    def _is_right(self, action: str) -> bool:
        return action[-1:] == str(self._answer)[-1]


class SplitsMeet(Sums):
    def _numbers(self) -> Any:
        return self.np_random.integers(10, size=2)

    def _belongs(self, problem: str) -> bool:
        return True


class NoPickle(Sums):
    def __init__(self, level: int = 2, split: str = "train") -> None:
        super().__init__(level, split)
        self._lock = threading.Lock()


class AnswerInInfo(Sums):
    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        observation, info = super().reset(seed=seed, options=options)
        return observation, {**info, "reference": str(self._answer)}


class AnswerInAnAttribute(Sums):
    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        observation, info = super().reset(seed=seed, options=options)
        self.reference = [str(self._answer)]
        return observation, info


class NoEnd(Sums):
    def step(self, action: str) -> Any:
        observation, reward, terminated, _, info = super().step(action)
        self._turn = 0
        info.pop("is_success", None)
        return observation, reward, terminated, False, {**info, "is_success": terminated}


FAULTS: dict[type[Sums], str] = {
    TakesAnything: "calls",
    GoesOnAfterTheEnd: "calls",
    Unseeded: "same seed",
    GlobalRandom: "random state",
    HashOrder: "another process",
    AlwaysTheSame: "different problems",
    WrongSolution: "solution",
    SaysNotWhetherSolved: "solution",
    TermsThatDoNotSum: "reward terms",
    PaysForTrying: "failure pays less",
    AnyNumberInTheText: "attacks",
    RaisesOnOddText: "attacks",
    CoinFlip: "floor",
    SplitsMeet: "split",
    NoPickle: "copies",
    AnswerInInfo: "secrets",
    AnswerInAnAttribute: "secrets",
    NoEnd: "attacks",
}
"""What is wrong, and which check must find it."""

for kind in (Sums, *FAULTS):
    gym.register(f"{kind.__name__}-v0", f"{__name__}:{kind.__name__}")
