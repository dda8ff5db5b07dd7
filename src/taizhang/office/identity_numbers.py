"""Numbers of persons, companies and telephones: read, checked, and hidden for display.

Each ``check_...`` returns the one way in which we keep a number, however it was typed: full-width
characters, spaces, a small x.  A message never quotes the number whole: messages end up in logs.

The region at the head of a number is only a hint.  Codes of districts come and go, the number of a
person stays, and lists of codes refuse people of new districts; so no list decides here.

Reads from: nothing of ours but the errors.  Read by: import, acts and pages of the office.

Source:
    GB 11643-1999 (18 digits, MOD 11-2, and the 15 digits before), GB 32100-2015 (credit code, MOD 31),
    ISO/IEC 7064:2003 (what MOD 11-2 notices: every wrong digit, every exchange of two neighbours);
    the numbering plan for telephones of 2003, 电信网编号计划.
"""

from __future__ import annotations

import re
from datetime import date

from taizhang.errors import InputError

__all__ = [
    "check_credit_code",
    "check_identity",
    "check_phone",
    "eighteen_digits",
    "masked_identity",
    "masked_name",
    "masked_phone",
]

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # the full-width twins of ASCII
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−－ー"), "-")
_NOT_SEEN = re.compile(r"[\s\u200b-\u200f\u202a-\u202e\u2060\ufeff]+")
_TEN = str.maketrans("×ⅩⅹХх", "XXXXX")  # what is typed for the Roman ten: a times sign, numerals, a Cyrillic

_IDENTITY = re.compile(r"\d{17}[\dX]|\d{15}", re.ASCII)
_IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_IDENTITY_CHECK = "10X98765432"
_HUNDRED_YEARS = ("996", "997", "998", "999")  # order numbers kept for those born in the century before
_FIRST_YEAR = 1800
_ROUNDED = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.ASCII)

_CREDIT_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT = re.compile(rf"[{_CREDIT_LETTERS}]{{2}}\d{{6}}[{_CREDIT_LETTERS}]{{10}}", re.ASCII)

_MOBILE = re.compile(r"(?:(?:\+|00)?86)?0?(1[3-9]\d{9})", re.ASCII)
_SERVICE = re.compile(r"[48]00\d{7}", re.ASCII)
_AREA = r"10|2[0-57-9]|[3-9]\d\d"
_LANDLINE = re.compile(
    rf"(?:(?:(?:\+|00)?86-?)\(?0?(?P<abroad>{_AREA})\)?-?|\(?0(?P<home>{_AREA})\)?-?)?"
    r"(?P<local>[2-8]\d{6,7})"
    r"(?:(?:-|转|#|EXT\.?|X)(?P<extension>\d{1,6}))?",
    re.ASCII,
)


def check_identity(text: str, *, on: date | None = None) -> str:
    """Return a resident identity number as it is kept: 18 characters, or 15 digits of before 1999.

    Args:
        text: As typed.
        on: The day on which it is checked; nobody is born after it.  ``None`` does not ask.

    Raises:
        InputError: ``E-ID-FORM``, ``E-ID-ROUNDED``, ``E-ID-DATE``, ``E-ID-CHECK``.

    Source: GB 11643-1999, sections 4 and 5.

    >>> check_identity("１１０１０５ 19491231 002x")
    '11010519491231002X'
    """
    number = _folded(text).translate(_TEN)
    if _ROUNDED.fullmatch(number):
        raise InputError(
            "A spreadsheet has rounded the identity number to {shown}.",
            hint="Format the column as text and enter the number again.",
            zh="证件号已被表格软件舍入为{shown}，请将该列设为文本格式后重新填写。",
            code="E-ID-ROUNDED",
            shown=re.sub(r"\d", "*", number),
        )
    if not _IDENTITY.fullmatch(number):
        raise InputError(
            "{shown} is not an identity number; it has {count} characters.",
            hint="Write 18 digits, the last of which may be X, or the 15 digits of an old card.",
            zh="“{shown}”不是居民身份证号（共{count}位）：应为18位，末位可为X，或旧证15位数字。",
            code="E-ID-FORM",
            shown=masked_identity(number),
            count=len(number),
        )
    _check_birth(number, on)
    if len(number) == 18 and _identity_check(number[:17]) != number[17]:
        raise InputError(
            "The check digit of identity number {shown} does not fit.",
            hint="Compare it digit by digit with the card.",
            zh="身份证号{shown}的校验码不符，请对照证件逐位核对。",
            code="E-ID-CHECK",
            shown=masked_identity(number),
        )
    return number


def eighteen_digits(number: str) -> str:
    """Return the 18 characters of a checked number, so that the old and the new card of a person are equal.

    Args:
        number: What :func:`check_identity` returned.

    Source: GB 11643-1999: the year gets its century, and a check digit is added.

    >>> eighteen_digits("110105491231002")
    '11010519491231002X'
    """
    if len(number) == 18:
        return number
    century = "18" if number[12:] in _HUNDRED_YEARS else "19"
    longer = number[:6] + century + number[6:]
    return longer + _identity_check(longer)


