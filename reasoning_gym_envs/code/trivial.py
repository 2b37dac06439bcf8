"""Trivial programs: what a policy writes instead of solving a task. They earn nothing.

A test that one of them passes says nothing, so tests are put together until none passes. They are:

* whatever returns the same every time: no test is a single call, or calls that all give the same;
* a built-in of one argument or of two, such as ``max(numbers)`` or ``a - b``;
* two built-ins one after the other, such as ``len(set(numbers))``, where that fits all examples;
* what knows the examples and returns the result of the most similar one; where results differ
  enough, whatever returns results of the examples, by any notion of similarity;
* the same, by heart for the examples themselves: no test's input is an example's.

To know whether one passes, none has to be run: what it returns follows from the arguments.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import permutations
from typing import Any, NamedTuple

from reasoning_gym_envs.sandbox.values import Comparison, literal, matches, tree_of

_LONGEST_RANGE = 100
BuiltIns = dict[str, Callable[[Any], Any]]

_OF_ANY: BuiltIns = {
    "itself": lambda value: value,
    "str": str,
    "bool": bool,
    "not": lambda v: not v,
}
_OF_NUMBER: BuiltIns = {
    **_OF_ANY,
    **{"abs": abs, "int": int, "float": float, "round": round, "isqrt": math.isqrt},
    "minus": lambda value: -value,
    "plus 1": lambda value: value + 1,
    "minus 1": lambda value: value - 1,
    "range": lambda value: list(range(min(value, _LONGEST_RANGE))),
}
_OF_COLLECTION: BuiltIns = {
    **_OF_ANY,
    **{"len": len, "sum": sum, "max": max, "min": min, "any": any, "all": all},
    **{"list": list, "tuple": tuple, "set": set, "sorted": sorted},
    "sorted down": lambda values: sorted(values, reverse=True),
}
# A set of strings has another order in each process: what depends on it is no program.
_OF_SET = {name: f for name, f in _OF_COLLECTION.items() if name not in ("str", "list", "tuple")}
_OF_SEQUENCE: BuiltIns = {
    **_OF_COLLECTION,
    "reversed": lambda values: values[::-1],
    "first": lambda values: values[0],
    "last": lambda values: values[-1],
    "all but the first": lambda values: values[1:],
    "all but the last": lambda values: values[:-1],
}
BUILT_INS: dict[type, BuiltIns] = {
    bool: _OF_NUMBER,
    int: _OF_NUMBER,
    float: _OF_NUMBER,
    str: {
        **_OF_SEQUENCE,
        **{"int": int, "lower": str.lower, "upper": str.upper, "title": str.title},
        **{"split": str.split, "strip": str.strip},
        **{"join by a comma": ",".join, "join by a space": " ".join},
    },
    list: {
        **_OF_SEQUENCE,
        **{"join": "".join, "join by a comma": ",".join, "join by a space": " ".join},
        "concatenated": lambda values: [item for part in values for item in part],
        "zip": lambda values: [list(items) for items in zip(*values, strict=False)],
    },
    tuple: _OF_SEQUENCE,
    set: _OF_SET,
    frozenset: _OF_SET,
    dict: {
        **_OF_COLLECTION,
        "values": lambda values: list(values.values()),
        "items": lambda values: list(values.items()),
    },
}
"""By the type of their argument; what cannot be applied raises, and is no program then."""
_OF_TWO_NUMBERS: dict[str, Callable[[Any, Any], Any]] = {
    **{"max": max, "min": min, "gcd": math.gcd},
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "distance": lambda a, b: abs(a - b),
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "==": lambda a, b: a == b,
    "<": lambda a, b: a < b,
}
_OF_COLLECTION_AND_PART: dict[str, Callable[[Any, Any], Any]] = {
    "in": lambda a, b: b in a,
    "at": lambda a, b: a[b],
    "count": lambda a, b: a.count(b),
}
_OF_TWO_ALIKE: dict[str, Callable[[Any, Any], Any]] = {
    **_OF_COLLECTION_AND_PART,
    **{"max": max, "min": min},
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "==": lambda a, b: a == b,
    "<": lambda a, b: a < b,
}
_NUMBERS = (bool, int, float)
_GUESSES = frozenset(map(literal, (None, True, False, 0, 1, -1, "", [], {})))
_ANY_EXAMPLE = "the result of an example"

_Given = tuple[Any, ...]
_Program = Callable[[_Given], Any]


class Call(NamedTuple):
    """A call, and what it must give.

    Args:
        arguments: as a :class:`~reasoning_gym_envs.code.task.Task` draws them.
        expected: the value of base types; of a class the list of results of its script.
    """

    arguments: tuple[Any, ...]
    expected: Any


Passed = Mapping[str, frozenset[str]]
"""For each method of a class, or for "" of a function: the trivial programs that are right."""


class TrivialPrograms:
    """The trivial programs for a function or a class, which know some calls.

    Each method of a trivial class is a trivial program of its own, whose arguments are the
    method's and the constructor's.

    Args:
        examples: calls whose results they know.
        is_class: the calls are scripts.
        comparison: how results are compared.
        any_example: among them is one that returns whichever result of an example is right, which
            is as good as all that go by similarity.
    """

    def __init__(
        self,
        examples: Iterable[Call],
        is_class: bool,
        comparison: Comparison,
        any_example: bool = False,
    ) -> None:
        self._is_class = is_class
        self._comparison = comparison
        self._exact = comparison == Comparison()
        self._any_example = any_example
        self._known: dict[str, list[tuple[_Given, Any]]] = {}
        for call in examples:
            for method, given, expected in self._steps(call):
                self._known.setdefault(method, []).append((given, expected))
        self._programs_of: dict[tuple[str, tuple[type, ...]], dict[str, _Program]] = {}
        self._with_knowledge: dict[str, dict[str, _Program]] = {}

    def that_pass(self, call: Call, among: Passed | None = None) -> Passed:
        """The trivial programs that give a call's result: of a method, in every call of it.

        Args:
            call: what they are to give.
            among: of the methods that it names only these programs, of the others all.
        """
        passed = dict(among or {})
        for method, given, expected in self._steps(call):
            passed[method] = frozenset(self._right(method, given, expected, passed.get(method)))
        return passed

    def is_dull(self, call: Call) -> bool:
        """Whether built-ins give the call's result, or a guess: it makes no good example."""
        return all(
            literal(expected) in _GUESSES or any(True for _ in self._of(built_ins, given, expected))
            for _, given, expected in self._steps(call)
            for built_ins in (_built_ins(tuple(map(type, given))),)
        )

    def is_as_in_examples(self, call: Call) -> bool:
        """Whether everything that the call gives is given in an example."""
        return all(self._is_known(method, expected) for method, _, expected in self._steps(call))

    def _steps(self, call: Call) -> Iterator[tuple[str, _Given, Any]]:
        if not self._is_class:
            yield "", call.arguments, call.expected
            return
        constructor, script = call.arguments
        for (method, arguments), expected in zip(script, call.expected, strict=True):
            yield method, (*arguments, *constructor), expected

    def _right(
        self, method: str, given: _Given, expected: Any, among: frozenset[str] | None
    ) -> Iterator[str]:
        constant = self._constant(expected)
        if among is None or constant in among:
            yield constant
        counts = self._any_example and (among is None or _ANY_EXAMPLE in among)
        if counts and self._is_known(method, expected):
            yield _ANY_EXAMPLE
        programs = self._programs(method, given)
        if among is not None:
            programs = {name: programs[name] for name in among if name in programs}
        yield from self._of(programs, given, expected)

    def _of(self, programs: dict[str, _Program], given: _Given, expected: Any) -> Iterator[str]:
        for name, program in programs.items():
            try:
                result = program(given)
            except Exception:  # it cannot be done with such arguments
                continue
            if self._same(expected, result):
                yield name

    def _constant(self, expected: Any) -> str:
        if self._comparison.any_order and isinstance(expected, list):
            return f"returns {sorted(map(literal, expected))}"
        return f"returns {literal(expected)}"

    def _is_known(self, method: str, expected: Any) -> bool:
        return any(self._same(result, expected) for _, result in self._known.get(method, ()))

    def _programs(self, method: str, given: _Given) -> dict[str, _Program]:
        kinds = tuple(map(type, given))
        made = self._programs_of.get((method, kinds))
        if made is None:
            if method not in self._with_knowledge:
                known = self._known.get(method, [])
                similar = {} if self._any_example or not known else _by_similarity(known)
                self._with_knowledge[method] = {**self._compositions(known), **similar}
            made = {**_built_ins(kinds), **self._with_knowledge[method]}
            self._programs_of[method, kinds] = made
        return made

    def _compositions(self, known: list[tuple[_Given, Any]]) -> dict[str, _Program]:
        """Two built-ins one after the other, where that fits all that is known."""
        made: dict[str, _Program] = {}
        for n in range(min((len(given) for given, _ in known), default=0)):
            for inner, first in BUILT_INS.get(type(known[0][0][n]), _OF_ANY).items():
                try:
                    middles = [first(given[n]) for given, _ in known]
                except Exception:
                    continue
                for outer, second in BUILT_INS.get(type(middles[0]), _OF_ANY).items():
                    if self._fits(second, middles, known):
                        made[f"{outer} of {inner} of {n}"] = _composed(second, first, n)
        return made

    def _fits(
        self, function: Callable[[Any], Any], values: list[Any], known: list[tuple[_Given, Any]]
    ) -> bool:
        try:
            return all(
                self._same(expected, function(value))
                for value, (_, expected) in zip(values, known, strict=True)
            )
        except Exception:
            return False

    def _same(self, expected: Any, result: Any) -> bool:
        if expected == result:  # more than the judge allows, where 1 is True: the safe side
            return True
        if self._exact or isinstance(expected, _NUMBERS) is not isinstance(result, _NUMBERS):
            return False
        try:
            return matches(expected, tree_of(result), self._comparison)
        except (TypeError, ValueError):  # no value of base types, or too large a one
            return False


