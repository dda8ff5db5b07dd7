"""Open facts that several pieces of a row read are answered alike: the columnar ``together``.

Most pieces read facts of their own, and their costs add up.  Where two of them read the same open
fact, the few distinct combinations of pieces are solved together, each once.

Reads from: ``workshop``, ``together``, ``tier``, ``signs``.  Read by: ``columns``, ``measure``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import numpy as np
from numpy.typing import NDArray

from taizhang.rules.signs import element_sign, mixed, words_of
from taizhang.rules.tier import Tier
from taizhang.rules.together import sharing
from taizhang.rules.upward import Bools
from taizhang.rules.workshop import Workshop

__all__ = ["Agreed", "Half", "agree"]

Longs = NDArray[np.int64]
Picks = dict[int, NDArray[np.int32]]


@dataclass(frozen=True, slots=True)
class Half:
    """What is known of the rows of one tier.

    Attributes:
        tier: Its demand.
        pieces: Number of each row's piece by first choice, -1 where there is none.
        cost: Rank, money (fen), effort (hours) and papers, ``(4, rows)``; money may exceed 32 bits.
        alone: Rows to be planned one by one.
        blocked: Rows that cannot be completed under any answers.
        always: Rows that can be completed whatever the answers are.
        unsure: Rows of which that is not known here.
        choices: Elements where some row has a choice, ascending.
        label: By choice: position in ``choices`` of the first of its piece, per row.
        torn: Rows with a piece that could not be cut out, or that needs something of other places.
    """

    tier: Tier
    pieces: Mapping[int, NDArray[np.int32]]
    cost: Longs
    alone: Bools
    blocked: Bools
    always: Bools
    unsure: Bools
    choices: Sequence[int]
    label: Mapping[int, NDArray[np.int16]]
    torn: Bools


@dataclass(frozen=True, slots=True)
class Agreed:
    """Which solution of each piece every unit takes.

    Attributes:
        cost: Of all pieces together, ``(4, units)``.
        alone, blocked: Units that are planned one by one, that no answers suit.
        lower: Candidate of each unit's own pieces, by first choice; -1 where there is none.
        upper: Candidate of the pieces above, on rows of their own.
        lower_hurried, upper_hurried: Likewise, equally cheap candidates than which none is quicker.
        row: For each unit, its row among those.
        source: For each of those rows, the row of the tier above that it comes from.
    """

    cost: Longs
    alone: Bools
    blocked: Bools
    lower: Picks
    upper: Picks
    lower_hurried: Picks
    upper_hurried: Picks
    row: NDArray[np.int64]
    source: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Above:
    """One distinct combination of pieces of the tier above.

    Attributes:
        groups: Pieces that must agree, as positions; a piece alone is a group.
        costs: Of each group; ``None`` where it is blocked.
        picks, hurried: Candidates by position.
        quick: Whether the first candidates are certainly the quickest.
    """

    groups: tuple[tuple[int, ...], ...]
    costs: tuple[tuple[int, ...] | None, ...]
    picks: tuple[int, ...]
    hurried: tuple[int, ...]
    quick: bool


def agree(workshop: Workshop, lower: Half, upper: Half, row: NDArray[np.int64]) -> Agreed:
    """Return the cheapest answers of every unit and the solutions that go with them.

    Args:
        workshop: Where the pieces are kept.
        lower: The units' own tier.
        upper: The tier above.
        row: For each unit, its row in the upper tier.
    """
    return _Agreeing(workshop, lower, upper, row).run()


@dataclass(frozen=True, slots=True)
class _Joined:
    """A unit's coupled pieces with what they share above: cost on top of what that costs alone."""

    cost: tuple[int, ...]
    alone: bool
    blocked: bool
    picks: tuple[int, ...]
    hurried: tuple[int, ...]
    moved: Mapping[int, int]  #: candidates above that differ, by position; hurried ones behind


@dataclass(frozen=True, slots=True)
class _Own:
    """The units' own columns: pieces that must agree with others, and candidates."""

    coupled: Picks
    picks: Picks
    hurried: Picks


