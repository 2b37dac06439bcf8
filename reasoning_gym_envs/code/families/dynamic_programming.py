"""Tasks for which partial results are kept: ways to pay, to climb, to choose and to edit."""

from __future__ import annotations

from reasoning_gym_envs.code.task import Arguments, Family, Task
from reasoning_gym_envs.problems import Stream

_MODULUS = 1_000_003

_PAY_GOALS = {
    # name: (what is returned, what if nothing fits, how the reference ends)
    "ways": (
        "the number of ways to pay (the order of the coins does not matter)",
        "0",
        "return sum(fitting.values())",
    ),
    "fewest": (
        "the smallest number of coins with which you can pay",
        "-1",
        "return min((count for total, count in fitting), default=-1)",
    ),
    "most": (
        "the largest number of coins with which you can pay",
        "-1",
        "return max((count for total, count in fitting), default=-1)",
    ),
    "counts": (
        "how many different numbers of coins you can pay with",
        "0",
        "return len({count for total, count in fitting})",
    ),
}


def pay_coins(stream: Stream, level: int) -> Task:
    """Paying with coins of which there are so many, with rules for their number."""
    goal = stream.choice(tuple(_PAY_GOALS))
    limit = stream.choice((0, 1, 2, 3))
    excess = stream.choice((0, 1, 3))
    divisor = 1
    if level >= 5 and limit != 1:
        divisor = 2 if level == 5 else stream.choice((2, 3))
    remainder = stream.randrange(divisor)
    what, nothing, ending = _PAY_GOALS[goal]
    of_each = {
        0: "There is an unlimited number of coins of each value",
        1: "There is one coin of each value",
    }.get(limit, f"There are {limit} coins of each value")
    if excess:
        rules = f"Pay with coins worth at least `amount` and at most `amount + {excess}`."
        reaches = "total >= amount"
    else:
        rules = "Pay with coins worth exactly `amount`."
        reaches = "total == amount"
    if divisor == 2:
        rules += f" Their number must be {('even', 'odd')[remainder]}."
    elif divisor == 3:
        rules += f" Their number must leave remainder {remainder} when divided by 3."
    fits = reaches if divisor == 1 else f"{reaches} and count % {divisor} == {remainder}"
    most = f"amount + {excess}" if excess else "amount"
    uses = f"range({limit} + 1)" if limit else f"range(({most}) // coin + 1)"
    no_coins = "Using no coins is allowed if that meets these rules"

    def draw(stream: Stream) -> Arguments:
        kinds = stream.randint(1, 6)
        coins = stream.sample(range(1, 13), kinds)
        most = 4 if kinds <= 2 else 2 if kinds <= 4 else 1
        amount = sum(coin * stream.randint(0, most) for coin in coins)
        return (coins, max(0, amount - stream.choice((0, 0, 0, 1, 2, 3, 3))))

    return Task(
        content=(
            f"{goal}, {limit or 'any'} of each, up to {excess} too much, "
            f"number {remainder} mod {divisor}"
        ),
        description=(
            f"`coins` lists the distinct positive values of the available coins. {of_each}. "
            f"{rules} {no_coins}. Return {what}, or {nothing} if it is impossible to pay. amount "
            "≥ 0."
        ),
        signature="def pay_coins(coins: list[int], amount: int) -> int",
        source=f"""\
def pay_coins(coins: list[int], amount: int) -> int:
    ways = {{(0, 0): 1}}  # (worth of the coins, their number): number of ways
    for coin in coins:
        extended: dict[tuple[int, int], int] = {{}}
        for (total, count), number in ways.items():
            for used in {uses}:
                worth = total + used * coin
                if worth > {most}:
                    break
                key = (worth, count + used)
                extended[key] = extended.get(key, 0) + number
        ways = extended
    fitting = {{}}
    for (total, count), number in ways.items():
        if {fits}:
            fitting[total, count] = number
    {ending}
""",
        draw=draw,
        edges=(([], 0), ([], 5), ([3, 5], 0), ([4], 2), ([1, 2, 3], 12), ([7], 21)),
    )


_CLIMB_RULES = {
    # name: (the sentence, what the reference remembers, what it forbids, what it remembers next)
    "free": ("", "last", "", "step"),
    "different": (
        " No two consecutive steps may have the same size.",
        "last",
        " or step == last",
        "step",
    ),
    "growing": (
        " No step may be smaller than the previous one.",
        "last",
        " or step < last",
        "step",
    ),
    "once": (
        " At most one step may have size {largest}.",
        "large",
        " or step == {largest} and large == 1",
        "large + (step == {largest})",
    ),
    "twice": (
        " At most two steps may have size {largest}.",
        "large",
        " or step == {largest} and large == 2",
        "large + (step == {largest})",
    ),
}


