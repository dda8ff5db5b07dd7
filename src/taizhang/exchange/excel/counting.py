"""Units that a ledger only counts: numbered, spread over the buildings, and said.

Reads from: ``gathered``, ``rules.terms``.  Read by: ``gathering``.
"""

from __future__ import annotations

from taizhang.exchange.excel.gathered import Gathered, below
from taizhang.rules.terms import Complaint, LedgerRow, Place

__all__ = ["count_units"]


def count_units(estate: Gathered, complaints: list[Complaint]) -> None:
    """Number the units of an estate for which the ledger only gives a count."""
    row = estate.counted
    if row is None:
        return
    total = _whole(row.identity.get("units_total", ""))
    listed = sum(place.level == "unit" for place in estate.places.values())
    if listed:
        if total and total != listed:
            complaints.append(_miscounted(row, total, listed))
        return
    buildings = [place for place in estate.places.values() if place.level == "building"]
    if not buildings:
        many = max(1, _whole(row.identity.get("buildings_total", "")) or 1)
        buildings = [
            Place("building", below(estate.place.id, str(n)), estate.place.id, f"{n}幢")
            for n in range(1, many + 1)
        ]
        estate.places.update({one.id: one for one in buildings})
    if not total:
        complaints.append(
            Complaint(
                "C-UNITS",
                row.sheet,
                row.cells.get("units_total", f"A{row.row}"),
                row.identity.get("units_total", ""),
                f"'{row.estate}' has neither units nor 总户数; it is planned as one unit. Enter 总户数.",
                f"“{row.estate}”既无户台账也无总户数，暂按 1 户测算，请填写总户数。",
            )
        )
    if len(buildings) > 1 and total:
        complaints.append(
            Complaint(
                "C-UNITS-SPREAD",
                row.sheet,
                row.cells.get("units_total", f"A{row.row}"),
                str(total),
                f"{total} units are spread evenly over {len(buildings)} buildings; add the unit sheet.",
                f"“{row.estate}”的 {total} 户暂按 {len(buildings)} 幢平均分布，请补充户台账。",
            )
        )
    width = len(str(total or 1))
    for number in range(total or 1):
        building = buildings[number * len(buildings) // (total or 1)]
        unit_id = below(building.id, f"{number + 1:0{width}d}")
        estate.places[unit_id] = Place("unit", unit_id, building.id, f"第{number + 1}户")


def _miscounted(row: LedgerRow, total: int, listed: int) -> Complaint:
    return Complaint(
        "C-UNITS-COUNT",
        row.sheet,
        row.cells.get("units_total", f"A{row.row}"),
        str(total),
        f"The estate row says {total} units, the unit sheet has {listed}; those {listed} are planned.",
        f"小区行写 {total} 户，户台账有 {listed} 户；按户台账 {listed} 户测算，请核对。",
    )


def _whole(text: str) -> int:
    digits = text.strip().removesuffix("户").removesuffix("幢").split(".")[0]
    return int(digits) if digits.isdigit() else 0
