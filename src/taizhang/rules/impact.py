"""What a new state of the law does to a ledger, before it is adopted.

The same estates are evaluated in columns under both states of the law and compared unit by unit.

Reads from: ``columns``, ``packdiff``, ``table``, ``template``.  Read by: the command ``pack impact``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taizhang.rules.columns import Columns, plan_columns
from taizhang.rules.ground import ground
from taizhang.rules.packdiff import Difference, pack_diff
from taizhang.rules.plan import cheapest_plan
from taizhang.rules.solver import Library
from taizhang.rules.table import tabulate
from taizhang.rules.template import Template, compile_pack
from taizhang.rules.terms import Dossier, Pack, Status
from taizhang.rules.truth import standing

__all__ = ["EstateImpact", "Impact", "Lawful", "impact"]

_PARTS = ("rank", "money", "effort", "items")
_ALONE = 2_000  # units whose costs the columns only estimate that are planned one by one
_CELLS = 256  # as in a city: a piece not settled after so many is left as a bound


@dataclass(frozen=True, slots=True)
class Lawful:
    """A state of the law and what is known of a ledger as read by it.

    Attributes:
        pack: The law on its day.
        dossiers: One estate each.
    """

    pack: Pack
    dossiers: Sequence[Dossier]


@dataclass(frozen=True, slots=True)
class EstateImpact:
    """One estate on which something changes.

    Attributes:
        place: Its id.
        units: How many units were compared.
        moved: Units by status before and after, where it changes.
        cheaper, dearer: Units whose best plan is smaller or larger in the declared order.
    """

    place: str
    units: int
    moved: tuple[tuple[Status, Status, int], ...]
    cheaper: int
    dearer: int


@dataclass(frozen=True, slots=True)
class Impact:
    """What changes.

    Attributes:
        units: How many units were compared.
        moved: Units by status before and after, where it changes.
        cheaper, dearer, same: Units that can be planned both before and after, by the objective vector.
        estimated: Units among them whose costs are only estimates and were not compared.
        estates: Where something changes.
        needed, dropped: Papers that the plans of units newly need or need no longer, with how many units;
            of units that can be planned both before and after.
        changes: What differs between the two states of the law.
        missing: Units that only one of the two readings of the ledger has.
    """

    units: int
    moved: tuple[tuple[Status, Status, int], ...]
    cheaper: int
    dearer: int
    same: int
    estimated: int
    estates: tuple[EstateImpact, ...]
    needed: tuple[tuple[str, int], ...]
    dropped: tuple[tuple[str, int], ...]
    changes: tuple[Difference, ...]
    missing: int


def impact(before: Lawful, after: Lawful) -> Impact:
    """Compare a ledger under two states of the law.

    Plans are those of single units (marginal plans); costs are compared in the order that the new
    pack declares.

    >>> from datetime import date
    >>> from taizhang.rules import Dossier, load_pack
    >>> known = {"completion_acceptance": "accepted_not_filed", "developer_status": "active"}
    >>> laws = [load_pack("title-certificates", as_of=day) for day in (date(2025, 12, 31), date(2026, 1, 1))]
    >>> found = impact(*(Lawful(law, [Dossier.of(law, facts=known, as_of=law.as_of)]) for law in laws))
    >>> found.units, found.moved, found.changes[0].name
    (1, (), 'case_in_scope.notice_2025')
    """
    sides = (_Side(before), _Side(after))
    places = [place for place in sides[1].rows if place in sides[0].rows]
    order = tuple(after.pack.objective)
    lone = sum(int(side.columns.alone.sum()) for side in sides)
    if lone <= _ALONE:
        for side in sides:
            side.settle()
    rows = [np.asarray([side.rows[place] for place in places], np.int64) for side in sides]
    status = [side.columns.status[row] for side, row in zip(sides, rows, strict=True)]
    kind = _kinds(sides, rows, status, order)
    estate = [sides[1].estate(place) for place in places]
    union = len(sides[0].rows.keys() | sides[1].rows.keys())
    return Impact(
        len(places),
        _moves(status[0], status[1]),
        int((kind == -1).sum()),
        int((kind == 1).sum()),
        int((kind == 0).sum()),
        int((kind == 2).sum()),
        _estates(estate, status, kind),
        *_papers(sides, rows, kind != 3),
        tuple(pack_diff(before.pack, after.pack)),
        union - len(places),
    )


class _Side:
    """One state of the law with the columns of its units."""

    def __init__(self, law: Lawful) -> None:
        self.law = law
        self.template: Template = compile_pack(law.pack)
        table = tabulate(self.template, law.dossiers)
        self.columns: Columns = plan_columns(
            self.template, table, _days_last(law.pack.objective), Library(_CELLS)
        )
        self.level = self.template.level[self.template.goal]
        self.owner = table.dossier[self.level]
        self.names: Sequence[str] = table.places[self.level]
        self.rows = {place: at for at, place in enumerate(self.names)}
        self.exact = ~self.columns.alone
        for unit in np.flatnonzero(self.columns.unsure).tolist():
            case, goal = law.dossiers[int(self.owner[unit])], (law.pack.goal, self.names[unit])
            problem = ground(law.pack, case, [goal])
            self.columns.status[unit] = standing(problem).status(problem.goals[0])

    def settle(self) -> None:
        """Plan one by one the units whose costs the columns only estimate."""
        columns = self.columns
        for unit in np.flatnonzero(columns.alone).tolist():
            plan = cheapest_plan(
                self.law.pack, self.law.dossiers[int(self.owner[unit])], place=self.names[unit]
            )
            if plan.feasible and plan.proved:
                columns.cost[:, unit] = plan.vector.ordered(_PARTS)
                columns.days[unit] = plan.vector.days
                self.exact[unit] = True

    def estate(self, place: str) -> str:
        """The estate, or the place of the same standing, that a unit belongs to."""
        case = self.law.dossiers[int(self.owner[self.rows[place]])]
        found = case.ancestor(place, "estate") if "estate" in self.law.pack.levels else None
        return found or case.chain(place)[-1]

    def needs(self, name: str, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which units' plans have to obtain a paper."""
        found = np.zeros(rows.size, np.bool_)
        for number, element in enumerate(self.template.problem.elements):
            if element.name == name and not element.options:
                word = self.columns.papers[number // 64][rows]
                found |= (word >> np.uint64(number % 64) & np.uint64(1)).astype(np.bool_)
        return found


def _days_last(objective: Sequence[str]) -> tuple[str, ...]:
    """The columns compare days last."""
    return (*(part for part in objective if part != "days"), "days")


def _kinds(
    sides: Sequence[_Side],
    rows: Sequence[NDArray[np.int64]],
    status: Sequence[NDArray[np.int8]],
    order: Sequence[str],
) -> NDArray[np.int8]:
    """-1 cheaper, 0 the same, 1 dearer, 2 only estimated, 3 not planned in both."""
    kind = np.zeros(rows[0].size, np.int8)
    for part in reversed(order):
        was, now = (
            side.columns.days[row].astype(np.int64)
            if part == "days"
            else side.columns.cost[_PARTS.index(part)][row]
            for side, row in zip(sides, rows, strict=True)
        )
        kind[now < was] = -1
        kind[now > was] = 1
    exact = sides[0].exact[rows[0]] & sides[1].exact[rows[1]]
    kind[~exact] = 2
    kind[(status[0] == Status.BLOCKED) | (status[1] == Status.BLOCKED)] = 3
    return kind


def _moves(before: NDArray[np.int8], after: NDArray[np.int8]) -> tuple[tuple[Status, Status, int], ...]:
    pairs = Counter(zip(before.tolist(), after.tolist(), strict=True))
    return tuple(
        (Status(was), Status(now), count) for (was, now), count in sorted(pairs.items()) if was != now
    )


def _estates(
    estate: Sequence[str], status: Sequence[NDArray[np.int8]], kind: NDArray[np.int8]
) -> tuple[EstateImpact, ...]:
    rows: dict[str, list[int]] = {}
    for at, place in enumerate(estate):
        rows.setdefault(place, []).append(at)
    found = []
    for place, units in rows.items():
        moved = _moves(status[0][units], status[1][units])
        cheaper, dearer = int((kind[units] == -1).sum()), int((kind[units] == 1).sum())
        if moved or cheaper or dearer:
            found.append(EstateImpact(place, len(units), moved, cheaper, dearer))
    return tuple(found)


def _papers(
    sides: Sequence[_Side], rows: Sequence[NDArray[np.int64]], planned: NDArray[np.bool_]
) -> tuple[tuple[tuple[str, int], ...], tuple[tuple[str, int], ...]]:
    """Papers newly needed and no longer needed, by the number of units, most first."""
    names = sorted({name for side in sides for name in side.law.pack.evidence})
    needed, dropped = [], []
    for name in names:
        was, now = (side.needs(name, row) for side, row in zip(sides, rows, strict=True))
        needed.append((name, int((now & ~was & planned).sum())))
        dropped.append((name, int((was & ~now & planned).sum())))
    return _most_first(needed), _most_first(dropped)


def _most_first(counts: Sequence[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted((one for one in counts if one[1]), key=lambda one: (-one[1], one[0])))
