"""Guards and formulas: a small allow-listed language with exact numbers and a third value.

A fact may be unknown.  An expression over unknown facts is unknown only where the
answer could matter: ``false and unknown`` is false, in either order.  Numbers are decimals
read from the source text, so ``0.1 + 0.2 == 0.3`` is true and money is exact.

Reads from: ``numerals``, the standard library's ``ast`` for parsing; nothing is ever executed by Python.
Read by: ``pack``, ``ground``, ``fees`` and the plan checker.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_FLOOR, Context, Decimal, DivisionByZero, InvalidOperation, Overflow, localcontext
from typing import Any, TypeAlias

from taizhang.rules.numerals import MOST_DIGITS, exact_number

__all__ = ["Expression", "ExpressionError", "Unknown", "name_columns", "parse"]

Answer: TypeAlias = bool | Decimal | str | date
Lookup: TypeAlias = Callable[[str], "bool | int | Decimal | str | date | None"]

_DIGITS = Context(prec=40)
_LONGEST = 200  # syntax nodes: a rule longer than this is several rules


class ExpressionError(ValueError):
    """An expression that says nothing sensible; ``column`` counts from 0 in its text."""

    def __init__(self, message: str, zh: str, column: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.zh = zh
        self.column = column


@dataclass(frozen=True, slots=True)
class Unknown:
    """Not decided: ``names`` are the open facts that could decide it."""

    names: frozenset[str]


Result: TypeAlias = Answer | Unknown
_Step: TypeAlias = Callable[[Lookup], Result]


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed guard or formula.

    Attributes:
        text: As written in the pack.
        names: Facts and parameters it reads.
        where: ``file:line:column`` of its first character.
    """

    text: str
    names: frozenset[str] = field(compare=False)
    where: str = field(default="", compare=False)
    _run: _Step = field(default=lambda _: True, compare=False, repr=False)
    _tree: ast.expr | None = field(default=None, compare=False, repr=False)

    def value(self, lookup: Lookup) -> Result:
        """Return the value, or :class:`Unknown` with the facts that could decide it.

        Args:
            lookup: Gives a fact's or parameter's value, ``None`` where it is unknown.

        Raises:
            ExpressionError: Types that do not go together, such as text times number.

        >>> rule = parse("paid or amount < 100")
        >>> rule.value({"paid": None, "amount": 5}.get)
        True
        >>> sorted(rule.value({"paid": False, "amount": None}.get).names)
        ['amount']
        """
        with localcontext(_DIGITS):
            return self._run(lookup)

    def truth(self, lookup: Lookup) -> bool | Unknown:
        """Return the value of a guard, which must be true, false or unknown."""
        found = self.value(lookup)
        if isinstance(found, bool | Unknown):
            return found
        raise ExpressionError(
            f"A guard must be true or false, not {found!r}", f"条件应为真或假，而不是 {found!r}"
        )

    @property
    def tree(self) -> ast.expr | None:
        """The checked syntax tree, for reading only; its columns count in ``text``."""
        return self._tree

    def part(self, node: ast.expr) -> Expression:
        """Return the expression that a node of ``tree`` stands for."""
        return Expression(ast.unparse(node), _names(node), self.where, _compile(node, self.text), node)

    def comparisons(
        self, constants: Mapping[str, object]
    ) -> Iterator[tuple[str, bool, tuple[Expression, ...], int]]:
        """Yield ``(fact, absolute, what it is compared with, column)`` of every comparison.

        Args:
            constants: Parameters, which count as constants here.

        Raises:
            ExpressionError: A comparison that a list of answers cannot settle: two facts
                against each other, or arithmetic on a fact.
        """
        for node in ast.walk(self._tree) if self._tree else ():
            if isinstance(node, ast.Compare):
                yield from _settled(node, self.text, constants)


