"""Knights and knaves: one possibility, found by trying all; answers read and paid."""

import random
import re
from itertools import product

import gymnasium as gym
import pytest

from reasoning_gym_envs.problems import Stream
from reasoning_gym_envs.puzzles.canonical_form import canonical_form
from reasoning_gym_envs.puzzles.knights_and_knaves import KINDS, PEOPLE, facts_of, make

ID = "KnightsAndKnavesBoxed-v0"


def kind_is(text, speaker, world):
    """The truth of "Ann is a knight" or "I am a knave"."""
    name, _, _, kind = text.split()
    return world[speaker if name == "I" else name] is (kind == "knight")


def is_true(said, speaker, world):
    """The truth of a sentence, read from its words."""
    said = said.rstrip(".")
    literal = r"(\w+ (?:is|am) a \w+)"
    knights = sum(world.values())

    def truths(*texts):
        return [kind_is(text, speaker, world) for text in texts]

    if found := re.fullmatch(r"(Exactly|At least|At most) (\d+) of us (?:is a|are) knights?", said):
        number = int(found[2])
        return {
            "Exactly": knights == number,
            "At least": knights >= number,
            "At most": knights <= number,
        }[found[1]]
    if found := re.fullmatch(r"(\w+) and (\w+) are of (the same kind|different kinds)", said):
        one, two = (world[speaker if name == "I" else name] for name in found.groups()[:2])
        return (one is two) is (found[3] == "the same kind")
    if found := re.fullmatch(r"Neither (\w+) nor (\w+) (?:is|am) a knight", said):
        return not any(world[speaker if name == "I" else name] for name in found.groups())
    if found := re.fullmatch(rf"If {literal}, then {literal}", said):
        first, second = truths(*found.groups())
        return not first or second
    if found := re.fullmatch(rf"{literal} if and only if {literal}", said):
        first, second = truths(*found.groups())
        return first is second
    if found := re.fullmatch(
        rf"Exactly one of these is true: {literal}; {literal}; {literal}", said
    ):
        return sum(truths(*found.groups())) == 1
    if found := re.fullmatch(rf"(?:{literal}, )?{literal} (and|or) {literal}", said):
        parts = truths(*(part for part in (found[1], found[2], found[4]) if part))
        return all(parts) if found[3] == "and" else any(parts)
    return kind_is(said, speaker, world)


@pytest.mark.parametrize("level", range(1, 11))
def test_one_possibility(level):
    env = gym.make(ID, level=level).unwrapped
    env.reset(seed=level)
    for _ in range(60 if level < 8 else 12):
        text, _ = env.reset()
        said = re.findall(r'^(\w+) says: "(.*)"$', text, flags=re.MULTILINE)
        names = [name for name, _ in said]
        assert len(names) == PEOPLE[level - 1]
        fitting = [
            world
            for kinds in product([True, False], repeat=len(names))
            for world in [dict(zip(names, kinds, strict=True))]
            if all(is_true(words, name, world) is world[name] for name, words in said)
        ]
        assert len(fitting) == 1
        kinds = {name: "knight" if knight else "knave" for name, knight in fitting[0].items()}
        answer = "; ".join(f"{name} = {kind}" for name, kind in kinds.items())
        assert env.step(f"\\boxed{{{answer}}}")[2]


def world_of(env):
    [action] = env.solution()
    return dict(part.split(": ") for part in action[7:-1].split(", "))


@pytest.mark.parametrize(
    "write",
    [
        lambda kinds: ", ".join(f"{n}: {k}" for n, k in reversed(kinds)),
        lambda kinds: "\n".join(f"{n.upper()} is a {k}." for n, k in kinds),
        lambda kinds: " and ".join(f"{n} is a {k}" for n, k in kinds),
        lambda kinds: r",\ ".join(rf"\text{{{n}}} = \text{{{k}}}" for n, k in kinds),
        lambda kinds: "; ".join(f"{n} {k}" for n, k in kinds),
    ],
)
def test_ways_of_writing(write):
    env = gym.make(ID, level=4).unwrapped
    env.reset(seed=2)
    assert env.step("\\boxed{" + write(list(world_of(env).items())) + "}")[2:3] == (True,)


