"""A city in columns says of every unit what the planner says of it alone."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from taizhang.rules.answers import answer_classes
from taizhang.rules.city import plan_city
from taizhang.rules.columns import Columns, plan_columns
from taizhang.rules.ground import ground
from taizhang.rules.joint import plan_estate
from taizhang.rules.plan import cheapest_plan
from taizhang.rules.table import tabulate
from taizhang.rules.template import Template, compile_pack
from taizhang.rules.terms import (
    Assumption,
    AtLeast,
    Cost,
    Dossier,
    Evidence,
    Held,
    Node,
    Pack,
    Ref,
    Status,
    Value,
    Way,
)
from taizhang.rules.truth import standing
from taizhang.rules.worktime import WorkCalendar
from tests.rules.cases import random_estate, shipped, with_a_twin
from tests.rules.compact import shown
from tests.rules.packs import estate, examples, label, make_pack
from tests.rules.test_joint_oracle import estates, levelled

_CHECK = os.environ.get("TAIZHANG_PROFILE") == "check"
_ESTATES = 400 if _CHECK else 12  # 50 units each: 20,000 or 600


def _told(template: Template, columns: Columns, unit: int) -> tuple[object, ...]:
    elements = template.problem.elements
    papers = [
        elements[number].name
        for number in range(len(elements))
        if int(columns.papers[number // 64, unit]) >> (number % 64) & 1
    ]
    status = Status(int(columns.status[unit]))
    return (
        status,
        tuple(columns.cost[:, unit].tolist()),
        int(columns.days[unit]),
        tuple(sorted(papers)),
    )


def _alone(dossier: Dossier, unit: str) -> tuple[object, ...]:
    pack = shipped()
    plan = cheapest_plan(pack, dossier, place=unit)
    problem = ground(pack, dossier, [(pack.goal, unit)])
    status = standing(problem).status(problem.goals[0])
    vector = plan.vector
    return (
        status,
        (vector.rank, vector.money_fen, vector.effort, vector.items),
        vector.days,
        plan.items,
    )


@pytest.mark.parametrize("unknown", [0.0, 0.3])
def test_every_unit_of_a_city_is_planned_as_it_would_be_alone(unknown):
    """Status, rank, money, effort, number of papers, days and the papers themselves."""
    pack = shipped()
    template = compile_pack(pack)
    dossiers = [
        random_estate(pack, 7_000 + seed, buildings=2, units=25, unknown=unknown)
        for seed in range(_ESTATES // 2)
    ]
    table = tabulate(template, dossiers)
    columns = plan_columns(template, table, pack.objective)
    finest = len(table.places) - 1

    compared = 0
    for unit, place in enumerate(table.places[finest]):
        if columns.alone[unit]:
            continue
        compared += 1
        dossier = dossiers[int(table.dossier[finest][unit])]
        assert _told(template, columns, unit) == _alone(dossier, place), place

    assert compared > 0.85 * len(table.places[finest])
    assert len(set(columns.status.tolist())) >= 3


def test_a_home_is_called_exact_only_where_its_plan_is_what_it_would_be_alone():
    """The columns cannot settle every home; of those their vector is an estimate."""
    pack = shipped()
    dossiers = [random_estate(pack, 7_000 + seed, buildings=2, units=25, unknown=0.3) for seed in range(6)]
    city = plan_city(pack, dossiers, [{}] * len(dossiers), WorkCalendar.china())
    estimated = 0
    for dossier, told in zip(dossiers, city, strict=True):
        for unit in told.units:
            if unit.status is Status.BLOCKED:
                continue
            vector = cheapest_plan(pack, dossier, place=unit.place.id).vector
            assert not unit.exact or unit.marginal == vector, unit.place.id
            estimated += unit.marginal != vector

    assert estimated, "a sample in which no home is estimated shows nothing"


def test_equal_input_gives_equal_columns():
    pack = shipped()
    template = compile_pack(pack)
    dossiers = [random_estate(pack, seed) for seed in range(4)]
    one, two = (plan_columns(template, tabulate(template, dossiers), pack.objective) for _ in range(2))

    assert np.array_equal(one.cost, two.cost)
    assert np.array_equal(one.papers, two.papers)
    assert np.array_equal(one.days, two.days)


def test_days_must_come_last():
    pack = shipped()
    template = compile_pack(pack)

    with pytest.raises(ValueError, match="days last"):
        plan_columns(template, tabulate(template, []), ("rank", "days", "money"))


@pytest.mark.parametrize("twin", [None, 0, 1], ids=["no twin", "like homes", "other homes"])
def test_the_joint_plan_of_an_estate_costs_what_planning_it_whole_costs(twin):
    """Pieces put together, like buildings once, against one search over all units of the estate."""
    pack = shipped()
    compared = 0
    for seed in range(40 if _CHECK else 14):
        dossier = random_estate(pack, 9_000 + seed, buildings=2, units=3, unknown=0.15)
        if twin is not None:
            dossier = with_a_twin(dossier, twin)
        whole = plan_estate(pack, dossier)
        (city,) = plan_city(pack, [dossier], [{}], WorkCalendar.china())

        assert {unit.place.id: unit.status for unit in city.units} == {
            unit: group.status for group in whole.groups for unit in group.units
        }
        if not (city.joint.proved and whole.plan.proved) or city.joint.left_out != whole.plan.left_out:
            continue
        if any(unit.status is Status.PROVED for unit in city.units):
            continue  # what is proved and only has to be entered yet takes no part in a city's plan
        compared += whole.found is not None
        assert city.joint.vector == whole.plan.vector, seed
        shared = {(gap.item, gap.place): gap.units for gap in city.joint.gaps if gap.level != "unit"}
        assert shared == {
            (gap.item, gap.place): gap.units for gap in whole.plan.gaps if gap.level != "unit"
        }, seed

    assert compared >= 5


def test_every_paper_of_a_plan_is_needed_by_a_way_on_its_route():
    """Where what a home needs is decided with its estate, the way is told as well."""
    pack = shipped()
    asked = 0
    for seed in range(20):
        dossier = random_estate(pack, 9_000 + seed, buildings=2, units=3, unknown=0.15)
        (city,) = plan_city(pack, [dossier], [{}], WorkCalendar.china())
        ways = {(node.id, way.id): way for node in pack.nodes.values() for way in node.ways}
        needed = {
            name
            for one in city.joint.route
            for need in ways[one.node, one.way].needs
            for name in (need.of if isinstance(need, AtLeast) else (need.ref,))
        }
        asked += len(city.joint.gaps)
        assert {gap.item for gap in city.joint.gaps} <= needed, seed
    assert asked > 200


@pytest.mark.parametrize("unknown", [0.0, 0.15, 0.4])
def test_what_is_listed_adds_up_to_what_the_plan_costs(unknown):
    """Papers and steps, home by home: nobody is asked for another home's paper, no work is left out."""
    pack = shipped()
    listed = 0
    for seed in range(60 if _CHECK else 12):
        dossier = random_estate(pack, 4_000 + seed, buildings=3, units=8, unknown=unknown)
        (plan,) = plan_city(pack, [dossier], [{}], WorkCalendar.china())
        joint, vector = plan.joint, plan.joint.vector

        own = Counter(item for unit in plan.units for item in unit.own)
        waits = Counter(one for unit in plan.units for one in unit.shared)
        homes, shared = Counter[str](), {}
        for gap in joint.gaps:
            if gap.level == "unit":
                homes[gap.item] += gap.count
            else:
                shared[gap.item, gap.place] = gap.units
        work = [(one.count, one.money_fen or 0, one.effort) for one in (*joint.gaps, *joint.steps)]
        listed += own.total()

        assert own == homes, seed
        assert {one: units for one, units in shared.items() if units} == waits, seed
        assert vector.items == own.total() + len(shared), seed
        assert vector.money_fen == sum(count * money for count, money, _ in work), seed
        assert vector.effort == sum(count * effort for count, _, effort in work), seed
    assert listed > 100


