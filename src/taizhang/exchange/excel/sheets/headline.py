"""What a leader reads first on 总览: who can have a certificate now, who owes what, what moves most.

Each line names its numbers in words and leads to the sheet that lists them.

Reads from: ``readiness``, ``gap_rows``, ``frame``.  Read by: ``overview``.
"""

from __future__ import annotations

from typing import Any

from taizhang.exchange.excel.sheets.cell_text import printable
from taizhang.exchange.excel.sheets.frame import Book, height_of
from taizhang.exchange.excel.sheets.gap_rows import gaps_by_supplier, units_by_status
from taizhang.exchange.readiness import units_ready, units_urgent
from taizhang.rules.terms import Status

__all__ = ["headline"]

_OFFICES = 5
_PAPERS = 3


def headline(book: Book, sheet: Any, row: int, last: int, width: float) -> int:
    """Write the lines from ``row`` on, to the column ``last``; return the next free row.

    Args:
        book: What every sheet is made from.
        sheet: 总览.
        row: First row, from 0.
        last: Last column.
        width: Characters that the words of a line have side by side.
    """
    f = book.styles.format
    for name, words, target in _lines(book):
        sheet.merge_range(row, 0, row, 1, "", f("lead_name"))
        sheet.write_url(row, 0, f"internal:'{target}'!A1", f("lead_name"), string=name)
        sheet.merge_range(row, 2, row, last, printable(words), f("lead"))
        sheet.set_row(row, max(30.0, (height_of([(words, width)]) or 0.0) * 1.2 + 8))
        row += 1
    return row


def _lines(book: Book) -> list[tuple[str, str, str]]:
    """Return name, words and sheet of each line."""
    w = book.wording
    zh = w.language == "zh"
    return [
        (w.say("ready"), _ready(book), w.sheet("units")),
        ("各部门欠件" if zh else "Owed by", _owed(book), w.sheet("departments")),
        (w.sheet("leverage"), _moving(book), w.sheet("leverage")),
    ]


def _ready(book: Book) -> str:
    city, zh = book.city, book.wording.language == "zh"
    total = sum(len(estate.units) for estate in city.estates)
    ready, urgent = units_ready(city.estates), units_urgent(city.estates)
    proved = units_by_status(city)[Status.PROVED.word]
    share = f"{ready / total:.1%}" if total else "—"
    if zh:
        said = f"{total:,}户中，{ready:,}户（{share}）现在即可办证："
        said += f"{proved:,}户已具备，{ready - proved:,}户只差本户材料。"
        return said + (f"另外，有急办情形的共{urgent:,}户，任务按此优先。" if urgent else "")
    said = f"{ready:,} of {total:,} units ({share}) can have their certificate now: "
    said += f"{proved:,} lack nothing, {ready - proved:,} lack only papers of their own."
    return said + (f" {urgent:,} units cannot wait; tasks are in that order." if urgent else "")


def _owed(book: Book) -> str:
    w, zh = book.wording, book.wording.language == "zh"
    counted = gaps_by_supplier(book.gaps)
    if not counted:
        return "没有缺项。" if zh else "Nothing is missing."
    said = [
        f"{book.sentences.supplier(one)}{count:,}处" if zh else f"{book.sentences.supplier(one)} {count:,}"
        for one, count in list(counted.items())[:_OFFICES]
    ]
    more = len(counted) - _OFFICES
    if more > 0:
        rest = sum(list(counted.values())[_OFFICES:])
        said.append(f"其余{more}个单位{rest:,}处" if zh else f"{more} others {rest:,}")
    return w.joined(said) + ("。" if zh else ".")


def _moving(book: Book) -> str:
    """Return the shared papers that most units wait for."""
    zh = book.wording.language == "zh"
    found = sorted(book.city.leverage, key=lambda one: (-one.in_plan, -one.sole, one.item))[:_PAPERS]
    if not found:
        return "没有共用的缺项。" if zh else "No shared paper is missing."
    said = []
    for one in found:
        name = book.sentences.label(one.item)
        if zh:
            sole = f"（{one.sole:,}户仅差此件）" if one.sole else ""
            said.append(f"“{name}”牵动{one.in_plan:,}户{sole}")
        else:
            sole = f" ({one.sole:,} lack only this)" if one.sole else ""
            said.append(f"{name} holds {one.in_plan:,} units{sole}")
    return ("；" if zh else "; ").join(said) + ("。" if zh else ".")
