"""Several seeds of one agent, against every resample counted one by one."""

import itertools
import json
import math
from random import Random

import numpy as np
import pytest

from reasoning_gym_envs.cli import main
from reasoning_gym_envs.evaluation import Reply, evaluate, suite_of
from reasoning_gym_envs.evaluation.over_seeds import summarise_seeds
from reasoning_gym_envs.evaluation.record import read_episodes
from reasoning_gym_envs.evaluation.suites import Suite

IDS = ("MathBoxed-v0", "TowerOfHanoiBoxed-v0")
SOME = Suite(
    "some",
    0,
    suite_of(IDS[:1], levels=(1,), count=12).problems
    + suite_of(IDS[1:], levels=(2,), count=4).problems,
)


class Trained:
    """Right as often as its checkpoint is, by the seed of the turn."""

    def __init__(self, share, **about):
        self.share, self.about = share, {"agent": "trained", "algorithm": "none", **about}

    def reply(self, messages, turn):
        is_right = Random(turn.seed).random() < self.share
        return Reply(turn.env.solution()[0] if is_right else "\\boxed{no}")


def trained(tmp_path, shares):
    for number, share in enumerate(shares):
        about = {"agent": f"run-{number}", "checkpoint": f"sha-{number}", "step": 10 + number}
        evaluate(lambda a=about, s=share: Trained(s, **a), SOME, out=tmp_path / str(number))
    return [tmp_path / str(number) for number in range(len(shares))]


def sampled(tmp_path, seeds):
    about = {"checkpoint": "sha", "temperature": 1.0}
    for seed in seeds:
        evaluate(lambda: Trained(0.6, **about), SOME, out=tmp_path / str(seed), seed=seed)
    return [tmp_path / str(seed) for seed in seeds]


def shares_of(paths):
    """[id][run], from the lines alone."""
    counted = {id: [] for id in IDS}
    for path in paths:
        records = list(read_episodes(path))
        for id, shares in counted.items():
            outcomes = [record["is_success"] for record in records if record["id"] == id]
            shares.append(sum(outcomes) / len(outcomes))
    return list(counted.values())


def mean(drawn):
    """Of all problems: twelve of the first id, four of the second."""
    return (12 * np.mean(drawn[0]) + 4 * np.mean(drawn[1])) / 16


def middle_half(drawn):
    ordered = sorted(itertools.chain.from_iterable(drawn))
    cut = math.floor(len(ordered) / 4)
    return float(np.mean(ordered[cut : len(ordered) - cut]))


def check(interval, values, statistic, resamples):
    """The estimate exactly, and bounds that cut off about 2.5% of all resamples."""
    assert interval.value == pytest.approx(statistic(values))
    estimates = np.array([statistic(drawn) for drawn in resamples])
    for bound, tail in ((interval.low, 0.025), (interval.high, 0.975)):
        below, up_to = (estimates < bound - 1e-9).mean(), (estimates <= bound + 1e-9).mean()
        assert below - 0.01 <= tail <= up_to + 0.01
    assert estimates.min() - 1e-9 <= interval.low <= interval.high <= estimates.max() + 1e-9


def test_samples_of_a_model_are_drawn_for_each_id(tmp_path):
    paths = sampled(tmp_path, range(4))
    values = shares_of(paths)
    assert len({tuple(shares) for shares in values}) == 2
    drawn = [list(itertools.product(shares, repeat=4)) for shares in values]
    summary = summarise_seeds(paths)
    assert not summary.by_run
    check(summary.total.success, values, mean, itertools.product(*drawn))
    floors = [summary.by_id[id].floor for id in IDS]
    assert summary.total.floor == pytest.approx((12 * floors[0] + 4 * floors[1]) / 16)
    above = [[(x - f) / (1 - f) for x in xs] for xs, f in zip(values, floors, strict=True)]
    drawn = [list(itertools.product(each, repeat=4)) for each in above]
    check(summary.total.iqm, above, middle_half, itertools.product(*drawn))
    of_one = summary.by_id[IDS[0]].success
    check(of_one, values[:1], lambda d: np.mean(d[0]), ([d] for d in drawn_of(values[0])))
    assert summarise_seeds(paths) == summary  # the same each time
    assert [*summary.by_family] == ["math", "puzzles"]
    assert summary.by_family["math"] == summary.by_id[IDS[0]] == summary.by_level[1]


