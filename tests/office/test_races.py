"""Many at once: exactly one wins, nothing is lost, and the journal is one chain."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from multiprocessing import get_context

import pytest
from django.db import connection, connections

from taizhang.errors import TransitionError
from taizhang.ledger.models import Estate, JournalEntry, Official, Organisation, SupervisionNotice, Task
from taizhang.office.access import Person, Scope
from taizhang.office.journal import FIRST
from taizhang.office.organisations import establish_offices, grant_role
from taizhang.office.planning import adopt_plan, propose_plans, refresh_plan
from taizhang.office.queue import fcntl, waiting_in_line
from taizhang.office.register import register
from taizhang.office.supervision import sweep
from taizhang.office.workflow import (
    Paper,
    accept_evidence,
    acknowledge_task,
    hand_in_evidence,
    hand_over_task,
)
from taizhang.settings import database, setting
from taizhang.verify import verify

from .builders import DAY, NOON, draft, law

MANY = 8
DAYS = timedelta(days=1)


@pytest.fixture
def tasks(ledger) -> list[Task]:
    pack = law()
    register([draft()], programme=pack.id, file_name="台账.xlsx", sha256="0" * 64, actor="test", now=NOON)
    establish_offices(
        {name: one.zh for name, one in pack.suppliers.items()}, city="市专班", actor="t", now=NOON
    )
    propose_plans(pack, list(Estate.objects.all()), actor="test", now=NOON)
    city = Organisation.objects.get(kind="city")
    for number in range(MANY):
        grant_role(f"人员{number}", "leader", city, actor="test", now=NOON)
    grant_role("王建国", "leader", city, actor="test", now=NOON)
    wang = Official.objects.get(name="王建国")
    adopt_plan(pack, Estate.objects.get().pk, by=wang, now=NOON, start_on=DAY)
    return list(Task.objects.filter(kind="gap").order_by("id"))


def somebody(number: int):
    """Somebody who may work on tasks and decide on them."""
    official = Official.objects.get(name=f"人员{number}")
    return Person(official.pk, official.name, (Scope("officer"), Scope("leader")))


def at_once(do: Callable[[int], object], count: int = MANY) -> list[object]:
    """What comes of doing something so many times at the same moment; errors on purpose are results."""
    gate, found = threading.Barrier(count), list[object]()

    def run(number: int) -> None:
        gate.wait()
        try:
            found.append(do(number))
        except TransitionError as error:
            found.append(error.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert not any(one.is_alive() for one in threads)
    return found


def sound() -> None:
    """The journal is one chain and says what the tables say."""
    entries = list(JournalEntry.objects.order_by("id").values_list("id", "previous", "digest"))
    assert [one[0] for one in entries] == list(range(1, len(entries) + 1))
    assert [one[1] for one in entries] == [FIRST, *(one[2] for one in entries[:-1])]
    told = database()
    address = (
        str(connection.settings_dict["NAME"]) if "sqlite" in told["ENGINE"] else setting("TAIZHANG_DATABASE")
    )
    assert verify(address).findings == ()


def test_of_many_who_take_note_of_a_task_exactly_one_does(tasks):
    people = [somebody(number) for number in range(MANY)]

    found = at_once(lambda number: acknowledge_task(people[number], tasks[0].pk, NOON).state)

    assert sorted(map(str, found)) == sorted(["E-TASK-STATE"] * (MANY - 1) + ["acknowledged"])
    assert Task.objects.get(pk=tasks[0].pk).version == 2
    sound()


def test_no_update_is_lost_when_everybody_hands_over(tasks):
    people = [somebody(number) for number in range(MANY)]

    found = at_once(
        lambda number: hand_over_task(people[number], tasks[0].pk, NOON, people[number].official).version
    )

    assert sorted(map(int, map(str, found))) == list(range(2, MANY + 2))
    sound()


def test_of_many_who_accept_a_paper_exactly_one_does(tasks):
    people = [somebody(number) for number in range(MANY)]
    acknowledge_task(people[0], tasks[0].pk, NOON)
    hand_in_evidence(people[0], tasks[0].pk, NOON, Paper("1"))

    found = at_once(lambda number: accept_evidence(people[number + 1], tasks[0].pk, NOON).state, MANY - 1)

    assert sorted(map(str, found)) == sorted(["E-TASK-STATE"] * (MANY - 2) + ["complete"])
    sound()


def test_however_many_sweepers_run_every_rung_is_claimed_once(tasks):
    found = at_once(lambda _: sum(count for _, count in sweep(NOON + 90 * DAYS).claimed))

    claimed = list(SupervisionNotice.objects.values_list("task", "rung", "due_on"))
    assert len(claimed) == len(set(claimed)) == sum(map(int, map(str, found)))
    assert {rung for _, rung, _ in claimed} >= {"early_warning", "overdue", "report_to_leader"}
    sound()


def test_a_plan_that_is_computed_while_a_paper_is_accepted_does_not_undo_it(tasks, monkeypatch):
    """The city is being planned; meanwhile a paper is accepted and its estate planned anew."""
    pack, people = law(), [somebody(0), somebody(1)]
    estate = Estate.objects.get()
    acknowledge_task(people[0], tasks[0].pk, NOON)
    hand_in_evidence(people[0], tasks[0].pk, NOON, Paper("1"))
    real, meanwhile = propose_plans.__globals__["compute"], []

    def slow(*arguments):
        computed = list(real(*arguments))
        if not meanwhile:
            meanwhile.append(True)
            accept_evidence(people[1], tasks[0].pk, NOON)
            refresh_plan(pack, estate.pk, actor="test", now=NOON)
        return iter(computed)

    monkeypatch.setattr("taizhang.office.planning.compute", slow)
    propose_plans(pack, [estate], actor="test", now=NOON)

    newest = Estate.objects.get().proposal
    propose_plans(pack, [Estate.objects.get()], actor="test", now=NOON)
    assert Estate.objects.get().proposal.dossier_digest == newest.dossier_digest
    sound()


@pytest.mark.skipif(fcntl is None, reason="Windows has no flock")
def test_a_process_forked_off_within_a_turn_does_not_keep_the_turn(tmp_path):
    with waiting_in_line(tmp_path):
        child = get_context("fork").Process(target=time.sleep, args=(30,))
        child.start()
    try:
        with (tmp_path / "writing.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # raises where somebody has it
        assert child.is_alive()
    finally:
        child.kill()
        child.join()
