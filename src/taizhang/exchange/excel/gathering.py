"""From ledger rows to the places, papers and facts of each estate.

What the ledger leaves open is said, not guessed: units that are only counted are numbered, a
value that contradicts another is a complaint, and a place is the same place however its
number is written (1, 1幢, １号楼).

Reads from: ``collecting``, ``counting``, ``gathered``, ``rules.terms``.  Read by: ``planning``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from taizhang.exchange.excel.collecting import no_search_for_cycles
from taizhang.exchange.excel.counting import count_units
from taizhang.exchange.excel.gathered import Gathered, Records, below, one_of_each
from taizhang.rules.terms import ByPlace, Complaint, Fact, Held, Ledger, LedgerRow, Pack, Place, Value

__all__ = ["Gathered", "gather"]

_LEVELS = ("estate", "building", "unit")
_SHARED = ("county", "street", "neighbourhood", "responsible_official", "sponsor", "responsible_organisation")
_AMOUNTS = ("decimal", "integer", "money", "date")
_BUILDING = re.compile(r"(号楼|栋楼|幢楼|幢|栋|座|楼|#)$")


@dataclass(frozen=True, slots=True)
class _Estate:
    """An estate that grows."""

    gathered: Gathered
    held: Records[Held]
    facts: Records[Value]
    buildings: dict[str, Place] = field(default_factory=dict)  #: number as written -> building


def gather(ledgers: Sequence[Ledger], pack: Pack) -> tuple[list[Gathered], list[Complaint]]:
    """Return the estates of the ledgers in order of county and name, and what contradicts itself.

    Units of which the same papers are recorded share one mapping of them: ``held.at(unit)`` is
    then the same object, in all estates.
    """
    with no_search_for_cycles():
        return _gather(ledgers, _Gathering(pack))


def _gather(ledgers: Sequence[Ledger], gathering: _Gathering) -> tuple[list[Gathered], list[Complaint]]:
    sheets: set[tuple[int, str]] = set()  # with units; what is said alike on one is one mapping already
    for number, ledger in enumerate(ledgers):
        for level in _LEVELS:
            for row in ledger.rows:
                if row.level == level:
                    gathering.take(row, ledger)
                    if level == "unit":
                        sheets.add((number, row.sheet))
    estates = gathering.found
    if gathering.merged or len(sheets) > 1:
        one_of_each(estate.held for estate in estates.values())
    for estate in estates.values():
        count_units(estate.gathered, gathering.complaints)
    return [
        one.gathered for _, one in sorted(estates.items(), key=lambda item: item[0])
    ], gathering.complaints


class _Gathering:
    """The estates that were found, and what is wrong."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self.found: dict[tuple[str, str], _Estate] = {}
        self.complaints: list[Complaint] = []
        self.merged = False  #: whether papers of a unit are not those of one row
        self._counties: dict[str, list[str]] = {}  #: name of an estate -> its counties
        self._named: dict[tuple[str, str], _Estate] = {}  #: county and estate as written -> estate
        levels, papers = set(_LEVELS).intersection(pack.levels), (*pack.evidence, *pack.nodes)
        self._facts = {level: _plain(pack, pack.facts, level) for level in levels}
        self._papers = {level: _plain(pack, papers, level) for level in levels}

    def take(self, row: LedgerRow, ledger: Ledger) -> None:
        """Enter one row."""
        county = row.identity.get("county", "")
        estate = self._named.get((county, row.estate))
        if estate is None:
            estate = self._named[county, row.estate] = self._estate(county, row)
        one = estate.gathered
        if row.level != "estate":
            for name in _SHARED:
                if row.identity.get(name):
                    one.identity.setdefault(name, row.identity[name])
        elif one.counted is None:
            one.identity.update(row.identity)
            one.counted, one.ledger = row, ledger.path
        else:
            self.complaints.append(_twice(one, row, ledger))
        self._record(estate, _place(estate, row), row)

    def _estate(self, county: str, row: LedgerRow) -> _Estate:
        """The estate of a row; one without a county is the only one of its name, if there is one."""
        known = self._counties.setdefault(row.estate, [])
        if not county and known:
            county = known[0]  # more than one is complained of when the ledger is read
        elif county and "" in known:
            county = ""
        if (county, row.estate) not in self.found:
            known.append(county)
            self.found[county, row.estate] = _new(county, row.estate)
        return self.found[county, row.estate]

    def _record(self, estate: _Estate, place: Place, row: LedgerRow) -> None:
        """Enter a row's papers and facts at its place, or at the coarser place where they live."""
        if row.facts:
            if place.id not in estate.facts.at and self._facts[row.level].issuperset(row.facts):
                estate.facts.at[place.id] = row.facts
            else:
                self._record_facts(estate, place, row)
        if row.held:
            if place.id not in estate.held.at and self._papers[row.level].issuperset(row.held):
                estate.held.at[place.id] = row.held
            else:
                self.merged |= row.level == "unit"
                self._record_papers(estate, place, row)

    def _record_facts(self, estate: _Estate, place: Place, row: LedgerRow) -> None:
        for name, value in row.facts.items():
            fact = self._pack.facts[name]
            if _too_coarse(self._pack, row.level, fact):
                self.complaints.append(_misplaced(self._pack, row, name, str(value)))
                continue
            known = estate.facts.enter(name, _at(estate, place, fact.level), value)
            if known != value:
                self.complaints.append(_contradiction(self._pack, row, name, str(known), str(value)))

    def _record_papers(self, estate: _Estate, place: Place, row: LedgerRow) -> None:
        for name, state in row.held.items():
            known = estate.held.enter(name, _at(estate, place, self._pack.level_of(name)), state)
            if known != state:
                self.complaints.append(_contradiction(self._pack, row, name, known.value, state.value))


