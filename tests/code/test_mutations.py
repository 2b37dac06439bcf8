"""Faults: they show, they differ, they leave the rest of the text alone."""

import ast
from functools import lru_cache

import pytest

from reasoning_gym_envs.code.families import FAMILIES
from reasoning_gym_envs.code.mutations import (
    OPERATORS,
    Program,
    differs,
    draw_faults,
    faults_of,
    inject,
)
from reasoning_gym_envs.code.reference import OutOfFuel, Reference
from reasoning_gym_envs.problems import Stream

FUEL = 30_000

# For each operator a program, a line of it with the fault, and arguments for which the fault shows.
EXAMPLES = {
    "comparison off by one": ("def f(n):\n    return n < 3\n", "    return n <= 3", (3,)),
    "comparison reversed": ("def f(n):\n    return n < 3\n", "    return n > 3", (4,)),
    "comparison negated": (
        "def f(n):\n    return n not  in (1, 2)\n",
        "    return n in (1, 2)",
        (1,),
    ),
    "wrong arithmetic": ("def f(a, b):\n    return (a) // (b)\n", "    return (a) % (b)", (7, 2)),
    "operands swapped": ("def f(a, b):\n    return a - b\n", "    return b - a", (7, 2)),
    "constant off by one": ("def f(n):\n    return n * 2\n", "    return n * 3", (1,)),
    "and for or": ("def f(a, b):\n    return a and b\n", "    return a or b", (0, 1)),
    "condition dropped": (
        "def f(a, b):\n    return a > 1 and b > 1\n",
        "    return b > 1",
        (1, 2),
    ),
    "negation": ("def f(a):\n    return not a\n", "    return a", (True,)),
    "branches swapped": (
        "def f(a):\n    return 1 if a else 2\n",
        "    return 2 if a else 1",
        (0,),
    ),
    "if for elif": (
        "def f(n):\n    if n > 1:\n        n = 0\n    elif n < 1:\n        n = 5\n    return n\n",
        "    if n < 1:",
        (3,),
    ),
    "wrong variable": ("def f(a, b):\n    return a + b\n", "    return b + b", (1, 2)),
    "wrong attribute": (
        "class F:\n"
        "    def __init__(self):\n        self.a = 1\n        self.b = 2\n"
        "    def get(self):\n        return self.a\n",
        "        return self.b",
        ((), (("get", ()),)),
    ),
    "arguments swapped": ("def f(a, b):\n    return pow(a, b)\n", "    return pow(b, a)", (2, 3)),
    "range bounds": (
        "def f(n):\n    return list(range(n + 1))\n",
        "    return list(range(n))",
        (2,),
    ),
    "slice bounds": ("def f(a):\n    return a[:2]\n", "    return a[:3]", ("abcd",)),
    "index off by one": ("def f(a, i):\n    return a[i]\n", "    return a[i - 1]", ("ab", 1)),
    "initial value": (
        "def f(a):\n    best = a[0]\n    for b in a:\n        best = max(best, b)\n"
        "    return best\n",
        "    best = 0",
        ([-2, -1],),
    ),
    "moved into the loop": (
        "def f(a):\n    for b in a:\n        if b:\n            return 1\n    return 0\n",
        "        return 0",
        ([0, 1],),
    ),
    "moved out of the block": (
        "def f(a):\n    n = 0\n    for b in a:\n        b += 1\n        n += b\n    return n\n",
        "    n += b",
        ([1, 2],),
    ),
    "break for continue": (
        "def f(a):\n    n = 0\n    for b in a:\n        if b:\n            continue\n"
        "        n += 1\n    return n\n",
        "            break",
        ([1, 0],),
    ),
    "wrong function": ("def f(a):\n    return min(a)\n", "    return max(a)", ([1, 2],)),
    "sort order": (
        "def f(a):\n    return sorted(a)\n",
        "    return sorted(a, reverse=True)",
        ([1, 2],),
    ),
    "missing update": (
        "def f(a):\n    n = 0\n    for b in a:\n        n += b\n    return n\n",
        "        pass",
        ([1],),
    ),
    "plain assignment": (
        "def f(a):\n    n = 0\n    for b in a:\n        n += b\n    return n\n",
        "        n = b",
        ([1, 2],),
    ),
    "base case": (
        "def f(n):\n    if n < 2:\n        return 1\n    return n * f(n - 1)\n",
        "        return 0",
        (3,),
    ),
    "key for value": (
        "def f(d):\n    return [k for k, v in d.items()]\n",
        "    return [k for v, k in d.items()]",
        ({1: 2},),
    ),
    "order of results": ("def f(a, b):\n    return a, b\n", "    return b, a", (1, 2)),
    "one after the other": (
        "def f(a, b):\n    a, b = b, a\n    return [a, b]\n",
        "    b = a",
        (1, 2),
    ),
    "copy missing": (
        "def f(a):\n    b = a.copy()\n    b.append(1)\n    return a\n",
        "    b = a",
        ([],),
    ),
    "shared row": (
        "def f(n):\n    a = [[0] * n for _ in range(n)]\n    a[0][0] = 1\n    return a\n",
        "    a = [[0] * n] * n",
        (2,),
    ),
}


