"""From a cell to the text of an identity field: names, numbers and counts, exactly as they stand.

Reads from: ``cells``, ``values``, ``rules.terms``.  Read by: ``rows``.
"""

from __future__ import annotations

import re
from datetime import date

from taizhang.exchange.excel.cells import Cell, as_text, word_of
from taizhang.exchange.excel.values import (
    EXACT_DIGITS,
    ROUNDED_NUMBER,
    SILENT,
    Nearly,
    Refusal,
    day_of_serial,
    words,
)
from taizhang.rules.terms import Label

__all__ = ["read_identity"]

_LONGEST = 2_000  # characters of an identity field
# of names that an office files under: with its county a home's place has 400 at most
_LONGEST_NAME = {
    "county": 60,
    "street": 60,
    "neighbourhood": 60,
    "estate": 150,
    "building": 60,
    "entrance": 30,
    "unit": 60,
}
_COUNTS = {"units_total": 100_000, "buildings_total": 10_000}
_COUNT = re.compile(r"^共?(\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.0+)?(户|套|幢|栋|座)?$")
_NUMBERED = words(
    "estate building unit id_number phone credit_code contract_number unit_code certificate_number"
)
_ROUNDED = re.compile(r"^\d\.\d+E\+1[4-9]$", re.IGNORECASE)

_MADE_A_DATE = Refusal(
    "C-VALUE",
    "Excel has made a date of a number; enter it again as text, for example '3-101.",
    "Excel 已将编号变成日期，请以文本格式重新填写，例如 '3-101。",
)


def read_identity(field: str, cell: Cell, *, date_1904: bool = False) -> tuple[str, Refusal | Nearly | None]:
    """The text of an identity field, exactly, and what is wrong with it or must be said of it."""
    text = as_text(cell)
    if field.endswith("_on") and (day := day_of_serial(cell, date_1904=date_1904)):
        return day.isoformat(), Nearly(day.isoformat(), Label(day.isoformat(), day.isoformat()))
    if field in _COUNTS:
        return _count(text, _COUNTS[field])
    if isinstance(cell, float) and text.isdecimal() and len(text) < EXACT_DIGITS:
        return text, None  # the number of a row: each has its own, so this way is short
    if (isinstance(cell, float) and abs(cell) >= 10**EXACT_DIGITS) or _ROUNDED.match(text):
        return "", ROUNDED_NUMBER
    if isinstance(cell, date) and field in _NUMBERED:
        return text, _MADE_A_DATE
    most = _LONGEST_NAME.get(field, _LONGEST)
    if len(text) > most:
        return text[:most].rstrip(), Refusal(
            "C-LONG",
            f"The text has {len(text)} characters; shorten it to {most}. The first {most} are used.",
            f"文本长达 {len(text)} 字，请缩短至 {most} 字以内；现只用前 {most} 字。",
        )
    return text, None


def _count(text: str, most: int) -> tuple[str, Refusal | None]:
    """A number of units or buildings, as digits."""
    word = word_of(text)
    if not word or word in SILENT:
        return "", None
    found = _COUNT.match(word)
    number = int(found[1].replace(",", "")) if found else most + 1
    if number <= most:
        return str(number), None
    return "", Refusal(
        "C-VALUE",
        f"Expected a whole number up to {most}; for example 84.",
        f"应为不超过 {most} 的整数；例如 84。",
    )
