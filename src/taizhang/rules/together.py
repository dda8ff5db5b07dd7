"""Pieces together: the open facts that several of them read must be answered alike.

Every piece knows its least cost under any answers.  Where the pieces agree on their own, their
costs add up; where they do not, the facts they differ on are answered one way and the other,
cheapest first, until they agree.

Reads from: ``optima``.  Read by: ``solver``, ``conditioning``, ``workshop``, ``agree``.

Source:
    Branch and bound with an additive bound: Land and Doig, "An automatic method of solving
    discrete programming problems" (1960).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count, product
from math import prod
from typing import TypeAlias

from taizhang.rules.candidates import Optimum
from taizhang.rules.favourable import MOST_CELLS, Answers, Total
from taizhang.rules.resolve import bits

__all__ = ["Allowed", "Part", "Together", "agreed", "sharing", "together"]

#: Answers that open facts may have.
Allowed: TypeAlias = dict[int, frozenset[int]]

MOST_RIVALS = 16  #: equally cheap answers that are kept

#: Least cost of a piece under answers to the whole problem's facts.
Ask: TypeAlias = Callable[[Answers], Optimum | None]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece as seen from the whole problem.

    Attributes:
        facts: Its open facts, in the whole problem's numbers, as bits.
        local: Local number by fact.
        widths: Number of answers by fact.
        ask: Its least cost under answers in local numbers.
        weight: How many like pieces it stands for.
    """

    facts: int
    local: Mapping[int, int]
    widths: Mapping[int, int]
    ask: Ask
    weight: int = 1

    def optimum(self, answers: Mapping[int, int]) -> Optimum | None:
        """The least cost under answers in the whole problem's numbers."""
        return self.ask({self.local[fact]: value for fact, value in answers.items() if fact in self.local})


@dataclass(frozen=True, slots=True)
class Together:
    """Answers under which the parts together cost least.

    Attributes:
        cost: Of all parts, by their weights.
        answers: To the facts that had to be settled; the rest each part answers for itself.
        optima: Of each part under these answers.
        exact: Whether no limit was hit.
        rivals: Other answers under which the parts cost the same.
        floor: Whether nothing costs less for certain, though it may be that nothing costs so little.
    """

    cost: Total
    answers: Answers
    optima: tuple[Optimum, ...]
    exact: bool
    rivals: tuple[Together, ...] = ()
    floor: bool = True


def together(parts: Sequence[Part], most: int = MOST_CELLS, *, rivals: bool = True) -> Together | None:
    """Return the cheapest answers for several parts; ``None`` where none suits them all.

    Args:
        parts: Those that share no open fact are settled on their own.
        most: Cells of answers visited for parts that do; then the answer is a bound.
        rivals: Look for all equally cheap answers; otherwise, where there may be others, the
            answer is called not exact.
    """
    settled: list[list[Together]] = []
    groups = sharing([part.facts for part in parts])
    exact = floor = True
    for members in groups:
        leaves, sure, bounds = _leaves([parts[at] for at in members], most, rivals=rivals)
        if not leaves:
            return None
        settled.append(leaves)
        exact, floor = exact and sure, floor and bounds
    if prod(map(len, settled)) > MOST_RIVALS:
        settled, exact = [leaves[:1] for leaves in settled], False
    combined = [_combined(groups, leaves, exact) for leaves in product(*settled)]
    return replace(combined[0], rivals=tuple(combined[1:]), floor=floor)


def _combined(groups: Sequence[Sequence[int]], leaves: Sequence[Together], exact: bool) -> Together:
    """Groups of parts side by side, the parts in their own order."""
    optima: dict[int, Optimum] = {}
    answers: Answers = {}
    cost: Total = ()
    for members, leaf in zip(groups, leaves, strict=True):
        optima.update(zip(members, leaf.optima, strict=True))
        answers |= leaf.answers
        cost = tuple(map(int.__add__, cost, leaf.cost)) if cost else leaf.cost
    return Together(cost, answers, tuple(optima[at] for at in sorted(optima)), exact)


