"""Estates in outline say what their plans in full say, also with pieces lent by another law."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random

import numpy as np
from hypothesis import given, note
from hypothesis import strategies as st

from taizhang.rules.city import plan_city
from taizhang.rules.outline import Outline, drawn, outline_city, outline_of
from taizhang.rules.solver import city_library
from taizhang.rules.template import compile_pack
from taizhang.rules.terms import Dossier, Each, Held, Pack, Way
from taizhang.rules.worktime import WorkCalendar

from .compact import shown
from .packs import examples, label
from .test_city_oracle import guarded, known, law

CALENDAR = WorkCalendar.china()


def same(one: Outline, other: Outline) -> None:
    assert one.status.tolist() == other.status.tolist()
    assert one.exact.tolist() == other.exact.tolist()
    assert one.marginal.tolist() == other.marginal.tolist()
    assert (one.planned, one.vector, one.proved) == (other.planned, other.vector, other.proved)
    assert dict(one.shared) == dict(other.shared)
    assert one.assumes == other.assumes


def as_in_full(told: list[Outline], pack: Pack, dossiers: list[Dossier]) -> None:
    """Outlines say what the plans in full say."""
    for one, plan in zip(told, plan_city(pack, dossiers, [{}] * len(dossiers), CALENDAR), strict=True):
        same(one, outline_of(plan))


def without_a_way(pack: Pack, draw: Random) -> Pack:
    """The law with one way less: what remains costs what it cost."""
    node = draw.choice([one for one in pack.nodes.values() if len(one.ways) > 1 and one.id != pack.goal])
    kept = tuple(way for way in node.ways if way is not draw.choice(node.ways)) or node.ways[:1]
    return replace(pack, nodes={**pack.nodes, node.id: replace(node, ways=kept)})


@examples(25, 3_000)
@given(st.integers(0, 2**40))
def test_an_outline_says_what_the_plan_in_full_says(seed):
    draw = Random(seed)
    if draw.random() < 0.5:
        pack, first = guarded(draw)
        dossiers = [first]
    else:
        pack = law(draw)
        dossiers = [known(draw, pack) for _ in range(3)]
    for dossier in dossiers:
        note(shown(pack, dossier))

    library = city_library()
    told = outline_city(pack, dossiers, CALENDAR, pack.objective, library)

    as_in_full(told, pack, dossiers)

    if not any(len(one.ways) > 1 and one.id != pack.goal for one in pack.nodes.values()):
        return
    less = without_a_way(pack, draw)
    with_lent = outline_city(less, dossiers, CALENDAR, less.objective, library.lent())
    as_in_full(with_lent, less, dossiers)


def held_for_a_day(pack: Pack, dossier: Dossier) -> Iterator[tuple[Dossier, Dossier]]:
    """Estates with one paper more on hand: for good, and until tomorrow."""
    for place in dossier.places.values():
        for name, paper in pack.evidence.items():
            if paper.level == place.level:
                key = name, place.id
                forever = replace(dossier, held={**dossier.held, key: Held.ON_HAND})
                yield forever, replace(forever, valid_until={key: dossier.as_of + timedelta(1)})


def differ(pack: Pack, *dossiers: Dossier) -> bool:
    plans = plan_city(pack, dossiers, [{}] * len(dossiers), CALENDAR)
    return len({plan.joint.vector for plan in plans}) > 1


def test_papers_that_lapse_and_laws_that_rest_on_every_home_are_outlined_from_the_plan_in_full():
    draw = Random(5)
    pack = law(draw)
    dossiers = [known(draw, pack) for _ in range(3)]
    _, lapsing = next(two for two in held_for_a_day(pack, dossiers[1]) if differ(pack, *two))
    dossiers[1] = lapsing
    heard: list[tuple[int, int]] = []

    told = outline_city(
        pack, dossiers, CALENDAR, pack.objective, city_library(), progress=lambda *of: heard.append(of)
    )
    as_in_full(told, pack, dossiers)
    assert heard == [(1, 3), (2, 3), (3, 3)], "who waits is told how far it is"

    every = Way("all", label("all"), (Each("unit", "u0"),))
    nodes = {**pack.nodes, "ns0": replace(pack.nodes["ns0"], ways=(every,))}
    wide = replace(pack, nodes=nodes)
    assert compile_pack(wide).rests_on_homes
    told = outline_city(wide, dossiers, CALENDAR, wide.objective, city_library())
    as_in_full(told, wide, dossiers)


def test_a_law_remembers_the_estates_in_outline_that_were_asked_for_last():
    draw = Random(9)
    pack = law(draw)
    dossiers = [known(draw, pack) for _ in range(4)]
    heard: list[int] = []

    def asked(some: list[Dossier]) -> list[Outline]:
        heard.clear()
        found = drawn(pack, some, CALENDAR, pack.objective, None, lambda done, _: heard.append(done))
        return [found.estates[id(one)][1] for one in some]

    first = asked(dossiers[:2])
    assert heard == [1, 2]
    assert asked(dossiers[:2])[1] is first[1] and not heard
    second = asked(dossiers[1:])
    assert heard == [1, 2] and second[0] is first[1], "only the two new ones are planned"
    changed = replace(dossiers[3], held={})
    (third,) = asked([changed])
    (other,) = outline_city(pack, [changed], CALENDAR, pack.objective, city_library())
    same(third, other)
    assert np.array_equal(second[2].status, asked([dossiers[3]])[0].status)
