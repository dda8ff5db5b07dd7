"""How a plan must follow when a case is told differently (rules.md C.14: 1, 3 to 6, 12, 14 to 17).

Of each case another one is made of which is known how its plan must differ, or a program that shares
no code with the planner has the last word.  docs/reference/check-results.md lists all of C.14, with
the test and a planted fault of each item.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise, product
from random import Random
from typing import Any

from hypothesis import assume, given, note
from hypothesis import strategies as st

from taizhang.rules import Graph, bill, minimal_sets
from taizhang.rules.answers import answer_classes
from taizhang.rules.assess import assess
from taizhang.rules.city import plan_city
from taizhang.rules.expressions import Unknown, parse
from taizhang.rules.incremental import LiveCity
from taizhang.rules.joint import Estate, plan_estate
from taizhang.rules.plan import cheapest_plan
from taizhang.rules.supposing import suppose
from taizhang.rules.terms import (
    AtLeast,
    Cost,
    Dossier,
    Evidence,
    Fee,
    Held,
    Node,
    Pack,
    Ref,
    Supposition,
    Way,
)
from taizhang.rules.whatif import World, what_if

from .cases import random_estate, shipped
from .compact import shown
from .metamorphic import ADDITIVE, CALENDAR, PAPER, SEEDS, added, knotted, little_held, told, totals
from .oracle import completions
from .packs import DAY, ENUM, FACTS, cases, estate, examples, fact, label, make_pack, packs
from .test_joint_oracle import LEVELS, estates, levelled
from .test_plandiff import named

# --------------------------------------------------------- 1 and 3, guards and questions

TRUTHS = st.recursive(
    st.sampled_from(["f", "g", "not f", 'h == "red"', 'h in ["red", "green"]', "true"]),
    lambda inner: (
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})")
        | inner.map(lambda t: f"(not {t})")
        | st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})")
    ),
    max_leaves=6,
)


def apart_in(one: Mapping[str, Any], two: Mapping[str, Any]) -> set[str]:
    """The facts that two completions answer differently."""
    return {name for name in one if one[name] != two[name]}


@examples(120, 600)
@given(TRUTHS)
def test_01_what_kleene_leaves_open_is_decided_by_a_fact_it_names_or_asked_of_nobody(text):
    """A guard alone decides between two papers: exactly the facts that can turn it are asked."""
    guard = parse(text)
    ways = (Way("w0", label("w0"), (Ref("e0"),), 0, guard), Way("w1", label("w1"), (Ref("e1"),), 1))
    law = make_pack(
        {"n0": Node("n0", "unit", label("n0"), ways)},
        {name: replace(PAPER, id=name) for name in ("e0", "e1")},
        facts={name: fact(name) for name in FACTS},
    )
    outcomes = [
        (answers, guard.value(answers.get))
        for values in product((True, False), (True, False), ENUM)
        for answers in [dict(zip(FACTS, values, strict=True))]
    ]
    differing = [apart_in(a, b) for a, one in outcomes for b, two in outcomes if one != two]
    turning = {name for names in differing if len(names) == 1 for name in names}
    open_ = guard.value(lambda _: None)

    asked = {question.fact for question in assess(law, Dossier.of(law)).questions}

    assert asked == turning
    if isinstance(open_, Unknown):
        assert any(names <= open_.names for names in differing) or not open_.names & asked
    else:
        assert asked == set()


@examples(70, 600)
@given(st.data())
def test_03_exactly_the_facts_whose_answer_can_change_the_plan_are_asked(data):
    """An unasked answer changes the plan in no completion, an asked one in some."""
    pack = data.draw(packs())
    dossier = data.draw(cases(pack))
    note(shown(pack, dossier))
    every = [{name: value for (name, _), value in one.items()} for one in completions(pack, dossier)]
    assume(len(every) > 1)

    def given_(answers: Mapping[str, Any]) -> Dossier:
        return replace(dossier, facts={**dossier.facts, **{(n, "unit"): v for n, v in answers.items()}})

    plans = [told(cheapest_plan(pack, given_(one))) for one in every]
    changing = {
        name
        for one, plan in zip(every, plans, strict=True)
        for two, other in zip(every, plans, strict=True)
        for name in apart_in(one, two)
        if len(apart_in(one, two)) == 1 and plan != other
    }

    asked = {question.fact for question in assess(pack, dossier).questions}

    assert asked == changing
    before = cheapest_plan(pack, dossier)
    for name in set(every[0]) - asked:
        for value in {one[name] for one in every}:
            assert told(cheapest_plan(pack, given_({name: value}))) == told(before), (name, value)


# --------------------------------------------------------------- 4, 5, 6, the joint plan


def units_of(dossier: Dossier) -> list[str]:
    return [place.id for place in dossier.places.values() if place.level == "unit"]


def only(dossier: Dossier, units: list[str]) -> Dossier:
    """The estate with some of its homes; buildings stay, for ``each`` counts them."""
    gone = set(units_of(dossier)) - set(units)
    return replace(dossier, places={key: one for key, one in dossier.places.items() if key not in gone})


@examples(45, 600)
@given(st.data(), st.sampled_from(ADDITIVE))
def test_04_a_joint_plan_costs_at_most_the_sum_and_at_least_the_dearest(data, first):
    """For each part that adds up, put first; and for all of them in the declared order."""
    pack = data.draw(levelled())
    dossier = data.draw(estates(pack))
    note(shown(pack, dossier))
    order = (first, *(part for part in ADDITIVE if part != first))
    joint = plan_estate(pack, dossier, objective=order).plan.vector.ordered(order)
    alone = [cheapest_plan(pack, dossier, objective=order, place=unit) for unit in units_of(dossier)]
    able = [plan.vector.ordered(order) for plan in alone if plan.feasible]
    assume(able)

    assert max(able) <= joint <= added(*able)
    assert max(plan[0] for plan in able) <= joint[0] <= sum(plan[0] for plan in able)


@examples(45, 600)
@given(st.data())
def test_04_planning_homes_together_costs_no_more_than_in_two_lots(data):
    pack = data.draw(levelled())
    dossier = data.draw(estates(pack))
    note(shown(pack, dossier))
    units = units_of(dossier)
    first = [unit for unit in units if data.draw(st.booleans())]
    assume(0 < len(first) < len(units))
    whole = plan_estate(pack, dossier).plan.vector
    lots = [
        plan_estate(pack, only(dossier, lot)).plan.vector
        for lot in (first, [unit for unit in units if unit not in first])
    ]

    assert totals(whole) <= added(*map(totals, lots))
    assert totals(whole) >= max(map(totals, lots))


@examples(40, 400)
@given(st.data())
def test_04_what_shares_nothing_adds_up_exactly(data):
    """Two estates in one dossier."""
    pack = data.draw(levelled())
    one, two = (named(data.draw(estates(pack)), name) for name in ("X", "Y"))
    both = Dossier(DAY, {**one.places, **two.places}, {**one.held, **two.held}, {**one.facts, **two.facts})
    note(shown(pack, both))
    parts = [plan_estate(pack, each).plan for each in (one, two)]

    joint = plan_estate(pack, both).plan

    assert totals(joint.vector) == added(*(totals(part.vector) for part in parts))
    assert joint.vector.days == max(part.vector.days for part in parts)
    assert {gap.item + gap.place for gap in joint.gaps} == {
        gap.item + gap.place for part in parts for gap in part.gaps
    }


@examples(45, 600)
@given(st.data())
def test_05_the_parts_of_all_homes_make_up_the_joint_plan(data):
    """Every gap stands in some home's part, with the number of homes that wait for it."""
    pack = data.draw(levelled())
    dossier = data.draw(estates(pack))
    note(shown(pack, dossier))
    found = plan_estate(pack, dossier)
    waiting: dict[tuple[str, str], int] = {}
    for unit, papers in found.own.items():
        waiting |= {(paper, unit): 1 for paper in papers}
    for shared in found.shared.values():
        for key in shared:
            waiting[key] = waiting.get(key, 0) + 1

    assert {(gap.item, gap.place): gap.units for gap in found.plan.gaps} == waiting


