"""Cells that show only the month or the year of the day that is stored in them.

Reads from: ``cells``, ``shown``.  Read by: ``opening``, ``reading``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time

from taizhang.exchange.excel.cells import Grid
from taizhang.exchange.excel.shown import BUILT_IN, precision, shown

__all__ = ["as_shown", "coarse_cells", "coarse_styles"]

_CELL = re.compile(rb"<(?:[\w.-]+:)?c\s[^<>]*>")
_AT = re.compile(rb'\sr\s*=\s*["\']([A-Z]{1,3})([0-9]{1,7})["\']')
_STYLE = re.compile(rb'\ss\s*=\s*["\']([0-9]{1,9})["\']')
_LONGEST = 4_096  # bytes of a tag that a piece may break off in


def coarse_styles(numbers: Iterable[int], codes: Mapping[int, str]) -> dict[int, str]:
    """The styles that hide the day, and the format in which they show the rest.

    Args:
        numbers: Number of the format of each style, in their order.
        codes: Formats of the workbook's own.

    >>> coarse_styles([0, 14, 57, 165], {165: "yyyy-mm"})
    {2: 'yyyy"年"m"月"', 3: 'yyyy-mm'}
    """
    found = {}
    for style, number in enumerate(numbers):
        code = codes.get(number) or BUILT_IN.get(number, "General")
        if precision(code) != "day":
            found[style] = code
    return found


def coarse_cells(pieces: Iterable[bytes], styles: Mapping[int, str]) -> dict[tuple[int, int], str]:
    """Row and column, from 0, of the cells in these styles, and their formats.

    Args:
        pieces: The XML of a sheet.
        styles: Styles that hide the day.
    """
    found: dict[tuple[int, int], str] = {}
    rest = b""
    for piece in pieces:
        text = rest + piece
        end = 0
        for tag in _CELL.finditer(text):
            end = tag.end()
            style = _STYLE.search(tag[0])
            code = styles.get(int(style[1])) if style else None
            at = _AT.search(tag[0]) if code else None
            if code and at:
                found[int(at[2]) - 1, _column(at[1])] = code
        rest = text[max(end, len(text) - _LONGEST) :]
    return found


def as_shown(rows: Grid, coarse: Mapping[tuple[int, int], str]) -> Grid:
    """The cells, with what is shown of a month or year in place of the day behind it.

    >>> as_shown([[date(2003, 5, 1), "甲"]], {(0, 0): 'yyyy"年"m"月"'})[0]
    ['2003年5月', '甲']
    """
    if not coarse:
        return rows
    found = list(rows)
    for (row, column), code in coarse.items():
        cell = found[row][column] if row < len(found) and column < len(found[row]) else None
        if isinstance(cell, date):
            moment = cell if isinstance(cell, datetime) else datetime.combine(cell, time())
            cells = list(found[row])
            cells[column] = shown(moment, code)
            found[row] = cells
    return found


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
