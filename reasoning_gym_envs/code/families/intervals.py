"""Tasks about intervals: shifts, free slots, merging, coverage, choosing, pairs."""

from __future__ import annotations

from reasoning_gym_envs.code.task import Arguments, Family, Task
from reasoning_gym_envs.problems import Stream

Span = tuple[int, int]


def _spans(
    stream: Stream, least: int = 3, most: int = 8, longest: int = 9, last: int = 20
) -> list[Span]:
    spans = []
    for _ in range(stream.randint(least, most)):
        start = stream.randint(-2, last)
        spans.append((start, start + stream.randint(1, longest)))
    return spans


def _many_spans(stream: Stream, count: int, longest: int = 20) -> list[Span]:
    spans = []
    for _ in range(count):
        start = stream.randrange(8 * count)
        spans.append((start, start + stream.randint(1, longest)))
    return spans


_EDGES: tuple[Arguments, ...] = (
    ([],),
    ([(2, 5)],),
    ([(1, 3), (3, 6), (7, 9), (11, 12)],),
    ([(0, 10), (2, 4), (2, 4), (4, 6), (10, 11)],),
    ([(5, 6), (4, 6), (3, 6), (3, 9), (-4, -1)],),
)
_WEIGHTED_EDGES: tuple[Arguments, ...] = tuple(
    ([(start, end, 1 + n % 3) for n, (start, end) in enumerate(spans)],) for (spans,) in _EDGES
)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def paid_minutes(stream: Stream, level: int) -> Task:
    """The minutes that are paid for a shift, which may go past midnight."""
    first = stream.choice((18, 19, 20, 21, 22))
    last = stream.choice((4, 5, 6, 7, 8))
    factor = stream.choice((2, 3, 4))
    pause = stream.choice((4, 5, 6)) if level >= 2 else 0
    rest = stream.choice((15, 30, 45)) if level >= 2 else 0
    unit = stream.choice((10, 15, 20)) if level >= 3 else 0
    upwards = bool(unit) and stream.random() < 0.5
    signature = "def paid_minutes(shift: str) -> int"

    pause_step, pause_rule = "", ""
    if pause:
        pause_step = f"    if end - start > {60 * pause}:\n        paid -= {rest}\n"
        pause_rule = f" If the shift is longer than {pause} hours, subtract {rest} from the total."
    give = "paid"
    unit_rule = ""
    if unit:
        give = f"-(-paid // {unit}) * {unit}" if upwards else f"paid // {unit} * {unit}"
        side = "up" if upwards else "down"
        unit_rule = f" Then round the result {side} to a multiple of {unit}."

    def draw(stream: Stream) -> Arguments:
        start = stream.randrange(1440)
        end = (start + stream.randint(30, 660)) % 1440
        return (f"{_clock(start)}-{_clock(end)}",)

    return Task(
        content=(
            f"night {first} to {last} counts {factor} times, -{rest} over {pause or 'any'} hours, "
            f"rounded {'up' if upwards else 'down'} to {unit or 1}"
        ),
        description=(
            '`shift` is a work shift such as "21:30-06:15" (24-hour clock). If the end is not '
            "later than the start, the shift ends on the next day. "
            f"Each minute of the shift that starts at {_clock(60 * first)} or later or before "
            f"{_clock(60 * last)} counts {factor} times, all others once; the end minute "
            "is excluded. "
            "Return the total."
            f"{pause_rule}{unit_rule}"
        ),
        signature=signature,
        source=f"""\
{signature}:
    times = []
    for text in shift.split("-"):
        hours, minutes = text.split(":")
        times.append(60 * int(hours) + int(minutes))
    start, end = times
    if end <= start:
        end += 24 * 60
    paid = 0
    for minute in range(start, end):
        hour = minute // 60 % 24
        if hour >= {first} or hour < {last}:
            paid += {factor}
        else:
            paid += 1
{pause_step}    return {give}
""",
        draw=draw,
        edges=(
            ("08:00-09:00",),
            ("00:00-00:00",),
            (f"{_clock(60 * last - 1)}-{_clock(60 * first + 1)}",),
            (f"{_clock(60 * first - 1)}-{_clock(60 * last + 1)}",),
            (f"09:00-{9 + (pause or 4):02}:00",),
        ),
    )


