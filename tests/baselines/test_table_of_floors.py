"""The committed table of floors: complete, within the limits, and measured again in part."""

import json

import pytest

from baselines.commands import main
from baselines.floors import markdown
from reasoning_gym_envs import ENVIRONMENTS
from reasoning_gym_envs.evaluation import Floor, measure
from reasoning_gym_envs.evaluation.floors import read_floors

TABLE = read_floors()
# Cheap ones of each policy; every session looks at the same.
SAMPLE = [
    ("TowerOfHanoi-v0", 3),
    ("TowerOfHanoiBoxed-v0", 4),
    ("EquationStepsCommands-v0", 1),
    ("KnightsAndKnavesBoxed-v0", 5),
    ("Mastermind-v0", 3),
]


def of(id, level):
    return [f for f in TABLE if (f.id, f.level, f.arguments) == (id, level, None)]


def test_no_floor_of_an_id_is_above_its_limit():
    """Topics are in the table for the reader: MathBoxed mixes them."""
    assert TABLE
    assert all(floor.is_low for floor in TABLE if floor.arguments is None)


@pytest.mark.parametrize("id", ENVIRONMENTS)
def test_every_id_has_a_low_floor_at_every_level(id):
    for level in range(1, 11):
        floors = of(id, level)
        assert floors, level
        for floor in floors:
            assert floor.episodes >= 300
            assert floor.share <= {1: 1, 2: 1, 3: 0.1, 4: 0.1}.get(level, 0.02), (level, floor)


@pytest.mark.parametrize(("id", "level"), SAMPLE)
def test_the_table_is_what_is_measured(id, level):
    floors = measure(id, level)
    assert sorted(floors, key=lambda floor: floor.policy) == of(id, level)


def test_a_changed_environment_is_measured_alone(tmp_path, capsys):
    command = ["floors", "TowerOfHanoi-v0", "--episodes", "20", "--out", str(tmp_path)]
    assert main([*command, "--levels", "3", "5"]) == 0
    assert "| TowerOfHanoi-v0 | random commands |" in capsys.readouterr().out
    first = json.loads((tmp_path / "floors.json").read_text())
    assert main([*command, "--levels", "1"]) == 0
    levels = [record["level"] for record in json.loads((tmp_path / "floors.json").read_text())]
    assert levels == [1, 3, 5]
    assert main([*command, "--levels", "3", "5"]) == 0
    again = json.loads((tmp_path / "floors.json").read_text())
    assert [record for record in again if record["level"] > 1] == first


def test_the_table_in_words():
    floor = Floor("MathBoxed-v0", 5, "constant", 300, 3, 300, "1", {"topics": "fractions"})
    last = markdown([floor]).splitlines()[-1]
    assert last == "| MathBoxed-v0, fractions | constant | 1.0 (0.3–2.9) |"


def test_an_unknown_id_is_named(capsys):
    assert main(["floors", "TowerOfHanoy-v0"]) == 2
    assert "did you mean 'TowerOfHanoi-v0'" in capsys.readouterr().err
