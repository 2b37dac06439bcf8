"""Every topic at every level: right answers, true steps, enough problems, rising difficulty."""

import importlib
import re
from statistics import mean

import pytest

from reasoning_gym_envs.answers import Reference, is_correct
from reasoning_gym_envs.math.progress import ReferenceSteps, read_equations
from reasoning_gym_envs.math.topics import TOPICS
from reasoning_gym_envs.problems import Stream

LEVELS = range(1, 11)
SAMPLES = 25

each_topic = pytest.mark.parametrize("topic", TOPICS)
each_level = pytest.mark.parametrize("level", LEVELS)


def problems(topic, level, n=SAMPLES, seed=0):
    stream = Stream(f"{topic} {level} {seed}")
    return [TOPICS[topic](stream, level) for _ in range(n)]


@each_topic
@each_level
def test_an_independent_computation_agrees(topic, level):
    solve = importlib.import_module(f"tests.math.independent.{topic}").solve
    for problem in problems(topic, level, seed=1):
        second = solve(problem.question)
        assert is_correct(f"\\boxed{{{second}}}", Reference(problem.answer)), (problem, second)


@each_topic
@each_level
def test_problems_are_well_formed(topic, level):
    for problem in problems(topic, level):
        assert problem.topic == topic
        assert problem.level == level
        reference = Reference(problem.answer, problem.form)
        assert reference.check(f"\\boxed{{{problem.answer}}}").correct, problem


@each_topic
@each_level
def test_the_text_is_well_written(topic, level):
    for problem in problems(topic, level):
        text = problem.question
        assert text.count("$") % 2 == 0, text
        assert text[0].isupper(), text
        assert text.rstrip()[-1] in ".?", text
        assert not re.search(r"\s[.,?;:]|  |\b[Aa] [aeio]\w|\.\.", re.sub(r"\$.*?\$", "M", text)), (
            text
        )
        for formula in re.findall(r"\$(.*?)\$", text):
            assert formula.strip() == formula, text
            assert formula, text
            assert balanced(formula), text
            # 1x, x^1, 0x, + -3, --3, ASCII operators and functions that LaTeX sets as variables
            for wrong in (
                r"(?<![\d.^{_])1[a-z](?![a-z])",
                r"[a-z]\^1(?!\d)",
                r"(?<![\d.])0[a-z]",
                r"[-+] *[-+]",
                r"\*|<=|>=|!=",
                r"(?<!\\)(?<![a-z])(sin|cos|tan|ln|log|sqrt|pi|gcd|lcm)(?![a-z])",
            ):
                assert not re.search(wrong, formula), (wrong, text)


def balanced(formula):
    depth = 0
    for character in re.sub(r"\\[{}]", "", formula):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth < 0:
            return False
    return depth == 0


@each_topic
@each_level
def test_the_steps_are_true_and_lead_somewhere(topic, level):
    with_results = 0
    for problem in problems(topic, level):
        assert problem.steps, problem
        equations = [e for step in problem.steps for e in read_equations(step)]
        assert equations, problem
        assert all(e.result is not None for e in equations), problem
        reference = ReferenceSteps(problem.question, problem.steps, problem.answer)
        results = len(reference.results)
        with_results += results > 0
        # The worked solution itself, short of its answer, makes all the progress there is.
        assert reference.progress(", ".join(problem.steps)) >= 0.99 * results / (results + 1), (
            problem
        )
    if level >= 3:
        assert with_results > SAMPLES * 0.8


@each_topic
@pytest.mark.parametrize(
    "level", [3, 10, *(pytest.param(n, marks=pytest.mark.slow) for n in range(4, 10))]
)
def test_there_are_ten_thousand_different_problems(topic, level):
    stream = Stream(f"distinct {topic} {level}")
    seen = set()
    for _ in range(40_000):
        seen.add(TOPICS[topic](stream, level).content)
        if len(seen) >= 10_000:
            return
    raise AssertionError(f"only {len(seen)} different problems in 40,000")


@each_topic
def test_levels_get_harder(topic):
    def effort(level):
        # the work on paper: characters of the worked solution
        return mean(sum(map(len, problem.steps)) for problem in problems(topic, level))

    efforts = [effort(level) for level in (1, 4, 7, 10)]
    assert efforts == sorted(efforts), efforts
    assert efforts[3] > 1.5 * efforts[0], efforts


@each_topic
def test_content_and_question_agree(topic):
    """The same content has the same answer, and the same text is never two contents."""
    answers, contents = {}, {}
    for level in LEVELS:
        for problem in problems(topic, level, n=600, seed=1):
            assert answers.setdefault(problem.content, problem.answer) == problem.answer, problem
            assert contents.setdefault(problem.question, problem.id) == problem.id, problem


@each_topic
@each_level
def test_both_splits_have_problems_at_every_level(topic, level):
    ids = {split: set() for split in ("train", "test")}
    for problem in problems(topic, level, n=1500):
        ids[problem.split].add(problem.id)
    assert len(ids["train"]) >= 40
    assert len(ids["test"]) >= 5
