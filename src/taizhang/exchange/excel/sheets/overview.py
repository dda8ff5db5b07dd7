"""The sheet 总览: the numbers of the city on one page, each one click from its list.

Reads from: ``gap_rows``, ``frame``.  Read by: ``workbook``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from taizhang.exchange.excel.sheets.frame import Book, set_page
from taizhang.exchange.excel.sheets.gap_rows import gaps_by_supplier, gaps_in
from taizhang.exchange.excel.sheets.questions import questions_count
from taizhang.exchange.excel.sheets.row_sheet import printable
from taizhang.exchange.excel.styles import ACCENT
from taizhang.exchange.excel.wording import yuan
from taizhang.rules.terms import CityPlan, Status

__all__ = ["classes_count", "overview_sheet", "units_by_status"]

_COLUMNS = 13  #: two panels of six and a gutter between them
_GUTTER = 6
_WIDTH = 11.0
_PIXELS = 82  #: of a column of that width
_TILES = (0, 2, 4, 7, 9, 11)  #: first columns
_LONGEST = 10  #: rows of a table
_CHART_ROWS = 13
_LONGEST_NAME = 60  #: of an estate, in a table and its chart
_COLOURS = ("#70AD47", "#5B9BD5", "#F2C14E", "#D9704A")


@dataclass(frozen=True, slots=True)
class _Panel:
    """One chart with its table beneath it."""

    title: str
    heads: tuple[str, str, str]  #: name, number, and a third column
    rows: Sequence[tuple[str, int, object, str]]  #: name, number, third, link target
    chart: str  #: doughnut, column or bar
    more: str = ""  #: what is said where not all rows are shown


def units_by_status(city: CityPlan) -> dict[str, int]:
    """Return how many units stand where: ``proved``, ``open``, ``depends``, ``blocked``."""
    counted = Counter(unit.status for estate in city.estates for unit in estate.units)
    return {status.word: counted[status] for status in Status}


def classes_count(city: CityPlan) -> dict[str, int]:
    """Return how many estates are in each problem class, in the pack's order."""
    counted = Counter(one for estate in city.estates for one in dict.fromkeys(estate.classes))
    ordered = {one.id: counted.pop(one.id, 0) for one in city.pack.classes}
    return {**ordered, **dict(sorted(counted.items()))}


def overview_sheet(book: Book, sheet: Any) -> None:
    """Write 总览 into the sheet that was put first; links need the other sheets to be laid out."""
    w, f = book.wording, book.styles.format
    sheet.set_column(0, _COLUMNS - 1, _WIDTH)
    sheet.set_column(_GUTTER, _GUTTER, 2)
    zh = w.language == "zh"
    sheet.set_row(0, 32)
    sheet.write_string(
        0, 0, book.city.pack.title.in_(w.language) + ("·总览" if zh else " · overview"), f("title")
    )
    sheet.write_string(1, 0, book.subtitle, f("note"))
    _directory(book, sheet, 2)
    row = _tiles(book, sheet, 4)
    panels = _panels(book)
    for pair in (panels[:2], panels[2:]):
        ends = [_panel(book, sheet, row, side * (_GUTTER + 1), panel) for side, panel in enumerate(pair)]
        row = max(ends) + 1
    set_page(book, sheet, landscape=False)
    sheet.fit_to_pages(1, 1)
    sheet.print_area(0, 0, row - 1, _COLUMNS - 1)
    sheet.activate()


def _directory(book: Book, sheet: Any, row: int) -> None:
    """Write one link to each sheet."""
    keys = ("estates", "gaps", "departments", "units", "leverage", "questions", "complaints", "notes")
    for column, key in zip((0, 1, 2, 3, 4, 5, 7, 8), keys, strict=True):
        name = book.wording.sheet(key)
        sheet.write_url(row, column, f"internal:'{name}'!A1", book.styles.format("back"), name)


