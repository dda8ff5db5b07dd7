"""A blank ledger: what it asks, what it offers, and that it is understood when it comes back."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from tests.exchange.builders import small_pack

from taizhang.errors import InputError
from taizhang.exchange.excel.reading import read_ledger
from taizhang.exchange.excel.template import ledger_columns, write_template
from taizhang.rules.terms import Held, Pack

SHEETS = {"estate": "小区台账", "unit": "户台账"}


@pytest.fixture(scope="module")
def path(pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("template") / "空白.xlsx"
    write_template(target, pack)
    return target


@pytest.fixture
def book(path: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(path)


def lists(book: openpyxl.Workbook, sheet: Worksheet) -> dict[int, list[str]]:
    """Column number -> what may be chosen in it."""
    found: dict[int, list[str]] = {}
    for rule in sheet.data_validations.dataValidation:
        name, area = str(rule.formula1).split("!")
        choices = [row[0].value for row in book[name][area.replace("$", "")]]
        found.update(dict.fromkeys((one.min_col for one in rule.sqref.ranges), choices))
    return found


def test_it_has_two_ledgers_an_explanation_and_a_hidden_sheet_of_choices(book):
    assert book.sheetnames == ["小区台账", "户台账", "填表说明", "选项"]
    assert [sheet.sheet_state for sheet in book] == ["visible", "visible", "visible", "hidden"]


@pytest.mark.parametrize("level", ["estate", "unit"])
def test_every_fact_and_paper_of_the_level_has_its_column(pack, book, level):
    wanted = {"unit"} if level == "unit" else {"estate", "building"}
    asked = {one.field for one in ledger_columns(pack, level)}
    headings = [cell.value for cell in book[SHEETS[level]][2]]

    for table in (pack.facts, pack.evidence):
        assert {name for name, one in table.items() if one.level in wanted} <= asked
    assert len(headings) == len(set(headings)) == len(asked)


@pytest.mark.parametrize("level", ["estate", "unit"])
def test_chapters_stand_above_their_columns_once(pack, book, level):
    sheet = book[SHEETS[level]]
    chapters = [cell.value for cell in sheet[1] if cell.value]

    assert chapters[0] == "基本情况"
    assert len(chapters) == len(set(chapters))
    assert {"用地", "规划", "竣工与消防"} <= set(chapters) or level == "unit"


@pytest.mark.parametrize("level", ["estate", "unit"])
def test_choices_are_offered_and_questions_asked_where_they_are_needed(pack, book, level):
    sheet = book[SHEETS[level]]
    offered = lists(book, sheet)

    for number, column in enumerate(ledger_columns(pack, level), 1):
        cell, fact = sheet.cell(2, number), pack.facts.get(column.field)
        if column.field in pack.evidence:
            assert offered[number] == ["有", "缺", "灭失", "不清楚"]
        elif fact is not None and fact.type == "enum":
            assert offered[number] == [label.zh for label in fact.values.values()]
        elif fact is not None and fact.type == "bool":
            assert offered[number] == ["是", "否"]
        else:
            assert number not in offered
        if fact is not None:
            assert cell.comment.text.startswith(fact.ask.zh)


@pytest.mark.parametrize("level", ["estate", "unit"])
def test_it_is_ready_to_be_filled_in_and_printed(book, level):
    sheet = book[SHEETS[level]]

    assert sheet.freeze_panes == "F3"
    assert sheet.auto_filter.ref.startswith("A2:")
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)  # A4
    assert sheet.sheet_properties.pageSetUpPr.fitToPage  # one page wide
    assert sheet.page_setup.fitToHeight == 0  # and as many long as it takes
    assert sheet.print_title_rows == "$1:$2"
    assert not sheet.print_area  # what is filled in is printed, and no blank pages
    assert min(one.width for one in sheet.column_dimensions.values()) >= 10


def test_numbers_look_like_numbers_and_codes_stay_text(pack, book):
    sheet = book["户台账"]
    spans = [one for one in sheet.column_dimensions.values() if one.min]
    formats = {
        column.field: next(one.number_format for one in spans if one.min <= number <= one.max)
        for number, column in enumerate(ledger_columns(pack, "unit"), 1)
    }

    assert formats["area_m2"] == "0.00"
    assert formats["price"] == "#,##0.00"
    assert formats["vat_rate"] == "0.00%"
    assert formats["unit"] == formats["building"] == "@"  # 3-1 is no first of March


def test_blank_it_is_said_to_be_empty(path, pack):
    with pytest.raises(InputError) as refusal:
        read_ledger(path, pack)

    assert refusal.value.code == "E-LEDGER-EMPTY"


def test_filled_in_from_its_own_choices_it_is_understood_without_complaint(book, pack, tmp_path):
    """Every column, filled with the first thing that it offers."""
    typed = {"estate": "甲小区", "units_total": 84, "buildings_total": 1, "price": 358000.5, "vat_rate": 0.09}
    for level, name in SHEETS.items():
        sheet = book[name]
        offered = lists(book, sheet)
        for number, column in enumerate(ledger_columns(pack, level), 1):
            sheet.cell(3, number, typed.get(column.field, offered.get(number, [1])[0]))
    book.save(tmp_path / "a.xlsx")
    ledger = read_ledger(tmp_path / "a.xlsx", pack)

    assert ledger.complaints == ()
    assert [(row.level, row.estate) for row in ledger.rows] == [("estate", "甲小区"), ("unit", "甲小区")]
    assert {one.kind for one in ledger.columns} == {"identity", "fact", "evidence"}
    for row, level in zip(ledger.rows, SHEETS, strict=True):
        asked = [one.field for one in ledger_columns(pack, level)]
        assert set(row.facts) == {field for field in asked if field in pack.facts}
        assert row.held == {field: Held.ON_HAND for field in asked if field in pack.evidence}
    assert ledger.rows[1].facts["price"] == 35_800_050


def test_a_pack_of_ones_own_has_its_template(tmp_path):
    """Nothing in it is tied to the shipped pack."""
    write_template(tmp_path / "a.xlsx", small_pack())
    headings = [cell.value for cell in openpyxl.load_workbook(tmp_path / "a.xlsx")["小区台账"][2]]

    assert headings[-1] == "备注"
    assert {"小区名称", "用地状况", "竣工日", "国有土地使用证"} <= set(headings)
