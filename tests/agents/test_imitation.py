"""Imitation: what is imitated, what is held out, and that it learns."""

from __future__ import annotations

import itertools
import json
import signal
from types import SimpleNamespace

import gymnasium as gym
import numpy as np
import pytest
import torch

from agents import imitation as module
from agents.common.chat import reasons
from agents.common.environment_pool import EnvironmentPool
from agents.common.language_model import LanguageModel, tiny
from agents.common.rollouts import Episode, Score
from agents.common.run_folder import RunFolder
from agents.imitation import Imitation, ImitationConfig
from reasoning_gym_envs.seeds import derive_seed, distinct_seeds

KWARGS = {"topics": ["integer_arithmetic"], "level": 2, "instruction": ""}


def imitation(**changes) -> Imitation:
    small = {
        "env_kwargs": KWARGS,
        "demonstrations": 200,
        "held_out_problems": 50,
        "batch_size": 32,
        "device": "cpu",
    }
    return Imitation(ImitationConfig(**small | changes))


def weights(policy: LanguageModel) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in policy.model.parameters()])


def records(folder, name="metrics.jsonl"):
    """The lines of a run, without the time that they took."""
    lines = (folder / name).read_text().splitlines()
    return [{**json.loads(line), "seconds": None} for line in lines]


def test_demonstrations_that_are_longer_than_the_model_reads_are_refused(tmp_path):
    agent = imitation(demonstrations=3)
    agent.policy = tiny(0, max_positions=30)
    with pytest.raises(ValueError, match=r"a demonstration has \d\d tokens, and the model 30 pos"):
        agent.learn(tmp_path / "run")


def test_settings_reach_the_model_and_the_optimizer(monkeypatch):
    agent = imitation(learning_rate=0.3, betas=(0.5, 0.6), weight_decay=0.7, seed=5)
    [group] = agent.optimizer.param_groups
    assert (group["lr"], group["betas"], group["weight_decay"]) == (0.3, (0.5, 0.6), 0.7)
    assert torch.equal(weights(agent.policy), weights(tiny(5)))
    assert imitation(dtype="bfloat16").policy.autocast == torch.bfloat16
    policy = tiny(7)
    assert Imitation(agent.config, policy).policy is policy
    asked = []

    def build(model, **kwargs):
        asked.append((model, kwargs))
        return policy

    monkeypatch.setattr(LanguageModel, "build", build)
    assert imitation(model="a/b", device="cuda", dtype="float16", seed=2).policy is policy
    given = {"seed": 2, "device": "cuda", "dtype": "float16"}
    assert asked == [("a/b", {**given, "system_prompt": None, "chat_template_kwargs": {}})]


def test_what_is_shown_and_held_out_is_decided_by_the_seed():
    agent = imitation(seed=4, demonstrations=40, held_out_problems=10, skip_reasoning=0.3)
    agent._collect()
    assert [e.seed for e in agent.demonstrations] == [derive_seed(4, 2, i) for i in range(40)]
    thinks = np.random.default_rng([4, 1]).random(40) >= 0.3
    assert [reasons(e.replies[0]) for e in agent.demonstrations] == thinks.tolist()
    assert agent.reasoning
    shown = {episode.problem_id for episode in agent.demonstrations}
    [env] = EnvironmentPool("MathBoxed-v0", 1, KWARGS)
    assert agent.held_out == distinct_seeds(env, 10, 4, 3, exclude=shown)
    assert len(agent.eval_envs) == 10
    text, _ = env.reset(seed=agent.held_out[0])
    assert agent.eval_envs[0].reset(seed=agent.held_out[0])[0] == text
    for share, reasoning in ((0.0, True), (1.0, False)):
        agent = imitation(demonstrations=10, held_out_problems=2, skip_reasoning=share)
        agent._collect()
        assert {reasons(e.replies[0]) for e in agent.demonstrations} == {reasoning}
        assert agent.reasoning is reasoning


def test_a_look_at_the_held_out_problems_is_sampled(monkeypatch):
    agent = imitation(seed=4, demonstrations=4, held_out_problems=3, max_new_tokens=5)
    agent._collect()
    looks = []
    monkeypatch.setattr(module, "evaluate", lambda *args, **kwargs: looks.append((args, kwargs)))
    agent._evaluate(7)
    [(args, kwargs)] = looks
    assert args == (agent.policy, agent.eval_envs, agent.held_out)
    state = torch.Generator().manual_seed(derive_seed(4, 5, 7)).get_state()
    assert torch.equal(kwargs.pop("generator").get_state(), state)
    assert kwargs == {"max_new_tokens": 5, "temperature": 1.0}


