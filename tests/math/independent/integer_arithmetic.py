import ast
import operator
import re

_OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Pow: operator.pow,
}


def solve(question: str) -> str:
    text = re.fullmatch(r"Compute \$(.+)\$\.", question)[1]
    text = text.replace("\\times", "*").replace("\\div", "//").replace("^", "**")
    return str(_value(ast.parse(text, mode="eval").body))


def _value(node: ast.expr) -> int:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.UnaryOp):
        return -_value(node.operand)
    return _OPERATIONS[type(node.op)](_value(node.left), _value(node.right))
