"""The joint plan of an estate as far as its units share it.

What the units need of their estate and buildings is planned together, each shared paper once.  A
unit takes part only where it has a say: where one of its own pieces reads a fact of the estate that
is still open, or could do with something of the estate that is not needed otherwise.

Reads from: ``columns``, ``accord``, ``ground``.  Read by: ``city``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from taizhang.rules.accord import Key, Kind, Shared, in_accord
from taizhang.rules.columns import Columns
from taizhang.rules.ground import ground
from taizhang.rules.remaining import Remaining
from taizhang.rules.signs import words_of
from taizhang.rules.terms import Dossier, Pack, Place, Share, Status

__all__ = ["plan_shared"]


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
        if found.solution is None:
            found = self._of_those_that_fit(planned, kinds, remaining) or found
        at: dict[str, list[int]] = {}
        for number, element in enumerate(found.problem.elements):
            at.setdefault(element.place, []).append(number)
        if found.left_out or self._halved(found.kinds):
            found = replace(
                found, limits=None
            )  # it holds no bound for others that could be left out, or answer
        return replace(found, alike=self.alike, at=at)

    def _halved(self, kinds: Sequence[Kind]) -> bool:
        """Whether only some pieces of a unit that read the same open fact of its own have a say."""
        shelves = self.columns.workshop.shelves
        for kind in kinds:
            with_say = dict(kind.pieces)
            mine = other = 0
            for first, column in self.columns.units.pieces.items() if with_say else ():
                piece = int(column[kind.units[0]])
                facts = shelves[piece].part.facts & ~self.coarse if piece >= 0 else 0
                if first in with_say:
                    mine |= facts
                else:
                    other |= facts
            if mine & other:
                return True
        return False

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

        found = in_accord(self.pack, self.columns, problem, kinds, after)
        out = tuple(self.units) if found.solution is None else found.left_out
        return replace(found, kinds=tuple(kinds), left_out=out)

    def _of_those_that_fit(
        self, planned: Sequence[int], kinds: Sequence[Kind], remaining: Remaining
    ) -> Shared | None:
        """The same without units planned as a whole that contradict the others; larger kinds stay first."""
        whole = sorted((one for one in kinds if one.alone), key=lambda kind: -len(kind.units))
        kept, found = [one for one in kinds if not one.alone], None
        for more in ([], *([one] for one in whole)):
            told = self._planned(_without(planned, whole, [*kept, *more]), [*kept, *more], remaining)
            if told.solution is None and not more:
                return None
            if told.solution is not None:
                kept, found = [*kept, *more], told
        out = [unit for kind in whole if kind not in kept for unit in kind.units]
        return found and replace(found, left_out=(*found.left_out, *out))

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


def _without(planned: Sequence[int], whole: Sequence[Kind], kept: Sequence[Kind]) -> list[int]:
    """Units without those planned as a whole that are not kept."""
    out = {unit for kind in whole if kind not in kept for unit in kind.units}
    return [unit for unit in planned if unit not in out]
