"""Measures, against every choice counted one by one, and against published values."""

from __future__ import annotations

import itertools
from collections import Counter
from math import comb

import numpy as np
import pytest

from reasoning_gym_envs.evaluation import statistics
from reasoning_gym_envs.evaluation.statistics import (
    Interval,
    accuracy_within,
    area_under_budget,
    best_of,
    bootstrap,
    clustered_mean,
    excess_tokens,
    interquartile_mean,
    majority_at,
    normalised,
    paired_difference,
    paired_test,
    pass_at,
    pass_hat,
    wilson_interval,
)

# How often. --------------------------------------------------------------------------------------


def test_wilson_interval():
    low, high = wilson_interval(50, 100)  # textbook values
    assert (round(low, 4), round(high, 4)) == (0.4038, 0.5962)
    assert wilson_interval(0, 10)[0] == pytest.approx(0)
    assert wilson_interval(10, 10)[1] == pytest.approx(1)


def test_one_sample_a_problem_has_wilsons_interval():
    assert clustered_mean([1] * 30 + [0] * 70, 1)[1:] == pytest.approx(wilson_interval(30, 100))
    for share in (0, 1):
        assert clustered_mean([share] * 40, 8)[1:] == wilson_interval(40 * share, 40)


def test_samples_that_are_all_alike_say_no_more_than_one():
    outcomes = [1] * 30 + [0] * 70
    assert clustered_mean(outcomes, 8) == pytest.approx(clustered_mean(outcomes, 1))
    assert clustered_mean([0.5] * 100, 8)[1:] == pytest.approx(wilson_interval(400, 800))
    with pytest.raises(ValueError, match="at least one value"):
        clustered_mean([], 8)


@pytest.mark.parametrize(("a", "b"), [(0.3, 0.7), (2, 2), (50, 50)])
def test_the_interval_holds_the_truth_as_often_as_it_says(a, b):
    """Problems differ: one that takes samples for independent ones is wrong far too often."""
    rng, n, k, times = np.random.default_rng(5), 60, 8, 1000
    held = naive = 0
    for _ in range(times):
        counts = rng.binomial(k, rng.beta(a, b, size=n))
        _, low, high = clustered_mean(counts / k, k)
        held += low <= a / (a + b) <= high
        low, high = wilson_interval(counts.sum(), n * k)
        naive += low <= a / (a + b) <= high
    assert 0.92 < held / times < 0.98
    if a < 50:
        assert naive / times < 0.85


@pytest.mark.parametrize("problems", [1, 2, 3, 5])
@pytest.mark.parametrize(("a", "b"), [(0.5, 0.5), (2, 2), (8, 8)])
def test_the_interval_of_few_problems_holds_the_truth_too(a, b, problems):
    """Their spread may be small by chance, and then says nothing."""
    rng, k, times = np.random.default_rng(6), 8, 500
    held = of_pairs = 0
    for _ in range(times):
        chances, others = rng.beta(a, b, size=(2, problems))
        first, second = rng.random((k, problems)) < chances, rng.random((k, problems)) < others
        _, low, high = clustered_mean(first.mean(0), k)
        held += low <= a / (a + b) <= high
        _, low, high = paired_difference(first.T.tolist(), second.T.tolist())
        of_pairs += low <= 0 <= high
    assert min(held, of_pairs) / times > 0.93


def test_samples_of_one_problem_count_as_one():
    assert clustered_mean([0.5], 8)[1:] == pytest.approx(wilson_interval(0.5, 1))
    assert paired_difference([[1, 1, 0]], [[0, 0, 0]])[1:] == pytest.approx(
        paired_difference([[1]], [[1 / 3]])[1:]
    )


@pytest.mark.parametrize(
    ("degrees", "value"), [(1, 12.706), (2, 4.303), (3, 3.182), (10, 2.228), (120, 1.980)]
)
def test_students_distribution(degrees, value):  # of any table of it
    assert statistics.student(degrees) == pytest.approx(value, abs=5e-4)
    assert statistics.student(200) > statistics.student(201) > statistics.student(3000) > 1.96


def test_normalised():
    assert normalised(Interval(0.3, 0.2, 0.4), 0.2, 0.6) == pytest.approx((0.25, 0.0, 0.5))
    assert normalised(Interval(1.0, 0.0, 1.0), 0.5, 1.0) == (1.0, -1.0, 1.0)
    for reference in (0.2, 0.1, float("nan")):
        with pytest.raises(ValueError, match=r"must be above the floor, 0\.2"):
            normalised(Interval(0.3, 0.2, 0.4), 0.2, reference)


