r"""Floors: how often chance solves an environment.

What an agent has learned is what it solves beyond its floor. Three policies that read nothing, or
nearly nothing, are measured on problems of the test split, with the default limits:

* ``random commands``: at each turn one of the admissible commands, all equally likely;
* ``random plan``: the same, written into one answer, for environments that take a whole plan; as
  many commands as the id of moves has turns;
* ``constant``: the one response that solves most problems of the train split. Candidates are the
  most frequent reference answers, answers whose values are all the same, random plans of greatest
  length, and constants such as 0, 1, yes and none. What merely names the things of the question
  counts as the same response: "everybody is a knave" is one, whatever the names.

>>> floor, = measure("SlidingTiles-v0", 5, episodes=5)
>>> floor.policy, floor.share, limit(5)
('random commands', 0.0, 0.02)
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import gymnasium as gym

from reasoning_gym_envs.answers import extract_answer
from reasoning_gym_envs.errors import unknown
from reasoning_gym_envs.evaluation.statistics import wilson_interval
from reasoning_gym_envs.registry import ENVIRONMENTS
from reasoning_gym_envs.text_env import Snapshot, TextEnv

TABLE = Path(__file__).with_name("floors.json")
"""What was measured for every id and level; ``python -m baselines floors`` writes it."""
EPISODES = 300
LIMITS = ((5, 0.02), (3, 0.10))
"""From which level on a floor may be how high: the first that applies."""

RANDOM_COMMANDS, RANDOM_PLAN, CONSTANT = "random commands", "random plan", "constant"

_NEUTRAL = ("level", "split", "reward")  # arguments that make no other problems
_DRAWS = 20  # resets for each distinct problem, before there seem to be no more
_FREQUENT = 30  # reference answers that are candidates
_HEAT, _FINALISTS = 60, 5  # all candidates play so many problems; the best go on to all problems
_SANDBOX_HEAT, _SANDBOX_FINALISTS = 10, 1  # where each response runs in a container
_PLANS = 20  # random plans that are candidates for a constant answer


@dataclass(frozen=True)
class Floor:
    """How often a policy that has learned nothing solves an environment at a level.

    Args:
        id: the environment's.
        level: of difficulty, 1 to 10.
        policy: "random commands", "random plan" or "constant".
        episodes: how many were played.
        solved: how many of them ended in success.
        problems: how many different problems these were; fewer than the episodes where the test
            split of the level has no more.
        response: what the constant policy answers, with ‹0›, ‹1› … for the names in the question;
            "" for the others.
        arguments: of ``gymnasium.make``, besides level and split.
    """

    id: str
    level: int
    policy: str
    episodes: int
    solved: int
    problems: int
    response: str = ""
    arguments: Mapping[str, Any] | None = None

    @property
    def share(self) -> float:
        """Of the episodes that were solved."""
        return self.solved / self.episodes

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% interval of the share (Wilson)."""
        return wilson_interval(self.solved, self.episodes)

    @property
    def is_low(self) -> bool:
        """Whether the share is within the limit of its level."""
        return self.share <= limit(self.level)


def limit(level: int) -> float:
    """The highest floor that a level may have.

    >>> [limit(level) for level in (1, 2, 3, 4, 5, 10)]
    [1.0, 1.0, 0.1, 0.1, 0.02, 0.02]
    """
    return next((share for least, share in LIMITS if level >= least), 1.0)


def read_floors(table: Path = TABLE) -> list[Floor]:
    """The floors of a table; none where there is no file."""
    if not table.exists():
        return []
    return [Floor(**record) for record in json.loads(table.read_text(encoding="utf-8"))]


def floor_of(id: str, level: int, arguments: Mapping[str, Any]) -> float | None:
    """What chance solves, by the best of its policies; None where nobody has measured it.

    Args:
        id: of the environment.
        level: 1 to 10.
        arguments: of ``gymnasium.make``. Those that change nothing that is asked do not count:
            level, split, reward.

    >>> floor_of("TowerOfHanoi-v0", 1, {"split": "test"})
    0.16333333333333333
    """
    asked = {name: arguments[name] for name in sorted(arguments) if name not in _NEUTRAL}
    return _table().get((id, level, json.dumps(asked)))


