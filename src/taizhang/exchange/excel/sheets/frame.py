"""The frame all tables share: title, date and pack, totals, heading, rows, filter, print set-up.

Row 1 is the title, row 2 says of what day and pack, row 3 holds the totals (they follow the
filter), row 4 the headings; data begin in row 5.  Headings are frozen, filterable and repeated
on every printed page (not where further rows with other headings stand beneath the table).

Reads from: ``row_sheet``, ``styles``, ``wording``.  Read by: every sheet but 总览 and 说明.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from xlsxwriter.utility import xl_range_abs

from taizhang.exchange.excel.sheets.cell_text import Content, Formula
from taizhang.exchange.excel.sheets.gap_rows import GapRow
from taizhang.exchange.excel.sheets.row_sheet import Line, RowSheet
from taizhang.exchange.excel.sheets.sentences import Sentences
from taizhang.exchange.excel.styles import Ink, Styles
from taizhang.exchange.excel.wording import Wording
from taizhang.rules.terms import CityPlan, Status

__all__ = ["FIRST_ROW", "HEAD_ROW", "Book", "Column", "Table", "height_of", "lay", "mark_status", "set_page"]

HEAD_ROW = 3  #: row of the headings, from 0
FIRST_ROW = 4  #: first row of data, from 0
_LINE_POINTS = 16.5
_ROW_PIXELS = 24
_TALLEST = 409.0
_SUM_STYLES = {"whole": "total_whole", "money": "total_money", "date": "total_date", "center": "total_center"}


@dataclass(frozen=True, slots=True)
class Book:
    """What every sheet is made from."""

    workbook: Any
    city: CityPlan
    styles: Styles
    wording: Wording
    sentences: Sentences
    gaps: tuple[GapRow, ...]
    written: Callable[[int], None]  #: told how many rows more have been written
    fictional: bool  #: some source in use is made up: every sheet says so
    anchors: dict[str, str] = field(default_factory=dict)  #: "estate:id" … -> ``'小区方案'!A12``

    @property
    def subtitle(self) -> str:
        """Of which day, by which pack."""
        pack, w = self.city.pack, self.wording
        law = " + ".join((f"{pack.id} {pack.version}", *self.city.overlays, *self.city.decisions))
        prefer = w.prefer(self.city.prefer)
        if w.language == "zh":
            said = f"截至{w.day(pack.as_of)}　规则包：{law}　择优：{prefer}"
            return said + ("　【含虚构依据，仅供演示】" if self.fictional else "")
        said = f"as of {w.day(pack.as_of)} · pack {law} · prefer {prefer}"
        return said + (" · [fictional sources, for demonstration only]" if self.fictional else "")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    heading: str
    width: float
    style: str = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet with one filterable table, and what may stand beneath it."""

    sheet: str  #: name of the sheet
    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Content]]  #: consumed once, when the file is written
    count: int  #: how many rows there are
    printed: int  #: how many columns are printed; the rest is for the screen
    frozen: int = 0  #: columns that stay in sight
    totals: Mapping[int, int | Decimal] = field(default_factory=dict)  #: column -> sum over all rows
    remark: str = ""  #: stands in row 3 beside the number of rows
    tail: Sequence[Line] = ()  #: rows beneath the table
    tail_merges: Sequence[tuple[int, int, int]] = ()  #: (row in the tail, first column, last column)
    subtotals: int = 0  #: how many rows at the top are sums
    links: Mapping[tuple[int, int], str] = field(default_factory=dict)  #: (row in data, column) -> target


def lay(book: Book, table: Table) -> RowSheet:
    """Add the sheet of one table to the workbook."""
    sheet: RowSheet = book.workbook.add_worksheet(table.sheet, worksheet_class=RowSheet)
    for number, column in enumerate(table.columns):
        sheet.set_column(number, number, column.width)
    last = FIRST_ROW + max(table.count, 1) - 1
    width = len(table.columns)
    sheet.write_url(1, 0, f"internal:'{book.wording.sheet('overview')}'!A1", None, book.wording.say("back"))
    for (row, at), target in table.links.items():
        sheet.write_url(FIRST_ROW + row, at, f"internal:{target}")
    for row, first, end in table.tail_merges:
        at = FIRST_ROW + table.count + row
        sheet.merge_range(at, first, at, end, "")
    sheet.set_default_row(_ROW_PIXELS)
    sheet.freeze_panes(FIRST_ROW, table.frozen)
    sheet.autofilter(HEAD_ROW, 0, last, width - 1)
    if table.tail:  # what stands beneath has headings of its own
        sheet.set_h_pagebreaks([FIRST_ROW + table.count])
    else:
        sheet.repeat_rows(HEAD_ROW)
    set_page(book, sheet)
    rows = FIRST_ROW + table.count + len(table.tail)
    sheet.print_area(0, 0, max(rows - 1, FIRST_ROW), table.printed - 1)
    sheet.stream(_lines(book, table, last), rows, width, book.written)
    return sheet


