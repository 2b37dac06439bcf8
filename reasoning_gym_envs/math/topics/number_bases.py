"""Number bases: reading, writing and calculating in the bases from 2 to 16."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from reasoning_gym_envs.problems import Problem, Stream


class _Level(NamedTuple):
    digits: int  # of a number in base 10; fewer digits in larger bases, more in smaller ones
    bases: tuple[int, ...]
    kinds: tuple[str, ...]


_SMALL, _LARGE = (3, 4, 5, 6, 7, 8, 9), (11, 12, 13, 14, 15, 16)
_LEVELS = {
    1: _Level(1, (2, 3, 4), ("read", "write")),
    2: _Level(2, (2, 3, 4, 5), ("read", "write", "base")),
    3: _Level(3, (2, *_SMALL), ("read", "write", "read two", "add")),
    4: _Level(3, (2, *_SMALL), ("write", "read two", "add", "subtract", "base")),
    5: _Level(3, (2, *_SMALL, *_LARGE), ("read two", "add", "subtract", "digit sum")),
    6: _Level(3, (2, *_SMALL, *_LARGE), ("write", "read two", "subtract", "multiply", "convert")),
    7: _Level(4, (2, *_SMALL, *_LARGE), ("read two", "multiply", "convert", "digit sum")),
    8: _Level(4, (2, *_SMALL, *_LARGE), ("multiply", "convert", "read two and write")),
    9: _Level(4, (*_SMALL, *_LARGE), ("multiply", "convert", "read two and write")),
    10: _Level(5, (*_SMALL, *_LARGE), ("convert", "read two and write")),
}

_LETTERS = (
    " Letters stand for the digits above $9$: $\\mathrm{A}$ for $10$, $\\mathrm{B}$ for $11$, "
    "and so on."
)
_AS_LIST = (
    " Give its digits from left to right, each as a decimal number, in parentheses and separated "
    "by commas."
)
_AS_NUMBER = " Give the digits only, without the base."
_READ = (
    "Write ${}$ as a decimal number.",
    "Which decimal number is ${}$?",
    "Convert ${}$ to base $10$.",
)
_WRITE = (
    "Write the decimal number ${}$ in base ${}$.",
    "Convert the decimal number ${}$ to base ${}$.",
)
_CONVERT = (
    "Convert ${}$ to base ${}$.",
    "Write ${}$ in base ${}$.",
)


def generate(stream: Stream, level: int) -> Problem:
    """Read or write a number in another base, or calculate there.

    Levels 1 and 2 have bases up to 5; 3 and 4 go to base 9 and add and subtract; from 5 on bases
    up to 16 come in, from 6 on products by one digit and conversions by way of base 10.
    """
    chosen = _LEVELS[level]
    kind = stream.choice(chosen.kinds)
    steps: list[str] = []
    content, question, answer = _KINDS[kind](stream, chosen, steps)
    return Problem(content, level, question, answer, "number_bases", tuple(steps), "reduced")


_Made = tuple[str, str, str]  # content, question, answer


def _read(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    base = stream.choice(level.bases)
    number, text = _number(stream, level, base)
    question = stream.choice(_READ).format(text)
    return text, question + _legend(text), _value(number, base, steps)


def _write(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    base = stream.choice(level.bases)
    value = stream.randint(max(base**2, 10 ** (level.digits - 1)), max(31, 10**level.digits - 1))
    question, answer = _ask_to_write(_WRITE, stream, str(value), value, base, steps)
    return f"{value} in {base}", question, answer


def _convert(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    base, other = stream.sample(level.bases, 2)
    number, text = _number(stream, level, base)
    value = int(_value(number, base, steps))
    question, answer = _ask_to_write(_CONVERT, stream, text, value, other, steps)
    return f"{text} in {other}", question + _legend(text), answer


def _read_two(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    text, value, legend = _two(stream, level, steps)
    return text, f"Compute ${text}$ and give the result in base $10$.{legend}", str(value)


def _read_two_and_write(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    text, value, legend = _two(stream, level, steps)
    base = stream.choice(level.bases)
    phrasings = ("Compute ${}$ and write the result in base ${}$.",)
    question, answer = _ask_to_write(phrasings, stream, text, value, base, steps)
    return f"{text} in {base}", question + legend, answer


def _digit_sum(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    base = stream.choice(level.bases)
    value = stream.randint(max(base**2, 10 ** (level.digits - 1)), 10**level.digits - 1)
    digits = _divide(value, base, steps)
    steps.append("+".join(map(str, digits)) + f"={sum(digits)}")
    question = f"The decimal number ${value}$ is written in base ${base}$. "
    what = "What is the sum of its digits there, as a decimal number?"
    return f"digit sum {value} in {base}", question + what, str(sum(digits))


def _find_base(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    base = max(4, stream.choice(level.bases))
    digits = [stream.randint(2, base - 1), stream.randint(0, base - 1)]
    if level.digits > 2:
        digits.insert(1, stream.randint(0, base - 1))
    value = int(_value(digits, base, []))
    rest = value - digits[-1]
    steps.append(f"{value}-{digits[-1]}={rest}")
    if len(digits) > 2:
        steps.append(f"{rest}/{base}={rest // base}")
        if digits[1]:
            steps.append(f"{rest // base}-{digits[1]}={digits[0] * base}")
        rest = digits[0] * base
    steps.append(f"{rest}/{digits[0]}={base}")
    written = "".join(map(str, digits))
    question = (
        f"In which base is the decimal number ${value}$ written as ${written}$?",
        f"For which base $b$ is ${written}_b$ equal to the decimal number ${value}$?",
    )
    return f"base of {value} as {written}", stream.choice(question), str(base)


def _add(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    base = stream.choice([b for b in level.bases if b < 10])
    a, b = _carrying_pair(stream, level, base)
    total: list[int] = []
    carry = 0
    for x, y in zip(reversed(a), reversed(b), strict=True):
        column = x + y + carry
        steps.append(f"{x}+{y}+{carry}={column}" if carry else f"{x}+{y}={column}")
        carry = 1 if column >= base else 0
        if carry:
            steps.append(f"{column}-{base}={column - base}")
        total.insert(0, column - carry * base)
    answer = _as_number([1, *total] if carry else total, steps)
    return _ask_to_calculate(stream, a, "+", b, base, answer)


def _subtract(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    base = stream.choice([b for b in level.bases if b < 10])
    b, c = _carrying_pair(stream, level, base)
    a = _digits(int(_value(b, base, [])) + int(_value(c, base, [])), base)
    borrow = 0
    for x, y, z in zip(reversed(a), reversed(b), reversed(c), strict=False):
        text = f"{x}-{borrow}-{y}" if borrow else f"{x}-{y}"
        borrow = 1 if x - borrow < y else 0
        steps.append(f"{base}+{text}={z}" if borrow else f"{text}={z}")
    return _ask_to_calculate(stream, a, "-", b, base, _as_number(c, steps))


def _multiply(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    base = stream.choice([b for b in level.bases if 3 < b < 10])
    a, _ = _carrying_pair(stream, level, base)
    factor = stream.randint(2, base - 1)
    product: list[int] = []
    carry = 0
    for x in reversed(a):
        column = x * factor + carry
        steps.append(f"{x}*{factor}+{carry}={column}" if carry else f"{x}*{factor}={column}")
        carry = column // base
        if carry:
            steps.append(f"{column}-{carry}*{base}={column % base}")
        product.insert(0, column % base)
    answer = _as_number([carry, *product] if carry else product, steps)
    return _ask_to_calculate(stream, a, "\\times", [factor], base, answer)


def _ask_to_calculate(
    stream: Stream, a: Sequence[int], sign: str, b: Sequence[int], base: int, answer: str
) -> _Made:
    text = f"{_written(a, base)} {sign} {_written(b, base)}"
    question = (
        f"Compute ${text}$. Write the result in base ${base}$.",
        f"Find ${text}$, calculating in base ${base}$.",
    )
    return text, stream.choice(question) + _AS_NUMBER, answer


def _ask_to_write(
    phrasings: Sequence[str], stream: Stream, text: str, value: int, base: int, steps: list[str]
) -> tuple[str, str]:
    """The question for a number in a base, and the answer: from base 11 on a list of digits."""
    question = stream.choice(phrasings).format(text, base)
    if base < 10:
        return question + _AS_NUMBER, _as_number(_divide(value, base, steps), steps)
    before = len(steps)
    digits = _divide(value, base, steps)
    if len(steps) > before + 1 and digits[0] in (1, *digits[1:]):
        steps.pop()  # a first digit that stands elsewhere too is no news
    return question + _AS_LIST, "(" + ", ".join(map(str, digits)) + ")"


def _two(stream: Stream, level: _Level, steps: list[str]) -> tuple[str, int, str]:
    """Two numbers in different bases, added or multiplied: in LaTeX, the value, the legend."""
    bases = stream.sample(level.bases, 2)
    (a, first), (b, second) = (_number(stream, level, base) for base in bases)
    x, y = int(_value(a, bases[0], steps)), int(_value(b, bases[1], steps))
    if level.digits > 3 or stream.random() < 0.6:
        text, value = f"{first} + {second}", x + y
        steps.append(f"{x}+{y}={value}")
    else:
        text, value = f"{first} \\times {second}", x * y
        steps.append(f"{x}*{y}={value}")
    return text, value, _legend(first + second)


def _number(stream: Stream, level: _Level, base: int) -> tuple[list[int], str]:
    """The digits of a number of the level's size, and how it is written."""
    least = max(base, 10 ** (level.digits - 1))
    digits = _digits(stream.randint(least, max(31, 10**level.digits - 1)), base)
    return digits, _written(digits, base)


