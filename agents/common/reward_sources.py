r"""Rewards that need no verdict: what a model thinks of its own answers.

Of an episode o of T sampled tokens, with π_t the policy's distribution of the t-th of them over a
vocabulary of V tokens:

| source      | the reward of an episode                                             |
| ----------- | -------------------------------------------------------------------- |
| "majority"  | 1 if its answer is the commonest of its group, else 0                |
| "entropy"   | −1/T Σ_t H(π_t)                                                      |
| "certainty" | 1/T Σ_t KL(U ‖ π_t), with U the uniform distribution over the tokens |
| "format"    | 1 if there is an answer that can be read, else 0: a control          |

* Zuo et al. 2025, "TTRL: test-time reinforcement learning" (arXiv 2504.16084): majority.
* Prabhudesai et al. 2025, "Maximizing confidence alone improves reasoning" (arXiv 2505.22660), and
  Agarwal et al. 2025, "The unreasonable effectiveness of entropy minimization in LLM reasoning"
  (arXiv 2505.15134): entropy.
* Zhao et al. 2025, "Learning to reason without external rewards" (arXiv 2505.19590), equation 4:
  certainty.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from agents.common.votes import answer_of, ballots

__all__ = ["RewardSource", "is_readable", "majority_rewards"]

RewardSource = Literal["verdict", "majority", "entropy", "certainty", "format"]


def majority_rewards(replies: Sequence[str]) -> list[float]:
    r"""1 for each reply of a group whose answer is the commonest, 0 for the others.

    What stands in the boxes votes; answers are the same if they have the same value, however they
    are written. Where several answers are equally common, each of them is paid: nothing speaks for
    one of them. A reply without an answer has no vote, and is not paid.

    >>> majority_rewards([r"\boxed{2}", r"\boxed{0.5}", r"\boxed{\frac{1}{2}}", "one half"])
    [0.0, 1.0, 1.0, 0.0]
    >>> majority_rewards([r"\boxed{1}", r"\boxed{2}", "?"])
    [1.0, 1.0, 0.0]
    """
    answers = [answer_of(reply, is_command=False) for reply in replies]
    votes = ballots(answers, is_command=False)
    most = max(map(len, votes), default=0)
    paid = {number for numbers in votes if len(numbers) == most for number in numbers}
    return [float(number in paid) for number in range(len(replies))]


def is_readable(reply: str) -> bool:
    r"""Whether a reply has an answer: something in a box."""
    return answer_of(reply, is_command=False) is not None
