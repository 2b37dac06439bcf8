"""What is said of a set of episodes, with its uncertainty: pure functions on plain numbers.

Two agents on three problems, two samples of each; the first solves one sample more of each::

    >>> first, second = [[1, 1], [1, 0], [1, 1]], [[1, 0], [0, 0], [1, 0]]
    >>> clustered_mean([sum(problem) / 2 for problem in first], samples=2).value
    0.8333333333333334
    >>> paired_difference(first, second).value, paired_test(first, second)
    (0.5, 0.25)

Samples of one problem are alike, so a problem is the unit of every interval and test: its samples
are averaged first.  With one sample a problem these are the textbook methods for proportions.

* How often: `clustered_mean`, `wilson_interval`, `normalised`.
* With several samples: `pass_at`, `pass_hat`, `majority_at`, `best_of`.
* Over seeds: `bootstrap`, `interquartile_mean`.
* Two agents: `paired_difference`, `paired_test`.
* Tokens: `accuracy_within`, `area_under_budget`, `excess_tokens`.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from fractions import Fraction
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Statistic = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""Of the last axis of an array."""


class Interval(NamedTuple):
    """An estimate, and the bounds that hold the true value in 95% of all experiments, roughly."""

    value: float
    low: float
    high: float


def wilson_interval(successes: float, trials: float, z: float = 1.96) -> tuple[float, float]:
    """Wilson's interval for a proportion (Wilson 1927), 95% by default.

    Trials that depend on each other count as fewer, so the numbers need not be whole.

    >>> [round(bound, 3) for bound in wilson_interval(50, 100)]
    [0.404, 0.596]
    """
    share, spread = successes / trials, z * z / trials
    centre = share + spread / 2
    half = z * math.sqrt(share * (1 - share) / trials + spread / (4 * trials))
    return (centre - half) / (1 + spread), (centre + half) / (1 + spread)


def clustered_mean(means: ArrayLike, samples: float) -> Interval:
    """The mean of shares from 0 to 1, one a problem, each of `samples` samples of it; 95% interval.

    Samples of one problem are alike, so that k of each of n problems say less than k · n would.
    The standard error is that between the problems (clustered: Miller 2024, arXiv 2411.00640,
    section 2.2). An interval of twice that would be of width 0 where all is solved or nothing; so
    it becomes the number of independent samples that have the same error, and Wilson's interval is
    that of so many. An error that few problems tell is not well known, so the number is made
    smaller as Student's distribution says: all as in Korn and Graubard 1998, "Confidence intervals
    for proportions with small expected number of positive counts estimated from survey data". It
    is from n to k · n: for one sample a problem the interval is Wilson's own, and of one problem
    all samples count as one.

    Where problems have different numbers of samples, `samples` is how many they have on average.

    Raises `ValueError` when there is no problem.
    """
    values = np.asarray(means, float)
    if not values.size:
        raise ValueError("a mean needs at least one value")
    share = float(values.mean())
    independent = _independent(values, share * (1 - share), values.size * samples)
    low, high = wilson_interval(share * independent, independent)
    return Interval(share, low, high)


def _independent(values: NDArray[np.float64], of_one: float, most: float) -> float:
    """How many independent samples say as much as some problems do, from their number to `most`.

    Args:
        values: of the problems, each the mean of its samples.
        of_one: the variance of a sample.
        most: how many samples there are.
    """
    least = values.size
    if least == 1 or not of_one > 0:
        return float(least)
    error = float(values.var(ddof=1)) / least * (student(least - 1) / 1.96) ** 2
    return float(most if error * most <= of_one else max(least, of_one / error))


@cache
def student(degrees: int) -> float:
    """97.5% of Student's distribution lie below this; 1.96 for many degrees of freedom.

    It is searched for by halves: for whole degrees the distribution is a finite sum (Abramowitz and
    Stegun 1964, "Handbook of mathematical functions", 26.7.3 and 26.7.4).

    >>> [round(student(degrees), 3) for degrees in (1, 2, 9, 30)]
    [12.706, 4.303, 2.262, 2.042]
    """
    if degrees > 200:  # the first term of the rest
        return 1.96 + 2.37 / degrees

    def within(t: float) -> float:
        angle = math.atan(t / math.sqrt(degrees))
        term = total = math.cos(angle) if degrees % 2 else 1.0
        for n in range(2 + degrees % 2, degrees - 1, 2):
            term *= (n - 1) / n * math.cos(angle) ** 2
            total += term
        if degrees % 2 == 0:
            return math.sin(angle) * total
        return 2 / math.pi * (angle + (math.sin(angle) * total if degrees > 1 else 0.0))

    low, high = 1.9, 13.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if within(middle) < 0.95 else (low, middle)
    return high


