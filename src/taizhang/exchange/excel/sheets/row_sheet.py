"""A worksheet whose rows are streamed while the file is written, so that size costs no memory.

xlsxwriter keeps every cell of a sheet until the end, or, in its constant-memory mode, allows
no merges over rows.  This sheet keeps nothing: it asks for its rows when the file is closed
and writes each straight into the sheet's XML, with text in the cells.  Everything that is not
a cell (merges, links, comments, filters, print settings) is xlsxwriter's own.

Text is always text: nothing is read as a formula, a link or a number.

Reads from: xlsxwriter's ``Worksheet``.  Read by: ``frame`` and ``originals``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import zip_longest
from math import isfinite
from typing import NamedTuple, TypeAlias

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from taizhang.exchange.excel.styles import Ink

__all__ = ["EXCEL_TEXT", "NOTHING", "Content", "Formula", "Line", "RowSheet", "clean", "printable"]

EXCEL_TEXT = 32_767  #: characters a cell may hold, in UTF-16 units
_ILLEGAL = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_ESCAPED = re.compile("_(x[0-9a-fA-F]{4}_)")
_SURROGATE = re.compile("[\ud800-\udfff]")
_RISKY = tuple("=+-@\t\r")
_DIGITS = 15  #: that Excel keeps of a number
_EXACT = 10**_DIGITS
_EPOCH = date(1899, 12, 30)
NOTHING = Ink(0, 0)  #: the style of a cell that is not written at all where it is empty


class Formula(NamedTuple):
    """A formula of ours with the value it has now."""

    text: str
    value: int | Decimal


Content: TypeAlias = "str | bool | int | float | Decimal | date | Formula | None"


class Line(NamedTuple):
    """One row: what stands in it from column A on, in which styles, and how high it is."""

    values: Sequence[Content]
    inks: Sequence[Ink]
    height: float | None = None  #: points; ``None`` is the ordinary height


def clean(text: str) -> str:
    """Return text that any xlsx reader accepts: no lone surrogates, within a cell's length.

    >>> clean("=1+1")
    '=1+1'
    """
    text = _SURROGATE.sub("\ufffd", text)
    if len(text) * 2 > EXCEL_TEXT and len(text.encode("utf-16-le")) // 2 > EXCEL_TEXT:
        text = text.encode("utf-16-le")[: (EXCEL_TEXT - 1) * 2].decode("utf-16-le", "ignore") + "…"
    return text


def printable(text: str) -> str:
    """Return text for the places where xlsxwriter writes it: comments, charts, properties."""
    return _ILLEGAL.sub("\ufffd", clean(text))


def _escape(text: str) -> str:
    """Return ``text`` as the content of an XML element, the way Excel itself escapes it."""
    text = clean(text)
    if "_x" in text:
        text = _ESCAPED.sub(r"_x005F_\1", text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _ILLEGAL.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def _serial(day: date) -> str | None:
    """Return Excel's number of a day, or ``None`` where Excel has no such day.

    >>> _serial(date(2024, 1, 28)), _serial(date(1900, 1, 1)), _serial(date(1850, 1, 1))
    ('45319', '1', None)
    """
    days = date(day.year, day.month, day.day).toordinal() - _EPOCH.toordinal()
    if days <= 60:
        days -= 1  # Excel believes in 29 February 1900
    if days < 1:
        return None
    if isinstance(day, datetime):
        seconds = day.hour * 3600 + day.minute * 60 + day.second
        return repr(days + seconds / 86400) if seconds else str(days)
    return str(days)


def _body(ink: Ink, value: Content) -> str:
    """Return the XML of one cell after its address."""
    if value is None:
        return f' s="{ink.plain}"/>'
    if isinstance(value, str):
        return _text(ink, value)
    if isinstance(value, bool):
        return f' s="{ink.plain}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, Formula):
        return f' s="{ink.plain}"><f>{_escape(value.text)}</f><v>{value.value}</v></c>'
    if isinstance(value, date):
        serial = _serial(value)
        return _text(ink, value.isoformat()) if serial is None else f' s="{ink.plain}"><v>{serial}</v></c>'
    if isinstance(value, int) and -_EXACT < value < _EXACT:
        return f' s="{ink.plain}"><v>{value}</v></c>'
    if isinstance(value, int | Decimal) and len(str(value).strip("-0.").replace(".", "")) > _DIGITS:
        return _text(ink, str(value))  # Excel would lose digits
    if not isfinite(value):
        return _text(ink, str(value))
    return f' s="{ink.plain}"><v>{value!s}</v></c>'


@lru_cache(maxsize=16_384)
def _text(ink: Ink, text: str) -> str:
    if not text:
        return f' s="{ink.plain}"/>'
    style = ink.quoted if text.startswith(_RISKY) else ink.plain
    return f' s="{style}" t="inlineStr"><is><t xml:space="preserve">{_escape(text)}</t></is></c>'


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
        letters = [xl_col_to_name(column) for column in range(self.dim_colmax + 1)]
        since = 0
        for number, (values, inks, height) in enumerate(self._lines, 1):
            size = "" if height is None else f' ht="{height:g}" customHeight="1"'
            cells = "".join(
                [
                    f'<c r="{letter}{number}"{_text(ink, value) if type(value) is str else _body(ink, value)}'
                    for letter, ink, value in zip_longest(letters[: len(inks)], inks, values)
                    if value is not None or ink is not NOTHING
                ]
            )
            self.fh.write(f'<row r="{number}"{size}>{cells}</row>')
            since += 1
            if since == 1_000:
                self._written(since)
                since = 0
        self._written(since)
        self._xml_end_tag("sheetData")
