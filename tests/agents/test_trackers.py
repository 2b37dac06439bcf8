"""Trackers: each gets every metric once, and knows a run that goes on for the one that it was."""

from __future__ import annotations

import importlib.util
import json
import os
import struct
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from agents.common.run_folder import RunFolder
from agents.grpo import GRPOConfig

METRICS = {"reward": 0.25, "kept": 1, "test_interval": [0.1, 0.2], "note": "text"}
NUMBERS = {"reward": 0.25, "kept": 1}


def crash_and_resume(folder, tracker):
    """Steps 0 to 2, a crash after the checkpoint of step 1, and steps 2 to 4 of the run resumed."""
    config = GRPOConfig(tracker=tracker, seed=7)
    with pytest.raises(RuntimeError, match="power cut"):
        crash(RunFolder(folder, config))
    if tracker == "wandb":  # names the folder of each process by the second in which it began
        time.sleep(1)
    run = RunFolder(folder, config, resume=True)
    with run.progress("run", 4):
        for step in range(run.restore(lambda *_: None)["step"] + 1, 5):
            run.log({"step": step, **METRICS})
    assert [record["step"] for record in run.metrics()] == [0, 1, 2, 3, 4]


def crash(run):
    with run.progress("run", 4):
        for step in (0, 1, 2):
            run.log({"step": step, **METRICS})
            if step == 1:
                run.save(1, lambda _: None)
        raise RuntimeError("power cut")


def events(file):
    """The records of an offline run of Weights & Biases: chunks as LevelDB's log has them."""
    from wandb.proto.wandb_internal_pb2 import Record

    data, place, whole = file.read_bytes(), 7, b""
    while place + 7 <= len(data):
        if 32768 - place % 32768 < 7:
            place += 32768 - place % 32768
            continue
        _, length, kind = struct.unpack_from("<IHB", data, place)
        if place + 7 + length > len(data):  # not written to its end yet
            return
        whole += data[place + 7 : place + 7 + length]
        place += 7 + length
        if kind in (1, 4):  # whole, or the last part
            record = Record()
            record.ParseFromString(whole)
            yield record
            whole = b""


@pytest.mark.slow
def test_weights_and_biases(tmp_path, monkeypatch):
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")
    monkeypatch.setenv("WANDB_PROJECT", "mine")
    crash_and_resume(tmp_path / "a run", "wandb")
    import wandb

    wandb.teardown()  # its threads would be in the way of tests that fork
    entry = json.loads((tmp_path / "a run" / "tracker.json").read_text())
    assert entry["project"] == "mine"
    for _ in range(100):  # a process of its own writes the files, and may be at it still
        files = sorted((tmp_path / "a run" / "wandb").glob("offline-run-*/*.wandb"))
        records = {"run": [], "history": [], "exit": []}
        for file in files:
            for record in events(file):
                kind = record.WhichOneof("record_type")
                records.setdefault(kind, []).append(getattr(record, kind))
        if len(records["exit"]) == 2:
            break
        time.sleep(0.1)
    assert {file.name for file in files} == {f"run-{entry['id']}.wandb"}
    assert {(run.run_id, run.project, run.display_name) for run in records["run"]} == {
        (entry["id"], "mine", "a run")
    }
    config = {item.key: json.loads(item.value_json) for item in records["run"][0].config.update}
    assert (config["algorithm"], config["seed"]) == ("grpo", 7)
    logged = [
        {item.key or item.nested_key[0]: json.loads(item.value_json) for item in history.item}
        for history in records["history"]
    ]
    assert [line["_step"] for line in logged] == [0, 1, 2, 3, 4]
    assert [{k: v for k, v in line.items() if k[0] != "_"} for line in logged] == [NUMBERS] * 5
    assert [end.exit_code for end in records["exit"]] == [1, 0]  # the crash, and the end


def test_weights_and_biases_that_does_not_start_leaves_nothing(tmp_path, monkeypatch):
    import wandb

    def refuse(**_):
        raise wandb.errors.UsageError("No API key configured.")

    monkeypatch.setattr(wandb, "init", refuse)
    with pytest.raises(ValueError, match="the tracker wandb does not start: No API key"):
        RunFolder(tmp_path / "run", GRPOConfig(tracker="wandb"))
    assert list(tmp_path.iterdir()) == []


