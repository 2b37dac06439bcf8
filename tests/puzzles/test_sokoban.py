"""Sokoban: rooms that can be solved, what is lost, plans, what earns nothing."""

from collections import deque
from random import Random

import gymnasium as gym
import pytest

from reasoning_gym_envs.problems import Problem
from reasoning_gym_envs.puzzles.sokoban import (
    ROOMS,
    Room,
    State,
    distances_of,
    is_frozen,
    pushes_needed,
    search,
)

MOVES = {"north": (-1, 0), "south": (1, 0), "west": (0, -1), "east": (0, 1)}


def read(text):
    """Walls, goals, boxes and the player of a map, as sets of places."""
    places = {}
    for row, line in enumerate(text.splitlines()):
        for column, character in enumerate(line):
            places.setdefault(character, set()).add((row, column))
    of = lambda characters: set().union(*(places.get(c, set()) for c in characters))  # noqa: E731
    (player,) = of("@+")
    return of("#"), frozenset(of(".*+")), frozenset(of("$*")), player


def moved(walls, boxes, player, move):
    """Boxes and player after a step, by the rules; None where it is not possible."""
    to = (player[0] + move[0], player[1] + move[1])
    if to in walls:
        return None
    if to in boxes:
        behind = (to[0] + move[0], to[1] + move[1])
        if behind in walls or behind in boxes:
            return None
        boxes = boxes - {to} | {behind}
    return boxes, to


def fewest_pushes(walls, goals, boxes, player):
    """Breadth-first over single steps, those that do not push first; None: no solution."""
    queue, seen = deque([(0, boxes, player)]), set()
    while queue:
        pushes, boxes, player = queue.popleft()
        if boxes == goals:
            return pushes
        if (boxes, player) in seen:
            continue
        seen.add((boxes, player))
        for move in MOVES.values():
            after = moved(walls, boxes, player, move)
            if after is not None and after[0] == boxes:
                queue.appendleft((pushes, *after))
            elif after is not None:
                queue.append((pushes + 1, *after))
    return None


def room_of(text):
    """A room from a map."""
    walls, goals, boxes, player = read(text)
    lines = text.splitlines()
    width, height = len(lines[0]), len(lines)
    mask = lambda places: sum(1 << r * width + c for r, c in places)  # noqa: E731
    floor = {(r, c) for r in range(height) for c in range(width)} - walls
    start = State(player[0] * width + player[1], mask(boxes))
    return Room(width, height, mask(floor), mask(goals), start, ())


def view_of(observation):
    return observation.rpartition("\n\n")[2]


def pushes_of(walls, boxes, player, commands):
    pushes = 0
    for command in commands:
        after = moved(walls, boxes, player, MOVES[command])
        pushes += after[0] != boxes
        boxes, player = after
    return pushes, boxes


@pytest.mark.parametrize("level", range(1, 11))
def test_levels(level):
    """Solved by the rules; at the low levels in the fewest pushes, by a search step by step."""
    rows, columns, boxes_there, low, high, turns = ROOMS[level - 1]
    env = gym.make("Sokoban-v0", level=level).unwrapped
    for seed in range(12):
        walls, goals, boxes, player = read(view_of(env.reset(seed=seed)[0]))
        room = env.snapshot().episode.problem.data
        assert (room.height, room.width) == (rows + 2, columns + 2)
        assert len(boxes) == len(goals) == boxes_there
        assert not boxes & goals
        bound = pushes_needed(distances_of(room), room.start.boxes)
        assert low <= bound <= high
        solution = env.solution()
        assert len(solution) <= turns // 1.2
        pushes, end = pushes_of(walls, boxes, player, solution)
        assert end == goals
        assert bound <= pushes <= 2.2 * high
        if level <= 5 and seed < 4:
            assert pushes == fewest_pushes(walls, goals, boxes, player)


@pytest.mark.parametrize("level", [1, 3, 6, 9])
def test_the_agent_may_do_what_the_rules_allow(level):
    env = gym.make("Sokoban-v0", level=level, max_turns=1000).unwrapped
    for seed in range(5):
        observation, info = env.reset(seed=seed)
        for turn in range(40):
            walls, goals, boxes, player = read(view_of(observation))
            possible = {n: moved(walls, boxes, player, m) for n, m in MOVES.items()}
            assert info["admissible_commands"] == [
                *(name for name, after in possible.items() if after),
                "restart",
            ]
            names = [name for name in MOVES if possible[name]]
            if not names:
                break
            name = names[(turn * 7 + seed) % len(names)]
            observation, _, ended, _, info = env.step(name)
            if ended:
                break
            assert read(view_of(observation)) == (walls, goals, *possible[name])


