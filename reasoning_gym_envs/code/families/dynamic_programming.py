"""Tasks for which partial results are kept: ways to pay, to climb, to choose and to edit."""

from __future__ import annotations

from reasoning_gym_envs.code.task import Arguments, Family, Task
from reasoning_gym_envs.problems import Stream

_MODULUS = 1_000_003

_PAY_GOALS = {
    # name: (what is returned, what if nothing fits, how the reference ends)
    "ways": (
        "the number of different ways to pay (ways that differ only in the order of the coins "
        "are the same way)",
        "0",
        "return sum(fitting.values())",
    ),
    "fewest": (
        "the smallest number of coins that can be handed over",
        "-1",
        "return min((count for total, count in fitting), default=-1)",
    ),
    "most": (
        "the largest number of coins that can be handed over",
        "-1",
        "return max((count for total, count in fitting), default=-1)",
    ),
    "counts": (
        "how many different numbers of coins can be handed over",
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
        0: "of each kind there are as many coins as needed",
        1: "of each kind there is one coin",
    }.get(limit, f"of each kind there are {limit} coins")
    if excess:
        rules = (
            f"The coins handed over must be worth at least amount and at most amount + {excess}."
        )
        reaches = "total >= amount"
    else:
        rules = "The coins handed over must be worth exactly amount."
        reaches = "total == amount"
    if divisor == 2:
        rules += f" Their number must be {('even', 'odd')[remainder]}."
    elif divisor == 3:
        rules += f" Their number must leave the remainder {remainder} when divided by 3."
    fits = reaches if divisor == 1 else f"{reaches} and count % {divisor} == {remainder}"
    most = f"amount + {excess}" if excess else "amount"
    uses = f"range({limit} + 1)" if limit else f"range(({most}) // coin + 1)"
    no_coins = "To hand over no coins at all is allowed (it is one way) where it fits these rules"

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
            "The list coins holds the values of different kinds of coins, as different whole "
            f"numbers of at least 1; {of_each}. An amount (a whole number of at least 0) is to be "
            f"paid. {rules} {no_coins}. Return {what}; if it is impossible to pay, return "
            f"{nothing}."
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
        " No two steps in a row may be of the same size.",
        "last",
        " or step == last",
        "step",
    ),
    "growing": (
        " No step may be smaller than the step before it.",
        "last",
        " or step < last",
        "step",
    ),
    "once": (
        " A step of the size {largest} may be taken once at most.",
        "large",
        " or step == {largest} and large == 1",
        "large + (step == {largest})",
    ),
    "twice": (
        " A step of the size {largest} may be taken twice at most.",
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
        number = f" Only ways of an {('even', 'odd')[remainder]} number of steps count."
    elif divisor == 3:
        number = (
            " Only ways count whose number of steps leaves the remainder "
            f"{remainder} when divided by 3."
        )
    slip = ice = ""
    if icy:
        slip = (
            f" Stairs whose number is divisible by {icy} are icy (the ground, 0, is not): from an "
            f"icy stair only a step of the size {steps[0]} can be taken."
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
            "A staircase has stairs numbered from 1 to stairs. Somebody climbs from the ground "
            f"(number 0) exactly to the stair with the number stairs, by steps of {sizes} stairs, "
            "always upwards. The stairs whose numbers are in the list broken must not be stepped "
            "on; numbers in it that are no stairs mean nothing. If the last stair is broken, there "
            f"is no way.{sentence}{slip}{number} Return the number of different sequences of "
            "steps. If stairs is 0, there is one way, of 0 steps. Up to 800 stairs must be "
            "counted in a fraction of a second."
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
    "any": ("Any number of elements may be chosen, also none (their score is 0).", "", "0"),
    "at most 2": ("At most 2 elements may be chosen, also none (their score is 0).", "2", "0"),
    "at most 3": ("At most 3 elements may be chosen, also none (their score is 0).", "3", "0"),
    "exactly 2": ("Exactly 2 elements must be chosen.", "2", "None"),
    "exactly 3": ("Exactly 3 elements must be chosen.", "3", "None"),
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
                f"at an index divisible by {divisor} (indices begin at 0)",
                f"i % {divisor} == 0",
            ),
            "odd": ("that is odd", "number % 2 == 1"),
            "even": ("that is even", "number % 2 == 0"),
            "negative": ("below 0", "number < 0"),
        }[weight]
        times = {
            3: "three times its value",
            2: "twice its value",
            -1: "minus its value",
            -2: "minus twice its value",
            -3: "minus three times its value",
        }[factor]
        scoring = f"counts as its value, but an element {which} counts as {times}"
        value = f"{factor} * number if {condition} else number"
        kind = f"{weight}{divisor if weight == 'index' else ''} times {factor}"
    cost = f" Each chosen element costs {price}, which is subtracted." if price else ""
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
            "Choose elements of a list of whole numbers so that the indices of any two chosen "
            f"elements differ by at least {gap}. {sentence} An element {scoring}.{cost} The score "
            "of a choice is the total of what its elements count. Return the highest score that a "
            f"choice can have.{ending} The list has up to 40,000 elements, for which comparing "
            "each pair of elements takes too long."
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
    inserting = f"to insert a letter costs {insertion}"
    deleting = f"to delete a letter costs {deletion}"
    others = []
    contents = [f"insert {insertion}, delete {deletion}, replace {replacement or 'never'}"]
    insert, delete = str(insertion), str(deletion)
    insert_price = delete_price = replace_price = change = swap = ""
    if replacement:
        replacing = f"to replace a letter by another costs {replacement}"
        price = str(replacement)
        if "vowel" in chosen:
            cheap = stream.randint(1, replacement - 1)
            replacing += f" (but {cheap} if both are vowels: a, e, i, o, u)"
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
        inserting += f" (but {cheap} if it follows an equal letter in the second text)"
        contents.append(f"double {cheap}")
        insert = "price"
        insert_price = f"""\
                price = {cheap} if j > 1 and second[j - 1] == second[j - 2] else {insertion}
"""
    if "drop" in chosen:
        cheap = stream.choice([n for n in range(6) if n < deletion])
        deleting += f" (but {cheap} if it follows an equal letter in the first text)"
        contents.append(f"drop {cheap}")
        delete = "price"
        delete_price = f"""\
                price = {cheap} if i > 1 and first[i - 1] == first[i - 2] else {deletion}
"""
    if "swap" in chosen:
        ceiling = min(together, 2 * replacement) if replacement else together
        cheap = stream.randint(0, min(3, ceiling - 1))
        others.append(
            "to swap two neighbouring letters of the first text, which then are the next two "
            f"letters of the second, costs {cheap}"
        )
        contents.append(f"swap {cheap}")
        swap = f"""\
            if i > 1 and j > 1 and first[i - 2:i] == second[j - 1] + second[j - 2]:
                cost = min(cost, table[i - 2][j - 2] + {cheap})
"""
    listed = "; ".join((inserting, deleting, *others))
    never = "" if replacement else " A letter cannot be replaced by another in one step."

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
            "Return the lowest total cost of turning the text first into the text second (both of "
            "lower-case letters), going through both from the left to the right. To keep a letter "
            f"that both have next costs nothing; {listed}. No letter takes part in more than one "
            f"step.{never} Texts of up to 230 letters must be compared in a fraction of a second."
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
        "the largest value of (number of elements) × 3 − (last element) that a chain has",
        "3",
        "{before} + 3",
        "max",
    ),
    "ways": (
        f"the number of chains, modulo {_MODULUS} (chains that differ in the indices of their "
        "elements are different chains)",
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
            "A chain is a choice of one or more elements of a list, in their order in the list "
            "(others may lie between them), in which each element but the first is the element "
            f"chosen before it plus one of the numbers {changes}.{sentence} Return {what}. If "
            "there is no chain, return 0. The list has up to 40,000 elements, for which comparing "
            "each pair of elements takes too long."
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
