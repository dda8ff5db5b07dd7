"""Where the pieces of a city are cut out, solved and kept, each once.

Reads from: ``cuts``, ``view``, ``pieces``, ``growing``, ``lending``, ``signs``, ``together``,
``completions``, ``truth``.  Read by: ``columns``, ``agree``, ``measure``, ``walks``, ``unitwork``.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np
from numpy.typing import DTypeLike, NDArray

from taizhang.rules.candidates import MOST_TIES, Candidate, Optimum
from taizhang.rules.completions import Explorer
from taizhang.rules.cuts import Cut, Cuts
from taizhang.rules.growing import Growing
from taizhang.rules.lending import Renumbering
from taizhang.rules.pieces import LocalPiece, Noted, Piece, local_piece, mask_of
from taizhang.rules.resolve import Changes, Resolved, settle_node
from taizhang.rules.signs import element_sign
from taizhang.rules.solver import Library, part_of
from taizhang.rules.template import Template
from taizhang.rules.together import Part, agreed, together
from taizhang.rules.truth import TRUE, standing
from taizhang.rules.view import Above, View

__all__ = ["PARTS", "TORN", "Bundle", "Shelf", "Workshop", "workshop_of"]

PARTS = ("rank", "money", "effort", "items")  #: of the objective, those that add up
TORN = -2  #: cannot be cut out: the row is planned on its own
_SOMEWHERE = frozenset({-1})  # open facts outside of a piece
_MOST_ASKED = 512  # cells visited for the questions of one piece


@dataclass(frozen=True, slots=True)
class Shelf:
    """A piece that is kept.

    Attributes:
        local: The piece, its elements and facts in the template's numbers.
        part: For solving it together with others.
        optimum: Its least cost with all answers open; ``None``: blocked.
        always: Whether it can be completed whatever the answers are; ``None``: not known here.
        swallowed: First choices of the pieces above that it takes in.
        beyond: Whether it uses something of the tier above that is not needed anyway.
    """

    local: LocalPiece
    part: Part
    optimum: Optimum | None
    always: bool | None
    swallowed: tuple[int, ...] = ()
    beyond: bool = False


@dataclass(frozen=True, slots=True)
class Bundle:
    """Pieces that must agree on open facts, solved together.

    Attributes:
        cost: Lifts, then the parts that add up.
        candidates: Number of the candidate of each piece.
        hurried: Likewise, those than which none is quicker.
        quick: Whether ``hurried`` is known: the choice is between the two.
    """

    cost: tuple[int, ...]
    candidates: tuple[int, ...]
    hurried: tuple[int, ...]
    quick: bool


@dataclass(slots=True)
class Workshop:
    """Cuts pieces out of rows and keeps them.

    Attributes:
        template: The compiled pack.
        objective: Parts in the declared order.
        library: Pieces solved before.
        shelves: The pieces, by number.
        candidates: Solutions in use, by number, with the piece each belongs to.
        rivals: How many equally cheap ones each of them has beside it.
        gone: Pieces of another law that this one does not have; they only keep their numbers.
        kept: What else follows from pieces alone, however the law numbers their elements.
        numbered_here: What else follows, in the numbers of this law.
    """

    template: Template
    objective: tuple[str, ...]
    library: Library
    shelves: list[Shelf] = field(default_factory=list)
    candidates: list[tuple[int, Candidate]] = field(default_factory=list)
    rivals: list[int] = field(default_factory=list)
    _number: dict[Hashable, int] = field(default_factory=dict)
    _by_key: dict[tuple[int, int, int], int] = field(default_factory=dict)
    _candidate: dict[tuple[int, object, object], int] = field(default_factory=dict)
    _bundle: dict[tuple[int, ...], Bundle | None] = field(default_factory=dict)
    _asks: dict[int, frozenset[int]] = field(default_factory=dict)
    _columns: dict[Hashable, Any] = field(default_factory=dict)
    _places: tuple[int, ...] = ()
    kept: dict[Hashable, Any] = field(default_factory=dict)
    numbered_here: dict[Hashable, Any] = field(default_factory=dict)
    gone: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        """Note where the parts that add up stand in a cost."""
        added = [name for name in self.objective if name != "days"]
        self._places = tuple(added.index(one) if one in added else -1 for one in PARTS)

    def numbered(
        self, tier_number: int, cuts: Cuts, above: Above | None = None
    ) -> Iterator[tuple[Cut, NDArray[np.int32]]]:
        """Yield every cut with the number of each row's piece."""
        for cut, reach in cuts.cuts():
            structure = cut.key
            if above is not None:
                structure = structure + above.context(cuts, reach, cut.rows)
            keys, first, inverse = np.unique(structure, return_index=True, return_inverse=True)
            numbers = np.empty(keys.size, np.int32)
            sign = element_sign(self.template, cut.first)
            for at, (key, row) in enumerate(zip(keys.tolist(), first.tolist(), strict=True)):
                known = tier_number, sign, key
                if known not in self._by_key:
                    view = View(cuts, int(cut.rows[row]), reach[:, row], above)
                    self._by_key[known] = self._cut_out(view)
                numbers[at] = self._by_key[known]
            yield cut, numbers[inverse]

    def _cut_out(self, view: View) -> int:
        """The number of the piece of one row."""
        if view.torn:
            return TORN
        answers = view.answers()
        resolved, demanded = self._resolved(view, answers)
        piece = Piece(view.members, mask_of(view.inner), 0)
        local = local_piece(resolved, demanded, piece, self.template.rank, answers, Noted(view.spread()))
        key = local.key, view.swallowed, view.beyond
        if key not in self._number:
            self._number[key] = len(self.shelves)
            self.shelves.append(self._shelf(piece, local, view))
        return self._number[key]

    def _resolved(self, view: View, answers: dict[int, int]) -> tuple[Resolved, int]:
        """The elements of a piece and what they need, resolved as the columns say."""
        problem = self.template.problem
        n = len(problem.elements)
        resolved = Resolved(
            problem, [False] * n, [False] * n, [False] * n, [()] * n, [None] * n, [0] * n,
            [frozenset()] * n, tuple(sorted(view.inner)),
        )  # fmt: skip
        demanded = 0
        needs = {
            one
            for number in view.inner
            for way in self.template.ways[number]
            for need in way.needs
            for one in need.of
        }
        for one in needs | set(view.inner):
            resolved.free[one] = view.see("free", one)
            resolved.feasible[one] = view.see("feasible", one)
            resolved.proved[one] = view.see("proved", one)
            if resolved.proved[one] and view.see("doubt", one):
                resolved.doubts[one] = _SOMEWHERE
            if view.demanded(one):
                demanded |= 1 << one
        for number in sorted(view.inner, reverse=True):
            if problem.elements[number].options:
                settle_node(resolved, number, problem.elements[number], answers, Changes())
                # a way that waits for other places may be closed there, which this row alone does not show
                resolved.branches[number] = tuple(
                    branch for branch in resolved.branches[number] if view.alive(number, branch.option.way.id)
                )
        return resolved, demanded

    def _shelf(self, piece: Piece, local: LocalPiece, view: View) -> Shelf:
        added = tuple(name for name in self.objective if name != "days")
        solver = self.library.solver(local, added)
        at = {number: place for place, number in enumerate(local.elements)}
        spread = frozenset((at[number], way) for number, way in view.spread(sure=False))
        known = self.library.always
        if (local.key, spread) not in known:
            known[local.key, spread] = _always(local, spread)
        part = part_of(self.template.problem, piece, local, solver)
        return Shelf(local, part, solver.optimum({}), known[local.key, spread], view.swallowed, view.beyond)

    def lent(self, template: Template, library: Library) -> Workshop:
        """The workshop of another law, with the pieces that mean the same there, under the same numbers."""
        move = Renumbering.between(self.template, template)
        other = Workshop(template, self.objective, library)
        told = [
            None if number in self.gone else shelf if move.same else _renumbered(move, shelf)
            for number, shelf in enumerate(self.shelves)
        ]
        other.shelves = [new or _absent(old) for new, old in zip(told, self.shelves, strict=True)]
        other.gone = frozenset(number for number, shelf in enumerate(told) if shelf is None)
        other._by_key = {key: number for key, number in self._by_key.items() if number not in other.gone}
        for number, shelf in enumerate(told):
            if shelf is not None:
                other._number.setdefault((shelf.local.key, shelf.swallowed, shelf.beyond), number)
        other.candidates, other.rivals = list(self.candidates), list(self.rivals)
        other._candidate, other._bundle = dict(self._candidate), dict(self._bundle)
        other._columns = {name: column.copied() for name, column in self._columns.items()}
        other.kept = dict(self.kept)
        return other

    def parts(self, cost: tuple[int, ...]) -> tuple[int, ...]:
        """Rank, money, effort and number of papers of a cost, whose parts come as they are declared."""
        return tuple(cost[1 + at] if at >= 0 else 0 for at in self._places)

    def per_piece(
        self,
        name: str,
        otherwise: object,
        dtype: DTypeLike,
        value: Callable[[int], object],
        *,
        here: bool = False,
    ) -> NDArray[Any]:
        """One value for each piece; ``otherwise`` is the last, for rows without one.

        Where it is told in numbers of this law, ``here`` is true.
        """
        return self._column(name, otherwise, dtype, here=here).upto(len(self.shelves), value)

    def per_candidate(
        self,
        name: str,
        otherwise: object,
        dtype: DTypeLike,
        value: Callable[[int], object],
        *,
        here: bool = False,
    ) -> NDArray[Any]:
        """One value for each candidate; ``otherwise`` is the last, for rows without one."""
        return self._column(name, otherwise, dtype, here=here).upto(len(self.candidates), value)

    def _column(self, name: str, otherwise: object, dtype: DTypeLike, *, here: bool) -> Growing:
        columns = self.numbered_here if here else self._columns
        if name not in columns:
            columns[name] = Growing(otherwise, dtype)
        return cast(Growing, columns[name])

    def asks(self, number: int) -> frozenset[int]:
        """Open facts of the template whose answer changes the plan of a piece."""
        if number not in self._asks:
            local = self.shelves[number].local
            explorer = Explorer(local.problem, self.objective, local.order, _MOST_ASKED)
            found = explorer.matter(tuple(local.problem.goals))
            self._asks[number] = frozenset(local.facts[fact] for fact in found)
        return self._asks[number]

    # -- together

    def bundle(self, numbers: tuple[int, ...]) -> Bundle | None:
        """Pieces under common answers; ``None`` where no answers suit them all."""
        if numbers not in self._bundle:
            self._bundle[numbers] = self._together(numbers)
        return self._bundle[numbers]

    def _together(self, numbers: tuple[int, ...]) -> Bundle | None:
        parts = [self.shelves[number].part for number in numbers]
        found = together(parts)
        if found is None:
            return None
        first = (0,) * len(parts)
        sure = found.exact and all(one.proved and not one.suspect for one in found.optima)
        quickest = [one.quickest() for one in found.optima]
        quick = sure and agreed(parts, found.optima, first) is not None
        quick = quick and all(one.complete or not one.quicker for one in found.optima)
        hurried = tuple(pick or 0 for pick in quickest)
        quick = quick and all(one.complete for rival in found.rivals for one in rival.optima)
        agree = None not in quickest and not found.rivals and agreed(parts, found.optima, hurried) is not None
        told = list(zip(numbers, found.optima, quickest, strict=True))
        rivals = [tuple(rival.optima[at] for rival in found.rivals) for at in range(len(parts))]
        return Bundle(
            found.cost,
            tuple(self.named(number, one, 0) for number, one, _ in told),
            tuple(
                self.named(number, one, pick)
                if agree and pick is not None
                else self.bound(number, one, rivals[at])
                for at, (number, one, pick) in enumerate(told)
            ),
            quick,
        )

    def hasty(self, number: int, optimum: Optimum, *, all_answers: bool) -> int:
        """A solution as quick as any of least cost; where these are not all told, one that takes no time."""
        if all_answers and optimum.none_quicker(0):
            return self.named(number, optimum, 0)
        if all_answers and optimum.complete and not optimum.suspect:
            return self.bound(number, optimum, ())
        return self._entered((number, "bound", "at once"), number, replace(optimum.candidates[0], profile={}))

    def bound(self, number: int, optimum: Optimum, rivals: tuple[Optimum, ...]) -> int:
        """A solution that cannot be had, as quick on every path as the quickest: a bound for the days."""
        candidates = [one for each in (optimum, *rivals) for one in each.candidates]
        if not optimum.quicker and all(one.profile == candidates[0].profile for one in candidates):
            return self.named(number, optimum, 0)
        shared = set.intersection(*(set(one.profile) for one in candidates))
        profile = {at: min(one.profile[at] for one in candidates) for at in sorted(shared)}
        key = number, "bound", tuple(one.key for one in candidates)
        return self._entered(key, number, replace(candidates[0], profile=profile))

    def _entered(self, key: tuple[int, object, object], number: int, bound: Candidate) -> int:
        """The number of a solution that cannot be had."""
        if key not in self._candidate:
            self._candidate[key] = len(self.candidates)
            self.candidates.append((number, bound))
            self.rivals.append(MOST_TIES)
        return self._candidate[key]

    def named(self, number: int, optimum: Optimum, pick: int) -> int:
        """The number of a piece's candidate."""
        candidate = optimum.candidates[pick]
        key = number, "taken", candidate.key
        if key not in self._candidate:
            self._candidate[key] = len(self.candidates)
            self.candidates.append((number, candidate))
            self.rivals.append(len(optimum.candidates) - 1)
        return self._candidate[key]


