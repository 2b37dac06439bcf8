"""`reasoning-gym-envs list`: what there is to play, or those of a kind."""

import json

import pytest

from reasoning_gym_envs import ENVIRONMENTS


def test_every_id_with_what_it_is(call):
    status, output, errors = call("list")
    assert (status, errors) == (0, "")
    lines = output.splitlines()
    assert [line.split()[0] for line in lines] == list(ENVIRONMENTS)
    assert all(
        entry.summary in line for entry, line in zip(ENVIRONMENTS.values(), lines, strict=True)
    )


def test_json(call):
    status, output, errors = call("list", "--json")
    assert (status, errors) == (0, "")
    listed = json.loads(output)
    assert [each["id"] for each in listed] == list(ENVIRONMENTS)
    assert listed[0] == {
        "id": "MathBoxed-v0",
        "summary": ENVIRONMENTS["MathBoxed-v0"].summary,
        "family": "math",
        "answered_by": "box",
        "needs": "nothing",
    }
    assert {each["id"] for each in listed if each["needs"] == "code"} == {
        "CodeFunction-v0",
        "CodeRepair-v0",
    }


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        (["--family", "maze"], ["TextMaze-v0", "TextMazeBoxed-v0"]),
        (["--family", "maze", "--answered-by", "box"], ["TextMazeBoxed-v0"]),
        (["--family=algebra"], ["EquationSteps-v0", "EquationStepsCommands-v0"]),
        (["--family=code", "--needs=nothing"], ["CodeOutput-v0"]),
        (["--answered-by", "block"], ["CodeFunction-v0", "CodeOutput-v0", "CodeRepair-v0"]),
        (
            ["--answered-by=box"],
            [id for id in ENVIRONMENTS if "Boxed" in id or id in ("Mixture-v0", "ReasoningGym-v0")],
        ),
        (["--family=maze", "--needs=code"], []),
    ],
)
def test_filters(call, filters, ids):
    status, output, errors = call("list", *filters)
    assert [line.split()[0] for line in output.splitlines()] == ids
    assert status == 0
    assert errors == ("" if ids else "No environment fits all of the filters.\n")
    status, output, errors = call("list", "--json", *filters)
    assert ([each["id"] for each in json.loads(output)], status, errors) == (ids, 0, "")


def test_a_filter_that_does_not_exist(call):
    status, output, errors = call("list", "--family", "puzzels")
    assert (status, output) == (2, "")
    assert "'puzzels'" in errors
    assert "puzzles" in errors
