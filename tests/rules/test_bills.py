"""The bills of many units at once are the bills of each."""

from __future__ import annotations

import pickle
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taizhang.errors import PackError
from taizhang.rules import bill, formula_columns, load_pack
from taizhang.rules.bills import bill_columns
from taizhang.rules.expressions import parse
from taizhang.rules.terms import Bill, Fact, Fee, Pack, Parameter, ParameterValue, Span
from tests.rules.packs import DAY, examples, label, make_pack

TYPES = {"a": "decimal", "b": "integer", "price": "money", "price_with_vat": "money", "vat_rate": "decimal",
         "f": "bool", "g": "bool", "t": "enum", "w": "date"}  # fmt: skip
NUMBERS = [Decimal(0), Decimal(1), Decimal("-2.345"), Decimal("90.005"), 2, 3]
DAYS = [date(2024, 1, 1), date(2024, 1, 2)]
VALUES: dict[str, list[Any]] = {
    "a": NUMBERS, "b": [0, 1, 2, -3], "price": [0, 10_350, 33_333_301, Decimal("1.005")],
    "price_with_vat": [54_500_000, 1, Decimal(7)], "vat_rate": [Decimal("0.09"), Decimal(0), Decimal(-1)],
    "f": [True, False], "g": [True, False], "t": ["red", "green"], "w": DAYS,
}  # fmt: skip


def texts_of(depth: int) -> tuple[st.SearchStrategy[str], st.SearchStrategy[str]]:
    """Formulas that are numbers, and guards, up to a depth."""
    number = st.sampled_from(["a", "b", "price", "rate", "unset", "0", "1", "0.1", "2.50", "-3"])
    truth = st.sampled_from(["f", "g", "true", 't == "red"', 't in ["red", "green"]', 'w < d("2024-01-02")'])
    for _ in range(depth):
        n, t = number, truth
        number = st.one_of(
            n,
            st.builds("({} {} {})".format, n, st.sampled_from("+-*/"), n),
            st.builds("({} if {} else {})".format, n, t, n),
            st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), n, n),
            st.builds("{}({})".format, st.sampled_from(["abs", "floor", "-"]), n),
        )
        truth = st.one_of(
            t,
            st.builds("({} {} {})".format, t, st.sampled_from(["and", "or"]), t),
            st.builds("(not {})".format, t),
            st.builds("({} {} {})".format, n, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), n),
            st.builds("({} < {} <= {})".format, n, n, n),
            st.builds("({} {} [{}, {}])".format, n, st.sampled_from(["in", "not in"]), n, n),
            st.builds("({} if {} else {})".format, t, t, t),
        )
    return number, truth


numbers, truths = texts_of(3)
stray = st.sampled_from(["f + 1", "t", "f", "(a if f else g)", "a / b", "t < a", "(1 if a == f else 2)"])


def pack_of(*fees: tuple[str, str | None, str, str]) -> Pack:
    """A pack of fees ``(formula, when, round to, mode)`` over the facts above, and two parameters."""
    facts = {
        name: Fact(name, "unit", kind, label(name), label(name), "",
                   {one: label(one) for one in VALUES["t"]} if kind == "enum" else {})
        for name, kind in TYPES.items()
    }  # fmt: skip
    params = {
        name: Parameter(name, label(name), "", (ParameterValue(value, Span(), ()),))
        for name, value in (("rate", Decimal("0.015")), ("unset", None))
    }
    charged = {}
    for number, (formula, when, to, mode) in enumerate(fees):
        name, guard = f"fee{number}", parse(when) if when else None
        charged[name] = Fee(
            name, "unit", label("fee"), "household", parse(formula), Decimal(to), mode, (), guard
        )
    return replace(make_pack({}, {}, facts=facts), params=params, fees=charged)


def one_by_one(pack: Pack, facts: dict[str, list[Any]], size: int, on: date) -> list[Bill]:
    return [bill(pack, {n: v[i] for n, v in facts.items() if v[i] is not None}, on) for i in range(size)]


def told(write: Any, *arguments: Any) -> Any:
    """The bills, field by field; or the error."""
    try:
        return [[getattr(one, field.name) for field in fields(Bill)] for one in write(*arguments)]
    except PackError as error:
        return error.code, str(error)
    except (ArithmeticError, TypeError) as error:
        return type(error)


