"""Papers that lapse: which of those on hand will not last, and from when others may be obtained.

A paper is needed at its *use*: when the work begins for which it is there.  A way without work of
its own only hands its papers on, so the use is the start of the next step above it, and of a paper
that serves several steps each of them is a use.

A paper on hand that lapses before a use counts as missing, with its price.  When it is used depends
on the plan, and the plan on what counts as missing; so the case is planned, such papers are marked,
and it is planned again, until none is left to mark.  Marks are never taken back: the rule ends after
at most as many rounds as there are papers with a last day.  It is cautious: a plan in which a marked
paper would have been used in time after all is not looked for.

Reads from: ``ground``, ``search``, ``timetable``, ``terms``, ``worktime``.  Read by: ``plan``,
``joint``, ``estate``, ``lasting``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar

from taizhang.errors import CalendarError
from taizhang.rules.ground import Choice, Problem
from taizhang.rules.search import Solution
from taizhang.rules.terms import Dossier, Gap, Held, Lapse, Pack, Validity
from taizhang.rules.timetable import Timetable
from taizhang.rules.worktime import WorkCalendar

__all__ = [
    "SOON",
    "Days",
    "Marked",
    "UseDays",
    "Uses",
    "lapses_of",
    "lasting",
    "not_before",
    "opened",
    "put_off",
    "told_of_gap",
]

SOON = (30, 7)  #: days before the last day on which a paper that is still needed is warned of
_WAIT = timedelta(days=14)  # see Days.on

T = TypeVar("T")
Key = tuple[str, str]


class Days:
    """The working days of a plan as dates.

    Args:
        calendar: The official calendar; by default the one that comes with this version.
        start: Day of the plan.

    >>> days = Days(WorkCalendar.china(), date(2024, 1, 28))
    >>> days.on(0), days.on(10)
    (datetime.date(2024, 1, 28), datetime.date(2024, 2, 8))
    """

    def __init__(self, calendar: WorkCalendar | None, start: date) -> None:
        self.calendar, self.start = calendar, start
        self._known: dict[int, date] = {}

    def on(self, offset: int) -> date:
        """Return the day of a working day of the plan.

        In a year without a holiday notice this is a day on which it has come for certain, if that
        year is like those known: two days for each working day, and two weeks.  No period in a year
        with a notice has taken longer.
        """
        if offset not in self._known:
            self._known[offset] = self._day(offset)
        return self._known[offset]

    def _day(self, offset: int) -> date:
        calendar = self.calendar = self.calendar or WorkCalendar.china()
        try:
            return calendar.add_from(self.start, offset)
        except CalendarError:
            last, counted = self.start, 0
            year = (self.start + timedelta(1)).year
            while year in calendar.years:
                last = date(year, 12, 31)
                year += 1
            if last > self.start:
                counted = calendar.count(self.start, last)
            return last + 2 * timedelta(offset - counted) + _WAIT


@dataclass(frozen=True, slots=True)
class Marked:
    """Papers on hand that a plan treats as missing.

    Attributes:
        dossier: What is known, with these papers missing.
        uses: For each of them the working day of its use when it was marked; ``None`` lapsed already.
    """

    dossier: Dossier
    uses: Mapping[Key, int | None]

    def speaking(self, name: str, place: str) -> Key | None:
        """Return the mark that makes a paper missing at ``place``, or nothing where none does."""
        if self.uses:
            for candidate in self.dossier.chain(place):
                if (name, candidate) in self.dossier.held:
                    return (name, candidate) if (name, candidate) in self.uses else None
        return None


def opened(dossier: Dossier) -> Marked:
    """Mark what lapsed before the day of the dossier; only what was there has a last day."""
    current = dossier.current()
    old = {
        key: None
        for key, last in sorted(dossier.valid_until.items())
        if last < dossier.as_of and dossier.held.get(key, Held.UNOBTAINABLE) is not Held.UNOBTAINABLE
    }
    return Marked(current, old)


def lasting(
    dossier: Dossier,
    days: Days,
    attempt: Callable[[Dossier], T],
    uses_of: Callable[[T], Uses | None],
    alike: Callable[[T, str], Sequence[str]] = lambda _, place: (place,),
) -> tuple[Marked, T]:
    """Plan until every paper on hand that the plan uses lasts until its use.

    Args:
        dossier: What is known.
        days: Dates of the plan's working days.
        attempt: Plans a dossier.
        uses_of: When a plan uses what; ``None`` where there is no plan.
        alike: The places a place of a plan stands for.

    Returns:
        What was marked, and the last plan.

    Cost:
        One attempt more than there are rounds in which something is marked; one where nothing lapses.
    """
    marked = opened(dossier)
    found = attempt(marked.dossier)
    while dossier.valid_until:
        uses = uses_of(found)
        late: dict[Key, int] = {}
        for key, use in uses.late(marked.dossier, days) if uses else ():
            late[key] = max(use, late.get(key, use))
        if not late:
            break
        known = marked.dossier
        last = {key: known.last_day(*key) for key in late}
        ends = {
            (name, like): day
            for (name, place), day in last.items()
            if day is not None
            for like in alike(found, place)
        }
        more = {(name, like): use for (name, place), use in late.items() for like in alike(found, place)}
        marked = Marked(known.without(ends), {**marked.uses, **more})
        found = attempt(marked.dossier)
    return marked, found


class Uses:
    """When a solution uses its papers.

    Attributes:
        by: For each element that is used, the numbers of the steps it is used for.
        direct: For each paper or node on hand, the nodes whose chosen way counts on it.
        steps: For each node with a chosen way, the numbers of the steps for which that way's papers are.
    """

    def __init__(self, problem: Problem, solution: Solution, times: Timetable) -> None:
        self.problem, self.solution, self.times = problem, solution, times
        self.by: dict[int, frozenset[int]] = {}
        self.direct: dict[int, list[int]] = {}
        self.steps: dict[int, frozenset[int]] = {}
        for number in sorted(solution.chosen):  # what needs an element has a lower number
            branch = solution.chosen[number]
            step = branch.option.way.step
            handed = self.by.get(number, frozenset())
            eaten = frozenset((number,)) if step.days or step.effort or not handed else handed
            self.steps[number] = eaten
            for one in branch.needs:
                self.by[one] = self.by.get(one, frozenset()) | eaten
            for one in self._there(branch.option.needs):
                self.by[one] = self.by.get(one, frozenset()) | eaten
                self.direct.setdefault(one, []).append(number)

    def _there(self, needs: Sequence[Choice]) -> list[int]:
        on_hand = (one for need in needs for one in need.of)
        return sorted({one for one in on_hand if self.problem.elements[one].held is Held.ON_HAND})

    def earliest(self, number: int) -> int:
        """The working day on which an element is used last, all steps being as early as can be."""
        return max(self.times.start[one] for one in self.by[number])

    def latest(self, number: int) -> int:
        """The working day on which it is used last, all steps being as late as the end allows."""
        return max(self._late(one) for one in self.by[number])

    def _late(self, step: int) -> int:
        return self.times.latest[step] - self.solution.chosen[step].days

    def of(self, number: int) -> UseDays:
        """The working days of an element's uses."""
        first = min(self.times.start[one] for one in self.by[number])
        return UseDays(first, self.earliest(number), self.latest(number))

    def late(self, dossier: Dossier, days: Days) -> Iterator[tuple[Key, int]]:
        """Yield what is on hand and lapses before its use, with the working day of that use."""
        elements = self.problem.elements
        for number in sorted(self.solution.chosen):
            branch = self.solution.chosen[number]
            # a paper may be there for other steps as well, which look at it for themselves
            use = max(self.times.start[one] for one in self.steps[number])
            for need in branch.option.needs:
                there = [one for one in need.of if elements[one].held is Held.ON_HAND]
                short = [one for one in there if self._short(one, dossier, days.on(use))]
                # of "at least k" what lasts may be enough
                if short and len(there) - len(short) < min(need.k, len(there)):
                    for one in short:
                        yield elements[one].key, use

    def _short(self, number: int, dossier: Dossier, use: date) -> bool:
        last = dossier.last_day(*self.problem.elements[number].key)
        return last is not None and last < use

    def soon(self, dossier: Dossier, within: int = SOON[0]) -> Iterator[tuple[int, date]]:
        """Yield what is on hand, is used and lapses in the coming days: element and last day."""
        if dossier.valid_until:
            for number in sorted(self.direct):
                last = dossier.last_day(*self.problem.elements[number].key)
                if last is not None and last <= dossier.as_of + timedelta(within):
                    yield number, last

    def twice(self, number: int, valid_for: Validity, days: Days) -> bool:
        """Whether the wait between two uses of an element is longer than it is valid.

        The first of the two steps begins as late as the end of the plan allows, the other as early
        as it then can.
        """
        for first in sorted(self.by[number]):
            after = self._after(first)
            at = self._late(first)
            for other in sorted(self.by[number] - {first}):
                then = max(self.times.start[other], at + after.get(other, 0))
                if valid_for.until(days.on(at)) < days.on(then):
                    return True
        return False

    def _after(self, first: int) -> dict[int, int]:
        """Working days from the start of a step to the start of each step that waits for it."""
        ends = {first: self.solution.chosen[first].days}
        starts: dict[int, int] = {}
        for number in sorted((n for n in self.solution.chosen if n < first), reverse=True):
            branch = self.solution.chosen[number]
            before = [ends[need] for need in branch.needs if need in ends]
            if before:
                starts[number] = max(before)
                ends[number] = starts[number] + branch.days
        return starts


