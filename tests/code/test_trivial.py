"""What trivial programs get right, without running any."""

import pytest

from reasoning_gym_envs.code.trivial import (
    BUILT_INS,
    Call,
    TrivialPrograms,
    any_passes,
    number_left,
)
from reasoning_gym_envs.sandbox.values import Comparison


def left(*calls, examples=(), is_class=False, comparison=None, any_example=False):
    """The programs that pass all calls."""
    programs = TrivialPrograms(examples, is_class, comparison or Comparison(), any_example)
    passed = {}
    for call in calls:
        passed = programs.that_pass(call, passed)
    return passed


def passes(*calls, **arguments):
    return any_passes(left(*calls, **arguments))


def says_nothing(call, **arguments):
    """Whether a program that does not return the same every time passes."""
    (programs,) = left(call, **arguments).values()
    return any(not name.startswith("returns ") for name in programs)


@pytest.mark.parametrize("expected", [None, False, 0, [], "", 35, "t-e", {"a": 6}])
def test_what_always_gives_the_same_passes_any_one_call(expected):
    assert passes(Call(([3, 1],), expected))
    assert passes(Call(([3, 1],), expected), Call(([4],), expected))
    assert not passes(Call(([3, 1, 3],), expected), Call(([4, 5, 4],), "another"))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (([3, 1],), [3, 1]),
        (([3, 1],), 2),  # its length
        (([3, 5, 1],), 9),
        (([3, 5, 1],), 5),
        (([3, 5, 1],), 1),
        (([3, 5, 1],), [1, 3, 5]),
        (([3, 5, 1],), [5, 3, 1]),
        (([3, 5, 1],), [1, 5, 3]),
        (([3, 5, 1],), [5, 1]),
        (([[3], [5, 1]],), [3, 5, 1]),
        ((["x", "y"], "text"), "text"),
        ((["x", "y"], "text"), "txet"),
        ((["x", "y"], "text"), "x"),
        (({"a": 5},), {"a": 5}),
        (({"a": 5},), [("a", 5)]),
        (("Text",), "TEXT"),
        ((7,), -7),
        ((5, 7), 12),
        ((5, 7), 2),
        ((5, 7), 7),
        (([5, 7], 1), 7),
        (("abca", "a"), 2),
    ],
)
def test_built_ins(arguments, expected):
    assert says_nothing(Call(arguments, expected))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [(([3, 5, 7],), 22), (("text",), "t-e"), (({"a": 5},), {"a": 6}), ((5, 7), 36), ((), 35)],
)
def test_a_single_call_that_says_something(arguments, expected):
    assert not says_nothing(Call(arguments, expected))


def test_huge_arguments_make_no_huge_results():
    left(Call(("text", 10**15), "t"), Call((10**15,), 1), Call(([1], 10**18), 2))


def test_calls_that_say_something_together():
    yes, no = Call((7,), True), Call((8,), False)
    assert passes(yes)
    assert passes(no)
    assert not passes(Call((6,), True), no)
    # One argument here, another there is no one trivial program.
    assert not passes(Call((7, 9), 7), Call((5, 18), 18), Call((9, 7), 9))
    assert passes(Call((7, 9), 7), Call((5, 8), 5))


def test_two_built_ins_count_where_they_fit_the_examples():
    numbers = [Call(([3, 3, n],), 2) for n in (4, 5)] + [Call(([n, 7, 8],), 3) for n in (4, 5)]
    assert not passes(*numbers)
    assert passes(*numbers, examples=[Call(([6, 6, 6],), 1), Call(([6, 5, 9],), 3)])
    assert not passes(*numbers, examples=[Call(([6, 6, 6],), 2), Call(([6, 5, 9],), 3)])


def test_the_most_similar_example():
    examples = [Call(([1, 2, 3],), "a"), Call(([7, 8, 9, 10, 11, 12],), "b")]
    near = Call(([1, 2, 4],), "a"), Call(([7, 8, 9, 10, 11, 13],), "b")
    assert passes(*near, examples=examples)
    assert not passes(near[0], near[1]._replace(expected="c"), examples=examples)
    # by no distance that is known here
    odd = Call(([7, 8, 9, 10, 11, 13],), "a"), Call(([1, 2, 4],), "b")
    assert not passes(*odd, examples=examples)
    assert passes(*odd, examples=examples, any_example=True)
    assert not passes(*odd, Call(([5],), "c"), examples=examples, any_example=True)


def test_only_programs_that_are_left_are_looked_at():
    programs = TrivialPrograms((), False, Comparison())
    first = programs.that_pass(Call(([3, 1],), 3))
    assert first[""] == {"returns 3", "max of 0", "first of 0"}
    second = programs.that_pass(Call(([4, 1],), 4), first)
    assert second[""] == {"max of 0", "first of 0"}
    assert (number_left(first), number_left(second)) == (3, 2)
    assert programs.that_pass(Call(([1, 4],), 4), second)[""] == {"max of 0"}
    assert number_left(programs.that_pass(Call(([1, 4],), 9), second)) == 0


def test_dull_calls_are_no_good_examples():
    programs = TrivialPrograms((), False, Comparison())
    assert programs.is_dull(Call(([3, 1],), 0))
    assert programs.is_dull(Call(([3, 1],), 3))
    assert not programs.is_dull(Call(([3, 1],), 13))


def script(*calls, start=0):
    """A script of calls ``(method, arguments, result)``."""
    steps = tuple((method, arguments) for method, arguments, _ in calls)
    return Call(((start,), steps), [expected for *_, expected in calls])


def test_a_class_is_as_good_as_its_best_methods():
    push, pop = ("push", (7,), None), ("pop", (), 7)
    assert passes(script(push, push), is_class=True)
    assert passes(script(push, pop), is_class=True)  # pop may return 7
    assert not passes(script(push, pop, pop, ("pop", (), 6)), is_class=True)
    assert passes(script(push, ("size", (), 1)), is_class=True)
    sizes = script(push, ("size", (), 1), push, ("size", (), 2))
    assert not passes(sizes, is_class=True)
    assert passes(
        script(("start", (), 5), start=5), script(("start", (), 6), start=6), is_class=True
    )
    echo = script(("add", (3,), 3), ("add", (4,), 4))
    assert passes(echo, is_class=True)
    assert not passes(echo, script(("add", (3,), 7)), is_class=True)
    assert any_passes({})  # nothing was called


def test_the_comparison_is_the_tasks():
    near = Call((3.0,), 3.0000001)
    assert not says_nothing(near)
    assert says_nothing(near, comparison=Comparison(strict=False, relative=1e-6))
    shuffled = Call(([3, 1, 2, 2],), [2, 3, 2, 1])
    assert not says_nothing(shuffled)
    assert says_nothing(shuffled, comparison=Comparison(any_order=True))


def test_no_program_depends_on_the_order_of_a_set():
    """It is another one in each process where strings are in it, and so tests would differ.

    Numbers whose places in a set are the same show it within one process.
    """
    one, other = {0, 8}, {8, 0}
    assert list(one) != list(other)
    for kind in (set, frozenset):
        for name, function in BUILT_INS[kind].items():
            results = [function(kind(items)) for items in (one, other)]
            assert repr(results[0]) == repr(results[1]) or results[0] == one, name
