"""Homes that answer as one before them did are not walked through again, and are judged as if they were."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

import taizhang.rules.check
import taizhang.rules.city
from taizhang.rules import homewalks
from taizhang.rules.check import check_in_full, check_joint_plan
from taizhang.rules.city import plan_city
from taizhang.rules.expressions import parse
from taizhang.rules.joint import plan_estate
from taizhang.rules.terms import (
    AtLeast,
    Cost,
    Dossier,
    Each,
    EstatePlan,
    Evidence,
    Held,
    Need,
    Node,
    Pack,
    Ref,
    Share,
    Status,
    Way,
)
from taizhang.rules.walkdown import Key, WalkDown
from taizhang.rules.worktime import WorkCalendar
from tests.rules.cases import random_estate, shipped

from .compact import shown
from .packs import estate, examples, fact, label, make_pack
from .test_city_oracle import guarded, known, law

CALENDAR = WorkCalendar.china()


class Plainly:
    """Every home walked through, whatever was seen before: the slow and obvious way."""

    def __init__(self, walk: WalkDown) -> None:
        self.walk = walk

    def through(self, home: str) -> frozenset[Key] | None:
        pack = self.walk.pack
        self.walk.reach((pack.goal, home))
        below, level = self.walk.below((pack.goal, home)), pack.nodes[pack.goal].level
        return None if below is None else frozenset(one for one in below if pack.level_of(one[0]) != level)


def planned(
    pack: Pack, dossiers: list[Dossier], monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Any, ...]]:
    """The city planned; what was given to the second checker of every estate."""
    given: list[tuple[Any, ...]] = []

    def watched(*args: Any) -> Any:
        given.append(args)
        return check_in_full(*args)

    with monkeypatch.context() as patch:
        patch.setattr("taizhang.rules.reviewed.check_in_full", watched)
        plan_city(pack, dossiers, [{}] * len(dossiers), CALENDAR)
    yield from given


@contextmanager
def plainly() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(taizhang.rules.check, "Homes", Plainly)
        yield


def said(problems: tuple[str, ...]) -> list[str]:
    """Problems without the order of what they list."""
    return sorted("".join(sorted(one)) for one in problems)


def changed(draw: Random, dossier: Dossier, plan: EstatePlan, route: Any, assumes: Any) -> tuple[Any, ...]:
    """What the second checker is given, with one thing or none of it gone wrong."""
    slip = draw.choice(["none", "way", "answer", "own", "shared", "held", "sum"])
    units, joint = list(plan.units), plan.joint
    at = draw.randrange(len(units)) if units else 0
    if slip == "way" and route:
        gone = draw.choice(sorted(route))
        route = {key: way for key, way in route.items() if key != gone}
    elif slip == "answer" and assumes:
        gone = draw.choice(sorted(assumes))
        assumes = {key: answers for key, answers in assumes.items() if key != gone}
    elif slip == "own" and units:
        units[at] = replace(units[at], own=units[at].own[1:])
    elif slip == "shared" and units:
        units[at] = replace(units[at], shared=units[at].shared[1:])
    elif slip == "held" and units and units[at].own:
        state = draw.choice([Held.ON_HAND, Held.UNOBTAINABLE])
        dossier = replace(dossier, held={**dossier.held, (units[at].own[0], units[at].place.id): state})
    elif slip == "sum" and joint.vector is not None:
        part = draw.choice(["rank", "money_fen", "effort", "days", "items"])
        told = replace(joint.vector, **{part: getattr(joint.vector, part) + draw.choice([-1, 1])})
        joint = replace(joint, vector=told)
    return dossier, replace(plan, units=tuple(units), joint=joint), route, assumes


def compared(draw: Random, pack: Pack, seen: tuple[Any, ...]) -> None:
    """Both ways say the same of a plan, right or wrong."""
    for _ in range(3):
        dossier, plan, route, assumes = changed(draw, *seen[1:])
        found = check_in_full(pack, dossier, plan, route, assumes)
        with plainly():
            told = check_in_full(pack, dossier, plan, route, assumes)
        assert said(found.problems) == said(told.problems)


@examples(40, 4_000)
@given(st.integers(0, 2**40))
def test_nothing_is_judged_otherwise_under_a_random_law(seed):
    draw = Random(seed)
    pack = law(draw)
    dossiers = [known(draw, pack) for _ in range(2)]
    note(shown(pack, dossiers[0]))
    with pytest.MonkeyPatch.context() as patch:
        for seen in planned(pack, dossiers, patch):
            compared(draw, pack, seen)


@examples(40, 4_000)
@given(st.integers(0, 2**40))
def test_nothing_is_judged_otherwise_with_open_facts_on_several_levels(seed):
    draw = Random(seed)
    pack, dossier = guarded(draw)
    note(shown(pack, dossier))
    with pytest.MonkeyPatch.context() as patch:
        for seen in planned(pack, [dossier], patch):
            compared(draw, pack, seen)


def test_nothing_is_judged_otherwise_under_the_shipped_law(monkeypatch):
    pack = shipped()
    dossiers = [random_estate(pack, seed, buildings=2, units=5, unknown=0.2) for seed in range(5)]
    draw = Random(1)
    wrong = 0
    for seen in planned(pack, dossiers, monkeypatch):
        for _ in range(6):
            compared(draw, pack, seen)
        dossier, plan, route, assumes = changed(draw, *seen[1:])
        wrong += not check_in_full(pack, dossier, plan, route, assumes)
    assert wrong, "something was judged wrong"


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The homes that are walked through from now on."""
    walked: list[str] = []
    before = homewalks._OwnWalk.__init__

    def watched(self: Any, estate: WalkDown, home: str, at: Any) -> None:
        walked.append(home)
        before(self, estate, home, at)

    monkeypatch.setattr(homewalks._OwnWalk, "__init__", watched)
    return walked


