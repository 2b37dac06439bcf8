"""Mazes: solvable from everywhere, distances, views that hide what they should, commands, ice."""

import pickle
import random
from collections import Counter, deque
from dataclasses import replace
from itertools import pairwise

import gymnasium as gym
import pytest

from reasoning_gym_envs.maze import views
from reasoning_gym_envs.maze.mazes import GENERATORS, LEVELS, SLIP, WALL, noise, noise_at
from reasoning_gym_envs.maze.text_maze import TextMaze, direction_of
from reasoning_gym_envs.puzzles.tower_of_hanoi import TowerOfHanoi

LEVEL_NUMBERS = range(1, 11)
WORDS = ("north", "east", "south", "west")


def maze_of(seed, **arguments):
    env = TextMaze(**arguments)
    env.reset(seed=seed)
    return env, env.snapshot().episode.problem.data


def neighbours(maze, cell, keys):
    """The rules of a maze, written again: every state that one step leads to."""
    for direction in range(4):
        side = 4 * cell + direction
        if maze.beyond[side] == WALL or (side in maze.doors and maze.doors[side] not in keys):
            continue
        after = maze.beyond[side]
        yield after, keys | ({maze.keys[after]} if after in maze.keys else set())


def graph(maze):
    """All states that can be reached, and who leads to them."""
    first = (maze.start, frozenset())
    into, queue = {first: []}, deque([first])
    while queue:
        state = queue.popleft()
        for after in neighbours(maze, *state):
            after = (after[0], frozenset(after[1]))
            if after not in into:
                into[after] = []
                queue.append(after)
            into[after].append(state)
    return into


def distances(maze):
    into = graph(maze)
    found = {state: 0 for state in into if state[0] == maze.exit}
    queue = deque(found)
    while queue:
        state = queue.popleft()
        for before in into[state]:
            if before not in found and before[0] != maze.exit:
                found[before] = found[state] + 1
                queue.append(before)
    return into, found


def bits(keys):
    return sum(1 << colour for colour in keys)


@pytest.mark.parametrize("generator", GENERATORS)
@pytest.mark.parametrize("level", LEVEL_NUMBERS)
def test_the_exit_is_reached_from_every_state_and_the_distance_is_true(level, generator):
    for seed in range(3 if level < 8 else 1):
        _, maze = maze_of(seed, level=level, generator=generator)
        states, found = distances(maze)
        assert set(found) == set(states)
        assert {cell for cell, _ in states} == set(range(maze.size**2))
        for (cell, keys), distance in found.items():
            if cell != maze.exit:
                assert maze.distance(cell, bits(keys)) == distance


@pytest.mark.parametrize("level", LEVEL_NUMBERS)
def test_levels_have_what_the_card_says(level):
    _, maze = maze_of(5, level=level)
    asked = LEVELS[level - 1]
    assert (maze.size, maze.slip, maze.lamp) == (asked.size, asked.slip, asked.lamp)
    assert len(maze.keys) == len(maze.doors) / 2 == asked.keys
    assert len(maze.one_way) == asked.one_way
    for side in maze.one_way:
        assert maze.beyond[side] != WALL
        assert maze.beyond[4 * maze.beyond[side] + (side % 4 + 2) % 4] == WALL
    for side in maze.doors:  # without its key a door keeps the agent from the exit
        without = {k: v for k, v in maze.keys.items() if v != maze.doors[side]}
        reached = {maze.start}
        queue = [(maze.start, frozenset())]
        seen = set(queue)
        while queue:
            cell, _ = queue.pop()
            for after, held in neighbours(maze, cell, set(without.values())):
                state = (after, frozenset(held) & set(without.values()))
                if state not in seen:
                    seen.add(state)
                    reached.add(after)
                    queue.append(state)
        assert maze.exit not in reached


