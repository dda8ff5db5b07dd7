"""Random packs and cases for property tests, and small packs written by hand."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date

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
    """How many examples an oracle gets: in ``make test``, and in ``make check``."""
    return settings(max_examples=check if os.environ.get("TAIZHANG_PROFILE") == "check" else test)


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


small = st.integers(0, 3)


@st.composite
def packs(draw: st.DrawFn, *, guards: bool = True, ranks: bool = True, steps: bool = True) -> Pack:
    """A random pack on one level: shared leaves, alternatives, guards, at-least needs."""
    leaves = [f"e{i}" for i in range(draw(st.integers(2, 7)))]
    count = draw(st.integers(1, 6))
    names = [f"n{i}" for i in range(count)]
    guard = st.sampled_from((None, None, *GUARDS)) if guards else st.none()
    nodes: dict[str, Node] = {}
    for i, name in enumerate(names):
        below = names[i + 1 :] + leaves
        ways = []
        for j in range(draw(st.integers(1, 3))):
            needs: list[Need] = []
            for _ in range(draw(st.integers(0 if j else 1, 3))):
                if len(below) > 2 and draw(st.integers(0, 5)) == 0:
                    of = draw(st.lists(st.sampled_from(below), min_size=2, max_size=3, unique=True))
                    needs.append(AtLeast(draw(st.integers(1, len(of))), tuple(of)))
                else:
                    text = draw(guard) if draw(st.booleans()) else None
                    needs.append(Ref(draw(st.sampled_from(below)), parse(text) if text else None))
            when = draw(guard)
            step = Cost(draw(small), draw(small), draw(small)) if steps else Cost(0, 0, 0)
            rank = draw(st.integers(0, 2)) if ranks else 0
            ways.append(Way(f"w{j}", label(f"w{j}"), tuple(needs), rank, parse(when) if when else None, step))
        nodes[name] = Node(name, "unit", label(name), tuple(ways))
    evidence = {
        name: Evidence(name, "unit", label(name), "", Cost(draw(small), draw(small), draw(small)))
        for name in leaves
    }
    return make_pack(nodes, evidence, facts={name: fact(name) for name in FACTS})


@st.composite
def cases(draw: st.DrawFn, pack: Pack, *, known: bool = False) -> Dossier:
    """A random dossier for a pack: some papers there, some lost, some facts open."""
    names = [*pack.evidence, *(n for n in pack.nodes if n != pack.goal)]
    on_hand, lost = [], []
    for name in names:
        roll = draw(st.integers(0, 9))
        if roll < (3 if name in pack.evidence else 1):
            on_hand.append(name)
        elif roll == 9:
            lost.append(name)
    facts: dict[str, Value] = {}
    for name, kind in FACTS.items():
        if known or draw(st.booleans()):
            facts[name] = draw(st.booleans()) if kind == "bool" else draw(st.sampled_from(ENUM))
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
    "Each",
    "cases",
    "estate",
    "examples",
    "fact",
    "label",
    "make_pack",
    "packs",
]