def test_of_like_homes_one_is_walked_through(monkeypatch):
    """Twelve homes of which the same is known; of an estate like it later, none."""
    pack = shipped()
    estates = (random_estate(pack, seed, buildings=1, units=1, unknown=0.0) for seed in range(50))
    estate = next(
        one for one in estates if plan_city(pack, [one], [{}], CALENDAR)[0].units[0].status is Status.OPEN
    )
    pack.once.pop("homes walked through", None)
    (home,) = (place for place in estate.places.values() if place.level == "unit")
    twins = {f"{home.id}-{n}": replace(home, id=f"{home.id}-{n}") for n in range(12)}
    alike = replace(
        estate,
        places={**{k: v for k, v in estate.places.items() if k != home.id}, **twins},
        held=_copied(estate.held, home.id, twins),
        facts=_copied(estate.facts, home.id, twins),
    )
    walked = counted(monkeypatch)

    plan_city(pack, [alike], [{}], CALENDAR)
    assert len(walked) == 1

    plan_city(pack, [replace(alike)], [{}], CALENDAR)
    assert len(walked) == 1


def _copied(told: Any, home: str, twins: Any) -> dict[tuple[str, str], Any]:
    """What is said of one home said of all of them."""
    return {
        (name, place): value
        for (name, at), value in told.items()
        for place in (twins if at == home else [at])
    }


def test_what_is_remembered_does_not_grow_without_end(monkeypatch):
    pack = shipped()
    monkeypatch.setattr(homewalks, "_MOST_FORKS", 300)
    pack.once.pop("homes walked through", None)

    for seed in range(6):
        plan_city(pack, [random_estate(pack, seed, buildings=1, units=3, unknown=0.1)], [{}], CALENDAR)

    forks = pack.once["homes walked through"]
    assert isinstance(forks, homewalks.Forks)
    assert 0 < forks._size <= 300


LEVELS = ("estate", "building", "unit")
ON, NEVER = Held.ON_HAND, Held.UNOBTAINABLE


def paper(name: str, level: str, money: int = 1, days: int = 1) -> Evidence:
    return Evidence(name, level, label(name), "", Cost(money, 1, days))


def node(name: str, level: str, *ways: Way) -> Node:
    return Node(name, level, label(name), ways)


