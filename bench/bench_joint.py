"""``joint``: one plan for a whole estate, level by level, by our own pieces and by the one solver.

The law is a small one after the example of the design: a household title, with a contract or the ledger of
its building, a first registration per building with two ways to conform, and an applicant of the estate
that depends on a fact nobody knows.  No two units are grouped: the solver gets one model with every unit
in it, and our own planner takes the same problem apart.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from tests.rules.packs import estate, label, make_pack

from bench.machine import load_now, versions
from taizhang.rules.city import plan_city
from taizhang.rules.expressions import parse
from taizhang.rules.ground import Problem, ground
from taizhang.rules.joint import papers_in_order
from taizhang.rules.solver import best
from taizhang.rules.terms import Cost, Dossier, Evidence, Fact, Held, Node, Pack, Ref, Value, Way
from taizhang.rules.whole import solved_whole
from taizhang.rules.worktime import WorkCalendar

__all__ = ["estate_of", "run", "small_pack"]

SEED = 20_261_126
UNITS_PER_BUILDING = 80
_LEVELS = ("estate", "building", "unit")
_NO_STEP = Cost(0, 0, 0)


def small_pack() -> Pack:
    """The law of the bench; money in fen."""
    papers = {
        "id_docs": ("unit", Cost(0, 1, 1)),
        "contract": ("unit", Cost(0, 2, 2)),
        "payment_proof": ("unit", Cost(0, 2, 5)),
        "bank_consent": ("unit", Cost(0, 2, 10)),
        "sales_ledger": ("building", Cost(60_000, 8, 15)),
        "survey": ("building", Cost(900_000, 10, 20)),
        "planning_accept": ("building", Cost(3_000_000, 30, 60)),
        "structure_test": ("building", Cost(1_200_000, 10, 25)),
        "land_title": ("estate", Cost(0, 5, 10)),
        "agent_order": ("estate", Cost(0, 6, 20)),
    }
    ways: dict[str, tuple[str, tuple[Way, ...]]] = {
        "n0": (
            "unit",
            (
                _way(
                    "transfer",
                    ("id_docs", "basis", "payment_proof", "first_reg"),
                    step=Cost(0, 1, 5),
                    more=(Ref("bank_consent", parse("f")),),
                ),
            ),
        ),
        "basis": ("unit", (_way("by_contract", ("contract",)), _way("by_ledger", ("sales_ledger",)))),
        "first_reg": (
            "building",
            (_way("normal", ("applicant", "land_ok", "planning_ok", "survey"), step=Cost(0, 2, 10)),),
        ),
        "planning_ok": (
            "building",
            (_way("accept", ("planning_accept",)), _way("appraisal", ("structure_test",))),
        ),
        "applicant": (
            "estate",
            (_way("developer", (), when="g"), _way("substitute", ("agent_order",), when="not g")),
        ),
        "land_ok": ("estate", (_way("title", ("land_title",)),)),
    }
    nodes = {name: Node(name, level, label(name), own) for name, (level, own) in ways.items()}
    evidence = {name: Evidence(name, level, label(name), "", cost) for name, (level, cost) in papers.items()}
    facts = {
        "f": Fact("f", "unit", "bool", label("f"), label("f"), "", {}),
        "g": Fact("g", "estate", "bool", label("g"), label("g"), "", {}),
    }
    return make_pack(nodes, evidence, levels=_LEVELS, facts=facts)


def _way(
    name: str,
    needs: tuple[str, ...],
    *,
    step: Cost = _NO_STEP,
    when: str = "",
    more: tuple[Ref, ...] = (),
) -> Way:
    asked = (*(Ref(need) for need in needs), *more)
    return Way(name, label(name), asked, 0, parse(when) if when else None, step)


def estate_of(pack: Pack, units: int, seed: int) -> Dossier:
    """An estate of about so many units, papers there at random, a tenth of the contracts lost."""
    draw = np.random.default_rng([SEED, seed])
    bare = estate(max(1, round(units / UNITS_PER_BUILDING)), min(units, UNITS_PER_BUILDING))
    held: dict[tuple[str, str], Held] = {}
    facts: dict[tuple[str, str], Value] = {}
    for place in bare.places.values():
        for paper in pack.evidence.values():
            chance = draw.random()
            if paper.level != place.level:
                continue
            if chance < 0.3:
                held[paper.id, place.id] = Held.ON_HAND
            elif chance > 0.9 and paper.id in ("contract", "planning_accept"):
                held[paper.id, place.id] = Held.UNOBTAINABLE
        if place.level == "unit":
            facts["f", place.id] = bool(draw.random() < 0.3)
    return Dossier(bare.as_of, bare.places, held, facts)


def run(rounds: int = 1, scale: float = 1.0) -> dict[str, Any]:
    """Return the result record; each round plans every estate with both."""
    pack = small_pack()
    sizes = {
        "20 estates": [max(1, round(480 * scale))] * 20,
        "1 estate": [max(1, round(40_000 * scale))],
    }
    rows: list[dict[str, Any]] = []
    for name, estates in sizes.items():
        rows += _rows(name, pack, estates, rounds)
    return {
        "rounds": rounds,
        "heads": ["work", "units", "elements", "seconds", "least", "most", "proved", "cost"],
        "rows": rows,
        "versions": versions(("highspy", "numpy")),
        "load_after": load_now(),
        "notes": [
            "Joint optimum of estates in which no two units are grouped; 480 units in each of the 20.",
            "Grounding is timed apart: both work on the same problem. Both costs must be equal.",
            "The cost is money in fen and effort in hours; both plans are proved, days included.",
        ],
    }


def _rows(name: str, pack: Pack, estates: list[int], rounds: int) -> list[dict[str, Any]]:
    problems: list[Problem] = []
    dossiers = [estate_of(pack, units, seed) for seed, units in enumerate(estates)]
    levels = _by_levels(pack, dossiers, rounds)
    started = time.perf_counter()
    for dossier in dossiers:
        homes = [(pack.goal, place.id) for place in dossier.places.values() if place.level == "unit"]
        problems.append(ground(pack, dossier, homes))
    grounded = time.perf_counter() - started
    order = pack.objective
    ours: Callable[[Problem], Any] = lambda one: best(one, order, papers_in_order(pack, one))  # noqa: E731
    theirs: Callable[[Problem], Any] = lambda one: solved_whole(one, order)  # noqa: E731
    times: dict[str, list[float]] = {"our own pieces": [], "the one solver": []}
    said: dict[str, list[Any]] = {}
    for _ in range(rounds):
        for engine, plan in zip(times, (ours, theirs), strict=True):
            gc.collect()
            started = time.perf_counter()
            said[engine] = [plan(one) for one in problems]
            times[engine].append(time.perf_counter() - started)
    told = {engine: [_cost(found) for found in found_] for engine, found_ in said.items()}
    assert told["our own pieces"] == told["the one solver"] == levels.cost, "two optima of one problem differ"
    size = {
        "units": sum(len(one.goals) for one in problems),
        "elements": sum(len(p.elements) for p in problems),
    }
    base = {"work": f"{name}: reading and grounding", **size, "seconds": round(grounded, 2)}
    return [levels.row(name, size), base | dict.fromkeys(("least", "most", "proved", "cost"), "")] + [
        {
            "work": f"{name}: {engine}",
            **size,
            "seconds": round(median(taken), 2),
            "least": round(min(taken), 2),
            "most": round(max(taken), 2),
            "proved": f"{sum(found.proved for found in said[engine])} of {len(problems)}",
            "cost": ", ".join(f"{sum(column):,}" for column in list(zip(*told[engine], strict=True))[2:4]),
        }
        for engine, taken in times.items()
    ]


@dataclass(frozen=True, slots=True)
class _Levels:
    """A city planned level by level: the homes in columns, what they share estate by estate."""

    cost: list[tuple[int, ...]]
    seconds: list[float]
    proved: int

    def row(self, name: str, size: dict[str, int]) -> dict[str, Any]:
        return {
            "work": f"{name}: by levels, from the dossiers, with all that is said of each home",
            **size,
            "seconds": round(median(self.seconds), 2),
            "least": round(min(self.seconds), 2),
            "most": round(max(self.seconds), 2),
            "proved": f"{self.proved} of {len(self.cost)}",
            "cost": ", ".join(f"{sum(column):,}" for column in list(zip(*self.cost, strict=True))[2:4]),
        }


def _by_levels(pack: Pack, dossiers: list[Dossier], rounds: int) -> _Levels:
    taken: list[float] = []
    plans: list[Any] = []
    for _ in range(rounds):
        gc.collect()
        started = time.perf_counter()
        plans = plan_city(pack, dossiers, [{}] * len(dossiers), WorkCalendar.china())
        taken.append(time.perf_counter() - started)
    parts = ("rank", "money", "effort", "items", "days")
    cost = [(0, *one.joint.vector.ordered(parts)) for one in plans]  # nothing is lifted
    return _Levels(cost, taken, sum(one.joint.proved for one in plans))


def _cost(found: Any) -> tuple[int, ...]:
    return tuple(found.solution.ordered(("rank", "money", "effort", "items", "days")))
