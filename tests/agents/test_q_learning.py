"""Tables of values learn, what they learn is right, and a broken update is noticed."""

import json
import signal
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest

pytest.importorskip("safetensors")
pytest.importorskip("rich")

from agents import q_learning
from agents.common.environments import make_test
from agents.q_learning import BatchedQLearning, QLearning, QLearningConfig
from reasoning_gym_envs.maze.mazes import DIRECTIONS
from reasoning_gym_envs.maze.text_maze import described
from reasoning_gym_envs.maze.views import Place
from reasoning_gym_envs.seeds import derive_seed

MAZE = {"view": "coordinates"}  # a text for each cell, so that the table is one of states


def config(**settings):
    env_kwargs = {**MAZE, **settings.pop("env_kwargs", {})}
    return QLearningConfig(
        **{"same_problem": True, "env_kwargs": env_kwargs, "eval_every": 0, **settings}
    )


def trained(settings, kind=QLearning):
    agent = kind(settings)
    while agent.envs.steps < settings.steps:
        agent.update()
    return agent


def shortest(settings):
    env = gym.make("TextMaze-v0", **{**settings.env_kwargs, "reward": "sparse"})
    env.reset(seed=settings.seed)
    return len(env.unwrapped.solution())


# It learns.


@pytest.mark.parametrize("level", [1, 2, 3])
@pytest.mark.parametrize(
    ("reward", "exploration"),
    [
        # chance alone finds the exit too seldom
        ("sparse", {"epsilon": 0.0, "epsilon_end": 0.0, "initial_value": 1.0}),
        ("shaped", {"epsilon_end": 0.3}),
    ],
    ids=["sparse", "shaped"],
)
def test_one_maze_is_solved_by_the_shortest_way(level, reward, exploration):
    for seed in (1, 2):
        settings = config(
            env_kwargs={"level": level, "reward": reward}, seed=seed, steps=12_000, **exploration
        )
        score = trained(settings).evaluate()
        assert score.success == 1
        assert score.length == shortest(settings)


@pytest.mark.parametrize("target", ["q_learning", "sarsa", "expected_sarsa"])
@pytest.mark.parametrize(
    "exploration",
    [
        {"epsilon": 0.5, "epsilon_steps": 6_000},
        {"epsilon": 0.0, "epsilon_end": 0.0, "initial_value": 1.0},
        {"epsilon": 0.0, "epsilon_end": 0.0, "count_bonus": 0.3},
    ],
    ids=["epsilon_greedy", "optimistic", "count_bonus"],
)
def test_every_target_learns_with_every_exploration(target, exploration):
    settings = config(env_kwargs={"level": 1}, seed=1, steps=8_000, target=target, **exploration)
    score = trained(settings).evaluate()
    assert (score.success, score.length) == (1, shortest(settings))


# What it learns is right.


def exact_values(maze, gamma):
    """Q* of a plain maze with sparse rewards: γ to the power of the steps left after the step."""
    return {
        (cell, direction): gamma ** maze.distance(maze.step(cell, 0, direction), 0)
        for cell in range(maze.size**2)
        if cell != maze.exit
        for direction in maze.open_directions(cell, 0)
    }


class WrongSign(QLearning):
    def learn_from(self, observation, command, target):
        now = self.values(observation, [command])[0]
        return super().learn_from(observation, command, 2 * now - target)


class NoDiscount(QLearning):
    def value(self, *arguments):
        return super().value(*arguments) / self.config.gamma


class TruncationEndsAll(QLearning):
    def __init__(self, settings):
        super().__init__(settings)
        step = self.envs.step

        def wrong(command):
            observation, commands, reward, terminated, truncated = step(command)
            return observation, commands, reward, terminated or truncated, truncated

        self.envs.step = wrong


class NoMask(QLearning):
    def values(self, observation, commands):
        return super().values(observation, self.vocabulary)

    def explore(self, observation, commands):
        return super().explore(observation, self.vocabulary)


