"""Tasks whose data or rules contain themselves: nested lists, trees, brackets, sequences."""

from __future__ import annotations

from typing import Any

from reasoning_gym_envs.code.task import Arguments, Family, Task
from reasoning_gym_envs.problems import Stream

_NUMBER_CONDITIONS = {
    # name: (which numbers, condition)
    "all": ("", ""),
    "even": ("even ", "item % 2 == 0"),
    "odd": ("odd ", "item % 2 == 1"),
    "positive": ("positive ", "item > 0"),
    "negative": ("negative ", "item < 0"),
}

_WEIGHTS = {
    # name: (how a number counts at its depth, the expression)
    "value": ("as its value", "item"),
    "one": ("as 1", "1"),
    "depth": ("as its depth", "depth"),
    "times depth": ("as its value times its depth", "item * depth"),
    "minus depth": ("as its value minus its depth", "item - depth"),
    "power": ("as its value times 2 to the power of its depth", "item * 2**depth"),
    "alternating": (
        "as its value at odd depths, and as minus its value at even depths",
        "item if depth % 2 == 1 else -item",
    ),
}


def _nested(stream: Stream, depth: int, low: int = -5, high: int = 12) -> list[Any]:
    """A list of numbers and lists that nest at most so deep."""
    items: list[Any] = []
    for _ in range(stream.choice((1, 2, 2, 3, 3, 4))):
        kind = stream.random()
        if depth > 1 and kind < 0.45:
            items.append([] if kind < 0.05 else _nested(stream, depth - 1, low, high))
        else:
            items.append(stream.randint(low, high))
    return items


def nested_total(stream: Stream, level: int) -> Task:
    """The numbers of a nested list, combined by a rule of their depth."""
    condition = stream.choice(tuple(_NUMBER_CONDITIONS))
    weight = stream.choice(tuple(_WEIGHTS))
    deepest = stream.choice((0, 2, 3)) if level >= 3 else 0
    empty = stream.choice((0, 1, 2, 5, -1)) if level >= 3 else 0
    lists = "sum" if level <= 3 else stream.choice(("sum", "largest", "length", "long"))
    which, test = _NUMBER_CONDITIONS[condition]
    counts, value = _WEIGHTS[weight]
    if not test and not deepest and not empty and weight == "one":
        empty = 3  # more than a count of numbers
    parts = [f"{condition} as {weight}"]
    depth_rule = depth_line = ""
    if deepest:
        parts.append(f"up to depth {deepest}")
        depth_rule = (
            f" But a list whose numbers lie (or would lie) deeper than {deepest} counts 0, "
            "whatever is in it."
        )
        depth_line = f"    if depth > {deepest}:\n        return 0\n"
    empty_rule = empty_line = ""
    if empty:
        parts.append(f"empty {empty}")
        empty_rule = f" An empty list counts {empty} instead, also if it is the outermost one."
        empty_line = f"    if not items:\n        return {empty}\n"
    list_rule = {
        "sum": "A list counts as the sum of what its elements count.",
        "largest": (
            "A list counts as the sum of what its numbers count, plus the largest of what the "
            "lists in it count (if it has lists in it)."
        ),
        "length": (
            "A list counts as the sum of what its elements count, minus the number of its elements."
        ),
        "long": (
            "A list counts as the sum of what its elements count, and as twice that sum if it has "
            "more than 2 elements."
        ),
    }[lists]
    if lists != "sum":
        parts.append(f"lists {lists}")
    number = f"total += {value}"
    kept = f"elif {test}:" if test else "else:"
    if lists == "largest":
        body = f"""\
    total = 0
    inner = []
    for item in items:
        if isinstance(item, list):
            inner.append(nested_total(item, depth + 1))
        {kept}
            {number}
    return total + max(inner, default=0)
"""
    else:
        ending = {"sum": "total", "length": "total - len(items)", "long": "total"}[lists]
        doubled = "    if len(items) > 2:\n        total *= 2\n" if lists == "long" else ""
        body = f"""\
    total = 0
    for item in items:
        if isinstance(item, list):
            total += nested_total(item, depth + 1)
        {kept}
            {number}
{doubled}    return {ending}
"""
    others = " All other numbers count nothing." if test else ""
    return Task(
        content=", ".join(parts),
        description=(
            "A list contains whole numbers and further lists of the same kind. A number has the "
            "depth 1 if it is an element of the outermost list, 2 if it is an element of a list in "
            f"it, and so on. Each {which}number counts {counts}.{others} {list_rule}{empty_rule}"
            f"{depth_rule} Return what the outermost list counts. (The function is called with the "
            "list alone.)"
        ),
        signature="def nested_total(items: list, depth: int = 1) -> int",
        source=f"""\
def nested_total(items: list, depth: int = 1) -> int:
{depth_line}{empty_line}{body}""",
        draw=lambda stream: (_nested(stream, stream.randint(2, 4)),),
        edges=(([],), ([[]],), ([5],), ([[[[7]]], -2],), ([[], [3, []], -4, 8],)),
    )