def _plain(pack: Pack, names: Iterable[str], level: str) -> frozenset[str]:
    """The names that a row of ``level`` records at its own place."""
    finer = pack.levels[pack.levels.index(level) :]
    return frozenset(
        name
        for name in names
        if pack.level_of(name) in finer
        and not (name in pack.facts and _too_coarse(pack, level, pack.facts[name]))
    )


# -------------------------------------------------------------------------------- places


def _new(county: str, name: str) -> _Estate:
    """An estate of which nothing is known but its name."""
    county_id = below("county", county)
    key = below(county_id, name)
    places = {
        "city": Place("city", "city", None, ""),
        county_id: Place("county", county_id, "city", county),
        key: Place("estate", key, county_id, name),
    }
    held, facts = Records[Held](), Records[Value]()
    return _Estate(Gathered(places[key], {}, places, ByPlace(held.at), ByPlace(facts.at)), held, facts)


def _number(building: str) -> str:
    """The number of a building, however it is written."""
    plain = unicodedata.normalize("NFKC", building).strip()
    bare = _BUILDING.sub("", plain)
    return bare.lstrip("0") or bare or plain


def _place(estate: _Estate, row: LedgerRow) -> Place:
    """The place a row is about, created with its building where it is new."""
    if row.level == "estate":
        return estate.gathered.place
    places = estate.gathered.places
    building = estate.buildings.get(row.building)
    if building is None:
        parent = estate.gathered.place.id
        building_id, name = below(parent, _number(row.building)), row.building or "（幢号未填）"
        building = places.setdefault(building_id, Place("building", building_id, parent, name))
        estate.buildings[row.building] = building
    if row.level == "building":
        return building
    unit_id = below(building.id, row.unit)
    unit = places.get(unit_id)
    if unit is None:
        unit = places[unit_id] = Place("unit", unit_id, building.id, row.unit)
    return unit


def _at(estate: _Estate, place: Place, level: str) -> str:
    """The id of the place of ``level`` that ``place`` is in, or its own where ``level`` is finer."""
    found: Place = place
    while found.level != level:
        if found.parent is None:
            return place.id
        found = estate.gathered.places[found.parent]
    return found.id


# ---------------------------------------------------------------------------- complaints


def _too_coarse(pack: Pack, level: str, fact: Fact) -> bool:
    """Whether an amount of a finer level stands on a row of ``level``: a total is not each unit's own."""
    return pack.levels.index(fact.level) > pack.levels.index(level) and fact.type in _AMOUNTS


def _twice(estate: Gathered, row: LedgerRow, ledger: Ledger) -> Complaint:
    return Complaint(
        "C-ESTATE-TWICE",
        row.sheet,
        row.cells.get("estate", f"A{row.row}"),
        row.estate,
        f"{ledger.path} has this estate too; what {estate.ledger} says of it comes first. Keep one row.",
        f"{ledger.path} 中也有该小区，以 {estate.ledger} 的内容为先；请只保留一行。",
    )


def _misplaced(pack: Pack, row: LedgerRow, name: str, value: str) -> Complaint:
    label = pack.label_of(name)
    return Complaint(
        "C-LEVEL",
        row.sheet,
        row.cells.get(name, f"A{row.row}"),
        value,
        f"'{label.en}' belongs to each unit and is not taken from this row; enter it on the unit sheet.",
        f"“{label.zh}”应逐户填写，不能取自本行；请填入户台账。",
    )


def _contradiction(pack: Pack, row: LedgerRow, name: str, known: str, value: str) -> Complaint:
    label = pack.label_of(name)
    return Complaint(
        "C-CONFLICT",
        row.sheet,
        row.cells.get(name, f"A{row.row}"),
        value,
        f"'{label.en}' is '{known}' elsewhere in the ledger; the first is used. Make the two agree.",
        f"“{label.zh}”在台账其他位置为“{known}”，现采用先读到的值，请统一。",
    )
