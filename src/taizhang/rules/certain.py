"""What is certain of a plan put together from pieces: what it costs, and what nothing can be below.

A piece tells a least cost that no solution is below.  Whether the solution shown attains it can be
looked up once the answers are known: the guards of its ways must hold, and the rank of a way is
spared only where the way is proved under these answers.

Reads from: ``solver``, ``resolve``, ``candidates``.  Read by: ``accord``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from taizhang.rules.candidates import Optimum, Profile
from taizhang.rules.favourable import below
from taizhang.rules.programme import assembled
from taizhang.rules.resolve import Branch, Costs, Resolved, resolve
from taizhang.rules.search import Solution
from taizhang.rules.solver import Taken

__all__ = ["confirmed", "forced_costs", "soonest"]


def confirmed(taken: Taken, solution: Solution, answers: Mapping[int, int]) -> tuple[Solution, bool]:
    """Return a solution at what it costs under some answers, and whether all its guards hold under them.

    Args:
        taken: The joint problem, taken apart.
        solution: Papers and ways; ranks may be spared that these answers do not spare, and there may be
            something that nobody needs.
        answers: To open facts of the problem; what is not answered spares no rank.
    """
    problem = taken.resolved.problem
    used = _used(solution, problem.goals)
    chosen = {number: branch for number, branch in solution.chosen.items() if number in used}
    papers = [number for number in solution.papers if number in used]
    holds = all(
        branch.option.when is None or branch.option.when.under(answers) is True for branch in chosen.values()
    )
    spared = [
        number
        for number, branch in chosen.items()
        if branch.costs.rank < branch.option.way.rank * problem.elements[number].weight
    ]
    if spared:
        needs = (one for number in spared for need in chosen[number].option.needs for one in need.of)
        asked = below(replace(problem, goals=tuple(needs)))
        stands = resolve(replace(problem, goals=()), answers, within=asked)
        for number in spared:
            branch = chosen[number]
            if not _proved(stands, branch):
                rank = branch.option.way.rank * problem.elements[number].weight
                chosen[number] = replace(branch, costs=replace(branch.costs, rank=rank))
    return assembled(taken.resolved, chosen, papers), holds


def _used(solution: Solution, goals: Iterable[int]) -> set[int]:
    """What the goals rest on."""
    used: set[int] = set()
    pending = list(goals)
    while pending:
        number = pending.pop()
        if number not in used:
            used.add(number)
            if number in solution.chosen:
                pending.extend(solution.chosen[number].needs)
    return used


def _proved(stands: Resolved, branch: Branch) -> bool:
    """Whether what a way needs is proved, whatever is not answered."""

    def sure(one: int) -> bool:
        return stands.proved[one] and not stands.doubts[one]

    return all(sum(map(sure, need.of)) >= need.k for need in branch.option.needs)


def forced_costs(taken: Taken) -> Costs:
    """What every plan spends: papers and ways that leave no choice."""
    branches = taken.resolved.branches
    chosen = {number: branches[number][0] for number in taken.split.forced if branches[number]}
    return assembled(taken.resolved, chosen, [one for one in taken.split.forced if one not in chosen]).costs


def soonest(
    taken: Taken, optima: Sequence[Optimum], all_answers: Sequence[bool], there: Collection[int] = ()
) -> dict[int, int]:
    """Return working days before which no plan of this cost has a demanded element.

    Args:
        taken: The problem taken apart.
        optima: Of each piece.
        all_answers: Of each piece: whether the solutions told are all of them, other answers included.
        there: Elements that may be there from the first day.

    Returns:
        Days by element, for everything that is not on hand.
    """
    resolved = taken.resolved
    paths: dict[int, list[tuple[int, int]]] = {}
    for local, optimum, all_ in zip(taken.locals, optima, all_answers, strict=True):
        if all_ and optimum.complete and not optimum.suspect:
            for member in local.problem.goals:
                paths[local.elements[member]] = []
            for (member, slot), days in _least(optimum).items():
                at = local.slots[slot] if slot >= 0 else -1
                paths[local.elements[member]].append((at, days))
    end: dict[int, int] = {}
    for number in reversed(resolved.active):  # what an element needs has a higher number
        if number in there:
            end[number] = 0
        elif number in paths:
            end[number] = max((end.get(at, 0) + days for at, days in paths[number]), default=0)
        elif not resolved.free[number]:
            end[number] = _fastest(resolved, number, end)
    return end


def _least(optimum: Optimum) -> Profile:
    """As quick on every path as the quickest candidate; no solution need attain it."""
    shared = set(optimum.candidates[0].profile).intersection(*(one.profile for one in optimum.candidates))
    return {key: min(one.profile[key] for one in optimum.candidates) for key in shared}


def _fastest(resolved: Resolved, number: int, end: Mapping[int, int]) -> int:
    """Days of the quickest way to an element, whatever it costs."""
    ways = [
        branch.days + max((end.get(need, 0) for need in branch.needs), default=0)
        for branch in resolved.branches[number]
    ]
    if resolved.leaf[number] is not None:
        ways.append(resolved.days[number])
    return min(ways, default=0)
