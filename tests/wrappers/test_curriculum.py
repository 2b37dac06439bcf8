"""The level follows the success rate, by a rule that is the same every time."""

import json
import pickle

import gymnasium as gym
import pytest

from reasoning_gym_envs import Problem
from reasoning_gym_envs.wrappers import Curriculum, DiscreteCommands, NumericObservation

MATH, HANOI = "MathBoxed-v0", "TowerOfHanoi-v0"


def make(id=MATH, level=(1, 10), **arguments):
    return Curriculum(gym.make(id, level=level, max_turns=1), **arguments)


def play(env, success, seed=None, options=None):
    _, info = env.reset(seed=seed, options=options)
    *_, last = env.step(env.unwrapped.solution()[0] if success else "?")
    assert last["is_success"] is success
    assert last["level"] == info["level"]
    return last


def levels(env, successes):
    """The level of each episode."""
    return [play(env, success)["level"] for success in successes]


def test_up_after_a_window_of_successes():
    env = make(window=3)
    assert levels(env, [True] * 10) == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4]


def test_down_after_a_window_of_failures():
    env = make(window=2, start=4)
    assert levels(env, [False] * 9) == [4, 4, 3, 3, 2, 2, 1, 1, 1]


def test_in_between_it_stays_and_the_window_slides():
    env = make(window=4, low=0.3, high=0.8, start=5)
    assert levels(env, [True, False] * 6) == [5] * 12
    assert env.level == 5
    assert env.success_rate == 0.5
    # T F | T T T: the fourth success in a row fills the window
    assert levels(env, [True, True, True]) == [5, 5, 5]
    assert env.level == 5
    assert levels(env, [True, True]) == [5, 6]


def test_the_bounds_are_those_that_the_text_says():
    up = make(window=4, high=0.75, low=0.5, start=5)
    levels(up, [True, True, True, False])  # exactly high: up
    assert up.level == 6
    levels(up, [True, True, False, False])  # exactly low: stays
    assert up.level == 6
    levels(up, [False])  # T F F F
    assert up.level == 5


def test_it_stays_within_its_levels():
    env = make(window=1, levels=(3, 5))
    assert levels(env, [True] * 5) == [3, 4, 5, 5, 5]
    assert env.success_rate == 1.0
    assert levels(env, [False] * 5) == [5, 4, 3, 3, 3]


def test_what_info_says():
    env = make(window=4)
    _, info = env.reset(seed=0)
    assert info["curriculum"] == {"level": 1, "success_rate": 0.0, "episodes": 0}
    assert play(env, True)["curriculum"] == {"level": 1, "success_rate": 1.0, "episodes": 1}
    assert play(env, False)["curriculum"] == {"level": 1, "success_rate": 0.5, "episodes": 2}
    play(env, True)
    info = play(env, True)  # 3 of 4 is below 0.8
    assert info["curriculum"] == {"level": 1, "success_rate": 0.75, "episodes": 4}
    info = play(env, True)
    assert info["curriculum"] == {"level": 1, "success_rate": 0.75, "episodes": 4}
    info = play(env, True)
    assert info["curriculum"] == {"level": 2, "success_rate": 0.0, "episodes": 0}
    assert info["level"] == 1
    for value, kind in zip(info["curriculum"].values(), (int, float, int), strict=True):
        assert type(value) is kind


def test_seeds_do_not_change_it_and_a_restart_does():
    env = make(window=1)
    for seed in (3, 3, None, 3):
        play(env, True, seed=seed)
    assert env.level == 5
    _, info = env.reset(options={"curriculum": "restart"})
    assert info["level"] == info["curriculum"]["level"] == 1
    play(env, True)
    env.restart()
    assert env.level == 1
    with pytest.raises(ValueError, match="unknown curriculum option 'restat'; did you mean 'rest"):
        env.reset(options={"curriculum": "restat"})
    with pytest.raises(ValueError, match="unknown reset option 'lvl'"):
        env.reset(options={"lvl": 3})


def test_options_are_not_changed():
    options = {"curriculum": "restart"}
    make().reset(options=options)
    assert options == {"curriculum": "restart"}


