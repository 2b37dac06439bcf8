"""Classes to write, which are tested by scripts of calls."""

from __future__ import annotations

from typing import Any

from reasoning_gym_envs.code.task import Arguments, Family, Task
from reasoning_gym_envs.problems import Stream

Call = tuple[str, tuple[Any, ...]]


_TAKES = {
    # name: (which item is taken, the expression)
    "oldest": ("the oldest item", "self.items.pop(0)"),
    "newest": ("the newest item", "self.items.pop()"),
    "smallest": (
        "the smallest item (the oldest one on ties)",
        "self.items.pop(self.items.index(min(self.items)))",
    ),
    "largest": (
        "the largest item (the oldest one on ties)",
        "self.items.pop(self.items.index(max(self.items)))",
    ),
}

_FULL = {
    # name: (what put does with a full buffer, the line of the reference)
    "refuse": ("nothing changes and None is returned", "return None"),
    "drop oldest": (
        "the oldest item is removed first",
        "self.items.pop(0)",
    ),
    "drop newest": ("the newest item is removed first", "self.items.pop()"),
    "drop smallest": (
        "the smallest item (the oldest one on ties) is removed first",
        "self.items.remove(min(self.items))",
    ),
    "drop largest": (
        "the largest item (the oldest one on ties) is removed first",
        "self.items.remove(max(self.items))",
    ),
    "clear": ("all items are removed first", "self.items.clear()"),
}

_EQUAL = {
    # name: (what put does with an item that is in it already, the lines)
    "allowed": ("", ""),
    "refused": (
        " If the buffer already contains an equal item, nothing changes and None is returned.",
        "        if item in self.items:\n            return None\n",
    ),
    "moved": (
        " If the buffer already contains an equal item, that one is removed first, so that the "
        "item counts as new.",
        "        if item in self.items:\n            self.items.remove(item)\n",
    ),
    "annihilates": (
        " If the buffer already contains equal items, the oldest of these is removed, the new "
        "item is not added, and -1 is returned.",
        "        if item in self.items:\n            self.items.remove(item)\n"
        "            return -1\n",
    ),
}

_PUT_RESULTS = {
    "size": ("the number of items then in the buffer", "len(self.items)"),
    "sum": ("the sum of the items then in the buffer", "sum(self.items)"),
    "free": (
        "the number of free places then left in the buffer",
        "self.capacity - len(self.items)",
    ),
}


def buffer(stream: Stream, level: int) -> Task:
    """A buffer of bounded size: which item is taken, and what happens when it is full."""
    take = stream.choice(tuple(_TAKES))
    full = stream.choice(tuple(_FULL))
    equal = stream.choice(("allowed", "refused") if level <= 3 else tuple(_EQUAL))
    returned = stream.choice(tuple(_PUT_RESULTS))
    grows = 0 if level <= 4 else stream.choice((0, 2, 3, 4))
    which, taking = _TAKES[take]
    when_full, evict = _FULL[full]
    twice, check = _EQUAL[equal]
    what, value = _PUT_RESULTS[returned]
    parts = [f"takes {take}", f"full: {full}", f"equal {equal}", f"put gives {returned}"]
    growing = counted = counting = ""
    if grows:
        growing = (
            f" Every {grows} successful calls of take (those that return an item), the capacity "
            "grows by 1."
        )
        counted = "        self.taken = 0\n"
        counting = (
            "        self.taken += 1\n"
            f"        if self.taken % {grows} == 0:\n            self.capacity += 1\n"
        )
        parts.append(f"grows every {grows}")

    def draw(stream: Stream) -> Arguments:
        calls: list[Call] = []
        for _ in range(stream.randint(8, 12)):
            if stream.random() < 0.68:
                calls.append(("put", (stream.randint(1, 9),)))
            else:
                calls.append(("take", ()))
        calls.append(("content", ()))
        return ((stream.randint(1, 4),), tuple(calls))

    return Task(
        content=", ".join(parts),
        description=(
            "Implement a class `Buffer` that holds integers.\n"
            "- `Buffer(capacity: int)` creates an empty buffer for at most `capacity` items (at "
            "least 1).\n"
            f"- `put(item: int) -> int | None` adds an item and returns {what}.{twice} If the "
            f"buffer is full when the item is to be added, {when_full}.\n"
            f"- `take() -> int | None` removes and returns {which}, or returns None if the buffer "
            f"is empty.{growing}\n"
            "- `content() -> list[int]` returns the items, oldest first."
        ),
        signature="class Buffer",
        source=f"""\
class Buffer:
    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.items: list[int] = []
{counted}
    def put(self, item: int) -> int | None:
{check}        if len(self.items) >= self.capacity:
            {evict}
        self.items.append(item)
        return {value}

    def take(self) -> int | None:
        if not self.items:
            return None
{counting}        return {taking}

    def content(self) -> list[int]:
        return list(self.items)
""",
        draw=draw,
        edges=(
            ((1,), (("take", ()), ("put", (3,)), ("put", (3,)), ("put", (5,)), ("content", ()))),
            ((2,), (("content", ()), ("put", (4,)), ("take", ()), ("take", ()), ("content", ()))),
            (
                (3,),
                (*(("put", (item,)) for item in (2, 7, 2, 5, 1, 9)), ("take", ()), ("content", ())),
            ),
        ),
    )


