"""Counting working days the way a Chinese administrative deadline is counted.

Weekends are not enough: each year's State Council notice makes some weekdays holidays and
some Saturdays and Sundays working days.  A calendar therefore answers only for the years
it was given, and refuses all others rather than guess.

The last days of December belong to a year that is known, but the notice for the *next*
year may still move them (the New Year holiday of 2019 began in 2018).  Until that notice
is entered they follow the notice of their own year, or their weekday.

Reads from: ``marked``, ``packs/calendars/cn.yaml``.  Read by: ``plan``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from taizhang.errors import CalendarError
from taizhang.rules.marked import Mapping_, Mark, Marked, Scalar, Sequence_, read_file
from taizhang.rules.terms import Label

__all__ = ["DayKind", "DayLine", "Notice", "WorkCalendar", "read_calendar"]

_DAY = timedelta(days=1)
_SATURDAY = 5
_CHINA = Path(__file__).resolve().parents[1] / "packs" / "calendars" / "cn.yaml"


class DayKind(StrEnum):
    """Why a day counts or does not."""

    BEGINS = "begins"  #: the day the period begins; never counted
    WORKDAY = "workday"  #: Monday to Friday, no holiday
    MAKE_UP = "make_up"  #: Saturday or Sunday made a working day by a notice
    WEEKEND = "weekend"  #: Saturday or Sunday
    HOLIDAY = "holiday"  #: Monday to Friday made free by a notice

    @property
    def label(self) -> Label:
        """The kind in both languages.

        >>> DayKind.MAKE_UP.label.zh
        '调休上班'
        """
        return _LABELS[self]


_LABELS = {
    DayKind.BEGINS: Label("开始之日，不计入", "the period begins; not counted"),
    DayKind.WORKDAY: Label("工作日", "working day"),
    DayKind.MAKE_UP: Label("调休上班", "make-up working day"),
    DayKind.WEEKEND: Label("休息日", "weekend"),
    DayKind.HOLIDAY: Label("节假日放假", "holiday"),
}


class DayLine(NamedTuple):
    """One day of an explained period."""

    day: date
    counted: bool  #: whether it is one of the working days of the period
    reason: DayKind


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice on which the days of one year rest."""

    year: int  #: the year it is made for
    title: str
    number: str = ""  #: document number, empty where not known
    issued_on: date | None = None
    verify: bool = False  #: not yet read in full with its number and date


