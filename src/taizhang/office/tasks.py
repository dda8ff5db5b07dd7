"""From the gaps of a plan to tasks: who owns each, and until when.

A paper that many units need each is one task with the list of the units.  What a firm or a household
owes is chased by the sub-district office of the estate.

Reads from: ``clocks``, ``journal``, ``ledger.models``, ``planrecord``.  Read by: ``planning``, ``workflow``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from taizhang.ledger.models import AdoptedPlan, Estate, Official, Organisation, Task
from taizhang.office.clocks import Clock, Due, Extended, Limit, Suspended, due
from taizhang.office.journal import Act
from taizhang.office.planrecord import unpack_plan
from taizhang.rules.worktime import WorkCalendar

__all__ = ["FINISHED", "clock_of", "due_of", "open_tasks", "settle_tasks", "stays", "still_wanted"]

FINISHED = ("complete", "withdrawn")
_BUREAUS = {"fire_brigade": "housing_bureau"}  # acceptance moved to housing in 2019; the brigade's files too
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class _Owner:
    organisation: Organisation | None
    official: Official | None


def open_tasks(plan: AdoptedPlan, estate: Estate) -> list[Task]:
    """The tasks of a plan, not yet written: one for each paper and place, and for each duty."""
    told, drafts = unpack_plan(plan.content), dict[Key, Task]()
    owners = _Owners(estate)
    for gap in told["gaps"]:
        alone = gap["level"] == "unit"
        place = estate.place if alone else gap["place"]
        key = ("gap", gap["item"], place)
        days, units = max(1, gap["end"]), gap["count"] if alone else gap["units"]
        if key in drafts:
            drafts[key].units += units
            drafts[key].working_days = max(drafts[key].working_days, days)
        else:
            drafts[key] = _task(plan, estate, key, owners, (gap["level"], gap["supplier"], units, days))
    _places(told, estate, drafts)
    for item, place, supplier, days, *_ in told["duties"]:
        key = ("duty", item, place)
        drafts.setdefault(
            key, _task(plan, estate, key, owners, ("estate", supplier, estate.units_total, days))
        )
    calendar = WorkCalendar.china()
    for task in drafts.values():
        task.due_on = due(calendar, Clock(task.start_on, (Limit("", task.working_days),))).on
        task.next_look_on = task.start_on
    return list(drafts.values())


def _places(told: Mapping[str, Any], estate: Estate, drafts: Mapping[Key, Task]) -> None:
    """Which units need each paper of their own."""
    needing: dict[str, list[str]] = {}
    for unit in told["units"]:
        for item in unit[3]:
            needing.setdefault(item, []).append(unit[0])
    for item, places in needing.items():
        task = drafts.get(("gap", item, estate.place))
        if task is not None:
            task.places, task.units = json.dumps(sorted(places), ensure_ascii=False), len(places)


def _task(
    plan: AdoptedPlan, estate: Estate, key: Key, owners: _Owners, what: tuple[str, str, int, int]
) -> Task:
    (kind, item, place), (level, supplier, units, days) = key, what
    owner = owners.of(supplier)
    return Task(
        county=estate.county,
        street=estate.street,
        estate=estate,
        plan=plan,
        kind=kind,
        item=item,
        place=place,
        level=level,
        units=units,
        supplier=supplier,
        organisation=owner.organisation,
        responsible=owner.official,
        sponsor=owners.sponsor,
        state="open",
        start_on=plan.start_on,
        working_days=days,
    )


class _Owners:
    """Who owns what of one estate."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        told: Mapping[str, str] = json.loads(estate.identity)
        self.sponsor = told.get("sponsor", "")[:60]
        self.named = told.get("responsible_official", "")
        self.known: dict[str, _Owner] = {}

    def of(self, supplier: str) -> _Owner:
        """The bureau of the county, else of the city, else the sub-district office."""
        if supplier not in self.known:
            found = self._bureau(_BUREAUS.get(supplier, supplier)) or self._street()
            self.known[supplier] = _Owner(found, self._official(found))
        return self.known[supplier]

    def _bureau(self, supplier: str) -> Organisation | None:
        bureaus = Organisation.objects.filter(kind="bureau", supplier=supplier)
        return (
            bureaus.filter(county=self.estate.county).order_by("id").first()
            or bureaus.filter(county="").order_by("id").first()
        )

    def _street(self) -> Organisation | None:
        found = Organisation.objects.filter(
            kind="street", county=self.estate.county, street=self.estate.street
        )
        return found.first()

    def _official(self, organisation: Organisation | None) -> Official | None:
        if organisation is None:
            return None
        people = list(Official.objects.filter(organisation=organisation, active=True).order_by("id"))
        named = [one for one in people if one.name and one.name in self.named]
        return next(iter(named or people), None)


def settle_tasks(
    doing: Act, plan: AdoptedPlan, before: AdoptedPlan | None, drafts: Sequence[Task]
) -> tuple[int, int, int]:
    """Write the tasks of a new plan; those that stay keep their state and clock.

    A paper that was handed in is decided on, also where the new plan does without it.

    Returns:
        How many were opened, kept and withdrawn.
    """
    running = list(Task.objects.filter(plan=before).exclude(state__in=FINISHED)) if before else []
    old = {(one.kind, one.item, one.place): one for one in running}
    new = {(one.kind, one.item, one.place): one for one in drafts}
    done = Task.objects.filter(estate_id=plan.estate_id, kind="duty", state="complete")
    settled = {("duty", item, place) for item, place in done.values_list("item", "place")}
    fresh = [one for key, one in new.items() if key not in old and key not in settled]
    doing.insert(fresh)
    kept = 0
    for key, task in old.items():
        if key in new or stays(task):
            kept += 1
            changes: dict[str, object] = {"plan": plan}
            if not stays(task):  # a paper counts for the places it was handed in for, not for later ones
                changes |= {"units": new[key].units, "places": new[key].places}
            doing.update(task, **changes)
        else:
            doing.update(task, state="withdrawn", next_look_on=None)
    return len(fresh), kept, len(old) - kept


def stays(task: Task) -> bool:
    """Whether a task stays whatever the plan says: its paper waits for a decision."""
    return task.state == "handed_in"


def still_wanted(task: Task) -> bool:
    """Whether the plan of a task asks for its paper there."""
    told = unpack_plan(task.plan.content)
    if task.kind == "duty":
        return any((item, place) == (task.item, task.place) for item, place, *_ in told["duties"])
    return any(
        gap["item"] == task.item and (gap["level"] == "unit" or gap["place"] == task.place)
        for gap in told["gaps"]
    )


def due_of(task: Task, calendar: WorkCalendar) -> Due:
    """The due date of a task as it stands, with its explanation day by day."""
    return due(calendar, clock_of(task))


def clock_of(task: Task) -> Clock:
    """The clock of a task with what was suspended and granted."""
    suspensions = tuple(
        Suspended(one.since, one.until, one.reason) for one in task.suspensions.order_by("since", "id")
    )
    granted = task.extensions.filter(granted=True).order_by("decided_on", "id")
    extensions = tuple(
        Extended(one.working_days, one.decided_on, one.reason) for one in granted if one.decided_on
    )
    return Clock(task.start_on, (Limit(task.item, task.working_days),), suspensions, extensions)
