"""Two worlds compared home by home: what a decision or a paper would open, ease and harm.

Both worlds are planned in the same way; what differs is the law or the dossiers.  Estates that
the difference cannot reach are not planned again.

Reads from: ``city``, ``differing``, ``outline``, ``plan``, ``reach``, ``terms``.  Read by: the doors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from taizhang.rules.city import plan_city
from taizhang.rules.differing import differing, known, stands, supposed
from taizhang.rules.outline import Outline, drawn, outline_city
from taizhang.rules.plan import cheapest_plan, declared_order
from taizhang.rules.reach import reached
from taizhang.rules.solver import Library, city_library
from taizhang.rules.terms import (
    Dossier,
    EstateShift,
    Pack,
    Place,
    Shift,
    Status,
    UnitShift,
    Vector,
    by_place,
)
from taizhang.rules.worktime import WorkCalendar

__all__ = ["World", "digest_of", "what_if"]

_ALONE = 2_000  # units of estimated cost that are planned one by one; more stay estimates
_DIGESTS = "digests of dossiers"
_NEAR = (Status.OPEN, Status.PROVED)


@dataclass(frozen=True, slots=True)
class World:
    """A law and a city on its day.

    Attributes:
        pack: The law.
        dossiers: One estate each, in the same order in all worlds compared.
    """

    pack: Pack
    dossiers: Sequence[Dossier]


def digest_of(world: World, known: dict[int, tuple[Dossier, bytes]] | None = None) -> str:
    """Return one hash over the law and everything that is known, order of entry aside.

    Args:
        world: The world.
        known: Dossiers with their digests, by ``id``; worlds that are compared have most of them in common.
    """
    total, seen = sha256(world.pack.digest.encode()), {} if known is None else known
    for dossier in world.dossiers:
        if id(dossier) not in seen:
            seen[id(dossier)] = dossier, _told_of(dossier)
        total.update(seen[id(dossier)][1])
    return total.hexdigest()


def _digests(before: World, after: World) -> tuple[str, str]:
    """Of both worlds; the law remembers the dossiers of the first, for one asks of them again and again."""
    kept = before.pack.once.get(_DIGESTS)
    known = dict(kept) if isinstance(kept, dict) else {}
    told = digest_of(before, known)
    before.pack.once[_DIGESTS] = {id(one): known[id(one)] for one in before.dossiers}
    return told, digest_of(after, known)


def _told_of(dossier: Dossier) -> bytes:
    places = "".join(f"\n{place}" for place in sorted(dossier.places))
    papers = sorted(
        (name, place, state.value)
        for place, said in by_place(dossier.held).by_place()
        for name, state in said.items()
    )
    facts = sorted(
        (name, place, repr(value))
        for place, said in by_place(dossier.facts).by_place()
        for name, value in said.items()
    )
    told = "".join(f"\n{name}@{place}={what}" for name, place, what in (*papers, *facts))
    last = sorted((name, place, str(day)) for (name, place), day in dossier.valid_until.items())
    told += "".join(f"\n{name}@{place} until {day}" for name, place, day in last)
    return sha256(f"{dossier.as_of}{places}{told}".encode()).digest()


def what_if(
    before: World,
    after: World,
    identities: Sequence[Mapping[str, str]],
    calendar: WorkCalendar,
    *,
    objective: str | None = None,
    progress: Callable[[int, int], None] | None = None,
    classes: bool = True,
) -> Shift:
    """Compare what would be with what is.

    Args:
        before: What is.
        after: What would be; the same estates in the same order.
        identities: What the ledger says of each estate in words.
        calendar: For the dates.
        objective: ``cheapest`` or ``fewest``; the pack's by default.
        progress: Told the estates done and all of them.
        classes: Whether the problem classes of estates that change are told; that takes planning each of
            them in full, which is more than half of the whole time where many change.

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
    numbers, library = _changed(before, after, touched, order)
    both = _outlines((before, after), numbers, calendar, order, library, progress)
    inexact = sum(int((~one.exact).sum()) for outlines in both for one in outlines)
    units: list[UnitShift] = []
    changed: list[tuple[int, Outline, Outline, list[UnitShift]]] = []
    estimated = 0
    for number, one, two in zip(numbers, *both, strict=True):
        compared = _Compared(before, after, number, order, inexact <= _ALONE)
        mine = list(compared.units(one, two))
        estimated += compared.estimated
        units += mine
        if mine or one.vector != two.vector or one.planned != two.planned:
            changed.append((number, one, two, mine))
    some = [number for number, _, _, _ in changed] if classes else []
    now = plan_city(
        pack,
        [before.dossiers[one] for one in some],
        [identities[one] for one in some],
        calendar,
        objective=objective,
    )
    told = {number: plan.classes for number, plan in zip(some, now, strict=True)}
    more, less = _waiting(*both)
    return Shift(
        (),
        tuple(units),
        tuple(
            _estate(before.dossiers[number], identities[number], told.get(number, ()), one, two, mine)
            for number, one, two, mine in changed
        ),
        more,
        less,
        digests=_digests(before, after),
        reached=len(touched),
        estimated=estimated,
    )


