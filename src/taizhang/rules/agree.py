"""Open facts that several pieces of a row read are answered alike: the columnar ``together``.

Most pieces read facts of their own, and their costs add up.  Where two of them read the same open
fact, the few distinct combinations of pieces are solved together, each once.

Reads from: ``workshop``, ``tier``.  Read by: ``columns``, ``measure``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taizhang.rules.tier import Tier
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
        choices: Elements where some row has a choice, ascending.
        label: By choice: position in ``choices`` of the first of its piece, per row.
    """

    tier: Tier
    pieces: Mapping[int, NDArray[np.int32]]
    cost: Longs
    alone: Bools
    blocked: Bools
    always: Bools
    choices: Sequence[int]
    label: Mapping[int, NDArray[np.int16]]


@dataclass(frozen=True, slots=True)
class Agreed:
    """Which solution of each piece every unit takes.

    Attributes:
        cost: Of all pieces together, ``(4, units)``.
        alone, blocked: Units that are planned one by one, that no answers suit.
        lower: Candidate of each unit's own pieces, by first choice; -1 where there is none.
        upper: Candidate of the pieces above, on rows of their own.
        row: For each unit, its row among those.
        source: For each of those rows, the row of the tier above that it comes from.
    """

    cost: Longs
    alone: Bools
    blocked: Bools
    lower: Picks
    upper: Picks
    row: NDArray[np.int64]
    source: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Above:
    """One distinct combination of pieces of the tier above.

    Attributes:
        groups: Pieces that must agree, as positions; a piece alone is a group.
        costs: Of each group; ``None`` where it is blocked.
        picks: Candidate by position.
        facts: Open facts of each group, as bits.
        quick: Whether the first candidates are certainly the quickest.
    """

    groups: tuple[tuple[int, ...], ...]
    costs: tuple[tuple[int, ...] | None, ...]
    picks: tuple[int, ...]
    facts: tuple[int, ...]
    quick: bool


def agree(workshop: Workshop, lower: Half, upper: Half, row: NDArray[np.int64]) -> Agreed:
    """Return the cheapest answers of every unit and the solutions that go with them.

    Args:
        workshop: Where the pieces are kept.
        lower, upper: The two tiers.
        row: For each unit, its row in the upper tier.
    """
    return _Agreeing(workshop, lower, upper, row).run()


