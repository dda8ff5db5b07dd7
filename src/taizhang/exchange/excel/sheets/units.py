"""The sheet 户清单: one row per unit, with what it lacks, what it owes and what it waits for.

A city has more units than a person can read and may have more than a sheet can hold: rows are
streamed, and a sheet near Excel's limit is continued on the next, and says so.

Reads from: ``frame``, ``sentences``.  Read by: ``workbook``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice

from taizhang.exchange.excel.sheets.frame import Book, Column, Table, lay, mark_status
from taizhang.exchange.excel.sheets.row_sheet import Content
from taizhang.exchange.excel.wording import yuan
from taizhang.rules.terms import CityPlan, EstatePlan, Place, UnitPlan

__all__ = ["ROWS_PER_SHEET", "units_sheets"]

#: A little below Excel's 1,048,576, so that an officer can still add rows.
ROWS_PER_SHEET = 1_000_000

_BEFORE = (
    ("number", 9, "center"), ("county", 12, "text"), ("estate", 24, "text"), ("building", 10, "center"),
    ("unit", 14, "center"), ("holder", 11, "center"), ("status", 10, "center"), ("own", 44, "wrap"),
    ("own_count", 11, "whole"), ("shared_count", 11, "whole"), ("marginal_items", 11, "whole"),
    ("marginal_days", 11, "whole"), ("fees_total", 15, "money"),
)  # fmt: skip
_AFTER = (
    ("fees_unknown", 36, "text"), ("blocked_by", 36, "text"), ("street", 14, "text"), ("shared", 60, "text"),
)  # fmt: skip
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
    pairs = iter([(estate, unit) for estate in city.estates for unit in estate.units])
    holders = _holders(city)
    number = 1
    for name, count in zip(names, counts, strict=True):
        part = list(islice(pairs, count))
        _sheet(book, name, names, columns, _rows(book, part, fees, holders, number), _sums(part, fees))
        number += count


def _sheet(
    book: Book,
    name: str,
    names: Sequence[str],
    columns: Sequence[Column],
    rows: Iterator[tuple[Content, ...]],
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


def _sums(
    part: Sequence[tuple[EstatePlan, UnitPlan]], fees: Sequence[str]
) -> tuple[int, Mapping[int, int | Decimal]]:
    """Return the number of rows and the sums above the headings."""
    sums: dict[int, int | Decimal] = {
        _TOTAL_COLUMN: yuan(sum(unit.bill.total_fen for _, unit in part)),
    }
    for column, fee in enumerate(fees, _TOTAL_COLUMN + 1):
        lines = [unit.bill.lines[fee] for _, unit in part if fee in unit.bill.lines]
        if lines:  # a fee that nobody could compute has no sum
            sums[column] = yuan(sum(lines))
    return len(part), sums


def _rows(
    book: Book,
    part: Sequence[tuple[EstatePlan, UnitPlan]],
    fees: Sequence[str],
    holders: Mapping[tuple[str, str], Mapping[str, str]],
    number: int,
) -> Iterator[tuple[Content, ...]]:
    said, w = book.sentences, book.wording
    texts: dict[object, str] = {}  # the same lists recur in every unit of an estate

    def listed(names: tuple[str, ...]) -> str:
        if names not in texts:
            texts[names] = said.labels(names)
        return texts[names]

    for count, (estate, unit) in enumerate(part, number):
        place, bill = unit.place, unit.bill
        building = _building(estate, unit)
        yield (
            count,
            estate.identity.get("county", ""),
            estate.place.name,
            building,
            *_unit_and_holder(place, holders.get((estate.place.name, building), {})),
            w.status(unit.status),
            listed(unit.own),
            len(unit.own),
            len(unit.shared),
            unit.marginal.items if unit.marginal is not None else None,
            unit.marginal.days if unit.marginal is not None else None,
            yuan(bill.total_fen) if bill.lines or not bill.unknown else None,
            *[yuan(bill.lines[fee]) if fee in bill.lines else None for fee in fees],
            listed(tuple(sorted(bill.unknown))) if bill.unknown else None,
            listed(unit.blocked_by),
            estate.identity.get("street", ""),
            listed(tuple(name for name, _ in unit.shared)),
        )


def _building(estate: EstatePlan, unit: UnitPlan) -> str:
    parent = estate.places.get(unit.place.parent or "")
    return parent.name if parent is not None and parent.level == "building" else ""


def _unit_and_holder(place: Place, holders: Mapping[str, str]) -> tuple[str, str]:
    """Return the number of a unit and its holder, whom the name of the place may repeat."""
    number = place.id.rpartition("/")[2]
    if number in holders and place.name == f"{number} {holders[number]}":
        return number, holders[number]
    return place.name or number, holders.get(place.name) or holders.get(number, "")


def _holders(city: CityPlan) -> dict[tuple[str, str], dict[str, str]]:
    """Return the names of the holders as the ledgers give them, by estate and building, then unit."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for ledger in city.ledgers:
        for row in ledger.rows:
            if row.unit and row.identity.get("holder"):
                of_building = found.setdefault((row.estate, row.building or "1"), {})
                of_building[row.unit] = row.identity["holder"]
    return found
