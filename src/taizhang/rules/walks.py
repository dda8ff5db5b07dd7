"""The joint plan on the level of the units: days, papers and costs under the estate's answers.

Reads from: ``shared``, ``inside``, ``measure``, ``columns``.  Read by: ``city``, ``portrait``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taizhang.rules.accord import Kind, Shared
from taizhang.rules.candidates import MOST_TIES
from taizhang.rules.columns import Columns
from taizhang.rules.inside import Inside, insides_of
from taizhang.rules.measure import Ends, Led, Walk
from taizhang.rules.plan import Timetable, timetable
from taizhang.rules.resolve import Costs
from taizhang.rules.signs import Words
from taizhang.rules.template import Template
from taizhang.rules.terms import Status
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
        soonest: By estate: working days below which no plan of the same cost is, as far as is known.
        insides: By estate: what some units decide for all of their kind.
    """

    days: Ends
    papers: Words
    cost: NDArray[np.int64]
    walk: Walk
    picks: Mapping[int, NDArray[np.int32]]
    times: Sequence[Timetable | None]
    soonest: Sequence[int]
    insides: Sequence[Sequence[Inside]]


def walk_city(template: Template, columns: Columns, shared: Sequence[Shared]) -> Walked:
    """Return days, papers and costs of all units under the joint plans."""
    return _Walking(template, columns, shared).run()


