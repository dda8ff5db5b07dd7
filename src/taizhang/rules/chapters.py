"""The records of each chapter of a document, read key by key.

Reads from: ``marked``, ``reading``, ``terms``.  Read by: ``document``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from taizhang.rules.expressions import Expression, parse
from taizhang.rules.marked import Mapping_, Mark, Marked, Sequence_
from taizhang.rules.reading import Reading
from taizhang.rules.terms import (
    AtLeast,
    Cost,
    Duty,
    Each,
    Evidence,
    Fact,
    Fee,
    Label,
    Need,
    Node,
    Parameter,
    ParameterValue,
    ProblemClass,
    Ref,
    Share,
    Source,
    Span,
    Urgency,
    Way,
)

__all__ = ["READERS"]

_LEAF = ("node", "evidence")
_NOTHING = parse("0")
_NEVER = parse("false")


def _source(reading: Reading, name: str, mark: Mark, node: Marked) -> Source:
    pairs = reading.record(node, "title kind verify effective last_checked note url", "title kind")
    kinds = "law regulation rule notice local practice background minutes fictional statute"
    return Source(
        name,
        reading.label(pairs.get("title")),
        reading.word(pairs.get("kind"), kinds, "notice"),
        reading.flag(pairs.get("verify"), False),
        reading.span(pairs.get("effective")),
        reading.label(pairs["note"]) if "note" in pairs else None,
        reading.day(pairs.get("last_checked")),
    )


def _supplier(reading: Reading, name: str, mark: Mark, node: Marked) -> Label:
    return reading.label(node)


def _param(reading: Reading, name: str, mark: Mark, node: Marked) -> Parameter:
    pairs = reading.record(node, "unit label values", "label values")
    rows: list[tuple[Span, Decimal | date | None, tuple[str, ...], Mark]] = []
    for item in reading.list_(pairs.get("values")):
        one = reading.record(item, "from to value source", "from value source")
        text = reading.text(one.get("value"))
        value: Decimal | date | None = None
        if text not in ("null", "~", ""):
            value = reading.day(one["value"]) if text.count("-") == 2 else reading.number(one["value"])
        span = reading.days(one)
        rows.append((span, value, reading.sources(one.get("source"), name), item.mark))
    rows.sort(key=lambda row: row[0].start or date.min)
    for (span, *_), (later, _, _, at) in pairwise(rows):
        if span.start == later.start or (span.end and later.start and span.end >= later.start):
            reading.report(
                "E07",
                at,
                "The dates of parameter '{name}' overlap from {day}.",
                "End the earlier value before this one begins.",
                "参数“{name}”的生效日期自 {day} 起重叠，请让前一数值先行终止。",
                name=name,
                day=later.start,
            )
    ends = [*(row[0].start for row in rows[1:]), None][: len(rows)]
    values = tuple(
        ParameterValue(
            value, span if span.end or end is None else replace(span, end=end - timedelta(days=1)), sources
        )
        for (span, value, sources, _), end in zip(rows, ends, strict=True)
    )
    return Parameter(
        name, reading.label(pairs.get("label")), reading.text(pairs.get("unit")), values, str(mark)
    )


def _fact(reading: Reading, name: str, mark: Mark, node: Marked) -> Fact:
    pairs = reading.record(
        node, "level type values label ask who find min max source note valid_for", "level type label"
    )
    values = {key: reading.label(value) for key, _, value in reading.items(pairs.get("values"))}
    kind = reading.word(pairs.get("type"), "bool enum decimal integer date money text", "text")
    if kind == "enum" and not values:
        reading.wrong(
            pairs.get("values", pairs["type"]),
            "a type other than enum, or 'values:' with what it can be",
            "enum 以外的类型，或以 values: 列出各取值",
        )
    least, most = _limits(reading, kind, pairs)
    find = reading.cost(pairs["find"]) if "find" in pairs else Cost(0, 1, 1)
    reading.sources(pairs.get("source"), name)
    return Fact(
        name,
        _level(reading, pairs),
        kind,
        reading.label(pairs.get("label")),
        reading.label(pairs["ask"]) if "ask" in pairs else Label("", ""),
        reading.use(pairs["who"], "supplier", within=name) if "who" in pairs else "",
        values,
        least,
        most,
        find,
        str(mark),
        reading.validity(pairs),
    )


_STEPS = {"integer": Decimal(1), "money": Decimal("0.01")}  # what an answer is a multiple of


def _limits(reading: Reading, kind: str, pairs: dict[str, Marked]) -> tuple[Decimal | None, Decimal | None]:
    """The least and the greatest answer, which must be answers themselves."""
    found: list[Decimal | None] = []
    for key in ("min", "max"):
        node = pairs.get(key)
        number = reading.number(node)
        if node is not None and kind not in ("decimal", "integer", "money"):
            reading.wrong(
                node,
                f"nothing for a fact of type {kind}, for only decimal, integer and money have limits,",
                f"空：类型 {kind} 没有上下限，只有 decimal、integer、money 有",
            )
            number = None
        step = _STEPS.get(kind)
        if node is not None and number is not None and step and number % step:
            told = (
                ("a whole number", "整数")
                if kind == "integer"
                else ("yuan with two decimals", "至多两位小数的元")
            )
            reading.wrong(node, f"{told[0]}, as the fact is of type {kind},", f"{told[1]}（类型为 {kind}）")
            number = None
        found.append(number)
    least, most = found
    if least is not None and most is not None and least > most:
        reading.wrong(
            pairs["max"], f"a number of at least {least}, which is 'min',", f"不小于下限 {least} 的数字"
        )
        return least, None
    return least, most


def _level(reading: Reading, pairs: dict[str, Marked]) -> str:
    return reading.use(pairs["level"], "level") if "level" in pairs else ""


def _evidence(reading: Reading, name: str, mark: Mark, node: Marked) -> Evidence:
    allowed = "level label kind supplier cost source confidence note valid_for privacy gives"
    pairs = reading.record(node, allowed, "level label")
    return Evidence(
        name,
        _level(reading, pairs),
        reading.label(pairs.get("label")),
        reading.use(pairs["supplier"], "supplier", within=name) if "supplier" in pairs else "",
        reading.cost(pairs.get("cost")) if "cost" in pairs else Cost(),
        reading.word(pairs.get("kind"), "evidence decision milestone", "evidence"),
        reading.sources(pairs.get("source"), name),
        reading.text(pairs.get("confidence")),
        reading.label(pairs["note"]) if "note" in pairs else None,
        str(mark),
        reading.validity(pairs),
    )


def _node(reading: Reading, name: str, mark: Mark, node: Marked) -> Node:
    pairs = reading.record(node, "level label kind goal ways note policy", "level label ways")
    ways = tuple(_way(reading, way, at, value) for way, at, value in reading.items(pairs.get("ways")))
    return Node(
        name,
        _level(reading, pairs),
        reading.label(pairs.get("label")),
        tuple(sorted(ways, key=lambda way: (way.rank, way.id))),
        reading.word(pairs.get("kind"), "evidence decision milestone", "evidence"),
        str(mark),
    )


def _way(reading: Reading, name: str, mark: Mark, node: Marked) -> Way:
    allowed = "label when rank needs step source effective adopted confidence note rule_date duties"
    pairs = reading.record(node, allowed, "label needs source")
    step = reading.record(pairs.get("step"), "money effort days law_days supplier")
    supplier = reading.use(step["supplier"], "supplier", within=name) if "supplier" in step else ""
    cost = reading.cost(pairs["step"], "supplier") if "step" in pairs else Cost(0, 0, 0)
    if "money" not in step:
        cost = replace(cost, money_fen=0)  # a step is office work; a price is said where there is one
    return Way(
        name,
        reading.label(pairs.get("label")),
        tuple(_need(reading, name, item.mark, item) for item in reading.list_(pairs.get("needs"))),
        reading.whole(pairs.get("rank")),
        reading.expression(pairs.get("when"), "fact", "param"),
        cost,
        supplier,
        reading.sources(pairs.get("source"), name),
        reading.span(pairs.get("effective")),
        reading.flag(pairs.get("adopted"), True),
        reading.text(pairs.get("confidence")),
        "",
        (),
        reading.label(pairs["note"]) if "note" in pairs else None,
        str(mark),
        tuple(_duty(reading, name, item) for item in reading.list_(pairs.get("duties"))),
    )


def _duty(reading: Reading, name: str, node: Marked) -> Duty:
    """A paper put off; a supplier left out is the paper's own, filled in by ``compose``."""
    pairs = reading.record(node, "paper days supplier consequence source", "paper days consequence source")
    return Duty(
        reading.use(pairs["paper"], *_LEAF, within=name) if "paper" in pairs else "",
        reading.whole(pairs.get("days")),
        reading.use(pairs["supplier"], "supplier", within=name) if "supplier" in pairs else "",
        reading.label(pairs.get("consequence")),
        reading.sources(pairs.get("source"), name),
    )


