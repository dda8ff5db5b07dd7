"""The cheapest complete set of missing papers of one case, with its route and its dates.

Reads from: ``ground``, ``favourable``, ``search``, ``expiry``, ``terms``.
Read by: ``assess``, ``joint``, ``explain``.
"""

from __future__ import annotations

from collections.abc import Sequence

from taizhang.errors import InputError
from taizhang.rules.expiry import Days, Marked, Uses, lapses_of, lasting, told_of_gap
from taizhang.rules.favourable import Answers, Found
from taizhang.rules.ground import Problem, ground
from taizhang.rules.search import Solution
from taizhang.rules.solver import best
from taizhang.rules.steady import kept
from taizhang.rules.terms import Assumption, Dossier, Gap, Lapse, Pack, Plan, RouteChoice, Step, Vector
from taizhang.rules.timetable import Timetable, timetable
from taizhang.rules.truth import root_blockers, standing
from taizhang.rules.worktime import WorkCalendar

__all__ = [
    "PREFERENCES",
    "Timetable",
    "cheapest_plan",
    "declared_order",
    "goal_place",
    "lasting_case",
    "papers_by_name",
    "steps_of",
    "timetable",
    "vector_of",
]

PREFERENCES: dict[str, tuple[str, ...]] = {
    "cheapest": ("rank", "money", "effort", "items", "days"),
    "fewest": ("rank", "items", "money", "effort", "days"),
    "fastest": ("rank", "days", "items", "money", "effort"),
}


