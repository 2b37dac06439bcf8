r"""Exact values: expressions as quotients of polynomials with rational coefficients.

A value is a `Fraction` wherever it is rational, and else a `RationalFunction`: a quotient of two
polynomials in *generators*, the quantities that have no polynomial relation between them as far as
anyone knows:

    ("variable", "x")      a letter
    ("constant", "pi")     π
    ("root", p)            p to a power between 0 and 1, p a prime: √12 is 2·3^(1/2);
                           p = -1 gives the roots of unity: i is (-1)^(1/2)
    ("exp", m)             e to the monomial m; e itself is the exponential of 1
    ("ln", p)              the logarithm of a prime: ln 12 is 2·ln 2 + ln 3
    ("call", f, key)       anything else: f of something, known only to equal itself

Exponents of generators may be negative and, where that is sound, fractions. Two values are equal
when their cross products are the same polynomial. That decides equality, except where a `call`, a
root of unity other than i or a number too big to factor is in it: then different polynomials may
still be the same number. In exponential mode the trigonometric and hyperbolic functions are written
with exponentials (Euler's formula), so that all identities between them are decided too.

A `Calculator` does the arithmetic and counts what it does: past its limits it raises, so no text
takes more than some milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any, TypeAlias

from . import power_series
from .errors import AnswerError, TooLarge, Undecided, Unreadable
from .tree import (
    Application,
    BasedNumber,
    Binomial,
    Call,
    Constant,
    Degrees,
    Expression,
    Extremum,
    Mixed,
    Negative,
    Number,
    Percent,
    PlusMinus,
    Power,
    Product,
    Quotient,
    Root,
    Series,
    Sum,
    Variable,
    is_infinite,
    is_product,
    substitute,
    walk,
)

MAX_TERMS = 50
MAX_BITS = 65_536
MAX_EXPONENT = 10**6
MAX_WORK = 6_000  # products of two terms: enough to compare any two values
MAX_NUMERIC_WORK = 40_000  # additions of some hundred bits
MAX_SERIES = 64

Generator: TypeAlias = tuple[Any, ...]
Monomial: TypeAlias = frozenset[tuple[Generator, "int | Fraction"]]
Polynomial: TypeAlias = dict[Monomial, Fraction]

_ONE = Fraction(1)
_ZERO = Fraction(0)
_CONSTANT: Monomial = frozenset()  # the monomial of a rational number
_UNIT: Polynomial = {_CONSTANT: _ONE}
_TRIAL_LIMIT = 10_000
_SMALL = 100_000
_MINUS_ONE = Fraction(-1)
_HALF = Fraction(1, 2)
_DEGREE = Fraction(1, 180)
_PI = ("constant", "pi")
_I = ("root", -1)
_I_PI: Monomial = frozenset(((_I, _HALF), (_PI, 1)))
_LOG_BASE = ("constant", "log base")  # the logarithm of the base that `\\log` leaves unsaid
_ODD = frozenset(
    ("sin", "tan", "cot", "csc", "arcsin", "arctan", "sinh", "tanh", "arcsinh", "arctanh")
)
_EVEN = frozenset(("cos", "sec", "cosh", "abs"))
_CIRCULAR = frozenset(("sin", "cos", "tan", "cot", "sec", "csc"))
_HYPERBOLIC = frozenset(("sinh", "cosh", "tanh"))
# The cosine of k·π/12 as {radicand: coefficient}, for k from 0 to 6.
_COSINES: tuple[dict[int, Fraction], ...] = (
    {1: _ONE},
    {6: Fraction(1, 4), 2: Fraction(1, 4)},
    {3: _HALF},
    {2: _HALF},
    {1: _HALF},
    {6: Fraction(1, 4), 2: Fraction(-1, 4)},
    {},
)


class RationalFunction:
    """A quotient of two polynomials that is not a rational number. Do not change one."""

    __slots__ = ("denominator", "numerator")

    def __init__(self, numerator: Polynomial, denominator: Polynomial) -> None:
        self.numerator = numerator
        self.denominator = denominator

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RationalFunction):
            return NotImplemented
        try:
            return Calculator().equal(self, other)
        except TooLarge:
            return False

    def __hash__(self) -> int:
        """Equal values have many forms, so all of them share one hash: right, if slow in a set."""
        return hash(RationalFunction)

    def __repr__(self) -> str:
        return f"RationalFunction({self.numerator}, {self.denominator})"

    def has_only_variables(self) -> bool:
        """Say whether there is nothing in it but letters and rational numbers."""
        return all(
            generator[0] == "variable"
            for polynomial in (self.numerator, self.denominator)
            for monomial in polynomial
            for generator, _ in monomial
        )

    def is_transparent(self) -> bool:
        """Say whether every generator is understood, so that inequality is certain."""
        return all(
            _is_transparent(generator, exponent)
            for polynomial in (self.numerator, self.denominator)
            for monomial in polynomial
            for generator, exponent in monomial
        )


Value: TypeAlias = Fraction | RationalFunction


class Budget:
    """Work that may still be done; one that is used up raises `TooLarge`."""

    __slots__ = ("left",)

    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self, amount: int) -> None:
        """Take an amount of work off."""
        self.left -= amount
        if self.left < 0:
            raise TooLarge("the answer takes too much work to compare")


class Calculator:
    """Arithmetic on values within a budget: one for all the work of a check.

    `numeric_budget` is the budget for computing with hundreds of digits (see `numeric.py`), and
    `approximations` keeps what came of it.
    """

    def __init__(self, work: int = MAX_WORK) -> None:
        self.budget = Budget(work)
        self.numeric_budget = Budget(MAX_NUMERIC_WORK)
        self.exponential_mode = False
        self.approximations: dict[int, tuple[Expression, Fraction | None]] = {}
        self._exponential: Calculator | None = None
        self._values: dict[int, tuple[Expression, Value]] = {}

    @property
    def in_exponentials(self) -> Calculator:
        """The calculator in exponential mode that shares this one's budgets."""
        if self._exponential is None:
            self._exponential = Calculator()
            self._exponential.budget = self.budget
            self._exponential.exponential_mode = True
        return self._exponential

    # From a tree to a value.

    def value(self, node: Expression) -> Value:
        """Return the value of an expression."""
        if type(node) is Number:
            return node.value
        known = self._values.get(id(node))
        if known is not None:
            return known[1]
        compute = _COMPUTE.get(type(node))
        if compute is None:
            raise TypeError(f"not an expression: {node!r}")
        value = compute(self, node)
        self._values[id(node)] = (node, value)  # the node is kept, so its id stays its own
        return value

    def _sum(self, node: Sum) -> Value:
        total = self.value(node.terms[0])
        for term in node.terms[1:]:
            total = self.add(total, self.value(term))
        return total

    def _product(self, node: Product) -> Value:
        product = self.value(node.factors[0])
        for factor in node.factors[1:]:
            product = self.multiply(product, self.value(factor))
        return product

    def _ratio(self, node: Quotient) -> Value:
        denominator = self.value(node.denominator)
        return self.multiply(self.value(node.numerator), self.invert(denominator))

    def _constant(self, node: Constant) -> Value:
        if node.name == "infinity":
            raise Unreadable("infinity in a calculation")
        if node.name == "i":
            return _imaginary(1)
        return _of_generator(_PI if node.name == "pi" else ("exp", _CONSTANT))

    def _application(self, node: Application) -> Value:
        arguments = [self.value(argument) for argument in node.arguments]
        if is_product(node):
            return self.multiply(self.value(node.function), arguments[0])
        return _of_generator(("call", node.function.name, *map(_key, arguments)))

    def _plus_minus(self, node: PlusMinus) -> Value:
        raise Unreadable("a sign that stands for two answers")

    # Comparing.

    def equal(self, a: Value, b: Value) -> bool:
        """Say whether two values are the same quotient of polynomials."""
        if isinstance(a, Fraction) or isinstance(b, Fraction):
            return isinstance(a, Fraction) and isinstance(b, Fraction) and a == b
        if a.denominator == b.denominator:
            return a.numerator == b.numerator
        left = self._all_products(a.numerator, b.denominator)
        return left == self._all_products(b.numerator, a.denominator)

    # Arithmetic on values.

    def add(self, a: Value, b: Value) -> Value:
        """Return a + b."""
        if isinstance(a, Fraction) and isinstance(b, Fraction):
            return self._paid(a + b)
        (top_a, bottom_a), (top_b, bottom_b) = _parts(a), _parts(b)
        if bottom_a == bottom_b:
            return self._quotient(self._add(top_a, top_b), bottom_a)
        top = self._add(self._multiply(top_a, bottom_b), self._multiply(top_b, bottom_a))
        return self._quotient(top, self._multiply(bottom_a, bottom_b))

    def multiply(self, a: Value, b: Value) -> Value:
        """Return a · b."""
        if isinstance(a, Fraction) and isinstance(b, Fraction):
            return self._paid(a * b)
        for factor, other in ((a, b), (b, a)):
            if isinstance(factor, Fraction) and isinstance(other, RationalFunction):
                return self._scaled(factor, other)
        (top_a, bottom_a), (top_b, bottom_b) = _parts(a), _parts(b)
        return self._quotient(self._multiply(top_a, top_b), self._multiply(bottom_a, bottom_b))

    def _scaled(self, factor: Fraction, value: RationalFunction) -> Value:
        """Return a multiple of a value."""
        if factor == 1:
            return value
        if not factor:
            return _ZERO
        self._spend(len(value.numerator))
        numerator = {
            monomial: self._paid(coefficient * factor)
            for monomial, coefficient in value.numerator.items()
        }
        return RationalFunction(numerator, value.denominator)

    def invert(self, a: Value) -> Value:
        """Return 1 / a."""
        if isinstance(a, Fraction):
            if not a:
                raise Unreadable("a division by zero")
            return 1 / a
        return self._quotient(a.denominator, a.numerator)

    def power(self, base: Value, exponent: Value) -> Value:
        """Return base to the power of exponent."""
        if isinstance(exponent, Fraction):
            if exponent.denominator == 1:
                return self._integer_power(base, exponent.numerator)
            if isinstance(base, Fraction):
                return self._rational_power(base, exponent)
            single = _single_term(base)
            if single and _has_single_valued_powers(*single):
                return self._term_power(*single, exponent)
        elif isinstance(base, Fraction):
            if base == 0:
                raise Undecided("a power of zero")
            return self.exponential(self.multiply(exponent, self.logarithm(base)))
        elif (single := _single_term(base)) and single[1] == 1 and _is_real_power(single[0]):
            return self.exponential(self.multiply(exponent, self.logarithm(base)))
        return _of_generator(("call", "power", _key(base), _key(exponent)))

    def root(self, radicand: Value, index: Value) -> Value:
        """Return a root: the real one wherever there is one, else the principal one."""
        if not (isinstance(index, Fraction) and index.denominator == 1 and index > 0):
            raise Unreadable("a root whose index is not a positive integer")
        return self.power(radicand, 1 / index)

    def exponential(self, argument: Value) -> Value:
        """Return e to the power of the argument, one factor for each of its terms."""
        top, bottom = _parts(argument)
        if bottom != _UNIT:
            return _of_generator(("call", "exp", _key(argument)))
        result: Value = _ONE
        for monomial, coefficient in top.items():
            factor: Value
            match tuple(monomial):
                case ((("ln", prime), 1),):
                    factor = self.power(Fraction(prime), coefficient)
                case _ if monomial == _I_PI:
                    factor = self.unit_root(coefficient)
                case _:
                    factor = self._term_power(
                        frozenset(((("exp", monomial), 1),)), _ONE, coefficient
                    )
            result = self.multiply(result, factor)
        return result

    def logarithm(self, argument: Value) -> Value:
        """Return the natural logarithm: of primes, and of what undoes an exponential."""
        if isinstance(argument, Fraction):
            if argument == 0:
                raise Unreadable("a logarithm of zero")
            total: Polynomial = {}
            if argument < 0:
                argument, total = -argument, {_I_PI: _ONE}
            for number, sign in ((argument.numerator, 1), (argument.denominator, -1)):
                for prime, times in self._factors(number):
                    total[frozenset(((("ln", prime), 1),))] = Fraction(sign * times)
            return self._quotient(total, _UNIT)
        single = _single_term(argument)
        if single and single[1] > 0 and _is_real_power(single[0]):
            total = {generator[1]: Fraction(exponent) for generator, exponent in single[0]}
            return self.add(self.logarithm(single[1]), self._quotient(total, _UNIT))
        factor = _content(argument.numerator) / _content(argument.denominator)
        if factor != 1 and max(factor.numerator, factor.denominator) < _SMALL:
            rest = _of_generator(("call", "ln", _key(self.multiply(1 / factor, argument))))
            return self.add(self.logarithm(factor), rest)
        return _of_generator(("call", "ln", _key(argument)))

    def unit_root(self, turn: Fraction) -> Value:
        """Return e to the power of i·π·turn, written with square roots for multiples of 1/12."""
        sign = -1 if turn % 2 >= 1 else 1
        rest = turn % 1
        if 12 % rest.denominator:
            return RationalFunction({frozenset(((_I, rest),)): Fraction(sign)}, _UNIT)
        return self.add(
            self.multiply(Fraction(sign), self.cosine(rest)),
            self.multiply(_imaginary(sign), self.cosine(_HALF - rest)),
        )

    def cosine(self, turn: Fraction) -> Value:
        """Return the cosine of π·turn for a multiple of 1/12."""
        place = int(abs((turn + 1) % 2 - 1) * 12)  # between 0 and 12
        sign = 1 if place <= 6 else -1
        total: Value = _ZERO
        for radicand, coefficient in _COSINES[min(place, 12 - place)].items():
            root = self.power(Fraction(radicand), _HALF)
            total = self.add(total, self.multiply(sign * coefficient, root))
        return total

    def call(self, node: Call) -> Value:
        """Return the value of a function: of a few at a few places, else only equal to itself."""
        argument = self.value(node.argument)
        name = node.function
        if name == "exp":
            return self.exponential(argument)
        if name == "ln":
            return self.logarithm(argument)
        if name == "log":
            base = _of_generator(_LOG_BASE)
            if node.base is not None:
                base = self.logarithm(self.value(node.base))  # type: ignore[assignment]
            return self.multiply(self.logarithm(argument), self.invert(base))
        if name == "floor":
            return self.floor(argument)
        if name == "ceil":  # ⌈u⌉ is -⌊-u⌋
            opposite = self.floor(self.multiply(_MINUS_ONE, argument))
            return self.multiply(_MINUS_ONE, opposite)
        if isinstance(argument, Fraction):
            if name == "abs":
                return abs(argument)
            if name == "factorial" and argument.denominator == 1:
                return self.factorial(argument.numerator)
        if name in _CIRCULAR:
            turn = _turns(argument)
            if turn is not None and 12 % turn.denominator == 0:
                return self.circular(name, self.unit_root(turn))
            if self.exponential_mode:
                power = self.exponential(self.multiply(argument, _imaginary(1)))
                return self.circular(name, power)
        if argument == 0 and name in _ODD:
            return _ZERO
        if argument == 0 and name == "cosh":
            return _ONE
        if self.exponential_mode and name in _HYPERBOLIC:
            return self.hyperbolic(name, self.exponential(argument))
        sign = 1
        if name in _ODD | _EVEN and _is_negative(argument):
            argument = self.multiply(Fraction(-1), argument)
            sign = -1 if name in _ODD else 1
        return self.multiply(Fraction(sign), _of_generator(("call", name, _key(argument))))

    def floor(self, argument: Value) -> Value:
        """Round down: of what is no number, its integer is taken out."""
        if isinstance(argument, Fraction):
            return Fraction(math.floor(argument))
        whole = Fraction(0)
        if argument.denominator == _UNIT:
            whole = Fraction(math.floor(argument.numerator.get(_CONSTANT, 0)))
        rest = self.add(argument, -whole)
        return self.add(whole, _of_generator(("call", "floor", _key(rest))))

    def circular(self, name: str, power: Value) -> Value:
        """Return a function of x where `power` is e to the power of i·x."""
        inverse = self.invert(power)
        cosine = self.multiply(_HALF, self.add(power, inverse))
        difference = self.add(power, self.multiply(Fraction(-1), inverse))
        sine = self.multiply(_imaginary(Fraction(-1, 2)), difference)
        match name:
            case "cos":
                return cosine
            case "sin":
                return sine
            case "tan":
                return self.multiply(sine, self.invert(cosine))
            case "cot":
                return self.multiply(cosine, self.invert(sine))
            case "sec":
                return self.invert(cosine)
        return self.invert(sine)

    def hyperbolic(self, name: str, power: Value) -> Value:
        """Return a function of x where `power` is e to the power of x."""
        inverse = self.invert(power)
        cosine = self.add(power, inverse)
        sine = self.add(power, self.multiply(Fraction(-1), inverse))
        if name == "tanh":
            return self.multiply(sine, self.invert(cosine))
        return self.multiply(_HALF, sine if name == "sinh" else cosine)

    def factorial(self, number: int) -> Value:
        """Return the factorial of an integer."""
        if number < 0:
            raise Unreadable("a factorial of a negative number")
        if number * number.bit_length() > MAX_BITS:
            raise TooLarge("a factorial that is too large")
        self._spend(1 + number // 10)
        return Fraction(math.factorial(number))

    def binomial(self, node: Binomial) -> Value:
        """Return a binomial coefficient: of integers, else only equal to itself."""
        upper, lower = self.value(node.upper), self.value(node.lower)
        if isinstance(upper, Fraction) and isinstance(lower, Fraction):
            if upper.denominator != 1 or lower.denominator != 1 or upper < 0:
                raise Undecided("a binomial coefficient of other than natural numbers")
            if upper > MAX_BITS // 8:
                raise TooLarge("a binomial coefficient that is too large")
            self._spend(1 + int(upper) // 10)
            return Fraction(math.comb(int(upper), int(lower)) if lower >= 0 else 0)
        rest = self.add(upper, self.multiply(_MINUS_ONE, lower))
        return _of_generator(("call", "binomial", _key(upper), frozenset(map(_key, (lower, rest)))))

    def extremum(self, node: Extremum) -> Value:
        """Return the largest or the smallest of some numbers, else only equal to itself."""
        values = [self.value(argument) for argument in node.arguments]
        numbers = [value for value in values if isinstance(value, Fraction)]
        if len(numbers) == len(values):
            return max(numbers) if node.function == "max" else min(numbers)
        return _of_generator(("call", node.function, frozenset(map(_key, values))))

    def series(self, node: Series) -> Value:
        """Return a finite sum or product, term by term; one without limits equals only itself."""
        if is_infinite(node.high) and node.operation == "sum":
            return self._infinite_sum(node)
        low, high = self.value(node.low), self.value(node.high)
        bound = node.index.name
        if isinstance(low, Fraction) and isinstance(high, Fraction):
            count = high - low + 1
            if low.denominator != 1 or count.denominator != 1 or count < 0:
                raise Unreadable("a sum without whole limits")
            if count > MAX_SERIES:
                raise TooLarge("a sum of too many terms")
            for part in walk(node.body):
                if isinstance(part, Variable) and bound in part.name.partition("_")[2]:
                    raise Undecided("a sum of a sequence")
            size = sum(1 for _ in walk(node.body))
            total: Value = Fraction(node.operation == "product")
            for number in range(int(low), int(high) + 1):
                self._spend(size)
                term = self.value(substitute(node.body, bound, Number(Fraction(number), "integer")))
                total = (self.add if node.operation == "sum" else self.multiply)(total, term)
            return total
        body = _key(self.value(node.body))
        return _of_generator(("call", node.operation, bound, _key(low), _key(high), body))

    def _infinite_sum(self, node: Series) -> Value:
        """Return a sum without an end as a letter that stands for its terms, times a factor."""
        low = self.value(node.low)
        if not isinstance(low, Fraction) or low.denominator != 1 or isinstance(node.high, Negative):
            raise Undecided("a sum without a first term")
        term = self.value(power_series.term(node, int(low), self))
        if isinstance(term, Fraction):
            raise Undecided("a sum of equal terms")
        top, bottom = _parts(term)
        index = power_series.index_of(node).name
        factor = self._quotient(_free_factor(top, index), _free_factor(bottom, index))
        rest = self.multiply(term, self.invert(factor))
        return self.multiply(factor, _of_generator(("call", "series", _key(rest))))

    # Powers.

    def _integer_power(self, base: Value, exponent: int) -> Value:
        if exponent <= 0:
            if base == 0:
                raise Unreadable("a power of zero that is not defined")
            if exponent == 0:
                return _ONE
            base, exponent = self.invert(base), -exponent
        if isinstance(base, Fraction):
            bits = max(base.numerator.bit_length(), base.denominator.bit_length()) - 1
            if bits * exponent > MAX_BITS:
                raise TooLarge("a power that is too large")
            self._spend(1 + ((bits * exponent) ** 2 >> 23))
            return _bounded(Fraction(base.numerator**exponent, base.denominator**exponent))
        single = _single_term(base)
        if single:
            monomial, coefficient = single
            if coefficient == 1 and len(monomial) == 1:
                ((generator, power),) = monomial
                if generator[0] == "variable":
                    power = _exponent(power * exponent)
                    return RationalFunction({frozenset(((generator, power),)): _ONE}, _UNIT)
            return self._term_power(*single, Fraction(exponent))
        if exponent > MAX_TERMS:
            generator = ("call", "base", _key(base))
            return RationalFunction({frozenset(((generator, _exponent(exponent)),)): _ONE}, _UNIT)
        result: Value = _ONE
        for _ in range(exponent):
            result = self.multiply(result, base)
        return result

    def _term_power(self, monomial: Monomial, coefficient: Fraction, exponent: Fraction) -> Value:
        """Return the power of a polynomial with one term."""
        result = self.power(coefficient, exponent)
        powers: dict[Generator, int | Fraction] = {}
        for generator, power in monomial:
            total = _exponent(power * exponent)
            if generator[0] == "root":
                whole = math.floor(total)
                if whole:
                    whole_power = self._integer_power(Fraction(generator[1]), whole)
                    result = self.multiply(result, whole_power)
                total -= whole
            if total:
                powers[generator] = total
        return self.multiply(result, self._quotient({frozenset(powers.items()): _ONE}, _UNIT))

    def _rational_power(self, base: Fraction, exponent: Fraction) -> Value:
        """Return a rational number to a power that is not an integer.

        A negative number to a power with an odd denominator has a real value; that is the one.
        """
        if base == 0:
            if exponent < 0:
                raise Unreadable("a division by zero")
            return _ZERO
        if exponent == _HALF and base.denominator == 1 and 0 < base.numerator < _SMALL:
            self._spend(2)
            return _square_root(base.numerator)
        if base < 0:
            positive = self._rational_power(-base, exponent)
            if exponent.denominator % 2:
                return self.multiply(Fraction((-1) ** exponent.numerator), positive)
            return self.multiply(self.unit_root(exponent), positive)
        result: Value = _ONE
        for number, sign in ((base.numerator, 1), (base.denominator, -1)):
            for prime, times in self._factors(number):
                total = times * sign * exponent
                whole = math.floor(total)
                rest = total - whole
                result = self.multiply(result, self._integer_power(Fraction(prime), whole))
                if rest:
                    monomial = frozenset(((("root", prime), rest),))
                    result = self.multiply(result, RationalFunction({monomial: _ONE}, _UNIT))
        return result

    def _factors(self, number: int) -> list[tuple[int, int]]:
        """Return the prime factors of a positive integer with their exponents.

        What is left after dividing by all small primes is returned as it is.
        """
        if number.bit_length() > 256:
            raise Undecided("a root or a logarithm of a large number")
        self._spend(1 if number < 1000 else 50)
        return _factorize(number)

    # Polynomials.

    def _quotient(self, numerator: Polynomial, denominator: Polynomial) -> Value:
        """Make a value: a `Fraction` if it is rational, and no denominator if that has one term."""
        if not denominator:
            raise Unreadable("a division by zero")
        if not numerator:
            return _ZERO
        if denominator != _UNIT:
            if len(denominator) == 1:
                ((monomial, coefficient),) = denominator.items()
                inverse = self._term_power(monomial, coefficient, Fraction(-1))
                numerator, denominator = self._multiply(numerator, _parts(inverse)[0]), _UNIT
            elif numerator.keys() == denominator.keys():
                ratios = {numerator[monomial] / denominator[monomial] for monomial in numerator}
                if len(ratios) == 1 and RationalFunction(denominator, _UNIT).is_transparent():
                    return ratios.pop()  # the denominator is not zero in disguise
        if denominator == _UNIT and numerator.keys() == _UNIT.keys():
            return numerator[_CONSTANT]
        return RationalFunction(numerator, denominator)

    def _add(self, a: Polynomial, b: Polynomial) -> Polynomial:
        self._spend(len(b))
        result = dict(a)
        for monomial, coefficient in b.items():
            total = result.get(monomial, _ZERO) + coefficient
            if total:
                result[monomial] = _bounded(total)
            else:
                del result[monomial]
        return _short(result)

    def _multiply(self, a: Polynomial, b: Polynomial) -> Polynomial:
        if a == _UNIT:
            return b
        if b == _UNIT:
            return a
        result = self._all_products(a, b)
        for coefficient in result.values():
            _bounded(coefficient)
        return _short(result)

    def _all_products(self, a: Polynomial, b: Polynomial) -> Polynomial:
        self._spend(len(a) * len(b))
        result: Polynomial = {}
        for monomial_a, coefficient_a in a.items():
            for monomial_b, coefficient_b in b.items():
                monomial, factor = _multiply_monomials(monomial_a, monomial_b)
                product = coefficient_a * coefficient_b
                if factor != 1:
                    product *= factor
                result[monomial] = result.get(monomial, _ZERO) + product
        return {monomial: value for monomial, value in result.items() if value}

    def _paid(self, value: Fraction) -> Fraction:
        """Pay for a number that was computed, and refuse one that is too long."""
        bits = value.numerator.bit_length() + value.denominator.bit_length()
        if bits < 2048:
            self.budget.left -= 1
        elif bits > 2 * MAX_BITS:
            raise TooLarge("a number with too many digits")
        else:
            self._spend(1 + (bits * bits >> 21))
        return value

    def _spend(self, work: int) -> None:
        self.budget.spend(work)


def _multiply_monomials(a: Monomial, b: Monomial) -> tuple[Monomial, int]:
    """Return the product of two monomials, and the integer that comes out of its roots."""
    if not a or not b:
        return a or b, 1
    powers = dict(a)
    factor = 1
    for generator, power in b:
        total = _exponent(powers.get(generator, 0) + power)
        if generator[0] == "root" and total >= 1:
            factor *= generator[1]
            total -= 1
        if total:
            powers[generator] = total
        else:
            del powers[generator]
    return frozenset(powers.items()), factor


def _parts(value: Value) -> tuple[Polynomial, Polynomial]:
    if isinstance(value, Fraction):
        return ({_CONSTANT: value} if value else {}), _UNIT
    return value.numerator, value.denominator


def _of_generator(generator: Generator) -> RationalFunction:
    return RationalFunction({frozenset(((generator, 1),)): _ONE}, _UNIT)


def _key(value: Value) -> Any:
    """Return something hashable that is the same only for equal values."""
    if isinstance(value, Fraction):
        return value
    return frozenset(value.numerator.items()), frozenset(value.denominator.items())


def _content(polynomial: Polynomial) -> Fraction:
    """Return the largest rational number that leaves coprime integers when it is divided out."""
    coefficients = polynomial.values()
    return Fraction(
        math.gcd(*(c.numerator for c in coefficients)),
        math.lcm(*(c.denominator for c in coefficients)),
    )


def _single_term(value: RationalFunction) -> tuple[Monomial, Fraction] | None:
    """Return the only term of a polynomial that has one, as monomial and coefficient."""
    if len(value.numerator) != 1 or value.denominator != _UNIT:
        return None
    return next(iter(value.numerator.items()))


_COMPUTE: dict[type, Callable[[Calculator, Any], Value]] = {
    BasedNumber: lambda self, node: node.value,
    Mixed: lambda self, node: node.whole.value + node.numerator.value / node.denominator.value,
    Variable: lambda self, node: _of_generator(("variable", node.name)),
    Constant: Calculator._constant,
    Sum: Calculator._sum,
    Product: Calculator._product,
    Negative: lambda self, node: self.multiply(_MINUS_ONE, self.value(node.operand)),
    Quotient: Calculator._ratio,
    Power: lambda self, node: self.power(self.value(node.base), self.value(node.exponent)),
    Root: lambda self, node: self.root(self.value(node.radicand), self.value(node.index)),
    Percent: lambda self, node: self.multiply(Fraction(1, 100), self.value(node.operand)),
    Degrees: lambda self, node: self.multiply(self.value(node.operand), _pi_times(_DEGREE)),
    Call: Calculator.call,
    Binomial: Calculator.binomial,
    Application: Calculator._application,
    Extremum: Calculator.extremum,
    Series: Calculator.series,
    PlusMinus: Calculator._plus_minus,
}


def _pi_times(factor: Fraction) -> RationalFunction:
    return RationalFunction({frozenset(((_PI, 1),)): factor}, _UNIT)


def _imaginary(factor: int | Fraction) -> RationalFunction:
    return RationalFunction({frozenset(((_I, _HALF),)): Fraction(factor)}, _UNIT)


def _turns(value: Value) -> Fraction | None:
    """Return q where the value is q·π, else None."""
    if isinstance(value, Fraction):
        return _ZERO if value == 0 else None
    single = _single_term(value)
    return single[1] if single and single[0] == frozenset(((_PI, 1),)) else None


def turns_of(node: Expression, *, imaginary: bool) -> Fraction | None:
    """Return q where an angle is q·π (or i·q·π), else None."""
    try:
        value = Calculator(work=200).value(node)
    except AnswerError:
        return None
    if not imaginary:
        return _turns(value)
    single = None if isinstance(value, Fraction) else _single_term(value)
    return single[1] if single and single[0] == _I_PI else None


def _free_factor(polynomial: Polynomial, index: str) -> Polynomial:
    """Return the largest monomial in all terms that does not depend on the index of a series."""
    common: dict[Generator, int | Fraction] | None = None
    for monomial in polynomial:
        powers = {part: power for part, power in monomial if not _has_index(part, index)}
        if common is None:
            common = powers
        else:
            common = {
                part: min(power, powers[part]) for part, power in common.items() if part in powers
            }
    content = _content(polynomial)
    first = min(polynomial, key=lambda monomial: repr(_in_order(monomial)))
    return {frozenset((common or {}).items()): content if polynomial[first] > 0 else -content}


def _has_index(key: Any, index: str) -> bool:
    """Say whether the index of a series occurs in a generator, or in a key inside it."""
    if isinstance(key, (tuple, frozenset)):
        return any(_has_index(part, index) for part in key)
    return bool(key == index)


def _is_negative(value: Value) -> bool:
    """Choose one of a value and its negative, always the same one."""
    if isinstance(value, Fraction):
        return value < 0
    numerator = value.numerator
    first = min(numerator, key=lambda monomial: repr(_in_order(monomial)))
    return numerator[first] < 0


def _in_order(key: Any) -> Any:
    """Return a key whose text does not depend on the order in which sets are walked."""
    if isinstance(key, frozenset):
        return sorted(map(_in_order, key), key=repr)
    return tuple(map(_in_order, key)) if isinstance(key, tuple) else key


def _has_imaginary_unit(monomial: Monomial) -> bool:
    return any(
        generator == _I or (generator[0] == "exp" and _has_imaginary_unit(generator[1]))
        for generator, _ in monomial
    )


def _is_real_power(monomial: Monomial) -> bool:
    """Say whether a monomial consists of real powers of e."""
    return all(generator[0] == "exp" for generator, _ in monomial) and not _has_imaginary_unit(
        monomial
    )


def _has_single_valued_powers(monomial: Monomial, coefficient: Fraction) -> bool:
    """Say whether a power of a term is the product of the powers: √(x²) is not x."""
    signed = [power for generator, power in monomial if generator[0] in ("variable", "call")]
    if _has_imaginary_unit(monomial):
        return False
    return coefficient > 0 and (
        not signed or (len(signed) == 1 and Fraction(signed[0]).numerator % 2 == 1)
    )


def _is_transparent(generator: Generator, exponent: int | Fraction) -> bool:
    kind = generator[0]
    if kind == "call":
        return False
    if generator == _I:
        return exponent == _HALF
    if kind in ("root", "ln"):
        return bool(generator[1] < _TRIAL_LIMIT**2)
    return kind != "exp" or all(_is_transparent(*inner) for inner in generator[1])


def _exponent(power: int | Fraction) -> int | Fraction:
    if isinstance(power, Fraction):
        if power.denominator == 1:
            power = power.numerator
        elif power.denominator > MAX_EXPONENT:
            raise TooLarge("an exponent that is too large")
    if not -MAX_EXPONENT <= power <= MAX_EXPONENT:
        raise TooLarge("an exponent that is too large")
    return power


def _bounded(value: Fraction) -> Fraction:
    if value.numerator.bit_length() > MAX_BITS or value.denominator.bit_length() > MAX_BITS:
        raise TooLarge("a number with too many digits")
    return value


def _short(polynomial: Polynomial) -> Polynomial:
    if len(polynomial) > MAX_TERMS:
        raise TooLarge("an expression with too many terms")
    return polynomial


@lru_cache(maxsize=1)
def _small_primes() -> list[int]:
    sieve = bytearray([1]) * _TRIAL_LIMIT
    for number in range(2, math.isqrt(_TRIAL_LIMIT) + 1):
        if sieve[number]:
            sieve[number * number :: number] = bytes(len(sieve[number * number :: number]))
    return [number for number in range(2, _TRIAL_LIMIT) if sieve[number]]


@lru_cache(maxsize=1024)
def _square_root(number: int) -> Value:
    """Return the square root of a small positive integer."""
    outside, monomial = 1, set()
    for prime, times in _factorize(number):
        outside *= prime ** (times // 2)
        if times % 2:
            monomial.add((("root", prime), _HALF))
    if not monomial:
        return Fraction(outside)
    return RationalFunction({frozenset(monomial): Fraction(outside)}, _UNIT)


@lru_cache(maxsize=1024)
def _factorize(number: int) -> list[tuple[int, int]]:
    factors = []
    for prime in _small_primes():
        if prime * prime > number:
            break
        times = 0
        while number % prime == 0:
            number //= prime
            times += 1
        if times:
            factors.append((prime, times))
    if number > 1:
        square_root = math.isqrt(number)
        exact = square_root * square_root == number
        factors.append((square_root, 2) if exact else (number, 1))
    return factors
