"""Further tables on a sheet of a ledger: said, and not read as records of the first.

Reads from: ``cells``, ``headings``, ``layouts``, ``opening``, ``tables``, ``rules.terms``.
Read by: ``reading``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from taizhang.exchange.excel.cells import address, as_text
from taizhang.exchange.excel.headings import Headings, Match
from taizhang.exchange.excel.layouts.look import look_at
from taizhang.exchange.excel.opening import OpenSheet
from taizhang.exchange.excel.tables import Table
from taizhang.rules.terms import Complaint

__all__ = ["first_table"]


def first_table(sheet: OpenSheet, table: Table, known: Headings) -> tuple[Table, list[Complaint]]:
    """Return the table without the rows and columns of further ones, and a complaint for each of them.

    A table below has its own heading after an empty row.  One beside is another ledger only if it
    names estates again; other columns after a gap are columns of this one.

    Args:
        sheet: The sheet.
        table: The table that is read, as its known headings tell.
        known: The headings.
    """
    told: list[Complaint] = []
    for one in look_at(sheet.rows, sheet.merges).others:
        top, left, bottom, right = one
        if top > table.header_rows[-1] and _has_left(table, left):
            kept = tuple(row for row in table.rows if not top <= row <= bottom)
            if len(kept) < len(table.rows):
                table = replace(table, rows=kept)
                told.append(_further(sheet, one))
        elif left > 0 and top <= table.header_rows[-1] and _names_estates(table, known, left, right):
            headings = tuple(
                () if left <= column <= right else parts for column, parts in enumerate(table.headings)
            )
            table = replace(table, headings=headings)
            told.append(_further(sheet, one))
    return table, told


def _has_left(table: Table, left: int) -> bool:
    """Whether something that begins in this column stands below the table and not beside it."""
    first = next((column for column, parts in enumerate(table.headings) if parts), 0)
    last = max((column for column, parts in enumerate(table.headings) if parts), default=0)
    return left <= max(first, (first + last) // 2)


def _names_estates(table: Table, known: Headings, left: int, right: int) -> bool:
    """Whether estates are named in these columns and to the left of them."""
    fields = list(_fields(table, known))
    return any(column < left for column in fields) and any(left <= column <= right for column in fields)


def _fields(table: Table, known: Headings) -> Iterator[int]:
    for column, parts in enumerate(table.headings):
        match = known.match(parts) if parts else None
        if isinstance(match, Match) and match.field == "estate":
            yield column


def _further(sheet: OpenSheet, one: tuple[int, int, int, int]) -> Complaint:
    top, left, bottom, right = one
    at = f"{address(top, left)}:{address(bottom, right)}"
    first = next((as_text(cell) for cell in sheet.rows[top][left : right + 1] if cell is not None), "")
    return Complaint(
        "C-SHEET-TABLES",
        sheet.name,
        address(top, left),
        first[:200],
        f"Another table ({at}) on this sheet is not read. Move it to a sheet of its own; "
        "if its rows belong to the first table, delete the empty rows and the second heading.",
        f"本表中另有一张表（{at}），未读取。请移到单独的工作表；如属同一张表，请删除中间的空行和第二个表头。",
    )
