"""The panel of the counties on 总览: units by status stacked, and a table of what each one has.

Reads from: ``counts``, ``frame``.  Read by: ``overview``.
"""

from __future__ import annotations

from typing import Any

from taizhang.exchange.excel.sheets.cell_text import printable
from taizhang.exchange.excel.sheets.counts import CountyRow, county_rows
from taizhang.exchange.excel.sheets.frame import Book
from taizhang.exchange.excel.styles import STATUS_INKS
from taizhang.exchange.excel.wording import yuan
from taizhang.rules.terms import Status

__all__ = ["counties_panel"]

#: columns of the overview that each column of the table takes: the narrow gutter belongs to one of them
_SPANS = ((0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (5, 6), (7, 7), (8, 8), (9, 9), (10, 10), (11, 12))
_FIRST_STATUS = 3
_MONEY = 10
_LAST = 12
_WIDTH = 12 * 82 + 19  #: pixels of all columns together


def counties_panel(book: Book, sheet: Any, row: int) -> int:
    """Write the panel where there are several counties; return the next free row."""
    rows = county_rows(book.city, book.gaps)
    if len(rows) < 2:
        return row
    w, f = book.wording, book.styles.format
    zh = w.language == "zh"
    sheet.merge_range(row, 0, row, _LAST, "各县（市、区）进展" if zh else "Counties", f("section"))
    tall = max(9, len(rows) + 3)
    head = row + 1 + tall
    heads = [w.say("county"), w.say("estates"), w.say("units"), *(w.status(one) for one in Status)]
    heads += [w.say("ready"), w.say("urgent_units"), "缺项（处）" if zh else "Gaps", _fees(zh)]
    sheet.set_row(head, 34)
    for span, text in zip(_SPANS, heads, strict=True):
        _cell(sheet, head, span, text, f("head"))
    for at, county in enumerate(rows, head + 1):
        _county(book, sheet, at, county)
    end = head + len(rows)
    _chart(book, sheet, (row + 1, tall), (head, end))
    _total(book, sheet, end + 1, rows)
    return end + 3


def _fees(zh: bool) -> str:
    return "应缴费用（元，已知部分）" if zh else "Fees (CNY, known)"


def _county(book: Book, sheet: Any, at: int, row: CountyRow) -> None:
    f, w = book.styles.format, book.wording
    name = printable(row.county) or ("（未填）" if w.language == "zh" else "(not given)")
    sheet.write_url(at, 0, f"internal:'{w.sheet('estates')}'!A1", f("link"), string=name)
    sheet.write_string(at, 0, name, f("link"))
    for number, (span, value) in enumerate(zip(_SPANS[1:], _values(row), strict=True), 1):
        _cell(sheet, at, span, value, f("money" if number == _MONEY else "whole"))


def _values(row: CountyRow) -> list[Any]:
    """Return the numbers of a row, in the order of the columns."""
    statuses = [row.by_status[one] for one in Status]
    return [row.estates, row.units, *statuses, row.ready, row.urgent, row.gaps, yuan(row.fees_fen)]


def _total(book: Book, sheet: Any, at: int, rows: list[CountyRow]) -> None:
    f = book.styles.format
    _cell(sheet, at, _SPANS[0], book.wording.say("total"), f("total"))
    sums = [sum(column) for column in zip(*(_values(row) for row in rows), strict=True)]
    for number, (span, value) in enumerate(zip(_SPANS[1:], sums, strict=True), 1):
        _cell(sheet, at, span, value, f("total_money" if number == _MONEY else "total_whole"))


def _cell(sheet: Any, row: int, span: tuple[int, int], value: Any, style: Any) -> None:
    first, last = span
    if last > first:
        sheet.merge_range(row, first, row, last, "", style)
    if isinstance(value, str):
        sheet.write_string(row, first, value, style)
    else:
        sheet.write_number(row, first, value, style)


def _chart(book: Book, sheet: Any, place: tuple[int, int], rows: tuple[int, int]) -> None:
    """Put the stacked bars of the statuses above the table whose headings and last row are given."""
    (top, tall), (head, end) = place, rows
    font = {"name": "Microsoft YaHei", "size": 9}
    chart = book.workbook.add_chart({"type": "bar", "subtype": "stacked"})
    name = sheet.get_name()
    for status, colour in zip(Status, STATUS_INKS, strict=True):
        column = _SPANS[_FIRST_STATUS + status][0]
        chart.add_series(
            {
                "name": [name, head, column],
                "categories": [name, head + 1, 0, end, 0],
                "values": [name, head + 1, column, end, column],
                "fill": {"color": colour},
                "gap": 45,
            }
        )
    chart.set_legend({"position": "top", "font": font})
    chart.set_x_axis(
        {
            "num_font": font,
            "num_format": "#,##0",
            "major_gridlines": {"visible": True, "line": {"color": "#E3E3E3"}},
        }
    )
    chart.set_y_axis(
        {"num_font": font, "reverse": True, "line": {"color": "#BFBFBF"}, "major_tick_mark": "none"}
    )
    chart.set_title({"none": True})
    chart.set_chartarea({"border": {"none": True}})
    chart.set_size({"width": _WIDTH - 4, "height": tall * 20 - 4})
    sheet.insert_chart(top, 0, chart, {"x_offset": 2, "y_offset": 2})
