"""A second opinion on every plan, before it is shown.

The planner is clever; this is not.  It reads the pack, the dossier and the finished plan and
walks from the goal down, once: is every way in force and its guard true, is every need met,
is every missing paper in the plan and obtainable, is nothing in the plan that the route
does not use, do money, effort, rank, number and days add up, and is every paper on hand still
valid when the work begins for which the route uses it?  It shares no code with the planner,
only the records, the calendar and the evaluation of expressions.

Reads from: ``terms``, ``expressions``, ``worktime``.  Read by: the doors and the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from taizhang.errors import CalendarError
from taizhang.rules.expressions import Expression, Unknown
from taizhang.rules.terms import (
    AtLeast,
    Dossier,
    Each,
    Held,
    JointPlan,
    Need,
    Pack,
    Plan,
    Ref,
    RouteChoice,
    Share,
    Value,
    Way,
)
from taizhang.rules.worktime import WorkCalendar

__all__ = ["Verdict", "check_joint_plan", "check_plan"]

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the second checker says; true where the plan holds.

    Attributes:
        problems: What is wrong, one sentence each.
    """

    problems: tuple[str, ...]

    def __bool__(self) -> bool:
        return not self.problems


def check_plan(
    pack: Pack,
    dossier: Dossier,
    plan: Plan,
    *,
    place: str | None = None,
    calendar: WorkCalendar | None = None,
) -> Verdict:
    """Check a marginal plan against the pack and the dossier.

    Args:
        pack: The law on its day.
        dossier: What is known.
        plan: A feasible plan of :func:`taizhang.rules.plan.cheapest_plan`.
        place: The unit; the goal's only place by default.
        calendar: Tells when papers lapse; the official one that comes with this version by default.

    Returns:
        A verdict that is true where the plan holds, with the problems where it does not.
        A plan that says "blocked" claims nothing and holds.

    >>> from datetime import date
    >>> from taizhang.rules import Dossier, cheapest_plan, check_plan, load_pack
    >>> pack = load_pack("title-certificates", as_of=date(2024, 1, 28))
    >>> dossier = Dossier.of(pack)
    >>> bool(check_plan(pack, dossier, cheapest_plan(pack, dossier)))
    True
    """
    if not plan.feasible:
        return Verdict(())
    level = pack.nodes[pack.goal].level
    goals = [place] if place else [one.id for one in dossier.places.values() if one.level == level]
    assumed = {(a.fact, a.place): a.answers for a in plan.assumes}
    papers = {(gap.item, gap.place) for gap in plan.gaps}
    walk = _Walk(pack, _as_planned(dossier, plan), plan.route, assumed, papers)
    for unit in goals:
        walk.reach((pack.goal, unit))
    found = [*walk.problems, *_unlasting(walk, dossier, plan, calendar)]
    items = tuple(sorted(name for name, _ in walk.papers))
    if items != plan.items:
        found.append(f"items: the route needs {items}, the plan lists {plan.items}")
    for part, total in walk.totals().items():
        if total != getattr(plan.vector, part):
            found.append(f"{part}: adds up to {total}, the plan says {getattr(plan.vector, part)}")
    return Verdict(tuple(found))


def check_joint_plan(
    pack: Pack,
    dossier: Dossier,
    plan: JointPlan,
    alike: Mapping[str, tuple[str, ...]],
    *,
    calendar: WorkCalendar | None = None,
) -> Verdict:
    """Check a joint plan against the pack and the dossier.

    Args:
        pack: The law on its day.
        dossier: One estate, all its units.
        plan: A joint plan of :func:`taizhang.rules.joint.plan_estate`.
        alike: Representative unit -> the units it stands for.
        calendar: Tells when papers lapse; the official one that comes with this version by default.
    """
    of = {unit: first for first, units in alike.items() for unit in units}
    route = [
        RouteChoice(unit, choice.node, choice.way)
        for choice in plan.route
        for unit in alike.get(choice.place, (choice.place,))
    ]
    listed = {(gap.item, gap.place) for gap in plan.gaps}
    walk = _Walk(
        pack,
        _as_planned(dossier, plan),
        route,
        {(a.fact, a.place): a.answers for a in plan.assumes},
        listed,
        of,
    )
    for unit in sorted(of):
        if unit not in plan.left_out:
            walk.reach((pack.goal, unit))
    found = [*walk.problems, *_unlasting(walk, dossier, plan, calendar)]
    if listed != walk.papers:
        found.append(
            f"gaps: listed but not used {listed - walk.papers}; used but not listed {walk.papers - listed}"
        )
    for part, total in walk.totals().items():
        if total != getattr(plan.vector, part):
            found.append(f"{part}: adds up to {total}, the plan says {getattr(plan.vector, part)}")
    return Verdict(tuple(found))


