"""The favourable optimum of a whole problem, put together from its pieces.

Reads from: ``pieces``, ``optima``, ``together``, ``favourable``, ``resolve``, ``search``.
Read by: ``assess``, ``plan``, ``joint``, ``explain``.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from math import prod

from taizhang.rules.candidates import Optimum, Profile
from taizhang.rules.favourable import MOST_CELLS, Answers, Found, below, best_whole
from taizhang.rules.ground import Problem
from taizhang.rules.optima import PieceSolver, WeightedSolver
from taizhang.rules.pieces import LocalPiece, Piece, Split, local_piece, split
from taizhang.rules.programme import assembled
from taizhang.rules.resolve import Branch, Changes, Resolved, resolve
from taizhang.rules.resolver import Resolver
from taizhang.rules.search import Solution, TooWideError
from taizhang.rules.together import Part, Together, agreed, together
from taizhang.rules.whole import solved_whole

__all__ = ["Library", "Taken", "best", "city_library", "cut_apart", "quickest", "solution_of"]

_MOST_CELLS = 256  # in a city, a piece that is not settled after so many cells is left as a bound
_MOST_CUT, _MOST_CUT_EACH = 10_000, 10  # elements of pieces cut smaller: in any case, and for each one
_MOST_BY_SEARCH = 1_000  # states and cells of one search over the whole, before the solver is asked
_MOST_PICKS = 256  # combinations of equally cheap candidates that are compared by their days


@dataclass(slots=True)
class Library:
    """Pieces that have been solved, by structure and objective.

    One library serves one pack on one day; the structure names papers and ways, not their costs.
    """

    most: int = MOST_CELLS  #: cells visited for one piece before its answer is a bound
    known: dict[Hashable, PieceSolver | WeightedSolver] = field(default_factory=dict)
    left: int | None = None  #: elements of further pieces before it is given up; ``None``: any number
    numbers: dict[Hashable, int] = field(default_factory=dict)  #: of pieces, alike for all laws
    always: dict[Hashable, bool | None] = field(default_factory=dict)  #: likewise: whatever the answers?
    shops: dict[Hashable, object] = field(default_factory=dict)  #: what was cut out of cities, by law
    lenders: tuple[object, ...] = ()  #: what was cut out of cities under other laws
    resolver: Resolver | None = None  #: remembers the elements of the one problem that much is asked of

    def lent(self) -> Library:
        """Return a library that knows the same pieces, for another law: what it adds stays its own.

        Costs, days and papers under the other law may be asked of it; who is to be told of ways in words
        plans with a library of that law, for the ways here are those of the first.
        """
        lenders = tuple(self.shops.values()) or self.lenders  # what they were lent, shops have taken over
        return Library(self.most, dict(self.known), numbers=self.numbers, always=self.always, lenders=lenders)

    def solver(
        self, local: LocalPiece, added: tuple[str, ...], *, lift: bool = False
    ) -> PieceSolver | WeightedSolver:
        """The solver of a piece; in a city, where pieces recur, one of many like places rests on that of one.

        Raises:
            TooWideError: More was cut than ``left`` allows.
        """
        key = (added, lift, local.key)
        found = self.known.get(key)
        if found is None:
            if self.left is not None:
                self.left -= len(local.problem.elements)
                if self.left < 0:
                    raise TooWideError
            found = self.known[key] = self._new(local, added, lift)
        return found

    def _new(self, local: LocalPiece, added: tuple[str, ...], lift: bool) -> PieceSolver | WeightedSolver:
        if local.weight > 1 and not lift and self.most < MOST_CELLS:  # a lift is one however many need it
            single = self.solver(local.of_one(), added)
            assert isinstance(single, PieceSolver), "a piece of one place rests on no other"
            return WeightedSolver(single, local.weight)
        return PieceSolver(local, added, self, lift)


def city_library() -> Library:
    """Return an empty library as a city's plans use it."""
    return Library(_MOST_CELLS)


@dataclass(frozen=True, slots=True)
class Taken:
    """A problem taken apart under given answers.

    Attributes:
        resolved: The problem under the given answers.
        split: What is forced, and the pieces.
        locals: Each piece as a problem of its own.
        solvers, parts: For each piece.
        order: Position of papers in the order that breaks ties.
    """

    resolved: Resolved
    split: Split
    locals: tuple[LocalPiece, ...]
    solvers: tuple[PieceSolver | WeightedSolver, ...]
    parts: tuple[Part, ...]
    order: Mapping[int, int]


