"""One problem again and again, until another is asked for."""

import pickle

import gymnasium as gym
import pytest
from gymnasium.utils.env_checker import check_env

from reasoning_gym_envs.maze.text_maze import TextMaze
from reasoning_gym_envs.wrappers import Curriculum, SameProblem, TokenBudget

HANOI, MAZE, MATH = "TowerOfHanoi-v0", "TextMaze-v0", "MathBoxed-v0"


def ids(env, episodes=5, **reset):
    return [env.reset(**reset)[1]["problem_id"] for _ in range(episodes)]


@pytest.mark.parametrize("id", [HANOI, MAZE, MATH, "EquationSteps-v0", "TowerOfHanoiBoxed-v0"])
def test_every_episode_plays_the_problem_of_the_first_reset(id):
    env, plain = SameProblem(gym.make(id, level=3)), gym.make(id, level=3)
    first = env.reset(seed=7)
    assert first == plain.reset(seed=7)
    for _ in range(4):
        again = env.reset()
        assert again == first
        for command in env.unwrapped.solution():
            *_, terminated, _, info = env.step(command)
        assert terminated
        assert info["is_success"]
        assert info["problem_id"] == first[1]["problem_id"]


def test_nothing_is_made_anew(monkeypatch):
    env = SameProblem(TextMaze(level=5))
    env.reset(seed=0)
    monkeypatch.setattr(env.unwrapped, "_generate", None)  # to make one more would raise
    assert len(set(ids(env))) == 1


def test_without_a_seed_of_its_own_a_seed_draws_anew():
    env = SameProblem(gym.make(MAZE))
    first, second = env.reset(seed=1)[1]["problem_id"], env.reset(seed=2)[1]["problem_id"]
    assert first != second
    assert set(ids(env)) == {second}
    assert env.reset(seed=1)[1]["problem_id"] == first
    assert len(set(ids(SameProblem(gym.make(MAZE))))) == 1  # nobody gave a seed


def test_with_a_seed_of_its_own_seeds_do_not_change_the_problem():
    expected = gym.make(MAZE).reset(seed=5)[1]["problem_id"]
    env = SameProblem(gym.make(MAZE), seed=5)
    assert ids(env, 2) == [expected] * 2
    assert [env.reset(seed=seed)[1]["problem_id"] for seed in (1, 2, 3)] == [expected] * 3
    env = SameProblem(gym.make(MAZE), seed=5)
    assert [env.reset(seed=seed)[1]["problem_id"] for seed in (1, 2)] == [expected] * 2


@pytest.mark.parametrize("seed", [None, 5])
def test_what_the_options_ask_for_is_played_from_then_on(seed):
    env = SameProblem(gym.make(HANOI, level=2), seed)
    first = env.reset(seed=3)[1]["problem_id"]
    _, info = env.reset(options={"level": 6})
    assert info["level"] == 6
    assert set(ids(env)) == {info["problem_id"]} != {first}
    other = gym.make(HANOI, level=4)
    other.reset(seed=9)
    problem = other.unwrapped.snapshot().episode.problem
    assert env.reset(options={"problem": problem})[1]["problem_id"] == problem.id
    assert set(ids(env)) == {problem.id}
    _, info = env.reset(options={"reveal": True})  # asks for no other
    assert info["problem_id"] == problem.id
    assert info["solution"]


def test_options_in_the_very_first_reset():
    env = SameProblem(gym.make(HANOI, level=2), seed=1)
    _, info = env.reset(options={"level": 5})
    assert info["level"] == 5
    assert set(ids(env)) == {info["problem_id"]}


def test_a_reset_that_fails_changes_nothing():
    env = SameProblem(gym.make(HANOI))
    first = env.reset(seed=1)[1]["problem_id"]
    with pytest.raises(ValueError, match="from 1 to 10"):
        env.reset(options={"level": 99})
    with pytest.raises(ValueError, match="did you mean 'level'"):
        env.reset(options={"levle": 1})
    assert set(ids(env)) == {first}


def slides(env, episodes=60):
    """Where the first step leads, and whether it stays in the maze."""
    places = set()
    for _ in range(episodes):
        command = env.reset()[1]["admissible_commands"][0]
        places.add(env.step(command)[0])
    return len(places)


def test_ice_slides_anew_only_with_same_maze():
    for same_maze, is_anew in ((True, True), (False, False)):
        env = SameProblem(gym.make(MAZE, level=3, slip=0.5, same_maze=same_maze), seed=1)
        assert (slides(env) > 1) is is_anew
        assert len(set(ids(env))) == 1


def test_a_seed_begins_the_sliding_anew():
    env = SameProblem(gym.make(MAZE, level=3, slip=0.5, same_maze=True), seed=1)

    def walk(seed):
        command = env.reset(seed=seed)[1]["admissible_commands"][0]
        return [env.step(command)[0] for _ in range(10)]

    first = walk(4)
    assert len({tuple(walk(None)) for _ in range(10)}) > 1
    assert walk(4) == first


def test_environments_of_others_have_the_same_seed():
    env = SameProblem(gym.make("CartPole-v1"))
    first = env.reset(seed=2)[0]
    assert all((env.reset()[0] == first).all() for _ in range(3))
    assert (env.reset(seed=3)[0] != first).any()
    env = SameProblem(gym.make("CartPole-v1"), seed=2)
    assert all((env.reset(seed=seed)[0] == first).all() for seed in (None, 5, 6))
    one, two = SameProblem(gym.make("CartPole-v1")), SameProblem(gym.make("CartPole-v1"))
    assert (one.reset()[0] == one.reset()[0]).all()
    assert (one.reset()[0] != two.reset()[0]).any()  # no seed is the same for all


def test_within_other_wrappers():
    expected = gym.make(MATH, level=2).reset(seed=3)[1]["problem_id"]
    env = TokenBudget(SameProblem(Curriculum(gym.make(MATH), levels=(2, 2)), seed=3), 50)
    assert set(ids(env)) == {expected}


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_in_vector_environments(mode):
    def wrap(env):
        return SameProblem(env, seed=3)

    envs = gym.make_vec(MAZE, 2, mode, wrappers=[wrap], level=2, max_turns=3)
    try:
        seen, _ = envs.reset(seed=0)
        first = tuple(seen)
        assert first[0] == first[1]
        starts = []
        for _ in range(12):
            seen, _, _, _, infos = envs.step(["dance", "dance"])
            if (infos["turn"] == 0).all():
                starts.append(tuple(seen))
        assert starts == [first] * 3
    finally:
        envs.close()


def test_pickled():
    env = SameProblem(gym.make(MAZE, level=7, same_maze=True), seed=3)
    for _ in range(3):
        env.reset()
    twin = pickle.loads(pickle.dumps(env))
    for _ in range(5):
        assert env.reset() == twin.reset()
        assert [env.step("north")[0] for _ in range(20)] == [
            twin.step("north")[0] for _ in range(20)
        ]
    assert gym.make(env.spec).reset()[1]["problem_id"] == env.reset()[1]["problem_id"]


@pytest.mark.filterwarnings("ignore:.*different from the unwrapped version")
@pytest.mark.parametrize("seed", [None, 3])
def test_gymnasiums_checker_has_nothing_to_say(seed):
    check_env(SameProblem(gym.make(MAZE), seed), skip_render_check=True)


@pytest.mark.parametrize(
    ("seed", "error"), [(-1, ValueError), ("1", TypeError), (True, TypeError), (1.5, TypeError)]
)
def test_bad_seeds(seed, error):
    with pytest.raises(error, match="seed must be"):
        SameProblem(gym.make(MAZE), seed)
