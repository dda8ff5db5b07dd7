"""The sheet 总览: what a leader wants to know on one page, each number one click from its list.

Reads from: ``headline``, ``counties``, ``panels``, ``readiness``, ``frame``.  Read by: ``workbook``.
"""

from __future__ import annotations

from typing import Any

from taizhang.exchange.excel.sheets.counties import counties_panel
from taizhang.exchange.excel.sheets.duties import duties_count
from taizhang.exchange.excel.sheets.frame import Book, set_page
from taizhang.exchange.excel.sheets.gap_rows import gaps_in, units_by_status
from taizhang.exchange.excel.sheets.headline import headline
from taizhang.exchange.excel.sheets.panels import panel_sheet, panels_of
from taizhang.exchange.excel.wording import yuan
from taizhang.exchange.readiness import units_ready, units_urgent
from taizhang.rules.terms import Status

__all__ = ["overview_sheet"]

_COLUMNS = 13  #: two panels of six and a gutter between them
_GUTTER = 6
_WIDTH = 11.0
_SHEETS = (
    "estates", "gaps", "departments", "duties", "units", "leverage", "questions", "complaints", "differences",
    "notes",
)  # fmt: skip
_LINKS = tuple(column for column in range(_COLUMNS) if column != _GUTTER)
_TILES = (0, 2, 4, 7, 9, 11)  #: first columns


def overview_sheet(book: Book, sheet: Any, asked: int) -> None:
    """Write 总览 into the sheet that was put first; links need the other sheets to be laid out.

    Args:
        book: What every sheet is made from.
        sheet: The sheet that was put first.
        asked: How many questions would change the best plan.
    """
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
    row = headline(book, sheet, 4, _COLUMNS - 1, _WIDTH * (_COLUMNS - 4)) + 1
    row = _tiles(book, sheet, row, asked)
    row = counties_panel(book, sheet, row)
    panels, starts = panels_of(book), []
    for first in range(0, len(panels), 2):
        starts.append(row)
        ends = [
            panel_sheet(book, sheet, (row, side * (_GUTTER + 1)), panel)
            for side, panel in enumerate(panels[first : first + 2])
        ]
        row = max(ends) + 1
    set_page(book, sheet, landscape=False)
    sheet.fit_to_pages(1, 1 if len(starts) < 3 else 0)
    if len(starts) > 2:
        sheet.set_h_pagebreaks([starts[1]])
    sheet.print_area(0, 0, row - 1, _COLUMNS - 1)
    sheet.activate()


def _directory(book: Book, sheet: Any, row: int) -> None:
    """Write one link to each sheet that there is."""
    counts = {"duties": duties_count(book.city), "differences": len(book.city.differences)}
    for column, key in zip(_LINKS, [key for key in _SHEETS if counts.get(key, 1)], strict=False):
        name = book.wording.sheet(key)
        said = f"{name}（{counts[key]:,}）" if key in counts else name
        sheet.write_url(row, column, f"internal:'{name}'!A1", book.styles.format("back"), said)


def _tiles(book: Book, sheet: Any, row: int, asked: int) -> int:
    """Write the tiles, six to a row; return the next free row."""
    for number, (name, value, note, target) in enumerate(_tile_values(book, asked)):
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


def _tile_values(book: Book, asked: int) -> list[tuple[str, Any, str, str]]:
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

    ready, urgent = units_ready(city.estates), units_urgent(city.estates)
    best = f"{proved:,}个方案已获证明" if zh else f"{proved:,} plans proved"
    sure = f"{exact:,}户为精确判定" if zh else f"{exact:,} judged exactly"
    rows = f"{unpriced:,}处费用未知" if zh else f"{unpriced:,} of unknown cost"
    lacking = f"仅已知部分，{unknown:,}户待明" if zh else f"known only, {unknown:,} units lack some"
    return [
        (w.say("estates"), len(city.estates), best, at["estates"]),
        (w.say("units"), len(units), sure, at["units"]),
        ("现可办证户数" if zh else "Ready", ready, of_units(ready), at["units"]),
        ("缺项（处）" if zh else "Gaps", gaps_in(book.gaps), rows, at["gaps"]),
        ("应缴费用合计（元）" if zh else "Fees (CNY)", fees, lacking, at["units"]),
        (w.say("urgent_units"), urgent, of_units(urgent), at["units"]),
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
            asked,
            "条，答复会改变方案" if zh else "",
            at["questions"],
        ),
        ("导入问题" if zh else "Problems", len(city.complaints), "条" if zh else "", at["complaints"]),
    ]
