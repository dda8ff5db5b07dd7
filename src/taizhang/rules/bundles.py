"""The best set of so many shared papers, for one estate and for a city, exactly.

The levels take the problem apart.  Once it is fixed which papers of the estate are taken, its
buildings have nothing in common any more: each says how many homes so many papers of its own open,
and a knapsack puts the buildings together.  A second knapsack puts the estates together.

Reads from: ``labels``.  Read by: ``leverage``.

Source:
    Precedence-constrained knapsack by dynamic programming: Johnson and Niemi, "On knapsacks,
    partitions, and a new dynamic programming technique for trees" (1983).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

from taizhang.rules.labels import Label

__all__ = [
    "BuildingNeeds",
    "Curve",
    "Option",
    "best_of_estates",
    "curve_of",
    "greedy_of_estates",
    "options_of",
]

_MOST_TAKEN = 50_000  # sets of an estate's papers that are tried; beyond this the curve is not exact
_MOST_KINDS = 6  # kinds of homes of one building of which every set is tried

Key: TypeAlias = tuple[str, str]  # (paper, place)


@dataclass(frozen=True, slots=True)
class Option:
    """One way to open some homes of a building.

    Attributes:
        shared: Papers of the estate, as bits.
        own: Papers of the building.
        units: Homes it opens.
    """

    shared: int
    own: tuple[Key, ...]
    units: int


@dataclass(frozen=True, slots=True)
class BuildingNeeds:
    """What the homes of a building wait for.

    Attributes:
        kinds: Label and number of homes of each kind, over bits that ``papers`` names.
        papers: Papers by bit; of the estate where ``shared`` has the bit.
        shared: Bits of the papers of the estate.
    """

    kinds: tuple[tuple[Label, int], ...]
    papers: tuple[Key, ...]
    shared: int


@dataclass(frozen=True, slots=True)
class Curve:
    """How many homes of an estate so many papers open at most, by number of papers from 0.

    Attributes:
        units: Not falling.
        items: The papers taken for each number; fewer where more would open nothing.
        exact: Whether no set of so many papers opens more.
    """

    units: tuple[int, ...]
    items: tuple[tuple[Key, ...], ...]
    exact: bool = True


def options_of(needs: BuildingNeeds, most: int, bit_of: Mapping[Key, int]) -> tuple[list[Option], bool]:
    """Return the ways to open homes of a building, and whether these are all.

    Args:
        needs: What its homes wait for.
        most: Papers that may be taken.
        bit_of: Bit of each paper of the estate, the same for all its buildings.
    """
    kinds = [(label, units) for label, units in needs.kinds if units and label]
    exact = len(kinds) <= _MOST_KINDS
    if exact:
        chosen = [some for size in range(1, len(kinds) + 1) for some in combinations(range(len(kinds)), size)]
    else:  # those that are open already; with them each alone, and the largest first, with all before it
        open_ = [at for at, (label, _) in enumerate(kinds) if 0 in label]
        order = sorted(set(range(len(kinds))) - set(open_), key=lambda at: (-kinds[at][1], at))
        more = [*([at] for at in order), *(order[:size] for size in range(len(order) + 1))]
        chosen = [(*open_, *some) for some in more]
    found: list[Option] = []
    for some in chosen:
        masks = {0}
        for at in some:
            masks = {one | two for one in masks for two in kinds[at][0] if (one | two).bit_count() <= most}
        units = sum(kinds[at][1] for at in some)
        found += [_option(needs, mask, units, bit_of) for mask in masks]
    return _undominated(found), exact


def _option(needs: BuildingNeeds, mask: int, units: int, bit_of: Mapping[Key, int]) -> Option:
    shared, own = 0, []
    while mask:
        bit = mask & -mask
        mask ^= bit
        paper = needs.papers[bit.bit_length() - 1]
        if bit & needs.shared:
            shared |= 1 << bit_of[paper]
        else:
            own.append(paper)
    return Option(shared, tuple(sorted(own)), units)


def _undominated(options: Iterable[Option]) -> list[Option]:
    """Of options with the same papers of the estate, those that open more than any with fewer of its own."""
    best: dict[int, dict[int, Option]] = {}
    for one in options:
        here = best.setdefault(one.shared, {})
        known = here.get(len(one.own))
        if known is None or (-one.units, one.own) < (-known.units, known.own):
            here[len(one.own)] = one
    kept: list[Option] = []
    for shared in sorted(best):
        most = -1
        for count in sorted(best[shared]):
            if best[shared][count].units > most:
                most = best[shared][count].units
                kept.append(best[shared][count])
    return kept


def curve_of(
    buildings: Sequence[Sequence[Option]], papers: Sequence[Key], most: int, exact: bool = True
) -> Curve:
    """Return how many homes of an estate so many papers open.

    Args:
        buildings: The options of each building.
        papers: Papers of the estate, by bit.
        most: Papers that may be taken.
        exact: Whether the options are all there are.

    Cost:
        Every set of the estate's papers that options can combine to, times one knapsack.
    """
    by_shared: dict[int, list[tuple[int, Option]]] = {}
    for number, options in enumerate(buildings):
        for one in options:
            by_shared.setdefault(one.shared, []).append((number, one))
    taken, all_of_them = _unions(set(by_shared), most)
    units = [0] * (most + 1)
    items: list[tuple[Key, ...]] = [()] * (most + 1)
    for shared in sorted(taken, key=lambda mask: (mask.bit_count(), mask)):
        spent = shared.bit_count()
        fitting = _fitting(by_shared, shared, most - spent)
        filled = _knapsack([_table(options, most - spent) for options in fitting], most - spent)
        for count, (opened, own) in enumerate(filled):
            if opened > units[spent + count]:
                units[spent + count] = opened
                mine = [paper for at, paper in enumerate(papers) if shared >> at & 1]
                items[spent + count] = (*mine, *own)
    for count in range(1, most + 1):
        if units[count] <= units[count - 1]:
            units[count], items[count] = units[count - 1], items[count - 1]
    return Curve(tuple(units), tuple(items), exact and all_of_them)


def _fitting(
    by_shared: Mapping[int, Sequence[tuple[int, Option]]], shared: int, most: int
) -> list[list[Option]]:
    """Options that need no other papers of the estate and few enough of their own, by building."""
    found: dict[int, list[Option]] = {}
    for mask, told in by_shared.items():
        if not mask & ~shared:
            for number, one in told:
                if len(one.own) <= most:
                    found.setdefault(number, []).append(one)
    return [found[number] for number in sorted(found)]


def _unions(masks: set[int], most: int) -> tuple[set[int], bool]:
    """All unions of sets with at most so many members."""
    found = {0}
    for mask in sorted(masks):
        found |= {one | mask for one in found if (one | mask).bit_count() <= most}
        if len(found) > _MOST_TAKEN:
            return found, False
    return found, True


_Filled: TypeAlias = list[tuple[int, tuple[Key, ...]]]  # by number of papers: homes and papers


def _table(options: Sequence[Option], most: int) -> _Filled:
    """What a building opens with up to so many papers of its own."""
    table: _Filled = [(0, ())] * (most + 1)
    for one in options:
        at = len(one.own)
        if (-one.units, len(one.own), one.own) < (-table[at][0], len(table[at][1]), table[at][1]):
            table[at] = (one.units, one.own)
    for at in range(1, most + 1):
        if table[at][0] <= table[at - 1][0]:
            table[at] = table[at - 1]
    return table


def _knapsack(tables: Sequence[_Filled], most: int) -> _Filled:
    filled: _Filled = [(0, ())] * (most + 1)
    for table in tables:
        if table[most][0] == 0:
            continue
        new: _Filled = []
        for room in range(most + 1):
            best = filled[room]
            for count in range(room + 1):
                opened = filled[room - count][0] + table[count][0]
                if opened > best[0]:
                    best = opened, (*filled[room - count][1], *table[count][1])
            new.append(best)
        filled = new
    return filled


def best_of_estates(curves: Sequence[Curve], most: int) -> _Filled:
    """Return the best set of 0, 1, … papers over all estates: homes opened beyond none, and papers."""
    tables: list[_Filled] = [
        [(units - curve.units[0], items) for units, items in zip(curve.units, curve.items, strict=True)]
        for curve in curves
    ]
    return _knapsack([table[: most + 1] for table in tables if table[min(most, len(table) - 1)][0]], most)


def greedy_of_estates(curves: Sequence[Curve], most: int) -> list[int]:
    """Return the homes that always taking the step of most homes a paper opens, for 0, 1, … papers."""
    opened = [0] * (most + 1)
    for room in range(1, most + 1):
        at = [0] * len(curves)
        left, total = room, 0
        while left:
            step = max(
                (
                    ((curve.units[to] - curve.units[here]) / (to - here), here - to, -number)
                    for number, (curve, here) in enumerate(zip(curves, at, strict=True))
                    for to in range(here + 1, min(here + left, len(curve.units) - 1) + 1)
                    if curve.units[to] > curve.units[here]
                ),
                default=None,
            )
            if step is None:
                break
            number, wide = -step[2], -step[1]
            total += curves[number].units[at[number] + wide] - curves[number].units[at[number]]
            at[number] += wide
            left -= wide
        opened[room] = total
    return opened
