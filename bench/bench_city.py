"""``city``: a made-up city, workbook to workbook, beside the bare reading and writing of its cells."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.cells import count, read_calamine, write_xlsxwriter
from bench.machine import load_now, versions

__all__ = ["run"]

ESTATES, UNITS = 732, 132_600
LIMIT_S = 600  # a city that takes longer is reported as such
_LAW = ("--overlay", "title-certificates-shandong", "--overlay", "demo-city-rules", "--as-of", "2026-11-25")


def run(rounds: int = 1, scale: float = 1.0) -> dict[str, Any]:
    """Return the result record; ``rounds`` is how often the city is planned, the median shown.

    The bare times are taken right after each planning, so both see the same load.
    """
    estates, units = max(1, round(ESTATES * scale)), max(10, round(UNITS * scale))
    common = {
        "rounds": rounds,
        "estates": estates,
        "units": units,
        "heads": ["work", "seconds", "peak MB", "MB of file", "cells"],
        "versions": versions(("python-calamine", "xlsxwriter")),
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ledger = folder / "city.xlsx"
        try:
            made = _ran("demo-city", ledger, "--estates", estates, "--units", units)
            planned = sorted((_planned(ledger, folder) for _ in range(rounds)), key=lambda one: one["wall"])
        except _FailedError as failure:
            return common | {"rows": [], "skipped": {f"city of {units:,} homes": str(failure)}}
        middle = planned[len(planned) // 2]
        return (
            common
            | _told((estates, units), made, middle, ledger, folder / "plan.xlsx")
            | {"load_after": load_now()}
        )


class _FailedError(Exception):
    """The command did not end well; the message is its last line."""


def _ran(*arguments: object) -> dict[str, float]:
    """Run a command of ours; return its wall seconds and its own peak memory in MB."""
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as told:
        child = subprocess.Popen(
            [sys.executable, "-m", "taizhang", *map(str, arguments)], stdout=told, stderr=told
        )
        deadline = started + LIMIT_S
        while True:
            ended, status, usage = os.wait4(child.pid, os.WNOHANG)
            if ended:
                break
            if time.perf_counter() > deadline:
                child.kill()
                os.wait4(child.pid, 0)
                child.returncode = -1
                raise _FailedError(f"{arguments[0]} took more than {LIMIT_S} s")
            time.sleep(0.02)
        child.returncode = os.waitstatus_to_exitcode(status)
        told.seek(0)
        lines = told.read().split("\n")
    if child.returncode:
        raise _FailedError(
            f"{arguments[0]}: {next((line for line in reversed(lines) if line), 'no message')}"
        )
    per_mb = 1e6 if sys.platform == "darwin" else 1e3  # ru_maxrss is in bytes there, in kB elsewhere
    return {
        "wall": time.perf_counter() - started,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss / per_mb,
    }


def _planned(ledger: Path, folder: Path) -> dict[str, Any]:
    """Plan the city, then read its file and write its answer bare."""
    output, summary = folder / "plan.xlsx", folder / "summary.json"
    found: dict[str, Any] = dict(_ran("plan", ledger, *_LAW, "-o", output, "--json", summary))
    found["stages"] = json.loads(summary.read_text(encoding="utf-8"))["seconds"]
    started = time.perf_counter()
    found["cells_in"] = count(read_calamine(ledger))
    found["bare_read"] = time.perf_counter() - started
    started = time.perf_counter()
    read_calamine(ledger)
    found["bare_read"] = min(found["bare_read"], time.perf_counter() - started)
    answer = read_calamine(output)
    found["cells_out"] = count(answer)
    started = time.perf_counter()
    write_xlsxwriter(folder / "bare.xlsx", answer)
    found["bare_write"] = time.perf_counter() - started
    return found


def _row(
    work: str, seconds: float, peak: float | None = None, path: Path | None = None, cells: int | None = None
) -> dict[str, Any]:
    return {
        "work": work,
        "seconds": round(seconds, 2),
        "peak MB": "" if peak is None else round(peak),
        "MB of file": "" if path is None else round(path.stat().st_size / 1e6, 2),
        "cells": "" if cells is None else f"{cells:,}",
    }


def _told(
    size: tuple[int, int], made: dict[str, float], plan: dict[str, Any], ledger: Path, output: Path
) -> dict[str, Any]:
    estates, units = size
    bare = plan["bare_read"] + plan["bare_write"]
    return {
        "rows": [
            _row("taizhang demo-city", made["wall"], made["peak_mb"], ledger, plan["cells_in"]),
            _row("taizhang plan, whole command", plan["wall"], plan["peak_mb"], output, plan["cells_out"]),
            _row("… its CPU time", plan["cpu"]),
            *(_row(f"… stage {stage}", seconds) for stage, seconds in plan["stages"].items()),
            _row("bare read of the ledger (calamine)", plan["bare_read"], None, None, plan["cells_in"]),
            _row("bare write of the answer (xlsxwriter)", plan["bare_write"], None, None, plan["cells_out"]),
        ],
        "ratio": round(plan["wall"] / bare, 2),
        "notes": [
            f"{estates:,} estates, {units:,} homes.",
            f"The command takes {plan['wall'] / bare:.2f} times the bare read and write of the same cells "
            f"({plan['wall']:.2f} s to {bare:.2f} s). The bare work writes no styles, links or lists.",
        ],
    }
