"""The command `reasoning-gym-envs export`: problems as a data set, with a card that tells of it."""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gymnasium as gym

from reasoning_gym_envs import __version__
from reasoning_gym_envs.cli.environment import add_options, arguments_of
from reasoning_gym_envs.cli.terminal import PROGRAM, say_wrong
from reasoning_gym_envs.dataset import Row, play_row, rows
from reasoning_gym_envs.registry import ENVIRONMENTS, unknown_id
from reasoning_gym_envs.sandbox.submission import SandboxUnavailable
from reasoning_gym_envs.seeds import PoolTooSmall
from reasoning_gym_envs.sentences import STYLES

_EXPORT = """
Writes problems of an environment as a data set: a row is a prompt and the seed that makes its
problem again, for `reasoning_gym_envs.score`. With --traces the conversation goes on to a solution,
for supervised training. Beside the file stands a card, of the same name, which tells what is in it.
"""
_EXPORT_EXAMPLES = """
examples:
  reasoning-gym-envs export MathBoxed-v0 --level 3 --count 1000 --out train.parquet
  reasoning-gym-envs export TextMaze-v0 --level 1-2 --split test --count 200 > test.jsonl
  reasoning-gym-envs export ZebraBoxed-v0 --level 4 --count 500 --traces --out sft.jsonl
"""
FORMATS = ("jsonl", "parquet")


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `export` to the commands of the program."""
    parser = commands.add_parser(
        "export",
        help="write problems as a data set",
        description=_EXPORT,
        epilog=_EXPORT_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_options(parser)
    parser.add_argument("--count", type=int, default=100, metavar="N", help="rows; 100 by default")
    parser.add_argument(
        "--seed", type=int, default=0, help="the same seed, the same rows; 0 by default"
    )
    parser.add_argument(
        "--repeat", action="store_true", help="let a problem come more than once, as it is drawn"
    )
    parser.add_argument(
        "--traces", action="store_true", help="add a solution to each row: it gives the answer away"
    )
    parser.add_argument(
        "--style",
        choices=STYLES,
        default=STYLES[0],
        help="how solutions tell their derivations: terse by default; words: the same in sentences",
    )
    parser.add_argument(
        "--format", choices=FORMATS, help="by default what --out ends with, or jsonl"
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="where to write; standard output by default"
    )
    parser.add_argument("--force", action="store_true", help="write over a file that is there")
    parser.set_defaults(run=_run)


@dataclass(frozen=True)
class Export:
    """What was asked for."""

    id: str
    arguments: dict[str, Any]
    count: int
    seed: int
    repeat: bool
    traces: bool
    style: str
    format: str


def _run(options: argparse.Namespace) -> int:
    out: Path | None = options.out
    ending = "" if out is None else out.suffix.removeprefix(".")
    asked = Export(
        options.id,
        arguments_of(options),
        options.count,
        options.seed,
        options.repeat,
        options.traces,
        options.style,
        options.format or (ending if ending in FORMATS else FORMATS[0]),
    )
    card = None if out is None else out.with_suffix(".md")
    try:
        if options.id not in gym.registry:
            raise ValueError(unknown_id(options.id))
        if asked.style != STYLES[0] and not asked.traces:
            raise ValueError("--style is one of solutions: add --traces")
        for file in (out, card):
            if file is not None and file.exists() and not options.force:
                raise ValueError(f"{file} is there already: --force writes over it")
        if out is not None and not out.parent.is_dir():
            raise ValueError(f"there is no folder {out.parent}: make it first")
        if out is None and asked.format == "parquet" and sys.stdout.isatty():
            raise ValueError("parquet is nothing to read in a terminal: name a file with --out")
        made = rows_of(asked)
        data = _as_parquet(made) if asked.format == "parquet" else _as_jsonl(made)
    except PoolTooSmall as error:
        return say_wrong(str(error).replace("unique=False", "--repeat"), 2)
    except TypeError as error:  # Gymnasium adds the whole call to what the environment says
        return say_wrong(str(error.__cause__ or error), 2)
    except (ValueError, gym.error.Error, ImportError, SandboxUnavailable) as error:
        return say_wrong(str(error), 2)
    if out is None or card is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        return 0
    out.write_bytes(data)
    card.write_text(_card(asked, made, out.name, data), encoding="utf-8")
    print(f"{len(made):,} rows in {out}, and what they are in {card}")
    return 0


def rows_of(asked: Export) -> list[Row]:
    """The rows of an export; arguments of the environment are a text of JSON, as tables need it.

    Raises:
        PoolTooSmall, TypeError, ValueError: as :func:`reasoning_gym_envs.rows`.
    """
    made = rows(
        asked.id,
        asked.count,
        unique=not asked.repeat,
        seed=asked.seed,
        reveal=asked.traces,
        style=asked.style,
        **asked.arguments,
    )
    for row in made:
        if asked.traces:
            row["messages"] = _conversation(row)
        row["kwargs"] = json.dumps(row["kwargs"], sort_keys=True)
    return made


def _conversation(row: Row) -> list[dict[str, str]]:
    """What the environment and a solution of it say, to the solution's last word."""
    solution = iter(row["solution"])
    # What sandbox it is was said on the command line, and the programs are the package's own.
    record = play_row(row, lambda _: next(solution), allow_unsafe=True)
    assert record["is_success"], row
    messages: list[dict[str, str]] = record["messages"]
    return messages[:-1]  # nobody answers what is said at the end


