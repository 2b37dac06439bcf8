"""CodeOutput: programs that have to be traced, exact comparison, progress that is earned."""

import ast
import contextlib
import dataclasses
import io
import re
import statistics
from collections import Counter

import gymnasium as gym
import pytest

from reasoning_gym_envs.code.code_output import progress, read_output
from reasoning_gym_envs.code.interpreter import Stuck, Unsupported, run
from reasoning_gym_envs.code.programs import (
    LONGEST_LINE,
    MOST_LINES,
    NAMES,
    SHAPES,
    STEPS,
    can_be_guessed,
    lines_of,
    make_program,
    topics_of,
)
from reasoning_gym_envs.problems import Stream
from tests.clock import within

ID = "CodeOutput-v0"
each_shape = pytest.mark.parametrize("topic", SHAPES)


def programs(level, count, topic=None, seed=0):
    stream = Stream(seed)
    topics = topics_of(level, SHAPES) if topic is None else [topic]
    return [make_program(stream, level, topics) for _ in range(count)]


def block(text):
    return f"```\n{text}\n```"


# The programs.


@pytest.mark.parametrize("level", range(1, 11))
def test_programs_are_as_the_card_says(level):
    made = programs(level, 150)
    least, most = STEPS[level - 1]
    for program in made:
        printed = lines_of(program.output)
        assert 1 <= len(printed) <= MOST_LINES
        assert all(0 < len(line) <= LONGEST_LINE for line in printed)
        assert least <= program.steps <= most
        assert len(program.source.splitlines()) <= 45
        assert all(line == line.rstrip() for line in program.source.splitlines())
        assert program.source.isascii()
    assert len({program.content for program in made}) >= 0.9 * len(made)
    assert len({program.topic for program in made}) >= 4


def test_levels_rise():
    steps = [statistics.mean(p.steps for p in programs(level, 200)) for level in range(1, 11)]
    assert steps == sorted(steps)
    assert steps[9] > 10 * steps[0]
    easy, hard = (programs(level, 200) for level in (1, 10))
    assert not any("def " in program.source or "for " in program.source for program in easy)
    assert all("def " in p.source or "for " in p.source or "while " in p.source for p in hard)


@each_shape
def test_outputs_cannot_be_guessed_without_tracing(topic):
    """No output is common, and none is what the program's text says."""
    shape = SHAPES[topic]
    for level in {shape.easiest, shape.hardest}:
        made = programs(level, 60, topic)
        counted = Counter(program.output for program in made)
        assert counted.most_common(1)[0][1] <= 4
        lasts = Counter(lines_of(program.output)[-1] for program in made)
        assert lasts.most_common(1)[0][1] <= 15
        assert len({program.content for program in made}) >= 55
        for program in made:
            printed = lines_of(program.output)
            assert not all(
                can_be_guessed(line, program.source, printed[:n]) for n, line in enumerate(printed)
            )


@each_shape
def test_every_statement_is_executed(topic):
    for program in programs(SHAPES[topic].hardest, 20, topic):
        executed = run(program.source).lines
        for number, line in enumerate(program.source.split("\n"), 1):
            if number not in executed:
                assert re.match(r'\s*(else:|except|finally:|@|"|}|$)', line), program.source


@each_shape
def test_shapes_write_what_the_interpreter_runs(topic):
    """What is drawn again was too long or failed; nothing was beyond the interpreter."""
    shape = SHAPES[topic]
    stream = Stream(5)
    for level in range(shape.easiest, shape.hardest + 1):
        for _ in range(30):
            try:
                run(shape.write(stream, level))
            except Unsupported:
                raise
            except Stuck:
                continue


