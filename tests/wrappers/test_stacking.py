"""All wrappers together: in any vector environment the same, picklable, and found in the spec."""

import itertools
import pickle

import gymnasium as gym
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.wrappers import RecordEpisodeStatistics, TimeLimit

from reasoning_gym_envs import ENVIRONMENTS, wrappers
from reasoning_gym_envs.wrappers import (
    ChatMessages,
    Curriculum,
    DiscreteCommands,
    NumericObservation,
    RememberCommands,
    RewardTerms,
    SameProblem,
    StepCost,
    TokenBudget,
)

ANSWERS = [f"\\boxed{{{n}}}" for n in range(-5, 30)]
COMMANDS = [id for id in ("TowerOfHanoi-v0", "TextMaze-v0") if id in ENVIRONMENTS]
IDS = ["MathBoxed-v0", *COMMANDS]


def paid(env):
    """What changes levels, turns and rewards."""
    env = TokenBudget(Curriculum(env, window=2), budget=200)
    return RewardTerms(StepCost(env, 0.01))


def classic(env):
    """For learners on vectors."""
    vocabulary = ANSWERS if env.unwrapped.spec.id == "MathBoxed-v0" else None
    return DiscreteCommands(NumericObservation(paid(env)), vocabulary)


def hashed(env):
    """The same, with hashed text, in another order."""
    vocabulary = ANSWERS if env.unwrapped.spec.id == "MathBoxed-v0" else None
    return NumericObservation(DiscreteCommands(paid(env), vocabulary), "hashed", 64)


def repeated(env):
    """One problem again and again, for a table or a network with the last commands."""
    vocabulary = ANSWERS if env.unwrapped.spec.id == "MathBoxed-v0" else None
    env = RememberCommands(SameProblem(paid(env)), 2)
    return NumericObservation(DiscreteCommands(env, vocabulary), "hashed", 64)


def chat(env):
    """For language models."""
    return ChatMessages(paid(env), system="Solve it.", history=2, budget=100_000)


STACKS = [classic, hashed, repeated, chat]
each_stack = pytest.mark.parametrize("stack", STACKS)
each_id = pytest.mark.parametrize("id", IDS)


def make(id, stack, **arguments):
    return stack(gym.make(id, level=(1, 3), max_turns=8, reward="dense", **arguments))


def action(stack, step, slot):
    """Actions that are sometimes right, and sometimes not."""
    number = (5 * step + 3 * slot) % 4
    return number if stack is not chat else ("A to B", "north", "\\boxed{3}", "C to A")[number]


