"""EquationSteps: what follows is decided rightly (sympy agrees), and nothing but progress pays."""

import random
import re
from fractions import Fraction
from itertools import pairwise

import gymnasium as gym
import pytest
import sympy

from reasoning_gym_envs.algebra.equation_steps import read_step, standard_command
from reasoning_gym_envs.algebra.rewriting import (
    is_solved,
    moves,
    textbook_command,
    work_out,
)
from reasoning_gym_envs.algebra.solution_sets import Facts, Undecided, follows
from reasoning_gym_envs.algebra.statements import read_statement, write_statement
from reasoning_gym_envs.commands import Refused

LEVELS = range(1, 11)
MODES = ("dense", "shaped")


def make(id="EquationSteps-v0", **arguments):
    return gym.make(id, **arguments).unwrapped


def given(env, text, *solutions, excluded=(), unknowns=("x",)):
    """Begin an episode with an equation of our own."""
    env.reset(seed=0)
    problem = env.snapshot().episode.problem
    facts = Facts(unknowns, solutions, tuple(map(Fraction, excluded)))
    made = type(problem)(text, 1, text, "", "EquationSteps", data=facts)
    return env.reset(options={"problem": made})[0]


def values(*numbers):
    return [(Fraction(number),) for number in numbers]


# An independent opinion.


def to_sympy(text):
    """The printed form, which is simple enough for rewriting with regular expressions."""
    text = re.sub(r"\|([^|]*)\|", r"Abs(\1)", text).replace("^", "**")
    for _ in range(2):
        text = re.sub(r"(\d|\)|[a-z](?![a-z]))(?=[a-zA-Z(])", r"\1*", text)
    return text.replace("A*bs", "Abs").replace("Abs*", "Abs")


def sympy_solutions(text, unknowns):
    """The real solutions of a printed statement."""
    letters = {name: sympy.Symbol(name, real=True) for name in unknowns}
    found = set()
    for case in text.split(" or "):
        sides = [equation.split(" = ") for equation in case.split(", ")]
        zeros = [
            sympy.sympify(to_sympy(left), letters) - sympy.sympify(to_sympy(right), letters)
            for left, right in sides
        ]
        if len(unknowns) == 1:
            symbol = letters[unknowns[0]]
            found |= {(value,) for value in sympy.solve(zeros[0], symbol)}
        else:
            solution = sympy.solve(zeros, list(letters.values()), dict=True)
            assert len(solution) == 1
            found.add(tuple(solution[0][letter] for letter in letters.values()))
    return found


@pytest.mark.parametrize("level", LEVELS)
def test_every_textbook_step_has_the_same_solutions_as_sympy_finds(level):
    env = make(level=level)
    for seed in range(6 if level < 9 else 4):
        env.reset(seed=seed)
        facts = env._facts
        question = env.snapshot().episode.problem.question
        expected = {tuple(map(sympy.Rational, pair)) for pair in facts.solutions}
        assert sympy_solutions(question, facts.unknowns) == expected
        excluded = {(sympy.Rational(value),) for value in facts.excluded}
        for step in env.solution():
            assert sympy_solutions(step, facts.unknowns) - excluded == expected


@pytest.mark.parametrize("level", LEVELS)
def test_textbook_steps_follow_and_none_is_empty(level):
    env = make(level=level)
    env.reset(seed=0)
    for _ in range(40):
        env.reset()
        before = env.snapshot().episode.state.statement
        for step in work_out(before, env._facts):
            assert step.command
            assert follows(step.statement, env._facts)
            assert step.statement != before
            before = step.statement


@pytest.mark.parametrize("level", [1, 2, 3, 4, 5, 6, 7, 8])
def test_changed_numbers_are_decided_as_sympy_decides_them(level):
    choose = random.Random(level)
    env = make(level=level)
    right = wrong = 0
    for seed in range(8):
        env.reset(seed=seed)
        facts = env._facts
        expected = {tuple(map(sympy.Rational, pair)) for pair in facts.solutions}
        step = choose.choice([env.snapshot().episode.problem.question, *env.solution()])
        for change in (0, 1):
            spot = choose.choice(list(re.finditer(r"(?<![\d^])\d+", step)))
            text = f"{step[: spot.start()]}{int(spot[0]) + change}{step[spot.end() :]}"
            same = sympy_solutions(text, facts.unknowns) == expected
            assert follows(read_statement(text, facts.unknowns), facts) is same
            right, wrong = right + same, wrong + (not same)
    assert min(right, wrong) >= 4


