"""Which few papers and decisions open most homes, held against trying every set of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from taizhang.errors import PackError
from taizhang.rules.bundles import (
    BuildingNeeds,
    Curve,
    best_of_estates,
    curve_of,
    greedy_of_estates,
    options_of,
)
from taizhang.rules.city import plan_city
from taizhang.rules.ground import ground
from taizhang.rules.labels import labels_of
from taizhang.rules.leverage import assumed, bundles, leverage
from taizhang.rules.opening import Opening
from taizhang.rules.outline import outline_of
from taizhang.rules.plan import cheapest_plan
from taizhang.rules.resolve import resolve
from taizhang.rules.supposing import adoptable, adopting
from taizhang.rules.table import tabulate
from taizhang.rules.template import Template, compile_pack
from taizhang.rules.terms import AtLeast, Cost, Dossier, Evidence, Held, Node, Pack, Ref, Way
from taizhang.rules.unitneeds import MOST_IMPORTS
from taizhang.rules.upward import Upward
from taizhang.rules.worktime import WorkCalendar
from tests.rules.cases import random_estate, shipped
from tests.rules.packs import estate, label, make_pack

CHECK = os.environ.get("TAIZHANG_PROFILE") == "check"
ESTATES = 60 if CHECK else 5


def nearly_ready(pack: Pack, seed: int) -> Dossier:
    """An estate of two buildings that lacks a few shared papers; all of its facts are known."""
    dossier = random_estate(pack, seed, buildings=2, units=3, unknown=0.0)
    draw = np.random.default_rng(seed)
    held = dict(dossier.held)
    for place in dossier.places.values():
        for name in pack.evidence:
            if pack.level_of(name) == place.level != "unit" and draw.random() < 0.9:
                held[name, place.id] = Held.ON_HAND
    return replace(dossier, held=held)


def shared_missing(pack: Pack, dossier: Dossier) -> list[tuple[str, str]]:
    return [
        (name, place.id)
        for place in dossier.places.values()
        for name in sorted(pack.evidence)
        if pack.level_of(name) == place.level != "unit" and dossier.state(name, place.id) is Held.MISSING
    ]


def opened(pack: Pack, dossier: Dossier, taken: Sequence[tuple[str, str]], *, ready: bool = False) -> int:
    """Homes that need nothing shared beyond what is taken, by the planner of single cases."""
    held = dict(dossier.held)
    if ready:  # nor anything of their own
        for place in dossier.places.values():
            for name in pack.evidence:
                if (
                    pack.level_of(name) == place.level == "unit"
                    and dossier.state(name, place.id) is Held.MISSING
                ):
                    held[name, place.id] = Held.UNOBTAINABLE
    for key in shared_missing(pack, dossier):
        held[key] = Held.ON_HAND if key in taken else Held.UNOBTAINABLE
    supplied = replace(dossier, held=held)
    homes = [place.id for place in dossier.places.values() if place.level == "unit"]
    count = 0
    for home in homes:
        problem = ground(pack, supplied, [(pack.goal, home)])
        count += resolve(problem, {}).feasible[problem.goals[0]]
    return count


def sets_of(
    pack: Pack, dossier: Dossier, most: int
) -> Iterator[tuple[tuple[str, ...], tuple[tuple[str, str], ...]]]:
    ways, papers = adoptable(pack), shared_missing(pack, dossier)
    for decided in range(min(len(ways), most) + 1):
        for some in combinations(ways, decided):
            for size in range(most - decided + 1):
                for taken in combinations(papers, size):
                    yield some, taken


@pytest.mark.slow
def test_the_best_set_is_the_best_of_all_sets():
    """Every set of up to two decisions and papers, each judged home by home."""
    pack = shipped()
    better = 0
    for seed in range(ESTATES):
        dossier = nearly_ready(pack, 40_000 + seed)
        told, _ = bundles(pack, [dossier], 2)
        nothing = opened(pack, dossier, ())
        best = [0, 0, 0]
        for ways, taken in sets_of(pack, dossier, 2):
            count = opened(adopting(pack, ways), dossier, taken) - nothing
            best[len(ways) + len(taken)] = max(best[len(ways) + len(taken)], count)
        best[2] = max(best[1:])

        assert [one.units for one in told] == best[1:], seed
        assert all(one.proved for one in told)
        better += told[1].units > 0

    assert better >= 2, "estates in which nothing can be opened show nothing"


def test_what_a_set_says_it_opens_is_opened_by_supplying_it():
    """Two estates, up to six items: supply them and count the homes."""
    pack = shipped()
    dossiers = [nearly_ready(pack, 41_000 + seed) for seed in range(4)]
    nothing = sum(opened(pack, one, ()) for one in dossiers)
    told, waiting = bundles(pack, dossiers, 6)

    for one in told:
        ways = [item.item for item in one.items if not item.place]
        taken = [(item.item, item.place) for item in one.items if item.place]
        law = adopting(pack, ways)
        assert sum(opened(law, dossier, taken) for dossier in dossiers) - nothing == one.units
        assert len(one.items) <= one.k
        assert one.greedy_units <= one.units
    assert waiting == sum(6 for _ in dossiers) - nothing
    assert told[-1].units > 0


def test_where_not_every_set_is_tried_the_bound_is_above_what_trying_them_finds(monkeypatch):
    """Of four estates together; a bound that is attained proves the set."""
    pack = shipped()
    dossiers = [nearly_ready(pack, 41_000 + seed) for seed in range(4)]
    exact, waiting = bundles(pack, dossiers, 4)
    monkeypatch.setattr("taizhang.rules.bundles._MOST_KINDS", 0)  # of no building all sets are tried
    told, _ = bundles(pack, dossiers, 4)

    for one, best in zip(told, exact, strict=True):
        assert one.units <= best.units <= one.bound <= waiting
        assert one.proved == (one.units == one.bound)
    assert not all(one.proved for one in told)
    assert told[0].bound < waiting, "one paper does not open the homes of all estates"


def test_more_items_never_open_fewer_homes_and_none_opens_more_than_wait():
    pack = shipped()
    dossiers = [random_estate(pack, 42_000 + seed, buildings=3, units=4) for seed in range(5)]
    estates = plan_city(pack, dossiers, [{}] * 5, WorkCalendar.china())
    found = leverage(pack, dossiers, list(map(outline_of, estates)), 8)
    units = [one.units for one in found.bundles]

    assert units == sorted(units)
    assert units[-1] <= found.waiting <= 5 * 12
    assert {row.item for row in found.rows} == {
        item for estate in estates for unit in estate.units for item, _ in unit.shared
    }
    for row in found.rows:
        assert row.sole <= row.in_plan
        assert row.sole == sum(
            [item for item, _ in unit.shared] == [row.item] for estate in estates for unit in estate.units
        )


def test_the_answers_a_plan_assumes_are_those_under_which_homes_are_counted():
    pack = shipped()
    dossier = random_estate(pack, 43_001, buildings=2, units=3, unknown=0.4)
    (plan,) = plan_city(pack, [dossier], [{}], WorkCalendar.china())
    supposed = assumed(pack, dossier, plan.joint.assumes)
    more = {key for key in supposed.facts if key not in dossier.facts}

    assert more == {
        (one.fact, one.place) for one in plan.joint.assumes if dossier.places[one.place].level != "unit"
    }
    assert more
    for unit in plan.units:
        if unit.marginal is not None:
            assert cheapest_plan(pack, supposed, place=unit.place.id).feasible


@pytest.mark.parametrize("ready", [False, True])
def test_a_kind_of_paper_opens_what_supplying_all_of_it_opens(ready):
    """Bits, eight homes a byte, against the planner home by home."""
    pack = shipped()
    dossiers = [nearly_ready(pack, 45_000 + seed) for seed in range(6)]
    template = compile_pack(pack)
    table = tabulate(template, dossiers)
    opening = Opening(template, table, Upward(template, table), ready=ready)
    told = opening.by_paper()
    nothing = sum(opened(pack, one, (), ready=ready) for one in dossiers)

    assert opening.open == nothing
    for name, units in told.items():
        count = sum(
            opened(pack, one, [key for key in shared_missing(pack, one) if key[0] == name], ready=ready)
            for one in dossiers
        )
        assert count - nothing == units, name
    assert set(told) == {name for one in dossiers for name, _ in shared_missing(pack, one)} & reachable(
        template
    )
    assert ready or any(told.values())


def reachable(template: Template) -> set[str]:
    return {element.name for element in template.problem.elements}


# ------------------------------------------------------------------ the knapsacks alone


def random_needs(draw: np.random.Generator, building: int) -> BuildingNeeds:
    papers = [("estate paper", str(n)) for n in range(4)] + [
        ("own paper", f"{building}/{n}") for n in range(3)
    ]
    kinds = []
    for _ in range(int(draw.integers(1, 4))):
        masks = {int(draw.integers(1, 1 << 7)) for _ in range(int(draw.integers(1, 4)))}
        label = tuple(m for m in sorted(masks) if not any(o != m and o & m == o for o in masks))
        kinds.append((label, int(draw.integers(1, 9))))
    return BuildingNeeds(tuple(kinds), tuple(papers), 0b1111)


def best_by_trying(buildings: Sequence[BuildingNeeds], most: int) -> list[int]:
    everything = sorted({paper for one in buildings for paper in one.papers})
    best = [0] * (most + 1)
    for size in range(most + 1):
        for taken in combinations(everything, size):
            count = 0
            for one in buildings:
                mask = sum(1 << at for at, paper in enumerate(one.papers) if paper in taken)
                count += sum(
                    units for label, units in one.kinds if any(mask & each == each for each in label)
                )
            best[size] = max(best[size], count)
    return [max(best[: at + 1]) for at in range(most + 1)]


@pytest.mark.parametrize("seed", range(200 if CHECK else 20))
def test_the_curve_of_an_estate_is_that_of_trying_every_set(seed):
    draw = np.random.default_rng(seed)
    buildings = [random_needs(draw, number) for number in range(2)]
    papers = buildings[0].papers[:4]
    bit_of = {paper: at for at, paper in enumerate(papers)}
    options = [options_of(one, 5, bit_of)[0] for one in buildings]
    curve = curve_of(options, papers, 5)

    assert list(curve.units) == best_by_trying(buildings, 5)
    assert curve.exact
    for count, items in enumerate(curve.items):
        assert len(items) <= count
        assert len(set(items)) == len(items)


def test_taking_always_the_best_next_step_can_open_fewer_homes():
    """Three papers for nine homes beat one for four and then nothing that fits."""
    curves = [
        Curve((0, 4, 4, 4), ((), (("a", ""),), (("a", ""),), (("a", ""),))),
        Curve((0, 0, 0, 9), ((), (), (), (("b", "1"), ("b", "2"), ("b", "3")))),
    ]

    assert [opened for opened, _ in best_of_estates(curves, 3)] == [0, 4, 4, 9]
    assert greedy_of_estates(curves, 3) == [0, 4, 4, 4]


def test_labels_are_all_small_sets_and_no_others():
    """Against trying every set of missing papers of a building's first registration."""
    pack = shipped()
    compared = 0
    for seed in range(12 if CHECK else 4):
        dossier = nearly_ready(pack, 44_000 + seed)
        building = next(place.id for place in dossier.places.values() if place.level == "building")
        problem = ground(pack, dossier, [("first_registration", building)])
        told = labels_of(problem, 2)
        keys = [problem.elements[number].key for number in told.papers]
        label = {
            frozenset(keys[at] for at in range(len(keys)) if mask >> at & 1)
            for mask in told.of[problem.goals[0]]
        }
        for size in range(3):
            for taken in combinations(shared_missing(pack, dossier), size):
                held = dict(dossier.held)
                for key in shared_missing(pack, dossier):
                    held[key] = Held.ON_HAND if key in taken else Held.UNOBTAINABLE
                supplied = ground(pack, replace(dossier, held=held), [("first_registration", building)])
                enough = resolve(supplied, {}).feasible[supplied.goals[0]]
                assert enough == any(one <= set(taken) for one in label)
                compared += enough

    assert compared