@pytest.mark.parametrize("level", LEVEL_NUMBERS)
def test_progress_is_gamma_to_the_distance_and_the_reference_is_shortest(level):
    env = gym.make("TextMaze-v0", level=level, reward={"mode": "dense", "gamma": 0.95}, slip=0)
    env.reset(seed=3)
    maze = env.unwrapped.snapshot().episode.problem.data
    _, found = distances(maze)
    d = found[maze.start, frozenset()]
    solution = env.unwrapped.solution()
    assert len(solution) == d
    for steps_left, command in zip(range(d - 1, -1, -1), solution, strict=True):
        *_, info = env.step(command)
        expected = 0.95**steps_left - 0.95 ** (steps_left + 1)
        assert info["reward_terms"]["progress"] == pytest.approx(expected)
    assert info["is_success"]


def test_generators_differ():
    """Dead ends, long corridors, and cells in rooms tell the three apart."""
    counts = {}
    for generator in GENERATORS:
        ways = Counter()
        for seed in range(10):
            _, maze = maze_of(seed, level=5, generator=generator)
            for cell in range(maze.size**2):
                ways[sum(side != WALL for side in maze.beyond[4 * cell : 4 * cell + 4])] += 1
        counts[generator] = {n: ways[n] / ways.total() for n in range(1, 5)}
    depth, kruskal, rooms = (counts[name] for name in GENERATORS)
    assert depth[1] < 0.15 < 0.2 < kruskal[1]
    assert depth[2] > kruskal[2] > rooms[2]
    assert rooms[3] + rooms[4] > 0.5


def test_loops_are_opened():
    def edges(level):
        _, maze = maze_of(1, level=level, generator="kruskal")
        return sum(side != WALL for side in maze.beyond) // 2, maze.size**2 - 1

    assert edges(3)[0] == edges(3)[1]
    assert edges(4)[0] > edges(4)[1]


def length(maze):
    return distances(maze)[1][maze.start, frozenset()]


