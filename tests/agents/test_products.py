"""Linear layers by oneDNN, beside the library's."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional

from agents.common import products
from agents.common.language_model import tiny
from agents.common.products import PackedLinear, filled_up, is_plain, linear, use_products

here = pytest.mark.skipif(not products._HERE, reason="this torch comes without oneDNN")


def numbers(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def calls(monkeypatch) -> list[tuple[int, ...]]:
    """The shapes of what oneDNN multiplies."""
    seen, product = [], products._product

    def watched(states, weight, bias=None):
        seen.append(tuple(states.shape))
        return product(states, weight, bias)

    monkeypatch.setattr(products, "_product", watched)
    return seen


@here
@pytest.mark.parametrize("shape", [(4000, 48), (10, 400, 48), (1, 4000, 48)])
@pytest.mark.parametrize("outputs", [32, 200])
@pytest.mark.parametrize("has_bias", [True, False])
def test_products_and_gradients_are_those_of_the_library(shape, outputs, has_bias, calls):
    inputs = [numbers(*shape), numbers(outputs, shape[-1], seed=1)]
    inputs += [numbers(outputs, seed=2)] * has_bias
    for gradient_of in (
        lambda out: out.square().sum(),
        lambda out: out.sum(),
        lambda out: out.t().mean(),
    ):
        found = []
        for function in (linear, functional.linear):
            leaves = [value.clone().requires_grad_() for value in inputs]
            out = function(*leaves)
            gradients = torch.autograd.grad(gradient_of(out.flatten(0, -2)), leaves)
            found.append([out.detach(), *gradients])
        for ours, theirs in zip(*found, strict=True):
            assert ours.shape == theirs.shape
            assert (ours - theirs).abs().max() <= 1e-5 * theirs.abs().max()
    assert len(calls) == 9


@here
@pytest.mark.parametrize("outputs", [32, 200])
def test_the_gradient_of_a_gradient_is_that_of_the_library(outputs, calls):
    inputs = [numbers(4000, 48), numbers(outputs, 48, seed=1), numbers(outputs, seed=2)]
    found = []
    for function in (linear, functional.linear):
        leaves = [value.clone().requires_grad_() for value in inputs]
        loss = function(*leaves).tanh().square().sum()
        first = torch.autograd.grad(loss, leaves, create_graph=True)
        found.append(torch.autograd.grad(sum(g.square().sum() for g in first), leaves))
    for ours, theirs in zip(*found, strict=True):
        assert (ours - theirs).abs().max() <= 1e-4 * theirs.abs().max()
    assert len(calls) > 3


def test_few_numbers_of_rows_are_multiplied():
    assert [filled_up(rows) for rows in (1, 7, 31, 32, 33, 1000, 4097)] == [
        1, 7, 31, 32, 34, 1024, 4352
    ]  # fmt: skip
    for rows in range(1, 10_000):
        assert rows <= filled_up(rows) <= rows * 17 / 16
    assert len({filled_up(rows) for rows in range(1, 10_000)}) < 170


@here
def test_onednn_sees_few_numbers_of_rows(monkeypatch):
    """Each is a program that it makes and keeps: memory would grow with every batch."""
    seen, operation = set(), torch.ops.mkldnn._linear_pointwise

    class Watched:
        @staticmethod
        def _linear_pointwise(states, *arguments):
            seen.add(len(states))
            return operation(states, *arguments)

    monkeypatch.setattr(torch.ops, "mkldnn", Watched)
    weight = numbers(64, 64).requires_grad_()
    packed = PackedLinear.__new__(PackedLinear)
    packed.bias = None
    packed._packed = weight.detach()
    for rows in range(1500, 1600):
        linear(numbers(rows, 64), weight).sum().backward()
        packed(numbers(rows - 1400, 64))
    assert seen <= {64, *map(filled_up, range(100, 1600))}
    assert len(seen) < 25


@here
def test_a_frozen_weight_gets_no_gradient_and_costs_none(calls):
    weight = numbers(64, 64, seed=1)
    states = numbers(2000, 64).requires_grad_()
    linear(states, weight).sum().backward()
    assert torch.allclose(states.grad, weight.sum(0).expand(2000, 64), rtol=1e-4, atol=1e-4)
    assert len(calls) == 2


@pytest.mark.parametrize("rows", [1, 7, 300])
@pytest.mark.parametrize("outputs", [8, 300])
@pytest.mark.parametrize("has_bias", [True, False])
def test_a_packed_weight_gives_what_the_weight_gives(rows, outputs, has_bias):
    states, weight = numbers(rows, 256), numbers(outputs, 256, seed=1)
    bias = numbers(outputs, seed=2) if has_bias else None
    packed = PackedLinear(weight, bias)
    assert (packed._packed is not None) == (products._HERE and outputs == 300)
    expected = functional.linear(states, weight, bias)
    assert (packed(states) - expected).abs().max() <= 1e-5 * expected.abs().max()


@here
def test_other_numbers_and_little_work_are_left_to_the_library(calls):
    few, many = numbers(3, 64), numbers(4000, 64)
    weight = numbers(64, 64)
    linear(few, weight)
    assert linear(many.double(), weight.double()).dtype == torch.float64
    assert linear(many.bfloat16(), weight.bfloat16()).dtype == torch.bfloat16
    with torch.autocast("cpu", torch.bfloat16):
        assert linear(many, weight).dtype == torch.bfloat16
    assert not calls
    linear(many, weight)
    assert calls


@here
def test_a_model_learns_by_them(calls):
    policy = tiny()
    assert all(is_plain(m) for m in policy.model.modules() if isinstance(m, nn.Linear))
    ids = torch.randint(0, 50, (40, 100), generator=torch.Generator().manual_seed(0))

    def gradients(model):
        model.zero_grad()
        model(input_ids=ids, labels=ids).loss.backward()
        return [parameter.grad for parameter in model.parameters()]

    ours = gradients(policy.model)
    assert calls
    plain = copy.deepcopy(policy.model)
    for module in plain.modules():
        if isinstance(module, nn.Linear):
            module.__class__ = nn.Linear
    calls.clear()
    theirs = gradients(plain)
    assert not calls
    for one, other in zip(ours, theirs, strict=True):
        assert (one - other).abs().max() <= 1e-5 * other.abs().max()


def test_layers_of_other_kinds_are_left_alone():
    class Odd(nn.Linear):
        pass

    model = nn.Sequential(nn.Linear(2, 2), Odd(2, 2))
    use_products(model)
    assert type(model[1]) is Odd
    assert [is_plain(module) for module in model] == [True, False]


def test_where_torch_has_no_onednn_nothing_of_it_is_called(monkeypatch, calls):
    monkeypatch.setattr(products, "_HERE", False)
    linear(numbers(4000, 64), numbers(64, 64))
    PackedLinear(numbers(256, 256))(numbers(3, 256))
    assert not calls


def test_whether_it_is_here_is_found_by_trying(monkeypatch):
    def none(*_):
        raise AttributeError("mkldnn has no such operation")

    monkeypatch.setattr(products, "_product", none)
    assert not products._is_here()
    monkeypatch.setattr(products, "_product", lambda states, weight: torch.zeros(3, 4))
    assert not products._is_here()
