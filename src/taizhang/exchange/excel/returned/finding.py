"""A plan workbook that came back: which sheets it was sent with, and what was entered in ours.

Reads from: ``cells``, ``prints``, ``opening``, ``sheets.baseline``, ``wording``.  Read by: ``receiving``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from taizhang.exchange.excel.cells import Cell, address, as_text
from taizhang.exchange.excel.opening import OpenSheet
from taizhang.exchange.excel.prints import Printer, prints_in
from taizhang.exchange.excel.returned.aligning import Prints
from taizhang.exchange.excel.returned.merging import Sent
from taizhang.exchange.excel.sheets.baseline import BASELINE, VERSION
from taizhang.exchange.excel.wording import SHEET_NAMES, Wording
from taizhang.rules.terms import Cited, Entry

__all__ = ["Returned", "SheetBack", "find_returned"]

_LANGUAGES = ("zh", "en")
_TOP = 40  # rows in which the heading of one of our sheets is looked for


@dataclass(frozen=True, slots=True)
class SheetBack:
    """One of the officer's own sheets, as it came back."""

    ledger: str  #: file it was first read from
    name: str  #: its name there
    sent: Sent
    back: OpenSheet | None  #: ``None`` where the sheet was deleted or renamed
    now: str  #: what it is called in the plan workbook


@dataclass(slots=True)
class Returned:
    """A plan workbook that came back."""

    file: str
    sheets: list[SheetBack] = field(default_factory=list)
    more: list[OpenSheet] = field(default_factory=list)  #: sheets that somebody put in
    entries: list[Entry] = field(default_factory=list)  #: ``what`` is an id, or of 补录 the name of one


@dataclass(slots=True)
class _SheetSent:
    """One of the officer's sheets, as the sheet that is not shown has it."""

    now: str
    ledger: str
    name: str
    header_rows: tuple[int, ...]
    rows: dict[int, Prints] = field(default_factory=dict)
    places: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Baseline:
    """What the sheet that is not shown says."""

    salt: str = ""
    ours: set[str] = field(default_factory=set)
    sheets: list[_SheetSent] = field(default_factory=list)
    standing: dict[tuple[str, int], tuple[str, tuple[str, str], list[tuple[str, str]]]] = field(
        default_factory=dict
    )


def find_returned(file: str, sheets: Sequence[OpenSheet]) -> Returned | None:
    """Return what came back, or ``None`` where this is no plan workbook of ours."""
    hidden = next((one for one in sheets if one.name == BASELINE), None)
    baseline = _baseline(hidden) if hidden else None
    if baseline is None:
        return None
    by_name = {one.name: one for one in sheets}
    found = Returned(file)
    printer = Printer(baseline.salt)
    known = {*baseline.ours, *SHEET_NAMES, BASELINE, *(each.now for each in baseline.sheets)}
    strangers = [one for one in sheets if one.name not in known]
    for each in baseline.sheets:
        last = max(each.rows, default=-1)
        rows = tuple(each.rows.get(at, ()) for at in range(last + 1))
        sent = Sent(rows, each.header_rows, printer, each.places)
        back = by_name.get(each.now) or _renamed(sent, strangers)
        if back in strangers:
            strangers.remove(back)
        found.sheets.append(SheetBack(each.ledger, each.name, sent, back, back.name if back else each.now))
    found.more = strangers
    for language in _LANGUAGES:
        words = Wording(language)
        for kind, key, column in (("gap", "gaps", "progress"), ("question", "questions", "answer")):
            sheet = by_name.get(words.sheet(key))
            if sheet:
                found.entries += _entered(file, sheet, words, kind, column, baseline)
        if words.sheet("entries") in by_name:
            found.entries += _kept(file, by_name[words.sheet("entries")], words)
    return found


def _renamed(sent: Sent, strangers: Sequence[OpenSheet]) -> OpenSheet | None:
    """The sheet that has another name now, told by its rows: a third of them are as they were sent."""
    wanted = {row for row in sent.rows if any(row)}
    shares = []
    for one in strangers:
        there = {_trimmed(tuple(map(sent.printer, row))) for row in one.rows}
        shares.append((len(wanted & there), one))
    best = max(shares, key=lambda share: share[0], default=(0, None))
    return best[1] if 3 * best[0] >= max(len(wanted), 1) else None


