"""What an officer writes into a cell, and what it is taken for."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange.builders import LAND, fact

from taizhang.exchange.excel.headings import yuan_of
from taizhang.exchange.excel.identity import read_identity
from taizhang.exchange.excel.values import Nearly, Refusal, read_fact, read_held
from taizhang.rules.terms import Held, Label

THERE, MISSING, LOST = Held.ON_HAND, Held.MISSING, Held.UNOBTAINABLE

land = fact("land_status", "enum", values=LAND)
sold = fact("sold", "bool")
area = fact("area_m2", "decimal", minimum=Decimal(1), maximum=Decimal(100_000))
price = fact("price", "money", minimum=Decimal(0))
ordinal = fact("ordinal", "integer", minimum=Decimal(1), maximum=Decimal(99))
rate = fact("rate", "decimal", minimum=Decimal(0), maximum=Decimal(1))
day = fact("completed", "date")


def refused(value: object) -> str:
    """The code of a refusal; it says in both languages what is expected, with an example."""
    assert isinstance(value, Refusal), value
    assert value.en
    assert value.zh
    return value.code


# -------------------------------------------------------------------------------- papers


@pytest.mark.parametrize(
    "cell", ["√", "✓", "有", "齐", "齐全", "已提供", "已办", "是", "Y", "ｙ", " 有 ", "有。"]
)
def test_a_paper_is_there(cell):
    assert read_held(cell) is THERE


@pytest.mark.parametrize("cell", ["缺", "无", "未办", "×", "没有", "否", "缺 ", "缺失"])
def test_a_paper_is_missing(cell):
    assert read_held(cell) is MISSING


@pytest.mark.parametrize("cell", ["灭失", "无法取得", "无法提供", "遗失不可补"])
def test_a_paper_can_no_longer_be_had(cell):
    assert read_held(cell) is LOST


@pytest.mark.parametrize(
    "cell", [None, "", "  ", "不清楚", "未知", "待核实", "?", "？", "不涉及", "/", "／", "无需", "—"]
)
def test_nothing_is_said_of_a_paper(cell):
    assert read_held(cell) is None


@pytest.mark.parametrize(
    "cell",
    [
        "聊国用（2003）第012号",
        "鲁政土字〔2019〕3号",
        "鲁（2020）聊城市不动产权第0012号",
        "建字第２００３-１７号",
    ],
)
def test_the_number_of_a_document_says_that_it_is_there(cell):
    assert read_held(cell) is THERE


@pytest.mark.parametrize(
    "cell",
    [
        "缺第3号证",  # the number of what is missing
        "未办（2024年第3号通知补办）",
        "3号楼有",  # only one building
        "第3幢已办",
        "缺(2份)",
        "有？",
        "复印件",
        2.0,  # a number of copies, or a mistake
        datetime(2003, 5, 31),  # noqa: DTZ001  when it was issued, or when it is promised
        "2003-05-31",
    ],
)
def test_what_may_mean_either_is_asked_about(cell):
    assert refused(read_held(cell)) == "C-VALUE"


# --------------------------------------------------------------------------- yes and no


@pytest.mark.parametrize(
    ("cell", "value"),
    [(yes, True) for yes in ("是", "有", "√", True)]
    + [(no, False) for no in ("否", "无", "×", False)]
    + [(blank, None) for blank in (None, "", "不清楚", "待核实", "—")],
)
def test_yes_no_or_not_said(cell, value):
    assert read_fact(sold, cell) is value


def test_neither_yes_nor_no_is_asked_about():
    assert refused(read_fact(sold, "部分")) == "C-VALUE"


# ------------------------------------------------------------------------------- choices


@pytest.mark.parametrize(
    "cell", ["出让已办证", " 出让 已办证", "（出让）已办证", "granted_certified", "Granted and certified"]
)
def test_a_choice_by_its_name_or_id(cell):
    assert read_fact(land, cell) == "granted_certified"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("集体土地（村）", "collective_land"),
        ("用地手续", None),
        ("集体", "collective_land"),
        ("无", "no_procedure"),
    ],
)
def test_a_part_of_one_name_is_used_and_said(cell, value):
    found = read_fact(land, cell)

    if value is None:
        assert refused(found) == "C-VALUE"  # 无 is missing from it: the opposite may be meant
    else:
        assert found == Nearly(value, LAND[value])


@pytest.mark.parametrize(
    "cell", ["出让", "已办证", "非集体土地", "不是集体土地", "拟出让已办证", "集体土地转出让已办证"]
)
def test_a_part_of_several_names_or_a_turned_name_is_refused_with_the_choices(cell):
    found = read_fact(land, cell)

    assert refused(found) == "C-VALUE"
    assert "出让已办证、出让未办证、划拨已办证、无用地手续、集体土地" in found.zh
    assert "granted and certified" in found.en


def test_a_bare_no_is_not_taken_for_not_needed():
    """无 in the column of civil defence: not built, or not required?"""
    defence = fact(
        "d", "enum", values={"accepted": Label("已验收", "a"), "not_required": Label("无需修建", "n")}
    )

    assert refused(read_fact(defence, "无")) == "C-VALUE"
    assert read_fact(defence, "无需") == Nearly("not_required", defence.values["not_required"])


# ------------------------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (89.5, "89.5"),
        ("89.50", "89.50"),
        ("８９．５", "89.5"),
        ("89.5㎡", "89.5"),
        ("89.5 平方米", "89.5"),
        ("1,089.5m2", "1089.5"),
        (75.18000000000001, "75.18"),  # Excel itself means 15 digits
        (100.0, "100"),
    ],
)
def test_areas(cell, value):
    assert read_fact(area, cell) == Decimal(value)


@pytest.mark.parametrize(
    "cell", ["约75", "75-80", "62,4", "1,2,3", "89.5元", "七十五", "0", 0.5, 1e9, "89.5.1", True]
)
def test_what_is_no_area(cell):
    assert refused(read_fact(area, cell)) == "C-VALUE"


@pytest.mark.parametrize(
    ("cell", "yuan", "fen"),
    [
        (358000.0, 1, 35_800_000),
        ("358,000.55元", 1, 35_800_055),
        ("￥358000", 1, 35_800_000),
        ("35.8万元", 1, 35_800_000),
        ("35.8万", 1, 35_800_000),
        (35.8, 10_000, 35_800_000),  # the heading says 万元
        ("35.8万元", 10_000, 35_800_000),  # said twice, multiplied once
        ("358000元", 10_000, 35_800_000),  # the cell knows better than its heading
        (29.99 * 3, 1, 8_997),  # 89.97 and noise
        ("0", 1, 0),
    ],
)
def test_money_is_whole_fen(cell, yuan, fen):
    found = read_fact(price, cell, yuan)

    assert found == fen
    assert type(found) is int


@pytest.mark.parametrize("cell", ["358000.555", 0.001, -1.0, "-5", "35.8千元", "3580元/㎡", "30多万"])
def test_what_is_no_amount(cell):
    assert refused(read_fact(price, cell)) == "C-VALUE"


@given(st.integers(0, 10**11))
def test_every_amount_to_the_fen_survives_excel(fen):
    """Up to a billion yuan, as a number or as text."""
    assert read_fact(price, fen / 100) == fen
    assert read_fact(price, f"{fen // 100:,}.{fen % 100:02d}元") == fen


@pytest.mark.parametrize(
    ("heading", "caption", "yuan"),
    [
        ("合同价", "", 1),
        ("合同价（万元）", "", 10_000),
        ("价款／合同价（万元）", "", 10_000),
        ("合同价", "单位：万元、平方米", 10_000),
        ("合同价（元）", "单位：万元", 1),
        ("单元合同价", "单位：万元", 10_000),  # 单元 is no unit of money
    ],
)
def test_the_heading_says_in_what_amounts_are_given(heading, caption, yuan):
    assert yuan_of(heading, caption) == yuan


@pytest.mark.parametrize(("cell", "value"), [(1.0, 1), ("2", 2), ("第1套", 1), ("２套", 2), ("1套住房", 1)])
def test_whole_numbers(cell, value):
    found = read_fact(ordinal, cell)

    assert found == value
    assert type(found) is int


@pytest.mark.parametrize("cell", ["首套?", 1.5, 0.0, "100", "2幢楼"])
def test_what_is_no_whole_number(cell):
    assert refused(read_fact(ordinal, cell)) == "C-VALUE"


@pytest.mark.parametrize(
    ("cell", "value"), [(0.09, "0.09"), ("9%", "0.09"), ("９％", "0.09"), ("0.09", "0.09")]
)
def test_shares(cell, value):
    assert read_fact(rate, cell) == Decimal(value)


def test_a_share_of_nine_is_asked_about():
    assert refused(read_fact(rate, 9.0)) == "C-VALUE"


# --------------------------------------------------------------------------------- dates


@pytest.mark.parametrize(
    "cell",
    [
        date(2003, 5, 31),
        datetime(2003, 5, 31, 12, 30),  # noqa: DTZ001
        "2003-05-31",
        "2003.5.31",
        "2003/5/31",
        "2003年5月31日",
        "２００３-０５-３１",
        "2003 年 5 月 31 日",
        "20030531",
        20030531.0,
        "2003-05-31 00:00:00",
    ],
)
def test_a_day(cell):
    assert read_fact(day, cell) == date(2003, 5, 31)


@pytest.mark.parametrize("cell", ["2003年5月", "2003.5", "２００３-０５", "2003", 2003.0, "2003年", "200305"])
def test_a_month_or_year_is_not_a_day(cell):
    assert refused(read_fact(day, cell)) == "C-DATE-PRECISION"


@pytest.mark.parametrize(
    "cell", ["2019.13.02", "2003-02-30", "五月", "上世纪", "0203-05-31", "03.5.31", True]
)
def test_what_is_no_day(cell):
    assert refused(read_fact(day, cell)) == "C-DATE"


def test_a_day_that_lost_its_format_is_read_by_the_workbooks_own_calendar_and_said():
    assert read_fact(day, 37772.0) == Nearly(date(2003, 5, 31), Label("2003-05-31", "2003-05-31"))
    assert read_fact(day, 36310.0, date_1904=True) == read_fact(day, 37772.0)
    assert refused(read_fact(day, 37772.5)) == "C-DATE"
    assert read_identity("completed_on", 37772.0)[0] == "2003-05-31"
    assert read_identity("building", 37772.0) == ("37772", None)


# ------------------------------------------------------------------------------ identity


@pytest.mark.parametrize(
    ("field", "cell", "text"),
    [
        ("id_number", 371502199001011.0, "371502199001011"),  # the old 15 digits, kept as a number
        ("id_number", "37150219900101123X", "37150219900101123X"),
        ("phone", 13800000000.0, "13800000000"),
        ("building", 3.0, "3"),
        ("completed_on", "２００１年", "２００１年"),  # exactly as read
        ("remarks", "=厂里称土地系划拨", "=厂里称土地系划拨"),
        ("units_total", "84户", "84"),
        ("units_total", "１,０８４", "1084"),
        ("units_total", 84.0, "84"),
        ("buildings_total", "共3幢", "3"),
        ("units_total", "不清楚", ""),
    ],
)
def test_identity_is_text(field, cell, text):
    assert read_identity(field, cell) == (text, None)


@pytest.mark.parametrize("cell", [371502199001011234.0, 1e15, "3.71502E+17"])
def test_a_number_that_excel_has_rounded_is_not_used(cell):
    text, wrong = read_identity("id_number", cell)

    assert (text, refused(wrong)) == ("", "C-NUMBER-PRECISION")


def test_a_unit_number_that_excel_made_a_date_is_said():
    """3-101 typed into Excel is harmless, 3-1 becomes the first of March."""
    text, wrong = read_identity("unit", date(2024, 3, 1))

    assert (text, refused(wrong)) == ("2024-03-01", "C-VALUE")


@pytest.mark.parametrize("cell", ["约84", "80-90", 84.5, "9" * 30, "八十四", -1.0])
def test_what_is_no_number_of_units(cell):
    text, wrong = read_identity("units_total", cell)

    assert (text, refused(wrong)) == ("", "C-VALUE")


def test_an_endless_text_is_cut_and_said():
    text, wrong = read_identity("remarks", "长" * 2_001)

    assert (len(text), refused(wrong)) == (2_000, "C-LONG")


@pytest.mark.parametrize(
    ("field", "most"), [("street", 60), ("neighbourhood", 60), ("estate", 150), ("unit", 60)]
)
def test_a_name_that_no_office_files_under_is_cut_and_said(field, most):
    assert read_identity(field, "长" * most) == ("长" * most, None)

    text, wrong = read_identity(field, "长" * (most + 1))

    assert (text, refused(wrong)) == ("长" * most, "C-LONG")


@given(st.one_of(st.none(), st.booleans(), st.text(), st.floats(), st.integers(), st.dates(), st.datetimes()))
def test_no_cell_breaks_a_reader(cell):
    for one in (land, sold, area, price, ordinal, rate, day, fact("t", "text")):
        read_fact(one, cell)
    read_held(cell)
    for field in ("unit", "units_total", "remarks"):
        read_identity(field, cell)