def test_the_same_seed_and_successes_give_the_same_episodes():
    successes = [True, True, False, True, True, False, False, False, True] * 3
    runs = []
    for _ in range(2):
        env = make(window=2)
        env.reset(seed=5)
        runs.append([(play(env, success)["problem_id"], env.level) for success in successes])
    assert runs[0] == runs[1]
    assert len({level for _, level in runs[0]}) > 2


def test_what_does_not_count():
    env = make(window=1, start=4)
    env.reset(seed=0)
    env.reset()  # broken off
    play(env, False, options={"level": 9})
    play(env, False, options={"problem": Problem("c", 2, "1 + 1?", "2")})
    play(env, False, options={"problem": {"question": "1 + 1?", "answer": "2"}})
    assert env.level == 4
    play(env, False)
    assert env.level == 3
    with pytest.raises(ValueError, match="1 to 10"):
        env.reset(options={"level": 99})
    assert env.level == 3


def test_an_episode_counts_once_however_it_ends():
    env = Curriculum(gym.make(HANOI, level=(1, 10), max_turns=2), window=2, start=2)
    for _ in range(2):
        env.reset()
        env.step("?")
        assert env.level == 2
        *_, truncated, _ = env.step("?")
        assert truncated
    assert env.level == 1


def test_state_travels():
    env = make(window=3)
    levels(env, [True] * 4)
    env.reset()
    twin = pickle.loads(pickle.dumps(env))
    third = make(window=3)
    third.load_state_dict(json.loads(json.dumps(env.state_dict())))
    assert env.state_dict() == {"level": 2, "successes": [1]}
    third.reset()
    more = [True, False, True, True, True, True]
    paths = [levels(one, more) for one in (env, twin, third)]
    assert paths[0] == paths[1] == paths[2]
    assert len(set(paths[0])) > 1


@pytest.mark.parametrize(
    "state",
    [
        None,
        {},
        {"level": 2},
        {"level": 11, "successes": []},
        {"level": "2", "successes": []},
        {"level": True, "successes": []},
        {"level": 2, "successes": [1] * 4},
        {"level": 2, "successes": [2]},
        {"level": 2, "successes": 1},
    ],
)
def test_bad_states(state):
    env = make(window=3)
    with pytest.raises(
        ValueError,
        match=r"^(a state has 'level' and 'successes', as state_dict\(\) gives it; got |"
        r"the level of a state must be from 1 to 10, got |"
        r"the successes of a state are at most 3 times 0 or 1, got )",
    ):
        env.load_state_dict(state)
    assert env.level == 1


def test_a_state_is_taken_over_whole():
    env = make(window=3)
    env.load_state_dict({"level": 4, "successes": [1, 0, 1]})
    assert env.state_dict() == {"level": 4, "successes": [1, 0, 1]}
    assert env.success_rate == pytest.approx(2 / 3)
    play(env, True)  # 0 1 1
    assert env.state_dict() == {"level": 4, "successes": [0, 1, 1]}


def test_the_episode_that_runs_while_a_state_is_loaded_does_not_count():
    env = make(window=3)
    env.reset(seed=0)
    env.load_state_dict({"level": 4, "successes": [1]})
    env.step("?")
    assert env.state_dict() == {"level": 4, "successes": [1]}


def test_after_a_reset_that_failed_the_episode_before_does_not_count():
    env = make(window=3)
    env.reset(seed=0)
    with pytest.raises(ValueError, match="1 to 10"):
        env.reset(options={"level": 99})
    env.step("?")
    assert env.state_dict() == {"level": 1, "successes": []}


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_each_environment_of_a_vector_has_its_own(mode):
    envs = gym.make_vec(
        MATH,
        2,
        mode,
        level=(1, 10),
        wrappers=[lambda env: Curriculum(env, window=1)],
        vector_kwargs={"autoreset_mode": gym.vector.AutoresetMode.SAME_STEP},
    )
    try:
        envs.reset(seed=0)
        for _ in range(4):
            solutions = envs.call("solution") if mode == "sync" else _solutions(envs)
            *_, infos = envs.step([solutions[0][0], "?"])
        assert infos["curriculum"]["level"].tolist() == [5, 1]
        assert infos["level"].tolist() == [5, 1]
        assert [state["level"] for state in envs.call("state_dict")] == [5, 1]
    finally:
        envs.close()