def not_before(valid_for: Validity, latest: int, days: Days) -> int:
    """Return the first working day on which a paper may be issued to be valid on day ``latest``.

    >>> days = Days(WorkCalendar.china(), date(2024, 1, 28))
    >>> first = not_before(Validity(days=30), 60, days)
    >>> first, days.on(first), days.on(60)
    (39, datetime.date(2024, 3, 26), datetime.date(2024, 4, 25))
    """
    wanted = days.on(latest)
    low, high = 0, max(latest, 0)
    while low < high:  # the later it is issued, the longer it counts
        middle = (low + high) // 2
        if valid_for.until(days.on(middle)) >= wanted:
            high = middle
        else:
            low = middle + 1
    return low


def told_of_gap(pack: Pack, gap: Gap, number: int, uses: Uses, marked: Marked, days: Days) -> Gap:
    """Return a gap with what its validity means for the day on which it is obtained.

    Args:
        pack: The law on its day.
        gap: As planned.
        number: Its element.
        uses: Of the plan.
        marked: Papers on hand the plan treats as missing.
        days: Dates of the plan's working days.
    """
    paper = pack.evidence.get(gap.item)
    renewal = marked.speaking(gap.item, gap.place) is not None
    if paper is None or paper.valid_for is None or number not in uses.by:
        return replace(gap, renewal=renewal) if renewal else gap
    twice = uses.twice(number, paper.valid_for, days)
    return put_off(replace(gap, renewal=renewal, twice=twice), paper.valid_for, uses.of(number), days)


