"""Tasks about reading texts: settings, durations, brackets, expressions, fields, records."""

from __future__ import annotations

from reasoning_gym_envs.code.task import Arguments, Family, Task
from reasoning_gym_envs.problems import Stream

_REPEATED_KEY = {
    # name: (what the description says, what happens to the number of a key that is known)
    "first": ("use the first number", "number = settings[key]"),
    "last": ("use the last number", ""),
    "sum": ("use the sum of the numbers", "number += settings[key]"),
    "largest": ("use the largest number", "number = max(number, settings[key])"),
    "smallest": ("use the smallest number", "number = min(number, settings[key])"),
    "zero": ("its value is 0", "number = 0"),
}
_BAD_ENTRY = {
    "ignored": ("Ignore invalid entries.", "continue"),
    "the end": ("Stop reading at the first invalid entry.", "break"),
    "fatal": ("If any entry is invalid, return an empty dictionary.", "return {}"),
}


def read_settings(stream: Stream, level: int) -> Task:
    """Entries of keys and numbers, some of them bad, some of them repeated."""
    separator = stream.choice(";,|&/")
    sign = stream.choice(("=", ":", "->"))
    repeated = stream.choice(("first", "last") if level == 1 else tuple(_REPEATED_KEY))
    bad = "ignored" if level <= 2 else stream.choice(tuple(_BAD_ENTRY))
    cap = stream.choice((20, 40, 60)) if level >= 4 else 0
    prefix = stream.choice(("#", "!", "%")) if level >= 3 else ""
    repeated_rule, repeated_step = _REPEATED_KEY[repeated]
    bad_rule, bad_step = _BAD_ENTRY[bad]
    signature = "def read_settings(text: str) -> dict[str, int]"

    skip = f'        if entry.startswith("{prefix}"):\n            continue\n' if prefix else ""
    lower = f"        number = min(number, {cap})\n" if cap else ""
    repeat = ""
    if repeated_step:
        repeat = f"        if key in settings:\n            {repeated_step}\n"

    def draw(stream: Stream) -> Arguments:
        entries = []
        for _ in range(stream.randint(2, 6)):
            key = stream.choice(("size", "age", "x", "y"))
            entry = f"{key}{sign}{stream.randrange(100)}"
            kind = stream.randrange(14)
            if kind == 0:
                entry = stream.choice((key, "", f"{sign}5", f"{key}{sign}", f"{key}{sign}on"))
            elif kind <= 2:
                entry = (prefix or "#") + entry
            entries.append(entry)
        return (separator.join(entries),)

    return Task(
        content=(
            f"separator {separator}, sign {sign}, repeated {repeated}, bad {bad}, "
            f"cap {cap or 'none'}, comments {prefix or 'none'}"
        ),
        description=(
            f'`text` contains entries separated by "{separator}". '
            + (f'Ignore entries that start with "{prefix}" (comments). ' if prefix else "")
            + (
                f'A valid entry is a non-empty key, then "{sign}", then one or more digits; the '
                f'first "{sign}" ends the key. All other entries, including empty ones, are '
                f"invalid. {bad_rule} "
            )
            + (f"Read numbers greater than {cap} as {cap}. " if cap else "")
            + (
                f"If a key has several valid entries, {repeated_rule}. Return a dictionary that "
                "maps each key to its number."
            )
        ),
        signature=signature,
        source=f"""\
{signature}:
    settings: dict[str, int] = {{}}
    for entry in text.split("{separator}"):
{skip}        key, _, value = entry.partition("{sign}")
        if not key or not value.isdigit():
            {bad_step}
        number = int(value)
{lower}{repeat}        settings[key] = number
    return settings
""",
        draw=draw,
        edges=(
            ("",),
            (f"a{sign}7",),
            (f"a{sign}007{separator}b{sign}",),
            (f"a{sign}70{separator}b{sign}1{separator}a{sign}50",),
            (f"a{sign}1{separator}{separator}a{sign}2{sign}3{separator}c{sign}3",),
        ),
    )


