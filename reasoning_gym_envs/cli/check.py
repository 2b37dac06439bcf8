r"""The command `reasoning-gym-envs check`: how an answer is read, and whether it is right."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from typing import get_args

from reasoning_gym_envs.answers import Form, InvalidReference, Reference, Verdict
from reasoning_gym_envs.cli.terminal import printable, say_wrong

_LONGEST_SHOWN = 400  # characters of an answer; --json has all of them

_CHECK = r"""
Checks the final answer of a response, which stands in its last \boxed{…}, against a reference
answer, and tells what was read. Exit status: 0 correct, 1 not correct, 2 wrong usage or a reference
that cannot be read.
"""
_CHECK_EXAMPLES = r"""
examples (single quotes keep the shell from changing backslashes, dollars and braces):
  reasoning-gym-envs check 'So it is \boxed{\frac{6}{8}}.' 3/4
  reasoning-gym-envs check '\boxed{\frac{6}{8}}' 3/4 --form reduced
  reasoning-gym-envs check '\boxed{5\text{ apples}}' 5 --question 'How many apples are left?'
  reasoning-gym-envs check - '\{2, 3\}' --json < response.txt
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `check` to the commands of the program."""
    parser = commands.add_parser(
        "check",
        help="check an answer against a reference, and see how it is read",
        description=_CHECK,
        epilog=_CHECK_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "response",
        metavar="RESPONSE",
        help="whole response; - reads standard input",
    )
    parser.add_argument("reference", metavar="REFERENCE", help="right answer, without a box")
    parser.add_argument(
        "--form",
        choices=get_args(Form),
        default="any",
        help="shape that the answer must have, too: evaluated (value), in lowest terms (reduced), "
        "or multiplied out (expanded); default: any",
    )
    parser.add_argument(
        "--question",
        metavar="TEXT",
        help="question that was asked: its words, and left-hand sides of its equations, may stand "
        "around the answer",
    )
    parser.add_argument("--json", action="store_true", help="print the verdict as a JSON object")
    parser.set_defaults(run=_run)


def as_answer(word: str) -> str:
    """Put a space before `-x` or `-\\frac{1}{2}`, which argparse would take for an option."""
    is_answer = word.startswith("-") and not word.startswith("--") and word not in ("-", "-h")
    return " " + word if is_answer else word


def _run(options: argparse.Namespace) -> int:
    response: str = options.response
    if response == "-":
        # Bytes that are no UTF-8 become what they would be as arguments of the command.
        response = sys.stdin.buffer.read().decode("utf-8", errors="surrogateescape")
    try:
        reference = Reference(options.reference, options.form, options.question)
    except InvalidReference as error:
        return say_wrong(str(error), 2)
    verdict = reference.check(response)
    if options.json:
        print(
            json.dumps(
                {
                    "correct": verdict.correct,
                    "status": verdict.status,
                    "answer": verdict.answer,
                    "reading": verdict.reading,
                    "reason": verdict.reason,
                }
            )
        )
    else:
        _print(verdict, response)
    return 0 if verdict.correct else 1


def _print(verdict: Verdict, response: str) -> None:
    lines: list[tuple[str, str]] = [("status", verdict.status)]
    if verdict.answer is not None:
        lines.append(("answer", verdict.answer))
    if verdict.reading:
        lines.append(("read as", verdict.reading))
    lines.append(("reason", verdict.reason))
    if verdict.status == "no_answer":
        lines.append(("hint", _hint(response)))
    print("correct" if verdict.correct else "not correct")
    for name, text in lines:
        print(f"  {name:8}{_printable(text)}")


def _hint(response: str) -> str:
    r"""Say how a response gets an answer: most often, what is missing is the box."""
    if "\\boxed{" in response:
        return "the last \\boxed{…} must be complete, not empty, and stand after any </think>"
    if "boxed{" in response:
        return "the shell took the backslash of \\boxed{…} away: put the response in single quotes"
    answer = response.strip()
    if not answer or len(answer) > 80 or not answer.isprintable():
        answer = "…"
    example = shlex.quote(f"\\boxed{{{answer}}}")
    return f"the final answer must stand in \\boxed{{…}}; in a shell, with single quotes: {example}"


def _printable(text: str) -> str:
    """Shorten a text, and spell out what would control the terminal or cannot be written to it."""
    if len(text) > _LONGEST_SHOWN:
        text = f"{text[:_LONGEST_SHOWN]}… ({len(text):,} characters)"
    return printable(text)
