"""An import is taken back: by who may, with a reason, and without keeping others from writing meanwhile."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client

from taizhang.errors import AccessError, InputError, TransitionError
from taizhang.exchange.working import kinds_of_work
from taizhang.ledger.models import Estate, Job, JournalEntry, Official, Organisation
from taizhang.office import undoing
from taizhang.office.access import Person, person_of
from taizhang.office.accounts import open_account
from taizhang.office.batches import batch_seen, batches_of, undo_for
from taizhang.office.installation import law_of
from taizhang.office.jobs import work_off
from taizhang.office.journal import act
from taizhang.office.organisations import grant_role
from taizhang.office.queue import _QUEUE
from taizhang.office.register import register
from taizhang.office.workflow import acknowledge_task
from taizhang.verify import verify

from .builders import DAY, NOON, draft
from .rows import office, task_of

HOUR = timedelta(hours=1)


@pytest.fixture
def second(ledger) -> int:
    """After the first import another one, of an estate in the same street; its batch."""
    office(people={"王建国": "leader", "周立": "importer"})
    told = taken_in(draft("邮电局家属楼"))
    assert told == 2
    return told


def taken_in(one) -> int:
    return register(
        [one],
        programme="title-certificates",
        file_name="台账二.xlsx",
        sha256="1" * 64,
        actor="test",
        now=NOON,
    ).batch


def someone(name: str) -> Person:
    return person_of(Official.objects.get(name=name), DAY)


def at_street(name: str, role: str) -> Person:
    street = Organisation.objects.get(kind="street")
    return person_of(grant_role(name, role, street, actor="test", now=NOON), DAY)


def spoil_the_turn(monkeypatch, before) -> None:
    """Let something happen between the reading and the turn to write."""
    earnest = undoing.act

    def late(name, **told):
        before()
        return earnest(name, **told)

    monkeypatch.setattr(undoing, "act", late)


# ----------------------------------------------------------------------------- reading and turn


def test_the_journal_is_read_before_the_turn_to_write_is_taken(second, monkeypatch):
    """In the turn nothing is read but what has come since; there was one such act."""
    with_turn: list[int] = []
    earnest = undoing._images

    def watched(entry):
        if _QUEUE.depth:
            with_turn.append(entry.pk)
        return earnest(entry)

    def other_work():
        with act("note", actor="test", subject="nothing", now=NOON) as doing:
            doing.keep = True

    other_work()  # after the import, and before anybody wants it back
    monkeypatch.setattr(undoing, "_images", watched)
    spoil_the_turn(monkeypatch, other_work)
    last = JournalEntry.objects.latest("id").pk
    undoing.undo_import(second, actor="test", now=NOON)

    assert set(with_turn) <= {last + 1}
    assert [one.name for one in Estate.objects.all()] == ["针织厂家属院"]


def test_who_acts_between_the_reading_and_the_turn_is_seen(second, monkeypatch):
    task = task_of(Official.objects.get(name="高秀岚"))
    gao = someone("高秀岚")
    spoil_the_turn(monkeypatch, lambda: acknowledge_task(gao, task.pk, NOON))
    with pytest.raises(TransitionError, match=r"acknowledge_task|open_task|E-UNDO-SINCE"):
        undoing.undo_import(1, actor="test", now=NOON)

    assert Estate.objects.count() == 2


def test_who_acts_on_the_batch_alone_between_the_reading_and_the_turn_is_seen(second, monkeypatch):
    """Nothing stood in the way when the journal was read."""

    def renamed():
        with act("rename", actor="test", subject="estate", now=NOON) as doing:
            doing.update(Estate.objects.get(name="邮电局家属楼"), neighbourhood="新社区")

    assert undoing.by_people(undoing.what_happened_since(second)) == []
    spoil_the_turn(monkeypatch, renamed)
    with pytest.raises(TransitionError, match="E-UNDO-SINCE"):
        undoing.undo_import(second, actor="test", now=NOON)

    assert Estate.objects.count() == 2


def test_a_journal_that_is_another_than_the_one_that_was_read_is_refused(second, monkeypatch):
    earnest = undoing._read

    def of_another(batch):
        return replace(earnest(batch), digest="0" * 64)

    monkeypatch.setattr(undoing, "_read", of_another)
    with pytest.raises(TransitionError, match="E-CHANGED"):
        undoing.undo_import(second, actor="test", now=NOON)

    assert Estate.objects.count() == 2


# ------------------------------------------------------------------------------------ rights


def test_who_may_not_undo_there_sees_no_batch(second):
    """An importer of the street sees what lies in the street alone; a leader may not undo at all."""
    taken_in(draft("酒厂宿舍", street="古楼街道"))
    street = at_street("李街", "importer")

    assert [one.number for one in batches_of(someone("周立"))] == [3, 2, 1]
    assert [one.number for one in batches_of(street)] == [2, 1]
    assert batches_of(someone("王建国")) == []
    for person, batch in ((street, 3), (someone("王建国"), 2), (someone("周立"), 99)):
        with pytest.raises(AccessError, match="E-NOT-SEEN"):
            batch_seen(person, batch)
        with pytest.raises(AccessError, match="E-NOT-SEEN"):
            undo_for(person, batch, now=NOON, reason="误导入")
    assert Estate.objects.count() == 3


def test_an_estate_that_an_import_moved_belongs_to_both_streets(second):
    moved = taken_in(draft("邮电局家属楼", street="古楼街道"))
    street = at_street("李街", "importer")

    assert Estate.objects.get(name="邮电局家属楼").street == "古楼街道"
    assert moved not in [one.number for one in batches_of(street)]


def test_an_import_that_did_not_write_its_places_down_is_for_the_whole_city(second, monkeypatch):
    monkeypatch.setattr("taizhang.office.batches._places", lambda told: {("", "")})

    assert batches_of(at_street("李街", "importer")) == []
    assert len(batches_of(someone("周立"))) == 2


# --------------------------------------------------------------------------------- the pages


@pytest.fixture
def zhou(second) -> Client:
    """A browser in which Zhou Li, who imports for the city, is signed in."""
    account = open_account(
        Official.objects.get(name="周立"), "zhou", "a-small-office-2024", actor="t", now=NOON
    )
    client = Client(SERVER_NAME="localhost")
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def worked_off() -> Job:
    law = law_of()
    while work_off(kinds_of_work(law, lambda: NOON, law.pack), lambda: NOON):
        pass
    return Job.objects.latest("id")


def test_an_import_is_taken_back_in_the_browser(zhou, second, ledger):
    """Listed, looked at, confirmed with a reason, done as a job, listed as taken back."""
    assert f'href="/batches/{second}"' in zhou.get("/import").content.decode()
    page = zhou.get(f"/batches/{second}").content.decode()
    assert "没有人在其上办理过" in page
    assert "E-REASON" in zhou.post(f"/batches/{second}", {"reason": " "}).content.decode()
    assert not Job.objects.exists()

    answer = zhou.post(f"/batches/{second}", {"reason": "导错了县"})
    job = worked_off()
    assert answer.headers["Location"] == f"/import/{job.pk}"
    assert job.state == "done", job.error
    assert [one.name for one in Estate.objects.all()] == ["针织厂家属院"]
    assert "已撤销" in zhou.get(f"/import/{job.pk}").content.decode()
    assert "已撤销" in zhou.get("/import").content.decode()
    assert "已于" in zhou.get(f"/batches/{second}").content.decode()
    entry = JournalEntry.objects.filter(act="undo_import").get()
    assert json.loads(entry.detail)["reason"] == "导错了县"
    assert entry.actor.endswith("周立")
    assert verify(ledger).findings == ()


def test_where_somebody_has_acted_since_it_is_shown_and_not_offered(zhou):
    task = task_of(Official.objects.get(name="高秀岚"))
    acknowledge_task(someone("高秀岚"), task.pk, NOON)
    page = zhou.get("/batches/1").content.decode()

    assert "签收" in page
    assert "高秀岚" in page
    assert 'name="reason"' not in page
    zhou.post("/batches/1", {"reason": "误导入"})  # asked all the same, and refused when it is done
    job = worked_off()
    assert job.state == "failed"
    assert "E-UNDO-SINCE" in json.loads(job.error)["zh"]


def test_the_right_is_asked_again_when_the_job_is_done(zhou, second):
    """Whoever lost the role between asking and doing takes nothing back."""
    zhou.post(f"/batches/{second}", {"reason": "误导入"})
    Official.objects.filter(name="周立").update(active=False)
    job = worked_off()

    assert job.state == "failed"
    assert Estate.objects.count() == 2


def test_undoing_needs_a_reason(second):
    with pytest.raises(InputError, match="E-REASON"):
        undo_for(someone("周立"), second, now=NOON, reason="")

    assert Estate.objects.count() == 2