_DURATION_RESULTS = {
    # name: (what is returned, the type, the lines that return it)
    "total": ("the total in minutes", "int", "return total"),
    "beyond weeks": (
        "the minutes that remain of the total after removing all whole weeks",
        "int",
        "return total % week",
    ),
    "to the week": (
        "the minutes missing from the total to the next whole number of weeks (0 if it is one)",
        "int",
        "return -total % week",
    ),
    "parts": (
        "the total as a list [weeks, days, hours, minutes], with as many whole weeks as possible, "
        "then days, then hours",
        "list[int]",
        "return [total // week, total % week // day, total % day // hour, total % hour]",
    ),
}
_BARE_NUMBER = {
    "minutes": ("counts as minutes", "total += number"),
    "hours": ("counts as hours", "total += number * hour"),
    "days": ("counts as days", "total += number * day"),
}


def read_duration(stream: Stream, level: int) -> Task:
    """A duration such as 2d5h in units of odd sizes."""
    days = stream.choice((5, 6, 7))
    hours = stream.choice((8, 10, 24))
    minutes = stream.choice((50, 60, 100))
    result = stream.choice(("total", "beyond weeks") if level <= 2 else tuple(_DURATION_RESULTS))
    bare = "" if level <= 2 else stream.choice(tuple(_BARE_NUMBER))
    alone = stream.choice((1, 2, 3)) if level >= 4 else 0
    minus = level >= 5 and stream.random() < 0.5
    what, kind, give = _DURATION_RESULTS[result]
    bare_rule, bare_step = _BARE_NUMBER.get(bare, ("", ""))
    signature = f"def read_duration(text: str) -> {kind}"

    sign_step, sign_times, sign_rule = "", "", ""
    if minus:
        sign_step = '        elif character == "-":\n            sign = -sign\n'
        sign_times = "sign * "
        sign_rule = (
            'A "-" may precede any part; it toggles between adding and subtracting (initially '
            "adding) for all following parts. "
        )
    last_step = f"    number = int(digits or 0)\n    {bare_step}\n" if bare_step else ""
    if minus and bare_step:
        last_step = last_step.replace("+= number", "+= sign * number")

    def draw(stream: Stream) -> Arguments:
        parts = []
        for _ in range(stream.randint(2, 5)):
            number = "" if stream.randrange(4) == 0 and alone else str(stream.randint(1, 40))
            before = "-" if minus and stream.randrange(3) == 0 else ""
            parts.append(before + number + stream.choice("wdhm"))
        if stream.randrange(2) and bare:
            parts.append(str(stream.randint(1, 90)))
        return ("".join(parts),)

    number_rule = "each a number followed by a unit"
    if alone:
        number_rule += f" (a unit without a number means {alone})"
    return Task(
        content=(
            f"{days} days, {hours} hours, {minutes} minutes, {result}, "
            f"bare number {bare or 'never'}, unit alone {alone or 'never'}, minus {minus}"
        ),
        description=(
            f'`text` is a duration such as "12d5h": parts in any order, {number_rule}. The units '
            "are w (weeks), d (days), h (hours) and m (minutes), and may repeat. "
            f"Here, a week has {days} days, a day has {hours} hours, and an hour has {minutes} "
            "minutes. "
            + (f"A number without a unit at the end {bare_rule}. " if bare else "")
            + sign_rule
            + f"Return {what}. An empty string is a duration of 0 minutes."
            + (
                " For negative totals, divide and take remainders as Python's // and % do."
                if minus and result != "total"
                else ""
            )
        ),
        signature=signature,
        source=f"""\
{signature}:
    hour = {minutes}
    day = {hours} * hour
    week = {days} * day
    units = {{"m": 1, "h": hour, "d": day, "w": week}}
    total = 0
    digits = ""
{"    sign = 1" + chr(10) if minus else ""}    for character in text:
        if character in units:
            total += {sign_times}int(digits{f" or {alone}" if alone else ""}) * units[character]
            digits = ""
{sign_step}        else:
            digits += character
{last_step}    {give}
""",
        draw=draw,
        edges=(("",), ("0m",), ("1w",), (f"{days}d{hours}h{minutes}m",), ("3h2h1w1w",)),
    )


