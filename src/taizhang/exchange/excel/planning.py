"""From ledger rows to a planned city, without a database.

Each estate becomes a dossier, and the rules plan it.

Reads from: ``alike``, ``gathering``, ``regrouping``, ``rules``.  Read by: ``cli``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from taizhang.exchange.excel.joining.alike import nearly_alike
from taizhang.exchange.excel.joining.gathered import Told
from taizhang.exchange.excel.joining.gathering import gather_all
from taizhang.exchange.excel.joining.regrouping import Regrouping, regroup
from taizhang.rules.city import plan_city
from taizhang.rules.estate import Stopwatch, full_plan
from taizhang.rules.leverage import leverage_rows
from taizhang.rules.scope import named_nowhere
from taizhang.rules.terms import (
    Cited,
    CityPlan,
    Complaint,
    Difference,
    Dossier,
    EstatePlan,
    Ledger,
    Pack,
)
from taizhang.rules.worktime import WorkCalendar

__all__ = ["plan_ledgers"]

MOST_ESTATES_IN_DEPTH = 1
MOST_UNITS_IN_DEPTH = 150

Progress = Callable[[str, int, int], None]
_AS_THEY_ARE = Regrouping()


def plan_ledgers(  # noqa: PLR0913 (what to plan by, and for whom)
    ledgers: Sequence[Ledger],
    pack: Pack,
    *,
    prefer: str = "cheapest",
    overlays: Sequence[str] = (),
    decisions: Sequence[str] = (),
    regrouping: Regrouping = _AS_THEY_ARE,
    calendar: WorkCalendar | None = None,
    progress: Progress | None = None,
) -> CityPlan:
    """Plan every estate of one or more ledgers.

    Args:
        ledgers: As read; the same estate in two of them is a complaint.
        pack: The law on its day.
        prefer: ``cheapest``, ``fewest`` or ``fastest``.
        overlays: Ids to be shown with the plan.
        decisions: Ids to be shown with the plan.
        regrouping: Estates to merge and to split, as a mapping says.
        calendar: For the dates; the official one that comes with this version by default.
        progress: Called with stage, done, total.
    """
    complaints = [one for ledger in ledgers for one in ledger.complaints]
    regrouped = regroup(ledgers, regrouping, pack)
    found = gather_all(regrouped.ledgers, pack, regrouped.part_of)
    gathered = found.estates
    told = [*regrouped.told, *found.told, *nearly_alike(gathered, regrouped.ledgers)]
    complaints += [one.complaint for one in told]
    calendar = calendar or WorkCalendar.china()
    estates: list[EstatePlan] = []
    watch = Stopwatch(time.perf_counter)
    dossiers = [Dossier(pack.as_of, one.places, one.held, one.facts, one.valid_until) for one in gathered]

    def tell(done: int, total: int) -> None:
        if progress:
            progress("plan", done, total)

    if _in_depth(dossiers) or prefer == "fastest":
        for number, (dossier, one) in enumerate(zip(dossiers, gathered, strict=True)):
            estates.append(full_plan(pack, dossier, one.identity, calendar, objective=prefer, watch=watch))
            tell(number + 1, len(gathered))
    else:
        names = [one.identity for one in gathered]
        estates += plan_city(pack, dossiers, names, calendar, objective=prefer, watch=watch, progress=tell)
    complaints += _for_nobody(pack, dossiers)
    complaints += _undated(estates, max(calendar.years, default=pack.as_of.year - 1) + 1)
    return CityPlan(
        pack,
        _with_told(regrouped.ledgers, told),
        tuple(estates),
        tuple(complaints),
        leverage_rows(estates),
        prefer,
        tuple(overlays),
        tuple(decisions),
        watch.seconds,
        _side_by_side(ledgers, (*regrouped.differences, *found.differences)),
    )


def _with_told(ledgers: Sequence[Ledger], told: Sequence[Told]) -> tuple[Ledger, ...]:
    """The ledgers with all that is complained of their cells: many have a sheet of the same name."""
    more: dict[int, list[Complaint]] = {}
    for one in told:
        if one.complaint.sheet:
            more.setdefault(one.ledger, []).append(one.complaint)
    return tuple(
        replace(ledger, complaints=(*ledger.complaints, *more[number])) if number in more else ledger
        for number, ledger in enumerate(ledgers)
    )


def _side_by_side(ledgers: Sequence[Ledger], between: Sequence[Difference]) -> tuple[Difference, ...]:
    """All differences, each once.

    Of two cells of one ledger the first need not count: where another ledger's does, that stands
    beside the second.
    """
    counts: dict[tuple[str, Cited], Cited] = {}
    for one in between:
        counts.setdefault((one.what, one.other), one.used)
    found: list[Difference] = []
    for one in (one for ledger in ledgers for one in ledger.differences):
        used = counts.get((one.what, one.used)) if one.kind == "disagree" else None
        if used is None:
            found.append(one)
        elif used.text == one.other.text:
            found.append(replace(one, used=one.other, other=one.used))
        else:
            found.append(replace(one, used=used))
    each: dict[tuple[str, str, Cited, Cited], Difference] = {}
    for one in (*found, *between):  # what an estate's row says of many buildings is one cell
        each.setdefault((one.kind, one.what, one.used, one.other), one)
    return tuple(each.values())


def _in_depth(dossiers: Sequence[Dossier]) -> bool:
    """Whether every paper's alternatives are priced as well: that takes seconds an estate."""
    units = sum(place.level == "unit" for one in dossiers for place in one.places.values())
    return len(dossiers) <= MOST_ESTATES_IN_DEPTH and units <= MOST_UNITS_IN_DEPTH


def _for_nobody(pack: Pack, dossiers: Sequence[Dossier]) -> list[Complaint]:
    """One complaint for each estate that a decision names and no ledger has."""
    return [
        Complaint("C-DECISION-ESTATE", "", "", one.name, one.say("en"), one.say("zh"))
        for one in named_nowhere(pack, dossiers)
    ]


def _undated(estates: Iterable[EstatePlan], year: int) -> list[Complaint]:
    """One complaint where dates fall in a year without a holiday notice."""
    if not any(day is None for estate in estates for day in estate.due.values()):
        return []
    return [
        Complaint(
            "C-CALENDAR-YEAR",
            "",
            "",
            f"{year}",
            f"The holiday notice for {year} is not out yet; working days are shown instead of such dates.",
            f"{year}年放假安排未公布，相关日期以工作日数代替。",
        )
    ]
