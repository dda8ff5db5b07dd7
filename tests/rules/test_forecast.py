"""When certificates can be expected: from plans and a log of finished work, or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from taizhang.errors import InputError
from taizhang.exchange.demo_city import made_up_log
from taizhang.rules.backtest import backtest
from taizhang.rules.city import plan_city
from taizhang.rules.experience import ENOUGH, Experience, usual_days, usual_days_of
from taizhang.rules.forecast import Settings, forecast, look_ahead
from taizhang.rules.queueing import NOBODY, Job, Yard
from taizhang.rules.terms import AtLeast, Backtest, Completed, EstatePlan, Forecast, Pack
from taizhang.rules.worklist import Worklist, worklist
from taizhang.rules.worktime import WorkCalendar

from .cases import random_estate, shipped
from .packs import examples
from .test_city_oracle import known, law

CALENDAR = WorkCalendar.china()
DAY = shipped().as_of
YEAR = [
    day for back in range(365, 0, -1) if CALENDAR.is_open(day := DAY - timedelta(days=back))
]  # working days


@cache
def log() -> tuple[Completed, ...]:
    """A year of finished work, made up by a queue that shares no code with the forecast's."""
    return tuple(made_up_log(shipped(), YEAR, 12_000, seed=1))


@cache
def planned() -> tuple[EstatePlan, ...]:
    dossiers = [random_estate(shipped(), seed, buildings=2, units=5, unknown=0.1) for seed in range(6)]
    return tuple(plan_city(shipped(), dossiers, [{}] * len(dossiers), CALENDAR))


PLAIN = Settings({}, {}, runs=60)
HELD = Backtest(DAY, 100, {50: 0.5, 80: 0.8, 95: 0.95}, reliable=True)


@cache
def seen() -> Experience:
    return Experience.of(log(), CALENDAR)


@cache
def work_of() -> Worklist:
    return worklist(shipped(), planned())


def told(settings: Settings, other: Experience | None = None) -> Forecast:
    """What is told of the days ahead, where the past has come true."""
    return look_ahead(planned(), work_of(), other or seen(), settings, CALENDAR, HELD)


def path_of(work: Worklist) -> list[float]:
    """When every estate is done where nobody waits for a desk and all takes its planned days."""
    yard = Yard([Job(NOBODY, one.needs) for one in work.tasks])
    ended = yard.run([float(one.cost.days) for one in work.tasks], []).ended
    return [0.0 if end is None else ended[end] for end in work.ends]


@examples(60, 3_000)
@example(1275)  # a need whose guard is false for the estate
@example(716)  # a need whose guard is false for the home
@example(874)  # a need whose guard is assumed to be false
@given(st.integers(0, 2**40))
def test_19_a_home_by_itself_takes_its_plans_days_where_it_waits_for_nobody(seed):
    """The critical path of the work is that of the plan."""
    draw = Random(seed)
    pack = law(draw)
    dossier = known(draw, pack)
    home = next(place for place in dossier.places.values() if place.level == "unit")
    alone = {*dossier.chain(home.id)}
    dossier = replace(
        dossier,
        places={name: place for name, place in dossier.places.items() if name in alone},
        held={key: state for key, state in dossier.held.items() if key[1] in alone},
        facts={key: value for key, value in dossier.facts.items() if key[1] in alone},
    )
    (plan,) = plan_city(pack, [dossier], [{}], CALENDAR)

    (days,) = path_of(worklist(pack, [plan]))

    if plan.joint.proved and not choosy(pack, plan):
        assert days == plan.joint.vector.days


def choosy(pack: Pack, plan: EstatePlan) -> bool:
    """Whether a way needs some of several things: work waits for all of them that are planned."""
    there = {gap.item for gap in plan.joint.gaps} | {one.node for one in plan.joint.route}
    ways = [way for one in plan.joint.route for way in pack.nodes[one.node].ways if way.id == one.way]
    needs = [need for way in ways for need in way.needs if isinstance(need, AtLeast)]
    return any(there.intersection(need.of) for need in needs)


def test_work_of_an_estate_ends_no_sooner_than_its_plan():
    """Homes hand in together what they lack of one kind: then some wait for others."""
    work = work_of()

    days = path_of(work)

    assert any(end is not None for end in work.ends)
    for plan, told_days in zip(planned(), days, strict=True):
        assert told_days >= plan.joint.vector.days
        assert told_days <= 1.5 * plan.joint.vector.days


def test_every_paper_and_step_of_a_plan_is_work_once():
    work = work_of()

    found = sorted((one.item, one.place) for one in work.tasks if one.item in shipped().evidence)

    gaps = {
        (gap.item, plan.place.id if gap.level == "unit" else gap.place)
        for plan in planned()
        for gap in plan.joint.gaps
    }
    assert found == sorted(gaps)


