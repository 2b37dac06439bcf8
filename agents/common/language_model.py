"""A policy over any Hugging Face causal language model, and a tiny one that is built from scratch.

Everything that the agents need from a model is here: prompts and follow-ups as token ids, sampling
with the log-probabilities of what was sampled, and nothing about how the model learns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from torch import nn
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    DynamicCache,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
)
from transformers.cache_utils import DynamicLayer
from transformers.utils import logging as hf_logging

from agents.common.weights import load_optimizer, save_optimizer

__all__ = ["Completion", "LanguageModel", "pad", "pick_device", "reasons", "tiny"]

_REASONING = re.compile(r"<think>\s*[^<\s]")
_MARK = "\u2042reply\u2042"  # stands for a reply while a chat template is rendered


def reasons(response: str) -> bool:
    """Whether a response has a ``<think>`` part that is not empty."""
    return _REASONING.search(response) is not None


def pick_device(device: str = "auto") -> torch.device:
    """``"auto"`` is CUDA where there is one, else the CPU; anything else is taken as it is."""
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(device)


@dataclass
class Completion:
    """One sampled response."""

    tokens: list[int]
    """Ids in the order sampled, the end-of-sequence id included when it was sampled."""
    logprobs: list[float]
    """log π(token | what came before) at the sampling temperature, one for each token."""
    ended: bool
    """False when the token limit cut the response off."""


class LanguageModel:
    """A causal language model and its tokenizer, as a policy from text to text.

    The model stays in evaluation mode, so dropout is off while sampling and while learning: the two
    must see the same distribution.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        *,
        max_new_tokens: int = 256,
        temperature: float = 0.0,
        seed: int = 0,
    ) -> None:
        """Wrap a model; the keyword arguments say how `act` answers (temperature 0 is greedy)."""
        self.model = model.eval()
        self.tokenizer = tokenizer
        self.max_new_tokens = max_new_tokens
        self.temperature = temperature
        self.generator = torch.Generator(device="cpu").manual_seed(seed)
        self.end_ids = self._end_ids()
        self._conversation: list[int] = []
        self._ended = True

    @classmethod
    def load(
        cls, name_or_folder: str | Path, *, device: str = "auto", dtype: str = "auto", **kwargs: Any
    ) -> LanguageModel:
        """Load a model and its tokenizer from a Hugging Face hub name or a folder.

        `dtype` is "float32", "bfloat16", …, or "auto" for what the weights were saved in.
        Raises `FileNotFoundError` for something that looks like a folder and is not there, and
        passes on the hub's own errors for names.
        """
        name = str(name_or_folder)
        if not Path(name).is_dir() and (
            isinstance(name_or_folder, Path)
            or name.startswith((".", "/", "~"))
            or name.count("/") > 1
        ):
            raise FileNotFoundError(
                f"there is no model folder at {name!r}: give a folder written by save() or "
                "save_pretrained(), or a hub name such as 'Qwen/Qwen2.5-0.5B-Instruct'"
            )
        target = pick_device(device)
        # On a CPU plain products are the fastest attention for a token at a time.
        attention = {"attn_implementation": "eager"} if target.type == "cpu" else {}
        with _quiet():
            model = AutoModelForCausalLM.from_pretrained(name, dtype=dtype, **attention)
        tokenizer = AutoTokenizer.from_pretrained(name)
        return cls(model.to(target), tokenizer, **kwargs)

    @classmethod
    def build(
        cls,
        model: str,
        *,
        seed: int = 0,
        device: str = "auto",
        dtype: str = "float32",
        **kwargs: Any,
    ) -> LanguageModel:
        """The model that a configuration names: "tiny", or what `load` takes."""
        if model != "tiny":
            return cls.load(model, device=device, dtype=dtype, **kwargs)
        policy = tiny(seed, **kwargs)
        policy.model.to(device=pick_device(device), dtype=getattr(torch, dtype))
        return policy

    def save(self, folder: str | Path) -> None:
        """Write weights (safetensors), configuration and tokenizer for `load` or Hugging Face."""
        with _quiet():
            self.model.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)

    def load_weights(self, folder: str | Path) -> None:
        """Put the weights that `save` wrote into this model, in place."""
        saved = AutoModelForCausalLM.from_pretrained  # one reader for single and sharded files
        with _quiet():
            weights = saved(folder, dtype=self.model.dtype).state_dict()
        self.model.load_state_dict(weights)

    def act(self, observation: str, info: dict[str, Any] | None = None) -> str:
        """Answer one observation; ``info["turn"]`` above 0 goes on with the conversation."""
        if not info or info.get("turn", 0) == 0 or not self._conversation:
            self._conversation = self.prompt(observation)
        else:
            self._conversation += self.follow_up(observation, ended=self._ended)
        [reply] = self.sample(
            [self._conversation],
            max_new_tokens=self.max_new_tokens,
            temperature=self.temperature,
            generator=self.generator,
        )
        self._conversation += reply.tokens
        self._ended = reply.ended
        return self.decode([reply.tokens])[0]

    # Text to token ids and back. -----------------------------------------------------------------

    def prompt(self, observation: str) -> list[int]:
        """Token ids that ask for a reply to an episode's first observation."""
        if self.tokenizer.chat_template is None:
            return list(self.tokenizer.encode(observation + "\n"))
        return self._encode(self._render([{"role": "user", "content": observation}]))

    def follow_up(self, observation: str, *, ended: bool) -> list[int]:
        """Token ids between a reply and the next: the end of the turn, and the new observation.

        They are appended to the ids that were sampled, which are never decoded and encoded again:
        another split of the same text would have other probabilities.  `ended` says whether the
        reply already has its end-of-sequence token.
        """
        if self.tokenizer.chat_template is None:
            tail = [] if ended else self.end_ids[:1]
            return tail + self._encode(f"{observation}\n")
        messages = [
            {"role": "user", "content": "?"},
            {"role": "assistant", "content": _MARK},
            {"role": "user", "content": observation},
        ]
        tokens = self._encode(self._render(messages).rsplit(_MARK, 1)[1])
        return tokens[1:] if ended and tokens[0] in self.end_ids else tokens

    def reply(self, text: str) -> list[int]:
        """Token ids of a whole reply, its end included: what imitation learns to produce."""
        return self._encode(text) + self.end_ids[:1]

    def decode(self, replies: Sequence[Sequence[int]]) -> list[str]:
        """The text of each reply, without special tokens."""
        texts: list[str] = self.tokenizer.batch_decode(
            [list(reply) for reply in replies],
            skip_special_tokens=True,
            clean_up_tokenization_spaces=False,
        )
        return texts

    def _encode(self, text: str) -> list[int]:
        return list(self.tokenizer.encode(text, add_special_tokens=False))

    def _render(self, messages: list[dict[str, str]]) -> str:
        text = self.tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=True
        )
        assert isinstance(text, str)
        return text

    def _end_ids(self) -> list[int]:
        """Ids that end a reply, the tokenizer's own first (chat models often have several)."""
        config = self.model.generation_config
        known = config.eos_token_id if config is not None else None
        candidates = [self.tokenizer.eos_token_id, *(known if isinstance(known, list) else [known])]
        ids = [int(i) for i in dict.fromkeys(candidates) if i is not None]
        if not ids:
            raise ValueError(
                "the tokenizer has no eos_token, so no reply could end: set tokenizer.eos_token"
            )
        return ids

    # Log-probabilities of given tokens. ----------------------------------------------------------

    def logprobs(
        self, tokens: Sequence[Sequence[int]], *, keep: int, temperature: float = 1.0
    ) -> torch.Tensor:
        """log π of the last `keep` columns of right-padded rows, ``[rows, keep]``, with gradient.

        Column j of the result belongs to token ``longest - keep + j`` of each row; use `pad` to
        line other values up with it.  No attention mask is needed: padding comes last, and a
        causal model does not look ahead.
        """
        ids = pad(tokens, torch.long).to(self.model.device)
        output = self.model(input_ids=ids[:, :-1], logits_to_keep=keep, use_cache=False)
        logits = output.logits.float() / temperature
        targets = ids[:, -keep:]
        loss = nn.functional.cross_entropy(
            logits.flatten(0, 1), targets.flatten(), reduction="none"
        )
        return -loss.view_as(targets)

    # Sampling. -----------------------------------------------------------------------------------

    @torch.no_grad()
    def sample(
        self,
        contexts: Sequence[Sequence[int]],
        *,
        max_new_tokens: int,
        temperature: float = 1.0,
        generator: torch.Generator | None = None,
    ) -> list[Completion]:
        """Sample one reply to each context (token ids); temperature 0 takes the likeliest token.

        Equal contexts, such as those of a GRPO group, go through the model once.  Rows that have
        ended are dropped from the batch as it goes.  Each row has its own uniform numbers from the
        start, so what else is in the batch, and when it ends, does not change a row's draw.
        """
        if not contexts:
            return []
        device = self.model.device
        distinct = {context: i for i, context in enumerate(dict.fromkeys(map(tuple, contexts)))}
        ids, mask = _pad_left(list(distinct), device)
        rows = torch.tensor([distinct[tuple(context)] for context in contexts], device=device)
        self._check_room(ids.shape[1], max_new_tokens)
        size = (len(contexts), max_new_tokens)
        uniform = torch.rand(size, generator=generator).to(device) if temperature > 0 else None
        tokens = torch.zeros(size, dtype=torch.long, device=device)
        logprobs = torch.zeros(size, device=device)
        ends = torch.tensor(self.end_ids, device=device)

        cache = _new_cache(self.model)
        positions = (mask.cumsum(1) - 1).clamp_(min=0)
        output = self.model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
        cache = output.past_key_values
        cache.batch_select_indices(rows)
        logits, mask, positions = output.logits[rows, -1], mask[rows], positions[rows, -1:]
        live = torch.arange(len(contexts), device=device)  # which row of the result a row here is
        running = torch.ones(len(contexts), dtype=torch.bool, device=device)
        ragged = len(set(map(len, distinct))) > 1

        for step in range(max_new_tokens):
            logp = torch.log_softmax(logits.float() / (temperature or 1.0), -1)
            if uniform is None:
                token = logp.argmax(-1, keepdim=True)
            else:
                # Inverse of the cumulative distribution; on a CPU ten times torch.multinomial.
                cumulative = logp.exp().cumsum_(-1)
                point = uniform[live, step, None] * cumulative[:, -1:]
                token = torch.searchsorted(cumulative, point, right=True)
                token.clamp_(max=logp.shape[-1] - 1)
            tokens[live, step] = token[:, 0]
            logprobs[live, step] = logp.gather(1, token)[:, 0]
            running &= ~torch.isin(token[:, 0], ends)
            left = int(running.sum())
            if left == 0 or step + 1 == max_new_tokens:
                break
            if left <= 0.9 * len(live):
                keep = running.nonzero()[:, 0]
                cache.batch_select_indices(keep)
                token, mask, positions = token[keep], mask[keep], positions[keep]
                live, running = live[keep], running[keep]
            positions = positions + 1
            if ragged:
                mask = torch.cat([mask, mask.new_ones(len(live), 1)], 1)
            output = self.model(
                input_ids=token,
                attention_mask=mask if ragged else None,
                position_ids=positions,
                past_key_values=cache,
                use_cache=True,
            )
            logits = output.logits[:, -1]
        return self._completions(tokens.cpu(), logprobs.cpu())

    def _completions(self, tokens: torch.Tensor, logprobs: torch.Tensor) -> list[Completion]:
        """Cut each row after its first end; rows that ended went on for a few tokens."""
        ended = torch.isin(tokens, torch.tensor(self.end_ids))
        limit = tokens.shape[1]
        lengths = torch.where(ended.any(1), ended.int().argmax(1) + 1, limit).tolist()
        return [
            Completion(row[:length], logp[:length], bool(end))
            for row, logp, length, end in zip(
                tokens.tolist(), logprobs.tolist(), lengths, ended.any(1).tolist(), strict=True
            )
        ]

    # Training that goes on: the model and the optimizer's state, as a checkpoint has them.

    def save_training(self, optimizer: torch.optim.Optimizer, folder: Path) -> None:
        """Write what `load_training` reads: ``model/`` and ``optimizer.safetensors``."""
        self.save(folder / "model")
        save_optimizer(self.model, optimizer, folder)

    def load_training(
        self, optimizer: torch.optim.Optimizer, folder: Path, _: dict[str, Any]
    ) -> None:
        """Put weights and optimizer state back; the state of the run is not needed here."""
        self.load_weights(folder / "model")
        load_optimizer(self.model, optimizer, folder)

    def _check_room(self, context: int, new: int) -> None:
        room = getattr(self.model.config, "max_position_embeddings", None)
        if room is not None and context + new > room:
            raise ValueError(
                f"a context of {context} tokens and {new} new ones do not fit into the model's "
                f"{room} positions: lower max_new_tokens or the number of turns"
            )


