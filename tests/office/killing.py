"""Ends processes as a power cut does, and tells what a ledger says without its times.

The process is a child of the test's own, made by ``fork``, so that it need not start anew; it does what it
is given through the real command line and is killed from outside after a share of the time that a whole
run takes.  What it had printed until then is what it had acknowledged.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connections

from taizhang.ledger.models import Household
from taizhang.office.household_seals import open_ring, texts_of
from taizhang.settings import site

#: Columns that tell when something was done, or follow from that.
_TIMES = frozenset(
    {"imported_at", "undone_at", "at", "adopted_at", "superseded_at", "claimed_at", "handed_in_at"}
    | {"decided_at", "last_login", "previous", "digest", "images", "password", "asked_at", "beat_at"}
)


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that has ended: by itself or killed, what it had printed, and after how many seconds."""

    killed: bool
    status: int
    printed: str
    seconds: float


def install_in(folder: Path, address: str, monkeypatch: Any) -> None:
    """Let settings and connection lead to an installation; an empty address is SQLite in the folder."""
    monkeypatch.setenv("TAIZHANG_DATA", str(folder))
    monkeypatch.setenv("TAIZHANG_DATABASE", address)
    connections.close_all()
    if hasattr(connections._connections, "default"):
        del connections["default"]
    # as the site would be told, were it started now: Django forgets options that it is not given again
    empty = dict.fromkeys(("HOST", "PORT", "USER", "PASSWORD"), "")
    merged: dict[str, Any] = {**empty, **site.told_to_django()}
    connections.settings["default"] = connections.configure_settings({"default": merged})["default"]


def taizhang(*arguments: str) -> Callable[[], int]:
    """A run of the command line, to be done in a child."""

    def run() -> int:
        from taizhang.cli import main

        sys.argv = ["taizhang", *arguments]
        try:
            main()
        except SystemExit as end:
            return int(end.code or 0)
        return 0

    return run


def run_and_kill(work: Callable[[], int], after: float | None = None) -> Ended:
    """Do some work in a child and kill it.

    Args:
        work: Returns an exit status.
        after: Seconds until ``kill -9``; nothing: let it end.
    """
    connections.close_all()  # a child must not use a connection of its parent
    with tempfile.TemporaryFile() as printed, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside threads: ours only wait
        start = time.perf_counter()
        child = os.fork()
        if child == 0:
            _be_the_child(work, printed.fileno())
        done = 0
        while not done:
            done, status = os.waitpid(child, os.WNOHANG)
            if not done and after is not None and time.perf_counter() - start >= after:
                os.kill(child, signal.SIGKILL)
                done, status = os.waitpid(child, 0)
            time.sleep(0 if done else 0.0005)
        seconds = time.perf_counter() - start
        printed.seek(0)
        text = printed.read().decode("utf-8", "replace")
    return Ended(os.WIFSIGNALED(status), os.waitstatus_to_exitcode(status), text, seconds)


def _be_the_child(work: Callable[[], int], printed: int) -> None:
    status = 99
    try:
        os.dup2(printed, 1)
        os.dup2(printed, 2)
        sys.stdout = open(1, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
        sys.stderr = sys.stdout
        status = work()
        sys.stdout.flush()
    except BaseException as error:  # noqa: BLE001 - whatever it is, the parent has to see it
        os.write(1, repr(error).encode())
    finally:
        os._exit(status)


def told_without_times(skip: Sequence[str] = (), *, opened: bool = False) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of the ledger, without what depends on the clock.

    Args:
        skip: Tables that are left out.
        opened: Households by what was sealed; each sealing of the same text is another one.
    """
    found: dict[str, list[tuple[Any, ...]]] = {}
    for model in apps.get_app_config("ledger").get_models():
        table = model._meta.db_table
        if table in skip:
            continue
        if opened and model is Household:
            rows_of = model._base_manager.order_by("pk")
            found[table] = [(row.pk, row.unit_id, texts_of(open_ring(), row)) for row in rows_of]
            continue
        names = [one.attname for one in model._meta.concrete_fields if one.attname not in _TIMES]
        rows = model._base_manager.order_by("pk").values_list(*names)
        found[table] = [
            tuple(bytes(one) if isinstance(one, memoryview) else one for one in row) for row in rows
        ]
    connections.close_all()
    return found