@dataclass(frozen=True)
class WorkCalendar:
    """The working days of the years a calendar was told about.

    Attributes:
        years: Years that have a notice; a day of any other year is refused.
        holidays: Days from Monday to Friday that are free.
        makeup_days: Saturdays and Sundays that are working days.
        notices: Where the days come from, in order of years.
        name: The file named in errors.

    Raises:
        ValueError: a holiday on a weekend, or a make-up day on a weekday.

    >>> WorkCalendar.china().is_open(date(2024, 2, 18))
    True
    """

    years: frozenset[int]
    holidays: frozenset[date]
    makeup_days: frozenset[date]
    notices: tuple[Notice, ...] = ()
    name: str = "calendar"
    _open: tuple[date, ...] = field(init=False, repr=False, compare=False)  #: ascending

    def __post_init__(self) -> None:
        """Refuse misplaced days and list the working days once."""
        misplaced = [day for day in self.holidays if _is_weekend(day)]
        misplaced += [day for day in self.makeup_days if not _is_weekend(day)]
        if misplaced:
            raise ValueError(f"{min(misplaced)} follows from its weekday already")
        opened = [day for day in _days_of(self.years) if self._kind(day) in _COUNTED]
        object.__setattr__(self, "_open", tuple(opened))

    @classmethod
    def china(cls) -> WorkCalendar:
        """Return the calendar of mainland China that comes with this version.

        Read once a process.

        Source:
            The yearly notices of the State Council, listed in ``notices``.

        >>> min(WorkCalendar.china().years), max(WorkCalendar.china().years)
        (2004, 2026)
        """
        return _china()

    def kind(self, day: date) -> DayKind:
        """Return why ``day`` is a working day or not; never ``BEGINS``.

        Raises:
            CalendarError: ``E-CALENDAR-YEAR``, its year has no notice.

        >>> WorkCalendar.china().kind(date(2024, 2, 12))
        <DayKind.HOLIDAY: 'holiday'>
        """
        self._require(day.year, day.year)
        return self._kind(day)

    def is_open(self, day: date) -> bool:
        """Return whether offices work on ``day``.

        Raises:
            CalendarError: ``E-CALENDAR-YEAR``, its year has no notice.

        >>> [WorkCalendar.china().is_open(date(2024, 2, d)) for d in (9, 12, 18)]
        [True, False, True]
        """
        return self.kind(day) in _COUNTED

    def due(self, start: date, working_days: int) -> date:
        """Return the last day of a period of ``working_days`` that begins on ``start``.

        The day on which the period begins is not counted, be it a working day or not.

        Args:
            start: Day the period begins, such as the day of acceptance.
            working_days: Length of the period in working days, at least 1.

        Raises:
            ValueError: ``working_days`` is below 1.
            CalendarError: ``E-CALENDAR-YEAR``, the period runs into a year without a notice.

        Cost:
            O(log n) for n working days in the calendar.

        Source:
            Civil Code of the PRC, article 201, first paragraph.

        >>> WorkCalendar.china().due(date(2025, 9, 30), 5)
        datetime.date(2025, 10, 14)
        """
        if working_days < 1:
            raise ValueError(f"working_days must be at least 1, not {working_days}")
        first = (start + _DAY).year
        at = bisect_right(self._open, start) + working_days - 1
        if at >= len(self._open):
            self._require(first, max(self.years | {first}) + 1)
        end = self._open[at]
        self._require(first, end.year)
        return end

    def add_from(self, start: date, working_days: int) -> date:
        """Return :meth:`due`, or ``start`` itself for a step that takes no days.

        Args:
            start: Day the step begins.
            working_days: Length in working days, at least 0.

        Raises:
            ValueError: ``working_days`` is below 0.
            CalendarError: as :meth:`due`.

        >>> WorkCalendar.china().add_from(date(2024, 2, 10), 0)
        datetime.date(2024, 2, 10)
        """
        if working_days < 0:
            raise ValueError(f"working_days must be at least 0, not {working_days}")
        return self.due(start, working_days) if working_days else start

    def count(self, start: date, end: date) -> int:
        """Return the number of working days after ``start``, up to and with ``end``.

        Raises:
            ValueError: ``end`` is before ``start``.
            CalendarError: ``E-CALENDAR-YEAR``, a day between has no notice.

        Cost:
            O(log n) for n working days in the calendar.

        >>> WorkCalendar.china().count(date(2025, 9, 30), date(2025, 10, 14))
        5
        """
        if end < start:
            raise ValueError(f"end {end} is before start {start}")
        if end > start:
            self._require((start + _DAY).year, end.year)
        return bisect_right(self._open, end) - bisect_right(self._open, start)

    def day_by_day(self, start: date, working_days: int) -> list[DayLine]:
        """Return every day of a period and why it counts: the proof of :meth:`due`.

        The first line is the day the period begins, the last is the due date, and
        ``working_days`` of the lines are counted.

        Args:
            start: Day the period begins.
            working_days: Length of the period in working days, at least 1.

        Raises:
            ValueError, CalendarError: as :meth:`due`.

        >>> for line in WorkCalendar.china().day_by_day(date(2024, 2, 8), 2):
        ...     print(line.day, line.counted, line.reason)
        2024-02-08 False begins
        2024-02-09 True workday
        2024-02-10 False weekend
        2024-02-11 False weekend
        2024-02-12 False holiday
        2024-02-13 False holiday
        2024-02-14 False holiday
        2024-02-15 False holiday
        2024-02-16 False holiday
        2024-02-17 False weekend
        2024-02-18 True make_up
        """
        lines = [DayLine(start, counted=False, reason=DayKind.BEGINS)]
        end = self.due(start, working_days)
        while lines[-1].day < end:
            day = lines[-1].day + _DAY
            reason = self._kind(day)
            lines.append(DayLine(day, reason in _COUNTED, reason))
        return lines

    def _kind(self, day: date) -> DayKind:
        if _is_weekend(day):
            return DayKind.MAKE_UP if day in self.makeup_days else DayKind.WEEKEND
        return DayKind.HOLIDAY if day in self.holidays else DayKind.WORKDAY

    def _require(self, first: int, last: int) -> None:
        for year in range(first, last + 1):
            if year not in self.years:
                raise CalendarError(
                    "No holiday notice has been entered for {year}, so its working days cannot be counted.",
                    hint="Add the State Council's notice for {year} under 'years:'.",
                    zh="{year}年放假安排未公布或未录入，无法计算该年的工作日。"
                    "请在“years:”下录入国务院办公厅{year}年放假通知。",
                    where=self.name,
                    code="E-CALENDAR-YEAR",
                    year=year,
                )


_COUNTED = frozenset({DayKind.WORKDAY, DayKind.MAKE_UP})


def _is_weekend(day: date) -> bool:
    return day.weekday() >= _SATURDAY


def _days_of(years: frozenset[int]) -> Iterator[date]:
    for year in sorted(years):
        for ordinal in range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1):
            yield date.fromordinal(ordinal)


