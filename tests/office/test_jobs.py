"""Long work is done once, survives its worker, and says what became of it."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from datetime import timedelta
from multiprocessing import get_context

import pytest
from django.db import connections

from taizhang.errors import AccessError, InputError, TransitionError
from taizhang.ledger.models import Job, Official, Organisation
from taizhang.office.access import Person
from taizhang.office.jobs import STALE, ask_job, jobs_of, seen_job, work_off
from taizhang.office.organisations import grant_role

from .builders import NOON

SECOND = timedelta(seconds=1)


@pytest.fixture
def zhou(ledger) -> Person:
    city = Organisation.objects.create(id=1, kind="city", name="市专班")
    official = grant_role("周立", "importer", city, actor="test", now=NOON)
    return Person(official.pk, official.name, ())


def at(moment):
    return lambda: moment


def test_the_oldest_job_is_done_first_and_its_result_is_kept(zhou):
    for number in range(3):
        ask_job(zhou, "count", {"number": number}, NOON)
    done = []

    def count(argument, holding):
        holding.tell("write", 1, 1)
        done.append(argument["number"])
        return {"twice": 2 * argument["number"]}

    while work_off({"count": count}, at(NOON)):
        pass

    assert done == [0, 1, 2]
    assert [json.loads(one.result) for one in Job.objects.order_by("id")] == [
        {"twice": 0},
        {"twice": 2},
        {"twice": 4},
    ]
    assert {(one.state, one.done, one.total) for one in Job.objects.all()} == {("done", 1, 1)}


def test_many_workers_do_every_job_once(zhou):
    for number in range(20):
        ask_job(zhou, "count", {"number": number}, NOON)
    done: list[int] = []

    def count(argument, holding):
        done.append(argument["number"])
        return {}

    def worker():
        while work_off({"count": count}, at(NOON)):
            pass
        connections.close_all()

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert sorted(done) == list(range(20))
    assert set(Job.objects.values_list("state", "attempts")) == {("done", 1)}


def test_a_job_is_taken_over_when_its_worker_is_silent_and_not_before(zhou):
    job = ask_job(zhou, "slow", {}, NOON)
    told: list[object] = []

    def first(argument, holding):
        # While this worker works, another one looks for work: once in time, once too late.
        told.append(work_off({"slow": second}, at(NOON + STALE)))
        told.append(work_off({"slow": second}, at(NOON + STALE + SECOND)))
        with pytest.raises(TransitionError, match="E-JOB-LOST"):
            holding.tell("write", 1, 1)
        return {"by": "first"}

    def second(argument, holding):
        return {"by": "second"}

    with pytest.raises(TransitionError, match="E-JOB-LOST"):
        work_off({"slow": first}, at(NOON))

    assert told == [False, True]
    job.refresh_from_db()
    assert (job.state, json.loads(job.result), job.attempts) == ("done", {"by": "second"}, 2)


def _until_killed(folder: str) -> None:
    def slow(argument, holding):
        holding.tell("plan", 1, 10)
        with open(f"{folder}/begun", "w", encoding="ascii"):  # noqa: PTH123
            pass
        time.sleep(60)
        return {}

    work_off({"slow": slow}, at(NOON))


def test_a_worker_that_is_killed_loses_nothing(zhou, tmp_path):
    job = ask_job(zhou, "slow", {}, NOON)
    connections.close_all()
    worker = get_context("fork").Process(target=_until_killed, args=(str(tmp_path),))
    worker.start()
    while not (tmp_path / "begun").exists():
        assert worker.is_alive()
        time.sleep(0.02)
    os.kill(worker.pid, signal.SIGKILL)
    worker.join()

    job.refresh_from_db()
    assert (job.state, job.stage, job.done) == ("running", "plan", 1)
    assert not work_off({"slow": lambda *_: {}}, at(NOON + STALE))
    assert work_off({"slow": lambda *_: {"again": True}}, at(NOON + STALE + SECOND))
    job.refresh_from_db()
    assert (job.state, json.loads(job.result)) == ("done", {"again": True})


def test_what_a_person_can_put_right_is_said_in_both_languages(zhou):
    job = ask_job(zhou, "wrong", {}, NOON)

    def wrong(argument, holding):
        raise InputError("'{name}' is empty.", zh="“{name}”是空的。", code="E-TEST", name="a.xlsx")

    assert work_off({"wrong": wrong}, at(NOON))
    job.refresh_from_db()
    assert job.state == "failed"
    assert json.loads(job.error) == {"zh": "“a.xlsx”是空的。 [E-TEST]", "en": "'a.xlsx' is empty. [E-TEST]"}


def test_a_fault_of_ours_is_tried_three_times(zhou):
    job = ask_job(zhou, "broken", {}, NOON)

    def broken(argument, holding):
        raise ZeroDivisionError

    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            work_off({"broken": broken}, at(NOON))
    assert not work_off({"broken": broken}, at(NOON))
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("failed", 3)
    assert "[E-JOB-BROKEN]" in json.loads(job.error)["zh"]


def test_a_job_is_seen_by_who_asked_for_it(zhou):
    job = ask_job(zhou, "count", {}, NOON)
    other = Official.objects.create(id=99, name="别人", organisation_id=1)
    stranger = Person(other.pk, other.name, zhou.scopes)

    assert jobs_of(zhou, ["count"]) == [job]
    assert jobs_of(zhou, ["another"]) == []
    assert jobs_of(stranger, ["count"]) == []
    with pytest.raises(AccessError, match="E-NOT-SEEN"):
        seen_job(stranger, job.pk, ["count"])


def test_work_that_says_nothing_for_long_gives_signs_of_life(zhou, monkeypatch):
    monkeypatch.setattr("taizhang.office.jobs._BEAT", 0.02)
    job, late = ask_job(zhou, "slow", {}, NOON), NOON + 2 * STALE
    moments = iter([NOON, NOON])  # claimed, begun; from then on it is late

    def silent(argument, holding):
        while Job.objects.get(pk=job.pk).beat_at < late:
            time.sleep(0.01)
        return {"taken": work_off({"slow": silent}, at(late + SECOND))}

    assert work_off({"slow": silent}, lambda: next(moments, late))
    assert json.loads(Job.objects.get(pk=job.pk).result) == {"taken": False}
