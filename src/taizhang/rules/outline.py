"""Estates in outline: where their homes stand and what they come to, without anything said of it in words.

What is told is what the plans of ``city`` have, for a fraction of their time: no gaps, steps, bills,
questions or dates are written.  Two worlds are compared by it.

Reads from: ``joining``, ``sums``, ``city``, ``template``.  Read by: ``whatif``, ``leverage``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from taizhang.rules.accord import Shared
from taizhang.rules.city import plan_city
from taizhang.rules.joining import Joined, join_city
from taizhang.rules.solver import Library, city_library
from taizhang.rules.sums import Mask, Sums, papers_of
from taizhang.rules.table import tabulate
from taizhang.rules.template import compile_pack
from taizhang.rules.terms import Assumption, Dossier, EstatePlan, Pack, Status, Vector
from taizhang.rules.upward import Bools
from taizhang.rules.worktime import WorkCalendar

__all__ = ["Drawn", "Outline", "Papers", "drawn", "outline_city", "outline_of"]

#: Shared papers by name and place, as a home waits for them.
Papers: TypeAlias = tuple[tuple[str, str], ...]

_KEPT = "estates in outline"
_MOST_KEPT = 50_000  # pieces; a law that has more begins anew

_PARTS = 5  # of a vector


@dataclass(frozen=True, slots=True)
class Outline:
    """One estate; its homes in the order of its dossier.

    Attributes:
        status: Number of each home's ``Status``.
        marginal: Parts of each home's marginal plan, ``(5, homes)``: rank, fen, hours, papers, days;
            zeros for those that are blocked.
        exact: Whether that is no estimate.
        planned: Homes that the joint plan includes.
        vector: Of the joint plan; zeros where nothing is planned.
        proved: Whether that is the optimum for certain.
        shared: Homes that wait for each set of shared papers, told by name and place; homes that wait for
            none are left out.
        assumes: Answers that the joint plan rests on, without those that homes give for themselves.
    """

    status: NDArray[np.int8]
    marginal: NDArray[np.int64]
    exact: Bools
    planned: int
    vector: Vector
    proved: bool
    shared: Mapping[Papers, int]
    assumes: tuple[Assumption, ...]

    @property
    def waiting(self) -> Counter[str]:
        """Homes that wait for each shared paper, wherever it is."""
        count: Counter[str] = Counter()
        for papers, homes in self.shared.items():
            for item in {name for name, _ in papers}:
                count[item] += homes
        return count


def outline_city(
    pack: Pack,
    dossiers: Sequence[Dossier],
    calendar: WorkCalendar,
    order: tuple[str, ...],
    library: Library,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> list[Outline]:
    """Return the outline of every estate.

    Args:
        pack: The law on its day.
        dossiers: One estate each, with a place on every level of the pack.
        calendar: Tells when papers lapse.
        order: Parts of the objective.
        library: Pieces solved before; made by ``city_library`` or lent from such.
        progress: Told the estates done and all of them.

    Cost:
        Estates whose papers have a last day, and all under a law by which something shared needs
        something of every home, are planned in full.
    """
    full = compile_pack(pack).rests_on_homes or order[-1:] != ("days",)
    whole = [at for at, one in enumerate(dossiers) if full or one.valid_until]
    some = sorted(set(range(len(dossiers))).difference(whole))
    told: dict[int, Outline] = {}

    def tell(done: int, _: int) -> None:
        if progress:
            progress(len(told) + done, len(dossiers))

    if some:
        found = _joined(pack, [dossiers[at] for at in some], order, library, tell)
        told.update(zip(some, found, strict=True))
    if whole:
        names: list[dict[str, str]] = [{}] * len(whole)
        those = [dossiers[at] for at in whole]
        plans = plan_city(pack, those, names, calendar, objective=order, progress=tell)
        told.update(zip(whole, map(outline_of, plans), strict=True))
    return [told[at] for at in range(len(dossiers))]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Estates in outline under one law, as far as anybody asked for them.

    Attributes:
        library: The pieces solved for them; nothing is added any more, others lend from it.
        estates: By ``id`` of the dossier, with the dossier.
    """

    library: Library
    estates: Mapping[int, tuple[Dossier, Outline]]

    def of(self, dossiers: Sequence[Dossier]) -> list[Outline]:
        """Return the outlines of some of them."""
        return [self.estates[id(one)][1] for one in dossiers]


