"""Writes each story down as an equation or a movement, and lets sympy solve it."""

import re

from sympy import Integer, Rational, Symbol
from sympy import solve as solutions

T = Symbol("t")
SIZES = {  # in the smallest unit of each kind
    "kilometre": 1_000_000,
    "metre": 1_000,
    "centimetre": 10,
    "millimetre": 1,
    "tonne": 1_000_000,
    "kilogram": 1_000,
    "gram": 1,
    "day": 86_400,
    "hour": 3_600,
    "minute": 60,
    "second": 1,
}


def solve(question: str) -> str:
    return str(_value(question, [Integer(n) for n in re.findall(r"\d+", question)]))


def _root(equation):
    (root,) = solutions(equation, T)
    return root


def _value(question, n):
    def has(*words):
        return all(word in question for word in words)

    if wanted := re.match(r"(?:How many|Convert .* to) (\w+)s(?: are there in \d|\.$)", question):
        amounts = re.findall(r"(\d+) (\w+?)s?\b", question)
        total = sum(int(amount) * SIZES[unit] for amount, unit in amounts)
        return Rational(total, SIZES[wanted[1]])
    if has("cents each"):
        return sum([n[0]] * int(n[1]))
    if has("One shop sells"):
        return abs(n[1] * n[4] / n[0] - n[3] * n[4] / n[2])
    if has("litre costs"):
        used, per, price, distance = n
        return _root(T / price - used * distance / per)
    if re.search(r"\d+ [a-z ]+ (cost|for) \d+ cents", question):
        return _root(T / n[2] - n[1] / n[0])
    if has("including the stop"):
        u, r, v, s, pause, w, t = n
        return (u * r + v * s + w * t) / (r + s + pause + t)
    if has("and then at"):
        return (n[0] * n[1] + n[2] * n[3]) / (n[1] + n[3])
    if has("minutes. How many kilometres does the"):
        return n[0] * (n[1] + n[2] / 60)
    if has("hours. How many kilometres does the"):
        return n[0] * n[1]
    if has("minutes. What is the average speed"):
        return _root(T * (n[1] + n[2] / 60) - n[0])
    if has("What is the average speed"):
        return _root(T * n[1] - n[0])
    if question.startswith("How many hours does a"):
        return _root(T * n[1] - n[0])
    if has("does it cover in"):
        return n[0] * Rational(5, 18) * n[1]
    if has("seconds. What is its speed"):
        return n[0] / n[1] * Rational(18, 5)
    if has("A solid block of it"):
        return n[0] * n[1] * n[2] * n[3]
    if has("solid block of metal"):
        return _root(T * n[0] * n[1] * n[2] - n[3])
    if has("workers") or has("hikers"):
        w, d, v = n
        return _root(T * v - w * d)
    if has("starts alone"):
        a, b, h = n
        return _root(T / a + (T - h) / b - 1)
    if has("together"):
        return _root(T / n[0] + T / n[1] - 1)
    if has("cubic metre"):
        a, b, c, r, _ = n
        return _root(T * r / 1000 - a * b * c)
    if has("towards each other"):
        d, v, w = n
        t = _root(d - w * T - v * T)
        return t if has("After how many hours") else v * t
    if has("A bus leaves"):
        v, h, w = n
        t = _root(v * (h + T) - w * T)
        return t if has("How many hours") else v * (h + t)
    if has("A boat"):
        v, d, c = n
        return d / (v - c) + d / (v + c)
    if has("drain"):
        a, b, c = n
        return _root(T / a + T / b - T / c - 1)
    if has("third is closed"):
        a, b, c, h = n
        return _root(T / a + T / b + h / c - 1)
    if has("alloy"):
        a, p, b, q = n
        return (a * p + b * q) / (a + b)
    assert has("Two towns"), question
    d, v, h, w = n
    return v * _root(d - v * T - w * (T - h))
