"""Other readers of the same files, and the differences from them that are right.

openpyxl reads .xlsx and xlrd .xls; for .ods, .xlsb and text there are small readers here, which go by the
letter of the format and share nothing with ours.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import struct
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from unittest.mock import patch
from xml.etree import ElementTree

import openpyxl
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel
from openpyxl.worksheet._reader import WorksheetReader
from openpyxl.worksheet.cell_range import CellRange, MultiCellRange
from tests.exchange.seeds import packed, unpacked

from taizhang.exchange.excel.cells import column_letters
from taizhang.exchange.excel.opening import OpenSheet, open_sheets

if TYPE_CHECKING:
    from tests.exchange.fuzzing import Case

#: Sheet, row and column from 0 -> what stands there; (sheet, -1, -1) -> whether it is hidden.
Book: TypeAlias = dict[tuple[str, int, int], object]
MOST = 400_000  # cells that a small reader goes through

# --------------------------------------------------------------------------------- one form


def plain(cell: object) -> object:
    """A value as both readers can say it."""
    if isinstance(cell, bool) or cell is None:
        return cell
    if isinstance(cell, int):
        return float(cell)
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - days in a workbook have no zone
    if isinstance(cell, time | timedelta):
        return str(cell)
    return cell if cell != "" else None


def book_of(sheets: Iterable[OpenSheet]) -> Book:
    """What we read."""
    found: Book = {}
    for at, sheet in enumerate(sheets):
        _add(found, at, sheet.name, sheet.hidden, sheet.as_it_was())
        found |= {(f"{at} {sheet.name} {merge} merged", *merge[:2]): merge for merge in sheet.merges}
    return found


def _add(book: Book, at: int, name: str, hidden: bool, rows: Iterable[Iterable[object]]) -> None:
    title = f"{at} {name}"
    book[title, -1, -1] = hidden
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if (value := plain(cell)) is not None:
                book[title, row, column] = value


# ------------------------------------------------------------------------------------ xlsx


def _only_note_merges(reader: WorksheetReader) -> None:
    """Without this openpyxl makes a cell of every place in a merged range, and forgets what stood there."""
    if reader.parser.merged_cells:
        reader.ws.merged_cells = MultiCellRange(
            [CellRange(one.ref) for one in reader.parser.merged_cells.mergeCell]
        )


def by_openpyxl(path: Path, content: bytes) -> Book | None:
    """What openpyxl reads; a comment in a list confuses it, and a truth may be a word and not a digit."""
    del path
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _read_by_openpyxl(content)
        except Exception:  # noqa: BLE001 - it says in a hundred ways that it cannot
            pass
        try:
            return _read_by_openpyxl(
                packed({name: _easier(part) for name, part in unpacked(content).items()})
            )
        except Exception:  # noqa: BLE001 - as above
            return None


def _easier(part: bytes) -> bytes:
    part = re.sub(rb"<!--.*?-->", b"", part, flags=re.DOTALL)
    for word, digit in ((rb"true", rb"1"), (rb"false", rb"0")):
        part = re.sub(
            rb'(<c\b[^<>]* t="b"[^<>]*>(?:<f>[^<]*</f>)?<v>)' + word + rb"</v>",
            rb"\g<1>" + digit + rb"</v>",
            part,
        )
    return part


def _read_by_openpyxl(content: bytes) -> Book:
    with patch.object(WorksheetReader, "bind_merged_cells", _only_note_merges):
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True, rich_text=False)
    found: Book = {}
    for at, sheet in enumerate(book.worksheets):
        title = f"{at} {sheet.title}"
        found[title, -1, -1] = sheet.sheet_state != "visible"
        for (row, column), cell in sheet._cells.items():  # without those that are not there
            if (value := plain(cell.value)) is not None:
                found[title, row - 1, column - 1] = value
        last = max((row for name, row, _ in found if name == title), default=-1)
        for merge in sheet.merged_cells.ranges:
            if merge.min_row - 1 <= last:
                ends = (merge.min_row - 1, merge.min_col - 1, merge.max_row - 1, merge.max_col - 1)
                found[f"{title} {ends} merged", *ends[:2]] = ends
    return found


# ------------------------------------------------------------------------------------- xls


def by_xlrd(path: Path, content: bytes) -> Book | None:
    del path
    try:
        import xlrd
    except ImportError:
        return None
    try:
        book = xlrd.open_workbook(file_contents=content, logfile=io.StringIO(), formatting_info=False)
        found: Book = {}
        for at, sheet in enumerate(book.sheets()):
            rows = [[_of_xlrd(book, cell) for cell in sheet.row(row)] for row in range(sheet.nrows)]
            _add(found, at, sheet.name, bool(sheet.visibility), rows)
        return found
    except Exception:  # noqa: BLE001 - as above
        return None


def _of_xlrd(book: Any, cell: Any) -> object:
    import xlrd

    if cell.ctype == xlrd.XL_CELL_DATE:
        moment = xlrd.xldate.xldate_as_datetime(cell.value, book.datemode)
        return moment.time() if 0 <= cell.value < 1 else moment
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(cell.value)
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(cell.value, "#?")
    return None if cell.ctype in {xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK} else cell.value


def stands_in_xls(content: bytes, row: int, column: int, cell: object) -> bool:
    """Whether a cell says what stands in the bytes of an .xls, or stands there no more.

    An .xls has no checksum: a letter that is damaged is another letter.  Where xlrd gives up for other
    damage, the bytes themselves are asked.
    """
    heads = [struct.pack("<HHHH", kind, size, row, column) for kind, size in _XLS_CELLS]
    if cell is None:
        return not any(head in content for head in heads)
    if isinstance(cell, str):
        narrow = cell.encode("latin-1", "ignore")
        return cell.encode("utf-16-le", "surrogatepass") in content or (
            len(narrow) == len(cell) and narrow in content
        )
    if isinstance(cell, bool):
        return struct.pack("<HHHHHBB", 0x205, 8, row, column, 15, cell, 0) in content
    if not isinstance(cell, float):
        return False
    numbers = [struct.pack("<d", cell)]
    for times in (1, 100):
        whole = cell * times
        if whole.is_integer() and abs(whole) < 1 << 29:
            numbers.append(struct.pack("<i", int(whole) << 2 | 2 | (times > 1)))
        short = struct.pack("<d", whole)[4:]
        numbers.append(bytes([short[0] & 0xFC | (times > 1)]) + short[1:])
    return any(number in content for number in numbers)


_XLS_CELLS = (
    (0xFD, 10),
    (0x203, 14),
    (0x27E, 10),
    (0x205, 8),
)  # kinds of records of one cell, and their sizes

# ------------------------------------------------------------------------------------- ods

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


def by_the_letter_of_ods(path: Path, content: bytes) -> Book | None:
    del path
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            root = ElementTree.fromstring(archive.read("content.xml"))
        found: Book = {}
        for at, table in enumerate(root.iter(f"{_TABLE}table")):
            title, row = f"{at} {table.get(f'{_TABLE}name')}", 0
            found[title, -1, -1] = False
            for line in table.iter(f"{_TABLE}table-row"):
                times = int(line.get(f"{_TABLE}number-rows-repeated", "1"))
                cells = dict(_ods_cells(line))
                if cells and times * len(cells) > MOST:
                    return None
                for again in range(times if cells else 0):
                    found |= {(title, row + again, column): value for column, value in cells.items()}
                row += times
        return found
    except (ValueError, KeyError, zipfile.BadZipFile, ElementTree.ParseError, OverflowError):
        return None


def _ods_cells(line: ElementTree.Element) -> Iterator[tuple[int, object]]:
    column = 0
    for cell in line:
        if cell.tag not in {f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"}:
            continue
        times, value = int(cell.get(f"{_TABLE}number-columns-repeated", "1")), plain(_ods_value(cell))
        if value is not None:
            if times > MOST:
                raise OverflowError
            yield from ((column + again, value) for again in range(times))
        column += times


def _ods_value(cell: ElementTree.Element) -> object:
    said = {
        key: cell.get(f"{_OFFICE}{key}") for key in ("value", "boolean-value", "date-value", "string-value")
    }
    match cell.get(f"{_OFFICE}value-type"):
        case "float" | "percentage" | "currency":
            return float(said["value"] or "")
        case "boolean":
            return {"true": True, "false": False}[said["boolean-value"] or ""]
        case "date":
            return datetime.fromisoformat(said["date-value"] or "")
        case "string":
            return said["string-value"] or "\n".join(map(_ods_text, cell.findall(f"{_TEXT}p")))
        case "time":
            raise ValueError
    return None


def _ods_text(paragraph: ElementTree.Element) -> str:
    more = {f"{_TEXT}s": " ", f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
    text = paragraph.text or ""
    for one in paragraph:
        times = int(one.get(f"{_TEXT}c", "1"))
        text += more.get(one.tag, _ods_text(one)) * times + (one.tail or "")
    return text


# ------------------------------------------------------------------------------------ text


def by_codec_and_csv(path: Path, content: bytes) -> Book | None:
    """The text by Python's codecs and csv, with the delimiter by which it looks as ours; any of five."""
    text = _decoded(content)
    if text is None:
        return None
    text = text.lstrip("\ufeff")
    ours = book_of(open_sheets(path))
    found: Book = {}
    for delimiter in (",", "\t", ";", "，", "|"):
        rows = [
            list(map(_unwrapped, row))
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        ]
        found = {}
        _add(found, 0, path.stem, False, rows)
        if found == ours:
            return found
    return found


