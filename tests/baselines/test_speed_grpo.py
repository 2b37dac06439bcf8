"""What is timed of our GRPO: each update, its sampling, and how much was sampled."""

import pytest

pytest.importorskip("torch")

from baselines.speed import grpo
from baselines.speed.grpo import Size


@pytest.mark.parametrize("trained", [True, False])
def test_each_update_is_timed(trained):
    size = Size(2, 2, 4, trained)
    timing = grpo.time_ours("tiny", size, 4, 1)
    assert len(timing.sampling) == len(timing.step) == len(timing.tokens) == 4
    assert all(0 < s < whole for s, whole in zip(timing.sampling, timing.step, strict=True))
    assert all(0 < tokens <= 2 * 2 * 4 for tokens in timing.tokens)
    assert min(timing.summary()) > 0
    assert trained or min(timing.kept) > 0.9  # of random weights, too
