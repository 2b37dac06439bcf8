"""Tasks about matrices: walks, lines, neighbours, cells that live and die, best paths."""

from __future__ import annotations

from reasoning_gym_envs.code.task import Arguments, Family, Task
from reasoning_gym_envs.problems import Stream

Matrix = list[list[int]]


def _matrix(stream: Stream, low: int, high: int, smallest: int = 2) -> Matrix:
    height, width = stream.randint(smallest, 5), stream.randint(smallest, 5)
    return [[stream.randint(low, high) for _ in range(width)] for _ in range(height)]


_SHAPE = "`matrix` has at least one row and one column, and all rows have the same length."

_EDGES: tuple[Arguments, ...] = (
    ([[3]],),
    ([[2, -1, 2, 0]],),
    ([[1], [4], [-3]],),
    ([[0, 0], [0, 0]],),
)

_WALKS = {
    # name: (the order of the description, the loop of the reference)
    "lines": (
        "by increasing {r}, then by increasing {c}",
        """\
    for line in lines:
        walked.extend(line)
""",
    ),
    "snake": (
        "by increasing {r}, then by {c}: increasing if {r} is even, decreasing if {r} is odd",
        """\
    for number, line in enumerate(lines):
        walked.extend(line if number % 2 == 0 else line[::-1])
""",
    ),
    "spiral": (
        "in a spiral that starts at the corner, first runs along {r} = 0, and makes a 90-degree "
        "turn inward whenever it would leave the matrix or reach an element already listed",
        """\
    while lines:
        walked.extend(lines[0])
        lines = [list(line) for line in zip(*lines[1:])][::-1]
""",
    ),
    "diagonals": (
        "by increasing {r} + {c}, then by increasing {r}",
        """\
    for total in range(len(lines) + len(lines[0]) - 1):
        for number, line in enumerate(lines):
            if 0 <= total - number < len(line):
                walked.append(line[total - number])
""",
    ),
    "zigzag": (
        "by increasing {r} + {c}, then by {r}: increasing if the sum is even, decreasing if it is "
        "odd",
        """\
    for total in range(len(lines) + len(lines[0]) - 1):
        diagonal = []
        for number, line in enumerate(lines):
            if 0 <= total - number < len(line):
                diagonal.append(line[total - number])
        walked.extend(diagonal if total % 2 == 0 else diagonal[::-1])
""",
    ),
    "shells": (
        "by increasing max({r}, {c}), then by increasing {r}, then by increasing {c}",
        """\
    for shell in range(max(len(lines), len(lines[0]))):
        for number, line in enumerate(lines):
            for place, value in enumerate(line):
                if max(number, place) == shell:
                    walked.append(value)
""",
    ),
    "steep": (
        "by increasing 2 * {r} + {c}, then by increasing {r}",
        """\
    for total in range(2 * len(lines) + len(lines[0])):
        for number, line in enumerate(lines):
            if 0 <= total - 2 * number < len(line):
                walked.append(line[total - 2 * number])
""",
    ),
}
_WALKED = {
    # name: (what is returned of the list of the walked elements, the end of the reference)
    "all": ("Return this list.", "    return walked\n"),
    "every second": (
        "Return the elements at indices 0, 2, 4, … of this list.",
        "    return walked[::2]\n",
    ),
    "other second": (
        "Return the elements at indices 1, 3, 5, … of this list.",
        "    return walked[1::2]\n",
    ),
    "every third": (
        "Return the elements at indices 2, 5, 8, … of this list.",
        "    return walked[2::3]\n",
    ),
    "sums": (
        "Return the prefix sums of this list: each element plus all elements before it.",
        """\
    sums: list[int] = []
    for value in walked:
        sums.append(value + (sums[-1] if sums else 0))
    return sums
""",
    ),
    "rises": (
        "Return the list of the elements that are greater than the element directly before them "
        "in this list (never the first).",
        """\
    rises = []
    for before, value in zip(walked, walked[1:]):
        if value > before:
            rises.append(value)
    return rises
""",
    ),
    "differences": (
        "Return the differences between consecutive elements of this list (later minus earlier).",
        """\
    differences = []
    for before, value in zip(walked, walked[1:]):
        differences.append(value - before)
    return differences
""",
    ),
    "new": (
        "Return this list without duplicates, keeping the first occurrence of each value.",
        """\
    new: list[int] = []
    for value in walked:
        if value not in new:
            new.append(value)
    return new
""",
    ),
}
_FILTERS = {
    "even": ("even", "value % 2 == 0"),
    "odd": ("odd", "value % 2 == 1"),
    "positive": ("greater than 0", "value > 0"),
    "negative": ("less than 2", "value < 2"),
    "small": ("between -4 and 4 (inclusive)", "-4 <= value <= 4"),
}


