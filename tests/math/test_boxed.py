"""MathBoxed: what its card promises beyond the contract that all environments keep."""

import re
from itertools import product

import gymnasium as gym
import pytest

from reasoning_gym_envs import RewardScheme
from reasoning_gym_envs.corpus import read_problem
from reasoning_gym_envs.math.progress import ReferenceSteps, read_equations
from reasoning_gym_envs.math.topics import TOPICS


def make(**arguments):
    return gym.make("MathBoxed-v0", **arguments).unwrapped


ASK = {
    "question": "What is 12 × 7 + 5 × 6?",
    "answer": "114",
    "solution": "12*7=84, 5*6=30, 84+30=114",
}


def ask(response, problem=ASK, **arguments):
    env = make(**arguments)
    env.reset(seed=0, options={"problem": problem})
    return env.step(response)


@pytest.mark.parametrize(
    ("response", "status"),
    [
        (r"\boxed{114}", "correct"),
        (r"<think>84 and 30</think> so \boxed{114}", "correct"),
        (r"<think>hm</think><answer>it is \boxed{114}</answer>", "correct"),
        (r"\boxed{3}, no: \boxed{114.0}", "correct"),
        (r"\boxed{x = 114}", "correct"),
        (r"\boxed{113}", "wrong"),
        (r"\boxed{114} or \boxed{115}", "wrong"),
        (r"\boxed{\{114, 115\}}", "wrong"),
        (r"\boxed{114, 115}", "wrong"),
        (r"\boxed{114 \text{ or } 115}", "wrong"),
        (r"\boxed{-114}", "wrong"),
        (r"<think>\boxed{114}</think>", "no_answer"),
        (r"<think>\boxed{114}", "no_answer"),
        ("114", "no_answer"),
        (r"\boxed{114", "no_answer"),
        (r"\boxed{114}\boxed{}", "no_answer"),
        (r"\boxed{1 +}", "unreadable"),
        (r"\boxed{" + "9" * 5000 + "}", "too_large"),
    ],
)
def test_the_answer_is_judged(response, status):
    _, reward, terminated, _, info = ask(response)
    assert info["answer_status"] == status
    assert reward == (1.0 if status == "correct" else 0.0)
    assert terminated


@pytest.mark.parametrize(
    ("response", "status"),
    [
        (r"\boxed{5\text{ apples}}", "correct"),
        (r"\boxed{\text{Ann has } 5}", "correct"),
        (r"\boxed{5\text{ pears}}", "unreadable"),
        (r"\boxed{5\text{ not good}}", "unreadable"),
        (r"\boxed{3\text{ apples}}", "wrong"),
    ],
)
def test_words_of_the_question_may_stand_around_the_answer(response, status):
    problem = {"question": "Ann has 8 apples, 3 are not good. How many apples are?", "answer": "5"}
    assert ask(response, problem)[4]["answer_status"] == status
    env = make(problems=[problem], split=read_problem(problem, "here").split)
    env.reset(seed=0)
    assert env.step(response)[4]["answer_status"] == status


def test_generated_questions_want_the_answer_evaluated():
    env = make(topics="integer_arithmetic", level=5)
    for seed in range(50):
        observation, _ = env.reset(seed=seed)
        formula = observation.split("$")[1]
        assert env.step(f"\\boxed{{{formula}}}")[4]["answer_status"] in ("wrong_form", "unreadable")


def test_feedback_says_what_was_wrong_and_not_what_is_right():
    env = make(max_turns=4)
    env.reset(seed=0, options={"problem": ASK})
    said = [env.step(text)[0] for text in ("dunno", r"\boxed{1+}", r"\boxed{84}")]
    assert "No answer was found" in said[0]
    assert "3 attempts left" in said[0]
    assert "could not be read" in said[1]
    assert "not correct" in said[2]
    assert "1 attempt left" in said[2]
    assert not any("114" in text for text in said)
    assert env.step(r"\boxed{114}")[0] == "Correct."


