r"""Trust region policy optimization (TRPO): the best step that leaves the policy nearly as it was.

    maximize    L(θ) = E[ π(a|s) / π_old(a|s) · A ]
    subject to  KL(θ) = E[ Σ_a π_old(a|s) log (π_old(a|s) / π(a|s)) ] ≤ δ

Near θ_old the constraint is ½ xᵀFx ≤ δ for a step x, where F, the Fisher information matrix, is the
Hessian of KL there.  With g = ∇L the best step is

    x = √(2δ / gᵀF⁻¹g) F⁻¹g

F is never written down: the method of conjugate gradients finds F⁻¹g from products Fv, and each of
these is the gradient of (∇KL · v).  L and KL are not quite linear and quadratic, so the step is
halved until KL is at most δ indeed, and L is larger; if it never is, the policy stays.

* Schulman et al. 2015, "Trust region policy optimization" (arXiv 1502.05477): section 6, and
  appendix C for conjugate gradients and the line search.
* Kakade 2001, "A natural policy gradient" (NeurIPS): the direction F⁻¹g.
* Pearlmutter 1994, "Fast exact multiplication by the Hessian" (Neural Computation 6): the products.

The value has a network of its own: fitting it must not move the policy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from agents.actor_critic import explained_variance, generalized_advantages
from agents.common.environments import at_least
from agents.common.network_agent import NetworkAgent, NetworkConfig, collect
from agents.common.networks import PolicyAndValueApart

__all__ = [
    "TRPO",
    "Step",
    "TRPOConfig",
    "conjugate_gradient",
    "fisher_product",
    "flat",
    "line_search",
    "natural_step",
    "trust_region_step",
]


# The algorithm. ----------------------------------------------------------------------------------


def fisher_product(
    kl: Callable[[], Tensor], parameters: Sequence[nn.Parameter], *, damping: float = 0.0
) -> Callable[[Tensor], Tensor]:
    """v ↦ (F + damping · I) v, where F is the Hessian of `kl` in the parameters as they are.

    Args:
        kl: the divergence from the policy as it is; differentiable twice.
        parameters: what it depends on, n numbers in all.
        damping: makes F better conditioned, and steps shorter in directions that hardly matter.

    Returns:
        A function from vectors ``[n]`` to vectors ``[n]``.
    """
    gradient = flat(torch.autograd.grad(kl(), parameters, create_graph=True))

    def product(vector: Tensor) -> Tensor:
        once_more = torch.autograd.grad(gradient @ vector, parameters, retain_graph=True)
        return flat(once_more) + damping * vector

    return product


def conjugate_gradient(
    product: Callable[[Tensor], Tensor],
    target: Tensor,
    *,
    iterations: int,
    tolerance: float = 1e-10,
) -> Tensor:
    """x ``[n]`` with Fx = `target`, nearly: Hestenes and Stiefel 1952.

    Args:
        product: v ↦ Fv, of a symmetric matrix that is positive definite.
        target: ``[n]``.
        iterations: at most; n of them are exact but for rounding.
        tolerance: of the square of the error, as a share of that of `target`.
    """
    solution = torch.zeros_like(target)
    error, direction = target.clone(), target.clone()
    square = error @ error
    least = tolerance * square
    for _ in range(iterations):
        if square <= least:
            break
        curved = product(direction)
        length = square / (direction @ curved)
        solution = solution + length * direction
        error = error - length * curved
        before, square = square, error @ error
        direction = error + square / before * direction
    return solution


class Step(NamedTuple):
    """What became of a step.

    Attributes:
        is_accepted: whether the policy has changed.
        kl: how far it is from the policy before; at most δ.
        gain: by how much the surrogate L has grown.
        halvings: how often the step was halved.
    """

    is_accepted: bool
    kl: float
    gain: float
    halvings: int


def trust_region_step(
    surrogate: Callable[[], Tensor],
    kl: Callable[[], Tensor],
    parameters: Sequence[nn.Parameter],
    *,
    delta: float,
    damping: float,
    iterations: int,
    halvings: int,
) -> Step:
    """Change the parameters by the step above, or not at all.

    Args:
        surrogate: L.
        kl: KL, from the policy as it is now.
        parameters: those of the policy.
        delta: δ.
        damping: as in :func:`fisher_product`.
        iterations: of conjugate gradients.
        halvings: of the step, at most.
    """
    start = surrogate()
    gradient = flat(torch.autograd.grad(start, parameters))
    product = fisher_product(kl, parameters, damping=damping)
    step = natural_step(gradient, product, delta=delta, iterations=iterations)

    def measured() -> tuple[float, float]:
        return (surrogate() - start).item(), kl().item()

    return line_search(parameters, step, measured, delta=delta, halvings=halvings)


def natural_step(
    gradient: Tensor, product: Callable[[Tensor], Tensor], *, delta: float, iterations: int
) -> Tensor | None:
    """The step x above, ``[n]``; None where there is nothing to gain, or nothing but rounding.

    Args:
        gradient: of L, ``[n]``.
        product: v ↦ Fv.
        delta: δ.
        iterations: of conjugate gradients.
    """
    direction = conjugate_gradient(product, gradient, iterations=iterations)
    curvature = float(direction @ product(direction))
    if not 0 < curvature < math.inf:
        return None
    return math.sqrt(2 * delta / curvature) * direction


@torch.no_grad()
def line_search(
    parameters: Sequence[nn.Parameter],
    step: Tensor | None,
    measured: Callable[[], tuple[float, float]],
    *,
    delta: float,
    halvings: int,
) -> Step:
    """Go a step, or the half of it, and so on; or nowhere, if none of them is good.

    Args:
        parameters: n numbers in all.
        step: ``[n]``.
        measured: by how much L has grown, and KL, of the parameters as they are.
        delta: δ.
        halvings: at most.
    """
    if step is None:
        return Step(False, 0.0, 0.0, 0)
    old = flat(parameters).clone()
    for halved in range(halvings + 1):
        _assign(parameters, old + step / 2**halved)
        gain, distance = measured()
        if gain > 0 and distance <= delta:
            return Step(True, distance, gain, halved)
    _assign(parameters, old)
    return Step(False, 0.0, 0.0, halvings)


def flat(tensors: Sequence[Tensor]) -> Tensor:
    """All numbers of some tensors, as one vector."""
    return torch.cat([tensor.reshape(-1) for tensor in tensors])


def _assign(parameters: Sequence[nn.Parameter], values: Tensor) -> None:
    parts = torch.split(values, [parameter.numel() for parameter in parameters])
    for parameter, part in zip(parameters, parts, strict=True):
        parameter.copy_(part.view_as(parameter))


# The agent. --------------------------------------------------------------------------------------


@dataclass
class TRPOConfig(NetworkConfig):
    """Settings of a TRPO run."""

    environments: int = 16
    """Episodes that are played at the same time."""
    rollout: int = 64
    """Steps of each of them between updates."""
    delta: float = 0.01
    """δ: how far a step may go, in nats, on average over the observations."""
    damping: float = 0.1
    """This, times the identity, is added to the Fisher information."""
    conjugate_iterations: int = 10
    """Products with the Fisher information to find a step."""
    halvings: int = 10
    """Times that a step is halved, at most, until it is near enough and better."""
    gae_lambda: float = 0.95
    """λ: 0 trusts the values most (one-step advantages), 1 the rewards (whole returns)."""
    value_steps: int = 20
    """Steps of Adam that fit the value to each rollout."""


class TRPO(NetworkAgent[TRPOConfig]):
    """Trust region policy optimization: a step of a known size on each rollout."""

    settings = TRPOConfig
    network_class = PolicyAndValueApart
    network: PolicyAndValueApart

    def __init__(self, config: TRPOConfig) -> None:
        at_least(1, config, "environments", "rollout", "conjugate_iterations", "value_steps")
        at_least(0, config, "halvings")
        for name, least in (("delta", "above 0"), ("damping", "0 or more")):
            value = getattr(config, name)
            if value < 0 or (name == "delta" and value == 0):
                raise ValueError(f"{name} must be {least}, got {value:g}")
        super().__init__(config, config.environments)

    def update(self) -> dict[str, float]:
        """Play a rollout, take a step of the policy, and fit the value; returns metrics."""
        config, network = self.config, self.network
        played = collect(network, self.envs, config.rollout, self.rng)
        advantages = generalized_advantages(
            played.rewards,
            played.values,
            played.terminated,
            played.truncated,
            gamma=config.gamma,
            gae_lambda=config.gae_lambda,
        )
        returns = advantages + played.values[:-1]
        real = played.valid
        if not real.any():  # every environment was reset: a rollout of one step may be that
            return {}
        inputs, masks = played.inputs[:-1][real], played.masks[:-1][real]
        actions, wanted = played.actions[real][:, None], returns[real]
        advantage = advantages[real]
        advantage = (advantage - advantage.mean()) / (advantage.std(correction=0) + 1e-8)
        with torch.no_grad():
            old = network.logprobs(inputs, masks)

        def surrogate() -> Tensor:
            change = (network.logprobs(inputs, masks) - old).gather(1, actions).squeeze(1)
            return (change.exp() * advantage).mean()

        def kl() -> Tensor:
            return (old.exp() * (old - network.logprobs(inputs, masks))).sum(1).mean()

        step = trust_region_step(
            surrogate,
            kl,
            network.policy_parameters,
            delta=config.delta,
            damping=config.damping,
            iterations=config.conjugate_iterations,
            halvings=config.halvings,
        )
        for _ in range(config.value_steps):
            value_loss = (wanted - network.values(inputs)).square().mean() / 2
            norm = self.descend(value_loss)
        for encoder in (network.encoder, network.value_encoder):
            encoder.observe(played.inputs.flatten(0, 1))
        return {
            "accepted": float(step.is_accepted),
            "kl": step.kl,
            "surrogate_gain": step.gain,
            "halvings": float(step.halvings),
            "entropy": float(-(old.exp() * old).sum(1).mean()),
            "value_loss": float(value_loss.detach()),
            "grad_norm": norm,
            "explained_variance": explained_variance(played.values[:-1][real], wanted),
        }