def walk_matrix(stream: Stream, level: int) -> Task:
    """The elements of a matrix in the order of a walk."""
    names = tuple(_WALKS)
    walk = stream.choice(names[:2] if level == 1 else names if level >= 3 else names[:4])
    upside = stream.random() < 0.5
    rightmost = stream.random() < 0.5
    by_columns = stream.random() < 0.5
    walked = stream.choice(tuple(_WALKED)[: 4 if level <= 2 else len(_WALKED)])
    kept = stream.choice(tuple(_FILTERS)) if level >= 5 else ""
    order, loop = _WALKS[walk]
    after, end = _WALKED[walked]
    signature = "def walk_matrix(matrix: list[list[int]]) -> list[int]"

    corner = f"{'bottom' if upside else 'top'} {'right' if rightmost else 'left'}"
    turned = "matrix[::-1]" if upside else "matrix"
    turned = f"[row[::-1] for row in {turned}]" if rightmost else turned
    turned = f"[list(line) for line in zip(*{turned})]" if by_columns else turned
    if kept:
        end = f"    walked = [value for value in walked if {_FILTERS[kept][1]}]\n{end}"
    first, second = ("c", "r") if by_columns else ("r", "c")
    return Task(
        content=(
            f"{walk} from {corner}, by {'columns' if by_columns else 'rows'}, "
            f"{kept or 'all'} elements, {walked}"
        ),
        description=(
            f"{_SHAPE} For an element, let r and c be its row and column distances from the "
            f"{corner.replace(' ', '-')} corner (both 0 at that corner). "
            f"List the elements {order.format(r=first, c=second)}."
            + (f" Keep only those that are {_FILTERS[kept][0]}." if kept else "")
            + f" {after}"
        ),
        signature=signature,
        source=f"""\
{signature}:
    lines = {turned}
    walked: list[int] = []
{loop}{end}""",
        draw=lambda stream: (_matrix(stream, -9, 9),),
        edges=(*_EDGES, ([[1, 2, 3], [4, 5, 6], [7, 8, 9]],)),
    )


_VALUES = {
    # name: (what it is of a line's elements, the expression)
    "sum": ("the sum of {them}", "sum(line)"),
    "largest": ("the largest of {them}", "max(line, default=0)"),
    "smallest": ("the smallest of {them}", "min(line, default=0)"),
    "spread": (
        "the largest minus the smallest of {them}",
        "max(line, default=0) - min(line, default=0)",
    ),
    "different": ("the number of distinct values among {them}", "len(set(line))"),
    "alternating": (
        "the alternating sum (first minus second plus third, and so on) of {them}",
        "sum(line[::2]) - sum(line[1::2])",
    ),
    "squares": ("the sum of the squares of {them}", "sum(number * number for number in line)"),
    "ends": (
        "the first plus twice the last of {them}",
        "line[0] + 2 * line[-1] if line else 0",
    ),
}
_QUERIES = {
    # name: (what is returned, its type, the end of the reference)
    "first largest": (
        "the index of the {line} with the largest value (the first one on ties)",
        "int",
        "return values.index(max(values))",
    ),
    "last largest": (
        "the index of the {line} with the largest value (the last one on ties)",
        "int",
        "return len(values) - 1 - values[::-1].index(max(values))",
    ),
    "first smallest": (
        "the index of the {line} with the smallest value (the first one on ties)",
        "int",
        "return values.index(min(values))",
    ),
    "ranking": (
        "the list of all {line} indices, sorted by value in ascending order (ties by index, "
        "ascending)",
        "list[int]",
        "return sorted(range(len(values)), key=lambda number: values[number])",
    ),
    "ranking down": (
        "the list of all {line} indices, sorted by value in descending order (ties by index, "
        "descending)",
        "list[int]",
        "return sorted(range(len(values)), key=lambda n: (values[n], n), reverse=True)",
    ),
    "rising": (
        "the list of the indices, in ascending order, of the {line}s whose value is greater than "
        "that of the previous {line} (never the first)",
        "list[int]",
        "return [n for n in range(1, len(values)) if values[n] > values[n - 1]]",
    ),
    "average": (
        "the list of the indices, in ascending order, of the {line}s whose value is greater than "
        "the average value of all {line}s",
        "list[int]",
        "return [n for n, value in enumerate(values) if value * len(values) > sum(values)]",
    ),
}


