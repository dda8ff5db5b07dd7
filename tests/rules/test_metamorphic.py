"""What must not change when a case or a law is told differently (rules.md C.14).

Items 2, 12, 13 and 14 of that list have files of their own, docs/reference/check-results.md says
which.  Here is the rest: a law is turned into another one of which is known how the plan must follow.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise, product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given, note
from hypothesis import strategies as st

from taizhang.errors import PackError
from taizhang.rules import Graph, bill, load_pack, minimal_sets
from taizhang.rules.assess import assess
from taizhang.rules.canonical import canonical
from taizhang.rules.circumstances import law_digest
from taizhang.rules.city import plan_city
from taizhang.rules.compose import compose
from taizhang.rules.document import Change, Document, read_document
from taizhang.rules.expressions import Expression, Unknown, parse
from taizhang.rules.joint import Estate, plan_estate
from taizhang.rules.lint import errors_of
from taizhang.rules.marked import Mapping_, Mark, Marked, Scalar, parse_text
from taizhang.rules.pack import find_document
from taizhang.rules.packcheck import boundary_days
from taizhang.rules.plan import cheapest_plan
from taizhang.rules.supposing import suppose
from taizhang.rules.terms import (
    AtLeast,
    Cost,
    Dossier,
    Evidence,
    Fee,
    Held,
    Need,
    Node,
    Pack,
    Parameter,
    ParameterValue,
    Plan,
    Ref,
    Span,
    Supposition,
    Vector,
    Way,
)
from taizhang.rules.whatif import World, what_if
from taizhang.rules.worktime import WorkCalendar

from .cases import random_estate, shipped
from .compact import shown
from .oracle import completions
from .packs import DAY, ENUM, FACTS, OBJECTIVES, cases, estate, examples, fact, label, make_pack, packs
from .test_joint_oracle import LEVELS, estates, levelled
from .test_pack_errors import GOOD, OVERLAY, TODAY, URGENT, WAITS
from .test_plandiff import named

ADDITIVE = ("rank", "money", "effort", "items")
CALENDAR = WorkCalendar.china()
SEEDS = st.integers(0, 1_000_000)
HERE = Mark("test.yaml", 1, 1)
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
ALWAYS = Span()


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


@examples(40, 400)
@given(st.data())
def test_09_two_overlays_on_disjoint_keys_commute(data):
    """Whichever is applied first: their names decide, and are exchanged."""
    pack = data.draw(levelled())
    dossier = data.draw(estates(pack))
    one, two = data.draw(changes(pack)), data.draw(changes(pack))
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


# -------------------------------------------------------------------- 11, a file rewritten


def rewritten(tree: Marked, chance: Random, pad: str = "", flow: bool = False) -> str:
    """The same content as other YAML: keys in another order, other quotes and layout, comments."""
    if isinstance(tree, Scalar):
        plain = re.fullmatch(r"[a-z_]+", tree.text) and chance.random() < 0.5
        return tree.text if plain else '"' + tree.text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if not isinstance(tree, Mapping_):
        items = [rewritten(item, chance, flow=True) for item in tree.items]
        if flow or not items or chance.random() < 0.5:
            return "[" + ", ".join(items) + "]"
        return "".join(f"\n{pad}- {item}  # an item" for item in items)
    keys = list(tree.pairs)
    chance.shuffle(keys)
    if flow or not keys:
        pairs = (f"{quoted(key)}: {rewritten(tree.pairs[key], chance, flow=True)}" for key in keys)
        return "{" + ", ".join(pairs) + "}"
    lines = []
    for key in keys:
        if chance.random() < 0.3:
            lines.append(f"\n{pad}# {chance.random()}: of {key}")
        one_line = chance.random() < 0.4
        lines.append(f"\n{pad}{quoted(key)}: {rewritten(tree.pairs[key], chance, pad + '  ', one_line)}")
    return "".join(lines)


def quoted(key: str) -> str:
    return f'"{key}"'


@examples(15, 150)
@given(st.randoms(use_true_random=False))
def test_11_comments_layout_and_the_order_of_keys_change_neither_lock_nor_law(tmp_path_factory, chance):
    """YAML to model to other YAML to model; the product writes no packs, so the writer is the test's."""
    folder = tmp_path_factory.getbasetemp()
    law = []
    for again in (False, True):
        paths = []
        for name, text in (("small.yaml", GOOD), ("local.yaml", OVERLAY)):
            path = folder / name
            path.write_text(rewritten(parse_text(text, name), chance) if again else text, encoding="utf-8")
            paths.append(path)
        law.append(load_pack(paths[0], overlays=paths[1:], as_of=TODAY))
    one, two = law

    assert one.digest == two.digest
    assert law_digest(one) == law_digest(two)
    assert (one.sources, one.suppliers, one.objective) == (two.sources, two.suppliers, two.objective)
    assert canonical(cheapest_plan(one, Dossier.of(one))) == canonical(cheapest_plan(two, Dossier.of(two)))