def _decoded(content: bytes) -> str | None:
    wide = content[1:2000:2].count(0) > content[:2000:2].count(0)
    tries = ["utf-8-sig", "gb18030"] if b"\0" not in content else ["utf-16-le" if wide else "utf-16-be"]
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            tries = [encoding]
    for encoding in tries:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _unwrapped(cell: str) -> str:
    if cell.startswith('="') and cell.endswith('"') and len(cell) > 2:
        return cell[2:-1].replace('""', '"')
    return cell


# ------------------------------------------------------------------------------------ xlsb


def nobody(path: Path, content: bytes) -> Book | None:
    del path, content
    return None


OPINIONS: dict[str, Callable[[Path, bytes], Book | None]] = {
    "xlsx": by_openpyxl,
    "xls": by_xlrd,
    "ods": by_the_letter_of_ods,
    "text": by_codec_and_csv,
    "xlsb": nobody,
}

# ------------------------------------------------------------------- differences that are right

Holds: TypeAlias = "Callable[[Case, tuple[str, int, int], object, object], bool]"


def _blanks(case: Case, place: tuple[str, int, int], ours: object, theirs: object) -> bool:
    one, other = ("" if cell is None else cell for cell in (ours, theirs))  # no, and 0, are no blanks
    texts = isinstance(one, str) and isinstance(other, str)
    return case.seed.kind == "xlsx" and texts and str(one).split() == str(other).split()


