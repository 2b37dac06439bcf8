"""The checker works wherever a reward is computed: spawned processes, threads, asyncio."""

import asyncio
import multiprocessing
from concurrent.futures import ThreadPoolExecutor

from reasoning_gym_envs.answers import Reference, Verdict, check

CASES = [
    ("42", r"\boxed{42}"),
    ("42", r"\boxed{43}"),
    (r"\sqrt{2}+\sqrt{3}", r"\boxed{\sqrt{5+2\sqrt{6}}}"),
    (r"\cos(2x)", r"\boxed{1-2\sin^2 x}"),
    ("(n+1)!", r"\boxed{(n+1)n!}"),
    ("42", r"\boxed{42+e^{-5000}}"),
    ("x > 3", r"\boxed{(3, \infty)}"),
    ("7", r"\boxed{9^{9^{9^9}}}"),
    ("7", r"\boxed{((7}"),
]


def judge(case: tuple[str, str]) -> Verdict:
    reference, response = case
    return check(response, reference)


EXPECTED = ["correct", "wrong", "correct", "correct", "correct", "wrong", "correct", "too_large"]
EXPECTED += ["unreadable"]


def test_in_this_thread() -> None:
    assert [judge(case).status for case in CASES] == EXPECTED


def test_in_spawned_processes() -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert pool.map(judge, CASES) == [judge(case) for case in CASES]
        reference = Reference(r"\sqrt{2}+\sqrt{3}")  # travels there with its tree
        found = pool.map(reference.is_correct, [response for _, response in CASES])
        assert found == [place == 2 for place in range(len(CASES))]


def test_in_threads() -> None:
    with ThreadPoolExecutor(8) as pool:
        for verdicts in pool.map(lambda _: [judge(case).status for case in CASES], range(24)):
            assert verdicts == EXPECTED


def test_in_asyncio() -> None:
    async def gather() -> list[str]:
        jobs = (asyncio.to_thread(judge, case) for case in CASES)
        return [verdict.status for verdict in await asyncio.gather(*jobs)]

    assert asyncio.run(gather()) == EXPECTED