def drawn(
    pack: Pack,
    dossiers: Sequence[Dossier],
    calendar: WorkCalendar,
    order: tuple[str, ...],
    library: Library | None,
    progress: Callable[[int, int], None],
) -> Drawn:
    """Return estates in outline; the law remembers those that were asked for last.

    Args:
        pack: The law on its day.
        dossiers: One estate each.
        calendar: Tells when papers lapse.
        order: Parts of the objective; days must come last.
        library: Pieces solved before, to begin with.
        progress: Told the estates done and all of them.
    """
    key = f"{_KEPT}, {', '.join(order)}"
    kept = pack.once.get(key)
    known = kept.estates if isinstance(kept, Drawn) else {}
    new = [one for one in dossiers if id(one) not in known]
    if isinstance(kept, Drawn) and not new:
        return kept
    lender = kept.library if isinstance(kept, Drawn) and len(kept.library.known) < _MOST_KEPT else library
    pieces = lender.lent() if lender else city_library()
    told = outline_city(pack, new, calendar, order, pieces, progress=progress)
    asked = {id(one): known[id(one)] for one in dossiers if id(one) in known}
    found = Drawn(pieces, asked | {id(one): (one, outline) for one, outline in zip(new, told, strict=True)})
    pack.once[key] = found
    return found


def outline_of(plan: EstatePlan) -> Outline:
    """The outline of an estate that is planned in full."""
    marginal = [one.marginal or Vector() for one in plan.units]
    parts = [(one.rank, one.money_fen, one.effort, one.items, one.days) for one in marginal]
    out, homes = set(plan.joint.left_out), {one.place.id for one in plan.units}
    return Outline(
        np.asarray([one.status for one in plan.units], np.int8),
        np.asarray(parts, np.int64).reshape(len(parts), _PARTS).T,
        np.asarray([one.exact for one in plan.units], np.bool_),
        sum(one.status in (Status.OPEN, Status.DEPENDS) and one.place.id not in out for one in plan.units),
        plan.joint.vector,
        plan.joint.proved,
        Counter(unit.shared for unit in plan.units if unit.shared),
        tuple(one for one in plan.joint.assumes if one.place not in homes),
    )


def _joined(
    pack: Pack,
    dossiers: Sequence[Dossier],
    order: tuple[str, ...],
    library: Library,
    progress: Callable[[int, int], None],
) -> list[Outline]:
    """Outlines of estates whose papers do not lapse."""
    template, dossiers = compile_pack(pack), [one.current() for one in dossiers]
    joined = join_city(pack, tabulate(template, dossiers), dossiers, order, library, progress=progress)
    sums = Sums(template, joined.columns, joined.walked, order)
    return [_of(sums, joined, number) for number in range(len(dossiers))]


def _of(sums: Sums, joined: Joined, estate: int) -> Outline:
    shared, units, columns = joined.shared[estate], joined.ranges[estate], joined.columns
    statuses = sums.statuses(units)
    out = sums.out(shared, units, statuses)
    settled = sums.settled(shared, estate, units, statuses, out)
    rows = slice(units.start, units.stop)
    masks = sums.waiting(shared, joined.walked.insides[estate], units, out)
    return Outline(
        columns.status[rows],
        np.concatenate([columns.cost[:, rows], columns.days[None, rows]]),
        ~columns.alone[rows],
        len(settled.planned),
        settled.vector,
        settled.proved,
        _waiting(sums, shared, {unit: masks[unit - units.start] for unit in settled.planned}),
        tuple(sums.assumes(shared)) if settled.times is not None else (),
    )


def _waiting(sums: Sums, shared: Shared, masks: Mapping[int, Mask]) -> Counter[Papers]:
    """Homes that wait for each set of shared papers."""
    table = sums.columns.table
    parent, names = table.above[sums.finest][sums.finest - 1], table.places[sums.finest - 1]
    waiting: Counter[Papers] = Counter()
    for (mask, building), homes in Counter((mask, int(parent[unit])) for unit, mask in masks.items()).items():
        papers = papers_of(shared, mask, names[building])
        if papers:
            waiting[papers] += homes
    return waiting
