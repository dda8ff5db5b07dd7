"""From the goal down: what every plan needs and where there is a choice, for many rows at once.

A tier is the part of the graph that has the same rows: the units, and above them the buildings as
the units need them.  It is the columnar form of ``pieces.split``.

Reads from: ``upward``, ``template``.  Read by: ``cuts``, ``columns``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from taizhang.rules.ground import Choice
from taizhang.rules.template import Template
from taizhang.rules.upward import Bools, Live, Upward

__all__ = ["Tier"]

_T = TypeVar("_T", bound=np.generic)


@dataclass(slots=True)
class Tier:
    """Elements that share their rows.

    Attributes:
        template, up: The graph and the pass from below.
        elements: Numbers of the elements, ascending.
        size: Number of rows.
        home: Level whose rows the rows of this tier stand on, and that row for each of them;
            no rows: the tier has the level's own.
        demanded: By element, those of other tiers included: whether every plan needs it.
        paper, forced, choice: By element: to be obtained; settled; where there is a choice.
    """

    template: Template
    up: Upward
    elements: tuple[int, ...]
    size: int
    home: tuple[int, NDArray[np.int32] | None]
    demanded: dict[int, Bools] = field(default_factory=dict)
    paper: dict[int, Bools] = field(default_factory=dict)
    forced: dict[int, Bools] = field(default_factory=dict)
    choice: dict[int, Bools] = field(default_factory=dict)
    live: dict[int, tuple[Live, ...]] = field(default_factory=dict)
    special: Bools = field(default_factory=lambda: np.zeros(0, np.bool_))
    _seen: dict[tuple[str, int], Bools] = field(default_factory=dict)
    _on: dict[tuple[int, int], Bools] = field(default_factory=dict)

    def gather(self, column: NDArray[_T], depth: int) -> NDArray[_T]:
        """A column of a coarser level on the rows of this tier."""
        level, rows = self.home
        seen = self.up.at(column, depth, level)
        return seen if rows is None else seen[rows]

    def answer(self, fact: int, row: int) -> int:
        """The class of the answer to a fact, as one row sees it; -1 unknown."""
        level, rows = self.home
        at = row if rows is None else int(rows[row])
        depth = self.template.fact_level[fact]
        return int(self.up.table.answers[fact][self.up.table.above[level][depth][at]])

    def see(self, name: str, number: int) -> Bools:
        """``free``, ``feasible``, ``proved`` or ``doubt`` of an element, on the rows of this tier."""
        key = name, number
        if key not in self._seen:
            column = getattr(self.up, name)[number]
            self._seen[key] = np.asarray(self.gather(column, self.template.depth[number]))
        return self._seen[key]

    # -- demand

    def demand(self) -> None:
        """Pass down: ``demanded`` holds the goals before and everything that is needed after."""
        self.special = np.zeros(self.size, np.bool_)
        for number in self.elements:
            if number not in self.demanded:
                continue
            act = self.demanded[number] & ~self.see("free", number)
            if not act.any():
                continue
            if not self.template.ways[number]:
                self.paper[number] = act
                continue
            self.live[number] = self.gathered(number)
            self._choose(number, act)

    def gathered(self, number: int) -> tuple[Live, ...]:
        """The ways of an element on the rows of this tier."""
        depth = self.template.depth[number]

        def on(column: Bools) -> Bools:
            key = id(column), depth  # the pass from below keeps them all
            if key not in self._on:
                self._on[key] = np.asarray(self.gather(column, depth))
            return self._on[key]

        return tuple(
            Live(
                on(one.alive),
                on(one.open),
                on(one.settled),
                on(one.doubted),
                tuple(map(on, one.exact)),
                tuple(map(on, one.wants)),
                on(one.spread),
                on(one.unsure),
            )
            for one in self.up.live[number]
        )

    def _choose(self, number: int, act: Bools) -> None:
        ways, told = self.template.ways[number], self.live[number]
        alive = np.zeros(self.size, np.int16)
        single = np.ones(self.size, np.bool_)
        for way, live in zip(ways, told, strict=True):
            alive += live.alive
            relies = live.open | (live.settled & live.doubted) if way.rank > 0 else live.open
            for exact in live.exact:
                relies = relies | ~exact
            single &= ~(live.alive & relies)
        single &= alive == 1
        self.forced[number] = act & single
        self.choice[number] = act & ~single
        for live in told:
            self.special |= act & live.spread & single
        common: dict[int, NDArray[np.int16]] = {}
        for way, live in zip(ways, told, strict=True):
            for one, column in self._required(way.needs, live).items():
                common[one] = common[one] + column if one in common else column.astype(np.int16)
        for one, count in common.items():
            needed = act & (count == alive) & ~self.see("free", one)
            if one in self.demanded:
                self.demanded[one] = self.demanded[one] | needed
            else:
                self.demanded[one] = needed

    def _required(self, needs: Sequence[Choice], live: Live) -> Mapping[int, Bools]:
        """What a way needs in any case, each element once."""
        found: dict[int, Bools] = {}
        for need, exact, wants in zip(needs, live.exact, live.wants, strict=True):
            for one in need.of:
                column = live.alive & exact & wants & self.see("feasible", one)
                found[one] = found[one] | column if one in found else column
        return found
