"""Distractors: the answer stays what it was, and whoever uses one is known by the decoy."""

import importlib
import json
import pickle
import re
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import product

import gymnasium as gym
import pytest
from gymnasium.utils.env_checker import check_env

from reasoning_gym_envs import play_row, rows, score
from reasoning_gym_envs.answers import check, is_correct
from reasoning_gym_envs.cli import main
from reasoning_gym_envs.conformance.attacks import ATTACKS, boxed
from reasoning_gym_envs.evaluation import measure
from reasoning_gym_envs.math.distractors import KINDS, MOST, RULES, distract
from reasoning_gym_envs.math.topics import TOPICS
from reasoning_gym_envs.problems import Stream
from tests.math.independent import word_problems
from tests.math.independent.distractors import leave_out
from tests.test_contract import honest_failure, play, total

LEVELS = range(1, 11)
SAMPLES = 4

each_topic = pytest.mark.parametrize("topic", RULES)
each_level = pytest.mark.parametrize("level", LEVELS)
each_kind = pytest.mark.parametrize("kind", KINDS)


def make(**arguments):
    return gym.make("MathBoxed-v0", **arguments).unwrapped


def problem_of(env):
    return env.snapshot().episode.problem


@cache
def second_opinion(topic, question):
    return importlib.import_module(f"tests.math.independent.{topic}").solve(question)


def problems(topic, level, n):
    stream = Stream(f"distractors {topic} {level}")
    return [TOPICS[topic](stream, level) for _ in range(n)]


@each_topic
@each_level
def test_a_second_solver_that_leaves_them_out_gets_every_answer(topic, level):
    for plain in problems(topic, level, SAMPLES):
        assert leave_out(plain.question) == (plain.question, [])
        for kind, count in product(KINDS, (1, 3)):
            problem = distract(plain, count, kind)
            rest, left_out = leave_out(problem.question)
            assert sorted(left_out) == sorted(problem.data.sentences), problem.question
            answer = second_opinion(topic, rest)
            assert is_correct(boxed(answer), problem.answer, problem.form), problem.question
            assert (problem.id, problem.split, problem.level) == (plain.id, plain.split, level)


@each_topic
@each_level
def test_decoys_are_other_answers(topic, level):
    for plain in problems(topic, level, 12):
        for kind in KINDS:
            data = distract(plain, MOST, kind).data
            assert len(data.decoys) == len(set(data.sentences)) == MOST
            for decoy in data.decoys:
                assert is_correct(boxed(decoy), decoy, "value")
                assert check(boxed(decoy), plain.answer).status == "wrong", (plain, decoy)
                assert decoy[0] != "-" or "negative" in plain.question, (plain, decoy)
                if topic == "probability":
                    assert 0 < Fraction(*map(int, re.findall(r"\d+", decoy))) < 1, (plain, decoy)


# The stories of level 10 that it does not solve by trying whole numbers one after the other.
COMPUTED = re.compile("A roll costs|A candle costs|A club has|kg of grain")


@each_topic
@each_level
def test_a_second_solver_that_uses_them_gets_the_decoy(topic, level, monkeypatch):
    """And the number that it replaces is near, or far, as the kind says."""
    monkeypatch.setattr(word_problems, "LARGEST", 500)
    tried = 0
    for plain, kind in product(problems(topic, level, 2 * SAMPLES), KINDS):
        problem = distract(plain, 1, kind)
        (sentence,), (decoy,) = problem.data.sentences, problem.data.decoys
        if "throws" in plain.question or "faulty" in plain.question:
            continue  # these numbers are words
        is_found = decoy.isdigit() and int(decoy) < word_problems.LARGEST
        if topic == "word_problems" and not (is_found or COMPUTED.search(plain.question)):
            continue
        (number,) = map(int, re.findall(r"\d+", sentence))
        own = next(
            own
            for own, question in replaced(plain.question, number)
            if is_correct(boxed(solved(topic, question)), decoy)
        )
        tried += 1
        if kind == "same-range":
            assert min(own / 2, own - 6) - 1 < number <= max(own * 1.5, own + 6), problem.question
        else:
            assert number >= 3 * own or 3 * number <= own, problem.question
    assert tried


