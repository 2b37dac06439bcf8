"""Sampling by vLLM in this process, on the GPU that learns; written after vLLM 0.33, and never run.

It sleeps while the model learns: its weights wait in the memory of the CPU, and its cache is gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agents.common.engine import Engine, Reply, Request

__all__ = ["VLLM"]

_SHARE = 0.4  # of the GPU's memory, its weights included, where the cache has no size


class VLLM(Engine):
    """vLLM as a library.

    Args:
        dtype: number type of its weights.
        max_tokens: most tokens of a prompt and its reply; None for the model's positions.
        cache_gib: GiB of its cache; None for what two fifths of the GPU leave beside its weights.

    Raises:
        ValueError: it is not installed.
    """

    name = "vLLM"
    advice = "; vLLM in bfloat16 is best matched with --dtype bfloat16"

    def __init__(self, *, dtype: str, max_tokens: int | None, cache_gib: float | None) -> None:
        super().__init__()
        try:
            import vllm
        except ImportError as error:
            raise ValueError(
                "the sampler 'vllm' needs vLLM: pip install 'reasoning-gym-envs[vllm]'"
            ) from error
        self._vllm: Any = vllm
        self._llm: Any = None  # begins with the first weights
        self._sleeps = False
        self._max_tokens = max_tokens
        self._settings: dict[str, Any] = {
            "dtype": dtype,
            "max_model_len": max_tokens,
            "skip_tokenizer_init": True,
            "logprobs_mode": "processed_logprobs",  # at the temperature
            "enable_sleep_mode": True,
        }
        if cache_gib is None:
            self._settings["gpu_memory_utilization"] = _SHARE
        else:
            self._settings["kv_cache_memory_bytes"] = int(cache_gib * 2**30)

    @property
    def positions(self) -> int | None:
        """Most tokens of a prompt and its reply; None for the model's positions."""
        return self._max_tokens

    def load(self, folder: Path) -> None:
        """Begin with the weights of a folder, or take them in place of the old ones."""
        if self._llm is None:
            self._llm = self._vllm.LLM(str(folder), **self._settings)
            return
        self._wake()
        self._llm.collective_rpc("reload_weights", kwargs={"weights_path": str(folder)})
        self._llm.reset_prefix_cache()

    def complete(self, requests: Sequence[Request]) -> list[Reply]:
        """A reply to each request."""
        self._wake()
        outputs = self._llm.generate(
            [{"prompt_token_ids": request.tokens} for request in requests],
            [
                self._vllm.SamplingParams(
                    max_tokens=request.max_new_tokens,
                    temperature=request.temperature,
                    stop_token_ids=request.end_ids,
                    seed=request.seed,
                    logprobs=0,  # of the token that was sampled alone
                    detokenize=False,
                )
                for request in requests
            ],
            use_tqdm=False,
        )
        replies = []
        for output in outputs:
            [sampled] = output.outputs
            tokens = list(sampled.token_ids)
            logprobs = [of[t].logprob for t, of in zip(tokens, sampled.logprobs, strict=True)]
            replies.append(Reply(tokens, logprobs))
        return replies

    def rest(self) -> None:
        """Sleep: the memory of the GPU is free for learning."""
        if self._llm is not None and not self._sleeps:
            self._llm.sleep(level=1)
            self._sleeps = True

    def _wake(self) -> None:
        if self._sleeps:
            self._llm.wake_up()
            self._sleeps = False
