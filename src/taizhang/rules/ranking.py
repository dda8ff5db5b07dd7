"""Sets in order: by cost, then by number of leaves, then by sorted names; each rank one integer.

Every leaf weighs an integer so made that the weights of the leaves of a set add up to its rank: the
cost in front, the number of leaves after it, and last one bit for every leaf, the first name's
highest.  No two sets weigh the same, so the least is never a matter of chance, and from the weight
of a set alone one can tell what is in it.

Reads from: ``families``.  Read by: ``cheapest_set``, ``minimal``.

Source:
    Walks in order: Huang and Chiang, "Better k-best parsing" (2005), algorithm 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush

from taizhang.rules.families import Families

__all__ = ["Scale", "ranked"]


class Scale:
    """What leaves and sets weigh.

    Args:
        leaves: How many leaves there are; their numbers follow their names.
    """

    def __init__(self, leaves: int) -> None:
        self.leaves = leaves
        self.size_bits = leaves.bit_length() + 1

    def weight(self, leaf: int, cost: int) -> int:
        """What a leaf weighs; never nothing, not even if it costs nothing."""
        return (((cost << self.size_bits) + 1) << self.leaves) - (1 << (self.leaves - 1 - leaf))

    def read(self, total: int) -> tuple[int, list[int]]:
        """Cost and leaves of the set that weighs this, ascending."""
        front = -(-total >> self.leaves)  # rounded up: the bits were taken off
        bits = (front << self.leaves) - total
        leaves = [at for at in range(self.leaves) if bits >> (self.leaves - 1 - at) & 1]
        return front >> self.size_bits, leaves


@dataclass(slots=True)
class _Line:
    """What is known of one vertex: its lightest sets so far, and which may come next."""

    found: list[int] = field(default_factory=list)
    next: list[tuple[int, int, int, int]] = field(default_factory=list)  # a heap: weight, way, places
    owed: list[tuple[int, int, int]] = field(default_factory=list)  # way, places: not weighed yet
    over: bool = False


_LOW, _HIGH = 0, 1


def ranked(families: Families, scale: Scale) -> Iterator[int]:
    """Yield the weights of all sets, the lightest first, each found when it is asked for.

    Cost:
        For the first set one visit of the vertices; for a further one as many as the set is deep.
    """
    lines: dict[int, _Line] = {0: _Line(over=True), 1: _Line([0], over=True)}
    at = 0
    while True:
        _reach(families, scale, lines, at)
        line = lines[families.top]
        if len(line.found) <= at:
            return
        yield line.found[at]
        at += 1


def _reach(families: Families, scale: Scale, lines: dict[int, _Line], place: int) -> None:
    """See that the line of the top is known up to a place, or over before it."""
    waiting = [(families.top, place)]
    while waiting:
        vertex, wanted = waiting[-1]
        line = lines.get(vertex)
        if line is None:
            line = lines[vertex] = _Line(owed=[(_LOW, 0, 0), (_HIGH, 0, 0)])
        if line.over or len(line.found) > wanted:
            waiting.pop()
            continue
        asked = _weigh(families, scale, lines, vertex)
        if asked is not None:
            waiting.append(asked)
        elif not line.next:
            line.over = True
        else:
            weight, way, first, second = heappop(line.next)
            line.found.append(weight)
            line.owed.append((way, first + 1, second))
            if way == _HIGH and first == 0:
                line.owed.append((way, 0, second + 1))


def _weigh(families: Families, scale: Scale, lines: dict[int, _Line], vertex: int) -> tuple[int, int] | None:
    """Weigh what is owed to a vertex; return what must be known first, if anything."""
    line = lines[vertex]
    while line.owed:
        way, first, second = line.owed[-1]
        parts = [(families.low[vertex] if way == _LOW else families.high[vertex], first)]
        weight = 0
        taken = families.taken[vertex]
        if way == _HIGH and taken >= families.leaves:
            parts.append((taken - families.leaves, second))
        elif way == _HIGH:
            weight = scale.weight(taken, 0)
        there = second == 0 or len(parts) == 2  # a leaf is one set: there is no second
        for below, place in parts:
            known = lines.get(below)
            if known is None or (len(known.found) <= place and not known.over):
                return below, place
            there = there and len(known.found) > place
            weight += known.found[place] if there else 0
        line.owed.pop()
        if there:
            heappush(line.next, (weight, way, first, second))
    return None
