"""What is known of a case: places, ledger rows and the dossier of one day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from taizhang.rules.terms.law import Pack, Value

__all__ = ["Complaint", "Dossier", "Held", "Ledger", "LedgerRow", "Place", "RecognisedColumn", "SheetCopy"]


class Held(Enum):
    """Whether a paper is there."""

    ON_HAND = "on_hand"
    MISSING = "missing"
    UNOBTAINABLE = "unobtainable"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A city, county, estate, building or unit; ``id`` is unique in a dossier."""

    level: str
    id: str
    parent: str | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Dossier:
    """The frozen facts of a scope on one day.

    Held papers and known facts are keyed by ``(name, place id)``.  A place that says
    nothing of its own inherits what the nearest coarser place says.
    """

    as_of: date
    places: Mapping[str, Place]
    held: Mapping[tuple[str, str], Held]
    facts: Mapping[tuple[str, str], Value]

    @classmethod
    def of(
        cls,
        pack: Pack,
        *,
        on_hand: Iterable[str] = (),
        unobtainable: Iterable[str] = (),
        facts: Mapping[str, Value] | None = None,
        as_of: date | None = None,
    ) -> Dossier:
        """Return the dossier of one case: a single place on every level.

        Args:
            pack: The law; its levels give the places, and each place is named after its level.
            on_hand: Papers and nodes that are there.
            unobtainable: Papers that can no longer be had.
            facts: Known facts; those not named are unknown. Money as integer fen (``price_fen``).
            as_of: Day of the knowledge; the pack's day by default.

        Raises:
            KeyError: A name that the pack does not define.

        >>> from taizhang.rules import Dossier, load_pack
        >>> pack = load_pack("title-certificates", as_of=date(2024, 1, 28))
        >>> case = Dossier.of(pack, on_hand=["filed_contract"], facts={"price_fen": 35_800_000})
        >>> case.state("filed_contract", "unit").value, case.fact("price", "unit")
        ('on_hand', 35800000)
        """
        places: dict[str, Place] = {}
        parent: str | None = None
        for level in pack.levels:
            places[level] = Place(level, level, parent, level)
            parent = level
        held: dict[tuple[str, str], Held] = {}
        for name in unobtainable:
            held[name, pack.level_of(name)] = Held.UNOBTAINABLE
        for name in on_hand:
            held[name, pack.level_of(name)] = Held.ON_HAND
        known: dict[tuple[str, str], Value] = {}
        for name, value in (facts or {}).items():
            fact = name.removesuffix("_fen") if name not in pack.facts else name
            known[fact, pack.facts[fact].level] = value
        return cls(as_of or pack.as_of, places, held, known)

    @property
    def unnamed(self) -> bool:
        """Whether this is a case without names, as ``Dossier.of`` makes it."""
        return all(place.id == place.level for place in self.places.values())

    def chain(self, place: str) -> tuple[str, ...]:
        """Return the place and its ancestors, finest first."""
        found = [place]
        while (parent := self.places[found[-1]].parent) is not None:
            found.append(parent)
        return tuple(found)

    def ancestor(self, place: str, level: str) -> str | None:
        """Return the place of ``level`` that ``place`` is in, itself included."""
        for candidate in self.chain(place):
            if self.places[candidate].level == level:
                return candidate
        return None

    def state(self, name: str, place: str) -> Held:
        """Return whether ``name`` is there at ``place``; coarser places speak for finer ones."""
        for candidate in self.chain(place):
            if (name, candidate) in self.held:
                return self.held[name, candidate]
        return Held.MISSING

    def fact(self, name: str, place: str) -> Value | None:
        """Return the value of a fact at ``place``, or ``None`` where it is unknown."""
        for candidate in self.chain(place):
            if (name, candidate) in self.facts:
                return self.facts[name, candidate]
        return None

    def below(self, place: str, level: str) -> tuple[str, ...]:
        """Return the places of ``level`` inside ``place``, in id order."""
        return tuple(
            sorted(
                candidate.id
                for candidate in self.places.values()
                if candidate.level == level and place in self.chain(candidate.id)
            )
        )


@dataclass(frozen=True, slots=True)
class Complaint:
    """One cell, row or sheet that could not be used as it stands, for the officer to act on."""

    code: str  #: stable, for example ``C-DATE``
    sheet: str
    cell: str  #: ``F17``, or empty where the whole sheet is meant
    read: str  #: what stands there
    message: str  #: English: what is wrong and what is expected, with an example
    zh: str  #: the same in Chinese


@dataclass(frozen=True, slots=True)
class RecognisedColumn:
    """What was understood of one column, and why."""

    sheet: str
    column: str  #: ``F``
    heading: str  #: as written, levels of a merged heading joined by ``/``
    field: str  #: identity field, fact or evidence id; empty where kept verbatim only
    kind: str  #: identity, fact, evidence or unknown
    reason: str  #: English
    reason_zh: str


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One row of a ledger, understood as far as it goes; nothing is guessed."""

    level: str  #: estate, building or unit
    sheet: str
    row: int  #: row number in the file, from 1
    estate: str  #: name of the estate
    building: str  #: number of the building, empty on an estate row
    unit: str  #: number of the unit, empty on estate and building rows
    identity: Mapping[str, str] = field(
        default_factory=dict
    )  #: county, street, responsible_official, sponsor …
    facts: Mapping[str, Value] = field(default_factory=dict)
    held: Mapping[str, Held] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)  #: field -> cell address


@dataclass(frozen=True, slots=True)
class SheetCopy:
    """Every cell of one sheet as it was read, to be given back unchanged."""

    name: str
    rows: tuple[tuple[Value | float | None, ...], ...]
    merges: tuple[
        tuple[int, int, int, int], ...
    ] = ()  #: first row, first column, last row, last column, from 0
    header_rows: tuple[int, ...] = ()  #: row numbers from 0


@dataclass(frozen=True, slots=True)
class Ledger:
    """A workbook after reading."""

    path: str
    rows: tuple[LedgerRow, ...]
    columns: tuple[RecognisedColumn, ...]
    complaints: tuple[Complaint, ...]
    sheets: tuple[SheetCopy, ...]
