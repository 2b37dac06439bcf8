"""Several processes: they learn what one process would, and none waits for another in vain."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

from agents.common import distributed, token_logprobs
from agents.common.engine import Engine
from agents.common.environment_pool import EnvironmentPool, Failure
from agents.common.language_model import tiny
from agents.common.rollouts import Episode, rollout
from agents.common.run_folder import RunFolder
from baselines.commands import main
from tests.agents.together import MATH, RUNS, SHARDED, agent_of, run

ROOT = Path(__file__).parent.parent.parent
LAUNCH = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


@pytest.fixture
def pretend(monkeypatch):
    """Be one of several processes, for what needs no word from the others."""

    def be(rank, count):
        monkeypatch.setattr(distributed, "rank", lambda: rank)
        monkeypatch.setattr(distributed, "count", lambda: count)

    return be


# Who does what. ----------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 3, 5])
@pytest.mark.parametrize("groups", [0, 1, 2, 5, 12])
def test_each_item_is_somebodys_and_groups_stay_together(groups, count, pretend):
    keys = [group for group in range(groups) for _ in range(1 + group % 3)]
    sizes = [1 + (7 * i) % 5 for i in range(len(keys))]
    blocks, parts = [], []
    for rank in range(count):
        pretend(rank, count)
        blocks.append(list(distributed.block(keys)))
        parts.append(distributed.divided(keys, sizes))
    assert [i for block in blocks for i in block] == list(range(len(keys)))
    assert sorted(i for part in parts for i in part) == list(range(len(keys)))
    for division in (blocks, parts):
        owners = [{keys[i] for i in part} for part in division]
        assert sum(map(len, owners)) == groups
        assert all(list(part) == sorted(part) for part in division)
    numbers = [len({keys[i] for i in block}) for block in blocks]
    assert max(numbers) - min(numbers) <= 1
    loads = [sum(sizes[i] for i in part) for part in parts]
    heaviest = max(
        (sum(s for k, s in zip(keys, sizes, strict=True) if k == g) for g in keys), default=0
    )
    assert max(loads) - min(loads) <= heaviest


def test_in_one_process_there_is_nothing_to_tell():
    assert (distributed.rank(), distributed.count(), distributed.is_first()) == (0, 1, True)
    values = [object()]
    assert distributed.gathered(values) is values
    tensor = torch.ones(2)
    assert distributed.joined(tensor) is tensor
    assert distributed.summed([0.1, 0.2]) == [0.1, 0.2]
    assert distributed.place(3) == (0, 3)
    assert distributed.any_of(True)
    assert not distributed.any_of(False)
    assert distributed.largest(3) == 3
    with distributed.connected():
        assert distributed.count() == 1


def test_an_episode_is_the_same_after_it_has_travelled():
    policy = tiny(0)
    [episode] = rollout(policy, EnvironmentPool("MathBoxed-v0", 1, MATH), [3], max_new_tokens=5)
    episode.failure = Failure("why", "where")
    assert Episode.of(json.loads(json.dumps(vars(episode)))) == episode


@pytest.mark.parametrize("checkpointing", [False, True])
def test_a_pass_without_rows_changes_nothing(checkpointing, policy):
    """It is there for the others, which make theirs at the same time."""
    learner = policy.token_logprobs
    learner.checkpointing = checkpointing
    assert learner.packs
    calls = []
    policy.model.model.layers[0].register_forward_pre_hook(lambda *_: calls.append(1))
    logprobs, entropies, states, *_ = learner([], [], entropy=True)
    assert logprobs.shape == entropies.shape == states.shape[:1] == (0,)
    (logprobs.sum() + entropies.sum()).backward()
    assert calls
    assert all(torch.equal(p.grad, torch.zeros_like(p)) for p in policy.model.parameters())


def test_all_processes_make_as_many_passes(monkeypatch, policy):
    monkeypatch.setattr("agents.common.language_model.largest", lambda number: number + 2)
    rows, chosen = [[5, 6, 7], [5, 6, 8]], [[False, True, True]] * 2
    assert list(policy.batches(rows, chosen, 100)) == [[0, 1], [], []]
    assert list(policy.batches([], [], 100)) == [[], []]


# Two processes. ----------------------------------------------------------------------------------


def records(folder):
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    return [
        {key: value for key, value in json.loads(line).items() if "seconds" not in key}
        for line in lines
    ]


def environment():
    return {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    """All runs, made by two processes."""
    folder = tmp_path_factory.mktemp("together")
    finished = subprocess.run(
        [*LAUNCH, "-m", "tests.agents.together", str(folder)],
        cwd=ROOT,
        env={**environment(), "PYTHONWARNINGS": "error::UserWarning:torch.distributed.fsdp"},
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stderr
    return folder


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The same runs, made by one."""
    folder = tmp_path_factory.mktemp("alone")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(token_logprobs, "_MOST_LOGITS", 2000)
        for name in RUNS:
            run(folder, name)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", [*RUNS, *SHARDED])
