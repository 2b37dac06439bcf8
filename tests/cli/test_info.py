"""`reasoning-gym-envs info`: what an environment is, and what it takes and needs."""

import inspect
import json
from pathlib import Path

import gymnasium as gym
import pytest
from gymnasium.envs.registration import load_env_creator

from reasoning_gym_envs import ENVIRONMENTS

ROOT = Path(__file__).parent.parent.parent


def test_an_environment(call):
    status, output, errors = call("info", "TextMazeBoxed-v0")
    assert (status, errors) == (0, "")
    assert output.startswith(f"TextMazeBoxed-v0: {ENVIRONMENTS['TextMazeBoxed-v0'].summary}\n")
    for line in (
        "family       maze",
        r"answered by  one answer in \boxed{}",
        "needs        nothing beside the package",
        "page         docs/pages/environments/TextMazeBoxed-v0.md in the repository",
        "  form         'boxed'",  # as the id is registered
        "  view         None",
        "  same_maze    False",
        '* `view`: "local", "map" or "coordinates"; `fog`: True to hide the map\'s unseen cells.',
        "| cells on a side | 5 | 7 | 9 | 11 | 15 | 19 | 21 | 25 | 31 | 41 |",
    ):
        assert f"\n{line}\n" in output
    assert "a Docker engine" in call("info", "CodeRepair-v0")[1]


@pytest.mark.parametrize("name", ENVIRONMENTS)  # named id, some would be skipped without Docker
def test_every_environment_as_json(call, name):
    id = name
    status, shown, errors = call("info", id)
    assert (status, errors) == (0, "")
    pools = ENVIRONMENTS[id].pools
    assert shown.endswith(", ".join(f"{level}: {size}" for level, size in pools.items()) + "\n")
    status, output, errors = call("info", id, "--json")
    assert (status, errors) == (0, "")
    found = json.loads(output)
    assert (found["id"], found["family"]) == (id, ENVIRONMENTS[id].family)
    kind = load_env_creator(gym.spec(id).entry_point)
    assert ["self", *found["arguments"]] == list(inspect.signature(kind.__init__).parameters)
    assert found["arguments"].items() >= ENVIRONMENTS[id].kwargs.items()
    page = (ROOT / found["page"]).read_text(encoding="utf-8")
    assert page.startswith(f"# {id}\n")
    for part in found["card"].split("\n\n## Example\n"):  # the page has the pools between
        assert part in page
    assert found["pools"] == {str(level): size for level, size in pools.items()}
    assert "``" not in found["card"].replace("```", "")
    if ENVIRONMENTS[id].needs == "":  # the defaults are those that it has
        env = gym.make(id).unwrapped
        given = gym.make(id, **found["arguments"]).unwrapped
        assert env.reset(seed=1) == given.reset(seed=1)
        assert (env.level, env.split, env.max_turns) == (given.level, given.split, given.max_turns)


@pytest.mark.parametrize(
    ("id", "message"),
    [
        ("TextMaz-v0", "did you mean 'TextMaze-v0'?"),
        ("sudoku", "did you mean 'Sudoku-v0'?"),
        ("CartPole-v1", "unknown environment 'CartPole-v1'"),
    ],
)
def test_an_id_that_does_not_exist(call, id, message):
    status, output, errors = call("info", id)
    assert (status, output) == (2, "")
    assert errors.startswith("reasoning-gym-envs: error: ")
    assert message in errors