def tiny(
    seed: int = 0,
    *,
    hidden_size: int = 64,
    layers: int = 3,
    heads: int = 2,
    intermediate_size: int = 192,
    max_positions: int = 4096,
    **kwargs: Any,
) -> LanguageModel:
    """A language model of about 0.17 M random weights that reads and writes any text.

    One token a character (a byte outside ASCII), and one for each of the marks that a boxed answer
    needs.  The same seed gives the same weights, and torch's global generator is left alone.
    """
    tokenizer = _character_tokenizer()
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=hidden_size,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=heads,
        intermediate_size=intermediate_size,
        max_position_embeddings=max_positions,
        initializer_range=0.1,  # the usual 0.02 is for wide models: at this width it learns slower
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        attn_implementation="eager",  # plain products are the fastest for heads this small
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Qwen2ForCausalLM(config)
    return LanguageModel(model, tokenizer, **kwargs)


@contextmanager
def _quiet() -> Iterator[None]:
    """No progress bars from the library for a moment."""
    shown = hf_logging.is_progress_bar_enabled()
    hf_logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            hf_logging.enable_progress_bar()


def _character_tokenizer() -> PreTrainedTokenizerFast:
    """Bytes as tokens, without merges: any text survives encoding and decoding."""
    characters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: i for i, token in enumerate(["<pad>", "<eos>", *characters])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    marks = ["<think>", "</think>", "\\boxed{"]
    tokenizer.add_tokens([AddedToken(mark, normalized=False) for mark in marks])
    # Padding is not the end: if it were, masking the padding would leave the end untrained.
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="<eos>", model_max_length=4096
    )