def find_lines(stream: Stream, level: int) -> Task:
    """The rows or columns that stand out by a value of theirs."""
    by_columns = stream.random() < 0.5
    modulus = stream.choice((3, 5, 7)) if level >= 5 else 0
    names = tuple(_VALUES)[: 5 if level <= 2 else len(_VALUES)]
    value = stream.choice([name for name in names if not modulus or name != "different"])
    query = stream.choice(tuple(_QUERIES)[: 3 if level <= 2 else len(_QUERIES)])
    kept = stream.choice(tuple(_FILTERS)) if level >= 3 else ""
    what, expression = _VALUES[value]
    asked, kind, end = _QUERIES[query]
    line = "column" if by_columns else "row"
    signature = f"def find_lines(matrix: list[list[int]]) -> {kind}"

    keep = ""
    if kept:
        condition = _FILTERS[kept][1].replace("value", "number")
        keep = f"        line = [number for number in line if {condition}]\n"
    lines = "[list(column) for column in zip(*matrix)]" if by_columns else "matrix"
    order = f", from {'top to bottom' if by_columns else 'left to right'}"
    them = f"its elements that are {_FILTERS[kept][0]}" if kept else "its elements"
    return Task(
        content=(
            f"{line}s, {value} of {kept or 'all'}, {query}, "
            f"values {f'modulo {modulus}' if modulus else 'as they are'}"
        ),
        description=(
            f"{_SHAPE} The value of a {line} is {what.format(them=them)}"
            + (order if value in ("alternating", "ends") else "")
            + (" (0 if there are none)" if kept else "")
            + (f", taken modulo {modulus} (0 to {modulus - 1}). " if modulus else ". ")
            + f"Return {asked.format(line=line)}."
        ),
        signature=signature,
        source=f"""\
{signature}:
    lines = {lines}
    values = []
    for line in lines:
{keep}        value = {expression}
        values.append(value{f" % {modulus}" if modulus else ""})
    {end}
""",
        draw=lambda stream: (_matrix(stream, -5, 6, 3),),
        edges=(*_EDGES, ([[1, 2], [2, 1], [1, 2]],)),
    )


