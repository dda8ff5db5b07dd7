"""All that is said of one estate: its joint plan, its units, its questions, its dates.

Reads from: ``joint``, ``assess``, ``explain``, ``fees``, ``check``, ``worktime``.  Read by: the doors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from taizhang.errors import CalendarError, TaizhangError
from taizhang.rules.answers import as_read
from taizhang.rules.assess import problem_of, questions_of
from taizhang.rules.check import check_joint_plan
from taizhang.rules.completions import Explorer
from taizhang.rules.explain import lift_of
from taizhang.rules.fees import bill
from taizhang.rules.ground import Problem, ground
from taizhang.rules.joint import Estate, plan_estate
from taizhang.rules.plan import declared_order, papers_by_name, vector_of
from taizhang.rules.solver import Library, best
from taizhang.rules.terms import (
    Alternative,
    Bill,
    Dossier,
    EstatePlan,
    JointPlan,
    OpenDuty,
    Pack,
    Question,
    RouteChoice,
    Status,
    UnitPlan,
    Value,
    Vector,
)
from taizhang.rules.truth import Standing, root_blockers, standing
from taizhang.rules.urgency import Urgencies, pressed
from taizhang.rules.worktime import WorkCalendar

__all__ = ["Stopwatch", "due_dates", "duties_of", "full_plan", "problem_classes"]


class Stopwatch:
    """Seconds by stage; the clock is the caller's, the rules have none.

    Args:
        clock: Gives seconds, such as ``time.perf_counter``.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last = clock()
        self.seconds: dict[str, float] = {}

    def lap(self, stage: str) -> None:
        """Add the time since the last lap to a stage."""
        now = self._clock()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._last
        self._last = now


@dataclass(frozen=True, slots=True)
class _Group:
    """What is the same for all units of a group."""

    exact: bool
    marginal: Vector | None
    questions: tuple[Question, ...]  #: those not put for a larger group
    asks: frozenset[tuple[str, str]]  #: every open fact that matters to it
    blockers: tuple[str, ...]


def full_plan(
    pack: Pack,
    dossier: Dossier,
    identity: Mapping[str, str],
    calendar: WorkCalendar,
    *,
    objective: str | Sequence[str] | None = None,
    watch: Stopwatch | None = None,
) -> EstatePlan:
    """Plan one estate and say everything about it.

    Args:
        pack: The law on its day.
        dossier: The estate with its buildings and units.
        identity: What the ledger says of it in words.
        calendar: For the dates; a year without a notice leaves its dates empty.
        objective: ``cheapest``, ``fewest``, ``fastest`` or the parts in order.
        watch: Told when the joint plan, the assessment and the rest are done.

    Raises:
        TaizhangError: ``E-PLAN-CHECK`` the second checker disagrees; the plan is then not shown.
    """
    order = declared_order(pack, objective)
    watch = watch or Stopwatch(lambda: 0.0)
    library = Library()
    estate = plan_estate(pack, dossier, objective=objective, explain=True, library=library, calendar=calendar)
    _verified(pack, dossier, estate, calendar)
    dossier = estate.known
    watch.lap("joint")
    single, stands, told = _groups(pack, dossier, estate, order, library)
    watch.lap("assess")
    blocked = {
        (pack.goal, group.first): len(group.units)
        for group in estate.groups
        if group.status is Status.BLOCKED
    }
    offsets = {0, estate.plan.vector.days}
    for gap in estate.plan.gaps:
        offsets |= {gap.start, gap.end, gap.obtain_not_before or 0}
    for step in estate.plan.steps:
        offsets |= {step.start, step.end}
    duties = duties_of(pack, estate.plan, dossier)
    offsets |= {duty.due for duty in duties}
    units = tuple(_units(pack, dossier, estate, told))
    plan = EstatePlan(
        place=next(place for place in dossier.places.values() if place.level == "estate"),
        identity=identity,
        places=dossier.places,
        facts=dossier.facts,
        status=max((group.status for group in estate.groups), default=Status.PROVED),
        node_status=estate.status,
        classes=problem_classes(pack, dossier, estate.plan.route, single, stands),
        joint=replace(estate.plan, gaps=pressed(estate.plan.gaps, units)),
        units=units,
        questions=_questions(pack, estate, told),
        blocked_by=tuple(sorted({name for group in told.values() for name in group.blockers})),
        lift=lift_of(pack, dossier, blocked, order) if blocked else None,
        alternatives=_alternatives(estate),
        start=dossier.as_of,
        due=due_dates(calendar, dossier.as_of, offsets),
        duties=duties,
    )
    watch.lap("plan")
    return plan


def _verified(pack: Pack, dossier: Dossier, estate: Estate, calendar: WorkCalendar) -> None:
    alike = {group.first: group.units for group in estate.groups}
    verdict = check_joint_plan(pack, dossier, estate.plan, alike, calendar=calendar)
    problems = verdict.problems if estate.found else ()
    if problems:
        raise TaizhangError(
            "The second checker does not accept this plan: {problems}.",
            hint="Please report this with the ledger; the plan is not shown.",
            zh="方案未通过复核：{problems}。请连同台账反馈，该方案不予显示。",
            code="E-PLAN-CHECK",
            problems="; ".join(problems[:5]),
        )


