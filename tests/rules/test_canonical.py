"""A record has one text, and it is the one that its plain definition gives."""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import NamedTuple

import hypothesis.strategies as st
import pytest
from hypothesis import given

from taizhang.rules.canonical import canonical
from taizhang.rules.city import plan_city
from taizhang.rules.expressions import Expression, parse
from taizhang.rules.terms import ByPlace, Held, Status, by_place
from taizhang.rules.worktime import WorkCalendar
from tests.rules.cases import random_estate, shipped
from tests.rules.packs import examples

LEFT_OUT = frozenset({"places", "facts"})


def plainly(value: object, leave_out: frozenset[str] = frozenset()) -> str:
    """The definition, written for reading: nothing is remembered, nothing is known beforehand."""

    def told(one: object) -> str:
        return plainly(one, leave_out)

    if isinstance(value, Enum):
        return json.dumps(value.name)
    if value is None or isinstance(value, bool | int | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, tuple | list):
        return f"[{','.join(map(told, value))}]"
    if isinstance(value, Set):
        return f"[{','.join(sorted(map(told, value)))}]"
    if isinstance(value, Mapping):
        pairs = sorted((told(key), told(one)) for key, one in value.items())
        flat = all(isinstance(key, str) for key in value)
        rows = (f"{key}:{one}" if flat else f"[{key},{one}]" for key, one in pairs)
        return f"{{{','.join(rows)}}}" if flat else f'{{"map":[{",".join(rows)}]}}'
    if is_dataclass(value) and not isinstance(value, Expression):
        kept = [one.name for one in fields(value) if one.compare and one.name not in leave_out]
        return plainly({name: getattr(value, name) for name in kept}, leave_out)
    return alone(value)


def alone(value: object) -> str:
    """A value with nothing in it but a text."""
    if isinstance(value, Expression):
        return f'{{"expression":{json.dumps(value.text, ensure_ascii=False)}}}'
    name = {date: "date", Decimal: "decimal", Fraction: "fraction"}[type(value)]  # type: ignore[index]
    return f'{{"{name}":"{value}"}}'


@examples(5, 100)
@given(seed=st.integers(0, 10_000))
def test_what_is_known_and_what_is_planned_of_an_estate_is_written_as_defined(seed):
    dossier = random_estate(shipped(), seed, units=3)
    (plan,) = plan_city(shipped(), [dossier], [{"street": "“北”\\街\n"}], WorkCalendar.china())

    assert canonical(dossier) == plainly(dossier)
    assert canonical(plan, LEFT_OUT) == plainly(plan, LEFT_OUT)


names = st.text('ab_"\\ é,]', max_size=3)
values = st.one_of(
    names, st.booleans(), st.integers(), st.decimals(allow_nan=False), st.dates(), st.sampled_from(Held)
)


@given(at=st.dictionaries(names, st.dictionaries(names, values, max_size=4), max_size=4))
def test_what_is_kept_place_by_place_has_the_text_of_the_flat_mapping(at):
    """Whatever the names: one may begin another, or hold signs that sort before the quotes."""
    flat = {(name, place): one for place, told in at.items() for name, one in told.items()}

    assert canonical(ByPlace(at)) == canonical(flat) == plainly(flat)
    assert canonical(by_place(flat)) == plainly(flat)


class Pair(NamedTuple):
    one: object
    two: object


@dataclass(frozen=True)
class Bare:
    """A record without anything that counts."""

    note: str = field(default="x", compare=False)


@dataclass(frozen=True)
class Single:
    only: object


@pytest.mark.parametrize(
    "value",
    [
        (1, True, None, "é\n", -3),
        Pair([], {}),
        Bare(),
        Single(Bare()),
        Single(Single((Single(1), Single(True)))),
        {1: "a", "1": "b", (2, 3): frozenset({"y", "x"})},
        {"b": Status.OPEN, "a": Held.MISSING, "": Fraction(2, 3)},
        [Decimal("1.50"), Decimal("1.5"), date(2024, 1, 28), parse("area_m2 <= 90 and not x")],
        [(1, 2), (True, 2)],
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_of_every_kind_are_written_as_defined(value):
    assert canonical(value) == plainly(value)


def test_equal_values_of_other_kinds_stay_apart():
    """1 and true, 1.5 and 1.50 are equal to Python; a text says which of them it was."""
    told = [canonical([one]) for one in (1, True, Decimal("1"), Decimal("1.0"), "1")]

    assert len(set(told)) == len(told)


@pytest.mark.parametrize(
    "value", [1.5, {"a": {2.5: 1}}, object(), Held], ids=["float", "key", "object", "class"]
)
def test_what_has_no_one_text_is_refused(value):
    with pytest.raises(TypeError, match="has no canonical text"):
        canonical(value)
