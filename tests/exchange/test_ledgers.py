"""Whole workbooks under the shipped law: every kind of file, every kind of cell, nothing lost or guessed.

``test_reading`` tells the story of one sheet under a small pack; here the files are as they come.
"""

from __future__ import annotations

import re
import shutil
import string
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.exchange.builders import small_pack
from tests.exchange.ledger_builder import (
    ESTATE,
    HEADING,
    Formula,
    Sheet,
    cells,
    codes,
    complaint,
    convert,
    patch,
    read,
    write,
)

from taizhang.errors import InputError
from taizhang.exchange.excel.example import write_example
from taizhang.exchange.excel.opening import open_sheets
from taizhang.exchange.excel.reading import read_ledger
from taizhang.rules.terms import Held, Ledger

UNITS = ["小区名称", "楼号", "房号", "户主", "建筑面积"]
PER_HOME = ("money", "decimal", "integer")


def names(ledger: Ledger) -> list[tuple[str, str, str]]:
    return [(row.estate, row.building, row.unit) for row in ledger.rows]


# --------------------------------------------------------------------- headings and rows


def test_a_plain_ledger_is_read_cell_by_cell(tmp_path, pack):
    ledger = read(tmp_path, pack, Sheet("台账", [HEADING, ESTATE]))
    (row,) = ledger.rows

    assert (row.level, row.sheet, row.row, row.estate) == ("estate", "台账", 2, "甲小区")
    assert row.identity == {"serial_number": "1", "units_total": "12"}
    assert row.facts == {"land_status": "no_procedure"}
    assert row.held == {"land_use_certificate": Held.MISSING}
    assert row.cells["land_status"] == "D2"
    assert ledger.complaints == ()


def test_every_spelling_of_the_pack_is_read_as_its_field(tmp_path, pack):
    """No synonym is out of reach; two fields may not fight for one column."""
    for turn in range(max(map(len, pack.headings.values()))):
        wanted = {
            spellings[turn % len(spellings)]: field
            for field, spellings in pack.headings.items()
            if field in ("estate", "unit") or turn < len(spellings)
        }
        named = {"estate": "甲小区", "unit": "101"}
        rows = [list(wanted), [named.get(field) for field in wanted.values()]]
        ledger = read(tmp_path, pack, Sheet("户", rows))

        assert {column.heading: column.field for column in ledger.columns} == wanted


def test_a_group_with_a_single_known_part_is_still_a_heading(tmp_path, pack):
    """The lower row names the parts of a group; it is never taken for a record."""
    rows = [
        ["序号", "小区名称", "总户数", "土地", None],
        [None, None, None, "土地状况", "地块四至"],
        ["1", "甲小区", "12", "集体土地", "东至河"],
    ]
    merges = ["D1:E1"]
    for more in ([], ["A1:A2", "B1:B2", "C1:C2"]):  # the cells beneath may be merged, or just empty
        ledger = read(tmp_path, pack, Sheet("台账", rows, merges + more))

        assert ledger.rows[0].facts == {"land_status": "collective_land"}
        assert [column.heading for column in ledger.columns][3:] == ["土地/土地状况", "土地/地块四至"]
        assert ledger.complaints == ()


@pytest.mark.parametrize(
    "extra",
    [
        ["合  计", None, "12"],
        [None, "河西街道小计", "12"],
        ["总计：12户"],
        ["填表人：王某", None, "审核人：李某"],
        ["必填", "必填", "选填", "从列表选择", "有/缺"],
        ["（1）", "（2）", "（3）", "（4）", "（5）"],
        HEADING,
    ],
)
def test_what_is_no_record_still_comes_back(tmp_path, pack, extra):
    hint = extra[0] in {"必填", "（1）"}
    rows = [HEADING, extra, ESTATE] if hint else [HEADING, ESTATE, extra]
    ledger = read(tmp_path, pack, Sheet("台账", rows))
    at = 1 if hint else 2

    assert [row.estate for row in ledger.rows] == ["甲小区"]
    assert ledger.complaints == ()
    assert {column: cell for (row, column), cell in cells(ledger, "台账").items() if row == at} == {
        column: cell for column, cell in enumerate(extra) if cell is not None
    }


