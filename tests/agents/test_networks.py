"""Encoders, masks and sampling."""

import numpy as np
import pytest
import torch

from agents.networks import (
    CharacterEncoder,
    HashedNgrams,
    PolicyAndValue,
    masked_logprobs,
    sample,
)

TEXTS = ["North: a wall.\nEast: 2 steps, then a wall.", "North: 1 step, then a wall.", ""]


def test_what_is_not_admissible_is_never_sampled():
    rng = np.random.default_rng(0)
    logits = torch.from_numpy(rng.normal(size=(2000, 6)) * 20)
    masks = torch.from_numpy(rng.random((2000, 6)) < 0.4)
    masks[torch.arange(2000), torch.from_numpy(rng.integers(6, size=2000))] = True
    logprobs = masked_logprobs(logits, masks)
    for _ in range(20):
        assert masks[torch.arange(2000), torch.from_numpy(sample(logprobs, rng))].all()
    assert masks[torch.arange(2000), logprobs.argmax(1)].all()


class Extreme:
    """A random number generator that always says the same."""

    def __init__(self, number):
        self.number = number

    def random(self, shape):
        return np.full(shape, self.number)


@pytest.mark.parametrize("number", [0.0, np.nextafter(1.0, 0)])
def test_nor_with_the_most_extreme_random_number(number):
    rng = np.random.default_rng(1)
    logits = torch.from_numpy(rng.normal(size=(5000, 4)) * 5).float()
    masks = torch.from_numpy(rng.random((5000, 4)) < 0.5)
    masks[torch.arange(5000), torch.from_numpy(rng.integers(4, size=5000))] = True
    chosen = torch.from_numpy(sample(masked_logprobs(logits, masks), Extreme(number)))
    assert masks[torch.arange(5000), chosen].all()


def test_samples_have_the_distribution():
    logprobs = torch.tensor([0.5, 0.2, 0.3]).log().repeat(20_000, 1)
    drawn = np.bincount(sample(logprobs, np.random.default_rng(0)), minlength=3) / 20_000
    assert drawn == pytest.approx([0.5, 0.2, 0.3], abs=0.015)


def test_masked_logits_have_no_gradient_and_do_not_count():
    logits = torch.tensor([[1.0, 2.0, 50.0]], requires_grad=True)
    logprobs = masked_logprobs(logits, torch.tensor([[True, True, False]]))
    expected = torch.log_softmax(torch.tensor([1.0, 2.0]), 0)
    assert torch.allclose(logprobs[0, :2], expected)
    (logprobs[0, 0] - (logprobs.exp() * logprobs).sum()).backward()
    assert logits.grad[0, 2] == 0
    assert logits.grad[0, :2].abs().min() > 0
    assert torch.isfinite(logits.grad).all()


def test_inputs_are_scaled_to_mean_0_and_variance_1_of_all_that_was_seen():
    encoder = HashedNgrams(32, 4)
    generator = torch.Generator().manual_seed(0)
    parts = [torch.randn(n, 32, generator=generator) * 3 + n for n in (1, 7, 50)]
    for part in parts:
        encoder.observe(part)
    seen = torch.cat(parts)
    assert encoder.count == len(seen)
    assert torch.allclose(encoder.mean, seen.mean(0), atol=1e-4)
    assert torch.allclose(encoder.variance, seen.var(0, correction=0), rtol=1e-4)


@pytest.mark.parametrize("encoder", ["hashed", "characters"])
def test_texts_to_chances_and_values(encoder):
    network = PolicyAndValue(encoder, 64, 16, commands=4, layers=1)
    network.initialize(torch.Generator().manual_seed(0))
    inputs = network.encoder.prepare(TEXTS)
    assert inputs.shape == (3, 64)
    masks = torch.tensor([[True, True, False, False]] * 3)
    logprobs, values = network(inputs, masks)
    assert logprobs.shape == (3, 4)
    assert values.shape == (3,)
    assert torch.allclose(logprobs.exp().sum(1), torch.ones(3))
    assert torch.allclose(logprobs[:, :2].exp(), torch.full((3, 2), 0.5), atol=0.05)  # nearly flat
    assert not torch.equal(logprobs[0], logprobs[1])  # what it says depends on the text
    # a text's row does not depend on those beside it
    alone, _ = network(network.encoder.prepare(TEXTS[1:2]), masks[:1])
    assert torch.allclose(alone[0], logprobs[1], atol=1e-6)


@pytest.mark.parametrize("encoder", ["hashed", "characters"])
def test_a_seed_decides_the_weights_whatever_the_global_state(encoder):
    def weights(seed):
        network = PolicyAndValue(encoder, 64, 16, commands=4, layers=1)
        network.initialize(torch.Generator().manual_seed(seed))
        return torch.nn.utils.parameters_to_vector(network.parameters())

    torch.manual_seed(1)
    first = weights(0)
    torch.manual_seed(2)
    assert torch.equal(first, weights(0))
    assert not torch.equal(first, weights(1))


def test_characters_are_read_one_by_one():
    encoder = CharacterEncoder(6, 8)
    assert encoder.prepare(["ab", "abcdefgh", "é"]).tolist() == [
        [97, 98, 0, 0, 0, 0],
        [97, 98, 99, 100, 101, 102],
        [233, 0, 0, 0, 0, 0],
    ]


def test_there_is_no_other_encoder():
    with pytest.raises(ValueError, match="hashed"):
        PolicyAndValue("words", 64, 16, commands=4, layers=1)
