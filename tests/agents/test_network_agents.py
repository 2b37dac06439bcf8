"""What agents with a network share: runs that go on exactly, saving, seeds, masks."""

from __future__ import annotations

import json
import os
import signal

import gymnasium as gym
import numpy as np
import pytest
import torch

from agents.actor_critic import ActorCritic, ActorCriticConfig
from agents.common.run_folder import RunFolder
from agents.ppo import PPO, PPOConfig
from agents.reinforce import Reinforce, ReinforceConfig
from agents.trpo import TRPO, TRPOConfig

KINDS = {
    "actor_critic": (ActorCritic, ActorCriticConfig, {"environments": 4, "rollout": 6}),
    "ppo": (PPO, PPOConfig, {"environments": 4, "rollout": 6, "clip_values": 0.2}),
    "trpo": (TRPO, TRPOConfig, {"environments": 4, "rollout": 6}),
    "reinforce": (Reinforce, ReinforceConfig, {"episodes": 3}),
}
TASKS = {
    "mazes": {"env_kwargs": {"level": 1, "max_turns": 10}, "remember": 1},
    "ice": {"env_kwargs": {"level": 2, "slip": 0.3, "max_turns": 10}, "same_problem": True},
    "lake": {"env_id": "FrozenLake-v1", "env_kwargs": {"max_episode_steps": 10}},
}


@pytest.fixture(params=KINDS)
def make(request):
    kind, settings, few = KINDS[request.param]

    def make(task="mazes", **changes):
        small = {
            "steps": 300,
            "eval_every": 100,
            "eval_episodes": 3,
            "checkpoint_every": 110,
            "encoder_size": 32,
            "width": 8,
        }
        return kind(settings(**{**small, **few, **TASKS[task], **changes}))

    return make


def weights(agent):
    """All that was learned, the encoder's statistics as well."""
    return {name: tensor.clone() for name, tensor in agent.network.state_dict().items()}


def same(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)


def records(folder):
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    return [{**json.loads(line), "steps_per_second": None} for line in lines]


def interrupt(agent, after):
    """Press Ctrl-C during an update."""
    update, calls = agent.update, 0

    def pressing():
        nonlocal calls
        calls += 1
        if calls == after:
            os.kill(os.getpid(), signal.SIGINT)
        return update()

    agent.update = pressing


@pytest.mark.parametrize(
    ("task", "after"),
    [
        ("mazes", 2),
        pytest.param("mazes", 7, marks=pytest.mark.slow),
        pytest.param("ice", 5, marks=pytest.mark.slow),
        pytest.param("lake", 5, marks=pytest.mark.slow),
    ],
)
def test_an_interrupted_run_goes_on_exactly(make, task, after, tmp_path):
    straight = make(task)
    start = weights(straight)
    assert straight.learn(tmp_path / "straight") is True
    assert not same(start, weights(straight))
    first = make(task)
    interrupt(first, after)
    assert first.learn(tmp_path / "stopped") is False
    assert 0 < first.envs.steps < 300
    second = make(task)
    assert second.learn(tmp_path / "stopped", resume=True) is True
    assert same(weights(straight), weights(second))
    assert records(tmp_path / "straight") == records(tmp_path / "stopped")


def test_after_a_crash_a_run_goes_on_from_its_checkpoint(make, tmp_path):
    straight = make()
    straight.learn(tmp_path / "straight")

    def crash(step, metrics):
        if step > 180:
            raise RuntimeError("power cut")

    crashing = make()
    with pytest.raises(RuntimeError, match="power cut"):
        crashing.learn(tmp_path / "crashed", on_update=crash)
    with (tmp_path / "crashed/metrics.jsonl").open("a") as file:
        file.write('{"step": 2')  # the last line was not written to its end
    left = int(RunFolder.latest(tmp_path / "crashed").name)
    assert 110 <= left <= 180
    resumed = make()
    resumed.learn(tmp_path / "crashed", resume=True)
    assert same(weights(straight), weights(resumed))
    assert records(tmp_path / "straight") == records(tmp_path / "crashed")


