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
    "value": ("its value", "item"),
    "one": ("1", "1"),
    "depth": ("its depth", "depth"),
    "times depth": ("its value times its depth", "item * depth"),
    "minus depth": ("its value minus its depth", "item - depth"),
    "power": ("its value times 2 to the power of its depth", "item * 2**depth"),
    "alternating": (
        "its value at odd depths and its negated value at even depths",
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
            f" The score of a list at a depth greater than {deepest} is 0, whatever it contains."
        )
        depth_line = f"    if depth > {deepest}:\n        return 0\n"
    empty_rule = empty_line = ""
    if empty:
        parts.append(f"empty {empty}")
        empty_rule = f" The score of an empty list is {empty}."
        empty_line = f"    if not items:\n        return {empty}\n"
    list_rule = {
        "sum": "The score of a list is the sum of the scores of its elements.",
        "largest": (
            "The score of a list is the sum of the scores of its numbers, plus the largest score "
            "of the lists directly inside it (if any)."
        ),
        "length": (
            "The score of a list is the sum of the scores of its elements, minus the number of "
            "its elements."
        ),
        "long": (
            "The score of a list is the sum of the scores of its elements, doubled if it has more "
            "than 2 elements."
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
    others = " All other numbers score 0." if test else ""
    return Task(
        content=", ".join(parts),
        description=(
            "`items` is a nested list of integers: its elements are integers and further such "
            "lists. The outermost list has depth 1, the lists directly inside it depth 2, and so "
            "on; "
            f"a number has the depth of the list it is in. The score of each {which}number is "
            f"{counts}.{others} {list_rule}{empty_rule}{depth_rule} "
            "Return the score of the outermost list. (Tests call the function with `items` only.)"
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
        "Process the elements of every list at an even depth in reverse order.",
        "if depth % 2 == 0:\n    items = items[::-1]",
    ),
    "reverse odd": (
        "Process the elements of every list at an odd depth in reverse order.",
        "if depth % 2 == 1:\n    items = items[::-1]",
    ),
    "reverse long": (
        "Process the elements of every list with 3 or more elements in reverse order.",
        "if len(items) >= 3:\n    items = items[::-1]",
    ),
    "rotate": (
        "Process the first element of every list last.",
        "items = items[1:] + items[:1]",
    ),
    "last first": (
        "Process the last element of every list first.",
        "items = items[-1:] + items[:-1]",
    ),
    "skip first": (
        "Skip the first element of every list but the outermost.",
        "if depth > 1:\n    items = items[1:]",
    ),
    "skip last": (
        "Skip the last element of every list but the outermost.",
        "if depth > 1:\n    items = items[:-1]",
    ),
    "lists last": (
        "In every list, process the numbers first, then the lists, each in their original order.",
        "items = sorted(items, key=lambda item: isinstance(item, list))",
    ),
    "lists first": (
        "In every list, process the lists first, then the numbers, each in their original order.",
        "items = sorted(items, key=lambda item: not isinstance(item, list))",
    ),
}

_NUMBER_RULES = {
    # name: (the sentence, the condition of a number that is kept, what is appended)
    "plain": ("", "", "item"),
    "no even": (" Skip even numbers.", "item % 2 == 1", "item"),
    "no odd": (" Skip odd numbers.", "item % 2 == 0", "item"),
    "no negative": (" Skip negative numbers.", "item >= 0", "item"),
    "new": (
        " Skip a number if it equals the last number so far in the flattened result of its own "
        "list.",
        "not result or item != result[-1]",
        "item",
    ),
    "add depth": (" Add the depth of its list to each number.", "", "item + depth"),
    "times depth": (
        " Multiply each number by the depth of its list.",
        "",
        "item * depth",
    ),
    "minus": (
        " Negate the numbers of lists at even depths.",
        "",
        "item if depth % 2 == 1 else -item",
    ),
    "pairs": (" Put each number into the result twice in a row.", "", "item, item"),
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
            f" Replace every list that is originally empty with the number {mark}, to which the "
            "rules for numbers do not apply."
        )
        before = f"    if not items:\n        return [{mark}]\n"
        parts.append(f"empty {mark}")
    elif lists == "sizes":
        rule = (
            " Before the numbers of every list but the outermost, insert the original length of "
            "that list, to which the rules for numbers do not apply."
        )
        before = "    size = len(items)\n"
        parts.append("sizes")
    elif lists == "end":
        rule = (
            f" After the numbers of every list but the outermost, insert the number {mark}, to "
            "which the rules for numbers do not apply."
        )
        after = f"    if depth > 1:\n        result.append({mark})\n"
        parts.append(f"end {mark}")
    elif lists == "deep":
        rule = f" Skip lists at a depth greater than {deepest}."
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
            "Flatten the nested list `items`, whose elements are integers and further such lists: "
            "return one list of its numbers in order, in which every inner list is replaced with "
            "its numbers, flattened in the same way. "
            "The outermost list has depth 1, the lists directly inside it depth 2, and so on. "
            f"{order_sentence}{sentence}{rule} "
            "Do not modify `items`. (Tests call the function with `items` only.)"
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
    "pre": (
        "the list of the values of all nodes that {which}, in preorder",
        "own + below_left + below_right",
    ),
    "in": (
        "the list of the values of all nodes that {which}, in inorder",
        "below_left + own + below_right",
    ),
    "post": (
        "the list of the values of all nodes that {which}, in postorder",
        "below_left + below_right + own",
    ),
    "mirrored": (
        "the list of the values of all nodes that {which}, in mirrored preorder (node, right "
        "subtree, left subtree)",
        "own + below_right + below_left",
    ),
    "sum": (
        "the sum of the values of all nodes that {which}",
        "own + below_left + below_right",
    ),
    "count": ("the number of nodes that {which}", "own + below_left + below_right"),
    "path": (
        "the largest sum along any path that starts at the root and goes down to any node, where "
        "only the values of nodes that {which} count (others count as 0)",
        "own + max(0, below_left, below_right)",
    ),
}

_NODE_CONDITIONS = {
    # name: (which nodes, the condition)
    "leaf": ("have no children", "left is None and right is None"),
    "inner": ("have two children", "left is not None and right is not None"),
    "single": ("have exactly one child", "(left is None) != (right is None)"),
    "even depth": ("are at an even depth", "depth % 2 == 0"),
    "odd depth": ("are at an odd depth", "depth % 2 == 1"),
    "above": ("have a greater value than their parent", "value > parent"),
    "below": ("have a smaller value than their parent", "value < parent"),
    "same parity": (
        "have a value of the same parity as their parent's value",
        "value % 2 == parent % 2",
    ),
    "more than depth": ("have a value greater than 3 times their depth", "value > 3 * depth"),
}

_PRUNES = {
    # name: (which nodes are cut, the condition)
    "none": ("", ""),
    "negative": ("has a negative value", "value < 0"),
    "zero": ("has a value divisible by 10", "value % 10 == 0"),
    "seven": ("has a value divisible by 7", "value % 7 == 0"),
    "five": ("has a value equal to 2 modulo 5", "value % 5 == 2"),
    "equal": ("has a value equal to its depth", "value == depth"),
    "deep": ("is at a depth greater than 3", "depth > 3"),
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
        rules += f" A node that {which_cut} does not count, and neither do its descendants"
        rules += (
            " (but it remains a child of its parent)."
            if condition in ("leaf", "inner", "single")
            else "."
        )
        pruning = f"    if {cut}:\n        return {nothing}\n"
        parts.append(f"cut {prune}")
    if extra == "swap":
        rules += (
            f" If the value of a node is divisible by {divisor}, swap its left and right subtrees."
        )
        changing = f"    if value % {divisor} == 0:\n        left, right = right, left\n"
    elif extra == "lift":
        rules += (
            " Before anything else, from the root down, replace each value divisible by "
            f"{divisor} with the value of the node's parent, if it has one (that value may itself "
            "be a replacement)."
        )
        changing = (
            f"    if value % {divisor} == 0 and parent is not None:\n        value = parent\n"
        )
    elif extra == "drop":
        rules += (
            f" If the value of a node is divisible by {divisor}, treat its left subtree as None."
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
            root = " The root, which has no parent, is not one of these nodes."
        more += ", parent: int | None = None"
        passed += ", value"
    if len(own) > 90:
        own = own.replace(" if ", "\n        if ").replace(" else ", "\n        else ")
        own = f"(\n        {own}\n    )"
    returns = "list[int]" if as_list else "int"
    signature = f"def tree_walk(tree: tuple | None{more}) -> {returns}"
    depths = " The root has depth 1, its children depth 2, and so on."
    ending = (
        "" if result == "path" else f" ({'an empty list' if as_list else '0'} if there are none)"
    )
    alone = " (Tests call the function with `tree` only.)" if more else ""
    steps = changing + pruning if extra == "lift" else pruning + changing
    return Task(
        content=", ".join(parts),
        description=(
            "A binary tree is either None (empty) or a tuple (value, left, right) with the "
            "integer value of its root and its left and right subtrees."
            f"{depths if needs_depth else ''}{rules} Return "
            f"{what.format(which=which)}{ending}.{root}{alone}"
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
    "reverse": ("reverses it", "inner[::-1]"),
    "mirror": ("appends its reverse", "inner + inner[::-1]"),
    "twice": ("writes it twice in a row", "inner * 2"),
    "upper": ("converts it to uppercase", "inner.upper()"),
    "switch": ("swaps uppercase and lowercase", "inner.swapcase()"),
    "sorted": (
        "sorts its letters (uppercase before lowercase)",
        "''.join(sorted(inner))",
    ),
    "every other": (
        "keeps only its letters at even indices (0, 2, 4, …)",
        "inner[::2]",
    ),
    "rotate": ("moves its first letter to its end", "inner[1:] + inner[:1]"),
    "ends": ("removes its last letter", "inner[:-1]"),
    "head": ("keeps only its first two letters", "inner[:2]"),
    "length": (
        'appends one "x" for each of its letters',
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
        f"{pair} {_BRACKET_RULES[name][0]}" for pair, name in zip(brackets, names, strict=True)
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
            " A digit before an opening bracket says how many times the result is repeated (0: "
            "not written at all); without a digit, it is written once."
        ),
        "letters": (
            " A digit before an opening bracket says how many times the text inside is repeated "
            "before the operation is applied (0: it becomes empty); without a digit, it is not "
            "repeated."
        ),
        "nest": (
            " A digit before an opening bracket says how many times in a row the operation is "
            "applied (0: the text inside stays unchanged); without a digit, it is applied once."
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
    digits_told = (
        ", with optional single digits directly before opening brackets" if numbers else ""
    )

    def draw(stream: Stream) -> Arguments:
        text = _bracketed(stream, 2, numbers)
        if kinds == 2:
            text = text.replace("{", "[").replace("}", "]")
        return (text,)

    return Task(
        content=", ".join(parts),
        description=(
            "`text` consists of letters and properly nested brackets "
            f"{pairs}{digits_told}. Replace each pair of brackets, innermost first, with the "
            "result of its operation on the text inside: "
            f"{'; '.join(sentences)}.{number_sentence} The text inside may be empty. Return the "
            "result."
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
    "run 1": ("no two adjacent letters are equal", "text[-1:] == letter"),
    "run 2": ("no three consecutive letters are equal", "text[-2:] == letter * 2"),
    "gap 2": (
        'no letter equals the one two positions before it (as in "aba")',
        "text[-2:-1] == letter",
    ),
    "twice": ("each letter occurs at most twice", "text.count(letter) == 2"),
    "no ab": (
        "alphabet[1] never directly follows alphabet[0]",
        "text[-1:] == alphabet[0] and letter == alphabet[1]",
    ),
    "no ba": (
        "alphabet[0] never directly follows alphabet[1]",
        "text[-1:] == alphabet[1] and letter == alphabet[0]",
    ),
    "last first": (
        "alphabet[-1] never directly follows a different letter",
        "letter == alphabet[-1] and text and text[-1] != letter",
    ),
    "first once": (
        "alphabet[0] occurs at most once",
        "letter == alphabet[0] and letter in text",
    ),
    "balance": (
        "no prefix contains alphabet[1] more often than alphabet[0]",
        "letter == alphabet[1] and text.count(letter) >= text.count(alphabet[0])",
    ),
}

_STRING_ENDS = {
    # name: (the sentence, the condition of a whole text)
    "none": ("", ""),
    "even first": (
        "alphabet[0] occurs an even number of times (possibly 0)",
        "text.count(alphabet[0]) % 2 == 0",
    ),
    "odd first": (
        "alphabet[0] occurs an odd number of times",
        "text.count(alphabet[0]) % 2 == 1",
    ),
    "differ": (
        "the first and last letters of the string differ",
        "text[0] != text[-1]",
    ),
    "same": (
        "the first and last letters of the string are equal",
        "text[0] == text[-1]",
    ),
    "has last": (
        "alphabet[-1] occurs at least once",
        "alphabet[-1] in text",
    ),
}

_STRING_RESULTS = {
    # name: (what is returned, type, expression)
    "list": ("the list of these strings in {order}", "list[str]", "found"),
    "count": ("the number of these strings", "int", "len(found)"),
    "middle": (
        "the middle one of these strings in {order} (the later of the two middle ones if their "
        "number is even), or None if there are none",
        "str | None",
        "found[len(found) // 2] if found else None",
    ),
    "last three": (
        "the list of the last three of these strings in {order}, or all if there are fewer",
        "list[str]",
        "found[-3:]",
    ),
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
    asked = [_STRING_RULES[rule][0] for rule in rules] + ([ending] if ending else [])
    sentence = (
        f"{', '.join(asked[:-1])}{',' * (len(asked) > 2)} and {asked[-1]}"
        if asked[1:]
        else asked[0]
    )
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
            "`alphabet` consists of two or more distinct lowercase letters in alphabetical order. "
            "Consider all strings of `length` letters (at least 1) from `alphabet` in which "
            f"{sentence}. Return {what.format(order=order)}."
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
    condition = f"n % {base} == {remainder}"
    ends = " % " + str(modulus) if modulus else ""
    modulo = ""
    if modulus:
        modulo = f" Every f(n) with n > 0 is taken modulo {modulus} (0 to {modulus - 1})."
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
            f"A sequence is defined for integers n ≥ 0 by f(0) = {start} and, for n > 0, f(n) = "
            f"{here} if n % {base} == {remainder}, otherwise f(n) = {there}. "
            f"Here // and % are as in Python.{modulo} Return f(n). n may have up to 60 digits, so "
            "computing all smaller values is too slow."
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