# What is accepted, and what is not.


@pytest.mark.parametrize(
    "text",
    [
        "2x = 6",
        "2*x=6",
        "2·x = 6",
        "2x + 3 - 3 = 9 − 3",
        r"\frac{2x}{2} = \frac{6}{2}",
        r"\boxed{2x = 6}",
        "<think>x = 7?</think> 2x = 6",
        "$2x = 6$",
        r"\(2 \cdot x = 6\)",
        "6 = 2x",
        "x + 1.5 = 4.5",
        "0.5x = 1 1/2",
        "2(x + 1) = 8",
        "x − 3 = 0",
        "(x - 3)^2 = 0",
        "|x - 3| = 0",
        "(x - 3)(x^2 + 1) = 0",
        "x = 3 or 2x = 6",
        "x/2 = 3/2",
        "2x = 6.",
    ],
)
def test_any_right_step_is_accepted_in_any_notation(text):
    env = make(max_turns=100)
    given(env, "2x + 3 = 9", *values(3))
    said, *_ = env.step(text)
    assert "Wrong steps left: 3" in said
    assert "Now: 2x + 3 = 9" not in said
    assert not said.startswith("That does not")


@pytest.mark.parametrize(
    "text",
    [
        "x = 2",
        "2x = 7",
        "x = x",
        "0 = 0",
        "1 = 0",
        "x^2 = 9",
        "x(x - 3) = 0",
        "no solution",
        "x = 3 or x = 4",
        "|x| = 3",
        "x/0 = 3",
        "(x - 3)/(x - 3) = 1",
        "x = |x|",
        "x(x-3)/(x-3) = 3",
    ],
)
def test_what_changes_the_solutions_is_wrong(text):
    env = make(max_turns=100, reward={"mode": "dense", "illegal_cost": 0.5})
    given(env, "2x + 3 = 9", *values(3))
    said, reward, *_ = env.step(text)
    assert said.startswith("That does not have the same solutions.")
    assert "Now: 2x + 3 = 9" in said
    assert reward <= -0.5


@pytest.mark.parametrize(
    ("text", "solutions", "ends"),
    [
        ("x = 2 or x = -3", (2, -3), True),
        ("x = -3, x = 2", (2, -3), True),
        ("x = 2 or -3", (2, -3), True),
        (r"x \in \{2, -3\}", (2, -3), True),
        ("x ∈ {-3, 2}", (2, -3), True),
        ("x ∈ {3}", (3,), True),
        ("x = 2\nx = -3", (2, -3), True),
        ("x = 2 or x = -6/2", (2, -3), False),
        ("x = ±3", (3, -3), True),
        (r"x = \pm\sqrt{9}", (3, -3), True),
        ("x = 0.5", ("1/2",), True),
        ("x = 1/2", ("1/2",), True),
        ("x = 2/4", ("1/2",), False),
        ("3 = x", (3,), False),
        ("x = 2 + 1", (3,), False),
    ],
)
def test_ways_of_giving_the_solutions(text, solutions, ends):
    env = make(max_turns=100)
    given(env, "x + 1 = x + 1", *values(*solutions))
    *_, terminated, _, info = env.step(text)
    assert terminated is ends
    assert info.get("is_success", False) is ends


@pytest.mark.parametrize(
    "text",
    [
        "x = 1, y = 2",
        "y = 2; x = 1",
        "(x, y) = (1, 2)",
        "x = 1 and y = 2",
        "x = 1\ny = 2",
        r"\begin{cases} x = 1 \\ y = 2 \end{cases}",
    ],
)
def test_ways_of_giving_the_solution_of_a_system(text):
    env = make()
    given(env, "x + y = 3, x - y = -1", (Fraction(1), Fraction(2)), unknowns=("x", "y"))
    assert env.step(text)[2]


