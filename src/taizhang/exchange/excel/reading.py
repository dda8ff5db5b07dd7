"""The door for ledgers: a workbook becomes rows, with its columns explained and its cells kept.

Nothing is guessed in silence: a column is recognised for a reason that is shown, a cell that
is not understood is a complaint with its address, and every cell comes back unchanged.

Reads from: ``opening``, ``tables``, ``headings``, ``identity``, ``values``, ``doubles``, ``rules.terms``.
Read by: ``cli``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from taizhang.errors import InputError
from taizhang.exchange.excel.doubles import each_place_once
from taizhang.exchange.excel.headings import Headings, Match, no_headings, noted, recognise, yuan_of
from taizhang.exchange.excel.identity import read_identity
from taizhang.exchange.excel.opening import OpenSheet, open_sheets
from taizhang.exchange.excel.tables import (
    Cell,
    Table,
    address,
    as_text,
    caption_of,
    column_letters,
    find_table,
    spread,
)
from taizhang.exchange.excel.values import Nearly, Read, Refusal, read_fact, read_held
from taizhang.rules.terms import Complaint, Held, Ledger, LedgerRow, Pack, RecognisedColumn, SheetCopy, Value

__all__ = ["read_ledger"]

_PLACES = ("estate", "building", "unit")
_DITTO = re.compile(r"^(同\s*上|[〃″”“\"'’.·…-]+)$")  # as above: says nothing that could be relied on
_NUMERIC = ("decimal", "integer", "money")
_HELP_SHEETS = ("填表说明", "填报说明", "说明")  # in one column: as the template has it, no complaint
_CELL_LONGEST = 32_767  # characters a cell of Excel may hold
_HEADING_LONGEST = 20  # what is longer is shown to nobody as a heading


@dataclass(slots=True)
class _Reading:
    """What is found while a workbook is read."""

    pack: Pack
    headings: Headings
    rows: list[LedgerRow] = field(default_factory=list)
    columns: list[RecognisedColumn] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)
    copies: list[SheetCopy] = field(default_factory=list)
    seen: dict[str, None] = field(default_factory=dict)  #: what may be headings of sheets not understood
    tables: int = 0  #: sheets with known headings

    def complain(self, code: str, at: tuple[str, str], read: str, en: str, zh: str) -> None:
        self.complaints.append(Complaint(code, *at, read[:200], en, zh))


@dataclass(slots=True)
class _Column:
    """A column of a sheet that is understood, and what its cells were read as."""

    match: Match
    letters: str
    yuan: int
    numeric: bool
    read: dict[tuple[type, Cell], Read | Held] = field(default_factory=dict)
    nearly: list[str] = field(default_factory=list)  #: cells read by a part of a choice's name


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet that is understood."""

    name: str
    level: str
    raw: tuple[tuple[Cell, ...], ...]
    full: list[list[Cell]]  #: with merged cells filled
    columns: dict[int, _Column]
    letters: dict[str, str]  #: field -> letters of its column
    numbers: frozenset[int]  #: columns that only number the rows


@dataclass(frozen=True, slots=True)
class _Addresses(Mapping[str, str]):
    """Field -> address of its cell in one row."""

    letters: dict[str, str]
    row: int

    def __getitem__(self, field: str) -> str:
        return f"{self.letters[field]}{self.row}"

    def __iter__(self) -> Iterator[str]:
        return iter(self.letters)

    def __len__(self) -> int:
        return len(self.letters)


