import time
from contextlib import contextmanager

import pytest

from reasoning_gym_envs import ENVIRONMENTS


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Skip, with the reason, what needs a Docker engine where there is none."""
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    entry = ENVIRONMENTS.get(str(parameters.get("id")))
    if item.get_closest_marker("needs_engine") or (entry and entry.needs == "docker"):
        from tests.sandbox.engine import missing_engine

        if reason := missing_engine():
            pytest.skip(reason)


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