def way(name: str, *needs: Need, rank: int = 0, when: str = "", days: int = 0, effort: int = 0) -> Way:
    step = Cost(0, effort, days)
    return Way(name, label(name), needs, rank, parse(when) if when else None, step)


def accepted(pack: Pack, *dossiers: Dossier) -> list[EstatePlan]:
    """The plans; one that is refused is a warning, and warnings are errors here."""
    return list(plan_city(pack, list(dossiers), [{}] * len(dossiers), CALENDAR))


def test_decisions_of_the_same_name_are_told_apart_by_whom_they_are_for(monkeypatch):
    """Two nodes of a home, each with a way "minutes" of a decision: for this estate, and for another."""
    here, there = (replace(way("minutes", Ref("id")), scope=(name,)) for name in ("E", "elsewhere"))
    pack = make_pack(
        {
            "goal": node("goal", "unit", way("w", Ref("one"), Ref("two"))),
            "one": node("one", "unit", here),
            "two": node("two", "unit", there),
        },
        {"id": paper("id", "unit")},
        levels=LEVELS,
        goal="goal",
    )
    dossier = estate(1, 1)
    route = {("goal", "B1U1"): "w", ("one", "B1U1"): "minutes", ("two", "B1U1"): "minutes"}
    walk = WalkDown(pack, dossier, route, {}, set())

    homewalks.Homes(walk).through("B1U1")

    assert walk.problems == ["two@B1U1: way minutes does not count here"]


def walked(pack: Pack, dossier: Dossier, route: dict[Key, str]) -> dict[str, int]:
    """What a route takes, every home walked through."""
    walk = WalkDown(pack, dossier, route, {}, set())
    homes = homewalks.Homes(walk)
    for place in dossier.places.values():
        if (pack.goal, place.id) in route:
            homes.through(place.id)
    assert not walk.problems
    return walk.totals()


def test_a_rank_that_what_is_on_hand_above_proves_counts_in_no_other_building():
    """Two like homes: the register of the one's building is there, that of the other's is not."""
    pack = make_pack(
        {
            "goal": node("goal", "unit", way("w", Ref("id"), Ref("trusted"))),
            "trusted": node("trusted", "unit", way("on trust", Ref("register"), rank=1)),
            "register": node("register", "building", way("w", Ref("extract"))),
        },
        {"extract": paper("extract", "building"), "id": paper("id", "unit")},
        levels=LEVELS,
        goal="goal",
    )
    dossier = estate(2, 1, held={("extract", "B1"): ON})

    (plan,) = accepted(pack, dossier)

    assert plan.joint.vector is not None
    assert plan.joint.vector.rank == 1


def test_what_an_estate_needs_of_every_home_is_walked_once_for_each():
    """Measuring takes work at every home, and both the home and the estate need it."""
    pack = make_pack(
        {
            "goal": node("goal", "unit", way("w", Ref("measured"), Ref("survey"))),
            "survey": node("survey", "estate", way("all", Each("unit", "measured"))),
            "measured": node("measured", "unit", way("w", Ref("sheet"), effort=5)),
        },
        {"sheet": paper("sheet", "unit")},
        levels=LEVELS,
        goal="goal",
    )

    dossier = estate(2, 2)
    route = {("survey", "E"): "all"}
    route |= {(name, home): "w" for home in dossier.below("E", "unit") for name in ("goal", "measured")}

    assert walked(pack, dossier, route)["effort"] == 4 * (5 + 1)

    (plan,) = accepted(pack, dossier)
    assert plan.joint.vector is not None
    assert plan.joint.vector.effort == 4 * (5 + 1)


