"""Papers and answers come one at a time; the city is always as if it had been planned from scratch."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import cycle

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from taizhang.rules.answers import answer_classes
from taizhang.rules.city import plan_city
from taizhang.rules.incremental import LiveCity
from taizhang.rules.terms import EstatePlan, Fact, Held, Label, Pack
from taizhang.rules.worktime import WorkCalendar
from tests.rules.cases import random_estate, shipped

CHECK = os.environ.get("TAIZHANG_PROFILE") == "check"
CALENDAR = WorkCalendar.china()
VALUES = {
    "bool": [True, False],
    "enum": ["old", "new"],
    "decimal": [Decimal("89.50"), Decimal(144)],
    "integer": [Decimal(3), Decimal(18)],
    "date": [date(2003, 5, 31), date(2021, 3, 1)],
    "money": [35_800_000, 0],
    "text": ["甲", "乙"],
}


@cache
def law() -> Pack:
    """The shipped law, and facts of every kind that no rule, fee, class or urgency reads."""
    pack = shipped()
    levels = cycle(("estate", "building", "unit"))
    silent = {
        f"silent_{kind}": Fact(f"silent_{kind}", level, kind, Label("某", "some"), Label("", ""), "")
        for kind, level in zip(sorted(VALUES), levels, strict=False)
    }
    return replace(pack, facts={**pack.facts, **silent})


def from_scratch(city: LiveCity) -> list[EstatePlan]:
    return plan_city(city.pack, city.dossiers, city.identities, CALENDAR)


class OneEntryAfterAnother(RuleBasedStateMachine):
    """Any sequence of papers brought, lost and withdrawn, of facts answered and forgotten."""

    @initialize(seed=st.integers(0, 10_000))
    def a_small_city(self, seed):
        pack = law()
        dossiers = [random_estate(pack, seed + at, buildings=2, units=2, unknown=0.2) for at in range(2)]
        self.city = LiveCity(pack, dossiers, [{}, {"county": "x"}], CALENDAR)
        self.classes = answer_classes(pack)
        self.entries = 0

    @rule(data=st.data(), estate=st.integers(0, 1), state=st.sampled_from([*Held, None]))
    def a_paper_comes_or_is_lost(self, data, estate, state):
        pack = self.city.pack
        places = sorted(self.city.dossiers[estate].places)
        place = data.draw(st.sampled_from(places))
        level = self.city.dossiers[estate].places[place].level
        names = sorted(n for n in (*pack.evidence, *pack.nodes) if pack.level_of(n) == level)
        if names:
            self.enter(estate, data.draw(st.sampled_from(names)), place, state)

    @rule(data=st.data(), estate=st.integers(0, 1))
    def a_fact_is_answered_or_forgotten(self, data, estate):
        pack = self.city.pack
        name = data.draw(st.sampled_from(sorted(self.classes)))
        group = data.draw(st.sampled_from([None, *self.classes[name]]))
        value = group.value if group else None
        if group and pack.facts[name].type == "money":
            value = int(100 * value)
        self.enter(estate, name, self.somewhere(data, estate, name), value)

    @rule(data=st.data(), estate=st.integers(0, 1))
    def a_fact_is_told_that_no_guard_asks_for(self, data, estate):
        """An area, a name, a day: read by fees and reasons for haste, or by nothing at all."""
        facts = self.city.pack.facts
        unread = sorted(facts.keys() - self.city.facts)
        name = data.draw(st.sampled_from([*unread, *sorted(facts.keys() - self.classes.keys())]))
        value = data.draw(st.sampled_from([None, *(sorted(facts[name].values) or VALUES[facts[name].type])]))
        self.enter(estate, name, self.somewhere(data, estate, name), value)

    def somewhere(self, data, estate, name):
        level = self.city.pack.facts[name].level
        places = self.city.dossiers[estate].places.values()
        return data.draw(st.sampled_from(sorted(one.id for one in places if one.level == level)))

    def enter(self, estate, name, place, said):
        before = self.city.plans[estate]
        told = self.city.record(estate, name, place, said)
        after = self.city.plans[estate]
        changed = tuple(a.place.id for a, b in zip(before.units, after.units, strict=True) if a != b)
        assert told.units == changed
        assert told.planned or replace(after, facts=before.facts) == before
        self.entries += 1

    @invariant()
    def it_is_what_planning_from_scratch_gives(self):
        if getattr(self, "entries", 0):
            assert self.city.plans == from_scratch(self.city)


TestOneEntryAfterAnother = OneEntryAfterAnother.TestCase
TestOneEntryAfterAnother.settings = settings(
    max_examples=60 if CHECK else 4,
    stateful_step_count=25 if CHECK else 6,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def test_an_entry_touches_its_estate_alone_and_says_which_gaps_came_and_went():
    pack = shipped()
    dossiers = [random_estate(pack, 70_000 + at, buildings=2, units=3) for at in range(3)]
    city = LiveCity(pack, dossiers, [{}] * 3, CALENDAR)
    untouched = [city.plans[0], city.plans[2]]
    gap = next(gap for gap in city.plans[1].joint.gaps if gap.level == "building")
    told = city.record(1, gap.item, gap.place, Held.ON_HAND)

    assert told.planned
    assert (gap.item, gap.place) in told.closed
    assert [city.plans[0], city.plans[2]] == untouched
    assert all(one is two for one, two in zip(untouched, [city.plans[0], city.plans[2]], strict=True))


def test_what_says_nothing_new_is_not_planned_again():
    pack = shipped()
    city = LiveCity(pack, [random_estate(pack, 71_000, units=2)], [{}], CALENDAR)
    (name, place), state = next(iter(sorted(city.dossiers[0].held.items(), key=lambda item: item[0])))

    assert not city.record(0, name, place, state).planned


def test_a_fact_that_no_rule_reads_is_shown_with_the_plan_and_nothing_is_planned_again():
    """It used to stay as it was: the plan was not what planning from scratch gives."""
    pack = law()
    city = LiveCity(pack, [random_estate(pack, 71_000, units=2)], [{}], CALENDAR)
    name = "silent_text"
    at = next(one.id for one in city.dossiers[0].places.values() if one.level == pack.facts[name].level)
    before = city.plans[0]
    told = city.record(0, name, at, "told")

    assert not told.planned
    assert city.plans[0].facts[name, at] == "told"
    assert city.plans == from_scratch(city)
    assert city.plans[0].units is before.units
    city.record(0, name, at, None)
    assert city.plans == [before]
