"""The door: a made-up city becomes a ledger in one workbook.

It is written beside its target and moved into place when it is complete.  The same arguments give
the same bytes: there is no clock in it, and all chance comes from the seed.

Reads from: ``columns``, ``layout``, ``rows``, ``sheet``, ``rules.terms``, xlsxwriter.  Read by: ``cli``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from taizhang.errors import InputError
from taizhang.exchange.demo_city.columns import SHEETS, Column, sheet_columns
from taizhang.exchange.demo_city.layout import City, lay_out
from taizhang.exchange.demo_city.names import CITY
from taizhang.exchange.demo_city.rows import Rows
from taizhang.exchange.demo_city.sheet import BulkSheet
from taizhang.rules.terms import Pack

__all__ = ["Progress", "unwritten", "write_demo_city"]

#: Told how many rows have been written, and how many there are in all.
Progress: TypeAlias = Callable[[int, int], None]

_MOST = 1_000_000  # homes: a sheet of Excel ends a little above
_FIRST = 3  # rows of title and headings
_CREATED = datetime(2024, 1, 28)  # noqa: DTZ001 (a file's own date has no zone)
_NAMES = {"zh": ("小区台账", "楼栋台账", "户台账"), "en": ("Estates", "Buildings", "Units")}
_TITLES = {
    "zh": f"{CITY}房屋产权确权颁证历史遗留问题{{sheet}}（合成数据 Synthetic data，全部虚构，仅供演示）",
    "en": "{sheet} of the made-up city (合成数据 Synthetic data: everything is invented, for demonstration)",
}
_SIGN = "合成数据 Synthetic data"
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write_demo_city(  # noqa: PLR0913 (the size and shape of a city)
    path: Path,
    *,
    estates: int = 732,
    units: int = 132_600,
    seed: int = 1,
    pack: Pack,
    language: str = "zh",
    progress: Progress | None = None,
) -> None:
    """Write the ledger of a made-up city: estates, buildings and homes on three sheets.

    Args:
        path: The .xlsx to write; one that exists is replaced.
        estates: How many estates.
        units: How many homes in all, at least one for each estate.
        seed: Decides everything that is left to chance.
        pack: Gives the columns and the answers.
        language: ``zh`` or ``en``, of headings and answers; names stay Chinese.
        progress: Told the rows written and the rows in all.

    Raises:
        InputError: ``E-ARG-CITY`` for sizes that make no city; ``E-OUT-LOCKED``, ``E-OUT-FOLDER`` or
            ``E-OUT-DISK`` where the file cannot be written.
    """
    _refuse(estates, units, seed)
    path = Path(path)
    beside = path.with_name(f".{path.stem}.{os.getpid()}.part")
    try:
        beside.touch()
        _write(beside, pack, lay_out(estates, units, seed), language, progress)
    except OSError as error:
        raise unwritten("E-OUT-FOLDER", path, error) from error
    except FileCreateError as error:
        raise unwritten("E-OUT-DISK", path, error) from error
    else:
        try:
            beside.replace(path)
        except PermissionError as error:
            raise unwritten("E-OUT-LOCKED", path, error) from error
    finally:
        beside.unlink(missing_ok=True)


def _write(path: Path, pack: Pack, city: City, language: str, progress: Progress | None) -> None:
    book = xlsxwriter.Workbook(str(path), _OPTIONS)
    book.set_properties(
        {
            "title": f"{CITY}台账 {_SIGN}",
            "subject": _SIGN,
            "keywords": _SIGN,
            "author": "台账 Taizhang",
            "comments": f"seed {city.seed}, {len(city.units)} estates, {len(city.unit_building)} homes",
            "created": _CREATED,
        }
    )
    looks = _Looks(book)
    rows = Rows(pack, city, language)
    total = sum(len(city.estates_of(sheet)) for sheet in SHEETS)
    tell = _counter(progress, total)
    for sheet, name in zip(SHEETS, _NAMES[language], strict=True):
        written = book.add_worksheet(name, BulkSheet)
        columns = sheet_columns(pack, sheet, language)
        _head(written, columns, _TITLES[language].format(sheet=name), looks)
        count = len(city.estates_of(sheet))
        _page(written, len(columns), count, name)
        written.put_columns(_FIRST, [rows.cells(one, sheet) for one in columns], looks.cell, tell)
    book.close()


class _Looks:
    """The few formats of the workbook."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        plain = {"font_name": "宋体", "font_size": 10}
        ruled = {**plain, "border": 1, "align": "center", "valign": "vcenter", "bold": True}
        self.title = book.add_format({**plain, "font_size": 14, "bold": True, "font_color": "#C00000"})
        self.group = book.add_format({**ruled, "bg_color": "#1F4E79", "font_color": "#FFFFFF"})
        self.heading = book.add_format({**ruled, "bg_color": "#DDEBF7", "text_wrap": True})
        self.cell = book.add_format({**plain, "border": 1, "border_color": "#BFBFBF"})


