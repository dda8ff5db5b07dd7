"""What a cell shows in Chinese Excel, and how much of a date its format hides."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from openpyxl import Workbook, load_workbook
from tests.exchange.builders import fact

from taizhang.exchange.excel.reading import read_ledger
from taizhang.exchange.excel.returned.receiving import read_ledgers
from taizhang.exchange.excel.shown import BUILT_IN, precision, shown
from taizhang.exchange.excel.values import Refusal, read_fact
from taizhang.exchange.excel.workbook import write_workbook
from taizhang.rules.terms import CityPlan

MOMENT = datetime.fromisoformat("2020-01-01 13:01:01")


def test_dates_and_numbers_are_shown_as_excel_shows_them_in_chinese(shared):
    """A table by the authors of EasyExcel: a value in a format, and the text that Excel shows."""
    sheet = load_workbook(shared / "data" / "ledgers" / "ee_dataformat_gold.xlsx").worksheets[0]
    compared = 0
    for row in sheet.iter_rows(min_row=2):
        for cell, wanted in ((row[0], row[1].value), (row[3], row[4].value)):
            if cell.value is None:
                continue
            number = cell._style.numFmtId
            code = BUILT_IN.get(number, cell.number_format)
            value = cell.value if cell.column == 1 else Decimal(str(cell.value))
            if cell.column == 1 and not isinstance(value, datetime):  # a format openpyxl takes for a number
                value = datetime.fromisoformat("1899-12-30") + timedelta(seconds=round(value * 86_400))
            assert shown(value, code) == wanted, cell.coordinate
            compared += 1

    assert compared == 27 + 12


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("yyyy-mm-dd", "2020-01-01"), ("yyyy/m", "2020/1"), ("yyyy", "2020"), ("yy.m", "20.1"),
        ('yyyy"年"', "2020年"), ("dddd", "星期三"), ("aaa", "三"), ("h:mm AM/PM", "1:01 下午"),
        ("[h]:mm", "13:01"), ('"共"yyyy"年;"m', "共2020年;1"), ("yyyy\\年m\\月", "2020年1月"),
        ("[$-804]yyyy/m/d;@", "2020/1/1"), ("mm:ss.00", "01:01.00"),
    ],
)  # fmt: skip
def test_a_moment_in_a_format(code, text):
    assert shown(MOMENT, code) == text


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        ("0", "0;-0;无", "无"), ("-5", '0;"负"0', "负5"), ("1234567", "#,##0,", "1,235"),
        ("0.5", "0%", "50%"),
        ("2.5", "0.##", "2.5"), ("2", "0.##", "2"), ("2.005", "0.00", "2.01"), ("12", '0"户"', "12户"),
        ("12", "General", "12"), ("7", "[红色]0", "7"), ("3", "[$¥-804]0.0", "¥3.0"),
    ],
)  # fmt: skip
def test_a_number_in_a_format(value, code, text):
    assert shown(Decimal(value), code) == text


@pytest.mark.parametrize(
    ("code", "found"),
    [
        (BUILT_IN[14], "day"), (BUILT_IN[31], "day"), (BUILT_IN[27], "month"), (BUILT_IN[57], "month"),
        ("[DBNum1][$-804]yyyy\"年\"m\"月\"", "month"), ("yyyy", "year"), ('yyyy"年"', "year"), ("m/d", "day"),
        ("h:mm:ss", "day"), ('yyyy"年底 day"', "year"), ("yyyy-mm h:mm", "month"),
    ],
)  # fmt: skip
def test_a_format_that_hides_the_day_says_a_month_or_a_year(code, found):
    assert precision(code) == found


# ------------------------------------------------------------------------------ through a file


@pytest.mark.filterwarnings("ignore::UserWarning")  # openpyxl, of colour rules it does not know
def test_a_cell_that_shows_a_month_is_a_month_and_comes_back_as_it_was(tmp_path, pack):
    """2003年5月 is stored as the first of May: nobody said so."""
    path = tmp_path / "台账.xlsx"
    book = Workbook()
    sheet = book.active
    sheet.append(["小区名称", "总户数", "建成时间", "入住时间"])
    for name, built, moved in (("甲小区", 'yyyy"年"m"月"', "yyyy"), ("乙小区", "yyyy-mm-dd", "m/d")):
        sheet.append([name, 3, date(2003, 5, 1), date(2004, 9, 1)])
        sheet.cell(sheet.max_row, 3).number_format = built
        sheet.cell(sheet.max_row, 4).number_format = moved
    book.save(path)
    ledger = read_ledger(path, pack)

    said = [(row.identity["completed_on"], row.identity["occupied_on"]) for row in ledger.rows]
    assert said == [("2003年5月", "2004"), ("2003-05-01", "2004-09-01")]
    write_workbook(tmp_path / "方案.xlsx", CityPlan(pack, (ledger,), (), (), (), "cheapest", (), ()))
    again = load_workbook(tmp_path / "方案.xlsx")["原表"]
    assert again["C2"].value == datetime.fromisoformat("2003-05-01")
    assert again["C2"].number_format == 'yyyy"年"m"月"'
    assert again["C3"].number_format == "yyyy-mm-dd"
    (back,) = read_ledgers([tmp_path / "方案.xlsx"], pack)
    assert back.rows == ledger.rows


def test_a_month_where_a_day_is_needed_is_a_complaint_even_if_a_day_is_stored():
    found = read_fact(fact("day", "date"), shown(MOMENT, "yyyy-mm"))

    assert isinstance(found, Refusal) and found.code == "C-DATE-PRECISION"
