"""Whether linear inequalities can hold together, by Fourier-Motzkin elimination."""

from __future__ import annotations

from fractions import Fraction
from typing import TypeAlias

Row: TypeAlias = dict[str, Fraction]
"""A linear form that is to be positive: coefficients by name, and a constant under ""."""

MAX_ROWS = 200


def is_feasible(rows: list[Row]) -> bool:
    """Say whether some real numbers make all the forms positive; True where that takes too long.

    >>> x, y = {"x": Fraction(1)}, {"x": Fraction(-1), "": Fraction(-1)}  # x > 0, -x - 1 > 0
    >>> is_feasible([x]), is_feasible([x, y])
    (True, False)
    """
    while names := {name for row in rows for name in row if name}:
        name = min(names)
        above = [row for row in rows if row.get(name, 0) > 0]
        below = [row for row in rows if row.get(name, 0) < 0]
        rows = [row for row in rows if not row.get(name)]
        for up in above:
            for down in below:
                joined = {
                    key: up.get(key, 0) / up[name] - down.get(key, 0) / down[name]
                    for key in (up.keys() | down.keys()) - {name}
                }
                rows.append({key: Fraction(value) for key, value in joined.items() if value})
        if len(rows) > MAX_ROWS:
            return True
    return all(row.get("", 0) > 0 for row in rows)
