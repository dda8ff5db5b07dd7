"""A ledger as an officer keeps it, and what is understood of it."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange.builders import ESTATES, HEADINGS, UNITS, codes, read_rows, small_pack, write_book
from tests.exchange.ledger_builder import convert, patch

from taizhang.errors import InputError
from taizhang.exchange.excel.reading import read_ledger
from taizhang.rules.terms import Held, Ledger

TITLE = "青棠县房屋产权确权颁证历史遗留问题台账"


def estates(ledger: Ledger) -> list[str]:
    return [row.estate for row in ledger.rows if row.level == "estate"]


def reasons(ledger: Ledger) -> dict[str, tuple[str, str]]:
    """Heading as written -> field and reason."""
    return {one.heading: (one.field, one.reason_zh) for one in ledger.columns}


# ------------------------------------------------------------------- one row of a ledger


def test_a_row_becomes_a_place_with_facts_papers_and_addresses(tmp_path):
    ledger = read_rows(
        tmp_path,
        ["序号", "县区", "小区名称", "总户数", "土地状况", "土地证", "建设工程规划许可证", "群众诉求"],
        [1, "青棠县", "针织厂家属院（南区）", "84户", "无用地手续", "缺", "√", "孩子上学"],
    )
    row = ledger.rows[0]

    assert (row.level, row.estate, row.building, row.unit, row.row) == (
        "estate",
        "针织厂家属院（南区）",
        "",
        "",
        2,
    )
    assert row.identity == {"serial_number": "1", "county": "青棠县", "units_total": "84"}
    assert row.facts == {"land_status": "no_procedure"}
    assert row.held == {"land_use_certificate": Held.MISSING, "planning_permit": Held.ON_HAND}
    assert row.cells["land_status"] == "E2"
    assert ledger.complaints == ()


def test_every_column_has_its_reason_and_unknown_ones_are_said_and_kept(tmp_path):
    ledger = read_rows(
        tmp_path, ["小区名称", "土 地\n状况（*）", "群众诉求"], ["甲小区", "集体土地", "孩子上学"]
    )

    assert reasons(ledger) == {
        "小区名称": ("estate", "表头与“小区名称”一致"),
        "土 地\n状况（*）": ("land_status", "表头与“土地状况”一致"),
        "群众诉求": ("", "未识别，原样保留"),
    }
    assert ledger.sheets[0].rows[1] == ("甲小区", "集体土地", "孩子上学")


def test_a_choice_read_by_a_part_of_its_name_is_said_on_its_column(tmp_path):
    ledger = read_rows(tmp_path, ["小区名称", "土地状况"], ["甲小区", "集体"], ["乙小区", "集体土地"])

    assert [row.facts["land_status"] for row in ledger.rows] == ["collective_land", "collective_land"]
    assert reasons(ledger)["土地状况"][1].endswith("按近似内容读作：B2 集体 → 集体土地")
    assert ledger.complaints == ()


def test_units_have_a_building_a_number_an_area_and_a_price(tmp_path):
    ledger = read_rows(
        tmp_path,
        ["小区名称", "幢号", "房号", "建筑面积（㎡）", "合同价（万元）"],
        ["甲小区", "1幢", 101.0, "75.18㎡", 35.8],
    )
    row = ledger.rows[0]

    assert (row.level, row.building, row.unit) == ("unit", "1幢", "101")
    assert row.facts == {"area_m2": Decimal("75.18"), "price": 35_800_000}
    assert reasons(ledger)["合同价（万元）"][1] == "表头与“合同价”一致；金额单位为万元"


def test_the_unit_of_money_may_stand_above_the_table(tmp_path):
    ledger = read_rows(tmp_path, [TITLE], ["单位：万元"], UNITS, ["甲小区", "1", "101", 75, 35.8])

    assert ledger.rows[0].facts["price"] == 35_800_000


def test_entrances_in_a_column_of_their_own_tell_units_apart(tmp_path):
    """Without it 1单元101 and 2单元101 would be one household."""
    ledger = read_rows(
        tmp_path,
        ["小区名称", "幢号", "单元", "房号"],
        ["甲小区", "1", 1, "101"],
        ["甲小区", "1", "2单元", "101"],
    )

    assert [row.unit for row in ledger.rows] == ["1单元101", "2单元101"]
    assert ledger.complaints == ()


def test_a_building_sheet_has_no_unit_column(tmp_path):
    ledger = read_rows(
        tmp_path,
        ["小区名称", "幢号", "竣工日期"],
        ["甲小区", "1幢", date(2003, 5, 31)],
        ["甲小区", None, None],
    )

    assert [(row.level, row.building) for row in ledger.rows] == [("building", "1幢"), ("estate", "")]
    assert ledger.rows[0].facts == {"completed_day": date(2003, 5, 31)}


def test_an_estate_sheet_alone_is_a_ledger(tmp_path):
    """The planner numbers the units that are only counted."""
    ledger = read_rows(tmp_path, ["小区名称", "总户数", "幢数"], ["甲小区", 84.0, "3幢"])

    assert ledger.rows[0].identity == {"units_total": "84", "buildings_total": "3"}


def test_sheets_are_told_by_content_and_others_are_kept_and_named(tmp_path):
    path = write_book(
        tmp_path / "a.xlsx",
        {
            "Sheet1": [UNITS, ["甲小区", "1", "101"]],
            "随手记": [["电话", "找老周"]],
            "Sheet3": [ESTATES, ["甲小区"]],
        },
    )
    ledger = read_ledger(path, small_pack())

    assert [row.level for row in ledger.rows] == ["unit", "estate"]
    assert [(one.code, one.sheet) for one in ledger.complaints] == [("C-SHEET", "随手记")]
    assert [sheet.name for sheet in ledger.sheets] == ["Sheet1", "随手记", "Sheet3"]


# ------------------------------------------------------------------- where the table is


def test_titles_captions_and_merged_headings_over_two_rows(tmp_path):
    ledger = read_rows(
        tmp_path,
        [TITLE],
        ["填报单位：河西街道", None, None, "填报日期：2024年1月"],
        ["小区名称", "县区", "手续", None, "土地"],
        [None, None, "土地证", "规划许可证", "状况"],
        ["甲小区", "青棠县", "有", "缺", "集体土地"],
        merges=[(0, 0, 0, 4), (1, 0, 1, 2), (1, 3, 1, 4), (2, 0, 3, 0), (2, 1, 3, 1), (2, 2, 2, 3)],
    )

    assert ledger.sheets[0].header_rows == (2, 3)
    assert reasons(ledger) == {
        "小区名称": ("estate", "表头与“小区名称”一致"),
        "县区": ("county", "表头与“县区”一致"),
        "手续/土地证": ("land_use_certificate", "下级表头与“土地证”一致"),
        "手续/规划许可证": ("planning_permit", "下级表头与“规划许可证”一致"),
        "土地/状况": ("land_status", "表头与“土地状况”一致"),
    }
    assert ledger.rows[0].held == {"land_use_certificate": Held.ON_HAND, "planning_permit": Held.MISSING}


def test_headings_over_three_rows(tmp_path):
    ledger = read_rows(
        tmp_path,
        ["小区名称", "要件情况", None],
        [None, "土地", None],
        [None, "状况", "土地证"],
        ["甲小区", "集体土地", "有"],
        merges=[(0, 0, 2, 0), (0, 1, 0, 2), (1, 1, 1, 2)],
    )

    assert ledger.sheets[0].header_rows == (0, 1, 2)
    assert list(reasons(ledger).values()) == [
        ("estate", "表头与“小区名称”一致"),
        ("land_status", "上下级表头合并后与“土地状况”一致"),
        ("land_use_certificate", "下级表头与“土地证”一致"),
    ]


@pytest.mark.parametrize(
    "row",
    [
        ["合计", None, None, 84],
        [None, "小计", None, 84],
        ["青棠县小计", None, None, 84],
        ["总 计", None, None, 84],
        ["合计：2个小区", None, None, 84],
        ["注：本表由街道填报。"],
        ["备注：1.不清楚的留空；2.每月5日前上报。"],
        ["填表人：周砚", None, "审核人：林晓"],
        ["一、青棠县"],
        ["（1）", "（2）", "（3）", "（4）"],
        ["甲", "乙", 1, 2],
        ESTATES,
        ["示例", "某县", "集体土地", 12],
        [None, None, None, None],
    ],
)
def test_totals_notes_numbering_and_repeated_headings_are_no_records(tmp_path, row):
    ledger = read_rows(tmp_path, ESTATES, row, ["甲小区", "青棠县", "集体土地", 84])

    assert estates(ledger) == ["甲小区"]
    assert ledger.complaints == ()
    assert len(ledger.sheets[0].rows) == 3  # and yet it comes back


def test_further_lines_of_a_note_are_no_records(tmp_path):
    ledger = read_rows(
        tmp_path,
        [*ESTATES, "备注", "序号"],
        ["甲小区", "青棠县", "集体土地", 84, "先办", 1],
        ["注：1.本表由街道填报；"],
        ["2.不清楚的留空；"],
        ["3.联系人老周。"],
    )

    assert estates(ledger) == ["甲小区"]
    assert ledger.complaints == ()


def test_a_band_across_the_table_is_no_record(tmp_path):
    rows = (ESTATES, ["河西街道"], ["甲小区", "青棠县"], ["河东街道"], ["乙小区", "青棠县"])
    ledger = read_rows(tmp_path, *rows, merges=[(1, 0, 1, 3), (3, 0, 3, 3)])

    assert estates(ledger) == ["甲小区", "乙小区"]
    assert ledger.complaints == ()


@pytest.mark.parametrize(
    "name", ["注册会计师小区", "总计划部家属院", "说明村", "合计巷小区", "备用地花园", "1号院"]
)
def test_estates_with_odd_names_are_records(tmp_path, name):
    ledger = read_rows(tmp_path, ESTATES, [name, "青棠县", "集体土地", 12])

    assert estates(ledger) == [name]


def test_rows_numbered_in_advance_are_no_complaint(tmp_path):
    ledger = read_rows(
        tmp_path, ["序号", "小区名称", "总户数"], [1, "甲小区", 12], [2, None, None], [3, None, None]
    )

    assert estates(ledger) == ["甲小区"]
    assert ledger.complaints == ()


def test_a_name_merged_over_several_rows_is_carried_down(tmp_path):
    rows = (UNITS, ["甲小区", "1幢", "101", 60, 1000], [None, None, "102", 70, 2000])
    ledger = read_rows(tmp_path, *rows, merges=[(1, 0, 2, 0), (1, 1, 2, 1)])

    assert [(row.estate, row.building, row.unit) for row in ledger.rows] == [
        ("甲小区", "1幢", "101"),
        ("甲小区", "1幢", "102"),
    ]


def test_an_amount_merged_over_several_rows_counts_once_and_is_said(tmp_path):
    """One price for a flat and its garage is not two prices."""
    rows = (UNITS, ["甲小区", "1", "101", 60, 1000], ["甲小区", "1", "车库1", 20, None])
    ledger = read_rows(tmp_path, *rows, merges=[(1, 4, 2, 4)])

    assert [row.facts.get("price") for row in ledger.rows] == [100_000, None]
    assert codes(ledger) == [("C-VALUE", "E2")]


def test_hidden_rows_are_read_like_others(tmp_path):
    path = write_book(tmp_path / "a.xlsx", {"台账": [ESTATES, ["甲小区"], ["乙小区"]]})
    book = openpyxl.load_workbook(path)
    book["台账"].row_dimensions[2].hidden = True
    book.save(path)

    assert estates(read_ledger(path, small_pack())) == ["甲小区", "乙小区"]


# ---------------------------------------------------------------------------- complaints


def test_a_cell_that_is_not_understood_has_its_address_and_an_example(tmp_path):
    ledger = read_rows(tmp_path, ESTATES, ["甲小区", "青棠县", "说不清", "约84"])

    assert codes(ledger) == [("C-VALUE", "C2"), ("C-VALUE", "D2")]
    assert "例如“出让已办证”" in ledger.complaints[0].zh
    assert ledger.complaints[0].read == "说不清"
    assert ledger.rows[0].facts == {}


def test_a_bad_date_and_a_month_are_told_apart(tmp_path):
    rows = (["小区名称", "幢号", "竣工日期"], ["甲", "1", "2019.13.02"], ["甲", "2", "２００３年５月"])

    assert codes(read_rows(tmp_path, *rows)) == [("C-DATE", "C2"), ("C-DATE-PRECISION", "C3")]


def test_two_columns_for_one_field_the_first_is_used(tmp_path):
    ledger = read_rows(tmp_path, ["小区名称", "土地状况", "土地手续"], ["甲小区", "集体土地", "出让已办证"])

    assert ledger.rows[0].facts == {"land_status": "collective_land"}
    assert codes(ledger) == [("C-HEADING-TWICE", "C1")]
    assert reasons(ledger)["土地手续"] == ("", "同一内容的第二列，原样保留")


def test_a_row_without_a_name_is_said(tmp_path):
    ledger = read_rows(tmp_path, ESTATES, ["甲小区", "青棠县"], [None, "青棠县", "集体土地", 12])

    assert estates(ledger) == ["甲小区"]
    assert codes(ledger) == [("C-NAME", "A3")]


def test_the_same_estate_twice_the_first_row_is_used(tmp_path):
    ledger = read_rows(tmp_path, ESTATES, ["甲小区", "青棠县", None, 12], ["甲小区", "青棠县", None, 13])

    assert [row.identity["units_total"] for row in ledger.rows] == ["12"]
    assert codes(ledger) == [("C-ESTATE-TWICE", "A3")]


def test_one_name_in_two_counties_is_two_estates(tmp_path):
    ledger = read_rows(tmp_path, ESTATES, ["甲小区", "青棠县"], ["甲小区", "白杨县"])

    assert len(ledger.rows) == 2
    assert ledger.complaints == ()


def test_the_same_unit_twice_the_first_row_is_used(tmp_path):
    rows = (UNITS, ["甲", "1", "101", 60], ["甲", "2", "101", 61], ["甲", "1", "101", 62])
    ledger = read_rows(tmp_path, *rows)

    assert [row.facts["area_m2"] for row in ledger.rows] == [60, 61]
    assert codes(ledger) == [("C-UNIT-TWICE", "C4")]


def test_units_of_an_estate_that_is_not_listed_are_kept_and_said_once(tmp_path):
    sheets = {
        "小区": [ESTATES, ["针织厂家属院（南区）", "青棠县"]],
        "户": [UNITS, ["针织厂家属院(南区)", "1", "101"], ["针织厂家属院(南区)", "1", "102"]],
    }
    ledger = read_ledger(write_book(tmp_path / "a.xlsx", sheets), small_pack())

    assert len(ledger.rows) == 3
    assert codes(ledger) == [("C-UNIT-ESTATE", "A2")]
    assert "是否为“针织厂家属院（南区）”" in ledger.complaints[0].zh


def test_units_of_a_name_that_two_counties_have_are_asked_about(tmp_path):
    sheets = {
        "小区": [ESTATES, ["甲小区", "青棠县"], ["甲小区", "白杨县"]],
        "户": [UNITS, ["甲小区", "1", "101"]],
    }
    ledger = read_ledger(write_book(tmp_path / "a.xlsx", sheets), small_pack())

    assert [one.code for one in ledger.complaints] == ["C-UNIT-ESTATE"]
    assert "县区" in ledger.complaints[0].zh


def test_units_with_a_county_find_their_estate(tmp_path):
    sheets = {
        "小区": [ESTATES, ["甲小区", "青棠县"], ["甲小区", "白杨县"]],
        "户": [["县区", *UNITS], ["青棠县", "甲小区", "1", "101"], ["白杨县", "甲小区", "1", "101"]],
    }
    ledger = read_ledger(write_book(tmp_path / "a.xlsx", sheets), small_pack())

    assert len(ledger.rows) == 4
    assert ledger.complaints == ()


def test_an_endless_text_is_cut_for_use_and_whole_in_the_copy(tmp_path):
    rows = (["小区名称", "总户数", "备注"], ["甲小区", 12, "长" * 3_000])
    ledger = read_rows(tmp_path, *rows)

    assert codes(ledger) == [("C-LONG", "C2")]
    assert len(ledger.rows[0].identity["remarks"]) == 2_000
    assert ledger.sheets[0].rows[1][2] == "长" * 3_000


def test_a_text_that_no_cell_of_excel_may_hold_is_said_and_kept(tmp_path):
    """Other programs write such cells."""
    path = write_book(tmp_path / "a.xlsx", {"台账": [["小区名称", "总户数", "随笔"], ["甲小区", 12, "占位"]]})
    patch(path, "xl/sharedStrings.xml", lambda text: text.replace("占位".encode(), ("长" * 40_000).encode()))
    ledger = read_ledger(path, small_pack())

    assert codes(ledger) == [("C-LONG", "C2")]
    assert ledger.sheets[0].rows[1][2] == "长" * 40_000


def test_formulas_are_read_as_their_values_and_those_without_one_are_said(tmp_path):
    """Some programs write formulas without the value that Excel would keep."""
    path = write_book(tmp_path / "a.xlsx", {"台账": [UNITS, ["甲小区", "1", "101"], ["甲小区", "1", "102"]]})
    book = openpyxl.load_workbook(path)
    book["台账"]["D2"] = "=30+30"
    book["台账"]["E3"] = "=1/0"
    book.save(path)
    without = read_ledger(path, small_pack())
    patch(
        path,
        "xl/worksheets/sheet1.xml",
        lambda text: re.sub(rb"(<f>30\+30</f>)<v ?/?>(</v>)?", rb"\1<v>60</v>", text),
    )
    valued = read_ledger(path, small_pack())

    assert sorted(codes(without)) == [("C-FORMULA", "D2"), ("C-FORMULA", "E3")]
    assert without.rows[0].facts == {}
    assert codes(valued) == [("C-FORMULA", "E3")]
    assert valued.rows[0].facts == {"area_m2": 60}


def test_a_number_that_excel_has_rounded_and_a_unit_it_made_a_date(tmp_path):
    rows = ([*UNITS[:3], "身份证号"], ["甲小区", "1", date(2024, 3, 1), 371502199001011234])
    ledger = read_rows(tmp_path, *rows)

    assert codes(ledger) == [("C-VALUE", "C2"), ("C-NUMBER-PRECISION", "D2")]
    assert (ledger.rows[0].unit, ledger.rows[0].identity) == ("2024-03-01", {})


@pytest.mark.parametrize("old", [False, True])
def test_days_are_the_same_in_workbooks_that_count_from_1904(tmp_path, old):
    rows = (
        ["小区名称", "幢号", "竣工日期", "建成年份"],
        ["甲小区", "1", date(2003, 5, 31), date(2001, 1, 1)],
    )
    ledger = read_rows(tmp_path, *rows, date_1904=old)

    assert ledger.rows[0].facts == {"completed_day": date(2003, 5, 31)}
    assert ledger.rows[0].identity == {"completed_on": "2001-01-01"}
    assert ledger.complaints == ()


@pytest.mark.libreoffice
@pytest.mark.parametrize(("kind", "merged"), [("xls", True), ("xls", False), ("ods", False)])
def test_the_same_ledger_in_another_format_says_the_same(tmp_path, soffice, kind, merged):
    """Merged cells are known of .xlsx and .xls; the library does not tell them of .ods."""
    rows = (
        [TITLE],
        [
            "小区名称",
            "幢号",
            "房号",
            "手续" if merged else "土地证",
            None if merged else "规划许可证",
            "合同价（万元）",
        ],
        *([[None, None, None, "土地证", "规划许可证", None]] if merged else []),
        ["甲小区", "1", "101", "√", "缺", 35.8],
        [None if merged else "甲小区", None if merged else "1", "102", "不清楚", "灭失", "约30"],
        ["合计", None, None, None, None, 35.8],
    )
    merges = [(0, 0, 0, 5), *((1, n, 2, n) for n in (0, 1, 2, 5)), (1, 3, 1, 4), (3, 0, 4, 0), (3, 1, 4, 1)]
    path = write_book(tmp_path / "a.xlsx", {"台账": rows}, merges if merged else ())
    one = read_ledger(path, small_pack())
    other = read_ledger(convert(soffice, path, kind), small_pack())

    assert [row.facts for row in one.rows] == [{"price": 35_800_000}, {}]
    assert (other.rows, other.columns, other.complaints) == (one.rows, one.columns, one.complaints)


# ----------------------------------------------------------------------- nothing is lost

Texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)
Cells = st.one_of(
    st.none(),
    Texts.filter(lambda text: text == text.strip()),
    st.booleans(),
    st.floats(-1e12, 1e12).map(lambda number: float(f"{number:.15g}")),
    st.dates(date(1900, 3, 1), date(2100, 1, 1)),
)


@given(rows=st.lists(st.lists(Cells, min_size=1, max_size=6), max_size=8))
def test_every_cell_comes_back_as_it_was(tmp_path_factory, rows):
    """Any grid below a heading: the copy holds each cell, at its place."""
    width = max([3, *map(len, rows)])
    grid = [["小区名称", "县区", "总户数"], ["甲小区", "青棠县", 12.0], *rows]
    while grid[-1] == [None] * len(grid[-1]):
        grid.pop()  # bounded by the used range
    path = write_book(tmp_path_factory.mktemp("grid") / "a.xlsx", {"台账": grid})
    copy = read_ledger(path, small_pack()).sheets[0]
    got = [[*row, *[None] * (width - len(row))] for row in copy.rows]

    assert got == [[*row, *[None] * (width - len(row))] for row in grid]


def test_the_copy_has_the_merges_and_the_rows_of_the_heading(tmp_path):
    rows = ([TITLE], ESTATES, ["甲小区", "青棠县"])
    copy = read_rows(tmp_path, *rows, merges=[(0, 0, 0, 3)]).sheets[0]

    assert copy.merges == ((0, 0, 0, 3),)
    assert copy.header_rows == (1,)


@pytest.mark.parametrize(("above", "before"), [(1, 0), (0, 1), (3, 2)])
def test_a_table_that_does_not_begin_in_the_first_cell(tmp_path, above, before):
    lead: list[object] = [None] * before
    rows = [[*lead, *ESTATES], [*lead, "甲小区", "青棠县", "集体土地", 12.0]]
    ledger = read_rows(tmp_path, *[[None]] * above, *rows)

    assert ledger.rows[0].row == above + 2
    assert ledger.rows[0].cells["estate"] == f"{'ABC'[before]}{above + 2}"
    assert ledger.sheets[0].rows[above + 1] == (*lead, "甲小区", "青棠县", "集体土地", 12.0)
    assert len(ledger.sheets[0].rows) == above + 2


def test_progress_is_told_in_sheets(tmp_path):
    told: list[tuple[str, int, int]] = []
    path = write_book(tmp_path / "a.xlsx", {"a": [ESTATES, ["甲小区"]], "b": [["x"]]})
    read_ledger(path, small_pack(), progress=lambda *said: told.append(said))

    assert told == [("read", 1, 2), ("read", 2, 2)]


# ---------------------------------------------------------------------------- real files

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "ledgers"


@pytest.mark.parametrize("name", sorted(one.name for one in REAL.glob("*")) if REAL.is_dir() else [""])
def test_real_files_are_read_or_refused_with_a_code(name):
    """Import templates and registers of others: none is a ledger of ours, none breaks the reader."""
    if not name:
        pytest.skip("no folder 'shared' beside the repository: outside material is not here")
    try:
        ledger = read_ledger(REAL / name, small_pack())
    except InputError as refusal:
        assert refusal.code in ("E-LEDGER-HEADINGS", "E-FILE-FORMAT")
        assert name in refusal.say("zh")
        assert refusal.say("en")
    else:
        assert ledger.rows


@pytest.mark.parametrize(
    ("name", "headings", "count"),
    [
        ("register_fertiliser_anhui_2925.xlsx", {"estate": ("企业名称",), "unit": ("正式登记证号",)}, 2_925),
        ("ee_inspection_record_1771_rows.xls", {"estate": ("规格",), "serial_number": ("序号",)}, 1_771),
    ],
)
def test_records_of_real_registers_are_counted_right(name, headings, count):
    """The same recognition of tables, with other words for the columns."""
    if not REAL.is_dir():
        pytest.skip("no folder 'shared' beside the repository: outside material is not here")
    ledger = read_ledger(REAL / name, small_pack({**dict.fromkeys(HEADINGS, ()), **headings}))
    said = [one for one in ledger.complaints if one.code in ("C-UNIT-TWICE", "C-ESTATE-TWICE", "C-NAME")]

    assert len(ledger.rows) + len(said) == count
