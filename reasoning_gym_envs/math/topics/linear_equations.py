"""Linear equations in one unknown: from ax + b = c to brackets and fractions on both sides."""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm

from reasoning_gym_envs.math import place_value
from reasoning_gym_envs.math.writing import latex, operand, polynomial
from reasoning_gym_envs.problems import Problem, Stream

# By level: the largest coefficient, constant and solution.
_SIZES = {1: (5, 9, 9), 2: (9, 20, 9), 3: (12, 60, 20)}


# From level 4 on: possible pieces of the left and the right side (t a multiple of x, n a number,
# b a bracket k(ax + b), f a fraction of ax + b, h a bracket in a bracket), the largest coefficient
# and denominator.
_PIECES: dict[int, tuple[tuple[tuple[str, str], ...], int, int]] = {
    4: ((("tnt", "t"), ("tn", "tt"), ("ttn", "t")), 12, 1),
    5: ((("b", "t"), ("bt", ""), ("bn", "t")), 9, 1),
    6: ((("bt", "b"), ("bb", ""), ("bb", "t"), ("bn", "b")), 9, 1),
    7: ((("bb", "bn"), ("btn", "bn"), ("bbn", "tn")), 12, 1),
    8: ((("ff", "n"), ("f", "fn"), ("fn", "tn")), 9, 6),
    9: ((("fb", "fn"), ("ff", "btn"), ("fbn", "fn")), 9, 8),
    10: ((("hf", "fbn"), ("hff", "bn"), ("hb", "ffn")), 9, 9),
}
_WHOLE = 6  # up to this level the solutions are whole numbers


def generate(stream: Stream, level: int) -> Problem:
    """Solve for x.

    Levels 1 to 3 are ax + b = c; from 4 on x is on both sides, from 5 on there are brackets, from 7
    on solutions are fractions, from 8 on there are fractions in the equation, and on 10 brackets in
    brackets.
    """
    if level > 3:
        return _both_sides(stream, level)
    largest, constant, solution = _SIZES[min(level, 3)]
    x = stream.randint(1, solution)
    if level > 2 and stream.random() < 0.5:
        x = -x
    a = stream.randint(2, largest)
    b = stream.randint(1, constant)
    if level > 1 and stream.random() < 0.5:
        b = -b
    c = a * x + b
    text = f"{polynomial([b, a])} = {c}"
    steps = (*_move(c, b), f"{operand(c - b)}/{a}={x}")
    return Problem(text, level, f"Solve ${text}$ for $x$.", str(x), "linear_equations", steps)


def _move(c: int, b: int) -> tuple[str, ...]:
    """The worked steps of c − b, by place value where both are small enough."""
    if abs(b) < 100 and abs(c) < 100:
        if b >= 0 and c >= 0:
            return place_value.subtract(c, b)
        if b < 0:
            return place_value.add(c, -b) if c >= 0 else place_value.subtract(-b, -c)
    return (f"{c}-{b}={c - b}" if b > 0 else f"{c}+{-b}={c - b}",)


def _both_sides(stream: Stream, level: int) -> Problem:
    kinds, largest, denominator = _PIECES[level]
    # Everything as a sum: side, a and b of ax + b, and the denominator of both.
    pieces: list[tuple[int, int, int, int]] = []
    texts = ["", ""]
    steps: list[str] = []
    for side, letters in enumerate(stream.choice(kinds)):
        for kind in letters:
            a, b, over, text = _piece(stream, kind, largest, denominator, steps)
            if (kind != "n" and not texts[side]) or stream.random() < 0.5:
                pieces.append((side, a, b, over))
                texts[side] += f" + {text}" if texts[side] else text
            else:
                pieces.append((side, -a, -b, over))
                texts[side] += f" - {text}" if texts[side] else f"-{text}"
    common = lcm(*[over for _, _, _, over in pieces])
    if not sum([a * common // over * (1 - 2 * side) for side, a, _, over in pieces]):
        pieces.append((0, 1, 0, 1))  # else there would be no equation to solve
        texts[0] += " + x"
    if level <= _WHOLE:
        most = 12 if level < 5 else 80  # so that no guess is often right
        x = stream.randint(1, most) if stream.random() < 0.6 else -stream.randint(1, most)
        gap = sum([(a * x + b) * (1 - 2 * side) for side, a, b, _ in pieces])
        pieces.append((1, 0, gap, 1))
        if not texts[1]:
            texts[1] = str(gap)
        elif gap:
            texts[1] += f" + {gap}" if gap > 0 else f" - {-gap}"
    coefficient, constant = _collect(pieces, common, steps)
    solution = Fraction(constant, coefficient)
    if coefficient != 1:
        steps.append(f"{operand(constant)}/{operand(coefficient)}={solution}")
    text = f"{texts[0]} = {texts[1]}"
    question = f"Solve ${text}$ for $x$."
    return Problem(text, level, question, latex(solution), "linear_equations", tuple(steps))


def _piece(
    stream: Stream, kind: str, largest: int, denominator: int, steps: list[str]
) -> tuple[int, int, int, str]:
    """Some (ax + b)/over: a, b, over and the LaTeX; brackets are multiplied out in the steps."""
    if kind == "t":
        a = stream.randint(2, largest)
        return a, 0, 1, f"{a}x"
    if kind == "n":
        b = stream.randint(1, 3 * largest)
        return 0, b, 1, str(b)
    a, b = stream.randint(1, largest), stream.randint(1, largest)
    b = b if stream.random() < 0.5 else -b
    if kind == "f":
        over = stream.randint(2, denominator)
        if gcd(a, b, over) > 1:
            a += 1 if a % over else -1
        return a, b, over, f"\\frac{{{polynomial((b, a))}}}{{{over}}}"
    k = stream.randint(2, largest)
    if a > 1:
        steps.append(f"{k}*{a}={k * a}")
    steps.append(f"{k}*{operand(b)}={k * b}")
    text = f"{k}({polynomial((b, a))})"
    if kind == "b":
        return k * a, k * b, 1, text
    number, factor = stream.randint(1, 2 * largest), stream.randint(2, 5)
    inner = number - k * b
    steps += (
        f"{number}-{operand(k * b)}={inner}",
        f"{factor}*{k * a}={factor * k * a}",
        f"{factor}*{operand(inner)}={factor * inner}",
    )
    return -factor * k * a, factor * inner, 1, f"{factor}\\left[{number} - {text}\\right]"


def _collect(
    pieces: list[tuple[int, int, int, int]], common: int, steps: list[str]
) -> tuple[int, int]:
    """Clear the denominators, bring x to the left and the numbers to the right."""
    coefficients: list[int] = []
    constants: list[int] = []
    for side, a, b, over in pieces:
        factor = common // over
        if factor > 1:
            if over > 1:
                steps.append(f"{common}/{over}={factor}")
            if abs(a) > 1:
                steps.append(f"{factor}*{operand(a)}={factor * a}")
            if abs(b) > 1:
                steps.append(f"{factor}*{operand(b)}={factor * b}")
        if a:
            coefficients.append(-a * factor if side else a * factor)
        if b:
            constants.append(b * factor if side else -b * factor)
    for numbers in (coefficients, constants):
        for i in range(1, len(numbers)):
            total, n = numbers[i - 1], numbers[i]
            steps.append(f"{total}+{n}={total + n}" if n > 0 else f"{total}-{-n}={total + n}")
            numbers[i] += total
    return coefficients[-1], constants[-1] if constants else 0
