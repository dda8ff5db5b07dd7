"""The door for writing: one city plan becomes one workbook.

The file is written under another name beside its target and moved into place when it is
complete, so that nothing half written remains.  The same plan gives the same bytes.

Reads from: ``sheets``, ``styles``, ``wording``.  Read by: the command line.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path
from typing import Any, TypeAlias

from xlsxwriter.exceptions import FileCreateError

from taizhang.errors import InputError
from taizhang.exchange.excel.sheets.archive import ArchiveBook
from taizhang.exchange.excel.sheets.baseline import BASELINE, baseline_sheet
from taizhang.exchange.excel.sheets.complaints import complaints_sheet
from taizhang.exchange.excel.sheets.departments import departments_sheet
from taizhang.exchange.excel.sheets.differences import differences_sheet
from taizhang.exchange.excel.sheets.duties import duties_sheet
from taizhang.exchange.excel.sheets.entries import entries_sheet
from taizhang.exchange.excel.sheets.estates import estates_sheet
from taizhang.exchange.excel.sheets.frame import Book
from taizhang.exchange.excel.sheets.gap_rows import gap_rows
from taizhang.exchange.excel.sheets.gaps import gaps_sheet
from taizhang.exchange.excel.sheets.leverage import leverage_sheet
from taizhang.exchange.excel.sheets.notes import notes_sheet
from taizhang.exchange.excel.sheets.originals import OriginalNames, originals_sheets
from taizhang.exchange.excel.sheets.overview import overview_sheet
from taizhang.exchange.excel.sheets.questions import questions_sheet
from taizhang.exchange.excel.sheets.sentences import Sentences
from taizhang.exchange.excel.sheets.units import units_sheets
from taizhang.exchange.excel.styles import Styles
from taizhang.exchange.excel.wording import Wording
from taizhang.rules.terms import CityPlan

__all__ = ["Progress", "write_workbook"]

#: Told how many rows have been written, and how many there are in all.
Progress: TypeAlias = Callable[[int, int], None]

_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
}
_FIXED = (
    "overview",
    "estates",
    "gaps",
    "departments",
    "duties",
    "units",
    "leverage",
    "questions",
    "entries",
    "complaints",
    "differences",
    "notes",
)


def write_workbook(
    path: Path, city: CityPlan, *, language: str = "zh", progress: Progress | None = None
) -> None:
    """Write the workbook of a city plan.

    Args:
        path: The file to write; one that exists is replaced.
        city: What to write.
        language: ``zh`` or ``en``; labels come from the pack, everything else from ``wording``.
        progress: Told the rows written and the rows in all.

    Raises:
        InputError: ``E-OUT-LOCKED`` where the target is open in another program,
            ``E-OUT-FOLDER`` where nothing can be written in its folder.
    """
    path = Path(path)
    _refuse_locked(path)
    beside = path.with_name(f".{path.stem}.{os.getpid()}.part")
    try:
        _write(beside, city, Wording(language), progress)
        _move(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _write(path: Path, city: CityPlan, wording: Wording, progress: Progress | None) -> None:
    try:
        path.touch()
    except OSError as error:
        raise InputError(
            "Nothing can be written in this folder ({reason}).",
            hint="Choose another folder with -o, or ask for the right to write here.",
            zh="无法写入该文件夹（{reason}）。请用 -o 另选文件夹，或取得写入权限。",
            code="E-OUT-FOLDER",
            where=str(path.parent),
            reason=error.strerror or str(error),
        ) from error
    workbook = ArchiveBook(path, _OPTIONS)
    _properties(workbook, city, wording)
    _sheets(workbook, city, wording, progress)
    try:
        workbook.close()
    except FileCreateError as error:
        raise InputError(
            "The workbook could not be written: {reason}.",
            hint="See that the disk has room, then run the command again.",
            zh="工作簿未能写出：{reason}。请检查磁盘空间后重试。",
            code="E-OUT-DISK",
            where=str(path.parent),
            reason=str(error),
        ) from error


def _properties(workbook: Any, city: CityPlan, wording: Wording) -> None:
    """Set title and date; the date is that of the plan, so that equal plans give equal bytes."""
    workbook.set_properties(
        {
            "title": city.pack.title.in_(wording.language),
            "author": "台账 Taizhang",
            "comments": f"{city.pack.id} {city.pack.version} {city.pack.digest[:12]}",
            "created": datetime.combine(city.pack.as_of, time()),
        }
    )
    workbook.set_size(1920, 1080)


def _sheets(workbook: Any, city: CityPlan, wording: Wording, progress: Progress | None) -> None:
    """Lay out every sheet, in the order of their tabs."""
    counter = _Counter(progress)
    book = Book(
        workbook=workbook,
        city=city,
        styles=Styles(workbook),
        wording=wording,
        sentences=Sentences(city, wording),
        gaps=gap_rows(city),
        written=counter.add,
        fictional=any(source.kind == "fictional" for source in city.pack.sources.values()),
    )
    names = OriginalNames(
        city, wording.sheet("original"), [*(wording.sheet(key) for key in _FIXED), BASELINE]
    )
    overview = workbook.add_worksheet(wording.sheet("overview"))
    estates_sheet(book)
    gaps = gaps_sheet(book)
    departments_sheet(book)
    duties_sheet(book)
    units_sheets(book)
    leverage_sheet(book)
    asked, questions = questions_sheet(book)
    entries_sheet(book)
    complaints_sheet(book, names.of(city.complaints))
    differences_sheet(book, names)
    originals_sheets(book, names)
    notes_sheet(book)
    if names.copies:
        baseline_sheet(book, names, gaps, questions)
    overview_sheet(book, overview, asked)
    counter.total = sum(sheet.row_count for sheet in workbook.worksheets() if sheet is not overview)


class _Counter:
    """Counts the rows written, and tells."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._done = 0
        self.total = 0

    def add(self, rows: int) -> None:
        """Count further rows."""
        self._done += rows
        if self._progress is not None:
            self._progress(self._done, self.total)


def _refuse_locked(path: Path) -> None:
    """See before the work begins that an existing target can be replaced."""
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
        hint="Close it there, or choose another name with -o, and run the command again.",
        zh="文件无法替换，可能正在 Excel 或 WPS 中打开。请先关闭，或用 -o 另取文件名，再重新执行。",
        code="E-OUT-LOCKED",
        where=str(path),
    )
