"""The language model: what is sampled, with which probability, and what survives a round trip."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

from agents.common.language_model import LanguageModel, tiny
from agents.common.sampler import Session

TEXTS = ["Compute $47 + 38$.", "2+2", "<think>7+8=15</think>\\boxed{15}", "né → ⚄\n\tx", ""]


def contexts(policy: LanguageModel) -> list[list[int]]:
    return [policy.prompt(text) for text in TEXTS[:3] for _ in range(4)]


def full_logprobs(policy: LanguageModel, context: list[int], reply: list[int], t: float = 1.0):
    """One row, no cache, no padding, nothing of ours."""
    ids = torch.tensor([context + reply])
    with torch.no_grad():
        logp = torch.log_softmax(policy.model(ids).logits[0] / t, -1)
    return logp[len(context) - 1 : -1].gather(1, torch.tensor(reply)[:, None])[:, 0]


@pytest.fixture(params=["tiny", "gpt2", "llama-gqa"])
def any_policy(request, policy) -> LanguageModel:
    """Other architectures: learned positions, and fewer key heads than query heads."""
    size = {"vocab_size": len(policy.tokenizer)}
    ends = {"eos_token_id": policy.tokenizer.eos_token_id, "bos_token_id": None}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        if request.param == "gpt2":
            config = GPT2Config(**size, **ends, n_embd=32, n_layer=2, n_head=2, n_positions=128)
            return LanguageModel(GPT2LMHeadModel(config), policy.tokenizer)
        if request.param == "llama-gqa":
            config = LlamaConfig(
                **size,
                **ends,
                hidden_size=32,
                intermediate_size=64,
                num_hidden_layers=2,
                num_attention_heads=4,
                num_key_value_heads=2,
                initializer_range=0.2,
            )
            return LanguageModel(LlamaForCausalLM(config), policy.tokenizer)
    return policy


@pytest.mark.parametrize("text", TEXTS)
def test_any_text_survives_the_tokenizer(policy, text):
    assert policy.decode([policy.reply(text)]) == [text]
    assert policy.reply(text)[-1] == policy.tokenizer.eos_token_id


def test_one_token_a_character_and_a_mark(policy):
    assert len(policy.reply("<think>7+8=15</think>\\boxed{15}")) == 1 + 6 + 1 + 1 + 3 + 1


def test_padding_is_not_the_end(policy):
    assert policy.tokenizer.pad_token_id != policy.tokenizer.eos_token_id


@pytest.mark.parametrize("temperature", [1.0, 0.7])
def test_sampler_logprobs_are_those_of_a_full_forward(any_policy, temperature):
    prompts = contexts(any_policy)
    generator = torch.Generator().manual_seed(0)
    replies = any_policy.sample(
        prompts, max_new_tokens=20, temperature=temperature, generator=generator
    )
    for prompt, reply in zip(prompts, replies, strict=True):
        expected = full_logprobs(any_policy, prompt, reply.tokens, temperature)
        torch.testing.assert_close(torch.tensor(reply.logprobs), expected, atol=2e-5, rtol=0)


def test_learning_logprobs_are_those_of_a_full_forward(any_policy):
    rows = [any_policy.prompt(text) + any_policy.reply("5") for text in TEXTS[:3]]
    rows += [rows[0] + rows[1], rows[2]]
    chosen = [[t > 4 and t % 3 != 1 for t in range(len(row))] for row in rows]
    got = any_policy.logprobs(rows, chosen, temperature=0.8).detach()
    expected = [
        full_logprobs(any_policy, row[:1], row[1:], 0.8)[torch.tensor(which[1:])]
        for row, which in zip(rows, chosen, strict=True)
    ]
    torch.testing.assert_close(got, torch.cat(expected), atol=2e-5, rtol=0)


def test_greedy_equals_generate(any_policy):
    prompts = [any_policy.prompt(text) for text in TEXTS[:3]]
    for prompt, reply in zip(
        prompts, any_policy.sample(prompts, max_new_tokens=24, temperature=0), strict=True
    ):
        ids = torch.tensor([prompt])
        expected = any_policy.model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=24,
            do_sample=False,
            eos_token_id=any_policy.end_ids,
            pad_token_id=any_policy.tokenizer.pad_token_id,
        )[0, len(prompt) :]
        assert reply.tokens == expected.tolist()


def ending_policy(policy: LanguageModel) -> LanguageModel:
    """A model whose replies end at very different lengths: many ids end one."""
    policy.end_ids = list(range(0, 261, 9))
    return policy


def test_what_else_is_in_the_batch_changes_nothing(policy):
    policy = ending_policy(policy)
    prompts = contexts(policy)
    together = policy.sample(prompts, max_new_tokens=30, generator=torch.Generator().manual_seed(3))
    lengths = {len(reply.tokens) for reply in together}
    assert len(lengths) > 4  # rows were dropped on the way
    uniform = torch.rand((len(prompts), 30), generator=torch.Generator().manual_seed(3))
    for prompt, reply, row in zip(prompts, together, uniform, strict=True):
        # The same draw by hand, without cache, batch or dropping.
        tokens: list[int] = []
        for point in row:
            with torch.no_grad():
                p = torch.softmax(policy.model(torch.tensor([prompt + tokens])).logits[0, -1], -1)
            tokens.append(int((p.cumsum(0) <= point * p.sum()).sum()))
            if tokens[-1] in policy.end_ids:
                break
        assert reply.tokens == tokens
        assert reply.ended == (tokens[-1] in policy.end_ids)


def test_samples_follow_the_distribution(policy):
    prompt = policy.prompt("2+2")
    draws = policy.sample(
        [prompt] * 4000, max_new_tokens=1, generator=torch.Generator().manual_seed(0)
    )
    counts = np.bincount([draw.tokens[0] for draw in draws], minlength=len(policy.tokenizer))
    with torch.no_grad():
        p = torch.softmax(policy.model(torch.tensor([prompt])).logits[0, -1], -1).numpy()
    expected = 4000 * p
    large = expected > 5
    chi2 = ((counts - expected)[large] ** 2 / expected[large]).sum()
    assert chi2 < large.sum() + 4 * np.sqrt(2 * large.sum())


def test_equal_contexts_go_through_the_model_once(policy):
    session = policy.session()
    for row, context in enumerate(contexts(policy)):
        session.extend(row, context)
    session.reply(range(12), max_new_tokens=2, uniform=torch.zeros(12, 2))
    distinct = {tuple(context) for context in contexts(policy)}
    assert len(distinct) == 3
    assert session.computed == sum(map(len, distinct)) + 12  # and one token of each


def test_save_and_load(policy, tmp_path):
    policy.save(tmp_path / "model")
    again = LanguageModel.load(tmp_path / "model", device="cpu")
    prompts = contexts(policy)
    for text in TEXTS:
        assert again.prompt(text) == policy.prompt(text)
    expected = policy.sample(prompts, max_new_tokens=9, generator=torch.Generator().manual_seed(0))
    got = again.sample(prompts, max_new_tokens=9, generator=torch.Generator().manual_seed(0))
    assert got == expected
    names = {path.suffix for path in (tmp_path / "model").iterdir()}
    assert ".safetensors" in names
    assert not names & {".bin", ".pt", ".pkl"}


def test_a_hugging_face_model_loads_by_folder_name(any_policy, tmp_path, monkeypatch):
    any_policy.model.save_pretrained(tmp_path / "theirs")
    any_policy.tokenizer.save_pretrained(tmp_path / "theirs")
    monkeypatch.chdir(tmp_path)
    loaded = LanguageModel.load("theirs", device="cpu", max_new_tokens=5)
    assert type(loaded.model) is type(any_policy.model)
    assert isinstance(loaded.act("2+2", {"turn": 0}), str)


def test_no_code_of_a_folder_is_run(policy, tmp_path, monkeypatch):
    """Weights are put back from what a run has written, or somebody else."""
    policy.save(tmp_path / "model")
    file = tmp_path / "model/config.json"
    config = json.loads(file.read_text())
    config["model_type"] = "unheard_of"
    config["auto_map"] = {"AutoConfig": "code.Config", "AutoModelForCausalLM": "code.Model"}
    file.write_text(json.dumps(config))
    (tmp_path / "model/code.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    monkeypatch.setattr("builtins.input", lambda *_: "y")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    policy.load_weights(tmp_path / "model")
    with pytest.raises(ValueError, match="code of its own"):
        LanguageModel.load(tmp_path / "model")
    assert not (tmp_path / "ran").exists()


def test_the_seed_decides_the_weights():
    def weights(seed):
        return torch.cat([p.flatten() for p in tiny(seed).model.parameters()])

    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))


def test_global_random_states_are_left_alone():
    before = torch.get_rng_state(), random.getstate(), str(np.random.get_state())  # noqa: NPY002
    policy = tiny(7, temperature=1.0, max_new_tokens=4)
    policy.act("2+2", {"turn": 0})
    policy.sample([policy.prompt("x")], max_new_tokens=4, generator=torch.Generator())
    after = torch.get_rng_state(), random.getstate(), str(np.random.get_state())  # noqa: NPY002
    assert torch.equal(before[0], after[0])
    assert before[1:] == after[1:]


def test_act_goes_on_with_a_conversation(policy, monkeypatch):
    policy.max_new_tokens = 3
    seen = []
    extend = Session.extend

    def spy(session, row, tokens):
        seen.append(policy.tokenizer.decode(tokens))
        extend(session, row, tokens)

    policy.session()  # tries the model out
    monkeypatch.setattr(Session, "extend", spy)
    first = policy.act("first", {"turn": 0})
    row = policy._conversation.length(0)
    policy.act("second", {"turn": 1})
    assert policy._conversation.length(0) > row
    assert policy.act("first", {"turn": 0}) == first
    assert policy._conversation.length(0) == row
    assert seen[0] == seen[2] == "first\n"
    assert seen[1].endswith("second\n")
