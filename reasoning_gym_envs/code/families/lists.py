"""Tasks about lists of whole numbers: selecting, windows, chunks, ranks, ranges, neighbours."""

from __future__ import annotations

from reasoning_gym_envs.code.families.conditions import about_number, draw_numbers
from reasoning_gym_envs.code.task import Family, Task
from reasoning_gym_envs.problems import Stream


def select_total(stream: Stream, level: int) -> Task:
    """Some elements of a list, combined."""
    condition = about_number(stream, level)
    combine = stream.choice(("sum", "number", "sum of squares", "distance", "largest gap"))
    where = "all" if level == 1 else stream.choice(("even", "odd", "not first", "not last"))
    places, loop = {
        "all": ("", "values"),
        "even": (" at the even positions (0, 2, 4, …)", "values[::2]"),
        "odd": (" at the odd positions (1, 3, 5, …)", "values[1::2]"),
        "not first": (" after the first one", "values[1:]"),
        "not last": (" before the last one", "values[:-1]"),
    }[where]
    what, start, steps = {
        "sum": ("the sum of them", "", ("result += value",)),
        "number": ("how many there are", "", ("result += 1",)),
        "sum of squares": ("the sum of their squares", "", ("result += value * value",)),
        "distance": (
            "the sum of the distances of neighbours among them, that is of the differences without "
            "their signs",
            "    last = None\n",
            (
                "if last is not None:",
                "    result += abs(value - last)",
                "last = value",
            ),
        ),
        "largest gap": (
            "the largest distance of neighbours among them, that is the largest difference without "
            "its sign",
            "    last = None\n",
            (
                "if last is not None:",
                "    result = max(result, abs(value - last))",
                "last = value",
            ),
        ),
    }[combine]
    few = "fewer than two" if start else "none"
    body = "\n".join(f"            {step}" for step in steps)
    return Task(
        content=f"{combine} of {condition.name} at {where}",
        description=(
            f"Take the elements of the list values{places} that {condition.hold}, in their order, "
            f"and return {what}. If there are {few}, the result is 0."
        ),
        signature="def select_total(values: list[int]) -> int",
        source=f"""\
def select_total(values: list[int]) -> int:
    result = 0
{start}\
    for value in {loop}:
        if {condition.of("value")}:
{body}
    return result
""",
        draw=lambda stream: (draw_numbers(stream, 8 + 2 * level),),
        edges=(([],), ([4],), ([-3, 9],), ([5, 5, 5, 5],), ([0, 12, -6, 7, 1],)),
    )


_WINDOW_VALUES = {
    "sum": ("the sum", "sum(window)"),
    "largest": ("the largest element", "max(window)"),
    "smallest": ("the smallest element", "min(window)"),
    "spread": ("the largest minus the smallest element", "max(window) - min(window)"),
    "ends": ("the last minus the first element", "window[-1] - window[0]"),
    "different": ("the number of different elements", "len(set(window))"),
    "middle": ("the median (the middle element of the sorted window)", "sorted(window)[SIZE // 2]"),
}


