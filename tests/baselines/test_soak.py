"""The soak of the sandbox finds nothing wrong, and would find it."""

import pytest

from baselines.speed import soak
from tests.sandbox.engine import needs_engine

pytestmark = needs_engine


@pytest.mark.slow
def test_many_submissions_of_several_callers():
    report = soak.soak(submissions=400, callers=4, hostile=0.05, seed=1)
    assert report.wrong == []
    assert report.verdicts.total() == 400
    assert report.lost == 0
    assert 0 < report.latencies[0] <= report.latencies[-1]
    assert report.verdicts["passed"] > 50
    assert any(verdict.startswith("hostile: ") for verdict in report.verdicts)
    assert "hostile: passed" not in report.verdicts


def test_a_wrong_verdict_would_be_found(monkeypatch):
    monkeypatch.setattr(soak, "HONEST", (("def f(x):\n    return 3", "right"),))
    report = soak.soak(submissions=20, callers=2, hostile=0.0)
    assert len(report.wrong) == 20
    assert "is right and was judged wrong" in report.wrong[0]
