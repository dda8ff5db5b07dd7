"""What the ledger's workbook holds, what it does not, and whose it is."""

from __future__ import annotations

import json
import zipfile

import pytest
from openpyxl import Workbook, load_workbook

from taizhang.errors import InputError
from taizhang.exchange.intake import read_intake
from taizhang.exchange.ledgerbook.marker import MARK
from taizhang.ledger.models import Building, Estate, Household, JournalEntry, Unit
from taizhang.office.exporting import export_ledger
from tests.office.builders import DAY, NOON
from tests.office.ledger_books import Book, at_the_desk, bring_back, export_to, first_units, recorded, take_in

from .cells import (
    AREA,
    BASIS,
    BUILDINGS,
    CONTRACT,
    ESTATES,
    PAID,
    UNITS,
    codes,
    edited,
    facts_of,
    row_of,
)


def spoilt(path, row, column, value):
    book = load_workbook(path)
    book[MARK].cell(row, column).value = value
    book.save(path)


@pytest.mark.parametrize("how", ["another digest", "another entry", "no mark"])
def test_a_workbook_whose_mark_is_not_ours_is_an_ordinary_ledger_and_said_to_be(out, pack, how):
    unit = first_units(1)[0]
    edited(out, unit, **{AREA: 61.5})
    if how == "no mark":
        book = load_workbook(out)
        del book[MARK]
        book.save(out)
    else:
        spoilt(out, 1, 4 if how == "another digest" else 3, "0" * 64 if how == "another digest" else "1")

    told = bring_back(out, pack)

    assert told.registered.merged is None
    assert told.intake.told[0].code == "C-BOOK-OTHER"
    assert facts_of(unit)["area_m2"] == {"decimal": "61.5"}
    assert told.registered.new == {"estate": 0, "building": 0, "unit": 0}


def test_it_is_imported_by_itself(out, pack, city_file):
    with pytest.raises(InputError, match="E-BOOK-ALONE"):
        read_intake([city_file, out], pack)


# -------------------------------------------------------------------------------------- what goes out


def test_the_export_is_in_the_journal_with_who_what_and_how_much(small, pack, tmp_path):
    county = Estate.objects.first().county
    estates = list(Estate.objects.filter(county=county).values_list("pk", flat=True))

    told = export_to(tmp_path / "台账.xlsx", pack, {"county": county})

    entry = JournalEntry.objects.get(pk=told.entry)
    detail = json.loads(entry.detail)
    assert (entry.act, entry.actor, entry.county, entry.digest) == (
        "export_ledger",
        "clerk",
        county,
        told.digest,
    )
    assert (detail["scope"], sorted(detail["estates"])) == ({"county": county}, sorted(estates))
    assert detail["units"] == Unit.objects.filter(county=county).count() == len(told.units)


def test_no_text_of_a_person_leaves_with_it(small, pack, tmp_path, city_file):
    assert Household.objects.count() > 0
    book = load_workbook(city_file, read_only=True)
    sheet = book.worksheets[2]
    heads = [cell.value for cell in next(iter(sheet.iter_rows(min_row=3, max_row=3)))]
    at = next(number for number, head in enumerate(heads) if head in ("户主", "权利人", "购房人", "姓名"))
    names = {row[at] for row in sheet.iter_rows(min_row=4, values_only=True) if row[at]}
    path = tmp_path / "台账.xlsx"

    export_to(path, pack)

    with zipfile.ZipFile(path) as package:
        text = "".join(package.read(name).decode() for name in package.namelist() if name.endswith(".xml"))
    assert len(names) > 10
    assert [name for name in names if name in text] == []


def test_an_empty_scope_is_refused_and_leaves_no_entry(small, pack):
    entries = JournalEntry.objects.count()

    with pytest.raises(InputError, match="E-EXPORT-EMPTY"):
        export_ledger(None, {"county": "没有的县"}, actor="clerk", now=NOON, today=DAY)

    assert JournalEntry.objects.count() == entries


def test_text_that_looks_like_a_formula_is_text(small, pack, tmp_path):
    estate, path = Estate.objects.order_by("id").first(), tmp_path / "台账.xlsx"
    at_the_desk(
        estate.place, identity={"remarks": "=1+1", "address": "@SUM(A1)", "sponsor": "+8613800000000"}
    )

    export_to(path, pack)

    book = Book(path)
    row = book.row(ESTATES, 小区名称=estate.name)
    cells = [book.cell(ESTATES, row, heading) for heading in ("备注", "坐落", "包保领导")]
    assert [(one.value, one.data_type, one.number_format) for one in cells] == [
        ("=1+1", "s", "@"),
        ("@SUM(A1)", "s", "@"),
        ("+8613800000000", "s", "@"),
    ]