def declared_order(pack: Pack, objective: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the parts of the objective in order; the legal rank stays first.

    Raises:
        InputError: ``E-ARG-OBJECTIVE`` an unknown preference or part.
    """
    if objective is None:
        return pack.objective
    names = PREFERENCES.get(objective, ()) if isinstance(objective, str) else tuple(objective)
    if not names or set(names) - {"rank", "money", "effort", "items", "days"}:
        raise InputError(
            "'{objective}' is not an objective.",
            hint="Use cheapest, fewest, fastest, or parts out of rank, money, effort, items, days.",
            zh="“{objective}”不是可用的目标，请用 cheapest、fewest 或 fastest。",
            code="E-ARG-OBJECTIVE",
            objective=objective,
        )
    return names


def goal_place(pack: Pack, dossier: Dossier, place: str | None) -> str:
    """Return the place of the goal; the only one of its level where none is named.

    Raises:
        InputError: ``E-ARG-PLACE`` several places and none named, or not a place of that level.
    """
    level = pack.nodes[pack.goal].level
    places = sorted(one.id for one in dossier.places.values() if one.level == level)
    if place is None and len(places) == 1:
        return places[0]
    if place not in places:
        raise InputError(
            "Name one of the {count} places of level {level}.",
            hint="Pass place=…",
            zh="请指定 {level} 层级 {count} 个对象中的一个。",
            code="E-ARG-PLACE",
            count=len(places),
            level=level,
        )
    return place


def papers_by_name(problem: Problem) -> list[int]:
    """Papers in id order, the order that breaks ties of one case."""
    numbers = [n for n, one in enumerate(problem.elements) if not one.options]
    return sorted(numbers, key=lambda n: problem.elements[n].key)


def vector_of(solution: Solution) -> Vector:
    """The totals of a solution."""
    costs = solution.costs
    return Vector(costs.rank, costs.money, costs.effort, costs.items, solution.days)


def cheapest_plan(
    pack: Pack,
    dossier: Dossier,
    *,
    objective: str | Sequence[str] | None = None,
    place: str | None = None,
    previous: Plan | None = None,
    calendar: WorkCalendar | None = None,
) -> Plan:
    """Return the best plan of one case, shared papers once, under the most favourable answers.

    Args:
        pack: The law on its day.
        dossier: What is known.
        objective: ``cheapest``, ``fewest``, ``fastest`` or the parts in order; the pack's by default.
        place: The unit; needed only where the dossier has more than one.
        previous: The plan followed so far; it is kept unless the new one is strictly better.
        calendar: Tells when papers lapse; the official one that comes with this version by default.

    Returns:
        The plan; ``feasible`` is false where the case is blocked, with the root blockers.
        ``assumes`` lists the open facts it depends on and the answers it needs.

    Raises:
        InputError: ``E-ARG-OBJECTIVE``, ``E-ARG-PLACE``.
        PackError: ``E-PACK-E05``, ``E-PACK-W08``.

    >>> from datetime import date
    >>> from taizhang.rules import Dossier, cheapest_plan, load_pack
    >>> pack = load_pack("title-certificates", as_of=date(2024, 1, 28))
    >>> known = {"purchase_basis": "presale_contract_filed", "invoice": "have", "tax_exempt_reason": "none"}
    >>> plan = cheapest_plan(pack, Dossier.of(pack, on_hand=["first_registration"], facts=known))
    >>> plan.feasible, plan.proved, "filed_contract" in plan.items
    (True, True, True)

    Source:
        Minimal-cost proofs in AND/OR graphs: Martelli and Montanari, "Additive AND/OR graphs"
        (1973); shared papers once, as in weighted abduction.
    """
    order = declared_order(pack, objective)
    unit = goal_place(pack, dossier, place)
    days = Days(calendar, dossier.as_of)

    def attempt(known: Dossier) -> tuple[Problem, Found | None]:
        problem = ground(pack, known, [(pack.goal, unit)])
        found = best(problem, order, papers_by_name(problem))
        if found is not None and previous is not None and previous.feasible:
            found = kept(problem, found, order, papers_by_name(problem), previous)
        return problem, found

    marked, (problem, found) = lasting(dossier, days, attempt, _uses)
    if found is None:
        blockers = root_blockers(problem, standing(problem), problem.goals[0])
        nothing = (0,) * len(order)
        told = lapses_of(marked, ())
        return Plan(False, (), (), Vector(), nothing, True, blocked_by=blockers, lapses=told)
    solution = found.solution
    times = timetable(problem, solution)
    vector = vector_of(solution)
    gaps, lapses = _gaps(pack, Uses(problem, solution, times), marked, days)
    return Plan(
        feasible=True,
        items=tuple(sorted(problem.elements[one].name for one in solution.papers)),
        route=route_of(problem, solution),
        vector=vector,
        objective=solution.objective(order)[1:],
        proved=found.proved,
        bound=None if found.proved else solution.bound[1:],
        gaps=gaps,
        steps=steps_of(problem, solution, times),
        assumes=assumptions(problem, found.answers),
        unknown_costs=unknown_costs(problem, solution),
        lapses=lapses,
    )


def _gaps(pack: Pack, uses: Uses, marked: Marked, days: Days) -> tuple[tuple[Gap, ...], tuple[Lapse, ...]]:
    """The missing papers with their days, and what is said of papers that lapse."""
    problem, solution = uses.problem, uses.solution
    gaps = tuple(
        told_of_gap(pack, gap_of(problem, uses.times, one, pack), one, uses, marked, days)
        for one in solution.papers
    )
    soon = [
        (problem.elements[one].key, last, uses.earliest(one), 1) for one, last in uses.soon(marked.dossier)
    ]
    return gaps, lapses_of(marked, gaps, soon)


def _uses(found: tuple[Problem, Found | None]) -> Uses | None:
    problem, best_ = found
    if best_ is None:
        return None
    return Uses(problem, best_.solution, timetable(problem, best_.solution))


def lasting_case(
    pack: Pack,
    dossier: Dossier,
    *,
    objective: str | Sequence[str] | None = None,
    place: str | None = None,
    calendar: WorkCalendar | None = None,
) -> Dossier:
    """Return the dossier of one case as it is planned: papers that lapse before their use are missing.

    One in which nothing has a last day is returned as it is, without planning.
    """
    if not dossier.valid_until:
        return dossier
    plan = cheapest_plan(pack, dossier, objective=objective, place=place, calendar=calendar)
    ends = {(one.item, one.place): one.until for one in plan.lapses if one.renewal}
    return dossier.current().without(ends) if ends else dossier.current()


def route_of(problem: Problem, solution: Solution) -> tuple[RouteChoice, ...]:
    """The chosen ways, goal first."""
    return tuple(
        RouteChoice(problem.elements[n].place, problem.elements[n].name, solution.chosen[n].option.way.id)
        for n in sorted(solution.chosen)
        if not problem.elements[n].switch
    )


def assumptions(problem: Problem, answers: Answers) -> tuple[Assumption, ...]:
    """The answers a plan needs, in words of the pack."""
    return tuple(
        Assumption(
            problem.facts[fact].name, problem.facts[fact].place, problem.facts[fact].classes[value].answers
        )
        for fact, value in sorted(answers.items())
    )


def unknown_costs(problem: Problem, solution: Solution) -> tuple[str, ...]:
    """Papers whose price nobody knows."""
    names = {
        problem.elements[one].name
        for one in solution.papers
        if (cost := problem.elements[one].cost) is not None and cost.money_fen is None
    }
    return tuple(sorted(names))


# ---------------------------------------------------------------------------- dates


def gap_of(problem: Problem, times: Timetable, number: int, pack: Pack, units: int = 1) -> Gap:
    """One missing paper with its dates."""
    element = problem.elements[number]
    paper = pack.evidence.get(element.name)
    cost = element.cost
    return Gap(
        item=element.name,
        place=element.place,
        level=pack.level_of(element.name),
        supplier=paper.supplier if paper else "",
        money_fen=cost.money_fen if cost else None,
        effort=cost.effort if cost else 0,
        days=cost.days if cost else 0,
        start=times.start[number],
        end=times.end[number],
        slack=times.slack(number),
        critical=times.slack(number) == 0,
        units=units,
    )


def steps_of(problem: Problem, solution: Solution, times: Timetable) -> tuple[Step, ...]:
    """The work of the chosen ways, in order of their start; ways without work are left out."""
    steps = []
    for number, branch in solution.chosen.items():
        way, element = branch.option.way, problem.elements[number]
        if way.step.days == 0 and way.step.effort == 0:
            continue
        steps.append(
            Step(
                element.name,
                element.place,
                way.id,
                way.step_supplier,
                way.step.days,
                way.step.effort,
                way.step.money_fen,
                times.start[number],
                times.end[number],
                times.slack(number),
                times.slack(number) == 0,
                way.step.law_days,
            )
        )
    return tuple(sorted(steps, key=lambda step: (step.start, step.end, step.node, step.place)))
