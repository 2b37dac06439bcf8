import math
import re

import pytest

from reasoning_gym_envs import RewardScheme
from reasoning_gym_envs.rewards import PRICED_EVENTS


def terms(scheme, *, solved=False, terminated=None, before=0.25, after=0.5, action="", **events):
    return scheme.terms(
        solved=solved,
        terminated=solved if terminated is None else terminated,
        progress_before=before,
        progress_after=after,
        action=action,
        events=events,
    )


def test_sparse_pays_success_alone():
    assert terms(RewardScheme()) == {"success": 0.0}
    assert terms(RewardScheme(), solved=True) == {"success": 1.0}


def test_dense_adds_the_change_of_progress():
    assert terms(RewardScheme("dense")) == {"success": 0.0, "progress": 0.25}
    assert terms(RewardScheme("dense"), before=0.5, after=0.25)["progress"] == -0.25
    assert terms(RewardScheme("dense"), solved=True, after=1.0)["progress"] == 0.75


def test_shaped_is_the_potential_difference_with_zero_at_terminal_states():
    shaped = RewardScheme("shaped", gamma=0.8)
    assert terms(shaped)["shaping"] == pytest.approx(0.8 * 0.5 - 0.25)
    assert terms(shaped, solved=True, after=1.0)["shaping"] == -0.25
    assert terms(shaped, terminated=True)["shaping"] == -0.25


def test_shaping_adds_the_same_to_every_way_of_reaching_the_end():
    """The sum of γ^t F over an episode is −Φ(s₀), so no policy gains by it (Ng et al. 1999)."""
    shaped = RewardScheme("shaped", gamma=0.9)
    for path in ([0.2, 0.5, 0.9], [0.2, 0.1, 0.6, 0.6, 0.3], [0.2, 0.9]):
        steps = list(zip(path, [*path[1:], 1.0], strict=True))
        paid = [
            terms(shaped, before=a, after=b, solved=i == len(steps) - 1)["shaping"]
            for i, (a, b) in enumerate(steps)
        ]
        assert sum(0.9**t * x for t, x in enumerate(paid)) == pytest.approx(-0.2)


def test_going_in_circles_earns_nothing_when_dense():
    dense = RewardScheme("dense")
    circle = [0.2, 0.6, 0.4, 0.2] * 50
    steps = zip(circle, circle[1:] + circle[:1], strict=True)
    assert sum(terms(dense, before=a, after=b)["progress"] for a, b in steps) == pytest.approx(0)


def test_costs_are_named_and_negative():
    scheme = RewardScheme(
        step_cost=0.1, format_cost=0.2, length_cost=0.01, length_budget=3, collision_cost=0.5
    )
    paid = terms(scheme, action="12345", format=1, collision=2)
    assert paid == {
        "success": 0.0,
        "step": -0.1,
        "format": -0.2,
        "length": pytest.approx(-0.02),
        "collision": -1.0,
    }
    assert terms(scheme, action="123")["length"] == 0


def test_length_can_be_counted_in_tokens():
    scheme = RewardScheme(length_cost=1, length_budget=2, length_of=lambda text: len(text.split()))
    assert terms(scheme, action="one two three four")["length"] == -2


def test_a_scheme_from_a_mode_a_mapping_or_itself():
    scheme = RewardScheme("shaped", gamma=0.5)
    assert RewardScheme.of(scheme) is scheme
    assert RewardScheme.of({"mode": "shaped", "gamma": 0.5}) == scheme
    assert RewardScheme.of("dense") == RewardScheme("dense")


@pytest.mark.parametrize("event", PRICED_EVENTS)
def test_an_event_is_paid_for_by_its_name_and_number(event):
    scheme = RewardScheme(**{f"{event}_cost": 0.25})
    assert terms(scheme, **{event: 3}) == {"success": 0.0, event: -0.75}
    assert terms(scheme) == {"success": 0.0, event: 0.0}
    assert terms(RewardScheme(), **{event: 3}) == {"success": 0.0}


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        (
            {"mode": "densse"},
            ValueError,
            "unknown reward 'densse'; did you mean 'dense'? Allowed: 'sparse', 'dense', 'shaped'",
        ),
        ({"step_cost": "1"}, TypeError, "step_cost must be a number, got '1'"),
        ({"length_budget": None}, TypeError, "length_budget must be a number, got None"),
        ({"length_of": 5}, TypeError, "length_of must count a text's units, got 5"),
        ({"gamma": 0.0}, ValueError, "gamma must be in (0, 1], got 0.0"),
        ({"gamma": 1.001}, ValueError, "gamma must be in (0, 1], got 1.001"),
        ({"step_cost": -0.1}, ValueError, "step_cost must be 0 or more, got -0.1"),
        ({"illegal_cost": math.inf}, ValueError, "illegal_cost must be 0 or more, got inf"),
        ({"format_cost": math.nan}, ValueError, "format_cost must be 0 or more, got nan"),
        ({"length_budget": -1}, ValueError, "length_budget must be 0 or more, got -1"),
        (
            {"size_cost": 0.5, "runtime_cost": 0.5},
            ValueError,
            "size_cost and runtime_cost together must be less than 1, what a solution pays, "
            "got 0.5 and 0.5",
        ),
    ],
)
def test_bad_fields_are_named_with_their_value(fields, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        RewardScheme(**fields)
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        RewardScheme.of(fields)


def test_what_is_just_allowed():
    RewardScheme(gamma=1)
    RewardScheme(gamma=1e-9, size_cost=0.5, runtime_cost=0.4, length_of=len, length_budget=10**9)


def test_what_is_no_scheme_is_refused():
    with pytest.raises(
        ValueError, match=r"unknown field of RewardScheme 'gama'; did you mean 'gamma'\?.*'mode'"
    ):
        RewardScheme.of({"gama": 0.9})
    with pytest.raises(TypeError, match=r"one of \('sparse', 'dense', 'shaped'\).*, got int$"):
        RewardScheme.of(3)


def test_the_discount_that_progress_is_measured_with():
    """Of a γ of 1 it would not tell how far it is to the goal."""
    assert RewardScheme(gamma=1.0).progress_gamma == 0.99
    assert RewardScheme(gamma=0.5).progress_gamma == 0.5
