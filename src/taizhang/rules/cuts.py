"""The pieces of many rows at once: which choices belong together, and which pieces look alike.

The columnar form of ``pieces``: the same choices belong together, and rows whose pieces have the
same structure get the same number, so that each is cut out and solved once.

Reads from: ``tier``, ``upward``, ``template``, ``signs``.  Read by: ``columns``, ``workshop``, ``view``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taizhang.rules.ground import Choice
from taizhang.rules.signs import Words, element_sign, random_words, way_sign
from taizhang.rules.tier import Tier
from taizhang.rules.upward import Bools, Live

__all__ = ["Cut", "Cuts"]

_MOST_STATES = 8  # states of a need told apart
_OF_GUARDS, _OF_NEEDS = 1_001, 1_002  # what random numbers are for
_NOTHING = np.uint64(0)


@dataclass(frozen=True, slots=True)
class Cut:
    """All pieces whose first choice is the same element.

    Attributes:
        first: The element.
        rows: Rows that have such a piece.
        key: Structure of each, one number per row.
    """

    first: int
    rows: NDArray[np.int64]
    key: Words


class Cuts:
    """Reach and pieces of one tier.

    Args:
        tier: With its demand known.

    Attributes:
        bits: Position of elements, then of open facts, in the words of a reach.
        reach: By choice: the elements and facts that only its piece may use, ``(words, rows)``.
    """

    def __init__(self, tier: Tier) -> None:
        self.tier = tier
        self.template = tier.template
        self.numbers = self._wanted()
        inner = [*self.numbers, *sorted(self._outer())]
        facts = len(self.template.problem.facts)
        self.bits = {number: at for at, number in enumerate(inner)}
        self.fact_bit = len(inner)
        self.words = (self.fact_bit + facts + 63) // 64
        self.reach: dict[int, Words] = {}
        for number in reversed(self.numbers):
            self.reach[number] = self._reach(number)
        self.choices = [n for n in self.numbers if n in tier.choice and tier.choice[n].any()]
        self.label = self._labels()
        self.state: dict[int, Words] = {}
        self.told: dict[int, NDArray[np.int8]] = {}

    def _wanted(self) -> list[int]:
        """Elements of the tier at or below a choice."""
        wanted: set[int] = set()
        pending = [n for n, column in self.tier.choice.items() if column.any()]
        while pending:
            number = pending.pop()
            if number in wanted or number not in set(self.tier.elements):
                continue
            wanted.add(number)
            for way in self.template.ways[number]:
                pending.extend(one for need in way.needs for one in need.of)
        return sorted(wanted)

    def _outer(self) -> set[int]:
        below = {
            one
            for number in self.numbers
            for way in self.template.ways[number]
            for need in way.needs
            for one in need.of
        }
        return below - set(self.numbers)

    def has(self, words: Words, bit: int) -> Bools:
        """Whether a bit is set, per row."""
        return np.asarray((words[bit // 64] >> np.uint64(bit % 64)) & np.uint64(1) != 0)

    # -- reach

    def _reach(self, number: int) -> Words:
        tier = self.tier
        words = np.zeros((self.words, tier.size), np.uint64)
        self._set(words, self.bits[number], np.True_)
        for way, live in zip(self.template.ways[number], self.live_of(number), strict=True):
            self._read(words, way.condition, live, number)
            for need, wants in zip(way.needs, live.wants, strict=True):
                for one in need.of:
                    self._join(words, one, live.alive & wants)
        return words

    def live_of(self, number: int) -> tuple[Live, ...]:
        """The ways of an element on the rows of the tier."""
        if number not in self.tier.live:
            self.tier.live[number] = self.tier.gathered(number)
        return self.tier.live[number]

    def _set(self, words: Words, bit: int, where: Bools | np.bool_) -> None:
        words[bit // 64] |= np.where(where, np.uint64(1 << (bit % 64)), _NOTHING)

    def _read(self, words: Words, condition: int, live: Live, number: int) -> None:
        if condition < 0 or not live.open.any():
            return
        up, depth = self.tier.up, self.template.depth[number]
        for fact in self.template.conditions[condition].facts:
            column = up.at(up.table.answers[fact], self.template.fact_level[fact], depth)
            unknown = np.asarray(self.tier.gather(column < 0, depth))
            self._set(words, self.fact_bit + fact, live.open & unknown)

    def _join(self, words: Words, one: int, where: Bools) -> None:
        tier = self.tier
        usable = where & tier.see("feasible", one) & ~tier.see("free", one)
        if one in tier.demanded:
            usable &= ~tier.demanded[one]
        if not usable.any():
            return
        if one in self.reach:
            words |= np.where(usable, self.reach[one], _NOTHING)
        else:
            self._set(words, self.bits[one], usable)

    # -- which choices belong together

    def _labels(self) -> dict[int, NDArray[np.int16]]:
        tier = self.tier
        label = {n: np.full(tier.size, at, np.int16) for at, n in enumerate(self.choices)}
        shared = self.fact_bit  # facts do not bind choices together here, elements do
        pairs: list[tuple[int, int, Bools]] = []
        for at, one in enumerate(self.choices):
            for two in self.choices[at + 1 :]:
                both = tier.choice[one] & tier.choice[two]
                if both.any():
                    meet = both & self._meet(self.reach[one], self.reach[two], shared)
                    if meet.any():
                        pairs.append((one, two, meet))
        changed = True
        while changed:
            changed = False
            for one, two, meet in pairs:
                least = np.minimum(label[one], label[two])
                for number in (one, two):
                    new = np.where(meet, least, label[number])
                    if not np.array_equal(new, label[number]):
                        label[number], changed = new, True
        return label

    def _meet(self, one: Words, two: Words, bits: int) -> Bools:
        found = np.zeros(self.tier.size, np.bool_)
        for word in range(self.words):
            width = min(64, bits - 64 * word)
            if width <= 0:
                break
            mask = np.uint64((1 << width) - 1)
            found |= (one[word] & two[word] & mask) != 0
        return found

    # -- structure

    def cuts(self) -> Iterator[tuple[Cut, Words]]:
        """Yield the pieces by their first choice, with the reach of each row's piece."""
        for at, first in enumerate(self.choices):
            here = self.tier.choice[first] & (self.label[first] == at)
            rows = np.flatnonzero(here)
            if not rows.size:
                continue
            reach = self.reach[first][:, rows].copy()
            for other in self.choices[at + 1 :]:
                joined = self.tier.choice[other][rows] & (self.label[other][rows] == at)
                if joined.any():
                    reach |= np.where(joined, self.reach[other][:, rows], _NOTHING)
            yield Cut(first, rows, self._key(reach, rows)), reach

    def _key(self, reach: Words, rows: NDArray[np.int64]) -> Words:
        key = np.zeros(rows.size, np.uint64)
        anywhere = np.bitwise_or.reduce(reach, axis=1).tolist()
        for number in self.numbers:
            bit = self.bits[number]
            if anywhere[bit // 64] >> bit % 64 & 1:
                key += np.where(self.has(reach, bit), self.state_of(number)[rows], _NOTHING)
        return key

    def state_of(self, number: int) -> Words:
        """Everything about an element that its piece depends on, as one random number."""
        if number not in self.state:
            self.state[number] = self._state(number)
        return self.state[number]

    def _state(self, number: int) -> Words:
        tier = self.tier
        bits = random_words(2, element_sign(self.template, number))
        total = np.full(tier.size, bits[0], np.uint64)
        if number in tier.choice:
            total += np.where(tier.choice[number], bits[1], _NOTHING)
        for at, (way, live) in enumerate(zip(self.template.ways[number], self.live_of(number), strict=True)):
            if not live.alive.any():
                continue
            sign = way_sign(self.template, number, at)
            bits = random_words(3, sign)
            one = np.full(tier.size, bits[0], np.uint64)
            self._guard(one, number, way.condition, sign, live)
            for other, bit in ((live.spread, bits[1]), (live.unsure, bits[2])):
                if other.any():
                    one += np.where(other, bit, _NOTHING)
            for place, need in enumerate(way.needs):
                self._needs(one, need, (sign, place))
            total += np.where(live.alive, one, _NOTHING)
        return total

    def _guard(self, one: Words, number: int, condition: int, sign: int, live: Live) -> None:
        if condition < 0 or not live.open.any():
            return
        depth = self.template.depth[number]
        code = self.tier.up.guard(condition, depth)[1]
        words = random_words(self.tier.up.answers_of(condition), sign, _OF_GUARDS)
        one += np.where(live.open, words[np.asarray(self.tier.gather(code, depth))], _NOTHING)

    def _needs(self, total: Words, need: Choice, name: tuple[int, ...]) -> None:
        for place, one in enumerate(need.of):
            words = random_words(_MOST_STATES, *name, place, _OF_NEEDS)
            total += words[self._told(one)]

    def _told(self, one: int) -> NDArray[np.int8]:
        """The state of what is needed, as far as it matters to a piece."""
        if one not in self.told:
            tier = self.tier
            state = np.full(tier.size, 1, np.int8)  # may be used by the piece alone
            if one in tier.demanded:
                paid = tier.demanded[one]
                state[paid] = 2
                state[paid & tier.see("proved", one)] = 3
                state[paid & tier.see("doubt", one)] = 4
            state[~tier.see("feasible", one)] = 5
            state[tier.see("free", one)] = 0
            self.told[one] = state
        return self.told[one]
