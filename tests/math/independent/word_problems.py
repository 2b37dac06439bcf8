"""Recognises a story by its wording, then acts it out or tries numbers until the story fits."""

import re
from fractions import Fraction
from itertools import count

import sympy

UNKNOWN = sympy.Symbol("u")
LARGEST = 10**6  # number that is tried


def solve(question: str) -> str:
    question = question.replace("twice as", "2 times as")
    numbers = [int(n) for n in re.findall(r"\d+", question)]
    matching = [act for wording, act in _STORIES if re.search(wording, question)]
    assert len(matching) == 1, (question, matching)
    return str(matching[0](*numbers))


def _first(fits, start=0):
    return next(n for n in range(start, LARGEST) if fits(n))


def _solution(equation):
    (root,) = sympy.solve(equation, UNKNOWN)
    return root


def _gain(*numbers):
    return sum(1 for n in numbers for _ in range(n))


def _lose(have, *gone):
    things = list(range(have))
    for n in gone:
        del things[:n]
    return len(things)


def _packs(each, packs):
    return sum([each] * packs)


def _share(total, friends):
    return _first(lambda each: each * friends >= total)


def _gain_lose(have, gained, lost):
    return _lose(_gain(have, gained), lost)


def _change(have, k, price):
    return _lose(have, *[price] * k)


def _two_purchases(k, p, m, q):
    return sum([p] * k + [q] * m)


def _two_changes(have, k, p, m, q):
    for price in [p] * k + [q] * m:
        have -= price
    return have


def _share_rest(total, kept, friends):
    return _first(lambda each: kept + each * friends == total)


def _compare(a, more, times):
    people = [a]
    people.append(people[-1] + more)
    people.append(sum([people[-1]] * times))
    return sum(people)


def _wages(rate, extra, hours, overtime):
    return sum(rate + (extra if hour >= hours else 0) for hour in range(hours + overtime))


def _saving(have, gain, goal):
    return next(week for week in count() if have + week * gain >= goal)


def _two_kinds(x, y, number, total):
    return _first(lambda large: y * large + x * (number - large) == total)


def _ages(older, years, total):
    return _first(lambda age: age + years + age + older + years == total)


def _discount(price, percent, number, voucher):
    return _solution(UNKNOWN + voucher - number * price * (1 - sympy.Rational(percent, 100)))


def _fractions_back(_, a, __, b, left):
    def rest(start):
        middle = start - Fraction(start, a)
        return middle - middle / b

    return _first(lambda start: rest(start) == left)


def _ratio(total, *parts):
    (unit,) = [u for u in range(1, total) if u * sum(parts) == total]
    shares = sorted(unit * part for part in parts)
    return shares[-1] - shares[0]


def _catch_up(ahead, slow, behind, fast):
    weeks = 0
    while ahead != behind:
        assert ahead > behind
        ahead, behind, weeks = ahead + slow, behind + fast, weeks + 1
    return weeks


def _relations(more, times, fewer, total):
    def everybody(b):
        a = times * b + more
        return a + b + (a - fewer)

    return _first(lambda b: everybody(b) == total)


def _consecutive(rows, step, total):
    first = _first(lambda n: sum(n + step * i for i in range(rows)) == total)
    return first + step * (rows - 1)


def _past_ages(years, times, total):
    older = _first(lambda age: (age - years) == times * (total - age - years))
    return older


def _dilution(volume, percent, wanted):
    salt = sympy.Rational(volume * percent, 100)
    return _solution(salt * 100 - wanted * (volume + UNKNOWN))


def _estate(_, a, __, b, sharers, each):
    return _solution(UNKNOWN - UNKNOWN / a - UNKNOWN / b - sharers * each)


def _coins(x, times, y, more, z, same_y, total, same_z):
    assert (y, z) == (same_y, same_z)
    n = _first(lambda n: x * n + y * times * n + z * (times * n + more) == total)
    return times * n + more


def _profit(days, trays, per, cost, price, unsold, rent):
    money = 0
    for _ in range(days):
        money += Fraction(trays * per * (100 - unsold), 100) * price - trays * per * cost - rent
    return money


def _growth(start, up, down, joined, pay, same, extra):
    assert joined == same
    old = Fraction(start) * (100 + up) / 100 * (100 - down) / 100
    return old * pay + joined * (pay + extra)


_STORIES = [
    (r"gets \d+ more|join them|in the afternoon", _gain),
    (r"gives \d+ of them to|nobody gets on|lends out", _lose),
    (r"full boxes|pages a day\. How|in each of \d+ rows", _packs),
    (r"^\w+ shares|equal rows|among \d+ bags", _share),
    (r"buys \d+ more and gives|at the next|and sells \d+\. How", _gain_lose),
    (r"hands over|friends \d+ each|roll of ribbon", _change),
    (r"does \w+ pay in all|does it take in|trays of \d+ rolls and", _two_purchases),
    (r"cents and buys|A school orders|left to read", _two_changes),
    (r"shares the rest|eggs, |A rope", _share_rest),
    (r"times as many as \w+\. How many \w+ do the three", _compare),
    (r"hours of overtime|on Sundays", _wages),
    (r"saves \d+ euros a week for|flow in\.|has read \d+ pages", _saving),
    (r"visitors|of the boxes are large|In a quiz", _two_kinds),
    (r"years older than|years younger than", _ages),
    (r"voucher|in winter", _discount),
    (r"of the rest", _fractions_back),
    (r"in the ratio", _ratio),
    (r"the same amount", _catch_up),
    (r"fewer (on Sunday )?than", _relations),
    (r"than the one in front|than the day before", _consecutive),
    (r"years ago", _past_ages),
    (r"percent salt|percent juice", _dilution),
    (r"charities|harvest", _estate),
    (r"-cent ", _coins),
    (r"bakery bakes \d+ trays of \d+ rolls\. A|workshop", _profit),
    (r"A club has|kg of grain", _growth),
]
