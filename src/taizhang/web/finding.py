"""Questions as forms: what a fact may be answered with, in the visitor's words.

Reads from: ``door``, ``wording``, ``office.selectors.facts``.  Read by: the views of estates and units.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from taizhang.office.selectors.facts import Found
from taizhang.rules.terms import Fact
from taizhang.web.door import Visitor
from taizhang.web.wording import fact_text, fen_text

__all__ = ["AskedFact", "FoundRow", "asked_fact", "found_rows", "other_facts"]

_INPUTS = {"date": "date", "decimal": "number", "integer": "number", "money": "number"}


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
        places: Key and name of the buildings that may be chosen.
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
    places: Sequence[tuple[int, str]] = ()
    here: bool = True


@dataclass(frozen=True, slots=True)
class FoundRow:
    """An answer that was recorded, in words."""

    found: Found
    label: str
    value: str
    before: str


def asked_fact(
    fact: Fact,
    visitor: Visitor,
    *,
    units: int = 0,
    now: object = None,
    places: Sequence[tuple[int, str]] = (),
    here: bool = True,
) -> AskedFact:
    """A fact as a form asks for it."""
    language, who = visitor.language, visitor.pack.suppliers.get(fact.who)
    choices = [(key, one.in_(language)) for key, one in fact.values.items()]
    if fact.type == "bool":
        choices = [("true", visitor.said("是", "yes")), ("false", visitor.said("否", "no"))]
    return AskedFact(
        fact.id,
        fact.label.in_(language),
        fact.ask.in_(language) or fact.label.in_(language),
        who.in_(language) if who else fact.who,
        units,
        choices,
        _INPUTS.get(fact.type, "text"),
        visitor.said("元", "yuan") if fact.type == "money" else "",
        "" if now is None else _text(fact.id, now, visitor),
        places,
        here,
    )


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
        rows.append(
            FoundRow(one, label, _text(one.fact, one.value, visitor), _text(one.fact, one.before, visitor))
        )
    return rows


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