@st.composite
def cities(draw: st.DrawFn) -> tuple[Pack, dict[str, list[Any]], int]:
    fees = st.tuples(
        st.one_of(numbers, numbers, numbers, stray),
        st.none() | truths,
        st.sampled_from(["0.01", "1", "0.5"]),
        st.sampled_from(["half_up", "half_even", "up", "down"]),
    )
    size = draw(st.integers(0, 8))
    facts: dict[str, list[Any]] = {}
    for name in draw(st.lists(st.sampled_from(sorted(TYPES)), unique=True)):
        values = [*VALUES[name], None] + ([] if draw(st.integers(0, 9)) else ["odd", True])
        key = name if TYPES[name] != "money" or draw(st.booleans()) else f"{name}_fen"
        facts[key] = draw(st.lists(st.sampled_from(values), min_size=size, max_size=size))
    return pack_of(*draw(st.lists(fees, min_size=1, max_size=3))), facts, size


@given(cities())
@examples(150, 6000)
def test_random_formulas_over_columns_give_the_bills_of_each_unit(city):
    pack, facts, size = city

    assert told(bill_columns, pack, facts, size, DAY) == told(one_by_one, pack, facts, size, DAY)


def shipped() -> Pack:
    return load_pack(
        "title-certificates", overlays=["title-certificates-shandong", "demo-city-rules"], as_of=DAY
    )


def city_of(pack: Pack, size: int) -> dict[str, list[Any]]:
    """Random units: of every fact that a fee reads about 30 per cent unknown."""
    chance = np.random.default_rng(20240128)
    read = {n for f in pack.fees.values() for n in f.formula.names | (f.when.names if f.when else set())}
    facts: dict[str, list[Any]] = {}
    for name in sorted((read | {"price_with_vat", "vat_rate"}) & pack.facts.keys()):
        fact, numbers_ = pack.facts[name], chance.integers(1, 20_000, size).tolist()
        values: list[Any] = {
            "bool": lambda n=numbers_: [one % 2 == 0 for one in n],
            "enum": lambda n=numbers_, v=fact.values: [list(v)[one % len(v)] for one in n],
            "integer": lambda n=numbers_: [one % 4 for one in n],
            "money": lambda n=numbers_: [one * 4_321 for one in n],
            "date": lambda n=numbers_: [date.fromordinal(735_000 + one % 4_000) for one in n],
            "text": lambda n=numbers_: [str(one % 3) for one in n],
            "decimal": lambda n=numbers_: [Decimal(one) / 100 for one in n],
        }[fact.type]()
        if name == "vat_rate":
            values = [Decimal(one % 10) / 100 for one in numbers_]
        hidden = (chance.random(size) < 0.3).tolist()
        key = f"{name}_fen" if fact.type == "money" else name
        facts[key] = [None if hide else one for hide, one in zip(hidden, values, strict=True)]
    return facts


def test_the_fees_of_the_shipped_pack_over_columns_are_those_of_each_unit(monkeypatch):
    pack = shipped()
    facts = city_of(pack, 1500)
    expected = one_by_one(pack, facts, 1500, DAY)
    monkeypatch.setattr("taizhang.rules.bills._alone", None)  # nothing may fall back to one by one

    found = bill_columns(pack, facts, 1500, DAY)

    assert list(found) == expected == list(found)  # equal from either side
    assert {name for one in found for name in one.lines} >= {"deed_tax", "registration_fee", "stamp_duty"}
    assert len({one.unknown for one in found}) == len({id(one.unknown) for one in found})


def test_a_bill_from_columns_is_pickled_and_changed_as_a_plain_bill():
    pack = shipped()
    (found,) = bill_columns(pack, {"residential": [True]}, 1, DAY)

    assert type(pickle.loads(pickle.dumps(found))) is Bill
    assert pickle.loads(pickle.dumps(found)) == found
    assert replace(found, total_fen=1).details == found.details
    with pytest.raises(AttributeError):
        found.total_fen = 1  # frozen


