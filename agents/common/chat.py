"""Conversations as token ids: prompts, replies and follow-ups, and from ids back to text.

The tokenizer of a chat model has a template, a program that writes messages with the marks between
them that the model knows.  Without one, a turn is its text and a line break.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from jinja2 import TemplateError
from transformers import PreTrainedTokenizerBase

__all__ = ["Chat", "reasons"]

_REASONING = re.compile(r"<think>\s*[^<\s]")
_THOUGHT = re.compile(r"\s*<think>.*?</think>\s*", re.DOTALL)
_BEGUN = re.compile(r"<think>\s*(</think>\s*)?\Z")
_THINK_MARKS = ("<think>", "</think>")

# Unicode keeps these two for a program's own use: no text has them.
_BREAK = "\ufdd0"  # what stands before it is encoded apart from what comes after it
_REPLY = "\ufdd1"  # stands for a reply while a chat template is rendered


def reasons(response: str) -> bool:
    """Whether a response has a ``<think>`` part that is not empty."""
    return _REASONING.search(response) is not None


class Chat:
    """How a conversation with a model is written as token ids.

    Args:
        tokenizer: with a chat template, or without.
        end_ids: the ids that end a reply as far as the model says, beside the tokenizer's own.
        system_prompt: what comes before the first observation: a message of the role "system", or
            without a template a paragraph of its own.
        chat_template_kwargs: variables of the template, such as ``{"enable_thinking": False}``.

    Raises:
        ValueError: there is no token that could end a reply; the template has no use for the system
            prompt, or for one of the variables.
    """

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerBase,
        *,
        end_ids: Sequence[int] = (),
        system_prompt: str | None = None,
        chat_template_kwargs: dict[str, Any] | None = None,
    ) -> None:
        self.tokenizer = tokenizer
        self.system_prompt = system_prompt
        self.chat_template_kwargs = dict(chat_template_kwargs or {})
        has_template = tokenizer.chat_template is not None
        self._template = tokenizer.get_chat_template() if has_template else None
        self._control_tokens = self._find_control_tokens()
        self._check_variables()
        self._check_observation()
        self._check_system_prompt()
        prompt = self._render([_user("?")]) if has_template else ""
        begun = _BEGUN.search(prompt)
        self._thinking_is_closed = begun is not None and begun[1] is not None
        self.opening = begun[0] if begun and not self._thinking_is_closed else ""
        """What the prompt has already written of a reply's think part: its text begins with it."""
        self.end_ids = self._all_end_ids(_header(prompt), end_ids)

    def use_system_prompt(self, text: str | None) -> None:
        """Put another text before first observations, or none.

        Raises:
            ValueError: the template has no use for it.
        """
        self.system_prompt = text
        self._check_system_prompt()

    # Text to token ids. --------------------------------------------------------------------------

    def prompt(self, observation: str) -> list[int]:
        """Token ids that ask for a reply to an episode's first observation.

        They are those of the template, or without one of the observation and a line break, with the
        token in front that the tokenizer may begin texts with.
        """
        text = self._as_text(observation)
        if self._template is not None:
            return self._encode(self._render([_user(text)]))
        if self.system_prompt:
            text = f"{self.system_prompt}\n\n{text}"
        return self._encode(f"{text}\n", begins=True)

    def follow_up(self, observation: str, reply: Sequence[int]) -> list[int]:
        """Token ids between a reply and the next: the end of the turn, and the new observation.

        They are appended to the ids of the reply, which are never decoded and encoded again:
        another split of the same text would have other probabilities.  So a template that would
        take the thinking out of earlier turns does not.  What it writes to end a turn is left out
        where the reply has it already.
        """
        ended = [token for token in reply[-1:] if token in self.end_ids]
        text = self._as_text(observation)
        if self._template is None:
            return ([] if ended else self.end_ids[:1]) + self._encode(f"{text}\n")
        tokens = self._encode(self._second_turn(text)[1])
        end = self._first_token(tokens)
        return tokens[end + 1 :] if tokens[end : end + 1] == ended else tokens

    def reply(self, text: str) -> list[int]:
        """Token ids of a whole reply, its end included: what imitation learns to produce.

        Where the prompt has opened a think part, the reply goes on with it, or closes it if the
        text has none; where the prompt has closed an empty one, that of the text is left out.
        """
        if self.opening:
            thinks = re.match(r"\s*<think>\s*", text)
            text = text[thinks.end() :] if thinks else f"\n</think>\n\n{text}"
        elif self._thinking_is_closed:
            thought = _THOUGHT.match(text)
            text = text[thought.end() :] if thought else text
        return self._encode(self._as_text(text, allowed=_THINK_MARKS)) + self.end_ids[:1]

    # And back. -----------------------------------------------------------------------------------

    def decode(self, replies: Sequence[Sequence[int]]) -> list[str]:
        """The text of each reply, with what the prompt has opened in front.

        Only padding and what ends a reply have no text: marks for thinking or for tools can be
        special tokens, too, and a model that says others is taken at its word.
        """
        silent = {*self.end_ids, self.tokenizer.pad_token_id}
        texts: list[str] = self.tokenizer.batch_decode(
            [[token for token in reply if token not in silent] for reply in replies],
            skip_special_tokens=False,
            clean_up_tokenization_spaces=False,
        )
        return [self.opening + text for text in texts]

    # Text that is only text. ---------------------------------------------------------------------

    def _find_control_tokens(self) -> list[str]:
        """What the tokens are called that the template, or the tokenizer, directs a model with."""
        tokenizer, template = self.tokenizer, self._template or ""
        names = dict.fromkeys(tokenizer.all_special_tokens)
        for token in tokenizer.added_tokens_decoder.values():
            # Some templates have marks for turns that their tokenizer does not call special.
            is_mark = token.content in template and token.content not in _THINK_MARKS
            if token.special or (is_mark and not token.content.isspace()):
                names[token.content] = None
        return [name for name in names if len(name) > 1]

    def _as_text(self, text: str, allowed: Sequence[str] = ()) -> str:
        """The text with a break in all that would be a control token."""
        for name in self._control_tokens:
            if name not in allowed:
                text = text.replace(name, name[0] + _BREAK + name[1:])
        return text

    def _encode(self, text: str, *, begins: bool = False) -> list[int]:
        """Token ids of a text, part by part; `begins` adds what the tokenizer begins texts with."""
        first, *others = text.split(_BREAK)
        tokens = list(self.tokenizer.encode(first, add_special_tokens=begins))
        for part in others:
            tokens += self._encode_inside(part)
        return tokens

    def _encode_inside(self, text: str) -> list[int]:
        """Token ids of a text that does not begin one: some tokenizers put a space in front."""
        line = self.tokenizer.encode("\n", add_special_tokens=False)
        tokens = self.tokenizer.encode(f"\n{text}", add_special_tokens=False)
        if tokens[: len(line)] == line:
            return list(tokens[len(line) :])
        return list(self.tokenizer.encode(text, add_special_tokens=False))

    # The template. -------------------------------------------------------------------------------

    def _render(self, messages: list[dict[str, str]], *, system: bool = True) -> str:
        if system and self.system_prompt:
            messages = [{"role": "system", "content": self.system_prompt}, *messages]
        try:
            text = self.tokenizer.apply_chat_template(
                messages, tokenize=False, add_generation_prompt=True, **self.chat_template_kwargs
            )
        except TemplateError as error:
            raise ValueError(f"the model's chat template refuses this: {error}") from error
        assert isinstance(text, str)
        return text

    def _second_turn(self, observation: str) -> tuple[str, str]:
        """What a template writes before a reply, and after it to the next."""
        messages = [_user("?"), {"role": "assistant", "content": _REPLY}, _user(observation)]
        before, mark, after = self._render(messages).partition(_REPLY)
        if not mark:
            raise ValueError("the model's chat template leaves replies out, so it has no next turn")
        return before, after

    def _first_token(self, tokens: Sequence[int]) -> int:
        """Where the first of the tokens is that is more than space."""
        visible = (i for i, token in enumerate(tokens) if self.tokenizer.decode([token]).strip())
        return next(visible, len(tokens))

    def _check_variables(self) -> None:
        for name in self.chat_template_kwargs:
            if self._template is None:
                raise ValueError(
                    "chat_template_kwargs are for a chat template, and this tokenizer has none: "
                    "leave them out, or take the chat version of the model"
                )
            if name in ("messages", "add_generation_prompt"):
                raise ValueError(f"chat_template_kwargs cannot give {name}: it is given already")
            if not re.search(rf"\b{re.escape(name)}\b", self._template):
                raise ValueError(
                    f"the model's chat template has no variable {name!r}, so chat_template_kwargs "
                    "would change nothing"
                )

    def _check_observation(self) -> None:
        if self._template is not None and _REPLY not in self._render([_user(_REPLY)], system=False):
            raise ValueError(
                "the model's chat template leaves plain text out: it is one for lists of texts and "
                "images, which are not supported"
            )

    def _check_system_prompt(self) -> None:
        if not self.system_prompt or self._template is None:
            return
        without = self._render([_user("?")], system=False)
        try:
            ignores = self._render([_user("?")]) == without
        except ValueError as error:
            what = f"refuses a system prompt ({error.__cause__})"
        else:
            what = "ignores a system prompt" if ignores else ""
        if what:
            raise ValueError(
                f"the model's chat template {what}: leave system_prompt out, and say it in the "
                "environment's instruction"
            )

    def _all_end_ids(self, header: str, models: Sequence[int]) -> list[int]:
        """Ids that end a reply (chat models often have several), the one to be learned first.

        A base model often comes with a template whose turns end otherwise than its texts.  So what
        the template writes after a reply is an end as well, if it is a control token and the reply
        comes right after the `header`, as it does when it is sampled: in some formats a reply has
        parts, and what is written there ends but one.
        """
        ids = [int(i) for i in (self.tokenizer.eos_token_id, *models) if i is not None]
        if self._template is not None:
            try:
                before, after = self._second_turn("?")
            except ValueError:  # it has one turn only
                before = after = ""
            tokens = self._encode(after)
            for end in tokens[self._first_token(tokens) :][:1]:
                is_control = self.tokenizer.convert_ids_to_tokens(end) in self._control_tokens
                if end in ids or (is_control and _header(before) == header):
                    ids.insert(0, end)
        if not ids:
            raise ValueError(
                "the tokenizer has no eos_token, so no reply could end: set tokenizer.eos_token"
            )
        return list(dict.fromkeys(ids))


def _header(text: str) -> str:
    """The text up to where a reply begins, or the thinking that the template writes for it."""
    return _BEGUN.sub("", text).rstrip()


def _user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}
