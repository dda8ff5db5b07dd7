"""What the units of an estate lack and do, told once for all of them.

Reads from: ``walks``, ``witness``, ``inside``, ``columns``, ``measure``.  Read by: ``portrait``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from taizhang.rules.columns import Columns
from taizhang.rules.inside import Inside
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
    Way,
)
from taizhang.rules.walks import Walked
from taizhang.rules.witness import Said, Witnesses

__all__ = ["Told", "UnitWork"]

Rows: TypeAlias = NDArray[np.int64]
_Decided: TypeAlias = tuple[int, Way, int, int]  # node, way, first unit, number of units


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

    def __init__(
        self, pack: Pack, template: Template, columns: Columns, walked: Walked, witnesses: Witnesses
    ) -> None:
        self.pack, self.template, self.columns, self.walked = pack, template, columns, walked
        self.witnesses = witnesses
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

    def of(self, planned: Sequence[int], insides: Sequence[Inside], total: int) -> Told:
        """Return the units' own part of a joint plan that ends on day ``total``.

        Args:
            planned: Rows of the units.
            insides: What some of them decide for all of their kind.
            total: Working days of the whole plan.
        """
        units = np.asarray(planned, np.int64)
        if not units.size:
            return Told((), (), (), (), {})
        float_ = np.int32(total) - self.walked.days[units]
        steps, route = self._forced(units, total, float_)
        picked, several = self._picked(units), [(one, _of(one, units)) for one in insides]
        decided = [*self._decided(picked), *self._decided_above(several)]
        return Told(
            tuple(self._gaps(units, total, float_)),
            (*steps, *self._piece_steps(decided, float_)),
            (*route, *self._piece_route(decided)),
            tuple(self._assumes(self.witnesses.each(insides, planned))),
            self._latest_above(units, float_),
        )

    def _place(self, unit: int, level: int | None = None) -> str:
        table, at = self.columns.table, self.finest if level is None else level
        return table.places[at][int(table.above[self.finest][at][unit])]

    def _gaps(self, units: Rows, total: int, float_: Ends) -> list[Gap]:
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

    def _forced(self, units: Rows, total: int, float_: Ends) -> tuple[list[Step], list[RouteChoice]]:
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

    def _picked(self, units: Rows) -> list[tuple[int, int, int]]:
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

    def _decided(self, picked: Sequence[tuple[int, int, int]]) -> Iterator[_Decided]:
        """Ways that pieces take, each with its first unit and the number of units."""
        for number, unit, count in picked:
            piece, candidate = self.columns.workshop.candidates[number]
            local = self.columns.workshop.shelves[piece].local
            for at, branch in candidate.chosen.items():
                whole = local.elements[at]
                if self.template.level[whole] == self.finest and not self._switch(whole):
                    yield whole, branch.option.way, unit, count

    def _decided_above(self, insides: Sequence[tuple[Inside, Rows]]) -> Iterator[_Decided]:
        """Ways that one unit takes for others, without those that are settled for everybody."""
        forced = self.columns.units.tier.forced
        for one, units in insides:
            if units.size:
                first = int(units[0])
                for whole, branch in one.chosen.items():
                    if not (self._switch(whole) or (whole in forced and forced[whole][first])):
                        yield whole, branch.option.way, first, int(units.size)

    def _switch(self, number: int) -> bool:
        return self.template.problem.elements[number].switch

    def _piece_route(self, decided: Sequence[_Decided]) -> list[RouteChoice]:
        seen: dict[tuple[str, str], RouteChoice] = {}
        for whole, way, unit, _ in decided:
            key = self.template.problem.elements[whole].name, way.id
            seen.setdefault(key, RouteChoice(self._place(unit), *key))
        return list(seen.values())

    def _piece_steps(self, decided: Sequence[_Decided], float_: Ends) -> list[Step]:
        """Work inside pieces; it is told with the days it takes at the earliest."""
        found: dict[tuple[str, str], Step] = {}
        ends = self.walked.walk.end
        for whole, way, unit, count in decided:
            if way.step.days == 0 and way.step.effort == 0:
                continue
            end = max(int(ends[whole][unit]) if whole in ends else 0, way.step.days)
            late = int(self.latest[whole][unit]) if whole in self.latest else NEVER
            slack = max(0, min(int(late) - end, int(float_.max())) if late < NEVER else int(float_.min()))
            key = self.template.problem.elements[whole].name, way.id
            known = found.get(key)
            found[key] = Step(
                key[0],
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

    def _assumes(self, said: Mapping[int, Said]) -> list[Assumption]:
        """Open facts of units that the plan rests on, each answer once, at the first unit that gives it."""
        first: dict[tuple[str, int], int] = {}
        for unit, (_, answers) in said.items():
            for one in answers.items():
                first.setdefault(one, unit)
        classes = {fact.name: fact.classes for fact in self.template.problem.facts}
        return [
            Assumption(name, self._place(unit), classes[name][value].answers)
            for (name, value), unit in sorted(first.items(), key=lambda one: (one[0][0], one[1], one[0][1]))
        ]

    def _latest_above(self, units: Rows, float_: Ends) -> dict[tuple[str, str], int]:
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


def _of(one: Inside, planned: Rows) -> Rows:
    """The units of a kind that take part."""
    return one.units[np.isin(one.units, planned)]