@pytest.mark.parametrize("unknown", [0.0, 0.3])
def test_a_home_lacks_together_with_others_what_it_would_lack_alone_or_what_that_saves(unknown):
    """Where what its estate and building get is there; without ranks, which nothing on hand costs."""
    law = shipped()
    nodes = {
        node.id: replace(node, ways=tuple(replace(way, rank=0) for way in node.ways))
        for node in law.nodes.values()
    }
    pack = replace(law, nodes=nodes)
    compared = 0
    for seed in range(40 if _CHECK else 8):
        dossier = random_estate(pack, 5_000 + seed, buildings=2, units=8, unknown=unknown)
        (plan,) = plan_city(pack, [dossier], [{}], WorkCalendar.china())
        if not plan.joint.proved:
            continue
        taken = [(one.item, one.place) for one in plan.joint.gaps]
        taken += [(one.node, one.place) for one in plan.joint.route]
        held = {key: Held.ON_HAND for key in taken if plan.places[key[1]].level != "unit"}
        assumed = [one for one in plan.joint.assumes if plan.places[one.place].level != "unit"]
        facts = {(one.fact, one.place): _answer(pack, one) for one in assumed}
        paid = replace(dossier, held={**dossier.held, **held}, facts={**dossier.facts, **facts})
        for unit in plan.units:
            if unit.status in (Status.OPEN, Status.DEPENDS) and unit.place.id not in plan.joint.left_out:
                alone = cheapest_plan(pack, paid, place=unit.place.id)
                compared += 1
                assert len(unit.own) == alone.vector.items, (seed, unit.place.id)
    assert compared > 20


