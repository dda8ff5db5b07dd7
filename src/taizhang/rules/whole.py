"""A whole problem given to the solver, and its answer followed through our own rules.

Reads from: ``programme``, ``mip``, ``favourable``, ``search``.  Read by: ``solver``.

Source:
    As for ``programme`` and ``mip``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from taizhang.rules.favourable import Answers, Found, Total, relies_of
from taizhang.rules.ground import Problem
from taizhang.rules.keeping import Kept
from taizhang.rules.mip import WORK, minimise
from taizhang.rules.programme import Block, Chosen, Programme, resolved_of, spans, taken
from taizhang.rules.resolve import Changes, Resolved
from taizhang.rules.search import Solution

__all__ = ["solved_whole"]

_KEPT = 4  # problems under answers that are remembered


def solved_whole(
    problem: Problem,
    objective: Sequence[str],
    *,
    changes: Changes | None = None,
    given: Mapping[int, int] | None = None,
    work: int = WORK,
) -> Found | None:
    """Return the best plan under the most favourable answers, as far as the work allows.

    Args:
        problem: The problem.
        objective: Parts in the declared order.
        changes: Departures from the problem.
        given: Answers already fixed.
        work: Nodes times entries of the matrix for each part.

    Returns:
        The plan, with the bound where it is not proved; ``None`` where there is none, or where none
        was found, or where what was found does not hold (a goal that its answers prove must stay with
        what is on hand).  Of equally good plans it is any, but always the same.

    Raises:
        PackError: ``E-PACK-W08``.
    """
    return _Whole(problem, tuple(objective), changes, dict(given or {}), work).run()


class _Whole:
    """One problem and its programme; the days are told by a second one, where they are needed."""

    def __init__(
        self,
        problem: Problem,
        objective: tuple[str, ...],
        changes: Changes | None,
        given: Answers,
        work: int,
    ) -> None:
        self.changes, self.given, self.work = changes or Changes(), given, work
        self.block = Block(problem, {fact: fact for fact in range(len(problem.facts))}, ends=True)
        self.objective = objective
        self.names = ("lifts", *objective, *(() if "items" in objective else ("items",)))
        self.widths = {number: len(fact.classes) for number, fact in enumerate(problem.facts)}
        self.known: dict[tuple[tuple[int, int], ...], Resolved] = {}
        self.resolved = self._under(given)
        goals = problem.goals
        self.all_proved = bool(goals) and all(self.resolved.proved[goal] for goal in goals)

    def _under(self, answers: Answers) -> Resolved:
        """The problem under answers; the last few are kept, the solver often comes back to them."""
        key = tuple(sorted(answers.items()))
        if key not in self.known:
            if len(self.known) > _KEPT:
                self.known.pop(next(iter(self.known)))
            self.known[key] = resolved_of(self.block, answers, self.changes)
        return self.known[key]

    def run(self) -> Found | None:
        if not all(self.resolved.feasible[goal] for goal in self.block.problem.goals):
            return None
        sums = self.names[: self.names.index("days")] if "days" in self.names else self.names
        found = self._solved(sums)
        if found is None or len(sums) == len(self.names):
            return found
        if not found.proved:
            return self._unsure(found, found.solution.bound)
        soonest = spans(self.resolved, min)
        least = max(soonest[goal] for goal in self.block.problem.goals)
        if len(sums) + 1 == len(self.names) and found.solution.days == least:
            return found
        parts = _parts(found.solution)
        timed = self._solved(self.names, {name: parts[name] for name in sums})
        sure = tuple(parts[name] for name in sums)
        if timed is None:
            return self._unsure(found, (*sure, least))
        if not timed.proved and self._ordered(found) <= self._ordered(timed):
            return self._unsure(found, timed.solution.bound)
        return timed

    def _unsure(self, found: Found, bound: Total) -> Found:
        """A plan of which only the bound is proved."""
        full = (*bound, *(0 for _ in self.names[len(bound) :]))[: len(self.objective) + 1]
        return replace(found, solution=replace(found.solution, proved=False, bound=full), proved=False)

    def _ordered(self, found: Found) -> Total:
        return found.solution.ordered(self.names[1:])

    def _solved(self, names: Sequence[str], known: Mapping[str, int] | None = None) -> Found | None:
        found = self._coded(self.block, names, known)
        if found is None and self.all_proved:  # each goal may be proved, but not all of them together
            found = self._coded(replace(self.block, ends=False), names, known)
        return found

    def _coded(self, block: Block, names: Sequence[str], known: Mapping[str, int] | None) -> Found | None:
        kept = None if self.all_proved and block.ends else Kept()
        programme = Programme(
            (replace(block, known=self.resolved if block.ends else None),),
            self.widths,
            self.given,
            self.changes,
            timed="days" in names,
            keeping=kept,
        )
        if not programme.feasible:
            return None

        def judge(values: Sequence[float]) -> Mapping[str, int] | None:
            solution = self._followed(programme, values)
            return None if solution is None else _parts(solution)

        told = minimise(programme.model, names, judge, self.work, known)
        if told is None:
            return None
        solution = self._followed(programme, told.values)
        assert solution is not None, "it was judged"
        bound = () if told.proved else told.bound
        answers = self._needed(solution, programme.answered(told.values))
        return Found(replace(solution, proved=told.proved, bound=bound), answers, told.proved)

    def _followed(self, programme: Programme, values: Sequence[float]) -> Solution | None:
        """The choices of a solution, followed through the problem under its answers."""
        answers = programme.answered(values)
        resolved = self._under(answers)
        return taken(resolved, programme.chosen(values)[0])

    def _needed(self, solution: Solution, answers: Answers) -> Answers:
        """The answers that a solution relies on; the others do not matter to it."""
        needed = dict(self.given)
        while True:
            resolved = self._under(needed)
            chosen = Chosen(solution.chosen, solution.papers)
            same = taken(resolved, chosen)
            relies = relies_of(same) if same is not None else frozenset(answers)
            missing = sorted(fact for fact in relies if fact not in needed)
            if not missing:
                return needed if same is not None and same.costs == solution.costs else answers
            needed |= {fact: answers[fact] for fact in missing if fact in answers}
            if any(fact not in answers for fact in missing):
                return answers


def _parts(solution: Solution) -> dict[str, int]:
    costs = solution.costs
    return {
        "lifts": costs.lifts,
        "rank": costs.rank,
        "money": costs.money,
        "effort": costs.effort,
        "items": costs.items,
        "days": solution.days,
    }
