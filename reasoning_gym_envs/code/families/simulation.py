"""Tasks that follow rules step by step: robots, queues, cards, populations and a small machine."""

from __future__ import annotations

from reasoning_gym_envs.code.task import Arguments, Family, Task
from reasoning_gym_envs.problems import Stream

_GROW_RESULTS = {
    # name: (what is returned, what is kept, how it is kept after each day, what is returned)
    "final": ("the final size", "", "", "size"),
    "largest": (
        "the largest size at the start or at the end of a day",
        "largest = size",
        "largest = max(largest, size)",
        "largest",
    ),
    "odd": (
        "the number of days that end with an odd size",
        "odd = 0",
        "odd += size % 2",
        "odd",
    ),
    "total": (
        "the sum of the sizes at the end of each day",
        "total = 0",
        "total += size",
        "total",
    ),
}


def grow(stream: Stream, level: int) -> Task:
    """A population that grows and shrinks by the rules of days."""
    result = stream.choice(tuple(_GROW_RESULTS) if level > 2 else ("final", "largest", "total"))
    growth = stream.choice(("plus", "half", "third"))
    added = stream.randint(2, 9)
    period = stream.randint(2, 5)
    loss = stream.choice(("half", "third", "quarter") if level == 2 else ("half", "third", "fixed"))
    fixed = stream.randint(5, 12)
    cap = 0 if level <= 3 else stream.choice((40, 50, 60, 75))
    overflow = stream.choice(("halve", "shed", "restart"))
    what, start, keep, end = _GROW_RESULTS[result]
    grows, growing = {
        "plus": (f"it grows by {added}", f"size += {added}"),
        "half": (
            f"it grows by half its size (rounded down) and then by {added}",
            f"size += size // 2 + {added}",
        ),
        "third": (
            f"it grows by a third of its size (rounded down) and then by {added}",
            f"size += size // 3 + {added}",
        ),
    }[growth]
    loses, losing = {
        "half": ("shrinks by half its size (rounded down)", "size -= size // 2"),
        "third": ("shrinks by a third of its size (rounded down)", "size -= size // 3"),
        "quarter": ("shrinks by a quarter of its size (rounded down)", "size -= size // 4"),
        "fixed": (
            f"shrinks by {fixed}, but not below 0",
            f"size = max(0, size - {fixed})",
        ),
    }[loss]
    parts = [f"{growth} {added}", f"every {period} {loss}{fixed if loss == 'fixed' else ''}"]
    capping = capped = ""
    if cap:
        then, code = {
            "halve": ("is halved (rounded down)", "size //= 2"),
            "shed": ("shrinks by 30", "size -= 30"),
            "restart": ("becomes 1", "size = 1"),
        }[overflow]
        capping = f" Finally, if the size is then greater than {cap}, it {then}."
        capped = f"        if size > {cap}:\n            {code}\n"
        parts.append(f"over {cap} {overflow}")
    started = f"    {start}\n" if start else ""
    kept = f"        {keep}\n" if keep else ""
    if level <= 2:
        rules = (
            f"On each day, {grows}; but on days whose number is divisible by {period}, it {loses} "
            "instead."
        )
        body = f"""\
        if day % {period} == 0:
            {losing}
        else:
            {growing}
"""
        parts.append("instead")
    else:
        rules = (
            f"On each day, {grows}. Then, on days whose number is divisible by {period}, it "
            f"{loses}."
        )
        body = f"""\
        {growing}
        if day % {period} == 0:
            {losing}
"""
    nothing = {"final": " (`start` if there are no days)"}.get(result, "")
    return Task(
        content=f"{result}, {', '.join(parts)}",
        description=(
            "A population has initial size `start` (at least 0). Days are numbered from 1 to "
            f"`days`. {rules}{capping} Return {what}{nothing}."
        ),
        signature="def grow(start: int, days: int) -> int",
        source=f"""\
def grow(start: int, days: int) -> int:
    size = start
{started}    for day in range(1, days + 1):
{body}{capped}{kept}    return {end}
""",
        draw=lambda stream: (stream.randint(0, 70), stream.randint(2, 25)),
        edges=((0, 0), (10, 0), (0, 1), (1, 30), (100, 12)),
    )


