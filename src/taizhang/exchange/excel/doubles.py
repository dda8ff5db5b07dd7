"""Each place once: rows that say the same place twice, and units of estates that nobody listed.

Reads from: ``rules.terms``.  Read by: ``reading``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from taizhang.rules.terms import Complaint, LedgerRow

__all__ = ["each_place_once"]

_GUESSES = 50  # strangers for which the nearest name is looked for: each takes a look at every estate


def each_place_once(rows: Sequence[LedgerRow]) -> tuple[list[LedgerRow], list[Complaint]]:
    """Keep the first row of each place; units of estates that nobody listed are kept, and said."""
    kept: dict[tuple[str, ...], LedgerRow] = {}
    complaints: list[Complaint] = []
    for row in rows:
        key = (row.level, row.identity.get("county", ""), row.estate, row.building, row.unit)
        first = kept.setdefault(key, row)
        if first is not row:
            complaints.append(_double(first, row))
    found = list(kept.values())
    return found, complaints + list(_strangers(found))


def _double(first: LedgerRow, row: LedgerRow) -> Complaint:
    return Complaint(
        "C-ESTATE-TWICE" if row.level == "estate" else "C-UNIT-TWICE",
        row.sheet,
        row.cells[row.level],
        (row.unit or row.building or row.estate)[:200],
        f"Stands already in row {first.row} of {first.sheet}; that row is used. Keep one.",
        f"与“{first.sheet}”第 {first.row} 行重复，采用该行；请只保留一行。",
    )


def _strangers(rows: Sequence[LedgerRow]) -> Iterator[Complaint]:
    """Complain once of each estate that the units name and the estate sheet does not, or has twice."""
    counties: dict[str, set[str]] = {}
    for row in rows:
        if row.level == "estate":
            counties.setdefault(row.estate, set()).add(row.identity.get("county", ""))
    said: set[tuple[str, str]] = set()
    for row in rows if counties else ():
        county, known = row.identity.get("county", ""), counties.get(row.estate, set())
        listed = county in known or "" in known or (not county and len(known) == 1)
        if listed or (county, row.estate) in said:
            continue
        said.add((county, row.estate))
        if known and not county:
            en = "Several counties have an estate of this name; add a column with the county."
            zh = "多个县区有同名小区，请在户台账中增加“县区”列。"
        else:
            close = get_close_matches(row.estate, counties, 1, 0.6) if len(said) <= _GUESSES else []
            asked, zh_asked = (f" (is it {close[0]}?)", f"（是否为“{close[0]}”？）") if close else ("", "")
            en = "The estate sheet has no such estate; the rows are planned apart. "
            en += f"Add it, or correct the name{asked}."
            zh = f"小区台账中没有该小区，相关各户单独测算；请补充小区或更正名称{zh_asked}。"
        yield Complaint("C-UNIT-ESTATE", row.sheet, row.cells["estate"], row.estate[:200], en, zh)
