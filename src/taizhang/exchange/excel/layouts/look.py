"""The door: what kind of table a sheet holds and where, told without knowing a single heading of a pack.

A sheet that may be read in two ways is refused with the reason; nothing is guessed in silence.

Reads from: every other module of this folder.  Read by: ``examining``, ``further``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from taizhang.exchange.excel.cells import Grid, Merge
from taizhang.exchange.excel.layouts import forms, sideways
from taizhang.exchange.excel.layouts.body import Body, body_of
from taizhang.exchange.excel.layouts.cells import Kind, text_of
from taizhang.exchange.excel.layouts.extent import Extent, extent_of
from taizhang.exchange.excel.layouts.heads import Head, find_head
from taizhang.exchange.excel.layouts.shape import Shape, Sign, shape_of
from taizhang.exchange.excel.layouts.sheetview import view_of

__all__ = ["Layout", "look_at"]


@dataclass(frozen=True, slots=True)
class Layout:
    """What a sheet holds, by its structure; rows and columns count from 0.

    Attributes:
        kind: ``table``; ``sideways`` (headings run down the first column, one record to a column);
            ``unclear`` (a form, a card, several tables mixed, or no headings: refused); ``empty``.
        header_rows: Rows of the heading, without a gap; none for ``sideways``.
        header_columns: Columns of the heading of a table on its side, else none.
        headings: Of each column of the sheet the parts of its heading, outermost first and none twice
            in a row; ``()`` for none.  For ``sideways`` of each row of the sheet instead.
        records: Rows of the records; for ``sideways`` columns.
        titles: Rows above the heading: titles, captions, notes.
        hints: Rows just below the heading that number the columns or say how to fill them, and rows
            where the heading stands again.
        notes: Rows below that are notes, signatures, instructions, or captions between the records.
        totals: Rows of totals and subtotals.
        sections: Rows that only name the rows below them, as ``应收账款：`` alone in the first column.
        beside: Columns right of the table that hold notes only.
        others: Further tables: first row, first column, last row, last column.
        reason: Why this kind, one short sentence.
        reason_zh: The same in Chinese.
    """

    kind: str
    header_rows: tuple[int, ...] = ()
    header_columns: tuple[int, ...] = ()
    headings: tuple[tuple[str, ...], ...] = ()
    records: tuple[int, ...] = ()
    titles: tuple[int, ...] = ()
    hints: tuple[int, ...] = ()
    notes: tuple[int, ...] = ()
    totals: tuple[int, ...] = ()
    sections: tuple[int, ...] = ()
    beside: tuple[int, ...] = ()
    others: tuple[tuple[int, int, int, int], ...] = ()
    reason: str = ""
    reason_zh: str = ""


def look_at(grid: Grid, merges: Sequence[Merge]) -> Layout:
    """Say what kind of table a sheet holds, and which rows are what.

    Args:
        grid: Cells as read; rows may differ in length.
        merges: Merged ranges; what lies outside the sheet is left out.

    Returns:
        The layout.  In a ``table`` every row that says something is in exactly one of ``header_rows``,
        ``records``, ``titles``, ``hints``, ``notes``, ``totals`` and ``sections``, or inside one of
        ``others``.

    Cost:
        Linear in the cells and the merges; a heading is looked for in the first 30 rows.

    >>> look_at([["小区名称", "户数"], ["东苑", 12], ["西苑", 8]], []).records
    (1, 2)
    """
    view = view_of(grid, merges)
    head = find_head(view)
    if head is None:
        if not any(text_of(cell) for row in grid for cell in row if cell is not None):
            return Layout("empty", reason="The sheet is empty.", reason_zh="工作表为空。")
        return _unclear("There is text, but no headings.", "只有文字，没有表头。")
    extent = extent_of(grid, head)
    body = body_of(grid, merges, head, extent)
    shape = shape_of(view, head, extent, body)
    if shape.width == 1 and _is_prose(shape, body):
        return _unclear("There is text, but no headings.", "只有文字，没有表头。")
    form, side = forms.signs_of_form(shape), sideways.signs_of_sideways(shape)
    against = _weight(form)
    if _weight(side) >= sideways.ENOUGH and _weight([one for one in form if not one.upright]) < forms.ENOUGH:
        return _lying(shape, body, head, side, len(grid))
    if against >= forms.ENOUGH:
        strongest = max(form, key=lambda sign: sign.weight)
        return _unclear(f"Not read: {strongest.en}.", f"未读取：{strongest.zh}。")
    return _table(head, extent, body)


def _is_prose(shape: Shape, body: Body) -> bool:
    """Whether a single column is text to be read and no list."""
    spans = [*shape.named, *shape.down]
    wordy = sum(span.kind is Kind.SENTENCE for span in spans)
    return (
        shape.named[0].kind is Kind.SENTENCE or 2 * wordy >= len(spans) or len(body.notes) > len(body.records)
    )


def _weight(signs: Sequence[Sign]) -> float:
    return sum(sign.weight for sign in signs)


def _unclear(en: str, zh: str) -> Layout:
    return Layout("unclear", reason=en, reason_zh=zh)


def _table(head: Head, extent: Extent, body: Body) -> Layout:
    rows = head.last - head.first + 1
    inside = range(extent.left, extent.right + 1)
    return Layout(
        "table",
        header_rows=tuple(range(head.first, head.last + 1)),
        headings=tuple(parts if column in inside else () for column, parts in enumerate(head.parts)),
        records=tuple(body.records),
        titles=head.titles,
        hints=tuple(body.hints),
        notes=tuple(body.notes),
        totals=tuple(body.totals),
        sections=tuple(body.sections),
        beside=extent.beside,
        others=(*extent.others, *body.others),
        reason=f"Headings in {rows} row{'s' if rows > 1 else ''}, {len(body.records)} records below.",
        reason_zh=f"表头 {rows} 行，其下 {len(body.records)} 条记录。",
    )


def _lying(shape: Shape, body: Body, head: Head, signs: Sequence[Sign], rows: int) -> Layout:
    """A table on its side: its first column is the heading."""
    headings: list[tuple[str, ...]] = [()] * rows
    for span in (*shape.top[:1], *shape.down):
        for row in range(span.top, min(span.bottom, rows - 1) + 1):
            headings[row] = (span.text,) if span.left == shape.left else ()
    columns = sorted({span.left for spans in (shape.across, *shape.rows) for span in spans} - {shape.left})
    strongest = max(signs, key=lambda sign: sign.weight)
    return Layout(
        "sideways",
        header_columns=(shape.left,),
        headings=tuple(headings),
        records=tuple(columns),
        titles=head.titles,
        notes=tuple(body.notes),
        reason=f"A table on its side: {strongest.en}.",
        reason_zh=f"横向表：{strongest.zh}。",
    )
