"""Tasks about dictionaries: counts, groups, inverses, merges, joins, accounts, pairs."""

from __future__ import annotations

from reasoning_gym_envs.code.families.conditions import about_number, about_word, draw_words
from reasoning_gym_envs.code.task import Family, Task
from reasoning_gym_envs.problems import Stream

_WORD_KEYS = {
    # name: (what the description calls it, code, the type)
    "first": ("first letter", "word[0]", "str"),
    "last": ("last letter", "word[-1]", "str"),
    "length": ("length", "len(word)", "int"),
    "ends": (
        'first and last letters, joined into one string ("aa" for the word "a")',
        "word[0] + word[-1]",
        "str",
    ),
    "vowels": (
        "number of vowels (a, e, i, o, u)",
        'sum(1 for letter in word if letter in "aeiou")',
        "int",
    ),
    "smallest": ("alphabetically smallest letter", "min(word)", "str"),
    "largest": ("alphabetically largest letter", "max(word)", "str"),
    "different": ("number of distinct letters", "len(set(word))", "int"),
}


def _draw_words_again(stream: Stream) -> tuple[list[str]]:
    """Words, some of them several times."""
    words = draw_words(stream, 9)
    words += [stream.choice(words) for _ in range(stream.randint(1, 5))]
    stream.shuffle(words)
    return (words,)


def tally(stream: Stream, level: int) -> Task:
    """How often something occurs in words, and what of it is kept."""
    key = stream.choice(tuple(_WORD_KEYS)[: 4 if level <= 1 else 8])
    by, code, kind = _WORD_KEYS[key]
    condition = about_word(stream, level)
    least = 1 if level <= 2 else stream.choice((1, 2))
    amount = stream.choice(("words", "letters")) if level >= 2 else "words"
    if key == "length":
        amount = "words"
    counted, step = {
        "words": ("the number of words", "1"),
        "letters": ("the total length of the words", "len(word)"),
    }[amount]
    if amount == "letters" and least > 1:
        least += 6
    only = f" Omit keys whose value is less than {least}." if least > 1 else ""
    back = (
        f"{{key: count for key, count in counts.items() if count >= {least}}}"
        if least > 1
        else "counts"
    )
    return Task(
        content=f"{amount} by {key} of words {condition.name}, at least {least}",
        description=(
            f"Take the words in `words` that {condition.hold} and group them by {by}. Return a "
            f"dictionary that maps each group's key to {counted} in the group, counting "
            f"duplicates.{only} "
            "Words are non-empty and consist of lowercase letters."
        ),
        signature=f"def tally(words: list[str]) -> dict[{kind}, int]",
        source=f"""\
def tally(words: list[str]) -> dict[{kind}, int]:
    counts: dict[{kind}, int] = {{}}
    for word in words:
        if {condition.of("word")}:
            key = {code}
            counts[key] = counts.get(key, 0) + {step}
    return {back}
""",
        draw=_draw_words_again,
        edges=(([],), (["a"],), (["egg", "egg", "egg"],), (["tea", "toe", "ten", "onion", "i"],)),
    )