_TURNS = {"north": 0, "east": 1, "south": 2, "west": 3}

_WALLS = {
    # name: (what happens at the wall, the lines of the reference, where nx, ny leave the grid)
    "stay": ("stays where it is", "continue"),
    "turn right": (
        "stays where it is and turns right by 90 degrees",
        "facing = (facing + 1) % 4\ncontinue",
    ),
    "turn back": ("stays where it is and turns around", "facing = (facing + 2) % 4\ncontinue"),
    "wrap": (
        "re-enters it on the opposite side, in the same row or column",
        "nx, ny = nx % width, ny % height",
    ),
    "restart": (
        "is put back on its starting cell, keeping its direction",
        "nx, ny = width // 2, height // 2",
    ),
    "stop": ("stays where it is and ignores all further commands", "break"),
}

_ROBOT_RESULTS = {
    # name: (what is returned, type, before, after each move, at the end)
    "place": (
        "its final position as a list [x, y]",
        "list[int]",
        "",
        "",
        "[x, y]",
    ),
    "moves": (
        "the number of moves it made",
        "int",
        "moves = 0",
        "moves += 1",
        "moves",
    ),
    "visited": (
        "the number of distinct cells it was on, including the first and the last",
        "int",
        "visited = {(x, y)}",
        "visited.add((x, y))",
        "len(visited)",
    ),
    "diagonal": (
        "how often it moved onto a cell with x == y",
        "int",
        "hits = 0",
        "hits += x == y",
        "hits",
    ),
    "farthest": (
        "the largest x + y of all cells it was on, including the first",
        "int",
        "farthest = x + y",
        "farthest = max(farthest, x + y)",
        "farthest",
    ),
}


def robot(stream: Stream, level: int) -> Task:
    """A robot on a grid that obeys a text of commands."""
    facing = stream.choice(tuple(_TURNS))
    wall = stream.choice(("stay", "wrap", "stop") if level <= 2 else tuple(_WALLS))
    results = tuple(_ROBOT_RESULTS)
    if wall in ("wrap", "restart"):
        results = tuple(name for name in results if name != "moves")  # all commands but turns move
    if wall == "stop":
        results = tuple(name for name in results if name != "diagonal")  # too often never
    result = stream.choice(results)
    back = stream.choice(("steps back", "turns round", "turns round and moves forward"))
    repeated = 0 if level <= 4 else stream.randint(2, 3)
    blocked = 0 if level <= 3 else stream.choice((0, 2, 3, 4))
    hits, at_wall = _WALLS[wall]
    what, returns, start, keep, end = _ROBOT_RESULTS[result]
    signature = f"def robot(commands: str, width: int, height: int) -> {returns}"
    backwards = {
        "steps back": "moves it backward by one cell without turning",
        "turns round": "turns it by 180 degrees",
        "turns round and moves forward": (
            "turns it by 180 degrees and then moves it forward by one cell"
        ),
    }[back]
    lines = []
    if back == "turns round":
        lines = [
            "elif command == 'B':",
            "    facing = (facing + 2) % 4",
            "if command != 'F':",
            "    continue",
        ]
    elif back == "steps back":
        lines = [
            "if command in 'LR':",
            "    continue",
            "way = 1 if command == 'F' else -1",
        ]
    else:
        lines = [
            "elif command == 'B':",
            "    facing = (facing + 2) % 4",
            "if command in 'LR':",
            "    continue",
        ]
    sign = "way * " if back == "steps back" else ""
    lines += [
        f"nx = x + {sign}STEPS[facing][0]",
        f"ny = y + {sign}STEPS[facing][1]",
        "if not (0 <= nx < width and 0 <= ny < height):",
    ]
    lines += [f"    {line}" for line in at_wall.split("\n")]
    parts = [f"faces {facing}", f"wall: {wall}", f"back: {back}", result]
    rock = ""
    if blocked:
        lines += [
            f"if (nx + 2 * ny) % {blocked + 3} == {blocked} and (nx, ny) != start:",
            "    continue",
        ]
        rock = (
            f" There is a rock on every cell with (x + 2 * y) % {blocked + 3} == {blocked}, "
            "except the starting cell: if the robot would get onto a rock in any way, it stays "
            "where it is, which is not a move."
        )
        parts.append(f"rocks {blocked}")
    from_there = "    start = x, y\n" if blocked else ""
    lines.append("x, y = nx, ny")
    if keep:
        lines.append(keep)
    turning = ""
    count = ""
    if repeated:
        turning = (
            f" After every {repeated} moves (commands that did not move it do not count), it "
            "turns left by 90 degrees by itself."
        )
        if result != "moves":
            count = "    moves = 0\n"
            lines.append("moves += 1")
        lines += [f"if moves % {repeated} == 0:", "    facing = (facing + 3) % 4"]
        parts.append(f"left after {repeated}")
    body = "".join(f"        {line}\n" for line in lines)
    begin = f"    {start}\n" if start else ""

    def draw(stream: Stream) -> Arguments:
        size = stream.randint(8, 22)
        commands = "".join(stream.choice("FFFFFLRB") for _ in range(size))
        return (commands, stream.randint(2, 6), stream.randint(2, 6))

    return Task(
        content=", ".join(parts),
        description=(
            "A robot moves on a grid with x from 0 to width - 1 and y from 0 to height - 1 (width "
            "and height are at least 1). "
            f"It starts at x = width // 2, y = height // 2, facing {facing}. North is toward "
            "larger y, east toward larger x. "
            "It obeys the letters of `commands` in order: F moves it forward by one cell, L turns "
            "it left by 90 degrees, R turns it right by 90 degrees, "
            f"and B {backwards}. If it would leave the grid, it {hits}.{rock}{turning} Return "
            f"{what}."
        ),
        signature=signature,
        source=f"""\
STEPS = [(0, 1), (1, 0), (0, -1), (-1, 0)]  # north, east, south, west


{signature}:
    x, y, facing = width // 2, height // 2, {_TURNS[facing]}
{from_there}{begin}{count}    for command in commands:
        if command == 'L':
            facing = (facing + 3) % 4
        elif command == 'R':
            facing = (facing + 1) % 4
{body}    return {end}
""",
        draw=draw,
        edges=(
            ("", 3, 3),
            ("FFBRF", 1, 1),
            ("FFFFFF", 4, 4),
            ("RFFFLFFF", 5, 2),
            ("LLRRB", 2, 2),
            ("BFRBFLFRFF", 3, 6),
        ),
    )