_SLOTS = {
    # name: (what is returned, its type, the expression)
    "list": (
        'the list of free slots in chronological order, as strings such as "09:00-09:45"',
        "list[str]",
        '[f"{clock(start)}-{clock(end)}" for start, end in free]',
    ),
    "minutes": (
        "the total length of the free slots in minutes",
        "int",
        "sum(end - start for start, end in free)",
    ),
    "starts": (
        'the list of start times of the free slots in chronological order, such as "09:45"',
        "list[str]",
        "[clock(start) for start, _ in free]",
    ),
    "ends": (
        'the list of end times of the free slots in chronological order, such as "09:45"',
        "list[str]",
        "[clock(end) for _, end in free]",
    ),
    "longest first": (
        'the list of start times of the free slots, such as "09:45", longest slot first (ties in '
        "chronological order)",
        "list[str]",
        "[clock(start) for start, end in sorted(free, key=lambda slot: slot[0] - slot[1])]",
    ),
    "lengths": (
        "the list of lengths of the free slots in minutes, in chronological order",
        "list[int]",
        "[end - start for start, end in free]",
    ),
}


def free_slots(stream: Stream, level: int) -> Task:
    """What is free of a day between meetings."""
    opening = stream.choice((8, 9, 10)) * 60 + stream.choice((0, 30))
    closing = stream.choice((15, 16, 17)) * 60 + stream.choice((0, 30))
    length = stream.choice((10, 20, 30, 45))
    pause = stream.choice((0, 5, 10, 15)) if level >= 3 else 0
    before = stream.choice((0, 5, 10)) if level >= 5 else 0
    result = stream.choice(tuple(_SLOTS)[: 3 if level <= 2 else len(_SLOTS)])
    what, kind, give = _SLOTS[result]
    signature = f"def free_slots(busy: list[str]) -> {kind}"

    clock = ""
    if "clock" in give:
        clock = """
    def clock(minute: int) -> str:
        return f"{minute // 60:02}:{minute % 60:02}"
"""
    rules = []
    earlier = f"minutes(start) - {before}" if before else "minutes(start)"
    later = f"minutes(end) + {pause}" if pause else "minutes(end)"
    if pause:
        rules.append(f"The {pause} minutes after each meeting are also not free. ")
    if before:
        rules.append(f"The {before} minutes before each meeting are also not free. ")

    def draw(stream: Stream) -> Arguments:
        busy = []
        for _ in range(stream.randint(2, 6)):
            start = stream.randrange(96, 205) * 5
            end = start + stream.choice((15, 20, 30, 45, 60, 90, 120))
            busy.append(f"{_clock(start)}-{_clock(end)}")
        return (busy,)

    day = f"{_clock(opening)}-{_clock(closing)}"
    middle = f"{_clock(opening + 60)}-{_clock(opening + 90)}"
    return Task(
        content=(
            f"{result} of slots of {length} in {day}, {before} before, {pause} after a meeting"
        ),
        description=(
            '`busy` lists meetings of one day, such as "09:30-10:15", in any order. They may '
            "overlap and may lie outside the opening hours, "
            f"{_clock(opening)} to {_clock(closing)}. All time within the opening hours without a "
            "meeting is free. "
            + "".join(rules)
            + (
                f"A free slot is a maximal stretch of free time of at least {length} minutes. "
                f"Return {what}."
            )
        ),
        signature=signature,
        source=f"""\
{signature}:
    def minutes(text: str) -> int:
        return 60 * int(text[:2]) + int(text[3:])
{clock}
    meetings = []
    for text in busy:
        start, end = text.split("-")
        meetings.append(({earlier}, {later}))
    free = []
    now = {opening}
    for start, end in sorted(meetings) + [({closing}, {closing})]:
        if min(start, {closing}) - now >= {length}:
            free.append((now, min(start, {closing})))
        now = max(now, end)
    return {give}
""",
        draw=draw,
        edges=(
            ([],),
            ([day],),
            ([middle, middle],),
            (["06:00-07:00", "20:00-21:00"],),
            ([f"{_clock(opening)}-{_clock(opening + 30)}", middle],),
        ),
    )


