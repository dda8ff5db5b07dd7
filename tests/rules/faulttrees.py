"""Fault trees in Open-PSA form, read as AND/OR graphs: a minimal cut set is a minimal proof.

The trees are outside material and stay outside the repository; this reader knows no more of the
form than they use.  A tree with ``not`` or ``xor`` has no meaning here, for a proof never rests on
something being absent, and is refused.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from taizhang.errors import InputError
from taizhang.rules import AtLeast, Graph
from taizhang.rules.graph import Need

_ASIDE = ("label", "attributes")
_NAMES = ("gate", "basic-event", "house-event", "event")


class Tree(NamedTuple):
    """A fault tree.

    Attributes:
        graph: Its gates as nodes, its events as leaves.
        on_hand: House events that are true.
        unobtainable: House events that are false.
    """

    graph: Graph
    on_hand: frozenset[str]
    unobtainable: frozenset[str]


def read_tree(path: Path, top: str | None = None) -> Tree:
    """Return the tree of a file; its top is the first gate that no gate names, unless it is given.

    Raises:
        InputError: ``E-TREE-GATE`` a gate of a kind that has no meaning here.
    """
    root = ElementTree.parse(path).getroot()
    nodes = {one.attrib["name"]: _gate(path, one) for one in root.iter("define-gate")}
    houses: dict[bool, set[str]] = {True: set(), False: set()}
    for one in root.iter("define-house-event"):
        constant = one.find("constant")
        houses[constant is not None and constant.get("value") == "true"].add(one.attrib["name"])
    named = {name for ways in nodes.values() for way in ways for need in way for name in _of(need)}
    goal = top or next(name for name in nodes if name not in named)
    graph = Graph.build(nodes, goal)
    there = named | nodes.keys()
    return Tree(graph, frozenset(houses[True] & there), frozenset(houses[False] & there))


def _of(need: Need) -> tuple[str, ...]:
    return need.of if isinstance(need, AtLeast) else (need,)


def _gate(path: Path, gate: ElementTree.Element) -> list[list[Need]]:
    """The ways of a gate."""
    name = gate.attrib["name"]
    body = next(part for part in gate if part.tag not in _ASIDE)
    if body.tag in _NAMES:
        return [[body.attrib["name"]]]
    strange = next((part.tag for part in body if part.tag not in _NAMES), None)
    kind = body.tag if body.tag not in ("and", "or", "atleast") else strange
    if kind is not None:
        raise InputError(
            "Gate {name!r} is of kind {kind!r}.",
            hint="Only and, or and atleast can be read: a proof never rests on something being absent.",
            zh="门 {name!r} 的类型为 {kind!r}。只能读取 and、or 与 atleast。",
            code="E-TREE-GATE",
            where=path.name,
            name=name,
            kind=kind,
        )
    inputs = [part.attrib["name"] for part in body]
    if body.tag == "and":
        return [list(inputs)]
    if body.tag == "or":
        return [[one] for one in inputs]
    return [[AtLeast(int(body.attrib["min"]), tuple(inputs))]]


def listed(path: Path) -> set[frozenset[str]]:
    """The sets of a list, one JSON array a line."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return {frozenset(json.loads(line)) for line in lines}
