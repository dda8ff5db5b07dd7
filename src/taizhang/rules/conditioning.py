"""A piece that is too large to be searched is cut at what its parts share.

Either the shared element is established, and then costs its users nothing more, or it is not to be
had at all: in both cases the parts around it come apart and are solved on their own.

Reads from: ``pieces``, ``resolve``, ``resolver``, ``together``.  Read by: ``optima``.

Source:
    Cutset conditioning: Pearl, "Probabilistic Reasoning in Intelligent Systems" (1988), 4.4;
    for the costs of AND/OR graphs: Darwiche, "Decomposable negation normal form" (2001).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import Protocol

from taizhang.rules.candidates import MOST_TIES, Optimum
from taizhang.rules.favourable import MOST_CELLS
from taizhang.rules.pieces import LocalPiece, Noted, Piece, Split, Ways, local_piece, mask_of, split
from taizhang.rules.resolve import Branch, Resolved, bits
from taizhang.rules.resolver import Resolver
from taizhang.rules.together import Allowed, Part, Together, agreed, together

__all__ = ["Composed", "Cutter", "Shelves", "comes_apart", "hub_of"]

Answers = dict[int, int]

_FEW_IN_A_CITY = 4  # combinations of equally cheap parts that are told where time is short


class Solver(Protocol):
    """What is asked of the solver of a smaller piece."""

    def optimum(self, answers: Mapping[int, int]) -> Optimum | None:
        """The least cost under some answers."""


class Shelves(Protocol):
    """Where solvers are kept."""

    most: int  #: cells visited for one piece before its answer is a bound

    def solver(self, local: LocalPiece, added: tuple[str, ...], *, lift: bool) -> Solver:
        """The solver of a piece."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A solution put together from smaller pieces.

    Attributes:
        cost: Lifts, then the parts that add up.
        chosen, papers, allowed: As in a candidate.
        sure: Whether it is the least for certain, and days are told by the solutions given.
        floor: Whether nothing costs less for certain.
    """

    cost: tuple[int, ...]
    chosen: dict[int, Branch]
    papers: tuple[int, ...]
    allowed: Allowed
    sure: bool
    floor: bool = True


def hub_of(local: LocalPiece, resolved: Resolved) -> int | None:
    """The element that most choices of a piece share; ``None`` where they share none."""
    reach: dict[int, int] = {}
    for number in range(len(local.problem.elements) - 2, -1, -1):
        mask = 1 << number
        for branch in resolved.branches[number]:
            for need in branch.needs:
                mask |= reach.get(need, 0)
        reach[number] = mask
    members = mask_of(local.problem.goals)
    users: dict[int, int] = {}
    for goal in local.problem.goals:
        for number in bits(reach[goal] & ~members):
            users[number] = users.get(number, 0) + 1
    if len(local.problem.goals) == 1:
        users = {}
        for number in bits(reach[local.problem.goals[0]]):
            needs = {need for branch in resolved.branches[number] for need in branch.needs}
            for need in needs:
                users[need] = users.get(need, 0) + 1
    users.pop(len(local.problem.elements) - 1, None)
    most = max(users.values(), default=0)
    if most < 2:
        return None
    return min(number for number, count in users.items() if count == most)


def comes_apart(local: LocalPiece, resolved: Resolved) -> bool:
    """Whether some answers have left the choices of a piece nothing to share."""
    owed = len(local.problem.elements) - 1
    cut = split(resolved, [*local.problem.goals, owed])
    return len(cut.pieces) != 1 or len(cut.pieces[0].members) < len(local.problem.goals)


class Cutter:
    """Resolves one piece under any answers and cuts it smaller; what it cuts out, it cuts out once.

    Args:
        local: The piece.
        added: The parts of the objective that add up.
        shelves: Where solvers of smaller pieces are kept.
        lift: Whether what cannot be had here may be had after all, at one lift each.
    """

    def __init__(self, local: LocalPiece, added: tuple[str, ...], shelves: Shelves, *, lift: bool) -> None:
        self.local, self.added, self.shelves, self.lift = local, added, shelves, lift
        self.resolver = Resolver(local.problem, lift=lift)
        self.rank = {paper: at for at, paper in enumerate(local.order)}
        self.known: dict[object, tuple[LocalPiece, Part]] = {}

    def resolved(self, answers: Answers, without: int | None = None) -> Resolved:
        """The piece under some answers, and without an element."""
        return replace(self.resolver.under(answers, without=without), problem=self.local.problem)

    def conditioned(
        self, resolved: Resolved, hub: int | None, answers: Answers
    ) -> tuple[list[Composed], bool]:
        """Return the cheapest solutions with and without the hub, and whether none is cheaper for certain.

        Without a hub the piece comes apart as it is.

        All of them where they are few; the canonical one and the quickest where they are many.
        """
        goals = tuple(self.local.problem.goals)
        if hub is None:
            return self._composed(resolved, goals, answers, None)
        found, floor = self._composed(resolved, (*goals, hub), answers, None)
        other = self.resolved(answers, hub)
        if all(other.feasible[goal] for goal in goals):
            spared, doubtful = _still_spared(resolved, other)
            more, sure = self._composed(other, goals, answers, hub, spared)
            more = [replace(one, sure=False) for one in more] if doubtful else more
            found, floor = found + more, floor and sure
        if not found:
            return [], floor
        least = min(one.cost for one in found)
        return [replace(one, floor=floor) for one in found if one.cost == least], floor

    def _smaller(
        self,
        resolved: Resolved,
        demanded: int,
        piece: Piece,
        answers: Answers,
        without: int | None,
        spared: Ways,
    ) -> tuple[LocalPiece, Part]:
        """A smaller piece: what it is rests on what lies at and below its members only."""
        cone = reads = 0
        for number in piece.members:
            cone, reads = cone | self.resolver.cones[number], reads | self.resolver.reads[number]
        given = tuple((fact, value) for fact, value in sorted(answers.items()) if reads >> fact & 1)
        gone = without if without is not None and cone >> without & 1 else None
        mine = frozenset(way for way in spared if piece.inner >> way[0] & 1)
        key = piece, demanded & cone, given, gone, mine
        if key not in self.known:
            one = local_piece(resolved, demanded, piece, self.rank, answers, Noted(spared=mine))
            numbers = {fact: at for at, fact in enumerate(one.facts)}
            widths = {fact: len(self.local.problem.facts[fact].classes) for fact in one.facts}
            solver = self.shelves.solver(one, self.added, lift=self.lift)
            self.known[key] = one, Part(mask_of(one.facts), numbers, widths, solver.optimum)
        return self.known[key]

    def _composed(
        self,
        resolved: Resolved,
        goals: Sequence[int],
        answers: Answers,
        without: int | None,
        spared: Ways = frozenset(),
    ) -> tuple[list[Composed], bool]:
        """Solutions, and whether nothing costs less than these for certain."""
        owed = len(self.local.problem.elements) - 1
        cut = split(resolved, [*goals, owed])
        told = [
            self._smaller(resolved, cut.demanded, piece, answers, without, spared) for piece in cut.pieces
        ]
        smaller, parts = [one for one, _ in told], [part for _, part in told]
        return _told(resolved, cut, smaller, parts, self.added, answers, self.shelves.most)


def _still_spared(before: Resolved, after: Resolved) -> tuple[Ways, bool]:
    """Ways whose rank is spared by a proof that a plan need not use, and whether open facts decide one.

    Such a proof may go through the element that is not to be used: it is true all the same.  The rank
    is taken from the branches of ``after``.
    """
    spared: set[tuple[int, str]] = set()
    doubtful = False
    for number in after.active:
        proved = {one.option.way.id for one in before.branches[number] if not one.costs.rank}
        for at, branch in enumerate(after.branches[number]):
            way = branch.option.way
            if branch.costs.rank and way.id in proved:
                spared.add((number, way.id))
                needs = (one for need in branch.option.needs for one in need.of)
                doubtful = doubtful or any(before.doubts[one] for one in needs)
                free = replace(branch, costs=replace(branch.costs, rank=0))
                branches = after.branches[number]
                after.branches[number] = (*branches[:at], free, *branches[at + 1 :])
    return frozenset(spared), doubtful


def _told(
    resolved: Resolved,
    cut: Split,
    smaller: Sequence[LocalPiece],
    parts: Sequence[Part],
    added: tuple[str, ...],
    answers: Answers,
    most: int,
) -> tuple[list[Composed], bool]:
    """Smaller pieces put together again, and whether nothing costs less for certain."""
    owed = len(resolved.problem.elements) - 1
    told = together(parts, most, rivals=most >= MOST_CELLS)
    if told is None:
        return [], True
    base = _forced_cost(resolved, cut, added, owed)
    cost = tuple(map(int.__add__, base, told.cost)) if told.cost else base
    sure = told.exact and not told.rivals
    sure = sure and all(one.proved and one.complete and not one.suspect for one in told.optima)
    choices = [range(len(one.candidates)) for one in told.optima]
    few = MOST_TIES if most >= MOST_CELLS else _FEW_IN_A_CITY
    if prod(map(len, choices)) <= few:
        picks = list(product(*choices))
    else:  # too many to be told one by one: the canonical one and the quickest
        sure = False
        picks = [(0,) * len(parts), tuple(one.quickest() or 0 for one in told.optima)]
    found = []
    for pick in picks:
        agreement = agreed(parts, told.optima, pick)
        if agreement is None:
            continue
        chosen, papers = _put_together(resolved, cut, smaller, told, pick, owed)
        fixed = {fact: frozenset({value}) for fact, value in {**answers, **told.answers}.items()}
        found.append(Composed(cost, chosen, papers, {**agreement, **fixed}, sure, told.floor))
    return [replace(one, sure=sure) for one in found], told.floor and bool(found)


def _forced_cost(resolved: Resolved, cut: Split, added: tuple[str, ...], owed: int) -> tuple[int, ...]:
    names = ("lifts", *added)
    total = (0,) * len(names)
    for number in cut.forced:
        if number == owed:
            continue
        branches, leaf = resolved.branches[number], resolved.leaf[number]
        costs = branches[0].costs if branches else leaf
        if costs is not None:
            total = tuple(one + costs.part(name) for one, name in zip(total, names, strict=True))
    return total


def _put_together(
    resolved: Resolved,
    cut: Split,
    smaller: Sequence[LocalPiece],
    told: Together,
    picks: Sequence[int],
    owed: int,
) -> tuple[dict[int, Branch], tuple[int, ...]]:
    chosen: dict[int, Branch] = {}
    papers: list[int] = []
    for number in cut.forced:
        if resolved.branches[number]:
            chosen[number] = resolved.branches[number][0]
        elif number != owed:
            papers.append(number)
    for local, optimum, pick in zip(smaller, told.optima, picks, strict=True):
        candidate = optimum.candidates[pick]
        papers += [local.elements[one] for one in candidate.papers if local.elements[one] != owed]
        for number, branch in candidate.chosen.items():
            whole, way = local.elements[number], branch.option.way.id
            option = next(o for o in resolved.problem.elements[whole].options if o.way.id == way)
            needs = {local.elements[need] for need in branch.needs if local.elements[need] >= 0}
            needs |= {local.slots[slot] for slot in local.outside[number, way]}
            chosen[whole] = Branch(option, tuple(sorted(needs)), branch.costs, branch.days, frozenset())
    return chosen, tuple(sorted(papers))
