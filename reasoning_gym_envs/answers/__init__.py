r"""Reading the final answer out of a response, and checking it exactly.

>>> from reasoning_gym_envs.answers import check
>>> check(r"Add the halves: \boxed{\frac{1}{2} + \frac{1}{2}}", "1").correct
True
>>> check(r"Add the halves: \boxed{\frac{1}{2} + \frac{1}{2}}", "1", form="value").status
'wrong_form'

A response is data: it is read by a bounded parser of our own, never evaluated as code.
"""

from .check import Reference, Status, Verdict, check, is_correct, strictest_form
from .errors import AnswerError, InvalidReference
from .expressions import ReadExpression, evaluate, read_expression
from .extract import extract_answer
from .forms import Form
from .normal_form import RationalFunction, Value
from .parser import parse_answer
from .tree import Node, is_literal, number_literals

__all__ = [
    "AnswerError",
    "Form",
    "InvalidReference",
    "Node",
    "RationalFunction",
    "ReadExpression",
    "Reference",
    "Status",
    "Value",
    "Verdict",
    "check",
    "evaluate",
    "extract_answer",
    "is_correct",
    "is_literal",
    "number_literals",
    "parse_answer",
    "read_expression",
    "strictest_form",
]
