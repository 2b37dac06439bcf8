"""Values leave a sandbox as trees, which are compared without becoming objects again."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoning_gym_envs.sandbox import runner
from reasoning_gym_envs.sandbox.values import (
    Comparison,
    MalformedValue,
    ascii_where_odd,
    literal,
    matches,
    read_value,
    same_output,
    show,
    size_of,
    tree_of,
)
from tests.clock import within

keys = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), st.binary()
)
values = st.recursive(
    st.one_of(keys, st.complex_numbers(allow_nan=False)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(keys, inner, max_size=3),
        st.sets(keys, max_size=3),
        st.frozensets(keys, max_size=3),
    ),
    max_leaves=20,
)


def sent(value):
    return read_value(json.dumps(runner.tree_of(value, runner.DEEPEST_VALUE)))


@given(values)
def test_what_the_runner_writes_is_what_the_host_reads(value):
    assert json.dumps(runner.tree_of(value, 40)) == json.dumps(tree_of(value))
    assert matches(value, sent(value))


@given(values, values)
def test_values_match_where_they_are_equal_in_value_and_type(one, other):
    def typed(value):
        """Python's equality, with types."""
        if isinstance(value, (list, tuple)):
            return (type(value).__name__, *map(typed, value))
        if isinstance(value, (set, frozenset)):
            return (type(value).__name__, frozenset(map(typed, value)))
        if isinstance(value, dict):
            return ("dict", frozenset((typed(k), typed(v)) for k, v in value.items()))
        return (type(value).__name__, value)

    assert matches(one, sent(other)) is (typed(one) == typed(other))
    assert matches(one, sent(one), Comparison(strict=False))


@given(values)
def test_a_literal_is_the_value_again(value):
    assert matches(value, sent(eval(literal(value))))  # noqa: S307  (a text of our own)


@pytest.mark.parametrize(
    ("expected", "value", "comparison", "same"),
    [
        (1, True, Comparison(), False),
        (1, 1.0, Comparison(), False),
        ([1], (1,), Comparison(), False),
        ("1", 1, Comparison(), False),
        ({1}, [1], Comparison(), False),
        (b"a", "a", Comparison(), False),
        (None, False, Comparison(), False),
        (math.nan, math.nan, Comparison(), True),
        (10**30, 10**30, Comparison(), True),
        (10**30, 1e30, Comparison(), False),
        (10**30, 1e30, Comparison(strict=False), True),
        ({1}, frozenset({1}), Comparison(), False),
        (1, True, Comparison(strict=False), True),
        (1, 1.0, Comparison(strict=False), True),
        ({1: "a"}, {1.0: "a"}, Comparison(strict=False), True),
        ({1}, frozenset({True}), Comparison(strict=False), True),
        ([1], (1,), Comparison(strict=False), False),
        ({1}, (1,), Comparison(strict=False), False),
        ([1, 2, 2], [2, 1, 2], Comparison(any_order=True), True),
        ([1, 2, 2], [2, 1, 1], Comparison(any_order=True), False),
        ([[2, 1]], [[1, 2]], Comparison(any_order=True), False),
        ((1, 2), (2, 1), Comparison(any_order=True), True),
        ([0.1 + 0.2, 1.0], [1.0, 0.3], Comparison(any_order=True, relative=1e-9), True),
        ((1, 2), [2, 1], Comparison(any_order=True), False),
        ([1, True], [True, 1], Comparison(any_order=True), True),
        (["b", 1], [1, "b"], Comparison(any_order=True), True),
        ([math.nan, 1.0], [1.0, math.nan], Comparison(any_order=True), True),
        # numbers by their size: as texts, 9.99… would come last and 10.0 first
        (
            [10.0, 5.0, 10**20, math.inf],
            [math.inf, 10**20, 9.999999999999, 5.0],
            Comparison(any_order=True, relative=1e-9),
            True,
        ),
        ([{1}, 5], [5, frozenset({1})], Comparison(strict=False, any_order=True), True),
        ([{1}, 5], [5, frozenset({1})], Comparison(any_order=True), False),
        (0.3, 0.1 + 0.2, Comparison(), False),
        (0.3, 0.1 + 0.2, Comparison(relative=1e-9), True),
        ({"a": 0.3}, {"a": 0.1 + 0.2}, Comparison(relative=1e-9), True),
        (100.0, 100.4, Comparison(absolute=0.5), True),
        (100, 100.4, Comparison(absolute=0.5), False),
        (100, 101, Comparison(strict=False, absolute=5.0), False),
        (100.0, 100.5, Comparison(absolute=0.5), True),
        (100.0, 100.6, Comparison(absolute=0.5), False),
        (100.0, 101.0, Comparison(relative=0.01), True),
        (100.0, 101.1, Comparison(relative=0.01), False),
        (100, 100.4, Comparison(strict=False, absolute=0.5), True),
        (1.0, math.inf, Comparison(relative=0.5), False),
        (math.inf, math.inf, Comparison(relative=0.5), True),
        (math.inf, 1e308, Comparison(relative=0.5), False),
        (1.5, 10**400, Comparison(strict=False, relative=0.5), False),
    ],
)
def test_comparisons(expected, value, comparison, same):
    assert matches(expected, sent(value), comparison) is same


