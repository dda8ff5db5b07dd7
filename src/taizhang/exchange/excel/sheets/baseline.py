"""The sheet that is not shown: by which a workbook that comes back is told from what was sent.

It holds fingerprints of the cells of the sheets 原表, which place each of their rows is about, and
which paper, fact and place each row of 缺项清单 and 待核实 stands for: names of estates, numbers of
buildings and units, and nothing else of what the cells say.  Excel, WPS and LibreOffice keep it when
they save.

Reads from: ``frame``, ``prints``, ``originals``.  Read by: ``workbook``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from taizhang.exchange.excel.prints import Printer
from taizhang.exchange.excel.sheets.cell_text import Content
from taizhang.exchange.excel.sheets.frame import Book
from taizhang.exchange.excel.sheets.originals import OriginalNames
from taizhang.exchange.excel.sheets.row_sheet import Line, RowSheet
from taizhang.rules.terms import CityPlan, EstatePlan, SheetCopy

__all__ = ["BASELINE", "VERSION", "Standing", "baseline_sheet", "listed_estates", "place_of"]

BASELINE = "taizhang-baseline"  #: its name
VERSION = 1
_LONGEST = 32_000  # characters of one cell
_TOGETHER = 500  # places in one cell
_FEW = 3  # places that are named; more of them are numbers in the list of their estate's units

#: Number of a row, paper or fact, estate, and the places below it that the row stands for
Standing = tuple[int, str, tuple[str, str], Sequence[tuple[str, str]]]


def baseline_sheet(
    book: Book, names: OriginalNames, gaps: Iterable[Standing], questions: Iterable[Standing]
) -> None:
    """Write the sheet, last and very hidden."""
    sheet: RowSheet = book.workbook.add_worksheet(BASELINE, worksheet_class=RowSheet)
    theirs = {name for name, _ in names.copies}
    ours = [one.name for one in book.workbook.worksheets() if one.name not in theirs]
    lines = [*_rows(book.city, names, ours, gaps, questions)]
    width = max(len(line) for line in lines)
    inks = [book.styles.raw_ink()] * width
    sheet.stream((Line(line, inks) for line in lines), len(lines), width, book.written)
    sheet.very_hidden()


def _rows(
    city: CityPlan,
    names: OriginalNames,
    ours: Sequence[str],
    gaps: Iterable[Standing],
    questions: Iterable[Standing],
) -> Iterator[list[Content]]:
    salt = city.pack.digest[:16]
    yield ["taizhang", VERSION, salt, city.pack.as_of.isoformat(), city.pack.id]
    for own in ours:
        yield ["ours", own]
    printer = Printer(salt)
    about = {
        (ledger.path, row.sheet, row.row - 1): "·".join(filter(None, (row.estate, row.building, row.unit)))
        for ledger in city.ledgers
        for row in ledger.rows
        if not row.entered
    }
    for name, ledger, copy in names.of_ledgers(city):
        yield ["sheet", name, ledger, copy.name, ",".join(map(str, copy.header_rows)), len(copy.rows)]
        yield from _prints(printer, ledger, copy, about)
    units = _Units(city)
    for kind, rows in (("gap", gaps), ("question", questions)):
        for number, what, estate, places in rows:
            if len(places) > _FEW:
                yield from units.listed(estate)
            yield [kind, number, what, *estate, *_cells(units.said(estate, places))]


class _Units:
    """The units of each estate in one list, so that rows can name many of them by their numbers."""

    def __init__(self, city: CityPlan) -> None:
        self._plans = {(one.identity.get("county", ""), one.place.name): one for one in city.estates}
        self._listed = listed_estates(city)
        self._numbers: dict[tuple[str, str], dict[tuple[str, str], int]] = {}

    def listed(self, estate: tuple[str, str]) -> Iterator[list[Content]]:
        """Yield the list, before it is first used."""
        if estate not in self._numbers:
            plan = self._plans[estate]
            names = [place_of(plan, unit.place.id, self._listed) for unit in plan.units]
            self._numbers[estate] = {name: number for number, name in enumerate(dict.fromkeys(names))}
            yield ["units", *estate, *_cells(list(self._numbers[estate]))]

    def said(
        self, estate: tuple[str, str], places: Sequence[tuple[str, str]]
    ) -> Sequence[Sequence[str | int]]:
        """Places by their names, or as runs of numbers: first and last."""
        numbers = self._numbers.get(estate, {})
        if len(places) <= _FEW or not all(place in numbers for place in places):
            return places
        runs: list[list[int]] = []
        for number in sorted(numbers[place] for place in places):
            if runs and number == runs[-1][1] + 1:
                runs[-1][1] = number
            else:
                runs.append([number, number])
        return runs


def _cells(found: Sequence[object]) -> list[Content]:
    """A list as JSON, in as many cells as it needs."""
    parts = [found[at : at + _TOGETHER] for at in range(0, max(len(found), 1), _TOGETHER)]
    return [json.dumps(part, ensure_ascii=False, separators=(",", ":")) for part in parts]


def _prints(
    printer: Printer, ledger: str, copy: SheetCopy, places: Mapping[tuple[str, str, int], str]
) -> Iterator[list[Content]]:
    for number, row in enumerate(copy.rows):
        text = printer.row(row)
        if text:
            parts = [text[at : at + _LONGEST] for at in range(0, len(text), _LONGEST)]
            yield ["row", number, places.get((ledger, copy.name, number), ""), *parts]


def listed_estates(city: CityPlan) -> set[str]:
    """Names of the estates whose buildings or units the ledgers list; those of others are only counted."""
    rows = (row for ledger in city.ledgers for row in ledger.rows)
    return {row.estate for row in rows if row.level != "estate" and not row.entered}


def place_of(estate: EstatePlan, place: str, listed: set[str]) -> tuple[str, str]:
    """Building and unit of a place as the ledger has them; both empty for the estate as a whole.

    Units that are only counted have no names; what is said of one is said of its building.
    """
    found = estate.places.get(place)
    if found is None or found.level not in ("building", "unit"):
        return "", ""
    if found.level == "building":
        return found.name, ""
    return estate.places[found.parent or ""].name, found.name if estate.place.name in listed else ""
