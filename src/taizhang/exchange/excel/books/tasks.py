"""What one office owes: papers to supply and steps to take, estate by estate.

A task is one missing paper at one place, one paper that units of an estate lack, or one step;
equal steps of many units are one task.  A paper above the estate that several estates wait
for is one task and counts once.

Reads from: ``rules.terms``, ``diagram.wording``.  Read by: ``department``, ``writing``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date

from taizhang.exchange.diagram.boxes import need_names
from taizhang.exchange.diagram.wording import due_text, label, level_name, place_name, way_of
from taizhang.rules.terms import CityPlan, EstatePlan, Gap, Pack, RouteChoice, Step

__all__ = ["Routes", "Task", "due_of", "suppliers", "tasks_by_supplier", "waiting_units"]


@dataclass(frozen=True, slots=True)
class Task:
    """One thing an office owes; either ``gaps`` or ``steps`` is empty."""

    supplier: str
    level: str
    estates: tuple[EstatePlan, ...]  #: more than one only above the estate
    gaps: tuple[Gap, ...]
    steps: tuple[Step, ...]

    @property
    def estate(self) -> EstatePlan:
        """The estate, or the first of several."""
        return self.estates[0]

    @property
    def shared(self) -> bool:
        """Whether it lies above the estates and is done once for all of them."""
        return len(self.estates) > 1

    @property
    def count(self) -> int:
        """Gaps it stands for; a step is no gap."""
        return 1 if self.gaps and self.shared else len(self.gaps)

    @property
    def parts(self) -> tuple[Gap | Step, ...]:
        """The papers or the steps."""
        return self.gaps or self.steps

    @property
    def days(self) -> int:
        """Planned working days."""
        return max(one.days for one in self.parts)

    @property
    def end(self) -> int:
        """Working days from the start until it is due."""
        ends = [one.end for one in self.parts]
        return min(ends) if self.shared else max(ends)

    @property
    def critical(self) -> bool:
        """Whether a delay moves the end of the whole plan."""
        return any(one.critical for one in self.parts)

    def what(self, pack: Pack, language: str) -> str:
        """Return what is to be supplied or done."""
        if self.gaps:
            return label(pack, self.gaps[0].item, language)
        step = self.steps[0]
        way = way_of(pack, RouteChoice(step.place, step.node, step.way))
        name, how = label(pack, step.node, language), way.label.in_(language) if way else ""
        if not how or how == name:
            return name
        return f"{name}（{how}）" if language == "zh" else f"{name} ({how})"

    def where(self, pack: Pack, language: str) -> str:
        """Return the building, the number of units, or the level."""
        places = [one.place for one in self.parts]
        if self.level == pack.levels[-1]:
            return f"{len(places)}户" if language == "zh" else f"{len(places)} units"
        if self.level == "building":
            return place_name(self.estate, places[0], language)
        return level_name(self.level, language)

    def law_days(self, pack: Pack) -> int | None:
        """Return the statutory limit in working days, where the pack knows one."""
        if self.steps:
            return self.steps[0].law_days
        paper = pack.evidence.get(self.gaps[0].item)
        return paper.cost.law_days if paper else None

    def why(self, pack: Pack, language: str, routes: Routes) -> str:
        """Return the path from the goal down: ``办证 ← 首次登记``."""
        if self.gaps:
            nodes = [one.node for one in self.gaps[0].path]
        else:
            nodes = routes.down_to(self.estate, self.steps[0].node)
        return " ← ".join(dict.fromkeys(label(pack, one, language) for one in nodes))

    def units(self, pack: Pack) -> tuple[int, int]:
        """Return how many households it concerns, and how many of them cannot wait."""
        if self.gaps:
            return sum(gap.units for gap in self.gaps), sum(gap.urgent for gap in self.gaps)
        left_out = {one for estate in self.estates for one in estate.joint.left_out}
        units = [unit for estate in self.estates for unit in estate.units if unit.place.id not in left_out]
        places = {step.place for step in self.steps}
        if self.level == pack.levels[-1]:
            units = [unit for unit in units if unit.place.id in places]
        elif self.level == "building":
            units = [unit for unit in units if unit.place.parent in places]
        return len(units), sum(bool(unit.urgent) for unit in units)


class Routes:
    """Which requirement stands above which on the chosen route of an estate."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._above: dict[str, dict[str, str]] = {}

    def down_to(self, estate: EstatePlan, node: str) -> list[str]:
        """Return the shortest way from the goal down to a requirement; it alone where none leads there."""
        if estate.place.id not in self._above:
            self._above[estate.place.id] = self._walk(estate)
        above = self._above[estate.place.id]
        path = [node]
        while path[-1] in above:
            path.append(above[path[-1]])
        return path[::-1]

    def _walk(self, estate: EstatePlan) -> dict[str, str]:
        """Return for each requirement the one through which the goal first reaches it."""
        chosen = sorted({(one.node, one.way) for one in estate.joint.route})
        needs: dict[str, list[str]] = defaultdict(list)
        for node, way_id in chosen:
            if (way := way_of(self._pack, RouteChoice("", node, way_id))) is not None:
                needs[node] += [name for name, _ in need_names(way)]
        above: dict[str, str] = {}
        seen, level = {self._pack.goal}, [self._pack.goal]
        while level:
            found = {name: node for node in reversed(level) for name in needs[node] if name not in seen}
            above.update(found)
            seen |= found.keys()
            level = list(found)
        return above