_BRACKET_RESULTS = {
    # name: (what is returned, what an opening bracket adds, what another character adds)
    "deepest": (
        "the maximum depth of a pair",
        "result = max(result, len(expected))",
        "",
    ),
    "depths": ("the sum of the depths of all pairs", "result += len(expected)", ""),
    "outermost": ("the number of pairs of depth 1", "result += len(expected) == 1", ""),
    "even": ("the number of pairs of even depth", "result += len(expected) % 2 == 0", ""),
    "inside": (
        "the number of other characters inside at least one pair",
        "",
        "result += len(expected) > 0",
    ),
    "other depths": (
        "the sum, over all other characters, of the number of pairs they are inside",
        "",
        "result += len(expected)",
    ),
    "odd": (
        "the number of other characters inside an odd number of pairs",
        "",
        "result += len(expected) % 2",
    ),
}


def measure_brackets(stream: Stream, level: int) -> Task:
    """How deep brackets of some kinds nest, where they match."""
    count = 1 if level <= 3 else stream.randint(1, 3)
    pairs = sorted(stream.sample(("()", "[]", "{}", "<>"), count))
    result = stream.choice(tuple(_BRACKET_RESULTS))
    quote = stream.choice("'\"`") if level >= 5 else ""
    limit = stream.choice((0, 2, 3)) if level >= 6 else 0
    unclosed = level >= 4 and stream.random() < 0.5
    what, opening_step, other_step = _BRACKET_RESULTS[result]
    signature = "def measure_brackets(text: str) -> int"

    closing = ", ".join(f'"{pair[0]}": "{pair[1]}"' for pair in pairs)
    quote_text = f'"{quote}"' if quote != '"' else "'\"'"
    branch, quote_start = "        if", ""
    quote_step = ""
    if quote:
        quote_start = "    quoted = False\n"
        quote_step = f"""\
        if character == {quote_text}:
            quoted = not quoted
        elif quoted:
            continue
"""
        branch = "        elif"
    limit_step = ""
    if limit:
        limit_step = f"            if len(expected) > {limit}:\n                return -1\n"
    opening_line = f"            {opening_step}\n" if opening_step else ""
    other_line = f"        else:\n            {other_step}\n" if other_step else ""
    give = "    return result\n" if unclosed else "    return -1 if expected else result\n"

    def draw(stream: Stream) -> Arguments:
        text: list[str] = []
        expected: list[str] = []
        for _ in range(stream.randint(6, 18)):
            kind = stream.randrange(9)
            if kind <= 2 and (not limit or len(expected) < limit or stream.randrange(8) == 0):
                pair = stream.choice(pairs if stream.randrange(3) else ("()", "[]", "{}", "<>"))
                text.append(pair[0])
                expected.append(pair[1])
            elif kind <= 4 and expected:
                text.append(expected.pop())
            elif kind == 5 and quote:
                inner = stream.choice(("[", ")", "a", "{b", ">"))
                text.append(f"{quote}{inner}{quote}")
            else:
                text.append(stream.choice("abcxyz"))
        while expected and stream.randrange(12):
            text.append(expected.pop())
        if stream.randrange(8) == 0:
            text.insert(stream.randrange(len(text)), stream.choice(pairs)[1])
        return ("".join(text),)

    listed = ", ".join(pairs)
    other_rule = "Ignore all other characters"
    if other_step:
        other_rule = "All characters except these brackets"
        other_rule += ", quotation marks and quoted text" if quote else ""
        other_rule += " are called other characters"
    first, last = pairs[0][0], pairs[-1][1]
    return Task(
        content=(
            f"brackets {' '.join(pairs)}, {result}, quote {quote or 'none'}, "
            f"depth limit {limit or 'none'}, unclosed {'allowed' if unclosed else 'bad'}"
        ),
        description=(
            f"`text` contains brackets of the {'kind' if len(pairs) == 1 else 'kinds'} {listed}, "
            f"which may be nested. {other_rule}. "
            + (
                f"The character {quote} opens a quotation and the next {quote} closes it; ignore "
                "brackets in quotations. An unclosed quotation extends to the end of `text`. "
                if quote
                else ""
            )
            + "An outermost pair has depth 1, a pair directly inside it depth 2, and so on. "
            f"Return {what} (0 if there are none). "
            "Return -1 instead if a closing bracket does not match the last open bracket or no "
            "bracket is open"
            + ("" if unclosed else ", or if a bracket is never closed")
            + (f", or if a pair has a depth greater than {limit}" if limit else "")
            + "."
            + (
                " Brackets that are never closed are valid: treat them as pairs that extend to "
                "the end of `text`."
                if unclosed
                else ""
            )
        ),
        signature=signature,
        source=f"""\
{signature}:
    closing = {{{closing}}}
    expected: list[str] = []
    result = 0
{quote_start}    for character in text:
{quote_step}{branch} character in closing:
            expected.append(closing[character])
{limit_step}{opening_line}        elif character in closing.values():
            if not expected or expected.pop() != character:
                return -1
{other_line}{give}""",
        draw=draw,
        edges=(
            ("",),
            ("abc",),
            (first,),
            (last,),
            (first * 4 + "x" + pairs[0][1] * 4,),
        ),
    )