def test_names_are_no_part_of_a_problem():
    """The same program in other names has the same content, and no name changes what it does."""
    group_of = {name: group[0] for group in NAMES for name in group}
    assert len(group_of) == sum(map(len, NAMES))
    texts = {}
    for program in programs(1, 400) + programs(9, 200):
        assert run(program.content)[:2] == (program.output, program.steps)
        texts.setdefault(program.source, set()).add(program.content)
    assert all(len(contents) == 1 for contents in texts.values())
    by_names = {program.source.split("=")[0].strip() for program in programs(1, 100, "arithmetic")}
    assert by_names == {"a", "p", "u"}


def test_making_a_program_is_fast():
    for level in (1, 5, 10):
        with within(2):  # a few milliseconds each
            programs(level, 100)


# Reading answers.


@pytest.mark.parametrize(
    ("response", "output"),
    [
        ("```\n7\n```", "7\n"),
        ("```text\n7\n8\n```\nDone.", "7\n8\n"),
        ("```output\n  7\n```", "  7\n"),
        ("First\n```\n1\n```\nno, rather\n```\n2\n```", "2\n"),
        ("The program\n```python\nprint(1)\n```\nprints \\boxed{1}", "1"),
        ("\\boxed{1}\n```\n2\n```", "2\n"),
        ("\\boxed{1} or \\boxed{2}", "2"),
        ("\\boxed{{'a': 1}}", "{'a': 1}"),
        ("<think>```\n1\n```</think>```\n2\n```", "2\n"),
        ("<think>maybe \\boxed{1}</think><answer>\n```\n2\n```\n</answer>", "2\n"),
        ("<answer>7 8</answer>", "7 8"),
        ("<answer>\n7\n8\n</answer>", "7\n8"),
        ("````\n```\n````", "```\n"),
        ("```\n7", "7\n"),
        ("- so:\n  ```\n  7\n   8\n  ```", "7\n 8\n"),
        ("```\n```", ""),
    ],
)
def test_what_counts_as_the_output(response, output):
    assert read_output(response).rstrip("\n") == output.rstrip("\n")


@pytest.mark.parametrize(
    "response",
    ["", "7", "prints 7", "`7`", "<think>```\n7\n```", "<think>```\n7\n```</think>", "\\boxed{}"],
)
def test_no_answer(response):
    assert read_output(response) is None


def test_comparison_is_exact_up_to_white_space_at_ends():
    env = gym.make(ID, level=3)
    for seed in range(30):
        env.reset(seed=seed)
        output = env.unwrapped.snapshot().episode.problem.answer
        lines = output.split("\n")
        right = [output, output + "\n\n", "  \n".join(lines) + "\t", "\r\n".join(lines)]
        wrong = [" " + output, "\n" + output, output + ".", output + "\n0", f'"{output}"', "x"]
        wrong += ["\n\n".join(lines)] * (len(lines) > 1) + [output[:-1], output[1:]]
        for answer, is_right in [(a, True) for a in right] + [(a, False) for a in wrong]:
            env.reset(seed=seed)
            *_, info = env.step(f"I think so.\n{block(answer)}\nYes.")
            assert info["is_success"] is is_right, (output, answer)
            assert info["answer_status"] == ("correct" if is_right else "wrong")


def test_statuses_and_prices():
    env = gym.make(ID, reward={"format_cost": 0.1}, max_turns=10)
    env.reset(seed=0)
    said, reward, *_, info = env.step("no idea")
    assert (info["answer_status"], reward) == ("no_answer", -0.1)
    assert said == "No answer found. Put the output in a fenced code block. 9 attempts left."
    said, reward, *_, info = env.step(block("1\n" * 10_000))
    assert (info["answer_status"], reward) == ("too_long", 0)
    said, reward, *_, info = env.step(block("?"))
    assert (info["answer_status"], reward) == ("wrong", 0)
    assert said == "Wrong output. 7 attempts left."
    said, reward, terminated, *_, info = env.step(env.unwrapped.solution()[0])
    assert (info["answer_status"], reward, terminated) == ("correct", 1, True)


