"""From the papers up: what is on hand, what can be had, what is proved, for a whole city at once.

An element is evaluated once per place of the level it depends on, when it is first asked for: what
nothing that can count needs is never looked at.  What is open is read in the applicant's favour, as in
``resolve``, of which this is the columnar form.

Reads from: ``template``, ``table``.  Read by: ``tier``, ``columns``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import TypeAlias, TypeVar
from weakref import WeakMethod

import numpy as np
from numpy.typing import NDArray

from taizhang.rules.ground import Choice, Condition
from taizhang.rules.table import Table
from taizhang.rules.template import Alternative, Template

__all__ = ["Bools", "Live", "Upward"]

_T = TypeVar("_T", bound=np.generic)
_V = TypeVar("_V")

Bools: TypeAlias = NDArray[np.bool_]
Codes: TypeAlias = NDArray[np.int64]

FALSE, TRUE, OPEN = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Live:
    """One way of an element, one value per row of the element's depth.

    Attributes:
        alive: It can count.
        open: Its guard is still open.
        settled: All its needs are proved.
        doubted: That they are rests on open facts.
        exact: Per need: there is no choice among its candidates.
        wants: Per need: something that is not on hand is wanted.
        spread: It needs something of other places as well.
        unsure: And whether those can supply it depends on open facts.
    """

    alive: Bools
    open: Bools
    settled: Bools
    doubted: Bools
    exact: tuple[Bools, ...]
    wants: tuple[Bools, ...]
    spread: Bools
    unsure: Bools


class _Asked(dict[int, _V]):
    """Values by element, worked out when they are first asked for."""

    def __init__(self, make: Callable[[int], None]) -> None:
        super().__init__()
        self._make = WeakMethod(make)  # a ring of references would keep the columns of a city for long

    def __missing__(self, number: int) -> _V:
        make = self._make()
        assert make is not None, "who asks holds what is asked"
        make(number)
        return self[number]


class Upward:
    """The pass from the papers up.

    Attributes:
        free, feasible, proved, doubt: By element: on hand; to be had; proved; proved if open facts agree.
        sure: By element: to be had even if every open guard is false.
        live: By element: its ways.

    Args:
        template: The compiled pack.
        table: The city.
        before: The pass over another table of the same places: what rests on columns that are the same
            objects in both is taken over.
    """

    def __init__(self, template: Template, table: Table, before: Upward | None = None) -> None:
        self.template, self.table = template, table
        self.free: _Asked[Bools] = _Asked(self._evaluated)
        self.feasible: _Asked[Bools] = _Asked(self._evaluated)
        self.proved: _Asked[Bools] = _Asked(self._evaluated)
        self.doubt: _Asked[Bools] = _Asked(self._evaluated)
        self.sure: _Asked[Bools] = _Asked(self._evaluated)
        self.live: _Asked[tuple[Live, ...]] = _Asked(self._evaluated)
        self._guards: dict[tuple[int, int], tuple[NDArray[np.int8], Codes]] = {}
        self._none: dict[int, Bools] = {}
        if before is not None and before.table.places is table.places:
            for number in self._unchanged(before) & before.free.keys():
                self._take_over(number, before)

    def _unchanged(self, before: Upward) -> frozenset[int]:
        """Elements of which nothing below is another column than before."""
        old, new, template = before.table, self.table, self.template
        facts = {n for n, one in enumerate(new.answers) if one is not old.answers[n]}
        other = [bool(facts.intersection(one.facts)) for one in template.conditions]
        changed: set[int] = set()
        for number in range(len(template.ways) - 1, -1, -1):
            if new.held[number] is not old.held[number] or any(
                (way.condition >= 0 and other[way.condition])
                or any(not changed.isdisjoint(need.of) for need in way.needs)
                for way in template.ways[number]
            ):
                changed.add(number)
        for key, told in before._guards.items():
            if not other[key[0]]:
                self._guards[key] = told
        return frozenset(range(len(template.ways))) - changed

    def _take_over(self, number: int, before: Upward) -> None:
        self.free[number], self.feasible[number] = before.free[number], before.feasible[number]
        self.proved[number], self.doubt[number] = before.proved[number], before.doubt[number]
        self.sure[number], self.live[number] = before.sure[number], before.live[number]

    def at(self, column: NDArray[_T], level: int, depth: int) -> NDArray[_T]:
        """A column of one level, seen from the rows of a finer one."""
        return column if level == depth else column[self.table.above[depth][level]]

    def rows(self, level: int) -> int:
        """How many places a level has."""
        return len(self.table.places[level])

    def guard(self, condition: int, depth: int) -> tuple[NDArray[np.int8], Codes]:
        """False, true or open, and the answers it was read from as one number."""
        key = condition, depth
        if key not in self._guards:
            self._guards[key] = self._read(condition, depth)
        return self._guards[key]

    def _read(self, number: int, depth: int) -> tuple[NDArray[np.int8], Codes]:
        condition = self.template.conditions[number]
        code = np.zeros(self.rows(depth), np.int64)
        for fact, width in zip(condition.facts, self._widths(condition), strict=True):
            column = self.at(self.table.answers[fact], self.template.fact_level[fact], depth)
            code = code * width + column + 1
        key = "truth", number
        if key not in self.template.kept:
            self.template.kept[key] = self._truths(condition)
        return self.template.kept[key][code], code

    def answers_of(self, condition: int) -> int:
        """How many combinations of answers a guard may read, open ones included."""
        return prod(self._widths(self.template.conditions[condition]))

    def _widths(self, condition: Condition) -> list[int]:
        return [len(self.template.problem.facts[fact].classes) + 1 for fact in condition.facts]

    def _truths(self, condition: Condition) -> NDArray[np.int8]:
        """The truth of a guard for all answers it may read."""
        widths = self._widths(condition)
        truth = np.empty(prod(widths), np.int8)
        for number, combo in enumerate(product(*(range(-1, width - 1) for width in widths))):
            known = {f: value for f, value in zip(condition.facts, combo, strict=True) if value >= 0}
            holds = condition.under(known)
            truth[number] = OPEN if holds is None else TRUE if holds else FALSE
        return truth

    # -- one element

    def _evaluated(self, number: int) -> None:
        """Evaluate an element after what the ways that can count need, however deep that lies."""
        pending = [number]
        while pending:
            unknown = [one for one in self._wanted(pending[-1]) if one not in self.free]
            if unknown:
                pending += unknown
            else:
                last = pending.pop()
                if last not in self.free:
                    self._element(last)

    def _wanted(self, number: int) -> Iterator[int]:
        """What the ways of an element need, without ways whose guard is false everywhere."""
        depth = self.template.depth[number]
        for way in self.template.ways[number]:
            if way.condition < 0 or (self.guard(way.condition, depth)[0] != FALSE).any():
                for need in way.needs:
                    yield from need.of

    def _element(self, number: int) -> None:
        template = self.template
        level, depth = template.level[number], template.depth[number]
        held = self.at(self.table.held[number], level, depth)
        self.free[number] = held == 1
        if not template.ways[number]:
            paper = template.problem.elements[number].cost is not None
            self.feasible[number] = held != 2 if paper else held == 1
            self.proved[number] = self.free[number]
            self.doubt[number] = self._nothing(depth)
            self.sure[number] = self.feasible[number]
            self.live[number] = ()
            return
        can = held == 0
        told = tuple(self._way(number, way, can) for way in template.ways[number])
        self.sure[number] = self.free[number].copy()
        for way, live in zip(template.ways[number], told, strict=True):
            if live.alive.any():
                self.sure[number] |= self._surely(number, way, live)
        feasible, proved, certain = (
            self.free[number].copy(),
            self.free[number].copy(),
            self.free[number].copy(),
        )
        for live in told:
            feasible |= live.alive
            shown = live.alive & live.settled
            proved |= shown
            certain |= shown & ~live.open & ~live.doubted
        self.live[number] = told
        self.feasible[number], self.proved[number] = feasible, proved
        self.doubt[number] = proved & ~certain

    def _way(self, number: int, way: Alternative, can: Bools) -> Live:
        depth = self.template.depth[number]
        alive, settled = can.copy(), can.copy()
        doubted = np.zeros(can.size, np.bool_)
        open_ = self._nothing(depth)
        if way.condition >= 0:
            truth, _ = self.guard(way.condition, depth)
            alive &= truth != FALSE
            open_ = truth == OPEN
        if not alive.any():
            return self._dead(depth, len(way.needs))
        exact: list[Bools] = []
        wants: list[Bools] = []
        for need in way.needs:
            if need.k == 1 == len(need.of) and not way.spread:  # most needs are of one thing
                (one,) = need.of
                feasible, proved, doubt, free = (
                    self.at(table[one], self.template.depth[one], depth)
                    for table in (self.feasible, self.proved, self.doubt, self.free)
                )
                alive &= feasible
                settled &= proved
                doubted |= doubt
                wants.append(~free)
                exact.append(feasible)
                continue
            many = self._count(self.feasible, need, number, every=True)
            alive &= many >= need.k
            settled &= self._count(self.proved, need, number, every=True) >= need.k
            doubted |= self._count(self.doubt, need, number, every=False) > 0
            there = self._count(self.free, need, number, every=True)
            wants.append(there < need.k)
            exact.append((there >= need.k) | (many == need.k))
        spread = unsure = self._nothing(depth)
        if way.spread:
            spread = alive & self._wide(number)
            for need in way.needs:
                unsure = unsure | (spread & (self._count(self.sure, need, number, every=True) < need.k))
        open_ = open_ & alive if way.condition >= 0 else open_
        return Live(alive, open_, settled, doubted, tuple(exact), tuple(wants), spread, unsure)

    def _dead(self, depth: int, needs: int) -> Live:
        """A way that counts nowhere."""
        no = self._nothing(depth)
        return Live(no, no, no, no, (no,) * needs, (no,) * needs, no, no)

    def _nothing(self, depth: int) -> Bools:
        """False on every row of a level; not to be changed."""
        if depth not in self._none:
            self._none[depth] = np.zeros(self.rows(depth), np.bool_)
        return self._none[depth]

    def _surely(self, number: int, way: Alternative, live: Live) -> Bools:
        sure = live.alive & ~live.open
        for need in way.needs:
            if need.k == 1 == len(need.of) and not way.spread:
                (one,) = need.of
                sure &= self.at(self.sure[one], self.template.depth[one], self.template.depth[number])
            else:
                sure &= self._count(self.sure, need, number, every=True) >= need.k
        return sure

    def _count(
        self, table: Mapping[int, Bools], need: Choice, number: int, *, every: bool
    ) -> NDArray[np.int16]:
        """Of how many candidates a column is true; where all places below count, all must agree."""
        depth = self.template.depth[number]
        total: NDArray[np.int16] = np.zeros(self.rows(depth), np.int16)
        for one in need.of:
            column = self.at(table[one], self.template.depth[one], depth)
            if self.template.level[one] > self.template.level[number]:
                column = self._over_all(column, number, every=every)
            total += column
        return total

    def _over_all(self, column: Bools, number: int, *, every: bool) -> Bools:
        level, depth = self.template.level[number], self.template.depth[number]
        group = self.table.above[depth][level]
        wrong = np.bincount(group, weights=(~column if every else column), minlength=self.rows(level)) > 0
        return (~wrong if every else wrong)[group]

    def _wide(self, number: int) -> Bools:
        """Whether the place has more than one place below it on that level."""
        level, depth = self.template.level[number], self.template.depth[number]
        group = self.table.above[depth][level]
        return np.asarray((np.bincount(group, minlength=self.rows(level)) > 1)[group])