def _tiles(book: Book, sheet: Any, row: int) -> int:
    """Write the tiles, six to a row; return the next free row."""
    for number, (name, value, note, target) in enumerate(_tile_values(book)):
        top, left = row + number // 6 * 4, _TILES[number % 6]
        money = not isinstance(value, int)
        f = book.styles.format
        sheet.set_row(top + 1, 28)
        sheet.merge_range(top, left, top, left + 1, name, f("tile_name"))
        style = f("tile_money" if money else "tile_value")
        sheet.merge_range(top + 1, left, top + 1, left + 1, "", style)
        sheet.write_url(top + 1, left, f"internal:{target}", style, string=name)
        sheet.write_number(top + 1, left, value, style)
        sheet.merge_range(top + 2, left, top + 2, left + 1, note, f("tile_note"))
    return row + 8


def _tile_values(book: Book) -> list[tuple[str, Any, str, str]]:
    """Return name, value, remark and target of each tile."""
    city, w = book.city, book.wording
    zh = w.language == "zh"
    units = [unit for estate in city.estates for unit in estate.units]
    statuses = units_by_status(city)
    at = {key: f"'{w.sheet(key)}'!A1" for key in ("estates", "gaps", "units", "complaints", "questions")}
    unpriced = sum(row.money_unknown for row in book.gaps)
    unknown = sum(1 for unit in units if unit.bill.unknown)
    proved = sum(1 for estate in city.estates if estate.joint.proved)
    exact = sum(unit.exact for unit in units)
    fees = yuan(sum(unit.bill.total_fen for unit in units))

    def of_units(count: int) -> str:
        share = f"{count / len(units):.1%}" if units else "—"
        return f"占{share}" if zh else f"{share} of units"

    best = f"其中{proved:,}个方案已证最优" if zh else f"{proved:,} plans proved optimal"
    sure = f"其中{exact:,}户为精确判定" if zh else f"{exact:,} judged exactly"
    rows = f"清单{len(book.gaps):,}行" if zh else f"{len(book.gaps):,} rows"
    return [
        (w.say("estates"), len(city.estates), best, at["estates"]),
        (w.say("units"), len(units), sure, at["units"]),
        ("缺项（处）" if zh else "Gaps", gaps_in(book.gaps), rows, at["gaps"]),
        (
            "应缴费用合计（元）" if zh else "Fees (CNY)",
            fees,
            "仅已知部分" if zh else "known only",
            at["units"],
        ),
        ("费用待明户数" if zh else "Fees unknown", unknown, of_units(unknown), at["units"]),
        ("导入问题" if zh else "Problems", len(city.complaints), "条" if zh else "", at["complaints"]),
        *[
            (
                ("户·" if zh else "Units ") + w.status(status),
                statuses[status.word],
                of_units(statuses[status.word]),
                at["units"],
            )
            for status in Status
        ],
        (
            "待核实问题" if zh else "Questions",
            questions_count(city),
            "条，答复会改变方案" if zh else "",
            at["questions"],
        ),
        (
            "费用未知的缺项" if zh else "Gaps of unknown cost",
            unpriced,
            "处，未计入费用" if zh else "",
            at["gaps"],
        ),
    ]


