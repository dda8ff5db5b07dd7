"""What officials do with a task: one function an act.

| state | acts that may follow |
|---|---|
| open | acknowledge, hand back, hand over |
| acknowledged | hand in, hand back, hand over, ask for an extension |
| handed_in | accept, refuse |
| handed_back | hand over |
| complete, withdrawn | none |

Reads from: ``access``, ``journal``, ``tasks``, ``ledger.models``.  Read by: the doors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from taizhang.errors import InputError, TransitionError
from taizhang.ledger.models import (
    Attachment,
    Estate,
    Evidence,
    Extension,
    Official,
    Task,
)
from taizhang.office.access import Person, require, require_other, would_see
from taizhang.office.journal import Act, act
from taizhang.office.papers import places_of_task, put_on_hand
from taizhang.office.register import CHINA
from taizhang.office.tasks import due_of, still_wanted
from taizhang.office.words import STATES, act_word
from taizhang.rules.worktime import WorkCalendar

__all__ = [
    "Paper",
    "accept_evidence",
    "acknowledge_task",
    "ask_extension",
    "dated",
    "decide_extension",
    "doing_task",
    "given_reason",
    "hand_back_task",
    "hand_in_evidence",
    "hand_over_task",
    "refuse_evidence",
    "require_handing_in",
]


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that is handed in.

    Attributes:
        number: Its number, as on the paper.
        issued_on: Day of issue.
        valid_until: Last day on which it counts; ``None``: it does not lapse.
        attachment: Key of the file; ``None``: on paper only.
    """

    number: str = ""
    issued_on: date | None = None
    valid_until: date | None = None
    attachment: int | None = None


_HANDING_IN = ("acknowledged",)


@contextmanager
def doing_task(
    name: str, person: Person, task_id: int, now: datetime, states: Sequence[str]
) -> Iterator[tuple[Act, Task]]:
    """An act on a task that is in one of these states and that the person may do there."""
    with act(name, actor=person.actor, subject=f"task:{task_id}", now=now) as doing:
        task = Task.objects.select_related("estate").get(pk=task_id)
        doing.county = task.county
        _require_state(person, name, task, states)
        yield doing, task


def _require_state(person: Person, name: str, task: Task, states: Sequence[str]) -> None:
    require(person, name, task)
    if task.state not in states:
        raise TransitionError(
            "Task {task} is {state}: nobody can {act} now.",
            hint="Open it again and look at what is there now.",
            zh="任务 {task} 当前状态为“{state}”，不能办理“{act}”，请重新打开后再办理。",
            code="E-TASK-STATE",
            task=task.pk,
            state=STATES[task.state],
            act=act_word(name),
        )


def acknowledge_task(person: Person, task_id: int, now: datetime) -> Task:
    """Take note of a task (签收).

    Raises:
        TransitionError: ``E-TASK-STATE`` it is not open any more.
        AccessError: ``E-ACCESS``.
    """
    with doing_task("acknowledge_task", person, task_id, now, ("open",)) as (doing, task):
        return doing.update(task, state="acknowledged")


def hand_back_task(person: Person, task_id: int, now: datetime, reason: str) -> Task:
    """Give a task back (退单), with a reason.

    Raises:
        InputError: ``E-REASON`` no reason.
        TransitionError: ``E-TASK-STATE``.
        AccessError: ``E-ACCESS``.
    """
    told = given_reason(reason)
    with doing_task("hand_back_task", person, task_id, now, ("open", "acknowledged")) as (doing, task):
        return doing.update(task, state="handed_back", handed_back=told)


def hand_over_task(person: Person, task_id: int, now: datetime, to: int) -> Task:
    """Give a task to another official; the clock runs on.

    Raises:
        InputError: ``E-OFFICIAL`` nobody, or somebody who has left.
    """
    states = ("open", "acknowledged", "handed_back")
    with doing_task("hand_over_task", person, task_id, now, states) as (doing, task):
        other = Official.objects.filter(pk=to, active=True).select_related("organisation").first()
        if other is None or not would_see(other, task, now.astimezone(CHINA).date()):
            raise InputError(
                "Nobody can take this task over under number {to}.",
                hint="Choose an official who has a role for tasks of this place.",
                zh="编号 {to} 不是可接收本任务的人员；请选择在该地有任务角色的人员。",
                code="E-OFFICIAL",
                to=to,
            )
        doing.detail["to"] = other.pk
        return doing.update(
            task, state="open", responsible=other, organisation=other.organisation, handed_back=""
        )


def require_handing_in(person: Person, task_id: int) -> Task:
    """The task that a paper may be handed in for now; asked before its file is kept.

    Raises:
        TransitionError: ``E-TASK-STATE``.
        AccessError: ``E-ACCESS``.
    """
    task = Task.objects.select_related("estate").get(pk=task_id)
    _require_state(person, "hand_in_evidence", task, _HANDING_IN)
    return task