@pytest.mark.parametrize(
    ("kind", "is_right"),
    [
        (QLearning, True),
        (WrongSign, False),
        (NoDiscount, False),
        (TruncationEndsAll, False),
        (NoMask, False),
    ],
)
def test_the_values_are_the_exact_ones_and_those_of_a_broken_rule_are_not(kind, is_right):
    """Episodes are cut short after 10 steps, which must not change what states are worth."""
    settings = config(
        env_kwargs={"level": 1, "max_turns": 10},
        seed=6,
        steps=30_000,
        epsilon_end=1.0,
        learning_rate=1.0,
        gamma=0.9,
    )
    agent = trained(settings, kind)
    env = gym.make("TextMaze-v0", **settings.env_kwargs, instruction="")
    text, _ = env.reset(seed=settings.seed)
    commands, worst = env.unwrapped.solution(), 0.0
    assert len(commands) < 10  # the exit is reached at times
    for left in range(len(commands), 0, -1):
        learned = max(agent.table.get(text, {"": -1.0}).values())
        worst = max(worst, abs(learned - settings.gamma ** (left - 1)))
        text, *_ = env.step(commands[-left])
    unheard = [text for text in agent.table if "Possible" in text]
    assert (worst < 1e-9 and not unheard) is is_right


def test_sarsa_keeps_away_from_the_cliff_and_q_learning_walks_along_it():
    """Example 6.6 of Sutton and Barto 2018."""

    def way(target):
        settings = QLearningConfig(
            env_id="CliffWalking-v1",
            env_kwargs={"max_episode_steps": 500},
            vocabulary=("up", "right", "down", "left"),
            target=target,
            steps=20_000,
            gamma=1.0,
            learning_rate=0.2,
            epsilon=0.1,
            epsilon_end=0.1,
            seed=1,
        )
        agent = trained(settings)
        row, column, cells = 3, 0, []
        while (row, column) != (3, 11) and len(cells) < 50:
            command = agent.act(f"State {12 * row + column}.")
            row += {"up": -1, "down": 1}.get(command, 0)
            column += {"left": -1, "right": 1}.get(command, 0)
            cells.append((row, column))
        return cells

    along, around = way("q_learning"), way("sarsa")
    assert len(along) == 13  # the shortest way
    assert sum(row == 2 for row, _ in along) == 12  # the row at the edge
    assert around[-1] == (3, 11)
    assert len(around) > 13
    assert sum(row == 2 for row, _ in around) <= 2


class Potentials(QLearning):
    """Begins with Q(s, a) = Φ(s), 0 at the exit, and gives the commands that it is told."""

    def __init__(self, settings, told):
        super().__init__(settings)
        self.told = iter(told)
        maze = self.envs._env.unwrapped._episode.problem.data
        self.potential = {
            described(maze, Place(cell, keys), "coordinates", fog=False): 0.0
            if cell == maze.exit
            else settings.gamma ** maze.distance(cell, keys)
            for cell in range(maze.size**2)
            for keys in (0, 1)
        }

    def initial(self, observation):
        return self.potential[observation]

    def explore(self, observation, commands):
        return next(self.told)


class Told(QLearning):
    """Writes down which commands it gives."""

    def __init__(self, settings):
        super().__init__(settings)
        self.told = []

    def explore(self, observation, commands):
        self.told.append(super().explore(observation, commands))
        return self.told[-1]


@pytest.mark.parametrize("target", ["q_learning", "sarsa", "expected_sarsa"])
def test_shaping_is_the_same_as_starting_from_the_potentials(target):
    """Wiewiora 2003: after the same steps the values differ by Φ(s), to the rounding."""
    settings = {"seed": 3, "steps": 5_000, "target": target, "epsilon_end": 0.3}
    shaped = trained(config(env_kwargs={"level": 4, "reward": "shaped"}, **settings), Told)
    plain = config(env_kwargs={"level": 4}, **settings)
    started = Potentials(plain, shaped.told)
    while started.envs.steps < plain.steps:
        started.update()
    assert started.table.keys() == shaped.table.keys()
    assert len(shaped.table) > 100
    assert shaped.envs.episodes > 5
    for text, values in shaped.table.items():
        phi, other = started.potential[text], started.table[text]
        assert max(abs(value + phi - other[command]) for command, value in values.items()) < 1e-12
        # so the greedy choice is the same
        assert other[max(values, key=values.get)] == pytest.approx(max(other.values()), abs=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("env_id", "env_kwargs"),
    [("TextMaze-v0", {"level": 3, **MAZE}), ("TowerOfHanoi-v0", {"level": 1})],
)
def test_shaping_leaves_the_best_policy_as_it_was(env_id, env_kwargs):
    """Ng, Harada and Russell 1999: what is greedy under "shaped" is so under "sparse"."""
    for seed in range(2):
        values = {}
        for reward in ("sparse", "shaped"):
            settings = QLearningConfig(
                env_id=env_id,
                env_kwargs={**env_kwargs, "reward": reward},
                same_problem=True,
                seed=seed,
                steps=12_000,
                learning_rate=1.0,
                epsilon_end=1.0,
            )
            values[reward] = trained(settings).table
        both = values["sparse"].keys() & values["shaped"].keys()
        assert len(both) > 20
        for text in both:
            sparse, shaped = values["sparse"][text], values["shaped"][text]
            best = max(shaped, key=shaped.get)
            assert sparse[best] == pytest.approx(max(sparse.values()), abs=1e-9)


