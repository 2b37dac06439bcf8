"""Mixture-v0: a component plays as it does alone, and the mixture says whose turn it is.

What holds for every id is in tests/test_contract.py; here are mixtures of all kinds of ids.
"""

import itertools
import json
import math
import pickle
import sys
from collections import Counter

import gymnasium as gym
import pytest

from reasoning_gym_envs import (
    ENVIRONMENTS,
    Problem,
    dataset,
    play_row,
    rows,
    sandbox,
    score,
    score_many,
)
from reasoning_gym_envs.mixture import mixture as module
from reasoning_gym_envs.mixture.components import class_of
from reasoning_gym_envs.mixture.mixture import IDS, Mixture
from reasoning_gym_envs.text_env import TextEnv
from reasoning_gym_envs.wrappers import (
    ChatMessages,
    Curriculum,
    DiscreteCommands,
    NumericObservation,
    RewardTerms,
    SameProblem,
    StepCost,
)

MAZE, HANOI, MATH, OUTPUT = "TextMaze-v0", "TowerOfHanoi-v0", "MathBoxed-v0", "CodeOutput-v0"
ALL_KINDS = {
    MAZE: {"weight": 2, "view": "map", "level": [2, 3]},
    HANOI: 1,
    "TowerOfHanoiBoxed-v0": 1,
    MATH: {"weight": 1, "topics": "fractions", "max_turns": 3},
    "EquationSteps-v0": 1,
    "Minesweeper-v0": 1,
    OUTPUT: 1.5,
}
WALKS = [MAZE, HANOI, "Minesweeper-v0"]


def make(ids=ALL_KINDS, **arguments):
    return gym.make("Mixture-v0", ids=ids, **arguments).unwrapped


def alone(id, ids=ALL_KINDS, **arguments):
    given = ids[id] if isinstance(ids, dict) and isinstance(ids[id], dict) else {}
    own = {name: value for name, value in given.items() if name != "weight"}
    return gym.make(id, **{**arguments, **own})


def episodes(env, count, seed=0, options=None):
    """What begins with a seed, episode by episode."""
    for number in range(count):
        yield env.reset(seed=seed if number == 0 else None, options=options)


def solve(env):
    return [env.step(action) for action in env.unwrapped.solution()]


# What is drawn.


@pytest.mark.parametrize("reward", ["sparse", "dense", {"mode": "shaped", "step_cost": 0.1}])
def test_a_component_plays_as_it_does_alone(reward):
    env = make(reward=reward, level=2)
    seen = Counter()
    for observation, info in episodes(env, 60):
        id = info.pop("component")
        seen[id] += 1
        own = alone(id, reward=reward, level=2)
        problem = env.snapshot().episode.problem
        assert own.reset(options={"problem": problem}) == (observation, info)
        assert own.unwrapped.snapshot().episode.turn_limit == env.snapshot().episode.turn_limit
        assert env.answered_by == own.unwrapped.answered_by
        assert own.unwrapped.solution() == env.solution()
        for action in ("no command", *env.solution()):
            *step, step_info = env.step(action)
            assert step_info.pop("component") == id
            assert (*step, step_info) == own.step(action)
            if step[2] or step[3]:
                break
    assert seen.keys() == ALL_KINDS.keys()


@pytest.mark.parametrize("split", ["train", "test"])
def test_problems_are_those_of_the_split(split):
    env = make(split=split, level=(1, 4))
    drawn = [info for _, info in episodes(env, 200)]
    assert {info["problem_id"][0] in "01" for info in drawn} == {split == "test"}
    assert {info["component"] for info in drawn} == set(ALL_KINDS)


def test_ids_are_drawn_by_their_weights():
    count, weights = 4000, {MAZE: 1, HANOI: 2.5, "TowerOfHanoiBoxed-v0": 0.5}
    drawn = Counter(info["component"] for _, info in episodes(make(weights), count))
    for id, weight in weights.items():
        share = weight / sum(weights.values())
        assert abs(drawn[id] - count * share) < 5 * math.sqrt(count * share * (1 - share))


def test_a_list_is_equal_weights_and_no_order_means_anything():
    def drawn(ids):
        return [(text, info["component"]) for text, info in episodes(make(ids), 30)]

    first = drawn([MAZE, HANOI, MATH])
    for order in itertools.permutations((MAZE, HANOI, MATH)):
        assert drawn(order) == drawn(dict.fromkeys(order, 1)) == first
        assert drawn({id: {"weight": 7} for id in order}) == first
    assert drawn({MAZE: 1, HANOI: 1, MATH: 2}) != first


