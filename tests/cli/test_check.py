r"""`reasoning-gym-envs check`: the verdict, how an answer was read, hostile responses."""

import io
import json
import sys

import pytest

from reasoning_gym_envs.answers import check


def fields(output):
    """The lines below the verdict, by name."""
    _, *lines = output.splitlines()
    return {line[2:10].strip(): line[10:] for line in lines}


def test_a_right_answer(call):
    status, output, errors = call("check", r"Half and a quarter: \boxed{0.75}", r"\frac{3}{4}")
    assert (status, errors) == (0, "")
    assert output.startswith("correct\n")
    shown = fields(output)
    assert shown["status"] == "correct"
    assert shown["answer"] == "0.75"
    assert shown["reason"] == "the answer is equal to the reference"


def test_words_of_the_question_may_stand_around_the_answer(call):
    words = ("check", r"\boxed{5\text{ apples}}", "5", "--question", "How many apples are left?")
    status, output, errors = call(*words)
    assert (status, errors) == (0, "")
    assert fields(output)["answer"] == r"5\text{ apples}"
    assert json.loads(call(*words, "--json")[1])["status"] == "correct"


def test_what_the_answer_was_read_as(call):
    verdict = check(r"\boxed{\dfrac{6}{8}}", "3/4")
    shown = fields(call("check", r"\boxed{\dfrac{6}{8}}", "3/4")[1])
    assert shown.get("read as", "") == (verdict.reading or "")


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ([r"\boxed{4}", "3"], "wrong"),
        ([r"\boxed{6/8}", "3/4", "--form", "reduced"], "wrong_form"),
        (["--form=value", r"\boxed{3+4}", "7"], "wrong_form"),
        ([r"\boxed{5\text{ apples}}", "5"], "unreadable"),
        ([r"\boxed{6\text{ apples}}", "5", "--question", "How many apples?"], "wrong"),
        ([r"\boxed{5\text{ pears}}", "5", "--question", "How many apples?"], "unreadable"),
        ([r"\boxed{7 +}", "7"], "unreadable"),
        ([rf"\boxed{{{'1' * 5000}}}", "7"], "too_large"),
    ],
)
def test_other_answers(call, words, status):
    code, output, errors = call("check", *words)
    assert (code, errors) == (1, "")
    assert output.startswith("not correct\n")
    assert fields(output)["status"] == status


@pytest.mark.parametrize(
    ("response", "hint"),
    [
        ("42", r"'\boxed{42}'"),
        ("it's", r"""'\boxed{it'"'"'s}'"""),
        ("", r"'\boxed{…}'"),
        ("word " * 100, r"'\boxed{…}'"),
        ("boxed{42}", "single quotes"),  # what a shell makes of \boxed{42}
        (r"\boxed{}", "not empty"),
        (r"\boxed{42", "complete"),
        (r"<think>\boxed{42}", "</think>"),
    ],
)
def test_no_box_gets_a_hint(call, response, hint):
    status, output, _ = call("check", response, "42")
    assert status == 1
    assert fields(output)["status"] == "no_answer"
    assert hint in fields(output)["hint"]


@pytest.mark.parametrize("reference", ["2+", "", r"\frac{1}", "\udcff", "(" * 5000, "1/0"])
def test_a_bad_reference(call, reference):
    status, output, errors = call("check", r"\boxed{42}", reference)
    assert (status, output) == (2, "")
    assert errors.startswith("reasoning-gym-envs: error: the reference ")
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["chekc", "1", "1"],
        ["check"],
        ["check", r"\boxed{1}"],
        ["check", r"\boxed{1}", "1", "1"],
        ["check", r"\boxed{1}", "1", "--form", "nice"],
        ["check", r"\boxed{1}", "1", "--jsno"],
    ],
)
def test_bad_usage(call, words):
    status, output, errors = call(*words)
    assert (status, output) == (2, "")
    assert errors.startswith("usage: reasoning-gym-envs")


@pytest.mark.parametrize("answer", ["-5", "-x", r"-\frac{1}{2}", "-h + 1", "-5 + x"])
def test_answers_that_look_like_options(call, answer):
    assert call("check", rf"\boxed{{{answer}}}", answer)[0] == 0
    assert call("check", "--", rf"\boxed{{{answer}}}", answer)[0] == 0
    assert call("check", answer, answer)[0] == 1


def test_json(call):
    response = "\\boxed{√\udcff}"
    status, output, _ = call("check", "--json", response, "42")
    assert status == 1
    assert output.isascii()
    verdict = check(response, "42")
    assert json.loads(output) == {
        name: getattr(verdict, name)
        for name in ("correct", "status", "answer", "reading", "reason")
    }
    status, output, _ = call("check", r"\boxed{x + \frac12}", "x + 0.5", "--json")
    assert status == 0
    assert json.loads(output)["correct"] is True


def test_standard_input(call, monkeypatch):
    def given(data):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    given("Röots: \\boxed{√2}\n".encode())
    assert call("check", "-", r"\sqrt{2}")[0] == 0
    given(b"\\boxed{2\xff}")  # no UTF-8
    status, output, _ = call("check", "-", "2")
    assert status == 1
    assert fields(output)["answer"] == r"2\udcff"
    given(b"")
    assert fields(call("check", "-", "2")[1])["status"] == "no_answer"


@pytest.mark.parametrize(
    "response",
    [
        "\\boxed{\ud800}",
        "\\boxed{\x00\x1b[2J\u202e}",
        "\\boxed{1\n2}",
        "\\boxed{" + "9^" * 30 + "9}",
        "\\boxed{" * 1000,
        "x" * 1_000_000,
        "\\boxed{" + "(" * 60_000 + "}",
        "\\boxed{" + "1" * 1_000_000 + "}",
    ],
    ids=lambda response: repr(response[:20]),
)
def test_hostile_responses(call, response):
    status, output, errors = call("check", response, "917")
    assert (status, errors) == (1, "")
    assert len(output) < 2000
    assert output.replace("\n", "").isprintable()
    assert fields(output)["status"] in ("no_answer", "unreadable", "too_large", "wrong")
    assert call("check", response, "917", "--json")[0] == 1