# ------------------------------------------------------------------------- what lapses


def _as_planned(dossier: Dossier, plan: Plan | JointPlan) -> Dossier:
    """The dossier with the papers missing that the plan says will lapse."""
    again = [one for one in plan.lapses if one.renewal]
    if not again:
        return dossier
    held = dict(dossier.held) | {(one.item, one.place): Held.MISSING for one in again}
    return replace(dossier, held=held)


def _unlasting(
    walk: _Walk, dossier: Dossier, plan: Plan | JointPlan, calendar: WorkCalendar | None
) -> list[str]:
    """What lapses before its use, on hand or obtained, and what is called lapsing and has no last day."""
    pack = walk.pack
    if not dossier.valid_until and not any(paper.valid_for for paper in pack.evidence.values()):
        return []
    found = []
    for one in plan.lapses:
        if one.renewal and dossier.last_day(one.item, one.place) != one.until:
            found.append(f"{one.item}@{one.place}: does not lapse on {one.until}")
    calendar = calendar or WorkCalendar.china()
    issued: dict[Key, tuple[date, date]] = {}
    for gap in plan.gaps:
        paper = pack.evidence.get(gap.item)
        if paper is not None and paper.valid_for is not None and not gap.twice:
            day = _begins(calendar, dossier.as_of, gap.end)
            issued[gap.item, gap.place] = day, paper.valid_for.until(day)
    on_hand, obtained = walk.uses({key: last for key, (_, last) in issued.items()})
    for (name, place), (day, last) in issued.items():
        work = obtained.get((name, place))
        if work is not None and last < _begins(calendar, dossier.as_of, work):
            found.append(f"{name}@{place}: issued on {day} it lapses before working day {work}")
    for (name, place), work in sorted(on_hand.items()):
        until = dossier.last_day(name, place)
        if until is not None and until < _begins(calendar, dossier.as_of, work):
            found.append(f"{name}@{place}: lapses on {until}, before its use on working day {work}")
    return found


def _begins(calendar: WorkCalendar, start: date, work: int) -> date:
    """The day on which the work of a working day begins; where no notice is out yet, a late one."""
    counted, day = 0, start
    while counted < work:
        day += timedelta(days=1)
        try:
            counted += calendar.is_open(day)
        except CalendarError:
            return day + timedelta(days=2 * (work - counted) + 13)
    return day


