"""Programs whose output is to be predicted: many shapes, each with parameters and variants.

A shape is a function of a stream and a level that writes a program, in names that stand for a
group of names (``NAMES``). What it wrote is run by the interpreter, and drawn again where

* it takes fewer or more steps than its level wants,
* a statement is never executed,
* it prints more than six lines, or lines that are long, or
* nothing that it prints has to be worked out (see :func:`can_be_guessed`).

At last the names are drawn. They are no part of the problem's content: the same program in other
names is the same problem.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from reasoning_gym_envs.code.interpreter import Stuck, run
from reasoning_gym_envs.problems import Stream

STEPS = (
    *((3, 12), (5, 20), (8, 30), (12, 45), (16, 60)),
    *((22, 80), (30, 110), (40, 150), (50, 200), (62, 280)),
)
"""The fewest and most steps of a program, by level."""
MOST_LINES = 6
LONGEST_LINE = 60
_TRIES = 500

NAMES = (
    ("numbers", "data", "series", "readings"),
    ("total", "score", "amount"),
    ("word", "name", "text"),
    ("result", "answer", "output"),
    ("a", "p", "u"),
    ("b", "q", "v"),
    ("c", "r", "w"),
    ("table", "lookup", "mapping"),
    ("letter", "char", "symbol"),
    ("grid", "board", "matrix"),
    ("item", "entry", "element"),
    ("step", "change", "move"),
    ("compute", "f", "combine"),
    ("queue", "line", "waiting"),
    ("seen", "visited", "found"),
)
"""Groups of names: shapes write the first, and each program draws one of the group."""

WORDS = (
    *("planet", "window", "garden", "silver", "orange", "bridge", "castle", "forest", "hammer"),
    *("island", "jungle", "kettle", "lantern", "marble", "needle", "oyster", "pepper", "quartz"),
    *("ribbon", "saddle", "temple", "velvet", "walnut", "yellow", "zephyr", "anchor", "basket"),
    *("cotton", "dragon", "engine", "falcon", "goblet", "harbor", "insect", "jacket", "ladder"),
    *("mirror", "napkin", "parrot", "rocket", "summer", "turtle", "violin", "winter", "banana"),
)
SHORT_WORDS = (
    *("ant", "bee", "cat", "dog", "elk", "fox", "gnu", "hen", "owl", "pig", "rat", "yak"),
    *("bear", "crow", "deer", "frog", "goat", "hare", "lion", "mole", "newt", "seal", "toad"),
    *("camel", "eagle", "horse", "koala", "mouse", "otter", "panda", "sheep", "tiger", "zebra"),
)
KEYS = ("red", "blue", "green", "black", "white", "pink", "gray", "gold")

_TOKEN = re.compile(r"[A-Za-z_]+|[0-9]+(?:\.[0-9]+)?")
_PIECE = re.compile(r"f\"[^\"]*\"|\"[^\"]*\"|[A-Za-z_]\w*")
_IN_BRACES = re.compile(r"\{[^{}]*\}")
_NAME = re.compile(r"[A-Za-z_]\w*")
_SPARE_SPACES = re.compile(r"(?<=\S) +(?=[ )\]]|$)", re.MULTILINE)  # where nothing was drawn
_NO_STATEMENT = ("else:", "except", "finally:", "@", '"', "}")
_CONSTANTS = frozenset(("True", "False", "None"))


class Program(NamedTuple):
    """A program and what it does.

    Args:
        source: its text.
        output: what it prints.
        steps: how many steps it takes, as the interpreter counts them.
        topic: the name of its shape.
        content: its text before the names were drawn.
    """

    source: str
    output: str
    steps: int
    topic: str
    content: str


class Shape(NamedTuple):
    """Programs of one kind.

    Args:
        write: writes a program of a level.
        easiest: the lowest level that has such programs.
        hardest: the highest.
    """

    write: Callable[[Stream, int], str]
    easiest: int
    hardest: int


def topics_of(level: int, among: Collection[str]) -> list[str]:
    """The shapes of a level, by name, in their own order."""
    return [
        name
        for name, shape in SHAPES.items()
        if shape.easiest <= level <= shape.hardest and name in among
    ]


def make_program(stream: Stream, level: int, topics: Sequence[str]) -> Program:
    """Make a program of a level, from the stream alone.

    Args:
        stream: where all random numbers come from.
        level: difficulty, 1 to 10.
        topics: the names of shapes that the level has, of which one is drawn.
    """
    topic = stream.choice(topics)
    least, most = STEPS[level - 1]
    for _ in range(_TRIES):
        content = _SPARE_SPACES.sub("", SHAPES[topic].write(stream, level))
        try:
            output, steps, lines, _ = run(content, most)
        except Stuck:  # too long, or an index that is out of range
            continue
        if least <= steps and _is_fair(content, output, lines):
            source = _with_names(stream, content)
            return Program(source, output, steps, topic, content)
    raise RuntimeError(f"no program {topic!r} of level {level} in {_TRIES} tries")


def lines_of(output: str) -> list[str]:
    """The lines of an output, without white space at their ends and at the end of the whole."""
    return [line.rstrip() for line in output.rstrip().split("\n")]


def can_be_guessed(line: str, source: str, before: list[str]) -> bool:
    """Whether a line of the output might be guessed by somebody who runs nothing.

    That is so if it stands in the program, if it has been printed before, or if all that is in it
    is visible, one thing at most apart that a guess may hit: a constant, a number of one digit, or
    a number that stands in the program.
    """
    if line in source or line in before:
        return True
    visible = set(_TOKEN.findall(source))
    unknown = set()
    for token in _TOKEN.findall(line):
        if token[0].isdigit():
            if len(token) > 1 and token not in visible:
                return False
            unknown.add(token)
        elif token in _CONSTANTS:
            unknown.add(token)
        elif token not in visible:
            return False
    return len(unknown) <= 1


def _is_fair(source: str, output: str, executed: frozenset[int]) -> bool:
    printed = lines_of(output)
    if len(printed) > MOST_LINES or not all(0 < len(line) <= LONGEST_LINE for line in printed):
        return False
    for number, line in enumerate(source.split("\n"), 1):
        if number not in executed and line and not line.lstrip().startswith(_NO_STATEMENT):
            return False
    return not all(can_be_guessed(line, source, printed[:n]) for n, line in enumerate(printed))


def _with_names(stream: Stream, source: str) -> str:
    """The program with one name drawn from each group."""
    drawn: dict[str, str] = {group[0]: stream.choice(group) for group in NAMES}

    def rename(found: re.Match[str]) -> str:
        piece = found.group()
        if piece.startswith('"'):
            return piece
        if piece.startswith('f"'):
            return _IN_BRACES.sub(lambda inside: _NAME.sub(rename, inside.group()), piece)
        return drawn.get(piece, piece)

    return _PIECE.sub(rename, source)


# What several shapes draw.


def _picker(stream: Stream) -> Callable[..., str]:
    """A function that draws one of its arguments."""
    return lambda *options: stream.choice(options)


def _numbers(stream: Stream, count: int, low: int = 2, high: int = 30) -> list[int]:
    """Different numbers in random order."""
    return stream.sample(range(low, high + 1), count)


def _test(stream: Stream, name: str, high: int = 30) -> str:
    """A condition on a number that is true of about half of them."""
    kind = stream.randrange(4)
    if kind == 0:
        return f"{name} % 2 == {stream.randrange(2)}"
    if kind == 1:
        return f"{name} % 3 {stream.choice(('== 0', '!= 0', '== 1', '== 2'))}"
    bound = stream.randint(high // 3, 2 * high // 3)
    return f"{name} {stream.choice(('>', '<', '>=', '<='))} {bound}"


def _change(stream: Stream, total: str, name: str) -> str:
    """A statement that changes a total by a number."""
    change: str = stream.choice(
        (
            f"{total} += {name}",
            f"{total} -= {name}",
            f"{total} += {name} * {stream.randint(2, 4)}",
            f"{total} += {name} % {stream.randint(3, 7)}",
            f"{total} -= {name} // {stream.randint(2, 4)}",
            f"{total} = {total} * 2 - {name}",
            f"{total} = {name} - {total}",
        )
    )
    return change


def _formula(stream: Stream, one: str, other: str) -> str:
    """An expression of two numbers."""
    n = stream.randint(2, 9)
    formula: str = stream.choice(
        (
            f"{one} * {n} - {other}",
            f"{one} + {other} * {n}",
            f"({one} + {other}) * {n}",
            f"{one} * {other} - {n}",
            f"{one} * {other} // {n}",
            f"({one} * {n} + {other}) % {stream.randint(11, 60)}",
            f"{one} // {n} + {other} * {stream.randint(2, 5)}",
            f"abs({one} - {other}) * {n}",
            f"max({one}, {other} + {n}) * {stream.randint(2, 6)}",
        )
    )
    return formula


# The shapes, from easy to hard.


def arithmetic(stream: Stream, level: int) -> str:
    """Variables that are computed from one another, and changed."""
    pick = _picker(stream)
    names = ["a", "b", "c"]
    low, high = (2, 12) if level == 1 else (10, 60)
    lines = [f"a = {stream.randint(low, high)}", f"b = {stream.randint(low, high)}"]
    lines.append(f"c = {_formula(stream, 'a', 'b')}")
    for _ in range(level - 1 + stream.randint(0, 2)):
        one, other = stream.sample(names, 2)
        if stream.random() < 0.5:
            lines.append(f"{one} {pick('+=', '-=')} {other}")
        else:
            lines.append(f"{one} = {_formula(stream, one, other)}")
    lines.append(pick("print(a, b, c)", "print(a + b)\nprint(c)", "print(c)\nprint(a)"))
    return "\n".join(lines)


def swaps(stream: Stream, level: int) -> str:
    """Several variables that are assigned at once."""
    pick = _picker(stream)
    a, b, c = _numbers(stream, 3, 2, 9 + 10 * level)
    lines = [f"a, b, c = {a}, {b}, {c}"]
    for _ in range(level + stream.randint(1, 2)):
        lines.append(
            stream.choice(
                (
                    "a, b = b, a + b",
                    "a, b, c = c, a, b",
                    "b, c = c, b - a",
                    "a, c = c - a, a",
                    f"a, b = divmod(a + {stream.randint(20, 60)}, {stream.randint(3, 9)})",
                    "b, c = min(b, c), max(b, c) + a",
                )
            )
        )
    lines.append(pick("print(a, b, c)", "print(c, a)\nprint(b)"))
    return "\n".join(lines)


def slices(stream: Stream, level: int) -> str:
    """Parts of a string, put together."""
    word, other = stream.sample(WORDS, 2)
    cut, start = stream.randint(2, 4), stream.randint(0, 2)
    lines = [f'word = "{word}"', f'other = "{other}"']
    pieces = stream.sample(
        (
            f"word[{cut}:]",
            f"word[:{cut}]",
            "word[::-1]",
            f"word[{start}::2]",
            f"other[-{cut}:]",
            f"other[:-{cut}]",
            "other[::-1]",
            f"other[{start}:{start + 3}]",
            f"other[{start + 1}] * {stream.randint(2, 3)}",
        ),
        min(4, 2 + level // 2),
    )
    lines.append("result = " + " + ".join(pieces))
    lines.append("print(result)")
    if level > 1 or stream.random() < 0.5:
        letter = stream.choice(sorted(set(word)))
        lines.append(
            stream.choice(
                (
                    "print(len(result), result[1], result[-2])",
                    f'print(result.find("{letter}"), result[-3:].upper())',
                    f'print(result.replace("{letter}", "-"))',
                    f'print(result.count("{letter}"), result[{cut}:][::-1])',
                )
            )
        )
    return "\n".join(lines)


def text_methods(stream: Stream, level: int) -> str:
    """Methods of strings, one after the other."""
    words = stream.sample(WORDS + SHORT_WORDS, 2 + level // 2)
    letter = stream.choice(sorted(set(words[0])))
    lines = [f'word = "{" ".join(words)}"', "parts = word.split()"]
    steps = [
        "parts[0], parts[-1] = parts[-1], parts[0]",
        "parts[0] = parts[0].upper()",
        f'parts[-1] = parts[-1].replace("{letter}", "{stream.choice("xyz")}")',
        "parts[1] = parts[1][::-1]",
        "parts.append(parts[0][:2] + parts[1][-2:])",
        "parts[-1] = parts[-1].capitalize() * 2",
    ]
    lines += stream.sample(steps, min(4, 1 + level))
    lines.append(f'print("{stream.choice("-_+/")}".join(parts))')
    if stream.random() < 0.6:
        lines.append(f'print(len(parts[0]), word.find(" "), word.count("{letter}"))')
    return "\n".join(lines)


def choices(stream: Stream, level: int) -> str:
    """A chain of conditions, which several numbers run through."""
    pick = _picker(stream)
    low, high = sorted(_numbers(stream, 2, 15, 45))
    count = stream.randint(2, 3) + level // 2
    return f"""\