def test_a_buildings_work_waits_for_its_own_and_what_lies_above_and_counts_its_own_homes():
    work = work_of()
    owner = {place.id: place.parent for plan in planned() for place in plan.places.values()}
    homes = Counter(
        unit.place.parent
        for plan in planned()
        for unit in plan.units
        if unit.place.id not in plan.joint.left_out
    )
    estates = {plan.place.id for plan in planned()}
    buildings = [one for one in work.tasks if owner.get(one.place) in estates]

    assert len({one.place for one in buildings}) > len(estates), "estates of several buildings"
    for one in buildings:
        above = {one.place, owner[one.place], owner[owner[one.place]]}
        assert {work.tasks[need].place for need in one.needs} <= above
        if one.item in shipped().nodes:
            assert one.homes == homes[one.place]


def test_the_same_seed_tells_the_same_and_another_one_something_else():
    assert told(PLAIN) == told(PLAIN)
    assert told(PLAIN).estates != told(replace(PLAIN, seed=2)).estates


def test_days_rise_with_certainty_and_dates_are_those_days():
    found = told(PLAIN)

    assert len(found.estates) == sum(end is not None for end in work_of().ends)
    for one in found.estates:
        assert one.days[50] <= one.days[80] <= one.days[95]
        for each, day in one.dates.items():
            assert day == CALENDAR.add_from(found.start, one.days[each])


def test_desks_supposed_are_compared_on_the_same_runs():
    """One desk everywhere makes queues; a hundred more at the busiest take them away."""
    one = dict.fromkeys(shipped().suppliers, 1)
    before = told(replace(PLAIN, desks=one))
    busiest = before.desks[0].supplier

    after = told(replace(PLAIN, desks=one, more={busiest: 100}))

    assert next(desk for desk in after.desks if desk.supplier == busiest).wait == 0
    changes = [estate.change for estate in after.estates]
    assert sum(changes) < -1
    assert [two.days for two in after.estates] != [two.days for two in before.estates]
    assert all(estate.change == 0 for estate in before.estates)


def test_more_desks_where_nobody_waits_change_nothing():
    plenty = dict.fromkeys(shipped().suppliers, 500)

    found = told(replace(PLAIN, desks=plenty, more=dict.fromkeys(plenty, 7)))

    assert {estate.change for estate in found.estates} == {0.0}
    assert {desk.wait for desk in found.desks} == {0.0}


def test_what_is_seen_too_seldom_takes_the_days_of_the_law_or_the_plan_and_is_named():
    asked = {one.item for one in work_of().tasks if one.cost.days}
    seldom = min(asked & seen().days.keys())
    less = Experience.of([one for one in log() if one.item != seldom], CALENDAR)

    assert seldom not in told(PLAIN).assumed
    assert seldom in told(PLAIN, less).assumed


def test_without_a_log_of_them_papers_and_steps_take_the_days_of_the_law_else_those_planned():
    """Nothing is left to chance then: every day told is that of the critical path, with these days."""
    plenty = dict.fromkeys(shipped().suppliers, 500)
    work = work_of()
    lawful = [replace(one, cost=replace(one.cost, days=usual_days(one.cost))) for one in work.tasks]
    path = [day for day in path_of(replace(work, tasks=tuple(lawful))) if day]

    found = told(replace(PLAIN, runs=20), Experience({}, plenty))

    assert path != [day for day in path_of(work) if day], "the law gives other days than the plan"
    assert [one.path for one in found.estates] == [day for day in path_of(work) if day]
    assert [set(one.days.values()) for one in found.estates] == [{day} for day in path]


def test_who_is_not_in_the_log_is_named_and_has_one_desk():
    work = {one.supplier for one in work_of().tasks if one.supplier}
    one = min(work)
    rest = Experience(seen().days, {name: 9 for name in work if name != one})

    assert told(PLAIN, rest).unseen == (one,)
    assert next(desk.desks for desk in told(PLAIN, rest).desks if desk.supplier == one) == 1
    assert told(replace(PLAIN, desks={one: 3}), rest).unseen == ()


