"""Opening a workbook: by its content, within bounds, with one clear error where it cannot be.

Reads from: python-calamine.  Read by: ``reading``.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, NoReturn
from xml.sax.saxutils import unescape as unescape_xml

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from taizhang.errors import InputError
from taizhang.exchange.excel.tables import Cell

__all__ = ["OpenSheet", "open_sheets"]

_LARGEST = 1 << 30  # bytes after unpacking
_RATIO = 200  # unpacked to packed, for what unpacks to more than 50 MiB
_WIDEST, _MOST_CELLS = 2_000, 30_000_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True, slots=True)
class OpenSheet:
    """One sheet as it is read.

    Attributes:
        name: Its name.
        rows: Cells; ``None`` for an empty one.
        merges: First row, first column, last row, last column, from 0.
        unread: Addresses of formulas with an error or without a value.
        macros: Whether the workbook carries macros.
        hidden: Whether the sheet is hidden; it is kept, but not read as a ledger.
    """

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    merges: tuple[tuple[int, int, int, int], ...]
    unread: tuple[str, ...]
    macros: bool
    hidden: bool


def open_sheets(path: Path, tell: Callable[[int, int], None] | None = None) -> list[OpenSheet]:
    """Read the sheets of a workbook.

    Args:
        path: .xlsx, .xlsm, .xls, .xlsb or .ods, told by content and not by ending.
        tell: Called with sheets done and sheets in all.

    Raises:
        InputError: ``E-FILE-MISSING``, ``E-FILE-EMPTY``, ``E-FILE-ENCRYPTED``, ``E-FILE-FORMAT``,
            ``E-FILE-DAMAGED``, ``E-FILE-SIZE``.
    """
    zipped = _looked_at(path)
    try:
        book = CalamineWorkbook.from_path(path)
        sheets = [one for one in book.sheets_metadata if one.typ is SheetTypeEnum.WorkSheet]
        found = []
        for number, one in enumerate(sheets):
            found.append(_sheet(book, one.name, path if zipped else None, one.visible is not SheetVisibleEnum.Visible))
            if tell:
                tell(number + 1, len(sheets))
        return found
    except PasswordError:
        _refuse_password(path)
    except (CalamineError, zipfile.BadZipFile, OSError) as error:
        raise InputError(
            "{file} breaks off or contradicts itself: {problem}.",
            hint="Open it in Excel or WPS and save it anew as .xlsx.",
            zh="{file} 已损坏或内容不完整：{problem}。请在 Excel 或 WPS 中打开后另存为 .xlsx。",
            where=path.name,
            code="E-FILE-DAMAGED",
            file=path.name,
            problem=str(error).strip().rstrip("."),
        ) from error


def _looked_at(path: Path) -> bool:
    """Refuse what is no workbook or would unpack to too much; say whether it is a zip."""
    if not path.is_file():
        raise InputError(
            "There is no file {file}.",
            hint="Check the path.",
            zh="找不到文件 {file}，请检查路径。",
            where=path.name,
            code="E-FILE-MISSING",
            file=path.name,
        )
    with path.open("rb") as stream:
        head = stream.read(8)
    if not head:
        raise InputError(
            "{file} is empty (0 bytes).",
            hint="Send the file that was meant.",
            zh="{file} 是空文件（0 字节），请确认文件是否正确。",
            where=path.name,
            code="E-FILE-EMPTY",
            file=path.name,
        )
    if head == _OLE:
        _refuse_encrypted(path)
        return False
    if head[:2] != b"PK":
        raise InputError(
            "{file} is no Excel workbook, whatever its ending says.",
            hint="Open it in Excel or WPS and save it as .xlsx.",
            zh="{file} 的内容不是 Excel 工作簿（与扩展名无关）。请在 Excel 或 WPS 中打开并另存为 .xlsx。",
            where=path.name,
            code="E-FILE-FORMAT",
            file=path.name,
        )
    _refuse_bombs(path)
    return True


def _refuse_encrypted(path: Path) -> None:
    """An encrypted .xlsx is an OLE container with a stream of that name."""
    with path.open("rb") as stream:
        text = stream.read(1 << 20)
    if "EncryptedPackage".encode("utf-16-le") in text:
        _refuse_password(path)


def _refuse_password(path: Path) -> NoReturn:
    raise InputError(
        "{file} is protected by a password.",
        hint="Remove the password in Excel or WPS (save as, tools, general options), then try again.",
        zh="{file} 设有打开密码。请在 Excel 或 WPS 中取消密码并保存后重试。",
        where=path.name,
        code="E-FILE-ENCRYPTED",
        file=path.name,
    )


def _refuse_bombs(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = [(entry.file_size, max(1, entry.compress_size)) for entry in archive.infolist()]
    except zipfile.BadZipFile:
        return  # the reader says what is wrong with it
    total = sum(size for size, _ in sizes)
    if total > _LARGEST or any(size > 50 << 20 and size / packed > _RATIO for size, packed in sizes):
        _too_large(path, f"{total >> 20} MiB")


def _too_large(path: Path, size: str) -> NoReturn:
    raise InputError(
        "{file} would unpack to {size}.",
        hint="Send only the sheets and rows that are needed.",
        zh="{file} 展开后过大（{size}），请只保留需要的工作表与行。",
        where=path.name,
        code="E-FILE-SIZE",
        file=path.name,
        size=size,
    )


def _sheet(book: CalamineWorkbook, name: str, archive: Path | None, hidden: bool) -> OpenSheet:
    sheet = book.get_sheet_by_name(name)
    rows: list[tuple[Cell, ...]] = []
    if sheet.start:
        rows = [()] * sheet.start[0]
        cells = 0
        for row in sheet.iter_rows():
            kept = tuple(_cell(value) for value in row)
            while kept and kept[-1] is None:
                kept = kept[:-1]  # formatted but empty cells to the right say nothing
            cells += len(kept)
            if len(kept) > _WIDEST * 8 or cells > _MOST_CELLS:
                _too_large(archive or Path(name), f"{cells} cells on one sheet")
            rows.append(kept)
    width = max((len(row) for row in rows), default=0)
    while rows and not rows[-1]:
        rows.pop()
    full = tuple(row + (None,) * (width - len(row)) for row in rows)
    merges = tuple(
        (top, left, bottom, right)
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
        if top < len(full)
    )
    unread, macros = _unread(archive, name) if archive else ((), False)
    return OpenSheet(name, full, merges, unread, macros, hidden)


def _cell(value: object) -> Cell:
    if value is None or value == "":
        return None
    if isinstance(value, datetime | date | str | bool | int | float):
        return value
    if isinstance(value, time | timedelta):
        return str(value)
    return str(value)


_FORMULA = re.compile(rb'<c r="([A-Z]+[0-9]+)"[^>]*?(?:\st="e"[^>]*)>|<c r="([A-Z]+[0-9]+)"[^>]*><f[^>]*?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?</c>')


def _unread(path: Path, name: str) -> tuple[tuple[str, ...], bool]:
    """Formulas whose value is an error or absent, which a reader of values cannot tell from empty."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        macros = any(one.endswith("vbaProject.bin") for one in names)
        part = _part(archive, names, name)
        if part not in names:
            return (), macros
        with archive.open(part) as stream:
            return tuple(_matches(stream)), macros


