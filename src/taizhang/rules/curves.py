"""How many homes of every estate so many shared papers open, under one set of decisions or another.

Reads from: ``bundles``, ``labels``, ``unitneeds``, ``opening``, ``reach``, ``supposing``.
Read by: ``leverage``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from taizhang.rules.answers import answer_classes
from taizhang.rules.bundles import BuildingNeeds, Curve, Option, curve_of, options_of
from taizhang.rules.ground import Problem, ground
from taizhang.rules.labels import Label, Labels, labels_of
from taizhang.rules.opening import Opening
from taizhang.rules.reach import reached
from taizhang.rules.supposing import adoptable, adopting
from taizhang.rules.table import Table, retabulate, tabulate
from taizhang.rules.template import Template, compile_pack
from taizhang.rules.terms import BundleItem, Dossier, Pack, Place, by_place
from taizhang.rules.unitneeds import enough, imports_of
from taizhang.rules.upward import Upward

__all__ = ["CityCurves"]

_Key: TypeAlias = tuple[str, str]

_MOST_WAYS = 10  # ways that may be adopted, of which every set is tried


@dataclass(slots=True)
class _Estate:
    """One estate: for each building its homes by what they need, and what is alike."""

    dossier: Dossier
    homes: dict[str, Counter[int]]  # building -> sets of imports that are enough -> homes
    spread: bool


@dataclass(slots=True)
class CityCurves:
    """Curves of estates, each computed once for the decisions that concern it.

    Attributes:
        pack, dossiers: The law on its day; one estate each.
        most: Papers that may be taken.
        ready: Count a home only where its own papers are all on hand.
        size: Homes in all.
        all_ways: Whether no way was left out for being one too many.
    """

    pack: Pack
    dossiers: Sequence[Dossier]
    most: int
    ready: bool
    size: int = 0
    all_ways: bool = True
    known: dict[tuple[int, tuple[str, ...]], Curve] = field(default_factory=dict)
    concerned: dict[str, frozenset[int]] = field(default_factory=dict)
    worlds: dict[tuple[str, ...], _World] = field(default_factory=dict)
    affected: frozenset[int] = frozenset()  #: estates for which some decision opens more
    table: Table | None = None  #: the city as the law in force reads it

    def __post_init__(self) -> None:
        """Keep what is known place by place: it is asked for in every world."""
        self.dossiers = [
            replace(one, held=by_place(one.held), facts=by_place(one.facts)) for one in self.dossiers
        ]

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
        self.affected = self._affected(tuple(told))
        return [one for one in told if self.affected & self.concerned[one]]

    def _affected(self, ways: tuple[str, ...]) -> frozenset[int]:
        """Estates whose curve differs when all decisions are taken: fewer decisions open no more."""
        if not ways:
            return frozenset()
        numbers = frozenset[int]().union(*(self.concerned[one] for one in ways))
        world = self._loaded(adopting(self.pack, ways), sorted(numbers))
        none = self._world(())
        return frozenset(
            number
            for number in numbers
            if self._curve(world, number).units != self._known(none, number, ()).units
        )

    def _known(self, world: _World, number: int, ways: tuple[str, ...]) -> Curve:
        if (number, ways) not in self.known:
            self.known[number, ways] = self._curve(world, number)
        return self.known[number, ways]

    def opened_by_paper(self) -> tuple[tuple[str, int], ...]:
        """How many homes each kind of paper would open in the whole city, most first."""
        opening = self._world(()).opening
        return tuple(sorted(opening.by_paper().items(), key=lambda row: (-row[1], row[0])))

    def curves(self, ways: tuple[str, ...]) -> list[Curve]:
        """The curve of every estate under some decisions."""
        found = []
        for number in range(len(self.dossiers)):
            mine = tuple(one for one in ways if number in self.affected and number in self.concerned[one])
            found.append(self._known(self._world(mine), number, mine))
        return found

    def hopeful(self, curves: Sequence[Curve]) -> list[Curve]:
        """Curves that none is above: where one is not exact, a single paper might open all homes."""
        return [
            curve
            if curve.exact
            else Curve((curve.units[0], *[self._homes(number)] * self.most), ((),) * (self.most + 1))
            for number, curve in enumerate(curves)
        ]

    def _homes(self, number: int) -> int:
        """Homes of an estate."""
        told = self._world(()).estates[number].homes.values()
        return sum(count for one in told for count in one.values())

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

    def _curve(self, world: _World, number: int) -> Curve:
        return _EstateCurve(world.pack, world.estates[number], world.imports, self.most).run()

    def _world(self, ways: tuple[str, ...]) -> _World:
        """The estates that all of some decisions concern, as far as the columns tell."""
        if ways not in self.worlds:
            numbers = [
                number
                for number in (sorted(self.affected) if ways else range(len(self.dossiers)))
                if all(number in self.concerned[one] for one in ways)
            ]
            self.worlds[ways] = self._loaded(adopting(self.pack, ways) if ways else self.pack, numbers)
        return self.worlds[ways]

    def _loaded(self, pack: Pack, numbers: Sequence[int]) -> _World:
        template = compile_pack(pack)
        dossiers = [self.dossiers[number] for number in numbers]
        table = self._tabulated(template, numbers)
        up = Upward(template, table)
        estates = _estates(template, table, up, dossiers, self.ready)
        names = tuple(template.problem.elements[number].name for number in imports_of(template))
        opening = Opening(template, table, up, ready=self.ready)
        self.size = max(self.size, len(table.places[-1]))
        return _World(pack, names, dict(zip(numbers, estates, strict=True)), opening)

    def _tabulated(self, template: Template, numbers: Sequence[int]) -> Table:
        """Some dossiers in columns; what a law has in common with the one in force is not made again."""
        own = compile_pack(self.pack)
        if self.table is None:
            self.table = tabulate(own, self.dossiers)
        table = self.table
        if template is not own:
            table = retabulate(template, self.dossiers, own, table)
        if len(numbers) == len(self.dossiers):
            return table
        level = len(table.places) - 1
        some = table.only(np.flatnonzero(np.isin(table.dossier[level], numbers)), level)
        at = np.asarray(numbers, np.int32)
        return replace(
            some, dossier=tuple(np.searchsorted(at, owner).astype(np.int32) for owner in some.dossier)
        )


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
    told = np.column_stack([above.astype(np.uint64), codes])
    pairs, counts = np.unique(told, axis=0, return_counts=True)
    for (row, *words), count in zip(pairs.tolist(), counts.tolist(), strict=True):
        place = table.places[finest - 1][row]
        code = sum(word << 64 * at for at, word in enumerate(words))
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
        smallest = [  # more is enough where less is: a set is smallest where none with one less is enough
            some
            for some in range(1 << len(self.names))
            if code >> some & 1
            and not any(some >> at & 1 and code >> (some ^ 1 << at) & 1 for at in range(len(self.names)))
        ]
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
