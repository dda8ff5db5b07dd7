"""A plan that is as good as the new one is kept: officials do not change course for a tie.

Reads from: ``ground``, ``solver``, ``terms``.  Read by: ``plan``, ``joint``.

Source:
    Plan stability: Fox, Gerevini, Long and Serina, "Plan stability: replanning versus plan
    repair" (2006).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from taizhang.rules.favourable import Found
from taizhang.rules.ground import Element, Problem
from taizhang.rules.solver import Library, best
from taizhang.rules.terms import Held, JointPlan, Plan

__all__ = ["kept"]


def kept(
    problem: Problem,
    found: Found,
    objective: Sequence[str],
    order: Sequence[int],
    previous: Plan | JointPlan,
    library: Library | None = None,
) -> Found:
    """Return a solution that takes only ways and papers of the previous plan, if none is better.

    Args:
        problem: The problem as it is now.
        found: Its best solution.
        objective: Parts in the declared order.
        order: Papers in the order that breaks ties.
        previous: The plan that was followed so far.
        library: Pieces solved before.

    Returns:
        ``found`` where it is strictly better, or where the previous course is not open any more.
    """
    same = best(_narrowed(problem, previous), objective, order, library=library)
    if same is None or same.solution.objective(objective) != found.solution.objective(objective):
        return found
    if same.solution.ordered(objective) != found.solution.ordered(objective):
        return found
    return replace(same, proved=found.proved and same.proved)


def _narrowed(problem: Problem, previous: Plan | JointPlan) -> Problem:
    """The problem with the previous papers and, where a way was chosen, that way alone."""
    papers = {(gap.item, gap.place) for gap in previous.gaps}
    ways = {(choice.node, choice.place): choice.way for choice in previous.route}

    def narrowed(element: Element) -> Element:
        if not element.options:
            if element.held is Held.MISSING and element.cost is not None and element.key not in papers:
                return replace(element, held=Held.UNOBTAINABLE)
            return element
        way = ways.get(element.key)
        options = tuple(option for option in element.options if way is None or option.way.id == way)
        return replace(element, options=options) if options else element

    return replace(problem, elements=tuple(narrowed(one) for one in problem.elements))
