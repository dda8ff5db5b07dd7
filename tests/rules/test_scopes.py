"""A decision counts at the places it names and at no other, in one estate and in a city."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from taizhang.rules.assess import assess
from taizhang.rules.check import check_joint_plan
from taizhang.rules.city import plan_city
from taizhang.rules.differing import stands
from taizhang.rules.joint import plan_estate
from taizhang.rules.outline import outline_city
from taizhang.rules.solver import city_library
from taizhang.rules.supposing import suppose
from taizhang.rules.terms import Cost, Dossier, Evidence, Held, Node, Pack, Ref, Share, Supposition, Way
from taizhang.rules.whatif import World, what_if
from taizhang.rules.worktime import WorkCalendar

from .compact import shown
from .packs import estate, examples, label, make_pack
from .test_city_oracle import known, law

CALENDAR = WorkCalendar.china()
LEVELS = ("estate", "building", "unit")


def named(number: int, dossier: Dossier) -> Dossier:
    """The same estate under another name, with other ids."""

    def renamed(place: str) -> str:
        return f"{number}:{place}"

    places = {
        renamed(one.id): replace(
            one, id=renamed(one.id), name=renamed(one.name), parent=one.parent and renamed(one.parent)
        )
        for one in dossier.places.values()
    }
    held = {(name, renamed(place)): state for (name, place), state in dossier.held.items()}
    facts = {(name, renamed(place)): value for (name, place), value in dossier.facts.items()}
    return replace(dossier, places=places, held=held, facts=facts)


def decided(draw: Random, pack: Pack, dossiers: list[Dossier]) -> Pack:
    """The law with some of its ways opened by decisions for places of some of the estates."""
    names = [one.id for dossier in dossiers for one in dossier.places.values()]
    nodes = {
        name: replace(
            node,
            ways=tuple(
                replace(way, scope=tuple(draw.sample(names, draw.randint(1, 3))))
                if draw.random() < 0.3
                else way
                for way in node.ways
            ),
        )
        for name, node in pack.nodes.items()
    }
    return replace(pack, nodes=nodes)


@examples(40, 2_000)
@given(st.integers(0, 2**40))
def test_every_home_of_a_city_stands_where_it_stands_alone(seed):
    """Random laws, random scopes of estates, buildings and homes; what is not accepted would be a warning."""
    draw = Random(seed)
    pack = law(draw)
    dossiers = [named(number, known(draw, pack)) for number in range(2)]
    pack = decided(draw, pack, dossiers)
    note("\n".join(shown(pack, dossier) for dossier in dossiers))

    plans = plan_city(pack, dossiers, [{}] * 2, CALENDAR)

    for dossier, plan in zip(dossiers, plans, strict=True):
        for unit in plan.units:
            assert unit.status is assess(pack, dossier, place=unit.place.id).status[pack.goal]
    outlines = outline_city(pack, dossiers, CALENDAR, pack.objective, city_library())
    for plan, outline in zip(plans, outlines, strict=True):
        assert outline.status.tolist() == [unit.status for unit in plan.units]
    columns = stands(pack, dossiers, pack.objective)
    assert columns.plans.status.size == sum(len(plan.units) for plan in plans)


def minutes(scope: tuple[str, ...]) -> Pack:
    """A goal that only a decision for the named places can open."""
    way = Way("minutes", label("minutes"), (Ref("card"),), scope=scope)
    card = Evidence("card", "unit", label("card"), "", Cost(0, 1, 1))
    return make_pack({"n0": Node("n0", "unit", label("n0"), (way,))}, {"card": card}, levels=LEVELS)


@pytest.mark.parametrize(
    ("scope", "opened"),
    [
        ((), ["B1U1", "B1U2", "B2U1", "B2U2"]),
        (("E",), ["B1U1", "B1U2", "B2U1", "B2U2"]),
        (("B1", "B2U2"), ["B1U1", "B1U2", "B2U2"]),
        (("B2U1",), ["B2U1"]),
        (("毛巾厂家属院",), []),
    ],
)
def test_a_decision_opens_what_it_names(scope, opened):
    pack, dossier = minutes(scope), estate(2, 2)

    (plan,) = plan_city(pack, [dossier], [{}], CALENDAR)
    groups = plan_estate(pack, dossier).groups

    assert [unit.place.id for unit in plan.units if unit.status.word == "open"] == opened
    alone = sorted(unit for group in groups if group.status.word == "open" for unit in group.units)
    assert alone == opened
    assert plan.joint.vector.items == len(opened)


def test_the_second_checker_refuses_a_way_that_is_decided_for_others():
    found = plan_estate(minutes(("E",)), estate(1, 2))
    alike = {group.first: group.units for group in found.groups}
    assert check_joint_plan(minutes(("E",)), estate(1, 2), found.plan, alike)

    verdict = check_joint_plan(minutes(("毛巾厂家属院",)), estate(1, 2), found.plan, alike)

    assert any("way minutes does not count here" in problem for problem in verdict.problems)


def test_two_laws_that_name_other_places_are_two_laws():
    """Nothing is remembered of a home under the one that holds under the other."""
    dossiers = [named(number, estate(1, 2)) for number in range(2)]
    for first, other in (("0:E", "1:E"), ("1:E", "0:E")):
        laws = minutes((first,)), minutes((other,))
        shift = what_if(World(laws[0], dossiers), World(laws[1], dossiers), [{}] * 2, CALENDAR)
        kinds = {(one.estate, one.kind) for one in shift.units}
        assert kinds == {(first, "harmed"), (other, "unlocked")}


def test_supposed_for_all_a_decision_opens_the_others():
    dossiers = [named(number, estate(1, 2)) for number in range(2)]
    pack = minutes(("0:E",))
    way = replace(pack.nodes["n0"].ways[0], id="other", scope=(), adopted=False)
    pack = replace(pack, nodes={"n0": replace(pack.nodes["n0"], ways=(*pack.nodes["n0"].ways, way))})
    after = suppose(pack, [Supposition("enable", "n0.other")])

    shift = what_if(World(pack, dossiers), World(after, dossiers), [{}] * 2, CALENDAR)

    assert {(one.estate, one.kind) for one in shift.units} == {("1:E", "unlocked")}


def test_of_a_share_of_the_homes_none_stands_for_others():
    """Four of six must vote, and all are alike."""
    vote = Way("vote", label("vote"), (Share("unit", "ballot", Fraction(2, 3)),))
    nodes = {
        "goal": Node("goal", "unit", label("goal"), (Way("w", label("w"), (Ref("id"), Ref("meeting"))),)),
        "meeting": Node("meeting", "estate", label("meeting"), (vote,)),
    }
    papers = {
        "id": Evidence("id", "unit", label("id"), "", Cost(0, 1, 1)),
        "ballot": Evidence("ballot", "unit", label("ballot"), "", Cost(0, 2, 1)),
    }
    pack = make_pack(nodes, papers, goal="goal", levels=LEVELS)

    found = plan_estate(pack, estate(2, 3)).plan
    (plan,) = plan_city(pack, [estate(2, 3)], [{}], CALENDAR)

    assert found.vector == plan.joint.vector
    assert (found.vector.items, found.vector.effort) == (6 + 4, 6 + 8)
    assert sum("ballot" in unit.own for unit in plan.units) == 4
    held = {("ballot", home): Held.ON_HAND for home in ("B1U1", "B1U2", "B1U3")}
    assert plan_estate(pack, estate(2, 3, held=held)).plan.vector.items == 6 + 1
