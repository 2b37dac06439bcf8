"""TRPO: products and steps against matrices written out, and no accepted step beyond δ."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from agents import trpo
from agents.trpo import TRPO, TRPOConfig, conjugate_gradient, fisher_product, trust_region_step


def drawn(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@pytest.fixture
def policy():
    """A small policy of three actions in double precision, with 20 states."""
    draw = torch.Generator().manual_seed(1)
    network = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3)).double()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=draw, dtype=torch.float64))
    states = torch.randn(20, 4, generator=draw, dtype=torch.float64)
    return network, states, torch.log_softmax(network(states), -1).detach()


def kl_of(network, states, old):
    return lambda: (old.exp() * (old - torch.log_softmax(network(states), -1))).sum(1).mean()


def dense_hessian(network, states, old):
    """The Hessian of the divergence, element by element."""
    shapes = {name: p.shape for name, p in network.named_parameters()}

    def divergence(flat):
        parts = torch.split(flat, [math.prod(shape) for shape in shapes.values()])
        values = {n: part.view(s) for (n, s), part in zip(shapes.items(), parts, strict=True)}
        logits = torch.func.functional_call(network, values, (states,))
        return (old.exp() * (old - torch.log_softmax(logits, -1))).sum(1).mean()

    flat = torch.cat([p.detach().reshape(-1) for p in network.parameters()])
    return torch.autograd.functional.hessian(divergence, flat)


def test_a_product_is_that_of_the_dense_hessian(policy):
    hessian = dense_hessian(*policy)
    product = fisher_product(kl_of(*policy), list(policy[0].parameters()), damping=0.3)
    for vector in drawn(3, len(hessian)):
        torch.testing.assert_close(
            product(vector), hessian @ vector + 0.3 * vector, atol=1e-5, rtol=1e-5
        )
    assert hessian.abs().max() > 0.1


def test_the_hessian_is_the_fisher_information(policy):
    """E[∇log π ∇log πᵀ], over the actions of the policy itself."""
    network, states, old = policy
    parameters = list(network.parameters())
    fisher = 0.0
    for state, logp in zip(states, old, strict=True):
        for action in range(3):
            score = torch.log_softmax(network(state), -1)[action]
            slope = torch.cat([g.reshape(-1) for g in torch.autograd.grad(score, parameters)])
            fisher = fisher + logp[action].exp() * torch.outer(slope, slope) / len(states)
    torch.testing.assert_close(dense_hessian(*policy), fisher, atol=1e-8, rtol=1e-6)


def test_conjugate_gradients_solve():
    root = drawn(8, 8)
    matrix = root @ root.T + torch.eye(8, dtype=torch.float64)
    target = drawn(8)
    products = []

    def product(vector):
        products.append(vector)
        return matrix @ vector

    found = conjugate_gradient(product, target, iterations=8)
    torch.testing.assert_close(found, torch.linalg.solve(matrix, target), atol=1e-6, rtol=1e-6)
    assert len(products) <= 8
    assert conjugate_gradient(product, 0 * target, iterations=8).tolist() == [0.0] * 8
    products.clear()
    conjugate_gradient(product, target, iterations=3)
    assert len(products) == 3


def surrogate_of(network, states, old, advantages):
    actions = torch.arange(len(states)) % 3

    def surrogate():
        change = torch.log_softmax(network(states), -1) - old
        return (change.gather(1, actions[:, None]).squeeze(1).exp() * advantages).mean()

    return surrogate


def test_a_step_is_the_natural_gradient_of_length_delta(policy):
    network, states, old = policy
    advantages = drawn(len(states))
    surrogate = surrogate_of(network, states, old, advantages)
    parameters = list(network.parameters())
    before = torch.cat([p.detach().reshape(-1) for p in parameters]).clone()
    matrix = dense_hessian(*policy) + 0.01 * torch.eye(len(before), dtype=torch.float64)
    slope = torch.cat([g.reshape(-1) for g in torch.autograd.grad(surrogate(), parameters)])
    direction = torch.linalg.solve(matrix, slope)
    delta = 1e-6  # so near, L is linear and KL quadratic
    wanted = math.sqrt(2 * delta / float(direction @ slope)) * direction
    step = trust_region_step(
        surrogate,
        kl_of(*policy),
        parameters,
        delta=delta,
        damping=0.01,
        iterations=60,
        halvings=5,
    )
    after = torch.cat([p.detach().reshape(-1) for p in parameters])
    torch.testing.assert_close(after - before, wanted, atol=1e-7, rtol=1e-3)
    assert step.is_accepted
    assert step.halvings == 0
    assert 0 < step.kl <= delta
    assert step.gain == pytest.approx(float(wanted @ slope), rel=0.01)


def test_a_step_that_goes_too_far_is_halved_and_one_that_gains_nothing_is_taken_back(policy):
    network, states, old = policy
    advantages = drawn(len(states))
    surrogate, kl = surrogate_of(network, states, old, advantages), kl_of(*policy)
    parameters = list(network.parameters())
    before = [p.detach().clone() for p in parameters]
    settings = {"damping": 0.0, "iterations": 40, "halvings": 8}
    step = trust_region_step(surrogate, lambda: 3 * kl(), parameters, delta=0.5, **settings)
    assert step.is_accepted
    assert step.halvings > 0  # the quadratic model is far off there
    assert 3 * kl().item() == pytest.approx(step.kl)
    assert step.kl <= 0.5
    with torch.no_grad():
        for parameter, value in zip(parameters, before, strict=True):
            parameter.copy_(value)
    start = surrogate().item()

    def never_better():  # the gradient says one thing, the values another
        value = surrogate()
        return value if value.item() == start else value - 10

    refused = trust_region_step(never_better, kl, parameters, delta=0.01, **settings)
    assert not refused.is_accepted
    assert refused.kl == refused.gain == 0
    assert all(torch.equal(p, value) for p, value in zip(parameters, before, strict=True))
    flat = trust_region_step(
        lambda: 0 * surrogate(), kl, parameters, delta=0.01, **{**settings, "damping": 0.1}
    )
    assert not flat.is_accepted
    assert all(torch.equal(p, value) for p, value in zip(parameters, before, strict=True))


def agent(**changes) -> TRPO:
    small = {
        "env_id": "TowerOfHanoi-v0",
        "env_kwargs": {"level": 1, "reward": "shaped"},
        "environments": 8,
        "rollout": 32,
        "encoder_size": 64,
        "width": 16,
        "gamma": 0.95,
        "eval_episodes": 5,
    }
    return TRPO(TRPOConfig(**small | changes))


@pytest.mark.parametrize("delta", [0.01, 0.2])
def test_every_accepted_update_is_within_delta(delta, monkeypatch):
    """Measured beside the agent, on the rollout's own observations."""
    learner, measured = agent(delta=delta), []
    collect = trpo.collect

    def collecting(network, *args):
        played = collect(network, *args)
        real = played.valid
        inputs, masks = played.inputs[:-1][real], played.masks[:-1][real]
        with torch.no_grad():
            measured.append((inputs, masks, network.logprobs(inputs, masks)))
        return played

    monkeypatch.setattr(trpo, "collect", collecting)
    frozen = learner.network.encoder.observe
    learner.network.encoder.observe = lambda inputs: None  # it rescales what the policy reads
    accepted = 0
    for _ in range(12):
        metrics = learner.update()
        inputs, masks, old = measured[-1]
        with torch.no_grad():
            new = learner.network.logprobs(inputs, masks)
        distance = float((old.exp() * (old - new)).sum(1).mean())
        assert distance == pytest.approx(metrics["kl"], abs=1e-6)
        assert distance <= delta
        accepted += metrics["accepted"]
        assert (distance > 0) == bool(metrics["accepted"])
    assert accepted >= 9
    learner.network.encoder.observe = frozen


def test_fitting_the_value_leaves_the_policy():
    learner = agent()
    names = [n for n, _ in learner.network.named_parameters() if not n.startswith("value")]
    assert len(learner.network.policy_parameters) == len(names)
    before = [p.detach().clone() for p in learner.network.policy_parameters]
    values = [p.detach().clone() for n, p in learner.network.named_parameters() if n not in names]
    inputs = learner.network.encoder.prepare(learner.envs.observations)
    for _ in range(3):
        learner.descend(learner.network.values(inputs).square().mean())
    after = learner.network.policy_parameters
    assert all(torch.equal(p, value) for p, value in zip(after, before, strict=True))
    now = [p for n, p in learner.network.named_parameters() if n not in names]
    assert not all(torch.equal(p, value) for p, value in zip(now, values, strict=True))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"delta": 0.0}, "delta must be above 0"),
        ({"damping": -0.1}, "damping must be 0 or more"),
        ({"conjugate_iterations": 0}, "conjugate_iterations"),
        ({"halvings": -1}, "halvings"),
    ],
)
def test_settings_that_make_no_sense_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        agent(**changes)
