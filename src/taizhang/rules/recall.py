"""Marginal plans remembered by everything that is known of a home.

What follows for a home depends on what is held and answered at it, its building and what lies above;
where something of an estate rests on all its buildings, on these as well.  Homes of which the same is
known have the same plan, today and after any change.  Each is recognised by a sum of 64-bit random
numbers, one for each place's papers and answers; only homes that were never seen like this are planned.

Reads from: ``columns``, ``signs``, ``table``, ``template``.  Read by: ``differing``, benches, the doors.

Source:
    Zobrist, "A new hashing method with application for game playing" (1970), as in ``signs``: two of a
    million homes are taken for one another with a probability below 1e-7.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from taizhang.rules.columns import Columns, Longs, plan_columns
from taizhang.rules.measure import Ends
from taizhang.rules.signs import Words, mixed
from taizhang.rules.solver import Library
from taizhang.rules.table import Table
from taizhang.rules.template import Template
from taizhang.rules.upward import Bools

__all__ = ["Marginal", "Recall"]

_SEED = 20_240_129
_STATES = 3  # of a paper; the first, missing, adds nothing


@dataclass(frozen=True, slots=True)
class Marginal:
    """Where homes stand and their marginal plans; the fields mean what they mean in ``Columns``.

    Attributes:
        status, cost, days, papers, alone, unsure: As in ``Columns``; one column or value for each home.
        made: One number for the pieces and papers of which a plan is made, the same for all laws that share
            a library; 0 where something is not cut out.
    """

    status: NDArray[np.int8]
    cost: Longs
    days: Ends
    papers: Words
    alone: Bools
    unsure: Bools
    made: Words

    def at(self, rows: NDArray[np.int64]) -> Marginal:
        """The plans of some rows, in their order."""
        return Marginal(*(getattr(self, one.name)[..., rows] for one in fields(self)))

    def entered(self, rows: NDArray[np.int64], other: Marginal) -> Marginal:
        """A copy with other plans at some rows."""
        columns = []
        for one in fields(self):
            column = getattr(self, one.name).copy()
            column[..., rows] = getattr(other, one.name)
            columns.append(column)
        return Marginal(*columns)

    def followed(self, other: Marginal) -> Marginal:
        """These plans and then others."""
        return Marginal(
            *(np.concatenate([getattr(self, o.name), getattr(other, o.name)], axis=-1) for o in fields(self))
        )


class Recall:
    """A law's memory of homes.

    Args:
        template: The compiled pack.
        objective: Parts in the declared order; days must come last.
        library: Pieces solved before.

    Attributes:
        planned: How many homes had to be planned so far; the others were remembered.

    >>> from datetime import date
    >>> from taizhang.rules import Dossier, load_pack
    >>> from taizhang.rules.table import tabulate
    >>> from taizhang.rules.template import compile_pack
    >>> pack = load_pack("title-certificates", as_of=date(2024, 1, 28))
    >>> template = compile_pack(pack)
    >>> memory = Recall(template, pack.objective)
    >>> table = tabulate(template, [Dossier.of(pack), Dossier.of(pack)])
    >>> memory.plan(table).status.tolist(), memory.planned
    ([2, 2], 1)
    """

    def __init__(self, template: Template, objective: Sequence[str], library: Library | None = None) -> None:
        self.template, self.objective = template, tuple(objective)
        self.library = library or Library()
        self.finest = template.level[template.goal]
        wide = [n for n, ways in enumerate(template.ways) if any(way.spread for way in ways)]
        self.blind = self.finest < len(template.pack.levels) - 1 or template.rests_on_homes
        self.wide = sorted({template.level[n] for n in wide})
        self.planned = 0
        self._keys: Words = np.zeros(0, np.uint64)  # ascending
        self._place: NDArray[np.int64] = np.zeros(0, np.int64)  # of each key's plan among those kept
        self._kept: Marginal | None = None
        self._last: tuple[Table, list[Words], Words, Marginal] | None = None

    def plan(self, table: Table) -> Marginal:
        """Return the marginal plan of every home.

        Args:
            table: The city.  Columns that are the same objects as in the table before cost nothing.

        Cost:
            A look at the columns that are other objects than before and one search for each home of
            which something else is known; and a planning of the homes never seen like this.
        """
        if self.blind:
            return self._made(plan_columns(self.template, table, self.objective, self.library))
        own = self._own_keys(table)
        keys = self._home_keys(table, own)
        if self._last is not None and self._last[2].size == keys.size:
            rows = np.flatnonzero(keys != self._last[2])
            found = (
                self._last[3].entered(rows, self._found(table, keys, rows)) if rows.size else self._last[3]
            )
        else:
            found = self._found(table, keys, np.arange(keys.size))
        self._last = table, own, keys, found
        return found

    # -- what is known of a home, as a number

    def _own_keys(self, table: Table) -> list[Words]:
        """What is known at every place itself, by level."""
        before, own = None, [np.zeros(len(names), np.uint64) for names in table.places]
        if self._last is not None and self._last[0].places is table.places:
            before, own = self._last[0], [key.copy() for key in self._last[1]]
        for number, level in enumerate(self.template.level):
            old = before.held[number] if before else None
            self._told(own[level], (number, 0), _STATES, table.held[number], old)
        for number, level in enumerate(self.template.fact_level):
            width = 1 + len(self.template.problem.facts[number].classes)
            said = before.answers[number] if before else None
            self._told(own[level], (number, 1), width, table.answers[number], said, shift=1)
        return own

    def _told(
        self,
        into: Words,
        name: tuple[int, int],
        width: int,
        new: NDArray[np.int8] | NDArray[np.int16],
        old: NDArray[np.int8] | NDArray[np.int16] | None,
        shift: int = 0,
    ) -> None:
        """Add what a column says; what it said before is taken away."""
        if new is old:
            return
        words = self._words(name, width)
        if old is not None:
            rows = np.flatnonzero(new != old)
            into[rows] += words[new[rows] + shift] - words[old[rows] + shift]
        elif (new != -shift).any():
            into += words[new + shift] if shift else words[new]

    def _words(self, name: tuple[int, int], width: int) -> Words:
        """A random number for each state; nothing for what is usual."""
        key = ("known", *name)
        if key not in self.template.kept:
            words = np.random.default_rng((_SEED, *name, 1)).integers(0, 2**64, width, np.uint64)
            words[0] = 0
            self.template.kept[key] = words
        found: Words = self.template.kept[key]
        return found

    def _home_keys(self, table: Table, own: Sequence[Words]) -> Words:
        """What is known of every home with all that it lies in."""
        if self.finest == 0:
            return mixed(own[0])
        above = self.finest - 1
        key = own[above].copy()
        for level in range(above):
            key += mixed(own[level] + np.uint64(level))[table.above[above][level]]
        key = mixed(key)
        total = key.copy()
        for level in self.wide:  # what rests on all the buildings of a place
            group = table.above[above][level]
            family = np.zeros(own[level].size, np.uint64)
            np.add.at(family, group, key)
            total += mixed(family + np.uint64(level))[group]
        keys: Words = own[self.finest] + total[table.above[self.finest][above]]
        return keys

    # -- what follows

    def _found(self, table: Table, keys: Words, rows: NDArray[np.int64]) -> Marginal:
        """The plans of some rows, remembered or made."""
        asked = keys[rows]
        if not self._known(asked).all():
            new, first = np.unique(asked, return_index=True)
            unknown = ~self._known(new)
            self._learn(table, new[unknown], rows[first[unknown]])
        assert self._kept is not None, "there is something to be found"
        return self._kept.at(self._place[np.searchsorted(self._keys, asked)])

    def _known(self, asked: Words) -> Bools:
        if not self._keys.size:
            return np.zeros(asked.size, np.bool_)
        at = np.minimum(np.searchsorted(self._keys, asked), self._keys.size - 1)
        return np.asarray(self._keys[at] == asked)

    def _learn(self, table: Table, keys: Words, rows: NDArray[np.int64]) -> None:
        """Plan homes that were never seen like this; one stands for all of which the same is known."""
        part = table.only(rows, self.finest)
        made = self._made(plan_columns(self.template, part, self.objective, self.library))
        start = 0 if self._kept is None else self._kept.status.size
        self._kept = made if self._kept is None else self._kept.followed(made)
        at = np.searchsorted(self._keys, keys)
        self._keys = np.insert(self._keys, at, keys)
        self._place = np.insert(self._place, at, np.arange(start, start + rows.size))

    def _made(self, columns: Columns) -> Marginal:
        self.planned += columns.status.size
        return Marginal(
            columns.status,
            columns.cost,
            columns.days,
            columns.papers,
            columns.alone,
            columns.unsure,
            _made_of(self.template, columns),
        )


def _made_of(template: Template, columns: Columns) -> Words:
    """One number for the pieces and papers of which every plan is made."""
    elements, workshop = template.problem.elements, columns.workshop
    numbers = workshop.library.numbers

    def number_of(key: Hashable) -> Words:
        return np.full(1, numbers.setdefault(key, len(numbers) + 1), np.uint64)

    told = workshop.per_piece("number", 0, np.uint64, lambda n: number_of(workshop.shelves[n].local.key)[0])
    sides = []
    for tier, half in enumerate((columns.units, columns.above)):
        made = np.ones(half.torn.size, np.uint64)
        for first, column in half.pieces.items():
            name = number_of((tier, elements[first].name))
            made += np.where(column >= 0, mixed((told << np.uint64(32)) + name)[column], np.uint64(0))
        made[half.torn] = 0
        sides.append(made)
    papers = np.zeros(columns.status.size, np.uint64)
    anywhere = np.bitwise_or.reduce(columns.papers, axis=1).tolist()
    for number, element in enumerate(elements):
        if element.cost is not None and anywhere[number // 64] >> number % 64 & 1:
            has = columns.papers[number // 64] >> np.uint64(number % 64) & np.uint64(1)
            papers += has * mixed(number_of(("paper", element.name)))
    above = sides[1][columns.row]
    return np.where((sides[0] == 0) | (above == 0), np.uint64(0), sides[0] + above + papers)
