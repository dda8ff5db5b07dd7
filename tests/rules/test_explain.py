"""Every explanation is replayed by solving again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, note
from hypothesis import strategies as st

from taizhang.rules.explain import lift_of
from taizhang.rules.joint import plan_estate
from taizhang.rules.plan import cheapest_plan
from taizhang.rules.terms import Cost, Dossier, Evidence, Held, Node, Pack, Ref, Vector, Way

from .compact import shown
from .oracle import Oracle
from .packs import cases, examples, label, make_pack, packs


def without(dossier: Dossier, paper: str) -> Dossier:
    return replace(dossier, held={**dossier.held, (paper, "unit"): Held.UNOBTAINABLE})


@examples(200, 2_000)
@given(st.data())
def test_a_grade_says_what_refusing_the_paper_costs(data):
    """necessary: nothing else works; chosen: this much dearer; convenient: another plan is as good."""
    pack = data.draw(packs())
    dossier = data.draw(cases(pack, known=True))
    note(shown(pack, dossier))
    found = plan_estate(pack, dossier, explain=True)
    assume(found.plan.gaps)
    for gap in found.plan.gaps:
        other = Oracle(pack, without(dossier, gap.item), {}).best([("n0", "unit")], pack.objective)

        if gap.grade == "necessary":
            assert other is None
        else:
            assert other is not None
            assert gap.price_of_refusal is not None
            dearer = {name: getattr(gap.price_of_refusal, field) for name, field in PARTS.items()}
            there = {name: getattr(found.plan.vector, field) for name, field in PARTS.items()}
            assert {name: there[name] + dearer[name] for name in PARTS} == dict(other.vector)
            same = found.plan.vector.ordered(pack.objective) == tuple(other.vector[n] for n in pack.objective)
            assert (gap.grade == "convenient") == same


PARTS = {"rank": "rank", "money": "money_fen", "effort": "effort", "items": "items", "days": "days"}


@examples(200, 2_000)
@given(st.data())
def test_a_way_that_was_not_chosen_has_its_price_or_its_block(data):
    pack = data.draw(packs())
    dossier = data.draw(cases(pack, known=True))
    note(shown(pack, dossier))
    found = plan_estate(pack, dossier, explain=True)
    assume(found.explainer)
    seen = {(one.node, one.way): one for gap in found.plan.gaps for one in gap.alternatives}
    for (node, way_id), told in seen.items():
        way = next(one for one in pack.nodes[node].ways if one.id == way_id)
        only = replace(pack, nodes={**pack.nodes, node: replace(pack.nodes[node], ways=(way,))})
        goals = [("n0", "unit"), (node, "unit")]
        other = Oracle(only, dossier, {}).best(goals, pack.objective)

        if told.reason == "dearer":
            assert other is not None
            assert told.delta is not None
            assert {
                n: getattr(found.plan.vector, f) + getattr(told.delta, f) for n, f in PARTS.items()
            } == dict(other.vector)
        elif told.reason == "blocked":
            assert other is None
        else:
            assert told.reason == "guard_false"
            assert way.when is not None
            assert way.when.value(lambda name: dossier.fact(name, "unit")) is False


@examples(200, 2_000)
@given(st.data())
def test_a_lift_opens_the_case_and_no_smaller_one_does(data):
    pack = data.draw(packs(ranks=False))
    dossier = data.draw(cases(pack, known=True))
    note(shown(pack, dossier))
    closed = data.draw(st.sampled_from(sorted(pack.nodes)))
    ways = (
        tuple(replace(way, adopted=False) for way in pack.nodes[closed].ways[:1])
        + pack.nodes[closed].ways[1:]
    )
    pack = replace(pack, nodes={**pack.nodes, closed: replace(pack.nodes[closed], ways=ways)})
    assume(not cheapest_plan(pack, dossier).feasible)

    lift = lift_of(pack, dossier, {("n0", "unit"): 1}, pack.objective)

    changes = [("paper", key[0]) for key, state in dossier.held.items() if state is Held.UNOBTAINABLE]
    changes += [("way", f"{closed}.{way.id}") for way in ways if not way.adopted]
    smallest = min(
        (bin(mask).count("1") for mask in range(1 << len(changes)) if opened(pack, dossier, changes, mask)),
        default=None,
    )
    assert (lift is None) == (smallest is None)
    if lift:
        assert len(lift.items) + len(lift.ways) == smallest
        named = [("paper", name) for name, _ in lift.items] + [
            ("way", f"{c.node}.{c.way}") for c in lift.ways
        ]
        mask = sum(1 << i for i, change in enumerate(changes) if change in named)
        assert opened(pack, dossier, changes, mask)
        assert isinstance(lift.vector, Vector)


def opened(pack: Pack, dossier: Dossier, changes: list[tuple[str, str]], mask: int) -> bool:
    """Whether the case opens when some of the changes are made."""
    held, nodes = dict(dossier.held), dict(pack.nodes)
    for i, (kind, name) in enumerate(changes):
        if mask >> i & 1 and kind == "paper":
            held[name, "unit"] = Held.ON_HAND if name in nodes else Held.MISSING
        elif mask >> i & 1:
            node, _, way_id = name.partition(".")
            ways = tuple(replace(way, adopted=True) if way.id == way_id else way for way in nodes[node].ways)
            nodes[node] = replace(nodes[node], ways=ways)
    return Oracle(replace(pack, nodes=nodes), replace(dossier, held=held), {}).follows(("n0", "unit"), True)


@pytest.mark.parametrize(("effort", "grade"), [(1, "convenient"), (2, "chosen"), (None, "necessary")])
def test_the_three_grades_of_a_paper(effort, grade):
    """One paper is needed; another would do as well, or at a price, or there is none."""
    papers = {"a": 1} if effort is None else {"a": 1, "b": effort}
    evidence = {
        name: Evidence(name, "unit", label(name), "", Cost(0, hours, 1)) for name, hours in papers.items()
    }
    ways = tuple(Way(f"by_{name}", label(name), (Ref(name),)) for name in papers)
    pack = make_pack({"n0": Node("n0", "unit", label("n0"), ways)}, evidence)

    gap = plan_estate(pack, Dossier.of(pack), explain=True).plan.gaps[0]

    assert (gap.item, gap.grade) == ("a", grade)
    if effort:
        assert gap.price_of_refusal == Vector(effort=effort - 1)
