"""The mark of the ledger's own workbook: of which export it is, on a sheet that is not shown.

The mark says nothing of what the cells said then; the office looks that up in its journal.

Reads from: ``excel.cells``, ``excel.opening``, xlsxwriter.  Read by: ``reading``, ``writing``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import xlsxwriter

from taizhang.exchange.excel.cells import as_text, plain
from taizhang.exchange.excel.opening import OpenSheet
from taizhang.exchange.ledgerbook.columns import KEY_HEADING

__all__ = ["MARK", "Mark", "find_mark", "looks_exported", "write_mark"]

MARK = "台账导出"  #: name of the sheet
_KIND, _VERSION = "taizhang-ledger", "1"
_TOP = 40  # rows in which a heading is looked for


@dataclass(frozen=True, slots=True)
class Mark:
    """Of which export a workbook is: number and digest of its journal entry."""

    entry: int
    digest: str


def write_mark(book: xlsxwriter.Workbook, mark: Mark) -> None:
    """Put the mark into a workbook."""
    sheet = book.add_worksheet(MARK)
    for column, text in enumerate((_KIND, _VERSION, str(mark.entry), mark.digest)):
        sheet.write_string(0, column, text)
    sheet.hide()


def find_mark(sheets: Sequence[OpenSheet]) -> Mark | None:
    """Find the mark; ``None`` where there is none that could be one."""
    for sheet in sheets:
        cells = [as_text(cell) for cell in sheet.rows[0][:4]] if sheet.name == MARK and sheet.rows else []
        if cells[:2] == [_KIND, _VERSION] and len(cells) == 4 and cells[2].isdecimal():
            return Mark(int(cells[2]), cells[3])
    return None


def looks_exported(sheets: Sequence[OpenSheet]) -> bool:
    """Whether this is, or was, a workbook of a ledger: its mark may be lost, its keys are still there."""
    wanted = plain(KEY_HEADING)
    return any(
        sheet.name == MARK or any(plain(cell) == wanted for row in sheet.rows[:_TOP] for cell in row)
        for sheet in sheets
    )
