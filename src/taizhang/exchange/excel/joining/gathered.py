"""One estate of a ledger: its places, and what is recorded at each.

Reads from: ``rules.terms``.  Read by: ``claims``, ``counting``, ``gathering``, ``planning``, ``regrouping``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

from taizhang.rules.terms import ByPlace, Complaint, Held, LedgerRow, Place, Value

__all__ = [
    "LEVELS",
    "UNNUMBERED",
    "Gathered",
    "Growing",
    "Records",
    "Told",
    "below",
    "number_of",
    "one_of_each",
    "own_number",
]

V = TypeVar("V")
LEVELS = ("estate", "building", "unit")  # of rows, in the order in which they are taken
UNNUMBERED = "（幢号未填）"  #: name of a building of which rows say no number
_BUILDING = re.compile(r"(号楼|栋楼|幢楼|幢|栋|座|楼|#)$")


@dataclass(slots=True)
class Gathered:
    """One estate while its rows are read."""

    place: Place
    identity: dict[str, str]
    places: dict[str, Place]
    held: ByPlace[Held] = field(default_factory=ByPlace)
    facts: ByPlace[Value] = field(default_factory=ByPlace)
    valid_until: dict[tuple[str, str], date] = field(default_factory=dict)  #: last day of papers on hand
    own: list[tuple[int, LedgerRow]] = field(default_factory=list)  #: number of the ledger, row of the estate
    first: tuple[int, LedgerRow] | None = None  #: the first row that names it
    listed: bool = False  #: whether a table has rows of its buildings or units


@dataclass(frozen=True, slots=True)
class Growing:
    """An estate that grows."""

    gathered: Gathered
    held: Records[Held]
    facts: Records[Value]
    buildings: dict[str, Place] = field(default_factory=dict)  #: number as written -> building
    names: list[tuple[str, str]] = field(default_factory=list)  #: county and estate as rows write them


@dataclass(frozen=True, slots=True)
class Told:
    """A complaint, and the number of the ledger that holds its cell."""

    ledger: int
    complaint: Complaint


class Records(Generic[V]):
    """What is recorded of the places of one estate, while it grows.

    A place takes the mapping of its row as it is; only what is added later makes it a mapping of
    its own.
    """

    __slots__ = ("_own", "at")

    def __init__(self) -> None:
        self.at: dict[str, Mapping[str, V]] = {}
        self._own: dict[str, dict[str, V]] = {}

    def enter(self, name: str, place: str, value: V) -> V:
        """Record a value where none is recorded yet; return the one that counts, which is the first."""
        here = self.at.get(place)
        if here is not None and name in here:
            return here[name]
        if place not in self._own:
            self.at[place] = self._own[place] = dict(here or {})
        self._own[place][name] = value
        return value


def one_of_each(all_records: Iterable[Records[V]]) -> None:
    """Let places of which the same is said share one mapping; values must be compared by identity."""
    known: dict[int, list[Mapping[str, V]]] = {}
    for records in all_records:
        for place, names in records.at.items():
            alike = known.setdefault(hash(frozenset(zip(names, map(id, names.values()), strict=True))), [])
            same = next((one for one in alike if one == names), None)
            if same is None:
                alike.append(names)
            else:
                records.at[place] = same


def below(place: str, name: str) -> str:
    """The id of a place inside another; a name cannot reach outside its own part."""
    return f"{place}›{name.replace('›', '››')}"


def own_number(place: str, name: str) -> str:
    """How a row names a unit so that it is this place: its name, or its number where it was only counted.

    >>> own_number("county›甲县›某小区›1›3-101", "3-101"), own_number("county›甲县›某小区›1›007", "第7户")
    ('3-101', '007')
    """
    for text in (name, place.rpartition("›")[2]):
        if text and place.endswith(below("", text)):
            return text
    return name


def number_of(building: str) -> str:
    """The number of a building, however it is written: 1, 1幢, １号楼 and 01栋 are one."""
    if building == UNNUMBERED:
        return ""
    text = unicodedata.normalize("NFKC", building).strip()
    bare = _BUILDING.sub("", text)
    return bare.lstrip("0") or bare or text
