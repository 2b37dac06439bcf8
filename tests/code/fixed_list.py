"""A fixed list of trivial programs, run on the hidden tests of every family: what do they earn?

    python -m tests.code.fixed_list --problems 20

It is written apart from ``reasoning_gym_envs.code.trivial``, which hidden tests are made with, and
holds more than that: programs that are run here, not names that are crossed off.
"""

import argparse
import difflib
import math
from collections import Counter, defaultdict

from reasoning_gym_envs.code.families import FAMILIES
from reasoning_gym_envs.code.problems import draw_problem
from reasoning_gym_envs.problems import Stream
from reasoning_gym_envs.sandbox.values import Comparison, matches, tree_of

CONSTANTS = [
    *(None, True, False, *range(-10, 31), 50, 100, 0.0, 1.0, 0.5, -1.0),
    *("", "0", "1", "a", " ", "None", [], [0], [1], [[]], [""], {}, (), set(), (0, 0)),
]
BUILT_INS = {
    "itself": lambda x: x,
    "len": len,
    "sum": sum,
    "max": max,
    "min": min,
    "sorted": sorted,
    "sorted down": lambda x: sorted(x, reverse=True),
    "reversed": lambda x: x[::-1],
    "first": lambda x: x[0],
    "last": lambda x: x[-1],
    "list": list,
    "tuple": tuple,
    "set": set,
    "dict": dict,
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "not": lambda x: not x,
    "any": any,
    "all": all,
    "abs": abs,
    "minus": lambda x: -x,
    "round": round,
    "bin": bin,
    "hex": hex,
    "chr": chr,
    "ord": ord,
    "empty": lambda x: type(x)(),
    "range": lambda x: list(range(min(x, 1000))),
    "enumerate": lambda x: list(enumerate(x)),
    "counts": lambda x: dict(Counter(x)),
    "mean": lambda x: sum(x) / len(x),
    "join": "".join,
    "join by a comma": ",".join,
    "join by a space": " ".join,
    "split": lambda x: x.split(),
    "lower": lambda x: x.lower(),
    "upper": lambda x: x.upper(),
    "title": lambda x: x.title(),
    "strip": lambda x: x.strip(),
    "keys": lambda x: list(x.keys()),
    "values": lambda x: list(x.values()),
    "items": lambda x: list(x.items()),
    "without the first": lambda x: x[1:],
    "without the last": lambda x: x[:-1],
    "plus 1": lambda x: x + 1,
    "minus 1": lambda x: x - 1,
    "isqrt": math.isqrt,
    "zip": lambda x: [list(line) for line in zip(*x, strict=False)],
    "concatenated": lambda x: [item for part in x for item in part],
}
OF_TWO = {
    "max": max,
    "min": min,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: math.prod((a, b)) if {type(a), type(b)} <= {int, float} else None,
    "//": lambda a, b: a // b,
    "/": lambda a, b: a / b,
    "%": lambda a, b: a % b,
    "distance": lambda a, b: abs(a - b),
    "gcd": math.gcd,
    "in": lambda a, b: a in b,
    "==": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "at": lambda a, b: a[b],
    "count": lambda a, b: a.count(b),
    "zip": lambda a, b: list(zip(a, b, strict=False)),
    "first few": lambda a, b: a[:b],
}


def size(x):
    """How large a value is."""
    return abs(x) if isinstance(x, (int, float)) else len(x) if hasattr(x, "__len__") else 0


DISTANCES = {
    "text": lambda a, b: -difflib.SequenceMatcher(None, repr(a), repr(b)).ratio(),
    "size": lambda a, b: sum(abs(size(x) - size(y)) for x, y in zip(a, b, strict=True)),
    "places": lambda a, b: -sum(x == y for x, y in zip(repr(a), repr(b), strict=False)),
    "words": lambda a, b: len(set(repr(a).split()) ^ set(repr(b).split())),
    "first": lambda a, b: abs(size(a[0]) - size(b[0])) if a else 0,
}


