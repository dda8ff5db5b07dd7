"""``engines``: the same households, answered by every engine, compared and timed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bench.cases import SEED, Case, households, pack_stats, shipped_pack
from bench.engines import ENGINES, Engine
from bench.machine import load_now, versions
from bench.rounds import Timed, interleaved
from taizhang.rules.terms import Pack

__all__ = ["DisagreementError", "run"]


class DisagreementError(AssertionError):
    """Two engines gave different answers: no number is printed."""


def run(rounds: int = 7, scale: float = 1.0, only: Iterable[str] = ()) -> dict[str, Any]:
    """Return the result record.

    Args:
        rounds: Timed rounds; one more is the warm-up.
        scale: Factor on the number of cases.
        only: Tasks to run; all by default.

    Raises:
        DisagreementError: An engine disagrees with the first of its task.
    """
    pack = shipped_pack()
    chosen = [engine for engine in ENGINES if not only or engine.task in only]
    cases = households(pack, max(_rows(engine, scale) for engine in chosen))
    work, skipped = _prepared(pack, chosen, cases, scale)
    inputs, answers, first = interleaved(work, rounds)
    ran = [engine for engine in chosen if engine.name in work]
    return {
        "rounds": rounds,
        "seed": SEED,
        "pack": pack_stats(pack),
        "answers": _compared(ran, first),
        "versions": versions(engine.package for engine in chosen if engine.package),
        "load_after": load_now(),
        "skipped": skipped,
        "rows": [_row(engine, inputs, answers, ran, scale) for engine in ran],
    }


def _rows(engine: Engine, scale: float) -> int:
    return max(10, int(engine.most * scale))


def _prepared(
    pack: Pack, chosen: Sequence[Engine], cases: list[Case], scale: float
) -> tuple[dict[str, Any], dict[str, str]]:
    work: dict[str, Any] = {}
    skipped: dict[str, str] = {}
    for engine in chosen:
        try:
            load, answer = engine.prepare(pack)
        except ImportError as missing:
            skipped[engine.name] = str(missing)
            continue
        given = cases[: _rows(engine, scale)]
        work[engine.name] = (lambda load=load, given=given: load(given), answer)
    return work, skipped


def _compared(ran: Sequence[Engine], first: dict[str, Sequence[Any]]) -> dict[str, Any]:
    """Compare every engine's answers with those of the first of its task, then among the wide ones."""
    found: dict[str, Any] = {}
    for task in dict.fromkeys(engine.task for engine in ran):
        ours = sorted((e for e in ran if e.task == task), key=lambda e: -len(first[e.name]))
        widest = first[ours[0].name]
        for engine in ours[1:]:
            for number, (one, two) in enumerate(zip(first[engine.name], widest, strict=False)):
                if one != two:
                    raise DisagreementError(f"case {number}: {engine.name} says {one}, {ours[0].name} {two}")
        found[task] = {
            "compared": {engine.name: len(first[engine.name]) for engine in ours[1:]},
            "with": ours[0].name,
            "different": 0,
            "cases": len(widest),
            "none": sum(answer is None for answer in widest),
            "zero_or_yes": sum(
                answer is True or (isinstance(answer, tuple) and not any(answer)) for answer in widest
            ),
        }
    return found


def _row(
    engine: Engine, inputs: dict[str, Timed], answers: dict[str, Timed], ran: Sequence[Engine], scale: float
) -> dict[str, Any]:
    rows = _rows(engine, scale)
    base = next(one for one in ran if one.task == engine.task)
    ours = answers[base.name].per(_rows(base, scale))["cpu_us"]
    mine = answers[engine.name].per(rows)
    return {
        "engine": engine.name,
        "task": engine.task,
        "rows": rows,
        "input": inputs[engine.name].per(rows),
        "answer": mine,
        "times_ours": float(f"{mine['cpu_us'] / ours:.4g}"),
    }
