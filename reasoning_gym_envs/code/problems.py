"""From a task to a problem: its examples, and hidden tests that no trivial program passes."""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from reasoning_gym_envs.code.families import FAMILIES
from reasoning_gym_envs.code.reference import Reference
from reasoning_gym_envs.code.task import Arguments, Family, Task
from reasoning_gym_envs.code.trivial import Call, Passed, TrivialPrograms, any_passes, number_left
from reasoning_gym_envs.problems import Problem, Stream, draw
from reasoning_gym_envs.sandbox.judge import Test
from reasoning_gym_envs.sandbox.submission import Limits
from reasoning_gym_envs.sandbox.values import Comparison, literal

EXAMPLES = 3
HIDDEN_TESTS = 8
_TESTS_OF_EDGES = 4
_POOL = 24
_MOST_CALLS = 6
_MANY_OTHERS = _POOL // 4  # calls that give something else than the examples do
_LEAST_CALLS = 5  # of a test, where there are fewer: results are few, and half are easily guessed
_DRAWS = 400
_FEWEST_TESTS = 4
_UNUSABLE_IN_A_ROW = 50
_COPY = "__import__('copy').deepcopy"
# A list of 20,000 pairs takes longer to be compiled than most programs take to go through it.
_UNPACKING = "{}(*__import__('marshal').loads(__import__('binascii').unhexlify('{}')))"
_PLAIN = 2  # the version of marshal that does not depend on which objects are shared
_LONG_EXAMPLE = 160
_SMALLEST_TOLERANCE = 1e-12


@dataclass(frozen=True)
class CodeTask:
    """What an environment needs to judge a program: ``problem.data``.

    Args:
        name: what the program must define; "" where it is run as a whole.
        signature: the first line of the definition; "" where it is not known.
        examples: the tests that the agent sees.
        hidden: the tests that it does not see. Each is a small group, passed by passing all of it.
        kind: "calls" of what it defines, or "programs" that read standard input and print.
        example_calls: the arguments and results of the examples, where they are known.
        hidden_calls: those of each hidden test.
        large: tests with inputs that only a solution of a good order of time gets through.
        counts: whether each hidden test is progress when it is passed; () if all are.
        setup: what is run before the program, and for the tests.
        solution: the reference solution, which may be run on the host if it is our own.
        limits: what a program may use; None for the environment's limits.
        packages: what the tests, or programs, need beside Python.
    """

    name: str
    signature: str
    examples: tuple[Test, ...]
    hidden: tuple[tuple[Test, ...], ...]
    kind: Literal["calls", "programs"] = "calls"
    example_calls: tuple[Call, ...] = ()
    hidden_calls: tuple[tuple[Call, ...], ...] = ()
    large: tuple[Test, ...] = ()
    counts: tuple[bool, ...] = ()
    setup: str = ""
    solution: str = ""
    limits: Limits | None = None
    comparison: Comparison = field(default_factory=Comparison)
    packages: tuple[str, ...] = ()


class UnusableTask(ValueError):
    """A family has made a task that cannot be tested; which one, and why."""


def draw_problem(
    families: Sequence[str], stream: Stream, level: int, split: str, *, large: bool = False
) -> Problem:
    """The next problem of the stream that belongs to the split.

    Args:
        families: names in :data:`~reasoning_gym_envs.code.families.FAMILIES`.
        stream: what everything is drawn from.
        level: 1 to 10; of families that have no such level the nearest that they have.
        split: "train" or "test".
        large: with tests of large inputs, where the task has them.
    """
    choices = [name for name in families if _distance(FAMILIES[name], level) == 0] or families

    def outline(stream: Stream, level: int) -> Problem:
        name = choices[0] if len(choices) == 1 else stream.choice(choices)
        family = FAMILIES[name]
        task = family.generate(stream, min(max(level, family.easiest), family.hardest))
        return Problem(task.content, level, "", "", topic=name, data=task)

    for attempt in range(_UNUSABLE_IN_A_ROW):
        found = draw(outline, stream, level, split)
        try:
            return make_problem(found.data, found.topic, level, stream, large=large)
        except UnusableTask:
            if attempt == _UNUSABLE_IN_A_ROW - 1:
                raise
    raise AssertionError("unreachable")


