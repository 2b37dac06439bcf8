"""The contract that every environment keeps, for every registered id, now and later."""

import inspect
import json
import os
import pickle
import random
import re
import subprocess
import sys
import warnings
from functools import cache
from itertools import cycle, pairwise

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.envs.registration import load_env_creator
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env

from reasoning_gym_envs import ENVIRONMENTS, Problem, RewardScheme
from reasoning_gym_envs.command_env import CommandEnv
from reasoning_gym_envs.conformance.attacks import ATTACKS, boxed
from tests.golden import GOLDEN_FOLDER, first_episodes

MODES = ("sparse", "dense", "shaped")
# Where what is seen first does not tell which problem it is.
SEEN_IN_PART = {"TextMaze-v0", "Mastermind-v0", "Minesweeper-v0"}
LEVELS = range(1, 11)

each_id = pytest.mark.parametrize("id", ENVIRONMENTS)
# Of those that make programs, many problems take long.
each_id_often = pytest.mark.parametrize(
    "id",
    [
        pytest.param(id, marks=pytest.mark.slow) if entry.needs == "code" else id
        for id, entry in ENVIRONMENTS.items()
    ],
)
each_mode = pytest.mark.parametrize("mode", MODES)
each_mode_that_progresses = pytest.mark.parametrize("mode", MODES[1:])
# Levels between are as those beside them: CI has the time for all.
each_level = pytest.mark.parametrize(
    "level",
    [n if n in (1, 4, 7, 10) else pytest.param(n, marks=pytest.mark.slow) for n in LEVELS],
)


def play(env, actions, seed=0):
    """An episode, repeating the actions as long as it lasts: everything that the agent saw."""
    observation, info = env.reset(seed=seed)
    seen = [(observation, info)]
    for action in cycle(actions):
        observation, reward, terminated, truncated, info = env.step(action)
        seen.append((observation, reward, terminated, truncated, info))
        if terminated or truncated:
            return seen
    raise AssertionError


def solve(env, seed=0):
    env.reset(seed=seed)
    return play(env, env.unwrapped.solution(), seed)


def total(seen, mode):
    """What an episode paid; for "shaped" discounted, as the promise of shaping is."""
    gamma = RewardScheme(mode).gamma if mode == "shaped" else 1.0
    return sum(gamma**turn * step[1] for turn, step in enumerate(seen[1:]))


def has_commands(env):
    return bool(env.unwrapped.command_vocabulary) and env.reset(seed=0)[1].get(
        "admissible_commands"
    )


@each_id
@each_mode
@pytest.mark.parametrize("split", ["train", "test"])
def test_gymnasiums_checker_has_nothing_to_say(id, mode, split):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(gym.make(id, reward=mode, split=split).unwrapped)


@each_id
@each_mode
@each_level
def test_the_contract(id, mode, level):
    env = gym.make(id, reward=mode, level=level)
    for seed in range(5):
        seen = solve(env, seed)
        observation, info = seen[0]
        assert observation in env.observation_space
        assert set(info) >= {"level", "turn", "problem_id"}
        assert (info["level"], info["turn"]) == (level, 0)
        for turn, (observation, reward, terminated, truncated, step_info) in enumerate(seen[1:], 1):
            assert observation in env.observation_space
            assert type(reward) is float
            assert type(terminated) is type(truncated) is bool
            assert step_info["turn"] == turn
            assert step_info["problem_id"] == info["problem_id"]
            assert sum(step_info["reward_terms"].values()) == pytest.approx(reward, abs=1e-12)
            assert ("is_success" in step_info) is (terminated or truncated)
        assert seen[-1][4]["is_success"] is True
        assert seen[-1][2:4] == (True, False)
        assert seen[-1][4].get("admissible_commands", []) == []
        success = [step[4]["reward_terms"]["success"] for step in seen[1:]]
        assert success == [0.0] * (len(seen) - 2) + [1.0]


@each_id
@each_level
def test_the_modes_pay_for_the_same_progress(id, level):
    """The Φ that "dense" pays is in [0, 1), and "shaped" follows from it."""
    for seed in range(2):
        sparse, dense, shaped = (
            solve(gym.make(id, reward=mode, level=level), seed)[1:] for mode in MODES
        )
        assert [step[1] for step in sparse] == [0.0] * (len(sparse) - 1) + [1.0]
        start = 2 - sum(step[1] for step in dense)
        progress = [start]
        gamma = RewardScheme("shaped").gamma
        for one, other in zip(dense, shaped, strict=True):
            assert 0 <= progress[-1] < 1
            progress.append(progress[-1] + one[4]["reward_terms"]["progress"])
            after = 0.0 if one[2] else gamma * progress[-1]
            assert other[1] == pytest.approx(one[2] + after - progress[-2], abs=1e-9)
        assert progress[-1] == pytest.approx(1)


