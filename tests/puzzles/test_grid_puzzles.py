"""Sudoku, nonograms, queens and colouring: solvers of another kind, answers, attacks."""

from itertools import combinations, product

import gymnasium as gym
import pytest

import reasoning_gym_envs  # noqa: F401
from reasoning_gym_envs.commands import Refused
from reasoning_gym_envs.puzzles.assignment import read_rows

MOVES = ("Sudoku-v0", "Nonogram-v0", "NQueens-v0", "GraphColoring-v0")
BOXED = tuple(id.replace("-v0", "Boxed-v0") for id in MOVES)


def problems(id, level, number):
    env = gym.make(id, level=level).unwrapped
    for seed in range(number):
        observation, _ = env.reset(seed=seed)
        yield env, observation.split("\n\n", 1)[1]


def grid_of(view):
    """The signs of the cells, from what the agent sees."""
    rows = [line.split()[1:] for line in view.split("\n") if line.startswith("r")]
    return [[sign for sign in row if sign != "|"] for row in rows]


def exact_covers(rows, columns, limit):
    """Algorithm X of Knuth: how many covers there are, at most `limit`."""
    if not columns:
        return 1
    column = min(columns, key=lambda c: len(columns[c]))
    found = 0
    for row in list(columns[column]):
        removed = []
        for j in rows[row]:
            for i in columns[j]:
                for k in rows[i]:
                    if k != j:
                        columns[k].discard(i)
            removed.append(columns.pop(j))
        found += exact_covers(rows, columns, limit - found)
        for j in reversed(rows[row]):
            columns[j] = removed.pop()
            for i in columns[j]:
                for k in rows[i]:
                    if k != j:
                        columns[k].add(i)
        if found >= limit:
            break
    return found


@pytest.mark.parametrize("level", range(1, 11))
def test_a_sudoku_has_exactly_one_solution(level):
    for _, view in problems("Sudoku-v0", level, 4):
        grid = grid_of(view)
        size = len(grid)
        high, wide = {4: (2, 2), 6: (2, 3), 9: (3, 3)}[size]
        rows = {}
        for r, c, d in product(range(size), repeat=3):
            if grid[r][c] in (".", str(d + 1)):
                box = r // high * high + c // wide
                rows[r, c, d] = [("cell", r, c), ("row", r, d), ("col", c, d), ("box", box, d)]
        columns = {}
        for row, covered in rows.items():
            for column in covered:
                columns.setdefault(column, set()).add(row)
        assert len(columns) == 4 * size * size
        assert exact_covers(rows, columns, 2) == 1


def runs(cells):
    return [len(run) for run in "".join(cells).replace(".", " ").split()] or [0]


def nonogram_solutions(rows, columns):
    """Row by row, dropping what no column can begin with."""
    width = len(columns)
    lines = {n: [] for n in range(len(rows))}
    everything = ["".join(cells) for cells in product(".#", repeat=width)]
    for n, clue in enumerate(rows):
        lines[n] = [line for line in everything if runs(line) == clue]

    def can_begin(column, clue, left):
        have = runs(column)
        if have == [0]:
            have = []
        wanted = [run for run in clue if run]
        if len(have) > len(wanted) or sum(wanted) - sum(have) > left:
            return False
        closed = have[:-1] if column.endswith("#") else have
        if closed != wanted[: len(closed)]:
            return False
        return len(closed) == len(have) or have[-1] <= wanted[len(have) - 1]

    partial = [[""] * width]
    for n in range(len(rows)):
        left = len(rows) - n - 1
        partial = [
            after
            for columns_so_far in partial
            for line in lines[n]
            for after in [[a + b for a, b in zip(columns_so_far, line, strict=True)]]
            if all(can_begin(a, clue, left) for a, clue in zip(after, columns, strict=True))
        ]
    return [p for p in partial if [runs(column) for column in p] == columns]


@pytest.mark.parametrize("level", range(1, 11))
def test_a_nonogram_has_exactly_one_solution(level):
    for _, view in problems("Nonogram-v0", level, 3 if level < 9 else 1):
        rows, columns = (
            [list(map(int, part.split()[1:])) for part in line.split(": ")[1].split(";")]
            for line in view.split("\n")[:2]
        )
        assert len(nonogram_solutions(rows, columns)) == 1


