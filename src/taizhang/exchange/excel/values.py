"""From a cell to a value: what officers write, read without guessing.

Each reader returns a value, ``None`` where nothing is said, or a :class:`Refusal` with what was
expected and an example.  A choice that was recognised only by a part of its name comes back as
:class:`Nearly`, so that it can be said.

Reads from: ``cells``, ``headings``, ``validity``, ``rules.terms``.  Read by: ``identity``, ``rows``.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from taizhang.exchange.excel.cells import Cell, as_text, plain, word_of
from taizhang.exchange.excel.headings import normal
from taizhang.exchange.excel.validity import Unclear, parted
from taizhang.rules.terms import Fact, Held, Label, Value

__all__ = [
    "EXACT_DIGITS",
    "NOT_THERE",
    "ROUNDED_NUMBER",
    "SILENT",
    "Nearly",
    "Read",
    "Refusal",
    "day_of_serial",
    "read_day",
    "read_fact",
    "read_held",
    "words",
]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a cell was not understood."""

    code: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Nearly:
    """A choice recognised by a part of its name, a day by its bare number: used, and said."""

    value: Value
    label: Label


Read: TypeAlias = Value | Nearly | Refusal | None


def words(text: str) -> frozenset[str]:
    """The words of a line."""
    return frozenset(text.split())


SILENT = words("不清楚 未知 不详 待核实 待查 ? 不涉及 无需 — – - -- —— / n/a 不适用")
_THERE = words("√ ✓ ✔ 有 齐 齐全 已提供 已办 已办理 已取得 已完成 已交 已缴 是 y yes 对 具备 完整 1")
_MISSING = words("缺 缺失 无 没有 未办 未办理 未取得 未提供 × ✗ x 否 n no 不齐 不全 0 未交 未缴")
_LOST = words("灭失 已灭失 无法取得 无法提供 无法补办 遗失不可补 不可补")
_TRUE, _FALSE = words("true 属于 存在"), words("false 不属于 不存在 不是")

_DOCUMENT = re.compile(r"(?=.*\d)(?=.*(字|第|〔|号))")
_DENIED = re.compile(r"[未无缺没丢遗灭失待拟]|不(?!动产)|\d\s*号?(楼|幢|栋|单元|户|室)")
_TURNED = re.compile(r"[未无不没非否缺待拟部应疑原曾或?]")  # what is left of a choice must not turn it
_SCATTERED = re.compile(r"\d\s+[\d.,]|[.,]\s+\d")  # 75 18: two numbers, or one that lost its point
_DAY = re.compile(r"^(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?(?:00:00:00)?$|^(\d{4})(\d{2})(\d{2})$")
_MONTH = re.compile(r"^(1[89]|20)\d\d([-./年]\d{1,2}月?|\d\d|年)?$")
_FROM_1904 = 1_462  # days from 1899-12-30 to 1904-01-01
_SERIALS = range(15_000, 80_000)  # 1941 to 2119 as days since 1899-12-30
_NUMBER = re.compile(r"^[¥第]?([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(m2|\D*)$")
_UNITS = {
    "decimal": frozenset(("", "m2", "平方米", "平米", "%")),
    "integer": frozenset(("", "户", "套", "幢", "栋", "层", "人", "套住房")),
    "money": frozenset(("", "元", "元整", "万元", "万")),
}
_YUAN = {"万元": 10_000, "万": 10_000, "元": 1, "元整": 1}
EXACT_DIGITS = 15  # Excel keeps no more

_NO_STATE = Refusal(
    "C-VALUE",
    "Expected 有 (there), 缺 (missing), 灭失 (cannot be had), 不清楚 or nothing, "
    "or the number of the document; for example 有.",
    "应填写：有、缺、灭失、不清楚，或文书编号，或留空；例如“有”。",
)
_NO_ANSWER = Refusal(
    "C-VALUE",
    "Expected 是 or 否, or nothing where it is not known; for example 是.",
    "应填写“是”或“否”，不清楚时留空；例如“是”。",
)
_NO_DATE = Refusal(
    "C-DATE",
    "Not a date; write it as 2003-05-31, or leave the cell empty.",
    "不是有效日期；请写作 2003-05-31，或留空。",
)
_NO_DAY = Refusal(
    "C-DATE-PRECISION",
    "A day is needed, a month or year is not a day; write it as 2003-05-31, or leave the cell empty.",
    "需要具体日期，仅有年月不能代替；请写作 2003-05-31，或留空。",
)
NO_VALIDITY = Refusal(
    "C-VALIDITY",
    "How long the paper counts is not understood, so the paper is not counted as there; "
    "write it as 有，有效期至2024-03-01 or 有，2023-11-01出具.",
    "有效期或出具日期无法识别，此材料暂不计为已有；请写作“有，有效期至2024-03-01”或“有，2023-11-01出具”。",
)
NOT_THERE = Refusal(
    "C-VALIDITY",
    "Says how long a paper counts that is not there; correct one of the two, "
    "for example 有，有效期至2024-03-01.",
    "材料填为没有，却写明了有效期或出具日期；请更正其一，例如“有，有效期至2024-03-01”。",
)
_BELOW_FEN = Refusal(
    "C-VALUE",
    "An amount has at most two decimals of a yuan; for example 358000.00.",
    "金额以元为单位，最多两位小数；例如 358000.00。",
)
ROUNDED_NUMBER = Refusal(
    "C-NUMBER-PRECISION",
    "Excel has rounded this number to 15 digits; enter it again as text, for example '371500200001011234.",
    "Excel 已将此号码四舍五入为 15 位有效数字，请以文本格式重新填写，例如 '371500200001011234。",
)


