"""Which shared papers and which decisions open most homes.

Three numbers, never mixed: for how many homes a paper is the only shared one missing (*sole*), in how
many homes' part of the joint plans it stands (*in plan*), and the best *bundle* of so many items,
because single papers mostly open nothing: they need one another.

A home is *opened* when nothing shared is missing for it any more.  What is open of the estate is
answered as its plan assumes; what the plan does not rest on may turn out any way.

Reads from: ``curves``, ``bundles``, ``outline``.  Read by: the doors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import TypeAlias

from taizhang.rules.answers import answer_classes
from taizhang.rules.bundles import best_of_estates, greedy_of_estates
from taizhang.rules.curves import CityCurves
from taizhang.rules.outline import Outline, Papers
from taizhang.rules.terms import (
    Assumption,
    Bundle,
    Dossier,
    EstatePlan,
    Leverage,
    LeverageRow,
    Pack,
    Value,
)

__all__ = ["assumed", "bundles", "leverage", "leverage_rows"]

_Key: TypeAlias = tuple[str, str]


def leverage_rows(estates: Sequence[EstatePlan]) -> tuple[LeverageRow, ...]:
    """Return the shared papers of all joint plans by the number of homes they hold back."""
    return _rows((one.place.id, Counter(unit.shared for unit in one.units)) for one in estates)


def _rows(estates: Iterable[tuple[str, Mapping[Papers, int]]]) -> tuple[LeverageRow, ...]:
    """The same of the homes that wait for each set of shared papers, by the id of their estate."""
    estates_of: dict[str, dict[str, None]] = {}
    in_plan: dict[str, int] = {}
    sole: dict[str, int] = {}
    for estate, waiting in estates:
        for shared, units in waiting.items():
            for item, _ in shared:
                estates_of.setdefault(item, {})[estate] = None
                in_plan[item] = in_plan.get(item, 0) + units
            if len(shared) == 1:
                sole[shared[0][0]] = sole.get(shared[0][0], 0) + units
    rows = [LeverageRow(item, tuple(estates_of[item]), in_plan[item], sole.get(item, 0)) for item in in_plan]
    return tuple(sorted(rows, key=lambda row: (-row.sole, -row.in_plan, row.item)))


def leverage(
    pack: Pack,
    dossiers: Sequence[Dossier],
    outlines: Sequence[Outline],
    most: int,
    *,
    ready: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Leverage:
    """Return what opens most homes.

    Args:
        pack: The law on its day.
        dossiers: One estate each.
        outlines: Their joint plans.
        most: Largest bundle.
        ready: Count a home only where its own papers are all on hand; otherwise it is enough that
            they can be had.
        progress: Told the sets of decisions done and all of them.
    """
    pairs = list(zip(dossiers, outlines, strict=True))
    supposed = [assumed(pack, dossier, one.assumes) for dossier, one in pairs]
    city = CityCurves(pack, supposed, most, ready)
    found, waiting = _bundles(city, progress)
    mode = "ready" if ready else "obtainable"
    rows = _rows((_estate(dossier), one.shared) for dossier, one in pairs)
    return Leverage(rows, found, mode, waiting, city.opened_by_paper())


def _estate(dossier: Dossier) -> str:
    return next(place.id for place in dossier.places.values() if place.level == "estate")


def assumed(pack: Pack, dossier: Dossier, assumes: Sequence[Assumption]) -> Dossier:
    """Return the dossier with the answers that the joint plan of the estate assumes."""
    classes = answer_classes(pack)
    facts: dict[_Key, Value] = dict(dossier.facts)
    for one in assumes:
        if dossier.places[one.place].level == pack.levels[-1]:
            continue  # a home answers for itself
        value = next(group.value for group in classes[one.fact] if group.answers == one.answers)
        if pack.facts[one.fact].type == "money":
            value = int(100 * value)  # type: ignore[operator]
        facts.setdefault((one.fact, one.place), value)
    return replace(dossier, facts=facts)


def bundles(
    pack: Pack,
    dossiers: Sequence[Dossier],
    most: int,
    *,
    ready: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[tuple[Bundle, ...], int]:
    """Return the best sets of 1, 2, … shared papers and decisions, and the homes held back.

    Args:
        pack: The law on its day.
        dossiers: One estate each.
        most: Largest set.
        ready: See :func:`leverage`.
        progress: Told the sets of decisions done and all of them.

    Cost:
        For each set of ways that may be adopted: one curve for each estate that they concern.
    """
    return _bundles(CityCurves(pack, dossiers, most, ready), progress)


def _bundles(city: CityCurves, progress: Callable[[int, int], None] | None) -> tuple[tuple[Bundle, ...], int]:
    ways, most = city.ways(), city.most
    sets = [some for size in range(min(len(ways), most) + 1) for some in combinations(ways, size)]
    best: list[tuple[int, tuple[str, ...], tuple[_Key, ...]]] = [(0, (), ())] * (most + 1)
    greedy, bounds = [0] * (most + 1), [0] * (most + 1)
    for number, some in enumerate(sets):
        curves = city.curves(some)
        base = sum(one.units[0] - now.units[0] for one, now in zip(curves, city.curves(()), strict=True))
        room = most - len(some)
        for count, (opened, items) in enumerate(best_of_estates(curves, room)):
            if opened + base > best[count + len(some)][0]:
                best[count + len(some)] = opened + base, some, items
        for count, (opened, _) in enumerate(best_of_estates(city.hopeful(curves), room)):
            bounds[count + len(some)] = max(bounds[count + len(some)], opened + base)
        if len(some) <= 1:  # greedily: no decision, or one, and then always the step of most homes a paper
            for count, opened in enumerate(greedy_of_estates(curves, room)):
                greedy[count + len(some)] = max(greedy[count + len(some)], opened + base)
        if progress:
            progress(number + 1, len(sets))
    for count in range(1, most + 1):
        if best[count][0] <= best[count - 1][0]:
            best[count] = best[count - 1]
        bounds[count] = max(bounds[count], bounds[count - 1])
    waiting = city.size - sum(one.units[0] for one in city.curves(()))
    most_opened = [min(one, waiting) if city.all_ways else waiting for one in bounds]
    told = tuple(
        Bundle(
            k, city.named(*best[k][1:]), best[k][0], greedy[k], best[k][0] == most_opened[k], most_opened[k]
        )
        for k in range(1, most + 1)
    )
    return told, waiting
