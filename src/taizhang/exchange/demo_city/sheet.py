"""A sheet written by columns: fast enough for a city, and small in memory.

Cell by cell the 132,600 homes take xlsxwriter 20 seconds.  Here the few texts of a column are
made into XML once, and the rows are joined from them.  Everything else (title, headings, filter,
lists, styles, the file itself) is left to xlsxwriter; its one inner function that is replaced,
``_write_rows``, is watched by the tests.

Reads from: numpy, xlsxwriter.  Read by: ``amounts``, ``identity``, ``rows``, ``writing``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

__all__ = ["BLANK_CELL", "BulkSheet", "Cells"]

Whole: TypeAlias = NDArray[np.int64]

BLANK_CELL = -1
_TOGETHER = 2_048  # rows joined at once


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """One column below its heading.

    Attributes:
        texts: What may stand in it: texts and numbers.
        codes: For each row a number in ``texts``, or ``BLANK_CELL``.
        look: Format of its filled cells, where it is not that of the sheet.
    """

    texts: Sequence[str | float]
    codes: Whole
    look: Format | None = None


class BulkSheet(Worksheet):  # type: ignore[misc]
    """A worksheet whose records are columns of few different texts."""

    _first = 0
    _columns: Sequence[Cells] = ()
    _look: Format | None = None
    _tell: Callable[[int], None] | None = None
    _strings: Sequence[Sequence[int | float]] = ()

    def put_columns(
        self, first: int, columns: Sequence[Cells], look: Format, tell: Callable[[int], None]
    ) -> None:
        """Set the records.

        Args:
            first: Row of the first record, from 0; all other cells are above it.
            columns: The columns from A on, all of one length.
            look: Format of filled cells, where a column has none of its own.
            tell: Called with the number of rows written each time some are.
        """
        self._first, self._columns, self._look, self._tell = first, columns, look, tell
        self._check_dimensions(first + len(columns[0].codes) - 1, len(columns) - 1)
        self._strings = [
            [
                self.str_table._get_shared_string_index(one) if isinstance(one, str) else one
                for one in cells.texts
            ]
            for cells in columns
        ]

    def _write_rows(self) -> None:
        """Write the rows above, then the records (called by xlsxwriter)."""
        super()._write_rows()
        assert self._look is not None and self._tell is not None
        styles = [(one.look or self._look)._get_xf_index() for one in self._columns]
        starts = [f'<c r="{xl_col_to_name(number)}' for number in range(len(self._columns))]
        ends = [
            [_end(text, number, style) for text, number in zip(cells.texts, numbers, strict=True)] + [""]
            for cells, numbers, style in zip(self._columns, self._strings, styles, strict=True)
        ]
        count = len(self._columns[0].codes)
        for top in range(0, count, _TOGETHER):
            codes = np.stack([cells.codes[top : top + _TOGETHER] for cells in self._columns], axis=1)
            self.fh.write("".join(_rows(codes, self._first + top + 1, starts, ends)))
            self._tell(len(codes))


def _end(text: str | float, number: float, style: int) -> str:
    """What follows the address of a cell."""
    kind = ' t="s"' if isinstance(text, str) else ""
    return f'" s="{style}"{kind}><v>{number:.16G}</v></c>'


def _rows(codes: Whole, first: int, starts: Sequence[str], ends: Sequence[Sequence[str]]) -> Iterator[str]:
    """The XML of some rows; the last of ``ends`` is a blank cell."""
    columns: Any = range(len(starts))
    for number, row in enumerate(codes.tolist(), first):
        cells = [f"{starts[c]}{number}{ends[c][row[c]]}" for c in columns if row[c] >= 0]
        yield f'<row r="{number}">{"".join(cells)}</row>'
