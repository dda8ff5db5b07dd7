"""A second opinion on every plan, before it is shown.

The planner is clever; this is not.  It reads the pack, the dossier and the finished plan and
walks from the goal down, once: is every way in force and its guard true, is every need met,
is every missing paper in the plan and obtainable, is nothing in the plan that the route
does not use, do money, effort, rank, number and days add up, and is every paper on hand still
valid when the work begins for which the route uses it?  It shares no code with the planner,
only the records, the calendar, the evaluation of expressions and the answers that guards tell apart.

Reads from: ``terms``, ``walkdown``, ``worktime``.  Read by: the doors and the tests.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from taizhang.errors import CalendarError
from taizhang.rules.homewalks import Homes
from taizhang.rules.terms import Dossier, EstatePlan, Held, JointPlan, Pack, Plan, Status
from taizhang.rules.walkdown import Key, WalkDown
from taizhang.rules.worktime import WorkCalendar

__all__ = ["Verdict", "check_in_full", "check_joint_plan", "check_plan"]

_PLANNED = (Status.OPEN, Status.DEPENDS)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the second checker says; true where the plan holds.

    Attributes:
        problems: What is wrong, one sentence each.
    """

    problems: tuple[str, ...]

    def __bool__(self) -> bool:
        return not self.problems


def check_plan(
    pack: Pack,
    dossier: Dossier,
    plan: Plan,
    *,
    place: str | None = None,
    calendar: WorkCalendar | None = None,
) -> Verdict:
    """Check a marginal plan against the pack and the dossier.

    Args:
        pack: The law on its day.
        dossier: What is known.
        plan: A feasible plan of :func:`taizhang.rules.plan.cheapest_plan`.
        place: The unit; the goal's only place by default.
        calendar: Tells when papers lapse; the official one that comes with this version by default.

    Returns:
        A verdict that is true where the plan holds, with the problems where it does not.
        A plan that says "blocked" claims nothing and holds.

    >>> from datetime import date
    >>> from taizhang.rules import Dossier, cheapest_plan, check_plan, load_pack
    >>> pack = load_pack("title-certificates", as_of=date(2024, 1, 28))
    >>> dossier = Dossier.of(pack)
    >>> bool(check_plan(pack, dossier, cheapest_plan(pack, dossier)))
    True
    """
    if not plan.feasible:
        return Verdict(())
    level = pack.nodes[pack.goal].level
    goals = [place] if place else [one.id for one in dossier.places.values() if one.level == level]
    assumed = {(a.fact, a.place): a.answers for a in plan.assumes}
    papers = {(gap.item, gap.place) for gap in plan.gaps}
    ways = {(choice.node, choice.place): choice.way for choice in plan.route}
    walk = WalkDown(pack, _as_planned(dossier, plan), ways, assumed, papers)
    for unit in goals:
        walk.reach((pack.goal, unit))
    found = [*walk.problems, *_unlasting(walk, dossier, plan, calendar)]
    items = tuple(sorted(name for name, _ in walk.papers))
    if items != plan.items:
        found.append(f"items: the route needs {items}, the plan lists {plan.items}")
    for part, total in walk.totals().items():
        if total != getattr(plan.vector, part):
            found.append(f"{part}: adds up to {total}, the plan says {getattr(plan.vector, part)}")
    return Verdict(tuple(found))


def check_joint_plan(
    pack: Pack,
    dossier: Dossier,
    plan: JointPlan,
    alike: Mapping[str, tuple[str, ...]],
    *,
    calendar: WorkCalendar | None = None,
) -> Verdict:
    """Check a joint plan against the pack and the dossier.

    Args:
        pack: The law on its day.
        dossier: One estate, all its units.
        plan: A joint plan of :func:`taizhang.rules.joint.plan_estate`.
        alike: Representative unit -> the units it stands for.
        calendar: Tells when papers lapse; the official one that comes with this version by default.
    """
    of = {unit: first for first, units in alike.items() for unit in units}
    ways = {
        (choice.node, unit): choice.way
        for choice in plan.route
        for unit in alike.get(choice.place, (choice.place,))
    }
    listed = {(gap.item, gap.place) for gap in plan.gaps}
    walk = WalkDown(
        pack,
        _as_planned(dossier, plan),
        ways,
        {(a.fact, a.place): a.answers for a in plan.assumes},
        listed,
        of,
    )
    for unit in sorted(of):
        if unit not in plan.left_out:
            walk.reach((pack.goal, unit))
    found = [*walk.problems, *_unlasting(walk, dossier, plan, calendar)]
    return Verdict((*found, *walk.unlike(listed, plan.vector)))


