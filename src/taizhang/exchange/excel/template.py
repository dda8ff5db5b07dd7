"""A blank ledger: two-row headings by chapter, lists to choose from, the question behind each column.

Reads from: ``rules.terms``, xlsxwriter.  Read by: ``cli``, ``example``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import xlsxwriter

from taizhang.exchange.excel.headings import IDENTITY
from taizhang.rules.terms import Evidence, Fact, Node, Pack

__all__ = [
    "ESTATE_WORDS",
    "LAST",
    "Column",
    "Lists",
    "columns_of",
    "dress_sheet",
    "fields_at",
    "ledger_columns",
    "write_template",
]

_STATES = ["有", "缺", "灭失", "不清楚"]
_YES_NO = ["是", "否"]
_CHAPTERS = {
    "scope": "范围与受理",
    "applicant": "申请主体",
    "land": "用地",
    "planning": "规划",
    "completion": "竣工与消防",
    "survey": "测绘",
    "registration": "首次登记",
    "transfer": "转移登记",
    "fees": "税费",
}
ESTATE_WORDS = (
    *("serial_number", "county", "street", "neighbourhood", "estate", "address"),
    *("developer_name", "completed_on", "buildings_total", "units_total", "responsible_official", "sponsor"),
)
_UNIT = ("serial_number", "estate", "building", "unit", "holder", "phone")
LAST = ("remarks",)
_LAST_ROW = 5_000  # of lists and filters
_WHOLE, _TEXT = "0", "@"  # number formats; text keeps ID numbers and 3-101 as they are typed
#: the hidden sheet of lists, and the range of each list on it
Lists: TypeAlias = tuple[xlsxwriter.worksheet.Worksheet, dict[tuple[str, ...], str]]
_FORMATS = {"money": "#,##0.00", "decimal": "0.00", "integer": _WHOLE, "date": "yyyy-mm-dd"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a ledger: its chapter, heading, what it holds, its note and number format."""

    field: str
    group: str
    heading: str
    choices: tuple[str, ...]
    note: str
    number_format: str = _TEXT


def ledger_columns(pack: Pack, level: str) -> list[Column]:
    """Return the columns of the estate sheet (``estate``) or of the unit sheet (``unit``)."""
    wanted = {"unit"} if level == "unit" else {"estate", "building"}
    return columns_of(pack, _UNIT if level == "unit" else ESTATE_WORDS, fields_at(pack, wanted), LAST)


def fields_at(pack: Pack, levels: Collection[str]) -> list[str]:
    """The facts and papers of some levels."""
    return [one.id for table in (pack.facts, pack.evidence) for one in table.values() if one.level in levels]


def columns_of(
    pack: Pack, identity: Sequence[str], fields: Iterable[str], last: Sequence[str] = ()
) -> list[Column]:
    """Return columns for these fields, in the order of the chapters of the law, with their lists.

    Args:
        pack: Says what they are.
        identity: What comes first: names and words.
        fields: Facts, papers and nodes.
        last: Words behind them.
    """
    grouped: dict[str, list[Column]] = {}
    for name in fields:
        fact = pack.facts.get(name)
        column = _fact(pack, fact) if fact else _paper(pack, pack.evidence.get(name) or pack.nodes[name])
        where = (fact or pack.evidence.get(name) or pack.nodes[name]).where
        grouped.setdefault(_chapter(where), []).append(column)
    columns = [_identity(pack, name) for name in identity]
    order = list(_CHAPTERS)
    for chapter in sorted(grouped, key=lambda one: order.index(one) if one in order else len(order)):
        columns += grouped[chapter]
    return columns + [_identity(pack, name) for name in last]


def _chapter(where: str) -> str:
    return where.partition(":")[0].rpartition("/")[-1].removesuffix(".yaml")


def _group(where: str) -> str:
    return _CHAPTERS.get(_chapter(where), "其他")


def _identity(pack: Pack, name: str) -> Column:
    heading = pack.headings.get(name, (IDENTITY.get(name, name),))[0]
    look = _WHOLE if name in ("units_total", "buildings_total") else _TEXT
    return Column(name, "其他" if name in LAST else "基本情况", heading, (), "", look)


def _fact(pack: Pack, fact: Fact) -> Column:
    choices: tuple[str, ...] = ()
    if fact.type == "bool":
        choices = tuple(_YES_NO)
    elif fact.type == "enum":
        choices = tuple(label.zh for label in fact.values.values())
    who = pack.suppliers[fact.who].zh if fact.who in pack.suppliers else ""
    unit = {"money": "（元）", "date": "（如 2003-05-31）"}.get(fact.type, "")
    note = f"{fact.ask.zh or fact.label.zh}{unit}" + (f"\n可询：{who}" if who else "")
    share = fact.type == "decimal" and fact.maximum is not None and fact.maximum <= 1
    look = "0.00%" if share else _FORMATS.get(fact.type, _TEXT)
    return Column(fact.id, _group(fact.where), fact.label.zh, choices, note, look)


def _paper(pack: Pack, paper: Evidence | Node) -> Column:
    supplier = paper.supplier if isinstance(paper, Evidence) else ""
    who = pack.suppliers[supplier].zh if supplier in pack.suppliers else ""
    note = f"有无“{paper.label.zh}”？" + (f"\n提供：{who}" if who else "")
    return Column(paper.id, _group(paper.where), paper.label.zh, tuple(_STATES), note)