def test_held_out_problems_are_neither_demonstrations_nor_of_the_test_split():
    kwargs = KWARGS | {"level": 1}  # so few problems that most draws were shown already
    agent = imitation(env_kwargs=kwargs)
    agent._collect()
    env = gym.make("MathBoxed-v0", **kwargs)
    held_out = {env.reset(seed=seed)[1]["problem_id"] for seed in agent.held_out}
    assert len(held_out) == 50
    assert not held_out & {episode.problem_id for episode in agent.demonstrations}
    test = gym.make("MathBoxed-v0", split="test", **kwargs)
    assert not held_out & {test.reset(seed=seed)[1]["problem_id"] for seed in range(500)}


def test_a_share_of_the_demonstrations_skips_the_reasoning():
    agent = imitation(skip_reasoning=0.3)
    agent._collect()
    assert all(episode.success for episode in agent.demonstrations)
    share = sum(reasons(e.replies[0]) for e in agent.demonstrations) / 200
    assert 0.6 < share < 0.8


@pytest.mark.parametrize("tokens", [200, 2048])
def test_loss_is_the_cross_entropy_of_the_replies(tokens):
    agent = imitation(tokens_per_pass=tokens, batch_size=40, demonstrations=40)
    agent._collect()
    total = count = 0
    with torch.no_grad():
        for episode in agent.demonstrations:
            logp = torch.log_softmax(
                agent.policy.model(torch.tensor([episode.tokens])).logits[0], -1
            )
            for t, chosen in enumerate(episode.sampled):
                if chosen:
                    total -= logp[t - 1, episode.tokens[t]].item()
                    count += 1
    assert agent._step(0, 1000)["loss"] == pytest.approx(total / count, rel=1e-5)


def test_a_pass_shows_each_demonstration_once_in_an_order_that_the_seed_decides():
    agent = imitation(demonstrations=13, batch_size=4, tokens_per_pass=100, held_out_problems=2)
    agent._collect()
    numbers = {tuple(e.tokens): i for i, e in enumerate(agent.demonstrations)}
    logprobs, seen = agent.policy.logprobs, []

    def looking(rows, chosen):
        seen.append([numbers[tuple(row)] for row in rows])
        return logprobs(rows, chosen)

    agent.policy.logprobs = looking

    def batch(step):
        seen.clear()
        agent._step(step, 1000)
        assert len(seen) > 1
        chosen = [row for rows in seen for row in rows]
        return set(chosen)

    for number in range(2):  # a pass has three whole batches, and one that is left over
        order = np.random.default_rng([0, 4, number]).permutation(13)
        for part in range(3):
            assert batch(3 * number + part) == set(order[4 * part : 4 * part + 4].tolist())


def test_the_learning_rate_rises_stays_and_falls_to_nothing():
    agent = imitation(
        demonstrations=4,
        batch_size=2,
        held_out_problems=2,
        learning_rate=0.5,
        warmup_steps=4,
        decay_steps=5,
        max_grad_norm=1e-3,
    )
    agent._collect()
    used, step = [], agent.optimizer.step

    def looking():
        grads = [p.grad.flatten() for p in agent.policy.model.parameters()]
        used.append((agent.optimizer.param_groups[0]["lr"], torch.cat(grads).norm().item()))
        assert used[-1][1] <= 1.001e-3
        before = weights(agent.policy)
        step()
        assert torch.equal(before, weights(agent.policy)) is (used[-1][0] == 0)

    agent.optimizer.step = looking
    shares = [0.25, 0.5, 0.75, 1, 1, 1, 1, 0.8, 0.6, 0.4, 0.2, 0]
    for number, share in enumerate(shares):
        metrics = agent._step(number, 6)
        assert metrics["learning_rate"] == used[-1][0] == pytest.approx(0.5 * share)
        assert all(p.grad is None for p in agent.policy.model.parameters())
        if number == 0:
            assert metrics["grad_norm"] > 1e-2  # as it was
            assert used[0][1] == pytest.approx(1e-3, rel=1e-3)


