"""The clock of a task: working days that really stop while it is suspended, explained day by day.

The day on which a period begins is not counted.  A suspension stops the clock from its first day up to,
not including, the day on which work goes on; extensions lengthen the last limit only.  Each of several
limits counts from the same start, as a first visit and a final answer.

Reads from: ``rules.worktime``.  Read by: ``tasks``, ``supervision``, the doors.

Source:
    Civil Code of the PRC, article 201 (the first day is not counted); State Council holiday notices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
    """A limit by its name, in working days from the start."""

    name: str
    working_days: int


@dataclass(frozen=True, slots=True)
class Clock:
    """A task's clock.

    Raises:
        InputError: ``E-CLOCK-DAYS`` less than one working day; ``E-CLOCK-ORDER`` a suspension that ends
            before it begins.
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


@dataclass(frozen=True, slots=True)
class ClockLine:
    """One day of a clock.

    Attributes:
        day: The day.
        number: Running number among the counted days; 0: not counted.
        kind: What the calendar says of it; ``None``: the clock stood still.
        note: Reason of the suspension; granted days that begin to count.
    """

    day: date
    number: int
    kind: DayKind | None
    note: str = ""


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


def due(calendar: WorkCalendar, clock: Clock, limit: int = -1) -> Due:
    """Return the due date of a limit, explained day by day.

    Args:
        calendar: The working days.
        clock: The clock.
        limit: Position of the limit; the last by default.

    >>> days = WorkCalendar.china()
    >>> stood = Suspended(date(2025, 10, 9), date(2025, 10, 13), "测绘")
    >>> due(days, Clock(date(2025, 9, 30), (Limit("final", 5),), (stood,))).on
    datetime.date(2025, 10, 16)
    """
    last = limit in {-1, len(clock.limits) - 1}
    own = clock.limits[limit].working_days
    budget = own + (sum(one.working_days for one in clock.extensions) if last else 0)
    lines = [ClockLine(clock.start, 0, DayKind.BEGINS)]
    day, counted = clock.start, 0
    while counted < budget:
        day += _DAY
        standing = _standing(clock.suspensions, day)
        if standing is not None:
            if standing.until is None:
                return Due(None, budget, tuple(lines), Open.SUSPENDED)
            lines.append(ClockLine(day, 0, None, standing.reason))
            continue
        try:
            kind = calendar.kind(day)
        except CalendarError:
            return Due(None, budget, tuple(lines), Open.CALENDAR)
        counted += kind in {DayKind.WORKDAY, DayKind.MAKE_UP}
        open_ = kind in {DayKind.WORKDAY, DayKind.MAKE_UP}
        note = _granted(clock.extensions, own, counted) if open_ and last else ""
        lines.append(ClockLine(day, counted if open_ else 0, kind, note))
    return Due(day, budget, tuple(lines))


def used(calendar: WorkCalendar, clock: Clock, as_of: date) -> tuple[int, int]:
    """Working days used up by the end of a day, and how many there are."""
    told = due(calendar, clock)
    return sum(1 for line in told.lines if line.number and line.day <= as_of), told.budget


def _standing(suspensions: Sequence[Suspended], day: date) -> Suspended | None:
    """The suspension in force; of several the one that lasts longest."""
    found = [one for one in suspensions if one.since <= day and (one.until is None or day < one.until)]
    return max(found, key=lambda one: one.until or date.max) if found else None


def _granted(extensions: Sequence[Extended], own: int, counted: int) -> str:
    """The reason of the extension whose first day this is."""
    first = own + 1
    for one in extensions:
        if counted == first:
            return one.reason
        first += one.working_days
    return ""