class _Agreeing:
    def __init__(self, workshop: Workshop, lower: Half, upper: Half, row: NDArray[np.int64]) -> None:
        self.workshop, self.lower, self.upper, self.row = workshop, lower, upper, row
        shelves = workshop.shelves
        self.facts = [shelf.part.facts for shelf in shelves]
        self.words = max(1, (max(self.facts, default=0).bit_length() + 63) // 64)
        self.table = self._words([*self.facts, 0])
        self.first = np.asarray([*map(workshop.first, range(len(shelves))), -1], np.int32)
        nothing = (0,) * 5
        costs = [shelf.optimum.cost if shelf.optimum else nothing for shelf in shelves]
        self.costs = np.asarray([*costs, nothing], np.int64)[:, 1:].T  # lifts are not in question here
        sure = [shelf.optimum is None or not shelf.optimum.quicker for shelf in shelves]
        self.sure = np.asarray([*sure, True], np.bool_)
        self.beyond = np.asarray([*(shelf.beyond for shelf in shelves), False], np.bool_)
        self.position = {first: at for at, first in enumerate(upper.pieces)}

    def _words(self, masks: Sequence[int]) -> NDArray[np.uint64]:
        full = (1 << 64) - 1
        return np.asarray([[m >> 64 * w & full for w in range(self.words)] for m in masks], np.uint64)

    def run(self) -> Agreed:
        size = self.row.size
        names = list(self.upper.pieces)
        above, which = self._above(names)
        cost, alone, blocked, facts = self._upper(above, which)
        own, coupled = self._coupled(facts)
        total = cost[:, self.row]
        alone, blocked = alone[self.row], blocked[self.row]
        lower: Picks = {}
        for first, column in own.items():
            lower[first] = self.first[column]
            total += self.costs[:, column]
            alone |= ~self.sure[column]
        base = np.asarray([one.picks for one in above], np.int32).reshape(len(above), len(names))
        rows = base[which] if names else np.zeros((which.size, 0), np.int32)
        source = np.arange(which.size, dtype=np.int64)
        row = self.row.copy()
        if coupled:
            extra = self._bundled(coupled, above, which, total, alone, blocked, lower, row, rows)
            rows = np.concatenate([rows, extra[0]])
            source = np.concatenate([source, extra[1]])
        upper = {first: rows[:, at] for at, first in enumerate(names)}
        assert total.shape[1] == size, "one column per unit"
        return Agreed(total, alone, blocked, lower, upper, row, source)

    # -- the tier above

    def _above(self, names: Sequence[int]) -> tuple[list[_Above], NDArray[np.int64]]:
        size = self.upper.tier.size
        if not names:
            self.combos: list[tuple[int, ...]] = [()]
            return [_Above((), (), (), (), True)], np.zeros(size, np.int64)
        matrix = np.stack([self.upper.pieces[first] for first in names], axis=1)
        distinct, which = np.unique(matrix, axis=0, return_inverse=True)
        self.combos = [tuple(one) for one in distinct.tolist()]
        return [self._one_above(one) for one in self.combos], which.reshape(-1)

    def _one_above(self, pieces: tuple[int, ...]) -> _Above:
        groups: list[tuple[int, tuple[int, ...]]] = []
        for at, piece in enumerate(pieces):
            if piece < 0:
                continue
            facts, members = self.facts[piece], (at,)
            rest = []
            for other in groups:
                if other[0] & facts:
                    facts, members = facts | other[0], other[1] + members
                else:
                    rest.append(other)
            groups = [*rest, (facts, members)]
        picks, costs, quick = [-1] * len(pieces), [], True
        for _, members in groups:
            found = self.workshop.bundle(tuple(pieces[at] for at in members))
            costs.append(found.cost[1:] if found else None)
            if found:
                quick = quick and found.quick
                for at, candidate in zip(members, found.candidates, strict=True):
                    picks[at] = candidate
        return _Above(
            tuple(members for _, members in groups),
            tuple(costs),
            tuple(picks),
            tuple(f for f, _ in groups),
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
        masks = []
        for one in above:
            mask = 0
            for facts in one.facts:
                mask |= facts
            masks.append(mask)
        return cost, alone, blocked, self._words(masks)[which]

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
        coupled: Picks,
        above: Sequence[_Above],
        which: NDArray[np.int64],
        total: Longs,
        alone: Bools,
        blocked: Bools,
        lower: Picks,
        row: NDArray[np.int64],
        rows: NDArray[np.int32],
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Solve coupled pieces with what they share above; the results go into the columns given."""
        names = list(coupled)
        matrix = np.stack([coupled[first] for first in names], axis=1)
        here = np.flatnonzero((matrix >= 0).any(axis=1))
        keyed = np.concatenate([matrix[here], which[self.row[here]][:, None].astype(np.int32)], axis=1)
        distinct, inverse = np.unique(keyed, axis=0, return_inverse=True)
        inverse = inverse.reshape(-1)
        told = [
            self._one_unit(tuple(one[:-1]), above[one[-1]], self.combos[one[-1]]) for one in distinct.tolist()
        ]
        delta = np.asarray([one[0] for one in told], np.int64).T
        total[:, here] += delta[:, inverse]
        alone[here] |= np.asarray([one[1] for one in told], np.bool_)[inverse]
        blocked[here] |= np.asarray([one[2] for one in told], np.bool_)[inverse]
        for at, first in enumerate(names):
            picks = np.asarray([one[3][at] for one in told], np.int32)[inverse]
            column = lower[first]
            column[here] = np.where(picks >= 0, picks, column[here])
        return self._own_rows(told, inverse, here, row, rows)

    def _own_rows(
        self,
        told: Sequence[tuple[tuple[int, ...], bool, bool, tuple[int, ...], Mapping[int, int]]],
        inverse: NDArray[np.int64],
        here: NDArray[np.int64],
        row: NDArray[np.int64],
        rows: NDArray[np.int32],
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Units that answer differently from their building get a row above of their own."""
        moved = np.asarray([bool(one[4]) for one in told], np.bool_)[inverse]
        pairs = np.stack([row[here[moved]], inverse[moved]], axis=1)
        distinct, back = np.unique(pairs, axis=0, return_inverse=True)
        source = distinct[:, 0].astype(np.int64)
        extra = rows[source].copy()
        for at, number in enumerate(distinct[:, 1].tolist()):
            for column, candidate in told[number][4].items():
                extra[at, column] = candidate
        row[here[moved]] = rows.shape[0] + back.reshape(-1)
        return extra, source

    def _one_unit(
        self, pieces: tuple[int, ...], above: _Above, numbers: tuple[int, ...]
    ) -> tuple[tuple[int, ...], bool, bool, tuple[int, ...], Mapping[int, int]]:
        """Cost on top of what the building costs alone, flags, own candidates, candidates above."""
        mine = [piece for piece in pieces if piece >= 0]
        facts = 0
        for piece in mine:
            facts |= self.facts[piece]
        shelves = self.workshop.shelves
        swallowed = {self.position[f]: piece for piece in mine for f in shelves[piece].swallowed}
        torn = sum(shelves[piece].beyond for piece in mine) > 1  # they may share what they use above
        joined = [at for at, group in enumerate(above.groups) if not swallowed.keys().isdisjoint(group)]
        for at in joined:
            facts |= above.facts[at]
        changed = True
        while changed:
            changed = False
            for at, mask in enumerate(above.facts):
                if at not in joined and mask & facts:
                    joined.append(at)
                    facts |= mask
                    changed = True
        positions = [one for at in joined for one in above.groups[at] if one not in swallowed]
        found = self.workshop.bundle((*mine, *(numbers[position] for position in positions)))
        if found is None or any(above.costs[at] is None for at in joined):
            return (0,) * 4, False, True, (-1,) * len(pieces), {}
        before = [
            sum(parts) for parts in zip((0,) * 4, *(above.costs[at] or () for at in joined), strict=True)
        ]
        delta = tuple(now - then for now, then in zip(found.cost[1:], before, strict=True))
        own = iter(found.candidates)
        picks = tuple(next(own) if piece >= 0 else -1 for piece in pieces)
        moved = {p: c for p, c in zip(positions, own, strict=True) if above.picks[p] != c}
        moved |= {at: picks[pieces.index(piece)] for at, piece in swallowed.items()}
        return delta, torn or not found.quick, False, picks, moved