def parse(text: str, where: str = "", *, limited: bool = True) -> Expression:
    """Parse a guard or formula.

    Args:
        text: The expression, at most 200 syntax nodes.
        where: ``file:line:column`` kept for messages.
        limited: Whether there may be no more nodes than that.

    Raises:
        ExpressionError: Anything outside the language, with the column.

    >>> parse("price * (rate if not only_home else 0.01)").names == {"price", "rate", "only_home"}
    True
    >>> parse("open('x')")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    ExpressionError: 'open' is not a function of this language
    """
    flat = " ".join(text.split("\n")).strip()
    try:
        tree = ast.parse(flat, mode="eval").body
    except SyntaxError as error:
        column = max(0, (error.offset or 1) - 1)
        raise ExpressionError("Not an expression", "不是有效的表达式", column) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError("Not an expression", "不是有效的表达式") from error
    if limited and sum(1 for _ in ast.walk(tree)) > _LONGEST:
        raise ExpressionError(f"Longer than {_LONGEST} parts", f"超过 {_LONGEST} 个组成部分")
    run = _compile(tree, flat)
    return Expression(flat, _names(tree), where, run, tree)


# ---------------------------------------------------------------------------- values


def _answer(value: bool | int | Decimal | str | date) -> Answer:
    """Integers become decimals, so that one kind of number exists."""
    if isinstance(value, bool):
        return value
    return Decimal(value) if isinstance(value, int) else value


def _kind(value: Answer) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, Decimal):
        return "number"
    return "text" if isinstance(value, str) else "date"


def _mixed(left: Answer, right: Answer, node: ast.AST) -> ExpressionError:
    return ExpressionError(
        f"{_kind(left)} and {_kind(right)} do not go together",
        f"{_kind(left)} 与 {_kind(right)} 不能一起使用",
        getattr(node, "col_offset", 0),
    )


# ---------------------------------------------------------------------------- compiling

_WORDS: dict[str, bool] = {"true": True, "false": False, "True": True, "False": False}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_ARITHMETIC: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_FUNCTIONS: dict[str, Callable[..., Decimal]] = {
    "min": min,
    "max": max,
    "abs": abs,
    "floor": lambda value: value.to_integral_value(rounding=ROUND_FLOOR),
}


def _compile(node: ast.expr, text: str) -> _Step:
    """Turn one syntax node into a function of the lookup; refuse what is not allowed."""
    if isinstance(node, ast.Constant):
        return _constant(node, text)
    if isinstance(node, ast.Name):
        return _name(node)
    if isinstance(node, ast.BoolOp):
        return _connective(node, text)
    if isinstance(node, ast.UnaryOp):
        return _unary(node, text)
    if isinstance(node, ast.BinOp):
        return _binary(node, text)
    if isinstance(node, ast.Compare):
        return _compare(node, text)
    if isinstance(node, ast.IfExp):
        return _choice(node, text)
    if isinstance(node, ast.Call):
        return _call(node, text)
    raise ExpressionError(
        f"'{type(node).__name__}' is not part of this language",
        f"此语言不支持“{type(node).__name__}”",
        node.col_offset,
    )


def _constant(node: ast.Constant, text: str) -> _Step:
    value: Answer
    if isinstance(node.value, bool | str):
        value = node.value
    elif isinstance(node.value, int | float):
        # read from the source: a float would already have lost digits
        number = exact_number(ast.get_source_segment(text, node) or str(node.value))
        if number is None:
            raise ExpressionError(
                f"A number of more than {MOST_DIGITS} digits before or behind the point",
                f"数字的整数或小数部分超过 {MOST_DIGITS} 位",
                node.col_offset,
            )
        value = number
    else:
        raise ExpressionError(
            f"{node.value!r} is not a value here", f"{node.value!r} 不能作为值", node.col_offset
        )
    return lambda _: value


def _name(node: ast.Name) -> _Step:
    name = node.id
    if name in _WORDS:
        word = _WORDS[name]
        return lambda _: word
    unknown = Unknown(frozenset({name}))

    def run(lookup: Lookup) -> Result:
        found = lookup(name)
        return unknown if found is None else _answer(found)

    return run