def solved(topic, question):
    try:
        return second_opinion(topic, question)
    except (AssertionError, StopIteration, ValueError, ZeroDivisionError):
        return ""  # such a story cannot be


def replaced(question, number):
    """Each number of a question, and the question with another in its place."""
    for match in re.finditer(r"(?<![\d.])\d+(?:\.\d+)?", question):
        yield float(match[0]), question[: match.start()] + str(number) + question[match.end() :]


@each_topic
def test_every_problem_is_told_by_one_rule_that_solves_it(topic):
    used = set()
    for level in LEVELS:
        for plain in problems(topic, level, 60):
            told = [(rule, rule.read(plain.question)) for rule in RULES[topic]]
            ((rule, (given, _)),) = [(rule, read) for rule, read in told if read is not None]
            answer = rule.solve(given)
            assert is_correct(boxed(f"{answer.numerator}/{answer.denominator}"), plain.answer)
            used.add(rule)
    assert used == set(RULES[topic])


def test_a_number_of_the_same_role_has_the_same_unit():
    """The word after it, here and in the story; but for those that are told otherwise."""
    others = set()
    for rule in (rule for topic in RULES for rule in RULES[topic]):
        unit = re.search(r"#%? ?(\{?\w*)", rule.other)[1].rstrip("s")
        for role in rule.role.split():
            told = re.search(rf"\{{{role}\}}\W* ?(\{{?\w*)", rule.story)[1].rstrip("s")
            if told.strip("{") != unit.strip("{"):
                others.add(rule.other)
    assert others == {
        "In {D}'s exercise, the whole is #.",
        "In {D}'s exercise, the part is #.",
        "In {D}'s exercise, the first change is #%.",
        "In {D}'s exercise, the original {SHORT} is # {UNIT}.",
        "In {D}'s exercise, the largest number is #.",
        "Yesterday, {D} used {LIQUID} with #% {SOLUTE}.",
        "Yesterday, {D} threw # times.",
        "{D} has a die with # faces.",
        "Last year, # people in {D}'s village had a cold.",
        "The ages in {D}'s family sum to #.",
    }


@each_topic
@each_kind
def test_they_do_not_depend_on_the_words_of_a_question(topic, kind):
    for level in LEVELS:
        for plain in problems(topic, level, 3):
            reworded = replace(plain, question=f"{plain.question} Show your work.")
            one, other = distract(plain, MOST, kind), distract(reworded, MOST, kind)
            assert one.question != other.question
            assert one.data.sentences == other.data.sentences
            assert one.data.decoys == other.data.decoys


@each_topic
@each_kind
def test_the_text_is_well_written(topic, kind):
    for level in LEVELS:
        for plain in problems(topic, level, 12):
            text = distract(plain, MOST, kind).question
            assert text.count("$") % 2 == 0, text
            assert text[0].isupper(), text
            assert text[-1] in ".?", text
            words = re.sub(r"\$.*?\$", "M", text)
            assert not re.search(r"\s[.,?;:]|  |[#{}~|…]|\b[Aa] [aeio]\w|[.?]\S", words), text


def test_kinds_are_as_near_as_they_say():
    """Words that a distractor shares with the story, names and small words aside."""

    def words(text):
        return set(re.findall(r"[a-z]{5,}", text.lower()))

    shares = dict.fromkeys(KINDS, 0)
    for topic, level in product(RULES, LEVELS):
        for plain, kind in product(problems(topic, level, 10), KINDS):
            (sentence,) = distract(plain, 1, kind).data.sentences
            shares[kind] += bool(words(sentence) & words(plain.question))
    assert shares["off-topic"] < 0.02 * 400
    assert shares["off-topic"] < shares["in-topic"] < 0.5 * shares["same-role"]
    assert shares["same-role"] == shares["same-range"] > 0.7 * 400


