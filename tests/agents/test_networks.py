"""Encoders, masks and sampling."""

import numpy as np
import pytest
import torch

from agents.common.networks import (
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


def test_hashed_inputs_are_scaled_and_what_is_far_out_is_cut_off():
    encoder = HashedNgrams(6, 4)
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(9, 6, generator=generator)
    layer = encoder.layer
    assert torch.equal(encoder(inputs), torch.tanh(layer(inputs)))  # nothing was seen yet
    seen = torch.randn(50, 6, generator=generator) * 3 + 2
    seen[:, 5] = 7.0  # always the same
    encoder.observe(seen)
    inputs[0, 0], inputs[1, 1], inputs[:, 5] = 1e6, -1e6, 7.0
    scaled = (inputs - seen.mean(0)) / (seen.var(0, correction=0) + 1e-6).sqrt()
    expected = torch.tanh(layer(scaled.clamp(-10, 10)))
    torch.testing.assert_close(encoder(inputs), expected, atol=1e-4, rtol=1e-4)
    assert scaled.abs().max() > 1000


def test_characters_go_through_two_convolutions():
    encoder = CharacterEncoder(12, 8)
    inputs = encoder.prepare(["some text", "another", "\u0100\u0141"])
    assert inputs[2].tolist() == [0, 0x41, *[0] * 10]  # by their number modulo 256
    first, second = encoder.convolutions[0], encoder.convolutions[2]
    assert encoder.embedding.weight.shape == (256, 16)
    assert (first.weight.shape, second.weight.shape) == ((8, 16, 5), (8, 8, 5))
    places = encoder.embedding(inputs).transpose(1, 2)
    places = torch.nn.functional.conv1d(places, first.weight, first.bias, padding=2).clamp(min=0)
    places = torch.nn.functional.conv1d(places, second.weight, second.bias, stride=2, padding=2)
    expected = torch.tanh(encoder.layer(places.clamp(min=0).amax(2)))
    torch.testing.assert_close(encoder(inputs), expected)


@pytest.mark.parametrize(
    ("encoder", "kind"), [("hashed", HashedNgrams), ("characters", CharacterEncoder)]
)
def test_a_network_begins_nearly_flat_and_with_orthogonal_layers(encoder, kind):
    network = PolicyAndValue(encoder, 64, 8, commands=4, layers=3)
    network.initialize(torch.Generator().manual_seed(0))
    assert type(network.encoder) is kind
    assert len(network.hidden) == 3
    assert len(PolicyAndValue(encoder, 64, 8, commands=4).hidden) == 1
    for layer, gain in (
        (network.policy, 1e-4),
        (network.value, 1e-4),
        *((h, 2) for h in network.hidden),
    ):
        weight = layer.weight.detach()
        torch.testing.assert_close(weight @ weight.T, gain * torch.eye(len(weight)))
    weight = network.encoder.layer.weight.detach()
    torch.testing.assert_close(weight @ weight.T, 2 * torch.eye(8))
    biases = [p for name, p in network.named_parameters() if name.endswith("bias")]
    assert all((bias == 0).all() for bias in biases)
    if encoder == "characters":
        assert network.encoder.embedding.weight.std().item() == pytest.approx(1, abs=0.05)
