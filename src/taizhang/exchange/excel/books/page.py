"""Small workbooks to be sent out: tables on A4 with room to answer, written row by row.

A file is written under another name and moved into place when it is complete.  Text is
always text, and the same rows give the same bytes.

Reads from: ``sheets.cell_text``, xlsxwriter.  Read by: ``department``, ``manifest``.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, TypeAlias

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.utility import xl_range

from taizhang.errors import InputError
from taizhang.exchange.excel.sheets.cell_text import printable

__all__ = ["Column", "Pages", "Sheet", "Value"]

Value: TypeAlias = str | int | date | None

_ACCENT, _PALE, _LINE, _ENTRY = "#1F4E79", "#DCE6F1", "#BFBFBF", "#FFFDF2"
_BASE: dict[str, Any] = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "vcenter"}
_CELL: dict[str, Any] = {**_BASE, "border": 1, "border_color": _LINE}
_DAY = "yyyy-mm-dd"
_FORMATS: Mapping[str, dict[str, Any]] = {
    "title": {**_BASE, "font_size": 16, "bold": True, "font_color": _ACCENT},
    "note": {**_BASE, "font_size": 9, "font_color": "#595959"},
    "blanks": {**_BASE, "font_size": 11},
    "prose": {**_BASE, "text_wrap": True, "valign": "top"},
    "head": {
        **_CELL, "bold": True, "bg_color": _PALE, "align": "center", "text_wrap": True,
        "bottom": 2, "bottom_color": _ACCENT,
    },
    "text": {**_CELL, "text_wrap": True},
    "center": {**_CELL, "text_wrap": True, "align": "center"},
    "whole": {**_CELL, "num_format": "#,##0"},
    "date": {**_CELL, "num_format": _DAY, "align": "center", "text_wrap": True},
    "entry": {**_CELL, "bg_color": _ENTRY, "text_wrap": True, "align": "center"},
    "entry_date": {**_CELL, "bg_color": _ENTRY, "num_format": _DAY, "align": "center"},
    "total": {**_CELL, "bold": True, "bg_color": "#F2F2F2", "num_format": "#,##0"},
}  # fmt: skip
_RISKY = ("=", "+", "-", "@", "\t", "\r")
_LINE_POINTS = 15.0
_TALLEST = 409.0  #: points, the most that Excel has
_HEAD_ROW = 3  #: of every table, from 0


@dataclass(frozen=True, slots=True)
class Column:
    """One column; ``style`` names a format, ``choices`` makes its cells a list to choose from."""

    heading: str
    width: float
    style: str = "text"
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table with a title, a line that says what it is, and a line of blanks to fill in."""

    name: str
    title: str
    note: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]
    blanks: str = ""
    totals: Mapping[int, int] = field(default_factory=dict)  #: column -> sum, in a last row