_QUEUE_RESULTS = {
    # name: (what is returned, before, for each who is served, at the end)
    "waiting": (
        "the total time that served customers waited before their service began",
        "waiting = 0",
        "waiting += begin - arrival",
        "waiting",
    ),
    "longest": (
        "the longest time that a served customer waited before their service began (0 if nobody "
        "was served)",
        "longest = 0",
        "longest = max(longest, begin - arrival)",
        "longest",
    ),
    "end": (
        "the time at which the last service ends, not counting any rest after it (0 if nobody was "
        "served)",
        "end = 0",
        "end = max(end, begin + need)",
        "end",
    ),
    "even": (
        "the number of services that begin at an even time",
        "even = 0",
        "even += begin % 2 == 0",
        "even",
    ),
    "begins": (
        "the list of the times at which services begin, in order of the customers served",
        "begins = []",
        "begins.append(begin)",
        "begins",
    ),
}


def queue(stream: Stream, level: int) -> Task:
    """Customers who wait for counters."""
    result = stream.choice(("waiting", "end", "begins") if level <= 4 else tuple(_QUEUE_RESULTS))
    counters = stream.randint(1, 1 if level <= 4 else 3)
    patience = stream.choice((0, 3, 5, 8) if level <= 4 else (3, 5, 8, 12))
    rest = stream.randint(0, 3)
    special = 0 if level <= 5 else stream.randint(2, 4)
    kind = stream.choice(("longer", "closed", "short"))
    if special and kind == "short":
        special = stream.randint(0, 2)
    elif special and kind == "closed":
        special += 1
    what, start, keep, end = _QUEUE_RESULTS[result]
    parts = [result, f"{counters} counters", f"patience {patience or 'endless'}", f"rest {rest}"]
    where, served = (
        "There is one counter",
        "Each service begins as soon as the counter is free and the customer has arrived.",
    )
    if counters > 1:
        where = f"There are {counters} counters"
        served = (
            "Each customer goes to the counter that becomes free first, and their service begins "
            "as soon as that counter is free and they have arrived."
        )
    rules = ""
    code_before = code_need = ""
    if level > 5:
        sentence, code_before, code_need = {
            "longer": (
                f"Each customer whose index in `customers` is divisible by {special} needs 2 more "
                "than stated.",
                "",
                f"        if index % {special} == 0:\n            need += 2\n",
            ),
            "closed": (
                f"No service begins at a time divisible by {special} (such as 0): it begins one "
                "time unit later instead, which counts as waiting.",
                f"        if begin % {special} == 0:\n            begin += 1\n",
                "",
            ),
            "short": (
                f"A customer who has waited longer than {special} when their service begins needs "
                "1 less (but at least 1).",
                "",
                f"        if begin - arrival > {special}:\n            need = max(1, need - 1)\n",
            ),
        }[kind]
        rules = f" {sentence}"
        parts.append(f"{kind} {special}")
    resting = ""
    if rest:
        resting = f" After each service, the counter rests for {rest} before it is free again."
    leaving = leave = ""
    if patience:
        leaving = (
            f" A customer who would have to wait longer than {patience} leaves at once without "
            "being served and has no effect on the others."
        )
        leave = f"        if begin - arrival > {patience}:\n            continue\n"
    index, enumerated = "", "customers"
    if level > 5 and kind == "longer":
        index, enumerated = "index, ", "enumerate(customers)"
    pair = "(arrival, need)" if index else "arrival, need"

    def draw(stream: Stream) -> Arguments:
        time = 0
        customers = []
        between = stream.choice(((0, 0, 1, 1, 2, 3), (0, 1, 2, 4, 6), (0, 0, 0, 1)))
        for _ in range(stream.randint(5, 11)):
            time += stream.choice(between)
            customers.append((time, stream.randint(1, 9)))
        return (customers,)

    returns = "list[int]" if result == "begins" else "int"
    signature = f"def queue(customers: list[tuple[int, int]]) -> {returns}"
    begins = f"    {start}\n"
    if result == "begins":
        begins = "    begins: list[int] = []\n"
    return Task(
        content=", ".join(parts),
        description=(
            "Each customer is a pair (arrival, need): the arrival time (at least 0) and the "
            "service time (at least 1), both integers. `customers` is sorted by arrival; "
            "customers are served in list order. "
            f"{where}, free from time 0. {served}"
            f"{resting}{rules}{leaving} Return {what}."
        ),
        signature=signature,
        source=f"""\
{signature}:
    free = [0] * {counters}
{begins}    for {index}{pair} in {enumerated}:
        counter = free.index(min(free))
        begin = max(arrival, free[counter])
{code_before}{leave}{code_need}        free[counter] = begin + need + {rest}
        {keep}
    return {end}
""".replace(" + need + 0\n", " + need\n"),
        draw=draw,
        edges=(
            ([],),
            ([(0, 1)],),
            ([(7, 4)],),
            ([(0, 9), (0, 9), (0, 9), (0, 9), (1, 2)],),
            ([(0, 2), (5, 2), (10, 2), (15, 2)],),
        ),
    )


