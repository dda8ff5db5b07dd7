"""How long a paper counts, as cells say it: 有，2024-03-01到期; 有（有效期至2024年3月1日）; 2023-11-01出具.

Only what is written out is read: a day by which it lapses, or a day on which it was issued.  A cell
that speaks of either and names no day is refused; nothing is supposed.

Reads from: ``cells``, ``rules.terms``.  Read by: ``rows``, ``values``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from taizhang.exchange.excel.cells import Cell, word_of
from taizhang.rules.terms import Pack

__all__ = ["Dated", "Unclear", "last_day", "parted"]

_DAY = r"(?<!\d)(?P<day>\d{4}[-./年]\d{1,2}[-./月]\d{1,2}日?|\d{8})(?!\d)"
_LAPSES = re.compile(
    r"(?:(?:有效期?限?)?(?:截[止至](?:日期|日)?[至到为:]{0,2}|[至到为:]{1,2})|[已将]?于?)"
    rf"{_DAY}止?(?P<ends>到期|失效|过期|有效|期满)?$"
)
_ISSUED = re.compile(
    rf"(?:于?{_DAY}(?:出具|签发|开具)"
    r"|(?:出具|签发|开具)(?:日期|时间|日|于)?:?(?P<after>\d{4}[-./年]\d{1,2}[-./月]\d{1,2}日?|\d{8}))$"
)
_OVER = ("失效", "过期")  # on this day it counts no more
_SPEAKS = re.compile(r"到期|失效|过期|有效|期满|截[止至]|出具|签发|开具")
_DAYLIKE = re.compile(r"\d{4}[-./年]\d{1,2}|(?<!\d)\d{8}(?!\d)")
_BETWEEN = re.compile(r"[,;，；、()（）]")
_EDGES = ",;，；、()（） "


@dataclass(frozen=True, slots=True)
class Dated:
    """A cell taken apart."""

    rest: str  #: what it says beside the days, by which it is looked up; empty where it says no more
    until: date | None = None  #: last day on which the paper counts
    issued: date | None = None


@dataclass(frozen=True, slots=True)
class Unclear:
    """A cell that speaks of validity without a day that could be read."""

    text: str


def parted(cell: Cell) -> Dated | Unclear | None:
    """Take the days of issue and of validity out of what is said of a paper.

    Returns:
        ``None`` where the cell speaks of neither.

    >>> parted("有（有效期至2024年3月1日）")
    Dated(rest='有', until=datetime.date(2024, 3, 1), issued=None)
    >>> parted("鲁（2024）第12号，2023-11-01出具")
    Dated(rest='鲁(2024)第12号', until=None, issued=datetime.date(2023, 11, 1))
    >>> parted("有，2024年2月到期"), parted("有")
    (Unclear(text='有,2024年2月到期'), None)
    """
    if not isinstance(cell, str) or not _SPEAKS.search(word := word_of(cell)):
        return None
    rest, until, issued = word, None, None
    for part in filter(None, _BETWEEN.split(word)):
        if not (_SPEAKS.search(part) and _DAYLIKE.search(part)):
            continue
        lapses, found = _LAPSES.search(part), _ISSUED.search(part)
        match = found or (lapses if lapses and _SPEAKS.search(lapses[0]) else None)
        day = _day_of(match) if match else None
        if match is None or day is None:
            return Unclear(word)
        rest = rest.replace(match[0], "", 1)
        if match is found:
            issued = day
        elif match["ends"] in _OVER:
            until = day - timedelta(days=1)
        else:
            until = day
    if until is None and issued is None:
        return None
    return Dated(_tidy(rest), until, issued)


def _day_of(match: re.Match[str]) -> date | None:
    groups = match.groupdict()
    digits = re.findall(r"\d+", groups.get("day") or groups.get("after") or "")
    if len(digits) == 1:
        digits = [digits[0][:4], digits[0][4:6], digits[0][6:]]
    try:
        found = date(*map(int, digits))
    except ValueError:
        return None
    return found if 1900 <= found.year <= 2200 else None


def _tidy(text: str) -> str:
    """What is left when days were taken out: no empty brackets, no loose commas."""
    text = re.sub(r"\([,;，；、]*\)", "", text)
    if text.count("(") != text.count(")"):
        text = text.strip("()")
    return text.strip(",;，；、 ")


def last_day(pack: Pack, paper: str, said: Dated) -> date | None:
    """The last day on which a paper counts: as written, or by the law from the day it was issued.

    Where both are said, the earlier counts.

    Args:
        pack: Says how long papers count.
        paper: Its id.
        said: What the cell says.
    """
    one = pack.evidence.get(paper)
    days = [said.until] if said.until else []
    if said.issued and one is not None and one.valid_for is not None:
        days.append(one.valid_for.until(said.issued))
    return min(days, default=None)
