"""Does a text environment keep its promises? What every environment of this package is tested for.

>>> for finding in check_environment("TowerOfHanoi-v0", only=["same seed", "solution"]):
...     print(finding)
passed          same seed: 20 seeds, two instances, the episode after included
passed          solution: 20 episodes solved by the environment's own solution

It runs on anybody's environment whose observations and actions are texts. What there is no way to
look at (no levels, no solution) does not apply, and is said to.
"""

from __future__ import annotations

import contextlib
import copy
import json
import os
import pickle
import random
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any, TypeAlias

import gymnasium as gym
import numpy as np
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env

from reasoning_gym_envs.conformance.attacks import ATTACKS
from reasoning_gym_envs.errors import chosen_names
from reasoning_gym_envs.evaluation.statistics import wilson_interval

__all__ = ["CHECKS", "Finding", "check_environment"]

Env: TypeAlias = gym.Env[Any, Any]

SEEDS = range(20)
FLOOR_EPISODES = 200
LONGEST = 20_000
"""Steps of an episode; then it is said to have no end."""


class Failed(Exception):
    """A promise that is not kept; the message says how it can be seen."""


class DoesNotApply(Exception):
    """There is nothing to look at; the message says what is missing."""


@dataclass(frozen=True)
class Finding:
    """What a check has found.

    Attributes:
        check: its name.
        status: "passed", "failed", or "does not apply".
        detail: what was tried, what is wrong, or what is missing.
    """

    check: str
    status: str
    detail: str

    def __str__(self) -> str:
        """A line."""
        return f"{self.status:15} {self.check}: {self.detail}"


@dataclass(frozen=True)
class Subject:
    """What is checked."""

    id: str
    arguments: dict[str, Any]

    def make(self, **more: Any) -> Env:
        """A new instance, without Gymnasium's own checks around it."""
        return gym.make(self.id, disable_env_checker=True, **{**self.arguments, **more})

    def takes(self, argument: str, *values: Any) -> bool:
        """Whether its constructor takes an argument with these values."""
        try:
            for value in values:
                self.make(**{argument: value}).close()
        except (TypeError, ValueError, gym.error.Error):
            return False
        return True


def check_environment(id: str, *, only: Sequence[str] = (), **arguments: Any) -> Iterator[Finding]:
    """Check an environment, and give each finding as it is made.

    Args:
        id: of a registered environment; ``module:id`` imports the module first.
        only: names of checks (see :data:`CHECKS`); all unless given.
        arguments: of ``gymnasium.make``.

    Raises:
        ValueError: no such check; or its observations or actions are no texts.
        gymnasium.error.Error, TypeError: it cannot be made.
    """
    names = chosen_names("only", "check", only, CHECKS) if only else tuple(CHECKS)
    subject = Subject(id, arguments)
    env = subject.make()
    observation, _ = env.reset(seed=0)
    env.close()
    if not isinstance(observation, str):
        raise ValueError(f"{id} is no text environment: its observation is {observation!r:.80}")
    for name in names:
        try:
            yield Finding(name, "passed", CHECKS[name](subject))
        except DoesNotApply as missing:
            yield Finding(name, "does not apply", str(missing))
        except Failed as error:
            yield Finding(name, "failed", str(error))
        except Exception as error:  # whatever it raises where it should not
            yield Finding(name, "failed", f"{type(error).__name__}: {error}")


# Playing.


def _play(env: Env, actions: Sequence[str], seed: int | None = None) -> list[Any]:
    """An episode, repeating the actions as long as it lasts: all that the agent sees."""
    seen: list[Any] = [env.reset(seed=seed)]
    for action in cycle(actions):
        step: Any = env.step(action)
        seen.append(step)
        if step[2] or step[3]:
            return seen
        if len(seen) > LONGEST:
            raise Failed(f"seed {seed}: no end after {LONGEST:,} steps")
    raise AssertionError


def _solution(env: Env) -> list[str]:
    """Of the running episode."""
    solve = getattr(env.unwrapped, "solution", None)
    if not callable(solve):
        raise DoesNotApply("it has no method solution()")
    return list(solve())