_CARD_TIES = {
    "gone": ("both cards are removed from the game", ["pass"]),
    "back": (
        "each player puts their own card at the bottom of their pile",
        ["left.append(a)", "right.append(b)"],
    ),
    "left": (
        "the left player puts both at the bottom of their pile",
        ["left += [a, b]"],
    ),
    "right": (
        "the right player puts both at the bottom of their pile",
        ["right += [b, a]"],
    ),
}

_CARD_RESULTS = {
    "wins": (
        "the number of rounds won by the left player (ties do not count)",
        "int",
        "wins",
    ),
    "piles": (
        "the final pile sizes as a list [left, right]",
        "list[int]",
        "[len(left), len(right)]",
    ),
    "difference": (
        "the final sum of the left player's cards minus that of the right player's cards",
        "int",
        "sum(left) - sum(right)",
    ),
    "left": ("the left player's final pile, from top to bottom", "list[int]", "left"),
}


def cards(stream: Stream, level: int) -> Task:
    """Two players who turn over cards, and who gets them."""
    tie = stream.choice(tuple(_CARD_TIES))
    result = stream.choice(tuple(_CARD_RESULTS))
    order = stream.choice(("winning", "losing") if level <= 4 else ("winning", "losing", "discard"))
    special = stream.choice(
        ("none", "low") if level <= 4 else ("low", "parity", "distance", "sevens")
    )
    if order == "discard":
        result = "difference" if result == "left" else result
    most = stream.choice((3, 4, 5) if order == "discard" else (6, 10, 15, 20))
    size = stream.randint(4, 6)
    tie_text, tie_lines = _CARD_TIES[tie]
    what, returns, end = _CARD_RESULTS[result]
    rule, wins = {
        "none": ("The higher card wins", "a > b"),
        "low": (
            f"The higher card wins, but a 1 beats any card of at least {size}",
            f"(a > b and not (b == 1 and a >= {size})) or (a == 1 and b >= {size})",
        ),
        "parity": (
            "If one card is even and the other is odd, the even one wins; otherwise the higher "
            "card wins",
            "(a % 2, -a) < (b % 2, -b)",
        ),
        "distance": (
            f"If the cards differ by {size} or more, the lower one wins; otherwise the higher one "
            "wins",
            f"(a > b) == (abs(a - b) < {size})",
        ),
        "sevens": (
            f"The card with the higher value modulo {size} wins; if these are equal, the higher "
            "card wins",
            f"(a % {size}, a) > (b % {size}, b)",
        ),
    }[special]
    winning, losing = {
        "winning": (
            "The winner of a round puts both cards at the bottom of their pile, the winning card "
            "first",
            ("left += [a, b]", "right += [b, a]"),
        ),
        "losing": (
            "The winner of a round puts both cards at the bottom of their pile, the losing card "
            "first",
            ("left += [b, a]", "right += [a, b]"),
        ),
        "discard": (
            "The winner of a round puts their card at the bottom of their pile, and the losing "
            "card is removed from the game",
            ("left.append(a)", "right.append(b)"),
        ),
    }[order]
    parts = [f"tie {tie}", order, special + ("" if special in ("none", "parity") else f" {size}")]
    parts += [f"{most} rounds", result]
    bonus = ""
    bonus_code = ""
    if level >= 6:
        every = stream.randint(2, 5)
        name, what_then, code = stream.choice(
            (
                (
                    "turn",
                    "both players move the top card of their pile (if any) to its bottom",
                    "for pile in (left, right):\n    pile.extend(pile[:1])\n    del pile[:1]",
                ),
                ("exchange", "the players swap piles", "left, right = right, left"),
                (
                    "give",
                    "the left player's top card (if any) moves to the bottom of the right "
                    "player's pile",
                    "right.extend(left[:1])\ndel left[:1]",
                ),
            )
        )
        bonus = f" After every {every} rounds, {what_then}."
        lines = "".join(f"            {line}\n" for line in code.split("\n"))
        bonus_code = f"        if rounds % {every} == 0:\n{lines}"
        parts.append(f"{name} every {every}")
    numbers = "rounds = wins" if result == "wins" else "rounds"
    count = "            wins += 1\n" if result == "wins" else ""
    tie_code = "\n            ".join(tie_lines)
    signature = f"def cards(first: list[int], second: list[int]) -> {returns}"

    def draw(stream: Stream) -> Arguments:
        first = [stream.randint(1, 10) for _ in range(stream.randint(3, 7))]
        second = [stream.randint(1, 10) for _ in range(stream.randint(3, 7))]
        if stream.random() < 0.6:
            second[0] = first[0]
        return (first, second)

    return Task(
        content=", ".join(parts),
        description=(
            "Two players each have a pile of cards, listed from top to bottom: `first` is the "
            "left player's, `second` the right player's. A card is a number from 1 to 10. "
            f"In each round, both players take the top card off their pile and reveal it. {rule}. "
            f"{winning}. If the cards are equal, {tie_text}.{bonus} "
            f"The game ends as soon as a player has no cards, or after {most} rounds. Return "
            f"{what}. Do not modify the arguments."
        ),
        signature=signature,
        source=f"""\
{signature}:
    left, right = list(first), list(second)
    {numbers} = 0
    while left and right and rounds < {most}:
        rounds += 1
        a, b = left.pop(0), right.pop(0)
        if a == b:
            {tie_code}
        elif {wins}:
            {losing[0]}
{count}        else:
            {losing[1]}
{bonus_code}    return {end}
""",
        draw=draw,
        edges=(
            ([], []),
            ([3], []),
            ([5], [5]),
            ([1, 10], [10, 1]),
            ([1, 2, 3, 4], [7, 8, 9, 10]),
            ([4, 4, 2], [4, 4, 7]),
        ),
    )