@each_id
@each_mode
@pytest.mark.parametrize("max_turns", [1, 2, 5, None])
def test_an_episode_in_vain_ends_at_exactly_its_limit(id, mode, max_turns):
    """A single turn is the whole task and terminates; a limit on many truncates."""
    env = gym.make(id, reward=mode, level=3, max_turns=max_turns).unwrapped
    for seed in range(2):
        _, info = env.reset(seed=seed)
        limit = env.snapshot().episode.turn_limit
        assert limit == max_turns or (max_turns is None and limit >= len(env.solution()))
        before = info.get("admissible_commands")
        for turn in range(1, limit + 1):
            _, reward, terminated, truncated, info = env.step("?")
            is_last = turn == limit
            assert (terminated, truncated) == (is_last and limit == 1, is_last and limit > 1)
            assert info["turn"] == turn
            assert info.get("is_success") is (False if is_last else None)
            assert sum(info["reward_terms"].values()) == pytest.approx(reward, abs=1e-12)
            assert info.get("admissible_commands") == (before if not terminated else before and [])
        with pytest.raises(ResetNeeded):
            env.step("?")


@each_id
def test_the_last_turn_may_still_solve(id):
    """A limit of as many turns as the solution has is enough, and one less is not."""
    for seed in range(3):
        env = gym.make(id, level=2).unwrapped
        env.reset(seed=seed)
        way = env.solution()
        exact = gym.make(id, level=2, max_turns=len(way))
        assert solve(exact, seed)[-1][2:4] == (True, False)
        if len(way) > 1:
            short = gym.make(id, level=2, max_turns=len(way) - 1)
            seen = play(short, way, seed)
            assert len(seen) == len(way)
            assert seen[-1][4]["is_success"] is False


@each_id
def test_an_action_of_a_wrong_type_takes_no_turn(id):
    env = gym.make(id, max_turns=2).unwrapped
    env.reset(seed=0)
    with pytest.raises(TypeError, match="str"):
        env.step(None)
    assert env.step("?")[4]["turn"] == 1


PLANS = [
    id
    for id in ENVIRONMENTS
    if issubclass(kind := load_env_creator(gym.spec(id).entry_point), CommandEnv)
    and ENVIRONMENTS[id].kwargs.get("form") == "boxed"
    and kind._write_answer is CommandEnv._write_answer  # the commands, one after the other
]


def test_plans_in_a_box_are_found():
    assert {"TextMazeBoxed-v0", "LightsOutBoxed-v0", "SokobanBoxed-v0"} <= set(PLANS)


@pytest.mark.parametrize("id", PLANS)
@each_level
def test_a_plan_that_reaches_the_goal_is_right_whatever_follows(id, level):
    env = gym.make(id, level=level)
    for seed in range(3):
        env.reset(seed=seed)
        way = env.unwrapped.solution()[0].removeprefix("\\boxed{").removesuffix("}").split(", ")
        # What leads away from the goal again or is impossible there, and what is no command.
        for rest in (way[-1], way[0], "dance"):
            env.reset(seed=seed)
            _, reward, terminated, _, info = env.step(boxed(", ".join([*way, rest])))
            assert (reward, terminated, info["is_success"]) == (1.0, True, True)
        env.reset(seed=seed)
        assert env.step(boxed(", ".join([*way[:-1], "dance", way[-1]])))[4]["is_success"] is False


@each_id
@each_mode
@each_level
def test_solved_pays_more_than_unsolved(id, mode, level):
    env = gym.make(id, reward=mode, level=level)
    for seed in range(3):
        way = solve(env, seed)
        solved = total(way, mode)
        assert solved >= 1 or mode == "shaped"
        # in vain for no longer than need be
        short = gym.make(id, reward=mode, level=level, max_turns=len(way) + 5)
        for nearly in (honest_failure(short, seed), play(short, ["?"], seed)):
            assert nearly[-1][4]["is_success"] is False
            assert total(nearly, mode) < min(solved, 1)


