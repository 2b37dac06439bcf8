"""The fuzz harness finds what it is there to find (fuzzing itself runs by hand: it takes long)."""

import itertools
import subprocess
import sys

import pytest

from reasoning_gym_envs.answers import Reference, Verdict
from tests.answers import fuzz

RIGHT = Verdict(True, "correct", "41", "the answer is equal to the reference")
WRONG = Verdict(False, "wrong", "41", "the answer is not equal to the reference")


@pytest.mark.parametrize("text", fuzz.seeds())
def test_nothing_is_found_in_the_seeds(text):
    assert fuzz.find(text.encode()) is None


def raises(reference, response):
    raise KeyError(response)


verdicts = itertools.cycle([RIGHT._replace(answer="917 turquoise"), WRONG])
BUGS = {
    "raised": raises,
    "credit": lambda reference, response: RIGHT,
    "unstable": lambda reference, response: next(verdicts),
    "own text": lambda reference, response: WRONG,
}


@pytest.mark.parametrize("kind", BUGS)
def test_a_bug_is_found_and_written_down(kind, monkeypatch, tmp_path):
    monkeypatch.setattr(Reference, "check", BUGS[kind])
    assert fuzz.find(b"41")[0] == kind
    fuzz.record(b"41", tmp_path)
    text, why = sorted(tmp_path.iterdir())
    text.write_bytes(b"a longer text that led there before")
    fuzz.record(b"41", tmp_path)
    assert text.name.startswith(kind.replace(" ", "-"))
    assert text.read_bytes() == b"41"
    assert ("KeyError" if kind == "raised" else kind) in why.read_text()


def test_a_slow_check_is_found(monkeypatch):
    monkeypatch.setattr(fuzz, "SLOW", -1)
    assert fuzz.find(b"41")[0] == "slow"


def test_bytes_that_are_no_text():
    assert fuzz.find(b"\xff{\x00\\boxed{\xf0}917") is None


def test_replay(tmp_path):
    path = tmp_path / "text"
    path.write_bytes(b"41")
    command = [sys.executable, "-m", "tests.answers.fuzz", "--replay", str(path)]
    finished = subprocess.run(command, cwd=fuzz.ROOT, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "does not hold" in finished.stdout


def test_the_dictionary_is_in_the_format_of_libfuzzer():
    assert (
        fuzz.libfuzzer_dictionary(["a+", '\\"', "√"]) == '"a+"\n"\\x5C\\x22"\n"\\xE2\\x88\\x9A"\n'
    )
