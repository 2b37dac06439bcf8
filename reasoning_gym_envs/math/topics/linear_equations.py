"""Linear equations in one unknown: from ax + b = c to brackets and fractions on both sides."""

from __future__ import annotations

from reasoning_gym_envs.math.writing import operand, polynomial
from reasoning_gym_envs.problems import Problem, Stream

# By level: the largest coefficient, constant and solution.
_SIZES = {1: (5, 9, 9), 2: (9, 20, 9), 3: (12, 60, 20)}


def generate(stream: Stream, level: int) -> Problem:
    """Solve for x."""
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
    move = f"{c}-{b}={c - b}" if b > 0 else f"{c}+{-b}={c - b}"
    steps = (move, f"{operand(c - b)}/{a}={x}")
    return Problem(text, level, f"Solve ${text}$ for $x$.", str(x), "linear_equations", steps)