def test_levels_and_limits_of_its_own_come_first():
    env = make(level=5, max_turns=7)
    for _, info in episodes(env, 60):
        id, limit = info["component"], env.snapshot().episode.turn_limit
        assert info["level"] in ((2, 3) if id == MAZE else (5,))
        assert limit == (3 if id == MATH else 7)
    env = make(level=5)
    for _, info in episodes(env, 60, options={"level": 4}):
        assert info["level"] == 4


def test_telling_the_solution_changes_nothing_that_is_drawn():
    plain, told = (list(episodes(make(), 40, options=o)) for o in (None, {"reveal": True}))
    for (text, info), (same, info_told) in zip(plain, told, strict=True):
        assert same == text
        assert info_told.items() >= info.items()
        assert info_told.keys() - info.keys() in ({"solution"}, {"solution", "answer", "form"})


def test_a_reset_may_name_the_component():
    env = make()
    for id in [*ALL_KINDS, None]:
        _, info = env.reset(seed=1, options={"component": id})
        assert info["component"] == (id or env.reset(seed=1)[1]["component"])
    env.reset(seed=1, options={"component": MATH})
    following = env.reset()
    env.reset(seed=1, options={"component": MATH})
    assert env.reset() == following


# Problems that are given.


def test_a_problem_is_played_by_the_component_that_it_is_of():
    """Two of them have the same problems in two forms."""
    ids = [HANOI, "TowerOfHanoiBoxed-v0"]
    one, other = make(ids), make([*ids, MATH])
    for text, info in episodes(one, 20):
        problem = pickle.loads(pickle.dumps(one.snapshot().episode.problem))
        assert other.reset(options={"problem": problem}) == (text, info)
        assert other.reset(options={"problem": problem, "component": info["component"]})[0] == text
    with pytest.raises(ValueError, match=r"one of TowerOfHanoi.*, which is no component here"):
        make([MATH]).reset(options={"problem": problem})
    wrong = next(id for id in ids if id != problem.component)
    with pytest.raises(ValueError, match=f"one of {problem.component}, not of {wrong}"):
        one.reset(options={"problem": problem, "component": wrong})


def test_a_problem_from_elsewhere_needs_its_component():
    env, maze = make(), gym.make(MAZE, view="map")
    text, info = maze.reset(seed=4)
    problem = maze.unwrapped.snapshot().episode.problem
    assert type(problem) is Problem
    with pytest.raises(TypeError, match=r"say in options\['component'\] which id it is of; got"):
        env.reset(options={"problem": problem})
    again, found = env.reset(options={"problem": problem, "component": MAZE})
    assert (again, found) == (text, {**info, "component": MAZE})
    with pytest.raises(ValueError, match="a problem of TextMaze, not of TowerOfHanoi"):
        env.reset(options={"problem": problem, "component": HANOI})
    asked = {"question": "What is 6 times 7?", "answer": "42"}
    text, _ = env.reset(options={"problem": asked, "component": MATH})
    assert text.startswith("What is 6 times 7?")
    assert env.step("\\boxed{42}")[1] == 1.0


def test_a_component_that_is_not_there_is_named():
    with pytest.raises(ValueError, match="unknown component 'TextMaz-v0'; did you mean 'TextMaze"):
        make().reset(options={"component": "TextMaz-v0"})
    with pytest.raises(ValueError, match=r"unknown component \['TextMaze-v0'\]; did you"):
        make().reset(options={"component": [MAZE]})


