"""Nobody stops the clock of their own task, and nobody is two people."""

from __future__ import annotations

from datetime import timedelta

import pytest

from taizhang.errors import AccessError, InputError, TransitionError
from taizhang.ledger.models import Official, Organisation, Suspension, SuspensionRequest, Task
from taizhang.office.access import Person, Scope, person_of
from taizhang.office.organisations import grant_role
from taizhang.office.selectors.desk import desk
from taizhang.office.selectors.task import _not_now
from taizhang.office.suspending import ask_suspension, decide_suspension, resume_task, suspend_task
from taizhang.office.tasks import due_of
from taizhang.office.workflow import (
    Paper,
    accept_evidence,
    acknowledge_task,
    ask_extension,
    decide_extension,
    hand_in_evidence,
    refuse_evidence,
)
from taizhang.rules.worktime import WorkCalendar
from taizhang.verify import verify

from .builders import DAY, NOON
from .rows import office, task_of

DAYS = timedelta(days=1)
COURT = "等待法院裁定"


@pytest.fixture
def task(ledger) -> Task:
    """A task of Gao Xiulan, with its date."""
    office(people={"王建国": "leader", "李敏": "leader"})
    found = task_of(Official.objects.get(name="高秀岚"))
    Task.objects.filter(pk=found.pk).update(due_on=due_of(found, WorkCalendar.china()).on)
    return found


def someone(name: str) -> Person:
    return person_of(Official.objects.get(name=name), DAY)


def due(task: Task):
    task.refresh_from_db()
    return task.due_on


def leads_too(name: str) -> Person:
    """A second entry of somebody, in the city's task force: another number, the same name."""
    city = Organisation.objects.get(kind="city")
    return person_of(grant_role(name, "leader", city, actor="test", now=NOON), DAY)


# ------------------------------------------------------------------------------ asked, granted


def test_the_clock_runs_until_somebody_else_grants_what_was_asked(task, ledger):
    before = due(task)
    ask_suspension(someone("高秀岚"), task.pk, NOON, COURT)
    assert due(task) == before

    decide_suspension(someone("王建国"), task.pk, NOON + 2 * DAYS, granted=True)

    assert due(task) is None
    stood = Suspension.objects.get()
    assert (stood.since, stood.reason) == (DAY + 2 * DAYS, COURT)
    asked = SuspensionRequest.objects.get()
    assert (asked.granted, asked.decided_by.name) == (True, "王建国")
    resume_task(someone("高秀岚"), task.pk, NOON + 4 * DAYS)
    assert due(task) > before
    assert verify(ledger).findings == ()


def test_what_is_refused_stops_nothing_and_may_be_asked_again(task):
    before = due(task)
    ask_suspension(someone("高秀岚"), task.pk, NOON, COURT)
    decide_suspension(someone("王建国"), task.pk, NOON, granted=False)

    assert due(task) == before
    assert not Suspension.objects.exists()
    assert ask_suspension(someone("高秀岚"), task.pk, NOON, COURT).pk == 2


def test_an_officer_does_not_stop_the_clock_of_an_own_task(task):
    with pytest.raises(AccessError, match="E-ACCESS"):
        suspend_task(someone("高秀岚"), task.pk, NOON, COURT)

    assert not Suspension.objects.exists()


def test_a_leader_stops_the_clock_of_somebody_else_directly(task):
    suspend_task(someone("王建国"), task.pk, NOON, COURT)

    assert due(task) is None


def test_a_leader_who_is_responsible_does_not(task):
    """Not directly, and not by granting what a colleague has asked for."""
    Task.objects.filter(pk=task.pk).update(responsible=Official.objects.get(name="王建国"))
    with pytest.raises(AccessError, match="E-FOUR-EYES"):
        suspend_task(someone("王建国"), task.pk, NOON, COURT)
    ask_suspension(someone("高秀岚"), task.pk, NOON, COURT)
    with pytest.raises(AccessError, match="E-FOUR-EYES"):
        decide_suspension(someone("王建国"), task.pk, NOON, granted=True)
    assert not Suspension.objects.exists()

    decide_suspension(someone("李敏"), task.pk, NOON, granted=True)

    assert Suspension.objects.exists()


