"""Whether anybody does the long work: a sign of life of the worker, and jobs that wait without one.

The worker touches a file of the data folder every few seconds, also while it has nothing to do.  Where
several machines serve one PostgreSQL ledger, the beat of a running job tells of a worker elsewhere.

Reads from: ``jobs``, ``ledger.models``, ``settings``.  Read by: the doors.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from taizhang.ledger.models import Job
from taizhang.office.jobs import STALE
from taizhang.settings import data_folder

__all__ = ["BEAT", "beat_path", "give_beat", "waiting_in_vain"]

BEAT = 5.0  #: seconds between two signs of life


def beat_path() -> Path:
    """The file that the worker touches; it holds the number of its process."""
    return data_folder() / "work.beat"


def give_beat() -> None:
    """Give a sign of life as the worker."""
    beat_path().write_text(str(os.getpid()), encoding="ascii")


def waiting_in_vain(now: datetime) -> int:
    """How many jobs wait although no worker has given a sign of life for half a minute."""
    waiting = Job.objects.filter(state="waiting").count()
    if not waiting or Job.objects.filter(state="running", beat_at__gt=now - STALE).exists():
        return 0
    try:
        beat = datetime.fromtimestamp(beat_path().stat().st_mtime, UTC)
    except FileNotFoundError:
        return waiting
    return waiting if now - beat > STALE else 0
