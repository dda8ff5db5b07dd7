"""The joint plan of an estate way by way and home by home, as the second checker walks through it.

A city's plan tells what like homes do once for all of them.  Here every home that takes part has its own
ways and answers again: those that are settled for everybody, those of its pieces, and those that one home
decides for all of its kind.

Reads from: ``walks``, ``sums``, ``inside``, ``columns``, ``template``.  Read by: ``city``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from taizhang.rules.accord import Key, Shared
from taizhang.rules.columns import Columns
from taizhang.rules.inside import Inside
from taizhang.rules.sums import Sums, at_each
from taizhang.rules.template import Template
from taizhang.rules.terms import RouteChoice
from taizhang.rules.walks import Walked

__all__ = ["Said", "Witness", "Witnesses"]

#: Of one home: the way by node, and the class of the answer by fact.
Said: TypeAlias = tuple[Mapping[str, str], Mapping[str, int]]

_Open: TypeAlias = tuple[dict[str, str], dict[str, frozenset[int]]]  # answers that suit all its pieces


@dataclass(frozen=True, slots=True)
class Witness:
    """What a joint plan rests on, at every place.

    Attributes:
        route: Way taken, by ``(node, place)``.
        assumes: Answers that open facts are assumed to have, by ``(fact, place)``.
    """

    route: Mapping[Key, str]
    assumes: Mapping[Key, tuple[str, ...]]


class Witnesses:
    """Tells estates of a planned city way by way; what homes have in common is looked up once.

    Args:
        template: The compiled pack.
        columns: Marginal plans.
        walked: Homes in the joint plans.
        sums: Of the same city.
    """

    def __init__(self, template: Template, columns: Columns, walked: Walked, sums: Sums) -> None:
        self.template, self.columns, self.walked, self.sums = template, columns, walked, sums
        self.finest = template.level[template.goal]
        self.classes = {fact.name: fact.classes for fact in template.problem.facts}
        self.settled = dict(self._settled())
        self.known: dict[bytes, _Open] = {}

    def _settled(self) -> Iterator[tuple[int, NDArray[np.int16]]]:
        """Of elements that are settled for some homes: number of the way, -1 where it is not settled."""
        tier = self.columns.units.tier
        for number in tier.elements:
            if number in tier.forced and not self.template.problem.elements[number].switch:
                way = np.full(self.columns.status.size, -1, np.int16)
                for at, live in reversed(list(enumerate(tier.live[number]))):
                    way[tier.forced[number] & live.alive] = at
                yield number, way

    def of(self, estate: int, shared: Shared, units: Sequence[int]) -> Witness:
        """Return what the joint plan of an estate rests on.

        Args:
            estate: Its number in the city.
            shared: Its joint plan of what is shared.
            units: Rows of the homes that take part.
        """
        if shared.solution is None:
            return Witness({}, {})
        route = {(one.node, one.place): one.way for one in at_each(self._above(shared), shared)}
        assumes = {(one.fact, one.place): one.answers for one in self.sums.assumes(shared)}
        places = self.columns.table.places[self.finest]
        for unit, (ways, answers) in self.each(self.walked.insides[estate], units).items():
            route.update({(node, places[unit]): way for node, way in ways.items()})
            told = {name: self.classes[name][value].answers for name, value in answers.items()}
            assumes.update({(name, places[unit]): answer for name, answer in told.items()})
        return Witness(route, assumes)

    def _above(self, shared: Shared) -> Iterator[RouteChoice]:
        """Ways of the estate and of the buildings that stand for others."""
        solution, reps, elements = shared.solution, self.sums.reps(shared), shared.problem.elements
        assert solution is not None, "asked only where something is planned"
        for number, branch in solution.chosen.items():
            one = elements[number]
            if one.place not in reps and not one.switch:
                yield RouteChoice(one.place, one.name, branch.option.way.id)

    def each(self, insides: Sequence[Inside], units: Sequence[int]) -> dict[int, Said]:
        """Return what every home takes and assumes for itself.

        Args:
            insides: What some homes of the estate decide for all of their kind.
            units: Rows of homes that take part in its joint plan.

        Returns:
            Where several pieces of a home read one fact: an answer that suits them all.
        """
        rows = np.asarray(units, np.int64)
        columns: list[NDArray[Any]] = [*self.walked.picks.values(), *self.settled.values()]
        told = np.asarray([column[rows] for column in columns], np.int32).reshape(len(columns), rows.size).T
        above: dict[int, list[_Open]] = {}
        for one in insides:
            decided = self._for_all(one)
            for unit in one.units.tolist():
                above.setdefault(unit, []).append(decided)
        found: dict[int, Said] = {}
        for unit, row in zip(units, told, strict=True):
            key = row.tobytes()  # all that tells one home from another
            if key not in self.known:
                self.known[key] = self._alone(row.tolist())
            ways, answers = self.known[key]
            for more_ways, more_answers in above.get(unit, ()):
                ways, answers = ways | more_ways, _agreed(answers, more_answers)
            found[unit] = ways, {name: min(values) for name, values in answers.items() if values}
        return found

    def _alone(self, row: Sequence[int]) -> _Open:
        """What is settled for a home, and what its pieces take."""
        elements, ways = self.template.problem.elements, dict[str, str]()
        answers: dict[str, frozenset[int]] = {}
        pieces = len(self.walked.picks)
        for number, at in zip(self.settled, row[pieces:], strict=True):
            if at >= 0:
                ways[elements[number].name] = elements[number].options[at].way.id
        for pick in row[:pieces]:
            if pick >= 0:
                taken, open_ = self._piece(pick)
                ways |= taken
                answers = _agreed(answers, open_)
        return ways, answers

    def _piece(self, pick: int) -> _Open:
        workshop, problem = self.columns.workshop, self.template.problem
        piece, candidate = workshop.candidates[pick]
        local = workshop.shelves[piece].local
        ways = {
            problem.elements[whole].name: branch.option.way.id
            for whole, branch in ((local.elements[at], one) for at, one in candidate.chosen.items())
            if self.template.level[whole] == self.finest and not problem.elements[whole].switch
        }
        answers = {
            problem.facts[fact].name: values
            for fact, values in ((local.facts[at], told) for at, told in candidate.allowed.items())
            if self.template.fact_level[fact] == self.finest
        }
        return ways, answers

    def _for_all(self, inside: Inside) -> _Open:
        """What one home decides for all of its kind."""
        elements = self.template.problem.elements
        ways = {
            elements[number].name: branch.option.way.id
            for number, branch in inside.chosen.items()
            if not elements[number].switch
        }
        return ways, {name: frozenset({value}) for name, value in inside.answers.items()}


def _agreed(
    one: Mapping[str, frozenset[int]], other: Mapping[str, frozenset[int]]
) -> dict[str, frozenset[int]]:
    """Answers that suit both; none where they contradict one another."""
    return {**one, **{name: one.get(name, values) & values for name, values in other.items()}}
