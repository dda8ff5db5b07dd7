"""From a cell to a value: what officers write, read without guessing.

Each reader returns a value, ``None`` where nothing is said, or a :class:`Refusal` with what was
expected and an example.

Reads from: ``rules.terms``.  Read by: ``reading``.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from taizhang.exchange.excel.headings import normal
from taizhang.exchange.excel.tables import Cell
from taizhang.rules.terms import Fact, Held, Value

__all__ = ["Read", "Refusal", "as_text", "read_fact", "read_held"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a cell was not understood."""

    code: str
    en: str
    zh: str


Read: TypeAlias = Value | Refusal | None

_SILENT = {"", "不清楚", "未知", "不详", "待核实", "待查", "?", "？", "不涉及", "无需", "—", "-", "--", "/", "／", "n/a", "不适用"}
_THERE = {"√", "✓", "✔", "有", "齐", "齐全", "已提供", "已办", "已办理", "已取得", "已完成", "已交", "已缴", "是", "y", "yes", "对", "具备", "完整", "1"}
_MISSING = {"缺", "缺失", "无", "没有", "未办", "未办理", "未取得", "未提供", "×", "✗", "x", "否", "n", "no", "不齐", "不全", "0", "未交", "未缴"}
_LOST = {"灭失", "无法取得", "无法提供", "遗失不可补", "无法补办", "已灭失", "不可补"}
_NUMBER = re.compile(r"^[+-]?\d[\d,]*(?:\.\d+)?$")
_DOCUMENT = re.compile(r"(?=.*\d)(?=.*[字第〔\[（(号])")
_UNIT = re.compile(r"(㎡|m2|m²|平方米|平米|元|%|户|套|幢|栋|层|人|套住房)$")
_DAY = re.compile(r"^(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?$")
_MONTH = re.compile(r"^(\d{4})(?:[-./年](\d{1,2})月?|年)?$")


def as_text(cell: Cell) -> str:
    """A cell as text, exactly: whole numbers without a point, dates as written in ISO form."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e18:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time().isoformat() == "00:00:00" else cell.isoformat(" ")
    return str(cell).strip()


def _plain(cell: Cell) -> str:
    return unicodedata.normalize("NFKC", as_text(cell)).strip()


def read_held(cell: Cell) -> Held | Refusal | None:
    """Whether a paper is there."""
    text = _plain(cell)
    word = text.casefold()
    if word in _SILENT or as_text(cell) in _SILENT:
        return None
    if word in _THERE or as_text(cell) in _THERE:
        return Held.ON_HAND
    if word in _MISSING or as_text(cell) in _MISSING:
        return Held.MISSING
    if word in _LOST:
        return Held.UNOBTAINABLE
    if _DOCUMENT.match(text) or isinstance(cell, date):
        return Held.ON_HAND  # the number or the date of the paper itself
    return Refusal(
        "C-VALUE",
        "Expected 有 (there), 缺 (missing), 灭失 (cannot be had), 不清楚 or nothing; for example 有.",
        "应填写：有、缺、灭失、不清楚，或留空；例如“有”。",
    )


def read_fact(fact: Fact, cell: Cell, heading: str = "") -> Read:
    """The value of a fact by its type; ``heading`` may carry the unit, such as 万元."""
    text = _plain(cell)
    if text.casefold() in _SILENT or as_text(cell) in _SILENT:
        # "/" and 不涉及 are answers only where the fact has such a value
        named = _enum(fact, text) if fact.type == "enum" and text and text not in ("/", "-", "—", "?") else None
        return named if isinstance(named, str) else None
    if fact.type == "bool":
        return _bool(text)
    if fact.type == "enum":
        return _enum(fact, text)
    if fact.type == "date":
        return _date(cell, text)
    if fact.type in ("decimal", "integer", "money"):
        return _number(fact, cell, text, heading)
    return text


def _bool(text: str) -> bool | Refusal:
    word = text.casefold()
    if word in _THERE or word in ("true", "属于", "存在"):
        return True
    if word in _MISSING or word in ("false", "不属于", "不存在", "不是"):
        return False
    return Refusal("C-VALUE", "Expected 是 or 否, or nothing where it is not known.", "应填写“是”或“否”，不清楚时留空。")


def _enum(fact: Fact, text: str) -> str | Refusal:
    wanted = normal(text)
    spellings = {value: {normal(value), normal(label.zh), normal(label.en)} for value, label in fact.values.items()}
    exact = [value for value, names in spellings.items() if wanted in names]
    if len(exact) == 1:
        return exact[0]
    inside = [value for value, names in spellings.items() if any(wanted in name or name in wanted for name in names if len(name) > 1)]
    if len(inside) == 1 and len(wanted) > 1:
        return inside[0]
    options = "、".join(label.zh for label in fact.values.values())
    english = ", ".join(label.en for label in fact.values.values())
    example = next(iter(fact.values.values()))
    return Refusal(
        "C-VALUE", f"Expected one of: {english}; for example {example.en}.", f"应为以下之一：{options}；例如“{example.zh}”。"
    )


def _date(cell: Cell, text: str) -> date | Refusal:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    found = _DAY.match(text.replace(" ", ""))
    if found:
        try:
            return date(*(int(part) for part in found.groups()))
        except ValueError:
            return _no_date()
    if _MONTH.match(text.replace(" ", "")):
        return Refusal(
            "C-DATE-PRECISION",
            "A day is needed, a month or year is not a day; write it as 2003-05-31, or leave the cell empty.",
            "需要具体日期，仅有年月不能代替；请写作 2003-05-31，或留空。",
        )
    return _no_date()


def _no_date() -> Refusal:
    return Refusal("C-DATE", "Not a date; write it as 2003-05-31, or leave the cell empty.", "不是有效日期；请写作 2003-05-31，或留空。")


def _number(fact: Fact, cell: Cell, text: str, heading: str) -> Value | Refusal:
    amount = text.replace(" ", "")
    times = Decimal(1)
    if amount.endswith("万元") or (fact.type == "money" and "万元" in unicodedata.normalize("NFKC", heading)):
        times = Decimal(10_000)
    amount = _UNIT.sub("", amount.removesuffix("万元")).removeprefix("¥").removeprefix("第")
    percent = text.endswith("%")
    try:
        if isinstance(cell, float) and not isinstance(cell, bool):
            number = Decimal(repr(cell))
        elif _NUMBER.match(amount):
            number = Decimal(amount.replace(",", ""))
        else:
            return _no_number(fact)
    except InvalidOperation:
        return _no_number(fact)
    number *= times
    if percent:
        number /= 100
    low, high = fact.minimum, fact.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        return Refusal("C-VALUE", f"Expected a number from {low} to {high}.", f"数值应在 {low} 与 {high} 之间。")
    if fact.type == "money":
        fen = number * 100
        return int(fen) if fen == fen.to_integral_value() else _no_number(fact)
    if fact.type == "integer" and number != number.to_integral_value():
        return _no_number(fact)
    return number


def _no_number(fact: Fact) -> Refusal:
    example = {"money": "358000.00", "integer": "1"}.get(fact.type, "89.50")
    return Refusal("C-VALUE", f"Expected a number; for example {example}.", f"应为数字；例如 {example}。")
