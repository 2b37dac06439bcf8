import contextlib
import gc
import os

import pytest

from reasoning_gym_envs.sandbox.engine import connect
from reasoning_gym_envs.sandbox.slots import LIMIT_VARIABLE
from tests.sandbox.engine import PrivateEngine

# Tests that run at once would have to give each other their idle boxes, and look for them later.
os.environ.setdefault(LIMIT_VARIABLE, "16")


@pytest.fixture
def private_engine(request):
    """An engine of the test's own, with the image; the parameter is the size of its file system."""
    engine = PrivateEngine(getattr(request, "param", None))
    try:
        yield engine
    finally:
        engine.stop()
        gc.collect()  # what is wrong with this test's sockets is not the next one's


@pytest.fixture
def api():
    """A connection to the engine of this machine."""
    with contextlib.closing(connect()) as connection:
        yield connection
    gc.collect()  # what the SDK leaves behind is told here, and not in the next test
