"""A person plays in the terminal: fed through a pipe, and as a game in this process."""

import io
import os
import subprocess
import sys

import gymnasium as gym
import pytest

from reasoning_gym_envs import ENVIRONMENTS
from reasoning_gym_envs.cli import main
from reasoning_gym_envs.cli.play import COMMANDS, Game, make
from reasoning_gym_envs.cli.screen import painted
from tests.cli.terminal import Terminal

HANOI, MATH = "TowerOfHanoi-v0", "MathBoxed-v0"


@pytest.fixture
def call(capsys, monkeypatch):
    """Feeds lines to a game; returns the exit status, standard output and standard error."""

    def call(*words, lines=()):
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        try:
            status = main(["play", *words])
        except SystemExit as exit:  # argparse
            status = exit.code
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


def reference(id=HANOI, seed=1, **arguments):
    env = gym.make(id, **arguments)
    return env, env.reset(seed=seed)[0]


def test_a_game_that_is_solved(call):
    env, observation = reference(level=2, reward="dense")
    solution = env.unwrapped.solution()
    status, output, errors = call(
        HANOI, "--level", "2", "--reward", "dense", "--seed", "1", lines=solution
    )
    assert (status, errors) == (0, "")
    assert output.startswith(f"── {HANOI} · level 2 · dense reward ──")
    assert observation in output
    total = 0.0
    for turn, command in enumerate(solution, 1):
        said, reward, _, _, info = env.step(command)
        total += reward
        assert f"{turn}> {command}\n{said}\n[reward {reward:+.4g}: " in output
        assert f"{info['reward_terms']['progress']:+.4g} for progress" in output
    assert "+1 for solving it" in output
    turns = f"{len(solution)} turn{'s' if len(solution) > 1 else ''}"
    assert f"Solved in {turns}. The episode paid {total:.4g}." in output


def test_an_episode_that_is_not_solved(call):
    output = call(HANOI, "--max-turns", "2", "--seed", "1", lines=["dance", "dance", "A to B"])[1]
    assert "No turns are left: 2 turns taken, not solved." in output
    assert "The episode is over." in output
    output = call(MATH, "--seed", "1", lines=["\\boxed{x}"])[1]
    assert "The episode has ended after 1 turn, not solved." in output


def test_arguments_of_the_environment(call):
    output = call(MATH, "--level=2-4", "--split", "test", "--arg", "topics=fractions", "--seed=3")[
        1
    ]
    _, observation = reference(MATH, 3, level=(2, 4), split="test", topics="fractions")
    assert observation in output
    output = call(MATH, "--arg", 'topics=["gcd_lcm"]', "--arg", "instruction=", "--seed", "3")[1]
    assert reference(MATH, 3, topics=["gcd_lcm"], instruction="")[1] in output


def test_undo_takes_back_and_goes_on(call):
    env, observation = reference()
    one, two = env.unwrapped.solution()[:2]
    output = call(HANOI, "--seed", "1", lines=[one, "no", ":undo", ":undo", ":undo", one, two])[1]
    assert output.count(observation) == 2
    assert "There is nothing to take back." in output
    assert [f"{turn}>" for turn in (1, 2, 3, 2, 1, 1, 2)] == prompts(output)[:-1]
    said = env.step(one)[0]
    assert output.count(said) >= 3  # done, undone to, done again
    assert env.step(two)[0] in output


def test_the_end_can_be_undone(call):
    env, _ = reference(MATH)
    solution = env.unwrapped.solution()[0]
    output = call(MATH, "--seed", "1", lines=["\\boxed{q}", ":undo", solution])[1]
    assert "not solved" in output
    assert "Solved in 1 turn." in output


def test_hints_and_solutions(call):
    solution = reference(level=3)[0].unwrapped.solution()
    options = (HANOI, "--level", "3", "--seed", "1")
    hint = call(*options, lines=[":hint"])[1].splitlines()
    assert hint[hint.index("1> :hint") + 1] == solution[0]
    assert "\n".join(solution) in call(*options, lines=[":solution"])[1]
    output = call(*options, lines=[*solution, ":hint"])[1]
    assert "The episode is over" in output


