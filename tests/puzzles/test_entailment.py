"""Entailment: what follows is decided right, and nothing but reasoning tells."""

from collections import Counter
from itertools import combinations

import gymnasium as gym
import pytest
import sympy
from sympy.logic.boolalg import And, Equivalent, Implies, Not, Or
from sympy.logic.inference import satisfiable

from reasoning_gym_envs.puzzles.entailment import FACTS, LEVELS


def parse(sentence):
    """The formula that a sentence says: read from the text, not from the environment's data."""
    sentence = sentence.rstrip(".")
    sentence = sentence[0].lower() + sentence[1:]
    if sentence.startswith("if "):
        condition, conclusion = sentence[3:].split(", then ")
        return Implies(And(*map(parse, condition.split(" and "))), parse(conclusion))
    if sentence.startswith("it is not the case that both "):
        return Not(
            And(*map(parse, sentence.removeprefix("it is not the case that both ").split(" and ")))
        )
    if sentence.endswith(", or both"):
        return Or(*map(parse, sentence.removesuffix(", or both").split(" or ")))
    if " if and only if " in sentence:
        return Equivalent(*map(parse, sentence.split(" if and only if ")))
    fact = sentence.replace(" is not ", " is ")
    assert fact in FACTS
    symbol = sympy.Symbol(fact)
    return symbol if fact == sentence else Not(symbol)


def read(observation):
    given, asked, _ = observation.split("\n\n")
    premises = [parse(line) for line in given.split("\n")[1:]]
    statements = [parse(line.split(". ", 1)[1]) for line in asked.split("\n")[1:]]
    return premises, statements


@pytest.mark.parametrize("level", range(1, 11))
def test_another_prover_agrees(level):
    env = gym.make("EntailmentBoxed-v0", level=level).unwrapped
    for seed in range(4):
        premises, statements = read(env.reset(seed=seed)[0])
        assert len(premises) == LEVELS[level - 1].premises
        assert len(statements) == LEVELS[level - 1].candidates
        assert satisfiable(And(*premises))
        follow = [
            n
            for n, statement in enumerate(statements, 1)
            if not satisfiable(And(*premises, Not(statement)))
        ]
        answer = ", ".join(map(str, follow)) or "none"
        assert env.solution() == [f"\\boxed{{{answer}}}"]
        for n in follow[:1] if level < 6 else ():
            for some in combinations(premises, LEVELS[level - 1].needed - 1):
                assert satisfiable(And(*some, Not(statements[n - 1])))
        assert env.step(
            "\\boxed{" + ", ".join(map(str, reversed(follow))) + ("}" if follow else "none}")
        )[2]


@pytest.mark.parametrize("level", [1, 5, 10])
def test_no_short_cut(level):
    """Neither a choice of statements nor a kind of statement is right more often than others."""
    env = gym.make("EntailmentBoxed-v0", level=level).unwrapped
    answers, kinds, true = Counter(), Counter(), Counter()
    env.reset(seed=0)
    for _ in range(600):
        env.reset()
        _, candidates, follows = env.snapshot().episode.problem.data
        answers[follows] += 1
        for (kind, _), so in zip(candidates, follows, strict=True):
            kinds[kind] += 1
            true[kind] += so
    assert max(answers.values()) <= 600 * 2 / 32
    for kind, number in kinds.items():
        assert 0.4 < true[kind] / number < 0.6


@pytest.mark.parametrize("mode", ["sparse", "dense", "shaped"])
def test_wrong_lists_pay_nothing(mode):
    env = gym.make("EntailmentBoxed-v0", reward=mode, level=6).unwrapped
    won = 0
    for seed in range(60):
        for answer in ("none", "1, 2, 3, 4, 5, 6, 7", "1, 2, 3, 4", "1"):
            env.reset(seed=seed)
            _, reward, _, _, info = env.step(f"\\boxed{{{answer}}}")
            won += info["is_success"]
            assert info["is_success"] or reward == 0
    assert won <= 0.04 * 240


@pytest.mark.parametrize(
    "text",
    [
        "{0},{1}",
        "{1}; {0}",
        "{0} and {1}",
        r"\{{{0}, {1}\}}",
        "{0}\n{1}",
        r"\text{{Statements }} {0}, {1}",
        "[{0}, {1}]",
        "{0} {1}.",
    ],
)
def test_ways_of_writing_a_list(text):
    env = gym.make("EntailmentBoxed-v0", level=4).unwrapped
    seed = next(s for s in range(200) if env.reset(seed=s) and env.solution()[0].count(",") == 1)
    env.reset(seed=seed)
    numbers = env.solution()[0][7:-1].split(", ")
    assert env.step("\\boxed{" + text.format(*numbers) + "}")[4]["is_success"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("9", "no statement 9"),
        ("0", "no statement 0"),
        ("1, 1", "listed twice"),
        ("1 or 2", "list of numbers"),
        ("all", "list of numbers"),
        ("-1", "list of numbers"),
        ("12345", "list of numbers"),
        ("1-5", "list of numbers"),
        ("٣", "list of numbers"),
        ("1, " * 5_000, "list of numbers"),
        ("\x00\ud800", "list of numbers"),
    ],
)
def test_what_is_no_list(answer, said):
    env = gym.make("EntailmentBoxed-v0", max_turns=3, reward={"format_cost": 0.25})
    env.reset(seed=1)
    observation, reward, *_ = env.step(f"\\boxed{{{answer}}}")
    assert said in observation
    assert reward == -0.25
