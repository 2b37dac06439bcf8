"""TRPO for language models: products and steps against dense matrices, and no step beyond δ."""

from __future__ import annotations

import math
import signal
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel

from agents.common.environment_pool import Failure
from agents.common.language_model import LanguageModel, tiny
from agents.trpo import flat
from agents.trpo_language import Row, TRPOLanguage, TRPOLanguageConfig
from tests.agents.test_expert_iteration import KWARGS, play, weights


def config(**changes) -> TRPOLanguageConfig:
    small = {
        "env_kwargs": KWARGS,
        "groups": 3,
        "group_size": 4,
        "max_new_tokens": 5,
        "updates": 4,
        "eval_every": 0,
        "eval_problems": 8,
        "checkpoint_every": 1,
        "device": "cpu",
    }
    return TRPOLanguageConfig(**small | changes)


def exact() -> LanguageModel:
    """A model of some hundred weights that computes in float64 all through."""
    tokenizer = tiny(0).tokenizer
    settings = {"n_positions": 48, "n_embd": 2, "n_layer": 1, "n_head": 1, "n_inner": 3}
    settings["attn_implementation"] = "eager"  # for the Hessian: the fused kernel has none
    settings |= {"bos_token_id": tokenizer.eos_token_id, "eos_token_id": tokenizer.eos_token_id}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        model = GPT2LMHeadModel(
            GPT2Config(vocab_size=len(tokenizer), initializer_range=0.5, **settings)
        )
    return LanguageModel(model.double(), tokenizer)


def rows_of(agent, episodes) -> list[Row]:
    return [
        Row(episode, value, logprobs)
        for episode, value, logprobs in zip(
            episodes, agent._advantages(episodes), agent._logprobs_of(episodes), strict=True
        )
    ]


def logprobs(model, episode, temperature=1.0) -> torch.Tensor:
    """Distributions ``[sampled, vocabulary]`` of an episode, by the model alone."""
    logp = torch.log_softmax(model(torch.tensor([episode.tokens])).logits[0] / temperature, -1)
    return logp[[t - 1 for t, is_sampled in enumerate(episode.sampled) if is_sampled]]


def spoken(episode) -> torch.Tensor:
    pairs = zip(episode.tokens, episode.sampled, strict=True)
    return torch.tensor([token for token, is_sampled in pairs if is_sampled])


@pytest.fixture(scope="module")
def dense():
    """An agent, its episodes, the Hessian of the divergence and the gradient, written out."""
    agent = TRPOLanguage(config(temperature=0.8, group_size=2, conjugate_iterations=400), exact())
    episodes = play(agent, [1, 0, 0, 0])
    model = agent.policy.model
    shapes = {name: p.shape for name, p in model.named_parameters()}
    with torch.no_grad():
        old = [logprobs(model, episode, 0.8) for episode in episodes]

    def divergence(vector):
        parts = torch.split(vector, [math.prod(shape) for shape in shapes.values()])
        values = {n: part.view(s) for (n, s), part in zip(shapes.items(), parts, strict=True)}

        def call(tokens):
            return torch.func.functional_call(model, values, (tokens,))

        new = [logprobs(call, episode, 0.8) for episode in episodes]
        total = sum((p.exp() * (p - q)).sum() for p, q in zip(old, new, strict=True))
        return total / sum(map(len, old))

    start = flat([p.detach() for p in model.parameters()])
    hessian = torch.autograd.functional.hessian(divergence, start)
    total = 0.0
    for episode, value in zip(episodes[:2], [0.5, -0.5], strict=True):
        said = logprobs(model, episode, 0.8).gather(1, spoken(episode)[:, None])
        total = total + value * said.sum()
    total = total / sum(map(len, old[:2]))
    gradient = flat(torch.autograd.grad(total, list(model.parameters())))
    return agent, episodes, hessian, gradient


@pytest.mark.parametrize(("tokens", "checkpointing"), [(4096, False), (30, False), (30, True)])
def test_a_product_is_that_of_the_dense_hessian(tokens, checkpointing, dense):
    """In one pass or in several, also where layers are computed again."""
    agent, episodes, hessian, _ = dense
    agent.config.tokens_per_pass = tokens
    agent.policy.token_logprobs.checkpointing = checkpointing
    rows = rows_of(agent, episodes)
    assert (len(list(agent._parts(episodes))) > 1) is (tokens == 30)
    product = agent._fisher(rows)
    draw = torch.Generator().manual_seed(0)
    for vector in torch.randn(3, len(hessian), generator=draw, dtype=torch.float64):
        expected = hessian @ vector + agent.config.damping * vector
        torch.testing.assert_close(product(vector), expected, atol=1e-5, rtol=1e-5)
    assert hessian.abs().max() > 0.1
    agent.policy.token_logprobs.checkpointing = False