def sharing(facts: Sequence[int]) -> list[tuple[int, ...]]:
    """Positions of sets of open facts (as bits) that overlap, directly or through others.

    The sets come in the order of their last positions.

    >>> sharing([0b01, 0b100, 0b11, 0b10])
    [(1,), (0, 2, 3)]

    Source:
        Disjoint sets with path halving: Tarjan and van Leeuwen, "Worst-case analysis of set union
        algorithms" (1984).
    """
    first: dict[int, int] = {}  # fact -> the first that reads it
    joined = list(range(len(facts)))  # towards the one that stands for the set

    def stands_for(at: int) -> int:
        while joined[at] != at:
            joined[at] = at = joined[joined[at]]
        return at

    for at, own in enumerate(facts):
        for fact in bits(own):
            joined[stands_for(first.setdefault(fact, at))] = stands_for(at)
    groups: dict[int, list[int]] = {}
    for at in range(len(facts)):
        groups.setdefault(stands_for(at), []).append(at)
    return sorted(map(tuple, groups.values()), key=lambda group: group[-1])


def _leaves(parts: Sequence[Part], most: int, *, rivals: bool) -> tuple[list[Together], bool, bool]:
    """The cheapest answers of parts that share open facts; whether these are all; whether none cost less."""
    shared = _shared(parts)
    first = _cell(parts, {})
    if first is None:
        return [], True, True
    floor = first.floor
    serial = count()
    heap = [(first.cost, next(serial), first)]
    leaves: list[Together] = []
    for visited in count(1):
        if not heap or (leaves and heap[0][0] > leaves[0].cost):
            break
        if leaves and not rivals:
            return leaves, False, floor
        _, _, cell = heapq.heappop(heap)
        if visited > most or len(leaves) > MOST_RIVALS:
            return leaves[:1] or [cell], False, floor
        fact = _differs(parts, cell, shared)
        if fact is None:
            leaves.append(cell)
            if not cell.answers:
                break  # nothing was fixed: what costs the same is among the candidates
            continue
        for value in _values(parts, fact):
            below = _cell(parts, cell.answers | {fact: value}, cell, fact)
            if below is not None:
                floor = floor and below.floor
                heapq.heappush(heap, (below.cost, next(serial), below))
    return leaves, True, floor


def agreed(parts: Sequence[Part], optima: Sequence[Optimum], picks: Sequence[int]) -> Allowed | None:
    """The answers that suit all picked candidates; ``None`` where they contradict one another."""
    allowed: Allowed = {}
    for part, optimum, pick in zip(parts, optima, picks, strict=True):
        candidate = optimum.candidates[pick]
        for fact, local in part.local.items():
            values = candidate.allowed.get(local)
            if values is not None:
                left = allowed.get(fact, values) & values
                if not left:
                    return None
                allowed[fact] = left
    return allowed


def _shared(parts: Sequence[Part]) -> int:
    once = twice = 0
    for part in parts:
        twice |= once & part.facts
        once |= part.facts
    return twice


def _cell(
    parts: Sequence[Part], answers: Answers, above: Together | None = None, fact: int = -1
) -> Together | None:
    """The parts under some answers; those that do not read the fact are as in the cell above."""
    optima: list[Optimum] = []
    for at, part in enumerate(parts):
        found = part.optimum(answers) if above is None or fact in part.local else above.optima[at]
        if found is None:
            return None
        optima.append(found)
    if not optima:
        return Together((), answers, (), True)
    columns = zip(*(one.cost for one in optima), strict=True)
    weights = [part.weight for part in parts]
    cost = tuple(sum(w * one for w, one in zip(weights, column, strict=True)) for column in columns)
    return Together(cost, answers, tuple(optima), True, floor=all(one.floor for one in optima))


def _differs(parts: Sequence[Part], cell: Together, shared: int) -> int | None:
    """The first shared fact on which the candidates shown first disagree."""
    seen: Allowed = {}
    found: list[int] = []
    for part, optimum in zip(parts, cell.optima, strict=True):
        if not part.facts & shared or not optimum.candidates:
            continue
        for fact, local in part.local.items():
            values = optimum.candidates[0].allowed.get(local)
            if values is not None and fact not in cell.answers:
                seen[fact] = seen.get(fact, values) & values
                if not seen[fact]:
                    found.append(fact)
    return min(found, default=None)


def _values(parts: Sequence[Part], fact: int) -> range:
    for part in parts:
        if fact in part.local:
            return range(part.widths[fact])
    raise AssertionError("the fact belongs to one of the parts")
