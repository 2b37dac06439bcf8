"""The command `reasoning-gym-envs corpus`: what it says of a corpus, and of its references."""

import gzip
import json

import pytest

from reasoning_gym_envs.cli import main
from tests.code.corpus_examples import APPS, HUMANEVAL, MBPP, MULTIPL_E
from tests.sandbox.engine import needs_engine

DULL = {**MBPP, "text": "dull", "test_list": ["assert clamp([1], 0, 2) == [1]"] * 2}
del DULL["challenge_test_list"]


@pytest.fixture
def call(capsys):
    """Calls `corpus …`; returns the exit status, standard output and standard error."""

    def call(*words):
        try:
            status = main(["corpus", *map(str, words)])
        except SystemExit as exit:  # argparse
            status = exit.code
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


def write(path, *rows):
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def test_what_is_accepted_and_why_the_rest_is_not(call, tmp_path):
    path = write(tmp_path / "mixed.jsonl", HUMANEVAL, MBPP, MBPP, DULL, MULTIPL_E, MULTIPL_E, {})
    with path.open("ab") as file:
        file.write(b"{\n\xff\n")
    status, output, errors = call(path)
    assert (status, errors) == (1, "")
    assert f"{path}: 9 rows" in output
    assert "accepted   4 (mbpp: 3, humaneval: 1)" in output
    assert "sparse     1 of 4 have no test that counts as progress" in output
    assert "constant   1 of 4 are passed by a program that gives the same every time" in output
    assert "reference  4 have one" in output
    assert "refused    5\n    2 for: rows of MultiPL-E\n      mixed.jsonl, line 5: " in output
    assert "1 for: a row of no form that is known" in output
    assert "mixed.jsonl, line 8: not JSON" in output
    assert "mixed.jsonl, line 9: not UTF-8" in output
    assert "line 6" not in output
    assert "mixed.jsonl, line 6: rows of MultiPL-E" in call(path, "--all")[1]
    record = json.loads(call(path, "--json")[1])
    assert (record["rows"], record["accepted"], record["refused"]) == (9, 4, 5)
    assert record["reasons"]["rows of MultiPL-E"] == 2
    assert record["forms"] == {"mbpp": 3, "humaneval": 1}
    assert "passed" not in record
    assert json.loads(call(path, "--rows", 2, "--json")[1])["rows"] == 2


@needs_engine
def test_references_are_run(call, tmp_path):
    wrong = {**MBPP, "text": "wrong", "code": "def clamp(v, low, high): return v"}
    packaged = {**APPS, "question": "?", "solutions": json.dumps(["import no_such_package"])}
    rows = (HUMANEVAL, MBPP, APPS, wrong, packaged, {**APPS, "solutions": "", "question": "!"})
    path = tmp_path / "some.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    status, output, _ = call(path, "--run")
    assert status == 1
    assert "accepted   6" in output
    assert "reference  5 have one" in output
    assert "passed     3 of 4 references" in output
    assert "rows a second; p50" in output
    assert "not run    1 references: it needs no_such_package" in output
    assert "some.jsonl.gz, line 4: wrong: 0 of 3 hidden tests passed." in output
    good = write(tmp_path / "good.jsonl", HUMANEVAL, MBPP)
    status, output, _ = call(good, "--run", "--json", "--seconds", 5)
    record = json.loads(output)
    assert (status, record["references"], record["passed"], record["failed"]) == (0, 2, 2, [])
    assert record["p50_seconds"] <= record["p99_seconds"]
    assert record["rows_per_second"] > 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nowhere.jsonl",), "no problem file 'nowhere.jsonl'"),
        (("empty.jsonl",), "empty.jsonl has no rows"),
        (("broken.jsonl.gz",), "broken.jsonl.gz: not packed by gzip"),
        (("broken.parquet",), "broken.parquet: not a table that can be read"),
        (("broken.json",), "broken.json: not JSON"),
        (("empty.jsonl", "--rows", "0"), "'0' is not a positive number"),
        (("empty.jsonl", "--seconds", "nan"), "must be a positive number"),
        (("empty.jsonl", "--sandbox", "none"), "invalid choice"),
        ((), "the following arguments are required"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(call, tmp_path, monkeypatch, words, message):
    monkeypatch.chdir(tmp_path)
    for name, data in (
        ("empty.jsonl", b"\n"),
        ("broken.json", b"[1,"),
        ("broken.parquet", b"PAR1"),
    ):
        (tmp_path / name).write_bytes(data)
    (tmp_path / "broken.jsonl.gz").write_bytes(b"no gzip")
    status, output, errors = call(*words)
    assert (status, output) == (2, "")
    assert message in errors
    assert "Traceback" not in errors


def test_help_has_examples(call):
    status, output, _ = call("--help")
    assert status == 0
    assert "reasoning-gym-envs corpus mbpp.jsonl --run" in output
