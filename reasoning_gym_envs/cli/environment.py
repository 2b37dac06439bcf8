"""Arguments of an environment, as options of a command."""

from __future__ import annotations

import argparse
import json
from typing import Any

from reasoning_gym_envs.rewards import MODES

_NAMED = ("level", "reward", "split", "max_turns")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the id and its arguments to the options of a command."""
    parser.add_argument("id", metavar="ID", help="environment, such as TowerOfHanoi-v0")
    parser.add_argument("--level", type=_level, help="difficulty from 1 to 10, or a range: 2-5")
    parser.add_argument("--reward", choices=MODES, help="how steps are paid")
    parser.add_argument("--split", choices=("train", "test"), help="which problems")
    parser.add_argument("--max-turns", type=int, metavar="N", help="turns of an episode")
    add_argument(parser, "any other argument of the environment")


def add_argument(parser: argparse.ArgumentParser, what: str) -> None:
    """Add the option `--arg`, which may be repeated; `what` begins its help."""
    parser.add_argument(
        "--arg",
        action="append",
        default=[],
        type=_argument,
        metavar="NAME=VALUE",
        help=f"{what}, its value as JSON or a text; may be repeated",
    )


def arguments_of(options: argparse.Namespace) -> dict[str, Any]:
    """The arguments for `gymnasium.make` that were given."""
    given = {name: getattr(options, name) for name in _NAMED}
    return {name: value for name, value in given.items() if value is not None} | dict(options.arg)


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
