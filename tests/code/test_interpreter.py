"""The interpreter prints what CPython prints, counts steps, and stops what has no end."""

import contextlib
import io

import pytest

from reasoning_gym_envs.code import interpreter
from reasoning_gym_envs.code.interpreter import Failed, OutOfBounds, Stuck, Unsupported, run
from reasoning_gym_envs.code.programs import SHAPES, make_program
from reasoning_gym_envs.problems import Stream


def cpython(source):
    """What this Python prints; the programs are ours."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(source, {"__name__": "program"})  # noqa: S102
    return printed.getvalue()


@pytest.mark.parametrize("topic", SHAPES)
def test_generated_programs_print_what_cpython_prints(topic):
    shape = SHAPES[topic]
    for level in range(shape.easiest, shape.hardest + 1):
        stream = Stream(level)
        for _ in range(25):
            program = make_program(stream, level, [topic])
            assert program.output == cpython(program.source)
            assert run(program.source)[:2] == (program.output, program.steps)


CONSTRUCTS = {
    "assignments": """
a = b = [1]
a += [2]
a = a + [3]
(c, d), e = (4, 5), 6
*f, g = "xyz"
first, *rest = range(4)
print(a, b, c, d, e, f, g, first, rest)
""",
    "parts of collections": """
numbers = list(range(8))
numbers[1] = 10
numbers[2:4] = [7]
numbers[-1] += 5
numbers[::2] = [0] * len(numbers[::2])
del numbers[1]
table = {"x": {"y": [1]}}
table["x"]["y"][0] -= 3
table["z"] = numbers[1:-1]
del table["x"]
print(numbers, table, "window"[::-1], "window"[1:5:2], (1, 2, 3)[-2:])
""",
    "arithmetic": """
