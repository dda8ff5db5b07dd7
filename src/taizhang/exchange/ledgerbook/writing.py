"""The workbook of the ledger: three sheets in the form of the blank ledger, one row for each place.

What is recorded of an estate stands once, on its own row, and not on each of its homes: a cell that
stands once cannot come back saying two things.

Reads from: ``cellwords``, ``columns``, ``marker``, ``demo_city``, ``excel.template``, xlsxwriter.
Read by: the doors.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.format import Format

from taizhang.collecting import no_search_for_cycles
from taizhang.exchange.demo_city.sheet import BLANK_CELL, BulkSheet, Cells
from taizhang.exchange.demo_city.writing import unwritten
from taizhang.exchange.excel.joining.gathered import own_number
from taizhang.exchange.excel.template import Lists, dress_sheet
from taizhang.exchange.ledgerbook.cellwords import CellWords
from taizhang.exchange.ledgerbook.columns import KEY, SHEETS, book_columns
from taizhang.exchange.ledgerbook.marker import Mark, write_mark
from taizhang.office.exporting import ExportedLedger, ExportedPlace
from taizhang.rules.terms import Pack

__all__ = ["write_ledger_book", "write_ledger_file"]

_MOST = 1_000_000  # rows of a sheet: Excel ends a little above
_FIRST = 2  # rows of the heading
_FIXED = {"estate": 5, "building": 4, "unit": 5}
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_NAMES = {"county": "county", "estate": "estate", "building": "building"}
Progress = Callable[[str, int, int], None]


def write_ledger_book(
    target: Path | BinaryIO,
    pack: Pack,
    exported: ExportedLedger,
    *,
    note: str = "",
    most: int = _MOST,
    progress: Progress = lambda stage, done, of: None,
) -> None:
    """Write the ledger as a workbook that can come back.

    Args:
        target: The .xlsx to write, or where its bytes go.
        pack: Gives columns, lists and words.
        exported: What was exported.
        note: Who took it out and when, for the sheet of explanations.
        most: Rows of a sheet; what is more goes to a further one.
        progress: Told how many rows are written.

    Cost:
        17 s and 0.6 GB for 132,600 homes, 2 s for the 10,000 of a county.
    """
    levels = {"estate": exported.estates, "building": exported.buildings, "unit": exported.units}
    where = str(target) if isinstance(target, Path) else target
    with no_search_for_cycles(), xlsxwriter.Workbook(where, _OPTIONS) as book:
        book.set_properties({"title": "房屋产权确权颁证台账", "created": exported.at.replace(tzinfo=None)})
        pieces = [
            (level, name, piece)
            for level, rows in levels.items()
            for name, piece in _split(SHEETS[level], rows, most)
        ]
        sheets = [book.add_worksheet(name, BulkSheet) for _, name, _ in pieces]
        writing = _Writing(book, pack, levels, progress)
        for sheet, (level, _, piece) in zip(sheets, pieces, strict=True):
            writing.fill(sheet, level, piece)
        _explain(book, note)
        write_mark(book, Mark(exported.entry, exported.digest))


def write_ledger_file(
    path: Path, pack: Pack, exported: ExportedLedger, *, note: str, progress: Progress
) -> None:
    """Write the workbook beside its target and move it into place when it is complete.

    Raises:
        InputError: ``E-OUT-LOCKED``, ``E-OUT-FOLDER`` or ``E-OUT-DISK`` where it cannot be written.
    """
    beside = path.with_name(f".{path.stem}.{os.getpid()}.part")
    try:
        beside.touch()
        write_ledger_book(beside, pack, exported, note=note, progress=progress)
        beside.replace(path)
    except PermissionError as error:
        raise unwritten("E-OUT-LOCKED", path, error) from error
    except OSError as error:
        raise unwritten("E-OUT-FOLDER", path, error) from error
    except FileCreateError as error:
        raise unwritten("E-OUT-DISK", path, error) from error
    finally:
        beside.unlink(missing_ok=True)


def _split(
    name: str, rows: Sequence[ExportedPlace], most: int
) -> Iterable[tuple[str, Sequence[ExportedPlace]]]:
    """The sheets of a level: none without rows, several where one would not hold them."""
    for number, at in enumerate(range(0, len(rows), most), 1):
        yield (name if number == 1 else f"{name} {number}"), rows[at : at + most]


def _used(rows: Sequence[ExportedPlace]) -> set[str]:
    """Fields of which something is recorded; equal mappings are looked at once."""
    once = {id(told): told for one in rows for told in (one.facts, one.held, one.words)}
    return {name for told in once.values() for name in told}


class _Writing:
    """The sheets of one workbook, which share their lists and what was written once."""

    def __init__(
        self,
        book: xlsxwriter.Workbook,
        pack: Pack,
        levels: Mapping[str, Sequence[ExportedPlace]],
        progress: Progress,
    ) -> None:
        self._book, self._words, self._progress = book, CellWords(pack), progress
        self._lists: Lists = (book.add_worksheet("选项"), {})
        self._lists[0].hide()
        self._columns = {level: book_columns(pack, level, _used(rows)) for level, rows in levels.items()}
        self._total, self._done = sum(map(len, levels.values())), 0

    def fill(self, sheet: BulkSheet, level: str, rows: Sequence[ExportedPlace]) -> None:
        """Write one sheet: its form as that of the blank ledger, its rows column by column."""
        columns = self._columns[level]
        last = _FIRST + len(rows) - 1
        dress_sheet(self._book, sheet, self._lists, columns, last, _FIXED[level])
        font = {"font_name": "Microsoft YaHei", "font_size": 10}
        looks = {
            name: self._book.add_format({**font, "num_format": name})
            for name in dict.fromkeys(one.number_format for one in columns)
        }
        cells = [
            _cells(one.field, _values(one.field, rows), self._words, looks[one.number_format])
            for one in columns
        ]
        sheet.put_columns(_FIRST, cells, looks[columns[0].number_format], self._tell)

    def _tell(self, rows: int) -> None:
        self._done += rows
        self._progress("write", self._done, self._total)


def _values(field: str, rows: Sequence[ExportedPlace]) -> Iterable[object]:
    """What stands in one column, row by row: texts that are put as they are, or values of a field."""
    if field == "serial_number":
        return map(str, range(1, len(rows) + 1))
    if field == KEY:
        return (one.key for one in rows)
    if field in _NAMES:
        return (getattr(one, field) or None for one in rows)
    if field == "unit":
        return (own_number(one.place, one.unit) or None for one in rows)
    return (_value(field, one) for one in rows)


def _value(field: str, one: ExportedPlace) -> object:
    state = one.held.get(field)
    if state is not None:
        return state, one.valid_until.get(field)
    value: object = one.facts.get(field)
    return one.words.get(field) if value is None else value


def _cells(field: str, values: Iterable[object], words: CellWords, look: Format) -> Cells:
    """A column in few texts and many numbers."""
    plain = field in _NAMES or field in ("serial_number", KEY, "unit")
    texts: list[str | float] = []
    known: dict[object, int] = {None: BLANK_CELL}
    codes = []
    for value in values:
        code = known.get(value)
        if code is None:
            cell = value if plain else words.written(field, value)
            code = BLANK_CELL
            if isinstance(cell, str | float):
                code = len(texts)
                texts.append(cell)
            known[value] = code
        codes.append(code)
    return Cells(texts, np.array(codes, np.int64), look)


def _explain(book: xlsxwriter.Workbook, note: str) -> None:
    sheet = book.add_worksheet("填表说明")
    wide = book.add_format(
        {"font_name": "Microsoft YaHei", "font_size": 11, "text_wrap": True, "valign": "top"}
    )
    sheet.set_column(0, 0, 100)
    lines = (
        note,
        "本工作簿由台账导出，可离线修改后交回：在“导入”页提交，"
        "或运行 taizhang import 本文件.xlsx --dry-run。",
        "逐格合并：只有您改过的单元格写入台账；台账中其后另有变更的，保留台账；"
        "双方都改且不一致的，列为冲突，由导入人决定。",
        "一行一个小区、一幢、一户。可以排序（请整行）、筛选、隐藏或移动列、增加列；增加的行即为新增。",
        "删除行不会删除台账中的记录；清空单元格表示该项改为不清楚。",
        "县（市、区）、小区、幢、户的名称请勿修改；最后一列“台账行（勿改）”用来辨认本行，新增的行请留空。",
        "材料列：有 / 缺 / 灭失（无法再取得）/ 不清楚；有期限的写作：有，有效期至2024-03-01。",
        "户主、证件号码、电话不随台账导出。",
    )
    for row, line in enumerate(filter(None, lines)):
        sheet.write_string(row, 0, line, wide)
