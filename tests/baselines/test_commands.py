"""The command line, from the outside."""

from __future__ import annotations

import dataclasses
import inspect
import json
import os
import re
import shutil
import signal
import subprocess
import sys

import gymnasium as gym
import pytest

pytest.importorskip("torch")
tyro = pytest.importorskip("tyro")

from agents.common.training import train  # noqa: E402
from baselines.algorithms import ALGORITHMS, agent_class, config_class  # noqa: E402
from baselines.commands import main  # noqa: E402
from reasoning_gym_envs import UnicodeText  # noqa: E402

CLASSIC = ["q_learning", "reinforce", "actor_critic", "ppo", "trpo"]
MODEL = [
    *("--env-kwargs", '{"topics": ["integer_arithmetic"], "instruction": ""}', "--level", "1"),
    *("--updates", "2", "--groups", "2", "--group-size", "2", "--max-new-tokens", "4"),
    *("--eval-problems", "4", "--device", "cpu"),
]
MAZE = ["TextMaze-v0", "--level", "1", "--steps", "400", "--eval-every", "200", "--seed", "3"]


def test_train_resume_and_evaluate_a_language_model(tmp_path, capsys):
    run = tmp_path / "run"
    assert main(["train", "grpo", "MathBoxed-v0", *MODEL, "--out", str(run)]) == 0
    config = json.loads((run / "config.json").read_text())
    assert config["env_kwargs"] == {
        "topics": ["integer_arithmetic"],
        "instruction": "",
        "level": 1,
    }
    assert config["algorithm"] == "grpo"
    assert "MathBoxed-v0 test split: 0.0% correct (4 problems" in capsys.readouterr().out
    assert main(["train", "grpo", "--resume", str(run)]) == 0  # nothing is left to do
    capsys.readouterr()
    assert main(["evaluate", str(run), "--count", "8", "--out", str(tmp_path / "record")]) == 0
    assert "tests of MathBoxed-v0: 8 problems" in capsys.readouterr().out


def test_imitation_is_tested_as_grpo_is(tmp_path, capsys):
    run = tmp_path / "run"
    small = ["--demonstrations", "8", "--batch-size", "4", "--max-steps", "2", "--decay-steps", "1"]
    small += ["--held-out-problems", "4", "--max-new-tokens", "4", "--device", "cpu"]
    assert main(["train", "imitation", "MathBoxed-v0", *small, "--out", str(run)]) == 0
    assert "MathBoxed-v0 held out: " in capsys.readouterr().out
    assert main(["evaluate", str(run), "--count", "5", "--out", str(tmp_path / "record")]) == 0
    assert "tests of MathBoxed-v0: 5 problems" in capsys.readouterr().out


@pytest.mark.parametrize("name", CLASSIC)
def test_train_resume_and_evaluate(name, tmp_path, capsys):
    run = tmp_path / "run"
    options = ["--reward", "shaped", "--no-same-problem", "--eval-episodes", "6"]
    assert main(["train", name, *MAZE, *options, "--out", str(run)]) == 0
    out = capsys.readouterr().out
    assert "TextMaze-v0 test split: " in out
    assert f"learning curve: {run / 'learning_curve.png'}" in out
    assert (run / "learning_curve.png").stat().st_size > 5000
    config = json.loads((run / "config.json").read_text())
    assert config["env_kwargs"] == {"level": 1, "reward": "shaped"}
    assert (config["seed"], config["steps"]) == (3, 400)
    records = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert records[0]["step"] == 0
    assert records[-1]["step"] >= 400

    assert main(["train", name, "--resume", str(run)]) == 0  # nothing is left to do
    assert json.loads((run / "metrics.jsonl").read_text().splitlines()[-1]) == records[-1]
    capsys.readouterr()
    assert main(["evaluate", str(run), "--out", str(tmp_path / "record")]) == 0
    share = 100 * records[-1]["test_success"]
    out = capsys.readouterr().out
    assert "tests of TextMaze-v0: 6 problems" in out
    if name != "q_learning":  # a table chooses among equals at random
        assert re.search(rf"^maze +6 +{share:.1f} \(", out, flags=re.MULTILINE)


