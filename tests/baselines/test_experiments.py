"""Experiments: each runs from the command to its report; what goes on later; what is measured."""

from __future__ import annotations

import json
import re
import signal
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("torch")
pytest.importorskip("matplotlib")

import gymnasium as gym
from filelock import FileLock

import baselines.benchmark.runs as runs
from agents.common.environments import TEST_SEED
from agents.imitation import Imitation, ImitationConfig
from baselines.coin_flips import CoinFlips
from baselines.commands import main
from baselines.experiments import budgets, curves, training, unsupervised
from baselines.experiments.catalogue import EXPERIMENTS
from baselines.experiments.experiment import Job, play_job
from baselines.experiments.tables import change, over_seeds, points, share
from reasoning_gym_envs.evaluation.statistics import Interval
from reasoning_gym_envs.seeds import distinct_seeds

RESULTS = Path(__file__).parents[2] / "baselines" / "results"
SMALLEST = {
    "votes": {"problems": 4, "imitation": {"max_steps": 2}, "grpo": {"updates": 1}},
    "budgets": {
        "problems": 2,
        "max_tokens": 4,
        "imitation": {"max_steps": 2},
        "teaching": {"max_steps": 2},
    },
    "distractors": {"problems": 4, "imitation": {"max_steps": 2, "decay_steps": 1}},
    "length": {"problems": 4, "imitation": {"max_steps": 2}, "grpo": {"updates": 1}},
    "sharpening": {
        "problems": 2,
        "samples": 4,
        "imitation": {"max_steps": 2},
        "grpo": {"updates": 1},
    },
    "one_problem": {"problems": 1, "imitation": {"max_steps": 2}, "grpo": {"updates": 1}},
    "filters": {"imitation": {"max_steps": 2}, "grpo": {"updates": 1}},
    "generalisation": {
        "problems": 4,
        "imitation": {"max_steps": 2},
        "supervised": {"max_steps": 1, "decay_steps": 1},
        "grpo": {"updates": 1},
    },
    "curriculum": {"problems": 4, "imitation": {"max_steps": 2}, "grpo": {"updates": 1}},
    "reward_kinds": {"imitation": {"max_steps": 2}, "grpo": {"updates": 1}},
    "equal_budget": {},
    "distillation": {"taught": {"max_steps": 2}, "student": {"max_steps": 2}},
    "unsupervised": {
        "problems": 2,
        "strengths": [0.05],
        "imitation": {"max_steps": 2},
        "grpo": {"updates": 1},
    },
}


START = {
    "demonstrations": 8,
    "max_steps": 1,
    "decay_steps": 1,
    "held_out_problems": 4,
    "max_new_tokens": 4,
    "device": "cpu",
}


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch):
    def play_all(play, jobs, processes, total):
        return (record for record in map(play, jobs) if record is not None)

    monkeypatch.setattr(runs, "play_all", play_all)
    for name, changes in SMALLEST.items():
        quick = EXPERIMENTS[name].quick
        smaller = {k: {**quick[k], **v} if isinstance(v, dict) else v for k, v in changes.items()}
        monkeypatch.setitem(EXPERIMENTS[name].__dict__, "quick", {**quick, **smaller})


def command(tmp_path, name, *options):
    folders = ["--runs", str(tmp_path / "runs"), "--out", str(tmp_path / "out")]
    return main(["experiment", name, "--seeds", "1", *folders, *options])


def test_all_are_tried_here():
    assert set(SMALLEST) == set(EXPERIMENTS)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_runs_and_reports(tmp_path, name, capsys):
    assert command(tmp_path, name, "--quick") == 0
    assert f"{name}.md" in capsys.readouterr().out
    folder = tmp_path / "runs" / name  # a quick one is no result
    assert not (tmp_path / "out").exists()
    [run] = json.loads((folder / f"{name}.json").read_text())["runs"]
    assert run["seed"] == 0
    text = (folder / f"{name}.md").read_text()
    assert text.startswith(f"# {EXPERIMENTS[name].title}\n")
    assert f"`python -m baselines experiment {name} --quick`" in text
    assert "One seed" in text
    assert len(re.findall(r"\d+%", text)) >= 4
    assert (folder / f"{name}.png").stat().st_size > 5_000
    # What is finished is not played again.
    lines = (folder / "runs.jsonl").read_text()
    assert command(tmp_path, name, "--quick") == 0
    assert (folder / "runs.jsonl").read_text() == lines
    # What an earlier report has is kept where that is asked for.
    (folder / "runs.jsonl").unlink()
    assert command(tmp_path, name, "--quick", "--report-only") == 2
    assert command(tmp_path, name, "--quick", "--report-only", "--keep") == 0
    assert json.loads((folder / f"{name}.json").read_text())["runs"] == [run]