def set_page(book: Book, sheet: Any, *, landscape: bool = True) -> None:
    """Set A4, one page wide, with page numbers and the day on every page."""
    if landscape:
        sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.hide_gridlines(2)
    zh = book.wording.language == "zh"
    made_up = ("虚构演示" if zh else "fictional, for demonstration") if book.fictional else ""
    pages = "第 &P 页 共 &N 页" if zh else "page &P of &N"
    sheet.set_footer(f"&L&8{made_up} {book.city.pack.as_of.isoformat()}&C&8&A&R&8{pages}")


def mark_status(book: Book, sheet: Any, column: int, count: int) -> None:
    """Colour the words for the status in one column."""
    last = FIRST_ROW + max(count, 1) - 1
    for status in Status:
        sheet.conditional_format(
            FIRST_ROW,
            column,
            last,
            column,
            {
                "type": "cell",
                "criteria": "==",
                "value": f'"{book.wording.status(status)}"',
                "format": book.styles.status(status),
            },
        )


def _lines(book: Book, table: Table, last: int) -> Iterator[Line]:
    styles = book.styles
    yield Line([table.title], [styles.ink("title")], 30)
    yield Line([book.wording.say("back"), book.subtitle], [styles.ink("back"), styles.ink("note")], 18)
    yield _totals(book, table, last)
    heads = [column.heading for column in table.columns]
    yield Line(heads, [styles.ink("head")] * len(heads), _head_height(table))
    inks = [styles.ink(column.style) for column in table.columns]
    linked = {column for _, column in table.links}
    link, sum_link = styles.ink("link"), styles.ink("total_link")
    sums = [styles.ink(_SUM_STYLES.get(column.style, "total")) for column in table.columns]
    height = _Heights(table.columns)
    count = 0
    for values in table.rows:
        row_inks = inks if count >= table.subtotals else sums
        if linked and any((count, column) in table.links for column in linked):
            row_inks = [
                (link if count >= table.subtotals else sum_link) if (count, n) in table.links else ink
                for n, ink in enumerate(row_inks)
            ]
        yield Line(values, row_inks, height.of(values))
        count += 1
    if count != table.count:
        raise ValueError(f"{table.sheet}: {table.count} rows were announced, {count} came")
    yield from table.tail


def _totals(book: Book, table: Table, last: int) -> Line:
    """Return the row above the headings: how many rows, and sums that follow the filter."""
    styles, w = book.styles, book.wording
    values: list[Content] = [w.say("total") if table.totals else "", w.say("n_rows", n=f"{table.count:,}")]
    inks: list[Ink] = [styles.ink("note"), styles.ink("note")]
    if table.remark:
        values.append(table.remark)
        inks.append(styles.ink("note"))
    for column, value in sorted(table.totals.items()):
        while len(values) < column:
            values.append(None)
            inks.append(styles.ink("note"))
        values.append(Formula(f"SUBTOTAL(9,{xl_range_abs(FIRST_ROW, column, last, column)})", value))
        inks.append(styles.ink("total_money" if table.columns[column].style == "money" else "total_whole"))
    return Line(values, inks, 18)


def _head_height(table: Table) -> float:
    return max(24.0, height_of([(column.heading, column.width - 2.5) for column in table.columns]) or 0.0)


def height_of(texts: Iterable[tuple[Content, float]]) -> float | None:
    """Return the height in points that wrapped texts need, given the widths of their columns."""
    lines = max(
        (_lines_of(text, width) for text, width in texts if isinstance(text, str) and text), default=1
    )
    return _points(lines)


def _points(lines: int) -> float | None:
    return None if lines == 1 else min(_TALLEST, lines * _LINE_POINTS + 3)


class _Heights:
    """The heights of rows that wrap; the lines of a text are counted once for each column."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._wraps: list[tuple[int, float, dict[str, int]]] = [
            (number, column.width, {})
            for number, column in enumerate(columns)
            if column.style in ("wrap", "link", "date")
        ]

    def of(self, values: Sequence[Content]) -> float | None:
        """Return the height of a row in points; ``None`` is the ordinary one."""
        most = 1
        for number, width, known in self._wraps:
            text = values[number]
            if isinstance(text, str) and text:
                if text not in known:
                    known[text] = _lines_of(text, width)
                most = max(most, known[text])
        return _points(most)


@lru_cache(maxsize=16_384)
def _lines_of(text: str, width: float) -> int:
    return sum(max(1, -(-_width(line) // max(1, int(width - 1.5)))) for line in text.split("\n"))


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(one) in "WFA" else 1 for one in text)
