"""A made-up year of finished work: what suppliers received, begun and ended, first come first served.

Reads from: ``rules.terms``.  Read by: the counter at the terminal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from heapq import heapreplace

import numpy as np

from taizhang.rules.terms import Completed, Pack

__all__ = ["made_up_log"]

_FULL = (0.55, 0.9)  # share of its desks' time that a supplier is busy
_SPREAD = 0.5  # of the logarithm of the days that one piece takes


def made_up_log(pack: Pack, days: Sequence[date], pieces: int, seed: int) -> list[Completed]:
    """Return finished work of some working days, by the day it ended.

    Args:
        pack: Its papers and steps, with their planned days.
        days: Working days, ascending; what ends later is left out.
        pieces: How much is received, about.
        seed: Where chances begin.
    """
    draw = np.random.default_rng(seed)
    work = _by_supplier(pack)
    total = sum(map(len, work.values()))
    found: list[Completed] = []
    for supplier, some in sorted(work.items()):
        count = max(1, round(pieces * len(some) / total))
        found += _at_one_supplier(draw, supplier, some, days, count)
    return sorted(found, key=lambda one: (one.ended, one.supplier, one.item, one.received))


def _by_supplier(pack: Pack) -> dict[str, list[tuple[str, int]]]:
    """Papers and steps of every supplier, with their planned days."""
    found: dict[str, list[tuple[str, int]]] = {}
    for paper in pack.evidence.values():
        found.setdefault(paper.supplier, []).append((paper.id, paper.cost.days))
    for node in pack.nodes.values():
        for way in node.ways:
            if way.step_supplier and way.step.days:
                found.setdefault(way.step_supplier, []).append((node.id, way.step.days))
    return found


def _at_one_supplier(
    draw: np.random.Generator,
    supplier: str,
    work: Sequence[tuple[str, int]],
    days: Sequence[date],
    pieces: int,
) -> Iterator[Completed]:
    """What one supplier received, in a single queue before its desks."""
    mean = sum(max(1, planned) for _, planned in work) / len(work)
    desks = max(1, round(pieces * mean / len(days) / draw.uniform(*_FULL)))
    free = [0] * desks
    for received in sorted(draw.integers(len(days), size=pieces).tolist()):
        item, planned = work[int(draw.integers(len(work)))]
        begun = max(received, free[0])
        ended = begun + max(1, round(max(1, planned) * draw.lognormal(-(_SPREAD**2) / 2, _SPREAD)))
        heapreplace(free, ended)
        if ended < len(days):
            yield Completed(item, supplier, days[received], days[begun], days[ended])