_LIST_RULES = {
    # name: (the sentence, the lines that put the elements in order)
    "reverse even": (
        "The elements of every list of even depth are taken in reverse order.",
        "if depth % 2 == 0:\n    items = items[::-1]",
    ),
    "reverse odd": (
        "The elements of every list of odd depth are taken in reverse order.",
        "if depth % 2 == 1:\n    items = items[::-1]",
    ),
    "reverse long": (
        "The elements of every list of 3 or more elements are taken in reverse order.",
        "if len(items) >= 3:\n    items = items[::-1]",
    ),
    "rotate": (
        "The first element of every list is taken last.",
        "items = items[1:] + items[:1]",
    ),
    "last first": (
        "The last element of every list is taken first.",
        "items = items[-1:] + items[:-1]",
    ),
    "skip first": (
        "The first element of every list but the outermost is left out.",
        "if depth > 1:\n    items = items[1:]",
    ),
    "skip last": (
        "The last element of every list but the outermost is left out.",
        "if depth > 1:\n    items = items[:-1]",
    ),
    "lists last": (
        "In every list the numbers are taken first, then the lists, both in their order.",
        "items = sorted(items, key=lambda item: isinstance(item, list))",
    ),
    "lists first": (
        "In every list the lists are taken first, then the numbers, both in their order.",
        "items = sorted(items, key=lambda item: not isinstance(item, list))",
    ),
}

_NUMBER_RULES = {
    # name: (the sentence, the condition of a number that is kept, what is appended)
    "plain": ("", "", "item"),
    "no even": (" Even numbers are left out.", "item % 2 == 1", "item"),
    "no odd": (" Odd numbers are left out.", "item % 2 == 0", "item"),
    "no negative": (" Negative numbers are left out.", "item >= 0", "item"),
    "new": (
        " A number is left out if it is equal to the number that was taken last of the same list "
        "and the lists in it.",
        "not result or item != result[-1]",
        "item",
    ),
    "add depth": (" To each number the depth of its list is added.", "", "item + depth"),
    "times depth": (
        " Each number is multiplied by the depth of its list.",
        "",
        "item * depth",
    ),
    "minus": (
        " A number of a list of even depth is replaced by minus itself.",
        "",
        "item if depth % 2 == 1 else -item",
    ),
    "pairs": (" Each number is put into the result twice.", "", "item, item"),
}


