"""What is asked of a place, what is known, and what was found out: for who may see it.

Reads from: ``access``, ``ledger.models``.  Read by: the doors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from taizhang.ledger.models import Building, Estate, FactValue, Unit
from taizhang.office.access import Person, visible

__all__ = ["Found", "buildings_without", "found_out"]


@dataclass(frozen=True, slots=True)
class Found:
    """An answer that was recorded.

    Attributes:
        place: Name of the building or the unit; empty: the estate.
        value, before: As they are kept; ``None``: unknown.
    """

    at: datetime
    by: str
    place: str
    fact: str
    value: Any
    before: Any
    basis: str


def found_out(person: Person, row: Estate | Unit, limit: int = 100) -> Sequence[Found]:
    """The newest answers of an estate and what lies in it, or of one unit."""
    rows = visible(person, FactValue.objects.all()).select_related("recorded_by").order_by("-id")
    rows = rows.filter(estate=row) if isinstance(row, Estate) else rows.filter(place=row.place)
    some = list(rows[:limit])
    names = _names(some)
    return [
        Found(
            one.recorded_at,
            one.recorded_by.name,
            names.get(one.place, ""),
            one.fact,
            json.loads(one.value),
            json.loads(one.before),
            one.basis,
        )
        for one in some
    ]


def buildings_without(estate: Estate, fact: str) -> Sequence[tuple[int, str]]:
    """Key and name of the buildings of an estate of which a fact is not known."""
    rows = Building.objects.filter(estate=estate).order_by("id").values_list("pk", "name", "facts")
    return [(key, name) for key, name, facts in rows if fact not in json.loads(facts)]


def _names(rows: Sequence[FactValue]) -> Mapping[str, str]:
    """Names of buildings, and of units with their buildings."""
    places = {one.place for one in rows}
    found = dict(Building.objects.filter(place__in=places).values_list("place", "name"))
    units = Unit.objects.filter(place__in=places).values_list("place", "building__name", "name")
    return found | {place: f"{building} {name}" for place, building, name in units}
