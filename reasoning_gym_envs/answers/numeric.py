r"""Deciding numerically what the normal form leaves open: whether two expressions are equal.

Two expressions are compared at several points, to so many digits that what agrees is equal:

- Where both are algebraic numbers, a root bound says how small a difference can be that is not
  zero (Burnikel, Funke, Mehlhorn, Schirra and Schmitt, "A separation bound for real algebraic
  expressions", 2001); with that many digits the answer is proved.
- Elsewhere the precision follows from the sizes of the numbers that are added: 42 + e^{-5000} is
  compared with 42 to more than 5000 bits. Where that would take too much, nothing is decided.

Each value is computed at two precisions; how far they are apart tells its error. Variables are
real: a point counts where both sides are real, and points where one is not only where none is.
The work is bounded by a count of operations: a verdict never depends on the machine's speed.
"""

from __future__ import annotations

import math
import os
import random
import threading
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, TypeAlias

from mpmath import libmp

from .errors import AnswerError, TooLarge, Undecided, Unreadable
from .normal_form import Budget, Calculator, turns_of
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
    Node,
    Number,
    Percent,
    Power,
    Product,
    Quotient,
    Root,
    Sum,
    Variable,
    is_product,
    walk,
)

START_PRECISION = 160  # bits; every value is computed at this precision and at twice this
MAX_PRECISION = 8192
FEW_DIGITS = 1024  # bits that are enough to see that two numbers differ, where it is not by design
MIN_AGREEMENT = 100  # bits that must agree at the least
MAX_MAGNITUDE = 40  # bits of an exponent: beyond, a number is too large to compute with
MIN_POINTS = 3
MAX_NEAR_POINTS = 6
SCALES = (0.6, 3.3, 37.0, 0.2, 5.9, 140.0, 0.9)  # one a point; the first three are positive

Complex: TypeAlias = tuple[Any, Any]
Point: TypeAlias = dict[str, Fraction]

# mpmath keeps the digits of its constants in tables that it changes. The lock keeps our threads
# apart; other users of mpmath in the process have to look after themselves.
_lock = threading.Lock()
_ONE: Complex = (libmp.fone, libmp.fzero)
_FUNCTIONS: dict[str, Callable[[Complex, int], Complex]] = {
    "exp": libmp.mpc_exp,
    "sin": libmp.mpc_sin,
    "cos": libmp.mpc_cos,
    "tan": libmp.mpc_tan,
    "sinh": libmp.mpc_sinh,
    "cosh": libmp.mpc_cosh,
    "tanh": libmp.mpc_tanh,
    "arcsin": libmp.mpc_asin,
    "arccos": libmp.mpc_acos,
    "arctan": libmp.mpc_atan,
    "arcsinh": libmp.mpc_asinh,
    "arccosh": libmp.mpc_acosh,
    "arctanh": libmp.mpc_atanh,
}
_RECIPROCALS = {"sec": "cos", "csc": "sin", "cot": "tan"}


def _renew_lock() -> None:
    """Free the lock in a forked child: the thread that held it is not there."""
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)


class _Undefined(Exception):
    """The expression has no value at this point."""


class _Comparison(NamedTuple):
    is_equal: bool
    is_real: bool
    sign: int = 0  # of a - b, where that is real


def are_equal(a: Expression, b: Expression, budget: Budget, points: Sequence[Point] = ()) -> bool:
    """Say whether two expressions are equal wherever both are defined.

    Variables are compared at points that are drawn, and at those that are given.

    Raises:
        Undecided: neither can be shown within the bounds.
        TooLarge: the numbers are too large to compute with.
    """
    names = _names(a, b)
    is_complex = _is_complex(a, b)
    session = _Session(budget, f"{a}{b}")
    with _lock:
        if not names:
            try:
                return _compare(a, b, {}, session).is_equal
            except _Undefined:
                raise Unreadable("an expression without a value") from None
        agreed, elsewhere = 0, []
        for point in (*draw_points(names, a, b), *points):
            compared = _compare_at(a, b, point, session)
            if compared is None:
                continue
            if compared.is_real or is_complex:
                if not compared.is_equal:
                    return False
                agreed += 1
            else:
                elsewhere.append(compared.is_equal)
        if agreed < MIN_POINTS:
            if agreed + len(elsewhere) < MIN_POINTS:
                raise Undecided("whether the answer is equal cannot be decided")
            return all(elsewhere)
        return True


