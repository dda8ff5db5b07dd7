"""A city plan narrowed to one county or one street: its estates, its rows, its numbers.

Reads from: ``tracing``, ``cutting``, ``rules.leverage``, ``rules.terms``.  Read by: ``writing``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from taizhang.exchange.excel.books.cutting import CELL, Kept, cut, kept_rows, moved
from taizhang.exchange.excel.books.tracing import Traced, trace
from taizhang.rules.leverage import leverage_rows
from taizhang.rules.terms import Cited, CityPlan, Complaint, Difference, EstatePlan

__all__ = ["Area", "City", "areas", "pairs"]

_PARTS = {"county": ("county",), "street": ("county", "street")}


@dataclass(frozen=True, slots=True)
class Area:
    """The estates of one county or street; an empty name: the ledger does not say."""

    names: tuple[str, ...]  #: county, or county and street
    estates: tuple[EstatePlan, ...]


def areas(city: CityPlan, kind: str) -> tuple[Area, ...]:
    """Return the areas of a city in the order of its estates; those without a name come last.

    Args:
        city: All estates.
        kind: ``county`` or ``street``.
    """
    found: dict[tuple[str, ...], list[EstatePlan]] = {}
    for estate in city.estates:
        names = tuple(estate.identity.get(part, "").strip() for part in _PARTS[kind])
        found.setdefault(names, []).append(estate)
    order = {names: number for number, names in enumerate(found)}
    return tuple(
        Area(names, tuple(found[names]))
        for names in sorted(found, key=lambda names: ([not name for name in names], order[names]))
    )


def pairs(city: CityPlan, estates: Sequence[EstatePlan]) -> frozenset[tuple[str, str]]:
    """Return the (paper, place) pairs that estates lack; what several share is one pair."""
    levels = city.pack.levels
    above = set(levels[: levels.index("estate")]) if "estate" in levels else set()
    return frozenset(
        (gap.item, gap.place if gap.level in above else f"{estate.place.id}\t{gap.place}")
        for estate in estates
        for gap in estate.joint.gaps
    )


class City:
    """A city plan from which areas are cut; its rows are told apart once."""

    def __init__(self, city: CityPlan) -> None:
        self.plan = city
        self._rows: set[tuple[int, str, int]] = set()  #: ledger, sheet, row that went into some book
        self._told: set[tuple[int, int]] = set()  #: ledger (-1: of planning) and complaint that did

    @cached_property
    def _traced(self) -> tuple[Traced, ...]:
        return trace(self.plan.ledgers, self.plan.estates)

    @cached_property
    def _later(self) -> tuple[tuple[Complaint, int | None, str], ...]:
        """Complaints of planning, each with the ledger and the estate of its cell."""
        read = Counter(one for ledger in self.plan.ledgers for one in ledger.complaints)
        found = []
        for one in self.plan.complaints:
            if read[one]:
                read[one] -= 1
            else:
                found.append((one, *self._place_of(one)))
        return tuple(found)

    def _place_of(self, complaint: Complaint) -> tuple[int | None, str]:
        """Return the ledger and estate of a cell; none where it may be in several ledgers."""
        cell = CELL.fullmatch(complaint.cell)
        if cell is None:
            return None, ""
        at = (complaint.sheet, int(cell[2]) - 1)
        found = [(n, traced.owner[at]) for n, traced in enumerate(self._traced) if at in traced.owner]
        if len(found) > 1:
            names = {one.place.id: one.place.name for one in self.plan.estates}
            said = f"{complaint.zh}\n{complaint.read}"
            found = [(n, owner) for n, owner in found if names[owner] and names[owner] in said]
        return found[0] if len(found) == 1 else (None, "")

    def narrowed(self, area: Area) -> CityPlan:
        """Return the plan of one area: nothing in it is about an estate outside."""
        ids = frozenset(estate.place.id for estate in area.estates)
        kept = [kept_rows(traced, ids) for traced in self._traced]
        ledgers = [cut(traced, ids, rows) for traced, rows in zip(self._traced, kept, strict=True)]
        left = tuple(one for one in ledgers if one is not None)
        complaints = [one for ledger in left for one in ledger.complaints]
        complaints += self._planning(area, ids, kept)
        self._remember(kept)
        return replace(
            self.plan,
            ledgers=left,
            estates=area.estates,
            complaints=tuple(complaints),
            differences=self._differences(area, kept),
            leverage=leverage_rows(area.estates),
            seconds={},
        )

    def _differences(self, area: Area, kept: Sequence[Kept]) -> tuple[Difference, ...]:
        """Return what is said in two ways of these estates, with the rows as they stand now."""
        names = {(one.identity.get("county", ""), one.place.name) for one in area.estates}
        named = Counter(one.place.name for one in self.plan.estates)
        own = names | {("", name) for _, name in names if named[name] == 1}
        rows = {
            (ledger.path, sheet): moves
            for ledger, of in zip(self.plan.ledgers, kept, strict=True)
            for sheet, moves in of.items()
        }
        return tuple(
            replace(one, used=_moved(one.used, rows), other=_moved(one.other, rows))
            for one in self.plan.differences
            if one.place[:2] in own
        )

    def _planning(self, area: Area, ids: frozenset[str], kept: Sequence[Kept]) -> list[Complaint]:
        """Return the complaints of planning that are about these estates."""
        undated = any(day is None for estate in area.estates for day in estate.due.values())
        found: list[Complaint] = []
        for number, (one, ledger, owner) in enumerate(self._later):
            said: Complaint | None = None
            if one.code == "C-CALENDAR-YEAR" and not one.sheet:
                said = one if undated else None
            elif ledger is not None and owner in ids:
                said = moved(one, kept[ledger], False)
            if said is not None:
                found.append(said)
                self._told.add((-1, number))
        return found

    def _remember(self, kept: Sequence[Kept]) -> None:
        for number, (traced, rows) in enumerate(zip(self._traced, kept, strict=True)):
            self._rows |= {(number, sheet, row) for sheet, of in rows.items() for row in of}
            for at, one in enumerate(traced.ledger.complaints if rows else ()):
                if moved(one, rows, False) is not None:
                    self._told.add((number, at))

    def not_sent(self) -> tuple[int, int]:
        """Return how many rows with content, and how many complaints, went into no book."""
        rows = sum(
            (number, sheet, row) not in self._rows
            for number, traced in enumerate(self._traced)
            for sheet, strays in traced.strays.items()
            for row in strays
        )
        return rows, len(self.plan.complaints) - len(self._told)


def _moved(cited: Cited, rows: Mapping[tuple[str, str], Mapping[int, int]]) -> Cited:
    """Return where a cell stands after cutting; of one that was cut off no address."""
    moves, cell = rows.get((cited.ledger, cited.sheet)), CELL.fullmatch(cited.cell)
    if moves is None or cell is None:
        return cited
    row = moves.get(int(cell[2]) - 1)
    return replace(cited, cell="" if row is None else f"{cell[1]}{row + 1}")
