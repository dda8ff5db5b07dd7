"""Which columns are the table: blank columns inside, notes beside, and tables beside.

Reads from: ``cells``, ``heads``, ``words``.  Read by: ``body``, ``shape``, ``look``.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from taizhang.exchange.excel.cells import Grid
from taizhang.exchange.excel.layouts.cells import Kind, kind_of, text_of
from taizhang.exchange.excel.layouts.heads import Head
from taizhang.exchange.excel.layouts.words import is_item

__all__ = ["Extent", "extent_of"]

_VALUES = (Kind.NUMBER, Kind.MEASURE, Kind.DATE, Kind.PERIOD)
_REMARK = re.compile(r"说明|注意|须知|提示|要求|注\s*[:：]?$")
_LOOKED = 2_000  # rows by which it is judged whether columns belong together
_MOST = 16  # tables or notes beside that are looked at one by one


@dataclass(frozen=True, slots=True)
class Extent:
    """The columns of a sheet.

    Attributes:
        left: First column of the table.
        right: Last column of the table.
        beside: Columns to the right that hold notes only.
        others: Tables beside it: first row, first column, last row, last column.
    """

    left: int
    right: int
    beside: tuple[int, ...]
    others: tuple[tuple[int, int, int, int], ...]


def extent_of(grid: Grid, head: Head) -> Extent:
    """Tell the columns of the table from what stands beside it."""
    headed = [bool(parts) for parts in head.parts]
    used = _used(grid, head.first, headed)
    runs = _runs(used)
    main = next((run for run in runs if any(headed[run[0] : run[1] + 1])), runs[0] if runs else (0, 0))
    left, right = main
    beside: list[int] = []
    others: list[tuple[int, int, int, int]] = []
    for number, run in enumerate(one for one in runs if one[0] > main[1]):
        area = _area(grid, head.first, run) if number < _MOST else None
        if any(headed[run[0] : run[1] + 1]) and not (area and _is_remark(grid, head, area)):
            if area is not None and _is_apart(grid, head, (left, right), area):
                others.append(area)
            elif not others:
                right = run[1]
        elif area is not None and _is_table(grid, area):
            others.append(area)
        else:
            beside += range(run[0], run[1] + 1)
    last = max((column for column in range(left, right + 1) if headed[column]), default=right)
    loose = range(last + 1, right + 1)
    if loose and not _is_full(grid, head.last, last, loose):
        right, beside = last, [*loose, *beside]
    return Extent(left, right, tuple(beside), tuple(others))


def _cell(grid: Grid, row: int, column: int) -> str:
    cells = grid[row]
    return text_of(cells[column]) if column < len(cells) else ""


def _used(grid: Grid, first: int, headed: list[bool]) -> list[bool]:
    """Which columns say anything; those without a heading are looked for row by row."""
    used = list(headed)
    missing = [column for column, known in enumerate(headed) if not known]
    for row in range(first, len(grid)):
        if not missing:
            break
        cells = grid[row]
        reach = bisect_left(missing, len(cells))
        found = [column for column in missing[:reach] if cells[column] is not None and text_of(cells[column])]
        if found:
            for column in found:
                used[column] = True
            missing = [column for column in missing if not used[column]]
    return used


def _runs(used: list[bool]) -> list[tuple[int, int]]:
    """Columns that stand together, without a blank one between."""
    runs: list[tuple[int, int]] = []
    for column, one in enumerate(used):
        if one and runs and runs[-1][1] == column - 1:
            runs[-1] = (runs[-1][0], column)
        elif one:
            runs.append((column, column))
    return runs


def _area(grid: Grid, first: int, run: tuple[int, int]) -> tuple[int, int, int, int]:
    """The rows in which columns say something."""
    rows = [
        row
        for row in range(first, len(grid))
        if any(cell is not None and text_of(cell) for cell in grid[row][run[0] : run[1] + 1])
    ]
    return rows[0] if rows else first, run[0], rows[-1] if rows else first, run[1]


def _is_apart(grid: Grid, head: Head, main: tuple[int, int], area: tuple[int, int, int, int]) -> bool:
    """Whether headed columns behind a blank one are a table of their own.

    They are if they say the same headings again, go on where the first table has ended, or end before it.
    """
    _, left, bottom, right = area
    mine = {head.parts[column] for column in range(main[0], main[1] + 1)}
    theirs = [head.parts[column] for column in range(left, right + 1) if head.parts[column]]
    if left == right:
        return False
    if any(parts in mine for parts in theirs):
        return True
    rows = range(head.last + 1, min(len(grid), head.last + 1 + _LOOKED))
    here = [any(_cell(grid, row, column) for column in range(main[0], main[1] + 1)) for row in rows]
    there = [any(_cell(grid, row, column) for column in range(left, right + 1)) for row in rows]
    longer = sum(two and not one for one, two in zip(here, there, strict=True))
    filled = sum(there)
    dense = filled >= 0.8 * max(1, bottom - head.last)
    return longer > 0 or (filled > 0 and dense and filled < 0.8 * sum(here))


def _is_remark(grid: Grid, head: Head, area: tuple[int, int, int, int]) -> bool:
    """Whether what stands in the row of the heading, behind a blank column, is a remark and no heading."""
    _, left, bottom, right = area
    if left != right:
        return False
    said = "".join(head.parts[left])
    if bottom <= head.last:
        return kind_of(said) is Kind.SENTENCE or ":" in said or "：" in said
    rows = range(head.last + 1, min(bottom, head.last + 1 + _LOOKED) + 1)
    texts = [text for row in rows if row < len(grid) and (text := _cell(grid, row, left))]
    wordy = sum(kind_of(text) is Kind.SENTENCE or is_item(text) for text in texts)
    return bool(_REMARK.search(said)) and 2 * wordy >= len(texts) > 0


def _is_table(grid: Grid, area: tuple[int, int, int, int]) -> bool:
    """Whether unheaded columns hold a table that begins in another row: names above values."""
    top, left, bottom, right = area
    names = [column for column in range(left, right + 1) if _cell(grid, top, column)]
    if len(names) < 2 or any(kind_of(grid[top][column]) is not Kind.NAME for column in names):
        return False
    below = range(top + 1, min(bottom, top + 20) + 1)
    values = sum(any(kind_of(grid[row][c]) in _VALUES for c in names if c < len(grid[row])) for row in below)
    return values > 0 and 2 * values >= len(below)


def _is_full(grid: Grid, last: int, column: int, loose: range) -> bool:
    """Whether columns without a heading are filled in at least half of the rows that the last one fills."""
    rows = [row for row in range(last + 1, min(len(grid), last + 1 + _LOOKED)) if _cell(grid, row, column)]
    filled = sum(any(_cell(grid, row, one) for one in loose) for row in rows)
    return 2 * filled >= len(rows) > 0
