"""Cells in and out of workbooks with each library, bare: no styles, no widths, no checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import python_calamine
import xlsxwriter

__all__ = [
    "Sheets", "count", "read_calamine", "read_fastexcel", "read_openpyxl", "write_rustpy", "write_xlsxwriter",
]  # fmt: skip

Sheets: TypeAlias = Mapping[str, Sequence[Sequence[Any]]]


def count(sheets: Sheets) -> int:
    """Cells that hold something."""
    return sum(cell not in ("", None) for rows in sheets.values() for row in rows for cell in row)


def read_calamine(path: Path) -> Sheets:
    """Every sheet as rows of Python values; what our reader uses."""
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def read_openpyxl(path: Path) -> Sheets:
    """The same with openpyxl in its read-only mode."""
    import openpyxl  # noqa: PLC0415, TID251 - measured, not used

    book = openpyxl.load_workbook(path, read_only=True)
    found = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}
    book.close()
    return found


def read_fastexcel(path: Path) -> dict[str, Any]:
    """Every sheet as an Arrow table; Python values are not made."""
    import fastexcel  # noqa: PLC0415 - a peer that may be missing
    import pyarrow as _  # noqa: F401, PLC0415 - fastexcel hands over with it

    book = fastexcel.read_excel(path)
    return {name: book.load_sheet(name).to_arrow() for name in book.sheet_names}


def write_xlsxwriter(path: Path, sheets: Sheets, *, constant_memory: bool = True) -> None:
    """Write with the library and mode that our workbook uses."""
    plain = {"constant_memory": constant_memory, "strings_to_urls": False, "strings_to_formulas": False}
    with xlsxwriter.Workbook(str(path), plain) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, ["" if cell is None else cell for cell in row])


def write_rustpy(path: Path, sheets: Sheets) -> None:
    """Write records with rustpy-xlsxwriter; it takes mappings, made here from the first row's headings."""
    import rustpy_xlsxwriter  # noqa: PLC0415 - a peer that may be missing

    for name, (heads, *rows) in sheets.items():
        records = [dict(zip(heads, row, strict=True)) for row in rows]
        rustpy_xlsxwriter.write_worksheet(records, str(path), name)