def group_words(stream: Stream, level: int) -> Task:
    """Words grouped by a key; of the groups a list."""
    key = stream.choice(tuple(key for key in _WORD_KEYS if key != "ends"))
    by, code, kind = _WORD_KEYS[key]
    inside = stream.choice(("found", "alphabet", "once", "longest", "last"))
    order = "key" if level <= 2 else stream.choice(("key", "size", "found", "back"))
    least = 1 if level <= 3 else stream.choice((1, 2))
    told, make = {
        "found": ("its words in their order in `words`", "group"),
        "alphabet": ("its words in alphabetical order", "sorted(group)"),
        "once": (
            "its distinct words in order of first appearance",
            "list(dict.fromkeys(group))",
        ),
        "longest": (
            "only its longest word (on ties, the first one in `words`)",
            "[max(group, key=len)]",
        ),
        "last": (
            "only its first and last words in `words` (just one if the group has a single word)",
            "group[:1] + group[1:][-1:]",
        ),
    }[inside]
    if inside == "longest" and key == "length":
        inside, told, make = "alphabet", "its words in alphabetical order", "sorted(group)"
    order_told, loop = {
        "key": (
            "by key, ascending",
            "for key in sorted(groups):\n        group = groups[key]",
        ),
        "back": (
            "by key, descending",
            "for key in sorted(groups, reverse=True):\n        group = groups[key]",
        ),
        "size": (
            "by number of words, largest first (ties by first appearance in `words`)",
            "for group in sorted(groups.values(), key=len, reverse=True):",
        ),
        "found": (
            "by first appearance in `words`",
            "for group in groups.values():",
        ),
    }[order]
    only = f" Drop groups with fewer than {least} words." if least > 1 else ""
    add = f"        result.append({make})\n"
    if least > 1:
        add = f"        if len(group) >= {least}:\n            result.append({make})\n"
    return Task(
        content=f"{inside} of groups by {key}, {order}, at least {least}",
        description=(
            f"Group the words in `words` by {by}, keeping duplicates.{only} Return a list with "
            f"one list per group: {told}. "
            f"Order the groups {order_told}. Words are non-empty and consist of lowercase letters."
        ),
        signature="def group_words(words: list[str]) -> list[list[str]]",
        source=f"""\
def group_words(words: list[str]) -> list[list[str]]:
    groups: dict[{kind}, list[str]] = {{}}
    for word in words:
        key = {code}
        if key not in groups:
            groups[key] = []
        groups[key].append(word)
    result = []
    {loop}
{add}\
    return result
""",
        draw=_draw_words_again,
        edges=(([],), (["a"],), (["egg", "egg"],), (["tea", "toe", "ate", "eat", "tea", "i"],)),
    )


_NAMES = ("ann", "bob", "cid", "dora", "eve", "finn", "gus", "hal", "ida", "jonas")


def _scores(stream: Stream, names: int) -> dict[str, int]:
    """Scores of four or more of the first names."""
    chosen = stream.sample(_NAMES[:names], stream.randint(4, names))
    return {name: stream.randint(-5, 15) for name in chosen}


def invert(stream: Stream, level: int) -> Task:
    """A dictionary turned round: from values, or what is made of them, to keys."""
    key = stream.choice(("value", "size", "tens", "mod 3", "mod 4", "half", "sign"))
    told, code, kind = {
        "value": ("its score", "value", "int"),
        "size": ("the absolute value of its score", "abs(value)", "int"),
        "tens": ("the floor of its score divided by 5", "value // 5", "int"),
        "mod 3": (
            "its score modulo 3 (0, 1 or 2)",
            "value % 3",
            "int",
        ),
        "mod 4": (
            "its score modulo 4 (0, 1, 2 or 3)",
            "value % 4",
            "int",
        ),
        "half": ("the floor of its score divided by 2", "value // 2", "int"),
        "sign": ("True if its score is at least 3, and False otherwise", "value >= 3", "bool"),
    }[key]
    ties = stream.choice(("all", "backwards", "first", "last", "longest", "number", "joined"))
    new, old, wanted, value_kind = {
        "all": (
            "[name]",
            "sorted([*NAMES, name])",
            "the list of its names in alphabetical order",
            "list[str]",
        ),
        "backwards": (
            "[name]",
            "sorted([*NAMES, name], reverse=True)",
            "the list of its names in reverse alphabetical order",
            "list[str]",
        ),
        "first": (
            "name",
            "min(NAMES, name)",
            "its alphabetically first name",
            "str",
        ),
        "last": ("name", "max(NAMES, name)", "its alphabetically last name", "str"),
        "longest": (
            "name",
            "max(NAMES, name, key=lambda text: (len(text), text))",
            "its longest name (on ties, the alphabetically last one)",
            "str",
        ),
        "number": ("1", "NAMES + 1", "its number of names", "int"),
        "joined": (
            "len(name)",
            "NAMES + len(name)",
            "the total length of its names",
            "int",
        ),
    }[ties]
    condition = about_number(stream, level) if level >= 3 else None
    only = f" Consider only names whose score {condition.holds}." if condition else ""
    guard = (
        f"        if not ({condition.of('value')}):\n            continue\n" if condition else ""
    )
    return Task(
        content=f"{ties} by {key}{f', values {condition.name}' if condition else ''}",
        description=(
            f"`scores` maps names to integers.{only} The group of a name is {told}. Return a "
            f"dictionary that maps each group that occurs to {wanted}."
        ),
        signature=f"def invert(scores: dict[str, int]) -> dict[{kind}, {value_kind}]",
        source=f"""\
def invert(scores: dict[str, int]) -> dict[{kind}, {value_kind}]:
    result: dict[{kind}, {value_kind}] = {{}}
    for name, value in scores.items():
{guard}\
        group = {code}
        if group in result:
            result[group] = {old.replace("NAMES", "result[group]")}
        else:
            result[group] = {new}
    return result
""",
        draw=lambda stream: (_scores(stream, 10),),
        edges=(({},), ({"ann": 0},), ({"bob": 4, "al": 4, "dora": -4},)),
    )


