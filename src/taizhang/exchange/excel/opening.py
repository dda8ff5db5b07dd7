"""Opening a workbook: by its content, within bounds, with one clear error where it cannot be.

Reads from: ``containers``, ``sheetxml``, ``textfile``, python-calamine.  Read by: ``reading``.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from itertools import repeat
from pathlib import Path

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from taizhang.errors import InputError
from taizhang.exchange.excel.binarysheet import check_binary_sheets, date_1904_of_xlsb
from taizhang.exchange.excel.cells import Cell, Merge
from taizhang.exchange.excel.coarse import coarse_cells
from taizhang.exchange.excel.containers import (
    MOST_CELLS,
    OLE,
    SPARSE,
    Parts,
    TooLargeError,
    check_extent,
    kind_of_zip,
)
from taizhang.exchange.excel.oldbook import Ole, kind_of_ole
from taizhang.exchange.excel.opensheet import check_open_document
from taizhang.exchange.excel.packagexml import Package, check_strings, package_of
from taizhang.exchange.excel.sheetxml import SheetXml, look_through, scan
from taizhang.exchange.excel.soundsheet import SoundSheet
from taizhang.exchange.excel.textfile import (
    BlankTextError,
    NoTableError,
    read_text_table,
    sheet_name_of,
)

__all__ = ["OpenSheet", "open_sheets"]

_MOST_CELLS = MOST_CELLS  # of a table of text
_ENDINGS = {"xlsx": (".xlsx", ".xlsm"), "xlsb": (".xlsb",), "ods": (".ods",), "xls": (".xls", ".xla")}


@dataclass(frozen=True, slots=True)
class OpenSheet:
    """One sheet as it is read.

    Attributes:
        name: Its name.
        rows: Cells; ``None`` for an empty one, and for one that is listed in ``unread``.
        merges: First row, first column, last row, last column, from 0.
        unread: Row and column of a formula with an error -> the error; without a value -> nothing.
        macros: Whether the workbook carries macros.
        hidden: Whether the sheet is hidden; it is kept, but not read as a ledger.
        longest: Characters of the longest text of this sheet and those before it.
        mixed: Whether in this sheet or those before it cells may be equal and yet differ, as 1 and true.
        date_1904: Whether the workbook counts days from 1904; what it calls a date is read so already.
        coarse: Row and column of a day of which only month or year is shown -> the format.
    """

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    merges: tuple[Merge, ...]
    unread: dict[tuple[int, int], str]
    macros: bool
    hidden: bool
    longest: int = 0
    mixed: bool = True
    date_1904: bool = False
    coarse: dict[tuple[int, int], str] = field(default_factory=dict)

    def as_it_was(self) -> tuple[tuple[Cell, ...], ...]:
        """The cells with errors such as ``#N/A`` as text, as they are to come back."""
        return _with(self.rows, {at: error for at, error in self.unread.items() if error})


def _with(
    rows: tuple[tuple[Cell, ...], ...], cells: Mapping[tuple[int, int], Cell]
) -> tuple[tuple[Cell, ...], ...]:
    """The rows with some cells put into them."""
    if not cells:
        return rows
    changed = list(rows)
    for (row, column), cell in cells.items():
        changed += [()] * (row + 1 - len(changed))
        line = [*changed[row], *[None] * (column + 1 - len(changed[row]))]
        line[column] = cell
        changed[row] = tuple(line)
    return tuple(changed)


class _Cells(dict[object, Cell]):
    """What the reader gives for a cell -> what is kept: of equal texts one, of an empty cell nothing.

    Only texts are kept here: 1, 1.0 and true would be one key.
    """

    longest = 0
    mixed = False

    def __missing__(self, value: Cell | time | timedelta) -> Cell:
        if type(value) is float:
            return value
        if isinstance(value, str):
            self[value] = value
            self.longest = max(self.longest, len(value))
        elif isinstance(value, int):
            self.mixed = True
        return str(value) if isinstance(value, time | timedelta) else value


