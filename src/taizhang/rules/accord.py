"""What an estate shares and its units with a say in it, brought to one set of answers.

The shared elements are taken apart into pieces; the pieces of units that read the same open facts
join them.  What is told with the plan is what nothing can be below, so that it is known whether
the plan is the best.

Reads from: ``columns``, ``solver``, ``together``, ``certain``.  Read by: ``shared``, ``inside``, ``walks``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from taizhang.rules.candidates import Optimum
from taizhang.rules.certain import confirmed, forced_costs, soonest
from taizhang.rules.columns import Columns
from taizhang.rules.ground import Problem
from taizhang.rules.joint import papers_in_order
from taizhang.rules.resolve import parts_of
from taizhang.rules.search import Solution
from taizhang.rules.solver import Taken, cut_apart, quickest, solution_of
from taizhang.rules.terms import Pack
from taizhang.rules.together import Part, Together, agreed, together
from taizhang.rules.workshop import PARTS

__all__ = ["Key", "Kind", "Limits", "Shared", "in_accord"]

Key: TypeAlias = tuple[str, str]
_Extra: TypeAlias = tuple[int, int, Part]  # kind, first choice, its piece as seen from the estate
#: Tells days by name and place.
After: TypeAlias = Callable[[], Mapping[Key, int]]


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
class Limits:
    """What no joint plan can be below.

    Attributes:
        above: By how much rank, fen, hours and papers of this plan lie above the least cost, which may not
            be attained; compared in the declared order.
        soonest: Days before which no plan of least cost has an element, by element of the problem; ``None``:
            none has any sooner than this one.
        hasty: By kind and first choice: a candidate as quick as any that its piece could take.
        vague: By kind: results of its piece that might be had sooner than the plan has them, with the days
            before which no unit has them.
    """

    above: tuple[int, int, int, int]
    soonest: Mapping[int, int] | None
    hasty: Mapping[tuple[int, int], int]
    vague: Mapping[int, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Shared:
    """The joint plan of what is shared.

    Attributes:
        problem: Elements of the estate, its buildings, and of the units that stand for a kind.
        solution: ``None`` where nothing can be planned.
        answers: To open facts, by ``(fact, place)``, as class numbers.
        candidates: By kind and first choice: the candidate its pieces take.
        left_out: Units that cannot be planned together with the others.
        limits: What nothing can be below; ``None`` where that is not known.
        sure: Where nothing is planned: whether nothing can be.
        kinds: Units that had a say.
        alike: Buildings by the one that stands for them in the problem, itself included.
        at: Elements of the problem by place.
    """

    problem: Problem
    solution: Solution | None
    answers: Mapping[Key, int]
    candidates: Mapping[tuple[int, int], int]
    left_out: tuple[int, ...] = ()
    limits: Limits | None = None
    sure: bool = True
    kinds: tuple[Kind, ...] = ()
    alike: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    at: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def stand_in(self) -> dict[str, str]:
        """For every building that another one stands for, the other one."""
        return {place: first for first, places in self.alike.items() for place in places}


def in_accord(pack: Pack, columns: Columns, problem: Problem, kinds: Sequence[Kind], after: After) -> Shared:
    """Plan what is shared under answers that suit the units with a say.

    Args:
        pack: The law on its day.
        columns: The marginal plans of the city.
        problem: The estate, its buildings and a unit of each kind.
        kinds: Units that have a say.
        after: Tells the days that the units need after what they share; asked where it makes a difference.

    Returns:
        The plan; without a solution where no answers suit them all.
    """
    return _Accord(pack, columns, problem, kinds, after).run()


class _Accord:
    def __init__(
        self, pack: Pack, columns: Columns, problem: Problem, kinds: Sequence[Kind], after: After
    ) -> None:
        self.pack, self.columns, self.problem, self.kinds, self.after = pack, columns, problem, kinds, after
        self.workshop = columns.workshop
        self.template = self.workshop.template
        self.finest = self.template.level[self.template.goal]
        self.facts = {(fact.name, fact.place): number for number, fact in enumerate(problem.facts)}

    def run(self) -> Shared:
        problem, most = self.problem, self.workshop.library.most
        order = papers_in_order(self.pack, problem)
        taken = cut_apart(problem, self.workshop.objective, order, self.workshop.library)
        if taken is None:
            return Shared(problem, None, {}, {})
        extras: list[_Extra] = []
        for number, kind in enumerate(self.kinds):
            if not kind.alone:
                extras += [(number, first, self._part(kind, piece)) for first, piece in kind.pieces]
        found = together([*taken.parts, *(part for _, _, part in extras)], most, rivals=False)
        if found is None:
            doubtful = any(one.alone for one in self.kinds)
            return Shared(problem, None, {}, {}, sure=not doubtful)
        return self._agreed(taken, extras, found)

    def _agreed(self, taken: Taken, kept: Sequence[_Extra], found: Together) -> Shared:
        """The plan under the answers found, and what nothing can be below."""
        parts = [*taken.parts, *(part for _, _, part in kept)]
        optima, own = found.optima[: len(taken.parts)], found.optima[len(taken.parts) :]
        first = (0,) * len(optima)
        later = self._later() if any(one.quicker for one in optima) else {}
        picks = quickest(taken, optima, later, of_those_told=True) or first
        allowed = agreed(parts, found.optima, (*picks, *(0 for _ in own)))
        if allowed is None:
            picks, allowed = first, agreed(parts, found.optima, (0,) * len(parts))
        answers = {**found.answers, **{fact: min(values) for fact, values in (allowed or {}).items()}}
        told = solution_of(taken, optima, picks)
        solution, holds = confirmed(taken, told, answers)
        names = {number: key for key, number in self.facts.items()}
        return Shared(
            self.problem,
            solution,
            {names[fact]: value for fact, value in answers.items()},
            {
                (n, f): self.workshop.named(self._piece(n, f), one, 0)
                for (n, f, _), one in zip(kept, own, strict=True)
            },
            limits=self._limits(taken, kept, found, solution, picks)
            if holds and allowed is not None
            else None,
        )

    def _later(self) -> dict[int, int]:
        """Days that follow upon elements of the problem."""
        number = self.problem.number
        return {number[key]: days for key, days in self.after().items() if key in number}

    def _limits(
        self,
        taken: Taken,
        kept: Sequence[_Extra],
        found: Together,
        solution: Solution,
        picks: Sequence[int],
    ) -> Limits | None:
        """What nothing can be below; ``None`` where the pieces do not tell."""
        optima, own = found.optima[: len(picks)], found.optima[len(picks) :]
        if not found.floor or any(one.suspect or not one.proved for one in own):
            return None
        read = parts_of(PARTS)
        rank, money, effort, items = map(int.__sub__, read(solution.costs), read(forced_costs(taken)))
        for one in optima:
            least = self.workshop.parts(one.cost)
            rank, money, effort, items = map(int.__sub__, (rank, money, effort, items), least)
        all_answers = [found.exact or not part.facts for part in taken.parts]
        hasty = {
            (number, first): self.workshop.hasty(self._piece(number, first), one, all_answers=found.exact)
            for (number, first, _), one in zip(kept, own, strict=True)
        }
        told = zip(optima, picks, all_answers, strict=True)
        if all(all_ and optimum.none_quicker(pick) for optimum, pick, all_ in told):
            return Limits((rank, money, effort, items), None, hasty, {})
        vague = self._vague(taken, optima, picks, all_answers)
        return Limits((rank, money, effort, items), soonest(taken, optima, all_answers), hasty, vague)

    def _vague(
        self, taken: Taken, optima: Sequence[Optimum], picks: Sequence[int], all_answers: Sequence[bool]
    ) -> dict[int, dict[str, int]]:
        """Kinds whose piece goes beyond them and might be done sooner than it is here."""
        home = {
            self._place(kind.units[0], self.finest): number
            for number, kind in enumerate(self.kinds)
            if kind.beyond
        }
        elements, within = self.problem.elements, set[int]()
        results: dict[int, list[int]] = {}
        for local, optimum, pick, all_ in zip(taken.locals, optima, picks, all_answers, strict=True):
            here = {number for number in local.elements if number >= 0 and elements[number].place in home}
            within |= here
            if here and not (all_ and optimum.none_quicker(pick)):
                for one in here & {local.elements[goal] for goal in local.problem.goals}:
                    results.setdefault(home[elements[one].place], []).append(one)
        if not results:
            return {}
        own = {number for number, one in enumerate(elements) if one.place in home and number not in within}
        end = soonest(taken, optima, all_answers, own)
        return {kind: {elements[one].name: end[one] for one in told} for kind, told in results.items()}

    def _piece(self, kind: int, first: int) -> int:
        return dict(self.kinds[kind].pieces)[first]

    # -- units with a say

    def _place(self, unit: int, level: int) -> str:
        table = self.columns.table
        return table.places[level][int(table.above[self.finest][level][unit])]

    def _part(self, kind: Kind, piece: int) -> Part:
        """A unit's piece with its facts numbered as in the joint problem."""
        shelf = self.workshop.shelves[piece]
        local: dict[int, int] = {}
        widths: dict[int, int] = {}
        mask = 0
        for at, fact in enumerate(shelf.local.facts):
            open_ = self.template.problem.facts[fact]
            level = self.template.fact_level[fact]
            place = self._place(kind.units[0], level)  # of the building that stands in
            number = self.facts.setdefault((open_.name, place), len(self.facts))
            local[number], widths[number] = at, len(open_.classes)
            mask |= 1 << number
        return Part(mask, local, widths, shelf.part.ask, len(kind.units))
