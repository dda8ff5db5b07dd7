"""What a workbook file contains, before the reader is let near it: its kind, its parts, its true size.

A .xlsx or .ods is a zip of XML, a .xls an OLE container; the ending of a name proves nothing.
Sizes are those of the unpacked bytes, not those the directory of the zip declares.

Reads from: nothing of ours.  Read by: ``opening``.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

__all__ = ["OLE", "Parts", "TooLargeError", "kind_of_ole", "kind_of_zip"]

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LARGEST = 1 << 30  # bytes after unpacking
_RATIO, _SMALL = 200, 50 << 20  # unpacked to packed, for a part of more than 50 MiB
_PIECE = 1 << 20


class TooLargeError(Exception):
    """The parts unpack to more than a ledger can be; the text says to how much."""


class Parts:
    """The parts of a zip, unpacked piece by piece and never beyond the limit."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._left = _LARGEST
        with zipfile.ZipFile(stream) as archive:
            self._entries = {entry.filename: entry for entry in archive.infolist()}
        declared = sum(entry.file_size for entry in self._entries.values())
        if declared > _LARGEST or any(
            entry.file_size > max(_SMALL, _RATIO * entry.compress_size) for entry in self._entries.values()
        ):
            raise TooLargeError(f"{declared >> 20} MiB")

    @property
    def names(self) -> list[str]:
        """The names of the parts."""
        return list(self._entries)

    def text(self, name: str) -> str:
        """A small part as text; empty where there is none."""
        if name not in self._entries:
            return ""
        return b"".join(self.pieces(name)).decode("utf-8-sig", "replace")

    def pieces(self, name: str) -> Iterator[bytes]:
        """Unpack one part in pieces of about a mebibyte.

        Raises:
            TooLargeError: All parts together unpack to more than the limit.
            zlib.error: The packed bytes are damaged.
            zipfile.BadZipFile: There is no part where the directory says there is one.
        """
        entry = self._entries[name]
        packed = self._packed(entry)
        if entry.compress_type == zipfile.ZIP_STORED:
            yield from map(self._counted, packed)
        elif entry.compress_type == zipfile.ZIP_DEFLATED:
            unpack = zlib.decompressobj(-zlib.MAX_WBITS)
            for piece in packed:
                rest = piece
                while rest and not unpack.eof:
                    yield self._counted(unpack.decompress(rest, _PIECE))
                    rest = unpack.unconsumed_tail

    def _packed(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        self._stream.seek(entry.header_offset)
        head = self._stream.read(30)
        if len(head) < 30 or head[:4] != b"PK\x03\x04":
            raise zipfile.BadZipFile(f"no part {entry.filename}")
        self._stream.seek(sum(struct.unpack_from("<HH", head, 26)), 1)
        left = entry.compress_size
        while left and (piece := self._stream.read(min(left, _PIECE))):
            left -= len(piece)
            yield piece

    def _counted(self, piece: bytes) -> bytes:
        self._left -= len(piece)
        if self._left < 0:
            raise TooLargeError(f"> {_LARGEST >> 20} MiB")
        return piece


def kind_of_zip(parts: Parts) -> str:
    """``xlsx``, ``xlsb``, ``ods``, or nothing where the zip is no workbook."""
    names = set(parts.names)
    if "mimetype" in names or "content.xml" in names:
        return "ods" if "spreadsheet" in parts.text("mimetype") else ""
    if any(name.startswith("xl/workbook") and name.endswith(".bin") for name in names):
        return "xlsb"
    return "xlsx" if any(name.startswith("xl/") for name in names) else ""


def kind_of_ole(path: Path) -> str:
    """``xls``, ``encrypted``, or nothing where the container is no workbook."""
    names = _streams(path)
    if "EncryptedPackage" in names:
        return "encrypted"
    return "xls" if names & {"Workbook", "Book", "WORKBOOK", "BOOK"} else ""


def _streams(path: Path) -> set[str]:
    """Names of the streams of an OLE container ([MS-CFB] 2.2, 2.3 and 2.6), as far as they can be read."""
    names: set[str] = set()
    with path.open("rb") as stream:
        head = stream.read(512).ljust(512, b"\0")
        shift = struct.unpack_from("<H", head, 30)[0]
        if shift not in (9, 12):
            return names
        size = 1 << shift
        tables = struct.unpack_from("<109I", head, 76)
        sector, seen = struct.unpack_from("<I", head, 48)[0], set[int]()
        while sector < 0xFFFFFFFA and sector not in seen and len(seen) < 4096:
            seen.add(sector)
            stream.seek((sector + 1) * size)
            entries = stream.read(size)
            for at in range(0, len(entries) - 127, 128):
                length = struct.unpack_from("<H", entries, at + 64)[0]
                if 2 < length <= 64:
                    names.add(entries[at : at + length - 2].decode("utf-16-le", "replace"))
            sector = _next(stream, tables, sector, size)
    return names


def _next(stream: IO[bytes], tables: tuple[int, ...], sector: int, size: int) -> int:
    """The sector that follows, by the allocation table; the end where the table does not reach."""
    table, at = divmod(sector, size // 4)
    if table >= len(tables) or tables[table] >= 0xFFFFFFFA:
        return sector + 1 if table >= len(tables) else 0xFFFFFFFE
    stream.seek((tables[table] + 1) * size + 4 * at)
    found = stream.read(4)
    return int(struct.unpack("<I", found)[0]) if len(found) == 4 else 0xFFFFFFFE