def read_ledger(path: Path, pack: Pack, *, progress: Callable[[str, int, int], None] | None = None) -> Ledger:
    """Read a ledger.

    Args:
        path: A workbook; its kind is told by its content.
        pack: Gives the headings, facts and papers that are known.
        progress: Called with stage, done, total.

    Returns:
        Rows, columns with their reasons, complaints, and every cell as it was.

    Raises:
        InputError: The file cannot be read (``E-FILE-…``), has no known headings
            (``E-LEDGER-HEADINGS``) or no estate (``E-LEDGER-EMPTY``).
    """
    sheets = open_sheets(path, (lambda done, total: progress("read", done, total)) if progress else None)
    reading = _Reading(pack, Headings(pack))
    understood = [_read_sheet(reading, sheet) for sheet in sheets]
    if not any(understood):
        raise no_headings(path.name, reading.headings, reading.seen, tables=reading.tables > 0)
    if any(sheet.macros for sheet in sheets):
        en, zh = "The workbook contains macros; they are ignored.", "工作簿含有宏，已忽略。"
        reading.complain("C-MACRO", ("", ""), path.name, en, zh)
    rows, more = each_place_once(reading.rows)
    reading.complaints += more
    if not rows:
        raise InputError(
            "{file} has headings but no estate below them.",
            hint="Fill in at least one row with the name of an estate.",
            zh="{file} 有表头但没有小区数据，请至少填写一行小区名称。",
            where=path.name,
            code="E-LEDGER-EMPTY",
            file=path.name,
        )
    found = (reading.columns, reading.complaints, reading.copies)
    return Ledger(path.name, tuple(rows), *map(tuple, found))  # type: ignore[arg-type]


# -------------------------------------------------------------------------------- sheets


def _read_sheet(reading: _Reading, sheet: OpenSheet) -> bool:
    """Read one sheet; say whether it was understood."""
    table = None if sheet.hidden else find_table(sheet.rows, sheet.merges, reading.headings.knows)
    caption = caption_of(sheet.rows, table) if table else ""
    said = recognise(reading.headings, sheet.name, table, caption) if table else ({}, [], [])
    understood = any(match.field == "estate" for match in said[0].values())
    header = table.header_rows if table and understood else ()
    reading.copies.append(SheetCopy(sheet.name, sheet.as_it_was(), sheet.merges, header))
    reading.tables += table is not None
    _long_cells(reading, sheet)
    if table is None or not understood:
        _not_understood(reading, sheet)
        return False
    reading.complaints += said[2]
    for cell, error in sheet.unread.items():
        en = "A formula without a value or with an error; enter the value itself."
        zh = "公式没有结果或结果有误，请直接填写数值。"
        reading.complain("C-FORMULA", (sheet.name, address(*cell)), error, en, zh)
    view = _view(reading, sheet, table, said[0], caption)
    reading.rows += [row for number in table.rows if (row := _row(reading, view, number)) is not None]
    notes = {column.letters: column.nearly for column in view.columns.values() if column.nearly}
    reading.columns += [noted(column, notes.get(column.column, [])) for column in said[1]]
    return True


def _not_understood(reading: _Reading, sheet: OpenSheet) -> None:
    for cell in (cell for row in sheet.rows[:8] for cell in row if isinstance(cell, str)):
        if len(text := cell.strip()) <= _HEADING_LONGEST and "\n" not in text:
            reading.seen[text] = None
    told = sheet.name in _HELP_SHEETS and len(sheet.rows[0]) == 1 if sheet.rows else True
    if not told and not sheet.hidden:
        en = "This sheet was not understood (no column with the name of the estate); it comes back unchanged."
        zh = "未能识别此工作表（缺少“小区名称”列），将原样返回。"
        reading.complain("C-SHEET", (sheet.name, ""), sheet.name, en, zh)


def _long_cells(reading: _Reading, sheet: OpenSheet) -> None:
    for number, row in enumerate(sheet.rows):
        for column, cell in enumerate(row):
            if isinstance(cell, str) and len(cell) > _CELL_LONGEST:
                en = (
                    f"The text has {len(cell)} characters; a cell of Excel holds {_CELL_LONGEST}. Shorten it."
                )
                zh = f"文本长达 {len(cell)} 字，超过 Excel 单元格上限 {_CELL_LONGEST} 字，请缩短。"
                reading.complain("C-LONG", (sheet.name, address(number, column)), cell, en, zh)