def test_two_processes_are_as_one(name, together, alone):
    """In each metric of each update, what is played in tests, and what is left in the end."""
    one, two = alone / name.removeprefix("sharded_"), together / name
    expected, got = records(one), records(two)
    assert len(got) == len(expected)
    for mine, theirs in zip(got, expected, strict=True):
        assert mine.keys() == theirs.keys()
        for key, value in theirs.items():
            assert mine[key] == pytest.approx(value, rel=1e-6, abs=1e-6), (key, mine["step"])
    assert (two / "transcripts.jsonl").read_text() == (one / "transcripts.jsonl").read_text()
    checkpoints = [RunFolder.checkpoints(folder)[-1] for folder in (one, two)]
    files = [{str(f.relative_to(c)) for f in c.rglob("*") if f.is_file()} for c in checkpoints]
    assert files[0] == files[1]
    for file in [file for file in files[0] if file.endswith(".safetensors")]:
        expected, got = (load_file(checkpoint / file) for checkpoint in checkpoints)
        assert got.keys() == expected.keys()
        for key, tensor in expected.items():
            torch.testing.assert_close(got[key], tensor, rtol=1e-6, atol=1e-9)


@pytest.mark.slow
def test_the_runs_have_what_they_are_to_show(together):
    """Otherwise that they are the same would say little."""
    everything = records(together / "everything")[1:]
    assert len(records(together / "plain")) == 21
    assert any(record["failed"] > 0 for record in everything)
    assert any(record["turns"] % 1 for record in everything)
    assert any(record["rounds"] > 1 for record in everything)
    assert all(record["kl_reference"] > 0 for record in everything[1:])
    assert any(record["kept"] < 1 for record in records(together / "corrected")[1:])


@pytest.mark.slow
def test_each_process_holds_a_part(together):
    for name in (*RUNS, *SHARDED):
        held = [json.loads((together / f"{name}-{rank}.json").read_text()) for rank in range(2)]
        share = 0.5 if name in SHARDED else 1.0
        for part in held:
            assert part["held"] == pytest.approx(share * part["all"], rel=0.02)


@pytest.mark.slow
def test_what_was_sharded_is_a_plain_model_in_the_end(together, alone):
    folders = [
        RunFolder.latest(f / n)
        for f, n in ((alone, "everything"), (together, "sharded_everything"))
    ]
    models = [AutoModelForCausalLM.from_pretrained(f / "model", dtype="auto") for f in folders]
    for (name, one), (_, two) in zip(*(m.named_parameters() for m in models), strict=True):
        torch.testing.assert_close(one, two, rtol=1e-6, atol=1e-9, msg=name)
    assert models[1].dtype == torch.float64


@pytest.mark.slow
def test_ctrl_c_in_the_last_process_stops_all_and_the_run_goes_on_exactly(together):
    straight, stopped = together / "straight", together / "stopped"
    assert records(stopped) == records(straight)
    assert [c.name for c in RunFolder.checkpoints(straight)] == ["000003", "000004"]
    assert [c.name for c in RunFolder.checkpoints(stopped)] == ["000003", "000004"]
    for file in ("model/model.safetensors", "optimizer.safetensors"):
        one, two = (load_file(RunFolder.latest(folder) / file) for folder in (straight, stopped))
        assert all(torch.equal(one[key], two[key]) for key in one)


