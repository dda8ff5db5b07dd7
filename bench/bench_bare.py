"""``bare``: what reading and writing cost before any thought is spent, library by library."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bench.cells import (
    Sheets,
    count,
    read_calamine,
    read_fastexcel,
    read_openpyxl,
    write_rustpy,
    write_xlsxwriter,
)
from bench.machine import load_now, versions
from bench.rounds import interleaved

__all__ = ["run"]

SEED = 20_261_125
ROWS, COLUMNS = 10_000, 30
_WORDS = ("出让已办证", "划拨未办证", "已注销", "失联", "有", "无", "未知", "商品房预售合同已备案")
_PACKAGES = ("python-calamine", "fastexcel", "pyarrow", "openpyxl", "xlsxwriter", "rustpy-xlsxwriter")


def run(rounds: int = 5, scale: float = 1.0) -> dict[str, Any]:
    """Return the result record: the same cells, read and written by each library."""
    sheets = _sheets(int(ROWS * scale))
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source.xlsx"
        write_xlsxwriter(source, sheets)
        assert read_calamine(source) == sheets
        rows, skipped = _measured(_work(source, Path(folder), sheets), rounds, count(sheets))
        skipped |= _written_equal(Path(folder), sheets)
    return {
        "rounds": rounds,
        "seed": SEED,
        "versions": versions(_PACKAGES),
        "load_after": load_now(),
        "skipped": skipped,
        "heads": ["work", "library", "cells", "s: median", "min", "max", "times the first"],
        "rows": rows,
        "notes": ["fastexcel gives Arrow columns, the others rows of Python values. rustpy-xlsxwriter takes "
                  "one sheet of records under one heading row; the records are made within its time."],
    }  # fmt: skip


def _sheets(rows: int) -> Sheets:
    """One ledger: words of few kinds, names that differ, whole and decimal numbers, gaps."""
    rng = np.random.default_rng([SEED, 3])
    columns: list[list[Any]] = []
    for column in range(COLUMNS):
        drawn = rng.integers(0, 1_000_000, rows).tolist()
        if column % 5 == 0:
            columns.append([f"第{one}号楼{one % 97}室" for one in drawn])
        elif column % 5 == 1:
            columns.append([one / 100 for one in drawn])
        else:
            columns.append([_WORDS[one % len(_WORDS)] if one % 7 else "" for one in drawn])
    heads = [f"栏目{column}" for column in range(COLUMNS)]
    return {"台账": [heads, *(list(row) for row in zip(*columns, strict=True))]}


def _work(source: Path, folder: Path, sheets: Sheets) -> dict[tuple[str, str], Callable[[], Any]]:
    return {
        ("read", "python-calamine"): lambda: read_calamine(source),
        ("read", "fastexcel to Arrow"): lambda: read_fastexcel(source),
        ("read", "openpyxl, read-only"): lambda: read_openpyxl(source),
        ("write", "xlsxwriter, constant memory"): lambda: write_xlsxwriter(folder / "constant.xlsx", sheets),
        ("write", "xlsxwriter, default"): lambda: write_xlsxwriter(
            folder / "default.xlsx", sheets, constant_memory=False
        ),
        ("write", "rustpy-xlsxwriter"): lambda: write_rustpy(folder / "rustpy.xlsx", sheets),
    }


def _measured(
    work: Mapping[tuple[str, str], Callable[[], Any]], rounds: int, cells: int
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    skipped: dict[str, str] = {}
    runnable = {}
    for key, act in work.items():
        try:
            act()
        except ImportError as missing:
            skipped[key[1]] = str(missing)
            continue
        runnable[" ".join(key)] = (lambda: None, lambda _, act=act: act() and None)
    _, times, _ = interleaved(runnable, rounds)
    first: dict[str, float] = {}
    rows = []
    for what, library in work:
        timed = times.get(f"{what} {library}")
        if timed is None:
            continue
        base = first.setdefault(what, timed.seconds)
        rows.append(
            {
                "work": what,
                "library": library,
                "cells": cells,
                "s: median": round(timed.seconds, 3),
                "min": round(min(timed.wall), 3),
                "max": round(max(timed.wall), 3),
                "times the first": round(timed.seconds / base, 2),
            }
        )
    return rows, skipped


def _written_equal(folder: Path, sheets: Sheets) -> dict[str, str]:
    """What every library wrote must be the same cells; one that wrote others is named."""
    wrong = {}
    for path in sorted(folder.glob("[cdr]*.xlsx")):
        (rows,) = read_calamine(path).values()
        if [list(row) for row in rows] != [list(row) for row in next(iter(sheets.values()))]:
            wrong[path.stem] = "wrote other cells than it was given"
    return wrong
