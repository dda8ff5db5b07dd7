"""A guard read aloud: ``developer_status in ["bankrupt"]`` becomes 开发企业状态：破产.

Reads from: ``rules.terms`` and the standard library's ``ast``.  Read by: the diagram and the report.
"""

from __future__ import annotations

import ast

from taizhang.exchange.diagram.wording import label, value_text
from taizhang.rules.terms import Pack

__all__ = ["guard_text"]

_SIGNS: dict[type[ast.AST], str] = {
    ast.Eq: "＝", ast.NotEq: "≠", ast.Lt: "＜", ast.LtE: "≤", ast.Gt: "＞", ast.GtE: "≥",
    ast.Add: "＋", ast.Sub: "－", ast.Mult: "×", ast.Div: "÷",
}  # fmt: skip
_WORDS = {
    "zh": {"and": "，且", "or": " 或 ", "not": "非", "in": "：", "not in": "不是", "list": "、", "is": "：",
           "yes": "是", "no": "否"},
    "en": {"and": " and ", "or": " or ", "not": "not ", "in": ": ", "not in": " is not ", "list": ", ",
           "is": ": ", "yes": "yes", "no": "no"},
}  # fmt: skip


class _Reader:
    def __init__(self, pack: Pack, language: str) -> None:
        self.pack = pack
        self.language = language
        self.words = _WORDS["zh" if language == "zh" else "en"]

    def read(self, node: ast.expr, inner: bool = False) -> str:
        match node:
            case ast.BoolOp(op=op, values=values):
                word = self.words["and" if isinstance(op, ast.And) else "or"]
                said = word.join(self.read(value, True) for value in values)
                return f"（{said}）" if inner else said
            case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=name)):
                return self._is(name, "no")
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self.words["not"] + self.read(operand, True)
            case ast.Name(id=name):
                return self._is(name, "yes")
            case ast.Compare():
                return self._compare(node)
        return self._term(node, "")

    def _is(self, name: str, word: str) -> str:
        return f"{label(self.pack, name, self.language)}{self.words['is']}{self.words[word]}"

    def _compare(self, node: ast.Compare) -> str:
        fact = node.left.id if isinstance(node.left, ast.Name) else ""
        said = self._term(node.left, "")
        for op, right in zip(node.ops, node.comparators, strict=True):
            if isinstance(op, ast.In | ast.Eq) and fact:
                said += self.words["in"]
            elif isinstance(op, ast.NotIn | ast.NotEq):
                said += self.words["not in"]
            else:
                said += _SIGNS.get(type(op), "")
            said += self._term(right, fact)
        return said

    def _term(self, node: ast.expr, fact: str) -> str:
        match node:
            case ast.Name(id=name):
                return label(self.pack, name, self.language)
            case ast.Constant(value=bool() as value):
                return self.words["yes" if value else "no"]
            case ast.Constant(value=value):
                return value_text(self.pack, fact, str(value), self.language)
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                return self.words["list"].join(self._term(part, fact) for part in parts)
            case ast.Call(func=ast.Name(id="abs"), args=[inner]):
                return f"|{self._term(inner, fact)}|"
            case ast.Call(args=parts):
                return self.words["list"].join(self._term(part, fact) for part in parts)
            case ast.BinOp(left=left, op=op, right=right):
                return self._term(left, fact) + _SIGNS.get(type(op), "") + self._term(right, fact)
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return "－" + self._term(inner, fact)
        return "…"


def guard_text(pack: Pack, text: str, language: str = "zh") -> str:
    """Return a guard in words, with the labels of the pack; an ellipsis stands for what has none."""
    try:
        tree = ast.parse(" ".join(text.split()), mode="eval").body
    except SyntaxError:
        return "…"
    return _Reader(pack, language).read(tree)
