"""Sums and differences worked by place value, in steps that are each a look-up in a small table."""

from __future__ import annotations


def add(a: int, b: int) -> tuple[str, ...]:
    """The worked steps of a + b, for numbers from 0 to 99.

    >>> add(47, 38)
    ('40+30=70', '7+8=15', '70+15=85')
    >>> add(2, 9)
    ('2+9=11',)
    """
    if a < 10 and b < 10:
        return (f"{a}+{b}={a + b}",)
    (tens_a, ones_a), (tens_b, ones_b) = divmod(a, 10), divmod(b, 10)
    tens, ones = 10 * (tens_a + tens_b), ones_a + ones_b
    return (
        f"{10 * tens_a}+{10 * tens_b}={tens}",
        f"{ones_a}+{ones_b}={ones}",
        f"{tens}+{ones}={a + b}",
    )


def subtract(a: int, b: int) -> tuple[str, ...]:
    """The worked steps of a − b, for numbers from 0 to 99; nothing is borrowed.

    >>> subtract(42, 17)
    ('40-10=30', '2-7=-5', '30-5=25')
    >>> subtract(17, 42)
    ('10-40=-30', '7-2=5', '-30+5=-25')
    """
    if a < 10 and b < 10:
        return (f"{a}-{b}={a - b}",)
    (tens_a, ones_a), (tens_b, ones_b) = divmod(a, 10), divmod(b, 10)
    tens, ones = 10 * (tens_a - tens_b), ones_a - ones_b
    return (
        f"{10 * tens_a}-{10 * tens_b}={tens}",
        f"{ones_a}-{ones_b}={ones}",
        f"{tens}{ones:+d}={a - b}",
    )
