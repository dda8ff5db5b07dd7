"""The cheapest solutions of one piece, all of them where they are few.

Days do not add up, so they are compared last and for the case as a whole.  A piece therefore
keeps every solution of least cost with its *profile*: how many days it takes from each thing that
is supplied elsewhere to each of its own results.

Reads from: ``pieces``, ``favourable``, ``resolve``, ``search``.  Read by: ``solver``, ``columns``.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TypeAlias

from taizhang.rules.favourable import MOST_CELLS, Answers, Total, relies_of, weights_of
from taizhang.rules.pieces import LocalPiece
from taizhang.rules.resolve import Branch, Changes, Resolved, resolve
from taizhang.rules.search import search

__all__ = ["Candidate", "Optimum", "PieceSolver"]

Profile: TypeAlias = dict[tuple[int, int], int]  # (member, slot or -1 for nothing) -> days

MOST_TIES = 24  #: solutions of equal cost that are kept
_MOST_VISITS = 2_000  # steps of their enumeration


@dataclass(frozen=True, slots=True)
class Candidate:
    """One solution of least cost, in the piece's own numbers.

    Attributes:
        tie: Papers and ways as integers; of equal solutions the smaller is shown.
        papers: Papers to obtain, ascending.
        chosen: Branch by node.
        answers: Open facts it relies on.
        profile: Days to each member.
    """

    tie: tuple[int, int]
    papers: tuple[int, ...]
    chosen: Mapping[int, Branch]
    answers: Answers
    profile: Profile


@dataclass(frozen=True, slots=True)
class Optimum:
    """What a piece costs at least.

    Attributes:
        cost: Lifts, then the parts of the objective that add up.
        candidates: Solutions of that cost, the one to be shown first.
        complete: Whether these are all of them.
        proved: Whether it is the least for certain.
        quicker: Whether another candidate might be quicker than the first.
    """

    cost: Total
    candidates: tuple[Candidate, ...]
    complete: bool
    proved: bool
    quicker: bool


@dataclass(slots=True)
class PieceSolver:
    """Solves one piece under any answers, and remembers.

    Attributes:
        local: The piece.
        added: The parts of the objective that add up.
    """

    local: LocalPiece
    added: tuple[str, ...]
    known: dict[object, Optimum | None] = field(default_factory=dict)

    def optimum(self, answers: Mapping[int, int], changes: Changes | None = None) -> Optimum | None:
        """The least cost under some answers, what is open read favourably; ``None``: blocked."""
        told = (changes.without, tuple(sorted(changes.only.items()))) if changes else None
        key = tuple(sorted(answers.items())), told
        if key not in self.known:
            self.known[key] = _Cells(self.local, self.added, changes).run(dict(answers))
        return self.known[key]


class _Cells:
    """Best-first over cells of answers until every cell of least cost has been seen."""

    def __init__(self, local: LocalPiece, added: tuple[str, ...], changes: Changes | None) -> None:
        self.local, self.added, self.changes = local, added, changes
        self.asked = replace(local.problem, goals=())
        self.weight = weights_of(local.problem)

    def run(self, answers: Answers) -> Optimum | None:
        first = self.cell(answers)
        if first is None:
            return None
        serial = count()
        heap = [(first[0], next(serial), answers, first[1])]
        found: dict[object, Candidate] = {}
        cost: Total | None = None
        complete = proved = True
        visited = 0
        while heap and (cost is None or heap[0][0] <= cost):
            bound, _, answers, resolved = heapq.heappop(heap)
            visited += 1
            solution = search(resolved, self.added, self.local.order)
            assert solution is not None, "the cell was feasible when it was entered"
            relies = relies_of(solution)
            if relies and visited <= MOST_CELLS:
                fact = min(relies, key=lambda one: (-self.weight[one], one))
                for value in range(len(self.local.problem.facts[fact].classes)):
                    further = answers | {fact: value}
                    below = self.cell(further)
                    if below is not None:
                        heapq.heappush(heap, (below[0], next(serial), further, below[1]))
                continue
            cost = bound
            proved = proved and solution.proved and not relies
            ties = _Ties(self.local, resolved, self.added, bound, answers)
            complete = ties.run() and complete
            for one in ties.found:
                found.setdefault(one.tie, one)
            if not ties.found or relies:
                complete = proved = False
                break
        if cost is None:
            return None
        candidates = sorted(found.values(), key=lambda one: one.tie)
        if len(candidates) > MOST_TIES:
            candidates, complete = candidates[:MOST_TIES], False
        quicker = not complete or any(_quicker(one, candidates[0]) for one in candidates[1:])
        return Optimum(cost, tuple(candidates), complete, proved, quicker)

    def cell(self, answers: Answers) -> tuple[Total, Resolved] | None:
        """The bound of a cell and its problem; ``None`` where it is blocked."""
        resolved = resolve(self.asked, answers, self.changes)
        resolved = replace(resolved, problem=self.local.problem)
        solution = search(resolved, self.added, self.local.order)
        return None if solution is None else (solution.ordered(self.added), resolved)


def _quicker(one: Candidate, other: Candidate) -> bool:
    """Whether ``one`` might bring a day forward that ``other`` does not."""
    return any(one.profile.get(key, -1) < days for key, days in other.profile.items())


class _Ties:
    """All solutions of a given cost, one after the other."""

    def __init__(
        self, local: LocalPiece, resolved: Resolved, added: Sequence[str], cost: Total, answers: Answers
    ) -> None:
        self.local, self.resolved, self.cost, self.answers = local, resolved, cost, answers
        self.names = ("lifts", *added)
        self.found: list[Candidate] = []
        self.left = _MOST_VISITS
        order = local.order
        self.paper_key = {one: -(1 << (len(order) - 1 - at)) for at, one in enumerate(order)}
        elements = local.problem.elements
        nodes = [number for number, one in enumerate(elements) if one.options]
        nodes.sort(key=lambda number: elements[number].key)
        self.way_key: dict[tuple[int, str], int] = {}
        for at, number in enumerate(nodes):
            for place, way in enumerate(sorted(option.way.id for option in elements[number].options)):
                self.way_key[number, way] = (1 + place) << 8 * (len(nodes) - 1 - at)

    def run(self) -> bool:
        """Enumerate; whether all were found."""
        goals = self.local.problem.goals
        start = 0
        for goal in goals:
            start |= 1 << goal
        self._visit(start, (0,) * len(self.names), {}, ())
        return self.left > 0 and len(self.found) <= MOST_TIES

    def _visit(self, open_: int, spent: Total, chosen: dict[int, Branch], papers: tuple[int, ...]) -> None:
        self.left -= 1
        if self.left <= 0 or len(self.found) > MOST_TIES or spent > self.cost:
            return
        if not open_:
            if spent == self.cost:
                self._keep(chosen, papers)
            return
        bit = open_ & -open_
        number = bit.bit_length() - 1
        leaf = self.resolved.leaf[number]
        if leaf is not None:
            more = tuple(leaf.part(name) for name in self.names)
            self._visit(open_ ^ bit, tuple(map(int.__add__, spent, more)), chosen, (*papers, number))
        for branch in self.resolved.branches[number]:
            below = open_ ^ bit
            for need in branch.needs:
                below |= 1 << need
            more = tuple(branch.costs.part(name) for name in self.names)
            self._visit(below, tuple(map(int.__add__, spent, more)), chosen | {number: branch}, papers)

    def _keep(self, chosen: dict[int, Branch], papers: tuple[int, ...]) -> None:
        owed = len(self.local.problem.elements) - 1
        papers = tuple(sorted(one for one in papers if one != owed))
        ways = sum(self.way_key[number, branch.option.way.id] for number, branch in chosen.items())
        tie = sum(self.paper_key[one] for one in papers), ways
        self.found.append(Candidate(tie, papers, chosen, self.answers, self._profile(chosen, papers)))

    def _profile(self, chosen: Mapping[int, Branch], papers: tuple[int, ...]) -> Profile:
        ends: dict[int, dict[int, int]] = {one: {-1: self.resolved.days[one]} for one in papers}
        for number in sorted(chosen, reverse=True):
            branch = chosen[number]
            reach: dict[int, int] = {-1: branch.days}
            for slot in self.local.outside.get((number, branch.option.way.id), ()):
                reach[slot] = branch.days
            for need in branch.needs:
                for slot, days in ends.get(need, {}).items():
                    if days + branch.days > reach.get(slot, -1):
                        reach[slot] = days + branch.days
            ends[number] = reach
        return {
            (member, slot): days for member in self.local.problem.goals for slot, days in ends[member].items()
        }
