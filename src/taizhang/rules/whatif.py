"""Two worlds compared home by home: what a decision or a paper would open, ease and harm.

Both worlds are planned in the same way; what differs is the law or the dossiers.  Estates that
the difference cannot reach are not planned again.

Reads from: ``city``, ``differing``, ``plan``, ``reach``, ``terms``.  Read by: the command ``whatif``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from taizhang.rules.city import plan_city
from taizhang.rules.differing import differing, known, stands, supposed
from taizhang.rules.plan import cheapest_plan, declared_order
from taizhang.rules.reach import reached
from taizhang.rules.terms import (
    Dossier,
    EstatePlan,
    EstateShift,
    Pack,
    Shift,
    Status,
    UnitPlan,
    UnitShift,
    Vector,
)
from taizhang.rules.worktime import WorkCalendar

__all__ = ["World", "digest_of", "what_if"]

_ALONE = 2_000  # units of estimated cost that are planned one by one; more stay estimates
_NEAR = (Status.OPEN, Status.PROVED)
_PLANNED = (Status.OPEN, Status.DEPENDS)


@dataclass(frozen=True, slots=True)
class World:
    """A law and a city on its day.

    Attributes:
        pack: The law.
        dossiers: One estate each, in the same order in all worlds compared.
    """

    pack: Pack
    dossiers: Sequence[Dossier]


def digest_of(world: World, known: dict[int, bytes] | None = None) -> str:
    """Return one hash over the law and everything that is known, order of entry aside.

    Args:
        world: The world.
        known: Digests of dossiers, by ``id``; worlds that are compared have most of them in common.
    """
    total, seen = sha256(world.pack.digest.encode()), {} if known is None else known
    for dossier in world.dossiers:
        if id(dossier) not in seen:
            seen[id(dossier)] = _told_of(dossier)
        total.update(seen[id(dossier)])
    return total.hexdigest()


def _told_of(dossier: Dossier) -> bytes:
    told = sha256(str(dossier.as_of).encode())
    for place in sorted(dossier.places):
        told.update(f"\n{place}".encode())
    for (name, place), state in sorted(dossier.held.items()):
        told.update(f"\n{name}@{place}={state.value}".encode())
    for (name, place), value in sorted(dossier.facts.items(), key=lambda item: item[0]):
        told.update(f"\n{name}@{place}={value!r}".encode())
    return told.digest()


def what_if(
    before: World,
    after: World,
    identities: Sequence[Mapping[str, str]],
    calendar: WorkCalendar,
    *,
    objective: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Shift:
    """Compare what would be with what is.

    Args:
        before: What is.
        after: What would be; the same estates in the same order.
        identities: What the ledger says of each estate in words.
        calendar: For the dates.
        objective: ``cheapest`` or ``fewest``; the pack's by default.
        progress: Told the estates done and all of them.

    Returns:
        *Unlocked*: blocked or depending on answers before, to be had whatever the answers after.
        *Eased*: not unlocked, and of better status, or of equal status and a smaller vector in the
        declared order.  *Harmed*: the reverse; possible only where something is taken away.

    >>> from datetime import date
    >>> from taizhang.rules import Dossier, WorkCalendar, load_pack
    >>> from taizhang.rules.supposing import suppose
    >>> from taizhang.rules.terms import Supposition
    >>> pack = load_pack("title-certificates", as_of=date(2024, 1, 28))
    >>> lost = ["fire_acceptance_opinion", "fire_filing_record", "fire_makeup_acceptance",
    ...         "fire_police_era_doc", "fire_safety_assessment", "completion_filing_form"]
    >>> known = {"fire_status": "none", "legacy_case": True}
    >>> home = Dossier.of(pack, unobtainable=lost, facts=known)
    >>> supposed = suppose(pack, [Supposition("enable", "fire_material.commitment")])
    >>> shift = what_if(World(pack, [home]), World(supposed, [home]), [{}], WorkCalendar.china())
    >>> [(one.kind, one.before.word, one.after.word) for one in shift.units]
    [('eased', 'blocked', 'depends')]
    """
    pack, order = before.pack, declared_order(before.pack, objective)
    assert pack.levels == after.pack.levels, "the worlds are of one programme"
    touched = _touched(before, after)
    numbers = _changed(before, after, touched, order)
    plans = _planned((before, after), numbers, identities, calendar, objective, progress)
    inexact = sum(not unit.exact for estates in plans for estate in estates for unit in estate.units)
    units: list[UnitShift] = []
    estates: list[EstateShift] = []
    estimated = 0
    for number, one, two in zip(numbers, *plans, strict=True):
        compared = _Compared(before, after, number, order, inexact <= _ALONE)
        mine = list(compared.units(one, two))
        estimated += compared.estimated
        units += mine
        shift = _estate(one, two, mine)
        if mine or shift.before != shift.after or shift.planned_before != shift.planned_after:
            estates.append(shift)
    more, less = _waiting(*plans)
    hashed: dict[int, bytes] = {}
    return Shift(
        (),
        tuple(units),
        tuple(estates),
        more,
        less,
        digests=(digest_of(before, hashed), digest_of(after, hashed)),
        reached=len(touched),
        estimated=estimated,
    )


def _planned(
    worlds: Sequence[World],
    numbers: Sequence[int],
    identities: Sequence[Mapping[str, str]],
    calendar: WorkCalendar,
    objective: str | None,
    progress: Callable[[int, int], None] | None,
) -> list[list[EstatePlan]]:
    """Some estates planned in each world."""
    plans = []
    for at, world in enumerate(worlds):

        def tell(done: int, total: int, at: int = at) -> None:
            if progress:
                progress(at * total + done, len(worlds) * total)

        dossiers = [world.dossiers[one] for one in numbers]
        names = [identities[one] for one in numbers]
        plans.append(plan_city(world.pack, dossiers, names, calendar, objective=objective, progress=tell))
    return plans


def _touched(before: World, after: World) -> list[int]:
    """Estates whose dossier differs, or that the difference of the law can reach."""
    law = set(reached(before.pack, after.pack, before.dossiers))
    return [
        number
        for number, (one, two) in enumerate(zip(before.dossiers, after.dossiers, strict=True))
        if number in law or (one is not two and (one.held != two.held or one.facts != two.facts))
    ]


def _changed(before: World, after: World, touched: Sequence[int], order: Sequence[str]) -> list[int]:
    """Of the estates touched, those whose plans can differ."""
    if not touched or before.pack.evidence != after.pack.evidence or tuple(order)[-1:] != ("days",):
        return list(touched)
    steps = _steps(before.pack), _steps(after.pack)
    if any(steps[0][way] != steps[1][way] for way in steps[0].keys() & steps[1].keys()):
        return list(touched)
    # papers cost the same; ways that differ have other names or other needs
    everyone = range(len(before.dossiers))
    few = 2 * len(touched) < len(everyone) and not known(before.pack, before.dossiers, order)
    some = list(touched) if few else list(everyone)  # few are planned without the rest of the city
    is_ = stands(before.pack, [before.dossiers[one] for one in some], order)
    asked = range(len(some)) if few else touched
    told = supposed(after.pack, [after.dossiers[one] for one in some], is_, asked)
    return sorted(some[one] for one in differing(*told))


def _steps(pack: Pack) -> dict[str, object]:
    """What each way's own work costs, and its rank; ways that only one world has are left to the columns."""
    return {f"{node.id}.{way.id}": (way.step, way.rank) for node in pack.nodes.values() for way in node.ways}


