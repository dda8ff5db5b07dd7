"""Units that a ledger only counts: numbered, spread over the buildings, and said.

Reads from: ``citing``, ``gathered``, ``rules.terms``.  Read by: ``gathering``, ``merging``, ``splitting``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taizhang.exchange.excel.joining.citing import cell_of
from taizhang.exchange.excel.joining.gathered import Gathered, Told, below
from taizhang.rules.terms import Complaint, LedgerRow, Place

__all__ = ["count_units", "not_counted", "spread", "spread_evenly", "whole"]


def count_units(estate: Gathered) -> Iterator[Told]:
    """Number the units of an estate for which the ledger only gives a count, and say so."""
    if not estate.own:
        return
    ledger, row = _saying(estate.own, "units_total")
    total = whole(row.identity.get("units_total", ""))
    listed = sum(place.level == "unit" for place in estate.places.values())
    if listed:
        if total and total != listed:
            yield Told(ledger, _miscounted(row, total, listed))
        return
    if not estate.listed:  # what was entered in a plan of a building does not make it the only one
        many = max(1, whole(_saying(estate.own, "buildings_total")[1].identity.get("buildings_total", "")))
        for n in range(1, many + 1):
            one = Place("building", below(estate.place.id, str(n)), estate.place.id, f"{n}幢")
            estate.places.setdefault(one.id, one)
    buildings = [place for place in estate.places.values() if place.level == "building"]
    if not total:
        yield Told(ledger, not_counted(row, row.estate))
    if len(buildings) > 1 and total:
        yield Told(ledger, spread_evenly(row, row.estate, total, len(buildings)))
    for number, unit in spread(total or 1, len(buildings)):
        building = buildings[number]
        unit_id = below(building.id, unit)
        estate.places[unit_id] = Place("unit", unit_id, building.id, f"第{int(unit)}户")


def spread(total: int, buildings: int) -> Iterator[tuple[int, str]]:
    """Units that are only counted: number of the building from 0, and number of the unit in digits."""
    width = len(str(total))
    for number in range(total):
        yield number * buildings // total, f"{number + 1:0{width}d}"


def whole(text: str) -> int:
    """A number as a ledger writes it, and 0 where it is none."""
    digits = text.strip().removesuffix("户").removesuffix("幢").split(".")[0]
    return int(digits) if digits.isdigit() else 0


def _saying(own: Sequence[tuple[int, LedgerRow]], name: str) -> tuple[int, LedgerRow]:
    """The first row that says something of a field, else the first."""
    return next(((number, row) for number, row in own if row.identity.get(name)), own[0])


def not_counted(row: LedgerRow, name: str) -> Complaint:
    """An estate, or a part of one, that has neither units nor their number."""
    return Complaint(
        "C-UNITS",
        row.sheet,
        cell_of(row, "units_total"),
        row.identity.get("units_total", ""),
        f"'{name}' has neither units nor 总户数; it is planned as one unit. Enter 总户数.",
        f"“{name}”既无户台账也无总户数，暂按 1 户测算，请填写总户数。",
    )


def spread_evenly(row: LedgerRow, name: str, total: int, buildings: int) -> Complaint:
    """Units of which it is not known in which building they are."""
    return Complaint(
        "C-UNITS-SPREAD",
        row.sheet,
        cell_of(row, "units_total"),
        str(total),
        f"{total} units are spread evenly over {buildings} buildings of '{name}'; add the unit sheet.",
        f"“{name}”的 {total} 户暂按 {buildings} 幢平均分布，请补充户台账。",
    )


def _miscounted(row: LedgerRow, total: int, listed: int) -> Complaint:
    return Complaint(
        "C-UNITS-COUNT",
        row.sheet,
        cell_of(row, "units_total"),
        str(total),
        f"The estate row says {total} units, the unit sheet has {listed}; those {listed} are planned.",
        f"小区行写 {total} 户，户台账有 {listed} 户；按户台账 {listed} 户测算，请核对。",
    )
