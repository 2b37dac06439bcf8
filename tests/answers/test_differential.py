"""Random near misses: none is accepted, and what is right is mostly seen to be."""

import pytest

from reasoning_gym_envs.answers import Verdict, check
from tests.answers import differential

SAMPLE = 420
LARGE = 20_000
# Of the right answers of a kind, at least so many must be accepted.
MIN_ACCEPTED = 0.95


def examine(count: int, seed: int) -> dict[str, list[bool]]:
    """Return, by kind, whether right answers were accepted; a wrong one must never be."""
    right: dict[str, list[bool]] = {}
    for pair in differential.pairs(count, seed):
        verdict = check(f"\\boxed{{{pair.answer}}}", pair.reference)
        assert pair.is_right or not verdict.correct, pair
        if pair.is_right:
            right.setdefault(pair.kind, []).append(verdict.correct)
    return right


def test_no_near_miss_is_accepted() -> None:
    right = examine(SAMPLE, seed=20)
    assert len(right) == len(differential.KINDS)
    assert sum(map(sum, right.values())) >= MIN_ACCEPTED * sum(map(len, right.values()))


@pytest.mark.slow
def test_no_near_miss_of_many_is_accepted() -> None:
    for kind, accepted in examine(LARGE, seed=21).items():
        assert sum(accepted) >= MIN_ACCEPTED * len(accepted), kind


def test_a_wrong_answer_that_is_accepted_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    accepts = Verdict(True, "correct", "", "")
    monkeypatch.setattr(differential, "check", lambda response, reference: accepts)
    monkeypatch.setattr("sys.argv", ["differential", "--pairs", "40"])
    assert differential.main() == 1
    output = capsys.readouterr().out
    assert output.count("ACCEPTED") > 10
    assert "40 pairs" in output


def test_both_right_and_wrong_answers_of_each_kind_are_drawn() -> None:
    drawn = {(pair.kind, pair.is_right) for pair in differential.pairs(600, seed=1)}
    assert len(drawn) == 2 * len(differential.KINDS)
