"""References on the host: right, and with fuel never for long."""

import pytest

from reasoning_gym_envs.code.reference import OutOfFuel, Reference


def run(source, *arguments, fuel=10_000):
    return Reference(source, "f", fuel).call(arguments)


def test_arguments_and_results_are_copies():
    given = [1, [2]]
    reference = Reference(
        "kept = []\ndef f(x):\n    x[1].append(3)\n    kept.append(x)\n    return x", "f"
    )
    first = reference.call((given,))
    assert given == [1, [2]]
    assert first == [1, [2, 3]]
    first.append("mine")
    assert reference.call((given,)) == [1, [2, 3]]


def test_a_script_of_a_class():
    source = """\
class Stack:
    def __init__(self, *items):
        self.items = list(items)

    def push(self, item):
        self.items.append(item)
        return self.items
"""
    arguments = ((1,), (("push", (2,)), ("push", ([3],))))
    assert Reference(source, "Stack").run(arguments) == [[1, 2], [1, 2, [3]]]


@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        "for i in iter(int, 1): pass",
        "return [i for i in range(10**9)]",
        "return sum(i for i in iter(int, 1))",
        "return {i: 0 for i in range(10**9) if i < 0}",
        "return f(n)",
        "g = lambda x: g(x)\n    return g(n)",
        "return f(n - 1) + f(n - 2)",
        "while True:\n        n *= n",
        "while True:\n        n = n * n",
        "return 10 ** 10 ** 10",
        "return n << 10 ** 12",
        "return 'x' * 10 ** 12",
        "return 10 ** 12 * [0]",
        "s = [1]\n    while True:\n        s += s",
        "s = 'x'\n    while True:\n        s = s + s",
        "try:\n        while True: pass\n    except Exception:\n        return 5",
        "while True:\n        try: f(n)\n        except OverflowError: pass",
    ],
)
def test_what_does_not_end_runs_out_of_fuel(body):
    with pytest.raises(OutOfFuel):
        run(f"def f(n):\n    {body}\n", 3)


def test_fuel_is_for_each_call():
    reference = Reference("def f(n):\n    for i in range(n): pass\n    return n", "f", fuel=100)
    for _ in range(5):
        assert reference.call((90,)) == 90
    with pytest.raises(OutOfFuel):
        reference.call((101,))
    assert reference.call((90,)) == 90


@pytest.mark.parametrize(
    ("body", "arguments"),
    [
        ("return [x * 2 for x in n if x % 2] + [1]", ([1, 2, 3],)),
        ("n[0] += 1\n    n[1:] *= 2\n    return n", ([1, 2],)),
        ("n['a'] += [2]\n    return n", ({"a": [1]},)),
        ("a = b = [1]\n    a += n\n    return b", ([2],)),
        ("return f(n - 1) * n if n else 1", (20,)),
        ("'''Text.'''\n    def g():\n        yield from range(n)\n    return list(g())", (4,)),
        ("return sorted(n, key=lambda x: -x)", ([3, 1, 2],)),
        ("return 2 ** -1, 2.5 ** n, -n ** 2, 'ab' * n, (1,) + (n,)", (3,)),
        ("return {1} | {n}, {n} - {2}, 7 << n, True + n", (3,)),
        ("a = 0\n    while n:\n        n -= 1\n        if n == 2: continue\n        a += n\n"
         "    else:\n        a += 100\n    return a", (5,)),
        ("class A:\n        def __add__(self, other): return 5\n    return A() + n", (3,)),
    ],
)  # fmt: skip
def test_fuel_changes_no_result(body, arguments):
    source = f"def f(n):\n    {body}\n"
    assert run(source, *arguments) == Reference(source, "f").call(arguments)


def test_exceptions_of_the_program_pass_through():
    for fuel in (None, 100):
        with pytest.raises(ZeroDivisionError):
            Reference("def f(n):\n    return 1 // n", "f", fuel).call((0,))
    with pytest.raises(SyntaxError):
        Reference("def f(:", "f")
    with pytest.raises(KeyError):
        Reference("def g(): pass", "f")
