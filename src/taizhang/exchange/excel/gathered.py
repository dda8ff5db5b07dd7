"""One estate of a ledger: its places, and what is recorded at each.

Reads from: ``rules.terms``.  Read by: ``counting``, ``gathering``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from taizhang.rules.terms import ByPlace, Held, LedgerRow, Place, Value

__all__ = ["Gathered", "Records", "below", "one_of_each"]

V = TypeVar("V")


@dataclass(slots=True)
class Gathered:
    """One estate while its rows are read."""

    place: Place
    identity: dict[str, str]
    places: dict[str, Place]
    held: ByPlace[Held] = field(default_factory=ByPlace)
    facts: ByPlace[Value] = field(default_factory=ByPlace)
    counted: LedgerRow | None = None  #: its own row, for units that are only counted
    ledger: str = ""  #: the file that row is from


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
