r"""Time and verdicts of `check`, beside math-verify in the same process; then our own worst cases.

    python -m baselines.speed.answers [--pairs FILE.jsonl] [--repeats 5] [--limit 6] [--errors]

A pair is a reference and a right or wrong answer to it: some 60 of all kinds that stand below, or
a file of JSON lines with `gold`, `answer` (or `answer_repeat`, a list of [piece, count]),
`expected` and `form` ("bare" for what stands in a box, "response" for a whole response).

Both checkers run in one worker process, in turn, with their caches emptied before each call, so
that each reads the reference and the answer every time; `check` is timed with a `Reference` that is
kept as well. The worker is there to be ended when a call passes the limit: no timer inside of a
process can stop arithmetic on huge integers. Times are over the pairs that both finish.

math-verify stops itself with signals, which only the main thread gets. In any other thread it has
to be called without time-outs, so its verdicts are counted there too. It is compared where it is
installed (`pip install math-verify`); it is no dependency.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import logging
import math
import multiprocessing
import statistics
import sys
import threading
import time
import timeit
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from reasoning_gym_envs.answers import Reference, check
from reasoning_gym_envs.answers.check import _reference

MEMORY = 4 << 30  # bytes of address space that a worker may take
SLOW = 0.5  # seconds after which a call is not repeated


class Pair(NamedTuple):
    """A reference, a response to it, and whether the response is right."""

    gold: str
    response: str
    expected: bool


class Outcome(NamedTuple):
    """What came of the calls of one checker on one pair."""

    verdict: bool | None  # None: it raised, or ran out of time
    end: str  # "finished", "time-out" or "raised"
    seconds: tuple[float, ...] = ()


# Reference, right answers, wrong answers.
BUILT_IN: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("42", ("42", "42.0", "84/2", "x = 42"), ("-42", "420", "7 = 42", "42 or 43")),
    ("1234567", ("1,234,567", r"1{,}234{,}567"), ("1.234567",)),
    ("0.335", (r"33.5\%", "67/200"), ("33.5",)),
    (r"\frac{7}{3}", ("7/3", r"2\frac{1}{3}", r"\dfrac{14}{6}"), ("3/7", "2.33")),
    (r"2\sqrt{3}", (r"\sqrt{12}", r"\frac{6}{\sqrt{3}}"), (r"3\sqrt{2}", "3.464")),
    (r"\frac{1+\sqrt{5}}{2}", (r"\frac{2}{\sqrt{5}-1}",), (r"\frac{1-\sqrt{5}}{2}",)),
    (r"12\pi", (r"\pi \cdot 12",), ("37.699",)),
    (r"\ln 2", (r"\frac{1}{2}\ln 4",), (r"\ln 3",)),
    ("x^2 - 5x + 6", ("(x-2)(x-3)", "6 - 5x + x^2"), ("x^2 + 5x + 6", "x^2 - 5y + 6")),
    (r"\frac{1}{x+1}", (r"\frac{x-1}{x^2-1}",), (r"\frac{1}{x-1}",)),
    ("(a+b)^3", ("a^3 + 3a^2b + 3ab^2 + b^3",), ("a^3 + b^3",)),
    ("y = 2x + 3", ("y = 3 + 2x",), ("y = 2x - 3",)),
    (r"x \geq 2", (r"2 \leq x",), (r"x > 2",)),
    (r"\{1, 2, 3\}", (r"\{3, 2, 1\}", r"\{\frac{2}{2}, 2, 3\}"), (r"\{1, 2\}", r"\{1, 2, 4\}")),
    ("(3, -4)", (r"\left(3, -4\right)", r"(\frac{6}{2}, -4)"), ("(-4, 3)",)),
    ("[0, 1)", (r"\left[0, 1\right)",), ("[0, 1]", "(0, 1)")),
    (r"(-\infty, 2) \cup (5, \infty)", (r"(5, \infty) \cup (-\infty, 2)",), (r"(-\infty, 2)",)),
    (
        r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
        (r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}",),
        (r"\begin{pmatrix} 1 & 3 \\ 2 & 4 \end{pmatrix}",),
    ),
    ("2^{10}", ("1024",), ("20", "10^2")),
    (r"5 \text{ cm}", (r"5\text{ cm}",), (r"6 \text{ cm}",)),
    (r"\text{even}", (r"\text{Even}",), (r"\text{odd}",)),
)

# What a policy or an accident may put into a box to make a checker slow.
HOSTILE = {
    "deep brackets": "(" * 5000,
    "brackets that close": "(" * 2000 + "1" + ")" * 2000,
    "nested fractions": r"\frac{1}{1+" * 200 + "x" + "}" * 200,
    "nested lists": "[" * 300 + "1" + "]" * 300,
    "a flood of digits": "9" * 1_000_000,
    "digits and operators": "9999+" * 250_000,
    "a power tower": "9^" * 40 + "9",
    "a huge power": "9" * 200 + "^{" + "9" * 200 + "}",
    "a factorial tower": "9" + "!" * 50,
    "factorials of factorials": "(" * 20 + "99" + ")!" * 20,
    "a product of sums": "*".join(f"(x+{i}/{i + 1})" for i in range(60)),
    "a product in many variables": "*".join(f"(a_{i}+b_{i})" for i in range(60)),
    "a power of a sum": "(a+b+c+d+f)^{60}",
    "a sum of fractions": "+".join(rf"\frac{{1}}{{x+{i}}}" for i in range(150)),
    "300 distinct roots": "+".join(rf"\sqrt{{{i}}}" for i in range(2, 302)),
    "300 roots, multiplied": "*".join(f"2^{{1/{i}}}" for i in range(2, 302)),
    "roots of hard numbers": "+".join(rf"\sqrt{{{10**70 + i}}}" for i in range(30)),
    "nested roots": r"\sqrt{2+" * 30 + "2" + "}" * 30,
    "nested functions": r"\sin(" * 30 + "x" + ")" * 30,
    "nested logarithms": r"\ln(2+" * 30 + "x" + ")" * 30,
    "exponentials": "*".join(f"e^{{x/{i}}}" for i in range(2, 150)),
    "a huge set": "{" + ",".join(map(str, range(500))) + "}",
    "a set of powers": "{" + ",".join(f"(x+{i})^{{20}}/(y+{i})" for i in range(80)) + "}",
    "a set of roots": "{" + ",".join(rf"\sqrt{{{i}}}+\sqrt{{{i + 1}}}" for i in range(2, 90)) + "}",
    "a huge matrix": "[" + ",".join(["[" + ",".join(["1"] * 20) + "]"] * 20) + "]",
    "a flood of boxes": r"\boxed{" * 140_000,
    "a flood of boxes that close": r"\boxed{" * 9_000 + "1" + "}" * 9_000,
    "1 MB of braces": "{" * 500_000 + "}" * 500_000,
    "1 MB of open braces": "{" * 1_000_000,
    "1 MB of backslashes": "\\" * 1_000_000,
    "1 MB of thinking": "<think>" * 140_000,
}
TARGETS = ("917", "x^2 - 917", r"\sqrt{917}", r"\{2, 917\}", "[1, 917)", "[[1, 917]]", "x > 917")


def built_in_pairs() -> list[Pair]:
    """The pairs of the table above."""
    return [
        Pair(gold, f"\\boxed{{{answer}}}", expected)
        for gold, right, wrong in BUILT_IN
        for answers, expected in ((right, True), (wrong, False))
        for answer in answers
    ]


def read_pairs(path: Path) -> list[Pair]:
    """The pairs of a file of JSON lines."""
    pairs = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        text = row.get("answer")
        if text is None:
            text = "".join(piece * count for piece, count in row["answer_repeat"])
        if row["form"] == "bare":
            text = f"\\boxed{{{text}}}"
        pairs.append(Pair(row["gold"], text, row["expected"]))
    return pairs


# What runs in the worker process.


def _ours(pair: Pair) -> Callable[[], bool]:
    """One call of `check` that reads its reference."""
    _reference.cache_clear()
    return lambda: check(pair.response, pair.gold).correct


def _ours_kept(pair: Pair) -> Callable[[], bool]:
    """One call of `check` with a reference that was read before."""
    reference = Reference(pair.gold)
    return lambda: reference.check(pair.response).correct


def _peer(pair: Pair) -> Callable[[], bool]:
    """One call of math-verify, with its time-outs where the thread allows them."""
    from math_verify import parse, parser, verify

    for cache in (parser.parse_latex_cached, parser.parse_expr_cached, parser.extract_latex):
        cache.cache_clear()
    gold = f"\\boxed{{{pair.gold}}}"  # LaTeX that stands free would not be read
    if threading.current_thread() is threading.main_thread():
        return lambda: verify(parse(gold), parse(pair.response))
    return lambda: verify(
        parse(gold, parsing_timeout=None),
        parse(pair.response, parsing_timeout=None),
        timeout_seconds=None,
    )


_CHECKERS = {"check": _ours, "check, reference kept": _ours_kept, "math-verify": _peer}


class _TimeOuts(logging.Handler):
    """Notices that math-verify stopped itself: it says so in its log alone, and returns False."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = False

    def emit(self, record: logging.LogRecord) -> None:
        self.seen = self.seen or record.getMessage().startswith("Timeout during")