def windows(stream: Stream, level: int) -> Task:
    """A value of each window of neighbours, and what is made of them."""
    size = stream.choice((2, 3) if level <= 2 else (2, 3, 4, 5))
    value = stream.choice(tuple(_WINDOW_VALUES))
    if size % 2 == 0 and value == "middle":
        size = 3
    if size == 2 and value == "different":
        size = 4
    step = 1 if level <= 3 else stream.choice((1, 2, 3))
    result = stream.choice(("list", "rises", "largest at", "total", "kept"))
    what, code = _WINDOW_VALUES[value]
    limit = (
        stream.randint(1, 4) if value in ("smallest", "middle", "ends") else stream.randint(3, 8)
    )
    if value == "different":
        limit = stream.randint(2, size - 1)
        result = stream.choice(("list", "total", "kept"))
    start, follow, back, kind, wanted = {
        "list": (
            "[]",
            "results.append(value)",
            "results",
            "list[int]",
            "the list of these values, in the order of the windows",
        ),
        "rises": (
            "[]",
            "results.append(value)",
            "sum(1 for a, b in zip(results, results[1:]) if a < b)",
            "int",
            "how often the value of a window is less than that of the next window",
        ),
        "largest at": (
            "[]",
            "results.append(value)",
            "results.index(max(results)) if results else -1",
            "int",
            "the number of the window with the largest value, counted from 0 (the first of them if "
            "there are several, -1 if there are no windows)",
        ),
        "total": (
            "[]",
            f"if value > {limit}:\n            results.append(value)",
            "sum(results)",
            "int",
            f"the sum of those values that are greater than {limit} (0 if there are none)",
        ),
        "kept": (
            "[]",
            f"if value <= {limit}:\n            results.append(start)",
            "results",
            "list[int]",
            f"the list of the positions (counted from 0) at which the windows begin whose value is "
            f"at most {limit}, in ascending order",
        ),
    }[result]
    moves = (
        ""
        if step == 1
        else f" The first window begins at position 0, each further one {step} positions later."
    )
    shown = f" {limit}" if result in ("total", "kept") else ""
    end = f"len(values) - {size - 1}"
    places = end if step == 1 else f"0, {end}, {step}"
    return Task(
        content=f"{result}{shown} of {value} in windows of {size}, every {step}",
        description=(
            f"A window is {size} neighbouring elements of the list values.{moves} Windows that "
            f"would go beyond the end of the list do not count. The value of a window is {what} "
            f"of it. Return {wanted}."
        ),
        signature=f"def windows(values: list[int]) -> {kind}",
        source=f"""\
def windows(values: list[int]) -> {kind}:
    results = {start}
    for start in range({places}):
        window = values[start : start + {size}]
        value = {code.replace("SIZE", str(size))}
        {follow}
    return {back}
""",
        draw=lambda stream: ([stream.randint(-3, 9) for _ in range(stream.randint(size, 13))],),
        edges=(([],), ([3] * (size - 1),), ([7] * size,), ([1, 9, 2, 8, 3, 7, 4, 6],)),
    )


def chunks(stream: Stream, level: int) -> Task:
    """A list cut into pieces, and what is made of each."""
    limit = stream.randint(2, 5)
    condition = about_number(stream, level)
    cut = stream.choice(("falls", "equal", "before", "jump", "length", "turn", "parity"))
    if level <= 3:
        cut = stream.choice(("falls", "equal", "before", "length"))
    cuts = {
        "falls": ("wherever an element is less than the one before it", "value < piece[-1]"),
        "equal": (
            "wherever an element differs from the one before it",
            "value != piece[-1]",
        ),
        "before": (f"before each element that {condition.holds}", condition.of("value")),
        "jump": (
            f"wherever two neighbours differ by more than {limit}",
            f"abs(value - piece[-1]) > {limit}",
        ),
        "length": (f"after every {limit} elements", f"len(piece) == {limit}"),
        "turn": (
            f"wherever the sum of the piece so far is greater than {limit + 5}",
            f"sum(piece) > {limit + 5}",
        ),
        "parity": (
            "wherever an even element follows an odd one or an odd one an even one",
            "value % 2 != piece[-1] % 2",
        ),
    }
    where, test = cuts[cut]
    made = stream.choice(("sum", "first last", "length", "reversed", "largest", "sorted"))
    makes, code, kind = {
        "sum": ("its sum", "sum(piece)", "list[int]"),
        "first last": (
            "the list of its first and its last element (twice the same for one element)",
            "[piece[0], piece[-1]]",
            "list[list[int]]",
        ),
        "length": ("its length", "len(piece)", "list[int]"),
        "reversed": (
            "the list of its elements in reversed order",
            "piece[::-1]",
            "list[list[int]]",
        ),
        "largest": ("its largest element", "max(piece)", "list[int]"),
        "sorted": (
            "the list of its elements in ascending order",
            "sorted(piece)",
            "list[list[int]]",
        ),
    }[made]
    if cut == "equal" and made in ("reversed", "sorted", "largest", "first last"):
        made, makes, code, kind = (
            "pair",
            "the list of its first element and its length",
            "[piece[0], len(piece)]",
            "list[list[int]]",
        )
    if cut == "falls" and made in ("largest", "sorted"):
        made, makes, code, kind = (
            "gap",
            "its last minus its first element",
            "piece[-1] - piece[0]",
            "list[int]",
        )
    if cut == "length" and made == "length":
        made, makes, code = "sum", "its sum", "sum(piece)"
    least = 1 if level <= 3 else stream.choice((1, 2))
    if cut == "length":
        least = 1
    only = f" Leave out the pieces with fewer than {least} elements." if least > 1 else ""
    final = (
        f"[{code} for piece in pieces if len(piece) >= {least}]"
        if least > 1
        else f"[{code} for piece in pieces]"
    )
    detail = {
        "before": f" {condition.name}",
        "jump": f" {limit}",
        "length": f" {limit}",
        "turn": f" {limit + 5}",
    }.get(cut, "")
    return Task(
        content=f"{made} of pieces cut by {cut}{detail}, at least {least} long",
        description=(
            f"Cut the list values into pieces of neighbouring elements: {where}. No piece is "
            f"empty.{only} Return the list that has for each piece, in their order, {makes}. For "
            "an empty list the result is an empty list."
        ),
        signature=f"def chunks(values: list[int]) -> {kind}",
        source=f"""\
def chunks(values: list[int]) -> {kind}:
    pieces: list[list[int]] = []
    piece: list[int] = []
    for value in values:
        if piece and {test if not test.startswith("not ") else f"({test})"}:
            pieces.append(piece)
            piece = []
        piece.append(value)
    if piece:
        pieces.append(piece)
    return {final}
""",
        draw=lambda stream: (
            draw_numbers(stream, 12, -2 if cut == "equal" else -9, 2 if cut == "equal" else 15),
        ),
        edges=(([],), ([4],), ([3, 3, 3, 3, 3],), ([1, 2, 3, 10, 11, 4, 5, 6],), ([9, 5, 1, -3],)),
    )


