"""What a workbook file contains, before the reader is let near it: its kind, its parts, its true size.

A .xlsx or .ods is a zip of XML, a .xls an OLE container; the ending of a name proves nothing.
Sizes are those of the unpacked bytes, not those the directory of the zip declares.

Reads from: nothing of ours.  Read by: ``opening``, ``packagexml``, ``soundsheet``.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

__all__ = ["MOST_CELLS", "OLE", "SPARSE", "Parts", "TooLargeError", "check_extent", "kind_of_zip"]

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LARGEST = 1 << 30  # bytes after unpacking
_RATIO, _SMALL = 200, 50 << 20  # unpacked to packed, for a part of more than 50 MiB
_PIECE = 1 << 20
MOST_CELLS = 30_000_000  # of one sheet, empty ones between others included
SPARSE = 8_000_000  # of more cells than this, one in eight must say something


class TooLargeError(Exception):
    """The parts unpack to more than a ledger can be; the text says to how much."""


def check_extent(rows: int, columns: int, values: int | None = None) -> None:
    """Refuse a sheet that is too large, or large and nearly empty: empty cells between others take room too.

    Args:
        rows: To the last value.
        columns: To the last value.
        values: How many there are, where that is known.

    Raises:
        TooLargeError: It is.
    """
    cells = rows * columns
    if cells > MOST_CELLS or (values is not None and cells > SPARSE and 8 * values < cells):
        raise TooLargeError(f"{rows} x {columns} cells")


class Parts:
    """The parts of a zip, unpacked piece by piece and never beyond the limit.

    A zip says everything twice, in its directory and before each part.  One that contradicts itself
    shows different readers different workbooks, and is refused.

    Raises:
        zipfile.BadZipFile: It is no zip, or contradicts itself.
        TooLargeError: Its parts say that they unpack to more than a ledger can be.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._left = _LARGEST
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
            self._check_end(archive)
        self._entries = {_key(entry.filename): entry for entry in entries}
        if len(self._entries) < len(entries):
            raise zipfile.BadZipFile("two parts have one name")
        declared = sum(entry.file_size for entry in entries)
        if declared > _LARGEST or any(
            entry.file_size > max(_SMALL, _RATIO * entry.compress_size) for entry in entries
        ):
            raise TooLargeError(f"{declared >> 20} MiB")
        self._check_places(archive.start_dir)

    @property
    def names(self) -> list[str]:
        """The names of the parts."""
        return [entry.filename for entry in self._entries.values()]

    @property
    def encrypted(self) -> bool:
        """Whether a part can be read only with a password."""
        return any(entry.flag_bits & 1 for entry in self._entries.values())

    def text(self, name: str) -> str:
        """A small part as text; empty where there is none."""
        if _key(name) not in self._entries:
            return ""
        return b"".join(self.pieces(name)).decode("utf-8-sig", "replace")

    def pieces(self, name: str) -> Iterator[bytes]:
        """Unpack one part in pieces of about a mebibyte.

        Raises:
            TooLargeError: All parts together unpack to more than the limit.
            zlib.error: The packed bytes are damaged.
            zipfile.BadZipFile: There is no such part, or not as the directory describes it.
        """
        if _key(name) not in self._entries:
            raise zipfile.BadZipFile(f"{name} is missing")
        entry = self._entries[_key(name)]
        size = check = 0
        for piece in self._unpacked(entry):
            self._left -= len(piece)
            if self._left < 0:
                raise TooLargeError(f"> {_LARGEST >> 20} MiB")
            size, check = size + len(piece), zlib.crc32(piece, check)
            yield piece
        if (size, check) != (entry.file_size, entry.CRC):
            raise zipfile.BadZipFile(f"{entry.filename} is not what it was: its size or its checksum differs")

    def _unpacked(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        if entry.compress_type == zipfile.ZIP_STORED:
            yield from self._packed(entry)
            return
        unpack = zlib.decompressobj(-zlib.MAX_WBITS)
        for piece in self._packed(entry):
            rest = piece
            while rest and not unpack.eof:
                yield unpack.decompress(rest, _PIECE)
                rest = unpack.unconsumed_tail
        yield unpack.flush()
        if not unpack.eof or unpack.unused_data:
            raise zipfile.BadZipFile(f"{entry.filename} breaks off")

    def _packed(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        self._stream.seek(entry.header_offset + self._head(entry))
        left = entry.compress_size
        while left and (piece := self._stream.read(min(left, _PIECE))):
            left -= len(piece)
            yield piece

    def _head(self, entry: zipfile.ZipInfo) -> int:
        """The bytes that stand before a part, which say the same of it as the directory.

        Sizes and checksum may be left to what follows the part (flag 8), or stand elsewhere (zip64).
        """
        self._stream.seek(entry.header_offset)
        head = self._stream.read(30).ljust(30, b"\0")
        mark, _, flags, method, _, _, *numbers, length, more = struct.unpack("<4sHHHHHIIIHH", head)
        name = self._stream.read(length)
        said = (mark, flags & 0x41, method, name.decode("utf-8" if flags & 0x800 else "cp437", "replace"))
        if said != (b"PK\x03\x04", entry.flag_bits & 0x41, entry.compress_type, entry.orig_filename):
            raise zipfile.BadZipFile(f"{entry.filename} is not where the directory says")
        meant = (entry.CRC, entry.compress_size, entry.file_size)
        later = (0, 0xFFFFFFFF) if flags & 8 else (0xFFFFFFFF,)
        if any(here not in {there, *later} for here, there in zip(numbers, meant, strict=True)):
            raise zipfile.BadZipFile(f"{entry.filename} has two sizes or checksums")
        return 30 + int(length) + int(more)

    def _check_places(self, directory: int) -> None:
        """Refuse parts that overlap, are packed in a rare way, or have a name that readers differ on."""
        end = 0
        for entry in sorted(self._entries.values(), key=lambda one: one.header_offset):
            if entry.header_offset < end:
                raise zipfile.BadZipFile("two parts share their bytes")
            if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
                raise zipfile.BadZipFile(f"{entry.filename} is packed in a way that Excel does not know")
            if "\0" in entry.orig_filename:
                raise zipfile.BadZipFile("the name of a part is damaged")
            end = entry.header_offset + self._head(entry) + entry.compress_size
        if end > directory:
            raise zipfile.BadZipFile("a part reaches into the directory")

    def _check_end(self, archive: zipfile.ZipFile) -> None:
        """Refuse a zip whose end could be found at two places, or that does not begin the file."""
        size = self._stream.seek(0, 2)
        end = size - len(archive.comment) - 22
        self._stream.seek(max(0, size - 22 - 0xFFFF))
        tail = self._stream.read()
        self._stream.seek(end)
        count, total, length, start = struct.unpack("<8x2H2I2x", self._stream.read(22))
        if tail.count(b"PK\x05\x06") != 1 or count != total:
            raise zipfile.BadZipFile("it ends twice")
        zip64 = 0xFFFFFFFF in {length, start} or total == 0xFFFF
        if not zip64 and (
            start != archive.start_dir or start + length != end or total != len(archive.filelist)
        ):
            raise zipfile.BadZipFile("its directory is not where it says")
        self._stream.seek(0)
        if self._stream.read(4) != b"PK\x03\x04":
            raise zipfile.BadZipFile("something stands before it")


def _key(name: str) -> str:
    """A name as readers that forgive letters and strokes compare it."""
    return name.replace("\\", "/").casefold()


def kind_of_zip(parts: Parts) -> str:
    """``xlsx``, ``xlsb``, ``ods``, or nothing where the zip is no workbook."""
    names = {_key(name) for name in parts.names}
    if "mimetype" in names or "content.xml" in names:
        return "ods" if "spreadsheet" in parts.text("mimetype") else ""
    if any(name.startswith("xl/workbook") and name.endswith(".bin") for name in names):
        return "xlsb"
    return "xlsx" if any(name.startswith("xl/") for name in names) else ""