def _trimmed(row: Prints) -> Prints:
    end = len(row)
    while end and not row[end - 1]:
        end -= 1
    return row[:end]


def _baseline(sheet: OpenSheet) -> _Baseline | None:
    rows = iter(sheet.rows)
    first = next(rows, ())
    if [as_text(cell) for cell in first[:2]] != ["taizhang", str(VERSION)]:
        return None
    found = _Baseline(as_text(first[2]))
    units: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in rows:
        kind, cells = as_text(row[0]), [as_text(cell) for cell in row[1:]]
        with suppress(ValueError, IndexError):  # a row somebody spoilt says nothing
            if kind == "sheet":
                heads = tuple(int(one) for one in cells[3].split(",") if one)
                found.sheets.append(_SheetSent(cells[0], cells[1], cells[2], heads))
            elif kind == "ours":
                found.ours.add(cells[0])
            elif kind == "row":
                found.sheets[-1].rows[int(cells[0])] = prints_in("".join(cells[2:]))
                found.sheets[-1].places[int(cells[0])] = cells[1]
            elif kind == "units":
                units[cells[0], cells[1]] = [(one[0], one[1]) for one in _lists(cells[2:])]
            elif kind in ("gap", "question"):
                estate = (cells[2], cells[3])
                places = list(_places(_lists(cells[4:]), units.get(estate, [])))
                found.standing[kind, int(cells[0])] = (cells[1], estate, places)
    return found


def _lists(texts: Sequence[str]) -> Iterator[list[Any]]:
    for text in texts:
        if text:
            yield from json.loads(text)


def _places(found: Iterable[list[Any]], units: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Places that are named, or runs of numbers in the list of units."""
    for one, other in found:
        if isinstance(one, int):
            yield from units[one : other + 1]
        else:
            yield one, other


# ------------------------------------------------------------------------ what was entered


def _entered(
    file: str, sheet: OpenSheet, words: Wording, kind: str, column: str, baseline: _Baseline
) -> Iterator[Entry]:
    """What was entered in one column of 缺项清单 or 待核实; rows are told by their number."""
    number_at, text_at, first = _columns(sheet, words.say("number"), words.say(column))
    for row in range(first, len(sheet.rows)):
        text, number = _text(sheet, row, text_at), _text(sheet, row, number_at)
        standing = baseline.standing.get((kind, int(number))) if number.isdecimal() else None
        if not text or standing is None:
            continue
        what, estate, places = standing
        cited = Cited(file, sheet.name, address(row, text_at), text)
        for building, unit in places:
            yield Entry((*estate, building, unit), what, text, cited)


def _kept(file: str, sheet: OpenSheet, words: Wording) -> Iterator[Entry]:
    """What stands in 补录, old and new; the name of the paper or fact is looked up by whoever reads it."""
    what_at, text_at, first = _columns(sheet, words.say("what"), words.say("entered"))
    place_at = [_columns(sheet, words.say(one), words.say("entered"))[0] for one in ("county", "estate")]
    place_at += [_columns(sheet, words.say(one), words.say("entered"))[0] for one in ("building", "unit")]
    for row in range(first, len(sheet.rows)):
        text, what = _text(sheet, row, text_at), _text(sheet, row, what_at)
        county, estate, building, unit = (_text(sheet, row, at) for at in place_at)
        if text and what and estate:
            cited = Cited(file, sheet.name, address(row, text_at), text)
            yield Entry((county, estate, building, unit), what, text, cited)


def _columns(sheet: OpenSheet, one: str, other: str) -> tuple[int, int, int]:
    """The columns of two headings, and the row below them; nothing is found beyond the sheet."""
    for number, row in enumerate(sheet.rows[:_TOP]):
        texts = [as_text(cell) for cell in row]
        if one in texts and other in texts:
            return texts.index(one), texts.index(other), number + 1
    return 0, 0, len(sheet.rows)


def _text(sheet: OpenSheet, row: int, column: int) -> str:
    cells: Sequence[Cell] = sheet.rows[row]
    return as_text(cells[column]) if column < len(cells) else ""