# Problems that it was not trained on.


HELD_OUT = {
    "env_id": "LightsOut-v0",
    "env_kwargs": {"level": 1},
    "same_problem": False,
    "steps": 20_000,
    "seed": 1,
    "eval_episodes": 40,
}


class NoUpdate(QLearning):
    def learn_from(self, observation, command, target):
        return 0.0


class NothingAhead(QLearning):
    def value(self, *arguments):
        return 0.0


@pytest.mark.parametrize(
    ("kind", "solves"),
    [(QLearning, True), (WrongSign, False), (NothingAhead, False), (NoUpdate, False)],
)
def test_problems_of_the_test_split_are_solved_with_a_right_update_alone(kind, solves):
    assert (trained(QLearningConfig(**HELD_OUT), kind).evaluate().success > 0.8) is solves


# Runs.


def small(**settings):
    return config(
        **{
            "env_kwargs": {"level": 1},
            "seed": 5,
            "steps": 3_000,
            "log_every": 250,
            "eval_every": 1_000,
            "checkpoint_every": 1_000,
            **settings,
        }
    )


def records(folder):
    """The metrics of a run, without the time that they took."""
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    return [{**json.loads(line), "steps_per_second": None} for line in lines]


@pytest.mark.parametrize(
    "settings",
    [{}, {"target": "sarsa"}, {"learning_rate_decay": True, "count_bonus": 0.1, "remember": 1}],
    ids=str,
)
@pytest.mark.parametrize("stop_at", [1_250, 2_000])
def test_a_resumed_run_is_the_same_as_one_never_stopped(tmp_path, settings, stop_at):
    whole = QLearning(small(**settings))
    assert whole.learn(tmp_path / "whole")
    first = QLearning(small(**settings))

    def interrupt(step, metrics):
        if step == stop_at:
            signal.raise_signal(signal.SIGINT)

    assert not first.learn(tmp_path / "parts", on_update=interrupt)
    again = QLearning(small(**settings))
    assert again.learn(tmp_path / "parts", resume=True)
    assert again.table == whole.table
    assert again.visits == whole.visits
    assert again.random.getstate() == whole.random.getstate()
    assert records(tmp_path / "parts") == records(tmp_path / "whole")


def test_a_saved_agent_acts_the_same(tmp_path):
    settings = small(env_kwargs={"level": 1}, learning_rate_decay=True)
    agent = QLearning(settings)
    agent.learn(tmp_path / "run")
    loaded = QLearning.load(tmp_path / "run")
    assert loaded.table == agent.table
    assert loaded.visits == agent.visits
    assert loaded.evaluate() == agent.evaluate()
    env = gym.make("TextMaze-v0", **settings.env_kwargs, instruction="")
    text, info = env.reset(seed=settings.seed)
    for _ in range(shortest(settings)):
        command = loaded.act(text, info)
        assert command in info["admissible_commands"]
        text, _, terminated, _, info = env.step(command)
    assert terminated
    assert [p.suffix for p in sorted((tmp_path / "run" / "checkpoints").glob("*/table*"))] == [
        ".json",
        ".safetensors",
    ] * 2


def test_playing_during_a_run_does_not_change_it():
    plain, played = QLearning(small()), QLearning(small())
    plain.learn()
    played.learn(on_update=lambda step, metrics: played.act("never seen"))
    assert played.table == plain.table
    assert played.random.getstate() == plain.random.getstate()


def test_metrics_are_logged(tmp_path):
    QLearning(small()).learn(tmp_path)
    record = records(tmp_path)[-1]
    assert record["step"] == 3_000
    assert record["epsilon"] == pytest.approx(1 - 0.95 * 2_999 / 20_000)
    assert 5 < record["states"] <= 25
    assert {"episodes", "return", "success", "length", "td_error", "steps_per_second"} <= set(
        record
    )
    assert record["test_success"] == 1