def _work(connection: Connection) -> None:
    """Answer (checker, pair, repeats, in another thread) with an `Outcome`, for ever."""
    with suppress(ImportError, ValueError, OSError):  # not everywhere; the limit on time is left
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    time_outs = _TimeOuts()
    for name in ("math_verify", "latex2sympy2_extended"):
        logger = logging.getLogger(name)
        logger.addHandler(time_outs)
        logger.propagate = False

    def call(checker: str, pair: Pair, repeats: int) -> Outcome:
        time_outs.seen = False
        verdict, seconds = None, []
        try:
            for _ in range(repeats):
                prepared = _CHECKERS[checker](pair)
                start = time.perf_counter()
                verdict = bool(prepared())
                seconds.append(time.perf_counter() - start)
        except Exception:
            return Outcome(None, "raised")
        if time_outs.seen:
            return Outcome(None, "time-out")
        return Outcome(verdict, "finished", tuple(seconds))

    while True:
        try:
            checker, pair, repeats, in_thread = connection.recv()
        except EOFError:
            return
        outcomes: list[Outcome] = []
        if in_thread:
            thread = threading.Thread(
                target=lambda: outcomes.append(call(checker, pair, repeats))  # noqa: B023
            )
            thread.start()
            thread.join()
        else:
            outcomes.append(call(checker, pair, repeats))
        connection.send(outcomes[0])