def normalised(success: Interval, floor: float, reference: float) -> Interval:
    """Success on the scale on which chance is 0 and the reference is 1.

    (success − floor) / (reference − floor), as scores of Atari games are related to those of a
    random agent and a human (Mnih et al. 2015, "Human-level control through deep reinforcement
    learning", Nature 518).  Below 0 is worse than chance.  The bounds are moved in the same way:
    floor and reference count as known, so that what is not known of them is not in the interval.

    >>> normalised(Interval(0.5, 0.25, 0.75), floor=0.0, reference=0.5)
    Interval(value=1.0, low=0.5, high=1.5)

    Raises `ValueError` where the reference does no better than the floor: nothing is measured.
    """
    if not reference > floor:
        raise ValueError(f"the reference, {reference:g}, must be above the floor, {floor:g}")
    return Interval(*((bound - floor) / (reference - floor) for bound in success))


def pass_at(k: int, samples: int, successes: int) -> float:
    """How likely k samples of a problem have a success, estimated from more of them.

    It is the share of all choices of k samples in which there is one, 1 − C(n − c, k) / C(n, k):
    unbiased, and computed as a product so that no large numbers appear (Chen et al. 2021, arXiv
    2107.03374, section 2.1).

    Raises `ValueError` for fewer than k samples, of which nothing can be said without a bias.
    """
    _check_choice("pass@", k, samples)
    failures = samples - successes
    if failures < k:
        return 1.0
    return 1.0 - float(np.prod(1.0 - k / np.arange(failures + 1, samples + 1)))


def pass_hat(k: int, samples: int, successes: int) -> float:
    """How likely k samples of a problem are all successes, pass^k, estimated from more of them.

    It is the share of all choices of k samples that have nothing else, C(c, k) / C(n, k): unbiased
    (Yao et al. 2024, "τ-bench", arXiv 2406.12045, section 3).

    Raises `ValueError` for fewer than k samples.
    """
    _check_choice("pass^", k, samples)
    return float(Fraction(math.comb(successes, k), math.comb(samples, k)))


def majority_at(k: int, votes: Sequence[tuple[Hashable | None, bool]]) -> float:
    """How likely the commonest answer of k samples is right, maj@k, estimated from more of them.

    It is the mean over all choices of k of the n samples (counted, not drawn, so that it is exact
    and unbiased), of the vote of Wang et al. 2022, "Self-consistency improves chain of thought
    reasoning in language models", arXiv 2203.11171.  Where classes are equally common, each of
    them wins equally often.  A choice in which nothing can be read is wrong.

    >>> majority_at(3, [("1/2", True), ("1/2", True), ("2", False), (None, False)])
    0.75

    One of the four choices has one vote for 1/2 and one for 2, which is a tie: half of it is right.
    Another has the same. The two others have 1/2 twice.

    Args:
        k: votes.
        votes: for each of n samples the class of its answer, which is its normal form (so that
            ½ and 0.5 vote together) or None for one that cannot be read and does not vote, and
            whether it is right.  In a class of which some are right only, each of its samples
            speaks for it equally often.

    Raises:
        ValueError: fewer than k samples, or a right one that cannot be read.
    """
    _check_choice("maj@", k, len(votes))
    sizes = Counter(name for name, _ in votes if name is not None)
    right = Counter(name for name, is_right in votes if is_right)
    if None in right:
        raise ValueError("an answer that cannot be read cannot be right: name its class")
    mute = len(votes) - sizes.total()
    total = Fraction(0)
    for name, count in right.items():
        others = [size for other, size in sizes.items() if other != name]
        total += Fraction(count, sizes[name]) * _wins(k, sizes[name], others, mute)
    return float(total / math.comb(len(votes), k))


