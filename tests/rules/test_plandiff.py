"""What changed between two plans, and at whose door each difference is laid (rules.md C.12, C.14.13)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taizhang.errors import TaizhangError
from taizhang.rules.circumstances import CAUSES, Case, Circumstances, states_between
from taizhang.rules.compose import compose
from taizhang.rules.document import Change, Document
from taizhang.rules.estate import full_plan
from taizhang.rules.expressions import parse
from taizhang.rules.marked import Mark
from taizhang.rules.plancontent import Key, content_of
from taizhang.rules.plandiff import PlanDiff, applied, caused_by, contents, diff, plan_diff
from taizhang.rules.reading import Reference
from taizhang.rules.terms import (
    Cost,
    Dossier,
    Evidence,
    Fee,
    Held,
    Node,
    Pack,
    Parameter,
    ParameterValue,
    Place,
    Ref,
    Span,
    Value,
    Way,
)
from taizhang.rules.worktime import WorkCalendar

from .packs import DAY, examples, label
from .test_joint_oracle import estates, levelled

CALENDAR = WorkCalendar.china()
NEXT = DAY + timedelta(days=30)
HERE = Mark("test.yaml", 1, 1)

# ------------------------------------------------------------------------------ builders


def limit(*values: tuple[str, Span]) -> Parameter:
    told = tuple(ParameterValue(Decimal(value), span, ()) for value, span in values)
    return Parameter("limit", label("limit"), "", told)


def base_of(pack: Pack, param: Parameter | None = None) -> Document:
    """The document of a random pack, with a parameter that a way of the goal and a fee read."""
    goal = pack.nodes["n0"]
    way = Way("wp", label("wp"), (Ref("eu1"),), 0, parse("limit == 1"), Cost(1, 1, 1))
    fee = Fee("charge", "unit", label("charge"), "", parse("limit * 10"), Decimal("0.01"), "half_up", ())
    chapters: dict[str, dict[str, Any]] = {
        "nodes": {**pack.nodes, "n0": replace(goal, ways=(*goal.ways, way))},
        "evidence": dict(pack.evidence),
        "facts": dict(pack.facts),
        "params": {"limit": param or limit(("2", Span()))},
        "fees": {"charge": fee},
    }
    return Document(
        Path("test.yaml"), "pack", "test", "1", "CN", chapters=chapters, goal="n0", levels=pack.levels
    )


def layer(kind: str, way: str, needs: Sequence[str], span: Span = Span(), **more: Any) -> Document:
    """An overlay or decision that adds a way to the goal."""
    added = Way(way, label(way), tuple(map(Ref, needs)), 0, None, Cost(0, 0, 0))
    change = Change("add_way", "n0", way, "", "", added, label("why"), span, (), {"op": HERE})
    chapters = {name: dict(rows) for name, rows in more.pop("chapters", {}).items()}
    return Document(
        Path(f"{way}.yaml"), kind, way, "1", "CN-37", chapters=chapters, changes=(change,), **more
    )


def with_way(base: Document, way: Way) -> Document:
    goal = base.chapters["nodes"]["n0"]
    nodes = {**base.chapters["nodes"], "n0": replace(goal, ways=(*goal.ways, way))}
    return replace(base, chapters={**base.chapters, "nodes": nodes})


def named(dossier: Dossier, name: str) -> Dossier:
    """The same estate under another name."""
    ids = {one: one.replace("E", name, 1) if one == "E" else f"{name}{one}" for one in dossier.places}
    places = {
        ids[one.id]: Place(one.level, ids[one.id], ids[one.parent] if one.parent else None, ids[one.id])
        for one in dossier.places.values()
    }
    held = {(what, ids[at]): state for (what, at), state in dossier.held.items()}
    facts = {(what, ids[at]): value for (what, at), value in dossier.facts.items()}
    return Dossier(dossier.as_of, places, held, facts)


def first_unit(dossier: Dossier) -> str:
    return next(place.id for place in dossier.places.values() if place.level == "unit")


def with_paper(case: Case, paper: str, at: str, state: Held = Held.ON_HAND) -> Case:
    return replace(case, dossier=replace(case.dossier, held={**case.dossier.held, (paper, at): state}))


def with_fact(case: Case, fact: str, at: str, value: Value) -> Case:
    return replace(case, dossier=replace(case.dossier, facts={**case.dossier.facts, (fact, at): value}))


def on(day: date, cases: Sequence[Case]) -> tuple[Case, ...]:
    return tuple(replace(one, dossier=replace(one.dossier, as_of=day)) for one in cases)


@st.composite
def circumstances(draw: st.DrawFn, homes: int = 2) -> Circumstances:
    """Two estates under a random pack with a parameter, a fee, an overlay and a decision."""
    pack = draw(levelled())
    drawn = [named(draw(estates(pack)), name) for name in ("X", "Y")[:homes]]
    cases = tuple(Case(one, {"county": "河西区"}) for one in drawn)
    overlays = (layer("overlay", "local", ["eu0", "es0"]),) if draw(st.booleans()) else ()
    decisions = (layer("decision", "agreed", ["es1"]),) if draw(st.booleans()) else ()
    return Circumstances(base_of(pack), overlays, decisions, CALENDAR, DAY, "cheapest", cases)


def edit(draw: st.DrawFn, now: Circumstances, cause: str) -> Circumstances:
    """The same circumstances with one thing changed."""
    base, first = now.base, now.cases[0]
    unit = first_unit(first.dossier)
    if cause == "method":
        return replace(now, prefer=draw(st.sampled_from(["fewest", "cheapest"])))
    if cause == "law":
        needs = tuple(
            map(Ref, draw(st.lists(st.sampled_from(["eu0", "eb0", "es1"]), min_size=1, unique=True)))
        )
        return replace(now, base=with_way(base, Way("new", label("new"), needs, 0)))
    if cause == "parameters":
        params = {"limit": limit((draw(st.sampled_from(["1", "3"])), Span()))}
        return replace(now, base=replace(base, chapters={**base.chapters, "params": params}))
    if cause == "overlays":
        return replace(now, overlays=(layer("overlay", "local", [draw(st.sampled_from(["eb0", "eu1"]))]),))
    if cause == "decisions":
        return replace(now, decisions=(layer("decision", "agreed", [draw(st.sampled_from(["es0", "eu1"]))]),))
    if cause == "facts":
        value = not first.dossier.facts["f", unit]
        return replace(now, cases=(with_fact(first, "f", unit, value), *now.cases[1:]))
    if cause == "evidence":
        state = draw(st.sampled_from([Held.ON_HAND, Held.UNOBTAINABLE]))
        return replace(now, cases=(with_paper(first, "eu0", unit, state), *now.cases[1:]))
    return replace(now, as_of=NEXT, cases=on(NEXT, now.cases))


def from_scratch(now: Circumstances) -> dict[str, Any]:
    """What a plan says that was made without any comparison, by the law as it is loaded."""
    pack, errors = compose(now.base, [*now.overlays, *now.decisions], now.as_of)
    assert not errors
    plans = [full_plan(pack, one.dossier, one.identity, CALENDAR, objective=now.prefer) for one in now.cases]
    return contents(pack, plans)


def causes_of(found: PlanDiff) -> set[tuple[str, ...]]:
    return {step.causes for step in found.steps if step.changes}


# ------------------------------------------------------------------------------ the laws


@examples(25, 1_000)
@given(circumstances())
def test_a_plan_does_not_differ_from_itself_and_nothing_is_planned_twice(now):
    found = plan_diff(now, now)

    assert found.whole == ()
    assert all(step.changes == () and step.replanned == 0 for step in found.steps)


@examples(35, 2_000)
@given(circumstances(), st.lists(st.sampled_from(CAUSES), min_size=1, unique=True), st.data())
def test_the_steps_lead_from_the_old_plan_to_the_new_one(now, causes, data):
    """Both ends are what planning from scratch says; the whole and the steps connect them."""
    then = now
    for cause in causes:
        then = data.draw(st.composite(edit)(then, cause))
    found = plan_diff(now, then)

    assert found.old == from_scratch(now)
    assert found.new == from_scratch(then)
    assert applied(found.whole, found.old) == found.new
    state = found.old
    for step in found.steps:
        state = applied(step.changes, state)
    assert state == found.new


@examples(35, 2_000)
@given(circumstances(), st.sampled_from(CAUSES), st.data())
def test_one_change_bears_every_difference_and_no_other_does(now, cause, data):
    then = data.draw(st.composite(edit)(now, cause))
    found = plan_diff(now, then)

    assert causes_of(found) <= {(cause,)}
    assert all([step.causes for step in trail] == [(cause,)] for trail in caused_by(found).values())


@examples(25, 1_000)
@given(circumstances(), st.sampled_from(["facts", "evidence"]), st.data())
def test_an_estate_of_which_nothing_changed_keeps_its_plan(now, cause, data):
    found = plan_diff(now, data.draw(st.composite(edit)(now, cause)))

    assert sum(step.replanned for step in found.steps) <= 1
    assert found.plans["Y"] is found.former["Y"]
    assert {one.estate for one in found.whole} <= {"X"}


@examples(25, 1_000)
@given(circumstances(), circumstances())
def test_two_plans_that_have_nothing_in_common_are_still_connected(one, two):
    found = plan_diff(one, two)

    assert applied(found.whole, found.old) == found.new == from_scratch(two)


# ------------------------------------------------------------- one estate, written by hand


def paper(name: str, level: str = "unit", money: int = 1) -> Evidence:
    return Evidence(name, level, label(name), "office", Cost(money, 1, 1))


@pytest.fixture
def plain() -> Circumstances:
    """One household needs a survey and a contract; what it pays is twice ten yuan."""
    papers = {name: paper(name) for name in ("eu0", "eu1", "contract")} | {
        "survey": paper("survey", "estate")
    }
    ways = (Way("usual", label("usual"), (Ref("survey"), Ref("contract")), 1),)
    goal = Node("n0", "unit", label("n0"), ways)
    pack = Pack(
        "test", "1", label("test"), "CN", ("estate", "building", "unit"), "n0",
        ("rank", "money", "effort", "items", "days"), DAY,
        {}, {}, {}, {}, papers, {"n0": goal}, {}, {}, (), (),
    )  # fmt: skip
    places = (Place("estate", "E"), Place("building", "B", "E"), Place("unit", "U", "B"))
    case = Case(Dossier(DAY, {one.id: one for one in places}, {}, {}), {})
    return Circumstances(base_of(pack), (), (), CALENDAR, DAY, "cheapest", (case,))


def told(found: PlanDiff, *key: str) -> tuple[object, object, list[str]]:
    """Before, after and the causes of one saying."""
    change = next(one for one in found.whole if one.key == Key(*key))
    steps = caused_by(found)[change.estate, change.key]
    return change.before, change.after, [cause for step in steps for cause in step.causes]


def test_each_of_several_changes_bears_its_own_difference(plain):
    """A fee went up, minutes opened a shorter way, the contract came in: three causes, three doors."""
    base = replace(plain.base, chapters={**plain.base.chapters, "params": {"limit": limit(("3", Span()))}})
    minutes = layer("decision", "agreed", ["contract"])
    then = replace(
        plain, base=base, decisions=(minutes,), cases=(with_paper(plain.cases[0], "contract", "U"),)
    )
    found = plan_diff(plain, then)

    assert told(found, "fee", "charge") == (2000, 3000, ["parameters"])
    assert told(found, "way", "n0", "*") == (("usual",), ("agreed",), ["decisions"])
    assert told(found, "item", "survey", "E") == (("office", 1, 1), None, ["decisions"])
    assert told(found, "item", "contract", "*") == (("office", 1, 1), None, ["evidence"])
    assert told(found, "status") == ("open", "proved", ["evidence"])
    assert told(found, "unit", "status", "U") == ("open", "proved", ["evidence"])


def test_what_two_changes_only_do_together_the_later_one_bears(plain):
    """A way for a new paper opens nothing while the paper cannot be had."""
    lost = replace(plain, cases=(with_paper(plain.cases[0], "eu0", "U", Held.UNOBTAINABLE),))
    then = replace(plain, overlays=(layer("overlay", "local", ["eu0"]),))
    found = plan_diff(lost, then)

    assert told(found, "way", "n0", "*") == (("usual",), ("local",), ["evidence"])


@pytest.mark.parametrize(
    ("what", "cause"),
    [
        ("way", "law"),
        ("value", "parameters"),
        ("overlay", "overlays"),
        ("decision", "decisions"),
        ("nothing", "expiry"),
    ],
)
def test_a_rule_that_begins_between_two_days_is_its_own_cause(plain, what, cause):
    """Only the day moves: what begins on it is laid at the door of the document that says so."""
    begins = Span(NEXT)
    if what == "way":
        way = Way("dated", label("dated"), (Ref("contract"),), 0, None, Cost(0, 0, 0), effective=begins)
        plain = replace(plain, base=with_way(plain.base, way))
    elif what == "value":
        params = {"limit": limit(("1", begins), ("2", Span(None, NEXT - timedelta(days=1))))}
        plain = replace(plain, base=replace(plain.base, chapters={**plain.base.chapters, "params": params}))
    elif what == "overlay":
        plain = replace(plain, overlays=(layer("overlay", "local", ["contract"], begins),))
    elif what == "decision":
        plain = replace(plain, decisions=(layer("decision", "agreed", ["contract"], begins),))
    found = plan_diff(plain, replace(plain, as_of=NEXT, cases=on(NEXT, plain.cases)))

    assert causes_of(found) == {(cause,), ("expiry",)}
    assert told(found, "date", "start") == ("2024-01-28", "2024-02-27", ["expiry"])
    if what != "nothing":
        assert told(found, "way", "n0", "*")[2] == [cause]
    if what == "value":
        assert told(found, "fee", "charge") == (2000, 1000, ["parameters"])


def test_a_state_that_would_be_no_law_is_told_together_with_the_next(plain):
    """The new law needs a paper that only the new overlay defines."""
    law = with_way(plain.base, Way("new", label("new"), (Ref("permit"),), 0))
    law = replace(law, references=(Reference("permit", ("node", "evidence"), HERE),))
    permits = layer("overlay", "local", ["eu0", "eu1"], chapters={"evidence": {"permit": paper("permit")}})
    found = plan_diff(plain, replace(plain, base=law, overlays=(permits,)))
    step = next(one for one in found.steps if "law" in one.causes)

    assert step.causes == ("law", "parameters", "overlays")
    assert step.reason is not None
    assert step.reason.code == "E-PACK-E02"
    assert told(found, "item", "permit", "*")[2] == ["law", "parameters", "overlays"]
    assert applied(found.whole, found.old) == found.new


def test_a_parameter_that_only_the_new_law_reads_comes_with_the_law(plain):
    way = Way("new", label("new"), (Ref("contract"),), 0, parse("threshold == 5"))
    base = with_way(plain.base, way)
    more = Parameter("threshold", label("threshold"), "", (ParameterValue(Decimal(5), Span(), ()),))
    params = {**base.chapters["params"], "threshold": more}
    found = plan_diff(plain, replace(plain, base=replace(base, chapters={**base.chapters, "params": params})))

    assert told(found, "way", "n0", "*") == (("usual",), ("new",), ["law"])
    assert [step.causes for step in found.steps] == [(cause,) for cause in CAUSES]


def test_an_error_in_one_of_the_two_laws_is_said(plain):
    broken = replace(plain, base=with_way(plain.base, Way("bad", label("bad"), (Ref("n0"),), 0)))

    with pytest.raises(TaizhangError) as refused:
        plan_diff(plain, broken)

    assert refused.value.code == "E-PACK-E04"


def test_homes_that_come_and_go_are_facts_and_their_papers_are_evidence(plain):
    """A home new in the ledger begins with no papers; those it has arrive with the evidence."""
    case = plain.cases[0]
    places = {**case.dossier.places, "V": Place("unit", "V", "B")}
    wider = Case(Dossier(DAY, places, {("contract", "V"): Held.ON_HAND}, {}), {})
    found = plan_diff(plain, replace(plain, cases=(wider,)))

    assert told(found, "unit", "status", "V")[2] == ["facts"]
    assert told(found, "unit", "items", "V") == (None, (), ["facts", "evidence"])
    assert told(found, "units", "open") == (1, 2, ["facts"])


def test_a_paper_that_lapses_between_two_days_is_missing_by_the_passing_of_time(plain):
    """The contract was on hand until a week after the first day."""
    case = with_paper(plain.cases[0], "contract", "U")
    until = {("contract", "U"): DAY + timedelta(days=7)}
    case = replace(case, dossier=replace(case.dossier, valid_until=until))
    now = replace(plain, cases=(case,))
    found = plan_diff(now, replace(now, as_of=NEXT, cases=on(NEXT, now.cases)))

    assert told(found, "item", "contract", "*") == (None, ("office", 1, 1), ["expiry"])


def test_a_last_day_that_became_known_is_evidence(plain):
    """The paper was there without a last day; now it is known to have lapsed."""
    case = with_paper(plain.cases[0], "contract", "U")
    until = {("contract", "U"): DAY - timedelta(days=7)}
    then = replace(plain, cases=(replace(case, dossier=replace(case.dossier, valid_until=until)),))
    found = plan_diff(replace(plain, cases=(case,)), then)

    assert told(found, "item", "contract", "*")[2] == ["evidence"]


def test_an_estate_that_left_the_ledger_says_nothing_any_more(plain):
    found = plan_diff(plain, replace(plain, cases=()))

    assert found.new == {}
    assert {one.after for one in found.whole} == {None}
    assert causes_of(found) == {("facts",)}


def test_every_state_between_can_be_planned_by(plain):
    """One state before, and one after each cause."""
    states = list(states_between(plain, plain))

    assert [one.causes for one in states] == [(), *((cause,) for cause in CAUSES)]
    assert len({one.law for one in states}) == 1


def test_a_diff_is_not_applied_to_another_plan():
    one, two = {"E": {Key("status"): "open"}}, {"E": {Key("status"): "proved"}}

    with pytest.raises(ValueError, match="is not 'open'"):
        applied(diff(one, two), two)


def test_plans_that_differ_anywhere_differ_in_what_they_say(plain):
    """A difference that no saying of its own shows is seen by the digest over everything."""
    pack, _ = compose(plain.base, [], DAY)
    plan = full_plan(pack, plain.cases[0].dossier, {}, CALENDAR)
    other = replace(plan, start=plan.start, due={**plan.due, 999: None})

    assert {
        key.kind for key, value in content_of(pack, other).items() if content_of(pack, plan)[key] != value
    } == {"detail"}


def test_the_mapping_of_a_diff_holds_every_difference(plain):
    found = plan_diff(plain, replace(plain, overlays=(layer("overlay", "local", ["contract"]),)))
    trail: Mapping[tuple[str, Key], object] = caused_by(found)

    assert set(trail) == {(one.estate, one.key) for one in found.whole}
    assert all(trail.values())