def with_another(dossier: Dossier, unit: str) -> tuple[Dossier, str]:
    """One more home like another, in the same building."""
    new = f"{unit}z"
    return replace(
        dossier,
        places={**dossier.places, new: replace(dossier.places[unit], id=new)},
        held=dossier.held | {(name, new): state for (name, at), state in dossier.held.items() if at == unit},
        facts=dossier.facts
        | {(name, new): value for (name, at), value in dossier.facts.items() if at == unit},
    ), new


def shared_part(pack: Pack, found: Estate) -> set[tuple[str, str]]:
    return {(gap.item, gap.place) for gap in found.plan.gaps if gap.level != "unit"}


def without_choice(way: Way) -> Way:
    return replace(way, needs=tuple(need for need in way.needs if isinstance(need, Ref)))


@examples(100, 600)
@given(SEEDS)
def test_06_a_second_like_home_leaves_the_shared_papers_as_they_are(seed):
    """Where a home has no choice of its own, for then its twin cannot make a shared paper worth while."""
    chance = Random(seed)
    law = knotted(chance, LEVELS, step=1)
    single = {
        name: replace(node, ways=tuple(map(without_choice, node.ways[:1]))) if node.level == "unit" else node
        for name, node in law.nodes.items()
    }
    pack = replace(law, nodes=single)
    dossier = little_held(chance, pack, estate(2, 2))
    note(shown(pack, dossier))
    unit = chance.choice(units_of(dossier))
    more, new = with_another(dossier, unit)
    before, after = plan_estate(pack, dossier), plan_estate(pack, more)

    assert shared_part(pack, after) == shared_part(pack, before)
    assert {at: papers for at, papers in after.own.items() if at != new} == before.own
    assert after.own.get(new) == before.own.get(unit)
    assert [one for one in after.plan.route if one.place != new] == list(before.plan.route)


