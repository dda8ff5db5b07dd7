"""The joint plan of an estate as far as its units share it.

What the units need of their estate and buildings is planned together, each shared paper once.  A
unit takes part only where it has a say: where one of its own pieces reads a fact of the estate that
is still open, or could do with something of the estate that is not needed otherwise.

Reads from: ``columns``, ``accord``, ``ground``.  Read by: ``city``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from taizhang.rules.accord import Key, Kind, Shared, in_accord
from taizhang.rules.columns import Columns
from taizhang.rules.ground import ground
from taizhang.rules.remaining import Remaining
from taizhang.rules.signs import Words, words_of
from taizhang.rules.terms import Dossier, Pack, Place, Share, Status

__all__ = ["plan_shared"]

_Pieces: TypeAlias = Mapping[int, NDArray[np.int32]]  # by first choice: of each unit


def plan_shared(pack: Pack, columns: Columns, dossier: Dossier, units: range, remaining: Remaining) -> Shared:
    """Plan what the units of one estate share.

    Args:
        pack: The law on its day.
        columns: The marginal plans of the city.
        dossier: The estate.
        units: Its rows among the units of the city.
        remaining: What the units of the city do after what they share.

    Cost:
        One pass over the shared elements; pieces come from the library.
    """
    return _Sharing(pack, columns, dossier, units).run(remaining)


class _Sharing:
    """One estate."""

    def __init__(self, pack: Pack, columns: Columns, dossier: Dossier, units: range) -> None:
        self.pack, self.columns, self.dossier, self.units = pack, columns, dossier, units
        self.template = template = columns.workshop.template
        self.finest = template.level[template.goal]
        self.needed: dict[int, frozenset[int]] = {}
        needs = [need for node in pack.nodes.values() for way in node.ways for need in way.needs]
        self.shares = any(isinstance(need, Share) for need in needs)  # of single places, not of groups
        self.coarse = 0
        for fact, level in enumerate(template.fact_level):
            if level < self.finest:
                self.coarse |= 1 << fact

    def run(self, remaining: Remaining) -> Shared:
        status = self.columns.status[self.units.start : self.units.stop].tolist()
        planned = [
            u for u, s in zip(self.units, status, strict=True) if s not in (Status.PROVED, Status.BLOCKED)
        ]
        said = self._all_said(planned)
        self.alike = self._alike(said)
        self.first = {place: first for first, places in self.alike.items() for place in places}
        kinds = self._kinds(said)
        found = self._planned(planned, kinds, remaining)
        if found.solution is None and planned:
            found = self._of_those_that_fit(planned, kinds, remaining) or found
        at: dict[str, list[int]] = {}
        for number, element in enumerate(found.problem.elements):
            at.setdefault(element.place, []).append(number)
        out = self.units if found.solution is None else found.left_out
        return replace(found, alike=self.alike, at=at, left_out=tuple(out))

    def _planned(self, planned: Sequence[int], kinds: Sequence[Kind], remaining: Remaining) -> Shared:
        """What is shared, with the units that have a say."""
        goals = dict.fromkeys(self._imports(planned))
        weights = {first: len(places) for first, places in self.alike.items()}
        for kind in kinds:
            place = self._place(kind.units[0], self.finest)
            for key in self._own_goals(kind, place):
                goals[key] = None
                weights[place] = len(kind.units)
        thin = self._thinned([kind.units[0] for kind in kinds])
        problem = ground(self.pack, thin, list(goals), weights=weights)

        def after() -> dict[Key, int]:
            return remaining.after(planned, kinds, self.first)

        return replace(in_accord(self.pack, self.columns, problem, kinds, after), kinds=tuple(kinds))

    def _of_those_that_fit(
        self, planned: Sequence[int], kinds: Sequence[Kind], remaining: Remaining
    ) -> Shared | None:
        """The same without units that contradict the others; ``None`` where nobody can be planned.

        Whoever can be planned whatever the answers stays; of the others the larger parties come first.
        """
        sure, unsure = self._parties(planned, kinds)
        kept = {unit for party in sure for unit in party}
        found = self._planned(sorted(kept), _of(kinds, kept), remaining) if kept else None
        for party in sorted(unsure, key=lambda units: (-len(units), units)):
            more = kept.union(party)
            told = self._planned(sorted(more), _of(kinds, more), remaining)
            if told.solution is not None:
                kept, found = more, told
        if found is None or found.solution is None:
            return None
        return replace(found, left_out=tuple(unit for unit in planned if unit not in kept))

    def _parties(
        self, planned: Sequence[int], kinds: Sequence[Kind]
    ) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
        """Units that are planned or left out together: those open whatever the answers, and the others."""
        mine = {unit for kind in kinds for unit in kind.units}
        rest: dict[int, list[int]] = {}
        for unit in planned:
            if unit not in mine:  # without a say: whatever its building needs
                rest.setdefault(int(self.columns.row[unit]), []).append(unit)
        parties = [*(kind.units for kind in kinds), *map(tuple, rest.values())]
        open_ = [all(self.columns.status[unit] == Status.OPEN for unit in party) for party in parties]
        told = list(zip(parties, open_, strict=True))
        return [party for party, sure in told if sure], [party for party, sure in told if not sure]

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
        columns = {first: column[units] for first, column in self.columns.units.pieces.items()}
        far = {first: beyond[pieces] for first, pieces in columns.items()}
        say = self._linked(columns, {first: reads[pieces] & ~far[first] for first, pieces in columns.items()})
        exposed: dict[int, list[tuple[int, int]]] = {}
        further: dict[int, list[tuple[int, int]]] = {}
        for first, pieces in columns.items():
            for where, into in ((far[first], further), (say[first] & ~far[first], exposed)):
                for at in np.flatnonzero(where).tolist():
                    into.setdefault(planned[at], []).append((first, int(pieces[at])))
        said: dict[int, Kind | None] = dict.fromkeys(planned)
        for unit in sorted(exposed.keys() | further.keys()):
            said[unit] = Kind((), tuple(exposed.get(unit, ())), tuple(further.get(unit, ())))
        for at in np.flatnonzero(self.columns.alone[units] | self._torn_by_facts(units)).tolist():
            said[planned[at]] = Kind((), alone=True, like=self._known(planned[at]))
        return said

    def _linked(self, columns: _Pieces, say: Mapping[int, NDArray[np.bool_]]) -> dict[int, NDArray[np.bool_]]:
        """Where pieces have a say, and with them those that read an open fact of the same unit."""
        read = self._own_facts()
        linked = dict(say)
        size = next((pieces.size for pieces in columns.values()), 0)
        mask = self._read_by(columns, linked, size)
        grows = bool(mask.any())
        while grows:
            for first, pieces in columns.items():
                linked[first] = linked[first] | ((read[pieces] & mask) != 0).any(axis=1)
            more = self._read_by(columns, linked, size)
            grows, mask = not np.array_equal(more, mask), more
        return linked

    def _torn_by_facts(self, units: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Units whose piece beyond their level reads an open fact of theirs that another piece reads too."""
        shelves = self.columns.workshop.shelves
        far = self.columns.workshop.per_piece("beyond", False, np.bool_, lambda n: shelves[n].beyond)
        columns = {first: column[units] for first, column in self.columns.units.pieces.items()}
        beyond = self._read_by(columns, {first: far[pieces] for first, pieces in columns.items()}, units.size)
        others = self._read_by(
            columns, {first: ~far[pieces] for first, pieces in columns.items()}, units.size
        )
        return np.asarray(((beyond & others) != 0).any(axis=1))

    def _read_by(self, columns: _Pieces, where: Mapping[int, NDArray[np.bool_]], size: int) -> Words:
        """Open facts of each unit itself that some of its pieces read, as bits."""
        read = self._own_facts()
        found = np.zeros((size, read.shape[1]), np.uint64)
        for first, pieces in columns.items():
            found |= np.where(where[first][:, None], read[pieces], np.uint64(0))
        return found

    def _own_facts(self) -> Words:
        """Open facts of units that each piece reads, as bits."""
        words = (len(self.template.fact_level) + 63) // 64 or 1
        shelves = self.columns.workshop.shelves
        return self.columns.workshop.per_piece(
            "own facts",
            (0,) * words,
            np.uint64,
            lambda n: words_of(shelves[n].part.facts & ~self.coarse, words),
            here=True,
        )

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


def _of(kinds: Sequence[Kind], units: Container[int]) -> list[Kind]:
    """The kinds whose units are among some."""
    return [kind for kind in kinds if kind.units[0] in units]
