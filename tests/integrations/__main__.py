"""Tests of the plugs, each with the real package that it plugs into.

    python -m tests.integrations                  # all of them; what `make integrations` does
    python -m tests.integrations trl verifiers    # some
    python -m tests.integrations --seconds 180    # as many as fit, those changed last first

The packages ask for versions of others that exclude each other, so three virtual environments
stand under ``.venv-integrations/``, each with the versions of its ``constraints-NAME.txt``.  What
fits is counted with the seconds in the tables below and not with a clock: the same choice on every
machine.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import venv
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ROOMS = ROOT / ".venv-integrations"


class Room(NamedTuple):
    """A virtual environment."""

    extras: str
    """Of this package."""
    seconds: int
    """About how long it takes to set up."""
    requirements: tuple[str, ...] = ("pytest",)
    """What the tests need beside them."""
    python: tuple[int, int] = (3, 10)
    """The oldest Python that its packages run on."""


class Plug(NamedTuple):
    """What is tested, and where."""

    room: str
    seconds: int
    """About how long its tests take."""
    files: tuple[str, ...]
    """The code that it is."""

    def tests(self, name: str) -> Path:
        return HERE / f"test_{name}.py"


_CODE = "reasoning_gym_envs/integrations"
_ROOMS = {
    "training": Room("trl,rllib,parquet,video,render,evaluation", 60, python=(3, 11)),
    "verifiers": Room("verifiers", 60, python=(3, 11)),
    "evaluation": Room("inspect,openenv", 30, ("pytest", "openai>=3.4", "jsonschema")),
}
_PLUGS = {
    "trl": Plug("training", 40, (f"{_CODE}/trl.py",)),
    "compute_score": Plug("training", 20, (f"{_CODE}/compute_score.py",)),
    "rllib": Plug("training", 25, (f"{_CODE}/rllib.py",)),
    "ray": Plug("training", 15, ("reasoning_gym_envs/evaluation/pool.py",)),
    "video": Plug("training", 5, ("reasoning_gym_envs/pictures",)),
    "verifiers": Plug(
        "verifiers", 60, (f"{_CODE}/verifiers.py", "reasoning_gym_envs_verifiers.py")
    ),
    "inspect_ai": Plug("evaluation", 45, (f"{_CODE}/inspect_ai.py",)),
    "openenv": Plug(
        "evaluation",
        60,
        (f"{_CODE}/openenv.py", f"{_CODE}/openenv_space.py", "reasoning_gym_envs/cli/serve.py"),
    ),
    "tool": Plug("evaluation", 5, (f"{_CODE}/tool.py",)),
}


def main() -> int:
    """Set up what is needed, run the tests, say what was left out; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.integrations", description="Test the plugs with the real packages."
    )
    parser.add_argument("plugs", nargs="*", metavar="PLUG", help=f"of {', '.join(_PLUGS)}")
    parser.add_argument("--seconds", type=int, help="take those that changed last, as many as fit")
    arguments = parser.parse_args()
    if wrong := set(arguments.plugs) - set(_PLUGS):
        parser.error(f"no such plug: {', '.join(sorted(wrong))}; there are {', '.join(_PLUGS)}")
    wanted = list(arguments.plugs or _PLUGS)
    taken = wanted if arguments.seconds is None else _that_fit(wanted, arguments.seconds)
    failed = []
    for name, room in _ROOMS.items():
        plugs = [plug for plug in taken if _PLUGS[plug].room == name]
        if not plugs:
            continue
        if sys.version_info < room.python:
            wanted_python = ".".join(map(str, room.python))
            print(f"NOT TRIED, Python {wanted_python} is needed: {', '.join(plugs)}", flush=True)
            continue
        print(f"{name}: {', '.join(plugs)}", flush=True)
        python = _set_up(name, room)
        for plug in plugs:
            # One at a time: a file whose package cannot be imported is skipped, and only where
            # there is no other says the status of pytest that nothing was tried.
            tests = str(_PLUGS[plug].tests(plug))
            # Warnings are those packages' own, and errors in the project's other tests only.
            command = [python, "-m", "pytest", "-o", "filterwarnings=default", "-q", tests]
            if subprocess.run(command, cwd=ROOT).returncode:
                failed.append(plug)
    if left := [name for name in wanted if name not in taken]:
        print(f"LEFT OUT, {arguments.seconds} seconds are used up: {', '.join(left)}", flush=True)
    if failed:
        print(f"FAILED: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


def _that_fit(names: list[str], seconds: int) -> list[str]:
    """Those that changed last, until the seconds are used up."""
    taken: list[str] = []
    used = 0
    for name in sorted(names, key=_changed, reverse=True):
        room = _PLUGS[name].room
        is_new = all(_PLUGS[other].room != room for other in taken)
        needed = _PLUGS[name].seconds + is_new * _ROOMS[room].seconds
        if used + needed <= seconds:
            taken.append(name)
            used += needed
    return taken


def _changed(name: str) -> int:
    """When a plug or its tests changed last: the time of a commit."""
    files = [*_PLUGS[name].files, str(_PLUGS[name].tests(name))]
    command = ["git", "log", "-1", "--format=%ct", "--", *files]
    return int(subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout or 0)


def _set_up(name: str, room: Room) -> str:
    """A virtual environment with what a room needs; returns its Python."""
    folder = ROOMS / name
    pins = HERE / f"constraints-{name}.txt"
    state = f"{room}\n{pins.read_text()}\n{(ROOT / 'pyproject.toml').read_text()}\n{sys.version}"
    digest = hashlib.sha256(state.encode()).hexdigest()
    python = str(folder / "bin" / "python")
    made = folder / "installed"
    if not made.exists() or made.read_text() != digest:
        venv.create(folder, clear=True, with_pip=True)
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        package = f"{ROOT}[{room.extras}]"
        subprocess.run([*install, "-c", pins, *room.requirements, "-e", package], check=True)
        made.write_text(digest)
    return python


if __name__ == "__main__":
    sys.exit(main())