def test_possible_commands(call):
    env, _ = reference()
    admissible = env.reset(seed=1)[1]["admissible_commands"]
    output = call(HANOI, "--seed", "1", lines=[":commands"])[1]
    assert "1> :commands\n" + "\n".join(admissible) in output
    assert "Any text" in call(MATH, lines=[":commands"])[1]
    solution = env.unwrapped.solution()
    assert (
        "over"
        in call(HANOI, "--seed", "1", lines=[*solution, ":commands"])[1].split(":commands")[1]
    )


def test_history(call):
    arguments = ("--arg", 'reward={"step_cost": 0.5}')
    output = call(HANOI, *arguments, lines=[":history", "dance", "so what", ":history"])[1]
    assert "Nothing has been done yet." in output
    history = output.rsplit(":history", 1)[1]
    assert "1> dance\n   [reward -0.5: -0.5 for the step]\n2> so what\n" in history
    assert "In all: reward -1: -1 for the step" in history


def test_new_restart_and_level(call):
    env, first = reference()
    second = env.reset()[0]
    assert first != second
    output = call(HANOI, "--seed", "1", lines=["no", ":restart", ":new", ":level 4", ":level x"])[1]
    assert output.count(first) == 2
    assert output.count(second) == 1
    assert "· level 4 ·" in output
    assert "Say which level" in output
    assert "from 1 to 10" in call(HANOI, lines=[":level 11", "A to B"])[1]
    assert prompts(output)[:-1] == ["1>", "2>", "1>", "1>", "1>"]
    # what was undone or begun again does not change the problems that follow
    again = call(HANOI, "--seed", "1", lines=["dance", ":undo", ":restart", ":new"])[1]
    assert second in again


def test_an_answer_of_several_lines(call):
    solution = reference(MATH, seed=5)[0].unwrapped.solution()[0]
    lines = [":paste", "Let me see.", "", solution, "."]
    assert "Solved in 1 turn" in call(MATH, "--seed", "5", lines=lines)[1]
    lines = ["```", "Let me see.", "", solution, "```"]  # as programs are written
    assert "Solved in 1 turn" in call(MATH, "--seed", "5", lines=lines)[1]


