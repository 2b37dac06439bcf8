"""Writing a tree in plain notation, for people who ask what an answer was read as."""

from __future__ import annotations

from fractions import Fraction

from .tree import (
    Application,
    BareList,
    BasedNumber,
    Binomial,
    Call,
    Congruence,
    Constant,
    Date,
    Degrees,
    Difference,
    Ellipsis,
    Expression,
    Extremum,
    Intersection,
    Interval,
    Matrix,
    Mixed,
    Negative,
    Node,
    Number,
    NumberSet,
    Percent,
    PlusMinus,
    Power,
    Product,
    Quantity,
    Quotient,
    Ratio,
    Relation,
    Root,
    Series,
    Set,
    Sum,
    Text,
    Time,
    Tuple,
    Union,
    Variable,
    Where,
)

MAX_CHARACTERS = 500

# How tightly a node holds together: what binds less stands in brackets.
_SUM, _PRODUCT, _POWER, _ATOM = range(4)


def write(node: Node) -> str:
    r"""Write a tree on one line.

    >>> from reasoning_gym_envs.answers.parser import parse_answer
    >>> write(parse_answer(r"\left\{ \frac{1}{2}, -\sqrt{3}\,x^{2} \right\}"))
    '{1/2, -sqrt(3)*x^2}'
    """
    text = _write(node)
    return text if len(text) <= MAX_CHARACTERS else text[:MAX_CHARACTERS] + "…"


def _write(node: Node) -> str:
    if isinstance(node, Expression):
        return _expression(node)[0]
    match node:
        case Tuple(items, brackets):
            return f"{brackets[0]}{_listed(items)}{brackets[1]}"
        case BareList(items, joined):
            return _listed(items) if joined == "," else f" {joined} ".join(map(_write, items))
        case Set(items):
            return f"{{{_listed(items)}}}"
        case Interval(low, high, low_closed, high_closed):
            opening, closing = "[" if low_closed else "(", "]" if high_closed else ")"
            return f"{opening}{_write(low)}, {_write(high)}{closing} (interval)"
        case Union(parts):
            return " ∪ ".join(map(_write, parts))
        case Intersection(parts):
            return " ∩ ".join(map(_write, parts))
        case Difference((first, second)):
            return f"{_write(first)} without {_write(second)}"
        case NumberSet(name):
            return f"the set {name}"
        case Where(body, conditions):
            return f"{_write(body)} where {_listed(conditions)}"
        case Matrix(rows):
            return "[" + ", ".join(f"[{_listed(row)}]" for row in rows) + "]"
        case Relation(operators, sides):
            written = _write(sides[0])
            for operator, side in zip(operators, sides[1:], strict=True):
                written += f" {operator} {_write(side)}"
            return written
        case Ratio(parts):
            return " : ".join(map(_write, parts))
        case Quantity(amount, unit, _):
            powers = (n if times == 1 else f"{n}^{times}" for n, times in unit.dimension)
            factor = "" if unit.factor == 1 else f" × {_number(unit.factor)}"
            return f"{_write(amount)}{factor} {' '.join(powers) or 'units'}"
        case Congruence(residue, modulus):
            return f"{_write(residue)} modulo {_write(modulus)}"
        case Time(numbers, half):
            return ":".join(f"{number:02}" for number in numbers) + (f" {half}" if half else "")
        case Date(day, month, year):
            return f"{year if year else '----'}-{month:02}-{day:02}"
        case Ellipsis():
            return "…"
        case Text(words):
            return f"the words {words!r}"
    raise TypeError(f"not a node: {node!r}")


def _listed(items: tuple[Node, ...]) -> str:
    return ", ".join(map(_write, items))


def _bracketed(node: Expression, tightness: int) -> str:
    text, own = _expression(node)
    return text if own >= tightness else f"({text})"


def _expression(node: Expression) -> tuple[str, int]:
    """Return the text of an expression, and how tightly it holds together."""
    match node:
        case Number(value):
            return _number(value), _ATOM if value.denominator == 1 else _PRODUCT
        case BasedNumber(value, base):
            return f"{value} (written in base {base})", _SUM
        case Mixed(whole, numerator, denominator):
            parts = (whole, numerator, denominator)
            return "({} + {}/{})".format(*(_number(part.value) for part in parts)), _ATOM
        case Variable(name) | Constant(name):
            return name, _ATOM
        case Negative(operand):
            return f"-{_bracketed(operand, _PRODUCT)}", _SUM
        case PlusMinus(operand, sign):
            return f"{'±' if sign > 0 else '∓'}{_bracketed(operand, _PRODUCT)}", _SUM
        case Percent(operand):
            return f"{_bracketed(operand, _ATOM)}%", _ATOM
        case Degrees(operand):
            return f"{_bracketed(operand, _ATOM)}°", _ATOM
        case Sum(terms):
            written = _bracketed(terms[0], _SUM)
            for term in terms[1:]:
                if isinstance(term, Negative):
                    written += f" - {_bracketed(term.operand, _PRODUCT)}"
                elif isinstance(term, PlusMinus):
                    written += f" {_expression(term)[0]}"
                else:
                    written += f" + {_bracketed(term, _PRODUCT)}"
            return written, _SUM
        case Product(factors):
            return "*".join(_bracketed(factor, _POWER) for factor in factors), _PRODUCT
        case Quotient(numerator, denominator):
            return f"{_bracketed(numerator, _POWER)}/{_bracketed(denominator, _POWER)}", _PRODUCT
        case Power(base, exponent):
            return f"{_bracketed(base, _ATOM)}^{_bracketed(exponent, _ATOM)}", _POWER
        case Root(radicand, index):
            inside = _write(radicand)
            if index == Number(Fraction(2), "integer"):
                return f"sqrt({inside})", _ATOM
            return f"root({inside}, {_write(index)})", _ATOM
        case Call("factorial", argument):
            return f"{_bracketed(argument, _ATOM)}!", _ATOM
        case Call(function, argument, base):
            below = "" if base is None else f"_{_bracketed(base, _ATOM)}"
            return f"{function}{below}({_write(argument)})", _ATOM
        case Binomial(upper, lower):
            return f"binomial({_write(upper)}, {_write(lower)})", _ATOM
        case Extremum(function, arguments):
            return f"{function}({_listed(arguments)})", _ATOM
        case Application(letter, arguments):
            return f"{letter.name}({_listed(arguments)})", _ATOM
        case Series(operation, index, low, high, body):
            limits = f"{index.name} = {_write(low)} … {_write(high)}"
            return f"{operation}({_write(body)}, {limits})", _ATOM
    raise TypeError(f"not an expression: {node!r}")


def _number(value: Fraction) -> str:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > 2048:
        return "a number with many digits"
    return str(value)
