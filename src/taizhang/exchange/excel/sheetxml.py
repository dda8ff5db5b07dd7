"""What a reader of values does not tell of a sheet of a .xlsx: formulas without a value, and its extent.

Reads from: ``containers``, numpy.  Read by: ``opening``.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from taizhang.exchange.excel.containers import Parts

__all__ = ["SheetXml", "part_of", "scan"]

_CELL = re.compile(rb"<((?:\w+:)?c)\b([^>]*[^/>])>(.*?)</\1>", re.DOTALL)
_ADDRESS = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]+)<")
_LONGEST_REFERENCE = 16  # bytes, with what stands around it
_LONGEST_CELL = 1 << 18  # bytes of one cell's XML; 32,767 characters and their escapes


@dataclass(slots=True)
class SheetXml:
    """What was seen in the XML of one sheet.

    Attributes:
        unread: Row and column from 0 -> error text (``#N/A``), or nothing for a formula without a value.
        rows: Greatest row number.
        columns: Greatest column number, from 1.
    """

    unread: dict[tuple[int, int], str] = field(default_factory=dict)
    rows: int = 0
    columns: int = 0


def scan(pieces: Iterable[bytes], *, closely: bool = False) -> SheetXml:
    """Look through a sheet's XML.

    Args:
        pieces: The XML.
        closely: Count only cells with a value, which takes longer.
    """
    found = SheetXml()
    for text in _whole_cells(pieces):
        if closely or (b"f" in text and (b"<f" in text or b":f" in text)) or b't="e"' in text:
            _look(text, found, closely)
        if not closely:
            _extent(text, found)
    return found


def _extent(text: bytes, found: SheetXml) -> None:
    """Note the greatest column of cells such as `` r="BJ7"`` and the greatest row such as `` r="7"``.

    A city has four million cells; they are looked at all together, as bytes.
    """
    seen = np.frombuffer(text + bytes(_LONGEST_REFERENCE), np.uint8)
    at = np.flatnonzero(seen == ord("r"))
    at = at[(seen[at - 1] == ord(" ")) & (seen[at + 1] == ord("=")) & (seen[at + 2] == ord('"'))] + 3
    rows = at[seen[at] - np.uint8(ord("0")) < 10]  # below "0" it wraps to what is no digit
    width, number = _leading(seen, rows, ord("0"), 10, 7)
    closed = (width > 0) & (seen[rows + width] == ord('"'))
    found.rows = max(found.rows, int(number[closed].max(initial=0)))
    cells = at[seen[at] - np.uint8(ord("A")) < 26]
    width, number = _leading(seen, cells, ord("A"), 26, 3)
    closed = seen[cells + width] - np.uint8(ord("0")) < 10
    found.columns = max(found.columns, int(number[closed].max(initial=0)))


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
        if closely:
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


def part_of(parts: Parts) -> dict[str, str]:
    """Sheet name -> the part that holds it."""
    links = {
        key[1]: f"xl/{target[1]}"
        for tag in re.findall(r"<(?:\w+:)?Relationship\b[^>]*>", parts.text("xl/_rels/workbook.xml.rels"))
        if (key := re.search(r'\bId="([^"]*)"', tag))
        and (target := re.search(r'\bTarget="/?(?:xl/)?([^"]*)"', tag))
    }
    return {
        html.unescape(title[1]): links[key[1]]
        for tag in re.findall(r"<(?:\w+:)?sheet\b[^>]*>", parts.text("xl/workbook.xml"))
        if (title := re.search(r'\bname="([^"]*)"', tag))
        and (key := re.search(r'\w:id="([^"]*)"', tag))
        and key[1] in links
    }
