"""A look at the records of a run: is anything learned, and if not, why not?"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any

import numpy as np

__all__ = ["LOOKED_AT", "complaint"]

LOOKED_AT = 5
"""Latest updates that a complaint is about."""

Records = Sequence[Mapping[str, Any]]


def complaint(
    records: Records, said: Container[str] = (), least: int = LOOKED_AT
) -> tuple[str, str] | None:
    """What keeps a run from learning: a name, and a sentence that says what to do; or None.

    Args:
        records: the metrics of all updates so far, as `agents.grpo.GRPO` logs them.
        said: names that are not to be given again.
        least: updates that are needed for a complaint.
    """
    updates = [record for record in records if "contrast" in record]
    if len(updates) < least:
        return None
    latest = updates[-LOOKED_AT:]
    for name, look in _LOOKS.items():
        sentence = None if name in said else look(latest, updates)
        if sentence is not None:
            return name, sentence
    return None


def _mean(records: Records, name: str) -> float:
    return float(np.mean([record[name] for record in records if name in record] or [np.nan]))


def _all(records: Records, name: str, holds: Callable[[float], bool]) -> bool:
    return all(name in record and holds(record[name]) for record in records)


def _all_cut_off(latest: Records, _: Records) -> str | None:
    if not _all(latest, "cut_off", lambda share: share > 0.95):
        return None
    return (
        f"{_mean(latest, 'cut_off'):.0%} of the episodes ran into a limit, so hardly any could be "
        "solved: raise max_new_tokens, max_turns or max_tokens, or begin with a model whose "
        "replies end"
    )


def _no_contrast(latest: Records, _: Records) -> str | None:
    if not _all(latest, "contrast", lambda share: share == 0):
        return None
    reward = _mean(latest, "reward")
    cure = (
        "take a higher level"
        if _mean(latest, "accuracy") > 0.5
        else "take a lower level, a denser reward, larger groups, or a model that solves some of it"
    )
    when = f"in {len(latest)} updates" if len(latest) > 1 else "here"
    return (
        f"{when} no group had two different rewards (their mean is {reward:.2f}), so nothing was "
        f"learned: {cure}"
    )


def _no_entropy(latest: Records, _: Records) -> str | None:
    # A model that is sure of most tokens may still try different things at the others.
    few = _all(latest, "contrast", lambda share: share < 0.3)
    if not (few and _all(latest, "entropy", lambda nats: nats < 0.05)):
        return None
    return (
        f"the entropy is {_mean(latest, 'entropy'):.3f} nats a token, so that nearly all replies "
        "to a problem are alike: lower the learning rate, raise clip_high, or pay for entropy "
        "(entropy_coef)"
    )


def _too_long(latest: Records, updates: Records) -> str | None:
    first = _mean(updates[:LOOKED_AT], "tokens_per_episode")
    now = _mean(latest, "tokens_per_episode")
    better = _mean(latest, "reward") - _mean(updates[:LOOKED_AT], "reward")
    if not now > 3 * max(first, 10) or better > 0.05:
        return None
    return (
        f"episodes have {now:.0f} sampled tokens where they had {first:.0f}, and are paid no more: "
        "set length_budget or overlong, or lower max_new_tokens"
    )


def _mismatch(latest: Records, _: Records) -> str | None:
    if not _all(latest, "mismatch", lambda mean: mean > 0.05):
        return None
    return (
        f"learning and sampling differ by {_mean(latest, 'mismatch'):.0%} in the mean of the "
        "ratio: set mismatch to truncate or mask, or the number type to float32"
    )


_LOOKS: dict[str, Callable[[Records, Records], str | None]] = {
    "cut off": _all_cut_off,
    "no contrast": _no_contrast,
    "no entropy": _no_entropy,
    "too long": _too_long,
    "mismatch": _mismatch,
}