def _carrying_pair(stream: Stream, level: _Level, base: int) -> tuple[list[int], list[int]]:
    """Two numbers with equally many digits whose last digits give a carry."""
    a, b = (
        [stream.randint(1, base - 1)]
        + [stream.randint(0, base - 1) for _ in range(level.digits - 2 + (base < 5))]
        for _ in range(2)
    )
    last = stream.randint(1, base - 1)
    return [*a, last], [*b, stream.randint(base - last, base - 1)]


def _digits(value: int, base: int) -> list[int]:
    digits: list[int] = []
    while value:
        value, digit = divmod(value, base)
        digits.append(digit)
    return digits[::-1]


def _written(digits: Sequence[int], base: int) -> str:
    """A number in LaTeX with its base."""
    text = "".join("0123456789ABCDEF"[digit] for digit in digits)
    if base > 10:
        text = f"\\mathrm{{{text}}}"
    return f"{text}_{base}" if base < 10 else f"{text}_{{{base}}}"


def _legend(text: str) -> str:
    return _LETTERS if any(letter in text for letter in "ABCDEF") else ""


def _value(digits: Sequence[int], base: int, steps: list[str]) -> str:
    """The value, from the first digit to the last: times the base, plus the next digit."""
    value = digits[0]
    for digit in digits[1:]:
        plus = f"+{digit}" if digit else ""
        steps.append(f"{value}*{base}{plus}={value * base + digit}")
        value = value * base + digit
    return str(value)


def _divide(value: int, base: int, steps: list[str]) -> list[int]:
    """The digits: the remainders of repeated division, and the last quotient."""
    digits: list[int] = []
    while value >= base:
        quotient, digit = divmod(value, base)
        above = f"({value}-{digit})" if digit else f"{value}"
        steps.append(f"{above}/{base}={quotient}")
        digits.append(digit)
        value = quotient
    return [value, *digits[::-1]]


def _as_number(digits: Sequence[int], steps: list[str]) -> str:
    """The digits put together, as the number that is read where the answer stands."""
    text = "".join(map(str, digits))
    last = len(digits) - 1
    places = ["", "*10", *(f"*10^{k}" for k in range(2, last + 1))]
    steps.append("+".join(f"{d}{places[last - i]}" for i, d in enumerate(digits)) + f"={text}")
    return text


_KINDS: dict[str, Callable[[Stream, _Level, list[str]], _Made]] = {
    "read": _read,
    "write": _write,
    "convert": _convert,
    "read two": _read_two,
    "read two and write": _read_two_and_write,
    "digit sum": _digit_sum,
    "base": _find_base,
    "add": _add,
    "subtract": _subtract,
    "multiply": _multiply,
}
