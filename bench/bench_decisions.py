"""``decisions``: a city in memory, asked what would follow: planned again, a way adopted, papers obtained.

Everything after loading is timed in the process that loaded the city, by the processor time that process
takes: it waits for nothing, and other programs may be running.  Nothing is written.
"""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from bench.machine import load_now, versions
from taizhang.collecting import no_search_for_cycles
from taizhang.exchange.demo_city import write_demo_city
from taizhang.exchange.excel.dossiers import dossiers_of
from taizhang.exchange.excel.returned.receiving import receive
from taizhang.rules.canonical import digest
from taizhang.rules.city import plan_city
from taizhang.rules.columns import plan_columns
from taizhang.rules.differing import differing, stands, supposed
from taizhang.rules.incremental import LiveCity
from taizhang.rules.leverage import bundles, leverage
from taizhang.rules.opening import Opening
from taizhang.rules.outline import Outline, drawn
from taizhang.rules.pack import load_pack
from taizhang.rules.plan import declared_order
from taizhang.rules.plancontent import plan_digest
from taizhang.rules.reach import reached
from taizhang.rules.recall import Recall
from taizhang.rules.supposing import supply, suppose
from taizhang.rules.table import Table, tabulate
from taizhang.rules.template import Template, compile_pack
from taizhang.rules.terms import Dossier, Held, Pack, Supposition
from taizhang.rules.upward import Upward
from taizhang.rules.whatif import World, what_if
from taizhang.rules.worktime import WorkCalendar

__all__ = ["run"]

ESTATES, UNITS = 732, 132_600
DAY = date(2024, 1, 28)
_SOME, _TOGETHER = 72, 24  # estates planned as by an import: in all, and at a time
SUPPOSED = Supposition("enable", "fire_material.commitment")


def run(rounds: int = 3, scale: float = 1.0) -> dict[str, Any]:
    """Return the result record; ``scale`` shrinks the city, not the twenty estates of the bundle."""
    pack = _law()
    rows: list[dict[str, Any]] = []
    estates, units = max(1, round(ESTATES * scale)), max(10, round(UNITS * scale))
    started = time.process_time()
    dossiers = _city(pack, estates, units)
    rows.append(_row("reading the ledger", units, [time.process_time() - started]))
    rows.append(_imported(dossiers))
    rows += _in_memory(pack, dossiers, units, rounds)
    rows += _bundles(pack, rounds)
    return {
        "rounds": rounds,
        "heads": ["work", "units", "CPU s", "least", "most", "result"],
        "rows": rows,
        "versions": versions(("numpy",)),
        "load_after": load_now(),
        "notes": [
            "The way supposed is adopted for the whole city; estates out of its reach are not.",
            "One document: a building's survey arrives; its estate is planned jointly again. The first time "
            "new pieces are solved; then the paper comes and goes.",
            "Planned again: homes of which the same was known before are remembered, the others planned.",
            "Estates planned as an import plans them: from nothing but the law, two dozen at a time, with "
            "the digests of what is known and of the plan.",
        ],
    }


def _law() -> Pack:
    """The law of the demo city; nothing was asked of it yet."""
    return load_pack(
        "title-certificates", overlays=["title-certificates-shandong", "demo-city-rules"], as_of=DAY
    )


def _city(pack: Pack, estates: int, units: int) -> tuple[Dossier, ...]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "city.xlsx"
        write_demo_city(path, estates=estates, units=units, seed=1, pack=pack)
        return dossiers_of(receive([path], pack), pack).dossiers


def _row(work: str, units: int, seconds: list[float], result: object = "") -> dict[str, Any]:
    return {
        "work": work,
        "units": units,
        "CPU s": round(median(seconds), 4),
        "least": round(min(seconds), 4),
        "most": round(max(seconds), 4),
        "result": str(result),
    }


