r"""What an answer repeats of its question: `5 apples`, `The area is 5`, `\cos\theta = \frac12`.

Words beside a number and the left side of an equation add nothing where the question has them, so
they may be taken off. What is left must be right alone: nothing here says that an answer is right.
Words that change what is said are never taken off, wherever they stand: those of logic, correction
and comparison, and those that are numbers.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from typing import NamedTuple

from . import units
from .errors import AnswerError
from .parser import parse_answer
from .tokens import FUNCTIONS
from .tree import Quantity
from .units import stem

MAX_WORDS = 12  # taken off one end of an answer
MAX_LEFT_SIDE = 200  # characters
MAX_PLACES = 100  # of one formula
MAX_UNIT_WORDS = 5
MAX_THINGS = 16  # that one sentence counts

# Words of logic and correction, in the languages that a question is likely to be in.
_LOGIC = """
    not no nor neither never none nothing nobody cannot without except excluding unless if else
    otherwise or and either both but though although however yet instead rather versus vs then
    wrong incorrect false invalid error mistake mistaken correct correction corrected true yes right
    actually sorry oops wait ignore scratch cancel replace changed change retract impossible
    undefined unknown undetermined nonexistent contradiction unsolvable maybe perhaps possibly
    probably likely unlikely uncertain guess any anything some something others another unlike
    nicht kein keine keinen nein oder und falsch aber sondern statt pas non ou et
    mais faux sauf ne nie pero falso
"""
_APPROXIMATION = """
    about approximately approx approximate around roughly nearly almost close circa than up until
    beyond exceeds exceeding exceed
"""
_NEVER = frozenset((_LOGIC + _APPROXIMATION).split())
# Words that compare or calculate: harmless in a name, as in "The least common multiple is 12", but
# not next to the number.
_COMPARISON = """
    less more fewer greater smaller larger bigger higher lower least most to from through between
    within over under above below plus minus times divided multiplied by other different
"""
_CALCULATION = """
    minimum maximum minimal maximal negative opposite inverse reciprocal factorial modulo mod
    squared cubed root power percent percentage pct multiple multiples factor factors digits ratio
    per choose first second third fourth fifth sixth seventh eighth ninth tenth
