"""The sheet 户清单: one row per unit, with what it lacks, what it owes and what it waits for.

A city has more units than a person can read and may have more than a sheet can hold: rows are
streamed, and a sheet near Excel's limit is continued on the next, and says so.

Reads from: ``gathered``, ``readiness``, ``frame``, ``sentences``.  Read by: ``workbook``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from itertools import islice
from typing import TypeAlias

from taizhang.exchange.excel.joining.gathered import number_of
from taizhang.exchange.excel.sheets.cell_text import Content
from taizhang.exchange.excel.sheets.frame import Book, Column, Table, lay, mark_status
from taizhang.exchange.excel.wording import yuan
from taizhang.exchange.readiness import is_ready
from taizhang.rules.terms import Bill, CityPlan, EstatePlan, Place, Status, UnitPlan

__all__ = ["ROWS_PER_SHEET", "units_sheets"]

#: A little below Excel's 1,048,576, so that an officer can still add rows.
ROWS_PER_SHEET = 1_000_000

_BEFORE = (
    ("number", 9, "center"), ("county", 12, "text"), ("estate", 24, "text"), ("building", 10, "center"),
    ("unit", 14, "center"), ("holder", 11, "center"), ("status", 10, "center"), ("ready", 9, "center"),
    ("urgent", 20, "wrap"), ("own", 44, "wrap"),
    ("own_count", 11, "whole"), ("shared_count", 11, "whole"), ("marginal_items", 11, "whole"),
    ("marginal_days", 11, "whole"), ("fees_total", 15, "money"),
)  # fmt: skip
_AFTER = (
    ("fees_unknown", 36, "text"), ("blocked_by", 36, "text"), ("street", 14, "text"), ("shared", 60, "text"),
)  # fmt: skip
_Holders: TypeAlias = dict[tuple[str, str], dict[str, str]]  # (estate, building) -> unit -> holder
_number = cache(number_of)  # a city has few buildings for its units
_Billed: TypeAlias = tuple[Decimal | None, list[Decimal | None], str | None]
_NOBODY: dict[str, str] = {}
_STATUS_COLUMN = 6
_TOTAL_COLUMN = len(_BEFORE) - 1


def units_sheets(book: Book) -> None:
    """Write 户清单, and 户清单(2) and further where one sheet cannot hold all units."""
    w, city = book.wording, book.city
    fees = [fee.id for fee in city.pack.fees.values() if fee.level == city.pack.levels[-1]]
    fees += sorted({fee for e in city.estates for u in e.units for fee in u.bill.lines} - set(fees))
    columns = [
        *(Column(w.say(key), width, style) for key, width, style in _BEFORE),
        *(Column(book.sentences.label(fee) + _in_yuan(book), 18, "money") for fee in fees),
        *(Column(w.say(key), width, style) for key, width, style in _AFTER),
    ]
    counts = _split(sum(len(estate.units) for estate in city.estates))
    names = [w.sheet("units") + (f"({n})" if n > 1 else "") for n in range(1, len(counts) + 1)]
    rows = _rows(book, fees, _holders(city))
    bills = (unit.bill for estate in city.estates for unit in estate.units)
    for name, count in zip(names, counts, strict=True):
        _sheet(book, name, names, columns, islice(rows, count), (count, _sums(islice(bills, count), fees)))


def _sheet(
    book: Book,
    name: str,
    names: Sequence[str],
    columns: Sequence[Column],
    rows: Iterable[tuple[Content, ...]],
    sums: tuple[int, Mapping[int, int | Decimal]],
) -> None:
    others = [one for one in names if one != name]
    count, totals = sums
    table = Table(
        sheet=name,
        title=name + (book.wording.say("other_sheet", names=book.wording.joined(others)) if others else ""),
        columns=columns,
        rows=rows,
        count=count,
        printed=_TOTAL_COLUMN + 1,
        frozen=5,
        totals=totals,
    )
    mark_status(book, lay(book, table), _STATUS_COLUMN, count)


def _split(units: int) -> list[int]:
    """Return how many units each sheet holds; at least one sheet."""
    full, rest = divmod(units, ROWS_PER_SHEET)
    return [ROWS_PER_SHEET] * full + ([rest] if rest or not full else [])


def _in_yuan(book: Book) -> str:
    return "（元）" if book.wording.language == "zh" else " (CNY)"


def _sums(bills: Iterable[Bill], fees: Sequence[str]) -> Mapping[int, int | Decimal]:
    """Return the sums above the headings."""
    total = 0
    sums: dict[str, int] = {}
    for bill in bills:
        total += bill.total_fen
        for fee, fen in bill.lines.items():
            sums[fee] = sums.get(fee, 0) + fen
    columns = {fee: column for column, fee in enumerate(fees, _TOTAL_COLUMN + 1)}
    known = {columns[fee]: yuan(fen) for fee, fen in sums.items()}  # a fee nobody could compute has no sum
    return {_TOTAL_COLUMN: yuan(total), **dict(sorted(known.items()))}


def _rows(book: Book, fees: Sequence[str], holders: _Holders) -> Iterator[tuple[Content, ...]]:
    w, texts = book.wording, _Texts(book, fees)
    status = [w.status(one) for one in Status]
    ready = ("", w.say("yes"))
    number = 0
    for estate in book.city.estates:
        county, street = estate.identity.get("county", ""), estate.identity.get("street", "")
        name = estate.place.name
        for unit in estate.units:
            number += 1
            building = _building(estate, unit)
            marginal = unit.marginal
            total, lines, unknown = texts.bill(unit.bill)
            yield (
                number,
                county,
                name,
                building,
                *_unit_and_holder(unit.place, holders.get((name, _number(building)), _NOBODY)),
                status[unit.status],
                ready[is_ready(unit)],
                texts.urgent(unit.urgent) if unit.urgent else None,
                texts.names(unit.own),
                len(unit.own),
                len(unit.shared),
                None if marginal is None else marginal.items,
                None if marginal is None else marginal.days,
                total,
                *lines,
                unknown,
                texts.names(unit.blocked_by),
                street,
                texts.shared(unit.shared),
            )


class _Texts:
    """What is said of tuples and bills that many units of an estate have in common.

    They are told apart by ``id``, which takes no time, and kept, so that no other gets their id.
    """

    def __init__(self, book: Book, fees: Sequence[str]) -> None:
        self._said = book.sentences
        self._fees = fees
        self._names: dict[int, tuple[object, str]] = {}
        self._bills: dict[int, tuple[Bill, _Billed]] = {}
        self._urgencies = {one.id: one.label.in_(book.wording.language) for one in book.city.pack.urgency}
        self._join = book.wording.joined

    def names(self, names: tuple[str, ...]) -> str:
        """Return the labels of papers or facts, joined."""
        if id(names) not in self._names:
            self._names[id(names)] = names, self._said.labels(names)
        return self._names[id(names)][1]

    def shared(self, shared: tuple[tuple[str, str], ...]) -> str:
        """Return the labels of shared papers, joined."""
        if id(shared) not in self._names:
            self._names[id(shared)] = shared, self._said.labels([name for name, _ in shared])
        return self._names[id(shared)][1]

    def urgent(self, urgent: tuple[str, ...]) -> str:
        """Return why a unit cannot wait."""
        return self._join([self._urgencies.get(one, one) for one in urgent])

    def bill(self, bill: Bill) -> _Billed:
        """Return the total of a bill, its lines, and what it lacks; never 0 for unknown."""
        if id(bill) not in self._bills:
            lines = [yuan(bill.lines[fee]) if fee in bill.lines else None for fee in self._fees]
            total = yuan(bill.total_fen) if bill.lines or not bill.unknown else None
            unknown = self._said.labels(sorted(bill.unknown)) if bill.unknown else None
            self._bills[id(bill)] = bill, (total, lines, unknown)
        return self._bills[id(bill)][1]


def _building(estate: EstatePlan, unit: UnitPlan) -> str:
    parent = estate.places.get(unit.place.parent or "")
    return parent.name if parent is not None and parent.level == "building" else ""


def _unit_and_holder(place: Place, holders: Mapping[str, str]) -> tuple[str, str]:
    """Return the number of a unit and its holder, whom the name of the place may repeat."""
    number = place.id.rpartition("/")[2]
    if number in holders and place.name == f"{number} {holders[number]}":
        return number, holders[number]
    return place.name or number, holders.get(place.name) or holders.get(number, "")


def _holders(city: CityPlan) -> _Holders:
    """Return the first names of holders in the ledgers, by estate and number of the building, then unit."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for ledger in city.ledgers:
        for row in ledger.rows:
            if row.unit and row.identity.get("holder"):
                of_building = found.setdefault((row.estate, _number(row.building or "1")), {})
                of_building.setdefault(row.unit, row.identity["holder"])
    return found
