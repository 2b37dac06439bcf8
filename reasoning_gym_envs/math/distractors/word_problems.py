"""What may be said beside the stories of the topic word_problems."""

from __future__ import annotations

from fractions import Fraction

from reasoning_gym_envs.math.distractors.rule import rules


def _two_kinds(x: Fraction, y: Fraction, count: Fraction, total: Fraction) -> Fraction:
    return (total - x * count) / (y - x)


def _consecutive(count: Fraction, gap: Fraction, s: Fraction) -> Fraction:
    return (s - gap * count * (count - 1) / 2) / count + gap * (count - 1)


def _coins(
    x: Fraction, k: Fraction, y: Fraction, d: Fraction, z: Fraction, t: Fraction
) -> Fraction:
    return k * (t - d * z) / (x + k * y + k * z) + d


def _profit(
    d: Fraction,
    trays: Fraction,
    per: Fraction,
    c: Fraction,
    p: Fraction,
    u: Fraction,
    rent: Fraction,
) -> Fraction:
    return d * trays * per * ((100 - u) / 100 * p - c) - d * rent


def _growth(
    start: Fraction, p: Fraction, q: Fraction, r: Fraction, m: Fraction, k: Fraction
) -> Fraction:
    return (start * (100 + p) * (100 - q) / 10_000 + r) * m + k * r