# What must be given.


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ([], ValueError, "ids must name at least one environment"),
        ({}, ValueError, "ids must name at least one environment"),
        (MAZE, TypeError, r'ids must be a list, \["MathBoxed-v0", .* got \'TextMaze-v0\''),
        (3, TypeError, "ids must be a list"),
        ([3], TypeError, "ids must name environments, got 3"),
        ([MAZE, HANOI, MAZE], ValueError, "ids names TextMaze-v0 twice"),
        (["TextMaz-v0"], ValueError, "'TextMaz-v0'; did you mean 'TextMaze-v0'"),
        (["os:TextMaze-v0"], ValueError, "unknown environment 'os:TextMaze-v0'"),
        ({MAZE: 0}, ValueError, "TextMaze-v0: its weight must be above 0 and finite, .*, got 0"),
        ({MAZE: 10**400}, ValueError, "TextMaze-v0: its weight must be .* from 1e-9 to 1e9"),
        ({MAZE: 1e308, HANOI: 1e308}, ValueError, "from 1e-9 to 1e9, got 1e.308"),
        ({MAZE: -1}, ValueError, "above 0"),
        ({MAZE: math.inf}, ValueError, "finite"),
        ({MAZE: math.nan}, ValueError, "finite"),
        ({MAZE: True}, TypeError, "TextMaze-v0: its weight must be a number"),
        ({MAZE: "2"}, TypeError, "its weight must be a number"),
        ({MAZE: {"weight": None}}, TypeError, "its weight must be a number"),
        ({MAZE: {"weigth": 2}}, TypeError, "TextMaze-v0: unexpected keyword argument 'weigth'"),
        (
            {MAZE: {"viw": "map"}},
            TypeError,
            "TextMaze-v0: unexpected keyword argument 'viw'; did you mean",
        ),
        ({MAZE: {"view": "mpa"}}, ValueError, "TextMaze-v0: unknown view 'mpa'; did you mean"),
        ({MAZE: {"level": 11}}, ValueError, "TextMaze-v0: level must be from 1 to 10"),
        ({MAZE: {"max_episode_steps": 3}}, TypeError, "keyword argument 'max_episode_steps'"),
        ({MAZE: {"reward": "dense"}}, ValueError, "reward cannot be given for a component: it is"),
        ({MAZE: {"split": "test"}}, ValueError, "split cannot be given"),
        ({MAZE: {"same_maze": True}}, ValueError, "same_maze cannot be given"),
        (["Mixture-v0"], ValueError, "Mixture-v0 is a mixture itself: name its ids instead"),
        (["CartPole-v1"], ValueError, "CartPole-v1 is registered with a limit of steps"),
    ],
)
def test_what_is_no_mixture_is_named_at_once(given, error, message):
    with pytest.raises(error, match=message):
        make(given)


class Numbers(gym.Env):
    """No text environment."""


@pytest.fixture
def registered():
    """Ids of a user's own."""
    own = {
        "OwnMaze-v0": {"entry_point": gym.spec(MAZE).entry_point, "kwargs": {"view": "map"}},
        "OwnMix-v0": {"entry_point": Mixture, "kwargs": {"ids": [MAZE]}},
        "OwnNumbers-v0": {"entry_point": Numbers},
    }
    for id, spec in own.items():
        gym.register(id, **spec)
    yield
    for id in own:
        del gym.registry[id]


def test_ids_of_a_users_own(registered):
    env = make({MAZE: 1, "OwnMaze-v0": {"weight": 1, "level": 2}})
    views = {info["component"]: "#" in text for text, info in episodes(env, 20)}
    assert views == {MAZE: False, "OwnMaze-v0": True}
    with pytest.raises(ValueError, match="OwnMix-v0 is a mixture itself"):
        make([MATH, "OwnMix-v0"])
    with pytest.raises(TypeError, match="OwnNumbers-v0 is no text environment"):
        make([MATH, "OwnNumbers-v0"])


def test_an_extra_that_is_missing_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "docker", None)
    monkeypatch.setattr(sandbox, "_shared", {})  # one may run already
    with pytest.raises(gym.error.DependencyNotInstalled, match=r"reasoning-gym-envs\[code\]"):
        make(["CodeFunction-v0"]).reset(seed=0)


def test_the_default_ids_need_nothing():
    assert {ENVIRONMENTS[id].needs for id in IDS} == {""}
    assert {ENVIRONMENTS[id].answered_by for id in IDS} == {"box"}
    assert set(make(IDS).ids) == set(IDS)


def test_components_are_made_when_they_are_drawn(monkeypatch):
    made = []
    original = module.make_component
    monkeypatch.setattr(
        module,
        "make_component",
        lambda component, *more: made.append(component.id) or original(component, *more),
    )
    env = make([id for id, entry in ENVIRONMENTS.items() if entry.family == "puzzles"])
    assert made == []
    drawn = [info["component"] for _, info in episodes(env, 6)]
    assert made == list(dict.fromkeys(drawn))


def test_costs_are_charged_where_they_are_known():
    env = make([MAZE, MATH], reward={"collision_cost": 0.25, "format_cost": 0.5})
    for _, info in episodes(env, 20):
        is_maze = info["component"] == MAZE
        commands = {"north", "east", "south", "west"}
        wall = min(commands - set(info["admissible_commands"]), default="") if is_maze else ""
        terms = env.step(wall)[4]["reward_terms"]
        assert terms.get("format") == (0.0 if wall else -0.5)
        assert terms["collision"] == (-0.25 if wall else 0.0)
    with pytest.raises(ValueError, match="collision_cost: no component has collision events"):
        make([MATH, HANOI], reward={"collision_cost": 0.25})