@pytest.mark.parametrize("level", range(1, 11))
def test_queens_of_the_solution_do_not_attack(level):
    for env, view in problems("NQueensBoxed-v0", level, 20):
        columns = list(map(int, env.solution()[0][7:-1].split(", ")))
        grid = grid_of(view)
        assert sorted(columns) == list(range(1, len(grid) + 1))
        assert all(
            b - a != abs(columns[a] - columns[b]) for a, b in combinations(range(len(grid)), 2)
        )
        for row, column in zip(grid, columns, strict=True):
            assert "Q" not in row or row.index("Q") == column - 1


@pytest.mark.parametrize("level", range(1, 5))
def test_every_completion_counts_for_queens(level):
    several = 0
    for env, view in problems("NQueensBoxed-v0", level, 3):
        grid = grid_of(view)
        snapshot = env.snapshot()

        def extend(row, columns, grid=grid):
            if row == len(grid):
                yield columns
                return
            for column in range(len(grid)):
                if "Q" in grid[row] and grid[row][column] != "Q":
                    continue
                if all(column != c and row - r != abs(column - c) for r, c in enumerate(columns)):
                    yield from extend(row + 1, [*columns, column])

        answers = list(extend(0, []))
        several += len(answers) > 1
        for columns in answers:
            env.restore(snapshot)
            answer = ", ".join(str(c + 1) for c in columns)
            assert env.step(f"\\boxed{{{answer}}}")[1] == 1
    assert several or level % 2


def graph_of(view):
    lines = [line for line in view.split("\n") if not line.startswith("Colours")]
    edges = {(line[0], near) for line in lines for near in line.split("next to ")[1].split()}
    given = {line[0]: line[3:].split(" ")[0] for line in lines if "(given)" in line}
    return [line[0] for line in lines], edges, given


@pytest.mark.parametrize("level", range(1, 6))
def test_every_proper_colouring_counts(level):
    for env, view in problems("GraphColoringBoxed-v0", level, 3):
        vertices, edges, given = graph_of(view)
        colors = view.split("\n")[0].split(": ")[1].split(", ")
        snapshot = env.snapshot()

        def extend(chosen, vertices=vertices, edges=edges, given=given, colors=colors):
            if len(chosen) == len(vertices):
                yield chosen
                return
            v = vertices[len(chosen)]
            for color in [given[v]] if v in given else colors:
                if all(chosen[w] != color for w in chosen if (v, w) in edges):
                    yield from extend({**chosen, v: color})

        answers = list(extend({}))
        assert answers
        assert len(answers) / len(colors) ** (len(vertices) - len(given)) < (
            0.2 if level < 2 else 0.05
        )
        for chosen in answers[:50]:
            env.restore(snapshot)
            answer = "; ".join(f"{v}: {color}" for v, color in chosen.items())
            assert env.step(f"\\boxed{{{answer}}}")[1] == 1
        a, b = min(edges)
        env.restore(snapshot)
        bad = {**answers[0], a: answers[0][b]}
        said, reward, *_ = env.step(
            "\\boxed{" + ", ".join(f"{v}={c}" for v, c in bad.items()) + "}"
        )
        assert reward == 0
        assert "same colour" in said or "given" in said


@pytest.mark.parametrize("id", MOVES)
@pytest.mark.parametrize("level", [1, 6, 10])
def test_wrong_entries_have_no_progress_and_can_be_mended(id, level):
    env = gym.make(id, level=level, reward="dense", max_turns=10_000).unwrapped
    for seed in range(3):
        env.reset(seed=seed)
        solution = env.solution()
        assert env.step(solution[0])[1] > 0
        wrong = next(
            command
            for command in env.command_vocabulary
            if not command.startswith(("clear", "remove"))
            and command not in solution
            and command in env._admissible()
            and env._completion(env._apply(env._episode.state, command.lower())) is None
        )
        assert env.step(wrong)[1] < 0
        assert env._progress() == 0
        total = 0
        for command in env.solution():
            _, reward, done, _, _ = env.step(command)
            total += reward
        assert done
        assert total == pytest.approx(2)


