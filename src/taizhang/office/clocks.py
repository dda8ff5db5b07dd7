"""The clock of a task: working days that really stop while it is suspended, explained day by day.

The day on which a period begins is not counted.  A suspension stops the clock from its first day up to,
not including, the day on which work goes on; suspensions that meet or overlap are one.  Extensions lengthen
the last limit only.  Each of several limits counts from the same start, as a first visit and a final answer.

A clock can be read as it was known on an earlier day: what was suspended, resumed or granted after that day
is then left out, so that a list of an earlier day shows the dates of that day.

Reads from: ``rules.worktime``.  Read by: ``tasks``, ``supervision``, the doors.

Source:
    Civil Code of the PRC, article 201 (the first day is not counted); State Council holiday notices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from taizhang.errors import CalendarError, InputError
from taizhang.rules.terms import Label
from taizhang.rules.worktime import DayKind, WorkCalendar

__all__ = ["Clock", "ClockLine", "Due", "Extended", "Limit", "Open", "Suspended", "due", "used"]

_DAY = timedelta(days=1)


class Open(StrEnum):
    """Why there is no date."""

    SUSPENDED = "suspended"  #: the clock stands still, and nobody knows until when
    CALENDAR = "calendar"  #: no holiday notice for the year is out

    @property
    def label(self) -> Label:
        """The reason in both languages."""
        return _WHY[self]


_STANDS = Label("计时中止，不计入", "suspended; not counted")
_WHY = {
    Open.SUSPENDED: Label("计时中止，恢复后顺延", "suspended; it runs on when work goes on"),
    Open.CALENDAR: Label("该年度放假安排未公布", "the holiday notice of that year is not out"),
}


@dataclass(frozen=True, slots=True)
class Suspended:
    """The clock stands still from ``since`` until the day before ``until``; ``None``: still."""

    since: date
    until: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class Extended:
    """Working days that were granted."""

    working_days: int
    approved_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit by its name, in working days from the start of the clock."""

    name: str
    working_days: int


