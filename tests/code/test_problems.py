"""Every family of tasks: problems that are sound, many, and really different."""

from collections import defaultdict
from functools import cache

import pytest

from reasoning_gym_envs.code.families import FAMILIES
from reasoning_gym_envs.code.problems import (
    HIDDEN_TESTS,
    UnusableTask,
    draw_problem,
    expression_of,
    make_problem,
)
from reasoning_gym_envs.code.reference import Reference
from reasoning_gym_envs.code.task import Family, Task
from reasoning_gym_envs.problems import Stream
from reasoning_gym_envs.sandbox.values import literal, matches, tree_of
from tests.code.fixed_list import measure, passed_tests, steps

each_family = pytest.mark.parametrize("name", FAMILIES)
each_family_and_level = pytest.mark.parametrize(
    ("name", "level"),
    [(n, level) for n, f in FAMILIES.items() for level in range(f.easiest, f.hardest + 1)],
)


def drawn(name, level, number, seed=1):
    """Tasks of a family with their problems, and how many could not be used."""
    stream, made, unusable = Stream(seed), [], []
    for _ in range(number):
        task = FAMILIES[name].generate(stream, level)
        try:
            made.append((task, make_problem(task, name, level, stream)))
        except UnusableTask as error:
            unusable.append(str(error))
    return made, unusable


@cache
def different_tasks(name, number):
    """Tasks of all levels of a family, each of another content, that can be used."""
    family, stream = FAMILIES[name], Stream(3)
    tasks = {}
    for n in range(3 * number):
        level = family.easiest + n % (family.hardest - family.easiest + 1)
        task = family.generate(stream, level)
        if task.content in tasks or len(tasks) == number:
            continue
        try:
            make_problem(task, name, level, stream)
        except UnusableTask:
            continue
        tasks[task.content] = task
    return list(tasks.values())


@each_family_and_level
def test_tests_are_sound(name, level):
    made, unusable = drawn(name, level, 8)
    assert len(unusable) <= 1, unusable  # it is drawn again then
    for task, problem in made:
        data = problem.data
        reference = Reference(task.source, task.name)
        assert 2 <= len(data.examples) <= 3
        assert 4 <= len(data.hidden) <= HIDDEN_TESTS
        calls = [call for group in data.hidden_calls for call in group]
        for call in (*data.example_calls, *calls):
            assert literal(reference.run(call.arguments)) == literal(call.expected)
        seen = {literal(call.arguments) for call in data.example_calls}
        assert len(seen) == len(data.examples)
        assert not seen & {literal(call.arguments) for call in calls}
        tested = seen | {literal(call.arguments) for call in calls}
        assert tested >= {literal(arguments) for arguments in task.edges}
        # The groups are what is run.
        for tests, group in zip(data.hidden, data.hidden_calls, strict=True):
            for call in group:
                text = expression_of(task.name, call.arguments, task.is_class, call.expected)
                assert any(text in test.run for test in tests)
            assert len(tests) == (len(group) if task.any_order else 1)


@each_family_and_level
def test_no_trivial_program_passes_a_hidden_test(name, level):
    """Of a list that holds more than hidden tests are made with, and is written apart from that."""
    passed, by_any = passed_tests(draw_problem([name], Stream(level), level, "test").data)
    assert (passed, by_any) == ({}, 0)


@pytest.mark.slow
@each_family
def test_no_trivial_program_earns_anything(name):
    program, mean, best, by_any = measure(name, problems=5, first=1000)
    assert (mean, best, by_any) == (0, 0, 0), program


@each_family_and_level
def test_a_hidden_test_is_several_calls_with_several_results(name, level):
    """What returns the same every time, whatever it is, passes none."""
    data = draw_problem([name], Stream(7), level, "train").data
    for group in data.hidden_calls:
        by_method = defaultdict(set)
        for call in group:
            for method, _, expected in steps(call, data.signature.startswith("class ")):
                by_method[method].add(literal(expected))
        assert max(map(len, by_method.values())) > 1


