"""The critical path of a solution: when each of its papers and steps begins and ends.

Reads from: ``ground``, ``resolve``, ``search``.  Read by: ``expiry``, ``plan``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from taizhang.rules.ground import Problem
from taizhang.rules.resolve import Branch
from taizhang.rules.search import Solution

__all__ = ["Timetable", "timetable"]


@dataclass(frozen=True, slots=True)
class Timetable:
    """Working-day offsets from the plan's start, by element number."""

    start: Mapping[int, int]
    end: Mapping[int, int]
    latest: Mapping[int, int]  #: latest end that does not move the last day
    total: int

    def slack(self, number: int) -> int:
        """Days it may slip without moving the end."""
        return self.latest[number] - self.end[number]


def timetable(problem: Problem, solution: Solution) -> Timetable:
    """Critical path of a solution: earliest and latest days of every element.

    Source:
        Kelley and Walker, "Critical-path planning and scheduling" (1959).
    """
    start: dict[int, int] = {}
    end: dict[int, int] = {}
    used = sorted([*solution.chosen, *solution.papers], reverse=True)
    for number in used:
        branch = solution.chosen.get(number)
        needs = branch.needs if branch else ()
        start[number] = max((end[need] for need in needs if need in end), default=0)
        end[number] = start[number] + _days(problem, number, branch)
    total = max(end.values(), default=0)
    latest = dict.fromkeys(used, total)
    for number in reversed(used):
        branch = solution.chosen.get(number)
        for need in branch.needs if branch else ():
            if need in latest:
                latest[need] = min(latest[need], latest[number] - _days(problem, number, branch))
    return Timetable(start, end, latest, total)


def _days(problem: Problem, number: int, branch: Branch | None) -> int:
    if branch is not None:
        return branch.days
    cost = problem.elements[number].cost
    return cost.days if cost else 0
