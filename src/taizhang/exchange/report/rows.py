"""What is said of one estate, put together and ordered: gaps, route, steps, ways not taken, fees.

Every row is already in the reader's words; no identifier is left.  The report and the
letters show the same rows.

Reads from: ``diagram.wording``, ``rules.terms``.  Read by: ``estate``, ``gantt`` and the letters.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from taizhang.exchange.diagram.boxes import need_names
from taizhang.exchange.diagram.wording import (
    change_text,
    due_text,
    label,
    level_name,
    money_text,
    place_name,
    supplier,
    way_of,
)
from taizhang.rules.terms import EstatePlan, Gap, Pack, RouteChoice

__all__ = [
    "FeeRow",
    "GapRow",
    "RouteRow",
    "StepRow",
    "fee_rows",
    "gap_rows",
    "places_text",
    "route_rows",
    "step_rows",
]

_GRADES = {
    "necessary": ("必需", "necessary"),
    "chosen": ("优选", "chosen"),
    "convenient": ("便利", "convenient"),
}
_NAMED = 4  #: places called by name in one cell; more are counted


@dataclass(frozen=True, slots=True)
class GapRow:
    """One missing paper of an estate, its places put together."""

    item: str
    places: str
    count: int
    supplier: str
    days: int
    money: str
    start: int
    end: int
    due: str
    slack: int
    critical: bool
    grade: str
    refusal: str  #: what doing without it costs
    serves: str  #: the node and way that need it
    chain: tuple[str, ...]  #: from that node up to the goal
    sources: tuple[str, ...]  #: ids, to be turned into numbers


@dataclass(frozen=True, slots=True)
class StepRow:
    """One piece of work that follows when the needs of a way are met."""

    node: str
    way: str
    supplier: str
    days: int
    law_days: int | None
    start: int
    end: int
    until: str
    slack: int
    critical: bool


@dataclass(frozen=True, slots=True)
class RouteRow:
    """One node of the route and the way taken."""

    level: str
    node: str
    way: str
    substitute: bool
    partly: bool  #: at other places another way is taken
    sources: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class FeeRow:
    """One fee over all units of an estate."""

    fee: str
    payer: str
    units: int
    total: str
    lacking: int  #: units whose line cannot be computed
    needs: str  #: what those lines lack


def places_text(plan: EstatePlan, places: Sequence[str], level: str, language: str, count: int = 0) -> str:
    """Return the places of a row: a few by name, many by number.

    Args:
        plan: The estate.
        places: Ids of the places, or of some of them.
        level: Their level.
        language: ``zh`` or ``en``.
        count: How many there are, where ``places`` does not name all.
    """
    count = max(count, len(places))
    if count > min(_NAMED, len(places)) or level == "unit":
        unit = level_name(level, language)
        return f"{count} {unit}" if language == "zh" else f"{count} × {unit}"
    return ("、" if language == "zh" else ", ").join(place_name(plan, one, language) for one in places)


def _sum(prices: Iterable[tuple[int | None, int]]) -> int | None:
    """Return the sum of prices, each as often as it is said to count; ``None`` where one is unknown."""
    total = 0
    for price, count in prices:
        if price is None:
            return None
        total += price * count
    return total


def _step_name(pack: Pack, choice: RouteChoice, language: str) -> str:
    return label(pack, choice.node, language)


def _gap_row(pack: Pack, plan: EstatePlan, gaps: list[Gap], language: str) -> GapRow:
    first = next((gap for gap in gaps if gap.path), gaps[0])
    places = sorted({gap.place for gap in gaps})
    count = sum(gap.count for gap in gaps)
    chain = tuple(_step_name(pack, choice, language) for choice in reversed(first.path))
    last = max(gap.end for gap in gaps)
    grade = _GRADES.get(first.grade)
    refusal = ""
    if first.price_of_refusal is not None:
        refusal = change_text(first.price_of_refusal, language)
    paper = pack.evidence.get(first.item)
    return GapRow(
        label(pack, first.item, language),
        places_text(plan, places, first.level, language, count),
        count,
        supplier(pack, first.supplier, language),
        max(gap.days for gap in gaps),
        money_text(_sum((gap.money_fen, gap.count) for gap in gaps), language),
        min(gap.start for gap in gaps),
        last,
        due_text(plan, last, language),
        min(gap.slack for gap in gaps),
        any(gap.critical for gap in gaps),
        (grade[0] if language == "zh" else grade[1]) if grade else "",
        refusal,
        chain[0] if chain else "",
        chain[1:],
        paper.sources if paper else (),
    )


def gap_rows(pack: Pack, plan: EstatePlan, language: str = "zh") -> tuple[GapRow, ...]:
    """Return one row per missing paper: coarse levels first, then by date, critical ones before others."""
    groups: dict[str, list[Gap]] = defaultdict(list)
    for gap in plan.joint.gaps:
        groups[gap.item].append(gap)
    depth = {level: number for number, level in enumerate(pack.levels)}
    rows = [(depth.get(gaps[0].level, 0), _gap_row(pack, plan, gaps, language)) for gaps in groups.values()]
    rows.sort(key=lambda pair: (pair[0], pair[1].end, not pair[1].critical, pair[1].item))
    return tuple(row for _, row in rows)


def step_rows(pack: Pack, plan: EstatePlan, language: str = "zh") -> tuple[StepRow, ...]:
    """Return one row per node and way that take time, in the order they begin."""
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    steps = [step for step in plan.joint.steps if step.days]
    for number, step in enumerate(steps):
        groups[step.node, step.way].append(number)
    rows = []
    for (node, way), numbers in groups.items():
        these = [steps[number] for number in numbers]
        chosen = way_of(pack, RouteChoice("", node, way))
        last = max(step.end for step in these)
        rows.append(
            StepRow(
                label(pack, node, language),
                chosen.label.in_(language) if chosen else "",
                supplier(pack, these[0].supplier, language),
                max(step.days for step in these),
                these[0].law_days,
                min(step.start for step in these),
                last,
                due_text(plan, last, language),
                min(step.slack for step in these),
                any(step.critical for step in these),
            )
        )
    rows.sort(key=lambda row: (row.start, row.end, row.node))
    return tuple(rows)


def _in_working_order(pack: Pack, taken: dict[str, set[str]]) -> list[str]:
    """Return the nodes of a route so that what a node needs stands before it."""
    found: dict[str, None] = {}
    seen: set[str] = set()

    def visit(name: str) -> None:
        if name in seen or name not in taken or name not in pack.nodes:
            return
        seen.add(name)
        for way in pack.nodes[name].ways:
            if way.id in taken[name]:
                for need, _ in need_names(way):
                    visit(need)
        found[name] = None

    for name in (pack.goal, *sorted(taken)):
        visit(name)
    return list(found)


def route_rows(pack: Pack, plan: EstatePlan, language: str = "zh") -> tuple[RouteRow, ...]:
    """Return the nodes of the route, first things first, each with the ways taken."""
    taken: dict[str, set[str]] = defaultdict(set)
    for choice in plan.joint.route:
        taken[choice.node].add(choice.way)
    rows = []
    for name in _in_working_order(pack, taken):
        node = pack.nodes[name]
        for way in node.ways:
            if way.id in taken[name]:
                rows.append(
                    RouteRow(
                        level_name(node.level, language),
                        node.label.in_(language),
                        way.label.in_(language),
                        way.rank > 0,
                        len(taken[name]) > 1,
                        way.sources,
                        way.note.in_(language) if way.note else "",
                    )
                )
    return tuple(rows)


def fee_rows(pack: Pack, plan: EstatePlan, language: str = "zh") -> tuple[FeeRow, ...]:
    """Return one row per fee that at least one unit owes or may owe."""
    totals: Counter[str] = Counter()
    count: Counter[str] = Counter()
    lacking: Counter[str] = Counter()
    needs: dict[str, dict[str, None]] = defaultdict(dict)
    for unit in plan.units:
        for fee, fen in unit.bill.lines.items():
            totals[fee] += fen
            count[fee] += 1
        for fee, names in unit.bill.missing_lines.items():
            lacking[fee] += 1
            for name in names:
                known = name if name in pack.facts or name in pack.params else name.removesuffix("_fen")
                needs[fee][label(pack, known, language)] = None
    rows = []
    for name, fee_ in pack.fees.items():
        if count[name] or lacking[name]:
            total = money_text(totals[name] if count[name] else None, language)
            joined = ("、" if language == "zh" else ", ").join(needs[name])
            payer = supplier(pack, fee_.payer, language)
            rows.append(FeeRow(fee_.label.in_(language), payer, count[name], total, lacking[name], joined))
    return tuple(rows)