def test_an_interrupted_run_goes_on(tmp_path, monkeypatch, capsys):
    """Ctrl-C while the second of three models learns, and in a test: nothing is done again."""
    step, folders = Imitation._step, []
    evaluate, tests = training.evaluate, []

    def interrupting(agent, number, decay_from):
        folders.append(agent.config.conversations)
        if len(folders) == 3:
            signal.raise_signal(signal.SIGINT)
        return step(agent, number, decay_from)

    def interrupting_a_test(make, suite, *, out, samples):
        tests.append(out)
        if len(tests) == 2:
            signal.raise_signal(signal.SIGINT)
        return evaluate(make, suite, out=out, samples=samples)

    monkeypatch.setattr(Imitation, "_step", interrupting)
    monkeypatch.setattr(training, "evaluate", interrupting_a_test)
    for played in (0, 2):
        assert command(tmp_path, "distractors", "--quick") == 130
        assert "python -m baselines experiment distractors" in capsys.readouterr().out
        assert len(tests) == played
    assert command(tmp_path, "distractors", "--quick") == 0
    assert [re.search(r"(\w+)\.jsonl", name)[1] for name in folders] == [
        *["plain"] * 2,
        *["trained"] * 2,
        *["rewriter"] * 2,
    ]


def test_conversations_are_written_whole_or_not_at_all(tmp_path):
    """A run that was killed meanwhile would take a part of them for all."""

    def cut_off():
        yield {"messages": []}
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training.write_conversations(tmp_path / "rows.jsonl", cut_off())
    assert not list(tmp_path.iterdir())


def test_two_processes_do_not_play_the_same_runs(tmp_path, capsys):
    folder = tmp_path / "runs/votes"
    folder.mkdir(parents=True)
    with FileLock(folder / ".lock"):
        assert command(tmp_path, "votes", "--quick") == 2
    assert f"another process plays runs in {folder}" in capsys.readouterr().err
    # Nor does a report touch the line that the other one writes.
    (folder / "runs.jsonl").write_text('{"key": "0')
    assert command(tmp_path, "votes", "--quick", "--report-only") == 2
    assert (folder / "runs.jsonl").read_text() == '{"key": "0'


def test_a_run_depends_on_its_seed_alone(tmp_path, monkeypatch):
    for name, numbers in (("_TURNS", (1,)), ("_LEAST", (16,)), ("_MOST", (4,))):
        monkeypatch.setattr(budgets, name, numbers)
    experiment = EXPERIMENTS["budgets"]
    settings = {**experiment.settings}
    for key, value in experiment.quick.items():
        settings[key] = {**settings[key], **value} if isinstance(value, dict) else value
    first, second, other = (
        play_job(Job("budgets", seed, settings, tmp_path / str(number)))
        for number, seed in enumerate((0, 0, 1))
    )
    assert first["measured"] == second["measured"]
    assert (first["key"], first["measured"]) != (other["key"], other["measured"])


def test_what_is_taught_in_distractors(tmp_path, monkeypatch):
    """The same problems, with and without; the rewriter learns to leave the sentence out."""

    def not_tested(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "evaluate", not_tested)
    assert command(tmp_path, "distractors", "--quick") == 130
    [folder] = (tmp_path / "runs/distractors").glob("seed-0-*")
    plain, mixed, rewriter = (
        [json.loads(line) for line in (folder / f"{name}.jsonl").read_text().splitlines()]
        for name in ("plain", "trained", "rewriter")
    )
    longer = 0
    for bare, given, rewritten in zip(plain, mixed, rewriter, strict=True):
        assert bare["problem_id"] == given["problem_id"] == rewritten["problem_id"]
        question, answer = (m["content"] for m in bare["messages"])
        asked, same_answer = (m["content"] for m in given["messages"])
        assert answer == same_answer
        longer += len(asked) > len(question)
        assert rewritten["messages"][0]["content"].endswith(asked)
        assert rewritten["messages"][1]["content"] == question
    assert longer == pytest.approx(0.8 * len(plain), abs=1)  # one of five has none


