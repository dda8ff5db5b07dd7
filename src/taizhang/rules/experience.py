"""What a log of finished work says: how long things take, and how many are done at a time.

Reads from: ``terms``, ``worktime``.  Read by: ``forecast``, ``backtest``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taizhang.rules.terms import Completed, Cost, Pack
from taizhang.rules.worktime import WorkCalendar

__all__ = ["ENOUGH", "Experience", "usual_days", "usual_days_of"]

ENOUGH = 30  #: pieces of work of one kind, below which their days say too little

Days = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Experience:
    """What was seen.

    Attributes:
        days: By node or paper, the working days from begun to ended, ascending; those seen often enough.
        desks: By supplier, the most pieces of work in hand on one day.
    """

    days: Mapping[str, Days]
    desks: Mapping[str, int]

    @classmethod
    def of(cls, log: Sequence[Completed], calendar: WorkCalendar) -> Experience:
        """Return what a log says.

        Args:
            log: Finished work.
            calendar: Tells the working days.

        Raises:
            CalendarError: ``E-CALENDAR-YEAR``, a day of the log has no notice.
        """
        taken: dict[str, list[int]] = defaultdict(list)
        moves: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for one in log:
            taken[one.item].append(calendar.count(one.begun, one.ended))
            begun, ended = one.begun.toordinal(), one.ended.toordinal()
            # in hand from the day after it was begun, up to the day it ended; or on the only day it took
            moves[one.supplier] += [(begun + (begun < ended), 1), (ended + 1, -1)]
        days = {item: np.sort(np.array(some, float)) for item, some in taken.items() if len(some) >= ENOUGH}
        return cls(days, {supplier: _most(some) for supplier, some in moves.items()})

    def drawn(self, items: Sequence[str], usual: Days, chances: Days) -> Days:
        """Working days of some work: what was seen, by chance; where too little was seen, the usual days.

        Args:
            items: Node or paper of each.
            usual: Days of each that count where too little was seen.
            chances: For each a number from 0 up to 1; the same number gives the same days.
        """
        found = usual.copy()
        rows: dict[str, list[int]] = defaultdict(list)
        for row, item in enumerate(items):
            if item in self.days:
                rows[item].append(row)
        for item, some in rows.items():
            seen = self.days[item]
            found[some] = seen[(chances[some] * seen.size).astype(np.int64)]
        return found


def _most(moves: list[tuple[int, int]]) -> int:
    """The highest count at once; what ends on a day makes room for what is begun on it."""
    at, most = 0, 1
    for _, step in sorted(moves):
        at += step
        most = max(most, at)
    return most


def usual_days(cost: Cost) -> int:
    """Working days that count where too little was seen: what the law gives, else what is planned."""
    return cost.days if cost.law_days is None else cost.law_days


def usual_days_of(pack: Pack, item: str) -> int:
    """The same of a paper, or of the slowest step of a node."""
    if item in pack.evidence:
        return usual_days(pack.evidence[item].cost)
    return max(usual_days(way.step) for way in pack.nodes[item].ways)
