"""An AND/OR graph as others write it: nodes, their ways, and what a way needs.

The packs have richer nodes; this is the bare graph, for questions about its structure alone: which
sets of papers prove the goal, how many there are, and which is cheapest.  It is checked once, when
it is built; what follows may rely on names that are defined, numbers in range and no circles.

Reads from: ``terms``.  Read by: ``gates``, ``minimal``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from taizhang.errors import InputError
from taizhang.rules.terms import AtLeast

__all__ = ["Graph", "Need", "names_of"]

Need: TypeAlias = str | AtLeast
Ways: TypeAlias = tuple[tuple[Need, ...], ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes, each with the ways that establish it; names that no node bears are leaves.

    Use :meth:`build`, which checks what it is given.

    Attributes:
        goal: The name to be proved, a node or a leaf.
        ways: By node, children before parents: any way is enough, a way needs all its needs.
        leaves: Names that are needed and are no nodes, sorted by code point.
    """

    goal: str
    ways: Mapping[str, Ways]
    leaves: tuple[str, ...]

    @classmethod
    def build(cls, nodes: Mapping[str, Iterable[Iterable[Need]]], goal: str) -> Graph:
        """Return the graph of these nodes.

        Args:
            nodes: By name: its ways, each a list of needs.  A need is a name, or ``AtLeast`` of names.
                A way without needs always holds; a node without ways never does.
            goal: What is to be proved.  Nodes that it does not need are allowed, and checked too.

        Raises:
            InputError: ``E-GRAPH-FORM`` something is not of its form, ``E-GRAPH-COUNT`` an ``AtLeast``
                asks for fewer than one or for more than it names, ``E-GRAPH-NAME`` the goal stands
                nowhere in the graph, ``E-GRAPH-CYCLE`` a node needs itself; the chain is shown.

        Cost:
            Time and memory linear in what is written.

        >>> from taizhang.rules import AtLeast, Graph
        >>> graph = Graph.build({"top": [["a", "b"], ["c"]], "c": [[AtLeast(2, ["x", "y", "z"])]]}, "top")
        >>> graph.leaves
        ('a', 'b', 'x', 'y', 'z')
        >>> Graph.build({"a": [["b"]], "b": [["c"], ["a", "d"]]}, goal="a")
        Traceback (most recent call last):
        ...
        taizhang.errors.InputError: A node of the graph needs itself: a ⇐ b ⇐ a. Break the circle. \
[E-GRAPH-CYCLE]
        """
        ways = {name: _ways(name, given) for name, given in nodes.items()}
        named = {one for written in ways.values() for one in names_of(written)}
        leaves = tuple(sorted(named - ways.keys()))
        if goal not in ways and goal not in named:
            raise InputError(
                "The goal {goal!r} stands nowhere in the graph.",
                hint="Name one of its nodes.",
                zh="目标 {goal!r} 不在图中。请改为图中的节点。",
                code="E-GRAPH-NAME",
                goal=goal,
            )
        return cls(goal, {name: ways[name] for name in _bottom_up(ways)}, leaves)


def names_of(ways: Ways) -> Iterator[str]:
    """Names that the ways of a node need, as often as they are written."""
    for way in ways:
        for need in way:
            if isinstance(need, AtLeast):
                yield from need.of
            else:
                yield need


# ----------------------------------------------------------------------------- what is written


def _ways(name: object, given: object) -> Ways:
    if not isinstance(name, str):
        raise _malformed(name, name)
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise _malformed(name, given)
    return tuple(_way(name, way) for way in given)


def _way(name: str, way: object) -> tuple[Need, ...]:
    # a text is a sequence of texts too: "ab" must not be read as the needs "a" and "b"
    if isinstance(way, str) or not isinstance(way, Iterable):
        raise _malformed(name, way)
    needs = tuple(way)
    for need in needs:
        if isinstance(need, AtLeast):
            _check_count(name, need)
        elif not isinstance(need, str):
            raise _malformed(name, need)
    return needs


def _check_count(name: str, need: AtLeast) -> None:
    names: tuple[object, ...] = need.of
    k: object = need.k
    plain = all(isinstance(one, str) for one in names) and need.when is None
    if not plain or type(k) is not int or len(set(names)) < len(names):
        raise _malformed(name, need)
    if not 1 <= need.k <= len(need.of):
        raise InputError(
            "Node {name!r} needs at least {k} of {count} names.",
            hint="Ask for one at least, and for no more than are named.",
            zh="节点 {name!r} 要求 {count} 项中至少 {k} 项。至少为 1，且不得超过所列项数。",
            code="E-GRAPH-COUNT",
            name=name,
            k=need.k,
            count=len(need.of),
        )


def _malformed(name: object, part: object) -> InputError:
    return InputError(
        "Node {name!r} of the graph is not of its form: {part!r}.",
        hint="Write a list of ways, each a list of names and AtLeast(k, names); names once, no guard.",
        zh="图中节点 {name!r} 格式不对：{part!r}。"
        "应为途径列表；途径由名称或 AtLeast(k, 名称) 组成，不重名，不带条件。",
        code="E-GRAPH-FORM",
        name=name,
        part=part,
    )


# ------------------------------------------------------------------------------------- circles


def _bottom_up(ways: Mapping[str, Ways]) -> list[str]:
    """Nodes, children before parents, in an order that follows what is written.

    Raises:
        InputError: ``E-GRAPH-CYCLE``.
    """
    done: dict[str, bool] = {}  # False: its needs are being gone through
    for start in ways:
        if start in done:
            continue
        path: list[tuple[str, Iterator[str]]] = [(start, names_of(ways[start]))]
        done[start] = False
        while path:
            name, needs = path[-1]
            below = next((one for one in needs if one in ways and not done.get(one)), None)
            if below is None:
                done.pop(name)  # put in again at the end: the order of a dict is that of its entries
                done[name] = True
                path.pop()
            elif below in done:
                raise _circle([one for one, _ in path], below)
            else:
                done[below] = False
                path.append((below, names_of(ways[below])))
    return list(done)


def _circle(path: Sequence[str], again: str) -> InputError:
    chain = [*path[path.index(again) :], again]
    return InputError(
        "A node of the graph needs itself: {chain}.",
        hint="Break the circle.",
        zh="图中有节点依赖自身：{chain}。请断开循环。",
        code="E-GRAPH-CYCLE",
        chain=" ⇐ ".join(chain),
    )