def test_the_same_seed_is_the_same_agent_and_another_is_not():
    first, second = (trained(small(same_problem=False, steps=1_000)) for _ in range(2))
    assert first.table == second.table
    assert trained(small(same_problem=False, steps=1_000, seed=6)).table != first.table


def test_a_text_shares_its_values_whatever_commands_come_with_it():
    agent = QLearning(small())
    agent.learn_from("here", "north", 1.0)
    agent.learn_from("here", "south", 0.5)
    assert agent.act("here", {"admissible_commands": ["south", "north"]}) == "north"
    assert agent.act("here", {"admissible_commands": ["south", "west"]}) == "south"
    assert agent.act("here") == "north"
    assert agent.values("here", ["west", "south"]) == [0.0, 0.25]


def test_equals_are_drawn_from_evenly():
    agent = QLearning(small())
    commands = ["a", "b", "c"]
    drawn = [agent.act("never seen", {"admissible_commands": commands}) for _ in range(3_000)]
    assert all(900 < drawn.count(command) < 1_100 for command in commands)


def test_a_mean_of_targets():
    agent = QLearning(small(learning_rate_decay=True, initial_value=9.0))
    for target in (1.0, 2.0, 6.0):
        agent.learn_from("s", "a", target)
    assert agent.table["s"]["a"] == pytest.approx(3.0)


def test_the_bonus_falls_with_the_visits_and_the_untried_comes_first():
    agent = QLearning(small(count_bonus=0.5, learning_rate=1.0))
    for _ in range(4):
        agent.learn_from("s", "a", 0.1)
    agent.learn_from("s", "b", 0.2)
    assert agent.scores("s", ["a", "b", "c"]) == [0.1 + 0.25, 0.2 + 0.5, float("inf")]


def test_bad_settings_are_refused():
    with pytest.raises(ValueError, match="target"):
        QLearning(small(target="monte_carlo"))
    with pytest.raises(ValueError, match="log_every must be at least 1, got 0"):
        QLearning(small(log_every=0))


def test_epsilon_goes_to_its_end_from_above_and_from_below():
    for begin, end in ((0.5, 0.1), (0.1, 0.5), (0.3, 0.3)):
        agent = QLearning(small(epsilon=begin, epsilon_end=end, epsilon_steps=1_000, log_every=1))
        for step in range(1_200):
            expected = begin + (end - begin) * min(step / 1_000, 1)
            assert agent.update()["epsilon"] == pytest.approx(expected)
    for steps in (0, 1):  # at once
        agent = QLearning(small(epsilon=0.5, epsilon_end=0.1, epsilon_steps=steps, log_every=1))
        assert agent.epsilon == 0.5
        assert [agent.update()["epsilon"] for _ in range(3)] == [0.5, 0.1, 0.1]


def test_only_commands_of_the_vocabulary_are_tried():
    """As the action mask has it, which the agents with a network go by."""
    only = ("north", "east")
    agent = trained(small(steps=200, vocabulary=only))
    assert {command for values in agent.table.values() for command in values} == set(only)
    possible = agent.envs._possible
    assert possible({"admissible_commands": ["south", "east"]}) == ["east"]
    assert tuple(possible({"admissible_commands": ["south"]})) == only


class Counting(gym.Env):
    """Ends after two steps; its info says nothing, as an environment's may."""

    observation_space = action_space = gym.spaces.Text(10)

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.step_count = 0
        return "0", {}

    def step(self, action):
        self.step_count += 1
        return str(self.step_count), float(action == "b"), self.step_count == 2, False, {}


gym.register("Counting-v0", Counting)


def test_an_environment_need_not_say_what_is_admissible_or_solved():
    settings = QLearningConfig(
        env_id="Counting-v0", vocabulary=("a", "b"), same_problem=False, steps=300, eval_episodes=2
    )
    agent = trained(settings)
    assert agent.evaluate() == (0.0, 2.0, 2.0)
    assert agent.envs.metrics()["success"] == 0


# The rule, step by step.


def counting(**settings):
    return QLearning(
        QLearningConfig(
            **{
                "env_id": "Counting-v0",
                "vocabulary": ("a", "b"),
                "same_problem": False,
                "steps": 100,
                "log_every": 40,
                "gamma": 0.9,
                "seed": 3,
                **settings,
            }
        )
    )