def flatten(stream: Stream, level: int) -> Task:
    """The numbers of a nested list in one list, in an order of rules."""
    number = stream.choice(tuple(_NUMBER_RULES))
    order = stream.choice(tuple(_LIST_RULES))
    lists = "none" if level <= 3 else stream.choice(("empty", "sizes", "end", "deep"))
    if number == "new" and lists == "sizes":
        lists = "deep"
    mark = stream.choice((0, 99, -1))
    deepest = stream.randint(2, 3)
    sentence, condition, appended = _NUMBER_RULES[number]
    order_sentence, order_lines = _LIST_RULES[order]
    parts = [number, order]
    before = after = rule = ""
    if lists == "empty":
        rule = (
            f" A list that is given empty stands for the number {mark}, whatever else is said of "
            "numbers."
        )
        before = f"    if not items:\n        return [{mark}]\n"
        parts.append(f"empty {mark}")
    elif lists == "sizes":
        rule = (
            " Before the numbers of every list but the outermost comes the number of its elements "
            "(as it is given, and whatever else is said of numbers)."
        )
        before = "    size = len(items)\n"
        parts.append("sizes")
    elif lists == "end":
        rule = (
            f" After the numbers of every list but the outermost comes the number {mark} (whatever "
            "else is said of numbers)."
        )
        after = f"    if depth > 1:\n        result.append({mark})\n"
        parts.append(f"end {mark}")
    elif lists == "deep":
        rule = f" Lists of a depth greater than {deepest} are left out."
        before = f"    if depth > {deepest}:\n        return []\n"
        parts.append(f"up to {deepest}")
    ordering = "".join(f"    {line}\n" for line in order_lines.split("\n"))
    begin = "    result = [size] if depth > 1 else []\n" if lists == "sizes" else ""
    kept = f"elif {condition}:" if condition else "else:"
    put = f"result.extend(({appended}))" if number == "pairs" else f"result.append({appended})"
    begin = begin or "    result: list[int] = []\n"
    return Task(
        content=", ".join(parts),
        description=(
            "A list contains whole numbers and further lists of the same kind. The outermost list "
            "has the depth 1, the lists in it have the depth 2, and so on. Return all numbers in "
            "one list: go through the elements in order, and where an element is a list, put its "
            f"numbers, flattened in the same way, in its place. {order_sentence}{sentence}{rule} "
            "(The function is called with the list alone, which it does not change.)"
        ),
        signature="def flatten(items: list, depth: int = 1) -> list[int]",
        source=f"""\
def flatten(items: list, depth: int = 1) -> list[int]:
{before}{ordering}{begin}    for item in items:
        if isinstance(item, list):
            result.extend(flatten(item, depth + 1))
        {kept}
            {put}
{after}    return result
""",
        draw=lambda stream: (_nested(stream, stream.randint(2, 4), -4, 9),),
        edges=(([],), ([[]],), ([3],), ([[[1, 2, 3], 4, 5], 6],), ([[2, 2], [], 2, [[8]]],)),
    )


_TREE_RESULTS = {
    # name: (what is returned, how it is combined)
    "pre": ("a list of their values, each before those below it", "own + below_left + below_right"),
    "in": (
        "a list of their values, each after those below it on the left and before those on the "
        "right",
        "below_left + own + below_right",
    ),
    "post": ("a list of their values, each after those below it", "below_left + below_right + own"),
    "mirrored": (
        "a list of their values, each before those below it, and those below it on the right "
        "before those on the left",
        "own + below_right + below_left",
    ),
    "sum": ("the sum of their values", "own + below_left + below_right"),
    "count": ("their number", "own + below_left + below_right"),
    "path": (
        "the largest sum of the values of those of them that lie on one way from the root "
        "downwards to any node (0 for a way without any of them)",
        "own + max(0, below_left, below_right)",
    ),
}

_NODE_CONDITIONS = {
    # name: (which nodes, the condition)
    "leaf": ("have no children", "left is None and right is None"),
    "inner": ("have two children", "left is not None and right is not None"),
    "single": ("have exactly one child", "(left is None) != (right is None)"),
    "even depth": ("lie at an even depth", "depth % 2 == 0"),
    "odd depth": ("lie at an odd depth", "depth % 2 == 1"),
    "above": ("have a value greater than that of their parent", "value > parent"),
    "below": ("have a value less than that of their parent", "value < parent"),
    "same parity": (
        "have a value whose remainder when divided by 2 is that of their parent's value",
        "value % 2 == parent % 2",
    ),
    "more than depth": ("have a value greater than 3 times their depth", "value > 3 * depth"),
}