def check_credit_code(text: str) -> str:
    """Return a unified social credit code as it is kept: 18 capital letters and digits.

    The check digit of the organisation code inside it is not asked for: the check
    character of the whole covers it.

    Raises:
        InputError: ``E-ID-CREDIT-FORM``, ``E-ID-CREDIT-CHECK``.

    Source: GB 32100-2015, sections 4 and 5 and its annex (MOD 31, powers of 3).

    >>> check_credit_code("9135 0100 m000 100y 43")
    '91350100M000100Y43'
    """
    code = _folded(text)
    if not _CREDIT.fullmatch(code):
        raise InputError(
            "{shown} is not a unified social credit code.",
            hint="Write its 18 characters, the 3rd to 8th of them digits; I, O, S, V and Z do not occur.",
            zh="“{shown}”不是统一社会信用代码：应为18位，第3至8位为数字，不含字母I、O、S、V、Z。",
            code="E-ID-CREDIT-FORM",
            shown=masked_identity(code),  # it may be the number of a person, in the wrong column
        )
    total = sum(_CREDIT_LETTERS.index(one) * pow(3, place, 31) for place, one in enumerate(code[:17]))
    if _CREDIT_LETTERS[-total % 31] != code[17]:
        raise InputError(
            "The check character of credit code {shown} does not fit.",
            hint="Compare it with the business licence.",
            zh="统一社会信用代码{shown}的校验码不符，请对照营业执照核对。",
            code="E-ID-CREDIT-CHECK",
            shown=masked_identity(code),
        )
    return code


def check_phone(text: str, *, area: str = "") -> str:
    """Return a telephone number as it is kept: 13812345678, 0635-8123456, 0635-8123456-801, 4001234567.

    Args:
        text: One number as typed, with or without +86.
        area: Area code of a landline that was written without, for example ``"0635"``.

    Raises:
        InputError: ``E-ID-PHONE``, ``E-ID-PHONE-AREA``.

    Source: 电信网编号计划 (2003): mobile numbers of 11 digits, area codes of 3 or 4 with the 0, local numbers
    of 7 or 8 that do not begin with 0, 1 or 9, and of 8 wherever the area code has 3.

    >>> check_phone("+86 138-1234-5678"), check_phone("（0635）8123456转801")
    ('13812345678', '0635-8123456-801')
    """
    folded = _folded(text)
    plain = folded.replace("-", "")
    if mobile := _MOBILE.fullmatch(plain):
        return mobile[1]
    if _SERVICE.fullmatch(plain):
        return plain
    landline = _LANDLINE.fullmatch(folded)
    if landline is None:
        raise _no_phone(plain)
    code = landline["abroad"] or landline["home"]
    code = f"0{code}" if code else area
    if not code:
        raise InputError(
            "The telephone number {shown} has no area code.",
            hint="Write it as 0635-8123456.",
            zh="电话号码{shown}缺少区号，请写成0635-8123456的形式。",
            code="E-ID-PHONE-AREA",
            shown=_guarded(plain, 0, 2),
        )
    if len(code) == 3 and len(landline["local"]) == 7:
        raise _no_phone(plain)
    return "-".join(filter(None, (code, landline["local"], landline["extension"])))


def masked_identity(text: str) -> str:
    """Return an identity number without the day of birth; of any other text, at most four characters.

    >>> masked_identity("371500189001011234"), masked_identity("371500900101123"), masked_identity("E1234")
    ('371500********1234', '371500******123', '*****')
    """
    number = _folded(text)
    if len(number) == 18:
        return _ends(number, 6, 4)
    if len(number) == 15:
        return _ends(number, 6, 3)
    return _guarded(number, 2, 2)


def masked_phone(text: str) -> str:
    """Return a telephone number without four of its digits, and without its extension.

    >>> masked_phone("138 1234 5678"), masked_phone("0635-8123456-801"), masked_phone("8123456")
    ('138****5678', '0635-****456', '*****56')
    """
    try:
        number = check_phone(text)
    except InputError:
        return _guarded(_folded(text), 0, 2)
    if "-" not in number:
        return _ends(number, 3, 4)
    code, local, *_ = number.split("-")
    return f"{code}-{_ends(local, 0, len(local) - 4)}"


def masked_name(text: str) -> str:
    """Return the first character of each person's name and one or two stars; how long a name is stays hidden.

    >>> masked_name("王小明"), masked_name("王 明、李红"), masked_name("阿不都热合曼·买买提")
    ('王**', '王*、李*', '阿**')
    """
    names = (_folded(name) for name in re.split(r"[、,，;；/]", text))
    return "、".join(_ends(name[:3], min(1, len(name) - 1), 0) for name in names if name)


def _folded(text: str) -> str:
    """Without what is not seen, in ASCII where there is a twin, in capitals."""
    return _NOT_SEEN.sub("", text.translate(_DASHES).translate(_WIDE)).lstrip("'’").upper()


def _ends(text: str, first: int, last: int) -> str:
    """A text with stars between its first and last characters."""
    return text[:first] + "*" * (len(text) - first - last) + text[len(text) - last :]


def _guarded(text: str, first: int, last: int) -> str:
    """The same for a text that may be anything: nothing at all where half of it would be seen."""
    return _ends(text, first, last) if len(text) > 2 * (first + last) else "*" * len(text)


def _identity_check(body: str) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(body, _IDENTITY_WEIGHTS, strict=True))
    return _IDENTITY_CHECK[total % 11]


def _check_birth(number: str, on: date | None) -> None:
    digits = number[6:14] if len(number) == 18 else eighteen_digits(number)[6:14]
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        born = None
    if born is None or born.year < _FIRST_YEAR or (on is not None and born > on):
        raise InputError(
            "The day of birth in identity number {shown} cannot be.",
            hint="Compare digits 7 to 14 with the card; of an old card, 7 to 12.",
            zh="身份证号{shown}中的出生日期有误，请对照证件核对第7至14位（旧证第7至12位）。",
            code="E-ID-DATE",
            shown=masked_identity(number),
        )


def _no_phone(plain: str) -> InputError:
    return InputError(
        "{shown} is not a telephone number.",
        hint="Write one number, as 13812345678 or 0635-8123456.",
        zh="“{shown}”不是有效的电话号码，每格请填一个，如13812345678或0635-8123456。",
        code="E-ID-PHONE",
        shown=_guarded(plain, 0, 2),
    )
