"""The command `reasoning-gym-envs corpus`: what of a corpus of programs can be used."""

from __future__ import annotations

import argparse
import json
import math
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from reasoning_gym_envs.cli.bar import progress_bar
from reasoning_gym_envs.cli.terminal import printable, say_wrong
from reasoning_gym_envs.code.code_function import CodeFunction
from reasoning_gym_envs.code.corpora import read_code_problem
from reasoning_gym_envs.code.corpora.packages import imported_packages
from reasoning_gym_envs.code.problems import CodeTask
from reasoning_gym_envs.corpus_rows import ProblemFileError, rows_of
from reasoning_gym_envs.problems import Problem
from reasoning_gym_envs.sandbox import SANDBOXES, Limits
from reasoning_gym_envs.sandbox.submission import SandboxFailure, SandboxUnavailable
from reasoning_gym_envs.sandbox.values import literal

_CORPUS = """
Tells what `CodeFunction-v0(problems=FILE)` makes of a corpus of programs: how many rows it accepts,
of which form they are, and for which reasons it refuses the others. With --run the reference
solutions of the accepted rows are judged in the sandbox. Exit status: 0 if all rows are accepted
and all references pass, 1 if not, 2 for wrong usage or where there is no sandbox.
"""
_CORPUS_EXAMPLES = """
examples:
  reasoning-gym-envs corpus HumanEval.jsonl.gz
  reasoning-gym-envs corpus mbpp.jsonl --run
  reasoning-gym-envs corpus taco.parquet --rows 500 --run --seconds 10 --json
  reasoning-gym-envs corpus livecodebench/code_generation_lite::test
"""
_LONGEST_SHOWN = 300


