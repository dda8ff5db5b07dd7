"""Days and papers of every unit, from the solutions its pieces take.

Days are a longest path: every element ends after the last of its needs.  A piece brings its
profile, so that only what is demanded is walked.

Reads from: ``agree``, ``workshop``, ``tier``, ``template``, ``signs``.  Read by: ``columns``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from taizhang.rules.agree import Agreed, Half
from taizhang.rules.candidates import Candidate
from taizhang.rules.ground import Choice
from taizhang.rules.pieces import LocalPiece
from taizhang.rules.signs import Words
from taizhang.rules.template import Template
from taizhang.rules.upward import Bools, Live
from taizhang.rules.workshop import Workshop

__all__ = ["Ends", "Led", "Walk", "measure"]

Ends = NDArray[np.int32]

#: Rows for which an element is decided elsewhere, its own days there, and what it needs.
Led: TypeAlias = tuple[NDArray[np.int64], int, Sequence[int]]
NEVER = np.int32(1 << 20)  #: later than any day that counts


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
    many = workshop.per_candidate("rivals", 0, np.int16, lambda number: workshop.rivals[number])
    for picks, hurried, into in (
        (agreed.lower, agreed.lower_hurried, found),
        (agreed.upper, agreed.upper_hurried, above),
    ):
        for first, column in picks.items():
            differs = column != hurried[first]
            into[:] += np.where(differs, np.maximum(many[column], many[hurried[first]]), np.int16(0))
    return found + above[agreed.row]


def _measured(
    template: Template, workshop: Workshop, lower: Half, upper: Half, agreed: Agreed
) -> tuple[Ends, Words]:
    above = Walk(template, workshop, upper, agreed.upper, agreed.source, {})
    above.walk()
    seen = {number: column[agreed.row] for number, column in above.end.items()}
    rows = np.arange(agreed.row.size, dtype=np.int64)
    below = Walk(template, workshop, lower, agreed.lower, rows, seen)
    below.walk()
    papers = below.papers | above.papers[:, agreed.row]
    end = below.end.get(template.goal)
    return (np.zeros(agreed.row.size, np.int32) if end is None else end), papers


def tails(local: LocalPiece, candidate: Candidate, member: int) -> dict[int, int]:
    """Days from the end of each paper of a solution to one of its members."""
    after: dict[int, int] = {member: 0}
    for number in sorted(candidate.chosen):
        if number in after:
            branch = candidate.chosen[number]
            for need in branch.needs:
                after[need] = max(after.get(need, 0), after[number] + branch.days)
    return {paper: after[paper] for paper in candidate.papers if paper in after}


class Shapes:
    """Days from each thing that a solution has supplied elsewhere, each list once.

    Attributes:
        told: The lists: element, -1 for nothing, and days.
    """

    def __init__(self) -> None:
        self.told: list[tuple[tuple[int, int], ...]] = []
        self._number: dict[tuple[tuple[int, int], ...], int] = {}
        self._of: dict[int, NDArray[np.int32]] = {}  # by element settled: number of the list by candidate
        self._room = 64
        self._filled = 0

    def of(self, member: int) -> NDArray[np.int32]:
        """The number of the list of every candidate for an element it settles; -1 for others."""
        if member not in self._of:
            self._of[member] = np.full(self._room, -1, np.int32)
        return self._of[member]

    def learn(self, workshop: Workshop) -> None:
        """Enter the candidates that are new."""
        count = len(workshop.candidates)
        if count >= self._room:  # the last place stays empty
            more = 2 * count - self._room
            self._room = 2 * count
            for member, known in self._of.items():
                self._of[member] = np.concatenate([known, np.full(more, -1, np.int32)])
        for candidate in range(self._filled, count):
            for member, shape in self._shapes(workshop, candidate):
                self.of(member)[candidate] = self._number.setdefault(shape, len(self.told))
                if len(self._number) > len(self.told):
                    self.told.append(shape)
        self._filled = count

    def _shapes(
        self, workshop: Workshop, candidate: int
    ) -> Iterator[tuple[int, tuple[tuple[int, int], ...]]]:
        piece, told = workshop.candidates[candidate]
        local = workshop.shelves[piece].local
        by_member: dict[int, list[tuple[int, int]]] = {}
        for (at, slot), days in told.profile.items():
            source = local.slots[slot] if slot >= 0 else -1
            by_member.setdefault(local.elements[at], []).append((source, days))
        for member, found in by_member.items():
            yield member, tuple(sorted(found))


class Walk:
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
        led: Mapping[int, Sequence[Led]] | None = None,
    ) -> None:
        self.template, self.workshop, self.half, self.picks, self.rows = template, workshop, half, picks, rows
        self.whole = rows.size == half.tier.size and bool((rows == np.arange(rows.size)).all())
        self.end: dict[int, Ends] = dict(seen)
        self.led = led or {}
        words = (len(template.problem.elements) + 63) // 64
        self.papers: Words = np.zeros((words, rows.size), np.uint64)
        self.shapes = workshop.numbered_here.setdefault("shapes", Shapes())
        self.shapes.learn(workshop)

    def walk(self) -> None:
        """Pass up: fill ``end`` and ``papers``."""
        tier = self.half.tier
        for number in reversed(tier.elements):
            if number in tier.paper:
                needed = self._here(tier.paper[number])
                cost = self.template.problem.elements[number].cost
                self.end[number] = np.where(needed, np.int32(cost.days if cost else 0), np.int32(0))
                self.papers[number // 64] |= np.where(needed, np.uint64(1 << number % 64), np.uint64(0))
            elif number in tier.forced:
                self._node(number)
            for led in self.led.get(number, ()):
                self._led(number, *led)
        for column in self.picks.values():
            self._bring(column)

    def _led(self, number: int, rows: NDArray[np.int64], days: int, needs: Sequence[int]) -> None:
        """Enter the end of an element that is decided elsewhere, from the rows' own days of what it needs."""
        if number not in self.end:
            self.end[number] = np.zeros(self.rows.size, np.int32)
        reach = np.full(rows.size, days, np.int32)
        for need in needs:
            if need in self.end:
                np.maximum(reach, self.end[need][rows] + np.int32(days), out=reach)
        self.end[number][rows] = reach

    def latest(self, total: Ends) -> dict[int, Ends]:
        """Pass down: the day by which each element must be there if the last day is not to move.

        Args:
            total: Last day, per row.

        Returns:
            For demanded elements and what they need above; a large number where nothing depends on it.
        """
        tier = self.half.tier
        found: dict[int, Ends] = {self.template.goal: total}
        for number in tier.elements:
            if number not in found:
                continue
            here = found[number]
            for rows, days, needs in self.led.get(number, ()):
                where = np.zeros(self.rows.size, np.bool_)
                where[rows] = True
                for need in self.end.keys() & set(needs):
                    self._no_later(found, need, here - np.int32(days), where)
            if number not in tier.forced:
                continue
            forced = tier.forced[number]
            for way, live in zip(self.template.ways[number], tier.live[number], strict=True):
                taken = self._here(forced & live.alive)
                for one, where in self._waited(way.needs, live, taken):
                    self._no_later(found, one, here - np.int32(way.step.days), where)
            if number in self.half.label:
                self._latest_of_piece(found, number)
        return found

    def _no_later(self, found: dict[int, Ends], number: int, day: Ends, where: Bools) -> None:
        mine = found.get(number)
        if mine is None:
            mine = found[number] = np.full(self.rows.size, NEVER, np.int32)
        np.minimum(mine, np.where(where, day, NEVER), out=mine)

    def _latest_of_piece(self, found: dict[int, Ends], member: int) -> None:
        for candidate, here in self._candidates(member):
            piece, told = self.workshop.candidates[candidate]
            local = self.workshop.shelves[piece].local
            at = local.elements.index(member)
            kind = int(self.shapes.of(member)[candidate])
            for slot, days in self.shapes.told[kind] if kind >= 0 else ():
                if slot >= 0:
                    self._no_later(found, slot, found[member] - np.int32(days), here)
            for paper, days in tails(local, told, at).items():
                number = local.elements[paper]
                if number != member:
                    self._no_later(found, number, found[member] - np.int32(days), here)

    def _candidates(self, member: int) -> Iterator[tuple[int, Bools]]:
        """Which solutions settle a choice, and where."""
        chosen = self._here(self.half.tier.choice[member])
        label = self.half.label[member] if self.whole else self.half.label[member][self.rows]
        for at in np.unique(label[chosen]).tolist() if chosen.any() else ():
            picks = np.where(chosen & (label == at), self.picks[self.half.choices[at]], np.int32(-1))
            for candidate in np.flatnonzero(np.bincount(picks[picks >= 0], minlength=1)).tolist():
                yield candidate, picks == candidate

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
            for one, where in self._waited(way.needs, live, taken):
                np.maximum(reach, self.end[one] + np.int32(way.step.days), out=reach, where=where)
            end = np.where(taken, reach, end)
        if number in self.half.label:
            self._choice(number, end)
        self.end[number] = end

    def _waited(self, needs: Sequence[Choice], live: Live, taken: Bools) -> Iterator[tuple[int, Bools]]:
        """What a way waits for, and where: not for one of several where enough of them are on hand."""
        for need, wants in zip(needs, live.wants, strict=True):
            where = taken if need.k == len(need.of) else taken & self._here(wants)
            for one in set(need.of) & self.end.keys():
                yield one, where

    def _choice(self, number: int, end: Ends) -> None:
        """Enter the days that the taken candidates bring."""
        chosen = self._here(self.half.tier.choice[number])
        label = self.half.label[number] if self.whole else self.half.label[number][self.rows]
        for at in np.unique(label[chosen]).tolist() if chosen.any() else ():
            first = self.half.choices[at]
            picks = np.where(chosen & (label == at), self.picks[first], np.int32(-1))
            self._profiles(number, picks, end)

    def _profiles(self, number: int, picks: NDArray[np.int32], end: Ends) -> None:
        kinds = self.shapes.of(number)[picks]
        for kind in np.flatnonzero(np.bincount(kinds[kinds >= 0], minlength=1)).tolist():
            here = np.flatnonzero(kinds == kind)
            for slot, days in self.shapes.told[kind]:
                reach = np.int32(days) if slot < 0 else self.end[slot][here] + np.int32(days)
                end[here] = np.maximum(end[here], reach)

    def _bring(self, picks: NDArray[np.int32]) -> None:
        """The papers of the taken candidates."""
        none = (0,) * self.papers.shape[0]
        table = self.workshop.per_candidate("papers", none, np.uint64, self._papers_of, here=True)
        for word in range(self.papers.shape[0]):
            self.papers[word] |= table[:, word][picks]

    def _papers_of(self, candidate: int) -> list[int]:
        piece, told = self.workshop.candidates[candidate]
        local = self.workshop.shelves[piece].local
        words = [0] * self.papers.shape[0]
        for paper in told.papers:
            number = local.elements[paper]
            words[number // 64] |= 1 << number % 64
        return words
