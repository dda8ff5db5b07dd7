"""What single cells look like: a number, a day, a choice, a name or a sentence.

Reads from: ``cells`` of the readers.  Read by: every other module of this folder but ``words``.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from taizhang.exchange.excel.cells import Cell

__all__ = ["Kind", "is_numbering", "kind_of", "text_of"]

_LONGEST = 400  # characters of a cell that are looked at
_SENTENCE = 24  # a text of so many characters is no name

_NUMBER = re.compile(
    r"^[-+±≥≤><＞＜＝=≈约¥￥$]*\s*[(（]?[-+]?\d[\d,，]*(\.\d+)?\s*[)）]?-?\s*(%|％|‰)?$"
    r"|^#(N/A|VALUE!|REF!|DIV/0!|NAME\?|NUM!|NULL!)$"
)
_MEASURE = re.compile(  # 57.7℃, 28,945千克, 240mm×130mm, 10-40, 5-10年
    r"^[-+±≥≤><＞＜≈约Φφ]*\s*\d[\d,，.]*\s*([-~～/×xX*:：至]\s*[-+]?\d[\d,，.]*\s*)*"
    r"[A-Za-z0-9%‰℃°Ω/²³㎡㎥·.*()（）千万亿百米克吨升度伏安瓦元年月日天时分秒人个只台件套户张次倍马赫英寸公里两]{0,12}$"
)
_DATE = re.compile(
    r"^\d{4}\s*[-./年]\s*\d{1,2}\s*([-./月]\s*(\d{1,2}\s*日?)?)?(\s+\d{1,2}:\d{2}(:\d{2})?)?$|^\d{1,2}:\d{2}(:\d{2})?$"
)
_PERIOD = re.compile(r"^(19|20)\d{2}\s*(年度?|年末|年初)?$|^\d{1,2}\s*月份?$|^第?[一二三四1-4]\s*季度$")
_CHOICE = re.compile(r"^(是|否|有|无|不适用|[√□☑☐×✓✔○●]+.*|[YN]|男|女)$")
_VOID = re.compile(r"^[-—–－/\\~*.…]+$")
_NUMBERED = re.compile(r"^[(（]?(\d{1,3})(?:\.0)?[)）]?(\s*=.{1,20})?$")
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Kind(Enum):
    """What a cell looks like."""

    BLANK = 0
    VOID = 1  #: a dash: filled, and says nothing
    NUMBER = 2
    MEASURE = 3  #: a number with its unit
    DATE = 4
    PERIOD = 5  #: 2021年, 3月: a value below a heading, and as often a heading
    CHOICE = 6  #: 是, √, 男
    SENTENCE = 7  #: long, or of several lines
    NAME = 8  #: a short text


def text_of(cell: Cell) -> str:
    """What stands in a cell, as far as it is looked at."""
    if isinstance(cell, str):
        return cell[:_LONGEST].strip()
    if isinstance(cell, int) and cell.bit_length() > _LONGEST:
        return "9" * _LONGEST  # Python writes no number of thousands of digits
    return "" if cell is None else str(cell)


def kind_of(cell: Cell) -> Kind:
    """What a cell looks like."""
    if isinstance(cell, str):
        return _kind_of_text(text_of(cell))
    if cell is None:
        return Kind.BLANK
    if isinstance(cell, bool):
        return Kind.CHOICE
    if isinstance(cell, date | datetime):
        return Kind.DATE
    if isinstance(cell, Decimal) and not cell.is_finite():
        return Kind.NUMBER
    if isinstance(cell, int | float | Decimal):
        return Kind.PERIOD if 1990 <= cell <= 2050 and cell == int(cell) else Kind.NUMBER
    return Kind.NAME


_PATTERNS = (
    (_VOID, Kind.VOID),
    (_PERIOD, Kind.PERIOD),
    (_NUMBER, Kind.NUMBER),
    (_DATE, Kind.DATE),
    (_MEASURE, Kind.MEASURE),
    (_CHOICE, Kind.CHOICE),
)


def _kind_of_text(text: str) -> Kind:
    if not text:
        return Kind.BLANK
    if len(text) <= 40:
        for pattern, kind in _PATTERNS:
            if pattern.match(text):
                return kind
    if len(text) > _SENTENCE or ("\n" in text and len(text) > _SENTENCE // 2):
        return Kind.SENTENCE
    return Kind.NAME


def is_numbering(texts: list[str]) -> bool:
    """Whether a row only numbers the columns: 1 2 3, (1) (2) (3), 甲 乙 1 2, A B C."""
    texts = [text for text in texts if text != "栏次"]
    numbers: list[int] = []
    letters = ""
    for text in texts:
        if found := _NUMBERED.match(text):
            numbers.append(int(found[1]))
        elif len(text) == 1 and (text in _STEMS or text in _LETTERS):
            letters += text
        else:
            return False
    row = _STEMS if letters and letters[0] in _STEMS else _LETTERS
    return len(texts) >= 3 and numbers == list(range(1, len(numbers) + 1)) and letters == row[: len(letters)]
