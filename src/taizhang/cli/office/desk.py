"""``taizhang adopt``, ``tasks``, ``task``, ``why`` and ``sweep``: an official's day at the terminal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import click

from taizhang.cli.console import DATE, out, said
from taizhang.cli.office.installation import now, require_ready, working_day
from taizhang.office.access import Person, person_of
from taizhang.office.organisations import find_official
from taizhang.office.planning import adopt_for, refresh_plan
from taizhang.office.selectors.estate import estate_named
from taizhang.office.selectors.lists import tasks as task_list
from taizhang.office.selectors.task import task_seen
from taizhang.office.supervision import rung_label
from taizhang.office.supervision import sweep as sweep_tasks
from taizhang.office.suspending import ask_suspension, decide_suspension, resume_task, suspend_task
from taizhang.office.tasks import due_of
from taizhang.office.words import STATES
from taizhang.office.workflow import (
    Paper,
    accept_evidence,
    acknowledge_task,
    ask_extension,
    decide_extension,
    hand_back_task,
    hand_in_evidence,
    hand_over_task,
    refuse_evidence,
)
from taizhang.rules.worktime import WorkCalendar

__all__ = ["adopt", "sweep", "task", "tasks", "why"]

_AS = click.option("--as", "name", required=True, help="Name or number of the official who acts.")
_ACTS = (
    "acknowledge",
    "hand-in",
    "accept",
    "refuse",
    "hand-back",
    "hand-over",
    "suspend",
    "resume",
    "ask-suspension",
    "grant-suspension",
    "refuse-suspension",
    "ask-extension",
    "grant-extension",
    "refuse-extension",
)


def _person(name: str) -> Person:
    return person_of(find_official(name), working_day())


def _state(name: str) -> str:
    return said(STATES[name].zh, STATES[name].en)


@click.command()
@click.argument("estate")
@_AS
@click.option("--prefer", type=click.Choice(["cheapest", "fewest"]), default="cheapest")
@click.option("--reason", default="", help="Why, where the plan is not the best in the declared order.")
@click.option("--start", type=DATE, help="First day of the plan (default: today in China).")
@click.option("--as-of", type=DATE, help="The day whose law counts (default: today in China).")
def adopt(estate: str, name: str, prefer: str, reason: str, start: date | None, as_of: date | None) -> None:
    """Adopt the plan of an estate: each gap becomes a task with an owner and a due date.

    \b
    Example:
      taizhang adopt 针织厂家属院（南区） --as 王建国
    """
    law, person = require_ready(), _person(name)
    told = adopt_for(
        person,
        law.on(as_of or working_day()),
        estate_named(person, estate).pk,
        now=now(),
        start_on=start or working_day(),
        prefer=prefer,
        reason=reason,
    )
    out.print(
        said(
            f"  已采用方案：新增任务 {told.opened} 项，延续 {told.kept} 项，撤回 {told.withdrawn} 项",
            f"  adopted: {told.opened} tasks opened, {told.kept} kept, {told.withdrawn} withdrawn",
        ),
        markup=False,
    )


@click.command()
@click.argument("estate", required=False)
@_AS
@click.option("--all", "everything", is_flag=True, help="Finished tasks too.")
def tasks(estate: str | None, name: str, everything: bool) -> None:
    """List tasks that a person may see, soonest due first.

    \b
    Example:
      taizhang tasks --as 王建国
    """
    law, person = require_ready(), _person(name)
    pack = law.on(working_day())
    wanted = {"state": "" if everything else "running"}
    if estate:
        wanted["estate"] = str(estate_named(person, estate).pk)
    found = task_list(person, wanted, working_day())
    for one in found.select_related("estate", "organisation", "responsible").order_by("due_on", "id"):
        paper = pack.evidence.get(one.item) or pack.nodes.get(one.item)
        label = paper.label.zh if paper else one.item
        owner = one.organisation.name if one.organisation else one.supplier
        person_ = one.responsible.name if one.responsible else said("待定", "nobody yet")
        due = one.due_on.isoformat() if one.due_on else said("未定", "no date")
        row = (str(one.pk), due, _state(one.state), one.estate.name, label, owner, person_, str(one.units))
        out.print("  " + "  ".join(row), markup=False)


@click.command()
@click.argument("number", type=int)
@click.argument("act", type=click.Choice(_ACTS))
@_AS
@click.option("--reason", default="", help="Reason or remark.")
@click.option("--paper", default="", help="Number of the paper that is handed in.")
@click.option("--to", type=int, help="Number of the official who takes it over.")
@click.option("--days", type=int, default=0, help="Working days of an extension.")
def task(number: int, act: str, name: str, reason: str, paper: str, to: int | None, days: int) -> None:
    """Do something with a task.

    \b
    Example:
      taizhang task 12 hand-in --as 王建国 --paper 棠测〔2024〕12号
    """
    law, person = require_ready(), _person(name)
    moment = now()
    acts: dict[str, Callable[[], object]] = {
        "acknowledge": lambda: acknowledge_task(person, number, moment),
        "hand-in": lambda: hand_in_evidence(person, number, moment, Paper(paper, working_day())),
        "accept": lambda: accept_evidence(person, number, moment, reason),
        "refuse": lambda: refuse_evidence(person, number, moment, reason),
        "hand-back": lambda: hand_back_task(person, number, moment, reason),
        "hand-over": lambda: hand_over_task(person, number, moment, to or 0),
        "suspend": lambda: suspend_task(person, number, moment, reason),
        "resume": lambda: resume_task(person, number, moment),
        "ask-suspension": lambda: ask_suspension(person, number, moment, reason),
        "grant-suspension": lambda: decide_suspension(person, number, moment, granted=True),
        "refuse-suspension": lambda: decide_suspension(person, number, moment, granted=False),
        "ask-extension": lambda: ask_extension(person, number, moment, days, reason),
        "grant-extension": lambda: decide_extension(person, number, moment, granted=True),
        "refuse-extension": lambda: decide_extension(person, number, moment, granted=False),
    }
    task_seen(person, number)
    acts[act]()
    one = task_seen(person, number)
    due = one.due_on.isoformat() if one.due_on else said("未定", "no date")
    out.print(f"  {number}  {_state(one.state)}  {due}", markup=False)
    if act == "accept" and one.kind == "gap":
        refresh_plan(law.on(working_day()), one.estate_id, actor=person.actor, now=now())


@click.command()
@click.argument("number", type=int)
@_AS
def why(number: int, name: str) -> None:
    """Explain the due date of a task, day by day.

    \b
    Example:
      taizhang why 12 --as 王建国
    """
    require_ready()
    told = due_of(task_seen(_person(name), number), WorkCalendar.china())
    for line in told.lines:
        kind = line.kind.label if line.kind else None
        reason = said(kind.zh, kind.en) if kind else said("中止", "suspended")
        count = f"{line.number:>3}" if line.number else "  –"
        out.print(f"  {line.day:%Y-%m-%d}  {count}  {reason}  {line.note}".rstrip(), markup=False)
    if told.on:
        out.print(
            said(
                f"  共 {told.budget} 个工作日，到期日 {told.on}",
                f"  {told.budget} working days, due {told.on}",
            ),
            markup=False,
        )
    elif told.why:
        out.print("  " + said(told.why.label.zh, told.why.label.en), markup=False)


@click.command()
def sweep() -> None:
    """Claim warnings, notices and reports that are due; run it as often as you like.

    \b
    Example:
      taizhang sweep
    """
    require_ready()
    told = sweep_tasks(now())
    out.print(said(f"  查看任务 {told.looked_at} 项", f"  tasks looked at: {told.looked_at}"), markup=False)
    for name, count in told.claimed:
        label = rung_label(name, working_day())
        out.print(f"  {said(label.zh, label.en)}  {count}", markup=False)
