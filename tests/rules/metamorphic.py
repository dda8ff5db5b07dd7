"""What the tests of rules.md C.14 build their laws and cases from.

Read by: ``test_metamorphic_plans``, ``test_metamorphic_laws``, ``test_metamorphic_files``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import strategies as st

from taizhang.rules.compose import compose
from taizhang.rules.document import Change, Document
from taizhang.rules.expressions import Expression, parse
from taizhang.rules.marked import Mark
from taizhang.rules.terms import (
    AtLeast,
    Cost,
    Dossier,
    Evidence,
    Held,
    Need,
    Node,
    Pack,
    Plan,
    Ref,
    Span,
    Vector,
    Way,
)
from taizhang.rules.worktime import WorkCalendar

from .packs import DAY, FACTS, fact, label, make_pack

ADDITIVE = ("rank", "money", "effort", "items")
CALENDAR = WorkCalendar.china()
SEEDS = st.integers(0, 1_000_000)
HERE = Mark("test.yaml", 1, 1)
ALWAYS = Span()
PAPER = Evidence("e", "unit", label("e"), "", Cost(0, 1, 1))


def told(plan: Plan) -> tuple[object, ...]:
    """A plan without the answers it assumes."""
    return plan.feasible, plan.items, plan.route, plan.vector


def totals(vector: Vector) -> tuple[int, ...]:
    """The parts that add up, in the default order."""
    return vector.ordered(ADDITIVE)


def added(*vectors: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*vectors, strict=True)))


def knotted(
    chance: Random, levels: tuple[str, ...] = ("unit",), *, step: int = 0, whens: Sequence[str] = ()
) -> Pack:
    """A pack in which much is tied: six papers of few prices, four nodes, every choice as likely as another.

    Work costs ``step`` hours at most; ``whens`` are guards, which some ways have.
    """
    papers = {f"e{n}": chance.choice(levels) for n in range(6)}
    levels_of = {"n0": "unit", **{f"n{n}": chance.choice(levels) for n in (1, 2, 3)}, **papers}
    nodes = {}
    for name in ("n0", "n1", "n2", "n3"):
        level = levels_of[name]
        near = [n for n, at in levels_of.items() if n > name or n in papers]
        near = [n for n in near if levels.index(levels_of[n]) <= levels.index(level)]
        ways = []
        for number in range(chance.randint(1, 3) if near else 0):
            needs: list[Need] = [
                Ref(one) for one in chance.sample(near, min(len(near), chance.randint(1, 2)))
            ]
            if len(near) > 3 and chance.random() < 0.3:
                needs.append(AtLeast(2, tuple(chance.sample(near, 3))))
            when = parse(chance.choice(whens)) if whens and chance.random() < 0.4 else None
            work = Cost(0, chance.randint(0, step), 1)
            ways.append(Way(f"w{number}", label("way"), tuple(needs), 0, when, work))
        nodes[name] = Node(name, level, label(name), tuple(ways))
    evidence = {
        name: Evidence(name, level, label(name), "", Cost(chance.randint(0, 1), 1, 1))
        for name, level in papers.items()
    }
    return make_pack(nodes, evidence, levels=levels, facts={name: fact(name) for name in FACTS})


def little_held(chance: Random, pack: Pack, dossier: Dossier) -> Dossier:
    """A case in which most papers are missing and no fact is known."""
    held = {
        (name, place.id): Held.ON_HAND if chance.random() < 0.7 else Held.UNOBTAINABLE
        for place in dossier.places.values()
        for name, paper in pack.evidence.items()
        if paper.level == place.level and chance.random() < 0.15
    }
    return replace(dossier, held=held, facts={})


def text_of(pack: Pack, **more: Any) -> Document:
    """The document that a random pack would have been read from."""
    nodes = {  # a reader sorts the ways of a node
        name: replace(node, ways=tuple(sorted(node.ways, key=lambda way: (way.rank, way.id))))
        for name, node in pack.nodes.items()
    }
    chapters = {"nodes": nodes, "evidence": dict(pack.evidence), "facts": dict(pack.facts), **more}
    return Document(
        Path("test.yaml"), "pack", "test", "1", "CN", chapters=chapters, goal="n0", levels=pack.levels
    )


def overlay(name: str, *changes: Change, of: str = "CN-37") -> Document:
    return Document(Path(f"{name}.yaml"), "overlay", name, "1", of, changes=changes)


def change(op: str, node: str, way: str, value: Any, span: Span = ALWAYS, need: str = "") -> Change:
    return Change(op, node, way, need, "", value, label("why"), span, (), {"op": HERE})


@st.composite
def changes(draw: st.DrawFn, pack: Pack, span: Span = ALWAYS, own: Span = ALWAYS) -> Change:
    """One change of one way; what replaces a way may have dates of its own."""
    node = pack.nodes[draw(st.sampled_from(sorted(pack.nodes)))]
    way = draw(st.sampled_from(node.ways))
    depth = pack.levels.index(node.level)
    near = sorted(n for n, one in pack.evidence.items() if pack.levels.index(one.level) <= depth)
    paper = draw(st.sampled_from(near))
    new = Way("new", label("new"), (Ref(paper),), draw(st.integers(0, 1)), None, Cost(1, 1, 1), effective=own)
    op = draw(
        st.sampled_from(["add_way", "remove_way", "replace_way", "add_need", "drop_need", "replace_need"])
    )
    if op == "add_way":
        return change(op, node.id, f"new{draw(st.integers(0, 999))}", new, span)
    if op.endswith("way"):
        return change(op, node.id, way.id, new if op == "replace_way" else None, span)
    named_ = [need.ref for need in way.needs if not isinstance(need, AtLeast)]
    if op == "add_need" or not named_:
        return change("add_need", node.id, way.id, Ref(paper), span)
    return change(op, node.id, way.id, Ref(paper) if op == "replace_need" else None, span, named_[0])


def composed(base: Document, *layers: Document, on: date = DAY) -> Pack:
    """The law, without saying which document a rule came from."""
    pack, errors = compose(base, layers, on)
    assert not errors, errors
    nodes = {
        name: replace(
            node,
            ways=tuple(
                replace(way, origin="") for way in sorted(node.ways, key=lambda way: (way.rank, way.id))
            ),
        )
        for name, node in pack.nodes.items()
    }
    return replace(pack, nodes=nodes, lock=())


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """A law, a case or a plan under other ids; what people read stays."""
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, Expression):
        words = re.compile(r"[A-Za-z_]\w*")
        return parse(words.sub(lambda found: names.get(found[0], found[0]), value.text), value.where)
    if isinstance(value, Mapping):
        return {renamed(key, names): renamed(one, names) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(renamed(one, names) for one in value)
    if is_dataclass(value) and type(value).__name__ != "Label":
        told_ = {one.name: getattr(value, one.name) for one in fields(value) if one.init}
        return type(value)(**{key: renamed(one, names) for key, one in told_.items()})  # type: ignore[operator]
    return value


def ids_of(pack: Pack) -> set[str]:
    ways = {way.id for node in pack.nodes.values() for way in node.ways}
    return {*pack.nodes, *pack.evidence, *pack.facts, *pack.params, *ways}


def in_order(names: set[str], chance: Random) -> dict[str, str]:
    """Other ids in the same order; all else about them is chance."""
    return {name: f"k{n:02d}{chance.choice('abz_09')}" for n, name in enumerate(sorted(names))}
