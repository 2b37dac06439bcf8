"""The guard of the tests against what takes for ever, with a clock that the test moves."""

import pytest

from tests import clock


@pytest.fixture
def passing(monkeypatch):
    """Lets processor time pass; a yardstick takes `slowness` times as long as it should."""
    state = {"now": 0.0, "slowness": 1.0}
    monkeypatch.setattr(clock.time, "process_time", lambda: state["now"])
    work = lambda: spend(clock.YARDSTICK * state["slowness"])  # noqa: E731
    monkeypatch.setattr(clock, "_work", work)

    def spend(seconds):
        state["now"] += seconds

    spend.state = state
    return spend


@pytest.mark.parametrize(
    ("spent", "slowness", "is_enough"),
    [
        (0.9, 1.0, True),
        (1.1, 1.0, False),
        (4.9, 5.0, True),
        (5.1, 5.0, False),
        (0.9, 0.5, True),
        (1.1, 0.5, False),
    ],
)
def test_a_slower_machine_is_given_more_time(passing, spent, slowness, is_enough):
    passing.state["slowness"] = slowness
    if is_enough:
        with clock.within(1.0):
            passing(spent)
    else:
        with pytest.raises(AssertionError, match="processor time"), clock.within(1.0):
            passing(spent)
