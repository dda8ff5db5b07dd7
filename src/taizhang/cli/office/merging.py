"""What became of a workbook of the ledger, at the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from taizhang.cli.console import out, said
from taizhang.exchange.excel.listed import write_list
from taizhang.exchange.ledgerbook.told import CONFLICT_HEADINGS, conflicts_told
from taizhang.office.ledgerbook import Merged
from taizhang.rules.terms import Complaint, Pack
from taizhang.settings import language

__all__ = ["tell_merge"]

_SHOWN = 20  # lines of a kind


def tell_merge(merged: Merged, read: Sequence[Complaint], pack: Pack, report: Path | None) -> None:
    """Say what was merged, which cells are in conflict, and what a person must look at."""
    counts = merged.taken, merged.ours, merged.same, len(merged.conflicts)
    zh = "  逐格合并：采用工作簿 {} 格，保留台账 {} 格，双方改法相同 {} 格，冲突 {} 格".format(*counts)
    en = "  cells: {} taken, {} kept as the ledger has them, {} changed alike, {} in conflict".format(*counts)
    out.print(said(zh, en), markup=False)
    conflicts = conflicts_told(merged.conflicts, pack, language())
    headings = [said(*both) for both in CONFLICT_HEADINGS]
    for one in conflicts[:_SHOWN]:
        out.print(f"  {one.sheet}!{one.cell}  {one.place}  {one.what}", markup=False)
        three = zip(headings[4:7], (one.base, one.theirs, one.ours), strict=True)
        told = "  ".join(f"{heading}“{text}”" for heading, text in three)
        out.print(f"    {told}（{one.by} {one.at}）→ {one.done}", markup=False)
    _more(len(conflicts))
    if report is not None:
        title = said("冲突清单", "conflicts")
        rows = [one.cells() for one in conflicts]
        report.write_bytes(write_list(title, headings, rows, note=said(zh, en).strip()))
    complaints = [*merged.told, *read]
    for complaint in complaints[:_SHOWN]:
        where = f"{complaint.sheet}!{complaint.cell} " if complaint.sheet else ""
        text = said(complaint.zh, complaint.message)
        out.print(f"  {where}{complaint.read} {text} [{complaint.code}]", markup=False)
    _more(len(complaints))


def _more(count: int) -> None:
    if count > _SHOWN:
        left = count - _SHOWN
        out.print(said(f"  另有 {left} 处", f"  and {left} more"), markup=False)