def in_many_orders(items):
    for n in range(len(items)):
        turned = items[n:] + items[:n]
        yield turned
        yield turned[::-1]


SETS = [
    (
        {1, "1", None, (1, 2), (1, 3), frozenset({1, 2}), b"12", 10**20, math.inf, 0.5},
        True,
        [
            1,
            "1",
            None,
            {"tuple": [1, 2]},
            {"tuple": [1, 3]},
            {"frozenset": [2, 1]},
            {"bytes": "3132"},
            {"int": format(10**20, "x")},
            {"float": "inf"},
            0.5,
        ],
    ),
    # as texts in the order of their own elements, 4 1 would come after 2 3
    ({frozenset({1, 4}), frozenset({2, 3})}, True, [{"frozenset": [4, 1]}, {"frozenset": [2, 3]}]),
    ({(1, 23), (12, 3)}, True, [{"tuple": [1, 23]}, {"tuple": [12, 3]}]),
    ({3, 10**20, "3", (2, 3)}, False, [3.0, 1e20, "3", {"tuple": [2.0, True + 2]}]),
    ({1, 0, 7.5}, False, [True, False, 7.5]),
]


@pytest.mark.parametrize(("expected", "strict", "items"), SETS)
def test_sets_and_dicts_match_in_whatever_order_they_come(expected, strict, items):
    comparison = Comparison(strict=strict)
    for kind in ("set", "frozenset"):
        for order in in_many_orders(items):
            same_kind = kind == "set" or not strict
            assert matches(expected, {kind: order}, comparison) is same_kind
            assert not matches(expected, {kind: order[1:]}, comparison)
            assert not matches(expected, {kind: [*order[1:], "another"]}, comparison)
    values = {key: n for n, key in enumerate(sorted(expected, key=repr))}
    pairs = [[key, values[key]] for key in values]
    trees = tree_of(pairs)
    for order in in_many_orders(trees):
        assert matches(values, {"dict": order}, comparison)
        first, *others = order
        assert not matches(values, {"dict": [[first[0], 99], *others]}, comparison)


class Liar(int):
    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


def test_in_any_order_what_is_inside_sets_and_dicts_has_no_order_either():
    expected = [{1, 4}, {2, 3}, {1: "a", 4: "a"}, {2: "a"}, [1, 23], [12, 3], frozenset({1, 4})]
    tree = [
        {"set": [3, 2]},
        {"frozenset": [4, 1]},
        {"set": [4, 1]},
        [12, 3],
        [1, 23],
        {"dict": [[4, "a"], [1, "a"]]},
        {"dict": [[2, "a"]]},
    ]
    for order in in_many_orders(tree):
        assert matches(expected, order, Comparison(any_order=True))
        assert not matches(expected, [order[1], *order[1:]], Comparison(any_order=True))
    comparison = Comparison(strict=False, any_order=True)
    for order in in_many_orders([[1.0, 9], {"tuple": [1, 2]}, {"set": [2, 1.0]}, [True, 2]]):
        assert matches([[1, 9], [1.0, 2], (1, 2), {1, 2}], order, comparison)


