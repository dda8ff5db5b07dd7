"""From the estates of a ledger to records: whole or not at all, and a second time nothing.

A place that is new is written; one that is there is changed where the ledger now says something else;
one of which the ledger says nothing is left alone.  The office's own workbook that comes back is merged
instead (``merging``).  A batch can be undone, as an act of its own.

Reads from: ``accepted``, ``answers``, ``drafts``, ``household_intake``, ``journal``, ``merging``,
``ledger.models``, ``rules.terms``.  Read by: the doors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from taizhang.ledger.models import Building, Case, Estate, ImportBatch, Programme, Unit
from taizhang.office.accepted import accepted_papers
from taizhang.office.answers import facts_found
from taizhang.office.dossier import facts_of
from taizhang.office.drafts import CaseDraft, packed
from taizhang.office.household_intake import HouseholdIntake
from taizhang.office.household_seals import COLUMNS
from taizhang.office.journal import Act, act
from taizhang.office.ledgerbook import LedgerBook, Merged
from taizhang.office.merging import Merging
from taizhang.rules.terms import Held, Place, Value, by_place

__all__ = ["CHINA", "CaseDraft", "Otherwise", "Registered", "packed", "places_of", "register"]

CHINA = ZoneInfo("Asia/Shanghai")
PlaceRow = Estate | Building | Unit
_LEVELS: Mapping[str, type[Estate] | type[Building] | type[Unit]] = {
    "estate": Estate,
    "building": Building,
    "unit": Unit,
}
_RECORDED = ("name", "facts", "held", "valid_until")
_ESTATE = ("street", "neighbourhood", "identity", "units_total")


@dataclass(frozen=True, slots=True)
class Otherwise:
    """What a ledger says of a fact, and what the office has found out, as both are kept."""

    place: str
    fact: str
    said: str
    found: str


@dataclass(frozen=True, slots=True)
class Registered:
    """What an import did, or would do.

    Attributes:
        batch: Number of the batch; 0 where nothing was written.
        new, changed, same: Rows by level: ``estate``, ``building``, ``unit``.
        estates: Numbers of the estates that are new or that something changed in.
        households: How many are ``new``, ``changed`` and the ``same``.
        kept: Papers that the ledger still calls missing although the office has accepted them.
        conflicts: Place and paper where the ledger says that nobody can supply what the office has accepted.
        merged: What became of the cells of the office's own workbook, where it was one.
        answers: Where the ledger says something else than the office has found out, which stays.
    """

    batch: int
    new: Mapping[str, int]
    changed: Mapping[str, int]
    same: Mapping[str, int]
    estates: tuple[int, ...]
    households: Mapping[str, int] = field(default_factory=dict)
    kept: int = 0
    conflicts: tuple[tuple[str, str], ...] = ()
    merged: Merged | None = None
    answers: tuple[Otherwise, ...] = ()


def register(
    drafts: Sequence[CaseDraft],
    *,
    programme: str,
    file_name: str,
    sha256: str,
    actor: str,
    now: datetime,
    dry_run: bool = False,
    book: LedgerBook | None = None,
) -> Registered:
    """Take the estates of a ledger into the ledger of the office.

    Args:
        drafts: One for each estate; none where ``book`` is given.
        programme: Id of the programme.
        file_name: As it was given.
        sha256: Of the file.
        actor: Who imports.
        now: The instant.
        dry_run: Compare, and write nothing.
        book: The office's own workbook that came back.

    Raises:
        TransitionError: ``E-CHANGED`` a row was changed meanwhile.
        InputError: ``E-SEAL-MISSING`` and others of the key file, where a ledger names holders.
        TaizhangError: ``E-SEAL-KEY`` the key file belongs to another ledger.
    """
    if dry_run:
        work = _Registering(drafts, programme, now, book)
        return work.told(0)
    with act("import_ledger", actor=actor, subject=f"file:{file_name}", now=now) as doing:
        work = _Registering(drafts, programme, now, book)
        return work.write(doing, file_name, sha256)


def places_of(places: Iterable[str]) -> dict[str, tuple[str, str]]:
    """County and street in which estates are recorded now; those that are not known have none."""
    wanted = set(places)
    rows = Estate.objects.values_list("place", "county", "street")
    return {place: (county, street) for place, county, street in rows.iterator() if place in wanted}


class _Registering:
    """One import: the rows as they are, as they will be, and the difference."""

    def __init__(
        self,
        drafts: Sequence[CaseDraft],
        programme: str,
        now: datetime,
        book: LedgerBook | None = None,
    ) -> None:
        self.programme, self.now = programme, now
        self.fresh: dict[str, list[PlaceRow]] = {level: [] for level in _LEVELS}
        self.stale: dict[str, list[PlaceRow]] = {level: [] for level in _LEVELS}
        self.same = dict.fromkeys(_LEVELS, 0)
        self.touched: dict[str, Estate] = {}
        self._packed: dict[int, tuple[object, str]] = {}
        self.kept = 0
        self.conflicts: list[tuple[str, str]] = []
        counties = {one.county for one in book.rows} if book else {_county(draft) for draft in drafts}
        self.accepted = accepted_papers(counties)
        self.found = facts_found(counties)
        self.answers: list[Otherwise] = []
        self.known: dict[str, PlaceRow] = {
            row.place: row for model in _LEVELS.values() for row in model.objects.filter(county__in=counties)
        }
        self._estates = {row.pk: row for row in self.known.values() if isinstance(row, Estate)}
        self.merging = Merging(book, self.known, self.accepted) if book else None
        if book and self.merging:
            drafts = book.drafts(self.merging.fresh)
        self.places = {draft.where for draft in drafts} | self._recorded([draft.place for draft in drafts])
        for draft in drafts:
            self._compare(draft)
        people = {place: one for draft in drafts for place, one in draft.households.items()}
        if book and self.merging:
            estates = {one.estate for one in book.rows}
            self.places |= self._recorded(estates)
            self._take(self.merging)
            self.places |= self._recorded(estates)  # a street may be another one now
            people |= self.merging.people
        self.people = HouseholdIntake(counties, people)

    def _take(self, merging: Merging) -> None:
        """Change the cells that are taken from a workbook; estates to which units were added have more."""
        self.kept += merging.kept
        self.conflicts += merging.unobtainable
        added = Counter(row.estate_id for row in self.fresh["unit"] if isinstance(row, Unit))
        wanted = {place: dict(merging.wanted.get(place, {})) for place in merging.places}
        for key, estate in self._estates.items():
            if added[key]:
                wanted.setdefault(estate.place, {})["units_total"] = estate.units_total + added[key]
        for place, columns in wanted.items():
            self._changed(self.known[place], columns)

    def _recorded(self, places: Iterable[str]) -> set[tuple[str, str]]:
        """Where the estates are recorded until now."""
        rows = map(self.known.get, places)
        return {(row.county, row.street) for row in rows if isinstance(row, Estate)}

    def _compare(self, draft: CaseDraft) -> None:
        dossier, rows = draft.dossier, dict[str, PlaceRow]()
        held, facts, until = map(by_place, (dossier.held, dossier.facts, dossier.valid_until))
        county = _county(draft)
        for place in dossier.places.values():
            if place.level not in _LEVELS:
                continue
            if self.merging and place.id in self.known:  # of a workbook only rows that were added come here
                rows[place.id] = self.known[place.id]
                continue
            own = [place.id] if place.level != "estate" else list(reversed(dossier.chain(place.id)))
            wanted: dict[str, object] = {
                "name": place.name,
                "facts": self._pack(*map(facts.at, own)),
                "held": self._pack(*map(held.at, own)),
                "valid_until": self._pack(*map(until.at, own)),
            }
            if place.id in self.found:
                wanted["facts"] = self._answered(place.id, _merged(map(facts.at, own)))
            if place.id in self.accepted.papers:
                wanted |= self._beside(place.id, _merged(map(held.at, own)), _merged(map(until.at, own)))
            if place.level == "estate":
                wanted |= _words(draft)
            rows[place.id] = self._row(place, county, wanted, rows)

    def _beside(
        self, place: str, held: Mapping[str, object], until: Mapping[str, object]
    ) -> Mapping[str, object]:
        """Papers and days of a place where the office has accepted something."""
        found = self.accepted.beside(place, held, until)
        self.kept += len(found.missing)
        self.conflicts += ((place, item) for item in found.unobtainable)
        return {"held": packed(found.held), "valid_until": packed(found.until)}

    def _answered(self, place: str, told: Mapping[str, object]) -> str:
        """Facts of a place of which the office has found something out: that stays while it stands there."""
        row = self.known.get(place)
        stands = facts_of(row) if row else {}
        found = {name: value for name, value in self.found[place].items() if value is not None}
        kept = {name: value for name, value in found.items() if stands.get(name) == value}
        self.answers += (
            Otherwise(place, name, _text(told[name]), _text(value))
            for name, value in kept.items()
            if name in told and told[name] != value
        )
        return packed({**told, **kept})

    def _row(
        self, place: Place, county: str, wanted: Mapping[str, object], rows: Mapping[str, PlaceRow]
    ) -> PlaceRow:
        row = self.known.get(place.id)
        if row is None:
            row = _LEVELS[place.level](county=county, place=place.id, **wanted)
            if isinstance(row, Building | Unit):
                row.estate = _estate_above(place, rows)
            if isinstance(row, Unit):
                row.building = _building_above(place, rows)
            self.fresh[place.level].append(row)
            self._touch(row)
        else:
            self._changed(row, wanted)
        return row

    def _changed(self, row: PlaceRow, wanted: Mapping[str, object]) -> None:
        """Change a known row where something else is wanted."""
        level = next(level for level, model in _LEVELS.items() if isinstance(row, model))
        if all(getattr(row, name) == value for name, value in wanted.items()):
            self.same[level] += 1
            return
        for name, value in wanted.items():
            setattr(row, name, value)
        self.stale[level].append(row)
        self._touch(row)

    def _touch(self, row: PlaceRow) -> None:
        # the row that this import writes, not one read again beside it
        estate = row if isinstance(row, Estate) else self._estates.get(row.estate_id) or row.estate
        self.touched[estate.place] = estate

    def _pack(self, *told: Mapping[str, Value | Held | date]) -> str:
        """Canonical text; places of which the same mapping is told share it."""
        last = told[-1]
        if not any(told[:-1]) and id(last) in self._packed:
            return self._packed[id(last)][1]
        text = packed(_merged(told))
        if not any(told[:-1]):
            self._packed[id(last)] = last, text
        return text

    # -- writing

    def write(self, doing: Act, file_name: str, sha256: str) -> Registered:
        if not any((*self.fresh.values(), *self.stale.values(), self.people)):
            return self.told(0)
        counts = {"new": self._count(self.fresh), "changed": self._count(self.stale)}
        if self.people:
            counts["households"] = self.people.counts
        batch = ImportBatch(
            id=doing.number("ledger_importbatch"),
            file_name=file_name,
            sha256=sha256,
            imported_at=doing.now,
            imported_by=doing.actor,
            counts=packed(counts),
        )
        doing.insert([batch])
        doing.detail |= {"batch": batch.id, "places": sorted(self.places)} | counts
        if self.merging:
            doing.detail["merged"] = _cells(self.merging.merged)
        for level in _LEVELS:
            new = self.fresh[level]
            for row in new:
                row.batch = batch
                for name in ("estate", "building"):  # the key is known only now
                    if name in row._state.fields_cache:
                        setattr(row, name, getattr(row, name))
            doing.insert(new)
            columns = (*_RECORDED, *_ESTATE) if level == "estate" else _RECORDED
            doing.update_all(self.stale[level], columns)
        self.people.write(doing, batch, self._units())
        self._ask_for_plans(doing)
        self._open_cases(doing)
        return self.told(batch.id)

    def _units(self) -> dict[str, Unit]:
        """Those that are known and those that were written, by place."""
        rows = (*self.known.values(), *self.fresh["unit"])
        return {row.place: row for row in rows if isinstance(row, Unit)}

    def _ask_for_plans(self, doing: Act) -> None:
        """What the ledger says anew is not in the plan: until it is computed, the status is not known."""
        stale = [row for row in self.touched.values() if row.status is not None]
        for row in stale:
            row.status = None
        doing.update_all(stale, ["status"])

    def _open_cases(self, doing: Act) -> None:
        estates = [row for row in self.fresh["estate"] if isinstance(row, Estate)]
        if not Programme.objects.filter(id=self.programme).exists():
            doing.insert([Programme(id=self.programme, name=self.programme)])
        day = self.now.astimezone(CHINA).date()
        numbers = doing.numbers(f"case:{day.year}", len(estates)) if estates else range(0)
        doing.insert(
            [
                Case(
                    county=row.county,
                    programme_id=self.programme,
                    estate=row,
                    number=f"{day.year}-{number:05d}",
                    opened_on=day,
                    state="registered",
                )
                for row, number in zip(estates, numbers, strict=True)
            ]
        )

    def told(self, batch: int) -> Registered:
        touched = tuple(row.pk for row in self.touched.values() if row.pk)
        counts = self._count(self.fresh), self._count(self.stale)
        people, conflicts = self.people.counts, tuple(self.conflicts)
        merged = self.merging.merged if self.merging else None
        answers = tuple(self.answers)
        return Registered(batch, *counts, self.same, touched, people, self.kept, conflicts, merged, answers)

    @staticmethod
    def _count(rows: Mapping[str, Sequence[PlaceRow]]) -> dict[str, int]:
        return {level: len(found) for level, found in rows.items()}


def _cells(merged: Merged) -> dict[str, int]:
    """A merge, as the journal tells it."""
    chosen = sum(one.taken for one in merged.conflicts)
    return {
        "export": merged.entry,
        "taken": merged.taken,
        "conflicts_taken": chosen,
        "conflicts_kept": len(merged.conflicts) - chosen,
    }


def _merged(told: Iterable[Mapping[str, Value | Held | date]]) -> dict[str, object]:
    """What several levels say, the last one first of all."""
    return {name: _state(value) for one in told for name, value in one.items()}


def _text(value: object) -> str:
    """A value as a sentence says it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _state(value: Value | Held | date) -> object:
    return value.value if isinstance(value, Held) else value


def _county(draft: CaseDraft) -> str:
    return draft.identity.get("county", "")


def _words(draft: CaseDraft) -> dict[str, object]:
    # a telephone or a number in the row of an estate is a person's all the same, and has no seal here
    told = {name: text for name, text in draft.identity.items() if name not in COLUMNS}
    units = sum(place.level == "unit" for place in draft.dossier.places.values())
    return {
        "street": told.get("street", ""),
        "neighbourhood": told.get("neighbourhood", ""),
        "identity": packed(told),
        "units_total": units,
    }


def _estate_above(place: Place, rows: Mapping[str, PlaceRow]) -> Estate:
    above = rows[place.parent or ""]
    return above if isinstance(above, Estate) else above.estate


def _building_above(place: Place, rows: Mapping[str, PlaceRow]) -> Building:
    above = rows[place.parent or ""]
    assert isinstance(above, Building)
    return above
