"""What may be said beside the questions of the topic units_and_rates."""

from __future__ import annotations

from fractions import Fraction

from reasoning_gym_envs.math.distractors.rule import rules

# In the smallest unit of each kind.
_SIZES = {
    **{"kilometre": 1_000_000, "metre": 1000, "centimetre": 10, "millimetre": 1},
    **{"tonne": 1_000_000, "kilogram": 1000, "gram": 1},
    **{"day": 86_400, "hour": 3600, "minute": 60, "second": 1},
}
_COAST = "{D} lives in a town # km from the coast."
_TRAVELLED = "Last month, {D} travelled for # hours."


def _convert(a: Fraction, GIVEN: str, WANTED: str) -> Fraction:
    return a * _SIZES[GIVEN] / _SIZES[WANTED]


def _mixed(  # the names are those of the story
    a: Fraction, LARGE: str, b: Fraction, MIDDLE: str, c: Fraction, SMALL: str
) -> Fraction:
    return (a * _SIZES[LARGE] + b * _SIZES[MIDDLE]) / _SIZES[SMALL] + c


def _later_meet(d: Fraction, v: Fraction, h: Fraction, w: Fraction) -> Fraction:
    return v * h + (d - v * h) / (v + w) * v


def _closed(a: Fraction, b: Fraction, c: Fraction, h: Fraction) -> Fraction:
    return h + (1 - h / a - h / b - h / c) / (1 / a + 1 / b)


def _trip(
    u: Fraction,
    r: Fraction,
    v: Fraction,
    s: Fraction,
    pause: Fraction,
    w: Fraction,
    t: Fraction,
) -> Fraction:
    return (u * r + v * s + w * t) / (r + s + pause + t)


