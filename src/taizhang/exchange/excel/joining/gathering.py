"""From ledger rows to the places, papers and facts of each estate.

What the ledger leaves open is said, not guessed: units that are only counted are numbered, a
value that contradicts another is a complaint and stands beside it as a difference, and a place is
the same place however its number is written (1, 1幢, １号楼).

Reads from: ``claims``, ``collecting``, ``conflicts``, ``counting``, ``doubles``, ``gathered``.
Read by: ``planning``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from taizhang.collecting import no_search_for_cycles
from taizhang.exchange.excel.joining.claims import Claims, counties_of, too_coarse
from taizhang.exchange.excel.joining.conflicts import contradiction, estate_twice, misplaced, several_counties
from taizhang.exchange.excel.joining.counting import count_units
from taizhang.exchange.excel.joining.doubles import said_otherwise
from taizhang.exchange.excel.joining.gathered import (
    LEVELS,
    UNNUMBERED,
    Gathered,
    Growing,
    Records,
    Told,
    below,
    number_of,
    one_of_each,
)
from taizhang.rules.terms import ByPlace, Complaint, Difference, Held, Ledger, LedgerRow, Pack, Place, Value

__all__ = ["Gathered", "GatheredCity", "RowAt", "gather", "gather_all"]

RowAt = tuple[int, str, int]  # number of a ledger, sheet and number of a row
_SHARED = ("county", "street", "neighbourhood", "responsible_official", "sponsor", "responsible_organisation")
_REMARKS = ("remarks", "progress")  # two of them may both be right: shown side by side, no complaint


@dataclass(frozen=True, slots=True)
class GatheredCity:
    """What several ledgers say together."""

    estates: tuple[Gathered, ...]  #: in order of county and name
    told: tuple[Told, ...]  #: what contradicts itself
    differences: tuple[Difference, ...]  #: cells of two rows that say something else of the same place
    people: Mapping[str, Mapping[str, str]]  #: place of a unit -> what its row says in words


def gather(ledgers: Sequence[Ledger], pack: Pack) -> tuple[list[Gathered], list[Complaint]]:
    """Return the estates of the ledgers in order of county and name, and what contradicts itself.

    Units of which the same papers are recorded share one mapping of them: ``held.at(unit)`` is
    then the same object, in all estates.
    """
    city = gather_all(ledgers, pack)
    return list(city.estates), [one.complaint for one in city.told]


def gather_all(
    ledgers: Sequence[Ledger], pack: Pack, part_of: Mapping[RowAt, str] | None = None
) -> GatheredCity:
    """Gather the estates of the ledgers.

    Args:
        ledgers: As read, or regrouped.
        pack: The law on its day.
        part_of: The part that an estate's own row was of before it was merged with others: rows of
            two parts are no doubles.
    """
    with no_search_for_cycles():
        gathering = _Gathering(ledgers, pack, part_of or {})
        return _gather(ledgers, gathering)


def _gather(ledgers: Sequence[Ledger], gathering: _Gathering) -> GatheredCity:
    for number, ledger in enumerate(ledgers):
        for level in LEVELS:
            for row in ledger.rows:
                if row.level == level:
                    gathering.take(row, number)
    sheets = {  # with units; what is said alike on one is one mapping already
        (number, name)
        for number, ledger in enumerate(ledgers)
        for name in {row.sheet for row in ledger.rows if row.level == "unit"}
    }
    estates = gathering.found
    if gathering.merged or len(sheets) > 1:
        one_of_each(estate.held for estate in estates.values())
    for estate in estates.values():
        gathering.told += count_units(estate.gathered)
    return GatheredCity(
        tuple(one.gathered for _, one in sorted(estates.items(), key=lambda item: item[0])),
        tuple(gathering.told),
        tuple(gathering.differences()),
        gathering.people,
    )


class _Gathering:
    """The estates that were found, and what is wrong."""

    def __init__(self, ledgers: Sequence[Ledger], pack: Pack, part_of: Mapping[RowAt, str]) -> None:
        self._pack, self._ledgers, self._part_of = pack, ledgers, part_of
        self._claims = Claims(ledgers, pack)
        self.found: dict[tuple[str, str], Growing] = {}
        self.told: list[Told] = []
        self.merged = False  #: whether papers of a unit are not those of one row
        self._counties: dict[str, list[str]] = {}  #: name of an estate -> its counties so far
        self._everywhere = counties_of(ledgers) if len(ledgers) > 1 else {}
        self._named: dict[tuple[str, str], Growing] = {}  #: county and estate as written -> estate
        self._building_rows: dict[str, list[LedgerRow]] = {}  #: building -> the rows about it
        self._disputed: dict[tuple[str, str], tuple[Growing, Place]] = {}  #: place and name -> where
        self.people: dict[str, Mapping[str, str]] = {}
        levels, papers = set(LEVELS).intersection(pack.levels), (*pack.evidence, *pack.nodes)
        self._facts = {level: _plain(pack, pack.facts, level) for level in levels}
        self._papers = {level: _plain(pack, papers, level) for level in levels}

    def take(self, row: LedgerRow, ledger: int) -> None:
        """Enter one row."""
        county = row.identity.get("county", "")
        estate = self._named.get((county, row.estate))
        if estate is None:
            estate = self._named[county, row.estate] = self._estate(county, row, ledger)
            estate.names.append((county, row.estate))
            estate.gathered.first = estate.gathered.first or (ledger, row)
        one = estate.gathered
        if row.level == "estate":
            self._own_row(estate, row, ledger)
            place = one.place
        else:
            one.listed |= not row.entered
            said, known = row.identity, one.identity
            for name in _SHARED:
                if (text := said.get(name)) and name not in known:
                    known[name] = text
            place = self._place(estate, row, ledger)
            if row.level == "unit":
                first = self.people.setdefault(place.id, row.identity)
                if first is not row.identity:
                    self.people[place.id] = {**row.identity, **first}
        self._record(estate, place, row, ledger)

    def differences(self) -> Iterator[Difference]:
        """The cells that say something else of the same place, in order of their places."""
        for (_, name), (estate, place) in sorted(self._disputed.items(), key=lambda one: one[0]):
            yield from self._claims.differences(estate, place, name)

    # ------------------------------------------------------------------------ places

    def _estate(self, county: str, row: LedgerRow, ledger: int) -> Growing:
        """The estate of a row; one without a county is the only one of its name, if there is one."""
        known = self._counties.setdefault(row.estate, [])
        elsewhere = self._everywhere.get(row.estate, ())
        if not county and elsewhere:
            if len(elsewhere) == 1:
                county = elsewhere[0]
            else:
                self._which_county(row, ledger)
        elif not county and known:
            county = known[0]  # more than one is complained of when the ledger is read
        elif county and "" in known and not elsewhere:
            county = ""
        if (county, row.estate) not in self.found:
            known.append(county)
            self.found[county, row.estate] = _new(county, row.estate)
        return self.found[county, row.estate]

    def _which_county(self, row: LedgerRow, ledger: int) -> None:
        """An estate without a county is none of several of its name: which one, nobody has said."""
        said = (one for one in self._ledgers[ledger].complaints if one.code == "C-UNIT-ESTATE")
        if row.estate not in {one.read for one in said}:
            self.told.append(Told(ledger, several_counties(row, self._everywhere[row.estate])))

    def _own_row(self, estate: Growing, row: LedgerRow, ledger: int) -> None:
        """Enter a row of an estate itself: what the first says comes before what further ones say."""
        one = estate.gathered
        if not one.own:
            one.identity.update(row.identity)
        for number, first in one.own:
            entered = row.entered or first.entered  # says more of an estate that a ledger has
            if number != ledger and not entered and self._part(first, number) == self._part(row, ledger):
                self.told.append(Told(ledger, estate_twice(first, self._ledgers[number], row)))
                break
        self._compare(estate, one.place, row, ledger, [first for _, first in one.own])
        one.identity.update({name: text for name, text in row.identity.items() if not one.identity.get(name)})
        one.own.append((ledger, row))

    def _part(self, row: LedgerRow, ledger: int) -> str | None:
        return self._part_of.get((ledger, row.sheet, row.row))

    def _place(self, estate: Growing, row: LedgerRow, ledger: int) -> Place:
        """The place a row is about, created with its building where it is new."""
        places = estate.gathered.places
        building = estate.buildings.get(row.building)
        if building is None:
            parent = estate.gathered.place.id
            building_id, name = below(parent, number_of(row.building)), row.building or UNNUMBERED
            building = places.setdefault(building_id, Place("building", building_id, parent, name))
            estate.buildings[row.building] = building
        if row.level == "building":
            known = self._building_rows.setdefault(building.id, [])
            self._compare(estate, building, row, ledger, known)
            known.append(row)
            return building
        unit_id = below(building.id, row.unit)
        if unit_id not in places:
            unit = places[unit_id] = Place("unit", unit_id, building.id, row.unit)
            return unit
        unit = places[unit_id]
        rows = [one.row for one in self._claims.rows_at(estate, unit_id)]
        before = next(number for number, one in enumerate(rows) if one is row)
        self._compare(estate, unit, row, ledger, rows[:before])
        return unit

    # ----------------------------------------------------------------------- records

    def _compare(
        self, estate: Growing, place: Place, row: LedgerRow, ledger: int, known: Sequence[LedgerRow]
    ) -> None:
        """Hold the identity fields of a row against those of the rows before it."""
        names = dict.fromkeys(
            name for first in known for name in said_otherwise(first, row) if name in row.identity
        )
        for name in names:
            first = next(one for one in known if name in one.identity)
            same = first.identity[name] == row.identity[name]
            self._dispute(estate, place, name, row, ledger, silent=same or name in _REMARKS)

    def _record(self, estate: Growing, place: Place, row: LedgerRow, ledger: int) -> None:
        """Enter a row's papers and facts at its place, or at the coarser place where they live."""
        if row.facts:
            if place.id not in estate.facts.at and self._facts[row.level].issuperset(row.facts):
                estate.facts.at[place.id] = row.facts
            else:
                self._record_facts(estate, place, row, ledger)
        if row.held:
            if place.id not in estate.held.at and self._papers[row.level].issuperset(row.held):
                estate.held.at[place.id] = row.held
            else:
                self.merged |= row.level == "unit"
                self._record_papers(estate, place, row, ledger)
        if row.valid_until:
            self._record_days(estate, place, row)

    def _record_days(self, estate: Growing, place: Place, row: LedgerRow) -> None:
        """Enter the last days of papers that are there; of two rows the earlier day counts."""
        ends = estate.gathered.valid_until
        for name, day in row.valid_until.items():
            at = _at(estate, place, self._pack.level_of(name)).id
            if estate.held.at.get(at, {}).get(name) is Held.ON_HAND:
                ends[name, at] = min(ends.get((name, at), day), day)

    def _record_facts(self, estate: Growing, place: Place, row: LedgerRow, ledger: int) -> None:
        for name, value in row.facts.items():
            fact = self._pack.facts[name]
            if too_coarse(self._pack, row.level, fact):
                self.told.append(Told(ledger, misplaced(self._pack, row, name, str(value))))
                continue
            at = _at(estate, place, fact.level)
            if estate.facts.enter(name, at.id, value) != value:
                self._dispute(estate, at, name, row, ledger)

    def _record_papers(self, estate: Growing, place: Place, row: LedgerRow, ledger: int) -> None:
        for name, state in row.held.items():
            at = _at(estate, place, self._pack.level_of(name))
            if estate.held.enter(name, at.id, state) != state:
                self._dispute(estate, at, name, row, ledger)

    def _dispute(
        self, estate: Growing, place: Place, name: str, row: LedgerRow, ledger: int, *, silent: bool = False
    ) -> None:
        """Remember that rows disagree, and say so."""
        self._disputed.setdefault((place.id, name), (estate, place))
        if not silent:
            used = self._claims.first(estate, place.id, name)
            other = self._claims.cite(ledger, row, name)
            cited = self._claims.cite(used.ledger, used.row, name)
            self.told.append(Told(ledger, contradiction(self._pack, name, cited, other)))


def _plain(pack: Pack, names: Iterable[str], level: str) -> frozenset[str]:
    """The names that a row of ``level`` records at its own place."""
    finer = pack.levels[pack.levels.index(level) :]
    return frozenset(
        name
        for name in names
        if pack.level_of(name) in finer
        and not (name in pack.facts and too_coarse(pack, level, pack.facts[name]))
    )


def _new(county: str, name: str) -> Growing:
    """An estate of which nothing is known but its name."""
    county_id = below("county", county)
    key = below(county_id, name)
    places = {
        "city": Place("city", "city", None, ""),
        county_id: Place("county", county_id, "city", county),
        key: Place("estate", key, county_id, name),
    }
    held, facts = Records[Held](), Records[Value]()
    return Growing(Gathered(places[key], {}, places, ByPlace(held.at), ByPlace(facts.at)), held, facts)


def _at(estate: Growing, place: Place, level: str) -> Place:
    """The place of ``level`` that ``place`` is in, or itself where ``level`` is finer."""
    found: Place = place
    while found.level != level:
        if found.parent is None:
            return place
        found = estate.gathered.places[found.parent]
    return found
