"""Problems of repair, made and checked on the host."""

import ast
from collections import Counter
from functools import lru_cache

import pytest

from reasoning_gym_envs.code.families import FAMILIES
from reasoning_gym_envs.code.problems import make_problem
from reasoning_gym_envs.code.reference import Reference
from reasoning_gym_envs.code.repairs import FAULTS, RIGHT, RepairTask, draw_repair, make_repair
from reasoning_gym_envs.code.task import Task
from reasoning_gym_envs.problems import Problem, Stream
from reasoning_gym_envs.sandbox.values import matches, tree_of
from tests.code.fixed_list import passed_tests

CLAMP = Task(
    "clamp",
    "Return n, but at least 10 and at most 50.",
    "def clamp(n: int) -> int",
    "def clamp(n):\n    # not too small\n    if n < 10:\n        return 10\n"
    "    if n > 50:\n        return 50\n    return n\n",
    lambda stream: (stream.randint(-40, 100),),
    edges=((10,), (50,), (9,), (51,)),
)


@lru_cache
def reference(program, name):
    return Reference(program, name, fuel=100_000)


def is_right(program, task, call):
    try:
        result = reference(program, task.name).run(call.arguments)
        return matches(call.expected, tree_of(result), task.comparison)
    except Exception:
        return False


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_can_be_broken(name):
    family = FAMILIES[name]
    for level in range(family.easiest, family.hardest + 1):
        problem = draw_repair([name], Stream(level), level, "train")
        task = problem.data
        assert isinstance(task, RepairTask)
        assert (problem.topic, problem.level, problem.split) == (name, level, "train")
        assert 1 <= task.faults <= FAULTS[level - 1]
        assert ast.dump(ast.parse(task.faulty)) != ast.dump(ast.parse(problem.answer))
        assert problem.answer == task.solution
        # what is known is shown, what is hidden is not known
        assert not is_right(task.faulty, task, task.example_calls[task.shown])
        right = [is_right(task.faulty, task, call) for call in task.example_calls]
        assert right.index(False) == task.shown
        passed = [
            all(is_right(task.faulty, task, call) for call in group) for group in task.hidden_calls
        ]
        assert sum(passed) == task.passed
        assert 1 <= task.to_gain <= len(task.hidden) - task.passed
        assert len(task.hidden) == len(task.hidden_calls) >= 4
        known = {id(call) for call in task.example_calls}
        assert all({id(call) for call in group} - known for group in task.hidden_calls)
        # whoever knows the calls by heart that were shown gains nothing
        gained = [
            all(id(call) in known or is_right(task.faulty, task, call) for call in group)
            for group in task.hidden_calls
        ]
        assert sum(gained) <= len(task.hidden) - task.to_gain
        # nor whoever hands in a trivial program that does
        assert max(passed_tests(task)[0].values(), default=0) <= len(task.hidden) - task.to_gain
        again = draw_repair([name], Stream(level), level, "train")
        assert (again.id, again.data.faulty) == (problem.id, task.faulty)


def test_levels_rise():
    families = tuple(FAMILIES)
    length, faults, right = Counter(), Counter(), Counter()
    n = 8
    for level in range(1, 11):
        stream = Stream(level)
        for _ in range(n):
            task = draw_repair(families, stream, level, "train").data
            length[level] += len(task.faulty.split("\n")) / n
            faults[level] += task.faults / n
            calls = [call for group in task.hidden_calls for call in group]
            share = sum(is_right(task.faulty, task, call) for call in calls) / len(calls)
            right[level] += (share >= RIGHT[level - 1] - 0.15) / n
    easy, hard = (sum(length[level] for level in levels) for levels in ((1, 2, 3), (8, 9, 10)))
    assert easy < hard
    assert [round(faults[level]) for level in range(1, 11)] == list(FAULTS)
    assert all(share >= 0.4 for share in right.values())


def test_the_task_and_the_program_belong_to_the_split():
    for split in ("train", "test"):
        stream = Stream(3)
        for _ in range(15):
            problem = draw_repair(tuple(FAMILIES), stream, 4, split)
            content, _, faulty = problem.content.partition(f"\n{problem.data.faulty[:10]}")
            assert faulty
            assert problem.split == split
            assert Problem(content, 4, "", "", problem.topic).split == split


def test_the_text_stays_readable():
    problem = make_problem(CLAMP, "clamp", 1, Stream(1))
    seen = set()
    for seed in range(120):
        repair = make_repair(problem, 1, Stream(seed), "train")
        if repair is None:
            continue
        faulty = repair.data.faulty.split("\n")
        assert "    # not too small" in faulty
        lines = CLAMP.source.split("\n")
        assert sum(line not in lines for line in faulty) <= 2
        seen.add(repair.data.faulty)
    assert len(seen) >= 5


def test_what_needs_more_than_there_is_has_fewer_faults_or_none():
    """A program of two lines has no three places; one that cannot go wrong has no fault."""
    problem = make_problem(CLAMP, "clamp", 1, Stream(1))
    assert make_repair(problem, 30, Stream(1), "train") is None
    assert make_repair(problem, 1, Stream(1), "train", tries=0) is None


def test_endless_huge_and_circular_results_are_no_faults():
    """Each of these has faults for which it never ends, or gives what nobody can compare."""
    source = (
        "def clamp(n):\n    a = [n]\n    while len(a) < 12:\n        a.append(a[-1])\n"
        "        n += 1\n    b = a[:]\n    b.append(a.copy())\n    return len(b) + a[0]\n"
    )
    task = Task(
        "x", "", "def clamp(n: int) -> int", source, lambda stream: (stream.randint(-999, 999),)
    )
    problem = make_problem(task, "clamp", 1, Stream(1))
    for seed in range(30):
        repair = make_repair(problem, 1, Stream(seed), "train")
        assert repair is None or repair.data.passed < len(repair.data.hidden)
