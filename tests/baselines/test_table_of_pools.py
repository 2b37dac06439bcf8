"""The committed sizes of the pools: complete, and counted again in part."""

import json

import gymnasium as gym
import pytest

from baselines.commands import main
from baselines.pools import count
from reasoning_gym_envs import ENVIRONMENTS, rows
from reasoning_gym_envs.registry import LARGE_POOL, POOLS
from reasoning_gym_envs.seeds import PoolTooSmall, distinct_seeds, pool_size

# Cheap ones; every session looks at the same.
SAMPLE = [
    ("MathBoxed-v0", 1),
    ("TowerOfHanoi-v0", 1),
    ("LightsOutBoxed-v0", 2),
    ("SlidingTiles-v0", 2),
    ("EquationStepsCommands-v0", 1),
    ("Countdown-v0", 2),
    ("NQueens-v0", 2),
    ("GraphColoringBoxed-v0", 1),
]


@pytest.mark.parametrize("id", ENVIRONMENTS)
def test_every_level_has_a_size(id):
    assert list(ENVIRONMENTS[id].pools) == list(range(1, 11))
    for size in ENVIRONMENTS[id].pools.values():
        assert 50 < size <= LARGE_POOL


@pytest.mark.parametrize("id", ENVIRONMENTS)
@pytest.mark.parametrize("level", [1, 5])
def test_draws_agree_with_the_sizes(id, level):
    """No more different problems than there are, and about as many as chance then gives."""
    draws, size = 60, ENVIRONMENTS[id].pools[level]
    made = rows(id, draws, level=level, split="test", unique=False)
    different = len({row["problem_id"] for row in made})
    assert different <= size
    if size == LARGE_POOL:  # 58 of 60 where all are equally likely
        assert different >= 45


@pytest.mark.parametrize(("id", "level"), SAMPLE)
def test_the_sizes_are_what_is_counted(id, level):
    assert count(id, level) == ENVIRONMENTS[id].pools[level]


def test_ids_of_one_class_share_their_problems():
    first = {}
    for id, entry in ENVIRONMENTS.items():
        drawn = [row["problem_id"] for row in rows(id, 10, level=(1, 10), split="test")]
        assert first.setdefault(entry.place, drawn) == drawn


def test_no_level_of_the_24_game_above_the_cards_is_small():
    pools = ENVIRONMENTS["Game24Boxed-v0"].pools
    assert all(pools[level] >= 300 for level in range(5, 11))


def test_a_changed_environment_is_counted_alone(tmp_path, capsys):
    file = tmp_path / "pools.json"
    assert main(["pools", "TowerOfHanoiBoxed-v0", "--levels", "1", "--out", str(file)]) == 0
    assert main(["pools", "LightsOut-v0", "--levels", "2", "1", "--out", str(file)]) == 0
    assert capsys.readouterr().out == (
        "TowerOfHanoiBoxed-v0, level 1: 77\nLightsOut-v0, level 2: 290\nLightsOut-v0, level 1: 96\n"
    )
    hanoi, lights = {"1": 77}, {"1": 96, "2": 290}
    assert json.loads(file.read_text()) == {
        "TowerOfHanoi-v0": hanoi,
        "TowerOfHanoiBoxed-v0": hanoi,
        "LightsOut-v0": lights,
        "LightsOutBoxed-v0": lights,
    }


def test_the_file_is_as_the_command_writes_it():
    sizes = json.loads(POOLS.read_text())
    assert list(sizes) == list(ENVIRONMENTS)


def test_counting_ends_where_it_is_told_to():
    env = gym.make("TowerOfHanoi-v0", level=1, split="test")
    assert [pool_size(env, most) for most in (1, 76, 77, 78)] == [1, 76, 77, 77]


class Numbers(gym.Env):
    """Problems from 0 to `size`, the square of a number more likely where it is skewed."""

    def __init__(self, size, skewed=False):
        self.size, self.skewed, self.draws = size, skewed, 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.draws += 1
        number = self.np_random.random() ** (3 if self.skewed else 1) * self.size
        return "", {"problem_id": str(int(number))}


@pytest.mark.parametrize("size", [1, 2, 30, 400, 499])
def test_a_pool_is_counted_whole(size):
    assert [pool_size(Numbers(size), 500, seed) for seed in range(2)] == [size] * 2


@pytest.mark.parametrize("skewed", [False, True])
def test_a_pool_that_is_smaller_never_seems_large(skewed):
    assert max(pool_size(Numbers(450, skewed), 500, seed) for seed in range(4)) <= 450


def test_a_large_pool_is_known_from_a_part_of_the_draws():
    env = Numbers(100_000)
    assert pool_size(env, 500) == 500
    assert env.draws < 200


def test_what_is_left_out_of_a_pool_is_told():
    env = gym.make("TowerOfHanoi-v0", level=1, split="test")
    known = [row["problem_id"] for row in rows("TowerOfHanoi-v0", 70, level=1, split="test")]
    assert len(distinct_seeds(env, 7, 3, exclude=known)) == 7
    with pytest.raises(PoolTooSmall, match=r"only 77 different .* gave 77, 70 of them to be left"):
        distinct_seeds(env, 8, 3, exclude=known)
    assert len(distinct_seeds(env, 8, 3, exclude=known, or_fewer=True)) == 7


def test_a_pool_that_is_not_used_up_is_estimated():
    """Some problems are so rare that they are still unseen when drawing ends."""

    class Rare(Numbers):
        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            number = int(self.np_random.exponential(40.0) ** 2 // 10)
            return "", {"problem_id": str(number)}

    with pytest.raises(PoolTooSmall, match=r"Rare seems to have only about [\d,]+ different"):
        distinct_seeds(Rare(0), 100_000, 0)
