"""The families of tasks that programs are written for, by name."""

from __future__ import annotations

from reasoning_gym_envs.code.families import (
    classes,
    dictionaries,
    dynamic_programming,
    graphs,
    intervals,
    lists,
    matrices,
    numbers,
    parsing,
    recursion,
    simulation,
    strings,
)
from reasoning_gym_envs.code.task import Family

FAMILIES: dict[str, Family] = {
    **dictionaries.FAMILIES,
    **lists.FAMILIES,
    **graphs.FAMILIES,
    **intervals.FAMILIES,
    **matrices.FAMILIES,
    **numbers.FAMILIES,
    **parsing.FAMILIES,
    **strings.FAMILIES,
    **dynamic_programming.FAMILIES,
    **simulation.FAMILIES,
    **recursion.FAMILIES,
    **classes.FAMILIES,
}