RULES = rules(
    (
        _convert,
        (
            (
                "units",
                "|Convert {a} {GIVEN}~ to {WANTED}s.",
                "a",
                "{D} has to convert # {GIVEN}s.",
            ),
            (
                "units",
                "|How many {WANTED}s are there in {a} {GIVEN}~?",
                "a",
                "{D} has to convert # {GIVEN}s.",
            ),
        ),
    ),
    (
        _mixed,
        (
            (
                "units",
                "|Convert {a} {LARGE}~, {b} {MIDDLE}~ and {c} {SMALL}~ to {SMALL}s.",
                "a",
                "{D} has to convert # {LARGE}s.",
            ),
            (
                "units",
                "|How many {SMALL}s are there in {a} {LARGE}~, {b} {MIDDLE}~ and {c} {SMALL}~?",
                "a",
                "{D} has to convert # {LARGE}s.",
            ),
        ),
    ),
    (
        lambda k, p: k * p,
        (
            (
                "shop",
                "|A shop sells {ITEMS} for {p} cents each. How many cents do {k} {ITEMS}",
                "p",
                "Last year, {D}'s shop sold {ITEMS} for # cents each.",
            ),
            (
                "shop",
                "|How many cents do {k} {ITEMS} cost at {p} cents each?",
                "k",
                "Last week, {D} bought # {ITEMS}.",
            ),
        ),
    ),
    (
        lambda k, t, m: t / k * m,
        (
            (
                "shop",
                "|If {k} {ITEMS} cost {t} cents, how many cents do {m} {ITEMS}",
                "t",
                "Last year, {D} paid # cents for {ITEMS}.",
            ),
            (
                "shop",
                "|A shop sells {k} {ITEMS} for {t} cents. At the same rate, how many cents do "
                "{m} {ITEMS}",
                "t",
                "Last year, {D} paid # cents for {ITEMS}.",
            ),
        ),
    ),
    (
        lambda a, t, b, u, k: abs(t / a - u / b) * k,
        (
            (
                "shop",
                "|One shop sells {a} {ITEMS} for {t} cents, and another sells {b} {ITEMS} for {u} "
                "cents. At these rates, how many cents do you save by buying {k} {ITEMS}",
                "k",
                "Last week, {D} bought # {ITEMS}.",
            ),
        ),
    ),
    (
        lambda v, t: v * t,
        (
            (
                "travel",
                "|A {WHO} travels at {v} km/h for {t} hours. How many",
                "t",
                _TRAVELLED,
            ),
        ),
    ),
    (
        lambda d, t: d / t,
        (
            (
                "travel",
                "|A {WHO} covers {d} km in {t} hours. What",
                "d",
                "Last month, {D} covered # km.",
            ),
            (
                "travel",
                "|How many hours does a {WHO} take to travel {d} km at {t} km/h?",
                "d",
                "Last month, {D} covered # km.",
            ),
        ),
    ),
    (
        lambda v, h, m: v * (h + m / 60),
        (
            (
                "travel",
                "|A {WHO} travels at a steady {v} km/h for {h} hour~ and {m} minutes.",
                "h",
                _TRAVELLED,
            ),
        ),
    ),
    (
        lambda d, h, m: d / (h + m / 60),
        (
            (
                "travel",
                "|A {WHO} covers {d} km in {h} hour~ and {m} minutes.",
                "d",
                "Last month, {D} covered # km.",
            ),
        ),
    ),
    (
        lambda v, t: v * 1000 / 3600 * t,
        (
            (
                "travel",
                "|A train travels at {v} km/h. How many metres does it cover in {t} seconds",
                "t",
                "{D} ran for # seconds.",
            ),
        ),
    ),
    (
        lambda d, t: d / t * 3600 / 1000,
        (
            (
                "travel",
                "|A train covers {d} metres in {t} seconds.",
                "d",
                "{D} ran # metres.",
            ),
        ),
    ),
    (
        lambda d, a, b, c: d * a * b * c,
        (
            (
                "measuring",
                "|A metal has a density of {d} grams per cubic centimetre. A solid block of it "
                "measures {a} cm by {b} cm by {c} cm.",
                "a",
                "{D} has a wooden board # cm long.",
            ),
        ),
    ),
    (
        lambda a, b, c, w: w / (a * b * c),
        (
            (
                "measuring",
                "|A solid block of metal measures {a} cm by {b} cm by {c} cm and weighs {w} grams.",
                "w",
                "{D} has a stone that weighs # grams.",
            ),
        ),
    ),
    (
        lambda w, d, v: w * d / v,
        (
            (
                "work",
                "|A job takes {w} workers {d} days. At the same rate, how many days does it take "
                "{v}",
                "d",
                "Last year, {D} needed # days for a job.",
            ),
            (
                "travel",
                "|A supply of food lasts {w} hikers {d} days. How many days would it last {v}",
                "d",
                "Last year, {D} hiked for # days.",
            ),
        ),
    ),
    (
        lambda f, p, d: f * d / 100 * p,
        (
            (
                "travel",
                "|A car uses {f} litres of fuel per 100 km, and a litre costs {p} cents. "
                "How many cents does the fuel for {d} km",
                "d",
                "Last month, {D} drove # km.",
            ),
        ),
    ),
    (
        lambda v, s, w, t: (v * s + w * t) / (s + t),
        (
            (
                "travel",
                "|A {WHO} travels at {v} km/h for {s} hour~ and then at {w} km/h for {t} hour~.",
                "t",
                _TRAVELLED,
            ),
        ),
    ),
    (
        lambda a, b: 1 / (1 / a + 1 / b),
        (
            (
                "work",
                "{ONE} can {JOB} in {a} hours, and {OTHER} can do it in {b} hours. At these rates",
                "a",
                "Last year, {D} needed # hours to {JOB}.",
            ),
        ),
    ),
    (
        lambda d, v, w: d / (v + w),
        (
            (
                "travel",
                "|Two trains leave two towns {d} km apart at the same time and travel towards each "
                "other, the first at {v} km/h and the second at {w} km/h. After",
                "d",
                _COAST,
            ),
        ),
    ),
    (
        lambda d, v, w: d / (v + w) * v,
        (
            (
                "travel",
                "|Two trains leave two towns {d} km apart at the same time and travel towards each "
                "other, the first at {v} km/h and the second at {w} km/h. How",
                "d",
                _COAST,
            ),
        ),
    ),
    (
        lambda a, b, c, r: a * b * c * 1000 / r,
        (
            (
                "measuring",
                "|An empty tank {a} m long, {b} m wide and {c} m deep is filled at {r} litres per "
                "minute.",
                "a",
                "{D} has a pond # m long.",
            ),
        ),
    ),
    (
        lambda v, h, w: v * h / (w - v),
        (
            (
                "travel",
                "|A bus leaves a town at {v} km/h. A car follows it from the same place {h} hour~ "
                "later at {w} km/h. How many hours",
                "h",
                _TRAVELLED,
            ),
        ),
    ),
    (
        lambda v, h, w: v * h / (w - v) * w,
        (
            (
                "travel",
                "|A bus leaves a town at {v} km/h. A car follows it from the same place {h} hour~ "
                "later at {w} km/h. How many kilometres",
                "h",
                _TRAVELLED,
            ),
        ),
    ),
    (
        lambda v, d, c: d / (v - c) + d / (v + c),
        (
            (
                "travel",
                "|A boat travels at {v} km/h in still water. How many hours does it take to travel "
                "{d} km up a river with a current of {c} km/h",
                "d",
                "Last month, {D} rowed # km.",
            ),
        ),
    ),
    (
        lambda a, b, c: 1 / (1 / a + 1 / b - 1 / c),
        (
            (
                "work",
                "|One pipe fills a tank in {a} hours, another fills it in {b} hours, and a drain "
                "empties the full tank in {c} hours.",
                "c",
                "Last year, {D} emptied a pool in # hours.",
            ),
        ),
    ),
    (
        lambda a, b, h: h + (1 - h / a) / (1 / a + 1 / b),
        (
            (
                "work",
                "|{ONE} can {JOB} in {a} hours, and {OTHER} can do it in {b} hours. {ONE} starts "
                "alone, and {OTHER} joins in after {h} hour~",
                "b",
                "Last year, {D} needed # hours to {JOB}.",
            ),
        ),
    ),
    (
        _closed,
        (
            (
                "work",
                "|Alone, three pipes fill an empty tank in {a} hours, {b} hours and {c} hours, "
                "respectively. All three are opened, and the third is closed after {h}",
                "c",
                "Last year, {D} filled a pool in # hours.",
            ),
        ),
    ),
    (
        lambda a, p, b, q: (a * p + b * q) / (a + b),
        (
            (
                "measuring",
                "|An alloy is made from {a} cubic centimetres of a metal with a density of {p} "
                "grams per cubic centimetre and {b} cubic centimetres of a metal with a density of "
                "{q} grams",
                "a",
                "Yesterday, {D} melted # cubic centimetres of a metal.",
            ),
        ),
    ),
    (
        _later_meet,
        (
            (
                "travel",
                "|Two towns are {d} km apart. A train leaves the first for the second at {v} km/h, "
                "and {h} hour~ later another train leaves the second for the first at {w} km/h.",
                "d",
                _COAST,
            ),
        ),
    ),
    (
        _trip,
        (
            (
                "travel",
                "|A {WHO} travels at {u} km/h for {r} minutes and at {v} km/h for {s} minutes, "
                "stops for {pause} minutes, and then travels at {w} km/h for another {t} minutes.",
                "pause",
                "Yesterday, {D} stopped for # minutes.",
            ),
        ),
    ),
)