# What stands in a TextEnv and is not handed on to the component: its episodes are the mixture's.
NOT_HANDED_ON = {
    "__init__", "reset", "close", "metadata", "events", "mixes_topics", "answered_by",
    "numeric_space", "numeric_observation", "_picture", "_show", "map_characters",
    "_turn_limit",  # asked for in _begin
}  # fmt: skip


def test_all_that_an_environment_may_say_is_handed_on():
    """A new method that environments have of their own must be one of the mixture's, too."""
    classes = {class_of(id) for id in ENVIRONMENTS} - {Mixture}
    own = {
        name
        for kind in classes
        for each in kind.__mro__[: kind.__mro__.index(TextEnv)]
        for name in vars(each)
        if name in vars(TextEnv) and (name == "__init__" or not name.startswith("__"))
    }
    assert {"_take_turn", "_answer", "_solve_in_words", "actions_of"} <= own
    assert own - NOT_HANDED_ON - {"_abc_impl"} <= vars(Mixture).keys()


def test_solutions_in_words():
    made = rows("Mixture-v0", 8, ids=[MATH, OUTPUT], reveal=True, style="words")
    assert [score(row, row["solution"][0]) for row in made] == [1.0] * 8
    with pytest.raises(ValueError, match="solutions of TowerOfHanoi are actions without a deriv"):
        rows("Mixture-v0", 8, ids=[MATH, HANOI], reveal=True, style="words")


# Snapshots.


@pytest.mark.parametrize("id", ALL_KINDS)
def test_snapshots_in_any_component(id):
    env, other = make(reward="dense"), make(reward="dense")
    env.reset(seed=2, options={"component": id})
    env.step("no command") if id in WALKS else None
    snapshot = pickle.loads(pickle.dumps(env.snapshot()))

    def go_on(environment):
        environment.restore(snapshot)
        return environment.solution(), solve(environment), list(episodes(environment, 5, None))

    first = go_on(env)
    assert first[1][-1][4]["is_success"]
    assert first[1][-1][4]["component"] == id
    other.reset(seed=9, options={"component": HANOI})
    assert go_on(env) == go_on(other) == go_on(make(reward="dense")) == first


def test_a_snapshot_of_another_mixture_is_refused():
    env = make([MAZE])
    env.reset(seed=0)
    with pytest.raises(ValueError, match="of TextMaze-v0, which is no component here"):
        make([MATH]).restore(env.snapshot())
    with pytest.raises(ValueError, match="keeps other levels"):
        make([MAZE], adaptive=True).restore(env.snapshot())
    maze = gym.make(MAZE).unwrapped
    maze.reset(seed=0)
    for one, another in ((env, maze), (maze, env)):
        with pytest.raises(TypeError, match="snapshot of a"):
            one.restore(another.snapshot())


# Rows, wrappers, and what is shown.


def test_rows_of_a_mixture():
    made = rows("Mixture-v0", 40, ids=ALL_KINDS, level=(1, 3), reveal=True, split="test")
    made = json.loads(json.dumps(made))
    seen = set()
    for row in made:
        text, info = make(level=(1, 3), split="test").reset(seed=row["seed"])
        assert (row["prompt"], row["problem_id"]) == (text, info["problem_id"])
        seen.add(info["component"])
        assert score(row, "\n".join(row["solution"])) == 1.0
        assert score(row, "I do not know.") == 0.0
        plan = iter(row["solution"])
        assert play_row(row, lambda messages, plan=plan: next(plan))["is_success"]
    assert seen == set(ALL_KINDS)


def test_a_walk_in_a_mixture_is_the_lines_of_a_response():
    for row in rows("Mixture-v0", 6, ids=[HANOI], level=3, reveal=True):
        plan = row["solution"]
        assert len(plan) > 1
        assert score(row, "<think>\nA to B\n</think>" + "\n".join(plan)) == 1.0
        assert score(row, "\n".join(plan[:-1])) == 0.0


def test_how_a_response_is_read_depends_on_the_component():
    env = make([HANOI, MATH])
    with pytest.raises(gym.error.ResetNeeded, match="call reset"):
        env.actions_of("A to B\nA to C")
    for id, actions in ((HANOI, ["A to B", "A to C"]), (MATH, ["A to B\nA to C"])):
        env.reset(options={"component": id})
        assert env.actions_of("A to B\nA to C") == actions