def watched(agent):
    """What is done and learned, in order."""
    step, begin, learn_from, seen = agent.envs.step, agent.envs.begin, agent.learn_from, []

    def stepping(command):
        result = step(command)
        seen.append(("step", command, result))
        return result

    def beginning(seed=None):
        begin(seed)
        seen.append(("begin", agent.envs.observation))

    def learning(observation, command, target):
        before = {text: dict(values) for text, values in agent.table.items()}
        error = learn_from(observation, command, target)
        seen.append(("learn", observation, command, target, before, error))
        return error

    agent.envs.step, agent.envs.begin, agent.learn_from = stepping, beginning, learning
    return seen


@pytest.mark.parametrize("target", ["q_learning", "sarsa", "expected_sarsa"])
@pytest.mark.parametrize("initial_value", [0.0, 0.5])
def test_targets_are_those_of_the_equations(target, initial_value):
    agent = counting(target=target, epsilon=0.6, epsilon_end=0.6, initial_value=initial_value)
    seen = watched(agent)
    metrics = agent.update()
    steps = [event[1:] for event in seen if event[0] == "step"]
    learned = [event[1:] for event in seen if event[0] == "learn"]
    assert len(steps) == len(learned) == agent.envs.steps == 40
    texts = ["0", "1"] * 20  # an episode has two steps
    assert [event[0] for event in seen] == ["step", "learn", "step", "learn", "begin"] * 20
    for n, (observation, command, aim, before, error) in enumerate(learned):
        given, (after, commands, reward, terminated, _) = steps[n]
        assert (observation, command) == (texts[n], given)
        known = [before.get(after, {}).get(c, initial_value) for c in commands]
        if terminated:
            future = 0.0
        elif target == "q_learning":
            future = max(known)
        elif target == "sarsa":
            future = known[commands.index(steps[n + 1][0])]
        else:
            greedy = max(known)
            future = 0.4 * greedy + 0.6 * sum(known) / 2
        assert aim == pytest.approx(reward + 0.9 * future)
        old = before.get(observation, {}).get(command, initial_value)
        assert error == pytest.approx(aim - old)
    errors = [abs(error) for *_, error in learned]
    assert metrics == {
        "epsilon": 0.6,
        "states": 2,
        "td_error": pytest.approx(np.mean(errors)),
    }
    # the last update takes what steps are left
    agent.update()
    agent.update()
    assert agent.envs.steps == 100


def test_a_step_goes_part_of_the_way():
    agent = counting(learning_rate=0.25, initial_value=2.0)
    assert agent.learn_from("s", "a", 6.0) == 4.0
    assert agent.table == {"s": {"a": 3.0}}
    assert agent.table["s"]["b"] == 2.0
    assert agent.learn_from("s", "a", 1.0) == -2.0
    assert agent.table["s"]["a"] == 2.5
    assert agent.values("s", ["b", "a"]) == [2.0, 2.5]
    assert agent.values("new", ["b", "a"]) == [2.0, 2.0]
    assert agent.visits == {}  # counted where something asks for it
    agent = counting(learning_rate_decay=True)
    agent.learn_from("s", "a", 6.0)
    agent.learn_from("s", "a", 1.0)
    agent.learn_from("s", "b", 1.0)
    assert agent.visits == {"s": {"a": 2.0, "b": 1.0}}
    assert agent.table == {"s": {"a": 3.5, "b": 1.0}}


def test_what_the_future_is_worth():
    for target, expected in (
        ("q_learning", 3.0),
        ("sarsa", 1.0),
        ("expected_sarsa", 0.7 * 3 + 0.3 * 7 / 3),
    ):
        agent = counting(target=target, learning_rate=1.0)
        agent.epsilon = 0.3
        for command, value in zip("abc", (1.0, 3.0, 3.0), strict=True):
            agent.learn_from("s", command, value)
        assert agent.value("s", ["a", "b", "c"], "a") == pytest.approx(
            1.0 if target == "expected_sarsa" else expected
        )
        if target == "expected_sarsa":
            assert agent.value("s", ["a", "b", "c"], None) == pytest.approx(expected)
    # what is greedy counts the bonus, what it is worth does not
    agent = counting(target="expected_sarsa", learning_rate=1.0, count_bonus=1.0)
    agent.epsilon = 0.5
    for _ in range(100):
        agent.learn_from("s", "a", 3.0)
    agent.learn_from("s", "b", 2.5)
    assert agent.scores("s", ["a", "b"]) == pytest.approx([3.1, 3.5])
    assert agent.value("s", ["a", "b"], None) == pytest.approx(0.5 * 2.5 + 0.5 * 5.5 / 2)
    assert agent.scores("new", ["a"]) == [float("inf")]


