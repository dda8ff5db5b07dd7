"""Where the table is on a sheet: titles above, headings over several rows, notes and totals below.

Reads from: nothing of ours.  Read by: ``reading``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from taizhang.rules.terms import Value

__all__ = ["Cell", "Grid", "Table", "address", "find_table", "spread"]

Cell: TypeAlias = Value | float | None
Grid: TypeAlias = Sequence[Sequence[Cell]]
Merge: TypeAlias = tuple[int, int, int, int]  # first row, first column, last row, last column

_DEEPEST = 30  # a heading further down is no heading
_TOTAL = re.compile(r"^\s*(合\s*计|小\s*计|总\s*计|共\s*计|累\s*计)")
_NOTE = re.compile(r"^\s*(注|备注|说明|填表说明|填报说明|填表人|填报人|填报单位|审核|制表|负责人|联系人)\s*[:：\d一]?")


@dataclass(frozen=True, slots=True)
class Table:
    """The table of a sheet.

    Attributes:
        headings: Parts of each column's heading, outermost first; ``()`` for none.
        header_rows: Row numbers of the heading, from 0.
        rows: Row numbers of the records, from 0.
    """

    headings: tuple[tuple[str, ...], ...]
    header_rows: tuple[int, ...]
    rows: tuple[int, ...]


def address(row: int, column: int) -> str:
    """``F17`` for row 16, column 5 (both from 0)."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def spread(grid: Grid, merges: Sequence[Merge]) -> list[list[Cell]]:
    """The grid with the value of a merged cell in each of its cells."""
    full = [list(row) for row in grid]
    for top, left, bottom, right in merges:
        if top >= len(full) or left >= len(full[top]):
            continue
        value = full[top][left]
        for row in range(top, min(bottom, len(full) - 1) + 1):
            for column in range(left, min(right, len(full[row]) - 1) + 1):
                full[row][column] = value
    return full


def find_table(grid: Grid, merges: Sequence[Merge], known: Callable[[str], bool]) -> Table | None:
    """Find the heading by the row with most known headings, and the records below it.

    Args:
        grid: Cells as read.
        merges: Merged ranges.
        known: Whether a text is a heading that is known.

    Returns:
        The table, or ``None`` where fewer than two headings are known.
    """
    full = spread(grid, merges)
    scores = [sum(known(_text(cell)) for cell in _distinct(row)) for row in full[:_DEEPEST]]
    if not scores or max(scores) < 2:
        return None
    best = scores.index(max(scores))
    first, last = _heading(full, merges, best, scores)
    width = max(len(row) for row in full)
    headings = tuple(_parts(full, first, last, column) for column in range(width))
    rows = tuple(number for number in range(last + 1, len(full)) if _is_record(grid[number], full[number], headings))
    return Table(headings, tuple(range(first, last + 1)), rows)


def _heading(full: list[list[Cell]], merges: Sequence[Merge], best: int, scores: list[int]) -> tuple[int, int]:
    """The rows of a heading around its best row."""
    first = last = best
    while first > 0 and _belongs(full, merges, first - 1, first):
        first -= 1
    while last + 1 < min(len(full), _DEEPEST) and (
        any(top <= last < bottom for top, _, bottom, _ in merges if top >= first)
        or (scores[last + 1] >= 2 and _splits(merges, last))
    ):
        last += 1
    return first, last


def _belongs(full: list[list[Cell]], merges: Sequence[Merge], row: int, below: int) -> bool:
    """Whether a row above belongs to the heading: it groups columns, or reaches down into it."""
    if len(_distinct(full[row])) < 2:
        return False  # a title
    return any(top == row and bottom >= below for top, _, bottom, _ in merges) or _splits(merges, row)


def _splits(merges: Sequence[Merge], row: int) -> bool:
    return any(top <= row <= bottom and right > left for top, left, bottom, right in merges)


def _parts(full: list[list[Cell]], first: int, last: int, column: int) -> tuple[str, ...]:
    parts: list[str] = []
    for row in range(first, last + 1):
        text = _text(full[row][column]) if column < len(full[row]) else ""
        if text and (not parts or parts[-1] != text):
            parts.append(text)
    return tuple(parts)


def _is_record(row: Sequence[Cell], full: list[Cell], headings: Sequence[tuple[str, ...]]) -> bool:
    texts = [_text(cell) for cell in row]
    filled = [text for text in texts if text]
    if not filled:
        return False
    if any(_TOTAL.match(text) for text in filled[:2]):
        return False
    return not (len(set(map(str, full))) <= 3 and len(filled) <= 2 and _NOTE.match(filled[0]))


def _distinct(row: Sequence[Cell]) -> list[Cell]:
    return [cell for i, cell in enumerate(row) if _text(cell) and (i == 0 or row[i - 1] != cell)]


def _text(cell: Cell) -> str:
    return "" if cell is None else str(cell).strip()
