"""The joint plan of an estate as far as its units share it.

What the units need of their estate and buildings is planned together, each shared paper once.  A
unit takes part only where it has a say: where one of its own pieces reads a fact of the estate that
is still open, or could do with something of the estate that is not needed otherwise.

Reads from: ``columns``, ``solver``, ``together``, ``ground``.  Read by: ``city``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from taizhang.rules.columns import Columns
from taizhang.rules.ground import Problem, ground
from taizhang.rules.joint import papers_in_order
from taizhang.rules.search import Solution
from taizhang.rules.signs import words_of
from taizhang.rules.solver import Library, cut_apart, quickest, solution_of
from taizhang.rules.template import Template
from taizhang.rules.terms import Dossier, Pack, Place, Share, Status
from taizhang.rules.together import Part, agreed, together

__all__ = ["Kind", "Shared", "plan_shared"]

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Kind:
    """Units of an estate that have the same say in its joint plan.

    Attributes:
        units: Their rows.
        pieces: Their pieces that read open facts of the estate.
        beyond: First choices of their pieces that use something of the estate.
        alone: Their whole plan is part of the joint one.
        like: What is known of each of them; said of those that are alone, for like ones are planned as one.
    """

    units: tuple[int, ...]
    pieces: tuple[tuple[int, int], ...] = ()
    beyond: tuple[tuple[int, int], ...] = ()
    alone: bool = False
    like: bytes = b""


@dataclass(frozen=True, slots=True)
class Shared:
    """The joint plan of what is shared.

    Attributes:
        problem: Elements of the estate, its buildings, and of the units that stand for a kind.
        solution: ``None`` where nothing can be planned.
        answers: To open facts, by ``(fact, place)``, as class numbers.
        candidates: By kind and first choice: the candidate its pieces take.
        left_out: Units that cannot be planned together with the others.
        proved: Whether it is the optimum for certain.
        kinds: Units that had a say.
        alike: Buildings by the one that stands for them in the problem, itself included.
        at: Elements of the problem by place.
    """

    problem: Problem
    solution: Solution | None
    answers: Mapping[Key, int]
    candidates: Mapping[tuple[int, int], int]
    left_out: tuple[int, ...]
    proved: bool
    kinds: tuple[Kind, ...] = ()
    alike: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    at: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def stand_in(self) -> dict[str, str]:
        """For every building that another one stands for, the other one."""
        return {place: first for first, places in self.alike.items() for place in places}


def plan_shared(
    pack: Pack,
    template: Template,
    columns: Columns,
    dossier: Dossier,
    units: range,
    library: Library,
    objective: Sequence[str],
) -> Shared:
    """Plan what the units of one estate share.

    Args:
        pack: The law on its day.
        template: The compiled pack.
        columns: The marginal plans of the city.
        dossier: The estate.
        units: Its rows among the units of the city.
        library: Pieces solved before.
        objective: Parts in the declared order.

    Cost:
        One pass over the shared elements; pieces come from the library.
    """
    return _Sharing(pack, template, columns, dossier, units, library, tuple(objective)).run()


class _Sharing:
    """One estate."""

    def __init__(
        self,
        pack: Pack,
        template: Template,
        columns: Columns,
        dossier: Dossier,
        units: range,
        library: Library,
        objective: tuple[str, ...],
    ) -> None:
        self.pack, self.template, self.columns = pack, template, columns
        self.dossier, self.units, self.library, self.objective = dossier, units, library, objective
        self.finest = template.level[template.goal]
        self.needed: dict[int, frozenset[int]] = {}
        needs = [need for node in pack.nodes.values() for way in node.ways for need in way.needs]
        self.shares = any(isinstance(need, Share) for need in needs)  # of single places, not of groups
        self.coarse = 0
        for fact, level in enumerate(template.fact_level):
            if level < self.finest:
                self.coarse |= 1 << fact

    def run(self) -> Shared:
        status = self.columns.status[self.units.start : self.units.stop].tolist()
        planned = [
            u for u, s in zip(self.units, status, strict=True) if s not in (Status.PROVED, Status.BLOCKED)
        ]
        said = self._all_said(planned)
        self.alike = self._alike(said)
        self.first = {place: first for first, places in self.alike.items() for place in places}
        kinds = self._kinds(said)
        goals = dict.fromkeys(self._imports(planned))
        weights = {first: len(places) for first, places in self.alike.items()}
        for kind in kinds:
            place = self._place(kind.units[0], self.finest)
            for key in self._own_goals(kind, place):
                goals[key] = None
                weights[place] = len(kind.units)
        thin = self._thinned([kind.units[0] for kind in kinds])
        problem = ground(self.pack, thin, list(goals), weights=weights)
        found = self._solved(problem, kinds)
        at: dict[str, list[int]] = {}
        for number, element in enumerate(problem.elements):
            at.setdefault(element.place, []).append(number)
        return replace(found, kinds=tuple(kinds), alike=self.alike, at=at)

    # -- who takes part

    def _all_said(self, planned: Sequence[int]) -> dict[int, Kind | None]:
        """What each unit has a say in; ``None`` for most."""
        units = np.asarray(planned, np.int64)
        workshop, coarse = self.columns.workshop, self.coarse
        shelves = workshop.shelves
        beyond = workshop.per_piece("beyond", False, np.bool_, lambda n: shelves[n].beyond)
        reads = workshop.per_piece(
            "reads above", False, np.bool_, lambda n: bool(shelves[n].part.facts & coarse), here=True
        )
        exposed: dict[int, list[tuple[int, int]]] = {}
        further: dict[int, list[tuple[int, int]]] = {}
        for first, column in self.columns.units.pieces.items():
            pieces = column[units]
            far = beyond[pieces]
            for where, into in ((far, further), (reads[pieces] & ~far, exposed)):
                for at in np.flatnonzero(where).tolist():
                    into.setdefault(planned[at], []).append((first, int(pieces[at])))
        said: dict[int, Kind | None] = dict.fromkeys(planned)
        for unit in sorted(exposed.keys() | further.keys()):
            said[unit] = Kind((), tuple(exposed.get(unit, ())), tuple(further.get(unit, ())))
        for at in np.flatnonzero(self.columns.alone[units] | self._torn_by_facts(units)).tolist():
            said[planned[at]] = Kind((), alone=True, like=self._known(planned[at]))
        return said

    def _torn_by_facts(self, units: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Units whose piece beyond their level reads an open fact of theirs that another piece reads too."""
        workshop, words = self.columns.workshop, (len(self.template.fact_level) + 63) // 64 or 1
        shelves = workshop.shelves
        far = workshop.per_piece("beyond", False, np.bool_, lambda n: shelves[n].beyond)
        own = workshop.per_piece(
            "own facts",
            (0,) * words,
            np.uint64,
            lambda n: words_of(shelves[n].part.facts & ~self.coarse, words),
            here=True,
        )
        beyond = np.zeros((units.size, words), np.uint64)
        others = np.zeros_like(beyond)
        for column in self.columns.units.pieces.values():
            pieces = column[units]
            read = own[pieces]
            beyond |= np.where(far[pieces][:, None], read, np.uint64(0))
            others |= np.where(far[pieces][:, None], np.uint64(0), read)
        return np.asarray(((beyond & others) != 0).any(axis=1))

    def _known(self, unit: int) -> bytes:
        """Everything that is known of a unit on its own level."""
        if self.shares:
            return str(unit).encode()
        table, template = self.columns.table, self.template
        papers = [int(table.held[n][unit]) for n, at in enumerate(template.level) if at == self.finest]
        facts = [int(table.answers[n][unit]) for n, at in enumerate(template.fact_level) if at == self.finest]
        return repr((papers, facts)).encode()

    def _alike(self, said: Mapping[int, Kind | None]) -> dict[str, tuple[str, ...]]:
        """Buildings that no rule tells apart, in order; the first stands for the others."""
        level = self.finest - 1
        table, template = self.columns.table, self.template
        above = table.above[self.finest][level]
        rows = sorted({int(above[unit]) for unit in self.units})
        wants: dict[int, Counter[object]] = {row: Counter() for row in rows}
        for unit, kind in said.items():
            mine = wants[int(above[unit])]
            mine |= Counter({n for n in self._needed(unit) if template.level[n] == level})
            if kind is not None and self._concerns_building(kind):
                mine[kind] += 1  # as many of each kind: what a building does depends on how many it is for
        papers = [table.held[n] for n, at in enumerate(template.level) if at == level]
        facts = [table.answers[n] for n, at in enumerate(template.fact_level) if at == level]
        found: dict[object, list[str]] = {}
        for row in rows:
            state = (*(int(held[row]) for held in papers), *(int(answer[row]) for answer in facts))
            key: object = row if self.shares else (state, frozenset(wants[row].items()))
            found.setdefault(key, []).append(table.places[level][row])
        return {places[0]: tuple(places) for places in found.values()}

    def _concerns_building(self, kind: Kind) -> bool:
        """Whether what a unit has a say in is its building's own."""
        level, template = self.finest - 1, self.template
        shelves = self.columns.workshop.shelves
        told = [shelves[piece].local for _, piece in (*kind.pieces, *kind.beyond)]
        return kind.alone or any(
            any(number >= 0 and template.level[number] == level for number in local.elements)
            or any(template.fact_level[fact] == level for fact in local.facts)
            for local in told
        )

    def _needed(self, unit: int) -> frozenset[int]:
        """What a unit needs of its building and its estate in any case."""
        if self.columns.alone[unit]:
            return frozenset()
        above, row = self.columns.above.tier, int(self.columns.row[unit])
        if row not in self.needed:
            used = (n for n in self.columns.imports if n in above.demanded)
            self.needed[row] = frozenset(number for number in used if above.demanded[number][row])
        return self.needed[row]

    def _kinds(self, said: Mapping[int, Kind | None]) -> list[Kind]:
        """Units of alike buildings that have the same say."""
        found: dict[tuple[str, Kind], list[int]] = {}
        for unit, kind in said.items():
            if kind is not None:
                found.setdefault((self.first[self._place(unit, self.finest - 1)], kind), []).append(unit)
        return [replace(kind, units=tuple(units)) for (_, kind), units in found.items()]

    def _imports(self, planned: Sequence[int]) -> list[Key]:
        """What the units need in any case, at the buildings that stand for the others."""
        found: dict[Key, None] = {}
        _, first = np.unique(self.columns.row[list(planned)], return_index=True)
        for unit in (planned[at] for at in sorted(first.tolist())):
            for number in sorted(self._needed(unit)):
                place = self._place(unit, self.template.level[number])
                found[self.template.problem.elements[number].name, self.first.get(place, place)] = None
        return list(found)

    def _own_goals(self, kind: Kind, place: str) -> list[Key]:
        elements = self.template.problem.elements
        if kind.alone:
            return [(self.pack.goal, place)]
        goals: list[Key] = []
        for _, piece in kind.beyond:
            local = self.columns.workshop.shelves[piece].local
            numbers = [local.elements[one] for one in local.problem.goals] + list(local.slots)
            goals += [(elements[n].name, place) for n in numbers if self.template.level[n] == self.finest]
        return goals

    def _place(self, unit: int, level: int) -> str:
        table = self.columns.table
        return table.places[level][int(table.above[self.finest][level][unit])]

    def _thinned(self, kept: Sequence[int]) -> Dossier:
        """One building for those that are alike, and the units that have a say, in such a building."""
        unit = self.pack.levels[self.finest]
        names = {self._place(one, self.finest) for one in kept}
        places: dict[str, Place] = {}
        for key, place in self.dossier.places.items():
            if place.level == unit and key in names and place.parent is not None:
                places[key] = replace(place, parent=self.first.get(place.parent, place.parent))
            elif place.level != unit and self.first.get(key, key) == key:
                places[key] = place
        return replace(self.dossier, places=places)

    # -- solving

    def _solved(self, problem: Problem, kinds: Sequence[Kind]) -> Shared:
        taken = cut_apart(problem, self.objective, papers_in_order(self.pack, problem), self.library)
        if taken is None:
            return Shared(problem, None, {}, {}, tuple(self.units), True)
        facts = {(fact.name, fact.place): number for number, fact in enumerate(problem.facts)}
        extras: list[tuple[int, int, Part]] = []
        for number, kind in enumerate(kinds):
            if not kind.alone:
                extras += [(number, first, self._part(kind, piece, facts)) for first, piece in kind.pieces]
        kept, out = extras, set[int]()
        parts = [*taken.parts, *(part for _, _, part in kept)]
        found = together(parts, self.library.most, rivals=False)
        if found is None and extras:
            kept, out = self._that_fit(taken.parts, extras)
            parts = [*taken.parts, *(part for _, _, part in kept)]
            found = together(parts, self.library.most, rivals=False)
        if found is None:
            return Shared(problem, None, {}, {}, tuple(self.units), not any(one.alone for one in kinds))
        own = found.optima[len(taken.parts) :]
        picks = quickest(taken, found.optima[: len(taken.parts)])
        first = (0,) * len(taken.parts)
        allowed = agreed(parts, found.optima, (*(picks or first), *(0 for _ in own)))
        sure = picks is not None
        if allowed is None:
            picks, allowed = first, agreed(parts, found.optima, (0,) * len(parts)) or {}
            sure = False
        answers = {fact: min(values) for fact, values in allowed.items()}
        names = {number: key for key, number in facts.items()}
        solution = solution_of(taken, found.optima[: len(taken.parts)], picks or first)
        exact = sure and found.exact and all(one.proved and not one.suspect for one in found.optima)
        return Shared(
            problem,
            solution,
            {names[fact]: value for fact, value in {**found.answers, **answers}.items()},
            self._named(kinds, kept, own),
            tuple(unit for number in sorted(out) for unit in kinds[number].units),
            exact,
        )

    def _named(
        self, kinds: Sequence[Kind], kept: Sequence[tuple[int, int, Part]], optima: Sequence[object]
    ) -> dict[tuple[int, int], int]:
        workshop = self.columns.workshop
        found: dict[tuple[int, int], int] = {}
        for (number, first, _), optimum in zip(kept, optima, strict=True):
            piece = dict(kinds[number].pieces)[first]
            found[number, first] = workshop.named(piece, optimum, 0)  # type: ignore[arg-type]
        return found

    def _part(self, kind: Kind, piece: int, facts: dict[Key, int]) -> Part:
        """A unit's piece with its facts numbered as in the joint problem."""
        shelf = self.columns.workshop.shelves[piece]
        local: dict[int, int] = {}
        widths: dict[int, int] = {}
        mask = 0
        for at, fact in enumerate(shelf.local.facts):
            open_ = self.template.problem.facts[fact]
            place = self._place(
                kind.units[0], self.template.fact_level[fact]
            )  # of the building that stands in
            number = facts.setdefault((open_.name, place), len(facts))
            local[number], widths[number] = at, len(open_.classes)
            mask |= 1 << number
        return Part(mask, local, widths, shelf.part.ask, len(kind.units))

    def _that_fit(
        self, parts: Sequence[Part], extras: Sequence[tuple[int, int, Part]]
    ) -> tuple[list[tuple[int, int, Part]], set[int]]:
        """Kinds whose answers can be had together with the others, larger ones first."""
        out: set[int] = set()
        kept: list[tuple[int, int, Part]] = []
        numbers = sorted({number for number, _, _ in extras}, key=lambda n: -_weight(extras, n))
        for number in numbers:
            more = [one for one in extras if one[0] == number]
            if (
                together([*parts, *(part for _, _, part in [*kept, *more])], self.library.most, rivals=False)
                is None
            ):
                out.add(number)
            else:
                kept += more
        return kept, out


def _weight(extras: Sequence[tuple[int, int, Part]], number: int) -> int:
    return max(part.weight for at, _, part in extras if at == number)
