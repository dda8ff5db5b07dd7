"""The cheapest solutions of one piece, all of them where they are few.

Days do not add up, so they are compared last and for the case as a whole.  A piece therefore
keeps every solution of least cost with its *profile*: how many days it takes from each thing that
is supplied elsewhere to each of its own results.

Reads from: ``pieces``, ``favourable``, ``resolve``, ``search``.  Read by: ``solver``, ``columns``.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TypeAlias

from taizhang.rules.candidates import MOST_TIES, Candidate, Optimum, profile_of
from taizhang.rules.conditioning import Composed, Cutter, Shelves, comes_apart, hub_of
from taizhang.rules.favourable import Answers, Total, relies_of, weights_of
from taizhang.rules.pieces import LocalPiece
from taizhang.rules.resolve import Branch, Costs, Resolved, parts_of
from taizhang.rules.search import Solution, search

__all__ = ["PieceSolver", "WeightedSolver"]


Domains: TypeAlias = dict[int, frozenset[int]]  # open fact -> answers that are left

_MANY = 3  # choices from which a piece is cut at what they share
_MOST_VISITS = 2_000  # steps of their enumeration


@dataclass(frozen=True, slots=True)
class _Move:
    """One way to settle an element: costs, what is then needed, and the branch (none: a paper)."""

    costs: Total
    needs: int
    branch: Branch | None


@dataclass(slots=True)
class PieceSolver:
    """Solves one piece under any answers, and remembers.

    Attributes:
        local: The piece.
        added: The parts of the objective that add up.
        shelves: Where solvers of smaller pieces are kept.
        lift: Whether what cannot be had here may be had after all, at one lift each.
        cutter: Resolves it and cuts it smaller; kept where there are answers to be tried.
    """

    local: LocalPiece
    added: tuple[str, ...]
    shelves: Shelves
    lift: bool = False
    known: dict[object, Optimum | None] = field(default_factory=dict)
    cutter: Cutter | None = None

    def optimum(self, answers: Mapping[int, int]) -> Optimum | None:
        """The least cost under some answers, what is open read favourably; ``None``: blocked."""
        key = tuple(sorted(answers.items()))
        if key not in self.known:
            self.known[key] = self._solved(dict(answers))
        return self.known[key]

    def _solved(self, answers: Answers) -> Optimum | None:
        cutter = self.cutter or Cutter(self.local, self.added, self.shelves, lift=self.lift)
        if self.local.facts:  # it will be asked again, under other answers
            self.cutter = cutter
        resolved = cutter.resolved(answers)
        if not all(resolved.feasible[goal] for goal in self.local.problem.goals):
            return None
        hub, many = hub_of(self.local, resolved), len(self.local.problem.goals) >= _MANY
        apart = len(self.local.problem.goals) > 1 and comes_apart(self.local, resolved)
        if _plain(resolved) and not (many and (apart or hub is not None)):
            ties = Ties(self.local, resolved, self.added, answers)
            if ties.run():
                return ties.optimum()
        if apart or hub is not None:
            cut_at = None if apart else hub
            found, known = cutter.conditioned(resolved, cut_at, answers)
            if found or known:
                return self._composed(found) if found else None
            # a limit ended it with nothing in hand: that is not yet to be blocked
        return _Cells(self.local, self.added, cutter, self.shelves.most).run(answers)

    def _composed(self, found: Sequence[Composed]) -> Optimum:
        """Solutions put together from smaller pieces, as an optimum."""
        ties = Ties(self.local, None, self.added, {})
        candidates: dict[object, Candidate] = {
            one.key: one for one in (ties.candidate(told) for told in found)
        }
        sure, floor = all(one.sure for one in found), all(one.floor for one in found)
        told = _optimum(self.local, found[0].cost, candidates, complete=sure, proved=sure)
        return replace(told, floor=floor)


@dataclass(slots=True)
class WeightedSolver:
    """Solves a piece in which every element stands for equally many places.

    What is cheapest for one of them is so for all of them together: every cost is multiplied alike.

    Attributes:
        single: The same piece of one place.
        weight: How many places.
    """

    single: PieceSolver
    weight: int
    known: dict[object, Optimum | None] = field(default_factory=dict)

    def optimum(self, answers: Mapping[int, int]) -> Optimum | None:
        """As :meth:`PieceSolver.optimum`, for all places together."""
        key = tuple(sorted(answers.items()))
        if key not in self.known:
            found = self.single.optimum(answers)
            self.known[key] = found and self._weighted(found)
        return self.known[key]

    def _weighted(self, found: Optimum) -> Optimum:
        candidates = tuple(
            replace(one, chosen={number: self._branch(branch) for number, branch in one.chosen.items()})
            for one in found.candidates
        )
        return replace(found, cost=tuple(self.weight * part for part in found.cost), candidates=candidates)

    def _branch(self, branch: Branch) -> Branch:
        costs = branch.costs
        if not (costs.rank or costs.money or costs.effort):
            return branch
        parts = (self.weight * part for part in (costs.rank, costs.money, costs.effort, costs.items))
        return replace(branch, costs=Costs(costs.lifts, *parts))


def _plain(resolved: Resolved) -> bool:
    """Whether every branch rests on its own guard only, not on what may turn out to be proved."""
    return all(
        branch.relies <= frozenset(branch.option.when.facts if branch.option.when else ())
        and not _waived_in_doubt(resolved, branch)
        for branches in resolved.branches
        for branch in branches
    )


def _waived_in_doubt(resolved: Resolved, branch: Branch) -> bool:
    """Whether the rank of a way does not count because of a proof that open facts decide.

    These may be those that its guard reads, and the answer that proves may be the one that shuts the way.
    """
    way = branch.option.way
    if not way.rank or branch.costs.rank:
        return False
    return any(resolved.doubts[one] for need in branch.option.needs for one in need.of)


class _Cells:
    """Best-first over cells of answers until every cell of least cost has been seen."""

    def __init__(self, local: LocalPiece, added: tuple[str, ...], cutter: Cutter, most: int) -> None:
        self.local, self.added, self.cutter, self.most = local, added, cutter, most
        self.weight = weights_of(local.problem)
        self.floor = True  # whether the bounds of all cells seen are such

    def run(self, answers: Answers) -> Optimum | None:
        first = self.cell(answers)
        if first is None:
            return None
        serial = count()
        heap = [(first[0], next(serial), answers, *first[1:])]
        found: dict[object, Candidate] = {}
        cost: Total | None = None
        complete = proved = True
        visited = 0
        while heap and (cost is None or heap[0][0] <= cost):
            bound, _, answers, resolved, solution = heapq.heappop(heap)
            visited += 1
            relies = relies_of(solution)
            if relies and visited <= self.most:
                fact = min(relies, key=lambda one: (-self.weight[one], one))
                for value in range(len(self.local.problem.facts[fact].classes)):
                    further = answers | {fact: value}
                    below = self.cell(further)
                    if below is not None:
                        heapq.heappush(heap, (below[0], next(serial), further, *below[1:]))
                continue
            cost = bound
            proved = proved and solution.proved and not relies
            ties = Ties(self.local, resolved, self.added, answers, bound)
            complete = ties.run() and complete
            for one in ties.found.values():
                found.setdefault(one.key, one)
            if not ties.found:
                owed = len(self.local.problem.elements) - 1
                papers = tuple(one for one in solution.papers if one != owed)
                fixed = {fact: frozenset({value}) for fact, value in answers.items()}
                told = ties.candidate(Composed(bound, solution.chosen, papers, fixed, False))
                found[told.key] = told
            if not complete or relies:
                complete = proved = False
                break
        if cost is None:
            return None
        return replace(_optimum(self.local, cost, found, complete, proved), floor=self.floor)

    def cell(self, answers: Answers) -> tuple[Total, Resolved, Solution] | None:
        """The bound of a cell and its problem; ``None`` where it is blocked."""
        resolved = self.cutter.resolved(answers)
        solution = search(resolved, self.added, self.local.order)
        if solution is None:
            return None
        self.floor = self.floor and solution.proved
        return solution.ordered(self.added), resolved, solution


def _optimum(
    local: LocalPiece,
    cost: Total,
    found: Mapping[object, Candidate],
    complete: bool,
    proved: bool,
) -> Optimum:
    candidates = sorted(found.values(), key=lambda one: one.key)
    if len(candidates) > MOST_TIES:
        candidates, complete = candidates[:MOST_TIES], False
    quicker = not complete or any(_quicker(one, candidates[0]) for one in candidates[1:])
    suspect = any(
        (number, branch.option.way.id) in local.suspects
        for one in candidates
        for number, branch in one.chosen.items()
    )
    return Optimum(
        cost, tuple(candidates), complete, proved, quicker, suspect or (not complete and bool(local.suspects))
    )


def _quicker(one: Candidate, other: Candidate) -> bool:
    """Whether ``one`` might bring a day forward that ``other`` does not."""
    return any(one.profile.get(key, -1) < days for key, days in other.profile.items())


class Ties:
    """All solutions of least cost, by branch and bound: small pieces only.

    Args:
        local: The piece.
        resolved: It under some answers.
        added: The parts of the objective that add up.
        answers: Those answers.
        cost: The least cost where it is known.
    """

    def __init__(
        self,
        local: LocalPiece,
        resolved: Resolved | None,
        added: Sequence[str],
        answers: Answers,
        cost: Total | None = None,
    ) -> None:
        self.local, self.answers = local, answers
        if resolved is not None:
            self.resolved = resolved
        self.names = ("lifts", *added)
        self.parts = parts_of(self.names)
        self.cost = cost
        self.found: dict[object, Candidate] = {}
        self.left = _MOST_VISITS
        self.moves: dict[int, list[_Move]] = {}
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
        """Search; whether all solutions of least cost were found."""
        start = 0
        for goal in self.local.problem.goals:
            start |= 1 << goal
        self._visit(start, (0,) * len(self.names), {}, (), {})
        return self.left > 0 and 0 < len(self.found) <= MOST_TIES

    def optimum(self) -> Optimum:
        """What was found, where ``run`` says that it is all."""
        assert self.cost is not None, "a solution was found"
        return _optimum(self.local, self.cost, self.found, complete=True, proved=True)

    def _moves(self, number: int) -> list[_Move]:
        if number not in self.moves:
            told = []
            leaf = self.resolved.leaf[number]
            if leaf is not None:
                told.append(_Move(self.parts(leaf), 0, None))
            for branch in self.resolved.branches[number]:
                mask = 0
                for need in branch.needs:
                    mask |= 1 << need
                told.append(_Move(self.parts(branch.costs), mask, branch))
            self.moves[number] = told
        return self.moves[number]

    def _visit(
        self,
        open_: int,
        spent: Total,
        chosen: dict[int, Branch],
        papers: tuple[int, ...],
        domains: Domains,
    ) -> None:
        self.left -= 1
        if self.left <= 0 or len(self.found) > MOST_TIES or (self.cost is not None and spent > self.cost):
            return
        if not open_:
            self._keep(spent, chosen, papers, domains)
            return
        bit = open_ & -open_
        number = bit.bit_length() - 1
        for move in self._moves(number):
            total = tuple(map(int.__add__, spent, move.costs))
            if move.branch is None:
                self._visit(open_ ^ bit, total, chosen, (*papers, number), domains)
                continue
            for narrowed in self._narrowed(domains, move.branch):
                self._visit(
                    (open_ ^ bit) | move.needs, total, chosen | {number: move.branch}, papers, narrowed
                )

    def _narrowed(self, domains: Domains, branch: Branch) -> Iterator[Domains]:
        """What the open facts may still be where the guard of a branch holds."""
        when = branch.option.when
        if when is None or not branch.relies:
            yield domains
            return
        open_ = [at for at, fact in enumerate(when.facts) if fact not in self.answers]
        combos = sorted(when.left(self.answers, tuple(open_)))
        facts = [when.facts[at] for at in open_]
        if len(facts) == 1:
            allowed = domains.get(facts[0])
            kept = frozenset(c[0] for c in combos if allowed is None or c[0] in allowed)
            if kept:
                yield domains | {facts[0]: kept}
            return
        for combo in combos:
            if all(f not in domains or v in domains[f] for f, v in zip(facts, combo, strict=True)):
                yield domains | {f: frozenset({v}) for f, v in zip(facts, combo, strict=True)}

    def _keep(
        self, spent: Total, chosen: dict[int, Branch], papers: tuple[int, ...], domains: Domains
    ) -> None:
        if self.cost is None or spent < self.cost:
            self.cost = spent
            self.found.clear()
        owed = len(self.local.problem.elements) - 1
        papers = tuple(sorted(one for one in papers if one != owed))
        tie = self._tie(chosen, papers)
        fixed = {fact: frozenset({value}) for fact, value in self.answers.items()}
        profile = profile_of(self.local, chosen, papers)
        one = Candidate(tie, papers, chosen, {**fixed, **domains}, profile)
        self.found.setdefault(one.key, one)

    def _tie(self, chosen: Mapping[int, Branch], papers: Sequence[int]) -> tuple[int, int]:
        ways = sum(self.way_key[number, branch.option.way.id] for number, branch in chosen.items())
        return sum(self.paper_key[one] for one in papers), ways

    def candidate(self, told: Composed) -> Candidate:
        """A solution put together elsewhere."""
        tie = self._tie(told.chosen, told.papers)
        profile = profile_of(self.local, told.chosen, told.papers)
        return Candidate(tie, told.papers, told.chosen, told.allowed, profile)