def test_it_learns():
    agent = imitation(learning_rate=4e-3, warmup_steps=5)
    agent._collect()
    losses = [agent._step(step, 1000)["loss"] for step in range(25)]
    assert losses[0] > 3
    assert losses[-1] < 2


def score(right: int, wrong: int, guessed: int = 0) -> Score:
    """Of replies that reason so many are right and wrong, and so many are right without."""

    def episode(text: str, success: bool) -> Episode:
        episode = Episode(0, success=success)
        episode.reply([1], [0.0], text)
        return episode

    return Score(
        [episode("<think>so</think>2", True)] * right
        + [episode("<think>so</think>3", False)] * wrong
        + [episode("<think></think>2", True)] * guessed
    )


def scheduled(looks, *, reasoning=True, **changes) -> tuple[Imitation, list]:
    """An agent that learns nothing, and sees these scores; the steps that it takes."""
    agent = imitation(demonstrations=4, held_out_problems=2, **changes)
    steps, scores = [], iter(looks)

    def collect():
        agent.reasoning = reasoning

    def step(number, decay_from):
        steps.append((number, decay_from))
        assert len(steps) <= 50, "it goes on and on"
        return {"loss": 1.0}

    agent._collect, agent._step, agent._evaluate = collect, step, lambda step: next(scores)
    return agent, steps


def test_the_end_comes_soon_after_the_accuracy_that_is_aimed_at(tmp_path, capsys):
    settings = {"max_steps": 40, "decay_steps": 6, "eval_every": 4, "checkpoint_every": 5}
    looks = [score(0, 5, 5), score(2, 2), score(3, 0), score(1, 3, 4)]
    agent, steps = scheduled(looks, target_accuracy=0.5, **settings)
    assert agent.learn(tmp_path) is True
    # half of those that reason are right after eight steps, and that it stays is not asked
    assert steps == [(n, 34 if n < 8 else 8) for n in range(14)]
    written = records(tmp_path)
    assert [record["step"] for record in written] == list(range(1, 15))
    assert all(record["loss"] == 1.0 for record in written)
    looked = {r["step"]: r for r in written if "held_out_accuracy" in r}
    assert [r["held_out_accuracy"] for r in looked.values()] == [0.0, 0.5, 1.0, 0.25]
    assert [r["held_out_reasoning"] for r in looked.values()] == [0.5, 1.0, 1.0, 0.5]
    transcripts = records(tmp_path, "transcripts.jsonl")
    assert [(r["step"], r["kind"]) for r in transcripts] == [
        (step, "held_out") for step, n in ((4, 4), (8, 4), (12, 3), (14, 4)) for _ in range(n)
    ]
    assert list(looked) == [4, 8, 12, 14]
    last = RunFolder.checkpoints(tmp_path)
    assert [path.name for path in last] == ["000010", "000014"]
    assert json.loads((last[0] / "state.json").read_text()) == {"step": 10, "decay_from": 8}
    assert "warm start 14/14" in capsys.readouterr().err


@pytest.mark.parametrize("every", [4, 0])
def test_without_that_accuracy_the_end_is_that_of_the_settings(tmp_path, every, monkeypatch):
    seconds = itertools.count(100.0, 0.5)
    monkeypatch.setattr(module, "time", SimpleNamespace(perf_counter=lambda: next(seconds)))
    settings = {"max_steps": 9, "decay_steps": 3, "eval_every": every, "checkpoint_every": 0}
    looks = [score(1, 2, 9)] * 3
    agent, steps = scheduled(looks, target_accuracy=0.4, **settings)
    assert agent.learn(tmp_path) is True
    assert steps == [(n, 6) for n in range(9)]
    lines = (tmp_path / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["seconds"] for line in lines] == [0.5] * 9
    looked = [r["step"] for r in records(tmp_path) if "held_out_accuracy" in r]
    assert looked == ([4, 8, 9] if every else [9])
    assert [path.name for path in RunFolder.checkpoints(tmp_path)] == ["000009"]


def test_the_decay_never_begins_later_than_the_settings_say(tmp_path):
    settings = {"max_steps": 9, "decay_steps": 5, "eval_every": 6, "checkpoint_every": 0}
    agent, steps = scheduled([score(1, 0)] * 2, **settings)
    agent.learn(tmp_path)
    assert steps == [(n, 4) for n in range(9)]


