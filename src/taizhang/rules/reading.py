"""Typed reading of marked YAML: every value with its type, every complaint with its place.

A :class:`Reading` collects errors instead of stopping at the first, so that the author of a
pack sees them all, and collects every name a document uses, to be looked up when the whole
pack is known.

Reads from: ``marked``, ``expressions``.  Read by: ``document``, ``chapters``, ``compose``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from difflib import get_close_matches

from taizhang.errors import PackError
from taizhang.rules.expressions import Expression, ExpressionError, name_columns, parse
from taizhang.rules.marked import Mapping_, Mark, Marked, Scalar, Sequence_
from taizhang.rules.numerals import MOST_DIGITS, exact_number
from taizhang.rules.terms import Cost, Label, Span, Validity

__all__ = ["Reading", "Reference", "nearest"]

_SHOWN = 40  # characters of what was read


@dataclass(frozen=True, slots=True)
class Reference:
    """A name a document uses: where, and which kinds of thing it may name."""

    name: str
    kinds: tuple[str, ...]  #: node, evidence, fact, param, source, supplier, level, way
    mark: Mark
    within: str = ""  #: what uses it, for the message


def nearest(name: str, names: Iterable[str]) -> str:
    """The most similar name, or nothing."""
    found = get_close_matches(name, sorted(names), 1, 0.6)
    return found[0] if found else ""


@dataclass(slots=True)
class Reading:
    """Errors and names collected while one document is read."""

    errors: list[PackError] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)

    def report(self, code: str, mark: Mark | str, message: str, hint: str, zh: str, **values: object) -> None:
        """Note an error."""
        self.errors.append(
            PackError(message, hint=hint, zh=zh, where=str(mark), code=f"E-PACK-{code}", **values)
        )

    def use(self, node: Marked, *kinds: str, within: str = "") -> str:
        """Read a name of one of the kinds; it is looked up later."""
        name = self.text(node)
        if name:
            self.references.append(Reference(name, kinds, node.mark, within))
        return name

    # -- shapes

    def record(self, node: Marked | None, allowed: str, required: str = "") -> dict[str, Marked]:
        """Read a mapping with known keys (names separated by spaces)."""
        if not isinstance(node, Mapping_):
            if node is not None:
                self.wrong(node, "a mapping of keys to values", "键值对")
            return {}
        keys = allowed.split()
        for key, mark in node.keys.items():
            if key not in keys:
                close = nearest(key, keys)
                self.report(
                    "E01",
                    mark,
                    "Unknown key '{key}'.",
                    "Did you mean '{close}'?" if close else "Known here: {known}.",
                    "未知的键“{key}”。" + ("是否应为“{close}”？" if close else "此处可用：{known}。"),
                    key=key,
                    close=close,
                    known=", ".join(keys),
                )
        for key in required.split():
            given = node.pairs.get(key)
            unsourced = key == "source" and isinstance(given, Sequence_) and not given.items
            if given is None or unsourced:
                code = "E12" if key in ("source", "because") else "E13"
                self.report(
                    code,
                    node.mark,
                    "Key '{key}' is missing.",
                    "Add '{key}:' here.",
                    "缺少键“{key}”，请在此补上。",
                    key=key,
                )
        return {key: value for key, value in node.pairs.items() if key in keys}

    def items(self, node: Marked | None) -> Iterator[tuple[str, Mark, Marked]]:
        """Read a mapping from ids to records."""
        if node is None or (isinstance(node, Scalar) and not node.text):
            return
        if not isinstance(node, Mapping_):
            self.wrong(node, "a mapping from ids to records", "以标识为键的记录")
            return
        for key, value in node.pairs.items():
            yield key, node.keys[key], value

    def list_(self, node: Marked | None) -> tuple[Marked, ...]:
        """Read a list."""
        if node is None:
            return ()
        if not isinstance(node, Sequence_):
            self.wrong(node, "a list such as [a, b]", "列表，如 [a, b]")
            return ()
        return node.items

    def each_once(self, nodes: Iterable[Marked], what: str, zh: str) -> None:
        """Refuse a list in which a name stands twice."""
        seen: dict[str, Mark] = {}
        for node in nodes:
            name = node.text if isinstance(node, Scalar) else ""
            if name in seen:
                self.report(
                    "E03",
                    node.mark,
                    "'{name}' stands twice in {what}; first at {first}.",
                    "Keep one of the two.",
                    "“{name}”在{what}中重复出现，首次在 {first}。请只保留一处。",
                    name=name,
                    what=Label(zh, what),
                    first=seen[name],
                )
            elif name:
                seen[name] = node.mark

    # -- scalars

    def text(self, node: Marked | None, default: str = "") -> str:
        """Read a text."""
        if node is None:
            return default
        if not isinstance(node, Scalar):
            self.wrong(node, "a text", "文本")
            return default
        return node.text

    def word(self, node: Marked | None, allowed: str, default: str) -> str:
        """Read one of the allowed words."""
        if node is None:
            return default
        text = self.text(node)
        if text not in allowed.split():
            self.wrong(node, "one of " + allowed.replace(" ", ", "), "以下之一：" + allowed)
            return default
        return text

    def flag(self, node: Marked | None, default: bool) -> bool:
        """Read true or false."""
        return self.word(node, "true false", str(default).lower()) == "true"

    def number(self, node: Marked | None, default: Decimal | None = None) -> Decimal | None:
        """Read a decimal."""
        if node is None:
            return default
        found = exact_number(self.text(node))
        if found is None:
            self.wrong(
                node,
                f"a number with at most {MOST_DIGITS} digits before and behind the point",
                f"数字，整数与小数部分各不超过 {MOST_DIGITS} 位",
            )
            return default
        return found

    def whole(self, node: Marked | None, default: int = 0) -> int:
        """Read a whole number, not below zero."""
        if node is None:
            return default
        found = self.number(node, Decimal(default))
        if found is None or found != found.to_integral_value() or found < 0:
            self.wrong(node, "a whole number of at least 0", "不小于 0 的整数")
            return default
        return int(found)

    def fen(self, node: Marked | None) -> int | None:
        """Read yuan as text and return fen; absent is not known."""
        found = self.number(node)
        if node is None or found is None:
            return None
        if found * 100 != (found * 100).to_integral_value() or found < 0:
            self.wrong(
                node,
                "an amount of at least 0 yuan with at most two decimals",
                "不小于 0、最多两位小数的金额（元）",
            )
            return None
        return int(found * 100)

    def day(self, node: Marked | None) -> date | None:
        """Read a date."""
        if node is None:
            return None
        try:
            return date.fromisoformat(self.text(node))
        except ValueError:
            self.wrong(node, "a date like 2024-01-28", "日期，如 2024-01-28")
            return None

    def validity(self, record: dict[str, Marked]) -> Validity | None:
        """Read ``valid_for`` of a record, a duration such as P90D."""
        node = record.get("valid_for")
        if node is None:
            return None
        found = Validity.parse(self.text(node))
        if found is None:
            self.wrong(node, "a duration such as P90D, P6M or P1Y", "期限，如 P90D、P6M 或 P1Y")
        return found

    def span(self, node: Marked | None) -> Span:
        """Read ``{from, to}``; both days belong to it."""
        return self.days(self.record(node, "from to"))

    def days(self, pairs: dict[str, Marked]) -> Span:
        """Read the days ``from`` and ``to`` of a record."""
        found = Span(self.day(pairs.get("from")), self.day(pairs.get("to")))
        if found.start and found.end and found.start > found.end:
            day = found.start.isoformat()
            self.wrong(
                pairs["to"], f"a day not before {day}, the day of 'from',", f"不早于起始日 {day} 的日期"
            )
            return Span(found.start, None)
        return found

    def label(self, node: Marked | None) -> Label:
        """Read ``{zh, en}``; a missing language is left empty and linted (W06)."""
        pairs = self.record(node, "zh en")
        return Label(self.text(pairs.get("zh")), self.text(pairs.get("en")))

    def cost(self, node: Marked | None, extra: str = "") -> Cost:
        """Read ``{money, effort, days, law_days}``; money that is absent is not known."""
        pairs = self.record(node, "money effort days law_days " + extra)
        law = pairs.get("law_days")
        return Cost(
            self.fen(pairs.get("money")),
            self.whole(pairs.get("effort")),
            self.whole(pairs.get("days")),
            self.whole(law) if law is not None else None,
        )

    def sources(self, node: Marked | None, within: str = "") -> tuple[str, ...]:
        """Read a list of sources: ids, or ``{id, at}`` with the article."""
        found = []
        for item in self.list_(node):
            if isinstance(item, Mapping_):
                pairs = self.record(item, "id at", "id")
                if "id" in pairs:
                    found.append(self.use(pairs["id"], "source", within=within))
            else:
                found.append(self.use(item, "source", within=within))
        return tuple(found)

    def expression(self, node: Marked | None, *kinds: str) -> Expression | None:
        """Read a guard or formula; its names must be of the kinds."""
        if node is None:
            return None
        text = self.text(node)
        plain = isinstance(node, Scalar) and node.plain
        try:
            found = parse(text, str(node.mark))
        except ExpressionError as error:
            self.report(
                "E06",
                node.mark.shifted(error.column) if plain else node.mark,
                "{problem} in '{text}'.",
                "See the expression language in docs/reference/pack-format.md.",
                "表达式“{text}”有误：{problem_zh}。",
                problem=error.message,
                problem_zh=error.zh,
                text=text.strip(),
            )
            return None
        for name, column in name_columns(found):
            mark = node.mark.shifted(column) if plain else node.mark
            self.references.append(Reference(name, kinds, mark, "expression"))
        return found

    def wrong(self, node: Marked, expected: str, zh: str) -> None:
        """Note a value of the wrong kind: what stands there, and what is wanted."""
        read = Label("键值对", "a mapping") if isinstance(node, Mapping_) else Label("列表", "a list")
        if isinstance(node, Scalar):
            text = node.text if len(node.text) <= _SHOWN else f"{node.text[:_SHOWN]}…"
            read = Label(f"“{text}”", f"'{text}'") if text else Label("空", "nothing")
        self.report(
            "E13",
            node.mark,
            "Here stands {read}; {expected} is wanted.",
            "Write {expected} here.",
            "此处为{read}，应为{expected}，请改写。",
            read=read,
            expected=Label(zh, expected),
        )