def honest_failure(env, seed):
    """The reference solution with its last action, or the last part of its answer, withheld."""
    env.reset(seed=seed)
    *most, last = env.unwrapped.solution()
    idle = ""
    if "\\boxed{" in last and ", " in last:
        idle = last.rpartition(", ")[0] + "}"
    observation, info = env.reset(seed=seed)
    seen = [(observation, info)]
    actions = iter(most)
    while True:
        seen.append(env.step(next(actions, idle)))
        if seen[-1][2] or seen[-1][3]:
            return seen


@cache
def without_attack(id, mode, max_turns, seed):
    """What an attack is measured by: the solution of another problem, and an honest failure."""
    env = attacked(id, mode, max_turns)
    env.reset(seed=seed + 1000)
    other = env.unwrapped.solution()
    return other, total(honest_failure(env, seed), mode)


@cache
def attacked(id, mode, max_turns):
    return gym.make(id, reward=mode, level=(2, 5), max_turns=max_turns)


@each_id
@each_mode
@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks_do_not_pay(id, mode, attack):
    lucky = paid = failed = 0.0
    for max_turns, seeds in ((1, 12), (3, 8), (20, 2)):
        env = attacked(id, mode, max_turns)
        for seed in range(seeds):
            other, honest = without_attack(id, mode, max_turns, seed)
            observation, _ = env.reset(seed=seed)
            seen = play(env, ATTACKS[attack](observation, other), seed)
            if seen[-1][4]["is_success"]:
                lucky += 1
                continue
            paid += total(seen, mode)
            failed += honest
    assert lucky <= 2
    assert paid <= failed + 1e-9


@each_id
def test_the_same_seed_is_the_same_episode(id):
    one, two = (gym.make(id, reward="dense", level=(1, 10)) for _ in range(2))
    noise = gym.make(id, level=5)
    noise.reset(seed=99)
    for seed in range(20):
        one.reset(seed=seed)
        solution = one.unwrapped.solution()
        first = play(one, solution, seed)
        noise.reset()
        assert play(two, solution, seed) == first
        # and so are the episodes after it, whatever is done in them
        assert one.reset() == two.reset()
        two.step("something else")
        assert one.reset() == two.reset()


@each_id_often
def test_consecutive_seeds_share_nothing(id):
    env = gym.make(id, level=10)
    by_seed = [
        {
            env.reset(seed=seed if first else None)[1]["problem_id"]
            for first in [True] + [False] * 49
        }
        for seed in range(4)
    ]
    for a, b in pairwise(by_seed):
        assert len(a & b) <= 1
        assert len(a) >= 45


