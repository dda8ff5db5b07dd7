"""The joint plan on the level of the units: days, papers and costs under the estate's answers.

Reads from: ``shared``, ``measure``, ``columns``.  Read by: ``city``, ``portrait``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taizhang.rules.columns import Columns
from taizhang.rules.measure import Ends, Walk
from taizhang.rules.plan import Timetable, timetable
from taizhang.rules.resolve import Costs
from taizhang.rules.shared import Kind, Shared
from taizhang.rules.signs import Words
from taizhang.rules.template import Template
from taizhang.rules.workshop import Workshop

__all__ = ["Walked", "walk_city"]


@dataclass(frozen=True, slots=True)
class Walked:
    """All units in the joint plans of their estates.

    Attributes:
        days: Working days to the goal, per unit.
        papers: Papers of its own each unit lacks, as bits by element.
        cost: What those and the unit's own steps cost, ``(4, units)``: rank, fen, hours, papers.
        walk: For the days of single elements.
        picks: Candidate of each unit's own pieces.
        times: Days of what is shared, by estate; ``None`` where nothing is planned.
    """

    days: Ends
    papers: Words
    cost: NDArray[np.int64]
    walk: Walk
    picks: Mapping[int, NDArray[np.int32]]
    times: Sequence[Timetable | None]


def walk_city(template: Template, columns: Columns, shared: Sequence[Shared]) -> Walked:
    """Return days, papers and costs of all units under the joint plans."""
    return _Walking(template, columns, shared).run()


class _Walking:
    def __init__(self, template: Template, columns: Columns, shared: Sequence[Shared]) -> None:
        self.template, self.columns, self.shared = template, columns, shared
        self.finest = template.level[template.goal]
        self.size = columns.status.size
        self.picks = {first: column.copy() for first, column in columns.picks.items()}
        self.fixed: dict[int, Ends] = {}
        self.more: Words = np.zeros_like(columns.papers)
        self.cost = columns.units.cost.copy()
        self.times = [timetable(one.problem, one.solution) if one.solution else None for one in shared]
        self.name = {element.name: n for n, element in enumerate(template.problem.elements)}

    def run(self) -> Walked:
        for one, times in zip(self.shared, self.times, strict=True):
            if times is not None:
                for number, kind in enumerate(one.kinds):
                    self._kind(one, times, number, kind)
        lower = self.columns.units
        rows = np.arange(self.size, dtype=np.int64)
        workshop = self.columns.workshop
        walk = Walk(self.template, workshop, lower, self.picks, rows, self._seen(), self.fixed)
        walk.walk()
        costs = _costs(workshop)
        for column in self.picks.values():
            self.cost += costs[:, column]
        goal = walk.end.get(self.template.goal, np.zeros(self.size, np.int32))
        papers = (walk.papers | self.more) & self._own_bits()[:, None]
        return Walked(goal, papers, self.cost, walk, self.picks, self.times)

    def _own_bits(self) -> NDArray[np.uint64]:
        words = np.zeros(self.columns.papers.shape[0], np.uint64)
        for number, level in enumerate(self.template.level):
            if level == self.finest:
                words[number // 64] |= np.uint64(1 << number % 64)
        return words

    def _seen(self) -> dict[int, Ends]:
        """Days until what units need of their buildings, per unit."""
        table = self.columns.table
        seen: dict[int, Ends] = {}
        for number in self.columns.imports:
            level = self.template.level[number]
            column = np.zeros(len(table.places[level]), np.int32)
            name = self.template.problem.elements[number].name
            place = {
                key: row
                for row, key in enumerate(
                    zip(table.dossier[level].tolist(), table.places[level], strict=True)
                )
            }
            for at, (one, times) in enumerate(zip(self.shared, self.times, strict=True)):
                for element, end in times.end.items() if times else ():
                    if one.problem.elements[element].name == name:
                        home = one.problem.elements[element].place
                        for like in one.alike.get(home, (home,)):
                            column[place[at, like]] = end
            seen[number] = column[table.above[self.finest][level]]
        return seen

    # -- units that had a say

    def _kind(self, shared: Shared, times: Timetable, number: int, kind: Kind) -> None:
        units = np.asarray(kind.units, np.int64)
        for first, _ in kind.pieces:
            if (number, first) in shared.candidates:
                self.picks[first][units] = shared.candidates[number, first]
        if kind.alone:
            for column in self.picks.values():
                column[units] = -1
            self.cost[:, units] = 0
        for first, _ in kind.beyond:
            self.picks[first][units] = -1
        if kind.alone or kind.beyond:
            self._told(shared, times, kind, units)

    def _told(self, shared: Shared, times: Timetable, kind: Kind, units: NDArray[np.int64]) -> None:
        """Take over days, papers and costs of the unit that stood for the others."""
        table, solution = self.columns.table, shared.solution
        assert solution is not None, "called only where something is planned"
        place = table.places[self.finest][kind.units[0]]
        elements = shared.problem.elements
        inner, papers = self._inner(shared, kind, place), frozenset(solution.papers)
        cost = Costs()
        for number in shared.at.get(place, ()):
            element = elements[number]
            if number not in times.end or element.name not in self.name:
                continue
            at, end = self.name[element.name], times.end[number]
            if at not in self.fixed:
                self.fixed[at] = np.full(self.size, -1, np.int32)
            self.fixed[at][units] = end
            if number in papers:
                self.more[at // 64, units] |= np.uint64(1 << at % 64)
            if number in inner:
                cost = _plus(cost, shared, number)
        weight = max(1, len(kind.units))
        parts = [cost.rank, cost.money, cost.effort, cost.items]
        self.cost[:, units] += np.asarray([part // weight for part in parts], np.int64)[:, None]

    def _inner(self, shared: Shared, kind: Kind, place: str) -> set[int]:
        """Elements that the unit's own columns do not count already."""
        solution, elements = shared.solution, shared.problem.elements
        assert solution is not None, "called only where something is planned"
        shelves = self.columns.workshop.shelves
        papers = set(solution.papers)
        stop: set[str] = set()
        pending: list[int] = []
        for _, piece in kind.beyond:
            local = shelves[piece].local
            stop |= {self.template.problem.elements[one].name for one in local.slots}
            names = {self.template.problem.elements[local.elements[g]].name for g in local.problem.goals}
            here = [n for n in shared.at.get(place, ()) if elements[n].name in names]
            pending += [n for n in here if n in solution.chosen or n in papers]
        if kind.alone:
            pending = [shared.problem.number[self.template.pack.goal, place]]
        seen: set[int] = set()
        while pending:
            number = pending.pop()
            if number in seen or elements[number].place != place or elements[number].name in stop:
                continue
            seen.add(number)
            if number in solution.chosen:
                pending.extend(solution.chosen[number].needs)
        return seen


