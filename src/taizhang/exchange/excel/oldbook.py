"""An .xls: an OLE container of streams, one of which holds the records of the workbook.

Reads from: ``containers``.  Read by: ``opening``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from taizhang.exchange.excel.containers import check_extent

__all__ = ["Ole", "kind_of_ole"]

_BOOKS = ("Workbook", "Book", "WORKBOOK", "BOOK")  # the stream of a .xls that holds its cells
_SMALL_STREAM = 4096  # bytes; what is shorter is kept in another stream
_FREE, _LAST_SECTOR = 0xFFFFFFFF, 0xFFFFFFFA
_MOST_ENTRIES = 4096  # sectors of the list of streams
_LONGEST_RECORD = 8_224  # bytes
_BEGIN, _END, _SHEET, _DAYS, _TEXTS = 0x809, 0x0A, 0x85, 0x22, 0xFC
_FORMULA, _LABEL_OF_TEXTS, _MANY_NUMBERS, _MANY_BLANKS, _BLANK = 0x06, 0xFD, 0xBD, 0xBE, 0x201
_OF_ONE_CELL = frozenset({_FORMULA, _LABEL_OF_TEXTS, _BLANK, 0x203, 0x204, 0xD6, 0x27E, 0x205})
_CELLS = _OF_ONE_CELL | {_MANY_NUMBERS, _MANY_BLANKS}
_EXTENT = 0x200
_OLDER = frozenset({*range(6), 0x07, 0x08, 0x206, 0x406})  # cells and rows as Excel 2 to 4 wrote them
_REPLACEMENT = "\ufffd".encode("utf-16-le")
_BIFF8 = 0x600


def kind_of_ole(ole: Ole) -> str:
    """``xls``, ``encrypted``, or nothing where the container is no workbook."""
    if "EncryptedPackage" in ole.streams:
        return "encrypted"
    return "xls" if any(name in ole.streams for name in _BOOKS) else ""


class Ole:
    """An OLE container ([MS-CFB] 2.2, 2.3 and 2.6), as far as it can be read.

    Attributes:
        streams: Name of each stream -> its first sector and its bytes.
        replaced: Whether the workbook itself holds the sign that stands for an unreadable one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.replaced = False
        self.streams: dict[str, tuple[int, int]] = {}
        with path.open("rb") as stream:
            head = stream.read(512).ljust(512, b"\0")
            shift = struct.unpack_from("<H", head, 30)[0]
            if shift not in {9, 12}:
                return
            self._size = 1 << shift
            self._next = self._table(stream, head)
            self._small = struct.unpack_from("<I", head, 60)[0]
            used = np.flatnonzero(self._next != _FREE)
            if len(used) and (int(used[-1]) + 1) * self._size >= stream.seek(0, 2):
                raise ValueError("it ends too early")
            for entries in self._sectors(stream, struct.unpack_from("<I", head, 48)[0], _MOST_ENTRIES):
                self._list(entries)

    def _table(self, stream: IO[bytes], head: bytes) -> NDArray[np.uint32]:
        """The allocation table: each sector's next one."""
        # Where the table lies is said in the head and, of more than 109 sectors, in a list of its own.
        places = list(struct.unpack_from("<109I", head, 76))
        more, seen = struct.unpack_from("<I", head, 68)[0], set[int]()
        while more < _LAST_SECTOR and more not in seen:
            seen.add(more)
            stream.seek((more + 1) * self._size)
            *numbers, more = np.frombuffer(stream.read(self._size).ljust(self._size, b"\xff"), "<u4").tolist()
            places += numbers
        parts = []
        for place in places:
            if place >= _LAST_SECTOR:
                break
            stream.seek((place + 1) * self._size)
            parts.append(np.frombuffer(stream.read(self._size).ljust(self._size, b"\xff"), "<u4"))
        return np.concatenate(parts) if parts else np.zeros(0, "<u4")

    def _list(self, entries: bytes) -> None:
        for at in range(0, len(entries) - 127, 128):
            length = struct.unpack_from("<H", entries, at + 64)[0]
            if 2 < length <= 64:
                name = entries[at : at + length - 2].decode("utf-16-le", "replace")
                self.streams[name] = struct.unpack_from("<II", entries, at + 116)

    def look_through(self) -> bool:
        """Look through the records of the workbook, and say whether its days count from 1904.

        Raises:
            ValueError: Its records break off, or cells stand where no cell can be.
            TooLargeError: A sheet has more cells than a ledger.
        """
        name = next((name for name in _BOOKS if name in self.streams), "")
        first, length = self.streams[name]
        with self._path.open("rb") as stream:
            if length < _SMALL_STREAM:
                content = self._small_stream(stream, first)
            else:
                content = b"".join(self._sectors(stream, first, length // self._size + 2))
        if len(content) < length:
            raise ValueError("its workbook breaks off")
        self.replaced = _REPLACEMENT in content
        return _Book(content[:length]).look_through()

    def _small_stream(self, stream: IO[bytes], first: int) -> bytes:
        """A stream of less than 4096 bytes: it lies within another, in sectors of 64 bytes."""
        place, length = self.streams.get("Root Entry", (_FREE, 0))
        room = b"".join(self._sectors(stream, place, length // self._size + 2))
        table = b"".join(self._sectors(stream, self._small, 1 << 16))
        follows = np.frombuffer(table[: len(table) // 4 * 4], "<u4")
        content, at = b"", first
        while at < len(follows) and len(content) < _SMALL_STREAM:
            content += room[64 * at : 64 * at + 64]
            at = int(follows[at])
        return content

    def _sectors(self, stream: IO[bytes], sector: int, most: int) -> Iterator[bytes]:
        seen = set[int]()
        while sector < _LAST_SECTOR and sector not in seen and len(seen) < most:
            seen.add(sector)
            stream.seek((sector + 1) * self._size)
            if not (piece := stream.read(self._size)):
                return
            yield piece
            sector = int(self._next[sector]) if sector < len(self._next) else _FREE


class _Book:
    """The records of a workbook ([MS-XLS] 2.1.4)."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def look_through(self) -> bool:
        """See ``Ole.look_through``."""
        if self._content[:2] != b"\x09\x08":
            raise ValueError("its workbook does not begin as one")
        if struct.unpack_from("<H", self._content, 4)[0] != _BIFF8:
            return False  # of an older Excel, whose records differ
        date_1904, texts = False, 0
        sheets: list[int] = []
        for kind, at, size in self._records(0):
            if kind == _DAYS and size >= 2:
                date_1904 = struct.unpack_from("<H", self._content, at)[0] == 1
            elif kind == _TEXTS and size >= 8:
                texts = struct.unpack_from("<I", self._content, at + 4)[0]
                if texts > len(self._content):
                    raise ValueError(f"its workbook says that it has {texts} texts")
            elif kind == _SHEET and size >= 8 and self._content[at + 5] == 0:  # a sheet of cells
                self._check_name(at, size)
                sheets.append(struct.unpack_from("<I", self._content, at)[0])
        for start in sheets:
            self._check_sheet(start, texts)
        return date_1904

    def _check_name(self, at: int, size: int) -> None:
        length, wide = self._content[at + 6], self._content[at + 7]
        if not length or wide > 1 or size != 8 + (length << wide):
            raise ValueError("the name of a sheet is damaged")

    def _records(self, at: int) -> Iterator[tuple[int, int, int]]:
        """Kind, place and length of each record of a part of the book, to its end."""
        depth, content = 0, self._content
        while at + 4 <= len(content):
            kind, size = struct.unpack_from("<HH", content, at)
            if size > _LONGEST_RECORD or at + 4 + size > len(content):
                raise ValueError(f"a record of its workbook has {size} bytes")
            if not depth and kind != _BEGIN:
                raise ValueError("a sheet does not begin where its workbook says")
            depth += (kind == _BEGIN) - (kind == _END)
            if depth == 1 or kind == _BEGIN:
                yield kind, at + 4, size
            at += 4 + size
            if not depth:
                return
        raise ValueError("its workbook breaks off")

    def _check_extent(self, at: int, size: int) -> None:
        """The reader of values makes room for as many cells as are said, and ends the program without it."""
        if size < 14:
            raise ValueError("the extent of a sheet breaks off")
        top, bottom, left, right = struct.unpack_from("<IIHH", self._content, at)
        if bottom > 65_536 or right > 256 or (bottom and top >= bottom) or (right and left >= right):
            raise ValueError(f"a sheet says that it reaches to row {bottom}, column {right}")

    def _check_sheet(self, start: int, texts: int) -> None:
        rows = columns = values = last = 0
        seen: set[int] = set()
        for kind, at, size in self._records(start):
            if kind == _EXTENT:
                self._check_extent(at, size)
            if kind in _OLDER:
                raise ValueError("a cell of its workbook is one of an older Excel")
            if kind not in _CELLS:
                continue
            if size < 6:
                raise ValueError("a cell of its workbook breaks off")
            row, column = struct.unpack_from("<HH", self._content, at)
            width = 1 if kind in _OF_ONE_CELL else (size - 6) // (6 if kind == _MANY_NUMBERS else 2)
            if column + width > 256 or width < 1:
                raise ValueError(f"a cell of its workbook stands in column {column + width}")
            if kind == _LABEL_OF_TEXTS and (
                size < 10 or struct.unpack_from("<I", self._content, at + 6)[0] >= texts
            ):
                raise ValueError(f"the text in row {row + 1}, column {column + 1} does not exist")
            places = range(row << 8 | column, (row << 8 | column) + width)
            seen.update(places)
            last += width
            if kind not in {_BLANK, _MANY_BLANKS}:
                rows, columns, values = max(rows, row + 1), max(columns, column + width), values + width
        if len(seen) < last:
            raise ValueError("two cells of its workbook stand at one place")
        check_extent(rows, columns, values)