for n in {_numbers(stream, count, 5, 60)}:
    if n {pick(">", ">=")} {high}:
        n -= {stream.randint(5, 25)}
    elif n {pick("<", "<=")} {low}:
        n = n * {stream.randint(2, 3)} + {stream.randint(1, 9)}
    else:
        n //= {stream.randint(2, 4)}
    print(n)"""


def conditional_variables(stream: Stream, level: int) -> str:
    """Conditions that compare variables, and change them."""
    a, b, c = _numbers(stream, 3, 5, 50)
    lines = [f"a = {a}", f"b = {b}", f"c = {c}"]
    for _ in range(1 + stream.randint(1, 1 + level // 2)):
        one, other, third = stream.sample(("a", "b", "c"), 3)
        kind = stream.randrange(3)
        if kind == 0:
            lines.append(f"{one} = {other} if {other} > {third} else {third} - {other}")
        elif kind == 1:
            bound = stream.randint(20, 90)
            lines.append(f"if {one} + {other} {stream.choice('<>')} {bound}:")
            lines.append(f"    {third} += {one}")
        else:
            lines.append(f"if {one} % 2 == {other} % 2 or {third} > {stream.randint(20, 40)}:")
            lines.append(f"    {one} = {_formula(stream, one, other)}")
    lines.append("print(a, b, c)")
    return "\n".join(lines)


def totals(stream: Stream, level: int) -> str:
    """A loop over a list that adds up what meets a condition."""
    pick = _picker(stream)
    count = stream.randint(2 + level // 2, 3 + level)
    last = pick("print(total)", "print(total, total % 7)", "print(total, n)")
    if stream.random() < 0.5:
        return f"""\
numbers = {_numbers(stream, count)}
total = {stream.randint(0, 9)}
for n in numbers:
    if {_test(stream, "n")}:
        {_change(stream, "total", "n")}
    else:
        {_change(stream, "total", "n")}
{last}"""
    return f"""\
numbers = {_numbers(stream, count)}
total = {stream.randint(0, 9)}
largest = 0
for n in numbers:
    {_change(stream, "total", "n")}
    if {pick("total", "abs(total)")} {pick("> largest", "% 3 == 0")}:
        largest = total + {stream.randint(1, 9)}
