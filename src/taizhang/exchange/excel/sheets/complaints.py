"""The sheet 导入问题: every cell that could not be used, one click from where it stands.

Reads from: ``frame``.  Read by: ``workbook``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taizhang.exchange.excel.sheets.cell_text import Content
from taizhang.exchange.excel.sheets.frame import Book, Column, Table, lay
from taizhang.rules.terms import Complaint

__all__ = ["complaints_sheet"]

_COLUMNS = (
    ("number", 9, "center"), ("code", 18, "center"), ("sheet", 20, "wrap"), ("cell", 9, "link"),
    ("read", 26, "wrap"), ("message_zh", 64, "wrap"), ("message_en", 64, "wrap"),
)  # fmt: skip
_LINKS = 60_000  #: Excel allows 65,530 links in a sheet


def complaints_sheet(book: Book, copies: Sequence[str | None]) -> None:
    """Write 导入问题.

    Args:
        book: What every sheet is made from.
        copies: For each complaint of the city, the sheet that holds the copy of its cell.
    """
    w, found = book.wording, book.city.complaints
    links = {
        (row, 3): "'{}'!{}".format(copy.replace("'", "''"), complaint.cell)
        for row, (complaint, copy) in enumerate(zip(found, copies, strict=True))
        if copy is not None and complaint.cell and row < _LINKS
    }
    table = Table(
        sheet=w.sheet("complaints"),
        title=w.sheet("complaints"),
        columns=[Column(w.say(key), width, style) for key, width, style in _COLUMNS],
        rows=_rows(found, copies),
        count=len(found),
        printed=6,
        frozen=0,
        remark=_remark(book),
        links=links,
    )
    lay(book, table)


def _rows(found: Sequence[Complaint], copies: Sequence[str | None]) -> Iterator[tuple[Content, ...]]:
    for number, (one, copy) in enumerate(zip(found, copies, strict=True), 1):
        yield (number, one.code, copy or one.sheet, one.cell, one.read, one.zh, one.message)


def _remark(book: Book) -> str:
    zh = book.wording.language == "zh"
    if not book.city.complaints:
        return "没有问题" if zh else "none"
    if len(book.city.complaints) > _LINKS:
        return f"点单元格转到原表（前{_LINKS:,}条）" if zh else f"click a cell to see it (first {_LINKS:,})"
    return "点单元格转到原表" if zh else "click a cell to see it where it stands"
