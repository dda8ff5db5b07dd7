"""Meetings: called, their agenda, their minutes, what they decided of each estate.

Reads from: ``asked``, ``door``, ``office``.  Read by: ``urls``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from taizhang.errors import InputError, PackError, TaizhangError, TransitionError
from taizhang.office.meetings import (
    LONGEST_DOCUMENT,
    Matter,
    call_meeting,
    put_on_agenda,
    record_decision,
    record_minutes,
    repeal_decision,
)
from taizhang.office.planning import refresh_plan
from taizhang.office.selectors.meetings import AgendaItem, meeting_places, meeting_sheet, meetings
from taizhang.web.asked import asked_day, asked_number, asked_text
from taizhang.web.door import Visitor, page, shown
from taizhang.web.rows import task_rows
from taizhang.web.wording import DECISIONS, day_text, paper_name, word

__all__ = ["agenda", "decision", "meeting", "meeting_list"]

_NEWEST = 200


@dataclass(frozen=True, slots=True)
class AgendaRow:
    """One matter on an agenda, in the visitor's words."""

    key: int
    estate: str
    estate_key: int
    units: int
    matter: str
    paper: str
    document: str
    state: str
    state_word: str
    text: str
    until: str
    may_record: bool
    may_take: bool
    may_repeal: bool


@require_http_methods(["GET", "POST"])
@page
def meeting_list(request: HttpRequest, visitor: Visitor) -> HttpResponseBase:
    """Every meeting one may see; another one called."""
    if request.method != "POST":
        return _list(request, visitor)
    try:
        day = asked_day(request, "held_on") or visitor.today
        made = call_meeting(
            visitor.person, asked_text(request, "county"), asked_text(request, "title"), day, visitor.now
        )
    except InputError as error:
        return _list(request, visitor, error.say(visitor.language), error.http_status)
    return redirect("meeting", key=made.pk)


def _list(request: HttpRequest, visitor: Visitor, told: str = "", status: int = 200) -> HttpResponse:
    answer = shown(
        request,
        visitor,
        "meetings",
        rows=list(meetings(visitor.person)[:_NEWEST]),
        places=meeting_places(visitor.person),
        told=told,
    )
    answer.status_code = status
    return answer


@require_http_methods(["GET", "POST"])
@page
def meeting(request: HttpRequest, visitor: Visitor, key: int) -> HttpResponseBase:
    """A meeting with its agenda; the number of its minutes recorded."""
    if request.method != "POST":
        return _page(request, visitor, key)
    try:
        record_minutes(visitor.person, key, asked_text(request, "minutes"), visitor.now)
    except (InputError, TransitionError) as error:
        return _page(request, visitor, key, error.say(visitor.language), error.http_status)
    return redirect("meeting", key=key)


def _page(
    request: HttpRequest, visitor: Visitor, key: int, told: str = "", status: int = 200
) -> HttpResponse:
    sheet = meeting_sheet(visitor.person, visitor.pack, key)
    answer = shown(
        request,
        visitor,
        "meeting",
        sheet=sheet,
        rows=_rows(sheet.agenda, visitor),
        candidates=task_rows(sheet.candidates, visitor),
        told=told,
    )
    answer.status_code = status
    return answer


def _rows(agenda: Sequence[AgendaItem], visitor: Visitor) -> list[AgendaRow]:
    return [
        AgendaRow(
            one.decision.pk,
            one.decision.estate.name,
            one.decision.estate_id,
            one.decision.estate.units_total,
            one.decision.matter,
            paper_name(visitor.pack, one.decision.item, visitor.language) if one.decision.item else "",
            one.decision.document,
            one.decision.state,
            word(DECISIONS, one.decision.state, visitor.language),
            one.decision.text,
            day_text(one.decision.valid_until, visitor.language) if one.decision.valid_until else "",
            one.may_record,
            one.may_take,
            one.may_repeal,
        )
        for one in agenda
    ]


@require_POST
@page
def agenda(request: HttpRequest, visitor: Visitor, key: int) -> HttpResponseBase:
    """Put an estate on the agenda of a meeting."""
    try:
        file = request.FILES.get("document")
        document = _document(file.read(LONGEST_DOCUMENT + 1)) if file is not None else ""
        matter = Matter(asked_text(request, "matter"), asked_text(request, "item"), document)
        estate = asked_number(request, "estate")
        put_on_agenda(visitor.person, visitor.law, key, estate, matter, visitor.now)
    except (InputError, TransitionError, PackError) as error:
        return _page(request, visitor, key, error.say(visitor.language), error.http_status)
    return redirect("meeting", key=key)


def _document(content: bytes) -> str:
    try:
        if len(content) <= LONGEST_DOCUMENT:
            return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    raise InputError(
        "The document is no text, or longer than {most} kB.",
        hint="Send a decision in the pack format, as UTF-8.",
        zh="该文件不是文本，或超过 {most} KB；请上传 UTF-8 编码的会议决定规则文件。",
        code="E-DECISION-DOCUMENT",
        most=LONGEST_DOCUMENT // 1000,
    )


def _taken(request: HttpRequest) -> bool:
    """What was decided; a form that does not say it decides nothing."""
    told = asked_text(request, "taken")
    if told not in ("yes", "no"):
        raise InputError(
            "It is not said whether the decision was taken.",
            hint="Use one of the two buttons.",
            zh="未说明是否同意，请点“同意”或“未同意”。",
            code="E-DECISION-ANSWER",
        )
    return told == "yes"


@require_POST
@page
def decision(request: HttpRequest, visitor: Visitor, key: int, act: str) -> HttpResponseBase:
    """Record what was decided, or repeal it; the plan of the estate is computed anew."""
    if act not in ("record", "repeal"):
        raise Http404
    meeting_key = asked_number(request, "meeting")
    try:
        if act == "record":
            found = record_decision(
                visitor.person,
                key,
                visitor.now,
                taken=_taken(request),
                text=asked_text(request, "text"),
                valid_until=asked_day(request, "valid_until"),
            )
        else:
            found = repeal_decision(visitor.person, key, visitor.now, asked_text(request, "reason"))
    except TaizhangError as error:
        if not meeting_key:
            raise
        return _page(request, visitor, meeting_key, error.say(visitor.language), error.http_status)
    if found.state in {"taken", "repealed"} and found.follows:
        law = visitor.law.on(visitor.today)  # which the decision has just become a part of, or has left
        refresh_plan(law, found.estate_id, actor=visitor.person.actor, now=visitor.now)
    return redirect("meeting", key=found.meeting_id)