def climb(stream: Stream, level: int) -> Task:
    """The number of ways up a staircase with broken stairs."""
    steps = tuple(sorted(stream.sample(range(1, 6), 2 if level <= 4 else 3)))
    rules = ("free",) if level <= 3 else ("free", "growing", "twice")
    rule = stream.choice(rules if level <= 4 else tuple(_CLIMB_RULES))
    divisor = 1 if level <= 3 else stream.choice((1, 2) if level <= 5 else (2, 3))
    remainder = stream.randrange(divisor)
    icy = 0 if level <= 4 else stream.randint(3, 6)
    if level == 3:
        icy = stream.choice((0, 0, 3, 4, 5, 6))
    sentence, name, forbidden, following = _CLIMB_RULES[rule]
    sentence, forbidden, following = (
        text.format(largest=steps[-1]) for text in (sentence, forbidden, following)
    )
    sizes = f"{', '.join(str(step) for step in steps[:-1])} or {steps[-1]}"
    number = ""
    if divisor == 2:
        number = f" The number of steps must be {('even', 'odd')[remainder]}."
    elif divisor == 3:
        number = f" The number of steps must leave remainder {remainder} when divided by 3."
    slip = ice = ""
    if icy:
        slip = (
            f" Stairs whose number is divisible by {icy} are icy (the ground is not): from an icy "
            f"stair, only a step of size {steps[0]} is possible."
        )
        ice = f"""\
                if stair > 0 and stair % {icy} == 0 and step != {steps[0]}:
                    continue
"""
    key, kind, state, start = following, "int", name, "0"
    total = "sum(ways[stairs].values())"
    if divisor > 1:
        key = f"({following}, (taken + 1) % {divisor})"
        kind, state, start = "tuple[int, int]", f"({name}, taken)", "0, 0"
        total = f"sum(number for {state}, number in ways[stairs].items() if taken == {remainder})"

    def draw(stream: Stream) -> Arguments:
        stairs = stream.randint(3, 25)
        broken = stream.sample(range(1, stairs + 3), stream.choice((0, 1, 1, 2, 2)))
        return (stairs, broken)

    def large(stream: Stream) -> Arguments:
        stairs = stream.randint(500, 800)
        return (stairs, stream.sample(range(1, stairs), 2))

    return Task(
        content=(
            f"steps {steps}, {rule}, number {remainder} mod {divisor}"
            + (f", icy {icy}" if icy else "")
        ),
        description=(
            "You climb a staircase from the ground (0) exactly to stair number `stairs`, always "
            f"upward, in steps of {sizes} stairs. "
            "You must not step on stairs whose numbers are in `broken` (which may contain numbers "
            "that are not stairs)."
            f"{sentence}{slip}{number} Return the number of different sequences of steps: 0 if "
            "the last stair is broken, 1 (no steps) if `stairs` is 0. "
            "Up to 800 stairs must be handled in a fraction of a second."
        ),
        signature="def climb(stairs: int, broken: list[int]) -> int",
        source=f"""\
def climb(stairs: int, broken: list[int]) -> int:
    ways: list[dict[{kind}, int]] = [{{}} for _ in range(stairs + 1)]
    ways[0][{start}] = 1
    for stair in range(stairs):
        for {state}, number in ways[stair].items():
            for step in {steps}:
                target = stair + step
                if target > stairs or target in broken{forbidden}:
                    continue
{ice}                key = {key}
                ways[target][key] = ways[target].get(key, 0) + number
    return {total}
""",
        draw=draw,
        edges=((0, []), (1, []), (12, []), (6, [6]), (20, [3, 4, 5, 6, 7]), (15, [40])),
        large=large,
    )


_CHOICE_COUNTS = {
    # name: (the sentence, rounds of the reference, what a round begins with)
    "any": ("You may choose any number of elements, including none (score 0).", "", "0"),
    "at most 2": ("You may choose at most 2 elements, including none (score 0).", "2", "0"),
    "at most 3": ("You may choose at most 3 elements, including none (score 0).", "3", "0"),
    "exactly 2": ("You must choose exactly 2 elements.", "2", "None"),
    "exactly 3": ("You must choose exactly 3 elements.", "3", "None"),
}