def _head(sheet: BulkSheet, columns: Sequence[Column], title: str, looks: _Looks) -> None:
    """A title with the sign that all is made up, then headings over two rows."""
    sheet.write_string(0, 0, title, looks.title)
    start = 0
    for number, column in enumerate(columns):
        sheet.write_string(2, number, column.heading, looks.heading)
        sheet.set_column(number, number, min(28, max(7, 2 * len(column.heading) + 1)))
        if number + 1 < len(columns) and columns[number + 1].group == column.group:
            continue
        if number > start:
            sheet.merge_range(1, start, 1, number, column.group, looks.group)
        else:
            sheet.write_string(1, number, column.group, looks.group)
        start = number + 1
    sheet.set_row(0, 24)
    sheet.set_row(2, 42)


def _page(sheet: BulkSheet, width: int, count: int, name: str) -> None:
    """Frozen headings, filters, A3 across with the names on each page, and the sign on all of them."""
    sheet.freeze_panes(_FIRST, 5)
    sheet.autofilter(_FIRST - 1, 0, _FIRST + count - 1, width - 1)
    sheet.set_landscape()
    sheet.set_paper(8)
    sheet.repeat_rows(0, _FIRST - 1)
    sheet.repeat_columns(0, 4)
    sheet.set_footer(f"&L{_SIGN}&C{name}&R&P / &N")


def _counter(progress: Progress | None, total: int) -> Callable[[int], None]:
    """Add up the rows, and tell."""
    done = 0

    def tell(rows: int) -> None:
        nonlocal done
        done += rows
        if progress is not None:
            progress(done, total)

    return tell


def _refuse(estates: int, units: int, seed: int) -> None:
    """Sizes that make no city."""
    if estates >= 1 and estates <= units <= _MOST and seed >= 0:
        return
    raise InputError(
        "A city of {estates} estates and {units} homes (seed {seed}) cannot be made.",
        hint="Give at least 1 estate, at least one home for each, at most {most} homes, and a seed from 0.",
        zh="无法生成 {estates} 个小区、{units} 户（种子 {seed}）的城市。请至少 1 个小区，每个小区至少 1 户，"
        "总户数不超过 {most}，种子不小于 0。",
        code="E-ARG-CITY",
        estates=estates,
        units=units,
        seed=seed,
        most=_MOST,
    )


_SAID = {
    "E-OUT-FOLDER": (
        "The file cannot be written in this folder ({reason}).",
        "Choose another folder, or ask for the right to write here.",
        "无法写入该文件夹（{reason}）。请另选文件夹，或取得写入权限。",
    ),
    "E-OUT-DISK": (
        "The workbook could not be written: {reason}.",
        "See that the disk has room, then run the command again.",
        "工作簿未能写出：{reason}。请检查磁盘空间后重试。",
    ),
    "E-OUT-LOCKED": (
        "The file cannot be replaced ({reason}); it is probably open in Excel or WPS.",
        "Close it there, or choose another name, and run the command again.",
        "文件无法替换（{reason}），可能正在 Excel 或 WPS 中打开。请先关闭，或另取文件名后重试。",
    ),
}


def unwritten(code: str, path: Path, error: Exception) -> InputError:
    """The error of a file that could not be written: ``E-OUT-LOCKED``, ``-FOLDER`` or ``-DISK``."""
    message, hint, zh = _SAID[code]
    reason = getattr(error, "strerror", None) or str(error)
    return InputError(message, hint=hint, zh=zh, code=code, where=str(path), reason=reason)
