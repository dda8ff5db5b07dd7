"""Open facts answered: an official finds out what a plan depends on, and says how it is known.

The answer goes onto the places it is of, and the plan follows from it.  A ledger that is imported does not
take it back; a further answer, or a workbook of the office that comes back with another one, does.

Reads from: ``access``, ``dossier``, ``drafts``, ``journal``, ``ledger.models``.  Read by: ``register`` and
the doors.
"""

from __future__ import annotations

import json
import re
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

__all__ = ["Named", "fact_value", "facts_found", "place_named", "record_fact"]

PlaceRow = Estate | Building | Unit
Named = tuple[str, int]  #: level and key: buildings and units are numbered each for themselves
_WORDS = {
    **dict.fromkeys(("true", "yes", "是", "有"), True),
    **dict.fromkeys(("false", "no", "否", "无"), False),
}
_LONGEST = 400
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?")


def record_fact(
    person: Person,
    pack: Pack,
    estate_id: int,
    name: str,
    text: str | None,
    basis: str,
    now: datetime,
    places: Sequence[Named] | None = None,
) -> list[FactValue]:
    """Record what was found out of an estate, its buildings or its units.

    Args:
        person: Who found it out.
        pack: The law of the day, which knows the fact.
        estate_id: Key of the estate.
        name: Id of the fact; its level says what it is told of.
        text: The answer as :func:`fact_value` reads it; ``None``: it is not known after all.
        basis: How it is known.
        now: The instant.
        places: Buildings or units by level and key; ``None``: the estate, or all its buildings of which
            it is not known.

    Returns:
        One record for each place of which something else was known.

    Raises:
        AccessError: ``E-ACCESS``.
        InputError: ``E-FACT`` no such fact; ``E-FACT-VALUE``; ``E-FACT-BASIS`` nothing is said of how it is
            known; ``E-FACT-PLACE`` no such building or unit in the estate, one of another level than the
            fact, or none named.
        TransitionError: ``E-FACT-SAME`` it is known already.
    """
    with act("record_fact", actor=person.actor, subject=f"estate:{estate_id}", now=now) as doing:
        estate = Estate.objects.get(pk=estate_id)
        require(person, "record_fact", estate)
        fact, known_by = _fact(pack, name), _basis(basis)
        value = None if text is None else fact_value(fact, text)
        rows = [row for row in _rows(estate, fact, places) if _told(row, name) != value]
        if not rows:
            raise TransitionError(
                "This is recorded so already, or no building is left of which it is not known.",
                hint="Look at what is recorded there now; to correct a building, choose it.",
                zh="该情况已按此登记，或已没有尚不明的幢；如需更正，请选择要更正的幢。",
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
    told = _plain(text)[:_LONGEST]
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


def place_named(estate: Estate, text: str) -> Named:
    """A building of an estate, or a unit written as building/unit.

    Raises:
        InputError: ``E-FACT-PLACE`` none, or several.
    """
    building, slash, name = text.partition("/")
    rows = Unit.objects.filter(estate=estate, building__name=building, name=name)
    found = list((rows if slash else Building.objects.filter(estate=estate, name=building))[:2])
    if len(found) != 1:
        raise _no_place()
    return ("unit" if slash else "building"), found[0].pk


def fact_value(fact: Fact, text: str) -> Value:
    """Read an answer: a value's id or name, yes or no, a number, yuan, a day.

    Returns:
        Money in fen, other numbers exact.

    Raises:
        InputError: ``E-FACT-VALUE``, with what can be written.
    """
    plain = _plain(normalize("NFKC", text))
    found = _read(fact, plain) if plain else None
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


def _plain(text: str) -> str:
    """Without what cannot be seen, and with single spaces."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


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
    if "," in text and not _THOUSANDS.fullmatch(text):
        return None  # 89,5 is not 895
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number) >= 10**13 or not _within(fact, number):
        return None
    whole = number * 100 if fact.type == "money" else number
    if fact.type == "decimal":
        return Decimal(f"{number:f}".rstrip("0").rstrip(".")) if number % 1 else Decimal(int(number))
    return int(whole) if whole == whole.to_integral_value() else None


def _within(fact: Fact, number: Decimal) -> bool:
    low, high = fact.minimum, fact.maximum
    return (low is None or number >= low) and (high is None or number <= high)


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
    }.get(fact.type)
    low, high = fact.minimum, fact.maximum
    if told is None:
        sample = next(one for one in (Decimal("89.50"), low, high) if one is not None and _within(fact, one))
        told = Label(f"数字，如 {sample}", f"a number like {sample}")
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


def _rows(estate: Estate, fact: Fact, places: Sequence[Named] | None) -> list[PlaceRow]:
    """The places an answer is of."""
    if fact.level not in ("building", "unit"):
        if places:
            raise _no_place()
        return [estate]  # what is known of the city or the county stands on each of its estates
    model = Building if fact.level == "building" else Unit
    inside = model._default_manager.filter(estate=estate).order_by("id")
    if places is None and fact.level == "building":
        return [row for row in inside if _told(row, fact.id) is None]
    keys = {key for level, key in places or () if level == fact.level}
    found: list[PlaceRow] = list(inside.filter(pk__in=keys))
    if not found or len(found) < len(set(places or ())):
        raise _no_place()
    return found


def _no_place() -> InputError:
    return InputError(
        "This is told of no such place of the estate.",
        hint="Choose the buildings it is of, or record it on the unit's page; at the terminal: --at "
        "building, or --at building/unit.",
        zh="所选的幢或户不存在，或该情况不属于这一层级：幢的情况请选择幢，户的情况请在户页登记；"
        "终端用 --at 写明幢号，或 幢号/户号。",
        code="E-FACT-PLACE",
    )


def _told(row: PlaceRow, name: str) -> Value | None:
    return facts_of(row).get(name)


def _kept(value: Value | None) -> str:
    """A value as it stands on a place."""
    return packed({"": value})[len('{"":') : -1]