_PRUNES = {
    # name: (which nodes are cut, the condition)
    "none": ("", ""),
    "negative": ("has a negative value", "value < 0"),
    "zero": ("has a value that ends in the decimal digit 0", "value % 10 == 0"),
    "seven": ("has a value divisible by 7", "value % 7 == 0"),
    "five": ("has a value that leaves the remainder 2 when divided by 5", "value % 5 == 2"),
    "equal": ("has a value equal to its depth", "value == depth"),
    "deep": ("lies deeper than 3", "depth > 3"),
}


_DEEPEST_TREE = 5


def _tree(stream: Stream, depth: int) -> Any:
    """A tree of triples (value, left, right), None where there is nothing."""
    if depth == 0 or (depth < _DEEPEST_TREE and stream.random() < 0.3):
        return None
    value = stream.randint(-4, 20) if stream.random() < 0.8 else stream.choice((1, 2, 3, 4))
    return (value, _tree(stream, depth - 1), _tree(stream, depth - 1))


def tree_walk(stream: Stream, level: int) -> Task:
    """The nodes of a tree that fulfil a condition, collected."""
    result = stream.choice(tuple(_TREE_RESULTS))
    if level >= 6:
        result = stream.choice(("pre", "in", "post", "mirrored", "path", "sum"))
    condition = stream.choice(tuple(_NODE_CONDITIONS))
    if condition == "leaf" and result in ("in", "post"):
        result = "pre"  # leaves come in the same order
    prune = "none" if level <= 4 else stream.choice(tuple(_PRUNES)[1:])
    extra = "none" if level <= 6 else stream.choice(("swap", "lift", "drop"))
    if extra == "swap" and result in ("sum", "path"):
        extra = "drop"  # left and right are the same to these
    divisor = stream.choice((3, 4, 5))
    what, combine = _TREE_RESULTS[result]
    which, test = _NODE_CONDITIONS[condition]
    which_cut, cut = _PRUNES[prune]
    parts = [result, condition]
    as_list = result not in ("sum", "count", "path")
    nothing = "[]" if as_list else "0"
    own = {"count": f"1 if {test} else 0"}.get(result, f"value if {test} else 0")
    if as_list:
        own = f"[value] if {test} else []"
    rules = pruning = changing = ""
    if cut:
        rules += f" A node that {which_cut} does not count, nor does anything below it."
        pruning = f"    if {cut}:\n        return {nothing}\n"
        parts.append(f"cut {prune}")
    if extra == "swap":
        rules += (
            f" Where a value is divisible by {divisor}, left and right are exchanged, with all "
            "that is below."
        )
        changing = f"    if value % {divisor} == 0:\n        left, right = right, left\n"
    elif extra == "lift":
        rules += (
            f" A value divisible by {divisor} is replaced by the value of its parent (which may "
            "itself have been replaced) where there is one, before anything else is looked at."
        )
        changing = (
            f"    if value % {divisor} == 0 and parent is not None:\n        value = parent\n"
        )
    elif extra == "drop":
        rules += (
            f" Where a value is divisible by {divisor}, there is nothing on its left, whatever the "
            "tree says."
        )
        changing = f"    if value % {divisor} == 0:\n        left = None\n"
    if extra != "none":
        parts.append(f"{extra} {divisor}")
    needs_parent = "parent" in test or extra == "lift"
    needs_depth = "depth" in test or "depth" in cut
    more = ", depth: int = 1" if needs_depth else ""
    passed = ", depth + 1" if needs_depth else ""
    root = ""
    if needs_parent:
        if "parent" in test:
            own = own.replace(test, f"parent is not None and {test}")
            root = " The root has no parent, so it is none of them."
        more += ", parent: int | None = None"
        passed += ", value"
    if len(own) > 90:
        own = own.replace(" if ", "\n        if ").replace(" else ", "\n        else ")
        own = f"(\n        {own}\n    )"
    returns = "list[int]" if as_list else "int"
    signature = f"def tree_walk(tree: tuple | None{more}) -> {returns}"
    depths = " The root has the depth 1, its children have the depth 2, and so on."
    ending = "an empty list" if as_list else "0"
    alone = " (The function is called with the tree alone.)" if more else ""
    steps = changing + pruning if extra == "lift" else pruning + changing
    return Task(
        content=", ".join(parts),
        description=(
            "A binary tree is None, if it has no nodes, or a tuple (value, left, right) of the "
            "whole number of its root and of the two trees below it."
            f"{depths if needs_depth else ''}{rules} Consider all nodes that {which}.{root} Return "
            f"{what}. If there are none, return {ending}.{alone}"
        ),
        signature=signature,
        source=f"""\
{signature}:
    if tree is None:
        return {nothing}
    value, left, right = tree
{steps}    below_left = tree_walk(left{passed})
    below_right = tree_walk(right{passed})
    own = {own}
    return {combine}
""",
        draw=lambda stream: (_tree(stream, _DEEPEST_TREE),),
        edges=(
            (None,),
            ((4, None, None),),
            ((5, (5, None, None), (8, None, (7, None, None))),),
            ((2, (9, (1, (3, (6, None, None), None), None), None), None),),
            ((-3, (10, None, (-2, None, None)), (0, (14, None, None), None)),),
        ),
    )


