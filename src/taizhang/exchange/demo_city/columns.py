"""The columns of the three sheets, from the pack: a new fact or paper gets one by itself.

A heading is one that our own reader takes for the field, and so is every answer.

Reads from: ``papers``, ``excel.headings``, ``excel.template``, ``excel.values``, ``rules.terms``.
Read by: ``rows``, ``writing``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from taizhang.exchange.demo_city.papers import STEPS
from taizhang.exchange.excel.headings import IDENTITY, Headings
from taizhang.exchange.excel.template import ledger_columns
from taizhang.exchange.excel.values import read_fact
from taizhang.rules.terms import Fact, Pack

__all__ = ["SHEETS", "Column", "answer_word", "sheet_columns"]

SHEETS = ("estate", "building", "unit")
_IDENTITY = {
    "estate": (
        *("serial_number", "county", "street", "neighbourhood", "estate", "address", "developer_name"),
        *("completed_on", "buildings_total", "units_total", "responsible_official", "sponsor"),
    ),
    "building": ("serial_number", "county", "estate", "building", "units_total"),
    "unit": ("serial_number", "county", "estate", "building", "unit", "holder"),
}
_BASICS, _OTHERS = ("基本情况", "Basics"), ("其他", "Other")
_COARSE = ("city", "county", "estate")  # what stands on the estate sheet
# Where several spellings are recognised, officers write the shorter ones of these lengths.
_SHORTEST, _LONGEST = 3, 9


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its field, what kind of field, and the two rows of its heading."""

    field: str
    kind: str  #: identity, fact or paper
    group: str
    heading: str


def sheet_columns(pack: Pack, sheet: str, language: str) -> list[Column]:
    """Return the columns of one of ``SHEETS``, in the order of the chapters of the law."""
    known = Headings(pack)
    basics, others = (pair[language == "en"] for pair in (_BASICS, _OTHERS))
    columns = [
        Column(name, "identity", basics, _heading(pack, known, name, basics, language))
        for name in _IDENTITY[sheet]
    ]
    grouped: dict[str, list[Column]] = {}
    chapters = _chapters(pack, language)
    for name in _fields(pack, sheet):
        group = chapters.get(_chapter(pack, name), others)
        kind = "fact" if name in pack.facts else "paper"
        heading = _heading(pack, known, name, group, language)
        grouped.setdefault(group, []).append(Column(name, kind, group, heading))
    for group in dict.fromkeys((*chapters.values(), others)):
        columns += grouped.get(group, [])
    if sheet == "estate":
        columns.append(
            Column("remarks", "identity", others, _heading(pack, known, "remarks", others, language))
        )
    return columns


def _fields(pack: Pack, sheet: str) -> list[str]:
    """Facts, papers and steps of one sheet."""
    levels = _COARSE if sheet == "estate" else (sheet,)
    names = [*pack.facts, *pack.evidence, *(name for name in STEPS if name in pack.nodes)]
    return [name for name in names if pack.level_of(name) in levels]


def _chapter(pack: Pack, name: str) -> str:
    """The file of the pack in which a field stands, without its ending."""
    for table in (pack.facts, pack.evidence, pack.nodes):
        if name in table:
            return table[name].where.partition(":")[0].rpartition("/")[-1].removesuffix(".yaml")
    return ""


def _chapters(pack: Pack, language: str) -> dict[str, str]:
    """Chapter -> what stands above its columns, in the order of the blank ledger."""
    found: dict[str, str] = {}
    for level in ("estate", "unit"):
        for column in ledger_columns(pack, level):
            if chapter := _chapter(pack, column.field):
                found.setdefault(chapter, chapter.capitalize() if language == "en" else column.group)
    return found


def _heading(pack: Pack, known: Headings, name: str, group: str, language: str) -> str:
    """A spelling that the reader takes for this field, under this group."""
    for text in _spellings(pack, name, language):
        match = known.match((group, text))
        if match is not None and match.field == name:
            return text
    return name


def _spellings(pack: Pack, name: str, language: str) -> Iterable[str]:
    """Ways to write a heading, the likeliest first."""
    synonyms = [*pack.headings.get(name, ()), *([IDENTITY[name]] if name in IDENTITY else [])]
    known = any(name in table for table in (pack.facts, pack.evidence, pack.nodes))
    label = pack.label_of(name) if known else None
    if language == "en":
        english = [one for one in synonyms if one.isascii()]
        return [
            *([label.en] if label else english),
            *english,
            *([name] if name in IDENTITY else []),
            *synonyms,
        ]
    if not known:
        return synonyms
    handy = [one for one in synonyms if _SHORTEST <= len(one) <= _LONGEST and not one.isascii()]
    return [*handy, *([label.zh] if label else []), *synonyms]


def answer_word(fact: Fact, value: str, language: str) -> str:
    """How an answer is written so that the reader takes it for the value; yes and no for a bool."""
    if fact.type == "bool":
        yes_no = ("yes", "no") if language == "en" else _yes_no(fact.label.zh)
        return yes_no[value == "no"]
    label = fact.values.get(value)
    for text in (label.in_(language), label.zh, label.en) if label else ():
        if read_fact(fact, text) == value:
            return text
    return value


def _yes_no(label: str) -> tuple[str, str]:
    """有无… is answered with 有 or 无, everything else with 是 or 否."""
    return ("有", "无") if label.startswith("有无") else ("是", "否")