def test_where_no_code_can_be_run_it_says_what_to_do(call, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")
    monkeypatch.setattr("reasoning_gym_envs.sandbox._shared", {})
    status, _, error = call("CodeFunction-v0", lines=[])
    assert status == 2
    assert "no socket of a Docker engine at /nowhere" in error
    assert "\nTo fix it: " in error


def test_where_there_is_no_problem_the_one_at_hand_goes_on(call, monkeypatch):
    env = make(HANOI, {})

    def lines():
        monkeypatch.setattr("reasoning_gym_envs.problems._DRAWS_BEFORE_GIVING_UP", 0)
        yield from (":new", ":level 2")
        yield from env.unwrapped.solution()

    given, shown = lines(), []
    Game(env, lambda prompt: next_line(given), written_to(shown), seed=1).play()
    text = "\n".join(shown)
    assert text.count("no train problem of level 1 in 0 draws") == 1
    assert text.count("no train problem of level 2 in 0 draws") == 1
    assert "Solved in " in text
    status, _, errors = call(HANOI, "--split", "test")
    assert (status, errors) == (
        2,
        "reasoning-gym-envs: error: no test problem of level 1 in 0 draws\n",
    )


def test_what_fails_to_judge_takes_no_turn(monkeypatch):
    env = make(HANOI, {})
    take_turn = env.unwrapped._take_turn

    def fails(action):
        if action == "fail":
            raise RuntimeError("the judge has left")
        return take_turn(action)

    monkeypatch.setattr(env.unwrapped, "_take_turn", fails)
    lines, shown = iter(["fail", ":history"]), []
    Game(env, lambda prompt: next_line(lines), written_to(shown), seed=1).play()
    text = "\n".join(shown)
    assert "Nothing was judged, no turn is taken: the judge has left" in text
    assert "Nothing has been done yet." in text


def test_a_colon_as_text():
    taken = []

    class Recorded(gym.Wrapper):
        def step(self, action):
            taken.append(action)
            return self.env.step(action)

    lines = iter(["::help", ":: x", ":nonsense", ""])
    shown = []
    Game(
        Recorded(make(HANOI, {"max_turns": 9})), lambda prompt: next_line(lines), written_to(shown)
    ).play()
    assert taken == [":help", ": x", ""]
    assert any("unknown command ':nonsense'" in line for line in shown)


def written_to(shown):
    return lambda text, kind="program": shown.append(text)


def next_line(lines):
    for line in lines:
        return line
    raise EOFError


def prompts(output):
    return [
        line.split()[0] for line in output.splitlines() if line[:1].isdigit() and "> " in line
    ] + [""]


@pytest.mark.parametrize("word", ["help", "HELP"])
def test_help_lists_every_command(call, word):
    output = call(HANOI, lines=[f":{word}"])[1]
    for name, what in COMMANDS.items():
        assert f":{name}" in output
        assert what in output
    assert all(hasattr(Game, f"_on_{name}") for name in COMMANDS if name != "quit")


@pytest.mark.parametrize("word", ["help", "?", " Help "])
def test_help_without_a_colon_takes_no_turn(call, word):
    solution = reference(MATH)[0].unwrapped.solution()[0]  # there is a single turn
    output = call(MATH, "--seed", "1", lines=[word, solution])[1]
    assert "What you type is your action" in output
    assert prompts(output)[:-1] == ["1>", "1>"]
    assert "Solved in 1 turn." in output


@pytest.mark.parametrize("word", ["quit", "QUIT"])
def test_quit_without_a_colon_leaves(call, word):
    status, output, _ = call(MATH, lines=[word, "1"])
    assert status == 0
    assert prompts(output)[:-1] == ["1>"]
    assert "reward" not in output.split("1> ")[1]


def test_a_command_of_the_environment_goes_before_those_of_the_program():
    class Quitting(gym.Wrapper):
        def reset(self, **arguments):
            observation, info = self.env.reset(**arguments)
            return observation, {**info, "admissible_commands": ["Quit", "?"]}

        def step(self, action):
            taken.append(action)
            return self.env.step(action)

    taken = []
    lines = iter(["help", "quit", "quit", "A to B"])  # after a step, it is no longer possible
    Game(Quitting(make(HANOI, {})), lambda prompt: next_line(lines), written_to([])).play()
    assert taken == ["quit"]


@pytest.mark.parametrize(
    ("id", "arguments", "typed"),
    [
        (MATH, (), str),
        (MATH, (), "  {}  ".format),
        ("TowerOfHanoiBoxed-v0", (), str),
        (HANOI, ("--arg", "form=boxed"), str),
        ("KnightsAndKnavesBoxed-v0", (), str),
        ("SudokuBoxed-v0", (), str),
    ],
)
def test_an_answer_without_its_box_is_boxed(call, id, arguments, typed):
    given = {"form": "boxed"} if arguments else {}
    solution = reference(id, **given)[0].unwrapped.solution()[0].rpartition("</think>")[2]
    bare = solution.removeprefix("\\boxed{").removesuffix("}")
    lines = [":paste", *typed(bare).split("\n"), ".", ":history"]
    output = call(id, *arguments, "--seed", "1", lines=lines)[1]
    assert f"Answered: {solution}\n" in output
    assert f"1> {solution}\n" in output.rsplit(":history", 1)[1]
    assert "Solved in 1 turn." in output
    assert "put into one" in call(id, *arguments, lines=[":help"])[1]


@pytest.mark.parametrize(
    ("id", "action"),
    [
        (MATH, "\\boxed{4}"),
        (MATH, "The answer is \\boxed 4"),
        (MATH, "boxed{4}"),  # the agent would be told, and so is the person
        (MATH, "<think>2 + 2"),
        (MATH, "<answer>4</answer>"),
        (MATH, ""),
        (HANOI, "A to B"),
        ("CodeOutput-v0", "4"),
    ],
)
def test_other_answers_are_sent_as_they_are(call, id, action):
    output = call(id, "--seed", "1", lines=[action, ":history"])[1]
    assert "Answered:" not in output
    assert f"1> {action}\n   [reward" in output.rsplit(":history", 1)[1]


def test_a_mistyped_command_is_no_action(call):
    output = call(HANOI, lines=[":hlep"])[1]
    assert "did you mean ':help'" in output
    assert prompts(output)[:-1] == ["1>"]


@pytest.mark.parametrize(
    "lines", [[":quit"], [":q"], [":QUIT"], [": Exit"], [], ["A to B", ":q"], [":paste", "no end"]]
)
def test_leaving(call, lines):
    assert call(HANOI, lines=lines)[0] == 0


def test_interrupting():
    def interrupt(prompt):
        raise KeyboardInterrupt

    Game(make(HANOI, {}), interrupt, written_to([])).play()


def test_control_characters_are_spelled_out(call):
    problem = '{"question": "\\u001b[31mred\\u0007 line\\nnext", "answer": "1"}'
    output = call(MATH, "--arg", f"problems=[{problem}]", lines=["\x1b[2J\\boxed{2}", ":history"])[
        1
    ]
    assert "\x1b" not in output
    assert "\\x1b[31mred\\x07 line\nnext" in output
    assert output.count("\\x1b[2J") == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["TowrOfHanoi-v0"], "did you mean 'TowerOfHanoi-v0'"),
        (["towerofhanoi"], "did you mean 'TowerOfHanoi-v0'"),
        (["nothing like it"], "Allowed: "),
        (["no_such_module:Env-v0"], "no_such_module"),
        (["CartPole-v1"], "not played by text"),
        ([HANOI, "--level", "11"], "level must be from 1 to 10"),
        ([HANOI, "--level", "x"], "'x' is neither a level nor a range such as 2-5"),
        ([HANOI, "--reward", "densse"], "choose from"),
        ([HANOI, "--seed", "-3"], "--seed must be 0 or more"),
        ([HANOI, "--max-turns", "0"], "max_turns"),
        ([HANOI, "--arg", "colour=1"], "unexpected keyword argument 'colour'"),
        (
            ["TextMaze-v0", "--arg", "views=map"],
            "unexpected keyword argument 'views'; did you mean 'view'?",
        ),
        ([HANOI, "--arg", "level"], "NAME=VALUE"),
        ([], "ID"),
    ],
)
def test_wrong_usage(call, words, message):
    status, output, errors = call(*words)
    assert (status, output) == (2, "")
    assert message in errors
    assert "raised from the environment creator" not in errors


