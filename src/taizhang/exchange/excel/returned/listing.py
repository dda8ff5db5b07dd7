"""What was merged, told side by side, and what a person must decide.

Reads from: ``cells``, ``finding``, ``merging``, ``rules.terms``.  Read by: ``receiving``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from taizhang.exchange.excel.cells import address, as_text
from taizhang.exchange.excel.returned.finding import SheetBack
from taizhang.exchange.excel.returned.merging import CellChange
from taizhang.rules.terms import Cited, Complaint, Difference, Ledger, LedgerRow

__all__ = ["with_changes"]

_KEPT_WORDS = 200  # characters of a cell that is listed


def with_changes(
    ledger: Ledger,
    changes: Sequence[tuple[str, SheetBack, CellChange]],
    lost: Sequence[tuple[str, SheetBack]],
) -> Ledger:
    """Return the ledger with what was merged into it, side by side.

    Args:
        ledger: As it was read after merging.
        changes: The file each came back in, the sheet, and what became of the cell.
        lost: Sheets that did not come back, and the file in which they were expected.
    """
    if not changes and not lost:
        return ledger
    rows = {(row.sheet, row.row): row for row in ledger.rows}
    fields = {(one.sheet, one.column): one.field or one.heading for one in ledger.columns}
    differences: list[Difference] = []
    complaints: list[Complaint] = []
    for came, one, change in changes:
        at = address(change.row, max(change.column, 0))
        row = rows.get((one.name, change.row + 1))
        what = fields.get((one.name, at.rstrip("0123456789")), "") if change.column >= 0 else ""
        ours = Cited(ledger.path, one.name, at, as_text(change.used)[:_KEPT_WORDS])
        where = address(*change.came_from) if change.came_from[0] >= 0 else ""
        theirs = Cited(came, one.now, where, as_text(change.other)[:_KEPT_WORDS])
        differences.append(Difference(change.kind, _place(row), what, *_sides(change, ours, theirs)))
        complaints += _complaint(change, came, one, at, theirs)
    complaints += [_lost(came, one) for came, one in lost]
    return replace(
        ledger,
        differences=(*ledger.differences, *differences),
        complaints=(*ledger.complaints, *complaints),
    )


def _sides(change: CellChange, ours: Cited, theirs: Cited) -> Iterator[Cited]:
    """What counts and what does not: a change that was taken is cited from where it came."""
    if change.kind in ("changed", "added"):
        yield replace(theirs, text=ours.text)
        yield replace(ours, text=theirs.text)
    else:
        yield ours
        yield theirs


def _place(row: LedgerRow | None) -> tuple[str, str, str, str]:
    if row is None:
        return "", "", "", ""
    return row.identity.get("county", ""), row.estate, row.building, row.unit


def _complaint(change: CellChange, came: str, one: SheetBack, at: str, theirs: Cited) -> Iterator[Complaint]:
    read = as_text(change.used)[:_KEPT_WORDS]
    if change.kind == "conflict":
        en = f"{came} ({one.now}!{theirs.cell}) says '{theirs.text}'; both were edited, the ledger counts."
        zh = f"{came}（{one.now}!{theirs.cell}）为“{theirs.text}”，双方都改过，暂以台账为准；请统一。"
        yield Complaint("C-MERGE-CONFLICT", one.name, at, read, f"{en} Make the two agree.", zh)
    elif change.kind == "deleted":
        en = f"This row was deleted in {came}; it is kept. Delete it in the ledger if that is meant."
        zh = f"此行在 {came} 中已被删除，暂予保留；如确需删除，请在台账中删除。"
        if read:
            yield Complaint("C-MERGE-DELETED", one.name, at, read, en, zh)
        else:
            gone = as_text(change.other)[:_KEPT_WORDS]
            en = f"Row {change.row + 1} as sent ({gone}) is missing in {came}, not counted; put it back"
            zh = f"原第 {change.row + 1} 行（{gone}）在 {came} 中已不存在，不再计入；如系误删，请补回。"
            yield Complaint("C-MERGE-DELETED", one.name, "", gone, f"{en} if that is a mistake.", zh)


def _lost(came: str, one: SheetBack) -> Complaint:
    return Complaint(
        "C-MERGE-SHEET",
        one.name,
        "",
        one.now,
        f"The sheet {one.now} did not come back in {came}; it was deleted or renamed. Give its name back.",
        f"{came} 中没有工作表“{one.now}”（已删除或改名），无法合并；请恢复原名。",
    )
