"""What may be promised of a plan (rules.md C.13, P0 to P9), on random packs and cases.

P0 stands in ``test_plan_oracle``.  All facts are known here: a new fact may worsen a plan.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given, note
from hypothesis import strategies as st

from taizhang.rules.check import check_plan
from taizhang.rules.plan import cheapest_plan
from taizhang.rules.terms import (
    AtLeast,
    Cost,
    Dossier,
    Evidence,
    Held,
    Label,
    Node,
    Pack,
    Plan,
    Ref,
    Way,
)

from .compact import shown
from .packs import OBJECTIVES, cases, examples, label, make_pack, packs


@st.composite
def planned(
    draw: st.DrawFn,
    ranks: bool = True,
    steps: bool = True,
    objectives: tuple[tuple[str, ...], ...] = OBJECTIVES,
) -> tuple[Pack, Dossier, Plan, tuple[str, ...]]:
    pack = draw(packs(ranks=ranks, steps=steps))
    dossier = draw(cases(pack, known=True))
    objective = draw(st.sampled_from(objectives))
    note(shown(pack, dossier))
    return pack, dossier, cheapest_plan(pack, dossier, objective=objective), objective


def worth(plan: Plan) -> tuple[bool, tuple[int, ...]]:
    """Smaller is better; a blocked case is worse than any plan."""
    return (not plan.feasible, plan.objective if plan.feasible else ())


def with_held(dossier: Dossier, name: str, state: Held) -> Dossier:
    return replace(dossier, held={**dossier.held, (name, "unit"): state})


@examples(200, 5_000)
@given(planned(), st.data())
def test_p1_more_evidence_never_worsens_the_objective(made, data):
    pack, dossier, plan, objective = made
    paper = data.draw(st.sampled_from(sorted([*pack.evidence, *pack.nodes])))

    after = cheapest_plan(pack, with_held(dossier, paper, Held.ON_HAND), objective=objective)

    assert worth(after) <= worth(plan)


@examples(200, 5_000)
@given(planned(), st.data())
def test_p2_losing_a_paper_never_improves_it(made, data):
    pack, dossier, plan, objective = made
    paper = data.draw(st.sampled_from(sorted(pack.evidence)))

    after = cheapest_plan(pack, with_held(dossier, paper, Held.UNOBTAINABLE), objective=objective)

    assert worth(after) >= worth(plan)


@examples(200, 5_000)
@given(planned(), st.data())
def test_p3_one_more_way_never_worsens_it(made, data):
    pack, dossier, plan, objective = made
    node = pack.nodes[data.draw(st.sampled_from(sorted(pack.nodes)))]
    paper = data.draw(st.sampled_from(sorted(pack.evidence)))
    way = Way("extra", Label("x", "x"), (Ref(paper),), data.draw(st.integers(0, 2)), None, Cost(1, 1, 1))
    wider = replace(pack, nodes={**pack.nodes, node.id: replace(node, ways=(*node.ways, way))})

    assert worth(cheapest_plan(wider, dossier, objective=objective)) <= worth(plan)


@examples(200, 5_000)
@given(planned(), st.data())
def test_p4_one_more_need_never_improves_it(made, data):
    pack, dossier, plan, objective = made
    node = pack.nodes[data.draw(st.sampled_from(sorted(pack.nodes)))]
    paper = data.draw(st.sampled_from(sorted(pack.evidence)))
    ways = tuple(replace(way, needs=(*way.needs, Ref(paper))) for way in node.ways)
    stricter = replace(pack, nodes={**pack.nodes, node.id: replace(node, ways=ways)})

    assert worth(cheapest_plan(stricter, dossier, objective=objective)) >= worth(plan)


@examples(200, 5_000)
@given(planned(), st.randoms(use_true_random=False))
def test_p5_the_order_of_the_file_is_irrelevant(made, random):
    pack, dossier, plan, objective = made

    def shuffled(table):  # type: ignore[no-untyped-def]
        rows = list(table.items())
        random.shuffle(rows)
        return dict(rows)

    nodes: dict[str, Node] = {}
    for name, node in shuffled(pack.nodes).items():
        ways = list(node.ways)
        random.shuffle(ways)
        nodes[name] = replace(node, ways=tuple(ways))
    other = replace(pack, nodes=nodes, evidence=shuffled(pack.evidence), facts=shuffled(pack.facts))

    assert cheapest_plan(other, dossier, objective=objective) == plan


@examples(200, 5_000)
@given(planned())
def test_p6_prices_in_another_currency_keep_the_plan(made):
    pack, dossier, plan, objective = made

    def dearer(cost: Cost) -> Cost:
        return replace(cost, money_fen=(cost.money_fen or 0) * 7)

    evidence = {name: replace(one, cost=dearer(one.cost)) for name, one in pack.evidence.items()}
    nodes = {
        name: replace(node, ways=tuple(replace(way, step=dearer(way.step)) for way in node.ways))
        for name, node in pack.nodes.items()
    }
    scaled = cheapest_plan(replace(pack, evidence=evidence, nodes=nodes), dossier, objective=objective)

    assert (scaled.items, scaled.route) == (plan.items, plan.route)
    assert scaled.money_fen == plan.money_fen * 7


@examples(200, 5_000)
@given(planned())
def test_p7_obtaining_the_plan_leaves_nothing_missing(made):
    pack, dossier, plan, objective = made
    assume(plan.feasible)
    for paper in plan.items:
        dossier = with_held(dossier, paper, Held.ON_HAND)

    after = cheapest_plan(pack, dossier, objective=objective)

    assert after.items == ()
    assert after.objective == (0,) * len(objective)


@examples(200, 5_000)
@given(planned(ranks=False, steps=False))
def test_p8_without_ranks_and_steps_no_item_of_the_plan_can_be_spared(made):
    pack, dossier, plan, objective = made
    assume(plan.feasible and objective != OBJECTIVES[2])
    for spared in plan.items:
        got = dossier
        for paper in plan.items:
            got = with_held(got, paper, Held.UNOBTAINABLE if paper == spared else Held.ON_HAND)
        missing = [one for one in pack.evidence if got.state(one, "unit") is Held.MISSING]
        for paper in missing:
            got = with_held(got, paper, Held.UNOBTAINABLE)

        assert not cheapest_plan(pack, got, objective=objective).feasible


MONEY_FIRST = (OBJECTIVES[0], OBJECTIVES[3])  # without ranks


@examples(40, 500)  # of 100 random plans only 6 have papers enough to leave one missing
@given(planned(ranks=False, objectives=MONEY_FIRST), st.data())
def test_p9_without_ranks_buying_an_item_lowers_money_by_its_price(made, data):
    pack, dossier, plan, objective = made
    assume(plan.items)
    paper = data.draw(st.sampled_from(plan.items))

    after = cheapest_plan(pack, with_held(dossier, paper, Held.ON_HAND), objective=objective)
    assume(after.items)  # what is proved keeps the steps it has

    assert after.money_fen == plan.money_fen - (pack.evidence[paper].cost.money_fen or 0)


@examples(200, 5_000)
@given(planned())
def test_the_second_checker_accepts_every_plan(made):
    pack, dossier, plan, _ = made

    assert check_plan(pack, dossier, plan).problems == ()


@examples(80, 5_000)  # six of each example
@given(planned(), st.data())
def test_the_second_checker_refuses_a_plan_that_was_tampered_with(made, data):
    """Every part of a plan is checked: an item, a sum, a way."""
    pack, dossier, plan, _ = made
    assume(plan.feasible and plan.items)
    gone = data.draw(st.sampled_from(plan.items))
    broken = [
        replace(plan, items=tuple(one for one in plan.items if one != gone)),
        replace(plan, vector=replace(plan.vector, money_fen=plan.vector.money_fen + 1)),
        replace(plan, vector=replace(plan.vector, effort=plan.vector.effort + 1)),
        replace(plan, vector=replace(plan.vector, rank=plan.vector.rank + 1)),
        replace(plan, vector=replace(plan.vector, days=plan.vector.days + 1)),
        replace(plan, route=plan.route[1:]),
    ]

    for tampered in broken:
        assert not check_plan(pack, dossier, tampered)


def test_the_second_checker_counts_a_way_as_proved_whichever_alternative_the_plan_took():
    """One of two papers is enough, one is there, and the plan uses the other, which it needs anyway."""
    evidence = {n: Evidence(n, "unit", label(n), "", Cost(0, 0, 0)) for n in ("there", "missing")}
    substitute = Way("w", label("w"), (AtLeast(1, ("missing", "n2")),), rank=1)
    nodes = {
        "n0": Node("n0", "unit", label("n0"), (Way("w", label("w"), (Ref("missing"), Ref("n1"))),)),
        "n1": Node("n1", "unit", label("n1"), (substitute,)),
        "n2": Node("n2", "unit", label("n2"), (Way("w", label("w"), (Ref("there"),)),)),
    }
    pack = make_pack(nodes, evidence)
    dossier = Dossier.of(pack, on_hand=["there"])
    plan = cheapest_plan(pack, dossier)

    assert plan.vector.rank == 0
    assert check_plan(pack, dossier, plan).problems == ()