@dataclass(slots=True)
class _Inside:
    """What was found in a file before it is read."""

    kind: str
    package: Package | None = None
    seen: dict[str, SheetXml] = field(default_factory=dict)
    replaced: bool = True  # whether a sign for unreadable ones may stand in a text
    macros: bool = False
    date_1904: bool = False


def open_sheets(path: Path, tell: Callable[[int, int], None] | None = None) -> list[OpenSheet]:
    """Read the sheets of a workbook.

    Args:
        path: .xlsx, .xlsm, .xls, .xlsb, .ods or a table of text (.csv, .tsv), told by content and
            not by ending.
        tell: Called with sheets done and sheets in all.

    Raises:
        InputError: ``E-FILE-MISSING``, ``E-FILE-LOCKED``, ``E-FILE-EMPTY``, ``E-FILE-ENCRYPTED``,
            ``E-FILE-FORMAT``, ``E-FILE-DAMAGED``, ``E-FILE-SIZE``.
    """
    try:
        inside = _looked_into(path)
        return _text_sheet(path, tell) if inside.kind == "text" else _sheets(path, inside, tell)
    except TooLargeError as error:
        raise _refusal(path, "E-FILE-SIZE", size=error) from error
    except BlankTextError as error:
        raise _refusal(path, "E-FILE-EMPTY") from error
    except NoTableError as error:
        raise _refusal(path, "E-FILE-FORMAT") from error
    except PasswordError as error:
        raise _refusal(path, "E-FILE-ENCRYPTED") from error
    except PermissionError as error:
        raise _refusal(path, "E-FILE-LOCKED") from error
    except (CalamineError, zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError) as error:
        raise _damaged(path, error) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # how the reader reports a fault of its own
            raise
        raise _damaged(path, error) from error


# --------------------------------------------------------------------------- looking into


def _looked_into(path: Path) -> _Inside:
    """Refuse what is no workbook or would unpack to too much, without reading its sheets."""
    if not path.is_file():
        raise _refusal(path, "E-FILE-MISSING")
    with path.open("rb") as stream:
        head = stream.read(8)
        if not head:
            raise _refusal(path, "E-FILE-EMPTY")
        if head[:2] == b"PK" and head[2:3] < b" ":  # a heading may begin so too
            inside = _looked_into_zip(Parts(stream))
        else:
            inside = _looked_into_ole(Ole(path)) if head == OLE else _Inside("text")
    if inside.kind == "encrypted":
        raise _refusal(path, "E-FILE-ENCRYPTED")
    if not inside.kind:
        raise _refusal(path, "E-FILE-FORMAT")
    return inside


def _looked_into_ole(ole: Ole) -> _Inside:
    kind = kind_of_ole(ole)
    date_1904 = kind == "xls" and ole.look_through()
    return _Inside(kind, date_1904=date_1904, replaced=ole.replaced)


def _looked_into_zip(parts: Parts) -> _Inside:
    inside = _Inside(kind_of_zip(parts), macros=any(one.endswith("vbaProject.bin") for one in parts.names))
    if inside.kind and parts.encrypted:
        inside.kind = "encrypted"
    elif inside.kind == "xlsx":
        _look_into_xlsx(parts, inside)
    elif inside.kind:
        _look_into_other(parts, inside)
    return inside


def _look_into_xlsx(parts: Parts, inside: _Inside) -> None:
    inside.package = package = package_of(parts)
    inside.date_1904 = package.date_1904
    inside.seen = {name: _checked(parts, part, package) for name, part in package.sheets.items()}
    strings = [name for name in parts.names if name.casefold() == "xl/sharedstrings.xml"]
    for name in strings:
        check_strings(name, parts.pieces(name))
    _count(parts, {name.casefold() for name in (*strings, *package.sheets.values())})


