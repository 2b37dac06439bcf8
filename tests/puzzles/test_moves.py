"""Every puzzle that is walked by commands: no way of moving about pays, and none leads astray.

A region of the graph of states around a start is searched, every command of the vocabulary and
some that are none tried in every state: what holds for every edge holds for every way.
"""

import random

import gymnasium as gym
import pytest

from reasoning_gym_envs import ENVIRONMENTS, RewardScheme

FAMILY = "puzzles."
STATES = 40


def is_walked(id):
    if not ENVIRONMENTS[id].place.startswith(FAMILY):
        return False
    _, info = gym.make(id).unwrapped.reset(seed=0)
    return "admissible_commands" in info


IDS = [id for id in ENVIRONMENTS if is_walked(id)]
each_id = pytest.mark.parametrize("id", IDS)
each_level = pytest.mark.parametrize("level", [1, 3, 5])


def key(env):
    return repr(env.snapshot().episode.state)


def region(env, seed, states=STATES):
    """The states found first from a start, and all steps between them and out of them.

    Gives the key of the start, and of every state in the region the steps from it: the command,
    the reward, the key of the next state, whether that solved it, whether it was refused.
    """
    _, info = env.reset(seed=seed)
    start = key(env)
    waiting = [(start, env.snapshot(), info["admissible_commands"])]
    found = {start}
    steps = {}
    while waiting and len(steps) < states:
        state, snapshot, admissible = waiting.pop(0)
        steps[state] = []
        others = [c for c in env.command_vocabulary if c not in admissible][:3]
        for command in [*admissible[:6], *others, "dance"]:
            env.restore(snapshot)
            said, reward, ended, _, info = env.step(command)
            solved = ended and info["is_success"]
            refused = command not in admissible
            after = key(env)
            assert refused is ("Possible: " in said)
            steps[state].append((command, reward, after, solved, ended, refused))
            if not ended and after not in found:
                found.add(after)
                waiting.append((after, env.snapshot(), info["admissible_commands"]))
    return start, steps


def progress(env, seed):
    env.reset(seed=seed)
    return env.snapshot().episode.progress


@each_id
@each_level
def test_dense_pay_depends_on_where_a_way_ends_alone(id, level):
    """So cycles pay 0, the best unsolved way pays less than 1, and solved ones 2 - progress."""
    env = gym.make(id, level=level, reward="dense", max_turns=10_000).unwrapped
    for seed in range(1 if level > 1 else 3):
        before = progress(env, seed)
        start, steps = region(env, seed)
        paid = {start: 0.0}  # breadth-first: a state is paid for before its steps are seen
        for state, ways in steps.items():
            for _, reward, after, solved, ended, refused in ways:
                total = paid[state] + reward
                if solved:
                    assert total == pytest.approx(2 - before, abs=1e-9)
                    continue
                assert -before - 1e-9 <= total < 1 - before + 1e-9
                assert total < 1
                if refused:
                    assert (after, reward) == (state, 0)
                if not ended:
                    assert total == pytest.approx(paid.setdefault(after, total), abs=1e-9)


@each_id
@each_level
def test_shaped_cycles_never_pay(id, level):
    """Discounted, whatever the cycle: value iteration on unsolved steps finds nothing to gain."""
    env = gym.make(id, level=level, reward="shaped", max_turns=10_000).unwrapped
    gamma = RewardScheme("shaped").gamma
    before = progress(env, 0)
    start, steps = region(env, 0)
    phi = {start: before}
    for state, ways in steps.items():
        for _, reward, after, solved, ended, refused in ways:
            if ended:
                assert reward == pytest.approx(solved - phi[state], abs=1e-9)
                continue
            reached = (reward + phi[state]) / gamma
            assert reached == pytest.approx(phi.setdefault(after, reached), abs=1e-9)
            assert -1e-9 <= reached < 1
            assert not refused or reward <= 1e-12
    # A way from s to s again pays (gamma^n - 1) progress(s): the same by going round in all ways.
    best = dict.fromkeys(steps, 0.0)
    for _ in range(60):
        best = {
            state: max(
                [0.0]
                + [
                    reward + gamma * best[after]
                    for _, reward, after, solved, ended, _ in ways
                    if not ended and after in best
                ]
            )
            for state, ways in steps.items()
        }
    for state, value in best.items():
        assert value <= max(phi.values()) - phi[state] + 1e-9


@each_id
@pytest.mark.parametrize("level", range(1, 11))
def test_the_reference_solves_from_wherever_random_play_leads(id, level):
    """And a solved way pays 2 - progress at the start in all, however it went."""
    env = gym.make(id, level=level, reward="dense", max_turns=10_000).unwrapped
    choose = random.Random(level)
    for seed in range(4):
        before = progress(env, seed)
        _, info = env.reset(seed=seed)
        total, ended = 0.0, False
        for _ in range(choose.choice([1, 5, 30])):
            command = choose.choice([*info["admissible_commands"], "dance"])
            _, reward, ended, _, info = env.step(command)
            total += reward
            if ended:
                break
        if ended:  # solved by luck, or lost
            continue
        assert total < 1
        solution = env.solution()
        if not solution:  # nothing leads to the goal any more, and nothing is paid for it
            assert env.snapshot().episode.progress == 0
            continue
        for command in solution:
            assert command in env.command_vocabulary
            assert command in info["admissible_commands"]
            _, reward, ended, _, info = env.step(command)
            total += reward
        assert ended
        assert info["is_success"]
        assert total == pytest.approx(2 - before)


@each_id
def test_the_default_limit_leaves_room_for_the_reference(id):
    env = gym.make(id, level=(1, 10)).unwrapped
    for seed in range(60):
        env.reset(seed=seed)
        limit = env.snapshot().episode.turn_limit
        assert len(env.solution()) <= limit


PLANS = (
    lambda plan: "\n".join(f"{number}. {command}" for number, command in enumerate(plan, 1)),
    lambda plan: ", ".join(f"{number}) {command}" for number, command in enumerate(plan, 1)),
    lambda plan: "\n".join(f"- {command}" for command in plan),
    lambda plan: str(plan),
    lambda plan: ", then ".join(plan[:-1]) + f", and then {plan[-1]}.",
    lambda plan: " -> ".join(plan),
    lambda plan: " \\to ".join(plan),
    lambda plan: (
        "\\begin{array}{l}"
        + " \\\\ ".join(f"\\text{{{command}}}" for command in plan)
        + "\\end{array}"
    ),
)
PLANNED = ("Sokoban", "SlidingTiles", "LightsOut", "TowerOfHanoi", "WaterJugs", "RiverCrossing")


@pytest.mark.parametrize("name", PLANNED)
@pytest.mark.parametrize("write", PLANS)
def test_a_plan_in_the_ways_in_which_lists_are_written(name, write):
    env = gym.make(f"{name}Boxed-v0", level=3).unwrapped
    for seed in range(3):
        env.reset(seed=seed)
        plan = env._solve_from(env._episode.state)
        said, reward, *_ = env.step(f"\\boxed{{{write(plan)}}}")
        assert reward == 1, said


def test_arrows_between_pegs_separate_nothing():
    for id in ("TowerOfHanoiBoxed-v0", "TowerOfHanoi-v0"):
        env = gym.make(id, level=3).unwrapped
        env.reset(seed=1)
        plan = [move.replace("to", "→") for move in env._solve_from(env._episode.state)]
        for action in [f"\\boxed{{{', '.join(plan)}}}"] if "Boxed" in id else plan:
            *_, terminated, _, info = env.step(action)
        assert terminated
        assert info["is_success"]
