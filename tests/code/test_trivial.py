"""What trivial programs get right, without running any."""

import pytest

from reasoning_gym_envs.code.trivial import Call, TrivialPrograms, any_passes
from reasoning_gym_envs.sandbox.values import Comparison


def passes(*calls, examples=(), typical=(), is_class=False, comparison=None):
    programs = TrivialPrograms(examples, typical, is_class, comparison or Comparison())
    return any_passes([programs.that_pass(call) for call in calls])


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (([3, 1],), None),
        (([3, 1],), False),
        (([3, 1],), 0),
        (([3, 1],), []),
        (([3, 1],), ""),
        (([3, 1],), [3, 1]),
        (([3, 1],), 2),  # its length
        (([3, 5, 1],), 9),
        (([3, 5, 1],), 5),
        (([3, 5, 1],), 1),
        (([3, 5, 1],), [1, 3, 5]),
        (([3, 5, 1],), [5, 3, 1]),
        (([3, 5, 1],), [1, 5, 3]),
        ((["x", "y"], "text"), "text"),
        ((["x", "y"], "text"), "txet"),
        ((["x", "y"], "text"), "x"),
        (({"a": 5},), {}),
        (({"a": 5},), {"a": 5}),
    ],
)
def test_a_single_call_that_says_nothing(arguments, expected):
    assert passes(Call(arguments, expected))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [(([3, 5, 7],), 22), (("text",), "t-e"), (({"a": 5},), {"a": 6}), ((5, 7), 12), ((), 35)],
)
def test_a_single_call_that_says_something(arguments, expected):
    assert not passes(Call(arguments, expected))


def test_calls_that_say_something_together():
    yes, no = Call((7,), True), Call((8,), False)
    assert passes(yes)
    assert passes(no)
    assert not passes(yes, no)
    # One argument here, another there is no one trivial program.
    assert not passes(Call((7, 9), 7), Call((5, 8), 8))
    assert passes(Call((7, 9), 7), Call((5, 8), 5))


def test_results_that_are_known_are_constants():
    call = Call(("abc",), "seen")
    assert not passes(call)
    assert passes(call, examples=[Call(("x",), "seen")])
    assert passes(call, typical=[Call((str(n),), "seen" if n < 3 else str(n)) for n in range(9)])
    assert not passes(call, typical=[Call((str(n),), f"{n} seen") for n in range(9)])


def script(*calls, start=0):
    """A script of calls ``(method, arguments, result)``."""
    steps = tuple((method, arguments) for method, arguments, _ in calls)
    return Call(((start,), steps), [expected for *_, expected in calls])


def test_a_class_is_as_good_as_its_best_method():
    push, pop = ("push", (7,), None), ("pop", (), 7)
    assert passes(script(push, push), is_class=True)
    assert not passes(script(push, pop), is_class=True)
    assert passes(script(push, ("size", (), 1)), is_class=True)  # size may return 1
    sizes = script(push, ("size", (), 1), push, ("size", (), 2))
    assert not passes(sizes, is_class=True)
    assert passes(script(("start", (), 5), start=5), is_class=True)  # of the constructor
    echo = script(("add", (3,), 3), ("add", (4,), 4))
    assert passes(echo, is_class=True)
    assert not passes(echo, script(("add", (3,), 7)), is_class=True)


def test_the_comparison_is_the_tasks():
    near = Call((3.0,), 3.0000001)
    assert not passes(near)
    assert passes(near, comparison=Comparison(strict=False, relative=1e-6))
    shuffled = Call(([3, 1, 2, 2],), [2, 3, 2, 1])
    assert not passes(shuffled)
    assert passes(shuffled, comparison=Comparison(any_order=True))
