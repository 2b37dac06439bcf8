"""Derivations in sentences say, step by step, what the terse ones say."""

import re
from fractions import Fraction
from itertools import pairwise

import gymnasium as gym
import pytest
import sympy
from sympy.parsing.sympy_parser import parse_expr

from reasoning_gym_envs import ENVIRONMENTS, rows
from reasoning_gym_envs.code.interpreter import run
from reasoning_gym_envs.math.progress import read_equations
from reasoning_gym_envs.math.topics import TOPICS

TOLD = {"MathBoxed-v0", "CodeOutput-v0", "EquationSteps-v0"}


def both(id, count, **kwargs):
    """Environments, with the seed that they begin with, and both solutions."""
    env = gym.make(id, reward="dense", **kwargs)
    for seed in range(count):
        env.reset(seed=seed)
        terse, words = (env.unwrapped.solution(style=style) for style in ("terse", "words"))
        assert paid(env, seed, terse) == paid(env, seed, words)
        yield env, terse, words


def paid(env, seed, actions):
    """What the actions are paid; the episode is solved."""
    env.reset(seed=seed)
    total = 0.0
    for action in actions:
        _, reward, terminated, _, info = env.step(action)
        total += reward
    assert terminated
    assert info["is_success"]
    return total


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("level", [1, 5, 10])
def test_equations_are_those_of_the_terse_derivation(topic, level):
    for _, terse, words in both("MathBoxed-v0", 4, topics=topic, level=level):
        found = [list(read_equations(solution[0])) for solution in (terse, words)]
        assert found[0] == found[1]
        thinking = words[0].partition("</think>")[0].removeprefix("<think>")
        assert thinking.count(" = ") == thinking.count(":") - thinking.count("We start:")


SENTENCE = re.compile(r"(\w+) (\S+) (?:and|by|to|from|times) (\S+): [^:=]* = (\S+?)\.(?= |$)")


def test_a_sentence_says_what_its_equation_does():
    """The operation in words, worked out here: not only the equation is right."""
    done = {
        "add": lambda a, b: a + b,
        "subtract": lambda a, b: b - a,
        "take": lambda a, b: b - a,
        "multiply": lambda a, b: a * b,
        "find": lambda a, b: a * b,
        "divide": lambda a, b: a / b,
    }
    seen = set()
    topics = ["integer_arithmetic", "decimals", "percentages", "word_problems"]
    for _, _, (words,) in both("MathBoxed-v0", 150, topics=topics, level=(1, 6)):
        for verb, first, second, result in SENTENCE.findall(words.partition("</think>")[0]):
            if not all(re.fullmatch(r"-?[\d.]+(/\d+)?", x) for x in (first, second, result)):
                continue
            value = done[verb.lower()](Fraction(first), Fraction(second))
            assert value == Fraction(result), words
            seen.add(verb.lower())
    assert seen == set(done)


@pytest.mark.parametrize("level", [1, 4, 8])
def test_what_names_are_given(level):
    for env, _, words in both("CodeOutput-v0", 8, level=level):
        trace = run(env.unwrapped.snapshot().episode.problem.question, traced=True).trace
        told = words[0].partition("</think>")[0]
        place = 0
        for given in trace:  # all of them, in their order
            name, _, value = given.partition("=")
            match = re.search(
                rf"`{name}` (?:is|becomes|is set to) {re.escape(value)}\.", told[place:]
            )
            assert match, (given, told)
            place += match.end()
        assert told.count("`") == 2 * len(trace) + sum(given.count("`") for given in trace)


def test_a_command_in_words_leads_to_its_equation():
    """What is done to both sides, done by another algebra."""
    unequal, seen = [], set()
    for env, terse, words in both("EquationSteps-v0", 60, level=(1, 5)):
        before = env.unwrapped.snapshot().episode.problem.question
        equations = [before, *terse]
        for (left, right), action in zip(pairwise(equations), words, strict=True):
            command, _, equation = action.removeprefix("<think>").partition(".</think>")
            assert equation == right
            match = re.fullmatch(
                r"(Add|Subtract|Multiply|Divide) (?:both sides by )?"
                r"(.*?)(?: (?:to|from) both sides)?",
                command,
            )
            if not match:
                continue
            verb, by = match[1], value(match[2])
            seen.add(verb)
            a, b = (sides(text) for text in (left, right))
            done = {
                "Add": lambda x, by=by: x + by,
                "Subtract": lambda x, by=by: x - by,
                "Multiply": lambda x, by=by: x * by,
                "Divide": lambda x, by=by: x / by,
            }[verb]
            for x, y in zip(a, b, strict=True):
                if sympy.simplify(done(x) - y) != 0:
                    unequal.append((left, command, right))
    assert unequal == []
    assert {"Add", "Subtract", "Divide"} <= seen


def value(text):
    text = re.sub(r"(\d|\))(?=[a-z(])", r"\1*", text)
    return parse_expr(text)


def sides(equation):
    return [value(side) for side in equation.split("=")]


def test_ids_without_a_derivation_say_so():
    for id, entry in ENVIRONMENTS.items():
        if entry.needs:
            continue
        env = gym.make(id)
        env.reset(seed=1)
        if id in TOLD:
            assert env.unwrapped.solution(style="words") != env.unwrapped.solution()
        else:
            with pytest.raises(ValueError, match="actions without a derivation"):
                env.unwrapped.solution(style="words")


def test_the_same_seed_is_told_in_the_same_words():
    first, second = (
        rows("MathBoxed-v0", 5, reveal=True, style="words", level=3)[4]["solution"]
        for _ in range(2)
    )
    assert first == second


def test_what_cannot_be_told():
    with pytest.raises(ValueError, match="reveal=True"):
        rows("MathBoxed-v0", 1, style="words")
    with pytest.raises(ValueError, match="did you mean 'words'"):
        rows("MathBoxed-v0", 1, reveal=True, style="word")