def _need(reading: Reading, name: str, mark: Mark, node: Marked) -> Need:
    if not isinstance(node, Mapping_):
        return Ref(reading.use(node, *_LEAF, within=name))
    pairs = reading.record(node, "ref when source at_least of each share weight")
    when = reading.expression(pairs.get("when"), "fact", "param")
    sources = reading.sources(pairs.get("source"), name)
    if "of" in pairs:
        return _some_of(reading, name, pairs, when)
    ref = reading.use(pairs["ref"], *_LEAF, within=name) if "ref" in pairs else ""
    if "each" in pairs:
        return Each(reading.use(pairs["each"], "level"), ref, when)
    if "share" in pairs:
        return Share(reading.use(pairs["share"], "level"), ref, _fraction(reading, pairs), when)
    if not ref:
        reading.record(node, "ref when source at_least of each share weight", "ref")
    return Ref(ref, when, sources)


def _some_of(reading: Reading, name: str, pairs: dict[str, Marked], when: Expression | None) -> AtLeast:
    """Some of several: each named once, and of them one at least and all at most."""
    items = reading.list_(pairs["of"])
    of = tuple(reading.use(item, *_LEAF, within=name) for item in items)
    reading.each_once(items, "'of'", "列表 of ")
    if isinstance(pairs["of"], Sequence_) and not items:
        reading.wrong(pairs["of"], "a list of two or more papers or nodes", "两项以上材料或节点的列表")
    node = pairs.get("at_least")
    k = reading.whole(node, 1)
    if node is not None and items and not 1 <= k <= len(items):
        reading.wrong(node, f"a whole number from 1 to {len(items)}", f"1 到 {len(items)} 之间的整数")
        k = 1
    return AtLeast(k, of, when)