@dataclass(frozen=True, slots=True)
class UseDays:
    """Working days of the uses of one paper.

    Attributes:
        first: Of the first, all steps being as early as can be.
        last: Of the last, likewise.
        latest: Of the last, all steps being as late as the end allows.
    """

    first: int
    last: int
    latest: int


def put_off(gap: Gap, valid_for: Validity, used: UseDays, days: Days) -> Gap:
    """Return a gap that is obtained so late that the paper lasts, and no later than it must be.

    It is issued when it lasts until its last use however late that is.  Where the plan uses it before
    that day, the steps after it have time to spare; it is then obtained for the day of its first use,
    if it lasts from there to the last one.  One that cannot last (``twice``) stays as it is.
    """
    issued = not_before(valid_for, used.latest, days)
    if gap.twice:
        return replace(gap, obtain_not_before=issued)
    planned = max(gap.end, used.first, not_before(valid_for, used.last, days))
    first = min(issued, planned)
    later = max(0, first - gap.end)
    moved = replace(gap, obtain_not_before=first)
    if not later:
        return moved
    slack = gap.slack - later
    return replace(moved, start=gap.start + later, end=gap.end + later, slack=slack, critical=slack == 0)


def lapses_of(
    marked: Marked, gaps: Iterable[Gap], used: Iterable[tuple[Key, date, int, int]] = ()
) -> tuple[Lapse, ...]:
    """Say of a plan which papers on hand it treats as missing, and which it uses that lapse soon.

    Args:
        marked: What is treated as missing.
        gaps: Of the plan.
        used: What it uses and lapses soon: where, last day, working day of its use, units.
    """
    again: dict[Key, int] = {}
    for gap in gaps if marked.uses else ():
        key = marked.speaking(gap.item, gap.place)
        if key is not None:
            again[key] = again.get(key, 0) + gap.units
    ends = marked.dossier.valid_until
    found = [Lapse(*key, ends[key], True, use, again.get(key, 0)) for key, use in marked.uses.items()]
    found += [Lapse(*key, last, False, use, units) for key, last, use, units in used]
    return tuple(sorted(found, key=lambda one: (one.item, one.place)))