def test_all_places_are_used():
    places = {"before": 0, "inside": 0, "after": 0}
    for topic, level in product(RULES, LEVELS):
        for plain in problems(topic, level, 10):
            problem = distract(plain, 1, "same-role")
            (sentence,) = problem.data.sentences
            where = problem.question.index(sentence)
            end = len(problem.question) - len(sentence)
            places["before" if where == 0 else "after" if where == end else "inside"] += 1
    assert min(places["before"], places["after"]) > 0.3 * sum(places.values()), places
    assert places["inside"] > 0.03 * sum(places.values()), places


def test_one_seed_is_one_problem_with_and_without():
    arms = [make(topics=tuple(RULES), level=(1, 10), split="test", instruction="")]
    arms += [
        make(distractors=n, distractor_kind=kind, level=(1, 10), split="test", instruction="")
        for n, kind in product((0, 1, 2, 5), KINDS)
        if n
    ]
    for seed in (3, None, None, 4, None, 5):
        begun = [env.reset(seed=seed) for env in arms]
        assert all(info == begun[0][1] for _, info in begun)
        plain, *asked = map(problem_of, arms)
        assert begun[0][0] == plain.question
        assert plain.split == "test"
        assert len({problem.question for problem in asked}) == len(asked)
        for problem in asked:
            assert problem.id == plain.id
            assert problem.data.plain == plain.question
        for one, two, five in zip(asked[:4], asked[4:8], asked[8:], strict=True):
            assert one.data.sentences == two.data.sentences[:1] == five.data.sentences[:1]
            assert two.data.decoys == five.data.decoys[:2]


def test_these_are_the_questions_of_a_seed():
    """Pinned: another version, machine or process must not change them in silence."""
    asked = {
        kind: make(
            topics="word_problems", distractors=1, distractor_kind=kind, level=2, instruction=""
        ).reset(seed=3)[0]
        for kind in KINDS
    }
    story = "Elif has 24 marbles, buys 19 more and gives 12 to Tom."
    question = "How many marbles does Elif have left?"
    assert asked == {
        "off-topic": f"{story} Ivan went to a concert with 197 musicians. {question}",
        "in-topic": f"{story} Ivan keeps a collection in 197 drawers. {question}",
        "same-role": f"{story} Ivan has 197 marbles. {question}",
        "same-range": f"{story} Ivan has 33 marbles. {question}",
    }


def test_words_of_a_distractor_do_not_belong_to_the_answer():
    env = make(topics="word_problems", distractors=1, level=2)
    env.reset(seed=3)  # of Elif's 31 marbles and of Ivan's
    begun = env.snapshot()
    assert env.step(boxed(r"\text{Elif has } 31"))[4]["is_success"]
    env.restore(begun)
    assert not env.step(boxed(r"\text{Ivan has } 31"))[4]["is_success"]


def test_topics_without_distractors_are_refused_by_name():
    env = make(distractors=1)
    assert env.topics == tuple(RULES)
    assert {env.reset(seed=seed)[1]["topic"] for seed in range(40)} == set(RULES)
    message = (
        "the topic 'fractions' takes no distractors; those that do are 'percentages', "
        "'probability', 'units_and_rates', 'word_problems'"
    )
    with pytest.raises(ValueError, match=message):
        make(topics=["percentages", "fractions"], distractors=2)
    assert make(topics="fractions", distractor_kind="in-topic").topics == ("fractions",)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"distractors": -1}, ValueError, "from 0 to 5"),
        ({"distractors": 6}, ValueError, "from 0 to 5"),
        ({"distractors": True}, TypeError, "whole number"),
        ({"distractors": "2"}, TypeError, "whole number"),
        ({"distractor_kind": "same-rolle"}, ValueError, "did you mean 'same-role'"),
        (
            {"distractors": 1, "problems": [{"question": "1 + 1?", "answer": "2"}]},
            ValueError,
            "as they are",
        ),
    ],
)
def test_bad_arguments_raise_at_once(arguments, error, message):
    with pytest.raises(error, match=message):
        make(**arguments)


