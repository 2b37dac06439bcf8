"""The command `reasoning-gym-envs export`: problems as a data set, with a card that tells of it."""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gymnasium as gym

from reasoning_gym_envs import __version__
from reasoning_gym_envs.cli.environment import add_options, arguments_of
from reasoning_gym_envs.cli.terminal import PROGRAM, say_wrong
from reasoning_gym_envs.dataset import Row, play_row, rows
from reasoning_gym_envs.integrations.compute_score import LAYOUTS, compute_score
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
  reasoning-gym-envs export MathBoxed-v0 --level 3 --for verl --out verl.parquet
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
        "--for",
        dest="trainer",
        choices=tuple(LAYOUTS),
        help="columns as this trainer reads them; it scores by integrations.compute_score",
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
    trainer: str | None
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
        options.trainer,
        options.format or (ending if ending in FORMATS else FORMATS[0]),
    )
    card = None if out is None else out.with_suffix(".md")
    try:
        if options.id not in gym.registry:
            raise ValueError(unknown_id(options.id))
        if asked.style != STYLES[0] and not asked.traces:
            raise ValueError("--style is one of solutions: add --traces")
        if asked.traces and asked.trainer is not None:
            raise ValueError(
                f"--for {asked.trainer} is for training by rewards, and --traces gives the answers "
                "away: leave one out"
            )
        if out is not None and out == card:
            raise ValueError(
                f"{out} would be the card's name: end the file's in .jsonl or .parquet"
            )
        for file in (out, card):
            if file is not None and file.exists() and not options.force:
                raise ValueError(f"{file} is there already: --force writes over it")
        if out is not None and not out.parent.is_dir():
            raise ValueError(f"there is no folder {out.parent}: make it first")
        if out is None and asked.format == "parquet" and sys.stdout.isatty():
            raise ValueError("parquet is nothing to read in a terminal: name a file with --out")
        made = rows_of(asked)
        table = table_of(asked, made)
        data = _as_parquet(table) if asked.format == "parquet" else _as_jsonl(table)
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
    card.write_text(_card(asked, made, table, out.name, data), encoding="utf-8")
    print(f"{len(made):,} rows in {out}, and what they are in {card}")
    return 0


def rows_of(asked: Export) -> list[Row]:
    """The rows of an export.

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
    if asked.traces:
        for row in made:
            row["messages"] = _conversation(row)
    return made


def table_of(asked: Export, made: Sequence[Row]) -> list[dict[str, Any]]:
    """What is written of rows; tables need the arguments of environments as a text of JSON."""
    if asked.trainer is not None:
        return list(map(LAYOUTS[asked.trainer], made, range(len(made))))
    return [row | {"kwargs": json.dumps(row["kwargs"], sort_keys=True)} for row in made]


def _conversation(row: Row) -> list[dict[str, str]]:
    """What the environment and a solution of it say, to the solution's last word."""
    solution = iter(row["solution"])
    # What sandbox it is was said on the command line, and the programs are the package's own.
    record = play_row(row, lambda _: next(solution), allow_unsafe=True)
    assert record["is_success"], row
    messages: list[dict[str, str]] = record["messages"]
    return messages[:-1]  # nobody answers what is said at the end


def _as_jsonl(table: Sequence[Mapping[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in table).encode()


def _as_parquet(table: Sequence[Mapping[str, Any]]) -> bytes:
    try:
        import pyarrow  # type: ignore[import-untyped]
        from pyarrow import parquet
    except ImportError as error:
        raise ImportError(
            "parquet is written by pyarrow: pip install 'reasoning-gym-envs[parquet]', or take "
            "--format jsonl"
        ) from error
    # Columns of all rows: by itself pyarrow would take those of the first.
    names = dict.fromkeys(name for row in table for name in row)
    columns = {name: [row.get(name) for row in table] for name in names}
    buffer = io.BytesIO()
    parquet.write_table(pyarrow.table(columns), buffer)
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
_TRUTH = "what names the problem, as a text of JSON: the environment judges, and no answer is told"
_TRAINERS_COLUMNS = {
    "data_source": "the environment",
    "prompt": "the conversation that a model goes on with",
    "ability": "a name that verl asks for",
    "env_class": "under which name SkyRL finds the class that scores",
    "reward_model": f"`ground_truth` is {_TRUTH}",
    "reward_spec": f"`ground_truth` is {_TRUTH}",
    "extra_info": "for you: the row's number, the level, and a hash of the problem",
}
_CALLS = {
    None: 'score(row, "your model\'s response")',
    "verl": 'compute_score("", "your model\'s response", row["reward_model"]["ground_truth"])',
    "skyrl": 'compute_score("", "your model\'s response", row["reward_spec"]["ground_truth"])',
}


def _card(
    asked: Export,
    made: Sequence[Row],
    table: Sequence[Mapping[str, Any]],
    file: str,
    data: bytes,
) -> str:
    """What a data set is, where it comes from, and how to use it: Markdown with a head of YAML."""
    # JSON is YAML.
    head = {
        "license": "mit",
        "task_categories": ["text-generation"],
        "tags": ["reasoning", "reasoning_gym_envs", asked.id],
        "configs": [{"config_name": "default", "data_files": file}],
    }
    levels = sorted(Counter(row["level"] for row in made).items())
    told = _COLUMNS if asked.trainer is None else _TRAINERS_COLUMNS
    columns = [name for name in told if any(name in row for row in table)]
    call = _CALLS[asked.trainer]
    scorer = call.partition("(")[0]
    module = compute_score.__module__ if asked.trainer else "reasoning_gym_envs"
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
        *(f"| `{name}` | {told[name]} |" for name in columns),
        "",
        "## Scores",
        "",
        f"The environment is the verifier. `{scorer}` pays a response what the environment pays:",
        "",
        "```python",
        "from datasets import load_dataset",
        f"from {module} import {scorer}",
        "",
        f"data = load_dataset({'json' if asked.format == 'jsonl' else 'parquet'!r}, "
        f"data_files={file!r})['train']",
        "row = data[0]",
        f"print({call})",
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