def account(stream: Stream, level: int) -> Task:
    """A bank account with fees."""
    fee = stream.choice((1, 2, 3))
    fee_kind = stream.choice(("always", "small", "large", "after"))
    bound = stream.choice((20, 30, 50))
    free = stream.randint(1, 3)
    overdraft = stream.choice((0, 10, 25)) if level >= 3 else 0
    limit = stream.choice((0, 2, 3)) if level >= 4 else 0
    if limit and fee_kind == "after":
        free = stream.randint(1, limit - 1)  # so that the fee is ever due
    bonus = stream.choice(("none", "tenth", "round", "first")) if level >= 3 else "none"
    monthly = stream.choice(("interest", "fee", "fine", "gift")) if level >= 4 else "interest"
    rate = stream.choice((5, 10, 20))
    refused = stream.choice(("-1", "None"))
    fee_text, test = {
        "always": (f"A withdrawal costs a fee of {fee}", ""),
        "small": (
            f"A withdrawal of less than {bound} costs a fee of {fee}",
            f"amount < {bound}",
        ),
        "large": (
            f"A withdrawal of {bound} or more costs a fee of {fee}",
            f"amount >= {bound}",
        ),
        "after": (
            f"In each month, every withdrawal after the {('first', 'second', 'third')[free - 1]} "
            f"costs a fee of {fee}",
            f"self.withdrawals >= {free}",
        ),
    }[fee_kind]
    fee_line = f"fee = {fee} if {test}" + " else 0" if test else f"fee = {fee}"
    size = {"small": f" {bound}", "large": f" {bound}", "after": f" {free}"}.get(fee_kind, "")
    parts = [f"fee {fee} {fee_kind}{size}", f"overdraft {overdraft}", f"refused {refused}"]
    bonus_text, bonus_lines = {
        "none": ("", ""),
        "tenth": (
            " For a deposit of 50 or more, a bonus of a tenth of the deposit (rounded down) is "
            "added.",
            "        if amount >= 50:\n            self.balance += amount // 10\n",
        ),
        "round": (
            " For a deposit divisible by 10, a bonus of 1 is added.",
            "        if amount % 10 == 0:\n            self.balance += 1\n",
        ),
        "first": (
            " If the balance was below 20 before the deposit, a bonus of 2 is added.",
            "        if self.balance - amount < 20:\n            self.balance += 2\n",
        ),
    }[bonus]
    if bonus != "none":
        parts.append(f"bonus {bonus}")
    month_text, month_line = {
        "interest": (
            f"if the balance is above 0, {rate} percent of it (rounded down) is added",
            f"if self.balance > 0:\n            self.balance += self.balance * {rate} // 100",
        ),
        "fee": (
            f"if the balance is above 0, a fee of {rate} is subtracted, but at most the whole "
            "balance",
            f"self.balance -= max(0, min({rate}, self.balance))",
        ),
        "fine": (
            f"if the balance is below {2 * rate}, 3 is subtracted (even if it becomes negative)",
            f"if self.balance < {2 * rate}:\n            self.balance -= 3",
        ),
        "gift": (
            f"if it had no withdrawals, {rate} is added",
            f"if self.withdrawals == 0:\n            self.balance += {rate}",
        ),
    }[monthly]
    parts.append(f"month {monthly} {rate}")
    limit_text = limit_lines = ""
    if limit:
        limit_text = (
            f" Only {limit} withdrawals per month are possible; further ones are refused (nothing "
            f"changes and {refused} is returned)."
        )
        limit_lines = f"        if self.withdrawals == {limit}:\n            return {refused}\n"
        parts.append(f"limit {limit}")
    lowest = f"-{overdraft}" if overdraft else "0"

    def draw(stream: Stream) -> Arguments:
        calls: list[Call] = []
        for _ in range(stream.randint(8, 12)):
            kind = stream.random()
            if kind < 0.25:
                calls.append(("deposit", (stream.choice((5, 10, 20, 33, 48, 50, 60, 75)),)))
            elif kind < 0.8:
                calls.append(("withdraw", (stream.choice((4, 7, 15, 19, 20, 25, 30, 41, 50)),)))
            else:
                calls.append(("end_month", ()))
        return ((stream.choice((0, 5, 40, 90, 120, 150)),), tuple(calls))

    result = "int | None" if refused == "None" else "int"
    refusal = f"the withdrawal is refused (nothing changes and {refused} is returned)"
    counts = "self.withdrawals" in month_line + limit_lines + fee_line
    counter = "        self.withdrawals = 0\n" if counts else ""
    count = "        self.withdrawals += 1\n" if counts else ""
    return Task(
        content=", ".join(parts),
        description=(
            "Implement a class `Account`. All amounts are positive integers.\n"
            "- `Account(balance: int)` opens an account with a balance of at least 0.\n"
            "- `deposit(amount: int) -> int` adds the amount to the balance and returns the new "
            f"balance.{bonus_text}\n"
            f"- `withdraw(amount: int) -> {result}` subtracts the amount and its fee from the "
            f"balance and returns the new balance. {fee_text}.{limit_text} "
            f"If the balance would fall below {lowest}, {refusal}.\n"
            f"- `end_month() -> int` ends the month: {month_text}; it returns the new balance. "
            "Refused withdrawals do not count as withdrawals."
        ),
        signature="class Account",
        source=f"""\
class Account:
    def __init__(self, balance: int) -> None:
        self.balance = balance
{counter}
    def deposit(self, amount: int) -> int:
        self.balance += amount
{bonus_lines}        return self.balance

    def withdraw(self, amount: int) -> {result}:
{limit_lines}        {fee_line}
        if self.balance - amount - fee < {lowest}:
            return {refused}
{count}        self.balance -= amount + fee
        return self.balance

    def end_month(self) -> int:
        {month_line}
{counter}        return self.balance
""",
        draw=draw,
        edges=(
            (
                (0,),
                (("withdraw", (1,)), ("end_month", ()), ("deposit", (50,)), ("withdraw", (50,))),
            ),
            ((100,), (("end_month", ()), *((("withdraw", (20,)),) * 5), ("end_month", ()))),
            ((60,), (("withdraw", (60,)), ("withdraw", (57,)), ("deposit", (10,)))),
        ),
    )


