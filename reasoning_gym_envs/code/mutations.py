"""Faults for a program: small changes of its text, such as people make by mistake.

The text is changed at the positions of its syntax tree, so that everything else stays as it was
written. Nothing here runs a program: whether a fault shows in a test is for the caller to find out.
"""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import NamedTuple, TypeGuard

from reasoning_gym_envs.problems import Stream

Edits = tuple[tuple[int, int, str], ...]
"""Changes of a text: from this character to before that one, and what takes their place."""

_ROUNDS = 5  # in which each operator is tried


class Fault(NamedTuple):
    """One mistake in a program.

    Args:
        operator: its kind, one of :data:`OPERATORS`.
        lines: the first and the last line of the right program that it changes.
        edits: how it changes the text of the right program.
    """

    operator: str
    lines: tuple[int, int]
    edits: Edits

    def excludes(self, other: Fault) -> bool:
        """Whether the two are at the same place: they share a line."""
        return self.lines[0] <= other.lines[1] and other.lines[0] <= self.lines[1]


def inject(source: str, *faults: Fault) -> str:
    """The program with the faults, which must be at different places."""
    for start, end, text in sorted((e for fault in faults for e in fault.edits), reverse=True):
        source = source[:start] + text + source[end:]
    return source


def draw_faults(
    source: str,
    count: int,
    stream: Stream,
    shows: Callable[[str], bool],
    allowed: Callable[[str], bool] = bool,
    tries: int = 50,
) -> tuple[Fault, ...]:
    """Faults at different places of a program, each of which matters.

    With any of them repaired, or all but any, or none, the program still shows that it is wrong.

    Args:
        source: the right program.
        count: how many faults.
        stream: what they are drawn from: every operator that can be used is as likely.
        shows: whether a text is a program that shows that it is wrong.
        allowed: whether a program with all the faults may be used; asked before ``shows``.
        tries: how many faults to try for which nothing but ``shows`` has to be asked.

    Returns:
        The faults in the order of the text; () if none were found.

    Raises:
        SyntaxError: the source is not Python.
    """
    program = Program(source)
    original = ast.dump(program.tree)
    possible: dict[str, list[Fault]] = {}
    operators = list(OPERATORS)
    chosen: tuple[Fault, ...] = ()
    for _ in range(_ROUNDS):
        stream.shuffle(operators)
        for operator in operators:
            if operator not in possible:
                possible[operator] = faults_of(program, operator)
            if not possible[operator]:
                continue
            fault = stream.choice(possible[operator])
            if any(map(fault.excludes, chosen)):
                continue
            # Each alone is tried first, all together last.
            faulty = [inject(source, *others, fault) for others in _subsets(chosen)]
            is_last = len(chosen) == count - 1
            if is_last and not allowed(faulty[-1]):
                continue
            if not differs(faulty[0], original):
                continue
            if tries == 0:
                return ()
            tries -= 1
            if all(map(shows, faulty)):
                chosen += (fault,)
                if is_last:
                    return tuple(sorted(chosen, key=lambda fault: fault.lines))
    return ()


def faults_of(program: Program, operator: str) -> list[Fault]:
    """The faults that an operator can make in a program, in the order of the text."""
    faults = []
    for node in program.nodes:
        for edits in OPERATORS[operator](program, node):
            first = min(start for start, _, _ in edits)
            last = max(end - (end > start) for start, end, _ in edits)
            faults.append(Fault(operator, (program.line(first), program.line(last)), edits))
    return faults


def differs(source: str, original: str) -> bool:
    """Whether a text is a program, and its syntax tree is not the original one, as dumped."""
    try:
        return ast.dump(ast.parse(source)) != original
    except SyntaxError:
        return False


def _subsets(faults: tuple[Fault, ...]) -> Iterator[tuple[Fault, ...]]:
    for size in range(len(faults) + 1):
        yield from combinations(faults, size)