def rearrange(stream: Stream, level: int) -> Task:
    """A list split in two by a condition, and put together again in another way."""
    join = "after" if level <= 2 else stream.choice(("after", "zip", "around", "rotate", "back"))
    condition = about_number(stream, level, complements=join != "back")
    orders = {
        "as it is": ("in their order", ""),
        "reversed": ("in reversed order", ".reverse()"),
        "sorted": ("in ascending order", ".sort()"),
        "descending": ("in descending order", ".sort(reverse=True)"),
    }
    names = tuple(orders)
    first = stream.choice(names)
    second = stream.choice(tuple(name for name in names if name != first or level >= 3))
    turn = stream.randint(1, 3)
    if join == "after":
        joined = "Return the first list followed by the second."
        code = "    return chosen + others\n"
    elif join == "zip":
        joined = (
            "Return one list that takes elements from the two in turn, beginning with the first "
            "list, until one of them has no more. The rest of the other follows at the end."
        )
        code = """\
    result = []
    for position in range(max(len(chosen), len(others))):
        if position < len(chosen):
            result.append(chosen[position])
        if position < len(others):
            result.append(others[position])
    return result
"""
    elif join == "around":
        joined = (
            "Return the second list with the first one put into its middle. If its length is odd, "
            "the part before the middle is the shorter one."
        )
        code = """\
    middle = len(others) // 2
    return others[:middle] + chosen + others[middle:]
"""
    elif join == "rotate":
        places = "place" if turn == 1 else "places"
        joined = (
            f"Put the first list before the second, rotate the whole by {turn} {places} to the "
            "left (what leaves at the left comes back at the right, as often as needed), and "
            "return it."
        )
        code = f"""\
    result = chosen + others
    for _ in range({turn}):
        if result:
            result.append(result.pop(0))
    return result
"""
    else:
        joined = (
            "Return a list as long as values: at the positions from which the elements of the "
            "first list came, it has the elements of the first list, in the order described, and "
            "at all other positions those of the second."
        )
        code = f"""\
    result = []
    for value in values:
        if {condition.of("value")}:
            result.append(chosen.pop(0))
        else:
            result.append(others.pop(0))
    return result
"""
    if join == "back" and first == second == "as it is":
        first = "reversed"
    sort_first, sort_second = orders[first][1], orders[second][1]
    return Task(
        content=(
            f"{condition.name} {first}, others {second}, {join}"
            f"{f' {turn}' if join == 'rotate' else ''}"
        ),
        description=(
            f"Make two lists of the elements of values. The first has those that "
            f"{condition.hold}, {orders[first][0]}. The second has all others, "
            f"{orders[second][0]}. {joined} The list values itself must not be changed."
        ),
        signature="def rearrange(values: list[int]) -> list[int]",
        source=f"""\
def rearrange(values: list[int]) -> list[int]:
    chosen = []
    others = []
    for value in values:
        if {condition.of("value")}:
            chosen.append(value)
        else:
            others.append(value)
{f"    chosen{sort_first}" + chr(10) if sort_first else ""}\
{f"    others{sort_second}" + chr(10) if sort_second else ""}\
{code}""",
        draw=lambda stream: (draw_numbers(stream, 11),),
        edges=(([],), ([4],), ([2, 2, 2],), ([-4, -1, 0, 3, 8, 12],), ([15, 9, 6, 5, 1, -7],)),
    )