def _checked(parts: Parts, part: str, package: Package) -> SheetXml:
    """Find a sheet of a .xlsx sound, or refuse it, before its values are read."""
    sound = SoundSheet(part, package.looks)
    seen = look_through(sound.plain(parts.pieces(part)))
    seen.unread |= sound.unread
    seen.corrected = sound.corrected
    seen.values += sound.values
    rows, columns = sound.within
    if rows * columns > SPARSE:
        extent = scan(parts.pieces(part))
        rows, columns = max(extent.rows, sound.rows), max(extent.columns, sound.columns)
    if rows * columns > MOST_CELLS or (rows * columns > SPARSE and 8 * seen.values < rows * columns):
        extent = scan(parts.pieces(part), closely=True)
        check_extent(extent.rows, extent.columns, extent.values)
    return seen


def _look_into_other(parts: Parts, inside: _Inside) -> None:
    """Look into an .ods or .xlsb."""
    done: set[str] = set()
    if inside.kind == "ods":
        check_open_document(parts.pieces("content.xml"))
        done = {"content.xml"}
    else:
        inside.date_1904 = date_1904_of_xlsb(parts)
        check_binary_sheets(parts)
    _count(parts, done)


def _count(parts: Parts, done: set[str]) -> None:
    """Unpack the other parts: they are counted, and found sound."""
    for part in parts.names:
        if part.casefold() not in done:
            for _ in parts.pieces(part):
                pass


# ------------------------------------------------------------------------------- reading