def _outlines(
    worlds: tuple[World, World],
    numbers: Sequence[int],
    calendar: WorkCalendar,
    order: tuple[str, ...],
    library: Library | None,
    progress: Callable[[int, int], None] | None,
) -> tuple[list[Outline], list[Outline]]:
    """Some estates in outline in both worlds; what is common to both laws is solved once."""
    drawn_now = 0

    def tell(done: int, total: int) -> None:
        nonlocal drawn_now
        drawn_now = total
        if progress:
            progress(done, total + len(numbers))

    def tell_further(done: int, total: int) -> None:
        if progress:
            progress(drawn_now + done, drawn_now + total)

    some = [[world.dossiers[one] for one in numbers] for world in worlds]
    before, after = worlds
    is_ = drawn(before.pack, some[0], calendar, order, library, tell)
    pieces = is_.library.lent() if _cost_alike(before.pack, after.pack) else city_library()
    would = outline_city(after.pack, some[1], calendar, order, pieces, progress=tell_further)
    return is_.of(some[0]), would


def _touched(before: World, after: World) -> list[int]:
    """Estates whose dossier differs, or that the difference of the law can reach."""
    law = set(reached(before.pack, after.pack, before.dossiers))
    return [
        number
        for number, (one, two) in enumerate(zip(before.dossiers, after.dossiers, strict=True))
        if number in law or (one is not two and _known_otherwise(one, two))
    ]


def _known_otherwise(one: Dossier, two: Dossier) -> bool:
    """Whether something else is known of an estate, or it does not last as long."""
    told = (one.as_of, one.held, one.facts, one.valid_until)
    return told != (two.as_of, two.held, two.facts, two.valid_until)


def _changed(
    before: World, after: World, touched: Sequence[int], order: Sequence[str]
) -> tuple[list[int], Library | None]:
    """Of the estates touched, those whose plans can differ, and the pieces solved to find them."""
    if not touched or tuple(order)[-1:] != ("days",) or not _cost_alike(before.pack, after.pack):
        return list(touched), None
    # papers cost the same; ways that differ have other names or other needs
    everyone = range(len(before.dossiers))
    few = 2 * len(touched) < len(everyone) and not known(before.pack, before.dossiers, order)
    some = list(touched) if few else list(everyone)  # few are planned without the rest of the city
    is_ = stands(before.pack, [before.dossiers[one] for one in some], order)
    asked = range(len(some)) if few else touched
    told = supposed(after.pack, [after.dossiers[one] for one in some], is_, asked)
    both = (before.dossiers, after.dossiers)  # columns know no dates: what lapses is told with the plan
    lapsing = {one for one in touched if any(dossiers[one].valid_until for dossiers in both)}
    return sorted(lapsing.union(some[one] for one in differing(*told))), is_.memory.library


