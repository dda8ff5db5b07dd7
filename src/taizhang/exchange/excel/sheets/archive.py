"""How the parts of a workbook become one file: no temporary files, one table of texts, one pace.

xlsxwriter writes every part to a temporary file and packs the files at the end, at a fixed
level of compression, and it closes its table of texts before the first sheet is written.
Here each part goes straight into the archive, and texts may be added until the last sheet.

Reads from: ``cell_text``, xlsxwriter.  Read by: ``workbook``.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from io import BytesIO, StringIO
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP64_LIMIT, ZIP_DEFLATED, ZipFile, ZipInfo

import xlsxwriter
from xlsxwriter.packager import Packager

from taizhang.exchange.excel.sheets.cell_text import escape

__all__ = ["ArchiveBook"]

_LEVEL = 5  #: of zlib
_AT_ONCE = 1 << 18  #: characters packed together
_AHEAD = 4  #: packets that may wait to be packed
_BYTES_OF_CELL = 50  #: at most, but for formulas
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


class ArchiveBook(xlsxwriter.Workbook):  # type: ignore[misc]
    """A workbook that is packed while it is written.

    Args:
        path: The file; it is replaced.
        options: As of ``xlsxwriter.Workbook``.
    """

    def __init__(self, path: Path, options: dict[str, Any]) -> None:
        super().__init__(_Unused(), options)
        self.str_table = _Texts()
        self._path = path

    def _store_workbook(self) -> None:
        with self._path.open("wb") as file:
            self._archive = ZipFile(file, "w", ZIP_DEFLATED, compresslevel=_LEVEL)
            try:
                super()._store_workbook()
                self._archive.close()
            except BaseException:
                self._archive.fp = None  # what is half written is not to be completed
                raise

    def _get_packager(self) -> _Packager:
        cells = sum((one.dim_rowmax or 0) * ((one.dim_colmax or 0) + 1) for one in self.worksheets())
        return _Packager(self._archive, huge=cells * _BYTES_OF_CELL > ZIP64_LIMIT)


class _Unused(BytesIO):
    """Where xlsxwriter's own archive goes, which stays empty.

    After a failure it is ended by the garbage collector, in any order with this file.
    """

    def close(self) -> None:
        """Stay open."""


class _Texts:
    """Every text of a workbook once, numbered as it comes; to xlsxwriter a ``SharedStringTable``."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self.count = 1  # asked before the sheets are written: there is such a part

    def __iter__(self) -> Any:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def _get_shared_string_index(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers))

    def _get_shared_string(self, number: int) -> str:
        return self._in_order[number]

    def _sort_string_data(self) -> None:
        self._in_order = list(self._numbers)  # the charts read theirs before the rows are written


class _Part(StringIO):
    """One part of the archive; what xlsxwriter writes is packed while it writes on."""

    def __init__(self, part: IO[bytes], packer: Executor) -> None:
        super().__init__()
        self._part = part
        self._packer = packer
        self._packets: deque[Future[int]] = deque()
        self._waiting: list[str] = []
        self._length = 0

    def write(self, text: str) -> int:
        """Take text, and pack what has come together."""
        self._waiting.append(text)
        self._length += len(text)
        if self._length >= _AT_ONCE:
            self._pack()
        return len(text)

    def finish(self) -> None:
        """Pack the rest; the next part may begin."""
        self._pack()
        while self._packets:
            self._packets.popleft().result()
        self._part.close()

    def _pack(self) -> None:
        packet = "".join(self._waiting).encode("utf-8")
        self._packets.append(self._packer.submit(self._part.write, packet))
        if len(self._packets) > _AHEAD:
            self._packets.popleft().result()
        self._waiting.clear()
        self._length = 0


class _Packager(Packager):  # type: ignore[misc]
    """Opens a part in the archive where xlsxwriter opens a temporary file.

    Args:
        archive: Where the parts go.
        huge: Whether a part may pass 2 GiB; Excel likes archives without the headers this needs.
    """

    def __init__(self, archive: ZipFile, *, huge: bool) -> None:
        super().__init__()
        self._archive = archive
        self._huge = huge
        self._packer = ThreadPoolExecutor(1)  # zlib lets the writer go on meanwhile
        self._open: _Part | None = None

    def _filename(self, name: str) -> _Part:
        self._end_part()
        info = ZipInfo(name, _LONG_AGO)
        info.compress_type = ZIP_DEFLATED
        info._compresslevel = _LEVEL  # type: ignore[attr-defined]
        self._open = _Part(self._archive.open(info, "w", force_zip64=self._huge), self._packer)
        return self._open

    def _create_package(self) -> list[object]:
        with self._packer:
            super()._create_package()
            self._end_part()
        return []  # nothing is left to pack

    def _end_part(self) -> None:
        if self._open is not None:
            self._open.finish()
            self._open = None

    def _write_shared_strings_file(self) -> None:
        part = self._filename("xl/sharedStrings.xml")
        texts = self.workbook.str_table
        part.write('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n')
        part.write(f'<sst xmlns="{_SPREADSHEET}" uniqueCount="{len(texts)}">')
        for text in texts:
            kept = ' xml:space="preserve"' if text != text.strip() or "\n" in text else ""
            part.write(f"<si><t{kept}>{escape(text)}</t></si>")
        part.write("</sst>")
