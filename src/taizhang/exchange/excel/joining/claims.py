"""Who says what of a place: the cells behind a value, looked up only where two of them disagree.

Most ledgers contradict themselves nowhere, so nothing is kept while rows are taken; the first
disagreement sorts all rows by estate, once.

Reads from: ``cells``, ``citing``, ``gathered``, ``rules.terms``.  Read by: ``gathering``, ``merging``,
``regrouping``.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from taizhang.exchange.excel.cells import plain
from taizhang.exchange.excel.joining.citing import Citing, value_in
from taizhang.exchange.excel.joining.gathered import LEVELS, Growing, below, number_of
from taizhang.rules.terms import Cited, Difference, Fact, Held, Ledger, LedgerRow, Pack, Place, Value

__all__ = ["AMOUNTS", "Claim", "Claims", "counties_of", "place_of", "too_coarse"]

AMOUNTS = ("decimal", "integer", "money", "date")


@dataclass(frozen=True, slots=True)
class Claim:
    """One row that says something of a place."""

    ledger: int  #: number of the ledger
    row: LedgerRow
    order: int  #: in which the rows were taken


class Claims:
    """The rows behind each value, in the order in which they were taken."""

    def __init__(self, ledgers: Sequence[Ledger], pack: Pack) -> None:
        """Remember where to look; nothing is sorted yet."""
        self._ledgers, self._pack = ledgers, pack
        self._of: dict[tuple[str, str], list[Claim]] = {}  #: county and estate as written -> rows
        self._at: dict[
            tuple[str, str, int], dict[str, list[Claim]]
        ] = {}  #: name of an estate -> place -> rows
        self._first: dict[tuple[str, str], Claim] = {}
        self._citing: dict[int, Citing] = {}

    def first(self, estate: Growing, place: str, name: str) -> Claim:
        """The row whose value counts."""
        known = self._first.get((place, name))
        if known is None:
            known = self._first[place, name] = next(self._claims(estate, place, name))
        return known

    def rows_at(self, estate: Growing, place: str) -> list[Claim]:
        """The rows about a place."""
        return self._places(estate).get(place, [])

    def cite(self, ledger: int, row: LedgerRow, name: str) -> Cited:
        """Quote the cell in which a row says something."""
        if ledger not in self._citing:
            self._citing[ledger] = Citing(self._ledgers[ledger].path, self._ledgers[ledger].sheets)
        return self._citing[ledger].cite(row, name)

    def differences(self, estate: Growing, place: Place, name: str) -> Iterator[Difference]:
        """The cells that say something else of a place, in pairs; the value of the first row of all counts.

        In a ledger each cell is held against the first of that ledger, and the first of each ledger
        against those of the others: so the order of the ledgers decides what counts, but not what
        is shown.  Of two that both do not count, each is shown beside one that does.
        """
        claims = list(self._claims(estate, place.id, name))
        counts = _meaning(claims[0], name)
        voices: dict[int, Claim] = {}
        pairs: dict[tuple[int, int], tuple[Claim, Claim]] = {}

        def pair(one: Claim, other: Claim) -> None:
            if _meaning(one, name) == _meaning(other, name):
                return
            if _meaning(other, name) == counts:
                one, other = other, one
            elif _meaning(one, name) != counts:
                one = claims[0]
            pairs.setdefault((id(one), id(other)), (one, other))

        for claim in claims:
            first = voices.setdefault(claim.ledger, claim)
            if first is not claim:
                pair(first, claim)
        said = list(voices.values())
        for at, voice in enumerate(said):
            for other in said[at + 1 :]:
                pair(voice, other)
        where = _where(estate, place)
        for used, other in pairs.values():
            cited, beside = self.cite(used.ledger, used.row, name), self.cite(other.ledger, other.row, name)
            yield Difference("disagree", where, name, cited, beside)

    # ------------------------------------------------------------------------- rows

    def _claims(self, estate: Growing, place: str, name: str) -> Iterator[Claim]:
        """The rows that say something of a place: those about it, and finer ones where it lives there."""
        fact = self._pack.facts.get(name)
        for claim in self._candidates(estate, place, name):
            row = claim.row
            if fact and too_coarse(self._pack, row.level, fact):
                continue
            if value_in(row, name) is not None:
                yield claim

    def _candidates(self, estate: Growing, place: str, name: str) -> Iterator[Claim]:
        level = estate.gathered.places[place].level
        lives = name in self._pack.facts or name in self._pack.evidence or name in self._pack.nodes
        if level == "unit" or not lives or self._pack.level_of(name) != level:
            yield from self.rows_at(estate, place)
            return
        for claim in self._rows(estate):
            if level == "estate" or place_of(estate, claim.row, "building") == place:
                yield claim

    def _rows(self, estate: Growing) -> list[Claim]:
        if not self._of:
            for order, (number, row) in enumerate(_in_order(self._ledgers)):
                key = (row.identity.get("county", ""), row.estate)
                self._of.setdefault(key, []).append(Claim(number, row, order))
        found = [claim for name in estate.names for claim in self._of.get(name, ())]
        return sorted(found, key=lambda one: one.order) if len(estate.names) > 1 else found

    def _places(self, estate: Growing) -> dict[str, list[Claim]]:
        key = (*estate.names[0], len(estate.names))  # a further way to write its name brings further rows
        if key not in self._at:
            found = self._at[key] = {}
            for claim in self._rows(estate):
                found.setdefault(place_of(estate, claim.row, claim.row.level), []).append(claim)
        return self._at[key]


def _in_order(ledgers: Sequence[Ledger]) -> Iterator[tuple[int, LedgerRow]]:
    """All rows as they are taken: ledger by ledger, and in each what is coarser before what is finer."""
    for number, ledger in enumerate(ledgers):
        for level in LEVELS:
            for row in ledger.rows:
                if row.level == level:
                    yield number, row


def _meaning(claim: Claim, name: str) -> Hashable:
    """What a row says, as it is compared."""
    value: Value | Held | None = value_in(claim.row, name)
    if name not in claim.row.identity or not isinstance(value, str):
        return value
    text = plain(value)
    parts = tuple(map(int, re.findall(r"\d+", text))) if name.endswith("_on") else ()
    return parts or text  # 2003年5月, 2003.5 and 2003-05 are one month


def _where(estate: Growing, place: Place) -> tuple[str, str, str, str]:
    """County, estate, building and unit."""
    one = estate.gathered
    names = {"county": one.identity.get("county", "") or one.places[one.place.parent or "city"].name}
    found: Place | None = place
    while found is not None and found.level in LEVELS:
        names[found.level] = found.name
        found = one.places.get(found.parent or "")
    return names["county"], one.place.name, names.get("building", ""), names.get("unit", "")


def counties_of(ledgers: Sequence[Ledger]) -> dict[str, list[str]]:
    """Name of an estate -> its counties in all ledgers: their order must not decide whose an estate is."""
    pairs = dict.fromkeys(
        (row.estate, row.identity.get("county", "")) for ledger in ledgers for row in ledger.rows
    )
    found: dict[str, list[str]] = {}
    for name, county in pairs:
        if county:
            found.setdefault(name, []).append(county)
    return found


def place_of(estate: Growing, row: LedgerRow, level: str) -> str:
    """The id of the estate, building or unit that a row is about."""
    key = estate.gathered.place.id
    if level == "estate" or row.level == "estate":
        return key
    known = estate.buildings.get(row.building)
    key = known.id if known else below(key, number_of(row.building))
    return below(key, row.unit) if level == "unit" and row.level == "unit" else key


def too_coarse(pack: Pack, level: str, fact: Fact) -> bool:
    """Whether an amount of a finer level stands on a row of ``level``: a total is not each unit's own."""
    return pack.levels.index(fact.level) > pack.levels.index(level) and fact.type in AMOUNTS
