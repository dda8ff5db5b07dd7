"""The columns of the ledger's own workbook: those of the blank ledger, and whatever else is recorded.

Every heading is one that the reader takes for its field.  Holders have no column.

Reads from: ``excel``, ``rules.terms``.  Read by: ``writing``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from taizhang.exchange.excel.headings import IDENTITY, Headings
from taizhang.exchange.excel.joining.claims import AMOUNTS
from taizhang.exchange.excel.template import ESTATE_WORDS, LAST, Column, columns_of, fields_at
from taizhang.rules.terms import Pack

__all__ = ["KEY", "KEY_HEADING", "SHEETS", "book_columns", "fits"]

KEY = "key"  #: the field of the last column
KEY_HEADING = "台账行（勿改）"
SHEETS = {"estate": "小区台账", "building": "幢台账", "unit": "户台账"}
_NAMES = {
    "building": ("serial_number", "county", "estate", "building"),
    "unit": ("serial_number", "county", "estate", "building", "unit"),
}
_NOTE = "系统用来辨认本行，请勿修改；新增的行请留空。"


def book_columns(pack: Pack, level: str, used: Collection[str]) -> list[Column]:
    """Return the columns of one sheet.

    Args:
        pack: Says what there is.
        level: estate, building or unit.
        used: Fields of which something is recorded in a row of the sheet.
    """
    levels = {"city", "county", "estate", "building"} if level == "estate" else {level}
    fields = dict.fromkeys(one for one in fields_at(pack, levels) if fits(pack, level, one))
    known = pack.facts.keys() | pack.evidence.keys() | pack.nodes.keys()
    fields |= dict.fromkeys(sorted(one for one in used if one in known))
    if level == "estate":
        words = sorted(one for one in used if one not in known and one not in (*ESTATE_WORDS, *LAST))
        columns = columns_of(pack, (*ESTATE_WORDS, *words), fields, LAST)
    else:
        columns = columns_of(pack, _NAMES[level], fields)
    headings = Headings(pack)
    told = [replace(one, heading=_heading(pack, headings, one)) for one in columns]
    return [*told, Column(KEY, "其他", KEY_HEADING, (), _NOTE)]


def fits(pack: Pack, level: str, field: str) -> bool:
    """Whether a row of a level may record a field: no coarser one, and no amount that each finer place has.

    On the row of an estate stands also what is of its county or city.
    """
    order = pack.levels
    here, there = order.index(level), order.index(pack.level_of(field))
    fact = pack.facts.get(field)
    if there < here:
        return level == "estate"
    return not (there > here and fact is not None and fact.type in AMOUNTS)


def _heading(pack: Pack, known: Headings, column: Column) -> str:
    """The first spelling that is taken for the field under its group."""
    for text in _spellings(pack, column):
        match = known.match((column.group, text))
        if getattr(match, "field", None) == column.field:
            return text
    return column.field


def _spellings(pack: Pack, column: Column) -> Iterable[str]:
    yield column.heading
    yield from pack.headings.get(column.field, ())
    if column.field in IDENTITY:
        yield IDENTITY[column.field]