_MERGED = {
    # name: (what is returned, its type, the end of the reference)
    "list": (
        "the list of the blocks, sorted by start",
        "list[tuple[int, int]]",
        "    return blocks\n",
    ),
    "squares": (
        "the sum of the squared lengths (end minus start) of the blocks",
        "int",
        "    return sum((end - start) ** 2 for start, end in blocks)\n",
    ),
    "first longest": (
        "the longest block as a tuple (start, end) (the first one on ties, None if there is no "
        "block)",
        "tuple[int, int] | None",
        "    return max(blocks, key=lambda block: block[1] - block[0], default=None)\n",
    ),
    "last longest": (
        "the longest block as a tuple (start, end) (the last one on ties, None if there is no "
        "block)",
        "tuple[int, int] | None",
        "    return max(reversed(blocks), key=lambda block: block[1] - block[0], default=None)\n",
    ),
    "gaps": (
        "the list of gaps between consecutive blocks, as tuples (end of a block, start of the "
        "next), in order",
        "list[tuple[int, int]]",
        """\
    gaps = []
    for before, after in zip(blocks, blocks[1:]):
        gaps.append((before[1], after[0]))
    return gaps
""",
    ),
    "lengths": (
        "the list of the lengths (end minus start) of the blocks, longest first",
        "list[int]",
        "    return sorted((end - start for start, end in blocks), reverse=True)\n",
    ),
}


def merge_spans(stream: Stream, level: int) -> Task:
    """Intervals merged where they are close."""
    reach = stream.choice((-1, 0) if level <= 2 else (-1, 0, 1, 2, 3))
    backwards = stream.choice(("swapped", "ignored")) if level >= 3 else ""
    longest = stream.choice((6, 7, 8)) if level >= 5 else 0
    too_long = stream.choice(("dropped", "cut")) if longest else ""
    result = stream.choice(tuple(_MERGED)[: 4 if level <= 3 else len(_MERGED)])
    shortest = stream.choice((2, 3, 4)) if level >= 4 and "longest" not in result else 0
    what, kind, end = _MERGED[result]
    signature = f"def merge_spans(spans: list[tuple[int, int]]) -> {kind}"

    steps, rules = "", []
    if backwards == "swapped":
        rules.append("If the end is less than the start, first swap the two. ")
        steps += "        if end < start:\n            start, end = end, start\n"
    elif backwards == "ignored":
        rules.append("Ignore intervals whose end is less than their start. ")
        steps += "        if end < start:\n            continue\n"
    if too_long == "dropped":
        rules.append(f"Ignore intervals longer than {longest} (end minus start). ")
        steps += f"        if end - start > {longest}:\n            continue\n"
    elif too_long == "cut":
        rules.append(
            f"First, if an interval is longer than {longest} (end minus start), set its end to "
            f"start + {longest}. "
        )
        steps += f"        end = min(end, start + {longest})\n"
    if steps:
        good = f"""\
    good = []
    for start, end in spans:
{steps}        good.append((start, end))
    good.sort()
"""
        loop = "good"
    else:
        good, loop = "", "sorted(spans)"
    if reach < 0:
        near = "start < blocks[-1][1]"
        near_rule = "overlap (not just touch)"
    elif reach == 0:
        near = "start <= blocks[-1][1]"
        near_rule = "overlap or touch (one ends where the other starts)"
    else:
        near = f"start <= blocks[-1][1] + {reach}"
        near_rule = f"overlap, touch, or have a gap of at most {reach} between them"
    filtered = ""
    if shortest:
        filtered = (
            f"    blocks = [block for block in blocks if block[1] - block[0] >= {shortest}]\n"
        )
        rules_after = f" Then drop blocks shorter than {shortest}."
    else:
        rules_after = ""

    def draw(stream: Stream) -> Arguments:
        spans = _spans(stream, 4, 9, 9 if longest else 6, 40)
        if backwards:
            spans = [(b, a) if stream.randrange(4) == 0 else (a, b) for a, b in spans]
        return (spans,)

    return Task(
        content=(
            f"{result}, merged up to {reach}, backwards {backwards or 'never'}, at least "
            f"{shortest or 1}, over {longest or 'any'} {too_long or 'kept'}"
        ),
        description=(
            "An interval is a tuple (start, end) of "
            + ("two different integers. " if backwards else "integers with start < end. ")
            + "".join(rules)
            + f"Merge intervals that {near_rule}, repeatedly, until no two can be merged. The "
            f"resulting intervals, including unmerged ones, are called blocks.{rules_after} "
            f"Return {what}. "
            "There may be up to 20,000 intervals, in any order."
        ),
        signature=signature,
        source=f"""\
{signature}:
{good}    blocks: list[tuple[int, int]] = []
    for start, end in {loop}:
        if blocks and {near}:
            blocks[-1] = (blocks[-1][0], max(blocks[-1][1], end))
        else:
            blocks.append((start, end))
{filtered}{end}""",
        draw=draw,
        edges=(*_EDGES, ([(9, 4), (4, 1), (1, 0), (12, 18)],)) if backwards else _EDGES,
        large=lambda stream: (_many_spans(stream, 20_000),),
    )


