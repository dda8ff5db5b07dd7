"""Which shared papers and which decisions open most homes.

Three numbers, never mixed: for how many homes a paper is the only shared one missing (*sole*), in how
many homes' part of the joint plans it stands (*in plan*), and the best *bundle* of so many items,
because single papers mostly open nothing: they need one another.

A home is *opened* when nothing shared is missing for it any more.  What is open of the estate is
answered as its plan assumes; what the plan does not rest on may turn out any way.

Reads from: ``bundles``, ``labels``, ``unitneeds``, ``upward``, ``reach``.  Read by: the doors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TypeAlias

import numpy as np

from taizhang.rules.answers import answer_classes
from taizhang.rules.bundles import (
    BuildingNeeds,
    Curve,
    Option,
    best_of_estates,
    curve_of,
    greedy_of_estates,
    options_of,
)
from taizhang.rules.ground import Problem, ground
from taizhang.rules.labels import Label, Labels, labels_of
from taizhang.rules.opening import Opening
from taizhang.rules.reach import reached
from taizhang.rules.table import Table, tabulate
from taizhang.rules.template import Template, compile_pack
from taizhang.rules.terms import (
    Bundle,
    BundleItem,
    Dossier,
    EstatePlan,
    Leverage,
    LeverageRow,
    Pack,
    Place,
    Value,
    by_place,
)
from taizhang.rules.unitneeds import enough, imports_of
from taizhang.rules.upward import Upward

__all__ = ["adoptable", "assumed", "bundles", "leverage", "leverage_rows"]

_Key: TypeAlias = tuple[str, str]

_MOST_WAYS = 10  # ways that may be adopted, of which every set is tried


def leverage_rows(estates: Sequence[EstatePlan]) -> tuple[LeverageRow, ...]:
    """Return the shared papers of all joint plans by the number of homes they hold back."""
    estates_of: dict[str, dict[str, None]] = {}
    in_plan: dict[str, int] = {}
    sole: dict[str, int] = {}
    for estate in estates:
        for shared, units in Counter(unit.shared for unit in estate.units).items():
            for item, _ in shared:
                estates_of.setdefault(item, {})[estate.place.id] = None
                in_plan[item] = in_plan.get(item, 0) + units
            if len(shared) == 1:
                sole[shared[0][0]] = sole.get(shared[0][0], 0) + units
    rows = [LeverageRow(item, tuple(estates_of[item]), in_plan[item], sole.get(item, 0)) for item in in_plan]
    return tuple(sorted(rows, key=lambda row: (-row.sole, -row.in_plan, row.item)))


def leverage(
    pack: Pack,
    dossiers: Sequence[Dossier],
    estates: Sequence[EstatePlan],
    most: int,
    *,
    ready: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Leverage:
    """Return what opens most homes.

    Args:
        pack: The law on its day.
        dossiers: One estate each.
        estates: Their plans.
        most: Largest bundle.
        ready: Count a home only where its own papers are all on hand; otherwise it is enough that
            they can be had.
        progress: Told the sets of decisions done and all of them.
    """
    supposed = [assumed(pack, dossier, plan) for dossier, plan in zip(dossiers, estates, strict=True)]
    city = _City(pack, supposed, most, ready)
    found, waiting = _bundles(city, progress)
    mode = "ready" if ready else "obtainable"
    return Leverage(leverage_rows(estates), found, mode, waiting, city.opened_by_paper())


def assumed(pack: Pack, dossier: Dossier, plan: EstatePlan) -> Dossier:
    """Return the dossier with the answers that the joint plan of the estate assumes."""
    classes = answer_classes(pack)
    facts: dict[_Key, Value] = dict(dossier.facts)
    for one in plan.joint.assumes:
        if dossier.places[one.place].level == pack.levels[-1]:
            continue  # a home answers for itself
        value = next(group.value for group in classes[one.fact] if group.answers == one.answers)
        if pack.facts[one.fact].type == "money":
            value = int(100 * value)  # type: ignore[operator]
        facts.setdefault((one.fact, one.place), value)
    return replace(dossier, facts=facts)


def adoptable(pack: Pack) -> list[str]:
    """Return the ways that are in force but not adopted here, as ``node.way`` in id order."""
    return sorted(
        f"{node.id}.{way.id}"
        for node in pack.nodes.values()
        for way in node.ways
        if not way.adopted and way.effective.holds(pack.as_of)
    )


def adopting(pack: Pack, ways: Sequence[str]) -> Pack:
    """The law with some ways adopted in the whole city."""
    nodes = dict(pack.nodes)
    for one in ways:
        name, _, way_id = one.partition(".")
        node = nodes[name]
        told = tuple(replace(way, adopted=True, scope=()) if way.id == way_id else way for way in node.ways)
        nodes[name] = replace(node, ways=told)
    return replace(pack, nodes=nodes)


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
    return _bundles(_City(pack, dossiers, most, ready), progress)


def _bundles(city: _City, progress: Callable[[int, int], None] | None) -> tuple[tuple[Bundle, ...], int]:
    ways, most = city.ways(), city.most
    sets = [some for size in range(min(len(ways), most) + 1) for some in combinations(ways, size)]
    best: list[tuple[int, tuple[str, ...], tuple[_Key, ...]]] = [(0, (), ())] * (most + 1)
    greedy = [0] * (most + 1)
    exact = city.all_ways
    for number, some in enumerate(sets):
        curves = city.curves(some)
        exact = exact and all(one.exact for one in curves)
        base = sum(one.units[0] - now.units[0] for one, now in zip(curves, city.curves(()), strict=True))
        room = most - len(some)
        for count, (opened, items) in enumerate(best_of_estates(curves, room)):
            if opened + base > best[count + len(some)][0]:
                best[count + len(some)] = opened + base, some, items
        if len(some) <= 1:  # greedily: no decision, or one, and then always the step of most homes a paper
            for count, opened in enumerate(greedy_of_estates(curves, room)):
                greedy[count + len(some)] = max(greedy[count + len(some)], opened + base)
        if progress:
            progress(number + 1, len(sets))
    for count in range(1, most + 1):
        if best[count][0] <= best[count - 1][0]:
            best[count] = best[count - 1]
    waiting = city.size - sum(one.units[0] for one in city.curves(()))
    told = tuple(
        Bundle(k, city.named(*best[k][1:]), best[k][0], greedy[k], exact, best[k][0] if exact else waiting)
        for k in range(1, most + 1)
    )
    return told, waiting


@dataclass(slots=True)
class _Estate:
    """One estate: for each building its homes by what they need, and what is alike."""

    dossier: Dossier
    homes: dict[str, Counter[int]]  # building -> sets of imports that are enough -> homes
    spread: bool


@dataclass(slots=True)
class _City:
    """Curves of estates, each computed once for the decisions that concern it."""

    pack: Pack
    dossiers: Sequence[Dossier]
    most: int
    ready: bool
    size: int = 0
    all_ways: bool = True
    known: dict[tuple[int, tuple[str, ...]], Curve] = field(default_factory=dict)
    concerned: dict[str, frozenset[int]] = field(default_factory=dict)
    worlds: dict[tuple[str, ...], _World] = field(default_factory=dict)

    def ways(self) -> list[str]:
        """Ways that can count somewhere, the most concerning first where they are too many."""
        told = adoptable(self.pack)
        for one in told:
            numbers = reached(self.pack, adopting(self.pack, [one]), self.dossiers)
            self.concerned[one] = frozenset(numbers)
        told = [one for one in told if self.concerned[one]]
        if len(told) > _MOST_WAYS:
            self.all_ways = False
            told = sorted(sorted(told, key=lambda one: -len(self.concerned[one]))[:_MOST_WAYS])
        return told

    def opened_by_paper(self) -> tuple[tuple[str, int], ...]:
        """How many homes each kind of paper would open in the whole city, most first."""
        opening = self._world(()).opening
        return tuple(sorted(opening.by_paper().items(), key=lambda row: (-row[1], row[0])))

    def curves(self, ways: tuple[str, ...]) -> list[Curve]:
        """The curve of every estate under some decisions."""
        found = []
        for number in range(len(self.dossiers)):
            mine = tuple(one for one in ways if number in self.concerned[one])
            if (number, mine) not in self.known:
                self.known[number, mine] = self._curve(number, mine)
            found.append(self.known[number, mine])
        return found

    def named(self, ways: tuple[str, ...], items: tuple[_Key, ...]) -> tuple[BundleItem, ...]:
        """Decisions first, then papers with the names of their estates."""
        homes = (
            {
                place.id: estate.name or estate.id
                for dossier in self.dossiers
                for estate in _of_level(dossier, "estate")
                for place in dossier.places.values()
                if estate.id in dossier.chain(place.id)
            }
            if items
            else {}
        )
        told = [BundleItem(one) for one in ways]
        return (*told, *(BundleItem(item, place, homes.get(place, "")) for item, place in sorted(items)))

    def _curve(self, number: int, ways: tuple[str, ...]) -> Curve:
        world = self._world(ways)
        return _EstateCurve(world.pack, world.estates[number], world.imports, self.most).run()

    def _world(self, ways: tuple[str, ...]) -> _World:
        """The estates that all of some decisions concern, as far as the columns tell."""
        if ways not in self.worlds:
            pack = adopting(self.pack, ways) if ways else self.pack
            numbers = [
                number
                for number in range(len(self.dossiers))
                if all(number in self.concerned[one] for one in ways)
            ]
            template = compile_pack(pack)
            dossiers = [self.dossiers[number] for number in numbers]
            table = tabulate(template, dossiers)
            up = Upward(template, table)
            estates = _estates(template, table, up, dossiers, self.ready)
            names = tuple(template.problem.elements[number].name for number in imports_of(template))
            opening = Opening(template, table, up, ready=self.ready)
            self.worlds[ways] = _World(pack, names, dict(zip(numbers, estates, strict=True)), opening)
            self.size = max(self.size, len(table.places[-1]))
        return self.worlds[ways]


@dataclass(frozen=True, slots=True)
class _World:
    """Some estates under one law.

    Attributes:
        pack: The law.
        imports: Names of the elements above the units that units use.
        estates: By number of the dossier.
        opening: What each kind of paper would open.
    """

    pack: Pack
    imports: tuple[str, ...]
    estates: Mapping[int, _Estate]
    opening: Opening


def _of_level(dossier: Dossier, level: str) -> Iterator[Place]:
    return (place for place in dossier.places.values() if place.level == level)


def _estates(
    template: Template, table: Table, up: Upward, dossiers: Sequence[Dossier], ready: bool
) -> Iterator[_Estate]:
    finest = template.level[template.goal]
    codes = enough(template, table, up, imports_of(template), ready=ready)
    above = table.above[finest][finest - 1]
    owner = table.dossier[finest - 1].tolist()
    wide = _wide(template, table, up)
    homes: list[dict[str, Counter[int]]] = [{} for _ in dossiers]
    pairs, counts = np.unique(np.stack([above.astype(np.uint64), codes], axis=1), axis=0, return_counts=True)
    for (row, code), count in zip(pairs.tolist(), counts.tolist(), strict=True):
        place = table.places[finest - 1][row]
        homes[owner[row]].setdefault(place, Counter())[code] += count
    for number, dossier in enumerate(dossiers):
        yield _Estate(dossier, homes[number], number in wide)


def _wide(template: Template, table: Table, up: Upward) -> set[int]:
    """Dossiers in which something of the estate rests on several of its buildings."""
    found: set[int] = set()
    for number, ways in enumerate(template.ways):
        for way, live in zip(ways, up.live[number], strict=True):
            if way.spread:
                found.update(table.dossier[template.depth[number]][live.spread].tolist())
    return found


class _EstateCurve:
    """One estate under one law."""

    def __init__(self, pack: Pack, estate: _Estate, imports: tuple[str, ...], most: int) -> None:
        self.pack, self.estate, self.names, self.most = pack, estate, imports, most
        self.level = pack.levels[-2]
        self.read = answer_classes(pack).keys()
        self.said = by_place(estate.dossier.held), by_place(estate.dossier.facts)
        self.known: dict[object, tuple[str, Problem, Labels]] = {}

    def run(self) -> Curve:
        exact = True
        told = []
        for building, kinds in sorted(self.estate.homes.items()):
            papers, labels, sure = self._needs(building, kinds)
            exact = exact and sure
            told.append((papers, labels))
        shared = _in_several([papers for papers, _ in told], [labels for _, labels in told])
        needs = [
            BuildingNeeds(labels, papers, sum(1 << at for at, one in enumerate(papers) if one in shared))
            for papers, labels in told
        ]
        bit_of = {paper: at for at, paper in enumerate(sorted(shared))}
        options: list[list[Option]] = []
        for one in needs:
            mine, sure = options_of(one, self.most, bit_of)
            exact = exact and sure
            options.append(mine)
        return curve_of(options, sorted(shared), self.most, exact)

    def _needs(
        self, building: str, kinds: Mapping[int, int]
    ) -> tuple[tuple[_Key, ...], tuple[tuple[Label, int], ...], bool]:
        """Papers by bit, and label and number of homes of each kind."""
        first, problem, labels = self._labels(building)
        papers = tuple(
            (name, building if place == first else place)
            for name, place in (problem.elements[number].key for number in labels.papers)
        )
        told: Counter[Label] = Counter()
        for code, units in sorted(kinds.items()):
            told[self._label(problem, labels, first, code)] += units
        return papers, tuple(sorted(told.items())), labels.exact

    def _labels(self, building: str) -> tuple[str, Problem, Labels]:
        """The labels of what the homes of a building need, worked out for the first of like buildings."""
        dossier = self.estate.dossier
        if self.estate.spread:
            keep = {place for place in dossier.places.values() if place.level != self.pack.levels[-1]}
            key: object = building
        else:
            chain = set(dossier.chain(building))
            keep = {place for place in dossier.places.values() if place.id in chain}
            held, facts = (said.at(building).items() for said in self.said)
            # what no guard reads, such as an area, tells no buildings apart
            key = frozenset(held), frozenset((name, value) for name, value in facts if name in self.read)
        if key not in self.known:
            thin = replace(dossier, places={place.id: place for place in sorted(keep)})
            problem = ground(self.pack, thin, [(name, self._at(name, building)) for name in self.names])
            self.known[key] = building, problem, labels_of(problem, self.most)
        return self.known[key]

    def _at(self, name: str, building: str) -> str:
        found = self.estate.dossier.ancestor(building, self.pack.level_of(name))
        assert found is not None, "what homes share is above them"
        return found

    def _label(self, problem: Problem, labels: Labels, building: str, code: int) -> Label:
        """What the homes of one kind wait for: any of the smallest sets of imports that are enough."""
        sets = [some for some in range(1 << len(self.names)) if code >> some & 1]
        smallest = [some for some in sets if not any(one != some and one & some == one for one in sets)]
        found: set[int] = set()
        for some in smallest:
            masks = {0}
            for at, name in enumerate(self.names):
                if some >> at & 1:
                    label = labels.of[problem.number[name, self._at(name, building)]]
                    masks = {
                        one | two for one in masks for two in label if (one | two).bit_count() <= self.most
                    }
            found |= masks
        kept: list[int] = []
        for mask in sorted(found, key=lambda mask: (mask.bit_count(), mask)):
            if not any(one & mask == one for one in kept):
                kept.append(mask)
        return tuple(kept)


def _in_several(papers: Sequence[Sequence[_Key]], labels: Sequence[Sequence[tuple[Label, int]]]) -> set[_Key]:
    """Papers that homes of more than one building may wait for."""
    count: Counter[_Key] = Counter()
    for names, kinds in zip(papers, labels, strict=True):
        used = 0
        for label, _ in kinds:
            for mask in label:
                used |= mask
        count.update(paper for at, paper in enumerate(names) if used >> at & 1)
    return {paper for paper, times in count.items() if times > 1}