def test_where_no_demonstration_reasons_all_replies_are_measured(tmp_path):
    settings = {"max_steps": 9, "decay_steps": 2, "eval_every": 3}
    looks = [score(0, 1, 3)] * 2
    agent, steps = scheduled(looks, reasoning=False, target_accuracy=0.75, **settings)
    agent.learn(tmp_path)
    assert len(steps) == 5
    assert records(tmp_path)[-1]["held_out_accuracy"] == 0.75


def test_a_run_that_is_interrupted_goes_on_where_it_was(tmp_path, monkeypatch):
    progress, shown = RunFolder.progress, []
    monkeypatch.setattr(
        RunFolder, "progress", lambda run, *args: shown.append(args) or progress(run, *args)
    )
    settings = {
        "demonstrations": 8,
        "batch_size": 4,
        "held_out_problems": 2,
        "warmup_steps": 2,
        "eval_every": 2,
        "max_new_tokens": 4,
        "target_accuracy": 0.0,  # so that the first look sets the end
        "decay_steps": 4,
        "max_steps": 50,
    }
    straight, first, second = (imitation(**settings) for _ in range(3))
    assert straight.learn(tmp_path / "straight") is True
    step = first._step

    def pressing(number, decay_from):
        if number == 2:
            signal.raise_signal(signal.SIGINT)
        return step(number, decay_from)

    first._step = pressing
    assert first.learn(tmp_path / "stopped") is False
    assert [path.name for path in RunFolder.checkpoints(tmp_path / "stopped")] == ["000003"]
    assert second.learn(tmp_path / "stopped", resume=True) is True
    assert shown == [("warm start", 50, step) for step in (0, 0, 3)]
    assert torch.equal(weights(straight.policy), weights(second.policy))
    assert records(tmp_path / "straight") == records(tmp_path / "stopped")
    assert [record["step"] for record in records(tmp_path / "stopped")] == list(range(1, 7))
    text = "What is 2 + 2?"
    straight.save(tmp_path / "model")
    saved = LanguageModel.load(tmp_path / "model", device="cpu")
    assert saved.act(text) == straight.act(text) == Imitation.load(tmp_path / "stopped").act(text)
    for turn in range(2):  # a conversation goes on, which `info` says
        assert saved.act(text, {"turn": turn}) == straight.act(text, {"turn": turn})
        assert saved._conversation.length(0) == straight.policy._conversation.length(0)
    load, asked = LanguageModel.load, []
    monkeypatch.setattr(
        LanguageModel, "load", lambda folder, **kwargs: asked.append(kwargs) or load(folder)
    )
    Imitation.load(tmp_path / "stopped")
    prompts = {"system_prompt": None, "chat_template_kwargs": {}}
    assert asked == [{"device": "cpu", "dtype": "float32", **prompts}]


def test_an_interruption_in_the_last_step_comes_too_late(tmp_path):
    agent, _ = scheduled([score(1, 0)], max_steps=3, decay_steps=2, eval_every=0)
    step = agent._step

    def pressing(number, decay_from):
        if number == 2:
            signal.raise_signal(signal.SIGINT)
        return step(number, decay_from)

    agent._step = pressing
    assert agent.learn(tmp_path) is True


def test_solutions_without_reasoning_are_measured_as_they_are(tmp_path):
    """Here the model can only memorise that the answer is 7: that is enough to stop."""
    problems = [{"question": f"Problem {i}", "answer": "7"} for i in range(200)]
    agent = imitation(
        env_kwargs={"problems": problems},
        demonstrations=64,
        held_out_problems=20,
        warmup_steps=5,
        decay_steps=5,
        eval_every=10,
        max_new_tokens=8,
        max_steps=200,
    )
    agent.learn(tmp_path / "run")
    assert not agent.reasoning
    assert RunFolder.checkpoints(tmp_path / "run")[-1].name < "000100"


def test_load(tmp_path):
    agent = imitation(max_steps=6, decay_steps=3, max_new_tokens=4)
    agent.learn(tmp_path / "run")
    again = Imitation.load(tmp_path / "run")
    assert again.config == agent.config
    for one, other in zip(
        agent.policy.model.parameters(), again.policy.model.parameters(), strict=True
    ):
        assert torch.equal(one, other)