def merge_scores(stream: Stream, level: int) -> Task:
    """Two dictionaries made one, with a rule for keys that are in both."""
    rules = {
        "sum": ("the sum of its values", "first[name] + second[name]"),
        "larger": ("the larger of its values", "max(first[name], second[name])"),
        "smaller": ("the smaller of its values", "min(first[name], second[name])"),
        "first": ("its value in `first`", "first[name]"),
        "difference": (
            "its value in `first` minus its value in `second`",
            "first[name] - second[name]",
        ),
        "product": ("the product of its values", "first[name] * second[name]"),
        "twice": (
            "twice its value in `first` minus its value in `second`",
            "2 * first[name] - second[name]",
        ),
    }
    both = stream.choice(tuple(rules))
    left = stream.choice(("kept", "left out", "more", "negated"))
    right = stream.choice(("kept", "left out", "negated", "plus"))
    condition = about_number(stream, level) if level >= 2 else None
    told, code = rules[both]
    alone = {
        "kept": ("its value", "{}"),
        "more": ("its value plus 3", "{} + 3"),
        "negated": ("the negative of its value", "-{}"),
        "plus": ("its value plus 1", "{} + 1"),
    }
    parts, lines = [f"A name in both gets {told}."], []
    for side, name in ((left, "first"), (right, "second")):
        if side == "left out":
            parts.append(f"Leave out names that are only in `{name}`.")
            if name == "first":
                lines += ["        elif name in first:", "            continue"]
            else:
                lines += ["        else:", "            continue"]
        else:
            parts.append(f"A name only in `{name}` gets {alone[side][0]}.")
            start = "elif name in first:" if name == "first" else "else:"
            made = alone[side][1].format(f"{name}[name]")
            lines += [f"        {start}", f"            value = {made}"]
    keep = ""
    add = "        result[name] = value"
    if condition:
        keep = f" Then keep only names whose new value {condition.holds}."
        add = f"        if {condition.of('value')}:\n            result[name] = value"
    body = "\n".join(lines)
    return Task(
        content=(
            f"both {both}, first {left}, second {right}"
            f"{f', values {condition.name}' if condition else ''}"
        ),
        description=(
            "`first` and `second` map names to integers. Return a new dictionary that maps names "
            f"to new values. {' '.join(parts)}{keep} "
            "Do not modify the arguments."
        ),
        signature=(
            "def merge_scores(first: dict[str, int], second: dict[str, int]) -> dict[str, int]"
        ),
        source=f"""\
def merge_scores(first: dict[str, int], second: dict[str, int]) -> dict[str, int]:
    result = {{}}
    for name in [*first, *second]:
        if name in first and name in second:
            value = {code}
{body}
{add}
    return result
""",
        draw=lambda stream: (_scores(stream, 8), _scores(stream, 8)),
        edges=(({}, {}), ({"ann": 3}, {}), ({}, {"bob": 5}), ({"ann": 3}, {"ann": -3, "bob": 9})),
    )


