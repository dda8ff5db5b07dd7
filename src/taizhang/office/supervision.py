"""Supervision: every rung of the ladder is claimed once, however many sweepers run.

A task says on which day it has to be looked at next, so that a sweep reads only what is due.  Rungs are
claimed inside an act, and the database refuses a second claim of the same rung for the same due date.

Reads from: ``clocks``, ``journal``, ``ledger.models``, ``rules.worktime``.  Read by: the doors.

Source:
    The rungs and their days are planning values after the example of published measures of supervision
    (督查督办), not law.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from taizhang.errors import CalendarError
from taizhang.ledger.models import SupervisionNotice, Task
from taizhang.office.journal import act
from taizhang.office.register import CHINA
from taizhang.rules.terms import Label
from taizhang.rules.worktime import WorkCalendar

__all__ = ["LADDER", "Rung", "Swept", "sweep"]


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of supervision.

    Attributes:
        id: Stable name.
        label: Its name.
        working_days: After the due date; below 0 before it.
        recipient: Who is told.
    """

    id: str
    label: Label
    working_days: int
    recipient: str


LADDER = (
    Rung("early_warning", Label("预警", "early warning"), -3, "responsible_official"),
    Rung("overdue", Label("逾期", "overdue"), 1, "responsible_official"),
    Rung("notice", Label("督办通知", "notice"), 3, "organisation"),
    Rung("second_notice", Label("二次督办", "second notice"), 6, "organisation"),
    Rung("interview", Label("约谈", "interview"), 10, "organisation"),
    Rung("report_to_leader", Label("报包保领导", "report to the leader"), 15, "sponsor"),
)


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep claimed, by rung, and how many tasks it looked at."""

    looked_at: int
    claimed: tuple[tuple[str, int], ...]


def sweep(now: datetime, *, actor: str = "sweep") -> Swept:
    """Claim every rung that tasks have come to; a second sweep at the same instant claims nothing."""
    today, calendar = now.astimezone(CHINA).date(), WorkCalendar.china()
    with act("sweep", actor=actor, subject="tasks", now=now) as doing:
        tasks = list(
            Task.objects.filter(next_look_on__lte=today)
            .exclude(state__in=["complete", "withdrawn"])
            .select_related("organisation", "responsible")
            .order_by("id")
        )
        fresh: list[SupervisionNotice] = []
        looked: list[Task] = []
        for task in tasks:
            days = _days(task.due_on, calendar)
            known = (
                {one.rung for one in SupervisionNotice.objects.filter(task=task, due_on=task.due_on)}
                if task.due_on
                else set()
            )
            for rung, day in days:
                if day <= today and rung.id not in known:
                    fresh.append(_notice(task, rung, now))
            later = [day for _, day in days if day > today]
            following = min(later) if later else None
            if task.next_look_on != following:
                task.next_look_on = following
                looked.append(task)
        doing.insert(fresh)
        doing.update_all(looked, ["next_look_on"])
    counts = {rung.id: sum(one.rung == rung.id for one in fresh) for rung in LADDER}
    return Swept(len(tasks), tuple((name, count) for name, count in counts.items() if count))


def _days(due_on: date | None, calendar: WorkCalendar) -> Sequence[tuple[Rung, date]]:
    """On which day each rung is reached; a day beyond the calendar is not reached yet."""
    found: list[tuple[Rung, date]] = []
    for rung in LADDER if due_on else ():
        assert due_on is not None
        try:
            found.append((rung, _moved(due_on, rung.working_days, calendar)))
        except CalendarError:
            continue
    return found


def _moved(day: date, working_days: int, calendar: WorkCalendar) -> date:
    if working_days > 0:
        return calendar.due(day, working_days)
    while working_days < 0:
        day -= timedelta(days=1)
        working_days += calendar.is_open(day)
    return day


def _notice(task: Task, rung: Rung, now: datetime) -> SupervisionNotice:
    assert task.due_on is not None, "only a task with a due date comes to a rung"
    people = {
        "responsible_official": task.responsible.name if task.responsible else "",
        "organisation": task.organisation.name if task.organisation else "",
        "sponsor": task.sponsor,
    }
    return SupervisionNotice(
        county=task.county,
        task=task,
        rung=rung.id,
        due_on=task.due_on,
        claimed_at=now,
        recipient=people[rung.recipient][:120],
    )
