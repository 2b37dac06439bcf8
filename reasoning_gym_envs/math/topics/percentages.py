"""Percentages: parts, shares, changes there and back, changes in a row, mixtures."""

from __future__ import annotations

from reasoning_gym_envs.math.writing import decimal
from reasoning_gym_envs.problems import Problem, Stream

# By level: the kinds (the letters of _KINDS), how many changes follow each other, how many parts
# a mixture has.
_LEVELS = {
    1: "o",
    2: "os",
    3: "oswc",
    4: "swccdd",
    5: "derr",
    6: "effm",
    7: "bbttm",
    8: "fbtm",
    9: "bbtm",
    10: "fbbtm",
}
_CHANGES = {6: 2, 7: 2, 8: 3, 9: 3, 10: 4}
_PARTS = {6: 2, 7: 3, 8: 4, 9: 5, 10: 6}

# What can change, its unit, and how it changes, without the s of the verbs: things of which there
# can be a fraction.
_RISE, _GROW, _INCREASE = ("rise", "fall"), ("grow", "shrink"), ("increase", "decrease")
_THINGS = (
    ("price of a machine", "dollars", _RISE),
    ("value of a painting", "dollars", _RISE),
    ("value of an investment", "euros", _RISE),
    ("mass of a cargo", "kilograms", _GROW),
    ("volume of water in a tank", "litres", _RISE),
    ("area of a forest", "hectares", _GROW),
    ("length of a cable", "metres", _GROW),
    ("energy use of a factory", "kilowatt-hours", _RISE),
)
_MIXTURES = (
    ("salt", "salt solution"),
    ("acid", "acid solution"),
    ("sugar", "syrup"),
    ("juice", "fruit drink"),
)
_NO_SIGN = "Give the number without the percent sign."

# What a kind makes: content, question, answer, steps.
_Made = tuple[str, str, str, tuple[str, ...]]


def generate(stream: Stream, level: int) -> Problem:
    """Find a part, a share, a whole, a change, or what was there before or after changes.

    Levels 1 to 4 have one percentage: on 1 a part of a number, on 2 also the share, on 3 the whole
    and a change, on 4 the percentage of a change; on 5 there are changes to undo. From 6 to 10 two
    to four changes follow each other, forwards, backwards or altogether, and there are mixtures.
    """
    content, question, answer, steps = _KINDS[stream.choice(_LEVELS[level])](stream, level)
    return Problem(content, level, question, answer, "percentages", steps)


def _percent_and_whole(stream: Stream, level: int) -> tuple[int, int]:
    if level == 1:
        return stream.choice((10, 20, 25, 30, 40, 50, 75)), 20 * stream.randint(1, 15)
    if level == 2:
        return 5 * stream.randint(1, 19), 20 * stream.randint(1, 25)
    return stream.randint(2, 99), 2 * stream.randint(10, 400)


def _part(stream: Stream, level: int) -> _Made:
    p, whole = _percent_and_whole(stream, level)
    part = decimal(p * whole, 2)
    question = stream.choice(
        (f"What is ${p}\\%$ of ${whole}$?", f"Find ${p}\\%$ of ${whole}$."),
    )
    steps = (f"{p}*{whole}={p * whole}", f"{p * whole}/100={part}")
    return f"{p}% of {whole}", question, part, steps


def _share(stream: Stream, level: int) -> _Made:
    p, whole = _percent_and_whole(stream, level)
    part = decimal(p * whole, 2)
    question = stream.choice(
        (
            f"What percent of ${whole}$ is ${part}$? {_NO_SIGN}",
            f"Express ${part}$ as a percentage of ${whole}$. {_NO_SIGN}",
        ),
    )
    steps = (f"{part}*100={p * whole}", f"{p * whole}/{whole}={p}")
    return f"?% of {whole} is {part}", question, str(p), steps


def _whole(stream: Stream, level: int) -> _Made:
    p, whole = _percent_and_whole(stream, level)
    part = decimal(p * whole, 2)
    question = stream.choice(
        (
            f"If ${p}\\%$ of a number is ${part}$, what is the number?",
            f"The number ${part}$ is ${p}\\%$ of what number?",
        ),
    )
    steps = (f"{part}*100={p * whole}", f"{p * whole}/{p}={whole}")
    return f"{p}% of ? is {part}", question, str(whole), steps


