r"""The command `reasoning-gym-envs`, which is also `python -m reasoning_gym_envs`.

    reasoning-gym-envs check 'So it is \boxed{0.75}.' '\frac{3}{4}'

tells how the checker reads an answer and whether it is right. The exit status is 0 for a right
answer, 1 for any other, and 2 where the command or the reference is at fault.

    reasoning-gym-envs list
    reasoning-gym-envs play TowerOfHanoi-v0 --level 3

show what there is to play, and let a person play it.

    reasoning-gym-envs sandbox check

tells whether there is a sandbox for code that others wrote, and what is missing.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from collections.abc import Sequence
from typing import Any, get_args

from reasoning_gym_envs import __version__
from reasoning_gym_envs.answers import Form, InvalidReference, Reference, Verdict
from reasoning_gym_envs.registry import ENVIRONMENTS
from reasoning_gym_envs.rewards import MODES
from reasoning_gym_envs.sandbox import commands as sandbox_commands
from reasoning_gym_envs.terminal import accept_any_text, printable

__all__ = ["main"]

_PROGRAM = "reasoning-gym-envs"
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

_PLAY = """
Plays an environment in the terminal. What you type is the action, as an agent gives it; lines that
begin with a colon, such as :help, :hint, :undo, :new or :quit, are for this program. Ctrl-D leaves.
"""
_PLAY_EXAMPLES = """
examples:
  reasoning-gym-envs play TowerOfHanoi-v0 --level 3 --reward dense
  reasoning-gym-envs play MathBoxed-v0 --level 2-5 --max-turns 3 --arg 'topics="fractions"'
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["check"]:
        words = [_as_answer(word) for word in words]
    accept_any_text()
    options = _parser().parse_args(words)
    try:
        status: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read the output has stopped, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=_PROGRAM, description="Tools of reasoning_gym_envs.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"{_PROGRAM} {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    check = commands.add_parser(
        "check",
        help="check an answer against a reference, and see how it is read",
        description=_CHECK,
        epilog=_CHECK_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    check.add_argument(
        "response",
        metavar="RESPONSE",
        help="whole response; - reads standard input",
    )
    check.add_argument("reference", metavar="REFERENCE", help="right answer, without a box")
    check.add_argument(
        "--form",
        choices=get_args(Form),
        default="any",
        help="shape that the answer must have, too: evaluated (value), in lowest terms (reduced), "
        "or multiplied out (expanded); default: any",
    )
    check.add_argument(
        "--question",
        metavar="TEXT",
        help="question that was asked: its words, and left-hand sides of its equations, may stand "
        "around the answer",
    )
    check.add_argument("--json", action="store_true", help="print the verdict as a JSON object")
    check.set_defaults(run=_check)

    play = commands.add_parser(
        "play",
        help="play an environment in the terminal",
        description=_PLAY,
        epilog=_PLAY_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    play.add_argument("id", metavar="ID", help="environment, such as TowerOfHanoi-v0")
    play.add_argument("--level", type=_level, help="difficulty from 1 to 10, or a range: 2-5")
    play.add_argument("--seed", type=int, help="the same seed, the same problems")
    play.add_argument("--reward", choices=MODES, help="how steps are paid")
    play.add_argument("--split", choices=("train", "test"), help="which problems")
    play.add_argument("--max-turns", type=int, metavar="N", help="turns of an episode")
    play.add_argument(
        "--arg",
        action="append",
        default=[],
        type=_argument,
        metavar="NAME=VALUE",
        help="any other argument of the environment, its value as JSON or a text; may be repeated",
    )
    play.set_defaults(run=_play)

    list_ = commands.add_parser(
        "list", help="list the environments", description="Lists the environments."
    )
    list_.set_defaults(run=_list)

    sandbox_commands.add_parser(commands)
    return parser


def _level(text: str) -> int | tuple[int, int]:
    low, dash, high = text.partition("-")
    try:
        return (int(low), int(high)) if dash else int(low)
    except ValueError:
        message = f"{text!r} is neither a level nor a range such as 2-5"
        raise argparse.ArgumentTypeError(message) from None


def _argument(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not name.isidentifier() or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _play(options: argparse.Namespace) -> int:
    from reasoning_gym_envs.play import make, play

    named = ("level", "reward", "split", "max_turns")
    arguments = {name: getattr(options, name) for name in named}
    arguments = {name: value for name, value in arguments.items() if value is not None}
    try:
        if options.seed is not None and options.seed < 0:
            raise ValueError(f"--seed must be 0 or more, got {options.seed}")
        env = make(options.id, {**arguments, **dict(options.arg)})
    except ValueError as error:
        print(f"{_PROGRAM}: error: {printable(str(error), lines=True)}", file=sys.stderr)
        return 2
    play(env, options.seed)
    return 0


def _list(options: argparse.Namespace) -> int:
    width = max(map(len, ENVIRONMENTS))
    for name, entry in ENVIRONMENTS.items():
        print(f"{name:<{width}}  {entry.summary}")
    return 0


def _as_answer(word: str) -> str:
    """Put a space before `-x` or `-\\frac{1}{2}`, which argparse would take for an option."""
    is_answer = word.startswith("-") and not word.startswith("--") and word not in ("-", "-h")
    return " " + word if is_answer else word


def _check(options: argparse.Namespace) -> int:
    response: str = options.response
    if response == "-":
        # Bytes that are no UTF-8 become what they would be as arguments of the command.
        response = sys.stdin.buffer.read().decode("utf-8", errors="surrogateescape")
    try:
        reference = Reference(options.reference, options.form, options.question)
    except InvalidReference as error:
        print(f"{_PROGRAM}: error: {error}", file=sys.stderr)
        return 2
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


if __name__ == "__main__":
    sys.exit(main())
