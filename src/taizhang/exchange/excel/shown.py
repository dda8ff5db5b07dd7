"""What a cell shows: a date or number in its format, as Excel shows it in Chinese.

A cell that shows 2003年5月 says a month, whatever day is stored behind it.  Only what changes the
text is followed: sections, literals, digits, thousands, percent, and the parts of dates; colours,
widths and Chinese digits ([DBNum1]) are not.

Source: ECMA-376-1 (2016), 18.8.30 and 18.8.31 (numFmt); the built-in formats of zh-CN are those of
18.8.30 for that language.

Reads from: nothing of ours.  Read by: ``opening``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

__all__ = ["BUILT_IN", "precision", "shown"]

BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%",
    14: "yyyy/m/d", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM",
    20: "h:mm", 21: "h:mm:ss", 22: "yyyy/m/d h:mm", 27: 'yyyy"年"m"月"', 28: 'm"月"d"日"',
    29: 'm"月"d"日"', 30: "m-d-yy", 31: 'yyyy"年"m"月"d"日"', 32: 'h"时"mm"分"', 33: 'h"时"mm"分"ss"秒"',
    34: '上午/下午h"时"mm"分"', 35: '上午/下午h"时"mm"分"ss"秒"', 36: 'yyyy"年"m"月"',
    37: "#,##0;-#,##0", 38: "#,##0;-#,##0", 39: "#,##0.00;-#,##0.00", 40: "#,##0.00;-#,##0.00",
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 49: "@", 50: 'yyyy"年"m"月"', 51: 'm"月"d"日"',
    52: 'yyyy"年"m"月"', 53: 'm"月"d"日"', 54: 'm"月"d"日"', 55: '上午/下午h"时"mm"分"',
    56: '上午/下午h"时"mm"分"ss"秒"', 57: 'yyyy"年"m"月"', 58: 'm"月"d"日"',
}  # fmt: skip
_MONTHS = "一二三四五六七八九十"
_DAYS = ("星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六")
_TOKEN = re.compile(
    r'"([^"]*)"|\\(.)|_.|\*.|\[\$([^\]-]*)[^\]]*\]|\[(h+|m+|s+)\]|\[[^\]]*\]'
    r"|(AM/PM|A/P|上午/下午)|(y+|m+|d+|h+|s+(?:\.0+)?|[ae]+)|([#0?.,]+(?:E[+-]0+)?)|(General)|(%)|(.)",
    re.IGNORECASE | re.DOTALL,
)
_SECTIONS = re.compile(r';(?=(?:[^"]*"[^"]*")*[^"]*$)')


def precision(code: str) -> str:
    """What a format shows of a date: ``day``, or only ``month`` or ``year`` where it hides the rest.

    A format without a year hides nothing that would be invented: the cell holds the year that was meant.

    >>> precision('yyyy"年"m"月"d"日"'), precision('yyyy"年"m"月"'), precision("yyyy"), precision("m/d")
    ('day', 'month', 'year', 'day')
    """
    parts = {one[0] for one in _date_parts(code)}
    if "d" in parts or not parts & {"y", "e"}:
        return "day"
    return "month" if "m" in parts else "year"


def shown(value: datetime | Decimal, code: str) -> str:
    """The text of a date or number in a format.

    Args:
        value: A moment, or a number.
        code: The format.

    >>> shown(Decimal("1111.1111"), "#,##0.00"), shown(datetime(2020, 1, 1), 'yyyy"年"m"月"')
    ('1,111.11', '2020年1月')
    """
    sections = _SECTIONS.split(code)
    if isinstance(value, datetime):
        return "".join(_moment(value, sections[0])).strip()
    negative = value < 0 and len(sections) > 1
    section = sections[1] if negative else sections[2] if value == 0 and len(sections) > 2 else sections[0]
    return "".join(_number(-value if negative else value, section)).strip()


# --------------------------------------------------------------------------------- dates


def _date_parts(code: str) -> Iterator[str]:
    """The parts of a date that a format shows, ``n`` for minutes."""
    last = ""
    found = [part for part in _TOKEN.finditer(_SECTIONS.split(code)[0]) if part[6] or part[4]]
    for number, part in enumerate(found):
        text = (part[6] or part[4]).lower()
        following = (found[number + 1][6] or found[number + 1][4] or "") if number + 1 < len(found) else ""
        if text[0] == "m" and len(text) < 3 and (last == "h" or following[:1].lower() == "s"):
            text = "n" * len(text)
        last = text[0]
        yield text


def _moment(day: datetime, code: str) -> Iterator[str]:
    parts = _date_parts(code)
    halves = bool(re.search(r"AM/PM|A/P|上午/下午", code, re.IGNORECASE))
    for found in _TOKEN.finditer(code):
        if found[6] or found[4]:
            yield _part(day, next(parts), halves=halves)
        elif found[5]:
            yield "上午" if day.hour < 12 else "下午"
        else:
            yield found[7] or _literal(found)  # a point between year and month is no digit


def _part(day: datetime, part: str, *, halves: bool) -> str:
    kind, size = part[0], len(part)
    if kind == "y":
        return f"{day.year % 100:02d}" if size < 3 else f"{day.year:04d}"
    if kind == "m":
        name = _MONTHS[day.month - 1] if day.month <= 10 else "十" + _MONTHS[day.month - 11]
        return (f"{day.month}", f"{day.month:02d}", f"{name}月", f"{name}月", name[:1])[min(size, 5) - 1]
    if kind == "d":
        week = _DAYS[day.isoweekday() % 7]
        return (f"{day.day}", f"{day.day:02d}", f"周{week[-1]}", week)[min(size, 4) - 1]
    if kind == "a":
        return _DAYS[day.isoweekday() % 7][-1 if size < 4 else 0 :]
    if kind == "e":
        return f"{day.year}"
    whole = {"h": (day.hour % 12 or 12) if halves else day.hour, "n": day.minute, "s": day.second}[kind]
    main, point, digits = part.partition(".")
    fraction = f"{day.microsecond:06d}"[: len(digits)].ljust(len(digits), "0")
    return f"{whole:0{min(len(main), 2)}d}{point}{fraction}"


def _literal(found: re.Match[str]) -> str:
    """What stands for itself; of a filler and a colour nothing."""
    text = next((one for one in (found[1], found[2], found[3], found[9], found[10]) if one is not None), "")
    return "".join(text)


# ------------------------------------------------------------------------------- numbers


def _number(value: Decimal, code: str) -> Iterator[str]:
    tokens = list(_TOKEN.finditer(code))
    value *= Decimal(100) ** sum(bool(one[9]) for one in tokens)
    done = False
    for found in tokens:
        if found[8] or (found[10] == "@"):
            yield f"{value.normalize():f}"
        elif found[7] and not done:
            done = True
            yield _digits(value, found[7])
        elif not found[7]:
            yield _literal(found)


def _digits(value: Decimal, code: str) -> str:
    """The digits of a number by their places; commas behind the last divide by a thousand."""
    code = code.partition("E")[0]
    whole, point, behind = code.partition(".")
    scaled = value / Decimal(1000) ** (len(code) - len(code.rstrip(",")))
    places = len(behind.rstrip(","))
    rounded = scaled.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = f"{rounded:,.{places}f}" if "," in whole.rstrip(",") else f"{rounded:.{places}f}"
    optional = len(behind) - len(behind.rstrip("#?"))
    if point and optional:
        head, _, tail = text.partition(".")
        kept = tail[: places - optional] + tail[places - optional :].rstrip("0")
        text = f"{head}.{kept}" if kept else head
    return text
