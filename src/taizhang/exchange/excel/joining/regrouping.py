"""Estates that a ledger names in several ways, or in one way too many: merged and split as the mapping says.

Reads from: ``claims``, ``merging``, ``regrouped``, ``splitting``, ``rules.terms``.
Read by: ``mapping``, ``planning``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from taizhang.exchange.excel.joining.claims import Claims
from taizhang.exchange.excel.joining.gathered import LEVELS, Told
from taizhang.exchange.excel.joining.merging import merge
from taizhang.exchange.excel.joining.regrouped import At, Change, about_entry
from taizhang.exchange.excel.joining.splitting import split
from taizhang.rules.terms import Difference, Ledger, Pack

__all__ = ["Merging", "Part", "Regrouped", "Regrouping", "Splitting", "regroup"]


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


@dataclass(frozen=True, slots=True)
class Regrouped:
    """Ledgers whose rows name the estates that are meant.

    Attributes:
        ledgers: The same, with other rows; copies of the cells are as they were.
        told: What is wrong with the entries.
        differences: Numbers of units that two rows of one part gave, before their sum replaced them.
        part_of: Ledger, sheet and number of an estate's own row -> the name it had before it was merged.
    """

    ledgers: tuple[Ledger, ...]
    told: tuple[Told, ...] = ()
    differences: tuple[Difference, ...] = ()
    part_of: Mapping[tuple[int, str, int], str] = field(default_factory=dict)


def regroup(ledgers: Sequence[Ledger], regrouping: Regrouping, pack: Pack) -> Regrouped:
    """Merge and split estates; every row ends in exactly one, but an estate's own row stands for each part.

    Args:
        ledgers: As read.
        regrouping: What the mapping says; entries speak of names as the ledgers have them, and an estate
            that is merged is not split again.
        pack: Says where facts and papers live.
    """
    if not regrouping.merges and not regrouping.splits:
        return Regrouped(tuple(ledgers))
    work = _Regrouping(ledgers, regrouping, pack)
    for merging in _each_name_once(regrouping.merges):
        work.merge(merging)
    for splitting in regrouping.splits:
        work.split(splitting)
    change = work.change
    changed = tuple(
        replace(
            ledger,
            rows=tuple(
                new
                for index, row in enumerate(ledger.rows)
                for new in change.rows.get((number, index), (row,))
            ),
        )
        for number, ledger in enumerate(ledgers)
    )
    return Regrouped(changed, tuple(change.told), tuple(change.differences), change.part_of)


def _each_name_once(merges: Sequence[Merging]) -> list[Merging]:
    """Two entries that give one name are one entry: there cannot be two estates of it."""
    found: dict[tuple[str, str], Merging] = {}
    for one in merges:
        first = found.setdefault((one.into, one.county), one)
        if first is not one:
            found[one.into, one.county] = replace(first, names=(*first.names, *one.names))
    return list(found.values())


class _Regrouping:
    """The entries at work on the rows of the estates that they name."""

    def __init__(self, ledgers: Sequence[Ledger], regrouping: Regrouping, pack: Pack) -> None:
        wanted = {name for one in regrouping.merges for name in (*one.names, one.into)}
        wanted |= {name for one in regrouping.splits for name in (*one.parts, one.estate)}
        self._pack, self._claims = pack, Claims(ledgers, pack)
        self._rows: dict[str, list[At]] = {}  #: name -> its rows, in the order in which they are taken
        self._names: dict[str, None] = {}  #: all that the ledgers have, to guess what was meant
        for number, ledger in enumerate(ledgers):
            found = [At(number, index, row) for index, row in enumerate(ledger.rows) if row.estate in wanted]
            for at in sorted(found, key=lambda at: LEVELS.index(at.row.level)):
                self._rows.setdefault(at.row.estate, []).append(at)
            self._names.update(dict.fromkeys(row.estate for row in ledger.rows))
        self.change = Change()

    def merge(self, entry: Merging) -> None:
        """Carry out one entry."""
        names = list(dict.fromkeys(entry.names))
        rows = self._named(names, entry.county, entry.where)
        counties = list(dict.fromkeys(county for at in rows if (county := self._county(at)))) or [""]
        if len(counties) > 1:
            said = (
                f"The names stand in several counties ({', '.join(counties)}); those of each are merged "
                "apart. Write county: in the entry.",
                f"所列小区分属多个县区（{'、'.join(counties)}），各县区分别合并；请在条目中写明 county:。",
            )
            self.change.told.append(about_entry("C-REGROUP-COUNTY", entry.where, rows[0], entry.into, said))
        for county in counties:
            here = [at for at in rows if (self._county(at) or counties[0]) == county]
            if entry.into not in names:
                here += self._same_name(entry.into, county, entry.where, merged=True)
            parts: dict[str, list[At]] = {}
            for at in here:
                parts.setdefault(at.row.estate, []).append(at)
            if parts:
                order = [*names, entry.into]
                parts = {name: parts[name] for name in sorted(parts, key=order.index)}
                self._apply(merge(parts, entry.into, self._pack, self._claims.cite))

    def split(self, entry: Splitting) -> None:
        """Carry out one entry."""
        rows = self._named([entry.estate], entry.county, entry.where)
        parts = {name: (part.buildings, part.units) for name, part in entry.parts.items()}
        for county in dict.fromkeys(self._county(at) for at in rows):
            here = [at for at in rows if self._county(at) == county]
            for name in parts:
                if name != entry.estate:
                    self._same_name(name, county, entry.where, merged=False)
            self._apply(split(here, entry.estate, parts, entry.where))

    def _apply(self, change: Change) -> None:
        self.change.rows.update(change.rows)
        self.change.told.extend(change.told)
        self.change.differences.extend(change.differences)
        self.change.part_of.update(change.part_of)

    # ------------------------------------------------------------------------- which rows

    def _county(self, at: At) -> str:
        """The county of a row; where it says none, that of the estates of its name."""
        own = at.row.identity.get("county", "")
        return own or next(iter(self._counties(at.row.estate)), "")

    def _counties(self, name: str) -> list[str]:
        counties = (at.row.identity.get("county", "") for at in self._rows.get(name, ()))
        return list(dict.fromkeys(county for county in counties if county))

    def _named(self, names: Sequence[str], county: str, where: str) -> list[At]:
        """The rows that an entry speaks of; complain of names that no ledger has, or an entry before."""
        found: list[At] = []
        for name in names:
            rows = [at for at in self._rows.get(name, ()) if self._county(at) in (county, "") or not county]
            free = [at for at in rows if (at.ledger, at.index) not in self.change.rows]
            found += free
            if not rows:
                self._unknown(name, county, where)
            elif len(free) < len(rows):
                said = (
                    f"'{name}' is merged or split by an entry before; that one counts. Keep one entry.",
                    f"“{name}”已由前面的条目合并或拆分，以前者为准，请只保留一条。",
                )
                self.change.told.append(about_entry("C-REGROUP-TWICE", where, rows[0], name, said))
        return found

    def _unknown(self, name: str, county: str, where: str) -> None:
        near = get_close_matches(name, [one for one in self._names if one != name], 1, 0.6)
        asked, zh_asked = (f" Is it '{near[0]}'?", f"是否为“{near[0]}”？") if near else ("", "")
        at, zh_at = (f" in {county}", f"（{county}）") if county else ("", "")
        said = (
            f"No ledger has an estate '{name}'{at}; write the name as the ledgers have it.{asked}",
            f"各台账中均无小区“{name}”{zh_at}，请按台账中的名称填写。{zh_asked}",
        )
        self.change.told.append(about_entry("C-REGROUP-NAME", where, None, name, said))

    def _same_name(self, name: str, county: str, where: str, *, merged: bool) -> list[At]:
        """The rows of another estate that has the name which an entry gives; there cannot be two of it."""
        rows = [
            at
            for at in self._rows.get(name, ())
            if self._county(at) == county
            and (at.ledger, at.index) not in self.change.rows
            and not at.row.entered  # what was entered in a plan has the name already
        ]
        if rows:
            do, zh_do = (
                ("add it to names:, or choose another name", "请列入 names:，或另取名称")
                if merged
                else ("choose another name", "请另取名称")
            )
            said = (
                f"The ledgers have an estate '{name}' already, and it becomes one with this; {do}.",
                f"台账中已有小区“{name}”，将与本条目合为一个；{zh_do}。",
            )
            self.change.told.append(about_entry("C-REGROUP-INTO", where, rows[0], name, said))
        return rows
