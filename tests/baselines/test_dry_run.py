"""A dry run: the first group as it would be played and learned from, whole, and nothing written."""

from __future__ import annotations

import re
from collections import Counter

import gymnasium as gym
import pytest

pytest.importorskip("torch")

from agents.common.language_model import tiny
from agents.common.token_logprobs import TokenLogprobs
from agents.grpo import GRPO, GRPOConfig
from baselines.commands import main
from baselines.dry_run import dry_run
from reasoning_gym_envs import UnicodeText

MARKS = {"  ": "observed", "> ": "learned", "x ": "masked"}


class Even(gym.Env[str, str]):
    """Pays a reply whose letters sum to an even number; where they say so it ends, or fails."""

    observation_space = action_space = UnicodeText(1000)

    def __init__(self, turns=1, pays=1.0, fails=False):
        self.turns, self.pays, self.fails = turns, pays, fails

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.turn = 0
        return "An even one, \x1b[31mplease.", {"problem_id": seed}

    def step(self, action):
        self.turn += 1
        number = sum(map(ord, action))
        if self.fails and number % 3 == 0:
            raise OSError("out of order")
        even = self.pays * float(number % 2 == 0)
        info = {"reward_terms": {"even": even, "turn": 0.25}, "is_success": even > 0}
        return f"So far {self.turn}.", even + 0.25, self.turn == self.turns, False, info


gym.register("Even-v0", Even)