_CONVENTIONS = {
    "closed": ("start ≤ n ≤ end", "start", "end + 1"),
    "half-open": ("start ≤ n < end", "start", "end"),
    "open": ("start < n < end", "start + 1", "end"),
    "late": ("start < n ≤ end", "start + 1", "end + 1"),
}
_COVERED = {
    # name: (how many intervals must cover a number, the condition)
    "one": ("exactly one interval covers", "depth == 1"),
    "two": ("exactly two intervals cover", "depth == 2"),
    "at least two": ("at least two intervals cover", "depth >= 2"),
    "at least three": ("at least three intervals cover", "depth >= 3"),
    "odd": ("an odd number of intervals covers", "depth % 2 == 1"),
    "even": (
        "a positive even number of intervals covers",
        "depth > 0 and depth % 2 == 0",
    ),
}
_STRETCHES = {
    # name: (what is returned, its type, the expression)
    "list": (
        "the list of stretches as tuples (first number, last number), in ascending order",
        "list[tuple[int, int]]",
        "stretches",
    ),
    "total": (
        "the sum of all numbers in the stretches",
        "int",
        "sum(sum(range(first, last + 1)) for first, last in stretches)",
    ),
    "first longest": (
        "the longest stretch as a tuple (first number, last number) (the first one on ties, None "
        "if there is none)",
        "tuple[int, int] | None",
        "max(stretches, key=lambda stretch: stretch[1] - stretch[0], default=None)",
    ),
    "ends": (
        "the list of the last numbers of the stretches, in ascending order",
        "list[int]",
        "[last for _, last in stretches]",
    ),
    "sum": (
        "the sum of the first numbers of the stretches (0 if there are none)",
        "int",
        "sum(first for first, _ in stretches)",
    ),
}


