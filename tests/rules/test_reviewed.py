"""The second checker walks through every plan of a city, home by home, before anybody sees it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import example, given, note
from hypothesis import strategies as st

import taizhang.rules.city
from taizhang.rules.check import Verdict
from taizhang.rules.city import plan_city
from taizhang.rules.estate import full_plan
from taizhang.rules.reviewed import ReviewWarning, verdicts
from taizhang.rules.terms import Dossier, EstatePlan, Held, Pack, Status
from taizhang.rules.worktime import WorkCalendar
from tests.rules.cases import random_estate, shipped

from .compact import shown
from .packs import examples
from .test_city_oracle import guarded, known, law

CALENDAR = WorkCalendar.china()


class Seen:
    """A city planned, with what the second checker was given."""

    def __init__(self, pack: Pack, dossiers: list[Dossier], monkeypatch: pytest.MonkeyPatch) -> None:
        self.given: list[Any] = []

        def watched(*args: Any) -> Any:
            self.given.append(args)
            return verdicts(*args)

        with monkeypatch.context() as patch:
            patch.setattr(taizhang.rules.city, "verdicts", watched)
            self.plans = plan_city(pack, dossiers, [{}] * len(dossiers), CALENDAR)

    def says(self, *plans: EstatePlan) -> list[Verdict]:
        """What it says of other plans of the same city."""
        ((pack, dossiers, _, joined, witnesses),) = self.given
        return list(verdicts(pack, dossiers, plans, joined, witnesses))


@examples(50, 4_000)
@example(
    2680
)  # of two things that would do, one is there sooner: the plan is not proved, and told a day late
@given(st.integers(0, 2**40))
def test_every_plan_under_a_random_law_is_accepted(seed):
    """A plan that is not is a warning, and warnings are errors here."""
    draw = Random(seed)
    pack = law(draw)
    dossier = known(draw, pack)
    note(shown(pack, dossier))

    (plan,) = plan_city(pack, [dossier], [{}], CALENDAR)

    told_once(plan)


@examples(50, 4_000)
@given(st.integers(0, 2**40))
def test_every_plan_with_open_facts_on_several_levels_is_accepted(seed):
    pack, dossier = guarded(Random(seed))
    note(shown(pack, dossier))

    (plan,) = plan_city(pack, [dossier], [{}], CALENDAR)

    told_once(plan)


@pytest.mark.parametrize("unknown", [0.0, 0.2, 0.5])
def test_every_plan_of_an_estate_under_the_shipped_law_is_accepted(unknown):
    pack = shipped()
    dossiers = [random_estate(pack, seed, units=4, unknown=unknown) for seed in range(6)]

    for plan in plan_city(pack, dossiers, [{}] * len(dossiers), CALENDAR):
        told_once(plan)


def told_once(plan: EstatePlan) -> None:
    """No home is told two answers to one fact."""
    said = Counter((one.fact, one.place) for one in plan.joint.assumes)
    assert not [one for one, count in said.items() if count > 1]


@pytest.mark.parametrize(
    ("seed", "home", "basis"), [(1, "e1>1>0", "funded_roster"), (58, "e58>0>0", "inheritance")]
)
def test_pieces_of_a_home_that_read_one_fact_assume_one_answer(seed, home, basis):
    """Found by the second checker: each piece told the first answer that suited itself."""
    pack = shipped()
    dossier = random_estate(pack, seed, buildings=2, units=2, unknown=0.2)

    (plan,) = plan_city(pack, [dossier], [{}], CALENDAR)

    told_once(plan)
    (said,) = (one for one in plan.joint.assumes if (one.fact, one.place) == ("purchase_basis", home))
    assert said.answers == (basis,), "the way to the cause of transfer rests on it"


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    pack = shipped()
    return Seen(pack, [random_estate(pack, 7, buildings=2, units=4, unknown=0.3)], monkeypatch)


def lacking(plan: EstatePlan) -> int:
    """The first home that lacks a paper of its own."""
    return next(at for at, unit in enumerate(plan.units) if unit.own)


def with_home(plan: EstatePlan, at: int, **changes: Any) -> EstatePlan:
    return replace(plan, units=(*plan.units[:at], replace(plan.units[at], **changes), *plan.units[at + 1 :]))


def with_joint(plan: EstatePlan, **changes: Any) -> EstatePlan:
    return replace(plan, joint=replace(plan.joint, **changes))


def test_what_was_not_touched_is_accepted(seen):
    assert all(seen.says(*seen.plans))
    assert any(unit.own and unit.shared for unit in seen.plans[0].units), "there is something to be touched"


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("a paper of a home is dropped", "used but not listed"),
        ("a home is asked for a paper too many", "listed but not used"),
        ("a shared paper is dropped", "used but not listed"),
        ("a home is said to wait for nothing shared", "waits for"),
        ("a fen is missing", "money_fen: adds up"),
        ("an hour is missing", "effort: adds up"),
        ("a rank is missing", "rank: adds up"),
        ("a day is missing", "days: adds up"),
        ("one home fewer is said to lack a paper", "gaps: told of"),
    ],
)
def test_a_plan_that_says_something_else_is_refused(seen, what, said):
    (plan,) = seen.plans
    at, vector, joint = lacking(plan), plan.joint.vector, plan.joint
    own, level = plan.units[at].own, plan.units[at].place.level
    extra = next(name for name in shipped().evidence if shipped().level_of(name) == level and name not in own)
    shared = next(gap for gap in joint.gaps if gap.level != level)
    several = next(gap for gap in joint.gaps if gap.level == level and gap.count > 1)
    changed = {
        "a paper of a home is dropped": with_home(plan, at, own=own[1:]),
        "a home is asked for a paper too many": with_home(plan, at, own=(*own, extra)),
        "a shared paper is dropped": with_joint(plan, gaps=tuple(g for g in joint.gaps if g is not shared)),
        "a home is said to wait for nothing shared": with_home(plan, at, shared=()),
        "a fen is missing": with_joint(plan, vector=replace(vector, money_fen=vector.money_fen - 1)),
        "an hour is missing": with_joint(plan, vector=replace(vector, effort=vector.effort - 1)),
        "a rank is missing": with_joint(plan, vector=replace(vector, rank=vector.rank - 1)),
        "a day is missing": with_joint(plan, vector=replace(vector, days=vector.days - 1)),
        "one home fewer is said to lack a paper": with_joint(
            plan,
            gaps=tuple(replace(g, count=g.count - 1) if g is several else g for g in joint.gaps),
        ),
    }

    (verdict,) = seen.says(changed[what])

    assert not verdict
    assert any(said in problem for problem in verdict.problems), verdict.problems


def test_a_plan_made_for_something_else_that_is_known_is_refused(seen):
    """The papers of the plan are not to be had, or are on hand already."""
    ((pack, (dossier,), plans, joined, witnesses),) = seen.given
    unit = plans[0].units[lacking(plans[0])]
    for state in (Held.UNOBTAINABLE, Held.ON_HAND):
        held = {**dossier.held, (unit.own[0], unit.place.id): state}
        other = replace(dossier, held=held)

        (verdict,) = verdicts(pack, [other], plans, joined, witnesses)

        assert not verdict


def test_where_a_plan_is_not_accepted_the_estate_is_planned_as_a_whole(monkeypatch):
    pack = shipped()
    dossiers = [random_estate(pack, seed, buildings=1, units=2, unknown=0.2) for seed in (3, 4)]
    first = [Verdict(("made up for the test",)), Verdict(())]
    monkeypatch.setattr(taizhang.rules.city, "verdicts", lambda *_: iter(first))

    with pytest.warns(ReviewWarning, match="e3: planned as a whole.*made up for the test"):
        plans = plan_city(pack, dossiers, [{"county": "x"}, {}], CALENDAR)

    assert plans[0] == full_plan(pack, dossiers[0], {"county": "x"}, CALENDAR)
    monkeypatch.undo()
    assert plans[1] == plan_city(pack, dossiers[1:], [{}], CALENDAR)[0]


def test_homes_that_take_no_part_are_not_walked_through(monkeypatch):
    """What is blocked or proved claims nothing."""
    pack = shipped()
    dossier = random_estate(pack, 11, buildings=1, units=3, unknown=0.0)
    homes = [place.id for place in dossier.places.values() if place.level == "unit"]
    held = {**dossier.held, (pack.goal, homes[0]): Held.ON_HAND, (pack.goal, homes[1]): Held.UNOBTAINABLE}

    seen = Seen(pack, [replace(dossier, held=held)], monkeypatch)

    assert [unit.status for unit in seen.plans[0].units][:2] == [Status.PROVED, Status.BLOCKED]
    assert all(seen.says(*seen.plans))
