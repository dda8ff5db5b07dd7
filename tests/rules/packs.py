"""Random packs and cases for property tests, and small packs written by hand."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st

from taizhang.rules.expressions import parse
from taizhang.rules.terms import (
    AtLeast,
    Cost,
    Dossier,
    Each,
    Evidence,
    Fact,
    Held,
    Label,
    Need,
    Node,
    Pack,
    Place,
    Ref,
    Value,
    Way,
)

_T = TypeVar("_T")

DAY = date(2024, 1, 28)
FACTS = {"f": "bool", "g": "bool", "h": "enum"}
ENUM = ("red", "green", "blue")
GUARDS = (
    "f",
    "not f",
    "g",
    "not g",
    'h == "red"',
    'h != "red"',
    'h in ["red", "green"]',
    'f or h == "blue"',
    "f and g",
    "f and g or not f and not g",
)
OBJECTIVES = (
    ("rank", "money", "effort", "items", "days"),
    ("rank", "items", "money", "effort", "days"),
    ("rank", "days", "items", "money", "effort"),
    ("money", "effort", "items", "days"),
)


def examples(test: int, check: int) -> settings:
    """How many examples an oracle gets: in ``make test``, and in ``make check``.

    Every day 7 of 10 of those named, at least 25: twenty minutes are for all tests together.
    """
    daily = min(test, max(25, test * 7 // 10))
    return settings(max_examples=check if os.environ.get("TAIZHANG_PROFILE") == "check" else daily)


def label(text: str) -> Label:
    return Label(text, text)


def make_pack(
    nodes: Mapping[str, Node],
    evidence: Mapping[str, Evidence],
    *,
    levels: tuple[str, ...] = ("unit",),
    facts: Mapping[str, Fact] | None = None,
    goal: str = "n0",
    objective: tuple[str, ...] = OBJECTIVES[0],
) -> Pack:
    """A pack from records, everything else empty."""
    return Pack(
        "test", "1", label("test"), "CN", levels, goal, objective, DAY,
        {}, {}, dict(facts or {}), {}, dict(evidence), dict(nodes), {}, {}, (), (("test", "1", "0"),),
    )  # fmt: skip


def fact(name: str, level: str = "unit") -> Fact:
    """One of the test facts."""
    kind = FACTS[name]
    values = {value: label(value) for value in ENUM} if kind == "enum" else {}
    return Fact(name, level, kind, label(name), label(name), "", values)


class Choices:
    """Choices made by the bytes of one draw: hundreds of draws take Hypothesis longer than planning does.

    A byte of 0 is the first, simplest choice, so that examples shrink as they would draw by draw.
    """

    def __init__(self, draw: st.DrawFn, most: int) -> None:
        self._left = iter(draw(st.binary(min_size=most, max_size=most)))

    def upto(self, most: int, least: int = 0) -> int:
        """A whole number between two."""
        return least + next(self._left, 0) % (most - least + 1)

    def one_of(self, some: Sequence[_T]) -> _T:
        return some[self.upto(len(some) - 1)]

    def some_of(self, some: Sequence[_T], count: int) -> tuple[_T, ...]:
        """So many different ones, in any order."""
        left = list(some)
        return tuple(left.pop(self.upto(len(left) - 1)) for _ in range(count))

    def cost(self) -> Cost:
        return Cost(self.upto(3), self.upto(3), self.upto(3))


_parsed = cache(parse)


@st.composite
def packs(draw: st.DrawFn, *, guards: bool = True, ranks: bool = True, steps: bool = True) -> Pack:
    """A random pack on one level: shared leaves, alternatives, guards, at-least needs."""
    choose = Choices(draw, 512)
    leaves = [f"e{i}" for i in range(choose.upto(7, 2))]
    names = [f"n{i}" for i in range(choose.upto(6, 1))]
    texts = (None, None, *GUARDS) if guards else (None,)
    nodes: dict[str, Node] = {}
    for i, name in enumerate(names):
        below = names[i + 1 :] + leaves
        ways = []
        for j in range(choose.upto(3, 1)):
            needs: list[Need] = []
            for _ in range(choose.upto(3, 0 if j else 1)):
                if len(below) > 2 and choose.upto(5) == 5:  # rare, and no simpler than a need of one thing
                    of = choose.some_of(below, choose.upto(3, 2))
                    needs.append(AtLeast(choose.upto(len(of), 1), of))
                else:
                    text = choose.one_of(texts) if choose.upto(1) else None
                    needs.append(Ref(choose.one_of(below), _parsed(text) if text else None))
            when = choose.one_of(texts)
            step = choose.cost() if steps else Cost(0, 0, 0)
            rank = choose.upto(2) if ranks else 0
            way = Way(f"w{j}", label(f"w{j}"), tuple(needs), rank, _parsed(when) if when else None, step)
            ways.append(way)
        nodes[name] = Node(name, "unit", label(name), tuple(ways))
    evidence = {name: Evidence(name, "unit", label(name), "", choose.cost()) for name in leaves}
    return make_pack(nodes, evidence, facts={name: fact(name) for name in FACTS})


@st.composite
def cases(draw: st.DrawFn, pack: Pack, *, known: bool = False) -> Dossier:
    """A random dossier for a pack: some papers there, some lost, some facts open."""
    choose = Choices(draw, 32)
    on_hand, lost = [], []
    for name in [*pack.evidence, *(n for n in pack.nodes if n != pack.goal)]:
        roll = choose.upto(9)
        if roll > (6 if name in pack.evidence else 8):
            on_hand.append(name)
        elif roll == 1:
            lost.append(name)
    facts: dict[str, Value] = {}
    for name, kind in FACTS.items():
        if known or choose.upto(1):
            facts[name] = bool(choose.upto(1)) if kind == "bool" else choose.one_of(ENUM)
    return Dossier.of(pack, on_hand=on_hand, unobtainable=lost, facts=facts)


def estate(buildings: int, units: int, *, held: Mapping[tuple[str, str], Held] | None = None,
           facts: Mapping[tuple[str, str], Value] | None = None) -> Dossier:  # fmt: skip
    """A dossier with one estate ``E``, buildings ``B1…`` and units ``B1U1…``."""
    places = {"E": Place("estate", "E", None, "E")}
    for b in range(1, buildings + 1):
        places[f"B{b}"] = Place("building", f"B{b}", "E", f"B{b}")
        for u in range(1, units + 1):
            places[f"B{b}U{u}"] = Place("unit", f"B{b}U{u}", f"B{b}", f"B{b}U{u}")
    return Dossier(DAY, places, dict(held or {}), dict(facts or {}))


__all__ = [
    "DAY",
    "ENUM",
    "FACTS",
    "OBJECTIVES",
    "Choices",
    "Each",
    "cases",
    "estate",
    "examples",
    "fact",
    "label",
    "make_pack",
    "packs",
]
