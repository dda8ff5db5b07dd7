"""Long work that outlives whoever asked for it: claimed once, with a sign of life, taken up again.

A worker holds a job by a token.  When its signs of life end, another one takes the job with a new token,
and the first, should it still live, finds that it has lost it.  What a job does must be whole or not at
all and may be done again: imports and plans are.

Reads from: ``queue`` through ``journal``, ``ledger.models``.  Read by: the doors.

Source:
    Gray and Cheriton, Leases (SOSP 1989), for holding work by a token that expires.
"""

from __future__ import annotations

import json
import logging
import threading
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connections, transaction
from django.db.models import Q

from taizhang.errors import TaizhangError, TransitionError
from taizhang.ledger.models import Job
from taizhang.office.access import Person
from taizhang.office.journal import in_line
from taizhang.office.selectors.estate import not_seen

__all__ = ["Holding", "Work", "ask_job", "jobs_of", "seen_job", "work_off"]

STALE = timedelta(seconds=30)  #: without a sign of life for this long, a job is taken from its worker
_ATTEMPTS = 3
_LOG = logging.getLogger(__name__)
_BEAT = 5.0  # seconds between two signs of life
Clock = Callable[[], datetime]


@dataclass(slots=True)
class Holding:
    """A job in the hands of a worker."""

    job: Job
    clock: Clock
    beat: datetime

    def tell(self, stage: str, done: int, total: int) -> None:
        """Say how far the work is; written once a second at most.

        Raises:
            TransitionError: ``E-JOB-LOST`` another worker has taken the job.
        """
        now = self.clock()
        if now - self.beat < timedelta(seconds=1) and done < total:
            return
        self.beat = now
        self._write(stage=stage, done=done, total=total, beat_at=now)

    def keep(self, found: Mapping[str, Any]) -> None:
        """Keep what has been found so far, for whoever waits; what the work returns takes its place.

        Raises:
            TransitionError: ``E-JOB-LOST``.
        """
        self._write(result=_told(found))

    def live(self) -> None:
        """Give a sign of life, and leave no connection open: processes may be forked off at any time.

        Raises:
            TransitionError: ``E-JOB-LOST``.
        """
        with in_line():
            self._write(beat_at=self.clock())
            connections.close_all()

    def _write(self, **changes: object) -> None:
        with _writing():
            mine = Job.objects.filter(pk=self.job.pk, holder=self.job.holder, state="running")
            if mine.update(**changes) != 1:
                raise TransitionError(
                    "Job {job} has been taken by another worker.",
                    zh="作业 {job} 已由其他进程接手。",
                    code="E-JOB-LOST",
                    job=self.job.pk,
                )


Work = Callable[[Mapping[str, Any], Holding], Mapping[str, Any]]


def ask_job(person: Person, kind: str, argument: Mapping[str, Any], now: datetime) -> Job:
    """Ask for a piece of long work."""
    told = json.dumps(argument, ensure_ascii=False, sort_keys=True)
    with _writing():
        return Job.objects.create(kind=kind, argument=told, asked_by_id=person.official, asked_at=now)


def jobs_of(person: Person, kinds: Collection[str], limit: int = 20) -> list[Job]:
    """The newest jobs of some kinds that a person has asked for."""
    mine = Job.objects.filter(asked_by=person.official, kind__in=kinds)
    return list(mine.order_by("-id")[:limit])


def seen_job(person: Person, key: int, kinds: Collection[str]) -> Job:
    """A job of some kinds that a person has asked for.

    Raises:
        AccessError: ``E-NOT-SEEN``.
    """
    found = Job.objects.filter(pk=key, asked_by=person.official, kind__in=kinds).first()
    if found is None:
        raise not_seen()
    return found


def work_off(kinds: Mapping[str, Work], clock: Clock) -> bool:
    """Do the oldest job that waits or whose worker has died; ``False`` where there is none.

    A job that a person can put right ends as failed, with what to do; one that fails three times by
    another cause ends as failed as well.
    """
    job = _claimed(clock())
    if job is None:
        return False
    holding = Holding(job, clock, clock() - timedelta(seconds=1))
    try:
        with _beating(holding):
            result = kinds[job.kind](json.loads(job.argument), holding)
    except TaizhangError as error:
        if error.code != "E-JOB-LOST":
            told = json.dumps({"zh": error.say("zh"), "en": error.say("en")}, ensure_ascii=False)
            holding._write(state="failed", error=told)
        return True
    except Exception:
        # no cause that a person can put right: it is tried again, then said and shown to who keeps the server
        _LOG.exception("job %s", job.pk)  # with its trace: to who keeps the server, and nobody else
        holding._write(**_again(job))
        raise
    holding._write(state="done", result=_told(result))
    return True


def _told(result: Mapping[str, Any]) -> str:
    return json.dumps(result, ensure_ascii=False, sort_keys=True)


@contextmanager
def _beating(holding: Holding) -> Iterator[None]:
    """Give signs of life beside the work, which may say nothing for minutes."""
    ended = threading.Event()

    def beat() -> None:
        try:
            while not ended.wait(_BEAT):
                holding.live()
        except TransitionError:
            pass  # lost: the work will find out when it wants to write
        finally:
            connections.close_all()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _again(job: Job) -> dict[str, object]:
    if job.attempts < _ATTEMPTS:
        return {"state": "waiting", "holder": ""}
    return {"state": "failed", "error": _broken(job)}


def _broken(job: Job) -> str:
    """What is said of a job that no person who asked for it can put right."""
    told = {
        "zh": f"系统故障，已尝试 {_ATTEMPTS} 次未能完成。请联系系统管理员并告知作业编号 {job.pk}，"
        "原因见服务器日志。[E-JOB-BROKEN]",
        "en": f"The system failed {_ATTEMPTS} times. Tell who keeps the server the number of the job, "
        f"{job.pk}; the cause stands in the server's log. [E-JOB-BROKEN]",
    }
    return json.dumps(told, ensure_ascii=False)


def _claimed(now: datetime) -> Job | None:
    free = Q(state="waiting") | Q(state="running", beat_at__lt=now - STALE)
    with _writing():
        job = Job.objects.select_for_update().filter(free).order_by("id").first()
        if job is None:
            return None
        job.state, job.holder, job.beat_at = "running", uuid.uuid4().hex, now
        job.attempts += 1
        if job.attempts > _ATTEMPTS:
            job.state, job.error = "failed", _broken(job)
            job.save()
            return None
        job.save()
        return job


@contextmanager
def _writing() -> Iterator[None]:
    with in_line(), transaction.atomic():
        yield
