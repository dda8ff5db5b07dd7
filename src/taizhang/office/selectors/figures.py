"""The figures of a county and of a class, each with the list it is the length of.

Reads from: ``lists``.  Read by: the doors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet

from taizhang.office.access import Person
from taizhang.office.selectors.lists import estates, tasks, units
from taizhang.rules.terms import Status

__all__ = [
    "COLUMNS",
    "Figure",
    "FigureRow",
    "UnitCount",
    "class_figures",
    "counted_units",
    "county_figures",
    "unit_figures",
]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and the list whose length it is.

    Attributes:
        value: The number.
        of: ``estates``, ``units`` or ``tasks``.
        wanted: The wishes of the list.
    """

    value: int
    of: str
    wanted: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One county or class with its figures, by column."""

    name: str
    figures: Mapping[str, Figure]


#: column -> list, wishes; in the order of the table
COLUMNS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "estates": ("estates", {}),
    "units": ("units", {}),
    "units_proved": ("units", {"status": "proved"}),
    "units_open": ("units", {"status": "open"}),
    "units_depends": ("units", {"status": "depends"}),
    "units_blocked": ("units", {"status": "blocked"}),
    "estates_adopted": ("estates", {"plan": "adopted"}),
    "tasks_running": ("tasks", {"state": "running"}),
    "tasks_overdue": ("tasks", {"due": "overdue"}),
    "tasks_complete": ("tasks", {"state": "complete"}),
    "estates_registered": ("estates", {"case": "registered"}),
    "units_certified": ("units", {"title": "certified"}),
    "estates_closed": ("estates", {"case": "closed"}),
}
_LISTS: Mapping[str, Callable[[Person, Mapping[str, str], date], QuerySet[Any]]] = {
    "estates": estates,
    "units": units,
    "tasks": tasks,
}


def county_figures(
    person: Person, today: date, units_there: Sequence[UnitCount]
) -> tuple[Sequence[FigureRow], FigureRow]:
    """The figures of every county a person may see, and their sums.

    Args:
        person: Who looks.
        today: The day of the lists.
        units_there: The person's :func:`counted_units`.

    Cost:
        A grouped query for each column that counts no units.
    """
    counted: Counter[tuple[str, str]] = Counter()  # (county, column)
    for one in units_there:
        for column in _columns_of(one.status):
            counted[one.county, column] += one.count
    for column, (of, wanted) in COLUMNS.items():
        if of != "units" or "title" in wanted:
            for county, value in _grouped(_LISTS[of](person, wanted, today), "county"):
                counted[county, column] += value
    counties = sorted({county for county, _ in counted})
    rows = [
        FigureRow(
            county,
            {
                column: Figure(counted[county, column], of, {"county": county, **wanted})
                for column, (of, wanted) in COLUMNS.items()
            },
        )
        for county in counties
    ]
    sums = {
        column: Figure(sum(row.figures[column].value for row in rows), of, wanted)
        for column, (of, wanted) in COLUMNS.items()
    }
    return rows, FigureRow("", sums)


def class_figures(
    person: Person, classes: Sequence[str], today: date, units_there: Sequence[UnitCount]
) -> Sequence[FigureRow]:
    """Estates and units of every problem class; an estate may have several."""
    places = {key: told.split(",") for key, told in estates(person, {}, today).values_list("pk", "classes")}
    counted = Counter(name for told in places.values() for name in told)
    units_of: Counter[tuple[str, str]] = Counter()  # (class, column)
    for one in units_there:
        for column in _columns_of(one.status):
            for name in places.get(one.estate, ()):
                units_of[name, column] += one.count
    rows = []
    for name in classes:
        told = {"estates": Figure(counted[name], "estates", {"class": name})}
        for column in ("units", "units_proved", "units_blocked"):
            wanted = {"class": name, **COLUMNS[column][1]}
            told[column] = Figure(units_of[name, column], "units", wanted)
        rows.append(FigureRow(name, told))
    return rows


def unit_figures(person: Person, estate: int, today: date) -> Mapping[str, Figure]:
    """The units of one estate by status, each with its list."""
    found: dict[str, Figure] = {}
    for column in ("units", "units_proved", "units_open", "units_depends", "units_blocked"):
        wanted = {"estate": str(estate), **COLUMNS[column][1]}
        found[column] = Figure(units(person, wanted, today).count(), "units", wanted)
    return found


@dataclass(frozen=True, slots=True)
class UnitCount:
    """How many units of an estate have a status."""

    county: str
    estate: int
    status: int | None
    count: int


def counted_units(person: Person, today: date) -> list[UnitCount]:
    """The units a person may see, counted by estate and status in one query."""
    rows = _LISTS["units"](person, {}, today)
    return [UnitCount(*one) for one in _grouped(rows, "county", "estate_id", "status")]


def _columns_of(status: int | None) -> Sequence[str]:
    """The columns that count a unit of a status."""
    word = None if status is None else Status(status).word
    return [
        column
        for column, (of, wanted) in COLUMNS.items()
        if of == "units" and "title" not in wanted and wanted.get("status", word) == word
    ]


def _grouped(rows: QuerySet[Any], *by: str) -> list[tuple[Any, ...]]:
    """Rows counted by some columns; once each, where a person sees them for several reasons."""
    counted = Count("pk", distinct=True) if rows.query.distinct else Count("*")
    return list(rows.order_by().values_list(*by).annotate(count=counted))
