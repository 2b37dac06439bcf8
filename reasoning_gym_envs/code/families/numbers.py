"""Tasks about whole numbers: their digits and divisors."""

from __future__ import annotations

from reasoning_gym_envs.code.task import Family, Task
from reasoning_gym_envs.problems import Stream

_COMBINE = {
    # name: (what the description calls it, how the reference begins, how it goes on)
    "sum": ("the sum", "0", "result + digit"),
    "product": ("the product", "1", "result * digit"),
    "largest": ("the largest", "-1", "max(result, digit)"),
}


def digit_total(stream: Stream, level: int) -> Task:
    """Some digits of a number in a base, combined."""
    base = stream.choice((10,) if level <= 1 else (2, 3, 5, 7, 8, 10, 12))
    divisor = stream.randint(2, 4)
    remainder = stream.randrange(divisor)
    combine = stream.choice(tuple(_COMBINE))
    what, start, step = _COMBINE[combine]
    if combine == "largest":
        otherwise = "If there are none, the result is -1."
    else:
        otherwise = f"If there are none, the result is {start}."
    in_base = "" if base == 10 else f" when it is written in base {base}"
    return Task(
        content=f"{combine} of digits that are {remainder} mod {divisor}, base {base}",
        description=(
            f"Return {what} of those digits of the whole number n (n ≥ 0){in_base} that leave the "
            f"remainder {remainder} when divided by {divisor}. {otherwise} The number 0 has the "
            "single digit 0."
        ),
        signature="def digit_total(n: int) -> int",
        source=f"""\
def digit_total(n: int) -> int:
    digits = [n % {base}]
    while n >= {base}:
        n //= {base}
        digits.append(n % {base})
    result = {start}
    for digit in digits:
        if digit % {divisor} == {remainder}:
            result = {step}
    return result
""",
        draw=lambda stream: (stream.randrange(base ** stream.randint(1, 3 + level)),),
        edges=((0,), (base - 1,), (base,), (base**6 - 1,)),
    )


FAMILIES = {"digit_total": Family(digit_total, 1, 4)}