@pytest.mark.parametrize("mode", ["sparse", "dense", "shaped"])
def test_being_right_later_never_pays_more(mode):
    solution = r"<think>12*7=84, 5*6=30</think>\boxed{114}"
    wrong = ["", r"\boxed{3}", r"<think>12*7=84</think>\boxed{9}", "12*7=84, 5*6=30", "1=1, 2=3"]

    def total(responses):
        env = make(reward=mode, max_turns=3)
        env.reset(seed=0, options={"problem": ASK})
        return sum(env.step(response)[1] for response in responses)

    at_once = min(total([solution]), total([r"\boxed{114}"]))
    for before in [[w] for w in wrong] + [list(pair) for pair in product(wrong, wrong)]:
        assert total([*before, solution]) <= at_once + 1e-12
        assert total([*before, r"\boxed{114}"]) <= at_once + 1e-12


def test_turns_end_the_episode():
    env = make(max_turns=2)
    env.reset(seed=0, options={"problem": ASK})
    assert env.step("?")[2:4] == (False, False)
    assert env.step("?")[2:4] == (False, True)
    assert ask("?")[2:4] == (True, False)  # one turn is the whole task


def test_the_format_has_a_price_where_it_is_asked_for():
    scheme = RewardScheme(format_cost=0.1)
    good = r"<think>12*7=84</think>\boxed{114}"
    assert ask(good, reward=scheme)[4]["reward_terms"] == {"success": 1.0, "format": 0.0}
    for bad in (r"\boxed{114}", "a <think></think>" + r"\boxed{114}", good + "</think>", "<think>"):
        assert ask(bad, reward=scheme)[4]["reward_terms"]["format"] == -0.1
    with pytest.raises(ValueError, match="no collision events"):
        make(reward=RewardScheme(collision_cost=1))


def test_topics_select():
    assert set(make().topics) == set(TOPICS)
    env = make(topics=("fractions", "geometry"))
    assert {env.reset()[1]["topic"] for _ in range(40)} == {"fractions", "geometry"}
    assert make(topics="matrices").reset()[1]["topic"] == "matrices"
    with pytest.raises(ValueError, match=r"unknown topic 'algbra'.*'quadratics'"):
        make(topics="algbra")
    with pytest.raises(ValueError, match="did you mean 'fractions'"):
        make(topics=["fraction"])
    with pytest.raises(ValueError, match="at least one"):
        make(topics=[])
    with pytest.raises(TypeError, match="name or several"):
        make(topics=5)
    with pytest.raises(TypeError, match="list of mappings"):
        make(problems=5)


def test_the_instruction_is_the_users():
    assert make().reset(seed=0)[0].endswith("\\boxed{}.")
    bare = make(instruction="").reset(seed=0)[0]
    assert "boxed" not in bare
    assert make(instruction="Go!").reset(seed=0)[0] == f"{bare}\n\nGo!"
    with pytest.raises(TypeError, match="instruction"):
        make(instruction=3)


def test_mixing_covers_all_topics_evenly():
    env = make(level=3)
    env.reset(seed=0)
    topics = [env.reset()[1]["topic"] for _ in range(4000)]
    assert min(map(topics.count, TOPICS)) > 0.5 * 4000 / len(TOPICS)


# The progress Φ of the dense reward.


def dense(response, problem=ASK):
    return ask(response, problem, reward="dense")[4]["reward_terms"]["progress"]