def check_in_full(
    pack: Pack,
    dossier: Dossier,
    plan: EstatePlan,
    route: Mapping[Key, str],
    assumes: Mapping[Key, tuple[str, ...]],
) -> Verdict:
    """Check what is shown of an estate in a planned city: home by home, with nothing told for many at once.

    Args:
        pack: The law on its day.
        dossier: The estate as it was planned; what lapses too early is missing.
        plan: What is shown of it.
        route: The way taken, by ``(node, place)``, of every home that takes part.
        assumes: Answers that open facts are assumed to have, by ``(fact, place)``.

    Returns:
        A verdict that is true where the plan holds.  One that is not proved may be done sooner than it says.
    """
    level, joint = pack.nodes[pack.goal].level, plan.joint
    out = set(joint.left_out)
    units = [one for one in plan.units if one.status in _PLANNED and one.place.id not in out]
    own = [(item, one.place.id) for one in units for item in one.own]
    listed = {(gap.item, gap.place) for gap in joint.gaps if gap.level != level}.union(own)
    walk = WalkDown(pack, dossier, route, assumes, listed)
    homes = Homes(walk)
    waits = [homes.through(unit.place.id) for unit in units]
    found = [*walk.problems, *walk.unlike(listed, joint.vector if units else None, sooner=not joint.proved)]
    for unit, told in zip(units, waits, strict=True):
        if told is not None and told != set(unit.shared):
            found.append(f"{unit.place.id}: waits for {sorted(told)}, the plan says {unit.shared}")
    lacking = {gap.item: gap.count for gap in joint.gaps if gap.level == level}
    if lacking != dict(Counter(item for item, _ in own)):
        found.append(f"gaps: told of {lacking} homes, lacking in {dict(Counter(item for item, _ in own))}")
    return Verdict(tuple(found))


# ------------------------------------------------------------------------- what lapses


def _as_planned(dossier: Dossier, plan: Plan | JointPlan) -> Dossier:
    """The dossier with the papers missing that the plan says will lapse."""
    again = [one for one in plan.lapses if one.renewal]
    if not again:
        return dossier
    held = dict(dossier.held) | {(one.item, one.place): Held.MISSING for one in again}
    return replace(dossier, held=held)


def _unlasting(
    walk: WalkDown, dossier: Dossier, plan: Plan | JointPlan, calendar: WorkCalendar | None
) -> list[str]:
    """What lapses before its use, on hand or obtained, and what is called lapsing and has no last day."""
    pack = walk.pack
    if not dossier.valid_until and not any(paper.valid_for for paper in pack.evidence.values()):
        return []
    found = []
    for one in plan.lapses:
        if one.renewal and dossier.last_day(one.item, one.place) != one.until:
            found.append(f"{one.item}@{one.place}: does not lapse on {one.until}")
    calendar = calendar or WorkCalendar.china()
    issued: dict[Key, tuple[date, date]] = {}
    for gap in plan.gaps:
        paper = pack.evidence.get(gap.item)
        if paper is not None and paper.valid_for is not None and not gap.twice:
            day = _begins(calendar, dossier.as_of, gap.end)
            issued[gap.item, gap.place] = day, paper.valid_for.until(day)
    on_hand, obtained = walk.uses({key: last for key, (_, last) in issued.items()})
    for (name, place), (day, last) in issued.items():
        work = obtained.get((name, place))
        if work is not None and last < _begins(calendar, dossier.as_of, work):
            found.append(f"{name}@{place}: issued on {day} it lapses before working day {work}")
    for (name, place), work in sorted(on_hand.items()):
        until = dossier.last_day(name, place)
        if until is not None and until < _begins(calendar, dossier.as_of, work):
            found.append(f"{name}@{place}: lapses on {until}, before its use on working day {work}")
    return found


def _begins(calendar: WorkCalendar, start: date, work: int) -> date:
    """The day on which the work of a working day begins; where no notice is out yet, a late one."""
    counted, day = 0, start
    while counted < work:
        day += timedelta(days=1)
        try:
            counted += calendar.is_open(day)
        except CalendarError:
            return day + timedelta(days=2 * (work - counted) + 13)
    return day
