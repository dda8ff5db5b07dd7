"""The households that the engines are asked about: the shipped law, all facts known, seeded.

Sixty random sets of answers under which a certificate can be had are the archetypes; a case is one
of them with five answers in a hundred drawn anew, so that some cases are blocked.  Papers are there
with one of four rates and one in a hundred can no longer be had.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from tests.rules.clingo_encoding import domain, every_guard

from taizhang.rules import Dossier, load_pack
from taizhang.rules.expressions import Expression
from taizhang.rules.ground import ground
from taizhang.rules.terms import Each, Pack, Status, Value, Way
from taizhang.rules.truth import standing

__all__ = [
    "Case",
    "dossier_of",
    "households",
    "lawful_ways",
    "needs_of",
    "pack_stats",
    "reached",
    "shipped_pack",
]

SEED = 20_261_125
ARCHETYPES = 60
DAY = date(2026, 11, 25)


@dataclass(frozen=True, slots=True)
class Case:
    """One home on the shipped law; a name stands for its one place on its level."""

    on_hand: frozenset[str]  #: papers and nodes that are there
    unobtainable: frozenset[str]  #: papers that can no longer be had
    facts: dict[str, Value]  #: every fact that a guard reads


def shipped_pack() -> Pack:
    """The national pack with Shandong and the demo city, without decisions."""
    return load_pack(
        "title-certificates", overlays=["title-certificates-shandong", "demo-city-rules"], as_of=DAY
    )


def dossier_of(pack: Pack, case: Case) -> Dossier:
    """The case as our planner takes it."""
    return Dossier.of(pack, on_hand=case.on_hand, unobtainable=case.unobtainable, facts=case.facts)


def households(pack: Pack, count: int, seed: int = SEED) -> list[Case]:
    """Return ``count`` cases; a longer list begins with the shorter one."""
    rng = np.random.default_rng([seed, 1])
    answers = _answers(pack)
    archetypes = list(_archetypes(pack, answers, rng))
    return [_case(pack, answers, archetypes, np.random.default_rng([seed, 2, n])) for n in range(count)]


def _answers(pack: Pack) -> dict[str, tuple[Value, ...]]:
    guards = tuple(every_guard(pack))
    read = sorted(frozenset().union(*(guard.names for guard in guards)) & pack.facts.keys())
    return {name: domain(pack, pack.facts[name], guards) for name in read}


def _archetypes(
    pack: Pack, answers: dict[str, tuple[Value, ...]], rng: np.random.Generator
) -> Iterator[dict[str, Value]]:
    found = 0
    while found < ARCHETYPES:
        facts = {name: values[int(rng.integers(len(values)))] for name, values in answers.items()}
        if status_of(pack, Dossier.of(pack, facts=facts)) is not Status.BLOCKED:
            found += 1
            yield facts


def status_of(pack: Pack, dossier: Dossier) -> Status:
    """Where the goal stands, and nothing else."""
    problem = ground(pack, dossier, [(pack.goal, pack.levels[-1])])
    return standing(problem).status(problem.goals[0])


def _case(
    pack: Pack,
    answers: dict[str, tuple[Value, ...]],
    archetypes: Sequence[dict[str, Value]],
    rng: np.random.Generator,
) -> Case:
    facts = dict(archetypes[int(rng.integers(len(archetypes)))])
    for name, values in answers.items():
        if rng.random() < 0.05:
            facts[name] = values[int(rng.integers(len(values)))]
    there = (0.3, 0.7, 0.95, 1.0)[int(rng.integers(4))]
    papers = list(pack.evidence)
    rolls = rng.random(len(papers))
    nodes = [name for name in pack.nodes if name != pack.goal]
    held = {paper for paper, roll in zip(papers, rolls, strict=True) if roll < there * 0.99}
    lost = {paper for paper, roll in zip(papers, rolls, strict=True) if roll >= 0.99}
    held |= {node for node, roll in zip(nodes, rng.random(len(nodes)), strict=True) if roll < 0.02}
    return Case(frozenset(held), frozenset(lost), facts)


# ---------------------------------------------------------------------- the law, for other engines


def lawful_ways(pack: Pack, node: str) -> tuple[Way, ...]:
    """The ways of a node that are in force and adopted; a decision's scope holds for a nameless case."""
    return tuple(way for way in pack.nodes[node].ways if pack.in_force(way))


def reached(pack: Pack) -> list[str]:
    """Nodes below the goal, needs first."""
    order: list[str] = []

    def visit(name: str) -> None:
        if name in order or name not in pack.nodes:
            return
        for way in lawful_ways(pack, name):
            for _, _, names in needs_of(way):
                for one in names:
                    visit(one)
        order.append(name)

    visit(pack.goal)
    return order


def needs_of(way: Way) -> list[tuple[Expression | None, int, tuple[str, ...]]]:
    """``(guard, least, names)`` of every need; of "each" there is one place here."""
    found: list[tuple[Expression | None, int, tuple[str, ...]]] = []
    for need in way.needs:
        of = getattr(need, "of", None) or (need.ref,)  # type: ignore[union-attr]
        assert not hasattr(need, "at_least"), "no share in the shipped law"
        found.append((need.when, 1 if isinstance(need, Each) else getattr(need, "k", 1), of))
    return found


def pack_stats(pack: Pack) -> dict[str, int | str]:
    """The size of the law that was asked about."""
    nodes = reached(pack)
    ways = [way for node in nodes for way in lawful_ways(pack, node)]
    needs = [need for way in ways for need in needs_of(way)]
    papers = [name for _, _, names in needs for name in names if name in pack.evidence]
    return {
        "pack": pack.id,
        "digest": pack.digest[:12],
        "nodes": len(nodes),
        "ways": len(ways),
        "needs": len(needs),
        "papers": len(set(papers)),
        "shared_papers": len({name for name in papers if papers.count(name) > 1}),
        "facts": len(_answers(pack)),
    }
