"""Tasks that follow rules step by step: robots, queues, cards, populations and a small machine."""

from __future__ import annotations

from reasoning_gym_envs.code.task import Arguments, Family, Task
from reasoning_gym_envs.problems import Stream

_GROW_RESULTS = {
    # name: (what is returned, what is kept, how it is kept after each day, what is returned)
    "final": ("the size at the end of the last day", "", "", "size"),
    "largest": (
        "the largest size at the end of a day, or at the start",
        "largest = size",
        "largest = max(largest, size)",
        "largest",
    ),
    "odd": (
        "the number of days at whose end the size is odd",
        "odd = 0",
        "odd += size % 2",
        "odd",
    ),
    "total": (
        "the sum of the sizes at the ends of all days",
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
            f"it grows by half of itself (rounded down) and then by {added}",
            f"size += size // 2 + {added}",
        ),
        "third": (
            f"it grows by a third of itself (rounded down) and then by {added}",
            f"size += size // 3 + {added}",
        ),
    }[growth]
    loses, losing = {
        "half": ("loses half of itself (rounded down)", "size -= size // 2"),
        "third": ("loses a third of itself (rounded down)", "size -= size // 3"),
        "quarter": ("loses a quarter of itself (rounded down)", "size -= size // 4"),
        "fixed": (
            f"loses {fixed}, but does not fall below 0",
            f"size = max(0, size - {fixed})",
        ),
    }[loss]
    parts = [f"{growth} {added}", f"every {period} {loss}{fixed if loss == 'fixed' else ''}"]
    capping = capped = ""
    if cap:
        then, code = {
            "halve": ("is divided by 2, rounded down", "size //= 2"),
            "shed": ("loses 30", "size -= 30"),
            "restart": ("becomes 1", "size = 1"),
        }[overflow]
        capping = f" Last, if it is then greater than {cap}, it {then}."
        capped = f"        if size > {cap}:\n            {code}\n"
        parts.append(f"over {cap} {overflow}")
    started = f"    {start}\n" if start else ""
    kept = f"        {keep}\n" if keep else ""
    if level <= 2:
        rules = (
            f"On each day {grows}; but on every day whose number is divisible by {period} it does "
            f"not grow, but {loses}."
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
            f"On each day {grows}. After that, on every day whose number is divisible by {period}, "
            f"it {loses}."
        )
        body = f"""\
        {growing}
        if day % {period} == 0:
            {losing}
"""
    nothing = {"final": " (the start, if there are no days)"}.get(result, "")
    return Task(
        content=f"{result}, {', '.join(parts)}",
        description=(
            f"A population has the size start (at least 0). Days are numbered from 1 to days. "
            f"{rules}{capping} Return {what}{nothing}."
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
        "stays where it is and turns right by a quarter",
        "facing = (facing + 1) % 4\ncontinue",
    ),
    "turn back": ("stays where it is and turns round", "facing = (facing + 2) % 4\ncontinue"),
    "wrap": (
        "enters the grid again on the opposite side, in the same row or column",
        "nx, ny = nx % width, ny % height",
    ),
    "restart": (
        "is put back to the cell where it started, facing as before",
        "nx, ny = width // 2, height // 2",
    ),
    "stop": ("stays where it is, and all further commands are ignored", "break"),
}