@pytest.mark.slow
def test_one_process_goes_on_with_what_two_have_begun(together, tmp_path, monkeypatch):
    monkeypatch.setattr(token_logprobs, "_MOST_LOGITS", 2000)
    whole, rest = together / "straight", tmp_path / "straight"
    shutil.copytree(whole, rest)
    shutil.rmtree(rest / "checkpoints" / "000004")
    assert agent_of("straight").learn(rest, resume=True)
    for mine, theirs in zip(records(rest), records(whole), strict=True):
        for key, value in theirs.items():
            assert mine[key] == pytest.approx(value, rel=1e-6, abs=1e-6)
    for file in ("model/model.safetensors", "optimizer.safetensors"):
        one, two = (load_file(RunFolder.latest(folder) / file) for folder in (rest, whole))
        for key, tensor in two.items():
            torch.testing.assert_close(one[key], tensor, rtol=1e-6, atol=1e-9)


@pytest.mark.slow
def test_the_command_line_with_two_processes(tmp_path):
    """The first one speaks and writes; where it stops at once, the other does not go on waiting."""
    small = ["--level", "1", "--updates", "2", "--groups", "3", "--group-size", "2", "--shard"]
    small += ["--max-new-tokens", "4", "--eval-problems", "4", "--device", "cpu"]
    command = [*LAUNCH, "-m", "baselines", "train", "grpo", "MathBoxed-v0", *small, "--out"]
    first, second = (
        subprocess.run(
            [*command, str(tmp_path)],
            cwd=ROOT,
            env=environment(),
            capture_output=True,
            text=True,
        )
        for _ in range(2)
    )
    assert first.returncode == 0, first.stderr
    assert first.stdout.count(f"finished: {tmp_path}") == 1
    assert second.returncode != 0
    assert second.stderr.count("error: ") == 1
    assert "already holds a run" in second.stderr


def test_a_thread_that_still_holds_a_tensor_aborts_no_process(tmp_path):
    """Gloo's threads get the interpreter, which they need to let go, at the very end alone."""
    script = tmp_path / "script.py"
    script.write_text(
        """
import sys
import torch
from agents.common import distributed

with distributed.connected():
    group = torch.distributed.group.WORLD  # its threads live on
    sys.setswitchinterval(100)
    values = torch.ones(100_000)
    for _ in range(20):
        torch.distributed.all_reduce(values)
print("done")
distributed.leave(0)
"""
    )
    finished = subprocess.run([*LAUNCH, script], env=environment(), capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.count("done") == 2


@pytest.mark.parametrize("command", ["demo", "benchmark", "floors", "train q_learning TextMaze-v0"])
def test_what_runs_in_one_process_says_so(command, pretend, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pretend(0, 2)
    assert main(command.split()) == 2
    assert "in one process: start it without a launcher" in capsys.readouterr().err


@pytest.mark.parametrize("rank", [0, 1])
@pytest.mark.parametrize("is_shared", [True, False])
def test_one_process_gives_the_weights_to_an_engine_that_all_share(
    is_shared, rank, pretend, monkeypatch
):
    class Recorder(Engine):
        positions = None
        complete = rest = None

        def load(self, folder):
            told.append(sorted(file.name for file in folder.iterdir()))

    def save(folder, writes):
        saved.append(writes)
        if writes:
            (folder / "weights").touch()

    told, saved = [], []
    pretend(rank, 2)
    monkeypatch.setattr(distributed, "wait", lambda: None)
    engine = Recorder()
    engine.is_shared = is_shared
    engine.update(save)
    engine.update(save)  # it is current
    gives = rank == 0 or not is_shared
    assert saved == [gives]
    assert told == [["weights"]] * gives