@examples(250, 2_000)
@given(st.lists(st.integers(0, 9), min_size=4, max_size=4), st.data())
def test_06_which_shared_paper_is_taken_does_not_hang_on_the_number_of_homes(prices, data):
    """A building may do with papers of its own or with papers of the estate."""
    names = ("eb0", "eb1", "es0", "es1")
    papers = {
        name: Evidence(name, "building" if "b" in name else "estate", label(name), "", Cost(price, 1, 1))
        for name, price in zip(names, prices, strict=True)
    }
    sets = st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)
    needs = data.draw(st.lists(sets, min_size=2, max_size=3))
    ways = tuple(Way(f"w{n}", label("way"), tuple(map(Ref, of))) for n, of in enumerate(needs))
    home = Node("n0", "unit", label("n0"), (Way("w0", label("n0"), (Ref("nb"),)),))
    pack = make_pack({"n0": home, "nb": Node("nb", "building", label("nb"), ways)}, papers, levels=LEVELS)
    note(shown(pack, estate(2, 1)))
    fewer, more = (plan_estate(pack, estate(2, homes)) for homes in (1, 8))

    assert shared_part(pack, more) == shared_part(pack, fewer)


@examples(45, 600)
@given(st.data())
def test_06_a_second_like_home_adds_no_more_than_the_first_did(data):
    """With choices of its own too: a shared paper may become worth while, and then both save."""
    pack = data.draw(levelled())
    dossier = data.draw(estates(pack))
    note(shown(pack, dossier))
    unit = data.draw(st.sampled_from(units_of(dossier)))
    others = [one for one in units_of(dossier) if one != unit]
    none, one, two = (
        totals(plan_estate(pack, each).plan.vector)
        for each in (only(dossier, others), dossier, with_another(dossier, unit)[0])
    )

    assert added(none, two) <= added(one, one)
    assert none <= one <= two


# ------------------------------------------------------------- 12 and 14, replayed


