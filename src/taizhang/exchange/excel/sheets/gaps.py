"""The sheet 缺项清单: every missing paper, who supplies it, by when, at what price and why.

Reads from: ``gap_rows``, ``lapsing``, ``frame``.  Read by: ``workbook``.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from taizhang.exchange.excel.sheets.baseline import Standing
from taizhang.exchange.excel.sheets.cell_text import Content
from taizhang.exchange.excel.sheets.frame import FIRST_ROW, Book, Column, Table, lay
from taizhang.exchange.excel.sheets.gap_rows import GapRow, gaps_in
from taizhang.exchange.excel.sheets.lapsing import any_lapses, validity_of_row
from taizhang.exchange.excel.sheets.progress import Progress, Standings
from taizhang.exchange.excel.wording import yuan

__all__ = ["estates_of", "gap_money", "gap_place", "gaps_sheet"]

_COLUMNS = (
    ("number", 9, "center"), ("county", 12, "text"), ("estate", 24, "wrap"), ("place", 13, "wrap"),
    ("item", 30, "wrap"), ("level", 8, "center"), ("supplier", 20, "wrap"), ("official", 10, "wrap"),
    ("sponsor", 10, "wrap"), ("days", 8, "whole"), ("due", 13, "date"), ("units_affected", 9, "whole"),
    ("urgent_units", 9, "whole"), ("grade", 16, "wrap"), ("progress", 11, "entry"),
    ("street", 14, "text"), ("places", 7, "whole"), ("law_days", 11, "whole"), ("start", 13, "date"),
    ("slack", 10, "whole"), ("money", 15, "money"), ("unknown_money", 18, "wrap"), ("effort", 8, "whole"),
    ("sources", 72, "wrap"), ("why", 60, "wrap"), ("alternatives", 110, "wrap"),
)  # fmt: skip
_VALIDITY = ("validity", 44, "wrap")  # last, and only where something lapses
_PRINTED = 15
_AT = {key: number for number, (key, _, _) in enumerate(_COLUMNS)}


def gaps_sheet(book: Book) -> list[Standing]:
    """Write 缺项清单; return what each of its rows stands for."""
    w, rows = book.wording, book.gaps
    money = sum(row.money_fen or 0 for row in rows)
    columns = (*_COLUMNS, _VALIDITY) if any_lapses(book) else _COLUMNS
    table = Table(
        sheet=w.sheet("gaps"),
        title=w.sheet("gaps"),
        columns=[Column(w.say(key), width, style) for key, width, style in columns],
        rows=_rows(book),
        count=len(rows),
        printed=_PRINTED,
        frozen=3,
        totals={
            _AT["places"]: gaps_in(rows),
            _AT["money"]: yuan(money),
            _AT["effort"]: sum(row.effort for row in rows),
        },
    )
    sheet = lay(book, table)
    sheet.data_validation(
        FIRST_ROW,
        _AT["progress"],
        FIRST_ROW + max(len(rows), 1) - 1,
        _AT["progress"],
        {
            "validate": "list",
            "source": [w.say(key) for key in ("not_started", "under_way", "completed", "returned")],
        },
    )
    standing = Standings(book.city)
    return [(number, row.item, *standing.of(row)) for number, row in enumerate(rows, 1)]


def _rows(book: Book) -> Iterator[tuple[Content, ...]]:
    said, w = book.sentences, book.wording
    progress, lapses = Progress(book.city), any_lapses(book)
    for number, row in enumerate(book.gaps, 1):
        identity = row.estate.identity
        money, unknown = gap_money(book, row)
        yield (
            number,
            identity.get("county", ""),
            estates_of(book, row),
            gap_place(book, row),
            said.label(row.item),
            w.level(row.level),
            said.supplier(row.supplier),
            identity.get("responsible_official", ""),
            identity.get("sponsor", ""),
            row.days,
            said.due_of(row.estates, row.end),
            row.units,
            row.urgent,
            said.grade(row),
            progress.of(row),
            identity.get("street", ""),
            row.places,
            said.law_days(row.item),
            said.due_of(row.estates, row.start),
            row.slack,
            money,
            unknown,
            row.effort,
            said.item_sources(row.item, row.path),
            said.why(row.path),
            said.alternatives(row.alternatives),
            *((validity_of_row(book, row),) if lapses else ()),
        )


def estates_of(book: Book, row: GapRow) -> str:
    """Return the name of the estate, or of a few of those that share a paper."""
    names = [estate.place.name for estate in row.estates]
    if len(names) == 1:
        return names[0]
    key = "shared_by_few" if len(names) <= 2 else "shared_by"
    return book.wording.say(key, names=book.wording.joined(names[:2]), n=len(names))


def gap_place(book: Book, row: GapRow) -> str:
    """Return where a paper is missing: the place, or the number of units or places."""
    if row.place is None:
        finest = row.level == book.city.pack.levels[-1]
        return book.wording.say("n_units" if finest else "n_places", n=row.places)
    if row.place.id == row.estate.place.id:
        return book.wording.level(row.level)
    return book.sentences.place(row.estate, row.place.id)


def gap_money(book: Book, row: GapRow) -> tuple[Decimal | None, str]:
    """Return the known money and what is said of the unknown; never 0 for unknown."""
    if not row.money_unknown:
        return yuan(row.money_fen or 0), ""
    if row.money_fen is None:
        return None, book.wording.say("unknown")
    return yuan(row.money_fen), book.wording.say("also_unknown_places", n=row.money_unknown)