_KEYS = {
    "value": ("their value", "value"),
    "size": ("their distance from 0", "abs(value)"),
    "last digit": ("the last decimal digit of their distance from 0", "abs(value) % 10"),
    "near 5": ("their distance from 5", "abs(value - 5)"),
    "near 2": ("their distance from 2", "abs(value - 2)"),
    "mod 3": ("the remainder (0, 1 or 2) when they are divided by 3", "value % 3"),
    "mod 4": ("the remainder (0, 1, 2 or 3) when they are divided by 4", "value % 4"),
    "square below": ("their distance from 9", "abs(value - 9)"),
    "often": ("how often they are in the list", "values.count(value)"),
}


def ranking(stream: Stream, level: int) -> Task:
    """The ranks of elements by a key, or the elements in the order of their ranks."""
    key = stream.choice(tuple(_KEYS))
    by, code = _KEYS[key]
    down = stream.random() < 0.5
    way = stream.choice(("competition", "dense", "ordinal", "late", "best", "places"))
    best = stream.randint(2, 4)
    order = "the largest" if down else "the smallest"
    better = "other > key" if down else "other < key"
    if way == "competition":
        told = (
            "Return the list of their ranks. The rank of an element is 1 plus the number of "
            "elements that come before it in this ranking, so equal ones share a rank."
        )
        rank = f"1 + sum(1 for other in keys if {better})"
    elif way == "dense":
        told = (
            "Return the list of their ranks. Equal ones share a rank, and no rank is left out: the "
            "best have rank 1, the next best rank 2, and so on."
        )
        rank = f"1 + len({{other for other in keys if {better}}})"
    elif way == "ordinal":
        told = (
            "Return the list of their ranks, which are 1, 2, 3 and so on, each given once. Of "
            "equal ones the one further left in the list has the lower rank."
        )
        rank = f"1 + sum(1 for other in keys if {better}) + keys[:position].count(key)"
    elif way == "late":
        told = (
            "Return the list of their ranks, which are 1, 2, 3 and so on, each given once. Of "
            "equal ones the one further right in the list has the lower rank."
        )
        rank = f"1 + sum(1 for other in keys if {better}) + keys[position + 1 :].count(key)"
    sign = "-" if down else ""
    if way in ("best", "places"):
        many = {2: "two", 3: "three", 4: "four"}[best]
        if way == "best":
            told = f"Return the list of the first {many} elements in this ranking"
            pick = "values[position]"
        else:
            told = (
                f"Return the list of the positions (counted from 0) of the first {many} elements "
                "in this ranking"
            )
            pick = "position"
        ties = stream.choice(("left", "right"))
        told += (
            f", in its order, or of all if there are fewer. Of equal ones the one further {ties} "
            "in the list comes first."
        )
        tie = "position" if ties == "left" else "-position"
        body = f"""\
    ranked = []
    for position, value in enumerate(values):
        key = {code}
        ranked.append(({sign}key, {tie}))
    ranked.sort()
    result = []
    for _, place in ranked[:{best}]:
        position = {"place" if ties == "left" else "-place"}
        result.append({pick})
    return result
"""
        way = f"{way} {best}, ties {ties}"
    else:
        body = f"""\
    keys = []
    for value in values:
        keys.append({code})
    result = []
    for {"position, key in enumerate(keys)" if "position" in rank else "key in keys"}:
        rank = {rank}
        result.append(rank)
    return result
"""
    return Task(
        content=f"{way} by {key}, {order} first",
        description=(
            f"Rank the elements of the list values by {by}, {order} first; elements for which this "
            f"is the same are equal in the ranking. {told}"
            + (
                ""
                if way.startswith(("best", "places"))
                else " The ranks are in the order of the list values."
            )
        ),
        signature="def ranking(values: list[int]) -> list[int]",
        source=f"def ranking(values: list[int]) -> list[int]:\n{body}",
        draw=lambda stream: ([stream.randint(-6, 12) for _ in range(stream.randint(1, 9))],),
        edges=(([],), ([5],), ([4, 4, 4],), ([-3, 3, 7, 1, 3, -3],)),
    )