_ROBOT_RESULTS = {
    # name: (what is returned, type, before, after each move, at the end)
    "place": (
        "its last place, as a list [x, y]",
        "list[int]",
        "",
        "",
        "[x, y]",
    ),
    "moves": (
        "the number of moves that it made",
        "int",
        "moves = 0",
        "moves += 1",
        "moves",
    ),
    "visited": (
        "the number of different cells that it was on, the first and the last included",
        "int",
        "visited = {(x, y)}",
        "visited.add((x, y))",
        "len(visited)",
    ),
    "diagonal": (
        "how often it moved onto a cell with x = y",
        "int",
        "hits = 0",
        "hits += x == y",
        "hits",
    ),
    "farthest": (
        "the largest x + y of the cells that it was on",
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
        "steps back": "moves to the cell behind it without turning",
        "turns round": "turns round (by half a turn)",
        "turns round and moves forward": "turns round (by half a turn) and then moves forward",
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
            f" There is a rock on each cell for which x + 2·y leaves the remainder {blocked} when "
            f"divided by {blocked + 3}, except on the cell where it starts: a robot that would "
            "get onto such a cell, in whatever way, stays where it is, which is no move."
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
            f" After every {repeated} moves (not counting commands that moved nothing) it turns "
            "left by a quarter, of itself."
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
            "On a grid of width columns (x from 0 to width − 1) and height rows (y from 0 to "
            "height − 1), both at least 1, a robot starts on the cell with x = width // 2 and "
            f"y = height // 2, facing {facing}. North is towards larger y, east towards larger x. "
            "It obeys the letters of commands, one after the other: F moves it forward by one "
            "cell, L turns it left by a quarter, R turns it right by a quarter, and "
            f"at B it {backwards}. A robot that would leave the grid "
            f"{hits}.{rock}{turning} Return {what}."
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
        "the sum of the times that the customers who were served waited until they were served",
        "waiting = 0",
        "waiting += begin - arrival",
        "waiting",
    ),
    "longest": (
        "the longest time that a customer who was served waited until being served (0 if nobody "
        "was)",
        "longest = 0",
        "longest = max(longest, begin - arrival)",
        "longest",
    ),
    "end": (
        "the time when the last service ends, without any break after it (0 if nobody was served)",
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
        "the list of the times at which services begin, in the order of the customers served",
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
    where = "There is one counter" if counters == 1 else f"There are {counters} counters"
    rules = ""
    code_before = code_need = ""
    if level > 5:
        sentence, code_before, code_need = {
            "longer": (
                f"Every customer whose index in the list is divisible by {special} (indices begin "
                "at 0) needs 2 more than the list says.",
                "",
                f"        if index % {special} == 0:\n            need += 2\n",
            ),
            "closed": (
                f"No service begins at a time that is divisible by {special} (as 0 is): it "
                "begins at the next time instead (which counts as waiting).",
                f"        if begin % {special} == 0:\n            begin += 1\n",
                "",
            ),
            "short": (
                f"A customer who has waited longer than {special} when the service begins is in a "
                "hurry and needs 1 less (but at least 1).",
                "",
                f"        if begin - arrival > {special}:\n            need = max(1, need - 1)\n",
            ),
        }[kind]
        rules = f" {sentence}"
        parts.append(f"{kind} {special}")
    resting = ""
    if rest:
        resting = f" After each service a counter rests for {rest} before it serves again."
    leaving = leave = ""
    if patience:
        leaving = (
            f" A customer who would have to wait longer than {patience} leaves at once and is not "
            "served, and changes nothing."
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
            "Each customer is a pair (arrival, need): the time of arrival and how long the service "
            "takes, both whole numbers, the arrival at least 0 and the need at least 1. The list "
            f"is in order of arrival; those who arrive at once queue in its order. {where}, free "
            "from the time 0 on. Each customer in turn is served by the counter that is free "
            "first, as soon as it is free and the customer is there; nobody overtakes."
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
    "gone": ("both cards are out of the game", ["pass"]),
    "back": (
        "each player puts back their own card, at the bottom of their pile",
        ["left.append(a)", "right.append(b)"],
    ),
    "left": (
        "the left player puts both at the bottom of their own pile",
        ["left += [a, b]"],
    ),
    "right": (
        "the right player puts both at the bottom of their own pile",
        ["right += [b, a]"],
    ),
}

_CARD_RESULTS = {
    "wins": (
        "the number of rounds that the left player won (nobody wins one of two equal cards)",
        "int",
        "wins",
    ),
    "piles": (
        "the numbers of cards that the players have at the end, as a list [left, right]",
        "list[int]",
        "[len(left), len(right)]",
    ),
    "difference": (
        "the sum of the left player's cards minus the sum of the right player's cards at the end",
        "int",
        "sum(left) - sum(right)",
    ),
    "left": ("the left player's pile at the end, from the top", "list[int]", "left"),
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
            f"The higher card wins, but a 1 wins against every card of at least {size}",
            f"(a > b and not (b == 1 and a >= {size})) or (a == 1 and b >= {size})",
        ),
        "parity": (
            "If one card is even and the other is odd, the even one wins; otherwise the higher "
            "card wins",
            "(a % 2, -a) < (b % 2, -b)",
        ),
        "distance": (
            f"If the cards differ by {size} or more, the lower one wins; otherwise the higher one",
            f"(a > b) == (abs(a - b) < {size})",
        ),
        "sevens": (
            f"The card wins that leaves the higher remainder when divided by {size}; if the "
            "remainders are the same, the higher card wins",
            f"(a % {size}, a) > (b % {size}, b)",
        ),
    }[special]
    winning, losing = {
        "winning": (
            "The winner of a round puts both cards at the bottom of their own pile, first the card "
            "that won, then the card that lost",
            ("left += [a, b]", "right += [b, a]"),
        ),
        "losing": (
            "The winner of a round puts both cards at the bottom of their own pile, first the card "
            "that lost, then the card that won",
            ("left += [b, a]", "right += [a, b]"),
        ),
        "discard": (
            "The winner of a round puts their card at the bottom of their own pile, and the card "
            "that lost is out of the game",
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
                    "both players put the top card of their pile (if they have one) at its bottom",
                    "for pile in (left, right):\n    pile.extend(pile[:1])\n    del pile[:1]",
                ),
                ("exchange", "the players exchange their piles", "left, right = right, left"),
                (
                    "give",
                    "the left player gives the top card, if there is one, to the bottom of the "
                    "right player's pile",
                    "right.extend(left[:1])\ndel left[:1]",
                ),
            )
        )
        bonus = f" After every round whose number (from 1 on) is divisible by {every}, {what_then}."
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
            "Two players have a pile of cards each, the left player the list first and the right "
            "player the list second, from the top to the bottom. A card is a number from 1 to 10. "
            f"In each round both turn over and take off the top card. {rule}. {winning}. If both "
            f"cards are the same number, {tie_text}.{bonus} The game ends as soon as a player has "
            f"no cards, or after {most} rounds. Return {what}. The lists that are given must not "
            "be changed."
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
    "add": ("takes off b and then a, and puts a + b on", 2, ("stack.append(a + b)",)),
    "sub": ("takes off b and then a, and puts a − b on", 2, ("stack.append(a - b)",)),
    "mul": ("takes off b and then a, and puts a · b on", 2, ("stack.append(a * b)",)),
    "max": ("takes off b and then a, and puts the larger on", 2, ("stack.append(max(a, b))",)),
    "less": (
        "takes off b and then a, and puts 1 on if a < b, otherwise 0",
        2,
        ("stack.append(int(a < b))",),
    ),
    "swap": ("exchanges the two top numbers", 2, ("stack += [b, a]",)),
    "over": (
        "puts a copy of the number below the top on",
        2,
        ("stack += [a, b, a]",),
    ),
    "dup": ("puts a copy of the top number on", 1, ("stack += [a, a]",)),
    "neg": ("changes the sign of the top number", 1, ("stack.append(-a)",)),
    "inc": ("adds 1 to the top number", 1, ("stack.append(a + 1)",)),
    "drop": ("takes the top number off", 1, ()),
    "size": (
        "puts the number of numbers on the stack on it",
        0,
        ("stack.append(len(stack))",),
    ),
}