class Program:
    """A source text, its syntax tree, and where in the text the parts of the tree stand.

    Attributes:
        nodes: the statements and expressions that may be changed, in the order of the text: what
            functions do, but not their signatures, annotations, docstrings or imports; not what is
            inside f-strings, whose positions differ between versions of Python.
        assigned: the names among them that are given a value.
        parents: the node that a node is a part of.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.tree = ast.parse(source)
        self.nodes: list[ast.AST] = []
        self.parents: dict[ast.AST, ast.AST] = {}
        self.assigned: list[ast.Name] = []
        self._functions: dict[ast.AST, ast.FunctionDef] = {}
        self._lines = source.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._visit(self.tree)

    def start(self, node: ast.AST) -> int:
        """The index of a node's first character."""
        return self._index(node.lineno, node.col_offset)  # type: ignore[attr-defined]

    def end(self, node: ast.AST) -> int:
        """The index after a node's last character."""
        return self._index(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def line(self, index: int) -> int:
        """The number of the line that a character is in, from 1."""
        return bisect_right(self._starts, index)

    def text(self, node: ast.AST) -> str:
        """The text of a node, without parentheses around it."""
        return self.source[self.start(node) : self.end(node)]

    def replaced(self, node: ast.AST, text: str) -> Edits:
        """The edits that put a text in the place of a node."""
        return ((self.start(node), self.end(node), text),)

    def swapped(self, one: ast.AST, other: ast.AST) -> Edits:
        """The edits that exchange two nodes."""
        return (*self.replaced(one, self.text(other)), *self.replaced(other, self.text(one)))

    def between(self, left: ast.AST, right: ast.AST) -> tuple[int, int, str]:
        """Where the sign between two operands stands, and the sign."""
        start, end = self.end(left), self.start(right)
        gap = self.source[start:end]
        sign = gap.strip(" ()\n\\")
        start += gap.index(sign)
        return start, start + len(sign), sign

    def function(self, node: ast.AST) -> ast.FunctionDef | None:
        """The function that a node is in; the innermost."""
        return self._functions.get(node)

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes that a node is in, the innermost first."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def whole_lines(self, statement: ast.stmt) -> tuple[int, int] | None:
        """Where the lines of a statement begin and end, its line end included.

        None if something else stands on them.
        """
        start, end = self._starts[statement.lineno - 1], self.end(statement)
        after = self._starts[statement.end_lineno or statement.lineno]
        if self.source[start : self.start(statement)].strip() or self.source[end:after].strip():
            return None
        return start, after

    def siblings(self, statement: ast.AST) -> list[ast.stmt]:
        """The block that a statement is in."""
        parent = self.parents.get(statement)
        for name in ("body", "orelse", "finalbody"):
            block = getattr(parent, name, None)
            if isinstance(block, list) and statement in block:
                return block
        return []

    def _index(self, line: int, column: int) -> int:
        text = self._lines[line - 1]
        if not text.isascii():  # columns count the bytes of UTF-8
            column = len(text.encode()[:column].decode())
        return self._starts[line - 1] + column

    def _visit(self, node: ast.AST) -> None:
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "args", "decorator_list", "bases", "ctx") and (
                name != "args" or isinstance(node, (ast.FunctionDef, ast.Lambda))
            ):
                continue
            for child in value if isinstance(value, list) else [value]:
                if not isinstance(
                    child, (ast.expr, ast.stmt, ast.comprehension, ast.keyword, ast.ExceptHandler)
                ):
                    continue
                self.parents[child] = node
                function = node if isinstance(node, ast.FunctionDef) else self._functions.get(node)
                if function is not None:
                    self._functions[child] = function
                is_text = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
                if is_text or isinstance(child, (ast.JoinedStr, ast.Import, ast.ImportFrom)):
                    continue
                self.nodes.append(child)
                if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
                    self.assigned.append(child)
                self._visit(child)


