"""A table as it would be read, with what tells it from a form: kinds of cells, names on its edges.

Reads from: ``body``, ``cells``, ``extent``, ``heads``, ``sheetview``, ``words``.
Read by: ``forms``, ``sideways``, ``look``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from taizhang.exchange.excel.layouts.body import Body
from taizhang.exchange.excel.layouts.cells import Kind
from taizhang.exchange.excel.layouts.extent import Extent
from taizhang.exchange.excel.layouts.heads import Head
from taizhang.exchange.excel.layouts.sheetview import Span, View
from taizhang.exchange.excel.layouts.words import names_something

__all__ = ["NUMERIC", "Shape", "Sign", "mixture", "shape_of", "share_named"]

NUMERIC = (Kind.NUMBER, Kind.MEASURE)
_ROWS = 40  # rows of records that are looked at closely
_GROUPS = {
    Kind.NUMBER: "number",
    Kind.MEASURE: "number",
    Kind.DATE: "day",
    Kind.PERIOD: "day",
    Kind.CHOICE: "choice",
    Kind.NAME: "text",
    Kind.SENTENCE: "text",
}


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that speaks for a layout.

    Attributes:
        weight: How much it speaks for it; what is negative speaks against it.
        en: What was seen, as part of a sentence.
        zh: The same in Chinese.
        upright: Whether it speaks against an upright table only, and not against one on its side.
    """

    weight: float
    en: str
    zh: str
    upright: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """The table as it would be read.

    Attributes:
        head: Its heading.
        left: First column.
        right: Last column.
        top: Spans of the first row of the heading.
        named: Spans of all rows of the heading, each once.
        rows: Spans of each row below, with records, totals and what stands between; each begins there.
        columns: Spans below the heading by the column in which they begin.
        records: Which of ``rows`` are records (and no totals, notes or hints).
        banded: Rows with a merge over the whole width, between records.
        totalled: Whether there are records with a total below them.
    """

    head: Head
    left: int
    right: int
    top: tuple[Span, ...]
    named: tuple[Span, ...]
    rows: tuple[tuple[Span, ...], ...]
    columns: dict[int, list[Span]]
    records: tuple[bool, ...]
    banded: int
    totalled: bool

    @property
    def width(self) -> int:
        """How many columns there are."""
        return self.right - self.left + 1

    @property
    def depth(self) -> int:
        """How many rows the heading has."""
        return self.head.last - self.head.first + 1

    @property
    def corner(self) -> Span | None:
        """The first cell of the heading."""
        return self.top[0] if self.top and self.top[0].left == self.left else None

    @property
    def across(self) -> tuple[Span, ...]:
        """The first row of the heading without its first cell."""
        return tuple(span for span in self.top if span.left > self.left)

    @property
    def down(self) -> list[Span]:
        """The first column below the heading."""
        return self.columns.get(self.left, [])


def shape_of(view: View, head: Head, extent: Extent, body: Body) -> Shape:
    """Look closely at the first rows of a table."""
    left, right = extent.left, extent.right
    last = max([*body.records[-1:], *body.totals[-1:]], default=len(view.rows) - 1)
    apart = [top for top, *_ in body.others if top < len(view.rows) and not view.filled(top - 1)]
    last = max([last, *(bottom for top, _, bottom, _ in body.others if top not in apart)])
    stop = min([last + 1, len(view.rows), *apart])
    records, hints = set(body.records[:_ROWS]), set(body.hints)
    rows: list[tuple[Span, ...]] = []
    kept: list[bool] = []
    banded = 0
    columns: dict[int, list[Span]] = {}
    for row in range(head.last + 1, stop):
        spans = tuple(span for span in view.filled(row) if span.top == row and left <= span.left <= right)
        if not spans or len(rows) == _ROWS or row in hints:
            continue
        rows.append(spans)
        kept.append(row in records)
        banded += len(spans) == 1 and spans[0].left == left and spans[0].right >= right > left
        for span in spans:
            columns.setdefault(span.left, []).append(span)
    inside = [span for span in view.filled(head.first) if left <= span.left <= right]
    named = [
        span
        for row in range(head.first, head.last + 1)
        for span in view.filled(row)
        if span.top == row and left <= span.left <= right
    ]
    totalled = bool(body.records and body.totals)
    top, below = tuple(inside), tuple(rows)
    return Shape(head, left, right, top, tuple(named), below, columns, tuple(kept), banded, totalled)


def share_named(spans: Sequence[Span]) -> float:
    """The share of spans that read like headings."""
    return sum(names_something(span.text) for span in spans) / len(spans) if spans else 0.0


def mixture(lines: Iterable[Sequence[Span]]) -> float:
    """How much rows (or columns) hold cells of several kinds, from 0 for none; the mean over them."""
    shares: list[float] = []
    for line in lines:
        groups = [_group(span) for span in line if span.kind in _GROUPS]
        if len(groups) >= 2:
            shares.append(1 - Counter(groups).most_common(1)[0][1] / len(groups))
    return sum(shares) / len(shares) if shares else 0.0


def _group(span: Span) -> str:
    return "share" if span.kind is Kind.NUMBER and span.text.endswith(("%", "％")) else _GROUPS[span.kind]