def join_tables(stream: Stream, level: int) -> Task:
    """Two tables joined by a number, and the amounts of each name combined."""
    condition = about_number(stream, level)
    combine = stream.choice(("sum", "number", "largest", "smallest", "list"))
    unknown = stream.choice(("skipped", "none", "nobody"))
    order = stream.choice(("name", "best", "worst"))
    double = stream.choice(("first", "last"))
    if combine == "list":
        order = stream.choice(("name", "back"))
    told, new, old, kind = {
        "sum": ("the sum of the name's amounts", "amount", "TOTAL + amount", "int"),
        "number": ("the number of the name's amounts", "1", "TOTAL + 1", "int"),
        "largest": ("the largest of the name's amounts", "amount", "max(TOTAL, amount)", "int"),
        "smallest": ("the smallest of the name's amounts", "amount", "min(TOTAL, amount)", "int"),
        "list": (
            "the list of the name's amounts in the order of `orders`",
            "[amount]",
            "[*TOTAL, amount]",
            "list[int]",
        ),
    }[combine]
    missing, missing_code = {
        "skipped": ("Ignore orders whose number is not in `people`.", "continue"),
        "none": (
            'Orders whose number is not in `people` belong to the name "unknown".',
            'name = "unknown"',
        ),
        "nobody": (
            'Orders whose number is not in `people` belong to the name "no" followed by the '
            'number, such as "no7".',
            'name = f"no{number}"',
        ),
    }[unknown]
    ordered, back = {
        "name": ("sorted by name", "sorted(totals.items())"),
        "back": (
            "sorted by name in reverse alphabetical order",
            "sorted(totals.items(), reverse=True)",
        ),
        "best": (
            "sorted by value, largest first (ties by name)",
            "sorted(totals.items(), key=lambda item: (-item[1], item[0]))",
        ),
        "worst": (
            "sorted by value, smallest first (ties by name)",
            "sorted(totals.items(), key=lambda item: (item[1], item[0]))",
        ),
    }[order]
    keep = "names[number] = name" if double == "last" else "names.setdefault(number, name)"

    def large(stream: Stream) -> tuple[list[list[object]], list[list[int]]]:
        start = stream.randint(0, 99)
        people: list[list[object]] = [[start + n, f"p{n % 500}"] for n in range(20_000)]
        orders = [[start + stream.randrange(20_000), stream.randint(-9, 15)] for _ in range(20_000)]
        return people, orders

    def draw(stream: Stream) -> tuple[list[list[object]], list[list[int]]]:
        names = stream.sample(_NAMES[:6], 4)
        people: list[list[object]] = [
            [stream.randint(1, 6), stream.choice(names)] for _ in range(stream.randint(2, 5))
        ]
        orders = [
            [stream.randint(1, 7), stream.randint(-9, 15)] for _ in range(stream.randint(3, 8))
        ]
        return people, orders

    return Task(
        content=(
            f"{combine} of amounts {condition.name}, unknown {unknown}, {order}, number of the "
            f"{double}"
        ),
        description=(
            "`people` has entries [number, name], and `orders` has entries [number, amount]. If "
            f"a number has several entries in `people`, the {double} one counts. "
            "A person may have several numbers. Consider only orders whose amount "
            f"{condition.holds}. {missing} Return a list of [name, value] for each name with at "
            "least one such order, "
            f"where value is {told}, {ordered}. Each list may have up to 20,000 entries."
        ),
        signature="def join_tables(people: list[list], orders: list[list[int]]) -> list[list]",
        source=f"""\
def join_tables(people: list[list], orders: list[list[int]]) -> list[list]:
    names: dict[int, str] = {{}}
    for number, name in people:
        {keep}
    totals: dict[str, {kind}] = {{}}
    for number, amount in orders:
        if not ({condition.of("amount")}):
            continue
        if number in names:
            name = names[number]
        else:
            {missing_code}
        if name in totals:
            totals[name] = {old.replace("TOTAL", "totals[name]")}
        else:
            totals[name] = {new}
    ranked = {back}
    return [[name, value] for name, value in ranked]
""",
        draw=draw,
        edges=(
            ([], []),
            ([[1, "ann"]], []),
            ([], [[1, 5], [2, -3], [1, 12]]),
            ([[1, "bob"], [1, "ann"], [2, "ann"]], [[1, 4], [2, 4], [1, -2], [3, 9]]),
        ),
        large=large,
    )


