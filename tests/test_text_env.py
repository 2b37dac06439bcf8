"""The episode protocol, on an environment that is small enough to know everything about."""

import pickle
import re

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.error import ResetNeeded

from reasoning_gym_envs import Problem, RewardScheme, Stream
from reasoning_gym_envs.text_env import TextEnv, Turn


class Guess(TextEnv):
    """Guess a number. The nearer the last guess, the further along; "give up" loses."""

    metadata = {"render_modes": ["ansi", "human", "rgb_array"], "render_fps": 4}  # noqa: RUF012
    events = frozenset({"format", "size"})
    broken = False

    def _generate(self, stream, level):
        number = stream.randint(0, 1000 * level)
        return Problem(str(number), level, f"Up to {1000 * level}.", str(number), data=number)

    def _info(self, problem):
        return {"largest": 1000 * problem.level}

    def _turn_limit(self, problem):
        return 2 + problem.level

    def _begin(self, problem):
        self._episode.state = 10**9
        return problem.question

    def _take_turn(self, action):
        number = self._episode.problem.data
        if self.broken:
            raise OSError("the judge has failed")
        if action == "give up":
            return Turn("Lost.", failed=True)
        if not action.isdigit():
            return Turn(f"No number.{self._attempts_left()}", events={"format": 1, "size": 0.5})
        self._episode.state = int(action)
        if int(action) == number:
            return Turn("Right.", solved=True, info={"guessed": number})
        return Turn(f"No.{self._attempts_left()}", info={"guessed": int(action)})

    def _progress(self):
        return 1 / (2 + abs(self._episode.state - self._episode.problem.data))

    def _solve(self):
        return [str(self._episode.problem.data)]

    def _answer(self):
        return self._solve()[0], "text"

    def _admissible(self):
        return [str(self._episode.problem.data), "give up"] if self.level == (7, 7) else None

    def _picture(self):
        return np.zeros((2, 3, 3), np.uint8)


def guess(seed=0, **arguments):
    env = Guess(**{"max_turns": None, **arguments})
    env.reset(seed=seed)
    return env


def number_of(env):
    return int(env.solution()[0])


# Beginning.


def test_what_a_reset_gives():
    env = Guess(level=3)
    observation, info = env.reset(seed=0)
    problem = env.snapshot().episode.problem
    assert observation == "Up to 3000."
    assert info == {"level": 3, "problem_id": problem.id, "largest": 3000, "turn": 0}
    assert observation in env.observation_space
    assert (env.observation_space.max_length, env.action_space.max_length) == (65_536, 1_048_576)
    assert Guess(level=7).reset(seed=0)[1]["admissible_commands"][1] == "give up"


def test_a_seed_begins_a_fixed_sequence():
    def drawn(env, seed, n=5):
        return [env.reset(seed=seed if i == 0 else None)[1]["problem_id"] for i in range(n)]

    env = Guess(level=5)
    first = drawn(env, 3)
    assert first == drawn(Guess(level=5), 3)
    assert len(set(first)) == 5
    env.reset(seed=3)
    env.step("1")
    assert [first[0], *drawn(env, None, 4)] == first  # whatever was done in between
    assert drawn(Guess(level=5), 4) != first
    assert drawn(Guess(level=5), None) != drawn(Guess(level=5), None)
    assert first[0] == "fd9cf79dc6ca6480"  # on every machine
    stream = Stream(int(np.random.default_rng(3).integers(2**63)))
    while (problem := env._generate(stream, 5)).split != "train":
        pass
    assert problem.id == first[0]


def test_levels_are_drawn_from_a_range_and_a_split_is_kept():
    env = Guess(level=(2, 4), split="test")
    infos = [env.reset(seed=n)[1] for n in range(60)]
    assert {info["level"] for info in infos} == {2, 3, 4}
    assert {info["problem_id"][0] for info in infos} == {"0", "1"}
    assert env.split == "test"
    assert env.level == (2, 4)


def test_options_of_a_reset():
    env = guess(level=2)
    problem = Problem("12", 4, "Which?", "12", data=12)
    assert env.reset(options={"problem": problem})[0] == "Which?"
    assert env.step("12")[4]["is_success"]
    assert env.reset(options={"level": 9})[1]["level"] == 9
    assert {env.reset(options={"level": (4, 5)})[1]["level"] for _ in range(30)} == {4, 5}
    assert env.reset(options={})[1]["level"] == 2
    assert "answer" not in env.reset(options={"reveal": False})[1]
    _, info = env.reset(options={"reveal": True})
    assert (info["answer"], info["form"]) == (str(number_of(env)), "text")
    assert info["solution"] == env.solution()
    env._answer = lambda: None  # as where a solution is several actions
    assert not {"answer", "form"} & set(env.reset(options={"reveal": True})[1])