_EVICTIONS = {
    # name: (which key goes, the expression of the key)
    "lru": ("the least recently used key", "next(iter(self.values))"),
    "mru": ("the most recently used key", "next(reversed(self.values))"),
    "lfu": (
        "the key with the fewest uses since it was added (the least recently used one on ties)",
        "min(self.values, key=lambda key: self.uses[key])",
    ),
    "mfu": (
        "the key with the most uses since it was added (the least recently used one on ties)",
        "max(self.values, key=lambda key: self.uses[key])",
    ),
    "smallest value": (
        "the key with the smallest value (the alphabetically first one on ties)",
        "min(self.values, key=lambda key: (self.values[key], key))",
    ),
    "largest value": (
        "the key with the largest value (the alphabetically last one on ties)",
        "max(self.values, key=lambda key: (self.values[key], key))",
    ),
    "last key": (
        "the alphabetically last key",
        "max(self.values)",
    ),
}


def cache(stream: Stream, level: int) -> Task:
    """A cache of bounded size: what is evicted, and what counts as a use."""
    eviction = stream.choice(tuple(_EVICTIONS))
    get_uses = stream.choice((True, True, False))
    rewrite = stream.choice(("use", "keep", "add") if level >= 6 else ("use", "keep"))
    evicted_result = stream.choice(("key", "value", "size"))
    missing = stream.choice(("-1", "0", "None")) if level >= 6 else "-1"
    pinned = stream.choice((0, 7, 8, 9)) if level >= 7 else 0
    which, victim = _EVICTIONS[eviction]
    counts = eviction in ("lfu", "mfu")
    by_use = eviction in ("lru", "mru", "lfu", "mfu")
    if not by_use:
        get_uses = False
        rewrite = "add" if rewrite == "add" else "keep"
    elif counts and rewrite == "keep":
        get_uses = True  # otherwise there is one use of each key
    rewrite_text = {
        "use": "its value is replaced, which counts as a use",
        "keep": "its value is replaced, which does not count as a use",
        "add": "the new value is added to the old one, which counts as a use",
    }[rewrite]
    if not by_use:
        rewrite_text = rewrite_text.split(", which")[0]
    use_text = f" This {'counts' if get_uses else 'does not count'} as a use of the key."
    new_use = " Adding a new key counts as a use of it."
    keys_use = " This does not count as a use."
    comment = "  # in the order of the last use"
    if not by_use:
        use_text = new_use = keys_use = comment = ""
    result_text, result_lines = {
        "key": (
            "It returns the evicted key, or None if no key was evicted.",
            ("victim", "None"),
        ),
        "value": (
            "It returns the value of the evicted key, or None if no key was evicted.",
            ("evicted", "None"),
        ),
        "size": (
            "It returns the number of keys then in the cache.",
            ("len(self.values)", "len(self.values)"),
        ),
    }[evicted_result]
    parts = [
        f"evicts {eviction}",
        f"rewrite {rewrite}",
        f"put gives {evicted_result}",
        f"missing {missing}",
    ]
    if by_use:
        parts.append(f"get is {'a' if get_uses else 'no'} use")
    pin_text = pin_lines = ""
    if pinned:
        pin_text = (
            f" But a new key with a value of {pinned} or more is not added to a full cache: "
            "nothing changes and None is returned."
        )
        pin_lines = (
            f"        if value >= {pinned} and key not in self.values and full:\n"
            "            return None\n"
        )
        parts.append(f"full for {pinned}")
    refresh = "            self.use(key)\n"
    get_lines = "        self.use(key)\n" if get_uses else ""
    change = "self.values[key] += value" if rewrite == "add" else "self.values[key] = value"
    rewritten = f"            {change}\n" + (refresh if by_use and rewrite != "keep" else "")
    count_init = "        self.uses: dict[str, int] = {}\n" if counts else ""
    count_new = "        self.uses[key] = 1\n" if counts else ""
    count_use = "        self.uses[key] += 1\n" if counts else ""
    end_value = result_lines[0]
    evicted = "evicted = " if evicted_result == "value" else ""
    full_line = "        full = len(self.values) == self.capacity\n" if pinned else ""
    full_test = "full" if pinned else "len(self.values) == self.capacity"
    value_type = {"key": "str | None", "value": "int | None", "size": "int | None"}[evicted_result]
    if evicted_result == "size" and not pinned:
        value_type = "int"
    result_init = {"key": "        victim = None\n", "value": "        evicted = None\n"}.get(
        evicted_result, ""
    )
    get_type = "int | None" if missing == "None" else "int"

    def draw(stream: Stream) -> Arguments:
        calls: list[Call] = []
        for _ in range(stream.randint(9, 12)):
            key = stream.choice("abcdef"[: stream.choice((4, 5, 6))])
            if stream.random() < 0.6:
                calls.append(("put", (key, stream.randint(1, 9))))
            else:
                calls.append(("get", (key,)))
        calls.append(("keys", ()))
        return ((stream.randint(2, 3),), tuple(calls))

    use_method = f"""
    def use(self, key: str) -> None:
        self.values[key] = self.values.pop(key)
{count_use}"""
    if not by_use or (not get_uses and rewrite == "keep"):
        use_method = ""
    return Task(
        content=", ".join(parts),
        description=(
            "Implement a class `Cache` that stores integers under string keys.\n"
            "- `Cache(capacity: int)` creates an empty cache for at most `capacity` keys (at "
            "least 1).\n"
            f"- `get(key: str) -> {get_type}` returns the value of a key, or {missing} if the key "
            f"is not in the cache.{use_text}\n"
            f"- `put(key: str, value: int) -> {value_type}` stores a value under a key. If the "
            f"key is already in the cache, {rewrite_text}. Otherwise, the key is added; "
            f"if the cache is full, {which} is evicted first.{pin_text}{new_use} {result_text}\n"
            "- `keys() -> list[str]` returns the keys in the cache in alphabetical "
            f"order.{keys_use}"
        ),
        signature="class Cache",
        source=f"""\
class Cache:
    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.values: dict[str, int] = {{}}{comment}
{count_init}{use_method}
    def get(self, key: str) -> {get_type}:
        if key not in self.values:
            return {missing}
{get_lines}        return self.values[key]

    def put(self, key: str, value: int) -> {value_type}:
{result_init}{full_line}{pin_lines}        if key in self.values:
{rewritten}            return {"len(self.values)" if evicted_result == "size" else "None"}
        if {full_test}:
            victim = {victim}
            {evicted}self.values.pop(victim)
        self.values[key] = value
{count_new}        return {end_value}

    def keys(self) -> list[str]:
        return sorted(self.values)
""",
        draw=draw,
        edges=(
            ((1,), (("get", ("a",)), ("put", ("a", 3)), ("put", ("b", 9)), ("keys", ()))),
            ((2,), (("put", ("a", 3)), ("put", ("a", 4)), ("get", ("a",)), ("keys", ()))),
            (
                (2,),
                (
                    ("put", ("b", 5)),
                    ("put", ("a", 5)),
                    ("get", ("b",)),
                    ("put", ("b", 6)),
                    ("put", ("c", 5)),
                    ("keys", ()),
                ),
            ),
        ),
    )