def _groups(
    pack: Pack, dossier: Dossier, estate: Estate, order: tuple[str, ...], library: Library
) -> tuple[Problem, Standing, dict[str, _Group]]:
    """Each group on its own: its marginal plan, its questions, its blockers."""
    single = ground(pack, dossier, [(pack.goal, group.first) for group in estate.groups])
    papers = papers_by_name(single)
    stands = standing(single)
    explorer = Explorer(single, order, papers)
    library.resolver = explorer.resolver
    told: dict[str, _Group] = {}
    asked: set[int] = set()
    for group in sorted(estate.groups, key=lambda one: (-len(one.units), one.first)):
        goal = single.number[pack.goal, group.first]
        range_ = explorer.range(goal)
        found = best(problem_of(single, goal), order, papers, library=library)
        told[group.first] = _Group(
            range_.exact,
            vector_of(found.solution) if found else None,
            questions_of(single, goal, order, papers, range_, asked, library),
            frozenset((single.facts[fact].name, single.facts[fact].place) for fact in range_.asks),
            root_blockers(single, stands, goal),
        )
        asked |= range_.asks
    return single, stands, told


def _units(pack: Pack, dossier: Dossier, estate: Estate, told: Mapping[str, _Group]) -> list[UnitPlan]:
    bills: dict[object, Bill] = {}
    urgencies, units = Urgencies(pack), []
    for group in estate.groups:
        about = told[group.first]
        for unit in group.units:
            facts = _facts(pack, dossier, unit)
            key = tuple(sorted((name, str(value)) for name, value in facts.items()))
            if key not in bills:
                bills[key] = bill(pack, facts, dossier.as_of)
            units.append(
                UnitPlan(
                    dossier.places[unit],
                    group.status,
                    about.exact,
                    about.marginal,
                    estate.own.get(unit, ()),
                    estate.shared.get(unit, ()),
                    bills[key],
                    about.blockers,
                    urgencies.of(dossier, unit),
                )
            )
    order = {place: number for number, place in enumerate(dossier.places)}
    return sorted(units, key=lambda unit: order[unit.place.id])


def _facts(pack: Pack, dossier: Dossier, unit: str) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name in sorted(
        {name for fee in pack.fees.values() for name in fee.formula.names}
        | {name for fee in pack.fees.values() if fee.when for name in fee.when.names}
        | {"price_with_vat", "vat_rate"}
    ):
        value = dossier.fact(name, unit) if name in pack.facts else None
        if value is not None:
            found[name] = value
    return found


def _questions(pack: Pack, estate: Estate, told: Mapping[str, _Group]) -> tuple[Question, ...]:
    """Questions of all groups, each open fact once, with the number of units it concerns."""
    units: dict[tuple[str, str], int] = {}
    for group in estate.groups:
        for key in told[group.first].asks:
            units[key] = units.get(key, 0) + len(group.units)
    found = [
        replace(question, units=units[question.fact, question.place])
        for group in told.values()
        for question in group.questions
    ]
    return tuple(sorted(found, key=lambda one: (-one.units, one.fact, one.place)))


def problem_classes(
    pack: Pack, dossier: Dossier, route: Sequence[RouteChoice], problem: Problem, stands: Standing
) -> tuple[str, ...]:
    """The problem classes: a node of the class is part of the plan, or in its way, and is not proved."""
    routed = {(choice.node, choice.place) for choice in route}
    unmet = set()
    for number, element in enumerate(problem.elements):
        status = stands.status(number)
        concerns = element.key in routed or not route or status is Status.BLOCKED
        if status is not Status.PROVED and concerns:
            unmet.add(element.name)
    home = next(place.id for place in dossier.places.values() if place.level == "estate")
    return tuple(
        one.id
        for one in pack.classes
        if unmet & set(one.unmet)
        # a class that is about a fact applies where the fact is known to be so
        and (one.when is None or one.when.truth(lambda name: _read(pack, dossier, name, home)) is True)
    )


def _read(pack: Pack, dossier: Dossier, name: str, place: str) -> Value | None:
    if name in pack.params:
        return pack.params[name].on(pack.as_of)
    return as_read(pack.facts[name], dossier.fact(name, place))


def _alternatives(estate: Estate) -> tuple[Alternative, ...]:
    """Every way of the route's nodes that was not chosen, once per node."""
    if estate.found is None or estate.explainer is None:
        return ()
    told: dict[tuple[str, str, str], Alternative] = {}
    seen: set[str] = set()
    for number in sorted(estate.found.solution.chosen):
        name = estate.problem.elements[number].name
        if name in seen or estate.problem.elements[number].switch:
            continue  # one building or unit speaks for the others
        seen.add(name)
        for one in estate.explainer.alternatives(number):
            told.setdefault((one.node, one.way, one.reason), one)
    return tuple(told.values())


def duties_of(pack: Pack, joint: JointPlan, dossier: Dossier) -> tuple[OpenDuty, ...]:
    """Papers that the chosen ways put off until after the certificate, each once."""
    found: dict[tuple[str, str], OpenDuty] = {}
    for choice in joint.route:
        way = next(one for one in pack.nodes[choice.node].ways if one.id == choice.way)
        for duty in way.duties:
            level = pack.level_of(duty.paper)
            place = dossier.ancestor(choice.place, level) or choice.place
            found.setdefault(
                (duty.paper, place),
                OpenDuty(
                    duty.paper,
                    place,
                    duty.supplier,
                    joint.vector.days + duty.days,
                    choice.node,
                    choice.way,
                    duty.consequence,
                ),
            )
    return tuple(found[key] for key in sorted(found))


def due_dates(calendar: WorkCalendar, start: date, offsets: Iterable[int]) -> dict[int, date | None]:
    """The date of each offset in working days; ``None`` where no holiday notice is out yet."""
    return {offset: _due(calendar, start, offset) for offset in sorted(offsets)}


def _due(calendar: WorkCalendar, start: date, offset: int) -> date | None:
    try:
        return calendar.add_from(start, offset)
    except CalendarError:
        return None  # no notice for that year yet: the offset is shown instead