def test_a_name_that_is_not_merged_is_not_carried_down(tmp_path, pack):
    rows = [UNITS, ["甲小区", "1", "101", "王某"], [None, "1", "102", "李某"]]
    ledger = read(tmp_path, pack, Sheet("户台账", rows))

    assert names(ledger) == [("甲小区", "1", "101")]
    assert complaint(ledger, "C-NAME").cell == "A3"


@pytest.mark.parametrize("ditto", ["同上", "〃", "″", '"', "..."])
def test_a_ditto_mark_is_no_name(tmp_path, pack, ditto):
    """Nobody lives in an estate called 同上."""
    rows = [UNITS, ["甲小区", "1", "101", "王某"], [ditto, "1", "102", "李某"]]
    ledger = read(tmp_path, pack, Sheet("户台账", rows))

    assert names(ledger) == [("甲小区", "1", "101")]
    assert (complaint(ledger, "C-NAME").cell, complaint(ledger, "C-NAME").read) == ("A3", ditto)


def test_an_amount_on_a_sheet_of_estates_is_not_the_amount_of_each_home(tmp_path, pack):
    """建筑面积 of a whole estate: what one home has cannot be read from it."""
    rows = [["小区名称", "总户数", "建筑面积", "是否住宅"], ["甲小区", 12, 6200.5, "是"]]
    ledger = read(tmp_path, pack, Sheet("台账", rows))

    assert ledger.rows[0].facts == {"residential": True}
    assert ledger.columns[2].kind == "kept"
    assert "each" in ledger.columns[2].reason and "每户" in ledger.columns[2].reason_zh
    assert [(one.code, one.cell, one.read) for one in ledger.complaints] == [("C-LEVEL", "C1", "建筑面积")]


def test_sheets_of_estates_buildings_and_units_go_together(tmp_path, pack):
    ledger = read(
        tmp_path,
        pack,
        Sheet("小区", [HEADING, ESTATE]),
        Sheet("幢", [["小区名称", "幢号", "消防"], ["甲小区", "1幢", "无消防手续"], ["甲小区", None, "无"]]),
        Sheet("户", [UNITS, ["甲小区", "1幢", "101", "王某", "７５．１８㎡"]]),
    )  # fmt: skip

    assert [(row.level, row.building, row.unit) for row in ledger.rows[:2]] == [
        ("estate", "", ""),
        ("building", "1幢", ""),
    ]
    assert ledger.rows[-1].facts == {"area_m2": Decimal("75.18")}
    assert codes(ledger) == ["C-ESTATE-TWICE"]  # a row of the building sheet without a building


def test_a_foreign_sheet_comes_back_as_it_is_and_is_named(tmp_path, pack):
    foreign = [["物资", "数量"], ["灭火器", 3], ["=水带", True]]
    ledger = read(tmp_path, pack, Sheet("台账", [HEADING, ESTATE]), Sheet("物资", foreign))

    assert complaint(ledger, "C-SHEET").sheet == "物资"
    assert cells(ledger, "物资") == {
        (row, column): cell for row, line in enumerate(foreign) for column, cell in enumerate(line)
    }


def test_a_hidden_sheet_is_kept_but_not_read(tmp_path, pack):
    old = Sheet("旧台账", [HEADING, ["1", "旧小区", "5"]], hidden=True)
    ledger = read(tmp_path, pack, old, Sheet("台账", [HEADING, ESTATE]))

    assert [row.estate for row in ledger.rows] == ["甲小区"]
    assert [copy.name for copy in ledger.sheets] == ["旧台账", "台账"]
    assert cells(ledger, "旧台账")[1, 1] == "旧小区"