def covered_stretches(stream: Stream, level: int) -> Task:
    """The numbers that a certain number of intervals covers."""
    conventions = ("closed", "half-open") if level <= 4 else tuple(_CONVENTIONS)
    convention = stream.choice(conventions)
    result = stream.choice(tuple(_STRETCHES)[: 3 if level <= 4 else len(_STRETCHES)])
    rule, opens, closes = _CONVENTIONS[convention]
    what, kind, give = _STRETCHES[result]
    weighted = level >= 6
    shortest = 0
    if weighted:
        exactly, least = stream.randint(2, 5), stream.randint(2, 5)
        covered = stream.choice((f"at least {least}", "odd", f"{exactly}"))
        if level >= 7 and result != "first longest" and covered != f"{exactly}":
            shortest = stream.choice((3, 4))
        condition = {"a": f"depth >= {least}", "o": "depth % 2 == 1"}.get(
            covered[0], f"depth == {covered}"
        )
        which = f"is {'' if covered[0] in 'ao' else 'exactly '}{covered}"
    else:
        covered = stream.choice(tuple(_COVERED))
        which, condition = _COVERED[covered]
    item = "tuple[int, int, int]" if weighted else "tuple[int, int]"
    signature = f"def covered_stretches(spans: list[{item}]) -> {kind}"

    head = "for start, end, weight in spans:" if weighted else "for start, end in spans:"
    amount = "weight" if weighted else "1"
    filtered = ""
    if shortest:
        filtered = (
            "    stretches = [stretch for stretch in stretches "
            f"if stretch[1] - stretch[0] >= {shortest - 1}]\n"
        )

    def weigh(spans: list[Span], stream: Stream) -> Arguments:
        if not weighted:
            return (spans,)
        return ([(start, end, stream.randint(1, 3)) for start, end in spans],)

    def draw(stream: Stream) -> Arguments:
        return weigh(_spans(stream, 3, 6 if weighted else 8, 12), stream)

    def large(stream: Stream) -> Arguments:
        spans = [(start, end + 8000) for start, end in _many_spans(stream, 20_000)]
        return weigh(spans, stream)

    if weighted:
        intro = (
            "An interval is a tuple (start, end, weight) of integers with start < end and weight "
            f"≥ 1. It covers all integers n with {rule}. "
            "The weight of an integer is the total weight of the intervals that cover it (0 if "
            f"there are none). Consider the integers whose weight {which}"
        )
    else:
        intro = (
            "An interval is a tuple (start, end) of integers with start < end. It covers all "
            f"integers n with {rule}. Consider the integers that {which}"
        )
    return Task(
        content=f"{result} of {covered}{' in weight' if weighted else ''}, {convention}, at least "
        f"{shortest or 1} long",
        description=(
            f"{intro}. A stretch is a maximal run of consecutive such integers."
            + (
                f" Drop stretches of fewer than {shortest} integers."
                if shortest
                else " It may be a single integer."
            )
            + (
                f" Return {what}. There may be up to 20,000 intervals, each covering thousands of "
                "integers."
            )
        ),
        signature=signature,
        source=f"""\
{signature}:
    changes: dict[int, int] = {{}}
    {head}
        changes[{opens}] = changes.get({opens}, 0) + {amount}
        changes[{closes}] = changes.get({closes}, 0) - {amount}
    stretches: list[tuple[int, int]] = []
    depth = 0
    before = 0
    for place in sorted(changes):
        if {condition}:
            if stretches and stretches[-1][1] == before - 1:
                stretches[-1] = (stretches[-1][0], place - 1)
            else:
                stretches.append((before, place - 1))
        depth += changes[place]
        before = place
{filtered}    return {give}
""",
        draw=draw,
        edges=_WEIGHTED_EDGES if weighted else _EDGES,
        large=large,
    )


_PREFERENCES = {
    # name: (which is considered first, the key)
    "early end": ("increasing end", "span[1]"),
    "early start": ("increasing start", "span[0]"),
    "late start": ("decreasing start", "-span[0]"),
    "late end": ("decreasing end", "-span[1]"),
    "short": ("increasing length (end minus start)", "span[1] - span[0]"),
    "long": ("decreasing length (end minus start)", "span[0] - span[1]"),
}
_CHOSEN = {
    # name: (what is returned, its type, the expression)
    "by time": (
        "the list of chosen intervals, sorted by start",
        "list[tuple[int, int]]",
        "chosen",
    ),
    "total": (
        "the total length (end minus start) of the chosen intervals",
        "int",
        "sum(end - start for start, end in chosen)",
    ),
    "bounds": (
        "the list of all starts and ends of the chosen intervals, in descending order (keep "
        "duplicates)",
        "list[int]",
        "sorted([bound for span in chosen for bound in span], reverse=True)",
    ),
    "pauses": (
        "the list of gaps between consecutive chosen intervals (start of the next minus end of "
        "the previous), in order of time",
        "list[int]",
        "[after[0] - before[1] for before, after in zip(chosen, chosen[1:])]",
    ),
}