def ledger(stream: Stream, level: int) -> Task:
    """Accounts between which money is moved, by rules."""
    fee = stream.choice((0, 1, 2))
    payer = stream.choice(("sender", "receiver")) if fee else "nobody"
    short = stream.choice(("refused", "part", "debt"))
    limit = stream.choice((2, 4, 6)) if short == "debt" else 0
    cap = stream.choice((None, 15, 20)) if level >= 7 else None
    strikes = stream.choice((None, 1, 2)) if level >= 8 and short == "refused" else None
    result = stream.choice(("balances", "refused", "richest"))
    if short == "part" and result == "refused":
        result = "balances"
    new = stream.choice(("opened", "ignored"))
    out = f"amount + {fee}" if payer == "sender" else "amount"
    into = f"amount - {fee}" if payer == "receiver" else "amount"
    rules = [
        f"A transfer [sender, receiver, amount] moves the amount (at least {max(fee, 1)}) from "
        "the sender's account to the receiver's, which is a different account."
    ]
    if payer == "sender":
        rules.append(f"The sender also pays a fee of {fee}, which is lost.")
    if payer == "receiver":
        rules.append(f"The receiver gets the amount minus a fee of {fee}, which is lost.")
    if new == "opened":
        rules.append(
            "A transfer that names an unknown account first opens it with balance 0, even if the "
            "transfer is then not made."
        )
        check = """\
        for name in (sender, receiver):
            balances.setdefault(name, 0)
"""
    else:
        rules.append("Ignore transfers that name an unknown account.")
        check = """\
        if sender not in balances or receiver not in balances:
            continue
"""
    if strikes:
        many = "one refused transfer" if strikes == 1 else f"{strikes} refused transfers"
        rules.append(
            f"After {many}, a sender is blocked: all further transfers they send are refused."
        )
    lowest = f"-{limit}" if limit else "0"
    refusals = []
    if short == "part":
        pays = (
            f"the sender's balance minus the fee of {fee}"
            if payer == "sender"
            else "the sender's balance"
        )
        rules.append(
            f"If the balance is too low, the amount is reduced to {pays}; if that is less than "
            f"{max(fee, 1)}, the transfer is ignored."
        )
        lower = f"balances[sender] - {fee}" if payer == "sender" else "balances[sender]"
        check += f"""\
        amount = min(amount, {lower})
        if amount < {max(fee, 1)}:
            continue
"""
    else:
        rules.append(
            "A transfer is refused, and changes no balance, if it would leave the sender with "
            f"less than {lowest}."
        )
        refusals.append(
            f"balances[sender] - ({out}) < {lowest}"
            if "+" in out
            else f"balances[sender] - amount < {lowest}"
        )
    if cap:
        rules.append(
            f"A transfer is also {'ignored' if short == 'part' else 'refused'} if it would leave "
            f"the receiver with more than {cap}."
        )
        refusals.append(f"balances[receiver] + {into} > {cap}")
    if strikes:
        refusals.insert(0, f"refused.count(sender) >= {strikes}")
    if refusals:
        test = (
            " or ".join(refusals)
            if len(refusals) < 3
            else "(\n            " + "\n            or ".join(refusals) + "\n        )"
        )
        record = "" if short == "part" else "            refused.append(sender)\n"
        check += f"        if {test}:\n{record}            continue\n"
    begin = (
        ""
        if short == "part" or (result != "refused" and not strikes)
        else "    refused: list[str] = []\n"
    )
    if not begin:
        check = check.replace("            refused.append(sender)\n", "")
    wanted, back, kind = {
        "balances": (
            "the dictionary of balances after all transfers",
            "balances",
            "dict[str, int]",
        ),
        "refused": (
            "the list of senders of refused transfers, in the order of the transfers",
            "refused",
            "list[str]",
        ),
        "richest": (
            "the list of all account names after all transfers, sorted by balance, largest first "
            "(ties in alphabetical order)",
            "sorted(balances, key=lambda name: (-balances[name], name))",
            "list[str]",
        ),
    }[result]

    def draw(stream: Stream) -> tuple[dict[str, int], list[list[object]]]:
        names = stream.sample(_NAMES[:6], 4)
        start = {name: stream.randint(0, 14) for name in names[:3]}
        transfers: list[list[object]] = []
        for _ in range(stream.randint(7, 12)):
            sender, receiver = stream.sample(names, 2)
            transfers.append([sender, receiver, stream.randint(2, 12)])
        return start, transfers

    return Task(
        content=(
            f"{result}, fee {fee} of {payer}, short {short} {limit}, cap {cap}, strikes {strikes}, "
            f"new {new}"
        ),
        description=(
            "`accounts` maps names to balances (at least 0). Process `transfers` in order. "
            f"{' '.join(rules)} Return {wanted}. Do not modify `accounts`."
        ),
        signature=f"def ledger(accounts: dict[str, int], transfers: list[list]) -> {kind}",
        source=f"""\
def ledger(accounts: dict[str, int], transfers: list[list]) -> {kind}:
    balances = dict(accounts)
{begin}\
    for sender, receiver, amount in transfers:
{check}\
        balances[sender] -= {out}
        balances[receiver] += {into}
    return {back}
""",
        draw=draw,
        edges=(
            ({}, []),
            ({"ann": 5}, []),
            ({}, [["ann", "bob", 3]]),
            ({"ann": 9, "bob": 0}, [["ann", "bob", 9], ["bob", "ann", 7], ["bob", "ann", 9]]),
            ({"ann": 3, "bob": 14}, [["ann", "bob", 12]] * 4 + [["ann", "bob", 2]]),
        ),
    )