class _Walking:
    def __init__(self, template: Template, columns: Columns, shared: Sequence[Shared]) -> None:
        self.template, self.columns, self.shared = template, columns, shared
        self.finest = template.level[template.goal]
        self.size = columns.status.size
        self.picks = {first: column.copy() for first, column in columns.picks.items()}
        self.led: dict[int, list[Led]] = {}
        self.more: Words = np.zeros_like(columns.papers)
        self.cost = columns.units.cost.copy()
        self.times = [timetable(one.problem, one.solution) if one.solution else None for one in shared]
        names = columns.table.places[self.finest]
        self.insides = [insides_of(template, columns, one, names) for one in shared]

    def run(self) -> Walked:
        for one, times in zip(self.shared, self.times, strict=True):
            if times is not None:
                for number, kind in enumerate(one.kinds):
                    self._kind(one, number, kind)
        for one, insides in zip(self.shared, self.insides, strict=True):
            for inside in insides:
                self._entered(one, inside)
        seen = self._seen([times.end if times else {} for times in self.times])
        walk = self._walked(self.picks, seen)
        if self._hurry(walk, seen):
            walk = self._walked(self.picks, seen)
        soonest = self._soonest(self._days(walk))
        costs = _costs(self.columns.workshop)
        for column in self.picks.values():
            self.cost += costs[:, column]
        goal = self._days(walk)
        papers = (walk.papers | self.more) & self._own_bits()[:, None]
        return Walked(goal, papers, self.cost, walk, self.picks, self.times, soonest, self.insides)

    def _walked(
        self,
        picks: Mapping[int, NDArray[np.int32]],
        seen: Mapping[int, Ends],
        led: Mapping[int, Sequence[Led]] | None = None,
    ) -> Walk:
        rows, led = np.arange(self.size, dtype=np.int64), self.led if led is None else led
        walk = Walk(self.template, self.columns.workshop, self.columns.units, picks, rows, seen, led)
        walk.walk()
        return walk

    def _days(self, walk: Walk) -> Ends:
        return walk.end.get(self.template.goal, np.zeros(self.size, np.int32))

    def _hurry(self, walk: Walk, seen: Mapping[int, Ends]) -> bool:
        """Let units that would be the last take an equally cheap candidate that is quicker.

        The others keep the one that is shown first: their estate is not done sooner by it.
        """
        columns, workshop = self.columns, self.columns.workshop
        many = workshop.per_candidate("rivals", 0, np.int16, lambda number: workshop.rivals[number])
        free = np.ones(self.size, np.bool_)  # who has a say has agreed with others on what is taken
        for one in self.shared:
            free[[unit for kind in one.kinds for unit in kind.units]] = False
        quick = {}
        for first, column in self.picks.items():
            other = columns.hurried[first]
            real = free & (many[other] < MOST_TIES)  # others only tell how quick a candidate could be
            quick[first] = np.where(real, other, column)
        if all(np.array_equal(column, self.picks[first]) for first, column in quick.items()):
            return False
        days, fewest = self._days(walk), self._days(self._walked(quick, seen))
        owner = columns.table.dossier[self.finest]
        last = np.asarray([times.total if times else 0 for times in self.times], np.int32)
        mine = self._planned()
        np.maximum.at(last, owner[mine], np.minimum(days, fewest)[mine])
        late = mine & (days > last[owner]) & (fewest < days)
        for first, column in quick.items():
            self.picks[first][late] = column[late]
        return bool(late.any())

    def _planned(self) -> NDArray[np.bool_]:
        """Units that take part in the joint plans."""
        status = self.columns.status
        mine: NDArray[np.bool_] = (status != np.int8(Status.PROVED)) & (status != np.int8(Status.BLOCKED))
        for one in self.shared:
            mine[list(one.left_out)] = False
        return mine

    def _own_bits(self) -> NDArray[np.uint64]:
        words = np.zeros(self.columns.papers.shape[0], np.uint64)
        for number, level in enumerate(self.template.level):
            if level == self.finest:
                words[number // 64] |= np.uint64(1 << number % 64)
        return words

    def _seen(self, ends: Sequence[Mapping[int, int]]) -> dict[int, Ends]:
        """Days until what units need of their buildings, per unit; by estate and element of its problem."""
        table, level_of, elements = self.columns.table, self.template.level, self.template.problem.elements
        needed = {one for led in self.led.values() for _, _, needs in led for one in needs}
        coarse = {one for one in needed if level_of[one] < self.finest}
        asked = {elements[one].name: one for one in sorted(coarse.union(self.columns.imports))}
        columns = {one: np.zeros(len(table.places[level_of[one]]), np.int32) for one in asked.values()}
        place = [
            {key: row for row, key in enumerate(zip(owner.tolist(), names, strict=True))}
            for owner, names in zip(table.dossier[: self.finest], table.places, strict=False)
        ]
        for at, (one, mine) in enumerate(zip(self.shared, ends, strict=True)):
            for element, end in mine.items():
                name, home = one.problem.elements[element].key
                if name in asked:
                    number = asked[name]
                    for like in one.alike.get(home, (home,)):
                        columns[number][place[level_of[number]][at, like]] = end
        return {one: column[table.above[self.finest][level_of[one]]] for one, column in columns.items()}

    # -- what no plan is below

    def _soonest(self, days: Ends) -> list[int]:
        """Days below which no plan of the same cost is, by estate; 0 where that is not known."""
        quick, alone = self._quickest_picks()
        limits, sooner = [one.limits for one in self.shared], self._ends_at_best()
        mine, owner = self._planned() & ~alone, self.columns.table.dossier[self.finest]
        last = np.asarray(
            [
                max((end.get(goal, 0) for goal in one.problem.goals), default=0)
                for end, one in zip(sooner, self.shared, strict=True)
            ],
            np.int32,
        )
        led = self._led_sooner()
        same = led is self.led and all(one is None or one.soonest is None for one in limits)
        if not (same and all(map(np.array_equal, quick.values(), self.picks.values()))):
            days = self._days(self._walked(quick, self._seen(sooner), led))
        np.maximum.at(last, owner[mine], days[mine])
        last[[one is None for one in limits]] = 0
        found: list[int] = last.tolist()
        return found

    def _ends_at_best(self) -> list[Mapping[int, int]]:
        """Days before which what is shared cannot be there, by estate and element of its problem."""
        found: list[Mapping[int, int]] = []
        for one, times in zip(self.shared, self.times, strict=True):
            soonest = one.limits.soonest if one.limits else {}
            found.append((times.end if times else {}) if soonest is None else soonest)
        return found

    def _led_sooner(self) -> Mapping[int, Sequence[Led]]:
        """What units decide for all of their kind, as soon as any of these could have it."""
        vague = [
            (np.asarray(one.kinds[kind].units, np.int64), told)
            for one in self.shared
            if one.limits
            for kind, told in one.limits.vague.items()
        ]
        if not vague:
            return self.led
        number = {one.name: at for at, one in enumerate(self.template.problem.elements)}
        led = {at: list(told) for at, told in self.led.items()}
        for units, told in vague:  # entered last: what was entered before is overwritten
            for name, days in told.items():
                led.setdefault(number[name], []).append((units, days, ()))
        return led

    def _quickest_picks(self) -> tuple[dict[int, NDArray[np.int32]], NDArray[np.bool_]]:
        """Candidates none is quicker than, had or not; and units that are planned with their estate."""
        quick = {first: column.copy() for first, column in self.columns.hurried.items()}
        alone = np.zeros(self.size, np.bool_)
        for one in self.shared:
            for number, kind in enumerate(one.kinds):
                units = np.asarray(kind.units, np.int64)
                alone[units] |= kind.alone
                for first, _ in kind.pieces:
                    if one.limits and (number, first) in one.limits.hasty:
                        quick[first][units] = one.limits.hasty[number, first]
                for first in quick if kind.alone else [first for first, _ in kind.beyond]:
                    quick[first][units] = -1
        return quick, alone

    # -- units that had a say

    def _kind(self, shared: Shared, number: int, kind: Kind) -> None:
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

    def _entered(self, shared: Shared, one: Inside) -> None:
        """Take over papers, costs and ways that one unit decides for others."""
        cost = Costs()
        for number in one.numbers:
            cost = _plus(cost, shared, number)
        weight = max(1, one.units.size)
        parts = [cost.rank, cost.money, cost.effort, cost.items]
        self.cost[:, one.units] += np.asarray([part // weight for part in parts], np.int64)[:, None]
        for paper in one.papers:
            self.more[paper // 64, one.units] |= np.uint64(1 << paper % 64)
            known = self.template.problem.elements[paper].cost
            self.led.setdefault(paper, []).append((one.units, known.days if known else 0, ()))
        for number, branch in one.chosen.items():
            self.led.setdefault(number, []).append((one.units, branch.days, one.needs[number]))


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