def _as_jsonl(made: Sequence[Row]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in made).encode()


def _as_parquet(made: Sequence[Row]) -> bytes:
    try:
        import pyarrow  # type: ignore[import-untyped]
        from pyarrow import parquet
    except ImportError as error:
        raise ImportError(
            "parquet is written by pyarrow: pip install 'reasoning-gym-envs[parquet]', or take "
            "--format jsonl"
        ) from error
    buffer = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist(list(made)), buffer)
    return buffer.getvalue()


_COLUMNS = {
    "prompt": "the first observation: the text that a model reads",
    "messages": "the same as a conversation",
    "id": "the environment",
    "kwargs": "its arguments, as a text of JSON",
    "seed": "what makes the problem again",
    "problem_id": "a hash of the problem: the same problem, the same id",
    "level": "its level, from 1 to 10",
    "answer": "the answer, where the solution is a single one",
    "form": "how a response gives that answer",
    "solution": "the actions that solve it",
}


def _card(asked: Export, made: Sequence[Row], file: str, data: bytes) -> str:
    """What a data set is, where it comes from, and how to use it: Markdown with a head of YAML."""
    # JSON is YAML.
    head = {
        "license": "mit",
        "task_categories": ["text-generation"],
        "tags": ["reasoning", "reasoning_gym_envs", asked.id],
        "configs": [{"config_name": "default", "data_files": file}],
    }
    levels = sorted(Counter(row["level"] for row in made).items())
    columns = [name for name in _COLUMNS if any(name in row for row in made)]
    split = asked.arguments.get("split", "train")
    given = "".join(f", {name}={value!r}" for name, value in sorted(asked.arguments.items()))
    summary = ENVIRONMENTS[asked.id].summary if asked.id in ENVIRONMENTS else "a text environment"
    extra = ", reveal=True" * asked.traces + ", unique=False" * asked.repeat
    extra += f", style={asked.style!r}" * (asked.style != STYLES[0])
    lines = [
        "---",
        *(f"{name}: {json.dumps(value)}" for name, value in head.items()),
        "---",
        "",
        f"# {asked.id}: {len(made):,} problems",
        "",
        f"{summary}.",
        "",
        f"* **From** {PROGRAM} {__version__}, environment `{asked.id}`, split `{split}`.",
        f"* **Levels**: {', '.join(f'{n:,} of level {level}' for level, n in levels)}.",
        f"* **Different problems**: {len({row['problem_id'] for row in made}):,}.",
        f"* **File**: `{file}`, SHA-256 `{hashlib.sha256(data).hexdigest()}`.",
        "",
        "The same rows, from Python:",
        "",
        "```python",
        "from reasoning_gym_envs import rows",
        "",
        f"rows({asked.id!r}, {asked.count}, seed={asked.seed}{extra}{given})",
        "```",
        "",
        "## Columns",
        "",
        "| column | what it is |",
        "| --- | --- |",
        *(f"| `{name}` | {_COLUMNS[name]} |" for name in columns),
        "",
        "## Scores",
        "",
        "The environment is the verifier. `score` pays a response what the environment pays:",
        "",
        "```python",
        "from datasets import load_dataset",
        "from reasoning_gym_envs import score",
        "",
        f"data = load_dataset({'json' if asked.format == 'jsonl' else 'parquet'!r}, "
        f"data_files={file!r})['train']",
        'print(score(data[0], "your model\'s response"))',
        "```",
        "",
    ]
    if asked.traces:
        lines += [
            "The messages go on to a solution, which gives the answer away: train on them, and "
            "test on others.",
            "",
        ]
    elif split == "test":
        lines += ["These are problems of the test split: do not train on them.", ""]
    return "\n".join(lines)