def _actions(env: Env, seed: int) -> list[str]:
    """Something to do: the solution, or commands that are possible, or a text."""
    _, info = env.reset(seed=seed)
    try:
        return _solution(env)
    except DoesNotApply:
        return list(info.get("admissible_commands", ())) or ["1", "\\boxed{1}", "look"]


def _is_solved(seen: Sequence[Any]) -> bool | None:
    """Whether an episode ended in success; None where nothing says so."""
    info = seen[-1][-1]
    return bool(info["is_success"]) if "is_success" in info else None


def _same(one: Any, other: Any) -> bool:
    return bool(pickle.dumps(one) == pickle.dumps(other)) or repr(one) == repr(other)


# The checks, in the order in which they are made.


def _gymnasium(subject: Subject) -> str:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        check_env(subject.make().unwrapped, skip_render_check=True)
    complaints = [str(each.message) for each in said if issubclass(each.category, UserWarning)]
    if complaints:
        raise Failed("Gymnasium's checker warns: " + "; ".join(complaints)[:500])
    return "Gymnasium's checker has nothing to say"


def _calls(subject: Subject) -> str:
    env = subject.make().unwrapped
    with contextlib.suppress(ResetNeeded):
        env.step("1")
        raise Failed("step before the first reset does not raise gymnasium.error.ResetNeeded")
    env.reset(seed=0)
    for wrong in (None, 7, b"1"):
        try:
            env.step(wrong)
        except TypeError:
            continue
        raise Failed(f"step({wrong!r}) does not raise TypeError")
    _play(env, _actions(env, 0), 0)
    with contextlib.suppress(ResetNeeded):
        env.step("1")
        raise Failed("step after the end does not raise gymnasium.error.ResetNeeded")
    return "out of order, and with what is no text, they raise"


def _same_seed(subject: Subject) -> str:
    one, other = subject.make(), subject.make()
    for seed in SEEDS:
        actions = _actions(one, seed)
        if not _same(_play(one, actions, seed), _play(other, actions, seed)):
            raise Failed(f"seed {seed}: two instances play different episodes")
        if not _same(one.reset(), other.reset()):
            raise Failed(f"seed {seed}: the episodes after it differ")
        other.step("something else")
        if not _same(one.reset(), other.reset()):
            raise Failed(f"seed {seed}: what is done in an episode changes the next problem")
    return f"{len(SEEDS)} seeds, two instances, the episode after included"


_PROGRAM = """
import json, sys
import gymnasium as gym
spec, arguments = json.loads(sys.argv[1])
env = gym.make(gym.envs.registration.EnvSpec.from_json(spec), disable_env_checker=True, **arguments)
print("\\n" + json.dumps([env.reset(seed=seed)[0] for seed in range(20)]))
"""


