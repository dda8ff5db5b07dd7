"""Work that waits for desks (rules.md C.14, item 19): against formulas, laws and two slower programs."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heapreplace
from math import factorial
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taizhang.rules.queueing import NOBODY, Job, Yard

from .packs import examples


def network(draw: Random, most: int = 14) -> tuple[list[Job], list[float], list[int]]:
    """Random work of whole days at up to three suppliers, each piece waiting for some before it."""
    stations = draw.randint(1, 3)
    jobs = []
    for number in range(draw.randint(1, most)):
        needs = tuple(n for n in range(number) if draw.random() < 0.25)
        station = draw.choice([NOBODY, *range(stations)])
        jobs.append(
            Job(station, needs, draw.randint(0, 9), float(draw.choice([0, 0, 0, draw.randint(0, 9)])))
        )
    days = [float(draw.randint(0, 6)) for _ in jobs]
    return jobs, days, [draw.randint(1, 3) for _ in range(stations)]


class DayByDay:
    """The same by looking at everything on every day, until nothing more ends, comes or is begun on it."""

    def __init__(
        self, jobs: Sequence[Job], days: Sequence[float], desks: Sequence[int], ranked: bool
    ) -> None:
        self.jobs, self.days, self.desks, self.ranked = jobs, days, desks, ranked
        self.came: dict[int, float] = {}
        self.until: dict[int, float] = {}

    def ended(self) -> list[float]:
        now = 0.0
        while any(self.until.get(n, now) >= now for n in range(len(self.jobs))):
            while self.come(now) or self.begin_at_no_desk(now) or self.begin_at_desks(now):
                pass
            now += 1
        return [self.until[n] for n in range(len(self.jobs))]

    def done(self, number: int, now: float) -> bool:
        return number in self.until and self.until[number] <= now

    def come(self, now: float) -> bool:
        new = [
            n
            for n, job in enumerate(self.jobs)
            if n not in self.came and job.release <= now and all(self.done(need, now) for need in job.needs)
        ]
        self.came |= dict.fromkeys(new, now)
        return bool(new)

    def waiting(self, station: int) -> list[int]:
        queue = [n for n in self.came if n not in self.until and self.jobs[n].station == station]
        return sorted(queue, key=lambda n: (-self.jobs[n].homes if self.ranked else 0, self.came[n], n))

    def begin_at_no_desk(self, now: float) -> bool:
        new = self.waiting(NOBODY)
        self.until |= {n: now + self.days[n] for n in new}
        return bool(new)

    def begin_at_desks(self, now: float) -> bool:
        new = []
        for station, count in enumerate(self.desks):
            at_work = [n for n in self.until if self.jobs[n].station == station and not self.done(n, now)]
            new += self.waiting(station)[: count - len(at_work)]
        self.until |= {n: now + self.days[n] for n in new}
        return bool(new)


@examples(400, 20_000)
@given(st.integers(0, 2**40), st.booleans())
def test_work_is_passed_through_as_looking_at_every_day_finds(seed, ranked):
    jobs, days, desks = network(Random(seed))

    assert Yard(jobs).run(days, desks, ranked=ranked).ended == DayByDay(jobs, days, desks, ranked).ended()


@examples(300, 20_000)
@given(st.integers(0, 2**40))
def test_19_where_nobody_waits_for_a_desk_work_ends_with_its_critical_path(seed):
    jobs, days, desks = network(Random(seed))
    longest: list[float] = []
    for number, job in enumerate(jobs):
        start = max([job.release, *(longest[need] for need in job.needs)])
        longest.append(start + days[number])

    assert Yard(jobs).run(days, [len(jobs)] * len(desks)).ended == longest


@examples(300, 20_000)
@given(st.integers(0, 2**40))
def test_19_in_one_queue_one_more_desk_begins_nothing_later(seed):
    """True piece by piece where who comes first is served first, and there is one stage only."""
    draw = Random(seed)
    jobs = [Job(0, release=draw.uniform(0, 30)) for _ in range(draw.randint(1, 40))]
    days = [draw.expovariate(0.5) for _ in jobs]
    desks = draw.randint(1, 4)

    before, after = (Yard(jobs).run(days, [count]).begun for count in (desks, desks + 1))

    assert all(two <= one for one, two in zip(before, after, strict=True))


def queue_of(c: int, load: float, size: int, seed: int) -> tuple[list[Job], list[float]]:
    """Customers of an M/M/c queue with a mean service of 1."""
    draw = np.random.default_rng(seed)
    times = np.cumsum(draw.exponential(1 / (c * load), size))
    return [Job(0, release=float(time)) for time in times], draw.exponential(1.0, size).tolist()


def erlang_c(c: int, load: float) -> float:
    """Chance of waiting in an M/M/c queue.

    Erlang, "Solution of some problems in the theory of probabilities of significance in automatic
    telephone exchanges" (1917).
    """
    offered = c * load
    last = offered**c / factorial(c) / (1 - load)
    return last / (sum(offered**k / factorial(k) for k in range(c)) + last)


@pytest.mark.parametrize(("c", "load"), [(1, 0.5), (1, 0.8), (3, 0.7), (8, 0.85)])
def test_19_customers_of_a_random_queue_wait_as_erlang_says(c, load):
    jobs, days = queue_of(c, load, 60_000, seed=5)

    told = Yard(jobs).run(days, [c])

    waits = np.array(told.begun) - np.array(told.ready)
    chance = erlang_c(c, load)
    assert np.mean(waits > 1e-9) == pytest.approx(chance, rel=0.05)
    assert waits.mean() == pytest.approx(chance / (c * (1 - load)), rel=0.08)


def test_19_how_many_are_there_is_how_often_they_come_times_how_long_they_stay():
    """Little, "A proof for the queuing formula L = λW" (1961); counted here by looking in at random."""
    c, load = 3, 0.8
    jobs, days = queue_of(c, load, 40_000, seed=2)
    told = Yard(jobs).run(days, [c])
    came, left = np.sort(told.ready), np.sort(told.ended)
    looks = np.random.default_rng(3).uniform(0, came[-1], 20_000)

    there = np.searchsorted(came, looks, "right") - np.searchsorted(left, looks, "right")

    stay = float(np.mean(np.array(told.ended) - np.array(told.ready)))
    assert there.mean() == pytest.approx(c * load * stay, rel=0.05)


@examples(200, 10_000)
@given(st.integers(0, 2**40))
def test_one_queue_is_served_as_the_desk_that_is_free_first_serves_it(seed):
    """Kiefer and Wolfowitz, "On the theory of queues with many servers" (1955)."""
    draw = Random(seed)
    jobs = [Job(0, release=time) for time in sorted(draw.uniform(0, 40) for _ in range(draw.randint(1, 50)))]
    days, desks = [draw.expovariate(0.4) for _ in jobs], draw.randint(1, 5)
    free, wanted = [0.0] * desks, []
    for job, taken in zip(jobs, days, strict=True):
        wanted.append(max(job.release, free[0]) + taken)
        heapreplace(free, wanted[-1])

    assert Yard(jobs).run(days, [desks]).ended == pytest.approx(wanted)


def test_19_in_several_stages_more_desks_help_on_average():
    """Not always: in a network a piece may come to a later queue in a worse moment."""
    changes = []
    for seed in range(300):
        jobs, days, desks = network(Random(seed), most=40)
        yard = Yard(jobs)
        before, after = (np.mean(yard.run(days, some).ended) for some in (desks, [d + 1 for d in desks]))
        changes.append(after - before)

    assert np.mean(changes) < -0.5


def test_most_homes_go_first_where_they_are_ranked():
    jobs = [Job(0, homes=1), Job(0, homes=9), Job(0, homes=5)]

    assert Yard(jobs).run([2.0, 2.0, 2.0], [1]).ended == [2.0, 4.0, 6.0]
    assert Yard(jobs).run([2.0, 2.0, 2.0], [1], ranked=True).ended == [6.0, 2.0, 4.0]


def test_work_that_waits_for_itself_and_stations_without_a_desk_are_refused():
    with pytest.raises(ValueError, match="waits for itself"):
        Yard([Job(0, (1,)), Job(0, (0,))]).run([1.0, 1.0], [1])
    with pytest.raises(ValueError, match="needs a desk"):
        Yard([Job(0)]).run([1.0], [0])