def test_exploring():
    agent = counting(learning_rate=1.0)
    commands = ["a", "b", "c", "d"]
    for command, value in zip(commands, (1.0, 3.0, 3.0, 2.0), strict=True):
        agent.learn_from("s", command, value)
    for epsilon, shares in (
        (0.0, (0, 0.5, 0.5, 0)),
        (1.0, (0.25,) * 4),
        (0.4, (0.1, 0.4, 0.4, 0.1)),
    ):
        agent.epsilon = epsilon
        drawn = [agent.explore("s", commands) for _ in range(4_000)]
        assert [drawn.count(c) / 4_000 for c in commands] == pytest.approx(shares, abs=0.03)
    info = {"admissible_commands": commands}
    drawn = [agent.act("s", info) for _ in range(50)]
    assert set(drawn) == {"b", "c"}
    twin = counting(learning_rate=1.0)
    twin.table = agent.table
    assert [twin.act("s", info) for _ in range(50)] == drawn  # equals go by the seed
    assert agent.act("s") == "b"  # of the vocabulary, where nothing is said
    assert agent.act("s", {}) == "b"
    masks = np.array([[True, True], [True, False]])
    assert agent.choose(["s", "s"], masks).tolist() == [1, 0]


@pytest.mark.parametrize("target", ["q_learning", "sarsa"])
def test_what_is_greedy_goes_by_the_observation(target):
    """Here b is always the better one."""
    agent = counting(
        target=target,
        epsilon=0.0,
        epsilon_end=0.0,
        initial_value=5.0,
        learning_rate=1.0,
        steps=200,
        log_every=200,
    )
    seen = watched(agent)
    agent.update()
    given = [event[1] for event in seen if event[0] == "step"]
    assert given[150:] == ["b"] * 50


def test_without_epsilon_nothing_is_explored():
    """Even where a random number is 0."""

    class Zeros:
        def random(self):
            return 0.0

    agent = counting()
    agent.learn_from("s", "b", 1.0)
    agent.random, agent.epsilon = Zeros(), 0.0
    assert agent.explore("s", ["a", "b"]) == "b"


def test_the_test_problems_are_made_once(monkeypatch):
    made = []

    def making(config):
        made.append(make_test(config))
        return made[-1]

    monkeypatch.setattr(q_learning, "make_test", making)
    agent = counting(eval_episodes=1)
    assert agent.evaluate() == agent.evaluate()
    assert len(made) == 1


def test_an_agent_counts_visits_only_where_they_are_asked_for(tmp_path):
    for settings, counts in (({}, False), ({"count_bonus": 0.5}, True)):
        settings = {**settings, "initial_value": 0.5}
        agent = counting(**settings)
        agent.update()
        agent.learn_from("\u00e9\u4e2d", "a", 2.0)
        assert bool(agent.visits) is counts
        agent.save(tmp_path / "new" / str(counts))
        twin = counting(**settings)
        twin.learn_from("forgotten", "a", 1.0)
        twin._read(tmp_path / "new" / str(counts))
        assert (twin.table, twin.visits) == (agent.table, agent.visits)
        assert twin.table["0"]["never tried"] == 0.5
        assert not counts or twin.visits["0"]["never tried"] == 0.0
        agent.save(tmp_path / "new" / str(counts))  # over what is there


def test_a_saved_table_is_readable_and_utf_8_whatever_the_locale(tmp_path, monkeypatch):
    encodings = []

    def watch(name):
        plain = getattr(Path, name)

        def looking(path, *args, encoding=None, **kwargs):
            encodings.append(str(encoding).lower())
            return plain(path, *args, encoding=encoding, **kwargs)

        monkeypatch.setattr(Path, name, looking)

    watch("read_text")
    watch("write_text")

    agent = ByLength(counting().config)
    agent.learn_from("\u00e9\u4e2d", "a", 2.0)
    agent.save(tmp_path)
    assert "\u00e9\u4e2d".encode() in (tmp_path / "table.json").read_bytes()
    again = ByLength(agent.config)
    again._read(tmp_path)
    assert encodings == ["utf-8", "utf-8"]
    for table in (agent.table, again.table):  # what was never tried is still as at first
        assert table["\u00e9\u4e2d"]["b"] == 2.0
    assert agent.values("new", ["a", "b"]) == [3.0, 3.0]


class ByLength(QLearning):
    """What was never tried is worth as much as its observation is long."""

    def initial(self, observation):
        return float(len(observation))