def cut_apart(
    problem: Problem, objective: Sequence[str], order: Sequence[int], library: Library
) -> Taken | None:
    """Take apart what several cases share; ``None`` where it is blocked.

    What is proved here is not the end of anything, so its remaining steps count.
    """
    asked = replace(problem, goals=())
    resolved = replace(resolve(asked, {}, within=below(problem)), problem=problem)
    if not all(resolved.feasible[goal] for goal in problem.goals):
        return None
    return _taken(resolved, objective, order, library, {}, False)


def _taken(
    resolved: Resolved,
    objective: Sequence[str],
    order: Sequence[int],
    library: Library,
    answers: Mapping[int, int],
    lift: bool,
) -> Taken:
    problem = resolved.problem
    found = split(resolved, problem.goals)
    added = tuple(name for name in objective if name != "days")
    rank = {number: at for at, number in enumerate(order)}
    locals_: list[LocalPiece] = []
    for piece in found.pieces:
        locals_.append(local_piece(resolved, found.demanded, piece, rank, answers))
    solvers = tuple(library.solver(local, added, lift=lift) for local in locals_)
    parts = tuple(
        part_of(problem, piece, local, solver)
        for piece, local, solver in zip(found.pieces, locals_, solvers, strict=True)
    )
    return Taken(resolved, found, tuple(locals_), solvers, parts, rank)


def part_of(problem: Problem, piece: Piece, local: LocalPiece, solver: PieceSolver | WeightedSolver) -> Part:
    """A piece as seen from the whole problem."""
    numbers = {fact: at for at, fact in enumerate(local.facts)}
    widths = {fact: len(problem.facts[fact].classes) for fact in local.facts}
    mask = 0
    for fact in local.facts:
        mask |= 1 << fact
    return Part(mask, numbers, widths, solver.optimum)


def best(
    problem: Problem,
    objective: Sequence[str],
    order: Sequence[int],
    *,
    changes: Changes | None = None,
    given: Mapping[int, int] | None = None,
    library: Library | None = None,
) -> Found | None:
    """Return the best plan under the most favourable answers, ``None`` where there is none.

    Args:
        problem: The problem.
        objective: Parts in the declared order.
        order: Papers in the order that breaks ties.
        changes: Departures from the problem.
        given: Answers already fixed.
        library: Pieces solved before.

    Cost:
        One pass over the problem, and the pieces that are not in the library.
    """
    asked = _Asked(problem, tuple(objective), order, changes, library or Library())
    fixed = dict(given or {})
    try:
        return asked.exact(fixed)
    except TooWideError:
        pass
    solved = solved_whole(problem, objective, changes=changes, given=fixed)
    if solved is None:  # none was found that holds; the search keeps what it can
        return best_whole(problem, objective, order, changes=changes, given=given)
    # with its answers given the pieces may come apart, and then the canonical plan can be told
    return asked.canonical(solved) if solved.proved and solved.answers != fixed else solved


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the best is asked of."""

    problem: Problem
    objective: tuple[str, ...]
    order: Sequence[int]
    changes: Changes | None
    library: Library

    def exact(self, given: Answers) -> Found | None:
        """The best by pieces, or by one search if that is short; ``None`` where there is none.

        Raises:
            TooWideError: Neither came to an end.
        """
        found = self._by_pieces(given)
        if found is not None:
            return found
        return best_whole(
            self.problem,
            self.objective,
            self.order,
            changes=self.changes,
            given=given,
            give_up=_MOST_BY_SEARCH,
            resolver=self._resolver(),
        )

    def _resolver(self) -> Resolver | None:
        """What remembers the elements of this problem, if anything does."""
        known, lift = self.library.resolver, self.changes is not None and self.changes.lift
        same = known is not None and known.problem.elements is self.problem.elements and known.lift == lift
        return known if same else None

    def canonical(self, solved: Found) -> Found:
        """The plan to be shown under the solver's answers, where it can be told."""
        try:
            found = self.exact(solved.answers)
        except TooWideError:
            return solved
        names = self.objective if "items" in self.objective else (*self.objective, "items")
        if found is None or not found.proved:
            return solved
        same = found.solution.ordered(names) == solved.solution.ordered(names)
        return found if same else solved

    def _by_pieces(self, given: Answers) -> Found | None:
        """The best from its pieces; ``None`` where it is not certain or there is none."""
        problem = self.problem
        if self.objective[-1:] != ("days",) or not problem.goals:
            return None
        changes, resolver = self.changes or Changes(), self._resolver()
        if resolver is not None:
            resolved = resolver.aimed_at(problem, given, changes)
        else:
            resolved = resolve(problem, given, changes, below(problem))
        if not all(resolved.feasible[goal] for goal in problem.goals):
            return None
        # Where nothing is missing, only what is on hand may be used, and that is a matter of the whole.
        if all(resolved.proved[goal] for goal in problem.goals):
            return None
        lift = self.changes is not None and self.changes.lift
        self.library.left = None
        taken = _taken(resolved, self.objective, self.order, self.library, given, lift)
        size = sum(len(local.problem.elements) for local in taken.locals)
        self.library.left = _MOST_CUT + _MOST_CUT_EACH * size
        try:
            found = together(taken.parts)
            told = _told(taken, found) if found is not None else None
        finally:
            self.library.left = None
        return Found(told[0], {**given, **told[1]}, True) if told is not None else None


