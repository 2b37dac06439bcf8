import os
from importlib.util import find_spec

import pytest

# One thread for the numbers in every test and whatever it starts, from before PyTorch and NumPy are
# loaded: pytest runs a worker a core, and threads that wait for each other's share of a core made
# training twenty times as slow. It also keeps what is compared bit for bit the same everywhere.
os.environ["OMP_NUM_THREADS"] = "1"

from reasoning_gym_envs import ENVIRONMENTS
from tests.clock import within


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Skip, with the reason, what needs a package, an engine or a browser that is not here."""
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    ids = parameters.get("ids", [parameters.get("id")])
    entries = [ENVIRONMENTS[id] for id in ids if id in ENVIRONMENTS]
    if item.get_closest_marker("needs_engine") or any(e.needs == "code" for e in entries):
        from tests.sandbox.engine import missing_engine

        if reason := missing_engine():
            pytest.skip(reason)
    if item.get_closest_marker("needs_browser"):
        from tests.browser import missing_browser

        if reason := missing_browser():
            pytest.skip(reason)
    if any(e.needs == "reasoning-gym" for e in entries) and not find_spec("reasoning_gym"):
        pytest.skip(
            "reasoning-gym is not installed: pip install 'reasoning-gym-envs[reasoning-gym]'"
        )


@pytest.fixture
def time_limit():
    """A guard against what would otherwise take for ever; see ``tests/clock.py``."""
    return within
