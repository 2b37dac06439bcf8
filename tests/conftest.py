import time
from contextlib import contextmanager

import pytest


@pytest.fixture
def time_limit():
    """A guard against what would otherwise take for ever: generous, in seconds of this process."""

    @contextmanager
    def limit(seconds):
        start = time.process_time()
        yield
        spent = time.process_time() - start
        assert spent < seconds, f"took {spent:.1f} s of processor time"

    return limit