def test_the_solution_follows_the_names_through_the_program():
    env = gym.make(ID, topics="swaps", level=1)
    env.reset(seed=1)
    program = "p, q, c = 15, 7, 14\nq, c = c, q - p\nq, c = c, q - p\nprint(p, q, c)"
    problem = dataclasses.replace(
        env.unwrapped._episode.problem, question=program, answer="15 -8 -1", content=program
    )
    env.reset(options={"problem": problem})
    trace = "p=15, q=7, c=14, q=14, c=-8, q=-8, c=-1"
    assert env.unwrapped.solution() == [f"<think>{trace}</think>```\n15 -8 -1\n```"]


@each_shape
def test_a_trace_is_what_python_does(topic):
    """Each value of a module's name that the trace ends with is what CPython has at the end."""
    level = SHAPES[topic].hardest
    for program in programs(level, 5, topic):
        trace = run(program.source, traced=True).trace
        assert run(program.source).trace == ()
        names = {}
        with contextlib.redirect_stdout(io.StringIO()):
            exec(program.source, names)  # noqa: S102  # a text of the package
        tree = ast.parse(program.source)
        inner = {
            name.id
            for node in ast.walk(tree)
            if isinstance(node, (ast.FunctionDef, ast.Lambda, ast.comprehension, ast.ClassDef))
            for name in ast.walk(node)
            if isinstance(name, ast.Name)
        }
        last = dict(entry.split("=", 1) for entry in trace)
        for name in last.keys() - inner & names.keys():
            if isinstance(names[name], (int, str)):
                assert last[name] == repr(names[name]), program.source


def test_topics():
    env = gym.make("CodeOutput-v0", topics=["swaps", "slices"])
    assert {env.reset(seed=seed)[1]["topic"] for seed in range(20)} == {"swaps", "slices"}
    closures = gym.make("CodeOutput-v0", topics="closures", level=(6, 7))
    assert closures.reset(seed=1)[1]["topic"] == "closures"
    first, last = SHAPES["closures"].easiest, SHAPES["closures"].hardest
    message = f"level 1 has none of the topics: 'closures' has {first} to {last}"
    with pytest.raises(ValueError, match=message):
        gym.make("CodeOutput-v0", topics="closures", level=(1, 9))
    with pytest.raises(ValueError, match=message):
        closures.reset(options={"level": 1})
    with pytest.raises(ValueError, match="unknown topic 'swap'; did you mean 'swaps'"):
        gym.make("CodeOutput-v0", topics="swap")


def test_information():
    env = gym.make(ID, level=6, instruction="")
    observation, info = env.reset(seed=1)
    assert observation.startswith("```python\n")
    assert observation.endswith("\n```")
    source = observation.removeprefix("```python\n").removesuffix("\n```")
    assert info["steps"] == run(source).steps
    assert info["topic"] in SHAPES
    with pytest.raises(TypeError, match="instruction"):
        gym.make(ID, instruction=3)


@pytest.mark.parametrize(
    "response",
    [
        "```\n" * 20_001,
        "`" * 1_000_000,
        "```" * 300_000,
        "\\boxed{" * 100_000,
        "<answer>" * 100_000,
        "</think>" * 100_000,
        "```\n" + "x" * 1_000_000,
        "\x00\ud800🙂\n```\n\u202e\n```",
        "~~~\n```\n" * 50_000,
    ],
)
def test_odd_responses_cost_a_turn_and_little_time(response, time_limit):
    env = gym.make(ID, reward="dense")
    env.reset(seed=0)
    with time_limit(2):
        _, reward, terminated, _, info = env.step(response)
    assert (reward, terminated, info["is_success"]) == (0, True, False)


# Progress.


def test_progress_is_the_leading_lines_that_had_to_be_worked_out():
    source = 'a = 3\nb = 40\nprint("a", 3)'
    output = "17 18\n3\n40\nTrue\n21 22\n23 24"  # the first and the last two are hidden
    lines = output.split("\n")
    assert progress(output.replace("23 24", "23 25"), output, source) == 2 / 4
    assert [progress("\n".join(lines[:n]), output, source) * 4 for n in range(6)] == [
        *(0, 1, 1, 1, 1, 2),
    ]
    assert progress("0\n" + "\n".join(lines[1:]), output, source) == 0
    assert progress("\n".join(["17 18", "?", *lines[2:]]), output, source) == 1 / 4
    assert progress(output + "\n0", output, source) == 2 / 4
    assert progress(output + "\n0" * 3, output, source) == 0
    assert progress("", output, source) == 0


