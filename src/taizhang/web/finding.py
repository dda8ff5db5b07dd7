"""Questions as forms: what a fact may be answered with, in the visitor's words.

Reads from: ``door``, ``wording``, ``office.selectors.facts``.  Read by: the views of estates and units.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from taizhang.office.selectors.facts import Found
from taizhang.rules.terms import Fact
from taizhang.web.door import Visitor
from taizhang.web.wording import building_name, fact_text, fen_text

__all__ = [
    "AskedFact",
    "FoundRow",
    "PlaceChoice",
    "asked_fact",
    "building_choices",
    "found_rows",
    "other_facts",
]

Buildings = Sequence[tuple[int, str, Mapping[str, object]]]

_INPUTS = {"date": "date", "decimal": "number", "integer": "number", "money": "number"}


@dataclass(frozen=True, slots=True)
class PlaceChoice:
    """A building that an answer may be of, with what is known of it; chosen beforehand where nothing is."""

    key: int
    name: str
    now: str


@dataclass(frozen=True, slots=True)
class AskedFact:
    """A fact as a form asks for it.

    Attributes:
        name: Its id.
        label, ask: What it is called, and the question.
        who: Who can answer.
        units: How many units it matters for; 0: not told.
        choices: Value and words, where there are few.
        kind: Of the field, where there are none: ``text``, ``date`` or ``number``.
        unit: What numbers are of.
        now: What is known, in words; empty: nothing.
        value: The same as the field takes it.
        places: The buildings that may be chosen.
        here: Whether it is recorded on the page that shows it; else on the page of each unit.
    """

    name: str
    label: str
    ask: str
    who: str
    units: int
    choices: Sequence[tuple[str, str]]
    kind: str
    unit: str
    now: str = ""
    value: str = ""
    places: Sequence[PlaceChoice] = ()
    here: bool = True


@dataclass(frozen=True, slots=True)
class FoundRow:
    """An answer that was recorded, in words."""

    found: Found
    place: str
    label: str
    value: str
    before: str


def asked_fact(
    fact: Fact,
    visitor: Visitor,
    *,
    units: int = 0,
    now: object = None,
    places: Sequence[PlaceChoice] = (),
    here: bool = True,
) -> AskedFact:
    """A fact as a form asks for it; ``now`` is what is known, as it is kept."""
    language, who = visitor.language, visitor.pack.suppliers.get(fact.who)
    choices = [(key, one.in_(language)) for key, one in fact.values.items()]
    if fact.type == "bool":
        choices = [("true", visitor.said("是", "yes")), ("false", visitor.said("否", "no"))]
    words = "" if now is None else _text(fact.id, now, visitor)
    return AskedFact(
        fact.id,
        fact.label.in_(language),
        fact.ask.in_(language) or fact.label.in_(language),
        who.in_(language) if who else fact.who,
        units,
        choices,
        _INPUTS.get(fact.type, "text"),
        visitor.said("元", "yuan") if fact.type == "money" else "",
        words or "；".join(f"{one.name} {one.now}" for one in places if one.now),
        _field(fact, now),
        places,
        here,
    )


def building_choices(fact: str, buildings: Buildings, visitor: Visitor) -> list[PlaceChoice]:
    """Every building with what is known of it."""
    return [
        PlaceChoice(
            key,
            building_name(name, visitor.language),
            _text(fact, known[fact], visitor) if fact in known else "",
        )
        for key, name, known in buildings
    ]


def other_facts(
    visitor: Visitor, levels: Collection[str], shown: Collection[str]
) -> Sequence[tuple[str, str]]:
    """Id and name of the facts of some levels for which the page has no form of their own."""
    facts: Mapping[str, Fact] = visitor.pack.facts
    told = [(one.id, one.label.in_(visitor.language)) for one in facts.values() if one.level in levels]
    return sorted((one for one in told if one[0] not in shown), key=lambda one: one[1])


def found_rows(found: Sequence[Found], visitor: Visitor) -> Sequence[FoundRow]:
    """What was found out, in words."""
    rows = []
    for one in found:
        fact = visitor.pack.facts.get(one.fact)
        label = fact.label.in_(visitor.language) if fact else one.fact
        place = building_name(one.place, visitor.language) if one.place else ""
        said = [_text(one.fact, value, visitor) for value in (one.value, one.before)]
        rows.append(FoundRow(one, place, label, *said))
    return rows


def _field(fact: Fact, value: object) -> str:
    """A value as a field takes it: money in yuan."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):  # a decimal or a day
        return str(next(iter(value.values())))
    if fact.type == "money" and isinstance(value, int):
        return f"{value // 100}.{value % 100:02d}"
    return str(value)


def _text(name: str, value: object, visitor: Visitor) -> str:
    """An answer as it is kept, in words; money is kept in fen."""
    fact = visitor.pack.facts.get(name)
    if value is None:
        return visitor.said("不明", "not known")
    if fact is None:
        return str(value)
    if fact.type == "money" and isinstance(value, int):
        return fen_text(value, visitor.language)
    return fact_text(visitor.pack, name, value, visitor.language)
