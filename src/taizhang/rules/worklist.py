"""The work that plans leave to be done, and which of it waits for which.

A piece of work is a paper of an estate or a building, or what the homes of an estate lack of one kind,
told once: offices hand it on when it is done for all of them.  The step of a way follows its needs.

Reads from: ``answers``, ``terms``.  Read by: ``forecast``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from taizhang.rules.answers import answer_classes
from taizhang.rules.terms import AtLeast, Cost, Each, EstatePlan, Gap, Need, Pack, Share, Value, Way

__all__ = ["Task", "Worklist", "worklist"]


@dataclass(frozen=True, slots=True)
class Task:
    """A piece of work.

    Attributes:
        item: Node or paper id.
        place: Where; the estate for what its homes lack.
        supplier: Who does it; empty: nobody is named, it only takes its time.
        cost: What it takes; of its days those that are planned, and those the law gives.
        homes: Homes that wait for it.
        needs: Numbers of the work it waits for.
    """

    item: str
    place: str
    supplier: str
    cost: Cost
    homes: int
    needs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Worklist:
    """All the work of some plans.

    Attributes:
        tasks: Estate by estate.
        ends: For each plan, the number of the work with which it is done; ``None``: nothing is planned.
    """

    tasks: tuple[Task, ...]
    ends: tuple[int | None, ...]


def worklist(pack: Pack, plans: Sequence[EstatePlan]) -> Worklist:
    """Return the work of some estates' joint plans.

    Args:
        pack: The law they were planned under.
        plans: One estate each.
    """
    tasks: list[Task] = []
    ends = []
    for plan in plans:
        own = _Estate(pack, plan)
        start = len(tasks)
        tasks += [replace(one, needs=tuple(start + need for need in one.needs)) for one in own.tasks]
        ends.append(None if own.end is None else start + own.end)
    return Worklist(tuple(tasks), tuple(ends))


class _Estate:
    """The work of one estate."""

    def __init__(self, pack: Pack, plan: EstatePlan) -> None:
        self.pack, self.plan = pack, plan
        self.finest = pack.nodes[pack.goal].level
        self.assumed = {(one.fact, one.place): one.answers for one in plan.joint.assumes}
        out = {*plan.joint.left_out}
        self.homes = [unit.place.id for unit in plan.units if unit.place.id not in out]
        self.homes_in = Counter(place for home in self.homes for place in self._chain(home))
        self.said: dict[tuple[str, str], Value | None] = {}
        self.tasks: list[Task] = []
        self.at: dict[str, dict[str, list[int]]] = {}  # name -> place -> numbers
        self._papers()
        ways = self._ways()
        numbers = {key: self._step(way, *key[:2]) for key, way in ways.items()}
        for key, number in numbers.items():
            found = {one for need in ways[key].needs for one in self._waits(need, key[1])}
            self.tasks[number] = replace(self.tasks[number], needs=tuple(sorted(found)))
        goals = self.at.get(pack.goal, {}).get(plan.place.id, [])
        self.end = self._joined(goals) if goals else None

    def _where(self, place: str) -> str:
        """The place of a piece of work: homes hand theirs in together."""
        return self.plan.place.id if self.plan.places[place].level == self.finest else place

    def _papers(self) -> None:
        homes: dict[tuple[str, str], int] = {}
        first: dict[tuple[str, str], Gap] = {}
        for gap in self.plan.joint.gaps:
            key = gap.item, self._where(gap.place)
            homes[key] = homes.get(key, 0) + (gap.count if gap.level == self.finest else gap.units)
            first.setdefault(key, gap)
        for (item, where), gap in first.items():
            self._add(Task(item, where, gap.supplier, self.pack.evidence[item].cost, homes[item, where]))

    def _ways(self) -> dict[tuple[str, str, str], Way]:
        """Ways taken, by node, place and id."""
        found = {}
        for one in self.plan.joint.route:
            way = next(way for way in self.pack.nodes[one.node].ways if way.id == one.way)
            found[one.node, self._where(one.place), one.way] = way
        return found

    def _step(self, way: Way, node: str, where: str) -> int:
        supplier = way.step_supplier if way.step.days or way.step.effort else ""
        return self._add(Task(node, where, supplier, way.step, self.homes_in[where]))

    def _add(self, task: Task) -> int:
        number = len(self.tasks)
        self.tasks.append(task)
        self.at.setdefault(task.item, {}).setdefault(task.place, []).append(number)
        return number

    def _waits(self, need: Need, where: str) -> Iterator[int]:
        """The work that a need waits for: at the place itself, above it and below it."""
        if need.when is not None and need.when.truth(lambda name: self._value(name, where)) is False:
            return
        names = need.of if isinstance(need, AtLeast) else (need.ref,)
        for name in names:
            there = self.at.get(name, {})
            for place in there if where == self.plan.place.id else self._chain(where):
                yield from there.get(place, ())
            if isinstance(need, Each | Share) and where != self.plan.place.id:
                inside = (place for place in there if place != where and where in self._chain(place))
                yield from (number for place in inside for number in there[place])

    def _value(self, name: str, where: str) -> Value | None:
        """What is known or assumed of a fact at a place; of homes, what all that take part have in common."""
        if name not in self.pack.facts:
            return self.pack.params[name].on(self.pack.as_of)
        if (name, where) not in self.said:
            levels = self.pack.levels
            finer = levels.index(self.pack.facts[name].level) > levels.index(self.plan.place.level)
            own = finer and where == self.plan.place.id  # asked for what homes hand in together
            said = {self._said(name, place) for place in (self.homes if own else (where,))}
            self.said[name, where] = said.pop() if len(said) == 1 else None
        return self.said[name, where]

    def _said(self, name: str, where: str) -> Value | None:
        for place in self._chain(where):
            if (value := self.plan.facts.get((name, place))) is not None:
                money = self.pack.facts[name].type == "money" and isinstance(value, int)
                return Decimal(value) / 100 if money and isinstance(value, int) else value
            if (answers := self.assumed.get((name, place))) is not None:
                classes = answer_classes(self.pack)[name]
                return next((one.value for one in classes if one.answers == answers), None)
        return None

    def _chain(self, place: str) -> list[str]:
        """A place and those it lies in."""
        found = [place]
        while (parent := self.plan.places[found[-1]].parent) is not None:
            found.append(parent)
        return found

    def _joined(self, numbers: list[int]) -> int:
        """One piece of work that is done when several are."""
        if len(numbers) == 1:
            return numbers[0]
        self.tasks.append(Task(self.pack.goal, self.plan.place.id, "", Cost(), 0, tuple(numbers)))
        return len(self.tasks) - 1