@pytest.mark.parametrize("generator", GENERATORS)
def test_the_exit_is_one_of_the_third_of_the_cells_that_are_farthest(generator):
    for seed in range(30):
        _, maze = maze_of(seed, level=2, generator=generator)
        steps = {(maze.start, frozenset()): 0}
        queue = deque(steps)
        while queue:
            state = queue.popleft()
            for cell, _ in neighbours(maze, *state):
                if (cell, frozenset()) not in steps:
                    steps[cell, frozenset()] = steps[state] + 1
                    queue.append((cell, frozenset()))
        third = sorted(steps.values())[-(maze.size**2 // 3) :]
        assert length(maze) >= third[0]


def test_difficulty_rises_with_the_level():
    """By the length of a shortest way."""
    middles = []
    for level in range(1, 11):
        env = TextMaze(level=level)
        env.reset(seed=level)
        lengths = []
        for _ in range(60 if level < 7 else 25):
            env.reset()
            maze = env._maze
            lengths.append(maze.distance(maze.start, 0))
        middles.append(sorted(lengths)[len(lengths) // 2])
    assert all(low < high for low, high in pairwise(middles)), middles


@pytest.mark.parametrize(("level", "factor"), [(1, 2), (3, 2), (5, 2), (7, 3)])
def test_the_turn_limit_is_a_multiple_of_the_shortest_way_and_the_cells(level, factor):
    env = TextMaze(level=level)
    for seed in range(5):
        env.reset(seed=seed)
        limit = factor * (length(env._maze) + env._maze.size**2)
        assert env._episode.turn_limit == limit
        native = gym.make_vec("TextMaze-v0", 1, level=level)  # the batch agrees
        native.reset(seed=seed)
        assert native.unwrapped._limit.tolist() == [limit]
    mine = TextMaze(level=level, max_turns=7)
    mine.reset(seed=1)
    assert mine._episode.turn_limit == 7


class Explorer:
    """Walks to the nearest cell that it has seen and not been in: no plan, but a memory."""

    def __init__(self, maze):
        self.maze, self.cell, self.keys = maze, maze.start, frozenset()
        self.ways = {}
        self.been = set()
        self.look()

    def look(self):
        self.been.add(self.cell)
        for direction in range(4):
            cell, steps = self.cell, 0
            while steps != self.maze.lamp or not steps:
                side = 4 * cell + direction
                after = self.maze.beyond[side]
                if after == WALL:
                    break
                self.ways[cell, direction] = after
                if side in self.maze.doors:
                    break
                if side not in self.maze.one_way:
                    self.ways[after, (direction + 2) % 4] = cell
                cell, steps = after, steps + 1

    def next(self):
        first, queue = {self.cell: None}, deque([self.cell])
        while queue:
            cell = queue.popleft()
            if cell not in self.been:
                return first[cell]
            for direction in range(4):
                after = self.ways.get((cell, direction))
                colour = self.maze.doors.get(4 * cell + direction)
                locked = colour is not None and colour not in self.keys
                if after is not None and after not in first and not locked:
                    first[after] = direction if first[cell] is None else first[cell]
                    queue.append(after)
        raise AssertionError("all is seen, and no exit")

    def walk(self, command):
        cell = self.maze.beyond[4 * self.cell + command]
        self.cell = cell
        if cell in self.maze.keys:
            self.keys |= {self.maze.keys[cell]}
        self.look()


@pytest.mark.parametrize("level", [1, 2, 3, 4, 5, 6])
def test_who_looks_everywhere_is_in_time(level):
    for seed in range(12):
        env, maze = maze_of(seed, level=level)
        explorer, ended = Explorer(maze), False
        while not ended:
            command = explorer.next()
            *_, terminated, truncated, _ = env.step(WORDS[command])
            explorer.walk(command)
            ended = terminated or truncated
        assert terminated


# What is seen.


def local_lines(text):
    return [line for line in text.splitlines() if line.startswith(("North", "East", "So", "We"))]


@pytest.mark.parametrize("level", [1, 5, 6, 8])
def test_the_local_view_tells_what_a_ray_meets(level):
    env, maze = maze_of(2, level=level, slip=0)
    choose = random.Random(1)
    for _ in range(60):
        place = env.snapshot().episode.state
        text = env._describe(place)
        for direction, line in enumerate(local_lines(text)):
            cell, steps, marks = place.cell, 0, []
            while True:
                side = 4 * cell + direction
                if maze.lamp and steps == maze.lamp:
                    end = "darkness"
                elif side in maze.doors:
                    end = ("red", "blue", "green")[maze.doors[side]] + " door"
                elif maze.beyond[side] == WALL:
                    end = "wall"
                else:
                    cell, steps = maze.beyond[side], steps + 1
                    if side in maze.one_way:
                        marks.append(f"step {steps}: one way only")
                    if cell == maze.exit:
                        marks.append(f"step {steps}: the exit")
                    if cell in maze.keys and not place.keys >> maze.keys[cell] & 1:
                        colour = ("red", "blue", "green")[maze.keys[cell]]
                        marks.append(f"step {steps}: a {colour} key")
                    continue
                break
            head, _, rest = line.partition(" (")
            assert head.rstrip(".").endswith(end)
            assert rest.rstrip(").") == "; ".join(marks)
            assert (f"{steps} step" in head) is (steps > 0)
        env.step(choose.choice(env._commands(place)))
        if env._episode.ended:
            break


def test_the_map_shows_the_maze():
    env, maze = maze_of(4, level=7, view="map", slip=0)
    rows = env._describe(env._episode.state).splitlines()
    assert rows[-1] == "You carry no keys."
    marks = Counter("".join(rows[:-1]))
    assert (marks["@"], marks["E"]) == (1, 1)
    assert (marks["r"], marks["R"], marks["b"], marks["B"]) == (1, 1, 1, 1)
    assert sum(marks[arrow] for arrow in "^>v<") == len(maze.one_way)
    for cell in range(maze.size**2):
        row, column = 2 * (cell // maze.size) + 1, 2 * (cell % maze.size) + 1
        for direction, (down, right) in enumerate(((-1, 0), (0, 1), (1, 0), (0, -1))):
            side, mark = 4 * cell + direction, rows[row + down][column + right]
            if maze.beyond[side] != WALL:
                assert mark != "#"
                assert (mark in "RB") is (side in maze.doors)
                if side in maze.one_way:
                    assert mark == "^>v<"[direction]
            else:
                assert mark in "#^>v<"


def test_fog_hides_what_was_not_seen_and_remembers_what_was():
    env, maze = maze_of(1, level=6, view="map", fog=True)
    open_env, _ = maze_of(1, level=6, view="map")
    whole = open_env._describe(open_env._episode.state).splitlines()
    shown_before = 0
    for command in [*env.solution()[:30], "dance"]:
        shown = env._describe(env._episode.state).splitlines()
        count = sum(mark != "?" for row in shown[:-1] for mark in row)
        assert shown_before <= count < 0.9 * maze.size**2 * 4
        shown_before = count
        place = env._episode.state
        for r, row in enumerate(shown[:-1]):
            for c, mark in enumerate(row):
                assert mark in ("?", "@", whole[r][c], ".")
        row, column = divmod(place.cell, maze.size)
        assert shown[2 * row + 1][2 * column + 1] == "@"
        env.step(command)
    first = TextMaze(level=6, view="map", fog=True).reset(seed=1)[0].split("\n\n")[1]
    seen = [
        (r // 2, c // 2)
        for r, row in enumerate(first.splitlines()[:-1])
        for c, mark in enumerate(row)
        if mark != "?" and r % 2 and c % 2
    ]
    home = divmod(maze.start, maze.size)
    assert all(
        (row == home[0] or column == home[1])
        and abs(row - home[0]) + abs(column - home[1]) <= maze.lamp
        for row, column in seen
    )


def test_coordinates():
    env, maze = maze_of(8, level=4, view="coordinates")
    text = env._describe(env._episode.state)
    at = f"column {maze.start % 11 + 1}, row {maze.start // 11 + 1}"
    out = f"column {maze.exit % 11 + 1}, row {maze.exit // 11 + 1}"
    assert text.startswith(f"You are at {at}. The exit is at {out}.")
    assert "The red key is at" in text
    assert "The red door is" in text


@pytest.mark.parametrize("view", ["local", "map", "coordinates"])
def test_an_observation_is_one_of_the_state_alone(view):
    env, _ = maze_of(3, level=3, view=view)
    texts = {}
    choose = random.Random(0)
    for _ in range(300):
        place = env._episode.state
        said, _, ended, truncated, info = env.step(choose.choice(env._commands(place)))
        if ended or truncated:
            break
        assert texts.setdefault(env._episode.state, said) == said
    assert info["turn"] > 20 or ended
    if view != "local":
        assert len(set(texts.values())) == len(texts)


@pytest.mark.parametrize("arguments", [{}, {"view": "map"}, {"view": "map", "fog": True}])
def test_numbers_show_no_more_than_the_text(arguments):
    """Where two states read the same, their numbers are the same, but for the agent's own place."""
    env = TextMaze(level=(1, 6), **arguments)
    numbers_of = {}
    for seed in range(40):
        env.reset(seed=seed, options={"level": seed % 3 + 1})
        for command in [*env.solution()[:6]]:
            text = env.step(command)[0]
            if env._episode.ended:
                break
            numbers = env.numeric_observation()
            assert numbers in env.numeric_space
            assert (numbers_of.setdefault(text, numbers) == numbers).all()


# Commands.


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        *((word, i) for i, word in enumerate(WORDS)),
        *((word[0].upper(), i) for i, word in enumerate(WORDS)),
        ("go  North.", 0),
        ("walk east", 1),
        ("go to the south!", 2),
        ("left", 3),
        ("<think>north or south?</think>\nWest", 3),
        ("\\boxed{north}", 0),
    ],
)
def test_ways_of_writing_a_command(text, direction):
    one, other = (TextMaze(level=3) for _ in range(2))
    for env in (one, other):
        env.reset(seed=2)
    assert one.step(text)[0] == other.step(WORDS[direction])[0]


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "dance", "north east", "go", "north\x00", "nörth", "\ud800", "🙂", "٣", "²",
        "north " * 200_000, "go " * 50, "north, east", "<think>north", "n\n" * 10_000, "0",
    ],
)  # fmt: skip
def test_what_is_no_command_costs_a_turn_and_says_what_is_possible(text):
    env = TextMaze(level=2, reward={"format_cost": 0.5, "collision_cost": 0.1})
    _, info = env.reset(seed=1)
    before = env._episode.state
    said, reward, *_, after = env.step(text)
    assert env._episode.state == before
    assert f"Possible: {', '.join(info['admissible_commands'])}." in said
    assert (reward, after["turn"]) == (-0.5, 1)


def test_collisions_have_a_price_of_their_own():
    env = TextMaze(level=2, reward={"collision_cost": 0.25})
    _, info = env.reset(seed=1)
    (closed, *_) = [word for word in WORDS if word not in info["admissible_commands"]]
    said, reward, *_, info = env.step(closed)
    assert said.startswith(f"There is a wall to the {closed}. Possible: ")
    assert reward == info["reward_terms"]["collision"] == -0.25
    _, reward, *_, info = env.step(info["admissible_commands"][0])
    assert (reward, info["reward_terms"]["collision"]) == (0, 0)


def test_keys_open_doors():
    env, maze = maze_of(2, level=4)
    door = next(iter(maze.doors))
    env._episode.state = env._episode.state._replace(cell=door // 4)
    word = WORDS[door % 4]
    said, *_, info = env.step(word)
    assert f"The red door to the {word} is locked, and you do not carry its key." in said
    assert word not in info["admissible_commands"]
    env._episode.state = env._episode.state._replace(keys=1)
    said, *_ = env.step(word)
    assert env._episode.state.cell == maze.beyond[door]
    assert "You carry the red key." in said


def test_ice_slides_sideways_as_often_as_it_says():
    env, maze = maze_of(1, level=7, slip=0.25)
    turns = Counter((maze.turned(0, turn)) for turn in range(20_000))
    assert turns[2] == 0
    assert turns[0] / 20_000 == pytest.approx(0.75, abs=0.015)
    assert turns[1] / turns[3] == pytest.approx(1, abs=0.1)
    # the ice waits for nobody: a command that fails takes a turn too
    env.step("dance")
    assert env._episode.state.turn == 1
    lengths = [(len(maze_of(s, level=7)[0].solution()), s) for s in range(5)]
    for length, seed in lengths:
        env, maze = maze_of(seed, level=7)
        steps = [env.step(command) for command in env.solution()]
        assert steps[-1][4]["is_success"]
        assert all("Possible: " not in step[0] for step in steps)  # all were open directions
        assert maze.distance(maze.start, 0) <= length


def test_one_number_of_noise_is_the_same_as_in_a_table():
    import numpy as np

    table = noise(np.array([5, 2**53 - 1], dtype=np.uint64), SLIP, 50).tolist()
    assert table == [[noise_at(seed, SLIP, i) for i in range(50)] for seed in (5, 2**53 - 1)]


def test_the_same_maze_again_until_a_seed():
    env = gym.make("TextMaze-v0", level=2, same_maze=True, split="test")
    first = env.reset(seed=3)
    again = env.reset()
    assert again == first
    assert env.reset(options={"level": 3})[1]["level"] == 3
    assert env.reset(seed=4)[1]["problem_id"] != first[1]["problem_id"]
    twin = pickle.loads(pickle.dumps(env.unwrapped))
    assert twin.reset() == env.reset()


# A whole way in a box.


def test_a_way_in_a_box():
    env = gym.make("TextMazeBoxed-v0", level=4, reward="dense", max_turns=4).unwrapped
    observation, _ = env.reset(seed=1)
    assert "@" in observation
    way = env.solution()[0][7:-1].split(", ")
    said, reward, *_ = env.step("\\boxed{" + ", ".join(way[:-1]) + "}")
    assert "It leads to" in said
    assert 0 < reward < 1
    said, less, *_ = env.step("\\boxed{dance}")
    assert said.startswith("Command 1: A command is a direction")
    assert less < 0
    detour = [way[0], WORDS[(WORDS.index(way[0]) + 2) % 4], *way]  # to and fro, and then on
    assert env.step("\\boxed{" + " \\to ".join(detour) + "}")[2]


def test_parking_and_wandering_pay_no_more_than_where_they_end():
    for mode in ("dense", "shaped"):
        env = gym.make("TextMaze-v0", level=3, reward=mode, max_turns=200).unwrapped
        env.reset(seed=1)
        way = env.solution()
        back = {word: WORDS[(i + 2) % 4] for i, word in enumerate(WORDS)}
        paid = [env.step(command)[1] for command in way[:-1]]
        near = sum(paid)
        for _ in range(20):  # to and fro before the exit
            near_again = [env.step(c)[1] for c in (back[way[-2]], way[-2], "dance")]
            assert sum(near_again) <= 1e-12
        assert near < 1


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"view": "lokal"}, ValueError, "did you mean 'local'.*'map', 'coordinates'"),
        ({"generator": "krusk"}, ValueError, "did you mean 'kruskal'"),
        ({"fog": True}, ValueError, 'needs view="map"'),
        ({"view": "map", "fog": 1}, TypeError, "fog must be True or False"),
        ({"same_maze": "yes"}, TypeError, "same_maze must be True or False"),
        ({"slip": 1.0}, ValueError, "from 0 to 0.9"),
        ({"slip": -0.1}, ValueError, "from 0 to 0.9"),
        ({"slip": "0.1"}, TypeError, "slip must be a number"),
        ({"form": "boxed", "view": "local"}, ValueError, "needs view"),
        ({"form": "boxed", "slip": 0.1}, ValueError, "needs slip=0"),
        ({"form": "box"}, ValueError, "'boxed'"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        TextMaze(**arguments)


def test_what_is_no_direction():
    assert [direction_of(text) for text in ("go", "go north east", "x", "to the north")] == [
        None
    ] * 4


# What users came across.


def test_the_same_maze_begins_anew_with_a_level_or_a_problem():
    env = TextMaze(level=2, same_maze=True)
    with pytest.raises(ValueError, match="from 1 to 10"):
        env.reset(options={"level": 99})
    first = env.reset()[1]["problem_id"]  # a reset that failed left no maze to keep
    assert env.reset(options={"reveal": True})[1]["problem_id"] == first
    second = env.reset(options={"level": 2})[1]["problem_id"]
    assert env.reset()[1]["problem_id"] == second != first
    other, _ = maze_of(9, level=3)
    third = env.reset(options={"problem": other._episode.problem})[1]["problem_id"]
    assert env.reset()[1]["problem_id"] == third == other._episode.problem.id


def test_ice_slides_anew_in_the_same_maze():
    """Or a table of values would learn when it slides at the start, and not how often."""
    env = TextMaze(level=3, same_maze=True, slip=0.5)
    env.reset(seed=1)
    places, snapshot = Counter(), None
    for episode in range(300):
        env.step("north" if "north" in env.reset()[1]["admissible_commands"] else "south")
        places[env._episode.state.cell] += 1
        if episode == 150:
            snapshot = env.snapshot()
            after = [env.reset()[0], *(env.step("east")[0] for _ in range(20))]
            env.restore(snapshot)
            assert after == [env.reset()[0], *(env.step("east")[0] for _ in range(20))]
    assert places.most_common(1)[0][1] == pytest.approx(150, abs=40)


@pytest.mark.parametrize("view", ["local", "coordinates"])
@pytest.mark.parametrize("level", [3, 6])
def test_turns_that_are_kept_are_those_worked_out_anew(view, level):
    """With doors and collisions, and whatever a caller does to the infos."""
    arguments = {"level": level, "view": view, "same_maze": True, "reward": "dense"}
    kept, anew = TextMaze(**arguments), TextMaze(**arguments)
    anew._turns_are_kept = False
    choose = random.Random(0)
    for episode in range(8):
        seed = 1 if episode == 0 else None
        assert kept.reset(seed=seed) == anew.reset(seed=seed)
        if episode == 4:
            kept = pickle.loads(pickle.dumps(kept))
        way = anew.solution()
        for _ in range(3 * len(way)):
            steps = anew.solution()
            command = choose.choice([steps[0], steps[0], "n", "east", "south", "w", "sing"])
            seen = kept.step(command)
            assert seen == anew.step(command)
            assert kept.snapshot().episode.state == anew.snapshot().episode.state
            *_, terminated, _, info = seen
            info["admissible_commands"].append("fly")
            info["reward_terms"].clear()
            if terminated:
                break
    assert kept._maze.turns
    assert not anew._maze.turns


def test_problems_of_others_are_refused():
    hanoi, icy = TowerOfHanoi(), TextMaze(level=7)
    hanoi.reset(seed=0), icy.reset(seed=0)
    with pytest.raises(ValueError, match="of TowerOfHanoi, not of TextMaze"):
        TextMaze().reset(options={"problem": hanoi._episode.problem})
    with pytest.raises(ValueError, match="needs slip=0"):
        TextMaze(form="boxed").reset(options={"problem": icy._episode.problem})


@pytest.mark.parametrize("level", [1, 7])
def test_a_maze_is_in_the_same_split_with_ice_and_without(level):
    """So that training without ice, or on plans in a box, sees no maze of the tests on ice."""
    ids = set()
    for arguments in ({}, {"slip": 0}, {"slip": 0.4}, {"form": "boxed"}):
        env = TextMaze(level=level, **arguments)
        ids.add(env._problem(12345, level).id)
    assert len(ids) == 1


def test_the_reference_is_within_the_limit_on_the_worst_ice():
    for level in (1, 4, 7, 10):
        for seed in range(4):
            env = TextMaze(level=level, slip=0.9)
            env.reset(seed=seed)
            assert len(env.solution()) <= env._episode.turn_limit


def squares(text):
    return {(r, c): mark for r, row in enumerate(text.splitlines()) for c, mark in enumerate(row)}


@pytest.mark.parametrize("generator", ["kruskal", "rooms"])
def test_the_fog_shows_nothing_of_cells_that_were_not_seen(generator):
    """Of two mazes that agree in all that was seen, the maps are the same."""
    changed = 0
    for seed in range(6):
        env, maze = maze_of(seed, level=3, generator=generator, view="map", fog=True)
        for command in env.solution()[:4]:
            place = env._episode.state
            shown = views.drawn_map(maze, place, fog=True)
            beyond = list(maze.beyond)
            for cell in range(maze.size**2):
                for direction, offset in ((1, 1), (2, maze.size)):
                    at_border = cell % 9 == 8 if direction == 1 else cell >= 72
                    there = cell + offset
                    if at_border or place.seen >> cell & 1 or place.seen >> there & 1:
                        continue
                    is_open = maze.beyond[4 * cell + direction] != WALL
                    beyond[4 * cell + direction] = WALL if is_open else there
                    beyond[4 * there + (direction ^ 2)] = WALL if is_open else cell
                    changed += 1
            other = replace(maze, beyond=beyond, texts={}, distances={})
            assert views.drawn_map(other, place, fog=True) == shown
            env.step(command)
    assert changed > 500


def test_a_box_has_no_collisions_to_be_paid():
    with pytest.raises(ValueError, match="take illegal_cost"):
        TextMaze(form="boxed", reward={"collision_cost": 0.1})
    env = TextMaze(form="boxed", reward={"illegal_cost": 0.25})
    env.reset(seed=1)
    assert env.step("\\boxed{" + ", ".join(["north"] * 30) + "}")[1] == -0.25
    env.reset()
    assert env.step("\\boxed{" + env.solution()[0][7:-1] + "}")[1] == 1


@pytest.mark.parametrize(("level", "slip"), [(1, 0), (3, 0), (3, 0.2)])
def test_a_table_of_values_learns_the_way(level, slip):
    """Q-learning in a few lines, its table keyed by what it reads."""
    env = gym.make(
        "TextMaze-v0", level=level, slip=slip, view="coordinates", instruction="", same_maze=True
    )
    seen, info = env.reset(seed=1)
    shortest = env.unwrapped._maze.distance(env.unwrapped._maze.start, 0)
    choose, values, lengths = random.Random(0), Counter(), []
    for _ in range(600):
        ended = False
        while not ended:
            ways = info["admissible_commands"]
            best = max(ways, key=lambda way: (values[seen, way], choose.random()))
            command = best if choose.random() > 0.1 else choose.choice(ways)
            after, reward, terminated, truncated, info = env.step(command)
            if not terminated:
                reward += 0.99 * max(values[after, way] for way in info["admissible_commands"])
            values[seen, command] += 0.5 * (reward - values[seen, command])
            seen, ended = after, terminated or truncated
        lengths.append(info["turn"])
        seen, info = env.reset()
    assert sum(lengths[-50:]) / 50 < (3 if slip else 2) * shortest
    assert sum(lengths[:5]) / 5 > 3 * shortest