def _imported(dossiers: tuple[Dossier, ...]) -> dict[str, Any]:
    """Estates from the middle of the city planned as one process of an import plans them."""
    some = dossiers[len(dossiers) // 7 :][:_SOME]
    law, calendar = _law(), WorkCalendar.china()

    def planned() -> int:
        told: set[str] = set()
        for at in range(0, len(some), _TOGETHER):
            chunk = some[at : at + _TOGETHER]
            plans = plan_city(law, chunk, [{}] * len(chunk), calendar)
            told |= {digest(one) for one in chunk} | {plan_digest(one) for one in plans}
        return len(told)

    with no_search_for_cycles():  # as the import does
        taken, _ = _timed(1, planned)
    units = sum(place.level == "unit" for one in some for place in one.places.values())
    return _row(f"{len(some)} estates planned as an import plans them", units, taken)


def _timed(rounds: int, work: Callable[[], object]) -> tuple[list[float], object]:
    taken, told = [], None
    for _ in range(rounds):
        gc.collect()
        started = time.process_time()
        told = work()
        taken.append(time.process_time() - started)
    return taken, told


def _in_memory(pack: Pack, dossiers: tuple[Dossier, ...], units: int, rounds: int) -> list[dict[str, Any]]:
    order, rows = declared_order(pack, None), []
    template = compile_pack(pack)
    taken, _ = _timed(1, lambda: tabulate(template, dossiers))
    rows.append(_row("loading into columns", units, taken))
    table = tabulate(template, dossiers)
    memory = Recall(template, order)
    taken, _ = _timed(1, lambda: memory.plan(table))
    rows.append(_row("marginal plans, the first time", units, taken, f"{memory.planned:,} planned"))
    taken, _ = _timed(rounds, lambda: plan_columns(template, table, order, memory.library))
    rows.append(_row("marginal plans again in columns, nothing remembered but pieces", units, taken))
    rows += _again(template, table, memory, units, rounds)
    up = Upward(template, table)
    opening = Opening(template, table, up)
    taken, told = _timed(rounds, opening.by_paper)
    rows.append(_row(f"leverage of {len(opening.papers)} kinds of paper", units, taken, max(told.values())))  # type: ignore[attr-defined]
    rows += _supposing(pack, dossiers, units, rounds)
    rows += _searched(dossiers, units)
    first, later, changed = _documents(pack, dossiers, rounds)
    rows.append(
        _row("one document for one estate, 15 estates, first", units, first, f"{changed} units changed")
    )
    rows.append(_row("one document for one estate, 15 estates, later", units, later))
    return rows


def _again(template: Template, table: Table, memory: Recall, units: int, rounds: int) -> list[dict[str, Any]]:
    """The whole city planned again after changes, from the smallest to the largest."""
    draw, rows = np.random.default_rng(1), []
    survey, receipt = (_number(template, name) for name in ("building_survey", "deed_tax_receipt"))
    buildings, homes = table.held[survey].size, table.held[receipt].size
    one = np.arange(buildings) == buildings // 2
    changes = {
        "one paper of one building": (survey, one),
        "a paper of one home in a hundred": (receipt, draw.random(homes) < 0.01),
        "a paper of half of all buildings": (survey, draw.random(buildings) < 0.5),
    }
    for what, (number, where) in changes.items():
        held = list(table.held)
        held[number] = np.where(where, 1 - (table.held[number] == 1), table.held[number]).astype(np.int8)
        after = replace(table, held=tuple(held))
        memory.plan(table)
        before = memory.planned
        taken, _ = _timed(1, partial(memory.plan, after))
        planned = memory.planned - before
        rows.append(_row(f"planned again: {what}, never seen", units, taken, f"{planned:,} planned"))
        back = []
        for _ in range(rounds):
            memory.plan(table)
            back += _timed(1, partial(memory.plan, after))[0]
        rows.append(_row(f"planned again: {what}, seen before", units, back))
    other = replace(table, places=(*table.places,))
    memory.plan(other)
    copied = replace(table, places=(*table.places,))
    taken, _ = _timed(1, lambda: memory.plan(copied))
    rows.append(_row("planned again: every column looked at, all homes seen before", units, taken))
    return rows


def _number(template: Template, name: str) -> int:
    return next(at for at, one in enumerate(template.problem.elements) if one.name == name)


def _supposing(pack: Pack, dossiers: tuple[Dossier, ...], units: int, rounds: int) -> list[dict[str, Any]]:
    """A way adopted for the whole city: from nothing, and where the city as it stands is known."""
    order = declared_order(pack, None)

    def compared() -> str:
        law = suppose(pack, [SUPPOSED])
        numbers = reached(pack, law, dossiers)
        told = differing(*supposed(law, dossiers, stands(pack, dossiers, order), numbers))
        return f"{len(told)} of {len(numbers)} estates"

    taken, told = _timed(1, compared)
    rows = [_row("a way adopted: both worlds, from the dossiers", units, taken, told)]
    taken, told = _timed(rounds, compared)
    rows.append(_row("a way adopted: both worlds, the one that is known", units, taken, told))

    def in_full() -> str:
        with no_search_for_cycles():  # as the command does
            law = suppose(pack, [SUPPOSED])
            names: list[dict[str, str]] = [{}] * len(dossiers)
            shift = what_if(World(pack, dossiers), World(law, dossiers), names, WorkCalendar.china())
        return f"{len(shift.units):,} homes, {len(shift.estates)} estates"

    taken, told = _timed(1, in_full)
    rows.append(_row("a way adopted, with the joint plans of both worlds", units, taken, told))
    taken, told = _timed(1, in_full)
    rows.append(_row("a way adopted, with the joint plans, asked again", units, taken, told))
    return rows


def _searched(dossiers: tuple[Dossier, ...], units: int) -> list[dict[str, Any]]:
    """What a meeting asks: the best sets of up to three, and what the largest would change; from nothing."""
    law = _law()
    calendar, order = WorkCalendar.china(), declared_order(law, None)
    names: list[dict[str, str]] = [{}] * len(dossiers)
    rows = []
    with no_search_for_cycles():  # as the office and the command do

        def outlined() -> list[Outline]:
            library = stands(law, dossiers, order).memory.library
            return drawn(law, dossiers, calendar, order, library, lambda done, total: None).of(dossiers)

        taken, outlines = _timed(1, outlined)
        rows.append(_row("breakthroughs of the whole city: estates in outline", units, taken))
        taken, found = _timed(1, partial(leverage, law, dossiers, outlines, 3))  # type: ignore[arg-type]
        told = found.bundles[-1]  # type: ignore[attr-defined]
        sure = "proved" if told.proved else f"bound {told.bound}"
        rows.append(
            _row("breakthroughs: best sets of 1, 2 and 3", units, taken, f"{told.units} homes, {sure}")
        )

        def followed() -> str:
            supposed = [
                Supposition("supply", one.item, one.place) if one.place else Supposition("enable", one.item)
                for one in told.items
            ]
            after = suppose(law, supposed)
            would = World(after, supply(after, dossiers, supposed))
            shift = what_if(World(law, dossiers), would, names, calendar, classes=False)
            return f"{shift.count('unlocked'):,} unlocked, {len(shift.estates)} estates"

        taken, result = _timed(1, followed)
        rows.append(_row("breakthroughs: what the three would change", units, taken, result))
    return rows


def _documents(
    pack: Pack, dossiers: tuple[Dossier, ...], rounds: int
) -> tuple[list[float], list[float], int]:
    """A building's survey arrives or turns out to be missing, in estates from all over the city."""
    first: list[float] = []
    later: list[float] = []
    changed = 0
    for dossier in dossiers[:: max(1, len(dossiers) // 15)][:15]:
        live = LiveCity(pack, [dossier], [{}], WorkCalendar.china())
        building = next(place.id for place in dossier.places.values() if place.level == "building")
        for turn in range(2 * rounds):
            there = live.dossiers[0].state("building_survey", building) is Held.ON_HAND
            started = time.process_time()
            told = live.record(0, "building_survey", building, Held.MISSING if there else Held.ON_HAND)
            (later if turn else first).append(time.process_time() - started)
            changed += 0 if turn else len(told.units)
    return first, later, changed


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
