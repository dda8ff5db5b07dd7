"""The joint plan of an estate as far as its units share it.

What the units need of their estate and buildings is planned together, each shared paper once.  A
unit takes part only where it has a say: where one of its own pieces reads a fact of the estate that
is still open, or could do with something of the estate that is not needed otherwise.

Reads from: ``columns``, ``solver``, ``together``, ``ground``.  Read by: ``city``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from taizhang.rules.columns import Columns
from taizhang.rules.ground import Problem, ground
from taizhang.rules.joint import papers_in_order
from taizhang.rules.search import Solution
from taizhang.rules.solver import Library, cut_apart, quickest, solution_of
from taizhang.rules.template import Template
from taizhang.rules.terms import Dossier, Pack, Place, Status
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
        alone: They are planned one by one, so the first of them stands for all.
    """

    units: tuple[int, ...]
    pieces: tuple[tuple[int, int], ...] = ()
    beyond: tuple[tuple[int, int], ...] = ()
    alone: bool = False


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
    """

    problem: Problem
    solution: Solution | None
    answers: Mapping[Key, int]
    candidates: Mapping[tuple[int, int], int]
    left_out: tuple[int, ...]
    proved: bool
    kinds: tuple[Kind, ...] = field(default=())


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
        self.coarse = 0
        for fact, level in enumerate(template.fact_level):
            if level < self.finest:
                self.coarse |= 1 << fact

    def run(self) -> Shared:
        planned = [u for u in self.units if self.columns.status[u] not in (Status.PROVED, Status.BLOCKED)]
        kinds = self._kinds(planned)
        goals = dict.fromkeys(self._imports(planned))
        weights: dict[str, int] = {}
        for kind in kinds:
            place = self._place(kind.units[0], self.finest)
            for key in self._own_goals(kind, place):
                goals[key] = None
                weights[place] = len(kind.units)
        thin = self._thinned([kind.units[0] for kind in kinds])
        problem = ground(self.pack, thin, list(goals), weights=weights)
        return self._solved(problem, kinds)

    # -- who takes part

    def _kinds(self, planned: Sequence[int]) -> list[Kind]:
        shelves = self.columns.workshop.shelves
        found: dict[object, list[int]] = {}
        told: dict[object, Kind] = {}
        pieces = list(self.columns.units.pieces.items())
        mine = {first: column[self.units.start : self.units.stop].tolist() for first, column in pieces}
        for unit in planned:
            alone = bool(self.columns.alone[unit])
            exposed, beyond = [], []
            for first, column in mine.items():
                piece = column[unit - self.units.start]
                if piece >= 0 and shelves[piece].beyond:
                    beyond.append((first, piece))
                elif piece >= 0 and shelves[piece].part.facts & self.coarse:
                    exposed.append((first, piece))
            if not (alone or exposed or beyond):
                continue
            row = int(self.columns.row[unit])
            key = (unit,) if alone else (row, tuple(exposed), tuple(beyond))
            found.setdefault(key, []).append(unit)
            told.setdefault(key, Kind((), tuple(exposed), tuple(beyond), alone))
        return [replace(told[key], units=tuple(units)) for key, units in found.items()]

    def _imports(self, planned: Sequence[int]) -> list[Key]:
        """What the units need of their buildings and their estate in any case."""
        above = self.columns.above.tier
        rows: dict[int, int] = {}
        for unit in planned:
            if not self.columns.alone[unit]:
                rows.setdefault(int(self.columns.row[unit]), unit)
        used = [n for n in self.columns.imports if n in above.demanded]
        return [
            (self.template.problem.elements[number].name, self._place(unit, self.template.level[number]))
            for row, unit in sorted(rows.items())
            for number in used
            if above.demanded[number][row]
        ]

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
        unit = self.pack.levels[self.finest]
        names = {self._place(one, self.finest) for one in kept}
        places: dict[str, Place] = {
            key: place for key, place in self.dossier.places.items() if place.level != unit or key in names
        }
        return replace(self.dossier, places=places)

    # -- solving

    def _solved(self, problem: Problem, kinds: Sequence[Kind]) -> Shared:
        taken = cut_apart(problem, self.objective, papers_in_order(self.pack, problem), self.library)
        if taken is None:
            return Shared(problem, None, {}, {}, tuple(self.units), True, tuple(kinds))
        facts = {(fact.name, fact.place): number for number, fact in enumerate(problem.facts)}
        extras: list[tuple[int, int, Part]] = []
        for number, kind in enumerate(kinds):
            if not kind.alone:
                extras += [(number, first, self._part(kind, piece, facts)) for first, piece in kind.pieces]
        kept, out = extras, set[int]()
        parts = [*taken.parts, *(part for _, _, part in kept)]
        found = together(parts, {}, self.library.most)
        if found is None and extras:
            kept, out = self._that_fit(taken.parts, extras)
            parts = [*taken.parts, *(part for _, _, part in kept)]
            found = together(parts, {}, self.library.most)
        if found is None:
            return Shared(problem, None, {}, {}, tuple(self.units), True, tuple(kinds))
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
            tuple(kinds),
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
            place = self._place(kind.units[0], self.template.fact_level[fact])
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
            if together([*parts, *(part for _, _, part in [*kept, *more])], {}, self.library.most) is None:
                out.add(number)
            else:
                kept += more
        return kept, out


def _weight(extras: Sequence[tuple[int, int, Part]], number: int) -> int:
    return max(part.weight for at, _, part in extras if at == number)