def test_what_a_problem_is_given_as_is_for_the_environment_to_read():
    class Reading(Guess):
        def _given_problem(self, problem, level):
            return Problem(problem, level, "Read.", problem, data=int(problem))

    env = Reading()
    observation, info = env.reset(options={"problem": "12", "level": 7})
    assert (observation, info["level"]) == ("Read.", 7)
    assert env.step("12")[4]["is_success"]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (["level"], TypeError, "options must be a mapping, got list"),
        (
            {"lvl": 3},
            ValueError,
            "unknown reset option 'lvl'; did you mean 'level'? "
            "Allowed: 'level', 'problem', 'reveal'",
        ),
        ({"level": 0}, ValueError, "level must be from 1 to 10, low first, got 0"),
        (
            {"problem": "x" * 100},
            TypeError,
            f"options['problem'] must be a Problem, got str: '{'x' * 79}",
        ),
        (
            {"problem": Problem("1", 1, "?", "1", "Chess")},
            ValueError,
            "options['problem'] is a problem of Chess, not of Guess",
        ),
    ],
)
def test_bad_options_are_named(options, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        guess().reset(options=options)


def test_problems_of_ones_own_topic_and_of_none_are_played():
    env = guess()
    for topic in ("", "Guess"):
        env.reset(options={"problem": Problem("1", 1, "?", "1", topic, data=1)})
    env.mixes_topics = True
    env.reset(options={"problem": Problem("1", 1, "?", "1", "Chess", data=1)})


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"max_turns": 0}, ValueError, "max_turns must be a whole number of 1 or more, or None,"),
        ({"max_turns": True}, ValueError, "or None, got True"),
        ({"max_turns": 1.0}, ValueError, "or None, got 1.0"),
        ({"level": 11}, ValueError, "level must be from 1 to 10"),
        ({"split": "tset"}, ValueError, "unknown split 'tset'"),
        ({"reward": "densse"}, ValueError, "unknown reward 'densse'"),
        (
            {"render_mode": "ansii"},
            ValueError,
            "unknown render_mode 'ansii'; did you mean 'ansi'? "
            "Allowed: 'ansi', 'human', 'rgb_array'",
        ),
        (
            {"reward": {"collision_cost": 1}},
            ValueError,
            "collision_cost: Guess has no collision events",
        ),
        ({"reward": {"runtime_cost": 0.5}}, ValueError, "runtime_cost: Guess has no runtime"),
    ],
)
def test_bad_arguments_are_named(arguments, error, message):
    with pytest.raises(error, match=re.escape(message)):
        Guess(**arguments)


def test_what_is_not_given():
    env = Guess()
    assert env.reward_scheme == RewardScheme("sparse")
    assert (env.level, env.split, env.max_turns, env.render_mode) == ((1, 1), "train", 1, None)
    assert env.command_vocabulary == ()
    assert env.numeric_space is None
    with pytest.raises(NotImplementedError, match="Guess has no numeric view of its own"):
        env.numeric_observation()


# Steps.


def test_what_a_step_gives():
    env = guess(level=2, reward={"mode": "dense", "format_cost": 0.25, "size_cost": 0.5})
    number = number_of(env)
    fixed = {key: env.reset(seed=0)[1][key] for key in ("level", "problem_id", "largest")}
    start = 1 / (2 + 10**9 - number)
    costs = {"format": 0.0, "size": 0.0}
    observation, reward, terminated, truncated, info = env.step("?")
    assert (observation, terminated, truncated) == ("No number. 3 attempts left.", False, False)
    terms = {"success": 0.0, "progress": 0.0, "format": -0.25, "size": -0.25}
    assert info == {**fixed, "turn": 1, "reward_terms": terms}
    assert reward == -0.5
    near = str(number + 2)
    observation, reward, terminated, truncated, info = env.step(near)
    assert (observation, terminated, truncated) == ("No. 2 attempts left.", False, False)
    terms = {"success": 0.0, "progress": pytest.approx(0.25 - start), **costs}
    assert info == {**fixed, "turn": 2, "reward_terms": terms, "guessed": number + 2}
    assert reward == pytest.approx(0.25 - start)
    assert env.step(str(number + 6))[:2] == ("No. 1 attempt left.", pytest.approx(-0.125))
    observation, reward, terminated, truncated, info = env.step(str(number))
    assert (observation, terminated, truncated) == ("Right.", True, False)
    terms = {"success": 1.0, "progress": pytest.approx(1 - 0.125), **costs}
    assert info["reward_terms"] == terms
    assert (info["turn"], info["is_success"]) == (4, True)


