"""Cases written down and read back: what was recorded of each estate on the day of a plan.

A record that holds them can be compared with another without its ledgers.  They hold no names of
residents: places, papers, facts, and what the ledger says of the estate in words.

Reads from: ``rules.terms``.  Read by: ``record``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from taizhang.rules.circumstances import Case
from taizhang.rules.terms import ByPlace, Dossier, Held, Place, Span, by_place

__all__ = ["case_digest", "cases_of_text", "text_of_cases"]

_PLAIN = ("as_of", "places")


def case_digest(case: Case) -> str:
    """SHA-256 over all that is recorded of a case, in the order of its ledger."""
    return sha256(text_of_cases((case,)).encode()).hexdigest()


def text_of_cases(cases: Sequence[Case]) -> str:
    """Write cases as JSON; what is said alike of many places stands there once."""
    said: dict[str, int] = {}

    def number(told: Mapping[str, object]) -> int:
        text = json.dumps({name: _written(told[name]) for name in sorted(told)}, ensure_ascii=False)
        return said.setdefault(text, len(said))

    rows = []
    for case in cases:
        dossier, identity = case.dossier, dict(sorted(case.identity.items()))
        row: dict[str, object] = {"identity": identity, "as_of": dossier.as_of.isoformat()}
        row["places"] = [[one.level, one.id, one.parent, one.name] for one in dossier.places.values()]
        for name in _by_place():
            told = by_place(getattr(dossier, name))
            row[name] = [number(told.at(at)) if told.at(at) else -1 for at in dossier.places]
        rows.append(json.dumps(row, ensure_ascii=False))
    return '{"said": [' + ",\n".join(said) + '],\n"cases": [' + ",\n".join(rows) + "]}"


def cases_of_text(text: str) -> tuple[Case, ...]:
    """Read cases that :func:`text_of_cases` wrote.

    Raises:
        ValueError, KeyError, TypeError, IndexError: It is no such text.
    """
    data = json.loads(text)
    said = [{name: _read(value) for name, value in one.items()} for one in data["said"]]
    return tuple(_case(row, said) for row in data["cases"])


def _case(row: Mapping[str, Any], said: Sequence[Mapping[str, object]]) -> Case:
    places = {one[1]: Place(*one) for one in row["places"]}
    told = {
        name: ByPlace({at: said[n] for at, n in zip(places, row[name], strict=True) if n >= 0})
        for name in _by_place()
    }
    return Case(Dossier(date.fromisoformat(row["as_of"]), places, **told), row["identity"])


def _by_place() -> list[str]:
    """The fields of a dossier that say something by name and place."""
    return [one.name for one in fields(Dossier) if one.init and one.name not in _PLAIN]


def _written(value: object) -> object:
    if isinstance(value, Held):
        return {"held": value.value}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, Span):
        return {"span": [one.isoformat() if one else None for one in (value.start, value.end)]}
    if isinstance(value, bool | int | str):
        return value
    raise TypeError(f"{type(value).__name__} is nothing that a ledger records")


def _read(value: Any) -> object:
    if not isinstance(value, dict):
        return value
    ((kind, told),) = value.items()
    if kind == "held":
        return Held(told)
    if kind == "decimal":
        return Decimal(told)
    if kind == "date":
        return date.fromisoformat(told)
    if kind == "span":
        return Span(*(date.fromisoformat(one) if one else None for one in told))
    raise ValueError(f"unknown kind {kind}")
