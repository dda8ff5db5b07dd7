"""``office``: a city in the ledger: imported, proved, undone; many writers at once; one paper; the pages.

Each database has a child process of its own, because Django knows one at a time.  The peer of the queue
of writers is the same work without it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests import postgres

from bench.machine import load_now, versions

__all__ = ["run"]

ESTATES, UNITS = 732, 132_600


def run(rounds: int = 1, scale: float = 1.0) -> dict[str, Any]:
    """Return the result record; ``scale`` shrinks the city and the seconds of the writers."""
    rows: list[dict[str, Any]] = []
    skipped: dict[str, str] = {}
    size = [
        str(max(4, round(ESTATES * scale))),
        str(max(40, round(UNITS * scale))),
        str(max(2, round(30 * scale))),
    ]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for name in ("sqlite", "postgresql"):
            environment = {**os.environ, "TAIZHANG_DATA": str(folder / name), "TAIZHANG_DATABASE": ""}
            if name == "postgresql":
                try:
                    environment["TAIZHANG_DATABASE"] = _postgres(stack)
                except RuntimeError as error:
                    skipped[name] = str(error)
                    continue
            command = [sys.executable, "-m", "bench.office_work", str(folder / "city.xlsx"), *size]
            done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
            rows += [{"work": f"{name}: {row.pop('work')}", **row} for row in json.loads(done.stdout)]
    return {
        "rounds": rounds,
        "heads": ["work", "size", "seconds", "median ms", "p95 ms", "most ms", "result"],
        "rows": rows,
        "skipped": skipped,
        "versions": versions(("django", "psycopg")),
        "load_after": load_now(),
        "notes": [
            "Writers hand tasks over, each with its journal entry; lost: updates whose version is missing.",
            "Pages: time in the server, signed in as the city's leader, each address five times.",
        ],
    }


def _postgres(stack: ExitStack) -> str:
    try:
        running = stack.enter_context(postgres.cluster())
    except postgres.NoServerError as error:
        raise RuntimeError(str(error)) from error
    return str(running.fresh_database("bench_office"))
