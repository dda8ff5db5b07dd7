"""From ledger rows to the places, papers and facts of each estate.

What the ledger leaves open is said, not guessed: units that are only counted are numbered, a
value that contradicts another is a complaint, and a place is the same place however its
number is written (1, 1幢, １号楼).

Reads from: ``rules.terms``.  Read by: ``planning``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from taizhang.rules.terms import Complaint, Dossier, Held, Ledger, LedgerRow, Pack, Place, Value

__all__ = ["Gathered", "gather"]

_LEVELS = ("estate", "building", "unit")
_SHARED = ("county", "street", "neighbourhood", "responsible_official", "sponsor", "responsible_organisation")
_BUILDING = re.compile(r"(号楼|栋楼|幢楼|幢|栋|座|楼|#)$")


@dataclass(slots=True)
class Gathered:
    """One estate while its rows are read."""

    place: Place
    identity: dict[str, str]
    places: dict[str, Place]
    held: dict[tuple[str, str], Held] = field(default_factory=dict)
    facts: dict[tuple[str, str], Value] = field(default_factory=dict)
    counted: LedgerRow | None = None  #: its own row, for units that are only counted
    ledger: str = ""  #: the file that row is from


def gather(ledgers: Sequence[Ledger], pack: Pack) -> tuple[list[Gathered], list[Complaint]]:
    """Return the estates of the ledgers in order of county and name, and what contradicts itself."""
    complaints: list[Complaint] = []
    found: dict[tuple[str, str], Gathered] = {}
    counties: dict[str, list[str]] = {}
    for ledger in ledgers:
        for row in sorted(ledger.rows, key=lambda row: _LEVELS.index(row.level)):
            estate = _estate(found, counties, row)
            if row.level != "estate":
                for name in _SHARED:
                    if row.identity.get(name):
                        estate.identity.setdefault(name, row.identity[name])
            elif estate.counted is None:
                estate.identity.update(row.identity)
                estate.counted, estate.ledger = row, ledger.path
            else:
                complaints.append(_twice(estate, row, ledger))
            _record(pack, estate, _place(estate, row), row, complaints)
    for estate in found.values():
        _count_units(estate, complaints)
    return [one for _, one in sorted(found.items())], complaints


def _estate(
    found: dict[tuple[str, str], Gathered], counties: dict[str, list[str]], row: LedgerRow
) -> Gathered:
    """The estate of a row; one without a county is the only one of its name, if there is one."""
    county = row.identity.get("county", "")
    known = counties.setdefault(row.estate, [])
    if not county and known:
        county = known[0]  # more than one is complained of when the ledger is read
    elif county and "" in known:
        county = ""
    if (county, row.estate) not in found:
        known.append(county)
        county_id, key = _below("county", county), _below(_below("county", county), row.estate)
        places = {
            "city": Place("city", "city", None, ""),
            county_id: Place("county", county_id, "city", county),
            key: Place("estate", key, county_id, row.estate),
        }
        found[county, row.estate] = Gathered(places[key], {}, places)
    return found[county, row.estate]


def _below(place: str, name: str) -> str:
    """The id of a place inside another; a name cannot reach outside its own part."""
    return f"{place}›{name.replace('›', '››')}"


def _number(building: str) -> str:
    """The number of a building, however it is written."""
    plain = unicodedata.normalize("NFKC", building).strip()
    bare = _BUILDING.sub("", plain)
    return bare.lstrip("0") or bare or plain


def _place(estate: Gathered, row: LedgerRow) -> Place:
    """The place a row is about, created with its building where it is new."""
    if row.level == "estate":
        return estate.place
    building_id = _below(estate.place.id, _number(row.building))
    name = row.building or "（幢号未填）"
    building = estate.places.setdefault(building_id, Place("building", building_id, estate.place.id, name))
    if row.level == "building":
        return building
    unit_id = _below(building_id, row.unit)
    return estate.places.setdefault(unit_id, Place("unit", unit_id, building_id, row.unit))


def _twice(estate: Gathered, row: LedgerRow, ledger: Ledger) -> Complaint:
    return Complaint(
        "C-ESTATE-TWICE",
        row.sheet,
        row.cells.get("estate", f"A{row.row}"),
        row.estate,
        f"{ledger.path} has this estate too; what {estate.ledger} says of it comes first. Keep one row.",
        f"{ledger.path} 中也有该小区，以 {estate.ledger} 的内容为先；请只保留一行。",
    )


def _miscounted(row: LedgerRow, total: int, listed: int) -> Complaint:
    return Complaint(
        "C-UNITS-COUNT",
        row.sheet,
        row.cells.get("units_total", f"A{row.row}"),
        str(total),
        f"The estate row says {total} units, the unit sheet has {listed}; those {listed} are planned.",
        f"小区行写 {total} 户，户台账有 {listed} 户；按户台账 {listed} 户测算，请核对。",
    )


def _record(pack: Pack, estate: Gathered, place: Place, row: LedgerRow, complaints: list[Complaint]) -> None:
    """Enter a row's papers and facts at its place, or at the coarser place where they live."""
    dossier = Dossier(pack.as_of, estate.places, {}, {})
    for name, value in row.facts.items():
        if _too_coarse(pack, row, name):
            complaints.append(_misplaced(pack, row, name, str(value)))
            continue
        at = dossier.ancestor(place.id, pack.facts[name].level) or place.id
        known = estate.facts.setdefault((name, at), value)
        if known != value:
            complaints.append(_contradiction(pack, row, name, str(known), str(value)))
    for name, state in row.held.items():
        at = dossier.ancestor(place.id, pack.level_of(name)) or place.id
        known_state = estate.held.setdefault((name, at), state)
        if known_state != state:
            complaints.append(_contradiction(pack, row, name, known_state.value, state.value))