def pair_counts(stream: Stream, level: int) -> Task:
    """How many pairs of elements go together, counted with a dictionary in one pass."""
    relation = stream.choice(("sum", "difference", "later more", "same mod", "sum mod", "index"))
    amount = stream.randint(2, 6)
    modulus = stream.choice((7, 9, 11, 13))
    told, need, key = {
        "sum": (
            f"values[i] + values[j] == {amount}",
            f"{amount} - value",
            "value",
        ),
        "difference": (
            f"abs(values[i] - values[j]) == {amount}",
            f"(value - {amount}, value + {amount})",
            "value",
        ),
        "later more": (f"values[j] == values[i] + {amount}", f"value - {amount}", "value"),
        "same mod": (
            f"values[i] - values[j] is a multiple of {modulus} (possibly 0)",
            f"value % {modulus}",
            f"value % {modulus}",
        ),
        "sum mod": (
            f"values[i] + values[j] is a multiple of {modulus} (possibly 0)",
            f"-value % {modulus}",
            f"value % {modulus}",
        ),
        "index": (
            f"values[j] - values[i] == j - i - {amount}",
            f"value - position + {amount}",
            "value - position",
        ),
    }[relation]
    condition = about_number(stream, level)
    who = stream.choice(("first", "second"))
    who_told, first_test, second_test = {
        "first": (f" and values[i] {condition.holds}", condition.of("value"), ""),
        "second": (f" and values[j] {condition.holds}", "", condition.of("value")),
    }[who]
    result = stream.choice(("number", "weight", "per element", "nearest"))
    keep_last = result == "nearest"
    wanted, use, value_kind = {
        "number": ("the number of good pairs", "total += seen.get(need, 0)", "int"),
        "weight": (
            "the sum of values[j] over all good pairs",
            "total += value * seen.get(need, 0)",
            "int",
        ),
        "per element": (
            "a list whose element at index j is the number of good pairs with that j",
            "found += seen.get(need, 0)",
            "list[int]",
        ),
        "nearest": (
            "the smallest j - i over all good pairs (0 if there are none)",
            "",
            "int",
        ),
    }[result]
    loops = relation == "difference"
    start = {
        "number": "    total = 0\n",
        "weight": "    total = 0\n",
        "per element": "    total = []\n",
        "nearest": "    total = 0\n",
    }[result]
    lines = []
    if result == "per element":
        lines.append("        found = 0")
    inner = "        "
    if second_test:
        lines.append(f"{inner}if {second_test}:")
        inner += "    "
    lines.append(f"{inner}for need in {need}:" if loops else f"{inner}need = {need}")
    if loops:
        inner += "    "
    if result == "nearest":
        lines += [
            f"{inner}if need in seen and (total == 0 or position - seen[need] < total):",
            f"{inner}    total = position - seen[need]",
        ]
    else:
        lines.append(inner + use)
    if result == "per element":
        lines.append("        total.append(found)")
    inner = "        "
    if first_test:
        lines.append(f"{inner}if {first_test}:")
        inner += "    "
    if key == "value":
        name = "value"
    else:
        lines.append(f"{inner}key = {key}")
        name = "key"
    lines.append(
        f"{inner}seen[{name}] = position"
        if keep_last
        else f"{inner}seen[{name}] = seen.get({name}, 0) + 1"
    )
    body = "\n".join(lines)
    loop = (
        "position, value in enumerate(values)"
        if keep_last or relation == "index"
        else "value in values"
    )
    detail = modulus if "mod" in relation else amount

    def draw(stream: Stream) -> tuple[list[int]]:
        values = [stream.randint(-6, 12)]
        for _ in range(stream.randint(5, 13)):
            partner = stream.choice(values)
            if stream.random() < 0.5:
                values.append(stream.randint(-6, 12))
            elif relation == "sum":
                values.append(amount - partner)
            else:
                values.append(partner + stream.choice((amount, amount, -amount)))
        return (values,)

    return Task(
        content=f"{result} of {relation} {detail}, {who} {condition.name}",
        description=(
            f"A pair of indices i < j of `values` is good if {told}{who_told}. Return {wanted}. "
            "`values` may have up to 60,000 elements."
        ),
        signature=f"def pair_counts(values: list[int]) -> {value_kind}",
        source=f"""\
def pair_counts(values: list[int]) -> {value_kind}:
    seen: dict[int, int] = {{}}
{start}\
    for {loop}:
{body}
    return total
""",
        draw=draw,
        edges=(([],), ([4],), ([3, 3, 3, 3],), ([0, amount, 0, amount],), ([-4, 9, 1, 5, 2, 7],)),
        large=lambda stream: ([stream.randint(-(10**6), 10**6) for _ in range(60_000)],),
    )


FAMILIES = {
    "merge_scores": Family(merge_scores, 1, 4),
    "tally": Family(tally, 1, 4),
    "invert": Family(invert, 2, 5),
    "group_words": Family(group_words, 2, 6),
    "join_tables": Family(join_tables, 5, 9),
    "ledger": Family(ledger, 6, 10),
    "pair_counts": Family(pair_counts, 8, 10),
}
