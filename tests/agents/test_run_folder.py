"""Run folders: what is written, and that an interrupted run goes on exactly."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys

import pytest
import torch
from rich.console import Console

from agents.common.rewarded_agent import CURVES
from agents.common.run_folder import Interruption, RunFolder, draw_learning_curve
from agents.grpo import GRPO, GRPOConfig
from agents.imitation import Imitation, ImitationConfig

KWARGS = {"topics": ["integer_arithmetic"], "level": 1, "instruction": ""}
WALL_CLOCK = ("seconds", "sampling_seconds")


def grpo(**changes) -> GRPO:
    small = {
        "env_kwargs": KWARGS,
        "groups": 4,
        "group_size": 4,
        "max_new_tokens": 6,
        "updates": 6,
        "eval_every": 2,
        "eval_problems": 8,
        "checkpoint_every": 4,
        "learning_rate": 1e-2,
        "device": "cpu",
    }
    agent = GRPO(GRPOConfig(**small | changes))
    learn_from = agent.learn_from

    def pay_even_ids(episodes, step):  # a model of random weights never earns anything else
        for episode in episodes:
            episode.repay(float(episode.tokens[episode.sampled.index(True)] % 2 == 0))
        return learn_from(episodes, step)

    agent.learn_from = pay_even_ids
    return agent


def imitation(**changes) -> Imitation:
    small = {
        "env_kwargs": KWARGS,
        "demonstrations": 60,
        "batch_size": 16,
        "held_out_problems": 8,
        "max_new_tokens": 6,
        "target_accuracy": 0.0,  # the decay begins at the first look
        "eval_every": 4,
        "decay_steps": 4,
        "warmup_steps": 2,
        "checkpoint_every": 3,
        "device": "cpu",
    }
    return Imitation(ImitationConfig(**small | changes))


def weights(agent) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in agent.policy.model.parameters()])


def timeless(folder) -> list[dict]:
    records = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [{k: v for k, v in record.items() if k not in WALL_CLOCK} for record in records]


def interrupt_after(agent, name: str, calls: int) -> None:
    """Press Ctrl-C during the given call of a method."""
    method = getattr(agent, name)
    count = 0

    def pressing(*args):
        nonlocal count
        count += 1
        if count == calls:
            os.kill(os.getpid(), signal.SIGINT)
        return method(*args)

    setattr(agent, name, pressing)


@pytest.mark.parametrize(("make", "step"), [(grpo, "update"), (imitation, "_step")])
@pytest.mark.parametrize("after", [1, 5])
def test_an_interrupted_run_goes_on_exactly(make, step, after, tmp_path):
    straight = make()
    start = weights(straight)
    assert straight.learn(tmp_path / "straight") is True
    assert not torch.equal(start, weights(straight))

    first = make()
    interrupt_after(first, step, after)
    assert first.learn(tmp_path / "stopped") is False
    assert RunFolder.latest(tmp_path / "stopped").name == f"{after:06d}"
    second = make()
    assert second.learn(tmp_path / "stopped", resume=True) is True

    assert torch.equal(weights(straight), weights(second))
    assert timeless(tmp_path / "straight") == timeless(tmp_path / "stopped")
    transcripts = [
        (tmp_path / run / "transcripts.jsonl").read_text() for run in ("straight", "stopped")
    ]
    assert transcripts[0] == transcripts[1]


def test_what_was_logged_after_the_checkpoint_is_forgotten(tmp_path):
    """A crash, not a Ctrl-C: the run goes on from its last checkpoint."""
    straight = grpo()
    straight.learn(tmp_path / "straight")
    crashing = grpo()
    update = crashing.update

    def crash(step):
        if step == 5:
            raise RuntimeError("power cut")
        return update(step)

    crashing.update = crash
    with pytest.raises(RuntimeError, match="power cut"):
        crashing.learn(tmp_path / "crashed")
    assert timeless(tmp_path / "crashed")[-1]["step"] == 5
    resumed = grpo()
    resumed.learn(tmp_path / "crashed", resume=True)
    assert torch.equal(weights(straight), weights(resumed))
    assert timeless(tmp_path / "straight") == timeless(tmp_path / "crashed")


def test_a_crash_before_the_first_checkpoint_starts_again(tmp_path):
    agent = grpo()
    agent.update = None
    with pytest.raises(TypeError):
        agent.learn(tmp_path / "run")
    grpo().learn(tmp_path / "run", resume=True)
    assert [record["step"] for record in timeless(tmp_path / "run")] == list(range(7))


def test_an_interval_of_zero_is_none(tmp_path):
    grpo(eval_every=0, checkpoint_every=0).learn(tmp_path / "run")
    tests = [record for record in timeless(tmp_path / "run") if "test_accuracy" in record]
    assert [record["step"] for record in tests] == [0, 6]
    assert [path.name for path in (tmp_path / "run/checkpoints").iterdir()] == ["000006"]


def test_what_is_in_the_folder(tmp_path):
    agent = grpo()
    agent.learn(tmp_path / "run")
    names = {str(p.relative_to(tmp_path / "run")) for p in (tmp_path / "run").rglob("*.*")}
    assert {
        "config.json",
        "metrics.jsonl",
        "transcripts.jsonl",
        "learning_curve.png",
        "checkpoints/000004/optimizer.safetensors",
        "checkpoints/000006/model/model.safetensors",
        "checkpoints/000006/state.json",
    } <= names
    assert {name.rsplit(".", 1)[1] for name in names} <= {
        "json",
        "jsonl",
        "png",
        "safetensors",
        "jinja",
        "lock",
    }
    assert json.loads((tmp_path / "run/config.json").read_text())["env_kwargs"] == KWARGS
    loaded = GRPO.load(tmp_path / "run")
    assert torch.equal(weights(agent), weights(loaded))
    assert loaded.config == agent.config
    tests = [record for record in timeless(tmp_path / "run") if "test_accuracy" in record]
    assert [record["step"] for record in tests] == [0, 2, 4, 6]


def test_an_old_run_is_not_overwritten(tmp_path):
    RunFolder(tmp_path / "run", GRPOConfig())
    with pytest.raises(FileExistsError, match="--resume"):
        RunFolder(tmp_path / "run", GRPOConfig())


def test_a_run_is_not_resumed_with_other_settings(tmp_path):
    RunFolder(tmp_path / "run", GRPOConfig())
    with pytest.raises(ValueError, match="learning_rate"):
        RunFolder(tmp_path / "run", GRPOConfig(learning_rate=1.0), resume=True)


def test_a_kill_leaves_settings_that_can_be_read(tmp_path, monkeypatch):
    """A resumed run writes them anew: it may have more updates than it began with."""
    RunFolder(tmp_path / "run", GRPOConfig(updates=5))

    def killed(path, text, **_):
        with path.open("w") as file:
            file.write(text[:40])
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.write_text", killed)
        with pytest.raises(KeyboardInterrupt):
            RunFolder(tmp_path / "run", GRPOConfig(updates=9), resume=True)
    assert RunFolder.load_config(tmp_path / "run", GRPOConfig).updates == 5


def test_there_must_be_a_run_to_resume(tmp_path):
    with pytest.raises(FileNotFoundError, match="no run"):
        RunFolder(tmp_path / "none", GRPOConfig(), resume=True)
    RunFolder(tmp_path / "run", GRPOConfig())
    with pytest.raises(FileNotFoundError, match="no checkpoint"):
        RunFolder.latest(tmp_path / "run")


def test_a_half_written_checkpoint_does_not_count(tmp_path):
    agent = grpo()
    run = RunFolder(tmp_path / "run", agent.config)
    run.save(3, lambda folder: (folder / "table.json").write_text("{}"))
    (tmp_path / "run/checkpoints/.000004/model").mkdir(parents=True)
    assert RunFolder.latest(tmp_path / "run").name == "000003"


def test_lines_are_read_back_as_they_were_written(tmp_path):
    """Texts of a model may have any character; a crash may cut the last line off."""
    run = RunFolder(tmp_path, GRPOConfig())
    run.log({"step": 1, "text": "one\u2028two\x85three\nfour"})
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"step": 2, "te')
    again = RunFolder(tmp_path, GRPOConfig(), resume=True)
    assert again.metrics() == run.metrics()


def test_a_second_ctrl_c_stops_at_once():
    with Interruption() as interruption:
        os.kill(os.getpid(), signal.SIGINT)
        assert interruption.requested
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_the_handler_is_put_back():
    before = signal.getsignal(signal.SIGINT)
    with Interruption():
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before


@pytest.mark.parametrize("width", [80, 100])
def test_the_console_shows_how_it_goes(width):
    run, said = RunFolder(None, GRPOConfig()), io.StringIO()
    run._console = Console(file=said, force_terminal=True, width=width)
    agent = grpo(kl_coef=0.1)
    metrics = {"step": 1, **agent.update(0), **agent._test(run, 1)}
    with run.progress("GRPO", 300) as show:
        show(1, metrics)
    lines = [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line) for line in said.getvalue().splitlines()]
    assert max(map(len, lines)) <= width
    for name, value in (
        *(("reward", f"{metrics['reward']:.2f}"), ("contrast", f"{metrics['contrast']:.0%}")),
        *(("cut off", f"{metrics['cut_off']:.0%}"), ("entropy", f"{metrics['entropy']:.2f}")),
        *(("KL", f"{metrics['kl_reference']:.3f}"), ("tokens", "6"), ("test", "0%")),
    ):
        assert any(re.search(rf"\b{name} {value}( |$)", line) for line in lines), name
    assert any("GRPO" in line and "1/300" in line for line in lines)
    assert not any("loss" in line for line in lines)


def test_learning_curve_is_a_picture(tmp_path):
    records = [{"step": i, "test_accuracy": i / 9, "test_reasoning": 1 - i / 9} for i in range(10)]
    draw_learning_curve(records, tmp_path / "curve.png", "title", CURVES)
    assert (tmp_path / "curve.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_a_curve_has_a_band_where_its_interval_is_known(tmp_path):
    records = [{"step": i, "test_accuracy": i / 9} for i in range(10)]
    draw_learning_curve(records, tmp_path / "line.png", "title", CURVES)
    for record in records[5:]:
        record["test_interval"] = [record["test_accuracy"] - 0.1, record["test_accuracy"] + 0.1]
    draw_learning_curve(records, tmp_path / "band.png", "title", CURVES)
    assert (tmp_path / "line.png").read_bytes() != (tmp_path / "band.png").read_bytes()


def test_two_processes_do_not_share_a_folder(tmp_path):
    """The first one lives as long as its input is open; then the folder is free."""
    code = (
        "import sys\n"
        "from agents.common.run_folder import RunFolder\n"
        "from agents.grpo import GRPOConfig\n"
        "run = RunFolder(sys.argv[1], GRPOConfig())\n"
        "print('ready', flush=True)\n"
        "sys.stdin.read()\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "run")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert other.stdout.readline() == "ready\n"
        with pytest.raises(FileExistsError, match=r"another process trains in .*run"):
            RunFolder(tmp_path / "run", GRPOConfig(), resume=True)
    finally:
        other.communicate()
    assert RunFolder(tmp_path / "run", GRPOConfig(), resume=True).metrics() == []


def test_a_start_that_fails_leaves_nothing(tmp_path):
    agent = grpo()
    agent.config.test_kwargs = {"split": "tset"}
    for folder in (tmp_path / "new", tmp_path):  # the second was there before
        with pytest.raises(ValueError, match="split"):
            agent.learn(folder)
    assert list(tmp_path.iterdir()) == []
    agent.config.test_kwargs = {"split": "test"}
    assert agent.learn(tmp_path / "new")


def test_a_finished_run_can_go_on_for_longer(tmp_path):
    assert grpo(updates=2).learn(tmp_path)
    assert grpo(updates=4).learn(tmp_path, resume=True)
    lines = (tmp_path / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == [0, 1, 2, 3, 4]
    assert RunFolder.read_config(tmp_path)["updates"] == 4
    with pytest.raises(ValueError, match=r"other settings \(updates\)"):
        grpo(updates=3).learn(tmp_path, resume=True)


def test_what_others_have_put_into_a_folder_hides_no_error(tmp_path):
    run = RunFolder(tmp_path / "run", GRPOConfig())
    (tmp_path / "run" / "notes.txt").touch()
    with pytest.raises(ValueError, match="the reason"), run.progress("", 1):
        raise ValueError("the reason")
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["notes.txt"]


def test_a_setting_that_is_gone_is_named(tmp_path):
    config = {"algorithm": "grpo", "updates": 3}
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert RunFolder.load_config(tmp_path, GRPOConfig).updates == 3
    (tmp_path / "config.json").write_text(json.dumps({**config, "beams": 2}))
    with pytest.raises(ValueError, match="has settings that there are no longer: beams; take"):
        RunFolder.load_config(tmp_path, GRPOConfig)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('{"model_type": "qwen2"}', "is the folder of a model, and one of a run is needed"),
        ("[]", "is the folder of no run"),
        ("{", "config.json' is not JSON"),
    ],
)
def test_a_folder_that_is_none_of_a_run(tmp_path, text, wrong):
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(ValueError, match=wrong):
        RunFolder.read_config(tmp_path)
