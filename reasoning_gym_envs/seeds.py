"""Seeds of episodes: derived from a path of numbers, and of problems that differ."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np


class PoolTooSmall(ValueError):
    """An environment has fewer different problems than were asked for."""


class Drawn(NamedTuple):
    """The begin of an episode: its seed, the first observation and ``info``."""

    seed: int
    observation: str
    info: dict[str, Any]


def derive_seed(*path: int) -> int:
    """A 31-bit episode seed from a path of numbers such as (run, update, group).

    Paths of one length that differ anywhere share nothing (NumPy's ``SeedSequence``, to which (1,)
    and (1, 0) are the same), which sums of seeds and indices do not give. Being derived, no random
    state has to be saved to go on exactly.

    >>> derive_seed(0, 1), derive_seed(1, 0)
    (1982462498, 917752063)
    """
    return int(np.random.SeedSequence(path).generate_state(1)[0] >> 1)


def distinct_episodes(
    env: gym.Env[str, str],
    *path: int,
    exclude: Collection[str] = (),
    options: dict[str, Any] | None = None,
) -> Iterator[Drawn]:
    """Episodes whose problems differ from each other and from ``exclude``, one after the other.

    The seeds are ``derive_seed(*path, 0)``, ``derive_seed(*path, 1)`` and so on, without those of
    problems that were there before. Each episode has begun when it is given: take what is needed
    of it before the next.

    Args:
        env: what is drawn from; an episode without a ``problem_id`` counts as new.
        path: where the seeds are derived from.
        exclude: ids of problems that are left out.
        options: of every reset.

    Raises:
        PoolTooSmall: there seem to be no more: 1,000 draws, and 20 for each problem that was
            found, are used up. The message says how many there seem to be.
    """
    times: Counter[str] = Counter()
    left_out = frozenset(exclude)
    for draw in itertools.count():
        if draw >= _most_draws(len(times)):
            raise PoolTooSmall(_too_few(env, times, left_out))
        seed = derive_seed(*path, draw)
        observation, info = env.reset(seed=seed, options=options)
        problem = str(info.get("problem_id", seed))
        times[problem] += 1
        if times[problem] == 1 and problem not in left_out:
            yield Drawn(seed, observation, info)


def distinct_seeds(
    env: gym.Env[str, str],
    count: int,
    *path: int,
    exclude: Collection[str] = (),
    or_fewer: bool = False,
) -> list[int]:
    """Seeds of ``count`` episodes whose problems differ; see :func:`distinct_episodes`.

    Where the environment has fewer problems than that, it gives as many as were found with
    ``or_fewer``, and else raises :class:`PoolTooSmall`.
    """
    seeds: list[int] = []
    try:
        for drawn in distinct_episodes(env, *path, exclude=exclude):
            seeds.append(drawn.seed)
            if len(seeds) == count:
                break
    except PoolTooSmall:
        if not (or_fewer and seeds):
            raise
    return seeds


def pool_size(env: gym.Env[str, str], most: int = 500, seed: int = 0) -> int:
    """How many different problems an environment has, as far as drawing can tell.

    Args:
        env: with the arguments that are meant, such as ``level`` and ``split``.
        most: the largest number of interest, which stands for so many or more. Where hardly a
            problem comes twice, a part of the draws shows that there are so many: with fewer, a
            chance of less than one in a million.
        seed: of the draws.

    >>> import reasoning_gym_envs
    >>> env = gym.make("TowerOfHanoi-v0", level=1, split="test")
    >>> pool_size(env), pool_size(env, most=50)
    (77, 50)
    """
    found: set[str] = set()
    draws = 0
    while draws < _most_draws(len(found)):
        if len(found) >= most or _is_larger(most, len(found), draws):
            return most
        episode_seed = derive_seed(seed, draws)
        found.add(str(env.reset(seed=episode_seed)[1].get("problem_id", episode_seed)))
        draws += 1
    return len(found)


def _most_draws(different: int) -> int:
    """After how many draws there seem to be no more than so many different problems."""
    return 1000 + 20 * different


def _is_larger(size: int, different: int, draws: int) -> bool:
    """Whether draws gave more different problems than a pool of a size does, by five deviations.

    Of all pools of that size, one whose problems are equally likely gives most.
    """
    missed, two_missed = (1 - 1 / size) ** draws, max(0.0, 1 - 2 / size) ** draws
    variance = size * (missed + (size - 1) * two_missed - size * missed**2)
    return different > 0.5 + size * (1 - missed) + 5 * math.sqrt(max(0.0, variance))


def _too_few(env: gym.Env[str, str], times: Counter[str], left_out: Collection[str]) -> str:
    """What is said of a pool that is used up."""
    # Problems that were drawn once tell of those that were never drawn (Chao, 1984).
    once, twice = (list(times.values()).count(number) for number in (1, 2))
    unseen = once * (once - 1) // (2 * (twice + 1))
    size = f"about {len(times) + unseen:,}" if unseen else f"{len(times):,}"
    name = env.spec.id if env.spec is not None else type(env.unwrapped).__name__
    known = sum(problem in left_out for problem in times)
    excluded = f", {known:,} of them to be left out" if known else ""
    return (
        f"{name} seems to have only {size} different problems with these arguments: "
        f"{sum(times.values()):,} draws gave {len(times):,}{excluded}. Ask for fewer, or take a "
        "higher level or several"
    )