def _wins(k: int, size: int, others: Sequence[int], mute: int) -> Fraction:
    """In how many choices of k a class has the most votes; one shared with t others is 1/(1 + t).

    For each number of its votes, the others are gone through class by class: `ways` says in how
    many ways so many of them tie and so many votes are given, none of them having more.
    """
    wins = Fraction(0)
    for own in range(1, min(k, size) + 1):
        ways = {(0, 0): 1}  # (ties, votes): ways
        for other in others:
            longer: defaultdict[tuple[int, int], int] = defaultdict(int)
            for (ties, given), count in ways.items():
                for more in range(min(own, other, k - own - given) + 1):
                    longer[ties + (more == own), given + more] += count * math.comb(other, more)
            ways = longer
        for (ties, given), count in ways.items():
            silent = math.comb(mute, k - own - given)
            wins += Fraction(math.comb(size, own) * count * silent, 1 + ties)
    return wins


def best_of(k: int, scores: Sequence[float], successes: Sequence[bool]) -> float:
    """How likely the highest-scored of k samples is a success, estimated from more of them.

    It is the mean over all choices of k of the n samples, counted and not drawn: the samples
    sorted by score, each is the best of as many choices as there are of k − 1 lower ones (Hilton
    and Gao 2022, "Measuring Goodhart's law").  Of equal scores each is chosen equally often, so
    that a scorer that says nothing gives pass@1.  A scorer that knows the verdict gives pass@k:
    call it that.

    >>> best_of(2, scores=[0.9, 0.5, 0.1], successes=[True, False, True])
    0.6666666666666666

    Raises:
        ValueError: fewer than k samples, not as many scores as successes, or a score that is no
            number.
    """
    if len(scores) != len(successes):
        raise ValueError(f"there are {len(scores)} scores and {len(successes)} successes")
    if any(math.isnan(score) for score in scores):
        raise ValueError("a score is not a number: leave its sample out, or give it -inf")
    _check_choice("best of ", k, len(scores))
    of_score: defaultdict[float, list[bool]] = defaultdict(list)
    for score, success in zip(scores, successes, strict=True):
        of_score[score].append(bool(success))
    total, lower = Fraction(0), 0
    for _, tied in sorted(of_score.items()):
        choices = math.comb(lower + len(tied), k) - math.comb(lower, k)
        total += Fraction(sum(tied), len(tied)) * choices
        lower += len(tied)
    return float(total / math.comb(len(scores), k))


def _check_choice(name: str, k: int, samples: int) -> None:
    if not 1 <= k <= samples:
        raise ValueError(f"{name}{k} needs {max(1, k)} samples or more, got {samples}")


def interquartile_mean(values: ArrayLike) -> NDArray[np.float64]:
    """Mean of the middle half along the last axis: a quarter is cut off at either end.

    Agarwal et al., "Deep reinforcement learning at the edge of the statistical precipice",
    NeurIPS 2021, section 4.3; of n values, ⌊n / 4⌋ are cut off at either end.
    """
    ordered = np.sort(np.asarray(values, float), axis=-1)
    cut = ordered.shape[-1] // 4
    middle: NDArray[np.float64] = ordered[..., cut : ordered.shape[-1] - cut].mean(-1)
    return middle


def _mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    mean: NDArray[np.float64] = values.mean(-1)
    return mean


