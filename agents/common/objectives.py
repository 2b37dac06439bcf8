r"""What a policy gradient with groups can be: settings that combine, and the names of papers.

For each problem a group of G episodes is played.  The advantage of an episode is how much more it
earned than its group, and every token that the policy sampled is pushed by it:

    A_i = (R_i − baseline) / scale
    L   = Σ_i Σ_t  w_it · loss(ratio_it, A_i)          ratio = π / π_old

| setting    | choices                                                                            |
| ---------- | ---------------------------------------------------------------------------------- |
| `baseline` | group: the mean of the group; leave_one_out: of the others in it                   |
| `scale`    | none; group, batch: the standard deviation there                                   |
| `ratio`    | token: of each token; sequence: the geometric mean over an episode's               |
| `bound`    | clip: −min(r A, clip(r) A); two_sided: that, and at most c·|A| where A < 0;        |
|            | cispo: −sg(clip(r)) A log π; none: −r A                                            |
| `average`  | kept: w = 1 / tokens of the episodes with an advantage; tokens: of all episodes;   |
|            | sequence: 1 / (episodes × tokens of this one); constant: 1 / (episodes × limit)    |

Sources, by the name of the recipe:

* grpo: Shao et al. 2024, "DeepSeekMath" (arXiv 2402.03300); its KL is k2 here.
* dr_grpo: Liu et al. 2025, "Understanding R1-Zero-like training" (arXiv 2503.20783).
* dapo: Yu et al. 2025, "DAPO" (arXiv 2503.14476): a clip that is wider above, the mean over tokens,
  sampling until there is contrast, and a soft punishment of long replies.
* gspo: Zheng et al. 2025, "Group sequence policy optimization" (arXiv 2507.18071).
* cispo: MiniMax 2025, "MiniMax-M1" (arXiv 2506.13585).
* rloo: Ahmadian et al. 2024, "Back to basics" (arXiv 2402.14740).
* reinforce++: Hu et al. 2025, "REINFORCE++" (arXiv 2501.03262), its form with a group's baseline.
* two_sided: the dual clip of Ye et al. 2020, "Mastering complex control in MOBA games with deep
  reinforcement learning" (arXiv 1912.09729).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import torch

__all__ = ["RECIPES", "Objective", "advantages", "down_sample", "token_loss", "token_weights"]

Recipe = Literal["plain", "grpo", "dr_grpo", "dapo", "gspo", "cispo", "rloo", "reinforce++"]


class Objective(NamedTuple):
    """What is optimised; without arguments it is that of the recipe "plain"."""

    baseline: Literal["group", "leave_one_out"] = "group"
    scale: Literal["none", "group", "batch"] = "none"
    ratio: Literal["token", "sequence"] = "token"
    bound: Literal["clip", "two_sided", "cispo", "none"] = "clip"
    clip_low: float = 0.2
    clip_high: float = 0.28
    ceiling: float = 3.0
    average: Literal["kept", "tokens", "sequence", "constant"] = "kept"
    kl_coef: float = 0.0
    kl_in: Literal["loss", "reward"] = "loss"
    overlong: float = 0.0
    max_rounds: int = 1


RECIPES: dict[str, Objective] = {
    "plain": Objective(),
    "grpo": Objective(scale="group", clip_high=0.2, average="sequence", kl_coef=0.04),
    "dr_grpo": Objective(clip_high=0.2, average="constant"),
    "dapo": Objective(scale="group", average="tokens", overlong=0.2, max_rounds=3),
    "gspo": Objective(
        scale="group", ratio="sequence", clip_low=3e-4, clip_high=4e-4, average="sequence"
    ),
    "cispo": Objective(scale="group", bound="cispo", clip_low=1.0, average="tokens"),
    "rloo": Objective(
        baseline="leave_one_out", bound="none", average="constant", kl_coef=0.05, kl_in="reward"
    ),
    "reinforce++": Objective(
        scale="batch", clip_high=0.2, average="tokens", kl_coef=0.01, kl_in="reward"
    ),
}


def advantages(
    returns: torch.Tensor,
    counts: torch.Tensor,
    *,
    baseline: str = "group",
    scale: str = "none",
    tolerance: float = 0.0,
    eps: float = 1e-6,
) -> torch.Tensor:
    """Advantages ``[groups, size]`` of returns ``[groups, size]``.

    A group whose returns differ by no more than `tolerance` gets exactly 0, whatever rounding does
    to its mean, and so does one with a single member.

    Args:
        returns: of the members of each group.
        counts: which of them count; the others have no advantage, and no part in a mean.
        baseline: what is subtracted, as in the table above.
        scale: what it is divided by.
        tolerance: spread of returns that is noise.
        eps: added to a standard deviation.
    """
    size = counts.sum(1, keepdim=True)
    total = torch.where(counts, returns, 0.0).sum(1, keepdim=True)
    mean = total / size.clamp(min=1)
    if baseline == "leave_one_out":
        result = returns - (total - returns) / (size - 1).clamp(min=1)
    else:
        result = returns - mean
    highest = torch.where(counts, returns, -torch.inf).amax(1, keepdim=True)
    lowest = torch.where(counts, returns, torch.inf).amin(1, keepdim=True)
    contrast = (highest - lowest > tolerance) & (size > 1)
    result = torch.where(counts & contrast, result, 0.0)
    if scale == "group":
        squares = torch.where(counts, returns - mean, 0.0).square().sum(1, keepdim=True)
        result = result / ((squares / size.clamp(min=1)).sqrt() + eps)
    elif scale == "batch" and counts.any():
        result = result / (result[counts].std(correction=0) + eps)
    return result


def token_loss(
    logprobs: torch.Tensor,
    old_logprobs: torch.Tensor,
    advantages: torch.Tensor,
    episodes: torch.Tensor,
    objective: Objective,
) -> tuple[torch.Tensor, torch.Tensor]:
    """The loss of each sampled token, and its ratio, both ``[tokens]``.

    Args:
        logprobs: log π, with gradient.
        old_logprobs: log π when the tokens were sampled.
        advantages: of each token.
        episodes: the number of the episode that a token belongs to; all of its tokens are here.
        objective: ratio, bound and clip.
    """
    change = logprobs - old_logprobs
    if objective.ratio == "sequence":
        change = _sums(change, episodes) / _sums(torch.ones_like(change), episodes)
    ratio = change.exp()
    clipped = ratio.clamp(1 - objective.clip_low, 1 + objective.clip_high)
    if objective.bound == "none":
        loss = -ratio * advantages
    elif objective.bound == "cispo":
        loss = -clipped.detach() * advantages * logprobs
    else:
        loss = -torch.minimum(ratio * advantages, clipped * advantages)
        if objective.bound == "two_sided":
            highest = -objective.ceiling * advantages
            loss = torch.where(advantages < 0, torch.minimum(loss, highest), loss)
    return loss, ratio.detach()


def token_weights(
    episodes: torch.Tensor, objective: Objective, *, tokens: int, count: int, limit: int
) -> torch.Tensor:
    """What each token's loss is multiplied by before the sum, ``[tokens]``.

    Args:
        episodes: the number of the episode that a token belongs to; all of its tokens are here.
        objective: the kind of average.
        tokens: in the whole batch: of all episodes that count, or of those that are kept.
        count: episodes in the whole batch that count.
        limit: sampled tokens that an episode may have.
    """
    ones = torch.ones(len(episodes), device=episodes.device)
    if objective.average == "sequence":
        return ones / (count * _sums(ones, episodes))
    if objective.average == "constant":
        return ones / (count * limit)
    return ones / tokens


def _sums(values: torch.Tensor, episodes: torch.Tensor) -> torch.Tensor:
    """For each token, the sum over those of its episode."""
    sums = values.new_zeros(int(episodes.max()) + 1 if len(episodes) else 0)
    return sums.index_add(0, episodes, values)[episodes]


def down_sample(rewards: Sequence[float], count: int) -> list[int]:
    """Which `count` of a group to learn from: those whose rewards have the largest variance.

    They are some of the best and some of the worst: Xu et al. 2025, "Not all rollouts are useful"
    (arXiv 2504.13818).
    """
    if count >= len(rewards):
        return list(range(len(rewards)))
    order = sorted(range(len(rewards)), key=lambda i: rewards[i])

    def variance(low: int) -> float:
        chosen = [rewards[i] for i in order[:low] + order[len(order) - (count - low) :]]
        mean = sum(chosen) / count
        return sum((reward - mean) ** 2 for reward in chosen)

    best = max(range(count + 1), key=variance)
    return sorted(order[:best] + order[len(order) - (count - best) :])
