"""A list of a page as a workbook: one sheet, frozen heading, filters, text kept as text.

Reads from: xlsxwriter.  Read by: the pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO

import xlsxwriter

__all__ = ["write_list"]

_ROWS = 1_048_000  # of a sheet; further rows go to the next one


def write_list(
    title: str, headings: Sequence[str], rows: Iterable[Sequence[str | int | None]], *, note: str
) -> bytes:
    """Return a workbook of one table.

    Args:
        title: Name of the sheet.
        headings: One for each column.
        rows: Numbers stay numbers; text is never read as a formula.
        note: Who exported it and when, above the table.
    """
    buffer = BytesIO()
    options = {"in_memory": True, "constant_memory": True, "strings_to_formulas": False}
    with xlsxwriter.Workbook(buffer, options | {"strings_to_urls": False}) as book:
        head = book.add_format({"bold": True, "bg_color": "#E4ECF4", "bottom": 1, "text_wrap": True})
        quiet = book.add_format({"font_color": "#56616D"})
        sheet, at, number = None, 0, 0
        for row in rows:
            if sheet is None or at > _ROWS:
                number += 1
                sheet = _sheet(
                    book, title if number == 1 else f"{title} {number}", headings, (head, quiet), note
                )
                at = 2
            for column, value in enumerate(row):
                sheet.write(at, column, value)
            at += 1
        if sheet is None:
            sheet, at = _sheet(book, title, headings, (head, quiet), note), 2
        sheet.autofilter(1, 0, max(1, at - 1), len(headings) - 1)
    return buffer.getvalue()


def _sheet(
    book: xlsxwriter.Workbook,
    name: str,
    headings: Sequence[str],
    formats: tuple[object, object],
    note: str,
) -> xlsxwriter.worksheet.Worksheet:
    head, quiet = formats
    sheet = book.add_worksheet(name)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(1)
    sheet.freeze_panes(2, 0)
    sheet.set_column(0, len(headings) - 1, 16)
    sheet.write(0, 0, note, quiet)
    for column, heading in enumerate(headings):
        sheet.write(1, column, heading, head)
    return sheet