def bootstrap(
    groups: Sequence[ArrayLike],
    statistic: Statistic = _mean,
    *,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Interval:
    """A statistic of all values of some groups, with its percentile bootstrap interval.

    Each resample draws from every group as many values as it has, with replacement (Efron 1979;
    stratified over tasks as Agarwal et al. 2021, section 4.1).  The same seed gives the same
    interval.  With few values it is too narrow: of five from a normal distribution, a 95% interval
    of the mean holds the true one in about 83% of all experiments.

    Raises `ValueError` when there is nothing to draw from.
    """
    arrays = [np.asarray(group, float) for group in groups]
    if not arrays or any(array.size == 0 for array in arrays):
        raise ValueError("a bootstrap needs at least one value in every group")
    rng = np.random.default_rng(seed)
    drawn = [array[rng.integers(array.size, size=(resamples, array.size))] for array in arrays]
    estimates = statistic(np.concatenate(drawn, axis=1))
    tail = 100 * (1 - level) / 2
    low, high = np.percentile(estimates, [tail, 100 - tail])
    return Interval(float(statistic(np.concatenate(arrays))), float(low), float(high))


def paired_difference(
    first: Sequence[Sequence[float]], second: Sequence[Sequence[float]], z: float = 1.96
) -> Interval:
    """How much more the first agent solves than the second, on the same problems; 95% interval.

    The problems are the same, so what makes some harder than others is in neither the difference
    nor its error: that is the error of the mean of the problems' differences (Miller 2024, arXiv
    2411.00640, section 4).  Twice that would be an interval of width 0 where all differences are
    equal. So, as in `clustered_mean`, it becomes the number of independent pairs of samples that
    have the same error, and the interval is that of Bonett and Price 2012 ("Adjusted Wald
    confidence interval for a difference of binomial proportions based on paired data") for so many:
    Wald's after two more pairs, one won by either agent.  Fagerland, Lydersen and Laake 2014
    ("Recommended tests and confidence intervals for paired binomial proportions") recommend it.
    For one sample a problem it is theirs exactly.

    Args:
        first: for each problem the outcomes of its samples, 0 or 1.
        second: the same of the other agent; it may have more samples of a problem, or fewer.
        z: of the normal distribution; 1.96 for 95%.

    Raises:
        ValueError: not the same number of problems, no problem, or one without a sample.
    """
    _check_pairs(first, second)
    one = np.array([np.mean(outcomes) for outcomes in first], float)
    other = np.array([np.mean(outcomes) for outcomes in second], float)
    difference = float((one - other).mean())
    unequal = float((one * (1 - other) + other * (1 - one)).mean())  # share of all pairs
    most = sum(min(len(a), len(b)) for a, b in zip(first, second, strict=True))
    pairs = _independent(one - other, unequal - difference**2, most)
    centre = pairs * difference / (pairs + 2)
    half = z * math.sqrt(((pairs * unequal + 2) / (pairs + 2) - centre**2) / (pairs + 2))
    return Interval(difference, max(-1.0, centre - half), min(1.0, centre + half))


def paired_test(first: Sequence[Sequence[bool]], second: Sequence[Sequence[bool]]) -> float:
    """How likely a difference as large or larger is where two agents are alike: p, two-sided.

    With one sample a problem this is McNemar's exact test (McNemar 1947; two-sided binomial): of
    the problems that one agent alone solves, each is as likely to be the first's as the second's.
    With several it is what that test is a case of, the permutation test for pairs (Fisher 1935,
    "The design of experiments"; for models of language Dror et al. 2018, "The hitchhiker's guide to
    testing statistical significance"): where the agents are alike, all samples of a problem by one
    might as well be the other's, so the difference on each problem is as likely to be + as −. The
    2ⁿ signs are not drawn but counted, so that p is exact and has no seed.

    Where the agents have different numbers of samples of a problem, + and − are not exactly as
    likely, and p is as good as exact from some ten problems on.

    Alike means: on every problem. Agents that are right equally often in all, but each on problems
    of its own, are not alike, though neither is better.

    >>> paired_test([[1]] * 7 + [[0]], [[0]] * 7 + [[1]])
    0.0703125

    Raises:
        ValueError: not the same number of problems, no problem, one without a sample, or numbers
            of samples that differ so much that there is no end to the counting.
    """
    _check_pairs(first, second)
    unit = math.lcm(*(len(outcomes) for outcomes in (*first, *second)))
    differences = [
        sum(map(bool, one)) * (unit // len(one)) - sum(map(bool, other)) * (unit // len(other))
        for one, other in zip(first, second, strict=True)
    ]
    unit = math.gcd(*differences) or 1
    sizes = [abs(difference) // unit for difference in differences if difference]
    span = sum(sizes)
    if span * len(sizes) > 10**10:  # a minute of counting
        raise ValueError("the numbers of samples differ: take as many of each problem")
    likely = np.zeros(span + 1)  # [s]: how likely the differences that are + sum to s
    likely[0] = 1.0
    for size in sizes:
        shifted = np.zeros_like(likely)
        shifted[size:] = likely[: span + 1 - size]
        likely = (likely + shifted) / 2
    sums = abs(2 * np.arange(span + 1) - span)
    p = likely[sums >= abs(sum(differences)) // unit].sum()
    return min(1.0, float(p))


def _check_pairs(first: Sequence[Sequence[float]], second: Sequence[Sequence[float]]) -> None:
    if len(first) != len(second):
        raise ValueError(
            f"the first agent has {len(first)} problems and the second {len(second)}: compare "
            "them on those that both played"
        )
    if not first or not all(map(len, [*first, *second])):
        raise ValueError("a comparison needs a problem, and a sample of each by both agents")


def accuracy_within(
    tokens: Sequence[float], successes: Sequence[bool], budgets: Sequence[float]
) -> list[float]:
    """Share of the episodes that are solved with at most so many tokens, for each budget.

    An episode counts from its last token on, as if the others had been cut off at the budget
    (Aggarwal et al. 2025, "OptimalThinkingBench", arXiv 2508.13141: overthinking-adjusted
    accuracy).

    >>> accuracy_within([10, 30, 20], [True, True, False], budgets=[5, 10, 40])
    [0.0, 0.3333333333333333, 0.6666666666666666]
    """
    _check_tokens(tokens, successes)
    solved = np.sort([t for t, success in zip(tokens, successes, strict=True) if success])
    return [float(np.searchsorted(solved, b, side="right")) / len(tokens) for b in budgets]


def area_under_budget(tokens: Sequence[float], successes: Sequence[bool], budget: float) -> float:
    """Mean of the accuracy within 0 to `budget` tokens: 1 is right at once, and 0 never.

    The exact area under the steps of `accuracy_within` divided by the budget (AUC_OAA of Aggarwal
    et al. 2025, arXiv 2508.13141, which sums over whole numbers of tokens).  A solved episode of t
    tokens has 1 − t / budget of it.  Agents are compared with the same budget.

    >>> area_under_budget([10, 30, 20], [True, True, False], budget=40)
    0.3333333333333333

    Raises `ValueError` without an episode, or where the budget is not positive.
    """
    _check_tokens(tokens, successes)
    if not budget > 0:
        raise ValueError(f"budget must be positive, got {budget:g}")
    left = np.maximum(0.0, 1.0 - np.asarray(tokens, float) / budget)
    return float((left * np.asarray(successes, bool)).mean())


class Excess(NamedTuple):
    """Tokens (or words, or turns) beyond what the reference derivations have."""

    difference: Interval
    """A problem, mean; below 0 where the agent is shorter."""
    ratio: Interval
    """All tokens of the agent over all those of the references."""


def excess_tokens(
    tokens: Sequence[Sequence[float]], references: Sequence[float], *, seed: int = 0
) -> Excess:
    """Tokens beyond the reference derivation of each problem; 95% bootstrap over the problems.

    Give it samples that solved their problem: a short answer that is wrong saves nothing. Compare
    agents on problems that all of them solved, for the easier ones need fewer tokens.

    The measure follows what is known of these problems alone, a shortest derivation for each; the
    interval is that of `bootstrap`, over problems (Efron 1979).

    >>> excess_tokens([[12, 8], [30]], [5, 10]).difference.value
    12.5

    Args:
        tokens: for each problem those of its samples.
        references: for each problem the tokens of its reference derivation.
        seed: of the bootstrap.

    Raises:
        ValueError: no problem, one without a sample, not as many references as problems, or one
            without a token.
    """
    if len(tokens) != len(references):
        raise ValueError(f"there are {len(tokens)} problems and {len(references)} references")
    if not tokens or not all(map(len, tokens)):
        raise ValueError("tokens are compared for at least one problem, and a sample of each")
    if min(references) <= 0:
        raise ValueError("a reference derivation has at least one token")
    used = np.array([np.mean(samples) for samples in tokens], float)
    spans = np.asarray(references, float)
    drawn = np.random.default_rng(seed).integers(len(spans), size=(2000, len(spans)))
    ratios = used[drawn].sum(1) / spans[drawn].sum(1)
    low, high = np.percentile(ratios, [2.5, 97.5])
    ratio = Interval(float(used.sum() / spans.sum()), float(low), float(high))
    return Excess(bootstrap([used - spans], seed=seed), ratio)


def _check_tokens(tokens: Sequence[float], successes: Sequence[bool]) -> None:
    if len(tokens) != len(successes):
        raise ValueError(f"there are tokens of {len(tokens)} episodes, and {len(successes)} ends")
    if not tokens:
        raise ValueError("accuracy needs at least one episode")