def _panels(book: Book) -> list[_Panel]:
    city, w = book.city, book.wording
    zh = w.language == "zh"
    total = sum(len(estate.units) for estate in city.estates)
    units_at = f"'{w.sheet('units')}'!A1"
    status = [
        (w.status(one), count, count / total if total else 0, units_at)
        for one, count in zip(Status, units_by_status(city).values(), strict=True)
    ]
    share = w.say("share")
    return [
        _Panel(
            "各状态户数" if zh else "Units by status",
            (w.say("status"), w.say("units"), share),
            status,
            "doughnut",
        ),
        _suppliers(book, "缺项按责任部门" if zh else "Gaps by office"),
        _classes(book, "小区按问题分类" if zh else "Estates by problem class"),
        _longest(book, "工期最长的小区" if zh else "Longest estates"),
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
    return _Panel(
        title, (w.say("classes"), w.say("estates"), w.say("share")), rows[:_LONGEST], "column", more
    )


def _longest(book: Book, title: str) -> _Panel:
    w = book.wording
    found = sorted(book.city.estates, key=lambda estate: (-estate.joint.vector.days, estate.place.id))
    start = f"'{w.sheet('estates')}'!A1"
    rows = [
        (
            printable(estate.place.name)[:_LONGEST_NAME],
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


def _more(book: Book, rows: Sequence[object]) -> str:
    """Return what is said where a table is cut short."""
    left = len(rows) - _LONGEST
    if left <= 0:
        return ""
    return f"另有{left:,}行，见清单" if book.wording.language == "zh" else f"{left:,} more in the list"


def _panel(book: Book, sheet: Any, row: int, left: int, panel: _Panel) -> int:
    """Write one panel: bar, chart, table; return the next free row."""
    f = book.styles.format
    end = left + 5
    sheet.merge_range(row, left, row, end, panel.title, f("section"))
    first = row + 1 + _CHART_ROWS + 1
    head = first - 1
    span = 3
    _row(sheet, head, left, span, end, [f("head")] * 3, panel.heads)
    for number, (name, value, third, target) in enumerate(panel.rows):
        at = first + number
        _row(sheet, at, left, span, end, [f("link"), f("whole"), _third(f, third)], (name, value, third))
        sheet.write_url(at, left, f"internal:{target}", f("link"), string=name)
    if panel.rows:
        _chart(
            book, sheet, (row + 1, left, end), (first, first + len(panel.rows) - 1, left, left + span), panel
        )
    if panel.more:
        sheet.write_string(first + len(panel.rows), left, panel.more, f("note"))
    return first + len(panel.rows) + 2


def _third(f: Any, third: object) -> Any:
    if isinstance(third, float | int):
        return f("share")
    return f("date")


def _row(
    sheet: Any, row: int, left: int, span: int, end: int, formats: Sequence[Any], values: Sequence[Any]
) -> None:
    """Write name, number and a third value over the columns of one panel."""
    sheet.merge_range(row, left, row, left + span - 1, "", formats[0])
    sheet.write_string(row, left, values[0], formats[0])
    number = left + span
    if isinstance(values[1], int):
        sheet.write_number(row, number, values[1], formats[1])
    else:
        sheet.write_string(row, number, values[1], formats[1])
    sheet.merge_range(row, number + 1, row, end, "", formats[2])
    if isinstance(values[2], str):
        sheet.write_string(row, number + 1, values[2].split("\n")[0], formats[2])
    elif isinstance(values[2], int | float):
        sheet.write_number(row, number + 1, values[2], formats[2])
    else:
        sheet.write_datetime(row, number + 1, values[2], formats[2])


def _chart(
    book: Book, sheet: Any, place: tuple[int, int, int], cells: tuple[int, int, int, int], panel: _Panel
) -> None:
    row, left, end = place
    first, last, names, values = cells
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
        series["points"] = [{"fill": {"color": colour}} for colour in _COLOURS]
        series["data_labels"] = {"percentage": True, "font": {**font, "color": "#404040"}}
        chart.set_hole_size(55)
        chart.set_legend({"position": "right", "font": font})
    else:
        chart.set_legend({"none": True})
        named = {"num_font": font, "line": {"color": "#BFBFBF"}, "major_tick_mark": "none"}
        counted = {"major_gridlines": {"visible": False}, "visible": False, "min": 0}
        across, up = (counted, {**named, "reverse": True}) if panel.chart == "bar" else (named, counted)
        chart.set_x_axis(across)
        chart.set_y_axis(up)
    chart.add_series(series)
    chart.set_title({"none": True})
    chart.set_chartarea({"border": {"none": True}})
    chart.set_size({"width": (end - left + 1) * _PIXELS - 4, "height": _CHART_ROWS * 20 - 4})
    sheet.insert_chart(row, left, chart, {"x_offset": 2, "y_offset": 2})
