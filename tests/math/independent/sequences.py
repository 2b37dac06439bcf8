"""By writing the terms out one by one; infinite sums by adding very many terms."""

import re
from fractions import Fraction
from itertools import count


def solve(question: str) -> str:
    if "\\sum_" in question:
        low, high, rule = re.search(
            r"\\sum_\{k=(\d+)\}\^\{(\d+)\} \(?(.+?)\)?\$", question
        ).groups()
        return str(sum(_rule(rule, k) for k in range(int(low), int(high) + 1)))
    if "a_k = " in question and "is given by" in question:
        rule = re.search(r"a_k = (.+?)\$", question)[1]
        low, *_, high = map(int, re.findall(r"a_\{(\d+)\}", question))
        return str(sum(_rule(rule, k) for k in range(low, high + 1)))
    if "a_{k+2}" in question or "a_{k+1}" in question:
        return _recursion(question)
    if "infinite" in question:
        return _endless(question)
    if "common ratio" in question:
        n, a, q = map(int, re.findall(r"-?\d+", question))
        return str(sum(a * q**k for k in range(n)))
    if "\\cdot" in question:
        a, q, n = map(
            int, re.search(r"\$(\d+) \+ \d+ \\cdot \(?(-?\d+).*\^(\d)\$", question).groups()
        )
        return str(sum(a * q**k for k in range(n + 1)))
    if "a_{" in question or "Term number" in question:
        pattern = r"a_\{(\d+)\} = (-?\d+)"
        if "Term number" in question:
            pattern = r"[Tt]erm number \$(\d+)\$(?: of an arithmetic sequence)? is \$(-?\d+)\$"
        (j, x), (k, y) = ((int(i), int(v)) for i, v in re.findall(pattern, question))
        wanted = int(
            re.findall(r"a_\{(\d+)\}|number \$(\d+)\$\?", question)[-1][
                0 if "a_{" in question else 1
            ]
        )
        d = next(d for size in count() for d in (size, -size) if x + (k - j) * d == y)
        return str(x + (wanted - j) * d)
    return _listed(question)


def _listed(question):
    """What follows from terms that are written out."""
    text = re.search(r"\$(-?\d+(?:, -?\d+)+), \\ldots(?:, (-?\d+))?\$", question)
    terms = [int(t) for t in text[1].split(", ")]
    numbers = [int(n) for n in re.findall(r"-?\d+", question.replace(text[0], ""))]
    if "geometric" in question:
        while len(terms) < numbers[0]:
            terms.append(terms[-1] * terms[1] // terms[0])
        return str(terms[-1])
    table = [terms]
    order = 2 if "quadratic" in question or "form an arithmetic" in question else 1
    while len(table) <= order:
        table.append([b - a for a, b in zip(table[-1], table[-1][1:], strict=False)])
    assert len(set(table[-1])) == 1

    def extend():
        table[-1].append(table[-1][-1])
        for upper, lower in zip(table[-2::-1], table[:0:-1], strict=True):
            upper.append(upper[-1] + lower[len(upper) - 1])

    if "next" in question:
        wanted = len(terms) + 1
    elif "How many terms" in question or "Which term" in question:
        last = int(text[2]) if text[2] else numbers[0]
        while terms[-1] != last:
            extend()
        return str(len(terms))
    else:
        wanted = numbers[0]
    while len(terms) < wanted:
        extend()
    return str(sum(terms[:wanted]) if "sum" in question else terms[wanted - 1])


def _rule(rule, k):
    """The value of a polynomial in k."""
    total = 0
    for sign, factor, variable, power in re.findall(r"(-?) ?(\d*)(k?)(?:\^(\d))?", rule):
        if factor or variable:
            value = int(factor or 1) * (k ** int(power or 1) if variable else 1)
            total += -value if sign else value
    return total


def _recursion(question):
    terms = [int(t) for _, t in sorted(re.findall(r"a_([12]) = (-?\d+)", question))]
    rule = re.search(r"a_\{k\+[12]\} = (.+?)\$", question)[1]
    wanted = int(re.findall(r"a_\{(\d+)\}", question)[-1])
    while len(terms) < wanted:
        text = rule.replace("a_{k+1}", "a").replace("a_k", "a" if len(terms) == 1 else "b")
        if "a_{k+2}" not in question:
            text = rule.replace("a_k", "a")
        values = {"a": terms[-1], "b": terms[-2] if len(terms) > 1 else 0}
        total = 0
        for sign, factor, name in re.findall(r"([-+]?) ?(\d*)([ab]?)", text):
            if factor or name:
                value = int(factor or 1) * (values[name] if name else 1)
                total += -value if sign == "-" else value
        terms.append(total)
    return str(sum(terms) if "sum" in question else terms[wanted - 1])


def _endless(question):
    numbers = [
        Fraction(int(f"{sign}{whole or top}"), int(bottom or 1))
        for sign, whole, top, bottom in re.findall(
            r"(?:(-) ?)?(?:(\d+)|\\frac\{(\d+)\}\{(\d+)\})", question
        )
    ]
    a, q = numbers if "common ratio" in question else (numbers[0], numbers[1] / numbers[0])
    total = 0.0
    for k in range(999):
        total += float(a) * float(q) ** k
    return str(Fraction(total).limit_denominator(99))
