"""Marginal plans of a whole city at once, equal to the planner's case by case.

Two tiers: the units, and the buildings as their units need them.  In each tier the rows are taken
apart into pieces, equal pieces are solved once, and costs, days and papers come back as columns.
Rows that cannot be taken apart here are named, and planned one by one.

Reads from: ``upward``, ``tier``, ``cuts``, ``workshop``.  Read by: ``city``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taizhang.rules.agree import Half, agree
from taizhang.rules.cuts import Cuts
from taizhang.rules.measure import measure
from taizhang.rules.signs import Words
from taizhang.rules.solver import Library
from taizhang.rules.table import Table
from taizhang.rules.template import Template
from taizhang.rules.terms import Status
from taizhang.rules.tier import Tier
from taizhang.rules.upward import Bools, Upward
from taizhang.rules.view import Above
from taizhang.rules.workshop import PARTS, TORN, Workshop, workshop_of

__all__ = ["Columns", "plan_columns"]

Longs = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Columns:
    """Where every unit stands, and its marginal plan.

    Attributes:
        table: The city; rows are its units.
        status: ``Status`` of the goal, per unit.
        cost: Rank, money (fen), effort (hours) and number of papers, ``(4, units)``.
        days: Working days to the goal.
        papers: Papers to be obtained, as bits by element of the template, ``(words, units)``.
        alone: Units the columns cannot settle: planned with their estate, their cost here is an estimate.
        units, above: The two tiers.
        row: For each unit, its row in the tier above.
        workshop: The pieces.
        imports: Elements of the tier above that units need directly.
        picks: Candidate of each unit's own pieces, by first choice.
        hurried: Likewise, of equally cheap ones one than which none is quicker.
        unsure: Units whose status has to be looked at one by one.
    """

    table: Table
    status: NDArray[np.int8]
    cost: Longs
    days: NDArray[np.int32]
    papers: Words
    alone: Bools
    units: Half
    above: Half
    row: NDArray[np.int64]
    workshop: Workshop
    imports: tuple[int, ...]
    picks: Mapping[int, NDArray[np.int32]]
    hurried: Mapping[int, NDArray[np.int32]]
    unsure: Bools


def plan_columns(
    template: Template,
    table: Table,
    objective: Sequence[str],
    library: Library | None = None,
    workshop: Workshop | None = None,
    before: Upward | None = None,
) -> Columns:
    """Return the marginal plan of every unit.

    Args:
        template: The compiled pack.
        table: The city.
        objective: Parts in the declared order; days must come last.
        library: Pieces solved before.
        workshop: Pieces cut out before, of the same template and objective.
        before: The pass from below of a table of the same places, of which little has changed.

    Cost:
        A few hundred passes over columns, and one exact solution per distinct piece.
    """
    if tuple(objective)[-1:] != ("days",):
        raise ValueError("columns compare days last")
    shop = workshop or workshop_of(template, tuple(objective), library or Library())
    return _City(template, table, shop, before).run()


class _City:
    """One evaluation of a city."""

    def __init__(self, template: Template, table: Table, workshop: Workshop, before: Upward | None) -> None:
        self.template, self.table, self.workshop = template, table, workshop
        self.up = Upward(template, table, before)
        self.finest = template.level[template.goal]
        self.size = len(table.places[self.finest])

    def run(self) -> Columns:
        units = self._unit_tier()
        units.demand()
        above, row = self._upper_tier(units)
        above.demand()
        self._see_from_below(units, above, row)
        cuts = Cuts(above)
        upper = self._half(1, cuts, None)
        lower = self._half(0, Cuts(units), Above(cuts, upper.pieces, row))
        goal = self.template.goal
        feasible, proved = self.up.feasible[goal], self.up.proved[goal]
        alone = lower.alone | upper.alone[row] | (proved & ~self.up.free[goal])
        blocked = ~feasible | lower.blocked | upper.blocked[row]
        cost = lower.cost + upper.cost[:, row]
        agreed = agree(self.workshop, lower, upper, row)
        cost += agreed.cost
        alone |= agreed.alone
        blocked |= agreed.blocked
        days, papers, hurried = measure(self.template, self.workshop, lower, upper, agreed)
        alone |= hurried
        always = lower.always & upper.always[row]
        status = np.where(always, np.int8(Status.OPEN), np.int8(Status.DEPENDS))
        status[self.up.free[goal] | (proved & ~self.up.doubt[goal])] = Status.PROVED
        unsure = (proved & self.up.doubt[goal]) | lower.unsure | upper.unsure[row]
        alone &= feasible
        blocked &= ~alone
        status[blocked] = Status.BLOCKED
        cost[:, blocked] = 0
        days[blocked] = 0
        papers[:, blocked] = 0
        return Columns(
            self.table,
            status,
            cost,
            days,
            papers,
            alone,
            lower,
            upper,
            row,
            self.workshop,
            self.imports,
            agreed.lower,
            agreed.lower_hurried,
            unsure & feasible & ~blocked,
        )

    # -- tiers

    def _unit_tier(self) -> Tier:
        own = tuple(n for n, depth in enumerate(self.template.depth) if depth == self.finest)
        tier = Tier(self.template, self.up, own, self.size, (self.finest, None))
        goal = self.template.goal
        done = self.up.proved[goal] & ~self.up.free[goal]
        tier.demanded[goal] = self.up.feasible[goal] & ~done
        return tier

    def _upper_tier(self, units: Tier) -> tuple[Tier, NDArray[np.int64]]:
        """One row for each building and set of things its units need of it."""
        own = tuple(n for n, depth in enumerate(self.template.depth) if depth < self.finest)
        imports = [number for number in units.demanded if self.template.depth[number] < self.finest]
        code = np.zeros(self.size, np.int64)
        for at, number in enumerate(imports):
            code |= units.demanded[number].astype(np.int64) << at
        level = max(self.finest - 1, 0)
        parent = self.table.above[self.finest][level].astype(np.int64)
        keys, row = np.unique(parent << len(imports) | code, return_inverse=True)
        home = (keys >> len(imports)).astype(np.int32)

        tier = Tier(self.template, self.up, own, keys.size, (level, home))
        for at, number in enumerate(imports):
            tier.demanded[number] = (keys >> at & 1).astype(np.bool_)
        return tier, row.astype(np.int64)

    def _see_from_below(self, units: Tier, above: Tier, row: NDArray[np.int64]) -> None:
        """What the building needs anyway costs a unit nothing."""
        self.imports = self._imported(units)
        for number in set(self.imports) & above.demanded.keys():
            units.demanded[number] = above.demanded[number][row]

    def _imported(self, units: Tier) -> tuple[int, ...]:
        used = {
            one
            for number in units.elements
            for way in self.template.ways[number]
            for need in way.needs
            for one in need.of
            if self.template.depth[one] < self.finest
        }
        return tuple(sorted(used))

    # -- one tier

    def _half(self, number: int, cuts: Cuts, above: Above | None) -> Half:
        tier = cuts.tier
        pieces: dict[int, NDArray[np.int32]] = {}
        torn = tier.special.copy()
        blocked = np.zeros(tier.size, np.bool_)
        always = np.ones(tier.size, np.bool_)
        unsure = np.zeros(tier.size, np.bool_)
        cost = self._settled(tier)
        for cut, numbers in self.workshop.numbered(number, cuts, above):
            column = np.full(tier.size, -1, np.int32)
            column[cut.rows] = numbers
            torn |= column == TORN
            column[column == TORN] = -1
            pieces[cut.first] = column
        shop, shelves = self.workshop, self.workshop.shelves
        never = shop.per_piece("blocked", False, np.bool_, lambda n: shelves[n].optimum is None)
        sure = shop.per_piece("always", True, np.bool_, lambda n: shelves[n].always is True)
        unknown = shop.per_piece("unsure", False, np.bool_, lambda n: shelves[n].always is None)
        for column in pieces.values():
            blocked |= never[column]
            always &= sure[column]
            unsure |= unknown[column]
        alone = torn | unsure
        return Half(tier, pieces, cost, alone, blocked, always, unsure, cuts.choices, cuts.label, torn)

    def _settled(self, tier: Tier) -> Longs:
        """What the papers and steps cost that every plan needs."""
        cost = np.zeros((len(PARTS), tier.size), np.int64)
        for number, needed in tier.paper.items():
            paper = self.template.problem.elements[number].cost
            if paper is not None and needed.any():
                self._add(cost, needed, (0, paper.money_fen or 0, paper.effort, 1))
        for number, forced in tier.forced.items():
            for way, live in zip(self.template.ways[number], tier.live[number], strict=True):
                taken = forced & live.alive
                step = way.step
                self._add(cost, taken, (0, step.money_fen or 0, step.effort, 0))
                self._add(cost, taken & ~live.settled, (way.rank, 0, 0, 0))
        return cost

    @staticmethod
    def _add(cost: Longs, where: Bools, parts: tuple[int, ...]) -> None:
        for at, part in enumerate(parts):
            if part:
                cost[at] += where * np.int64(part)
