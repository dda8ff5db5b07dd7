"""The sheets 原表: what the officer sent, cell by cell, with the problem cells coloured.

Reads from: ``row_sheet``, ``frame``.  Read by: ``workbook``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress

from xlsxwriter.exceptions import OverlappingRange

from taizhang.exchange.excel.sheets.cell_text import printable
from taizhang.exchange.excel.sheets.frame import Book, set_page
from taizhang.exchange.excel.sheets.row_sheet import Line, RowSheet
from taizhang.rules.terms import CityPlan, Complaint, SheetCopy

__all__ = ["OriginalNames", "originals_sheets"]

_FORBIDDEN = re.compile("[\\[\\]:*?/\\\\\x00-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST_NAME = 31  #: UTF-16 units
_COMMENTS = 2_000  #: on one sheet; every problem cell is coloured, these also carry the words
_CELL = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_WIDEST = 40


class OriginalNames:
    """What the copies are called in our workbook, and where the cell of a complaint is.

    Names are cut to Excel's 31 characters, freed of what Excel forbids and made unique.
    """

    def __init__(self, city: CityPlan, word: str, taken: Sequence[str]) -> None:
        self._taken = {name.casefold() for name in taken}
        self.copies: list[tuple[str, SheetCopy]] = []
        self._of: dict[tuple[int, str], str] = {}
        several = sum(len(ledger.sheets) for ledger in city.ledgers) > 1
        for number, ledger in enumerate(city.ledgers):
            for sheet in ledger.sheets:
                name = self._unique(f"{word}-{sheet.name}" if several else word)
                self.copies.append((name, sheet))
                self._of[number, sheet.name] = name
        self._ledger_of: dict[Complaint, list[int]] = defaultdict(list)
        for number, ledger in enumerate(city.ledgers):
            for complaint in ledger.complaints:
                self._ledger_of[complaint].append(number)

    def of(self, complaints: Sequence[Complaint]) -> list[str | None]:
        """Return for each complaint the copy its cell is in, or ``None``."""
        waiting = {complaint: iter(ledgers) for complaint, ledgers in self._ledger_of.items()}
        nobody: Iterator[int] = iter(())
        return [self._find(one, next(waiting.get(one, nobody), None)) for one in complaints]

    def of_ledgers(self, city: CityPlan) -> Iterator[tuple[str, str, SheetCopy]]:
        """Yield for each copy its name, the file of its ledger and what it holds."""
        ledgers = (ledger.path for ledger in city.ledgers for _ in ledger.sheets)
        for (name, sheet), ledger in zip(self.copies, ledgers, strict=True):
            yield name, ledger, sheet

    def _find(self, complaint: Complaint, ledger: int | None) -> str | None:
        if ledger is not None:
            return self._of.get((ledger, complaint.sheet))
        return next((name for (_, sheet), name in self._of.items() if sheet == complaint.sheet), None)

    def _unique(self, name: str) -> str:
        name = _FORBIDDEN.sub("_", name).strip("'") or "_"
        for number in range(1, 10_000):
            suffix = f"({number})" if number > 1 else ""
            tried = _cut(name, _LONGEST_NAME - len(suffix)).strip("'") + suffix
            if tried.casefold() not in self._taken:
                self._taken.add(tried.casefold())
                return tried
        raise ValueError(f"no free name for a copy of {name}")


def _cut(name: str, units: int) -> str:
    """Return a name of at most ``units`` UTF-16 units."""
    return name.encode("utf-16-le", "replace")[: units * 2].decode("utf-16-le", "ignore")


def originals_sheets(book: Book, names: OriginalNames) -> None:
    """Write the copies, one sheet each."""
    complaints: dict[str, dict[tuple[int, int], list[Complaint]]] = defaultdict(lambda: defaultdict(list))
    found = book.city.complaints
    for complaint, copy in zip(found, names.of(found), strict=True):
        where = _position(complaint.cell)
        if copy is not None and where is not None:
            complaints[copy][where].append(complaint)
    for name, sheet in names.copies:
        _sheet(book, name, sheet, complaints[name])


def _position(cell: str) -> tuple[int, int] | None:
    """Return row and column from 0, or ``None`` where no single cell is named."""
    found = _CELL.fullmatch(cell)
    if found is None:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]) - 1, column - 1


def _sheet(book: Book, name: str, copy: SheetCopy, problems: dict[tuple[int, int], list[Complaint]]) -> None:
    zh = book.wording.language == "zh"
    sheet: RowSheet = book.workbook.add_worksheet(name, worksheet_class=RowSheet)
    columns = max((len(row) for row in copy.rows), default=1)
    for _, column in problems:
        columns = max(columns, column + 1)
    rows = max([len(copy.rows), *(row + 1 for row, _ in problems)])
    for column, width in enumerate(_widths(copy, columns)):
        sheet.set_column(column, column, width)
    for first_row, first_column, last_row, last_column in copy.merges:
        if (first_row, first_column) != (last_row, last_column):
            with suppress(OverlappingRange):  # Excel would call the file damaged
                sheet.merge_range(first_row, first_column, last_row, last_column, "")
    for (row, column), found in sorted(problems.items())[:_COMMENTS]:
        words = "\n".join(f"{one.code}：{one.zh if zh else one.message}" for one in found)
        sheet.write_comment(
            row, column, printable(words[:2_000]), {"author": "taizhang", "x_scale": 2, "font_size": 9}
        )
    if copy.header_rows:
        sheet.freeze_panes(max(copy.header_rows) + 1, 0)
        sheet.repeat_rows(min(copy.header_rows), max(copy.header_rows))
    if copy.hidden:
        sheet.hide()
    set_page(book, sheet)
    sheet.stream(_lines(book, copy, set(problems), (rows, columns)), rows, columns, book.written)


def _lines(
    book: Book, copy: SheetCopy, problems: set[tuple[int, int]], shape: tuple[int, int]
) -> Iterator[Line]:
    """Yield the rows as they were; only colour is added."""
    rows, columns = shape
    raw, head, problem = (
        [book.styles.raw_ink(**kind)] * columns for kind in ({}, {"head": True}, {"problem": True})
    )
    coarse: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for (row, column), code in copy.coarse.items():
        coarse[row].append((column, code))
    marked: dict[int, list[int]] = defaultdict(list)
    for row, column in problems:
        marked[row].append(column)
    heads = set(copy.header_rows)
    for number in range(rows):
        values = copy.rows[number] if number < len(copy.rows) else ()
        inks = head if number in heads else raw
        if number in marked or number in coarse:
            inks = list(inks)
            for column in marked[number]:
                inks[column] = problem[column]
            for column, code in coarse.get(number, ()):
                inks[column] = book.styles.coarse_ink(code, problem=column in marked[number])
        yield Line(values, inks)


def _widths(copy: SheetCopy, columns: int) -> list[float]:
    """Return readable widths, from the first rows."""
    widths = [8.0] * columns
    covered = {
        (row, column)
        for first_row, first_column, last_row, last_column in copy.merges
        if last_column > first_column
        for row in range(first_row, min(last_row, 200) + 1)
        for column in range(first_column, last_column + 1)
    }
    for number, row in enumerate(copy.rows[:200]):
        for column, value in enumerate(row):
            if value is not None and (number, column) not in covered:
                text = str(value).split("\n")[0]
                wide = sum(2 if ord(one) > 0x2E80 else 1 for one in text)
                widths[column] = min(_WIDEST, max(widths[column], wide + 2))
    return widths