def best_apart(stream: Stream, level: int) -> Task:
    """The best choice of elements that keep their distance."""
    price = 0 if level <= 4 else stream.randint(1, 4)
    counts = stream.choice(("any", "at most 2", "at most 3") if level <= 6 else (*_CHOICE_COUNTS,))
    gap = stream.randint(2, 4 if level <= 6 or counts.endswith("3") else 6)
    weight = stream.choice(("plain", "index", "odd", "even", "negative"))
    factor = stream.choice((2, 3, -1) if weight != "negative" else (-3, -2, -1))
    divisor = stream.choice((2, 3, 4))
    if weight == "plain":
        scoring, value, kind = "counts as its value", "number", "plain"
    else:
        which, condition = {
            "index": (
                f"at an index divisible by {divisor}",
                f"i % {divisor} == 0",
            ),
            "odd": ("that is odd", "number % 2 == 1"),
            "even": ("that is even", "number % 2 == 0"),
            "negative": ("less than 0", "number < 0"),
        }[weight]
        times = {
            3: "three times its value",
            2: "twice its value",
            -1: "minus its value",
            -2: "minus twice its value",
            -3: "minus three times its value",
        }[factor]
        scoring = f"counts as its value, but one {which} counts as {times}"
        value = f"{factor} * number if {condition} else number"
        kind = f"{weight}{divisor if weight == 'index' else ''} times {factor}"
    cost = f" Subtract {price} for each chosen element." if price else ""
    sentence, rounds, start = _CHOICE_COUNTS[counts]
    exact = start == "None"
    ending = " If that is impossible, return None." if exact else ""
    gain = f"value - {price}" if price else "value"
    returns = "int | None" if exact else "int"
    signature = f"def best_apart(numbers: list[int]) -> {returns}"
    if not rounds:
        source = f"""\
{signature}:
    best = [0]  # of the first i elements
    for i, number in enumerate(numbers):
        value = {value}
        before = best[max(0, i + 1 - {gap})]
        best.append(max(best[i], before + {gain}))
    return best[-1]
"""
    elif exact:
        source = f"""\
{signature}:
    best: list[int | None] = [0] * (len(numbers) + 1)  # of the first i elements
    for _ in range({rounds}):
        with_one_more: list[int | None] = [None]
        for i, number in enumerate(numbers):
            value = {value}
            result = with_one_more[i]
            before = best[max(0, i + 1 - {gap})]
            if before is not None and (result is None or before + {gain} > result):
                result = before + {gain}
            with_one_more.append(result)
        best = with_one_more
    return best[-1]
"""
    else:
        source = f"""\
{signature}:
    best = [0] * (len(numbers) + 1)  # of the first i elements
    for _ in range({rounds}):
        with_one_more = [0]
        for i, number in enumerate(numbers):
            value = {value}
            before = best[max(0, i + 1 - {gap})]
            with_one_more.append(max(with_one_more[i], before + {gain}))
        best = with_one_more
    return best[-1]
"""

    def draw(stream: Stream) -> Arguments:
        length = stream.randint(6, 20) if stream.random() < 0.85 else stream.randint(1, 5)
        return ([stream.randint(-7, 15) for _ in range(length)],)

    def large(stream: Stream) -> Arguments:
        return ([stream.randint(-50, 100) for _ in range(40_000)],)

    return Task(
        content=f"gap {gap}, {counts}, {kind}, price {price}",
        description=(
            "Choose elements of `numbers` so that the indices of any two chosen elements differ "
            f"by at least {gap}. {sentence} Each chosen element {scoring}.{cost} "
            "The score of a choice is the resulting total. Return the highest possible "
            f"score.{ending} `numbers` may have up to 40,000 elements, so comparing all pairs is "
            "too slow."
        ),
        signature=signature,
        source=source,
        draw=draw,
        edges=(([],), ([5],), ([-4],), ([-3, -1, -2, -5, -1, -8, -3],), ([6] * 13,)),
        large=large,
    )