_BRACKET_RULES = {
    # name: (what stands for the brackets, the expression)
    "reverse": ("the text inside reversed", "inner[::-1]"),
    "mirror": ("the text inside followed by the same text reversed", "inner + inner[::-1]"),
    "twice": ("the text inside twice in a row", "inner * 2"),
    "upper": ("the text inside in upper case", "inner.upper()"),
    "switch": ("the text inside with upper and lower case exchanged", "inner.swapcase()"),
    "sorted": (
        "the letters inside in the order of their code points",
        "''.join(sorted(inner))",
    ),
    "every other": (
        "the first, third, fifth … letter of the text inside",
        "inner[::2]",
    ),
    "rotate": ("the text inside with its first letter moved to its end", "inner[1:] + inner[:1]"),
    "ends": ("the text inside without its last letter", "inner[:-1]"),
    "head": ("the first two letters of the text inside", "inner[:2]"),
    "length": (
        "the text inside followed by the letter x for each of its letters",
        "inner + 'x' * len(inner)",
    ),
}


def _bracketed(stream: Stream, depth: int, numbers: bool) -> str:
    """A text of letters, brackets and numbers before some of them."""
    pieces = []
    for _ in range(stream.randint(2, 3)):
        if depth and stream.random() < 0.6:
            opening, closing = stream.choice(("()", "[]", "{}"))
            number = str(stream.randint(0, 3)) if numbers and stream.random() < 0.5 else ""
            pieces.append(f"{number}{opening}{_bracketed(stream, depth - 1, numbers)}{closing}")
        else:
            pieces.append("".join(stream.choice("abcdeAB") for _ in range(stream.randint(1, 3))))
    return "".join(pieces)


