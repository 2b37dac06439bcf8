"""Guards against what takes for ever, which no machine is too slow for."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

YARDSTICK = 0.016
"""Processor time of :func:`_work` in seconds, on the machine that the limits are for."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fail if the block takes more processor time, on a machine that is as fast as the yardstick.

    Where it does, a piece of work whose time is known is measured, and a slower or busier machine
    is given as much more: so limits catch what is of another order, and nothing else.
    """
    start = time.process_time()
    yield
    spent = time.process_time() - start
    if spent >= seconds:
        allowed = seconds * slowness()
        assert spent < allowed, f"took {spent:.1f} s of processor time, and not {allowed:.1f}"


def slowness() -> float:
    """How many times as slow as the yardstick's this machine is now; at least 1."""
    return max(1.0, *(_seconds(_work) / YARDSTICK for _ in range(5)))


def _seconds(work: object) -> float:
    start = time.process_time()
    assert callable(work)
    work()
    return time.process_time() - start


def _work() -> int:
    return sum(number * number % 7 for number in range(300_000))