def test_a_table_learns_the_maze_of_the_seed(tmp_path, capsys):
    run = tmp_path / "run"
    command = ["train", "q_learning", "TextMaze-v0", "--level", "3", "--seed", "1"]
    steps = ["--reward", "shaped", "--steps", "15000", "--epsilon-steps", "8000"]
    assert main([*command, *steps, "--out", str(run)]) == 0
    assert "the problem of seed 1: solved greedily" in capsys.readouterr().out
    records = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert records[0]["test_success"] == 0.0
    assert main(["evaluate", str(run), "--out", str(tmp_path / "record")]) == 0
    out = capsys.readouterr().out
    assert "TextMaze-v0, the problem of seed 1: 1 problem, hash " in out
    assert re.search(r"^maze +1 +100.0 \(", out, flags=re.MULTILINE)


def test_ctrl_c_saves_and_says_how_to_go_on(tmp_path, capsys, monkeypatch):
    import agents.q_learning

    def interrupted(agent, folder, *, resume=False, on_update=None):
        def stop(step, metrics):
            if step == 200:
                os.kill(os.getpid(), signal.SIGINT)

        return train(agent, folder, resume=resume, on_update=None if resume else stop)

    monkeypatch.setattr(agents.q_learning, "train", interrupted)
    run = tmp_path / "my run"
    assert main(["train", "q_learning", *MAZE, "--log-every", "100", "--out", str(run)]) == 130
    out = capsys.readouterr().out
    assert f"python -m baselines train q_learning --resume '{run}'" in out
    records = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert records[-1]["step"] == 200
    assert main(["train", "q_learning", "--resume", str(run)]) == 0
    records = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert [r["step"] for r in records] == [0, 100, 200, 300, 400]


def test_the_folder_is_named_for_the_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["train", "q_learning", *MAZE, "--reward", "dense"]) == 0
    assert (tmp_path / "runs/q_learning-TextMaze-v0-level-1-dense-seed-3/config.json").is_file()
    assert main(["train", "q_learning", *MAZE[:-2]]) == 0
    assert (tmp_path / "runs/q_learning-TextMaze-v0-level-1-seed-0/config.json").is_file()


