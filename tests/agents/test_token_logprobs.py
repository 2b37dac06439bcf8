"""log π for learning: rows in one sequence are worth what they are alone, in value and gradient."""

import random
import subprocess
import sys

import pytest
import torch

from agents.common.packing import Pack, split
from agents.common.token_logprobs import TokenLogprobs
from tests.agents.families import FAMILIES, VOCABULARY, model_of

RECURRENT = {"Qwen3Next", "Qwen3_5", "OlmoHybrid", "Lfm2", "Mamba", "Mamba2", "FalconH1", "Bamba"}


def episodes(groups=3, size=3, seed=0):
    """Rows of several turns that begin with the prompt of their group, and one that is alone."""
    draw = random.Random(seed)

    def text(length):
        return [draw.randrange(3, VOCABULARY) for _ in range(length)]

    rows, chosen = [], []
    for group in range(groups):
        prompt = text(5 + 6 * group)
        for _ in range(size if group else 1):
            row, which = list(prompt), [False] * len(prompt)
            for _ in range(draw.randint(1, 3)):
                reply, observation = text(draw.randint(1, 9)), text(draw.randint(0, 4))
                row += reply + observation
                which += [True] * len(reply) + [False] * len(observation)
            rows.append(row)
            chosen.append(which)
    return rows, chosen


def written_out(model, rows, chosen, temperature=1.0):
    """log π and entropies, a row at a time and all of it."""
    logprobs, entropies = [], []
    for row, which in zip(rows, chosen, strict=True):
        logits = model(input_ids=torch.tensor([row]), use_cache=False).logits[0] / temperature
        for t in [t for t, is_chosen in enumerate(which) if is_chosen]:
            distribution = torch.distributions.Categorical(logits=logits[t - 1])
            logprobs.append(distribution.log_prob(torch.tensor(row[t])))
            entropies.append(distribution.entropy())
    return torch.stack(logprobs), torch.stack(entropies)


def gradient(model, loss):
    model.zero_grad()
    loss.backward()
    return torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])


@pytest.mark.parametrize("family", FAMILIES)
def test_rows_together_are_as_rows_alone(family):
    model = model_of(family)
    learner = TokenLogprobs(model, vocabulary=VOCABULARY)
    assert learner.packs is (family not in RECURRENT)
    rows, chosen = episodes()
    logprobs, entropies, *_ = learner(rows, chosen, temperature=0.8, entropy=True)
    weights = torch.linspace(-1, 1, len(logprobs))
    got = gradient(model, (logprobs * weights).sum() + entropies.sum())
    expected, expected_entropies = written_out(model, rows, chosen, 0.8)
    torch.testing.assert_close(logprobs, expected, atol=1e-5, rtol=0)
    torch.testing.assert_close(entropies, expected_entropies, atol=1e-5, rtol=0)
    right = gradient(model, (expected * weights).sum() + expected_entropies.sum())
    assert (got - right).norm() < 1e-5 * right.norm()


def tokens_through(model):
    """How many tokens each pass looks up."""
    seen = []
    model.get_input_embeddings().register_forward_pre_hook(
        lambda _, arguments: seen.append(arguments[0].numel())
    )
    return seen


def test_the_prompt_of_a_group_is_computed_once():
    model = model_of("Qwen3")
    learner = TokenLogprobs(model, vocabulary=VOCABULARY)
    prompt = list(range(3, 43))
    rows = [[*prompt, 50 + i, 60, 1] for i in range(6)]
    chosen = [[False] * 40 + [True] * 3] * 6
    assert learner.packs
    seen = tokens_through(model)
    learner(rows, chosen)
    assert seen == [40 + 6 * 2]  # the last token of a row predicts nothing
    [batch] = learner.batches(rows, chosen, 58)
    assert batch == list(range(6))


@pytest.mark.parametrize("family", ["Qwen3", "GPT2", "Qwen3_5"])
def test_what_comes_after_the_last_chosen_token_is_not_computed(family):
    """An episode that was cut off ends with an observation, which may be beyond all positions."""
    model = model_of(family)
    learner = TokenLogprobs(model, vocabulary=VOCABULARY)
    rows, chosen = episodes(groups=2)
    expected = learner(rows, chosen)[0]
    seen = tokens_through(model)
    [batch] = learner.batches(rows, chosen, 10_000)
    learner(rows, chosen)
    longer = [row + [5] * 600 for row in rows]
    also = [which + [False] * 600 for which in chosen]
    assert list(learner.batches(longer, also, 10_000)) == [batch]
    assert torch.equal(learner(longer, also)[0], expected)
    assert seen[-2:] == seen[:2]