def test_a_saved_agent_is_the_same(make, tmp_path):
    agent = make(env_kwargs={"level": 1})
    agent.learn(tmp_path / "run")
    loaded = type(agent).load(tmp_path / "run")
    assert loaded.config == agent.config
    assert same(weights(agent), weights(loaded))
    assert loaded.evaluate() == agent.evaluate() == agent.evaluate()
    for _ in range(2):  # over what is there
        agent.save(tmp_path / "a folder" / "in another")
    assert (tmp_path / "a folder" / "in another" / "model.safetensors").exists()
    env = gym.make("TextMaze-v0", level=1, instruction="")
    text, info = env.reset(seed=1)
    for _ in range(20):
        command = loaded.act(text, info)
        assert command == agent.act(text, info)
        assert command in info["admissible_commands"]
        text, _, terminated, truncated, info = env.step(command)
        if terminated or truncated:
            text, info = env.reset()
    assert agent.act(text) in agent.vocabulary
    with pytest.raises(ValueError, match="not of"):
        (PPO if type(agent) is not PPO else ActorCritic).load(tmp_path / "run")


def test_settings_reach_the_network_and_the_optimizer(make):
    agent = make(encoder_size=40, width=6, layers=2, learning_rate=0.25)
    network = agent.network
    assert network.encoder.layer.weight.shape == (6, 40)
    assert [layer.weight.shape for layer in network.hidden] == [(6, 6)] * 2
    assert (network.policy.weight.shape, network.value.weight.shape) == ((4, 6), (1, 6))
    [group] = agent.optimizer.param_groups
    assert (group["lr"], group["eps"]) == (0.25, 1e-5)
    make(encoder_size=1, width=1, layers=0)
    for bad, message in (
        ({"encoder_size": 0}, "encoder_size must be at least 1, got 0"),
        ({"width": 0}, "width must be at least 1, got 0"),
        ({"layers": -1}, "layers must be at least 0, got -1"),
    ):
        with pytest.raises(ValueError, match=message):
            make(**bad)


def test_a_seed_is_an_agent_whatever_the_global_state(make):
    found = []
    for seed, state in ((0, 1), (0, 2), (1, 1)):
        np.random.seed(state)  # noqa: NPY002
        torch.manual_seed(state)
        before = np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()  # noqa: NPY002
        agent = make(seed=seed, eval_every=0)
        initial = np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()  # noqa: NPY002
        assert agent.learn() is True
        after = np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()  # noqa: NPY002
        assert initial[0] == before[0]
        assert after == initial
        found.append(weights(agent))
    assert same(found[0], found[1])
    assert not same(found[0], found[2])


def test_metrics_are_finite_numbers(make, tmp_path):
    agent = make()
    agent.learn(tmp_path)
    last = records(tmp_path)[-1]
    assert {
        "value_loss",
        "entropy",
        "grad_norm",
        "return",
        "success",
        "length",
    } < set(last)
    assert {"episodes", "test_success", "test_return", "test_length"} < set(last)
    del last["steps_per_second"]
    assert all(np.isfinite(value) for value in last.values())
    assert 0 < last["entropy"] <= np.log(4)


def test_commands_given_in_training_are_admissible(make):
    agent = make(env_kwargs={"level": 2, "max_turns": 15})
    step, tried = agent.envs.step, []

    def looking(actions, **counts):
        masks = agent.envs.masks
        after = step(actions, **counts)
        tried.extend(masks[np.arange(len(actions)), actions][after.valid])
        return after

    agent.envs.step = looking
    agent.learn()
    assert len(tried) >= 300
    assert all(tried)


def test_metrics_are_written_for_tensorboard(make, tmp_path):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    calls = []

    def crash(step, metrics):
        calls.append(step)
        if len(calls) == 6:
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):  # after the last checkpoint
        make(tracker="tensorboard", checkpoint_every=60).learn(tmp_path, on_update=crash)
    assert int(RunFolder.latest(tmp_path).name) < calls[-1]
    make(tracker="tensorboard", checkpoint_every=60).learn(tmp_path, resume=True)
    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    written = records(tmp_path)
    for name in ("value_loss", "test_success", "episodes"):
        expected = [(record["step"], record[name]) for record in written if name in record]
        found = [(event.step, event.value) for event in events.Scalars(name)]
        assert len(found) == len(expected) > 2
        for one, other in zip(found, expected, strict=True):
            assert one == pytest.approx(other)


def test_without_the_flag_nothing_is_written_for_tensorboard(make, tmp_path):
    make(steps=30).learn(tmp_path)
    assert not (tmp_path / "tensorboard").exists()