_INSTRUCTIONS = {
    # name: (what the instruction does to the stack, how many numbers it needs, the lines)
    "add": ("pops b, then a, and pushes a + b", 2, ("stack.append(a + b)",)),
    "sub": ("pops b, then a, and pushes a - b", 2, ("stack.append(a - b)",)),
    "mul": ("pops b, then a, and pushes a * b", 2, ("stack.append(a * b)",)),
    "max": ("pops b, then a, and pushes the larger", 2, ("stack.append(max(a, b))",)),
    "less": (
        "pops b, then a, and pushes 1 if a < b, otherwise 0",
        2,
        ("stack.append(int(a < b))",),
    ),
    "swap": ("swaps the two top numbers", 2, ("stack += [b, a]",)),
    "over": (
        "pushes a copy of the number below the top",
        2,
        ("stack += [a, b, a]",),
    ),
    "dup": ("pushes a copy of the top number", 1, ("stack += [a, a]",)),
    "neg": ("negates the top number", 1, ("stack.append(-a)",)),
    "inc": ("adds 1 to the top number", 1, ("stack.append(a + 1)",)),
    "drop": ("pops the top number", 1, ()),
    "size": (
        "pushes the current size of the stack",
        0,
        ("stack.append(len(stack))",),
    ),
}

_MACHINE_RESULTS = {
    "stack": ("the final stack, from bottom to top", "list[int]", "stack"),
    "top": (
        "the final top number, or None if the stack is empty",
        "int | None",
        "stack[-1] if stack else None",
    ),
    "sum": ("the sum of the numbers on the final stack", "int", "sum(stack)"),
    "largest": (
        "the largest number on top of the stack after any step, or 0 if there was none above 0",
        "int",
        "largest",
    ),
}


