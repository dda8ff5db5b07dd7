"""The answers that guards tell apart: every answer a fact can have, and none that it cannot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from taizhang.rules.answers import AnswerClass, answer_classes
from taizhang.rules.assess import assess
from taizhang.rules.check import check_joint_plan
from taizhang.rules.city import plan_city
from taizhang.rules.expressions import parse
from taizhang.rules.joint import plan_estate
from taizhang.rules.table import tabulate
from taizhang.rules.template import compile_pack
from taizhang.rules.terms import Cost, Dossier, Evidence, Fact, Node, Pack, Ref, Value, Way
from taizhang.rules.worktime import WorkCalendar

from .packs import estate, examples, label, make_pack

NUMBERS = st.decimals(-6, 6, places=1)


def number(kind: str, low: Decimal | None = None, high: Decimal | None = None) -> Fact:
    return Fact("x", "unit", kind, label("x"), label("x"), "", {}, low, high)


def law(fact: Fact, *guards: str) -> Pack:
    """A way for every guard; each needs a paper of its own."""
    ways = tuple(
        Way(f"w{at}", label(f"w{at}"), (Ref(f"e{at}"),), when=parse(guard)) for at, guard in enumerate(guards)
    )
    papers = {
        f"e{at}": Evidence(f"e{at}", "unit", label(f"e{at}"), "", Cost(1, 1, 1)) for at in range(len(guards))
    }
    nodes = {"n0": Node("n0", "unit", label("n0"), ways)}
    return make_pack(nodes, papers, facts={fact.id: fact}, levels=("estate", "building", "unit"))


def like(one: Value, other: Value, points: Sequence[Decimal | date]) -> bool:
    """Whether no comparison with a point tells two answers apart."""
    return all((one < point, one == point) == (other < point, other == point) for point in points)  # type: ignore[operator]


def column(pack: Pack, value: Value) -> int:
    """The class that a city's columns put a known value into."""
    table = tabulate(compile_pack(pack), [estate(1, 1, facts={("x", "B1U1"): value})])
    return int(table.answers[0][0])


@examples(300, 5_000)
@given(
    kind=st.sampled_from(["integer", "decimal"]),
    points=st.lists(NUMBERS, min_size=1, max_size=4, unique=True),
    low=st.none() | NUMBERS,
    high=st.none() | NUMBERS,
    value=NUMBERS,
)
def test_a_number_belongs_to_one_class_and_every_class_has_one(kind, points, low, high, value):
    if kind == "integer":
        low, high = low and low.to_integral_value(), high and high.to_integral_value()
        value = value.to_integral_value()
    assume((low is None or low <= value) and (high is None or value <= high))
    pack = law(number(kind, low, high), *(f"x <= {point}" for point in points), "x < 0", "x == 0")
    points = [*points, Decimal(0)]
    classes = answer_classes(pack)["x"]

    for one in classes:
        assert isinstance(one.value, Decimal)
        assert (low is None or low <= one.value) and (high is None or one.value <= high)
        assert kind == "decimal" or one.value == one.value.to_integral_value()
    mine = [at for at, one in enumerate(classes) if like(value, one.value, points)]
    assert len(mine) == 1, "no other class is like it"
    assert column(pack, value) == mine[0]


@given(days=st.lists(st.integers(0, 6), min_size=1, max_size=3, unique=True), value=st.integers(-2, 8))
def test_a_day_belongs_to_one_class(days, value):
    first = date(2024, 1, 28)
    points = [first + timedelta(days=one) for one in days]
    pack = law(Fact("x", "unit", "date", label("x"), label("x"), ""), *(f'x <= d("{p}")' for p in points))
    classes = answer_classes(pack)["x"]
    day = first + timedelta(days=value)

    mine = [at for at, one in enumerate(classes) if like(day, one.value, points)]

    assert len(mine) == 1
    assert column(pack, day) == mine[0]


