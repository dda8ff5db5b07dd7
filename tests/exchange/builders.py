"""A small pack and small workbooks, so that a test states only what matters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from taizhang.exchange.excel.reading import read_ledger
from taizhang.rules.terms import Cost, Evidence, Fact, Label, Ledger, Node, Pack, Way

LEVELS = ("city", "county", "estate", "building", "unit")
DAY = date(2024, 1, 28)
NOBODY = Cost(0, 0, 0)

ESTATES = ["小区名称", "县区", "土地状况", "总户数"]  # headings of a small estate sheet
UNITS = ["小区名称", "幢号", "房号", "建筑面积", "合同价"]  # and of a small unit sheet

HEADINGS: dict[str, tuple[str, ...]] = {
    "serial_number": ("序号",),
    "county": ("县区",),
    "estate": ("小区名称", "项目名称"),
    "building": ("幢号",),
    "entrance": ("单元", "单元号"),
    "unit": ("房号",),
    "holder": ("户主",),
    "id_number": ("身份证号",),
    "units_total": ("总户数",),
    "buildings_total": ("幢数",),
    "completed_on": ("建成年份",),
    "remarks": ("备注",),
    "land_status": ("土地状况", "土地手续"),
    "area_m2": ("建筑面积",),
    "price": ("合同价", "房款"),
    "completed_day": ("竣工日期",),
    "land_use_certificate": ("土地证",),
    "planning_permit": ("规划许可证",),
}

LAND = {
    "granted_certified": Label("出让已办证", "granted and certified"),
    "granted_uncertified": Label("出让未办证", "granted, not certified"),
    "allocated_certified": Label("划拨已办证", "allocated and certified"),
    "no_procedure": Label("无用地手续", "no land procedure"),
    "collective_land": Label("集体土地", "collective land"),
}


def fact(name: str = "some_fact", kind: str = "bool", level: str = "estate", **given: Any) -> Fact:
    """A fact named after itself."""
    label = given.pop("label", Label(name, name))
    return Fact(name, level, kind, label, Label(f"{name}？", f"{name}?"), "land_bureau", **given)


def paper(name: str, zh: str, level: str = "estate") -> Evidence:
    return Evidence(name, level, Label(zh, name), "developer", NOBODY)


def small_pack(headings: Mapping[str, tuple[str, ...]] = HEADINGS) -> Pack:
    """A pack with one fact of each type, two papers and one node."""
    goal = Node("certificate", "unit", Label("不动产权证书", "certificate"), (Way("way", Label("", ""), ()),))
    facts = (
        fact("land_status", "enum", label=Label("用地状况", "land status"), values=LAND),
        fact("sold", "bool", label=Label("是否已售", "sold")),
        fact("completed_day", "date", "building", label=Label("竣工日", "completion day")),
        fact("area_m2", "decimal", "unit", minimum=Decimal(1), maximum=Decimal(100_000)),
        fact("price", "money", "unit", minimum=Decimal(0)),
        fact("family_home_ordinal", "integer", "unit", label=Label("第几套住房", "home number")),
    )
    papers = (paper("land_use_certificate", "国有土地使用证"), paper("planning_permit", "建设工程规划许可证"))
    return Pack(
        id="small", version="0", title=Label("小", "small"), jurisdiction="CN", levels=LEVELS,
        goal=goal.id, objective=("rank", "money"), as_of=DAY, sources={}, params={},
        facts={one.id: one for one in facts}, suppliers={"land_bureau": Label("自然资源局", "land bureau")},
        evidence={one.id: one for one in papers}, nodes={goal.id: goal}, fees={}, headings=headings,
        classes=(), lock=(),
    )  # fmt: skip


def write_book(
    path: Path,
    sheets: Mapping[str, Sequence[Sequence[object]]],
    merges: Sequence[tuple[int, int, int, int]] = (),
    **options: object,
) -> Path:
    """Write rows as they are; a date gets a date format; the merges are of the first sheet."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False, **options})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for top, left, bottom, right in merges:
            sheet.merge_range(top, left, bottom, right, None)
        merges = ()
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, date | datetime):
                    sheet.write_datetime(number, column, value, day)
                elif isinstance(value, str):
                    sheet.write_string(number, column, value)
                elif value is not None:
                    sheet.write(number, column, value)
    book.close()
    return path


def read_rows(folder: Path, *rows: Sequence[object], pack: Pack | None = None, **options: Any) -> Ledger:
    """Write one sheet and read it."""
    return read_ledger(write_book(folder / "台账.xlsx", {"台账": rows}, **options), pack or small_pack())


def codes(ledger: Ledger) -> list[tuple[str, str]]:
    """What is complained of, and where."""
    return [(one.code, one.cell) for one in ledger.complaints]