def make_problem(
    task: Task, family: str, level: int, stream: Stream, *, large: bool = False
) -> Problem:
    """The problem of a task, with examples and hidden tests drawn from the stream.

    Raises:
        UnusableTask: no tests can be made that trivial programs do not pass.
    """
    data = _Making(task, family, Stream(stream.randrange(2**53))).code_task(large)
    count = len(data.examples)
    examples = [
        f"{example_text(data, n)} == {literal(data.examples[n].expected)}" for n in range(count)
    ]
    question = question_text(task.description, task.signature, examples)
    return Problem(task.content, level, question, task.source, topic=family, data=data)


def question_text(description: str, signature: str, examples: Iterable[str]) -> str:
    """What the agent reads: what to write, how it begins, examples."""
    parts = [description]
    if signature:
        parts.append(f"{signature}:")
    lines = "\n".join(examples)
    if lines:
        parts.append(f"Examples:\n{lines}")
    return "\n\n".join(parts)


def shown(example: Test) -> str:
    """An example as the agent sees it: what is run, and what it gives."""
    if example.raises:
        return f"{example.run} raises {' or '.join(example.raises)}"
    if example.comparison.checker:
        return example.run
    return f"{example.run} == {literal(example.expected)}"


def example_text(task: CodeTask, n: int) -> str:
    """What an example runs, as the agent sees it: without the copies made of what is returned."""
    if not task.example_calls:
        return task.examples[n].run
    is_class = task.signature.startswith("class ")
    return expression_of(task.name, task.example_calls[n].arguments, is_class)


def expression_of(name: str, arguments: Arguments, is_class: bool, expected: Any = None) -> str:
    """The expression of a call, or of a class's script.

    >>> expression_of("add", (1, "a"), False)
    "add(1, 'a')"
    >>> expression_of("Stack", ((3,), (("push", (1,)), ("pop", ()))), True)
    '[s := Stack(3), s.push(1), s.pop()][1:]'
    """
    if not is_class:
        return f"{name}({_listed(arguments)})"
    constructor, script = arguments
    results = [None] * len(script) if expected is None else expected
    calls = [f"s := {name}({_listed(constructor)})"]
    for (method, given), result in zip(script, results, strict=True):
        call = f"s.{method}({_listed(given)})"
        # A method may return what later calls change: what it was at once is what counts.
        calls.append(f"{_COPY}({call})" if isinstance(result, (list, dict, set)) else call)
    return f"[{', '.join(calls)}][1:]"