def machine(stream: Stream, level: int) -> Task:
    """A machine with a stack, whose programs are lists of words."""
    number = 3 if level <= 5 else 4 if level <= 8 else 5
    two = [name for name in _INSTRUCTIONS if _INSTRUCTIONS[name][1] == 2]
    other = [name for name in _INSTRUCTIONS if _INSTRUCTIONS[name][1] < 2]
    of_two = stream.sample(two, number - 1)
    names = of_two + stream.sample(other, 1 if number < 5 else 2)
    result = stream.choice(("stack", "top", "sum") if level <= 4 else tuple(_MACHINE_RESULTS))
    lacking = stream.choice(("skip", "halt") if level <= 6 else ("skip", "halt", "push"))
    jump = "none" if level <= 5 else stream.choice(("nonzero", "zero", "positive"))
    bound = 0 if level <= 4 else stream.choice((10, 16, 50, 100))
    wraps = stream.choice((True, False))
    most = stream.choice((20, 30, 40))
    what, returns, end = _MACHINE_RESULTS[result]
    if lacking == "push":
        what = what.replace("after any step", "after any step that had enough numbers")
    explained = [
        f"{name} {_INSTRUCTIONS[name][0]}" for name in sorted(names, key=tuple(_INSTRUCTIONS).index)
    ]
    lacking_text, lacking_code = {
        "skip": ("the word does nothing", "continue"),
        "halt": ("the machine stops", "break"),
        "push": ("the word only pushes 1", "stack.append(1)\ncontinue"),
    }[lacking]
    parts = [" ".join(sorted(names)), f"too few: {lacking}", result]
    jumping = jump_code = ""
    if jump != "none":
        condition, test = {
            "nonzero": ("not 0", "!= 0"),
            "zero": ("0", "== 0"),
            "positive": ("greater than 0", "> 0"),
        }[jump]
        jumping = (
            f" The word jump pops the top number; if it is {condition}, the machine continues "
            "with the first word of the program, otherwise with the next word."
        )
        jump_code = f"""\
        elif word == 'jump':
            if a {test}:
                position = 0
"""
        parts.append(f"jump {jump}")
    bounding = bound_code = ""
    if bound:
        if wraps:
            bounding = (
                f" After each step, the top number is reduced modulo {bound} (0 to {bound - 1})."
            )
            bound_code = f"        if stack:\n            stack[-1] %= {bound}\n"
        else:
            bounding = (
                f" After each step, the top number is clamped to the range -{bound} to {bound}."
            )
            bound_code = (
                f"        if stack:\n"
                f"            stack[-1] = max(-{bound}, min({bound}, stack[-1]))\n"
            )
        parts.append(f"{'modulo' if wraps else 'within'} {bound}")
    needs_one = [name for name in names if _INSTRUCTIONS[name][1] == 1]
    if jump != "none":
        needs_one.append("jump")
        parts.append(f"{most} steps")
    limit = (
        f" The machine stops after the last word, or after {most} steps."
        if jump != "none"
        else " The machine stops after the last word."
    )
    table = "".join(f"    {name!r}: 2,\n" for name in of_two)
    table += "".join(f"    {name!r}: 1,\n" for name in needs_one)
    branches = "".join(
        f"        elif word == {name!r}:\n"
        + "".join(f"            {line}\n" for line in _INSTRUCTIONS[name][2])
        for name in names
        if _INSTRUCTIONS[name][2]
    )
    running = f"position < len(words) and steps < {most}" if jump_code else "position < len(words)"
    indented = "\n            ".join(lacking_code.split("\n"))
    counted = "position"
    step = largest = ""
    if jump_code:
        counted += " = steps"
        step = "        steps += 1\n"
    if result == "largest":
        counted += " = largest"
        largest = "        largest = max([largest, *stack[-1:]])\n"
    signature = f"def machine(program: str) -> {returns}"

    def draw(stream: Stream) -> Arguments:
        known = (*names, *names, *(("jump",) if jump_code else ()))
        words = [str(stream.randint(0, 9)) for _ in range(stream.randint(2, 4))]
        for _ in range(stream.randint(5, 9)):
            digit = stream.random() < 0.4
            words.append(str(stream.randint(-5, 12)) if digit else stream.choice(known))
        return (" ".join(words),)

    return Task(
        content=", ".join(parts),
        description=(
            "A machine has an initially empty stack of integers and runs a program: words "
            "separated by single spaces, executed in order, each word being a step. "
            "An integer, such as 7 or -2, pushes itself. The other words: "
            f"{'; '.join(explained)}.{jumping} If the stack has fewer numbers than a word needs, "
            f"{lacking_text}. "
            f"Unknown words do nothing, but count as steps.{bounding}{limit} The program may "
            f"be empty. Return {what}."
        ),
        signature=signature,
        source=f"""\
NEEDS = {{
{table}}}


{signature}:
    words = program.split()
    stack: list[int] = []
    {counted} = 0
    while {running}:
        word = words[position]
        position += 1
{step}        needs = NEEDS.get(word, 0)
        if len(stack) < needs:
            {indented}
        b = stack.pop() if needs == 2 else 0
        a = stack.pop() if needs >= 1 else 0
        if word.lstrip('-').isdigit():
            stack.append(int(word))
{branches}{jump_code}{bound_code}{largest}    return {end}
""",
        draw=draw,
        edges=(
            ("",),
            (names[0],),
            (f"4 {names[0]}",),
            (f"3 8 {names[0]}",),
            (f"3 8 5 {names[1]} nothing {names[2]} {names[0]}",),
            (f"2 9 {names[1]} {names[-1]} 1 {'jump' if jump_code else names[0]} 6",),
        ),
    )


FAMILIES = {
    "grow": Family(grow, 2, 4),
    "robot": Family(robot, 2, 6),
    "cards": Family(cards, 3, 7),
    "queue": Family(queue, 4, 8),
    "machine": Family(machine, 4, 9),
}