def test_an_episode_that_is_lost_or_cut_short():
    env = guess(reward="shaped")
    before = env.snapshot().episode.progress
    *_, reward, terminated, truncated, info = env.step("give up")
    assert (reward, terminated, truncated) == (-before, True, False)
    assert info["is_success"] is False
    env = guess(reward="shaped", max_turns=2)
    env.step("1")
    progress = env.snapshot().episode.progress
    observation, reward, terminated, truncated, info = env.step("x")
    assert (observation, terminated, truncated) == ("No number.", False, True)
    assert reward == pytest.approx((0.99 - 1) * progress)
    assert info["is_success"] is False
    single = guess(max_turns=1)
    assert single.step("x")[2:4] == (True, False)


def test_the_end_in_the_last_turn_is_that_of_the_task():
    for action, is_success in (("give up", False), (None, True)):
        env = guess(max_turns=2)
        env.step("x")
        *_, terminated, truncated, info = env.step(action or str(number_of(env)))
        assert (terminated, truncated, info["is_success"]) == (True, False, is_success)


def test_misspelt_arguments():
    """The first words are Python's own: TorchRL's GymEnv looks for them."""
    with pytest.raises(
        TypeError,
        match=r"^unexpected keyword argument 'levels'; did you mean 'level'\? Allowed: 'reward', ",
    ):
        Guess(levels=3)

    class Anything(Guess):
        def __init__(self, start, /, **arguments):
            self.start, self.colour = start, arguments.pop("colour")
            super().__init__(**arguments)

    env = Anything(5, colour="red", level=2)  # takes what no signature names
    assert (env.start, env.colour, env.level) == (5, "red", (2, 2))

    class Placed(Guess):
        def __init__(self, start, *, level=1):
            self.start = start
            super().__init__(level=level)

    assert pickle.loads(pickle.dumps(Guess(level=3))).level == (3, 3)
    assert Placed(5, level=2).start == Placed(start=5).start == 5
    with pytest.raises(
        TypeError, match=r"^unexpected keyword argument 'split'\. Allowed: 'start', 'level'$"
    ):
        Placed(5, split="test")


def test_commands_that_are_possible_at_the_end():
    for action, terminated in (("give up", True), ("x", False)):
        env = guess(level=7, max_turns=2)
        env.step("x")
        *_, ended, truncated, info = env.step(action)
        assert (ended, truncated) == (terminated, not terminated)
        assert len(info["admissible_commands"]) == (0 if terminated else 2)


def test_the_limit_of_turns_is_ones_own_or_the_problems():
    for max_turns, limit in ((None, 5), (4, 4), (1, 1)):
        env = guess(level=3, max_turns=max_turns)
        assert env.snapshot().episode.turn_limit == limit
        for turn in range(1, limit + 1):
            assert any(env.step("x")[2:4]) is (turn == limit)


def test_where_nothing_is_said_an_episode_has_one_turn():
    class Short(Guess):
        _turn_limit = TextEnv._turn_limit

    env = Short(max_turns=None)
    env.reset(seed=0)
    assert env.step("1")[2:4] == (True, False)


def test_the_length_of_a_response_may_cost():
    env = guess(reward={"length_cost": 0.5, "length_budget": 3})
    assert env.step("12345")[4]["reward_terms"] == {"success": 0.0, "length": -1.0}
    assert env.step("123")[4]["reward_terms"] == {"success": 0.0, "length": 0.0}


def test_a_sparse_reward_asks_for_no_progress():
    class Blind(Guess):
        def _progress(self):
            raise AssertionError

    env = Blind(max_turns=3)
    env.reset(seed=0)
    assert env.step("1")[1] == 0.0
    with pytest.raises(AssertionError):
        Blind(reward="dense").reset(seed=0)


def test_a_turn_that_could_not_be_judged_was_not_taken():
    env = guess()
    env.broken = True
    with pytest.raises(OSError, match="failed"):
        env.step("1")
    env.broken = False
    assert env.step("1")[4]["turn"] == 1


@pytest.mark.parametrize("action", [None, 5, b"text", ["text"]])
def test_an_action_is_a_text(action):
    with pytest.raises(
        TypeError,
        match=f"^an action is a str, got {type(action).__name__}: {re.escape(repr(action))}$",
    ):
        guess().step(action)
    with pytest.raises(TypeError, match=r"got bytes: b'x{78}$"):
        guess().step(b"x" * 1000)


