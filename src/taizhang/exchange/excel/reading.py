"""The door for ledgers: a workbook becomes rows, with its columns explained and its cells kept.

Nothing is guessed in silence: a column is recognised for a reason that is shown, a cell that
is not understood is a complaint with its address, and every cell comes back unchanged.

Reads from: ``opening``, ``tables``, ``headings``, ``values``, ``rules.terms``.  Read by: ``cli``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from taizhang.errors import InputError
from taizhang.exchange.excel.headings import Headings, Match
from taizhang.exchange.excel.opening import OpenSheet, open_sheets
from taizhang.exchange.excel.tables import Cell, Table, address, find_table, spread
from taizhang.exchange.excel.values import Read, Refusal, as_text, read_fact, read_held
from taizhang.rules.terms import (
    Complaint,
    Held,
    Ledger,
    LedgerRow,
    Pack,
    RecognisedColumn,
    SheetCopy,
    Value,
)

__all__ = ["read_ledger"]

_LONGEST = 2_000  # characters of an identity field
_PLACES = ("estate", "building", "unit")
_EXACT_DIGITS = 15  # Excel keeps no more


@dataclass(slots=True)
class _Reading:
    """What is found while a workbook is read."""

    pack: Pack
    headings: Headings
    rows: list[LedgerRow] = field(default_factory=list)
    columns: list[RecognisedColumn] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)
    copies: list[SheetCopy] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)  #: headings that nothing knows

    def complain(self, code: str, sheet: str, cell: str, read: str, en: str, zh: str) -> None:
        self.complaints.append(Complaint(code, sheet, cell, read[:200], en, zh))


def read_ledger(
    path: Path, pack: Pack, *, progress: Callable[[str, int, int], None] | None = None
) -> Ledger:
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
        _no_headings(path, reading)
    if any(sheet.macros for sheet in sheets):
        reading.complain(
            "C-MACRO", "", "", path.name, "The workbook contains macros; they are ignored.", "工作簿含有宏，已忽略。"
        )
    rows = _checked(reading)
    if not rows:
        raise InputError(
            "{file} has headings but no estate below them.",
            hint="Fill in at least one row with the name of an estate.",
            zh="{file} 有表头但没有小区数据，请至少填写一行小区名称。",
            where=path.name,
            code="E-LEDGER-EMPTY",
            file=path.name,
        )
    return Ledger(
        str(path.name), tuple(rows), tuple(reading.columns), tuple(reading.complaints), tuple(reading.copies)
    )


def _no_headings(path: Path, reading: _Reading) -> None:
    near = [(one, close) for one in reading.seen if (close := reading.headings.nearest(one))]
    raise InputError(
        "{file} has no sheet whose headings are known. Found: {found}.",
        hint="Nearest known headings: {near}. Compare with: taizhang template blank.xlsx",
        zh="{file} 中没有可识别表头的工作表。读到：{found}。相近的表头：{near}。可用 taizhang template 生成空白台账对照。",
        where=path.name,
        code="E-LEDGER-HEADINGS",
        file=path.name,
        found="、".join(dict.fromkeys(reading.seen[:12])) or "-",
        near="、".join(f"{one}→{close}" for one, close in near[:5]) or "小区名称、土地状况、总户数",
    )


def _read_sheet(reading: _Reading, sheet: OpenSheet) -> bool:
    """Read one sheet; say whether it was understood."""
    table = None if sheet.hidden else find_table(sheet.rows, sheet.merges, reading.headings.knows)
    matches = _columns(reading, sheet, table) if table else {}
    fields = {match.field for match in matches.values()}
    understood = table is not None and "estate" in fields
    header = table.header_rows if table else ()
    reading.copies.append(SheetCopy(sheet.name, sheet.rows, sheet.merges, header if understood else ()))
    if not understood:
        reading.seen += [as_text(cell) for row in sheet.rows[:8] for cell in row if isinstance(cell, str)]
        if sheet.rows and not sheet.hidden:
            reading.complain(
                "C-SHEET", sheet.name, "", sheet.name,
                "This sheet was not understood (no column with the name of the estate); it comes back unchanged.",
                "未能识别此工作表（缺少“小区名称”列），将原样返回。",
            )  # fmt: skip
        return False
    assert table is not None
    for cell in sheet.unread:
        reading.complain(
            "C-FORMULA", sheet.name, cell, "",
            "A formula without a value or with an error; enter the value itself.",
            "公式没有结果或结果有误，请直接填写数值。",
        )  # fmt: skip
    level = "unit" if "unit" in fields else "building" if "building" in fields else "estate"
    full = spread(sheet.rows, [merge for merge in sheet.merges if merge[0] > table.header_rows[-1]])
    for number in table.rows:
        row = _row(reading, sheet, full[number], number, level, matches)
        if row is not None:
            reading.rows.append(row)
    return True


def _columns(reading: _Reading, sheet: OpenSheet, table: Table) -> dict[int, Match]:
    """The columns that are understood, each with its reason."""
    found: dict[int, Match] = {}
    taken: dict[str, int] = {}
    for column, parts in enumerate(table.headings):
        if not parts:
            continue
        heading, letter = "/".join(parts), address(0, column)[:-1]
        match = reading.headings.match(parts)
        if match is None:
            reading.seen.append(heading)
            _say(reading, sheet, letter, heading, None, "not known; kept as it is", "未识别，原样保留")
        elif match.field in taken:
            reading.complain(
                "C-HEADING-TWICE", sheet.name, address(table.header_rows[-1], column), heading,
                f"Column {address(0, taken[match.field])[:-1]} already holds this; the first is used. Rename or remove one.",
                f"与 {address(0, taken[match.field])[:-1]} 列含义相同，采用前者；请改名或删除其一。",
            )  # fmt: skip
            _say(reading, sheet, letter, heading, None, "second column for one field", "同一内容的第二列")
        else:
            taken[match.field], found[column] = column, match
            which = {"whole": ("heading", "表头"), "last": ("lower heading", "下级表头")}[match.part]
            _say(
                reading, sheet, letter, heading, match,
                f"{which[0]} matches '{match.spelling}'", f"{which[1]}与“{match.spelling}”一致",
            )  # fmt: skip
    return found


def _say(
    reading: _Reading, sheet: OpenSheet, letter: str, heading: str, match: Match | None, en: str, zh: str
) -> None:
    name, kind = (match.field, match.kind) if match else ("", "unknown")
    reading.columns.append(RecognisedColumn(sheet.name, letter, heading, name, kind, en, zh))


def _row(
    reading: _Reading, sheet: OpenSheet, cells: list[Cell], number: int, level: str, matches: dict[int, Match]
) -> LedgerRow | None:
    identity: dict[str, str] = {}
    facts: dict[str, Value] = {}
    held: dict[str, Held] = {}
    places: dict[str, str] = {}
    for column, match in matches.items():
        cell = cells[column] if column < len(cells) else None
        at = address(number, column)
        places[match.field] = at
        if match.kind == "identity":
            identity[match.field] = _identity(reading, sheet.name, at, cell)
            continue
        value: Read | Held
        if match.kind == "fact":
            value = read_fact(reading.pack.facts[match.field], cell, match.spelling)
        else:
            value = read_held(cell)
        if isinstance(value, Refusal):
            reading.complain(value.code, sheet.name, at, as_text(cell), value.en, value.zh)
        elif isinstance(value, Held):
            held[match.field] = value
        elif value is not None:
            facts[match.field] = value
    names = {name: identity.pop(name, "") for name in _PLACES}
    if not names["estate"] or (level == "unit" and not names["unit"]):
        reading.complain(
            "C-NAME", sheet.name, places.get("estate" if not names["estate"] else "unit", f"A{number + 1}"), "",
            "This row does not say which estate (or unit) it is about; enter the name.",
            "此行未写明小区名称（或房号），请补填。",
        )  # fmt: skip
        return None
    if level == "estate":
        names["building"] = names["unit"] = ""
    return LedgerRow(
        level, sheet.name, number + 1, names["estate"], names["building"], names["unit"],
        {name: text for name, text in identity.items() if text}, facts, held, places,
    )  # fmt: skip


def _identity(reading: _Reading, sheet: str, at: str, cell: Cell) -> str:
    text = as_text(cell)
    if isinstance(cell, float) and abs(cell) >= 10**_EXACT_DIGITS:
        reading.complain(
            "C-NUMBER-PRECISION", sheet, at, text,
            "Excel has rounded this number to 15 digits; enter it again as text.",
            "Excel 已将此号码四舍五入为 15 位有效数字，请以文本格式重新填写。",
        )  # fmt: skip
    if len(text) > _LONGEST:
        reading.complain(
            "C-LONG", sheet, at, text,
            f"The text has {len(text)} characters; shorten it to {_LONGEST}. The first {_LONGEST} are used.",
            f"文本长达 {len(text)} 字，请缩短至 {_LONGEST} 字以内；现只用前 {_LONGEST} 字。",
        )  # fmt: skip
        text = text[:_LONGEST]
    return text


def _checked(reading: _Reading) -> list[LedgerRow]:
    """Rows without doubles; units of estates that nobody listed are complaints, and are kept."""
    kept: list[LedgerRow] = []
    seen: dict[tuple[str, ...], LedgerRow] = {}
    listed = {row.estate for row in reading.rows if row.level == "estate"}
    for row in reading.rows:
        county = row.identity.get("county", "") if row.level == "estate" else ""
        key = (row.level, county, row.estate, row.building, row.unit)
        if key in seen:
            first = seen[key]
            code = "C-ESTATE-TWICE" if row.level == "estate" else "C-UNIT-TWICE"
            reading.complain(
                code, row.sheet, row.cells.get(row.level, f"A{row.row}"), row.unit or row.building or row.estate,
                f"Stands already in row {first.row} of {first.sheet}; that row is used. Keep one.",
                f"与“{first.sheet}”第 {first.row} 行重复，采用该行；请只保留一行。",
            )  # fmt: skip
            continue
        seen[key] = row
        kept.append(row)
    if listed:
        for row in _strangers(kept, listed):
            reading.complain(
                "C-UNIT-ESTATE", row.sheet, row.cells.get("estate", f"A{row.row}"), row.estate,
                "The estate sheet has no such estate; the rows are planned apart. Add it, or correct the name.",
                "小区台账中没有该小区，相关各户单独测算；请补充小区或更正名称。",
            )  # fmt: skip
    return kept


def _strangers(rows: list[LedgerRow], listed: set[str]) -> Iterator[LedgerRow]:
    """The first row of each estate that only the unit sheet knows."""
    said: set[str] = set()
    for row in rows:
        if row.estate not in listed and row.estate not in said:
            said.add(row.estate)
            yield row
