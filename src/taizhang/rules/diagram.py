"""Decision diagrams of counting gates.

A diagram asks for one item after the other, always in the same order, and says in the end whether
the top holds.  Equal parts are kept once, so that a few thousand nodes stand for millions of sets.
Nothing here recurses: a diagram may be as deep as there are items.

Reads from: ``leaf_order``, ``modules``.  Read by: ``cheapest_set``, ``families``.

Source:
    Bryant, "Graph-based algorithms for boolean function manipulation" (1986); for fault trees:
    Rauzy, "New algorithms for fault trees analysis" (1993).
"""

from __future__ import annotations

from collections.abc import Sequence

from taizhang.rules.leaf_order import item_orders
from taizhang.rules.modules import Core

__all__ = ["BOTTOM", "MASK", "SHIFT", "Diagram", "TooLargeError", "diagram_of"]

SHIFT = 31  #: two node numbers make one key: machine integers are cheaper than pairs
MASK = (1 << SHIFT) - 1
BOTTOM = MASK  #: level of the two ends, below every item
_ROOM = 400_000  # nodes allowed before another order is tried
_MEMORY = 2_000_000  # results remembered at a time


class TooLargeError(Exception):
    """More nodes than were allowed."""


class Diagram:
    """Nodes of a decision diagram in growing arrays; nodes 0 and 1 are the ends, no and yes.

    Args:
        order: Items, the first to be asked for first.
        most: Nodes allowed.

    Attributes:
        items: By level: the item asked for.
        level: Level of each node, from 0; that of the ends is below all.
        high: Where a node leads if the item holds.  Children come before their parents.
        low: Where it leads if not.
        top: The node of the core's top.
    """

    def __init__(self, order: Sequence[int], most: int) -> None:
        self.items = tuple(order)
        self.most = most
        self.level = [BOTTOM, BOTTOM]
        self.high = [0, 1]
        self.low = [0, 1]
        self.top = 0
        self._node: list[dict[int, int]] = [{} for _ in order]
        self._done: tuple[dict[int, int], dict[int, int]] = ({}, {})

    def node(self, level: int, high: int, low: int) -> int:
        """The node that asks for this level, made where there is none yet."""
        if high == low:
            return high
        known = self._node[level]
        key = high << SHIFT | low
        found = known.get(key)
        if found is None:
            found = known[key] = len(self.level)
            if found > self.most:
                raise TooLargeError
            self.level.append(level)
            self.high.append(high)
            self.low.append(low)
        return found

    def join(self, one: int, other: int, end: int) -> int:
        """Both of two nodes (``end`` 0) or either of them (``end`` 1): ``end`` decides alone."""
        done = self._done[end]
        level, high, low, node = self.level, self.high, self.low, self.node

        def ask(a: int, b: int) -> int:
            """What comes of two nodes, or their key turned negative where that is not known yet."""
            if a > b:
                a, b = b, a
            if a < 2:  # an end: it decides, or it says nothing
                return end if a == end else b
            key = a << SHIFT | b
            return done.get(key, ~key) if a != b else a

        found = ask(one, other)
        waiting = [~found] if found < 0 else []
        while waiting:
            key = waiting[-1]
            a, b = key >> SHIFT, key & MASK
            at, at_b = level[a], level[b]
            if at == at_b:
                up, down = ask(high[a], high[b]), ask(low[a], low[b])
            elif at < at_b:
                up, down = ask(high[a], b), ask(low[a], b)
            else:
                at = at_b
                up, down = ask(a, high[b]), ask(a, low[b])
            if up < 0:
                waiting.append(~up)
            if down < 0:
                waiting.append(~down)
            elif up >= 0:
                waiting.pop()
                found = done[key] = node(at, up, down)
        return found

    def gate(self, k: int, inputs: Sequence[int]) -> int:
        """At least ``k`` of these nodes.

        Cost:
            For items of the order ``k`` steps each, not one for every combination.
        """
        deepest_first = sorted(inputs, key=lambda one: -self.level[one])
        if k == 1 or k == len(inputs):
            end = 1 if k == 1 else 0
            found = deepest_first[0]
            for one in deepest_first[1:]:
                found = self.join(found, one, end)
            return found
        reached = [1] + [0] * k  # at least 0, 1 … k of those gone through so far
        for at, one in enumerate(deepest_first):
            for count in range(min(k, at + 1), max(0, k - len(inputs) + at), -1):
                reached[count] = self._choice(one, reached[count - 1], reached[count])
        return reached[k]

    def _choice(self, one: int, if_so: int, if_not: int) -> int:
        """``if_so`` where a node holds, else ``if_not``, which is never more than the former."""
        at = self.level[one]
        if self.high[one] == 1 and self.low[one] == 0 and at < min(self.level[if_so], self.level[if_not]):
            return self.node(at, if_so, if_not)
        return self.join(if_not, self.join(one, if_so, 0), 1)

    def tidy(self) -> None:
        """Keep what is remembered of joins within bounds; nodes that were made stay."""
        for done in self._done:
            if len(done) > _MEMORY:
                done.clear()

    def forget(self) -> None:
        """Free what is only needed while nodes are being made."""
        self._node.clear()
        for done in self._done:
            done.clear()

    def below(self) -> list[int]:
        """The top and what it leads to, without the ends, children first."""
        met = {self.top}
        waiting = [self.top]
        while waiting:
            one = waiting.pop()
            for child in (self.high[one], self.low[one]):
                if child not in met:
                    met.add(child)
                    waiting.append(child)
        return sorted(met - {0, 1})


def diagram_of(core: Core, most: int) -> Diagram:
    """Return the diagram of a core.

    Orders are tried in turn with little room before one gets all: a bad one is not followed to its end
    where a good one is among the others.

    Raises:
        TooLargeError: It, or a part on the way to it, has more than ``most`` nodes.
    """
    orders = item_orders(core)
    for order in orders:
        diagram = Diagram(order, min(_ROOM, most))
        try:
            _fill(diagram, core)
        except TooLargeError:
            continue
        return diagram
    if most <= _ROOM:
        raise TooLargeError
    diagram = Diagram(orders[0], most)
    _fill(diagram, core)
    return diagram


def _fill(diagram: Diagram, core: Core) -> None:
    node = {item: diagram.node(level, 1, 0) for level, item in enumerate(diagram.items)}
    for number, (k, of) in core.gates.items():
        node[number] = diagram.gate(k, [node[one] for one in of])
        diagram.tidy()
    diagram.top = node[core.top]
    diagram.forget()