class _Making:
    """The making of the tests of one task."""

    def __init__(self, task: Task, family: str, stream: Stream) -> None:
        self.task = task
        self.what = f"{family}: {task.content}"
        self.stream = stream
        self.large_stream = Stream(stream.randrange(2**53))
        self.reference = _reference(task.source, task.name)
        self.comparison = _comparison(task)
        self.seen: set[str] = set()  # the arguments of all calls, each once
        self.draws_left = _DRAWS

    def code_task(self, large: bool) -> CodeTask:
        task = self.task
        edges = [call for arguments in task.edges if (call := self._call(arguments)) is not None]
        pool = [call for _ in range(_POOL) if (call := self._draw()) is not None]
        examples = self._examples(pool)
        rest = [call for call in pool if not any(call is example for example in examples)]
        hidden = self._groups(edges, rest, examples)
        made: tuple[Test, ...] = ()
        if large and task.large is not None:
            made = (self._large(task.large(self.large_stream)),)
        return CodeTask(
            name=task.name,
            signature=task.signature,
            examples=tuple(self._test(call) for call in examples),
            hidden=tuple(self._group(calls) for calls in hidden),
            example_calls=tuple(examples),
            hidden_calls=tuple(tuple(calls) for calls in hidden),
            large=made,
            solution=task.source,
            comparison=self.comparison,
        )

    @property
    def _judged(self) -> tuple[bool, Comparison]:
        return self.task.is_class, self.comparison

    def _result(self, arguments: Arguments) -> Any:
        try:
            return self.reference.run(arguments)
        except Exception as error:
            raise UnusableTask(
                f"{self.what}: the reference raises {error!r} for {arguments!r:.200}"
            ) from error

    def _call(self, arguments: Arguments) -> Call | None:
        """A call that was not yet seen, and its result."""
        key = literal(arguments)
        if key in self.seen:
            return None
        self.seen.add(key)
        return Call(arguments, self._result(arguments))

    def _draw(self) -> Call | None:
        while self.draws_left:
            self.draws_left -= 1
            if call := self._call(self.task.draw(self.stream)):
                return call
        return None

    def _examples(self, pool: Sequence[Call]) -> list[Call]:
        """Typical calls, short and as different as may be."""
        trivial = TrivialPrograms((), *self._judged)

        def dullness(call: Call) -> tuple[bool, bool]:
            return len(shown(self._test(call))) > _LONG_EXAMPLE, trivial.is_dull(call)

        chosen: list[Call] = []
        for call in sorted(pool, key=dullness):
            if len(chosen) < EXAMPLES and all(call.expected != c.expected for c in chosen):
                chosen.append(call)
        for call in pool:
            if len(chosen) < min(2, len(pool) - 1) and not any(call is c for c in chosen):
                chosen.append(call)
        if not chosen:
            raise UnusableTask(f"{self.what}: there are too few different inputs")
        return chosen

    def _groups(
        self, edges: Sequence[Call], pool: Sequence[Call], examples: Sequence[Call]
    ) -> list[list[Call]]:
        """Small groups of calls, each of which no trivial program passes whole."""
        trivial = TrivialPrograms(examples, *self._judged)
        others = sum(not trivial.is_as_in_examples(call) for call in pool)
        if others >= _MANY_OTHERS:
            least = 2
            trivial = TrivialPrograms(examples, *self._judged, any_example=True)
        else:
            least = _LEAST_CALLS
        number = min(_TESTS_OF_EDGES, len(edges))
        begun = [list(edges[n::number]) for n in range(number)]
        unused, used = list(pool), list(edges)
        groups = []
        for n in range(HIDDEN_TESTS):
            if n < number:
                group = begun[n]
            else:
                call = unused.pop(0) if unused else self._draw()
                if call is None:
                    break
                group = [call]
            if not self._complete(group, unused, used, trivial, least):
                if n < number:
                    raise UnusableTask(f"{self.what}: a trivial program passes {group!r:.300}")
                break
            used.extend(group)
            groups.append(group)
        if len(groups) < _FEWEST_TESTS:
            raise UnusableTask(f"{self.what}: only {len(groups)} tests can be made")
        return groups

    def _complete(
        self,
        group: list[Call],
        unused: list[Call],
        used: list[Call],
        trivial: TrivialPrograms,
        least: int,
    ) -> bool:
        """Add calls until no trivial program passes the group; whether that could be done."""
        most = max(len(group), least) + _MOST_CALLS - 1
        passed: Passed = {}
        for call in group:
            passed = trivial.that_pass(call, passed)
        while any_passes(passed):
            if len(group) == most:
                return False
            best, left = None, number_left(passed)
            for call in (*unused, *used):
                if (number := number_left(trivial.that_pass(call, passed))) < left:
                    best, left = call, number
                if left == 0:
                    break
            if best is None:
                drawn = self._draw()
                if drawn is None:
                    return False
                unused.append(drawn)
                continue
            group.append(best)
            passed = trivial.that_pass(best, passed)
            unused[:] = [call for call in unused if call is not best]
        while len(group) < least and unused:
            group.append(unused.pop(0))
        return True

    def _test(self, call: Call) -> Test:
        task, expected = self.task, call.expected
        expression = expression_of(task.name, call.arguments, task.is_class, expected)
        return Test(expression, expected, self.comparison)

    def _large(self, arguments: Arguments) -> Test:
        """A test whose arguments take no time to be read, and no time to be copied here."""
        data = marshal.dumps(arguments, _PLAIN)
        expected = self._result(marshal.loads(data))
        return Test(_UNPACKING.format(self.task.name, data.hex()), expected, self.comparison)

    def _group(self, calls: Sequence[Call]) -> tuple[Test, ...]:
        """One test of all calls; where the order does not matter a test each."""
        tests = tuple(map(self._test, calls))
        if len(tests) == 1 or self.comparison.any_order:
            return tests
        expression = f"[{', '.join(test.run for test in tests)}]"
        return (Test(expression, [test.expected for test in tests], self.comparison),)


_reference = lru_cache(maxsize=256)(Reference)


def _comparison(task: Task) -> Comparison:
    if task.tolerance is None:
        return Comparison(any_order=task.any_order)
    return Comparison(
        strict=False,
        any_order=task.any_order,
        relative=task.tolerance,
        absolute=_SMALLEST_TOLERANCE,
    )


def _distance(family: Family, level: int) -> int:
    return max(family.easiest - level, level - family.hardest, 0)


def _listed(values: Iterable[Any]) -> str:
    return ", ".join(map(literal, values))