def differ_at(a: Expression, b: Expression, points: Sequence[Point], budget: Budget) -> bool:
    """Say whether two expressions differ at a point; what takes many digits to see is left out."""
    return False in compare_at(a, b, points, budget, FEW_DIGITS)


def compare_at(
    a: Expression,
    b: Expression,
    points: Sequence[Point],
    budget: Budget,
    precision: int = 2 * MAX_PRECISION,
) -> list[bool | None]:
    """Say at each point whether two expressions are equal; None where one is not real there.

    The list ends with the first False. `precision` is in bits: what needs more is None.
    """
    session = _Session(budget, f"{a}{b}")
    is_complex = _is_complex(a, b)
    found: list[bool | None] = []
    with _lock:
        for point in points:
            compared = _compare_at(a, b, point, session, precision)
            if compared is None or not (compared.is_real or is_complex):
                found.append(None)
            else:
                found.append(compared.is_equal)
                if not compared.is_equal:
                    break
    return found


def are_undefined(a: Expression, b: Expression, points: Sequence[Point], budget: Budget) -> bool:
    """Say whether at each point one of two expressions is known to have no real value."""
    session = _Session(budget)
    with _lock:
        return all(any(_is_undefined(side, point, session) for side in (a, b)) for point in points)


def _is_undefined(side: Expression, point: Point, session: _Session) -> bool:
    try:
        value = _Probe(point, START_PRECISION, session).value(side)
    except _Undefined:
        return True
    except (TooLarge, Undecided):
        session.check()
        return False
    return bool(_real_magnitude(value[1]) > _real_magnitude(value[0]) - START_PRECISION // 2)


def _is_complex(a: Expression, b: Expression) -> bool:
    return any(part == Constant("i") for side in (a, b) for part in walk(side))


def _compare_at(
    a: Expression,
    b: Expression,
    point: Point,
    session: _Session,
    precision: int = 2 * MAX_PRECISION,
) -> _Comparison | None:
    """Compare two expressions at a point, or return None where that cannot be done."""
    try:
        return _compare(a, b, point, session, precision)
    except (_Undefined, TooLarge, Undecided):
        session.check()
        return None


def constant_ratio(a: Expression, b: Expression, budget: Budget) -> Fraction:
    """Return b / a to 100 bits or more where that is a real constant, and else 0."""
    names = _names(a, b)
    session = _Session(budget, f"{a}{b}")
    first: list[Complex] | None = None
    agreed, result = 0, Fraction(0)
    precision = 2 * START_PRECISION
    with _lock:
        for point in draw_points(names, a, b):
            try:
                coarse = _Probe(point, START_PRECISION, session)
                probe = _Probe(point, precision, session)
                found = [_with_error(side, coarse, probe) for side in (a, b)]
            except (_Undefined, TooLarge, Undecided):
                session.check()
                continue
            if any(_magnitude(value) <= error for value, error in found):  # nothing but rounding
                return Fraction(0)
            pair = [value for value, _ in found]
            if first is None:
                first = pair
                ratio = probe.without_noise(libmp.mpc_div(pair[1], pair[0], precision))
                if ratio[1] == libmp.fzero:
                    result = Fraction(*libmp.to_rational(ratio[0]))
            one = libmp.mpc_mul(first[0], pair[1], precision)
            other = libmp.mpc_mul(first[1], pair[0], precision)
            size = max(_magnitude(one), _magnitude(other))
            if _magnitude(libmp.mpc_sub(one, other, precision)) > size - START_PRECISION:
                return Fraction(0)
            agreed += 1
    return result if agreed >= MIN_POINTS + 1 else Fraction(0)


def approximate(expression: Expression, budget: Budget) -> Fraction | None:
    """Return a real constant to 100 bits or more, or None where it has no such value."""
    session = _Session(budget)
    with _lock:
        try:
            coarse = _Probe({}, START_PRECISION, session)
            fine = _Probe({}, 2 * START_PRECISION, session)
            value, error = _with_error(expression, coarse, fine)
        except (_Undefined, Undecided, TooLarge):
            session.check()
            return None
    size = _magnitude(value)
    if value[1] != libmp.fzero or error > size - MIN_AGREEMENT or abs(size) > MAX_PRECISION:
        return None
    return Fraction(*libmp.to_rational(value[0]))


def sign(expression: Expression, budget: Budget) -> int:
    """Return the sign of a real constant: -1, 0 or 1."""
    session = _Session(budget)
    with _lock:
        try:
            compared = _compare(expression, Number(Fraction(0), "integer"), {}, session)
        except _Undefined:
            raise Unreadable("an expression without a value") from None
    if not compared.is_real:
        raise Undecided("a number that is not real has no sign")
    return compared.sign


def _names(a: Expression, b: Expression) -> list[str]:
    """Return the names of the variables in either of two expressions."""
    return sorted({part.name for side in (a, b) for part in walk(side) if type(part) is Variable})


def draw_points(names: list[str], a: Expression, b: Expression) -> list[Point]:
    """Return the points: all positive first, then the first variable negative, others as may be.

    The seed is what is compared, so that no answer can be made to fit them. Where a function
    has kinks, some lie beyond the largest number written: |x - 1000| is x - 1000 only there.
    """
    draw = random.Random(f"{a}{b}")
    points = []
    for place in range(len(SCALES)):
        point = {}
        for number, name in enumerate(names):
            scale = Fraction(SCALES[(place + 2 * number) % len(SCALES)])
            size = scale * (1 + Fraction(draw.getrandbits(64), 2**65))
            is_negative = place >= 3 and (number == 0 or draw.random() < 0.5)
            point[name] = -size if is_negative else size
        points.append(point)
    if any(_has_kinks(part) for side in (a, b) for part in walk(side)):
        written = {
            part.value
            for side in (a, b)
            for part in walk(side)
            if isinstance(part, Number) and abs(part.value) < 2**64
        }
        for value in sorted(written)[-MAX_NEAR_POINTS:]:  # and some beside what is written
            for side in (Fraction(-3, 8), Fraction(3, 8)):
                points.append(
                    {
                        name: value + side * (1 + Fraction(draw.getrandbits(64), 2**66))
                        for name in names
                    }
                )
        far = 2 ** min(max(_bits_written(a), _bits_written(b)) + 2, MAX_PRECISION // 8)
        for scale in (far, far**2):
            for signs in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
                sizes = (scale * (1 + Fraction(draw.getrandbits(64), 2**65)) for _ in names)
                points.append({name: signs[k % 2] * next(sizes) for k, name in enumerate(names)})
    return points


def _has_kinks(node: Node) -> bool:
    if isinstance(node, Power):
        exponent = _exact(node.exponent)
        return exponent is None or exponent.denominator > 1
    return isinstance(node, (Extremum, Root)) or (
        isinstance(node, Call)
        and node.function in ("abs", "floor", "ceil", "arcsin", "arccos", "arctan")
    )


def _bits_written(expression: Expression) -> int:
    """Return how long the largest number is that an expression writes down or computes."""
    bits = 0
    for part in walk(expression):
        if isinstance(part, (Number, Power, Call)) and (value := _exact(part)):
            bits = max(bits, value.numerator.bit_length(), value.denominator.bit_length())
    return bits


def _compare(
    a: Expression,
    b: Expression,
    point: Point,
    session: _Session,
    max_precision: int = 2 * MAX_PRECISION,
) -> _Comparison:
    """Compare two values, with more digits until they differ or are known to be equal."""
    precision = START_PRECISION
    proof = None if point else _root_bound(Sum((a, Negative(b))))
    while True:
        coarse = _Probe(point, precision, session)
        fine = _Probe(point, 2 * precision, session)
        (a_value, a_error), (b_value, b_error) = (
            _with_error(side, coarse, fine) for side in (a, b)
        )
        size = max(_magnitude(a_value), _magnitude(b_value))
        noise = max(a_error, b_error, size - precision) - precision + 24
        if proof is not None:  # what cancels leaves an error, even where nothing is left of it
            noise = max(noise, fine.largest - 2 * precision + 24)
        exact_difference = libmp.mpc_sub(a_value, b_value, 2 * precision)
        difference = _magnitude(exact_difference)
        is_real = a_value[1] == b_value[1] == libmp.fzero
        if difference > noise and size - noise > MIN_AGREEMENT // 2:
            return _Comparison(False, is_real, int(libmp.mpf_sign(exact_difference[0])))
        if proof is not None:
            if -noise >= proof:
                return _Comparison(True, is_real)
            needed = proof + max(size, 0)
        if proof is None or needed > 2 * MAX_PRECISION:
            needed = fine.needed() if proof is None else max(fine.needed(), MAX_PRECISION / 4)
            if 2 * precision >= needed and (
                size - noise >= MIN_AGREEMENT or -noise >= 2 * START_PRECISION
            ):
                return _Comparison(True, is_real)
        precision = max(2 * precision, min(MAX_PRECISION, math.ceil(needed) // 2 + 64))
        if max(2 * precision, needed) > max_precision:
            raise Undecided("whether the answer is equal cannot be decided")


def _with_error(node: Expression, coarse: _Probe, fine: _Probe) -> tuple[Complex, float]:
    """Return the finer value, and the binary logarithm of the coarser one's error."""
    first, second = coarse.value(node), fine.value(node)
    error = _magnitude(libmp.mpc_sub(first, second, fine.precision))
    return second, error


def _magnitude(value: Complex) -> float:
    """Return the binary logarithm of a number's size, to within one; that of zero is -inf."""
    return max(_real_magnitude(value[0]), _real_magnitude(value[1]))


def _real_magnitude(value: Any) -> float:
    _, mantissa, exponent, bits = value
    return exponent + bits if mantissa else -math.inf


class _Session:
    """What one comparison shares: what it may spend, and the exponents that are rational."""

    def __init__(self, budget: Budget, seed: str = "") -> None:
        self.budget = budget
        self.seed = seed
        self._exact: dict[int, tuple[Expression, Fraction | None]] = {}

    def check(self) -> None:
        self.budget.spend(0)

    def log_base(self) -> Fraction:
        """Return a base for the logarithm that names none: what is compared decides on it."""
        return 3 + Fraction(random.Random(self.seed).getrandbits(64), 2**62)

    def exact(self, node: Expression) -> Fraction | None:
        known = self._exact.get(id(node))  # the node is kept, so its id stays its own
        if known is None:
            known = self._exact[id(node)] = node, _exact(node)
        return known[1]


class _Probe:
    """Computes values at one point with one precision, and notes what precision they ask for."""

    def __init__(self, point: Point, precision: int, session: _Session) -> None:
        self.point = point
        self.precision = precision
        self.session = session
        self.spread = 0.0  # bits between the largest and the smallest of what is added
        self.largest = -math.inf  # the magnitude of the largest number that was added
        self.has_vanished = False  # a sum that is zero as far as can be seen

    def needed(self) -> float:
        """Return how many bits a comparison of what was computed asks for."""
        return MIN_AGREEMENT + 2 * self.spread + (8 * START_PRECISION if self.has_vanished else 0)

    def spend(self, weight: int) -> None:
        self.session.budget.spend(max(1, weight * self.precision // 512))

    def value(self, node: Expression) -> Complex:
        """Return the value of an expression as a pair of mpmath's numbers: real and imaginary."""
        value = self._value(node)
        if _magnitude(value) > 2**MAX_MAGNITUDE:
            raise TooLarge("a number that is too large")
        return value

    def _value(self, node: Expression) -> Complex:
        self.spend(1)
        precision = self.precision
        match node:
            case Number(value) | BasedNumber(value):
                bits = value.numerator.bit_length() + value.denominator.bit_length()
                self.spread += bits if bits > 64 else 0
                return self.rational(value)
            case Variable(name):
                value = self.point[name]
                bits = value.denominator.bit_length()
                self.spread += bits if bits > 192 else 0
                return self.rational(value)
            case Negative(operand):
                return libmp.mpc_neg(self.value(operand), precision)  # type: ignore[no-any-return]
            case Sum(terms):
                return self.sum([self.value(term) for term in terms])
            case Product(factors):
                product = self.value(factors[0])
                for factor in factors[1:]:
                    product = libmp.mpc_mul(product, self.value(factor), precision)
                return product
            case Quotient(numerator, denominator):
                return self.divide(self.value(numerator), self.value(denominator))
            case Power(base, exponent):
                return self.power(base, exponent)
            case Root(radicand, index):
                return self.rational_power(self.value(radicand), 1 / self.whole(index))
            case Constant(name):
                return self.constant(name)
            case Mixed(whole, numerator, denominator):
                return self.rational(whole.value + numerator.value / denominator.value)
            case Percent(operand):
                return self.divide(self.value(operand), self.rational(Fraction(100)))
            case Degrees(operand):
                angle = libmp.mpc_mul(self.value(operand), self.constant("pi"), precision)
                return self.divide(angle, self.rational(Fraction(180)))
            case Call():
                return self.call(node)
            case Extremum(name, arguments):
                return self.extremum(name, [self.value(argument) for argument in arguments])
            case Binomial(upper, lower):
                return self.binomial(self.value(upper), self.value(lower))
            case Application(function, (argument,)) if is_product(node):
                return libmp.mpc_mul(  # type: ignore[no-any-return]
                    self.value(function), self.value(argument), precision
                )
        raise Undecided("whether the answer is equal cannot be decided")

    def rational(self, value: Fraction) -> Complex:
        top = libmp.from_rational(value.numerator, value.denominator, self.precision)
        return top, libmp.fzero

    def constant(self, name: str) -> Complex:
        if name == "i":
            return libmp.fzero, libmp.fone
        if name == "infinity":
            raise Unreadable("infinity in a calculation")
        number = libmp.mpf_pi if name == "pi" else libmp.mpf_e
        return number(self.precision), libmp.fzero

    def sum(self, terms: list[Complex]) -> Complex:
        total = terms[0]
        for term in terms[1:]:
            total = libmp.mpc_add(total, term, self.precision)
        sizes = [size for size in map(_magnitude, terms) if size > -math.inf]
        if sizes:
            self.spread += max(sizes) - min(sizes)
            self.largest = max(self.largest, *sizes)
            if _magnitude(total) < max(sizes) - self.precision + 32:
                self.has_vanished = True
        return total

    def divide(self, a: Complex, b: Complex) -> Complex:
        if _magnitude(b) == -math.inf:
            raise _Undefined
        return libmp.mpc_div(a, b, self.precision)  # type: ignore[no-any-return]

    # Powers.

    def power(self, base: Expression, exponent: Expression) -> Complex:
        exact = self.session.exact(exponent)
        if base == Constant("e"):
            return self.exponential(self.value(exponent))
        if exact is not None:
            return self.rational_power(self.value(base), exact)
        self.spend(60)
        logarithm = self.logarithm(self.value(base))
        return self.exponential(libmp.mpc_mul(logarithm, self.value(exponent), self.precision))

    def rational_power(self, base: Complex, exponent: Fraction) -> Complex:
        """Return the real power of a number where there is one, else the principal one."""
        size = _magnitude(base)
        if size == -math.inf:
            if exponent <= 0:
                raise _Undefined
            return base
        if abs(exponent) > 2**MAX_MAGNITUDE / max(abs(size), 1):
            raise TooLarge("a number that is too large")
        bits = exponent.numerator.bit_length() + exponent.denominator.bit_length()
        self.spread += bits if bits > 64 else 0
        if exponent.denominator == 1:
            self.spend(2 * abs(exponent.numerator).bit_length())
            return libmp.mpc_pow_int(base, exponent.numerator, self.precision)  # type: ignore[no-any-return]
        self.spread += 2 * abs(size)
        real, imaginary = base = self.without_noise(base)
        if imaginary == libmp.fzero and libmp.mpf_sign(real) < 0 and exponent.denominator % 2:
            power = self.rational_power((libmp.mpf_neg(real), libmp.fzero), exponent)
            return libmp.mpc_neg(power) if exponent.numerator % 2 else power
        if exponent == Fraction(1, 2):
            self.spend(4)
            return libmp.mpc_sqrt(base, self.precision)  # type: ignore[no-any-return]
        self.spend(60)
        power = self.rational(exponent)
        return self.exponential(libmp.mpc_mul(self.logarithm(base), power, self.precision))

    def exponential(self, value: Complex) -> Complex:
        size = _magnitude(value)
        if size > MAX_MAGNITUDE:
            raise TooLarge("a number that is too large")
        self.spread += 2 * max(0, -size) if size > -math.inf else 0  # the result is close to 1
        self.spend(30)
        return libmp.mpc_exp(value, self.precision)  # type: ignore[no-any-return]

    def logarithm(self, value: Complex) -> Complex:
        if _magnitude(value) == -math.inf:
            raise _Undefined
        self.spend(30)
        self.spread += 2 * abs(_magnitude(value))
        return libmp.mpc_log(self.without_noise(value), self.precision)  # type: ignore[no-any-return]

    def without_noise(self, value: Complex) -> Complex:
        """Drop an imaginary part that is nothing but rounding: the sign of it would decide."""
        if _real_magnitude(value[1]) < _real_magnitude(value[0]) - self.precision + 40:
            return value[0], libmp.fzero
        return value

    def whole(self, index: Expression) -> Fraction:
        number = self.session.exact(index)
        if number is None or number.denominator != 1 or number <= 0:
            raise Unreadable("a root whose index is not a positive integer")
        return number

    # Functions.

    def call(self, node: Call) -> Complex:
        name = node.function
        argument = self.value(node.argument)
        size = _magnitude(argument)
        self.spread += 2 * abs(size) if size > -math.inf else 0
        if name == "exp":
            return self.exponential(argument)
        if name in ("ln", "log"):
            logarithm = self.logarithm(argument)
            if name == "ln":
                return logarithm
            if node.base is None:  # any number will do, if nobody knows it before
                base = self.rational(self.session.log_base())
            else:
                base = self.value(node.base)
            return self.divide(logarithm, self.logarithm(base))
        if name == "abs":
            return libmp.mpc_abs(argument, self.precision), libmp.fzero
        if name in ("floor", "ceil"):
            return self.rounded(name, argument)
        if name == "factorial":
            return self.factorial(argument)
        if size > START_PRECISION:
            raise TooLarge("a number that is too large")
        if name == "tanh":  # the result is closer to 1 the larger the argument
            self.spread += 3 * 2.0**size
        self.spend(60)
        try:
            if name in _RECIPROCALS:
                function = _FUNCTIONS[_RECIPROCALS[name]]
                return self.divide(_ONE, function(argument, self.precision))
            return _FUNCTIONS[name](self.without_noise(argument), self.precision)
        except (ValueError, ZeroDivisionError):
            raise _Undefined from None

    def rounded(self, name: str, value: Complex) -> Complex:
        real, imaginary = self.without_noise(value)
        if imaginary != libmp.fzero:
            raise Undecided("a rounded complex number")
        nearest = libmp.mpf_nint(real, self.precision)
        if _real_magnitude(libmp.mpf_sub(real, nearest, self.precision)) < -self.precision // 2:
            return nearest, libmp.fzero
        rounding = libmp.mpf_floor if name == "floor" else libmp.mpf_ceil
        return rounding(real, self.precision), libmp.fzero

    def extremum(self, name: str, values: list[Complex]) -> Complex:
        best = values[0]
        for value in values:
            real, imaginary = self.without_noise(value)
            if imaginary != libmp.fzero:
                raise _Undefined
            order = libmp.mpf_cmp(real, best[0])
            if order > 0 if name == "max" else order < 0:
                best = value
        return best

    def factorial(self, value: Complex) -> Complex:
        if _magnitude(value) > 12:
            raise TooLarge("a factorial that is too large")
        if self.precision > 4 * START_PRECISION:  # mpmath takes long to get there
            raise Undecided("whether the answer is equal cannot be decided")
        self.spend(400)
        try:
            return libmp.mpc_gamma(libmp.mpc_add(value, _ONE, self.precision), self.precision)  # type: ignore[no-any-return]
        except (ValueError, ZeroDivisionError):
            raise _Undefined from None

    def binomial(self, upper: Complex, lower: Complex) -> Complex:
        rest = libmp.mpc_sub(upper, lower, self.precision)
        below = libmp.mpc_mul(self.factorial(lower), self.factorial(rest), self.precision)
        return self.divide(self.factorial(upper), below)


def _exact(node: Expression) -> Fraction | None:
    """Return the value of an exponent where it is rational."""
    try:
        value = Calculator(work=200).value(node)
    except AnswerError:
        return None
    return value if isinstance(value, Fraction) else None


class _Bound(NamedTuple):
    """Of an algebraic number U/L: binary logarithms that bound all conjugates of U and of L."""

    upper: float
    lower: float


def _root_bound(node: Expression) -> float | None:
    """Return a b such that the number is zero or larger than 2^-b; None: perhaps not algebraic."""
    degrees: dict[Expression, int] = {}
    try:
        bound = _bound(node, degrees)
        if bound is None:
            return None
        return (math.prod(degrees.values()) - 1) * bound.upper + bound.lower
    except (AnswerError, OverflowError):
        return None


def _bound(node: Expression, degrees: dict[Expression, int]) -> _Bound | None:
    """Return the bound of a node, and note what its roots add to the degree of the number."""
    exact = _exact(node)
    if exact is not None:
        return _Bound(_bits(exact.numerator), _bits(exact.denominator))
    match node:
        case Negative(operand) | Percent(operand) | Call("abs", operand):
            bound = _bound(operand, degrees)
            is_percent = isinstance(node, Percent)
            return bound and (_Bound(bound.upper, bound.lower + 7) if is_percent else bound)
        case Sum(parts) | Product(parts):
            total = _bound(parts[0], degrees)
            for part in parts[1:]:
                bound = _bound(part, degrees)
                if total is None or bound is None:
                    return None
                lower = total.lower + bound.lower
                upper = total.upper + bound.upper
                if isinstance(node, Sum):
                    upper = max(total.upper + bound.lower, bound.upper + total.lower) + 1
                total = _Bound(upper, lower)
            return total
        case Quotient(numerator, denominator):
            above, below = _bound(numerator, degrees), _bound(denominator, degrees)
            if above is None or below is None:
                return None
            return _Bound(above.upper + below.lower, above.lower + below.upper)
        case Constant("i"):
            degrees[node] = 2
            return _Bound(0, 0)
        case Root(radicand, index):
            return _power_bound(node, radicand, _exact(index), degrees, invert=True)
        case Power(Constant("e"), exponent):
            return _unity_bound(node, exponent, degrees, imaginary=True)
        case Power(base, exponent):
            return _power_bound(node, base, _exact(exponent), degrees)
        case Call("sin" | "cos" | "tan" | "cot" | "sec" | "csc", argument):
            return _unity_bound(node, argument, degrees, imaginary=False)
    return None


def _power_bound(
    node: Expression,
    base: Expression,
    exponent: Fraction | None,
    degrees: dict[Expression, int],
    *,
    invert: bool = False,
) -> _Bound | None:
    bound = _bound(base, degrees)
    if bound is None or not exponent:
        return None
    upper, lower = bound
    if invert:
        exponent = 1 / exponent
    if exponent < 0:
        upper, lower = lower, upper
    times, root = abs(exponent.numerator), exponent.denominator
    upper, lower = times * upper, times * lower
    if root > 1:
        degrees[node] = root
        if upper >= lower:
            upper = (upper + (root - 1) * lower) / root
        else:
            lower = ((root - 1) * upper + lower) / root
    return _Bound(upper, lower)


def _unity_bound(
    node: Expression, argument: Expression, degrees: dict[Expression, int], *, imaginary: bool
) -> _Bound | None:
    """Return the bound of a root of unity, or of a sine or the like of a rational part of π."""
    turn = turns_of(argument, imaginary=imaginary)
    if turn is None:
        return None
    degrees[node] = 2 * turn.denominator * (1 if imaginary else 2)
    return _Bound(0, 0) if imaginary else _Bound(2, 2)


def _bits(number: int) -> float:
    return max(0, abs(number).bit_length())
