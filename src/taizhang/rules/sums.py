"""What an estate's joint plan comes to: who is planned, at what cost, on which answers, and who waits.

Reads from: ``walks``, ``inside``, ``accord``, ``columns``.  Read by: ``portrait``, ``outline``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

from taizhang.rules.accord import Shared
from taizhang.rules.columns import Columns
from taizhang.rules.inside import Inside
from taizhang.rules.plan import Timetable
from taizhang.rules.resolve import bits
from taizhang.rules.template import Template
from taizhang.rules.terms import Assumption, RouteChoice, Status, Step, Vector
from taizhang.rules.walks import Walked

__all__ = ["Mask", "Settled", "Sums", "at_each", "papers_of"]

_Placed = TypeVar("_Placed", Assumption, RouteChoice, Step)

#: Shared papers as bits by element of the joint problem: one's own, and those of all places that are alike.
Mask: TypeAlias = tuple[int, int]

_STATUS = tuple(Status)


@dataclass(frozen=True, slots=True)
class Settled:
    """What a joint plan comes to.

    Attributes:
        vector: Of the whole estate.
        times: Days of what is shared, without what units do after it; ``None`` where nothing is planned.
        papers: Shared papers to be obtained, by element of the joint problem.
        planned: Units that take part.
        bound: What no joint plan is below, in the declared order; ``None`` where that is not known.
        proved: Whether no plan is better for certain.
    """

    vector: Vector
    times: Timetable | None
    papers: tuple[int, ...]
    planned: tuple[int, ...]
    bound: tuple[int, ...] | None
    proved: bool


class Sums:
    """Adds estates up, each by its number.

    Args:
        template: The compiled pack.
        columns: Marginal plans.
        walked: Units in the joint plans.
        order: Parts of the objective.
    """

    def __init__(self, template: Template, columns: Columns, walked: Walked, order: tuple[str, ...]) -> None:
        self.template, self.columns, self.walked, self.order = template, columns, walked, order
        self.finest = template.level[template.goal]

    def statuses(self, units: range) -> list[Status]:
        """Where the units of an estate stand."""
        return [_STATUS[one] for one in self.columns.status[units.start : units.stop].tolist()]

    def out(self, shared: Shared, units: range, statuses: Sequence[Status]) -> set[int]:
        """Units that take no part."""
        blocked = (unit for unit, status in zip(units, statuses, strict=True) if status is Status.BLOCKED)
        return set(shared.left_out).union(blocked)

    def settled(
        self, shared: Shared, estate: int, units: range, statuses: Sequence[Status], out: set[int]
    ) -> Settled:
        """Return what the joint plan of an estate comes to."""
        times = self.walked.times[estate]
        if shared.solution is None or times is None:
            return Settled(Vector(), None, (), (), None, shared.sure)
        planned = [
            unit
            for unit, status in zip(units, statuses, strict=True)
            if unit not in out and status is not Status.PROVED
        ]
        total = max((int(self.walked.days[unit]) for unit in planned), default=times.total)
        total = max(total, times.total)
        own = self.walked.cost[:, planned].sum(axis=1).tolist() if planned else [0] * 4
        mine, papers = self._shared_cost(shared)
        rank, money, effort, items = (one + two for one, two in zip(mine, own, strict=True))
        vector = Vector(rank, money, effort, items, total)
        bound = self._bound(shared, vector, self.walked.soonest[estate]) if planned else None
        proved = not planned or bound == vector.ordered(self.order)
        return Settled(vector, times, tuple(papers), tuple(planned), bound, proved)

    def reps(self, shared: Shared) -> set[str]:
        """Places of the units that stand for their kind."""
        places = self.columns.table.places[self.finest]
        return {places[kind.units[0]] for kind in shared.kinds}

    def _shared_cost(self, shared: Shared) -> tuple[tuple[int, int, int, int], list[int]]:
        """Cost of what is shared, and its papers."""
        solution, reps = shared.solution, self.reps(shared)
        assert solution is not None, "asked only where something is planned"
        elements = shared.problem.elements
        rank = money = effort = 0
        items = 0
        for number, branch in solution.chosen.items():
            if elements[number].place not in reps:
                rank, money = rank + branch.costs.rank, money + branch.costs.money
                effort += branch.costs.effort
        papers = [number for number in solution.papers if elements[number].place not in reps]
        for number in papers:
            cost, weight = elements[number].cost, elements[number].weight
            items += weight
            if cost is not None:
                money, effort = money + weight * (cost.money_fen or 0), effort + weight * cost.effort
        return (rank, money, effort, items), papers

    def _bound(self, shared: Shared, vector: Vector, soonest: int) -> tuple[int, ...] | None:
        """What no joint plan is below, in the declared order; ``None`` where that is not known."""
        if shared.limits is None:
            return None
        rank, money, effort, items = shared.limits.above
        least = Vector(
            vector.rank - rank, vector.money_fen - money, vector.effort - effort, vector.items - items
        )
        attained = least.ordered(self.order) == replace(vector, days=0).ordered(self.order)
        days = min(soonest, vector.days) if attained else 0  # of dearer plans the days are not compared
        return replace(least, days=days).ordered(self.order)

    def assumes(self, shared: Shared) -> list[Assumption]:
        """Answers that the joint plan rests on, without those that units give for themselves."""
        facts = {(fact.name, fact.place): fact for fact in shared.problem.facts}
        classes = {fact.name: fact.classes for fact in self.template.problem.facts}
        reps = self.reps(shared)
        found = [
            Assumption(name, place, classes[name][value].answers)
            for (name, place), value in sorted(shared.answers.items())
            if place not in reps and (name in classes or (name, place) in facts)
        ]
        return at_each(found, shared)

    def waiting(self, shared: Shared, insides: Sequence[Inside], units: range, out: set[int]) -> list[Mask]:
        """Shared papers each unit waits for, as bits by element of the joint problem."""
        if shared.solution is None:
            return [(0, 0)] * len(units)
        below = _papers_below(shared, self.reps(shared))
        rows = self.columns.row[units.start : units.stop].tolist()
        known: dict[int, Mask] = {}
        masks = []
        for unit, row in zip(units, rows, strict=True):
            if row not in known:
                known[row] = self._imported(shared, below, row, unit)
            masks.append(known[row])
        self._add_said(shared, insides, below, units.start, masks)
        return masks

    def _add_said(
        self,
        shared: Shared,
        insides: Sequence[Inside],
        below: Sequence[Mask],
        start: int,
        masks: list[Mask],
    ) -> None:
        """Add what units wait for whose piece goes beyond them."""
        assert shared.solution is not None, "asked only where something is planned"
        for one in insides:
            extra: Mask = 0, 0
            for number in set(one.numbers) & shared.solution.chosen.keys():
                for need in shared.solution.chosen[number].needs:
                    if shared.problem.elements[need].place != shared.problem.elements[number].place:
                        extra = _both(extra, self._seen(shared, below, need))
            for unit in one.units.tolist():
                masks[unit - start] = _both(masks[unit - start], extra)

    def _seen(self, shared: Shared, below: Sequence[Mask], number: int) -> Mask:
        """What lies below an element, as a unit sees it that needs it."""
        near, far = below[number]
        own = shared.problem.elements[number].place in shared.alike
        return (near, far) if own else (0, near | far)

    def _imported(self, shared: Shared, below: Sequence[Mask], row: int, unit: int) -> Mask:
        mask: Mask = 0, 0
        table, above, first = self.columns.table, self.columns.above.tier, shared.stand_in()
        for number in self.columns.imports:
            if number in above.demanded and above.demanded[number][row]:
                level = self.template.level[number]
                place = table.places[level][int(table.above[self.finest][level][unit])]
                key = self.template.problem.elements[number].name, first.get(place, place)
                if key in shared.problem.number:
                    mask = _both(mask, self._seen(shared, below, shared.problem.number[key]))
        return mask


def at_each(records: Iterable[_Placed], shared: Shared) -> list[_Placed]:
    """What holds for a building that stands for others, once for each of them."""
    return [
        replace(record, place=place)
        for record in records
        for place in shared.alike.get(record.place, (record.place,))
    ]


def papers_of(shared: Shared, mask: Mask, building: str) -> tuple[tuple[str, str], ...]:
    """Shared papers as a unit of some building waits for them, by name and place."""
    elements, stands = shared.problem.elements, shared.stand_in().get(building, building)
    near = {elements[one].key for one in bits(mask[0])}
    own = {(name, building if place == stands else place) for name, place in near}
    far = {elements[one].key for one in bits(mask[1])}
    alike = {(name, like) for name, place in far for like in shared.alike.get(place, (place,))}
    return tuple(sorted(own | alike))


def _papers_below(shared: Shared, reps: set[str]) -> list[Mask]:
    """For each element of the joint plan, the shared papers at or below it, as bits.

    What is reached within one place is of that place alone; what is reached through another, such as
    through something of the estate that needs a paper of every building, is of all places alike.
    """
    solution = shared.solution
    assert solution is not None, "asked only where something is planned"
    elements = shared.problem.elements
    mask: list[Mask] = [(0, 0)] * len(elements)
    for number in solution.papers:
        if elements[number].place not in reps:  # those of a unit are its own
            mask[number] = 1 << number, 0
    for number in sorted(solution.chosen, reverse=True):
        for need in solution.chosen[number].needs:
            near, far = mask[need]
            same = elements[need].place == elements[number].place
            mask[number] = _both(mask[number], (near, far) if same else (0, near | far))
    return mask


def _both(one: Mask, other: Mask) -> Mask:
    return one[0] | other[0], one[1] | other[1]