def any_passes(passed: Passed) -> bool:
    """Whether a program is left for every method."""
    return all(passed.values())


def number_left(passed: Passed) -> float:
    """How many programs are left: 0 if none passes all, infinite if nothing was called."""
    sizes = [len(right) for right in passed.values()]
    return math.inf if not sizes else sum(sizes) if all(sizes) else 0


@lru_cache(maxsize=1024)
def _built_ins(kinds: tuple[type, ...]) -> dict[str, _Program]:
    """The single built-ins for arguments of these types."""
    made: dict[str, _Program] = {}
    for n, kind in enumerate(kinds):
        for name, function in BUILT_INS.get(kind, _OF_ANY).items():
            made[f"{name} of {n}"] = _applied(function, n)
    for n, m in permutations(range(len(kinds)), 2):
        for name, of_two in _of_two(kinds[n], kinds[m]).items():
            made[f"{name} of {n} and {m}"] = _applied_to_two(of_two, n, m)
    return made


def _of_two(first: type, second: type) -> dict[str, Callable[[Any, Any], Any]]:
    if first in _NUMBERS and second in _NUMBERS:
        return _OF_TWO_NUMBERS
    if first in _NUMBERS:
        return {}
    return _OF_TWO_ALIKE if first is second else _OF_COLLECTION_AND_PART


