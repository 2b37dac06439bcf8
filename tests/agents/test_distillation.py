"""Distillation: divergences and gradients written out, who samples, and that a student learns."""

from __future__ import annotations

import json
import math
import signal

import gymnasium as gym
import numpy as np
import pytest
import torch

from agents.common.environment_pool import Failure
from agents.common.language_model import LanguageModel, tiny, tiny_shape
from agents.common.token_logprobs import TokenLogprobs
from agents.distillation import Distillation, DistillationConfig
from agents.imitation import Imitation, ImitationConfig
from tests.agents.families import VOCABULARY, model_of
from tests.agents.test_expert_iteration import KWARGS, gradient, play, weights
from tests.agents.test_token_logprobs import episodes as rows_and_chosen


@pytest.fixture(scope="module")
def teacher(tmp_path_factory) -> str:
    """A model of random weights, larger than the student."""
    folder = tmp_path_factory.mktemp("teacher")
    tiny(5, layers=2).save(folder)
    return str(folder)


def config(teacher: str, **changes) -> DistillationConfig:
    small = {
        "teacher": teacher,
        "model": "tiny-1x32",
        "env_kwargs": KWARGS,
        "groups": 12,
        "max_new_tokens": 8,
        "updates": 4,
        "minibatches": 1,
        "eval_every": 0,
        "eval_problems": 8,
        "checkpoint_every": 1,
        "device": "cpu",
    }
    return DistillationConfig(**small | changes)


def written_out(model, episodes, loss, temperature=1.0, teacher=None):
    """The loss and its gradient: one episode and one token at a time, whole distributions."""
    total, count = 0.0, 0
    for episode in episodes:
        tokens = torch.tensor([episode.tokens])
        logp = torch.log_softmax(model(tokens).logits[0] / temperature, -1)
        if teacher is not None:
            with torch.no_grad():
                rho = torch.log_softmax(teacher(tokens).logits[0] / temperature, -1)
        for t, is_sampled in enumerate(episode.sampled):
            if not is_sampled:
                continue
            count += 1
            if loss == "likelihood":
                total = total - logp[t - 1, episode.tokens[t]]
                continue
            p, q = logp[t - 1], rho[t - 1]
            each = q.exp() * (q - p) if loss == "forward_kl" else p.exp() * (p - q)
            total = total + each.sum()
    total = total / count
    model.zero_grad()
    total.backward()
    grads = torch.cat([p.grad.flatten() for p in model.parameters()])
    model.zero_grad()
    return float(total.detach()), grads


# The divergence. ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kl", ["forward", "reverse"])
def test_divergences_are_those_of_numpy(kl):
    """Of two families, of which one packs its rows and one does not."""
    model, other = model_of("Qwen3"), model_of("Mamba")
    learner, fixed = (TokenLogprobs(m, vocabulary=VOCABULARY) for m in (model, other))
    rows, chosen = rows_and_chosen()
    found = learner(rows, chosen, temperature=0.7, other=fixed, kl=kl).kl

    expected = []
    for row, which in zip(rows, chosen, strict=True):
        both = []
        for each in (model, other):
            with torch.no_grad():
                logits = each(input_ids=torch.tensor([row])).logits[0].double().numpy() / 0.7
            both.append(np.exp(logits) / np.exp(logits).sum(-1, keepdims=True))
        pi, rho = both
        a, b = (rho, pi) if kl == "forward" else (pi, rho)
        each_token = (a * np.log(a / b)).sum(-1)
        expected += [each_token[t - 1] for t, is_chosen in enumerate(which) if is_chosen]
    np.testing.assert_allclose(found.detach().numpy(), expected, atol=1e-5, rtol=1e-4)
    assert min(expected) > 0.01


def test_a_divergence_by_hand(monkeypatch):
    """Of (0.5, 0.25, 0.25) from (0.8, 0.1, 0.1), both ways."""
    pi, rho = np.log([[0.5, 0.25, 0.25]]), np.log([[0.8, 0.1, 0.1]])
    model = model_of("Qwen3")
    learner, other = (TokenLogprobs(model, vocabulary=3) for _ in range(2))
    learner._packs = other._packs = False
    monkeypatch.setattr(learner, "_head", lambda *_: torch.tensor(pi))
    monkeypatch.setattr(other, "_head", lambda *_: torch.tensor(rho))
    row = [[0, 1]], [[False, True]]
    forward = 0.8 * math.log(0.8 / 0.5) + 0.2 * math.log(0.1 / 0.25)
    reverse = 0.5 * math.log(0.5 / 0.8) + 0.5 * math.log(0.25 / 0.1)
    assert learner(*row, other=other, kl="forward").kl.tolist() == pytest.approx([forward])
    assert learner(*row, other=other, kl="reverse").kl.tolist() == pytest.approx([reverse])
    assert learner(*row).kl.tolist() == []


