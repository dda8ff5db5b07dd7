"""The traps of a cell: what nearly says something is refused, and what is read is exactly what stands there.

``test_values`` tells what officers write; here are the cells that would be read wrong without an error.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from tests.exchange.builders import fact

from taizhang.exchange.excel.identity import read_identity
from taizhang.exchange.excel.tables import as_text
from taizhang.exchange.excel.values import Nearly, Refusal, read_fact, read_held
from taizhang.rules.terms import Held, Label

AREA = fact("area", "decimal", minimum=Decimal(1), maximum=Decimal(100_000))
RATE = fact("rate", "decimal", minimum=Decimal(0), maximum=Decimal(1))
HOME = fact("home", "integer", minimum=Decimal(1), maximum=Decimal(99))
PRICE = fact("price", "money", minimum=Decimal(0))

LAND = fact("land", "enum", values={
    "granted_certified": Label("出让已办证", "granted, certified"),
    "granted_uncertified": Label("出让未办证", "granted, not certified"),
    "no_procedure": Label("无用地手续", "no procedure"),
    "collective_land": Label("集体土地", "collective land"),
})  # fmt: skip
COMPANY = fact("company", "enum", values={
    "active": Label("正常经营", "active"),
    "abnormal": Label("税务非正常户", "abnormal taxpayer"),
    "licence_revoked": Label("吊销未注销", "licence revoked"),
    "deregistered": Label("已注销", "deregistered"),
    "bankrupt": Label("破产程序中", "bankrupt"),
})  # fmt: skip
FIRE = fact("fire", "enum", values={
    "accepted": Label("消防验收合格", "accepted"),
    "none": Label("无消防手续", "none"),
})  # fmt: skip
DEFENCE = fact("defence", "enum", values={
    "fee": Label("已缴易地建设费", "paid"),
    "none": Label("应建未建且未缴费", "none"),
    "not_required": Label("依法无需修建", "not required"),
})  # fmt: skip


def refused(value: object, code: str = "C-VALUE") -> bool:
    """A refusal of this code that says in both languages what is expected."""
    return isinstance(value, Refusal) and value.code == code and bool(value.en) and bool(value.zh)


def chosen(value: object) -> object:
    return value.value if isinstance(value, Nearly) else value


# ------------------------------------------------------------------------------- papers


@pytest.mark.parametrize(
    "cell",
    [
        "缺（2号楼）",  # a digit and a bracket do not make a document
        "无（2003年前）",
        "未办，见〔2021〕15号",
        "2003-12号遗失",
        "第3号楼没有",
        "待2024年补办第5号",
        "有？",
        "部分",
        "正在办理",
        2003.0,
        2.0,
    ],
)
def test_what_only_looks_like_a_document_is_refused(cell):
    assert refused(read_held(cell))


# ------------------------------------------------------------------------------- choices


@pytest.mark.parametrize(
    ("asked", "cell", "value"),
    [
        (LAND, " 出让 未办证 ", "granted_uncertified"),
        (LAND, "granted, certified", "granted_certified"),
        (LAND, "集体", "collective_land"),  # one name contains it, and the rest turns nothing
        (LAND, "无", "no_procedure"),  # one name begins with it
        (COMPANY, "破产", "bankrupt"),
        (COMPANY, "已注销（2015年）", "deregistered"),
        (FIRE, "无", "none"),
    ],
)
def test_a_choice_by_its_name_or_by_a_part_that_only_one_has(asked, cell, value):
    assert chosen(read_fact(asked, cell)) == value


@pytest.mark.parametrize(
    ("asked", "cell"),
    [
        (LAND, "出让"),  # two begin so
        (LAND, "出让已办证，部分集体土地"),
        (LAND, "非集体土地"),  # the rest turns it
        (LAND, "集体土地？"),  # the rest doubts it
        (LAND, "疑似集体土地"),
        (LAND, "原集体土地"),
        (LAND, "用地手续"),  # 无用地手续 contains it, and means the opposite
        (COMPANY, "未注销"),  # within 吊销未注销, which says more
        (COMPANY, "拟注销"),
        (COMPANY, "正常"),  # within 非正常 as well
        (COMPANY, "no"),  # within "abnormal"
        (COMPANY, "act"),  # within "active"
        (FIRE, "有消防手续"),
        (FIRE, "消防验收不合格"),
        (DEFENCE, "无"),  # 无需 is another word
        (DEFENCE, "需修建"),
        (LAND, 1.0),
        (LAND, True),
    ],
)
def test_a_choice_that_could_be_another_is_refused_with_the_list(asked, cell):
    value = read_fact(asked, cell)

    assert refused(value)
    assert all(label.zh in value.zh and label.en in value.en for label in asked.values.values())


@given(st.text(st.sampled_from("出让已未办证无用地手续集体土非不？ab 1（）"), min_size=1, max_size=8))
def test_text_that_is_no_choice_is_never_taken_for_one(text):
    """A choice is read only where the text contains it or is a part of it."""
    assume(not text.isspace())
    value = chosen(read_fact(LAND, text))
    if isinstance(value, str):
        label = LAND.values[value]
        bare = "".join(one for one in unicodedata.normalize("NFKC", text) if one.isalnum()).casefold()

        assert bare and any(bare in name or name in bare for name in (label.zh, label.en, value))
        turning = {one for one in "无未非不" if one in bare}

        assert turning == {one for one in "无未非不" if one in label.zh} or bare in ("无", "没有")


# ------------------------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("asked", "cell"),
    [
        (AREA, "89，50"),  # a comma that groups no thousands
        (AREA, "1,2"),
        (AREA, "75 18"),  # two numbers, or one that lost its point
        (AREA, "75.1 8"),
        (AREA, "1 234.5"),
        (AREA, "62.4\n75.18"),
        (AREA, "约75"),
        (AREA, "75-80"),
        (AREA, "75²"),
        (AREA, "½"),
        (AREA, "0.5亩"),
        (AREA, "75元"),
        (AREA, "1e3"),
        (AREA, True),
        (AREA, date(2003, 5, 31)),
        (AREA, float("nan")),
        (AREA, float("inf")),
        (RATE, 5.0),
        (HOME, 1.5),
        (HOME, "1、2"),
        (PRICE, 0.005),
        (PRICE, "0.0000001万元"),
        (PRICE, "35.8千元"),
        (PRICE, "35万8千"),
        (PRICE, "75㎡"),
        (PRICE, "5%"),
        (PRICE, "1" * 400),  # nobody's price
        (PRICE, 1e16),  # Excel has rounded it
    ],
)
def test_a_number_that_is_not_certain_is_refused(asked, cell):
    value = read_fact(asked, cell)

    assert isinstance(value, Refusal) and value.code in ("C-VALUE", "C-NUMBER-PRECISION")
    assert "None" not in value.en and "None" not in value.zh


@pytest.mark.parametrize(
    ("asked", "cell", "value"),
    [
        (AREA, 90.00000000000001, Decimal(90)),  # noise of a formula beyond Excel's 15 digits
        (AREA, "75.18 平方米", Decimal("75.18")),
        (AREA, "\n75.18\u3000㎡ ", Decimal("75.18")),
        (PRICE, 1234.5600000000001, 123_456),
        (PRICE, "¥ 358,000.05 元", 35_800_005),
        (RATE, "5 ％", Decimal("0.05")),
        (HOME, " 第 2 套 ", 2),
    ],
)
def test_a_number_with_room_about_it_is_certain(asked, cell, value):
    assert read_fact(asked, cell) == value
    assert type(read_fact(asked, cell)) is type(value)


@given(st.decimals(min_value=1, max_value=99_999, places=30), st.sampled_from(["", "㎡", " 平方米"]))
@example(Decimal("1.100000"), "")
def test_the_area_written_is_the_area_read(number, unit):
    """To the last digit, however many there are."""
    assert read_fact(AREA, f"{number}{unit}") == number
    assert read_fact(AREA, f"{number:,}{unit}") == number


@given(st.decimals(min_value=1, max_value=99_999, places=6))
def test_the_number_in_a_cell_is_the_number_read(number):
    assert read_fact(AREA, float(number)) == number


@given(st.integers(0, 10**14 - 1), st.sampled_from(["{}", "{}元", "¥{}", "{:,}"]))
def test_the_fen_written_are_the_fen_read(fen, form):
    assert read_fact(PRICE, form.format(Decimal(fen).scaleb(-2))) == fen


@given(st.decimals(min_value=0, max_value=10**7, places=30) | st.decimals(0, 10**7, places=6))
def test_ten_thousands_of_yuan_are_exact_or_refused(number):
    """A digit below the fen is never rounded away."""
    value = read_fact(PRICE, f"{number:f}万元")
    _, digits, exponent = number.as_tuple()
    fen = Fraction(int("".join(map(str, digits)))) * Fraction(10) ** (int(exponent) + 6)

    assert value == fen if fen.denominator == 1 else refused(value)


def significant(digits: str) -> str:
    return "".join(one for one in digits if one.isdigit()).strip("0")


@given(st.text(st.sampled_from("0123456789.,，。- +元万㎡%第套¥ 约一二½²３"), max_size=12))
@example("75 18")
@example("1,234.5")
def test_a_number_is_only_read_where_its_digits_stand_in_one_piece(text):
    """None lost, none added, none moved together."""
    plain = unicodedata.normalize("NFKC", text.replace("㎡", "")).replace(",", "")
    for asked in (AREA, HOME, PRICE, RATE):
        value = read_fact(asked, text)
        if value is not None and not isinstance(value, Refusal):
            (piece,) = re.findall(r"[\d.]+", plain)

            assert significant(piece) == significant(format(Decimal(value), "f"))


# --------------------------------------------------------------------------------- dates

FORMS = ["{0:%Y}-{0:%m}-{0:%d}", "{0.year}年{0.month}月{0.day}日", "{0.year}.{0.month}.{0.day}", "{0:%Y%m%d}"]


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.sampled_from(FORMS))
def test_the_day_written_is_the_day_read(day, form):
    assert read_fact(fact("day", "date"), form.format(day)) == day


NO_DAYS = [
    "2003-13-02",
    "2003-02-30",
    "03.5.31",
    "20031302",
    37772.5,
    True,
    "5/31/2003",
    "2003-05-31后",
    "三月",
]


@pytest.mark.parametrize("cell", NO_DAYS)
def test_what_is_no_day(cell):
    assert refused(read_fact(fact("day", "date"), cell), "C-DATE")


# ------------------------------------------------------------------------------ the rest


MIDNIGHT, MORNING = (datetime.fromisoformat(f"2003-05-31 {time}") for time in ("00:00", "08:30"))


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (0.1, "0.1"),
        (101.0, "101"),
        (True, "是"),
        (MIDNIGHT, "2003-05-31"),
        (MORNING, "2003-05-31 08:30:00"),
        ("００１", "００１"),
        ("0010", "0010"),
        ("  甲 小区\n", "甲 小区"),
    ],
)
def test_a_cell_as_text_is_exact(cell, text):
    assert as_text(cell) == text


CELLS = st.one_of(
    st.none(), st.booleans(), st.floats(), st.integers(-(10**18), 10**18), st.text(max_size=40),
    st.dates(), st.datetimes(), st.sampled_from(["有", "缺", "—", "1" * 5_000, "0." + "1" * 400]),
)  # fmt: skip


@given(CELLS)
def test_whatever_stands_in_a_cell_is_a_value_nothing_or_a_refusal(cell):
    assert isinstance(read_held(cell), Held | Refusal | None)
    for asked in (AREA, RATE, HOME, PRICE, LAND, fact("b", "bool"), fact("d", "date"), fact("t", "text")):
        assert isinstance(read_fact(asked, cell), bool | int | Decimal | date | str | Nearly | Refusal | None)
    for field in ("estate", "units_total", "id_number"):
        text, wrong = read_identity(field, cell)

        assert isinstance(text, str) and isinstance(wrong, Refusal | None)