@pytest.mark.parametrize("id", ENVIRONMENTS)
def test_every_environment_can_be_played(id):
    env = make(id, {})
    lines = iter([":commands", ":hint", "?!", ":undo", ":history", ":restart", ":new"])
    shown = []
    Game(env, lambda prompt: next_line(lines), written_to(shown), seed=2).play()
    assert sum("(:help for help)" in line for line in shown) == 3


def test_an_environment_of_someone_else():
    class Echo(gym.Env):
        """Says what it hears."""

        observation_space = action_space = gym.spaces.Text(100)

        def reset(self, *, seed=None, options=None):
            return "Say something.", {}

        def step(self, action):
            return action, 0.0, action == "bye", False, {}

    lines = iter(["hello", ":undo", ":hint", ":restart", ":help", "bye", ":new"])
    shown = []
    Game(Echo(), lambda prompt: next_line(lines), written_to(shown)).play()
    text = "\n".join(shown)
    assert text.count("Say something.") == 2
    assert "hello" in text
    assert "cannot go back" in text
    assert "does not tell a solution" in text
    assert "ended after 2 turns" in text


# As people run it.

PLAY = [sys.executable, "-m", "reasoning_gym_envs", "play", HANOI, "--seed", "1"]


def test_through_a_pipe():
    solution = reference()[0].unwrapped.solution()
    typed = b"\xff\xfe not text\r\n" + "\r\n".join(solution).encode()
    run = subprocess.run(PLAY, input=typed, capture_output=True, timeout=600)
    assert (run.returncode, run.stderr) == (0, b"")
    assert b"Solved in" in run.stdout


