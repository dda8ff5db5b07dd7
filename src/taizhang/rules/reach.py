"""Which estates a change of the law can concern at all; the others keep their plans.

Reads from: ``answers``, ``terms``.  Read by: ``whatif``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taizhang.rules.answers import as_read
from taizhang.rules.terms import Dossier, Held, Node, Pack, Value, Way

__all__ = ["reached"]


def reached(before: Pack, after: Pack, dossiers: Sequence[Dossier]) -> list[int]:
    """Return the numbers of the dossiers for which a way that differs can count, ascending.

    A way counts where its node is not on hand, and its guard is not false in both worlds.
    Whether anything needs the node is not asked: more estates may be named than change.

    Args:
        before: The law of the one world.
        after: The law of the other.
        dossiers: One estate each.

    Cost:
        One guard per differing way and place of its node's level.
    """
    if _costs(before) != _costs(after):
        return list(range(len(dossiers)))
    differing = list(_differing(before, after))
    return [
        number
        for number, dossier in enumerate(dossiers)
        if any(_can_count(pack, node, way, dossier) for pack, node, way in differing)
    ]


def _costs(pack: Pack) -> dict[str, object]:
    return {name: (paper.level, paper.cost) for name, paper in pack.evidence.items()}


def _differing(before: Pack, after: Pack) -> Iterator[tuple[Pack, Node, Way]]:
    """Ways that are not the same in both worlds, each with the world in which it can count."""
    changed = {
        name
        for name in before.params.keys() | after.params.keys()
        if before.params[name].on(before.as_of) != after.params[name].on(after.as_of)
    }
    for name in sorted(before.nodes.keys() | after.nodes.keys()):
        told = [(pack, pack.nodes[name]) for pack in (before, after) if name in pack.nodes]
        live = [{way.id: way for way in node.ways if pack.in_force(way)} for pack, node in told]
        for (pack, node), ways, others in zip(told, live, reversed(live), strict=True):
            for way in ways.values():
                alone = len(told) == 1 or _said(way) != _said(others.get(way.id))
                if alone or changed & _read(way):
                    yield pack, node, way


def _said(way: Way | None) -> object:
    """What of a way a plan depends on."""
    if way is None:
        return None
    when = way.when.text if way.when else ""
    needs = tuple((need, need.when.text if need.when else "") for need in way.needs)
    return way.rank, when, needs, way.step, way.scope, way.duties


def _read(way: Way) -> frozenset[str]:
    """Names that the guards of a way and of its needs read."""
    names = way.when.names if way.when else frozenset[str]()
    for need in way.needs:
        names |= need.when.names if need.when else frozenset[str]()
    return names


def _can_count(pack: Pack, node: Node, way: Way, dossier: Dossier) -> bool:
    for place in dossier.places.values():
        if place.level != node.level or dossier.state(node.id, place.id) is not Held.MISSING:
            continue
        if way.scope and not dossier.unnamed:
            chain = [dossier.places[one] for one in dossier.chain(place.id)]
            if not any(one.id in way.scope or one.name in way.scope for one in chain):
                continue
        if way.when is None or way.when.truth(_Reader(pack, dossier, place.id)) is not False:
            return True
    return False


class _Reader:
    """Facts and parameters as a guard reads them at a place."""

    def __init__(self, pack: Pack, dossier: Dossier, place: str) -> None:
        self.pack, self.dossier, self.place = pack, dossier, place

    def __call__(self, name: str) -> Value | None:
        if name in self.pack.facts:
            return as_read(self.pack.facts[name], self.dossier.fact(name, self.place))
        return self.pack.params[name].on(self.pack.as_of)
