"""Mutation testing: small faults are put into the code, one at a time; do the tests see them?

`python -m tests.mutants rewards grpo` tries these two areas with mutmut, and without a name all of
them, which takes hours. An area is a file, with the tests that are meant to see its faults; of
these, mutmut runs for each fault those that reach the function. A fault that no test sees is
printed: write the test, or say in `equal_mutants.json` why it changes nothing that matters. A fault
that only changes what an error message says is counted apart, as wording.

The work is done in `build/mutants`. A second call tries again what was not seen before, and what is
in functions that have changed; `make clean` forgets all. Where an area takes too long, `--sample`
tries so many of its faults, drawn at random; what was never tried is counted apart.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import difflib
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
BUILD = ROOT / "build" / "mutants"
EQUAL = Path(__file__).with_name("equal_mutants.json")
MIRRORED = ("reasoning_gym_envs", "agents", "baselines", "tests", "docs", "README.md", "Makefile")
KILLED = (1, 3, -24, 24, 36, 152, 255)
"""How pytest ends where a test fails, or where the tests never come to an end."""


class Area(NamedTuple):
    """A file to put faults into, or several, and the arguments of pytest that select its tests."""

    file: str
    tests: tuple[str, ...]
    keywords: str = ""


_PACKAGE = "reasoning_gym_envs/"

AREAS = {
    "text_env": Area(_PACKAGE + "text_env.py", ("tests/test_text_env.py",)),
    "command_env": Area(_PACKAGE + "command_env.py", ("tests/test_command_env.py",)),
    "commands": Area(_PACKAGE + "commands.py", ("tests/test_commands.py",)),
    "rewards": Area(_PACKAGE + "rewards.py", ("tests/test_rewards.py",)),
    "problems": Area(_PACKAGE + "problems.py", ("tests/test_problems.py",)),
    "corpus": Area(_PACKAGE + "corpus.py", ("tests/test_corpus.py",)),
    "spaces": Area(_PACKAGE + "spaces.py", ("tests/test_spaces.py",)),
    "wrappers": Area(
        _PACKAGE + "wrappers/*.py",
        ("tests/wrappers",),
        "not stable_baselines3 and not stacking and not vector and not process and not template",
    ),
    "compare": Area(_PACKAGE + "answers/compare.py", ("tests/answers/all_pairs.py",)),
    "values": Area(_PACKAGE + "sandbox/values.py", ("tests/sandbox/test_values.py",)),
    "judge": Area(_PACKAGE + "sandbox/judge.py", ("tests/sandbox/test_judge.py",)),
    "q_learning": Area(
        "agents/q_learning.py",
        ("tests/agents/test_q_learning.py",),
        "not solve and not keeps and not learns and not shaping",
    ),
    "reinforce": Area("agents/reinforce.py", ("tests/agents/test_reinforce.py",)),
    "actor_critic": Area("agents/actor_critic.py", ("tests/agents/test_actor_critic.py",)),
    "ppo": Area("agents/ppo.py", ("tests/agents/test_ppo.py",)),
    "network_agent": Area(
        "agents/common/network_agent.py",
        ("tests/agents/test_network_agents.py", "tests/agents/test_actor_critic.py"),
        "not ppo and not reinforce and not tensorboard",
    ),
    "networks": Area("agents/common/networks.py", ("tests/agents/test_networks.py",)),
    "imitation": Area(
        "agents/imitation.py", ("tests/agents/test_imitation.py",), "not test_it_learns"
    ),
    "grpo": Area("agents/grpo.py", ("tests/agents/test_grpo.py",), "not test_it_learns"),
}

_SETTINGS = """
[tool.mutmut]
source_paths = ["reasoning_gym_envs", "agents"]
only_mutate = ["{file}"]
also_copy = ["baselines", "docs", "README.md", "Makefile"]
timeout_multiplier = 5.0
timeout_constant = 5.0
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args = {arguments}
use_git_change_detection = false
"""


class Fault(NamedTuple):
    """Where it is, the lines that it takes away and those that it puts there."""

    file: str
    function: str
    before: str
    after: str


class Result(NamedTuple):
    """What became of the faults in a file."""

    killed: list[Fault]
    survived: list[Fault]
    equal: list[Fault]
    wording: list[Fault]
    untried: list[Fault]


def run(
    area: Area, folder: Path, children: int, sample: int | None = None, seed: int = 0
) -> dict[str, Result]:
    """Try the faults of an area, or a sample of them: what became of them, for each file."""
    _lay_out(area, folder)
    if sample is None:
        _mutmut(folder, children)
    else:
        # mutmut has written all faults down when it finds that none has this name.
        with contextlib.suppress(subprocess.CalledProcessError):
            _mutmut(folder, children, "none")
        ended: dict[str, int | None] = {}
        for meta in folder.rglob("*.meta"):
            ended |= json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
        drawn = random.Random(seed).sample(sorted(ended), min(sample, len(ended)))
        if names := [name for name in drawn if ended[name] not in KILLED]:
            _mutmut(folder, children, *names)
    return read(folder)


def _mutmut(folder: Path, children: int, *names: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "mutmut", "run", "--max-children", str(children), *names],
        cwd=folder,
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": ""},
    )


def _lay_out(area: Area, folder: Path) -> None:
    """A project like this one, with the settings of mutmut; it forgets what survived."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in MIRRORED:
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(ROOT / name)
    arguments = ["-p", "no:cacheprovider", "--hypothesis-seed=0", "-m", "not slow"]
    if area.keywords:
        arguments += ["-k", area.keywords]
    settings = _SETTINGS.format(
        file=area.file, tests=json.dumps(area.tests), arguments=json.dumps(arguments)
    )
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (folder / "pyproject.toml").write_text(project + settings, encoding="utf-8")
    (folder / "mutants/mutmut-stats.json").unlink(missing_ok=True)
    for meta in folder.rglob("*.meta"):
        written = json.loads(meta.read_text(encoding="utf-8"))
        file = str(meta.with_suffix("").relative_to(folder / "mutants"))
        for key, kind, _ in _outcomes(meta, file):
            if kind == "survived":
                written["exit_code_by_key"][key] = None
        meta.write_text(json.dumps(written), encoding="utf-8")