def test_what_cannot_be_asked_or_decided_is_said(task):
    gao, wang = someone("高秀岚"), someone("王建国")
    with pytest.raises(InputError, match="E-REASON"):
        ask_suspension(gao, task.pk, NOON, " ")
    with pytest.raises(TransitionError, match="E-NO-SUSPENSION"):
        decide_suspension(wang, task.pk, NOON, granted=True)
    ask_suspension(gao, task.pk, NOON, COURT)
    with pytest.raises(TransitionError, match="E-SUSPENSION-OPEN"):
        ask_suspension(gao, task.pk, NOON, COURT)
    suspend_task(wang, task.pk, NOON, COURT)  # meanwhile, directly
    with pytest.raises(TransitionError, match="E-SUSPENDED"):
        decide_suspension(wang, task.pk, NOON, granted=True)
    decide_suspension(wang, task.pk, NOON, granted=False)
    with pytest.raises(TransitionError, match="E-SUSPENDED"):
        ask_suspension(gao, task.pk, NOON, COURT)

    assert Suspension.objects.count() == 1


# ---------------------------------------------------------------------- one person, two offices


def test_somebody_entered_in_two_offices_is_one_person(task):
    """Whatever the street's Gao Xiulan asks for or hands in, the task force's Gao Xiulan does not decide."""
    gao, twin = someone("高秀岚"), leads_too("高秀岚")
    assert gao.official != twin.official
    ask_suspension(gao, task.pk, NOON, COURT)
    ask_extension(gao, task.pk, NOON, 3, COURT)
    for refused in (
        lambda: suspend_task(twin, task.pk, NOON, COURT),
        lambda: decide_suspension(twin, task.pk, NOON, granted=True),
        lambda: decide_extension(twin, task.pk, NOON, granted=True),
    ):
        with pytest.raises(AccessError, match="E-FOUR-EYES"):
            refused()
    assert not desk(twin, DAY).suspensions
    assert not desk(twin, DAY).extensions
    acknowledge_task(gao, task.pk, NOON)
    hand_in_evidence(gao, task.pk, NOON, Paper("1"))
    for refused in (
        lambda: accept_evidence(twin, task.pk, NOON),
        lambda: refuse_evidence(twin, task.pk, NOON, "看不清"),
    ):
        with pytest.raises(AccessError, match="E-FOUR-EYES"):
            refused()
    assert not desk(twin, DAY).waiting

    assert [one.pk for one in desk(someone("王建国"), DAY).waiting] == [task.pk]
    assert accept_evidence(someone("王建国"), task.pk, NOON).state == "complete"


def test_the_page_offers_no_button_to_the_second_entry_of_a_person(task):
    gao, twin = someone("高秀岚"), leads_too("高秀岚")
    asked = ask_suspension(gao, task.pk, NOON, COURT)
    deciding = {"suspend_task", "decide_suspension"}

    assert deciding <= _not_now(twin, task, [], [], [], asked)
    assert not deciding & _not_now(someone("王建国"), task, [], [], [], asked)


@pytest.mark.parametrize("name", ["高 秀岚", "高秀岚 ", "高\u3000秀岚"])
def test_a_space_in_a_name_makes_nobody_another_person(task, name):
    ask_suspension(someone("高秀岚"), task.pk, NOON, COURT)
    with pytest.raises(AccessError, match="E-FOUR-EYES"):
        decide_suspension(Person(999, name, (Scope("leader"),)), task.pk, NOON, granted=True)


def test_a_role_in_a_second_office_granted_by_number_makes_no_second_official(task):
    gao = Official.objects.get(name="高秀岚")
    grant_role(str(gao.pk), "leader", Organisation.objects.get(kind="city"), actor="test", now=NOON)

    assert Official.objects.filter(name="高秀岚").count() == 1
    assert {one.role for one in someone("高秀岚").scopes} == {"officer", "leader"}


def test_the_desk_shows_what_is_asked_soonest_due_first(task):
    """Whatever the order in which it was asked."""
    gao = Official.objects.get(name="高秀岚")
    later, sooner = (task_of(gao, number, due_on=DAY + ahead * DAYS) for number, ahead in ((2, 90), (3, 1)))
    for one in (later, task, sooner):
        ask_suspension(someone("高秀岚"), one.pk, NOON, COURT)
        ask_extension(someone("高秀岚"), one.pk, NOON, 3, COURT)
    told = desk(someone("王建国"), DAY)
    assert [one.task_id for one in told.suspensions] == [sooner.pk, task.pk, later.pk]
    assert [one.task_id for one in told.extensions] == [sooner.pk, task.pk, later.pk]
    for one in (later, task, sooner):
        acknowledge_task(someone("高秀岚"), one.pk, NOON)
        hand_in_evidence(someone("高秀岚"), one.pk, NOON, Paper("1"))

    assert [one.pk for one in desk(someone("王建国"), DAY).waiting] == [sooner.pk, task.pk, later.pk]