def dead_by_search(text):
    return fewest_pushes(*read(text)) is None


@pytest.mark.parametrize(
    ("text", "frozen", "no_assignment"),
    [
        ("#####\n#$--#\n#-@.#\n#---#\n#####", True, True),  # in a corner
        ("######\n#-$$-#\n#-@--#\n#..--#\n######", True, True),  # two at a wall
        ("######\n#----#\n#-$$-#\n#-$$-#\n#@...#\n#.---#\n######", True, False),  # a block
        ("######\n#-$--#\n#-@--#\n#--.-#\n######", False, True),  # at a wall without a goal
        ("#####\n#*--#\n#-@.#\n#-$-#\n#---#\n#####", False, False),  # a corner that is a goal
    ],
)
def test_dead_rooms(text, frozen, no_assignment):
    """What is called dead is; the flow back to the start is the way out."""
    room = room_of(text)
    assert is_frozen(room, room.start.boxes) is frozen
    assert (pushes_needed(distances_of(room), room.start.boxes) is None) is no_assignment
    dead = frozen or no_assignment
    assert dead_by_search(text) is dead
    assert (search(room, room.start) is None) is dead
    env = gym.make("Sokoban-v0", reward="dense").unwrapped
    env.reset(options={"problem": Problem(text, 1, "", "", "Sokoban", data=room)})
    assert (env.snapshot().episode.progress == 0) is dead


def test_nothing_is_called_dead_that_is_not():
    """Random play in small rooms, against a search of every state; and the bound is one."""
    env = gym.make("Sokoban-v0", level=3, max_turns=1000).unwrapped
    dead = alive = 0
    for seed in range(6):
        observation, info = env.reset(seed=seed)
        room = env.snapshot().episode.problem.data
        for turn in range(25):
            names = info["admissible_commands"][:-1]
            if not names:
                break
            observation, _, ended, _, info = env.step(names[(turn * 5 + seed) % len(names)])
            if ended:
                break
            boxes = env.snapshot().episode.state.boxes
            least = fewest_pushes(*read(view_of(observation)))
            bound = pushes_needed(distances_of(room), boxes)
            if least is None:
                dead += 1
                assert env.solution()[0] == "restart"
            else:
                alive += 1
                assert bound is not None
                assert bound <= least
                assert not is_frozen(room, boxes)
                assert "restart" not in env.solution()
    assert dead > 5
    assert alive > 20


def test_no_state_is_lost():
    """From a dead room the solution begins anew, and solves it."""
    for level in (2, 6, 10):
        env = gym.make("Sokoban-v0", level=level, reward="dense", max_turns=1000).unwrapped
        restarts = 0
        for seed in range(8):
            _, info = env.reset(seed=seed)
            before = env.snapshot().episode
            choose = Random(seed)
            for _ in range(60):
                names = info["admissible_commands"]
                *_, ended, _, info = env.step(choose.choice(names[:-1] or names))
                if ended:
                    break
            if ended:
                continue
            solution = env.solution()
            restarts += solution[0] == "restart"
            assert solution.count("restart") <= 1
            *_, last = [env.step(command) for command in solution]
            assert last[4]["is_success"]
            _, info = env.reset(seed=seed)
            env.step(info["admissible_commands"][0])
            env.step("restart")
            assert env.snapshot().episode.state == before.state
            assert env.snapshot().episode.progress == before.progress
        assert restarts > 0


@pytest.mark.parametrize("mode", ["dense", "shaped"])
def test_pushing_to_and_fro_walking_and_restarting_earn_nothing(mode):
    text = "#######\n#-----#\n#-@$--#\n#----.#\n#-----#\n#######"
    env = gym.make("Sokoban-v0", reward=mode, max_turns=1000).unwrapped
    env.reset(options={"problem": Problem(text, 1, "", "", "Sokoban", data=room_of(text))})
    around = ["north", "east", "east", "east", "south"]
    cycle = ["east", *around, "west", "north", "west", "west", "west", "south"]
    for commands in (cycle, ["east", "restart"], ["restart"], ["north", "south"]):
        env.step("restart")
        assert sum(env.step(command)[1] for _ in range(5) for command in commands) <= 1e-9


