"""The command `reasoning-gym-envs list`: what there is to play.

The file is not called `list`: a module of that name would hide the built-in one in the package.
"""

from __future__ import annotations

import argparse

from reasoning_gym_envs.registry import ENVIRONMENTS


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `list` to the commands of the program."""
    parser = commands.add_parser(
        "list", help="list the environments", description="Lists the environments."
    )
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    width = max(map(len, ENVIRONMENTS))
    for name, entry in ENVIRONMENTS.items():
        print(f"{name:<{width}}  {entry.summary}")
    return 0