@examples(250, 2_000)
@given(SEEDS)
def test_12_a_grade_and_the_price_of_another_way_are_those_of_the_law_without_it(seed):
    """Under the answers the plan assumes: a paper that cannot be had, and a node with one way alone."""
    chance = Random(seed)
    pack = knotted(chance, step=1, whens=["f", "not g", 'h == "red"', "f or g"])
    dossier = little_held(chance, pack, Dossier.of(pack))
    note(shown(pack, dossier))
    found = plan_estate(pack, dossier, explain=True).plan
    words = {"true": True, "false": False}
    answers = {(one.fact, one.place): one.answers[0] for one in found.assumes}
    known = replace(dossier, facts={key: words.get(word, word) for key, word in answers.items()})

    for gap in found.gaps:
        lost = replace(known, held={**known.held, (gap.item, gap.place): Held.UNOBTAINABLE})
        again = cheapest_plan(pack, lost)
        assert (gap.grade == "necessary") == (not again.feasible), gap.item
        assert gap.price_of_refusal == (again.vector - found.vector if again.feasible else None), gap.item
        for other in gap.alternatives:
            again = cheapest_plan(with_both(pack, other.node, other.way), known)
            assert (other.reason == "dearer") == again.feasible, other
            assert other.delta == (again.vector - found.vector if again.feasible else None), other


def with_both(pack: Pack, name: str, way: str) -> Pack:
    """The law in which the goal and a node are wanted, the node by one of its ways alone."""
    node = pack.nodes[name]
    only = replace(node, ways=tuple(one for one in node.ways if one.id == way))
    both = Node("both", "unit", label("both"), (Way("w0", label("w0"), (Ref(pack.goal), Ref(name))),))
    return replace(pack, nodes={**pack.nodes, name: only, "both": both}, goal="both")


def test_14_a_fact_that_no_guard_reads_still_counts_where_a_fee_reads_it():
    """The random entries of ``test_incremental`` are answers to guards; what only a bill reads is here."""
    pack = shipped()
    city = LiveCity(pack, [random_estate(pack, 72_000, buildings=1, units=2)], [{}], CALENDAR)
    values = {"integer": 2, "decimal": Decimal(118), "money": 52_000_000, "enum": "", "bool": True}
    read = {name for fee in pack.fees.values() for name in fee.formula.names} & pack.facts.keys()
    unasked = sorted(read - answer_classes(pack).keys())
    assert {"area_m2", "price"} <= set(unasked)
    for name in unasked:
        level = pack.facts[name].level
        for at in [one.id for one in city.dossiers[0].places.values() if one.level == level]:
            city.record(0, name, at, values[pack.facts[name].type])
            assert city.plans == plan_city(pack, city.dossiers, city.identities, CALENDAR), name
    assert all(unit.bill.lines["deed_tax"] for unit in city.plans[0].units if "deed_tax" in unit.bill.lines)


# ------------------------------------------------------------- 15, 16, 17, other programs


@examples(100, 600)
@given(SEEDS)
def test_15_the_plan_is_the_smallest_of_the_minimal_sets(seed):
    """Two programs that share no code: the planner, and the sets of ``minimal_sets``."""
    chance = Random(seed)
    pack = knotted(chance)
    dossier = little_held(chance, pack, Dossier.of(pack))
    note(shown(pack, dossier))
    nodes = {
        name: [[need if isinstance(need, AtLeast) else need.ref for need in way.needs] for way in node.ways]
        for name, node in pack.nodes.items()
    }
    graph = Graph.build(nodes, goal="n0")
    known = set(nodes) | {n for ways in nodes.values() for way in ways for one in way
                          for n in (one.of if isinstance(one, AtLeast) else (one,))}  # fmt: skip
    there, lost = (
        sorted(name for (name, _), state in dossier.held.items() if state is wanted and name in known)
        for wanted in (Held.ON_HAND, Held.UNOBTAINABLE)
    )
    sets = minimal_sets(graph, on_hand=there, unobtainable=lost)

    plan = cheapest_plan(pack, dossier, objective=("money", "items"))

    assert plan.feasible == (sets.count() > 0)
    if plan.feasible:
        costs = {name: one.cost.money_fen or 0 for name, one in pack.evidence.items() if name in known}
        assert (plan.money_fen, frozenset(plan.items)) == sets.smallest(costs)