@pytest.mark.parametrize("kl", ["forward", "reverse"])
def test_no_more_logits_at_once_than_there_may_be(kl, monkeypatch):
    """Of both models together; value and gradient stay what they are."""
    rows, chosen = rows_and_chosen()
    model, other = model_of("Qwen3"), model_of("Granite")
    learner, fixed = (TokenLogprobs(m, vocabulary=VOCABULARY) for m in (model, other))

    def computed():
        model.zero_grad()
        found = learner(rows, chosen, other=fixed, kl=kl).kl
        found.square().sum().backward()
        return found.detach(), torch.cat([p.grad.flatten() for p in model.parameters()])

    expected, right = computed()
    monkeypatch.setattr("agents.common.token_logprobs._MOST_LOGITS", 10 * VOCABULARY)
    sizes = []
    for each in (model, other):
        each.get_output_embeddings().register_forward_hook(lambda *a: sizes.append(a[2].numel()))
    found, got = computed()
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-5)
    assert (got - right).norm() < 1e-5 * right.norm()
    assert max(sizes[-8:]) == 5 * VOCABULARY
    assert all(p.grad is None for p in other.parameters())


def test_a_pass_without_rows_has_no_divergence(policy):
    found = policy.predictions([], [], other=tiny(1))
    assert found.kl.shape == (0,)
    found.kl.sum().backward()
    assert all(torch.equal(p.grad, torch.zeros_like(p)) for p in policy.model.parameters())


# What is learned. --------------------------------------------------------------------------------

LOSSES = [
    ("teacher", "likelihood"),
    ("teacher", "forward_kl"),
    ("student", "forward_kl"),
    ("student", "reverse_kl"),
]


def learned(agent, episodes):
    """The loss that an update logs, and the gradient that it would apply."""
    logged = []
    step_on = agent._step_on
    agent._step_on = lambda *arguments: logged.append(step_on(*arguments)) or logged[-1]
    grads = gradient(agent, episodes)
    return logged[0]["loss"], grads


def is_near(found, expected):
    return abs(found[0] - expected[0]) < 1e-5 + 1e-4 * abs(expected[0]) and torch.allclose(
        found[1], expected[1], atol=2e-5, rtol=2e-3
    )


@pytest.mark.parametrize(("sampled_by", "loss"), LOSSES)
def test_the_gradient_is_that_of_the_equation(sampled_by, loss, teacher):
    """Over several turns: of what was sampled, and of nothing that the environment said."""
    settings = {"sampled_by": sampled_by, "loss": loss, "temperature": 0.7}
    agent = Distillation(config(teacher, tokens_per_pass=150, **settings))
    episodes = play(agent, [0] * 5, max_turns=2)
    right = written_out(agent.policy.model, episodes, loss, 0.7, agent.teacher.model)
    assert is_near(learned(agent, episodes), right)
    assert right[1].abs().max() > 0.01


def swapped(agent, episodes):
    agent.config.loss = {"forward_kl": "reverse_kl"}.get(agent.loss, "forward_kl")


def wrong_temperature(agent, episodes):
    agent.config.temperature = 1.0


def prompts_count(agent, episodes):
    for episode in episodes:
        episode.sampled = [False] + [True] * (len(episode.tokens) - 1)


def shifted_teacher(agent, episodes):
    seen = TokenLogprobs._seen_as_it_is

    def shifted(learner, *rows):
        found = seen(learner, *rows)
        return found._replace(hidden=found.hidden.roll(1, 0))

    agent.teacher.token_logprobs._seen_as_it_is = shifted.__get__(agent.teacher.token_logprobs)


def gradient_into_the_teacher(agent, episodes):
    agent.teacher = agent.policy


@pytest.mark.parametrize("loss", ["forward_kl", "reverse_kl"])
@pytest.mark.parametrize(
    "broken",
    [swapped, wrong_temperature, prompts_count, shifted_teacher, gradient_into_the_teacher],
)
def test_what_is_broken_has_another_gradient(broken, loss, teacher):
    agent = Distillation(config(teacher, loss=loss, temperature=0.7))
    episodes = play(agent, [0] * 3)
    right = written_out(agent.policy.model, episodes, loss, 0.7, agent.teacher.model)
    broken(agent, episodes)
    found = learned(agent, episodes)
    assert not is_near(found, right)
    assert (found[1] - right[1]).norm() > 0.05 * right[1].norm()


def test_the_loss_by_default(teacher):
    assert Distillation(config(teacher)).loss == "reverse_kl"
    assert Distillation(config(teacher, sampled_by="teacher")).loss == "likelihood"