# With several samples. ---------------------------------------------------------------------------


@pytest.mark.parametrize("samples", [1, 4, 7])
def test_pass_at_k_and_pass_hat_k_are_shares_of_all_choices(samples):
    for successes in range(samples + 1):
        outcomes = [i < successes for i in range(samples)]
        for k in range(1, samples + 1):
            choices = list(itertools.combinations(outcomes, k))
            some = np.mean([any(choice) for choice in choices])
            every = np.mean([all(choice) for choice in choices])
            assert pass_at(k, samples, successes) == pytest.approx(some, abs=1e-12)
            assert pass_hat(k, samples, successes) == pytest.approx(every, abs=1e-12)


def test_pass_at_k_of_many_samples():
    exact = 1 - comb(9_990, 100) / comb(10_000, 100)
    assert pass_at(100, 10_000, 10) == pytest.approx(exact, rel=1e-9)
    assert pass_hat(100, 10_000, 9_990) == pytest.approx(1 - exact, rel=1e-9)
    with pytest.raises(ValueError, match="pass@5 needs 5 samples or more, got 4"):
        pass_at(5, 4, 1)
    with pytest.raises(ValueError, match=r"pass\^0 needs 1 samples or more, got 4"):
        pass_hat(0, 4, 1)


def vote(choice):
    """Chance that a vote is right: the winner, or one of those that tie, speaks by any sample."""
    counts = Counter(name for name, _ in choice if name is not None)
    winners = [name for name, count in counts.items() if count == max(counts.values())]
    shares = [np.mean([right for each, right in choice if each == name]) for name in winners]
    return float(np.mean(shares)) if shares else 0.0


def test_majority_is_the_mean_of_all_votes():
    rng = np.random.default_rng(3)
    for _ in range(40):
        n = int(rng.integers(1, 9))
        names = [None if name == 4 else int(name) for name in rng.integers(5, size=n)]
        # 0 is right, 1 is now and then: a class may be coarser than the verdict
        votes = [(name, name == 0 or (name == 1 and bool(rng.integers(2)))) for name in names]
        for k in range(1, n + 1):
            every = np.mean([vote(choice) for choice in itertools.combinations(votes, k)])
            assert majority_at(k, votes) == pytest.approx(every, abs=1e-12), (k, votes)


def test_a_vote_of_one_is_a_success_and_that_of_all_is_the_commonest():
    votes = [("a", True)] * 3 + [("b", False)] * 4 + [(None, False)] * 2
    assert majority_at(1, votes) == pytest.approx(3 / 9)
    assert majority_at(9, votes) == 0.0
    assert majority_at(9, [*votes[:3], *votes[4:], ("c", False)]) == 0.5  # 3 to 3 to 1
    assert majority_at(2, [(None, False)] * 3) == 0.0


def test_majority_of_many_samples():
    """128 samples, 60 answers of their own: too many choices to go through, all counted."""
    votes = [("right", True)] * 40 + [("wrong", False)] * 28 + [(i, False) for i in range(60)]
    assert majority_at(128, votes) == 1.0
    assert majority_at(1, votes) == 40 / 128
    values = [majority_at(k, votes) for k in (4, 16, 64)]
    assert 40 / 128 < values[0] < values[1] < values[2] < 1
    rng = np.random.default_rng(0)  # a sample of the choices is near
    drawn = [vote([votes[i] for i in rng.choice(128, 16, replace=False)]) for _ in range(4000)]
    assert np.mean(drawn) == pytest.approx(values[1], abs=0.025)


def test_votes_that_make_no_sense():
    with pytest.raises(ValueError, match="cannot be read cannot be right"):
        majority_at(1, [(None, True)])
    with pytest.raises(ValueError, match="maj@3 needs 3 samples or more, got 2"):
        majority_at(3, [("a", True), ("b", False)])


def chosen(choice):
    best = max(score for score, _ in choice)
    return float(np.mean([success for score, success in choice if score == best]))


def test_best_of_is_the_mean_of_all_choices():
    rng = np.random.default_rng(4)
    for _ in range(40):
        n = int(rng.integers(1, 9))
        scores, successes = rng.integers(4, size=n) / 2, rng.integers(2, size=n)
        samples = list(zip(scores, successes, strict=True))
        for k in range(1, n + 1):
            every = np.mean([chosen(choice) for choice in itertools.combinations(samples, k)])
            assert best_of(k, list(scores), list(successes)) == pytest.approx(every, abs=1e-12)


