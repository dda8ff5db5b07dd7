"""How many homes each kind of paper would open, if it were obtained wherever it is missing.

A home is open when nothing shared is missing for it.  Sixty kinds of paper are tried on a hundred
thousand homes: truth is kept as bits, eight homes a byte, and only what lies above a paper is worked
out again.

Reads from: ``upward``, ``table``, ``template``, ``unitneeds``.  Read by: ``leverage``.

Source:
    Bit-parallel evaluation of circuits: Knuth, "The Art of Computer Programming", 7.1.3 (2009).
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from taizhang.rules.ground import Choice
from taizhang.rules.table import Table
from taizhang.rules.template import Template
from taizhang.rules.unitneeds import countable
from taizhang.rules.upward import TRUE, Bools, Upward

__all__ = ["Opening"]

Packed: TypeAlias = NDArray[np.uint8]  # one bit a row, the first in the lowest place


class Opening:
    """A city prepared for the question; asking it takes a fraction of a millisecond a paper.

    Args:
        template: The compiled pack.
        table: The city.
        up: The pass from below, for the guards.
        ready: Papers of its own must be on hand; otherwise it is enough that they can be had.

    Attributes:
        papers: Kinds of shared papers that are missing somewhere, by element.
        open: Homes that nothing shared holds back.
    """

    def __init__(self, template: Template, table: Table, up: Upward, *, ready: bool = False) -> None:
        self.template, self.table = template, table
        self.finest = template.level[template.goal]
        self.sizes = [len(places) for places in table.places]
        self.guards = _guards(template, table, up)
        count = len(template.problem.elements)
        self.held = [
            _packed(self._at(table.held[n] == 1, template.level[n], template.depth[n])) for n in range(count)
        ]
        self.lost = [
            _packed(self._at(table.held[n] == 2, template.level[n], template.depth[n])) for n in range(count)
        ]
        self.ready = ready
        self.above = _above(template)
        self.base: list[Packed] = [np.zeros(0, np.uint8)] * count
        for number in range(count - 1, -1, -1):
            self.base[number] = self._element(number, self.base)
        self.papers = [
            n
            for n in range(count)
            if not template.ways[n]
            and template.problem.elements[n].cost is not None
            and template.level[n] < self.finest
            and bool((table.held[n] == 0).any())
        ]
        self.open = _ones(self.base[template.goal], self.sizes[self.finest])

    def by_paper(self) -> dict[str, int]:
        """Return how many more homes each kind of shared paper opens, by its id."""
        elements = self.template.problem.elements
        return {elements[number].name: self.with_paper(number) - self.open for number in self.papers}

    def with_paper(self, paper: int) -> int:
        """Return how many homes are open where one kind of paper is obtained wherever it can be."""
        now = list(self.base)
        now[paper] = ~self.lost[paper]
        for number in self.above[paper]:
            now[number] = self._element(number, now)
        return _ones(now[self.template.goal], self.sizes[self.finest])

    # -- one element

    def _at(self, column: Bools, level: int, depth: int) -> Bools:
        return column if level == depth else np.asarray(column[self.table.above[depth][level]])

    def _element(self, number: int, now: list[Packed]) -> Packed:
        template = self.template
        if not template.ways[number]:
            own = template.level[number] == self.finest
            paper = template.problem.elements[number].cost is not None
            return ~self.lost[number] if own and paper and not self.ready else self.held[number]
        can = ~(self.held[number] | self.lost[number])
        found = self.held[number]
        for at, way in enumerate(template.ways[number]):
            alive = can
            guard = self.guards.get((number, at))
            if guard is not None:
                alive = alive & guard
            for need in way.needs:
                alive = alive & self._met(number, need, now)
            found = found | alive
        return found

    def _met(self, number: int, need: Choice, now: list[Packed]) -> Packed:
        if need.k == len(need.of):
            met = self._seen(number, need.of[0], now)
            for one in need.of[1:]:
                met = met & self._seen(number, one, now)
            return met
        if need.k == 1:
            met = self._seen(number, need.of[0], now)
            for one in need.of[1:]:
                met = met | self._seen(number, one, now)
            return met
        size = self.sizes[self.template.depth[number]]
        count = np.zeros(size, np.int16)
        for one in need.of:
            count += _unpacked(self._seen(number, one, now), size)
        return _packed(count >= need.k)

    def _seen(self, number: int, one: int, now: list[Packed]) -> Packed:
        """An element from the rows of another; where it is wanted of every place below, of all of them."""
        template = self.template
        depth, mine = template.depth[number], template.depth[one]
        wide = template.level[one] > template.level[number]
        if depth == mine and not wide:
            return now[one]
        column = self._at(_unpacked(now[one], self.sizes[mine]), mine, depth)
        if wide:
            level = template.level[number]
            group = self.table.above[depth][level]
            wrong = np.bincount(group, weights=~column, minlength=self.sizes[level]) > 0
            column = np.asarray(~wrong[group])
        return _packed(column)


def _above(template: Template) -> dict[int, list[int]]:
    """The elements that rest on each element, needs first."""
    direct: dict[int, set[int]] = {}
    for number, ways in enumerate(template.ways):
        for way in ways:
            for need in way.needs:
                for one in need.of:
                    direct.setdefault(one, set()).add(number)
    found: dict[int, set[int]] = {}
    for number in range(len(template.ways)):  # what needs an element has a smaller number
        found[number] = set()
        for user in direct.get(number, ()):
            found[number] |= {user} | found[user]
    return {number: sorted(users, reverse=True) for number, users in found.items()}


def _guards(template: Template, table: Table, up: Upward) -> dict[tuple[int, int], Packed]:
    """Where a way counts: its guard is true, or open only on what a home answers for itself."""
    finest = template.level[template.goal]
    found: dict[tuple[int, int], Packed] = {}
    for number, ways in enumerate(template.ways):
        element = template.problem.elements[number]
        depth = template.depth[number]
        for at, way in enumerate(ways):
            if way.condition < 0:
                continue
            truth, _ = up.guard(way.condition, depth)
            if depth == finest:
                usable = countable(template, table, up, way.condition)
            elif element.switch and element.options[at].way.id == "with":
                usable = truth != 0  # a need that may be asked for is asked for
            else:
                usable = truth == TRUE
            found[number, at] = _packed(np.asarray(usable))
    return found


def _packed(column: Bools) -> Packed:
    return np.packbits(column, bitorder="little")


def _unpacked(column: Packed, size: int) -> Bools:
    return np.unpackbits(column, count=size, bitorder="little").view(np.bool_)


def _ones(column: Packed, size: int) -> int:
    """How many rows are set; bits behind the last row do not count."""
    return int(_unpacked(column, size).sum())
