"""What a judge makes of what came out of a sandbox; a sandbox that runs nothing tells it."""

import pytest

from reasoning_gym_envs.sandbox import Comparison, Limits, Test, judge
from reasoning_gym_envs.sandbox.submission import Outcome, Submission
from reasoning_gym_envs.sandbox.values import tree_of


class Told:
    """Answers with what it is told, and keeps what it was given."""

    image = "told"

    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)

    def run(self, submission):
        self.submission = submission
        return self.outcomes

    def close(self):
        """Nothing to give back."""


def returned(value):
    return Outcome("returned", tree_of(value))


def test_values_are_right_or_wrong_and_what_did_not_return_is_neither():
    outcomes = (
        returned([1, 2]),
        returned([2, 1]),
        Outcome("timeout", message="too slow"),
        Outcome("crash", tree_of([1, 2])),  # a value beside it does not count
    )
    verdict = judge(Told(*outcomes), "source", [Test("f()", [1, 2])] * 4)
    assert verdict.statuses == ("passed", "wrong", "timeout", "crash")
    assert verdict.passed == (True, False, False, False)
    assert verdict.outcomes == outcomes
    assert verdict.status == "wrong"


def test_the_status_is_that_of_the_first_test_that_did_not_pass():
    tests = [Test("f()", 1), Test("f()", 1)]
    assert judge(Told(returned(1), returned(1)), "", tests).status == "passed"
    assert judge(Told(returned(1), Outcome("memory")), "", tests).status == "memory"
    assert judge(Told(Outcome("syntax"), returned(2)), "", tests).status == "syntax"
    assert judge(Told(), "", []).status == "passed"


def test_each_test_has_its_own_expected_value_and_comparison():
    tests = [
        Test("f(0)", 0.3),
        Test("f(1)", 0.3, Comparison(relative=1e-9)),
        Test("f(2)", [1, 2], Comparison(any_order=True)),
        Test("f(3)", 1, Comparison(strict=False)),
        Test("f(4)", 1),
    ]
    sandbox = Told(*map(returned, (0.1 + 0.2, 0.1 + 0.2, [2, 1], True, True)))
    assert judge(sandbox, "", tests).passed == (False, True, True, True, False)


def test_programs_are_judged_by_their_output():
    tests = [Test("4", "5\n6"), Test("4", "5"), Test("4", "5")]
    sandbox = Told(
        Outcome("returned", "\n5 \n\n6\n"), Outcome("returned", "6"), Outcome("crash", "5")
    )
    verdict = judge(sandbox, "", tests, kind="programs")
    assert verdict.statuses == ("passed", "wrong", "crash")
    near = Test("4", "0.333", Comparison(absolute=0.01))
    sandbox = Told(Outcome("returned", "0.33"), Outcome("returned", "0.3"))
    assert judge(sandbox, "", [near, near], kind="programs").passed == (True, False)
    # of a call, the same text would be a value that is compared exactly
    assert judge(Told(Outcome("returned", "5 ")), "", tests[1:2]).statuses == ("wrong",)


def test_what_a_sandbox_is_given_has_no_expected_value():
    sandbox = Told(Outcome("crash"), Outcome("crash"))
    limits = Limits(seconds=0.5)
    tests = [Test("f(1)", 1), Test("f(2)", 2)]
    judge(sandbox, "the source", tests, requires=("f", "g"), limits=limits)
    expected = Submission("the source", ("f(1)", "f(2)"), "calls", ("f", "g"), limits)
    assert sandbox.submission == expected
    judge(sandbox, "the source", [Test("f(1)", "1"), Test("f(2)", "2")], kind="programs")
    expected = Submission("the source", ("f(1)", "f(2)"), "programs", (), Limits())
    assert sandbox.submission == expected


@pytest.mark.parametrize("outcomes", [[], [returned(1)], [returned(1)] * 3])
def test_a_sandbox_that_loses_or_adds_outcomes_judges_nothing(outcomes):
    with pytest.raises(ValueError, match="zip"):
        judge(Told(*outcomes), "", [Test("f()", 1)] * 2)