@pytest.mark.parametrize("name", [n for n in EXPERIMENTS if (RESULTS / f"{n}.json").exists()])
def test_recorded_tables_are_those_of_the_recorded_figures(tmp_path, name):
    """Nobody has written a table by hand; and the runs had the settings that stand here."""
    kept = {file.suffix: file.read_bytes() for file in RESULTS.glob(f"{name}.*")}
    out = tmp_path / "out"
    out.mkdir()
    (out / f"{name}.json").write_bytes(kept[".json"])
    seeds = ["--seeds", str(len(json.loads(kept[".json"])["runs"]))]
    folders = ["--runs", str(tmp_path / "runs"), "--out", str(out)]
    assert main(["experiment", name, *seeds, *folders, "--keep", "--report-only"]) == 0
    for ending in (".json", ".md"):
        assert (out / f"{name}{ending}").read_bytes() == kept[ending]


def test_counts_of_many_samples_go_on(tmp_path, monkeypatch):
    """One problem after another; what is counted is not sampled again, and comes out the same."""
    run, kwargs = tmp_path / "run", {"topics": "integer_arithmetic", "level": 1, "instruction": ""}
    Imitation(ImitationConfig(training.ENV_ID, kwargs, **START)).learn(run)
    rollout, played = training.rollout, []

    def interrupting(policy, envs, seeds, **settings):
        assert len(set(seeds)) == 1
        if len(played) == 2:
            played.append("interrupted")
            raise KeyboardInterrupt
        episodes = rollout(policy, envs, seeds, **settings)
        for episode, tokens in zip(episodes, map(tuple, (e.tokens for e in episodes)), strict=True):
            episode.success = hash(tokens) % 3 == 0  # the model is right too seldom
        played.append(episodes[0].problem_id)
        return episodes

    monkeypatch.setattr(training, "rollout", interrupting)
    sizes = {"count": 4, "samples": 8, "longest": 6}
    with pytest.raises(KeyboardInterrupt):
        training.counted(run, kwargs, tmp_path / "some.txt", **sizes)
    some = training.counted(run, kwargs, tmp_path / "some.txt", **sizes)
    assert len(set(played)) == len(played) == 5
    played.append("again")
    assert training.counted(run, kwargs, tmp_path / "all.txt", **sizes) == some
    assert len(set(some)) > 1
    assert all(0 <= right <= 8 for right in some)
    with gym.make(training.ENV_ID, split="test", **kwargs) as env:
        seeds = distinct_seeds(env, 4, TEST_SEED)
        assert [env.reset(seed=seed)[1]["problem_id"] for seed in seeds] == played[-4:]


def test_what_was_found_and_what_was_lost():
    right = {"before": [0, 0, 3, 4], "after": [2, 1, 0, 4], "control": [0, 0, 0, 0]}
    record = {"samples": 4, "right": {"trained": right, "next": right}}
    text = "\n".join(EXPERIMENTS["sharpening"].tables([record, record]))
    assert "50% (50 to 50) were solved in no sample before GRPO" in text
    assert "25% (25 to 25) the other way round" in text
    rows = [line.split(" | ") for line in text.splitlines()]
    assert ["| after imitation", "44% (44 to 44)", "50% (50 to 50) |"] in rows
    assert ["| after coin flips", "0% (0 to 0)", "0% (0 to 0) |"] in rows
    assert ["| what GRPO adds, points", "+0.0 (+0.0 to +0.0)", "+25.0 (+25.0 to +25.0) |"] in rows