def edit_cost(stream: Stream, level: int) -> Task:
    """The cheapest way to turn one text into another."""
    insertion, deletion = stream.randint(1, 4), stream.randint(1, 4)
    together = insertion + deletion
    replacement = stream.choice((0, *range(1 if level <= 6 else 2, together)))
    extras = ["double", "drop", "swap"]
    if replacement > 1:
        extras.append("vowel")
    chosen = [] if level <= 5 else sorted(stream.sample(extras, 1 if level <= 7 else 2))
    inserting = f"inserting a letter costs {insertion}"
    deleting = f"deleting a letter costs {deletion}"
    others = []
    contents = [f"insert {insertion}, delete {deletion}, replace {replacement or 'never'}"]
    insert, delete = str(insertion), str(deletion)
    insert_price = delete_price = replace_price = change = swap = ""
    if replacement:
        replacing = f"replacing a letter with another costs {replacement}"
        price = str(replacement)
        if "vowel" in chosen:
            cheap = stream.randint(1, replacement - 1)
            replacing += f" (only {cheap} if both are vowels: a, e, i, o, u)"
            contents.append(f"vowels {cheap}")
            price = "price"
            replace_price = f"""\
                vowels = first[i - 1] in 'aeiou' and second[j - 1] in 'aeiou'
                price = {cheap} if vowels else {replacement}
"""
        others.append(replacing)
        change = f"""\
            else:
{replace_price}                cost = min(cost, table[i - 1][j - 1] + {price})
"""
    if "double" in chosen:
        cheap = stream.choice([n for n in range(6) if n < insertion])
        inserting += f" (only {cheap} if it follows an equal letter in `second`)"
        contents.append(f"double {cheap}")
        insert = "price"
        insert_price = f"""\
                price = {cheap} if j > 1 and second[j - 1] == second[j - 2] else {insertion}
"""
    if "drop" in chosen:
        cheap = stream.choice([n for n in range(6) if n < deletion])
        deleting += f" (only {cheap} if it follows an equal letter in `first`)"
        contents.append(f"drop {cheap}")
        delete = "price"
        delete_price = f"""\
                price = {cheap} if i > 1 and first[i - 1] == first[i - 2] else {deletion}
"""
    if "swap" in chosen:
        ceiling = min(together, 2 * replacement) if replacement else together
        cheap = stream.randint(0, min(3, ceiling - 1))
        others.append(
            "swapping two adjacent letters of `first` to get the next two letters of `second` "
            f"costs {cheap}"
        )
        contents.append(f"swap {cheap}")
        swap = f"""\
            if i > 1 and j > 1 and first[i - 2:i] == second[j - 1] + second[j - 2]:
                cost = min(cost, table[i - 2][j - 2] + {cheap})
"""
    listed = "; ".join((inserting, deleting, *others))
    never = "" if replacement else " There is no replacement operation."

    def draw(stream: Stream) -> Arguments:
        letters = [stream.choice("aeiobcd") for _ in range(stream.randint(2, 8))]
        other = list(letters)
        for _ in range(stream.randint(1, 4)):
            place = stream.randrange(len(other) + 1)
            step = stream.randrange(5)
            if step == 0:
                other.insert(place, stream.choice("aeobcd"))
            elif step == 1 and other[place : place + 1]:
                other.insert(place, other[place])
            elif step == 2:
                del other[place : place + 1]
            elif step == 3 and other[place : place + 1]:
                other[place] = stream.choice("aeibc")
            else:
                other[place : place + 2] = other[place : place + 2][::-1]
        first, second = "".join(letters), "".join(other)
        return (first, second) if stream.random() < 0.5 else (second, first)

    def large(stream: Stream) -> Arguments:
        return (
            "".join(stream.choice("aeiobcd") for _ in range(220)),
            "".join(stream.choice("aeiobcd") for _ in range(230)),
        )

    return Task(
        content=", ".join(contents),
        description=(
            "Return the minimum total cost of turning the string `first` into the string "
            "`second`, processing both from left to right. "
            f"Keeping a letter that comes next in both is free; {listed}. Each letter takes part "
            f"in at most one operation.{never} "
            "Both consist of lowercase letters. Strings of up to 230 letters must be handled in a "
            "fraction of a second."
        ),
        signature="def edit_cost(first: str, second: str) -> int",
        source=f"""\
def edit_cost(first: str, second: str) -> int:
    table = [[0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for i in range(len(first) + 1):
        for j in range(len(second) + 1):
            if i == 0 and j == 0:
                continue
            costs = []
            if i > 0:
{delete_price}                costs.append(table[i - 1][j] + {delete})
            if j > 0:
{insert_price}                costs.append(table[i][j - 1] + {insert})
            cost = min(costs)
            if i == 0 or j == 0:
                table[i][j] = cost
                continue
            if first[i - 1] == second[j - 1]:
                cost = min(cost, table[i - 1][j - 1])
{change}{swap}            table[i][j] = cost
    return table[len(first)][len(second)]
""",
        draw=draw,
        edges=(("", ""), ("abba", ""), ("", "ceed"), ("cab", "cab"), ("abcd", "badc")),
        large=large,
    )