def test_empty_sheets_and_sheets_of_prose_are_nothing_to_complain_of(tmp_path, pack):
    prose = Sheet("填表说明", [["一行一个小区"], ["不清楚的留空"]])
    ledger = read(tmp_path, pack, Sheet("台账", [HEADING, ESTATE]), Sheet("Sheet2", []), prose)

    assert ledger.complaints == ()
    assert [copy.name for copy in ledger.sheets] == ["台账", "Sheet2", "填表说明"]


def test_units_of_two_counties_are_not_taken_for_doubles(tmp_path, pack):
    rows = [
        ["县区", "小区名称", "楼号", "房号"],
        ["青棠县", "供销社", "1", "101"],
        ["白荷县", "供销社", "1", "101"],
    ]
    ledger = read(tmp_path, pack, Sheet("户", rows))

    assert len(ledger.rows) == 2
    assert ledger.complaints == ()


# -------------------------------------------------------------------------------- cells


def test_dates_stay_what_was_written(tmp_path, pack):
    """Identity fields quote the ledger: a year stays a year, a real date is shown as a day."""
    rows = [
        ["小区名称", "建成年份", "入住时间"],
        ["甲小区", "2001年", date(2003, 5, 31)],
        ["乙小区", 2001, "2003.5"],
    ]
    ledger = read(tmp_path, pack, Sheet("台账", rows))

    assert [(row.identity["completed_on"], row.identity["occupied_on"]) for row in ledger.rows] == [
        ("2001年", "2003-05-31"),
        ("2001", "2003.5"),
    ]


def test_the_days_of_a_1904_workbook_are_the_same_days(tmp_path, pack):
    rows = [["小区名称", "入住时间"], ["甲小区", date(2003, 5, 31)]]
    ledger = read(tmp_path, pack, Sheet("台账", rows), date_1904=True)

    assert ledger.rows[0].identity["occupied_on"] == "2003-05-31"
    assert cells(ledger, "台账")[1, 1] == date(2003, 5, 31)


def test_numbers_kept_as_numbers_lose_no_digit(tmp_path, pack):
    heading = ["小区名称", "房号", "身份证号", "电话"]
    rows = [
        heading,
        ["甲小区", 101.0, 371502790531001.0, 13806350001.0],
        ["甲小区", "102", "37150219790531001X"],
    ]
    ledger = read(tmp_path, pack, Sheet("户", rows))

    assert [row.unit for row in ledger.rows] == ["101", "102"]
    assert [row.identity["id_number"] for row in ledger.rows] == ["371502790531001", "37150219790531001X"]
    assert ledger.rows[0].identity["phone"] == "13806350001"
    assert ledger.complaints == ()


def test_a_number_that_excel_has_rounded_is_refused(tmp_path, pack):
    """An identity number typed as a number has lost its last digits; it must not look right."""
    rows = [["小区名称", "房号", "身份证号"], ["甲小区", "101", 371502197905310016.0]]
    ledger = read(tmp_path, pack, Sheet("户", rows))

    assert complaint(ledger, "C-NUMBER-PRECISION").cell == "C2"
    assert "id_number" not in ledger.rows[0].identity
    assert cells(ledger, "户")[1, 2] == 371502197905310016.0


def test_formulas_without_a_value_or_with_an_error_are_pointed_at(tmp_path, pack):
    """An empty text is a value: =IF(A2="","","…") is no mistake."""
    error, divided, nothing = Formula("=NA()", "#N/A"), Formula("=1/0", "#DIV/0!"), Formula('=IF(1,"")', "空")
    rows = [
        ["小区名称", "总户数", "土地状况", "备注", "序号"],
        ["甲小区", Formula("=6+6", 12), error, nothing, divided],
    ]
    path = write(tmp_path / "a.xlsx", Sheet("台账", rows))
    patch(path, "xl/worksheets/sheet1.xml", lambda text: text.replace("<v>空</v>".encode(), b"<v></v>"))
    ledger = read_ledger(path, pack)

    assert [(one.code, one.cell, one.read) for one in ledger.complaints] == [
        ("C-FORMULA", "C2", "#N/A"),
        ("C-FORMULA", "E2", "#DIV/0!"),
    ]
    assert ledger.rows[0].identity["units_total"] == "12"
    assert cells(ledger, "台账")[1, 2] == "#N/A"


