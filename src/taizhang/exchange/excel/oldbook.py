"""An .xls: an OLE container of streams, one of which holds the records of the workbook.

Reads from: nothing of ours.  Read by: ``opening``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO

__all__ = ["Ole", "kind_of_ole"]

_BOOKS = ("Workbook", "Book", "WORKBOOK", "BOOK")  # the stream of a .xls that holds its cells
_SMALL_STREAM = 4096  # bytes; what is shorter is kept elsewhere in an OLE container


def kind_of_ole(ole: Ole) -> str:
    """``xls``, ``encrypted``, or nothing where the container is no workbook."""
    if "EncryptedPackage" in ole.streams:
        return "encrypted"
    return "xls" if any(name in ole.streams for name in _BOOKS) else ""


class Ole:
    """An OLE container ([MS-CFB] 2.2, 2.3 and 2.6), as far as it can be read.

    Attributes:
        streams: Name of each stream -> its first sector and its bytes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.streams: dict[str, tuple[int, int]] = {}
        with path.open("rb") as stream:
            head = stream.read(512).ljust(512, b"\0")
            shift = struct.unpack_from("<H", head, 30)[0]
            self._size = 1 << (shift if shift in {9, 12} else 0)
            self._tables = struct.unpack_from("<109I", head, 76)
            if self._size > 1:
                self._list(stream, struct.unpack_from("<I", head, 48)[0])

    def _list(self, stream: IO[bytes], first: int) -> None:
        for entries in self._sectors(stream, first, 4096):
            for at in range(0, len(entries) - 127, 128):
                length = struct.unpack_from("<H", entries, at + 64)[0]
                if 2 < length <= 64:
                    name = entries[at : at + length - 2].decode("utf-16-le", "replace")
                    self.streams[name] = struct.unpack_from("<II", entries, at + 116)

    def date_1904(self) -> bool:
        """Whether the record DATEMODE ([MS-XLS] 2.4.77), if any, says that days count from 1904."""
        name = next((name for name in _BOOKS if name in self.streams), "")
        first, length = self.streams.get(name, (0xFFFFFFFE, 0))
        if length < _SMALL_STREAM:  # such a book lies within another stream; Excel and WPS write none
            return False
        with self._path.open("rb") as stream:
            content = b"".join(self._sectors(stream, first, 64))[:length]
        at = 0
        while at + 6 <= len(content):
            kind, size, value = struct.unpack_from("<HHH", content, at)
            if kind in {0x22, 0x0A, 0x85}:  # DATEMODE, the end of what is said of the book, its first sheet
                return bool(kind == 0x22 and value == 1)
            at += 4 + size
        return False

    def _sectors(self, stream: IO[bytes], sector: int, most: int) -> Iterator[bytes]:
        seen = set[int]()
        while sector < 0xFFFFFFFA and sector not in seen and len(seen) < most:
            seen.add(sector)
            stream.seek((sector + 1) * self._size)
            yield stream.read(self._size)
            sector = self._next(stream, sector)

    def _next(self, stream: IO[bytes], sector: int) -> int:
        """The sector that follows, by the allocation table; the end where the table does not reach."""
        table, at = divmod(sector, self._size // 4)
        if table >= len(self._tables) or self._tables[table] >= 0xFFFFFFFA:
            return sector + 1 if table >= len(self._tables) else 0xFFFFFFFE
        stream.seek((self._tables[table] + 1) * self._size + 4 * at)
        found = stream.read(4)
        return int(struct.unpack("<I", found)[0]) if len(found) == 4 else 0xFFFFFFFE