def test_malformed_answers_say_why_and_earn_nothing():
    env = gym.make(ID, level=4, reward={"mode": "dense", "format_cost": 0.5}, max_turns=99)
    env = env.unwrapped
    env.reset(seed=2)
    kinds = list(world_of(env).items())
    right = ", ".join(f"{n}: {k}" for n, k in kinds)
    name, kind = kinds[0]
    other = "knave" if kind == "knight" else "knight"
    for answer in (
        right.partition(", ")[2],
        f"{right}, {name}: {other}",
        f"{name}: {other}, {right}",
        right.replace(f"{name}: {kind}", f"{name}: knight knave"),
        right.replace(f"{name}: {kind}", f"{name}: not {other}"),
        right.replace(name, "Nobody"),
        right.replace(f"{name}: {kind}", f"{name} or {kinds[1][0]}: {kind}"),
        "all knights",
        "knight, " * 5,
        "¬²٣\x00\ud800",
        "knight " * 2500,
    ):
        said, reward, terminated, _, info = env.step(f"\\boxed{{{answer}}}")
        assert not terminated
        assert reward == -0.5
        assert info["reward_terms"]["progress"] == 0
        assert "left" in said


@pytest.mark.parametrize("level", [1, 4, 7, 10])
def test_answers_without_thought_earn_next_to_nothing(level):
    env = gym.make(ID, level=level, reward="dense").unwrapped
    env.reset(seed=level)
    choose = random.Random(level)
    earned = {"knight": 0.0, "knave": 0.0, "random": 0.0}
    solved = dict.fromkeys(earned, 0)
    episodes = 400
    for _ in range(episodes):
        env.reset()
        world = world_of(env)
        start = env.snapshot()
        for way in earned:
            env.restore(start)
            guess = {
                n: choose.choice(["knight", "knave"]) if way == "random" else way for n in world
            }
            _, reward, *_ = env.step(
                f"\\boxed{{{', '.join(f'{n}: {k}' for n, k in guess.items())}}}"
            )
            solved[way] += reward > 1
            earned[way] += reward if reward < 1 else 0
    for way, reward in earned.items():
        assert reward / episodes < 0.03, way
        assert solved[way] / episodes < 2.2 / 2 ** PEOPLE[level - 1] + 0.01, way


def test_one_mistake_is_paid_less_than_none_and_more_than_two():
    env = gym.make(ID, level=10, reward="dense").unwrapped
    env.reset(seed=3)
    start, world = env.snapshot(), world_of(env)
    paid = []
    for mistakes in range(6):
        env.restore(start)
        said = {
            name: kind if number >= mistakes else {"knight": "knave", "knave": "knight"}[kind]
            for number, (name, kind) in enumerate(world.items())
        }
        paid.append(env.step(f"\\boxed{{{', '.join(f'{n}: {k}' for n, k in said.items())}}}")[1])
    assert paid == sorted(paid, reverse=True)
    assert paid[0] == 2
    assert paid[1] == pytest.approx(0.8**4)
    assert paid[5] == 0


@pytest.mark.parametrize("level", [1, 5, 10])
def test_the_content_does_not_depend_on_names(level):
    people, stream = PEOPLE[level - 1], Stream(level)
    for _ in range(30):
        statements, _ = make(stream, people, KINDS[level - 1])
        facts = facts_of(statements)
        order = stream.sample(range(people), people)
        renamed = [(k, tuple((role, order[p]) for role, p in about)) for k, about in facts]
        stream.shuffle(renamed)
        assert canonical_form(people, renamed) == canonical_form(people, facts)


def test_problems_that_differ_have_different_contents():
    """All graphs of four nodes: eleven, up to the names of the nodes."""
    pairs = [(a, b) for a in range(4) for b in range(a)]
    forms = {
        canonical_form(4, [(0, ((0, a), (0, b))) for a, b in chosen])
        for chosen in (
            [pair for pair, is_in in zip(pairs, which, strict=True) if is_in]
            for which in product([0, 1], repeat=6)
        )
    }
    assert len(forms) == 11
