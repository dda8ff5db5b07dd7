"""Papers that lapse in a city: only the estates that hold such papers are looked at again.

A city is planned in columns, which know no dates.  Of an estate that holds a paper with a last day
before the end of its plan, or in the coming thirty days, the joint plan tells which papers do not
last; then the estate is planned once more with these missing.  Estates without such papers, most of
them, cost one look at an empty mapping.

Reads from: ``joint``, ``expiry``, ``estate``.  Read by: ``city``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from taizhang.rules.estate import due_dates
from taizhang.rules.expiry import SOON, Days, UseDays, put_off
from taizhang.rules.joint import plan_estate
from taizhang.rules.terms import AtLeast, Dossier, EstatePlan, Gap, Lapse, Pack, Step, Way
from taizhang.rules.worktime import WorkCalendar

__all__ = ["lasting_plans"]

Again = Callable[[Sequence[Dossier], Sequence[Mapping[str, str]]], list[EstatePlan]]


def lasting_plans(
    pack: Pack,
    dossiers: Sequence[Dossier],
    plans: Sequence[EstatePlan],
    calendar: WorkCalendar,
    objective: Sequence[str],
    again: Again,
) -> list[EstatePlan]:
    """Return the plans of a city in which papers on hand last until their use.

    Args:
        pack: The law on its day.
        dossiers: One estate each.
        plans: Of these, made as if what they hold did not lapse.
        calendar: Tells when papers lapse.
        objective: Parts in the declared order.
        again: Plans dossiers of which nothing has a last day.

    Returns:
        The same plans where nothing lapses.  Others say which papers are missing because they lapse,
        which lapse soon, and from when papers that count for a time only may be obtained.

    Cost:
        One joint plan more for each estate that holds a paper which lapses too early or soon, and
        once more for each round in which one is marked.
    """
    found = list(plans)
    told: dict[int, tuple[Lapse, ...]] = {}
    renewed: dict[int, Dossier] = {}
    for number, (dossier, plan) in enumerate(zip(dossiers, plans, strict=True)):
        if dossier.valid_until and _looked_at(dossier, plan, calendar):
            estate = plan_estate(pack, dossier, objective=objective, calendar=calendar)
            told[number] = estate.plan.lapses
            if any(one.renewal for one in estate.plan.lapses):
                renewed[number] = replace(estate.known, valid_until={})
    if renewed:
        names = [plans[number].identity for number in renewed]
        found_again = again(list(renewed.values()), names)
        for number, plan in zip(renewed, found_again, strict=True):
            found[number] = plan
    limited = frozenset(name for name, paper in pack.evidence.items() if paper.valid_for)
    return [
        _told(pack, plan, told.get(number, ()), limited, calendar) if number in told or limited else plan
        for number, plan in enumerate(found)
    ]


def _looked_at(dossier: Dossier, plan: EstatePlan, calendar: WorkCalendar) -> bool:
    """Whether anything may lapse before the plan ends, or soon."""
    end = Days(calendar, dossier.as_of).on(plan.joint.vector.days)
    first = min(dossier.valid_until.values())
    return first < max(end, dossier.as_of + timedelta(SOON[0] + 1))


def _told(
    pack: Pack, plan: EstatePlan, lapses: tuple[Lapse, ...], limited: frozenset[str], calendar: WorkCalendar
) -> EstatePlan:
    """The plan with what its papers' validity means."""
    again = {(one.item, one.place) for one in lapses if one.renewal}
    of_units = {name for name, _ in again if pack.level_of(name) == pack.levels[-1]}
    days = Days(calendar, plan.start)
    gaps = []
    for gap in plan.joint.gaps:
        renewal = gap.item in of_units or any((gap.item, at) in again for at in _around(plan, gap.place))
        valid_for = pack.evidence[gap.item].valid_for if gap.item in limited else None
        told = replace(gap, renewal=renewal) if renewal else gap
        if valid_for is not None:
            told = put_off(told, valid_for, _uses(pack, plan, gap), days)
        gaps.append(told)
    offsets = {
        day for gap in gaps for day in (gap.start, gap.end, gap.obtain_not_before or 0)
    } - plan.due.keys()
    return replace(
        plan,
        joint=replace(plan.joint, gaps=tuple(gaps), lapses=lapses),
        due={**plan.due, **due_dates(calendar, plan.start, offsets)} if offsets else plan.due,
    )


def _around(plan: EstatePlan, place: str) -> Iterator[str]:
    """A place and those it lies in."""
    at: str | None = place
    while at is not None:
        yield at
        at = plan.places[at].parent


def _uses(pack: Pack, plan: EstatePlan, gap: Gap) -> UseDays:
    """The working days of a paper's uses.

    Like steps of units are told once, with the latest end and the least slack of any: what is read
    from them is the day of the last unit.
    """
    steps: dict[str, list[Step]] = {}
    for step in plan.joint.steps:
        steps.setdefault(step.node, []).append(step)
    above: dict[str, list[tuple[str, Way]]] = {}
    for node, taken in sorted({(one.node, one.way) for one in plan.joint.route}):
        found = next(one for one in pack.nodes[node].ways if one.id == taken)
        for need in found.needs:
            for name in need.of if isinstance(need, AtLeast) else (need.ref,):
                above.setdefault(name, []).append((node, found))
    users: list[Step] = []
    pending, seen = [gap.item], set[str]()
    while pending:
        for node, way in above.get(pending.pop(), ()):
            if way.step.days or way.step.effort:
                users += steps.get(node, ())
            elif node not in seen:
                seen.add(node)
                pending.append(node)
    late = gap.end + gap.slack  # the first use, as late as can be
    first = min([one.start for one in users], default=late)
    last = max([one.end - one.days for one in users], default=late)
    return UseDays(first, last, max([late, *(one.end - one.days + one.slack for one in users)]))