class Pages:
    """A workbook being written; leave its ``with`` block to have it in place."""

    def __init__(self, path: Path, title: str, day: date, words: Mapping[str, str]) -> None:
        self._path = path
        self._beside = path.with_name(f".{path.stem}.{os.getpid()}.part")
        self._day = day
        self._words = words
        _refuse_locked(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._beside.touch()
        except OSError as error:
            raise _no_folder(path, error) from error
        self._book = xlsxwriter.Workbook(
            str(self._beside), {"constant_memory": True, "strings_to_urls": False}
        )
        self._book.use_zip64()
        moment = datetime.combine(day, time())
        self._book.set_properties({"title": printable(title), "author": "台账 Taizhang", "created": moment})
        self._formats: dict[tuple[str, bool], Any] = {}

    def __enter__(self) -> Pages:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._book.close()
            if kind is None:
                _move(self._beside, self._path)
        except FileCreateError as failed:
            raise InputError(
                "The workbook could not be written: {reason}.",
                hint="See that the disk has room, then run the command again.",
                zh="工作簿未能写出：{reason}。请检查磁盘空间后重试。",
                code="E-OUT-DISK",
                where=str(self._path.parent),
                reason=str(failed),
            ) from failed
        finally:
            self._beside.unlink(missing_ok=True)

    def _format(self, name: str, quoted: bool = False) -> Any:
        if (name, quoted) not in self._formats:
            more = {"quote_prefix": True} if quoted else {}
            self._formats[name, quoted] = self._book.add_format({**_FORMATS[name], **more})
        return self._formats[name, quoted]

    def _put(self, sheet: Any, row: int, column: int, value: Value, style: str) -> None:
        if isinstance(value, str):
            said = printable(value)
            sheet.write_string(row, column, said, self._format(style, said.startswith(_RISKY)))
        elif value is None:
            sheet.write_blank(row, column, None, self._format(style))
        elif isinstance(value, date):
            sheet.write_datetime(row, column, datetime.combine(value, time()), self._format(style))
        else:
            sheet.write_number(row, column, value, self._format(style))

    def table(self, one: Sheet) -> int:
        """Add a sheet with one table and return the number of its rows."""
        sheet = self._book.add_worksheet(one.name)
        self._page(sheet)
        for number, column in enumerate(one.columns):
            sheet.set_column(number, number, column.width)
        sheet.freeze_panes(_HEAD_ROW + 1, 0)
        sheet.repeat_rows(_HEAD_ROW)
        sheet.set_row(0, 30)
        self._put(sheet, 0, 0, one.title, "title")
        self._put(sheet, 1, 0, one.note, "note")
        sheet.set_row(2, 24)
        self._put(sheet, 2, 0, one.blanks, "blanks")
        sheet.set_row(_HEAD_ROW, 30)
        for number, column in enumerate(one.columns):
            self._put(sheet, _HEAD_ROW, number, column.heading, "head")
        count = 0
        for values in one.rows:
            count += 1
            if (lines := _lines(values, one.columns)) > 1:
                sheet.set_row(_HEAD_ROW + count, min(_TALLEST, lines * _LINE_POINTS + 3))
            for number, (value, column) in enumerate(zip(values, one.columns, strict=True)):
                self._put(sheet, _HEAD_ROW + count, number, value, column.style)
        last = _HEAD_ROW + max(count, 1)
        if one.totals:
            self._sums(sheet, one, count)
        sheet.autofilter(_HEAD_ROW, 0, last, len(one.columns) - 1)
        sheet.print_area(0, 0, last + bool(one.totals), len(one.columns) - 1)
        self._answers(sheet, one.columns, last)
        return count

    def _sums(self, sheet: Any, one: Sheet, count: int) -> None:
        row = _HEAD_ROW + max(count, 1) + 1
        for number in range(len(one.columns)):
            if number in one.totals:
                cells = xl_range(_HEAD_ROW + 1, number, row - 1, number)
                formula = f"=SUBTOTAL(9,{cells})"
                sheet.write_formula(row, number, formula, self._format("total"), one.totals[number])
            else:
                self._put(sheet, row, number, self._words["total"] if number == 0 else None, "total")

    def _answers(self, sheet: Any, columns: Sequence[Column], last: int) -> None:
        for number, column in enumerate(columns):
            rule: dict[str, Any]
            if column.choices:
                rule = {
                    "validate": "list", "source": list(column.choices),
                    "error_title": column.heading, "error_message": self._words["choose"],
                }  # fmt: skip
            elif column.style == "entry_date":
                rule = {
                    "validate": "date", "criteria": ">=", "value": date(2000, 1, 1),
                    "error_title": column.heading, "error_message": self._words["day"],
                }  # fmt: skip
            else:
                continue
            sheet.data_validation(_HEAD_ROW + 1, number, last, number, rule)

    def prose(self, name: str, title: str, lines: Iterable[str]) -> None:
        """Add a sheet of paragraphs."""
        sheet = self._book.add_worksheet(name)
        self._page(sheet, landscape=False)
        sheet.set_column(0, 0, 80)
        sheet.set_row(0, 30)
        self._put(sheet, 0, 0, title, "title")
        last = 0
        for number, line in enumerate(lines, 1):
            sheet.set_row(number, _LINE_POINTS * -(-max(1, _width(line)) // 74) + 8)
            self._put(sheet, number, 0, line, "prose")
            last = number
        sheet.print_area(0, 0, last, 0)

    def _page(self, sheet: Any, *, landscape: bool = True) -> None:
        """Set A4, one page wide, with the day and the number of every page."""
        if landscape:
            sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.hide_gridlines(2)
        made_up = f"{self._words['fictional']} " if self._words.get("fictional") else ""
        sheet.set_footer(f"&L&8{made_up}{self._day.isoformat()}&C&8&A&R&8{self._words['pages']}")


def _lines(values: Sequence[Value], columns: Sequence[Column]) -> int:
    """Return how many lines the tallest cell of a row needs; not every program works that out."""
    return max(
        (
            sum(max(1, -(-_width(line) // int(column.width - 1))) for line in value.split("\n"))
            for value, column in zip(values, columns, strict=True)
            if isinstance(value, str) and value
        ),
        default=1,
    )


@lru_cache(maxsize=8_192)
def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(one) in "WFA" else 1 for one in text)


def _no_folder(path: Path, error: OSError) -> InputError:
    return InputError(
        "Nothing can be written in this folder ({reason}).",
        hint="Choose another folder, or ask for the right to write here.",
        zh="无法写入该文件夹（{reason}）。请另选文件夹，或取得写入权限。",
        code="E-OUT-FOLDER",
        where=str(path.parent),
        reason=error.strerror or str(error),
    )


def _refuse_locked(path: Path) -> None:
    if path.exists():
        try:
            with path.open("r+b"):
                pass
        except PermissionError as error:
            raise _locked(path) from error


def _move(beside: Path, path: Path) -> None:
    try:
        beside.replace(path)
    except PermissionError as error:
        raise _locked(path) from error


def _locked(path: Path) -> InputError:
    return InputError(
        "The file cannot be replaced; it is probably open in Excel or WPS.",
        hint="Close it there, or choose another folder, and run the command again.",
        zh="文件无法替换，可能正在 Excel 或 WPS 中打开。请先关闭，或另选文件夹，再重新执行。",
        code="E-OUT-LOCKED",
        where=str(path),
    )
