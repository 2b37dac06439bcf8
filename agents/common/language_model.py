"""A policy over any Hugging Face causal language model, and a tiny one that is built from scratch.

Everything that the agents need from a model is here: conversations as token ids (`Chat`), sampling
with the log-probabilities of what was sampled, and nothing about how the model learns.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    AutoModelForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
)

from agents.common.adapters import add_adapters, has_adapters, load_adapters, merged, save_adapters
from agents.common.chat import Chat
from agents.common.distributed import count, is_first, largest
from agents.common.engine import Engine, EngineSession
from agents.common.pretrained import load_pretrained, quiet
from agents.common.products import use_products
from agents.common.row_cache import Footprint, free_bytes
from agents.common.sampler import (
    Budget,
    Completion,
    Conversations,
    Session,
    cache_size,
    goes_on_in_chunks,
    positions_of,
)
from agents.common.sharding import as_sharded, shard, whole
from agents.common.sizes import TINY
from agents.common.token_logprobs import KL, Predicted, TokenLogprobs
from agents.common.weights import load_optimizer, save_optimizer
from reasoning_gym_envs.errors import unknown

__all__ = ["LanguageModel", "pick_device", "tiny", "tiny_shape"]

_PRODUCTS = {"float32": None, "bfloat16": torch.bfloat16}
_HEAD = 32  # width of a head of a tiny model
_CACHE_SHARE = 0.5  # of free memory: passes over long prompts take some, too


def pick_device(device: str = "auto") -> torch.device:
    """``"auto"`` is CUDA where there is one, else the CPU; anything else is taken as it is.

    Raises `ValueError` for a device that is not there.
    """
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        chosen = torch.device(device)
    except RuntimeError:
        raise ValueError(f"unknown device {device!r}: it is auto, cpu or cuda") from None
    try:
        torch.empty(0, device=chosen)
    except (RuntimeError, AssertionError) as error:  # torch asserts that it was built for a GPU
        raise ValueError(f"the device {device!r} is not here: {error}") from error
    return chosen


class LanguageModel(Chat):
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
        system_prompt: str | None = None,
        chat_template_kwargs: dict[str, Any] | None = None,
    ) -> None:
        """Wrap a model.

        `max_new_tokens`, `temperature` (0 is greedy) and `seed` say how `act` answers; the others
        are those of `Chat`.
        """
        generation = model.generation_config
        ends = generation.eos_token_id if generation is not None else None
        super().__init__(
            tokenizer,
            end_ids=ends if isinstance(ends, list) else [] if ends is None else [ends],
            system_prompt=system_prompt,
            chat_template_kwargs=chat_template_kwargs,
        )
        self.model = model.eval()
        use_products(self.model)
        self.max_new_tokens = max_new_tokens
        self.temperature = temperature
        self.generator = torch.Generator(device="cpu").manual_seed(seed)
        self.autocast: torch.dtype | None = None
        """Number type of products, where it is not that of the weights."""
        self.token_logprobs = TokenLogprobs(self.model, vocabulary=len(tokenizer))
        self.cache_gib: float | None = None
        """Most GiB of what a session keeps; None for half of what is free where it begins."""
        self.engine: Engine | None = None
        """Who samples, where it is not this model; what is learned is given to it."""
        self._is_sharded = False
        self._is_whole = True  # whether the model has its weights; sharded ones are elsewhere
        self._conversation: Conversations | None = None
        self._chunks: bool | None = None  # not known before the first session
        self._cache_size: Footprint | None = None
        self._reply: list[int] = []

    @classmethod
    def load(
        cls, name_or_folder: str | Path, *, device: str = "auto", dtype: str = "auto", **kwargs: Any
    ) -> LanguageModel:
        """Load a model and its tokenizer from a Hugging Face hub name or a folder.

        `dtype` is "float32", "bfloat16", "float16", or "auto" for what the weights were saved in.
        Raises `FileNotFoundError` and `ValueError` as `load_pretrained` does.
        """
        model, tokenizer = load_pretrained(name_or_folder, dtype)
        return cls(model.to(pick_device(device)), tokenizer, **kwargs)

    @classmethod
    def build(
        cls,
        model: str,
        *,
        seed: int = 0,
        device: str = "auto",
        dtype: str = "auto",
        **kwargs: Any,
    ) -> LanguageModel:
        """A model to train, as a configuration names it: "tiny", "tiny-2x32", or what `load` takes.

        Its weights are float32 whatever `dtype` says: a step of training is smaller than what
        bfloat16 can tell apart.  With "bfloat16" the products are computed in it, and with "auto"
        they are where a GPU can, and the model is not tiny.
        """
        if dtype not in ("auto", *_PRODUCTS):
            raise ValueError(unknown("dtype", dtype, ("auto", *_PRODUCTS)))
        shape = tiny_shape(model)
        if shape is not None:
            layers, width = shape
            policy = tiny(
                seed,
                layers=layers,
                hidden_size=width,
                heads=width // _HEAD,
                intermediate_size=3 * width,
                **kwargs,
            )
            policy.model.to(pick_device(device))
        else:
            policy = cls.load(model, device=device, dtype="float32", **kwargs)
        if dtype == "auto":
            dtype = _fast_products(policy.model.device, policy.model.num_parameters())
        policy.autocast = _PRODUCTS[dtype]
        return policy

    def save(self, folder: str | Path, writes: bool | None = None) -> None:
        """Write weights (safetensors), configuration and tokenizer for `load` or Hugging Face.

        Adapters are in the weights, so that nothing but the library is needed to load them.  Of
        several processes, each of which has to ask for it, those write that say so, or the first.
        """
        self._have_whole()
        if is_first() if writes is None else writes:
            model = merged(self.model) if has_adapters(self.model) else self.model
            with quiet():
                model.save_pretrained(folder)
            self.tokenizer.save_pretrained(folder)

    def save_weights(self, folder: str | Path) -> None:
        """Write what `load_weights` reads: as `save`, or the adapters alone where there are some.

        Those are in the format of peft; their configuration names the model that they belong to.
        """
        if not has_adapters(self.model):
            self.save(folder)
        elif is_first():
            save_adapters(self.model, Path(folder))
            self.tokenizer.save_pretrained(folder)

    @torch.no_grad()
    def load_weights(self, folder: str | Path) -> None:
        """Put the weights that `save_weights` wrote into this model, in place."""
        self._have_whole()
        if has_adapters(self.model):
            load_adapters(self.model, Path(folder))
        else:
            # One reader for single and sharded files; of a folder's own code nothing is run.
            with quiet():
                saved = AutoModelForCausalLM.from_pretrained(
                    folder,
                    config=self.model.config,
                    dtype=self.model.dtype,
                    trust_remote_code=False,
                    use_safetensors=True,
                )
            weights = saved.state_dict()
            self.model.load_state_dict(weights)
        if self._is_sharded:
            for tensor, part in self._pairs():
                part.copy_(as_sharded(tensor, part))
        if self.engine is not None:
            self.engine.is_current = False

    def act(self, observation: str, info: dict[str, Any] | None = None) -> str:
        """Answer one observation; ``info["turn"]`` above 0 goes on with the conversation."""
        if not info or info.get("turn", 0) == 0 or self._conversation is None:
            self._conversation = self.session(self.temperature)
            self._conversation.extend(0, self.prompt(observation))
        else:
            self._conversation.extend(0, self.follow_up(observation, self._reply))
        size = (1, self.max_new_tokens)
        uniform = torch.rand(size, generator=self.generator) if self.temperature > 0 else None
        [reply] = self._conversation.reply([0], max_new_tokens=self.max_new_tokens, uniform=uniform)
        self._reply = reply.tokens
        return self.decode([reply.tokens])[0]

    # What learns, and how much memory it takes. ---------------------------------------------------

    def add_adapters(self, config: Any) -> None:
        """Have low-rank adapters learn in place of the weights, as the settings of an agent say.

        The weights never change again, so they are kept in the number type of products.
        """
        add_adapters(
            self.model,
            rank=config.lora_rank,
            alpha=config.lora_alpha,
            targets=config.lora_targets,
            seed=config.seed,
            dtype=self.autocast,
        )

    def shard(self) -> None:
        """Divide what learns over the processes; in one process this does nothing.

        While it learns, each process has its part of the weights alone.  To sample it needs all of
        them: a second copy, which is filled before and emptied after.
        """
        if count() == 1 or self._is_sharded:
            return
        _ = self.token_logprobs.packs  # is found out by the model as a whole
        self.token_logprobs = copy.deepcopy(self.token_logprobs)
        shard(self.token_logprobs, self.model.device)
        self._is_sharded = True

    def frozen(self) -> LanguageModel:
        """A copy that stays as the policy is now; weights that do not learn are shared with it."""
        self._have_whole()
        shared = {id(p): p for p in self.model.parameters() if not p.requires_grad}
        model = copy.deepcopy(self.model, shared).requires_grad_(False)
        frozen = LanguageModel(
            model,
            self.tokenizer,
            system_prompt=self.system_prompt,
            chat_template_kwargs=self.chat_template_kwargs,
        )
        frozen.end_ids = list(self.end_ids)
        frozen.autocast, frozen.cache_gib = self.autocast, self.cache_gib
        if self._is_sharded:
            frozen.shard()
        return frozen

    def _pairs(self) -> Iterator[tuple[torch.nn.Parameter, Any]]:
        """Each weight of the whole model, and this process's part of it."""
        parts = self.token_logprobs.model.parameters()
        return zip(self.model.parameters(), parts, strict=True)

    @torch.no_grad()
    def _have_whole(self) -> None:
        """Fill the copy that samples; all processes have to ask for it at the same time."""
        if not self._is_whole:
            for tensor, part in self._pairs():
                tensor.data = whole(part)
            self._is_whole = True

    def _leave_whole(self) -> None:
        """Empty the copy that samples."""
        if self._is_sharded and self._is_whole:
            for tensor in self.model.parameters():
                tensor.data = tensor.data.new_empty(0)
            self._is_whole = False

    # Log-probabilities of given tokens. ----------------------------------------------------------

    def logprobs(
        self,
        rows: Sequence[Sequence[int]],
        chosen: Sequence[Sequence[bool]],
        *,
        temperature: float = 1.0,
    ) -> torch.Tensor:
        """log π of the chosen tokens of some rows, with gradient, ``[chosen]``, row after row.

        Rows of `batches` fit into one call; any others do as well, and take more memory.
        """
        return self.logprobs_and_entropy(rows, chosen, temperature=temperature, entropy=False)[0]

    def logprobs_and_entropy(
        self,
        rows: Sequence[Sequence[int]],
        chosen: Sequence[Sequence[bool]],
        *,
        temperature: float = 1.0,
        entropy: bool = True,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """As `logprobs`, and the entropy of each distribution in nats, ``[chosen]``."""
        found = self.predictions(rows, chosen, temperature=temperature, entropy=entropy)
        return found.logprobs, found.entropies

    def predictions(
        self,
        rows: Sequence[Sequence[int]],
        chosen: Sequence[Sequence[bool]],
        *,
        temperature: float = 1.0,
        entropy: bool = True,
        other: LanguageModel | None = None,
        kl: KL = "forward",
    ) -> Predicted:
        """As `logprobs_and_entropy`, and the states from which the chosen tokens were predicted.

        With an `other` model of the same vocabulary, also the divergence from it, over all tokens:
        of the kind `kl`, with gradient in this model alone.  The other may be this one.
        """
        self._leave_whole()
        with torch.autocast(
            self.model.device.type,
            self.autocast,
            enabled=self.autocast is not None,
            cache_enabled=not self._is_sharded,  # it would keep layers that are to be dropped
        ):
            predicted: Predicted = self.token_logprobs(
                rows,
                chosen,
                temperature=temperature,
                entropy=entropy,
                other=None if other is None else other.token_logprobs,
                kl=kl,
            )
        return predicted

    def batches(
        self, rows: Sequence[Sequence[int]], chosen: Sequence[Sequence[bool]], tokens: int
    ) -> Iterator[list[int]]:
        """Numbers of the rows that go through the model together, at most so many `tokens`.

        The prompt that rows have in common counts once; a longer row goes alone.  All processes
        have to ask at the same time, and get the same number, so the last ones may have no rows.
        """
        batches = list(self.token_logprobs.batches(rows, chosen, tokens))
        return iter(batches + [[]] * (largest(len(batches)) - len(batches)))

    # Sampling. -----------------------------------------------------------------------------------

    def session(self, temperature: float = 1.0) -> Conversations:
        """Conversations to sample from, which keep what was computed of them."""
        if self.engine is not None:
            session = EngineSession(
                self.engine,
                end_ids=self.end_ids,
                temperature=temperature,
                vocabulary=len(self.tokenizer),
                positions=positions_of(self.model),
            )
            self.engine.update(self.save)
            return session
        self._have_whole()
        if self._chunks is None or self._cache_size is None:
            self._chunks = goes_on_in_chunks(self.model)
            self._cache_size = cache_size(self.model, self.autocast)
        most = None if self.cache_gib is None else self.cache_gib * 2**30
        if most is None and (free := free_bytes(self.model.device)) is not None:
            most = _CACHE_SHARE * free
        return Session(
            self.model,
            end_ids=self.end_ids,
            temperature=temperature,
            vocabulary=len(self.tokenizer),
            chunks=self._chunks,
            autocast=self.autocast,
            budget=None if most is None else Budget(int(most), self._cache_size),
        )

    def sample(
        self,
        contexts: Sequence[Sequence[int]],
        *,
        max_new_tokens: int,
        temperature: float = 1.0,
        generator: torch.Generator | None = None,
    ) -> list[Completion]:
        """Sample one reply to each context (token ids); see `Session.reply`."""
        session, rows = self.session(temperature), range(len(contexts))
        for row, context in zip(rows, contexts, strict=True):
            session.extend(row, context)
        size = (len(contexts), max_new_tokens)
        uniform = torch.rand(size, generator=generator) if temperature > 0 else None
        return session.reply(rows, max_new_tokens=max_new_tokens, uniform=uniform)

    # Training that goes on: the model and the optimizer's state, as a checkpoint has them.

    def save_training(self, optimizer: torch.optim.Optimizer, folder: Path) -> None:
        """Write what `load_training` reads: ``model/`` and ``optimizer.safetensors``."""
        self.save_weights(folder / "model")
        save_optimizer(self.token_logprobs.model, optimizer, folder)

    def load_training(
        self, optimizer: torch.optim.Optimizer, folder: Path, _: dict[str, Any]
    ) -> None:
        """Put weights and optimizer state back; the state of the run is not needed here."""
        self.load_weights(folder / "model")
        load_optimizer(self.token_logprobs.model, optimizer, folder)


def tiny(
    seed: int = 0,
    *,
    hidden_size: int = 64,
    layers: int = 3,
    heads: int = 2,
    intermediate_size: int = 192,
    max_positions: int = 4096,
    texts: Iterable[str] = (),
    words: int = 0,
    **kwargs: Any,
) -> LanguageModel:
    """A language model of about 0.17 M random weights that reads and writes any text.

    One token a character (a byte outside ASCII), and one for each of the marks that a boxed answer
    needs.  The same seed gives the same weights, and torch's global generator is left alone.

    Args:
        seed: decides the weights.
        hidden_size: width of the states.
        layers: number of them.
        heads: of each layer's attention.
        intermediate_size: width inside a layer's other half.
        max_positions: most tokens of a conversation.
        texts: what to find words in.
        words: tokens, at most, for frequent words and their parts.
        kwargs: those of `LanguageModel`.
    """
    tokenizer = _tokenizer(texts, words)
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
    with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
        torch.manual_seed(seed)
        model = Qwen2ForCausalLM(config)
    return LanguageModel(model, tokenizer, **kwargs)


def tiny_shape(model: str) -> tuple[int, int] | None:
    """Layers and width of "tiny", or of what is called "tiny-2x32"; None for other models.

    Raises `ValueError` for a shape that no model has.
    """
    named = re.fullmatch(r"tiny(?:-(\d+)x(\d+))?", model)
    if named is None:
        return None
    layers, width = int(named[1] or 3), int(named[2] or 64)
    if layers < 1 or width < 1 or width % _HEAD:
        raise ValueError(
            f"{model!r}: a tiny model has 1 layer or more, and a width that is a multiple of "
            f"{_HEAD}, as in tiny-2x32"
        )
    return layers, width


def _fast_products(device: torch.device, weights: int) -> str:
    """The number type of products that is fast, and near enough, for a model of so many weights."""
    is_fast = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    return "bfloat16" if is_fast and weights >= TINY else "float32"


def _tokenizer(texts: Iterable[str], words: int) -> PreTrainedTokenizerFast:
    """Bytes, and frequent words of some texts, as tokens; any text survives a round trip.

    Words are found by byte-pair encoding (Sennrich et al. 2016, arXiv 1508.07909).  Digits and
    signs are never joined: a number is read digit by digit, and a map place by place.
    """
    characters = sorted(pre_tokenizers.ByteLevel.alphabet())
    special = ["<pad>", "<eos>"]
    vocabulary = {token: i for i, token in enumerate([*special, *characters])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    in_bytes = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    if words:
        word_or_sign = pre_tokenizers.Split(Regex(r" ?\p{L}+| +|[\s\S]"), "isolated")
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([word_or_sign, in_bytes])
        trainer = trainers.BpeTrainer(
            vocab_size=len(vocabulary) + words,
            min_frequency=2,
            special_tokens=special,
            initial_alphabet=characters,
            show_progress=False,
        )
        tokenizer.train_from_iterator(texts, trainer)
    else:
        tokenizer.pre_tokenizer = in_bytes
    tokenizer.decoder = decoders.ByteLevel()
    marks = ["<think>", "</think>", "\\boxed{"]
    tokenizer.add_tokens([AddedToken(mark, normalized=False) for mark in marks])
    # Padding is not the end: if it were, masking the padding would leave the end untrained.
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="<eos>", model_max_length=4096
    )
