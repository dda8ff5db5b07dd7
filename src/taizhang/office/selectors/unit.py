"""One unit: what it lacks, what it waits for with others, what it owes and why that is not known.

Reads from: ``access``, ``computing``, ``planrecord``, ``ledger.models``.  Read by: the doors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from taizhang.ledger.models import PlanProposal, Unit
from taizhang.office.access import Person, may, visible
from taizhang.office.computing import plan_of
from taizhang.office.planrecord import PlanContent, unpack_plan
from taizhang.office.selectors.estate import not_seen
from taizhang.rules.terms import Pack, Status

__all__ = ["UnitSheet", "unit_seen", "unit_sheet"]


@dataclass(frozen=True, slots=True)
class UnitSheet:
    """One unit as its page shows it.

    Attributes:
        own: Papers of its own that it lacks in the newest plan of its estate.
        shared: (paper, place) missing above it: of the building, the estate or wider.
        planned: Whether there is a plan.
        fees_unknown: Facts and parameters for want of which the bill is not known.
        may_read: Whether the person may see the household in full.
        may_find: Whether the person may record what was found out.
        asked: Facts of units that the newest plan of the estate asks for.
    """

    unit: Unit
    own: Sequence[str]
    shared: Sequence[tuple[str, str]]
    planned: bool
    fees_unknown: Sequence[str]
    may_read: bool
    may_find: bool
    asked: Sequence[str]


def unit_seen(person: Person, key: int) -> Unit:
    """A unit that a person may see.

    Raises:
        AccessError: ``E-NOT-SEEN`` none that the person may see; whether there is one is not said.
    """
    rows = Unit.objects.filter(pk=key).select_related("estate", "building")
    found = visible(person, rows).first()
    if found is None:
        raise not_seen()
    return found


def unit_sheet(person: Person, pack: Pack, key: int) -> UnitSheet:
    """Everything the page of a unit shows but its people.

    Raises:
        AccessError: ``E-NOT-SEEN``.

    Cost:
        Where its bill is not known, that of :func:`~taizhang.office.computing.plan_of`.
    """
    unit = unit_seen(person, key)
    proposal = PlanProposal.objects.filter(estate=unit.estate_id).first()
    content = unpack_plan(proposal.content) if proposal else None
    return UnitSheet(
        unit,
        _own(unit, content),
        _shared(unit, content),
        content is not None,
        _unknown(unit, pack) if content and unit.fees_fen is None else (),
        may(person, "read_household", unit),
        may(person, "record_fact", unit),
        sorted({str(one[0]) for one in content["questions"]}) if content else (),
    )


def _own(unit: Unit, content: PlanContent | None) -> Sequence[str]:
    for place, _, _, own, *_ in content["units"] if content else ():
        if place == unit.place:
            return list(own)
    return ()


def _shared(unit: Unit, content: PlanContent | None) -> Sequence[tuple[str, str]]:
    """Gaps above the unit; one of the city or the county has a place that no building's begins with."""
    above = {unit.building.place, unit.estate.place, f"county›{unit.county}", "county", "city"}
    gaps = (
        content["gaps"] if content and unit.status != Status.PROVED else ()
    )  # what it has, it waits for no more
    return [(one["item"], one["place"]) for one in gaps if one["place"] in above]


def _unknown(unit: Unit, pack: Pack) -> Sequence[str]:
    for one in plan_of(pack, unit.estate).units:
        if one.place.id == unit.place:
            return sorted(one.bill.unknown)
    return ()
