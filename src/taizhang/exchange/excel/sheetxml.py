"""What a reader of values does not tell of a sheet of a .xlsx: formulas without a value, and its extent.

Reads from: numpy.  Read by: ``opening``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["SheetXml", "look_through", "scan"]

_CELL = re.compile(rb"<((?:\w+:)?c)\b([^>]*[^/>])>(.*?)</\1>", re.DOTALL)
_ADDRESS = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]+)<")
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_LONGEST_REFERENCE = 16  # bytes, with what stands around it
_LONGEST_CELL = 1 << 18  # bytes of one cell's XML; 32,767 characters and their escapes


@dataclass(slots=True)
class SheetXml:
    """What was seen in the XML of one sheet.

    Attributes:
        unread: Row and column from 0 -> error text (``#N/A``), or nothing for a formula without a value.
        rows: Greatest row number.
        columns: Greatest column number, from 1.
        corrected: Row and column from 0 -> what stands there, where the reader of values says otherwise.
        values: Values there are; a place with two of them makes them more than cells are read.
        disorder: Whether rows or cells do not follow each other.
    """

    unread: dict[tuple[int, int], str] = field(default_factory=dict)
    rows: int = 0
    columns: int = 0
    corrected: dict[tuple[int, int], float] = field(default_factory=dict)
    values: int = 0
    disorder: bool = False
    last: tuple[int, int] = (0, 0)  # row and column that were seen last


def scan(pieces: Iterable[bytes], *, closely: bool = False) -> SheetXml:
    """Look how far a sheet reaches.

    Args:
        pieces: The XML.
        closely: Count only cells with a value, which takes longer.
    """
    found = SheetXml()
    for text in _whole_cells(pieces):
        if closely:
            _look(text, found, closely)
        else:
            _extent(text, found)
    return found


def look_through(pieces: Iterable[bytes]) -> SheetXml:
    """Look for formulas without a value, and count the values.

    Args:
        pieces: Rows in plain form, as ``soundsheet`` finds them.
    """
    found = SheetXml()
    for text in pieces:
        formulas = b"f" in text and b"<f" in text  # to seek one letter takes a tenth of the time
        if formulas or (b"e" in text and b't="e"' in text):
            _look(text, found, closely=False)
        found.values += text.count(b"</v></c>")
        if formulas:
            found.values -= text.count(b"<v></v></c>")
        if b"i" in text:
            found.values += text.count(b"</is></c>")
    return found


def _extent(text: bytes, found: SheetXml) -> None:
    """Note the greatest column of cells such as `` r="BJ7"`` and the greatest row such as `` r="7"``.

    A city has four million cells; they are looked at all together, as bytes.
    """
    seen = np.frombuffer(text + bytes(_LONGEST_REFERENCE), np.uint8)
    at = np.flatnonzero(seen == ord("r"))
    at = at[(seen[at - 1] == ord(" ")) & (seen[at + 1] == ord("=")) & (seen[at + 2] == ord('"'))] + 3
    of_row = seen[at] - np.uint8(ord("0")) < 10  # below "0" it wraps to what is no digit
    rows, cells = at[of_row], at[seen[at] - np.uint8(ord("A")) < 26]
    width, number = _leading(seen, rows, ord("0"), 10, 7)
    closed = (width > 0) & (seen[rows + width] == ord('"'))
    found.rows = max(found.rows, int(number[closed].max(initial=0)))
    begun = seen[rows - 8] == ord("<")  # in a text such references may stand too
    number = number[begun]
    width, column = _leading(seen, cells, ord("A"), 26, 3)
    closed = seen[cells + width] - np.uint8(ord("0")) < 10
    found.columns = max(found.columns, int(column[closed].max(initial=0)))
    own = seen[cells - 6] == ord("<")
    order = np.cumsum(seen[at - 8] == ord("<"))[seen[at] - np.uint8(ord("A")) < 26][own]
    _note_order(number, column[own], order, found)


def _note_order(
    rows: NDArray[np.intp], columns: NDArray[np.intp], order: NDArray[np.intp], found: SheetXml
) -> None:
    """Note whether row numbers and, within each row, column numbers grow.

    Args:
        rows: Numbers of the rows that begin.
        columns: Numbers of the columns of the cells.
        order: How many rows have begun before each cell.
        found: Where the last row and the last cell before are known, and it is noted.
    """
    row, column = found.last
    places = order * (_LAST_COLUMN + 1) + columns
    found.disorder |= bool(
        (np.diff(rows, prepend=row) <= 0).any()
        or (np.diff(places, prepend=column) <= 0).any()
        or rows.max(initial=0) > _LAST_ROW
        or columns.max(initial=0) > _LAST_COLUMN
    )
    same = len(order) and order[-1] == len(rows)
    found.last = (
        int(rows[-1]) if len(rows) else row,
        int(columns[-1]) if same else 0 if len(rows) else column,
    )


def _leading(
    seen: NDArray[np.uint8], at: NDArray[np.intp], first: int, many: int, most: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """How many signs from ``first`` on stand at each place, and their number; A is 1 and 0 is 0."""
    width, number = np.zeros_like(at), np.zeros_like(at)
    going = np.ones(len(at), np.bool_)
    for step in range(most):
        sign = seen[at + step] - np.uint8(first)
        going &= sign < many
        width += going
        number = np.where(going, number * many + sign + (many == 26), number)
    return width, number


def _whole_cells(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same text, cut between cells and not within them."""
    rest = b""
    for piece in pieces:
        text = rest + piece
        cut = max(text.rfind(b"</c>"), text.rfind(b":c>")) + 4
        if cut < 4:
            cut = max(0, len(text) - _LONGEST_CELL)
        yield text[:cut]
        rest = text[cut:]
    yield rest


def _look(text: bytes, found: SheetXml, closely: bool) -> None:
    for _, attributes, body in _CELL.findall(text):
        at = _ADDRESS.search(attributes)
        if at is None or not body:
            continue
        if closely and (_VALUE.search(body) or b"<is" in body or b":is" in body):
            found.values += 1
            found.columns, found.rows = max(found.columns, _column(at[1])), max(found.rows, int(at[2]))
        value = _VALUE.search(body)
        error = b't="e"' in attributes
        if error or (value is None and b't="str"' not in attributes and _FORMULA.search(body)):
            said = value[1].decode("utf-8", "replace") if value else ""
            found.unread[int(at[2]) - 1, _column(at[1]) - 1] = said


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