def drawn_of(values):
    return itertools.product(values, repeat=len(values))


def test_models_that_were_trained_are_drawn_whole(tmp_path):
    """One that is better is better on all ids: the interval is wider than one drawn by id."""
    paths = trained(tmp_path, [0.1, 0.4, 0.7, 0.95])
    values = shares_of(paths)
    summary = summarise_seeds(paths)
    assert summary.by_run
    choices = list(itertools.product(range(4), repeat=4))
    resamples = [[[shares[run] for run in runs] for shares in values] for runs in choices]
    check(summary.total.success, values, mean, resamples)
    floors = [summary.by_id[id].floor for id in IDS]
    above = [[(x - f) / (1 - f) for x in xs] for xs, f in zip(values, floors, strict=True)]
    resamples = [[[shares[run] for run in runs] for shares in above] for runs in choices]
    check(summary.total.iqm, above, middle_half, resamples)


def test_runs_that_differ_by_more_than_a_seed_are_refused(tmp_path):
    one, other = sampled(tmp_path, [0, 1])
    with pytest.raises(ValueError, match="two runs or more"):
        summarise_seeds([one])
    with pytest.raises(ValueError, match="same agent and the same seed: give another --seed"):
        summarise_seeds([one, other, one])
    for name, settings in (("cool", {"temperature": 0.5}), ("later", {"checkpoint": "sha-2"})):
        about = {"checkpoint": "sha", "temperature": 1.0, **settings}
        evaluate(lambda about=about: Trained(0.6, **about), SOME, out=tmp_path / name)
    summarise_seeds([other, tmp_path / "later"])
    with pytest.raises(ValueError, match="runs of one agent differ by their seeds alone"):
        summarise_seeds([one, tmp_path / "cool"])
    evaluate(lambda: Trained(0.6, checkpoint="sha", temperature=1.0), [IDS[0]], out=tmp_path / "x")
    with pytest.raises(ValueError, match=r"suite is .* differ by their seeds alone"):
        summarise_seeds([one, tmp_path / "x"])
    file = other / "episodes.jsonl"
    file.write_text("".join(file.read_text().splitlines(keepends=True)[1:]))
    with pytest.raises(ValueError, match="is not whole: 1 episodes are missing"):
        summarise_seeds([one, other])


def test_as_a_command(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for seed in (0, 1, 2):
        words = ("evaluate", "random", "--suite", "smoke", "--seed", str(seed))
        assert main([*words, "--out", f"seed-{seed}"]) == 0
    before = (tmp_path / "seed-0" / "summary.json").read_bytes()
    capsys.readouterr()
    assert main(["summarise", "seed-0", "seed-1", "seed-2"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("3 runs on smoke v1 (")
    assert "random (seed 0), random (seed 1), random (seed 2)" in out
    shares = [
        json.loads((tmp_path / f"seed-{seed}" / "summary.json").read_text())["total"]["success"][0]
        for seed in (0, 1, 2)
    ]
    (total,) = (line for line in out.splitlines() if line.startswith("total "))
    assert total.split()[1:3] == ["108", f"{100 * sum(shares) / 3:.1f}"]
    assert main(["summarise", "seed-0", "seed-1", "--by", "level"]) == 0
    assert "level 7" in capsys.readouterr().out
    assert main(["summarise", "seed-0", "seed-0"]) == 2
    assert "give another --seed" in capsys.readouterr().err
    assert (tmp_path / "seed-0" / "summary.json").read_bytes() == before
