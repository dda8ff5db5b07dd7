"""Ways that a decision opened for named places only, as ways that hang on a fact of the place.

A city is numbered once for all its places.  Whether a place is named is then one more thing that is known
of it, as if somebody had answered.

Reads from: ``expressions``, ``terms``.  Read by: ``template``, ``table``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from taizhang.rules.expressions import parse
from taizhang.rules.terms import Dossier, Fact, Label, Pack, Way

__all__ = ["Scopes", "told_as_facts", "who_is_named"]

#: The places that a decision names, by id or name, by the fact that stands for it.
Scopes: TypeAlias = Mapping[str, frozenset[str]]

_NAMED, _OTHER = 0, 1  # classes of a fact that is true or false


def told_as_facts(pack: Pack) -> tuple[Pack, Scopes]:
    """Return the pack with a fact in place of every scope, and what the facts stand for.

    Args:
        pack: The law on its day; it is returned itself where no way has a scope.
    """
    scopes: dict[str, frozenset[str]] = {}
    facts: dict[str, Fact] = {}

    def open_(way: Way, level: str) -> Way:
        if not way.scope:
            return way
        # other laws know the same scope by the same name: what is remembered of homes is told by it
        name = f"named_{sha256(repr((level, sorted(way.scope))).encode()).hexdigest()[:16]}"
        scopes[name] = frozenset(way.scope)
        facts[name] = Fact(name, level, "bool", Label(name, name), Label(name, name), "")
        guard = f"{name} and ({way.when.text})" if way.when else name
        return replace(way, scope=(), when=parse(guard, limited=False))

    nodes = {
        one.id: replace(one, ways=tuple(open_(way, one.level) for way in one.ways))
        for one in pack.nodes.values()
    }
    if not scopes:
        return pack, {}
    return replace(pack, nodes=nodes, facts={**pack.facts, **facts}), scopes


def who_is_named(
    names: Collection[str], dossiers: Sequence[Dossier], places: Sequence[str], owner: Sequence[int]
) -> NDArray[np.int16]:
    """Return the column of a fact that stands for a scope: class of the answer at each place.

    Args:
        names: Ids or names of places.
        dossiers: One estate each.
        places: Ids of the places of one level.
        owner: Number of the dossier of each.
    """
    inside = [_named(names, dossier) for dossier in dossiers]
    column = np.full(len(places), _OTHER, np.int16)
    for row, (place, number) in enumerate(zip(places, owner, strict=True)):
        if inside[number] is None or not inside[number].isdisjoint(dossiers[number].chain(place)):  # type: ignore[union-attr]
            column[row] = _NAMED
    return column


def _named(names: Collection[str], dossier: Dossier) -> frozenset[str] | None:
    """The places that are named; ``None``: a case without names, for which the decision was loaded."""
    if dossier.unnamed:
        return None
    return frozenset(one.id for one in dossier.places.values() if one.id in names or one.name in names)