def expand(stream: Stream, level: int) -> Task:
    """Brackets that stand for what is done with the text inside."""
    kinds = 2 if level <= 5 else 3
    names = stream.sample(tuple(_BRACKET_RULES), kinds)
    brackets = ("()", "[]", "{}")[:kinds]
    repeats = "none" if level <= 4 else stream.choice(("repeat", "letters", "nest"))
    if repeats == "nest" and level <= 6:
        repeats = "repeat"
    if repeats == "letters" and {*names} <= {"twice", "upper", "switch"}:
        repeats = "repeat"  # these do the same to each letter: no matter what comes first
    sentences = [
        f"{pair} stands for {_BRACKET_RULES[name][0]}"
        for pair, name in zip(brackets, names, strict=True)
    ]
    branches: list[tuple[str, str]] = []
    for pair, name in zip(brackets, names, strict=True):
        word = "if" if not branches else "elif"
        condition = f"{word} opening == '{pair[0]}'"
        if len(branches) == kinds - 1:
            condition = "else"
        branches.append((condition, _BRACKET_RULES[name][1]))
    parts = [" ".join(f"{p}{n}" for p, n in zip(brackets, names, strict=True)), repeats]
    number_sentence = {
        "none": "",
        "repeat": (
            " A decimal digit before an opening bracket says how often in a row the result of the "
            "brackets stands there (0: not at all); without a digit it stands there once."
        ),
        "letters": (
            " A decimal digit before an opening bracket says how often in a row the text inside is "
            "repeated before that is done with it (0: the text is empty); without a digit it is "
            "taken once."
        ),
        "nest": (
            " A decimal digit before an opening bracket says how often that is done, each time "
            "with the result before (0: the text inside stays as it is); without a digit it is "
            "done once."
        ),
    }[repeats]
    indent = " " * (16 if repeats == "nest" else 12)
    lines = "            for _ in range(times):\n" if repeats == "nest" else ""
    for condition, expression in branches:
        lines += f"{indent}{condition}:\n{indent}    inner = {expression}\n"
    first = "            inner *= times\n" if repeats == "letters" else ""
    last = "inner * times" if repeats == "repeat" else "inner"
    digits = start = ""
    if repeats != "none":
        start = "    times = 1\n"
        digits = """\
        elif character.isdigit():
            times = int(character)
"""
    pushed = f"stack.append((character, result{', times' if digits else ''}))"
    reset = "            times = 1\n" if digits else ""
    popped = "opening, before, times = stack.pop()" if digits else "opening, before = stack.pop()"
    pairs = f"{', '.join(brackets[:-1])} and {brackets[-1]}"
    openings = "".join(pair[0] for pair in brackets)
    closings = "".join(pair[1] for pair in brackets)
    numbers = repeats != "none"

    def draw(stream: Stream) -> Arguments:
        text = _bracketed(stream, 2, numbers)
        if kinds == 2:
            text = text.replace("{", "[").replace("}", "]")
        return (text,)

    return Task(
        content=", ".join(parts),
        description=(
            f"A text consists of letters and of the brackets {pairs}, which are nested properly"
            f"{', and of decimal digits, each right before an opening bracket' if numbers else ''}."
            " Return it with all brackets replaced, those inside others first: "
            f"{'; '.join(sentences)}.{number_sentence} A text inside may be empty."
        ),
        signature="def expand(text: str) -> str",
        source=f"""\
def expand(text: str) -> str:
    stack = []
    result = ''
{start}    for character in text:
        if character in '{openings}':
            {pushed}
            result = ''
{reset}{digits}        elif character in '{closings}':
            inner = result
            {popped}
{first}{lines}            result = before + {last}
{reset}        else:
            result += character
    return result
""",
        draw=draw,
        edges=(
            ("",),
            ("abc",),
            ("a()b[]",),
            ("(ab[cdA]e)",),
            ("[(b)a]c" if not numbers else "2[3(ba)A]c",),
            ("[[aBc]d]" if not numbers else "0(ab)[2[cA]]",),
        ),
    )


_STRING_RULES = {
    # name: (the sentence, the condition under which the next letter may not be appended)
    "run 1": ("no two equal letters stand side by side", "text[-1:] == letter"),
    "run 2": ("no three equal letters stand in a row", "text[-2:] == letter * 2"),
    "gap 2": (
        "no letter stands two places after the same letter (as in aba)",
        "text[-2:-1] == letter",
    ),
    "twice": ("each letter is used twice at most", "text.count(letter) == 2"),
    "no ab": (
        "the second letter of the alphabet never stands right after the first",
        "text[-1:] == alphabet[0] and letter == alphabet[1]",
    ),
    "no ba": (
        "the first letter of the alphabet never stands right after the second",
        "text[-1:] == alphabet[1] and letter == alphabet[0]",
    ),
    "last first": (
        "the last letter of the alphabet never stands right after another letter than itself",
        "letter == alphabet[-1] and text and text[-1] != letter",
    ),
    "first once": (
        "the first letter of the alphabet is used once at most",
        "letter == alphabet[0] and letter in text",
    ),
    "balance": (
        "up to every place, the second letter of the alphabet is not used more often than the "
        "first",
        "letter == alphabet[1] and text.count(letter) >= text.count(alphabet[0])",
    ),
}

