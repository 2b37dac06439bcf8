"""The topics of MathBoxed: one file each, with a ``generate(stream, level) -> Problem``."""

from __future__ import annotations

from reasoning_gym_envs.math.topics import (
    gcd_lcm,
    integer_arithmetic,
    linear_equations,
)
from reasoning_gym_envs.problems import Generator

TOPICS: dict[str, Generator] = {
    "integer_arithmetic": integer_arithmetic.generate,
    "linear_equations": linear_equations.generate,
    "gcd_lcm": gcd_lcm.generate,
}