_OPERATORS = {
    # name: (what the description says of a and b, the expression, whether it is associative)
    "plus": ("a + b", "left + right", True),
    "minus": ("a - b", "left - right", False),
    "times": ("a * b", "left * right", True),
    "larger": ("the larger of a and b", "max(left, right)", True),
    "smaller": ("the smaller of a and b", "min(left, right)", True),
    "distance": ("the absolute value of a - b", "abs(left - right)", False),
    "double first": ("2 * a + b", "2 * left + right", False),
    "double second": ("a + 2 * b", "left + 2 * right", False),
    "minus from": ("b - a", "right - left", False),
}
_PREFIXES = {
    "negated": ("-x", "-operand()"),
    "doubled": ("2 * x", "2 * operand()"),
    "next": ("x + 1", "operand() + 1"),
    "rest": ("x modulo 3 (0, 1 or 2)", "operand() % 3"),
}


def evaluate(stream: Stream, level: int) -> Task:
    """Expressions of operators with meanings and an order of their own."""
    # Of operators that only add and subtract, some ways of binding are the same.
    names = [stream.choice(("times", "larger", "smaller", "distance"))]
    others = [name for name in _OPERATORS if name not in names]
    names += stream.sample(others, 2 if level >= 8 else 1)
    stream.shuffle(names)
    symbols = "@#&"[: len(names)]
    ranking = "equal" if level <= 4 else stream.choice(("equal", "first", "last"))
    associative = all(_OPERATORS[name][2] for name in names)
    leftward = ranking == "equal" or not associative
    direction = stream.choice(("left", "right")) if leftward and level >= 5 else "left"
    prefix = stream.choice(tuple(_PREFIXES)) if level >= 9 else ""
    signature = "def evaluate(text: str) -> int"

    if ranking == "equal":
        strength = dict.fromkeys(symbols, 1)
        ranking_rule = "All operators have equal precedence"
    else:
        order = symbols if ranking == "last" else symbols[::-1]
        strength = {symbol: rank for rank, symbol in enumerate(order, 1)}
        listed = ", then ".join(reversed(order))
        ranking_rule = f"The order of precedence, highest first, is {listed}"
    table = ", ".join(f'"{symbol}": {rank}' for symbol, rank in strength.items())
    if not leftward:
        direction_rule = ""
    else:
        alike = " and are" if ranking == "equal" else ". Each operator is"
        direction_rule = f"{alike} {direction}-associative"
    meanings = "; ".join(
        f"a {symbol} b is {_OPERATORS[name][0]}"
        for symbol, name in zip(symbols, names, strict=True)
    )
    steps = ""
    for n, (symbol, name) in enumerate(zip(symbols, names, strict=True)):
        word = f'if operator == "{symbol}"' if n == 0 else f'elif operator == "{symbol}"'
        word = "else" if n == len(symbols) - 1 else word
        steps += f"            {word}:\n                left = {_OPERATORS[name][1]}\n"
    prefix_step, prefix_rule = "", ""
    if prefix:
        meaning, changed = _PREFIXES[prefix]
        prefix_step = f'        if token == "~":\n            return {changed}\n'
        prefix_rule = (
            " The prefix operator ~, before a number, a parenthesis or another ~, has the "
            f"highest precedence: ~x is {meaning}."
        )

    def draw(stream: Stream) -> Arguments:
        def operand(depth: int) -> str:
            sign = "~" if prefix and stream.randrange(4) == 0 else ""
            if depth and stream.randrange(5) == 0:
                return f"{sign}({expression(depth - 1, stream.randint(2, 3))})"
            return f"{sign}{stream.randint(0, 12)}"

        def expression(depth: int, length: int) -> str:
            text = operand(depth)
            for _ in range(length - 1):
                text += stream.choice(("", " ")) + stream.choice(symbols) + operand(depth)
            return text

        return (expression(2, stream.randint(3, 6)),)

    return Task(
        content=(
            f"{', '.join(names)}; strongest {ranking}, from the {direction}, "
            f"prefix {prefix or 'none'}"
        ),
        description=(
            "`text` is a well-formed expression of unsigned integers, parentheses, spaces and "
            f"the binary operators {', '.join(symbols[:-1])} and {symbols[-1]}, where {meanings}. "
            f"{ranking_rule}"
            + direction_rule
            + "."
            + prefix_rule
            + " Return the value of the expression."
        ),
        signature=signature,
        source=f"""\
import re


{signature}:
    strength = {{{table}}}
    tokens = re.findall(r"\\d+|\\S", text)
    position = 0

    def operand() -> int:
        nonlocal position
        token = tokens[position]
        position += 1
{prefix_step}        if token == "(":
            value = expression(1)
            position += 1
            return value
        return int(token)

    def expression(weakest: int) -> int:
        nonlocal position
        left = operand()
        while position < len(tokens) and strength.get(tokens[position], 0) >= weakest:
            operator = tokens[position]
            position += 1
            right = expression(strength[operator]{" + 1" if direction == "left" else ""})
{steps}        return left

    return expression(1)
""",
        draw=draw,
        edges=(
            ("7",),
            ("0 @ 0",),
            ("12#5",),
            ("1@2@3@4",),
            ("9 # 2 # 3",),
            ("(8 @ (3 # 1))",),
        ),
    )