def test_one_equation_of_a_system_is_not_enough():
    env = make()
    given(env, "x + y = 3, x - y = -1", (Fraction(1), Fraction(2)), unknowns=("x", "y"))
    said = env.step("2x = 2")[0]
    assert said.startswith("A system has two equations")
    assert "Wrong steps left: 3" in said
    assert env.step("x + y = 3, 2x + 2y = 6")[0].startswith("That does not have the same")


def test_an_extraneous_root_may_appear_on_the_way_and_must_be_dropped():
    env = make(max_turns=100)
    given(env, "x^2/(x - 3) = (5x - 6)/(x - 3)", *values(2), excluded=(3,))
    for text in ("x^2 = 5x - 6", "(x - 2)(x - 3) = 0", "x = 2 or x = 3"):
        said, _, terminated, *_ = env.step(text)
        assert f"Now: {text}" in said
        assert not terminated
    assert env.solution() == ["x = 2"]
    before = env.snapshot()
    assert env.step("x = 3")[4]["is_success"] is False
    env.restore(before)
    assert env.step("x = 2")[4]["is_success"] is True


def test_a_wrong_value_ends_the_episode_and_so_does_the_third_wrong_step():
    env = make(max_turns=100, reward="dense")
    given(env, "2x + 3 = 9", *values(3))
    start = env.snapshot()
    said, reward, terminated, _, info = env.step("x = 4")
    assert (terminated, info["is_success"]) == (True, False)
    assert reward == pytest.approx(-(0.99**2))
    assert "3" not in said.replace("2x + 3 = 9", "")
    env.restore(start)
    assert env.step("8 = 2x")[2] is env.step("2x = 8")[2] is False
    assert env.step("x - 4 = 0")[2] is True


@pytest.mark.parametrize("mode", MODES)
def test_guessing_all_numbers_pays_less_than_doing_nothing(mode):
    for form in ("x = {}", "x - ({}) = 0", "(x - ({}))^2 = 0"):
        total = solved = 0.0
        for seed in range(60):
            env = make(reward=mode, level=(1, 8))
            env.reset(seed=seed)
            letter = env._facts.unknowns[0]
            choose, turn, terminated, truncated = random.Random(seed), 0, False, False
            while not (terminated or truncated):
                guess = form.format(choose.randint(-12, 12)).replace("x", letter)
                _, reward, terminated, truncated, info = env.step(guess)
                total += env.reward_scheme.gamma**turn * reward if mode == "shaped" else reward
                turn += 1
            solved += info["is_success"]
        assert solved <= 4
        assert total < 0


def test_what_cannot_be_checked_is_no_free_question():
    env = make(max_turns=100)
    given(env, "2x + 3 = 9", *values(3))
    said = env.step("(x - 3)^4(x - 2)^4(x - 1)^4 = 0")[0]
    assert said.startswith("That cannot be checked exactly")
    assert "Wrong steps left: 2" in said


# Progress.


@pytest.mark.parametrize("level", LEVELS)
def test_a_jump_pays_in_full_and_a_solved_episode_two_minus_phi(level):
    env = make(level=level, reward="dense")
    for seed in range(10):
        env.reset(seed=seed)
        start = env.snapshot()
        steps = env.solution()
        expected = 2 - 0.99 ** len(steps)
        assert sum(env.step(step)[1] for step in steps) == pytest.approx(expected)
        env.restore(start)
        assert env.step(steps[-1])[1] == pytest.approx(expected)


PADDING = (
    "2x + 3 + 0 = 9",
    "9 = 2x + 3",
    "4x + 6 = 18",
    "2x + 4 = 10",
    "3x + 3 = x + 9",
    "2x + 3 + 1 - 1 + 1 - 1 = 9",
    "2x + 3 + x^2 = 9 + x^2",
    "2(x + 1) + 1 = 9",
    "(2x + 3)/7 = 9/7",
    "2x + 3 = 9 or 4x + 6 = 18",
    "(2x + 3)^3 = 729",
)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("padding", PADDING)
def test_padding_pays_nothing(mode, padding):
    env = make(max_turns=100, reward=mode)
    given(env, "2x + 3 = 9", *values(3))
    said, reward, *_ = env.step(padding)
    assert said.startswith("That is true, but it brings you no closer to the solution.")
    assert reward <= 1e-9


