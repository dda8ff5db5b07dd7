"""My desk: what I have to do, what waits for my decision, and what has been noticed.

Reads from: ``lists``, ``access``, ``ledger.models``.  Read by: the doors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from taizhang.ledger.models import Evidence, Extension, SupervisionNotice, Task
from taizhang.office.access import Person, visible
from taizhang.office.selectors.figures import Figure
from taizhang.office.selectors.lists import notices, tasks

__all__ = ["Desk", "desk"]

_SHOWN = 30
_WITH = ("estate", "organisation", "responsible")


@dataclass(frozen=True, slots=True)
class Desk:
    """What an official sees first.

    Attributes:
        mine: Tasks that name the person, soonest due first.
        waiting: Papers handed in that the person may accept.
        extensions: Extensions asked for that the person may decide.
        notices: Of the last seven days.
        figures: overdue, week, running and waiting, each with its list.
    """

    mine: Sequence[Task]
    waiting: Sequence[Task]
    extensions: Sequence[Extension]
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
    own = Evidence.objects.filter(accepted__isnull=True, handed_in_by=person.official).values("task")
    waiting = tasks(person, {"state": "handed_in"}, today, "accept_evidence").exclude(pk__in=own)
    asked = visible(person, Extension.objects.filter(granted__isnull=True), "decide_extension")
    return Desk(
        list(mine[:_SHOWN]),
        list(waiting.select_related(*_WITH)[:_SHOWN]),
        list(
            asked.exclude(asked_by=person.official).select_related("task", "task__estate", "asked_by")[
                :_SHOWN
            ]
        ),
        notices(person, today, _SHOWN),
        figures,
    )
