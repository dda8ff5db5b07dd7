"""``taizhang serve``: the pages, the long work beside them and the sweeps, in one command."""

from __future__ import annotations

import os
import signal
import threading
import time
from datetime import UTC, datetime
from multiprocessing import get_context

import click
from django.db import connections
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from taizhang.cli.console import out, said
from taizhang.cli.office.installation import require_ready
from taizhang.errors import TaizhangError
from taizhang.exchange.working import kinds_of_work
from taizhang.office.installation import law_of
from taizhang.office.jobs import work_off
from taizhang.office.planning import propose_plans, unplanned
from taizhang.office.supervision import sweep
from taizhang.office.uploads import drop_imported, drop_uploads

__all__ = ["serve", "work"]

_PAUSE = 0.5  # seconds between two looks for work
_SWEEP = 600.0  # seconds between two sweeps


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", default=8000, show_default=True, help="Port to listen at.")
@click.option("--workers", default=1, show_default=True, help="Processes that answer pages.")
def serve(host: str, port: int, workers: int) -> None:
    """Serve the pages, do long work and sweep; everything an office needs, until Ctrl-C.

    \b
    Example:
      taizhang serve --port 8000
    """
    require_ready()
    connections.close_all()
    helper = get_context("spawn").Process(target=work, args=(os.getpid(),), name="taizhang-work")
    helper.start()
    out.print(
        said(f"  网址：http://{host}:{port}（Ctrl-C 结束）", f"  http://{host}:{port} (Ctrl-C ends)"),
        markup=False,
    )
    try:
        Granian(
            "taizhang.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=8,
            workers_kill_timeout=5,
            log_access=False,
            log_level=LogLevels.warning,
        ).serve()
    finally:
        helper.terminate()
        helper.join(10)


def work(parent: int) -> None:
    """Do jobs and sweep until the server is gone."""
    _until_parent_goes(parent)
    swept = 0.0
    while True:
        try:
            law = law_of()
            done = work_off(kinds_of_work(law, _clock, law.pack), _clock)
            if done:
                drop_imported()
            elif time.monotonic() - swept > _SWEEP:
                swept = time.monotonic()  # first: what fails is tried again at the next sweep, not at once
                now = law.at(_clock())
                sweep(now)
                drop_uploads(_clock())
                estates = unplanned()
                if estates:  # somebody was broken off between a paper and its plan
                    propose_plans(law.on(law.today(_clock())), estates, actor="sweep", now=now)
        except TaizhangError as error:
            click.echo(error.say("zh"), err=True)
            done = False
        except Exception as error:  # noqa: BLE001  the worker goes on; the job says what happened to it
            click.echo(f"{type(error).__name__}: {error}", err=True)
            done = False
        if not done:
            connections.close_all()
            time.sleep(_PAUSE)


def _clock() -> datetime:
    return datetime.now(UTC)


def _until_parent_goes(parent: int) -> None:
    """End with the server, however that ends: a worker without one would hold its port's database."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os.kill(os.getpid(), signal.SIGTERM)

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server is asked, and ends us
    threading.Thread(target=watch, daemon=True).start()