@pytest.mark.parametrize("mode", MODES)
def test_circling_pays_nothing(mode):
    env = make(max_turns=100, reward=mode)
    given(env, "2x + 3 = 9", *values(3))
    paid = sum(env.step(text)[1] for text in ["2x = 6", "2x + 3 = 9"] * 10)
    assert paid <= 1e-9
    assert mode == "shaped" or paid == pytest.approx(0)


def test_the_same_equation_again():
    env = make(max_turns=100)
    given(env, "2x + 3 = 9", *values(3))
    assert env.step("2*x + 3 = 9")[0].startswith("That is the same equation again.")


# What is no equation.


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "No equation was found"),
        ("x", "That is not an equation"),
        ("3", "That is not an equation"),
        ("I do not know", "That cannot be read"),
        ("2y = 6", "The variable is x."),
        ("x < 3", "Write equations with one equals sign"),
        ("2x = 6 = 3 + 3", "Write equations with one equals sign"),
        ("x ≠ 3", "Write equations with one"),
        ("x = 9^9^9", "Exponents must be"),
        ("x = 9^99999999", "Exponents must be"),
        ("x^x = 27", "Exponents must be"),
        ("x = 3000000000000/1000000000000", "That number is too large"),
        ("x = " + "9" * 250, "That"),
        ("x = (((9^4)^4)^4)^4", "That cannot be checked"),
        ("(" * 100 + "x" + ")" * 100 + " = 3", "That cannot be read"),
        ("x = 3\n" * 10_000, "An equation has at most"),
        ("x = 3 " * 200_000, "An equation has at most"),
        ("\x00", "That cannot be read"),
        ("\ud800 = 3", "That cannot be read"),
        ("x = 3 🎉", "That cannot be read"),
        ("x = ³", "That"),
        ("x = ٣", "That"),
        ("x = sin(3)", "That cannot be read"),
        ("x = 2 and x = 3", "Join cases with 'or'"),
        ("x = 1 or x = 2 or x = 3 or x = 4 or x = 5 or x = 6 or x = 7", "There are too many"),
        ("||x|| = 3", "Nested absolute values"),
        ("__import__('os').abort()", "That"),
        ("<think>2x = 6", "No equation was found"),
        (r"\boxed{}", "No equation was found"),
        ("=", "That cannot be read"),
        ("x = ±3 ± 1", "Write at most one ±"),
    ],
)
def test_what_is_no_equation_is_said_and_changes_nothing(text, said):
    env = make(max_turns=100, reward={"mode": "dense", "format_cost": 0.25})
    given(env, "2x + 3 = 9", *values(3))
    observation, reward, terminated, truncated, _ = env.step(text)
    assert observation.startswith(said)
    assert "Now: 2x + 3 = 9" in observation
    assert reward <= 0
    assert not terminated
    assert not truncated


def random_side(choose, depth):
    if depth == 0 or choose.random() < 0.2:
        return choose.choice(["x", "1", "2", "7", "x^2", "3x", "0"])
    one, other = (random_side(choose, depth - 1) for _ in range(2))
    form = choose.choice(
        ["{} + {}", "{} - {}", "({})({})", "({})/({})", "-({}) + {}", "({})^2*({})"]
    )
    return form.format(one, other)


def test_any_equation_can_be_judged_written_and_solved_from():
    choose = random.Random(0)
    right = 0
    for number in range(600):
        zero = choose.choice(["x - 3 = 0", "6 = 2x", "x^2 + 9 = 6x", "|x - 3| = 0", "1 = 2"])
        left, same = zero.split(" = ")
        extra = random_side(choose, 2)
        forms = (
            f"{left} + {extra} = {same} + {extra}",
            f"({left} - ({same}))({extra}) = 0",
            f"{extra} = {random_side(choose, 3)}",
            f"x = 3 or {extra} = {left}",
        )
        text = choose.choice(forms)
        statement = read_statement(text, ("x",))
        written = write_statement(statement)
        again = read_statement(written, ("x",))
        assert write_statement(again) == written
        facts = Facts(("x",), ((Fraction(3),),), (Fraction(number % 3 - 1),))
        try:
            follow = follows(statement, facts)
        except Undecided:
            continue
        assert follows(again, facts) is follow
        if follow:
            right += 1
            steps = work_out(statement, facts)
            assert is_solved(steps[-1].statement if steps else statement, facts)
            assert all(follows(step.statement, facts) for step in steps)
    assert right > 60