class Worker:
    """A process that runs the checkers; it is ended, and started anew, where one takes too long."""

    def __init__(self, checkers: Sequence[str], limit: float) -> None:
        self._checkers = checkers
        self._limit = limit
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, connection = context.Pipe()
        self._process = context.Process(target=_work, args=(connection,), daemon=True)
        self._process.start()
        connection.close()
        for checker in self._checkers:  # what is imported and compiled on the first call
            for gold in ("1", r"\frac{x}{2}", r"\{1, 2\}"):
                self._connection.send((checker, Pair(gold, f"\\boxed{{{gold}}}", True), 1, False))
                self._connection.recv()

    def __call__(
        self, checker: str, pair: Pair, *, repeats: int = 1, in_thread: bool = False
    ) -> Outcome:
        """Call a checker on a pair, `repeats` times."""
        self._connection.send((checker, pair, repeats, in_thread))
        try:
            if self._connection.poll(self._limit * repeats):
                outcome: Outcome = self._connection.recv()
                return outcome
            ended = Outcome(None, "time-out")
        except (EOFError, ConnectionError):  # the process died, of a lack of memory most likely
            ended = Outcome(None, "raised")
        self.close()
        self._start()
        return ended

    def close(self) -> None:
        """End the process."""
        self._connection.close()
        self._process.kill()
        self._process.join()


# What is printed.


def _progress(pairs: Sequence[Pair], what: str) -> Iterator[Pair]:
    for number, pair in enumerate(pairs):
        if sys.stderr.isatty():
            print(f"\r{what}: {number} of {len(pairs)} ", end="", file=sys.stderr, flush=True)
        yield pair
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)


def _measure(
    worker: Worker, pairs: Sequence[Pair], checkers: Sequence[str], repeats: int
) -> dict[str, list[Outcome]]:
    """Every checker on every pair in the main thread, timed."""
    outcomes: dict[str, list[Outcome]] = {checker: [] for checker in checkers}
    for pair in _progress(pairs, "main thread"):
        for checker in checkers:
            outcome = worker(checker, pair)
            if outcome.end == "finished" and outcome.seconds[0] < SLOW:
                outcome = worker(checker, pair, repeats=repeats)
            outcomes[checker].append(outcome)
    return outcomes


def _print_verdicts(place: str, checker: str, pairs: Sequence[Pair], got: list[Outcome]) -> None:
    counts: Counter[str] = Counter()
    for pair, outcome in zip(pairs, got, strict=True):
        if outcome.end != "finished":
            counts[outcome.end] += 1
        elif outcome.verdict == pair.expected:
            counts["right"] += 1
        else:
            counts["accept" if outcome.verdict else "refusal"] += 1
    print(
        f"{place:14}{checker:14}{counts['right'] / len(pairs):>9.4f}{counts['accept']:>15}"
        f"{counts['refusal']:>16}{counts['time-out']:>11}{counts['raised']:>8}"
    )


def _print_errors(checker: str, pairs: Sequence[Pair], got: list[Outcome]) -> None:
    for pair, outcome in zip(pairs, got, strict=True):
        if outcome.verdict != pair.expected:
            what = outcome.end if outcome.verdict is None else f"said {outcome.verdict}"
            print(f"  {checker}: {what}: {pair.response[:80]!r} for {pair.gold[:60]!r}")