def test_equal_input_gives_the_same_set_in_any_order_of_estates():
    pack = shipped()
    dossiers = [nearly_ready(pack, 41_000 + seed) for seed in range(4)]
    one, _ = bundles(pack, dossiers, 4)
    other, _ = bundles(pack, dossiers[::-1], 4)

    assert [each.units for each in one] == [each.units for each in other]
    assert bundles(pack, dossiers, 4)[0] == one


def leaning(count: int) -> Pack:
    """A law whose units use many papers of their building: any two of all but three, and these three."""
    names = [f"p{at:02}" for at in range(count)]
    needs = (AtLeast(2, tuple(names[3:])), *map(Ref, names[:3]))
    way = Way("way", label("way"), needs)
    papers = {name: Evidence(name, "building", label(name), "", Cost(0, 1, 1)) for name in names}
    return make_pack(
        {"n0": Node("n0", "unit", label("n0"), (way,))}, papers, levels=("estate", "building", "unit")
    )


@pytest.mark.parametrize("count", [6, 7, 9, MOST_IMPORTS])
def test_units_may_lean_on_many_papers_of_their_building(count):
    """More than six used to be a traceback."""
    pack = leaning(count)
    held = {("p00", "E"): Held.ON_HAND, ("p01", "B1"): Held.ON_HAND, ("p04", "B2"): Held.UNOBTAINABLE}
    found, waiting = bundles(pack, [estate(2, 3, held=held)], 7)

    assert waiting == 6
    assert [one.units for one in found] == [
        0,
        0,
        3,
        3,
        3,
        3,
        6,
    ]  # B1 lacks p02 and two more, B2 four
    assert all(one.proved for one in found)
    for one in found:
        got = {(item.item, item.place): Held.ON_HAND for item in one.items}
        opened = estate(2, 3, held={**held, **got})
        units = [place.id for place in opened.places.values() if place.level == "unit"]
        assert sum(cheapest_plan(pack, opened, place=unit).items == () for unit in units) == one.units


def test_more_papers_than_sets_can_be_tried_of_are_told_with_what_to_do():
    with pytest.raises(PackError) as caught:
        bundles(leaning(MOST_IMPORTS + 1), [estate(1, 2)], 2)

    assert caught.value.code == "E-LEVERAGE-WIDE"
    told = caught.value.say("en")
    assert "use 13 nodes and papers above them" in told
    assert "p00, p01" in told and "Let the units need one node" in told
    assert "超过 12 项" in caught.value.say("zh")