def _connective(node: ast.BoolOp, text: str) -> _Step:
    steps = [_compile(value, text) for value in node.values]
    decides = isinstance(node.op, ast.Or)  # the value that settles the whole

    def run(lookup: Lookup) -> Result:
        open_: frozenset[str] = frozenset()
        settled = False
        for step, part in zip(steps, node.values, strict=True):
            found = step(lookup)
            if isinstance(found, Unknown):
                open_ |= found.names
            elif not isinstance(found, bool):
                raise _mixed(found, True, part)
            elif found is decides:
                settled = True  # keep reading: a type error further on is still an error
        if settled:
            return decides
        return Unknown(open_) if open_ else not decides

    return run


def _unary(node: ast.UnaryOp, text: str) -> _Step:
    step = _compile(node.operand, text)
    if isinstance(node.op, ast.Not):

        def negate(lookup: Lookup) -> Result:
            found = step(lookup)
            if isinstance(found, bool):
                return not found
            if isinstance(found, Unknown):
                return found
            raise _mixed(found, True, node)

        return negate
    if isinstance(node.op, ast.USub | ast.UAdd):
        sign = -1 if isinstance(node.op, ast.USub) else 1

        def signed(lookup: Lookup) -> Result:
            found = step(lookup)
            if isinstance(found, Unknown):
                return found
            if not isinstance(found, Decimal):
                raise _mixed(found, Decimal(0), node)
            return found * sign

        return signed
    raise ExpressionError("'~' is not part of this language", "此语言不支持“~”", node.col_offset)


def _binary(node: ast.BinOp, text: str) -> _Step:
    if type(node.op) not in _ARITHMETIC:
        raise ExpressionError(
            f"'{type(node.op).__name__}' is not part of this language",
            f"此语言不支持“{type(node.op).__name__}”",
            node.col_offset,
        )
    work = _ARITHMETIC[type(node.op)]
    left, right = _compile(node.left, text), _compile(node.right, text)

    def run(lookup: Lookup) -> Result:
        one, two = left(lookup), right(lookup)
        if isinstance(one, Unknown) or isinstance(two, Unknown):
            return _together(one, two)
        if not (isinstance(one, Decimal) and isinstance(two, Decimal)):
            raise _mixed(one, two, node)
        try:
            return work(one, two)
        except (DivisionByZero, InvalidOperation) as error:
            raise ExpressionError("Division by zero", "除数为零", node.col_offset) from error
        except Overflow as error:
            raise ExpressionError("A result too large", "运算结果过大", node.col_offset) from error

    return run


def _together(*results: Result) -> Unknown:
    names: frozenset[str] = frozenset()
    for result in results:
        if isinstance(result, Unknown):
            names |= result.names
    return Unknown(names)


def _compare(node: ast.Compare, text: str) -> _Step:
    first = _compile(node.left, text)
    links: list[tuple[ast.cmpop, tuple[_Step, ...], bool]] = []
    for op, right in zip(node.ops, node.comparators, strict=True):
        if isinstance(op, ast.In | ast.NotIn):
            if not isinstance(right, ast.List | ast.Tuple) or len(node.ops) > 1:
                raise ExpressionError("'in' needs a list", "in 之后应为列表", right.col_offset)
            links.append((op, tuple(_compile(item, text) for item in right.elts), True))
        elif type(op) in _COMPARE:
            links.append((op, (_compile(right, text),), False))
        else:
            raise ExpressionError("'is' is not part of this language", "此语言不支持 is", node.col_offset)

    def run(lookup: Lookup) -> Result:
        left = first(lookup)
        open_: frozenset[str] = frozenset()
        for op, steps, listed in links:
            rights = [step(lookup) for step in steps]
            found = _member(op, left, rights, node) if listed else _pair(op, left, rights[0], node)
            if found is False:
                return False
            if isinstance(found, Unknown):
                open_ |= found.names
            left = rights[-1] if rights else left
        return Unknown(open_) if open_ else True

    return run


def _pair(op: ast.cmpop, left: Result, right: Result, node: ast.AST) -> bool | Unknown:
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return _together(left, right)
    if _kind(left) != _kind(right):
        raise _mixed(left, right, node)
    if isinstance(left, bool) and not isinstance(op, ast.Eq | ast.NotEq):
        raise _mixed(left, Decimal(0), node)
    return _COMPARE[type(op)](left, right)


