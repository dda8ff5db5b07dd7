"""Values as the XML of cells: each as the reader of a workbook must find it, and fast.

Text stands once in the workbook's table of texts, a cell holds its number.  A city repeats
itself: what a value becomes is remembered per column, and a row is its remembered cells with
its number put in.  Text is always text: nothing is read as a formula, a link or a number.

Reads from: ``styles``.  Read by: ``row_sheet`` and ``archive``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import NamedTuple, TypeAlias

from taizhang.exchange.excel.styles import Ink

__all__ = ["EXCEL_TEXT", "KEPT", "ROW", "Content", "Formula", "Pen", "clean", "escape", "printable"]

EXCEL_TEXT = 32_767  #: characters a cell may hold, in UTF-16 units
#: Types whose equal values are written alike, so that one table may hold them; ``True == 1`` is not.
KEPT = frozenset((str, int, float, Decimal, date, type(None)))
_NUMBERS = frozenset((int, float, Decimal))
ROW = "\0"  #: stands for the number of the row; no text of a workbook gets here with it
_ILLEGAL = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_ESCAPED = re.compile("_(x[0-9a-fA-F]{4}_)")
_SURROGATE = re.compile("[\ud800-\udfff]")
_RISKY = tuple("=+-@\t\r")
_REMEMBERED = 20_000  #: pieces of one column; a column of all different texts gains nothing from more
_DIGITS = 15  #: that Excel keeps of a number
_EXACT = 10**_DIGITS
_SCIENTIFIC = 10**11  #: from here on Excel would show 3.7E+17
_EPOCH = date(1899, 12, 30)


class Formula(NamedTuple):
    """A formula of ours with the value it has now."""

    text: str
    value: int | Decimal


Content: TypeAlias = "str | bool | int | float | Decimal | date | Formula | None"


def clean(text: str) -> str:
    """Return text that any xlsx reader accepts: no lone surrogates, within a cell's length.

    >>> clean("=1+1")
    '=1+1'
    """
    if text.isascii() and len(text) <= EXCEL_TEXT:
        return text
    text = _SURROGATE.sub("\ufffd", text)
    if len(text) * 2 > EXCEL_TEXT and len(text.encode("utf-16-le")) // 2 > EXCEL_TEXT:
        text = text.encode("utf-16-le")[: (EXCEL_TEXT - 1) * 2].decode("utf-16-le", "ignore") + "…"
    return text


def printable(text: str) -> str:
    """Return text for the places where xlsxwriter writes it: comments, charts, properties."""
    return _ILLEGAL.sub("\ufffd", clean(text))


def escape(text: str) -> str:
    """Return ``text`` as the content of an XML element, the way Excel itself escapes it.

    >>> escape("a<b_x0041_" + chr(13))
    'a&lt;b_x005F_x0041__x000D_'
    """
    if text.isalnum() and len(text) * 2 <= EXCEL_TEXT:
        return text
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
    days = day.toordinal() - _EPOCH.toordinal()
    if days <= 60:
        days -= 1  # Excel believes in 29 February 1900
    if days < 1:
        return None
    if isinstance(day, datetime):
        seconds = day.hour * 3600 + day.minute * 60 + day.second
        return repr(days + seconds / 86400) if seconds else str(days)
    return str(days)


class Pen(dict["Content", str]):
    """Writes the cells of one column in one ink, and remembers what it wrote.

    A cell's address holds :data:`ROW` where the number of its row belongs.

    Args:
        column: Letters of the column.
        ink: Style numbers of the column.
        number_of: Gives the number of a text in the workbook's table of texts.
    """

    __slots__ = ("_ink", "_number_of", "_start")

    def __init__(self, column: str, ink: Ink, number_of: Callable[[str], int]) -> None:
        super().__init__()
        self._ink = ink
        self._start = f'<c r="{column}{ROW}" s="'
        self._number_of = number_of

    def __missing__(self, value: Content) -> str:
        cell = self.write(value)
        if type(value) in _NUMBERS and abs(value) >= _EXACT:  # type: ignore[arg-type]
            return cell  # a whole number is text then, an equal ``float`` is none
        if len(self) >= _REMEMBERED:
            self.clear()
        self[value] = cell
        return cell

    def write(self, value: Content) -> str:
        """Return the cell of any value; nothing where it is empty and has no style."""
        ink = self._ink
        if isinstance(value, str) and value:
            style = ink.quoted if value.startswith(_RISKY) else ink.plain
            return f'{self._start}{style}" t="s"><v>{self._number_of(value)}</v></c>'
        if value is None or isinstance(value, str):
            return f'{self._start}{ink.empty}"/>' if ink.empty else ""
        if isinstance(value, Formula):
            return f'{self._start}{ink.plain}"><f>{escape(value.text)}</f><v>{value.value}</v></c>'
        return self._number(value)

    def _number(self, value: bool | int | float | Decimal | date) -> str:
        ink = self._ink
        if type(value) is int and -_SCIENTIFIC < value < _SCIENTIFIC:  # most numbers
            return f'{self._start}{ink.plain}"><v>{value}</v></c>'
        if isinstance(value, bool):
            return f'{self._start}{ink.plain}" t="b"><v>{int(value)}</v></c>'
        if isinstance(value, date):
            serial = _serial(value)
            if serial is None:
                return self.write(value.isoformat())
            style = ink.moment if isinstance(value, datetime) else ink.day
            return f'{self._start}{style}"><v>{serial}</v></c>'
        if not isfinite(value) or _too_long(value):
            return self.write(str(value))
        style = ink.plain
        if ink.whole != style and not -_SCIENTIFIC < value < _SCIENTIFIC and value == int(value):
            style = ink.whole
        return f'{self._start}{style}"><v>{value}</v></c>'


def _too_long(number: int | float | Decimal) -> bool:
    """Whether Excel would lose digits of a number that was written with all of them."""
    return not isinstance(number, float) and len(str(number).strip("-0.").replace(".", "")) > _DIGITS
