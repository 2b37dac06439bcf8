"""Tokenizers and chat templates in the manner of well-known models, small enough for tests."""

from __future__ import annotations

import json
from functools import cache, lru_cache
from typing import Any, NamedTuple

import gymnasium as gym
import torch
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers
from tokenizers import pre_tokenizers as splits
from tokenizers.processors import TemplateProcessing
from tokenizers.trainers import BpeTrainer
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

import reasoning_gym_envs  # noqa: F401
from agents.common.language_model import LanguageModel


class Style(NamedTuple):
    """A kind of model: its chat template, and the tokens that this is written with."""

    template: str
    special: tuple[str, ...]
    eos: str
    added: tuple[str, ...] = ()
    bos: str | None = None
    split: str = "gpt2"
    takes_system: bool = True


QWEN = r"""
{%- if messages[0].role == "system" -%}
    {{- "<|im_start|>system\n" + messages[0].content + "<|im_end|>\n" -}}
{%- else -%}
    {{- "<|im_start|>system\nYou are a helpful model.<|im_end|>\n" -}}
{%- endif -%}
{%- if tools -%}
    {{- "<|im_start|>system\n# Tools\n" + (tools | tojson) + "<|im_end|>\n" -}}
{%- endif -%}
{%- for message in messages -%}
    {%- if message.role == "tool" -%}
        {{- "<|im_start|>user\n<tool_response>\n" + message.content + "\n</tool_response>" -}}
        {{- "<|im_end|>\n" -}}
    {%- elif message.role != "system" -%}
        {{- "<|im_start|>" + message.role + "\n" + message.content -}}
        {%- for call in message.tool_calls or [] -%}
            {{- "\n<tool_call>\n" + (call | tojson) + "\n</tool_call>" -}}
        {%- endfor -%}
        {{- "<|im_end|>\n" -}}
    {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- "<|im_start|>assistant\n" -}}{%- endif -%}
"""

# Thinks or not, and leaves out what it thought in earlier turns.
QWEN3 = r"""
{%- set last = namespace(user=0) -%}
{%- for message in messages -%}
    {%- if message.role == "user" -%}{%- set last.user = loop.index0 -%}{%- endif -%}
{%- endfor -%}
{%- for message in messages -%}
    {%- set content = message.content -%}
    {%- set thought = "" -%}
    {%- if message.role == "assistant" and "</think>" in content -%}
        {%- set thought = content.split("</think>")[0].split("<think>")[-1].strip("\n") -%}
        {%- set content = content.split("</think>")[-1].lstrip("\n") -%}
    {%- endif -%}
    {%- if message.role == "assistant" and loop.index0 > last.user -%}
        {%- set content = "<think>\n" + thought + "\n</think>\n\n" + content -%}
    {%- endif -%}
    {{- "<|im_start|>" + message.role + "\n" + content + "<|im_end|>\n" -}}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{- "<|im_start|>assistant\n" -}}
    {%- if enable_thinking is defined and enable_thinking is false -%}
        {{- "<think>\n\n</think>\n\n" -}}
    {%- endif -%}
{%- endif -%}
"""

QWEN3_THINKING = QWEN3.replace(
    """    {{- "<|im_start|>assistant\\n" -}}
""",
    """    {{- "<|im_start|>assistant\\n<think>\\n" -}}
""",
)

R1 = r"""
{{- bos_token -}}
{%- for message in messages -%}
    {%- if message.role == "system" -%}{{- message.content -}}
    {%- elif message.role == "user" -%}{{- "<｜User｜>" + message.content -}}
    {%- else -%}
        {{- "<｜Assistant｜>" + message.content.split("</think>")[-1] + eos_token -}}
    {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- "<｜Assistant｜><think>\n" -}}{%- endif -%}
"""

LLAMA3 = r"""
{{- bos_token -}}
{%- set rest = messages -%}
{%- set system = "" -%}
{%- if messages[0].role == "system" -%}
    {%- set system = messages[0].content | trim -%}
    {%- set rest = messages[1:] -%}
{%- endif -%}
{{- "<|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: long ago\n\n" -}}
{{- system + "<|eot_id|>" -}}
{%- for message in rest -%}
    {{- "<|start_header_id|>" + message.role + "<|end_header_id|>\n\n" -}}
    {{- message.content | trim -}}{{- "<|eot_id|>" -}}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{- "<|start_header_id|>assistant<|end_header_id|>\n\n" -}}
{%- endif -%}
"""

