"""The cheapest complete set of missing papers of one case, with its route and its dates.

Reads from: ``ground``, ``favourable``, ``search``, ``terms``.  Read by: ``assess``, ``joint``, ``explain``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from taizhang.errors import InputError
from taizhang.rules.favourable import Answers
from taizhang.rules.ground import Problem, ground
from taizhang.rules.resolve import Branch
from taizhang.rules.search import Solution
from taizhang.rules.solver import best
from taizhang.rules.steady import kept
from taizhang.rules.terms import Assumption, Dossier, Gap, Pack, Plan, RouteChoice, Step, Vector
from taizhang.rules.truth import root_blockers, standing

__all__ = [
    "PREFERENCES",
    "Timetable",
    "cheapest_plan",
    "declared_order",
    "goal_place",
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
) -> Plan:
    """Return the best plan of one case, shared papers once, under the most favourable answers.

    Args:
        pack: The law on its day.
        dossier: What is known.
        objective: ``cheapest``, ``fewest``, ``fastest`` or the parts in order; the pack's by default.
        place: The unit; needed only where the dossier has more than one.
        previous: The plan followed so far; it is kept unless the new one is strictly better.

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
    problem = ground(pack, dossier, [(pack.goal, unit)])
    found = best(problem, order, papers_by_name(problem))
    if found is not None and previous is not None and previous.feasible:
        found = kept(problem, found, order, papers_by_name(problem), previous)
    if found is None:
        blockers = root_blockers(problem, standing(problem), problem.goals[0])
        return Plan(False, (), (), Vector(), (0,) * len(order), True, blocked_by=blockers)
    solution = found.solution
    times = timetable(problem, solution)
    vector = vector_of(solution)
    return Plan(
        feasible=True,
        items=tuple(sorted(problem.elements[one].name for one in solution.papers)),
        route=route_of(problem, solution),
        vector=vector,
        objective=solution.objective(order)[1:],
        proved=found.proved,
        bound=None if found.proved else solution.bound[1:],
        gaps=tuple(gap_of(problem, times, one, pack) for one in solution.papers),
        steps=steps_of(problem, solution, times),
        assumes=assumptions(problem, found.answers),
        unknown_costs=unknown_costs(problem, solution),
    )


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


@dataclass(frozen=True, slots=True)
class Timetable:
    """Working-day offsets from the plan's start, by element number."""

    start: Mapping[int, int]
    end: Mapping[int, int]
    latest: Mapping[int, int]  #: latest end that does not move the last day
    total: int

    def slack(self, number: int) -> int:
        """Days it may slip without moving the end."""
        return self.latest[number] - self.end[number]


def timetable(problem: Problem, solution: Solution) -> Timetable:
    """Critical path of a solution: earliest and latest days of every element.

    Source:
        Kelley and Walker, "Critical-path planning and scheduling" (1959).
    """
    start: dict[int, int] = {}
    end: dict[int, int] = {}
    used = sorted([*solution.chosen, *solution.papers], reverse=True)
    for number in used:
        branch = solution.chosen.get(number)
        needs = branch.needs if branch else ()
        start[number] = max((end[need] for need in needs if need in end), default=0)
        end[number] = start[number] + _days(problem, number, branch)
    total = max(end.values(), default=0)
    latest = dict.fromkeys(used, total)
    for number in reversed(used):
        branch = solution.chosen.get(number)
        for need in branch.needs if branch else ():
            if need in latest:
                latest[need] = min(latest[need], latest[number] - _days(problem, number, branch))
    return Timetable(start, end, latest, total)


def _days(problem: Problem, number: int, branch: Branch | None) -> int:
    if branch is not None:
        return branch.days
    cost = problem.elements[number].cost
    return cost.days if cost else 0


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