def _told(taken: Taken, found: Together) -> tuple[Solution, Answers] | None:
    """The solution of agreed pieces and its answers; ``None`` where it is not certain."""
    if not found.exact:
        return None
    told: list[tuple[Solution, Answers]] = []
    for one in (found, *found.rivals):
        if not all(optimum.proved and not optimum.suspect for optimum in one.optima):
            return None
        picks = quickest(taken, one.optima)
        if picks is None:
            return None
        allowed = agreed(taken.parts, one.optima, picks)
        assert allowed is not None, "the picks were chosen to agree"
        answers = {fact: min(values) for fact, values in allowed.items()}
        told.append((solution_of(taken, one.optima, picks), one.answers | answers))
    return _first(taken, told)


def _first(taken: Taken, told: Sequence[tuple[Solution, Answers]]) -> tuple[Solution, Answers]:
    """The one of fewest days, then of the smallest tie."""
    if len(told) == 1:
        return told[0]
    fewest = min(solution.days for solution, _ in told)
    quick = [pair for pair in told if pair[0].days == fewest]
    key = _tie(taken, [solution for solution, _ in quick])
    return min(quick, key=lambda pair: (*key(pair[0]), sorted(pair[1].items())))


def _tie(taken: Taken, solutions: Sequence[Solution]) -> Callable[[Solution], tuple[int, list[str]]]:
    """What is compared where everything else is equal: the papers in order, then the ways."""
    elements = taken.resolved.problem.elements
    nodes = sorted({node for one in solutions for node in one.chosen}, key=lambda node: elements[node].key)

    def tie(solution: Solution) -> tuple[int, list[str]]:
        papers = -sum(1 << (len(taken.order) - taken.order[one]) for one in solution.papers)
        ways = [solution.chosen[node].option.way.id if node in solution.chosen else "" for node in nodes]
        return papers, ways

    return tie


def quickest(
    taken: Taken,
    optima: Sequence[Optimum],
    after: Mapping[int, int] | None = None,
    *,
    of_those_told: bool = False,
) -> tuple[int, ...] | None:
    """Which candidate of each piece: the fewest days, then the smallest tie; ``None``: too many.

    Args:
        taken: The problem taken apart.
        optima: Of each piece.
        after: Days that follow upon a goal.
        of_those_told: Whether the quickest of the candidates that are told will do.
    """
    first = (0,) * len(optima)
    if not any(one.quicker for one in optima):
        return first
    if not (of_those_told or all(one.complete for one in optima)):
        return None
    later = after or {}
    least = [_least(one) for one in optima]
    fewest = _days(taken, least, later)
    if _days(taken, [one.candidates[0].profile for one in optima], later) == fewest:
        return first
    return _within(taken, optima, least, fewest, later) or _compared(taken, optima, later)


def _least(optimum: Optimum) -> Profile:
    """As quick on every path as the quickest candidate: a bound, no solution need attain it."""
    shared = set(optimum.candidates[0].profile).intersection(*(one.profile for one in optimum.candidates))
    return {key: min(one.profile[key] for one in optimum.candidates) for key in shared}