def _part(archive: zipfile.ZipFile, names: list[str], name: str) -> str:
    """Where in the archive a sheet of this name is kept."""
    if "xl/workbook.xml" not in names or "xl/_rels/workbook.xml.rels" not in names:
        return ""
    book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
    links = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    for tag in re.findall(r"<(?:\w+:)?sheet [^>]*>", book):
        title, key = re.search(r'name="([^"]*)"', tag), re.search(r'r:id="([^"]*)"', tag)
        if title and key and unescape_xml(title.group(1), {"&quot;": '"'}) == name:
            for link in re.findall(r"<Relationship [^>]*>", links):
                target = re.search(r'Target="/?(?:xl/)?([^"]*)"', link)
                if f'Id="{key.group(1)}"' in link and target:
                    return f"xl/{target.group(1)}"
    return ""


def _matches(stream: IO[bytes]) -> Iterator[str]:
    """Addresses in a sheet's XML, read in pieces so that memory stays bounded."""
    rest = b""
    while True:
        piece = stream.read(1 << 20)
        text = rest + piece
        cut = len(text) if not piece else max(0, text.rfind(b"<c ", 0, len(text)))
        for found in _FORMULA.finditer(text, 0, cut):
            yield (found.group(1) or found.group(2)).decode()
        rest = text[cut:]
        if not piece:
            return