_MOVES = {
    # name: (where the neighbours of a cell are, the moves to them)
    "sides": (
        "the cells directly above, below, left and right of it",
        "[(-1, 0), (1, 0), (0, -1), (0, 1)]",
    ),
    "diagonal": (
        "the four cells diagonally adjacent to it",
        "[(-1, -1), (-1, 1), (1, -1), (1, 1)]",
    ),
    "all around": (
        "the eight cells adjacent to it, including diagonally",
        "[(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)]",
    ),
    "beside": ("the cells directly left and right of it", "[(0, -1), (0, 1)]"),
    "above and below": ("the cells directly above and below it", "[(-1, 0), (1, 0)]"),
    "before": (
        "the cells directly above it, directly left of it, and diagonally above and left of it",
        "[(-1, -1), (-1, 0), (0, -1)]",
    ),
    "two away": (
        "the cells exactly two above, two below, two left and two right of it",
        "[(-2, 0), (2, 0), (0, -2), (0, 2)]",
    ),
}
_RELATIONS = {
    # name: (what a cell must be, the condition)
    "peak": ("whose value is greater than those of all its neighbours", "value > max(around)"),
    "hollow": (
        "whose value is less than those of all its neighbours",
        "value < min(around)",
    ),
    "over sum": (
        "whose value is greater than the sum of its neighbours' values",
        "value > sum(around)",
    ),
    "equal": ("whose value equals that of at least one neighbour", "value in around"),
    "between": (
        "that have both a neighbour with a smaller value and one with a larger value",
        "min(around) < value < max(around)",
    ),
    "odd larger": (
        "that have an odd number of neighbours with a larger value",
        "sum(other > value for other in around) % 2 == 1",
    ),
    "parity": (
        "whose value has the same parity as the sum of its neighbours' values",
        "(value - sum(around)) % 2 == 0",
    ),
    "close": (
        "whose value differs from that of every neighbour by at most 5",
        "all(abs(value - n) <= 5 for n in around)",
    ),
}
_FOUND = {
    # name: (what is returned, its type, how the result begins, what is done with a cell found)
    "count": ("the number of cells", "int", "0", "result += 1"),
    "sum": ("the sum of the values of the cells", "int", "0", "result += value"),
    "places": (
        "the list of the positions (row, column), 0-based and in row-major order, of the cells",
        "list[tuple[int, int]]",
        "[]",
        "result.append((row, column))",
    ),
    "marked": (
        "a new matrix of the same size that has the original values in the cells",
        "list[list[int]]",
        "[[0] * width for _ in range(height)]",
        "result[row][column] = value",
    ),
}


def compare_neighbours(stream: Stream, level: int) -> Task:
    """The cells of a matrix that stand out among their neighbours."""
    moves = stream.choice(tuple(_MOVES)[: 4 if level <= 3 else len(_MOVES)])
    relation = stream.choice(tuple(_RELATIONS)[: 4 if level <= 3 else len(_RELATIONS)])
    found = stream.choice(tuple(_FOUND)[: 3 if level <= 3 else len(_FOUND)])
    wrapped = level >= 5 and stream.random() < 0.5
    kept = stream.choice(("even", "odd")) if level >= 7 else ""
    where, offsets = _MOVES[moves]
    cells, condition = _RELATIONS[relation]
    what, kind, start, step = _FOUND[found]
    signature = f"def compare_neighbours(matrix: list[list[int]]) -> {kind}"

    if wrapped:
        look = """\
                around.append(matrix[(row + down) % height][(column + right) % width])
"""
        edge_rule = (
            "The matrix wraps around at all edges. A cell reached in several ways counts as "
            "several neighbours, and a cell may be its own neighbour. "
        )
    else:
        look = """\
                y, x = row + down, column + right
                if 0 <= y < height and 0 <= x < width:
                    around.append(matrix[y][x])
"""
        edge_rule = "There are no cells outside the matrix. "
    test = condition if wrapped else f"around and {condition}"
    if kept:
        only = _FILTERS[kept][1]
        test = f"{only} and {condition}" if wrapped else f"around and {only} and {condition}"
    none_rule = "" if wrapped else " Cells without neighbours never qualify."
    return Task(
        content=(
            f"{found} of {relation} among {moves}, {'wrapped' if wrapped else 'bounded'}, "
            f"{kept or 'all'} cells"
        ),
        description=(
            f"{_SHAPE} The neighbours of a cell are {where}. {edge_rule}Return {what} {cells}"
            + (f" and whose value is {_FILTERS[kept][0]}" if kept else "")
            + (", and 0 in all other cells." if found == "marked" else ".")
            + none_rule
        ),
        signature=signature,
        source=f"""\
{signature}:
    height, width = len(matrix), len(matrix[0])
    moves = {offsets}
    result = {start}
    for row in range(height):
        for column in range(width):
            value = matrix[row][column]
            around = []
            for down, right in moves:
{look}            if {test}:
                {step}
    return result
""",
        draw=lambda stream: (_matrix(stream, -4, 7, 3),),
        edges=(*_EDGES, ([[1, 5, 1], [5, 1, 5], [1, 5, 1]],)),
    )


_OUTSIDE = {"dead": "dead", "alive": "alive", "wrapped": ""}


