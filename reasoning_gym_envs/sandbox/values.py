"""Values that come out of a sandbox: trees of base types, compared here on the host.

A value leaves the sandbox as JSON. ``null``, ``true``, ``false``, texts, finite floats, lists, and
whole numbers of at most fifteen digits stand for themselves; everything else is an object of one
member, whose name tells the type::

    {"int": "1f…"}         a longer whole number, in hexadecimal digits
    {"float": "nan"}       "nan", "inf" or "-inf"
    {"tuple": […]}  {"set": […]}  {"frozenset": […]}  {"bytes": "00ff…"}
    {"dict": [[key, value], …]}
    {"complex": [real, imaginary]}
    {"object": "Point"}    anything else; equal to nothing

Nothing is made of it but this tree of lists, texts and numbers: there are no keys to collide in a
hash table and no objects with an ``__eq__`` of their own.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

DEEPEST = 100
"""How deep a value may nest."""
LONGEST_DIGITS = 15
"""Whole numbers of more decimal digits are written in hexadecimal, which takes linear time."""
LARGEST_VALUE = 1_000_000
"""How large a value of ours may be, as :func:`size_of` counts it."""

_LONGEST_NUMBER = 400  # characters of a number in an output: what is longer is a text
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_DECIMAL = re.compile(r"[^.eE]*(?:\.|[eE][+-]).*")  # of numbers: 1e5 may as well be a word

Tree = Any

_COLLECTIONS = frozenset((list, tuple, set, frozenset, dict))


class MalformedValue(ValueError):
    """A text that is no value as the sandbox writes them: somebody else has written it."""


@dataclass(frozen=True)
class Comparison:
    """How a value, or the output of a program, is compared with the expected one.

    Outputs are compared token by token: white space of any kind and amount only separates them.
    Where the expected token is a decimal number, such as ``0.50`` or ``1e-05``, the other one must
    be a number as near to it as ``relative`` and ``absolute`` allow; any other token, whole
    numbers included, must be the same text, capitals included.

    Args:
        strict: types must be the same, so that 1, 1.0 and True are three values; otherwise numbers
            are compared as Python's ``==`` does. A list is never a tuple.
        any_order: the elements of the outermost list or tuple may come in any order.
        relative: how far a float may be off, as a share of the expected one.
        absolute: how far a float may be off at all.
        checker: for problems with several right answers, the source of a function
            ``check(given, expected, got)``; what it returns True for is right, and none of the
            above counts. It belongs to the problem and is trusted. It runs in the sandbox, in a
            process of its own, after the submission has ended, and gets what came of that as a
            value: the submission can neither see nor change it. What holds other objects than
            of base types is wrong, and so is what it raises an exception for or takes too long
            for.
    """

    strict: bool = True
    any_order: bool = False
    relative: float = 0.0
    absolute: float = 0.0
    checker: str = ""


def read_value(text: str) -> Tree:
    """The tree that a text of JSON stands for.

    Raises:
        MalformedValue: it is none.
    """
    try:
        tree = json.loads(text, parse_int=_parse_int, object_pairs_hook=_parse_object)
        _check(tree, DEEPEST)
    except (ValueError, TypeError, RecursionError) as error:
        raise MalformedValue(str(error)) from None
    return tree


def size_of(value: Any, most: int = LARGEST_VALUE) -> int:
    """How large a value is once it is written out: what it holds twice counts twice.

    ``[[0] * 100_000] * 100_000`` takes little memory, for it holds one list many times over. Its
    tree, its text and a copy of it take as much as ten billion elements do.

    Args:
        value: any value.
        most: where to stop counting.

    Returns:
        One for each value in it and for itself, and one more for each eight characters or bytes.

    Raises:
        ValueError: it is larger than ``most``.
    """
    size, parts = 0, [value]
    while parts:
        part = parts.pop()
        kind = type(part)
        size += 1
        if kind is int:
            size += part.bit_length() // 64
        elif kind is str or kind is bytes:
            size += len(part) // 8
        elif kind in _COLLECTIONS:
            parts += part
            if kind is dict:
                parts += part.values()
        if size + len(parts) > most:
            raise ValueError(f"it is too large: more than {most:,} elements")
    return size


def tree_of(value: Any) -> Tree:
    """The tree of a value of ours.

    Raises:
        TypeError: it holds something that is not of a base type.
        ValueError: it is larger than :data:`LARGEST_VALUE`.
    """
    size_of(value)
    return _tree_of(value)


def _tree_of(value: Any) -> Tree:
    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value
    if kind is int:
        return value if abs(value) < 10**LONGEST_DIGITS else {"int": format(value, "x")}
    if kind is float:
        return value if math.isfinite(value) else {"float": str(value)}
    if kind is list:
        return [_tree_of(item) for item in value]
    if kind in (tuple, set, frozenset):
        return {kind.__name__: [_tree_of(item) for item in value]}
    if kind is dict:
        return {"dict": [[_tree_of(key), _tree_of(item)] for key, item in value.items()]}
    if kind is bytes:
        return {"bytes": value.hex()}
    if kind is complex:
        return {"complex": [_tree_of(value.real), _tree_of(value.imag)]}
    raise TypeError(f"{kind.__name__} is no base type: {value!r:.80}")


def matches(expected: Any, tree: Tree, comparison: Comparison = Comparison()) -> bool:
    """Whether a tree is the expected value.

    Args:
        expected: a value of base types, ours.
        tree: as :func:`read_value` gives it.
    """
    wanted = tree_of(expected)
    if comparison.any_order:
        wanted, tree = _in_order(wanted, comparison), _in_order(tree, comparison)
    return _same(wanted, tree, comparison)


def same_output(expected: str, printed: str, comparison: Comparison = Comparison()) -> bool:
    """Whether a program printed what it must: see :class:`Comparison`.

    >>> same_output("0.4 YES", "\\n0.400\\n\\nYES\\n"), same_output("4 YES", "4.0 yes")
    (True, False)
    """
    wanted, tokens = expected.split(), printed.split()
    return len(wanted) == len(tokens) and all(
        w == token or _same_decimal(w, token, comparison)
        for w, token in zip(wanted, tokens, strict=True)
    )


def show(tree: Tree, longest: int = 200) -> str:
    """A tree as Python would write its value, in printable characters, shortened."""
    pieces: list[str] = []
    _write(tree, pieces, longest + 10)
    text = "".join(pieces)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def literal(value: Any) -> str:
    """A Python expression for a value of ours: the same text for equal values.

    >>> literal({"b", "a"}), literal([float("inf")])
    ("{'a', 'b'}", "[float('inf')]")
    """
    return expression(tree_of(value))


def expression(tree: Tree) -> str:
    """A Python expression for a tree.

    Raises:
        TypeError: it holds an object that is not of a base type.
    """
    pieces: list[str] = []
    _write(tree, pieces, math.inf)
    return "".join(pieces)


def _parse_int(digits: str) -> int:
    if len(digits) > LONGEST_DIGITS + 1:
        raise ValueError("a whole number of too many digits")
    return int(digits)


def _parse_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) != 1:
        raise ValueError("an object of one member was expected")
    return dict(pairs)


def _check(tree: Tree, depth: int) -> None:
    if depth == 0:
        raise ValueError("it nests too deeply")
    if type(tree) is float:
        if not math.isfinite(tree):
            raise ValueError("a float beyond all bounds")
    elif type(tree) is list:
        for item in tree:
            _check(item, depth - 1)
    elif type(tree) is dict:
        ((kind, inner),) = tree.items()
        if kind in ("tuple", "set", "frozenset"):
            _check_list(inner, depth)
        elif kind == "dict":
            _check_list(inner, depth)
            if any(type(pair) is not list or len(pair) != 2 for pair in inner):
                raise ValueError("a dict is a list of pairs")
        elif kind == "complex":
            _check_list(inner, depth)
            if len(inner) != 2 or not all(
                type(part) is float or (type(part) is dict and "float" in part) for part in inner
            ):
                raise ValueError("a complex number has two parts")
        elif kind in ("int", "float", "bytes", "object"):
            if type(inner) is not str:
                raise ValueError(f"{kind} takes a text")
            if kind == "int":
                int(inner, 16)
            elif kind == "bytes":
                bytes.fromhex(inner)
            elif kind == "float" and inner not in ("nan", "inf", "-inf"):
                raise ValueError("no such float")
        else:
            raise ValueError(f"unknown type {kind!r:.40}")


def _check_list(inner: Any, depth: int) -> None:
    if type(inner) is not list:
        raise ValueError("a list was expected")
    _check(inner, depth)


def _same(wanted: Tree, tree: Tree, comparison: Comparison) -> bool:
    if _is_number(wanted) and _is_number(tree):
        return _same_number(wanted, tree, comparison)
    if type(wanted) is not type(tree):
        return False
    if type(wanted) is list:
        return len(wanted) == len(tree) and all(
            _same(w, t, comparison) for w, t in zip(wanted, tree, strict=True)
        )
    if type(wanted) is dict:
        ((kind, inner),) = wanted.items()
        ((tree_kind, tree_inner),) = tree.items()
        if not comparison.strict and {kind, tree_kind} == {"set", "frozenset"}:
            tree_kind = kind
        if kind != tree_kind:
            return False
        if kind in ("set", "frozenset", "dict"):
            # Keys are compared exactly: they come into the same order.
            inner, tree_inner = (_sorted(part, kind, comparison) for part in (inner, tree_inner))
        if type(inner) is list:
            return _same(inner, tree_inner, comparison)
        return bool(inner == tree_inner)
    return bool(wanted == tree)


def _is_number(tree: Tree) -> bool:
    if type(tree) is dict:
        return "int" in tree or "float" in tree
    return type(tree) in (bool, int, float)


def _number(tree: Tree) -> int | float | bool:
    if type(tree) is dict:
        return int(tree["int"], 16) if "int" in tree else float(tree["float"])
    number: int | float | bool = tree
    return number


def _same_number(wanted: Tree, tree: Tree, comparison: Comparison) -> bool:
    expected, number = _number(wanted), _number(tree)
    if comparison.strict and type(expected) is not type(number):
        return False
    if expected != expected:
        return number != number
    if expected == number:
        return True
    if isinstance(expected, float) or (not comparison.strict and isinstance(number, float)):
        try:
            return math.isclose(
                number,
                expected,
                rel_tol=0.0,
                abs_tol=max(comparison.absolute, comparison.relative * abs(expected)),
            )
        except OverflowError:  # a whole number beyond all floats
            return False
    return False


def _same_decimal(wanted: str, token: str, comparison: Comparison) -> bool:
    """Whether a decimal number is expected, and this is one near to it."""
    if max(len(wanted), len(token)) > _LONGEST_NUMBER or not _DECIMAL.fullmatch(wanted):
        return False
    if not all(map(_NUMBER.fullmatch, (wanted, token))):
        return False
    expected = float(wanted)
    return math.isfinite(expected) and _same_number(expected, float(token), comparison)


def _key(tree: Tree, comparison: Comparison) -> str:
    """A text by which trees are put in order: the same for equal ones."""
    if type(tree) is dict:
        ((kind, inner),) = tree.items()
        if type(inner) is list:
            texts = [_key(item, comparison) for item in inner]
            if kind in ("set", "frozenset", "dict"):
                texts.sort()
            kind = "set" if kind == "frozenset" and not comparison.strict else kind
            return f"{kind}({','.join(texts)})"
        return f"{kind}({inner})"
    if type(tree) is list:
        return f"[{','.join(_key(item, comparison) for item in tree)}]"
    if not comparison.strict and _is_number(tree) and float(tree).is_integer():
        return f"int({int(tree):x})"
    return json.dumps(tree)


def _sorted(items: Sequence[Tree], kind: str, comparison: Comparison) -> list[Tree]:
    if kind == "dict":
        return sorted(items, key=lambda pair: _key(pair[0], comparison))
    return sorted(items, key=lambda item: _key(item, comparison))


def _in_order(tree: Tree, comparison: Comparison) -> Tree:
    """The outermost list or tuple sorted: numbers by value, for floats that are nearly equal."""
    items = tree.get("tuple") if type(tree) is dict else tree
    if type(items) is not list:
        return tree
    if all(_is_number(item) and _number(item) == _number(item) for item in items):
        items = sorted(items, key=lambda item: (_number(item), _key(item, comparison)))
    else:
        items = sorted(items, key=lambda item: _key(item, comparison))
    return {"tuple": items} if type(tree) is dict else items


def _write(tree: Tree, pieces: list[str], room: float) -> float:
    """Write as much of a tree as there is room for; returns the room left."""
    if room < 0:
        return room
    if type(tree) is list:
        return _write_items(tree, "[", "]", pieces, room)
    if type(tree) is not dict:
        if type(tree) is str and room < math.inf:
            tree = tree[: int(room) + 1]  # the rest would be cut off
        text = ascii_where_odd(repr(tree))
        pieces.append(text)
        return room - len(text)
    ((kind, inner),) = tree.items()
    strict = Comparison()
    if kind == "tuple":
        return _write_items(inner, "(", ",)" if len(inner) == 1 else ")", pieces, room)
    if kind in ("set", "frozenset"):
        name = "" if kind == "set" and inner else kind
        inner = _sorted(inner, kind, strict)
        opening, closing = (f"{name}({{", "})") if name and inner else ("{", "}")
        if not inner:
            opening, closing = f"{name}(", ")"
        return _write_items(inner, opening, closing, pieces, room)
    if kind == "dict":
        pieces.append("{")
        room -= 1
        for n, (key, value) in enumerate(inner):
            if room < 0:
                return room
            if n:
                pieces.append(", ")
                room -= 2
            room = _write(key, pieces, room)
            pieces.append(": ")
            room = _write(value, pieces, room - 2)
        pieces.append("}")
        return room - 1
    if kind == "int":
        number = int(inner, 16)
        text = str(number) if number.bit_length() < 2000 else hex(number)
    elif kind == "float":
        text = f"float({inner!r})"
    elif kind == "bytes":
        text = repr(bytes.fromhex(inner))
    elif kind == "complex":
        real, imaginary = (literal(float(_number(part))) for part in inner)
        text = f"complex({real}, {imaginary})"
    elif room == math.inf:
        raise TypeError(f"{inner[:100]} is no base type")
    else:
        text = ascii_where_odd(f"<{inner[:100]} object>")
    pieces.append(text)
    return room - len(text)


def _write_items(
    items: list[Tree], opening: str, closing: str, pieces: list[str], room: float
) -> float:
    pieces.append(opening)
    room -= len(opening)
    for n, item in enumerate(items):
        if room < 0:
            return room
        if n:
            pieces.append(", ")
            room -= 2
        room = _write(item, pieces, room)
    pieces.append(closing)
    return room - len(closing)


def ascii_where_odd(text: str) -> str:
    """A text with escapes for what controls a terminal or cannot be encoded; lines stay lines."""
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text
    )
