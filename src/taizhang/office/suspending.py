"""Stopping the clock of a task: asked for by who works on it, granted by somebody else.

| who | what |
|---|---|
| who works on the task | asks, with a reason; lets the clock run on |
| a leader, neither who asked nor who is responsible | grants or refuses |
| a leader who is not responsible | stops the clock directly |

The clock stands still from the day on which it was granted: until then the task has a date.

Reads from: ``access``, ``workflow``, ``ledger.models``.  Read by: the doors.
"""

from __future__ import annotations

from datetime import datetime

from taizhang.errors import TransitionError
from taizhang.ledger.models import Suspension, SuspensionRequest, Task
from taizhang.office.access import Person, require_other
from taizhang.office.journal import Act
from taizhang.office.register import CHINA
from taizhang.office.workflow import dated, doing_task, given_reason

__all__ = ["ask_suspension", "decide_suspension", "resume_task", "suspend_task"]

_STATES = ("open", "acknowledged")


def ask_suspension(person: Person, task_id: int, now: datetime, reason: str) -> SuspensionRequest:
    """Ask for the clock of a task to be stopped; another person grants or refuses it.

    Raises:
        InputError: ``E-REASON`` no reason.
        TransitionError: ``E-TASK-STATE``; ``E-SUSPENDED`` it stands already; ``E-SUSPENSION-OPEN`` one waits.
        AccessError: ``E-ACCESS``.
    """
    told = given_reason(reason)
    with doing_task("ask_suspension", person, task_id, now, _STATES) as (doing, task):
        _require_running(task)
        if _asked(task) is not None:
            raise TransitionError(
                "A suspension of task {task} waits for a decision.",
                hint="Wait for the decision, or ask the leader for it.",
                zh="任务 {task} 已有待批的中止申请，请等待审批。",
                code="E-SUSPENSION-OPEN",
                task=task_id,
            )
        asked = SuspensionRequest(
            county=task.county,
            task=task,
            reason=told,
            asked_by_id=person.official,
            asked_on=now.astimezone(CHINA).date(),
        )
        doing.insert([asked])
        return asked


def decide_suspension(person: Person, task_id: int, now: datetime, *, granted: bool) -> Task:
    """Grant or refuse what was asked for; granted, the clock stands still from today.

    Raises:
        TransitionError: ``E-TASK-STATE``; ``E-NO-SUSPENSION`` none was asked for; ``E-SUSPENDED``.
        AccessError: ``E-ACCESS``; ``E-FOUR-EYES`` by who asked, or who is responsible for the task.
    """
    with doing_task("decide_suspension", person, task_id, now, _STATES) as (doing, task):
        asked = _asked(task)
        if asked is None:
            raise TransitionError(
                "No suspension of task {task} waits for a decision.",
                zh="任务 {task} 没有待批的中止申请。",
                code="E-NO-SUSPENSION",
                task=task_id,
            )
        require_other(person, asked.asked_by, task.responsible)
        if granted:
            _require_running(task)
        day = now.astimezone(CHINA).date()
        doing.update(asked, granted=granted, decided_by_id=person.official, decided_on=day)
        return _stopped(doing, task, now, asked.reason) if granted else task


def suspend_task(person: Person, task_id: int, now: datetime, reason: str) -> Task:
    """Stop the clock of a task of somebody else, with a reason.

    Raises:
        InputError: ``E-REASON`` no reason.
        TransitionError: ``E-TASK-STATE``; ``E-SUSPENDED``.
        AccessError: ``E-ACCESS``; ``E-FOUR-EYES`` by who is responsible for the task.
    """
    told = given_reason(reason)
    with doing_task("suspend_task", person, task_id, now, _STATES) as (doing, task):
        require_other(person, task.responsible)
        _require_running(task)
        return _stopped(doing, task, now, told)


def resume_task(person: Person, task_id: int, now: datetime) -> Task:
    """Let the clock of a task run on.

    Raises:
        TransitionError: ``E-TASK-STATE``; ``E-NOT-SUSPENDED``.
        AccessError: ``E-ACCESS``.
    """
    with doing_task("resume_task", person, task_id, now, _STATES) as (doing, task):
        standing = task.suspensions.filter(until__isnull=True).first()
        if standing is None:
            raise TransitionError(
                "The clock of task {task} is running.",
                zh="任务 {task} 的计时并未中止。",
                code="E-NOT-SUSPENDED",
                task=task_id,
            )
        doing.update(standing, until=now.astimezone(CHINA).date())
        return dated(doing, task)


def _asked(task: Task) -> SuspensionRequest | None:
    return task.suspension_requests.filter(granted__isnull=True).select_related("asked_by").first()


def _require_running(task: Task) -> None:
    if task.suspensions.filter(until__isnull=True).exists():
        raise TransitionError(
            "The clock of task {task} stands still already.",
            zh="任务 {task} 已处于中止状态。",
            code="E-SUSPENDED",
            task=task.pk,
        )


def _stopped(doing: Act, task: Task, now: datetime, reason: str) -> Task:
    since = now.astimezone(CHINA).date()
    doing.insert([Suspension(county=task.county, task=task, since=since, reason=reason)])
    return dated(doing, task)