def _another_process(subject: Subject) -> str:
    env = subject.make()
    here = [env.reset(seed=seed)[0] for seed in SEEDS]
    registered = gym.spec(subject.id.rpartition(":")[2])
    if not isinstance(registered.entry_point, str):
        raise DoesNotApply("its entry point is no text, as in module:Class, that can be imported")
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, json.dumps([registered.to_json(), subject.arguments])],
        env={**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise Failed(f"it cannot be made in another process: {done.stderr.strip()[-300:]}")
    there = json.loads(done.stdout.splitlines()[-1])
    for seed, (one, other) in enumerate(zip(here, there, strict=True)):
        if one != other:
            raise Failed(f"seed {seed} is another problem in a process with other string hashes")
    return f"{len(SEEDS)} seeds give the same problems, with other hashes of strings"


def _random_state(subject: Subject) -> str:
    def state() -> Any:
        return random.getstate(), np.random.get_state()[1].tolist()  # type: ignore[index]  # noqa: NPY002

    kept = random.getstate(), np.random.get_state()  # noqa: NPY002
    try:
        random.seed(7_777_777)  # a state that no seed of an episode leads to
        np.random.seed(7_777_777)  # noqa: NPY002
        before = state()
        env = subject.make()
        for seed in SEEDS:
            _play(env, _actions(env, seed), seed)
        if state() != before:
            raise Failed("it draws from a global random state, random's or NumPy's")
    finally:
        random.setstate(kept[0])
        np.random.set_state(kept[1])  # noqa: NPY002
    return "no global random state is read or written"


def _different_problems(subject: Subject) -> str:
    env = subject.make()
    seen = set()
    for seed in range(50):
        observation, info = env.reset(seed=seed)
        seen.add((observation, info.get("problem_id")))
    if len(seen) < 25:
        raise Failed(f"50 seeds give {len(seen)} different problems")
    return f"50 seeds give {len(seen)} different problems"


def _solves(subject: Subject) -> str:
    env = subject.make()
    for seed in SEEDS:
        env.reset(seed=seed)
        seen = _play(env, _solution(env), seed)
        solved = _is_solved(seen)
        if solved is None:
            raise Failed("at the end of an episode, info has no is_success")
        if not solved:
            raise Failed(f"seed {seed}: solution() does not solve it")
    return f"{len(SEEDS)} episodes solved by the environment's own solution"


def _reward_terms(subject: Subject) -> str:
    env = subject.make()
    for seed in SEEDS:
        for step in _play(env, _actions(env, seed), seed)[1:]:
            if "reward_terms" not in step[4]:
                raise DoesNotApply("info has no reward_terms")
            if abs(sum(step[4]["reward_terms"].values()) - step[1]) > 1e-9:
                raise Failed(f"seed {seed}: {step[4]['reward_terms']} do not sum to {step[1]}")
    return "the terms of each step sum to its reward"


def _attacks(subject: Subject) -> str:
    env = subject.make()
    paid: dict[str, int] = {}
    for seed in range(5):
        other = _actions(env, seed + 1000)  # the solution of another problem
        for name, attack in ATTACKS.items():
            observation, _ = env.reset(seed=seed)
            seen = _play(env, attack(observation, other), seed)
            solved = _is_solved(seen)
            if solved or (solved is None and _total(seen) >= 1):
                paid[name] = paid.get(name, 0) + 1
    if often := {name: count for name, count in paid.items() if count > 1}:  # one may be luck
        each = ", ".join(f"{name} ({count} of 5)" for name, count in often.items())
        raise Failed(f"these are paid as a success: {each}")
    return f"{len(ATTACKS)} attacks on 5 problems raise nothing and are not paid"


def _total(seen: Sequence[Any]) -> float:
    return float(sum(step[1] for step in seen[1:]))


def _failure_pays_less(subject: Subject) -> str:
    env = subject.make()
    worst, best = float("inf"), float("-inf")
    for seed in SEEDS:
        env.reset(seed=seed)
        solution = _solution(env)
        worst = min(worst, _total(_play(env, solution, seed)))
        for idle in ("", "I do not know."):
            failed = _play(env, [*solution[:-1], idle, idle], seed)
            if not _is_solved(failed):
                best = max(best, _total(failed))
    if best >= worst:
        raise Failed(f"an unsolved episode pays {best:.3g}, and a solved one {worst:.3g}")
    return f"a solved episode pays at least {worst:.3g}, an unsolved one at most {best:.3g}"


def _floor(subject: Subject) -> str:
    if not subject.takes("level", 5):
        raise DoesNotApply("it has no levels")
    shares = {level: _by_chance(subject.make(level=level)) for level in (3, 5)}
    for level, limit in ((3, 0.10), (5, 0.02)):
        solved = shares[level]
        if wilson_interval(solved, FLOOR_EPISODES)[0] > limit:
            raise Failed(
                f"level {level}: chance solves {solved} of {FLOOR_EPISODES}, more than {limit:.0%}"
            )
    each = ", ".join(f"{solved / FLOOR_EPISODES:.1%} at level {n}" for n, solved in shares.items())
    return f"chance solves {each}"


def _by_chance(env: Env) -> int:
    """How many of the episodes random commands solve; without commands, a constant answer."""
    rng = random.Random(0)
    _, info = env.reset(seed=0)
    constant = None if info.get("admissible_commands") else _actions(env, 10_000)
    solved = 0
    for seed in range(FLOOR_EPISODES):
        if constant is not None:
            solved += bool(_is_solved(_play(env, constant, seed)))
            continue
        _, info = env.reset(seed=seed)
        is_over = False
        while not is_over:
            commands = info.get("admissible_commands") or [""]
            _, _, terminated, truncated, info = env.step(rng.choice(list(commands)))
            is_over = terminated or truncated
        solved += bool(info.get("is_success", False))
    return solved


def _split(subject: Subject) -> str:
    if not subject.takes("split", "train", "test"):
        raise DoesNotApply('it has no split="train" and split="test"')
    ids: list[set[str]] = []
    for split in ("train", "test"):
        env = subject.make(split=split)
        infos = [env.reset(seed=seed)[1] for seed in range(300)]
        if "problem_id" not in infos[0]:
            raise DoesNotApply("info has no problem_id")
        ids.append({info["problem_id"] for info in infos})
    if common := ids[0] & ids[1]:
        raise Failed(f"{len(common)} problems are in the train and in the test split")
    return f"{len(ids[0])} problems of train and {len(ids[1])} of test, none in both"


def _copies(subject: Subject) -> str:
    env = subject.make()
    for seed in SEEDS:
        actions = _actions(env, seed)
        env.reset(seed=seed)
        for copied in (copy.deepcopy(env), pickle.loads(pickle.dumps(env.unwrapped))):  # noqa: S301
            ours, theirs = env.unwrapped.step(actions[0]), copied.unwrapped.step(actions[0])
            if not _same(ours, theirs):
                raise Failed(f"seed {seed}: a copy goes on otherwise")
            env.reset(seed=seed)
    return "a copy and a pickle of a running episode go on as it does"


def _secrets(subject: Subject) -> str:
    env = subject.make().unwrapped
    told = []
    for seed in SEEDS:
        observation, info = env.reset(seed=seed)
        solution = _solution(env)
        if "admissible_commands" in info:  # a command is no secret, but the way is
            solution = [", ".join(solution)] if len(solution) > 1 else []
        public = {name: value for name, value in vars(env).items() if not name.startswith("_")}
        shown = [observation, *_texts(info), *_texts(public)]
        if any(action in text for action in solution for text in shown):
            told.append(seed)
    if len(told) > len(SEEDS) // 4:  # a short answer may stand in a question by chance
        raise Failed(
            f"in {len(told)} of {len(SEEDS)} episodes the solution stands in the observation, in "
            f"info or in a public attribute; seed {told[0]} is the first"
        )
    return "neither observations, info nor public attributes have the solution"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, (list, tuple, set)):
        for each in value:
            yield from _texts(each)


def _speed(subject: Subject) -> str:
    env = subject.make()
    plans = [_actions(env, seed) for seed in SEEDS]
    start, steps = time.process_time(), 0
    for seed, plan in zip(SEEDS, plans, strict=True):
        steps += len(_play(env, plan, seed)) - 1
    spent = max(time.process_time() - start, 1e-9)
    return f"{len(SEEDS) / spent:,.0f} episodes and {steps / spent:,.0f} steps a CPU-second"


CHECKS: dict[str, Callable[[Subject], str]] = {
    "gymnasium": _gymnasium,
    "calls": _calls,
    "same seed": _same_seed,
    "another process": _another_process,
    "random state": _random_state,
    "different problems": _different_problems,
    "solution": _solves,
    "reward terms": _reward_terms,
    "failure pays less": _failure_pays_less,
    "attacks": _attacks,
    "floor": _floor,
    "split": _split,
    "copies": _copies,
    "secrets": _secrets,
    "speed": _speed,
}
"""The checks by name. Speed is measured and cannot fail."""