@pytest.mark.parametrize("id", BOXED)
@pytest.mark.parametrize("mode", ["dense", "shaped"])
def test_grids_without_thought_pay_nothing(id, mode):
    for level in (1, 5, 10):
        env = gym.make(id, level=level, reward=mode, max_turns=2).unwrapped
        for seed in range(5):
            observation, _ = env.reset(seed=seed)
            solution = env.solution()[0][7:-1]
            before = env.snapshot()
            sep = " / " if " / " in solution else ", "
            parts = solution.split(sep)
            answers = [
                sep.join(parts[:1] * len(parts)),
                sep.join(parts + parts),
                sep.join(reversed(parts)),
                observation.split("\n\n", 1)[1],
                *(sep.join([sign * len(parts)] * len(parts)) for sign in "#1.2"),
            ]
            for answer in answers:
                env.restore(before)
                _, reward, done, _, _ = env.step(f"\\boxed{{{answer}}}")
                assert done or reward <= 1e-12


@pytest.mark.parametrize("id", ["SudokuBoxed-v0", "NonogramBoxed-v0"])
@pytest.mark.parametrize("style", ["{}", "lines", ";", "\\\\", "spaced", "bars", "commas", "one"])
def test_ways_of_writing_a_grid(id, style):
    env = gym.make(id, level=4).unwrapped
    env.reset(seed=2)
    rows = env.solution()[0][7:-1].split(" / ")
    text = {
        "{}": " / ".join(rows),
        "lines": "\n".join(rows),
        ";": "; ".join(rows),
        "\\\\": " \\\\ ".join(rows),
        "spaced": "\n".join(" ".join(row) for row in rows),
        "bars": "\n---\n".join("| " + " | ".join(row) + " |" for row in rows),
        "commas": ", ".join(rows),
        "one": "".join(rows),
    }[style]
    if style == "commas":
        text = text.replace(", ", "")
    assert env.step(f"\\boxed{{{text}}}")[1] == 1


def test_given_cells_are_checked():
    env = gym.make("SudokuBoxed-v0", level=5).unwrapped
    env.reset(seed=1)
    renamed = env.solution()[0].translate(str.maketrans("123456789", "234567891"))
    said, reward, *_ = env.step(renamed)
    assert reward == 0
    assert "is given" in said


@pytest.mark.parametrize("id", MOVES)
@pytest.mark.parametrize(
    "text",
    [
        "r0c1 = 1",
        "fill r99c1",
        "place r٣c1",
        "r1c1 = ²",
        "Z = red",
        "A = pink",
        "clear",
        "r1c1r1c1",
    ],
)
def test_what_is_no_command_changes_nothing(id, text):
    env = gym.make(id, reward="dense").unwrapped
    env.reset(seed=1)
    before = env._episode.state
    said, reward, *_ = env.step(text)
    assert "Possible: " in said
    assert reward == 0
    assert env._episode.state == before


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("12/3", "Row 2 has 1 cell instead of 2."),
        ("12", "The answer has 1 row instead of 2."),
        ("1²/34", "Row 1 has an unknown symbol."),
    ],
)
def test_rows_that_cannot_be_read(answer, said):
    with pytest.raises(Refused, match=said):
        read_rows(answer, 2, 2, ".1234")


