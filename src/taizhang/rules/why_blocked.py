"""Where the trouble starts: the nodes that block a unit although all they need could be had.

The columnar form of ``truth.root_blockers``, for the few units of a city that are blocked.

Reads from: ``columns``, ``template``.  Read by: ``portrait``.
"""

from __future__ import annotations

import numpy as np

from taizhang.rules.columns import Columns
from taizhang.rules.template import Template
from taizhang.rules.terms import Status
from taizhang.rules.upward import FALSE, Bools

__all__ = ["blockers_of"]


def blockers_of(template: Template, columns: Columns) -> dict[int, tuple[str, ...]]:
    """Return the root blockers of every blocked unit, in id order.

    Empty for a unit that is blocked only because no answers suit all its needs.
    """
    units = np.flatnonzero(columns.status == Status.BLOCKED)
    if not units.size:
        return {}
    up = columns.units.tier.up
    finest = template.level[template.goal]
    elements = template.problem.elements

    def feasible(number: int) -> Bools:
        return np.asarray(up.at(up.feasible[number], template.depth[number], finest)[units])

    reached: dict[int, Bools] = {template.goal: ~feasible(template.goal)}
    roots: dict[int, set[str]] = {}
    for number in range(len(elements)):
        if number not in reached or not reached[number].any():
            continue
        deeper = np.zeros(units.size, np.bool_)
        for way in template.ways[number]:
            open_ = reached[number]
            if way.condition >= 0:
                truth = up.guard(way.condition, template.depth[number])[0]
                open_ = open_ & (up.at(truth, template.depth[number], finest)[units] != FALSE)
            held = up.at(up.table.held[number], template.level[number], finest)[units]
            open_ = open_ & (held == 0)
            for one in {one for need in way.needs for one in need.of if template.ways[one]}:
                trouble = open_ & ~feasible(one)
                deeper |= trouble
                reached[one] = reached[one] | trouble if one in reached else trouble
        if not elements[number].switch:
            for at in np.flatnonzero(reached[number] & ~deeper).tolist():
                roots.setdefault(int(units[at]), set()).add(elements[number].name)
    return {unit: tuple(sorted(names)) for unit, names in roots.items()}