def pad(rows: Sequence[Sequence[Any]], dtype: torch.dtype) -> torch.Tensor:
    """Rows of different lengths as one tensor ``[rows, longest]``, filled up with zeros."""
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows], dtype=dtype)


def _pad_left(
    contexts: Sequence[Sequence[int]], device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids and attention mask, both ``[rows, longest]``, with the padding in front."""
    longest = max(map(len, contexts))
    ids = torch.tensor([[0] * (longest - len(c)) + list(c) for c in contexts], device=device)
    mask = torch.tensor([[0] * (longest - len(c)) + [1] * len(c) for c in contexts], device=device)
    return ids, mask


class _GrowingLayer(DynamicLayer):  # type: ignore[misc]
    """A cache layer that writes into spare room; the library's copies all of it for every token."""

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
            self._keys, self._values = key_states[:, :, :0], value_states[:, :, :0]
        used = self.get_seq_length()
        total = used + key_states.shape[2]
        if total > self._keys.shape[2]:
            self._keys = _with_room(self._keys[:, :, :used], total)
            self._values = _with_room(self._values[:, :, :used], total)
        self._keys[:, :, used:total] = key_states
        self._values[:, :, used:total] = value_states
        self.keys, self.values = self._keys[:, :, :total], self._values[:, :, :total]
        return self.keys, self.values

    def batch_select_indices(self, indices: torch.Tensor) -> None:
        used = self.get_seq_length()
        self._keys, self._values = self._keys[indices], self._values[indices]
        self.keys, self.values = self._keys[:, :, :used], self._values[:, :, :used]


def _with_room(states: torch.Tensor, length: int) -> torch.Tensor:
    """The states ``[rows, heads, used, size]``, in a tensor with room for `length` and more."""
    rows, heads, used, size = states.shape
    room = states.new_empty(rows, heads, length + 32, size)
    room[:, :, :used] = states
    return room


def _new_cache(model: PreTrainedModel) -> DynamicCache:
    """The cache that the model asks for, with the plain layers exchanged for growing ones."""
    cache = DynamicCache(config=model.config)
    cache.layers = [_GrowingLayer() if type(x) is DynamicLayer else x for x in cache.layers]
    return cache