@each_id
def test_another_process_plays_the_same_episodes(id):
    """With other hashes of strings, and without what other environments leave behind."""
    program = (
        "import json, sys, tests.golden as golden;"
        "print(json.dumps([golden.first_episodes(sys.argv[1], level) for level in (1, 6)]))"
    )
    output = subprocess.run(
        [sys.executable, "-c", program, id],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    golden = json.loads((GOLDEN_FOLDER / f"{id}.json").read_text(encoding="utf-8"))
    assert json.loads(output) == [golden["1"], golden["6"]]


@each_id
@each_level
def test_generators_have_not_changed(id, level):
    """On purpose? Then register a new version; `python -m tests.golden` writes the file anew."""
    golden = json.loads((GOLDEN_FOLDER / f"{id}.json").read_text(encoding="utf-8"))
    assert first_episodes(id, level) == golden[str(level)]


@each_id
def test_global_random_states_are_untouched(id):
    before = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    env = gym.make(id, level=(1, 10))
    for _ in range(20):
        env.reset()
        env.step(env.unwrapped.solution()[0])
        env.action_space.sample()
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # noqa: NPY002


@each_id_often
def test_train_and_test_never_meet(id):
    """Neither a problem's id nor its text is ever in both."""

    def drawn(split, level):
        env = gym.make(id, split=split, level=level)
        env.reset(seed=0)
        return [(info["problem_id"], text) for text, info in (env.reset() for _ in range(300))]

    for level in (1, 3, (2, 6)):
        train, test = (drawn(split, level) for split in ("train", "test"))
        for which in range(1 if id in SEEN_IN_PART else 2):
            ours, theirs = ({episode[which] for episode in split} for split in (train, test))
            assert len(ours) > 100
            assert len(theirs) > 50
            assert not ours & theirs


@each_id
def test_pickles_in_the_middle_of_an_episode(id):
    env = gym.make(id, reward="dense", level=5, max_turns=3).unwrapped
    env.reset(seed=3)
    env.step("not yet")
    twin = pickle.loads(pickle.dumps(env))
    for action in env.solution()[:2]:
        assert env.step(action) == twin.step(action)
    assert env.reset() == twin.reset()


@each_id
@each_mode
def test_snapshots_branch_and_come_back(id, mode):
    env = gym.make(id, reward=mode, level=5, max_turns=1000).unwrapped
    env.reset(seed=3)
    env.step("not yet")
    snapshot = pickle.loads(pickle.dumps(env.snapshot()))

    def branch(environment, actions):
        environment.restore(snapshot)
        return [environment.step(action) for action in actions], environment.reset()

    solution = env.solution()
    first = branch(env, ["a detour"])
    solved = branch(env, solution)
    assert solved[0][-1][4]["is_success"]
    assert branch(env, ["a detour"]) == first
    other = gym.make(id, reward=mode, level=5, max_turns=1000).unwrapped
    assert branch(other, solution) == solved
    with pytest.raises(TypeError, match="snapshot"):
        env.restore("a string")


@each_id
def test_calls_out_of_order_raise(id):
    env = gym.make(id).unwrapped
    for call in (lambda: env.step("x"), env.solution, env.render, env.snapshot):
        with pytest.raises(ResetNeeded, match="reset"):
            call()
    env.reset(seed=0)
    for action in env.solution():
        env.step(action)
    for call in (lambda: env.step("x"), env.solution):
        with pytest.raises(ResetNeeded, match="reset"):
            call()


@each_id
@pytest.mark.filterwarnings("ignore:.*render_mode")  # gymnasium warns before we raise
@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"reward": "densse"}, ValueError, "did you mean 'dense'.*'sparse', 'dense', 'shaped'"),
        ({"reward": 3}, TypeError, "sparse"),
        ({"reward": {"gama": 0.9}}, ValueError, "did you mean 'gamma'"),
        ({"reward": {"gamma": "0.9"}}, TypeError, "gamma must be a number"),
        ({"reward": {"length_of": 3}}, TypeError, "length_of must count"),
        ({"reward": {"gamma": 1.5}}, ValueError, "gamma must be in"),
        ({"reward": {"step_cost": -1}}, ValueError, "step_cost must be 0 or more"),
        ({"level": 0}, ValueError, "from 1 to 10"),
        ({"level": 11}, ValueError, "from 1 to 10"),
        ({"level": (7, 3)}, ValueError, "low first"),
        ({"level": "3"}, TypeError, "whole number"),
        ({"level": 2.5}, TypeError, "whole number"),
        ({"split": "tset"}, ValueError, "did you mean 'test'"),
        ({"max_turns": 0}, ValueError, "1 or more"),
        ({"max_turns": 2.0}, ValueError, "whole number"),
        ({"render_mode": "ansii"}, ValueError, "'ansi'"),
    ],
)
def test_bad_arguments_raise_at_once(id, arguments, error, message):
    with pytest.raises(error, match=message):
        gym.make(id, **arguments).unwrapped  # noqa: B018


@each_id
def test_how_it_is_answered(id):
    """As the registry says, and as its solutions are written."""
    env = gym.make(id).unwrapped
    assert env.answered_by == ENVIRONMENTS[id].answered_by
    env.reset(seed=0)
    for action in env.solution():
        is_boxed, is_block = "\\boxed{" in action, "```" in action
        assert (is_boxed, is_block) == (env.answered_by == "box", env.answered_by == "block")


@each_id
@pytest.mark.parametrize("make", [gym.make, gym.make_vec])
def test_a_misspelt_argument_is_told_what_was_meant(id, make):
    with pytest.raises(
        TypeError, match=r"^unexpected keyword argument 'levle'; did you mean 'level'\? Allow"
    ):
        make(id, levle=3)


@each_id
def test_bad_calls_raise_at_once(id):
    env = gym.make(id).unwrapped
    with pytest.raises(ValueError, match="did you mean 'level'"):
        env.reset(options={"lvl": 3})
    with pytest.raises(ValueError, match="1 to 10"):
        env.reset(options={"level": 12})
    with pytest.raises(TypeError, match="mapping"):
        env.reset(options=["level"])
    with pytest.raises(TypeError, match="Problem"):
        env.reset(options={"problem": 5})
    if not env.mixes_topics:
        foreign = Problem("1", 1, "?", "1", "Chess")
        with pytest.raises(ValueError, match=f"of Chess, not of {type(env).__name__}"):
            env.reset(options={"problem": foreign})
    env.reset(seed=0)
    for action in (None, 5, b"text", ["text"]):
        with pytest.raises(TypeError, match="str"):
            env.step(action)