def _too_coarse(pack: Pack, row: LedgerRow, name: str) -> bool:
    """Whether an amount of a finer level stands on this row: a total is not each unit's own."""
    fact = pack.facts[name]
    finer = pack.levels.index(fact.level) > pack.levels.index(row.level)
    return finer and fact.type in ("decimal", "integer", "money", "date")


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


def _count_units(estate: Gathered, complaints: list[Complaint]) -> None:
    """Number the units of an estate for which the ledger only gives a count."""
    row = estate.counted
    if row is None:
        return
    total = _whole(row.identity.get("units_total", ""))
    listed = sum(place.level == "unit" for place in estate.places.values())
    if listed:
        if total and total != listed:
            complaints.append(_miscounted(row, total, listed))
        return
    buildings = [place for place in estate.places.values() if place.level == "building"]
    if not buildings:
        many = max(1, _whole(row.identity.get("buildings_total", "")) or 1)
        buildings = [
            Place("building", _below(estate.place.id, str(n)), estate.place.id, f"{n}幢")
            for n in range(1, many + 1)
        ]
        estate.places.update({one.id: one for one in buildings})
    if not total:
        complaints.append(
            Complaint(
                "C-UNITS",
                row.sheet,
                row.cells.get("units_total", f"A{row.row}"),
                row.identity.get("units_total", ""),
                f"'{row.estate}' has neither units nor 总户数; it is planned as one unit. Enter 总户数.",
                f"“{row.estate}”既无户台账也无总户数，暂按 1 户测算，请填写总户数。",
            )
        )
    if len(buildings) > 1 and total:
        complaints.append(
            Complaint(
                "C-UNITS-SPREAD",
                row.sheet,
                row.cells.get("units_total", f"A{row.row}"),
                str(total),
                f"{total} units are spread evenly over {len(buildings)} buildings; add the unit sheet.",
                f"“{row.estate}”的 {total} 户暂按 {len(buildings)} 幢平均分布，请补充户台账。",
            )
        )
    width = len(str(total or 1))
    for number in range(total or 1):
        building = buildings[number * len(buildings) // (total or 1)]
        unit_id = _below(building.id, f"{number + 1:0{width}d}")
        estate.places[unit_id] = Place("unit", unit_id, building.id, f"第{number + 1}户")


def _whole(text: str) -> int:
    digits = text.strip().removesuffix("户").removesuffix("幢").split(".")[0]
    return int(digits) if digits.isdigit() else 0
