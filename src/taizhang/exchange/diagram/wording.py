"""How costs, dates, guards and reasons are said to an official; no identifier gets through.

What is not known is said as 未知 (unknown), never as 0.

Reads from: ``rules.terms``.  Read by: the diagram, the report and the letters.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from taizhang.rules.terms import (
    Alternative,
    EstatePlan,
    Pack,
    Place,
    RouteChoice,
    Status,
    Value,
    Vector,
    Way,
)

__all__ = [
    "STATUSES",
    "answer_text",
    "change_text",
    "day_text",
    "due_text",
    "label",
    "level_name",
    "money_text",
    "pick",
    "place_name",
    "supplier",
    "total_text",
    "unit_name",
    "value_text",
    "way_of",
]

STATUSES: Mapping[Status, tuple[str, str]] = {
    Status.PROVED: ("已具备", "complete"),
    Status.OPEN: ("缺件可补", "can be completed"),
    Status.DEPENDS: ("待查明", "depends on open facts"),
    Status.BLOCKED: ("受阻", "blocked"),
}

_LEVELS: Mapping[str, tuple[str, str]] = {
    "city": ("市", "city"),
    "county": ("县（市、区）", "county"),
    "street": ("街道（镇）", "street"),
    "neighbourhood": ("社区", "neighbourhood"),
    "estate": ("小区", "estate"),
    "building": ("幢", "building"),
    "unit": ("户", "unit"),
}


def pick(pair: tuple[str, str], language: str) -> str:
    """Return the Chinese or the English word of a pair."""
    return pair[0] if language == "zh" else pair[1]


def label(pack: Pack, name: str, language: str = "zh") -> str:
    """Return what a node, paper, fact, parameter, source or supplier is called."""
    for table in (pack.nodes, pack.evidence, pack.facts, pack.params):
        if name in table:
            return table[name].label.in_(language)
    if name in pack.suppliers:
        return pack.suppliers[name].in_(language)
    if name in pack.sources:
        return pack.sources[name].title.in_(language)
    return "未命名事项" if language == "zh" else "unnamed item"


def supplier(pack: Pack, name: str, language: str = "zh") -> str:
    """Return the name of who supplies something, or that nobody is named."""
    if name in pack.suppliers:
        return pack.suppliers[name].in_(language)
    return "责任单位未定" if language == "zh" else "supplier not named"


def level_name(level: str, language: str = "zh") -> str:
    """Return what a level is called."""
    return pick(_LEVELS.get(level, ("其他", "other")), language)


def way_of(pack: Pack, choice: RouteChoice | Alternative) -> Way | None:
    """Return the way a choice names, ``None`` where the pack has it no longer."""
    node = pack.nodes.get(choice.node)
    return next((way for way in node.ways if way.id == choice.way), None) if node else None


def place_name(plan: EstatePlan, place: str, language: str = "zh") -> str:
    """Return the name of a place of an estate, as short as it is clear inside that estate."""
    if place == plan.place.id:
        return "全小区" if language == "zh" else "whole estate"
    found = plan.places.get(place)
    if found is None:
        return "其他地点" if language == "zh" else "another place"
    if found.level in ("building", "unit"):
        return unit_name(plan, found)
    return found.name or level_name(found.level, language)


def unit_name(plan: EstatePlan, place: Place) -> str:
    """Return the name of a building, or the number of a unit with its building before it.

    What a ledger puts behind the number of a unit is its holder; that name stays out of
    papers that go from hand to hand.
    """
    number = place.id.rpartition("/")[2]
    name = place.name or number
    if place.level == "unit" and name.startswith(f"{number} "):
        name = number
    above = plan.places.get(place.parent or "")
    if place.level != "unit" or above is None or above.level != "building":
        return name
    before = above.name or above.id.rpartition("/")[2]
    return name if name.startswith(before) else f"{before}{'-' if before[-1:].isdigit() else ''}{name}"


def money_text(fen: int | None, language: str = "zh") -> str:
    """Return an amount in yuan, with separators.

    >>> money_text(123456789), money_text(None), money_text(0)
    ('1,234,567.89 元', '未知', '0 元')
    """
    if fen is None:
        return "未知" if language == "zh" else "unknown"
    yuan = f"{Decimal(fen) / 100:,.2f}".removesuffix(".00")
    return f"{yuan} 元" if language == "zh" else f"CNY {yuan}"


def total_text(known_fen: int, unknown: int, language: str = "zh") -> str:
    """Return a total of which ``unknown`` parts are not known; it never passes for nothing.

    >>> total_text(30000, 0), total_text(30000, 2), total_text(0, 2)
    ('300 元', '300 元（另有 2 项未知）', '未知（2 项）')
    """
    zh = language == "zh"
    if not unknown:
        return money_text(known_fen, language)
    if not known_fen:
        return f"未知（{unknown} 项）" if zh else f"unknown ({unknown} items)"
    more = f"（另有 {unknown} 项未知）" if zh else f" (+ {unknown} unknown)"
    return money_text(known_fen, language) + more


def day_text(day: date, language: str = "zh") -> str:
    """Return a date as it is written in official papers.

    >>> from datetime import date
    >>> day_text(date(2024, 1, 28))
    '2024年1月28日'
    """
    return f"{day.year}年{day.month}月{day.day}日" if language == "zh" else day.isoformat()


def due_text(plan: EstatePlan, offset: int, language: str = "zh") -> str:
    """Return the date that lies ``offset`` working days after the start, or why there is none."""
    day = plan.start if offset == 0 else plan.due.get(offset)
    if day is not None:
        return day_text(day, language)
    known = [found.year for found in plan.due.values() if found is not None]
    year = max([plan.start.year, *known]) + 1
    if language == "zh":
        return f"第{offset}个工作日（{year}年放假安排未公布）"
    return f"working day {offset} ({year} holidays not announced)"


def change_text(change: Vector, language: str = "zh") -> str:
    """Return a difference of two plans in words; only what changes is said.

    >>> change_text(Vector(money_fen=300_000, days=12))
    '费用多 3,000 元，多 12 个工作日'
    >>> change_text(Vector())
    '代价相同'
    """
    said: list[str] = []
    zh = language == "zh"
    if change.money_fen:
        much = money_text(abs(change.money_fen), language)
        more = change.money_fen > 0
        said.append(f"费用{'多' if more else '少'} {much}" if zh else f"{much} {'more' if more else 'less'}")
    for amount, unit_zh, unit_en in (
        (change.days, "个工作日", "working days"),
        (change.items, "件材料", "papers"),
        (change.effort, "人时", "person-hours"),
    ):
        if amount and zh:
            said.append(f"{'多' if amount > 0 else '少'} {abs(amount)} {unit_zh}")
        elif amount:
            said.append(f"{abs(amount)} {'more' if amount > 0 else 'fewer'} {unit_en}")
    if change.rank > 0:
        said.append("动用替代路径" if zh else "uses a substitute")
    if not said:
        return "代价相同" if zh else "no difference"
    return ("，" if zh else ", ").join(said)


def value_text(pack: Pack, fact: str, value: Value | None, language: str = "zh") -> str:
    """Return the value of a fact as it is said: labels for enums, yuan for money."""
    zh = language == "zh"
    if value is None:
        return "未知" if zh else "unknown"
    if isinstance(value, bool):
        return ("是" if value else "否") if zh else ("yes" if value else "no")
    if isinstance(value, date):
        return day_text(value, language)
    known = pack.facts.get(fact)
    if known is not None and known.type == "money" and isinstance(value, int):
        return money_text(value, language)
    if known is not None and str(value) in known.values:
        return known.values[str(value)].in_(language)
    return str(value)


def answer_text(pack: Pack, fact: str, answers: tuple[str, ...], language: str = "zh") -> str:
    """Return a class of answers: enum labels, yes or no, or intervals."""
    known = pack.facts.get(fact)
    said = []
    for answer in answers:
        if known is not None and answer in known.values:
            said.append(known.values[answer].in_(language))
        elif answer in ("true", "false"):
            said.append(value_text(pack, fact, answer == "true", language))
        else:
            said.append(answer)
    return ("、" if language == "zh" else ", ").join(said)