# ------------------------------------------------------------------------------- papers


def read_held(cell: Cell) -> Held | Refusal | None:
    """Whether a paper is there; the number of a document says that it is."""
    word = word_of(cell)
    dated = parted(cell)
    if isinstance(dated, Unclear):
        return NO_VALIDITY
    if dated is not None:
        word = dated.rest
        return _dated_state(_state_of(word) if word else Held.ON_HAND)
    return _state_of(word)


def _dated_state(state: Held | Refusal | None) -> Held | Refusal:
    """The state of a paper that counts until a day: it is there, or the cell contradicts itself."""
    return NOT_THERE if state in (Held.MISSING, Held.UNOBTAINABLE) else (state or Held.ON_HAND)


def _state_of(word: str) -> Held | Refusal | None:
    if not word or word in SILENT:
        return None
    for words, state in ((_THERE, Held.ON_HAND), (_MISSING, Held.MISSING), (_LOST, Held.UNOBTAINABLE)):
        if word in words:
            return state
    return Held.ON_HAND if _DOCUMENT.match(word) and not _DENIED.search(word) else _NO_STATE


# -------------------------------------------------------------------------------- facts


def read_fact(fact: Fact, cell: Cell, yuan: int = 1, *, date_1904: bool = False) -> Read:
    """The value of a fact by its type.

    Args:
        fact: What is asked.
        cell: What stands there.
        yuan: What a bare 1 means where it is money.
        date_1904: Whether the workbook counts days from 1904, where a day is a bare number.
    """
    word = word_of(cell)
    if not word:
        return None
    if fact.type == "enum":
        return _enum(fact, word)
    if word in SILENT:
        return None
    if fact.type == "bool":
        return _bool(word)
    if fact.type == "date":
        return _date(cell, date_1904=date_1904)
    if fact.type in _UNITS:
        return _number(fact, cell, yuan)
    return as_text(cell)


def _bool(word: str) -> bool | Refusal:
    if word in _THERE or word in _TRUE:
        return True
    return False if word in _MISSING or word in _FALSE else _NO_ANSWER


def _enum(fact: Fact, word: str) -> str | Nearly | Refusal | None:
    wanted = normal(word)
    spellings = {
        value: (normal(value), normal(label.zh), normal(label.en)) for value, label in fact.values.items()
    }
    exact = [value for value, names in spellings.items() if wanted and wanted in names]
    if len(exact) == 1:
        return exact[0]
    near = [value for value, names in spellings.items() if any(_within(wanted, name) for name in names)]
    if len(near) == 1 and any(_alike(wanted, name) for name in spellings[near[0]]):
        return Nearly(near[0], fact.values[near[0]])
    if word in SILENT:
        return None
    zh, en = ([label.in_(language) for label in fact.values.values()] for language in ("zh", "en"))
    said = f"Expected one of: {', '.join(en)}; for example {en[0]}."
    return Refusal("C-VALUE", said, f"应为以下之一：{'、'.join(zh)}；例如“{zh[0]}”。")


def _within(wanted: str, name: str) -> bool:
    """Whether one contains the other; a bare 无 only opens a name, and 无需 and 无法 are other words."""
    if wanted in ("无", "没有"):
        return name.startswith("无") and name[1:2] not in ("需", "法")
    if name.isascii() or len(wanted) < 2 or len(name) < 2:
        return False  # "no" is within "abnormal"
    return wanted in name or name in wanted