@cache
def _table() -> dict[tuple[str, int, str], float]:
    """The highest floor of each id, level and arguments."""
    highest: dict[tuple[str, int, str], float] = {}
    for floor in read_floors():
        key = (floor.id, floor.level, json.dumps(dict(sorted((floor.arguments or {}).items()))))
        highest[key] = max(floor.share, highest.get(key, 0.0))
    return highest


def constant_of(id: str, level: int, arguments: Mapping[str, Any], question: str) -> str | None:
    """The best constant answer that was found, with the names that stand in a question.

    None where the table has none: an id that is played by commands, or arguments that nobody has
    measured.

    >>> print(constant_of("MathBoxed-v0", 1, {}, "Compute $2 + 2$."))
    \\boxed{4}
    """
    asked = {name: arguments[name] for name in sorted(arguments) if name not in _NEUTRAL}
    response = _responses().get((id, level, json.dumps(asked)))
    if response is None:
        return None
    return _filled(response, _NAMED.get(id, _nothing_named)(question))


@cache
def _responses() -> dict[tuple[str, int, str], str]:
    """The constant answer of each id, level and arguments."""
    return {
        (f.id, f.level, json.dumps(dict(sorted((f.arguments or {}).items())))): f.response
        for f in read_floors()
        if f.policy == CONSTANT
    }


def random_plan(env: TextEnv, rng: Random) -> str | None:
    """A plan of commands at random for the running episode of an id that takes a whole plan.

    As many commands as the id of moves has turns, as in :data:`RANDOM_PLAN`; None where there are
    no such moves.
    """
    assert env.spec is not None
    arguments = {k: v for k, v in env.spec.kwargs.items() if k not in ("form", "render_mode")}
    moves = _moves_by_id(env.spec.id, json.dumps(arguments, sort_keys=True))
    if moves is None:
        return None
    options = {"problem": env.snapshot().episode.problem}
    _, info = moves.reset(options=options)
    return _plan_from(moves, info, rng)


@lru_cache(64)
def _moves_by_id(id: str, arguments: str) -> TextEnv | None:
    """The environment that plays an id's plans move by move, kept for the next episode."""
    given = json.loads(arguments)
    level, split = given.pop("level", 1), given.pop("split", "train")
    if isinstance(level, list):
        level = level[0]
    env = _make(id, level, split, given)
    return _moves_of(id, env, level, given, 0)


def measure(
    id: str, level: int, *, episodes: int = EPISODES, seed: int = 0, **arguments: Any
) -> list[Floor]:
    """The floors of an environment at a level: one for each policy that it can be played with.

    The same arguments give the same figures on every machine.

    Args:
        id: of the registry; those with ``needs="code"`` need a Docker engine.
        level: 1 to 10.
        episodes: how many are played, on as many different problems of the test split as there are.
        seed: of the problems and of the random choices.
        arguments: of ``gymnasium.make``, such as ``topics="fractions"``.

    Raises:
        ValueError: there is no such id, or fewer than one episode.
    """
    if id not in ENVIRONMENTS:
        raise ValueError(unknown("environment", id, ENVIRONMENTS))
    if episodes < 1:
        raise ValueError(f"episodes must be at least 1, got {episodes}")
    env = _make(id, level, "test", arguments)
    seeds, problems = _distinct(env, episodes, seed)
    rng = Random(f"{id} {level} {seed}")
    if _has_commands(env):
        played = {RANDOM_COMMANDS: (sum(_solves_by_chance(env, s, rng) for s in seeds), "")}
    else:
        moves = _moves_of(id, env, level, arguments, seeds[0])
        plans = [] if moves is None else [_random_plan(moves, s, rng) for s in seeds[:_PLANS]]
        played = {CONSTANT: _play_constant(id, level, arguments, env, seeds, seed, plans)}
        if moves is not None:
            solved = sum(_solves_by_plan(env, moves, s, rng) for s in seeds)
            played[RANDOM_PLAN] = (solved, "")
    return [
        Floor(id, level, policy, episodes, solved, problems, response, arguments or None)
        for policy, (solved, response) in played.items()
    ]


def _make(id: str, level: int, split: str, arguments: Mapping[str, Any]) -> TextEnv:
    made = gym.make(id, level=level, split=split, disable_env_checker=True, **arguments)
    assert isinstance(made.unwrapped, TextEnv)
    return made.unwrapped