def test_every_kind_of_value_is_written_as_an_officer_would_and_comes_back(small, pack, tmp_path):
    unit, path = first_units(1)[0], tmp_path / "台账.xlsx"
    at_the_desk(
        unit.place,
        facts={
            "purchase_basis": "court_document",
            "price_paid_in_full": False,
            "area_m2": {"decimal": "88.125"},
            "price": 35_800_050,
            "vat_rate": {"decimal": "0.05"},
            "family_home_ordinal": 2,
            "no_such_fact": "kept",
        },
        held={"filed_contract": "on_hand", "deed_tax_receipt": "missing", "sale_invoice": "unobtainable"},
        valid_until={"filed_contract": {"date": "2026-03-01"}},
    )
    before = recorded()
    export_to(path, pack)
    book = Book(path)
    row = row_of(book, unit)

    headings = (BASIS, PAID, AREA, "成交价（不含增值税）", "增值税率（征收率）", "家庭第几套住房")
    papers = (CONTRACT, "契税完税凭证", "销售不动产发票")
    assert [book.cell(UNITS, row, one).value for one in headings] == [
        "法院文书",
        "否",
        88.125,
        358000.5,
        0.05,
        2,
    ]
    assert [book.cell(UNITS, row, one).value for one in papers] == ["有，有效期至2026-03-01", "缺", "灭失"]
    assert book.cell(UNITS, row, "成交价（不含增值税）").number_format == "#,##0.00"
    assert bring_back(path, pack).registered.merged.taken == 0
    assert recorded() == before


def test_a_sheet_that_would_be_too_long_goes_on_on_a_further_one(small, pack, tmp_path):
    path, unit = tmp_path / "台账.xlsx", Unit.objects.order_by("id").last()
    export_to(path, pack, most=15)
    book = load_workbook(path)
    assert [name for name in book.sheetnames if name.startswith(UNITS)] == [UNITS, "户台账 2", "户台账 3"]

    assert bring_back(path, pack).registered.same["unit"] == 40

    sheet = book["户台账 3"]
    heads = [cell.value for cell in sheet[2]]
    sheet.cell(sheet.max_row, heads.index(AREA) + 1).value = 61.5
    book.save(path)
    told = bring_back(path, pack)
    assert told.registered.merged.taken == 1
    assert facts_of(unit)["area_m2"] == {"decimal": "61.5"}


def test_its_headings_are_frozen_filtered_and_listed(out):
    book = load_workbook(out)
    for name in (ESTATES, BUILDINGS, UNITS):
        sheet = book[name]
        assert sheet.freeze_panes.endswith("3")
        assert sheet.auto_filter.ref.endswith(str(sheet.max_row))
        rules = [one for one in sheet.data_validations.dataValidation if one.formula1.startswith("选项!")]
        assert len(rules) > 10
        assert {str(one.sqref).rpartition(":")[2].strip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for one in rules} == {
            str(sheet.max_row)
        }
    assert [book[name].sheet_state for name in (MARK, "选项")] == ["hidden", "hidden"]


def test_units_that_were_only_counted_and_buildings_without_a_number_come_back_as_themselves(
    sqlite, pack, tmp_path
):
    book = load_ledger(
        tmp_path / "简.xlsx",
        小区台账=[["县区", "小区名称", "总户数", "幢数"], ["甲县", "只计户数的小区", 12, 2]],
        户台账=[["县区", "小区名称", "房号", "竣工验收备案表"], ["甲县", "没有幢号的小区", "101", "有"]],
    )
    take_in(book, pack)
    before, path = recorded(), tmp_path / "台账.xlsx"
    export_to(path, pack)
    assert Building.objects.filter(name="（幢号未填）").exists()

    assert codes(bring_back(path, pack)) == []
    spoilt(path, 1, 4, "0" * 64)  # as an ordinary ledger it names the same places as well
    told = bring_back(path, pack)

    assert told.registered.new == {"estate": 0, "building": 0, "unit": 0}
    assert recorded().keys() == before.keys()


def load_ledger(path, **sheets):
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path