def test_a_share_of_homes_that_has_agreed_already_costs_no_rank():
    """Two of three owners have signed, and two thirds are enough: the way follows from what is on hand."""
    pack = make_pack(
        {
            "goal": node("goal", "unit", way("w", Ref("agreed"), Ref("id"))),
            "agreed": node(
                "agreed", "estate", way("most", Share("unit", "signature", Fraction(2, 3)), rank=1)
            ),
        },
        {"signature": paper("signature", "unit"), "id": paper("id", "unit")},
        levels=LEVELS,
        goal="goal",
    )
    dossier = estate(1, 3, held={("signature", "B1U1"): ON, ("signature", "B1U2"): ON})

    found = plan_estate(pack, dossier)

    assert found.plan.vector is not None
    assert found.plan.vector.rank == 0
    assert (
        check_joint_plan(pack, dossier, found.plan, {g.first: g.units for g in found.groups}).problems == ()
    )


def two_ways() -> Pack:
    """A home needs either of two things of its building, which others may need anyway."""
    return make_pack(
        {
            "goal": node("goal", "unit", way("w", Ref("either"), Ref("own"))),
            "either": node("either", "unit", way("w", AtLeast(1, ("fast", "slow")), days=50)),
            "own": node(
                "own",
                "unit",
                way("first", Ref("fast"), when="f"),
                way("both", Ref("fast"), Ref("slow"), when="not f"),
            ),
            "fast": node(
                "fast",
                "building",
                way("quickly", Ref("form"), when="g", days=1),
                way("late", Ref("form"), when="not g", days=30),
            ),
            "slow": node("slow", "building", way("w", Ref("map"), days=10)),
        },
        {"form": paper("form", "building"), "map": paper("map", "building", 5)},
        levels=LEVELS,
        facts={"f": fact("f"), "g": replace(fact("g"), level="building")},
        goal="goal",
    )


def test_of_two_things_that_are_there_anyway_each_home_is_counted_with_the_sooner(monkeypatch):
    """In the first building the form is the sooner one, in the second the map."""
    facts = {("f", home): False for home in ("B1U1", "B2U1")}
    dossier = estate(2, 1, facts={**facts, ("g", "B1"): True, ("g", "B2"): False})
    ((pack, _, plan, route, assumes),) = planned(two_ways(), [dossier], monkeypatch)
    listed = {(gap.item, gap.place) for gap in plan.joint.gaps}
    walk = WalkDown(pack, dossier, route, assumes, listed)
    homes = homewalks.Homes(walk)

    assert [homes.through(home) for home in ("B1U1", "B2U1")] == [None, None], "either could be waited for"

    assert [walk.days["goal", home] for home in ("B1U1", "B2U1")] == [2 + 50, 11 + 50]


def test_of_two_things_a_home_takes_the_one_that_its_building_provides():
    """Like homes in two buildings: in the second a neighbour needs the other one."""
    law = make_pack(
        {
            "goal": node("goal", "unit", way("w", AtLeast(1, ("form", "map")), Ref("own"))),
            "own": node("own", "unit", way("plain", when="f"), way("mapped", Ref("map"), when="not f")),
        },
        {"form": paper("form", "building", 1), "map": paper("map", "building", 5)},
        levels=LEVELS,
        facts={"f": fact("f")},
        goal="goal",
    )
    facts = {("f", home): home != "B2U2" for home in ("B1U1", "B1U2", "B2U1", "B2U2")}

    (plan,) = accepted(law, estate(2, 2, facts=facts))

    assert {(gap.item, gap.place) for gap in plan.joint.gaps} == {("form", "B1"), ("map", "B2")}


def test_a_building_that_needs_something_of_all_its_homes_is_no_pattern_for_another():
    """The goal is a building's here; one has a single home, the other three."""
    law = make_pack(
        {"goal": node("goal", "building", way("all", Each("unit", "sheet"), effort=1))},
        {"sheet": paper("sheet", "unit")},
        levels=LEVELS,
        goal="goal",
    )
    small = estate(2, 3)
    dossier = replace(small, places={k: p for k, p in small.places.items() if k not in ("B1U2", "B1U3")})

    told = walked(law, dossier, {("goal", "B1"): "all", ("goal", "B2"): "all"})
    assert (told["items"], told["effort"]) == (4, 2 + 4)

    (plan,) = accepted(law, dossier)
    assert plan.joint.vector is not None
    assert (plan.joint.vector.items, plan.joint.vector.effort) == (4, 2 + 4)
