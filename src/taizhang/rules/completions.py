"""The range of best plans over every way the open facts may turn out, and what is worth asking.

A cell is a set of answers under which one plan is best.  Cells are found by splitting only
on facts that the favourable reading relied on, and parts of the graph that share no paper,
step or open fact are split on their own: their cells add up instead of multiplying.

Reads from: ``favourable``, ``ground``, ``resolve``, ``resolver``, ``search``, ``truth``.
Read by: ``assess``, ``estate``.

Source:
    Component decomposition as in #SAT solving: Bayardo and Pehoushek, "Counting models
    using connected components" (2000); cutset conditioning: Pearl (1988), section 4.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import TypeAlias

from taizhang.rules.favourable import MOST_CELLS, Answers, Total, relies_of, weights_of
from taizhang.rules.ground import Problem
from taizhang.rules.resolve import Branch, Resolved, bits, parts_of, resolve
from taizhang.rules.resolver import Resolver
from taizhang.rules.search import search
from taizhang.rules.truth import Standing, standing

__all__ = ["Explorer", "Range", "explore"]

Token: TypeAlias = tuple[int, str]  # element and way; no way for a paper
Signature: TypeAlias = tuple[frozenset[Token], tuple[object, ...]]  # settled, and by answers
_NO_PLAN: Signature = (frozenset({(-1, "blocked")}), ())

FEW_ANSWERS = 64  #: combinations of answers up to which a case is not taken apart


@dataclass(frozen=True, slots=True)
class Range:
    """What may come out over all answers.

    Attributes:
        best: Lowest total in the declared order without days; ``None``: blocked.
        worst: Highest total; ``None``: blocked under some answers.
        worst_answers: Answers that attain the worst.
        plan: Signature of the plan as a function of the answers; equal means the same.
        asks: Facts whose answer changes the plan.
        exact: Whether no limit was hit.
    """

    best: Total | None
    worst: Total | None
    worst_answers: Answers
    plan: Signature
    asks: frozenset[int]
    exact: bool = True


def explore(problem: Problem, goal: int, objective: Sequence[str], order: Sequence[int]) -> Range:
    """Return the range of best plans of one goal over all answers."""
    return Explorer(problem, objective, order).range(goal)


class Explorer:
    """Explores the goals of one problem; what several goals share is explored once.

    Args:
        problem: The problem.
        objective: Parts in the declared order.
        order: Papers in the order that breaks ties.
        most_cells: Cells visited for one goal before the answer becomes a bound.
    """

    def __init__(
        self,
        problem: Problem,
        objective: Sequence[str],
        order: Sequence[int],
        most_cells: int = MOST_CELLS,
    ) -> None:
        self.problem = problem
        self.objective = tuple(objective)
        self.added = tuple(name for name in objective if name != "days")
        self.order = order
        self.most_cells = self.left = most_cells
        self.resolver = Resolver(problem)
        self.cones, self.reads = self.resolver.cones, self.resolver.reads
        self.weight = weights_of(problem)
        self.known: dict[object, Range] = {}
        self.whole = False

    @cached_property
    def stands(self) -> Standing:
        """Where every element stands over all answers."""
        return standing(self.problem)

    def range(self, goal: int) -> Range:
        """The range of one goal."""
        self.left = self.most_cells
        # Days are a longest path and do not add up.  A case with few open answers is looked at
        # whole and exactly.  A larger one is taken apart with days left aside: a fact that would
        # change nothing but a tie in days is then not asked, and where days rank before other
        # parts the range is a bound.  A case that may be proved is never taken apart: what is
        # proved is settled for the case as a whole.
        answers = prod(len(self.problem.facts[fact].classes) for fact in bits(self.reads[goal]))
        self.whole = answers <= FEW_ANSWERS or self.stands.proved[goal] != 0
        self.asked = replace(self.problem, goals=(goal,))
        self.goal = goal
        found = self.part((goal,), 0, {})
        bounded = not self.whole and "days" in self.objective[:-1]
        return replace(found, exact=found.exact and not bounded)

    def together(self, goals: tuple[int, ...]) -> Range:
        """The range of several goals together, days left aside."""
        self.left, self.whole, self.goal = self.most_cells, False, goals[0]
        return self.part(goals, 0, {})

    def matter(self, goals: tuple[int, ...]) -> frozenset[int]:
        """The facts whose answer changes the plan of several goals, days left aside.

        These are the ``asks`` of :meth:`together`.  Most facts that are read at all matter, and a few sets of
        answers that differ in one of them show it; all answers are gone through only where some fact was
        not seen to matter.  What was seen to matter does, also where the limit of cells was hit.
        """
        self.left, self.whole, self.goal = self.most_cells, False, goals[0]
        reads = 0
        for goal in goals:
            reads |= self.reads[goal]
        widths = {fact: len(self.problem.facts[fact].classes) for fact in bits(reads)}
        found: set[int] = set()
        for base in (dict.fromkeys(widths, 0), {fact: width - 1 for fact, width in widths.items()}):
            found |= {
                fact
                for fact, width in widths.items()
                if fact not in found and self._sways(goals, base, fact, width)
            }
            if len(found) == len(widths):
                return frozenset(found)
        return self.together(goals).asks | found

    def _sways(self, goals: tuple[int, ...], base: Answers, fact: int, width: int) -> bool:
        """Whether another answer to one fact changes the plan where all others are given."""
        plan = self.part(goals, 0, base).plan
        others = (value for value in range(width) if value != base[fact])
        return any(self.part(goals, 0, base | {fact: value}).plan != plan for value in others)

    def part(self, goals: tuple[int, ...], paid: int, answers: Answers) -> Range:
        """The range of elements to be established together, with elements already paid for."""
        cone = reads = 0
        for goal in goals:
            cone, reads = cone | self.cones[goal], reads | self.reads[goal]
        paid &= cone
        if not self.whole:
            answers = {fact: value for fact, value in answers.items() if reads >> fact & 1}
        key = (goals, paid, tuple(sorted(answers.items())), self.whole and self.goal)
        if key not in self.known:
            self.known[key] = self._part(goals, cone, paid, answers)
        return self.known[key]

    def _part(self, goals: tuple[int, ...], cone: int, paid: int, answers: Answers) -> Range:
        resolved = (
            resolve(self.asked, answers, within=cone) if self.whole else self.resolver.under(answers, cone)
        )
        if not all(resolved.feasible[goal] for goal in goals):
            return Range(None, None, answers, _NO_PLAN, frozenset())
        if self.whole:
            doubts = resolved.doubts[self.goal]
            if doubts and self.left > 0:
                # whether anything is missing at all is asked first: it decides which ways are left
                return self.by_answer(self.first(doubts), goals, paid, answers)
            return self.cell(_restrict(resolved, goals, cone, paid), goals, paid, answers)
        resolved = _restrict(resolved, goals, cone, paid)
        forced, open_ = _forced(resolved, goals)
        for number in forced:
            paid |= 1 << number
        ranges = [
            self.cell(_restrict(resolved, part, cone, paid), part, paid, answers)
            if part == goals
            else self.part(part, paid, answers)
            for part in _components(resolved, open_, forced)
        ]
        return _added(self.total(resolved, forced), self.tokens(resolved, forced), ranges, answers)

    def first(self, facts: frozenset[int]) -> int:
        """The fact to split on: the one most guards read, so that parts come apart."""
        return min(facts, key=lambda fact: (-self.weight[fact], fact))

    def tokens(self, resolved: Resolved, forced: frozenset[int]) -> frozenset[Token]:
        """Forced elements as the pieces of a plan; whether a guarded need is asked for is none."""
        return frozenset(
            _token(number, resolved.branches[number][0]) if resolved.branches[number] else (number, "")
            for number in forced
            if not self.problem.elements[number].switch
        )

    def total(self, resolved: Resolved, forced: frozenset[int]) -> Total:
        """What the forced elements cost."""
        spent = [resolved.leaf[number] for number in forced if resolved.leaf[number]]
        spent += [resolved.branches[number][0].costs for number in forced if resolved.branches[number]]
        parts = parts_of(self.added)
        return (
            0,
            *map(sum, zip((0,) * len(self.added), *(parts(cost) for cost in spent if cost), strict=True)),
        )

    def cell(self, resolved: Resolved, goals: tuple[int, ...], paid: int, answers: Answers) -> Range:
        """One component: settled, or split on a fact it relies on."""
        solution = search(resolved, self.objective if self.whole else self.added, self.order)
        if solution is None:
            return Range(None, None, answers, _NO_PLAN, frozenset())
        relies = relies_of(solution)
        self.left -= 1
        if not relies or self.left <= 0:
            total = solution.ordered(self.added)
            if self.whole:  # what is proved compares as nothing; where that can be, no case is taken apart
                total = (*solution.objective(self.added), *total)
            tokens = frozenset((number, "") for number in solution.papers) | {
                _token(number, branch)
                for number, branch in solution.chosen.items()
                if not self.problem.elements[number].switch
            }
            if self.whole and "days" in self.objective:
                tokens |= {(-2, str(solution.days))}  # a need that is met may still have to be waited for
            return Range(total, total, answers, (tokens, ()), frozenset(), not relies and solution.proved)
        return self.by_answer(self.first(relies), goals, paid, answers)

    def by_answer(self, fact: int, goals: tuple[int, ...], paid: int, answers: Answers) -> Range:
        """The range of each answer to one fact, side by side."""
        self.left -= 1
        ranges = [
            self.part(goals, paid, answers | {fact: value})
            for value in range(len(self.problem.facts[fact].classes))
        ]
        return _split(fact, ranges)


def _token(number: int, branch: Branch) -> Token:
    """A chosen way; one that needs no permission because it is proved is another."""
    way = branch.option.way
    return number, f"{way.id} proved" if way.rank and not branch.costs.rank else way.id


def _restrict(resolved: Resolved, goals: tuple[int, ...], cone: int, paid: int) -> Resolved:
    """The same problem with other goals, what is paid for free, and nothing outside the cone."""
    free, leaf, branches = list(resolved.free), list(resolved.leaf), list(resolved.branches)
    for number in bits(paid):
        free[number], leaf[number], branches[number] = True, None, ()
    active = tuple(bits(cone & ~paid))
    for number in active if paid else ():
        if any(paid >> need & 1 for branch in branches[number] for need in branch.needs):
            branches[number] = tuple(
                Branch(
                    branch.option,
                    tuple(need for need in branch.needs if not paid >> need & 1),
                    branch.costs,
                    branch.days,
                    branch.relies,
                )
                for branch in branches[number]
            )
    problem = replace(resolved.problem, goals=goals)
    return replace(resolved, problem=problem, free=free, branches=branches, leaf=leaf, active=active)


def _forced(resolved: Resolved, goals: tuple[int, ...]) -> tuple[frozenset[int], tuple[int, ...]]:
    """What must be established in any case, and the elements where a choice begins."""
    forced: set[int] = set()
    open_: set[int] = set()
    pending = list(goals)
    while pending:
        number = pending.pop()
        if number in forced or number in open_ or resolved.free[number]:
            continue
        branches = resolved.branches[number]
        if resolved.leaf[number] is not None:
            forced.add(number)
        elif len(branches) == 1 and not branches[0].relies:
            forced.add(number)
            pending.extend(branches[0].needs)
        else:
            open_.add(number)
    return frozenset(forced), tuple(sorted(open_))


def _components(resolved: Resolved, open_: tuple[int, ...], forced: frozenset[int]) -> list[tuple[int, ...]]:
    """Groups of open elements that share a paper, a step or an open fact below them."""
    shift = len(resolved.branches)
    reach = [0] * shift
    for number in reversed(resolved.active):
        if resolved.free[number] or number in forced:
            continue
        mask = 1 << number
        for branch in resolved.branches[number]:
            for need in branch.needs:
                mask |= reach[need]
            for fact in branch.relies:
                mask |= 1 << (shift + fact)
        reach[number] = mask
    groups: list[tuple[int, list[int]]] = []
    for number in open_:
        mask, members = reach[number], [number]
        rest = []
        for other, names in groups:
            if other & mask:
                mask |= other
                members = names + members
            else:
                rest.append((other, names))
        groups = [*rest, (mask, members)]
    return sorted(tuple(sorted(names)) for _, names in groups)


def _added(base: Total, forced: frozenset[Token], ranges: list[Range], answers: Answers) -> Range:
    """Independent parts together: totals add, questions unite."""
    if any(one.best is None for one in ranges):
        return Range(None, None, answers, _NO_PLAN, frozenset())
    lowest, highest = base, base
    worst_answers = dict(answers)
    worst: Total | None = base
    for one in ranges:
        assert one.best is not None
        lowest = tuple(map(int.__add__, lowest, one.best))
        worst_answers |= one.worst_answers
        if one.worst is None:
            worst = None
        else:
            highest = tuple(map(int.__add__, highest, one.worst))
    if worst is not None:
        worst = highest
    settled = forced.union(*(one.plan[0] for one in ranges))
    plan = (settled, tuple(vary for one in ranges for vary in one.plan[1]))
    asks = frozenset[int]().union(*(one.asks for one in ranges))
    return Range(lowest, worst, worst_answers, plan, asks, all(one.exact for one in ranges))


def _split(fact: int, ranges: list[Range]) -> Range:
    """The answers of one fact side by side."""
    alive = [one for one in ranges if one.best is not None]
    exact = all(one.exact for one in ranges)
    asks = frozenset[int]().union(*(one.asks for one in ranges))
    differs = len({one.plan for one in ranges}) > 1
    if not alive:
        return Range(None, None, ranges[0].worst_answers, _NO_PLAN, frozenset(), exact)
    best_one = min(alive, key=lambda one: one.best or ())
    blocked = [one for one in ranges if one.worst is None]
    worst_one = blocked[0] if blocked else max(alive, key=lambda one: one.worst or ())
    nothing = frozenset[Token]()
    plan = (nothing, (("by", fact, tuple(one.plan for one in ranges)),)) if differs else ranges[0].plan
    return Range(
        best_one.best,
        worst_one.worst,
        worst_one.worst_answers,
        plan,
        asks | {fact} if differs else asks,
        exact,
    )
