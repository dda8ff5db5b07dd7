"""From records to the dossiers the rules plan from.

Reads from: ``ledger.models``, ``rules.terms``.  Read by: ``planning`` and the doors.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from taizhang.ledger.models import Building, Estate, Unit
from taizhang.rules.terms import ByPlace, Dossier, Held, Place, Value

__all__ = ["dossiers_of", "facts_of", "identity_of", "value_of"]

PlaceRow = Estate | Building | Unit


def dossiers_of(estates: Sequence[Estate], as_of: date) -> Iterator[Dossier]:
    """Yield the dossier of each estate, with a place on every level.

    Args:
        estates: In the order wanted.
        as_of: Day of the knowledge.

    Cost:
        Two queries for every 100 estates.
    """
    for at in range(0, len(estates), 100):
        some = estates[at : at + 100]
        keys = [one.pk for one in some]
        buildings = _by_estate(_told(Building, keys, "pk"))
        units = _by_estate(_told(Unit, keys, "building_id"))
        for estate in some:
            yield _dossier(estate, buildings.get(estate.pk, []), units.get(estate.pk, []), as_of)


def identity_of(estate: Estate) -> Mapping[str, str]:
    """What the ledger says of an estate in words."""
    told: Mapping[str, str] = json.loads(estate.identity)
    return told


def facts_of(row: PlaceRow) -> Mapping[str, Value]:
    """The answers recorded of a place itself."""
    told: Mapping[str, Value] = json.loads(row.facts, object_hook=value_of)
    return told


class _Told(NamedTuple):
    """What a dossier needs of a building, or of a unit; ``building`` is its own key, or its building's."""

    estate: int
    building: int
    place: str
    name: str
    held: str
    facts: str
    valid_until: str


def _told(model: type[Building | Unit], estates: Sequence[int], building: str) -> Iterator[_Told]:
    rows = model._default_manager.filter(estate__in=estates).order_by("id")
    columns = ("estate_id", building, "place", "name", "held", "facts", "valid_until")
    return map(_Told._make, rows.values_list(*columns))


def _by_estate(rows: Iterable[_Told]) -> dict[int, list[_Told]]:
    found: dict[int, list[_Told]] = {}
    for row in rows:
        found.setdefault(row.estate, []).append(row)
    return found


def _dossier(estate: Estate, buildings: Sequence[_Told], units: Sequence[_Told], as_of: date) -> Dossier:
    county = f"county›{estate.county}" if estate.place.startswith("county›") else "county"
    places = {
        "city": Place("city", "city", None, ""),
        county: Place("county", county, "city", estate.county),
        estate.place: Place("estate", estate.place, county, estate.name),
    }
    above = {row.building: row.place for row in buildings}
    for row in buildings:
        places[row.place] = Place("building", row.place, estate.place, row.name)
    for row in units:
        places[row.place] = Place("unit", row.place, above[row.building], row.name)
    reader = _Reader()
    rows: list[Estate | _Told] = [estate, *buildings, *units]
    return Dossier(
        as_of,
        places,
        ByPlace({row.place: reader.held(row.held) for row in rows}),
        ByPlace({row.place: reader.facts(row.facts) for row in rows}),
        ByPlace({row.place: reader.days(row.valid_until) for row in rows if row.valid_until != "{}"}),
    )


class _Reader:
    """Texts as mappings; places with the same text share one."""

    def __init__(self) -> None:
        self._held: dict[str, Mapping[str, Held]] = {}
        self._facts: dict[str, Mapping[str, Value]] = {}

    def held(self, text: str) -> Mapping[str, Held]:
        if text not in self._held:
            self._held[text] = {name: Held(state) for name, state in json.loads(text).items()}
        return self._held[text]

    def facts(self, text: str) -> Mapping[str, Value]:
        if text not in self._facts:
            self._facts[text] = json.loads(text, object_hook=value_of)
        return self._facts[text]

    @staticmethod
    def days(text: str) -> Mapping[str, date]:
        found: Mapping[str, date] = json.loads(text, object_hook=value_of)
        return found


def value_of(told: dict[str, Any]) -> Any:
    """A number or a day of canonical JSON, for ``object_hook``."""
    if told.keys() == {"decimal"}:
        return Decimal(told["decimal"])
    if told.keys() == {"date"}:
        return date.fromisoformat(told["date"])
    return told