_OPERATIONS = {
    # name: (what it does to the value, the expression)
    "add": ("adds n to the value", "self.value + n"),
    "subtract": ("subtracts n from the value", "self.value - n"),
    "multiply": ("multiplies the value by n", "self.value * n"),
    "set_at_least": ("sets the value to n if it is less than n", "max(self.value, n)"),
    "set_at_most": ("sets the value to n if it is greater than n", "min(self.value, n)"),
    "distance": ("sets the value to its absolute difference from n", "abs(self.value - n)"),
    "triple": ("sets the value to 3 times the value plus n", "self.value * 3 + n"),
}


def counter(stream: Stream, level: int) -> Task:
    """A value that is changed, and whose changes can be undone."""
    growing = stream.choice(("add", "multiply", "triple"))
    operations = [growing, stream.choice([name for name in _OPERATIONS if name != growing])]
    stream.shuffle(operations)
    depth = 0 if level <= 4 else stream.choice((0, 1, 2))
    bound = stream.choice((20, 25, 30, 50))
    overflow = stream.choice(("none", "clamp", "modulo", "reject"))
    undo = stream.choice(("value", "difference"))
    empty = stream.choice(("keep", "zero"))
    same = level >= 4 and stream.choice((True, False))
    parts = [*operations, f"bound {overflow}{'' if overflow == 'none' else f' {bound}'}"]
    parts += [f"undo gives {undo}", f"empty {empty}"]
    bound_text, bound_lines = {
        "none": ("", ""),
        "clamp": (
            f" New values are clamped to the range 0 to {bound}.",
            f"        value = max(0, min({bound}, value))\n",
        ),
        "modulo": (
            f" New values are taken modulo {bound} (0 to {bound - 1}).",
            f"        value %= {bound}\n",
        ),
        "reject": (
            f" If the new value would be above {bound} or below 0, nothing happens and the old "
            "value is returned.",
            f"        if not 0 <= value <= {bound}:\n            return self.value\n",
        ),
    }[overflow]
    same_text = same_lines = ""
    if same:
        same_text = " A call that leaves the value the same is not a change."
        same_lines = "        if value == self.value:\n            return value\n"
        parts.append("equal is no change")
    depth_text = depth_lines = ""
    if depth:
        depth_text = (
            " Only the last change can be undone; earlier ones are forgotten."
            if depth == 1
            else f" Only the last {depth} changes can be undone; earlier ones are forgotten."
        )
        depth_lines = f"        del self.past[:-{depth}]\n"
        parts.append(f"depth {depth}")
    result = {"value": "the new value", "difference": "the new value minus the previous one"}[undo]
    back = "self.value" if undo == "value" else "self.value - before"
    before = "        before = self.value\n" if undo == "difference" else ""
    nothing = {
        "keep": "the value does not change",
        "zero": "the value becomes 0 (which cannot be undone)",
    }[empty]
    zero = "            self.value = 0\n" if empty == "zero" else ""
    clears = "            self.future.clear()\n" if empty == "zero" else ""
    zero_text = ", and nothing can be redone" if empty == "zero" else ""
    methods = ""
    for name, operation in zip(("press", "pull"), operations, strict=True):
        methods += f"""
    def {name}(self, n: int) -> int:
        return self.change({_OPERATIONS[operation][1]})
"""

    def draw(stream: Stream) -> Arguments:
        calls: list[Call] = []
        for _ in range(stream.randint(10, 14)):
            kind = stream.random()
            if kind < 0.5:
                calls.append((stream.choice(("press", "pull")), (stream.randint(0, 15),)))
            elif kind < 0.85:
                calls.append(("undo", ()))
            else:
                calls.append(("redo", ()))
        return ((stream.randint(0, 20),), tuple(calls))

    return Task(
        content=", ".join(parts),
        description=(
            "Implement a class `Counter` of an integer value.\n"
            "- `Counter(value: int)` starts with a value from 0 to 20.\n"
            f"- `press(n: int) -> int` {_OPERATIONS[operations[0]][0]}.\n"
            f"- `pull(n: int) -> int` {_OPERATIONS[operations[1]][0]}.\n"
            "Both return the new value, and n is from 0 to 15. Each call is a change that can be "
            "undone"
            f"{', even if the value stays the same' if not same else ''}."
            f"{bound_text}{same_text}{depth_text}\n"
            "- `undo() -> int` undoes the most recent change not yet undone. If there is nothing "
            "to "
            f"undo, {nothing}{zero_text}. In both cases, it returns {result}.\n"
            "- `redo() -> int` redoes the change that was undone last, which can then be undone "
            "again, and returns the new value. "
            "If there is nothing to redo, or if there was a new change since the last undo, it "
            "returns the current value."
        ),
        signature="class Counter",
        source=f"""\
class Counter:
    def __init__(self, value: int) -> None:
        self.value = value
        self.past: list[int] = []
        self.future: list[int] = []

    def change(self, value: int) -> int:
{bound_lines}{same_lines}        self.past.append(self.value)
{depth_lines}        self.future.clear()
        self.value = value
        return value
{methods}
    def undo(self) -> int:
{before}        if not self.past:
{zero}{clears}            return {back}
        self.future.append(self.value)
        self.value = self.past.pop()
        return {back}

    def redo(self) -> int:
        if self.future:
            self.past.append(self.value)
            self.value = self.future.pop()
        return self.value
""",
        draw=draw,
        edges=(
            ((5,), (("undo", ()), ("press", (3,)), ("undo", ()), ("undo", ()))),
            ((0,), (("press", (0,)), ("pull", (0,)), ("undo", ()), ("undo", ()), ("pull", (7,)))),
            (
                (20,),
                (
                    *((("press", (9,)), ("pull", (8,))) * 2),
                    *((("undo", ()),) * 5),
                    ("press", (2,)),
                ),
            ),
        ),
    )