def evolve_cells(stream: Stream, level: int) -> Task:
    """Cells that live and die by the number of their living neighbours."""
    moves = stream.choice(("sides", "diagonal", "all around", "two away", "before"))
    most = 4 if moves == "all around" else 3
    born = sorted({stream.randint(1, 2), stream.randint(1, most)})
    stays = sorted(stream.sample(range(most + 1), stream.randint(1, 2)))
    outside = stream.choice(("dead",) if level <= 5 else tuple(_OUTSIDE))
    tired = level >= 7 and stream.random() < 0.6
    result = "count" if level == 4 else stream.choice(("grid", "count", "changes"))
    where, offsets = _MOVES[moves]
    kind = "list[list[int]]" if result == "grid" else "int"
    signature = f"def evolve_cells(grid: list[list[int]], steps: int) -> {kind}"

    def living(numbers: list[int]) -> str:
        text = " or ".join(map(str, numbers))
        return f"exactly {text} living neighbour{'' if numbers == [1] else 's'}"

    if outside == "wrapped":
        look = "living += grid[(row + down) % height][(column + right) % width] == 1"
        outside_rule = (
            "The grid wraps around at all edges; a cell reached in several ways counts as several "
            "neighbours. "
        )
        look = f"                    {look}\n"
    else:
        outside_rule = f"All cells outside the grid are {outside}. "
        inside = "y, x = row + down, column + right"
        look = f"""\
                    {inside}
                    if 0 <= y < height and 0 <= x < width:
                        living += grid[y][x] == 1
"""
        if outside == "alive":
            look += "                    else:\n                        living += 1\n"
    if tired:
        fate = f"""\
                if grid[row][column] == 1:
                    state = 1 if living in {stays} else 2
                elif grid[row][column] == 0:
                    state = int(living in {born})
                else:
                    state = 0
"""
        death_rule = (
            "otherwise it becomes tired (2); a tired cell always becomes dead. Tired cells do not "
            "count as living neighbours."
        )
    else:
        fate = f"""\
                if grid[row][column] == 1:
                    state = int(living in {stays})
                else:
                    state = int(living in {born})
"""
        death_rule = "otherwise it dies."
    change_start, change_step = "", ""
    if result == "changes":
        change_start = "    changes = 0\n"
        change_step = "                changes += state != grid[row][column]\n"
    ends = {
        "grid": ("the grid after `steps` steps", "grid"),
        "count": (
            "the number of living cells after `steps` steps",
            "sum(row.count(1) for row in grid)",
        ),
        "changes": (
            "the total number of state changes of all cells in `steps` steps",
            "changes",
        ),
    }
    what, give = ends[result]

    def draw(stream: Stream) -> Arguments:
        return _matrix(stream, 0, 1, 3), stream.randint(1, 1 if level == 4 else 3)

    return Task(
        content=(
            f"{moves}, born with {born}, stays with {stays}, outside {outside}, "
            f"{'tired' if tired else 'two states'}, {result}"
        ),
        description=(
            f"{_SHAPE.replace('matrix', 'grid')} A 1 is a living cell and a 0 a dead one. The "
            f"neighbours of a cell are {where}. {outside_rule}"
            "In each step, all cells change simultaneously: a dead cell becomes living if it has "
            f"{living(born)}, otherwise it stays dead; "
            f"a living cell stays living if it has {living(stays)}, {death_rule} Return {what} "
            "(steps ≥ 0). Do not modify `grid`."
        ),
        signature=signature,
        source=f"""\
{signature}:
    height, width = len(grid), len(grid[0])
    moves = {offsets}
{change_start}    for _ in range(steps):
        following = [[0] * width for _ in range(height)]
        for row in range(height):
            for column in range(width):
                living = 0
                for down, right in moves:
{look}{fate}{change_step}                following[row][column] = state
        grid = following
    return {give}
""",
        draw=draw,
        edges=(
            ([[1]], 1),
            ([[0, 1], [1, 0]], 0),
            ([[0, 0, 0], [0, 1, 0], [0, 0, 0]], 1),
            ([[1, 1, 1], [1, 1, 1], [1, 1, 1]], 2),
        ),
    )


