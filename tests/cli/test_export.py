"""`reasoning-gym-envs export`: rows in a file, a card beside it, and what comes back."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import re
import sys

import pytest

from reasoning_gym_envs import rows, score
from reasoning_gym_envs.cli import main


@pytest.fixture
def export(capsysbinary):
    """Runs the command; its status, what it wrote, and what it complained of."""

    def run(*words):
        status = main(["export", *map(str, words)])
        output, errors = capsysbinary.readouterr()
        return status, output, errors.decode()

    return run


def read(file):
    from datasets import load_dataset

    kind = {"jsonl": "json"}.get(file.suffix[1:], file.suffix[1:])
    return load_dataset(kind, data_files=str(file), cache_dir=str(file.parent / "cache"))["train"]


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
@pytest.mark.parametrize(
    ("id", "more"),
    [
        ("MathBoxed-v0", ["--level", "2-4", "--arg", "topics=fractions"]),
        ("MathBoxed-v0", ["--level", 3, "--style", "words"]),
        ("TowerOfHanoi-v0", ["--level", 2, "--reward", "dense"]),
        ("ZebraBoxed-v0", []),
        ("CodeOutput-v0", ["--level", 1]),
    ],
)
def test_rows_come_back_from_a_file_and_are_scored(id, more, ending, export, tmp_path):
    file = tmp_path / f"data.{ending}"
    status, output, errors = export(id, *more, "--count", 6, "--traces", "--out", file)
    assert (status, errors) == (0, "")
    assert f"6 rows in {file}" in output.decode()
    found = read(file)
    assert len(set(found["problem_id"])) == 6
    for row in found:
        assert score(row, "\n".join(row["solution"])) >= 1.0
        assert score(row, "no") < 1.0
        roles = [message["role"] for message in row["messages"]]
        assert roles == ["user", "assistant"] * len(row["solution"])
        assert row["messages"][0]["content"] == row["prompt"]
        assert [m["content"] for m in row["messages"][1::2]] == row["solution"]


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
@pytest.mark.parametrize("first", ["TowerOfHanoi-v0", "MathBoxed-v0"])
def test_rows_of_which_only_some_have_an_answer(first, ending, export, tmp_path):
    file = tmp_path / f"data.{ending}"
    ids = ["TowerOfHanoi-v0", "MathBoxed-v0"]
    for seed in range(20):  # until the first row is of that id
        expected = rows("Mixture-v0", 8, ids=ids, seed=seed, reveal=True)
        if ("answer" in expected[0]) is (first == "MathBoxed-v0"):
            break
    words = ["--arg", f"ids={json.dumps(ids)}", "--seed", seed, "--count", 8]
    assert export("Mixture-v0", *words, "--traces", "--out", file)[0] == 0
    found = read(file)
    for name in ("answer", "form", "solution"):
        assert list(found[name]) == [row.get(name) for row in expected]
    assert {row.get("form") for row in expected} > {None}
    told = re.findall(r"^\| `(\w+)` \|", (tmp_path / "data.md").read_text(), flags=re.MULTILINE)
    assert sorted(told) == sorted(found.column_names)


def test_a_style_is_one_of_derivations(export):
    status, _, errors = export("MathBoxed-v0", "--style", "words")
    assert status == 2
    assert "add --traces" in errors
    status, _, errors = export("TextMaze-v0", "--traces", "--style", "words")
    assert status == 2
    assert "actions without a derivation" in errors


def test_prompts_alone_give_nothing_away_and_are_those_of_rows(export):
    status, output, errors = export("ZebraBoxed-v0", "--level", 3, "--count", 5, "--seed", 7)
    assert (status, errors) == (0, "")
    found = [json.loads(line) for line in output.decode().splitlines()]
    expected = rows("ZebraBoxed-v0", 5, level=3, seed=7)
    assert [{**row, "kwargs": json.loads(row["kwargs"])} for row in found] == expected
    assert set(found[0]).isdisjoint({"answer", "form", "solution"})


def test_standard_output_has_parquet_where_asked(export, tmp_path):
    status, output, _ = export("ZebraBoxed-v0", "--count", 3, "--format", "parquet")
    assert status == 0
    (tmp_path / "piped.parquet").write_bytes(output)
    assert len(read(tmp_path / "piped.parquet")) == 3


def test_the_card_tells_what_is_in_the_file(export, tmp_path):
    file = tmp_path / "hanoi.jsonl"
    arguments = ["--level", "1-2", "--split", "test", "--count", 20, "--seed", 3]
    assert export("TowerOfHanoi-v0", *arguments, "--out", file)[0] == 0
    card = (tmp_path / "hanoi.md").read_text()
    assert hashlib.sha256(file.read_bytes()).hexdigest() in card
    assert "do not train on them" in card
    head = re.match(r"---\n(.*?)---\n", card, flags=re.DOTALL).group(1)
    fields = {name: json.loads(value) for name, value in re.findall(r"(\w+): (.*)", head)}
    assert fields["configs"] == [{"config_name": "default", "data_files": "hanoi.jsonl"}]
    # The call that it names gives the same rows.
    call = re.search(r"^rows\((.*)\)$", card, flags=re.MULTILINE).group(0)
    assert call == "rows('TowerOfHanoi-v0', 20, seed=3, level=(1, 2), split='test')"
    same = rows("TowerOfHanoi-v0", 20, seed=3, level=(1, 2), split="test")
    assert [row["seed"] for row in same] == [row["seed"] for row in read(file)]
    for level in (1, 2):
        number = sum(row["level"] == level for row in same)
        assert f"{number} of level {level}" in card
    assert "`solution`" not in card


@pytest.mark.parametrize("trainer", ["verl", "skyrl"])
@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_the_card_of_a_trainers_columns_scores_them(trainer, ending, export, tmp_path):
    file = tmp_path / f"zebra.{ending}"
    words = ["--level", "2-3", "--count", 4, "--for", trainer, "--out", file]
    assert export("ZebraBoxed-v0", *words)[0] == 0
    card = (tmp_path / "zebra.md").read_text()
    told = re.findall(r"^\| `(\w+)` \| .+ \|$", card, flags=re.MULTILINE)
    assert sorted(told) == sorted(read(file).column_names)
    # Its lines run, where load_dataset is told where to keep what it reads.
    lines = re.findall(r"```python\n(.*?)```", card, flags=re.DOTALL)[1]
    lines = lines.replace("'zebra.", f"'{tmp_path}/zebra.")
    lines = lines.replace(")['train']", f", cache_dir={str(tmp_path / 'cache')!r})['train']")
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(lines, {})  # noqa: S102
    assert printed.getvalue() == "0.0\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["TextMaz-v0"], "did you mean 'TextMaze-v0'?"),
        (["TextMaze-v0", "--arg", "levle=3"], "did you mean 'level'?"),
        (["TextMaze-v0", "--count", 0], "count must be a whole number of 1 or more, got 0"),
        (
            ["TowerOfHanoi-v0", "--level", 1, "--split", "test", "--count", 90],
            "with --repeat problems come more",
        ),
        (["TextMaze-v0", "--out", "nowhere/rows.jsonl"], "there is no folder nowhere"),
        (["TextMaze-v0", "--out", "rows.md"], "rows.md would be the card's name"),
        (["CartPole-v1"], "CartPole-v1 is no text environment"),
        (["ZebraBoxed-v0", "--for", "verl", "--traces"], "--traces gives the answers away"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_written(
    words, message, export, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    status, output, errors = export(*words)
    assert (status, output) == (2, b"")
    assert message in errors
    assert not list(tmp_path.iterdir())


def test_a_file_is_written_over_only_by_force(export, tmp_path):
    for name in ("rows.jsonl", "rows.md"):
        (tmp_path / name).write_text("mine")
        words = ["ZebraBoxed-v0", "--count", 2, "--out", tmp_path / "rows.jsonl"]
        status, _, errors = export(*words)
        assert status == 2
        assert f"{name} is there already: --force" in errors
        assert (tmp_path / name).read_text() == "mine"
        assert export(*words, "--force")[0] == 0
        (tmp_path / "rows.jsonl").unlink()
        (tmp_path / "rows.md").unlink()


def test_problems_may_come_more_than_once(export):
    status, output, _ = export("TowerOfHanoi-v0", "--level", 1, "--count", 400, "--repeat")
    found = [json.loads(line)["problem_id"] for line in output.decode().splitlines()]
    assert (status, len(found)) == (0, 400)
    assert len(set(found)) < 400


def test_without_pyarrow_parquet_says_what_to_install(export, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    status, output, errors = export("ZebraBoxed-v0", "--count", 1, "--format", "parquet")
    assert (status, output) == (2, b"")
    assert "pip install 'reasoning-gym-envs[parquet]'" in errors