_DUE_ORDERS = {
    # name: (the order, how the reference sorts)
    "added": ("in the order in which they were added", ""),
    "name": ("in alphabetical order", "name"),
    "reverse name": ("in reverse alphabetical order", "reverse"),
    "time": (
        "ordered by due time (ties in alphabetical order)",
        "time",
    ),
    "late": (
        "ordered by due time, latest first (ties in alphabetical order)",
        "late",
    ),
}


def scheduler(stream: Stream, level: int) -> Task:
    """Tasks that become due as time goes on."""
    order = stream.choice(tuple(_DUE_ORDERS))
    again = stream.choice(("replace", "refuse", "earlier", "later"))
    repeat = 0 if level <= 5 else stream.choice((0, 2, 3, 5))
    most = 0 if level <= 6 else stream.choice((0, 1, 2))
    cancel = stream.choice(("left", "existed", "count"))
    added = stream.choice(("due", "count"))
    words, key = _DUE_ORDERS[order]
    parts = [f"order {order}", f"again {again}", f"cancel gives {cancel}", f"add gives {added}"]
    again_text, again_lines = {
        "replace": (
            "If a task of this name is already waiting, it is removed first",
            "            del self.due[name]\n",
        ),
        "refuse": (
            "If a task of this name is already waiting, nothing changes and -1 is returned",
            "            return -1\n",
        ),
        "earlier": (
            "If a task of this name is already waiting, it is removed first, and the new one is "
            "due at the earlier of the two times",
            "            due = min(due, self.due.pop(name))\n",
        ),
        "later": (
            "If a task of this name is already waiting, it is removed first, and the new one is "
            "due at the later of the two times",
            "            due = max(due, self.due.pop(name))\n",
        ),
    }[again]
    added_text, added_value = {
        "due": ("its due time", "due"),
        "count": ("the number of tasks then waiting", "len(self.due)"),
    }[added]
    cancel_text, cancel_type, cancel_lines = {
        "left": (
            "the time left until it was due, or None if there was no such task",
            "int | None",
            "        if name not in self.due:\n            return None\n"
            "        return self.due.pop(name) - self.now\n",
        ),
        "existed": (
            "whether there was such a task",
            "bool",
            "        return self.due.pop(name, None) is not None\n",
        ),
        "count": (
            "the number of tasks still waiting, whether or not there was such a task",
            "int",
            "        self.due.pop(name, None)\n        return len(self.due)\n",
        ),
    }[cancel]
    sorting = {
        "": "",
        "name": "        ready.sort()\n",
        "reverse": "        ready.sort(reverse=True)\n",
        "time": "        ready.sort(key=lambda name: (self.due[name], name))\n",
        "late": "        ready.sort(key=lambda name: (-self.due[name], name))\n",
    }[key]
    limit_text = limit_lines = ""
    if most:
        number = {1: "the first in this order runs", 2: "the first two in this order run"}[most]
        limit_text = f" If more than {most} would run, only {number}; the others keep waiting."
        limit_lines = f"        del ready[{most}:]\n"
        parts.append(f"at most {most}")
    repeat_text = ""
    run_lines = "            del self.due[name]\n"
    if repeat:
        repeat_text = (
            f' A task whose name starts with "r" is added again after it has run, due {repeat} '
            "after the current time; several such tasks are added in the order in which they ran."
        )
        run_lines += (
            "            if name.startswith('r'):\n"
            f"                self.due[name] = self.now + {repeat}\n"
        )
        parts.append(f"repeats after {repeat}")

    def draw(stream: Stream) -> Arguments:
        calls: list[Call] = []
        names = ("read", "cook", "run", "swim", "rest", "act")
        for _ in range(stream.randint(9, 12)):
            kind = stream.random()
            if kind < 0.55:
                calls.append(("add", (stream.choice(names), stream.randint(1, 9))))
            elif kind < 0.9:
                calls.append(("wait", (stream.randint(1, 6),)))
            else:
                calls.append(("cancel", (stream.choice(names),)))
        calls.append(("wait", (5,)))
        return ((stream.randint(0, 10),), tuple(calls))

    return Task(
        content=", ".join(parts),
        description=(
            "Implement a class `Scheduler` of tasks that wait until they are due.\n"
            "- `Scheduler(now: int)` starts at time `now`, without tasks.\n"
            "- `add(name: str, delay: int) -> int` adds a task that becomes due `delay` (at least "
            "1) after the current time. "
            f"{again_text}. {'Otherwise, it' if again == 'refuse' else 'It'} returns "
            f"{added_text}.\n"
            "- `wait(time: int) -> list[str]` advances the current time by `time` (at least 1), "
            "then runs and removes all tasks that are due at or before the new time, and returns "
            f"their names {words}.{limit_text}{repeat_text}\n"
            f"- `cancel(name: str) -> {cancel_type}` removes the task of that name, if it is "
            f"waiting, and returns {cancel_text}."
        ),
        signature="class Scheduler",
        source=f"""\
class Scheduler:
    def __init__(self, now: int) -> None:
        self.now = now
        self.due: dict[str, int] = {{}}  # in the order in which they were added

    def add(self, name: str, delay: int) -> int:
        due = self.now + delay
        if name in self.due:
{again_lines}        self.due[name] = due
        return {added_value}

    def wait(self, time: int) -> list[str]:
        self.now += time
        ready = [name for name, due in self.due.items() if due <= self.now]
{sorting}{limit_lines}        for name in ready:
{run_lines}        return ready

    def cancel(self, name: str) -> {cancel_type}:
{cancel_lines}""",
        draw=draw,
        edges=(
            ((0,), (("wait", (1,)), ("cancel", ("rest",)), ("add", ("rest", 1)), ("wait", (1,)))),
            (
                (5,),
                (
                    ("add", ("swim", 3)),
                    ("add", ("act", 3)),
                    ("add", ("run", 2)),
                    ("add", ("swim", 1)),
                    ("add", ("act", 6)),
                    ("wait", (3,)),
                    ("wait", (3,)),
                ),
            ),
            ((2,), (("add", ("run", 4)), ("wait", (4,)), ("wait", (4,)), ("cancel", ("run",)))),
        ),
    )


FAMILIES = {
    "account": Family(account, 2, 5),
    "buffer": Family(buffer, 3, 6),
    "counter": Family(counter, 3, 7),
    "cache": Family(cache, 5, 9),
    "scheduler": Family(scheduler, 5, 8),
}