print(total, largest)"""


def ranges(stream: Stream, level: int) -> str:
    """A loop over a range that changes two variables."""
    pick = _picker(stream)
    start, step = stream.randint(0, 9), stream.choice((1, 2, 3, 4))
    count = stream.randint(2 + level // 2, 3 + level)
    end = start + step * count
    bounds = f"{start}, {end}, {step}" if step > 1 else f"{start}, {end}"
    if stream.random() < 0.3:
        bounds = f"{end}, {start}, -{step}"
    return f"""\
a = {stream.randint(1, 9)}
b = {stream.randint(1, 9)}
for i in range({bounds}):
    {pick("a += b", "a += i", "a = a + i - b", f"a = (a * 2 + i) % {stream.randint(11, 40)}")}
    {pick("b = a - b", "b += i * 2", "b, a = a, b + 1", f"b = (a + b) % {stream.randint(7, 30)}")}
print(a, b)"""


def digits(stream: Stream, level: int) -> str:
    """The digits of a number, one after the other."""
    pick = _picker(stream)
    n = stream.randint(10 ** (level // 2 + 1), 10 ** (level // 2 + 2 + level // 4))
    base = stream.choice((10, 10, 10, 2, 3, 7)) if level > 3 else 10
    return f"""\
n = {n}
total = 0
result = {pick("0", "1")}
while n > 0:
    n, digit = divmod(n, {base})
    {pick("total += digit", "total += digit * digit", "total = total * 10 + digit")}
    if {pick(f"digit > {base // 2 - 1}", "digit % 2 == 1", "digit > result % 10")}:
        result {pick("+= digit + 1", "= result * 2 + digit", "+= total")}
print(total)
print(result)"""


def list_edits(stream: Stream, level: int) -> str:
    """A list that is changed by its methods and by assignments to its parts."""
    values = _numbers(stream, stream.randint(4, 5 + level // 3), 1, 50)
    lines = [f"numbers = {values}"]
    for _ in range(stream.randint(level + 1, level + 4)):
        i, j = stream.randint(0, 2), stream.randint(1, 3)
        lines.append(
            stream.choice(
                (
                    f"numbers.append(numbers[{i}] + numbers[-{j}])",
                    f"numbers.insert({i}, numbers.pop())",
                    f"numbers[{i}], numbers[-{j}] = numbers[-{j}], numbers[{i}]",
                    f"numbers.append(numbers.pop({i}) * {stream.randint(2, 3)})",
                    "numbers.reverse()",
                    f"numbers[{i}] += numbers[{i + 1}]",
                    f"numbers = numbers[{j}:] + numbers[:{j}]",
                    f"numbers[{i}:{i + 2}] = [numbers[{i}] - numbers[{i + 1}]]",
                    "numbers.remove(max(numbers))",
                    f"numbers.extend([len(numbers), numbers[{i}] // 2])",
                    "numbers.sort()",
                )
            )
        )
        if level > 4 and stream.random() < 0.25 and len(lines) > 3:
            lines.append(f"print(numbers[{i}], len(numbers))")
    lines.append("print(numbers)")
    return "\n".join(lines)


def spelled(stream: Stream, level: int) -> str:
    """A string that is built letter by letter."""
    pick = _picker(stream)
    word = "".join(stream.sample(WORDS, 1 + level // 5))
    vowels = pick('"aeiou"', '"aeo"', f'"{"".join(stream.sample("abcdeilnorst", 6))}"')
    keep, other = stream.sample(
        (
            "result += letter.upper()",
            "result = letter + result",
            "result += letter * 2",
            "result += result[-1:] + letter",
            "result = result[1:] + letter",
            "result = result[::-1] + letter",
            "result += str(len(result))",
        ),
        2,
    )
    return f"""\
word = "{word}"
result = ""
for {pick("letter in word", "letter in word[::-1]", "letter in word[1:]")}:
    if letter in {vowels}:
        {keep}
    else:
        {other}
print(result)"""


def counters(stream: Stream, level: int) -> str:
    """A dict that counts letters or adds up by key."""
    pick = _picker(stream)
    if stream.random() < 0.5:
        word = "".join(stream.sample(WORDS, 1 + level // 3))
        weight = pick("1", "len(table)", "i", "i + 1")
        last = pick(
            "sorted(table.values())[-4:]",
            "[k for k in table if table[k] == largest]",
            "list(table.values())[::2]",
        )
        return f"""\
table = {{}}
for i, letter in enumerate("{word}"):
    table[letter] = table.get(letter, {stream.randint(0, 2)}) + {weight}
largest = max(table.values())
print(largest, len(table), sum(table.values()))
print({last})"""
    keys = stream.sample(KEYS, stream.randint(2, 3) + level // 4)
    pairs = [
        (stream.choice(keys), stream.randint(2, 20))
        for _ in range(stream.randint(level, 2 * level))
    ]
    change = pick("+= amount", "-= amount", "= amount - table[key]", "= table[key] * 2 + amount")
    return f"""\
pairs = {_quoted(pairs)}
table = {{}}
for key, amount in pairs:
    if key in table:
        table[key] {change}
    else:
        table[key] = amount {pick("+", "*", "-")} {stream.randint(2, 5)}
print(table)"""


def pairs_of_lists(stream: Stream, level: int) -> str:
    """Two lists walked at once."""
    pick = _picker(stream)
    count = stream.randint(2 + level // 2, 3 + level)
    one, other = _numbers(stream, count, 1, 30), _numbers(stream, count, 1, 30)
    walk, change = stream.choice(
        (
            ("for a, b in zip(numbers, others):", _change(stream, "total", "a") + " + b"),
            ("for a, b in zip(numbers, others[::-1]):", "total += a * b % 10"),
            ("for a, b in zip(numbers, numbers[1:]):", "total += abs(a - b) + others[0]"),
            ("for b, a in enumerate(numbers):", "total += a * b - others[b]"),
            ("for b, a in enumerate(others, 1):", f"total = (total + a) * b % {count * 17 + 6}"),
        )
    )
    return f"""\
numbers = {one}
others = {other}
total = 0
wins = {stream.randint(0, 20)}
{walk}
    {change}
    if a {stream.choice("<>")} b {pick("", "+ 3 ", "+ 7 ")}or total % {stream.randint(2, 5)} == 0:
        wins += {pick("a", "b + 1", "total % 10")}
print(total, wins)"""


def guesses(stream: Stream, level: int) -> str:
    """Halving an interval until a number is found."""
    pick = _picker(stream)
    high = 40 * level + stream.randint(0, 60)
    return f"""\
low = {stream.randint(0, 9)}
high = {high}
target = {stream.randint(12, high - 2)}
tried = []
while low < high:
    middle = (low + high) // 2
    tried.append(middle)
    if middle < target:
        low = middle + 1
    else:
        high = middle
print(tried[{pick("-4:", "1:5", "::2")}])
print(low, {pick("len(tried)", "sum(tried)", "high - tried[0]")})"""


def comprehensions(stream: Stream, level: int) -> str:
    """Lists made from lists, by conditions and expressions."""
    pick = _picker(stream)
    count = stream.randint(level, level + 3)
    last = stream.choice(
        (
            "print(sum(c), max(c), len(c))",
            "print([n for n in c if n not in b])",
            "print(sorted(c)[:4])",
            "print({n % 5: n for n in c})",
        )
    )
    change = pick("* 2", "+ 5", "% 9", "* n", "// 2", "- 10")
    others = pick("a[::-1]", "numbers[1:]", "a + numbers[:2]")
    return f"""\