def test_what_it_took_to_solve_as_much():
    """Tests in between count, in a straight line; a run that starts there took nothing."""
    slow = [(0, 0.0, 0.25), (100, 10.0, 0.5), (200, 20.0, 0.75)]
    fast = [(0, 0.0, 0.25), (100, 5.0, 1.0)]
    assert curves.spent_until(slow, 0.5, "tokens") == 100
    assert curves.spent_until(slow, 0.625, "seconds") == 15
    assert curves.spent_until(slow, 0.8, "tokens") is None
    assert curves.spent_until(slow, 0.2, "tokens") == 0
    assert curves.solved_after(slow, 150, "tokens") == 0.625
    assert curves.solved_after(slow, 900, "tokens") == 0.75  # no more than at the end
    assert curves.until([slow, slow], [slow, slow], 0.625, "tokens") == "150"
    assert curves.until([fast, fast], [slow, slow], 0.625, "tokens") == "-67% (-67 to -67)"
    assert curves.until([slow, fast], [fast, fast], 0.8, "tokens") == "+0%; 1 of 2 never"


def test_a_curve_has_what_learning_took_and_not_the_tests(tmp_path):
    lines = [
        {"step": 0, "test_sampled_accuracy": 0.5},
        {"step": 1, "tokens_per_episode": 10.0, "seconds": 2.0},
        {"step": 2, "tokens_per_episode": 20.0, "rounds": 3, "seconds": 1.0},
        {"step": 3, "tokens_per_episode": 5.0, "seconds": 4.0, "test_sampled_accuracy": 0.75},
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (tmp_path / "metrics.jsonl").write_text(text)
    config = {"algorithm": "grpo", "groups": 2, "group_size": 4}
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert curves.curve_of(tmp_path) == [(0, 0, 0.5), (8 * (10 + 3 * 20 + 5), 7.0, 0.75)]


def test_the_gain_of_one_problem_has_two_parts():
    """Reasoning more often at what it was worth before, and the rest."""
    before = {"solved": 0.3, "reasons": 0.5, "solved_reasoning": 0.5}  # else 10%
    after = {"solved": 0.6, "reasons": 1.0, "solved_reasoning": 0.6}
    record = {name: [after] for name in ("one", "format", "coin", "many")}
    record |= {"before": [before], "problems": ["2 + 3?"]}
    rows = EXPERIMENTS["one_problem"].tables([record])
    assert rows[3].split(" | ")[4:] == ["+30.0", "+20.0", "+10.0 |"]
    assert rows[-1].endswith("of the 1 problems of each seed: 60 to 60%.")


def test_from_which_vote_on_a_source_gains():
    """Between the starts at 20% and 60% the majority gains nothing at 40%; and so on."""
    arms = {
        "verdict": (0.1, 0.1),
        "majority": (-0.1, 0.1),
        "entropy": (-0.3, 0.1),
        "certainty": (-0.1, -0.1),
        "control": (0.1, 0.0),
    }
    record = {
        start: {"before": {"solved": 0.4, "voted": voted}}
        | {
            name: {"solved": 0.4 + gains[number], "paid_first": 0.25, "paid_last": 0.75}
            for name, gains in arms.items()
        }
        for number, (start, voted) in enumerate((("0.1", 0.2), ("0.5", 0.6)))
    }
    lines = EXPERIMENTS["unsupervised"].tables([record, record])
    assert lines[4].startswith("| 10% | 40% (40 to 40) | 20% (20 to 20) | +10.0 (+10.0 to +10.0) |")
    assert "| majority | 0.25 → 0.75 | 0.25 → 0.75 |" in lines
    assert lines[-5:] == [
        "* verdicts: gains from every start.",
        "* majority: gains from a maj@16 of 40% on.",
        "* low entropy: gains from a maj@16 of 50% on.",
        "* self-certainty: does not gain from the strongest start.",
        "* coin flips: does not gain from the strongest start.",
    ]


def test_each_source_learns_from_the_same_start_and_starts_go_on_from_weaker_ones(
    tmp_path, monkeypatch
):
    learned = {}

    def has_learned(config, run):
        learned[run.parent.name, run.name] = config
        return True

    def measured(make, suite, folder, *, samples):
        total = {"pass_at": {1: Interval(0.2, 0, 1)}, "majority_at": {samples: Interval(0.4, 0, 1)}}
        return SimpleNamespace(total=SimpleNamespace(**total)), []

    def itself(config):
        return config

    arms = unsupervised._ARMS
    assert {name for name, arm in arms.items() if arm.kind is CoinFlips} == {"control"}
    updates = [{"step": 0, "test_accuracy": 0.1}, *({"reward": n / 40} for n in range(40))]
    replaced = {
        "has_learned": has_learned,
        "measured": measured,
        "model_of": str,
        "records_of": lambda run: updates,
        "Imitation": itself,
        "_ARMS": {name: arm._replace(kind=itself) for name, arm in arms.items()},
    }
    for name, value in replaced.items():
        monkeypatch.setattr(unsupervised, name, value)
    settings = {**EXPERIMENTS["unsupervised"].settings, "strengths": [0.1, 0.2]}
    found = unsupervised._play(3, settings, tmp_path)
    assert found["0.2"]["before"] == {"solved": 0.2, "voted": 0.4}
    expected = {"solved": 0.2, "paid_first": 1.5 / 40, "paid_last": 37.5 / 40}
    assert found["0.2"]["majority"] == pytest.approx(expected)
    sources = {"verdict", "majority", "entropy", "certainty"}
    for start in ("from_0.1", "from_0.2"):
        arms = {arm: c for (begun, arm), c in learned.items() if begun == start and arm != "before"}
        control = arms.pop("control")
        assert arms.keys() == sources
        assert {arm: config.reward_source for arm, config in arms.items()} == {
            s: s for s in sources
        }
        for config in (control, *arms.values()):
            assert config.model == str(tmp_path / start / "before")
            assert replace(config, reward_source="verdict") == control
    weak, strong = (learned[f"from_{strength}", "before"] for strength in (0.1, 0.2))
    assert weak.model == "tiny"
    assert strong.model == str(tmp_path / "from_0.1" / "before")
    assert (weak.target_accuracy, strong.target_accuracy) == (0.1, 0.2)


def test_student_intervals():
    """scipy.stats.t.interval(0.95, 4, loc, sem), computed once."""
    assert over_seeds([1.0, 2.0, 3.0, 4.0, 5.0]) == pytest.approx((3.0, 1.03676, 4.96324), abs=1e-5)
    assert over_seeds([0.5]) == (0.5, float("-inf"), float("inf"))
    assert over_seeds([0.5, 0.5]) == (0.5, 0.5, 0.5)
    assert share([0.25]) == "25%"
    assert share([0.0, 0.1]) == "5% (0 to 69)"  # a share ends at 0
    assert points([0.021]) == "+2.1"
    assert change([0.5, 0.7]) == "+60% (-67 to +187)"
    assert change([-0.5]) == "-50%"


def test_tokens_and_points_are_compared_with_no_cost_seed_by_seed():
    """Before GRPO replies are longer: such a change is no share, and no interval ends at 0."""
    records = [
        {
            name: {key: {"solved": solved, "tokens": tokens} for key in ("trained", "harder")}
            for name, solved, tokens in arms
        }
        for arms in (
            [("start", 0.3, 60.0), ("cost_0", 0.5, 30.0), ("cost_0.01", 0.4, 24.0)],
            [("start", 0.5, 84.0), ("cost_0", 0.7, 40.0), ("cost_0.01", 0.6, 32.0)],
        )
    ]
    rows = [[c.strip() for c in t.split("|")] for t in EXPERIMENTS["length"].tables(records)[2:5]]
    assert [row[4] for row in rows] == [
        "-20.0 (-20.0 to -20.0)",
        "+0.0 (+0.0 to +0.0)",
        "-10.0 (-10.0 to -10.0)",
    ]
    assert [row[5] for row in rows] == [
        "+105% (+41 to +169)",
        "+0% (+0 to +0)",
        "-20% (-20 to -20)",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["nothing"], "invalid choice"), (["votes", "--seeds", "0"], "--seeds must be at least 1")],
)
def test_bad_input(arguments, message, capsys):
    try:
        status = main(["experiment", *arguments])
    except SystemExit as end:
        status = end.code
    assert status == 2
    assert message in capsys.readouterr().err