def choose_spans(stream: Stream, level: int) -> Task:
    """Intervals chosen greedily by a rule, so that they do not conflict."""
    preference = stream.choice(tuple(_PREFERENCES))
    second_bound = "end" if "start" in preference else "start"
    larger = stream.random() < 0.5
    gap = stream.choice((0, 1, 2, 3))
    longest = stream.choice((5, 6, 7)) if level >= 6 else 0
    modulus = stream.choice((3, 4, 5)) if level >= 8 else 0
    result = stream.choice(tuple(_CHOSEN))
    first, key = _PREFERENCES[preference]
    what, kind, give = _CHOSEN[result]
    signature = f"def choose_spans(spans: list[tuple[int, int]]) -> {kind}"

    second = f"{'-' if larger else ''}span[{0 if second_bound == 'start' else 1}]"
    plus = f" + {gap}" if gap else ""
    length_step, rules = "", []
    if longest:
        rules.append(f"Never choose intervals longer than {longest} (end minus start). ")
        length_step += f"        if end - start > {longest}:\n            continue\n"
    if modulus:
        rules.append(f"Never choose intervals whose start is divisible by {modulus}. ")
        length_step += f"        if start % {modulus} == 0:\n            continue\n"
    if gap:
        conflict = f"unless one starts at least {gap} after the other ends"
    else:
        conflict = "unless one starts when the other ends, or later"
    return Task(
        content=(
            f"{result}, {preference} first, then {'larger' if larger else 'smaller'} "
            f"{second_bound}, gap {gap}, at most {longest or 'any'} long, "
            f"{f'no multiples of {modulus}' if modulus else 'any start'}"
        ),
        description=(
            "An interval is a tuple (start, end) of integers with start < end. Two intervals "
            f"conflict {conflict}. "
            f"Go through the intervals in order of {first} (ties by "
            f"{'decreasing' if larger else 'increasing'} {second_bound}), and choose each "
            "interval that conflicts with none chosen before. "
            + "".join(rules)
            + (
                f"Return {what}. There may be up to 30,000 intervals, and thousands of them may "
                "be chosen."
            )
        ),
        signature=signature,
        source=f"""\
from bisect import bisect_left


{signature}:
    chosen: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: ({key}, {second})):
{length_step}        place = bisect_left(chosen, (start, end))
        if place > 0 and chosen[place - 1][1]{plus} > start:
            continue
        if place < len(chosen) and chosen[place][0] < end{plus}:
            continue
        chosen.insert(place, (start, end))
    return {give}
""",
        draw=lambda stream: (_spans(stream, 5, 10, 9, 12),),
        edges=_EDGES,
        large=lambda stream: (_many_spans(stream, 30_000, 4),),
    )


