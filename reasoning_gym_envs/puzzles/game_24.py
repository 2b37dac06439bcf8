r"""The 24 game: make 24 from four numbers, each used exactly once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple, Union

from reasoning_gym_envs.problems import Problem, Stream
from reasoning_gym_envs.puzzles.arithmetic import (
    Unreadable,
    Written,
    join,
    misused,
    read_expression,
)
from reasoning_gym_envs.puzzles.boxed_puzzle import CORRECT, BoxedPuzzle, Judgement

TARGET = 24


class Level(NamedTuple):
    """Four numbers from 1 to ``largest``, with so many ways to make 24."""

    largest: int
    fewest: int
    most: int


MANY = 1_000
LEVELS = (
    Level(12, 8, MANY),
    Level(13, 6, MANY),
    Level(13, 4, MANY),
    Level(13, 1, MANY),
    Level(20, 1, 6),  # with the cards alone it would have 80 test problems
    Level(22, 1, 6),
    Level(24, 1, 6),
    Level(26, 1, 4),
    Level(28, 1, 3),
    Level(30, 1, 2),
)

Tree = Union[int, tuple["Tree", str, "Tree"]]  # noqa: UP007  # the name in it is a string
"""A number, or an operation on two trees."""


class Game24(BoxedPuzzle):
    r"""Make 24 from four numbers, each used exactly once.

    ## Description
    Four whole numbers, each used exactly once, must be combined with + - * / and brackets into an
    expression that makes 24. Intermediate results may be negative or fractions: 8 / (3 - 8 / 3) =
    24. Every problem has a solution.

    ## Observation
    The four numbers, what is asked, and how to answer. After a wrong answer, unless it is the last:
    what is wrong with it, including its value.

    ## Action
    Any text; the answer is in its last ``\boxed{}``: one expression, in plain or LaTeX spelling,
    that may end in "= 24".

    ## Rewards
    * **sparse**: 1 for an expression that makes 24 from the four numbers, else 0.
    * **dense**: the same: Φ = 0 for every answer that is not right.
    * **shaped**: the same.

    How near an expression comes to 24 says nothing about how near it is to a solution, and a
    payment for using the right numbers would be earned by any sum of them: so there is none.
    ``format_cost`` is charged for what is not an expression.

    ## Episode end
    Terminated by a right answer, and by any answer if ``max_turns`` is 1, the default. Else
    truncated after ``max_turns``.

    ## Information
    Only what every environment gives.

    ## Arguments
    * ``instruction``: what stands below the question instead of how to answer; "" for nothing.
    * ``reward``, ``level``, ``split``, ``max_turns``, ``render_mode``: as in every environment.

    ## Levels
    | level | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | largest number | 12 | 13 | 13 | 13 | 20 | 22 | 24 | 26 | 28 | 30 |
    | ways to make 24 | 8– | 6– | 4– | 1– | 1–6 | 1–6 | 1–6 | 1–4 | 1–3 | 1–2 |

    Level 4 is the game with a pack of cards. Ways that differ in the order of a sum or a product
    count separately where the last operation differs.

    ## Example
    ```text
    Make 24 from the numbers 1, 5, 6 and 4 with + - * / and brackets. Use each number exactly once.

    Answer with one expression in \boxed{}.
    > \boxed{4 / (1 - 5 / 6)}
    Correct.
    ```

    ## Version history
    * v0: the first version.
    """

    answer_instruction = "Answer with one expression in \\boxed{}."

    def _generate(self, stream: Stream, level: int) -> Problem:
        largest, fewest, most = LEVELS[level - 1]
        while True:
            drawn = tuple(stream.randint(1, largest) for _ in range(4))
            numbers = tuple(sorted(drawn))
            found = list(islice(ways(numbers, TARGET), most + 1 if most < MANY else fewest))
            if fewest <= len(found) <= most:
                break
        *others, last = drawn
        question = (
            f"Make {TARGET} from the numbers {', '.join(map(str, others))} and {last} with + - * / "
            "and brackets. Use each number exactly once."
        )
        content = " ".join(map(str, numbers))
        return Problem(content, level, question, write(found[0]).text, "Game24", data=drawn)

    def _judge(self, problem: Problem, answer: str) -> Judgement:
        try:
            value, numbers, _ = read_expression(answer, TARGET)
        except Unreadable as unreadable:
            return Judgement(False, 0.0, str(unreadable), is_read=False)
        fault = misused(numbers, problem.data, all_of_them=True)
        if not fault and value != TARGET:
            fault = f"This makes {value}, not {TARGET}."
        return Judgement(False, 0.0, fault) if fault else CORRECT


# The last operation joins a result of some of the numbers to one of the others: what the others
# must make follows from it. Values are floats, which decide here as fractions would: a value of
# four numbers up to 40 has a denominator below 40^4, so one that is not the target is further off
# than 1e-8, and rounding is below 1e-10.

_NEAR = 1e-9


def ways(numbers: tuple[int, ...], target: float) -> Iterator[Tree]:
    """The expressions that make the target from all of the numbers, one after the other."""
    for few, rest in _splits(numbers):
        from_rest = _of_two if len(rest) == 2 else ways
        for value, tree in _results(few):
            for wanted, operator, is_left in _wanted(value, target):
                if found := from_rest(rest, wanted):
                    for other in found:
                        yield (tree, operator, other) if is_left else (other, operator, tree)


def _splits(numbers: tuple[int, ...]) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """The ways to part three or four numbers, one or two of them from the rest."""
    places = range(len(numbers))
    parts: list[tuple[int, ...]] = [(place,) for place in places]
    if len(numbers) == 4:
        parts += [(0, 1), (0, 2), (0, 3)]
    splits = [
        (tuple(numbers[i] for i in part), tuple(numbers[i] for i in places if i not in part))
        for part in parts
    ]
    return list(dict.fromkeys(splits))


def _of_two(numbers: tuple[int, ...], target: float) -> list[Tree]:
    """The expressions that make the target from two numbers."""
    a, b = numbers
    low, high = target - _NEAR, target + _NEAR
    found: list[Tree] = []
    if low < a + b < high:
        found.append((a, "+", b))
    if low < a * b < high:
        found.append((a, "*", b))
    if low < a - b < high:
        found.append((a, "-", b))
    if low < a / b < high:
        found.append((a, "/", b))
    if a != b and low < b - a < high:
        found.append((b, "-", a))
    if a != b and low < b / a < high:
        found.append((b, "/", a))
    return found


def _results(numbers: tuple[int, ...]) -> list[tuple[float, Tree]]:
    """What one number is, or what two numbers make."""
    if len(numbers) == 1:
        return [(numbers[0], numbers[0])]
    a, b = numbers
    made: list[tuple[float, Tree]] = [(a + b, (a, "+", b)), (a * b, (a, "*", b))]
    made += [(a - b, (a, "-", b)), (a / b, (a, "/", b))]
    if a != b:
        made += [(b - a, (b, "-", a)), (b / a, (b, "/", a))]
    return made


def _wanted(value: float, target: float) -> list[tuple[float, str, bool]]:
    """What must be joined to a value to make the target, how, and whether on its right."""
    wanted = [(target - value, "+", True), (value - target, "-", True)]
    if abs(value) > _NEAR:
        wanted.append((target + value, "-", False))
        wanted += [(target / value, "*", True), (target * value, "/", False)]
        if abs(target) > _NEAR:
            wanted.append((value / target, "/", True))
    return wanted


def write(tree: Tree) -> Written:
    """An expression as text."""
    if isinstance(tree, int):
        return Written(str(tree), 3)
    left, operator, right = tree
    return join(write(left), operator, write(right))
