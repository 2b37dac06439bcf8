"""With Python's own reading of digits, and by searching for the digits that mean a number."""

import re

_DIGITS = "0123456789ABCDEF"


def solve(question: str) -> str:
    task = question.split(" Letters stand")[0]
    asked = re.search(r"In which base is the decimal number \$(\d+)\$ written as \$(\d+)\$", task)
    if asked:
        return _base(asked[2], int(asked[1]))
    asked = re.search(
        r"For which base \$b\$ is \$(\d+)_b\$ equal to the decimal number \$(\d+)\$", task
    )
    if asked:
        return _base(asked[1], int(asked[2]))
    base = re.search(
        r"in(?:g)? (?:the result )?(?:in )?base \$(\d+)\$|(?:in|to) base \$(\d+)\$", task
    )
    base = int(base[1] or base[2]) if base else 10
    value = _evaluate(re.search(r"\$(.*?)\$", task)[1])
    digits = _write(value, base)
    if "sum of its digits" in task:
        return str(sum(map(_DIGITS.index, digits)))
    if "in parentheses" in task:
        return "(" + ", ".join(str(_DIGITS.index(d)) for d in digits) + ")"
    return digits


def _evaluate(text):
    """The value of one number, or of two with a sign between them."""
    parts = re.findall(r"(?:\\mathrm\{)?([0-9A-F]+)\}?(?:_\{?(\d+)\}?)?( [-+] | \\times )?", text)
    values = [int(digits, int(base or 10)) for digits, base, _ in parts]
    if len(values) == 1:
        return values[0]
    x, y = values
    return {"+": x + y, "-": x - y, "\\times": x * y}[parts[0][2].strip()]


def _write(value, base):
    """By the highest place first, counting how often each power fits."""
    place = 0
    while base ** (place + 1) <= value:
        place += 1
    digits = ""
    while place >= 0:
        digit = 0
        while value >= base**place:
            value -= base**place
            digit += 1
        digits += _DIGITS[digit]
        place -= 1
    return digits


def _base(digits, value):
    fitting = [b for b in range(int(max(digits)) + 1, 37) if b > 1 and int(digits, b) == value]
    assert len(fitting) == 1
    return str(fitting[0])