def test_what_trackio_is_told(tmp_path, monkeypatch):
    """Its releases and the pillow of constraints.txt exclude each other: this one takes notes."""
    told = []

    def init(**arguments):
        told.append(("init", arguments))
        return SimpleNamespace(log=lambda values, *, step: told.append((step, values)))

    package = SimpleNamespace(init=init, finish=lambda: told.append(("finish", None)))
    monkeypatch.setitem(sys.modules, "trackio", package)
    monkeypatch.delenv("TRACKIO_PROJECT", raising=False)
    crash_and_resume(tmp_path / "a run", "trackio")
    entry = json.loads((tmp_path / "a run" / "tracker.json").read_text())
    (_, first), (_, second) = (note for note in told if note[0] == "init")
    assert first == second
    assert (first["project"], first["resume"]) == ("reasoning-gym-envs", "allow")
    assert first["name"] == f"a run-{entry['id']}"
    assert (first["config"]["algorithm"], first["config"]["seed"]) == ("grpo", 7)
    steps = [note for note in told if note[0] not in ("init", "finish")]
    assert steps == [(step, NUMBERS) for step in range(5)]
    assert [note[0] for note in told].count("finish") == 2


@pytest.mark.skipif(
    importlib.util.find_spec("trackio") is None,
    reason="trackio is not among the packages of constraints.txt",
)
def test_trackio(tmp_path):
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from tests.agents.test_trackers import crash_and_resume\n"
        "crash_and_resume(Path(sys.argv[1]), 'trackio')\n"
        "import json\nfrom trackio.sqlite_storage import SQLiteStorage as Storage\n"
        "[project] = Storage.get_projects()\n[run] = Storage.get_runs(project)\n"
        "print(json.dumps([project, run, Storage.get_logs(project, run)]))\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "run")],
        env={**os.environ, "TRACKIO_DIR": str(tmp_path / "trackio")},
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stderr
    project, name, logs = json.loads(finished.stdout.splitlines()[-1])
    entry = json.loads((tmp_path / "run" / "tracker.json").read_text())
    assert (project, name) == ("reasoning-gym-envs", f"run-{entry['id']}")
    assert [log["step"] for log in logs] == [0, 1, 2, 3, 4]
    assert all({name: log[name] for name in NUMBERS} == NUMBERS for log in logs)


@pytest.mark.parametrize("name", ["trackio", "wandb", "tensorboard"])
def test_a_tracker_that_is_not_installed_names_its_extra(name, tmp_path, monkeypatch):
    module = "torch.utils.tensorboard" if name == "tensorboard" else name
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ValueError, match=rf"pip install 'reasoning-gym-envs\[{name}\]'"):
        RunFolder(tmp_path / "run", GRPOConfig(tracker=name))
    assert list(tmp_path.iterdir()) == []


def test_a_run_of_before_there_were_trackers_goes_on(tmp_path):
    for tensorboard in (False, True):
        folder = tmp_path / str(tensorboard)
        RunFolder(folder, GRPOConfig())
        saved = RunFolder.read_config(folder)
        del saved["tracker"]
        (folder / "config.json").write_text(json.dumps({**saved, "tensorboard": tensorboard}))
        config = RunFolder.load_config(folder, GRPOConfig)
        assert config.tracker == ("tensorboard" if tensorboard else None)
        with RunFolder(folder, config, resume=True).progress("run", 1):
            pass
        assert (folder / "tensorboard").exists() == tensorboard
        assert "tensorboard" not in RunFolder.read_config(folder)


def test_a_start_that_fails_leaves_no_tracker(tmp_path):
    run = RunFolder(tmp_path / "run", GRPOConfig(tracker="tensorboard"))
    assert (tmp_path / "run" / "tensorboard").is_dir()
    with pytest.raises(KeyError), run.progress("run", 1):
        raise KeyError
    assert list(tmp_path.iterdir()) == []
