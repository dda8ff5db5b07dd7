"""What the units of an estate lack and do, told once for all of them.

Reads from: ``walks``, ``columns``, ``measure``.  Read by: ``portrait``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from taizhang.rules.columns import Columns
from taizhang.rules.measure import NEVER, Ends
from taizhang.rules.resolve import bits
from taizhang.rules.template import Template
from taizhang.rules.terms import (
    Assumption,
    Dossier,
    Gap,
    Pack,
    Question,
    RouteChoice,
    Status,
    Step,
    UnitPlan,
)
from taizhang.rules.walks import Walked

__all__ = ["Told", "UnitWork"]


@dataclass(frozen=True, slots=True)
class Told:
    """The units' own part of a joint plan.

    Attributes:
        gaps: One for each paper that some units lack.
        steps: One for each way whose work some units wait for.
        route: The ways taken, each at the first unit that takes it.
        assumes: Open facts of units the plan rests on, each at the first such unit.
        latest: Day by which each shared element must be there, by ``(name, place)``.
    """

    gaps: tuple[Gap, ...]
    steps: tuple[Step, ...]
    route: tuple[RouteChoice, ...]
    assumes: tuple[Assumption, ...]
    latest: Mapping[tuple[str, str], int]


class UnitWork:
    """Tells the work of units estate by estate; the columns are walked once for the city."""

    def __init__(self, pack: Pack, template: Template, columns: Columns, walked: Walked) -> None:
        self.pack, self.template, self.columns, self.walked = pack, template, columns, walked
        self.finest = template.level[template.goal]
        self.latest = walked.walk.latest(walked.days)
        tier = columns.units.tier
        self.papers = [
            number
            for number, level in enumerate(template.level)
            if level == self.finest and not template.ways[number]
        ]
        self.forced = [
            number
            for number in tier.elements
            if number in tier.forced and not template.problem.elements[number].switch
        ]

    def of(self, planned: Sequence[int], total: int) -> Told:
        """Return the units' own part of a joint plan that ends on day ``total``.

        Args:
            planned: Rows of the units.
            total: Working days of the whole plan.
        """
        units = np.asarray(planned, np.int64)
        if not units.size:
            return Told((), (), (), (), {})
        float_ = np.int32(total) - self.walked.days[units]
        steps, route = self._forced(units, total, float_)
        picked = self._picked(units)
        return Told(
            tuple(self._gaps(units, total, float_)),
            (*steps, *self._piece_steps(picked, units, float_)),
            (*route, *self._piece_route(picked)),
            tuple(self._assumes(picked)),
            self._latest_above(units, float_),
        )

    def _place(self, unit: int, level: int | None = None) -> str:
        table, at = self.columns.table, self.finest if level is None else level
        return table.places[at][int(table.above[self.finest][at][unit])]

    def _gaps(self, units: np.ndarray[tuple[int], np.dtype[np.int64]], total: int, float_: Ends) -> list[Gap]:
        words = self.walked.papers[:, units]
        found = []
        for number in self.papers:
            has = np.flatnonzero((words[number // 64] >> np.uint64(number % 64)) & np.uint64(1))
            if not has.size:
                continue
            element = self.template.problem.elements[number]
            paper = self.pack.evidence.get(element.name)
            cost = element.cost
            days = cost.days if cost else 0
            slack = total - days
            if number in self.latest:
                slack = min(slack, int((self.latest[number][units[has]] + float_[has]).min()) - days)
            else:
                slack = min(slack, int(float_[has].min()))
            found.append(
                Gap(
                    element.name,
                    self._place(int(units[has[0]])),
                    self.pack.levels[self.finest],
                    paper.supplier if paper else "",
                    cost.money_fen if cost else None,
                    cost.effort if cost else 0,
                    days,
                    0,
                    days,
                    max(0, slack),
                    number in self.latest and slack <= 0,
                    int(has.size),
                    count=int(has.size),
                )
            )
        return found

    def _forced(
        self, units: np.ndarray[tuple[int], np.dtype[np.int64]], total: int, float_: Ends
    ) -> tuple[list[Step], list[RouteChoice]]:
        tier, steps, route = self.columns.units.tier, [], []
        for number in self.forced:
            taken = tier.forced[number][units]
            if not taken.any():
                continue
            element = self.template.problem.elements[number]
            ways = zip(element.options, tier.live[number], strict=True)
            for option, live in ways:
                here = np.flatnonzero(taken & live.alive[units])
                if not here.size:
                    continue
                first = self._place(int(units[here[0]]))
                route.append(RouteChoice(first, element.name, option.way.id))
                step = option.way.step
                if step.days == 0 and step.effort == 0:
                    continue
                end = self.walked.walk.end[number][units[here]]
                late = self.latest[number][units[here]] + float_[here] if number in self.latest else end
                slack = max(0, int((late - end).min()))
                steps.append(
                    Step(
                        element.name,
                        first,
                        option.way.id,
                        option.way.step_supplier,
                        step.days,
                        step.effort,
                        step.money_fen,
                        int((end - step.days).min()),
                        int(end.max()),
                        slack,
                        slack == 0,
                        step.law_days,
                        int(here.size),
                    )
                )
        return steps, route

    # -- pieces

    def _picked(self, units: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[tuple[int, int, int]]:
        """Candidates in use by the first unit that uses them: number, first unit, number of units."""
        found: dict[int, list[int]] = {}
        for column in self.walked.picks.values():
            mine = column[units]
            numbers, first, counts = np.unique(mine, return_index=True, return_counts=True)
            for number, at, count in zip(numbers.tolist(), first.tolist(), counts.tolist(), strict=True):
                if number >= 0:
                    known = found.setdefault(number, [int(units[at]), 0])
                    known[1] += count
        ordered = sorted(found.items(), key=lambda one: one[1][0])
        return [(number, first, count) for number, (first, count) in ordered]

    def _piece_route(self, picked: Sequence[tuple[int, int, int]]) -> list[RouteChoice]:
        seen: dict[tuple[str, str], RouteChoice] = {}
        for number, unit, _ in picked:
            piece, candidate = self.columns.workshop.candidates[number]
            local = self.columns.workshop.shelves[piece].local
            for at, branch in candidate.chosen.items():
                element = self.template.problem.elements[local.elements[at]]
                if not element.switch and self.template.level[local.elements[at]] == self.finest:
                    key = element.name, branch.option.way.id
                    seen.setdefault(key, RouteChoice(self._place(unit), *key))
        return list(seen.values())

    def _piece_steps(
        self,
        picked: Sequence[tuple[int, int, int]],
        units: np.ndarray[tuple[int], np.dtype[np.int64]],
        float_: Ends,
    ) -> list[Step]:
        """Work inside pieces; it is told with the days it takes at the earliest."""
        found: dict[tuple[str, str], Step] = {}
        for number, unit, count in picked:
            piece, candidate = self.columns.workshop.candidates[number]
            local = self.columns.workshop.shelves[piece].local
            for at, branch in candidate.chosen.items():
                whole = local.elements[at]
                element, way = self.template.problem.elements[whole], branch.option.way
                if element.switch or self.template.level[whole] != self.finest:
                    continue
                if way.step.days == 0 and way.step.effort == 0:
                    continue
                end = (
                    int(self.walked.walk.end[whole][unit]) if whole in self.walked.walk.end else way.step.days
                )
                end = max(end, way.step.days)
                late = int(self.latest[whole][unit]) if whole in self.latest else NEVER
                slack = max(0, min(int(late) - end, int(float_.max())) if late < NEVER else int(float_.min()))
                key = element.name, way.id
                known = found.get(key)
                found[key] = Step(
                    element.name,
                    known.place if known else self._place(unit),
                    way.id,
                    way.step_supplier,
                    way.step.days,
                    way.step.effort,
                    way.step.money_fen,
                    min(known.start, end - way.step.days) if known else end - way.step.days,
                    max(known.end, end) if known else end,
                    min(known.slack, slack) if known else slack,
                    False,
                    way.step.law_days,
                    (known.count if known else 0) + count,
                )
        return list(found.values())

    def _assumes(self, picked: Sequence[tuple[int, int, int]]) -> list[Assumption]:
        seen: dict[tuple[str, int], Assumption] = {}
        for number, unit, _ in picked:
            piece, candidate = self.columns.workshop.candidates[number]
            local = self.columns.workshop.shelves[piece].local
            for at, value in sorted(candidate.answers.items()):
                fact = local.facts[at]
                if self.template.fact_level[fact] == self.finest:
                    open_ = self.template.problem.facts[fact]
                    told = Assumption(open_.name, self._place(unit), open_.classes[value].answers)
                    seen.setdefault((open_.name, value), told)
        return list(seen.values())

    def _latest_above(
        self, units: np.ndarray[tuple[int], np.dtype[np.int64]], float_: Ends
    ) -> dict[tuple[str, str], int]:
        found: dict[tuple[str, str], int] = {}
        table = self.columns.table
        for number in self.columns.imports:
            if number not in self.latest:
                continue
            level = self.template.level[number]
            rows = table.above[self.finest][level][units]
            late = self.latest[number][units] + float_
            name = self.template.problem.elements[number].name
            for row in np.unique(rows).tolist():
                found[name, table.places[level][row]] = int(late[rows == row].min())
        return found

    # -- questions

    def questions(self, dossier: Dossier, units: range, plans: Sequence[UnitPlan]) -> tuple[Question, ...]:
        """Open facts whose answer changes a unit's plan, each once, with the units it concerns."""
        count: dict[int, int] = {}
        first: dict[int, int] = {}
        window = slice(units.start, units.stop)
        live = np.asarray([plan.status in (Status.OPEN, Status.DEPENDS) for plan in plans], np.bool_)
        asked: dict[int, int] = {}  # fact -> units as bits
        for half, rows in (
            (self.columns.units, np.arange(units.start, units.stop, dtype=np.int64)),
            (self.columns.above, self.columns.row[window]),
        ):
            for column in half.pieces.values():
                mine = np.where(live, column[rows], np.int32(-1))
                for piece in np.unique(mine).tolist():
                    facts = self.columns.workshop.asks(piece) if piece >= 0 else ()
                    if facts:
                        who = int.from_bytes(
                            np.packbits(mine == piece, bitorder="little").tobytes(), "little"
                        )
                        for fact in facts:
                            asked[fact] = asked.get(fact, 0) | who
        for fact, who in asked.items():
            count[fact] = who.bit_count()
            first[fact] = units.start + next(bits(who))
        found = [
            Question(
                self.template.problem.facts[fact].name,
                self._place(first[fact], self.template.fact_level[fact]),
                (),
                count[fact],
            )
            for fact in asked
        ]
        return tuple(sorted(found, key=lambda one: (-one.units, one.fact, one.place)))