def test_formulas_that_were_never_calculated_are_pointed_at(tmp_path, pack):
    """Like those of openpyxl and of many exports, which write the formula alone."""
    book = openpyxl.Workbook()
    book.active.title = "台账 & 一"
    for row in (["小区名称", "总户数"], ["甲小区", "=6+6"], ["乙小区", 3]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    ledger = read_ledger(tmp_path / "a.xlsx", pack)

    assert (complaint(ledger, "C-FORMULA").sheet, complaint(ledger, "C-FORMULA").cell) == ("台账 & 一", "B2")
    assert "units_total" not in ledger.rows[0].identity


def test_a_text_as_long_as_a_cell_can_hold_comes_back_whole(tmp_path, pack):
    long = "长" * 32_767
    ledger = read(tmp_path, pack, Sheet("台账", [["小区名称", "备注", "诉求"], ["甲小区", long, long]]))

    assert cells(ledger, "台账")[1, 1] == cells(ledger, "台账")[1, 2] == long
    assert complaint(ledger, "C-LONG").cell == "B2"
    assert len(complaint(ledger, "C-LONG").read) <= 200
    assert len(ledger.rows[0].identity["remarks"]) == 2_000


@pytest.mark.parametrize(
    "text", ["=1+1", "+86 635", "-多次反映", "@街道", '=HYPERLINK("x")', "\t=1", "'0101"]
)
def test_text_that_looks_like_a_formula_stays_text(tmp_path, pack, text):
    ledger = read(tmp_path, pack, Sheet("台账", [["小区名称", "备注", "=别的"], ["甲小区", text, text]]))

    assert ledger.rows[0].identity["remarks"] == text.strip()
    assert cells(ledger, "台账")[1, 2] == text
    assert ledger.columns[2].heading == "=别的"
    assert ledger.complaints == ()


PREFIX = b'xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
PREFIXED = re.compile(rb"<(/?)(c|v|row|t|is)\b")
ADDRESSES = re.compile(rb'<c r="[A-Z]+\d+"')


@pytest.mark.parametrize(
    "change",
    [
        lambda text: ADDRESSES.sub(b"<c", text),  # exports that name no cell
        lambda text: PREFIXED.sub(rb"<\1x:\2", text).replace(b"<worksheet ", b"<worksheet " + PREFIX),
        lambda text: re.sub(rb'<c r="([A-Z]+\d+)" t="s"', rb'<c t="s" r="\1"', text),
    ],
    ids=["without addresses", "with a prefix", "in another order"],
)  # fmt: skip
def test_workbooks_that_excel_did_not_write_are_read(tmp_path, pack, change):
    path = write(tmp_path / "a.xlsx", Sheet("台账", [HEADING, ESTATE]))
    patch(path, "xl/worksheets/sheet1.xml", change)

    assert [row.cells["estate"] for row in read_ledger(path, pack).rows] == ["B2"]


# --------------------------------------------------------------------------- the format


@pytest.mark.libreoffice
@pytest.mark.parametrize(
    ("kind", "ending"), [("xls", ".xlsx"), ("ods", ".xlsx"), ("xls", ".ods"), ("ods", ".txt")]
)
def test_the_kind_of_a_workbook_is_told_by_its_content(tmp_path, pack, soffice, kind, ending):
    rows = [
        ["青棠县台账"],
        [],
        HEADING,
        ["1", "甲小区", 12, "无用地手续", "缺"],
        [2, "乙小区", "８户", "集体土地", "√"],
    ]
    path = convert(soffice, write(tmp_path / "a.xlsx", Sheet("台账", rows, ["A1:E1"])), kind)
    wrong = Path(shutil.copy(path, path.with_name(f"b{ending}")))
    ledger = read_ledger(wrong, pack)

    assert [(row.row, row.estate, row.identity["units_total"]) for row in ledger.rows] == [
        (4, "甲小区", "12"),
        (5, "乙小区", "8"),
    ]
    assert ledger.rows[1].held == {"land_use_certificate": Held.ON_HAND}
    assert ledger.complaints == ()


@pytest.mark.parametrize("ending", [".xls", ".ods", ".xlsb", ".csv", "", ".XLSX"])
def test_an_xlsx_is_read_whatever_its_ending(tmp_path, pack, ending):
    path = write(tmp_path / "a.xlsx", Sheet("台账", [HEADING, ESTATE])).rename(tmp_path / f"b{ending}")

    assert [row.estate for row in read_ledger(path, pack).rows] == ["甲小区"]


def test_macros_are_ignored_and_it_is_said(tmp_path, pack):
    path = write(tmp_path / "a.xlsm", Sheet("台账", [HEADING, ESTATE]))
    patch(path, "xl/vbaProject.bin", lambda _: b"\xd0\xcf\x11\xe0")

    assert codes(read_ledger(path, pack)) == ["C-MACRO"]


def test_the_same_file_gives_the_same_ledger(tmp_path, pack):
    path = write(tmp_path / "a.xlsx", Sheet("台账", [HEADING, ESTATE]))

    assert read_ledger(path, pack) == read_ledger(path, pack)


# ------------------------------------------------------------------------ nothing is lost

TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="￾￿"), max_size=20
)
EARLY, LATE = datetime.fromisoformat("1900-03-01"), datetime.fromisoformat("2200-01-01")
CELL = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**14), 10**14),
    st.decimals(-(10**8), 10**8, places=5).map(float),
    st.dates(date(1900, 3, 1), date(2200, 1, 1)),
    st.datetimes(EARLY, LATE).map(lambda one: one.replace(microsecond=0)),
    TEXT,
    st.sampled_from(["合计", "注：", "小区名称", "=1+1", "有", "１２", " 前后 ", "换\n行", "_x0041_"]),
)


