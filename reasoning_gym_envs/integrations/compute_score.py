r"""verl, SkyRL, and what else scores by a function: rows as they read them, and the function.

``reasoning-gym-envs export MathBoxed-v0 --level 2 --for verl --out train.parquet`` writes the rows,
and in the configuration of verl stands ::

    reward.custom_reward_function.path=pkg://reasoning_gym_envs.integrations.compute_score

The ground truth of a row is no answer. It is what names the problem, and the environment judges.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from reasoning_gym_envs.dataset import Row, score


def compute_score(
    data_source: str,
    solution_str: str,
    ground_truth: str,
    extra_info: Mapping[str, Any] | None = None,
    *,
    allow_unsafe: bool = False,
    **others: Any,
) -> float:
    r"""What the environment pays for a response; verl's signature.

    Args:
        data_source: not needed: the ground truth names the environment, too.
        solution_str: the response, whole.
        ground_truth: of a row that :func:`verl_row` or :func:`skyrl_row` made.
        extra_info: not needed.
        allow_unsafe: see :func:`reasoning_gym_envs.score`. In verl it is set by
            ``reward.custom_reward_function.reward_kwargs.allow_unsafe=True``.
        others: what verl passes beside, such as the address of a reward model; not needed.

    Raises:
        SandboxFailure: a program could not be judged. These trainers have no reward that does not
            count, so they stop, and go on from their checkpoint.
        ValueError, KeyError, TypeError: the ground truth is of no such row, or of another version.

    >>> from reasoning_gym_envs import rows
    >>> row, = rows("MathBoxed-v0", 1, level=2, topics="integer_arithmetic", seed=3)  # 21 + 83
    >>> truth = verl_row(row, 0)["reward_model"]["ground_truth"]
    >>> compute_score("", r"\boxed{104}", truth), compute_score("", r"\boxed{21 + 83}", truth)
    (1.0, 0.0)
    """
    try:
        row = json.loads(ground_truth)
    except (TypeError, ValueError):
        row = None
    if not isinstance(row, dict):  # "72" is JSON, too
        raise ValueError(
            f"ground_truth names no problem: {ground_truth!r:.80}; write the rows with "
            "`reasoning-gym-envs export ID --for verl`"
        )
    return score(row, solution_str, allow_unsafe=allow_unsafe)


def verl_row(row: Row, index: int) -> dict[str, Any]:
    """A row as verl's data sets have it.

    Args:
        row: of :func:`reasoning_gym_envs.rows`.
        index: its place in the data set.
    """
    return {
        "data_source": row["id"],
        "prompt": row["messages"],
        "ability": "reasoning",
        "reward_model": {"style": "rule", "ground_truth": _ground_truth(row)},
        "extra_info": _extra(row, index),
    }


def skyrl_row(row: Row, index: int) -> dict[str, Any]:
    """A row as SkyRL's data sets have it; see :func:`verl_row`.

    ``env_class`` is the name under which an environment of the user's, which calls
    :func:`compute_score`, is registered with SkyRL.
    """
    return {
        "data_source": row["id"],
        "prompt": row["messages"],
        "env_class": "reasoning_gym_envs",
        "reward_spec": {"method": "rule", "ground_truth": _ground_truth(row)},
        "extra_info": _extra(row, index),
    }


LAYOUTS: Mapping[str, Callable[[Row, int], dict[str, Any]]] = {
    "verl": verl_row,
    "skyrl": skyrl_row,
}
"""Rows as each trainer reads them."""


def _ground_truth(row: Row) -> str:
    return json.dumps({name: row[name] for name in ("id", "kwargs", "seed", "problem_id")})


def _extra(row: Row, index: int) -> dict[str, Any]:
    return {"index": index, "level": row["level"], "problem_id": row["problem_id"]}