def test_products_of_parts_of_the_logits_are_the_same(dense, monkeypatch):
    agent, episodes, hessian, _ = dense
    monkeypatch.setattr("agents.common.token_logprobs._MOST_LOGITS", 10 * 261)
    vector = torch.linspace(-1, 1, len(hessian), dtype=torch.float64)
    expected = hessian @ vector + agent.config.damping * vector
    found = agent._fisher(rows_of(agent, episodes))(vector)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


def wrong_direction(agent, monkeypatch):
    agent._kl = lambda rows, old: [-each for each in TRPOLanguage._kl(agent, rows, old)]


def wrong_temperature(agent, monkeypatch):
    monkeypatch.setattr(agent.config, "temperature", 1.0)


def first_order(agent, monkeypatch):
    """The Hessian with the score squared at the sampled tokens alone."""

    def squared(rows, old):
        logp, _ = TRPOLanguage._kl(agent, rows, old)
        return logp, (logp - logp.detach()).square() / 2

    agent._kl = squared


@pytest.mark.parametrize("broken", [wrong_direction, wrong_temperature, first_order])
def test_a_broken_product_is_another(broken, dense, monkeypatch):
    agent, episodes, hessian, _ = dense
    rows = rows_of(agent, episodes)
    broken(agent, monkeypatch)
    vector = torch.linspace(-1, 1, len(hessian), dtype=torch.float64)
    expected = hessian @ vector + agent.config.damping * vector
    assert (agent._fisher(rows)(vector) - expected).norm() > 0.05 * expected.norm()
    agent.__dict__.pop("_kl", None)


def test_a_step_is_the_natural_gradient_of_length_delta(dense, monkeypatch):
    agent, episodes, hessian, gradient = dense
    torch.testing.assert_close(
        agent._gradient([row for row in rows_of(agent, episodes) if row.advantage]), gradient
    )
    damped = hessian + agent.config.damping * torch.eye(len(hessian), dtype=torch.float64)
    direction = torch.linalg.solve(damped, gradient)
    delta = 1e-8  # so near, L is linear and KL quadratic
    wanted = math.sqrt(2 * delta / float(direction @ gradient)) * direction
    monkeypatch.setattr(agent.config, "delta", delta)
    before = weights(agent).clone()
    metrics = agent.learn_from(episodes, 0)
    torch.testing.assert_close(weights(agent) - before, wanted, atol=1e-7, rtol=1e-3)
    assert metrics["accepted"] == 1
    assert metrics["surrogate_gain"] == pytest.approx(float(wanted @ gradient), rel=0.01)
    assert 0 < metrics["kl"] <= delta
    with torch.no_grad():
        torch.nn.utils.vector_to_parameters(before, agent.policy.model.parameters())


def pay_even(agent):
    """Replies that begin with an even token are paid; returns the mean rewards, as they come."""
    learn_from, means = agent.learn_from, []

    def paid(episodes, step):
        for episode in episodes:
            episode.repay(float(episode.tokens[episode.sampled.index(True)] % 2 == 0))
        means.append(float(np.mean([episode.reward for episode in episodes])))
        return learn_from(episodes, step)

    agent.learn_from = paid
    return means


@pytest.mark.parametrize("delta", [0.002, 0.1])
def test_every_accepted_update_is_within_delta(delta):
    """Measured beside the agent: by the model alone, on the update's own episodes."""
    agent = TRPOLanguage(config(delta=delta, groups=4, group_size=8, tokens_per_pass=300))
    pay_even(agent)
    learn_from, accepted, model = agent.learn_from, 0, agent.policy.model

    def watched(episodes, step):
        nonlocal accepted
        with torch.no_grad():
            old = [logprobs(model, episode) for episode in episodes]
        before = weights(agent).clone()
        metrics = learn_from(episodes, step)
        with torch.no_grad():
            new = [logprobs(model, episode) for episode in episodes]
        total = sum(float((p.exp() * (p - q)).sum()) for p, q in zip(old, new, strict=True))
        distance = total / sum(map(len, old))
        assert distance == pytest.approx(metrics["kl"], abs=2e-6)
        assert distance <= delta
        assert torch.equal(before, weights(agent)) is not bool(metrics["accepted"])
        accepted += metrics["accepted"]
        return metrics

    agent.learn_from = watched
    for step in range(4):
        agent.update(step)
    assert accepted >= 3