def _member(op: ast.cmpop, left: Result, rights: list[Result], node: ast.AST) -> bool | Unknown:
    found = [_pair(ast.Eq(), left, right, node) for right in rights]
    if True in found:
        held: bool | Unknown = True
    elif any(isinstance(one, Unknown) for one in found):
        held = _together(*found)
    else:
        held = False
    if isinstance(held, Unknown) or isinstance(op, ast.In):
        return held
    return not held


def _choice(node: ast.IfExp, text: str) -> _Step:
    test, yes, no = (_compile(part, text) for part in (node.test, node.body, node.orelse))

    def run(lookup: Lookup) -> Result:
        found = test(lookup)
        if isinstance(found, bool):
            return yes(lookup) if found else no(lookup)
        if not isinstance(found, Unknown):
            raise _mixed(found, True, node.test)
        one, two = yes(lookup), no(lookup)
        if not isinstance(one, Unknown) and one == two:
            return one  # the open facts make no difference
        return found

    return run


def _call(node: ast.Call, text: str) -> _Step:
    name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)
    if node.keywords or (name != "d" and name not in _FUNCTIONS):
        raise ExpressionError(
            f"'{name}' is not a function of this language", f"此语言没有函数“{name}”", node.col_offset
        )
    if name == "d":
        return _day(node)
    steps = [_compile(argument, text) for argument in node.args]
    if not steps or (name in ("abs", "floor") and len(steps) != 1):
        raise ExpressionError(f"'{name}' needs other arguments", f"函数“{name}”的参数不对", node.col_offset)
    work = _FUNCTIONS[name]

    def run(lookup: Lookup) -> Result:
        found = [step(lookup) for step in steps]
        if any(isinstance(one, Unknown) for one in found):
            return _together(*found)
        for one in found:
            if not isinstance(one, Decimal):
                raise _mixed(one, Decimal(0), node)  # type: ignore[arg-type]
        return work(*found)

    return run


def _day(node: ast.Call) -> _Step:
    argument = node.args[0] if len(node.args) == 1 else None
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        try:
            day = date.fromisoformat(argument.value)
        except ValueError:
            pass
        else:
            return lambda _: day
    raise ExpressionError('A date is written d("2024-01-31")', '日期写作 d("2024-01-31")', node.col_offset)


def _settled(
    node: ast.Compare, text: str, constants: Mapping[str, object]
) -> Iterator[tuple[str, bool, tuple[Expression, ...], int]]:
    """The one fact of a comparison and the constants it is compared with."""
    facts: list[tuple[str, bool]] = []
    others: list[Expression] = []
    for operand in [node.left, *node.comparators]:
        absolute = isinstance(operand, ast.Call) and getattr(operand.func, "id", "") == "abs"
        inner = operand.args[0] if absolute and isinstance(operand, ast.Call) else operand
        if isinstance(inner, ast.Name) and inner.id not in _WORDS and inner.id not in constants:
            facts.append((inner.id, absolute))
            continue
        for part in operand.elts if isinstance(operand, ast.List | ast.Tuple) else [operand]:
            others.append(Expression(ast.unparse(part), _names(part), "", _compile(part, text), part))
    if len(facts) > 1 or any(other.names - constants.keys() for other in others):
        raise ExpressionError(
            "A guard compares one fact with something constant",
            "条件中的比较应为一个事实与一个常量",
            node.col_offset,
        )
    for name, absolute in facts:
        yield name, absolute, tuple(others), node.col_offset


def _names(tree: ast.expr) -> frozenset[str]:
    reserved = _WORDS.keys() | _FUNCTIONS.keys() | {"d"}
    return frozenset(
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id not in reserved
    )


def name_columns(expression: Expression) -> list[tuple[str, int]]:
    """Every name of an expression with its column in the text, in order of appearance."""
    reserved = _WORDS.keys() | _FUNCTIONS.keys() | {"d"}
    found = [
        (node.id, node.col_offset)
        for node in (ast.walk(expression._tree) if expression._tree else ())
        if isinstance(node, ast.Name) and node.id not in reserved
    ]
    return sorted(found, key=lambda pair: pair[1])
