"""Conversations to imitate: JSON lines of messages, as files for fine-tuning have them.

    {"messages": [{"role": "user", "content": "2 + 3?"}, {"role": "assistant", "content": "5"}]}

Each reply of the assistant is learned, but those with ``"weight": 0``: they are context, such as a
wrong first attempt before its revision.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from agents.common.chat import Chat
from agents.common.rollouts import Episode

__all__ = ["Conversation", "as_episode", "read_conversations"]


class Conversation(NamedTuple):
    """Messages of a user and replies in turn, which ends with a reply.

    Args:
        texts: of the messages, without that of the system.
        is_learned: of each reply.
        system: what comes before, or None.
        problem_id: of the problem that it is about, where the row names one.
    """

    texts: list[str]
    is_learned: list[bool]
    system: str | None = None
    problem_id: str = ""


def read_conversations(file: str | Path) -> Iterator[Conversation]:
    """The conversations of a file, line by line; empty lines are left out.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: a line is not a conversation, with its number and the reason; or there is none.
    """
    is_empty = True
    with Path(file).open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            is_empty = False
            try:
                yield _read(json.loads(line))
            except (ValueError, TypeError, KeyError, RecursionError) as error:
                reason = f"no {error}" if isinstance(error, KeyError) else error
                raise ValueError(f"{file}, line {number}: {reason}") from None
    if is_empty:
        raise ValueError(f"{file} is empty: give it a conversation a line")


def _read(row: Any) -> Conversation:
    messages = row.get("messages") if isinstance(row, dict) else None
    if not isinstance(messages, list) or not all(isinstance(each, dict) for each in messages):
        raise ValueError('a line is {"messages": [{"role": …, "content": …}, …]}')
    roles = [message["role"] for message in messages]
    begin = int(roles[:1] == ["system"])
    spoken = roles[begin:]
    if not spoken or spoken != ["user", "assistant"] * (len(spoken) // 2):
        raise ValueError(
            f"messages of a user and an assistant take turns, and an assistant's is last; got "
            f"{', '.join(map(str, spoken)) or 'none'}"
        )
    texts = [message["content"] for message in messages]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("the content of each message is a text")
    "".join(texts).encode()  # half a surrogate pair is no text, and no tokenizer takes it
    weights = [message.get("weight", 1) for message in messages[begin + 1 :: 2]]
    if any(weight not in (0, 1) for weight in weights) or not any(weights):
        raise ValueError(f"weights of replies are 0 or 1, and one of them is 1; got {weights}")
    return Conversation(
        texts[begin:],
        list(map(bool, weights)),
        texts[0] if begin else None,
        str(row.get("problem_id") or ""),
    )


def as_episode(conversation: Conversation, policy: Chat) -> Episode:
    """The conversation as if the policy had played it; replies that are not learned are context.

    Raises:
        ValueError: its system prompt is not the policy's.
    """
    if conversation.system is not None and conversation.system != policy.system_prompt:
        raise ValueError(
            f"a conversation has the system prompt {conversation.system!r:.80}, and the model "
            f"{policy.system_prompt!r:.80}: set system_prompt, and give all conversations the same"
        )
    episode = Episode(0, problem_id=conversation.problem_id)
    said, replies = conversation.texts[::2], conversation.texts[1::2]
    tokens: list[int] = []
    for text, reply, is_learned in zip(said, replies, conversation.is_learned, strict=True):
        follows = bool(episode.turns)
        episode.observe(policy.follow_up(text, tokens) if follows else policy.prompt(text), text)
        tokens = policy.reply(reply)
        episode.reply(tokens, [0.0] * len(tokens), reply)
        if not is_learned:
            turn = episode.turns[-1]
            episode.sampled[turn.start : turn.end] = [False] * len(tokens)
    return episode