@pytest.mark.parametrize("command", ["list", f"play {HANOI} --seed 1"])
@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_where_not_every_character_can_be_written(command, encoding):
    words = [sys.executable, "-m", "reasoning_gym_envs", *command.split()]
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    typed = "é ─ A to B\n:help\n:paste\nA to B\n.\n".encode()
    run = subprocess.run(words, input=typed, env=environment, capture_output=True, timeout=600)
    assert (run.returncode, run.stderr) == (0, b"")
    assert HANOI.encode() in run.stdout


@pytest.mark.parametrize("command", ["list", f"play {HANOI} --seed 1"])
def test_output_that_nobody_reads_any_more(command):
    """As in `reasoning-gym-envs list | head -1`."""
    words = [sys.executable, "-m", "reasoning_gym_envs", *command.split()]
    reader, writer = os.pipe()
    os.close(reader)
    typed = b"A to B\n" * 1000
    run = subprocess.run(words, input=typed, stdout=writer, stderr=subprocess.PIPE, timeout=600)
    os.close(writer)
    assert (run.returncode, run.stderr) == (1, b"")


@pytest.mark.parametrize("columns", [40, 100])
def test_lines_are_wrapped_to_the_width_of_the_terminal(columns):
    """At spaces; a pipe gets them whole."""
    words = [*PLAY[:-3], "KnightsAndKnavesBoxed-v0", "--level", "5", "--seed", "1"]
    typed = b":help\n:level nonsense\n"
    piped = subprocess.run(words, input=typed, capture_output=True, timeout=600).stdout.decode()
    with Terminal(words, columns, stdin="pipe", NO_COLOR="1") as terminal:
        terminal.process.stdin.write(typed)
        terminal.process.stdin.close()
        assert terminal.read_to_the_end() == 0
    shown = terminal.text
    assert max(map(len, piped.splitlines())) > 100
    assert max(map(len, shown.splitlines())) <= columns
    assert shown.split() == piped.split()
    assert len(shown.splitlines()) > len(piped.splitlines())


WITHOUT = (
    "import sys; sys.modules['prompt_toolkit'] = None;"
    "from reasoning_gym_envs.cli import main; sys.exit(main())"
)


def command(extra, *words):
    """Play with the extra `play`, or where it is not installed."""
    start = ["-m", "reasoning_gym_envs"] if extra else ["-c", WITHOUT]
    return [sys.executable, *start, "play", *words]


@pytest.mark.parametrize("extra", [True, False])
def test_in_a_terminal(extra):
    """Lines are read with a prompt, the tabulator completes them, and Ctrl-D leaves."""
    with Terminal(command(extra, HANOI, "--seed", "1")) as terminal:
        terminal.read_until("1>")
        terminal.type(b":hel\t\r")
        terminal.read_until("leave (so do Ctrl-D and Ctrl-C)")
        terminal.read_until("1>")
        terminal.type(b"A to B\r")
        terminal.read_until("2>")
        terminal.type(b"A to \xff\r")  # typed in another encoding
        terminal.read_until("3>")
        terminal.type(b"\x1b[A\x1b[A\r")  # recalled: there are no directions here
        terminal.read_until("4>")
        terminal.type(b":history\r")
        assert "3> A to B\n" in terminal.read_until("In all")
        terminal.read_until("4>")
        terminal.type(b"\x04")
        assert terminal.read_to_the_end() == 0
    assert "[reward 0]" in terminal.text
    assert "Traceback" not in terminal.text
    assert bool(terminal.coloured) == extra


