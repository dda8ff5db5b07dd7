"""``taizhang serve``: the pages, the long work beside them and the sweeps, in one command."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from multiprocessing import get_context
from typing import Protocol

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
from taizhang.office.pulse import BEAT, give_beat
from taizhang.office.supervision import sweep
from taizhang.office.uploads import drop_imported, drop_uploads
from taizhang.office.visitors import open_visitors

__all__ = ["keep_working", "serve", "work"]

_PAUSE = 0.5  # seconds between two looks for work
_SWEEP = 600.0  # seconds between two sweeps
_LOOK = 0.5  # seconds between two looks at the worker
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0  # seconds before a worker that died is started again


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
    open_visitors()
    connections.close_all()
    ended = threading.Event()
    keeper = threading.Thread(target=keep_working, args=(ended, lambda: _helper(os.getpid())))
    keeper.start()
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
        ended.set()
        keeper.join(15)


class Helper(Protocol):
    """A process that does the long work, as ``multiprocessing`` has it."""

    @property
    def exitcode(self) -> int | None:
        """How it ended; ``None`` while it lives."""

    def start(self) -> None:
        """Begin."""

    def join(self, timeout: float | None = None) -> None:
        """Wait for its end."""

    def terminate(self) -> None:
        """Ask it to end."""


def _helper(parent: int) -> Helper:
    return get_context("spawn").Process(target=work, args=(parent,), name="taizhang-work")


def keep_working(ended: threading.Event, make: Callable[[], Helper]) -> None:
    """Run the worker until the server ends; one that dies is started again, later each time it dies at once.

    Args:
        ended: Set when the server ends.
        make: Makes a worker that has not begun yet.
    """
    pause = _FIRST_PAUSE
    while not ended.is_set():
        helper, begun = make(), time.monotonic()
        helper.start()
        while helper.exitcode is None and not ended.wait(_LOOK):
            pass
        if ended.is_set():
            helper.terminate()
            helper.join(10)
            return
        if time.monotonic() - begun > _LONGEST_PAUSE:
            pause = _FIRST_PAUSE
        text = (
            f"后台进程意外结束（状态 {helper.exitcode}），{pause:g} 秒后重新启动",
            f"the worker has ended (status {helper.exitcode}); it is started again in {pause:g} s",
        )
        click.echo(f"{_clock():%Y-%m-%d %H:%M:%S}Z  {said(*text)}", err=True)
        ended.wait(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


def work(parent: int) -> None:
    """Do jobs and sweep until the server is gone."""
    _until_parent_goes(parent)
    threading.Thread(target=_beat, daemon=True).start()
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


def _beat() -> None:
    """Give signs of life, as long as there is a folder to give them in."""
    while True:
        with suppress(OSError):  # a full disk ends no work
            give_beat()
        time.sleep(BEAT)


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
