r"""Inference-time agents: a player that asks another one several times, and makes one reply of it.

>>> from reasoning_gym_envs.evaluation.players import player_of
>>> SelfConsistency(player_of("random"), 8).about["agent"]
'self_consistency:8 of random'

Each is a wrapper around any player of :mod:`reasoning_gym_envs.evaluation.players`, and a player
itself; so they can be put around one another. The reply that comes out says what all of it cost:
see :class:`Budget`.

A wrapper sees the conversation, and whether a command is asked for. It sees no environment and no
reward: to choose by the environment's verdict is pass@n, which :func:`.summarise` estimates.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import ClassVar

from agents.common.votes import answer_of, same_answer, text_of, vote
from agents.common.wrapper import Budget, Call, Calls, Wrapper
from reasoning_gym_envs.answers import extract_answer
from reasoning_gym_envs.errors import unknown
from reasoning_gym_envs.evaluation.players import NO_SYSTEM_PROMPT, Message, Player, Reply

__all__ = [
    "BestOfN",
    "Budget",
    "BudgetForcing",
    "EarlyExit",
    "Revise",
    "SelfConsistency",
    "System2Attention",
    "Wrapper",
    "wrapped",
]

SCORE = "How likely is it that this is right? Answer with a number from 0 to 100 in \\boxed{}."
FEEDBACK = "Check this step by step. Say what is wrong with it, or that nothing is."
REVISE = "Give your final answer to the problem, in the same form. Correct it where it is wrong."
REWRITE = (
    "Copy the text below without the sentences that its question can be answered without. Leave "
    "the question, and what is said of the form of the answer, as they are. Write nothing else."
)
END_OF_THINKING = "</think>"
FINAL_ANSWER = "\n\nFinal answer: \\boxed{"


@dataclass(frozen=True)
class SelfConsistency(Wrapper):
    """Self-consistency: of n replies, the first one with the commonest answer.

    Wang et al. 2022, "Self-consistency improves chain of thought reasoning in language models",
    arXiv 2203.11171. Answers that are equal vote together, so that ½ = 0.5; where answers are
    equally common, the first wins. It needs a player that samples: at temperature 0 all n are the
    same.

    Where a command is asked for, commands vote, else what stands in the boxes: see
    :func:`~agents.common.votes.vote`.

    Attributes:
        n: replies to a vote.
    """

    name: ClassVar[str] = "self_consistency"
    n: int

    def calls(self, messages: list[Message], budget: Budget, *, is_command: bool) -> Calls:
        """Sample, and count."""
        replies = [(yield Call(messages))]
        while len(replies) < self.n and budget.has_room():
            replies.append((yield Call(messages)))
        return replies[vote([reply.text for reply in replies], is_command=is_command)]


@dataclass(frozen=True)
class BestOfN(Wrapper):
    r"""Best of n: the reply with the highest score; of equal ones, the first.

    Cobbe et al. 2021, "Training verifiers to solve math word problems", arXiv 2110.14168. The
    scorer judges without the environment. Where it is a prompt, the player itself is asked what its
    reply is worth, as in Kadavath et al. 2022, "Language models (mostly) know what they know",
    arXiv 2207.05221; these tokens count, too.

    Attributes:
        n: replies to choose from.
        scorer: from the conversation and the text of a reply to a number; or a prompt that asks for
            one in ``\boxed{}``. A reply without a number has the lowest score.
    """

    name: ClassVar[str] = "best_of_n"
    n: int
    scorer: Callable[[Sequence[Message], str], float] | str = SCORE

    def calls(self, messages: list[Message], budget: Budget, *, is_command: bool) -> Calls:
        """Sample, and score."""
        best, highest, count = None, -math.inf, 0
        calls = 2 if isinstance(self.scorer, str) else 1
        while best is None or (count < self.n and budget.has_room(calls)):
            reply = yield Call(messages)
            if isinstance(self.scorer, str):
                judged = yield Call([*messages, _said(reply.text), _asked(self.scorer)])
                score = _number(judged.text)
            else:
                score = float(self.scorer(messages, reply.text))
                if math.isnan(score):
                    raise ValueError(f"the scorer gives no number for {reply.text!r:.80}")
            if best is None or score > highest:
                best, highest = reply, score
            count += 1
        return best


@dataclass(frozen=True)
class Revise(Wrapper):
    """Sequential revision: the player sees its reply, and gives another one, some times over.

    With ``feedback`` it first says what is wrong, which the next reply sees: Madaan et al. 2023,
    "Self-Refine", arXiv 2303.17651. Without, it revises at once, as in Snell et al. 2024, "Scaling
    LLM test-time compute optimally", arXiv 2408.03314. Models that were not taught to revise
    often get worse (Huang et al. 2023, arXiv 2310.01798). Each revision sees the last reply alone,
    so that prompts do not grow. One that is cut off does not count.

    Attributes:
        turns: revisions.
        feedback: asks for it; None: without.
        prompt: asks for the next reply.
    """

    name: ClassVar[str] = "revise"
    turns: int
    feedback: str | None = None
    prompt: str = REVISE

    @property
    def title(self) -> str:
        """Its name, which says whether there is feedback."""
        return self.name if self.feedback is None else f"{self.name}_with_feedback"

    def calls(self, messages: list[Message], budget: Budget, *, is_command: bool) -> Calls:
        """Reply, and revise."""
        reply = yield Call(messages)
        for _ in range(self.turns):
            if not budget.has_room(1 if self.feedback is None else 2):
                break
            talk = [*messages, _said(reply.text)]
            if self.feedback is not None:
                opinion = yield Call([*talk, _asked(self.feedback)])
                talk += [_asked(self.feedback), _said(opinion.text)]
            revised = yield Call([*talk, _asked(self.prompt)])
            if not revised.cut_off:
                reply = revised
        return reply


@dataclass(frozen=True)
class BudgetForcing(Wrapper):
    """Budget forcing: thinking is made longer, or cut short.

    Muennighoff et al. 2025, "s1: Simple test-time scaling", arXiv 2501.19393, section 3.1. A reply
    of fewer tokens than the minimum loses the end of its thinking and all behind it, and goes on
    after "Wait". One that reaches the maximum has its thinking closed, and goes on with the answer.
    Tokens that were thrown away count towards both. How many are left of a reply that lost its end
    is estimated by its characters.

    Attributes:
        minimum: tokens before a reply may end; 0: none.
        maximum: tokens before the answer is asked for; None: the player's own limit.
        answer_tokens: most tokens of an answer that was asked for.
        wait: what makes a reply longer.
        final: what begins an answer.
    """

    name: ClassVar[str] = "budget_forcing"
    needs_continuing: ClassVar[bool] = True
    minimum: int = field(default=0, metadata={"least": 0})
    maximum: int | None = None
    answer_tokens: int = field(default=64, kw_only=True)
    wait: str = "\nWait"
    final: str = FINAL_ANSWER

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.maximum is not None and self.maximum < self.minimum:
            raise ValueError(f"a reply has from {self.minimum} to {self.maximum} tokens: swap them")

    def calls(self, messages: list[Message], budget: Budget, *, is_command: bool) -> Calls:
        """Think for long enough, and not for too long."""
        text, kept, written = "", 0, 0
        while True:
            left = None if self.maximum is None else self.maximum - written
            reply = yield Call(_begun(messages, text), left)
            tokens = _counted(reply)
            text, kept, written = text + reply.text, kept + tokens, written + max(1, tokens)
            is_at_maximum = self.maximum is not None and written >= self.maximum
            if reply.cut_off or is_at_maximum or written >= self.minimum or not budget.has_room():
                break
            thoughts = text.partition(END_OF_THINKING)[0].rstrip()
            kept = round(kept * len(thoughts) / max(1, len(text)))
            text = thoughts + self.wait
        if reply.cut_off:
            is_closed = END_OF_THINKING in text
            text += "" if is_closed else f"\n{END_OF_THINKING}{self.final}"
            reply = yield Call(_begun(messages, text), self.answer_tokens)
            text, kept = text + reply.text, kept + _counted(reply)
        return replace(reply, text=text, completion_tokens=kept)


@dataclass(frozen=True)
class EarlyExit(Wrapper):
    """Early exit: the thinking ends as soon as the answer stays the same.

    Fu et al. 2024, "Efficiently scaling LLM reasoning with Certaindex", arXiv 2412.20993: every so
    many tokens the player is asked for its answer as if it had thought enough. Probes are thrown
    away, but for the last.

    Attributes:
        every: tokens between two probes.
        stable: equal answers in a row that end the thinking.
        maximum: tokens of thinking that end it, too.
        answer_tokens: most tokens of a probe.
        probe: closes the thinking, and begins an answer.
    """

    name: ClassVar[str] = "early_exit"
    needs_continuing: ClassVar[bool] = True
    every: int
    stable: int = 2
    maximum: int = 4096
    answer_tokens: int = field(default=64, kw_only=True)
    probe: str = f"\n{END_OF_THINKING}{FINAL_ANSWER}"

    def calls(self, messages: list[Message], budget: Budget, *, is_command: bool) -> Calls:
        """Think a piece, look at the answer, and think on."""
        text, kept, written = "", 0, 0
        answer: str | None = None
        times = 0
        while True:
            piece = yield Call(_begun(messages, text), min(self.every, self.maximum - written))
            text, kept = text + piece.text, kept + _counted(piece)
            written += max(1, _counted(piece))
            if not piece.cut_off:
                return replace(piece, text=text, completion_tokens=kept)
            is_over = written >= self.maximum or not budget.has_room(2)
            if END_OF_THINKING in text:  # it is answering
                if is_over:
                    return replace(piece, text=text, completion_tokens=kept)
                continue
            probe = yield Call(_begun(messages, text + self.probe), self.answer_tokens)
            whole = text + self.probe + probe.text
            last, answer = answer, answer_of(whole, is_command=is_command)
            is_same = answer is not None and last is not None and same_answer(answer, last)
            times = times + 1 if is_same else int(answer is not None)
            if times >= self.stable or is_over:
                kept += _counted(probe)
                return replace(probe, text=whole, completion_tokens=kept)


@dataclass(frozen=True)
class System2Attention(Wrapper):
    """System 2 Attention: the prompt is written again without what is irrelevant, then answered.

    Weston and Sukhbaatar 2023, "System 2 attention (is something you might need too)", arXiv
    2311.11829. The player sees the rewritten text alone; the rewriter has no system prompt, which
    would tell it how to answer. In an episode of several turns it is the last message that is
    rewritten. Where the rewriter says nothing, or is cut off, the message stays as it is.

    Attributes:
        rewriter: who rewrites; None: the player itself.
        prompt: stands above the text that is to be rewritten.
    """

    name: ClassVar[str] = "system_2_attention"
    rewriter: Player | None = None
    prompt: str = REWRITE

    def calls(self, messages: list[Message], budget: Budget, *, is_command: bool) -> Calls:
        """Rewrite, and answer."""
        said = messages[-1]["content"]
        alone = [NO_SYSTEM_PROMPT, _asked(f"{self.prompt}\n\n{said}")]
        rewritten = yield Call(alone, player=self.rewriter)
        text = None if rewritten.cut_off else text_of(rewritten.text)
        return (yield Call([*messages[:-1], _asked(said if text is None else text)]))


# By name. ----------------------------------------------------------------------------------------

_KINDS: dict[str, tuple[Callable[..., Wrapper], str]] = {
    "self_consistency": (SelfConsistency, "N"),
    "best_of_n": (BestOfN, "N"),
    "revise": (Revise, "TURNS"),
    "revise_with_feedback": (partial(Revise, feedback=FEEDBACK), "TURNS"),
    "budget_forcing": (BudgetForcing, "MINIMUM:MAXIMUM"),
    "early_exit": (EarlyExit, "EVERY:STABLE:MAXIMUM"),
    "system_2_attention": (System2Attention, ""),
}


def wrapped(name: str, player: Player) -> Wrapper:
    """A wrapper by name around a player, with prompts as they are by default.

    >>> from reasoning_gym_envs.evaluation.players import player_of
    >>> wrapped("revise:2@1000", player_of("random")).about["agent"]
    'revise:2@1000 of random'

    Args:
        name: ``self_consistency:8``, ``best_of_n:8``, ``revise:2``, ``revise_with_feedback:2``,
            ``budget_forcing:200:800``, ``early_exit:64:2:800`` or ``system_2_attention``; then, if
            there is one, ``@`` and the limit of tokens of each reply's :class:`Budget`.
        player: the one inside.

    Raises:
        ValueError: there is no such name, its numbers are not those that it takes, or the player
            cannot do what it needs.
    """
    before, at, tokens = name.partition("@")
    kind, *numbers = before.split(":")
    if kind not in _KINDS:
        raise ValueError(unknown("wrapper", kind, _KINDS))
    make, takes = _KINDS[kind]
    given = [*numbers, tokens] if at else numbers
    if len(numbers) != len(takes.split(":")) * bool(takes) or not all(map(str.isdecimal, given)):
        form = f"{kind}:{takes}" if takes else kind
        raise ValueError(f"{name!r} is not of the form {form} or {form}@TOKENS")
    return make(player, *map(int, numbers), tokens=int(tokens) if at else None)


# Small things. -----------------------------------------------------------------------------------


def _asked(text: str) -> Message:
    return {"role": "user", "content": text}


def _said(text: str) -> Message:
    return {"role": "assistant", "content": text}


def _begun(messages: list[Message], text: str) -> list[Message]:
    """A conversation that ends in a reply that has begun, if it has."""
    return [*messages, _said(text)] if text else messages


def _counted(reply: Reply) -> int:
    if reply.completion_tokens is None:
        raise ValueError("the player does not count its tokens, which are to be kept to a number")
    return reply.completion_tokens


def _number(text: str) -> float:
    """A score that stands in a box; the lowest where there is none."""
    found = re.fullmatch(r"([0-9]{1,9}(\.[0-9]{1,9})?)\s*(\\?%)?", extract_answer(text) or "")
    return float(found[1]) if found else -math.inf