@st.composite
def grids(draw: st.DrawFn) -> tuple[list[list[object]], list[str]]:
    """Rows of any cells anywhere on a sheet, and merges that do not touch."""
    width = draw(st.integers(1, 6))
    rows = draw(st.lists(st.lists(CELL, min_size=width, max_size=width), max_size=8))
    down, right = draw(st.integers(0, 3)), draw(st.integers(0, 3))
    placed = [[]] * down + [[None] * right + row for row in rows]
    merges = [
        f"{string.ascii_uppercase[column]}{row + 1}:{string.ascii_uppercase[column + 1]}{row + 1}"
        for row in range(down, len(placed))
        for column in range(right, right + width - 1, 2)
        if draw(st.booleans()) and placed[row][column + 1] is None
    ]
    return placed, merges


@settings(max_examples=60)
@given(grids())
def test_no_cell_is_lost(tmp_path_factory, grid):
    """Every cell comes back at its address, of its kind, whatever the sheet means."""
    rows, merges = grid
    folder = tmp_path_factory.mktemp("grid")
    ledger = read(folder, small_pack(), Sheet("别的", rows, merges), Sheet("台账", [HEADING, ESTATE]))
    wanted = {
        (row, column): as_a_day(cell)
        for row, line in enumerate(rows)
        for column, cell in enumerate(line)
        if cell not in (None, "")
    }
    found = cells(ledger, "别的")

    assert found == wanted
    assert {at: kind(cell) for at, cell in found.items()} == {at: kind(cell) for at, cell in wanted.items()}
    shutil.rmtree(folder)


