"""Tasks about text: letters kept and changed, runs, ciphers, words, columns, windows."""

from __future__ import annotations

from reasoning_gym_envs.code.families.conditions import (
    about_letter,
    about_word,
    draw_text,
    draw_words,
)
from reasoning_gym_envs.code.task import Family, Task
from reasoning_gym_envs.problems import Stream


def keep_letters(stream: Stream, level: int) -> Task:
    """Some letters of a text, changed and put together."""
    condition = about_letter(stream, level)
    change = stream.choice(("kept", "upper", "doubled", "dashed", "starred"))
    others = "left out" if level == 1 else stream.choice(("left out", "as they are", "dot"))
    order = stream.choice(("", "reversed")) if level <= 2 else stream.choice(("", "reversed", "ab"))
    if change == "kept" and others == "as they are":
        change = "upper"
    changes = {
        "kept": ("Keep", "", "letter"),
        "upper": ("Change", " to uppercase", "letter.upper()"),
        "doubled": ("Double", "", "letter + letter"),
        "dashed": ('Put a "-" before', "", '"-" + letter'),
        "starred": ("Replace", ' with "*"', '"*"'),
    }
    verb, rest, code = changes[change]
    others_told, others_code = {
        "left out": ("Drop all other letters.", ""),
        "as they are": ("Keep all other letters unchanged.", "letter"),
        "dot": ('Replace all other letters with ".".', '"."'),
    }[others]
    order_told, source_of, back = {
        "": ("Return the result.", "text", "result"),
        "reversed": (
            "Process the letters from last to first, and return the concatenated result.",
            "reversed(text)",
            "result",
        ),
        "ab": (
            "Process the letters at even indices first, then those at odd indices, and return the "
            "concatenated result.",
            "text[::2] + text[1::2]",
            "result",
        ),
    }[order]
    otherwise = f"        else:\n            result += {others_code}\n" if others_code else ""
    return Task(
        content=f"{condition.name} {change}, others {others}, {order or 'in order'}",
        description=(
            f"{verb} each letter of `text` that {condition.holds}{rest}. {others_told} "
            f"{order_told} `text` consists of lowercase letters and may be empty."
        ),
        signature="def keep_letters(text: str) -> str",
        source=f"""\
def keep_letters(text: str) -> str:
    result = ""
    for letter in {source_of}:
        if {condition.of("letter")}:
            result += {code}
{otherwise}\
    return {back}
""",
        draw=lambda stream: (draw_text(stream, 8 + level),),
        edges=(("",), ("a",), ("zzz",), ("abcdefghijklmnopqrstuvwxyz",), ("level",)),
    )


def runs(stream: Stream, level: int) -> Task:
    """The runs of equal letters of a text, written in some way."""
    least = stream.choice((1, 2)) if level <= 4 else stream.choice((2, 3))
    most = None if level <= 3 else stream.choice((None, 4, 5))
    form = stream.choice(("count first", "count last", "bracket", "star", "signs"))
    short = stream.choice(("kept", "left out", "hidden", "once"))
    separator = stream.choice(("", "-", ",", " "))
    if least == 1:
        short = "kept"
    if least == 2 and short == "once":
        short = "kept"
    if least == 2 and short == "kept" and form == "signs":  # as runs of one are written, too
        short = "hidden"
    told, code = {
        "count first": ('its length followed by its letter, as in "3a"', "str(count) + letter"),
        "count last": ('its letter followed by its length, as in "a3"', "letter + str(count)"),
        "bracket": (
            'its letter followed by its length in parentheses, as in "a(3)"',
            'f"{letter}({count})"',
        ),
        "star": ('its length, "*" and its letter, as in "3*a"', 'f"{count}*{letter}"'),
        "signs": (
            'its letter followed by one "+" for each further letter, as in "a++" for "aaa"',
            'letter + "+" * (count - 1)',
        ),
    }[form]
    rest_told, rest_code = {
        "kept": ("Keep shorter runs unchanged.", "letter * count"),
        "left out": ("Drop shorter runs.", ""),
        "hidden": ('Replace each shorter run with a single "_".', '"_"'),
        "once": ("Replace each shorter run with its letter once.", "letter"),
    }[short]
    if least == 1:
        which = "Replace each run with"
        rest = ""
    else:
        which = f"Replace each run of {least} or more letters with"
        rest = f" {rest_told}"
    cut = (
        f" Split runs of more than {most} letters, from the left, into runs of {most} letters and "
        "a shorter last one (if needed)."
        if most
        else ""
    )
    stop = f" and end - start < {most}" if most else ""
    names = {"-": '"-"', ",": '","', " ": "a space"}
    between = (
        f"Return the resulting pieces joined by {names[separator]}."
        if separator
        else "Return the resulting pieces, concatenated."
    )
    if least == 1:
        add = f"        pieces.append({code})\n"
    else:
        add = f"        if count >= {least}:\n            pieces.append({code})\n"
        if rest_code:
            add += f"        else:\n            pieces.append({rest_code})\n"
    return Task(
        content=f"{form} from {least} to {most}, shorter {short}, joined by {separator!r}",
        description=(
            f"A run is a maximal sequence of equal consecutive letters in `text`.{cut} {which} "
            f"{told}.{rest} {between} `text` consists of lowercase letters and may be empty."
        ),
        signature="def runs(text: str) -> str",
        source=f"""\
def runs(text: str) -> str:
    pieces = []
    start = 0
    while start < len(text):
        letter = text[start]
        end = start
        while end < len(text) and text[end] == letter{stop}:
            end += 1
        count = end - start
{add}\
        start = end
    return "{separator}".join(pieces)
""",
        draw=lambda stream: (
            "".join(
                stream.choice("abc") * stream.choice((1, 1, 2, 2, 3, 3, 4, 6))
                for _ in range(stream.randint(1, 6))
            ),
        ),
        edges=(("",), ("a",), ("aaaaaaaaaaaa",), ("abc",), ("aabbbaaaac",)),
    )


