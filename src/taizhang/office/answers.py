"""Open facts answered: an official finds out what a plan depends on, and says how it is known.

The answer goes onto the places it is of, and the plan follows from it.  An older ledger does not take it
back; a newer answer, or a workbook of the office that comes back with another one, does.

Reads from: ``access``, ``dossier``, ``drafts``, ``journal``, ``ledger.models``.  Read by: ``register`` and
the doors.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from unicodedata import normalize

from taizhang.errors import InputError, TransitionError
from taizhang.ledger.models import Building, Estate, FactValue, Unit
from taizhang.office.access import Person, require
from taizhang.office.dossier import facts_of, value_of
from taizhang.office.drafts import packed
from taizhang.office.journal import act
from taizhang.rules.terms import Fact, Label, Pack, Value

__all__ = ["fact_value", "facts_found", "record_fact", "unit_named"]

PlaceRow = Estate | Building | Unit
_WORDS = {
    **dict.fromkeys(("true", "yes", "是", "有"), True),
    **dict.fromkeys(("false", "no", "否", "无"), False),
}
_LONGEST = 400


def record_fact(
    person: Person,
    pack: Pack,
    estate_id: int,
    name: str,
    text: str,
    basis: str,
    now: datetime,
    places: Sequence[int] = (),
) -> list[FactValue]:
    """Record what was found out of an estate, its buildings or its units.

    Args:
        person: Who found it out.
        pack: The law of the day, which knows the fact.
        estate_id: Key of the estate.
        name: Id of the fact; its level says what it is told of.
        text: The answer as :func:`fact_value` reads it; empty: it is not known after all.
        basis: How it is known.
        now: The instant.
        places: Keys of the buildings or units; none: all buildings of the estate that have no answer.

    Returns:
        One record for each place of which something else was known.

    Raises:
        AccessError: ``E-ACCESS``.
        InputError: ``E-FACT`` no such fact; ``E-FACT-VALUE``; ``E-FACT-BASIS`` nothing is said of how it is
            known; ``E-FACT-PLACE`` no such building or unit in the estate, or none named.
        TransitionError: ``E-FACT-SAME`` it is known already.
    """
    with act("record_fact", actor=person.actor, subject=f"estate:{estate_id}", now=now) as doing:
        estate = Estate.objects.get(pk=estate_id)
        require(person, "record_fact", estate)
        fact, known_by = _fact(pack, name), _basis(basis)
        value = fact_value(fact, text)
        rows = [row for row in _rows(estate, fact, places) if _told(row, name) != value]
        if not rows:
            raise TransitionError(
                "This is known already.",
                hint="Look at what is recorded there now.",
                zh="该情况已按此登记，无需重复登记。",
                code="E-FACT-SAME",
            )
        made = []
        for row in rows:
            facts, until = json.loads(row.facts), json.loads(row.valid_until)
            before = facts.pop(name, None)
            until.pop(name, None)  # what was found out today does not lapse with what was known before
            row.facts = packed(facts if value is None else facts | {name: value})
            row.valid_until = packed(until)
            made.append(
                FactValue(
                    county=estate.county,
                    estate=estate,
                    place=row.place,
                    fact=name,
                    value=_kept(value),
                    before=_kept(before),
                    basis=known_by,
                    recorded_at=doing.now,
                    recorded_by_id=person.official,
                )
            )
        doing.insert(made)
        doing.update_all(rows, ["facts", "valid_until"])
        doing.update(Estate.objects.get(pk=estate_id), status=None)  # until the plan is computed anew
        doing.county = estate.county
        doing.detail |= {"fact": name, "places": len(made)}
        return made


def _fact(pack: Pack, name: str) -> Fact:
    if name not in pack.facts:
        raise InputError(
            "The law knows no fact '{fact}'.",
            hint="Choose one of those the page offers.",
            zh="规则中没有“{fact}”这一情况，请从页面所列中选择。",
            code="E-FACT",
            fact=name,
        )
    return pack.facts[name]


def _basis(text: str) -> str:
    told = text.strip()[:_LONGEST]
    if not told:
        raise InputError(
            "Nothing is said of how it is known.",
            hint="Name the paper, the register or the person it was learned from.",
            zh="请写明查明依据（何种材料、何处查询或何人说明）。",
            code="E-FACT-BASIS",
        )
    return told


def facts_found(counties: Collection[str]) -> Mapping[str, Mapping[str, Value | None]]:
    """The newest answers of the office, by place and fact; ``None``: unknown again."""
    found: dict[str, dict[str, Value | None]] = {}
    rows = FactValue.objects.filter(county__in=counties).order_by("id")
    for place, name, value in rows.values_list("place", "fact", "value").iterator():
        found.setdefault(place, {})[name] = json.loads(value, object_hook=value_of)
    return found


def unit_named(estate: Estate, text: str) -> int:
    """The key of a unit of an estate, written as building/unit.

    Raises:
        InputError: ``E-FACT-PLACE`` none, or several.
    """
    building, _, name = text.partition("/")
    found = list(Unit.objects.filter(estate=estate, building__name=building, name=name)[:2])
    if len(found) != 1:
        raise _no_place()
    return found[0].pk


def fact_value(fact: Fact, text: str) -> Value | None:
    """Read an answer: a value's id or name, yes or no, a number, yuan, a day; empty: unknown.

    Returns:
        Money in fen, other numbers exact.

    Raises:
        InputError: ``E-FACT-VALUE``, with what can be written.
    """
    plain = " ".join(normalize("NFKC", text).split())
    if not plain:
        return None
    found = _read(fact, plain)
    if found is None:
        raise InputError(
            "'{text}' is no answer to '{fact}'.",
            hint="Write {expected}.",
            zh="“{text}”不是“{fact}”的可填内容，请填写：{expected}。",
            code="E-FACT-VALUE",
            text=text,
            fact=fact.label,
            expected=_expected(fact),
        )
    return found


def _read(fact: Fact, text: str) -> Value | None:
    if fact.type == "bool":
        return _WORDS.get(text.lower())
    if fact.type == "enum":
        named = {word: key for key, one in fact.values.items() for word in (one.zh, one.en, key)}
        return named.get(text)
    if fact.type == "date":
        return _day(text)
    if fact.type == "text":
        return text[:_LONGEST]
    return _number(fact, text)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _number(fact: Fact, text: str) -> Value | None:
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    low, high = fact.minimum, fact.maximum
    if not number.is_finite() or abs(number) >= 10**13 or (low is not None and number < low):
        return None
    if high is not None and number > high:
        return None
    whole = number * 100 if fact.type == "money" else number
    if fact.type == "decimal":
        return Decimal(f"{number:f}".rstrip("0").rstrip(".")) if number % 1 else Decimal(int(number))
    return int(whole) if whole == whole.to_integral_value() else None


def _expected(fact: Fact) -> Label:
    """What can be written, in both languages."""
    if fact.type == "enum":
        values = fact.values.values()
        return Label("、".join(one.zh for one in values), ", ".join(one.en for one in values))
    told = {
        "bool": Label("是或否", "yes or no"),
        "date": Label("日期，如 2003-05-01", "a day like 2003-05-01"),
        "integer": Label("整数", "a whole number"),
        "money": Label("以元为单位的金额，如 358000.00", "yuan like 358000.00"),
    }.get(fact.type, Label("数字，如 89.50", "a number like 89.50"))
    low, high = fact.minimum, fact.maximum
    if low is None and high is None:
        return told
    return Label(
        told.zh
        + (f"，不小于 {low}" if low is not None else "")
        + (f"，不大于 {high}" if high is not None else ""),
        told.en
        + (f", at least {low}" if low is not None else "")
        + (f", at most {high}" if high is not None else ""),
    )


def _rows(estate: Estate, fact: Fact, places: Sequence[int]) -> list[PlaceRow]:
    """The places an answer is of."""
    if fact.level not in ("building", "unit"):
        return [estate]  # what is known of the city or the county stands on each of its estates
    model = Building if fact.level == "building" else Unit
    inside = model._default_manager.filter(estate=estate).order_by("id")
    if not places and fact.level == "building":
        return [row for row in inside if _told(row, fact.id) is None]
    found: list[PlaceRow] = list(inside.filter(pk__in=places))
    if not found or len(found) < len(set(places)):
        raise _no_place()
    return found


def _no_place() -> InputError:
    return InputError(
        "The estate has no such building or unit.",
        hint="Record it on its page, or name it as the ledger does: building, or building/unit.",
        zh="该小区没有所选的幢或户；请在其页面上登记，或按台账写作 幢号、幢号/户号。",
        code="E-FACT-PLACE",
    )


def _told(row: PlaceRow, name: str) -> Value | None:
    return facts_of(row).get(name)


def _kept(value: Value | None) -> str:
    """A value as it stands on a place."""
    return packed({"": value})[len('{"":') : -1]
