"""Conditions that tasks of several topics are put together from: no two of them mean the same."""

from __future__ import annotations

from typing import NamedTuple

from reasoning_gym_envs.problems import Stream


class Condition(NamedTuple):
    """What is asked of a value.

    Args:
        name: what it is called in the content of a task.
        holds: what is said of one value, such as ``"is even"``.
        hold: what is said of several, such as ``"are even"``.
        code: a Python expression, with ``{}`` where the value stands.
        fails: of a condition on letters a letter for which it does not hold.
    """

    name: str
    holds: str
    hold: str
    code: str
    fails: str = ""

    def of(self, value: str) -> str:
        """The Python expression for a value."""
        return self.code.format(value)


def _condition(what: str, code: str, many: str = "") -> Condition:
    return Condition(what, f"is {what}", f"are {many or what}", code)


def about_number(stream: Stream, level: int, complements: bool = True) -> Condition:
    """A condition on a whole number, for numbers that lie about -10 to 20.

    Args:
        stream: what it is drawn from.
        level: up to level 2 only simple ones.
        complements: among them are two of which one holds where the other does not.
    """
    kind = stream.randrange(6 if level <= 2 else 9)
    if not complements:
        kind = stream.choice((0, 1, 2, 5) if level <= 2 else (0, 1, 2, 5, 7))
        if kind == 0:
            return _condition("even", "{} % 2 == 0")
    if kind == 0:
        return _condition(*stream.choice((("even", "{} % 2 == 0"), ("odd", "{} % 2 != 0"))))
    if kind <= 2:
        limit = stream.randint(-3, 7)
        return _condition(f"greater than {limit}", f"{{}} > {limit}")
    if kind <= 4:
        limit = stream.randint(-1, 10)
        return _condition(f"less than {limit}", f"{{}} < {limit}")
    if kind == 5:
        divisor = stream.randint(3, 5)
        code = f"{{}} % {divisor} == 0"
        return _condition(f"a multiple of {divisor}", code, f"multiples of {divisor}")
    if kind == 6:
        divisor = stream.randint(3, 5)
        code = f"{{}} % {divisor} != 0"
        return _condition(f"not a multiple of {divisor}", code, f"not multiples of {divisor}")
    low = stream.randint(-4, 8)
    high = low + stream.randint(3, 6)
    if kind == 7:
        return Condition(
            f"from {low} to {high} (both included)",
            f"is between {low} and {high} (inclusive)",
            f"are between {low} and {high} (inclusive)",
            f"{low} <= {{}} <= {high}",
        )
    return _condition(f"less than {low} or greater than {high}", f"not {low} <= {{}} <= {high}")


def about_letter(stream: Stream, level: int) -> Condition:
    """A condition on a lower-case letter from a to z."""
    kind = stream.randrange(3 if level <= 1 else 6)
    if kind == 0:
        return Condition(
            "a vowel",
            "is a vowel (a, e, i, o, u)",
            "are vowels (a, e, i, o, u)",
            '{} in "aeiou"',
            "z",
        )
    if kind == 1:
        return Condition(
            "a consonant",
            "is a consonant (not a, e, i, o or u)",
            "are consonants (not a, e, i, o or u)",
            '{} not in "aeiou"',
            "a",
        )
    if kind <= 3:
        where, sign, fails = ("after", ">", "a") if kind == 2 else ("before", "<", "z")
        letter = stream.choice("cdefghjkmnpqrt")
        return Condition(
            f"{where} {letter}",
            f'comes {where} "{letter}" in the alphabet',
            f'come {where} "{letter}" in the alphabet',
            f'{{}} {sign} "{letter}"',
            fails,
        )
    letters = "".join(sorted(stream.sample("abcdefghiklmnoprstu", 4)))
    listed = f"{', '.join(letters[:3])} and {letters[3]}"
    any_of = f"{', '.join(letters[:3])} or {letters[3]}"
    if kind == 4:
        what, told, code, fails = f"one of {listed}", any_of, f'{{}} in "{letters}"', "z"
    else:
        what, told = f"none of {listed}", f"not {any_of}"
        code, fails = f'{{}} not in "{letters}"', letters[0]
    return Condition(what, f"is {told}", f"are {told}", code, fails)


def about_word(stream: Stream, level: int) -> Condition:
    """A condition on a word of one or more lower-case letters."""
    kind = stream.randrange(4 if level <= 2 else 8)
    if kind == 0:
        length = stream.randint(2, 4)
        return Condition(
            f"longer than {length}",
            f"has more than {length} letters",
            f"have more than {length} letters",
            f"len({{}}) > {length}",
        )
    if kind == 1:
        length = stream.randint(4, 6)
        return Condition(
            f"shorter than {length}",
            f"has fewer than {length} letters",
            f"have fewer than {length} letters",
            f"len({{}}) < {length}",
        )
    if kind == 2:
        letter = stream.choice("aeiorstn")
        return Condition(
            f"with {letter}",
            f'contains the letter "{letter}"',
            f'contain the letter "{letter}"',
            f'"{letter}" in {{}}',
        )
    if kind == 3:
        letter = stream.choice("aeiorstn")
        return Condition(
            f"without {letter}",
            f'does not contain the letter "{letter}"',
            f'do not contain the letter "{letter}"',
            f'"{letter}" not in {{}}',
        )
    if kind == 4:
        return Condition(
            "first is a vowel",
            "starts with a vowel (a, e, i, o, u)",
            "start with a vowel (a, e, i, o, u)",
            '{}[0] in "aeiou"',
        )
    if kind == 5:
        return Condition(
            "last is a vowel",
            "ends with a vowel (a, e, i, o, u)",
            "end with a vowel (a, e, i, o, u)",
            '{}[-1] in "aeiou"',
        )
    if kind == 6:
        return Condition(
            "even length",
            "has an even number of letters",
            "have an even number of letters",
            "len({}) % 2 == 0",
        )
    letter = stream.choice("fhkmp")
    return Condition(
        f"first before {letter}",
        f'starts with a letter before "{letter}" in the alphabet',
        f'start with a letter before "{letter}" in the alphabet',
        f'{{}}[0] < "{letter}"',
    )


def draw_numbers(stream: Stream, longest: int = 9, low: int = -9, high: int = 15) -> list[int]:
    """A list of three or more whole numbers, some of them equal."""
    if stream.random() < 0.2:
        high = min(high, low + 6)
    return [stream.randint(low, high) for _ in range(stream.randint(min(3, longest), longest))]


_WORDS = """
    a an apple area arrow as at bee bell book bottle cat church civic coffee deer dog door eel egg
    end engine eye fern fig fire frog green hat hill ice idea ink iron jam kayak key kitten lamp
    level lion map mirror moon nest net noon oak odd of on onion otter owl paper pea pepper pin
    radar rain river rose sea seed ship snow sun tea tent tree uncle up use wall water west yarn
""".split()  # noqa: SIM905


def draw_words(stream: Stream, longest: int = 7) -> list[str]:
    """A list of lower-case words."""
    return [stream.choice(_WORDS) for _ in range(stream.randint(min(3, longest), longest))]


def draw_text(stream: Stream, longest: int = 10) -> str:
    """A text of lower-case letters, most of them common, some of them doubled."""
    text = ""
    for _ in range(stream.randint(1, longest)):
        letter = stream.choice("aaeeiioourstlnmdcpbghkfvwxyzjq")
        text += letter if stream.random() < 0.75 else letter + letter
    return text