@each_id
def test_reset_options(id):
    env = gym.make(id, level=2).unwrapped
    assert env.reset(seed=0, options={"level": 9})[1]["level"] == 9
    assert {env.reset(options={"level": (4, 5)})[1]["level"] for _ in range(30)} == {4, 5}
    assert env.reset()[1]["level"] == 2
    observation, info = env.reset(seed=5, options={"reveal": True})
    assert info["solution"] == env.solution()
    problem = env.snapshot().episode.problem
    env.reset(seed=6)
    again, again_info = env.reset(options={"problem": problem})
    assert (again, again_info["problem_id"]) == (observation, info["problem_id"])


@each_id
@pytest.mark.parametrize("mode", MODES[1:])
@pytest.mark.parametrize("gamma", [1.0, 0.5])
def test_success_pays_most_with_any_discount(id, mode, gamma):
    scheme = RewardScheme(mode, gamma=gamma)
    env = gym.make(id, reward=scheme, level=3)
    for seed in range(3):
        way = solve(env, seed)
        short = gym.make(id, reward=scheme, level=3, max_turns=len(way) + 5)
        for nearly in (honest_failure(short, seed), play(short, ["?"], seed)):
            discount = gamma if mode == "shaped" else 1.0
            solved, failed = (
                sum(discount**t * step[1] for t, step in enumerate(seen[1:]))
                for seen in (way, nearly)
            )
            assert failed < solved


@each_id
@each_mode
def test_costs_are_named_terms(id, mode):
    scheme = RewardScheme(mode, step_cost=0.25, length_cost=0.001, length_budget=10)
    env = gym.make(id, reward=scheme)
    *_, (_, reward, _, _, info) = play(env, ["x" * 110])
    assert info["reward_terms"]["step"] == -0.25
    assert info["reward_terms"]["length"] == pytest.approx(-0.1)
    assert sum(info["reward_terms"].values()) == pytest.approx(reward)


def parts(thing, seen=None):
    """Everything inside a value: items, attributes that are public, and their parts in turn."""
    seen = {} if seen is None else seen
    if id(thing) in seen:
        return
    seen[id(thing)] = thing
    yield thing
    if isinstance(thing, dict):
        inner = [*thing.keys(), *thing.values()]
    elif isinstance(thing, (list, tuple, set, frozenset)):
        inner = list(thing)
    else:
        names = [*getattr(thing, "__dict__", ()), *getattr(type(thing), "__slots__", ())]
        inner = [getattr(thing, n, None) for n in names if not n.startswith("_")]
    for part in inner:
        yield from parts(part, seen)


@each_id
def test_nothing_public_gives_the_answer_away(id):
    """Neither what the agent sees nor a public attribute holds the problem or its reference."""
    env = gym.make(id, level=(5, 10), max_turns=3).unwrapped
    for seed in range(20):
        observation, info = env.reset(seed=seed)
        problem = env.snapshot().episode.problem
        solution = env.solution()
        if "admissible_commands" in info:  # a command is no secret; which to give, and when, is
            solution = [", ".join(solution)] if len(solution) > 1 else []
        secrets = {problem.answer, *problem.steps, *solution} - {""}
        said, *_, step_info = env.step("something else")
        said = re.sub(r"\d+ attempts? left\.", "", said)
        assert not any(action in text for text in (observation, said) for action in solution)
        assert not problem.answer or problem.answer not in said
        public = {name: value for name, value in vars(env).items() if not name.startswith("_")}
        for part in parts([info, step_info, public]):
            assert part is not problem
            if isinstance(part, str):
                assert part not in secrets


@each_id
@each_level
def test_admissible_commands(id, level):
    """They are in the vocabulary, understood, possible, and solve the episode."""
    env = gym.make(id, level=level, max_turns=10_000).unwrapped
    _, info = env.reset(seed=level)
    assert ("admissible_commands" in info) is bool(has_commands(env))
    if "admissible_commands" not in info:
        return
    vocabulary = env.command_vocabulary
    assert len(set(vocabulary)) == len(vocabulary)
    choose = random.Random(level)
    _, info = env.reset(seed=level)
    for _ in range(30):
        admissible = info["admissible_commands"]
        assert admissible
        assert len(set(admissible)) == len(admissible)
        assert set(admissible) <= set(vocabulary)
        before = env.snapshot()
        for command in choose.sample(admissible, min(5, len(admissible))):
            assert "Possible: " not in env.step(command)[0]
            env.restore(before)
        assert env.step("dance")[0].count("Possible: ") == 1
        env.restore(before)
        *_, terminated, _, info = env.step(choose.choice(admissible))
        if terminated:
            return


