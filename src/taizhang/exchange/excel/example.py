"""The example ledger: one estate of the newspaper page, as a sub-district officer might keep it.

Everything in it is made up but the shape of the case: one building, 84 households, built by
a knitting factory with its workers' money in 2001, lived in since 2002, no land or planning
papers.  It is untidy on purpose, in the ways real ledgers are.

Reads from: ``template``, ``rules.terms``, numpy, xlsxwriter.  Read by: ``cli``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import xlsxwriter

from taizhang.exchange.excel.template import Column, ledger_columns
from taizhang.rules.terms import Pack

__all__ = ["ESTATE", "write_example"]

ESTATE = "针织厂家属院（南区）"

_IDENTITY = {
    "serial_number": "1",
    "county": "青棠县",
    "street": "河西街道",
    "neighbourhood": "纺织路社区",
    "estate": ESTATE,
    "address": "纺织路 18 号",
    "developer_name": "青棠县针织厂",
    "completed_on": "２００１年",
    "buildings_total": "1",
    "units_total": "84户",
    "responsible_official": "周砚（街道）",
    "sponsor": "林晓副县长",
    "remarks": "2002年入住；=厂里称土地系划拨，未见文件",
}
# What the officer knows, in the words he would use; what he does not know he leaves empty.
_FACTS = {
    "project_type": "unit_funded_collective",
    "land_status": "no_procedure",
    "planning_permit_status": "none",
    "planning_verification": "cannot_makeup_old",
    "completion_acceptance": "never_accepted",
    "fire_status": "none",
    "developer_status": "deregistered",
    "successor_exists": False,
    "co_developer_exists": False,
    "superior_authority_exists": False,
    "legacy_case": True,
    "cross_parcel": False,
    "split_registration_mismatch": False,
}
_PAPERS = {
    "in_urban_planning_area": "√",
    "state_owned_land": "有",
    "no_ownership_dispute": "不清楚",
    "carpet_screening": "已完成",
    "land_use_certificate": "无",
    "planning_permit_original": "缺",
}
_FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_SEED = 20240128
_KNOWN = 0.65  # of what may be known of a household


def write_example(path: Path, pack: Pack) -> None:
    """Write the example ledger.

    Args:
        path: The .xlsx to write.
        pack: Gives the columns; names it does not know are left out.
    """
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(str(path), plain)  # text stays text, and an empty text is a blank cell
    book.set_properties({"title": f"{ESTATE}台账（演示数据，虚构）", "created": datetime(2024, 1, 28)})  # noqa: DTZ001
    _estates(book, pack)
    _units(book, pack)
    book.close()


def _looks(book: xlsxwriter.Workbook) -> dict[str, xlsxwriter.format.Format]:
    base = {"font_name": "宋体", "font_size": 11, "border": 1, "valign": "vcenter"}
    return {
        "title": book.add_format({"font_name": "宋体", "font_size": 18, "bold": True, "align": "center"}),
        "head": book.add_format({**base, "bold": True, "align": "center", "text_wrap": True}),
        "cell": book.add_format({**base, "text_wrap": True}),
        "note": book.add_format({"font_name": "宋体", "font_size": 10}),
        "total": book.add_format({**base, "bold": True}),
    }


def _head(
    sheet: xlsxwriter.worksheet.Worksheet,
    looks: dict[str, xlsxwriter.format.Format],
    title: str,
    columns: list[Column],
) -> None:
    """A title row, then headings over two rows: groups above, single columns merged downwards."""
    sheet.merge_range(0, 0, 0, len(columns) - 1, title, looks["title"])
    start = 0
    for number, column in enumerate(columns):
        sheet.set_column(number, number, min(20, max(8, 2 * len(column.heading))))
        if number + 1 < len(columns) and columns[number + 1].group == column.group:
            continue
        if column.group in ("基本情况", "其他"):
            for one in range(start, number + 1):
                sheet.merge_range(1, one, 2, one, columns[one].heading, looks["head"])
        else:
            for one in range(start, number + 1):
                sheet.write_string(2, one, columns[one].heading, looks["head"])
            if number > start:
                sheet.merge_range(1, start, 1, number, column.group, looks["head"])
            else:
                sheet.write_string(1, number, column.group, looks["head"])
        start = number + 1
    sheet.set_row(0, 30)
    sheet.set_row(2, 45)


def _estates(book: xlsxwriter.Workbook, pack: Pack) -> None:
    sheet, looks = book.add_worksheet("小区台账"), _looks(book)
    told = {**_IDENTITY, **_FACTS, **_PAPERS}
    columns = [one for one in ledger_columns(pack, "estate") if one.field in told or one.field in pack.facts]
    columns.append(Column("complaints_note", "其他", "群众诉求摘要", (), ""))
    _head(sheet, looks, "青棠县房屋产权确权颁证历史遗留问题小区台账（演示数据，虚构）", columns)
    for number, column in enumerate(columns):
        sheet.write(3, number, _estate_cell(pack, column.field), looks["cell"])
    sheet.write_string(4, 0, "合计", looks["total"])
    for number, column in enumerate(columns):
        if column.field == "units_total":
            sheet.write_number(4, number, 84, looks["total"])
    sheet.write_string(6, 0, "注：1.本表由街道填报；2.不清楚的留空。", looks["note"])
    sheet.freeze_panes(3, 5)


def _estate_cell(pack: Pack, field: str) -> str:
    if field == "complaints_note":
        return "多次反映孩子上学需要房产证"
    if field in _IDENTITY:
        return _IDENTITY[field]
    if field in _PAPERS:
        return _PAPERS[field]
    value = _FACTS.get(field)
    if isinstance(value, bool):
        return "是" if value else "否"
    fact = pack.facts.get(field)
    return fact.values[value].zh if fact and isinstance(value, str) and value in fact.values else ""


def _units(book: xlsxwriter.Workbook, pack: Pack) -> None:
    sheet, looks = book.add_worksheet("户台账"), _looks(book)
    columns = [one for one in ledger_columns(pack, "unit") if one.field not in ("phone",)]
    _head(sheet, looks, "针织厂家属院（南区）户台账（演示数据，虚构）", columns)
    chance = np.random.default_rng(_SEED)
    for index in range(84):
        cells = _unit_cells(pack, chance, index)
        for number, column in enumerate(columns):
            sheet.write(3 + index, number, cells.get(column.field, ""), looks["cell"])
    sheet.freeze_panes(3, 5)


def _unit_cells(pack: Pack, chance: np.random.Generator, index: int) -> dict[str, str | float]:
    """One household: a third of what could be known is left empty."""
    storey, door, side = index // 12 + 1, index % 12 // 4 + 1, index % 4 + 1
    area = (62.4, 75.18, 75.18, 89.5)[side - 1]
    cells: dict[str, str | float] = {
        "serial_number": str(index + 1),
        "estate": ESTATE,
        "building": "1幢",
        "unit": f"{door}单元{storey}0{side}",
        "holder": f"{_one(chance, _FAMILY)}某{index + 1:02d}",
        "area_m2": f"{area}㎡" if index % 9 == 4 else area,
        "price": float(round(area * 520)),
        "residential": "是",
        "purchase_basis": "集资名册" if "purchase_basis" in pack.facts else "",
        "tax_exempt_reason": "",
    }
    for name, choices in _UNIT_FACTS.items():
        value = _one(chance, choices) if chance.random() < _KNOWN else None
        fact = pack.facts.get(name)
        if fact and value is not None:
            cells[name] = fact.values[value].zh if value in fact.values else value
    later = np.random.default_rng((_SEED, index))
    for name, choices in _MORE_UNIT_FACTS.items():
        if name in pack.facts and later.random() < _KNOWN:
            cells[name] = _one(later, choices)
    if fact := pack.facts.get("purchase_basis"):
        cells["purchase_basis"] = fact.values["inheritance" if index == 40 else "funded_roster"].zh
    if fact := pack.facts.get("tax_exempt_reason"):
        cells["tax_exempt_reason"] = fact.values["legal_heir" if index == 40 else "none"].zh
    cells["applicant_identity"] = _one(chance, ("有", "√", "齐", "缺", ""))
    cells["funded_housing_roster"] = _one(chance, ("有", "缺", "缺"))
    if index == 17:
        cells["family_home_ordinal"] = "首套?"  # what an officer types in doubt
    if index == 29:
        cells["area_m2"] = "约75"
    return cells


def _one(chance: np.random.Generator, choices: Sequence[str]) -> str:
    return choices[int(chance.integers(len(choices)))]


_UNIT_FACTS: dict[str, tuple[str, ...]] = {
    "family_home_ordinal": ("1", "1", "1", "2"),
    "invoice": ("developer_gone", "developer_gone", "have"),
    "price_paid_in_full": ("是",),
    "unit_seizure": ("none",) * 20 + ("buyer_debt",),
    "maintenance_fund_status": ("unpaid", "unpaid", "not_required"),
    "minor_or_incapable": ("否",) * 20 + ("是",),
}
_NO = ("否",) * 11
_MORE_UNIT_FACTS: dict[str, tuple[str, ...]] = {
    "agent_used": (*_NO, "是"),
    "bank_loan": ("否",),
    "advance_notice_registered": ("否",),
    "area_error_pct": ("0", "0", "1.2", "-0.8"),
    "resale_of_reform_home": ("否",),
    "sale_pending": (*_NO, "是"),
    "school_enrolment": (*_NO, "是", "是"),
    "mortgage_pending": (*_NO, "是"),
    "lease_pending": ("否",),
}
