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
        "even": (" at even indices (0, 2, 4, …)", "values[::2]"),
        "odd": (" at odd indices (1, 3, 5, …)", "values[1::2]"),
        "not first": (" after the first one", "values[1:]"),
        "not last": (" before the last one", "values[:-1]"),
    }[where]
    what, start, steps = {
        "sum": ("the sum", "", ("result += value",)),
        "number": ("the number", "", ("result += 1",)),
        "sum of squares": ("the sum of the squares", "", ("result += value * value",)),
        "distance": (
            "the sum of the absolute differences",
            "    last = None\n",
            (
                "if last is not None:",
                "    result += abs(value - last)",
                "last = value",
            ),
        ),
        "largest gap": (
            "the largest absolute difference",
            "    last = None\n",
            (
                "if last is not None:",
                "    result = max(result, abs(value - last))",
                "last = value",
            ),
        ),
    }[combine]
    chosen = f"elements of `values`{places} that {condition.hold}"
    if start:
        task = (
            f"Consider the {chosen}, in order. Return {what} between consecutive ones, or 0 if "
            "there are fewer than two."
        )
    else:
        task = f"Return {what} of the {chosen}, or 0 if there are none."
    body = "\n".join(f"            {step}" for step in steps)
    return Task(
        content=f"{combine} of {condition.name} at {where}",
        description=task,
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
    "sum": ("the sum of its elements", "sum(window)"),
    "largest": ("its largest element", "max(window)"),
    "smallest": ("its smallest element", "min(window)"),
    "spread": ("its largest element minus its smallest", "max(window) - min(window)"),
    "ends": ("its last element minus its first", "window[-1] - window[0]"),
    "different": ("its number of distinct elements", "len(set(window))"),
    "middle": ("its median", "sorted(window)[SIZE // 2]"),
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
            "the list of the window values, in order",
        ),
        "rises": (
            "[]",
            "results.append(value)",
            "sum(1 for a, b in zip(results, results[1:]) if a < b)",
            "int",
            "how many windows have a value less than that of the next window",
        ),
        "largest at": (
            "[]",
            "results.append(value)",
            "results.index(max(results)) if results else -1",
            "int",
            "the index of the window with the largest value, counting windows from 0 (the first "
            "one on ties; -1 if there are no windows)",
        ),
        "total": (
            "[]",
            f"if value > {limit}:\n            results.append(value)",
            "sum(results)",
            "int",
            f"the sum of the window values that are greater than {limit} (0 if there are none)",
        ),
        "kept": (
            "[]",
            f"if value <= {limit}:\n            results.append(start)",
            "results",
            "list[int]",
            f"the list of the start indices of the windows whose value is at most {limit}, in "
            "ascending order",
        ),
    }[result]
    moves = "" if step == 1 else f" Windows start at indices 0, {step}, {2 * step}, and so on."
    shown = f" {limit}" if result in ("total", "kept") else ""
    end = f"len(values) - {size - 1}"
    places = end if step == 1 else f"0, {end}, {step}"
    return Task(
        content=f"{result}{shown} of {value} in windows of {size}, every {step}",
        description=(
            f"A window is {size} consecutive elements of `values`.{moves} Only full windows "
            f"count. The value of a window is {what}. Return {wanted}."
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
        "falls": ("before each element that is less than the previous one", "value < piece[-1]"),
        "equal": (
            "before each element that differs from the previous one",
            "value != piece[-1]",
        ),
        "before": (f"before each element that {condition.holds}", condition.of("value")),
        "jump": (
            f"between consecutive elements that differ by more than {limit}",
            f"abs(value - piece[-1]) > {limit}",
        ),
        "length": (f"after every {limit} elements", f"len(piece) == {limit}"),
        "turn": (
            f"as soon as the sum of the current piece exceeds {limit + 5}",
            f"sum(piece) > {limit + 5}",
        ),
        "parity": (
            "between consecutive elements of which one is even and the other odd",
            "value % 2 != piece[-1] % 2",
        ),
    }
    where, test = cuts[cut]
    made = stream.choice(("sum", "first last", "length", "reversed", "largest", "sorted"))
    makes, code, kind = {
        "sum": ("its sum", "sum(piece)", "list[int]"),
        "first last": (
            "[first element, last element]",
            "[piece[0], piece[-1]]",
            "list[list[int]]",
        ),
        "length": ("its length", "len(piece)", "list[int]"),
        "reversed": (
            "the list of its elements in reverse order",
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
            "[first element, length]",
            "[piece[0], len(piece)]",
            "list[list[int]]",
        )
    if cut == "falls" and made in ("largest", "sorted"):
        made, makes, code, kind = (
            "gap",
            "its last element minus its first",
            "piece[-1] - piece[0]",
            "list[int]",
        )
    if cut == "length" and made == "length":
        made, makes, code = "sum", "its sum", "sum(piece)"
    least = 1 if level <= 3 else stream.choice((1, 2))
    if cut == "length":
        least = 1
    only = f" Drop pieces with fewer than {least} elements." if least > 1 else ""
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
            f"Split `values` into consecutive non-empty pieces by cutting {where}.{only} Return a "
            f"list that contains, for each piece in order, {makes}. For an empty list, return an "
            "empty list."
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
        "as it is": ("in their original order", ""),
        "reversed": ("in reverse order", ".reverse()"),
        "sorted": ("in ascending order", ".sort()"),
        "descending": ("in descending order", ".sort(reverse=True)"),
    }
    names = tuple(orders)
    first = stream.choice(names)
    second = stream.choice(tuple(name for name in names if name != first or level >= 3))
    turn = stream.randint(1, 3)
    if join == "after":
        joined = "Return A followed by B."
        code = "    return chosen + others\n"
    elif join == "zip":
        joined = (
            "Return a list that alternates elements of A and B, starting with A; when one runs "
            "out, append the rest of the other."
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
        joined = "Return B with A inserted at its middle, at index len(B) // 2."
        code = """\
    middle = len(others) // 2
    return others[:middle] + chosen + others[middle:]
"""
    elif join == "rotate":
        places = "place" if turn == 1 else "places"
        joined = f"Return A followed by B, rotated left by {turn} {places}."
        code = f"""\
    result = chosen + others
    for _ in range({turn}):
        if result:
            result.append(result.pop(0))
    return result
"""
    else:
        joined = (
            "Return a list as long as `values`: fill the indices that elements of A came from "
            "with the elements of A, in A's order, and all other indices with the elements of B, "
            "in B's order."
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
            f"Let A be the list of the elements of `values` that {condition.hold}, "
            f"{orders[first][0]}, and B the list of all other elements, {orders[second][0]}. "
            f"{joined} Do not modify `values`."
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
    "value": ("value", "value"),
    "size": ("absolute value", "abs(value)"),
    "last digit": ("the last decimal digit of their absolute value", "abs(value) % 10"),
    "near 5": ("their distance from 5", "abs(value - 5)"),
    "near 2": ("their distance from 2", "abs(value - 2)"),
    "mod 3": ("value modulo 3 (0, 1 or 2)", "value % 3"),
    "mod 4": ("value modulo 4 (0, 1, 2 or 3)", "value % 4"),
    "square below": ("their distance from 9", "abs(value - 9)"),
    "often": ("how often they occur in the list", "values.count(value)"),
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
            "The rank of an element is 1 plus the number of elements that come strictly before "
            "it, so tied elements share a rank (1, 2, 2, 4, …)."
        )
        rank = f"1 + sum(1 for other in keys if {better})"
    elif way == "dense":
        told = "Tied elements share a rank, and no rank is skipped (1, 2, 2, 3, …)."
        rank = f"1 + len({{other for other in keys if {better}}})"
    elif way == "ordinal":
        told = (
            "Ranks are 1, 2, 3, and so on, each used once. Among tied elements, the one further "
            "left in the list gets the lower rank."
        )
        rank = f"1 + sum(1 for other in keys if {better}) + keys[:position].count(key)"
    elif way == "late":
        told = (
            "Ranks are 1, 2, 3, and so on, each used once. Among tied elements, the one further "
            "right in the list gets the lower rank."
        )
        rank = f"1 + sum(1 for other in keys if {better}) + keys[position + 1 :].count(key)"
    sign = "-" if down else ""
    if way in ("best", "places"):
        many = {2: "two", 3: "three", 4: "four"}[best]
        if way == "best":
            told = f"Return the list of the first {many} elements of this ranking"
            pick = "values[position]"
        else:
            told = f"Return the list of the indices of the first {many} elements of this ranking"
            pick = "position"
        ties = stream.choice(("left", "right"))
        told += (
            ", in ranking order (all of them if there are fewer). Among tied elements, the one "
            f"further {ties} in the list comes first."
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
            f"Rank the elements of `values` by {by}, {order.removeprefix('the ')} first; elements "
            f"with the same key are tied. {told}"
            + (
                ""
                if way.startswith(("best", "places"))
                else " Return the list of ranks, in the order of `values`."
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
        "value": ("they are equal", "value"),
        "size": ("their absolute values are equal", "abs(value)"),
        "mod 10": ("they are equal modulo 10", "value % 10"),
        "mod 7": ("they are equal modulo 7", "value % 7"),
        "third": ("the floors of their quotients by 3 are equal (a // 3 == b // 3)", "value // 3"),
        "half": ("the floors of their quotients by 2 are equal (a // 2 == b // 2)", "value // 2"),
    }[key]
    keep = stream.choice(
        ("both", "only first", "only one", "union", "as often", "more often", "last of union")
    )
    order = stream.choice(("found", "ascending", "descending", "reversed"))
    if keep == "last of union" and key == "value":  # sorted, it is the union
        order = stream.choice(("found", "reversed"))
    put = {
        "found": ("in the order they were collected", "result"),
        "ascending": ("in ascending order", "sorted(result)"),
        "descending": ("in descending order", "sorted(result, reverse=True)"),
        "reversed": ("in reverse order of collection (last collected first)", "result[::-1]"),
    }
    in_order, back = put[order]
    other = f"{{{code} for value in second}}"
    if keep == "both":
        told = (
            "Go through `first` and collect each element that matches some element of `second` "
            "but no element collected before."
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
            "Go through `first` and collect each element that matches no element of `second`, "
            "including repeats."
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
            "Go through `first`, then `second`, and collect each element that matches no element "
            "of the other list and no element collected before."
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
            "Go through `first`, then `second`, and collect each element that matches no element "
            "collected before."
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
            "Go through `first`, then `second`, and collect each element that matches no element "
            "still to come (in the rest of its list or in `second`)."
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
            "Go through `first`. Each of its elements cancels one matching element of `second` "
            "that is not cancelled yet, if there is one. "
            f"Collect the elements of `first` that cancel {'nothing' if more else 'an element'}."
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
            f"Two integers match if {equal}. {told} Return the collected elements {in_order}. "
            "Each list may have up to 20,000 elements."
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
        "number": ("their number", "1"),
        "sum": ("their sum (0 if there are none)", "value"),
        "squares": ("the sum of their squares (0 if there are none)", "value * value"),
        "alternating": (
            "the sum of those at even indices of `values` minus the sum of those at odd indices "
            "of `values` (an empty sum is 0)",
            "value if position % 2 == 0 else -value",
        ),
        "rises": (
            "how many of them are greater than the element just before them in `values` (which "
            "may lie outside the range; index 0 never counts)",
            "1 if position > 0 and value > values[position - 1] else 0",
        ),
    }[combine]
    ends = stream.choice(("closed", "half open", "wrap", "length"))
    names, told, low, high, twice = {
        "closed": (
            "(low, high)",
            "the elements at indices low to high, inclusive",
            "low",
            "high + 1",
            False,
        ),
        "half open": (
            "(low, high)",
            "the elements at indices low (inclusive) to high (exclusive)",
            "low",
            "high",
            False,
        ),
        "length": (
            "(low, length)",
            "the `length` elements starting at index low",
            "low",
            "low + length",
            False,
        ),
        "wrap": (
            "(low, high)",
            "the elements at indices low to high, inclusive; if high < low, the range wraps "
            "around: from low to the end and from the start to high",
            "low",
            "high + 1",
            True,
        ),
    }[ends]
    second = "length" if ends == "length" else "high"
    result = stream.choice(("list", "largest", "total"))
    back, wanted, kind = {
        "list": ("answers", "the list of answers, in query order", "list[int]"),
        "largest": (
            "answers.index(max(answers)) if answers else -1",
            "the index of the query with the largest answer (the first one on ties; -1 if there "
            "are no queries)",
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
            f"Each query [{names.strip('()')}] selects a range of `values`: {told}. Its answer is "
            f"computed from the elements of the range that {condition.hold}: {what}. Return "
            f"{wanted}. "
            "All queries lie within the list. There may be up to 30,000 elements and 30,000 "
            "queries."
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
        "not less": "is greater than or equal to it",
        "not greater": "is less than or equal to it",
    }[relation]
    keys = {
        "value": ("", "value"),
        "size": (" Compare elements by absolute value.", "abs(value)"),
        "near": (
            f" Compare elements by their distance from {centre}.",
            f"abs(value - {centre})",
        ),
    }
    how, code = keys[by]
    passed = {"greater": "<=", "less": ">=", "not less": "<", "not greater": ">"}[relation]
    result = stream.choice(("position", "distance", "value", "sum of distances", "alone"))
    wanted, entry, missing, back, kind = {
        "position": ("the index of its partner", "stack[-1]", "-1", "results", "list[int]"),
        "distance": (
            "the distance between its index and that of its partner",
            "abs(stack[-1] - position)",
            "0",
            "results",
            "list[int]",
        ),
        "value": (
            "the value of its partner minus its own value",
            "values[stack[-1]] - values[position]",
            "0",
            "results",
            "list[int]",
        ),
        "sum of distances": (
            "",
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
            "Return the sum, over all elements, of the distance between its index and that of its "
            "partner (0 for an element without a partner)."
        )
    else:
        say = (
            f"Return a list that contains, for each element in order, {wanted}, or {missing} if "
            "it has no partner."
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
            f"The partner of an element of `values` is the nearest element to its {side} that "
            f"{told}.{how} {say} `values` may have up to 60,000 elements."
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
            f"its sum is a multiple of {divisor} (possibly 0)",
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
            f"the number of its elements that {first.hold} is exactly {extra} more than the "
            "number of its other elements",
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
            "the number of good subarrays",
            "    found = 0\n    seen = {0: 1}\n",
            "seen[prefix] = seen.get(prefix, 0) + 1",
            f"found += seen.get({need}, 0)",
            "found",
            "int",
        ),
        "longest": (
            "the length of the longest good subarray (0 if there is none)",
            "    found = 0\n    seen = {0: 0}\n",
            "seen.setdefault(prefix, end)",
            f"if {need} in seen:\n            found = max(found, end - seen[{need}])",
            "found",
            "int",
        ),
        "shortest": (
            "the length of the shortest good subarray (0 if there is none)",
            "    found = len(values) + 1\n    seen = {0: 0}\n",
            "seen[prefix] = end",
            f"if {need} in seen:\n            found = min(found, end - seen[{need}])",
            "found if found <= len(values) else 0",
            "int",
        ),
        "first": (
            "[start index, length] of the good subarray that ends first (on ties, the longest "
            "one), or an empty list if there is none",
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
            f"A subarray is one or more consecutive elements of `values`. It is good if {told}. "
            f"Return {wanted}. `values` may have up to 60,000 elements."
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