def test_what_is_kept(teacher):
    agent = Distillation(config(teacher))
    episodes = play(agent, [1, 0, 1, 0])
    episodes[0].failure = Failure("RuntimeError: gone", "Traceback …")
    episodes[1].turns = []
    for episode in episodes:
        episode.cut_off = False
    batches = []
    agent._minibatch = lambda batch: batches.append({id(e) for e in batch}) or {}
    assert agent.learn_from(episodes, 0)["kept"] == 0.5
    agent.config.keep = "solved"
    assert agent.learn_from(episodes, 0)["kept"] == 0.25
    assert batches == [{id(episodes[2]), id(episodes[3])}, {id(episodes[2])}]
    batches.clear()
    episodes[2].cut_off = True
    assert agent.learn_from(episodes, 0)["kept"] == 0
    assert agent.learn_from(episodes[:2], 0)["kept"] == 0
    assert batches == []


def test_who_samples(teacher):
    """The log-probabilities are those of the model that was asked."""
    for by in ("teacher", "student"):
        agent = Distillation(config(teacher, sampled_by=by))
        episodes = agent._sample(0)
        who = agent.teacher if by == "teacher" else agent.policy
        other = agent.policy if by == "teacher" else agent.teacher
        said = torch.tensor([p for episode in episodes for p in episode.sampled_logprobs])
        with torch.no_grad():
            torch.testing.assert_close(agent._predict(episodes, who)[0], said, atol=1e-4, rtol=1e-4)
            assert (agent._predict(episodes, other)[0] - said).abs().mean() > 0.1


def test_steps_bring_the_student_nearer_and_leave_the_teacher(teacher):
    agent = Distillation(config(teacher, warmup_updates=0, learning_rate=3e-3, updates=20))
    before = [p.clone() for p in agent.teacher.model.parameters()]
    losses = [agent.update(step)["loss"] for step in range(8)]
    assert losses[-1] < 0.8 * losses[0]
    after = agent.teacher.model.parameters()
    assert all(torch.equal(p, value) for p, value in zip(after, before, strict=True))
    assert not any(p.requires_grad for p in agent.teacher.model.parameters())


# Which teacher, and which student. ---------------------------------------------------------------


def test_a_student_may_be_smaller_than_the_usual_tiny_model():
    student = LanguageModel.build("tiny-2x32", seed=3, device="cpu")
    known = student.model.config
    assert (known.num_hidden_layers, known.hidden_size, known.intermediate_size) == (2, 32, 96)
    assert torch.equal(
        torch.cat([p.flatten() for p in LanguageModel.build("tiny", seed=3).model.parameters()]),
        torch.cat([p.flatten() for p in tiny(3).model.parameters()]),
    )
    assert tiny_shape("tiny") == tiny_shape("tiny-3x64") == (3, 64)
    assert tiny_shape("tiny/model") is None
    for wrong in ("tiny-0x32", "tiny-2x0", "tiny-2x40"):
        with pytest.raises(ValueError, match="multiple of 32, as in tiny-2x32"):
            LanguageModel.build(wrong)


def test_a_teacher_is_a_model_folder_a_checkpoint_or_a_run(teacher, tmp_path):
    first = Distillation(config(teacher, updates=1))
    first.learn(tmp_path / "run")
    newest = tmp_path / "run" / "checkpoints" / "000001"
    for name in (tmp_path / "run", newest, newest / "model"):
        agent = Distillation(config(str(name)))
        assert agent.config.teacher == str(newest / "model")
        mine = torch.cat([p.flatten() for p in agent.teacher.model.parameters()])
        assert torch.equal(mine, weights(first))


def test_the_teacher_is_prompted_as_the_student_is(teacher):
    agent = Distillation(config(teacher, system_prompt="Answer in a box."))
    assert agent.teacher.prompt("2 + 3?") == agent.policy.prompt("2 + 3?")
    assert agent.teacher.end_ids == agent.policy.end_ids


def test_an_episode_is_no_longer_than_either_model_can_read(tmp_path):
    tiny(0, max_positions=70).save(tmp_path)
    assert Distillation(config(str(tmp_path))).config.max_tokens == 70
    assert Distillation(config(str(tmp_path), max_tokens=60)).config.max_tokens == 60
    agent = Distillation(config(str(tmp_path), max_new_tokens=60))
    assert max(len(episode.tokens) for episode in agent._sample(0)) <= 70


