"""One token of each row through a model of the Llama kind, in few large operations.

While it samples, a small model spends its time on starting operations rather than on numbers: the
library's pass makes some eighty a layer.  This one makes about twenty-five.  It uses the model's
own weights, its rotary positions, and the cache and the attention of any other pass.

RMSNorm, rotary positions and a gated layer: Touvron et al. 2023, "LLaMA" (arXiv 2302.13971).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, cast

import torch
from torch import nn
from torch.nn import functional
from transformers import (
    LlamaForCausalLM,
    PreTrainedModel,
    Qwen2ForCausalLM,
    Qwen3ForCausalLM,
)
from transformers.cache_utils import Cache

from agents.common.attention import Kind
from agents.common.products import PackedLinear, is_plain
from agents.common.row_cache import Places
from agents.common.shared_prompts import SharedPrompts

__all__ = ["Decoder"]

_Attention: TypeAlias = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]
_KNOWN = (LlamaForCausalLM, Qwen2ForCausalLM, Qwen3ForCausalLM)


class Decoder:
    """Passes of one token a row, with the weights that the model has now.

    Args:
        model: one for which `fits` is true.
        dtype: number type of products.
    """

    def __init__(self, model: PreTrainedModel, dtype: torch.dtype) -> None:
        inner = cast(Any, model).model
        self.embedding = inner.embed_tokens.weight
        self.rotary = inner.rotary_emb
        self.layers = [_Layer(layer, dtype) for layer in inner.layers]
        self.normal = _Normal(inner.norm)
        self.head = _joined(dtype, cast(Any, model).lm_head)

    @staticmethod
    def fits(model: PreTrainedModel) -> bool:
        """Whether a model is of a kind that is known here, all of it plain."""
        return type(model) in _KNOWN and all(map(_is_plain, cast(Any, model).model.layers))

    def __call__(
        self,
        ids: torch.Tensor,
        positions: torch.Tensor,
        places: Places,
        cache: Cache,
        shared: SharedPrompts | None = None,
    ) -> torch.Tensor:
        """Logits ``[rows, vocabulary]`` after a token of each row.

        Args:
            ids: the tokens, ``[rows]``.
            positions: of the tokens in their rows, ``[rows, 1]``.
            places: the same for the cache.
            cache: what was computed of the rows; it gets the new tokens.
            shared: what rows have in common.
        """
        states = functional.embedding(ids, self.embedding)
        cosine, sine = self.rotary(states, positions)
        sine[..., : sine.shape[-1] // 2].neg_()  # of the half whose sign changes
        for number, (layer, columns) in enumerate(zip(self.layers, cache.layers, strict=True)):
            attention = _attention(number, layer.kind, places, shared)
            states = layer(states, cosine, sine, columns, attention)
        return self.head(self.normal(states))


class _Layer:
    """What a layer does to states ``[rows, size]``."""

    def __init__(self, module: Any, dtype: torch.dtype) -> None:
        attention, mlp = module.self_attn, module.mlp
        self.before_attention = _Normal(module.input_layernorm)
        self.into_heads = _joined(dtype, attention.q_proj, attention.k_proj, attention.v_proj)
        self.out_of_heads = _joined(dtype, attention.o_proj)
        self.size = attention.head_dim
        self.keys = attention.k_proj.out_features // self.size
        self.query_normal, self.key_normal = (
            _Normal(getattr(attention, name)) if hasattr(attention, name) else None
            for name in ("q_norm", "k_norm")
        )
        self.kind = Kind(attention.scaling, getattr(attention, "sliding_window", None))
        self.before_gates = _Normal(module.post_attention_layernorm)
        self.into_gates = _joined(dtype, mlp.gate_proj, mlp.up_proj)
        self.out_of_gates = _joined(dtype, mlp.down_proj)
        self.gate = mlp.act_fn

    def __call__(
        self,
        states: torch.Tensor,
        cosine: torch.Tensor,
        sine: torch.Tensor,
        columns: Any,
        attention: _Attention,
    ) -> torch.Tensor:
        heads = self.into_heads(self.before_attention(states)).view(len(states), -1, self.size)
        turned, value = heads[:, : -self.keys], heads[:, -self.keys :]
        if self.query_normal is not None and self.key_normal is not None:
            query = self.query_normal(turned[:, : -self.keys])
            turned = torch.cat([query, self.key_normal(turned[:, -self.keys :])], 1)
        halves = turned.roll(self.size // 2, -1)
        turned = torch.addcmul(turned * cosine, halves, sine)
        key, value = columns.update(turned[:, -self.keys :, None], value[:, :, None])
        out = attention(turned[:, : -self.keys], key, value)
        states = states + self.out_of_heads(out.reshape(len(states), -1))
        gates, values = self.into_gates(self.before_gates(states)).chunk(2, -1)
        return states + self.out_of_gates(self.gate(gates) * values)


def _attention(number: int, kind: Kind, places: Places, shared: SharedPrompts | None) -> _Attention:
    """The attention of a layer: queries ``[rows, heads, size]`` to the columns of their rows."""
    sees_all = kind.window is None or kind.window >= places.end
    if shared is None or not sees_all:
        return lambda query, key, value: places.attend(query[:, :, None], key, value, kind)
    mask = places.mask(kind.window)
    return lambda query, key, value: shared.attend(number, query, key, value, kind, mask)


class _Normal:
    """States divided by the root of their mean square."""

    def __init__(self, module: Any) -> None:
        self.weight, self.epsilon = module.weight, module.variance_epsilon

    def __call__(self, states: torch.Tensor) -> torch.Tensor:
        norm = torch.linalg.vector_norm(states, dim=-1, keepdim=True, dtype=torch.float32)
        scale = norm.square_().div_(states.shape[-1]).add_(self.epsilon).rsqrt_()
        normal: torch.Tensor = (states * scale).to(states.dtype) * self.weight
        return normal


def _joined(dtype: torch.dtype, *parts: nn.Linear) -> PackedLinear:
    """Linear layers that see the same states, as one."""
    biases: list[torch.Tensor] = [part.bias for part in parts if part.bias is not None]
    weights: list[torch.Tensor] = [part.weight.to(dtype) for part in parts]
    weight = torch.cat(weights) if len(weights) > 1 else weights[0]
    return PackedLinear(weight, torch.cat(biases).to(dtype) if biases else None)


def _is_plain(layer: Any) -> bool:
    """Whether a layer's weights are those of plain linear layers, without adapters."""
    attention, mlp = layer.self_attn, layer.mlp
    parts = [attention.q_proj, attention.k_proj, attention.v_proj, attention.o_proj]
    parts += [mlp.gate_proj, mlp.up_proj, mlp.down_proj]
    return all(map(is_plain, parts))