def merge_lists(stream: Stream, level: int) -> Task:
    """Two lists of which one is made, equal elements told by a key."""
    key = stream.choice(("value", "size", "mod 10", "mod 7", "third", "half"))
    equal, code = {
        "value": ("they are the same number", "value"),
        "size": ("they are the same number but for the sign", "abs(value)"),
        "mod 10": ("they leave the same remainder (0 to 9) when divided by 10", "value % 10"),
        "mod 7": ("they leave the same remainder (0 to 6) when divided by 7", "value % 7"),
        "third": ("they are the same when divided by 3 and rounded down", "value // 3"),
        "half": ("they are the same when divided by 2 and rounded down", "value // 2"),
    }[key]
    keep = stream.choice(
        ("both", "only first", "only one", "union", "as often", "more often", "last of union")
    )
    order = stream.choice(("found", "ascending", "descending", "reversed"))
    if keep == "last of union" and key == "value":  # sorted, it is the union
        order = stream.choice(("found", "reversed"))
    put = {
        "found": ("in the order in which they were found", "result"),
        "ascending": ("in ascending order", "sorted(result)"),
        "descending": ("in descending order", "sorted(result, reverse=True)"),
        "reversed": ("in reversed order (the last one found comes first)", "result[::-1]"),
    }
    in_order, back = put[order]
    other = f"{{{code} for value in second}}"
    if keep == "both":
        told = (
            "Go through the list first and collect the elements that are like some element of the "
            "list second, but none that is like one already collected."
        )
        body = f"""\
    wanted = {other}
    seen = set()
    for value in first:
        key = {code}
        if key in wanted and key not in seen:
            seen.add(key)
            result.append(value)
"""
    elif keep == "only first":
        told = (
            "Go through the list first and collect the elements that are like no element of the "
            "list second. Elements may be collected that are like one already collected."
        )
        body = f"""\
    unwanted = {other}
    for value in first:
        key = {code}
        if key not in unwanted:
            result.append(value)
"""
    elif keep == "only one":
        told = (
            "Go through the list first, then through the list second, and collect the elements "
            "that are like no element of the other list, but none that is like one already "
            "collected."
        )
        body = f"""\
    left = {{{code} for value in first}}
    right = {other}
    seen = set()
    for value in first + second:
        key = {code}
        if (key in left) != (key in right) and key not in seen:
            seen.add(key)
            result.append(value)
"""
    elif keep == "union":
        told = (
            "Go through the list first, then through the list second, and collect the elements "
            "that are not like one already collected."
        )
        body = f"""\
    seen = set()
    for value in first + second:
        key = {code}
        if key not in seen:
            seen.add(key)
            result.append(value)
"""
    elif keep == "last of union":
        told = (
            "Go through the list first, then through the list second, and collect the elements "
            "that are not like any element which still follows, in the rest of the list or in the "
            "list second."
        )
        body = f"""\
    last = {{}}
    for position, value in enumerate(first + second):
        last[{code}] = position
    for position, value in enumerate(first + second):
        key = {code}
        if last[key] == position:
            result.append(value)
"""
    else:
        more = keep == "more often"
        told = (
            "Go through the list first. Each of its elements cancels one element of the list "
            "second that is like it and is not cancelled yet, if there is one. Collect the "
            f"elements of the list first that cancel {'none' if more else 'one'}."
        )
        body = f"""\
    left: dict[int, int] = {{}}
    for value in second:
        key = {code}
        left[key] = left.get(key, 0) + 1
    for value in first:
        key = {code}
        if left.get(key, 0) > 0:
            left[key] -= 1
{"            continue" if more else "            result.append(value)"}
{"        result.append(value)" + chr(10) if more else ""}"""

    def draw(stream: Stream) -> tuple[list[int], list[int]]:
        low, high = stream.choice(((-4, 4), (0, 9), (-9, 12)))
        return (
            [stream.randint(low, high) for _ in range(stream.randint(2, 9))],
            [stream.randint(low, high) for _ in range(stream.randint(2, 9))],
        )

    def large(stream: Stream) -> tuple[list[int], list[int]]:
        return (
            [stream.randint(-(10**9), 10**9) for _ in range(20_000)],
            [stream.randint(-(10**9), 10**9) for _ in range(20_000)],
        )

    return Task(
        content=f"{keep} by {key}, {order}",
        description=(
            f"Two whole numbers are alike if {equal}. {told} Return the collected elements "
            f"{in_order}. Each of the lists can have 20,000 elements."
        ),
        signature="def merge_lists(first: list[int], second: list[int]) -> list[int]",
        source=f"""\
def merge_lists(first: list[int], second: list[int]) -> list[int]:
    result: list[int] = []
{body}\
    return {back}
""",
        draw=draw,
        edges=(([], []), ([1, 2, 3], []), ([], [3, -3, 3]), ([5, 5, 5], [5, 5]), ([-1, 1], [1])),
        large=None if "mod" in key else large,
    )


