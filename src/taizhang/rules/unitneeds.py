"""What every unit needs of its building and estate, once its own papers are set aside.

A unit's certificate follows from papers of its own and from a few things above it, such as the first
registration of its building.  For every set of those things one pass over the columns says for which
units it is enough.

Reads from: ``upward``, ``table``, ``template``.  Read by: ``leverage``, ``opening``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from taizhang.errors import PackError
from taizhang.rules.ground import Choice
from taizhang.rules.table import Table
from taizhang.rules.template import Template
from taizhang.rules.upward import TRUE, Bools, Upward

__all__ = ["MOST_IMPORTS", "countable", "enough", "imports_of"]

MOST_IMPORTS = 12  #: things above the units; every set of them is tried
_WORD = 64  # sets in one word


def imports_of(template: Template) -> tuple[int, ...]:
    """Return the elements above the units that units use directly, ascending."""
    finest = template.level[template.goal]
    used = {
        one
        for number, depth in enumerate(template.depth)
        if depth == finest
        for way in template.ways[number]
        for need in way.needs
        for one in need.of
        if template.depth[one] < finest
    }
    return tuple(sorted(used))


def enough(
    template: Template, table: Table, up: Upward, imports: Sequence[int], *, ready: bool
) -> NDArray[np.uint64]:
    """Return for every unit which sets of imports are enough, as bits by set.

    Args:
        template: The compiled pack.
        table: The city.
        up: The pass from below, for the guards.
        imports: The elements of :func:`imports_of`, at most :data:`MOST_IMPORTS`.
        ready: Papers of its own must be on hand; otherwise it is enough that they can be had.

    Returns:
        One row of words per unit; bit ``s`` of them all is set where the imports whose bits are set in
        ``s`` are enough: bit ``s % 64`` of word ``s // 64``.

    Cost:
        One pass over the units for every set: twice as many with each import.

    Raises:
        PackError: ``E-LEVERAGE-WIDE`` too many imports.
    """
    if len(imports) > MOST_IMPORTS:
        names = [template.problem.elements[number].name for number in imports]
        raise PackError(
            "The units of pack '{pack}' use {count} nodes and papers above them, and of more than {most} not "
            "every set can be tried: {names}.",
            hint="Let the units need one node of their building or estate that needs these.",
            zh="规则包“{pack}”中户级要件直接引用了 {count} 项上级要件，超过 {most} 项无法逐一组合推算："
            "{names}。请在楼幢或小区层级设一个节点汇总这些要件，再由户级引用。",
            where=template.pack.nodes[template.pack.goal].where,
            code="E-LEVERAGE-WIDE",
            pack=template.pack.id,
            count=len(imports),
            most=MOST_IMPORTS,
            names=", ".join(names),
        )
    passing = _Pass(template, table, up, ready)
    sets = 1 << len(imports)
    found = np.zeros((len(table.places[template.level[template.goal]]), -(-sets // _WORD)), np.uint64)
    for some in range(sets):
        there = {number: bool(some >> at & 1) for at, number in enumerate(imports)}
        word, bit = divmod(some, _WORD)
        found[:, word] |= np.where(passing.reaches(there), np.uint64(1 << bit), np.uint64(0))
    return found


def countable(template: Template, table: Table, up: Upward, condition: int) -> Bools:
    """Return for which units a guard is true, or open only on facts of the unit's own."""
    finest = template.level[template.goal]
    truth, _ = up.guard(condition, finest)
    usable = truth != 0
    for fact in template.conditions[condition].facts:
        level = template.fact_level[fact]
        if level < finest:
            unknown = up.at(table.answers[fact] < 0, level, finest)
            usable &= (truth == TRUE) | ~unknown
    return np.asarray(usable)


class _Pass:
    """One pass from the papers up, over the units."""

    def __init__(self, template: Template, table: Table, up: Upward, ready: bool) -> None:
        self.template, self.table, self.up, self.ready = template, table, up, ready
        self.finest = template.level[template.goal]
        self.own = [n for n in range(len(template.depth) - 1, -1, -1) if template.depth[n] == self.finest]
        self.counts = {
            way.condition: countable(template, table, up, way.condition)
            for number in self.own
            for way in template.ways[number]
            if way.condition >= 0
        }

    def reaches(self, there: dict[int, bool]) -> Bools:
        """For which units the goal follows where some imports are there."""
        size = len(self.table.places[self.finest])
        known: dict[int, Bools] = {n: np.full(size, is_there) for n, is_there in there.items()}
        for number in self.own:
            held = self.up.at(self.table.held[number], self.template.level[number], self.finest)
            ways = self.template.ways[number]
            if not ways:
                paper = self.template.problem.elements[number].cost is not None
                known[number] = held == 1 if self.ready or not paper else held != 2
                continue
            found = held == 1
            for way in ways:
                alive = held == 0
                if way.condition >= 0:
                    alive = alive & self.counts[way.condition]
                for need in way.needs:
                    alive = alive & self._met(need, known)
                found = found | alive
            known[number] = found
        return known[self.template.goal]

    def _met(self, need: Choice, known: dict[int, Bools]) -> Bools:
        if need.k == len(need.of) == 1:
            return known[need.of[0]]
        count = np.zeros(len(self.table.places[self.finest]), np.int16)
        for one in need.of:
            count += known[one]
        return np.asarray(count >= need.k)
