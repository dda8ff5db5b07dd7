"""Work that waits for desks: one run of a discrete-event simulation.

Work is begun when all that it needs is done and a desk of its supplier is free.  Of what waits for a
desk, the first to come is next, or, where it is ranked, what most homes wait for.

Reads from: nothing of ours.  Read by: ``forecast``, ``backtest``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

__all__ = ["NOBODY", "Job", "Passage", "Yard"]

NOBODY = -1  #: the station of work that needs no desk: it only takes its time

_DONE, _COME = 0, 1


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work.

    Attributes:
        station: Number of the supplier, or ``NOBODY``.
        needs: Numbers of the work that must be done before.
        homes: Homes that wait for it.
        release: Working day before which it does not come.
    """

    station: int
    needs: tuple[int, ...] = ()
    homes: int = 0
    release: float = 0.0


@dataclass(frozen=True, slots=True)
class Passage:
    """When every piece of work came, was begun and was done, in working days."""

    ready: list[float]
    begun: list[float]
    ended: list[float]


class Yard:
    """All the work, passed through as often as is wanted.

    Args:
        jobs: Numbered from 0.

    Attributes:
        waits: For how many others each one waits.
        after: The others that wait for it.

    Source:
        Event scheduling as in Law, "Simulation Modeling and Analysis", chapter 1.

    >>> yard = Yard([Job(0), Job(0), Job(NOBODY, (0, 1))])
    >>> yard.run([3.0, 2.0, 1.0], [1]).ended, yard.run([3.0, 2.0, 1.0], [2]).ended
    ([3.0, 5.0, 6.0], [3.0, 2.0, 4.0])
    """

    def __init__(self, jobs: Sequence[Job]) -> None:
        self.jobs = tuple(jobs)
        self.waits = [len(set(job.needs)) for job in jobs]
        self.after: list[list[int]] = [[] for _ in jobs]
        for number, job in enumerate(jobs):
            for need in set(job.needs):
                self.after[need].append(number)

    def run(self, days: Sequence[float], desks: Sequence[int], *, ranked: bool = False) -> Passage:
        """Pass all work through.

        Args:
            days: Working days that each piece takes.
            desks: Of each station, at least 1.
            ranked: Whether what most homes wait for goes first.

        Raises:
            ValueError: Some work waits for itself, or a station has no desk.

        Cost:
            O(n log n) for n pieces of work.
        """
        return _Run(self, days, desks, ranked=ranked).passed()


class _Run:
    def __init__(self, yard: Yard, days: Sequence[float], desks: Sequence[int], *, ranked: bool) -> None:
        if min(desks, default=1) < 1:
            raise ValueError("every station needs a desk")
        size = len(yard.jobs)
        self.yard, self.days = yard, days
        self.free, self.queues = list(desks), [list[tuple[int, float, int]]() for _ in desks]
        self.rank = [-job.homes if ranked else 0 for job in yard.jobs]
        self.told = Passage([0.0] * size, [0.0] * size, [0.0] * size)
        self.left = list(yard.waits)
        self.events = [(job.release, _COME, n) for n, job in enumerate(yard.jobs) if not job.needs]
        heapify(self.events)
        self.asked: set[int] = set()  # stations at which something came or was done

    def passed(self) -> Passage:
        done, events = 0, self.events
        while events:
            now = events[0][0]
            while events and events[0][0] == now:  # all that happens now, before a desk is given to anybody
                _, kind, number = heappop(events)
                if kind == _DONE:
                    done += 1
                    self._done(number, now)
                else:
                    self._come(number, now)
            for station in self.asked:
                queue = self.queues[station]
                while queue and self.free[station]:
                    self.free[station] -= 1
                    self._begin(heappop(queue)[2], now)
            self.asked.clear()
        if done < len(self.yard.jobs):
            raise ValueError("some work waits for itself")
        return self.told

    def _done(self, number: int, now: float) -> None:
        station = self.yard.jobs[number].station
        if station >= 0:
            self.free[station] += 1
            self.asked.add(station)
        for other in self.yard.after[number]:
            self.left[other] -= 1
            if not self.left[other]:
                release = self.yard.jobs[other].release
                if release > now:
                    heappush(self.events, (release, _COME, other))
                else:
                    self._come(other, now)

    def _come(self, number: int, now: float) -> None:
        self.told.ready[number] = now
        station = self.yard.jobs[number].station
        if station < 0:
            self._begin(number, now)
        else:
            heappush(self.queues[station], (self.rank[number], now, number))
            self.asked.add(station)

    def _begin(self, number: int, now: float) -> None:
        self.told.begun[number] = now
        self.told.ended[number] = end = now + self.days[number]
        heappush(self.events, (end, _DONE, number))