@pytest.mark.parametrize(
    ("fact", "guards", "status"),
    [
        (number("integer"), ("x > 2.5 and x < 3.5",), "depends"),
        (number("integer"), ("x > 2.5", "x < 2.5"), "open"),
        (number("decimal"), ("x > 2.5", "x < 2.5"), "depends"),
        (number("decimal", Decimal(10)), ("x < 5", "x >= 10"), "open"),
        (number("integer", Decimal(10)), ("x < 5", "x >= 10"), "open"),
        (number("decimal", None, Decimal(5)), ("x <= 5", "x >= 10"), "open"),
        (number("decimal", Decimal(7), Decimal(8)), ("x > 5 and x < 10", "x == 5"), "open"),
    ],
    ids=str,
)
def test_what_a_fact_cannot_be_decides_nothing(fact, guards, status):
    """A whole number lies between 2.5 and 3.5, none is 2.5, and what is at least 10 is not below it."""
    pack = law(fact, *guards)

    assert assess(pack, Dossier.of(pack)).status["n0"].word == status
    (plan,) = plan_city(pack, [estate(1, 2)], [{}], WorkCalendar.china())
    assert plan.status.word == status


def test_classes_tell_how_they_end():
    assert answer_classes(law(number("integer", Decimal(1)), "x <= 2.5", "x <= 4"))["x"] == (
        AnswerClass(("< 2.5",), Decimal(1), (Decimal("2.5"), False)),
        AnswerClass(("2.5 … 4",), Decimal(3), (Decimal(4), False)),
        AnswerClass(("= 4",), Decimal(4), (Decimal(4), True)),
        AnswerClass(("> 4",), Decimal(5)),
    )


@pytest.mark.parametrize(
    "guard", ["x > 3 or x <= 3", "x > 3 or x <= 3 and yes", "not (x == 1 and x == 2)"], ids=str
)
def test_a_guard_that_every_answer_makes_true_is_no_question_to_the_second_checker(guard):
    yes = Fact("yes", "unit", "bool", label("yes"), label("yes"), "")
    pack = law(number("decimal"), guard)
    pack = make_pack(
        pack.nodes, pack.evidence, facts={**pack.facts, "yes": yes}, levels=("estate", "building", "unit")
    )
    dossier = estate(1, 2, facts={("yes", "B1U1"): True, ("yes", "B1U2"): True})

    found = plan_estate(pack, dossier)

    alike = {group.first: group.units for group in found.groups}
    assert found.plan.assumes == ()
    assert check_joint_plan(pack, dossier, found.plan, alike).problems == ()
    (plan,) = plan_city(pack, [dossier], [{}], WorkCalendar.china())  # a plan refused would be a warning
    assert plan.joint.vector == found.plan.vector


def test_a_day_that_a_plan_assumes_is_read_by_the_second_checker():
    day = Fact("x", "unit", "date", label("x"), label("x"), "")
    pack = law(day, 'x < d("2020-01-01")')

    found = plan_estate(pack, estate(1, 1))

    alike = {group.first: group.units for group in found.groups}
    assert [one.answers for one in found.plan.assumes] == [("< 2020-01-01",)]
    assert check_joint_plan(pack, estate(1, 1), found.plan, alike).problems == ()


def test_the_worst_case_is_what_the_dearest_answers_come_to():
    """Where one answer proves the goal, that compares as nothing, whatever steps remain."""
    yes = Fact("f", "unit", "bool", label("f"), label("f"), "")
    remains = Way("u", label("u"), (), when=parse("f"), step=Cost(5, 0, 1))
    asked = Way("v", label("v"), (Ref("a"),), when=parse("not f"))
    paper = Evidence("a", "unit", label("a"), "", Cost(1, 1, 1))
    pack = make_pack(
        {"n0": Node("n0", "unit", label("n0"), (remains, asked))}, {"a": paper}, facts={"f": yes}
    )

    found = assess(pack, Dossier.of(pack))

    assert found.worst_case is not None
    assert (found.worst_case.items, found.worst_case.money_fen, found.worst_items) == (1, 1, ("a",))
    assert found.best_case is not None
    assert found.best_case.items == 0
