"""Why a paper is needed: the way from the goal down to it, along the route of a plan.

Reads from: ``rules.terms``.  Read by: ``task`` and the doors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from heapq import heappop, heappush
from typing import TypeAlias

from taizhang.rules.terms import AtLeast, Need, Pack, Value, Way

__all__ = ["Choice", "path_to"]

Choice: TypeAlias = tuple[str, str]  # node, way


def path_to(
    pack: Pack, route: Sequence[Sequence[str]], facts: Mapping[str, Value], item: str
) -> tuple[Choice, ...]:
    """The chosen ways from the goal down to a paper; the one with the fewest conditions, then the shortest.

    Args:
        pack: The law of the day.
        route: ``[place, node, way]`` of the plan.
        facts: What is recorded of the estate; a need whose guard is false there is gone through last.
        item: The paper.

    Returns:
        Nodes with their ways; empty where the law of the day no longer leads to the paper.
    """
    chosen: dict[str, list[Way]] = {}
    for _, node, way_id in route:
        found = [way for way in pack.nodes[node].ways if way.id == way_id] if node in pack.nodes else []
        chosen.setdefault(node, []).extend(one for one in found if one not in chosen.get(node, ()))
    # A guard that is false for the estate may hold for a building or unit of which it knows otherwise.
    return _search(pack, chosen, facts, item) or _search(pack, chosen, {}, item)


def _search(
    pack: Pack, chosen: Mapping[str, Sequence[Way]], facts: Mapping[str, Value], item: str
) -> tuple[Choice, ...]:
    open_: list[tuple[int, int, int, str, tuple[Choice, ...]]] = [(0, 0, 0, pack.goal, ())]
    seen: set[str] = set()
    turn = 0
    while open_:
        guarded, length, _, name, path = heappop(open_)
        if name == item:
            return path
        if name in seen:
            continue
        seen.add(name)
        for way in chosen.get(name, ()):
            for need, below in _needs(way):
                if _holds(pack, need, facts):
                    turn += 1
                    more = guarded + (need.when is not None)
                    heappush(open_, (more, length + 1, turn, below, (*path, (name, way.id))))
    return ()


def _needs(way: Way) -> Iterator[tuple[Need, str]]:
    for need in way.needs:
        for name in need.of if isinstance(need, AtLeast) else (need.ref,):
            yield need, name


def _holds(pack: Pack, need: Need, facts: Mapping[str, Value]) -> bool:
    """Whether a need may hold: not where its guard is known to be false."""
    if need.when is None:
        return True

    def known(name: str) -> Value | None:
        return pack.params[name].on(pack.as_of) if name in pack.params else facts.get(name)

    return need.when.truth(known) is not False