_STRING_ENDS = {
    # name: (the sentence, the condition of a whole text)
    "none": ("", ""),
    "even first": (
        " and the first letter of the alphabet is used an even number of times (0 is even)",
        "text.count(alphabet[0]) % 2 == 0",
    ),
    "odd first": (
        " and the first letter of the alphabet is used an odd number of times",
        "text.count(alphabet[0]) % 2 == 1",
    ),
    "differ": (
        " and the first and the last letter of the text differ",
        "text[0] != text[-1]",
    ),
    "same": (
        " and the first and the last letter of the text are the same",
        "text[0] == text[-1]",
    ),
    "has last": (
        " and the last letter of the alphabet is used at least once",
        "alphabet[-1] in text",
    ),
}

_STRING_RESULTS = {
    # name: (what is returned, type, expression)
    "list": ("a list of them in {order}", "list[str]", "found"),
    "count": ("their number", "int", "len(found)"),
    "middle": (
        "the one in the middle of their list in {order} (of an even number of them the later of "
        "the two in the middle), or None if there are none",
        "str | None",
        "found[len(found) // 2] if found else None",
    ),
    "last three": ("a list of the last three of them in {order}", "list[str]", "found[-3:]"),
}


def generate_texts(stream: Stream, level: int) -> Task:
    """All texts over an alphabet that follow rules, in order."""
    rules = stream.sample(tuple(_STRING_RULES), 1 if level <= 5 else 2)
    if "run 2" in rules and {*rules} & {"run 1", "gap 2", "twice"}:
        rules = ["run 1", "twice"]  # "run 2" would say nothing new
    rules.sort()
    end = stream.choice(tuple(_STRING_ENDS))
    result = stream.choice(tuple(_STRING_RESULTS))
    backwards = stream.choice((False, True))
    if end == "same" and {*rules} & {"run 1", "gap 2", "twice", "first once", "last first"}:
        end = "differ"  # otherwise there are too often none
    what, returns, value = _STRING_RESULTS[result]
    order = "alphabetical order" if not backwards else "reverse alphabetical order"
    if result == "count":
        backwards = False
    ending, test = _STRING_ENDS[end]
    sentence = " and ".join(_STRING_RULES[rule][0] for rule in rules)
    skips = "".join(
        f"        if {_STRING_RULES[rule][1]}:\n            continue\n" for rule in rules
    )
    parts = [", ".join(rules), f"end {end}", result]
    if result != "count":
        parts.append("backwards" if backwards else "forwards")
    letters = "reversed(alphabet)" if backwards else "alphabet"
    signature = f"def generate_texts(alphabet: str, length: int) -> {returns}"
    if test:
        filtered = f"""\
    found = [text for text in extend(alphabet, length, '') if {test}]
"""
    else:
        filtered = "    found = extend(alphabet, length, '')\n"

    def draw(stream: Stream) -> Arguments:
        size = stream.choice((2, 3, 3, 4))
        start = stream.randrange(26 - size - 4)
        places = sorted(stream.sample(range(start, start + size + 4), size))
        alphabet = "".join(chr(ord("a") + place) for place in places)
        longest = {2: 6, 3: 4, 4: 3} if result == "list" else {2: 8, 3: 6, 4: 5}
        return (alphabet, stream.randint(2, longest[size]))

    return Task(
        content="; ".join(parts),
        description=(
            "The text alphabet consists of two or more different lower-case letters in "
            "alphabetical order. Consider all texts of length letters (at least 1), each a letter "
            f"of the alphabet, in which {sentence}{ending}. Return {what.format(order=order)}."
        ),
        signature=signature,
        source=f"""\
def extend(alphabet: str, length: int, text: str) -> list[str]:
    if len(text) == length:
        return [text]
    found = []
    for letter in {letters}:
{skips}        found += extend(alphabet, length, text + letter)
    return found


{signature}:
{filtered}    return {value}
""",
        draw=draw,
        edges=(("ab", 1), ("xyz", 1), ("ab", 4), ("ab", 7), ("defg", 4), ("abc", 5)),
    )


