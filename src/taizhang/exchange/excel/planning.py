"""From ledger rows to a planned city, without a database.

Each ledger row becomes facts and papers of a place; each estate becomes a dossier; the rules
plan it.  What the ledger leaves open is said, not guessed: units that are only counted are
numbered, and a value that contradicts another is a complaint.

Reads from: ``rules``.  Read by: ``cli``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from taizhang.rules.estate import Stopwatch, full_plan
from taizhang.rules.terms import (
    CityPlan,
    Complaint,
    Dossier,
    EstatePlan,
    Held,
    Ledger,
    LedgerRow,
    LeverageRow,
    Pack,
    Place,
    Value,
)
from taizhang.rules.worktime import WorkCalendar

__all__ = ["dossiers_of", "plan_ledgers"]

Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class _Gathered:
    """One estate while its rows are read."""

    place: Place
    identity: dict[str, str]
    places: dict[str, Place]
    held: dict[tuple[str, str], Held] = field(default_factory=dict)
    facts: dict[tuple[str, str], Value] = field(default_factory=dict)
    counted: LedgerRow | None = None  #: estate row, for units that are only counted


def plan_ledgers(
    ledgers: Sequence[Ledger],
    pack: Pack,
    *,
    prefer: str = "cheapest",
    overlays: Sequence[str] = (),
    decisions: Sequence[str] = (),
    progress: Progress | None = None,
) -> CityPlan:
    """Plan every estate of one or more ledgers.

    Args:
        ledgers: As read; the same estate in two of them is a complaint.
        pack: The law on its day.
        prefer: ``cheapest``, ``fewest`` or ``fastest``.
        overlays: Ids to be shown with the plan.
        decisions: Ids to be shown with the plan.
        progress: Called with stage, done, total.
    """
    complaints = [one for ledger in ledgers for one in ledger.complaints]
    gathered, more = dossiers_of(ledgers, pack)
    complaints += more
    calendar = WorkCalendar.china()
    estates: list[EstatePlan] = []
    watch = Stopwatch(time.perf_counter)
    for number, one in enumerate(gathered):
        dossier = Dossier(pack.as_of, one.places, one.held, one.facts)
        estates.append(full_plan(pack, dossier, one.identity, calendar, objective=prefer, watch=watch))
        if progress:
            progress("plan", number + 1, len(gathered))
    complaints += _undated(estates, max(calendar.years) + 1)
    return CityPlan(
        pack,
        tuple(ledgers),
        tuple(estates),
        tuple(complaints),
        _leverage(estates),
        prefer,
        tuple(overlays),
        tuple(decisions),
        watch.seconds,
    )


def dossiers_of(ledgers: Sequence[Ledger], pack: Pack) -> tuple[list[_Gathered], list[Complaint]]:
    """Return the estates of the ledgers as places, papers and facts, and what contradicts itself."""
    complaints: list[Complaint] = []
    found: dict[str, _Gathered] = {}
    for ledger in ledgers:
        rows = sorted(ledger.rows, key=lambda row: ("estate", "building", "unit").index(row.level))
        for row in rows:
            estate = _estate(found, row)
            if row.level == "estate" and estate.counted is None:
                estate.identity.update(row.identity)
                estate.counted = row
            _record(pack, estate, _place(estate, row), row, complaints)
    for estate in found.values():
        _count_units(estate, complaints)
    return [one for _, one in sorted(found.items())], complaints


def _estate(found: dict[str, _Gathered], row: LedgerRow) -> _Gathered:
    county = row.identity.get("county", "")
    named = next((one for one in found.values() if one.place.name == row.estate and not county), None)
    if named is not None:
        return named
    key = f"{county}/{row.estate}"
    for other in found.values():
        if other.place.name == row.estate and (other.place.parent or "") in (county, "county"):
            return other
    if key not in found:
        county_id = county or "county"
        places = {
            "city": Place("city", "city", None, ""),
            county_id: Place("county", county_id, "city", county),
        }
        place = Place("estate", key, county_id, row.estate)
        places[key] = place
        found[key] = _Gathered(place, {}, places)
    return found[key]


def _place(estate: _Gathered, row: LedgerRow) -> Place:
    """The place a row is about, created with its building where it is new."""
    if row.level == "estate":
        return estate.place
    building_id = f"{estate.place.id}/{row.building or '1'}"
    name = row.building or "1"
    building = estate.places.setdefault(building_id, Place("building", building_id, estate.place.id, name))
    if row.level == "building":
        return building
    unit_id = f"{building_id}/{row.unit}"
    return estate.places.setdefault(unit_id, Place("unit", unit_id, building_id, row.unit))


def _record(pack: Pack, estate: _Gathered, place: Place, row: LedgerRow, complaints: list[Complaint]) -> None:
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


def _count_units(estate: _Gathered, complaints: list[Complaint]) -> None:
    """Number the units of an estate for which the ledger only gives a count."""
    row = estate.counted
    if row is None or any(place.level == "unit" for place in estate.places.values()):
        return
    total = _whole(row.identity.get("units_total", ""))
    buildings = [place for place in estate.places.values() if place.level == "building"]
    if not buildings:
        many = max(1, _whole(row.identity.get("buildings_total", "")) or 1)
        buildings = [
            Place("building", f"{estate.place.id}/{n}", estate.place.id, f"{n}幢") for n in range(1, many + 1)
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
        unit_id = f"{building.id}/{number + 1:0{width}d}"
        estate.places[unit_id] = Place("unit", unit_id, building.id, f"第{number + 1}户")


def _whole(text: str) -> int:
    digits = text.strip().removesuffix("户").removesuffix("幢").split(".")[0]
    return int(digits) if digits.isdigit() else 0


def _undated(estates: Iterable[EstatePlan], year: int) -> list[Complaint]:
    """One complaint where dates fall in a year without a holiday notice."""
    if not any(day is None for estate in estates for day in estate.due.values()):
        return []
    return [
        Complaint(
            "C-CALENDAR-YEAR",
            "",
            "",
            f"{year}",
            f"The holiday notice for {year} is not out yet; working days are shown instead of such dates.",
            f"{year}年放假安排未公布，相关日期以工作日数代替。",
        )
    ]


def _leverage(estates: Sequence[EstatePlan]) -> tuple[LeverageRow, ...]:
    """Shared items by the number of units they hold back, over all estates."""
    estates_of: dict[str, dict[str, None]] = {}
    in_plan: dict[str, int] = {}
    sole: dict[str, int] = {}
    for estate in estates:
        for unit in estate.units:
            for item, _ in unit.shared:
                estates_of.setdefault(item, {})[estate.place.id] = None
                in_plan[item] = in_plan.get(item, 0) + 1
            if len(unit.shared) == 1:
                sole[unit.shared[0][0]] = sole.get(unit.shared[0][0], 0) + 1
    rows = [LeverageRow(item, tuple(estates_of[item]), in_plan[item], sole.get(item, 0)) for item in in_plan]
    return tuple(sorted(rows, key=lambda row: (-row.sole, -row.in_plan, row.item)))