@dataclass(frozen=True, slots=True)
class Clock:
    """A task's clock.

    Attributes:
        start: Day on which the period begins; it is not counted.
        limits: In order; the last is the one by which the task is due.
        suspensions: In any order; what lies before ``start`` has no effect.
        extensions: In the order in which they were granted.

    Raises:
        InputError: ``E-CLOCK-DAYS`` no limit, or less than one working day; ``E-CLOCK-ORDER`` a suspension
            that ends before it begins; ``E-CLOCK-STEPS`` a limit shorter than the one before it.
    """

    start: date
    limits: tuple[Limit, ...]
    suspensions: tuple[Suspended, ...] = ()
    extensions: tuple[Extended, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what is no clock."""
        days = [one.working_days for one in self.limits] + [one.working_days for one in self.extensions]
        if not self.limits or min(days) < 1:
            raise InputError(
                "A limit or an extension has at least one working day.",
                zh="期限和延期至少为 1 个工作日。",
                code="E-CLOCK-DAYS",
            )
        if any(one.until is not None and one.until < one.since for one in self.suspensions):
            raise InputError(
                "A suspension ends before it begins.",
                hint="Give the day on which work goes on.",
                zh="中止的恢复日期早于中止日期，请填写恢复办理之日。",
                code="E-CLOCK-ORDER",
            )
        own = [one.working_days for one in self.limits]
        if own != sorted(own):
            raise InputError(
                "A limit is shorter than the one before it.",
                hint="Give the limits from the first step to the last; all count from the same start.",
                zh="后一步的期限短于前一步。请按办理先后填写，各期限均自同一起算日计算。",
                code="E-CLOCK-STEPS",
            )

    def known_on(self, day: date) -> Clock:
        """The clock as it was known at the end of a day.

        >>> stood = Suspended(date(2025, 10, 9), date(2025, 10, 13), "survey")
        >>> Clock(date(2025, 9, 30), (Limit("final", 5),), (stood,)).known_on(date(2025, 10, 10)).suspensions
        (Suspended(since=datetime.date(2025, 10, 9), until=None, reason='survey'),)
        """
        known = (one for one in self.suspensions if one.since <= day)
        return replace(
            self,
            suspensions=tuple(
                replace(one, until=None) if one.until is not None and day < one.until else one
                for one in known
            ),
            extensions=tuple(one for one in self.extensions if one.approved_on <= day),
        )


@dataclass(frozen=True, slots=True)
class ClockLine:
    """One day of a clock.

    Attributes:
        day: The day.
        number: Running number among the counted days; 0: not counted.
        kind: What the calendar says of it; ``None``: the clock stood still.
        note: Reason of the suspension, or of the extension whose days begin to count.
        granted: Working days by which the budget grew, on the first of them; else 0.
    """

    day: date
    number: int
    kind: DayKind | None
    note: str = ""
    granted: int = 0

    @property
    def label(self) -> Label:
        """Why the day counts or does not, in both languages."""
        return self.kind.label if self.kind else _STANDS


@dataclass(frozen=True, slots=True)
class Due:
    """A due date and how it comes about; the counted lines add up to ``budget``.

    Attributes:
        on: The date; ``None``: there is none yet, for the reason ``why``.
        budget: Working days, extensions included.
        lines: One for each day, from the start.
        why: Why there is no date.
    """

    on: date | None
    budget: int
    lines: tuple[ClockLine, ...]
    why: Open | None = None


def due(calendar: WorkCalendar, clock: Clock, limit: int = -1, as_of: date | None = None) -> Due:
    """Return the due date of a limit, explained day by day.

    The counted lines are numbered from 1 to the budget, and the last line is the due date.  Without a date
    the lines go as far as is known: up to the day on which the clock was stopped, or up to ``as_of`` while
    it stands; or up to the last day that the calendar knows.

    Args:
        calendar: The working days.
        clock: The clock.
        limit: Position of the limit; the last by default.
        as_of: The clock as it was known at the end of this day; all that is recorded by default.

    Raises:
        InputError: ``E-CLOCK-LIMIT`` the clock has no such limit.

    Cost:
        O(n (s + e)) for n calendar days, s suspensions and e extensions.

    Source:
        Civil Code of the PRC, article 201, first paragraph, for the day on which a period begins.

    >>> days = WorkCalendar.china()
    >>> stood = Suspended(date(2025, 10, 9), date(2025, 10, 13), "survey")
    >>> clock = Clock(date(2025, 9, 30), (Limit("final", 5),), (stood,))
    >>> due(days, clock).on
    datetime.date(2025, 10, 17)
    >>> due(days, clock, as_of=date(2025, 10, 10)).why
    <Open.SUSPENDED: 'suspended'>
    """
    own = _own(clock, limit)
    known = clock if as_of is None else clock.known_on(as_of)
    granted = known.extensions if limit in {-1, len(clock.limits) - 1} else ()
    budget = own + sum(one.working_days for one in granted)
    firsts = _firsts(granted, own)
    lines = [ClockLine(clock.start, 0, DayKind.BEGINS)]
    day, counted = clock.start, 0
    while counted < budget:
        day += _DAY
        standing = _standing(known.suspensions, day)
        if standing is not None:
            lines.append(ClockLine(day, 0, None, standing.reason))
            if standing.until is None:
                lines.extend(_still(day, as_of, standing.reason))
                return Due(None, budget, tuple(lines), Open.SUSPENDED)
            continue
        try:
            kind = calendar.kind(day)
        except CalendarError:
            return Due(None, budget, tuple(lines), Open.CALENDAR)
        if kind not in _COUNTED:
            lines.append(ClockLine(day, 0, kind))
            continue
        counted += 1
        extension = firsts.get(counted)
        note, days = (extension.reason, extension.working_days) if extension else ("", 0)
        lines.append(ClockLine(day, counted, kind, note, days))
    return Due(day, budget, tuple(lines))


def used(calendar: WorkCalendar, clock: Clock, as_of: date) -> tuple[int, int]:
    """Working days used up by the end of a day, and how many there are, as was known on that day.

    >>> used(WorkCalendar.china(), Clock(date(2025, 9, 30), (Limit("final", 5),)), date(2025, 10, 10))
    (2, 5)
    """
    told = due(calendar, clock, as_of=as_of)
    return sum(1 for line in told.lines if line.number and line.day <= as_of), told.budget


_COUNTED = frozenset({DayKind.WORKDAY, DayKind.MAKE_UP})


def _own(clock: Clock, limit: int) -> int:
    """The working days of a limit, without extensions."""
    if not -1 <= limit < len(clock.limits):
        raise InputError(
            "The clock has {count} limits; there is none at position {limit}.",
            hint="Give a position from 0, or -1 for the last.",
            zh="该计时共有 {count} 个期限，没有第 {limit} 位（自 0 起）。请改用已有位置，-1 表示最后一个。",
            code="E-CLOCK-LIMIT",
            count=len(clock.limits),
            limit=limit,
        )
    return clock.limits[limit].working_days


def _standing(suspensions: Sequence[Suspended], day: date) -> Suspended | None:
    """The suspension in force; of several the one that lasts longest."""
    found = [one for one in suspensions if one.since <= day and (one.until is None or day < one.until)]
    if not found:
        return None
    return max(found, key=lambda one: (one.until is None, one.until or date.max, one.reason))


def _still(first: date, as_of: date | None, reason: str) -> list[ClockLine]:
    """The days after the first on which a clock still stands, up to the day that is asked about."""
    more = (as_of - first).days if as_of else 0
    return [ClockLine(first + _DAY * ahead, 0, None, reason) for ahead in range(1, more + 1)]


def _firsts(extensions: Sequence[Extended], own: int) -> dict[int, Extended]:
    """The extensions by the running number of their first day."""
    found: dict[int, Extended] = {}
    first = own + 1
    for one in extensions:
        found[first] = one
        first += one.working_days
    return found