_CHAIN_GOALS = {
    # name: (what is returned, what a first element is worth, a next one, how they are combined)
    "length": ("the length of the longest chain", "1", "{before} + 1", "max"),
    "sum": ("the largest sum of the elements of a chain", "number", "{before} + number", "max"),
    "last": (
        "the largest value of 3 * (number of elements) - (last element) over all chains",
        "3",
        "{before} + 3",
        "max",
    ),
    "ways": (
        f"the number of chains, modulo {_MODULUS} (chains with different indices are different)",
        "1",
        "{before}",
        "sum",
    ),
}

_CHAIN_STARTS = {
    # name: (the sentence, the condition)
    "any": ("", ""),
    "even": (" The first element of a chain must be even.", "number % 2 == 0"),
    "odd": (" The first element of a chain must be odd.", "number % 2 == 1"),
    "divisible by 3": (
        " The first element of a chain must be divisible by 3.",
        "number % 3 == 0",
    ),
    "positive": (" The first element of a chain must be greater than 0.", "number > 0"),
    "negative": (" The first element of a chain must be less than 0.", "number < 0"),
}


def best_chain(stream: Stream, level: int) -> Task:
    """Subsequences in which each element follows from the one before it."""
    goal = stream.choice(("length", "ways") if level <= 6 else tuple(_CHAIN_GOALS))
    start = "any" if level <= 6 else stream.choice(tuple(_CHAIN_STARTS))
    number_of_steps = 2 if level <= 8 else 3
    steps = sorted(stream.sample((-4, -3, -2, -1, 1, 2, 3, 4, 5), number_of_steps))
    what, first, following, combine = _CHAIN_GOALS[goal]
    sentence, condition = _CHAIN_STARTS[start]
    changes = ", ".join(str(step) for step in steps[:-1]) + f" or {steps[-1]}"
    change_list = f"({', '.join(str(step) for step in steps)})"
    candidate = following.format(before="best[number - step]")
    begin = f"        values = [{first}]\n"
    if condition:
        begin = f"        values = [{first}] if {condition} else []\n"
    gather = f"""\
    best: dict[int, int] = {{}}  # of the chains that end in this number
    for number in numbers:
{begin}\
        for step in {change_list}:
            if number - step in best:
                values.append({candidate})
"""
    if combine == "sum":
        body = f"""\
{gather}\
        best[number] = (best.get(number, 0) + sum(values)) % {_MODULUS}
    return sum(best.values()) % {_MODULUS}
"""
    else:
        result = "value - number for number, value in best.items()"
        if goal != "last":
            result = "best.values()"
        ending = f"max({result}, default=0)" if goal != "last" else f"max(({result}), default=0)"
        keep = """\
        value = max(values)
        best[number] = max(best.get(number, value), value)
"""
        if condition:
            keep = """\
        if values:
            value = max(values)
            best[number] = max(best.get(number, value), value)
"""
        body = f"{gather}{keep}    return {ending}\n"

    def draw(stream: Stream) -> Arguments:
        low, high = stream.choice(((-6, 6), (0, 10), (-3, 12)))
        return ([stream.randint(low, high) for _ in range(stream.randint(4, 14))],)

    def large(stream: Stream) -> Arguments:
        return ([stream.randint(-3000, 3000) for _ in range(40_000)],)

    return Task(
        content=f"{goal}, changes {', '.join(str(step) for step in steps)}, starts {start}",
        description=(
            "A chain is a non-empty subsequence of `numbers` in which each element but the first "
            f"equals the previous element of the chain plus one of {changes}.{sentence} "
            f"Return {what}, or 0 if there is no chain. `numbers` may have up to 40,000 elements, "
            "so comparing all pairs is too slow."
        ),
        signature="def best_chain(numbers: list[int]) -> int",
        source=f"def best_chain(numbers: list[int]) -> int:\n{body}",
        draw=draw,
        edges=(([],), ([4],), ([-3],), ([1, 2, 3, 4, 5, 6],), ([9, 6, 3, 0, -3],), ([2] * 6,)),
        large=large,
    )


FAMILIES = {
    "climb": Family(climb, 3, 7),
    "pay_coins": Family(pay_coins, 4, 8),
    "best_apart": Family(best_apart, 4, 9),
    "edit_cost": Family(edit_cost, 5, 10),
    "best_chain": Family(best_chain, 6, 10),
}