def range_queries(stream: Stream, level: int) -> Task:
    """Many questions about parts of a list, answered from totals made once."""
    condition = about_number(stream, level)
    combine = stream.choice(("number", "sum", "squares", "alternating", "rises"))
    what, amount = {
        "number": ("how many of them there are", "1"),
        "sum": ("their sum", "value"),
        "squares": ("the sum of their squares", "value * value"),
        "alternating": (
            "the sum of those at even positions in values minus the sum of those at odd positions "
            "in values",
            "value if position % 2 == 0 else -value",
        ),
        "rises": (
            "how many of them are greater than the element just before them in values (position 0 "
            "has none before it and never counts; the one before may lie outside the part)",
            "1 if position > 0 and value > values[position - 1] else 0",
        ),
    }[combine]
    ends = stream.choice(("closed", "half open", "wrap", "length"))
    names, told, low, high, twice = {
        "closed": (
            "(low, high)",
            "the elements at the positions from low to high, both included",
            "low",
            "high + 1",
            False,
        ),
        "half open": (
            "(low, high)",
            "the elements at the positions from low on and before high",
            "low",
            "high",
            False,
        ),
        "length": (
            "(low, length)",
            "length elements, beginning at the position low",
            "low",
            "low + length",
            False,
        ),
        "wrap": (
            "(low, high)",
            "the elements at the positions from low to high, both included; if high is less than "
            "low, these are the elements from low to the end and those from the start to high",
            "low",
            "high + 1",
            True,
        ),
    }[ends]
    second = "length" if ends == "length" else "high"
    result = stream.choice(("list", "largest", "total"))
    back, wanted, kind = {
        "list": ("answers", "the list of the answers, in the order of the queries", "list[int]"),
        "largest": (
            "answers.index(max(answers)) if answers else -1",
            "the number of the query with the largest answer, counted from 0 (the first of them if "
            "there are several, -1 if there are no queries)",
            "int",
        ),
        "total": ("sum(answers)", "the sum of all answers (0 if there are no queries)", "int"),
    }[result]
    wrapped = "        if high < low:\n            answer += totals[-1]\n" if twice else ""
    needs_position = "position" in amount
    loop = "position, value in enumerate(values)" if needs_position else "value in values"

    def queries(stream: Stream, size: int, count: int) -> list[list[int]]:
        made = []
        for _ in range(count):
            low, high = stream.randrange(size), stream.randrange(size)
            if ends != "wrap" and high < low:
                low, high = high, low
            if ends == "half open":
                high += stream.randint(0, 1)
            if ends == "length":
                high = high - low + stream.randint(0, 1)
            made.append([low, high])
        return made

    def draw(stream: Stream) -> tuple[list[int], list[list[int]]]:
        values = [stream.randint(-9, 15) for _ in range(stream.randint(4, 11))]
        return values, queries(stream, len(values), stream.randint(2, 6))

    return Task(
        content=f"{result} of {combine} of {condition.name}, {ends}",
        description=(
            f"Each query [{names.strip('()')}] asks about a part of the list values: {told}. Its "
            f"answer: of the elements of the part, take those that {condition.hold}, and find "
            f"{what} (0 if there are none). Return {wanted}. Positions count from 0, and all "
            "queries lie within the list. There can be 30,000 elements and 30,000 queries."
        ),
        signature=(f"def range_queries(values: list[int], queries: list[list[int]]) -> {kind}"),
        source=f"""\
def range_queries(values: list[int], queries: list[list[int]]) -> {kind}:
    totals = [0]
    for {loop}:
        amount = 0
        if {condition.of("value")}:
            amount = {amount}
        totals.append(totals[-1] + amount)
    answers = []
    for low, {second} in queries:
        answer = totals[{high}] - totals[{low}]
{wrapped}\
        answers.append(answer)
    return {back}
""",
        draw=draw,
        edges=(
            ([5], []),
            ([4, -2, 9], [[0, 0]]),
            ([1, 2, 3, 4, 5, 6, 7, 8], [[0, 7], [2, 3], [1, 1]]),
        ),
        large=lambda stream: (
            [stream.randint(-9, 15) for _ in range(30_000)],
            queries(stream, 30_000, 30_000),
        ),
    )