def test_errors_name_the_way_out(tmp_path, capsys):
    run = tmp_path / "run"

    def error(*args):
        assert main([*args]) == 2
        return capsys.readouterr().err

    assert "nearest is 'MathBoxed-v0'" in error("train", "grpo", "MathBoxd-v0")
    assert "nearest is 'TextMaze-v0'" in error("train", "ppo", "TextMaz-v0")
    assert "no run in" in error("train", "grpo", "--resume", str(run))
    assert "no run in" in error("evaluate", str(run))
    assert "level must be from 1 to 10" in error("train", "q_learning", "--level", "11")
    wrong = error("train", "q_learning", "TextMaze-v0", "--env-kwargs", '{"levl": 1}')
    assert "levl" in wrong
    assert "--env-kwargs" in wrong
    assert "does not take" in error("train", "q_learning", "FrozenLake-v1", "--level", "1")
    for agent, setting in (
        *(("q_learning", name) for name in ("log-every", "eval-episodes")),
        *(("ppo", name) for name in ("epochs", "minibatches", "rollout", "environments", "width")),
        *(("actor_critic", name) for name in ("rollout", "encoder-size")),
        ("reinforce", "episodes"),
    ):
        wrong = error("train", agent, "--out", str(run), f"--{setting}", "0")
        assert f"{setting.replace('-', '_')} must be at least 1, got 0" in wrong
    for agent, setting in (("q_learning", "steps"), ("ppo", "seed"), ("ppo", "layers")):
        wrong = error("train", agent, "--out", str(run), f"--{setting}", "-1")
        assert f"{setting} must be at least 0, got -1" in wrong
    assert not run.exists()
    both = error("train", "ppo", "--level", "2", "--env-kwargs", '{"level": 3}')
    assert "--level says 2 and --env-kwargs says 3" in both
    assert main(["train", "q_learning", *MAZE, "--out", str(run)]) == 0
    capsys.readouterr()
    assert "already holds a run" in error("train", "q_learning", *MAZE, "--out", str(run))
    assert "one of qlearning, not of ppo" in error("train", "ppo", "--resume", str(run))
    other = error("train", "q_learning", "--resume", str(run), "--level", "2", "--steps", "900")
    assert "settings, and these are others: level, steps" in other
    its_own = [*MAZE, "--env-kwargs", '{"level": 1}']
    assert main(["train", "q_learning", *its_own, "--resume", str(run)]) == 0
    for setting, value, wrong in (
        ("group-size", "1", "group_size is 1, but an advantage is relative to a group"),
        ("groups", "0", "groups must be at least 1, got 0"),
        ("updates", "0", "updates must be at least 1, got 0"),
        ("temperature", "0", "temperature must be above 0"),
        ("seed", "-1", "seed must be at least 0, got -1"),
        ("device", "gpu", "unknown device 'gpu': it is auto, cpu or cuda"),
    ):
        assert wrong in error("train", "grpo", f"--{setting}", value)
    assert "at least 1" in error("evaluate", str(run), "--count", "0")


@pytest.mark.parametrize(
    "args",
    [
        ["train", "q_lerning"],
        ["train"],
        [],
        ["train", "ppo", "--reward", "shapd"],
        ["train", "ppo", "--env-kwargs", "level"],
        ["train", "grpo", "--dtype", "bf16"],
        ["train", "grpo", "--recipe", "dpo"],
    ],
)
def test_what_cannot_be_read_is_refused(args, capsys):
    with pytest.raises(SystemExit) as status:
        main(args)
    assert status.value.code == 2


@pytest.mark.parametrize("name", list(ALGORITHMS))
def test_every_setting_is_documented(name, capsys):
    kind = config_class(name)
    with pytest.raises(SystemExit):
        main(["train", name, "--help"])
    text = capsys.readouterr().out
    for field in dataclasses.fields(kind):
        if field.name != "env_id":
            assert f"--{field.name.replace('_', '-')}" in text
    for option in ("--level", "--reward", "--tensorboard", "--out", "--resume"):
        assert option in text
    for part in kind.__mro__:
        if dataclasses.is_dataclass(part):
            own = inspect.get_annotations(part)
            assert inspect.getsource(part).count('"""') // 2 - 1 == len(own), part
    assert agent_class(name).__name__ == ALGORITHMS[name].agent


