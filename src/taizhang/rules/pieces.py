"""A problem taken apart: what every plan needs, and the pieces in which there is a choice.

Most of a case is settled: an element with one way left needs all that this way needs.  What is
left are *pieces*, sets of choices that share no paper and no step with one another.  A piece is
solved on its own; what every plan needs anyway costs a piece nothing.  Pieces recur from building
to building and from estate to estate, so each is solved once and remembered by its structure.

Reads from: ``ground``, ``resolve``, ``terms``.  Read by: ``solver``, ``together``, ``columns``.

Source:
    Component decomposition: Bayardo and Pehoushek, "Counting models using connected
    components" (2000); dominators of AND/OR proofs as landmarks: Porteous, Sebastia and
    Hoffmann, "On the extraction, ordering, and usage of landmarks in planning" (2001).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from taizhang.rules.ground import Choice, Condition, Element, Option, Problem, condition_of, plain_need
from taizhang.rules.resolve import Resolved, bits
from taizhang.rules.terms import Cost, Held

__all__ = ["LocalPiece", "Noted", "Piece", "Split", "Ways", "local_piece", "mask_of", "split"]

#: Elements and ways.
Ways: TypeAlias = frozenset[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Piece:
    """Choices that share something below them.

    Attributes:
        members: Elements that must be established, ascending.
        inner: Elements that only this piece may use, members included, as bits.
        facts: Open facts it may rely on, as bits.
    """

    members: tuple[int, ...]
    inner: int
    facts: int


@dataclass(frozen=True, slots=True)
class Split:
    """What every plan needs, and the pieces.

    Attributes:
        forced: Papers and nodes with one way left, ascending.
        demanded: All elements that every plan establishes, choices included, as bits.
        pieces: In order of their first member.
    """

    forced: tuple[int, ...]
    demanded: int
    pieces: tuple[Piece, ...]


def mask_of(numbers: Iterable[int]) -> int:
    """Numbers as bits."""
    mask = 0
    for number in numbers:
        mask |= 1 << number
    return mask


def split(resolved: Resolved, goals: Iterable[int]) -> Split:
    """Take a feasible problem apart.

    Args:
        resolved: The problem under its answers; all goals feasible.
        goals: Elements to be established.

    Cost:
        One pass down over what is demanded, one over what lies below the choices.
    """
    demanded = mask_of(goals)
    forced: list[int] = []
    choices: list[int] = []
    for number in resolved.active:
        if not demanded >> number & 1 or resolved.free[number]:
            continue
        branches, leaf = resolved.branches[number], resolved.leaf[number]
        if not branches:
            forced.append(number)
        elif leaf is None and len(branches) == 1 and not branches[0].relies:
            forced.append(number)
            demanded |= mask_of(branches[0].needs)
        else:
            choices.append(number)
            if leaf is None:
                common = -1
                for branch in branches:
                    common &= mask_of(branch.needs)
                demanded |= common
    return Split(tuple(forced), demanded, _pieces(resolved, demanded, choices))


def _pieces(resolved: Resolved, demanded: int, choices: Sequence[int]) -> tuple[Piece, ...]:
    reach: dict[int, tuple[int, int]] = {}
    groups: list[tuple[int, int, tuple[int, ...]]] = []
    seen = 0
    for choice in choices:
        inner, facts = _below(resolved, demanded, choice, reach)
        members: tuple[int, ...] = (choice,)
        if inner & seen:  # most choices share nothing: then the groups need not be gone through
            rest = []
            for other in groups:
                if other[0] & inner:
                    inner, facts, members = inner | other[0], facts | other[1], other[2] + members
                else:
                    rest.append(other)
            groups = rest
        groups.append((inner, facts, members))
        seen |= inner
    pieces = (Piece(tuple(sorted(members)), inner, facts) for inner, facts, members in groups)
    return tuple(sorted(pieces, key=lambda piece: piece.members))


def _below(
    resolved: Resolved, demanded: int, number: int, known: dict[int, tuple[int, int]]
) -> tuple[int, int]:
    """Elements that only a choice may use, and the open facts read there, as bits."""
    if number in known:
        return known[number]
    inner, facts = 1 << number, 0
    for branch in resolved.branches[number]:
        facts |= mask_of(branch.relies)
        for need in branch.needs:
            if not demanded >> need & 1:
                below = _below(resolved, demanded, need, known)
                inner, facts = inner | below[0], facts | below[1]
    known[number] = inner, facts
    return inner, facts


# ---------------------------------------------------------------------------- on its own

_OWED = Element("", "", Held.MISSING, (), Cost(0, 0, 0), 0)  # costs nothing and is not proved


@dataclass(frozen=True, slots=True)
class LocalPiece:
    """A piece as a problem of its own, numbered afresh.

    Attributes:
        key: Its structure; pieces with equal keys have equal solutions.
        problem: Elements renumbered; what is paid elsewhere is left out of the needs.
        order: Papers in the order that breaks ties.
        elements: Number in the whole problem, by local number; -1 for the token of what is owed.
        facts: Open fact in the whole problem, by local number.
        outside: By local element and way: needs that are paid elsewhere, as numbers of slots.
        slots: Number in the whole problem, by slot.
        suspects: Ways that may cost more than they do here, by local element: whether they are
            proved depends on open facts outside, one of several things paid for elsewhere would
            do, or they need something of other places too.
        weight: How many like places every element stands for; 0 where some stand for more than others.
    """

    key: tuple[Hashable, ...]
    problem: Problem
    order: tuple[int, ...]
    elements: tuple[int, ...]
    facts: tuple[int, ...]
    outside: dict[tuple[int, str], tuple[int, ...]]
    slots: tuple[int, ...]
    suspects: frozenset[tuple[int, str]]
    weight: int

    def of_one(self) -> LocalPiece:
        """The same piece of one place, where every element stands for equally many."""
        *inner, owed = self.problem.elements
        elements = (*(replace(one, weight=1) for one in inner), owed)
        key = (*self.key[:-1], (1,))
        return replace(self, key=key, problem=replace(self.problem, elements=elements), weight=1)


@dataclass(frozen=True, slots=True)
class Noted:
    """What is known of ways of a piece and does not show in it.

    Attributes:
        spread: Those that need something of other places as well.
        spared: Those whose rank does not count.
    """

    spread: Ways = frozenset()
    spared: Ways = frozenset()


def local_piece(
    resolved: Resolved,
    demanded: int,
    piece: Piece,
    rank: Mapping[int, int],
    answers: Mapping[int, int],
    noted: Noted | None = None,
) -> LocalPiece:
    """Return a piece as a problem of its own.

    Args:
        resolved: The whole problem under its answers.
        demanded: Elements that every plan establishes.
        piece: One of its pieces.
        rank: Position of papers in the order that breaks ties.
        answers: Those the problem was resolved under.
        noted: What is known of its ways and does not show in it.

    Returns:
        The piece on its own.  Where a solution uses none of the suspects it is the optimum.
    """
    return _Cutting(resolved, demanded, piece, rank, answers, noted or Noted()).run()


class _Cutting:
    """Cuts one piece out."""

    def __init__(
        self,
        resolved: Resolved,
        demanded: int,
        piece: Piece,
        rank: Mapping[int, int],
        answers: Mapping[int, int],
        noted: Noted,
    ) -> None:
        self.resolved, self.demanded, self.piece, self.rank = resolved, demanded, piece, rank
        self.answers, self.noted = answers, noted
        self.numbers = tuple(bits(piece.inner))
        self.local = {number: at for at, number in enumerate(self.numbers)}
        self.owed = len(self.numbers)
        self.facts: dict[int, int] = {}
        self.places: dict[str, int] = {}
        self.slots: dict[int, int] = {}
        self.outside: dict[tuple[int, str], tuple[int, ...]] = {}
        self.suspects: set[tuple[int, str]] = set()
        self.ranked = self._below_ranked()

    def run(self) -> LocalPiece:
        elements: list[Element] = []
        keys: list[Hashable] = []
        for number in self.numbers:
            element, key = self._element(number)
            elements.append(element)
            keys.append(key)
        whole = self.resolved.problem
        facts = tuple(whole.facts[fact] for fact in self.facts)
        members = tuple(self.local[number] for number in self.piece.members)
        papers = [at for at, number in enumerate(self.numbers) if number in self.rank]
        papers.sort(key=lambda at: self.rank[self.numbers[at]])
        problem = Problem((*elements, _OWED), members, facts, {}, {})
        widths = tuple((fact.name, len(fact.classes), self._place(fact.place)) for fact in facts)
        slots = tuple(map(self._told, self.slots))
        suspects = frozenset(self.suspects)
        weights = tuple(element.weight for element in elements)
        if len(set(weights)) == 1:
            weights = weights[:1]
        key = (members, tuple(papers), widths, tuple(keys), slots, suspects, weights)
        return LocalPiece(
            key,
            problem,
            (*papers, self.owed),
            (*self.numbers, -1),
            tuple(self.facts),
            self.outside,
            tuple(self.slots),
            suspects,
            weights[0] if len(weights) == 1 else 0,
        )

    def _below_ranked(self) -> set[int]:
        """Elements of the piece on whose proof it may rest that the rank of a way above does not count."""
        found: set[int] = set()
        for number in self.numbers:  # what an element needs has a higher number
            for branch in self.resolved.branches[number]:
                if number in found or branch.option.way.rank > 0:
                    found.update(one for need in branch.option.needs for one in need.of if one in self.local)
        return found

    def _place(self, place: str) -> int:
        return self.places.setdefault(place, len(self.places))

    def _told(self, number: int) -> Hashable:
        element = self.resolved.problem.elements[number]
        return element.name, self._place(element.place)

    def _element(self, number: int) -> tuple[Element, Hashable]:
        element = self.resolved.problem.elements[number]
        place = self._place(element.place)
        alive = {branch.option.way.id for branch in self.resolved.branches[number]}
        options, keys = [], []
        for option in element.options:
            if option.way.id in alive:
                cut, key = self._option(number, option)
                options.append(cut)
                keys.append((option.way.id, *key))
        cost = element.cost
        new = Element(element.name, element.place, element.held, tuple(options), cost, element.weight)
        return new, (element.name, place, element.held, tuple(keys))

    def _option(self, number: int, option: Option) -> tuple[Option, tuple[Hashable, ...]]:
        needs: list[Choice] = []
        outside: list[int] = []
        owed = doubted = vague = False
        resolved = self.resolved
        for need in option.needs:
            if need.k == 1 == len(need.of):  # most needs are of one thing
                (one,) = need.of
                if resolved.free[one]:
                    continue
                if not resolved.feasible[one]:
                    needs.append(Choice(1, ()))
                elif self.demanded >> one & 1:
                    outside.append(one)
                    owed = owed or not resolved.proved[one]
                    doubted = doubted or bool(resolved.doubts[one])
                else:
                    needs.append(plain_need(self.local[one]))
                continue
            inner, paid, wanted = self._need(need)
            outside += paid
            if wanted > 0:
                needs.append(Choice(wanted, inner))
            # where several could do, another one may be what proves the way
            several = bool(paid) and need.k < len(need.of)
            owed = owed or not (several or all(resolved.proved[one] for one in paid))
            vague = vague or several  # and which of them comes first
            doubted = doubted or several or any(resolved.doubts[one] for one in paid)
        if owed:
            needs.append(plain_need(self.owed))
        at = self.local[number]
        spared = option.way.rank > 0 or number in self.ranked
        if vague or (spared and doubted and not owed) or (number, option.way.id) in self.noted.spread:
            self.suspects.add((at, option.way.id))
        when, told = self._when(option.when)
        slots = tuple(self.slots.setdefault(one, len(self.slots)) for one in outside)
        self.outside[at, option.way.id] = slots
        key = tuple((need.k, need.of) for need in needs), slots, told
        if (number, option.way.id) in self.noted.spared:
            return Option(replace(option.way, rank=0), tuple(needs), when), (*key, "spared")
        return Option(option.way, tuple(needs), when), key

    def _need(self, need: Choice) -> tuple[tuple[int, ...], list[int], int]:
        """Candidates inside, those paid elsewhere that are used, and how many more are wanted."""
        resolved, of = self.resolved, need.of
        wanted = need.k - sum(resolved.free[one] for one in of)
        if wanted <= 0:
            return (), [], 0
        feasible = [one for one in of if resolved.feasible[one] and not resolved.free[one]]
        paid = [one for one in feasible if self.demanded >> one & 1][:wanted]
        wanted -= len(paid)
        # what no branch goes through is not among them: a goal that is proved uses what is proved only
        inner = [self.local[one] for one in feasible if one in self.local and not self.demanded >> one & 1]
        return tuple(inner) if wanted else (), paid, wanted

    def _when(self, when: Condition | None) -> tuple[Condition | None, Hashable]:
        """A guard over the facts that are still open, in their new numbers."""
        if when is None or when.under(self.answers) is True:
            return None, None
        problem = self.resolved.problem
        open_ = [at for at, fact in enumerate(when.facts) if fact not in self.answers]
        for at in open_:
            self.facts.setdefault(when.facts[at], len(self.facts))
        open_.sort(key=lambda at: self.facts[when.facts[at]])
        facts = tuple(self.facts[when.facts[at]] for at in open_)
        holds = when.left(self.answers, tuple(open_))
        widths = tuple(len(problem.facts[when.facts[at]].classes) for at in open_)
        return condition_of(facts, holds, widths), (facts, holds)
