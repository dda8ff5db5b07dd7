"""What two laws say alike has one sign, and nothing else has."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from taizhang.rules.expressions import parse
from taizhang.rules.lending import Renumbering
from taizhang.rules.signs import element_sign, random_words, way_sign
from taizhang.rules.template import Template, compile_pack
from taizhang.rules.terms import AtLeast, Cost, Evidence, Node, Pack, Ref, Way
from tests.rules.packs import fact, label, make_pack

WAY = Way("w", label("w"), (Ref("a"), AtLeast(1, ("b", "c"))), 1, when=parse("f or g"), step=Cost(5, 1, 2))
OTHER = Way("other", label("other"), (Ref("d"),), 0)


def law(way: Way = WAY, *, price: int = 100, more: bool = False) -> Pack:
    """One node with two ways; with ``more``, one in front of it and a paper that only this one needs."""
    evidence = {
        name: Evidence(name, "unit", label(name), "", Cost(price, 1, 1)) for name in ("a", "b", "c", "d", "e")
    }
    node = Node("title", "unit", label("title"), (way, OTHER), 0)
    if not more:
        return make_pack({"title": node}, evidence, facts={"f": fact("f"), "g": fact("g")}, goal="title")
    first = Node("goal", "unit", label("goal"), (Way("w", label("w"), (Ref("e"), Ref("title"))),), 0)
    return make_pack(
        {"goal": first, "title": node}, evidence, facts={"f": fact("f"), "g": fact("g")}, goal="goal"
    )


def told(template: Template) -> dict[str, int]:
    """The sign of the first way."""
    number = next(n for n, one in enumerate(template.problem.elements) if one.name == "title")
    ids = [option.way.id for option in template.problem.elements[number].options]
    return {"node": element_sign(template, number), "way": way_sign(template, number, ids.index("w"))}


@pytest.mark.parametrize(
    "way",
    [
        replace(WAY, rank=2),
        replace(WAY, step=Cost(6, 1, 2)),
        replace(WAY, step=Cost(5, 1, 3)),
        replace(WAY, needs=(Ref("a"), AtLeast(2, ("b", "c")))),
        replace(WAY, needs=(Ref("a"), AtLeast(1, ("b", "d")))),
        replace(WAY, needs=(Ref("b"), AtLeast(1, ("b", "c")))),
        replace(WAY, needs=(Ref("a"),)),
        replace(WAY, when=parse("f and g")),
        replace(WAY, when=parse("f")),
        replace(WAY, when=None),
    ],
)
def test_a_way_that_says_something_else_has_another_sign(way):
    before, after = told(compile_pack(law())), told(compile_pack(law(way)))

    assert before["way"] != after["way"]
    assert before["node"] == after["node"]


@pytest.mark.parametrize(
    "way",
    [replace(WAY, label=label("renamed")), replace(WAY, when=parse("g or f")), replace(WAY, sources=("s",))],
)
def test_what_no_plan_depends_on_changes_no_sign(way):
    assert told(compile_pack(law())) == told(compile_pack(law(way)))


def test_what_a_paper_costs_is_part_of_every_way_that_needs_it():
    assert told(compile_pack(law()))["way"] != told(compile_pack(law(price=101)))["way"]


def test_a_sign_does_not_depend_on_the_place_in_the_graph():
    one, two = compile_pack(law()), compile_pack(law(more=True))

    assert told(one) == told(two)
    assert [it.name for it in one.problem.elements].index("title") != [
        it.name for it in two.problem.elements
    ].index("title")


def test_numbers_of_one_law_are_found_in_another():
    one, two = compile_pack(law()), compile_pack(law(more=True))

    move = Renumbering.between(one, two)
    back = Renumbering.between(two, one)

    assert [two.problem.elements[n].name for n in move.elements] == [it.name for it in one.problem.elements]
    assert {two.problem.elements[n].name for n, new in enumerate(back.elements) if new < 0} == {"goal", "e"}
    assert not move.same
    assert Renumbering.between(one, compile_pack(law(price=7))).same


def test_random_numbers_of_a_name_stay_when_more_are_asked_for():
    few, many = random_words(5, 1, 2), random_words(50, 1, 2)

    assert np.array_equal(few, many[:5])
    assert len({*many.tolist(), *random_words(50, 2, 1).tolist()}) == 100
    with pytest.raises(ValueError, match="read-only"):
        many[0] = 0
