"""What a decision would open, ease and harm: two worlds, home by home."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from taizhang.errors import InputError, PackError
from taizhang.rules.assess import assess
from taizhang.rules.city import plan_city
from taizhang.rules.expressions import parse
from taizhang.rules.plan import cheapest_plan
from taizhang.rules.reach import reached
from taizhang.rules.supposing import adoptable, supply, suppose
from taizhang.rules.terms import (
    AtLeast,
    Cost,
    Dossier,
    Evidence,
    Held,
    Node,
    Pack,
    Ref,
    Shift,
    Status,
    Supposition,
    Way,
)
from taizhang.rules.whatif import World, digest_of, what_if
from taizhang.rules.whynot import why_not
from taizhang.rules.worktime import WorkCalendar
from tests.rules.cases import random_estate, shipped

from .packs import estate, fact, label, make_pack

NEAR = (Status.OPEN, Status.PROVED)


OF_FIRE_AND_LAND = (
    "fire_",
    "defence_",
    "allocation_",
    "land_use_",
    "grant_",
    "agreed_",
    "acceptance_",
    "archive_",
)


def estates(count: int, first: int) -> list[Dossier]:
    """Estates that have most shared papers, and little of what fire, civil defence and land ask for."""
    pack = shipped()
    found = []
    for seed in range(first, first + count):
        dossier = random_estate(pack, seed, buildings=2, units=3, unknown=0.1)
        draw = np.random.default_rng(seed)
        held = {key: state for key, state in dossier.held.items() if key[0] in pack.evidence}
        for place in sorted(dossier.places):
            for name in sorted(pack.evidence):
                chance = draw.random()
                if (
                    pack.level_of(name) != dossier.places[place].level
                    or dossier.places[place].level == "unit"
                ):
                    continue
                in_question = name.startswith(OF_FIRE_AND_LAND)
                held[name, place] = (
                    Held.UNOBTAINABLE
                    if in_question and chance < 0.5
                    else Held.MISSING
                    if in_question or chance < 0.2
                    else Held.ON_HAND
                )
        facts = dict(dossier.facts)
        for place in dossier.places.values():
            for name, value in (("fire_status", "none"), ("defence_status", "none"), ("legacy_case", True)):
                if pack.facts[name].level == place.level and draw.random() < 0.9:
                    facts[name, place.id] = value
            if place.level == "estate":
                kinds = ("reform_housing", sorted(pack.facts["project_type"].values)[0])
                facts["project_type", place.id] = kinds[seed % 2]
        found.append(replace(dossier, held=held, facts=facts))
    return found


def used_need(pack: Pack, dossiers: Sequence[Dossier]) -> str:
    """A need of a way that some joint plan takes, and whose paper it lacks: ``node.way.need``."""
    for plan in plan_city(pack, dossiers, [{}] * len(dossiers), WorkCalendar.china()):
        missing = {gap.item for gap in plan.joint.gaps if gap.level == "building"}
        for choice in plan.joint.route:
            way = next(one for one in pack.nodes[choice.node].ways if one.id == choice.way)
            for need in way.needs:
                if isinstance(need, Ref) and need.ref in missing and need.when is None:
                    return f"{choice.node}.{choice.way}.{need.ref}"
    raise AssertionError("no plan lacks anything of a building")


def lacking(dossiers: Sequence[Dossier], name: str) -> list[Dossier]:
    return [
        replace(each, held={key: state for key, state in each.held.items() if key[0] != name})
        for each in dossiers
    ]


def way_of(need: str) -> str:
    return need.rpartition(".")[0]


def compared(before: Pack, after: Pack, dossiers: Sequence[Dossier], others: Sequence[Dossier] = ()) -> Shift:
    return what_if(
        World(before, dossiers), World(after, others or dossiers), [{}] * len(dossiers), WorkCalendar.china()
    )


def kind_by_planner(before: Pack, after: Pack, dossier: Dossier, unit: str) -> str:
    """Both worlds asked of the planner of single cases."""
    told = []
    for pack in (before, after):
        status = assess(pack, dossier, place=unit).status[pack.goal]
        plan = cheapest_plan(pack, dossier, place=unit)
        told.append((status, plan.vector.ordered(pack.objective) if plan.feasible else None))
    (one, cost), (two, new) = told
    if one not in NEAR and two in NEAR:
        return "unlocked"
    if one != two:
        return "eased" if two < one else "harmed"
    if cost is None or new is None or cost == new:
        return ""
    return "eased" if new < cost else "harmed"


@pytest.mark.slow
@pytest.mark.parametrize("supposed", ["one way", "two ways", "a need waived", "a need added"])
def test_every_home_is_what_the_planner_says_of_it_in_both_worlds(supposed):
    """Homes of estates that were not looked at again are asked as well."""
    pack, dossiers = shipped(), lacking(estates(6, 50_000), "sold_before_cutoff")
    fire, defence = (
        Supposition("enable", "fire_material.commitment"),
        Supposition("enable", "defence_material.late_fee"),
    )
    chosen = {
        "one way": lambda: [defence],
        "two ways": lambda: [fire, defence],
        "a need waived": lambda: [Supposition("waive", used_need(pack, dossiers))],
        "a need added": lambda: [
            Supposition("require", f"{way_of(used_need(pack, dossiers))}.sold_before_cutoff")
        ],
    }
    after = suppose(pack, chosen[supposed]())
    shift = compared(pack, after, dossiers)
    told = {one.place.id: one.kind for one in shift.units}
    kinds = set()
    for dossier in dossiers:
        for place in dossier.places.values():
            if place.level == "unit":
                kind = kind_by_planner(pack, after, dossier, place.id)
                kinds.add(kind)
                assert told.get(place.id, "") == kind, place.id

    assert shift.estimated == 0
    assert kinds - {""}, "a supposition that changes nothing shows nothing"


def test_without_the_classes_everything_else_is_told_alike():
    pack, dossiers = shipped(), estates(6, 50_000)
    law = suppose(pack, [Supposition("enable", "defence_material.late_fee")])
    names = [{"county": f"C{at}"} for at in range(6)]
    full, bare = (
        what_if(World(pack, dossiers), World(law, dossiers), names, WorkCalendar.china(), classes=told)
        for told in (True, False)
    )

    assert any(one.classes for one in full.estates), "there are classes to be left out"
    assert bare == replace(full, estates=tuple(replace(one, classes=()) for one in full.estates))


def test_estates_that_a_change_cannot_reach_keep_their_plans():
    pack, dossiers = shipped(), estates(12, 51_000)
    after = suppose(pack, [Supposition("enable", "land_makeup_form.employer_approval")])
    numbers = reached(pack, after, dossiers)
    one, two = (plan_city(law, dossiers, [{}] * 12, WorkCalendar.china()) for law in (pack, after))

    assert 0 < len(numbers) < 12
    for number in set(range(12)) - set(numbers):
        assert one[number].units == two[number].units
        assert one[number].joint == two[number].joint


def test_adopting_ways_unlocks_together_at_least_what_each_unlocks_alone():
    """And harms nobody: what is added takes nothing away."""
    pack, dossiers = shipped(), estates(10, 52_000)
    ways = [Supposition("enable", one) for one in adoptable(pack)]
    alone = {one: compared(pack, suppose(pack, [one]), dossiers) for one in ways}
    unlocked = {
        one: {unit.place.id for unit in shift.units if unit.kind == "unlocked"}
        for one, shift in alone.items()
    }
    for one, two in combinations(ways, 2):
        both = compared(pack, suppose(pack, [one, two]), dossiers)
        assert {unit.place.id for unit in both.units if unit.kind == "unlocked"} >= unlocked[one] | unlocked[
            two
        ]
        assert not both.count("harmed")

    assert any(unlocked.values())


def test_what_is_supposed_twice_or_not_at_all_changes_nothing():
    pack, dossiers = shipped(), estates(3, 53_000)
    same = compared(pack, pack, dossiers)
    one = suppose(pack, [Supposition("enable", "fire_material.commitment")])
    two = suppose(one, [Supposition("enable", "fire_material.commitment")])

    assert (same.units, same.estates, same.reached) == ((), (), 0)
    assert same.digests[0] == same.digests[1]
    assert compared(one, two, dossiers).units == ()


def test_a_need_added_to_every_route_harms_and_waived_again_restores():
    pack, dossiers = shipped(), lacking(estates(4, 54_000), "quality_supervision_record")
    need = f"{way_of(used_need(pack, dossiers))}.quality_supervision_record"
    harder = suppose(pack, [Supposition("require", need)])
    back = suppose(harder, [Supposition("waive", need)])

    assert compared(pack, harder, dossiers).count("harmed")
    assert not compared(pack, harder, dossiers).count("eased")
    assert compared(pack, back, dossiers).units == ()


def test_a_paper_supplied_at_one_place_concerns_that_place_alone():
    pack, dossiers = shipped(), estates(4, 55_000)
    name = next(
        item
        for estate in plan_city(pack, dossiers, [{}] * 4, WorkCalendar.china())[:1]
        for unit in estate.units
        for item, place in unit.shared
        if dossiers[0].places[place].level == "estate"
    )
    supplied = supply(pack, dossiers, [Supposition("supply", name, "e55000")])
    shift = compared(pack, pack, dossiers, supplied)

    assert shift.reached == 1
    assert {one.estate for one in shift.units} <= {"e55000"}
    assert shift.count("eased") and not shift.count("harmed")
    assert [row[0] for row in shift.eased_papers] == [name] or name in [row[0] for row in shift.eased_papers]


def test_a_changed_limit_reaches_the_guards_that_read_it():
    """A day moved in a parameter moves the homes whose guard compares with it, and no fee."""
    pack, dossiers = shipped(), estates(6, 56_000)
    read = sorted(
        name
        for name in pack.params
        if any(name in way.when.names for node in pack.nodes.values() for way in node.ways if way.when)
    )
    if not read:
        unread = suppose(pack, [Supposition("set", sorted(pack.params)[0], "1")])
        assert reached(pack, unread, dossiers) == []
        return
    changed = suppose(pack, [Supposition("set", read[0], "1")])

    assert reached(pack, changed, dossiers)


@pytest.mark.parametrize(
    ("supposed", "code"),
    [
        (Supposition("enable", "fire_materiel.commitment"), "E-WHATIF-NAME"),
        (Supposition("enable", "fire_material.comitment"), "E-WHATIF-NAME"),
        (Supposition("enable", "project_mortgage_handled.swap"), "E-WHATIF-FORCE"),
        (Supposition("waive", "first_reg_accepted.ordinary"), "E-WHATIF-NAME"),
        (Supposition("waive", "first_reg_accepted.ordinary.filed_contract"), "E-WHATIF-NAME"),
        (Supposition("set", "deed_tax_rate_of_mars", "1"), "E-WHATIF-NAME"),
        (Supposition("set", "maintenance_fund_rate", "much"), "E-WHATIF-VALUE"),
    ],
)
def test_what_cannot_be_supposed_is_said(supposed, code):
    pack = shipped()
    if supposed.kind == "set" and code == "E-WHATIF-VALUE":
        supposed = replace(supposed, target=sorted(pack.params)[0])
    with pytest.raises(InputError) as caught:
        suppose(pack, [supposed])

    assert caught.value.code == code
    assert caught.value.zh
    assert caught.value.say("zh") != caught.value.say("en")


NUMBER = "a number like 0.03, with at most 15 digits before and behind the point"


@pytest.mark.parametrize(
    "value", ["NaN", "sNaN", "Infinity", "-Infinity", "1e999999999", "1e-999", "", "2024-01-28"]
)
def test_what_is_no_number_that_can_be_reckoned_with_is_no_value_of_a_rate(value):
    """``sNaN`` used to be a traceback, and ``NaN`` the law."""
    with pytest.raises(InputError) as caught:
        suppose(shipped(), [Supposition("set", "deed_tax_rate_first_small", value)])

    assert caught.value.code == "E-WHATIF-VALUE"
    rate = "deed_tax_rate_first_small"
    assert caught.value.say("en") == (
        f"--set {rate}: '{value}' is no value for the parameter {rate}. Write {NUMBER}. [E-WHATIF-VALUE]"
    )
    assert f"“{value}”不是参数 deed_tax_rate_first_small 的取值，应为数字" in caught.value.say("zh")


def test_a_day_is_wanted_where_the_parameter_is_a_day():
    pack = shipped()
    dated = next(one for one in pack.params.values() if isinstance(one.values[0].value, date))
    for value in ("15", "2024-13-01"):
        with pytest.raises(InputError, match=r"Write a day like 2024-01-28\. \[E-WHATIF-VALUE\]"):
            suppose(pack, [Supposition("set", dated.id, value)])

    moved = suppose(pack, [Supposition("set", dated.id, "2010-01-01")])
    assert moved.params[dated.id].on(pack.as_of) == date(2010, 1, 1)


def choosing() -> tuple[Pack, str]:
    """The shipped law with a way whose only choice is among two papers, and another need."""
    pack = shipped()
    node = pack.nodes["first_registration"]
    way = replace(
        node.ways[0], needs=(AtLeast(1, ("building_survey", "land_use_certificate")), Ref("filed_contract"))
    )
    nodes = {**pack.nodes, node.id: replace(node, ways=(way, *node.ways[1:]))}
    return replace(pack, nodes=nodes), f"{node.id}.{way.id}"


def test_one_of_several_papers_cannot_be_waived_by_itself():
    """The message used to say that the paper was not in the pack, and to offer the same paper."""
    pack, way = choosing()
    with pytest.raises(InputError) as caught:
        suppose(pack, [Supposition("waive", f"{way}.building_survey")])

    assert caught.value.code == "E-WHATIF-WAIVE"
    told = caught.value.say("en")
    assert "one of several of which 1 must be there: building_survey,land_use_certificate" in told
    assert "need: 'building_survey,land_use_certificate'" in told, "what an overlay would have to say"
    assert "不能单独免除" in caught.value.say("zh")


def test_a_need_is_waived_once():
    need = Supposition("waive", used_need(shipped(), estates(6, 50_000)))
    with pytest.raises(InputError, match=r"is waived already\. Give it once\. \[E-WHATIF-WAIVE\]"):
        suppose(shipped(), [need, Supposition("enable", "fire_material.commitment"), need])


def test_a_need_that_the_way_does_not_have_is_told_with_those_that_it_has():
    with pytest.raises(InputError) as caught:
        suppose(shipped(), [Supposition("waive", "first_reg_accepted.ordinary.filed_contract")])

    told = caught.value.say("en")
    assert "does not need 'filed_contract'. It needs " in told
    assert "is not in the pack" not in told


def test_a_need_that_would_make_a_node_need_itself_is_refused():
    with pytest.raises(PackError) as caught:
        suppose(shipped(), [Supposition("require", "entity_gone_proof.extinct.first_registration")])

    assert caught.value.code in ("E-PACK-E04", "E-PACK-E05")


def test_a_paper_or_a_place_that_is_not_there_is_said():
    pack, dossiers = shipped(), estates(1, 57_000)
    for supposed, code in (
        (Supposition("supply", "land_titel", ""), "E-WHATIF-NAME"),
        (Supposition("supply", "land_use_certificate", "nowhere"), "E-WHATIF-PLACE"),
    ):
        with pytest.raises(InputError) as caught:
            supply(pack, dossiers, [supposed])
        assert caught.value.code == code


def test_why_one_home_is_not_among_them_names_what_still_stands_in_the_way():
    """Every name is replayed: a home still blocked opens when its lift is granted."""
    pack, dossiers = shipped(), estates(10, 52_000)
    after = suppose(pack, [Supposition("enable", "fire_material.commitment")])
    replayed = 0
    for number, dossier in enumerate(dossiers):
        unit = next(place.id for place in dossier.places.values() if place.level == "unit")
        told = why_not(World(pack, dossiers), World(after, dossiers), number, unit)
        stands = assess(after, dossier, place=unit)
        assert told.after == stands.status[pack.goal]
        asked = {one.fact for one in stands.questions} if told.after is Status.DEPENDS else set()
        assert set(told.questions) == asked
        if told.after is Status.BLOCKED and told.lift is not None:
            replayed += 1
            law = suppose(after, [Supposition("enable", f"{one.node}.{one.way}") for one in told.lift.ways])
            held = dict(dossier.held) | dict.fromkeys(told.lift.items, Held.MISSING)
            opened = replace(dossier, held=held)
            assert assess(law, opened, place=unit).status[pack.goal] is not Status.BLOCKED
            assert told.blocked_by

    assert replayed


def cases_of(*ways: Way, facts: tuple[str, ...] = ("f",), **options: Any) -> tuple[Pack, Dossier]:
    """A home whose goal has these ways; the papers a, b and c are at hand for them."""
    evidence = {name: Evidence(name, "unit", label(name), "", Cost(1, 1, 1)) for name in "abc"}
    goal = Node("n0", "unit", label("n0"), ways)
    asked = {name: fact(name, "unit") for name in facts}
    pack = make_pack({"n0": goal}, evidence, facts=asked, levels=("estate", "building", "unit"))
    return pack, replace(estate(1, 1), **options)


def test_a_home_that_only_an_answer_would_prove_is_unlocked_by_a_way_that_every_answer_opens():
    """Its cost and papers stay the same: only its status does not."""
    by_paper = Way("w0", label("w0"), (Ref("b"),), adopted=False)
    by_answer = Way("w1", label("w1"), (), when=parse("f"))
    pack, home = cases_of(by_paper, by_answer)
    law = suppose(pack, [Supposition("enable", "n0.w0")])
    assert [assess(one, home, place="B1U1").status["n0"] for one in (pack, law)] == [
        Status.DEPENDS,
        Status.OPEN,
    ]

    shift = what_if(World(pack, [home]), World(law, [home]), [{}], WorkCalendar.china())

    assert [(one.kind, one.before, one.after) for one in shift.units] == [
        ("unlocked", Status.DEPENDS, Status.OPEN)
    ]


def test_a_paper_that_lapses_in_one_of_two_worlds_makes_them_two():
    way = Way("w0", label("w0"), (Ref("a"),))
    pack, home = cases_of(way, facts=(), held={("a", "B1U1"): Held.ON_HAND})
    lapsed = replace(home, valid_until={("a", "B1U1"): home.as_of - timedelta(days=1)})
    worlds = World(pack, [home]), World(pack, [lapsed])

    shift = what_if(*worlds, [{}], WorkCalendar.china())

    assert digest_of(worlds[0]) != digest_of(worlds[1])
    assert shift.digests[0] != shift.digests[1]
    assert [(one.kind, one.before, one.after) for one in shift.units] == [
        ("harmed", Status.PROVED, Status.OPEN)
    ]


def test_a_paper_that_lasts_until_its_use_spares_another_though_the_columns_see_no_difference():
    """On hand today in both worlds, and wanted in ten days: in one it is good until tomorrow."""
    papers = {
        "a": Evidence("a", "unit", label("a"), "", Cost(9, 9, 1)),
        "slow": Evidence("slow", "unit", label("slow"), "", Cost(0, 1, 10)),
    }
    use = Way("use", label("use"), (Ref("a"), Ref("slow")), step=Cost(0, 1, 1))
    pack = make_pack(
        {"n0": Node("n0", "unit", label("n0"), (use,))}, papers, levels=("estate", "building", "unit")
    )
    paper = "a", "B1U1"
    home = replace(estate(1, 1), held={paper: Held.ON_HAND})
    good = [replace(home, valid_until={paper: home.as_of + timedelta(days=days)}) for days in (1, 400)]

    shift = what_if(World(pack, [good[0]]), World(pack, [good[1]]), [{}], WorkCalendar.china())

    assert [(one.before.money_fen, one.after.money_fen) for one in shift.estates] == [(9, 0)]


def test_digests_tell_worlds_apart_and_nothing_else():
    pack, dossiers = shipped(), estates(2, 58_000)
    one = digest_of(World(pack, dossiers))
    turned = [
        replace(
            each, held=dict(reversed(list(each.held.items()))), facts=dict(reversed(list(each.facts.items())))
        )
        for each in dossiers
    ]

    assert digest_of(World(pack, turned)) == one
    assert (
        digest_of(World(suppose(pack, [Supposition("enable", "fire_material.commitment")]), dossiers)) != one
    )
    key = next(iter(dossiers[0].held))
    assert digest_of(World(pack, [replace(dossiers[0], held={key: Held.ON_HAND}), dossiers[1]])) != one