"""
_AT_THE_END = frozenset(
    (_COMPARISON + "second third fourth fifth sixth seventh eighth ninth tenth").split()
)
_NOT_BESIDE = frozenset((_COMPARISON + _CALCULATION).split())
_NUMBER_WORDS = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety
    hundred hundreds thousand thousands million millions billion billions trillion trillions dozen
    dozens score scores tens pair pairs couple half halves thirds quarter quarters fourths fifths
    sixths sevenths eighths ninths tenths hundredth hundredths thousandth thousandths millionth
    millionths single double triple twice thrice once
"""
_NUMBERS = frozenset(_NUMBER_WORDS.split())
_COPULAS = ("is", "are", "was", "were")
_VERBS = (*_COPULAS, "equals", "has", "have", "had")
# What "how many" counts ends before these.
_BEHIND_NOUN = """
    are is was were did do does will would can could should must have has had there than in of on at
    for from to by with if when that which who per the a an he she it they we you i how
"""
_END_OF_NOUN = frozenset(_BEHIND_NOUN.split())
_FILLERS = frozenset(("in", "total", "all", "altogether", "left", "now"))
_AMBIGUOUS_UNITS = frozenset(("pound", "ounce", "ton"))  # money or a mass, a mass or a volume
# The words of "in square inches" before a comma or the like, but not in "the radius in inches is".
_IN_UNIT_WORDS = r"\bin\s+(?=((?:[a-z]+\s+){0,4}?[a-z]+)\s*(?:[,?.;:]|of\b|\Z))"
_IN_UNIT = re.compile(_IN_UNIT_WORDS, re.IGNORECASE)
_EXPRESSED = re.compile(
    rf"\b(?:answer|express|give|write)\w*\s[^.?!]{{0,60}}?{_IN_UNIT_WORDS}", re.IGNORECASE
)
_TEMPERATURE = re.compile(r"temperature|celsius|fahrenheit|[°˚]\s*[CF]\b", re.IGNORECASE)
_UNIT_PLURALS = ("feet", "hertz", "mph", "km", "cm", "mm", "kg", "mg", "mL", "ml")
# Where a formula of the question is only a part of a longer one: what stands before, and behind it.
_GOES_ON_BEFORE = re.compile(
    r"(?:[-+*/^_({\[|!}0-9]|\\(?!q?quad)[A-Za-z]+|(?<![A-Za-z])[b-zB-HJ-Z])\s*\Z"
)
_GOES_ON_BEHIND = re.compile(
    r"\s*(?:[-+*/^_({\[!0-9]|\\(?:cdot|times|div|pm|mp)(?![A-Za-z])|[b-zB-HJ-Z](?![A-Za-z]))"
)
# An equation or an inequality of the question, and its other side.
_EDGE = "\x1e"  # where a formula begins or ends
_RELATED = r"(?:[=<>≤≥]|\\(?:[lg]eq?|[lg]t|neq?|approx|equiv|in)(?![A-Za-z]))"
_END_OF_SIDE = rf"[{_EDGE},;:?.]|(?<![\\A-Za-z])[A-Za-z]{{2,}}"
_SIDE_BEFORE = re.compile(
    rf"(?:\A|{_END_OF_SIDE})(?P<side>(?:(?!{_END_OF_SIDE}).)*){_RELATED}\s*\Z", re.DOTALL
)
_SIDE_BEHIND = re.compile(rf"\s*{_RELATED}(?P<side>(?:(?!{_END_OF_SIDE}).)*)", re.DOTALL)
# The other side of an equation that gives nothing: it is only a name, or left open.
_OPEN_SIDE = re.compile(
    r"\s*(?:(?:[A-Za-z]|\\[a-z]+)(?:_\w)?(?:\s*\([^()=]*\))?|_+|\\(?:boxed|square)\W*)?\s*"
)

_SPACE = re.compile(r"\\[,;:!\ ]|\\q?quad(?![A-Za-z])|[~\s]")
_MATHEMATICS = re.compile(r"\$\$.*?\$\$|\$.*?\$|\\\(.*?\\\)|\\\[.*?\\\]", re.DOTALL)
_DELIMITER = re.compile(r"\$+|\\[()\[\]]")
_COMMAND = re.compile(r"\\[A-Za-z]+")
_WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*")
_LETTERS = re.compile(r"(?<![A-Za-z\\])[A-Za-z]{2,}")
_LONG_WORD = re.compile(r"(?<![A-Za-z\\])[A-Za-z]{3}")
_TEXT = re.compile(
    r"\\(?:text(?:bf|it|rm|normal|sf|up)?|math(?:rm|bf|it|sf)|mbox)\s*\{([^{}\\$]*)\}"
)
_BEGINNING = re.compile(rf"(?:{_SPACE.pattern}|{_TEXT.pattern}|[A-Za-z'’-]{{2,}}|a\b)*")
_CONNECTOR = re.compile(r"\s*[=:]\s*")
_SENTENCE_END = re.compile(r"(?<=[.?!])(?<!Mr\.)(?<!Mrs\.)(?<!Ms\.)(?<!Dr\.)(?<!St\.)\s+")
_ASKS = re.compile(r"\?|\b(?:how many|how much|find|what|determine|compute|calculate)\b", re.I)
_HOW_MANY = re.compile(
    r"\b(?:how many|number of)\s+((?:(?:more|fewer|less|other|additional|different|total|remaining"
    r"|such|of|the|a|all|her|his|its|their)\s+)*)(?=([^.?!,;:]{1,200}))",
    re.IGNORECASE,
)
_RELATION = re.compile(
    r"[=<>≠≤≥≈≡∈;]|\\(?:n?[lg]eq?|[lg]t|[lg]eqslant|neq?|not|neg|lnot|in|notin|approx|equiv|sim|to"
    r"|implies|iff|or|and|land|lor|wedge|vee|pm|mp|(?:[lL]ong)?(?:[lL]eft)?(?:[rR]ight)?arrow|text\w*\{\s*(?:or|and)\s*\})"
    r"(?![A-Za-z])"
)
_PIECE = re.compile(r"\\[A-Za-z]+|\\.|[A-Za-z]+|\S")
_SINGLE = re.compile(r"\{\s*(\\[A-Za-z]+|[A-Za-z0-9])\s*\}")  # `\cos{\theta}`
_SIZES = re.compile(
    r"\\(?:left|right|displaystyle|textstyle|limits|[bB]igg?[lr]?)(?![A-Za-z])|\\[,;:!\ ]|~|\$"
    r"|(?<=\\)[dt](?=frac)"
)


