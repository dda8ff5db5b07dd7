"""What may be typed for a number, what is kept of it, what is noticed, and what is shown."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taizhang.errors import InputError
from taizhang.office.identity_numbers import (
    check_credit_code,
    check_identity,
    check_phone,
    eighteen_digits,
    masked_identity,
    masked_name,
    masked_phone,
)

DIGITS = "0123456789"
CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
EXAMPLE = "11010519491231002X"  # the worked example of GB 11643-1999
LICENCE = "91350100M000100Y43"  # the worked example of GB 32100-2015


def refusal(check, text, **asked) -> str:
    with pytest.raises(InputError) as refused:
        check(text, **asked)
    return refused.value.code


def with_check_digit(body: str) -> str:
    """MOD 11-2 as ISO 7064 tells it, digit by digit from the left; the code under test adds up weights."""
    rest = 0
    for digit in body:
        rest = (rest + int(digit)) * 2 % 11
    return body + "0123456789X"[(12 - rest) % 11]


@st.composite
def identities(draw: st.DrawFn) -> str:
    born = draw(st.dates(date(1800, 1, 1), date(2099, 12, 31)))
    region, order = draw(st.integers(100000, 999999)), draw(st.integers(0, 999))
    return with_check_digit(f"{region}{born:%Y%m%d}{order:03d}")


# -- resident identity numbers


@given(identities())
def test_a_number_with_its_check_digit_is_kept_as_it_is(number):
    assert check_identity(number) == number


@given(identities())
def test_every_single_wrong_digit_is_noticed(number):
    for place in range(18):
        for digit in DIGITS + "X":
            if digit != number[place]:
                with pytest.raises(InputError):
                    check_identity(number[:place] + digit + number[place + 1 :])


@given(identities())
def test_every_exchange_of_two_neighbours_is_noticed(number):
    for place in range(17):
        left, right = number[place : place + 2]
        if left != right:
            with pytest.raises(InputError):
                check_identity(number[:place] + right + left + number[place + 2 :])


@given(identities())
def test_a_number_is_found_however_it_was_typed(number):
    wide = "".join(chr(ord(one) + 0xFEE0) for one in number)
    spaced = f"{number[:6]} {number[6:14]}\u3000{number[14:]}\u00a0"

    for typed in (number.lower(), wide, wide.lower(), spaced, f"'{number}", f"\u202a{number}\u202c"):
        assert check_identity(typed) == number


@pytest.mark.parametrize("ten", "xＸｘ×ⅩХ")
def test_the_roman_ten_is_understood_as_it_is_typed(ten):
    assert check_identity(EXAMPLE[:17] + ten) == EXAMPLE


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "E-ID-FORM"),
        ("371502", "E-ID-FORM"),
        (EXAMPLE[:17], "E-ID-FORM"),
        (EXAMPLE + "1", "E-ID-FORM"),
        ("1101051949123X0021", "E-ID-FORM"),
        ("1101054912310O2", "E-ID-FORM"),
        ("١١٠١٠٥١٩٤٩١٢٣١٠٠٢X", "E-ID-FORM"),  # Arabic digits are digits to Python, not to the standard
        ("①10105194912310021", "E-ID-FORM"),
        ("1.10105E+17", "E-ID-ROUNDED"),
        (with_check_digit("11010519490230002"), "E-ID-DATE"),  # the 30th of February
        (with_check_digit("11010519491331002"), "E-ID-DATE"),
        (with_check_digit("11010500000101002"), "E-ID-DATE"),
        (with_check_digit("11010517991231002"), "E-ID-DATE"),
        ("110105000230002", "E-ID-DATE"),
        ("110105194912310021", "E-ID-CHECK"),
    ],
)
def test_what_is_no_number_is_refused_with_its_reason(text, code):
    assert refusal(check_identity, text) == code


def test_nobody_is_born_after_the_day_of_the_check():
    newborn = with_check_digit("37150220240128001")

    assert check_identity(newborn) == newborn
    assert check_identity(newborn, on=date(2024, 1, 28)) == newborn
    assert refusal(check_identity, newborn, on=date(2024, 1, 27)) == "E-ID-DATE"


def test_the_old_card_and_the_new_card_of_a_person_are_equal():
    assert check_identity("110105491231002") == "110105491231002"
    assert eighteen_digits("110105491231002") == eighteen_digits(EXAMPLE) == EXAMPLE
    assert eighteen_digits("110105991231997")[6:14] == "18991231"  # kept for the hundred-year-olds


@pytest.mark.parametrize("region", ["330113", "330114", "511226", "830000", "999999"])
def test_a_region_that_no_list_knows_refuses_nobody(region):
    number = with_check_digit(f"{region}19491231002")

    assert check_identity(number) == number


def test_a_complaint_never_quotes_the_number():
    for text in (
        "110105194912310021",
        "11010519490230002X",
        "1101051949123100211",
        EXAMPLE[:17],
        "1.10105E+17",
    ):
        with pytest.raises(InputError) as refused:
            check_identity(text)
        for said in (refused.value.say("zh"), refused.value.say("en"), repr(refused.value.values)):
            assert text not in said
            assert "1949" not in said
            assert "*" in said


@given(st.text())
def test_any_text_is_a_number_or_is_refused_in_both_languages(text):
    for check in (check_identity, check_credit_code, check_phone):
        try:
            kept = check(text)
        except InputError as refused:
            assert refused.say("zh") != refused.say("en")
        else:
            assert check(kept) == kept


def test_the_numbers_that_another_program_checked(shared):
    told = json.loads((shared / "data/ids/resident_id.json").read_text(encoding="utf-8"))

    for number in [*told["valid"], *(one["number"] for one in told["standard_examples"])]:
        assert check_identity(number) == number
    for one in told["invalid"]:
        assert refusal(check_identity, one["number"]).startswith("E-ID-"), one
    for one in told["must_normalise_to"]:
        assert check_identity(one["in"]) == one["out"]


# -- credit codes


def with_check_character(body: str) -> str:
    weights = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)  # as the standard prints them
    total = sum(CREDIT.index(one) * weight for one, weight in zip(body, weights, strict=True))
    return body + CREDIT[(31 - total % 31) % 31]


@st.composite
def credit_codes(draw: st.DrawFn) -> str:
    head = draw(st.text(CREDIT, min_size=2, max_size=2))
    tail = draw(st.text(CREDIT, min_size=9, max_size=9))
    return with_check_character(f"{head}{draw(st.integers(100000, 999999))}{tail}")


@given(credit_codes(), st.data())
def test_a_wrong_character_or_an_exchange_in_a_credit_code_is_noticed(code, data):
    place = data.draw(st.integers(0, 17))
    other = data.draw(st.sampled_from(CREDIT.replace(code[place], "")))

    assert check_credit_code(code.lower()) == code
    assert refusal(check_credit_code, code[:place] + other + code[place + 1 :]).startswith("E-ID-CREDIT")
    for place in range(17):
        left, right = code[place : place + 2]
        if left != right:
            swapped = code[:place] + right + left + code[place + 2 :]
            assert refusal(check_credit_code, swapped).startswith("E-ID-CREDIT")


@pytest.mark.parametrize("letter", "IOSVZ")
def test_letters_that_look_like_digits_do_not_occur(letter):
    assert refusal(check_credit_code, LICENCE[:8] + letter + LICENCE[9:]) == "E-ID-CREDIT-FORM"


def test_the_number_of_a_person_in_the_wrong_column_is_not_quoted():
    for number in ("371502189809294004", "110105491231002"):
        for check in (check_credit_code, check_phone):
            with pytest.raises(InputError) as refused:
                check(number)
            assert number not in refused.value.say("zh") + refused.value.say("en")


def test_the_credit_codes_that_another_program_checked(shared):
    told = json.loads((shared / "data/ids/uscc.json").read_text(encoding="utf-8"))

    for code in [*told["valid"], *(one["code"] for one in told["published"])]:
        assert check_credit_code(code) == code
    for one in told["invalid"]:
        assert refusal(check_credit_code, one["code"]).startswith("E-ID-CREDIT"), one


# -- telephones


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("13812345678", "13812345678"),
        ("１３８ １２３４ ５６７８", "13812345678"),
        ("138-1234-5678", "13812345678"),
        ("+86 138 1234 5678", "13812345678"),
        ("0086-13812345678", "13812345678"),
        ("8613812345678", "13812345678"),
        ("013812345678", "13812345678"),
        ("0635-8123456", "0635-8123456"),
        ("06358123456", "0635-8123456"),
        ("（0635）8123456", "0635-8123456"),
        ("0635—8123456", "0635-8123456"),
        ("+86 635 8123456", "0635-8123456"),
        ("0531-88123456", "0531-88123456"),
        ("010 68123456", "010-68123456"),
        ("+86-10-68123456", "010-68123456"),
        ("0635-8123456转801", "0635-8123456-801"),
        ("0635-8123456-801", "0635-8123456-801"),
        ("400-812-3456", "4008123456"),
    ],
)
def test_a_telephone_is_kept_one_way(text, kept):
    assert check_phone(text) == kept
    assert check_phone(kept) == kept


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "E-ID-PHONE"),
        ("12812345678", "E-ID-PHONE"),
        ("1381234567", "E-ID-PHONE"),
        ("138123456789", "E-ID-PHONE"),
        ("13812345678/13912345678", "E-ID-PHONE"),
        ("010-6812345", "E-ID-PHONE"),
        ("0635-1123456", "E-ID-PHONE"),
        ("026-68123456", "E-ID-PHONE"),
        ("无", "E-ID-PHONE"),
        ("8123456", "E-ID-PHONE-AREA"),
        ("88123456", "E-ID-PHONE-AREA"),
    ],
)
def test_what_is_no_telephone_is_refused(text, code):
    assert refusal(check_phone, text) == code


def test_a_city_gives_its_area_code_to_numbers_without():
    assert check_phone("8123456", area="0635") == "0635-8123456"
    assert check_phone("0531-88123456", area="0635") == "0531-88123456"
    assert check_phone("13812345678", area="0635") == "13812345678"


# -- what is shown


def test_what_an_official_sees():
    assert masked_identity("371500189001011234") == "371500********1234"
    assert masked_identity("371500900101123") == "371500******123"
    assert masked_phone("13812345678") == "138****5678"
    assert masked_phone("0531-88123456") == "0531-****3456"
    assert masked_phone("0635-8123456-801") == "0635-****456"
    assert masked_phone("4008123456") == "400***3456"
    assert masked_name("王小明") == "王**"
    assert masked_name("欧阳小明") == "欧**"
    assert masked_name("王 明") == "王*"
    assert masked_name("王小明、李红") == "王**、李*"
    assert [masked_identity(""), masked_phone(""), masked_name("")] == ["", "", ""]


@given(identities())
def test_the_day_of_birth_is_never_shown(number):
    shown = masked_identity(number)

    assert shown[6:14] == "*" * 8
    assert masked_identity(shown) == shown


@given(st.text(alphabet=st.characters(categories=["Lo", "Nd"]), min_size=1))
def test_of_any_text_less_than_half_is_shown_and_never_the_whole(text):
    for mask in (masked_identity, masked_phone, masked_name):
        assert text != mask(text)
    if len(text) not in (15, 18):
        assert 2 * sum(one != "*" for one in masked_identity(text)) < max(1, len(masked_identity(text)))