def test_how_busy_a_supplier_is_and_how_long_work_waits_for_it():
    ones = dict.fromkeys(shipped().suppliers, 1)
    work = work_of()
    found = told(replace(PLAIN, runs=20), Experience({}, ones))
    names = sorted({one.supplier for one in work.tasks if one.supplier})
    jobs = [Job(names.index(one.supplier) if one.supplier else NOBODY, one.needs) for one in work.tasks]
    days = [float(usual_days(one.cost)) for one in work.tasks]

    once = Yard(jobs).run(days, [1] * len(names))

    for desk in found.desks:
        mine = [n for n, one in enumerate(work.tasks) if one.supplier == desk.supplier]
        waits = [once.begun[n] - once.ready[n] for n in mine]
        assert desk.wait == pytest.approx(sum(waits) / len(waits))
        assert desk.busy == pytest.approx(sum(days[n] for n in mine) / max(once.ended))
        assert desk.pieces == len(mine)
    assert [desk.busy for desk in found.desks] == sorted((desk.busy for desk in found.desks), reverse=True)


def test_desks_are_the_most_in_hand_at_once_where_none_are_told():
    paper = "deed_tax_receipt"
    days = [(1, 6), (6, 9), (2, 3), (3, 7)]  # two at a time: what ends makes room on that day
    some = [
        Completed(paper, "tax", date(2023, 3, 1), date(2023, 3, begun), date(2023, 3, ended))
        for begun, ended in days
    ]

    assert Experience.of(some, CALENDAR).desks == {"tax": 2}
    assert Experience.of(some, CALENDAR).days == {}, f"fewer than {ENOUGH} say too little"
    at_once = [replace(some[0], begun=date(2023, 3, 5), ended=date(2023, 3, 5))] * 3
    assert Experience.of([*some, *at_once], CALENDAR).desks == {"tax": 5}, "on their day they are in hand"


def asked(settings: Settings, done: list[Completed]) -> Forecast:
    return forecast(shipped(), planned(), done, settings, CALENDAR)


def worked(some: int, late: int = 1) -> Iterator[Completed]:
    """One piece a working day at one desk, that takes one day; in the last third ``late`` times as long."""
    for at, day in enumerate(YEAR[:some]):
        days = late if at > 0.66 * some else 1
        yield Completed("deed_tax_receipt", "tax_bureau", day, day, CALENDAR.due(day, days))


def test_a_forecast_of_the_past_comes_true_where_nothing_has_changed():
    found = backtest(shipped(), log(), {}, CALENDAR, runs=40)

    assert found.reliable
    assert found.tested > 3_000
    assert found.within[80] == pytest.approx(0.8, abs=0.07)
    assert found.within[95] == pytest.approx(0.95, abs=0.05)


def test_no_dates_where_the_past_was_not_as_it_would_have_been_told():
    found = backtest(shipped(), [*worked(200, late=9)], {"tax_bureau": 20}, CALENDAR, runs=20)
    assert not found.reliable

    with pytest.raises(InputError, match="would not have come true") as refused:
        asked(replace(PLAIN, desks={"tax_bureau": 20}), [*worked(200, late=9)])
    assert refused.value.code == "E-FORECAST-UNTRUE"


@pytest.mark.parametrize("some", [0, 1, 60])
def test_no_dates_without_enough_finished_work(some):
    with pytest.raises(InputError) as refused:
        asked(PLAIN, [*worked(some)])

    assert refused.value.code == "E-FORECAST-LOG"


def test_no_dates_from_the_log_of_one_office_only():
    """It may come true for that office, and says nothing of the others."""
    item = "deed_tax_receipt"
    one = [Completed(item, "tax_bureau", day, day, CALENDAR.due(day, 1)) for day in YEAR[:200]]

    with pytest.raises(InputError) as refused:
        asked(replace(PLAIN, desks={"tax_bureau": 20}), one)

    assert refused.value.code == "E-FORECAST-THIN"


def test_a_supplier_keeps_a_desk():
    with pytest.raises(InputError) as refused:
        told(replace(PLAIN, more={told(PLAIN).desks[0].supplier: -999}))

    assert refused.value.code == "E-FORECAST-DESKS"


def test_nothing_is_told_where_nothing_is_planned():
    done = [replace(plan, joint=replace(plan.joint, gaps=(), route=())) for plan in planned()]

    with pytest.raises(InputError) as refused:
        forecast(shipped(), done, log(), PLAIN, CALENDAR)

    assert refused.value.code == "E-FORECAST-NOTHING"


def test_the_law_counts_before_the_plan():
    costs = {node.id: [way.step for way in node.ways] for node in shipped().nodes.values()}
    lawful = {
        name: some[0] for name, some in costs.items() if len(some) == 1 and some[0].law_days is not None
    }

    assert any(step.law_days != step.days for step in lawful.values())
    for name, step in lawful.items():
        assert usual_days_of(shipped(), name) == step.law_days
    with_law = [one for one in work_of().tasks if one.cost.law_days is not None]
    assert with_law, "the shipped law gives days for some step that is planned"
