"""Trivial programs: what a policy writes instead of solving a task. They earn nothing.

A test that one of them passes says nothing, so tests are put together until none passes. To know
whether one does, none has to be run: what it returns follows from the arguments.

A program that knows the examples by heart and is trivial otherwise counts too: no test's input is
an example's, so it is the trivial program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from reasoning_gym_envs.sandbox.values import Comparison, matches, tree_of

CONSTANTS: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 0.0, 1.0),
    *("", "0", "1", [], [[]], {}, (), set()),
)
"""What a program may return whatever it is given."""

_OF_ARGUMENT: dict[str, Callable[[Any], Any]] = {
    "the argument": lambda value: value,
    "len": len,
    "sum": sum,
    "max": max,
    "min": min,
    "sorted": sorted,
    "sorted down": lambda value: sorted(value, reverse=True),
    "reversed": lambda value: value[::-1],
    "first": lambda value: value[0],
    "last": lambda value: value[-1],
    "list": list,
    "set": set,
    "str": str,
    "abs": abs,
    "minus": lambda value: -value,
    "not": lambda value: not value,
    "its type's empty value": lambda value: type(value)(),
}
_MOST_FREQUENT = 3


class Call(NamedTuple):
    """A call, and what it must give.

    Args:
        arguments: as a :class:`~reasoning_gym_envs.code.task.Task` draws them.
        expected: the value of base types; of a class the list of results of its script.
    """

    arguments: tuple[Any, ...]
    expected: Any


Passed = dict[str, frozenset[str]]
"""For each method of a class, or for "" of a function: the trivial programs that are right."""


class TrivialPrograms:
    """The trivial programs for a function or a class, which know some calls.

    Each method of a trivial class is a trivial program of its own: it returns a constant, or what
    it makes of one of its arguments or of the constructor's.

    Args:
        examples: calls whose results they know: each is a constant of theirs.
        typical: calls that they may guess at: results that are frequent are constants of theirs.
        is_class: the calls are scripts.
        comparison: how results are compared.
    """

    def __init__(
        self,
        examples: Iterable[Call],
        typical: Iterable[Call],
        is_class: bool,
        comparison: Comparison,
    ) -> None:
        self._is_class = is_class
        self._comparison = comparison
        self._exact = comparison == Comparison()
        self._constants: dict[str, list[Any]] = {}
        for call in examples:
            for method, _, expected in self._steps(call):
                self._add_constant(method, expected)
        results: dict[str, list[Any]] = {}
        for call in typical:
            for method, _, expected in self._steps(call):
                results.setdefault(method, []).append(expected)
        for method, expected in results.items():
            for result in self._frequent(expected):
                self._add_constant(method, result)

    def that_pass(self, call: Call) -> Passed:
        """The trivial programs that give a call's result: of a method, in every call of it."""
        passed: Passed = {}
        for method, given, expected in self._steps(call):
            right = frozenset(self._right(method, given, expected))
            passed[method] = passed.get(method, right) & right
        return passed

    def _steps(self, call: Call) -> Iterator[tuple[str, tuple[Any, ...], Any]]:
        if not self._is_class:
            yield "", call.arguments, call.expected
            return
        constructor, script = call.arguments
        for (method, arguments), expected in zip(script, call.expected, strict=True):
            yield method, (*arguments, *constructor), expected

    def _right(self, method: str, given: tuple[Any, ...], expected: Any) -> Iterator[str]:
        for n, constant in enumerate(self._constants.get(method, CONSTANTS)):
            if self._same(expected, constant):
                yield f"constant {n}"
        for n, argument in enumerate(given):
            for name, function in _OF_ARGUMENT.items():
                try:
                    result = function(argument)
                except Exception:  # it cannot be done with such an argument
                    continue
                if self._same(expected, result):
                    yield f"{name} of argument {n}"

    def _same(self, expected: Any, result: Any) -> bool:
        if expected == result:  # more than the judge allows, where 1 is True: the safe side
            return True
        if self._exact:
            return False
        try:
            return matches(expected, tree_of(result), self._comparison)
        except TypeError:
            return False

    def _add_constant(self, method: str, value: Any) -> None:
        constants = self._constants.setdefault(method, list(CONSTANTS))
        if not any(self._same(value, constant) for constant in constants):
            constants.append(value)

    def _frequent(self, results: Sequence[Any]) -> list[Any]:
        counts: list[list[Any]] = []
        for result in results:
            for count in counts:
                if self._same(count[0], result):
                    count[1] += 1
                    break
            else:
                counts.append([result, 1])
        counts.sort(key=lambda count: -count[1])
        return [result for result, times in counts[:_MOST_FREQUENT] if times > 1]


def any_passes(passed: Sequence[Passed]) -> bool:
    """Whether a trivial program passes all of several calls."""
    common: dict[str, frozenset[str]] = {}
    for call in passed:
        for method, right in call.items():
            common[method] = common.get(method, right) & right
    return all(common.values())
