"""The comparison with math-verify runs, with and without it; times are printed, never asserted."""

import json

import pytest

from baselines.speed import answers

PAIRS = [
    {"gold": "1/2", "answer": "0.5", "expected": True, "form": "bare"},
    {"gold": "7", "answer": r"So \boxed{8}.", "expected": False, "form": "response"},
    {"gold": "7", "answer": r"So \boxed{7}.", "expected": False, "form": "response"},
    {"gold": "7+", "answer": "7", "expected": True, "form": "bare"},
    {
        "gold": "7",
        "answer": None,
        "answer_repeat": [["(", 999], ["7", 1]],
        "expected": False,
        "form": "bare",
    },
]


@pytest.fixture
def pairs(tmp_path):
    path = tmp_path / "pairs.jsonl"
    path.write_text("".join(json.dumps(pair) + "\n" for pair in PAIRS))
    return path


def test_tables(pairs, capsys, monkeypatch):
    monkeypatch.setattr(answers, "HOSTILE", {"brackets": "(" * 5000})
    monkeypatch.setattr(answers, "TARGETS", ("917",))
    assert answers.main(["--pairs", str(pairs), "--repeats", "2", "--errors"]) == 0
    output = capsys.readouterr().out
    assert "verdicts on 5 pairs: 2 right, 3 wrong answers" in output
    rows = [line.split() for line in output.splitlines()]
    for thread in ("main", "another"):
        assert [thread, "check", "0.6000", "1", "0", "0", "1"] in rows
    assert "check: said True" in output
    assert "check: raised" in output
    assert "none not refused" in output


def test_the_built_in_pairs_are_of_both_kinds():
    pairs = answers.built_in_pairs()
    assert len(pairs) == len(set(pairs)) >= 60
    assert {pair.expected for pair in pairs} == {True, False}


def test_a_call_that_takes_too_long_is_ended():
    worker = answers.Worker(["check"], limit=0.0)
    try:
        for _ in range(2):
            pair = answers.Pair("917", "\\boxed{" + "9" * 1_000_000 + "}", False)
            assert worker("check", pair).end == "time-out"
    finally:
        worker.close()
