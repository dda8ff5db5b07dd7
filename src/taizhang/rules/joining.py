"""A city brought together: where every home stands, what each estate shares, and its homes in that plan.

Reads from: ``columns``, ``shared``, ``walks``.  Read by: ``city``, ``outline``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from taizhang.rules.accord import Shared
from taizhang.rules.columns import Columns, plan_columns
from taizhang.rules.estate import Stopwatch
from taizhang.rules.ground import ground
from taizhang.rules.remaining import Remaining
from taizhang.rules.shared import plan_shared
from taizhang.rules.solver import Library
from taizhang.rules.table import Table
from taizhang.rules.template import Template, compile_pack
from taizhang.rules.terms import Dossier, Pack
from taizhang.rules.truth import standing
from taizhang.rules.upward import Upward
from taizhang.rules.walks import Walked, walk_city

__all__ = ["Joined", "join_city"]


@dataclass(frozen=True, slots=True)
class Joined:
    """A city's plans before anything is said of them.

    Attributes:
        columns: Marginal plans of all units.
        shared: By estate: the joint plan of what is shared.
        walked: The units in these.
        ranges: By estate: its rows among the units.
    """

    columns: Columns
    shared: Sequence[Shared]
    walked: Walked
    ranges: Sequence[range]


def join_city(
    pack: Pack,
    table: Table,
    dossiers: Sequence[Dossier],
    order: tuple[str, ...],
    library: Library,
    *,
    before: Upward | None = None,
    watch: Stopwatch | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Joined:
    """Plan every estate of a city.

    Args:
        pack: The law on its day; nothing shared rests on single homes under it.
        table: The dossiers in columns.
        dossiers: One estate each, without what lapsed.
        order: Parts of the objective; days must come last.
        library: Pieces solved before.
        before: The pass from below of a table of the same places, of which little has changed.
        watch: Told when each stage is done.
        progress: Told the estates done and all of them.
    """
    template = compile_pack(pack)
    columns = plan_columns(template, table, order, library, before=before)
    _settle_status(pack, template, columns, dossiers)
    if watch:
        watch.lap("assess")
    ranges = _ranges(template, table, len(dossiers))
    shared, remaining = [], Remaining(columns)
    for number, (dossier, units) in enumerate(zip(dossiers, ranges, strict=True)):
        shared.append(plan_shared(pack, columns, dossier, units, remaining))
        if progress:
            progress(number + 1, len(dossiers))
    walked = walk_city(template, columns, shared)
    if watch:
        watch.lap("joint")
    return Joined(columns, shared, walked, ranges)


def _settle_status(pack: Pack, template: Template, columns: Columns, dossiers: Sequence[Dossier]) -> None:
    """Look at the few units whose status the columns leave open, those of an estate together."""
    level = template.level[template.goal]
    owner, names = columns.table.dossier[level], columns.table.places[level]
    unsure = np.flatnonzero(columns.unsure)
    for estate in np.unique(owner[unsure]).tolist():
        units = unsure[owner[unsure] == estate].tolist()
        problem = ground(pack, dossiers[estate], [(pack.goal, names[unit]) for unit in units])
        stands = standing(problem)
        columns.status[units] = [stands.status(goal) for goal in problem.goals]


def _ranges(template: Template, table: Table, estates: int) -> list[range]:
    """Rows of each estate's units; they stand together."""
    owner = table.dossier[template.level[template.goal]]
    starts = [int((owner < number).sum()) for number in range(estates)]
    stops = [*starts[1:], owner.size]
    return [range(start, stop) for start, stop in zip(starts, stops, strict=True)]