def plain(value):
    """Arrays as lists, so that == compares everything, but for the clock."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if key not in ("t", "_t")}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return plain(value.tolist()) if hasattr(value, "tolist") else value


def play(env, stack, steps=40, reset=True):
    seen = [env.reset(seed=3)] if reset else []
    for step in range(steps):
        seen.append(env.step(action(stack, step, 0)))
        if seen[-1][2] or seen[-1][3]:
            seen.append(env.reset())
    return seen


@each_id
@each_stack
def test_the_contract_holds_in_a_stack(id, stack):
    seen = play(make(id, stack), stack)
    ends = 0
    for step in seen:
        if len(step) == 2:
            continue
        _, reward, terminated, truncated, info = step
        assert sum(info["reward_terms"].values()) == pytest.approx(reward)
        assert info["reward_terms"]["step"] == -0.01
        assert info["curriculum"]["level"] in (1, 2, 3)
        ended = terminated or truncated
        assert ("is_success" in info) is ended
        assert ("episode_reward_terms" in info) is ended
        ends += ended
        assert 0 <= info["tokens_left"] <= 200
        assert ("action_mask" in info) is (stack is not chat)
    assert ends > 3
    assert plain(seen) == plain(play(make(id, stack), stack))


@each_id
@each_stack
@pytest.mark.filterwarnings("ignore:.*different from the unwrapped version")
def test_gymnasiums_checker_has_nothing_to_say(id, stack):
    check_env(make(id, stack), skip_render_check=True)


@each_id
@each_stack
def test_pickled_in_the_middle_of_an_episode(id, stack):
    env = make(id, stack)
    play(env, stack, 11)
    twin = pickle.loads(pickle.dumps(env))
    assert plain(play(env, stack, 30, reset=False)) == plain(play(twin, stack, 30, reset=False))


@each_id
@each_stack
def test_made_again_from_its_spec(id, stack):
    env = make(id, stack)
    again = gym.make(pickle.loads(pickle.dumps(env.spec)))
    assert repr(again) == repr(env)
    assert plain(play(again, stack)) == plain(play(env, stack))
    assert env.spec.additional_wrappers[0].name == "Curriculum"


def rollout(id, stack, mode, steps=30, **vector):
    envs = gym.make_vec(
        id,
        3,
        mode,
        wrappers=[stack],
        vector_kwargs=vector,
        level=(1, 3),
        max_turns=8,
        reward="dense",
    )
    try:
        seen = [envs.reset(seed=3)]
        for step in range(steps):
            seen.append(envs.step([action(stack, step, slot) for slot in range(3)]))
            assert seen[-1][0] in envs.observation_space
        return plain(seen)
    finally:
        envs.close()


@each_id
@each_stack
@pytest.mark.parametrize("autoreset", ["NEXT_STEP", "SAME_STEP"])
def test_vector_environments_agree(id, stack, autoreset):
    autoreset_mode = gym.vector.AutoresetMode[autoreset]
    memory = {"shared_memory": False} if stack is chat else {}
    sync = rollout(id, stack, "sync", autoreset_mode=autoreset_mode)
    assert sync == rollout(id, stack, "async", autoreset_mode=autoreset_mode, **memory)
    assert sync[-1][4]["curriculum"]["level"]


@each_id
@each_stack
def test_slots_play_what_single_environments_play(id, stack):
    seen = rollout(id, stack, "sync")
    for slot in range(3):
        env = make(id, stack)
        assert plain(env.reset(seed=3 + slot)[0]) == seen[0][0][slot]
        ended = False
        for step, vector in enumerate(seen[1:]):
            if ended:  # the automatic reset takes a step of its own
                observation, ended = env.reset()[0], False
            else:
                observation, reward, terminated, truncated, _ = env.step(action(stack, step, slot))
                assert vector[1][slot] == pytest.approx(reward)
                ended = terminated or truncated
            assert plain(observation) == vector[0][slot]


def returns(order):
    """What episodes pay under four wrappers in an order, with Gymnasium's around them."""
    makers = [
        lambda env: StepCost(env, 0.25),
        lambda env: TokenBudget(env, 200),
        lambda env: Curriculum(env, window=2),
        RecordEpisodeStatistics,
    ]
    env = gym.make("TowerOfHanoi-v0", level=(1, 3), reward="dense")
    for number in order:
        env = makers[number](env)
    env = RewardTerms(TimeLimit(env, 6))
    totals = []
    for seed in range(4):
        env.reset(seed=seed)
        total, ended = 0.0, False
        actions = itertools.chain(env.unwrapped.solution()[:-1], itertools.repeat("A to B"))
        while not ended:
            _, reward, terminated, truncated, info = env.step(next(actions))
            total += reward
            ended = terminated or truncated
        assert sum(info["episode_reward_terms"].values()) == pytest.approx(total)
        totals.append(total)
    return totals


def test_the_order_does_not_matter_to_what_is_paid():
    """Wrappers that keep text as text."""
    first = returns(range(4))
    assert len(set(first)) > 1
    for order in itertools.permutations(range(4)):
        assert returns(order) == pytest.approx(first)


def test_everything_public_is_documented():
    for name in wrappers.__all__:
        assert ">>> " in getattr(wrappers, name).__doc__, name