def _cost_alike(before: Pack, after: Pack) -> bool:
    """Whether papers cost the same under two laws, and ways that both have."""
    steps = _steps(before), _steps(after)
    same = all(steps[0][way] == steps[1][way] for way in steps[0].keys() & steps[1].keys())
    return same and before.evidence == after.evidence


def _steps(pack: Pack) -> dict[str, object]:
    """What each way's own work costs, and its rank; ways that only one world has are left to the columns."""
    return {f"{node.id}.{way.id}": (way.step, way.rank) for node in pack.nodes.values() for way in node.ways}


class _Compared:
    """The units of one estate in both worlds."""

    def __init__(self, before: World, after: World, number: int, order: tuple[str, ...], alone: bool) -> None:
        self.before, self.after, self.number, self.order, self.alone = before, after, number, order, alone
        self.estimated = 0

    def units(self, before: Outline, after: Outline) -> Iterator[UnitShift]:
        """Units that come nearer or move away."""
        dossier = self.before.dossiers[self.number]
        places = [one for one in dossier.places.values() if one.level == self.before.pack.levels[-1]]
        estate = next(one for one in dossier.places.values() if one.level == "estate")
        differs = (before.status != after.status) | (before.marginal != after.marginal).any(axis=0)
        differs |= ~(before.exact & after.exact)
        for row in np.flatnonzero(differs).tolist():
            place = places[row]
            one, two = _Home.of(before, row), _Home.of(after, row)
            if not (one.exact and two.exact) and self.alone:
                one, two = self._exactly(self.before, place, one), self._exactly(self.after, place, two)
            kind = self._kind(one, two)
            if kind:
                yield UnitShift(place, estate.id, one.status, two.status, kind, one.marginal, two.marginal)

    def _exactly(self, world: World, place: Place, home: _Home) -> _Home:
        """The marginal plan of a unit that the columns only estimate."""
        if home.exact or home.status is Status.BLOCKED:
            return home
        dossier = world.dossiers[self.number]
        plan = cheapest_plan(world.pack, dossier, objective=self.order, place=place.id)
        return _Home(home.status, plan.vector, plan.proved)

    def _kind(self, one: _Home, two: _Home) -> str:
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


@dataclass(frozen=True, slots=True)
class _Home:
    """Where one home stands."""

    status: Status
    marginal: Vector | None
    exact: bool

    @classmethod
    def of(cls, estate: Outline, row: int) -> _Home:
        status = Status(int(estate.status[row]))
        marginal = None if status is Status.BLOCKED else Vector(*estate.marginal[:, row].tolist())
        return cls(status, marginal, bool(estate.exact[row]))


def _estate(
    dossier: Dossier,
    identity: Mapping[str, str],
    classes: tuple[str, ...],
    before: Outline,
    after: Outline,
    units: Sequence[UnitShift],
) -> EstateShift:
    kinds = Counter(one.kind for one in units)
    return EstateShift(
        next(one for one in dossier.places.values() if one.level == "estate"),
        identity.get("county", ""),
        classes,
        before.status.size,
        kinds["unlocked"],
        kinds["eased"],
        kinds["harmed"],
        before.planned,
        after.planned,
        before.vector if before.planned else Vector(),
        after.vector if after.planned else Vector(),
        before.proved and after.proved,
    )


def _waiting(
    before: Sequence[Outline], after: Sequence[Outline]
) -> tuple[tuple[tuple[str, int, int], ...], tuple[tuple[str, int, int], ...]]:
    """Shared papers for which more units wait than before, and those for which fewer do."""
    counts = []
    for estates in (before, after):
        count: Counter[str] = Counter()
        for estate in estates:
            count.update(estate.waiting)
        counts.append(count)
    rows = [(item, counts[0][item], counts[1][item]) for item in sorted(counts[0] | counts[1])]
    more = sorted((row for row in rows if row[2] > row[1]), key=lambda row: (row[1] - row[2], row[0]))
    less = sorted((row for row in rows if row[2] < row[1]), key=lambda row: (row[2] - row[1], row[0]))
    return tuple(more), tuple(less)
