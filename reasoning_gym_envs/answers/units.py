"""The units of measurement that may stand beside a number: a closed list.

A unit is a factor and powers of base units, so that 1 m is 100 cm and 1 N is 1 kg m/s². Currencies
and temperatures are dimensions of their own: nothing is converted between them.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple


class Unit(NamedTuple):
    """A factor and powers of base units: `km/h` is 5/18, (("metre", 1), ("second", -1))."""

    factor: Fraction
    dimension: tuple[tuple[str, int], ...]


PLAIN = Unit(Fraction(1), ())
"""The unit of "5 units": nothing is known of it."""
_SQUARE_OR_CUBIC = "unit"  # of "5 square units" it is known that these are no cubic ones


def power(unit: Unit, exponent: int) -> Unit:
    """Return a unit to a power, such as cm².

    >>> power(WORDS["cm"], 2).dimension
    (('metre', 2),)
    """
    if unit == PLAIN and exponent > 1:
        return Unit(unit.factor, ((_SQUARE_OR_CUBIC, exponent),))
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
        "127/5000": "in inch inches",
        "381/1250": "ft foot feet",
        "1143/1250": "yd yds yard yards",
        "201168/125": "mi mile miles",
        "1852": "nmi",
        "1/10000000000": "Å angstrom angstroms",
        "149597870700": "AU",
        "9460730472580800": "ly",
    },
    "parsec": {"1": "parsec parsecs", "1000": "kpc", "1000000": "Mpc"},
    "second": {
        "1": "s sec secs second seconds",
        "60": "min mins minute minutes",
        "3600": "h hr hrs hour hours",
        "86400": "day days",
        "604800": "wk wks week weeks",
        "1209600": "fortnight fortnights",
    },
    "month": {
        "1": "month months",
        "12": "yr yrs year years",
        "120": "decade decades",
        "1200": "century centuries",
    },
    "gram": {
        "1": "g gram grams gramme grammes",
        "1000": "kgs kilo kilos",
        "1000000": "tonne tonnes",
        "45359237/100000": "lb lbs pound pounds",
        "45359237/1600000": "oz ounce ounces",
    },
    "ton": {"1": "ton tons"},  # of 2000 lb, 2240 lb or 1000 kg
    "dalton": {"1": "amu dalton daltons"},
    "ampere": {"1": "A amp amps ampere amperes"},
    "kelvin": {"1": "K kelvin kelvins"},
    "mole": {"1": "mol mole moles"},
    "candela": {"1": "candela candelas"},
    "lumen": {"1": "lumen lumens"},
    "becquerel": {"1": "Bq becquerel becquerels"},
    "sievert": {"1": "Sv sievert sieverts"},
    "decibel": {"1": "dB decibel decibels"},
    "bit": {"1": "bit bits"},
    "byte": {"1": "byte bytes"},
    "radian": {"1": "rad rads radian radians"},
    "degree": {"1/60": "arcmin arcminute arcminutes", "1/3600": "arcsec arcsecond arcseconds"},
    "revolution": {"1": "rev revs revolution revolutions"},
    "celsius": {"1": "°C celsius Celsius centigrade"},
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
WORDS.update(dict.fromkeys(("unit", "units"), PLAIN))
DEGREE = Unit(Fraction(1), (("degree", 1),))
COUNT = Unit(Fraction(1), (("count", 1),))
"""What "how many apples" asks for: a number without a unit."""

_BASES = frozenset((*_TABLE, _SQUARE_OR_CUBIC, "count"))

# Names: a factor and the units that are multiplied. The factors are exact, by definition.
_DERIVED = {
    "N newton newtons": "1000 g m s^-2",
    "J joule joules": "1 N m",
    "W watt watts": "1 J s^-1",
    "Wh": "3600 J",
    "V volt volts": "1 W A^-1",
    "Ω ohm ohms": "1 V A^-1",
    "C coulomb coulombs": "1 A s",
    "F farad farads": "1 C V^-1",
    "T tesla teslas": "1 V s m^-2",
    "gauss": "1/10000 T",
    "Wb weber webers": "1 V s",
    "H henry henries henrys": "1 Wb A^-1",
    "Hz hertz": "1 s^-1",
    "Pa pascal pascals": "1 N m^-2",
    "bar bars": "100000 Pa",
    "atm atmosphere atmospheres": "101325 Pa",
    "torr torrs": "101325/760 Pa",
    "mmHg": "26664477483/200000000 Pa",
    "psi": "8896443230521/1290320000 Pa",
    "erg ergs": "1/10000000 J",
    "dyn dyne dynes": "1/100000 N",
    "eV electronvolt electronvolts": "801088317/5000000000000000000000000000 J",
    "cal calorie calories": "523/125 J",
    "BTU BTUs Btu": "52752792631/50000000 J",
    "hp horsepower": "37284993579113511/50000000000000 W",
    "lux": "1 lumen m^-2",
    "ha hectare hectares": "10000 m^2",
    "acre acres": "316160658/78125 m^2",
    "L l liter liters litre litres": "1/1000 m^3",
    "cc": "1/1000000 m^3",
    "gal gallon gallons": "473176473/125000000000 m^3",
    "qt quart quarts": "1/4 gal",
    "pint pints": "1/8 gal",
    "cup cups": "1/16 gal",
    "floz": "1/128 gal",
    "tbsp tablespoon tablespoons": "1/256 gal",
    "tsp teaspoon teaspoons": "1/768 gal",
    "mph": "1 mile hour^-1",
    "kph kmh": "1000 m hour^-1",
    "mpg": "1 mile gal^-1",
    "knot knots": "1852 m hour^-1",
    "rpm": "1 rev min^-1",
}
# Units: the prefixes that they are used with; their names take the prefixes' names.
_PREFIXED = {
    "m meter meters metre metres": "f n μ m c d k",
    "g gram grams gramme grammes": "n μ m k",
    "s second seconds": "f p n μ m",
    "A ampere amperes amp amps": "p n μ m k",
    "K kelvin kelvins": "n μ m",
    "mol mole moles": "n μ m k",
    "N newton newtons": "μ m k M",
    "J joule joules": "n μ m k M G",
    "W watt watts": "n μ m k M G T",
    "Wh": "k M G",
    "V volt volts": "n μ m k M",
    "Ω ohm ohms": "m k M G",
    "C coulomb coulombs": "p n μ m",
    "F farad farads": "p n μ m",
    "T tesla teslas": "n μ m",
    "Wb weber webers": "μ m",
    "H henry henries henrys": "n μ m",
    "Hz hertz": "m k M G T",
    "Pa pascal pascals": "m h k M G",
    "bar bars": "m k",
    "eV electronvolt electronvolts": "m k M G T",
    "cal calorie calories": "k",
    "Bq becquerel becquerels": "k M G",
    "Sv sievert sieverts": "μ m",
    "L l liter liters litre litres": "n μ m c d",
}
_PREFIXES = {
    "f": ("femto", -15),
    "p": ("pico", -12),
    "n": ("nano", -9),
    "μ": ("micro", -6),
    "m": ("milli", -3),
    "c": ("centi", -2),
    "d": ("deci", -1),
    "h": ("hecto", 2),
    "k": ("kilo", 3),
    "M": ("mega", 6),
    "G": ("giga", 9),
    "T": ("tera", 12),
}


def _defined(definition: str) -> Unit:
    """Multiply what a definition names: `1000 g m s^-2`."""
    factor, *names = definition.split()
    unit = Unit(Fraction(factor), ())
    for name in names:
        word, _, exponent = name.partition("^")
        unit = product(unit, power(WORDS[word], int(exponent or "1")))
    return unit


for _names, _definition in _DERIVED.items():
    WORDS.update(dict.fromkeys(_names.split(), _defined(_definition)))
for _names, _prefixes in _PREFIXED.items():
    _symbol, *_words = _names.split()
    for _prefix in _prefixes.split():
        _name, _exponent = _PREFIXES[_prefix]
        _unit = WORDS[_symbol]
        _unit = Unit(_unit.factor * Fraction(10) ** _exponent, _unit.dimension)
        WORDS[_prefix + _symbol] = _unit
        WORDS.update((_name + _word, _unit) for _word in _words)
WORDS["l"], WORDS["ml"], WORDS["mcg"] = WORDS["L"], WORDS["mL"], WORDS["μg"]

CURRENCY_SIGNS = frozenset("$€£¥₹")
CURRENCY_CODES = frozenset(("USD", "EUR", "GBP", "CNY", "RMB", "JPY", "INR"))
PREFIXES = {"square": 2, "sq": 2, "cubic": 3, "cu": 3}
"""Words before a unit that raise it to a power."""

_CLEAR = (
    "km dm cm mm nm in ft yd mi hr ms kg mg lb oz kJ kW Hz Pa mL ml cc ha qt wk yr eV dB hp ly AU"
)
LIKE_VARIABLES = frozenset(
    name
    for name in WORDS
    if len(name) < 3 and name.isascii() and name.isalpha() and name not in _CLEAR.split()
)
"""Symbols that may as well be variables, such as `m` and `mV`: only read as units in text, or where
a variable can only be wrong."""

ONLY_AS_TEXT = frozenset("CFTH")
"""Symbols that are too often letters of something else: `5C` is not 5 coulombs."""

_PHRASES = {
    r"light[\s-]*years?": "ly",
    r"degrees?\s+[Cc](?:elsius|entigrade)": "celsius",
    r"degrees?\s+[Ff]ahrenheit": "fahrenheit",
    r"nautical\s+miles?": "nmi",
    r"astronomical\s+units?": "AU",
    r"electron[\s-]+volts?": "eV",
    r"metric\s+tons?": "tonnes",
    r"fl(?:uid|\.)?\s*(?:ounces?|oz)": "floz",
    r"mm\s+Hg": "mmHg",
    r"atomic\s+mass\s+units?": "amu",
    r"(?:kilowatt|kW)[\s-]+(?:hours?|hr?)": "kWh",
}
_PHRASE = re.compile("|".join(rf"(\b{phrase}\b)" for phrase in _PHRASES))
_TWO_WORDS = re.compile(r"[a-z][\s.-]+[A-Za-z]|light")
_SYMBOLS = tuple(_PHRASES.values())


def named(word: str) -> Unit | None:
    """Return the unit that a word names; long words may be written with capitals.

    >>> named("Meters") == WORDS["m"], named("Mm")
    (True, None)
    """
    return WORDS.get(word) or (WORDS.get(word.lower()) if len(word) > 3 else None)


def with_symbols(text: str) -> str:
    """Write units of two words, such as light years, with their symbols.

    >>> with_symbols("4 light-years")
    '4 ly'
    """
    if not _TWO_WORDS.search(text):
        return text
    return _PHRASE.sub(lambda match: _SYMBOLS[(match.lastindex or 1) - 1], text)


def counted(words: str) -> Unit:
    """Return the unit of "12 apples": the words, in the singular.

    >>> counted("red Apples").dimension
    (('red apple', 1),)
    """
    return Unit(Fraction(1), ((" ".join(map(stem, words.split())), 1),))


def stem(word: str) -> str:
    """Return a word in small letters without the ending of a plural.

    >>> [stem(word) for word in ("Apples", "boxes", "berries", "glass")]
    ['apple', 'box', 'berry', 'glass']
    """
    word = word.casefold()
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ses", "xes", "zes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def is_worded(unit: Unit) -> bool:
    """Say whether a unit is no unit of the list, but the words that a reference gives."""
    return any(name not in _BASES for name, _ in unit.dimension)


def stands_for(first: Unit, second: Unit) -> bool:
    """Say whether one of two units is "square units" or the like, and the other an area as well.

    >>> square_units = power(PLAIN, 2)
    >>> stands_for(square_units, power(WORDS["cm"], 2)), stands_for(square_units, WORDS["cm"])
    (True, False)
    """
    return any(
        one.dimension[0][0] == _SQUARE_OR_CUBIC
        and other.dimension == (("metre", one.dimension[0][1]),)
        for one, other in ((first, second), (second, first))
    )