def test_near_the_goals_and_dead_is_worth_nothing():
    """Parking boxes at goals where they cannot get in earns less than not moving."""
    text = "#######\n#-----#\n#-$-@-#\n#-.---#\n#######"
    room = room_of(text)
    env = gym.make("Sokoban-v0", reward="dense").unwrapped
    env.reset(options={"problem": Problem(text, 1, "", "", "Sokoban", data=room)})
    *_, (_, reward, *_) = [env.step(command) for command in ("south", "west")]
    assert reward == 0  # walking
    env.step("restart")
    rewards = [env.step(command)[1] for command in ("west", "west")]
    assert rewards[1] < 0  # along the wall of the goal, and away from it
    text = "######\n#-.--#\n#-$--#\n#-@--#\n#----#\n######"
    env.reset(options={"problem": Problem(text, 1, "", "", "Sokoban", data=room_of(text))})
    assert env.step("north")[2]


def test_plans():
    env = gym.make("SokobanBoxed-v0", level=4, reward="dense", max_turns=100).unwrapped
    letters = dict(zip(MOVES, "UDLR", strict=True))
    for seed in range(5):
        for write in (
            lambda plan: ", ".join(plan),
            lambda plan: " \\to ".join(plan),
            lambda plan: "".join(letters[c] for c in plan),
            lambda plan: "".join(letters[c] for c in plan).lower(),
            lambda plan: ", ".join(letters[c] for c in plan),
            lambda plan: "".join(c[0] for c in plan),
            lambda plan: plan[0] + ", restart, " + " ".join(letters[c] for c in plan),
            lambda plan: "\\text{" + "".join(letters[c] for c in plan) + "}",
        ):
            env.reset(seed=seed)
            plan = env.solution()[0][7:-1].split(", ")
            text = write(plan)
            said, _, ended, _, info = env.step("\\boxed{" + text + "}")
            assert ended, (text, said)
            assert info["is_success"]
    env.reset(seed=1)
    plan = env.solution()[0][7:-1].split(", ")
    said, reward, *_ = env.step("\\boxed{" + ", ".join([*plan[:-1], "jump"]) + "}")
    assert said.startswith(f"Command {len(plan)}: A command is")
    assert reward < 1
    for text in ("U" * 10**6, "north, " * 10**5, "x" * 10**6, "uldrx" * 50, "ü" * 99, "²", ""):
        assert not env.step("\\boxed{" + text + "}")[2]


@pytest.mark.parametrize(
    ("text", "cost"),
    [("jump", 0.5), ("", 0.5), ("north north", 0.5), ("nn", 0.5), ("north-east", 0.5),
     ("\x00", 0.5), ("\ud800", 0.5), ("go", 0.5), ("n" * 10**6, 0.5), ("north, east", 0.5)],
)  # fmt: skip
def test_what_is_no_command(text, cost):
    scheme = {"mode": "dense", "illegal_cost": 0.25, "format_cost": 0.5}
    env = gym.make("Sokoban-v0", reward=scheme).unwrapped
    view = view_of(env.reset(seed=1)[0])
    said, reward, *_ = env.step(text)
    assert view_of(said) == view
    assert "Possible: " in said
    assert reward == -cost


def test_what_cannot_be_done():
    text = "######\n#@$$-#\n#-..-#\n######"
    env = gym.make("Sokoban-v0", reward={"illegal_cost": 1}).unwrapped
    env.reset(options={"problem": Problem(text, 1, "", "", "Sokoban", data=room_of(text))})
    assert "wall to the north" in env.step("go up")[0]
    said, reward, *_ = env.step("push east")
    assert "cannot be pushed" in said
    assert reward == -1
    assert env.step("Down")[1] == 0
    with pytest.raises(ValueError, match="cannot be solved"):
        env.solution()


def test_numbers_say_what_the_text_says():
    env = gym.make("Sokoban-v0", level=(1, 6)).unwrapped
    assert env.numeric_space.shape == (4, 8, 8)
    for seed in range(20):
        walls, goals, boxes, player = read(view_of(env.reset(seed=seed)[0]))
        numbers = env.numeric_observation()
        height, width = max(walls)[0] + 1, max(column for _, column in walls) + 1
        outside = {(r, c) for r in range(8) for c in range(8) if r >= height or c >= width}
        for plane, places in zip(numbers, (walls | outside, goals, boxes, {player}), strict=True):
            assert {(int(r), int(c)) for r, c in zip(*plane.nonzero(), strict=True)} == places
    with pytest.raises(ValueError, match="does not fit"):
        env.reset(options={"level": 10}) and env.numeric_observation()