@pytest.mark.parametrize("family", ["Qwen3", "Qwen3_5"])
def test_rows_without_a_chosen_token_give_nothing(family):
    model = model_of(family)
    learner = TokenLogprobs(model, vocabulary=VOCABULARY)
    rows, chosen = episodes()
    nothing, *_ = learner(rows[:2], [[False] * len(row) for row in rows[:2]])
    assert len(nothing) == 0
    nothing.sum().backward()
    expected, *_ = learner(rows, chosen)
    got, *_ = learner([*rows, [5, 6, 7]], [*chosen, [False] * 3])
    torch.testing.assert_close(got, expected, atol=1e-5, rtol=0)


def test_a_pass_has_no_more_tokens_than_it_may():
    rows, chosen = episodes(groups=5, size=6)
    for budget in (1, 40, 100, 10_000):
        for shares in (True, False):
            batches = list(split(rows, chosen, budget, shares=shares))
            assert sorted(i for batch in batches for i in batch) == list(range(len(rows)))
            for batch in batches:
                picked = [rows[i] for i in batch], [chosen[i] for i in batch]
                longest = max(max(t for t, c in enumerate(which) if c) for which in picked[1])
                computed = (
                    Pack(*picked, torch.device("cpu")).ids.numel()
                    if shares
                    else len(batch) * longest
                )
                assert len(batch) == 1 or computed <= budget
    assert len(batches) == 1


def test_a_model_that_is_not_as_it_should_be_gets_its_rows_side_by_side(monkeypatch):
    """Whether a sequence of rows is right is tried with the model itself."""
    attend = Pack.attend

    def blind(pack, query, key, value, kind):
        return attend(pack, query, key, value.roll(1, 2), kind)

    monkeypatch.setattr(Pack, "attend", blind)
    model = model_of("Llama")
    learner = TokenLogprobs(model, vocabulary=VOCABULARY)
    assert not learner.packs
    rows, chosen = episodes()
    expected, _ = written_out(model, rows, chosen)
    torch.testing.assert_close(learner(rows, chosen)[0], expected, atol=1e-5, rtol=0)
    learner._packs = True
    assert (learner(rows, chosen)[0] - expected).abs().max() > 1e-3


@pytest.mark.parametrize("family", ["Qwen3", "Gemma3", "GPT2", "Qwen3_5", "GptOss"])
def test_what_is_computed_again_is_the_same(family):
    """Though the model would drop half of its attention in training."""
    model = model_of(family, attention_dropout=0.5, attn_pdrop=0.5, resid_pdrop=0.5)
    rows, chosen = episodes()
    expected, _ = written_out(model, rows, chosen)
    right = gradient(model, expected.sum())
    calls = []
    norm = next(m for name, m in model.named_modules() if "norm" in name or "ln_1" in name)
    norm.register_forward_hook(lambda *_: calls.append(1))
    for checkpointing, times in ((False, 1), (True, 2)):
        learner = TokenLogprobs(model, vocabulary=VOCABULARY, checkpointing=checkpointing)
        assert learner.packs is (family not in RECURRENT)
        calls.clear()
        got = gradient(model, learner(rows, chosen)[0].sum())
        assert (got - right).norm() < 1e-5 * right.norm()
        assert len(calls) == times
        assert not any(module.training for module in model.modules())


def test_no_more_logits_at_once_than_there_may_be(monkeypatch):
    monkeypatch.setattr("agents.common.token_logprobs._MOST_LOGITS", 5 * VOCABULARY)
    model = model_of("Granite")  # divides its logits, after the last product
    rows, chosen = episodes()
    expected, _ = written_out(model, rows, chosen)
    right = gradient(model, expected.sum())
    sizes = []
    model.get_output_embeddings().register_forward_hook(lambda *a: sizes.append(a[2].numel()))
    learner = TokenLogprobs(model, vocabulary=VOCABULARY)
    got = gradient(model, learner(rows, chosen)[0].sum())
    assert (got - right).norm() < 1e-5 * right.norm()
    assert max(sizes[-5:]) == 5 * VOCABULARY
    assert sum(sizes[-2 * -(-len(expected) // 5) :]) == 2 * len(expected) * VOCABULARY


LARGE = """
import resource, torch
from transformers import Qwen2Config, Qwen2ForCausalLM
from agents.common.token_logprobs import TokenLogprobs
torch.manual_seed(0)
config = Qwen2Config(vocab_size=152_000, hidden_size=16, num_hidden_layers=1, intermediate_size=16,
                     num_attention_heads=2, num_key_value_heads=1, tie_word_embeddings=True)
model = Qwen2ForCausalLM(config).eval()
learner = TokenLogprobs(model, vocabulary=152_000)
tokens = torch.randint(152_000, (ROWS, 512)).tolist()
assert learner.packs
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
learner(tokens, [[False] + [True] * 511] * ROWS)[0].sum().backward()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.slow
def test_a_large_vocabulary_needs_little_memory():
    """All logits of these rows are 1.2 GiB in float32, and learning would hold four such tensors.

    What is needed does not grow with the number of rows.
    """
    command = [sys.executable, "-c", LARGE.replace("ROWS", "4")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 2 * 2**20  # KiB