# The operators. Each takes a node and yields the ways to make its mistake there.

_OFF_BY_ONE = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
_REVERSED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_NEGATED = {"==": "!=", "!=": "==", "in": "not in", "not in": "in", "is": "is not", "is not": "is"}
# Nothing becomes a product or a power: numbers must not grow beyond what any budget counts.
_ARITHMETIC = {"+": "-", "-": "+", "*": "+", "//": "%", "%": "//", "/": "//"}
_NOT_COMMUTATIVE = (ast.Sub, ast.FloorDiv, ast.Mod, ast.Div)
_NAMES = (
    ("min", "max"),
    ("any", "all"),
    ("floor", "ceil"),
    ("append", "extend"),
    ("append", "appendleft"),
    ("pop", "popleft"),
    ("upper", "lower"),
    ("startswith", "endswith"),
    ("find", "rfind"),
    ("index", "rindex"),
    ("strip", "lstrip"),
    ("strip", "rstrip"),
    ("lstrip", "rstrip"),
    ("isdigit", "isalpha"),
    ("isdigit", "isalnum"),
    ("isalpha", "isalnum"),
    ("isupper", "islower"),
    ("ljust", "rjust"),
    ("keys", "values"),
    ("union", "intersection"),
    ("add", "discard"),
    ("bisect_left", "bisect_right"),
    ("partition", "rpartition"),
)
_SIMPLE = (ast.Assign, ast.AugAssign, ast.Expr)
_LOOPS = (ast.For, ast.While)
_TIGHT = (ast.Name, ast.Constant, ast.Call, ast.Attribute, ast.Subscript)


def _comparison_operator(replacements: dict[str, str]) -> Callable[..., Iterator[Edits]]:
    def operator(program: Program, node: ast.AST) -> Iterator[Edits]:
        if isinstance(node, ast.Compare):
            for left, right in zip([node.left, *node.comparators], node.comparators):  # noqa: B905
                start, end, sign = program.between(left, right)
                sign = " ".join(sign.split())
                if sign in replacements:
                    yield ((start, end, replacements[sign]),)

    return operator


def _arithmetic(program: Program, node: ast.AST) -> Iterator[Edits]:
    if isinstance(node, ast.BinOp):
        operands = (node.left, node.right)
        if any(isinstance(operand, (ast.List, ast.JoinedStr)) for operand in operands) or any(
            isinstance(operand, ast.Constant) and isinstance(operand.value, str)
            for operand in operands
        ):
            return
        start, end, sign = program.between(*operands)
        if sign in _ARITHMETIC:
            yield ((start, end, _ARITHMETIC[sign]),)
    elif isinstance(node, ast.AugAssign):
        start, end, sign = program.between(node.target, node.value)
        if sign[:-1] in _ARITHMETIC:
            yield ((start, end, f"{_ARITHMETIC[sign[:-1]]}="),)


def _operands_swapped(program: Program, node: ast.AST) -> Iterator[Edits]:
    if (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, _NOT_COMMUTATIVE)
        and isinstance(node.left, _TIGHT)
        and isinstance(node.right, _TIGHT)
    ):
        yield program.swapped(node.left, node.right)


def _constant(program: Program, node: ast.AST) -> Iterator[Edits]:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        for value in (node.value + 1, node.value - 1):
            if value >= 0:
                yield program.replaced(node, str(value))


def _and_or(program: Program, node: ast.AST) -> Iterator[Edits]:
    if isinstance(node, ast.BoolOp):
        gaps = [program.between(*pair) for pair in zip(node.values, node.values[1:])]  # noqa: B905
        other = "or" if isinstance(node.op, ast.And) else "and"
        yield tuple((start, end, other) for start, end, _ in gaps)