@lru_cache(maxsize=1)
def _china() -> WorkCalendar:
    return read_calendar(_CHINA)


def read_calendar(path: Path, known_at: date | None = None) -> WorkCalendar:
    """Read a calendar file; its form is described at the head of ``calendars/cn.yaml``.

    Args:
        path: The file.
        known_at: Where given, a year whose notice was issued after this day is left out, with the
            days it moves in the year before.  A notice without a day of issue counts as known from
            1 January of the year it is made for.

    Raises:
        PackError: the file is not YAML, or a key stands twice in it.
        CalendarError: ``E-CALENDAR-FORM``, with the position, what cannot be understood.

    >>> calendar = read_calendar(_CHINA)
    >>> [notice.number for notice in calendar.notices if notice.year == 2024]
    ['国办发明电〔2023〕7号']
    >>> max(read_calendar(_CHINA, date(2024, 1, 28)).years)
    2024
    """
    holidays: set[date] = set()
    makeup_days: set[date] = set()
    notices: list[Notice] = []
    years = _mapping(_mapping(read_file(path)).pairs.get("years"))
    for key, value in years.pairs.items():
        year = _year(key, years.keys[key])
        entry = _mapping(value, {"notices", "closed", "open"})
        listed = [_notice(year, one) for one in _items(entry, "notices")]
        if not listed:
            raise _unclear(entry.mark, "a year without a notice")
        if known_at is not None and not any(_known(one, known_at) for one in listed):
            continue
        notices.extend(listed)
        for item in _items(entry, "closed"):
            _enter(item, holidays, weekend=False)
        for item in _items(entry, "open"):
            _enter(item, makeup_days, weekend=True)
    return WorkCalendar(
        years=frozenset(notice.year for notice in notices),
        holidays=frozenset(holidays),
        makeup_days=frozenset(makeup_days),
        notices=tuple(sorted(notices, key=lambda notice: notice.year)),
        name=f"calendars/{path.name}",
    )


def _known(notice: Notice, day: date) -> bool:
    """Whether a notice was out on a day."""
    return notice.issued_on <= day if notice.issued_on else notice.year <= day.year


def _unclear(mark: Mark | None, found: str) -> CalendarError:
    return CalendarError(
        "The calendar has {found} here.",
        hint="Write the entry as the years before it are written.",
        zh="日历此处无法识别：{found}。请参照往年条目填写。",
        where=str(mark or ""),
        code="E-CALENDAR-FORM",
        found=found,
    )


def _mapping(value: Marked | None, allowed: set[str] | None = None) -> Mapping_:
    if not isinstance(value, Mapping_):
        raise _unclear(value.mark if value else None, "no mapping")
    for key, mark in value.keys.items():
        if allowed is not None and key not in allowed:
            raise _unclear(mark, f"the unknown key '{key}'")
    return value


def _items(entry: Mapping_, key: str) -> tuple[Marked, ...]:
    value = entry.pairs.get(key)
    if value is None:
        return ()
    if not isinstance(value, Sequence_):
        raise _unclear(value.mark, f"no list under '{key}'")
    return value.items


def _text(value: Marked) -> str:
    if not isinstance(value, Scalar):
        raise _unclear(value.mark, "no plain text")
    return value.text


def _year(text: str, mark: Mark) -> int:
    if not (len(text) == 4 and text.isascii() and text.isdecimal() and text > "1948"):
        raise _unclear(mark, f"the year '{text}'")
    return int(text)


def _date(text: str, mark: Mark) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if day.isoformat() != text:
        raise _unclear(mark, f"the day '{text}'")
    return day


def _notice(year: int, value: Marked) -> Notice:
    entry = _mapping(value, {"title", "number", "issued_on", "verify"})
    said = {key: _text(one) for key, one in entry.pairs.items()}
    issued = entry.pairs.get("issued_on")
    if not said.get("title"):
        raise _unclear(entry.mark, "a notice without a title")
    if said.get("verify", "true") != "true":
        raise _unclear(entry.pairs["verify"].mark, "a verify that is not 'true'")
    return Notice(
        year=year,
        title=said["title"],
        number=said.get("number", ""),
        issued_on=None if issued is None else _date(said["issued_on"], issued.mark),
        verify="verify" in said,
    )


def _enter(item: Marked, days: set[date], *, weekend: bool) -> None:
    text = _text(item)
    first, dots, last = text.partition("..")
    day = _date(first, item.mark)
    end = _date(last, item.mark) if dots else day
    if end < day:
        raise _unclear(item.mark, f"the backward run '{text}'")
    while day <= end:
        if _is_weekend(day) != weekend:
            raise _unclear(item.mark, f"{day} among days of the other kind")
        if day in days:
            raise _unclear(item.mark, f"{day} a second time")
        days.add(day)
        day += _DAY
