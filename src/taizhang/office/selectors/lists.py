"""The lists of the office: estates, units, tasks and notices, as far as a person may see them.

Reads from: ``access``, ``wishes``, ``ledger.models``.  Read by: the other selectors and the doors.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from taizhang.ledger.models import (
    AdoptedPlan,
    Bill,
    Case,
    Certificate,
    Estate,
    Registration,
    SupervisionNotice,
    Task,
    Unit,
)
from taizhang.office.access import Person, visible
from taizhang.office.selectors.wishes import Narrowing, narrowed, number, status

__all__ = ["ESTATES", "TASKS", "UNITS", "estates", "notices", "tasks", "units"]

RUNNING = ("open", "acknowledged", "handed_in", "handed_back")
_WEEK = timedelta(days=7)


def _class(value: str, prefix: str = "") -> Q:
    if not value.replace("_", "").isalnum():
        raise ValueError(value)
    return Q(**{f"{prefix}classes__contains": f",{value},"})


def _planned(value: str, _: date) -> Q:
    adopted = Exists(AdoptedPlan.objects.filter(estate=OuterRef("pk"), superseded_at__isnull=True))
    return {
        "adopted": Q(adopted),
        "proposed": Q(~adopted) & Q(proposal__isnull=False),
        "none": Q(proposal__isnull=True) & ~Q(adopted),
    }[value]


def _late(value: str, today: date) -> Q:
    if value != "1":
        raise ValueError(value)
    return Q(Exists(Task.objects.filter(_running() & Q(due_on__lt=today), estate=OuterRef("pk"))))


def _running() -> Q:
    return Q(state__in=RUNNING)


def _due(value: str, today: date) -> Q:
    return {
        "overdue": Q(due_on__lt=today),
        "week": Q(due_on__gte=today, due_on__lte=today + _WEEK),
        "later": Q(due_on__gt=today + _WEEK),
        "undated": Q(due_on__isnull=True),
    }[value] & _running()


def _case(value: str, _: date) -> Q:
    registered = Registration.objects.filter(kind="first", cancelled_on__isnull=True)
    return {
        "registered": Q(pk__in=registered.values("estate")),
        "closed": Q(pk__in=Case.objects.filter(state="closed").values("estate")),
    }[value]


def _title(value: str, _: date) -> Q:
    certified = Certificate.objects.filter(cancelled_on__isnull=True)
    return {
        "certified": Q(pk__in=certified.values("unit")),
        "collected": Q(pk__in=certified.filter(collected_on__isnull=False).values("unit")),
        "billed": Q(pk__in=Bill.objects.filter(replaced_on__isnull=True).values("unit")),
    }[value]


def _state(value: str, _: date) -> Q:
    if value == "running":
        return _running()
    if value not in {*RUNNING, "complete", "withdrawn"}:
        raise ValueError(value)
    return Q(state=value)


ESTATES: Narrowing = {
    "q": lambda value, _: Q(name__icontains=value) | Q(identity__icontains=value),  # developer, address …
    "county": lambda value, _: Q(county=value),
    "street": lambda value, _: Q(street=value),
    "class": lambda value, _: _class(value),
    "status": lambda value, _: Q(status=status(value)),
    "plan": _planned,
    "case": _case,
    "late": _late,
}
UNITS: Narrowing = {
    "county": lambda value, _: Q(county=value),
    "estate": lambda value, _: Q(estate_id=number(value)),
    "class": lambda value, _: _class(value, "estate__"),
    "status": lambda value, _: Q(status=status(value)),
    "title": _title,
    "fees": lambda value, _: Q(fees_fen__isnull={"unknown": True, "known": False}[value]),
    "q": lambda value, _: Q(name__icontains=value) | Q(building__name__icontains=value),
}
TASKS: Narrowing = {
    "q": lambda value, _: Q(estate__name__icontains=value),
    "county": lambda value, _: Q(county=value),
    "street": lambda value, _: Q(street=value),
    "supplier": lambda value, _: Q(supplier=value),
    "item": lambda value, _: Q(item=value),
    "kind": lambda value, _: Q(kind={"gap": "gap", "duty": "duty"}[value]),
    "state": _state,
    "due": _due,
    "estate": lambda value, _: Q(estate_id=number(value)),
    "responsible": lambda value, _: Q(responsible_id=number(value)),
}


def estates(person: Person, wanted: Mapping[str, str], today: date, name: str = "see") -> QuerySet[Estate]:
    """Estates a person may see, or may do the act ``name`` to, narrowed by wishes.

    Raises:
        InputError: ``E-WISH``.
    """
    return visible(person, Estate.objects.filter(narrowed(ESTATES, wanted, today)), name)


def units(person: Person, wanted: Mapping[str, str], today: date, name: str = "see") -> QuerySet[Unit]:
    """Units a person may see, or may do the act ``name`` to, narrowed by wishes.

    Raises:
        InputError: ``E-WISH``.
    """
    return visible(person, Unit.objects.filter(narrowed(UNITS, wanted, today)), name)


def tasks(person: Person, wanted: Mapping[str, str], today: date, name: str = "see") -> QuerySet[Task]:
    """Tasks a person may see, or may do the act ``name`` to, narrowed by wishes.

    Raises:
        InputError: ``E-WISH``.
    """
    return visible(person, Task.objects.filter(narrowed(TASKS, wanted, today)), name)


def notices(person: Person, today: date, limit: int = 30) -> list[SupervisionNotice]:
    """The highest rung of each task that came to one in the last seven days, newest first."""
    recent = SupervisionNotice.objects.filter(claimed_at__date__gt=today - _WEEK)
    found: dict[int, SupervisionNotice] = {}
    rows = visible(person, recent).select_related("task", "task__estate").order_by("-id")
    for one in rows[: limit * 10]:
        found.setdefault(one.task_id, one)
    return list(found.values())[:limit]