def shift_cipher(stream: Stream, level: int) -> Task:
    """Letters moved on in the alphabet, by an amount that changes on the way."""
    start = stream.randint(1, 12)
    grow = stream.choice(("letter", "word", "vowel", "moved")) if level >= 3 else "never"
    step = stream.choice((1, 2, 3, 5, -1, -2)) if grow != "never" else 0
    back = stream.random() < 0.5
    moved = stream.choice(("all", "vowels", "consonants", "first half")) if level >= 4 else "all"
    if moved != "all" and grow == "vowel":
        grow = "letter"
    if moved == "all" and grow == "moved":
        grow = "letter"
    spaces = stream.choice(("stay", "dropped", "underscore"))
    which, test = {
        "all": ("each letter", ""),
        "vowels": ("each vowel (a, e, i, o, u)", 'character in "aeiou"'),
        "consonants": (
            "each consonant (not a, e, i, o or u)",
            'character not in "aeiou"',
        ),
        "first half": ("each letter from a to m", 'character <= "m"'),
    }[moved]
    stays = "" if moved == "all" else " Keep all other letters unchanged."
    way = "earlier" if back else "later"
    direction = "backward" if back else "forward"
    wrap = "from a to z" if back else "from z to a"
    more = f"{'grows' if step > 0 else 'shrinks'} by {abs(step)}"
    grows = {
        "never": f"The shift is always {start}.",
        "letter": (
            f"The shift starts at {start} and {more} after each "
            f"letter{'' if moved == 'all' else ', shifted or not'}."
        ),
        "word": f"The shift starts at {start} and {more} at each space.",
        "vowel": (
            f"The shift starts at {start} and {more} after each vowel (a, e, i, o, u) of the "
            "original text."
        ),
        "moved": f"The shift starts at {start} and {more} after each shifted letter.",
    }[grow]
    if step < 0:
        grows += f" A negative shift moves letters {'forward' if back else 'backward'}."
    space_told, space_code = {
        "stay": ("Keep spaces.", 'result += " "'),
        "dropped": ("Drop spaces.", ""),
        "underscore": ('Replace each space with "_".', 'result += "_"'),
    }[spaces]
    change = f"shift {'+' if step > 0 else '-'}= {abs(step)}"
    lines = ['        if character == " ":']
    if space_code:
        lines.append(f"            {space_code}")
    if grow == "word":
        lines.append(f"            {change}")
    lines.append("            continue")
    place = f'(ord(character) - ord("a") {"-" if back else "+"} shift) % 26'
    inner = "        "
    if test:
        lines.append(f"        if {test}:")
        inner += "    "
    lines.append(f'{inner}result += chr(ord("a") + {place})')
    if grow == "moved":
        lines.append(f"{inner}{change}")
    if test:
        lines += ["        else:", "            result += character"]
    if grow == "letter":
        lines.append(f"        {change}")
    if grow == "vowel":
        lines += ['        if character in "aeiou":', f"            {change}"]
    body = "\n".join(lines)
    return Task(
        content=(
            f"{moved} by {start} {way}, {f'{step:+} each {grow}' if step else 'constant'}, spaces "
            f"{spaces}"
        ),
        description=(
            f"Encrypt `text`, which consists of lowercase letters and spaces: shift {which} "
            f"{direction} in the alphabet by the current shift, wrapping around {wrap}."
            f"{stays} {grows} {space_told} Return the encrypted text."
        ),
        signature="def shift_cipher(text: str) -> str",
        source=f"""\
def shift_cipher(text: str) -> str:
    result = ""
    shift = {start}
    for character in text:
{body}
    return result
""",
        draw=lambda stream: (" ".join([*draw_words(stream, 3), draw_text(stream, 3 + level)]),),
        edges=(("",), (" ",), ("a z",), ("zzzz aaaa mmmm nnnn",), ("hello  world",)),
    )