@dataclass
class _Run:
    """What came of the references."""

    seconds: list[float] = field(default_factory=list)
    failed: list[dict[str, str]] = field(default_factory=list)
    lacking: Counter[str] = field(default_factory=Counter)  # why references could not be run

    def record(self) -> dict[str, Any]:
        done = len(self.seconds)
        return {
            "references": done,
            "passed": done - len(self.failed),
            "rows_per_second": done / sum(self.seconds) if done else None,
            "p50_seconds": _percentile(self.seconds, 50),
            "p99_seconds": _percentile(self.seconds, 99),
            "failed": self.failed,
            "not_run": dict(self.lacking.most_common()),
        }


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `corpus` to the commands of the program."""
    parser = commands.add_parser(
        "corpus",
        help="tell what of a corpus of programs can be used, and run its references",
        description=_CORPUS,
        epilog=_CORPUS_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "source",
        metavar="FILE",
        help="a file (.jsonl, .jsonl.gz, .json, .parquet), the folder of a saved data set, or the "
        "name of one",
    )
    parser.add_argument("--rows", type=_count, metavar="N", help="read the first N rows alone")
    parser.add_argument("--run", dest="runs", action="store_true", help="run the references")
    parser.add_argument(
        "--sandbox", choices=SANDBOXES, default=SANDBOXES[0], help="where; docker by default"
    )
    parser.add_argument(
        "--seconds", type=float, metavar="N", help="processor time of a test; 2 by default"
    )
    parser.add_argument(
        "--all", dest="shows_all", action="store_true", help="show every row that is refused"
    )
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    try:
        limits = None if options.seconds is None else _limits(options.seconds)
        rows, accepted, refused = _read(options.source, options.rows)
        if not rows:
            raise ValueError(f"{options.source} has no rows")
        env = CodeFunction(sandbox=options.sandbox, limits=limits) if options.runs else None
        ran = None if env is None else _run_references(env, accepted, refused)
    except (OSError, ValueError, ImportError, SandboxUnavailable) as error:
        return say_wrong(str(error), 2)
    record = _record(options.source, rows, accepted, refused, ran)
    if options.json:
        print(json.dumps(record, indent=1))
    else:
        _print(record, refused, options.shows_all)
    return 1 if refused or (ran is not None and ran.failed) else 0


def _read(
    source: str, most: int | None
) -> tuple[int, list[tuple[str, Problem]], list[ProblemFileError]]:
    """How many rows there are, those that are accepted, and what is wrong with the others."""
    number = 0
    accepted: list[tuple[str, Problem]] = []
    refused: list[ProblemFileError] = []
    for where, row in rows_of(source):
        if number == most:
            break
        number += 1
        try:
            if isinstance(row, ProblemFileError):
                raise row
            accepted.append((where, read_code_problem(row, where)))
        except ProblemFileError as error:
            refused.append(error.with_traceback(None))
    return number, accepted, refused


def _run_references(
    env: CodeFunction, accepted: list[tuple[str, Problem]], refused: list[ProblemFileError]
) -> _Run:
    """Judge the references; what the sandbox lacks the packages for is refused."""
    ran = _Run()
    with progress_bar("passed", "--run needs") as bar:
        for number, (where, problem) in enumerate(list(accepted), start=1):
            if why := env.why_not(problem):
                accepted.remove((where, problem))
                refused.append(ProblemFileError(f"{where}: {why}", why))
            elif problem.answer:
                _run_reference(env, where, problem, ran)
            bar(number, number - len(ran.failed), len(accepted))
    return ran


def _run_reference(env: CodeFunction, where: str, problem: Problem, ran: _Run) -> None:
    if lacking := env.why_not(replace(problem, data=_with_imports(problem))):
        ran.lacking[lacking] += 1
        return
    env.reset(options={"problem": problem})
    (answer,) = env.solution()
    start = time.perf_counter()
    try:
        report, _, _, _, info = env.step(answer)
    except SandboxFailure as error:
        report, info = str(error), {"is_success": False, "status": "sandbox failure"}
    ran.seconds.append(time.perf_counter() - start)
    if not info["is_success"]:
        ran.failed.append({"where": where, "status": info["status"], "report": report})


def _with_imports(problem: Problem) -> CodeTask:
    """A task that needs what its reference imports, too: other programs may do without."""
    data: CodeTask = problem.data
    return replace(data, packages=tuple(sorted(imported_packages(problem.answer))))


def _record(
    source: str,
    rows: int,
    accepted: Sequence[tuple[str, Problem]],
    refused: Sequence[ProblemFileError],
    ran: _Run | None,
) -> dict[str, Any]:
    problems = [problem for _, problem in accepted]
    record = {
        "source": source,
        "rows": rows,
        "accepted": len(problems),
        "forms": dict(Counter(problem.topic for problem in problems).most_common()),
        "refused": len(refused),
        "reasons": dict(Counter(error.reason for error in refused).most_common()),
        "tests": sum(len(problem.data.hidden) for problem in problems),
        "without_tests_that_count": sum(not any(problem.data.counts) for problem in problems),
        "passed_by_a_constant": sum(map(_passes_a_constant, problems)),
        "with_reference": sum(bool(problem.answer) for problem in problems),
    }
    return record | ({} if ran is None else ran.record())


def _passes_a_constant(problem: Problem) -> bool:
    """Whether a program that gives the same every time passes all tests."""
    data: CodeTask = problem.data
    tests = [*data.examples, *(test for group in data.hidden for test in group)]
    is_known = not any(test.comparison.checker or test.raises for test in tests)
    return is_known and len({literal(test.expected) for test in tests}) == 1


def _print(record: dict[str, Any], refused: Sequence[ProblemFileError], shows_all: bool) -> None:
    forms = ", ".join(f"{form}: {number:,}" for form, number in record["forms"].items())
    accepted, dull = record["accepted"], record["without_tests_that_count"]
    print(f"{printable(record['source'])}: {record['rows']:,} rows")
    print(f"  accepted   {accepted:,}{f' ({forms})' if forms else ''}")
    print(f"  tests      {record['tests']:,}")
    if dull:
        print(
            f"  sparse     {dull:,} of {accepted:,} have no test that counts as progress: there, "
            "dense pays what sparse pays"
        )
    if constant := record["passed_by_a_constant"]:
        print(
            f"  constant   {constant:,} of {accepted:,} are passed by a program that gives the "
            "same every time"
        )
    print(f"  reference  {record['with_reference']:,} have one")
    print(f"  refused    {record['refused']:,}")
    for reason, number in record["reasons"].items():
        print(f"    {number:,} for: {_short(reason)}")
        errors = [error for error in refused if error.reason == reason]
        for error in errors if shows_all else errors[:1]:
            print(f"      {_short(str(error))}")
    if "references" not in record:
        return
    done, passed = record["references"], record["passed"]
    print(
        f"  passed     {passed:,} of {done:,} references"
        + (f" ({passed / done:.1%})" if done else "")
    )
    if done:
        p50, p99 = (1000 * record[name] for name in ("p50_seconds", "p99_seconds"))
        rate = record["rows_per_second"]
        print(f"  rate       {rate:.1f} rows a second; p50 {p50:,.0f} ms, p99 {p99:,.0f} ms")
    for reason, number in record["not_run"].items():
        print(f"  not run    {number:,} references: {_short(reason)}")
    for failure in record["failed"]:
        first = " ".join(failure["report"].splitlines()[:2])
        print(f"    {_short(failure['where'])}: {failure['status']}: {_short(first)}")


def _percentile(values: Sequence[float], percent: int) -> float | None:
    """The value that so many percent of all do not exceed."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def _limits(seconds: float) -> Limits:
    return Limits(seconds=seconds, total_seconds=max(Limits().total_seconds, 4 * seconds))


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number")
    return int(text)


def _short(text: str) -> str:
    text = text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"
    return printable(text)