def split_fields(stream: Stream, level: int) -> Task:
    """A line split into fields, with quotation marks and escapes."""
    separator = stream.choice(",;|:")
    quote = stream.choice("'\"`*")
    escape = stream.choice("^!%") if level >= 5 else ""
    empty = stream.choice(("kept", "left out")) if level >= 4 else "kept"
    spaces = stream.choice(("kept", "dropped")) if level >= 4 else "kept"
    change = stream.choice(("", "upper", "lower", "swapcase")) if level >= 6 else ""
    limit = stream.choice((0, 2, 3)) if level >= 7 else 0
    signature = "def split_fields(line: str) -> list[str]"

    quote_text = f'"{quote}"' if quote != '"' else "'\"'"
    escape_start, escape_step, branch = "", "", "if"
    if escape:
        escape_start = "    escaped = False\n"
        escape_step = f"""\
        if escaped:
            fields[-1] += character
            escaped = False
        elif character == "{escape}":
            escaped = True
"""
        branch = "elif"
    condition = "not quoted"
    if limit:
        condition += f" and len(fields) < {limit}"
    inside = ""
    if change:
        inside = f"        elif quoted:\n            fields[-1] += character.{change}()\n"
    if spaces == "kept":
        other = "        else:\n"
    elif change:
        other = '        elif character != " ":\n'
    else:
        other = '        elif quoted or character != " ":\n'
    give = "fields" if empty == "kept" else "[field for field in fields if field]"
    changed = {
        "": "Quoted text is kept unchanged",
        "upper": "Quoted text is converted to uppercase",
        "lower": "Quoted text is converted to lowercase",
        "swapcase": "In quoted text, uppercase and lowercase are swapped",
    }[change]

    def draw(stream: Stream) -> Arguments:
        line: list[str] = []
        for _ in range(stream.randint(5, 14)):
            kind = stream.randrange(8)
            if kind <= 2:
                line.append(separator if stream.randrange(4) else stream.choice(",;|:"))
            elif kind == 3:
                line.append(quote)
            elif kind == 4:
                special = (escape or "^") + stream.choice((separator, quote, "x", "^"))
                line.append(special if stream.randrange(3) else stream.choice("^!%"))
            elif kind == 5:
                line.append(f"{quote}{stream.choice('aB')}{separator} {stream.choice('Yz')}{quote}")
            else:
                line.append(stream.choice(("ab", "Cd", " ", "e ", "F")))
        return ("".join(line),)

    pieces = [
        f'Split `line` into fields at every "{separator}" and return the list of fields. '
        f"The character {quote} opens a quotation and the next {quote} closes it, anywhere in a "
        "field; these marks are dropped. An unclosed quotation extends to the end of the line. "
        f'{changed}, and "{separator}" does not split there.'
    ]
    if escape:
        pieces.append(
            f"The escape character {escape}, inside or outside quotations, is dropped, and the "
            "character after it is kept literally, whatever it is. At the end of the line, "
            f"{escape} is simply dropped."
        )
    if spaces == "dropped":
        pieces.append(
            "Drop spaces outside quotations" + (" unless they are escaped." if escape else ".")
        )
    else:
        pieces.append("Keep spaces.")
    if limit:
        pieces.append(
            f'Split into at most {limit} fields: any further "{separator}" is an ordinary '
            "character of the last field."
        )
    if empty == "kept":
        pieces.append("Keep empty fields (an empty line has one empty field).")
    else:
        pieces.append(
            "Finally, drop empty fields" + (" (they do count toward the limit)." if limit else ".")
        )
    return Task(
        content=(
            f"at {separator}, quote {quote}, escape {escape or 'none'}, empty {empty}, "
            f"spaces {spaces}, quoted {change or 'as is'}, at most {limit or 'any'}"
        ),
        description=" ".join(pieces),
        signature=signature,
        source=f"""\
{signature}:
    fields = [""]
    quoted = False
{escape_start}    for character in line:
{escape_step}        {branch} character == {quote_text}:
            quoted = not quoted
        elif character == "{separator}" and {condition}:
            fields.append("")
{inside}{other}            fields[-1] += character
    return {give}
""",
        draw=draw,
        edges=(
            ("",),
            (separator,),
            (f"a{separator}{separator}b{separator}c {separator}",),
            (f"{quote}{quote}{separator} x",),
            (f"a{quote}b{separator}c",),
            (f"{separator}a{escape}{separator}{separator}b{escape}",),
        ),
    )


