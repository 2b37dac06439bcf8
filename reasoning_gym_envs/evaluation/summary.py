"""What came out of an evaluation, computed from its lines alone.

>>> from reasoning_gym_envs.evaluation import evaluate
>>> import tempfile
>>> with tempfile.TemporaryDirectory() as folder:
...     summary = evaluate("reference", ["TowerOfHanoi-v0"], out=folder)
>>> summary.total.problems, summary.total.success.value, summary.total.floor
(100, 1.0, 0.04)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from reasoning_gym_envs.answers import InvalidReference, extract_answer, is_correct
from reasoning_gym_envs.evaluation.floors import floor_of
from reasoning_gym_envs.evaluation.play import Record, words_in
from reasoning_gym_envs.evaluation.record import read_episodes, read_run
from reasoning_gym_envs.evaluation.statistics import (
    Excess,
    Interval,
    accuracy_within,
    area_under_budget,
    clustered_mean,
    excess_tokens,
    majority_at,
    normalised,
    pass_at,
    pass_hat,
)
from reasoning_gym_envs.registry import ENVIRONMENTS

__all__ = [
    "Scores",
    "Summary",
    "digest_of",
    "family_of",
    "grouped",
    "is_unreadable",
    "summarise",
    "summary_of",
]

BUDGETS = tuple(2**power for power in range(4, 16))
"""Tokens of an episode, for accuracy against budget."""
BUDGET = 4096
"""Tokens, for the area under that curve."""

Problem = Sequence[Record]
"""The samples of a problem, each as :func:`digest_of` gives it."""


@dataclass(frozen=True)
class Scores:
    """What is said of some problems, all with their samples.

    Attributes:
        problems: how many.
        episodes: how many; so many samples of each problem.
        success: share of the episodes that were solved; the interval counts problems.
        floor: share that chance solves, of these ids and levels; None where one is not measured.
        normalised: success where chance is 0 and the reference is 1.
        pass_at: by k: a success among k samples.
        pass_hat: by k: k samples are all successes.
        majority_at: by k: the commonest answer of k samples is right; where answers are read.
        reward: of an episode, mean.
        reward_terms: what it is made of, mean.
        tokens: written in an episode, mean; None where nobody counted.
        prompt_tokens: read in an episode, mean.
        seconds: of an episode, spent by the player, mean.
        cost: dollars, of all episodes.
        unreadable, illegal: share of the turns whose action could not be read, or was no command
            that is possible.
        cut_off: share of the episodes in which a limit of tokens ended a reply.
        within: by budget of tokens: share of the episodes solved with at most so many.
        area: under that curve, up to 4,096 tokens.
        excess: by unit, of level 1, how much longer solved episodes are than the reference: in
            "turns" where an id is answered by commands; else in "tokens", where the player counts
            those of the reference, or in "words" (and signs).
    """

    problems: int
    episodes: int
    success: Interval
    floor: float | None
    normalised: Interval | None
    pass_at: Mapping[int, Interval]
    pass_hat: Mapping[int, Interval]
    majority_at: Mapping[int, Interval]
    reward: float
    reward_terms: Mapping[str, float]
    tokens: float | None
    prompt_tokens: float | None
    seconds: float
    cost: float | None
    unreadable: float
    illegal: float
    cut_off: float
    within: Mapping[int, float] | None
    area: float | None
    excess: Mapping[str, Excess]


@dataclass(frozen=True)
class Summary:
    """What came out, over all and in parts.

    Attributes:
        run: what was asked: ``run.json``.
        total: over all problems. None where some of the suite are missing: a part is no suite.
        by_id, by_family, by_level: of each part, in the order of the suite.
        profile: by id, and by level.
        missing: episodes that are not written (yet).
    """

    run: Mapping[str, Any]
    total: Scores
    by_family: Mapping[str, Scores]
    by_id: Mapping[str, Scores]
    by_level: Mapping[int, Scores]
    profile: Mapping[str, Mapping[int, Scores]]
    missing: int

    @property
    def has_total(self) -> bool:
        """Whether all of a suite was played; of other problems no total can be quoted."""
        return bool(self.run["suite"]["version"]) and not self.missing

    def record(self) -> dict[str, Any]:
        """What JSON can write of it; an interval is a list: value, low, high.

        Of the profile it has success and floors alone.
        """

        def plain(scores: Scores) -> dict[str, Any]:
            return {name: value for name, value in vars(scores).items() if value not in (None, {})}

        return {
            "run": dict(self.run),
            "missing": self.missing,
            "total": plain(self.total),
            "by_family": {name: plain(scores) for name, scores in self.by_family.items()},
            "by_level": {level: plain(scores) for level, scores in self.by_level.items()},
            "by_id": {id: plain(scores) for id, scores in self.by_id.items()},
            "profile": {
                id: {
                    level: {"success": scores.success, "floor": scores.floor}
                    for level, scores in levels.items()
                }
                for id, levels in self.profile.items()
            },
        }


def summarise(path: str | Path, *, ks: Sequence[int] | None = None) -> Summary:
    """Sum up a run folder.

    Args:
        path: of the folder.
        ks: for pass@k, pass^k and maj@k; None: 1, 2, 4 and so on to the number of samples.

    Raises:
        FileNotFoundError: there is no evaluation in the folder.
        ValueError: nothing was judged yet, or a k is larger than the number of samples.
    """
    run = read_run(Path(path))
    digests = list(map(digest_of, read_episodes(Path(path))))
    if not digests:
        raise ValueError(f"{path} has no episode yet: the same command as before goes on")
    return summary_of(run, digests, ks=ks)


def digest_of(record: Record) -> Record:
    """What a summary needs of an episode: all but its messages and turns, which are sums here."""
    steps, terms = record["steps"], dict[str, float]()
    for step in steps:
        for name, value in step["reward_terms"].items():
            terms[name] = terms.get(name, 0.0) + value
    digest = {name: value for name, value in record.items() if name not in ("messages", "steps")}
    digest["reward_terms"] = terms
    digest["unreadable"] = sum(map(is_unreadable, steps))
    digest["illegal"] = sum("illegal" in step.get("events", ()) for step in steps)
    replies = [m["content"] for m in record["messages"] if m["role"] == "assistant"]
    if "reference_words" in record:
        thought = [step.get("reasoning", "") for step in steps]
        digest["words"] = sum(map(words_in, replies + thought))
    if _is_boxed(record):
        digest["answer"] = extract_answer(replies[0])
    return digest


def summary_of(
    run: Mapping[str, Any], digests: Iterable[Record], *, ks: Sequence[int] | None = None
) -> Summary:
    """Sum up the episodes of a run.

    Args:
        run: what was asked: ``run.json``.
        digests: :func:`digest_of` each episode, in any order; one at least.
        ks: as :func:`summarise` takes them.

    Raises:
        ValueError: a k is larger than the number of samples.
    """
    samples = int(run["samples"])
    if ks is None:
        ks = sorted({*(2**i for i in range(samples.bit_length())), samples})
    for k in ks:
        if not 1 <= k <= samples:
            raise ValueError(f"k must be from 1 to {samples}, the number of samples; got {k}")
    problems = list(grouped(digests).values())

    def parts(key: Callable[[Record], Any]) -> dict[Any, Scores]:
        found: dict[Any, list[Problem]] = {}
        for problem in problems:
            found.setdefault(key(problem[0]), []).append(problem)
        return {name: _scores(some, ks) for name, some in found.items()}

    by_pair = parts(lambda record: (record["id"], record["level"]))
    profile: dict[str, dict[int, Scores]] = {}
    for (id, level), scores in by_pair.items():
        profile.setdefault(id, {})[level] = scores
    by_level = parts(lambda record: record["level"])
    return Summary(
        run,
        _scores(problems, ks),
        parts(lambda record: family_of(record["id"])),
        parts(lambda record: record["id"]),
        dict(sorted(by_level.items())),
        profile,
        int(run["episodes"]) - sum(map(len, problems)),
    )


def grouped(records: Iterable[Record]) -> dict[int, list[Record]]:
    """The samples of each problem, by its number in the suite: both in order."""
    found: dict[int, dict[int, Record]] = {}
    for record in records:
        found.setdefault(record["number"], {})[record["sample"]] = record
    return {
        number: [samples[sample] for sample in sorted(samples)]
        for number, samples in sorted(found.items())
    }


def family_of(id: str) -> str:
    """The family of an id: that of the registry, or "others"."""
    return ENVIRONMENTS[id].family if id in ENVIRONMENTS else "others"


def _scores(problems: Sequence[Problem], ks: Sequence[int]) -> Scores:
    episodes = [record for problem in problems for record in problem]
    samples = max(map(len, problems))  # fewer of those that are not played to their end
    success = clustered_mean(list(map(_share, problems)), len(episodes) / len(problems))
    floors = [
        floor_of(problem[0]["id"], problem[0]["level"], problem[0]["arguments"])
        for problem in problems
    ]
    known = [floor for floor in floors if floor is not None]
    floor = fmean(known) if len(known) == len(floors) else None

    def at(k: int, estimate: Callable[[int, int, int], float]) -> Interval | None:
        enough = [problem for problem in problems if len(problem) >= k]
        if not enough:
            return None
        means = [estimate(k, len(each), sum(map(_is_success, each))) for each in enough]
        return clustered_mean(means, sum(len(each) // k for each in enough) / len(enough))

    turns = sum(record["turns"] for record in episodes)
    tokens = [record["completion_tokens"] for record in episodes]
    is_counted = all(count is not None for count in tokens)
    solved = list(map(_is_success, episodes))
    costs = [record["cost"] for record in episodes]
    return Scores(
        problems=len(problems),
        episodes=len(episodes),
        success=success,
        floor=floor,
        normalised=None if floor is None or floor >= 1 else normalised(success, floor, 1.0),
        pass_at={k: found for k in ks if (found := at(k, pass_at))},
        pass_hat={k: found for k in ks if (found := at(k, pass_hat))},
        majority_at=_majorities(problems, ks, samples),
        reward=fmean(record["reward"] for record in episodes),
        reward_terms=_mean_terms(episodes),
        tokens=fmean(tokens) if is_counted else None,
        prompt_tokens=_mean([record["prompt_tokens"] for record in episodes]),
        seconds=fmean(record["seconds"] for record in episodes),
        cost=None if None in costs else sum(costs),
        unreadable=sum(record["unreadable"] for record in episodes) / turns,
        illegal=sum(record["illegal"] for record in episodes) / turns,
        cut_off=fmean(record["cut_off"] for record in episodes),
        within=dict(zip(BUDGETS, accuracy_within(tokens, solved, BUDGETS), strict=True))
        if is_counted
        else None,
        area=area_under_budget(tokens, solved, BUDGET) if is_counted else None,
        excess=_excess(problems),
    )


def _share(problem: Problem) -> float:
    return sum(map(_is_success, problem)) / len(problem)


def _is_success(record: Record) -> bool:
    return bool(record["is_success"])


def _mean(numbers: Sequence[float | None]) -> float | None:
    known = [number for number in numbers if number is not None]
    return fmean(known) if known and len(known) == len(numbers) else None


def _mean_terms(episodes: Sequence[Record]) -> dict[str, float]:
    sums: dict[str, float] = {}
    for record in episodes:
        for name, value in record["reward_terms"].items():
            sums[name] = sums.get(name, 0.0) + value
    return {name: total / len(episodes) for name, total in sums.items()}


def is_unreadable(step: Mapping[str, Any]) -> bool:
    """Whether the action of a turn could not be read: no command, no answer, or nonsense."""
    return "format" in step.get("events", ()) or step.get("answer_status") in _NO_ANSWER


_NO_ANSWER = ("no_answer", "unreadable", "too_long")


def _excess(problems: Sequence[Problem]) -> dict[str, Excess]:
    """How much longer episodes that were solved are than the reference."""
    lengths: dict[str, list[list[float]]] = {}
    references: dict[str, list[float]] = {}
    for problem in problems:
        right = [record for record in problem if record["is_success"]]
        unit = _unit(problem)
        if right and unit is not None:
            lengths.setdefault(unit, []).append([_length(record, unit) for record in right])
            references.setdefault(unit, []).append(float(problem[0][f"reference_{unit}"]))
    return {
        unit: excess_tokens(lengths[unit], references[unit]) for unit in _UNITS if unit in lengths
    }


_UNITS = ("turns", "tokens", "words")


def _unit(problem: Problem) -> str | None:
    """What the length of its episodes is measured in; None where no reference is known."""
    record = problem[0]
    entry = ENVIRONMENTS.get(record["id"])
    if entry is not None and entry.answered_by == "steps":
        units: tuple[str, ...] = ("turns",)
    elif all(each["completion_tokens"] is not None for each in problem):
        units = ("tokens", "words")
    else:
        units = ("words",)
    return next((unit for unit in units if record.get(f"reference_{unit}")), None)


def _length(record: Record, unit: str) -> float:
    return float(record["completion_tokens" if unit == "tokens" else unit])


# Votes.


def _majorities(
    problems: Sequence[Problem], ks: Sequence[int], samples: int
) -> dict[int, Interval]:
    """maj@k for each k; nothing where an answer is not one that can be read and compared."""
    if samples == 1 or not all(_is_boxed(record) for problem in problems for record in problem):
        return {}
    votes = [_votes(problem) for problem in problems if len(problem) == samples]
    if not votes:
        return {}
    return {k: clustered_mean([majority_at(k, each) for each in votes], 1) for k in ks}


def _is_boxed(record: Record) -> bool:
    entry = ENVIRONMENTS.get(record["id"])
    return entry is not None and entry.answered_by == "box" and record["turns"] == 1


def _votes(problem: Problem) -> list[tuple[int | None, bool]]:
    """For each sample the class of its answer, and whether it is right.

    Values are one class where the checker says that they are equal; so all right ones are. Plans
    and expressions, of which several may be right, are where they are the same but for spaces and
    letters' case.
    """
    answers: list[str] = []
    votes: list[tuple[int | None, bool]] = []
    for record in problem:
        is_right, is_value = _is_success(record), family_of(record["id"]) == "math"
        answer = record["answer"]
        if is_right and (is_value or answer is None):
            votes.append((-1, True))
            continue
        if answer is None:
            votes.append((None, False))
            continue
        place = next(
            (n for n, other in enumerate(answers) if _are_equal(answer, other, is_value)),
            len(answers),
        )
        if place == len(answers):
            answers.append(answer)
        votes.append((place, is_right))
    return votes


def _are_equal(answer: str, other: str, is_value: bool) -> bool:
    if answer == other or not is_value:
        return "".join(answer.lower().split()) == "".join(other.lower().split())
    try:
        return is_correct(f"\\boxed{{{answer}}}", other)
    except InvalidReference:
        return False
