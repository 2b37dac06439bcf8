"""A player around another player: many calls behind one reply, and a budget that counts them all.

What the agents of :mod:`agents.inference` have in common.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar, NamedTuple, TypeAlias, TypeVar

from agents.common.environments import at_least
from reasoning_gym_envs.evaluation.players import Message, Player, Reply, Turn
from reasoning_gym_envs.seeds import derive_seed

__all__ = ["Budget", "Call", "Calls", "Wrapper"]


class Call(NamedTuple):
    """What a wrapper asks for: a reply to a conversation."""

    messages: list[Message]
    max_tokens: int | None = None
    player: Player | None = None
    """None: the one inside."""


@dataclass
class Budget:
    """What the calls behind one reply have used: tokens read, written and thrown away, dollars.

    Attributes:
        limit: most tokens, read and written; None for any number. A call without which there is no
            reply is made in any case; another one where one as large as the largest so far fits.
        prompt_tokens, completion_tokens: of all calls; None where one of them is not known.
        cost: dollars, of all calls; None where one is not known.
    """

    limit: int | None = None
    prompt_tokens: int | None = 0
    completion_tokens: int | None = 0
    cost: float | None = 0.0
    _largest: int = 0

    def spend(self, reply: Reply) -> None:
        """Count a call.

        Raises:
            ValueError: there is a limit, and the player does not count its tokens.
        """
        self.prompt_tokens = _sum(self.prompt_tokens, reply.prompt_tokens)
        self.completion_tokens = _sum(self.completion_tokens, reply.completion_tokens)
        self.cost = _sum(self.cost, reply.cost)
        of_call = _sum(reply.prompt_tokens, reply.completion_tokens)
        if self.limit is not None and of_call is None:
            raise ValueError("a limit of tokens needs a player that counts them: leave it out")
        self._largest = max(self._largest, of_call or 0)

    def has_room(self, calls: int = 1) -> bool:
        """Whether so many more calls fit, each as large as the largest so far."""
        used = _sum(self.prompt_tokens, self.completion_tokens)
        return self.limit is None or (used or 0) + calls * self._largest <= self.limit

    def total(self, reply: Reply) -> Reply:
        """The reply that comes out, with the tokens and the cost of all calls.

        Args:
            reply: with its own tokens: those that are not thrown away.
        """
        discarded = None
        if self.completion_tokens is not None and reply.completion_tokens is not None:
            kept = reply.completion_tokens - (reply.discarded_tokens or 0)
            discarded = self.completion_tokens - kept
        return replace(
            reply,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            cost=self.cost,
            discarded_tokens=discarded,
        )


Calls: TypeAlias = Generator[Call, Reply, Reply]
"""The course of one reply: gives what to ask for, is given what was said, returns the reply."""


@dataclass(frozen=True)
class Wrapper:
    """A player around another one. A subclass says in :meth:`calls` what is asked.

    Many conversations go on at a time, one call of each, so that a player inside that takes
    batches is given batches. The seed of a call comes from the turn's and the number of the call.
    The player is asked several times in a turn, so what it says has to depend on the conversation
    and the turn alone.

    Attributes:
        player: the one inside. Its ``batch_size`` and ``concurrency`` are the wrapper's.
        tokens: the limit of the :class:`Budget` of each reply.

    Raises:
        ValueError: a number is too small, or the player cannot go on with a reply where it has to.
    """

    name: ClassVar[str]
    needs_continuing: ClassVar[bool] = False
    player: Player
    tokens: int | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        for setting in fields(self):
            if isinstance(getattr(self, setting.name), int):
                at_least(setting.metadata.get("least", 1), self, setting.name)
        if self.needs_continuing and not getattr(self.player, "continues", False):
            raise ValueError(
                f"{self.name} needs a player that goes on with a reply that has begun, and keeps "
                f"a limit of tokens: {_about(self.player)['agent']} does not say that it "
                "`continues` (of a server that can, --continues says so)"
            )

    def calls(self, messages: list[Message], budget: Budget, *, is_command: bool) -> Calls:
        """The course of one reply; ``is_command``: the environment lists what is possible."""
        raise NotImplementedError

    def reply(self, messages: Sequence[Message], turn: Turn) -> Reply:
        """The reply that is made of several, with what all of them cost."""
        return self.replies([messages], [turn])[0]

    def replies(
        self, conversations: Sequence[Sequence[Message]], turns: Sequence[Turn]
    ) -> list[Reply]:
        """The same for several conversations at a time."""
        budgets = [Budget(self.tokens) for _ in turns]
        courses = [
            self.calls(
                list(messages), budget, is_command=bool(turn.info.get("admissible_commands"))
            )
            for messages, turn, budget in zip(conversations, turns, budgets, strict=True)
        ]
        asked = {place: next(course) for place, course in enumerate(courses)}
        ended: dict[int, Reply] = {}
        number = 0
        while asked:
            for place, reply in self._answers(asked, turns, number):
                budgets[place].spend(reply)
                try:
                    asked[place] = courses[place].send(reply)
                except StopIteration as end:
                    ended[place] = budgets[place].total(end.value)
                    del asked[place]
            number += 1
        return [ended[place] for place in range(len(turns))]

    def _answers(
        self, asked: Mapping[int, Call], turns: Sequence[Turn], number: int
    ) -> list[tuple[int, Reply]]:
        """What is said to each call, the number-th of its conversation."""
        answers: list[tuple[int, Reply]] = []
        by_player: dict[int, tuple[Player, list[int]]] = {}
        for place, call in asked.items():
            player = call.player or self.player
            by_player.setdefault(id(player), (player, []))[1].append(place)
        for player, places in by_player.values():
            conversations = [asked[place].messages for place in places]
            of_calls = [
                replace(
                    turns[place],
                    seed=derive_seed(turns[place].seed, number),
                    max_tokens=asked[place].max_tokens,
                )
                for place in places
            ]
            together = getattr(player, "replies", None)
            if together is not None:
                replies = together(conversations, of_calls)
            else:
                replies = map(player.reply, conversations, of_calls)
            answers += zip(places, replies, strict=True)
        return answers

    def check(self, problems: Sequence[Any], samples: int) -> None:
        """Ask the player inside, if it can tell, whether it plays these problems so often.

        Raises:
            ValueError: it does not.
        """
        check = getattr(self.player, "check", None)
        if check is not None:
            check(problems, samples * int(getattr(self, "n", 1)))

    @property
    def tokens_of(self) -> Callable[[str], int] | None:
        """What counts the tokens of a reply, where the player inside can."""
        return getattr(self.player, "tokens_of", None)

    @property
    def batch_size(self) -> int:
        """Conversations at a time."""
        return int(getattr(self.player, "batch_size", 1))

    @property
    def concurrency(self) -> int:
        """Threads that may ask at once."""
        return int(getattr(self.player, "concurrency", 1))

    @property
    def title(self) -> str:
        """What it is called in tables, before its numbers."""
        return self.name

    @property
    def about(self) -> dict[str, Any]:
        """The wrapper with its settings, and what the player inside says of itself."""
        inside = _about(self.player)
        settings = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "player"}
        given = [getattr(self, f.name) for f in fields(self) if not f.kw_only]
        numbers = [str(value) for value in given if isinstance(value, int)]
        limit = "" if self.tokens is None else f"@{self.tokens}"
        return {
            "agent": f"{':'.join([self.title, *numbers])}{limit} of {inside['agent']}",
            **{name: _plain(value) for name, value in settings.items()},
            "player": inside,
        }


Number = TypeVar("Number", int, float)


def _sum(one: Number | None, other: Number | None) -> Number | None:
    return None if one is None or other is None else one + other


def _about(player: Player) -> dict[str, Any]:
    return dict(getattr(player, "about", {"agent": type(player).__name__}))


def _plain(setting: Any) -> Any:
    """A setting as JSON can write it."""
    if hasattr(setting, "reply"):
        return _about(setting)
    return f"{setting.__module__}:{setting.__qualname__}" if callable(setting) else setting
