"""Amounts with units: how they are written, what they are worth, and what is never a unit."""

import itertools
from fractions import Fraction

import pytest

from reasoning_gym_envs.answers import Reference, check, units

# A reference, then answers that are the same (=) and answers that are not (!).
TABLE = r"""
2\text{ hours }40\text{ minutes}
    = 2 hours 40 minutes | 2 h 40 min | 2\text{ hr}\;40\text{ min} | 2\text{ hr. }40\text{ min.}
    = 2\text{ hours and }40\text{ minutes} | 2 hours, 40 minutes | 160 minutes | 9600\text{ s}
    = \frac{8}{3}\text{ hours} | 2\frac{2}{3}\text{ hours} | t = 2\text{ hours }40\text{ minutes}
    ! 2.4 hours | 240 minutes | 40 minutes 2 hours | 2 hours 4 minutes | 160 | 2 | 2, 40 | 2:40
    ! 2\text{ hours }40 | 2\text{ hours}, 40 | 2\text{ hours or }40\text{ minutes} | 2 hours 40 m
160
    = 160\text{ minutes}
    ! 2\text{ hours }40\text{ minutes} | 2 m 40 s | 2 hours 80 minutes
5\text{ ft }6\text{ in}
    = 5 ft 6 in | 5 feet 6 inches | 5\text{ feet, }6\text{ inches} | 66\text{ in} | 5.5 ft
    ! 5.6 ft | 56 in | 5 ft | 6 in | 6 ft 5 in | 5\text{ ft }6\text{ cm} | 5\text{ ft }6\text{ lb}
    ! 5\text{ ft }6\text{ ft} | 5\text{ ft }66\text{ in} | 4\text{ ft }18\text{ in}
-5\text{ ft }6\text{ in}
    = -66\text{ in} | -5.5\text{ ft}
    ! -54\text{ in} | 5\text{ ft }6\text{ in} | -5\text{ ft }-6\text{ in}
3\text{ h }20\text{ min }15\text{ s}
    = 12015\text{ s} | 3 hours 20 minutes 15 seconds | 3\text{ h}, 20\text{ min}, 15\text{ s}
    ! 3\text{ h }20\text{ min} | 3\text{ h }15\text{ min }20\text{ s} | 3\text{ h }20\text{ s}
3\text{ dollars }25\text{ cents}
    = 3.25\text{ dollars} | 325\text{ cents} | \$3.25
    ! 3\text{ dollars }52\text{ cents} | 3 | 28
34\text{ sq. units}
    = 34 | 34 square units | 34 sq. units | 34\text{ sq units} | 34\text{ units}^2
    ! 43\text{ sq. units} | 34\text{ cubic units} | 34\text{ units}^3 | 34\text{ cm}^3
34\text{ sq. ft.}
    = 34 | 34\text{ ft}^2 | 34 sq. ft. | 34\text{ square feet} | 34 sq ft
    ! 34\text{ ft} | 34\text{ sq. in.} | 34\text{ cu. ft.}
5\text{ lb.}
    = 5 lbs. | 5\text{ lbs} | 5 pounds | 80\text{ oz.}
    ! 5\text{ oz.} | 5. lb 6
13.6\text{ eV}
    = 13.6 | 13.6 eV | 13.6eV | 13.6\,\mathrm{eV} | 13.6\,eV | 0.0136\text{ keV}
    = 13.6\text{ electron volts} | 13.6\text{ electronvolts}
    ! 13.6\text{ MeV} | 13.6\text{ meV} | 13.6\text{ V} | 13.6\text{ J}
4 \times 10^{33}\text{ erg/s}
    = 4 \times 10^{33} erg/s | 4e33\text{ erg}/\text{s} | 4e33\,\mathrm{erg\,s^{-1}} | 4e26\text{ W}
    ! 4e33\text{ erg} | 4e33\text{ J/s} | 4e33\text{ erg s}
4e33
    = 4e33 erg/s | 4 \times 10^{33}\ \mathrm{erg/s} | 4e33 erg s^{-1}
5\,\mu\text{m}
    = 5 | 5\text{ }\mu\text{m} | 5\text{ μm} | 5 \mu m | 5\,\mu\mathrm{m} | 5 µm | 5 μm | 5000 nm
    = 5\,\mathrm{\mu m} | 5\text{ micrometers} | 0.005\text{ mm}
    ! 5\text{ m} | 5\text{ mm} | 5\,\mu\text{g} | 5\mu | 5\,\text{nm}
5\,\Omega
    = 5 | 5 \Omega | 5\text{ ohms} | 5\,\text{Ω} | 5 Ω | 0.005\,\mathrm{k}\Omega | 0.005\text{ kΩ}
    ! 5\text{ V} | 5\,\mathrm{k}\Omega | 5\text{ k}\Omega | 6\,\Omega | 5\text{ m}\Omega
5
    = 5\,\text{Å} | 5 Å | 5\,\AA | 5\,\mathring{A} | 5\text{ atm} | 5 cal | 5\text{ light years}
    = 5 light-years | 5\text{ kcal} | 5\text{ rpm} | 5\text{ fl. oz.} | 5\text{ nautical miles}
    = 5\text{ J/(kg K)} | 5\,\mathrm{J/(kg\cdot K)} | 5\text{ kg}\cdot\text{m}^2 | 5\,\text{mmHg}
    = 5\;\mathrm{g}/\mathrm{cm}^{3}
    = 5 \mathrm{~cm}^{2} | 5\text{ cu. in.} | 5\text{ Meters} | 5 tons | 5\mathrm{~m}
    = \SI{5}{m/s} | \qty{5}{m} | 5\,\frac{\text{kg}\cdot\text{m}}{\text{s}^2} | \text{5 cm} | 5 cm.
    = 5\text{ m}^3/\text{s} | 5\frac{\text{m}^3}{\text{s}} | 5\text{\,cm} | 5\mbox{ cm}
    = 5/\text{s} | \$5/\text{hour} | 5\,\Omega | 5\,k\Omega | 5\text{ k}\Omega | 5^\circ\text{F}
    ! 5\text{ m}-3\text{ m} | 5 - 3 m | 5 m - s | 5\frac{x}{y} | 5\text{ m }5\text{ s} | 5' | 5"
    = 5\text{ C} | 5\,\mathrm{T} | 5\text{ F}
    ! 5C | 5 C | 5 T | 5\,H | 5F
    ! 5 no. | 5\text{ m or }6\text{ m} | 5 in. 6 | 5 unit 6 units | 5\text{ apples. } | 5\,\text{no}
60\text{ mph}
    = 60\frac{\text{miles}}{\text{hour}} | 60 \frac{\text{mi}}{\text{h}} | 60\text{ miles per hour}
    = 60\,\dfrac{\mathrm{mile}}{\mathrm{hour}} | 88\text{ ft/s} | 1\frac{\text{mile}}{\text{minute}}
    ! 60\frac{\text{hours}}{\text{mile}} | 60\frac{\text{km}}{\text{hour}}
    ! 60\frac{\text{miles}}{2}
9.8\frac{\text{m}}{\text{s}^2}
    = 9.8\text{ m/s}^2 | 9.8 m/s^2 | 9.8\,\mathrm{m\,s^{-2}} | 9.8\,\mathrm{m}\cdot\mathrm{s}^{-2}
    = 9.8 | 980\text{ cm/s}^2 | 9.8\text{ N/kg} | 9.8\,\frac{\mathrm{m}}{\mathrm{s}^{2}}
    ! 9.8\text{ m/s} | 9.8\text{ m} | 9.8\frac{\text{s}}{\text{m}^2}
30^\circ
    = 30^o | 30^{o} | 30º | 30˚ | 30^{\text{o}} | 30\text{ degrees} | \frac{\pi}{6}\text{ rad}
    ! 30^0 | 30^O | 30o | 31^o | 30^{oo} | 30^x
30^o
    = 30^\circ | 30 | 30°
    ! 30^0
63^\circ45'
    = 63.75^\circ | 63^{\circ} 45^{\prime} | 63° 45′ | 63^\circ 45' 0'' | 63\text{ degrees }45'
    = 63 degrees 45 minutes | 63.75
    ! 63.45^\circ | 63^\circ | 45' | 63^\circ 54' | 63^\circ 45'' | 63^\circ 105' | 63^\circ 45
-317^{\circ} 3^{\prime} 36^{\prime\prime}
    = -317.06^\circ | -317°3'36'' | -317° 3' 36" | -317°3′36″
    ! 317.06^\circ | -316.94^\circ | -317^\circ 36' 3''
30^\circ\text{C}
    = 30 | 30°C | 30 degrees Celsius | 30^{\circ}\mathrm{C} | 30\text{ degrees Celsius} | 30^o C
    ! 30^\circ\text{F} | 30 degrees | 30\text{ K} | 86^\circ\text{F}
\frac{40}{3}\text{ cm}
    = \frac{40}{3}\text{ cm} \approx 13.33\text{ cm} | \frac{40}{3} \approx 13.33\text{ cm}
    = \frac{40}{3}\text{ cm} \approx 13.33 | x = \frac{40}{3}\text{ cm} \approx 13.3\text{ cm}
    ! \frac{40}{3}\text{ cm} \approx 13.34\text{ cm} | \frac{40}{3}\text{ cm} \approx 13.33\text{ m}
    ! \frac{40}{3}\text{ m} \approx 13.33\text{ m} | 13.33\text{ cm}
    ! \frac{40}{3}\text{ cm} \approx 13.33\text{ cm} \approx 13\text{ cm}
    ! \frac{41}{3}\text{ cm} \approx 13.67\text{ cm}
100\pi\text{ cm}^2
    = 100\pi\text{ cm}^2 \approx 314\text{ cm}^2 | 100\pi \approx 314
    = 100\pi \approx 314.16\text{ cm}^2
    ! 100\pi\text{ cm}^2 \approx 300\text{ cm}^2 | 100\pi \approx 315 | 314 | 100\pi \approx 0
\frac{40}{3} \approx 13.33\text{ minutes}
    = \frac{40}{3} | \frac{40}{3}\text{ minutes} | 800\text{ seconds} | 13\text{ min }20\text{ s}
    ! 13.33 | 13.33\text{ minutes} | \frac{40}{3}\text{ hours}
5\text{ N}
    = 5\text{ kg m/s}^2 | 5\text{ kg}\cdot\text{m}/\text{s}^2
    = 5\,\mathrm{kg\cdot m/s^2} | 5 newtons
    ! 5\text{ kg} | 5\text{ J} | 5\text{ g m/s}^2
5\text{ kWh}
    = 5\text{ kW}\cdot\text{h} | 18\text{ MJ} | 5\text{ kilowatt-hours} | 5000\text{ Wh}
    ! 5\text{ kW} | 5\text{ kW/h} | 18\text{ mJ}
5\text{ mW}
    = 5 | 0.005\text{ W} | 5\,\mathrm{mW} | 5 mW
    ! 5\text{ MW} | 5\text{ W} | 5\text{ mV}
5\text{ J}
    = 5\text{ N}\cdot\text{m} | 5 N m | 5\text{ N-m} | 5\text{ joules} | 50000000\text{ erg}
5 degrees per second
    = 5\text{ degrees per second} | 5
    ! 5\text{ Hz} | 5\text{ degrees}
5mg
    = 5 mg | 5 m g | 5gm | \frac{10mg}{2} | m \cdot 5g
    ! 5 | 5\text{ mg} | 0.005\text{ g} | 5\,\mathrm{mg}\text{ or so}
\frac{5 mg}{2}
    = 2.5 mg | \frac52 gm | \frac{5mg}{2}
    ! 2.5 | 2.5\text{ mg}
2\mu m
    = 2 m\mu | 2\mu m
    ! 2 | 2\text{ μm} | 2\text{ m}
\mu mg\cos\theta
    = mg\mu\cos\theta | \mu m g \cos\theta
2\Omega t
    = 2 t \Omega | 2\,\Omega\,t
    ! 2 | 2t | 2 t\text{ ohms}
2\Omega
    = 2\Omega | \Omega + \Omega
    ! 2 | 2\text{ ohms}
"""