@pytest.mark.parametrize(
    "value", [Liar(3), object(), type("str", (str,), {})("3"), print, range(3)]
)
def test_objects_match_nothing(value):
    tree = sent(value)
    for expected in (3, "3", None, [0, 1, 2], True, {"object": "Liar"}):
        assert not matches(expected, tree)
        assert not matches([expected], sent([value]))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "NaN",
        "Infinity",
        "1e999",
        "9" * 17,
        "9" * 5000,
        "[" * 100_000,
        "[" * 101 + "]" * 101,
        '{"tuple": [' * 101 + "]}" * 101,
        '{"int": 5}',
        '{"int": "g"}',
        '{"int": "xyz"}',
        '{"int": "ff", "float": "nan"}',
        '{"int": "1", "int": "2"}',
        '{"float": "1.5"}',
        '{"set": 3}',
        '{"dict": [1]}',
        '{"dict": [[1, 2, 3]]}',
        '{"complex": [1]}',
        '{"complex": ["a", "b"]}',
        '{"complex": [{"int": "1"}, 1.0]}',
        '{"tuple": [{"list": []}]}',
        '{"dict": [[{"object": 3}, 1]]}',
        '{"bytes": "0"}',
        '{"object": 3}',
        '{"list": []}',
        "{}",
    ],
)
def test_what_nobody_writes_is_refused(text):
    with pytest.raises(MalformedValue):
        read_value(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("9" * 17, "a whole number of too many digits"),
        ("-Infinity", "a float beyond all bounds"),
        ("1e999", "a float beyond all bounds"),
        ("{}", "an object of one member was expected"),
        ("[" * 101 + "]" * 101, "it nests too deeply"),
        ('{"set": 3}', "a list was expected"),
        ('{"dict": [1]}', "a dict is a list of pairs"),
        ('{"complex": [1]}', "a complex number has two parts"),
        ('{"bytes": 3}', "bytes takes a text"),
        ('{"float": "1.5"}', "no such float"),
        ('{"list": []}', "unknown type 'list'"),
    ],
)
def test_what_is_refused_is_named(text, message):
    with pytest.raises(MalformedValue, match=f"^{message}$"):
        read_value(text)


def test_what_is_just_not_too_long_or_too_deep():
    assert read_value("-" + "9" * 15) == -(10**15) + 1
    assert tree_of(10**15 - 1) == 10**15 - 1
    assert tree_of(10**15) == {"int": "38d7ea4c68000"}
    assert tree_of(-(10**15)) == {"int": "-38d7ea4c68000"}
    deep = "[" * 100 + "]" * 100
    assert json.dumps(read_value(deep)) == deep


def test_what_is_no_value_of_base_types_is_named():
    with pytest.raises(TypeError, match=r"^range is no base type: range\(0, 3\)$"):
        matches([range(3)], [0])


def test_keys_that_would_collide_in_a_hash_table_take_no_longer(time_limit):
    collide = [n * (2**61 - 1) for n in range(1, 20_000)]
    with time_limit(5):
        tree = read_value(json.dumps({"set": [{"int": format(n, "x")} for n in collide]}))
        assert not matches({1, 2}, tree)
        assert matches(set(collide[:500]), sent(set(collide[:500])))


NEAR = Comparison(relative=1e-6, absolute=1e-6)


@pytest.mark.parametrize(
    ("expected", "printed", "exactly", "nearly"),
    [
        # White space separates, whatever it is.
        ("1\n2\n", "1 \n2\n\n", True, True),
        ("1\n2\n", "\n\n1\r\n\n\n2", True, True),
        ("1 2 3", "1\t 2\n3", True, True),
        ("", "\n", True, True),
        ("1", "1\n1", False, False),
        ("1 1", "11", False, False),
        ("1", "", False, False),
        ("", "0", False, False),
        # Decimal numbers are numbers.
        ("0.4", "0.400", True, True),
        ("0.40", ".4", True, True),
        ("4.0", "4", True, True),
        ("4.", "+4", True, True),
        ("-0.0", "0.0", True, True),
        ("1e-05", "0.00001", True, True),
        ("1.5E3", "1500", True, True),
        ("0.3", "0.30000000000000004", False, True),
        ("0.3333333333", "0.33333339", False, True),
        ("123456789.25", "123456789.5", False, True),
        ("0.0", "0.0000009", False, True),
        ("0.5", "0.50001", False, False),
        ("0.5", "-0.5", False, False),
        ("100.0", "100.01", False, False),
        ("x = 0.5", "x = 0.5000", True, True),
        # Whole numbers and words are themselves.
        ("4", "4.0", False, False),
        ("4", "+4", False, False),
        ("4", "04", False, False),
        ("50000000000000000", "50000000000000001", False, False),
        ("-0", "0", False, False),
        ("YES", "yes", False, False),
        ("YES", "YES!", False, False),
        ("1e5", "100000", False, False),  # it may be a word
        ("0.5s", "0.50s", False, False),
        ("1.2.3", "1.2.30", False, False),
        ("nan", "NaN", False, False),
        # What is no number is near to none.
        ("0.5", "nan", False, False),
        ("0.5", "inf", False, False),
        ("0.5", "1/2", False, False),
        ("0.5", "0,5", False, False),
        ("0.5", "0.5_0", False, False),
        ("0.5", "0x0.8", False, False),
        ("0.5", "\u0660.\u0665", False, False),  # digits of another script
        ("1.0e+999", "1.0e+9999", False, False),
        ("1.5", "1.5" + "0" * 10**6, False, False),
    ],
)
def test_outputs_are_compared_by_tokens(expected, printed, exactly, nearly):
    assert same_output(expected, printed) is exactly
    assert same_output(expected, printed, NEAR) is nearly


