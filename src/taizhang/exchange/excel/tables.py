"""Where the table is on a sheet: titles above, headings over several rows, records below.

Reads from: ``cells``, ``records``, ``unmerged``.
Read by: ``headings``, ``reading``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from taizhang.exchange.excel.cells import (
    Cell,
    Grid,
    Merge,
    address,
    as_text,
    column_letters,
    plain,
    spread,
    stripped,
    word_of,
)
from taizhang.exchange.excel.records import records_below
from taizhang.exchange.excel.unmerged import lost_merges

__all__ = [
    "Cell",
    "Grid",
    "Merge",
    "Table",
    "address",
    "as_text",
    "caption_of",
    "column_letters",
    "find_table",
    "plain",
    "spread",
    "table_at",
    "word_of",
]

_LOWEST = 30  # a heading further down is no heading
_DEEPEST = 5  # rows of one heading
_CAPTION = re.compile(r"(单位|日期|时间|部门|[表审]人)\s*[:：]")


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


def find_table(grid: Grid, merges: Sequence[Merge], known: Callable[[str], bool]) -> Table | None:
    """Find the heading by the row with most known headings, and the records below it.

    Args:
        grid: Cells as read.
        merges: Merged ranges.
        known: Whether a text is a heading that is known.

    Returns:
        The table, or ``None`` where fewer than two headings are known.
    """
    texts = [[stripped(cell) for cell in row] for row in grid[:_LOWEST]]
    merges = [*merges, *lost_merges(texts, merges, known)]
    top = spread(grid[:_LOWEST], merges)
    scores = [sum(known(stripped(cell)) for cell in _distinct(row)) for row in top]
    if not scores or max(scores) < 2:
        return None
    best = scores.index(max(scores))
    first, last = _heading(top, merges, best, scores)
    return table_at(grid, merges, first, last)


def table_at(grid: Grid, merges: Sequence[Merge], first: int, last: int) -> Table:
    """The table whose heading stands in these rows (from 0)."""
    top = spread(grid[: last + 1], merges)
    width = max((len(row) for row in top), default=0)
    headings = tuple(_parts(top, first, last, column) for column in range(width))
    return Table(headings, tuple(range(first, last + 1)), tuple(records_below(grid, merges, headings, last)))


def caption_of(grid: Grid, table: Table) -> str:
    """What is said of units above the heading, such as ``单位：万元``, or nothing."""
    for row in grid[: table.header_rows[0]]:
        for cell in row:
            text = stripped(cell)
            if re.search(r"单位\s*[:：]\s*[^:：]*元", text):
                return text
    return ""


# ------------------------------------------------------------------------------ heading


def _heading(top: Grid, merges: Sequence[Merge], best: int, scores: list[int]) -> tuple[int, int]:
    """The rows of a heading around its best row."""
    first = last = best
    while first > 0 and best - first < _DEEPEST - 1 and _belongs(top, merges, first - 1, first):
        first -= 1
    while (
        last + 1 < len(top) and last - first < _DEEPEST - 1 and _goes_on(top, merges, (first, last), scores)
    ):
        last += 1
    return first, last


def _belongs(top: Grid, merges: Sequence[Merge], row: int, below: int) -> bool:
    """Whether a row above belongs to the heading: it groups columns, or reaches down into it."""
    cells = _distinct(top[row])
    if len(cells) < 2 or any(_CAPTION.search(stripped(cell)) for cell in cells):
        return False  # a title, or 填报单位：… above the table
    return any(at == row and below <= end < row + _DEEPEST for at, _, end, _ in merges) or _splits(
        merges, row
    )


def _goes_on(top: Grid, merges: Sequence[Merge], rows: tuple[int, int], scores: list[int]) -> bool:
    """Whether the row below still belongs: a merged heading reaches into it, or it names the parts."""
    first, last = rows
    if any(first <= at <= last < end < first + _DEEPEST for at, _, end, _ in merges):
        return True
    groups = [(left, right) for at, left, end, right in merges if at <= last <= end and right > left]
    filled = [column for column, cell in enumerate(top[last + 1]) if stripped(cell)]
    below = all(any(left <= column <= right for left, right in groups) for column in filled)
    return bool(groups) and scores[last + 1] >= (1 if below else 2)


def _splits(merges: Sequence[Merge], row: int) -> bool:
    return any(top <= row <= bottom and right > left for top, left, bottom, right in merges)


def _parts(top: Grid, first: int, last: int, column: int) -> tuple[str, ...]:
    parts: list[str] = []
    for row in range(first, last + 1):
        text = stripped(top[row][column]) if column < len(top[row]) else ""
        if text and (not parts or parts[-1] != text):
            parts.append(text)
    return tuple(parts)


def _distinct(row: Sequence[Cell]) -> list[Cell]:
    return [cell for i, cell in enumerate(row) if stripped(cell) and (i == 0 or row[i - 1] != cell)]