def test_a_scorer_that_says_nothing_and_one_that_knows():
    successes = [True, False, False, True, False, False]
    for k in range(1, 7):
        assert best_of(k, [0.0] * 6, successes) == pytest.approx(2 / 6)
        assert best_of(k, successes, successes) == pytest.approx(pass_at(k, 6, 2))
        assert best_of(k, [-s for s in successes], successes) == pytest.approx(pass_hat(k, 6, 2))
    with pytest.raises(ValueError, match="not a number"):
        best_of(1, [float("nan")], [True])
    with pytest.raises(ValueError, match="2 scores and 1 successes"):
        best_of(1, [1.0, 2.0], [True])


# Over seeds. -------------------------------------------------------------------------------------


def test_the_bootstrap_interval_covers():
    rng = np.random.default_rng(0)

    def coverage(count, experiments=400):
        inside = 0
        for seed in range(experiments):
            interval = bootstrap([rng.normal(3.0, 2.0, count)], resamples=500, seed=seed)
            inside += interval.low <= 3.0 <= interval.high
        return inside / experiments

    assert 0.91 <= coverage(30) <= 0.98
    assert 0.77 <= coverage(5) <= 0.89  # as its documentation says


def test_the_bootstrap_draws_within_groups():
    value, low, high = bootstrap([[0.0] * 5, [1.0] * 5])
    assert (value, low, high) == (0.5, 0.5, 0.5)
    value, low, high = bootstrap([[0.0] * 5 + [1.0] * 5])
    assert value == 0.5
    assert low < 0.3
    assert high > 0.7
    assert bootstrap([[1.0, 2.0, 4.0]], seed=3) == bootstrap([[1.0, 2.0, 4.0]], seed=3)
    for groups in ([], [[]], [[1.0], []]):
        with pytest.raises(ValueError, match="at least one value"):
            bootstrap(groups)


def test_interquartile_mean():
    assert interquartile_mean([0, 1, 2, 100]) == 1.5
    assert interquartile_mean([5.0]) == 5.0
    assert interquartile_mean([[9, 1, 2, 3, 4, 5, 6, 0], [1] * 8]).tolist() == [3.5, 1.0]
    value, low, high = bootstrap([[0, 1, 2, 100]] * 3, interquartile_mean)
    assert value == 1.5
    assert low <= value <= high < 100


# Two agents. -------------------------------------------------------------------------------------


def pairs(both, first, second, neither):
    """One sample a problem: how many problems both solve, the first alone, and so on."""
    outcomes = [(1, 1)] * both + [(1, 0)] * first + [(0, 1)] * second + [(0, 0)] * neither
    return [[one] for one, _ in outcomes], [[other] for _, other in outcomes]


def test_paired_difference_of_a_published_table():
    """Airway hyper-responsiveness before and after a transplantation (Bentur et al. 2009).

    Fagerland, Lydersen and Laake 2014 have these counts as their first example: 1 and 7 of 21 are
    discordant.  By hand: centre −6 / 23, half width 1.96 · √(((1 + 7 + 2) / 23 − (6 / 23)²) / 23).
    """
    value, low, high = paired_difference(*pairs(1, 1, 7, 12))
    assert value == pytest.approx(-6 / 21)
    assert (round(low, 3), round(high, 3)) == (-0.508, -0.013)
    assert paired_test(*pairs(1, 1, 7, 12)) == pytest.approx(18 / 256)  # 0.0703, in their table


def test_mcnemars_exact_test():
    for first, second in itertools.product(range(7), repeat=2):
        n = first + second
        tail = sum(comb(n, i) for i in range(min(first, second) + 1)) / 2**n
        p = paired_test(*pairs(3, first, second, 2))
        assert p == pytest.approx(min(1.0, 2 * tail)), (first, second)
    # McNemar's test of 59 against 121 (an example of textbooks; χ² = 21.35, so p is near 4e-6)
    assert paired_test(*pairs(101, 121, 59, 33)) == pytest.approx(4.43e-6, rel=0.01)


