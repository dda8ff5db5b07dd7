"""One task: why the paper is needed, until when and why then, and what was done.

Reads from: ``access``, ``planrecord``, ``tasks``, ``ledger.models``.  Read by: the doors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
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
    Task,
)
from taizhang.office.access import Person, visible, would_see
from taizhang.office.clocks import Due
from taizhang.office.dossier import facts_of
from taizhang.office.planrecord import PlanContent, unpack_plan
from taizhang.office.selectors.estate import Happened, not_seen
from taizhang.office.selectors.reasons import Choice, path_to
from taizhang.office.tasks import due_of
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
        due: The due date with its explanation, a line a day.
        acts: What the person may do with it as it stands.
        others: Officials it could be handed over to.
    """

    task: Task
    places: Sequence[str]
    gap: Mapping[str, object]
    path: Sequence[Choice]
    due: Due
    evidence: Sequence[Evidence]
    suspensions: Sequence[Suspension]
    extensions: Sequence[Extension]
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
    acts = _offered(person, task, evidence, suspensions, extensions)
    return TaskSheet(
        task,
        json.loads(task.places),
        gap,
        path_to(pack, content["route"], facts_of(task.estate), task.item) if gap else (),
        due_of(task, WorkCalendar.china()),
        evidence,
        suspensions,
        extensions,
        list(task.notices.order_by("id")),
        [
            Happened(one.at, one.act, one.actor, one.subject, json.loads(one.detail))
            for one in JournalEntry.objects.filter(subject=f"task:{task.pk}").order_by("-id")[:50]
        ],
        acts,
        _others(task, today) if "hand_over_task" in acts else (),
    )


def _offered(
    person: Person,
    task: Task,
    evidence: Sequence[Evidence],
    suspensions: Sequence[Suspension],
    extensions: Sequence[Extension],
) -> frozenset[str]:
    standing = any(one.until is None for one in suspensions)
    asked = [one for one in extensions if one.granted is None]
    mine = any(one.accepted is None and one.handed_in_by_id == person.official for one in evidence)
    not_now = {
        "suspend_task": standing,
        "resume_task": not standing,
        "ask_extension": bool(asked),
        "decide_extension": not asked or asked[0].asked_by_id == person.official,
        "accept_evidence": mine,
        "refuse_evidence": mine,
    }
    row = Task.objects.filter(pk=task.pk)
    return frozenset(
        name
        for name, states in ACTS.items()
        if task.state in states and not not_now.get(name) and visible(person, row, name).exists()
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
