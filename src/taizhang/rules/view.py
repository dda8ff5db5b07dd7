"""One row of a tier as its piece sees it, with what it may use of the tier above.

A unit's piece may go through something of its building or estate that is not needed otherwise, such
as the proof that a developer is gone.  What lies below that is then part of the piece, and so is
every piece of the tier above that shares something with it.

Reads from: ``cuts``, ``tier``, ``signs``.  Read by: ``workshop``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from taizhang.rules.cuts import Cuts
from taizhang.rules.resolve import bits
from taizhang.rules.signs import Words, element_sign, random_words
from taizhang.rules.tier import Tier
from taizhang.rules.upward import Live

__all__ = ["Above", "View", "as_mask"]

_OF_PIECES = 1_000  # what random numbers are for


def as_mask(words: Words) -> int:
    """Words as one number."""
    mask = 0
    for at, word in enumerate(words.tolist()):
        mask |= word << 64 * at
    return mask


@dataclass(slots=True)
class Above:
    """The tier above, as seen from the units.

    Attributes:
        cuts: Its pieces.
        pieces: Number of each row's piece by first choice, below 0 where there is none.
        row: For each unit, its row there.
    """

    cuts: Cuts
    pieces: Mapping[int, NDArray[np.int32]]
    row: NDArray[np.int64]
    _contexts: dict[frozenset[int], Words] = field(default_factory=dict)

    def context(self, below: Cuts, reach: Words, rows: NDArray[np.int64]) -> Words:
        """What pieces that go beyond their tier depend on up there; 0 for the others."""
        imports = [number for number in below.bits if number not in below.reach]
        beyond = np.zeros(rows.size, np.bool_)
        used = []
        for number in imports:
            has = below.has(reach, below.bits[number])
            if has.any():
                beyond |= has
                used.append(number)
        if not used:
            return np.zeros(rows.size, np.uint64)
        told = self._context(frozenset(used))[self.row[rows]]
        return np.where(beyond, told, np.uint64(0))

    def _context(self, imports: frozenset[int]) -> Words:
        if imports not in self._contexts:
            cone = self.cone(imports)
            total = np.ones(self.cuts.tier.size, np.uint64)
            for number in sorted(cone):
                if self.cuts.template.ways[number]:
                    total += self.cuts.state_of(number)
            for choice in self.cuts.choices:
                if cone & self.cone(frozenset({choice})):
                    total += self._piece_of(choice)
            self._contexts[imports] = total
        return self._contexts[imports]

    def _piece_of(self, choice: int) -> Words:
        """Which piece a choice belongs to, as random numbers; 0 where there is no choice."""
        cuts, size = self.cuts, self.cuts.tier.size
        total = np.zeros(size, np.uint64)
        for at in np.unique(cuts.label[choice]).tolist():
            first = cuts.choices[at]
            here = cuts.tier.choice[choice] & (cuts.label[choice] == at)
            column = self.pieces.get(first)
            if column is not None and here.any():
                signs = (element_sign(cuts.template, one) for one in (choice, first))
                words = random_words(_room(int(column.max(initial=0)) + 4), *signs, _OF_PIECES)
                total += np.where(here, words[column + 3], np.uint64(0))
        return total

    def cone(self, numbers: frozenset[int]) -> set[int]:
        """Everything at or below some elements."""
        seen: set[int] = set()
        pending = list(numbers)
        while pending:
            number = pending.pop()
            if number not in seen:
                seen.add(number)
                ways = self.cuts.template.ways[number]
                pending.extend(one for way in ways for need in way.needs for one in need.of)
        return seen


def _room(count: int) -> int:
    """Not less than so many, and seldom another number."""
    return 1 << count.bit_length()


class View:
    """One row and its piece.

    Args:
        cuts: The pieces of its tier.
        row: The row.
        reach: What its piece may use, as words.
        above: The tier above.

    Attributes:
        inner: Elements of the piece.
        members: Choices it settles, ascending.
        swallowed: First choices of the pieces above that it takes in.
        beyond: Whether it goes beyond its tier.
        torn: Whether it cannot be cut out.
    """

    def __init__(self, cuts: Cuts, row: int, reach: Words, above: Above | None) -> None:
        self.cuts, self.row, self.above = cuts, row, above
        mask = as_mask(reach)
        self.torn = False
        found = [number for number, bit in cuts.bits.items() if mask >> bit & 1]
        imports = [number for number in found if number not in cuts.reach]
        self.inner = {number for number in found if number in cuts.reach}
        members = {n for n in self.inner if n in cuts.tier.choice and cuts.tier.choice[n][row]}
        self.beyond = bool(imports)
        swallowed: set[int] = set()
        if imports and above is None:
            self.torn = True
        elif imports and above is not None and not self.torn:
            self._reach_up(above, imports, members, swallowed)
        self.members = tuple(sorted(members))
        self.swallowed = tuple(sorted(swallowed))

    def _where(self, number: int) -> tuple[Tier, int]:
        own = self.cuts.template.depth[self.cuts.tier.elements[0]]
        if self.above is None or self.cuts.template.depth[number] == own:
            return self.cuts.tier, self.row
        return self.above.cuts.tier, int(self.above.row[self.row])

    def see(self, name: str, number: int) -> bool:
        """``free``, ``feasible``, ``proved`` or ``doubt`` of an element."""
        tier, row = self._where(number)
        return bool(tier.see(name, number)[row])

    def demanded(self, number: int) -> bool:
        """Whether every plan needs an element."""
        tier, row = self._where(number)
        return number in tier.demanded and bool(tier.demanded[number][row])

    def alive(self, number: int, way: str) -> bool:
        """Whether a way of an element can be completed, what other places supply included."""
        tier, row = self._where(number)
        return bool(self._live(tier, number, way).alive[row])

    def answers(self) -> dict[int, int]:
        """Known answers to the facts that guards inside the piece read."""
        answers: dict[int, int] = {}
        template = self.cuts.template
        for number in self.inner:
            tier, row = self._where(number)
            for way in template.ways[number]:
                for fact in template.conditions[way.condition].facts if way.condition >= 0 else ():
                    value = tier.answer(fact, row)
                    if value >= 0:
                        answers[fact] = value
        return answers

    def spread(self, *, sure: bool = True) -> frozenset[tuple[int, str]]:
        """Ways of the piece that need something of other places as well.

        Without those for which the other places can surely supply it, where ``sure`` is false.
        """
        found = set()
        for number in self.inner:
            tier, row = self._where(number)
            options = tier.template.problem.elements[number].options
            for way, option in zip(tier.template.ways[number], options, strict=True):
                if way.spread:
                    live = self._live(tier, number, option.way.id)
                    if (live.spread if sure else live.unsure)[row]:
                        found.add((number, option.way.id))
        return frozenset(found)

    def _live(self, tier: Tier, number: int, way: str) -> Live:
        cuts = self.cuts if tier is self.cuts.tier or self.above is None else self.above.cuts
        ids = [option.way.id for option in tier.template.problem.elements[number].options]
        return cuts.live_of(number)[ids.index(way)]

    # -- the tier above

    def _reach_up(self, above: Above, imports: list[int], members: set[int], swallowed: set[int]) -> None:
        row = int(above.row[self.row])
        pieces = self._pieces_above(above, row)
        pending = list(imports)
        while pending:
            number = pending.pop()
            if number in self.inner:
                continue
            self.inner.add(number)
            pending.extend(self._below(above, number, row))
            for first, (mask, choices) in pieces.items():
                if first not in swallowed and mask >> number & 1:
                    swallowed.add(first)
                    members |= choices
                    pending.extend(bits(mask))
                    self.torn = self.torn or above.pieces[first][row] < 0

    def _pieces_above(self, above: Above, row: int) -> dict[int, tuple[int, set[int]]]:
        """The pieces of the row above: elements as bits, and choices."""
        cuts = above.cuts
        numbers = {bit: number for number, bit in cuts.bits.items()}
        found: dict[int, tuple[int, set[int]]] = {}
        for choice in cuts.choices:
            if not cuts.tier.choice[choice][row]:
                continue
            first = cuts.choices[int(cuts.label[choice][row])]
            reach = as_mask(cuts.reach[choice][:, row]) & ((1 << cuts.fact_bit) - 1)
            mask, choices = found.get(first, (0, set()))
            for bit in bits(reach):
                mask |= 1 << numbers[bit]
            found[first] = mask, choices | {choice}
        return found

    def _below(self, above: Above, number: int, row: int) -> list[int]:
        tier, found = above.cuts.tier, []
        for way, live in zip(tier.template.ways[number], above.cuts.live_of(number), strict=True):
            if not live.alive[row]:
                continue
            for need, wants in zip(way.needs, live.wants, strict=True):
                if wants[row]:
                    found += [
                        one
                        for one in need.of
                        if self.see("feasible", one) and not self.see("free", one) and not self.demanded(one)
                    ]
        return found