def test_a_problem_of_ones_own_is_asked_as_it_is():
    env = make(distractors=3)
    given = {"question": "What is 3 + 4?", "answer": "7"}
    assert env.reset(seed=0, options={"problem": given})[0].startswith("What is 3 + 4?\n")
    assert "used_distractor" not in env.step(boxed(7))[4]


@each_kind
def test_who_uses_a_distractor_is_known_at_the_end(kind):
    env = make(distractors=2, distractor_kind=kind, level=(1, 10), max_turns=3)
    for seed in range(12):
        _, info = env.reset(seed=seed)
        assert "used_distractor" not in info
        right, begun = env.solution()[0], env.snapshot()
        first, second = map(boxed, problem_of(env).data.decoys)
        for responses, used, solved in (
            (("?", "?", first), True, False),
            (("?", "?", second), True, False),
            (("?", "?", f"<think>hm</think>so {first}"), True, False),
            ((right,), False, True),
            ((first, right), False, True),  # the last answer counts
            ((first, first, boxed(987654321)), False, False),
            (("", "", ""), False, False),
        ):
            env.restore(begun)
            *before, last = [env.step(response)[4] for response in responses]
            assert not any("used_distractor" in info for info in before)
            assert (last["used_distractor"], last["is_success"]) == (used, solved)


def test_without_distractors_nothing_is_said_of_them():
    env = make(topics="word_problems")
    env.reset(seed=0)
    assert "used_distractor" not in env.step(boxed(-1))[4]


def test_neither_info_nor_attributes_give_the_answer_away():
    env = make(distractors=2, level=8, max_turns=2)
    _, info = env.reset(seed=1)
    problem = problem_of(env)
    assert set(info) == {"level", "problem_id", "topic", "turn"}
    public = {name: value for name, value in vars(env).items() if not name.startswith("_")}
    for secret in (problem.answer, *problem.data.decoys):
        assert secret not in map(str, public.values())
    assert set(env.step("?")[4]) == {*info, "reward_terms", "answer_status"}


@each_kind
@pytest.mark.parametrize("mode", ["sparse", "dense", "shaped"])
def test_the_contract_holds(kind, mode):
    arguments = {"distractors": 2, "distractor_kind": kind, "reward": mode}
    check_env(make(**arguments), skip_render_check=True)
    for level in LEVELS:
        env = make(**arguments, level=level)
        for seed in range(4):
            env.reset(seed=seed)
            solved = play(env, env.solution(), seed)
            assert solved[-1][4]["is_success"]
            assert total(honest_failure(env, seed), mode) < min(total(solved, mode), 1)
            env.reset(seed=seed)
            told = play(env, env.solution("words"), seed)
            assert told[-1][4]["is_success"]


USED = {
    "the distractor's number": lambda problem: [
        boxed(n) for sentence in problem.data.sentences for n in re.findall(r"\d+", sentence)
    ],
    "every number that is given": lambda problem: list(
        map(boxed, re.findall(r"\d+", problem.question))
    ),
    "the decoy": lambda problem: list(map(boxed, problem.data.decoys)),
    "the distractor": lambda problem: list(map(boxed, problem.data.sentences)),
    "the distractor without a box": lambda problem: list(problem.data.sentences),
    "sums with the distractor": lambda problem: [
        ", ".join(
            f"{a}+{b}={int(a) + int(b)}"
            for a, b in product(re.findall(r"\d+", problem.question), repeat=2)
        )
    ],
}


