"""Samples of a language model: estimates and intervals that are right, whatever the batches."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict

import gymnasium as gym
import numpy as np
import pytest

pytest.importorskip("torch")

from agents.common.environment_pool import EnvironmentPool, Step
from agents.common.environments import TEST_SEED
from agents.common.language_model import tiny
from agents.common.rollouts import Episode
from baselines.commands import main
from baselines.evaluation import Evaluation, Samples
from reasoning_gym_envs import UnicodeText
from reasoning_gym_envs.evaluation.statistics import pass_at
from reasoning_gym_envs.seeds import distinct_seeds


class Letters(gym.Env[str, str]):
    """Solved by 0 to 7 of 8 replies, as the seed says; where it says `broken`, a step fails.

    No environment of the suite is solved by random weights.
    """

    observation_space = action_space = UnicodeText(1000)

    def __init__(self, broken=8):
        self.broken = broken

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.number = seed % 8
        return f"{seed}?", {"problem_id": seed}

    def step(self, action):
        if self.number == self.broken:
            raise OSError("out of order")
        solved = sum(map(ord, action)) % 8 < self.number
        return "", float(solved), True, False, {"is_success": solved}


gym.register("Letters-v0", Letters)


# The commonest answer. ---------------------------------------------------------------------------


def answered(policy, env, seed, text):
    """The episode of a reply."""
    episode = Episode(seed)
    observation, info = env.reset(seed=seed)
    episode.begin(policy.prompt(observation), Step(observation, 0.0, False, False, info))
    tokens = policy.reply(text)
    episode.reply(tokens, [0.0] * len(tokens), text)
    observation, reward, terminated, truncated, info = env.step(text)
    episode.pay(Step(observation, float(reward), terminated, truncated, info))
    return episode


def test_the_commonest_answer():
    policy = tiny(0)
    env = gym.make("MathBoxed-v0", topics="integer_arithmetic", level=1)
    env.reset(seed=3)
    right = int(env.unwrapped.solution()[0].split("boxed{")[1].rstrip("}"))
    wrong, other = right + 1, right + 2

    def majority(*answers):
        texts = [text if isinstance(text, str) else rf"\boxed{{{text}}}" for text in answers]
        episodes = [answered(policy, env, 3, text) for text in texts]
        return Samples(len(episodes), episodes).majority().value

    assert majority(right, right, wrong) == 1
    assert majority(right, wrong, wrong) == 0
    assert majority(right, wrong, wrong, right) == 0.5  # a tie
    assert majority(right, wrong, other) == pytest.approx(1 / 3)
    assert majority(f"{right}", right, "I do not know.") == 1  # what is no answer has no vote
    assert majority("no", "idea") == 0
    assert majority(right, right, wrong, rf"\boxed{{\frac{{{2 * wrong}}}{{2}}}}", other) == 0.5
    assert majority(rf"\boxed{{{right}.0}}", rf"\boxed{{{right}}}", wrong) == 1
    assert majority(right, r"\boxed{1 = }", r"\boxed{1 = }") == 0  # cannot be read, but was given


def test_maj_at_k_is_left_out_where_answers_cannot_be_compared():
    policy = tiny(0)
    output = gym.make("CodeOutput-v0")
    samples = [answered(policy, output, 1, text) for text in ("```\n7\n```", "```\n8\n```")]
    assert Samples(2, samples).majority() is None  # it reads a block, which is no box
    maze = gym.make("TextMaze-v0")
    samples = [answered(policy, maze, 1, "north") for _ in range(2)]
    assert Samples(2, samples).majority() is None
    assert [name for name, _ in Samples(2, samples).estimates()] == ["pass@1", "pass@2"]


# What is played. ---------------------------------------------------------------------------------


def test_results_do_not_depend_on_batches_or_on_other_problems():
    policy = tiny(0)
    settings = {"k": 3, "temperature": 1.0, "max_new_tokens": 4}
    kwargs = {"split": "test", "level": 1, "max_turns": 2}
    evaluation = Evaluation("MathBoxed-v0", kwargs, problems=5, **settings)
    runs = [evaluation.run(policy, batch_size=size) for size in (256, 4)]
    runs.append(Evaluation("MathBoxed-v0", kwargs, problems=2, **settings).run(policy))
    tokens = [[episode.tokens for episode in run.episodes] for run in runs]
    assert tokens[0] == tokens[1]
    assert tokens[2] == tokens[0][:6]
    assert len({tuple(episode) for episode in tokens[0]}) == 15
    other = Evaluation("MathBoxed-v0", kwargs, problems=5, seed=1, **settings).run(policy)
    assert [episode.seed for episode in other.episodes] == [e.seed for e in runs[0].episodes]
    assert all(a.tokens != b.tokens for a, b in zip(other.episodes, runs[0].episodes, strict=True))
    assert len({episode.problem_id for episode in other.episodes}) == 5


def test_the_command_writes_what_it_played(tmp_path, capsys):
    tiny(0).save(tmp_path / "model")
    result, transcripts = tmp_path / "result.json", tmp_path / "transcripts.jsonl"
    command = ["evaluate", "--model", str(tmp_path / "model"), "Letters-v0", "-k", "6"]
    command += ["--problems", "40", "--max-new-tokens", "3", "--batch-size", "64"]
    assert main([*command, "--json", str(result), "--transcripts", str(transcripts)]) == 0
    out, err = capsys.readouterr()
    record = json.loads(result.read_text())
    solved = defaultdict(list)
    for number, line in enumerate(map(json.loads, transcripts.read_text().splitlines())):
        assert (line["problem"], line["sample"]) == divmod(number, 6)
        solved[line["problem_id"]].append(line["success"])
    assert len(solved) == record["problems"] == 40
    for k in (1, 2, 4, 6):
        shares = [np.mean([any(c) for c in itertools.combinations(s, k)]) for s in solved.values()]
        value = record[f"pass@{k}"]["value"]
        assert value == pytest.approx(np.mean(shares))
        low, high = record[f"pass@{k}"]["interval"]
        assert low < value < high
        assert f"pass@{k}  {value:>6.1%}  (95% CI {100 * low:.1f}–{high:.1%})" in out
    assert 0.1 < record["pass@1"]["value"] < record["pass@6"]["value"] < 1
    assert "maj@6" not in record
    assert (record["cut_off"], record["tokens_per_episode"]) == pytest.approx((1, 3), abs=0.1)
    assert (record["model"], record["env_id"]) == (str(tmp_path / "model"), "Letters-v0")
    assert (record["temperature"], record["seed"]) == (1.0, 0)
    assert "Letters-v0 from other seeds: 6 samples of each of 40 problems, temperature 1" in out
    assert "evaluate 240/240  correct " in err


def test_environments_that_fail_are_left_out(capsys, tmp_path):
    policy = tiny(0)
    settings = {"problems": 40, "temperature": 1.0, "max_new_tokens": 3}
    whole = Evaluation("Letters-v0", k=4, **settings).run(policy)
    some = Evaluation("Letters-v0", {"broken": 5}, k=4, **settings).run(policy)
    broken = [e.seed % 8 == 5 for e in whole.episodes]
    assert some.failed == sum(broken) > 4
    played = [
        e.success for e, is_broken in zip(whole.episodes, broken, strict=True) if not is_broken
    ]
    for k in (1, 4):
        assert some.pass_at(k).value == pytest.approx(
            np.mean([pass_at(k, 4, sum(played[i : i + 4])) for i in range(0, len(played), 4)])
        )
    policy.save(tmp_path / "model")
    command = ["evaluate", "--model", str(tmp_path / "model"), "TextMaze-v0", "--problems", "4"]
    assert main([*command, "--env-kwargs", '{"level": 1}', "--max-turns", "1"]) == 0
    assert "100% of the episodes are cut off, 0 failed" in capsys.readouterr().out


def test_a_run_and_its_checkpoint_give_the_same(tmp_path, capsys):
    run = tmp_path / "run"
    settings = ["--env-kwargs", '{"topics": ["integer_arithmetic"], "level": 1}', "--updates", "1"]
    settings += ["--groups", "2", "--group-size", "2", "--max-new-tokens", "4", "--device", "cpu"]
    settings += ["--eval-problems", "6"]
    assert main(["train", "grpo", "MathBoxed-v0", *settings, "--out", str(run)]) == 0
    capsys.readouterr()
    sampling = ["-k", "3", "--seed", "5"]
    assert main(["evaluate", str(run), *sampling]) == 0
    of_run = capsys.readouterr().out
    assert "3 samples of each of 6 problems, temperature 1" in of_run
    assert "maj@3" in of_run
    command = ["evaluate", "--model", str(run / "checkpoints" / "000001"), "MathBoxed-v0"]
    command += ["--env-kwargs", '{"topics": ["integer_arithmetic"]}', "--level", "1"]
    command += ["--problems", "6", "--max-new-tokens", "4"]
    assert main([*command, *sampling]) == 0
    assert capsys.readouterr().out == of_run
    assert main([*command, "--temperature", "0.5"]) == 0
    assert "(6 problems, 95% CI " in capsys.readouterr().out


def test_few_problems_are_all_played(tmp_path, capsys):
    tiny(0).save(tmp_path / "model")
    command = ["evaluate", "--model", str(tmp_path / "model"), "TowerOfHanoi-v0", "--level", "1"]
    assert main([*command, "--max-turns", "1", "--max-new-tokens", "2"]) == 0
    out, err = capsys.readouterr()
    count = out.split("(")[1].split(" problems")[0]
    assert int(count) < 512
    assert f"TowerOfHanoi-v0 has {count} different problems, and all are played" in err


def test_errors_of_evaluate_name_the_way_out(tmp_path, capsys):
    tiny(0).save(tmp_path / "model")
    model = ["--model", str(tmp_path / "model")]

    def error(*args):
        assert main(["evaluate", *args]) == 2
        return capsys.readouterr().err

    def of_model(*args):
        return error(*model, "MathBoxed-v0", *args)

    assert "k must be at least 1, got 0" in of_model("-k", "0")
    assert "all 2 samples of a problem are the same" in of_model("-k", "2", "--temperature", "0")
    assert "temperature must be at least 0" in of_model("--temperature", "-1")
    assert "problems must be at least 1" in of_model("--problems", "0")
    assert "max_new_tokens must be at least 1" in of_model("--max-new-tokens", "0")
    assert "max_turns must be at least 1" in of_model("--max-turns", "0")
    assert "batch_size must be at least 1" in of_model("--batch-size", "0")
    assert "level must be from 1 to 10" in of_model("--level", "11")
    assert "unknown device 'gpu'" in of_model("--device", "gpu")
    assert "there is no folder" in of_model("--json", str(tmp_path / "none" / "result.json"))
    assert "the nearest is 'MathBoxed-v0'" in error(*model, "MathBoxd-v0")
    assert "name an environment" in error(*model, str(tmp_path))
    assert "no model folder at './none'" in error("--model", "./none", "MathBoxed-v0")
    assert "name what plays it, with --model" in error("MathBoxed-v0")
    run = tmp_path / "run"
    maze = ["TextMaze-v0", "--level", "1", "--steps", "50", "--eval-episodes", "3"]
    assert main(["train", "q_learning", *maze, "--out", str(run)]) == 0
    assert "leave out k, level" in error(str(run), "-k", "2", "--level", "3")
    with pytest.raises(SystemExit):
        main(["evaluate", *model])


def test_what_cannot_be_written_is_refused_before_anything_is_played(tmp_path, capsys, monkeypatch):
    tiny(0).save(tmp_path / "model")
    (tmp_path / "old.json").write_text("old")
    command = ["evaluate", "--model", str(tmp_path / "model"), "Letters-v0", "--problems", "1"]
    with monkeypatch.context() as patched:
        patched.setattr(Evaluation, "run", None)
        for option in ("--json", "--transcripts"):
            assert main([*command, option, str(tmp_path)]) == 2
            assert f"error: {tmp_path}: Is a directory" in capsys.readouterr().err
    longest = str(tmp_path / ("n" * 300))
    assert main([*command, "--json", str(tmp_path / "old.json"), "--transcripts", longest]) == 2
    assert "File name too long" in capsys.readouterr().err
    assert (tmp_path / "old.json").read_text() == "old"
    assert main([*command, "--seed", "-1"]) == 2
    assert "seed must be at least 0, got -1" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "old.json"]


def test_problems_are_those_that_training_is_tested_on():
    env = EnvironmentPool("Letters-v0", 1)[0]
    samples = Evaluation("Letters-v0", problems=3, max_new_tokens=1).run(tiny(0))
    seeds = [episode.seed for episode in samples.episodes]
    assert seeds == distinct_seeds(env, 3, TEST_SEED)


def test_the_cache_of_a_run_is_that_of_its_training(tmp_path, capsys):
    run = tmp_path / "run"
    settings = ["--updates", "1", "--groups", "2", "--group-size", "2", "--max-new-tokens", "4"]
    settings += ["--eval-problems", "2", "--device", "cpu", "--cache-gib", "0.5"]
    assert main(["train", "grpo", "MathBoxed-v0", *settings, "--out", str(run)]) == 0
    config = json.loads((run / "config.json").read_text())
    (run / "config.json").write_text(json.dumps({**config, "cache_gib": 1e-6}))
    assert main(["evaluate", str(run)]) == 2
    assert "raise cache_gib" in capsys.readouterr().err