def as_a_day(cell: object) -> object:
    """Excel knows no midnight: a day is a day."""
    return cell.date() if isinstance(cell, datetime) and cell.time() == time() else cell


def kind(cell: object) -> type:
    """Excel knows no whole numbers."""
    return float if type(cell) is int else type(cell)


def test_every_cell_of_the_example_comes_back(tmp_path, pack):
    write_example(tmp_path / "a.xlsx", pack)
    second = openpyxl.load_workbook(tmp_path / "a.xlsx")
    ledger = read_ledger(tmp_path / "a.xlsx", pack)

    assert [copy.name for copy in ledger.sheets] == second.sheetnames
    for copy in ledger.sheets:
        assert cells(ledger, copy.name) == {
            (row, column): cell
            for row, line in enumerate(second[copy.name].values)
            for column, cell in enumerate(line)
            if cell not in (None, "")
        }


# ----------------------------------------------------------------------------- real files

REAL = [
    "cumcm2024c_att1_land_crops_merged.xlsx", "ee_70_vertical_merges.xlsx", "ee_bank_journal.xls",
    "ee_csv_utf16le.csv", "ee_csv_utf8_no_bom.csv", "ee_dataformat_gold.xlsx", "ee_dimension_XFD.xlsx",
    "ee_inspection_record_1771_rows.xls", "ee_merged_header_three_sheets.xlsx",
    "ee_readme_block_two_level_header.xlsx", "ee_t01_import_template_notes_row.xls",
    "ee_title_row_loan_table.xlsx", "ee_xls_named_csv_a.csv", "hc_community_4sheets_2020-06.xlsx",
    "hc_community_5sheets_b.xlsx", "hc_fee_history_a.xlsx", "hc_meter.xlsx", "hc_room_import_a.xlsx",
    "register_fertiliser_anhui_2925.xlsx",
]  # fmt: skip


def test_every_real_file_is_on_the_list(shared):
    here = {path.name for path in (shared / "data" / "ledgers").iterdir()} - {"manifest.json"}

    assert here == set(REAL)


@pytest.mark.parametrize("name", REAL)
def test_a_real_file_is_a_ledger_or_an_error_with_a_code(shared, pack, name):
    started = perf_counter()
    try:
        found = read_ledger(shared / "data" / "ledgers" / name, pack)
    except InputError as error:
        assert re.search(r"\[E-(FILE|LEDGER)-[A-Z]+\]$", error.say("zh"))
    else:
        assert isinstance(found, Ledger)

    assert perf_counter() - started < 20


def plain_cells(rows: Iterable[Iterable[object]]) -> dict[tuple[int, int], object]:
    """Texts, numbers and answers; which number is a day the two readers judge differently."""
    return {
        (row, column): "a number or day" if type(cell) in DAYS else cell
        for row, line in enumerate(rows)
        for column, cell in enumerate(line)
        if cell not in (None, "")
    }


DAYS = (int, float, date, datetime, time, timedelta)


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
@pytest.mark.parametrize("name", [one for one in REAL if one.endswith(".xlsx")])
def test_a_second_reader_sees_the_same_cells_at_the_same_addresses(shared, name):
    path = shared / "data" / "ledgers" / name
    second = openpyxl.load_workbook(path, data_only=True)
    for sheet in open_sheets(path):
        ours, theirs = plain_cells(sheet.as_it_was()), plain_cells(second[sheet.name].values)
        for top, left, bottom, right in sheet.merges:  # what a merge covers the other does not show
            for at in [(r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)][1:]:
                ours.pop(at, None)

        assert ours.keys() == theirs.keys()
        assert [at for at in ours if ours[at] != theirs[at] and not TIME.match(str(ours[at]))] == []


TIME = re.compile(r"\d{1,2}:\d\d(:\d\d)?")  # a time of day comes back as text
