"""The ledger taken out as a workbook: what is recorded of some estates, and the entry that says so.

No text of a person is among it: holders leave the office only where one household is read for a reason
(``households``), and a workbook without them changes nothing of them when it comes back.

Reads from: ``access``, ``dossier``, ``journal``, ``selectors``, ``ledger.models``.
Read by: the doors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from taizhang.errors import AccessError, InputError
from taizhang.ledger.models import Building, Estate, JournalEntry, Unit
from taizhang.office.access import Person, may_anywhere
from taizhang.office.dossier import value_of
from taizhang.office.household_seals import COLUMNS
from taizhang.office.journal import act
from taizhang.office.selectors.lists import estates
from taizhang.rules.terms import Held, Value

__all__ = ["ExportedLedger", "ExportedPlace", "export_ledger"]

_SOME = 400  # estates asked for at once: databases bound the values of a question


@dataclass(frozen=True, slots=True)
class ExportedPlace:
    """A row of the workbook.

    Attributes:
        key: By which the row is known again (``ledgerbook.row_key``).
        place: Its id.
        county, estate, building, unit: Names; empty where the row is coarser.
        facts, held, valid_until: What is recorded; equal ones are one mapping.
        words: What is said of an estate in words.
    """

    key: str
    place: str
    county: str
    estate: str
    building: str
    unit: str
    facts: Mapping[str, Value]
    held: Mapping[str, Held]
    valid_until: Mapping[str, date]
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ExportedLedger:
    """The ledger as it was at an entry of the journal.

    Attributes:
        entry, digest: The entry of the export.
        at, by: When, and who.
        scope: What was asked for, by wish.
        estates, buildings, units: Rows, in the order of county, street and name.
    """

    entry: int
    digest: str
    at: datetime
    by: str
    scope: Mapping[str, str]
    estates: tuple[ExportedPlace, ...]
    buildings: tuple[ExportedPlace, ...]
    units: tuple[ExportedPlace, ...]


def export_ledger(
    person: Person | None,
    wanted: Mapping[str, str],
    *,
    actor: str,
    now: datetime,
    today: date,
    most: int = 0,
) -> ExportedLedger:
    """Read the ledger and enter that it was taken out.

    It is read within the act, so that it is exactly what the journal says up to that entry: when the
    workbook comes back, what a cell said is looked up there.

    Args:
        person: Whose rights narrow it; ``None`` at the terminal, where the system decides who may.
        wanted: Wishes, as of the list of estates.
        actor: Who exports.
        now: The instant.
        today: The day in China.
        most: Units above which it is refused; 0: any number.

    Raises:
        AccessError: ``E-ACCESS`` the person may export no ledger.
        InputError: ``E-EXPORT-EMPTY`` no estate is like that; ``E-EXPORT-LARGE``; ``E-WISH``.

    Cost:
        6 s for 132,600 units; while the rows are fetched, half of it, nobody else writes.
    """
    if person is not None and not may_anywhere(person, "export_ledger"):
        raise AccessError(
            "{person} may not export the ledger.",
            hint="Ask the task force of the county.",
            zh="{person}没有导出台账的权限，请联系本县（市、区）专班。",
            code="E-ACCESS",
            person=person.name,
        )
    scope = {name: value for name, value in wanted.items() if value}
    with act("export_ledger", actor=actor, subject="ledger", now=now) as doing:
        found = list(_estates(person, scope, today).order_by("county", "street", "name", "id"))
        _require_some(found, most)
        buildings, units = _under(Building, found), _under(Unit, found)
        counties = {one.county for one in found}
        doing.county = counties.pop() if len(counties) == 1 else ""
        doing.keep = True
        doing.detail |= {
            "scope": scope,
            "estates": [one.pk for one in found],
            "buildings": len(buildings),
            "units": len(units),
        }
    digest = JournalEntry.objects.values_list("digest", flat=True).get(pk=doing.entry)
    told = _Told(found, buildings)
    return ExportedLedger(
        doing.entry,
        digest,
        doing.now,
        actor,
        scope,
        tuple(map(told.estate, found)),
        tuple(map(told.row, told.in_order(buildings))),
        tuple(map(told.row, told.in_order(units))),
    )


def _estates(person: Person | None, scope: Mapping[str, str], today: date) -> QuerySet[Estate, Any]:
    if person is not None:
        return estates(person, scope, today, "export_ledger")
    return Estate.objects.filter(**{name: scope[name] for name in ("county", "street") if name in scope})


def _require_some(found: Sequence[Estate], most: int) -> None:
    if not found:
        raise InputError(
            "No estate is like that; there is nothing to export.",
            hint="Look at the ledger, and choose a county or street that it has.",
            zh="没有符合条件的小区，无可导出；请先在台账中核对县（市、区）和街道。",
            code="E-EXPORT-EMPTY",
        )
    units = sum(one.units_total for one in found)
    if most and units > most:
        raise InputError(
            "{units} units are too many for a page; it exports up to {most}.",
            hint="Choose a county or a street, or run `taizhang export` at the terminal.",
            zh="共 {units} 户，超过页面导出上限 {most} 户；请选择县（市、区）或街道，"
            "或在终端运行 taizhang export。",
            code="E-EXPORT-LARGE",
            units=units,
            most=most,
        )


@dataclass(frozen=True, slots=True)
class _Row:
    """A building or unit as it stands in the table."""

    pk: int
    place: str
    name: str
    facts: str
    held: str
    valid_until: str
    estate: int
    building: int  #: of a unit; 0: it is a building


def _under(model: type[Building] | type[Unit], found: Sequence[Estate]) -> list[_Row]:
    columns = ["pk", "place", "name", "facts", "held", "valid_until", "estate_id"]
    columns += ["building_id"] if model is Unit else []
    none = () if model is Unit else (0,)
    rows: list[_Row] = []
    for at in range(0, len(found), _SOME):
        some = model.objects.filter(estate__in=[one.pk for one in found[at : at + _SOME]])
        told = some.order_by("id").values_list(*columns).iterator(5000)
        rows += [_Row(*(*row, *none)) for row in told]
    return rows


class _Told:
    """Rows as the workbook has them; what is recorded alike is one mapping."""

    def __init__(self, found: Sequence[Estate], buildings: Sequence[_Row]) -> None:
        self._estates = {one.pk: one for one in found}
        self._order = {one.pk: number for number, one in enumerate(found)}
        self._names = {one.pk: one.name for one in buildings}
        self._known: dict[str, Any] = {}
        self._held: dict[str, Mapping[str, Held]] = {}

    def in_order(self, rows: Sequence[_Row]) -> list[_Row]:
        """Those of an estate together, in the order of the estates."""
        return sorted(rows, key=lambda one: self._order[one.estate])

    def estate(self, row: Estate) -> ExportedPlace:
        """The row of an estate; no text of a person stands there."""
        told: dict[str, str] = json.loads(row.identity)
        words = {name: text for name, text in told.items() if name not in COLUMNS}
        recorded = self._recorded(row.facts, row.held, row.valid_until)
        return ExportedPlace(f"E{row.pk}", row.place, row.county, row.name, "", "", *recorded, words)

    def row(self, row: _Row) -> ExportedPlace:
        """The row of a building or unit."""
        estate = self._estates[row.estate]
        building = self._names[row.building] if row.building else row.name
        key, unit = (f"U{row.pk}", row.name) if row.building else (f"B{row.pk}", "")
        recorded = self._recorded(row.facts, row.held, row.valid_until)
        return ExportedPlace(key, row.place, estate.county, estate.name, building, unit, *recorded, {})

    def _recorded(
        self, facts: str, held: str, until: str
    ) -> tuple[Mapping[str, Value], Mapping[str, Held], Mapping[str, date]]:
        for text in (facts, until):
            if text not in self._known:
                self._known[text] = json.loads(text, object_hook=value_of)
        if held not in self._held:
            self._held[held] = {name: Held(state) for name, state in json.loads(held).items()}
        return self._known[facts], self._held[held], self._known[until]