def test_another_vocabulary_is_refused(tmp_path):
    tiny(0, texts=["so many words, so many"], words=20).save(tmp_path)
    with pytest.raises(ValueError, match=r"different vocabularies, of \d+ and 261 tokens"):
        Distillation(config(str(tmp_path)))


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"teacher": ""}, ValueError, "there is no teacher: name a run folder"),
        ({"teacher": "./nowhere"}, FileNotFoundError, "no model folder at './nowhere'"),
        ({"loss": "likelihood"}, ValueError, "learn to say what it says"),
        ({"minibatches": 0}, ValueError, "minibatches"),
        ({"epochs": 0}, ValueError, "epochs"),
        ({"temperature": 0}, ValueError, "temperature"),
        (
            {"sampled_by": "teacher", "sampler": "http://localhost:1"},
            ValueError,
            "the teacher samples by itself",
        ),
    ],
)
def test_settings_that_make_no_sense_are_refused(changes, error, message, teacher):
    with pytest.raises(error, match=message):
        Distillation(config(**{"teacher": teacher, **changes}))


# Runs. -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sampled_by", ["teacher", "student"])
def test_a_run_that_is_interrupted_goes_on_exactly(sampled_by, teacher, tmp_path):
    changes = {"sampled_by": sampled_by, "minibatches": 2, "warmup_updates": 0}
    straight, stopped = (Distillation(config(teacher, **changes)) for _ in range(2))
    before = weights(straight)
    assert straight.learn(tmp_path / "straight")

    def interrupt(step, metrics):
        if step == 2:
            signal.raise_signal(signal.SIGINT)

    assert not stopped.learn(tmp_path / "stopped", on_update=interrupt)
    again = Distillation(config(teacher, **changes))
    assert again.learn(tmp_path / "stopped", resume=True)
    assert torch.equal(weights(again), weights(straight))
    assert not torch.equal(weights(again), before)


def test_a_run_does_not_go_on_with_another_teacher(tmp_path):
    tiny(1).save(tmp_path / "teacher")
    Distillation(config(str(tmp_path / "teacher"), updates=1)).learn(tmp_path / "run")
    tiny(2).save(tmp_path / "teacher")
    with pytest.raises(ValueError, match="has changed since the run began"):
        Distillation(config(str(tmp_path / "teacher"), updates=1)).learn(
            tmp_path / "run", resume=True
        )
    tiny(1).save(tmp_path / "teacher")
    agent = Distillation(config(str(tmp_path / "teacher"), updates=1))
    assert agent.learn(tmp_path / "run", resume=True)
    state = json.loads((tmp_path / "run/checkpoints/000001/state.json").read_text())
    assert len(state["teacher"]) == 64


# A student learns what its teacher can do, on problems that neither has been trained on.


class Ends(gym.Env):
    """Four letters: say the last and the first of them."""

    observation_space = gym.spaces.Text(10)
    action_space = gym.spaces.Text(10)

    def __init__(self, split="train"):
        self.is_test = split == "test"

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        letters = self.np_random.integers(8, size=4)
        while bool(letters.sum() % 4 == 0) != self.is_test:
            letters = self.np_random.integers(8, size=4)
        self.word = "".join("abcdefgh"[letter] for letter in letters)
        return self.word, {"problem_id": self.word}

    def solution(self):
        return [self.word[-1] + self.word[0]]

    def step(self, action):
        is_right = action.strip() == self.solution()[0]
        return "", float(is_right), True, False, {"is_success": is_right}


gym.register("Ends-v0", Ends)


@pytest.fixture(scope="module")
def good_teacher(tmp_path_factory):
    agent = Imitation(
        ImitationConfig(
            "Ends-v0",
            demonstrations=1500,
            max_steps=150,
            decay_steps=50,
            held_out_problems=100,
            max_new_tokens=4,
            device="cpu",
        )
    )
    folder = tmp_path_factory.mktemp("good") / "run"
    agent.learn(folder)
    return str(folder)


def taught(teacher, **changes):
    """Held-out accuracy of a student, sampled as in training."""
    settings = {"env_id": "Ends-v0", "env_kwargs": {}, "model": "tiny-2x32", "max_new_tokens": 4}
    settings |= {
        "groups": 128,
        "minibatches": 4,
        "updates": 60,
        "eval_problems": 200,
        "learning_rate": 4e-3,
    }
    agent = Distillation(config(teacher, **{**settings, **changes}))
    for step in range(agent.config.updates):
        agent.update(step)
    return agent.evaluate(1.0).accuracy


@pytest.mark.slow
@pytest.mark.parametrize("sampled_by", ["teacher", "student"])
def test_a_student_learns_what_its_teacher_can_do(sampled_by, good_teacher):
    assert taught(good_teacher, sampled_by=sampled_by) > 0.6


@pytest.mark.slow
def test_a_student_learns_nothing_of_a_teacher_that_knows_nothing(teacher):
    assert taught(teacher, updates=10) < 0.1