def test_of_equally_cheap_ways_the_last_home_takes_the_quicker_one_and_no_other_changes_course():
    """The way that is shown first takes five days, the other one; a third home has nine days to go anyway."""
    evidence = {
        name: Evidence(name, "unit", label(name), "", Cost(100, 1, days))
        for name, days in (("id", 1), ("slow", 5), ("swift", 1), ("long", 9))
    }
    ways = tuple(Way(name, label(name), (Ref(name),), 0) for name in ("slow", "swift"))
    nodes = {
        "n0": Node("n0", "unit", label("n0"), (Way("w", label("w"), (Ref("id"), Ref("n1"), Ref("n2"))),)),
        "n1": Node("n1", "unit", label("n1"), ways),
        "n2": Node("n2", "unit", label("n2"), (Way("w", label("w"), (Ref("long"),)),)),
    }
    pack = make_pack(nodes, evidence, levels=("estate", "building", "unit"))
    dossier = estate(1, 2)
    done = {("n2", place.id): Held.ON_HAND for place in dossier.places.values() if place.level == "unit"}
    busy = dict(list(done.items())[1:])

    for held, days, first in ((done, 1, "swift"), (busy, 9, "slow")):
        case = replace(dossier, held=held)
        (plan,) = plan_city(pack, [case], [{}], WorkCalendar.china())
        assert plan.joint.vector.days == days == plan_estate(pack, case).plan.vector.days
        assert all(first in unit.own for unit in plan.units)


@examples(150, 4_000)
@given(st.data())
def test_under_any_law_what_is_listed_adds_up(data):
    """Random laws, with needs of every building and facts that nobody knows."""
    pack = data.draw(levelled())
    dossier = data.draw(estates(pack))
    dossier = replace(dossier, facts={key: v for key, v in dossier.facts.items() if data.draw(st.booleans())})
    note(shown(pack, dossier))
    (plan,) = plan_city(pack, [dossier], [{}], WorkCalendar.china())
    joint = plan.joint
    shared = [gap for gap in joint.gaps if gap.level != "unit"]

    assert Counter(item for unit in plan.units for item in unit.own) == Counter(
        {gap.item: gap.count for gap in joint.gaps if gap.level == "unit"}
    )
    assert joint.vector.items == sum(len(unit.own) for unit in plan.units) + len(shared)
    work = [*joint.gaps, *joint.steps]
    if all(one.days or one.effort or not one.money_fen for one in _steps(pack)):  # others are not told
        assert joint.vector.money_fen == sum(one.count * (one.money_fen or 0) for one in work)
    assert joint.vector.effort == sum(one.count * one.effort for one in work)


def _steps(pack: Pack) -> Iterator[Cost]:
    for node in pack.nodes.values():
        yield from (way.step for way in node.ways)


def _answer(pack: Pack, one: Assumption) -> Value:
    classes = answer_classes(pack)[one.fact]
    return next(group.value for group in classes if group.answers == one.answers)