@each_id
@each_mode_that_progresses
@each_level
def test_going_in_circles_pays_nothing(id, mode, level):
    """Between two visits of a state, progress pays nothing in all, or with a discount less."""
    env = gym.make(id, reward=mode, level=level, max_turns=10_000).unwrapped
    if not has_commands(env):
        return
    for seed in range(2):
        choose = random.Random(seed)
        _, info = env.reset(seed=seed)
        paid, visited = 0.0, {}
        for _ in range(200):
            action = choose.choice([*info["admissible_commands"], "dance"])
            _, reward, terminated, _, info = env.step(action)
            if terminated:
                break
            paid += reward
            assert paid < 1
            state = repr(env.snapshot().episode.state)
            if state in visited:
                assert paid <= visited[state] + 1e-9
                assert mode == "shaped" or paid >= visited[state] - 1e-9
            visited[state] = min(paid, visited.get(state, paid)) if mode == "shaped" else paid


@each_id
def test_numeric_observations(id):
    env = gym.make(id, level=(1, 10), max_turns=1000).unwrapped
    space = env.numeric_space
    if space is None:
        with pytest.raises(NotImplementedError, match="numeric"):
            env.numeric_observation()
        return
    for seed in range(10):
        env.reset(seed=seed)
        assert env.numeric_observation() in space
        env.step((env.solution() or [""])[0])
        assert env.numeric_observation() in space
        twin = gym.make(id, level=(1, 10), max_turns=1000).unwrapped
        assert twin.numeric_space == space


@each_id
def test_rendering(id, capsys):
    env = gym.make(id, render_mode="ansi")
    observation, _ = env.reset(seed=1)
    action = env.unwrapped.solution()[0]
    assert observation in env.render()
    after = env.step(action)[0]
    text = env.render()
    assert text.index(observation) < text.index(action) < text.rindex(after)
    assert "reward" in text
    assert capsys.readouterr().out == ""

    if id.startswith("TextMaze"):
        return  # shown in a window, see its own tests
    env = gym.make(id, render_mode="human")
    env.reset(seed=1)
    assert observation in capsys.readouterr().out
    env.step(action)
    assert after in capsys.readouterr().out
    assert env.render() is None


@each_id
def test_the_docstring_is_a_card(id):
    card = gym.make(id).unwrapped.__doc__
    headings = re.findall(r"^\s*## (.+)$", card, flags=re.MULTILINE)
    assert headings == [
        "Description",
        "Observation",
        "Action",
        "Rewards",
        "Episode end",
        "Information",
        "Arguments",
        "Levels",
        "Example",
        "Version history",
    ]
    assert id.split("-")[1] in card.rsplit("## Version history", 1)[1]
    for mode in MODES:
        assert f"**{mode}**" in card


def examples():
    """The transcripts on the cards: the lines that begin with `> ` are the agent's."""
    by_class = {}
    for id in ENVIRONMENTS:
        kind = load_env_creator(gym.spec(id).entry_point)  # not made: some need Docker
        by_class.setdefault(kind, []).append(id)
    for environment, ids in by_class.items():
        card = inspect.getdoc(environment)
        section = card.split("## Example")[1].split("\n## ")[0]
        fenced = r"^(`{3,})text\n(.*?)^\1$"  # a longer fence where a shorter one is shown
        for _, block in re.findall(fenced, section, flags=re.DOTALL | re.MULTILINE):
            yield pytest.param(ids, block.rstrip("\n"), id=environment.__name__)


@pytest.mark.parametrize(("ids", "block"), list(examples()))
def test_the_cards_example_is_true(ids, block):
    """Some seed below 40 begins so, and what is said is what the card says, line ends apart."""
    first, *turns = re.split(r"^> ", block, flags=re.MULTILINE)
    for id in ids:
        for level in LEVELS:
            env = gym.make(id, level=level, max_turns=100)
            for seed in range(40):
                if env.reset(seed=seed)[0].split() == first.split():
                    for turn in turns:
                        action, _, said = turn.partition("\n")
                        assert env.step(action)[0].split() == said.split()
                    return
    raise AssertionError("no episode begins like this")