def _distinct(env: TextEnv, episodes: int, seed: int) -> tuple[list[int], int]:
    """Seeds of different problems, used again where there are too few; and how many differ.

    The seeds are numbers in a row, and not the derived ones of :mod:`reasoning_gym_envs.seeds`:
    other seeds are other problems, and the recorded floors were measured on these.
    """
    first = (seed + 1) * 1_000_000
    found: dict[str, int] = {}
    for tried in range(first, first + _DRAWS * episodes):
        found.setdefault(env.reset(seed=tried)[1]["problem_id"], tried)
        if len(found) == episodes:
            break
        if tried - first >= _DRAWS * (len(found) + 1):
            break
    seeds = list(found.values())
    return (seeds * -(-episodes // len(seeds)))[:episodes], len(seeds)


def _has_commands(env: TextEnv) -> bool:
    return "admissible_commands" in env.reset(seed=0)[1]


# Random commands and plans.


def _random_walk(env: TextEnv, seed: int, rng: Random) -> tuple[list[str], bool]:
    """The commands of a random episode, and whether they solve it."""
    return _walk_on(env, env.reset(seed=seed)[1], rng)


def _walk_on(env: TextEnv, info: dict[str, Any], rng: Random) -> tuple[list[str], bool]:
    """The same, of an episode that has begun."""
    taken: list[str] = []
    while "is_success" not in info:
        commands = info["admissible_commands"]
        # nothing can be done in a dead end: the turns run out
        taken.append(commands[int(rng.random() * len(commands))] if commands else "")
        _, _, _, _, info = env.step(taken[-1])
    return taken, info["is_success"]


def _solves_by_chance(env: TextEnv, seed: int, rng: Random) -> bool:
    return _random_walk(env, seed, rng)[1]


def _random_plan(moves: TextEnv, seed: int, rng: Random) -> str:
    """A response with the commands of a random episode: as many as there are turns."""
    return _plan_from(moves, moves.reset(seed=seed)[1], rng)


def _plan_from(moves: TextEnv, info: dict[str, Any], rng: Random) -> str:
    commands, _ = _walk_on(moves, info, rng)
    return f"\\boxed{{{', '.join(filter(None, commands))}}}"


def _solves_by_plan(env: TextEnv, moves: TextEnv, seed: int, rng: Random) -> bool:
    plan = _random_plan(moves, seed, rng)
    env.reset(seed=seed)
    return _answer(env, plan)


def _moves_of(
    id: str, env: TextEnv, level: int, arguments: Mapping[str, Any], seed: int
) -> TextEnv | None:
    """The same environment by moves, where an answer is a plan: the moves, one after another."""
    place = ENVIRONMENTS[id].place
    for other, entry in ENVIRONMENTS.items():
        if other == id or entry.place != place:
            continue
        moves = _make(other, level, "test", arguments)
        if not _has_commands(moves):
            continue
        moves.reset(seed=seed)
        env.reset(seed=seed)
        if env.solution() == [f"\\boxed{{{', '.join(moves.solution())}}}"]:
            return moves
    return None


def _answer(env: TextEnv, response: str) -> bool:
    """Whether a response solves the episode, given again and again until it ends."""
    while True:
        _, _, terminated, truncated, info = env.step(response)
        if terminated or truncated:
            return bool(info["is_success"])


# Constant answers.


def _play_constant(
    id: str,
    level: int,
    arguments: Mapping[str, Any],
    env: TextEnv,
    seeds: Sequence[int],
    seed: int,
    plans: Sequence[str],
) -> tuple[int, str]:
    """How often the best constant of the train split solves the problems of the seeds; which."""
    named = _NAMED.get(id, _nothing_named)
    best = _best_constant(_make(id, level, "train", arguments), named, len(seeds), seed, plans)
    solved = 0
    for each in seeds:
        question, _ = env.reset(seed=each)
        solved += _answer(env, _filled(best, named(question)))
    return solved, best


def _best_constant(
    env: TextEnv, named: _Named, episodes: int, seed: int, plans: Sequence[str]
) -> str:
    """The response that solves most problems of the train split."""
    seeds, _ = _distinct(env, episodes, seed)
    asked: list[tuple[Snapshot, list[str]]] = []
    answers: Counter[str] = Counter()
    for each in seeds:
        question, _ = env.reset(seed=each)
        names = named(question)
        asked.append((env.snapshot(), names))
        answers.update(_template(_plain(answer), names) for answer in env.solution()[-1:])
    frequent = [answer for answer, _ in answers.most_common(_FREQUENT)]
    needs_sandbox = bool(env.spec and ENVIRONMENTS[env.spec.id].needs == "code")
    equal = [] if needs_sandbox else _all_equal(frequent)  # of a program nothing is left
    others = [*equal, *plans, *_constants(frequent[0])]
    candidates = list(dict.fromkeys([*frequent, *others]))

    def solved(candidate: str, problems: Iterable[tuple[Snapshot, list[str]]]) -> int:
        total = 0
        for snapshot, names in problems:
            env.restore(snapshot)
            total += _answer(env, _filled(candidate, names))
        return total

    heat = asked[: _SANDBOX_HEAT if needs_sandbox else _HEAT]
    # sorted() is stable: of equally good ones, the more frequent answer comes first
    best = sorted(candidates, key=lambda each: -solved(each, heat))
    best = best[: _SANDBOX_FINALISTS if needs_sandbox else _FINALISTS]
    return max(best, key=lambda each: solved(each, asked))


def _plain(response: str) -> str:
    """A reference response without its thoughts."""
    answer = extract_answer(response)
    return response if answer is None else f"\\boxed{{{answer}}}"


_VALUES = (
    ("true", "false"),
    ("knight", "knave"),
    ("red", "green", "blue", "yellow", "purple", "orange"),
    ("#", "."),
    tuple("0123456789"),
)


def _all_equal(answers: Iterable[str]) -> Iterator[str]:
    """Each answer with one value everywhere: all lamps on, everybody a knave."""
    for answer in answers:
        for values in _VALUES:
            if any(value in answer for value in values):
                pattern = "|".join(map(re.escape, values))
                for value in values:
                    yield re.sub(f"(?<!‹)(?:{pattern})(?![0-9]*›)", value, answer)


_CONSTANTS = (
    *map(str, range(-3, 13)),
    *("100", "1/2", "1/3", "2/3", "1/4", "1/6", "x", "x^2", "", "yes", "no", "true", "false"),
    *("True", "False", "none", "None", "all", "[]", "()", r"\emptyset", r"\{0\}", "A", "B", "C"),
    *("1, 2", "(0, 0)", "x = 0", "x = 1"),
)


def _constants(example: str) -> Iterator[str]:
    """Constants in the form of an example: in a box, between fences, or as they are."""
    fence = re.match(r"```\w*\n", example)
    for constant in _CONSTANTS:
        if "\\boxed" in example:
            yield f"\\boxed{{{constant}}}"
        elif fence:
            yield f"{fence[0]}{constant}\n```"
        else:
            yield constant


# What names the things of a question: a response that differs in them alone is the same.

_Named = Callable[[str], list[str]]


def _nothing_named(question: str) -> list[str]:
    return []


def _people(question: str) -> list[str]:
    return re.findall("[A-Z][a-z]+", question.partition(" live there")[0].rpartition(". ")[2])


def _letters(question: str) -> list[str]:
    words = question.partition("sum correct:")[2].partition("Answer")[0]
    return sorted(set(re.findall("[A-Z]", words)))


def _unknowns(question: str) -> list[str]:
    return sorted(set(re.findall(r"\b[0-9]*([a-z])\b", question.rpartition("Now:")[2])))


_NAMED: dict[str, _Named] = {
    "KnightsAndKnavesBoxed-v0": _people,
    "CryptarithmBoxed-v0": _letters,
    "EquationSteps-v0": _unknowns,
}


def _template(response: str, names: Sequence[str]) -> str:
    """A response with ‹0›, ‹1› … for the names."""
    if not names:
        return response
    numbers = {name: number for number, name in enumerate(names)}
    pattern = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return re.sub(rf"\b(?:{pattern})\b", lambda found: f"‹{numbers[found[0]]}›", response)


def _filled(template: str, names: Sequence[str]) -> str:
    for number, name in zip(count(), names):
        template = template.replace(f"‹{number}›", name)
    return template