def _print_times(outcomes: dict[str, list[Outcome]]) -> None:
    """Times and ratios, over the pairs that every checker finishes."""
    finished = [
        one for one in zip(*outcomes.values(), strict=True) if {o.end for o in one} == {"finished"}
    ]
    times = {
        checker: [1e3 * statistics.median(one[place].seconds) for one in finished]
        for place, checker in enumerate(outcomes)
    }
    title = f"milliseconds a pair, {len(finished)} pairs"
    print(f"\n{title:36}{'median':>10}{'99th percentile':>18}")
    for checker, spent in times.items():
        last = sorted(spent)[math.ceil(0.99 * len(spent)) - 1]
        print(f"{checker:36}{statistics.median(spent):>10.4f}{last:>18.3f}")
    theirs = times.pop("math-verify", None)
    if theirs is None:
        return
    print(f"\n{'math-verify takes as long as':36}{'median':>10}{'mean':>10}{'in sum':>10}")
    for checker, ours in times.items():
        ratios = [their / our for our, their in zip(ours, theirs, strict=True)]
        print(
            f"{checker:36}{statistics.median(ratios):>9,.0f}x{statistics.mean(ratios):>9,.0f}x"
            f"{sum(theirs) / sum(ours):>9,.0f}x"
        )


def _print_own_figures(worker: Worker) -> None:
    """What does not need a peer: the common case, a long response, and the hostile ones."""
    words = "Half and a quarter are three quarters, so the sum is as follows. "
    print("\ncheck alone, with a reference that was read before")
    for gold, answer in (("123456", "123457"), ("3/4", "0.75")):
        reference = Reference(gold)
        for name, length, calls in (("1,000 characters", 1_000, 20_000), ("1 MB", 1_000_000, 10)):
            box = f"\\boxed{{{answer}}}"
            response = (words * (length // len(words) + 1))[: length - len(box)] + box
            loops = timeit.repeat(lambda: reference.check(response), number=calls, repeat=7)  # noqa: B023
            microseconds = 1e6 * statistics.median(loops) / calls
            print(f"  {answer} for {gold}, at the end of {name:18}{microseconds:>10,.2f} µs")

    slowest: list[tuple[float, str, str]] = []
    accepted = 0
    for name, text in HOSTILE.items():
        times: list[tuple[float, str, str]] = []
        for target in TARGETS:
            for response in (f"\\boxed{{{text}}}", text):
                outcome = worker("check", Pair(target, response, False))
                times.append((outcome.seconds[0] if outcome.seconds else math.inf, name, target))
                accepted += outcome.verdict is not False
        slowest.append(max(times))
    slowest.sort(reverse=True)
    print(f"\nhostile answers: {len(HOSTILE)}, each against {len(TARGETS)} references; ", end="")
    print(f"{accepted or 'none'} not refused; the slowest:")
    for seconds, name, target in slowest[:8]:
        print(f"  {1e3 * seconds:8.1f} ms   {name}, for {target}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print tables; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m baselines.speed.answers", description=__doc__.split("\n\n")[0]
    )
    parser.add_argument("--pairs", type=Path, help="file of JSON lines, instead of the built-in")
    parser.add_argument("--repeats", type=int, default=5, help="timed calls; the median counts")
    parser.add_argument("--limit", type=float, default=6, help="seconds that a call may take")
    parser.add_argument("--errors", action="store_true", help="list the pairs that went wrong")
    options = parser.parse_args(arguments)

    pairs = read_pairs(options.pairs) if options.pairs else built_in_pairs()
    checkers = list(_CHECKERS)
    if importlib.util.find_spec("math_verify"):
        print(f"beside math-verify {importlib.metadata.version('math-verify')}")
    else:
        print("math-verify is not installed (pip install math-verify): ours alone")
        checkers.remove("math-verify")

    worker = Worker(checkers, options.limit)
    try:
        outcomes = _measure(worker, pairs, checkers, options.repeats)
        verdicts = [checker for checker in checkers if checker != "check, reference kept"]
        right = sum(pair.expected for pair in pairs)
        print(
            f"\nverdicts on {len(pairs)} pairs: {right} right, {len(pairs) - right} wrong answers"
        )
        print(
            f"{'thread':14}{'':14}{'accuracy':>9}{'false accepts':>15}{'false refusals':>16}"
            f"{'time-outs':>11}{'raised':>8}"
        )
        for checker in verdicts:
            _print_verdicts("main", checker, pairs, outcomes[checker])
        elsewhere = {
            checker: [
                worker(checker, pair, in_thread=True)
                for pair in _progress(pairs, f"{checker} in another thread")
            ]
            for checker in verdicts
        }
        for checker in verdicts:
            _print_verdicts("another", checker, pairs, elsewhere[checker])
        if options.errors:
            for checker in verdicts:
                _print_errors(checker, pairs, outcomes[checker])
        _print_times(outcomes)
        _print_own_figures(worker)
    finally:
        worker.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
