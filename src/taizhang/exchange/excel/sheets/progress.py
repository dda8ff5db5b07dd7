"""What each row of 缺项清单 stands for, and how far its work was said to be.

Reads from: ``baseline``, ``gap_rows``, ``rules.terms``.  Read by: ``entries``, ``gaps``.
"""

from __future__ import annotations

from collections.abc import Iterable

from taizhang.exchange.excel.sheets.baseline import listed_estates, place_of
from taizhang.exchange.excel.sheets.gap_rows import GapRow
from taizhang.rules.terms import CityPlan

__all__ = ["Progress", "Standings"]


class Standings:
    """The places below its estate that each row stands for."""

    def __init__(self, city: CityPlan) -> None:
        """Prepare for the rows of a city."""
        self._listed = listed_estates(city)
        self._lacking: dict[str, dict[str, list[str]]] = {}  #: estate -> paper -> its units that lack it

    def of(self, row: GapRow) -> tuple[tuple[str, str], list[tuple[str, str]]]:
        """The estate of a row, and building and unit of each place below it; both empty for itself."""
        estate = (row.estate.identity.get("county", ""), row.estate.place.name)
        if row.place is not None:
            return estate, [place_of(row.estate, row.place.id, self._listed)]
        found = dict.fromkeys(place_of(row.estate, unit, self._listed) for unit in self._units(row))
        return estate, list(found)

    def _units(self, row: GapRow) -> list[str]:
        known = self._lacking.get(row.estate.place.id)
        if known is None:
            known = self._lacking[row.estate.place.id] = {}
            for unit in row.estate.units:
                for item in unit.own:
                    known.setdefault(item, []).append(unit.place.id)
        return known.get(row.item, [])


class Progress:
    """How far the work on a paper was said to be in an earlier plan workbook."""

    def __init__(self, city: CityPlan) -> None:
        """Gather what was said of all papers."""
        entries = (entry for ledger in city.ledgers for entry in ledger.entries)
        self._said: dict[tuple[str, tuple[str, ...]], str] = {
            (entry.what, entry.place): entry.text for entry in entries
        }
        self._standing = Standings(city)

    def of(self, row: GapRow) -> str | None:
        """What was said of every place of a row, or nothing."""
        if not self._said:
            return None
        said = {self._said.get(key) for key in self._keys(row)}
        return said.pop() if len(said) == 1 else None

    def shown(self, rows: Iterable[GapRow]) -> set[tuple[str, tuple[str, ...]]]:
        """Paper and place of everything that these rows repeat."""
        return {key for row in rows if self.of(row) is not None for key in self._keys(row)}

    def _keys(self, row: GapRow) -> list[tuple[str, tuple[str, ...]]]:
        estate, places = self._standing.of(row)
        return [(row.item, (*estate, *place)) for place in places]