def _plus(cost: Costs, shared: Shared, number: int) -> Costs:
    solution = shared.solution
    assert solution is not None, "called only where something is planned"
    element = shared.problem.elements[number]
    if number in solution.chosen:
        more = solution.chosen[number].costs
    else:
        paper, weight = element.cost, element.weight
        assert paper is not None, "what is not a node is a paper"
        more = Costs(0, 0, weight * (paper.money_fen or 0), weight * paper.effort, weight)
    return Costs(
        0, cost.rank + more.rank, cost.money + more.money, cost.effort + more.effort, cost.items + more.items
    )


def _costs(workshop: Workshop) -> NDArray[np.int64]:
    """Rank, fen, hours and papers of every candidate; the last column is nothing."""

    def cost_of(number: int) -> tuple[int, ...]:
        piece, candidate = workshop.candidates[number]
        local = workshop.shelves[piece].local
        rank = money = effort = 0
        for branch in candidate.chosen.values():
            rank, money = rank + branch.costs.rank, money + branch.costs.money
            effort += branch.costs.effort
        for paper in candidate.papers:
            cost = local.problem.elements[paper].cost
            if cost is not None:
                money, effort = money + (cost.money_fen or 0), effort + cost.effort
        return rank, money, effort, len(candidate.papers)

    return workshop.per_candidate("own cost", (0, 0, 0, 0), np.int64, cost_of).T
