"""The sheet 突破口: which single shared paper holds back the most units.

Reads from: ``frame``.  Read by: ``workbook``.
"""

from __future__ import annotations

from collections.abc import Iterator

from taizhang.exchange.excel.sheets.cell_text import Content
from taizhang.exchange.excel.sheets.frame import FIRST_ROW, Book, Column, Table, lay

__all__ = ["leverage_sheet"]

_COLUMNS = (
    ("number", 9, "center"), ("item", 44, "wrap"), ("level", 9, "center"), ("supplier", 26, "wrap"),
    ("estates", 9, "whole"), ("in_plan", 24, "whole"), ("sole", 24, "whole"), ("which", 60, "wrap"),
)  # fmt: skip


def leverage_sheet(book: Book) -> None:
    """Write 突破口, with a bar in each cell that counts units."""
    w, rows = book.wording, book.city.leverage
    table = Table(
        sheet=w.sheet("leverage"),
        title=w.sheet("leverage"),
        columns=[Column(w.say(key), width, style) for key, width, style in _COLUMNS],
        rows=_rows(book),
        count=len(rows),
        printed=len(_COLUMNS),
        frozen=2,
    )
    sheet = lay(book, table)
    for column, colour in ((5, "#9DC3E6"), (6, "#F4B183")):
        sheet.conditional_format(
            FIRST_ROW,
            column,
            FIRST_ROW + max(len(rows), 1) - 1,
            column,
            {"type": "data_bar", "bar_color": colour, "bar_solid": True, "min_type": "num", "min_value": 0},
        )


def _rows(book: Book) -> Iterator[tuple[Content, ...]]:
    said, w, pack = book.sentences, book.wording, book.city.pack
    names = {estate.place.id: estate.place.name for estate in book.city.estates}
    for number, row in enumerate(book.city.leverage, 1):
        paper = pack.evidence.get(row.item) or pack.nodes.get(row.item)
        yield (
            number,
            said.label(row.item),
            w.level(paper.level) if paper else "",
            said.supplier(pack.evidence[row.item].supplier) if row.item in pack.evidence else "",
            len(row.estates),
            row.in_plan,
            row.sole,
            w.some([names.get(one, one) for one in row.estates], 6),
        )
