"""Every recipe against NumPy: its advantages, its loss, and the gradient of the loss."""

from itertools import combinations

import numpy as np
import pytest
import torch

from agents.common.objectives import (
    RECIPES,
    Objective,
    advantages,
    down_sample,
    token_loss,
    token_weights,
)

LIMIT = 9


def batch(seed, groups=4, size=5):
    """Log-probabilities, old ones, which tokens were sampled, and returns, at random."""
    draw = np.random.default_rng(seed)
    rows = groups * size
    mask = draw.random((rows, LIMIT)) < 0.6
    mask[:, 0] = True
    old = -draw.exponential(1.0, (rows, LIMIT))
    new = old + draw.normal(0, 0.4, (rows, LIMIT))
    returns = draw.integers(0, 3, (groups, size)) / 2
    returns[0] = 1.0  # a group without contrast
    counts = draw.random((groups, size)) < 0.8
    counts[1] = [True, False, False, False, False]
    return new, old, mask, returns, counts


# Written down once more, episode by episode and token by token, from the papers.


def expected_advantages(returns, counts, objective):
    result = np.zeros_like(returns)
    for group in range(len(returns)):
        members = [i for i in range(len(returns[group])) if counts[group, i]]
        values = [returns[group, i] for i in members]
        if len(values) < 2 or max(values) == min(values):
            continue
        for i in members:
            if objective.baseline == "leave_one_out":
                others = [returns[group, j] for j in members if j != i]
                result[group, i] = returns[group, i] - np.mean(others)
            else:
                result[group, i] = returns[group, i] - np.mean(values)
            if objective.scale == "group":
                result[group, i] /= np.std(values) + 1e-6
    if objective.scale == "batch":
        result /= np.std(result[counts]) + 1e-6
    return result


def expected_loss(new, old, mask, advantage, counts, objective):
    """The loss of the whole batch."""
    flat, counted = advantage.flatten(), counts.flatten()
    low, high = 1 - objective.clip_low, 1 + objective.clip_high
    rows = [i for i in range(len(new)) if counted[i]]
    if objective.average == "kept":
        rows = [i for i in rows if flat[i] != 0]
    total = 0.0
    for i in rows:
        tokens = np.flatnonzero(mask[i])
        ratios = np.exp(new[i, tokens] - old[i, tokens])
        if objective.ratio == "sequence":
            ratios = np.full(len(tokens), np.exp(np.mean(new[i, tokens] - old[i, tokens])))
        clipped = np.clip(ratios, low, high)
        if objective.bound == "none":
            losses = -ratios * flat[i]
        elif objective.bound == "cispo":
            # The clipped ratio is a constant: its derivative is taken at FIXED.
            fixed = np.clip(np.exp(FIXED[i, tokens] - old[i, tokens]), low, high)
            losses = -fixed * flat[i] * new[i, tokens]
        else:
            losses = -np.minimum(ratios * flat[i], clipped * flat[i])
            if objective.bound == "two_sided" and flat[i] < 0:
                losses = np.minimum(losses, -objective.ceiling * flat[i])
        if objective.average == "sequence":
            total += losses.mean() / counted.sum()
        elif objective.average == "constant":
            total += losses.sum() / (counted.sum() * LIMIT)
        else:
            total += losses.sum() / sum(mask[j].sum() for j in rows)
    return total