@pytest.mark.parametrize(
    ("response", "progress"),
    [
        ("12*7=84, 5*6=30", 2 / 3),
        (r"First $12 \times 7 = 84$. Then $5 \cdot 6 = 30$.", 2 / 3),
        ("84 = 12*7; 30=5*6", 2 / 3),
        ("12*7=84", 1 / 3),
        ("12*7=84, 5*6=30, 84+30=113", (2 / 3) * (1 - 2 / 3)),  # one of three is false
        ("12*7=84, 5*6=31", 0),
        ("12*7 = 60 + 24, 60+24 = 84", 0),  # 60 and 24 come from nowhere
        ("12*7=84, 12*7=84, 12*7=84", 1 / 3),  # saying it again changes nothing
        ("84, 30, 84, 30", 0),
        ("84=84, 30=30", 0),
        ("0+84=84, 0+30=30", 0),
        ("83+1=84, 29+1=30", 0),
        ("84+30=114", 0),  # from numbers that were not derived
        ("12*7+5*6=114", 0),  # the answer is for the box
        (r"\boxed{84}", 0),
        ("", 0),
        # equations from the given numbers that lead nowhere are idle
        ("12*7=84, 5*6=30, 12+5=17", 2 / 3 * (1 - 2 / 3)),
        ("12*7=84, 5*6=30, 12+5=17, 7+6=13", 0),
        # each false equation counts, and the same one in another order does not
        ("12*7=83, 12*7=84, 12*7=85", 0),
        ("12*7=84, 7*12=84, 12+5=17, 7+6=13", 0),
        ("12*7 = 7*12 = 84", 1 / 3),
        # as language models write
        (r"\(12\cdot 7=84\) and \[5 \times 6 = 30\]", 2 / 3),
        ("12*7 &= 84", 1 / 3),
        ("12 ⋅ 7 = 84, 5 ∗ 6 = 30", 2 / 3),
        ("**12*7=84** and 5*6 = **30**", 2 / 3),
        (r"\text{so }12*7=84", 1 / 3),
        ("12*7=84; 12 apples * 7 = 84, x + 5 = 8, 3x + 5 = 11, 2(x - 1) = 6, f(2) = 3", 1 / 3),
    ],
)
def test_progress_is_what_the_card_says(response, progress):
    assert dense(response) == pytest.approx(progress)


def test_a_longer_way_is_no_worse_if_it_leads_there():
    assert dense("7+5=12, 12*7=84, 5*6=30") == pytest.approx(2 / 3)


PROBLEMS = [
    (env.reset(seed=seed)[0], env.snapshot().episode.problem)
    for env in [make(level=(3, 10))]
    for seed in range(150)
]


def farms():
    yield "true identities", lambda question: ", ".join(f"{n}={n}" for n in range(2000))
    yield "sums with zero", lambda question: ", ".join(f"0+{n}={n}" for n in range(2000))
    yield "successors", lambda question: ", ".join(f"{n}+1={n + 1}" for n in range(2000))
    yield "a few successors", lambda question: ", ".join(f"{n}+1={n + 1}" for n in range(12))
    yield (
        "the times table",
        lambda question: ", ".join(f"{a}*{b}={a * b}" for a in range(1, 21) for b in range(1, 21)),
    )
    yield (
        "the addition table",
        lambda question: ", ".join(f"{a}+{b}={a + b}" for a in range(60) for b in range(60)),
    )
    yield "all small numbers", lambda question: " ".join(map(str, range(-1000, 1000)))
    yield "the prompt", lambda question: question
    yield "the prompt ten times", lambda question: question * 10
    yield "one identity", lambda question: "1+1=2"
    yield "one chain", lambda question: "=".join(f"{n}+{100 - n}" for n in range(100)) + "=100"
    yield "false equations", lambda question: ", ".join(f"{n}={n + 1}" for n in range(500))


@pytest.mark.parametrize(("name", "farm"), list(farms()))
def test_listing_equations_does_not_pay(name, farm):
    paid = [
        ReferenceSteps(p.question, p.steps, p.answer).progress(farm(question))
        for question, p in PROBLEMS
    ]
    assert sum(paid) / len(paid) < 0.01, sorted(paid)[-5:]


def test_every_pair_of_given_numbers_does_not_pay():
    """All that one step can compute from the question, without knowing which step helps."""
    paid = honest = 0.0
    for question, p in PROBLEMS:
        reference = ReferenceSteps(p.question, p.steps, p.answer)
        given = [int(n) for n in re.findall(r"\d+", question)][:8]
        paid += reference.progress(
            ", ".join(
                text
                for a, b in product(given, given)
                for text in (f"{a}+{b}={a + b}", f"{a}*{b}={a * b}", f"{a}-{b}={a - b}")
            )
        )
        honest += reference.progress(", ".join(p.steps[:-1]))
    assert paid < 0.05 * honest