_ROUTES = {
    # name: (where a path begins and how it goes, how the matrix is turned, where it starts, the
    #        moves, whether it ends anywhere in the last row)
    "right, down": (
        "starts in the top-left cell, moves one cell right or down in each step, and ends in the "
        "bottom-right cell",
        "matrix",
        [(1, 0), (0, 1)],
        False,
    ),
    "left, down": (
        "starts in the top-right cell, moves one cell left or down in each step, and ends in the "
        "bottom-left cell",
        "[row[::-1] for row in matrix]",
        [(1, 0), (0, 1)],
        False,
    ),
    "right, down, diagonal": (
        "starts in the top-left cell, moves one cell right, down or diagonally down-right in each "
        "step, and ends in the bottom-right cell",
        "matrix",
        [(1, 0), (0, 1), (1, 1)],
        False,
    ),
    "long steps": (
        "starts in the top-left cell, moves one cell down, one cell right or two cells right "
        "(skipping one) in each step, and ends in the bottom-right cell",
        "matrix",
        [(1, 0), (0, 1), (0, 2)],
        False,
    ),
    "falling": (
        "starts in any cell of the top row, moves one cell down, diagonally down-left or "
        "diagonally down-right in each step, and ends in any cell of the bottom row",
        "matrix",
        [(1, -1), (1, 0), (1, 1)],
        True,
    ),
    "falling aslant": (
        "starts in any cell of the top row, moves one cell diagonally down-left or down-right in "
        "each step, and ends in any cell of the bottom row",
        "matrix",
        [(1, -1), (1, 1)],
        True,
    ),
    "crossing": (
        "starts in any cell of the leftmost column, moves one cell right, diagonally up-right or "
        "diagonally down-right in each step, and ends in any cell of the rightmost column",
        "[list(column) for column in zip(*matrix)]",
        [(1, -1), (1, 0), (1, 1)],
        True,
    ),
    "crossing far": (
        "starts in any cell of the leftmost column, moves one column right in each step while "
        "staying in its row or moving exactly two rows up or down, and ends in any cell of the "
        "rightmost column",
        "[list(column) for column in zip(*matrix)]",
        [(1, -2), (1, 0), (1, 2)],
        True,
    ),
}
_GOALS = {
    # name: (what is asked, the value at the start, the value of a cell from those before it, the
    #        best at the end)
    "smallest sum": ("the smallest possible sum", "value", "min(before) + value", "min"),
    "largest sum": ("the largest possible sum", "value", "max(before) + value", "max"),
    "smallest maximum": (
        "the smallest possible maximum",
        "value",
        "max(min(before), value)",
        "min",
    ),
    "largest minimum": (
        "the largest possible minimum",
        "value",
        "min(max(before), value)",
        "max",
    ),
}
_BLOCKED = {
    # name: (which cells, the condition)
    "zero": ("with value 0", "line[column] == 0"),
    "large": ("with a value greater than 7", "line[column] > 7"),
    "negative": ("with a negative value", "line[column] < 0"),
    "multiples": ("with a value divisible by 5", "line[column] % 5 == 0"),
}
_WEIGHTS = {
    # name: (what the value of a cell is, the expression)
    "plain": ("", "line[column]"),
    "rows": (" In odd {line}s (numbered from 0), values count double.", "{0} * (1 + row % 2)"),
    "distance": (
        " Here, a cell with value v counts as abs(v - 3).",
        "abs(line[column] - 3)",
    ),
    "rest": (
        " Here, a cell with value v counts as v modulo 7 (0 to 6).",
        "line[column] % 7",
    ),
}