GEMMA = r"""
{{- bos_token -}}
{%- if messages[0].role == "system" -%}
    {{- raise_exception("System role not supported") -}}
{%- endif -%}
{%- for message in messages -%}
    {%- if (message.role == "user") != (loop.index0 % 2 == 0) -%}
        {{- raise_exception("Roles must take turns: user, assistant, user, ...") -}}
    {%- endif -%}
    {%- set role = "model" if message.role == "assistant" else message.role -%}
    {{- "<start_of_turn>" + role + "\n" + message.content | trim + "<end_of_turn>\n" -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- "<start_of_turn>model\n" -}}{%- endif -%}
"""

# The system prompt is a part of the latest user message, and there are no special tokens for roles.
MISTRAL = r"""
{%- if messages[0].role == "system" -%}
    {%- set system = messages[0].content -%}
    {%- set rest = messages[1:] -%}
{%- else -%}
    {%- set rest = messages -%}
{%- endif -%}
{{- bos_token -}}
{%- for message in rest -%}
    {%- if (message.role == "user") != (loop.index0 % 2 == 0) -%}
        {{- raise_exception("After the system message, user and assistant must take turns") -}}
    {%- endif -%}
    {%- if message.role == "user" -%}
        {%- if loop.last and system is defined -%}
            {{- "[INST] " + system + "\n\n" + message.content + " [/INST]" -}}
        {%- else -%}
            {{- "[INST] " + message.content + " [/INST]" -}}
        {%- endif -%}
    {%- else -%}
        {{- " " + message.content + eos_token -}}
    {%- endif -%}
{%- endfor -%}
"""

# A space before the end of a reply.
LLAMA2 = MISTRAL.replace("message.content + eos_token", 'message.content + " " + eos_token')

ZEPHYR = r"""
{%- for message in messages -%}
    {{- "<|" + message.role + "|>\n" + message.content + eos_token + "\n" -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- "<|assistant|>\n" -}}{%- endif -%}
"""

# A reply has channels, and the mark between them is that of the end of an earlier message.
HARMONY = r"""
{%- for message in messages -%}
    {%- if message.role == "assistant" -%}
        {{- "<|start|>assistant<|channel|>final<|message|>" + message.content + "<|end|>" -}}
    {%- else -%}
        {{- "<|start|>" + message.role + "<|message|>" + message.content + "<|end|>" -}}
    {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- "<|start|>assistant" -}}{%- endif -%}
"""

# A space before the reply that is not in the prompt.
OPENCHAT = r"""
{%- for message in messages -%}
    {{- "User: " if message.role == "user" else "Assistant: " -}}
    {{- message.content + "<|end_of_turn|>" -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- "Assistant:" -}}{%- endif -%}
"""

# Earlier thinking becomes an empty think part.
NEMOTRON = r"""
{%- for message in messages -%}
    {{- "<|im_start|>" + message.role + "\n" -}}
    {%- if message.role == "assistant" -%}
        {{- "<think></think>" + message.content.split("</think>")[-1] -}}
    {%- else -%}
        {{- message.content -}}
    {%- endif -%}
    {{- "<|im_end|>\n" -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- "<|im_start|>assistant\n<think>\n" -}}{%- endif -%}
"""

# Nothing but the next turn ends a reply.
GLM = r"""
{%- for message in messages -%}
    {{- "<|" + message.role + "|>\n" + message.content -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- "<|assistant|>\n" -}}{%- endif -%}
"""

