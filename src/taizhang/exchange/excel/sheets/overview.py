"""The sheet 总览: the numbers of the city on one page, each one click from its list.

Reads from: ``gap_rows``, ``panels``, ``frame``.  Read by: ``workbook``.
"""

from __future__ import annotations

from typing import Any

from taizhang.exchange.excel.sheets.frame import Book, set_page
from taizhang.exchange.excel.sheets.gap_rows import gaps_in, units_by_status
from taizhang.exchange.excel.sheets.panels import panel_sheet, panels_of
from taizhang.exchange.excel.sheets.questions import questions_count
from taizhang.exchange.excel.wording import yuan
from taizhang.rules.terms import Status

__all__ = ["overview_sheet"]

_COLUMNS = 13  #: two panels of six and a gutter between them
_GUTTER = 6
_WIDTH = 11.0
_TILES = (0, 2, 4, 7, 9, 11)  #: first columns


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
    panels = panels_of(book)
    for pair in (panels[:2], panels[2:]):
        ends = [
            panel_sheet(book, sheet, (row, side * (_GUTTER + 1)), panel) for side, panel in enumerate(pair)
        ]
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
