"""The numbers of each county on 总览.

Each number is a count of rows of another sheet; the tests count those rows again.

Reads from: ``gap_rows``, ``readiness``, ``rules.terms``.  Read by: ``counties``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from taizhang.exchange.excel.sheets.gap_rows import GapRow
from taizhang.exchange.readiness import units_ready, units_urgent
from taizhang.rules.terms import CityPlan, EstatePlan, Status

__all__ = ["CountyRow", "county_rows"]


@dataclass(slots=True)
class CountyRow:
    """What one county has, waits for and owes."""

    county: str  #: empty where the ledger does not say
    estates: int = 0
    units: int = 0
    by_status: Counter[Status] = field(default_factory=Counter)
    ready: int = 0
    urgent: int = 0
    gaps: int = 0
    fees_fen: int = 0


def county_rows(city: CityPlan, gaps: Sequence[GapRow]) -> list[CountyRow]:
    """Return one row per county in the order of the estates.

    A paper that estates of several counties wait for counts where 缺项清单 shows it: with the first.
    """
    rows: dict[str, CountyRow] = {}
    for estate in city.estates:
        row = rows.setdefault(_county(estate), CountyRow(_county(estate)))
        row.estates += 1
        row.units += len(estate.units)
        row.by_status.update([unit.status for unit in estate.units])
        row.ready += units_ready([estate])
        row.urgent += units_urgent([estate])
        row.fees_fen += sum([unit.bill.total_fen for unit in estate.units])
    for gap in gaps:
        rows[_county(gap.estate)].gaps += gap.places
    return list(rows.values())


def _county(estate: EstatePlan) -> str:
    return estate.identity.get("county", "")