def workshop_of(template: Template, objective: tuple[str, ...], library: Library) -> Workshop:
    """The workshop of a law, kept with the pieces that were solved for it."""
    key = id(template), objective  # the workshop keeps the template: no other can have its id
    if key not in library.shops:
        lenders = [cast(Workshop, one) for one in library.lenders]
        lender = next((one for one in reversed(lenders) if one.objective == objective), None)
        library.shops[key] = (
            lender.lent(template, library) if lender else Workshop(template, objective, library)
        )
    return cast(Workshop, library.shops[key])


def _absent(shelf: Shelf) -> Shelf:
    """A piece that no row has: it only keeps its number."""
    local = shelf.local
    zeros = (0,) * len(local.elements)
    local = replace(local, elements=zeros, facts=(0,) * len(local.facts), slots=(0,) * len(local.slots))
    return replace(shelf, local=local, part=Part(0, {}, {}, shelf.part.ask), swallowed=())


def _renumbered(move: Renumbering, shelf: Shelf) -> Shelf | None:
    """A piece in the numbers of another law; ``None`` where that law does not have all of it."""
    local = move.piece(shelf.local)
    swallowed = tuple(move.elements[one] for one in shelf.swallowed)
    if local is None or -1 in swallowed:
        return None
    return replace(shelf, local=local, part=move.part(shelf.part), swallowed=swallowed)


def _always(local: LocalPiece, spread: frozenset[tuple[int, str]]) -> bool | None:
    """Whether a piece can be completed whatever the answers are; ``None``: other places decide."""

    def holds(without: frozenset[tuple[int, str]]) -> bool:
        elements = list(local.problem.elements)
        for number, way in without:
            kept = tuple(one for one in elements[number].options if one.way.id != way)
            elements[number] = replace(elements[number], options=kept)
        stands = standing(replace(local.problem, elements=tuple(elements)))
        return all(stands.possible[member] == TRUE for member in local.problem.goals)

    if holds(spread):
        return True
    return None if spread and holds(frozenset()) else False
