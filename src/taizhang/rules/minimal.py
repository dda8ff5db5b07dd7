"""Which sets of missing leaves would prove the goal: counted, weighed and ordered, not enumerated.

A real graph of a few hundred nodes has a hundred million minimal sets.  They are held as a diagram
that grows with what is shared in the graph, not with the number of sets; the cheapest set alone is
found without it.

Reads from: ``graph``, ``gates``, ``families``, ``ranking``, ``cheapest_set``.  Read by: the door.

Source:
    Rauzy, "New algorithms for fault trees analysis" (1993): minimal sets of leaves from decision
    diagrams; further sources in the modules read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from itertools import islice

from taizhang.errors import InputError
from taizhang.rules.cheapest_set import lightest
from taizhang.rules.families import Families
from taizhang.rules.gates import NO, YES, Formula, formula_of
from taizhang.rules.graph import Graph
from taizhang.rules.ranking import Scale, ranked

__all__ = ["MinimalSets", "minimal_sets"]


def minimal_sets(graph: Graph, on_hand: Iterable[str] = (), unobtainable: Iterable[str] = ()) -> MinimalSets:
    """Return the minimal sets of missing leaves that, with what is on hand, prove the goal.

    Args:
        graph: As :meth:`Graph.build` makes it.
        on_hand: Leaves that are there, and nodes that count as proved.  They are never listed.
        unobtainable: Leaves that cannot be had, and nodes that cannot be established.  A name that
            stands in both counts as on hand.

    Returns:
        The sets.  Where nothing can prove the goal there is none; where it is proved already there
        is one, the empty set.

    Raises:
        InputError: ``E-GRAPH-NAME`` a name is not in the graph.

    >>> from taizhang.rules import AtLeast, Graph, minimal_sets
    >>> graph = Graph.build({"top": [["a", "b"], ["c"]], "c": [[AtLeast(2, ["x", "y", "z"])]]}, goal="top")
    >>> minimal_sets(graph).count()
    4
    >>> [sorted(one) for one in minimal_sets(graph, on_hand=["x"], unobtainable=["b"]).first(9)]
    [['y'], ['z']]
    >>> minimal_sets(graph, on_hand=["c"]).first(9), minimal_sets(graph, unobtainable=["top"]).count()
    ([frozenset()], 0)
    """
    there, closed = _checked(graph, on_hand), _checked(graph, unobtainable)
    return MinimalSets(graph, formula_of(graph, there, closed))


class MinimalSets:
    """Minimal sets of a graph; :func:`minimal_sets` makes them.

    Args:
        graph: Whose leaves are meant.
        formula: When its goal holds, over the leaves that are missing.
    """

    def __init__(self, graph: Graph, formula: Formula) -> None:
        self._graph = graph
        self._formula = formula

    @cached_property
    def _families(self) -> Families:
        return Families(self._formula)

    def count(self) -> int:
        """Return how many sets there are.

        Raises:
            InputError: ``E-GRAPH-SIZE`` they take too much memory, here and in the two below;
                :meth:`smallest` may still answer.

        >>> graph = Graph.build({"top": [[f"part {at}"] for at in range(9)]}, goal="top")
        >>> minimal_sets(graph).count()
        9
        """
        return self._families.count()

    def count_by_size(self) -> dict[int, int]:
        """Return how many sets there are of each number of leaves that occurs, ascending.

        >>> graph = Graph.build({"top": [["a"], ["b", "c"], ["b", "d"]]}, goal="top")
        >>> minimal_sets(graph).count_by_size()
        {1: 1, 2: 2}
        """
        return self._families.count_by_size()

    def first(self, k: int) -> list[frozenset[str]]:
        """Return the first ``k`` sets, or all if there are fewer: by size, then by sorted names.

        Cost:
            As :meth:`count`, and for each set a walk as deep as the graph has leaves.

        >>> graph = Graph.build({"top": [["a", "d"], ["b"], ["a", "c"]]}, goal="top")
        >>> [sorted(one) for one in minimal_sets(graph).first(2)]
        [['b'], ['a', 'c']]
        """
        scale = Scale(len(self._graph.leaves))
        weights = islice(ranked(self._families, scale), max(k, 0))
        return [self._named(scale.read(weight)[1]) for weight in weights]

    def smallest(self, costs: Mapping[str, int]) -> tuple[int, frozenset[str]]:
        """Return the cheapest set and what it costs.

        Of equally cheap sets the one with the fewest leaves, of these the first by sorted names.
        It is found without the others, also where :meth:`count` would need too much memory.

        Args:
            costs: By leaf, whole numbers from 0.  A leaf that may be in a set must have one, for an
                unknown cost is not 0; leaves on hand, unobtainable or of no use need none.

        Raises:
            InputError: ``E-GRAPH-NAME`` a name that is no leaf, ``E-GRAPH-COST`` a cost that is
                missing or no whole number from 0, ``E-GRAPH-BLOCKED`` there is no set.

        >>> graph = Graph.build({"top": [["a", "b"], ["c"]]}, goal="top")
        >>> cost, leaves = minimal_sets(graph).smallest({"a": 1, "b": 2, "c": 5})
        >>> cost, sorted(leaves)
        (3, ['a', 'b'])
        """
        leaves = set(self._graph.leaves)
        for name in costs:
            if name not in leaves:
                raise _unknown(name)
        if self._formula.top == NO:
            raise InputError(
                "Nothing proves {goal!r}: what it needs is unobtainable.",
                hint="Ask for the count first; it is 0.",
                zh="{goal!r} 无法证明：所需材料无法取得。请先查询数量（为 0）。",
                code="E-GRAPH-BLOCKED",
                goal=self._graph.goal,
            )
        if self._formula.top == YES:
            return 0, frozenset()
        scale = Scale(len(leaves))
        gates = self._formula.gates.values()
        used = sorted({one for gate in gates for one in gate.of if one < len(leaves)})
        weights = [0] * len(leaves)
        for leaf in used:
            weights[leaf] = scale.weight(leaf, _cost(self._graph.leaves[leaf], costs))
        cost, found = scale.read(lightest(self._formula, weights))
        return cost, self._named(found)

    def _named(self, leaves: Iterable[int]) -> frozenset[str]:
        return frozenset(self._graph.leaves[leaf] for leaf in leaves)


def _checked(graph: Graph, names: Iterable[str]) -> Collection[str]:
    if isinstance(names, str):
        names = (names,)  # one name, not its letters
    given = frozenset(names)
    known = {*graph.leaves, *graph.ways, graph.goal}
    for name in sorted(given - known):
        raise _unknown(name)
    return given


def _cost(name: str, costs: Mapping[str, int]) -> int:
    cost = costs.get(name)
    if isinstance(cost, bool) or not isinstance(cost, int) or cost < 0:
        raise InputError(
            "The cost of leaf {name!r} is {cost!r}.",
            hint="Give a whole number from 0 for every leaf that may be needed; an unknown cost is not 0.",
            zh="叶节点 {name!r} 的费用为 {cost!r}。凡可能需要的叶节点均须给出非负整数；费用不明不等于 0。",
            code="E-GRAPH-COST",
            name=name,
            cost=cost,
        )
    return cost


def _unknown(name: str) -> InputError:
    return InputError(
        "The graph has no leaf, or no node, {name!r}.",
        hint="Use a name that stands in the graph; only leaves have costs.",
        zh="图中没有叶节点或节点 {name!r}。请使用图中的名称；只有叶节点有费用。",
        code="E-GRAPH-NAME",
        name=name,
    )
