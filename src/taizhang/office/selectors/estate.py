"""One estate: what is known of it, its plan, its gaps and tasks, and what has happened.

Reads from: ``access``, ``planrecord``, ``tasks``, ``ledger.models``.  Read by: the doors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from taizhang.errors import AccessError, InputError
from taizhang.ledger.models import AdoptedPlan, Case, Estate, JournalEntry, PlanProposal, Task
from taizhang.office.access import Person, may, visible, would_list
from taizhang.office.planrecord import PlanContent, unpack_plan
from taizhang.office.tasks import FINISHED, open_tasks, stays

__all__ = [
    "EstateSheet",
    "Happened",
    "Shift",
    "estate_named",
    "estate_seen",
    "estate_sheet",
    "happened",
    "in_progress",
]


@dataclass(frozen=True, slots=True)
class Shift:
    """What adopting the newest plan would change: (paper, place) opened and withdrawn."""

    opened: Sequence[tuple[str, str]]
    withdrawn: Sequence[tuple[str, str]]
    kept: int


@dataclass(frozen=True, slots=True)
class Happened:
    """An act on an estate or one of its tasks."""

    at: datetime
    act: str
    actor: str
    subject: str
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class EstateSheet:
    """One estate as its page shows it.

    Attributes:
        words: What the ledger says of it.
        facts, held: What is recorded of the estate itself, by fact and by paper.
        content: The newest plan as kept, ``None`` where there is none.
        tasks: Of the plan in force, soonest due first; finished ones after it.
        shift: ``None`` where the newest plan is in force, or none is.
        may_adopt: Whether the person may adopt a plan here.
        may_find: Whether the person may record what was found out.
    """

    estate: Estate
    case: Case | None
    words: Mapping[str, str]
    facts: Mapping[str, object]
    held: Mapping[str, str]
    proposal: PlanProposal | None
    content: PlanContent | None
    adopted: AdoptedPlan | None
    tasks: Sequence[Task]
    shift: Shift | None
    may_adopt: bool
    may_find: bool


def estate_seen(person: Person, key: int, name: str = "see") -> Estate:
    """An estate that a person may see, or may do the act to.

    Raises:
        AccessError: ``E-NOT-SEEN`` none that the person may see; whether there is one is not said.
    """
    found = visible(person, Estate.objects.filter(pk=key), name).first()
    if found is None:
        raise not_seen()
    return found


def estate_named(person: Person, name: str) -> Estate:
    """The estate of a name.

    Raises:
        InputError: ``E-ESTATE-NAME`` none that the person may see, or several.
    """
    found = list(visible(person, Estate.objects.filter(name=name))[:2])
    if len(found) != 1:
        raise InputError(
            "'{name}' names {count} estates that you may see.",
            hint="Write the name as the ledger has it.",
            zh="您可查看的小区中，“{name}”对应 {count} 个；请按台账名称填写。",
            code="E-ESTATE-NAME",
            name=name,
            count="several" if found else "no",
        )
    return found[0]


def not_seen() -> AccessError:
    """There is no such record, or not for this person: the same words for both."""
    return AccessError(
        "There is nothing here that you may see.",
        hint="Check the address, or ask the task force of the county.",
        zh="此处没有您可查看的内容，请核对网址，或联系本县（市、区）专班。",
        code="E-NOT-SEEN",
    )


def estate_sheet(person: Person, key: int) -> EstateSheet:
    """Everything the page of an estate shows.

    Raises:
        AccessError: ``E-NOT-SEEN``.
    """
    estate = estate_seen(person, key)
    proposal = PlanProposal.objects.filter(estate=estate).first()
    adopted = (
        AdoptedPlan.objects.filter(estate=estate, superseded_at__isnull=True)
        .select_related("adopted_by")
        .first()
    )
    tasks = sorted(
        visible(person, Task.objects.filter(estate=estate)).select_related("organisation", "responsible"),
        key=lambda one: (one.state in FINISHED, one.due_on is None, one.due_on, one.pk),
    )
    return EstateSheet(
        estate,
        Case.objects.filter(estate=estate).select_related("programme").first(),
        json.loads(estate.identity),
        json.loads(estate.facts),
        json.loads(estate.held),
        proposal,
        unpack_plan(proposal.content) if proposal else None,
        adopted,
        tasks,
        _shift(person, estate, proposal, adopted),
        may(person, "adopt_plan", estate),
        may(person, "record_fact", estate),
    )


def _shift(
    person: Person, estate: Estate, proposal: PlanProposal | None, adopted: AdoptedPlan | None
) -> Shift | None:
    """Of the tasks that the person sees, or would see."""
    if proposal is None or adopted is None or proposal.plan_digest == adopted.plan_digest:
        return None
    draft = AdoptedPlan(estate=estate, start_on=adopted.start_on, content=proposal.content)
    drafts = (one for one in open_tasks(draft, estate) if would_list(person, one))
    new = {(one.kind, one.item, one.place) for one in drafts}
    running = visible(person, Task.objects.filter(plan=adopted).exclude(state__in=FINISHED))
    old = {(one.kind, one.item, one.place): one for one in running}
    stay = {key for key, one in old.items() if key in new or stays(one)}
    opened, gone = sorted(new - old.keys()), sorted(old.keys() - stay)
    if not opened and not gone:
        return None  # another computation of the same work
    return Shift(
        [(item, place) for _, item, place in opened],
        [(item, place) for _, item, place in gone],
        len(stay),
    )


def in_progress(person: Person, estate: Estate) -> frozenset[str]:
    """Papers of an estate that somebody is at work on."""
    rows = visible(person, Task.objects.filter(estate=estate, state__in=["acknowledged", "handed_in"]))
    return frozenset(rows.values_list("item", flat=True))


def happened(person: Person, estate: Estate, limit: int = 100) -> Sequence[Happened]:
    """The newest acts on an estate and its tasks."""
    keys = visible(person, Task.objects.filter(estate=estate)).values_list("pk", flat=True)
    subjects = [f"estate:{estate.pk}", *(f"task:{key}" for key in keys)]
    found = [
        entry
        for at in range(0, len(subjects), 500)
        for entry in JournalEntry.objects.filter(subject__in=subjects[at : at + 500]).order_by("-id")[:limit]
    ]
    found.sort(key=lambda one: one.pk, reverse=True)
    return [
        Happened(one.at, one.act, one.actor, one.subject, json.loads(one.detail)) for one in found[:limit]
    ]