def steps(call, is_class):
    """What is called: the method or "", its arguments, what it must give."""
    if not is_class:
        return [("", call.arguments, call.expected)]
    constructor, script = call.arguments
    return [
        (method, (*given, *constructor), expected)
        for (method, given), expected in zip(script, call.expected, strict=True)
    ]


def composed(outer, inner):
    return lambda x: outer(inner(x))


def of(function, *places):
    return lambda given: function(*(given[place] for place in places))


def programs(known):
    """The programs of a function, or of a method, that know some calls of it."""
    found = {f"returns {c!r}": lambda given, c=c: c for c in CONSTANTS}
    for _, expected in known:
        found[f"returns {expected!r}"] = lambda given, c=expected: c
    count = max((len(given) for given, _ in known), default=3)
    for n in range(count):
        for name, function in BUILT_INS.items():
            found[f"{name} of {n}"] = of(function, n)
        for other in range(count):
            if other != n:
                for name, function in OF_TWO.items():
                    found[f"{name} of {n} and {other}"] = of(function, n, other)
        for outer, after in BUILT_INS.items():
            for inner, before in BUILT_INS.items():
                made = of(composed(after, before), n)
                if known and all(gives(made, given, expected) for given, expected in known):
                    found[f"{outer} of {inner} of {n}"] = made
    for name, distance in DISTANCES.items():
        if known:
            found[f"most similar by {name}"] = lambda given, distance=distance: min(
                known, key=lambda call: distance(call[0], given)
            )[1]
    return found


def gives(program, given, expected, comparison=Comparison()):  # noqa: B008
    try:
        result = program(given)
        if comparison == Comparison() and result != expected:
            return False
        return matches(expected, tree_of(result), comparison)
    except Exception:
        return False


def passed_tests(data):
    """How many hidden tests each program of the list passes, and how many any of them.

    Of a class all methods are the same program; a test is passed by any if each of its methods is
    by one.
    """
    is_class = data.signature.startswith("class ")
    known = defaultdict(list)
    for call in data.example_calls:
        for method, given, expected in steps(call, is_class):
            known[method].append((given, expected))
    listed = {}
    passed, by_any = Counter(), 0
    for group in data.hidden_calls:
        right = defaultdict(lambda: None)
        for call in group:
            for method, given, expected in steps(call, is_class):
                if method not in listed:
                    listed[method] = programs(known[method])
                names = listed[method] if right[method] is None else right[method]
                right[method] = {
                    name
                    for name in names
                    if gives(listed[method][name], given, expected, data.comparison)
                }
        by_any += all(right.values())
        for name in set.intersection(*right.values()):
            passed[name] += 1
    return passed, by_any


def measure(name, problems, split="test", first=0):
    """Of a family, at all its levels: (best program, its mean), best in a problem, tests by any."""
    family, total, number, best, by_any = FAMILIES[name], Counter(), 0, 0.0, 0.0
    for level in range(family.easiest, family.hardest + 1):
        for seed in range(first, first + problems):
            data = draw_problem([name], Stream(seed), level, split).data
            passed, share = passed_tests(data)
            paid = {program: count / (len(data.hidden) + 1) for program, count in passed.items()}
            total.update(paid)
            number += 1
            best, by_any = max(best, *paid.values(), 0.0), by_any + share / len(data.hidden)
    program, most = max(total.items(), key=lambda item: item[1], default=("none", 0.0))
    return program, most / number, best, by_any / number


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--problems", type=int, default=10, help="of each level of each family")
    parser.add_argument("--families", nargs="*", default=list(FAMILIES))
    arguments = parser.parse_args()
    rows = [(name, *measure(name, arguments.problems)) for name in arguments.families]
    rows.sort(key=lambda row: (-row[2], -row[3], -row[4]))
    print("family                best mean   best of one   tests that any passes   best program")
    for name, program, mean, best, by_any in rows:
        print(f"{name:20s} {mean:10.4f} {best:13.3f} {by_any:23.4f}   {program:.60}")
    print(f"{sum(best > 0 for *_, best, _ in rows)} of {len(rows)} families pay something")


if __name__ == "__main__":
    main()