def scalars(tree: Marked) -> Iterator[Scalar]:
    if isinstance(tree, Scalar):
        yield tree
    for one in tree.pairs.values() if isinstance(tree, Mapping_) else getattr(tree, "items", ()):
        yield from scalars(one)


def test_11_the_lock_sees_every_word_of_a_document(tmp_path):
    tree = parse_text(GOOD, "small.yaml")
    path = tmp_path / "small.yaml"
    seen = set()
    for one in [None, *scalars(tree)]:
        text = (
            GOOD
            if one is None
            else put(GOOD, one.mark, one.text, one.text + "1" if one.text[-1:].isdigit() else one.text + "x")
        )
        path.write_text(text, encoding="utf-8")
        seen.add(read_document(path).digest)

    assert len(seen) == 1 + len(list(scalars(tree)))


def test_11_the_shipped_pack_rewritten_has_the_same_lock(tmp_path):
    base = find_document("title-certificates")
    for number, path in enumerate(sorted(base.glob("*.yaml"))):
        text = rewritten(parse_text(path.read_text(encoding="utf-8"), path.name), Random(number))
        (tmp_path / f"{9 - number}.yaml").write_text(text, encoding="utf-8")
    one, two = read_document(base), read_document(tmp_path)

    assert two.errors == []
    assert two.digest == one.digest
    assert two.chapters["evidence"].keys() == one.chapters["evidence"].keys()


@examples(50, 600)
@given(st.data(), st.randoms(use_true_random=False))
def test_11_the_order_in_which_needs_are_written_is_irrelevant(data, chance):
    """P5 turns nodes and ways round; here the needs of a way, and the names of a choice."""
    pack = data.draw(packs())
    dossier = data.draw(cases(pack))
    objective = data.draw(st.sampled_from(OBJECTIVES))
    note(shown(pack, dossier))

    def turned(way: Way) -> Way:
        needs = [
            replace(need, of=tuple(chance.sample(need.of, len(need.of))))
            if isinstance(need, AtLeast)
            else need
            for need in way.needs
        ]
        return replace(way, needs=tuple(chance.sample(needs, len(needs))))

    other = replace(
        pack,
        nodes={name: replace(one, ways=tuple(map(turned, one.ways))) for name, one in pack.nodes.items()},
    )

    assert cheapest_plan(other, dossier, objective=objective) == cheapest_plan(
        pack, dossier, objective=objective
    )


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


# ------------------------------------------------------------------------ 18, other names


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


@examples(100, 600)
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


# --------------------------------------------------------------- 20, a fault in every token

IDS = {
    "sources",
    "suppliers",
    "params",
    "facts",
    "evidence",
    "nodes",
    "ways",
    "urgency",
}  #: their keys are ids
DEFINED = ("sources", "suppliers", "params", "facts", "evidence", "nodes")


def at(text: str, mark: Mark) -> int:
    """Where in the text a position points."""
    return sum(len(line) + 1 for line in text.split("\n")[: mark.line - 1]) + mark.column - 1


def put(text: str, mark: Mark, old: str, new: str) -> str:
    """Replace the token at a position; it must really stand there."""
    here = at(text, mark)
    assert text[here : here + len(old)] == old, (mark, old)
    return text[:here] + new + text[here + len(old) :]


def keys_in(tree: Marked, name: str = "") -> Iterator[tuple[Mapping_, str, bool]]:
    """Every key of a file, and whether it is a word of the format rather than an id."""
    if isinstance(tree, Mapping_):
        ids = name in IDS or name == "values"
        for key, value in tree.pairs.items():
            yield tree, key, not ids
            yield from keys_in(value, key)
    elif not isinstance(tree, Scalar):
        for item in tree.items:
            yield from keys_in(item, f"{name}[]")


LAW = GOOD.replace("tests:\n", URGENT).replace("evidence:\n", WAITS + "evidence:\n", 1)
FILES = [("small.yaml", LAW), ("local.yaml", OVERLAY)]


def faults_of(folder: Path, name: str, text: str) -> set[tuple[str, str]]:
    """Codes and positions of all errors of the pack and its overlay, one of them replaced."""
    for file, good in FILES:
        (folder / file).write_text(text if file == name else good, encoding="utf-8")
    try:
        base, local = (read_document(folder / file) for file, _ in FILES)
    except PackError as error:
        return {(error.code, error.where)}
    pack, found = compose(base, [local], TODAY)
    return {(error.code, error.where) for error in found or errors_of(pack)}


