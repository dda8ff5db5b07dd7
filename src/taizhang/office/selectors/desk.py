"""My desk: what I have to do, what waits for my decision, and what has been noticed.

Reads from: ``lists``, ``access``, ``ledger.models``.  Read by: the doors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.db.models import Q, QuerySet

from taizhang.ledger.models import Evidence, Extension, SupervisionNotice, SuspensionRequest, Task
from taizhang.office.access import Person, visible
from taizhang.office.selectors.figures import Figure
from taizhang.office.selectors.lists import notices, tasks

__all__ = ["Desk", "desk"]

R = TypeVar("R", Extension, SuspensionRequest)
_SHOWN = 30
_WITH = ("estate", "organisation", "responsible")


@dataclass(frozen=True, slots=True)
class Desk:
    """What an official sees first.

    Attributes:
        mine: Tasks that name the person, soonest due first.
        waiting: Papers handed in that the person may accept, soonest due first.
        extensions: Extensions asked for that the person may decide, soonest due first.
        suspensions: Suspensions asked for that the person may decide, soonest due first.
        notices: Of the last seven days.
        figures: overdue, week, running and waiting, each with its list.
    """

    mine: Sequence[Task]
    waiting: Sequence[Task]
    extensions: Sequence[Extension]
    suspensions: Sequence[SuspensionRequest]
    notices: Sequence[SupervisionNotice]
    figures: Mapping[str, Figure]


def desk(person: Person, today: date) -> Desk:
    """The desk of a person on a day."""
    me = {"responsible": str(person.official)}
    wishes: Mapping[str, Mapping[str, str]] = {
        "overdue": {"due": "overdue"},
        "week": {"due": "week"},
        "running": {"state": "running"},
        "mine": {**me, "state": "running"},
        "handed_in": {"state": "handed_in"},
    }
    figures = {
        name: Figure(tasks(person, wanted, today).count(), "tasks", wanted) for name, wanted in wishes.items()
    }
    mine = tasks(person, wishes["mine"], today).select_related(*_WITH).order_by("due_on", "id")
    waiting = tasks(person, {"state": "handed_in"}, today, "accept_evidence").exclude(
        pk__in=_handed_in(person)
    )
    return Desk(
        list(mine[:_SHOWN]),
        list(waiting.select_related(*_WITH).order_by("due_on", "id")[:_SHOWN]),
        _asked(person, visible(person, Extension.objects.all(), "decide_extension")),
        _asked(
            person,
            visible(person, SuspensionRequest.objects.all(), "decide_suspension").exclude(
                _me(person, "task__responsible")
            ),
        ),
        notices(person, today, _SHOWN),
        figures,
    )


def _me(person: Person, who: str) -> Q:
    """By number or name: officials of one name count as one person (``access.require_other``)."""
    return Q(**{who: person.official}) | Q(**{f"{who}__name": person.name})


def _handed_in(person: Person) -> QuerySet[Evidence, Any]:
    undecided = Evidence.objects.filter(_me(person, "handed_in_by"), accepted__isnull=True)
    return undecided.values("task")


def _asked(person: Person, rows: QuerySet[R]) -> list[R]:
    """What others have asked for and nobody has decided, soonest due first."""
    found = rows.filter(granted__isnull=True, task__state__in=("open", "acknowledged"))
    others = found.exclude(_me(person, "asked_by")).select_related("task", "task__estate", "asked_by")
    return list(others.order_by("task__due_on", "id")[:_SHOWN])
