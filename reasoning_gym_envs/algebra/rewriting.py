"""What can be done with a statement, and what a textbook does: commands and worked solutions.

A command works on the first case that is not solved yet; in a system, on the first equation that
has something to be done on its own. Every command keeps the solutions (multiplying by a denominator
may add a number for which the equation given has no meaning: "drop extraneous solutions").
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from functools import lru_cache
from math import gcd, lcm
from typing import NamedTuple

from reasoning_gym_envs.algebra.solution_sets import Facts, Undecided, follows
from reasoning_gym_envs.algebra.statements import (
    NOTHING,
    Case,
    Equation,
    Key,
    Statement,
    Term,
    TooComplex,
    collected,
    expand,
    flat_terms,
    is_collected,
    negated,
    number,
    square_root,
    term,
    total,
    write,
)
from reasoning_gym_envs.answers.tree import (
    Call,
    Expression,
    Negative,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Variable,
    substitute,
    walk,
)

EXPAND = "expand"
COLLECT = "collect terms"
CLEAR = "clear fractions"
SWAP = "swap sides"
FACTOR = "factor"
SPLIT = "split into cases"
ROOT = "take the square root"
DROP = "drop extraneous solutions"
SUBSTITUTE = "substitute"
ADD = "add the equations"
SUBTRACT = "subtract the equations"

PLAIN_COMMANDS = (EXPAND, COLLECT, CLEAR, SWAP, FACTOR, SPLIT, ROOT, DROP)

FAR = 25
"""What a statement counts that no textbook way leads on from: more than any that has one."""
_MOST_STEPS = 40
LARGEST_NUMBER = 200
"""No larger number is added, subtracted or divided by in a command."""
LARGEST_MULTIPLE = 30
"""Coefficients of a system are not made larger by multiplying, so that its states are finite."""

Equations = list[Equation]


class Step(NamedTuple):
    """A step of a worked solution: the command ("" where there is none) and what it leads to."""

    command: str
    statement: Statement


# Solved forms.


def value_of(equation: Equation) -> tuple[str, Fraction] | None:
    """The letter and its value where the equation says x = 3; None where it does not."""
    right = flat_terms(equation.right)
    if isinstance(equation.left, Variable) and right is not None and len(right) == 1:
        value, key = right[0]
        return None if key else (equation.left.name, value)
    return None


def is_claim(statement: Statement) -> bool:
    """Whether the statement says what the solutions are, or that there are none."""
    return all(
        value_of(equation) or value_of(Equation(equation.right, equation.left))
        for case in statement
        for equation in case
    )


def is_solved(statement: Statement, facts: Facts) -> bool:
    """Whether the statement says the solutions: every unknown alone, with its value."""
    found = set()
    for case in statement:
        values = dict(value for value in map(value_of, case) if value)
        if len(values) != len(facts.unknowns):
            return False
        found.add(tuple(values[name] for name in facts.unknowns))
    return found == set(facts.solutions)


def solved(facts: Facts) -> Statement:
    """The statement of the solutions."""
    return tuple(
        tuple(
            Equation(Variable(name), number(value))
            for name, value in zip(facts.unknowns, values, strict=True)
        )
        for values in facts.solutions
    )


# Worked solutions.


def distance(statement: Statement, facts: Facts) -> int:
    """How many steps a textbook takes from the statement to the solutions."""
    steps = work_out(statement, facts)
    return len(steps) + (FAR if steps and not steps[-1].command else 0)


def work_out(statement: Statement, facts: Facts) -> list[Step]:
    """The steps of a textbook from the statement to the solutions.

    Where there is no textbook way, the last step writes the solutions down, without a command.
    """
    steps: list[Step] = []
    step = next_step(statement, facts)
    while step is not None:
        if len(steps) == _MOST_STEPS:
            step = Step("", solved(facts))
        steps.append(step)
        step = next_step(step.statement, facts)
    return steps


@lru_cache(maxsize=8192)
def next_step(statement: Statement, facts: Facts) -> Step | None:
    """The first step of a textbook; None where the statement says the solutions."""
    if is_solved(statement, facts):
        return None
    command = textbook_command(statement, facts)
    change = moves(statement, facts).get(command)
    if change is not None:
        after = change()
        # a denominator that the equation given does not have may hide a number that is no solution
        if command != CLEAR or _follows(after, facts):
            return Step(command, after)
    return Step("", solved(facts))


def _follows(statement: Statement, facts: Facts) -> bool:
    try:
        return follows(statement, facts)
    except Undecided:
        return False


def textbook_command(statement: Statement, facts: Facts) -> str:
    """The command that a textbook would give next; "" where it has none."""
    case = first_unsolved(statement)
    if case is None:
        return DROP
    equations = statement[case]
    if len(equations) == 1:
        return _textbook_step(equations[0])
    focus = focus_of(equations)
    if focus is not None:
        return _textbook_step(equations[focus])
    if _substitution(equations) is not None:
        return SUBSTITUTE
    rows = [_linear(equation) for equation in equations]
    costs = []
    for letter in facts.unknowns:
        a, b = (row.get((letter, 1), Fraction(0)) for row in rows)
        if a == b:
            return SUBTRACT
        if a == -b:
            return ADD
        least = lcm(int(a), int(b))
        costs.append((least, least // abs(int(a)), least // abs(int(b))))
    _, first, second = min(costs)
    if first > 1:
        return f"multiply the first equation by {first}"
    return f"multiply the second equation by {second}"


def _textbook_step(equation: Equation) -> str:
    left, right = (flat_terms(side) for side in equation)
    if left is None or right is None:
        if _is_square(equation):
            return ROOT
        if _is_zero(equation.right) and _factors_of(equation.left) is not None:
            return SPLIT
        if any(isinstance(node, Quotient) for side in equation for node in walk(side)):
            return CLEAR
        return EXPAND
    if not (is_collected(left) and is_collected(right)):
        return COLLECT
    # one term and a number: 3x = 6, x/2 = 5, 2|x - 1| = 6
    if left[0][1] and _is_single(left, right):
        coefficient, key = left[0]
        if coefficient.denominator > 1:
            return f"multiply both sides by {coefficient.denominator}"
        if coefficient != 1:
            return f"divide both sides by {coefficient}"
        return SPLIT if key[0] == "|" else ROOT if key[1] == 2 else ""
    if any(c.denominator > 1 for c, _ in [*left, *right]):
        return CLEAR
    highest = max((key[1] for _, key in [*left, *right] if key and key[0] != "|"), default=0)
    if any(key and key[0] == "|" for _, key in [*left, *right]):
        if highest:
            return ""
        if len(left) == len(right) == 1 and left[0][1] and right[0][1]:
            return SPLIT
        return SWAP if not any(key for _, key in left) else _move_number(left)
    if highest > 2:
        return ""
    if highest == 2:
        return _textbook_quadratic(left, right)
    if not any(key for _, key in left):
        return SWAP
    for each in right:
        if each[1]:
            return _move(each)
    divisor = _divisor(left, right)
    if abs(left[-1][0]) > LARGEST_NUMBER and abs(divisor) != 1:
        return f"divide both sides by {divisor}"
    return _move_number(left)


def _move_number(terms: list[Term]) -> str:
    return next((_move(each) for each in terms if not each[1]), "")


def _textbook_quadratic(left: list[Term], right: list[Term]) -> str:
    square = [each for side in (left, right) for each in side if each[1] and each[1][1] == 2]
    if len(square) == 2 and square[0] == square[1]:
        return _move(square[0])
    difference = collected([*left, *negated(right)])
    if not any(key and key[1] == 1 for _, key in difference):  # x² = 9
        if not any(key for _, key in left):
            return SWAP
        for each in right:
            if each[1]:
                return _move(each)
        return next((_move(each) for each in left if not each[1] or each[1][1] == 1), "")
    if right != NOTHING:
        return SWAP if left == NOTHING else _move(right[0])
    divisor = _divisor(left, right)
    return FACTOR if divisor == 1 else f"divide both sides by {divisor}"


def _divisor(left: list[Term], right: list[Term]) -> int:
    """What all terms can be divided by; with a sign where the highest should lose its own."""
    divisor = gcd(*(int(c) for c, _ in [*left, *right]))
    return (
        -divisor
        if collected(left)[:1] and collected(left)[0][0] < 0 and right == NOTHING
        else divisor
    )


# Commands.


def moves(statement: Statement, facts: Facts) -> dict[str, Callable[[], Statement]]:
    """The commands that are possible, and what each leads to."""
    case = first_unsolved(statement)
    if case is None:
        return {DROP: lambda: solved(facts)} if facts.excluded else {}
    equations = statement[case]

    def put(cases: list[Case]) -> Statement:
        return (*statement[:case], *cases, *statement[case + 1 :])

    if len(equations) == 1:
        return {
            command: lambda change=change: put([(after,) for after in change()])  # type: ignore[misc]
            for command, change in _equation_moves(equations[0]).items()
        }
    return {
        command: lambda change=change: put([change()])  # type: ignore[misc]
        for command, change in _system_moves(equations).items()
    }


def first_unsolved(statement: Statement) -> int | None:
    """The first case that does not say the value of every unknown."""
    for index, case in enumerate(statement):
        values = [value_of(equation) for equation in case]
        if None in values or len({value[0] for value in values if value}) < len(case):
            return index
    return None


def _equation_moves(equation: Equation) -> dict[str, Callable[[], Equations]]:
    left, right = (flat_terms(side) for side in equation)
    if left is None or right is None:
        return _moves_with_brackets(equation)
    if not (is_collected(left) and is_collected(right)):
        return {COLLECT: lambda: [_collect(left, right)]}
    found: dict[str, Callable[[], Equations]] = {}
    terms = [*left, *right]
    if any(c.denominator > 1 for c, _ in terms):
        found[CLEAR] = lambda: [_clear_fractions(equation)]
    for side in (left, right):
        if side[0][1] and _is_single(left, right):
            coefficient = side[0][0]
            if coefficient.denominator > 1:
                by = Fraction(coefficient.denominator)
                found[f"multiply both sides by {by}"] = _scaler(left, right, by)
            elif coefficient != 1:
                found[f"divide both sides by {coefficient}"] = _scaler(left, right, 1 / coefficient)
    if all(c.denominator == 1 for c, _ in terms):
        divisor = _divisor(left, right)
        if divisor not in (0, 1):
            found[f"divide both sides by {divisor}"] = _scaler(left, right, Fraction(1, divisor))
    is_single = any(key and key[-1] == 1 for _, key in terms) and _is_single(left, right)
    for each in terms:
        if is_single or (each[1] and each[1][0] == "|"):
            continue  # 3x = 6 is for dividing
        if each[0].denominator == 1 and 0 < abs(each[0]) <= LARGEST_NUMBER:
            found[_move(each)] = _mover(left, right, each)
    if any(key for _, key in right):
        found[SWAP] = lambda: [Equation(equation.right, equation.left)]
    found.update(_case_moves(equation, left, right))
    return found


def _is_single(left: list[Term], right: list[Term]) -> bool:
    """Whether a multiple of something is equal to a number."""
    return len(left) == len(right) == 1 and bool(left[0][1]) is not bool(right[0][1])


def _case_moves(
    equation: Equation, left: list[Term], right: list[Term]
) -> dict[str, Callable[[], Equations]]:
    """What makes two equations of one, or prepares it."""
    found: dict[str, Callable[[], Equations]] = {}
    if right == NOTHING and (factored := _factored(left)) is not None:
        found[FACTOR] = lambda: [Equation(factored, equation.right)]
    if len(left) != 1 or len(right) != 1 or left[0][0] != 1 or not left[0][1]:
        return found
    key = left[0][1]
    if key[0] != "|" and key[1] == 2 and not right[0][1]:
        atom = Variable(key[0])
        if right[0][0] < 0 or square_root(right[0][0]) is not None:
            found[ROOT] = lambda: _roots_of(atom, right[0][0])
    if key[0] == "|" and (not right[0][1] or (right[0][1][0] == "|" and right[0][0] == 1)):
        found[SPLIT] = lambda: _absolute_cases(key, right[0])
    return found


def _moves_with_brackets(equation: Equation) -> dict[str, Callable[[], Equations]]:
    found: dict[str, Callable[[], Equations]] = {}
    if _is_square(equation):
        assert isinstance(equation.left, Power)
        base, terms = equation.left.base, flat_terms(equation.right)
        assert terms is not None
        found[ROOT] = lambda: _roots_of(base, terms[0][0])
    factors = _factors_of(equation.left) if _is_zero(equation.right) else None
    if factors is not None:
        found[SPLIT] = lambda: [Equation(factor, number(0)) for factor in factors]
    if any(isinstance(node, Quotient) for side in equation for node in walk(side)):
        with suppress(TooComplex):
            cleared = _clear_fractions(equation)
            found[CLEAR] = lambda: [cleared]
    with suppress(TooComplex, ZeroDivisionError):
        expanded = Equation(*(total(expand(side)) for side in equation))
        found[EXPAND] = lambda: [expanded]
    if _is_zero(equation.left):
        found[SWAP] = lambda: [Equation(equation.right, equation.left)]
    return found


def _move(each: Term) -> str:
    """The command that takes a term off both sides."""
    coefficient, key = each
    if coefficient < 0:
        return f"add {write(term(-coefficient, key))} to both sides"
    return f"subtract {write(term(coefficient, key))} from both sides"


def _mover(left: list[Term], right: list[Term], each: Term) -> Callable[[], Equations]:
    off = (-each[0], each[1])
    return lambda: [_collect([*left, off], [*right, off])]


def _scaler(left: list[Term], right: list[Term], by: Fraction) -> Callable[[], Equations]:
    return lambda: [Equation(*(total((c * by, key) for c, key in side) for side in (left, right)))]


def _collect(left: list[Term], right: list[Term]) -> Equation:
    return Equation(total(collected(left)), total(collected(right)))


def _is_zero(node: Expression) -> bool:
    return isinstance(node, Number) and not node.value


def _is_square(equation: Equation) -> bool:
    """Whether the equation has the form (x - 3)^2 = 4, with a root that can be written."""
    left, right = equation.left, flat_terms(equation.right)
    if not isinstance(left, Power) or left.exponent != number(2) or not right:
        return False
    value = right[0][0]
    return len(right) == 1 and not right[0][1] and (value < 0 or square_root(value) is not None)


def _roots_of(base: Expression, value: Fraction) -> Equations:
    root = square_root(value)
    if root is None:
        return []
    return [Equation(base, number(each)) for each in ((root, -root) if root else (root,))]


def _absolute_cases(key: Key, right: Term) -> Equations:
    """The equations that |A| = b or |A| = |B| stands for."""
    inside = total(key[1])
    value, other = right
    if other:
        return [Equation(inside, total(other[1])), Equation(inside, total(negated(other[1])))]
    if value < 0:
        return []
    return [Equation(inside, number(each)) for each in ((value, -value) if value else (value,))]


def _factors_of(node: Expression) -> list[Expression] | None:
    """The different factors with an unknown of a product; None of what is no product."""
    if isinstance(node, Negative):
        node = node.operand
    if isinstance(node, Power):
        return [_inside(node.base)]
    if isinstance(node, Call):
        return [node.argument]
    if not isinstance(node, Product):
        return None
    factors: list[Expression] = []
    for factor in node.factors:
        if not any(isinstance(part, Variable) for part in walk(factor)):
            if flat_terms(factor) in (None, NOTHING):
                return None
            continue
        if any(isinstance(part, Quotient) for part in walk(factor)):
            return None
        inside = _factors_of(factor) or [factor]
        factors += [each for each in inside if each not in factors]
    return factors


def _inside(base: Expression) -> Expression:
    return base.argument if isinstance(base, Call) else base


def _factored(terms: list[Term]) -> Expression | None:
    """A quadratic with whole coefficients as a product of linear factors, where it is one."""
    by_power = {key[1] if key else 0: c for c, key in terms if not key or key[0] != "|"}
    letters = {key[0] for _, key in terms if key}
    if len(by_power) != len(terms) or max(by_power) != 2 or len(letters) != 1:
        return None
    if any(c.denominator > 1 for c in by_power.values()):
        return None
    a, b, c = (by_power.get(power, Fraction(0)) for power in (2, 1, 0))
    root = square_root(b * b - 4 * a * c)
    if root is None:
        return None
    (letter,) = letters
    factors: list[Expression] = []
    scale = a
    for zero in ((-b + root) / (2 * a), (-b - root) / (2 * a)):
        scale /= zero.denominator
        x = (Fraction(zero.denominator), (letter, 1))
        factors.append(total([x, (Fraction(-zero.numerator), ())]))
    if factors[0] == factors[1]:
        factors = [Power(factors[0], number(2))]
    factors.sort(key=lambda factor: isinstance(factor, Sum))  # x(x - 3), not (x - 3)x
    if scale not in (1, -1):
        factors.insert(0, number(abs(scale)))
    product = factors[0] if len(factors) == 1 else Product(tuple(factors))
    return Negative(product) if scale < 0 else product


# Fractions.


class _Part(NamedTuple):
    """A term as a number times factors, divided by others."""

    scale: Fraction
    above: tuple[Expression, ...]
    below: tuple[tuple[Term, ...], ...]


def _clear_fractions(equation: Equation) -> Equation:
    """Both sides multiplied by the least common denominator of their terms.

    Raises:
        TooComplex: a denominator is 0, or no sum of powers.
    """
    sides: list[list[_Part]] = []
    for side in equation:
        parts = side.terms if isinstance(side, Sum) else (side,)
        sides.append([_part(node) for node in parts])
    parts_of_all = [part for side in sides for part in side]
    multiple = lcm(*(part.scale.denominator for part in parts_of_all))
    common: list[tuple[Term, ...]] = []
    for part in parts_of_all:
        for factor in part.below:
            if part.below.count(factor) > common.count(factor):
                common.append(factor)
    cleared = []
    for parts_of_side in sides:
        nodes: list[Expression] = []
        for part in parts_of_side:
            missing = list(common)
            for factor in part.below:
                missing.remove(factor)
            scale = part.scale * multiple
            nodes += _multiplied(scale, [*map(total, missing), *part.above])
        nodes = [node for node in nodes if not _is_zero(node)] or [number(0)]
        cleared.append(nodes[0] if len(nodes) == 1 else Sum(tuple(nodes)))
    return Equation(*cleared)


def _part(node: Expression) -> _Part:
    if isinstance(node, Number):
        return _Part(node.value, (), ())
    if isinstance(node, Negative):
        part = _part(node.operand)
        return part._replace(scale=-part.scale)
    if isinstance(node, Product):
        parts = [_part(factor) for factor in node.factors]
        scale = Fraction(1)
        for part in parts:
            scale *= part.scale
        above = tuple(each for part in parts for each in part.above)
        return _Part(scale, above, tuple(each for part in parts for each in part.below))
    if isinstance(node, Quotient):
        top, bottom = _part(node.numerator), _part(node.denominator)
        if not bottom.scale or bottom.below:
            raise TooComplex
        scale, below = top.scale / bottom.scale, []
        for factor in bottom.above:
            terms = collected(expand(factor))
            if not terms:
                raise TooComplex
            content = Fraction(
                gcd(*(c.numerator for c, _ in terms)), lcm(*(c.denominator for c, _ in terms))
            )
            content = -content if terms[0][0] < 0 else content
            scale /= content
            below.append(tuple((c / content, key) for c, key in terms))
        return _Part(scale, top.above, (*top.below, *below))
    return _Part(Fraction(1), (node,), ())


def _multiplied(scale: Fraction, factors: list[Expression]) -> list[Expression]:
    """The terms of a product, whose brackets are kept where they are needed."""
    if not factors:
        return [number(scale)]
    if len(factors) == 1:
        terms = flat_terms(factors[0])
        if terms is not None and (len(terms) == 1 or scale == 1):
            return [term(c * scale, key) for c, key in terms]
    size = abs(scale)
    single = [factor for factor in factors if not isinstance(factor, Sum)]
    factors = [factor for factor in factors if isinstance(factor, Sum)]
    try:
        ((coefficient, key),) = expand(Product(tuple(single)))
        if not factors:
            return [term(coefficient * scale, key)]
        size *= coefficient
        factors += [term(Fraction(1), key)] if key else []
    except (TooComplex, ValueError):
        factors += single
    factors.sort(key=lambda factor: isinstance(factor, Sum))
    if size != 1:
        factors.insert(0, number(size))
    product = factors[0] if len(factors) == 1 else Product(tuple(factors))
    return [Negative(product) if scale < 0 else product]


# Systems.


def _system_moves(case: Case) -> dict[str, Callable[[], Case]]:
    focus = focus_of(case)
    if focus is not None:

        def put(change: Callable[[], Equations]) -> Callable[[], Case]:
            return lambda: (*case[:focus], *change(), *case[focus + 1 :])

        found = _equation_moves(case[focus])
        return {c: put(change) for c, change in found.items() if c not in (ROOT, SPLIT, FACTOR)}
    after = _substitution(case)
    if after is not None:
        return {SUBSTITUTE: lambda: after}
    first, second = (_linear(equation) for equation in case)
    eliminated: dict[str, Callable[[], Case]] = {}
    pairs = [(int(first[key]), int(second[key])) for key in first if key and second.get(key)]
    if any(a == b for a, b in pairs):
        eliminated[SUBTRACT] = lambda: (sum_or_difference(case, -1), case[1])
    if any(a == -b for a, b in pairs):
        eliminated[ADD] = lambda: (sum_or_difference(case, 1), case[1])
    if eliminated:  # multiplying on and on would never end
        return eliminated
    for a, b in pairs:
        least = lcm(a, b)
        for index, by in enumerate((least // abs(a), least // abs(b))):
            if by > 1 and least <= LARGEST_MULTIPLE:
                name = ("first", "second")[index]
                eliminated[f"multiply the {name} equation by {by}"] = _multiplier(case, index, by)
    return eliminated


def _multiplier(case: Case, index: int, by: int) -> Callable[[], Case]:
    return lambda: (*case[:index], multiplied(case[index], by), *case[index + 1 :])


def multiplied(equation: Equation, by: int) -> Equation:
    """An equation without brackets, with both sides multiplied."""
    sides = (flat_terms(side) or [] for side in equation)
    return Equation(*(total((c * by, key) for c, key in side) for side in sides))


def focus_of(case: Case) -> int | None:
    """The first equation with something to be done on its own."""
    for index, equation in enumerate(case):
        if value_of(equation):
            continue
        sides = [flat_terms(side) for side in equation]
        terms = [each for side in sides if side is not None for each in side]
        if (
            None in sides
            or not all(is_collected(side) for side in sides if side is not None)
            or sum(1 for key in _linear(equation) if key) < 2
            or any(c.denominator > 1 for c, _ in terms)
        ):
            return index
    return None


def _substitution(case: Case) -> Case | None:
    """The system with the value, or the expression, of an unknown put into the other equation."""
    for by_value in (True, False):
        for source, target in ((0, 1), (1, 0)):
            name, expression = case[source].left, case[source].right
            if not isinstance(name, Variable) or bool(value_of(case[source])) is not by_value:
                continue
            if name in walk(expression) or not any(name in walk(side) for side in case[target]):
                continue
            sides = [substitute(side, name.name, expression) for side in case[target]]
            if by_value:
                sides = [total(collected(expand(side))) for side in sides]
            after = list(case)
            after[target] = Equation(*sides)
            return tuple(after)
    return None


def _linear(equation: Equation) -> dict[Key, Fraction]:
    """The coefficients of an equation with everything on its left side."""
    left, right = (flat_terms(side) or [] for side in equation)
    return {key: c for c, key in collected([*left, *negated(right)])}


def sum_or_difference(case: Case, sign: int) -> Equation:
    """The first equation plus or minus the second, with the unknowns on the left."""
    first, second = (_linear(equation) for equation in case)
    terms = collected(
        [*((c, key) for key, c in first.items()), *((sign * c, key) for key, c in second.items())]
    )
    return Equation(
        total(each for each in terms if each[1]), total((-c, key) for c, key in terms if not key)
    )
