"""What a reader of values does not tell of a sheet of a .xlsx: formulas without a value, and its extent.

Reads from: ``containers``.  Read by: ``opening``.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from taizhang.exchange.excel.containers import Parts

__all__ = ["SheetXml", "part_of", "scan"]

_CELL = re.compile(rb"<((?:\w+:)?c)\b([^>]*[^/>])>(.*?)</\1>", re.DOTALL)
_ADDRESS = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_COLUMN = re.compile(rb' r="([A-Z]{1,3})[0-9]')  # of a cell
_ROW = re.compile(rb' r="([0-9]{1,7})"')  # of a row
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]+)<")
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
        if closely or b"<f" in text or b":f" in text or b't="e"' in text:
            _look(text, found, closely)
        if not closely:
            for letters in set(_COLUMN.findall(text)):
                found.columns = max(found.columns, _column(letters))
            found.rows = max(found.rows, *map(int, _ROW.findall(text)), 0)
    return found


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