def _sheets(path: Path, inside: _Inside, tell: Callable[[int, int], None] | None) -> list[OpenSheet]:
    shared = _Cells({"": None})
    with _book(path, inside.kind) as book:
        sheets = [one for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
        if inside.package and [one.name for one in sheets] != list(inside.package.sheets):
            raise ValueError("its sheets have other names for other readers")
        found: list[OpenSheet] = []
        for one in sheets:
            seen = inside.seen.get(one.name, SheetXml())
            rows, merges = _cells(book.get_sheet_by_name(one.name), shared)
            if inside.package and seen.values != _values_of(rows):
                _check_order(path, inside.package, one.name)  # empty texts also make the difference
            hidden = one.visible != SheetVisibleEnum.Visible
            rest = (shared.longest, shared.mixed, inside.date_1904)
            rows = _with(rows, seen.corrected)
            coarse = _coarse(path, inside.package, one.name) if inside.package else {}
            found.append(OpenSheet(one.name, rows, merges, seen.unread, inside.macros, hidden, *rest, coarse))
            if tell:
                tell(len(found), len(sheets))
    if not found:
        raise ValueError("it has no sheet of cells")
    if not inside.replaced and any("\ufffd" in one for one in shared if isinstance(one, str)):
        raise ValueError("a text holds signs that are none")
    return found


def _coarse(path: Path, package: Package, name: str) -> dict[tuple[int, int], str]:
    """Where a sheet shows only the month or year of a day; most workbooks have no such style."""
    if not package.looks.coarse:
        return {}
    with path.open("rb") as stream:
        return coarse_cells(Parts(stream).pieces(package.sheets[name]), package.looks.coarse)


def _check_order(path: Path, package: Package, name: str) -> None:
    """Refuse a sheet in which cells or rows stand twice or not in order."""
    sound = SoundSheet(package.sheets[name], package.looks)
    with path.open("rb") as stream:
        seen = scan(sound.plain(Parts(stream).pieces(package.sheets[name])))
    if seen.disorder:
        raise ValueError(f"{package.sheets[name]}: its cells are not in order")


def _text_sheet(path: Path, tell: Callable[[int, int], None] | None) -> list[OpenSheet]:
    """The only sheet of a table of text; it is named as the file."""
    rows = _trimmed(list(read_text_table(path, _MOST_CELLS)))
    longest = max((len(cell) for row in rows for cell in row if isinstance(cell, str)), default=0)
    if tell:
        tell(1, 1)
    return [OpenSheet(sheet_name_of(path), rows, (), {}, False, False, longest, mixed=False)]


def _book(path: Path, kind: str) -> CalamineWorkbook:
    """The workbook; the reader goes by the ending of a path, and by the content of a stream."""
    if path.suffix.casefold() in _ENDINGS[kind]:
        return CalamineWorkbook.from_path(path)
    with path.open("rb") as stream:
        return CalamineWorkbook.from_filelike(stream)


def _cells(sheet: CalamineSheet, shared: _Cells) -> tuple[tuple[tuple[Cell, ...], ...], tuple[Merge, ...]]:
    rows: list[tuple[Cell, ...]] = []
    if sheet.start is not None:
        check_extent(sheet.total_height, sheet.total_width)
        left, kept_of = (None,) * sheet.start[1], shared.__getitem__
        rows = [(*left, *map(kept_of, row)) for row in sheet.iter_rows()]
    even = _trimmed(rows)
    merges = [(top, left_, bottom, right) for (top, left_), (bottom, right) in sheet.merged_cell_ranges or ()]
    kept = tuple(one for one in merges if one[0] < len(even) and one[0] <= one[2] and one[1] <= one[3])
    return even, kept


def _values_of(rows: tuple[tuple[Cell, ...], ...]) -> int:
    return sum(map(len, rows)) - sum(map(tuple.count, rows, repeat(None)))


def _trimmed(rows: list[tuple[Cell, ...]]) -> tuple[tuple[Cell, ...], ...]:
    """All rows as long as the longest; what is only formatted says nothing."""
    while rows and not any(cell is not None for cell in rows[-1]):
        rows.pop()
    width = max(map(len, rows), default=0)
    while width and all(len(row) < width or row[width - 1] is None for row in rows):
        width -= 1
    if all(len(row) == width for row in rows):
        return tuple(rows)
    return tuple(row[:width] + (None,) * (width - len(row)) for row in rows)


# ------------------------------------------------------------------------------ refusing

_SAID = {
    "E-FILE-MISSING": (
        "There is no file {file}.",
        "Check the path.",
        "找不到文件 {file}，请检查路径。",
    ),
    "E-FILE-LOCKED": (
        "{file} may not be read.",
        "Close it where it is open, or ask for the right to read it.",
        "无法读取 {file}。请先在其他程序中关闭该文件，或确认有读取权限。",
    ),
    "E-FILE-EMPTY": (
        "{file} is empty.",
        "Send the file that was meant.",
        "{file} 是空文件，请确认文件是否正确。",
    ),
    "E-FILE-ENCRYPTED": (
        "{file} is protected by a password.",
        "Remove the password in Excel or WPS (save as, tools, general options), then try again.",
        "{file} 设有打开密码。请在 Excel 或 WPS 中取消密码并保存后重试。",
    ),
    "E-FILE-FORMAT": (
        "{file} is neither an Excel workbook nor a table of text (.csv), whatever its ending says.",
        "Open it in Excel or WPS and save it as .xlsx; a web page that was named .xls also.",
        "{file} 的内容既不是 Excel 工作簿，也不是文本表格（.csv）（与扩展名无关；"
        "有些系统导出的 .xls 其实是网页）。请在 Excel 或 WPS 中打开并另存为 .xlsx。",
    ),
    "E-FILE-DAMAGED": (
        "{file} breaks off or contradicts itself: {problem}.",
        "Open it in Excel or WPS and save it anew as .xlsx.",
        "{file} 已损坏或内容不完整（{problem}）。请在 Excel 或 WPS 中打开后另存为 .xlsx。",
    ),
    "E-FILE-SIZE": (
        "{file} would unpack to {size}.",
        "Send only the sheets and rows that are needed.",
        "{file} 展开后过大（{size}），请只保留需要的工作表与行。",
    ),
}


def _refusal(path: Path, code: str, **values: object) -> InputError:
    """The one error of a file: what is wrong and what to do."""
    message, hint, zh = _SAID[code]
    return InputError(message, hint=hint, zh=zh, where=path.name, code=code, file=path.name, **values)


def _damaged(path: Path, error: BaseException) -> InputError:
    shown = "".join(sign if sign.isprintable() else " " for sign in str(error))
    problem = " ".join(shown.split()).rstrip(".")[:160]
    if "limit exceeded" in problem:  # the reader's own bound on cells
        return _refusal(path, "E-FILE-SIZE", size=problem)
    return _refusal(path, "E-FILE-DAMAGED", problem=problem or type(error).__name__)
