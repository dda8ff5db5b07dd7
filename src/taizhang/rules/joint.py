"""The plan of an estate: all its units together, each shared item once.

Units that look alike are planned as one with a weight; a unit that is blocked is left out
and said so.  The route of each unit is its part of the joint plan.

Reads from: ``ground``, ``truth``, ``favourable``, ``plan``, ``explain``, ``terms``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from taizhang.rules.answers import guards_of
from taizhang.rules.expiry import Days, Marked, Uses, lapses_of, lasting, told_of_gap
from taizhang.rules.explain import Explainer
from taizhang.rules.favourable import Found
from taizhang.rules.ground import Problem, ground
from taizhang.rules.plan import (
    assumptions,
    declared_order,
    gap_of,
    route_of,
    steps_of,
    unknown_costs,
    vector_of,
)
from taizhang.rules.solver import Library, best
from taizhang.rules.steady import kept
from taizhang.rules.terms import (
    Assumption,
    Dossier,
    Gap,
    JointPlan,
    Pack,
    Place,
    RouteChoice,
    Share,
    Status,
    Step,
    Vector,
)
from taizhang.rules.timetable import timetable
from taizhang.rules.truth import Standing, standing
from taizhang.rules.worktime import WorkCalendar

__all__ = ["Estate", "UnitGroup", "group_units", "plan_estate"]


_Placed = TypeVar("_Placed", Step, RouteChoice, Assumption)


@dataclass(frozen=True, slots=True)
class UnitGroup:
    """Units of one building that no rule tells apart.

    Attributes:
        units: Their place ids, in order; the first stands for all.
        status: Where each of them stands.
    """

    units: tuple[str, ...]
    status: Status

    @property
    def first(self) -> str:
        """The unit that is planned for all."""
        return self.units[0]


@dataclass(frozen=True, slots=True)
class Estate:
    """A joint plan with what is needed to explain it.

    Attributes:
        groups: All units, grouped.
        problem, found: The problem and its solution; ``found`` is ``None`` where all are blocked.
        plan: The joint plan.
        own: Papers of its own that each unit lacks.
        shared: Shared papers ``(item, place)`` that each unit waits for.
        status: Status of every node, the worst over its places.
        known: What is known, with what lapses before its use missing.
        explainer: For questions of why; only where explanations were asked for.
    """

    groups: tuple[UnitGroup, ...]
    problem: Problem
    found: Found | None
    plan: JointPlan
    own: Mapping[str, tuple[str, ...]]
    shared: Mapping[str, tuple[tuple[str, str], ...]]
    status: Mapping[str, Status]
    known: Dossier
    explainer: Explainer | None = None


def group_units(pack: Pack, dossier: Dossier) -> list[tuple[str, ...]]:
    """Return the units grouped by building and by everything a rule can see of them."""
    level = pack.nodes[pack.goal].level
    read = frozenset[str]().union(*(guard.names for guard in guards_of(pack)))
    facts = [name for name in sorted(read & pack.facts.keys()) if pack.facts[name].level == level]
    names = [name for name in (*pack.nodes, *pack.evidence) if pack.level_of(name) == level]
    named = {name for node in pack.nodes.values() for way in node.ways for name in way.scope}
    # what lies in a place is not looked at here: only the finest places can be alike
    alone = level != pack.levels[-1] or _counts(pack, level)
    groups: dict[tuple[object, ...], list[str]] = {}
    for place in sorted(one.id for one in dossier.places.values() if one.level == level):
        key = (
            dossier.places[place].parent,
            tuple(str(dossier.fact(name, place)) for name in facts),
            tuple(dossier.state(name, place) for name in names),
            tuple(dossier.last_day(name, place) for name in names) if dossier.valid_until else (),
            frozenset(named.intersection((place, dossier.places[place].name))),  # by a decision for some only
            alone and place,
        )
        groups.setdefault(key, []).append(place)
    return [tuple(units) for units in groups.values()]


def _counts(pack: Pack, level: str) -> bool:
    """Whether a need is of a share of the units: then none can stand for others."""
    needs = (need for node in pack.nodes.values() for way in node.ways for need in way.needs)
    return any(isinstance(need, Share) and need.level == level for need in needs)


def plan_estate(  # noqa: PLR0913 (what to plan by, and how much to say)
    pack: Pack,
    dossier: Dossier,
    *,
    objective: str | Sequence[str] | None = None,
    explain: bool = False,
    library: Library | None = None,
    previous: JointPlan | None = None,
    calendar: WorkCalendar | None = None,
) -> Estate:
    """Plan all units of a dossier together.

    Args:
        pack: The law on its day.
        dossier: One estate with its buildings and units.
        objective: ``cheapest``, ``fewest``, ``fastest`` or the parts in order; the pack's by default.
        explain: Also grade every gap and price its alternatives (one more solve each).
        library: Pieces solved before.
        previous: The plan followed so far; it is kept unless the new one is strictly better.
        calendar: Tells when papers lapse; the official one that comes with this version by default.

    Raises:
        InputError: ``E-ARG-OBJECTIVE``.
        PackError: ``E-PACK-E05``, ``E-PACK-W08``.

    >>> from datetime import date
    >>> from taizhang.rules import Dossier, load_pack, plan_estate
    >>> pack = load_pack("title-certificates", as_of=date(2024, 1, 28))
    >>> found = plan_estate(pack, Dossier.of(pack))
    >>> len(found.groups), found.plan.proved, found.plan.left_out
    (1, True, ())
    """
    order, library = declared_order(pack, objective), library or Library()
    days = Days(calendar, dossier.as_of)
    marked, attempt = lasting(
        dossier,
        days,
        lambda known: _attempt(pack, known, order, library, previous),
        lambda tried: tried.uses,
        lambda tried, place: tried.alike.get(place, (place,)),
    )
    problem, found = attempt.problem, attempt.found
    explainer = None
    if explain and found is not None:
        explainer = Explainer(pack, problem, found, order, papers_in_order(pack, problem), library)
    plan, own, shared = _assembled(pack, attempt, marked, days, explainer)
    value = found.solution.objective(order)[1:] if found else (0,) * len(order)
    plan = replace(plan, objective=value)
    groups = attempt.groups
    return Estate(
        groups, problem, found, plan, own, shared, _worst(pack, attempt.thin), marked.dossier, explainer
    )


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One round: a plan of all units that can be planned."""

    thin: Dossier  #: one unit per group
    groups: tuple[UnitGroup, ...]
    problem: Problem
    found: Found | None
    out: tuple[UnitGroup, ...]  #: groups that are left out
    alike: Mapping[str, tuple[str, ...]]  #: first unit of a group -> its units

    @property
    def uses(self) -> Uses | None:
        """When the plan uses its papers."""
        if self.found is None:
            return None
        solution = self.found.solution
        return Uses(self.problem, solution, timetable(self.problem, solution))