@each_family
def test_a_family_has_hundreds_of_tasks(name):
    family, stream = FAMILIES[name], Stream(5)
    levels = range(family.easiest, family.hardest + 1)
    contents = {
        family.generate(stream, level).content
        for level in levels
        for _ in range(1000 // len(levels))
    }
    assert len(contents) >= 150


@each_family
def test_other_contents_are_other_tasks(name):
    """Where two references agree on inputs of many tasks, they still differ on their own."""
    tasks = different_tasks(name, 40)
    stream = Stream(9)
    shared = [task.draw(stream) for task in tasks[::4] for _ in range(5)]
    by_behaviour = {}
    for task in tasks:
        by_behaviour.setdefault(behaviour(task, shared), []).append(task)
    same = [
        (one.content, other.content)
        for alike in by_behaviour.values()
        for n, one in enumerate(alike)
        for other in alike[:n]
        if are_the_same(one, other)
    ]
    assert not same


def are_the_same(one, other):
    stream = Stream(11)
    inputs = [
        *(task.draw(stream) for task in (one, other) for _ in range(60)),
        *one.edges,
        *other.edges,
    ]
    return behaviour(one, inputs) == behaviour(other, inputs)


def behaviour(task, inputs):
    reference = Reference(task.source, task.name, fuel=30_000)
    results = []
    for arguments in inputs:
        try:
            results.append(literal(reference.run(arguments)))
        except Exception as error:  # inputs of another task may be none of this one
            results.append(type(error).__name__)
    return tuple(results)


@each_family
def test_references_have_the_comparison_that_they_need(name):
    """They give base types, and equal results are found equal."""
    for task in different_tasks(name, 40)[:10]:
        problem = make_problem(task, name, FAMILIES[name].easiest, Stream(1))
        for group in problem.data.hidden_calls:
            for call in group:
                assert matches(call.expected, tree_of(call.expected), problem.data.comparison)


def test_the_same_stream_gives_the_same_problem():
    names = list(FAMILIES)
    for level in (1, 5, 10):
        one, two = (draw_problem(names, Stream(4), level, "train") for _ in range(2))
        assert (one.id, one.question, one.data) == (two.id, two.question, two.data)
        with_large = draw_problem(names, Stream(4), level, "train", large=True)
        assert with_large.data.hidden == one.data.hidden


def test_splits_and_levels():
    names = list(FAMILIES)
    for split in ("train", "test"):
        for level in range(1, 11):
            problem = draw_problem(names, Stream(level), level, split)
            assert (problem.split, problem.level) == (split, level)
            family = FAMILIES[problem.topic]
            assert family.easiest <= level <= family.hardest
    only = draw_problem(["digit_total"], Stream(1), 10, "train")
    assert (only.topic, only.level) == ("digit_total", 10)  # the nearest level that it has


def parity(draw, source="def parity(n):\n    return n % 2 == 1\n", edges=()):
    return Task("odd", "…", "def parity(n: int) -> bool", source, draw, edges)


def test_a_predicate_is_tested_in_groups():
    task = parity(lambda stream: (stream.randrange(1000),), edges=((0,), (1,)))
    data = make_problem(task, "parity", 1, Stream(1)).data
    for (test,), calls in zip(data.hidden, data.hidden_calls, strict=True):
        assert len(calls) >= 2
        assert set(test.expected) == {True, False}
        assert test.run.startswith("[parity(")


@pytest.mark.parametrize(
    ("source", "draw"),
    [
        ("def parity(n):\n    return True\n", lambda stream: (stream.randrange(1000),)),
        ("def parity(n):\n    return n\n", lambda stream: (stream.randrange(1000),)),
        ("def parity(n):\n    return n % 2 == 1\n", lambda stream: (stream.randrange(2),)),
        ("def parity(n):\n    return 1 // n\n", lambda stream: (0,)),
        ("def parity(n):\n    return n % 2 == 1\n", lambda stream: (2 * stream.randrange(999),)),
    ],
)
def test_what_cannot_be_tested_is_named(source, draw):
    with pytest.raises(UnusableTask, match="parity: odd: "):
        make_problem(parity(draw, source), "parity", 1, Stream(1))


def test_what_cannot_be_tested_is_drawn_again(monkeypatch):
    def generate(stream, level):
        good = stream.random() < 0.5
        task = parity(lambda stream: (stream.randrange(1000 if good else 2),))
        return Task(f"{stream.random()}", *list(vars(task).values())[1:])

    monkeypatch.setitem(FAMILIES, "parity", Family(generate, 1, 10))
    stream = Stream(1)
    for _ in range(20):
        assert len(draw_problem(["parity"], stream, 3, "test").data.hidden) == HIDDEN_TESTS


COUNTER = """\
class Counter:
    def __init__(self, start):
        self.values = [start]

    def add(self, n):
        self.values.append(self.values[-1] + n)

    def last(self):
        return self.values[-1]

    def history(self):
        return self.values
"""


def draw_counter(stream):
    script = [
        stream.choice((("add", (stream.randint(1, 99),)), ("last", ()), ("history", ())))
        for _ in range(6)
    ]
    return ((stream.randint(1, 99),), tuple(script))


def test_a_class_is_tested_by_scripts():
    task = Task("counter", "…", "class Counter", COUNTER, draw_counter)
    data = make_problem(task, "counter", 1, Stream(1)).data
    assert task.is_class
    for test in data.examples:
        assert test.run.startswith("[s := Counter(")
        assert test.run.endswith("][1:]")
        assert len(test.expected) == 6
    # What a method returned counts as it was, not as it became.
    histories = [e for test in data.examples for e in test.expected if isinstance(e, list)]
    assert any(len(a) != len(b) for a in histories for b in histories)
    for calls in data.hidden_calls:
        assert any(
            method != "add" for call in calls for method, _ in call.arguments[1]
        )  # which a class of nothing but `return None` passes


def test_order_and_tolerance_are_the_tasks():
    task = Task(
        "pairs",
        "…",
        "def pairs(n: int) -> list[float]",
        "def pairs(n):\n    return [n / 3, n / 7]\n",
        lambda stream: (stream.randint(1, 1000),),
        any_order=True,
        tolerance=1e-6,
    )
    data = make_problem(task, "pairs", 1, Stream(1)).data
    test = data.hidden[0][0]
    a, b = test.expected
    assert matches(test.expected, tree_of([b * (1 + 1e-8), a]), test.comparison)
    assert not matches(test.expected, tree_of([b * 1.001, a]), test.comparison)
