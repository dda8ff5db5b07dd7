"""``taizhang meeting``: meetings called, estates put on their agendas, decisions recorded."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from taizhang.cli.console import DATE, out, said
from taizhang.cli.office.installation import now, require_ready, working_day
from taizhang.office import meetings as acts
from taizhang.office.access import Person, person_of
from taizhang.office.organisations import find_official
from taizhang.office.planning import refresh_plan
from taizhang.office.selectors.estate import estate_named
from taizhang.office.selectors.meetings import meeting_numbered, meeting_sheet, meetings

__all__ = ["meeting"]

_AS = click.option("--as", "name", required=True, help="Name or number of the official who acts.")
_STATES = {
    "proposed": ("待议定", "to be decided"),
    "taken": ("同意", "taken"),
    "rejected": ("未同意", "not taken"),
    "repealed": ("已撤销", "repealed"),
}


def _person(name: str) -> Person:
    return person_of(find_official(name), working_day())


@click.group()
def meeting() -> None:
    """Meetings: call them, put estates on their agendas, record what they decide.

    \b
    Example:
      taizhang meeting call 专题会商 --on 2024-02-02 --as 王建国
    """


@meeting.command("call")
@click.argument("title")
@_AS
@click.option("--on", "day", type=DATE, required=True, help="The day of the meeting.")
@click.option("--county", default="", help="Of this county's task force; without: the city's.")
def call(title: str, name: str, day: date, county: str) -> None:
    """Call a meeting.

    \b
    Example:
      taizhang meeting call 专题会商 --on 2024-02-02 --as 王建国
    """
    require_ready()
    made = acts.call_meeting(_person(name), county, title, day, now())
    out.print(f"  {made.number} {made.title} {made.held_on}", markup=False)


@meeting.command("list")
@_AS
def list_(name: str) -> None:
    """List meetings, the newest first.

    \b
    Example:
      taizhang meeting list --as 王建国
    """
    require_ready()
    for one in meetings(_person(name)):
        held = one.minutes or said("待召开", "to be held")
        out.print(f"  {one.number}  {one.held_on}  {one.title}  {held}", markup=False)


@meeting.command("show")
@click.argument("number")
@_AS
def show(number: str, name: str) -> None:
    """Show the agenda of a meeting, with the number of every decision.

    \b
    Example:
      taizhang meeting show 2024-001 --as 王建国
    """
    law, person = require_ready(), _person(name)
    sheet = meeting_sheet(person, law.on(working_day()), meeting_numbered(person, number).pk)
    for row in sheet.agenda:
        one = row.decision
        told = f"  {one.pk}  {one.estate.name}  {one.matter}  {said(*_STATES[one.state])}  {one.text}"
        out.print(told.rstrip(), markup=False)


@meeting.command("agenda")
@click.argument("number")
@click.argument("estate")
@_AS
@click.option("--matter", required=True, help="What is to be decided, in a sentence.")
@click.option("--item", default="", help="The paper of the pack that the decision provides.")
@click.option(
    "--document",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A decision in the pack format that adds ways for this estate.",
)
def agenda(number: str, estate: str, name: str, matter: str, item: str, document: Path | None) -> None:
    """Put an estate on the agenda of a meeting.

    \b
    Example:
      taizhang meeting agenda 2024-001 针织厂家属院（南区） --matter 是否认定主体失联 --as 高秀岚
    """
    law, person = require_ready(), _person(name)
    told = acts.Matter(matter, item, document.read_text(encoding="utf-8") if document else "")
    found = meeting_numbered(person, number)
    made = acts.put_on_agenda(person, law, found.pk, estate_named(person, estate).pk, told, now())
    out.print(said(f"  议题 {made.pk}", f"  decision {made.pk}"), markup=False)


@meeting.command("minutes")
@click.argument("number")
@click.argument("minutes")
@_AS
def minutes_(number: str, minutes: str, name: str) -> None:
    """Record the number of the minutes: the meeting has been held.

    \b
    Example:
      taizhang meeting minutes 2024-001 会议纪要〔2024〕3号 --as 王建国
    """
    require_ready()
    person = _person(name)
    made = acts.record_minutes(person, meeting_numbered(person, number).pk, minutes, now())
    out.print(f"  {made.number} {made.minutes}", markup=False)


@meeting.command("decide")
@click.argument("decision", type=int)
@_AS
@click.option("--taken/--rejected", required=True, help="Whether it was taken.")
@click.option("--text", required=True, help="As the minutes say it.")
@click.option("--until", type=DATE, help="The last day on which it counts.")
def decide(decision: int, name: str, taken: bool, text: str, until: date | None) -> None:
    """Record what was decided of an estate; its plan is computed anew.

    \b
    Example:
      taizhang meeting decide 12 --taken --text 同意认定 --as 赵明华
    """
    law, person, moment = require_ready(), _person(name), now()
    made = acts.record_decision(person, decision, moment, taken=taken, text=text, valid_until=until)
    if made.state == "taken" and (made.item or made.document):
        refresh_plan(law.on(working_day()), made.estate_id, actor=person.actor, now=moment)
    out.print(f"  {made.estate.name} {said(*_STATES[made.state])}", markup=False)


@meeting.command("repeal")
@click.argument("decision", type=int)
@_AS
@click.option("--reason", required=True, help="Why.")
def repeal(decision: int, name: str, reason: str) -> None:
    """Repeal a decision: what rested on it is missing again.

    \b
    Example:
      taizhang meeting repeal 12 --reason 上级纠正 --as 王建国
    """
    law, person, moment = require_ready(), _person(name), now()
    made = acts.repeal_decision(person, decision, moment, reason)
    refresh_plan(law.on(working_day()), made.estate_id, actor=person.actor, now=moment)
    out.print(f"  {made.estate.name} {said(*_STATES[made.state])}", markup=False)