_QWEN_TOKENS = {
    "special": ("<|endoftext|>", "<|im_start|>", "<|im_end|>"),
    "eos": "<|im_end|>",
    "added": ("<tool_call>", "</tool_call>", "<think>", "</think>"),
    "split": "qwen",
}
STYLES = {
    "qwen": Style(QWEN, **_QWEN_TOKENS),
    "qwen3": Style(QWEN3, **_QWEN_TOKENS),
    "qwen3-thinking": Style(QWEN3_THINKING, **_QWEN_TOKENS),
    "r1": Style(
        R1,
        ("<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>"),
        "<｜end▁of▁sentence｜>",
        ("<｜User｜>", "<｜Assistant｜>", "<think>", "</think>"),
        bos="<｜begin▁of▁sentence｜>",
        split="qwen",
    ),
    "special-think": Style(
        QWEN3, ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>"), "<|im_end|>"
    ),
    "llama3": Style(
        LLAMA3,
        (
            *("<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>"),
            *("<|eot_id|>", "<|reserved_special_token_0|>"),
        ),
        "<|eot_id|>",
        bos="<|begin_of_text|>",
        split="qwen",
    ),
    "gemma": Style(
        GEMMA,
        ("<pad>", "<eos>", "<bos>", "<start_of_turn>", "<end_of_turn>"),
        "<eos>",
        bos="<bos>",
        split="gemma",
        takes_system=False,
    ),
    "mistral": Style(MISTRAL, ("<unk>", "<s>", "</s>"), "</s>", bos="<s>", split="metaspace"),
    "llama2": Style(LLAMA2, ("<unk>", "<s>", "</s>"), "</s>", bos="<s>", split="metaspace"),
    "zephyr": Style(ZEPHYR, ("<|system|>", "<|user|>", "<|assistant|>", "</s>"), "</s>"),
    "openchat": Style(OPENCHAT, ("</s>", "<|end_of_turn|>", "<|im_end|>"), "</s>"),
    "nemotron": Style(NEMOTRON, ("</s>", "<|im_start|>", "<|im_end|>"), "</s>"),
    "glm": Style(
        GLM, ("<|endoftext|>", "<|system|>", "<|user|>", "<|assistant|>"), "<|endoftext|>"
    ),
    "harmony": Style(
        HARMONY,
        ("<|start|>", "<|end|>", "<|message|>", "<|channel|>", "<|return|>"),
        "<|return|>",
    ),
}

_QWEN_WORDS = r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


@lru_cache(maxsize=1)
def _texts() -> list[str]:
    """What environments say, and what solves them."""
    texts = ["<|user|>\n\nassistant system model user [INST] [/INST] </s> <s>"]
    for name in ("MathBoxed-v0", "TextMaze-v0"):
        env = gym.make(name, level=1)
        for seed in range(20):
            texts += [env.reset(seed=seed)[0], *env.unwrapped.solution()]  # type: ignore[attr-defined]
    return texts


@cache
def _trained(split: str) -> str:
    """A byte-pair encoding of those texts, as JSON."""
    if split in ("gpt2", "qwen"):
        tokenizer = Tokenizer(models.BPE())
        level = splits.ByteLevel(add_prefix_space=False, use_regex=split == "gpt2")
        words = splits.Split(Regex(_QWEN_WORDS), "isolated")
        tokenizer.pre_tokenizer = level if split == "gpt2" else splits.Sequence([words, level])
        tokenizer.decoder = decoders.ByteLevel()
        alphabet = splits.ByteLevel.alphabet()
        marks = []
    else:  # spaces are visible, bytes a fallback; with "metaspace" a space comes before each text
        tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
        if split == "metaspace":
            tokenizer.pre_tokenizer = splits.Metaspace(prepend_scheme="first", split=False)
        else:
            tokenizer.normalizer = normalizers.Replace(" ", "▁")
        tokenizer.decoder = decoders.Sequence(
            [
                decoders.Replace("▁", " "),
                decoders.ByteFallback(),
                decoders.Fuse(),
                *([decoders.Strip(" ", 1, 0)] if split == "metaspace" else []),
            ]
        )
        alphabet = []
        marks = ["<unk>", *(f"<0x{byte:02X}>" for byte in range(256))]
    trainer = BpeTrainer(
        vocab_size=700, show_progress=False, initial_alphabet=alphabet, special_tokens=marks
    )
    tokenizer.train_from_iterator(_texts(), trainer)
    state = json.loads(tokenizer.to_str())
    state["added_tokens"] = []  # the trainer calls the bytes special
    return json.dumps(state)


def tokenizer_in_style(name: str, *, template: bool = True) -> PreTrainedTokenizerFast:
    """A tokenizer of one of the `STYLES`, new at each call."""
    style = STYLES[name]
    tokenizer = Tokenizer.from_str(_trained(style.split))
    tokenizer.add_special_tokens([AddedToken(mark, normalized=False) for mark in style.special])
    tokenizer.add_tokens([AddedToken(mark, normalized=False) for mark in style.added])
    if style.bos is not None:
        tokenizer.post_processor = TemplateProcessing(
            single=f"{style.bos} $A",
            special_tokens=[(style.bos, tokenizer.token_to_id(style.bos))],
        )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=style.eos,
        bos_token=style.bos,
        chat_template=style.template if template else None,
    )


def model_in_style(name: str, **settings: Any) -> LanguageModel:
    """A model of random weights that is prompted in one of the `STYLES`."""
    tokenizer = tokenizer_in_style(name)
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=2048,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = Qwen2ForCausalLM(config)
    return LanguageModel(model, tokenizer, **settings)
