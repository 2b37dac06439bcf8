"""The command `reasoning-gym-envs list`: what there is to play, or those of a kind.

The file is not called `list`: a module of that name would hide the built-in one in the package.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from reasoning_gym_envs.registry import ENVIRONMENTS

_LIST = """
Lists the environments, each with what it is; with filters, those that fit all of them.
"""
_LIST_EXAMPLES = """
examples:
  reasoning-gym-envs list --family puzzles --answered-by box
  reasoning-gym-envs list --needs nothing --json
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `list` to the commands of the program."""
    parser = commands.add_parser(
        "list",
        help="list the environments",
        description=_LIST,
        epilog=_LIST_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    every = [facts(id) for id in ENVIRONMENTS]
    for name, what in (
        ("family", "folder that they live in"),
        ("answered_by", "how they are answered: a step a turn, one answer in a box, or a block"),
        ("needs", "extra of the package that they need"),
    ):
        values = list(dict.fromkeys(each[name] for each in every))
        parser.add_argument(f"--{name.replace('_', '-')}", choices=values, help=what)
    parser.add_argument("--json", action="store_true", help="print a list of JSON objects")
    parser.set_defaults(run=_run)


def facts(id: str) -> dict[str, Any]:
    """What the registry says of an id."""
    entry = ENVIRONMENTS[id]
    return {
        "id": id,
        "summary": entry.summary,
        "family": entry.family,
        "answered_by": entry.answered_by,
        "needs": entry.needs or "nothing",
    }


def _run(options: argparse.Namespace) -> int:
    wanted = {name: getattr(options, name) for name in ("family", "answered_by", "needs")}
    wanted = {name: value for name, value in wanted.items() if value is not None}
    listed = [each for each in map(facts, ENVIRONMENTS) if wanted.items() <= each.items()]
    if options.json:
        print(json.dumps(listed, indent=1))
        return 0
    if not listed:
        print("No environment fits all of the filters.", file=sys.stderr)
    width = max((len(each["id"]) for each in listed), default=0)
    for each in listed:
        print(f"{each['id']:<{width}}  {each['summary']}")
    return 0
