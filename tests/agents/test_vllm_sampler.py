"""vLLM in the process. It is not installed here: what stands in for it has the calls that are used,
and samples with our own sessions. So this tests our side of it, and not vLLM.
"""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest
import torch

from agents.common.language_model import LanguageModel, tiny
from agents.grpo import GRPO, GRPOConfig
from baselines.commands import main


class LLM:
    """The part of `vllm.LLM` that is used."""

    made: list[LLM]

    def __init__(self, folder, **settings):
        self.policy, self.settings, self.is_awake = LanguageModel.load(folder), settings, True
        self.calls = []
        LLM.made.append(self)

    def generate(self, prompts, parameters, use_tqdm):
        assert self.is_awake
        self.calls.append("generate")
        outputs = []
        for prompt, how in zip(prompts, parameters, strict=True):
            assert (how.logprobs, how.detokenize, use_tqdm) == (0, False, False)
            uniform = None
            if how.temperature:
                generator = torch.Generator().manual_seed(how.seed)
                uniform = torch.rand(1, how.max_tokens, generator=generator)
            self.policy.end_ids = how.stop_token_ids
            session = self.policy.session(how.temperature)
            session.extend(0, prompt["prompt_token_ids"])
            [reply] = session.reply([0], max_new_tokens=how.max_tokens, uniform=uniform)
            logprobs = [
                {token: SimpleNamespace(logprob=value)}
                for token, value in zip(reply.tokens, reply.logprobs, strict=True)
            ]
            sampled = SimpleNamespace(token_ids=tuple(reply.tokens), logprobs=logprobs)
            outputs.append(SimpleNamespace(outputs=[sampled]))
        return outputs

    def collective_rpc(self, method, kwargs):
        assert self.is_awake
        assert method == "reload_weights"
        self.calls.append("weights")
        self.policy.load_weights(kwargs["weights_path"])

    def reset_prefix_cache(self):
        self.calls.append("reset")

    def sleep(self, level):
        assert self.is_awake
        assert level == 1
        self.calls.append("sleep")
        self.is_awake = False

    def wake_up(self):
        assert not self.is_awake
        self.calls.append("wake")
        self.is_awake = True


@pytest.fixture
def llm(monkeypatch):
    module = ModuleType("vllm")
    module.LLM, module.SamplingParams, LLM.made = LLM, SimpleNamespace, []
    monkeypatch.setitem(sys.modules, "vllm", module)


def config(**changes):
    return GRPOConfig(
        env_kwargs={"topics": "integer_arithmetic", "level": 1, "instruction": ""},
        groups=2,
        group_size=4,
        max_new_tokens=6,
        updates=2,
        warmup_updates=0,
        learning_rate=5e-3,
        eval_problems=2,
        device="cpu",
        sampler="vllm",
        **changes,
    )


def test_it_samples_with_the_weights_as_they_are_and_sleeps_while_the_model_learns(llm):
    agent = GRPO(config(max_tokens=300))
    learn_from = agent.learn_from

    def pay(episodes, step):
        [one] = LLM.made
        assert not one.is_awake
        for episode in episodes:
            episode.repay(float(episode.tokens[episode.sampled.index(True)] % 2 == 0))
        return learn_from(episodes, step)

    agent.learn_from = pay
    assert [agent.update(step)["mismatch"] < 1e-4 for step in range(2)] == [True, True]
    agent.evaluate()
    [one] = LLM.made  # one for the whole run
    update = ["wake", "weights", "reset", "generate", "sleep"]
    assert one.calls == ["generate", "sleep", *update, *update]
    assert one.settings == {
        "dtype": "float32",
        "max_model_len": 300,
        "skip_tokenizer_init": True,
        "logprobs_mode": "processed_logprobs",
        "enable_sleep_mode": True,
        "gpu_memory_utilization": 0.4,
    }


def test_the_cache_may_have_a_size(llm):
    agent = GRPO(config(cache_gib=1.5))
    session = agent.policy.session()
    session.extend(0, [5] * 10)
    assert session.room(0) == 4086
    [one] = LLM.made
    assert one.settings["kv_cache_memory_bytes"] == 1.5 * 2**30
    assert "gpu_memory_utilization" not in one.settings


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_it_has_the_number_type_of_the_model_that_is_evaluated(llm, dtype, tmp_path):
    tiny(0).save(tmp_path / "model")
    command = ["evaluate", str(tmp_path / "model"), "--ids", "MathBoxed-v0", "--count", "2"]
    command += ["--max-tokens", "2", "--device", "cpu", "--out", str(tmp_path / "record")]
    assert main([*command, "--sampler", "vllm", "--dtype", dtype]) == 0
    [one] = LLM.made
    assert one.settings["dtype"] == dtype