_SHARE = re.compile(r"\d{1,15}/\d{1,15}|\d?\.?\d{1,15}")


def _fraction(reading: Reading, pairs: dict[str, Marked]) -> Fraction:
    node = pairs.get("at_least")
    text = reading.text(node, "1")
    try:
        found = Fraction(text) if _SHARE.fullmatch(text) else Fraction(0)
    except ZeroDivisionError:
        found = Fraction(0)
    if node is not None and not 0 < found <= 1:
        reading.wrong(node, 'a share above 0 and up to 1, such as "2/3"', '大于 0、不超过 1 的份额，如 "2/3"')
        return Fraction(1)
    return found


def _fee(reading: Reading, name: str, mark: Mark, node: Marked) -> Fee:
    pairs = reading.record(
        node, "level payer label when formula round source effective note", "label formula source"
    )
    rounding = reading.record(pairs.get("round"), "to mode")
    formula = reading.expression(pairs.get("formula"), "fact", "param")
    if "payer" in pairs:
        reading.use(pairs["payer"], "supplier", within=name)
    return Fee(
        name,
        reading.text(pairs.get("level"), "unit"),
        reading.label(pairs.get("label")),
        reading.text(pairs.get("payer")),
        formula if formula is not None else _NOTHING,
        reading.number(rounding.get("to"), Decimal("0.01")) or Decimal("0.01"),
        reading.word(rounding.get("mode"), "half_up half_even up down", "half_up"),
        reading.sources(pairs.get("source"), name),
        reading.expression(pairs.get("when"), "fact", "param"),
        reading.span(pairs.get("effective")),
        str(mark),
    )


def _class(reading: Reading, name: str, mark: Mark, node: Marked) -> ProblemClass:
    pairs = reading.record(node, "label unmet when source", "label unmet")
    return ProblemClass(
        name,
        reading.label(pairs.get("label")),
        tuple(reading.use(item, *_LEAF, within=name) for item in reading.list_(pairs.get("unmet"))),
        reading.expression(pairs.get("when"), "fact", "param"),
        reading.sources(pairs.get("source"), name),
    )


def _urgency(reading: Reading, name: str, mark: Mark, node: Marked) -> Urgency:
    pairs = reading.record(node, "label when source", "label when source")
    return Urgency(
        name,
        reading.label(pairs.get("label")),
        reading.expression(pairs.get("when"), "fact", "param") or _NEVER,
        reading.sources(pairs.get("source"), name),
    )


def _headings(reading: Reading, name: str, mark: Mark, node: Marked) -> tuple[str, ...]:
    return tuple(reading.text(item) for item in reading.list_(node))


READERS: dict[str, Callable[[Reading, str, Mark, Marked], Any]] = {
    "sources": _source,
    "suppliers": _supplier,
    "params": _param,
    "facts": _fact,
    "evidence": _evidence,
    "nodes": _node,
    "way": _way,
    "need": _need,
    "fees": _fee,
    "classes": _class,
    "urgency": _urgency,
    "headings": _headings,
}