_WORD_CHANGES = {
    # name: (what is done to "each word that …", split where those words stand, the expression)
    "reversed": ("Reverse", "", "word[::-1]"),
    "capital": ("Capitalize", "", "word[0].upper() + word[1:]"),
    "upper": ("Convert", " to uppercase", "word.upper()"),
    "moved": ("Move the first letter of", " to its end", "word[1:] + word[0]"),
    "back": ("Move the last letter of", " to its front", "word[-1] + word[:-1]"),
    "swapped": (
        "Swap the first and last letters of",
        "",
        "word[-1] + word[1:-1] + word[0] if len(word) > 1 else word",
    ),
    "length": ("Replace", " with its length", "str(len(word))"),
    "sorted": ("Sort the letters of", " alphabetically", '"".join(sorted(word))'),
    "even": (
        "Keep only the letters at even indices (0, 2, 4, …) of",
        "",
        "word[::2]",
    ),
    "starred": (
        'Replace every letter but the first with "*" in',
        "",
        'word[0] + "*" * (len(word) - 1)',
    ),
}


def words(stream: Stream, level: int) -> Task:
    """Some words of a text changed, and all put in an order."""
    condition = about_word(stream, level)
    change = stream.choice(tuple(_WORD_CHANGES))
    verb, rest, code = _WORD_CHANGES[change]
    other = "kept" if level <= 3 else stream.choice(("kept", "dropped", "upper", "initial"))
    if other == "upper" and change == "upper":
        other = "initial"
    order = "same" if level <= 2 else stream.choice(("same", "reversed", "short first", "by last"))
    others, other_code = {
        "kept": ("Keep all other words unchanged.", "word"),
        "dropped": ("Drop all other words.", ""),
        "upper": ("Convert all other words to uppercase.", "word.upper()"),
        "initial": (
            'Abbreviate each of the other words to its first letter followed by ".".',
            'word[0] + "."',
        ),
    }[other]
    order_told, loop = {
        "same": ("in their original order", "text.split()"),
        "reversed": ("in reverse order", "reversed(text.split())"),
        "short first": (
            "ordered by the length of the original word, shortest first (ties in original order)",
            "sorted(text.split(), key=len)",
        ),
        "by last": (
            "ordered alphabetically by the last letter of the original word (ties in original "
            "order)",
            "sorted(text.split(), key=lambda word: word[-1])",
        ),
    }[order]
    otherwise = f"        else:\n            result.append({other_code})\n" if other_code else ""
    return Task(
        content=f"{change} if {condition.name}, others {other}, {order}",
        description=(
            f"`text` contains lowercase words separated by single spaces, or is empty. {verb} "
            f"each word that {condition.holds}{rest}. {others} Return the resulting words joined "
            f"by single spaces, {order_told}."
        ),
        signature="def words(text: str) -> str",
        source=f"""\
def words(text: str) -> str:
    result = []
    for word in {loop}:
        if {condition.of("word")}:
            result.append({code})
{otherwise}\
    return " ".join(result)
""",
        draw=lambda stream: (" ".join(draw_words(stream, 5 + level // 2)),),
        edges=(("",), ("a",), ("tree",), ("owl rat tea sos an",), ("banana apple kiwi fig",)),
    )


def format_columns(stream: Stream, level: int) -> Task:
    """Rows of cells as lines of text, with columns of equal width."""
    align = stream.choice(("left", "right", "centre", "first left"))
    separator = stream.choice((" | ", "  ", " ", ", ", "; "))
    filler = stream.choice((" ", ".", "_"))
    longest = stream.choice((None, 4, 5, 6)) if level >= 5 else None
    rule = stream.choice(("", "-", "=")) if level >= 4 else ""
    mark = stream.choice(("~", "+")) if longest else ""
    name = {" ": "spaces", ".": '"."', "_": '"_"'}[filler]
    fill = "" if filler == " " else f', "{filler}"'
    left, right = f"cell.ljust(width{fill})", f"cell.rjust(width{fill})"
    told, code = {
        "left": (f"Left-align all cells, padding them with {name} on the right", left),
        "right": (f"Right-align all cells, padding them with {name} on the left", right),
        "centre": (
            f"Centre all cells, padding them with {name} on both sides (with one more on the "
            "right if the number is odd)",
            f'"{filler}" * ((width - len(cell)) // 2) + cell + '
            f'"{filler}" * ((width - len(cell) + 1) // 2)',
        ),
        "first left": (
            f"Left-align the first column and right-align all others, padding with {name}",
            f"{left} if column == 0 else {right}",
        ),
    }[align]
    shorten = (
        f" First shorten each cell of more than {longest} characters to its first {longest - 1} "
        f'characters followed by "{mark}".'
        if longest
        else ""
    )
    shorten_code = (
        f"""\
            if len(cell) > {longest}:
                cell = cell[:{longest - 1}] + "{mark}"
"""
        if longest
        else ""
    )
    rule_told = (
        f' After the first line, insert a line of "{rule}" characters of the same length.'
        if rule
        else ""
    )
    rule_code = f'        if len(lines) == 1:\n            lines.append("{rule}" * len(lines[0]))\n'
    return Task(
        content=(
            f"{align} with {filler!r}, joined by {separator!r}, cells of {longest or 'any'} "
            f"{mark}, rule {rule or 'none'}"
        ),
        description=(
            "`rows` is a table: a list of rows, each a list of cells (strings). All rows have "
            f"the same number of cells, at least one.{shorten} The width of a column is the "
            "length of its longest cell. "
            f'{told}. Join the cells of each row with "{separator}" to '
            f"form a line.{rule_told} Return the list of lines (empty if there are no rows)."
        ),
        signature="def format_columns(rows: list[list[str]]) -> list[str]",
        source=f"""\
def format_columns(rows: list[list[str]]) -> list[str]:
    table = []
    for row in rows:
        cells = []
        for cell in row:
{shorten_code}\
            cells.append(cell)
        table.append(cells)
    widths = [max(len(cell) for cell in column) for column in zip(*table)]
    lines: list[str] = []
    for cells in table:
        parts = []
        for {
            "column, (cell, width) in enumerate(zip(cells, widths))"
            if align == "first left"
            else "cell, width in zip(cells, widths)"
        }:
            parts.append({code})
        lines.append("{separator}".join(parts))
{rule_code if rule else ""}\
    return lines
""",
        draw=lambda stream: (
            (
                lambda columns: [
                    [draw_text(stream, 7)[:8] for _ in range(columns)]
                    for _ in range(stream.randint(2, 4))
                ]
            )(stream.randint(2, 3)),
        ),
        edges=(([],), ([["a"]],), ([["", ""], ["x", ""]],), ([["abcdefgh", "b"], ["c", "defg"]],)),
    )


_PALINDROMES = {
    "odd length": ("has odd length", "(end - start) % 2 == 1"),
    "even length": ("has even length", "(end - start) % 2 == 0"),
    "any": ("", ""),
    "begins with a vowel": ("starts with a vowel (a, e, i, o, u)", 'text[start] in "aeiou"'),
    "begins with a consonant": (
        "starts with a consonant (not a, e, i, o or u)",
        'text[start] not in "aeiou"',
    ),
    "even start": (
        "starts at an even index",
        "start % 2 == 0",
    ),
    "with a": ('contains the letter "a"', '"a" in part'),
    "with b": ('contains the letter "b"', '"b" in part'),
    "with e": ('contains the letter "e"', '"e" in part'),
    "without a": ('does not contain the letter "a"', '"a" not in part'),
    "without b": ('does not contain the letter "b"', '"b" not in part'),
    "without e": ('does not contain the letter "e"', '"e" not in part'),
    "few letters": ("has at most two distinct letters", "len(set(part)) <= 2"),
    "more letters": ("has at least two distinct letters", "len(set(part)) >= 2"),
}


def _mirrored(stream: Stream, letters: str) -> str:
    """Some letters, and palindromes of the same letters among them."""
    text = ""
    for _ in range(stream.randint(1, 3)):
        half = "".join(stream.choice(letters) for _ in range(stream.randint(1, 3)))
        text += half + half[::-1][stream.randint(0, 1) :]
        text += stream.choice(letters) * stream.randint(0, 2)
    return text


def palindromes(stream: Stream, level: int) -> Task:
    """The parts of a text that read the same backwards, and meet a condition."""
    condition = stream.choice(tuple(_PALINDROMES))
    told, code = _PALINDROMES[condition]
    least = stream.randint(1, 3)
    if condition == "odd length":
        least = stream.choice((1, 2, 4))
    elif condition == "even length":
        least = stream.choice((1, 3))
    elif condition == "more letters":
        least = stream.choice((1, 4))
    result = stream.choice(("number", "longest", "last longest", "different", "letters", "starts"))
    if "longest" in result:
        least = 1
    elif result == "starts" and least == 1:  # each letter is a palindrome
        least = 3 if condition == "even length" else 2
    start, use, back, kind, wanted = {
        "number": (
            "0",
            "found += 1",
            "found",
            "int",
            "the number of good substrings (equal ones at different positions count separately)",
        ),
        "longest": (
            '""',
            "if end - start > len(found):\n                found = part",
            "found",
            "str",
            "the longest good substring (the first one on ties, an empty string if there is none)",
        ),
        "last longest": (
            '""',
            "if end - start >= len(found):\n                found = part",
            "found",
            "str",
            "the longest good substring (the last one on ties, an empty string if there is none)",
        ),
        "different": (
            "set()",
            "found.add(part)",
            "sorted(found)",
            "list[str]",
            "the list of distinct good substrings in alphabetical order",
        ),
        "letters": (
            "0",
            "found += end - start",
            "found",
            "int",
            "the total length of all good substrings (equal ones at different positions count "
            "separately)",
        ),
        "starts": (
            "set()",
            "found.add(start)",
            "len(found)",
            "int",
            "the number of indices at which a good substring starts",
        ),
    }[result]
    asked = ["is a palindrome"]
    if least > 1:
        asked.append(f"has at least {least} letters")
    if told:
        asked.append(told)
    good = (
        ", ".join(asked[:-1]) + (f"{',' * (len(asked) > 2)} and " if asked[1:] else "") + asked[-1]
    )
    test = f"part == part[::-1]{f' and {code}' if code else ''}"
    first = f"start + {least}"
    return Task(
        content=f"{result} of palindromes of {least} or more, {condition}",
        description=(
            f"A substring of `text` is good if it {good}. Return {wanted}. `text` consists of at "
            "most 60 lowercase letters and may be empty."
        ),
        signature=f"def palindromes(text: str) -> {kind}",
        source=f"""\
def palindromes(text: str) -> {kind}:
    found{": set = " if start == "set()" else " = "}{start}
    for start in range(len(text)):
        for end in range({first}, len(text) + 1):
            part = text[start:end]
            if {test}:
                {use.replace("            ", "                ")}
    return {back}
""",
        draw=lambda stream: (_mirrored(stream, "aabbeec"),),
        edges=(("",), ("a",), ("aaaa",), ("abcba",), ("abcdef",), ("xaeaxeaex",)),
    )


def letter_windows(stream: Stream, level: int) -> Task:
    """Parts of a text in which letters are limited, found with a sliding window."""
    rule = stream.choice(("different", "same letter", "kind", "kind different", "pairs"))
    limit = stream.randint(1, 2 if rule.startswith("kind") else 3)
    condition = about_letter(stream, 1 if rule == "kind different" else 5)
    told, before, enter, leave, broken = {
        "different": (
            f"has at most {limit + 1} distinct letters",
            "counts: dict[str, int] = {}",
            "counts[letter] = counts.get(letter, 0) + 1",
            "counts[text[start]] -= 1\n"
            "            if counts[text[start]] == 0:\n"
            "                del counts[text[start]]",
            f"len(counts) > {limit + 1}",
        ),
        "same letter": (
            f"contains no letter more than {('', 'once', 'twice', '3 times')[limit]}",
            "counts: dict[str, int] = {}",
            "counts[letter] = counts.get(letter, 0) + 1",
            "counts[text[start]] -= 1",
            f"counts[letter] > {limit}",
        ),
        "kind": (
            f"contains at most {limit} {'letter' if limit == 1 else 'letters'} that "
            f"{condition.holds if limit == 1 else condition.hold}",
            "count = 0",
            f"if {condition.of('letter')}:\n            count += 1",
            f"if {condition.of('text[start]')}:\n                count -= 1",
            f"count > {limit}",
        ),
        "kind different": (
            f"contains at most {limit} distinct {'letter' if limit == 1 else 'letters'} that "
            f"{condition.holds if limit == 1 else condition.hold} (each may occur any number of "
            "times)",
            "counts: dict[str, int] = {}",
            f"if {condition.of('letter')}:\n            counts[letter] = counts.get(letter, 0) + 1",
            f"if {condition.of('text[start]')}:\n"
            "                counts[text[start]] -= 1\n"
            "                if counts[text[start]] == 0:\n"
            "                    del counts[text[start]]",
            f"len(counts) > {limit}",
        ),
        "pairs": (
            f"contains at most {limit} {'pair' if limit == 1 else 'pairs'} of equal adjacent "
            "letters",
            "count = 0",
            "if end > start and text[end - 1] == letter:\n            count += 1",
            "if text[start] == text[start + 1]:\n                count -= 1",
            f"count > {limit}",
        ),
    }[rule]
    result = stream.choice(("longest", "text", "number", "ends"))
    begin, use, back, kind, wanted = {
        "longest": (
            "best = 0",
            "best = max(best, end - start + 1)",
            "best",
            "int",
            "the length of the longest good substring (0 if `text` is empty)",
        ),
        "text": (
            "best = (0, 0)",
            "if end + 1 - start > best[1] - best[0]:\n            best = (start, end + 1)",
            "text[best[0] : best[1]]",
            "str",
            "the longest good substring (the first one on ties, an empty string if `text` is "
            "empty)",
        ),
        "number": (
            "total = 0",
            "total += end - start + 1",
            "total",
            "int",
            "the number of good substrings (equal ones at different positions count separately)",
        ),
        "ends": (
            "lengths = []",
            "lengths.append(end - start + 1)",
            "lengths",
            "list[int]",
            "a list that contains, for each index of `text`, the length of the longest good "
            "substring whose last letter is at this index",
        ),
    }[result]
    detail = condition.name if rule.startswith("kind") else ""
    letters = "abcdefghijklmnopqrstuvwxyz" if rule.startswith("kind") else "aabbcdeeiot"
    quiet = 2 * condition.fails if rule.startswith("kind") else "ab"
    return Task(
        content=f"{result} of {rule} {limit} {detail}".rstrip(),
        description=(
            f"A substring is one or more consecutive letters of `text`. It is good if it {told}. "
            f"Return {wanted}. `text` consists of up to 60,000 lowercase letters and may be empty."
        ),
        signature=f"def letter_windows(text: str) -> {kind}",
        source=f"""\
def letter_windows(text: str) -> {kind}:
    {before}
    {begin}
    start = 0
    for end, letter in enumerate(text):
        {enter}
        while {broken}:
            {leave}
            start += 1
        {use}
    return {back}
""",
        draw=lambda stream: (
            "".join(
                stream.choice(letters) if stream.random() < 0.7 else stream.choice("ghjklmnprstuwy")
                for _ in range(stream.randint(6, 18))
            )
            if rule != "pairs"
            else draw_text(stream, 11) + draw_text(stream, 5),
        ),
        edges=(("",), ("a",), ("aaaaaa",), ("abcabcabc",), ("zebra" * 3,), ("eeaaooii",)),
        large=(
            None  # no good part is long
            if rule == "same letter"
            else lambda stream: ("z" * stream.randint(8, 17) + quiet * 29_900,)
        ),
    )


FAMILIES = {
    "keep_letters": Family(keep_letters, 1, 4),
    "words": Family(words, 2, 6),
    "shift_cipher": Family(shift_cipher, 2, 6),
    "runs": Family(runs, 3, 6),
    "format_columns": Family(format_columns, 4, 7),
    "palindromes": Family(palindromes, 5, 8),
    "letter_windows": Family(letter_windows, 7, 10),
}
