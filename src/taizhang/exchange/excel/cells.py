"""Cells and their addresses: what stands in one, as text, and to be looked up.

Reads from: ``rules.terms``.  Read by: every reader of this folder.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

from taizhang.rules.terms import Value

__all__ = [
    "Cell",
    "Grid",
    "Merge",
    "address",
    "as_text",
    "column_letters",
    "plain",
    "spread",
    "stripped",
    "word_of",
]

Cell: TypeAlias = Value | float | None
Grid: TypeAlias = Sequence[Sequence[Cell]]
Merge: TypeAlias = tuple[int, int, int, int]  # first row, first column, last row, last column


def column_letters(column: int) -> str:
    """``F`` for column 5 (from 0)."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    """``F17`` for row 16, column 5 (both from 0)."""
    return f"{column_letters(column)}{row + 1}"


def spread(grid: Grid, merges: Sequence[Merge]) -> list[Sequence[Cell]]:
    """The grid with the value of a merged cell in each of its cells; a row without one is the same row."""
    full = list(grid)
    changed: dict[int, list[Cell]] = {}
    for top, left, bottom, right in merges:
        if top >= len(full) or left >= len(full[top]):
            continue
        value = full[top][left]
        for row in range(top, min(bottom, len(full) - 1) + 1):
            if row not in changed:
                full[row] = changed[row] = list(grid[row])
            cells = changed[row]
            for column in range(left, min(right, len(cells) - 1) + 1):
                cells[column] = value
    return full


def as_text(cell: Cell) -> str:
    """A cell as text, exactly: whole numbers without a point, dates as written in ISO form."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e18:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time().isoformat() == "00:00:00" else cell.isoformat(" ")
    return str(cell).strip()


def plain(cell: Cell) -> str:
    """Half-width text without any space."""
    return "".join(unicodedata.normalize("NFKC", as_text(cell)).split())


def word_of(cell: Cell) -> str:
    """The same, small and without a full stop: to look up."""
    text = plain(cell)
    word = text.rstrip("。.;!").casefold() or text
    return word if word.isascii() else unicodedata.normalize("NFKC", word)


def stripped(cell: Cell) -> str:
    """A cell as Python shows it, without blanks around: to tell what kind of row it stands in."""
    return "" if cell is None else str(cell).strip()