def best_path(stream: Stream, level: int) -> Task:
    """The best path through a matrix, step by step."""
    route = stream.choice(tuple(_ROUTES))
    goal = stream.choice(tuple(_GOALS)[: 2 if level >= 9 or level <= 5 else len(_GOALS)])
    blocked = stream.choice(tuple(_BLOCKED)) if level >= 6 else ""
    weight = stream.choice(tuple(_WEIGHTS)) if level >= 7 else "plain"
    specials = stream.choice((1, 2)) if level >= 9 else 0
    how, turned, moves, anywhere = _ROUTES[route]
    what, start, step, best = _GOALS[goal]
    signature = "def best_path(matrix: list[list[int]]) -> int | None"

    weight_rule, weighed = _WEIGHTS[weight]
    line = "column" if "column" in turned else "row"
    weight_rule = weight_rule.format(line=line)
    weighed = weighed.format("line[column]")
    block_step = ""
    if blocked:
        block_step = f"            if {_BLOCKED[blocked][1]}:\n                continue\n"
    at_start = "row == 0" if anywhere else "row == 0 and column == 0"
    if specials:
        bonus = " + 2 * value" if goal == "largest sum" else ""
        pick = goal.split()[0].replace("smallest", "min").replace("largest", "max")
        inner = f"""\
            before = [[0] * {specials + 1}] if {at_start} else []
            for down, right in moves:
                y, x = row - down, column - right
                if y >= 0 and 0 <= x < len(line) and best[y][x]:
                    before.append(best[y][x])
            if not before:
                continue
            value = {weighed}
            for specials in range({specials + 1}):
                total = {pick}(sums[specials] for sums in before) + value
                if specials > 0:
                    total = {pick}(total, {pick}(sums[specials - 1] for sums in before){bonus})
                best[row][column].append(total)
"""
        kind = "list[list[list[int]]] = [[[] for _ in line] for line in lines]"
        if anywhere:
            end = f"    return {pick}((sums[-1] for sums in best[-1] if sums), default=None)\n"
        else:
            end = "    return best[-1][-1][-1] if best[-1][-1] else None\n"
    else:
        inner = f"""\
            value = {weighed}
            before = []
            for down, right in moves:
                y, x = row - down, column - right
                if y >= 0 and 0 <= x < len(line) and best[y][x] is not None:
                    before.append(best[y][x])
            if {at_start}:
                best[row][column] = {start}
            elif before:
                best[row][column] = {step}
"""
        kind = "list[list[int | None]] = [[None] * len(line) for line in lines]"
        if anywhere:
            end = f"""\
    reached = [value for value in best[-1] if value is not None]
    return {best}(reached, default=None)
"""
        else:
            end = "    return best[-1][-1]\n"

    def draw(stream: Stream) -> Arguments:
        return (_matrix(stream, -2, 9, 3),)

    def large(stream: Stream) -> Arguments:
        return ([[stream.randint(1, 4) for _ in range(120)] for _ in range(120)],)

    special_rule = ""
    if specials:
        cells = "one cell" if specials == 1 else "up to two cells"
        special = f"count {cells} twice" if goal == "largest sum" else f"omit {cells} from the sum"
        special_rule = f" On each path, you may {special}."
    if blocked:
        block_rule = f"It must not visit cells {_BLOCKED[blocked][0]}, not even at its ends. "
        none_rule = " If there is no such path, return None."
    else:
        block_rule = ""
        none_rule = " If there is no such path, return None." if route == "falling aslant" else ""
    return Task(
        content=(
            f"{goal}, {route}, blocked {blocked or 'none'}, values {weight}, "
            f"{specials or 'no'} special"
        ),
        description=(
            f"{_SHAPE} A path {how}. {block_rule}Return {what} of the cell values on a path, both "
            f"ends included.{weight_rule}{special_rule}{none_rule} "
            "The matrix may have up to 120 rows and 120 columns."
        ),
        signature=signature,
        source=f"""\
{signature}:
    lines = {turned}
    moves = {moves}
    best: {kind}
    for row, line in enumerate(lines):
        for column in range(len(line)):
{block_step}{inner}{end}""",
        draw=draw,
        edges=(
            ([[3]],),
            ([[2, 0, -1, 4]],),
            ([[1], [8], [6]],),
            ([[1, 1], [1, 1]],),
            ([[0, 0, 0], [0, 0, 0]],),
        ),
        large=large,
    )


FAMILIES = {
    "walk_matrix": Family(walk_matrix, 1, 6),
    "find_lines": Family(find_lines, 2, 6),
    "compare_neighbours": Family(compare_neighbours, 3, 8),
    "evolve_cells": Family(evolve_cells, 4, 9),
    "best_path": Family(best_path, 5, 10),
}