def _attempt(
    pack: Pack, dossier: Dossier, order: tuple[str, ...], library: Library, previous: JointPlan | None
) -> _Attempt:
    members = group_units(pack, dossier)
    thin = _thinned(dossier, members)
    weights = {group[0]: len(group) for group in members}
    every = ground(pack, thin, [(pack.goal, group[0]) for group in members], weights=weights)
    stands = standing(every)
    groups = tuple(UnitGroup(group, stands.status(every.number[pack.goal, group[0]])) for group in members)
    problem, found, out = _solve(pack, thin, groups, order, weights, library)
    if found is not None and previous is not None:
        found = kept(problem, found, order, papers_in_order(pack, problem), previous, library)
    return _Attempt(thin, groups, problem, found, out, {group.first: group.units for group in groups})


def _thinned(dossier: Dossier, members: Sequence[tuple[str, ...]]) -> Dossier:
    """The dossier with one unit per group."""
    dropped = {unit for group in members for unit in group[1:]}
    places: dict[str, Place] = {key: place for key, place in dossier.places.items() if key not in dropped}
    return replace(dossier, places=places)


def _solve(
    pack: Pack,
    thin: Dossier,
    groups: Sequence[UnitGroup],
    order: tuple[str, ...],
    weights: Mapping[str, int],
    library: Library,
) -> tuple[Problem, Found | None, tuple[UnitGroup, ...]]:
    """Plan all that can be planned under one set of answers; return who is left out."""
    sure = [group for group in groups if group.status in (Status.PROVED, Status.OPEN)]
    maybe = [group for group in groups if group.status is Status.DEPENDS]
    blocked = [group for group in groups if group.status is Status.BLOCKED]

    def attempt(chosen: Iterable[UnitGroup]) -> tuple[Problem, Found | None]:
        problem = ground(pack, thin, [(pack.goal, group.first) for group in chosen], weights=weights)
        if not problem.goals:
            return problem, None
        return problem, best(problem, order, papers_in_order(pack, problem), library=library)

    problem, found = attempt([*sure, *maybe])
    if found is not None or not (sure or maybe):
        return problem, found, tuple(blocked)
    # some units need answers that others exclude: keep the sure ones, add the rest where it fits
    kept = list(sure)
    for group in maybe:
        if attempt([*kept, group])[1] is not None:
            kept.append(group)
    problem, found = attempt(kept)
    left = [group for group in groups if group not in kept]
    return problem, found, tuple(left)


def papers_in_order(pack: Pack, problem: Problem) -> list[int]:
    """Papers in the order that breaks ties: shared ones first, then by id."""
    depth = {level: number for number, level in enumerate(pack.levels)}
    numbers = [n for n, one in enumerate(problem.elements) if not one.options]
    return sorted(
        numbers, key=lambda n: (depth[pack.level_of(problem.elements[n].name)], problem.elements[n].key)
    )