def _alike(wanted: str, name: str) -> bool:
    """Whether what is left beside the common part does not turn its meaning."""
    if wanted in ("无", "没有") or not _within(wanted, name):
        return _within(wanted, name)
    if wanted[0] in "未不没非无" and not name.startswith(wanted):
        return name in wanted and wanted.startswith(name)  # 未注销 is within 吊销未注销, which says more
    short, long = sorted((wanted, name), key=len)
    return not _TURNED.search(long.replace(short, "", 1))


def read_day(cell: Cell, *, date_1904: bool = False) -> date | Nearly | Refusal | None:
    """The day in a column of days of issue or of validity; nothing where none is said."""
    word = word_of(cell)
    return None if not word or word in SILENT else _date(cell, date_1904=date_1904)


def _date(cell: Cell, *, date_1904: bool) -> date | Nearly | Refusal:
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, date):
        return cell if 1900 <= cell.year <= 2100 else _NO_DATE
    text = plain(cell)
    if found := _DAY.match(text):
        year, month, day = (int(part) for part in found.groups() if part)
        try:
            return date(year, month, day) if 1900 <= year <= 2100 else _NO_DATE
        except ValueError:
            return _NO_DATE
    if _MONTH.match(text):
        return _NO_DAY
    found_day = day_of_serial(cell, date_1904=date_1904)
    return Nearly(found_day, Label(*[found_day.isoformat()] * 2)) if found_day else _NO_DATE


def day_of_serial(cell: Cell, *, date_1904: bool) -> date | None:
    """The day of a number that lost its date format; nothing where it cannot be one.

    >>> day_of_serial(42370.0, date_1904=False), day_of_serial(12.0, date_1904=False)
    (datetime.date(2016, 1, 1), None)
    """
    if isinstance(cell, bool) or not isinstance(cell, int | float) or not 0 < cell < 1e6 or int(cell) != cell:
        return None
    days = int(cell) + (_FROM_1904 if date_1904 else 0)
    return date(1899, 12, 30) + timedelta(days=days) if days in _SERIALS else None


def _number(fact: Fact, cell: Cell, yuan: int) -> Value | Refusal:
    found = _amount(cell, _UNITS[fact.type])
    if found is None:
        return _no_number(fact)
    number, unit = found
    if abs(number) >= 10**EXACT_DIGITS:
        return ROUNDED_NUMBER if isinstance(cell, float) else _no_number(fact)
    if unit == "%":
        number = _shifted(number, -2)
    if fact.type == "money":
        number = _shifted(number, 4 if _YUAN.get(unit, yuan) > 1 else 0)
    low, high = fact.minimum, fact.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        return _out_of_range(low, high)
    if fact.type == "money":
        fen = _shifted(number, 2)
        return int(fen) if fen == fen.to_integral_value() else _BELOW_FEN
    if fact.type == "integer":
        return int(number) if number == number.to_integral_value() else _no_number(fact)
    return number


def _shifted(number: Decimal, places: int) -> Decimal:
    """The number with its point moved: exact, where arithmetic would round to 28 digits."""
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    return Decimal((sign, digits, exponent + places))


def _amount(cell: Cell, units: frozenset[str]) -> tuple[Decimal, str] | None:
    """A number and its unit.  Excel means 15 digits; what a float has beyond them is noise."""
    if isinstance(cell, bool | date):
        return None
    if isinstance(cell, int | Decimal):
        return Decimal(cell), ""
    if isinstance(cell, float):
        number = Decimal(f"{cell:.{EXACT_DIGITS}g}")
        return (number, "") if number.is_finite() else None
    text = as_text(cell)
    raised = (one for one in re.sub("[mM]²", "", text) if one.isdigit() and not one.isdecimal())
    if any(raised) or _SCATTERED.search(unicodedata.normalize("NFKC", text)):
        return None  # 75² is not 752
    found = _NUMBER.match(plain(cell))
    if not found or found[2] not in units:
        return None
    return Decimal(found[1].replace(",", "")), found[2]


def _no_number(fact: Fact) -> Refusal:
    example = {"money": "358000.00", "integer": "1"}.get(fact.type, "89.50")
    kind, zh = ("a whole number", "整数") if fact.type == "integer" else ("a number", "数字")
    return Refusal("C-VALUE", f"Expected {kind}; for example {example}.", f"应为{zh}；例如 {example}。")


def _out_of_range(low: Decimal | None, high: Decimal | None) -> Refusal:
    en = " and ".join([f"at least {low}"] * (low is not None) + [f"at most {high}"] * (high is not None))
    zh = "、".join([f"不小于 {low}"] * (low is not None) + [f"不大于 {high}"] * (high is not None))
    example = low if low is not None else high
    return Refusal(
        "C-VALUE", f"Expected a number {en}; for example {example}.", f"数值应{zh}；例如 {example}。"
    )
