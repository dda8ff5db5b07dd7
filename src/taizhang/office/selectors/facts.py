"""What is asked of a place, what is known, and what was found out: for who may see it.

Reads from: ``access``, ``ledger.models``.  Read by: the doors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from taizhang.ledger.models import Building, Estate, FactValue, Unit
from taizhang.office.access import Person, may, visible

__all__ = ["Found", "building_facts", "found_out"]


@dataclass(frozen=True, slots=True)
class Found:
    """An answer that was recorded.

    Attributes:
        place: Name of the building; empty: the place of the page.
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
    """The newest answers of an estate and its buildings, or of one unit.

    What was found out of a home is told on its own page, to who works on it: it may be about its people.
    """
    rows = visible(person, FactValue.objects.all()).select_related("recorded_by").order_by("-id")
    if isinstance(row, Unit):
        rows = rows.filter(place=row.place) if may(person, "record_fact", row) else rows.none()
    else:
        buildings = Building.objects.filter(estate=row).values("place")
        rows = rows.filter(Q(place=row.place) | Q(place__in=buildings), estate=row)
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


def building_facts(estate: Estate) -> Sequence[tuple[int, str, Mapping[str, Any]]]:
    """Key, name and what is known of every building of an estate."""
    rows = Building.objects.filter(estate=estate).order_by("id").values_list("pk", "name", "facts")
    return [(key, name, json.loads(facts)) for key, name, facts in rows]


def _names(rows: Sequence[FactValue]) -> Mapping[str, str]:
    """Names of buildings."""
    places = {one.place for one in rows}
    return dict(Building.objects.filter(place__in=places).values_list("place", "name"))
