"""Estates whose plans can differ between two laws, told from the columns alone.

Where every home of an estate has the same status, cost, days and papers in both worlds, and is made
of the same pieces, the joint plan is the same as well: it is put together from nothing else.

Reads from: ``recall``, ``solver``, ``table``, ``template``.  Read by: ``whatif``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taizhang.rules.recall import Marginal, Recall
from taizhang.rules.solver import city_library
from taizhang.rules.table import Table, retabulate, tabulate
from taizhang.rules.template import compile_pack
from taizhang.rules.terms import Dossier, Pack

__all__ = ["Standing", "differing", "known", "stands", "supposed"]

_KEPT = "homes of a city"


@dataclass(frozen=True, slots=True)
class Standing:
    """A city in columns with its marginal plans under one law.

    Attributes:
        dossiers: One estate each.
        table: What is known, as the law reads it.
        memory: The law's memory of homes.
        plans: Of every home.
    """

    dossiers: tuple[Dossier, ...]
    table: Table
    memory: Recall
    plans: Marginal

    @property
    def owner(self) -> NDArray[np.int32]:
        """Number of the dossier of every home."""
        return self.table.dossier[self.memory.finest]


def stands(pack: Pack, dossiers: Sequence[Dossier], objective: Sequence[str]) -> Standing:
    """Return a city as it stands; the law remembers it until another one is asked for.

    Args:
        pack: The law on its day.
        dossiers: One estate each.
        objective: Parts in the declared order, days last.

    Cost:
        Nothing where the same dossiers were asked for last; otherwise that of putting them into columns,
        and of planning the homes never seen like this.
    """
    key = _key(objective)
    kept = pack.once.pop(key, None)  # who asks at the same time, in another thread, begins anew
    if not isinstance(kept, Standing):
        template = compile_pack(pack)
        kept = _standing(
            tuple(dossiers), tabulate(template, dossiers), Recall(template, objective, city_library())
        )
    elif not _same(kept, dossiers):
        kept = _standing(tuple(dossiers), tabulate(kept.memory.template, dossiers), kept.memory)
    pack.once[key] = kept
    return kept


def known(pack: Pack, dossiers: Sequence[Dossier], objective: Sequence[str]) -> bool:
    """Whether a city as it stands is the one that was asked for last."""
    kept = pack.once.get(_key(objective))
    return isinstance(kept, Standing) and _same(kept, dossiers)


def _key(objective: Sequence[str]) -> str:
    return f"{_KEPT}, {', '.join(objective)}"


def _same(kept: Standing, dossiers: Sequence[Dossier]) -> bool:
    pairs = zip(kept.dossiers, dossiers, strict=False)
    return len(kept.dossiers) == len(dossiers) and all(one is two for one, two in pairs)


def _standing(dossiers: tuple[Dossier, ...], table: Table, memory: Recall) -> Standing:
    return Standing(dossiers, table, memory, memory.plan(table))


def supposed(
    pack: Pack, dossiers: Sequence[Dossier], before: Standing, touched: Sequence[int]
) -> tuple[Marginal, Marginal, NDArray[np.int32]]:
    """Return the homes of some estates as they are and as another law would have them.

    Args:
        pack: The other law; papers, and steps of ways that both have, cost the same.
        dossiers: What would be known, in the same order.
        before: What is.
        touched: Numbers of the estates, ascending.

    Returns:
        Their homes in both worlds, and the number of the dossier of each.
    """
    template, memory = compile_pack(pack), before.memory
    same = all(one is two for one, two in zip(dossiers, before.dossiers, strict=True))
    if same:
        table = retabulate(template, dossiers, memory.template, before.table)
    else:
        table = tabulate(template, dossiers)
    rows = np.flatnonzero(np.isin(before.owner, list(touched)))
    same_law = template is memory.template
    other = memory if same_law else Recall(template, memory.objective, memory.library.lent())
    after = other.plan(table.only(rows, memory.finest))
    return before.plans.at(rows), after, before.owner[rows]


def differing(one: Marginal, other: Marginal, owner: NDArray[np.int32]) -> set[int]:
    """Return the numbers of the dossiers whose plans can differ.

    Args:
        one: Homes in the one world.
        other: The same homes in the other.
        owner: Number of the dossier of each.
    """
    rows = (one.status != other.status) | (one.days != other.days) | (one.cost != other.cost).any(axis=0)
    rows |= (one.made != other.made) | (one.made == 0) | (other.made == 0)
    rows |= one.unsure | other.unsure  # where they stand is looked at home by home, later
    return set(np.unique(owner[rows]).tolist())
