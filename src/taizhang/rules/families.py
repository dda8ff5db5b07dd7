"""All minimal sets of a formula, held as a diagram and never listed.

A family is a set of sets.  A *vertex* of the diagram stands for a family: those sets of ``high`` that
take one more thing, and those of ``low`` as they are.  What is taken is a leaf, or one of the sets
of a module.  Sums over the vertices count the sets; walks give the first of them.

Reads from: ``diagram``, ``modules``, ``gates``.  Read by: ``minimal``, ``ranking``.

Source:
    Minato, "Zero-suppressed BDDs for set manipulation in combinatorial problems" (1993).  Minimal
    sets after Rauzy (1993); sets that are not minimal are dropped by asking the diagram of what
    holds without the item, which for rules without negation says the same as comparing the sets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from taizhang.errors import InputError
from taizhang.rules.diagram import BOTTOM, MASK, SHIFT, Diagram, TooLargeError, diagram_of
from taizhang.rules.gates import YES, Formula
from taizhang.rules.modules import cores

__all__ = ["MOST_NODES", "Families"]

MOST_NODES = 2_000_000  #: of one diagram; well below a gibibyte
_MEMORY = 2_000_000  # results remembered at a time


class Families:
    """The minimal sets of a formula.

    Attributes:
        leaves: How many leaves there are.
        high: By vertex.  Vertex 0 is the family of no set, vertex 1 that of the empty set.
        low: By vertex; both are smaller than the vertex.
        taken: By vertex: a leaf, or a module as ``leaves + vertex`` of its family, a smaller one.
        top: The vertex of all minimal sets.
    """

    def __init__(self, formula: Formula) -> None:
        self.leaves = formula.leaves
        self.high = [0, 0]
        self.low = [0, 0]
        self.taken = [-1, -1]
        self.top = 1 if formula.top == YES else 0
        if formula.top >= 0:
            self._build(formula)

    def _build(self, formula: Formula) -> None:
        stands_for: dict[int, int] = {}
        try:
            for core in cores(formula):
                minimal = _Minimal(diagram_of(core, MOST_NODES))
                self.top = self._adopt(minimal, stands_for)
                stands_for[core.top] = self.leaves + self.top
        except TooLargeError:
            raise InputError(
                "The minimal sets of this graph take more than {most} nodes.",
                hint="Ask for the cheapest set alone, or for a part of the graph.",
                zh="该图的最小集合表示超过 {most} 个节点。请只求最便宜的集合，或只取图的一部分。",
                code="E-GRAPH-SIZE",
                most=MOST_NODES,
            ) from None

    def _adopt(self, minimal: _Minimal, stands_for: dict[int, int]) -> int:
        """Take over the vertices of one module, in their order."""
        vertex = {0: 0, 1: 1}
        for one in minimal.below():
            vertex[one] = len(self.taken)
            item = minimal.items[minimal.level[one]]
            self.taken.append(stands_for.get(item, item))
            self.high.append(vertex[minimal.high[one]])
            self.low.append(vertex[minimal.low[one]])
        return vertex[minimal.top]

    def count(self) -> int:
        """How many sets there are."""
        counts = [0, 1]
        for at in range(2, len(self.taken)):
            ways = counts[self.high[at]]
            if self.taken[at] >= self.leaves:
                ways *= counts[self.taken[at] - self.leaves]
            counts.append(counts[self.low[at]] + ways)
        return counts[self.top]

    def count_by_size(self) -> dict[int, int]:
        """How many sets there are of each size that occurs, ascending."""
        # A polynomial in one integer: coefficients side by side, each wide enough for any of the counts.
        width = self.count().bit_length() + 1
        least = [0, 0]  # the smallest size; the coefficients begin there
        packed = [0, 1]
        for at in range(2, len(self.taken)):
            first, sum_ = least[self.high[at]] + 1, packed[self.high[at]]
            if self.taken[at] >= self.leaves:
                module = self.taken[at] - self.leaves
                first, sum_ = first - 1 + least[module], sum_ * packed[module]
            other = self.low[at]
            if packed[other]:
                shift = first - least[other]
                first -= max(shift, 0)
                sum_ = (sum_ << width * max(shift, 0)) + (packed[other] << width * max(-shift, 0))
            least.append(first)
            packed.append(sum_)
        return dict(_unpacked(packed[self.top], least[self.top], width))


def _unpacked(packed: int, size: int, width: int) -> list[tuple[int, int]]:
    mask = (1 << width) - 1
    found: list[tuple[int, int]] = []
    while packed:
        if packed & mask:
            found.append((size, packed & mask))
        packed >>= width
        size += 1
    return found


class _Minimal:
    """The minimal sets of one core, as vertices with levels.

    Args:
        diagram: When the core holds.
    """

    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram
        self.items: Sequence[int] = diagram.items
        self.level = [BOTTOM, BOTTOM]
        self.high = [0, 0]
        self.low = [0, 0]
        self._vertex: list[dict[int, int]] = [{} for _ in diagram.items]
        self._done: dict[int, int] = {}
        not_holding = self._drop()
        minimal = {0: 0, 1: 1}
        for one in diagram.below():
            low = diagram.low[one]
            # with the item: minimal without it being there, unless it holds without the item anyway
            high = not_holding(minimal[diagram.high[one]], low)
            minimal[one] = self._make(diagram.level[one], high, minimal[low])
            if len(self._done) > _MEMORY:
                self._done.clear()  # only what was remembered goes, not what was found
        self.top = minimal[diagram.top]
        self._vertex.clear()
        self._done.clear()

    def _make(self, level: int, high: int, low: int) -> int:
        if high == 0:
            return low
        known = self._vertex[level]
        key = high << SHIFT | low
        found = known.get(key)
        if found is None:
            found = known[key] = len(self.level)
            if found > MOST_NODES:
                raise TooLargeError
            self.level.append(level)
            self.high.append(high)
            self.low.append(low)
        return found

    def _drop(self) -> Callable[[int, int], int]:
        """Return what drops, of a family, the sets under which a node of the diagram holds."""
        high, low, level, make = self.high, self.low, self.level, self._make
        high_of, low_of, level_of = self.diagram.high, self.diagram.low, self.diagram.level
        done = self._done

        def ask(family: int, node: int) -> int:
            """What is left, or its key turned negative where that is not known yet."""
            if family < 2 or node < 2:  # without any item nothing holds but the end
                return 0 if node == 1 else family
            at = level[family]
            while level_of[node] < at:  # items that no set takes do not hold
                node = low_of[node]
            key = family << SHIFT | node
            return done.get(key, ~key) if node else family

        def not_holding(family: int, node: int) -> int:
            found = ask(family, node)
            waiting = [~found] if found < 0 else []
            while waiting:
                key = waiting[-1]
                one, node = key >> SHIFT, key & MASK
                if level_of[node] == level[one]:
                    up, down = ask(high[one], high_of[node]), ask(low[one], low_of[node])
                else:
                    up, down = ask(high[one], node), ask(low[one], node)
                if up < 0:
                    waiting.append(~up)
                if down < 0:
                    waiting.append(~down)
                elif up >= 0:
                    waiting.pop()
                    found = done[key] = make(level[one], up, down)
            return found

        return not_holding

    def below(self) -> list[int]:
        """The top and what it leads to, without the two ends, children first."""
        met = {self.top}
        waiting = [self.top]
        while waiting:
            one = waiting.pop()
            for child in (self.high[one], self.low[one]):
                if child not in met:
                    met.add(child)
                    waiting.append(child)
        return sorted(met - {0, 1})