RULES = rules(
    (
        lambda a, b: a + b,
        (
            (
                "things",
                "|{A} has {a} {ITEMS} and gets {b} more. |How",
                "a",
                "{D} has # {ITEMS}.",
            ),
            (
                "birds",
                "|There are {a} birds on a roof, and {b} more join them.",
                "a",
                "Yesterday, {D} counted # birds on the roof of a barn.",
            ),
            (
                "food",
                "|{A} picks {a} apples in the morning and {b} in the afternoon. |How",
                "a",
                "Last year, {D} picked # apples in one morning.",
            ),
        ),
    ),
    (
        lambda a, b: a - b,
        (
            (
                "things",
                "|{A} has {a} {ITEMS} and gives {b} of them to",
                "a",
                "Last year, {D} had # {ITEMS}.",
            ),
            (
                "bus",
                "|There are {a} people on a bus. At a stop, {b} of them get off",
                "a",
                "Yesterday, there were # people on {D}'s bus.",
            ),
            (
                "books",
                "|A library has {a} copies of a book and lends out {b}.",
                "a",
                "Last year, {D} had # copies of a dictionary.",
            ),
        ),
    ),
    (
        lambda a, k: a * k,
        (
            (
                "things",
                "|A box holds {a} {ITEMS}. |How many {ITEMS} are in {k} full boxes?",
                "a",
                "{D} has a bag that holds # {ITEMS}.",
            ),
            (
                "books",
                "|{A} reads {a} pages a day. |How many pages does {A} read in {k} days?",
                "a",
                "{D} reads # pages a day.",
            ),
            (
                "garden",
                "|A gardener puts {a} plants in each of {k} rows.",
                "a",
                "Last year, {D} put # plants in each row.",
            ),
        ),
    ),
    (
        lambda t, k: t / k,
        (
            (
                "things",
                "|{A} shares {t} {ITEMS} equally among {k} friends. |How",
                "t",
                "{D} has # {ITEMS}.",
            ),
            (
                "hall",
                "|A hall has {t} chairs in {k} equal rows.",
                "t",
                "The hall of {D}'s school has # chairs.",
            ),
            (
                "food",
                "|A baker divides {t} rolls equally among {k} bags.",
                "t",
                "Yesterday, {D} baked # rolls.",
            ),
        ),
    ),
    (
        lambda a, b, c: a + b - c,
        (
            (
                "things",
                "|{A} has {a} {ITEMS}, buys {b} more and gives {c} to {B}. |How",
                "a",
                "{D} has # {ITEMS}.",
            ),
            (
                "bus",
                "|There are {a} people on a bus. At one stop, {b} people get on; at the next, {c}",
                "a",
                "Yesterday, there were # people on {D}'s bus.",
            ),
            (
                "shop",
                "|A shop has {a} {GOODS}, receives another {b} and sells {c}.",
                "a",
                "Last year, {D} had # {GOODS}.",
            ),
        ),
    ),
    (
        lambda m, k, p: m - k * p,
        (
            (
                "shop",
                "|{A} hands over {m} cents for {k} {GOODS} at {p} cents each. |How",
                "m",
                "{D} hands over # cents.",
            ),
            (
                "things",
                "|{A} has {m} {ITEMS} and gives {k} friends {p} each. |How",
                "m",
                "{D} has # {ITEMS}.",
            ),
            (
                "craft",
                "|A roll of ribbon is {m} cm long. {A} cuts off {k} pieces of {p} cm each.",
                "m",
                "Yesterday, {D} bought a roll of ribbon # cm long.",
            ),
        ),
    ),
    (
        lambda k, p, m, q: k * p + m * q,
        (
            (
                "shop",
                "|{A} buys {k} {GOODS} for {p} cents each and {m} {OTHERS} for {q} cents each. "
                "|How many cents does {A} pay",
                "k",
                "{D} buys # {GOODS}.",
            ),
            (
                "hall",
                "|A theatre sells {k} tickets for {p} euros each and {m} tickets for {q} euros",
                "k",
                "Last week, {D}'s cinema sold # tickets.",
            ),
            (
                "food",
                "|A bakery bakes {k} trays of {p} rolls and {m} trays of {q} rolls.",
                "k",
                "Last week, {D} baked # trays of rolls.",
            ),
        ),
    ),
    (
        lambda x, k, p, m, q: x - k * p - m * q,
        (
            (
                "shop",
                "|{A} has {x} cents and buys {k} {GOODS} for {p} cents each and {m} {OTHERS} for "
                "{q} cents each. |How",
                "x",
                "Yesterday, {D} had # cents.",
            ),
            (
                "hall",
                "|A school orders {x} chairs. So far, {k} vans have brought {p} chairs each, and "
                "{m} trucks have brought {q} chairs each.",
                "x",
                "Last year, {D}'s school ordered # chairs.",
            ),
            (
                "books",
                "|A book has {x} pages. {A} reads {p} pages a day for {k} days and then {q} pages "
                "a day for {m} days.",
                "x",
                "Last month, {D} read # pages.",
            ),
        ),
    ),
    (
        lambda t, r, k: (t - r) / k,
        (
            (
                "things",
                "|{A} has {t} {ITEMS}, keeps {r} and shares the rest equally among {k} friends. "
                "|How",
                "t",
                "{D} has # {ITEMS}.",
            ),
            (
                "food",
                "|Of {t} eggs, {r} are broken. The others are divided equally among {k} boxes.",
                "t",
                "Yesterday, {D} bought # eggs.",
            ),
            (
                "craft",
                "|A rope is {t} cm long. {A} cuts off {r} cm and divides the rest into {k} equal",
                "t",
                "{D} has a rope # cm long.",
            ),
        ),
    ),
    (
        lambda a, b, k: (k + 1) * (a + b) + a,
        (
            (
                "things",
                "{A} has {a} {ITEMS}. {B} has {b} more than {A}, and {C} has {k} times as many",
                "a",
                "Last year, {D} had # {ITEMS}.",
            ),
            (
                "books",
                "{A} reads {a} pages. {B} reads {b} more pages than {A}, and {C} reads {k} times "
                "as many",
                "a",
                "Last year, {D} read # pages.",
            ),
        ),
    ),
    (
        lambda r, e, h, o: r * h + (r + e) * o,
        (
            (
                "money",
                "|{A} earns {r} euros an hour, and an extra {e} euros an hour for overtime. In one "
                "week, {A} works {h} regular hours and {o} hours of overtime. |How",
                "r",
                "{D} earns # euros an hour.",
            ),
            (
                "garden",
                "|A gardener charges {r} euros an hour, and an extra {e} euros an hour on Sundays. "
                "|How many euros do {h} hours on weekdays and {o} hours on Sundays",
                "r",
                "As a painter, {D} charges # euros an hour.",
            ),
        ),
    ),
    (
        lambda h, w, g: (g - h) / w,
        (
            (
                "money",
                "|{A} has {h} euros and saves {w} euros a week for a bicycle that costs {g} euros. "
                "|After",
                "h",
                "{D} has # euros.",
            ),
            (
                "water",
                "|A tank contains {h} litres of water. Every minute, {w} litres flow in. "
                "After how many minutes does it contain {g} litres",
                "h",
                "Yesterday, {D}'s barrel contained # litres of water.",
            ),
            (
                "books",
                "|{A} has read {h} pages of a book and reads {w} more every day. The book has {g} "
                "pages. |How",
                "h",
                "{D} has read # pages of a novel.",
            ),
        ),
    ),
    (
        _two_kinds,
        (
            (
                "money",
                "|At a museum, children pay {x} euros and adults pay {y} euros. A group of {count} "
                "visitors pays {total} euros in all.",
                "total",
                "Yesterday, {D}'s group paid # euros.",
            ),
            (
                "things",
                "|A small box holds {x} {ITEMS} and a large box holds {y}. {A} fills {count} boxes "
                "with {total} {ITEMS} in all.",
                "total",
                "Last year, {D} had # {ITEMS}.",
            ),
            (
                "sport",
                "|In a quiz, easy questions are worth {x} points each and hard ones {y} points "
                "each. {A} answers {count} questions correctly and scores {total} points.",
                "total",
                "Last week, {D} scored # points in a test at school.",
            ),
        ),
    ),
    (
        lambda d, t, s: (s - 2 * t - d) / 2,
        (
            (
                "age",
                "|{A} is {d} years older than {B}. In {t} years, the sum of their ages will be "
                "{s}. |How",
                "s",
                "The ages in {D}'s family sum to #.",
            ),
            (
                "age",
                "|{B} is {d} years younger than {A}. The sum of their ages {t} years from now will "
                "be {s}. |How",
                "s",
                "The ages in {D}'s family sum to #.",
            ),
        ),
    ),
    (
        lambda p, r, k, c: p * (100 - r) / 100 * k - c,
        (
            (
                "shop",
                "|A chair costs {p} euros. In a sale, the price is reduced by {r} percent. {A} "
                "buys {k} chairs in the sale and uses a voucher for {c} euros. |How",
                "p",
                "Last year, {D} paid # euros for a chair.",
            ),
            (
                "money",
                "|A hotel room costs {p} euros a night, with {r} percent off in winter. {A} stays "
                "for {k} nights in winter and has already paid {c} euros. |How",
                "p",
                "Last year, {D} paid # euros for a night in a guest house.",
            ),
        ),
    ),
    (
        lambda a, b, left: left * a / (a - 1) * b / (b - 1),
        (
            (
                "money",
                "|{A} spent $\\frac{1}{{a}}$ of some money on a book and $\\frac{1}{{b}}$ of the "
                "rest on a game, and has {left} cents left. |How",
                "left",
                "{D} has # cents left.",
            ),
            (
                "books",
                "|{A} reads $\\frac{1}{{a}}$ of a book on Saturday and $\\frac{1}{{b}}$ of the "
                "rest on Sunday. That leaves {left} pages.",
                "left",
                "{D} has # pages of a comic left to read.",
            ),
            (
                "water",
                "|A tank is full. First $\\frac{1}{{a}}$ of the water is used, and then "
                "$\\frac{1}{{b}}$ of the rest. That leaves {left} litres.",
                "left",
                "{D}'s barrel has # litres left.",
            ),
        ),
    ),
    (
        lambda t, a, b, c: t * (max(a, b, c) - min(a, b, c)) / (a + b + c),
        (
            (
                "things",
                "{A}, {B} and {C} share {t} {ITEMS} in the ratio ${a} : {b} : {c}$.",
                "t",
                "Last year, {D} had # {ITEMS}.",
            ),
            (
                "craft",
                "|To make {t} grams of paint, red, yellow and blue are mixed in the ratio "
                "${a} : {b} : {c}$.",
                "t",
                "Yesterday, {D} mixed # grams of paint.",
            ),
        ),
    ),
    (
        lambda h, less, m, more: (h - m) / (more - less),
        (
            (
                "money",
                "{A} has {h} euros and saves {less} euros a week. {B} has {m} euros and saves "
                "{more} euros a week.",
                "h",
                "Last year, {D} had # euros.",
            ),
            (
                "water",
                "|One tank contains {h} litres and is filled at {less} litres a minute; another "
                "contains {m} litres and is filled at {more} litres a minute.",
                "h",
                "Yesterday, {D}'s barrel contained # litres.",
            ),
        ),
    ),
    (
        lambda k, e, f, t: (t + f - 2 * e) / (2 * k + 1),
        (
            (
                "things",
                "{A} has {e} more than {k} times as many {ITEMS} as {B}. {C} has {f} fewer than "
                "{A}. Together they have {t} {ITEMS}. |How",
                "t",
                "Last year, {D} had # {ITEMS}.",
            ),
            (
                "hall",
                "|A cinema sells {e} more than {k} times as many tickets on Saturday as on Friday, "
                "and {f} fewer on Sunday than on Saturday. In all, it sells {t} tickets.",
                "t",
                "Last year, {D}'s theatre sold # tickets.",
            ),
        ),
    ),
    (
        _consecutive,
        (
            (
                "hall",
                "|A theatre has {count} rows. Each row has {gap} more seats than the one in front "
                "of it, and there are {s} seats in all.",
                "s",
                "{D}'s cinema has # seats.",
            ),
            (
                "sport",
                "|{A} trains on {count} days, each day {gap} minutes longer than the day before, "
                "for a total of {s} minutes. |How",
                "s",
                "Last month, {D} trained for # minutes.",
            ),
        ),
    ),
    (
        lambda t, k, s: k * (s - 2 * t) / (k + 1) + t,
        (
            (
                "age",
                "|Exactly {t} years ago, {A} was {k} times as old as {B}. "
                "Today the sum of their ages is {s}. |How",
                "s",
                "The ages in {D}'s family sum to #.",
            ),
            (
                "age",
                "|When {A} and {B} first met {t} years ago, {A} was {k} times as old as {B}. "
                "Today their ages sum to {s}. |How",
                "s",
                "The ages in {D}'s family sum to #.",
            ),
        ),
    ),
    (
        lambda v, p, q: v * p / q - v,
        (
            (
                "water",
                "|How many litres of water must be added to {v} litres of salt solution to dilute "
                "it from {p} percent to {q} percent",
                "v",
                "{D} has # litres of salt water.",
            ),
            (
                "water",
                "|{A} has {v} litres of a drink that is {p} percent juice, and adds water until it "
                "is {q} percent",
                "v",
                "{D} has # litres of a fruit drink.",
            ),
        ),
    ),
    (
        lambda a, b, k, each: k * each / (1 - 1 / a - 1 / b),
        (
            (
                "money",
                "|{A} leaves $\\frac{1}{{a}}$ of a fortune to {B} and $\\frac{1}{{b}}$ of it to "
                "{C}. The rest is shared equally among {k} charities, and each gets {each} euros. "
                "|How",
                "each",
                "Last year, {D} gave # euros to a charity.",
            ),
            (
                "farm",
                "|A farmer sells $\\frac{1}{{a}}$ of a harvest to {A} and $\\frac{1}{{b}}$ of the "
                "harvest to {B}. The rest fills {k} sacks of {each} kg each. |How",
                "each",
                "Last year, {D} filled a sack with # kg of potatoes.",
            ),
        ),
    ),
    (
        _coins,
        (
            (
                "money",
                "|{A} has some {x}-cent stamps, {k} times as many {y}-cent stamps, and {d} more "
                "{z}-cent stamps than {y}-cent stamps. Together they are worth {t} cents.",
                "t",
                "Last year, {D} bought stamps worth # cents.",
            ),
            (
                "money",
                "|A machine contains some {x}-cent coins, {k} times as many {y}-cent coins, and "
                "{d} more {z}-cent coins than {y}-cent coins. It contains {t} cents in all.",
                "t",
                "Yesterday, {D}'s purse contained # cents.",
            ),
        ),
    ),
    (
        _profit,
        (
            (
                "shop",
                "|On each of {d} days, a bakery bakes {trays} trays of {per} rolls. A roll costs "
                "{c} cents to make and sells for {p} cents, but {u} percent of the rolls are "
                "not sold. The rent is {rent} cents a day. |What",
                "rent",
                "{D} pays # cents a day in rent for a flower shop.",
            ),
            (
                "craft",
                "|For {d} weeks, a workshop makes {trays} boxes of {per} candles a week. A candle "
                "costs {c} cents to make and sells for {p} cents, but {u} percent of the candles "
                "are not sold. The rent is {rent} cents a week. |What",
                "rent",
                "{D} pays # cents a week in rent for a garage.",
            ),
        ),
    ),
    (
        _growth,
        (
            (
                "club",
                "|A club has {start} members. The number rises by {p} percent, then falls by {q} "
                "percent, and then {r} more people join. Each member then pays {m} euros, and "
                "each of the {r} newcomers pays an extra {k} euros.",
                "start",
                "Last year, {D}'s choir had # members.",
            ),
            (
                "farm",
                "|A farm has {start} kg of grain. The stock grows by {p} percent, then shrinks by "
                "{q} percent, and then {r} kg of organic grain are added. All the grain sells for "
                "{m} cents per kilogram, and the {r} kg of organic grain for an extra {k} cents",
                "start",
                "Last year, {D} had # kg of grain.",
            ),
        ),
    ),
)