def hand_in_evidence(person: Person, task_id: int, now: datetime, paper: Paper) -> Evidence:
    """Hand in the paper that a task asks for; another official accepts it."""
    with doing_task("hand_in_evidence", person, task_id, now, _HANDING_IN) as (doing, task):
        if paper.attachment is not None:
            Attachment.objects.get(pk=paper.attachment, estate=task.estate)
        evidence = Evidence(
            county=task.county,
            estate=task.estate,
            task=task,
            item=task.item,
            place=task.place,
            number=paper.number,
            issued_on=paper.issued_on,
            valid_until=paper.valid_until,
            attachment_id=paper.attachment,
            handed_in_by_id=person.official,
            handed_in_at=doing.now,
        )
        doing.insert([evidence])
        doing.update(task, state="handed_in")
        return evidence


def accept_evidence(person: Person, task_id: int, now: datetime, remark: str = "") -> Task:
    """Accept what was handed in: the paper is on hand from now on, and the task is complete.

    Raises:
        AccessError: ``E-FOUR-EYES`` by the person who handed it in.
    """
    with doing_task("accept_evidence", person, task_id, now, ("handed_in",)) as (doing, task):
        evidence = _waiting(person, task)
        doing.update(
            evidence, accepted=True, decided_by_id=person.official, decided_at=doing.now, remark=remark
        )
        if task.kind == "gap":
            _on_hand(doing, task, evidence)
        return doing.update(task, state="complete", next_look_on=None)


def refuse_evidence(person: Person, task_id: int, now: datetime, remark: str) -> Task:
    """Refuse what was handed in; the task goes on, and so does its clock.

    Where the plan does without the paper meanwhile, nothing is left to be done: the task is withdrawn.
    """
    told = given_reason(remark)
    with doing_task("refuse_evidence", person, task_id, now, ("handed_in",)) as (doing, task):
        evidence = _waiting(person, task)
        doing.update(
            evidence, accepted=False, decided_by_id=person.official, decided_at=doing.now, remark=told
        )
        if not still_wanted(task):
            return doing.update(task, state="withdrawn", next_look_on=None)
        return doing.update(task, state="acknowledged")


def _waiting(person: Person, task: Task) -> Evidence:
    evidence = Evidence.objects.filter(task=task, accepted__isnull=True).latest("id")
    require_other(person, evidence.handed_in_by)
    return evidence


def _on_hand(doing: Act, task: Task, evidence: Evidence) -> None:
    """Record the paper on the places it is for."""
    put_on_hand(doing, places_of_task(task), task.item, evidence.valid_until)
    doing.update(Estate.objects.get(pk=task.estate_id), status=None)  # until the plan is computed anew


# ------------------------------------------------------------------------------- clocks


def ask_extension(person: Person, task_id: int, now: datetime, working_days: int, reason: str) -> Extension:
    """Ask for more working days; another person grants or refuses them."""
    told = given_reason(reason)
    if working_days < 1:
        raise InputError(
            "An extension has at least one working day.",
            zh="延期至少为 1 个工作日。",
            code="E-EXTENSION",
        )
    with doing_task("ask_extension", person, task_id, now, ("open", "acknowledged")) as (doing, task):
        if task.extensions.filter(granted__isnull=True).exists():
            raise TransitionError(
                "An extension of task {task} waits for a decision.",
                zh="任务 {task} 已有待批的延期申请。",
                code="E-EXTENSION-OPEN",
                task=task_id,
            )
        extension = Extension(
            county=task.county,
            task=task,
            working_days=working_days,
            reason=told,
            asked_by_id=person.official,
            asked_on=now.astimezone(CHINA).date(),
        )
        doing.insert([extension])
        return extension


def decide_extension(person: Person, task_id: int, now: datetime, *, granted: bool) -> Task:
    """Grant or refuse the extension that was asked for."""
    with doing_task("decide_extension", person, task_id, now, ("open", "acknowledged")) as (doing, task):
        extension = task.extensions.filter(granted__isnull=True).first()
        if extension is None:
            raise TransitionError(
                "No extension of task {task} waits for a decision.",
                zh="任务 {task} 没有待批的延期申请。",
                code="E-NO-EXTENSION",
                task=task_id,
            )
        require_other(person, extension.asked_by)
        day = now.astimezone(CHINA).date()
        doing.update(extension, granted=granted, decided_by_id=person.official, decided_on=day)
        return dated(doing, task)


def dated(doing: Act, task: Task) -> Task:
    """Write the due date anew, after the clock has changed; the next sweep looks at the task."""
    due_on = due_of(task, WorkCalendar.china()).on
    return doing.update(task, due_on=due_on, next_look_on=task.start_on if due_on else None)


def given_reason(text: str) -> str:
    """The reason that somebody gives.

    Raises:
        InputError: ``E-REASON`` none.
    """
    told = text.strip()
    if not told:
        raise InputError(
            "A reason is needed.",
            hint="Write in a sentence why.",
            zh="须写明理由。",
            code="E-REASON",
        )
    return told


OPEN = Q(state__in=["open", "acknowledged", "handed_in", "handed_back"])  #: tasks that are not finished