ARROWS = {"up": b"\x1b[A", "down": b"\x1b[B", "right": b"\x1b[C", "left": b"\x1b[D"}
KEYS = {"north": "up", "south": "down", "east": "right", "west": "left"}


@pytest.mark.parametrize(
    ("id", "words"),
    [
        ("Sokoban-v0", ()),
        ("TextMaze-v0", ("--arg", "view=map")),
        ("SlidingTiles-v0", ("--level", "2")),
    ],
)
def test_arrows_play_a_step_at_once(id, words):
    """To the solution, with a word that is typed in between."""
    env = make(id, {"view": "map"} if words[:1] == ("--arg",) else {"level": 2 if words else 1})
    said = [env.reset(seed=1)[0]]
    solution = env.unwrapped.solution()
    said += [env.step(step)[0] for step in solution]
    with Terminal(command(True, id, *words, "--seed", "1")) as terminal:
        for turn, (step, observation) in enumerate(zip(solution, said, strict=False), 1):
            lines = [line for line in observation.splitlines() if len(line) < 80]
            assert "\n".join(lines) in terminal.read_until(f"{turn}>")
            terminal.type(f"{step}\r".encode() if turn == 2 else ARROWS[KEYS.get(step, step)])
        assert f"Solved in {len(solution)} turn" in terminal.read_until(f"{len(solution) + 1}>")
        terminal.type(ARROWS["up"])
        terminal.read_until("The episode is over. :new")
        terminal.type(b":undo\r:history\r")  # an arrow is the word that it stands for
        taken = terminal.read_until("In all")
        assert [f"{n}> {step}" for n, step in enumerate(solution[:-1], 1)] == [
            line for line in taken.split(":history")[-1].splitlines() if "> " in line
        ]
        terminal.read_until(">")
        terminal.type(b"\x03")
        assert terminal.read_to_the_end() == 0


def test_an_arrow_in_a_line_that_has_begun_is_no_step():
    """It moves the cursor, or recalls a line."""
    with Terminal(command(True, "Sokoban-v0", "--seed", "1")) as terminal:
        terminal.read_until("1>")
        terminal.type(b"soth" + 2 * ARROWS["left"] + b"u\r")
        terminal.read_until("2>")
        terminal.type(b"x" + ARROWS["up"] + b"\r:history\r")
        taken = terminal.read_until("In all").split(":history")[-1]
        assert "1> south\n" in taken
        assert "2> south\n" in taken
        assert "3> " not in taken


def test_lines_that_are_pasted_are_played_one_after_the_other():
    with Terminal(command(True, "Sokoban-v0", "--seed", "1")) as terminal:
        terminal.read_until("1>")
        terminal.type(b"\x1b[200~south\nsouth\n:history\x1b[201~\r")
        taken = terminal.read_until("In all").split(":history")[-1]
        assert "1> south\n" in taken
        assert "2> south\n" in taken


def test_what_arrows_stand_for():
    compass = {"up": "north", "down": "south", "left": "west", "right": "east"}
    for id, expected in (
        ("TextMaze-v0", compass),
        ("Sokoban-v0", compass),
        ("SlidingTiles-v0", {name: name for name in compass}),
        ("SokobanBoxed-v0", {}),
        (HANOI, {}),
        (MATH, {}),
    ):
        game = Game(make(id, {}), lambda prompt: next_line(iter(())), written_to([]), seed=1)
        game.play()
        assert game.arrows == expected


def test_help_tells_of_arrows_where_they_are_steps():
    for extra, id, expected in (
        (True, "Sokoban-v0", "On an empty line, an arrow key is a step."),
        (False, "Sokoban-v0", "With pip install 'reasoning-gym-envs[play]', an arrow key is"),
        (True, HANOI, None),
    ):
        with Terminal(command(extra, id)) as terminal:
            terminal.read_until("1>")
            terminal.type(b":help\r")
            said = terminal.read_until("1>")
        assert ("arrow" in said) == (expected is not None)
        assert (expected or "") in said


