r"""The command `reasoning-gym-envs`, which is also `python -m reasoning_gym_envs`.

    reasoning-gym-envs check 'So it is \boxed{0.75}.' '\frac{3}{4}'

tells how the checker reads an answer and whether it is right. The exit status is 0 for a right
answer, 1 for any other, and 2 where the command or the reference is at fault.

    reasoning-gym-envs list
    reasoning-gym-envs info TowerOfHanoi-v0
    reasoning-gym-envs play TowerOfHanoi-v0 --level 3

show what there is to play, tell what one of them is, and let a person play it.

    reasoning-gym-envs export TowerOfHanoi-v0 --level 3 --count 100 --out hanoi.jsonl

writes problems as a data set.

    reasoning-gym-envs serve TowerOfHanoi-v0 --level 3 --port 8000

serves an environment to OpenEnv's clients.

    reasoning-gym-envs evaluate my_agent:answer --suite smoke

benchmarks an agent; `suites`, `summarise` and `compare` belong to it.

    reasoning-gym-envs report runs/mine runs/random --out report.html

writes what came out, and every transcript, as one HTML file.

    reasoning-gym-envs check-env my_package:MyEnv-v0

checks a text environment, also one of your own.

    reasoning-gym-envs corpus mbpp.jsonl --run

tells what of a corpus of programs can be used, and whether its references pass.

    reasoning-gym-envs sandbox check

tells whether there is a sandbox for code that others wrote, and what is missing.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from reasoning_gym_envs import __version__
from reasoning_gym_envs.cli import (
    check,
    check_env,
    corpus,
    evaluate,
    export,
    info,
    listing,
    play,
    report,
    sandbox,
    serve,
)
from reasoning_gym_envs.cli.terminal import PROGRAM, accept_any_text, say_wrong

__all__ = ["main"]

_OF_THE_AGENTS = ("train", "demo", "benchmark", "floors", "pools")
"""Commands of `python -m baselines`, which people look for here."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["check"]:
        words = [check.as_answer(word) for word in words]
    accept_any_text()
    if words[:1] and words[0] in _OF_THE_AGENTS:
        return say_wrong(
            f"there is no command {words[0]!r} here: what trains and tests agents is not in the "
            "wheel. Clone the repository, and in its folder run\n"
            "  pip install -c constraints.txt -e '.[agents]'\n"
            f"  python -m baselines {words[0]} --help",
            2,
        )
    options = _parser().parse_args(words)
    try:
        status: int = options.run(options)
        sys.stdout.flush()
    except RuntimeError as error:  # no problem of a split, or what makes or judges them failed
        return say_wrong(str(error), 2)
    except BrokenPipeError:  # whoever read the output has stopped, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Tools of reasoning_gym_envs.",
        epilog="Agents, and what trains and tests them, run from a checkout: python -m baselines.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (
        check,
        play,
        listing,
        info,
        export,
        serve,
        evaluate,
        report,
        check_env,
        corpus,
        sandbox,
    ):
        command.add_parser(commands)
    return parser