class _Compared:
    """The units of one estate in both worlds."""

    def __init__(self, before: World, after: World, number: int, order: tuple[str, ...], alone: bool) -> None:
        self.before, self.after, self.number, self.order, self.alone = before, after, number, order, alone
        self.estimated = 0

    def units(self, before: EstatePlan, after: EstatePlan) -> Iterator[UnitShift]:
        """Units that come nearer or move away."""
        for one, two in zip(before.units, after.units, strict=True):
            if not (one.exact and two.exact) and self.alone:
                one, two = self._exactly(self.before, one), self._exactly(self.after, two)  # noqa: PLW2901
            kind = self._kind(one, two)
            if kind:
                yield UnitShift(
                    one.place, before.place.id, one.status, two.status, kind, one.marginal, two.marginal
                )

    def _exactly(self, world: World, unit: UnitPlan) -> UnitPlan:
        """The marginal plan of a unit that the columns only estimate."""
        if unit.exact or unit.status is Status.BLOCKED:
            return unit
        dossier = world.dossiers[self.number]
        plan = cheapest_plan(world.pack, dossier, objective=self.order, place=unit.place.id)
        return replace(unit, marginal=plan.vector, exact=plan.proved)

    def _kind(self, one: UnitPlan, two: UnitPlan) -> str:
        if one.status not in _NEAR and two.status in _NEAR:
            return "unlocked"
        if one.status != two.status:
            return "eased" if two.status < one.status else "harmed"
        if one.marginal is None or two.marginal is None:
            return ""
        if not (one.exact and two.exact):
            self.estimated += 1
            return ""
        left, right = one.marginal.ordered(self.order), two.marginal.ordered(self.order)
        return "eased" if right < left else "harmed" if right > left else ""


def _estate(before: EstatePlan, after: EstatePlan, units: Sequence[UnitShift]) -> EstateShift:
    kinds = Counter(one.kind for one in units)
    planned = [
        sum(unit.status in _PLANNED and unit.place.id not in estate.joint.left_out for unit in estate.units)
        for estate in (before, after)
    ]
    return EstateShift(
        before.place,
        before.identity.get("county", ""),
        before.classes,
        len(before.units),
        kinds["unlocked"],
        kinds["eased"],
        kinds["harmed"],
        planned[0],
        planned[1],
        before.joint.vector if planned[0] else Vector(),
        after.joint.vector if planned[1] else Vector(),
        before.joint.proved and after.joint.proved,
    )


def _waiting(
    before: Sequence[EstatePlan], after: Sequence[EstatePlan]
) -> tuple[tuple[tuple[str, int, int], ...], tuple[tuple[str, int, int], ...]]:
    """Shared papers for which more units wait than before, and those for which fewer do."""
    counts = []
    for estates in (before, after):
        count: Counter[str] = Counter()
        for estate in estates:
            for shared, units in Counter(unit.shared for unit in estate.units).items():
                for item in {item for item, _ in shared}:
                    count[item] += units
        counts.append(count)
    rows = [(item, counts[0][item], counts[1][item]) for item in sorted(counts[0] | counts[1])]
    more = sorted((row for row in rows if row[2] > row[1]), key=lambda row: (row[1] - row[2], row[0]))
    less = sorted((row for row in rows if row[2] < row[1]), key=lambda row: (row[2] - row[1], row[0]))
    return tuple(more), tuple(less)
