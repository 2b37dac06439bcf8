"""Problems of repair: a task's reference solution with faults, and the tests that show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from reasoning_gym_envs.code.mutations import draw_faults, inject
from reasoning_gym_envs.code.problems import CodeTask, draw_problem, expression_of
from reasoning_gym_envs.code.reference import OutOfFuel, Reference
from reasoning_gym_envs.code.trivial import Call, Passed, TrivialPrograms, any_passes
from reasoning_gym_envs.problems import Problem, Stream
from reasoning_gym_envs.sandbox.judge import Test
from reasoning_gym_envs.sandbox.submission import Outcome
from reasoning_gym_envs.sandbox.values import matches, tree_of

FAULTS = (1, 1, 1, 2, 2, 2, 2, 3, 3, 3)
"""How many faults a program has, by level."""
RIGHT = (0.0, 0.0, 0.1, 0.1, 0.2, 0.2, 0.2, 0.2, 0.3, 0.3)
"""The least share of hidden calls that go right in spite of the faults, by level, where it can be
had: in some programs, whatever is wrong, everything goes wrong."""
MOST_FUEL = 20_000
"""How many steps a call may take, whatever the right program takes."""
_FEWEST_HIDDEN = 4
_PROBLEMS = 40
_TRIES, _MORE_TRIES = 15, 50
_LEAST_FUEL, _FUEL_PER_STEP = 1_000, 3
_PROBLEMS_OF_A_KIND = 5
_LARGEST_VALUE = 10_000  # what a result may hold
_DEEPEST_VALUE = 20


@dataclass(frozen=True)
class RepairTask(CodeTask):
    """A task whose solution has faults.

    Where none of a task's examples goes wrong, one more does, which was a hidden call.

    Args:
        faulty: the solution with its faults.
        faults: how many.
        shown: which of the examples is the first to go wrong.
        outcome: what comes of it; "returned" is a wrong value.
        passed: how many hidden tests are passed in spite of the faults.
        to_gain: how many hidden tests can be gained: those that fail for other calls than the
            examples, unless a trivial program that knows these by heart passes them.
    """

    faulty: str = ""
    faults: int = 0
    shown: int = 0
    outcome: Outcome = field(default=Outcome("returned"))
    passed: int = 0
    to_gain: int = 0


def draw_repair(
    families: Sequence[str], stream: Stream, level: int, split: str, *, large: bool = False
) -> Problem:
    """The next problem of repair of the stream that belongs to the split.

    Both belong to it, the task and the task with these faults: nobody has learned in training to
    write the solution of a test problem.

    Args:
        families: names in :data:`~reasoning_gym_envs.code.families.FAMILIES`.
        stream: what everything is drawn from.
        level: 1 to 10.
        split: "train" or "test".
        large: with tests of large inputs, where the task has them.

    Raises:
        RuntimeError: no faults that show are found in programs of these families.
    """
    count, right = FAULTS[level - 1], RIGHT[level - 1]
    for attempt in range(1, _PROBLEMS + 1):
        problem = draw_problem(families, stream, level, split, large=large)
        for share, tries in ((right, _TRIES), (0.0, _MORE_TRIES)):
            repair = make_repair(problem, count, stream, split, right=share, tries=tries)
            if repair is not None:
                return repair
        if attempt % _PROBLEMS_OF_A_KIND == 0:  # the programs are too short
            count = max(1, count - 1)
    raise RuntimeError(f"no faults that show are found in programs of {', '.join(families)}")


def make_repair(
    problem: Problem,
    count: int,
    stream: Stream,
    split: str,
    *,
    right: float = 0.0,
    tries: int = _MORE_TRIES,
) -> Problem | None:
    """The problem of repairing a task's solution; None where no faults that will do are found.

    A fault will do if it shows in a hidden call, whichever of the others are repaired. No program
    with a part of the faults runs out of fuel: how slow is too slow is for no test to say.

    Args:
        problem: one of a task of ours.
        count: how many faults.
        stream: what they are drawn from.
        split: what the problem must belong to.
        right: the least share of hidden calls that go right in spite of the faults.
        tries: how many faults to try.
    """
    task: CodeTask = problem.data
    hidden = [call for group in task.hidden_calls for call in group]

    most_wrong = int((1.0 - right) * len(hidden))
    fuel = _fuel(problem.answer, task, hidden)

    def shows(program: str) -> bool:
        outcomes = _outcomes(program, task, hidden, fuel, most_wrong)
        return outcomes is not None and any(outcomes)

    def outline(faulty: str) -> Problem:
        content = f"{problem.content}\n{faulty}"
        return Problem(content, problem.level, problem.question, problem.answer, problem.topic)

    def is_of_split(faulty: str) -> bool:
        return outline(faulty).split == split

    faults = draw_faults(problem.answer, count, stream, shows, is_of_split, tries)
    if not faults:
        return None
    faulty = inject(problem.answer, *faults)
    repair = outline(faulty)
    examples, tests = list(task.example_calls), list(task.examples)
    seen = _outcomes(faulty, task, examples, fuel)
    outcomes = _outcomes(faulty, task, hidden, fuel)
    if seen is None or outcomes is None:
        return None
    if not any(seen):
        wrong = [n for n, outcome in enumerate(outcomes) if outcome]
        place = min(wrong, key=lambda n: len(_test(task, hidden[n]).run))
        examples.append(hidden[place])
        tests.append(_test(task, hidden[place]))
        seen.append(outcomes[place])
    shown, outcome = next((n, outcome) for n, outcome in enumerate(seen) if outcome)
    known = set(map(id, examples))
    wrong_calls = {id(call) for call, outcome in zip(hidden, outcomes, strict=True) if outcome}
    kept = [n for n, group in enumerate(task.hidden_calls) if not known.issuperset(map(id, group))]
    groups = [task.hidden_calls[n] for n in kept]
    is_class = task.signature.startswith("class ")
    trivial = TrivialPrograms(examples, is_class, task.comparison)
    to_gain = sum(_can_be_gained(group, known, wrong_calls, trivial) for group in groups)
    if len(groups) < _FEWEST_HIDDEN or not to_gain:
        return None
    repair.data = RepairTask(
        **{
            **vars(task),
            "examples": tuple(tests),
            "example_calls": tuple(examples),
            "hidden": tuple(task.hidden[n] for n in kept),
            "hidden_calls": tuple(groups),
            "faulty": faulty,
            "faults": len(faults),
            "shown": shown,
            "outcome": outcome,
            "passed": sum(wrong_calls.isdisjoint(map(id, group)) for group in groups),
            "to_gain": to_gain,
        }
    )
    return repair


def _can_be_gained(
    group: Sequence[Call], known: set[int], wrong: set[int], trivial: TrivialPrograms
) -> bool:
    """Whether a failed hidden test is out of reach for who only knows the examples by heart."""
    unknown = [call for call in group if id(call) not in known]
    passed: Passed = {}
    for call in unknown:
        passed = trivial.that_pass(call, passed)
    return any(id(call) in wrong for call in unknown) and not any_passes(passed)


def _fuel(source: str, task: CodeTask, calls: Sequence[Call]) -> int:
    """How many steps a program with faults may take: a few times what the right one takes."""
    reference = Reference(source, task.name, fuel=MOST_FUEL)
    most = 0
    for call in calls:
        try:
            reference.run(call.arguments)
        except OutOfFuel:
            return MOST_FUEL
        most = max(most, reference.steps)
    return min(MOST_FUEL, _LEAST_FUEL + _FUEL_PER_STEP * most)


def _outcomes(
    program: str,
    task: CodeTask,
    calls: Sequence[Call],
    fuel: int,
    most_wrong: int | None = None,
) -> list[Outcome | None] | None:
    """For each call what goes wrong, None if nothing does.

    None for all where it cannot be said, or where more goes wrong than may.
    """
    outcomes: list[Outcome | None] = []
    left = len(calls) if most_wrong is None else most_wrong
    try:
        reference = Reference(program, task.name, fuel=fuel)
        for call in calls:
            outcome = _outcome(reference, task, call)
            outcomes.append(outcome)
            left -= outcome is not None
            if left < 0:
                return None
    except (OutOfFuel, RecursionError, MemoryError, SyntaxError):
        return None  # lines taken out each alone may together leave an empty block
    return outcomes


def _outcome(reference: Reference, task: CodeTask, call: Call) -> Outcome | None:
    try:
        result = reference.run(call.arguments)
    except (OutOfFuel, RecursionError, MemoryError):
        raise
    except Exception as error:
        # Not what it says: that is another in another version of Python.
        line, trace = 0, error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == f"<reference {task.name}>":
                line = trace.tb_lineno
            trace = trace.tb_next
        return Outcome("crash", message=f"{type(error).__name__} (line {line})")
    _check_size(result)
    try:
        tree = tree_of(result)
    except TypeError:
        tree = {"object": type(result).__name__}
    if matches(call.expected, tree, task.comparison):
        return None
    return Outcome("returned", tree)


def _check_size(value: Any) -> None:
    """Raise RecursionError for values that are very large, deep, or contain themselves."""
    parts, left = [(value, 0)], _LARGEST_VALUE
    while parts:
        part, depth = parts.pop()
        left -= len(part) if isinstance(part, (list, tuple, set, frozenset, dict)) else 1
        if left < 0 or depth > _DEEPEST_VALUE:
            raise RecursionError("a value that is too large or too deep")
        if isinstance(part, dict):
            parts += [(item, depth + 1) for pair in part.items() for item in pair]
        elif isinstance(part, (list, tuple, set, frozenset)):
            parts += [(item, depth + 1) for item in part]


def _test(task: CodeTask, call: Call) -> Test:
    is_class = task.signature.startswith("class ")
    expression = expression_of(task.name, call.arguments, is_class, call.expected)
    return Test(expression, call.expected, task.comparison)