@examples(60, 400)
@given(
    st.decimals(0, 10_000, places=4),
    st.sampled_from(["0.01", "0.1", "1", "0.5", "100"]),
    st.sampled_from(["half_up", "half_even", "up", "down"]),
)
def test_16_what_was_rounded_is_not_rounded_again(amount, to, mode):
    fee = Fee("fee", "unit", label("fee"), "", parse("a"), Decimal(to), mode, ())
    facts = {"a": replace(fact("f"), id="a", type="decimal")}
    law = replace(make_pack({}, {}, facts=facts), fees={"fee": fee})
    fen = bill(law, {"a": amount}, DAY).lines["fee"]

    assert bill(law, {"a": Decimal(fen) / 100}, DAY).lines["fee"] == fen
    assert abs(Decimal(fen) / 100 - amount) < Decimal(to)
    assert fen % (Decimal(to) * 100) == 0


@examples(40, 400)
@given(
    st.lists(st.integers(1, 10**9), min_size=6, max_size=6).map(sorted),
    st.sampled_from(["60", "90.00", "90.01", "140", "140.01"]),
    st.integers(1, 3),
    st.sampled_from([date(2023, 11, 10), date(2024, 11, 30), date(2024, 12, 1)]),
)
def test_16_no_duty_falls_when_the_price_rises(prices, area, ordinal, on):
    pack = shipped()
    known = {"area_m2": Decimal(area), "family_home_ordinal": ordinal, "residential": True}
    bills = [bill(pack, {**known, "tax_exempt_reason": "none", "price_fen": fen}, on) for fen in prices]

    for one, two in pairwise(bills):
        assert one.lines.keys() == two.lines.keys() >= {"deed_tax", "registration_fee"}
        assert all(one.lines[name] <= two.lines[name] for name in one.lines)


def unlocked(before: Pack, after: Pack, dossier: Dossier) -> set[str]:
    shift = what_if(World(before, [dossier]), World(after, [dossier]), [{}], CALENDAR)
    assert not shift.count("harmed"), "a way that is added takes nothing away"
    return {one.place.id for one in shift.units if one.kind == "unlocked"}


@examples(30, 400)
@given(st.data())
def test_17_two_ways_adopted_together_unlock_what_each_of_them_unlocks(data):
    pack = data.draw(levelled())
    dossier = data.draw(estates(pack))
    every = sorted((node.id, way.id) for node in pack.nodes.values() for way in node.ways)
    closed = data.draw(st.lists(st.sampled_from(every), min_size=2, max_size=2, unique=True))
    nodes = {
        name: replace(
            node, ways=tuple(replace(way, adopted=(name, way.id) not in closed) for way in node.ways)
        )
        for name, node in pack.nodes.items()
    }
    now = replace(pack, nodes=nodes)
    note(f"{closed}\n{shown(now, dossier)}")
    each = [Supposition("enable", f"{node}.{way}") for node, way in closed]
    one, two, both = (unlocked(now, suppose(now, some), dossier) for some in ([each[0]], [each[1]], each))

    assert both >= one | two


def test_17_complements_unlock_only_together():
    """Two locks on one door."""
    lock = [
        Node(n, "unit", label(n), (Way("w0", label(n), (Ref("e"),), adopted=False),)) for n in ("n1", "n2")
    ]
    door = Node("n0", "unit", label("n0"), (Way("w0", label("n0"), (Ref("n1"), Ref("n2"))),))
    law = make_pack(
        {one.id: one for one in (door, *lock)}, {"e": PAPER}, levels=("estate", "building", "unit")
    )
    case = Dossier.of(law)
    one, two = (Supposition("enable", f"{name}.w0") for name in ("n1", "n2"))

    assert unlocked(law, suppose(law, [one]), case) == set()
    assert unlocked(law, suppose(law, [two]), case) == set()
    assert unlocked(law, suppose(law, [one, two]), case) == {"unit"}
