"""Episodes per CPU-second of MathBoxed's topics, beside reasoning-gym's nearest tasks.

An episode is ``reset`` and ``step`` with the right answer, through ``gym.make`` with all its
wrappers; the peer's is making an item and scoring the right answer. Both run in this process,
in turn, so that a drift of the machine's speed hits both. The peer is compared where it is
installed (``pip install reasoning-gym``); it is no dependency.

    python -m baselines.speed.environments
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import gymnasium as gym

import reasoning_gym_envs  # noqa: F401
from reasoning_gym_envs.math.topics import TOPICS

LEVEL = 3
SECONDS = 0.4  # of processor time for each measurement
ROUNDS = 5

# The nearest task of reasoning-gym, where it has one that asks for the same kind of answer.
NEAREST = {
    "integer_arithmetic": ("chain_sum", "basic_arithmetic"),
    "fractions": ("fraction_simplification",),
    "decimals": ("decimal_arithmetic", "decimal_chain_sum"),
    "linear_equations": ("simple_equations",),
    "quadratics": ("polynomial_equations",),
    "polynomials": ("polynomial_multiplication",),
    "gcd_lcm": ("gcd", "lcm"),
    "prime_factors": ("prime_factorization",),
    "number_bases": ("base_conversion",),
    "sequences": ("number_sequence",),
    "counting": ("count_primes",),
    "probability": ("coin_flip", "dice"),
    "geometry": ("simple_geometry", "advanced_geometry"),
    "units_and_rates": ("time_intervals",),
    "word_problems": ("leg_counting", "gsm_symbolic"),
    "integrals": ("simple_integration", "intermediate_integration"),
    "matrices": ("manipulate_matrix",),
    "logarithms_and_powers": ("power_function",),
}
FASTEST = "chain_sum"


def ours(id: str, prepared: int = 20_000, **arguments: Any) -> Callable[[int], None]:
    """Plays ``n`` episodes of an environment, right answers prepared beforehand."""
    env = gym.make(id, **arguments)
    # The problems after a seed are a fixed sequence, so the answers can be collected once.
    answers: list[str] = []
    for i in range(prepared):
        env.reset(seed=1 if i == 0 else None)
        (box,) = env.unwrapped.solution()  # type: ignore[attr-defined]
        answers.append(box.rpartition("</think>")[2])

    def play(n: int) -> None:
        for i in range(n):
            env.reset(seed=1 if i % prepared == 0 else None)
            *_, reward, _, _, _ = env.step(answers[i % prepared])
            assert reward == 1.0

    return play


def given_answer(item: dict[str, Any]) -> str:
    """The answer that an item of reasoning-gym comes with."""
    answer: str = item["answer"]
    return answer


def peer(
    task: str, answer: Callable[[dict[str, Any]], str] = given_answer
) -> Callable[[int], None]:
    """Makes and scores ``n`` items of a reasoning-gym task."""
    import reasoning_gym

    data = reasoning_gym.create_dataset(task, size=50_000, seed=1)

    def play(n: int) -> None:
        for i in range(n):
            item = data[i]
            data.score_answer(answer=answer(item), entry=item)

    return play


def rate(play: Callable[[int], None]) -> float:
    """Episodes per CPU-second."""
    n = 4
    while True:
        start = time.process_time()
        play(n)
        spent = time.process_time() - start
        if spent >= SECONDS or n >= 50_000:
            return n / spent
        n = min(50_000, int(n * max(2.0, 1.2 * SECONDS / max(spent, 1e-4))))


def main() -> None:
    """Print the table and the two ratios that matter."""
    try:
        import reasoning_gym  # noqa: F401

        has_peer = True
    except ImportError:
        has_peer = False
        print("reasoning-gym is not installed (pip install reasoning-gym): ours alone")

    print(f"episodes per CPU-second at level {LEVEL}, best of {ROUNDS}")
    print(
        f"{'topic':24}{'ours':>10}   {'nearest task of reasoning-gym':30}{'peer':>10}{'ratio':>9}"
    )
    logs: list[float] = []
    fastest_ours = fastest_peer = 0.0
    for topic in TOPICS:
        mine = ours("MathBoxed-v0", topics=topic, level=LEVEL)
        tasks = {task: peer(task) for task in NEAREST.get(topic, ())} if has_peer else {}
        best = 0.0
        rates = dict.fromkeys(tasks, 0.0)
        for _ in range(ROUNDS):
            best = max(best, rate(mine))
            for task, play in tasks.items():
                rates[task] = max(rates[task], rate(play))
        if not rates:
            print(f"{topic:24}{best:>10,.0f}")
        for task, theirs in rates.items():
            logs.append(math.log(best / theirs))
            print(f"{topic:24}{best:>10,.0f}   {task:30}{theirs:>10,.0f}{best / theirs:>8.1f}x")
            if task == FASTEST:
                fastest_ours, fastest_peer = best, theirs
    if logs:
        print(f"geometric mean of the ratios: {math.exp(sum(logs) / len(logs)):.1f}x")
        print(f"on the peer's fastest ({FASTEST}): {fastest_ours / fastest_peer:.2f}x")


if __name__ == "__main__":
    main()
