"""Engines by their names on the command line."""

from __future__ import annotations

from agents.common.engine import Engine
from agents.common.server_sampler import CompletionsServer, SGLangServer, VLLMServer
from agents.common.vllm_sampler import VLLM

__all__ = ["engine_of"]

_SERVERS = {"": CompletionsServer, "vllm": VLLMServer, "sglang": SGLangServer}


def engine_of(
    sampler: str,
    *,
    model: str,
    dtype: str,
    max_tokens: int | None = None,
    cache_gib: float | None = None,
) -> Engine | None:
    """Who samples, as `sampler` names it; None for the model itself.

    Args:
        sampler: "own", "vllm", or the kind and the address of a server.
        model: what a server calls the model, where it serves several.
        dtype: number type of vLLM's products.
        max_tokens: most tokens of a row that vLLM makes room for.
        cache_gib: most GiB of vLLM's cache.

    Raises:
        ValueError: `sampler` names nothing.
    """
    kind, _, address = sampler.rpartition("+")
    if sampler == "own":
        return None
    if sampler == "vllm":
        return VLLM(dtype=dtype, max_tokens=max_tokens, cache_gib=cache_gib)
    if kind in _SERVERS and address.startswith(("http://", "https://")):
        return _SERVERS[kind](address, model)
    raise ValueError(
        f"unknown sampler {sampler!r}: it is own, vllm, or a server, as in "
        "vllm+http://localhost:8000, sglang+http://localhost:30000 or http://localhost:8000"
    )