@pytest.fixture(autouse=True)
def _empty(tmp_path, monkeypatch):
    """Nothing is written, wherever it is called from."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("NO_COLOR", "1")
    yield
    assert list((tmp_path / "here").iterdir()) == []


def config(**changes):
    settings = {
        "env_id": "Even-v0",
        "test_kwargs": {},
        "groups": 3,
        "group_size": 4,
        "max_new_tokens": 5,
        "device": "cpu",
    }
    return GRPOConfig(**settings | changes)


def printed(capsys, **changes):
    dry_run(config(**changes))
    return capsys.readouterr().out


def episodes_in(out):
    """The part of each episode."""
    return re.split(r"^Episode \d+: ", out.split("episodes would be learned from")[0], flags=re.M)[
        1:
    ]


def numbers(pattern, out):
    return [float(value) for value in re.findall(pattern, out)]


def test_it_is_the_first_group_of_the_run(capsys):
    out = printed(capsys)
    agent = GRPO(config())
    expected = agent._sample(0, 0)[:4]
    parts = episodes_in(out)
    assert len(parts) == 4
    for part, episode in zip(parts, expected, strict=True):
        marked = [line for line in part.splitlines() if line[:2] in ("> ", "x ")]
        text = agent.policy.tokenizer.decode(episode.tokens[episode.turns[0].start :])
        assert "".join(line[2:] for line in marked).isprintable()
        if text.isprintable():
            assert marked == [marked[0][:2] + text]
        assert f"reward {episode.reward:g} (even {episode.reward - 0.25:g}, turn 0.25)" in part
    rewards = [episode.reward for episode in expected]
    assert len(set(rewards)) == 2
    assert numbers(r", advantage ([-+.\d]+)", out) == pytest.approx(
        [reward - sum(rewards) / 4 for reward in rewards], abs=1e-3
    )
    assert "4 of 4 episodes would be learned from" in out
    metrics = agent.learn_from(expected, 0)
    assert (metrics["kept"], metrics["contrast"]) == (1, 1)
    assert "Note:" not in out.replace("Note: 100% of the episodes ran into a limit", "")


def test_each_kind_of_token_has_a_mark_and_a_colour(capsys, monkeypatch):
    plain = printed(capsys, env_kwargs={"turns": 2}, mask_truncated=True, max_new_tokens=2)
    legend = [line for line in plain.splitlines() if line[2:].startswith(("observed", "sampled,"))]
    assert [MARKS[line[:2]] for line in legend] == ["observed", "learned", "masked"]
    assert "  An even one, \\x1b[31mplease." in plain  # no model or environment paints here
    assert "\x1b" not in plain
    assert "  <eos>So far 1." in plain
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    coloured = printed(capsys, env_kwargs={"turns": 2}, mask_truncated=True, max_new_tokens=2)
    colours = {re.search(rf"(\x1b\[[\d;]+m){re.escape(line)}\x1b", coloured)[1] for line in legend}
    assert len(colours) == 3
    strip = re.compile(r"\x1b\[[\d;]*m")
    timeless = re.compile(r"^(memory|an update) .*", re.M)
    assert timeless.sub("", strip.sub("", coloured)) == timeless.sub("", plain)


def test_what_is_masked_says_why(capsys, monkeypatch):
    monkeypatch.setattr("agents.common.language_model.tiny", lambda *_, **__: short())
    out = printed(capsys, mask_truncated=True, group_size=12, max_new_tokens=3)
    parts = episodes_in(out)
    cut = [", cut off" in part.splitlines()[0] for part in parts]
    assert 0 < sum(cut) < 12
    for part, is_cut in zip(parts, cut, strict=True):
        assert ("not learned from: it is cut off (mask_truncated)" in part) == is_cut
        assert any(line.startswith("x " if is_cut else "> ") for line in part.splitlines())
    assert f"{12 - sum(cut)} of 12 episodes would be learned from" in out
    few = printed(capsys, down_sample=2, group_size=12)
    assert few.count("not learned from: others of the group differ more (down_sample)") == 10
    failing = printed(capsys, env_kwargs={"fails": True}, group_size=12)
    assert failing.count("not learned from: its environment failed: OSError: out of order") > 1
    assert "reward 0 (not known)" in failing


def short():
    """Random weights many of whose replies end."""
    policy = tiny(0)
    policy.end_ids += list(range(2, 100))
    return policy


def test_where_nothing_can_be_learned_it_says_what_to_do(capsys, monkeypatch):
    same = {"env_kwargs": {"pays": 0.0}}
    all_cut_off = printed(capsys, **same, mask_truncated=True)
    assert "0 of 4 episodes would be learned from" in all_cut_off
    assert "Note: 100% of the episodes ran into a limit" in all_cut_off
    assert "raise max_new_tokens" in all_cut_off
    monkeypatch.setattr("agents.common.language_model.tiny", lambda *_, **__: short())
    equal = printed(capsys, **same)
    assert "Note: here no group had two different rewards (their mean is 0.25)" in equal
    assert "take a lower level" in equal
    assert "other groups may differ (--seed 1)" in equal
    small = printed(capsys, min_advantage=1.0)
    assert (
        "Note: nothing would be learned from this group, since of each episode it has no" in small
    )


def test_a_pull_teaches_without_an_advantage(capsys):
    out = printed(capsys, env_kwargs={"pays": 0.0}, kl_coef=0.1)
    assert "4 of 4 episodes would be learned from" in out
    assert all("\n> " in part for part in episodes_in(out))


def test_turns_are_paid_one_by_one(capsys):
    settings = {"env_kwargs": {"turns": 3}, "credit": "to_go", "length_budget": 3}
    out = printed(capsys, **settings)
    for part in episodes_in(out):
        total = float(part.split(", ")[0].removeprefix("return "))
        rewards = numbers(r"reward ([\d.]+) \(even", part)
        assert len(rewards) == 3
        less = numbers(r"\), ([-.\d]+) with what the settings take off", part)
        assert total == pytest.approx(sum(rewards[:2]) + less[0])
        assert less[0] == pytest.approx(rewards[2] - (15 - 3) / 3)
    assert len(set(numbers(r", advantage ([-+.\d]+)", out))) > 4


def test_memory_and_time_are_those_of_learning(capsys, monkeypatch):
    learned, minibatch = [], GRPO._minibatch
    monkeypatch.setattr(
        GRPO,
        "_minibatch",
        lambda agent, rows, *a: learned.append(rows) or minibatch(agent, rows, *a),
    )
    out = printed(capsys, env_kwargs={"pays": 0.0}, mask_truncated=True)
    [rows] = learned
    assert len(rows) == 12  # all that an update has, be there an advantage or not
    assert "in learning from 12 such as these" in out
    figures = numbers(r"([\d,]+) MiB", out.replace(",", ""))
    assert len(figures) == 3
    assert all(figure > 50 for figure in figures)
    assert "an update of 3 groups: " in out
    learned.clear()
    assert "in learning from 4 such" in printed(capsys, tokens_per_pass=40)
    assert len(learned[0]) == 4


def test_what_is_measured_is_a_whole_pass_of_different_groups(capsys, monkeypatch):
    """A prompt goes through the model once for each group, not once for all of them."""
    passes, computed = [], TokenLogprobs.forward

    def looking(model, rows, *arguments, **settings):
        passes.append(rows)
        return computed(model, rows, *arguments, **settings)

    monkeypatch.setattr(TokenLogprobs, "forward", looking)
    prompt = len(tiny(0).prompt("An even one, \x1b[31mplease."))
    group = prompt + 4 * 5
    assert "in learning from 12 such" in printed(capsys, groups=9, tokens_per_pass=3 * group)
    [rows] = passes
    assert Counter(tuple(row[:prompt]) for row in rows).most_common() == [
        (tuple(row[:prompt]), 4) for row in rows[::4]
    ]
    assert len({tuple(row[:prompt]) for row in rows}) == 3


def test_the_command(capsys, tmp_path):
    settings = ["--groups", "2", "--group-size", "2", "--max-new-tokens", "3", "--device", "cpu"]
    out = ["--out", str(tmp_path / "run")]
    level = ["--level", "1"]
    assert main(["train", "grpo", "MathBoxed-v0", *settings, *level, *out, "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "MathBoxed-v0, seed 0: the first group of the run, 2 episodes of one problem" in said
    assert "0.18 M weights in float32, products in float32, on cpu" in said
    assert not (tmp_path / "run").exists()
    assert main(["train", "grpo", "--resume", str(tmp_path / "run"), "--dry-run"]) == 2
    assert "leave out --resume" in capsys.readouterr().err
    assert main(["train", "grpo", "MathBoxed-v0", *settings, "--max-tokens", "3", "--dry-run"]) == 2
    assert "no prompt leaves room for a reply" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["train", "ppo", "--dry-run"])