def suppliers(city: CityPlan) -> tuple[str, ...]:
    """Return who owes something, in the pack's order; nobody named comes last."""
    owing = {gap.supplier for estate in city.estates for gap in estate.joint.gaps}
    owing |= {step.supplier for estate in city.estates for step in estate.joint.steps if _works(step)}
    order = {one: number for number, one in enumerate(city.pack.suppliers)}
    return tuple(sorted(owing, key=lambda one: (not one, order.get(one, len(order)), one)))


def waiting_units(city: CityPlan) -> Counter[str]:
    """Return how many units lack at least one paper of each supplier."""
    owes = {gap.item: gap.supplier for estate in city.estates for gap in estate.joint.gaps}
    counted: Counter[str] = Counter()
    for estate in city.estates:
        for unit in estate.units:
            items = {*unit.own, *(item for item, _ in unit.shared)}
            counted.update({owes[item] for item in items if item in owes})
    return counted


def tasks_by_supplier(city: CityPlan) -> dict[str, tuple[Task, ...]]:
    """Return the tasks of everybody who owes something.

    Shared tasks come first, then estate by estate in the city's order; in an estate by due date.
    """
    levels = city.pack.levels
    above = frozenset(levels[: levels.index("estate")]) if "estate" in levels else frozenset()
    gaps: dict[tuple[str, ...], list[tuple[EstatePlan, Gap]]] = defaultdict(list)
    steps: dict[tuple[str, ...], list[tuple[EstatePlan, Step]]] = defaultdict(list)
    for estate in city.estates:
        for gap in estate.joint.gaps:
            where = _where(city.pack, estate, gap.level, gap.place, above)
            gaps[(gap.supplier, gap.item, *where)].append((estate, gap))
        for step in estate.joint.steps:
            if _works(step):
                where = _where(city.pack, estate, _level(city.pack, step), step.place, above)
                steps[(step.supplier, step.node, step.way, *where)].append((estate, step))
    found: dict[str, list[Task]] = {one: [] for one in suppliers(city)}
    for held in gaps.values():
        first = held[0][1]
        estates = tuple(dict.fromkeys(estate.place.id for estate, _ in held))
        found[first.supplier].append(
            Task(first.supplier, first.level, _estates(held, estates), tuple(gap for _, gap in held), ())
        )
    for work in steps.values():
        step = work[0][1]
        estates = tuple(dict.fromkeys(estate.place.id for estate, _ in work))
        level = _level(city.pack, step)
        found[step.supplier].append(
            Task(step.supplier, level, _estates(work, estates), (), tuple(one for _, one in work))
        )
    order = {estate.place.id: number for number, estate in enumerate(city.estates)}
    return {
        one: tuple(
            sorted(tasks, key=lambda t: (not t.shared, order[t.estate.place.id], t.end, bool(t.steps)))
        )
        for one, tasks in found.items()
    }


def _estates(
    held: list[tuple[EstatePlan, Gap]] | list[tuple[EstatePlan, Step]], ids: tuple[str, ...]
) -> tuple[EstatePlan, ...]:
    found = {estate.place.id: estate for estate, _ in held}
    return tuple(found[one] for one in ids)


def _where(pack: Pack, estate: EstatePlan, level: str, place: str, above: frozenset[str]) -> tuple[str, str]:
    """Return what tells tasks apart: above the estate the place, at the units only the estate."""
    if level in above:
        return "", place
    return estate.place.id, "" if level == pack.levels[-1] else place


def _level(pack: Pack, step: Step) -> str:
    node = pack.nodes.get(step.node)
    return node.level if node else "estate"


def _works(step: Step) -> bool:
    """Whether a step is work for somebody, and not only a word for what follows by itself."""
    return bool(step.days or step.effort or step.money_fen is None or step.money_fen)


def due_of(estates: tuple[EstatePlan, ...], offset: int, language: str) -> date | str:
    """Return the date of a working day of a plan, or in words why there is none."""
    for estate in estates:
        if (day := estate.due.get(offset)) is not None:
            return day
    return estates[0].start if offset == 0 else due_text(estates[0], offset, language)