numbers = {_numbers(stream, count, 1, 40)}
a = [n {change} for n in numbers if {_test(stream, "n", 40)}]
b = [{pick("n - 1", "n + len(a)", "n * 3", "-n")} for n in {others}]
c = [i * n {pick("", "- i", "+ 1")} for i, n in enumerate(b)]
print(b)
{last}"""


def nested_loops(stream: Stream, level: int) -> str:
    """Loops inside loops, with continue and break."""
    pick = _picker(stream)
    outer, inner = stream.randint(3, 3 + level // 3), stream.randint(3, 3 + level // 3)
    leave = stream.choice(
        (
            f"if (i + j) % {stream.randint(2, 4)} == 0:\n            continue",
            f"if i * j > {stream.randint(3, 9)}:\n            break",
            f"if total % {stream.randint(3, 6)} == 1:\n            continue",
            f"if j > {pick('i', 'i + 1')}:\n            break",
        )
    )
    return f"""\
total = {stream.randint(0, 9)}
count = 0
for i in range({pick("", "1, ")}{outer + 1}):
    for j in range({pick("i", str(inner), "i + 2")}):
        {leave}
        total {pick("+= i * j", "+= i + j", "+= 10 * i - j", "= total * 2 % 97 + j")}
    count += {pick("total % 10", "total // 3", "i * total", "total")}
print(total, count)"""


def helper_functions(stream: Stream, level: int) -> str:
    """Functions that call one another, with defaults and keywords."""
    pick = _picker(stream)
    extra = stream.randint(2, 6)
    calls = [
        stream.choice(
            (
                f"compute({stream.randint(2, 20)}, {stream.randint(2, 20)})",
                f"compute({stream.randint(2, 20)})",
                f"compute(b={stream.randint(2, 20)}, a={stream.randint(2, 20)})",
                f"compute(adjust({stream.randint(2, 20)}), {stream.randint(2, 9)})",
                f"compute(compute({stream.randint(2, 9)}), {stream.randint(3, 12)})",
            )
        )
        for _ in range(1 + level // 2)
    ]
    lines = "\n".join(f"print({call})" for call in calls[:5])
    value = pick(
        "c - adjust(b)", f"adjust(c) % {stream.randint(13, 50)}", "max(c, adjust(a))", "c * 2 + a"
    )
    return f"""\
def adjust(n):
    if {_test(stream, "n", 25)}:
        return n {pick("//", "-")} {stream.randint(2, 5)}
    return n * {stream.randint(2, 3)} + {stream.randint(1, 5)}

def compute(a, b={extra}):
    {pick("c = adjust(a) + b", "c = adjust(a + b)", "c = adjust(b) * 2 - a")}
    return {value}

{lines}"""


def recurrences(stream: Stream, level: int) -> str:
    """Numbers that are computed one from the other, modulo something."""
    pick = _picker(stream)
    modulus = stream.choice((31, 37, 41, 43, 47, 53, 59, 61, 67, 71))
    return f"""\
n = {stream.randint(2, 30)}
seen = []
for i in range({stream.randint(level, 3 * level)}):
    n = (n * {stream.randint(2, 9)} + {pick("i", str(stream.randint(1, 30)))}) % {modulus}
    if {_test(stream, "n", 60)}:
        seen.append(n)
    {pick("elif", "if")} {_test(stream, "n", 60)}:
        n += {stream.randint(1, 9)}
print(n, len(seen))
print(seen[{pick("-3:", ":3", "1:4")}])"""


def sums_of_grids(stream: Stream, level: int) -> str:
    """Rows and columns of a list of lists."""
    pick = _picker(stream)
    height, width = 2 + level // 4, stream.randint(3, level // 2 + 1)
    rows = [[stream.randint(0, 9) for _ in range(width)] for _ in range(height)]
    use = stream.choice(
        (
            "print([sum(row) for row in grid])",
            "print([max(column) for column in zip(*grid)])",
            f"print([row[{stream.randrange(width)}] for row in grid], grid[-1])",
            "print([list(column) for column in zip(*grid)][1])",
        )
    )
    change = stream.choice(
        (
            "grid[i][j] += grid[i - 1][j]",
            "grid[i][j] += grid[i][j - 1]",
            f"grid[i][j] = (grid[i][j] * {stream.randint(2, 4)} + i - j) % 10",
            f"grid[i][j] -= grid[(i + 1) % {height}][j]",
        )
    )
    return f"""\
grid = {rows}
for i in range({pick("", "1, ")}{height}):
    for j in range({width}):
        if grid[i][j] {pick("% 2 == 0", "% 2 == 1", "> 3", "< 7")}:
            {change}
{use}
print(sum(sum(row) for row in grid))"""


def robot(stream: Stream, level: int) -> str:
    """A robot on a plane that follows a string of commands."""
    pick = _picker(stream)
    route = "".join(stream.choice("FFLRFB") for _ in range(stream.randint(level, 2 * level)))
    return f"""\
x, y = {stream.randint(0, 9)}, {stream.randint(0, 9)}
dx, dy = {pick("0, 1", "1, 0", "0, -1", "-1, 0")}
for step in "{route}L":
    if step == "L":
        dx, dy = -dy, dx
    elif step == "R":
        dx, dy = dy, -dx
    else:
        size = {stream.randint(2, 5)} if step == "F" else -{stream.randint(1, 3)}
        x += dx * size
        y += dy * size
print(x, y)
print({pick("abs(x) + abs(y)", "x * x + y * y", "x * 10 - y", "(x - y) * 3")})"""


def sorting_by_keys(stream: Stream, level: int) -> str:
    """Lists of words or pairs, sorted by keys; what is equal keeps its order."""
    pick = _picker(stream)
    count = stream.randint(3 + level // 3, 4 + level // 2)
    if stream.random() < 0.5:
        words = stream.sample(SHORT_WORDS, count)
        keys = stream.sample(
            ("len(w)", "w[-1]", "w[1:]", "(len(w), w[-1])", "(-len(w), w)", "w[::-1]"), 2
        )
        return f"""\
words = {_quoted(words)}
words.sort(key=lambda w: {keys[0]})
print("".join(w[0] for w in words))
words = sorted(words, key=lambda w: {keys[1]}, reverse={pick("True", "False")})
print("".join(w[{pick("1", "-1", "2")}] for w in words), words[{stream.randrange(3)}])
print([len(w) * i for i, w in enumerate(words)])"""
    pairs = [(n, stream.randint(1, 4)) for n in _numbers(stream, count, 1, 40)]
    key = pick("(p[1], -p[0])", "(p[1], p[0] % 5)", "p[0] % 4", "p[0] % 3 - p[1]")
    return f"""\
pairs = {pairs}
ranked = sorted(pairs, key=lambda p: {key})
print([p[0] for p in ranked])
total = 0
for place, (n, weight) in enumerate(ranked, 1):
    total += place * {pick("n", "weight", "(n - weight)", "n % 10")}
print(total)"""


def groups(stream: Stream, level: int) -> str:
    """Things that are put into lists by a key."""
    pick = _picker(stream)
    if stream.random() < 0.5:
        things = _quoted(stream.sample(SHORT_WORDS, stream.randint(level, 2 * level)))
        key = pick("len(item)", "item[1]", "item[-1]", "item[0] < 'm'").replace("'", '"')
        value = pick("item[:2]", "item[-1] + item[0]", "item.upper()[1:]", "item[::-1]")
    else:
        things = str(_numbers(stream, stream.randint(level + 1, 2 * level + 2), 2, 60))
        key = pick("item % 3", "item // 20", "item % 4", "item % 10 > 5")
        value = pick("item * 2", "item - len(table)", "item // 3", "item % 7")
    return f"""\