def _days(taken: Taken, profiles: Sequence[Profile], after: Mapping[int, int]) -> int:
    """Days to the last goal, and what follows upon it, where each piece takes the days of a profile."""
    resolved = taken.resolved
    by_member: dict[int, list[tuple[int, int]]] = {}
    for local, profile in zip(taken.locals, profiles, strict=True):
        for member in local.problem.goals:
            by_member[local.elements[member]] = []
        for (member, slot), days in profile.items():
            at = local.slots[slot] if slot >= 0 else -1
            by_member[local.elements[member]].append((at, days))
    end: dict[int, int] = {}
    for number in sorted([*taken.split.forced, *by_member], reverse=True):
        if number in by_member:
            paths = (end.get(at, 0) + days for at, days in by_member[number])
            end[number] = max(paths, default=0)
        elif resolved.branches[number]:
            branch = resolved.branches[number][0]
            end[number] = branch.days + max((end.get(need, 0) for need in branch.needs), default=0)
        else:
            end[number] = resolved.days[number]
    return max((end.get(goal, 0) + after.get(goal, 0) for goal in resolved.problem.goals), default=0)


def _within(
    taken: Taken,
    optima: Sequence[Optimum],
    least: Sequence[Profile],
    fewest: int,
    after: Mapping[int, int],
) -> tuple[int, ...] | None:
    """Candidates of the smallest tie that need no more days than the bound; ``None``: none found.

    Papers of different pieces differ, so the piece with the first paper in question decides first.
    """

    def first_in_question(at: int) -> int:
        local, candidates = taken.locals[at], optima[at].candidates
        papers = [{local.elements[one] for one in candidate.papers} for candidate in candidates]
        common = set(papers[0]).intersection(*papers)
        return min((taken.order[one] for one in set(papers[0]).union(*papers) - common), default=-1)

    profiles = list(least)
    picks = {at: 0 for at, one in enumerate(optima) if len(one.candidates) == 1}
    several = [at for at in range(len(optima)) if at not in picks]
    for at in sorted(several, key=lambda at: (first_in_question(at) < 0, first_in_question(at))):
        for pick, candidate in enumerate(optima[at].candidates):
            profiles[at] = candidate.profile
            known = sorted({*picks, at})
            parts, told = [taken.parts[one] for one in known], [optima[one] for one in known]
            agree = agreed(parts, told, [picks.get(one, pick) for one in known])
            if agree is not None and _days(taken, profiles, after) == fewest:
                picks[at] = pick
                break
        else:
            return None
    return tuple(picks[at] for at in range(len(optima)))


def _compared(taken: Taken, optima: Sequence[Optimum], after: Mapping[int, int]) -> tuple[int, ...] | None:
    """Every combination of candidates, where no piece has one that is quickest on all paths."""
    choices = [range(len(one.candidates)) for one in optima]
    if prod(map(len, choices)) > _MOST_PICKS:
        return None
    compared = []
    for picks in product(*choices):
        if agreed(taken.parts, optima, picks) is not None:
            profiles = [one.candidates[at].profile for one, at in zip(optima, picks, strict=True)]
            compared.append((picks, _days(taken, profiles, after)))
    fewest = min((days for _, days in compared), default=0)
    quick = [(picks, solution_of(taken, optima, picks)) for picks, days in compared if days == fewest]
    key = _tie(taken, [solution for _, solution in quick])
    return min(quick, key=lambda pair: key(pair[1]), default=(None,))[0]


def solution_of(taken: Taken, optima: Sequence[Optimum], picks: Sequence[int]) -> Solution:
    """The pieces and what is forced, as one solution."""
    resolved = taken.resolved
    chosen: dict[int, Branch] = {}
    papers: list[int] = []
    for number in taken.split.forced:
        if resolved.branches[number]:
            chosen[number] = resolved.branches[number][0]
        else:
            papers.append(number)
    for local, optimum, pick in zip(taken.locals, optima, picks, strict=True):
        candidate = optimum.candidates[pick]
        papers += [local.elements[one] for one in candidate.papers]
        for number, branch in candidate.chosen.items():
            chosen[local.elements[number]] = _whole_branch(resolved, local, number, branch)
    return assembled(resolved, chosen, papers)


def _whole_branch(resolved: Resolved, local: LocalPiece, number: int, branch: Branch) -> Branch:
    """A branch of a piece in the numbers of the whole, with the needs that are paid elsewhere."""
    whole = local.elements[number]
    way = branch.option.way.id
    option = next(one for one in resolved.problem.elements[whole].options if one.way.id == way)
    needs = [local.elements[need] for need in branch.needs if local.elements[need] >= 0]
    needs += [local.slots[slot] for slot in local.outside[number, way]]
    return Branch(option, tuple(sorted(set(needs))), branch.costs, branch.days, frozenset())