VECTORS = [  # title.md 3.2: id, area, price, ordinal, declared, deed tax in fen
    ("T01", "89.50", 358_000, 1, date(2023, 11, 10), 358_000),
    ("T02", "90.00", 400_000, 1, date(2023, 11, 10), 400_000),
    ("T03", "90.01", 400_000, 1, date(2023, 11, 10), 600_000),
    ("T04", "118.32", 520_000, 1, date(2023, 11, 10), 780_000),
    ("T05", "118.32", 520_000, 1, date(2024, 12, 2), 520_000),
    ("T06", "118.32", 520_000, 2, date(2023, 11, 10), 1_040_000),
    ("T07", "118.32", 520_000, 2, date(2024, 12, 1), 520_000),
    ("T08", "140.00", 700_000, 1, date(2025, 3, 3), 700_000),
    ("T09", "140.01", 700_000, 1, date(2025, 3, 3), 1_050_000),
    ("T10", "140.01", 700_000, 2, date(2025, 3, 3), 1_400_000),
    ("T11", "118.32", 520_000, 3, date(2025, 3, 3), 1_560_000),
    ("T12", "90.00", 333_333, 1, date(2024, 11, 30), 333_333),
]


@pytest.mark.parametrize("day", sorted({vector[4] for vector in VECTORS}), ids=str)
def test_the_worked_examples_of_deed_tax_hold_in_columns(day):
    mine = [vector for vector in VECTORS if vector[4] == day]
    pack = load_pack("title-certificates", overlays=["title-certificates-shandong"], as_of=day)
    size = len(mine) + 3
    facts = {
        "area_m2": [*(Decimal(vector[1]) for vector in mine), None, Decimal("118.32"), None],
        "price_fen": [*(vector[2] * 100 for vector in mine), 60_000_000, None, 52_000_000],
        "price_with_vat_fen": [*(None for _ in mine), None, 54_500_000, None],
        "vat_rate": [*(None for _ in mine), None, Decimal("0.09"), None],
        "family_home_ordinal": [*(vector[3] for vector in mine), None, 1, None],
        "residential": [*(True for _ in mine), False, True, True],
        "tax_exempt_reason": [*("none" for _ in mine), "none", "none", "legal_heir"],
    }

    found = bill_columns(pack, facts, size, day)

    assert [one.lines["deed_tax"] for one in found[: len(mine)]] == [vector[5] for vector in mine]
    shop, with_vat, heir = found[len(mine) :]
    assert (shop.lines["deed_tax"], shop.lines["registration_fee"]) == (1_800_000, 55_000)  # T13
    assert with_vat.details[0].inputs["price"] == 500_000  # T14
    assert with_vat.lines["deed_tax"] == (750_000 if day < date(2024, 12, 1) else 500_000)
    assert heir.lines["deed_tax"] == 0  # T16


def test_a_division_by_zero_counts_only_in_the_branch_taken():
    pack = pack_of(("a / b if f else 1", None, "0.01", "half_up"))
    facts = {"a": [Decimal(6), Decimal(6)], "b": [0, 2], "f": [False, True]}

    assert [one.total_fen for one in bill_columns(pack, facts, 2, DAY)] == [100, 300]
    with pytest.raises(PackError, match="Division by zero") as error:
        bill_columns(pack, {**facts, "f": [True, True]}, 2, DAY)
    assert error.value.code == "E-PACK-E06"


def test_the_comparison_with_single_bills_notices_a_planted_fault(monkeypatch):
    pack = shipped()
    facts = city_of(pack, 200)
    monkeypatch.setitem(formula_columns._COMPARE, formula_columns.ast.LtE, formula_columns.operator.lt)
    facts["area_m2"][:3] = [Decimal(90)] * 3
    facts["price_fen"][:3] = [40_000_000] * 3
    facts["residential"][:3] = [True] * 3
    facts["family_home_ordinal"][:3] = [1] * 3
    facts["tax_exempt_reason"][:3] = ["none"] * 3

    assert list(bill_columns(pack, facts, 200, DAY)) != one_by_one(pack, facts, 200, DAY)


def test_columns_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="1 values for 2 units"):
        bill_columns(shipped(), {"residential": [True]}, 2, DAY)
