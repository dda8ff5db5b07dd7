"""Estates whose plans can differ between two laws, told from the columns alone.

Where every home of an estate has the same status, cost, days and papers in both worlds, and is made
of the same pieces, the joint plan is the same as well: it is put together from nothing else.

Reads from: ``columns``, ``table``, ``template``.  Read by: ``whatif``.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taizhang.rules.columns import Columns, plan_columns
from taizhang.rules.solver import Library
from taizhang.rules.table import tabulate
from taizhang.rules.template import Template, compile_pack
from taizhang.rules.terms import Dossier, Pack
from taizhang.rules.upward import Bools

__all__ = ["Marginals", "differing", "marginals"]


@dataclass(frozen=True, slots=True)
class Marginals:
    """The marginal plans of a city under one law.

    Attributes:
        template: The compiled pack.
        columns: Its homes.
    """

    template: Template
    columns: Columns


def marginals(
    pack: Pack, dossiers: Sequence[Dossier], objective: Sequence[str], library: Library
) -> Marginals:
    """Return the marginal plan of every home.

    Args:
        pack: The law on its day.
        dossiers: One estate each.
        objective: Parts in the declared order, days last.
        library: Pieces solved before; two laws may share it where papers and steps cost the same.
    """
    template = compile_pack(pack)
    return Marginals(template, plan_columns(template, tabulate(template, dossiers), objective, library))


def differing(one: Marginals, other: Marginals) -> set[int]:
    """Return the numbers of the dossiers whose plans can differ.

    Args:
        one: The one world.
        other: The other, of the same dossiers.
    """
    left, right = one.columns, other.columns
    rows = (left.status != right.status) | (left.days != right.days) | (left.cost != right.cost).any(axis=0)
    for columns in (left, right):  # of what is not cut out nothing is known here
        rows |= columns.units.torn | columns.above.torn[columns.row]
    rows |= _papers(one, other)
    ids: dict[Hashable, int] = {}
    mine, theirs = _pieces(one, ids), _pieces(other, ids)
    nothing = np.full(left.status.size, -1, np.int64)
    for name in sorted(mine.keys() | theirs.keys()):
        rows |= mine.get(name, nothing) != theirs.get(name, nothing)
    level = one.template.level[one.template.goal]
    return set(np.unique(left.table.dossier[level][rows]).tolist())


def _papers(one: Marginals, other: Marginals) -> Bools:
    """Homes with other papers; the two laws number them each in its own way."""
    found = np.zeros(one.columns.status.size, np.bool_)
    sets = []
    for world in (one, other):
        elements = world.template.problem.elements
        sets.append({element.name: number for number, element in enumerate(elements) if element.cost})
    for name in sorted(sets[0].keys() | sets[1].keys()):
        has = [
            _has(world.columns, numbers[name]) if name in numbers else np.zeros(found.size, np.bool_)
            for world, numbers in zip((one, other), sets, strict=True)
        ]
        found |= has[0] != has[1]
    return found


def _has(columns: Columns, number: int) -> Bools:
    word = columns.papers[number // 64] >> np.uint64(number % 64)
    return np.asarray(word & np.uint64(1), np.bool_)


def _pieces(world: Marginals, ids: dict[Hashable, int]) -> Mapping[str, NDArray[np.int64]]:
    """Which pieces every home is made of, by first choice; numbered alike in both worlds."""
    columns, elements = world.columns, world.template.problem.elements
    number = [ids.setdefault(shelf.local.key, len(ids)) for shelf in columns.workshop.shelves]
    table = np.asarray([*number, -1], np.int64)
    found = {f"own {elements[first].name}": table[column] for first, column in columns.units.pieces.items()}
    for first, column in columns.above.pieces.items():
        found[f"above {elements[first].name}"] = table[column][columns.row]
    return found
