"""The figures of a county and of a class, each with the list it is the length of.

Reads from: ``lists``.  Read by: the doors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet

from taizhang.office.access import Person
from taizhang.office.selectors.lists import estates, tasks, units

__all__ = ["COLUMNS", "Figure", "FigureRow", "class_figures", "county_figures", "unit_figures"]


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
}
_LISTS: Mapping[str, Callable[[Person, Mapping[str, str], date], QuerySet[Any]]] = {
    "estates": estates,
    "units": units,
    "tasks": tasks,
}


def county_figures(person: Person, today: date) -> tuple[Sequence[FigureRow], FigureRow]:
    """The figures of every county a person may see, and their sums.

    Cost:
        One grouped query a column; 0.2 s for 132,600 units.
    """
    found: dict[str, dict[str, Figure]] = {}
    for column, (of, wanted) in COLUMNS.items():
        for county, value in _grouped(_LISTS[of](person, wanted, today)):
            row = found.setdefault(county, {})
            row[column] = Figure(value, of, {"county": county, **wanted})
    rows = [
        FigureRow(county, _whole(figures, {"county": county})) for county, figures in sorted(found.items())
    ]
    sums = {
        column: Figure(sum(row.figures[column].value for row in rows), of, wanted)
        for column, (of, wanted) in COLUMNS.items()
    }
    return rows, FigureRow("", sums)


def class_figures(person: Person, classes: Sequence[str], today: date) -> Sequence[FigureRow]:
    """Estates and units of every problem class; an estate may have several."""
    rows = []
    for one in classes:
        told: dict[str, Figure] = {}
        for column in ("estates", "units", "units_proved", "units_blocked"):
            of, wishes = COLUMNS[column]
            wanted = {"class": one, **wishes}
            told[column] = Figure(_LISTS[of](person, wanted, today).count(), of, wanted)
        rows.append(FigureRow(one, told))
    return rows


def unit_figures(person: Person, estate: int, today: date) -> Mapping[str, Figure]:
    """The units of one estate by status, each with its list."""
    found: dict[str, Figure] = {}
    for column in ("units", "units_proved", "units_open", "units_depends", "units_blocked"):
        wanted = {"estate": str(estate), **COLUMNS[column][1]}
        found[column] = Figure(units(person, wanted, today).count(), "units", wanted)
    return found


def _grouped(rows: QuerySet[Any]) -> list[tuple[str, int]]:
    return list(rows.order_by().values_list("county").annotate(count=Count("pk", distinct=True)))


def _whole(figures: Mapping[str, Figure], where: Mapping[str, str]) -> Mapping[str, Figure]:
    """Every column; one in which nothing was counted is 0."""
    return {
        column: figures.get(column, Figure(0, of, {**where, **wanted}))
        for column, (of, wanted) in COLUMNS.items()
    }
