"""Supervision: every rung of the ladder is claimed once, however many sweepers run.

A task says on which day it has to be looked at next, so that a sweep reads only what is due.  Rungs are
claimed inside an act, and the database refuses a second claim of the same rung for the same due date.

Reads from: ``journal``, ``ledger.models``, ``rules.ladder``, ``rules.worktime``.  Read by: the doors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django.db.models import Exists, OuterRef

from taizhang.ledger.models import SupervisionNotice, Suspension, Task
from taizhang.office.journal import act
from taizhang.office.register import CHINA
from taizhang.office.tasks import due_of
from taizhang.rules.ladder import Ladder, Rung, claim_day, load_ladder, reached
from taizhang.rules.terms import Label
from taizhang.rules.worktime import WorkCalendar

__all__ = ["Swept", "ladder_of", "rung_label", "sweep"]

_PROGRAMME = "title-certificates"


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep claimed, by rung, and how many tasks it looked at."""

    looked_at: int
    claimed: tuple[tuple[str, int], ...]


@lru_cache(maxsize=8)
def ladder_of(day: date) -> Ladder:
    """The ladder in force on a day.

    Raises:
        PackError: ``E-LADDER-DATE``.
    """
    return load_ladder(_PROGRAMME, day)


def rung_label(rung: str, day: date) -> Label:
    """The name of a rung; of one that the ladder of the day no longer has, its id."""
    found = {one.id: one.label for one in ladder_of(day).rungs}
    return found.get(rung, Label(rung, rung))


def sweep(now: datetime, *, actor: str = "sweep") -> Swept:
    """Claim every rung that tasks have come to; a second sweep at the same instant claims nothing.

    Raises:
        PackError: ``E-LADDER-DATE`` no ladder is in force today.
    """
    today, calendar = now.astimezone(CHINA).date(), WorkCalendar.china()
    ladder = ladder_of(today)
    with act("sweep", actor=actor, subject="tasks", now=now) as doing:
        tasks = list(
            Task.objects.filter(next_look_on__lte=today)
            .exclude(state__in=["complete", "withdrawn"])
            .select_related("organisation", "responsible")
            .order_by("id")
        )
        known = set(
            SupervisionNotice.objects.filter(task__next_look_on__lte=today, due_on__isnull=False).values_list(
                "task_id", "rung", "due_on"
            )
        )
        fresh: list[SupervisionNotice] = []
        looked: list[Task] = []
        for task in _without_a_date():  # a notice of holidays may have come since
            due_on = due_of(task, calendar).on
            if due_on is not None:
                task.due_on = due_on
                doing.update(task, due_on=due_on, next_look_on=today)
                tasks.append(task)
        for task in tasks:
            for rung in reached(ladder, calendar, task.due_on, today) if task.due_on else ():
                if (task.pk, rung.id, task.due_on) not in known:
                    fresh.append(_notice(task, rung, now))
            following = _next_look(task, ladder.rungs, calendar, today)
            if task.next_look_on != following:
                task.next_look_on = following
                looked.append(task)
        doing.insert(fresh)
        doing.update_all(looked, ["next_look_on"])
    counts = {rung.id: sum(one.rung == rung.id for one in fresh) for rung in ladder.rungs}
    return Swept(len(tasks), tuple((name, count) for name, count in counts.items() if count))


def _without_a_date() -> list[Task]:
    """Running tasks whose due date lay beyond the calendar when it was last computed; no suspended ones."""
    running = Task.objects.filter(due_on__isnull=True).exclude(state__in=["complete", "withdrawn"])
    standing = Exists(Suspension.objects.filter(task=OuterRef("pk"), until__isnull=True))
    return list(running.exclude(standing).select_related("organisation", "responsible").order_by("id"))


def _next_look(task: Task, rungs: Sequence[Rung], calendar: WorkCalendar, today: date) -> date | None:
    """The day of the next rung.

    A rung whose day the calendar does not know yet is looked for again every day after the due date:
    the State Council's notice may come at any time.
    """
    if task.due_on is None:
        return None
    days = [claim_day(rung, calendar, task.due_on) for rung in rungs]
    later = [day for day in days if day is not None and day > today]
    if later:
        return min(later)
    return max(task.due_on, today) if None in days else None


def _notice(task: Task, rung: Rung, now: datetime) -> SupervisionNotice:
    assert task.due_on is not None, "only a task with a due date comes to a rung"
    people = {
        "responsible_official": task.responsible.name if task.responsible else "",
        "lead_organisation": task.organisation.name if task.organisation else "",
        "sponsor": task.sponsor,
    }
    return SupervisionNotice(
        county=task.county,
        task=task,
        rung=rung.id,
        due_on=task.due_on,
        claimed_at=now,
        recipient=people.get(rung.recipient, rung.recipient)[:120],
    )
