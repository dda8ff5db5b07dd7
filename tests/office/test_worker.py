"""The process that does the long work: missed when it is gone, and started again."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.test import Client

from taizhang.cli.office import serving as serve_command
from taizhang.ledger.models import Job, Official
from taizhang.office.access import Person
from taizhang.office.jobs import STALE, ask_job
from taizhang.office.pulse import beat_path, give_beat, waiting_in_vain

from .builders import NOON
from .rows import office
from .serving import served

SECOND = timedelta(seconds=1)


@pytest.fixture
def waiting(ledger) -> Job:
    """A job that waits."""
    office()
    official = Official.objects.get(name="高秀岚")
    return ask_job(Person(official.pk, official.name, ()), "dry_run", {"files": []}, NOON)


def health() -> tuple[int, str]:
    answer = Client(SERVER_NAME="localhost").get("/healthz")
    return answer.status_code, json.loads(answer.content)["status"]


def test_a_job_that_waits_without_a_worker_is_told(waiting):
    assert health() == (503, "no worker")
    give_beat()
    assert health() == (200, "ok")


def test_without_a_job_nobody_misses_the_worker(ledger):
    office()

    assert health() == (200, "ok")


def test_a_sign_of_life_counts_for_half_a_minute(waiting):
    now = datetime.now(UTC)
    give_beat()
    for ago, expected in ((STALE - 5 * SECOND, 0), (STALE + 5 * SECOND, 1)):
        os.utime(beat_path(), times=(now.timestamp(), (now - ago).timestamp()))

        assert waiting_in_vain(now) == expected


def test_a_worker_on_another_machine_is_known_by_its_running_job(waiting):
    now = datetime.now(UTC)
    running = Job.objects.create(
        kind="dry_run", asked_by_id=waiting.asked_by_id, asked_at=NOON, state="running", beat_at=now - SECOND
    )
    assert waiting_in_vain(now) == 0
    running.beat_at = now - STALE - SECOND
    running.save()
    assert waiting_in_vain(now) == 1


class Dying:
    """A process that dies as soon as it begins."""

    exitcode = -9

    def start(self) -> None:
        """Begin, and die."""

    def join(self, timeout: float | None = None) -> None:
        """It has ended."""

    def terminate(self) -> None:
        """It has ended."""


def test_a_worker_that_dies_at_once_is_started_again_ever_later(monkeypatch, capsys):
    monkeypatch.setattr(serve_command, "_FIRST_PAUSE", 0.1)
    begun: list[float] = []
    ended = threading.Event()

    def make() -> Dying:
        begun.append(time.monotonic())
        if len(begun) == 5:
            ended.set()
        return Dying()

    serve_command.keep_working(ended, make)

    pauses = [later - earlier for earlier, later in pairwise(begun)]
    assert len(pauses) == 4
    for pause, least in zip(pauses, (0.1, 0.2, 0.4, 0.8), strict=True):
        assert least <= pause < least + 0.5
    assert capsys.readouterr().err.count("-9") == 4


def test_the_server_starts_a_worker_that_was_killed_again(sqlite_ledger, tmp_path, monkeypatch):
    """Killed with -9, it is back within seconds, and the terminal says so; at the end it is gone too."""
    monkeypatch.setenv("TAIZHANG_DATA", str(tmp_path))
    sqlite_ledger(tmp_path / "taizhang.sqlite3")
    office()
    with served(tmp_path, (0, 0, ()), {"TAIZHANG_DATA": str(tmp_path)}) as server:
        first = _worker()
        os.kill(first, signal.SIGKILL)
        second = _worker(other_than=first)
        with urllib.request.urlopen(f"{server.base}/healthz", timeout=10) as answer:
            assert answer.status == 200
        told = server.said()

    assert "后台进程意外结束（状态 -9）" in told
    assert not _lives(second)


def _worker(other_than: int = 0) -> int:
    """The number of the worker's process, once it has given a sign of life."""
    for _ in range(300):
        if beat_path().exists():
            text = beat_path().read_text(encoding="ascii")
            if text and int(text) != other_than:
                return int(text)
        time.sleep(0.1)
    raise AssertionError("no worker has given a sign of life")


def _lives(number: int) -> bool:
    for _ in range(100):
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.1)
    return True