def _signs(case: Case, place: tuple[str, int, int], ours: object, theirs: object) -> bool:
    if not isinstance(theirs, str) or "_x" not in theirs:
        return False
    return ours == re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), theirs)


def _too_early(case: Case, place: tuple[str, int, int], ours: object, theirs: object) -> bool:
    return isinstance(ours, float) and ours < 0 and isinstance(theirs, datetime | time | str)


def _too_late(case: Case, place: tuple[str, int, int], ours: object, theirs: object) -> bool:
    return isinstance(ours, float) and ours >= 2_957_000 and theirs == "#VALUE!"


def _before_march_1900(case: Case, place: tuple[str, int, int], ours: object, theirs: object) -> bool:
    early = datetime(1900, 3, 1)  # noqa: DTZ001 - days in a workbook have no zone
    return all(isinstance(one, datetime) and one <= early for one in (ours, theirs))


def _moment(case: Case, place: tuple[str, int, int], ours: object, theirs: object) -> bool:
    return (
        isinstance(ours, datetime)
        and isinstance(theirs, datetime)
        and abs(ours - theirs) <= timedelta(milliseconds=1)
    )


def _listed_twice(case: Case, place: tuple[str, int, int], ours: object, theirs: object) -> bool:
    if case.seed.kind != "xlsx" or theirs is not None or place[1] < 0:
        return False
    address = f' r="{column_letters(place[2])}{place[1] + 1}"'.encode()
    cell = rb"<c(?= )[^<>]*?" + re.escape(address) + rb"[^<>]*"
    return any(
        len(re.findall(cell, part)) > 1 and re.search(cell + rb"/>", part)
        for name, part in unpacked(case.content).items()
        if name.startswith("xl/worksheets/")
    )


def _strict(case: Case, place: tuple[str, int, int], ours: object, theirs: object) -> bool:
    if case.seed.kind != "xlsx" or theirs is not None:
        return False
    return any(b"http://purl.oclc.org/" in part for part in unpacked(case.content).values())


def _chinese_day(case: Case, place: tuple[str, int, int], ours: object, theirs: object) -> bool:
    if case.seed.kind != "xlsx" or not isinstance(theirs, float):
        return False
    days = [plain(from_excel(theirs, epoch)) for epoch in (WINDOWS_EPOCH, MAC_EPOCH)]
    own = rb'numFmtId="(?:2[7-9]|3[0-6]|5[0-8])"'
    return ours in days and re.search(own, unpacked(case.content)["xl/styles.xml"]) is not None


def _merged(case: Case, place: tuple[str, int, int], ours: object, theirs: object) -> bool:
    return case.seed.kind == "xls" and place[0].endswith(" merged") and theirs is None


#: Why we may read a cell otherwise than the other reader -> whether that is so at this cell.
TOLERATED: dict[str, Holds] = {
    "blanks around a text that are not marked to be kept: Excel drops them, openpyxl does not": _blanks,
    "_x000D_ is how a sign is written that XML cannot hold: openpyxl leaves it so": _signs,
    "a number below zero is no day, whatever its style: it stays the number": _too_early,
    "a number beyond the year 9999 is no day: openpyxl makes it an error": _too_late,
    "Excel counts a 29 February 1900: readers differ by a day before March 1900": _before_march_1900,
    "a moment is rounded to the thousandth of a second": _moment,
    "formats 27 to 36 and 50 to 58 are days in Chinese: openpyxl does not know them": _chinese_day,
    "xlrd tells nothing of merged cells unless it reads all formats": _merged,
    "a place is listed twice, once empty: we keep the value, openpyxl what comes last": _listed_twice,
    "openpyxl does not know the strict namespace": _strict,
}
