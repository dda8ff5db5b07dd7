"""Ways that nobody can ever take: their guards and those of all they need cannot hold together.

Reads from: ``ground``, ``solver``, ``plan``.  Read by: ``packcheck``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from taizhang.rules.ground import Problem, ground
from taizhang.rules.plan import papers_by_name
from taizhang.rules.solver import Library, best
from taizhang.rules.terms import Dossier, Pack

__all__ = ["unusable_ways"]


def unusable_ways(packs: Iterable[Pack]) -> list[tuple[str, str]]:
    """Return the ways, as ``(node, way)`` in id order, that no case can use on any of the days.

    Every paper can be had, every fact may take any answer, and practice of other places counts; still
    on each day on which the way is in force no combination of answers and parameters opens it together
    with some way of everything it needs.

    Args:
        packs: The law, composed for each day on which it changes.

    Cost:
        One small search a way, on the first day it is in force; further days for those that fail.

    >>> from datetime import date
    >>> from taizhang.rules import load_pack
    >>> unusable_ways([load_pack("title-certificates", as_of=date(2024, 1, 28))])
    []

    Source:
        Satisfiability of guarded AND/OR graphs, decided by the planner itself on the case of which
        nothing is known.
    """
    tried: set[tuple[str, str]] = set()
    used: set[tuple[str, str]] = set()
    for pack in packs:
        found = {
            (node.id, way.id)
            for node in pack.nodes.values()
            for way in node.ways
            if way.effective.holds(pack.as_of)
        }
        open_ = sorted(found - used)
        tried |= found
        if open_:
            used |= _usable(pack, open_)
    return sorted(tried - used)


def _usable(pack: Pack, ways: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of the ways that some case can use on the pack's day."""
    case = Dossier.of(pack, as_of=pack.as_of)
    at = {place.level: place.id for place in case.places.values()}
    problem = ground(
        pack,
        case,
        [(name, at[pack.level_of(name)]) for name in sorted({node for node, _ in ways})],
        adopt=True,
    )
    order, library = papers_by_name(problem), Library()
    usable = set()
    for node, way in ways:
        number = problem.number[node, at[pack.level_of(node)]]
        alone = _by_one_way(problem, number, way)
        if alone and best(alone, pack.objective, order, library=library) is not None:
            usable.add((node, way))
    return usable


def _by_one_way(problem: Problem, number: int, way: str) -> Problem | None:
    """The problem of one node that may be established in one way only; nothing where it is closed."""
    element = problem.elements[number]
    options = tuple(one for one in element.options if one.way.id == way)
    if not options:
        return None
    elements = list(problem.elements)
    elements[number] = replace(element, options=options)
    return Problem(tuple(elements), (number,), problem.facts, problem.number, problem.closed)
