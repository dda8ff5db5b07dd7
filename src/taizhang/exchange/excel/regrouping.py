"""Estates that a ledger names in several ways, or in one way too many: merged and split as the mapping says.

Reads from: ``rules.terms``.  Read by: ``mapping``, ``planning``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Merging", "Part", "Regrouping", "Splitting"]


@dataclass(frozen=True, slots=True)
class Merging:
    """Several names that are one estate."""

    into: str  #: the name it is to have
    names: tuple[str, ...]  #: as the ledgers have them; ``into`` may be one of them
    county: str = ""  #: empty: in whichever county
    where: str = ""  #: ``file:line`` of the entry


@dataclass(frozen=True, slots=True)
class Part:
    """What an estate that is split gives to one of its parts."""

    buildings: tuple[str, ...]  #: numbers as written; 1 and 1幢 are the same
    units: int | None = None  #: how many units, where the ledger only counts them


@dataclass(frozen=True, slots=True)
class Splitting:
    """One name that is several estates."""

    estate: str
    parts: Mapping[str, Part]  #: name of the part -> its buildings
    county: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class Regrouping:
    """All that a mapping says of estates."""

    merges: tuple[Merging, ...] = ()
    splits: tuple[Splitting, ...] = ()