@lru_cache
def reference(source, name):
    return Reference(source, name, fuel=FUEL)


def result(source, name, arguments):
    try:
        return reference(source, name).run(arguments)
    except OutOfFuel:
        return OutOfFuel
    except Exception as error:
        return type(error)


def tasks(levels=None):
    """A task of every family at its easiest and its hardest level."""
    for name, family in FAMILIES.items():
        for level in sorted({family.easiest, family.hardest}):
            stream = Stream(level)
            yield name, family.generate(stream, level), stream


def test_every_operator_has_an_example():
    assert set(EXAMPLES) == set(OPERATORS)


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_makes_its_mistake(operator):
    source, line, arguments = EXAMPLES[operator]
    name = source.split("(")[0].split(":")[0].split()[1]
    faulty = [inject(source, fault) for fault in faults_of(Program(source), operator)]
    with_line = [text for text in faulty if line in text.split("\n")]
    assert with_line
    right = result(source, name, arguments)
    assert not isinstance(right, type)
    assert all(result(text, name, arguments) != right for text in with_line[:1])


def test_every_operator_is_used_by_some_family():
    used = set()
    for _, task, _ in tasks():
        program = Program(task.source)
        used |= {name for name in OPERATORS if faults_of(program, name)}
    assert used == set(OPERATORS)


def test_the_rest_of_the_text_stays_as_it_was():
    """Comments, odd spacing, letters of several bytes, lines that go on."""
    source = (
        "import math  # é\n\n\n"
        "def f(a: list[int],\n      b: int = 1) -> int:\n"
        '    """Text: 1 < 2."""\n'
        "    é = 'é'; total  = 0   # begins at 0\n"
        "    for x in (a or\n              [1]):\n"
        "        total += (x  <  b) + 1  # ≤ 3\n\n"
        '    return total if f"{total < 3}" else é\n'
    )
    program = Program(source)
    seen = 0
    for operator in OPERATORS:
        for fault in faults_of(program, operator):
            text = inject(source, fault)
            if not differs(text, ast.dump(program.tree)):
                continue
            seen += 1
            first, last = fault.lines
            lines, changed = source.split("\n"), text.split("\n")
            rest = len(lines) - last
            assert changed[: first - 1] == lines[: first - 1]
            assert changed[len(changed) - rest :] == lines[last:]
            assert "begins at 0" in text
            assert '"""Text: 1 < 2."""' in text
            assert "{total < 3}" in text
            assert "def f(a: list[int],\n      b: int = 1) -> int:\n" in text
    assert seen > 10


def is_python(source):
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


def test_faults_share_no_line_and_can_be_injected_together():
    for name, task, stream in tasks():
        faults = draw_faults(task.source, 3, stream, shows=is_python)
        assert len(faults) == 3, name
        for one in faults:
            for other in faults:
                assert one is other or not one.excludes(other)
        assert len({inject(task.source, fault) for fault in faults}) == 3
        ast.parse(inject(task.source, *faults))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_each_fault_matters(count):
    """Whatever part of the faults is repaired, what is left is wrong: no fault is equivalent."""
    for name, task, stream in tasks():
        calls = [*task.edges, *(task.draw(stream) for _ in range(12))]
        right = [result(task.source, task.name, call) for call in calls]

        def shows(source, task=task, calls=calls, right=right):
            given = [result(source, task.name, call) for call in calls]
            return OutOfFuel not in given and repr(given) != repr(right)

        faults = draw_faults(task.source, count, stream, shows)
        assert len(faults) == count, name
        assert shows(inject(task.source, *faults))
        for fault in faults:
            assert shows(inject(task.source, fault))
            assert shows(inject(task.source, *(f for f in faults if f is not fault))) is (count > 1)


def test_drawing_is_deterministic_and_may_refuse():
    _, task, _ = next(iter(tasks()))
    one, two = (draw_faults(task.source, 2, Stream(5), lambda source: True) for _ in range(2))
    assert one == two
    assert one != draw_faults(task.source, 2, Stream(6), lambda source: True)
    assert draw_faults(task.source, 2, Stream(5), lambda source: False) == ()
    assert draw_faults(task.source, 1, Stream(5), lambda source: True, lambda source: False) == ()
    assert draw_faults("x = 1\n", 3, Stream(5), lambda source: True) == ()
    with pytest.raises(SyntaxError):
        draw_faults("def", 1, Stream(5), lambda source: True)


def test_faults_are_of_all_kinds():
    drawn = set()
    for _, task, stream in tasks():
        for _ in range(4):
            faults = draw_faults(task.source, 3, stream, lambda source: True)
            drawn |= {fault.operator for fault in faults}
    assert len(drawn) >= 25
