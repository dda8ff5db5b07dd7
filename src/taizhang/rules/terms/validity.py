"""How long a paper counts: its validity, and papers on hand that lapse.

Reads from: nothing.  Read by: ``law``, ``result``.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

__all__ = ["Lapse", "Validity"]

_WRITTEN = re.compile(r"P(?:(\d{1,3})Y)?(?:(\d{1,3})M)?(?:(\d{1,3})W)?(?:(\d{1,4})D)?")


@dataclass(frozen=True, slots=True)
class Validity:
    """How long something counts from the day it was issued; never nothing.

    The day of issue is not counted, the last day belongs to the validity.  A period of months or
    years ends on the day of the last month that has the same number, and where there is none, on
    the last day of that month.  A last day that is a holiday is not put off: that rule is about
    acts, and reading it into the validity of a paper would be to the reader's harm.

    Source:
        Civil Code of the PRC, articles 201 and 202.

    >>> Validity(days=90).until(date(2024, 1, 28)), Validity(months=1).until(date(2024, 1, 31))
    (datetime.date(2024, 4, 27), datetime.date(2024, 2, 29))
    """

    months: int = 0  #: a year is twelve
    days: int = 0

    @classmethod
    def parse(cls, text: str) -> Validity | None:
        """Return the validity an ISO 8601 duration means; nothing where it is none or is empty.

        >>> Validity.parse("P90D"), Validity.parse("P1Y6M"), Validity.parse("90D"), Validity.parse("P0D")
        (Validity(months=0, days=90), Validity(months=18, days=0), None, None)
        """
        found = _WRITTEN.fullmatch(text)
        if found is None:
            return None
        years, months, weeks, days = (int(part or 0) for part in found.groups())
        one = cls(12 * years + months, 7 * weeks + days)
        return one if one.months or one.days else None

    def until(self, issued: date) -> date:
        """Return the last day on which something issued on ``issued`` counts."""
        year, month = divmod(issued.year * 12 + issued.month - 1 + self.months, 12)
        if year >= date.max.year:
            return date.max
        last = calendar.monthrange(year, month + 1)[1]
        return date(year, month + 1, min(issued.day, last)) + timedelta(self.days)

    def in_(self, language: str) -> str:
        """Return the validity in words, ``zh`` or ``en``.

        >>> Validity(months=18, days=2).in_("zh"), Validity(months=12).in_("en"), Validity(days=90).in_("zh")
        ('18个月又2日', '1 year', '90日')
        """
        years, months = divmod(self.months, 12)
        if months or not years:
            years, months = 0, self.months
        parts = [(years, "年", "year"), (months, "个月", "month"), (self.days, "日", "day")]
        if language == "zh":
            return "又".join(f"{count}{unit}" for count, unit, _ in parts if count)
        return " and ".join(f"{n} {unit}{'s' if n > 1 else ''}" for n, _, unit in parts if n)


@dataclass(frozen=True, slots=True, order=True)
class Lapse:
    """A paper on hand at one place whose validity ends too early, or soon."""

    item: str
    place: str
    until: date  #: the last day on which it counts
    renewal: bool  #: it lapses before its use, and is planned as missing
    use: int | None = None  #: working day of the plan on which it would have been used; None: lapsed already
    units: int = 0  #: units whose plan uses it, or its renewal; 0: the plan does without it