def test_before_the_beginning_and_after_the_end():
    env = Guess()
    with pytest.raises(ResetNeeded, match=r"^no episode is running: call reset\(\) to begin one$"):
        env.step("1")
    for call, name in ((env.render, "render"), (env.snapshot, "snapshot")):
        with pytest.raises(ResetNeeded, match=rf"^call reset\(\) before {name}\(\)$"):
            call()
    env.reset(seed=0)
    env.step("give up")
    with pytest.raises(ResetNeeded, match=r"^no episode is running: call"):
        env.step("1")
    with pytest.raises(ResetNeeded, match=r"^no episode is running to be solved: call reset"):
        env.solution()
    env.snapshot()


# Copies.


def test_a_copy_is_put_back_any_number_of_times():
    env = guess(level=(1, 10), reward="dense", render_mode="ansi")
    env.step("x")
    snapshot = env.snapshot()
    text = env.render()
    number = env.solution()[0]

    def go_on(env):
        env.restore(snapshot)
        assert env.render() == text
        seen = [env.step("5"), env.step(number), env.reset()]
        return [*seen, env.np_random.integers(10**9)]

    first = go_on(env)
    assert first[0][4]["turn"] == 2
    assert first[1][4]["is_success"]
    assert go_on(env) == first
    other = Guess(level=(1, 10), reward="dense", render_mode="ansi")
    assert go_on(other) == first  # where nothing was begun
    assert pickle.loads(pickle.dumps(snapshot)).episode == snapshot.episode


def test_a_copy_is_of_its_class_alone():
    class Other(Guess):
        pass

    other = Other()
    other.reset(seed=0)
    for thing in (other.snapshot(), "text", None):
        with pytest.raises(TypeError, match=r"^restore\(\) takes a snapshot of a Guess$"):
            guess().restore(thing)


def test_a_copy_shares_nothing_that_changes():
    class Listed(Guess):
        def _begin(self, problem):
            self._episode.state = [1, 2]
            return "?"

    env = Listed(max_turns=9)
    env.reset(seed=0)
    snapshot = env.snapshot()
    env._episode.state.append(3)
    assert snapshot.episode.state == [1, 2]
    env.restore(snapshot)
    env._episode.state.append(4)
    assert snapshot.episode.state == [1, 2]
    twin = Listed(max_turns=9)
    twin.reset(seed=1)
    twin.restore(snapshot)
    numbers = env.np_random.integers(10**9, size=5).tolist()
    assert twin.np_random.integers(10**9, size=5).tolist() == numbers


# Rendering.


def test_what_is_shown(capsys):
    env = Guess(reward="dense", max_turns=3, render_mode="ansi")
    env.reset(seed=0)
    number = number_of(env)
    env.step("x\ny")
    env.step(str(number))
    lines = env.render().split("\n")
    assert lines == [
        "── Guess · level 1 ──",
        "Up to 1000.",
        "> x",
        "y",
        "No number. 2 attempts left.",
        "[reward +0: success +0, progress +0]",
        f"> {number}",
        "Right.",
        "[reward +2: success +1, progress +1]",
    ]
    assert capsys.readouterr().out == ""
    env.reset(seed=0)
    assert env.render() == "\n".join(lines[:2])


def test_what_is_shown_as_it_happens(capsys):
    env = Guess(render_mode="human", max_turns=2)
    env.reset(seed=0)
    assert capsys.readouterr().out == "── Guess · level 1 ──\nUp to 1000.\n"
    env.step("x")
    shown = "> x\nNo number. 1 attempt left.\n[reward +0: success +0]\n"
    assert capsys.readouterr().out == shown
    assert env.render() is None


def test_the_title_is_the_id():
    env = Guess(render_mode="ansi")
    env.spec = EnvSpec("GuessForTests-v0")
    env.reset(seed=0)
    assert env.render().startswith("── GuessForTests-v0 · level 1 ──\n")


def test_a_picture():
    env = guess(render_mode="rgb_array")
    assert env.render().shape == (2, 3, 3)


def test_without_a_mode_nothing_is_shown_and_it_is_said(monkeypatch):
    said = []
    monkeypatch.setattr(gym.logger, "warn", said.append)
    env = guess()
    env.step("1")
    assert env.render() is None
    assert said == [
        "render() without a render mode shows nothing; make the environment with "
        "render_mode= one of ['ansi', 'human', 'rgb_array']"
    ]
    assert env.snapshot().episode.transcript == ()