def rows(mark: str) -> list[tuple[str, str]]:
    found = []
    reference = ""
    for line in TABLE.strip().splitlines():
        if not line.startswith("    "):
            reference = line
            found += [(reference, reference)] if mark == "=" else []
        elif line[4] == mark:
            found += [(reference, answer) for answer in line[6:].split(" | ")]
    return found


@pytest.mark.parametrize(("reference", "answer"), rows("="))
def test_the_same_amount(reference: str, answer: str) -> None:
    verdict = check("\\boxed{" + answer + "}", reference)
    assert verdict.correct, verdict


@pytest.mark.parametrize(("reference", "answer"), rows("!"))
def test_another_amount(reference: str, answer: str) -> None:
    verdict = check("\\boxed{" + answer + "}", reference)
    assert not verdict.correct, verdict


@pytest.mark.parametrize("word", sorted(units.WORDS))
def test_every_unit_is_read_beside_a_number(word: str) -> None:
    reference = Reference(rf"7\text{{ {word}}}") if word not in "$€£¥₹¢" else Reference(f"7{word}")
    assert reference.check(r"\boxed{7}").correct
    assert reference.check(rf"\boxed{{7\text{{ {word}}}}}").correct or word in "$€£¥₹¢"
    assert not reference.check(rf"\boxed{{8\text{{ {word}}}}}").correct
    assert not reference.check(r"\boxed{7\text{ apples}}").correct


