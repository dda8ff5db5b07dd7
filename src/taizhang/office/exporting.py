"""The ledger taken out as a workbook: what is recorded of some estates, and the entry that says so.

No text of a person is among it: holders leave the office only where one household is read for a reason
(``households``), and a workbook without them changes nothing of them when it comes back.

Reads from: ``access``, ``dossier``, ``journal``, ``merging``, ``selectors``, ``ledger.models``.
Read by: the doors.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
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
from taizhang.office.merging import row_key
from taizhang.office.selectors.lists import estates
from taizhang.rules.terms import Held, Value

__all__ = ["ExportedLedger", "ExportedPlace", "export_ledger"]

_SOME = 400  # estates asked for at once: databases bound the values of a question


@dataclass(frozen=True, slots=True)
class ExportedPlace:
    """A row of the workbook.

    Attributes:
        key: By which the row is known again.
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
        About 4 s for 132,600 units, in which nobody else writes.
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
        rows = _Rows(found)
        counties = {one.county for one in found}
        doing.county = counties.pop() if len(counties) == 1 else ""
        doing.keep = True
        doing.detail |= {
            "scope": scope,
            "estates": [one.pk for one in found],
            "buildings": len(rows.buildings),
            "units": len(rows.units),
        }
    digest = JournalEntry.objects.values_list("digest", flat=True).get(pk=doing.entry)
    return ExportedLedger(
        doing.entry,
        digest,
        doing.now,
        actor,
        scope,
        tuple(rows.estates),
        tuple(rows.buildings),
        tuple(rows.units),
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


class _Rows:
    """The rows of some estates, those of an estate together."""

    def __init__(self, found: Sequence[Estate]) -> None:
        self._facts: dict[str, Mapping[str, Value]] = {}
        self._held: dict[str, Mapping[str, Held]] = {}
        self._days: dict[str, Mapping[str, date]] = {}
        above = {one.pk: one for one in found}
        self.estates = [self._told(one, one, "", "", _words(one)) for one in found]
        order = {one.pk: number for number, one in enumerate(found)}
        rows = sorted(_under(Building, found), key=lambda one: (order[one.estate_id], one.pk))
        names = {one.pk: one.name for one in rows}
        self.buildings = [self._told(one, above[one.estate_id], one.name, "", {}) for one in rows]
        homes = sorted(_under(Unit, found), key=lambda one: (order[one.estate_id], one.pk))
        self.units = [
            self._told(one, above[one.estate_id], names[one.building_id], one.name, {}) for one in homes
        ]

    def _told(
        self,
        row: Estate | Building | Unit,
        estate: Estate,
        building: str,
        unit: str,
        words: Mapping[str, str],
    ) -> ExportedPlace:
        facts = self._facts.get(row.facts)
        if facts is None:
            facts = self._facts[row.facts] = json.loads(row.facts, object_hook=value_of)
        held = self._held.get(row.held)
        if held is None:
            states = json.loads(row.held)
            held = self._held[row.held] = {name: Held(state) for name, state in states.items()}
        days = self._days.get(row.valid_until)
        if days is None:
            days = self._days[row.valid_until] = json.loads(row.valid_until, object_hook=value_of)
        names = (estate.county, estate.name, building, unit)
        return ExportedPlace(row_key(row), row.place, *names, facts, held, days, words)


def _words(estate: Estate) -> Mapping[str, str]:
    told: dict[str, str] = json.loads(estate.identity)
    return {name: text for name, text in told.items() if name not in COLUMNS}


def _under(model: type[Any], found: Sequence[Estate]) -> Iterator[Any]:
    columns = ("facts", "held", "valid_until", "place", "name", "estate_id")
    more = ("building_id",) if model is Unit else ()
    for at in range(0, len(found), _SOME):
        rows = model.objects.filter(estate__in=[one.pk for one in found[at : at + _SOME]])
        yield from rows.only("id", *columns, *more).iterator(5000)
