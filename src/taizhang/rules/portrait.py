"""All that is said of one estate of a planned city.

Reads from: ``walks``, ``witness``, ``shared``, ``columns``, ``plan``.  Read by: ``city``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from taizhang.rules.accord import Shared
from taizhang.rules.columns import Columns
from taizhang.rules.estate import due_dates, duties_of, problem_classes
from taizhang.rules.joint import papers_in_order
from taizhang.rules.plan import Timetable, gap_of, steps_of
from taizhang.rules.resolve import bits
from taizhang.rules.sums import Mask, Settled, Sums, at_each, papers_of
from taizhang.rules.template import Template
from taizhang.rules.terms import (
    Bill,
    Dossier,
    EstatePlan,
    Gap,
    JointPlan,
    Pack,
    RouteChoice,
    Status,
    Step,
    UnitPlan,
    Vector,
)
from taizhang.rules.truth import standing
from taizhang.rules.unitwork import UnitWork
from taizhang.rules.urgency import Urgencies
from taizhang.rules.view import as_mask
from taizhang.rules.walks import Walked
from taizhang.rules.why_blocked import blockers_of
from taizhang.rules.witness import Witnesses
from taizhang.rules.worktime import WorkCalendar

__all__ = ["Portraits"]

_Waiting: TypeAlias = Counter[tuple[Mask, str]]  # building -> units


class Portraits:
    """Puts estates together, one after the other.

    Args:
        pack: The law on its day.
        template: The compiled pack.
        columns: Marginal plans.
        walked: Units in the joint plans.
        bills: Per unit.
        calendar: For the dates.
        order: Parts of the objective.
    """

    def __init__(
        self,
        pack: Pack,
        template: Template,
        columns: Columns,
        walked: Walked,
        bills: Sequence[Bill],
        calendar: WorkCalendar,
        order: tuple[str, ...],
    ) -> None:
        self.pack, self.template, self.columns, self.walked = pack, template, columns, walked
        self.bills, self.calendar, self.order = bills, calendar, order
        self.finest = template.level[template.goal]
        self.goal_level = pack.levels[self.finest]
        self.sums = Sums(template, columns, walked, order)
        self.witnesses = Witnesses(template, columns, walked, self.sums)
        self.work = UnitWork(pack, template, columns, walked, self.witnesses)
        self.blockers = blockers_of(template, columns)
        self.vectors: dict[tuple[int, ...], Vector] = {}
        self.names: dict[int, tuple[str, ...]] = {}
        self.marginal = np.concatenate([columns.cost, columns.days[None, :]]).T
        self.urgencies = Urgencies(pack)
        self.number = 0

    def of(self, dossier: Dossier, identity: Mapping[str, str], shared: Shared, units: range) -> EstatePlan:
        """Return all that is said of one estate."""
        at, self.number = self.number, self.number + 1
        statuses = self.sums.statuses(units)
        out = self.sums.out(shared, units, statuses)
        plans, waiting = self._units(dossier, shared, at, units, statuses, out)
        settled = self.sums.settled(shared, at, units, statuses, out)
        joint = self._joint(shared, at, settled, plans, waiting, out)
        stands = standing(shared.problem)
        status: dict[str, Status] = {}
        for number, element in enumerate(shared.problem.elements):
            if not element.switch:
                mine = stands.status(number)
                status[element.name] = max(status.get(element.name, mine), mine)
        status[self.pack.goal] = max(statuses, default=Status.PROVED)
        home = next(place for place in dossier.places.values() if place.level == "estate")
        offsets = {0, joint.vector.days}
        duties = duties_of(self.pack, joint, dossier)
        offsets |= {day for gap in joint.gaps for day in (gap.start, gap.end)}
        offsets |= {day for step in joint.steps for day in (step.start, step.end)}
        offsets |= {duty.due for duty in duties}
        return EstatePlan(
            place=home,
            identity=identity,
            places=dossier.places,
            facts=dossier.facts,
            status=max(statuses, default=Status.PROVED),
            node_status=status,
            classes=problem_classes(self.pack, dossier, joint.route, shared.problem, stands),
            joint=joint,
            units=tuple(plans),
            questions=self.work.questions(dossier, units, plans),
            blocked_by=tuple(sorted({name for plan in plans for name in plan.blocked_by})),
            lift=None,
            alternatives=(),
            start=dossier.as_of,
            due=due_dates(self.calendar, dossier.as_of, offsets),
            duties=duties,
        )

    # -- units

    def _units(
        self,
        dossier: Dossier,
        shared: Shared,
        estate: int,
        units: range,
        statuses: Sequence[Status],
        out: set[int],
    ) -> tuple[list[UnitPlan], _Waiting]:
        table = self.columns.table
        places = table.places[self.finest]
        parent = table.above[self.finest][self.finest - 1]
        papers = self.walked.papers[:, units.start : units.stop].T
        masks = self.sums.waiting(shared, self.walked.insides[estate], units, out)
        vectors = self.marginal[units.start : units.stop].tolist()
        waiting: _Waiting = Counter()
        shown: dict[tuple[Mask, str], tuple[tuple[str, str], ...]] = {}
        plans = []
        for at, (unit, status) in enumerate(zip(units, statuses, strict=True)):
            planned = unit not in out and status is not Status.PROVED
            mask = masks[at] if planned else (0, 0)
            building = table.places[self.finest - 1][int(parent[unit])]
            if (mask, building) not in shown:
                shown[mask, building] = papers_of(shared, mask, building)
            waiting[mask, building] += planned
            plans.append(
                UnitPlan(
                    dossier.places[places[unit]],
                    status,
                    not self.columns.alone[unit],  # an estimate
                    None if status is Status.BLOCKED else self._vector(tuple(vectors[at])),
                    self._names(as_mask(papers[at])) if planned else (),
                    shown[mask, building],
                    self.bills[unit],
                    self.blockers.get(unit, ()),
                    self.urgencies.of(dossier, places[unit]),
                )
            )
        return plans, waiting

    def _vector(self, parts: tuple[int, ...]) -> Vector:
        if parts not in self.vectors:
            self.vectors[parts] = Vector(*parts)
        return self.vectors[parts]

    def _names(self, mask: int) -> tuple[str, ...]:
        if mask not in self.names:
            elements = self.template.problem.elements
            self.names[mask] = tuple(sorted(elements[one].name for one in bits(mask)))
        return self.names[mask]

    # -- the joint plan

    def _joint(
        self,
        shared: Shared,
        at: int,
        settled: Settled,
        plans: Sequence[UnitPlan],
        waiting: _Waiting,
        out: set[int],
    ) -> JointPlan:
        left_out = tuple(sorted(self.columns.table.places[self.finest][unit] for unit in out))
        if settled.times is None:
            return JointPlan(Vector(), (0,) * len(self.order), settled.proved, (), (), (), (), left_out)
        vector, total = settled.vector, settled.vector.days
        told = self.work.of(settled.planned, self.walked.insides[at], total)
        times = self._with_tails(shared, settled.times, told.latest, total)
        gaps = self._gaps(shared, times, settled.papers, waiting, plans, told.gaps)
        return JointPlan(
            vector=vector,
            objective=vector.ordered(self.order) if settled.planned else (0,) * len(self.order),
            proved=settled.proved,
            gaps=gaps,
            steps=self._steps(shared, times, told.steps),
            route=self._route(shared, told.route),
            assumes=(*self.sums.assumes(shared), *told.assumes),
            left_out=left_out,
            bound=None if settled.proved else settled.bound,
            unknown_costs=tuple(sorted({gap.item for gap in gaps if gap.money_fen is None})),
        )

    def _with_tails(
        self, shared: Shared, times: Timetable, seeds: Mapping[tuple[str, str], int], total: int
    ) -> Timetable:
        """Days by which shared elements must be there, given what the units do after them."""
        solution = shared.solution
        assert solution is not None, "asked only where something is planned"
        elements = shared.problem.elements
        latest = {}
        for number in times.end:
            name, place = elements[number].key
            likes = shared.alike.get(place, (place,))
            latest[number] = min(seeds.get((name, like), total) for like in likes)
        for number in sorted(times.end):
            branch = solution.chosen.get(number)
            days = times.end[number] - times.start[number]
            for need in branch.needs if branch else ():
                if need in latest:
                    latest[need] = min(latest[need], latest[number] - days)
        return replace(times, latest=latest, total=total)

    def _gaps(
        self,
        shared: Shared,
        times: Timetable,
        numbers: Sequence[int],
        waiting: _Waiting,
        plans: Sequence[UnitPlan],
        own: Sequence[Gap],
    ) -> tuple[Gap, ...]:
        pressing: Counter[tuple[str, str]] = Counter()
        urgent_own: Counter[str] = Counter()
        for plan in plans:
            if plan.urgent:
                pressing.update(plan.shared)
                urgent_own.update(plan.own)
        wanted = set(numbers)
        found = []
        for number in papers_in_order(self.pack, shared.problem):
            if number in wanted:
                gap = gap_of(shared.problem, times, number, self.pack)
                for like in shared.alike.get(gap.place, (gap.place,)):
                    users = sum(
                        count
                        for (mask, building), count in waiting.items()
                        if mask[1] >> number & 1
                        or (mask[0] >> number & 1 and (building == like or gap.place not in shared.alike))
                    )
                    found.append(replace(gap, place=like, units=users, urgent=pressing[gap.item, like]))
        return (*found, *(replace(gap, urgent=urgent_own[gap.item]) for gap in own))

    def _steps(self, shared: Shared, times: Timetable, own: Sequence[Step]) -> tuple[Step, ...]:
        assert shared.solution is not None, "asked only where something is planned"
        reps = self.sums.reps(shared)
        told = (s for s in steps_of(shared.problem, shared.solution, times) if s.place not in reps)
        steps = at_each(told, shared)
        return tuple(sorted([*steps, *own], key=lambda step: (step.start, step.end, step.node, step.place)))

    def _route(self, shared: Shared, own: Sequence[RouteChoice]) -> tuple[RouteChoice, ...]:
        assert shared.solution is not None, "asked only where something is planned"
        reps, elements = self.sums.reps(shared), shared.problem.elements
        mine = [
            RouteChoice(elements[number].place, elements[number].name, branch.option.way.id)
            for number, branch in sorted(shared.solution.chosen.items())
            if elements[number].place not in reps and not elements[number].switch
        ]
        return (*own, *at_each(mine, shared))