_PARTNERS = {
    # name: (when the other interval is a partner, the number of partners)
    "overlap": (
        "the two overlap or touch",
        "bisect_right(starts, end) - bisect_left(ends, start) - 1",
    ),
    "overlap inside": (
        "the two overlap (not just touch)",
        "bisect_left(starts, end) - bisect_right(ends, start) - 1",
    ),
    "apart": (
        "one of the two starts at least {distance} after the other ends",
        "bisect_right(ends, start - {distance}) + count - bisect_left(starts, end + {distance})",
    ),
    "after": (
        "it starts at least {distance} after the interval ends",
        "count - bisect_left(starts, end + {distance})",
    ),
    "before": (
        "it ends at least {distance} before the interval starts",
        "bisect_right(ends, start - {distance})",
    ),
    "starts inside": (
        "it starts within the interval (bounds included)",
        "bisect_right(starts, end) - bisect_left(starts, start) - 1",
    ),
    "ends inside": (
        "it ends within the interval (bounds included)",
        "bisect_right(ends, end) - bisect_left(ends, start) - 1",
    ),
    "starts near": (
        "the starts of the two differ by at most {distance}",
        "bisect_right(starts, start + {distance}) - bisect_left(starts, start - {distance}) - 1",
    ),
    "ends near": (
        "the ends of the two differ by at most {distance}",
        "bisect_right(ends, end + {distance}) - bisect_left(ends, end - {distance}) - 1",
    ),
}
_PARTNER_RESULTS = {
    # name: (what is returned, its type, the expression)
    "sum": ("the sum of the partner counts of all intervals", "int", "sum(partners)"),
    "list": (
        "the list of partner counts, in the order of the intervals",
        "list[int]",
        "partners",
    ),
    "most": (
        "the list of the intervals with the largest partner count, in their original order",
        "list[tuple[int, int]]",
        "[span for span, number in zip(spans, partners) if number == max(partners)]",
    ),
    "odd": (
        "the list of the intervals with an odd partner count, in their original order",
        "list[tuple[int, int]]",
        "[span for span, number in zip(spans, partners) if number % 2 == 1]",
    ),
    "sorted": (
        "the list of intervals sorted by partner count, largest first (ties in their original "
        "order)",
        "list[tuple[int, int]]",
        "[spans[n] for n in sorted(range(count), key=lambda n: -partners[n])]",
    ),
}


def count_partners(stream: Stream, level: int) -> Task:
    """How many other intervals every interval has a relation to."""
    partner = stream.choice(tuple(_PARTNERS))
    distance = stream.randint(1, 4)
    result = stream.choice(tuple(_PARTNER_RESULTS))
    shortest = stream.choice((2, 3, 4)) if level >= 7 else 0
    cap = stream.choice((2, 3)) if level >= 9 else 0
    when, number = _PARTNERS[partner]
    what, kind, give = _PARTNER_RESULTS[result]
    signature = f"def count_partners(spans: list[tuple[int, int]]) -> {kind}"

    steps, rules = "", []
    if shortest:
        rules.append(f"First drop all intervals shorter than {shortest} (end minus start). ")
        steps += f"    spans = [span for span in spans if span[1] - span[0] >= {shortest}]\n"
    starts = "sorted(start for start, _ in spans)"
    ends = "sorted(end for _, end in spans)"
    if result == "most":
        steps_after = "    most = max(partners, default=0)\n"
        give = give.replace("max(partners)", "most")
    else:
        steps_after = ""
    distance_text = f" {distance}" if "{distance}" in when else ""
    return Task(
        content=(
            f"{result} of {partner}{distance_text}, at least {shortest or 1} long, "
            f"up to {cap or 'any'}"
        ),
        description=(
            "An interval is a tuple (start, end) of integers with start < end. "
            f"{''.join(rules)}Another interval of the list is a partner of an interval if "
            f"{when.format(distance=distance)}. "
            "Intervals listed several times are separate intervals. "
            + (f"A count of more than {cap} partners is taken as {cap}. " if cap else "")
            + (
                f"Return {what}. There may be up to 20,000 intervals, each with thousands of "
                "partners."
            )
        ),
        signature=signature,
        source=f"""\
from bisect import bisect_left, bisect_right


{signature}:
{steps}    starts = {starts}
    ends = {ends}
    count = len(spans)
    partners = []
    for start, end in spans:
        number = {number.format(distance=distance)}
        partners.append({f"min(number, {cap})" if cap else "number"})
{steps_after}    return {give}
""",
        draw=lambda stream: (_spans(stream, 5, 10, 12),),
        edges=_EDGES,
        large=lambda stream: (_many_spans(stream, 20_000),),
    )


FAMILIES = {
    "paid_minutes": Family(paid_minutes, 1, 4),
    "free_slots": Family(free_slots, 2, 6),
    "merge_spans": Family(merge_spans, 2, 7),
    "covered_stretches": Family(covered_stretches, 3, 9),
    "choose_spans": Family(choose_spans, 5, 9),
    "count_partners": Family(count_partners, 6, 10),
}
