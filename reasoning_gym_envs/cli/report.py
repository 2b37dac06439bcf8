"""The command `report`: runs as one HTML file."""

from __future__ import annotations

import argparse
from pathlib import Path

from reasoning_gym_envs.cli.terminal import say_wrong

_REPORT = """
Writes one HTML file with what came out of the runs (intervals, chance, plots, paired comparisons)
and every transcript, to be searched and filtered. The file needs no network, and no server.
"""
_EXAMPLES = """
examples:
  reasoning-gym-envs report runs/random runs/mine
  reasoning-gym-envs report runs/mine --out mine.html
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to those of the program."""
    parser = commands.add_parser(
        "report",
        help="write runs as an HTML file, with every transcript",
        description=_REPORT,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="folder of an evaluation")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("report.html"),
        metavar="FILE",
        help="report.html by default",
    )
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from reasoning_gym_envs.evaluation.report import write_report

    try:
        write_report(options.runs, options.out)
    except (ImportError, OSError, ValueError) as error:
        return say_wrong(str(error), 2)
    print(f"{options.out}: {options.out.stat().st_size / 1e6:,.1f} MB; open it in a browser")
    return 0