table = {{}}
for item in {things}:
    table.setdefault({key}, []).append({value})
for key in sorted(table)[:4]:
    print(key, table[key]{pick("", "[::-1]", "[-2:]")})"""


def aliases(stream: Stream, level: int) -> str:
    """Two names of one list, and copies of it."""
    pick = _picker(stream)
    a = _numbers(stream, stream.randint(2, 3), 1, 30)
    lines = [f"a = {a}"]
    if level < 5:
        lines += ["b = a", f"c = {pick('a[:]', 'list(a)')}"]
    else:
        lines += [f"b = [a, {_numbers(stream, 2, 1, 30)}]", "c = [a[:], b[1]]"]
    ways = ["{0}.append({1})", "{0} += [{1}]", "{0} = {0} + [{1}]", "{0}[0] += {1}"]
    ways += ["{0}[-1] -= {1}", "{0}.insert(1, {1})", "{0}.append(len({2}))"]
    if level < 5:
        targets = ["a", "b", "c"]
    else:
        targets = ["a", "b[0]", "b[1]", "c[0]", "c[1]"]
    for _ in range(stream.randint(level // 2 + 2, level + 2)):
        one, other = stream.sample(targets, 2)
        lines.append(stream.choice(ways).format(one, stream.randint(2, 40), other))
    lines += ["print(a)", "print(b)", "print(c)"]
    if stream.random() < 0.4:
        names = ("a", "b", "c") if level < 5 else ("a", "b[0]", "c[1]")
        lines.append(f"print(sum({names[0]}), sum({names[1]}) - sum({names[2]}))")
    if level > 3:
        at = stream.randint(3, len(lines) - 3)
        lines[at:at] = [
            f"for i in range({stream.randint(2, level)}):",
            f"    a[i % 2] += {targets[-1]}[0]",
            f"    {targets[-2]}[-1] {pick('+=', '-=')} a[0]",
        ]
    return "\n".join(lines)


def arguments(stream: Stream, level: int) -> str:
    """Functions that change the list they are given, or another that has its name."""
    pick = _picker(stream)
    changes = stream.sample(
        (
            "numbers.append(n)",
            "numbers[0] += n",
            "numbers = numbers + [n]",
            "numbers += [n, n]",
            "numbers = numbers[::-1]",
            "n += len(numbers)",
            "numbers.insert(1, n * 2)",
        ),
        min(4, level // 2),
    )
    body = "\n    ".join(changes)
    calls = "\n".join(
        stream.choice(
            ("total += update(a, {})", "total -= update(b, {})", "b = [total, update(b, {})]")
        ).format(stream.randint(2, 20))
        for _ in range(stream.randint(level // 2, level))
    )
    return f"""\
def update(numbers, n):
    {body}
    return {pick("sum(numbers)", "numbers[-1] + n", "len(numbers) * n", "max(numbers)")}

