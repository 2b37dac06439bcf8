"""The topics of MathBoxed: one file each, with a ``generate(stream, level) -> Problem``."""

from __future__ import annotations

from reasoning_gym_envs.math.topics import (
    counting,
    decimals,
    derivatives,
    fractions,
    gcd_lcm,
    geometry,
    integer_arithmetic,
    integrals,
    linear_equations,
    linear_systems,
    logarithms_and_powers,
    matrices,
    modular_arithmetic,
    number_bases,
    percentages,
    polynomials,
    prime_factors,
    probability,
    quadratics,
    sequences,
    units_and_rates,
    word_problems,
)
from reasoning_gym_envs.problems import Generator

TOPICS: dict[str, Generator] = {
    "integer_arithmetic": integer_arithmetic.generate,
    "fractions": fractions.generate,
    "decimals": decimals.generate,
    "percentages": percentages.generate,
    "linear_equations": linear_equations.generate,
    "linear_systems": linear_systems.generate,
    "quadratics": quadratics.generate,
    "polynomials": polynomials.generate,
    "gcd_lcm": gcd_lcm.generate,
    "prime_factors": prime_factors.generate,
    "modular_arithmetic": modular_arithmetic.generate,
    "number_bases": number_bases.generate,
    "sequences": sequences.generate,
    "counting": counting.generate,
    "probability": probability.generate,
    "geometry": geometry.generate,
    "units_and_rates": units_and_rates.generate,
    "word_problems": word_problems.generate,
    "derivatives": derivatives.generate,
    "integrals": integrals.generate,
    "matrices": matrices.generate,
    "logarithms_and_powers": logarithms_and_powers.generate,
}
