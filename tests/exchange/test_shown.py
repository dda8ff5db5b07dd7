"""What a cell shows in Chinese Excel, and how much of a date its format hides."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from taizhang.exchange.excel.shown import BUILT_IN, precision, shown

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