class _Walk:
    """One walk from the goals down; every element is visited once."""

    def __init__(
        self,
        pack: Pack,
        dossier: Dossier,
        route: tuple[RouteChoice, ...] | list[RouteChoice],
        assumed: Mapping[Key, tuple[str, ...]],
        papers: set[Key],
        of: Mapping[str, str] | None = None,
    ) -> None:
        self.pack, self.dossier = pack, dossier
        self.ways = {(choice.node, choice.place): choice.way for choice in route}
        self.assumed, self.of, self.listed = assumed, of or {}, papers
        self.problems: list[str] = []
        self.papers: set[Key] = set()
        self.used: dict[Key, tuple[Way, tuple[Key, ...], bool]] = {}
        self.days: dict[Key, int] = {}

    def reach(self, key: Key) -> int:
        """Check an element and return the working days until it is there."""
        if key in self.days:
            return self.days[key]
        self.days[key] = 0  # a cycle cannot pass the loader; this ends the walk if it did
        name, place = key
        state = self.dossier.state(name, place)
        if state is Held.ON_HAND:
            return 0
        if state is Held.UNOBTAINABLE:
            self.problems.append(f"{name}@{place}: cannot be had")
        if name in self.pack.evidence:
            self.papers.add(key)
            self.days[key] = self.pack.evidence[name].cost.days
            return self.days[key]
        way = next((one for one in self.pack.nodes[name].ways if one.id == self.ways.get(key)), None)
        if way is None:
            self.problems.append(f"{name}@{place}: no way was chosen")
            return 0
        if not self.pack.in_force(way) or not self.in_scope(way, place) or not self.true(way.when, place):
            self.problems.append(f"{name}@{place}: way {way.id} does not count here")
        needs = tuple(one for need in way.needs for one in self.needed(need, place))
        self.days[key] = way.step.days + max((self.reach(one) for one in needs), default=0)
        self.used[key] = way, needs, self.met(way, place)
        return self.days[key]

    def in_scope(self, way: Way, place: str) -> bool:
        """Whether a decision that brought a way in names this place, or one it lies in."""
        if not way.scope or all(one.id == one.level for one in self.dossier.places.values()):
            return True
        named = [self.dossier.places[one] for one in self.dossier.chain(place)]
        return any(one.name in way.scope or one.id in way.scope for one in named)

    def needed(self, need: Need, place: str) -> list[Key]:
        """The elements that meet a need: what is there first, then what the route provides."""
        if not self.true(need.when, place):
            return []
        keys, k = self.asked(need, place)
        if k == len(keys):
            return keys
        there = [key for key in keys if self.dossier.state(*key) is Held.ON_HAND]
        provided = [key for key in keys if key not in there and (key in self.ways or key in self.listed)]
        wanted = max(0, k - len(there))
        if len(provided) < wanted:
            self.problems.append(f"{place}: {k} of {keys} are needed")
        return sorted(provided, key=self.reach)[:wanted]

    def asked(self, need: Need, place: str) -> tuple[list[Key], int]:
        """The elements a need names, and how many of them it takes."""
        if isinstance(need, Ref):
            return [self.at(need.ref, place)], 1
        if isinstance(need, AtLeast):
            return [self.at(name, place) for name in need.of], need.k
        assert isinstance(need, Each | Share)
        keys = [(need.ref, one) for one in self.dossier.below(place, need.level)]
        if isinstance(need, Each):
            return keys, len(keys)
        return keys, -(-len(keys) * need.at_least.numerator // need.at_least.denominator)

    def at(self, name: str, place: str) -> Key:
        found = self.dossier.ancestor(place, self.pack.level_of(name))
        return name, found or place

    def there(self, key: Key) -> bool:
        """Whether an element follows from what is on hand."""
        if self.dossier.state(*key) is Held.ON_HAND:
            return True
        name, place = key
        if name in self.pack.evidence or self.dossier.state(*key) is Held.UNOBTAINABLE:
            return False
        for way in self.pack.nodes[name].ways:
            if self.pack.in_force(way) and self.true(way.when, place, quiet=True) and self.met(way, place):
                return True
        return False

    def met(self, way: Way, place: str) -> bool:
        for need in way.needs:
            if need.when and not self.true(need.when, place, quiet=True):
                if self.still_open(need.when, place):
                    return False
                continue
            if isinstance(need, Ref):
                keys, k = [self.at(need.ref, place)], 1
            elif isinstance(need, AtLeast):
                keys, k = [self.at(name, place) for name in need.of], need.k
            else:
                keys = [(need.ref, one) for one in self.dossier.below(place, need.level)]
                k = len(keys)
            if sum(self.there(key) for key in keys) < k:
                return False
        return True

    def true(self, guard: Expression | None, place: str, quiet: bool = False) -> bool:
        """A guard under what is known and what the plan assumes; still open counts as not true."""
        if guard is None:
            return True
        found = guard.truth(lambda name: self.value(name, place))
        if isinstance(found, Unknown) and quiet:
            return False
        if isinstance(found, Unknown):
            self.problems.append(f"{place}: '{guard.text}' is still open")
            return False
        return found

    def still_open(self, guard: Expression, place: str) -> bool:
        return isinstance(guard.truth(lambda name: self.value(name, place)), Unknown)

    def value(self, name: str, place: str) -> Value | None:
        if name not in self.pack.facts:
            return self.pack.params[name].on(self.pack.as_of)
        fact = self.pack.facts[name]
        known = self.dossier.fact(name, place)
        if known is not None:
            return known / Decimal(100) if fact.type == "money" and isinstance(known, int) else known
        home = self.dossier.ancestor(place, fact.level) or place
        answers = self.assumed.get((name, self.of.get(home, home)))
        return _sample(fact.type, answers) if answers else None

    def uses(self, ends: Mapping[Key, date]) -> tuple[dict[Key, int], dict[Key, int]]:
        """For what is on hand and what is obtained, the last working day on which work begins with it.

        ``ends``: the last day of what is obtained and counts for a time only.
        """
        begin: dict[Key, int] = {}
        wanted: dict[Key, int] = {}  # by the ways above it
        for key in reversed(self.used):  # entered after all it needs: so these come first here
            way, _, _ = self.used[key]
            at = self.days[key] - way.step.days
            if not (way.step.days or way.step.effort):  # no work of its own: the use is above it
                at = wanted.get(key, at)
            begin[key] = at
            for one in self.kept_for(way, key[1], at, ends):
                wanted[one] = max(wanted.get(one, 0), at)
        found: dict[Key, int] = {}
        for key, at in begin.items():
            for one in self.there_for(key):
                found[one] = max(found.get(one, 0), at)
        return found, {key: wanted[key] for key in self.papers if key in wanted}

    def kept_for(self, way: Way, place: str, at: int, ends: Mapping[Key, date]) -> list[Key]:
        """What a way takes of what the route provides: where there is a choice, what lasts longest."""
        found: list[Key] = []
        for need in way.needs:
            told = self.needed(need, place)
            keys, k = self.asked(need, place) if told else ([], 0)
            if k < len(keys):
                ready = [one for one in keys if one in self.days and self.days[one] <= at]
                ready = [one for one in ready if self.dossier.state(*one) is not Held.ON_HAND]
                told = sorted(ready, key=lambda one: ends.get(one, date.max), reverse=True)[: len(told)]
            found += told
        return found

    def there_for(self, key: Key) -> list[Key]:
        """What is on hand that a way on the route counts on; where more is there than needed, what lasts."""
        place, found = key[1], []
        for need in self.used[key][0].needs:
            if need.when and not self.true(need.when, place, quiet=True):
                continue
            keys, k = self.asked(need, place)
            there = [one for one in keys if self.dossier.state(*one) is Held.ON_HAND]
            there.sort(key=lambda one: (self.dossier.last_day(*one) or date.max, one), reverse=True)
            found += there[:k]
        return found

    def totals(self) -> dict[str, int]:
        """What the route takes, element by element."""
        costs = [self.pack.evidence[name].cost for name, _ in self.papers]
        ways = list(self.used.values())
        return {
            "rank": sum(0 if done else way.rank for way, _, done in ways),
            "money_fen": sum(c.money_fen or 0 for c in costs)
            + sum(way.step.money_fen or 0 for way, _, _ in ways),
            "effort": sum(c.effort for c in costs) + sum(way.step.effort for way, _, _ in ways),
            "items": len(costs),
            "days": max(self.days.values(), default=0),
        }


def _sample(kind: str, answers: tuple[str, ...]) -> Value | None:
    """One value of a class of answers."""
    first = answers[0]
    if kind == "bool":
        return first == "true"
    if kind in ("enum", "text"):
        return first
    bounds = first.split("…")[0].strip()
    sign, number = (bounds[0], bounds[1:]) if bounds[:1] in "<>=" else (">", bounds)
    try:
        edge = Decimal(number.strip())
    except InvalidOperation:
        return None
    return edge + {"<": Decimal("-0.01"), ">": Decimal("0.01"), "=": Decimal(0)}[sign]