@pytest.mark.parametrize(
    ("attack", "mode"),
    [(attack, "dense") for attack in ATTACKS] + list(product(USED, ("sparse", "dense", "shaped"))),
)
def test_attacks_do_not_pay(attack, mode):
    lucky = paid = failed = 0.0
    for max_turns, seeds in ((1, 8), (3, 4)):
        env = make(distractors=2, reward=mode, level=(2, 5), max_turns=max_turns)
        for seed in range(seeds):
            env.reset(seed=seed + 1000)
            other = env.solution()
            observation, _ = env.reset(seed=seed)
            if attack in USED:
                actions = USED[attack](problem_of(env))
            else:
                actions = ATTACKS[attack](observation, other)
            seen = play(env, actions, seed)
            if seen[-1][4]["is_success"]:
                lucky += 1
                continue
            paid += total(seen, mode)
            failed += total(honest_failure(env, seed), mode)
    assert lucky <= 1
    assert paid <= failed + 1e-9


def test_progress_is_that_of_the_story_alone():
    kept = used = 0.0
    for level in (2, 5, 8):
        plain = make(topics=tuple(RULES), reward="dense", level=level)
        env = make(distractors=2, distractor_kind="same-range", reward="dense", level=level)
        for seed in range(20):
            env.reset(seed=seed)
            problem = problem_of(env)
            work = ", ".join(problem.steps[:-1])
            plain.reset(seed=seed)
            honest = plain.step(work)[1]
            assert env.step(work)[1] == honest
            kept += honest
            number = re.findall(r"\d+", problem.data.sentences[0])[0]
            env.reset(seed=seed)
            sums = (f"{number}+{n}={int(number) + n}" for n in range(2, 12))
            used += env.step(", ".join(sums))[1]
    assert kept > 10
    assert used < 0.02 * kept


@pytest.mark.parametrize("level", [3, 5])
def test_chance_does_not_solve_them(level):
    for floor in measure("MathBoxed-v0", level, episodes=60, distractors=2):
        assert floor.is_low, floor


def test_rows_are_scored_and_played(tmp_path, capsys):
    arguments = {"distractors": 2, "distractor_kind": "same-range", "level": (1, 10)}
    made = rows("MathBoxed-v0", 8, reveal=True, split="test", **arguments)
    plain = rows("MathBoxed-v0", 8, split="test", level=(1, 10), topics=list(RULES))
    for row, other in zip(made, plain, strict=True):
        row = json.loads(json.dumps(row))
        assert (row["problem_id"], row["seed"]) == (other["problem_id"], other["seed"])
        assert row["prompt"] != other["prompt"]
        assert score(row, row["solution"][0]) == 1.0
        assert score(row, boxed(row["answer"])) == 1.0
        assert score(row, "?") == 0.0
        record = play_row(row, lambda messages, row=row: row["solution"][0])
        assert record["is_success"]
        assert record["messages"][0]["content"] == row["prompt"]
    file = tmp_path / "rows.jsonl"
    words = ["--count", "8", "--level", "1-10", "--split", "test", "--traces", "--out", str(file)]
    words += ["--arg", "distractors=2", "--arg", "distractor_kind=same-range"]
    assert main(["export", "MathBoxed-v0", *words]) == 0
    written = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [row["problem_id"] for row in written] == [row["problem_id"] for row in made]
    assert [row["prompt"] for row in written] == [row["prompt"] for row in made]
    assert all(score(row, row["solution"][0]) == 1.0 for row in written)


def test_snapshots_and_vector_environments_have_them():
    env = make(distractors=3, level=6)
    begun = env.reset(seed=2)
    snapshot = pickle.loads(pickle.dumps(env.snapshot()))
    other = make(distractors=3, level=6)
    other.restore(snapshot)
    assert problem_of(other) == problem_of(env)
    decoy = boxed(problem_of(env).data.decoys[2])
    assert other.step(decoy) == env.step(decoy)
    many = gym.make_vec("MathBoxed-v0", 2, vectorization_mode="sync", distractors=3, level=6)
    assert many.reset(seed=[2, 3])[0][0] == begun[0]
