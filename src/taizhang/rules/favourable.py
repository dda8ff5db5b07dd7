"""The best plan under the most favourable answers to the open facts.

A cell is a set of answers.  What is still open is read in the applicant's favour, so a cell's
solution is never dearer than that of any case inside it; the first cell whose solution relies on
nothing open is the best.  Usually the answers the first reading relied on are enough.

Reads from: ``ground``, ``resolve``, ``search``.  Read by: ``completions``, ``assess``, ``plan``,
``joint``, ``explain``.

Source:
    Best-first search with an admissible bound: Hart, Nilsson and Raphael, "A formal basis for
    the heuristic determination of minimum cost paths" (1968).
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TypeAlias

from taizhang.rules.ground import Problem
from taizhang.rules.resolve import Changes, resolve
from taizhang.rules.resolver import Resolver
from taizhang.rules.search import Solution, TooWideError, search

__all__ = ["MOST_CELLS", "Answers", "Found", "Total", "below", "best_whole", "relies_of", "weights_of"]

Answers: TypeAlias = dict[int, int]
Total: TypeAlias = tuple[int, ...]

_DIGITS = b"01" + bytes(254)  # a flag as the digit that says it

MOST_CELLS = 4_096  #: cells visited; beyond this the answer is a bound, not exact


@dataclass(frozen=True, slots=True)
class Found:
    """The best solution and the answers it needs; facts not named do not matter to it."""

    solution: Solution
    answers: Answers
    proved: bool


def relies_of(solution: Solution) -> frozenset[int]:
    """Open facts that a solution reads in the applicant's favour."""
    return solution.doubts.union(*(branch.relies for branch in solution.chosen.values()))


def best_whole(
    problem: Problem,
    objective: Sequence[str],
    order: Sequence[int],
    *,
    changes: Changes | None = None,
    given: Mapping[int, int] | None = None,
    give_up: int = 0,
    resolver: Resolver | None = None,
) -> Found | None:
    """Return the best plan under the most favourable answers, ``None`` where there is none.

    Args:
        problem: The problem.
        objective: Parts in the declared order.
        order: Papers in the order that breaks ties.
        changes: Departures from the problem.
        given: Answers already fixed.
        give_up: Open states, and cells, above which to end at once instead of keeping the best.
        resolver: Remembers the elements of the problem; else they are settled anew.

    Raises:
        TooWideError: There were more than ``give_up``.

    Cost:
        One search per cell visited; favourable cells are visited first.
    """
    search_ = _Favourable(problem, objective, order, changes or Changes(), give_up, resolver)
    fixed = dict(given or {})
    root = search_.solved(fixed)
    if root is None:
        return None
    guess = search_.guessed(root, fixed)
    return guess if guess is not None else search_.best_first(root, fixed)


class _Favourable:
    """One search for the best cell."""

    def __init__(
        self,
        problem: Problem,
        objective: Sequence[str],
        order: Sequence[int],
        changes: Changes,
        give_up: int,
        resolver: Resolver | None,
    ) -> None:
        self.problem, self.objective, self.order, self.changes = problem, objective, order, changes
        self.give_up, self.resolver = give_up, resolver
        self.within = below(problem) if resolver is None else resolver.below(problem.goals)
        self.weight = weights_of(problem)

    def solved(self, answers: Answers) -> Solution | None:
        if self.resolver is not None:
            resolved = self.resolver.aimed_at(self.problem, answers, self.changes)
        else:
            resolved = resolve(self.problem, answers, self.changes, self.within)
        return search(resolved, self.objective, self.order, give_up=self.give_up)

    def key(self, solution: Solution) -> tuple[Total, Total]:
        return solution.objective(self.objective), solution.ordered(self.objective)

    def guessed(self, root: Solution, answers: Answers) -> Found | None:
        """Settle what the favourable reading relied on; if nothing gets dearer, that is the best."""
        guess = self.solved(answers) if answers else root
        while guess is not None and self.key(guess) == self.key(root):
            relies = relies_of(guess)
            if not relies:
                return Found(guess, answers, guess.proved)
            answers = _agreed(guess, answers)
            if not relies & answers.keys():
                return None
            guess = self.solved(answers)
        return None

    def best_first(self, root: Solution, fixed: Answers) -> Found | None:
        """Split the most promising cell until it relies on nothing."""
        serial = count()
        heap = [(*self.key(root), next(serial), fixed, root)]
        for visited in count(1):
            if not heap:
                return None
            *_, answers, solution = heapq.heappop(heap)
            relies = relies_of(solution)
            if self.give_up and visited > self.give_up and relies:
                raise TooWideError
            if not relies or visited > MOST_CELLS:
                return Found(solution, answers, solution.proved and not relies)
            fact = min(relies, key=lambda one: (-self.weight[one], one))
            for value in range(len(self.problem.facts[fact].classes)):
                found = self.solved(answers | {fact: value})
                if found is not None:
                    heapq.heappush(heap, (*self.key(found), next(serial), answers | {fact: value}, found))
        raise AssertionError("count() does not end")


def _agreed(solution: Solution, answers: Answers) -> Answers:
    """Answers under which the guards a solution relied on hold, as far as they go together."""
    agreed = dict(answers)
    for number in sorted(solution.chosen):
        when = solution.chosen[number].option.when
        if when is None:
            continue
        for combo in sorted(when.holds):
            pairs = dict(zip(when.facts, combo, strict=True))
            if all(agreed.get(fact, value) == value for fact, value in pairs.items()):
                agreed |= pairs
                break
    return agreed


def below(problem: Problem) -> int:
    """The elements below the goals, as bits."""
    seen = bytearray(len(problem.elements))
    pending = list(problem.goals)
    while pending:
        number = pending.pop()
        if not seen[number]:
            seen[number] = 1
            for option in problem.elements[number].options:
                pending.extend(need for choice in option.needs for need in choice.of)
    return int(bytes(seen[::-1]).translate(_DIGITS) or b"0", 2)


def weights_of(problem: Problem) -> list[int]:
    """How many guards read each open fact."""
    weights = [0] * len(problem.facts)
    for element in problem.elements:
        for option in element.options:
            for fact in option.when.facts if option.when else ():
                weights[fact] += 1
    return weights
