"""Ledgers as officers keep them, a sheet at a time.

A test says only the cells that matter::

    write(path, Sheet("小区台账", [["小区名称", "总户数"], ["甲小区", 12]]))
"""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

import xlsxwriter

from taizhang.exchange.excel.reading import read_ledger
from taizhang.rules.terms import Complaint, Ledger, Pack

HEADING = ["序号", "小区名称", "总户数", "土地状况", "土地证"]
ESTATE = ["1", "甲小区", "12", "无用地手续", "缺"]


@dataclass(frozen=True)
class Formula:
    """A formula and the value Excel had kept for it; an error is a value such as ``#N/A``."""

    text: str
    value: object = 0


@dataclass(frozen=True)
class Sheet:
    """One sheet: its cells, its merged ranges (``A1:C1``), and whether it is hidden."""

    name: str
    rows: Sequence[Sequence[object]]
    merges: Sequence[str] = ()
    hidden: bool = False


def write(path: Path, *sheets: Sheet, **options: object) -> Path:
    """Write a workbook; ``None`` is no cell at all."""
    with xlsxwriter.Workbook(str(path), {"strings_to_urls": False, **options}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            for merge in sheet.merges:
                page.merge_range(merge, "")
            for row, cells in enumerate(sheet.rows):
                for column, cell in enumerate(cells):
                    _put(page, row, column, cell, {date: day, datetime: moment, time: moment})
            if sheet.hidden:
                page.hide()
        if len(sheets) > 1 and sheets[0].hidden:
            book.worksheets()[1].activate()
            book.worksheets()[1].set_first_sheet()
    return path


def _put(page: object, row: int, column: int, cell: object, looks: dict[type, object]) -> None:
    if cell is None:
        return
    if isinstance(cell, Formula):
        page.write_formula(row, column, cell.text, None, cell.value)
    elif isinstance(cell, bool):
        page.write_boolean(row, column, cell)
    elif isinstance(cell, int | float):
        page.write_number(row, column, cell)
    elif isinstance(cell, date | time):
        page.write_datetime(row, column, cell, looks[type(cell)])
    else:
        page.write_string(row, column, str(cell))


def patch(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """Change one part inside a workbook, or add it."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts.get(part, b""))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def convert(soffice: str, path: Path, kind: str) -> Path:
    """The same workbook as LibreOffice writes it in another format (``xls``, ``ods``)."""
    profile = path.parent / f"profile-{kind}"
    command = [soffice, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", kind]
    command += ["--outdir", str(path.parent), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    shutil.rmtree(profile, ignore_errors=True)
    return path.with_suffix(f".{kind}")


def read(folder: Path, pack: Pack, *sheets: Sheet, **options: object) -> Ledger:
    """Write the sheets and read them as a ledger."""
    return read_ledger(write(folder / "台账.xlsx", *sheets, **options), pack)


def codes(ledger: Ledger) -> list[str]:
    """The codes of the complaints, in order."""
    return [complaint.code for complaint in ledger.complaints]


def complaint(ledger: Ledger, code: str) -> Complaint:
    """The one complaint of this code."""
    (found,) = [one for one in ledger.complaints if one.code == code]
    return found


def cells(ledger: Ledger, sheet: str) -> dict[tuple[int, int], object]:
    """Every cell of a sheet's copy that is not empty, by row and column from 0."""
    (copy,) = [one for one in ledger.sheets if one.name == sheet]
    return {
        (row, column): cell
        for row, line in enumerate(copy.rows)
        for column, cell in enumerate(line)
        if cell is not None
    }