def test_a_step_takes_all_demonstrations_where_there_are_fewer():
    agent = imitation(demonstrations=7, batch_size=16)
    agent._collect()
    rows, logprobs = [], agent.policy.logprobs
    agent.policy.logprobs = lambda tokens, chosen: rows.extend(tokens) or logprobs(tokens, chosen)
    for step in range(2):
        agent._step(step, 10)
    assert sorted(rows) == sorted(2 * [episode.tokens for episode in agent.demonstrations])


# Words. ------------------------------------------------------------------------------------------

MAZE = {"env_id": "TextMaze-v0", "env_kwargs": {"instruction": ""}}


def test_frequent_words_of_the_environment_are_tokens():
    agent, plain = imitation(**MAZE, words=200), imitation(**MAZE)
    [env] = EnvironmentPool("TextMaze-v0", 1, MAZE["env_kwargs"])
    observation, _ = env.reset(seed=5)
    tokens = agent.policy.prompt(observation)
    assert len(tokens) < 0.5 * len(plain.policy.prompt(observation))
    assert agent.policy.decode([tokens]) == [observation + "\n"]
    assert len(agent.policy.reply("north")) == 2  # the word and the end
    for text in ("x = 1234", "##.##\n#..@#", "né → ⚄\tquixotic", "<think>1</think>\\boxed{1}"):
        assert agent.policy.decode([agent.policy.reply(text)]) == [text]
    assert len(agent.policy.reply("1234##..")) == 9  # digits and signs are never joined
    again = imitation(**MAZE, words=200)
    assert again.policy.tokenizer.get_vocab() == agent.policy.tokenizer.get_vocab()
    assert torch.equal(weights(again.policy), weights(agent.policy))
    size = len(plain.policy.tokenizer)
    assert size < len(agent.policy.tokenizer) <= size + 200
    with pytest.raises(ValueError, match=r"words are found for the tiny model alone.*set words"):
        imitation(words=5, model="some/model")


def test_words_are_the_same_after_loading(tmp_path):
    """The family of the model has a tokenizer of its own, which splits spaces in another way."""
    policy = imitation(**MAZE, words=200).policy
    policy.save(tmp_path)
    loaded = LanguageModel.load(tmp_path, device="cpu")
    for text in ("You can go  north", "#  the #\n\n  go ", "31+42  the", "Ünï  cödé \t east"):
        assert loaded.tokenizer.encode(text) == policy.tokenizer.encode(text)
        assert loaded.tokenizer.decode(loaded.tokenizer.encode(text)) == text
    assert loaded.end_ids == policy.end_ids


def test_a_run_with_words_is_loaded_with_them(tmp_path):
    settings = {"demonstrations": 8, "batch_size": 4, "max_steps": 2, "decay_steps": 1}
    agent = imitation(**MAZE, words=100, held_out_problems=4, **settings)
    assert agent.learn(tmp_path / "run")
    loaded = Imitation.load(tmp_path / "run")
    assert torch.equal(weights(loaded.policy), weights(agent.policy))
    text = "North: 1 step, then a wall."
    assert loaded.policy.prompt(text) == agent.policy.prompt(text)


def test_bad_settings_are_refused():
    names = ["demonstrations", "batch_size", "tokens_per_pass", "max_new_tokens", "decay_steps"]
    for name in (*names, "max_steps", "held_out_problems"):
        with pytest.raises(ValueError, match=f"{name} must be at least 1, got 0"):
            imitation(**{name: 0})
    for name in ("seed", "words", "warmup_steps", "eval_every", "checkpoint_every"):
        with pytest.raises(ValueError, match=f"{name} must be at least 0, got -1"):
            imitation(**{name: -1})
    with pytest.raises(ValueError, match=r"skip_reasoning is a share, .* got 1\.5"):
        imitation(skip_reasoning=1.5)
    with pytest.raises(ValueError, match="FrozenLake-v1 has no solution"):
        imitation(env_id="FrozenLake-v1", env_kwargs={})


def test_without_a_warmup_the_learning_rate_begins_at_its_peak():
    small = {"demonstrations": 2, "batch_size": 2, "held_out_problems": 2}
    agent = imitation(warmup_steps=0, learning_rate=0.5, **small)
    agent._collect()
    assert agent._step(0, 10)["learning_rate"] == 0.5
