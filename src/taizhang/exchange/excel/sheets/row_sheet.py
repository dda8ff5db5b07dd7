"""A worksheet whose rows are streamed while the file is written, so that size costs no memory.

xlsxwriter keeps every cell of a sheet until the end, or, in its constant-memory mode, allows
no merges over rows.  This sheet keeps nothing: it asks for its rows when the file is closed
and writes each straight into the sheet's XML.  Everything that is not a cell (merges, links,
comments, filters, print settings) is xlsxwriter's own.

Reads from: ``cell_text``, xlsxwriter's ``Worksheet``.  Read by: every sheet but 总览.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest
from typing import NamedTuple

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from taizhang.exchange.excel.sheets.cell_text import KEPT, ROW, Content, Pen
from taizhang.exchange.excel.styles import Ink

__all__ = ["Line", "RowSheet"]

_AT_ONCE = 500  #: rows given to the file together


class Line(NamedTuple):
    """One row: what stands in it from column A on, in which styles, and how high it is."""

    values: Sequence[Content]
    inks: Sequence[Ink]  #: at least as many as values; fastest where many rows share one list
    height: float | None = None  #: points; ``None`` is the ordinary height


class RowSheet(Worksheet):  # type: ignore[misc]
    """A worksheet that asks for its rows when it is written."""

    def stream(self, lines: Iterable[Line], rows: int, columns: int, written: Callable[[int], None]) -> None:
        """Set what the sheet will hold.

        Args:
            lines: Every row from the first on; consumed once, when the workbook is closed.
            rows: How many lines there will be.
            columns: How many columns the widest has.
            written: Told how many further rows have been written, now and then.
        """
        self.row_count = rows
        self._lines = lines
        self._written = written
        self._check_dimensions(0, 0)
        self._check_dimensions(max(rows - 1, 0), max(columns - 1, 0))

    def _write_sheet_data(self) -> None:
        self._xml_start_tag("sheetData")
        pens = _Pens(self.str_table._get_shared_string_index)
        waiting: list[str] = []
        inks: Sequence[Ink] = ()
        row: list[Pen] = []
        for number, (values, row_inks, height) in enumerate(self._lines, 1):
            if row_inks is not inks:
                inks, row = row_inks, pens.of(row_inks)
            size = "" if height is None else f' ht="{height:g}" customHeight="1"'
            cells = [
                pen[value] if type(value) in KEPT else pen.write(value)
                for pen, value in zip_longest(row, values)
            ]
            waiting.append(f'<row r="{number}"{size}>{"".join(cells).replace(ROW, str(number))}</row>')
            if len(waiting) == _AT_ONCE:
                self._flush(waiting)
        self._flush(waiting)
        self._xml_end_tag("sheetData")

    def _flush(self, waiting: list[str]) -> None:
        self.fh.write("".join(waiting))
        self._written(len(waiting))
        waiting.clear()


class _Pens:
    """The pens of a sheet: one for each column and ink."""

    def __init__(self, number_of: Callable[[str], int]) -> None:
        self._number_of = number_of
        self._made: dict[tuple[int, Ink], Pen] = {}

    def of(self, inks: Sequence[Ink]) -> list[Pen]:
        """Return the pens of a row, column by column."""
        for key in enumerate(inks):
            if key not in self._made:
                self._made[key] = Pen(xl_col_to_name(key[0]), key[1], self._number_of)
        return [self._made[key] for key in enumerate(inks)]
