r"""Commands and plans, as agents write them: read out of a response, whatever stands around them.

A response to one turn is a command (:func:`read_command`). A whole answer stands in ``\boxed{}``
(:func:`read_box`), and may be a plan, which is a list of commands (:func:`plan_of`).
"""

from __future__ import annotations

import re
from functools import lru_cache

from reasoning_gym_envs.answers import extract_answer

LONGEST_COMMAND = 200
LONGEST_ANSWER = 20_000
_LONGEST_KEPT = 40  # characters of an action that is read once and remembered

_SEPARATORS = ("\\\\", "\\item", ";", "\n")
_ARROWS = ("\\to", "\\rightarrow", "→", "⟶", "=>")
_PLAIN_PLAN = re.compile(
    r"(?!then\b|and\b)[a-z][a-z0-9=]*(?: [a-z0-9=]+)*"
    r"(?:, (?!then\b|and\b)[a-z][a-z0-9=]*(?: [a-z0-9=]+)*)*"
)
_LEAD = re.compile(  # 1. and then
    r"\A(?:(?:step )?[0-9]{1,3}(?:[.):] |[.)](?=[a-z]))|[-*•] )?(?:and |then |finally )*"
)
_LATEX_ENVIRONMENT = re.compile(r"\\(?:begin|end)\{[a-z]{1,20}\*?\}(?:\{[lcr| ]{0,60}\})?")


class Refused(Exception):
    """A command that changes nothing; the message tells the agent why.

    Args:
        message: a sentence, without a list of what is possible: that is added.
        understood: the command has the form of one, but is not possible now.
    """

    def __init__(self, message: str, *, understood: bool = False) -> None:
        super().__init__(message)
        self.understood = understood


def read_command(action: str) -> str:
    r"""The command of a response: what follows ``</think>``, from its box if it has one.

    >>> read_command("<think>The key is there.</think> Go  North.")
    'go north'
    >>> read_command(r"I will go \boxed{\text{north}}")
    'north'

    Raises:
        Refused: the response is empty, too long, or still thinking.
    """
    return _kept_command(action) if len(action) <= _LONGEST_KEPT else _command_of(action)


def _command_of(action: str) -> str:
    if "\\boxed" in action:
        action = extract_answer(action) or ""
    elif "think>" in action:
        action = action.rpartition("</think>")[2]
        if "<think>" in action:  # still thinking
            action = ""
    if len(action) > LONGEST_COMMAND and len(action := action.strip()) > LONGEST_COMMAND:
        raise Refused(f"A command has at most {LONGEST_COMMAND} characters.")
    command = _tidy(without_latex(_with_plain_arrows(action)))
    if not command:
        raise Refused("No command was found.")
    return command


_kept_command = lru_cache(maxsize=4096)(_command_of)


def read_box(action: str) -> str:
    r"""The whole answer of a response: what stands in its last box.

    Raises:
        Refused: there is none, or it is too long.
    """
    answer = extract_answer(action)
    if answer is None:
        raise Refused("No answer was found. Give it in \\boxed{}.")
    if len(answer) > LONGEST_ANSWER:
        raise Refused(f"An answer has at most {LONGEST_ANSWER:,} characters.")
    return answer


def plan_of(answer: str) -> list[str]:
    r"""The commands of a plan: separated by commas, semicolons or line ends, else by arrows.

    Numbers of a list, quotation marks, brackets around the whole and words such as "then" do not
    matter. Where something else separates commands, an arrow is a part of one.

    >>> plan_of(r"North, go \text{east};\\ then south.")
    ['north', 'go east', 'south']
    >>> plan_of("1. A → C\n2. B → C"), plan_of("north → east")
    (['a -> c', 'b -> c'], ['north', 'east'])
    """
    plain = answer.lower()
    if _PLAIN_PLAN.fullmatch(plain):  # nothing to take off
        return [command[: LONGEST_COMMAND + 1] for command in plain.split(", ")]
    for mark in _SEPARATORS:
        answer = answer.replace(mark, ",")
    answer = without_latex(_with_plain_arrows(answer))
    for mark in "\"'`[]":
        answer = answer.replace(mark, "")
    commands = [command for part in answer.split(",") if (command := _tidy(part))]
    if len(commands) == 1:
        commands = [command for part in answer.split("->") if (command := _tidy(part))]
    return [_LEAD.sub("", command[: LONGEST_COMMAND + 1]) for command in commands]


def without_latex(text: str) -> str:
    r"""A text without the LaTeX that words are wrapped in.

    >>> without_latex(r"$\text{go}~\mathrm{north}$")
    'go north'
    """
    if "\\" in text or "$" in text or "{" in text or "~" in text:
        text = _LATEX_ENVIRONMENT.sub("", text)
        for mark in ("\\texttt", "\\text", "\\mathrm", "\\hline", "\\{", "\\}", "{", "}", "$"):
            text = text.replace(mark, "")
        for mark in ("\\,", "\\;", "\\ ", "\\quad", "~"):
            text = text.replace(mark, " ")
    return text


def _with_plain_arrows(text: str) -> str:
    for mark in _ARROWS:
        text = text.replace(mark, "->")
    return text


def _tidy(command: str) -> str:
    return " ".join(command.lower().split()).rstrip(".!")