def read(folder: Path) -> dict[str, Result]:
    """What became of the faults in each file, as mutmut wrote it down beside the file."""
    found = {}
    for meta in sorted(folder.rglob("*.meta")):
        file = str(meta.with_suffix("").relative_to(folder / "mutants"))
        found[file] = result = Result([], [], [], [], [])
        for _, kind, fault in _outcomes(meta, file):
            getattr(result, kind).append(fault)
    return found


def _outcomes(meta: Path, file: str) -> Iterator[tuple[str, str, Fault]]:
    """Each fault of a file: its name at mutmut, what became of it, and what it is."""
    known = _known()
    functions = dict(_functions(meta.with_suffix("").read_text(encoding="utf-8")))
    for key, code in json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"].items():
        name = key.rpartition(".")[2]
        which = name.rpartition("__mutmut_")[0]
        before, after = functions[f"{which}__mutmut_orig"], functions[name]
        function = which.replace("xǁ", "").replace("ǁ", ".").removeprefix("x_")
        fault = Fault(file, function, *_difference(before, after))
        if code is None:
            kind = "untried"
        elif code in KILLED:
            kind = "killed"
        elif fault in known or _syntax(before) == _syntax(after):
            kind = "equal"
        elif _syntax(before, messages=False) == _syntax(after, messages=False):
            kind = "wording"
        else:
            kind = "survived"
        yield key, kind, fault


def _known() -> set[Fault]:
    entries = json.loads(EQUAL.read_text(encoding="utf-8"))
    return {Fault(*fault) for entry in entries for fault in entry["faults"]}


def _functions(source: str) -> Iterator[tuple[str, str]]:
    """The functions of a file that mutmut wrote, by name: each fault is a copy of one."""
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and "__mutmut_" in node.name:
            yield node.name, "\n".join(lines[node.lineno - 1 : node.end_lineno])


def _syntax(function: str, *, messages: bool = True) -> str:
    """What a function says, but for its name, the texts of its errors where asked, and the
    ``strict`` of a ``zip``, which is an assertion and changes nothing as long as it holds."""
    [tree] = ast.parse(function.lstrip()).body
    tree.name = ""  # type: ignore[attr-defined]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "zip":
            node.keywords = [word for word in node.keywords if word.arg != "strict"]
        elif isinstance(node, ast.Raise) and not messages:
            for part in ast.walk(node):
                if isinstance(part, ast.Constant) and isinstance(part.value, str | None):
                    part.value = ""
    return ast.dump(tree)


def _difference(before: str, after: str) -> tuple[str, str]:
    one, other = (text.partition("(")[2].splitlines() for text in (before, after))
    lines = [line for line in difflib.ndiff(one, other) if line[0] in "+-"]
    return tuple(  # type: ignore[return-value]
        "\n".join(line[2:].strip() for line in lines if line[0] == sign) for sign in "-+"
    )


def main() -> int:
    """Try the areas that are named, or all; the status is 1 where a fault lived."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutants",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("areas", nargs="*", metavar="AREA", help=", ".join(AREAS))
    parser.add_argument("--children", type=int, default=2, help="faults tried at the same time")
    parser.add_argument("--sample", type=int, metavar="N", help="try N faults, drawn at random")
    parser.add_argument("--seed", type=int, default=0, help="of the draw")
    options = parser.parse_args()
    for name in options.areas:
        if name not in AREAS:
            parser.error(f"there is no area {name}; there are {', '.join(AREAS)}")
    rows, status = [], 0
    for name in options.areas or AREAS:
        found = run(AREAS[name], BUILD / name, options.children, options.sample, options.seed)
        for file, result in found.items():
            for fault in (*result.survived, *result.wording):
                kind = "wording, " if fault in result.wording else ""
                before, after = (text.replace("\n", "\n  ") for text in fault[2:])
                print(f"\n{kind}{file}: {fault.function}\n- {before}\n+ {after}")
            listed = {fault for fault in _known() if fault.file == file}
            for gone in listed.difference(result.equal, result.untried):
                print(f"\nlisted as equal, and killed or gone: {json.dumps(gone)}")
            counts = [len(faults) for faults in result]
            rows.append((file, *counts, counts[0] / max(1, counts[0] + counts[1])))
            status = 1 if result.survived else status
    print(("\n{:50}" + "{:>10}" * 6).format("file", *Result._fields, "share"))
    for row in rows:
        print("{:50}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10.1%}".format(*row))
    return status


if __name__ == "__main__":
    sys.exit(main())