def _view(
    reading: _Reading, sheet: OpenSheet, table: Table, matches: dict[int, Match], caption: str
) -> _Sheet:
    fields = {match.field for match in matches.values()}
    level = "unit" if "unit" in fields else "building" if "building" in fields else "estate"
    columns = {}
    for number, match in matches.items():
        fact = reading.pack.facts.get(match.field)
        yuan = yuan_of("/".join(table.headings[number]), caption)
        numeric = fact is not None and fact.type in _NUMERIC
        columns[number] = _Column(match, column_letters(number), yuan, numeric)
    below = [merge for merge in sheet.merges if merge[0] > table.header_rows[-1]]
    for top, left, bottom, _ in below:
        if bottom > top and left in columns and columns[left].numeric:
            en = "One number for several rows; it counts for the first only. Enter it on each row."
            zh = "一个数值合并了多行，只计入首行；请逐行填写。"
            cell = sheet.rows[top][left]
            reading.complain("C-VALUE", (sheet.name, address(top, left)), as_text(cell), en, zh)
    letters = {one.match.field: one.letters for one in columns.values()}
    numbers = frozenset(index for index, match in matches.items() if match.field == "serial_number")
    return _Sheet(sheet.name, level, sheet.rows, spread(sheet.rows, below), columns, letters, numbers)


# ---------------------------------------------------------------------------------- rows


def _row(reading: _Reading, sheet: _Sheet, number: int) -> LedgerRow | None:
    raw, full = sheet.raw[number], sheet.full[number]
    if all(cell is None or index in sheet.numbers for index, cell in enumerate(raw)):
        return None  # numbered in advance
    identity: dict[str, str] = {}
    facts: dict[str, Value] = {}
    held: dict[str, Held] = {}
    cells = _Addresses(sheet.letters, number + 1)
    for index, column in sheet.columns.items():
        name, cell = column.match.field, raw[index] if column.numeric else full[index]
        if column.match.kind == "identity":
            identity[name], wrong = read_identity(name, cell)
            if wrong:
                reading.complain(wrong.code, (sheet.name, cells[name]), as_text(cell), wrong.en, wrong.zh)
            continue
        value = None if cell is None else _value(reading.pack, column, cell)
        if value is None:
            continue
        if isinstance(value, Refusal):
            reading.complain(value.code, (sheet.name, cells[name]), as_text(cell), value.en, value.zh)
        elif isinstance(value, Held):
            held[name] = value
        elif isinstance(value, Nearly):
            facts[name] = value.value
            column.nearly.append(f"{cells[name]} {as_text(cell)[:30]} → {value.label.zh}")
        else:
            facts[name] = value
    found = LedgerRow("", sheet.name, number + 1, "", "", "", identity, facts, held, cells)
    return _placed(reading, sheet, found)


def _value(pack: Pack, column: _Column, cell: Cell) -> Read | Held:
    """What a cell means; most cells of a column say what another has said before."""
    key = (type(cell), cell)
    if key not in column.read:
        name = column.match.field
        papers = column.match.kind == "evidence"
        column.read[key] = read_held(cell) if papers else read_fact(pack.facts[name], cell, column.yuan)
    return column.read[key]


def _placed(reading: _Reading, sheet: _Sheet, row: LedgerRow) -> LedgerRow | None:
    """The row with its place; a row that does not say its place is a complaint."""
    identity = {name: text for name, text in row.identity.items() if text and name not in _PLACES}
    estate, building, unit = (row.identity.get(name, "") for name in _PLACES)
    if unit and (entrance := identity.get("entrance", "")):  # 单元 in a column of its own
        unit = f"{entrance}单元{unit}" if entrance.isdigit() else f"{entrance}{unit}"
    if _DITTO.match(estate):
        estate = ""
    missing = "estate" if not estate else "unit" if sheet.level == "unit" and not unit else ""
    if missing:
        en = "This row does not say which estate (or unit) it is about; enter the name."
        zh = "此行未写明小区名称（或房号），请补填。"
        reading.complain("C-NAME", (sheet.name, row.cells[missing]), row.identity[missing], en, zh)
        return None
    level = "estate" if sheet.level == "building" and not building else sheet.level
    return replace(row, level=level, estate=estate, building=building, unit=unit, identity=identity)
