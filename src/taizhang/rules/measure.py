"""Days and papers of every unit, from the solutions its pieces take.

Days are a longest path: every element ends after the last of its needs.  A piece brings its
profile, so that only what is demanded is walked.

Reads from: ``agree``, ``workshop``, ``tier``, ``template``.  Read by: ``columns``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from taizhang.rules.agree import Agreed, Half
from taizhang.rules.cuts import Words
from taizhang.rules.template import Template
from taizhang.rules.upward import Bools
from taizhang.rules.workshop import Workshop

__all__ = ["measure"]

Ends = NDArray[np.int32]


def measure(
    template: Template, workshop: Workshop, lower: Half, upper: Half, agreed: Agreed
) -> tuple[Ends, Words, Bools]:
    """Return working days to the goal and the papers to be obtained, per unit.

    Where equally cheap papers bring the goal forward, they are taken.  Also returned: units where
    several such papers compete, which are planned one by one.
    """
    days, papers = _measured(template, workshop, lower, upper, agreed)
    rivals = _rivals(workshop, agreed)
    if not rivals.any():
        return days, papers, np.zeros(days.size, np.bool_)
    hurried = replace(agreed, lower=agreed.lower_hurried, upper=agreed.upper_hurried)
    fewest, quicker = _measured(template, workshop, lower, upper, hurried)
    sooner = fewest != days
    return np.where(sooner, fewest, days), np.where(sooner, quicker, papers), sooner & (rivals > 1)


def _rivals(workshop: Workshop, agreed: Agreed) -> NDArray[np.int16]:
    """How many equally cheap solutions each unit has beside the one taken."""
    found = np.zeros(agreed.row.size, np.int16)
    above = np.zeros(agreed.source.size, np.int16)
    many = np.asarray([*workshop.rivals, 0], np.int16)
    for picks, hurried, total in (
        (agreed.lower, agreed.lower_hurried, found),
        (agreed.upper, agreed.upper_hurried, above),
    ):
        for first, column in picks.items():
            differs = column != hurried[first]
            total += np.where(differs, np.maximum(many[column], many[hurried[first]]), np.int16(0))
    return found + above[agreed.row]


def _measured(
    template: Template, workshop: Workshop, lower: Half, upper: Half, agreed: Agreed
) -> tuple[Ends, Words]:
    above = _Walk(template, workshop, upper, agreed.upper, agreed.source, {})
    above.walk()
    seen = {number: column[agreed.row] for number, column in above.end.items()}
    rows = np.arange(agreed.row.size, dtype=np.int64)
    below = _Walk(template, workshop, lower, agreed.lower, rows, seen)
    below.walk()
    papers = below.papers | above.papers[:, agreed.row]
    end = below.end.get(template.goal)
    return (np.zeros(agreed.row.size, np.int32) if end is None else end), papers


class _Walk:
    """One tier, needs first.

    Attributes:
        end: Days until each demanded element, by element.
        papers: Papers to be obtained, as bits by element.
    """

    def __init__(
        self,
        template: Template,
        workshop: Workshop,
        half: Half,
        picks: Mapping[int, NDArray[np.int32]],
        rows: NDArray[np.int64],
        seen: Mapping[int, Ends],
    ) -> None:
        self.template, self.workshop, self.half, self.picks, self.rows = template, workshop, half, picks, rows
        self.whole = rows.size == half.tier.size and bool((rows == np.arange(rows.size)).all())
        self.end: dict[int, Ends] = dict(seen)
        words = (len(template.problem.elements) + 63) // 64
        self.papers: Words = np.zeros((words, rows.size), np.uint64)

    def walk(self) -> None:
        tier = self.half.tier
        for number in reversed(tier.elements):
            if number in tier.paper:
                needed = self._here(tier.paper[number])
                cost = self.template.problem.elements[number].cost
                self.end[number] = np.where(needed, np.int32(cost.days if cost else 0), np.int32(0))
                self.papers[number // 64] |= np.where(needed, np.uint64(1 << number % 64), np.uint64(0))
            elif number in tier.forced:
                self._node(number)
        for column in self.picks.values():
            self._bring(column)

    def _here(self, column: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return column if self.whole else column[self.rows]

    def _node(self, number: int) -> None:
        tier = self.half.tier
        end = np.zeros(self.rows.size, np.int32)
        forced = tier.forced[number]
        for way, live in zip(self.template.ways[number], tier.live[number], strict=True):
            taken = self._here(forced & live.alive)
            if not taken.any():
                continue
            reach = np.full(self.rows.size, way.step.days, np.int32)
            for one in {one for need in way.needs for one in need.of} & self.end.keys():
                np.maximum(reach, self.end[one] + np.int32(way.step.days), out=reach)
            end = np.where(taken, reach, end)
        if number in self.half.label:
            self._choice(number, end)
        self.end[number] = end

    def _choice(self, number: int, end: Ends) -> None:
        """Enter the days that the taken candidates bring."""
        chosen = self._here(self.half.tier.choice[number])
        label = self.half.label[number] if self.whole else self.half.label[number][self.rows]
        for at in np.unique(label[chosen]).tolist() if chosen.any() else ():
            first = self.half.choices[at]
            picks = np.where(chosen & (label == at), self.picks[first], np.int32(-1))
            self._profiles(number, picks, end)

    def _profiles(self, number: int, picks: NDArray[np.int32], end: Ends) -> None:
        present = np.flatnonzero(np.bincount(picks[picks >= 0], minlength=1))
        shapes: dict[tuple[tuple[int, int], ...], int] = {}
        table = np.full(len(self.workshop.candidates) + 1, -1, np.int32)
        for candidate in present.tolist():
            shape = self._shape(candidate, number)
            table[candidate] = shapes.setdefault(shape, len(shapes))
        kinds = table[picks]
        for shape, kind in shapes.items():
            here = kinds == kind
            for slot, days in shape:
                reach = np.int32(days) if slot < 0 else self.end[slot][here] + np.int32(days)
                end[here] = np.maximum(end[here], reach)

    def _shape(self, candidate: int, member: int) -> tuple[tuple[int, int], ...]:
        """Days from each thing supplied elsewhere, by element; -1 for nothing."""
        piece, told = self.workshop.candidates[candidate]
        local = self.workshop.shelves[piece].local
        found = [
            (local.slots[slot] if slot >= 0 else -1, days)
            for (at, slot), days in told.profile.items()
            if local.elements[at] == member
        ]
        return tuple(sorted(found))

    def _bring(self, picks: NDArray[np.int32]) -> None:
        """The papers of the taken candidates."""
        present = np.flatnonzero(np.bincount(picks[picks >= 0], minlength=1))
        table = np.zeros((self.papers.shape[0], len(self.workshop.candidates) + 1), np.uint64)
        for candidate in present.tolist():
            piece, told = self.workshop.candidates[candidate]
            local = self.workshop.shelves[piece].local
            for paper in told.papers:
                number = local.elements[paper]
                table[number // 64, candidate] |= np.uint64(1 << number % 64)
        self.papers |= table[:, picks]