def neighbours(stream: Stream, level: int) -> Task:
    """For each element the nearest one on a side that is greater, or less, found with a stack."""
    side = stream.choice(("right", "left"))
    relation = stream.choice(("greater", "less", "not less", "not greater"))
    by = "value" if level <= 6 else stream.choice(("value", "size", "near"))
    centre = stream.randint(2, 7)
    told = {
        "greater": "is greater than it",
        "less": "is less than it",
        "not less": "is greater than it or equal to it",
        "not greater": "is less than it or equal to it",
    }[relation]
    keys = {
        "value": ("", "value"),
        "size": (" Elements are compared by their distance from 0.", "abs(value)"),
        "near": (
            f" Elements are compared by their distance from {centre}.",
            f"abs(value - {centre})",
        ),
    }
    how, code = keys[by]
    passed = {"greater": "<=", "less": ">=", "not less": "<", "not greater": ">"}[relation]
    result = stream.choice(("position", "distance", "value", "sum of distances", "alone"))
    wanted, entry, missing, back, kind = {
        "position": ("the position of its partner", "stack[-1]", "-1", "results", "list[int]"),
        "distance": (
            "how many positions its partner is away from it",
            "abs(stack[-1] - position)",
            "0",
            "results",
            "list[int]",
        ),
        "value": (
            "its partner minus the element itself",
            "values[stack[-1]] - values[position]",
            "0",
            "results",
            "list[int]",
        ),
        "sum of distances": (
            "how many positions its partner is away from it",
            "abs(stack[-1] - position)",
            "0",
            "sum(results)",
            "int",
        ),
        "alone": ("", "0", "1", "sum(results)", "int"),
    }[result]
    if result == "alone":
        say = "Return how many elements have no partner."
    elif result == "sum of distances":
        say = (
            "Return the sum, over all elements, of the number of positions that the partner is "
            "away. Elements without a partner count 0."
        )
    else:
        say = (
            f"Return the list that has for each element of values, in their order, {wanted}, or "
            f"{missing} if it has no partner."
        )
    forward = side == "left"
    positions = "range(len(values))" if forward else "reversed(range(len(values)))"
    reverse = "" if forward else "    results.reverse()\n"
    shown = f"near {centre}" if by == "near" else by

    def large(stream: Stream) -> tuple[list[int]]:
        start = stream.randint(10, 99)
        values = list(range(start, start + 60_000))
        if (relation in ("greater", "not less")) is not forward:
            values.reverse()
        return (values,)

    return Task(
        content=f"{result} of nearest {relation} on the {side} by {shown}",
        description=(
            f"The partner of an element of the list values is the nearest element to the {side} of "
            f"it that {told}.{how} {say} Positions count from 0. The list can have 60,000 elements."
        ),
        signature=f"def neighbours(values: list[int]) -> {kind}",
        source=f"""\
def neighbours(values: list[int]) -> {kind}:
    keys = {"values" if by == "value" else f"[{code} for value in values]"}
    stack: list[int] = []
    results = []
    for position in {positions}:
        while stack and keys[stack[-1]] {passed} keys[position]:
            stack.pop()
        if stack:
            results.append({entry})
        else:
            results.append({missing})
        stack.append(position)
{reverse}\
    return {back}
""",
        draw=lambda stream: ([stream.randint(-8, 12) for _ in range(stream.randint(2, 10))],),
        edges=(([],), ([3],), ([5, 5, 5],), ([1, 2, 3, 4],), ([4, 3, 2, 1],), ([-7, 7, 3, -3, 9],)),
        large=large,
    )


