"""The numbers of a plan for other programs: ``SUMMARY.json`` of the command ``plan``.

Every number is counted by the function that makes the rows of the sheet it sums up.

Reads from: ``rules.terms`` and ``sheets``.  Read by: the command line.
"""

from __future__ import annotations

from taizhang.exchange.excel.sheets.gap_rows import (
    classes_count,
    gap_rows,
    gaps_by_supplier,
    gaps_in,
    units_by_status,
)
from taizhang.rules.terms import CityPlan

__all__ = ["summary"]

_SECONDS = ("read", "assess", "plan", "joint", "write")


def summary(city: CityPlan) -> dict[str, object]:
    """Return the summary of one city plan, ready for ``json.dumps``."""
    units = [unit for estate in city.estates for unit in estate.units]
    rows = gap_rows(city)
    return {
        "estates": len(city.estates),
        "units": len(units),
        "units_by_status": units_by_status(city),
        "exact_units": sum(unit.exact for unit in units),
        "gaps": gaps_in(rows),
        "gaps_by_supplier": gaps_by_supplier(rows),
        "gap_rows": len(rows),
        "estates_by_class": classes_count(city),
        "fees_fen": sum(unit.bill.total_fen for unit in units),
        "fees_unknown_units": sum(1 for unit in units if unit.bill.unknown),
        "complaints": len(city.complaints),
        "pack": city.pack.id,
        "pack_version": city.pack.version,
        "as_of": city.pack.as_of.isoformat(),
        "proved_optimal": all(estate.joint.proved for estate in city.estates),
        "seconds": {step: city.seconds.get(step, 0.0) for step in _SECONDS},
    }