def test_arguments_of_components_are_looked_at_as_those_of_an_id():
    lines = [{"question": "1 + 1?", "answer": "2"}]
    with pytest.raises(TypeError, match=r"path of a \.jsonl file"):
        rows("Mixture-v0", 1, ids={MATH: {"problems": lines}})
    row = {"id": "Mixture-v0", "seed": 0, "problem_id": "0" * 16}
    row["kwargs"] = {"ids": {"CodeFunction-v0": {"sandbox": "process-unsafe"}}}
    with pytest.raises(ValueError, match="asks for sandbox='process-unsafe'"):
        score(row, "")


def test_programs_in_a_mixture_are_judged_side_by_side(monkeypatch):
    ids = {MATH: 1, "CodeFunction-v0": {"sandbox": "process-unsafe"}}
    made = rows("Mixture-v0", 12, ids=ids, reveal=True)
    answers = ["\n".join(row["solution"]) for row in made]
    assert score_many(made, answers, workers=4, allow_unsafe=True) == [1.0] * 12
    assert all(map(dataset._needs_sandbox, made))
    assert not dataset._needs_sandbox({**made[0], "kwargs": {"ids": [MATH]}})


def test_conversations_of_a_mixture():
    env = ChatMessages(make(), system="Be brief.")
    observation, _ = env.reset(seed=1)
    assert observation in env.observation_space
    observation, *_ = env.step("Hm.")
    assert [m["role"] for m in observation] == ["system", "user", "assistant", "user"]


def test_commands_of_a_mixture_by_number():
    env = DiscreteCommands(make(WALKS, level=(1, 2)))
    assert {"north", "A to C"} <= set(env.vocabulary)
    for seed in range(30):
        _, info = env.reset(seed=seed)
        numbers = [n for n, is_possible in enumerate(info["action_mask"]) if is_possible]
        named = sorted(env.vocabulary[n] for n in numbers)
        assert named == sorted(info["admissible_commands"])
        assert "Possible" not in env.step(numbers[0])[0]
    with pytest.raises(ValueError, match="Mixture-v0 has no fixed list of commands"):
        DiscreteCommands(gym.make("Mixture-v0", ids=[MAZE, MATH]))


def test_numbers_of_a_mixture_are_hashed():
    env = NumericObservation(gym.make("Mixture-v0", ids=WALKS))
    assert env.kind == "hashed"
    assert env.reset(seed=1)[0] in env.observation_space
    with pytest.raises(ValueError, match="Mixture-v0 has no numeric view"):
        NumericObservation(gym.make("Mixture-v0", ids=WALKS), "own")


def test_other_wrappers():
    env = RewardTerms(StepCost(SameProblem(make()), 0.01))
    text, info = env.reset(seed=3)
    for _ in range(5):
        again, same = env.reset()
        assert (again, same) == (text, info)
    assert solve(env)[-1][4]["episode_reward_terms"]["success"] == 1.0
    curriculum = Curriculum(make([MATH, HANOI], level=(1, 5)), window=2)
    for _ in range(4):
        curriculum.reset()
        solve(curriculum)
    assert curriculum.reset()[1]["level"] == 3


def test_pictures_of_all_components_have_one_size():
    env = make({**ALL_KINDS, "Sudoku-v0": 1}, render_mode="rgb_array")
    shapes, pictures = set(), set()
    for id in env.ids:
        env.reset(seed=1, options={"component": id})
        env.step("no command")
        shapes.add(env.render().shape)
        pictures.add(env.render().tobytes())
    assert len(shapes) == 1
    assert len(pictures) == len(env.ids)
    env = gym.make("Mixture-v0", ids=[MAZE], render_mode="ansi")
    env.reset(seed=1)
    assert env.render().startswith("── Mixture-v0: TextMaze-v0 · level 1 ──")


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_vectors_of_all_kinds(mode):
    envs = gym.make_vec("Mixture-v0", 3, vectorization_mode=mode, ids=ALL_KINDS, level=2)
    try:
        texts, infos = envs.reset(seed=5)
        for slot in range(3):
            text, info = make(level=2).reset(seed=5 + slot)
            assert (texts[slot], infos["component"][slot]) == (text, info["component"])
        texts, *_ = envs.step(["no"] * 3)
        for slot in range(3):
            env = make(level=2)
            env.reset(seed=5 + slot)
            assert env.step("no")[0] == texts[slot]
    finally:
        envs.close()


def test_closing_closes_the_components(monkeypatch):
    env = make(WALKS)
    list(episodes(env, 30))
    closed = []
    for part in env._parts.values():
        monkeypatch.setattr(part, "close", lambda part=part: closed.append(part))
    env.close()
    assert closed == list(env._parts.values())
    assert len(closed) == len(WALKS)