def test_episodes_begin_from_seeds_that_the_seed_and_the_steps_decide():
    agent = counting()
    env, seeds = agent.envs._env, []
    reset = env.reset

    def looking(*, seed=None, options=None):
        seeds.append(seed)
        return reset(seed=seed, options=options)

    env.reset = looking
    agent.envs.restart()
    agent.update()
    agent.envs.restart()
    assert seeds[0] == derive_seed(3, 0, 0)
    assert seeds[1:21] == [None] * 20
    assert seeds[21:] == [derive_seed(3, 0, 40)]


def test_success_is_what_the_environment_says_at_the_end():
    agent = counting()
    step = agent.envs._env.step
    agent.envs._env.step = lambda c: (*step(c)[:4], {"is_success": c == "b"})
    for commands in ("ab", "ba", "aa", "bb"):  # it says so of each step; that of the end counts
        for command in commands:
            agent.envs.step(command)
        agent.envs.begin()
    assert agent.envs.metrics()["success"] == 0.5


def test_finished_episodes_are_counted():
    agent = counting(epsilon=0.0, epsilon_end=0.0)
    agent.envs.step("a")
    agent.envs.step("b")
    agent.envs.begin()
    agent.envs.step("b")
    agent.envs.step("b")
    assert agent.envs.episodes == 2
    metrics = agent.envs.metrics()
    assert (metrics["return"], metrics["length"], metrics["success"]) == (1.5, 2.0, 0.0)
    assert agent.envs.state()["commands"] == ["a", "b", "b", "b"]
    assert agent.envs.state()["restarted"] == 0


# The batch.


def mazes(n, **arguments):
    return gym.make_vec(
        "TextMaze-v0", n, observation="index", same_maze=True, **{"slip": 0, **arguments}
    )


def greedy_length(agent, seed, table=0, **arguments):
    """Steps of the greedy way of a table in a single environment, and of the shortest way."""
    env = gym.make("TextMaze-v0", **{"slip": 0, **arguments, "reward": "sparse"})
    env.reset(seed=seed)
    maze, best = env.unwrapped._episode.problem.data, len(env.unwrapped.solution())
    for step in range(1, 500):
        place = env.unwrapped._episode.state
        state = table * agent.states + place.cell + maze.size**2 * place.keys
        *_, terminated, truncated, _ = env.step(DIRECTIONS[int(agent.values[:, state].argmax())])
        if terminated or truncated:
            return step if terminated else None, best
    return None, best


@pytest.mark.parametrize(
    ("reward", "initial_value", "steps"), [("shaped", 0.0, 400), ("sparse", 1.0, 2_000)]
)
def test_the_batch_solves_a_maze_of_21_by_21(reward, initial_value, steps):
    agent = BatchedQLearning(mazes(256, level=7, reward=reward), initial_value=initial_value)
    agent.begin([2] * 256)
    agent.learn(steps)
    found, best = greedy_length(agent, 2, level=7)
    assert found == best


def test_each_slot_can_learn_a_maze_of_its_own():
    agent = BatchedQLearning(mazes(20, level=2, reward="shaped"), shared=False)
    agent.begin(list(range(20)))
    agent.learn(1_500)
    for seed in range(20):
        found, best = greedy_length(agent, seed, table=seed, level=2)
        assert found == best


