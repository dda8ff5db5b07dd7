"""What stands in the cells of one ledger, to be quoted beside another's.

Reads from: ``cells``, ``rules.terms``.  Read by: ``alike``, ``claims``, ``conflicts``, ``counting``,
``doubles``, ``sheets.differences``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from taizhang.exchange.excel.cells import as_text
from taizhang.rules.terms import Cited, Held, LedgerRow, SheetCopy, Value

__all__ = ["Citing", "as_written", "cell_of", "position", "value_in"]

_CELL = re.compile(r"([A-Z]{1,3})([1-9]\d*)")
_LONGEST = 2_000  # characters of a cell that are quoted
_WORDS = {Held.ON_HAND: "有", Held.MISSING: "缺", Held.UNOBTAINABLE: "灭失"}


class Citing:
    """Quotes the cells of one ledger as they are written; nothing is prepared before the first quotation."""

    def __init__(self, file: str, sheets: Sequence[SheetCopy]) -> None:
        """Remember where the cells are: the file's name, and copies of its sheets."""
        self._file = file
        self._sheets = {sheet.name: sheet for sheet in reversed(sheets)}
        self._merged: dict[str, dict[tuple[int, int], tuple[int, int]]] = {}

    def cite(self, row: LedgerRow, name: str) -> Cited:
        """Quote what a row says of a field; where its cell is not kept, the value that was read."""
        cell = cell_of(row, name)
        text = self._text(row.sheet, cell) or as_written(value_in(row, name))
        return Cited(self._file, row.sheet, cell, text[:_LONGEST])

    def _text(self, sheet: str, cell: str) -> str:
        at, copy = position(cell), self._sheets.get(sheet)
        if at is None or copy is None:
            return ""
        return _at(copy, at) or _at(copy, self._first_of_merge(copy).get(at, at))

    def _first_of_merge(self, copy: SheetCopy) -> dict[tuple[int, int], tuple[int, int]]:
        """Cell -> the one that holds the value of its merged range."""
        if copy.name not in self._merged:
            self._merged[copy.name] = {
                (row, column): (top, left)
                for top, left, bottom, right in copy.merges
                for row in range(top, min(bottom, len(copy.rows)) + 1)
                for column in range(left, right + 1)
            }
        return self._merged[copy.name]


def position(cell: str) -> tuple[int, int] | None:
    """Row and column of a cell, from 0.

    >>> position("AA3")
    (2, 26)
    """
    found = _CELL.fullmatch(cell)
    if found is None:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]) - 1, column - 1


def _at(copy: SheetCopy, at: tuple[int, int]) -> str:
    row, column = at
    if row < len(copy.rows) and column < len(copy.rows[row]):
        return as_text(copy.rows[row][column])
    return ""


def cell_of(row: LedgerRow, name: str) -> str:
    """Where a row says something; its first cell where that is not known."""
    return row.cells.get(name, f"A{row.row}")


def value_in(row: LedgerRow, name: str) -> Value | Held | None:
    """What a row says of an identity field, a fact or a paper."""
    for said in (row.facts, row.held, row.identity):
        if name in said:
            return said[name]
    return None


def as_written(value: Value | Held | None) -> str:
    """A value as an officer might write it."""
    return _WORDS[value] if isinstance(value, Held) else as_text(value)
