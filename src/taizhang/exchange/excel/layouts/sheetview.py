"""The top of a sheet as spans: every merged or single cell once in each row that it touches.

However many merges a file names, the work stays linear in the cells that are looked at.

Reads from: ``cells``.  Read by: ``heads``, ``shape``, ``forms``, ``sideways``, ``look``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from taizhang.exchange.excel.cells import Grid, Merge
from taizhang.exchange.excel.layouts.cells import Kind, kind_of, text_of

__all__ = ["LOWEST", "Span", "View", "view_of"]

LOWEST = 30  # rows in which a heading is looked for
_WINDOW = 80  # rows that are looked at closely, in all


@dataclass(frozen=True, slots=True)
class Span:
    """A cell, merged or single: first row, first column, last row, last column, and what it says."""

    top: int
    left: int
    bottom: int
    right: int
    text: str
    kind: Kind

    @property
    def wide(self) -> bool:
        """Whether it covers several columns."""
        return self.right > self.left

    @property
    def tall(self) -> bool:
        """Whether it covers several rows."""
        return self.bottom > self.top


@dataclass(frozen=True, slots=True)
class View:
    """The rows that are looked at closely.

    Attributes:
        rows: Spans that touch each row, from the left, blank merged ones too.
        width: Columns of the sheet.
    """

    rows: tuple[tuple[Span, ...], ...]
    width: int

    def filled(self, row: int) -> list[Span]:
        """The spans of a row that say something."""
        return [span for span in self.rows[row] if span.text] if row < len(self.rows) else []

    def next_filled(self, row: int) -> int | None:
        """The next row below that says something."""
        below = range(row + 1, len(self.rows))
        return next((number for number in below if self.filled(number)), None)


def view_of(grid: Grid, merges: Sequence[Merge]) -> View:
    """Look at the first rows of a sheet; of merges that overlap the first counts."""
    depth = min(_WINDOW, len(grid))
    width = max(map(len, grid), default=0)
    owner: dict[tuple[int, int], Span] = {}
    budget = 2 * depth * width + len(merges)  # what honest merges need, twice
    for top, left, bottom, right in merges:
        if not (0 <= top < depth and 0 <= left < width and top <= bottom and left <= right):
            continue
        last, end = min(bottom, depth - 1), min(right, width - 1)
        budget -= (last - top + 1) * (end - left + 1)
        if budget < 0:
            break
        cell = grid[top][left] if left < len(grid[top]) else None
        span = Span(top, left, min(bottom, len(grid) - 1), end, text_of(cell), kind_of(cell))
        for row in range(top, last + 1):
            for column in range(left, end + 1):
                owner.setdefault((row, column), span)
    return View(tuple(_row(grid, row, owner, width) for row in range(depth)), width)


def _row(grid: Grid, row: int, owner: dict[tuple[int, int], Span], width: int) -> tuple[Span, ...]:
    spans: list[Span] = []
    cells = grid[row]
    for column in range(width if owner else min(width, len(cells))):
        cell = cells[column] if column < len(cells) else None
        text = text_of(cell)
        span = owner.get((row, column)) if owner else None
        if span is not None and text in ("", span.text):
            if not spans or spans[-1] is not span:
                spans.append(span)
        elif text:  # it stands alone, or says something of its own below a merge
            spans.append(Span(row, column, row, column, text, kind_of(cell)))
    return tuple(spans)
