import pytest

from reasoning_gym_envs.evaluation import wilson_interval


def test_wilson_interval():
    low, high = wilson_interval(50, 100)  # textbook values
    assert (low, high) == (pytest.approx(0.4038, abs=1e-4), pytest.approx(0.5962, abs=1e-4))
    assert wilson_interval(0, 10)[0] == pytest.approx(0)
    assert wilson_interval(10, 10)[1] == pytest.approx(1)