def test_help_does_not_load_pytorch():
    code = (
        "import sys; from baselines.commands import main\n"
        "for command in ('train', 'evaluate'):\n"
        "    try: main([command, '--help'])\n"
        "    except SystemExit: pass\n"
        "assert 'torch' not in sys.modules, 'loaded'"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_a_run_that_stops_says_why(tmp_path, capsys, monkeypatch):
    from reasoning_gym_envs import TextEnv

    def broken(*_):
        raise OSError("the judge has gone home")

    monkeypatch.setattr(TextEnv, "step", broken)
    assert main(["train", "grpo", "MathBoxed-v0", *MODEL, "--out", str(tmp_path / "run")]) == 2
    wrong = capsys.readouterr().err
    assert "error: the environment failed in 4 of 4 episodes, first with OSError: the" in wrong


def test_tensorboard_is_a_tracker(tmp_path, capsys):
    run = tmp_path / "run"
    command = ["train", "reinforce", "TextMaze-v0", "--level", "1", "--steps", "30"]
    command += ["--eval-episodes", "2", "--out", str(run)]
    assert main([*command, "--tensorboard", "--tracker", "wandb"]) == 2
    assert "a run has one tracker: --tensorboard, or wandb" in capsys.readouterr().err
    assert not run.exists()
    assert main([*command, "--tensorboard"]) == 0
    assert json.loads((run / "config.json").read_text())["tracker"] == "tensorboard"
    assert list((run / "tensorboard").iterdir())
    assert main(["train", "reinforce", "--resume", str(run), "--tensorboard"]) == 0
    capsys.readouterr()
    assert main(["train", "reinforce", "--resume", str(run), "--tracker", "wandb"]) == 2
    assert "these are others: tracker" in capsys.readouterr().err


def test_an_environment_without_a_test_split_is_not_said_to_have_one(capsys, tmp_path):
    arguments = ["--steps", "50", "--eval-episodes", "3", "--out", str(tmp_path / "run")]
    assert main(["train", "actor_critic", "FrozenLake-v1", *arguments]) == 0
    out = capsys.readouterr().out
    assert "FrozenLake-v1 from other seeds: " in out
    assert "test split" not in out


def test_a_run_goes_on_without_the_model_that_it_began_with(tmp_path, capsys):
    from agents.common.language_model import tiny

    tiny(3).save(tmp_path / "model")
    settings = ["--env-kwargs", '{"topics": "integer_arithmetic"}', "--level", "1"]
    settings += ["--groups", "2", "--group-size", "2", "--max-new-tokens", "4", "--device", "cpu"]
    settings += ["--eval-problems", "4", "--kl-coef", "0.1", "--out", str(tmp_path / "run")]
    model = ["--model", str(tmp_path / "model")]
    assert main(["train", "grpo", "MathBoxed-v0", *settings, *model, "--updates", "1"]) == 0
    shutil.rmtree(tmp_path / "model")
    capsys.readouterr()
    assert main(["train", "grpo", "--resume", str(tmp_path / "run"), "--updates", "2"]) == 0
    assert "finished" in capsys.readouterr().out
    lines = (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == [0, 1, 2]


def test_a_chat_model_is_prompted_as_its_run_says(tmp_path, capsys):
    from agents.grpo import GRPO
    from tests.agents.templates import model_in_style

    model_in_style("qwen3").save(tmp_path / "model")
    run = tmp_path / "run"
    chat = ["--system-prompt", "Be brief.", "--chat-template-kwargs", '{"enable_thinking": false}']
    settings = [*chat, "--model", str(tmp_path / "model"), *MODEL, "--updates", "1"]
    assert main(["train", "grpo", "MathBoxed-v0", *settings, "--out", str(run)]) == 0
    assert main(["train", "grpo", "--resume", str(run), *chat, "--updates", "2"]) == 0
    capsys.readouterr()
    record = tmp_path / "record"
    assert main(["evaluate", str(run), "--out", str(record)]) == 0
    assert json.loads((record / "run.json").read_text())["system"] == "Be brief."
    agent = GRPO.load(run)
    assert agent.config.system_prompt == "Be brief."
    assert agent.config.chat_template_kwargs == {"enable_thinking": False}
    prompt = agent.policy.tokenizer.decode(agent.policy.prompt("2+2?"))
    assert prompt.startswith("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n2+2?")
    assert prompt.endswith("<think>\n\n</think>\n\n")
    other = ["--resume", str(run), "--system-prompt", "Be long."]
    assert main(["train", "grpo", *other]) == 2
    assert "these are others: system_prompt" in capsys.readouterr().err


def test_a_tiny_model_has_no_chat_template(tmp_path, capsys):
    settings = ["--chat-template-kwargs", '{"enable_thinking": false}', "--device", "cpu"]
    assert main(["train", "grpo", *settings, "--out", str(tmp_path / "run")]) == 2
    assert "this tokenizer has none" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


class Letters(gym.Env[str, str]):
    """An environment of others: it has no splits, and no worked solutions."""

    observation_space = action_space = UnicodeText(1000)

    def __init__(self, pays=1.0):
        self.pays = pays

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return f"{seed}?", {"problem_id": seed}

    def step(self, action):
        return "", self.pays * (len(action) % 2), True, False, {"is_success": len(action) % 2 == 1}


gym.register("LettersOfOthers-v0", Letters)


def test_tests_of_an_environment_without_splits_are_as_its_training(tmp_path, capsys):
    run = tmp_path / "run"
    small = ["--groups", "2", "--group-size", "2", "--max-new-tokens", "3", "--updates", "1"]
    small += ["--eval-problems", "4", "--device", "cpu", "--out", str(run)]
    train = ["train", "grpo", "LettersOfOthers-v0", *small]
    assert main([*train, "--test-kwargs", '{"pay": 2}']) == 2
    assert "'pay' (they are given with --test-kwargs)" in capsys.readouterr().err
    assert not run.exists()
    assert main(train) == 0
    assert "LettersOfOthers-v0 from other seeds: " in capsys.readouterr().out
    assert json.loads((run / "config.json").read_text())["test_kwargs"] == {}
    assert main(["train", "grpo", "--resume", str(run)]) == 0
    capsys.readouterr()
    assert main(["evaluate", str(run), "--count", "5"]) == 0  # as in training, without a record
    assert "LettersOfOthers-v0 from other seeds: " in (said := capsys.readouterr().out)
    assert "% correct (5 problems, 95% CI " in said
    assert main(["evaluate", str(run), "-k", "2", "--out", str(tmp_path / "record")]) == 2
    assert "leave out --out, --samples" in capsys.readouterr().err


def test_a_run_on_numbered_states_is_tested_as_in_training(tmp_path, capsys):
    run = tmp_path / "run"
    lake = ["--env-kwargs", '{"is_slippery": false}', "--steps", "3000", "--out", str(run)]
    assert main(["train", "q_learning", "FrozenLake-v1", *lake]) == 0
    solved = "solved greedily" in capsys.readouterr().out
    assert main(["evaluate", str(run)]) == 0
    share = "100.0" if solved else "0.0"
    assert f"FrozenLake-v1 from other seeds: {share}% correct (1 problem" in capsys.readouterr().out


def test_what_is_no_run_is_named(tmp_path, capsys):
    from agents.common.language_model import tiny

    tiny(0).save(tmp_path / "model")
    for command in (["train", "grpo", "--resume"], ["train", "ppo", "--resume"]):
        assert main([*command, str(tmp_path / "model")]) == 2
        said = capsys.readouterr().err
        assert "is the folder of a model, and one of a run is needed: a model is named with" in said


def test_what_a_language_model_cannot_learn_from_is_refused(tmp_path, capsys):
    for agent in ("imitation", "grpo"):
        assert main(["train", agent, "FrozenLake-v1", "--out", str(tmp_path / "run")]) == 2
        assert "FrozenLake-v1 has the spaces Discrete(16) and Disc" in capsys.readouterr().err
    assert main(["train", "imitation", "LettersOfOthers-v0", "--out", str(tmp_path / "run")]) == 2
    assert "LettersOfOthers-v0 has no solution() that could be" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_file_in_the_way_is_named(tmp_path, capsys):
    run, file = tmp_path / "run", tmp_path / "file"
    file.touch()
    assert main(["train", "grpo", "MathBoxed-v0", *MODEL, "--out", str(file / "run")]) == 2
    assert f"error: {file / 'run'}: Not a directory" in capsys.readouterr().err
    assert main(["train", "grpo", "MathBoxed-v0", *MODEL, "--updates", "1", "--out", str(run)]) == 0
    assert main(["export", str(run), str(file)]) == 2
    assert f"'{file}' is a file: name a folder" in capsys.readouterr().err
