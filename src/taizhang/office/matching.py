"""Which row of the office's own workbook is which row of the ledger: by what it names, and by its key.

A row is known by the place it names; its key must be of the same row.  Where the two do not agree
somebody has renamed a place, or sorted a part of the columns: nothing of the row is merged, and it is said.

Reads from: ``ledgerbook``, ``ledger.models``, ``rules.terms``.  Read by: ``merging``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from taizhang.ledger.models import Building, Estate, JournalEntry, Unit
from taizhang.office.ledgerbook import BookRow, LedgerBook, PlaceRow, row_key
from taizhang.rules.terms import Complaint

__all__ = ["Matching"]


class Matching:
    """The rows of one workbook beside those of the ledger.

    Attributes:
        rows: Those that are the same place.
        fresh: Rows that somebody added.
        absent: Rows that it does not have, of those exported estates that it has.
        left_out: How many exported estates it does not have at all.
        told: Rows that cannot be merged.
    """

    def __init__(self, book: LedgerBook, known: Mapping[str, PlaceRow]) -> None:
        """Match.

        Args:
            book: As it came back.
            known: The rows of its counties, by place.
        """
        self._book, self._known = book, known
        self.fresh: list[BookRow] = []
        self.told: list[Complaint] = []
        self._spared: set[str] = set()
        self.rows = self._matched()
        self.absent = self._absent({row.place for _, row in self.rows})

    def _matched(self) -> list[tuple[BookRow, PlaceRow]]:
        """Rows of the workbook with their rows of the ledger: by what they name, and their key must fit."""
        found: list[tuple[BookRow, PlaceRow]] = []
        unclear: list[BookRow] = []
        for one in self._book.rows:
            row = self._known.get(one.place)
            if row is not None and one.key == row_key(row):
                found.append((one, row))
            else:
                unclear.append(one)
        return found + (self._made_out(unclear) if unclear else [])

    def _made_out(self, rows: Sequence[BookRow]) -> list[tuple[BookRow, PlaceRow]]:
        """The rows that are not simply where and what they were."""
        by_key = {row_key(row): row for row in self._known.values()}
        names = _Names(self._known.values())
        named = {one.place for one in self._book.rows}
        found: list[tuple[BookRow, PlaceRow]] = []
        for one in rows:
            row, keyed = self._known.get(one.place), by_key.get(one.key)
            if row is None and keyed is not None and names.of(keyed) == one.names:
                row = keyed  # its place was made from other names, as where estates were merged
            if row is not None and (keyed is None or keyed is row):
                found.append((one, row))
            elif row is not None:
                self._say(one, "C-BOOK-KEY", *_KEY)
                self._spared.add(row.place)
            elif not one.key or (keyed is not None and keyed.place in named):
                self.fresh.append(one)  # written in, or copied from a row that is still there
            elif keyed is None:
                self._say(one, "C-BOOK-GONE", *_GONE)
            else:
                self._say(one, "C-BOOK-NAME", *_NAME)
                self._spared.add(keyed.place)
        return found

    def _absent(self, here: set[str]) -> list[PlaceRow]:
        """Rows that the workbook does not have, of those exported estates that it has.

        Of the others only the number is told: whoever brings it back may not be let see them.
        """
        detail = JournalEntry.objects.values_list("detail", flat=True).get(pk=self._book.entry)
        exported = set(json.loads(detail).get("estates", ()))
        named = {one.estate for one in self._book.rows} | self._spared
        own = {row.pk for row in self._known.values() if isinstance(row, Estate) and row.place in named}
        there = exported.intersection(Estate.objects.values_list("pk", flat=True))
        self.left_out, both = len(there - own), exported & own
        return [
            row
            for row in self._known.values()
            if (row.pk if isinstance(row, Estate) else row.estate_id) in both
            and row.place not in here
            and row.place not in self._spared
        ]

    def _say(self, one: BookRow, code: str, en: str, zh: str) -> None:
        cell = one.cells.get(one.level, f"A{one.row}")
        name = one.place.rpartition("›")[2]
        self.told.append(Complaint(code, one.sheet, cell, name[:200], en, zh))


class _Names:
    """The names of rows, as a workbook writes them."""

    def __init__(self, rows: Iterable[PlaceRow]) -> None:
        self._of = {(type(row), row.pk): row.name for row in rows if not isinstance(row, Unit)}

    def of(self, row: PlaceRow) -> tuple[str, str, str]:
        if isinstance(row, Estate):
            return row.name, "", ""
        estate = self._of.get((Estate, row.estate_id), "")
        if isinstance(row, Building):
            return estate, row.name, ""
        return estate, self._of.get((Building, row.building_id), ""), row.name


_KEY = (
    "The name of this row and its key (last column) are of two rows of the ledger, as after sorting a part "
    "of the columns; nothing of it is merged. Sort whole rows, or empty the key of a row that you copied.",
    "此行的名称与行末“台账行”标识不是同一行（可能只排序了部分列）；本行不并入。"
    "请整行排序；如系复制的行，请清空其标识。",
)
_NAME = (
    "The name of this place was changed; a workbook does not rename places, and nothing of the row is "
    "merged. Give the name back; empty the key in the last column if it is another place.",
    "此行的名称已被修改；工作簿不能更改小区、幢、户的名称，本行不并入。"
    "请恢复原名；如确为新的一行，请清空行末“台账行”标识。",
)
_GONE = (
    "This row has been taken out of the ledger since the export; nothing of it is written. "
    "Empty the key in the last column to enter it anew.",
    "导出后，此行已从台账中撤销；本行不写入。如需重新登记，请清空行末“台账行”标识。",
)