a = {_numbers(stream, 2, 1, 20)}
b = {pick("a[:]", "a", str(_numbers(stream, 3, 1, 20)))}
total = 0
{calls}
print(a)
print(b)
print(total)"""


def recursion(stream: Stream, level: int) -> str:
    """A function that calls itself with smaller numbers."""
    pick = _picker(stream)
    base = stream.randint(1, 2)
    kind = stream.randrange(4)
    if kind == 0:
        less = stream.randint(2, 3)
        more = pick("", f"+ {stream.randint(1, 5)}", "+ n")
        times = pick("", "2 * ")
        body = f"""\
    if n <= {base}:
        return {pick("n + 1", "1", "n * 3 + 2")}
    return compute(n - 1) {pick("+", "-")} {times}compute(n - {less}) {more}"""
        start = stream.randint(4, 5 + level // 3)
    elif kind == 1:
        body = f"""\
    if n < {stream.randint(2, 6)}:
        return n {pick("+", "*")} {stream.randint(2, 5)}
    if n % 2 == {stream.randrange(2)}:
        return compute(n // 2) {pick("+ n", "* 2 - 1", f"+ {stream.randint(2, 9)}")}
    return compute(n - {stream.randint(1, 3)}) {pick("+ 3", "- n", "* 2")}"""
        start = stream.randint(20, 30 * level)
    elif kind == 2:
        rest = pick("compute(n // 10)", f"{stream.randint(2, 4)} * compute(n // 10)")
        body = f"""\
    if n < 10:
        return n
    return n % 10 {pick("+", "*", "-")} {rest}"""
        start = stream.randint(10 ** (level // 2), 10 ** (level // 2 + 3))
    else:
        body = f"""\
    if n < {stream.randint(2, 5)}:
        return {pick("n + 1", "n * 2", "1 - n", "3")}
    return compute(n // 2) {pick("+", "-", "+ 2 *")} compute(n // {pick("3", "4", "3 + 1")})"""
        start = stream.randint(5 * level, 20 * level)
    first = stream.randint(2, 3)
    return f"""\
def compute(n):
{body.rstrip()}

print({pick("compute", f"{first} + compute")}({start}))
print(compute({start + stream.randint(1, 2)}) - compute({start // 2}))"""


def nested_lists(stream: Stream, level: int) -> str:
    """A function that walks lists inside lists."""
    pick = _picker(stream)

    def tree(depth: int) -> str:
        parts = [
            tree(depth - 1) if depth and stream.random() < 0.36 else str(stream.randint(1, 20))
            for _ in range(stream.randint(2, 3))
        ]
        return f"[{', '.join(parts)}]"

    inner = pick("depth + 1", "depth * 2", "depth + len(item)")
    return f"""\
def walk(item, depth):
    if isinstance(item, int):
        return {pick("item * depth", "item - depth", "item % 5 + depth")}
    total = {pick("0", "depth", "-1")}
    for part in item:
        total {pick("+=", "=", "+=")} walk(part, {inner}){pick("", " * 2", " - 1")}
    return total

tree = [{", ".join(tree(level // 2 - 1) for _ in range(stream.randint(2, 2 + level // 9)))}]
print(walk(tree, 1))
print(walk(tree[1:], {stream.randint(2, 3)}))"""


def divisors(stream: Stream, level: int) -> str:
    """Loops that look for divisors, with else and break."""
    pick = _picker(stream)
    start = stream.randint(10, 60)
    return f"""\
found = []
total = {stream.randint(0, 30)}
for n in range({start}, {start + stream.randint(level // 2, level + level // 2)}):
    for k in range({pick("2, 6", "2, 8", "3, 9", "2, 5")}):
        if n % k == {pick("0", "0", "1")}:
            total += {pick("k", "n // k", "n % 10")}
            break
    else:
        found.append(n {pick("", "* 2", "- total")})
print(found)
print(total)"""


def insertion_sort(stream: Stream, level: int) -> str:
    """Sorting a list by hand, and what it looks like on the way."""
    pick = _picker(stream)
    count = stream.randint(4, level)
    values = _numbers(stream, count, 1, 50)
    stop = stream.randint(count // 2, count - 1)
    if stream.random() < 0.5:
        return f"""\
numbers = {values}
moves = 0
for i in range(1, {stop + 1}):
    j = i
    while j > 0 and numbers[j - 1] {stream.choice("<>")} numbers[j]:
        numbers[j - 1], numbers[j] = numbers[j], numbers[j - 1]
        j -= 1
        moves += {pick("1", "i", "j + 1", "numbers[j]")}
    if {pick("j == 0", "i % 2 == 1", f"moves > {count}")}:
        print(numbers[:{stream.randint(3, 5)}], moves)
print(numbers, moves)"""
    return f"""\
numbers = {values}
swaps = {stream.randint(0, 5)}
for turn in range({stream.randint(2, min(4, count - 1))}):
    for i in range(len(numbers) - 1{pick("", " - turn")}):
        if numbers[i] {pick("<", ">", "% 10 > 9 -")} numbers[i + 1]{pick("", " % 10")}:
            numbers[i], numbers[i + 1] = numbers[i + 1], numbers[i]
            swaps += {pick("1", "i", "turn + 1")}
    print(numbers, swaps)"""


def queues(stream: Stream, level: int) -> str:
    """Counting out of a circle, until few are left."""
    pick = _picker(stream)
    count = stream.randint(level - 1, 5 + level)
    if stream.random() < 0.5:
        people: str = _quoted(stream.sample(KEYS, min(8, count)))
        shown = "item[0] + item[-1]"
    else:
        people = str(_numbers(stream, count, 1, 60))
        shown = pick("item", "item * 2", "item - len(out)")
    return f"""\
queue = {people}
out = []
step = {stream.randint(1, 4)}
while len(queue) > {stream.randint(1, 2)}:
    for _ in range(step):
        queue.append(queue.pop(0))
    item = queue.pop({pick("0", "0", "1", "-1")})
    out.append({shown})
    step = step {pick("% 3 + 1", "+ 1 if step < 4 else 1", "* 2 % 5")}
print(out)
print(queue)"""


def exceptions(stream: Stream, level: int) -> str:
    """Errors that are raised and caught in a loop."""
    pick = _picker(stream)
    keys = stream.sample(KEYS, 3)
    table = {key: stream.randint(2, 9) for key in keys}
    asked = [
        stream.choice((*keys, *stream.sample(KEYS, 2)))
        for _ in range(stream.randint(level // 2 + 1, 2 * level))
    ]
    amounts = [stream.randint(0, 60) for _ in asked]
    return f"""\
table = {_quoted(table)}
total = {stream.randint(0, 9)}
errors = 0
for key, n in {_quoted(list(zip(asked, amounts, strict=True)))}:
    try:
        if n > {stream.randint(25, 45)}:
            raise ValueError(key)
        total += n {pick("//", "%", "*")} table[key]
        table[key] {pick("+= 2", "-= 1", "*= 2")}
    except KeyError:
        errors += {pick("1", "n", "total")}
    except ValueError as error:
        total -= len(str(error)){pick("", " * 2", " + errors")}
    {pick("else", "finally")}:
        errors += {stream.randint(2, 10)}
print(total, errors)
print({pick("list(table.values())", "sum(table.values()) - errors", "table")})"""


def shared_defaults(stream: Stream, level: int) -> str:
    """A default that is one list or dict for all calls."""
    pick = _picker(stream)
    calls = []
    for _ in range(stream.randint(level // 2 + 1, level + 1)):
        n = stream.randint(2, 30)
        calls.append(
            stream.choice(
                (f"collect({n})", f"collect({n})", f"collect({n}, a)", f"collect({n}, [{n + 3}])")
            )
        )
    lines = [f"a = {_numbers(stream, 2, 1, 30)}"]
    lines += [
        f"total = total * 2 - {call}" if n else f"total = {call}" for n, call in enumerate(calls)
    ]
    return f"""\
def collect(n, numbers=[]):
    for item in numbers{pick("[-2:]", "[:2]", "[-3:]")}:
        n += item {pick("% 7", "// 2", "- 3")}
    {pick("numbers.append(n)", "numbers.insert(0, n)", "numbers += [n, len(numbers)]")}
    return {pick("n", "sum(numbers)", "numbers[0] + n", "len(numbers) + n")}

{chr(10).join(lines)}
print(total)
print(a, collect({stream.randint(2, 9)}))"""


def closures(stream: Stream, level: int) -> str:
    """Functions that remember, and share, what they were made with."""
    pick = _picker(stream)
    kind = stream.randrange(3)
    if kind == 0:
        names = ("a", "b")
        calls = ", ".join(
            f"{stream.choice(names)}({stream.randint(2, 15)})"
            for _ in range(stream.randint(3, 2 + level // 2))
        )
        change = pick(
            "+= n * factor", "-= n - factor", "= n * count - total", "= total % 50 + n * factor"
        )
        return f"""\
def account(total, factor):
    count = 0
    def pay(n):
        nonlocal total, count
        count += 1
        total {change}
        return total {pick("+", "-", "*")} count
    return pay

a = account({stream.randint(2, 30)}, {stream.randint(2, 5)})
b = account({stream.randint(2, 30)}, {stream.randint(2, 5)})
result = [{calls}]
for n in range({stream.randint(1, level)}):
    result.append(a(n) - b(result[n]))
print(result[:3])
print(result[-3:], sum(result))"""
    if kind == 1:
        return f"""\
def power_of(n):
    return lambda a: a {pick("* n", "+ n", "- n")}

functions = []
for i in range({stream.randint(3, 3 + level // 3)}):
    functions.append(lambda a: a {pick("+ i", "* i", "- 2 * i")})
    functions.append(power_of(i + {stream.randint(1, 3)}))
i = {stream.randint(4, 9)}
result = {stream.randint(2, 9)}
for compute in functions:
    result = compute(result) {pick("% 100", f"% {stream.randint(31, 90)}")}
    if {_test(stream, "result", 60)}:
        i += {pick("1", "result % 4", "2")}
print(result, i)
print([compute({stream.randint(2, 5)}) for compute in functions[-3:]])"""
    one = pick("compute(n - 1)", "compute(n // 2)", "compute(n - 2)")
    other = pick("n", "compute(n // 3)", "compute(n - 3)")
    return f"""\
calls = []

def logged(function):
    def inner(n):
        calls.append(n)
        return function(n) {pick("+", "-", "*")} len(calls)
    return inner

@logged
def compute(n):
    if n < {stream.randint(2, 4)}:
        return {stream.randint(1, 5)}
    return {one} {pick("+", "-")} {other}

print(compute({stream.randint(4, 6 + level)}))
print(calls[-4:], len(calls))"""


def iterators(stream: Stream, level: int) -> str:
    """Iterators that are used up by several readers."""
    pick = _picker(stream)
    count = stream.randint(level + 2, 3 * level)
    return f"""\
numbers = iter({_numbers(stream, count + 4, 1, 40)})
total = next(numbers)
pairs = []
for n in numbers:
    if {_test(stream, "n", 40)}:
        pairs.append((n, next(numbers, {stream.randint(0, 9)})))
    else:
        total {pick("+=", "-=")} n {pick("", "* 2", "- len(pairs)", "+ total // 4")}
    if len(pairs) == {stream.randint(3, level - 1)}:
        break
print(pairs)
print(total, {pick("next(numbers, 0) + total", "sum(numbers)", "list(numbers)[:3]")})"""


def machines(stream: Stream, level: int) -> str:
    """A machine with states, driven by a string."""
    pick = _picker(stream)
    states = stream.sample(("idle", "busy", "open", "done", "lost"), 3)
    table = {state: {c: stream.choice(states) for c in "xyz"} for state in states}
    text = "".join(stream.choice("xyz") for _ in range(stream.randint(level, 3 * level)))
    return f"""\
table = {{
{chr(10).join(f"    {_quoted(state)}: {_quoted(row)}," for state, row in table.items())}
}}
state = "{states[0]}"
total = {stream.randint(0, 9)}
trace = ""
for letter in "{text}":
    state = table[state][letter]
    trace += state[{pick("0", "1", "-1")}]
    if state == "{stream.choice(states)}":
        {_change(stream, "total", "len(trace)")}
    elif trace[-1] == trace[0]:
        total += {stream.randint(2, 9)}
print(trace)
print(state, total)"""


def stack_machine(stream: Stream, level: int) -> str:
    """A calculator with a stack."""
    pick = _picker(stream)
    code: list[tuple[str, int]] = []
    changes = {"add": -1, "mul": -1, "sub": -1, "swap": 0, "copy": 1}
    ways = {
        "add": f"stack.append(a + b {pick('', '- n', '+ n')})",
        "mul": f"stack.append(a * b % {stream.randint(50, 100)})",
        "sub": f"stack.append({pick('a - b', 'b - a', 'a - b * n')})",
        "swap": f"stack += [b, a {pick('+', '-')} n]",
        "copy": f"stack += [a, b, {pick('a', 'b - n', 'a + n')}]",
    }
    one, other, third = stream.sample(tuple(ways), 3)
    depth = 0
    for _ in range(stream.randint(level, level * 3 // 2)):
        if depth < 2 or stream.random() < 0.4:
            code.append(("push", stream.randint(2, 20)))
            depth += 1
        else:
            name = pick(one, other, third)
            code.append((name, stream.randint(1, 5)))
            depth += changes[name]
    last = pick(
        "sum(stack) * len(stack)", "max(stack) - min(stack) + n", "stack[0] * 3 - stack[-1]"
    )
    return f"""\
stack = []
for name, n in {_quoted(code)}:
    if name == "push":
        stack.append(n)
        continue
    b = stack.pop()
    a = stack.pop()
    if name == "{one}":
        {ways[one]}
    elif name == "{other}":
        {ways[other]}
    else:
        {ways[third]}
print(stack)
print({last})"""


def sieve(stream: Stream, level: int) -> str:
    """Crossing out multiples in a list of flags."""
    pick = _picker(stream)
    size = stream.randint(10 + level, 4 * level)
    start = stream.randint(2, 4)
    return f"""\
open_doors = [{pick("True", "False")}] * {size}
for k in range({start}, {start + stream.randint(2, level // 2)}):
    for i in range({pick("k", "k - 1", "0", "k * 2")}, {size}, k):
        open_doors[i] = not open_doors[i]
numbers = [i for i in range({size}) if open_doors[i]]
print(numbers[{pick(":6", "-6:", "::2")}])
print(len(numbers), {pick("sum(numbers)", "sum(numbers[::2])", "numbers[-1] * numbers[0]")})"""


def automata(stream: Stream, level: int) -> str:
    """A row of cells that all change at once."""
    pick = _picker(stream)
    width = stream.randint(5, 6 + level // 3)
    cells = [stream.randrange(2) for _ in range(width)]
    rule = stream.choice(
        (
            "left != right",
            "left + cell + right == 1",
            "left == cell or right == 0",
            "(left + 2 * cell + right) % 3 != 1",
            "cell + right == 1",
        )
    )
    return f"""\
cells = {cells}
for turn in range({stream.randint(2, 2 + level // 4)}):
    changed = []
    for i, cell in enumerate(cells):
        left = cells[i - 1]
        right = cells[(i + 1) % len(cells)]
        changed.append(1 if {rule} else 0)
    cells = changed
    print("".join(str(cell) for cell in cells))
print(sum(i * cell for i, cell in enumerate(cells{pick(", 1", ", 2", "")})))"""


def tables_of_ways(stream: Stream, level: int) -> str:
    """A table that is filled from its smaller entries."""
    pick = _picker(stream)
    if stream.random() < 0.5:
        coins = sorted(_numbers(stream, stream.randint(2, 3), 1, 7))
        size = stream.randint(8 + level // 2, 12 + level)
        return f"""\
ways = [{pick("1", "2", "3")}] + [0] * {size}
for coin in {coins}:
    for n in range(coin, {size + 1}):
        ways[n] += ways[n - coin]
        if {pick(f"ways[n] > {stream.randint(4, 9)}", f"n % {stream.randint(3, 5)} == 0")}:
            ways[n] -= {pick("1", "2", "coin")}
print(ways[-{stream.randint(4, 6)}:])
print(sum(ways), {pick("max(ways)", "ways[coin]", "min(ways)")})"""
    values = _numbers(stream, stream.randint(5, 5 + level // 2), 1, 50)
    return f"""\
numbers = {values}
best = []
for i, n in enumerate(numbers):
    longest = {pick("0", "n % 3", "1")}
    for j in range(i):
        if numbers[j] {stream.choice("<>")} n and best[j] > longest:
            longest = best[j]
    best.append(longest + {pick("1", "n", "i", "n % 4 + 1")})
print(best)
print(max(best), {pick("sum(best)", "numbers[best.index(max(best))]", "best[-1] - best[0]")})"""


def searches(stream: Stream, level: int) -> str:
    """A walk through a graph, breadth or depth first."""
    pick = _picker(stream)
    count = stream.randint(5, level)
    letters = "ABCDEFGHIJ"[:count]
    edges = {
        letter: "".join(stream.sample([c for c in letters if c != letter], stream.randint(1, 4)))
        for letter in letters
    }
    return f"""\
graph = {_quoted(edges)}
queue = [("{stream.choice(letters)}", {stream.randint(0, 3)})]
seen = {{}}
while queue:
    item, cost = queue.pop({pick("0", "")})
    if item in seen:
        {pick("", "seen[item] += 1; ")}continue
    seen[item] = cost
    for other in graph[item]:
        if other not in seen:
            queue.append((other, cost + {pick("1", "len(graph[other])", "len(seen)", "2")}))
print("".join(seen))
print(list(seen.values()))"""


def bank(stream: Stream, level: int) -> str:
    """A class with a state, its own and one shared by all."""
    pick = _picker(stream)
    names = ("one", "two")
    calls = []
    for _ in range(stream.randint(level - 2, level + 5)):
        name = stream.choice(names)
        other = names[1 - names.index(name)]
        calls.append(
            stream.choice(
                (
                    f"{name}.add({stream.randint(2, 30)})",
                    f"{name}.take({stream.randint(5, 40)})",
                    f"{name}.add({other}.take({stream.randint(2, 20)}))",
                    f"{name}.add({other}.total // 2)",
                )
            )
        )
    fee = stream.randint(1, 3)
    shared = pick(("Account.fee += 1", "self.fee"), ("self.fee += 1", "Account.fee"))
    return f"""\
class Account:
    fee = {fee}
    log = []

    def __init__(self, total):
        self.total = total

    def add(self, n):
        self.total += n - {shared[1]}
        self.log.append({pick("n", "self.total", "n * 2")})

    def take(self, n):
        if n > self.total:
            {shared[0]}
            return {pick("0", "self.total // 2", "self.fee")}
        self.total -= n + {pick("self.fee", "Account.fee", "len(self.log)")}
        return n

one = Account({stream.randint(10, 40)})
two = Account({stream.randint(5, 30)})
{chr(10).join(calls)}
print(one.total, two.total)
print(one.fee, two.fee, Account.fee)
print(Account.log[-4:], sum(two.log))"""


def shapes_of_classes(stream: Stream, level: int) -> str:
    """Classes that inherit from one another, and replace or extend methods."""
    pick = _picker(stream)
    count = stream.randint(level // 2, level)
    kinds = ("Item", "Double", "Bonus")
    a, b, c = (stream.randint(2, 9) for _ in range(3))
    made = ", ".join(f"{stream.choice(kinds)}({stream.randint(2, 20)})" for _ in range(count))
    condition = pick("item.n % 2 == 0", "isinstance(item, Double)", "item.n > 4")
    return f"""\
class Item:
    def __init__(self, n):
        self.n = n

    def value(self):
        return self.n + self.extra()

    def extra(self):
        return {stream.randint(1, 5)}

class Double(Item):
    def value(self):
        return super().value() {pick("* 2", "* 3", "- 4")}

class Bonus(Double):
    def __init__(self, n):
        super().__init__(n {pick("+ 1", "* 2", "- 3")})
        self.used = {stream.randint(0, 2)}

    def extra(self):
        self.used += 1
        return self.n {pick("*", "-", "+")} self.used

items = [Item({a}), Double({b}), Bonus({c}), {made}]
print([item.value() for item in items][:5])
print(sum(item.value() for item in items if {condition}))
print(items[2].used, items[2].value() - items[1].extra())"""


def vectors(stream: Stream, level: int) -> str:
    """A class with operators."""
    pick = _picker(stream)
    lines = []
    for _ in range(stream.randint(level // 2, level)):
        one, other = stream.sample(("a", "b", "c"), 2)
        lines.append(
            stream.choice(
                (
                    f"{one} = {one} + {other}",
                    f"{one} += {other} * {stream.randint(2, 3)}",
                    f"{one} = {other}",
                    f"{other}.x -= {one}.y",
                    f"{one}.y, {other}.x = {other}.x, {one}.y + 1",
                )
            )
        )
    start = [f"{name} = Pair({stream.randint(1, 12)}, {stream.randint(1, 12)})" for name in "abc"]
    return f"""\
class Pair:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Pair(self.x + other.{stream.choice("xy")}, self.y {pick("+", "-")} other.y)

    def __mul__(self, n):
        return Pair(self.x * n, self.y {pick("* n", "+ n", "- n")})

    def __repr__(self):
        return f"<{{self.{pick("x", "x * 2")}}}, {{self.y}}>"

{chr(10).join(start)}
for n in range({stream.randint(1, max(2, level // 3))}):
    a += b * n
{chr(10).join(lines)}
print(a, b)
print([c, a + c])"""


def remembered(stream: Stream, level: int) -> str:
    """A recursion that keeps its results, and counts its calls."""
    pick = _picker(stream)
    less = stream.sample((1, 2, 3, 4), 2)
    start = stream.randint(6, 8 + level // 2)
    smaller = pick(f"- {less[1]}", "// 2")
    extra = pick(f"if n % {stream.randint(3, 5)} == 0:\n        memo[n] += 1\n    ", "")
    return f"""\
memo = {{}}
calls = 0

def compute(n):
    global calls
    calls += 1
    if n < {stream.randint(2, 3)}:
        return {pick("n", "1", "2 - n", "3")}
    if n not in memo:
        memo[n] = compute(n - {less[0]}) {pick("+", "-", "+ 2 *")} compute(n {smaller})
    {extra}return memo[n]

print(compute({start}))
print(calls, len(memo))
print([memo[n] for n in sorted(memo)][{pick("-4:", ":5", "::2")}])"""


def puzzles_of_sets(stream: Stream, level: int) -> str:
    """Sets that are joined, cut and compared."""
    pick = _picker(stream)
    count = stream.randint(5, 5 + level // 2)
    ways = ["a | b", "a & b", "a - b", "b - a", "a ^ b"]
    one, other = stream.sample(ways, 2)
    change = pick("+ 3", "* 2", "- 1", "% 7")
    return f"""\
a = {{{", ".join(map(str, _numbers(stream, count, 1, 15)))}}}
b = {{n {change} for n in range({stream.randint(2, 4)}, {stream.randint(9, 9 + level)})}}
for n in {_numbers(stream, stream.randint(3, level), 1, 20)}:
    if n in b:
        a.add(n * {stream.randint(2, 4)})
        b.discard(n)
    else:
        b.add(n + {pick("1", "len(a)", "len(b)")})
c = {one}
print(sorted(c)[:6], len(c))
print(sum({other}), max(a) - min(b))"""


def ciphers(stream: Stream, level: int) -> str:
    """A word whose letters are moved through the alphabet."""
    pick = _picker(stream)
    word = "".join(stream.sample(WORDS, 2))[:level]
    return f"""\
def encode(word, key):
    result = ""
    for i, letter in enumerate(word):
        place = ord(letter) - ord("a") + {pick("key", "key * i", "key + i", "key - i")}
        if {pick("i % 2 == 0", "place > 12", "letter in result", 'letter < "m"')}:
            place {pick("+= 1", "-= 2", "+= key")}
        result += chr(ord("a") + place % 26)
    return result{pick("", "[::-1]")}

secret = encode("{word}", {stream.randint(1, 5)})
print(secret)
print(encode(secret[{pick(":3", "-3:", "1:4")}], {stream.randint(1, 4)}))"""


def _quoted(value: object) -> str:
    """The text of a value in double quotes, as most programs are written."""
    return repr(value).replace("'", '"')


SHAPES = {
    "arithmetic": Shape(arithmetic, 1, 3),
    "swaps": Shape(swaps, 1, 2),
    "slices": Shape(slices, 1, 2),
    "text_methods": Shape(text_methods, 1, 2),
    "conditional_variables": Shape(conditional_variables, 1, 3),
    "choices": Shape(choices, 2, 4),
    "totals": Shape(totals, 2, 5),
    "ranges": Shape(ranges, 2, 4),
    "list_edits": Shape(list_edits, 2, 3),
    "digits": Shape(digits, 3, 6),
    "spelled": Shape(spelled, 3, 6),
    "counters": Shape(counters, 3, 6),
    "pairs_of_lists": Shape(pairs_of_lists, 3, 6),
    "guesses": Shape(guesses, 4, 6),
    "comprehensions": Shape(comprehensions, 4, 6),
    "aliases": Shape(aliases, 3, 6),
    "helper_functions": Shape(helper_functions, 4, 7),
    "nested_loops": Shape(nested_loops, 4, 8),
    "robot": Shape(robot, 4, 8),
    "sums_of_grids": Shape(sums_of_grids, 5, 8),
    "recurrences": Shape(recurrences, 5, 9),
    "sorting_by_keys": Shape(sorting_by_keys, 4, 6),
    "groups": Shape(groups, 4, 5),
    "arguments": Shape(arguments, 4, 8),
    "recursion": Shape(recursion, 5, 9),
    "puzzles_of_sets": Shape(puzzles_of_sets, 5, 7),
    "divisors": Shape(divisors, 5, 9),
    "sieve": Shape(sieve, 6, 9),
    "insertion_sort": Shape(insertion_sort, 5, 9),
    "queues": Shape(queues, 6, 10),
    "exceptions": Shape(exceptions, 6, 9),
    "nested_lists": Shape(nested_lists, 7, 10),
    "shared_defaults": Shape(shared_defaults, 6, 9),
    "closures": Shape(closures, 6, 10),
    "ciphers": Shape(ciphers, 6, 8),
    "iterators": Shape(iterators, 6, 7),
    "machines": Shape(machines, 6, 10),
    "stack_machine": Shape(stack_machine, 6, 10),
    "automata": Shape(automata, 7, 10),
    "tables_of_ways": Shape(tables_of_ways, 7, 10),
    "searches": Shape(searches, 7, 10),
    "bank": Shape(bank, 7, 10),
    "shapes_of_classes": Shape(shapes_of_classes, 8, 10),
    "vectors": Shape(vectors, 7, 10),
    "remembered": Shape(remembered, 7, 10),
}
"""The shapes by name."""
