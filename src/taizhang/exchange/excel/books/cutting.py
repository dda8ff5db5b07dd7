"""One ledger cut down to some estates: their rows, the headings, and the complaints about both.

Only rows that belong to these estates are kept.  What belongs to nobody (notes, totals, rows
without a name) and rows above the headings with more than one cell stay only where everything
else in the sheet belongs to them as well; a sheet that was not understood stays only where the
whole ledger does.  A cell merged over rows keeps its value on the first row that is left.

Reads from: ``tracing``, ``rules.terms``.  Read by: ``narrowing``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from taizhang.exchange.excel.books.tracing import Traced
from taizhang.exchange.excel.recognising import QUOTED
from taizhang.rules.terms import Complaint, Ledger, LedgerRow, RecognisedColumn, SheetCopy

__all__ = ["CELL", "Kept", "cut", "kept_rows", "moved"]

Kept = Mapping[str, Mapping[int, int]]  #: sheet -> row as it was -> row as it is, from 0

CELL = re.compile(r"([A-Z]{1,3})([1-9]\d*)")
_ROW_NAMED = re.compile(r"第 ?\d+ ?行|\brow \d+")
_OLD_ROWS = ("（行号按所交台账）", " (rows as in the ledger handed in)")


def kept_rows(traced: Traced, estates: frozenset[str]) -> Kept:
    """Return the rows that stay, sheet by sheet; a sheet with none is left out."""
    whole = traced.wholly(estates)
    found: dict[str, dict[int, int]] = {}
    for sheet in traced.ledger.sheets:
        if whole:
            rows = list(range(len(sheet.rows)))
        else:
            own = [n for one, of in traced.owned.get(sheet.name, {}).items() if one in estates for n in of]
            if not own or not sheet.header_rows:
                continue
            rows = _with_frame(traced, sheet, own, traced.wholly(estates, sheet.name))
        found[sheet.name] = {old: new for new, old in enumerate(rows)}
    return found


def _with_frame(traced: Traced, sheet: SheetCopy, own: Sequence[int], alone: bool) -> list[int]:
    """Return own rows with the headings, and with the rows of nobody where nobody else is there."""
    head = [
        number
        for number in range(max(sheet.header_rows) + 1)
        if number in sheet.header_rows or alone or sum(cell is not None for cell in sheet.rows[number]) <= 1
    ]
    return sorted({*head, *own, *(traced.strays.get(sheet.name, ()) if alone else ())})


def cut(traced: Traced, estates: frozenset[str], kept: Kept) -> Ledger | None:
    """Return the ledger with these estates only, or ``None`` where it has nothing of them."""
    if not kept:
        return None
    ledger = traced.ledger
    sheets = tuple(_sheet(one, kept[one.name]) for one in ledger.sheets if one.name in kept)
    whole = {one.name for one in ledger.sheets if len(kept.get(one.name, ())) == len(one.rows)}
    found = [row for one in sorted(estates) for row in traced.rows.get(one, ()) if row.sheet in kept]
    order = {one.name: number for number, one in enumerate(ledger.sheets)}
    found.sort(key=lambda row: (order.get(row.sheet, 0), row.row))
    moved_rows = tuple(_row(row, kept[row.sheet]) for row in found)
    columns = tuple(
        one if one.sheet in whole else _unquoted(one) for one in ledger.columns if one.sheet in kept
    )
    complaints = tuple(
        said for one in ledger.complaints if (said := moved(one, kept, one.sheet in whole)) is not None
    )
    names = {row.estate for row in found}
    entries = tuple(one for one in ledger.entries if one.place[1] in names)
    return Ledger(ledger.path, moved_rows, columns, complaints, sheets, entries)


def _sheet(sheet: SheetCopy, rows: Mapping[int, int]) -> SheetCopy:
    if len(rows) == len(sheet.rows):
        return sheet
    cells = [list(sheet.rows[old]) for old in rows]
    merges = []
    for top, left, bottom, right in sheet.merges:
        stay = [rows[old] for old in range(top, bottom + 1) if old in rows]
        if not stay:
            continue
        if top not in rows and left < len(cells[stay[0]]) and left < len(sheet.rows[top]):
            cells[stay[0]][left] = sheet.rows[top][left]
        if (stay[0], left) != (stay[-1], right):
            merges.append((stay[0], left, stay[-1], right))
    heads = tuple(rows[old] for old in sheet.header_rows if old in rows)
    coarse = {(rows[old], column): code for (old, column), code in sheet.coarse.items() if old in rows}
    return SheetCopy(sheet.name, tuple(map(tuple, cells)), tuple(merges), heads, coarse, sheet.hidden)


def _row(row: LedgerRow, rows: Mapping[int, int]) -> LedgerRow:
    new = rows[row.row - 1] + 1
    if new == row.row:
        return row
    cells = {name: f"{at.rstrip('0123456789')}{new}" for name, at in row.cells.items()}
    return replace(row, row=new, cells=cells)


def _unquoted(column: RecognisedColumn) -> RecognisedColumn:
    """Return what was understood of a column without quoting cells of anybody."""
    return replace(
        column,
        reason=column.reason.partition(QUOTED[1])[0],
        reason_zh=column.reason_zh.partition(QUOTED[0])[0],
    )


def moved(complaint: Complaint, kept: Kept, whole: bool) -> Complaint | None:
    """Return a complaint with the address its cell has now, or ``None`` where the cell is gone."""
    if not complaint.sheet:
        return complaint
    if complaint.sheet not in kept:
        return None
    if whole or not complaint.cell:
        return complaint
    found = CELL.fullmatch(complaint.cell)
    new = kept[complaint.sheet].get(int(found[2]) - 1) if found else None
    if found is None or new is None:
        return None
    zh, message = complaint.zh, complaint.message
    if _ROW_NAMED.search(zh) or _ROW_NAMED.search(message):
        zh, message = zh + _OLD_ROWS[0], message + _OLD_ROWS[1]
    return replace(complaint, cell=f"{found[1]}{new + 1}", zh=zh, message=message)