def _applied(function: Callable[[Any], Any], n: int) -> _Program:
    return lambda given: function(given[n])


def _applied_to_two(function: Callable[[Any, Any], Any], n: int, m: int) -> _Program:
    return lambda given: function(given[n], given[m])


def _composed(second: Callable[[Any], Any], first: Callable[[Any], Any], n: int) -> _Program:
    return lambda given: second(first(given[n]))


def _by_similarity(known: list[tuple[_Given, Any]]) -> dict[str, _Program]:
    """Programs that return the result of the known call whose arguments are the most similar."""
    return {name: _nearest(known, distance) for name, distance in _DISTANCES.items()}


def _nearest(
    known: list[tuple[_Given, Any]], distance: Callable[[_Given, _Given], float]
) -> _Program:
    return lambda given: min(known, key=lambda call: distance(call[0], given))[1]


def _size(value: Any) -> float:
    if isinstance(value, (int, float)):
        return value
    return len(value) if isinstance(value, (str, list, tuple, dict, set, frozenset)) else 0


_DISTANCES: dict[str, Callable[[_Given, _Given], float]] = {
    "size": lambda a, b: sum(abs(_size(x) - _size(y)) for x, y in zip(a, b, strict=False)),
    "the first one's size": lambda a, b: abs(_size(a[0]) - _size(b[0])) if a and b else 0,
    "places": lambda a, b: -sum(x == y for x, y in zip(repr(a), repr(b), strict=False)),
    "parts": lambda a, b: len(set(repr(a).split()) ^ set(repr(b).split())),
    "text": lambda a, b: -difflib.SequenceMatcher(None, repr(a), repr(b)).ratio(),
}
