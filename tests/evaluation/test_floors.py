import pytest

from reasoning_gym_envs.evaluation import Floor, limit, measure


def test_the_same_arguments_give_the_same_floor():
    assert measure("KnightsAndKnavesBoxed-v0", 1, episodes=20) == measure(
        "KnightsAndKnavesBoxed-v0", 1, episodes=20
    )
    one, other = (measure("TowerOfHanoi-v0", 1, episodes=40, seed=seed) for seed in (0, 1))
    assert one != other


def test_random_commands_solve_what_chance_solves():
    (floor,) = measure("TowerOfHanoi-v0", 1, episodes=60)
    assert floor.policy == "random commands"
    assert 0 < floor.solved < 60
    low, high = floor.interval
    assert low < floor.share < high


def test_a_constant_is_chosen_in_training_and_names_count_for_nothing():
    (floor,) = measure("KnightsAndKnavesBoxed-v0", 1, episodes=100)
    assert floor.policy == "constant"
    assert floor.response.startswith("\\boxed{‹0›: kn")
    assert 0.03 < floor.share < 0.3  # one of eight


def test_a_plan_is_given_at_random_too():
    floors = {floor.policy: floor for floor in measure("TowerOfHanoiBoxed-v0", 1, episodes=60)}
    assert set(floors) == {"constant", "random plan"}
    assert floors["random plan"].solved > 0


def test_where_there_are_too_few_problems_they_are_played_again():
    (floor,) = measure("TowerOfHanoi-v0", 1, episodes=300)
    assert floor.episodes == 300 > floor.problems > 10


@pytest.mark.parametrize(("level", "share"), [(2, 1.0), (3, 0.1), (4, 0.1), (5, 0.02), (10, 0.02)])
def test_limits(level, share):
    assert limit(level) == share
    assert Floor("x", level, "constant", 100, round(100 * share), 100).is_low
    assert share == 1 or not Floor("x", level, "constant", 100, round(100 * share) + 1, 100).is_low


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="Maze"):
        measure("Maze", 1)
    with pytest.raises(ValueError, match="at least 1"):
        measure("LightsOut-v0", 1, episodes=0)
