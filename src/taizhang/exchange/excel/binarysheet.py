"""A .xlsb: records in the parts of a zip ([MS-XLSB]), looked through before the reader is let near them.

Reads from: ``containers``, ``strictxml``.  Read by: ``opening``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from taizhang.exchange.excel.containers import Parts, check_extent
from taizhang.exchange.excel.strictxml import elements_of

__all__ = ["check_binary_sheets", "date_1904_of_xlsb"]

_ROW, _BLANK, _SHARED, _LAST_CELL = 0, 1, 7, 11  # BrtRowHdr, BrtCellBlank, BrtCellIsst, BrtFmlaError
_TEXT, _TEXTS = 19, 159  # BrtSSTItem, BrtBeginSst
_PROPERTIES, _DATA, _DATA_END = 153, 145, 146  # BrtWbProp, BrtBeginSheetData, BrtEndSheetData
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384


def date_1904_of_xlsb(parts: Parts) -> bool:
    """Whether the days of a .xlsb count from 1904."""
    for number, record in _records(b"".join(parts.pieces("xl/workbook.bin"))):
        if number == _PROPERTIES:
            return bool(record[:1] and record[0] & 1)
    return False


def check_binary_sheets(parts: Parts) -> None:
    """Look through the sheets.

    Raises:
        ValueError: Cells stand twice or not in order, or records break off.
        TooLargeError: A sheet has more cells than a ledger.
    """
    elements_of("xl/_rels/workbook.bin.rels", parts.pieces("xl/_rels/workbook.bin.rels"))
    texts = 0
    if "xl/sharedstrings.bin" in {name.casefold() for name in parts.names}:
        content = b"".join(parts.pieces("xl/sharedStrings.bin"))
        for number, record in _records(content):
            texts += number == _TEXT
            if number == _TEXTS and (
                len(record) < 8 or struct.unpack_from("<I", record, 4)[0] > len(content)
            ):
                raise ValueError("xl/sharedStrings.bin says that it has more texts than it can have")
    for part in parts.names:
        if part.casefold().startswith("xl/worksheets/") and part.casefold().endswith(".bin"):
            _check_sheet(part, b"".join(parts.pieces(part)), texts)


def _check_sheet(part: str, content: bytes, texts: int) -> None:
    row = column = -1
    widest = values = 0
    inside = False
    for number, record in _records(content):
        inside = (inside or number == _DATA) and number != _DATA_END
        if not inside or number > _LAST_CELL:
            continue
        if len(record) < 8:
            raise ValueError(f"{part}: a record breaks off")
        (said,) = struct.unpack_from("<I", record)
        if number == _ROW:
            if not row < said < _LAST_ROW:
                raise ValueError(f"{part}: its rows are not in order")
            row, column = said, -1
            continue
        if not column < said < _LAST_COLUMN or row < 0:
            raise ValueError(f"{part}: its cells are not in order")
        if number == _SHARED and (len(record) < 12 or struct.unpack_from("<I", record, 8)[0] >= texts):
            raise ValueError(f"{part}: a text in row {row + 1} does not exist")
        column = said
        widest, values = max(widest, column + 1), values + (number != _BLANK)
    check_extent(row + 1, widest, values)


def _records(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and content of each record of a part of a .xlsb ([MS-XLSB] 2.1.4)."""
    at = 0
    while at < len(content):
        number, at = _packed_number(content, at, 2)
        size, at = _packed_number(content, at, 4)
        yield number, content[at : at + size]
        at += size


def _packed_number(content: bytes, at: int, most: int) -> tuple[int, int]:
    """A number of seven bits a byte, lowest first, and where it ends; of a .xlsb both kinds are so."""
    number = 0
    for place in range(most):
        byte = content[at] if at < len(content) else 0
        number |= (byte & 127) << 7 * place
        at += 1
        if byte < 128:
            break
    return number, at