OBJECTIVES = {
    **RECIPES,
    "two_sided": Objective(bound="two_sided", ceiling=1.2, average="tokens"),
    "sequences without a bound": Objective(ratio="sequence", bound="none", average="sequence"),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", OBJECTIVES)
def test_loss_and_gradient_are_those_of_an_independent_computation(name, seed):
    global FIXED
    objective = OBJECTIVES[name]
    new, old, mask, returns, counts = batch(seed)
    FIXED = new
    expected = expected_advantages(returns, counts, objective)
    got = advantages(
        torch.tensor(returns),
        torch.tensor(counts),
        baseline=objective.baseline,
        scale=objective.scale,
    )
    np.testing.assert_allclose(got.numpy(), expected, atol=1e-12)

    rows = torch.tensor(counts).flatten()
    if objective.average == "kept":
        rows &= got.flatten() != 0
    logp = torch.tensor(new, requires_grad=True)
    sampled = torch.tensor(mask)
    episodes = sampled.nonzero()[:, 0]  # of each sampled token
    losses, _ = token_loss(
        logp[sampled], torch.tensor(old)[sampled], got.flatten()[episodes], episodes, objective
    )
    weights = token_weights(
        episodes,
        objective,
        tokens=int(sampled[rows].sum()),
        count=int(counts.sum()),
        limit=LIMIT,
    )
    total = (losses * weights)[rows[episodes]].sum()
    total.backward()
    arguments = (old, mask, expected, counts, objective)
    assert float(total.detach()) == pytest.approx(expected_loss(new, *arguments), rel=1e-6)
    step = 1e-6
    for i, t in np.random.default_rng(seed).permutation(list(np.ndindex(new.shape)))[:60]:
        up, down = new.copy(), new.copy()
        up[i, t] += step
        down[i, t] -= step
        slope = (expected_loss(up, *arguments) - expected_loss(down, *arguments)) / (2 * step)
        assert float(logp.grad[i, t]) == pytest.approx(slope, rel=1e-4, abs=1e-8)
    assert logp.grad.abs().max() > 1e-4


def test_what_is_wrong_would_be_noticed():
    """The sign of the advantage, a mask that is shifted by one, groups that are mixed."""
    new, old, mask, returns, counts = batch(0)
    objective = RECIPES["dapo"]
    right = expected_advantages(returns, counts, objective)
    loss = expected_loss(new, old, mask, right, counts, objective)
    mixed = expected_advantages(returns.T, counts.T, objective).T
    for other in (
        expected_loss(new, old, mask, -right, counts, objective),
        expected_loss(new, old, np.roll(mask, 1, axis=1), right, counts, objective),
        expected_loss(new, old, mask, mixed, counts, objective),
        expected_loss(new, new, mask, right, counts, objective),
    ):
        assert abs(other - loss) > 1e-3


@pytest.mark.parametrize("scale", ["none", "group", "batch"])
@pytest.mark.parametrize("reward", [0.0, 1.0, 0.1, 1 / 3, -0.7])
def test_a_group_without_contrast_has_exactly_no_advantage(reward, scale):
    everything = torch.ones(1, 7, dtype=torch.bool)
    for returns in (torch.full((1, 7), reward), reward + torch.arange(7)[None] * 1e-9):
        got = advantages(returns.double(), everything, scale=scale, tolerance=1e-6)
        assert (got == 0).all()


def test_a_member_that_does_not_count_has_no_part_in_the_mean():
    """A failed episode is no episode that was paid nothing."""
    returns = torch.tensor([[1.0, 1.0, 0.0]])
    counts = torch.tensor([[True, True, False]])
    assert advantages(returns, counts).tolist() == [[0.0, 0.0, 0.0]]
    everything = torch.ones_like(counts)
    assert advantages(returns, everything)[0].tolist() == pytest.approx([1 / 3, 1 / 3, -2 / 3])
    assert advantages(returns, ~everything).tolist() == [[0.0, 0.0, 0.0]]
    assert advantages(returns, ~everything, scale="batch").tolist() == [[0.0, 0.0, 0.0]]


def test_down_sampling_has_the_largest_variance():
    draw = np.random.default_rng(0)
    assert down_sample([], 2) == []  # all of a group were left out before
    for size, count in ((4, 2), (6, 3), (7, 5), (5, 5), (3, 8)):
        rewards = draw.integers(0, 5, size) / 4
        chosen = down_sample(rewards.tolist(), count)
        assert len(chosen) == min(size, count) == len(set(chosen))
        best = max(np.var(rewards[list(c)]) for c in combinations(range(size), min(size, count)))
        assert np.var(rewards[chosen]) == pytest.approx(best)