def _equal_parts(stream: Stream, level: int) -> _Made:
    p, whole = stream.randint(2, 99), 5 * stream.randint(4, 200)
    q = stream.choice((4, 5, 8, 10, 16, 20, 25, 40, 50, 80))
    answer = decimal(p * whole * (100_000_000 // q), 8)
    if level == 5:
        question = f"Find the number such that ${q}\\%$ of it is ${p}\\%$ of ${whole}$."
        steps: tuple[str, ...] = (f"{p}*{whole}={p * whole}", f"{p * whole}/{q}={answer}")
        return f"{p}% of {whole} is {q}% of ?", question, answer, steps
    r = 5 * stream.randint(1, 19)
    product = p * whole * r
    answer = decimal(product * (10_000_000_000 // q), 12)
    question = f"Find the number such that ${q}\\%$ of it is ${r}\\%$ of ${p}\\%$ of ${whole}$."
    steps = (
        f"{p}*{whole}={p * whole}",
        f"{p * whole}/100={decimal(p * whole, 2)}",
        f"{decimal(p * whole, 2)}*{r}={decimal(product, 2)}",
        f"{decimal(product, 2)}/{q}={answer}",
    )
    return f"{min(p, r)}% of {max(p, r)}% of {whole} is {q}% of ?", question, answer, steps


def _mixture(stream: Stream, level: int) -> _Made:
    """The strength of a mixture; the amounts sum to a number that divides nicely."""
    parts = _PARTS[level]
    total = stream.choice((400, 500, 800, 1000))
    cuts = sorted(stream.sample(range(10, total, 10), parts - 1))
    amounts = [b - a for a, b in zip([0, *cuts], [*cuts, total], strict=True)]
    strengths = [stream.randint(2, 95) for _ in amounts]
    steps: list[str] = []
    volume = content = 0
    for amount, strength in zip(amounts, strengths, strict=True):
        product = amount * strength
        steps.append(f"{amount}*{strength}={product}")
        if volume:
            steps.append(f"{volume}+{amount}={volume + amount}")
            steps.append(f"{content}+{product}={content + product}")
        volume, content = volume + amount, content + product
    answer = decimal(content * (1_000_000 // total), 6)
    steps.append(f"{content}/{total}={answer}")
    solute, liquid = stream.choice(_MIXTURES)
    pairs = zip(amounts, strengths, strict=True)
    texts = [f"${a}$ millilitres with ${s}\\%$ {solute}" for a, s in pairs]
    portions = "portions" if stream.random() < 0.5 else "amounts"
    question = (
        f"These {portions} of {liquid} are mixed: {', '.join(texts[:-1])} and {texts[-1]}. "
        f"What percent of the mixture is {solute}? {_NO_SIGN}"
    )
    given = sorted(zip(amounts, strengths, strict=True))
    return " + ".join(f"{a}*{s}%" for a, s in given), question, answer, tuple(steps)


# Changes: a number, and the percentages by which it goes up or down in turn.


def _draw_changes(stream: Stream, level: int) -> tuple[int, list[int]]:
    """Start and changes; after each change but the last the number is still whole."""
    if level <= 5:
        start = 2 * stream.randint(10, 400) if level < 5 else 20 * stream.randint(2, 200)
        p = stream.randint(2, 60)
        return start, [p if stream.random() < 0.5 else -p]
    count = _CHANGES[level]
    changes = [
        5 * stream.randint(1, 12) * (1 if stream.random() < 0.5 else -1) for _ in range(count)
    ]
    return 20 ** (count - 1) * stream.randint(1, 90), changes


def _history(changes: list[int], verbs: tuple[str, str], stream: Stream) -> str:
    """ "rises by $20\\%$ and then falls by $5\\%$"."""
    up, down = verbs if stream.random() < 0.5 else _INCREASE
    texts = [f"{up if p > 0 else down}s by ${abs(p)}\\%$" for p in changes]
    if len(texts) > 2:
        return ", then ".join(texts[:-1]) + f", and finally {texts[-1]}"
    return " and then ".join(texts)


def _content(changes: list[int]) -> str:
    """The changes, sorted: what becomes of a number does not depend on their order."""
    return " ".join(f"{p:+}%" for p in sorted(changes))


def _apply(start: int, changes: list[int]) -> list[tuple[int, str, str]]:
    """For each change: the factor in percent, the product with it, and the number that follows."""
    value, places = start, 0
    rows = []
    for p in changes:
        value *= 100 + p
        rows.append((100 + p, decimal(value, places), decimal(value, places + 2)))
        places += 2
    return rows


def _factor(p: int) -> str:
    return f"100+{p}={100 + p}" if p > 0 else f"100-{-p}={100 + p}"


def _forwards(start: int, changes: list[int]) -> tuple[str, list[str]]:
    """What a number becomes, and the steps."""
    steps: list[str] = []
    text = str(start)
    for p, (factor, product, after) in zip(changes, _apply(start, changes), strict=True):
        steps += (_factor(p), f"{text}*{factor}={product}", f"{product}/100={after}")
        text = after
    return text, steps


def _after(stream: Stream, level: int) -> _Made:
    start, changes = _draw_changes(stream, level)
    end, steps = _forwards(start, changes)
    thing, unit, verbs = stream.choice(_THINGS)
    question = (
        f"The {thing} is ${start}$ {unit}. It {_history(changes, verbs, stream)}. "
        f"What is the {thing.partition(' of ')[0]} now, in {unit}?"
    )
    return f"{start} {_content(changes)}", question, end, tuple(steps)


def _before(stream: Stream, level: int) -> _Made:
    start, changes = _draw_changes(stream, level)
    rows = _apply(start, changes)
    end = rows[-1][2]
    steps: list[str] = []
    for i in range(len(rows) - 1, -1, -1):
        factor, product, after = rows[i]
        before = rows[i - 1][2] if i else str(start)
        steps += (_factor(changes[i]), f"{after}*100={product}", f"{product}/{factor}={before}")
    thing, unit, verbs = stream.choice(_THINGS)
    question = (
        f"The {thing} {_history(changes, verbs, stream)}. After that, it is ${end}$ {unit}. "
        f"What was the original {thing.partition(' of ')[0]}, in {unit}?"
    )
    return f"? {_content(changes)} is {end}", question, str(start), tuple(steps)


def _overall(stream: Stream, level: int) -> _Made:
    _, changes = _draw_changes(stream, level)
    end, steps = _forwards(100, changes)
    value = 100
    for p in changes:
        value *= 100 + p
    places = 2 * len(changes)
    total = decimal(value - 100 ** (len(changes) + 1), places)
    steps.append(f"{end}-100={total}")
    thing, _, verbs = stream.choice(_THINGS)
    question = (
        f"The {thing} {_history(changes, verbs, stream)}. By what percent has it changed "
        "overall? Give the number without the percent sign, negative for a decrease."
    )
    return f"total {_content(changes)}", question, total, tuple(steps)


def _difference(stream: Stream, level: int) -> _Made:
    start, (p,) = _draw_changes(stream, level)
    end, change = decimal(start * (100 + p), 2), decimal(abs(p) * start, 2)
    thing, unit, verbs = stream.choice(_THINGS)
    up, down = verbs if stream.random() < 0.5 else _INCREASE
    verb = up if p > 0 else down
    question = (
        f"The {thing} {verb}s from ${start}$ to ${end}$ {unit}. "
        f"By what percent does it {verb}? {_NO_SIGN}"
    )
    steps = (
        f"{end}-{start}={change}" if p > 0 else f"{start}-{end}={change}",
        f"{change}*100={abs(p) * start}",
        f"{abs(p) * start}/{start}={abs(p)}",
    )
    return f"from {start} to {end}", question, str(abs(p)), steps


_KINDS = {
    "o": _part,
    "s": _share,
    "w": _whole,
    "c": _after,
    "d": _difference,
    "e": _equal_parts,
    "r": _before,
    "f": _after,
    "b": _before,
    "t": _overall,
    "m": _mixture,
}
