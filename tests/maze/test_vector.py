"""The native batch plays what single environments play, step by step."""

import random

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode

from reasoning_gym_envs.maze import batch, mazes, views
from reasoning_gym_envs.maze.vector import VectorTextMaze
from reasoning_gym_envs.problems import Problem

WORDS = ("north", "east", "south", "west")
SAID = [*WORDS * 6, "go north", "N", "dance", "", "x" * 300, "\ud800"]
ALL_COSTS = {
    "collision_cost": 0.1,
    "step_cost": 0.01,
    "length_cost": 0.001,
    "format_cost": 0.3,
    "illegal_cost": 0.2,
}


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return plain(value.tolist()) if hasattr(value, "tolist") else value


def make(mode, n=3, **arguments):
    return gym.make_vec("TextMaze-v0", n, vectorization_mode=mode, **arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"level": 1, "reward": "dense"},
        {"level": 2, "reward": "dense", "max_turns": 30},
        {"level": 3, "reward": "shaped", "max_turns": 30, "split": "test"},
        {"level": 3, "reward": {"mode": "shaped", **ALL_COSTS}, "max_turns": 40},
        {"level": 2, "generator": "rooms", "instruction": "", "max_turns": 20},
        {"level": 1, "max_turns": 1, "reward": "dense"},
        {"level": 4, "max_turns": 40, "reward": {"mode": "dense", **ALL_COSTS}},
        {"level": 5, "max_turns": 40, "reward": "shaped", "same_maze": True},
        {"level": 1, "same_maze": True, "generator": "kruskal"},
        {"level": 6, "max_turns": 40, "view": "map", "fog": True},
        {"level": 7, "max_turns": 40, "reward": {"mode": "dense", **ALL_COSTS}, "split": "test"},
        {"level": 1, "view": "coordinates", "slip": 0.3, "reward": {"collision_cost": 1}},
        {"level": (1, 8), "reward": "dense", "max_turns": 15},
        {"level": 2, "same_maze": True, "slip": 0.4, "max_turns": 12},
    ],
    ids=str,
)
def test_the_batch_is_the_same_as_one_by_one(arguments):
    native, sync = make("vector_entry_point", **arguments), make("sync", **arguments)
    choose = random.Random(1)
    assert plain(native.reset(seed=0)) == plain(sync.reset(seed=0))
    ended = 0
    for step in range(140):
        if step in (60, 100):  # in the middle of episodes, with other seeds and without
            seed = [5, 2**40, 5] if step == 60 else None
            assert plain(native.reset(seed=seed)) == plain(sync.reset(seed=seed))
        actions = [choose.choice(SAID) for _ in range(3)]
        ours, theirs = native.step(actions), sync.step(actions)
        assert plain(ours) == plain(theirs)
        assert [array.dtype for array in ours[1:4]] == [array.dtype for array in theirs[1:4]]
        ended += int((ours[2] | ours[3]).sum())
    assert ended or "max_turns" not in arguments


def test_long_runs_agree_too():
    """Through many refills of the mazes that are made ahead, and to solved ends."""
    native, sync = make("vector_entry_point"), make("sync")
    native.reset(seed=3), sync.reset(seed=3)
    choose = random.Random(2)
    solved = 0
    for _ in range(2000):
        actions = [choose.choice(WORDS) for _ in range(3)]
        ours, theirs = native.step(actions), sync.step(actions)
        assert ours[0] == theirs[0]
        assert (ours[1] == theirs[1]).all()
        assert plain(ours[4]["problem_id"]) == plain(theirs[4]["problem_id"])
        solved += int(ours[2].sum())
    assert solved > 10
    assert int(native.unwrapped._begun.max()) > 15


def test_index_observations_and_actions_are_the_same_episodes():
    for level, reward in ((2, "dense"), (4, "sparse"), (7, "sparse")):
        texts = make("vector_entry_point", n=5, level=level, reward=reward, max_turns=40)
        numbers = make(
            "vector_entry_point", n=5, level=level, reward=reward, max_turns=40, observation="index"
        )
        texts.reset(seed=1)
        first, _ = numbers.reset(seed=1)
        size = mazes.LEVELS[level - 1].size
        singles = [gym.make("TextMaze-v0", level=level) for _ in range(5)]
        for slot, env in enumerate(singles):
            env.reset(seed=1 + slot)
            assert first[slot] == env.unwrapped.snapshot().episode.state.cell
        generator = np.random.default_rng(0)
        for step in range(120):
            commands = generator.integers(4, size=5)
            said = texts.step([WORDS[command] for command in commands])
            seen = numbers.step(commands)
            assert plain(said[1:]) == plain(seen[1:])
            assert seen[0] in numbers.observation_space
            for slot, env in enumerate(singles):
                if not env.unwrapped._episode.ended:
                    env.step(WORDS[commands[slot]])
                    place = env.unwrapped._episode.state
                    if step < 40:
                        assert seen[0][slot] == place.cell + size * size * place.keys


