"""When certificates can be expected: remaining work passed through the desks of its suppliers.

The days come from a log of finished work and are told only where a forecast of its last third would have
come true.  The chances of a run are those of its seed and its number alone, so that other desks are
compared on the same runs.

Reads from: ``backtest``, ``experience``, ``queueing``, ``worklist``, ``worktime``.  Read by: the doors.

Source:
    Common random numbers: Law, "Simulation Modeling and Analysis", chapter 11.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taizhang.errors import InputError
from taizhang.rules.backtest import PERCENTILES, backtest
from taizhang.rules.estate import due_dates
from taizhang.rules.experience import Experience, usual_days
from taizhang.rules.queueing import NOBODY, Job, Yard
from taizhang.rules.terms import Backtest, Completed, Desk, EstateOutlook, EstatePlan, Forecast, Pack
from taizhang.rules.worklist import Worklist, worklist
from taizhang.rules.worktime import WorkCalendar

__all__ = ["Settings", "forecast", "look_ahead"]

Days = NDArray[np.float64]
_LEAST_KNOWN = 0.5  # of the remaining work the log must say how long it takes


@dataclass(frozen=True, slots=True)
class Settings:
    """How to look ahead.

    Attributes:
        desks: By supplier, how much it does at a time; where none is told, the most it had in hand at once.
        more: By supplier, how many desks more, or fewer, are supposed.
        runs, seed: Simulated runs, and where their chances begin.
        ranked: Whether what most homes wait for goes first; otherwise who comes first.
    """

    desks: Mapping[str, int]
    more: Mapping[str, int]
    runs: int = 500
    seed: int = 1
    ranked: bool = False


def forecast(
    pack: Pack,
    plans: Sequence[EstatePlan],
    log: Sequence[Completed],
    settings: Settings,
    calendar: WorkCalendar,
    progress: Callable[[int, int], None] | None = None,
) -> Forecast:
    """Return when estates will be done.

    Args:
        pack: The law the plans were made under.
        plans: One estate each, of one day.
        log: Finished work.
        settings: Desks, runs and order.
        calendar: Tells the working days.
        progress: Called with runs done and runs in all.

    Raises:
        InputError: ``E-FORECAST-LOG`` the log is too short; ``E-FORECAST-UNTRUE`` a forecast of its last
            third would not have come true; ``E-FORECAST-THIN`` of too much of the work it says nothing;
            ``E-FORECAST-NOTHING`` nothing is planned; ``E-FORECAST-DESKS`` a supplier would have no desk.

    Cost:
        O(r n log n) for r runs of n pieces of work.
    """
    work = worklist(pack, plans)
    if all(end is None for end in work.ends):
        raise _nothing()
    tests = min(settings.runs, 200)
    held = backtest(pack, log, settings.desks, calendar, runs=tests, seed=settings.seed, progress=progress)
    if not held.reliable:
        raise _untrue(held)
    seen = Experience.of(log, calendar)
    if (known := _known(work, seen)) < _LEAST_KNOWN:
        raise _thin(known)
    return look_ahead(plans, work, seen, settings, calendar, held, progress)


def look_ahead(  # noqa: PLR0913, PLR0917 (as ``forecast``, with what was found out before)
    plans: Sequence[EstatePlan],
    work: Worklist,
    seen: Experience,
    settings: Settings,
    calendar: WorkCalendar,
    held: Backtest,
    progress: Callable[[int, int], None] | None = None,
) -> Forecast:
    """Return when estates will be done, where a backtest was held; see :func:`forecast`.

    Args:
        plans: One estate each.
        work: That of the plans; something is planned.
        seen: What the log says.
        settings: Desks, runs and order.
        calendar: Tells the working days.
        held: The backtest.
        progress: Called with runs done and runs in all.

    Raises:
        InputError: ``E-FORECAST-DESKS`` a supplier would have no desk.
    """
    return _Ahead(plans, work, seen, settings, calendar, progress).told(held)


def _known(work: Worklist, seen: Experience) -> float:
    """Share of the work that takes time of which was seen often enough how long it takes."""
    asked = [one.item for one in work.tasks if usual_days(one.cost)]
    return sum(item in seen.days for item in asked) / max(1, len(asked))


def _no_desk(supplier: str, desks: int) -> InputError:
    return InputError(
        "--more leaves '{supplier}' without a desk: it has {desks}.",
        hint="Take at most one less than it has.",
        zh="--more 使“{supplier}”一个台位也不剩：它现有 {desks} 个。请至少留一个。",
        code="E-FORECAST-DESKS",
        supplier=supplier,
        desks=desks,
    )


def _nothing() -> InputError:
    return InputError(
        "Nothing is planned in these ledgers: there is nothing to forecast.",
        hint="Look at the sheet of estates of `taizhang plan`: all is done or blocked.",
        zh="台账中没有可办的事项，无从预测。请看 taizhang plan 的小区表：要么已办结，要么被卡住。",
        code="E-FORECAST-NOTHING",
    )


def _untrue(held: Backtest) -> InputError:
    shares = ", ".join(f"{round(100 * held.within[each])}% (P{each})" for each in (80, 95))
    return InputError(
        "A forecast would not have come true: of {tested} pieces of work only {shares} ended by the days "
        "told; no dates are told.",
        hint="Check --desks and the days of the log, give a longer one, or leave out when work was begun.",
        zh="回测未通过：{tested} 件中按期办结的只有 {shares}，因此不给出日期。"
        "请核对 --desks 和记录中的日期、提供更长时间的记录，或不填开始日期。",
        code="E-FORECAST-UNTRUE",
        tested=held.tested,
        shares=shares,
    )


def _thin(known: float) -> InputError:
    return InputError(
        "The log says of {known}% of the remaining work how long it takes: too little for dates.",
        hint="Give a log of all offices with work to do: half of it must be of kinds seen 30 times.",
        zh="剩余事项中只有 {known}% 能从记录得知办理时间，不足以给出日期。"
        "请提供各相关单位的记录：至少一半的事项须各有 30 件以上。",
        code="E-FORECAST-THIN",
        known=round(100 * known),
    )


class _Ahead:
    """All runs over the remaining work."""

    def __init__(
        self,
        plans: Sequence[EstatePlan],
        work: Worklist,
        seen: Experience,
        settings: Settings,
        calendar: WorkCalendar,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self.plans, self.work, self.seen, self.settings = plans, work, seen, settings
        self.calendar, self.progress = calendar, progress
        self.suppliers = sorted({one.supplier for one in work.tasks if one.supplier})
        number = {name: at for at, name in enumerate(self.suppliers)}
        self.yard = Yard([Job(number.get(one.supplier, NOBODY), one.needs, one.homes) for one in work.tasks])
        self.items = [one.item for one in work.tasks]
        self.usual = np.array([float(usual_days(one.cost)) for one in work.tasks])
        self.goals = [end for end in work.ends if end is not None]
        self.station = np.array([job.station for job in self.yard.jobs])

    def told(self, held: Backtest) -> Forecast:
        """The forecast."""
        settings, more = self.settings, self.settings.more
        desks = [settings.desks.get(name) or self.seen.desks.get(name, 1) for name in self.suppliers]
        other = [count + more.get(name, 0) for name, count in zip(self.suppliers, desks, strict=True)]
        for name, count in zip(self.suppliers, other, strict=True):
            if count < 1:
                raise _no_desk(name, count - more[name])
        ends, busy, wait = self._runs(other)
        later, longer = np.zeros(len(self.goals)), np.zeros(len(self.suppliers))
        if other != desks:
            before, _, waited = self._runs(desks)
            later, longer = (ends - before).mean(axis=0), (wait - waited).mean(axis=0)
        seldom = {one for one, days in zip(self.items, self.usual, strict=True) if days}
        return Forecast(
            self.plans[0].start,
            _known(self.work, self.seen),
            settings.runs,
            settings.seed,
            settings.ranked,
            tuple(self._estates(ends, later)),
            tuple(self._desks(other, busy.mean(axis=0), wait.mean(axis=0), longer)),
            tuple(sorted(seldom - self.seen.days.keys())),
            tuple(n for n in self.suppliers if n not in settings.desks and n not in self.seen.desks),
            held,
        )

    def _runs(self, desks: Sequence[int]) -> tuple[Days, Days, Days]:
        """Last days by run and estate; busy share and mean wait by run and supplier."""
        settings, size, stations = self.settings, len(self.items), len(desks)
        ends = np.empty((settings.runs, len(self.goals)))
        busy, wait = np.zeros((settings.runs, stations)), np.zeros((settings.runs, stations))
        at = self.station >= 0
        pieces = np.maximum(1, np.bincount(self.station[at], minlength=stations))
        for run in range(settings.runs):
            chances = np.random.default_rng((settings.seed, run)).random(size)
            days = self.seen.drawn(self.items, self.usual, chances)
            passed = self.yard.run(days.tolist(), desks, ranked=settings.ranked)
            ended = np.array(passed.ended)
            ends[run] = ended[self.goals]
            span = max(1.0, float(ended.max()))
            worked = np.bincount(self.station[at], days[at], stations)
            busy[run] = worked / (np.array(desks) * span)
            waited = np.array(passed.begun) - np.array(passed.ready)
            wait[run] = np.bincount(self.station[at], waited[at], stations) / pieces
            if self.progress:
                self.progress(run + 1, settings.runs)
        return ends, busy, wait

    def _estates(self, ends: Days, later: Days) -> list[EstateOutlook]:
        told = np.rint(np.percentile(ends, PERCENTILES, axis=0, method="inverted_cdf")).astype(int)
        planned_days = [float(one.cost.days) for one in self.work.tasks]
        alone = self.yard.run(planned_days, [len(self.items) + 1] * len(self.suppliers)).ended
        planned = [plan for plan, end in zip(self.plans, self.work.ends, strict=True) if end is not None]
        offsets = {int(day) for day in told.flat}
        dates = due_dates(self.calendar, self.plans[0].start, offsets)
        found = []
        for at, (plan, goal) in enumerate(zip(planned, self.goals, strict=True)):
            days = {each: int(told[row, at]) for row, each in enumerate(PERCENTILES)}
            found.append(
                EstateOutlook(
                    plan.place.id,
                    plan.place.name or plan.place.id,
                    len(plan.units) - len(plan.joint.left_out),
                    round(alone[goal]),
                    days,
                    {each: dates[day] for each, day in days.items()},
                    float(later[at]),
                )
            )
        return found

    def _desks(self, desks: Sequence[int], busy: Days, wait: Days, longer: Days) -> list[Desk]:
        pieces = np.bincount(self.station[self.station >= 0], minlength=len(desks))
        found = [
            Desk(name, desks[at], int(pieces[at]), float(busy[at]), float(wait[at]), float(longer[at]))
            for at, name in enumerate(self.suppliers)
        ]
        return sorted(found, key=lambda one: (-one.busy, one.supplier))
