"""``decisions``: a city in memory, asked what would follow: planned again, a way adopted, papers obtained.

Everything after loading is timed in the process that loaded the city; nothing is written.
"""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

from bench.machine import load_now, versions
from taizhang.exchange.demo_city import write_demo_city
from taizhang.exchange.excel.dossiers import dossiers_of
from taizhang.exchange.excel.returned.receiving import receive
from taizhang.rules.city import plan_city
from taizhang.rules.columns import plan_columns
from taizhang.rules.differing import differing, marginals
from taizhang.rules.incremental import LiveCity
from taizhang.rules.leverage import bundles
from taizhang.rules.opening import Opening
from taizhang.rules.pack import load_pack
from taizhang.rules.plan import declared_order
from taizhang.rules.reach import reached
from taizhang.rules.solver import Library
from taizhang.rules.supposing import suppose
from taizhang.rules.table import tabulate
from taizhang.rules.template import compile_pack
from taizhang.rules.terms import Dossier, Held, Pack, Supposition
from taizhang.rules.upward import Upward
from taizhang.rules.worktime import WorkCalendar

__all__ = ["run"]

ESTATES, UNITS = 732, 132_600
DAY = date(2024, 1, 28)
SUPPOSED = Supposition("enable", "fire_material.commitment")


def run(rounds: int = 3, scale: float = 1.0) -> dict[str, Any]:
    """Return the result record; ``scale`` shrinks the city, not the twenty estates of the bundle."""
    pack = load_pack(
        "title-certificates", overlays=["title-certificates-shandong", "demo-city-rules"], as_of=DAY
    )
    rows: list[dict[str, Any]] = []
    estates, units = max(1, round(ESTATES * scale)), max(10, round(UNITS * scale))
    started = time.perf_counter()
    dossiers = _city(pack, estates, units)
    rows.append(_row("reading the ledger", units, [time.perf_counter() - started]))
    rows += _in_memory(pack, dossiers, units, rounds)
    rows += _bundles(pack, rounds)
    return {
        "rounds": rounds,
        "heads": ["work", "units", "seconds", "least", "most", "result"],
        "rows": rows,
        "versions": versions(("numpy",)),
        "load_after": load_now(),
        "notes": [
            "The way supposed is adopted for the whole city; estates out of its reach are not.",
            "One document: a building's survey arrives; its estate is planned jointly again.",
        ],
    }


def _city(pack: Pack, estates: int, units: int) -> tuple[Dossier, ...]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "city.xlsx"
        write_demo_city(path, estates=estates, units=units, seed=1, pack=pack)
        return dossiers_of(receive([path], pack), pack).dossiers


def _row(work: str, units: int, seconds: list[float], result: object = "") -> dict[str, Any]:
    return {
        "work": work,
        "units": units,
        "seconds": round(median(seconds), 4),
        "least": round(min(seconds), 4),
        "most": round(max(seconds), 4),
        "result": str(result),
    }


def _timed(rounds: int, work: Callable[[], object]) -> tuple[list[float], object]:
    taken, told = [], None
    for _ in range(rounds):
        gc.collect()
        started = time.perf_counter()
        told = work()
        taken.append(time.perf_counter() - started)
    return taken, told


def _in_memory(pack: Pack, dossiers: tuple[Dossier, ...], units: int, rounds: int) -> list[dict[str, Any]]:
    order, rows = declared_order(pack, None), []
    template = compile_pack(pack)
    taken, _ = _timed(1, lambda: tabulate(template, dossiers))
    rows.append(_row("loading into columns", units, taken))
    table = tabulate(template, dossiers)
    library = Library()
    taken, first = _timed(1, lambda: plan_columns(template, table, order, library))
    rows.append(_row("marginal plans, the first time", units, taken))
    workshop = first.workshop  # type: ignore[attr-defined]
    taken, _ = _timed(rounds, lambda: plan_columns(template, table, order, library, workshop))
    rows.append(_row("marginal plans again, pieces known", units, taken))
    up = Upward(template, table)
    opening = Opening(template, table, up)
    taken, told = _timed(rounds, opening.by_paper)
    rows.append(_row(f"leverage of {len(opening.papers)} kinds of paper", units, taken, max(told.values())))  # type: ignore[attr-defined]
    supposed = suppose(pack, [SUPPOSED])

    def compared() -> int:
        numbers = reached(pack, supposed, dossiers)
        shared = Library()
        worlds = [marginals(law, [dossiers[n] for n in numbers], order, shared) for law in (pack, supposed)]
        return len(differing(*worlds))

    taken, told = _timed(1, compared)
    rows.append(_row("a way adopted: both worlds of the estates it reaches", units, taken, f"{told} estates"))
    taken, changed = _documents(pack, dossiers)
    rows.append(_row("one document for one estate, 15 estates", units, taken, f"{changed} units changed"))
    return rows


def _documents(pack: Pack, dossiers: tuple[Dossier, ...]) -> tuple[list[float], int]:
    """A building's survey arrives or turns out to be missing, in estates from all over the city."""
    taken, changed = [], 0
    for dossier in dossiers[:: max(1, len(dossiers) // 15)][:15]:
        live = LiveCity(pack, [dossier], [{}], WorkCalendar.china())
        building = next(place.id for place in dossier.places.values() if place.level == "building")
        there = dossier.state("building_survey", building) is Held.ON_HAND
        started = time.perf_counter()
        told = live.record(0, "building_survey", building, Held.MISSING if there else Held.ON_HAND)
        taken.append(time.perf_counter() - started)
        changed += len(told.units)
    return taken, changed


def _bundles(pack: Pack, rounds: int) -> list[dict[str, Any]]:
    dossiers = _city(pack, 20, 9_600)
    plan_city(pack, dossiers[:1], [{}], WorkCalendar.china())  # warm
    taken, told = _timed(rounds, lambda: bundles(pack, dossiers, 10))
    best = told[0][-1]  # type: ignore[index]
    sure = "proved" if best.proved else f"bound {best.bound}"
    return [
        _row(
            "best set of 10, 20 estates",
            9_600,
            taken,
            f"{best.units} homes, greedily {best.greedy_units}, {sure}",
        )
    ]
