"""What is timed of our GRPO: each update, its sampling, and how much was sampled."""

import pytest

pytest.importorskip("torch")

from baselines.speed import grpo


def test_each_update_is_timed(monkeypatch):
    for name, value in (("GROUPS", 2), ("GROUP_SIZE", 2), ("MAX_NEW_TOKENS", 4)):
        monkeypatch.setattr(grpo, name, value)
    timing, size = grpo.time_ours("tiny", 4)
    assert len(timing.sampling) == len(timing.step) == len(timing.tokens) == 4
    assert all(0 < s < whole for s, whole in zip(timing.sampling, timing.step, strict=True))
    assert all(0 < tokens <= 2 * 2 * 4 for tokens in timing.tokens)
    rate, seconds, per_token = timing.summary()
    assert min(rate, seconds, per_token) > 0
    assert 0 < size["reply"] <= 4