_KEEP = {
    # name: (which lines count, the condition on the others, which are skipped)
    "all": ("", ""),
    "even": ("whose amount is even", "amount % 2 == 1"),
    "odd": ("whose amount is odd", "amount % 2 == 0"),
    "large": ("whose amount is at least 20", "amount < 20"),
    "small": ("whose amount is at most 30", "amount > 30"),
    "afternoon": ("whose time is 12:00 or later", 'time < "12:00"'),
    "morning": ("whose time is earlier than 14:30", 'time >= "14:30"'),
    "half past": ("whose minutes are less than 30", 'time[3:] >= "30"'),
    "no sale": ("whose action is not sell", 'action == "sell"'),
    "no ann": ("whose user is not ann", 'user == "ann"'),
}
_GROUP = {"user": "user", "action": "action", "hour": "time[:2]"}
_TOTAL = {
    # name: (what the value is, the value of a first line, that of a later one)
    "count": ("the number of lines in the group", "1", "totals[key] + 1"),
    "sum": ("the sum of the group's amounts", "amount", "totals[key] + amount"),
    "largest": ("the group's largest amount", "amount", "max(totals[key], amount)"),
    "smallest": ("the group's smallest amount", "amount", "min(totals[key], amount)"),
    "first": ("the amount of the group's first line in `lines`", "amount", "totals[key]"),
    "last": ("the amount of the group's last line in `lines`", "amount", "amount"),
    "balance": (
        "the amount of the group's first line in `lines` minus the amounts of all its other lines",
        "amount",
        "totals[key] - amount",
    ),
}
_ORDER = {
    "first seen": ("in order of first appearance", "list(totals.items())"),
    "name": ("sorted by group", "sorted(totals.items())"),
    "name down": ("sorted by group in reverse order", "sorted(totals.items(), reverse=True)"),
    "value": (
        "sorted by value, smallest first (ties by group)",
        "sorted(totals.items(), key=lambda item: (item[1], item[0]))",
    ),
    "value down": (
        "sorted by value, largest first (ties by group)",
        "sorted(totals.items(), key=lambda item: (-item[1], item[0]))",
    ),
}