def write_template(path: Path, pack: Pack) -> None:
    """Write a blank ledger that ``read_ledger`` understands.

    Args:
        path: The .xlsx to write.
        pack: Gives columns, lists and questions.
    """
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    estates, units, notes, lists = (
        book.add_worksheet(name) for name in ("小区台账", "户台账", "填表说明", "选项")
    )
    taken: dict[tuple[str, ...], str] = {}
    dress_sheet(book, estates, (lists, taken), ledger_columns(pack, "estate"))
    dress_sheet(book, units, (lists, taken), ledger_columns(pack, "unit"))
    _help(book, notes, pack)
    lists.hide()
    book.close()


def dress_sheet(
    book: xlsxwriter.Workbook,
    sheet: xlsxwriter.worksheet.Worksheet,
    lists: Lists,
    columns: Sequence[Column],
    last_row: int = _LAST_ROW,
    fixed: int = 5,
) -> None:
    """Write the headings of a sheet, its lists to choose from, its filter and its page.

    Args:
        book: The workbook.
        sheet: One of its sheets.
        lists: The hidden sheet of lists, and where each stands on it already.
        columns: From A on.
        last_row: The last row of lists and filter, from 0.
        fixed: Columns that stay in sight.
    """
    font = {"font_name": "Microsoft YaHei", "font_size": 10}
    look = {**font, "border": 1, "align": "center", "valign": "vcenter", "bold": True}
    low = book.add_format({**look, "bg_color": "#DDEBF7", "text_wrap": True})
    cells = {
        name: book.add_format({**font, "num_format": name})
        for name in dict.fromkeys(one.number_format for one in columns)
    }
    _groups(sheet, columns, book.add_format({**look, "bg_color": "#1F4E79", "font_color": "#FFFFFF"}))
    for number, column in enumerate(columns):
        sheet.write_string(1, number, column.heading, low)
        if column.note:
            sheet.write_comment(1, number, column.note, {"x_scale": 1.6})
        if column.choices:
            _choose_from(sheet, number, _list(*lists, column.choices), last_row)
        width = min(24, max(10, 2 * len(column.heading) + 2))
        sheet.set_column(number, number, width, cells[column.number_format])
    _page(sheet, len(columns) - 1, last_row, fixed)


def _groups(
    sheet: xlsxwriter.worksheet.Worksheet, columns: Sequence[Column], look: xlsxwriter.format.Format
) -> None:
    """The upper row of the heading: one merged cell for each chapter."""
    start = 0
    for number, column in enumerate(columns):
        if number + 1 < len(columns) and columns[number + 1].group == column.group:
            continue
        if number > start:
            sheet.merge_range(0, start, 0, number, column.group, look)
        else:
            sheet.write_string(0, number, column.group, look)
        start = number + 1


def _choose_from(sheet: xlsxwriter.worksheet.Worksheet, column: int, source: str, last_row: int) -> None:
    """A list to choose from; something else may be typed after a warning."""
    rule = {
        "validate": "list",
        "source": source,
        "ignore_blank": True,
        "error_type": "warning",
        "error_title": "请核对",
        "error_message": "建议从下拉列表中选择。",
    }
    sheet.data_validation(2, column, last_row, column, rule)


def _page(sheet: xlsxwriter.worksheet.Worksheet, last: int, last_row: int, fixed: int) -> None:
    """Frozen headings, filters, and A4 across; without a print area, what is filled in is printed."""
    sheet.set_row(1, 48)
    sheet.freeze_panes(2, fixed)
    sheet.autofilter(1, 0, last_row, last)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, 1)


def _list(
    lists: xlsxwriter.worksheet.Worksheet, taken: dict[tuple[str, ...], str], choices: tuple[str, ...]
) -> str:
    """The range of a list on the hidden sheet; Excel allows only 255 characters in place."""
    if choices not in taken:
        column = len(taken)
        for row, choice in enumerate(choices):
            lists.write_string(row, column, choice)
        letter = xlsxwriter.utility.xl_col_to_name(column, True)
        taken[choices] = f"=选项!{letter}$1:{letter}${len(choices)}"
    return taken[choices]


def _help(book: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet, pack: Pack) -> None:
    font = {"font_name": "Microsoft YaHei", "font_size": 11}
    wide = book.add_format({**font, "text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 100)
    lines = (
        f"规则包：{pack.title.zh} {pack.version}（{pack.as_of}）",
        "一行一个小区（小区台账）、一行一户（户台账）。没有户台账时，请填写总户数和幢数。",
        "材料列：有 / 缺 / 灭失（无法再取得）/ 不清楚；不清楚就留空，系统会列出需要核实的问题。",
        "规划、竣工、消防、测绘等按幢的情况，可先在小区行填写，全小区各幢视为相同；"
        "某幢不同的，另加“幢号”列的表单独填写。",
        "日期写作 2003-05-31；只知道年月的，请写在备注里。金额以元为单位。证件号、编号请用文本格式。",
        "可以自行增加列，系统原样保留并随结果返回。",
        "填好后运行：taizhang plan 本文件.xlsx",
    )
    for row, line in enumerate(lines):
        sheet.write_string(row, 0, line, wide)