def test_maps_rewards_and_errors_have_colours():
    words = command(True, "Sokoban-v0", "--seed", "1", "--arg", 'reward={"step_cost": 0.5}')
    with Terminal(words) as terminal:
        terminal.read_until("1>")
        terminal.type(b"south\r:hlep\r")
        terminal.read_until("did you mean")
        terminal.read_until("2>")
    found = terminal.coloured
    assert found[: found.index(("magenta", "@")) + 1] == [
        ("brightblack", "######"),
        ("brightblack", "#"),
        ("magenta", "@"),
    ]
    assert ("brown", "$") in found  # the name that some give to yellow
    assert ("green", ".") in found
    assert set(terminal.bold) == {"@", "$", "."}
    assert ("red", "[reward -0.5: -0.5 for the step]") in found
    assert any(colour == "red" and "unknown command" in text for colour, text in found)
    assert not any("walking" in text for _, text in found)
    solution = reference("Sokoban-v0")[0].unwrapped.solution()
    typed = "".join(f"{step}\n" for step in solution)
    with Terminal(command(True, "Sokoban-v0", "--seed", "1"), stdin="pipe") as terminal:
        terminal.process.stdin.write(typed.encode())
        terminal.process.stdin.close()
        assert terminal.read_to_the_end() == 0
    assert ("green", "[reward +1: +1 for solving it]") in terminal.coloured
    assert any(colour == "green" and "Solved in" in text for colour, text in terminal.coloured)


@pytest.mark.parametrize(
    "variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": "unknown"}], ids=str
)
def test_no_colours_where_they_are_not_wanted(variables):
    with Terminal(command(True, "Sokoban-v0", "--seed", "1"), **variables) as terminal:
        terminal.read_until("1>")
        terminal.type(b"south\r:hlep\r")
        terminal.read_until("did you mean")
        terminal.read_until("2>")
    assert "[reward 0]" in terminal.text
    assert (terminal.coloured, terminal.bold) == ([], "")


def test_an_empty_no_color_means_nothing():
    with Terminal(command(True, "Sokoban-v0", "--seed", "1"), NO_COLOR="") as terminal:
        terminal.read_until("1>")
    assert terminal.coloured


def test_a_pipe_gets_no_colours_and_the_same_text():
    typed = b"south\n:hlep\n:help\n:solution\n"
    environment = {**os.environ, "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    outputs = [
        subprocess.run(
            command(extra, HANOI, "--seed", "1"), input=typed, env=environment, capture_output=True
        ).stdout
        for extra in (True, False)
    ]
    assert b"\x1b" not in outputs[0]
    assert outputs[0] == outputs[1]
    assert b"did you mean" in outputs[0]


@pytest.mark.parametrize(
    ("id", "arguments"),
    [
        ("Sokoban-v0", {}),
        ("TextMaze-v0", {"view": "map"}),
        ("TextMaze-v0", {"view": "map", "fog": True}),
    ],
)
@pytest.mark.parametrize("level", [1, 6, 10])
def test_every_line_of_a_map_is_painted_and_nothing_else(id, arguments, level):
    env, observation = reference(id, level=level, **arguments)
    parts = painted(observation, "observation", env.unwrapped.map_characters)
    assert "".join(text for _, text in parts) == observation
    rules, _, drawn = observation.partition("\n\n")
    rows = [line for line in drawn.splitlines() if not line.startswith("You carry")]
    assert len(rows) > 4
    assert sum(len(text) == 1 and text != "\n" for _, text in parts) == sum(map(len, rows))
    assert rules.split("\n")[0] in parts[0][1]
    assert parts[0][0] == ""
    assert len([style for style, text in parts if text in "@+" and "bold" in style]) == 1


def test_playing_imports_the_terminal_library_only_when_a_game_begins():
    program = (
        "import sys, reasoning_gym_envs.cli, reasoning_gym_envs.cli.play;"
        "print('prompt_toolkit' in sys.modules)"
    )
    assert subprocess.check_output([sys.executable, "-c", program]) == b"False\n"