def summarise_log(stream: Stream, level: int) -> Task:
    """Lines of a log, filtered, grouped, combined and sorted."""
    kept = [stream.choice(tuple(_KEEP))]
    if level >= 6:
        kept = [stream.choice(tuple(_KEEP)[1:5]), stream.choice(tuple(_KEEP)[5:])]
    group = stream.choice(("user", "action") if level <= 3 else tuple(_GROUP))
    cap = 2 if level >= 8 else 0
    totals = tuple(_TOTAL)[:3] if level <= 3 else tuple(_TOTAL)
    total = stream.choice([name for name in totals if not cap or name != "first"])
    order = stream.choice(tuple(_ORDER)[: 2 if level <= 3 else len(_ORDER)])
    what, first, later = _TOTAL[total]
    order_rule, ordered = _ORDER[order]
    signature = "def summarise_log(lines: list[str]) -> list[tuple[str, int]]"

    rules = [_KEEP[name][0] for name in kept if name != "all"]
    conditions = [_KEEP[name][1] for name in kept if name != "all"]
    skip = ""
    if conditions:
        skip = f"        if {' or '.join(conditions)}:\n            continue\n"
    cap_start, cap_step, cap_rule = "", "", ""
    if cap:
        cap_start = "    seen: dict[str, int] = {}\n"
        cap_step = f"""\
        seen[key] = seen.get(key, 0) + 1
        if seen[key] > {cap}:
            continue
"""
        cap_rule = f"Use only the first {cap} of these lines in each group. "

    def draw(stream: Stream) -> Arguments:
        lines = []
        hours = stream.sample((9, 10, 12, 13, 14, 15), 3)
        users = ("ann", "bob", "cleo") if cap else ("ann", "bob", "cleo", "dan")
        for _ in range(stream.randint(9, 16) if cap else stream.randint(5, 10)):
            time = f"{stream.choice(hours):02}:{stream.randrange(60):02}"
            user = stream.choice(users)
            action = stream.choice(("buy", "sell", "move"))
            lines.append(f"{time} {user} {action} {stream.randint(1, 50)}")
        return (lines,)

    if conditions:
        keep_rule = f"Consider only lines {' and '.join(rules)}. "
    else:
        keep_rule = ""
    group_rule = "hour (the first two characters of the time)" if group == "hour" else group
    return Task(
        content=(
            f"{' and '.join(kept)} lines by {group}, {total}, order {order}, "
            f"at most {cap or 'any'} a group"
        ),
        description=(
            'Each line of a log has the form "time user action amount", such as "09:30 eve move '
            '7", with a time hh:mm and a positive integer amount. '
            f"The lines are not sorted by time. {keep_rule}Group the lines by {group_rule}. "
            f"{cap_rule}Return a list of pairs (group, value), {order_rule}, where value is {what}."
        ),
        signature=signature,
        source=f"""\
{signature}:
    totals: dict[str, int] = {{}}
{cap_start}    for line in lines:
        time, user, action, number = line.split()
        amount = int(number)
{skip}        key = {_GROUP[group]}
{cap_step}        if key in totals:
            totals[key] = {later}
        else:
            totals[key] = {first}
    return {ordered}
""",
        draw=draw,
        edges=(
            ([],),
            (["12:00 bob buy 20"],),
            (["11:59 ann sell 30", "12:00 ann sell 30", "14:30 bob buy 31"],),
            (["13:00 cleo buy 5", "13:29 cleo buy 4", "13:30 bob move 6", "13:10 bob move 3"],),
        ),
    )


FAMILIES = {
    "read_settings": Family(read_settings, 1, 5),
    "read_duration": Family(read_duration, 2, 6),
    "measure_brackets": Family(measure_brackets, 3, 8),
    "split_fields": Family(split_fields, 3, 9),
    "summarise_log": Family(summarise_log, 3, 9),
    "evaluate": Family(evaluate, 4, 10),
}
