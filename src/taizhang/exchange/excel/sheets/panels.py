"""The panels of 总览: a native chart each, its table beneath it, every row a link.

Reads from: ``readiness``, ``gap_rows``, ``frame``.  Read by: ``overview``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from taizhang.exchange.excel.sheets.cell_text import printable
from taizhang.exchange.excel.sheets.frame import Book
from taizhang.exchange.excel.sheets.gap_rows import classes_count, gaps_by_supplier, units_by_status
from taizhang.exchange.excel.styles import ACCENT, STATUS_INKS
from taizhang.exchange.readiness import units_ready, units_urgent
from taizhang.rules.terms import EstatePlan, Status

__all__ = ["panel_sheet", "panels_of"]

_PIXELS = 82  #: of a column of the overview
_LONGEST = 10  #: rows of a table
_CHART_ROWS = 13
_LONGEST_NAME = 60  #: of an estate, in a table and its chart
_LONGEST_WORDS = {"zh": 22, "en": 36}  #: of a paper
_SPANS = ((0, 2), (3, 3), (4, 5))  #: columns of name, number and the third value


@dataclass(frozen=True, slots=True)
class _Panel:
    """One chart with its table beneath it."""

    title: str
    heads: tuple[str, str, str]  #: name, number, and a third column
    rows: Sequence[tuple[str, int, object, str]]  #: name, number, third, link target
    chart: str  #: doughnut or bar
    more: str = ""  #: what is said where not all rows are shown


def panels_of(book: Book) -> list[_Panel]:
    """Return the panels, two to a row; one estate has other questions than a city."""
    city, w = book.city, book.wording
    zh = w.language == "zh"
    total = sum(len(estate.units) for estate in city.estates)
    units_at = f"'{w.sheet('units')}'!A1"
    status = [
        (w.status(one), count, count / total if total else 0, units_at)
        for one, count in zip(Status, units_by_status(city).values(), strict=True)
    ]
    panels = [
        _Panel(
            "各状态户数" if zh else "Units by status",
            (w.say("status"), w.say("units"), w.say("share")),
            status,
            "doughnut",
        ),
        _suppliers(book, "缺项按责任部门" if zh else "Gaps by office"),
        _leverage(book, "牵动户数最多的共用缺项" if zh else "Shared papers that most units wait for"),
    ]
    if len(city.estates) == 1:
        return [*panels, _last_papers(book, "办结最晚的缺项" if zh else "Papers that come last")]
    return [
        *panels,
        _classes(book, "小区按问题分类" if zh else "Estates by problem class"),
        _longest(book, "工期最长的小区" if zh else "Longest estates"),
        _waiting(book, "尚不能办证户数最多的小区" if zh else "Estates where most units wait"),
    ]


def _suppliers(book: Book, title: str) -> _Panel:
    w = book.wording
    counted = gaps_by_supplier(book.gaps)
    total = sum(counted.values())
    start = f"'{w.sheet('departments')}'!A1"
    rows = [
        (
            book.sentences.supplier(one),
            count,
            count / total,
            book.anchors.get("supplier:" + one, start),
        )
        for one, count in counted.items()
    ]
    return _Panel(
        title, (w.say("supplier"), w.say("places"), w.say("share")), rows[:_LONGEST], "bar", _more(book, rows)
    )


def _classes(book: Book, title: str) -> _Panel:
    w = book.wording
    total = len(book.city.estates)
    rows = [
        (
            book.sentences.classes([one]) or one,
            count,
            count / total if total else 0,
            f"'{w.sheet('estates')}'!A1",
        )
        for one, count in classes_count(book.city).items()
    ]
    more = "一个小区可属多类" if w.language == "zh" else "an estate may be in several classes"
    return _Panel(title, (w.say("classes"), w.say("estates"), w.say("share")), rows[:_LONGEST], "bar", more)


def _longest(book: Book, title: str) -> _Panel:
    w = book.wording
    found = sorted(book.city.estates, key=lambda estate: (-estate.joint.vector.days, estate.place.id))
    start = f"'{w.sheet('estates')}'!A1"
    rows = [
        (
            _name(estate),
            estate.joint.vector.days,
            book.sentences.due(estate, estate.joint.vector.days),
            book.anchors.get("estate:" + estate.place.id, start),
        )
        for estate in found
        if estate.joint.vector.days
    ]
    return _Panel(
        title, (w.say("estate"), w.say("days"), w.say("end")), rows[:_LONGEST], "bar", _more(book, rows)
    )


def _waiting(book: Book, title: str) -> _Panel:
    w = book.wording
    start = f"'{w.sheet('estates')}'!A1"
    rows = [
        (
            _name(estate),
            len(estate.units) - units_ready([estate]),
            units_urgent([estate]),
            book.anchors.get("estate:" + estate.place.id, start),
        )
        for estate in book.city.estates
    ]
    rows = sorted((row for row in rows if row[1]), key=lambda row: (-row[1], row[0]))
    heads = (w.say("estate"), w.say("units"), w.say("urgent_units"))
    return _Panel(title, heads, rows[:_LONGEST], "bar", _more(book, rows))


def _leverage(book: Book, title: str) -> _Panel:
    w = book.wording
    target = f"'{w.sheet('leverage')}'!A1"
    found = sorted(book.city.leverage, key=lambda one: (-one.in_plan, -one.sole, one.item))
    rows = [(_short(book, one.item), one.in_plan, one.sole, target) for one in found]
    heads = (w.say("item"), w.say("units"), w.say("sole"))
    return _Panel(title, heads, rows[:_LONGEST], "bar", _more(book, rows))


def _last_papers(book: Book, title: str) -> _Panel:
    """Return the papers of the only estate that are there last."""
    w = book.wording
    target = f"'{w.sheet('gaps')}'!A1"
    found = sorted(book.gaps, key=lambda row: (-row.end, row.item))
    rows = [
        (
            _short(book, row.item),
            row.end,
            book.sentences.due_of(row.estates, row.end),
            target,
        )
        for row in found
        if row.end
    ]
    heads = (w.say("item"), w.say("days"), w.say("due"))
    return _Panel(title, heads, rows[:_LONGEST], "bar", _more(book, rows))


def _name(estate: EstatePlan) -> str:
    return printable(estate.place.name)[:_LONGEST_NAME]


def _short(book: Book, item: str) -> str:
    """Return a name of a paper that a chart can show."""
    text, most = book.sentences.label(item), _LONGEST_WORDS[book.wording.language]
    return text if len(text) <= most else text[: most - 1] + "…"


def _more(book: Book, rows: Sequence[object]) -> str:
    """Return what is said where a table is cut short."""
    left = len(rows) - _LONGEST
    if left <= 0:
        return ""
    return f"另有{left:,}行，见清单" if book.wording.language == "zh" else f"{left:,} more in the list"


def panel_sheet(book: Book, sheet: Any, place: tuple[int, int], panel: _Panel) -> int:
    """Write one panel of six columns: bar, chart, table; return the next free row."""
    f = book.styles.format
    row, left = place
    sheet.merge_range(row, left, row, left + 5, panel.title, f("section"))
    head = row + 1 + _CHART_ROWS
    for column, text in zip(_SPANS, panel.heads, strict=True):
        _cell(sheet, head, left, column, (text, f("head")))
    for at, (name, value, third, target) in enumerate(panel.rows, head + 1):
        _cell(sheet, at, left, _SPANS[0], (name, f("link")))
        sheet.write_url(at, left, f"internal:{target}", f("link"), string=name)
        _cell(sheet, at, left, _SPANS[1], (value, f("whole")))
        style = {float: "share", int: "whole"}.get(type(third), "date")
        _cell(sheet, at, left, _SPANS[2], (third, f(style)))
    end = head + len(panel.rows)
    if panel.rows:
        _chart(book, sheet, (row + 1, left), (head + 1, end), panel)
    if panel.more:
        sheet.write_string(end + 1, left, panel.more, f("note"))
    return end + 3


def _cell(sheet: Any, row: int, left: int, span: tuple[int, int], content: tuple[object, Any]) -> None:
    """Write one value over a span of columns."""
    value, style = content
    first, last = left + span[0], left + span[1]
    if last > first:
        sheet.merge_range(row, first, row, last, "", style)
    if isinstance(value, str):
        sheet.write_string(row, first, value.split("\n")[0], style)
    elif isinstance(value, int | float):
        sheet.write_number(row, first, value, style)
    else:
        sheet.write_datetime(row, first, value, style)


def _chart(book: Book, sheet: Any, place: tuple[int, int], rows: tuple[int, int], panel: _Panel) -> None:
    """Put a chart of the numbers in ``rows`` at ``place``."""
    (row, left), (first, last) = place, rows
    names, values = left, left + _SPANS[1][0]
    chart = book.workbook.add_chart({"type": panel.chart})
    font = {"name": "Microsoft YaHei", "size": 9}
    series: dict[str, Any] = {
        "categories": [sheet.get_name(), first, names, last, names],
        "values": [sheet.get_name(), first, values, last, values],
        "fill": {"color": ACCENT},
        "data_labels": {"value": True, "font": font},
        "gap": 60,
    }
    if panel.chart == "doughnut":
        series["points"] = [{"fill": {"color": colour}} for colour in STATUS_INKS]
        series["data_labels"] = {"percentage": True, "font": {**font, "color": "#404040"}}
        chart.set_hole_size(55)
        chart.set_legend({"position": "right", "font": font})
    else:
        chart.set_legend({"none": True})
        chart.set_x_axis({"major_gridlines": {"visible": False}, "visible": False, "min": 0})
        quiet = {"line": {"color": "#BFBFBF"}, "major_tick_mark": "none"}
        chart.set_y_axis({"num_font": font, "reverse": True, **quiet})
    chart.add_series(series)
    chart.set_title({"none": True})
    chart.set_chartarea({"border": {"none": True}})
    chart.set_size({"width": 6 * _PIXELS - 4, "height": _CHART_ROWS * 20 - 4})
    sheet.insert_chart(row, left, chart, {"x_offset": 2, "y_offset": 2})