def _condition_dropped(program: Program, node: ast.AST) -> Iterator[Edits]:
    if isinstance(node, ast.BoolOp):
        first, last = node.values[0], node.values[-1]
        if isinstance(first, (ast.Compare, *_TIGHT)):
            yield ((program.end(first), program.end(node), ""),)
        if isinstance(last, (ast.Compare, *_TIGHT)):
            yield ((program.start(node), program.start(last), ""),)
    elif isinstance(node, ast.comprehension):
        for test in node.ifs:
            before = program.source.rindex("if", 0, program.start(test))
            yield ((before - 1, program.end(test), ""),)


def _negation(program: Program, node: ast.AST) -> Iterator[Edits]:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield ((program.start(node), program.start(node.operand), ""),)
    elif isinstance(node, (ast.If, ast.While, ast.IfExp)) and isinstance(node.test, _TIGHT):
        start = program.start(node.test)
        yield ((start, start, "not "),)


def _branches_swapped(program: Program, node: ast.AST) -> Iterator[Edits]:
    if isinstance(node, ast.IfExp):
        yield program.swapped(node.body, node.orelse)


def _elif_becomes_if(program: Program, node: ast.AST) -> Iterator[Edits]:
    if isinstance(node, ast.If) and program.source.startswith("elif", program.start(node)):
        start = program.start(node)
        yield ((start, start + 2, ""),)


def _wrong_variable(program: Program, node: ast.AST) -> Iterator[Edits]:
    parent = program.parents.get(node)
    if (
        isinstance(node, ast.Name)
        and isinstance(node.ctx, ast.Load)
        and node.id != "self"
        and not (isinstance(parent, ast.Call) and parent.func is node)
    ):
        names = _names_in_scope(program, node)
        if node.id in names:  # else it is a function or a constant of the module
            for name in names:
                if name != node.id:
                    yield program.replaced(node, name)


def _names_in_scope(program: Program, node: ast.Name) -> list[str]:
    """The variables that have a value where a name stands, as far as the text shows."""
    function = program.function(node)
    if function is None:
        return []
    names = [arg.arg for arg in function.args.args if arg.arg != "self"]
    sets = set()
    around = set(program.above(node))
    for other in program.assigned:
        if program.function(other) is not function or other.id in names:
            continue
        statement = next(
            n for n in program.above(other) if not isinstance(n, (ast.Tuple, ast.List))
        )
        if isinstance(statement, ast.comprehension):
            known = program.parents[statement] in around and statement not in around
        elif isinstance(statement, ast.For):
            known = statement in around and not _is_within(program, node, statement.iter)
        else:
            known = other.lineno < node.lineno
        if isinstance(statement, (ast.Assign, ast.AnnAssign)) and _is_set(statement.value):
            sets.add(other.id)
        if known:
            names.append(other.id)
    # The order of a set of texts is another in every process.
    return [name for name in names if name not in sets or name == node.id]


def _is_within(program: Program, node: ast.AST, part: ast.AST) -> bool:
    return node is part or part in program.above(node)


def _is_set(value: ast.expr | None) -> bool:
    return isinstance(value, (ast.Set, ast.SetComp)) or (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Name)
        and value.func.id in ("set", "frozenset")
    )


def _wrong_attribute(program: Program, node: ast.AST) -> Iterator[Edits]:
    if _is_attribute_of_self(node) and isinstance(node.ctx, ast.Load):
        parent = program.parents.get(node)
        if isinstance(parent, ast.Call) and parent.func is node:
            return
        names: list[str] = []
        for other in program.nodes:
            if (
                _is_attribute_of_self(other)
                and isinstance(other.ctx, ast.Store)
                and other.attr not in (node.attr, *names)
            ):
                names.append(other.attr)
        for name in names:
            yield program.replaced(node, f"self.{name}")


def _is_attribute_of_self(node: ast.AST) -> TypeGuard[ast.Attribute]:
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    )