class Rest(NamedTuple):
    """What is left of an answer; `left_side` was in front of an equals sign, or is empty."""

    answer: str
    left_side: str = ""
    counts: bool = False
    """Whether a word was taken off that says what the number counts."""


class _Thing(NamedTuple):
    """What a question counts: its words up to a comma; in stems: it, the noun, all words for it."""

    clause: tuple[str, ...]
    said: tuple[str, ...]
    noun: tuple[str, ...]
    words: frozenset[str]


def _thing(modifiers: str, clause: str) -> _Thing | None:
    """Read what stands after "how many"; of people that are girls, both may be counted."""
    words = list(itertools.dropwhile(str.isdigit, clause.split()))  # `of the 30 students`
    noun = list(itertools.takewhile(_is_of_noun, words))
    if not noun:
        return None
    rest = itertools.dropwhile(lambda word: word not in _COPULAS, words)
    predicate = itertools.takewhile(
        lambda word: _is_of_noun(word) and word not in _NEVER, itertools.islice(rest, 1, None)
    )
    stems = tuple(map(stem, noun))
    said = (*map(stem, modifiers.casefold().split()), stems[0])
    return _Thing(tuple(words), said, stems, frozenset((*stems, *map(stem, predicate))))


def _is_of_noun(word: str) -> bool:
    return word.casefold() not in _END_OF_NOUN and _WORD.fullmatch(word) is not None


