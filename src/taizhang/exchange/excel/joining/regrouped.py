"""What a regrouping makes of rows: their replacements, and what is to be said.

Reads from: ``gathered``, ``rules.terms``.  Read by: ``merging``, ``regrouping``, ``splitting``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from taizhang.exchange.excel.joining.gathered import Told, number_of
from taizhang.rules.terms import Complaint, Difference, LedgerRow

__all__ = ["At", "Change", "about_entry", "buildings_in", "stands_for", "units_in"]


@dataclass(frozen=True, slots=True)
class At:
    """A row and where it is among all rows."""

    ledger: int  #: number of its ledger
    index: int  #: number of the row there
    row: LedgerRow


@dataclass(frozen=True, slots=True)
class Change:
    """What is to stand instead of some rows."""

    rows: dict[tuple[int, int], list[LedgerRow]] = field(default_factory=dict)  #: ledger, index -> rows
    told: list[Told] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    part_of: dict[tuple[int, str, int], str] = field(default_factory=dict)  #: ledger, sheet, row -> its part

    def put(self, at: At, rows: Iterable[LedgerRow]) -> None:
        """Let further rows stand where a row stood."""
        self.rows.setdefault((at.ledger, at.index), []).extend(rows)


def buildings_in(rows: Iterable[At]) -> dict[str, str]:
    """The buildings that rows name: number -> as first written."""
    found: dict[str, str] = {}
    for at in rows:
        if at.row.level != "estate":
            found.setdefault(number_of(at.row.building), at.row.building)
    return found


def units_in(rows: Iterable[At]) -> int:
    """How many units rows list, each once."""
    return len({(number_of(at.row.building), at.row.unit) for at in rows if at.row.level == "unit"})


def stands_for(row: LedgerRow, building: str, unit: str = "") -> LedgerRow:
    """A row for a building or unit of which only the row of its estate speaks; it says nothing yet."""
    identity = {name: text for name, text in row.identity.items() if name == "county"}
    return replace(
        row,
        level="unit" if unit else "building",
        building=building,
        unit=unit,
        identity=identity,
        facts={},
        held={},
    )


def about_entry(code: str, where: str, at: At | None, read: str, said: tuple[str, str]) -> Told:
    """Something is wrong with an entry of the mapping file; ``said`` is English and Chinese."""
    en, zh = f"{where}: {said[0]}" if where else said[0], f"{where}：{said[1]}" if where else said[1]
    if at is None:
        return Told(0, Complaint(code, "", "", read[:200], en, zh))
    name = "building" if at.row.level != "estate" and "building" in at.row.cells else "estate"
    cell = at.row.cells.get(name, f"A{at.row.row}")
    return Told(at.ledger, Complaint(code, at.row.sheet, cell, read[:200], en, zh))
