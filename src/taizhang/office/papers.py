"""Papers come to be on hand, or are taken away again: the places they are recorded on.

Reads from: ``journal``, ``planrecord``, ``register``, ``ledger.models``.  Read by: ``workflow``,
``meetings``, ``registrations``, ``certificates``, ``bills``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date

from django.db.models import Q

from taizhang.ledger.models import Building, Estate, Evidence, PlanProposal, Task, Unit
from taizhang.office.journal import Act
from taizhang.office.planrecord import unpack_plan
from taizhang.office.register import packed
from taizhang.rules.terms import Pack

__all__ = [
    "complete_tasks",
    "decision_papers",
    "places_lacking",
    "places_of_task",
    "put_on_hand",
    "recorded",
    "take_from",
    "withdraw_evidence",
]

PlaceRow = Estate | Building | Unit
_RUNNING = Q(state__in=["open", "acknowledged", "handed_in", "handed_back"])


def decision_papers(pack: Pack) -> frozenset[str]:
    """Papers and steps of a pack that a meeting provides."""
    told = (pack.evidence.items(), pack.nodes.items())
    return frozenset(name for table in told for name, one in table if one.kind == "decision")


def put_on_hand(doing: Act, places: Sequence[str], item: str, valid_until: date | None) -> None:
    """Record a paper on places, with the last day on which it counts.

    A paper of the county or the city is told of the place of the estate that needs it.
    """
    for rows in _rows(places):
        for row in rows:
            held, until = json.loads(row.held) | {item: "on_hand"}, json.loads(row.valid_until)
            until.pop(item, None)
            if valid_until:
                until[item] = {"date": valid_until.isoformat()}
            row.held, row.valid_until = packed(held), packed(until)
        doing.update_all(rows, ["held", "valid_until"])


def take_from(doing: Act, row: PlaceRow, item: str) -> None:
    """Record that a paper is missing again at one place."""
    held, until = json.loads(row.held), json.loads(row.valid_until)
    held[item] = "missing"
    until.pop(item, None)
    doing.update(row, held=packed(held), valid_until=packed(until))


def places_lacking(estate: Estate, item: str) -> list[str]:
    """Places of an estate at which its newest plan lacks a paper; the estate itself where it lacks none."""
    proposal = PlanProposal.objects.filter(estate=estate).first()
    content = unpack_plan(proposal.content) if proposal else {"gaps": (), "units": ()}
    found = {gap["place"] for gap in content["gaps"] if gap["item"] == item and gap["level"] != "unit"}
    found |= {unit[0] for unit in content["units"] if item in unit[3]}
    inside = {place for place in found if place.startswith(estate.place)}
    return sorted(inside) or [estate.place]


def complete_tasks(doing: Act, estate: Estate, evidence: Evidence, places: Sequence[str] = ()) -> int:
    """Complete the tasks of an estate whose paper is on hand at all their places, though not by hand-in.

    Args:
        doing: The act.
        estate: The estate.
        evidence: Accepted already, without task; a row is written for each task that is complete by it.
        places: For these, where no such task speaks of them, a row is written without a task.

    Returns:
        How many tasks are complete by it.
    """
    running = Task.objects.filter(_RUNNING, estate=estate, kind="gap", item=evidence.item).order_by("id")
    tasks = [one for one in running if _provided(one)]
    spoken = {place for one in tasks for place in places_of_task(one)}
    columns = [
        one.attname for one in Evidence._meta.concrete_fields if one.name not in {"id", "task", "place"}
    ]
    told = {name: getattr(evidence, name) for name in columns}
    rows = [Evidence(**told, task=one, place=one.place) for one in tasks]
    doing.insert(rows + [Evidence(**told, place=one) for one in places if one not in spoken])
    for one in tasks:
        for waiting in Evidence.objects.filter(task=one, accepted__isnull=True):
            doing.update(
                waiting,
                accepted=False,
                remark=evidence.number,
                decided_by_id=evidence.decided_by_id,
                decided_at=doing.now,
            )
        doing.update(one, state="complete", next_look_on=None)
    return len(tasks)


def withdraw_evidence(doing: Act, evidence: Sequence[Evidence], remark: str) -> None:
    """Accept these papers no more: they are missing again where nothing else that was accepted shows them."""
    for one in evidence:
        doing.update(one, accepted=False, remark=remark)
    for one in evidence:
        others = Evidence.objects.filter(estate=one.estate_id, item=one.item, accepted=True)
        shown = {place for other in others.select_related("task") for place in _places(other)}
        for rows in _rows([place for place in _places(one) if place not in shown]):
            for row in rows:
                take_from(doing, row, one.item)


def places_of_task(task: Task) -> list[str]:
    """The places that a task's paper is for."""
    found: list[str] = json.loads(task.places)
    return found or [task.place]


def _places(evidence: Evidence) -> list[str]:
    return places_of_task(evidence.task) if evidence.task else [evidence.place]


def recorded(doing: Act, estate: Estate, item: str, number: str, by: int) -> Evidence:
    """Evidence of a step that a record of our own shows: what is registered, certified, billed or paid."""
    return Evidence(
        county=estate.county,
        estate=estate,
        item=item,
        place=estate.place,
        number=number[:120],
        handed_in_by_id=by,
        handed_in_at=doing.now,
        decided_by_id=by,
        decided_at=doing.now,
        accepted=True,
    )


def _provided(task: Task) -> bool:
    """Whether the paper of a task is on hand at every place it is for."""
    held = [json.loads(row.held).get(task.item) for rows in _rows(places_of_task(task)) for row in rows]
    return bool(held) and all(one == "on_hand" for one in held)


def _rows(places: Sequence[str]) -> Iterator[list[PlaceRow]]:
    for model in (Estate, Building, Unit):
        for at in range(0, len(places), 500):
            rows: list[PlaceRow] = list(model.objects.filter(place__in=places[at : at + 500]).order_by("id"))
            if rows:
                yield rows