class Question:
    """A question, and what an answer may repeat of it.

    >>> [rest.answer for rest in Question("How many apples are left?").rests("5 apples")]
    ['5']
    >>> list(Question("How many apples are left?").rests("5 pears"))
    []
    """

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of the question, outside of mathematics."""
        return _words_of(self.text)

    @cached_property
    def _sentence(self) -> str:
        """The sentence that asks."""
        sentences = _SENTENCE_END.split(self.text.strip())
        for sentence in reversed(sentences):
            if "?" in sentence:
                return sentence
        asking = [sentence for sentence in sentences if _ASKS.search(sentence)]
        return (asking or sentences)[-1]

    @cached_property
    def counted(self) -> frozenset[str]:
        """The words that may say what is counted.

        A question that says what it counts, as in "how many red apples", allows the words of the
        sentence that asks; any other allows all of its words.
        """
        return _words_of(self._sentence) if self._things else self.words

    @cached_property
    def _things(self) -> tuple[_Thing, ...]:
        """What the sentence that asks counts."""
        found = itertools.islice(_HOW_MANY.finditer(self._sentence), MAX_THINGS)
        things = (_thing(*match.groups()) for match in found)
        return tuple(thing for thing in things if thing is not None)

    @cached_property
    def unit(self) -> units.Unit | None:
        """The unit that is asked for: of "how many miles per hour"; `units.COUNT` of apples.

        None where the question does not say, or its words mean several units.
        """
        named = self._units_after_in()
        if not self._things:
            return named.pop() if len(named) == 1 else None
        if named or len(self._things) > 1:
            return None
        (thing,) = self._things
        if _AMBIGUOUS_UNITS.intersection(thing.noun):
            return None
        if thing.noun[0] == "degree":
            return None if _TEMPERATURE.search(self.text) else units.DEGREE
        if not any(map(_is_unit, thing.noun)):
            return units.COUNT
        return _unit_of(thing.clause)

    def _units_after_in(self) -> set[units.Unit]:
        """Return the units of "What is the price in dollars?" and "Express it in feet."."""
        places = (_IN_UNIT.finditer(self._sentence), _EXPRESSED.finditer(self.text))
        matches = (match for found in places for match in itertools.islice(found, MAX_THINGS))
        phrases = (match[1].split() for match in matches)
        named = (_unit_of(words) for words in phrases if all(map(_is_unit, words)))
        return {unit for unit in named if unit is not None}

    def _repeated(self, words: list[str]) -> int:
        """Return how many words say again what the sentence that asks counts."""
        stems = tuple(map(stem, words))
        said = (thing.said for thing in self._things)
        return max((len(thing) for thing in said if stems[: len(thing)] == thing), default=0)

    def _says_what_counts(self, words: list[str]) -> bool:
        """Say whether some words have one of what is counted: in "how many boxes of apples", boxes.

        Of dozens and pairs, they must have these.
        """
        stems = set(map(stem, words))
        return any(
            not stems.isdisjoint(thing.noun[:1] if thing.noun[0] in _NUMBERS else thing.words)
            for thing in self._things
        )

    def rests(self, answer: str, unit: str = "", *, letters: bool = False) -> Iterator[Rest]:
        """Yield what may be left of an answer, most of it first.

        `unit` is what the reference counts: its words may not be missing where others stand. With
        `letters`, the reference has variables, and only words that are set as text are words.
        """
        whole = _TEXT.fullmatch(answer)
        if whole:
            answer = whole[1].strip()
        for side, left_side in self._sides(answer):
            rest = self._without_last_words(side, unit, letters)
            if left_side:
                yield Rest(side, left_side)
            if rest is not None:
                yield Rest(rest.answer, left_side, rest.counts)
        begun = self._without_first_words(answer)
        if begun is not None:
            yield Rest(begun)
            rest = self._without_last_words(begun, unit, letters)
            if rest is not None:
                yield rest

    def _sides(self, answer: str) -> Iterator[tuple[str, str]]:
        """Yield the answer, and each side of an equation whose other side is in the question."""
        yield answer, ""
        left, equals, right = answer.partition("=")
        if not equals or "=" in right or not left.strip() or not right.strip():
            return
        for side, other in ((right, left), (left, right)):
            if self.has_formula(other):
                yield side.strip(), other.strip()

    def has_formula(self, formula: str) -> bool:
        """Say whether a formula stands in the question as it is, and nothing is said to be equal.

        Where the question says 2x = 10, an answer of 5 may not be written as 2x = 5.
        """
        formula = _plain(formula).strip()
        if not 0 < len(formula) <= MAX_LEFT_SIDE or _RELATION.search(formula):
            return False
        if not _is_balanced(formula):
            return False
        if any(word.casefold() in _NEVER for word in _LETTERS.findall(formula)):
            return False
        pieces = _PIECE.findall(formula)
        if pieces[-1].removeprefix("\\") in FUNCTIONS:  # without its argument
            return False
        pattern = r"\s*".join(map(re.escape, pieces))
        if pieces[0][0].isalnum():
            pattern = r"(?<![A-Za-z0-9.\\^_])" + pattern
        if pieces[-1][-1].isalnum():
            pattern += r"(?![A-Za-z0-9])"
        places = itertools.islice(re.finditer(pattern, self._formulas), MAX_PLACES)
        return any(map(self._stands_alone, places))

    @cached_property
    def _formulas(self) -> str:
        return _plain(_DELIMITER.sub(_EDGE, self.text))

    def _stands_alone(self, found: re.Match[str]) -> bool:
        """Say whether a part of a formula is the whole of it, or one side of a definition."""
        start, end = found.span()
        before = found.string[max(0, start - MAX_LEFT_SIDE) : start]
        behind = found.string[end : end + MAX_LEFT_SIDE]
        if _GOES_ON_BEFORE.search(before) or _GOES_ON_BEHIND.match(behind):
            return False
        sides = (_SIDE_BEFORE.search(before), _SIDE_BEHIND.match(behind))
        return all(side is None or _OPEN_SIDE.fullmatch(side["side"]) for side in sides)

    def _without_first_words(self, answer: str) -> str | None:
        """Take `The area is`, `Area =` or `Area:` off an answer."""
        match = _BEGINNING.match(answer)
        assert match is not None
        words = _SPACE.sub(" ", _TEXT.sub(r" \1 ", match.group())).strip()
        rest = answer[match.end() :]
        connector = _CONNECTOR.match(rest)
        if connector:
            rest = rest[connector.end() :]
        elif words.endswith(("=", ":")):
            words = words[:-1]
        else:
            words, _, verb = words.rpartition(" ")
            if verb.casefold() not in _VERBS:
                return None
        said = words.split()
        if not 0 < len(said) <= MAX_WORDS or not rest.strip():
            return None
        last = said[-1].casefold()
        if last in _AT_THE_END:
            return None
        if self._things and _is_long_unit(last) and not self._says_what_counts([last]):
            return None  # `The miles per hour are`
        known = self.words | {"there", "the"}
        if not all(self._may_repeat(word, known, in_name=True) for word in said):
            return None
        return rest.strip()

    def _without_last_words(self, answer: str, unit: str, letters: bool) -> Rest | None:
        """Take words off the end; units that the number has stay, set as text."""
        rest, words = _cut_words(answer, bare=not letters)
        if not words or not rest:
            return None
        kept = 0
        if unit:
            counted = unit.split()
            if [stem(word) for word in words[: len(counted)]] != list(map(stem, counted)):
                return None
            words = words[len(counted) :]
        else:
            kept = _leading_units(words)
        if not words[kept:]:  # nothing that the ordinary check would not read
            return Rest(rest) if "per" in words and self._asks_for(words) else None
        # "5 dozen" is 5 where the question is how many dozen, and so is "5 more".
        repeated = 0 if unit or kept else self._repeated(words)
        says_what = _FILLERS.issuperset(words) or self._says_what_counts(words)
        if not (unit or kept) and self._things and not says_what:
            return None
        for place, word in enumerate(words[kept:]):
            allowed = self.words if unit or kept else self.counted
            if not self._may_repeat(word, allowed, any_kind=place < repeated):
                return None
            place += kept
            is_other_unit = _is_long_unit(word) and not self._says_what_counts([word])
            if place and is_other_unit and not self._has_words(words[place - 1 : place + 1]):
                return None  # `5 apples hours`
        if kept:
            rest = f"{rest}\\text{{ {' '.join(words[:kept])}}}"
        return Rest(rest, counts=not kept and not unit)

    def _asks_for(self, words: list[str]) -> bool:
        """Say whether the question asks "how many" just these, as in hours per week."""
        return words[-1] != "per" and self._has_words(["how", "many", *words])

    def _has_words(self, words: list[str]) -> bool:
        """Say whether words stand beside one another in the question."""
        pattern = r"\W+".join(map(re.escape, words))
        return re.search(rf"\b{pattern}\b", self.text, re.IGNORECASE) is not None

    def _may_repeat(
        self,
        word: str,
        allowed: frozenset[str],
        *,
        any_kind: bool = False,
        in_name: bool = False,
    ) -> bool:
        """Say whether a word of an answer adds nothing to what the question says."""
        parts = re.split("['’-]", word.casefold())
        if not all(parts) or word.casefold().endswith(("n't", "n’t")):
            return False
        if any(
            part in _NEVER or (part in _NOT_BESIDE and not (in_name or any_kind)) for part in parts
        ):
            return False
        if not any_kind and any(part in _NUMBERS for part in parts):
            return False
        return stem(word) in allowed or (
            len(parts) > 1 and all(stem(part) in allowed for part in parts)
        )


def _cut_words(text: str, *, bare: bool) -> tuple[str, list[str]]:
    """Return a text without the words at its end, and these; `bare` ones need no text command."""
    words: list[str] = []
    while len(words) <= MAX_WORDS:
        text = _without_last_space(text)
        start = _start_of_last_piece(text)
        match = _TEXT.fullmatch(text, start)
        piece = (match[1] if match else text[start:]).strip().removesuffix(".").strip("()").split()
        if not piece or not all(_WORD.fullmatch(word) for word in piece):
            break
        if not match:
            spaced = text[:start].endswith((" ", "~", "\\,", "}"))
            shortest = 3 if words else 4  # `red` in `5 red apples`
            if not (bare and spaced and all(_is_bare_word(word, shortest) for word in piece)):
                break
        words[:0] = piece
        text = text[:start]
    return text, words if len(words) <= MAX_WORDS else []


def _start_of_last_piece(text: str) -> int:
    """Return where the last text command, bracket or word of a text begins."""
    if text.endswith("}"):
        return max(text.rfind("\\"), 0)
    if text.endswith(")"):
        return max(text.rfind("("), 0)
    start = len(text)
    while start and (text[start - 1].isalpha() or text[start - 1] in "'’-"):
        start -= 1
    return start


def _is_bare_word(word: str, shortest: int) -> bool:
    """Say whether letters are a word, not a product of variables."""
    if _is_unit(word) or word.casefold() in ("a", "the", "of", "on", "at", "for", "men"):
        return True
    return len(word) >= shortest and _WORD.fullmatch(word) is not None


def _without_last_space(text: str) -> str:
    while True:
        text = text.rstrip().rstrip("~")
        if text.endswith(("\\,", "\\;", "\\:", "\\!")):
            text = text[:-2]
        elif text.endswith(("\\", ".")):
            text = text[:-1]
        elif not text[-1:].isspace():
            return text


def _is_unit(word: str) -> bool:
    return (
        units.named(word) is not None
        or word in units.PREFIXES
        or word in ("per", "degree", "degrees", "percent")
    )


def _leading_units(words: list[str]) -> int:
    """Return how many words at the beginning are units; the `in` of "miles in total" is none."""
    for place, word in enumerate(words):
        before, behind = words[place - 1 : place] or [""], words[place + 1 : place + 2]
        is_inch = before[0] in units.PREFIXES or not (place or behind)
        if not _is_unit(word) or (word == "in" and not is_inch):
            return place
    return len(words)


def _unit_of(words: Sequence[str]) -> units.Unit | None:
    """Return the unit that words begin with: of "miles per hour does she drive", mi/h."""
    words = words[:MAX_UNIT_WORDS]
    first = words[words[0] in units.PREFIXES] if words[1:] else words[0]
    if not (_is_long_unit(first) and (first.endswith("s") or first in _UNIT_PLURALS)):
        return None
    if stem(first) in _AMBIGUOUS_UNITS:
        return None
    for end in range(len(words), 0, -1):
        with suppress(AnswerError):
            measured = parse_answer(rf"1\text{{ {' '.join(words[:end])}}}")
            if isinstance(measured, Quantity):
                return measured.unit if measured.unit.dimension else None
    return None


def _is_long_unit(word: str) -> bool:
    """Say whether a word can only be a unit; `in` and `a` are seldom."""
    return len(word) > 2 and units.named(word) is not None


def _plain(formula: str) -> str:
    """Return a formula without what changes its looks alone."""
    return _SINGLE.sub(r" \1 ", _SIZES.sub(" ", formula))


def _is_balanced(formula: str) -> bool:
    depth = 0
    for character in formula:
        depth += (character in "([{") - (character in ")]}")
        if depth < 0:
            return False
        if character == "," and not depth:
            return False
    return depth == 0


def _prose(match: re.Match[str]) -> str:
    """Return what stands between two dollars if it is prose between two amounts of money."""
    return match.group() if len(_LONG_WORD.findall(match.group())) > 1 else " "


def _words_of(text: str) -> frozenset[str]:
    prose = _COMMAND.sub(" ", _MATHEMATICS.sub(_prose, _TEXT.sub(r" \1 ", text)))
    found = _WORD.findall(prose)
    return frozenset(
        stem(part) for word in found for part in (word, *re.split("['’-]", word)) if part
    )