def balanced_parts(stream: Stream, level: int) -> Task:
    """Contiguous parts of a list in which counts or sums agree, found by equal prefixes."""
    ask = stream.choice(("sum", "multiple", "equally many", "more by"))
    target = stream.randint(-2, 6)
    divisor = stream.randint(3, 7)
    first = about_number(stream, level, complements=False)
    extra = stream.randint(1, 2)
    told, start, change, need = {
        "sum": (f"its sum is {target}", "0", "prefix += value", f"prefix - {target}"),
        "multiple": (
            f"its sum is a multiple of {divisor} (0 is one, too)",
            "0",
            f"prefix = (prefix + value) % {divisor}",
            "prefix",
        ),
        "equally many": (
            f"exactly half of its elements {first.hold}",
            "0",
            f"prefix += 1 if {first.of('value')} else -1",
            "prefix",
        ),
        "more by": (
            f"the number of its elements that {first.hold} is greater by {extra} than the number "
            "of all its other elements",
            "0",
            f"prefix += 1 if {first.of('value')} else -1",
            f"prefix - {extra}",
        ),
    }[ask]
    result = stream.choice(("number", "longest", "shortest" if ask == "sum" else "first", "first"))
    detail = {
        "sum": f" {target}",
        "multiple": f" of {divisor}",
        "equally many": f" {first.name}",
        "more by": f" {extra} {first.name}",
    }[ask]
    wanted, init, remember, use, back, kind = {
        "number": (
            "how many good parts there are (parts at different places count separately)",
            "    found = 0\n    seen = {0: 1}\n",
            "seen[prefix] = seen.get(prefix, 0) + 1",
            f"found += seen.get({need}, 0)",
            "found",
            "int",
        ),
        "longest": (
            "the length of the longest good part (0 if there is none)",
            "    found = 0\n    seen = {0: 0}\n",
            "seen.setdefault(prefix, end)",
            f"if {need} in seen:\n            found = max(found, end - seen[{need}])",
            "found",
            "int",
        ),
        "shortest": (
            "the length of the shortest good part (0 if there is none)",
            "    found = len(values) + 1\n    seen = {0: 0}\n",
            "seen[prefix] = end",
            f"if {need} in seen:\n            found = min(found, end - seen[{need}])",
            "found if found <= len(values) else 0",
            "int",
        ),
        "first": (
            "the good part that ends first, as the list [start, length] of the position at which "
            "it starts (counted from 0) and its length; of those that end there it is the longest. "
            "If there is none, return an empty list",
            "    seen = {0: 0}\n",
            "seen.setdefault(prefix, end)",
            f"if {need} in seen:\n            start = seen[{need}]\n"
            "            return [start, end - start]",
            "[]",
            "list[int]",
        ),
    }[result]

    def large(stream: Stream) -> tuple[list[int]]:
        count, most = 60_000, 10**6
        if result == "first" and ask == "sum":  # no good part to stop at: more than any target
            return ([stream.randint(10, most) for _ in range(count)],)
        if result == "first":  # none, too: of these, no condition holds
            return ([stream.choice((-7, -11, -13, -17)) for _ in range(count)],)
        if ask in ("sum", "multiple"):
            return ([stream.randint(-most, most) for _ in range(count)],)
        return ([stream.randint(-5, 11) for _ in range(count)],)

    return Task(
        content=f"{result} of parts with {ask}{detail}",
        description=(
            f"A part of the list values is one or more neighbouring elements. It is good if "
            f"{told}. Return {wanted}. The list can have 60,000 elements."
        ),
        signature=f"def balanced_parts(values: list[int]) -> {kind}",
        source=f"""\
def balanced_parts(values: list[int]) -> {kind}:
    prefix = {start}
{init}\
    for end, value in enumerate(values, 1):
        {change}
        {use}
        {remember}
    return {back}
""",
        draw=lambda stream: (
            [stream.randint(-5, 7 if ask == "sum" else 15) for _ in range(stream.randint(4, 12))],
        ),
        edges=(([],), ([target],), ([0, 0, 0],), ([3, 6, 1, 2, 4, 5],), ([-2, 9, -2, 9, 1],)),
        large=None if result == "first" and ask == "multiple" else large,
    )


FAMILIES = {
    "select_total": Family(select_total, 1, 3),
    "windows": Family(windows, 2, 5),
    "rearrange": Family(rearrange, 1, 5),
    "chunks": Family(chunks, 2, 6),
    "ranking": Family(ranking, 4, 7),
    "merge_lists": Family(merge_lists, 5, 8),
    "range_queries": Family(range_queries, 6, 9),
    "neighbours": Family(neighbours, 6, 10),
    "balanced_parts": Family(balanced_parts, 7, 10),
}