def test_20_the_files_without_a_fault_have_none(tmp_path):
    assert faults_of(tmp_path, *FILES[0]) == set()


@pytest.mark.parametrize(("name", "text"), FILES)
def test_20_a_misspelt_key_is_shown_where_it_stands(tmp_path, name, text):
    """Every key that is a word of the format, one after the other."""
    tried = 0
    for tree, key, word in keys_in(parse_text(text, name)):
        if word:
            tried += 1
            mark = tree.keys[key]
            found = faults_of(tmp_path, name, put(text, mark, key, f"{key}x"))
            assert ("E-PACK-E01", str(mark)) in found, (key, found)
    assert tried > 20


@pytest.mark.parametrize(("name", "text"), FILES)
def test_20_a_repeated_key_is_shown_at_its_second_place(tmp_path, name, text):
    """Every key, id or word, in braces or on a line of its own."""
    for tree, key, _ in keys_in(parse_text(text, name)):
        mark = tree.keys[key]
        start = at(text, mark) - (text[at(text, mark) - 1] == '"')
        token = text[start : at(text, mark)] + key + text[start : at(text, mark)]
        braces = text[at(text, tree.mark)] == "{"
        more = f"{token}: 0, " if braces else f"{token}: 0\n" + " " * (mark.column - 1 - (token != key))
        moved = mark.shifted(len(more)) if braces else replace(mark, line=mark.line + 1)
        found = faults_of(tmp_path, name, text[:start] + more + text[start:])
        assert found == {("E-PACK-E03", str(moved))}, (key, str(mark))


@pytest.mark.parametrize(("name", "text"), FILES)
def test_20_a_name_that_nothing_defines_is_shown_where_it_is_used(tmp_path, name, text):
    """Every use: of a source, supplier, level, node, paper, fact or parameter; inside guards too."""
    path = tmp_path / "used.yaml"
    path.write_text(text, encoding="utf-8")
    uses = read_document(path).references
    assert len(uses) >= (30 if name == "small.yaml" else 3)
    for use in uses:
        mark = replace(use.mark, file=name)
        found = faults_of(tmp_path, name, put(text, mark, use.name, f"{use.name}qx"))
        assert ("E-PACK-E02", str(mark)) in found, (use, found)


def test_20_a_definition_that_is_renamed_leaves_every_use_of_it_shown(tmp_path):
    """And nothing else but what hangs on it."""
    path = tmp_path / "used.yaml"
    path.write_text(LAW, encoding="utf-8")
    uses = read_document(path).references
    law = parse_text(LAW, "small.yaml")
    assert isinstance(law, Mapping_)
    for tree, key in (
        (law.pairs[one], key) for one in law.pairs if one in DEFINED for key in law.pairs[one].pairs
    ):
        mine = {("E-PACK-E02", str(replace(use.mark, file="small.yaml"))) for use in uses if use.name == key}
        if not mine:
            continue
        mark = tree.keys[key]
        text = put(LAW, mark, key, f"{key}qx")
        shifted = {
            (code, where if int(where.split(":")[1]) != mark.line else moved(where, mark, 2))
            for code, where in mine
        }
        assert shifted <= faults_of(tmp_path, "small.yaml", text), key


def moved(where: str, mark: Mark, by: int) -> str:
    """A position on the line of a token that became longer."""
    file, line, column = where.split(":")
    return f"{file}:{line}:{int(column) + (by if int(column) > mark.column else 0)}"


WRONG: dict[str, Callable[[str], str]] = {
    "kind": lambda _: "zzz", "type": lambda _: "zzz", "effort": lambda _: "zzz", "days": lambda _: "1.5",
    "money": lambda _: "1.005", "rank": lambda _: "-1", "from": lambda _: "2021-13-01", "to": lambda _: "zzz",
    "op": lambda _: "add_node", "on": lambda _: "zzz", "last_checked": lambda _: "zzz",
    "goal": lambda _: "yes", "value": lambda _: "zzz",
}  # fmt: skip


@pytest.mark.parametrize(("name", "text"), FILES)
def test_20_a_value_of_the_wrong_kind_is_shown_where_it_stands(tmp_path, name, text):
    tried = set()
    for tree, key, word in keys_in(parse_text(text, name)):
        value = tree.pairs[key]
        if word and key in WRONG and isinstance(value, Scalar):
            if key == "goal" and value.text != "true":
                continue  # the goal of an example is a name
            tried.add(key)
            found = faults_of(tmp_path, name, put(text, value.mark, value.text, WRONG[key](value.text)))
            assert ("E-PACK-E13", str(value.mark)) in found, (key, str(value.mark), found)
    assert tried >= {"kind", "from", "on", "last_checked"}
