"""The sheet 后续责任: what is still owed after the certificate, by whom, by when, or else.

A duty is no gap: no certificate waits for it, and no gap is counted here.  The sheet is only
there where some route puts a paper off.

Reads from: ``frame``, ``sentences``.  Read by: ``workbook`` and ``overview``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from taizhang.exchange.excel.sheets.cell_text import Content
from taizhang.exchange.excel.sheets.frame import FIRST_ROW, Book, Column, Table, lay
from taizhang.rules.terms import CityPlan, EstatePlan, OpenDuty

__all__ = ["duties_count", "duties_sheet"]

_COLUMNS = (
    ("number", 9, "center"), ("county", 12, "wrap"), ("estate", 24, "wrap"), ("place", 14, "wrap"),
    ("owed", 34, "wrap"), ("supplier", 22, "wrap"), ("places", 8, "whole"), ("due", 14, "date"),
    ("days", 9, "whole"), ("consequence", 44, "wrap"), ("progress", 11, "entry"),
    ("put_off_by", 36, "wrap"), ("sources", 60, "wrap"), ("street", 14, "text"),
    ("official", 11, "wrap"), ("sponsor", 11, "wrap"),
)  # fmt: skip
_PRINTED = 11
_AT = {key: number for number, (key, _, _) in enumerate(_COLUMNS)}


@dataclass(frozen=True, slots=True)
class _Row:
    """Duties of one estate that differ in nothing but their units."""

    estate: EstatePlan
    duties: tuple[OpenDuty, ...]


def duties_count(city: CityPlan) -> int:
    """Return the number of (place, paper) pairs owed after the certificates."""
    return sum(len(estate.duties) for estate in city.estates)


def duties_sheet(book: Book) -> None:
    """Write 后续责任, where there is any duty."""
    w, rows = book.wording, _rows(book.city)
    if not rows:
        return
    name = w.sheet("duties")
    zh = w.language == "zh"
    table = Table(
        sheet=name,
        title=name,
        columns=[Column(w.say(key), width, style) for key, width, style in _COLUMNS],
        rows=_cells(book, rows),
        count=len(rows),
        printed=_PRINTED,
        frozen=3,
        totals={_AT["places"]: duties_count(book.city)},
        remark=(
            "先发证、后补齐，不计入缺项；期限为测算值，自方案起算日按工作日计，不是法定时限"
            if zh
            else "owed after the certificate and no gap; dates are planning values, not law"
        ),
    )
    sheet = lay(book, table)
    last = FIRST_ROW + len(rows) - 1
    states = [w.say(key) for key in ("not_started", "under_way", "completed", "returned")]
    sheet.data_validation(
        FIRST_ROW, _AT["progress"], last, _AT["progress"], {"validate": "list", "source": states}
    )


def _rows(city: CityPlan) -> list[_Row]:
    """Return the rows by due day; what every unit of an estate owes alike is one row."""
    rows: list[_Row] = []
    finest = city.pack.levels[-1]
    for estate in city.estates:
        alike: dict[tuple[object, ...], list[OpenDuty]] = defaultdict(list)
        for duty in estate.duties:
            place = estate.places.get(duty.place)
            where = "" if place is not None and place.level == finest else duty.place
            alike[duty.item, duty.supplier, duty.due, duty.node, duty.way, where].append(duty)
        rows += [_Row(estate, tuple(found)) for found in alike.values()]
    return sorted(rows, key=lambda row: row.duties[0].due)


def _cells(book: Book, rows: list[_Row]) -> Iterator[tuple[Content, ...]]:
    said, w = book.sentences, book.wording
    for number, row in enumerate(rows, 1):
        first, identity = row.duties[0], row.estate.identity
        place = row.estate.places.get(first.place)
        where = said.places(row.estate, [one.place for one in row.duties])
        yield (
            number,
            identity.get("county", ""),
            row.estate.place.name,
            where or w.level(place.level if place else ""),
            said.label(first.item),
            said.supplier(first.supplier),
            len(row.duties),
            said.due(row.estate, first.due),
            first.due,
            first.consequence.in_(w.language),
            None,
            f"{said.label(first.node)}·{said.way_label(first.node, first.way)}",
            said.sources(_sources(book, first)),
            identity.get("street", ""),
            identity.get("responsible_official", ""),
            identity.get("sponsor", ""),
        )


def _sources(book: Book, duty: OpenDuty) -> tuple[str, ...]:
    """Return what a duty rests on: its own sources, or those of the way that puts the paper off."""
    node = book.city.pack.nodes.get(duty.node)
    for way in node.ways if node else ():
        if way.id == duty.way:
            own = next((one.sources for one in way.duties if one.paper == duty.item), ())
            return own or way.sources
    return ()
