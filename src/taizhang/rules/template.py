"""The pack as one numbered graph for a whole city: compiled once, evaluated in columns.

The template is the problem of a unit about which nothing is known.  A case differs from it only
in what is held and in which facts are answered, so that one numbering serves every place, and an
element has one value for each place of its level.

Reads from: ``ground``, ``scope_facts``, ``terms``.  Read by: ``table``, ``columns``.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, cast

from taizhang.rules.ground import Choice, Condition, Problem, ground
from taizhang.rules.scope_facts import Scopes, told_as_facts
from taizhang.rules.terms import Cost, Dossier, Pack

__all__ = ["Alternative", "Template", "compile_pack"]


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way of an element.

    Attributes:
        condition: Number of its guard, -1 where it has none.
        needs: Its needs.
        rank: Its legal rank.
        step: What its own work costs.
        spread: Whether it needs something of every place below: not only of the one in the chain.
    """

    condition: int
    needs: tuple[Choice, ...]
    rank: int
    step: Cost
    spread: bool


@dataclass(frozen=True, slots=True)
class Template:
    """The compiled pack.

    Attributes:
        pack: The law on its day.
        problem: The problem of a unit about which nothing is known.
        goal: Number of the goal.
        level: Level of the place of each element, as a number, coarse to fine.
        depth: The finest level that an element or anything below it belongs to.
        ways: The ways of each element.
        conditions: The guards, each once.
        fact_level: Level of each open fact.
        rank: Position of papers in the order that breaks ties.
        scopes: Facts among the open ones that say whether a decision names a place.
        kept: What follows from the template alone, worked out when first asked for.
    """

    pack: Pack
    problem: Problem
    goal: int
    level: tuple[int, ...]
    depth: tuple[int, ...]
    ways: tuple[tuple[Alternative, ...], ...]
    conditions: tuple[Condition, ...]
    fact_level: tuple[int, ...]
    rank: dict[int, int]
    scopes: Scopes
    kept: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def rests_on_homes(self) -> bool:
        """Whether something that homes share needs something of every home."""
        last = len(self.pack.levels) - 1
        return any(
            depth == last and any(way.spread for way in ways)
            for depth, ways in zip(self.depth, self.ways, strict=True)
        )


def compile_pack(pack: Pack) -> Template:
    """Return the template of a pack.

    Raises:
        PackError: ``E-PACK-E05`` a need without a place.
    """
    if "template" not in pack.once:
        pack.once["template"] = _compiled(pack)
    return cast(Template, pack.once["template"])


def _compiled(pack: Pack) -> Template:
    unit = pack.nodes[pack.goal].level
    law, scopes = told_as_facts(pack)
    problem = ground(law, Dossier.of(law), [(pack.goal, unit)])
    levels = {level: number for number, level in enumerate(pack.levels)}
    level = tuple(levels[element.place] for element in problem.elements)
    conditions: dict[Condition, int] = {}
    ways: list[tuple[Alternative, ...]] = []
    depth = list(level)
    for number in range(len(problem.elements) - 1, -1, -1):
        told = []
        for option in problem.elements[number].options:
            below = [one for need in option.needs for one in need.of]
            depth[number] = max([depth[number], *(depth[one] for one in below)])
            told.append(
                Alternative(
                    conditions.setdefault(option.when, len(conditions)) if option.when else -1,
                    option.needs,
                    option.way.rank,
                    option.way.step,
                    any(level[one] > level[number] for one in below),
                )
            )
        ways.append(tuple(told))
    papers = [number for number, element in enumerate(problem.elements) if not element.options]
    papers.sort(key=lambda number: problem.elements[number].key)
    return Template(
        pack,
        problem,
        problem.goals[0],
        level,
        tuple(depth),
        tuple(reversed(ways)),
        tuple(conditions),
        tuple(levels[fact.place] for fact in problem.facts),
        {number: at for at, number in enumerate(papers)},
        scopes,
    )
