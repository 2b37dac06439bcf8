"""Commands and plans are read out of responses, whatever stands around them."""

import re

import pytest

from reasoning_gym_envs.commands import Refused, plan_of, read_box, read_command, without_latex


@pytest.mark.parametrize(
    ("response", "command"),
    [
        ("Go  North.", "go north"),
        ("go north!", "go north"),
        ("\\boxed{\\text{north}}", "north"),
        ("<think>east</think> North", "north"),
        ("<think>a</think> no <think>b</think> North", "north"),
        ("a</think>b</think>north", "north"),
        ("I think> north", "i think> north"),
        ("A → B", "a -> b"),
        ("$A \\to B$", "a -> b"),
        ("a \\rightarrow b", "a -> b"),
        ("a ⟶ b => c", "a -> b -> c"),
        ("x" * 200, "x" * 200),
        (" " * 5000 + "north" + " " * 5000, "north"),
        (" " * 9 + "x" * 200 + " " * 9, "x" * 200),
        ("<think>" + "a" * 500 + "</think>north", "north"),
        ("I go \\boxed{south} and not \\boxed{north}", "north"),
    ],
)
def test_commands_are_read(response, command):
    assert read_command(response) == command
    if len(response) < 200:  # longer ones are read in another way than those that are remembered
        assert read_command(" " * 60 + response) == command


@pytest.mark.parametrize(
    ("response", "message"),
    [
        ("", "No command was found."),
        (" .! ", "No command was found."),
        ("\\boxed{}", "No command was found."),
        ("\\boxed{north", "No command was found."),
        ("<think>north", "No command was found."),
        ("a</think>north<think>b", "No command was found."),
        ("<think>a</think>north<think>b", "No command was found."),
        ("x" * 201, "A command has at most 200 characters."),
        ("\\boxed{" + "x" * 201 + "}", "A command has at most 200 characters."),
    ],
)
def test_what_is_no_command_is_refused(response, message):
    with pytest.raises(Refused, match=f"^{re.escape(message)}$") as refused:
        read_command(response)
    assert refused.value.understood is False


def test_a_whole_answer():
    assert read_box("So \\boxed{a, b}.") == "a, b"
    assert read_box("\\boxed{" + "x" * 20_000 + "}") == "x" * 20_000
    with pytest.raises(Refused, match=r"^An answer has at most 20,000 characters\.$"):
        read_box("\\boxed{" + "x" * 20_001 + "}")
    with pytest.raises(Refused, match=r"^No answer was found\. Give it in \\boxed\{\}\.$"):
        read_box("a, b")


@pytest.mark.parametrize(
    ("answer", "plan"),
    [
        ("north, go east, south", ["north", "go east", "south"]),
        ("North,go east;south\nwest", ["north", "go east", "south", "west"]),
        ("north \\\\ east \\item south", ["north", "east", "south"]),
        ("north, then east, and finally south", ["north", "east", "south"]),
        ("then north, and then go east", ["north", "go east"]),
        ("1. north\n2) east\n3: south", ["north", "east", "south"]),
        ("Step 1: north, Step 2: east", ["north", "east"]),
        ("- north\n* east\n• south", ["north", "east", "south"]),
        ("1.north, 2)east", ["north", "east"]),
        ("north → east → south", ["north", "east", "south"]),
        ("A → B, C \\to D", ["a -> b", "c -> d"]),
        ("[\"north\", 'east', `south`]", ["north", "east", "south"]),
        ("north.,east!,,", ["north", "east"]),
        (r"\text{north}, \texttt{east}", ["north", "east"]),
        (r"\begin{array}{ll} north \\ east \end{array}", ["north", "east"]),
        ("", []),
        (" , ", []),
        ("north", ["north"]),
        ("x=3, y=5", ["x=3", "y=5"]),
        ("2, 3", ["2", "3"]),
        ("take X; put X", ["take x", "put x"]),
        ("a" * 500, ["a" * 201]),
        ("a" * 500 + "!, b", ["a" * 201, "b"]),
    ],
)
def test_plans_are_read(answer, plan):
    assert plan_of(answer) == plan


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("plain text", "plain text"),
        (r"$\text{go}~\mathrm{north}$", "go north"),
        (r"\texttt{a}\,b\;c\ d\quad e", "a b c d  e"),
        (r"\{a\} \hline b", "a  b"),
        (r"\begin{tabular}{l|c r} a \end{tabular} \begin{align*} b\end{align*}", " a   b"),
        ("a~b", "a b"),
        (r"a\,b", "a b"),
        (r"\{a\}", "a"),
        ("$a$", "a"),
        ("{a}", "a"),
    ],
)
def test_latex_around_words_is_taken_off(text, plain):
    assert without_latex(text) == plain