@pytest.mark.parametrize("n", [1, 50])
def test_the_batch_learns_the_exact_values(n):
    """Through automatic resets and episodes cut short, of which nothing may be learned."""
    envs = mazes(n, level=1, max_turns=12)
    agent = BatchedQLearning(envs, epsilon=1.0, gamma=0.9)
    agent.begin([6] * n)
    agent.learn(20_000 // n)
    env = gym.make("TextMaze-v0", level=1)
    env.reset(seed=6)
    maze = env.unwrapped._episode.problem.data
    right = exact_values(maze, 0.9)
    learned = {
        (cell, direction): value
        for (direction, cell), value in np.ndenumerate(agent.values)
        if value > 0
    }
    assert len(learned) > 15  # the exit is more than 12 steps away from other cells
    assert learned == pytest.approx({step: right[step] for step in learned}, abs=1e-9)
    admissible = np.isfinite(agent.values).T
    for cell in set(np.flatnonzero(admissible.any(axis=1)).tolist()) - {maze.exit}:
        assert np.flatnonzero(admissible[cell]).tolist() == list(maze.open_directions(cell, 0))
    # every step but those that began an episode was an update
    assert agent.updates < 20_000 * 12 / 13 + n
    assert agent.updates > 20_000 * 0.8


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("learning_rate", [1.0, 0.5])
def test_the_batch_does_what_a_loop_does(shared, learning_rate):
    """The same random numbers, a slot at a time: of equal steps of a moment the last one counts."""
    n, steps, seed = 6, 150, 11
    settings = {"level": 1, "max_turns": 9, "reward": "shaped"}
    agent = BatchedQLearning(
        mazes(n, **settings),
        shared=shared,
        gamma=0.9,
        learning_rate=learning_rate,
        epsilon=0.3,
        initial_value=0.25,
        seed=seed,
    )
    seeds = [4] * n if shared else list(range(n))
    agent.begin(seeds)
    agent.learn(steps)

    envs, rng = mazes(n, **settings), np.random.default_rng(seed)
    states, infos = envs.reset(seed=seeds)
    table, updates, ended = {}, 0, [False] * n

    def known(slot, state, commands):
        place = (0 if shared else slot, int(state))
        if place not in table:
            first = {DIRECTIONS.index(c): 0.25 for c in commands} or dict.fromkeys(range(4), 0.0)
            table[place] = first
        return table[place]

    rows = [known(i, states[i], infos["admissible_commands"][i]) for i in range(n)]
    looked_up = [dict(row) for row in rows]  # the choice goes by the values before the update
    for step in range(steps):
        if step % 64 == 0:
            block = min(64, steps - step)
            picks = rng.integers(0, 12, (block, n), dtype=np.uint8)
            explores = rng.random((block, n), dtype=np.float32) < 0.3
        actions = []
        for i, row in enumerate(looked_up):
            best = max(row.values())
            tied = sorted(a for a, q in row.items() if explores[step % 64, i] or q == best)
            actions.append(tied[picks[step % 64, i] % len(tied)])
        states, rewards, terminated, truncated, infos = envs.step(np.array(actions))
        after = [known(i, states[i], infos["admissible_commands"][i]) for i in range(n)]
        targets = [
            rewards[i] + 0.9 * (0.0 if terminated[i] else max(after[i].values())) for i in range(n)
        ]
        looked_up = [dict(row) for row in after]
        old = [row[action] for row, action in zip(rows, actions, strict=True)]
        for i in range(n):
            if not ended[i]:
                rows[i][actions[i]] = old[i] + learning_rate * (targets[i] - old[i])
                updates += 1
        rows, ended = after, (terminated | truncated).tolist()
    assert agent.updates == updates
    for (slot, state), row in table.items():
        column = agent.values[:, slot * agent.states + state]
        assert {a for a in range(4) if np.isfinite(column[a])} == set(row)
        assert all(column[a] == pytest.approx(q, abs=1e-12) for a, q in row.items())
    assert np.isfinite(agent.values).any(0).sum() == len(table)
    best = agent.act(states)
    for i, row in enumerate(rows):
        assert row[int(best[i])] == pytest.approx(max(row.values()))


def test_the_batch_has_one_table_or_one_for_each_slot():
    agent = BatchedQLearning(mazes(3, level=1))
    states = agent.states
    assert agent.values.shape == (4, states)
    assert BatchedQLearning(mazes(3, level=1), shared=False).values.shape == (4, 3 * states)
    same = BatchedQLearning(mazes(3, level=1), shared=True, seed=0)
    assert agent.rng.random() == same.rng.random()


def test_without_exploring_the_batch_never_explores():
    """Even where a random number is 0, as small as ε."""

    class Zeros:
        def integers(self, low, high, size, dtype):
            return np.zeros(size, dtype)

        def random(self, size, dtype):
            return np.zeros(size, dtype)

    agent = BatchedQLearning(mazes(1, level=1), epsilon=0.0)
    agent.rng = Zeros()
    agent.begin([1])
    [state] = agent._state
    open_ways = np.flatnonzero(np.isfinite(agent.values[:, state]))
    assert len(open_ways) > 1
    agent.values[open_ways[-1], state] = 9.0
    agent._see(agent._state, {})
    step, given = agent.envs.step, []
    agent.envs.step = lambda actions: given.append(actions.tolist()) or step(actions)
    agent.learn(1)
    assert given == [[open_ways[-1]]]


def test_the_batch_refuses_options_that_it_cannot_learn_with():
    with pytest.raises(ValueError, match="index"):
        BatchedQLearning(gym.make_vec("TextMaze-v0", 2, same_maze=True))