def sequence(stream: Stream, level: int) -> Task:
    """A sequence whose elements are defined by smaller ones."""
    base = stream.choice((2, 3)) if level <= 4 else stream.choice((2, 3, 4))
    remainder = stream.randrange(base)
    start = stream.randint(0, 5)
    factor, added = stream.randint(2, 4), stream.randint(-3, 5)
    other_factor, other_added = stream.randint(1, 3), stream.randint(1, 5)
    kind = stream.choice(("same", "position") if level <= 4 else ("same", "position", "two"))
    if kind == "same" and (factor, added) == (other_factor, other_added):
        added -= 1  # so that the remainder matters
    modulus = 0 if level <= 5 else stream.choice((97, 101, 1000, 1009))
    part = f"f(n // {base})"
    here = f"{factor} * {part}" + (f" {'+' if added > 0 else '-'} {abs(added)}" if added else "")
    times = "" if other_factor == 1 else f"{other_factor} * "
    if kind == "same":
        there = f"{times}{part} + {other_added}"
    elif kind == "position":
        there = f"{times}{part} + n % {other_added + 3}"
    else:
        there = f"{times}{part} + f(n // {base * base}) + {other_added}"
    shown_here, shown_there = (text.replace("//", "÷").replace("*", "·") for text in (here, there))
    shown_there = shown_there.replace("-", "−")
    shown_there = shown_there.replace(f"n % {other_added + 3}", f"(n mod {other_added + 3})")
    shown_here = shown_here.replace("-", "−")
    condition = f"n % {base} == {remainder}"
    ends = " % " + str(modulus) if modulus else ""
    modulo = ""
    if modulus:
        modulo = (
            f" Every f(n) with n > 0 is then replaced by its remainder when divided by {modulus} "
            f"(from 0 to {modulus - 1})."
        )
    first = f"({here}){ends}" if modulus else here
    second = f"({there}){ends}" if modulus else there
    first, second = first.replace("f(", "sequence("), second.replace("f(", "sequence(")
    cached = ""
    if kind == "two":  # without it, the number of calls would double with every two steps
        cached = "from functools import lru_cache\n\n\n@lru_cache(maxsize=None)\n"
    return Task(
        content=(
            f"f(0) = {start}; {here} where n is {remainder} mod {base}, else {there}"
            + (f"; mod {modulus}" if modulus else "")
        ),
        description=(
            f"A sequence is defined for whole numbers n ≥ 0: f(0) = {start}; for n > 0 with the "
            f"remainder {remainder} when divided by {base}, f(n) = {shown_here}; for all other "
            f"n > 0, f(n) = {shown_there}. Here ÷ divides and rounds down"
            f"{', and mod gives the remainder' if kind == 'position' else ''}.{modulo} Return "
            "f(n). n can have up to 60 digits, so going through all smaller numbers takes too long."
        ),
        signature="def sequence(n: int) -> int",
        source=f"""\
{cached}def sequence(n: int) -> int:
    if n == 0:
        return {start}
    if {condition}:
        return {first}
    return {second}
""",
        draw=lambda stream: (stream.randrange(stream.choice((100, 1000, 10_000, 100_000))),),
        edges=((0,), (1,), (2,), (base,), (base**5,), (10**9,)),
        large=lambda stream: (int("".join(str(stream.randint(1, 9)) for _ in range(60))),),
    )


FAMILIES = {
    "nested_total": Family(nested_total, 2, 5),
    "flatten": Family(flatten, 3, 6),
    "sequence": Family(sequence, 3, 7),
    "tree_walk": Family(tree_walk, 4, 8),
    "expand": Family(expand, 4, 9),
    "generate_texts": Family(generate_texts, 5, 9),
}