_MACHINE_RESULTS = {
    "stack": ("the stack at the end, from the bottom to the top", "list[int]", "stack"),
    "top": (
        "the top number at the end, or None if the stack is empty",
        "int | None",
        "stack[-1] if stack else None",
    ),
    "sum": ("the sum of the numbers on the stack at the end", "int", "sum(stack)"),
    "largest": (
        "the largest number that was on the top of the stack after a step, or 0 if none was above "
        "0",
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
    explained = [
        f"{name} {_INSTRUCTIONS[name][0]}" for name in sorted(names, key=tuple(_INSTRUCTIONS).index)
    ]
    lacking_text, lacking_code = {
        "skip": ("it does nothing", "continue"),
        "halt": ("the machine stops, after this step", "break"),
        "push": ("it puts a 1 on the stack and does nothing else", "stack.append(1)\ncontinue"),
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
            f" The word jump takes the top number off; if it was {condition}, the machine goes on "
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
                f" After each step, the top number is replaced by its remainder (from 0 to "
                f"{bound - 1}) when divided by {bound}."
            )
            bound_code = f"        if stack:\n            stack[-1] %= {bound}\n"
        else:
            bounding = (
                f" After each step, a top number above {bound} is replaced by {bound}, and one "
                f"below −{bound} by −{bound}."
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
            "A machine has a stack of whole numbers, empty at first, and runs a program: words "
            "with single spaces between them, from the first to the last; each word is a step. A "
            "word that is a whole number, such as 7 or -2, puts it on the stack. The other words: "
            f"{'; '.join(explained)}.{jumping} If there are fewer numbers on the stack than a word "
            f"needs, {lacking_text}. All other words do nothing, but are steps too.{bounding}"
            f"{limit} An empty program has no words. Return {what}."
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
