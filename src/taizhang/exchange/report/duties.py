"""What an estate still owes after its certificates: by whom, by when, or else.

Reads from: ``rows``, ``diagram.wording``.  Read by: ``estate``.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from taizhang.exchange.diagram.wording import due_text, label, level_name, supplier, way_of
from taizhang.exchange.report.rows import places_text
from taizhang.rules.terms import EstatePlan, OpenDuty, Pack, RouteChoice

__all__ = ["DutyRow", "duty_rows"]


@dataclass(frozen=True, slots=True)
class DutyRow:
    """One paper that a chosen way puts off; no gap."""

    item: str
    places: str
    supplier: str
    due: str
    consequence: str
    node: str  #: whose way puts it off
    way: str
    sources: tuple[str, ...]  #: ids, to be turned into numbers


def duty_rows(pack: Pack, plan: EstatePlan, language: str = "zh") -> tuple[DutyRow, ...]:
    """Return one row per paper and due day, the first day first."""
    groups: dict[tuple[int, str, str, str, str], list[OpenDuty]] = defaultdict(list)
    for duty in plan.duties:
        groups[duty.due, duty.item, duty.supplier, duty.node, duty.way].append(duty)
    return tuple(_row(pack, plan, groups[key], language) for key in sorted(groups))


def _row(pack: Pack, plan: EstatePlan, duties: list[OpenDuty], language: str) -> DutyRow:
    first = duties[0]
    way = way_of(pack, RouteChoice(first.place, first.node, first.way))
    own = next((one.sources for one in way.duties if one.paper == first.item), ()) if way else ()
    known = plan.places.get(first.place)
    level = known.level if known else ""
    places = sorted({one.place for one in duties})
    where = level_name(level, language) if places == [plan.place.id] else ""
    return DutyRow(
        label(pack, first.item, language),
        where or places_text(plan, places, level, language),
        supplier(pack, first.supplier, language),
        _due(plan, first.due, language),
        first.consequence.in_(language),
        label(pack, first.node, language),
        way.label.in_(language) if way else "",
        own or (way.sources if way else ()),
    )


def _due(plan: EstatePlan, offset: int, language: str) -> str:
    """Return the date, or the number of working days where the plan has no date for it."""
    if offset in plan.due:
        return due_text(plan, offset, language)
    return f"第{offset}个工作日" if language == "zh" else f"working day {offset}"
