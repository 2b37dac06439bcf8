"""Suites: what is in them, and that their problems are what they were."""

import json
from collections import Counter

import pytest

from reasoning_gym_envs import ENVIRONMENTS, score
from reasoning_gym_envs.evaluation import suites
from reasoning_gym_envs.evaluation.floors import floor_of
from reasoning_gym_envs.evaluation.statistics import wilson_interval
from reasoning_gym_envs.evaluation.suites import PLANS, check, draw, load_suite, suite_of, write
from reasoning_gym_envs.seeds import PoolTooSmall
from tests.sandbox.engine import missing_engine

PLAYED = [id for id in ENVIRONMENTS if id not in ("Mixture-v0", "ReasoningGym-v0")]


@pytest.mark.parametrize("name", PLANS)
def test_a_suite_is_of_different_problems_of_the_test_split(name):
    suite = load_suite(name)
    assert suite.title == f"{name} v{PLANS[name].version}"
    names = [(p.id, json.dumps(dict(p.arguments)), p.problem_id) for p in suite.problems]
    assert len(set(names)) == len(names) > 100
    assert {p.arguments["split"] for p in suite.problems} == {"test"}
    counts = Counter((p.id, json.dumps({**p.arguments, "level": 0})) for p in suite.problems)
    by_level = Counter(
        (p.id, json.dumps({**p.arguments, "level": 0}), p.level) for p in suite.problems
    )
    for (id, arguments), count in counts.items():  # levels are covered evenly
        of_levels = {n for (i, a, _), n in by_level.items() if (i, a) == (id, arguments)}
        assert len(of_levels) == 1, (id, count)
    saved = json.loads((suites.FOLDER / f"{name}.json").read_text())
    assert saved["hash"] == suite.hash


@pytest.mark.parametrize("name", PLANS)
def test_few_problems_stand_at_two_levels(name):
    """Each counts as two, so intervals are a little narrower than they should be."""
    problems = load_suite(name).problems
    different = {(p.id, p.arguments.get("view"), p.problem_id) for p in problems}
    assert len(different) / len(problems) > 0.95
    if name == "core":  # as the documentation says
        assert (len(problems), len(different)) == (2490, 2467)


@pytest.mark.parametrize("name", PLANS)
def test_what_chance_solves_is_known_of_all(name):
    for problem in load_suite(name).problems:
        assert floor_of(problem.id, problem.level, problem.arguments) is not None, problem


def test_core_has_every_id_and_an_interval_of_two_points():
    suite = load_suite("core")
    assert {problem.id for problem in suite.problems} == set(PLAYED)
    low, high = wilson_interval(len(suite.problems) / 2, len(suite.problems))  # the widest
    assert high - low <= 0.04
    families = Counter(ENVIRONMENTS[problem.id].family for problem in suite.problems)
    assert max(families.values()) <= 0.4 * len(suite.problems)
    assert min(families.values()) >= 240


def test_smoke_needs_nothing():
    assert load_suite("smoke").needs == {}
    assert set(load_suite("core").needs) == {"code"}


SAMPLE = {"smoke": 1, "core": 19, "math": 11, "puzzles": 23, "navigation": 13, "code": 17}


@pytest.mark.parametrize("name", PLANS)
def test_a_suites_problems_are_made_again_by_their_seeds(name):
    """A changed generator needs a new version of the suite: some problems of each part."""
    problems = load_suite(name).problems[:: SAMPLE.get(name, 7)]
    for problem in problems:
        if problem.needs and missing_engine():
            continue
        # A row of another problem is refused, whatever the response.
        assert score(problem.row, "") < 1


@pytest.mark.slow
def test_a_suite_is_drawn_again():
    assert check("smoke") == []
    assert check("overthinking") == []


def test_a_suite_that_changed_is_found(monkeypatch, tmp_path):
    drawn = draw("smoke")
    monkeypatch.setattr(suites, "FOLDER", tmp_path)
    other = suite_of(["MathBoxed-v0"], levels=(1, 4), count=1, seed=9)
    changed = [*drawn.problems[1:], *other.problems]
    write(suites.Suite("smoke", 1, tuple(changed)), tmp_path)
    assert len(check("smoke")) == 2
    assert load_suite("smoke").hash != drawn.hash


def test_suites_of_ones_own():
    suite = suite_of(["TextMaze-v0", "MathBoxed-v0"], levels=(1, 2), count=3, reward="dense")
    assert suite.title == "TextMaze-v0, MathBoxed-v0"
    assert Counter((p.id, p.level) for p in suite.problems) == {
        (id, level): 3 for id in ("TextMaze-v0", "MathBoxed-v0") for level in (1, 2)
    }
    assert {p.arguments["reward"] for p in suite.problems} == {"dense"}
    with pytest.raises(ValueError, match="did you mean 'TextMaze-v0'"):
        suite_of(["TextMase-v0"])
    with pytest.raises(ValueError, match="did you mean 'core'"):
        load_suite("cor")
    with pytest.raises(PoolTooSmall):
        suite_of(["TowerOfHanoi-v0"], levels=(1,), count=100)


def test_a_part_of_a_suite_is_none():
    suite = load_suite("smoke")
    part = suite.without(["TextMaze-v0"])
    assert (part.title, part.version) == ("smoke without TextMaze-v0", 0)
    assert len(part.problems) == len(suite.problems) - 3
    assert part.hash != suite.hash