@pytest.mark.parametrize(
    ("id", "answer", "paid"),
    [
        ("SudokuBoxed-v0", "no idea", "format"),
        ("SudokuBoxed-v0", "1111/1111/1111/1111", "illegal"),
        ("NonogramBoxed-v0", "##", "format"),
        ("NQueensBoxed-v0", "1, 2", "format"),
        ("NQueensBoxed-v0", "1, 1, 1, 1, 1, 1, 1", "illegal"),
        ("GraphColoringBoxed-v0", "colour it", "format"),
        ("GraphColoringBoxed-v0", "A = red, A = red", "illegal"),
        ("TowerOfHanoiBoxed-v0", "please solve it", "format"),
        ("TowerOfHanoiBoxed-v0", "move disk 1 to 9", "format"),
        ("WaterJugsBoxed-v0", "fill Z", "format"),
        ("SokobanBoxed-v0", "left please", "format"),
        ("SokobanBoxed-v0", "L" * 9, "illegal"),
        ("CountdownBoxed-v0", "1 +", "format"),
        ("CountdownBoxed-v0", "1 + 1 + 1 + 1 + 1 + 1 + 1", "illegal"),
    ],
)
def test_a_boxed_answer_that_cannot_be_read_is_not_an_illegal_one(id, answer, paid):
    env = gym.make(id, reward={"format_cost": 0.25, "illegal_cost": 0.5})
    env.reset(seed=3)
    *_, info = env.step(f"\\boxed{{{answer}}}")
    terms = {name: value for name, value in info["reward_terms"].items() if value}
    assert terms == {paid: {"format": -0.25, "illegal": -0.5}[paid]}


def rows_of(env):
    solution = env._solution
    wide = len(env._clues[1]) if hasattr(env, "_clues") else env._shape.size
    return [solution[i : i + wide] for i in range(0, len(solution), wide)]


@pytest.mark.parametrize("id", ["SudokuBoxed-v0", "NonogramBoxed-v0"])
@pytest.mark.parametrize("level", [1, 6])
@pytest.mark.parametrize(
    "write",
    [
        lambda rows: str([list(row) for row in rows]),
        lambda rows: "\n".join("| " + " | ".join(map(str, row)) + " |" for row in rows),
        lambda rows: (
            "\\begin{bmatrix}"
            + " \\\\ ".join(" & ".join(map(str, row)) for row in rows)
            + "\\end{bmatrix}"
        ),
        lambda rows: (
            "\\begin{array}{|cc|cc|} \\hline "
            + " \\\\ \\hline ".join(" & ".join(map(str, row)) for row in rows)
            + "\\end{array}"
        ),
        lambda rows: "\\texttt{" + " / ".join("".join(map(str, row)) for row in rows) + "}",
    ],
)
def test_a_grid_of_numbers_in_markdown_latex_and_json(id, level, write):
    env = gym.make(id, level=level).unwrapped
    for seed in range(3):
        env.reset(seed=seed)
        said, reward, *_ = env.step(f"\\boxed{{{write(rows_of(env))}}}")
        assert reward == 1, said


def test_queens_as_a_board_and_as_the_placed_ones_alone():
    env = gym.make("NQueensBoxed-v0", level=3).unwrapped
    for seed in range(3):
        env.reset(seed=seed)
        queens = list(enumerate(env._solution, 1))
        board = env._describe(env._solution)
        mine = ", ".join(f"r{r}c{c}" for r, c in queens if not env._given[r - 1])
        for answer in (board, mine):
            env.reset(seed=seed)
            assert env.step(f"\\boxed{{{answer}}}")[1] == 1
        for answer in (
            mine.partition(", ")[2],
            mine + ", " + mine,
            board.replace(".", "Q"),
            board.replace("Q", "."),
            mine + f", r{env._given.index(max(env._given)) + 1}c1",
        ):
            env.reset(seed=seed)
            assert env.step(f"\\boxed{{{answer}}}")[1] == 0


def test_a_solution_ends_where_the_puzzle_is_solved():
    """A late vertex has another right colour than in the reference, an early one a wrong one."""
    env = gym.make("GraphColoring-v0", level=10).unwrapped
    tried = 0
    for seed in range(40):
        env.reset(seed=seed)
        right = env._solution
        for place, color in product(range(10, 20), range(1, 5)):
            other = (*right[:place], color, *right[place + 1 :])
            neighbour = next((v for v in range(10) if env._neighbours[0] >> v & 1), None)
            if color == right[place] or not env._is_goal(other) or neighbour is None:
                continue
            env._episode.state = (other[neighbour], *other[1:])
            tried += 1
            *_, terminated, _, _ = [env.step(command) for command in env.solution()][-1]
            assert terminated
            break
    assert tried > 5
