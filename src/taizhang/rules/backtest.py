"""Whether a forecast made in the past would have come true.

The log is cut: what had ended by then is known, what was received later is forecast from it, and the
days told are held against what happened.

Reads from: ``experience``, ``queueing``, ``terms``, ``worktime``.  Read by: ``forecast``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import numpy as np

from taizhang.errors import InputError
from taizhang.rules.experience import ENOUGH, Experience, usual_days_of
from taizhang.rules.queueing import NOBODY, Job, Yard
from taizhang.rules.terms import Backtest, Completed, Pack
from taizhang.rules.worktime import WorkCalendar

__all__ = ["PERCENTILES", "backtest"]

PERCENTILES = (50, 80, 95)
_KNOWN = 2 / 3  # of the log comes before the cut
# So much of what is tested ends by the day told with 80 and 95 per cent, or nothing is told.
_LEAST = {80: 0.7, 95: 0.85}


def backtest(  # noqa: PLR0913 (as ``forecast``)
    pack: Pack,
    log: Sequence[Completed],
    desks: Mapping[str, int],
    calendar: WorkCalendar,
    *,
    runs: int = 200,
    seed: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Backtest:
    """Forecast the last third of a log from what had ended before.

    Args:
        pack: Its days count where too little was seen.
        log: Finished work.
        desks: By supplier; where none is told, the most that were in hand at a time before the cut.
        calendar: Tells the working days.
        runs: Simulated runs.
        seed: Where their chances begin.
        progress: Called with runs done and runs in all.

    Raises:
        InputError: ``E-FORECAST-LOG``: fewer than 30 pieces of work before the cut, or after it.
    """
    log = sorted(log, key=lambda one: (one.received, one.begun, one.ended, one.item))
    cut = log[min(len(log) - 1, round(len(log) * _KNOWN))].received if log else date.min
    known = [one for one in log if one.ended < cut]
    tested = [number for number, one in enumerate(log) if one.received >= cut]
    if min(len(known), len(tested)) < ENOUGH:
        raise too_little(len(known), len(tested), cut if log else None)
    seen = Experience.of(known, calendar)
    first = log[0].received
    suppliers = sorted({one.supplier for one in log})
    counts = [desks.get(name) or seen.desks.get(name, 1) for name in suppliers]
    station = {name: at if name else NOBODY for at, name in enumerate(suppliers)}
    yard = Yard([Job(station[one.supplier], release=calendar.count(first, one.received)) for one in log])
    items = [one.item for one in log]
    usual = np.array([float(usual_days_of(pack, item)) for item in items])
    done = np.array([one.ended < cut for one in log])
    took = np.array([float(calendar.count(one.begun, one.ended)) for one in log])
    ends = np.empty((runs, len(tested)))
    for run in range(runs):
        chances = np.random.default_rng((seed, run)).random(len(log))
        days = np.where(done, took, seen.drawn(items, usual, chances))
        ended = yard.run(days.tolist(), counts).ended
        ends[run] = [ended[number] for number in tested]
        if progress:
            progress(run + 1, runs)
    actual = np.array([calendar.count(first, log[number].ended) for number in tested])
    told = np.percentile(ends, PERCENTILES, axis=0, method="inverted_cdf")
    within = {each: float(np.mean(actual <= days)) for each, days in zip(PERCENTILES, told, strict=True)}
    reliable = all(within[each] >= least for each, least in _LEAST.items())
    return Backtest(cut, len(tested), within, reliable)


def too_little(known: int, tested: int, cut: date | None) -> InputError:
    """The error that there is too little to go by."""
    return InputError(
        "The log is too short: {known} pieces of finished work before {cut}, {tested} after.",
        hint="Give a log with at least {least} of each, a year's if possible; `taizhang plan` tells the "
        "critical path without one.",
        zh="办件记录太少，无法预测：{cut} 前办结 {known} 件、之后 {tested} 件。"
        "请提供两段各不少于 {least} 件的记录（最好满一年）；没有记录时，关键路径见 taizhang plan。",
        code="E-FORECAST-LOG",
        known=known,
        tested=tested,
        cut=cut or "-",
        least=ENOUGH,
    )