@pytest.mark.parametrize("generator", [None, *mazes.GENERATORS])
@pytest.mark.parametrize("level", [1, 2, 3])
def test_mazes_made_together_are_those_made_one_by_one(level, generator):
    numbers = np.random.default_rng(level).integers(2**53, size=40).astype(np.uint64)
    asked = mazes.LEVELS[level - 1]
    made = batch.make(numbers, asked, generator)
    codes, ways = batch.codes(made), batch.open_masks(made)
    distances = batch.distances(made.passable, made.exit)
    for index, number in enumerate(numbers.tolist()):
        maze, content = mazes.make(number, asked, generator)
        assert content == made.contents[index]
        assert maze.distance(maze.start, 0) == made.steps[index]
        for cell in range(asked.size**2):
            code = int(codes[index, cell])
            assert 0 <= code < batch.code_space(asked.size)
            assert batch.text_of(code, asked.size) == views.local(maze, views.Place(cell))
            assert maze.distance(cell, 0) == distances[index, cell]
            open_ways = maze.open_directions(cell, 0)
            assert batch.open_of(code, asked.size) == list(open_ways)
            assert sum(1 << way for way in open_ways) == ways[index, cell]


def test_ids_are_those_of_problems():
    native = make("vector_entry_point", n=2)
    _, infos = native.reset(seed=0)
    env = gym.make("TextMaze-v0")
    env.reset(seed=0)
    content = env.unwrapped.snapshot().episode.problem.content
    assert infos["problem_id"][0] == Problem(content, 1, "", "", "TextMaze").id


def test_it_is_a_vector_environment():
    native = gym.make_vec("TextMaze-v0", 4)
    assert isinstance(native, VectorTextMaze)
    assert native.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP
    observations, _ = native.reset(seed=0)
    assert observations in native.observation_space
    assert native.step(native.action_space.sample())[0] in native.observation_space
    one = gym.make_vec("TextMaze-v0", 1)
    one.reset(seed=0)
    assert len(one.step(["north"])[0]) == 1


def test_what_is_returned_is_not_changed_by_later_steps():
    native = make("vector_entry_point", n=8, reward="dense", max_turns=5)
    native.reset(seed=0)
    kept = [native.step(["north"] * 8) for _ in range(20)]
    again = make("vector_entry_point", n=8, reward="dense", max_turns=5)
    again.reset(seed=0)
    for step in kept:
        assert plain(step) == plain(again.step(["north"] * 8))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"observation": "words"}, "'text', 'index'"),
        ({"form": "boxed"}, "sync"),
        ({"render_mode": "rgb_array"}, "sync"),
        ({"view": "mapp"}, "did you mean 'map'"),
        ({"level": 11}, "from 1 to 10"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        VectorTextMaze(2, **arguments)


@pytest.mark.parametrize("num_envs", [0, -1, 2.0, True, "2"])
def test_bad_numbers_of_environments(num_envs):
    with pytest.raises(ValueError, match="whole number of 1 or more"):
        VectorTextMaze(num_envs)


def test_misspelt_arguments_of_the_batch_and_of_the_maze():
    for given, meant in (("observatoin", "observation"), ("veiw", "view")):
        with pytest.raises(
            TypeError, match=f"unexpected keyword argument '{given}'; did you mean '{meant}'"
        ):
            gym.make_vec("TextMaze-v0", 2, **{given: "index"})


def test_bad_calls():
    native = VectorTextMaze(2)
    with pytest.raises(ResetNeeded, match="reset"):
        native.step(["north"] * 2)
    with pytest.raises(ValueError, match="sync"):
        native.reset(options={"level": 3})
    with pytest.raises(ValueError, match="3 seeds for 2"):
        native.reset(seed=[1, 2, 3])
    for seed in ("ab", 1.5, [1, 2.5], {1, 2}):
        with pytest.raises(TypeError):
            native.reset(seed=seed)
    for seed in (-1, [3, -1]):
        with pytest.raises(gym.error.Error, match="greater or equal to zero"):
            native.reset(seed=seed)
    with pytest.raises(ResetNeeded):  # a reset that fails resets nothing
        native.step(["north"] * 2)
    native.reset(seed=0)
    for actions in (["north"], np.zeros(3, dtype=int), np.array([0, 4]), np.array([-1, 0])):
        with pytest.raises(ValueError, match=r"needed|0, 1, 2 or 3"):
            native.step(actions)
    for actions in ([None, "north"], [0, 1], np.zeros(2), "ne", None, 3, {"north": 1, "east": 2}):
        with pytest.raises(TypeError, match=r"str|texts"):
            native.step(actions)


def test_wrappers_of_single_environments_are_refused_as_the_page_says():
    message = "Cannot use `vector_entry_point` vectorization mode with the wrappers argument"
    with pytest.raises(gym.error.Error, match=message):
        gym.make_vec("TextMaze-v0", 2, wrappers=[gym.wrappers.TimeAwareObservation])