@pytest.mark.parametrize("word", sorted(units.LIKE_VARIABLES))
def test_what_may_be_a_variable_is_none_in_an_expression(word: str) -> None:
    for written in (f"7{word}", f"7 {word}", f"7{' '.join(word)}"):
        if Reference(written).answer.meaning == Reference("7").answer.meaning:
            pytest.fail(f"{written} is read as a number with a unit")
        assert not check(r"\boxed{7}", written).correct
        assert check(rf"\boxed{{{written}}}", f"7{word}").correct


def test_prefixes_are_powers_of_ten_and_never_left_out() -> None:
    powers = {"n": -9, "μ": -6, "m": -3, "k": 3, "M": 6}
    symbols = ["".join(pair) for pair in itertools.product(powers, ("m", "s", "W", "V", "Hz"))]
    for symbol in [symbol for symbol in symbols if symbol in units.WORDS]:
        base = symbol[1:]
        written = f"{Fraction(7) * Fraction(10) ** powers[symbol[0]]}"
        assert check(rf"\boxed{{{written}\text{{ {base}}}}}", rf"7\text{{ {symbol}}}").correct
        assert not check(rf"\boxed{{7\text{{ {base}}}}}", rf"7\text{{ {symbol}}}").correct
        for other in powers:
            if other != symbol[0] and other + base in units.WORDS:
                answer = rf"\boxed{{7\text{{ {other}{base}}}}}"
                assert not check(answer, rf"7\text{{ {symbol}}}").correct


@pytest.mark.parametrize(
    ("name", "factor"),
    [
        ("psi", Fraction(45359237, 10**8) * Fraction("9.80665") / Fraction("0.0254") ** 2),
        ("hp", 550 * Fraction("0.3048") * Fraction("0.45359237") * Fraction("9.80665")),
        ("eV", Fraction(1602176634, 10**28)),
        ("BTU", Fraction("1055.05585262")),
        ("mmHg", Fraction("133.322387415")),
        ("gal", 231 * Fraction("0.0254") ** 3),
        ("acre", 4840 * Fraction("0.9144") ** 2),
        ("ly", 299792458 * 86400 * Fraction("365.25")),
    ],
)
def test_factors_are_exact(name: str, factor: Fraction) -> None:
    in_grams = "gram" in dict(units.WORDS[name].dimension)
    assert units.WORDS[name].factor == factor * (1000 if in_grams else 1)