def test_reading_a_response():
    assert read_step("<think>hm</think>\n x = 3 ") == "x = 3"
    assert read_step(r"So \boxed{x = 3}") == "x = 3"
    for text in ("", " \n", "<think>x = 3"):
        with pytest.raises(Refused, match="No equation"):
            read_step(text)


# Commands.


@pytest.mark.parametrize("level", LEVELS)
def test_the_states_of_a_problem_are_few_and_solvable_by_possible_commands(level):
    env = make("EquationStepsCommands-v0", level=level)
    vocabulary = set(env.command_vocabulary)
    for seed in range(12):
        env.reset(seed=seed)
        facts = env._facts
        found = [env.snapshot().episode.state.statement]
        seen = set(found)
        for number, statement in enumerate(found):
            if is_solved(statement, facts):
                continue
            possible = moves(statement, facts)
            assert textbook_command(statement, facts) in possible
            assert set(possible) <= vocabulary
            for change in possible.values():
                after = change()
                if number < 10:
                    assert follows(after, facts)
                if after not in seen:
                    seen.add(after)
                    found.append(after)
            assert len(found) < 400


def test_solutions_work_from_wherever_commands_lead():
    for level in LEVELS:
        env = make("EquationStepsCommands-v0", level=level, max_turns=200)
        for seed in range(4):
            choose = random.Random(seed)
            _, info = env.reset(seed=seed)
            terminated = False
            for _ in range(6):
                if not terminated:
                    *_, terminated, _, info = env.step(choose.choice(info["admissible_commands"]))
            if not terminated:
                for command in env.solution():
                    *_, terminated, _, info = env.step(command)
            assert terminated
            assert info["is_success"]


@pytest.mark.parametrize("level", LEVELS)
def test_many_commands_are_legal_all_keep_the_solutions_and_few_lead_on(level):
    env = make("EquationStepsCommands-v0", level=level, max_turns=12)
    choose = random.Random(level)
    counts, useful, looked_at = [], 0, 0
    for seed in range(3):
        _, info = env.reset(seed=seed)
        assert 20 <= len(info["admissible_commands"]) <= 60
        while "is_success" not in info:
            commands = info["admissible_commands"]
            counts.append(len(commands))
            here = env.snapshot()
            if len(counts) % 6 == 1:
                left = len(env.solution())
                for command in commands:
                    env.restore(here)
                    env.step(command)
                    statement = env.snapshot().episode.state.statement
                    assert follows(statement, env._facts), command
                    solved = env.snapshot().episode.ended
                    useful += solved or len(env.solution()) < left
                looked_at += len(commands)
                env.restore(here)
            *_, info = env.step(choose.choice(commands))
    assert max(counts) <= 60
    assert sum(counts) / len(counts) >= 25
    assert useful <= 0.2 * looked_at


def test_starting_again_leads_back_to_the_equation_given_and_pays_nothing():
    for mode in MODES:
        env = make("EquationStepsCommands-v0", level=4, reward=mode)
        first, info = env.reset(seed=0)
        assert "start again" not in info["admissible_commands"]
        assert env.step("start again")[0].startswith("That is not possible now.")
        gamma = env.reward_scheme.gamma if mode == "shaped" else 1.0
        env.reset(seed=0)
        paid = env.step(env.solution()[0])[1]
        said, reward, *_ = env.step("start again")
        assert first.endswith(said)
        assert paid + gamma * reward <= 1e-9


