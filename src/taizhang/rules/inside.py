"""What the unit that stands for a kind decides for all of its kind, and no more.

A unit whose piece goes beyond its level is planned with its estate, and one such unit stands for all
that have the same piece.  What else that one lacks or does is its own: the others have their own
columns for it.

Reads from: ``columns``, ``shared``, ``template``.  Read by: ``walks``, ``portrait``, ``unitwork``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from taizhang.rules.accord import Kind, Shared
from taizhang.rules.columns import Columns
from taizhang.rules.resolve import Branch
from taizhang.rules.template import Template

__all__ = ["Inside", "insides_of"]


@dataclass(frozen=True, slots=True)
class Inside:
    """What one unit decides for several.

    Attributes:
        units: Rows of all of them.
        numbers: The elements decided, in the numbers of the joint problem.
        papers: Papers to be obtained, in the numbers of the template.
        chosen: Ways taken, by element of the template.
        needs: What each of these needs, in the numbers of the template.
        answers: Open facts of the units that these ways rest on, with the class of the answer.
    """

    units: NDArray[np.int64]
    numbers: tuple[int, ...]
    papers: tuple[int, ...]
    chosen: Mapping[int, Branch]
    needs: Mapping[int, tuple[int, ...]]
    answers: Mapping[str, int]


def insides_of(
    template: Template, columns: Columns, shared: Shared, places: Sequence[str]
) -> tuple[Inside, ...]:
    """Return what the units with a say decide in one estate.

    Args:
        template: The compiled pack.
        columns: The units' own columns.
        shared: The joint plan of what the estate shares.
        places: Ids of the units, by row.
    """
    if shared.solution is None:
        return ()
    told = (one for one in shared.kinds if one.alone or one.beyond)
    return tuple(_inside(template, columns, shared, one, places[one.units[0]]) for one in told)


def _inside(template: Template, columns: Columns, shared: Shared, kind: Kind, place: str) -> Inside:
    solution, elements, name = shared.solution, shared.problem.elements, _by_name(template)
    assert solution is not None, "asked only where something is planned"
    numbers = sorted(_decided(template, columns, shared, kind, place))
    numbers = [number for number in numbers if elements[number].name in name]
    papers = frozenset(solution.papers)
    chosen = {number: solution.chosen[number] for number in numbers if number in solution.chosen}
    facts = {
        shared.problem.facts[fact].name
        for branch in chosen.values()
        for fact in (branch.option.when.facts if branch.option.when else ())
    }
    return Inside(
        np.asarray(kind.units, np.int64),
        tuple(numbers),
        tuple(name[elements[number].name] for number in numbers if number in papers),
        {name[elements[number].name]: branch for number, branch in chosen.items()},
        {
            name[elements[number].name]: tuple(
                name[elements[need].name] for need in branch.needs if elements[need].name in name
            )
            for number, branch in chosen.items()
        },
        {
            fact: value
            for (fact, where), value in sorted(shared.answers.items())
            if where == place and fact in facts
        },
    )


def _decided(template: Template, columns: Columns, shared: Shared, kind: Kind, place: str) -> set[int]:
    """Elements of the unit that its own columns do not settle already."""
    solution, elements = shared.solution, shared.problem.elements
    assert solution is not None, "asked only where something is planned"
    name = [one.name for one in template.problem.elements]
    pieces = [columns.workshop.shelves[piece].local for _, piece in kind.beyond]
    members = {name[local.elements[goal]] for local in pieces for goal in local.problem.goals}
    stop: set[str] = set()
    if kind.alone:
        pending = [shared.problem.number[template.pack.goal, place]]
    else:  # members may need one another; what else they need is settled in the unit's own columns
        stop = {name[slot] for local in pieces for slot in local.slots} - members
        stop |= _settled(columns, kind, name) - members
        taken = solution.chosen.keys() | set(solution.papers)
        here = [number for number in shared.at.get(place, ()) if elements[number].name in members]
        pending = [number for number in here if number in taken]
    seen: set[int] = set()
    while pending:
        number = pending.pop()
        if number in seen or elements[number].place != place or elements[number].name in stop:
            continue
        seen.add(number)
        if number in solution.chosen:
            pending.extend(solution.chosen[number].needs)
    return seen


def _settled(columns: Columns, kind: Kind, name: Sequence[str]) -> set[str]:
    """What the unit's own columns settle, also where it lies below a need whose guard is known here."""
    tier, unit = columns.units.tier, kind.units[0]
    sides = (tier.paper, tier.forced, tier.choice)
    return {name[number] for side in sides for number, where in side.items() if where[unit]}


def _by_name(template: Template) -> dict[str, int]:
    if "by name" not in template.kept:
        template.kept["by name"] = {one.name: number for number, one in enumerate(template.problem.elements)}
    return cast("dict[str, int]", template.kept["by name"])