def _arguments_swapped(program: Program, node: ast.AST) -> Iterator[Edits]:
    if isinstance(node, ast.Call) and not any(isinstance(a, ast.Starred) for a in node.args):
        if _called(node) in ("min", "max", "range", "gcd"):  # no mistake, or another operator's
            return
        for one, other in zip(node.args, node.args[1:]):  # noqa: B905
            yield program.swapped(one, other)


def _called(node: ast.Call) -> str:
    """The name of the function or method that a call calls."""
    if isinstance(node.func, ast.Name):
        return node.func.id
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""


def _range_bounds(program: Program, node: ast.AST) -> Iterator[Edits]:
    if isinstance(node, ast.Call) and _called(node) == "range" and node.args:
        for argument in node.args[:2]:
            for by in (1, -1):
                yield program.replaced(argument, _shifted(program, argument, by))
        if len(node.args) == 1:
            start = program.start(node.args[0])
            yield ((start, start, "1, "),)


def _shifted(program: Program, node: ast.expr, by: int) -> str:
    """The text of a whole number, one more or one less."""
    text = program.text(node)
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return str(node.value + by)
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        if isinstance(node.right, ast.Constant) and type(node.right.value) is int:
            number = node.right.value + (by if isinstance(node.op, ast.Add) else -by)
            before = program.source[program.start(node) : program.start(node.right)]
            if number or not isinstance(node.left, _TIGHT):
                return before + str(number)
            return program.text(node.left)
    elif not isinstance(node, (*_TIGHT, ast.UnaryOp)):
        text = f"({text})"
    return f"{text} {'+' if by > 0 else '-'} 1"


def _slice_bounds(program: Program, node: ast.AST) -> Iterator[Edits]:
    if isinstance(node, ast.Slice):
        for bound in (node.lower, node.upper):
            if bound is not None:
                for by in (1, -1):
                    yield program.replaced(bound, _shifted(program, bound, by))
        if node.lower is None and node.upper is None and node.step is not None:
            yield program.replaced(node, ":")
        elif node.lower is None and node.step is None:
            start = program.start(node)
            yield ((start, start, "1"),)


def _index(program: Program, node: ast.AST) -> Iterator[Edits]:
    if isinstance(node, ast.Subscript) and not isinstance(node.slice, (ast.Slice, ast.Tuple)):
        index = node.slice
        if program.text(index) == "-1":
            yield program.replaced(index, "0")
        elif program.text(index) == "0":
            yield program.replaced(index, "-1")
        elif isinstance(index, (ast.Name, ast.BinOp)):
            for by in (1, -1):
                yield program.replaced(index, _shifted(program, index, by))


def _initial_value(program: Program, node: ast.AST) -> Iterator[Edits]:
    """A value that a loop, or other methods, start from."""
    if not isinstance(node, (ast.Assign, ast.AnnAssign)) or node.value is None:
        return
    block = program.siblings(node)
    later = block[block.index(node) + 1 :] if block else []
    function = program.function(node)
    in_constructor = function is not None and function.name == "__init__"
    if in_constructor or any(isinstance(statement, _LOOPS) for statement in later):
        text = program.text(node.value)
        for value in _OTHER_STARTS.get(text, ()):
            yield program.replaced(node.value, value)
        if isinstance(node.value, ast.Subscript) and text.endswith("[0]"):
            yield program.replaced(node.value, "0")


_OTHER_STARTS = {
    "0": ("1", "-1"),
    "1": ("0",),
    "-1": ("0",),
    "True": ("False",),
    "False": ("True",),
    'float("inf")': ("0",),
    '-float("inf")': ("0",),
    'float("-inf")': ("0",),
    "None": ("0",),
}


def _moved_into_loop(program: Program, node: ast.AST) -> Iterator[Edits]:
    if not isinstance(node, (*_SIMPLE, ast.Return)) or node.lineno != node.end_lineno:
        return
    block, lines = program.siblings(node), program.whole_lines(node)
    place = block.index(node) if block else 0
    loop = block[place - 1] if place else None
    if lines and isinstance(loop, _LOOPS) and not loop.orelse and loop.body[0].lineno > loop.lineno:
        deeper = " " * (loop.body[0].col_offset - loop.col_offset)
        yield ((lines[0], lines[0], deeper),)