@pytest.mark.parametrize(("k", "m"), [(3, 3), (2, 3), (4, 1)])
def test_the_permutation_test_counts_all_signs(k, m):
    rng = np.random.default_rng(7)
    for _ in range(10):
        first = rng.integers(2, size=(8, k)).tolist()
        second = (rng.random(size=(8, m)) < 0.3).tolist()
        differences = [
            sum(one) * m - sum(other) * k for one, other in zip(first, second, strict=True)
        ]
        sums = [
            abs(sum(sign * d for sign, d in zip(signs, differences, strict=True)))
            for signs in itertools.product((-1, 1), repeat=8)
        ]
        exact = np.mean([total >= abs(sum(differences)) for total in sums])
        assert paired_test(first, second) == pytest.approx(exact, abs=1e-12)
        assert paired_test(second, first) == pytest.approx(exact, abs=1e-12)


def test_agents_that_are_alike_on_every_problem():
    rng, n, k = np.random.default_rng(2), 60, 4
    values = []
    for _ in range(400):
        share = rng.beta(0.5, 0.5, size=(n, 1))  # problems differ, so that samples are alike
        first, second = (rng.random((n, k)) < share for _ in range(2))
        values.append(paired_test(first.tolist(), second.tolist()))
    assert 0.02 < np.mean(np.array(values) <= 0.05) < 0.08  # a test of level 5%
    same = [[True, False]] * 5
    assert paired_test(same, same) == 1.0
    value, low, high = paired_difference(same, same)
    assert value == 0
    assert low < 0 < high  # five problems do not show that there is no difference


@pytest.mark.parametrize("gain", [0.0, 0.2])
def test_the_interval_of_a_difference_holds_the_truth_as_often_as_it_says(gain):
    rng, n, k, times = np.random.default_rng(6), 40, 4, 1000
    held, width, unpaired = 0, 0.0, 0.0
    for _ in range(times):
        share = rng.beta(0.3, 0.3, size=(n, 1)) * (1 - gain)
        first, second = rng.random((n, k)) < share + gain, rng.random((n, k)) < share
        _, low, high = paired_difference(first.tolist(), second.tolist())
        held += low <= gain <= high
        width += high - low
        one, other = (clustered_mean(each.mean(1), k) for each in (first, second))
        unpaired += np.hypot(one.high - one.low, other.high - other.low)
    assert 0.93 < held / times < 0.99
    assert width < 0.75 * unpaired  # this is what the pairs are for


def test_pairs_that_are_none():
    with pytest.raises(ValueError, match="the first agent has 1 problems and the second 2"):
        paired_test([[1]], [[1], [0]])
    for function in (paired_difference, paired_test):
        for first, second in (([], []), ([[1], []], [[1], [0]])):
            with pytest.raises(ValueError, match="a problem, and a sample of each"):
                function(first, second)
    many = [[0] * (n - 1) + [1] for n in range(1, 40)]
    with pytest.raises(ValueError, match="take as many of each problem"):
        paired_test(many, [[1]] * 39)


# Tokens. -----------------------------------------------------------------------------------------


def test_area_under_accuracy_against_budget():
    rng = np.random.default_rng(8)
    tokens, successes = rng.integers(1, 300, size=50).tolist(), rng.integers(2, size=50).tolist()
    assert accuracy_within([3, 5], [True, True], [2, 3, 4, 5]) == [0, 0.5, 0.5, 1]
    curve = accuracy_within(tokens, successes, range(200))  # constant from one token to the next
    assert area_under_budget(tokens, successes, 200) == pytest.approx(np.mean(curve), abs=1e-12)
    assert area_under_budget([0, 0], [True, False], 7) == 0.5
    assert area_under_budget([7, 9], [True, True], 7) == 0
    with pytest.raises(ValueError, match="budget must be positive, got 0"):
        area_under_budget([1], [True], 0)
    for function in (accuracy_within, area_under_budget):
        for numbers in (([], []), ([1], [])):
            with pytest.raises(ValueError, match="episode"):
                function(*numbers, [1])


def test_excess_tokens():
    excess = excess_tokens([[12, 8], [30], [4]], [5, 10, 5])
    assert excess.difference.value == pytest.approx((5 + 20 - 1) / 3)
    assert excess.ratio.value == pytest.approx(44 / 20)
    assert -1 <= excess.difference.low < excess.difference.value < excess.difference.high <= 20
    assert 0.8 <= excess.ratio.low < excess.ratio.value < excess.ratio.high <= 3
    assert excess_tokens([[7], [14]], [7, 14]) == ((0, 0, 0), (1, 1, 1))
    with pytest.raises(ValueError, match="1 problems and 2 references"):
        excess_tokens([[1]], [1, 2])
    for tokens, references in (([], []), ([[]], [1]), ([[1]], [0])):
        with pytest.raises(ValueError, match="at least one"):
            excess_tokens(tokens, references)
