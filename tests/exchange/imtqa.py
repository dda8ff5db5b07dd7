"""Annotated Chinese tables of the IM-TQA data set, each written to a workbook with its merged cells.

The data set is outside material (``../shared``) and never part of the repository.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter

FILE = Path("data") / "table_headers_imtqa" / "imtqa_tables_a.jsonl"


@dataclass(frozen=True, slots=True)
class Annotated:
    """One table of the data set.

    Attributes:
        name: Its identifier.
        kind: vertical, hierarchical, horizontal or complex.
        split: train, dev or test.
        cells: Cell numbers by row and column; a number that is repeated is a merged cell.
        texts: Text of each cell number.
        headings: Cell numbers annotated as headings of columns.
    """

    name: str
    kind: str
    split: str
    cells: tuple[tuple[int, ...], ...]
    texts: tuple[str, ...]
    headings: frozenset[int]

    def merges(self) -> list[tuple[int, int, int, int]]:
        """Rectangles of one cell number: first row, first column, last row, last column."""
        corners: dict[int, list[int]] = {}
        for row, numbers in enumerate(self.cells):
            for column, number in enumerate(numbers):
                if number not in corners:
                    corners[number] = [row, column, row, column, 0]
                corner = corners[number]
                corner[1], corner[2] = min(corner[1], column), row
                corner[3] = max(corner[3], column)
                corner[4] += 1
        return [
            (top, left, bottom, right)
            for top, left, bottom, right, filled in corners.values()
            if filled > 1 and filled == (bottom - top + 1) * (right - left + 1)
        ]

    def filled(self, rows: tuple[int, ...]) -> set[int]:
        """Numbers of the cells in these rows that are not blank."""
        inside = {number for row in rows for number in self.cells[row]}
        return {number for number in inside if self.texts[number].strip()}

    def annotated(self) -> set[int]:
        """The annotated headings that are not blank."""
        return {number for number in self.headings if self.texts[number].strip()}


def tables(shared: Path) -> list[Annotated]:
    """Every table of the data set."""
    found = []
    for line in (shared / FILE).read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        found.append(
            Annotated(
                one["table_id"],
                one["table_type"],
                one["split"],
                tuple(map(tuple, one["cell_ID_matrix"])),
                tuple(one["chinese_cell_value_list"]),
                frozenset(one["column_attribute"]),
            )
        )
    return found


def written(table: Annotated) -> list[list[str | None]]:
    """What the workbook of a table holds: each merged text once, nothing where a cell is empty."""
    seen: set[int] = set()
    whole = {table.cells[top][left] for top, left, _, _ in table.merges()}
    rows = []
    for numbers in table.cells:
        row: list[str | None] = []
        for number in numbers:
            again = number in seen and number in whole
            row.append(None if again else table.texts[number] or None)
            seen.add(number)
        rows.append(row)
    return rows


def write(table: Annotated, path: Path) -> Path:
    """Write one table as a workbook: every text once, merged cells as merged ranges."""
    with xlsxwriter.Workbook(path, {"strings_to_numbers": False}) as book:
        sheet = book.add_worksheet()
        first: set[int] = set()
        for top, left, bottom, right in table.merges():
            number = table.cells[top][left]
            first.add(number)
            sheet.merge_range(top, left, bottom, right, "")
            sheet.write_string(top, left, table.texts[number])
        for row, numbers in enumerate(table.cells):
            for column, number in enumerate(numbers):
                if number not in first:
                    sheet.write_string(row, column, table.texts[number])
    return path