print(7 // 2, -7 // 2, 7 % 3, -7 % 3, 7 / 2, 2 ** 10, 2 ** -1)
print(5 & 3, 5 | 3, 5 ^ 3, 1 << 5, -9 >> 1)
print(-3, +3, ~3, not 3, True + 1, 0.1 + 0.2, 1e16, 10 ** 20, divmod(-7, 2), round(2.675, 2))
print("ab" * 3, [1] * 2, (1,) + (2,), "a" "b", {1: 2} | {3: 4})
""",
    "conditions": """
for n in range(-3, 6):
    if n < 0:
        print("negative", end=";")
    elif 0 < n <= 3 and n != 2 or n == 5:
        print(n, end=";")
    else:
        print("other" if n else "zero", end=";")
print([] or "empty", 0 and 1, None is None, [] is not None, 3 not in [1, 2], 1 < 2 < 2)
""",
    "loops": """
for a in "ab":
    for b in [1, 2, 3]:
        if b == 2:
            continue
        if a == "b":
            break
        print(a, b)
    else:
        print("no break")
n = 10
while n > 0:
    n -= 3
    if n == 1:
        break
else:
    print("not seen")
for key, value in {"k": 1}.items():
    print(key, value, n)
for i, (x, y) in enumerate(zip("ab", [3, 4]), 5):
    print(i, x, y)
""",
    "functions": """
def f(a, b=2, *rest, c=3):
    return a, b, rest, c
def g(n, seen=[]):
    seen.append(n)
    return seen
def h(n):
    if n:
        return h(n - 1) + n
    return 0
def nothing():
    pass
print(f(1), f(1, 5, 6, 7, c=8), f(b=0, a=9), f(*[1, 2]), g(1), g(2), h(10), nothing())
""",
    "scopes": """
n = 1
def outer():
    n = 2
    def change():
        nonlocal n
        n += 1
    def change_global():
        global n
        n += 10
    change()
    change_global()
    return n, [n for n in range(3)], n
print(outer(), n)
functions = [lambda a: a + i for i in range(3)]
print([function(1) for function in functions], [(lambda n=i: n)() for i in range(3)])
""",
    "a local name that has no value yet": """
n = 1
def f():
    print(n)
    n = 2
try:
    f()
except ValueError:
    print("no")
except TypeError:
    print("no")
finally:
    print("at last")
""",
    "comprehensions": """
n = 5
print([n * m for n in range(3) for m in range(n) if n + m > 1], n)
print({n: str(n) for n in range(3)}, sorted({n % 2 for n in range(5)}), sum(n for n in range(4)))
print([[i + j for j in range(2)] for i in range(2)], any(n > 2 for n in [1, 3]))
""",
    "texts": """
word = "Hello"
print(f"{word}! {len(word):>4}|{3.14159:.2f}|{word!r:>9}|{7:03d}|{[1]}|{{}}")
print(word.upper(), word.replace("l", "L"), word.find("z"), "a,b".split(","), "-".join("abc"))
print("x".rjust(3), word.startswith("He"), word.count("l"), "7".isdigit(), ord("a"), chr(98))
print('it"s', ["it's", 'a"b', "a\\nb"], repr("x"), str(1.0), str([None, True]))
""",
    "builtins": """
print(max([3, 1]), min(4, 2), max("ab", "c", key=len), sum([[1], [2]], []))
print(sorted("hello", reverse=True))
print(list(map(lambda n: n * 2, [1, 2])), list(filter(None, [0, 1])), list(reversed([1, 2])))
print(tuple(zip([1, 2, 3], "ab")))
print(int("12") + int(3.9), float("1.5"), bool([]), isinstance(True, int), dict([("a", 1)]))
print(all([]), any([0, 2]), sorted(["bb", "a"], key=len))
print(range(3), list(enumerate("ab", 1)))
numbers = iter([1, 2, 3])
print(next(numbers), list(numbers), next(numbers, "end"))
print(1, 2, sep="-", end="!\\n")
print(*[1, 2], sep="")
print()
""",
    "collections": """
numbers = [3, 1, 2]
numbers.sort(key=lambda n: -n)
numbers.insert(1, 9)
numbers.extend([4])
print(numbers, numbers.pop(), numbers.pop(0), numbers.index(9), numbers.count(1))
numbers.remove(9)
numbers.reverse()
table = {}
table.setdefault("a", []).append(1)
table.update({"b": 2})
print(numbers, table, table.get("z", 0), table.pop("b"), list(table.items()), list(table))
numbers.append(numbers)
print(numbers, {1, 2} & {2, 3} == {2}, len({1, 1}), 2 in {2})
""",
    "exceptions": """
def check(n):
    try:
        if n == 0:
            raise ValueError("zero")
        return 10 // (n - 1)
    except (ValueError, KeyError) as error:
        return str(error)
    except ZeroDivisionError:
        return "one"
    else:
        return "never"
    finally:
        print("checked", n)
print(check(0), check(1), check(2))
for key in ["a", "b"]:
    try:
        print({"a": 1}[key])
    except KeyError as error:
        print(error)
        break
    else:
        continue
""",
    "classes": """
class Animal:
    count = 0
    names = []
    def __init__(self, name, legs=4):
        self.name = name
        self.legs = legs
        Animal.count += 1
        self.names.append(name)
    def speak(self):
        return self.name + " " + self.sound()
    def sound(self):
        return "?"
class Dog(Animal):
    sounds = "woof"
    def __init__(self, name):
        super().__init__(name.upper())
        self.legs -= 1
    def sound(self):
        return super().sound() + self.sounds
class Pair:
    def __init__(self, x, y):
        self.x, self.y = x, y
    def __add__(self, other):
        return Pair(self.x + other.x, self.y + other.y)
    def __repr__(self):
        return f"Pair({self.x}, {self.y})"
    def __eq__(self, other):
        return self.x == other.x
    def __lt__(self, other):
        return self.y < other.y
    def __len__(self):
        return self.x
dog = Dog("rex")
dog.count += 5
print(dog.speak(), Animal("cat").speak(), dog.legs, dog.count, Animal.count, Dog.names)
pairs = [Pair(1, 9), Pair(2, 8) + Pair(1, 1)]
print(sorted(pairs), pairs[0] == Pair(1, 0), len(pairs[1]), f"{pairs[0]}", isinstance(dog, Animal))
""",
    "decorators": """
def twice(function):
    def inner(*arguments):
        return function(*arguments) * 2
    return inner
@twice
@twice
def add(a, b):
    return a + b
print(add(1, 2), list(map(str.upper, ["a"])))
""",
}


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_every_construct(name):
    source = CONSTRUCTS[name]
    try:
        wanted = cpython(source)
    except Exception as error:
        with pytest.raises(Failed, match=type(error).__name__):
            run(source)
    else:
        assert run(source).output == wanted


@pytest.mark.parametrize(
    "source",
    [
        "while True:\n    pass",
        "def f():\n    f()\nf()",
        "f = lambda n: f(n)\nf(1)",
        "a = [1]\nfor n in a:\n    a.append(n)",
        "n = 2\nwhile True:\n    n = n * n",
        "2 ** 10 ** 9",
        "1 << 10 ** 9",
        "'a' * 10 ** 9",
        "a = [0]\na *= 10 ** 9",
        "list(range(10 ** 9))",
        "sum(range(10 ** 9))",
        "text = 'ab'\nwhile True:\n    text += text",
        "a = [1, 2]\nfor n in range(40):\n    a = [a, a]\nprint(a)",
        "for n in range(1000):\n    print('x' * 100)",
        "[i for i in range(1000) for j in range(1000)]",
        "list(map(lambda n: n, iter(lambda: 1, 2)))",
        "x = 1\n" * 10_000,
    ],
)
def test_what_has_no_end_or_is_too_large_is_stopped(source, time_limit):
    with time_limit(2), pytest.raises(OutOfBounds):
        run(source)


@pytest.mark.parametrize(
    "source",
    [
        "print({1, 2, 3})",
        "print([{1, 2}])",
        "for n in {1, 2}:\n    pass",
        "list({1, 2})",
        "a, b = {1, 2}",
        "[n for n in {1, 2}]",
        "print(*{1, 2})",
        "''.join({'a', 'b'})",
        "[].extend({1, 2})",
        "sorted({1, 2}, key=lambda n: 0)",
        "max({1, 2}, key=lambda n: 0)",
        "print(sum([0.1] * 10))",
        "print(lambda: 1)",
        "class A:\n    pass\nprint(A())",
        "print(3 is 3)",
        "import os",
        "print(''.__class__)",
        "print([].__len__())",
        "class A:\n    pass\nA().__dict__",
        "class A:\n    def __getattribute__(self, name):\n        return 1",
        "class A(int):\n    pass",
        "f'{1:>1000000000}'",
        "'%1000000000d' % 1",
        "with 1:\n    pass",
        "def f():\n    yield 1\nf()",
        "try:\n    pass\nexcept:\n    pass\nraise",
        "assert False",
        "(n := 3)",
        "print('a'.format(1))",
    ],
)
def test_what_depends_on_more_than_the_program_is_refused(source):
    with pytest.raises(Unsupported):
        run(source)


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("open('/etc/passwd')", "NameError"),
        ("eval('1')", "NameError"),
        ("__import__('os')", "NameError"),
        ("print(x)", "NameError"),
        ("1 / 0", "ZeroDivisionError"),
        ("[1][3]", "IndexError"),
        ("def f(a):\n    pass\nf()", "TypeError"),
        ("def f(a):\n    pass\nf(1, 2)", "TypeError"),
        ("def f(a):\n    pass\nf(1, a=2)", "TypeError"),
        ("a, b = [1]", "ValueError"),
        ("if", "SyntaxError"),
        ("raise ValueError('no')", "ValueError: no"),
        ("def f():\n    n += 1\nn = 1\nf()", "UnboundLocalError"),
    ],
)
def test_programs_that_fail(source, error):
    with pytest.raises(Failed, match=error):
        run(source)


def test_a_program_cannot_catch_the_end_of_its_budget():
    source = "try:\n    while True:\n        pass\nexcept ValueError:\n    print('caught')\n"
    with pytest.raises(OutOfBounds):
        run(source)
    assert "Exception" not in interpreter._BUILTINS
    assert issubclass(OutOfBounds, Stuck)


def test_steps_and_lines():
    source = "n = 0\nwhile n < 5:\n    n += 1\nif n == 0:\n    print(n)\nprint(n)"
    assert run(source)[:3] == ("5\n", 9, {1, 2, 3, 4, 6})
    assert run(source, most_steps=9).steps == 9
    with pytest.raises(OutOfBounds, match="more than 8 steps"):
        run(source, most_steps=8)
    assert run("print([n for n in range(7)])").steps == 8
    assert run("def f():\n    return 1\nf()\nf()").steps == 7