def _assembled(
    pack: Pack, tried: _Attempt, marked: Marked, days: Days, explainer: Explainer | None
) -> tuple[JointPlan, dict[str, tuple[str, ...]], dict[str, tuple[tuple[str, str], ...]]]:
    problem, found, groups, out, alike = tried.problem, tried.found, tried.groups, tried.out, tried.alike
    left_out = tuple(sorted(unit for group in out for unit in group.units))
    uses_of = tried.uses
    if found is None or uses_of is None:
        told = lapses_of(marked, ())
        return JointPlan(Vector(), (), True, (), (), (), (), left_out, lapses=told), {}, {}
    solution = found.solution
    uses = {
        group.first: _used(found, problem.number[pack.goal, group.first])
        for group in groups
        if group not in out
    }
    own: dict[str, tuple[str, ...]] = {}
    shared: dict[str, tuple[tuple[str, str], ...]] = {}
    for group in groups:
        used = uses.get(group.first, frozenset())
        papers = [problem.elements[n] for n in solution.papers if n in used]
        for unit in group.units:
            own[unit] = tuple(sorted(one.name for one in papers if one.place == group.first))
            shared[unit] = tuple(sorted(one.key for one in papers if one.place != group.first))
    gaps = _gaps(pack, tried, uses, lambda gap, one: told_of_gap(pack, gap, one, uses_of, marked, days))
    lapses = lapses_of(marked, gaps, _soon(uses_of, marked.dossier, uses, alike))
    if explainer is not None:
        gaps = explainer.graded(gaps)
    times = uses_of.times
    plan = JointPlan(
        vector=vector_of(solution),
        objective=(),
        proved=found.proved,
        gaps=gaps,
        steps=tuple(_each(steps_of(problem, solution, times), alike)),
        route=tuple(_each(route_of(problem, solution), alike)),
        assumes=tuple(_each(assumptions(problem, found.answers), alike)),
        left_out=left_out,
        bound=None if found.proved else solution.bound[1:],
        unknown_costs=unknown_costs(problem, solution),
        lapses=lapses,
    )
    return plan, own, shared


def _soon(
    uses: Uses,
    dossier: Dossier,
    routes: Mapping[str, frozenset[int]],
    alike: Mapping[str, tuple[str, ...]],
) -> Iterator[tuple[tuple[str, str], date, int, int]]:
    """What is on hand, is used and lapses soon: where, until when, when it is used, by how many units."""
    for number, last in uses.soon(dossier):
        name, place = uses.problem.elements[number].key
        over = frozenset(uses.direct[number])
        if place in alike:
            yield from (((name, unit), last, uses.earliest(number), 1) for unit in alike[place])
        else:
            units = sum(len(alike[first]) for first, used in routes.items() if used & over)
            yield (name, place), last, uses.earliest(number), units


def _used(found: Found, goal: int) -> frozenset[int]:
    """Elements of the joint plan that one unit's route goes through."""
    seen: set[int] = set()
    pending = [goal]
    while pending:
        number = pending.pop()
        if number not in seen:
            seen.add(number)
            branch = found.solution.chosen.get(number)
            pending.extend(branch.needs if branch else ())
    return frozenset(seen)


def _gaps(
    pack: Pack,
    tried: _Attempt,
    uses: Mapping[str, frozenset[int]],
    told: Callable[[Gap, int], Gap],
) -> tuple[Gap, ...]:
    """One gap per missing paper and place; a group's own paper once for each of its units."""
    problem, alike, found = tried.problem, tried.alike, tried.found
    assert found is not None, "asked only where something is planned"
    times = timetable(problem, found.solution)
    gaps: list[Gap] = []
    for number in papers_in_order(pack, problem):
        if number not in found.solution.papers:
            continue
        element = problem.elements[number]
        units = sum(len(alike[first]) for first, used in uses.items() if number in used)
        if element.place in alike:
            gap = told(gap_of(problem, times, number, pack), number)
            gaps += [replace(gap, place=unit) for unit in alike[element.place]]
        else:
            gaps.append(told(gap_of(problem, times, number, pack, units), number))
    return tuple(gaps)


def _each(records: Iterable[_Placed], alike: Mapping[str, tuple[str, ...]]) -> Iterator[_Placed]:
    """What holds for the first of like units, once for each of them."""
    for record in records:
        for place in alike.get(record.place, (record.place,)):
            yield replace(record, place=place)


def _worst(pack: Pack, thin: Dossier) -> dict[str, Status]:
    """Status of every node and paper, the worst over the places where it lives."""
    places: dict[str, list[str]] = {}
    for one in thin.places.values():
        places.setdefault(one.level, []).append(one.id)
    names = [*pack.nodes, *pack.evidence]
    keys = [(name, place) for name in names for place in places.get(pack.level_of(name), ())]
    problem = ground(pack, thin, keys)
    stands: Standing = standing(problem)
    worst: dict[str, Status] = {}
    for name, place in keys:
        status = stands.status(problem.number[name, place])
        worst[name] = max(worst.get(name, status), status)
    return worst
