"""The agents as players of an evaluation: see `reasoning_gym_envs.evaluation`."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import gymnasium as gym
import torch

from agents.common.environments import TaskConfig, at_least
from agents.common.language_model import LanguageModel
from agents.common.sampler import Completion, Conversations
from agents.common.sizes import GRPO_BY_SIZE
from reasoning_gym_envs import ENVIRONMENTS
from reasoning_gym_envs.evaluation import Reply, Turn, Unavailable
from reasoning_gym_envs.evaluation.players import Message, check_temperature
from reasoning_gym_envs.evaluation.suites import NamedProblem
from reasoning_gym_envs.text_env import TextEnv
from reasoning_gym_envs.wrappers import DiscreteCommands
from reasoning_gym_envs.wrappers.remember_commands import remembering

__all__ = ["CommandPlayer", "LanguageModelPlayer"]


# Language models. --------------------------------------------------------------------------------


@dataclass
class _Row:
    """A conversation in the session of a model."""

    number: int
    messages: list[Message]
    """With the last reply, once there is one."""
    reply: list[int]
    """The tokens of that."""
    is_full: bool = False
    """Whether there is no room for a token more; the session has forgotten it then."""


class LanguageModelPlayer:
    """A language model that plays many episodes at a time, turn by turn.

    What is sampled in a turn comes from the turn's seed. So neither what else is played at the time
    nor the order makes a difference, but for the rounding of products, which depends on the batch.

    An episode whose next reply has no room, or that has had `max_turns` replies, is given up: the
    remaining replies are empty, and cut off. A conversation may end with a reply that has begun: it
    is gone on with. One without a system message has the system prompt of the model.

    Args:
        policy: the model.
        about: what stands in the record beside the settings of the sampling.
        temperature: 0 is greedy.
        max_tokens: of a reply; None for as many as suit the size of the model.
        max_turns: most replies of an episode; None for as many as the environment takes.
        episode_tokens: most tokens of an episode, its prompt included; None for as many as the
            model has positions.
        batch_size: episodes at a time.

    Raises:
        ValueError: an argument makes no sense.
    """

    continues = True

    def __init__(
        self,
        policy: LanguageModel,
        about: Mapping[str, Any],
        *,
        temperature: float = 0.0,
        max_tokens: int | None = None,
        max_turns: int | None = None,
        episode_tokens: int | None = None,
        batch_size: int = 256,
    ) -> None:
        self.policy = policy
        self._system_prompt = policy.system_prompt
        self.temperature = temperature
        self.max_tokens = max_tokens
        self.max_turns = max_turns
        self.episode_tokens = episode_tokens
        self.batch_size = batch_size
        at_least(1, self, "max_tokens", "max_turns", "episode_tokens", "batch_size")
        if temperature < 0:
            raise ValueError(f"temperature must be at least 0, got {temperature:g}")
        self._longest = max_tokens or int(
            GRPO_BY_SIZE["max_new_tokens"].of(policy.model.num_parameters())
        )
        self.about = {
            **about,
            "temperature": temperature,
            "max_tokens": self._longest,
            "max_turns": max_turns,
            "episode_tokens": episode_tokens,
            "system_prompt": policy.system_prompt,
            "chat_template_kwargs": policy.chat_template_kwargs,
        }
        self._session: Conversations | None = None
        self._numbers = itertools.count()
        self._rows: dict[TextEnv, list[_Row]] = {}
        self._ends = [[end] for end in policy.end_ids]

    def check(self, problems: Sequence[NamedProblem], samples: int) -> None:
        """Find out whether it can be played at all.

        Raises:
            ValueError: all samples of a problem would be the same.
            ConnectionError: the server that samples does not answer.
        """
        check_temperature(self.temperature, samples)
        self._opened()

    def tokens_of(self, text: str) -> int:
        """How many tokens a reply of this text has, with its end."""
        return len(self.policy.reply(text))

    def reply(self, messages: Sequence[Message], turn: Turn) -> Reply:
        """The next message of a conversation."""
        return self.replies([messages], [turn])[0]

    def replies(
        self, conversations: Sequence[Sequence[Message]], turns: Sequence[Turn]
    ) -> list[Reply]:
        """The next message of each conversation.

        What was computed of a conversation is kept until the next call, and gone on from.

        Raises:
            Unavailable: the server that samples does not answer.
        """
        before, self._rows = self._rows, {}
        try:
            session = self._opened()
            rows = [
                self._continued(before, messages, turn.env) or self._begun(messages)
                for messages, turn in zip(conversations, turns, strict=True)
            ]
            for left in itertools.chain.from_iterable(before.values()):
                self._free(left)
            contexts = [0 if row.is_full else session.length(row.number) for row in rows]
            replies = self._sampled(session, rows, turns)
        except BaseException as error:  # what a row has is not known any more
            self._session = None
            if isinstance(error, ConnectionError):
                raise Unavailable(str(error)) from error
            raise
        for row, turn in zip(rows, turns, strict=True):
            self._rows.setdefault(turn.env, []).append(row)
        return [
            self._taken(row, completion, context)
            for row, completion, context in zip(rows, replies, contexts, strict=True)
        ]

    def _taken(self, row: _Row, completion: Completion | None, context: int) -> Reply:
        """What a row says; it has that, too."""
        begun = ""
        if row.messages[-1]["role"] == "assistant":
            begun = row.messages.pop()["content"]
        text = ""
        if completion is None:
            self._free(row)
        else:
            row.reply = row.reply + completion.tokens if begun else completion.tokens
            [text] = self.policy.decode([completion.tokens])
            if begun:  # it has what the prompt has opened
                text = text.removeprefix(self.policy.opening)
        row.messages.append({"role": "assistant", "content": begun + text})
        if completion is None:
            return Reply("", 0, 0, cut_off=True)
        return Reply(text, context, len(completion.tokens), cut_off=not completion.ended)

    def _sampled(
        self,
        session: Conversations,
        rows: Sequence[_Row],
        turns: Sequence[Turn],
    ) -> list[Completion | None]:
        """The tokens of each reply; None where there is no room, or no turn, for one."""
        room = {
            place: self._room(session, row, turn)
            for place, (row, turn) in enumerate(zip(rows, turns, strict=True))
        }
        asked = [place for place, tokens in room.items() if tokens > 0]
        found: list[Completion | None] = [None] * len(rows)
        if asked:
            completions = session.reply(
                [rows[place].number for place in asked],
                max_new_tokens=[room[place] for place in asked],
                uniform=self._uniform([turns[place].seed for place in asked]),
            )
            for place, completion in zip(asked, completions, strict=True):
                found[place] = completion
        return found

    def _room(self, session: Conversations, row: _Row, turn: Turn) -> int:
        """Most tokens of the next reply."""
        if row.is_full or (self.max_turns is not None and turn.info["turn"] >= self.max_turns):
            return 0
        limit = self._longest if turn.max_tokens is None else min(self._longest, turn.max_tokens)
        return int(min(limit, session.room(row.number, self.episode_tokens)))

    def _uniform(self, seeds: Sequence[int]) -> torch.Tensor | None:
        """Numbers from [0, 1), ``[seeds, tokens]``, that decide what is sampled."""
        if self.temperature == 0:
            return None
        generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        return torch.stack([torch.rand(self._longest, generator=each) for each in generators])

    def _opened(self) -> Conversations:
        if self._session is None:
            self._session = self.policy.session(self.temperature)
        return self._session

    def _free(self, row: _Row) -> None:
        """Forget what was computed of a row."""
        if not row.is_full:
            self._opened().leave(row.number)
            row.is_full = True

    def _continued(
        self, before: dict[TextEnv, list[_Row]], messages: Sequence[Message], env: TextEnv
    ) -> _Row | None:
        """The row of a conversation that was played so far; the last message is added to it.

        Conversations with the same text may have other tokens, so each belongs to its environment.
        """
        is_begun = messages[-1]["role"] == "assistant"
        known = list(messages if is_begun else messages[:-1])
        rows = before.get(env, [])
        for row in rows:
            # A reply that has ended is not gone on with.
            if row.messages == known and not (is_begun and row.reply[-1:] in self._ends):
                rows.remove(row)
                row.messages = list(messages)
                if not (row.is_full or is_begun):
                    tokens = self.policy.follow_up(messages[-1]["content"], row.reply)
                    self._opened().extend(row.number, tokens)
                return row
        return None

    def _begun(self, messages: Sequence[Message]) -> _Row:
        """A new row, with all of a conversation in it."""
        said = [message["content"] for message in messages]
        system = self._system_prompt
        if messages[0]["role"] == "system":
            system, *said = said
        if (system or None) != self.policy.system_prompt:
            self.policy.use_system_prompt(system or None)
        tokens = self.policy.prompt(said[0])
        for reply, observation in zip(said[1::2], said[2::2], strict=False):
            replied = self.policy.reply(reply)
            tokens += replied + self.policy.follow_up(observation, replied)
        begun = []
        if messages[-1]["role"] == "assistant":
            begun = self.policy.reply(said[-1])[:-1]  # without its end
        number = next(self._numbers)
        self._opened().extend(number, tokens + begun)
        return _Row(number, list(messages), begun)


# Tables and networks. ----------------------------------------------------------------------------


class CommandPlayer:
    """An agent that knows a list of commands, such as a table or a network.

    It is given what it was trained with: the observation without the instruction, unless it was
    trained with one, and the latest commands where it remembers some. It plays greedily, and
    chooses among equals by the turn's seed.

    Args:
        agent: has `config`, `vocabulary` and `act`.
        about: what stands in the record.
    """

    def __init__(self, agent: Any, about: Mapping[str, Any]) -> None:
        self.agent = agent
        self.config: TaskConfig = agent.config
        self.about = dict(about)
        self._envs: dict[str, gym.Env[str, str]] = {}

    def check(self, problems: Sequence[NamedProblem], samples: int) -> None:
        """Find out whether it knows the commands of all problems.

        Raises:
            ValueError: it does not, with the ids.
        """
        kinds = {
            (problem.id, json.dumps(dict(problem.arguments), sort_keys=True))
            for problem in problems
        }
        unknown = sorted({id for id, arguments in kinds if not self._knows(id, arguments)})
        if unknown:
            named = ", ".join(unknown[:5])
            more = f" and {len(unknown) - 5} more ids" if len(unknown) > 5 else ""
            own = self.config.env_id
            raise ValueError(
                f"this agent has learned {own} and knows its commands alone, so it cannot play "
                f"{named}{more}: choose what it plays, as in --ids {own} --levels 1 2 3"
            )

    def _knows(self, id: str, arguments: str) -> bool:
        """Whether all commands of an environment are among those that were learned."""
        if self.config.vocabulary:  # they are names, or answers: to the tasks that were learned
            return id == self.config.env_id
        if id in ENVIRONMENTS and ENVIRONMENTS[id].answered_by != "steps":
            return False
        env = gym.make(id, disable_env_checker=True, **json.loads(arguments))
        try:
            return set(DiscreteCommands(env).vocabulary) <= set(self.agent.vocabulary)
        except ValueError:  # there is no list of commands
            return False

    def reply(self, messages: Sequence[Message], turn: Turn) -> Reply:
        """The best command that is possible."""
        agent, given = self.agent, [m["content"] for m in messages if m["role"] == "assistant"]
        observation = messages[-1]["content"] if given else self._first(messages, turn.env)
        if self.config.remember:
            observation = remembering(observation, given, self.config.remember)
        if hasattr(agent, "ties"):
            agent.ties = Random(turn.seed)
        known = set(agent.vocabulary)
        possible = [c for c in turn.info.get("admissible_commands", ()) if c in known]
        return Reply(agent.act(observation, {"admissible_commands": possible or agent.vocabulary}))

    def _first(self, messages: Sequence[Message], env: TextEnv) -> str:
        """The first observation, under the instruction of the training."""
        assert env.spec is not None
        arguments = dict(env.spec.kwargs)
        instruction = self.config.env_kwargs.get("instruction", "")
        if not hasattr(env, "instruction") or env.instruction == instruction:
            return messages[-1]["content"]
        arguments["instruction"] = instruction
        key = json.dumps([env.spec.id, arguments], sort_keys=True)
        if key not in self._envs:
            self._envs[key] = gym.make(env.spec.id, disable_env_checker=True, **arguments)
        problem = env.snapshot().episode.problem
        return self._envs[key].reset(seed=0, options={"problem": problem})[0]