@pytest.mark.parametrize("odd", ["9" * 10**6, "." * 10**6, "1." * 10**6, "1e" * 10**6, "\ud800"])
def test_odd_outputs_take_little_time(odd):
    with within(5):
        assert not same_output("0.5", odd, NEAR)
        assert same_output(odd, odd, NEAR)
        assert not same_output(odd, "0.5", NEAR)


def test_what_is_shown_is_short_and_cannot_control_a_terminal():
    assert show(tree_of({"a": (1, None), 2: {3}})) == "{'a': (1, None), 2: {3}}"
    assert len(show(tree_of([0] * 100_000))) == 200
    with within(5):
        assert len(show([["x" * 1000] * 1000] * 100, 50)) == 50
    assert show(tree_of("x" * 198)) == repr("x" * 198)  # 200 characters
    assert show(tree_of("x" * 199)) == repr("x" * 199)[:199] + "…"
    assert show({"object": "\x1b[2J"}) == "<\\x1b[2J object>"
    assert show({"object": "x" * 500}) == f"<{'x' * 100} object>"
    assert ascii_where_odd("a\u202e\nb\ud800\r") == "a\\u202e\nb\\ud800\\r"
    assert show(tree_of("\x1b[2J")) == "'\\x1b[2J'"


@pytest.mark.parametrize(
    "value",
    [
        [0] * 1000,
        {n: n for n in range(100)},
        [{}] * 300,
        [()] * 300,
        [[]] * 300,
        [{1: 2}] * 100,
        ["a"] * 300,
        [b""] * 300,
        [None] * 300,
        [1j] * 300,
        [10**20] * 300,
        [{1}] * 300,
        [(1,)] * 300,
    ],
    ids=lambda value: repr(value)[:12],
)
def test_what_is_too_long_is_shown_as_far_as_there_is_room(value):
    shown = show(tree_of(value))
    assert shown == literal(value)[:199] + "…"


def test_what_is_not_shown_is_not_written():
    for inside in (lambda x: [x, "abc"], lambda x: {"dict": [["abc", x]]}):
        loop = ["abc"]
        loop.append(inside(loop))  # has no end
        assert len(show(loop)) == 200


def test_a_literal_is_whole_however_long():
    for value in ("x" * 200_000, ["y"] * 50_000):
        assert literal(value) == repr(value)


def test_a_number_beyond_what_python_writes_in_decimal_digits_is_hexadecimal():
    assert literal(2**1999 - 1) == str(2**1999 - 1)
    assert literal(2**1999) == hex(2**1999)
    assert literal(-(2**20_000)) == hex(-(2**20_000))


def test_the_size_of_a_value_is_that_of_what_is_written(time_limit):
    assert size_of(None) == size_of(1.5) == size_of([]) == size_of("1234567") == 1
    assert size_of([1, (2, {3}), {4: [5]}]) == 10
    assert size_of("x" * 800) == size_of(b"x" * 800) == size_of(1 << 6400 - 1) == 101
    shared = [0] * 1000
    assert size_of([shared] * 10) == 10_011
    itself: list = []
    itself.append(itself)
    doubled = []
    for _ in range(100):
        doubled = [doubled, doubled]
    for large in ([[0] * 100_000] * 100_000, itself, doubled, ["x" * 10_000] * 10_000):
        with time_limit(5), pytest.raises(ValueError, match="too large"):
            size_of(large)
        for reader in (tree_of, literal, lambda value: matches(value, None)):
            with time_limit(5), pytest.raises(ValueError, match="too large"):
                reader(large)
    assert size_of([shared] * 10, most=10_011) == 10_011
    with pytest.raises(ValueError, match="10,010"):
        size_of([shared] * 10, most=10_010)