@pytest.mark.parametrize(
    ("line", "guessed"),
    [
        ("3", True),
        ("-8", True),
        ("True", True),
        ("None", True),
        ("[]", True),
        ("40", True),
        ("total 40", True),
        ("total 7", True),
        ("[0, 0, 0]", True),
        ("[3, 40]", True),
        ("seen before", True),
        ("41", False),
        ("-123", False),
        ("total 41", False),
        ("[40, 3]", False),
        ("latot", False),
        ("1 2", False),
    ],
)
def test_what_can_be_guessed(line, guessed):
    source = 'numbers = [3, 40]\nprint("total", 3)'
    assert can_be_guessed(line, source, ["seen before"]) is guessed


def visible(source):
    """What a policy might copy instead of tracing."""
    strings = re.findall(r'"([^"]*)"', source)
    return [*re.findall(r"\d+", source), *strings, *source.split("\n"), *source.split()]


def shown_program(observation):
    return observation.partition("```python\n")[2].partition("\n```")[0]


def attacks(observation, other):
    """Answers without tracing, for a program."""
    source = shown_program(observation)
    for constant in ("", "0", "1", "True", "False", "None", "[]", "{}", "0 0", "1 1 1"):
        for count in (1, 2, 3, 6):
            yield "\n".join([constant] * count)
    for n in range(-9, 10):
        yield str(n)
    for text in visible(source):
        yield text
        yield "\n".join([text] * 3)
    yield "\n".join(visible(source))
    yield "\n".join(map(str, range(-200, 1000)))
    yield source
    printed = re.findall(r"print\((.*)\)", source)
    yield "\n".join(printed)
    yield "\n".join(text.replace(",", "").strip('"') for text in printed)
    yield other
    yield "\n".join([other] * 5)
    yield other + "\n0" * 50


@pytest.mark.parametrize("mode", ["dense", "shaped"])
@pytest.mark.parametrize("max_turns", [1, 3])
def test_guesses_earn_nothing(mode, max_turns):
    tried = 0
    env = gym.make(ID, reward=mode, level=(1, 10), max_turns=max_turns)
    for seed in range(60):
        observation, _ = env.reset(seed=seed + 1)
        other = env.unwrapped.snapshot().episode.problem.answer
        observation, _ = env.reset(seed=seed)
        before = env.unwrapped.snapshot()
        for answer in attacks(observation, other):
            env.unwrapped.restore(before)
            total = 0.0
            for _ in range(max_turns):
                _, reward, terminated, truncated, info = env.unwrapped.step(block(answer))
                total += reward
                if terminated or truncated:
                    break
            assert info["is_success"] is False, (observation, answer)
            assert total <= 0, (observation, answer)
            tried += 1
    assert tried > 5000


def test_parking_on_progress_and_trying_on_pay_less_than_the_answer():
    env = gym.make(ID, reward="dense", level=9, max_turns=8)
    seen = 0
    for seed in range(30):
        env.reset(seed=seed)
        output = env.unwrapped.snapshot().episode.problem.answer
        lines = output.split("\n")
        half = block("\n".join(lines[:-1]))
        total = 0.0
        for turn in range(8):  # give and take back what is known
            _, reward, _, truncated, _ = env.step(half if turn % 2 else "nothing")
            total += reward
        assert truncated
        assert 0 <= total < 1
        seen += total > 0
        env.reset(seed=seed)
        total = sum(env.step(a)[1] for a in (half, "nothing", half, block(output)))
        assert total == pytest.approx(2)
    assert seen > 10
