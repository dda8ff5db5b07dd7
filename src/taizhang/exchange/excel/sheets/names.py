"""Labels of the pack and places of an estate, as the sheets name them.

Reads from: ``rules.terms`` and ``wording``.  Read by: ``sentences``.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, cached_property

from taizhang.exchange.excel.wording import Wording
from taizhang.rules.terms import CityPlan, EstatePlan, RouteChoice, Way

__all__ = ["Names"]


class Names:
    """What things are called in one language."""

    def __init__(self, city: CityPlan, wording: Wording) -> None:
        self._city = city
        self._pack = city.pack
        self._w = wording
        self._zh = wording.language == "zh"
        self._ways = {(node.id, way.id): way for node in self._pack.nodes.values() for way in node.ways}
        self.label = cache(self._label)
        self.sources = cache(self._sources)

    def _label(self, name: str) -> str:
        """Return the label of a node, paper, fact, parameter or fee; the id where there is none."""
        for table in (
            self._pack.nodes,
            self._pack.evidence,
            self._pack.facts,
            self._pack.fees,
            self._pack.params,
        ):
            if name in table:
                return table[name].label.in_(self._w.language)
        fact = self._pack.facts.get(name.removesuffix("_fen"))  # an amount as a bill names it
        return fact.label.in_(self._w.language) if fact else name

    def labels(self, names: Iterable[str]) -> str:
        """Return labels, joined."""
        return self._w.joined([self.label(name) for name in names])

    def supplier(self, supplier: str) -> str:
        """Return the name of an office."""
        if not supplier:
            return self._w.say("no_supplier")
        found = self._pack.suppliers.get(supplier)
        return found.in_(self._w.language) if found else supplier

    def way(self, choice: RouteChoice) -> Way | None:
        """Return the way that was chosen."""
        return self._ways.get((choice.node, choice.way))

    def way_label(self, node: str, way: str) -> str:
        """Return the label of a way."""
        found = self._ways.get((node, way))
        return found.label.in_(self._w.language) if found else way

    def classes(self, ids: Iterable[str]) -> str:
        """Return the labels of problem classes."""
        wanted = set(ids)
        return self._w.joined(
            [one.label.in_(self._w.language) for one in self._pack.classes if one.id in wanted]
        )

    def place(self, estate: EstatePlan, place_id: str) -> str:
        """Return where a place is inside its estate: ``3号楼 2单元501``."""
        names: list[str] = []
        found = estate.places.get(place_id)
        while found is not None and found.id != estate.place.id and found.level in ("building", "unit"):
            name = found.name or found.id
            names.append(name + "幢" if found.level == "building" and name.isdigit() and self._zh else name)
            found = estate.places.get(found.parent or "")
        if names:
            return " ".join(reversed(names))
        other = estate.places.get(place_id, estate.place)
        return other.name or self._w.level(other.level)

    # ---- law

    def _sources(self, ids: tuple[str, ...]) -> str:
        """Return titles of sources, marked where nobody has seen the official text."""
        said = []
        for one in dict.fromkeys(ids):
            source = self._pack.sources.get(one)
            if source is None:
                said.append(one)
                continue
            mark = self._w.say("verify_mark") if source.verify else ""
            said.append(source.title.in_(self._w.language) + mark)
        return self._w.joined(said, sep="；" if self._zh else "; ")

    @cached_property
    def sources_used(self) -> frozenset[str]:
        """The sources of every way and paper that some plan uses."""
        estates = self._city.estates
        ways = {(choice.node, choice.way) for estate in estates for choice in estate.joint.route}
        papers = {gap.item for estate in estates for gap in estate.joint.gaps}
        used: set[str] = set()
        for one in ways & set(self._ways):
            used.update(self._ways[one].sources)
        for paper in papers & set(self._pack.evidence):
            used.update(self._pack.evidence[paper].sources)
        return frozenset(used)

    def item_sources(self, item: str, path: tuple[RouteChoice, ...]) -> str:
        """Return what asks for a paper: its own sources, or those of the way that needs it."""
        paper = self._pack.evidence.get(item)
        own = paper.sources if paper else ()
        way = self.way(path[-1]) if path and not own else None
        return self.sources(own or (way.sources if way else ()))

    def law_days(self, item: str) -> int | None:
        """Return the statutory limit for a paper, where one is known."""
        paper = self._pack.evidence.get(item)
        return paper.cost.law_days if paper else None
