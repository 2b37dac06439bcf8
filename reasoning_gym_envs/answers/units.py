"""The units of measurement that may stand beside a number: a closed list.

A unit is a factor to the base unit of its dimension, so that 1 m is 100 cm. Currencies and
temperatures are dimensions of their own: nothing is converted between them.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple


class Unit(NamedTuple):
    """A factor and powers of base units: `km/h` is 5/18, (("metre", 1), ("second", -1))."""

    factor: Fraction
    dimension: tuple[tuple[str, int], ...]


PLAIN = Unit(Fraction(1), ())
"""The unit of "5 units": nothing is known of it."""


def power(unit: Unit, exponent: int) -> Unit:
    """Return a unit to a power, such as cm².

    >>> power(WORDS["cm"], 2).dimension
    (('metre', 2),)
    """
    dimension = tuple((name, times * exponent) for name, times in unit.dimension if exponent)
    return Unit(unit.factor**exponent, dimension)


def product(first: Unit, second: Unit) -> Unit:
    """Return the product of two units.

    >>> product(WORDS["km"], power(WORDS["h"], -1)) == product(WORDS["km"], power(WORDS["hr"], -1))
    True
    """
    powers = dict(first.dimension)
    for name, times in second.dimension:
        powers[name] = powers.get(name, 0) + times
    dimension = tuple(sorted((name, times) for name, times in powers.items() if times))
    return Unit(first.factor * second.factor, dimension)


# Base unit: factor: names. A name of one letter is a unit only where it cannot be a variable.
_TABLE: dict[str, dict[str, str]] = {
    "metre": {
        "1": "m meter meters metre metres",
        "1000": "km kilometer kilometers kilometre kilometres",
        "1/10": "dm decimeter decimeters decimetre decimetres",
        "1/100": "cm centimeter centimeters centimetre centimetres",
        "1/1000": "mm millimeter millimeters millimetre millimetres",
        "1/1000000": "μm µm micrometer micrometers micrometre micrometres",
        "1/1000000000": "nm nanometer nanometers nanometre nanometres",
        "127/5000": "in inch inches",
        "381/1250": "ft foot feet",
        "1143/1250": "yd yds yard yards",
        "201168/125": "mi mile miles",
    },
    "second": {
        "1": "s sec secs second seconds",
        "60": "min mins minute minutes",
        "3600": "h hr hrs hour hours",
        "86400": "day days",
        "604800": "wk wks week weeks",
        "1/1000": "ms millisecond milliseconds",
    },
    "month": {"1": "month months", "12": "yr yrs year years", "120": "decade decades"},
    "gram": {
        "1": "g gram grams",
        "1000": "kg kgs kilogram kilograms",
        "1/1000": "mg milligram milligrams",
        "1000000": "tonne tonnes",
        "45359237/100000": "lb lbs pound pounds",
        "45359237/1600000": "oz ounce ounces",
    },
    "radian": {"1": "rad rads radian radians"},
    "newton": {"1": "N newton newtons"},
    "joule": {"1": "J joule joules", "1000": "kJ kilojoule kilojoules"},
    "watt": {"1": "W watt watts", "1000": "kW kilowatt kilowatts"},
    "volt": {"1": "V volt volts"},
    "ampere": {"1": "A amp amps ampere amperes"},
    "ohm": {"1": "Ω ohm ohms"},
    "hertz": {"1": "Hz hertz"},
    "pascal": {"1": "Pa pascal pascals", "1000": "kPa kilopascal kilopascals"},
    "mole": {"1": "mol mole moles"},
    "kelvin": {"1": "K kelvin kelvins"},
    "celsius": {"1": "°C celsius Celsius"},
    "fahrenheit": {"1": "°F fahrenheit Fahrenheit"},
    "dollar": {"1": "$ dollar dollars USD", "1/100": "¢ cent cents"},
    "euro": {"1": "€ euro euros EUR"},
    "pound sterling": {"1": "£ GBP", "1/100": "pence"},
    "yuan": {"1": "yuan RMB CNY"},
    "yen": {"1": "¥ yen JPY"},
    "rupee": {"1": "₹ rupee rupees INR"},
}

WORDS: dict[str, Unit] = {
    name: Unit(Fraction(factor), ((base, 1),))
    for base, factors in _TABLE.items()
    for factor, names in factors.items()
    for name in names.split()
}
# Areas and volumes with names of their own, in square and cubic metres.
_POWERS: dict[tuple[int, str], str] = {
    (2, "10000"): "ha hectare hectares",
    (2, "316160658/78125"): "acre acres",
    (3, "1/1000"): "L l liter liters litre litres",
    (3, "1/1000000"): "mL ml cc milliliter milliliters millilitre millilitres",
    (3, "473176473/125000000000"): "gal gallon gallons",
    (3, "473176473/500000000000"): "qt quart quarts",
    (3, "473176473/1000000000000"): "pint pints",
    (3, "473176473/2000000000000"): "cup cups",
}
WORDS.update(
    (name, Unit(Fraction(factor), (("metre", exponent),)))
    for (exponent, factor), names in _POWERS.items()
    for name in names.split()
)
WORDS.update(dict.fromkeys(("unit", "units"), PLAIN))
WORDS["mph"] = product(WORDS["mile"], power(WORDS["hour"], -1))
WORDS["kph"] = WORDS["kmh"] = product(WORDS["km"], power(WORDS["hour"], -1))
_BASES = frozenset((*_TABLE, "degree"))
CURRENCY_SIGNS = frozenset("$€£¥₹")
PREFIXES = {"square": 2, "sq": 2, "cubic": 3, "cu": 3}
"""Words before a unit that raise it to a power."""


def is_worded(unit: Unit) -> bool:
    """Say whether a unit is no unit of the list, but the words that a reference gives."""
    return any(name not in _BASES for name, _ in unit.dimension)