def _moved_out_of_block(program: Program, node: ast.AST) -> Iterator[Edits]:
    if not isinstance(node, (*_SIMPLE, ast.Return)) or node.lineno != node.end_lineno:
        return
    block, lines = program.siblings(node), program.whole_lines(node)
    outer = program.parents[node]
    if (
        lines
        and len(block) > 1
        and block[-1] is node
        and isinstance(outer, (*_LOOPS, ast.If))
        and not outer.orelse
        and not program.source.startswith("elif", program.start(outer))
    ):
        yield ((lines[0], lines[0] + node.col_offset - outer.col_offset, ""),)


def _break_continue(program: Program, node: ast.AST) -> Iterator[Edits]:
    if isinstance(node, ast.Break):
        yield program.replaced(node, "continue")
        yield program.replaced(node, "pass")
    elif isinstance(node, ast.Continue):
        yield program.replaced(node, "break")
        yield program.replaced(node, "pass")


def _wrong_name(program: Program, node: ast.AST) -> Iterator[Edits]:
    if isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute)):
        name, end = _called(node), program.end(node.func)
        for pair in _NAMES:
            if name in pair:
                yield ((end - len(name), end, pair[1 - pair.index(name)]),)


def _sort_order(program: Program, node: ast.AST) -> Iterator[Edits]:
    if isinstance(node, ast.Call) and _called(node) in ("sorted", "sort"):
        for keyword in node.keywords:
            if keyword.arg == "reverse":
                yield program.replaced(keyword.value, f"not {program.text(keyword.value)}")
                return
        comma = ", " if node.args or node.keywords else ""
        end = program.end(node) - 1
        if not program.source[:end].rstrip().endswith(","):
            yield ((end, end, f"{comma}reverse=True"),)
    elif isinstance(node, ast.Lambda) and isinstance(node.body, ast.Tuple):
        first = node.body.elts[0]
        if isinstance(first, ast.UnaryOp) and isinstance(first.op, ast.USub):
            yield program.replaced(first, program.text(first.operand))


def _missing_update(program: Program, node: ast.AST) -> Iterator[Edits]:
    if not isinstance(node, _SIMPLE):
        return
    in_loop = any(isinstance(outer, _LOOPS) for outer in program.above(node))
    on_self = isinstance(program.parents.get(program.function(node) or node), ast.ClassDef)
    lines = program.whole_lines(node)
    if (in_loop or on_self or not isinstance(node, ast.Assign)) and lines:
        if len(program.siblings(node)) == 1:
            yield program.replaced(node, "pass")
        else:
            yield ((*lines, ""),)


def _plain_assignment(program: Program, node: ast.AST) -> Iterator[Edits]:
    if isinstance(node, ast.AugAssign):
        start, end, _ = program.between(node.target, node.value)
        yield ((start, end, "="),)


def _base_case(program: Program, node: ast.AST) -> Iterator[Edits]:
    """What a function that calls itself returns where it does not."""
    function = program.function(node)
    if not isinstance(node, ast.Return) or node.value is None or function is None:
        return
    if not any(isinstance(n, ast.Call) and _called(n) == function.name for n in ast.walk(function)):
        return
    for value in _OTHER_RESULTS.get(program.text(node.value), ()):
        yield program.replaced(node.value, value)


_OTHER_RESULTS = {
    "0": ("1", "-1"),
    "1": ("0", "2"),
    "True": ("False",),
    "False": ("True",),
    "[]": ("[[]]",),
    "[[]]": ("[]",),
}


