"""The command `reasoning-gym-envs check-env`: does a text environment keep its promises?"""

from __future__ import annotations

import argparse
import os
import sys

import gymnasium as gym

from reasoning_gym_envs.cli.environment import add_argument
from reasoning_gym_envs.cli.terminal import printable, say_wrong

_CHECK_ENV = """
Checks a text environment, also one of your own: the contract of Gymnasium, the same episodes for
the same seed, rewards that cannot be gamed, chance that solves next to nothing. The exit status is
0 where no check fails, and 1 otherwise.
"""
_EXAMPLES = """
examples:
  reasoning-gym-envs check-env TextMaze-v0 --arg level=3
  reasoning-gym-envs check-env my_package:MyEnv-v0
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `check-env` to the commands of the program."""
    parser = commands.add_parser(
        "check-env",
        help="check a text environment of your own",
        description=_CHECK_ENV,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("id", metavar="ID", help="environment; module:ID imports the module first")
    add_argument(parser, "argument of the environment")
    parser.add_argument(
        "--only", action="append", default=[], metavar="CHECK", help="one check; may be repeated"
    )
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from reasoning_gym_envs.conformance import check_environment

    if os.getcwd() not in sys.path:  # as `python -m` does: the module may lie here
        sys.path.insert(0, os.getcwd())
    failed = False
    try:
        for finding in check_environment(options.id, only=options.only, **dict(options.arg)):
            print(printable(str(finding), lines=True), flush=True)
            failed |= finding.status == "failed"
    except (ImportError, TypeError, ValueError, gym.error.Error) as error:
        return say_wrong(str(error), 2)
    return 1 if failed else 0
