"""The command `reasoning-gym-envs info`: what an environment is, and what it takes and needs."""

from __future__ import annotations

import argparse
import json

from reasoning_gym_envs.cards import arguments, card, sections
from reasoning_gym_envs.cli.listing import facts
from reasoning_gym_envs.cli.terminal import say_wrong
from reasoning_gym_envs.registry import ENVIRONMENTS, LARGE_POOL, unknown_id

_INFO = """
Tells what an environment is, how it is answered, what it needs, its arguments with their defaults,
and its levels. Its page has the rest: observations, rewards, an example episode.
"""
_INFO_EXAMPLES = """
examples:
  reasoning-gym-envs info TextMaze-v0
  reasoning-gym-envs info TextMaze-v0 --json
"""
_ANSWERED_BY = {
    "steps": "steps, one a turn",
    "box": "one answer in \\boxed{}",
    "block": "a block of code or output, between lines of ```",
}
_NEEDS = {
    "nothing": "nothing beside the package",
    "code": "a Docker engine, and pip install 'reasoning-gym-envs[code]'; see sandbox check",
    "reasoning-gym": "pip install 'reasoning-gym-envs[reasoning-gym]'",
}


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `info` to the commands of the program."""
    parser = commands.add_parser(
        "info",
        help="tell what an environment is, its arguments and levels",
        description=_INFO,
        epilog=_INFO_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("id", metavar="ID", help="environment, such as TextMaze-v0")
    parser.add_argument("--json", action="store_true", help="print a JSON object, with its card")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    id: str = options.id
    if id not in ENVIRONMENTS:
        return say_wrong(unknown_id(id), 2)
    page = f"docs/pages/environments/{id}.md"
    if options.json:
        found = {**facts(id), "pools": dict(ENVIRONMENTS[id].pools), "page": page}
        found |= {"arguments": arguments(id), "card": card(id)}
        print(json.dumps(found, indent=1))
        return 0
    known, part = facts(id), sections(card(id))
    print(f"{id}: {known['summary']}\n")
    for name, text in (
        ("family", known["family"]),
        ("answered by", _ANSWERED_BY[known["answered_by"]]),
        ("needs", _NEEDS[known["needs"]]),
        ("page", f"{page} in the repository"),
    ):
        print(f"{name:<13}{text}")
    print(f"\n{part['Description']}\n\nArguments, with their defaults:")
    taken = arguments(id)
    width = max(map(len, taken))
    for name, default in taken.items():
        print(f"  {name:<{width}}  {default!r}")
    print(f"\n{part['Arguments']}\n\nLevels:\n{part['Levels']}")
    print(f"\nDifferent problems of the test split, by level, {LARGE_POOL} for so many or more:")
    print("  " + ", ".join(f"{level}: {size}" for level, size in ENVIRONMENTS[id].pools.items()))
    return 0