def _key_and_value(program: Program, node: ast.AST) -> Iterator[Edits]:
    if isinstance(node, (ast.For, ast.comprehension)):
        target = node.target
        if isinstance(target, ast.Tuple) and len(target.elts) == 2:
            yield program.swapped(*target.elts)
    elif isinstance(node, ast.DictComp):
        yield program.swapped(node.key, node.value)


def _order_of_results(program: Program, node: ast.AST) -> Iterator[Edits]:
    if isinstance(node, (ast.Return, ast.Assign)) and isinstance(node.value, ast.Tuple):
        for pair in zip(node.value.elts, node.value.elts[1:]):  # noqa: B905
            yield program.swapped(*pair)


def _one_after_the_other(program: Program, node: ast.AST) -> Iterator[Edits]:
    """``a, b = b, a + b`` in two lines, of which the second sees what the first has done."""
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Tuple):
        return
    target = node.targets[0]
    if isinstance(target, ast.Tuple) and len(target.elts) == len(node.value.elts) == 2:
        indent = "\n" + " " * node.col_offset
        yield program.replaced(
            node,
            indent.join(
                f"{program.text(name)} = {program.text(value)}"
                for name, value in zip(target.elts, node.value.elts)  # noqa: B905
            ),
        )


def _copy_missing(program: Program, node: ast.AST) -> Iterator[Edits]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr == "copy" and not node.args:
            yield program.replaced(node, program.text(node.func.value))
    elif isinstance(node, ast.Call) and _called(node) in ("list", "dict"):
        if len(node.args) == 1 and isinstance(node.args[0], (ast.Name, ast.Attribute)):
            yield program.replaced(node, program.text(node.args[0]))
    elif isinstance(node, ast.Subscript) and program.text(node).endswith("[:]"):
        yield program.replaced(node, program.text(node.value))


def _shared_row(program: Program, node: ast.AST) -> Iterator[Edits]:
    """``[[0] * n for _ in range(m)]`` as ``[[0] * n] * m``, whose rows are one and the same."""
    if isinstance(node, ast.ListComp) and len(node.generators) == 1:
        loop = node.generators[0]
        rows = loop.iter
        if (
            program.text(loop.target) == "_"
            and isinstance(rows, ast.Call)
            and _called(rows) == "range"
            and len(rows.args) == 1
            and not loop.ifs
        ):
            element, count = program.text(node.elt), program.text(rows.args[0])
            if not isinstance(rows.args[0], _TIGHT):
                count = f"({count})"
            yield program.replaced(node, f"[{element}] * {count}")


OPERATORS: dict[str, Callable[[Program, ast.AST], Iterator[Edits]]] = {
    "comparison off by one": _comparison_operator(_OFF_BY_ONE),
    "comparison reversed": _comparison_operator(_REVERSED),
    "comparison negated": _comparison_operator(_NEGATED),
    "wrong arithmetic": _arithmetic,
    "operands swapped": _operands_swapped,
    "constant off by one": _constant,
    "and for or": _and_or,
    "condition dropped": _condition_dropped,
    "negation": _negation,
    "branches swapped": _branches_swapped,
    "if for elif": _elif_becomes_if,
    "wrong variable": _wrong_variable,
    "wrong attribute": _wrong_attribute,
    "arguments swapped": _arguments_swapped,
    "range bounds": _range_bounds,
    "slice bounds": _slice_bounds,
    "index off by one": _index,
    "initial value": _initial_value,
    "moved into the loop": _moved_into_loop,
    "moved out of the block": _moved_out_of_block,
    "break for continue": _break_continue,
    "wrong function": _wrong_name,
    "sort order": _sort_order,
    "missing update": _missing_update,
    "plain assignment": _plain_assignment,
    "base case": _base_case,
    "key for value": _key_and_value,
    "order of results": _order_of_results,
    "one after the other": _one_after_the_other,
    "copy missing": _copy_missing,
    "shared row": _shared_row,
}