@dataclass(frozen=True, slots=True)
class _Totals:
    """Columns that are filled in."""

    cost: Longs
    alone: Bools
    blocked: Bools


class _Agreeing:
    def __init__(self, workshop: Workshop, lower: Half, upper: Half, row: NDArray[np.int64]) -> None:
        self.workshop, self.lower, self.upper, self.row = workshop, lower, upper, row
        shelves = workshop.shelves
        self.words = max(1, (len(workshop.template.problem.facts) + 63) // 64)
        nothing = (0,) * 4
        self.table = workshop.per_piece(
            "facts",
            (0,) * self.words,
            np.uint64,
            lambda n: words_of(shelves[n].part.facts, self.words),
            here=True,
        )
        self.first = workshop.per_piece("first", -1, np.int32, lambda n: self._alone(n, "candidates"))
        self.hurried = workshop.per_piece("hurried", -1, np.int32, lambda n: self._alone(n, "hurried"))
        self.costs = workshop.per_piece("cost", nothing, np.int64, self._cost).T
        self.sure = workshop.per_piece("sure", True, np.bool_, self._sure)
        self.beyond = workshop.per_piece("beyond", False, np.bool_, lambda n: shelves[n].beyond)
        self.position = {first: at for at, first in enumerate(upper.pieces)}
        self.signs = tuple(element_sign(workshop.template, first) for first in upper.pieces)

    def _alone(self, number: int, which: str) -> int:
        """The candidate of a piece that agrees with no other; -1 where it is blocked."""
        found = self.workshop.bundle((number,))
        return int(getattr(found, which)[0]) if found else -1

    def _cost(self, number: int) -> tuple[int, ...]:
        """Of one piece; lifts are not in question here."""
        optimum = self.workshop.shelves[number].optimum
        return self.workshop.parts(optimum.cost) if optimum else (0,) * 4

    def _sure(self, number: int) -> bool:
        found = self.workshop.bundle((number,))
        return found is None or found.quick

    def run(self) -> Agreed:
        names = list(self.upper.pieces)
        above, which = self._above(names)
        cost, alone, blocked, facts = self._upper(above, which)
        own, coupled = self._coupled(facts)
        total = cost[:, self.row]
        alone, blocked = alone[self.row], blocked[self.row]
        lower: Picks = {}
        lower_hurried: Picks = {}
        for first, column in own.items():
            lower[first] = self.first[column]
            lower_hurried[first] = self.hurried[column]
            total += self.costs[:, column]
            alone |= ~self.sure[column]
        both = [[*one.picks, *one.hurried] for one in above]
        base = np.asarray(both, np.int32).reshape(len(above), 2 * len(names))
        rows = base[which]
        source = np.arange(which.size, dtype=np.int64)
        row = self.row.copy()
        if coupled:
            columns = _Own(coupled, lower, lower_hurried)
            extra = self._bundled(columns, above, which, _Totals(total, alone, blocked), row, rows)
            rows = np.concatenate([rows, extra[0]])
            source = np.concatenate([source, extra[1]])
        upper = {first: rows[:, at] for at, first in enumerate(names)}
        upper_hurried = {first: rows[:, len(names) + at] for at, first in enumerate(names)}
        return Agreed(total, alone, blocked, lower, upper, lower_hurried, upper_hurried, row, source)

    # -- the tier above

    def _above(self, names: Sequence[int]) -> tuple[list[_Above], NDArray[np.int64]]:
        size = self.upper.tier.size
        if not names:
            self.combos: list[tuple[int, ...]] = [()]
            return [_Above((), (), (), (), True)], np.zeros(size, np.int64)
        matrix = np.stack([self.upper.pieces[first] for first in names], axis=1)
        distinct, which = _distinct(matrix)
        self.combos = [tuple(one) for one in distinct.tolist()]
        return [self._one_above(one) for one in self.combos], which

    def _facts(self, piece: int) -> int:
        return self.workshop.shelves[piece].part.facts

    def _one_above(self, pieces: tuple[int, ...]) -> _Above:
        """What is found of a combination, once for all evaluations."""
        key = "above", pieces
        if key not in self.workshop.kept:
            self.workshop.kept[key] = self._found_above(pieces)
        found: _Above = self.workshop.kept[key]
        return found

    def _found_above(self, pieces: tuple[int, ...]) -> _Above:
        told = [at for at, piece in enumerate(pieces) if piece >= 0]
        groups = [
            tuple(told[one] for one in members)
            for members in sharing([self._facts(pieces[at]) for at in told])
        ]
        picks, hurried = [-1] * len(pieces), [-1] * len(pieces)
        costs: list[tuple[int, ...] | None] = []
        quick = True
        for members in groups:
            found = self.workshop.bundle(tuple(pieces[at] for at in members))
            costs.append(self.workshop.parts(found.cost) if found else None)
            if found:
                quick = quick and found.quick
                for at, one, two in zip(members, found.candidates, found.hurried, strict=True):
                    picks[at], hurried[at] = one, two
        return _Above(
            tuple(groups),
            tuple(costs),
            tuple(picks),
            tuple(hurried),
            quick,
        )

    def _upper(
        self, above: Sequence[_Above], which: NDArray[np.int64]
    ) -> tuple[Longs, Bools, Bools, NDArray[np.uint64]]:
        costs = [
            [sum(parts) for parts in zip((0,) * 4, *(cost for cost in one.costs if cost), strict=True)]
            for one in above
        ]
        cost = np.asarray(costs, np.int64).T[:, which]
        alone = np.asarray([not one.quick for one in above], np.bool_)[which]
        blocked = np.asarray([None in one.costs for one in above], np.bool_)[which]
        facts = np.zeros((len(above), self.words), np.uint64)
        for column in np.asarray(self.combos, np.int64).T:
            facts |= self.table[column]
        return cost, alone, blocked, facts[which]

    # -- the units

    def _coupled(self, facts: NDArray[np.uint64]) -> tuple[Picks, Picks]:
        """The pieces whose facts nobody else reads, and the others; -1 where there is none."""
        once = facts[self.row]
        twice = np.zeros_like(once)
        for column in self.lower.pieces.values():
            mine = self.table[column]
            twice |= once & mine
            once |= mine
        own: Picks = {}
        coupled: Picks = {}
        for first, column in self.lower.pieces.items():
            shared = ((self.table[column] & twice) != 0).any(axis=1) | self.beyond[column]
            own[first] = np.where(shared, np.int32(-1), column)
            if shared.any():
                coupled[first] = np.where(shared, column, np.int32(-1))
        return own, coupled

    def _bundled(
        self,
        own: _Own,
        above: Sequence[_Above],
        which: NDArray[np.int64],
        totals: _Totals,
        row: NDArray[np.int64],
        rows: NDArray[np.int32],
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Solve coupled pieces with what they share above; the results go into the columns given."""
        names = list(own.coupled)
        matrix = np.stack([own.coupled[first] for first in names], axis=1)
        here = np.flatnonzero((matrix >= 0).any(axis=1))
        keyed = np.concatenate([matrix[here], which[self.row[here]][:, None].astype(np.int32)], axis=1)
        distinct, inverse = _distinct(keyed)
        told = [
            self._one_unit(tuple(one[:-1]), above[one[-1]], self.combos[one[-1]]) for one in distinct.tolist()
        ]
        totals.cost[:, here] += np.asarray([one.cost for one in told], np.int64).T[:, inverse]
        totals.alone[here] |= np.asarray([one.alone for one in told], np.bool_)[inverse]
        totals.blocked[here] |= np.asarray([one.blocked for one in told], np.bool_)[inverse]
        for at, first in enumerate(names):
            for column, picks in (
                (own.picks[first], [one.picks[at] for one in told]),
                (own.hurried[first], [one.hurried[at] for one in told]),
            ):
                new = np.asarray(picks, np.int32)[inverse]
                column[here] = np.where(new >= 0, new, column[here])
        return self._own_rows(told, inverse, here, row, rows)

    def _own_rows(
        self,
        told: Sequence[_Joined],
        inverse: NDArray[np.int64],
        here: NDArray[np.int64],
        row: NDArray[np.int64],
        rows: NDArray[np.int32],
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Units that answer differently from their building get a row above of their own."""
        moved = np.asarray([bool(one.moved) for one in told], np.bool_)[inverse]
        pairs = np.stack([row[here[moved]], inverse[moved]], axis=1)
        distinct, back = _distinct(pairs)
        source = distinct[:, 0].astype(np.int64)
        extra = rows[source].copy()
        for at, number in enumerate(distinct[:, 1].tolist()):
            for column, candidate in told[number].moved.items():
                extra[at, column] = candidate
        row[here[moved]] = rows.shape[0] + back
        return extra, source

    def _one_unit(self, pieces: tuple[int, ...], above: _Above, numbers: tuple[int, ...]) -> _Joined:
        """What is found of a unit's pieces and those above, once for all evaluations."""
        key = "unit", pieces, numbers, self.signs
        if key not in self.workshop.kept:
            self.workshop.kept[key] = self._found_unit(pieces, above, numbers)
        found: _Joined = self.workshop.kept[key]
        return found

    def _found_unit(self, pieces: tuple[int, ...], above: _Above, numbers: tuple[int, ...]) -> _Joined:
        """Cost on top of what the building costs alone, flags, own candidates, candidates above."""
        mine = [piece for piece in pieces if piece >= 0]
        facts = 0
        for piece in mine:
            facts |= self._facts(piece)
        shelves = self.workshop.shelves
        swallowed = {self.position[f]: piece for piece in mine for f in shelves[piece].swallowed}
        torn = sum(shelves[piece].beyond for piece in mine) > 1  # they may share what they use above
        joined = [at for at, group in enumerate(above.groups) if not swallowed.keys().isdisjoint(group)]
        read = [reduce(or_, (self._facts(numbers[at]) for at in group)) for group in above.groups]
        for at in joined:
            facts |= read[at]
        changed = True
        while changed:
            changed = False
            for at, mask in enumerate(read):
                if at not in joined and mask & facts:
                    joined.append(at)
                    facts |= mask
                    changed = True
        positions = [one for at in joined for one in above.groups[at] if one not in swallowed]
        found = self.workshop.bundle((*mine, *(numbers[position] for position in positions)))
        if found is None or any(above.costs[at] is None for at in joined):
            return _Joined((0,) * 4, False, True, (-1,) * len(pieces), (-1,) * len(pieces), {})
        before = [
            sum(parts) for parts in zip((0,) * 4, *(above.costs[at] or () for at in joined), strict=True)
        ]
        delta = tuple(now - then for now, then in zip(self.workshop.parts(found.cost), before, strict=True))
        picks, up = _dealt(pieces, positions, found.candidates)
        hurried, up_hurried = _dealt(pieces, positions, found.hurried)
        for at, piece in swallowed.items():
            up[at], up_hurried[at] = picks[pieces.index(piece)], hurried[pieces.index(piece)]
        moved = {at: one for at, one in up.items() if above.picks[at] != one}
        moved |= {at + len(numbers): one for at, one in up_hurried.items() if above.hurried[at] != one}
        return _Joined(delta, torn or not found.quick, False, picks, hurried, moved)


def _distinct(rows: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Rows that differ, and which of these each row is; rows are recognised by a sum of random numbers."""
    key = np.zeros(len(rows), np.uint64)
    for at in range(rows.shape[1]):
        key += mixed(rows[:, at].astype(np.uint64) + np.uint64(at << 40))
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    return rows[first], inverse


def _dealt(
    pieces: tuple[int, ...], positions: Sequence[int], candidates: Sequence[int]
) -> tuple[tuple[int, ...], dict[int, int]]:
    """Candidates of a bundle by own piece, -1 where there is none, and by position above."""
    own = iter(candidates)
    picks = tuple(next(own) if piece >= 0 else -1 for piece in pieces)
    return picks, dict(zip(positions, own, strict=True))
