"""One task: why the paper is needed, until when and why then, and what was done.

Reads from: ``access``, ``planrecord``, ``tasks``, ``ledger.models``.  Read by: the doors.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from taizhang.ledger.models import (
    Evidence,
    Extension,
    JournalEntry,
    Official,
    SupervisionNotice,
    Suspension,
    SuspensionRequest,
    Task,
)
from taizhang.office.access import Person, same_person, visible, would_see
from taizhang.office.clocks import Due, used
from taizhang.office.dossier import facts_of
from taizhang.office.planrecord import PlanContent, unpack_plan
from taizhang.office.selectors.estate import Happened, not_seen
from taizhang.office.selectors.reasons import Choice, path_to
from taizhang.office.tasks import clock_of, due_of
from taizhang.rules.terms import Pack
from taizhang.rules.worktime import WorkCalendar

__all__ = ["ACTS", "TaskSheet", "task_seen", "task_sheet"]

#: act -> the states in which it is offered
ACTS: Mapping[str, tuple[str, ...]] = {
    "acknowledge_task": ("open",),
    "hand_in_evidence": ("acknowledged",),
    "accept_evidence": ("handed_in",),
    "refuse_evidence": ("handed_in",),
    "hand_back_task": ("open", "acknowledged"),
    "hand_over_task": ("open", "acknowledged", "handed_back"),
    "ask_extension": ("open", "acknowledged"),
    "decide_extension": ("open", "acknowledged"),
    "ask_suspension": ("open", "acknowledged"),
    "decide_suspension": ("open", "acknowledged"),
    "suspend_task": ("open", "acknowledged"),
    "resume_task": ("open", "acknowledged"),
}


@dataclass(frozen=True, slots=True)
class TaskSheet:
    """One task as its page shows it.

    Attributes:
        places: Units that need the paper each; empty where it is one paper.
        gap: What the plan says of the paper: money, days; empty for a duty.
        path: Why it is needed: (node, way) from the goal down, along the route that was adopted.
        pause: The suspension that was asked for and is not decided yet.
        due: The due date with its explanation, a line a day.
        spent: Working days used up by today.
        acts: What the person may do with it as it stands.
        others: Officials it could be handed over to.
    """

    task: Task
    places: Sequence[str]
    gap: Mapping[str, object]
    path: Sequence[Choice]
    due: Due
    spent: int
    evidence: Sequence[Evidence]
    suspensions: Sequence[Suspension]
    extensions: Sequence[Extension]
    pause: SuspensionRequest | None
    notices: Sequence[SupervisionNotice]
    happened: Sequence[Happened]
    acts: frozenset[str]
    others: Sequence[Official]


def task_seen(person: Person, key: int) -> Task:
    """A task that a person may see.

    Raises:
        AccessError: ``E-NOT-SEEN``.
    """
    rows = Task.objects.filter(pk=key).select_related("estate", "organisation", "responsible", "plan")
    found = visible(person, rows).first()
    if found is None:
        raise not_seen()
    return found


def task_sheet(person: Person, pack: Pack, key: int, today: date) -> TaskSheet:
    """Everything the page of a task shows; the law of the day says why.

    Raises:
        AccessError: ``E-NOT-SEEN``.
    """
    task = task_seen(person, key)
    content = unpack_plan(task.plan.content)
    gap = _gap(task, content)
    evidence = list(task.evidence.select_related("attachment", "handed_in_by", "decided_by").order_by("-id"))
    suspensions = list(task.suspensions.order_by("since", "id"))
    extensions = list(task.extensions.select_related("asked_by", "decided_by").order_by("id"))
    waiting = task.suspension_requests.filter(granted__isnull=True).select_related("asked_by")
    pause = waiting.first()
    not_now = _not_now(person, task, evidence, suspensions, extensions, pause)
    acts = _offered(person, task, not_now)
    return TaskSheet(
        task,
        json.loads(task.places),
        gap,
        path_to(pack, content["route"], facts_of(task.estate), task.item) if gap else (),
        due_of(task, WorkCalendar.china()),
        used(WorkCalendar.china(), clock_of(task), today)[0],
        evidence,
        suspensions,
        extensions,
        pause,
        list(task.notices.order_by("id")),
        [
            Happened(one.at, one.act, one.actor, one.subject, json.loads(one.detail))
            for one in JournalEntry.objects.filter(subject=f"task:{task.pk}").order_by("-id")[:50]
        ],
        acts,
        _others(task, today) if "hand_over_task" in acts else (),
    )


def _not_now(
    person: Person,
    task: Task,
    evidence: Sequence[Evidence],
    suspensions: Sequence[Suspension],
    extensions: Sequence[Extension],
    pause: SuspensionRequest | None,
) -> frozenset[str]:
    """Acts that the state allows and something else does not: what waits, what stands, and four eyes."""
    standing = any(one.until is None for one in suspensions)
    asked = next((one for one in extensions if one.granted is None), None)
    handed_in = any(one.accepted is None and same_person(person, one.handed_in_by) for one in evidence)
    responsible = task.responsible is not None and same_person(person, task.responsible)
    told = {
        "suspend_task": standing or responsible,
        "ask_suspension": standing or pause is not None,
        "decide_suspension": pause is None or responsible or same_person(person, pause.asked_by),
        "resume_task": not standing,
        "ask_extension": asked is not None,
        "decide_extension": asked is None or same_person(person, asked.asked_by),
        "accept_evidence": handed_in,
        "refuse_evidence": handed_in,
    }
    return frozenset(name for name, refused in told.items() if refused)


def _offered(person: Person, task: Task, not_now: Collection[str]) -> frozenset[str]:
    row = Task.objects.filter(pk=task.pk)
    return frozenset(
        name
        for name, states in ACTS.items()
        if task.state in states and name not in not_now and visible(person, row, name).exists()
    )


def _gap(task: Task, content: PlanContent) -> Mapping[str, object]:
    for gap in content["gaps"] if task.kind == "gap" else ():
        if gap["item"] == task.item and (gap["place"] == task.place or gap["level"] == "unit"):
            found: Mapping[str, object] = gap
            return found
    return {}


def _others(task: Task, today: date) -> Sequence[Official]:
    people = Official.objects.filter(active=True, county__in=["", task.county]).select_related("organisation")
    with_a_role = people.filter(Q(grants__isnull=False) | Q(secondments__isnull=False)).distinct()
    found = with_a_role.exclude(pk=task.responsible_id or 0).order_by("county", "organisation_id", "id")
    return [one for one in found if would_see(one, task, today)]