@pytest.mark.parametrize("is_broken", [False, True])
def test_it_learns_a_very_simple_thing_and_with_the_wrong_sign_it_does_not(is_broken):
    agent = TRPOLanguage(config(groups=4, group_size=16, max_new_tokens=1, delta=0.2))
    if is_broken:
        right = agent._advantages
        agent._advantages = lambda episodes: [-value for value in right(episodes)]
    rewards = pay_even(agent)
    for step in range(10):
        agent.update(step)
    last = np.mean(rewards[-3:])
    assert last < 0.3 if is_broken else last > 0.7


def test_a_step_that_goes_too_far_is_halved_or_taken_back(monkeypatch):
    agent = TRPOLanguage(config(halvings=2))
    before = weights(agent).clone()
    episodes = play(agent, [1, 0, 0, 1] * 3)
    monkeypatch.setattr(agent, "_measured", lambda rows, old: (1.0, 1.0))
    metrics = agent.learn_from(episodes, 0)
    assert (metrics["accepted"], metrics["kl"], metrics["halvings"]) == (0, 0, 2)
    assert torch.equal(weights(agent), before)


def test_without_contrast_nothing_is_learned():
    agent = TRPOLanguage(config())
    before = weights(agent).clone()
    metrics = agent.learn_from(play(agent, [1] * 4 + [0] * 8), 0)
    assert (metrics["contrast"], metrics["accepted"], metrics["kl"]) == (0, 0, 0)
    assert torch.equal(weights(agent), before)


def test_what_failed_has_no_part():
    agent = TRPOLanguage(config())
    episodes = play(agent, [1, 0, 0, 0] * 3)
    episodes[1].failure = Failure("RuntimeError: gone", "Traceback …")
    found = agent._advantages(episodes[:4])
    assert found == pytest.approx([2 / 3, 0, -1 / 3, -1 / 3])
    seen = []
    agent._measured = lambda rows, old: seen.append(len(rows)) or (1.0, 0.0)
    agent.learn_from(episodes, 0)
    assert seen == [11]


def test_a_share_of_the_groups_is_whole_groups():
    agent = TRPOLanguage(config(fisher_share=0.5))
    rows = [Row(episode, 0.0, []) for episode in play(agent, [0] * 12)]
    shares = [[row.episode.seed for row in agent._share_of(rows, step)] for step in range(8)]
    assert all(len(share) == 8 and len(set(share)) == 2 for share in shares)
    assert len({tuple(share) for share in shares}) == 3
    agent.config.fisher_share = 1.0
    assert agent._share_of(rows, 0) == rows


def test_who_samples_elsewhere_gets_the_new_weights():
    agent = TRPOLanguage(config())
    episodes = play(agent, [1, 0, 0, 1] * 3)
    agent.policy.engine = SimpleNamespace(is_current=True)
    assert agent.learn_from(episodes, 0)["accepted"]
    assert not agent.policy.engine.is_current


def test_a_run_that_is_interrupted_goes_on_exactly(tmp_path):
    straight, stopped, again = (TRPOLanguage(config()) for _ in range(3))
    for agent in (straight, stopped, again):
        pay_even(agent)
    before = weights(straight).clone()
    assert straight.learn(tmp_path / "straight")

    def interrupt(step, metrics):
        if step == 2:
            signal.raise_signal(signal.SIGINT)

    assert not stopped.learn(tmp_path / "stopped", on_update=interrupt)
    assert again.learn(tmp_path / "stopped", resume=True)
    assert torch.equal(weights(again), weights(straight))
    assert not torch.equal(weights(again), before)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"delta": 0.0}, "delta must be above 0"),
        ({"damping": -0.1}, "damping must be 0 or more"),
        ({"conjugate_iterations": 0}, "conjugate_iterations"),
        ({"halvings": -1}, "halvings"),
        ({"fisher_share": 0.0}, "fisher_share"),
        ({"fisher_share": 1.5}, "fisher_share"),
        ({"group_size": 1}, "group_size"),
        ({"shard": True}, "leave shard off"),
    ],
)
def test_settings_that_make_no_sense_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        TRPOLanguage(config(**changes))