@pytest.mark.parametrize("mode", MODES)
def test_random_commands_pay_no_more_than_doing_nothing(mode):
    for level in (3, 6, 9):
        env = make("EquationStepsCommands-v0", level=level, reward=mode)
        choose = random.Random(level)
        for seed in range(5):
            _, info = env.reset(seed=seed)
            gamma = env.reward_scheme.gamma if mode == "shaped" else 1.0
            start = env.reward_scheme.progress_gamma ** len(env.solution())
            total = 0.0
            while "is_success" not in info:
                command = choose.choice(info["admissible_commands"])
                *_, reward, _, _, info = env.step(command)
                total += gamma ** (info["turn"] - 1) * reward
            assert info["is_success"] or total <= 1 - start


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("subtract 3", "subtract 3 from both sides"),
        ("add 2x", "add 2x to both sides"),
        ("subtract 2 x from both sides", "subtract 2x from both sides"),
        ("divide by 4", "divide both sides by 4"),
        ("divide both sides by −4", "divide both sides by -4"),
        ("multiply by 2", "multiply both sides by 2"),
        ("expand", "expand"),
    ],
)
def test_ways_of_writing_a_command(text, meant):
    assert standard_command(text) == meant


def test_commands_that_are_not_possible():
    env = make(
        "EquationStepsCommands-v0", level=2, reward={"illegal_cost": 0.5, "format_cost": 0.25}
    )
    env.reset(seed=0)
    said, reward, *_ = env.step("factor")
    assert said.startswith("That is not possible now. Possible: ")
    assert reward == -0.5
    said, reward, *_ = env.step("x = 3")
    assert said.startswith("That is not a command. Possible: ")
    assert reward == -0.25


def test_an_unknown_way_to_act_is_refused():
    with pytest.raises(ValueError, match="did you mean 'commands'"):
        make(actions="comands")


@pytest.mark.parametrize(("level", "reward"), [(2, "sparse"), (3, "dense")])
def test_a_table_learns_to_solve_a_problem(level, reward):
    """Tabular Q-learning (Watkins 1989) on the command form, greedy at the end."""
    env = make("EquationStepsCommands-v0", level=level, reward=reward, instruction="")
    env.reset(seed=5)
    problem = env.snapshot().episode.problem
    table, choose = {}, random.Random(0)

    def play(explore):
        text, info = env.reset(options={"problem": problem})
        steps, ended = 0, False
        while not ended:
            commands = info["admissible_commands"]
            row = table.setdefault(text, dict.fromkeys(commands, 0.0))
            best = max(row.values())
            greedy = [command for command in commands if row[command] == best]
            command = choose.choice(commands if choose.random() < explore else greedy)
            after, reward, terminated, truncated, info = env.step(command)
            future = 0.0
            if not terminated:
                future = max(table.get(after, {"": 0.0}).values())
            row[command] += 0.5 * (reward + 0.9 * future - row[command])
            text, steps, ended = after, steps + 1, terminated or truncated
        return info["is_success"], steps

    env.reset(options={"problem": problem})
    shortest = len(env.solution())
    for _ in range(300):
        play(0.2)
    assert play(0.0) == (True, shortest)


# Problems.


def test_levels_have_many_problems_and_grow_longer():
    """The measure of the card: the average number of steps of the reference solution."""
    means = []
    for level in LEVELS:
        env = make(level=level)
        contents, lengths = set(), []
        env.reset(seed=0)
        for _ in range(100):
            env.reset()
            lengths.append(len(env.solution()))
        for _ in range(900):
            problem = env._generate(env._stream, level)
            contents.add(problem.content)
        assert len(contents) > 330
        means.append(sum(lengths) / len(lengths))
        assert max(lengths) <= 14
    assert all(after > before - 0.3 for before, after in pairwise(means))
    assert means[0] < 1.5 < 2.5 < means[2] < 3.5 < means[3] < 5 < means[7] < 9 < means[9]


def test_names_and_sides_do_not_make_another_problem():
    env = make(level=1)
    env.reset(seed=0)
    texts = {}
    for _ in range(2000):
        problem = env._generate(env._stream, 1)
        texts.setdefault(problem.content, set()).add(problem.question)
    assert any(len({text for text in group if " = " in text}) > 3 for group in texts.values())
    questions = [question for group in texts.values() for question in group]
    assert len(questions) == len(set(questions))
