"""How a plan must follow when a law is told differently (rules.md C.14: 7 to 10 and 18).

A paper in two halves, a way told twice, overlays and their order, another day, other names.
docs/reference/check-results.md lists all of C.14, with the test and a planted fault of each item.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import assume, example, given, note
from hypothesis import strategies as st

from taizhang.rules import bill
from taizhang.rules.assess import assess
from taizhang.rules.canonical import canonical
from taizhang.rules.circumstances import law_digest
from taizhang.rules.city import plan_city
from taizhang.rules.document import Document
from taizhang.rules.expressions import parse
from taizhang.rules.joint import plan_estate
from taizhang.rules.packcheck import boundary_days
from taizhang.rules.plan import cheapest_plan
from taizhang.rules.terms import (
    Cost,
    Dossier,
    Fee,
    Held,
    Node,
    Pack,
    Parameter,
    ParameterValue,
    Ref,
    Span,
    Way,
)

from .cases import random_estate, shipped
from .compact import shown
from .metamorphic import (
    ALWAYS,
    CALENDAR,
    PAPER,
    SEEDS,
    change,
    changes,
    composed,
    ids_of,
    in_order,
    knotted,
    little_held,
    overlay,
    renamed,
    text_of,
    told,
)
from .packs import DAY, OBJECTIVES, cases, estate, examples, label, make_pack, packs
from .test_joint_oracle import LEVELS, estates, levelled

# ------------------------------------------------------------------- 7, 8, a law rewritten


@examples(60, 600)
@given(st.data())
def test_07_a_paper_in_two_halves_that_are_both_needed_costs_the_same(data):
    """Money, effort and rank; the number of papers is another one."""
    pack = data.draw(packs())
    dossier = data.draw(cases(pack))
    name = data.draw(st.sampled_from(sorted(pack.evidence)))
    paper = pack.evidence[name]
    half = paper.cost
    whole = Cost(2 * (half.money_fen or 0), 2 * half.effort, half.days)
    pack = replace(pack, evidence={**pack.evidence, name: replace(paper, cost=whole)})
    halves = [replace(paper, id=f"{name}_{side}", cost=half) for side in ("left", "right")]
    both = Node(
        name, "unit", label(name), (Way("both", label("both"), tuple(Ref(one.id) for one in halves)),)
    )
    rest = {key: one for key, one in pack.evidence.items() if key != name}
    split = replace(pack, evidence=rest | {one.id: one for one in halves}, nodes={**pack.nodes, name: both})
    held = {key: state for key, state in dossier.held.items() if key[0] != name}
    state = dossier.state(name, "unit")
    lost = data.draw(st.sampled_from(["left", "right"]))
    for one in halves if state is not Held.UNOBTAINABLE else [one for one in halves if one.id.endswith(lost)]:
        held[one.id, "unit"] = state
    note(shown(pack, dossier))
    objective = data.draw(st.sampled_from((OBJECTIVES[0], OBJECTIVES[3])))

    one = assess(pack, dossier, objective=objective)
    two = assess(split, replace(dossier, held=held), objective=objective)

    assert two.status == {**one.status, **{half.id: two.status[half.id] for half in halves}}
    for before, after in ((one.best_case, two.best_case), (one.worst_case, two.worst_case)):
        assert (before is None) == (after is None)
        if before and after:
            parts = [part for part in objective if part not in ("items", "days")]
            assert [after.ordered((part,)) for part in parts] == [before.ordered((part,)) for part in parts]


@examples(60, 600)
@given(st.data(), st.booleans())
def test_08_a_way_told_twice_changes_nothing_but_which_id_the_tie_takes(data, earlier):
    """Under a later id nothing; under an earlier one the id."""
    pack = data.draw(packs())
    dossier = data.draw(cases(pack))
    note(shown(pack, dossier))
    objective = data.draw(st.sampled_from(OBJECTIVES))
    node = pack.nodes[data.draw(st.sampled_from(sorted(pack.nodes)))]
    way = data.draw(st.sampled_from(node.ways))
    again = f"{chr(ord(way.id[0]) - (way.id == 'w0'))}{int(way.id[1:]) - 1 if way.id != 'w0' else ''}~"
    again = again if earlier else f"{way.id}~"
    ways = list(node.ways)
    ways.insert(data.draw(st.integers(0, len(ways))), replace(way, id=again))
    wider = replace(pack, nodes={**pack.nodes, node.id: replace(node, ways=tuple(ways))})

    before, after = (cheapest_plan(law, dossier, objective=objective) for law in (pack, wider))
    assumed, also = (assess(law, dossier, objective=objective) for law in (pack, wider))

    def under_its_new_id(record: Any) -> Any:
        same = earlier and (record.node, record.way) == (node.id, way.id)
        return replace(record, way=again) if same else record

    assert replace(after, assumes=()) == replace(  # which answers a tie leans on is not promised
        before,
        assumes=(),
        route=tuple(map(under_its_new_id, before.route)),
        steps=tuple(map(under_its_new_id, before.steps)),
    )
    assert also == assumed


@examples(40, 400)
@given(st.data())
def test_08_in_an_estate_no_grade_and_no_price_hangs_on_a_way_told_twice(data):
    pack = data.draw(levelled())
    dossier = data.draw(estates(pack))
    note(shown(pack, dossier))
    node = pack.nodes[data.draw(st.sampled_from(sorted(pack.nodes)))]
    way = data.draw(st.sampled_from(node.ways))
    ways = (*node.ways, replace(way, id=f"{way.id}~"))
    wider = replace(pack, nodes={**pack.nodes, node.id: replace(node, ways=ways)})
    one, two = (plan_estate(law, dossier, explain=True).plan for law in (pack, wider))

    def bare(gap: Any) -> Any:
        alternatives = tuple(each for each in gap.alternatives if each.way != f"{way.id}~")
        return replace(gap, alternatives=alternatives)

    assert replace(two, gaps=tuple(map(bare, two.gaps))) == one


# ------------------------------------------------------------------------ 9, overlays

NEXT = DAY + timedelta(days=30)


def bytes_of(pack: Pack, dossier: Dossier) -> str:
    """All that is said of an estate but of ways that are not in force; those are only named."""
    found = plan_estate(pack, dossier, explain=True)

    def bare(gap: Any) -> Any:
        kept = tuple(one for one in gap.alternatives if one.reason != "not_in_force")
        return replace(gap, alternatives=kept)

    plan = replace(found.plan, gaps=tuple(map(bare, found.plan.gaps)))
    return canonical(
        (plan, found.groups, found.own, found.shared, {n: s.word for n, s in found.status.items()})
    )


@examples(30, 400)
@given(st.data())
def test_09_an_overlay_that_changes_nothing_is_no_overlay(data):
    """Nothing in it; a way or need that the next one takes away again."""
    pack = data.draw(levelled())
    base = text_of(pack)
    one = data.draw(changes(pack))
    same = composed(base)

    assert law_digest(composed(base, overlay("empty"))) == law_digest(same)
    if one.op == "add_way":
        back = change("remove_way", one.node, one.way, None)
    else:
        one = change(
            "add_need", one.node, data.draw(st.sampled_from(pack.nodes[one.node].ways)).id, Ref("extra")
        )
        back = change("drop_need", one.node, one.way, None, need="extra")
    layers = [overlay("local", one), overlay("later", back, of="CN-3799")]
    assert law_digest(composed(base, *layers)) == law_digest(same)
    assert law_digest(composed(base, layers[0])) != law_digest(same)


@examples(100, 600)
@given(st.data())
def test_09_two_overlays_on_disjoint_keys_commute(data):
    """Whichever is applied first: their names decide, and are exchanged."""
    pack = data.draw(levelled())
    dossier = data.draw(estates(pack))
    one = data.draw(changes(pack))
    near = replace(pack, nodes={one.node: pack.nodes[one.node]})  # ways of one node are most in danger
    two = data.draw(changes(near if data.draw(st.booleans()) else pack))
    assume((one.node, one.way) != (two.node, two.way))
    note(f"{one}\n{two}\n{shown(pack, dossier)}")
    base = text_of(pack)
    first = composed(base, overlay("a", one), overlay("b", two))
    second = composed(base, overlay("a", two), overlay("b", one))

    assert law_digest(first) == law_digest(second)
    assert bytes_of(first, dossier) == bytes_of(second, dossier)


@examples(25, 400)
@given(st.data())
def test_09_a_dated_overlay_has_its_effect_on_its_days_and_on_no_other(data):
    """The day before its first and the day after its last: the same bytes as without it."""
    pack = data.draw(levelled())
    dossier = data.draw(estates(pack))
    base, one = text_of(pack), data.draw(changes(pack))
    note(f"{one}\n{shown(pack, dossier)}")
    last = NEXT + timedelta(days=9)
    dated = overlay("dated", replace(one, effective=Span(NEXT, last)))
    for on, like in (
        (NEXT - timedelta(days=1), ()),
        (NEXT, (overlay("dated", one),)),
        (last, (overlay("dated", one),)),
        (last + timedelta(days=1), ()),
    ):
        that_day = replace(dossier, as_of=on)
        found = bytes_of(composed(base, dated, on=on), that_day)
        assert found == bytes_of(composed(base, *like, on=on), that_day), on


# ------------------------------------------------------------------------ 10, the day

DAYS = [DAY + timedelta(days=n) for n in range(9)]
SPANS = st.one_of(
    st.just(ALWAYS),
    st.tuples(st.none() | st.sampled_from(DAYS), st.none() | st.sampled_from(DAYS)).map(
        lambda pair: Span(*pair) if None in pair else Span(*sorted(pair))  # type: ignore[type-var]
    ),
)


@st.composite
def dated_law(draw: st.DrawFn) -> tuple[Pack, list[Document]]:
    """A pack whose ways, parameter and fee have dates, and an overlay that changes one thing."""
    pack = draw(packs(steps=False))
    nodes = {
        name: replace(node, ways=tuple(replace(way, effective=draw(SPANS)) for way in node.ways))
        for name, node in pack.nodes.items()
    }
    goal = nodes["n0"]
    by_limit = Way("wp", label("wp"), (Ref("e0"),), 0, parse("limit == 1"), Cost(0, 0, 0))
    nodes["n0"] = replace(goal, ways=(*goal.ways, by_limit))
    turn = draw(st.sampled_from(DAYS))
    values = (
        ParameterValue(Decimal(1), Span(None, turn - timedelta(days=1)), ()),
        ParameterValue(Decimal(2), Span(turn), ()),
    )
    limit = Parameter("limit", label("limit"), "", values)
    fee = Fee("fee", "unit", label("fee"), "", parse("limit * 10"), Decimal("0.01"), "half_up", (),
              effective=draw(SPANS))  # fmt: skip
    base = text_of(replace(pack, nodes=nodes), params={"limit": limit}, fees={"fee": fee})
    one = draw(changes(replace(pack, nodes={"n0": goal}), draw(SPANS), draw(SPANS)))
    if draw(st.booleans()):
        new = Way("new", label("new"), (Ref("e1"),), 0, None, Cost(0, 0, 0), effective=draw(SPANS))
        one = change("replace_way", "n0", "wp", new, draw(SPANS))
    return pack, [base, overlay("local", one)]


@examples(45, 600)
@given(st.data())
def test_10_a_plan_or_bill_changes_only_on_a_day_that_the_pack_check_looks_at(data):
    """``boundary_days`` names every day on which anything may change."""
    pack, documents = data.draw(dated_law())
    dossier = data.draw(cases(pack))
    note(shown(pack, dossier))
    looked_at = set(boundary_days(documents, DAY))
    before = None
    for on in DAYS:
        law = composed(*documents, on=on)
        case = replace(dossier, as_of=on)
        now = (cheapest_plan(law, case), dict(bill(law, {}, on).lines))
        assert before in (None, now) or on in looked_at, on
        before = now


@pytest.mark.parametrize("what", ["way", "parameter", "fee", "added way", "replaced way", "its own dates"])
def test_10_the_first_day_and_the_day_after_the_last_are_looked_at(what):
    """Each kind of date by itself: on both days, and on no other, something changes."""
    span, until = Span(DAYS[2], DAYS[4]), Span(None, DAYS[1])
    free = Way("free", label("free"), ())
    goal = Node("n0", "unit", label("n0"), (Way("w0", label("w0"), (Ref("e"),)),))
    if what == "way":
        goal = replace(goal, ways=(*goal.ways, replace(free, effective=span)))
    if what == "parameter":
        goal = replace(goal, ways=(*goal.ways, replace(free, when=parse("limit == 1"))))
    value = (ParameterValue(Decimal(1), span, ()), ParameterValue(Decimal(2), until, ()))
    limit = Parameter("limit", label("limit"), "", (*value, ParameterValue(Decimal(2), Span(DAYS[5]), ())))
    fee = Fee("fee", "unit", label("fee"), "", parse("1"), Decimal("0.01"), "half_up", (), effective=span)
    more = {
        "params": {"limit": limit} if what == "parameter" else {},
        "fees": {"fee": fee} if what == "fee" else {},
    }
    base = text_of(make_pack({"n0": goal}, {"e": PAPER}), **more)
    made = {
        "added way": change("add_way", "n0", "free", free, span),
        "replaced way": change("replace_way", "n0", "w0", free, span),
        "its own dates": change("replace_way", "n0", "w0", replace(free, effective=span)),
    }
    documents = [base, *(overlay("local", made[name]) for name in made if name == what)]
    changed, before = [], None
    for on in DAYS:
        law = composed(*documents, on=on)
        now = (told(cheapest_plan(law, Dossier.of(law))), dict(bill(law, {}, on).lines))
        changed += [on] if before not in (None, now) else []
        before = now

    assert changed == [DAYS[2], DAYS[5]]
    assert set(changed) <= set(boundary_days(documents, DAY))


def test_10_a_paper_counts_on_its_last_day_and_is_missing_from_the_next():
    """The plan changes once, on the day after, and says what lapsed."""
    law = make_pack(
        {"n0": Node("n0", "unit", label("n0"), (Way("w0", label("w0"), (Ref("e"),)),))}, {"e": PAPER}
    )
    there = replace(Dossier.of(law, on_hand=["e"]), valid_until={("e", "unit"): DAYS[4]})
    plans = [
        cheapest_plan(replace(law, as_of=on), replace(there, as_of=on), calendar=CALENDAR) for on in DAYS
    ]

    assert [plan.items for plan in plans] == [()] * 5 + [("e",)] * 4
    assert [[one.item for one in plan.lapses if one.renewal] for plan in plans] == [[]] * 5 + [["e"]] * 4


@examples(25, 600)
@given(st.data())
def test_10_where_no_law_changes_a_plan_changes_only_with_what_lapses(data):
    """Two days on which the same papers lapse before their use, and the same facts, have one plan."""
    pack = data.draw(packs())
    dossier = data.draw(cases(pack))
    keys = sorted([*(key for key, one in dossier.held.items() if one is Held.ON_HAND), *dossier.facts])
    ends = {key: data.draw(st.sampled_from(DAYS)) for key in keys if data.draw(st.booleans())}
    note(f"{shown(pack, dossier)}\n{ends}")
    seen: dict[object, object] = {}
    for on in DAYS:
        case = replace(dossier, as_of=on, valid_until=ends)
        plan = cheapest_plan(replace(pack, as_of=on), case, calendar=CALENDAR)
        lapsed = frozenset(one.item for one in plan.lapses if one.renewal)
        key = lapsed, frozenset(case.current().facts)
        assert seen.setdefault(key, told(plan)) == told(plan), on


# ------------------------------------------------------------------------ 18, other names


@examples(100, 600)
@example(1329)  # of several things that would do, a home that is proved goes through proved ones only
@given(SEEDS)
def test_18_an_estate_under_other_ids_has_the_same_plan_under_those_ids(seed):
    """Any map that keeps the order of the ids; places are renamed as well."""
    chance = Random(seed)
    pack = knotted(chance, LEVELS, step=1)
    dossier = little_held(chance, pack, estate(2, 2))
    note(shown(pack, dossier))
    others = in_order(ids_of(pack) | set(dossier.places), chance)
    one = plan_estate(pack, dossier, explain=True)
    two = plan_estate(renamed(pack, others), renamed(dossier, others), explain=True)

    assert two.plan == renamed(one.plan, others)
    assert (two.groups, two.status) == (renamed(one.groups, others), renamed(one.status, others))
    assert (two.own, two.shared) == (renamed(one.own, others), renamed(one.shared, others))


@examples(100, 600)
@given(SEEDS)
def test_18_a_case_under_other_ids_has_the_same_plan_and_questions(seed):
    chance = Random(seed)
    pack = knotted(chance, whens=["f", "not g", 'h == "red"', "f or g"])
    dossier = little_held(chance, pack, Dossier.of(pack))
    note(shown(pack, dossier))
    others = in_order(ids_of(pack), chance)
    law, case = renamed(pack, others), renamed(dossier, others)

    assert assess(law, case) == renamed(assess(pack, dossier), others)
    assert cheapest_plan(law, case) == renamed(cheapest_plan(pack, dossier), others)


def test_18_a_city_under_other_ids_has_the_same_plan_under_those_ids():
    """The way through columns, under the shipped law."""
    pack = shipped()
    papers = {name: replace(one, cost=Cost(0, 1, 1)) for name, one in pack.evidence.items()}
    pack = replace(pack, evidence=papers)  # so that ids decide more often
    dossiers = [random_estate(pack, 81_000 + n, buildings=2, units=3) for n in range(8)]
    reserved = {"decision", "evidence", "milestone", *pack.levels, *pack.objective}
    others = {name: f"k{name}" for name in ids_of(pack) - reserved}
    assert len(others) > 300
    one = plan_city(pack, dossiers, [{}] * 8, CALENDAR)
    law, cases_ = renamed(pack, others), [renamed(each, others) for each in dossiers]
    two = plan_city(law, cases_, [{}] * 8, CALENDAR)

    for before, after in zip(one, two, strict=True):
        for name in (
            "joint",
            "node_status",
            "questions",
            "blocked_by",
            "lift",
            "alternatives",
            "classes",
            "due",
        ):
            assert getattr(after, name) == renamed(getattr(before, name), others), name
        for unit, same in zip(before.units, after.units, strict=True):
            for name in ("status", "exact", "marginal", "own", "shared", "blocked_by", "urgent"):
                assert getattr(same, name) == renamed(getattr(unit, name), others), (unit.place.id, name)
            assert dict(same.bill.lines) == renamed(dict(unit.bill.lines), others)
