"""The door for ledgers: a workbook becomes rows, with its columns explained and its cells kept.

Nothing is guessed in silence: a column is recognised for a reason that is shown, a cell that
is not understood is a complaint with its address, and every cell comes back unchanged.

Reads from: ``opening``, ``tables``, ``headings``, ``rows``, ``doubles``, ``collecting``, ``rules.terms``.
Read by: ``cli``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from taizhang.collecting import no_search_for_cycles
from taizhang.errors import InputError
from taizhang.exchange.excel.coarse import as_shown
from taizhang.exchange.excel.further import first_table
from taizhang.exchange.excel.headings import Headings, Match, yuan_of
from taizhang.exchange.excel.joining.doubles import each_place_once
from taizhang.exchange.excel.mapping import LedgerMapping, SheetMapping
from taizhang.exchange.excel.opening import OpenSheet, open_sheets
from taizhang.exchange.excel.recognising import no_headings, noted, recognise
from taizhang.exchange.excel.remembering import fitting
from taizhang.exchange.excel.rows import Column, Rows, Understood
from taizhang.exchange.excel.tables import (
    Table,
    address,
    as_text,
    caption_of,
    column_letters,
    find_table,
    spread,
    table_at,
)
from taizhang.exchange.excel.values import Refusal, read_fact, read_held
from taizhang.rules.terms import Complaint, Ledger, LedgerRow, Pack, RecognisedColumn, SheetCopy

__all__ = ["read_ledger", "read_sheets"]

_NUMERIC = ("decimal", "integer", "money")
_HELP_SHEETS = ("填表说明", "填报说明", "说明")  # in one column: as the template has it, no complaint
_CELL_LONGEST = 32_767  # characters a cell of Excel may hold
_HEADING_LONGEST = 20  # what is longer is shown to nobody as a heading


@dataclass(slots=True)
class _Reading:
    """What is found while a workbook is read."""

    pack: Pack
    headings: Headings
    mapping: LedgerMapping
    rows: list[LedgerRow] = field(default_factory=list)
    columns: list[RecognisedColumn] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)
    copies: list[SheetCopy] = field(default_factory=list)
    seen: dict[str, None] = field(default_factory=dict)  #: what may be headings of sheets not understood
    tables: int = 0  #: sheets with known headings

    def complain(self, code: str, at: tuple[str, str], read: str, en: str, zh: str) -> None:
        self.complaints.append(Complaint(code, *at, read[:200], en, zh))


def read_ledger(
    path: Path,
    pack: Pack,
    *,
    mapping: LedgerMapping | None = None,
    remembered: Sequence[LedgerMapping] = (),
    progress: Callable[[str, int, int], None] | None = None,
) -> Ledger:
    """Read a ledger.

    Args:
        path: A workbook or a table of text; its kind is told by its content.
        pack: Gives the headings, facts and papers that are known.
        mapping: What this office means by its headings and words.
        remembered: Where none is given, those of earlier ledgers: one is used if it alone fits.
        progress: Called with stage, done, total.

    Returns:
        Rows, columns with their reasons, complaints, and every cell as it was.

    Raises:
        InputError: The file cannot be read (``E-FILE-…``), has no known headings
            (``E-LEDGER-HEADINGS``) or no estate (``E-LEDGER-EMPTY``), or the mapping gives a word a
            meaning that its column cannot have (``E-MAPPING-VALUE``).
    """
    with no_search_for_cycles():
        sheets = open_sheets(path, (lambda done, total: progress("read", done, total)) if progress else None)
        used = mapping or fitting(sheets, remembered) or LedgerMapping()
        return read_sheets(path.name, sheets, pack, used)


def read_sheets(file: str, sheets: Sequence[OpenSheet], pack: Pack, mapping: LedgerMapping) -> Ledger:
    """Read the sheets of an open workbook; as :func:`read_ledger`."""
    reading = _Reading(pack, Headings(pack, mapping.headings), mapping)
    understood = [_read_sheet(reading, sheet) for sheet in sheets]
    if not any(understood):
        raise no_headings(file, reading.headings, reading.seen, tables=reading.tables > 0)
    if any(sheet.macros for sheet in sheets):
        en, zh = "The workbook contains macros; they are ignored.", "工作簿含有宏，已忽略。"
        reading.complain("C-MACRO", ("", ""), file, en, zh)
    rows, more, differences = each_place_once(reading.rows, file, reading.copies)
    reading.complaints += more
    if not rows:
        raise InputError(
            "{file} has headings but no estate below them.",
            hint="Fill in at least one row with the name of an estate.",
            zh="{file} 有表头但没有小区数据，请至少填写一行小区名称。",
            where=file,
            code="E-LEDGER-EMPTY",
            file=file,
        )
    return Ledger(
        file,
        tuple(rows),
        tuple(reading.columns),
        tuple(reading.complaints),
        tuple(reading.copies),
        differences=tuple(differences),
    )


# -------------------------------------------------------------------------------- sheets


def _read_sheet(reading: _Reading, sheet: OpenSheet) -> bool:
    """Read one sheet; say whether it was understood."""
    told = reading.mapping.sheets.get(sheet.name, SheetMapping())
    table, further = _table(reading, sheet, told)
    caption = caption_of(sheet.rows, table) if table else ""
    said = recognise(reading.headings, sheet.name, table, caption, told.columns) if table else ({}, [], [])
    understood = any(match.field == "estate" for match in said[0].values())
    header = table.header_rows if table and understood else ()
    cells = (sheet.as_it_was(), sheet.merges, header, sheet.coarse)
    reading.copies.append(SheetCopy(sheet.name, *cells, hidden=sheet.hidden))
    reading.tables += table is not None
    _long_cells(reading, sheet)
    if table is None or not understood:
        if not told.skip:
            _not_understood(reading, sheet)
        return False
    reading.complaints += [*further, *said[2]]
    for cell, error in sheet.unread.items():
        en = "A formula without a value or with an error; enter the value itself."
        zh = "公式没有结果或结果有误，请直接填写数值。"
        reading.complain("C-FORMULA", (sheet.name, address(*cell)), error, en, zh)
    view = _view(reading, sheet, table, said[0], caption)
    rows = Rows(reading.pack, view, reading.complaints.append)
    reading.rows += [row for number in table.rows if (row := rows.row(number)) is not None]
    notes = {column.letters: column.nearly for column in view.columns.values() if column.nearly}
    reading.columns += [noted(column, notes.get(column.column, [])) for column in said[1]]
    return True


def _table(reading: _Reading, sheet: OpenSheet, told: SheetMapping) -> tuple[Table | None, list[Complaint]]:
    """The table of a sheet: where the mapping says, else where headings are known; and what is beside it."""
    if told.skip or (sheet.hidden and not told.heading_rows):
        return None, []
    if told.heading_rows and told.heading_rows[0] < len(sheet.rows):
        return table_at(sheet.rows, sheet.merges, *told.heading_rows), []
    table = find_table(sheet.rows, sheet.merges, reading.headings.knows)
    return first_table(sheet, table, reading.headings) if table else (None, [])


def _not_understood(reading: _Reading, sheet: OpenSheet) -> None:
    for cell in (cell for row in sheet.rows[:8] for cell in row if isinstance(cell, str)):
        if len(text := cell.strip()) <= _HEADING_LONGEST and "\n" not in text:
            reading.seen[text] = None
    told = sheet.name in _HELP_SHEETS and len(sheet.rows[0]) == 1 if sheet.rows else True
    if sheet.hidden and _may_be_ledger(reading, sheet):
        en = "This sheet is hidden and was not read; show it if it belongs to the ledger."
        zh = "此工作表已隐藏，未读取，将原样返回（仍为隐藏）；如属台账，请取消隐藏。"
        reading.complain("C-SHEET-HIDDEN", (sheet.name, ""), sheet.name, en, zh)
    if not told and not sheet.hidden:
        en = "This sheet was not understood (no column with the name of the estate); it comes back unchanged."
        zh = "未能识别此工作表（缺少“小区名称”列），将原样返回。"
        reading.complain("C-SHEET", (sheet.name, ""), sheet.name, en, zh)


def _may_be_ledger(reading: _Reading, sheet: OpenSheet) -> bool:
    """Whether a hidden sheet would be read if it were shown; lists for choices are none."""
    table = find_table(sheet.rows, sheet.merges, reading.headings.knows)
    found = (reading.headings.match(parts) for parts in table.headings if parts) if table else ()
    return any(match and match.field == "estate" for match in found)


def _long_cells(reading: _Reading, sheet: OpenSheet) -> None:
    for number, row in enumerate(sheet.rows if sheet.longest > _CELL_LONGEST else ()):
        for column, cell in enumerate(row):
            if isinstance(cell, str) and len(cell) > _CELL_LONGEST:
                en = (
                    f"The text has {len(cell)} characters; a cell of Excel holds {_CELL_LONGEST}. Shorten it."
                )
                zh = f"文本长达 {len(cell)} 字，超过 Excel 单元格上限 {_CELL_LONGEST} 字，请缩短。"
                reading.complain("C-LONG", (sheet.name, address(number, column)), cell, en, zh)


def _view(
    reading: _Reading, sheet: OpenSheet, table: Table, matches: dict[int, Match], caption: str
) -> Understood:
    fields = {match.field for match in matches.values()}
    level = "unit" if "unit" in fields else "building" if "building" in fields else "estate"
    columns = {}
    for number, match in matches.items():
        fact = reading.pack.facts.get(match.field)
        yuan = yuan_of("/".join(table.headings[number]), caption)
        numeric = fact is not None and fact.type in _NUMERIC
        words = _words(reading, match.field, yuan)
        columns[number] = Column(match, column_letters(number), yuan, numeric, words)
    below = [merge for merge in sheet.merges if merge[0] > table.header_rows[-1]]
    for top, left, bottom, _ in below:
        if bottom > top and left in columns and columns[left].numeric:
            en = "One number for several rows; it counts for the first only. Enter it on each row."
            zh = "一个数值合并了多行，只计入首行；请逐行填写。"
            cell = sheet.rows[top][left]
            reading.complain("C-VALUE", (sheet.name, address(top, left)), as_text(cell), en, zh)
    numbers = frozenset(index for index, match in matches.items() if match.field == "serial_number")
    rows = as_shown(sheet.rows, sheet.coarse)
    full = spread(rows, below)
    return Understood(sheet.name, level, rows, full, columns, numbers, sheet.mixed, sheet.date_1904)


def _words(reading: _Reading, name: str, yuan: int) -> dict[str, str]:
    """The words of a column that the mapping explains; an explanation must be one itself."""
    given = reading.mapping.values.get(name, {})
    fact = reading.pack.facts.get(name)
    for word, one in given.items():
        value = read_fact(fact, one.text, yuan) if fact else read_held(one.text)
        if isinstance(value, Refusal) and (
            fact or name in reading.pack.evidence or name in reading.pack.nodes
        ):
            raise InputError(
                "'{text}' for '{word}' is not understood. {expected}",
                hint="Correct the mapping.",
                zh="“{word}”对应的“{text}”无法识别。{expected_zh}请修改对照文件。",
                where=one.where,
                code="E-MAPPING-VALUE",
                text=one.text,
                word=word,
                expected=value.en,
                expected_zh=value.zh,
            )
    return {word: one.text for word, one in given.items()}
