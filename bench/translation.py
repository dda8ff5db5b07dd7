"""Guards of a pack in the languages of other engines.

A guard is Python syntax by design, so Python's own parser reads it.  Each function knows just what
the shipped packs use and refuses everything else.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Column", "to_numpy", "to_zen"]

Column: TypeAlias = NDArray[Any]

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
}
_WORDS = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}


def _tree(text: str) -> ast.expr:
    return ast.parse(f"({text})", mode="eval").body


def to_numpy(text: str, column: Callable[[str], Column], code: Callable[[str, str], int]) -> Column:  # noqa: C901 - one case a kind of syntax
    """Return a guard's truth as one boolean array.

    Args:
        text: The guard.
        column: Values of a fact; enums as codes.
        code: ``(fact, value)`` to the code of an enum value.
    """

    def of(node: ast.expr, fact: str = "") -> Any:
        match node:
            case ast.Name(id=name):
                return column(name)
            case ast.Constant(value=str(word)):
                return code(fact, word)
            case ast.Constant(value=value):
                return value
            case ast.BoolOp(op=op, values=values):
                reduce = np.logical_and.reduce if isinstance(op, ast.And) else np.logical_or.reduce
                return reduce([of(one) for one in values])
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return ~of(operand)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -of(operand)
            case ast.Call(func=ast.Name(id="abs"), args=[inner]):
                return np.abs(of(inner))
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                name = left.id if isinstance(left, ast.Name) else ""
                if isinstance(right, ast.List):
                    inside = np.isin(of(left), [of(one, name) for one in right.elts])
                    return ~inside if isinstance(op, ast.NotIn) else inside
                return _COMPARE[type(op)](of(left), of(right, name))
        raise NotImplementedError(ast.unparse(node))

    found: Column = of(_tree(text))
    return found


def to_zen(text: str) -> str:  # noqa: C901 - one case a kind of syntax
    """Return a guard in ZEN's expression language; operators are put in brackets throughout."""

    def of(node: ast.expr) -> str:  # noqa: C901 - as above
        match node:
            case ast.Name(id=name):
                return name
            case ast.Constant(value=bool(value)):
                return str(value).lower()
            case ast.Constant(value=str(word)):
                return f'"{word}"'
            case ast.Constant(value=value):
                return str(value)
            case ast.BoolOp(op=op, values=values):
                word = " and " if isinstance(op, ast.And) else " or "
                return "(" + word.join(of(one) for one in values) + ")"
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return f"not({of(operand)})"
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return f"-{of(operand)}"
            case ast.Call(func=ast.Name(id="abs"), args=[inner]):
                return f"abs({of(inner)})"
            case ast.List(elts=elts):
                return "[" + ", ".join(of(one) for one in elts) + "]"
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                word = {ast.In: "in", ast.NotIn: "not in"}.get(type(op)) or _WORDS[type(op)]
                return f"({of(left)} {word} {of(right)})"
        raise NotImplementedError(ast.unparse(node))

    return of(_tree(text))