def _solutions(envs):
    return envs.call("solution")


def test_the_levels_of_the_environment():
    assert make(level=(2, 6)).levels == (2, 6)
    assert make(level=3).levels == (1, 10)  # any text may be an answer: no level is too large
    assert make(level=3, levels=(4, 7)).levels == (4, 7)
    assert make(HANOI, level=(1, 5), levels=(3, 3)).levels == (3, 3)
    assert Curriculum(gym.make("CartPole-v1")).levels == (1, 10)
    for id in (HANOI,):
        with pytest.raises(ValueError, match=r"levels 1 to 1: make it with level=\(1, 10\)"):
            make(id, level=1)
        with pytest.raises(ValueError, match=r"levels 2 to 4"):
            make(id, level=(2, 4), levels=(2, 5))
        env = DiscreteCommands(NumericObservation(make(id, level=(1, 4), window=1)))
        for _ in range(6):
            observation, _ = env.reset()
            assert observation in env.observation_space


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"low": 0.9}, ValueError, "low < high"),
        ({"low": -0.1}, ValueError, "low < high"),
        ({"high": 1.1}, ValueError, "low < high"),
        ({"high": float("nan")}, ValueError, "low < high"),
        ({"high": "1"}, TypeError, "high must be a number"),
        ({"low": None}, TypeError, "^low must be a number"),
        ({"window": 0}, ValueError, "window must be 1"),
        ({"window": 2.0}, TypeError, "window must be a whole"),
        ({"levels": (5, 2)}, ValueError, "low first"),
        ({"levels": (0, 2)}, ValueError, "1 to 10"),
        ({"start": 11}, ValueError, "start must be from 1 to 10"),
        ({"start": 1, "levels": (2, 3)}, ValueError, "start must be from 2 to 3"),
        ({"start": "3"}, TypeError, "start must be a whole"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        make(**arguments)


def test_a_mixture_that_moves_its_levels_itself_is_refused():
    with pytest.raises(ValueError, match="leave either adaptive= or Curriculum out"):
        Curriculum(gym.make("Mixture-v0", adaptive=True))
    env = make("Mixture-v0", window=2)
    for _ in range(5):
        env.reset()
        *_, info = env.step(env.unwrapped.solution()[0])
    assert info["curriculum"] == {"level": 3, "success_rate": 1.0, "episodes": 1}


def test_an_environment_of_someone_else():
    class Ladder(gym.Env):
        """Solved by saying the level, whose attribute is nothing like a range."""

        observation_space = action_space = gym.spaces.Text(10)
        level = "easy"

        def reset(self, *, seed=None, options=None):
            self.now = options["level"]
            return "?", {}

        def step(self, action):
            return "", 0.0, True, False, {"is_success": action == str(self.now)}

    env = Curriculum(Ladder(), window=1, levels=(1, 3))
    for level in (1, 2, 3, 3):
        env.reset()
        *_, info = env.step(str(level))
        assert info["is_success"]
    assert env.level == 3
    env.reset()
    for _ in range(2):  # it lets itself be played on after the end
        env.step("wrong")
    assert env.level == 2

    class Mute(Ladder):
        def step(self, action):
            return "", 0.0, True, False, {}

    env = Curriculum(Mute(), levels=(1, 3))
    env.reset()
    with pytest.raises(ValueError, match="and Mute does not give it"):
        env.step("?")


def test_an_environment_that_does_not_tell_success():
    class Silent(gym.Wrapper):
        def step(self, action):
            *said, info = self.env.step(action)
            del info["is_success"]
            return *said, info

    env = Curriculum(Silent(gym.make(MATH)))
    env.reset(seed=0)
    with pytest.raises(ValueError, match="is_success"):
        env.step("?")


def test_an_episode_that_a_time_limit_cuts_off_is_a_failure():
    env = Curriculum(gym.make("TextMaze-v0", level=(1, 3), max_episode_steps=2), window=2, start=2)
    for _ in range(2):
        env.reset(seed=0)
        env.step("dance")
        *_, truncated, info = env.step("dance")
    assert truncated
    assert info["curriculum"]["level"] == 1