def test_repeating_the_final_answer_does_not_pay():
    for question, p in PROBLEMS[:80]:
        reference = ReferenceSteps(p.question, p.steps, p.answer)
        box = f"\\boxed{{{p.answer}}}"
        for text in (box * 50, f"{p.answer}={p.answer}, " * 50, f"{p.answer}+0={p.answer}, " * 50):
            assert reference.progress(text) == 0, (question, text[:60])


def test_padding_a_solution_with_true_equations_costs():
    for _, p in PROBLEMS[:80]:
        reference = ReferenceSteps(p.question, p.steps, p.answer)
        work = ", ".join(p.steps)
        full = reference.progress(work)
        padded = reference.progress(
            work + ", " + ", ".join(f"{n}+1={n + 1}" for n in range(900, 903))
        )
        assert padded < full or full == 0
        flooded = ", ".join(f"{n}+1={n + 1}" for n in range(900, 990))
        assert reference.progress(work + ", " + flooded) == 0


def test_equations_are_read_as_people_write_them():
    text = (
        r"So $7 + 8 = 15$, and \frac{3}{4} + \frac{1}{2} = \frac{5}{4} = 1.25; 1,234+1=1,235 apples"
        ". x = 3, 2x = 6, 3x+5=11, f(2)=7, 2*15 = 31. (-8)*2=-16. 6 ÷ 2 = 3"
    )
    results = [e.result and str(e.result) for e in read_equations(text)]
    assert results == ["15", "5/4", "5/4", "1235", None, "-16", "3"]


@pytest.mark.parametrize(
    "hostile",
    [
        "7 " * 500_000,
        "1=1," * 250_000,
        "=1" * 500_000,
        "(1" * 500_000 + "=2",
        "1" * 10**6 + "=1",
        "9^9^9^9=1, " * 90_000,
        "\\frac" * 200_000 + "=",
        "=".join(["(2^(1/2)+3^(1/2)+5^(1/2)+7^(1/2)+11^(1/2)+13^(1/2))^20"] * 19_000),
        "=".join(["\\frac{1}{2}+" * 15 + "1"] * 4000),
        r"\text{" * 150_000 + "1=1",
        "1,111" * 200_000 + "=3",
    ],
    ids=lambda text: text[:9],
)
def test_hostile_text_is_read_in_time(hostile, time_limit):
    with time_limit(3):
        dense(hostile)


@pytest.mark.parametrize("guesses", [1, 3, 7])
def test_enumerating_the_results_of_the_right_steps_does_not_pay(guesses):
    """A policy that knows what to compute but not how: each step with every result near it."""
    paid = honest = 0.0
    for _, p in PROBLEMS:
        reference = ReferenceSteps(p.question, p.steps, p.answer)
        tries = []
        for step in p.steps:
            left, _, right = step.rpartition("=")
            if right.lstrip("-").isdigit():
                n = int(right)
                tries += [f"{left}={m}" for m in range(n - guesses, n + guesses + 1)]
        paid += reference.progress(", ".join(tries))
        honest += reference.progress(", ".join(p.steps))
    assert paid < 0.1 * honest


def test_padding_with_sums_of_the_given_numbers_costs():
    paid = honest = 0.0
    for question, p in PROBLEMS:
        reference = ReferenceSteps(p.question, p.steps, p.answer)
        given = [int(n) for n in re.findall(r"\d+", question)][:6]
        sums = [f"{a}+{b}+{c}={a + b + c}" for a, b, c in product(given, given, given)]
        work = ", ".join(p.steps)
        honest += reference.progress(work)
        paid += reference.progress(", ".join([work, *sums[: len(p.steps)]]))
    assert paid < 0.3 * honest
