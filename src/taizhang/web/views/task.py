"""One task: why, until when and why then, the papers handed in, and what may be done with it.

Reads from: ``door``, ``rows``, ``office``.  Read by: ``urls``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from taizhang.errors import AccessError, InputError, TransitionError
from taizhang.office import suspending, workflow
from taizhang.office.attachments import attach, open_attachment
from taizhang.office.planning import refresh_plan
from taizhang.office.selectors.task import ACTS, TaskSheet, task_seen, task_sheet
from taizhang.web.asked import asked_day, asked_number
from taizhang.web.door import Visitor, page, shown
from taizhang.web.rows import notice_rows, path_texts, task_rows
from taizhang.web.wording import day_text, fen_text, source_titles

__all__ = ["attachment", "do", "task"]


@require_GET
@page
def task(request: HttpRequest, visitor: Visitor, key: int) -> HttpResponseBase:
    """The page of a task."""
    return _page(request, visitor, key)


def _page(
    request: HttpRequest, visitor: Visitor, key: int, told: str = "", status: int = 200
) -> HttpResponse:
    sheet = task_sheet(visitor.person, visitor.pack, key, visitor.today)
    answer = shown(
        request,
        visitor,
        "task",
        sheet=sheet,
        row=task_rows([sheet.task], visitor)[0],
        why=_why(sheet, visitor),
        lines=_lines(sheet, visitor),
        notices=notice_rows(sheet.notices, visitor),
        places=[place.removeprefix(sheet.task.estate.place).lstrip("›") for place in sheet.places],
        told=told,
    )
    answer.status_code = status
    return answer


def _why(sheet: TaskSheet, visitor: Visitor) -> Mapping[str, object]:
    """Why the paper is needed: the way from the goal, its legal sources, money and days."""
    gap = sheet.gap
    if not gap:
        return {}
    money = gap["fen"]
    return {
        "path": path_texts(sheet.path, visitor),
        "sources": _sources(sheet.path, sheet.task.item, visitor),
        "money": fen_text(money if isinstance(money, int) else None, visitor.language),
        "days": gap["days"],
        "critical": gap["critical"],
    }


def _sources(path: Sequence[tuple[str, str]], item: str, visitor: Visitor) -> list[tuple[str, bool]]:
    """Titles of the sources of the paper and of the ways that need it; whether one is to be verified."""
    pack, names = visitor.pack, dict[str, None]()
    paper = pack.evidence.get(item)
    for name in paper.sources if paper else ():
        names[name] = None
    for node, way_id in path[-2:]:
        found = pack.nodes.get(node)
        for way in found.ways if found else ():
            if way.id == way_id:
                names |= dict.fromkeys(way.sources)
    return source_titles(pack, names, visitor.language)


def _lines(sheet: TaskSheet, visitor: Visitor) -> list[tuple[str, str, str, str]]:
    """The due date day by day."""
    said = []
    for line in sheet.due.lines:
        kind = line.kind.label.in_(visitor.language) if line.kind else visitor.said("中止", "suspended")
        count = str(line.number) if line.number else "–"
        said.append((day_text(line.day, visitor.language), count, kind, line.note))
    return said


# ------------------------------------------------------------------------------------ acts


@require_POST
@page
def do(request: HttpRequest, visitor: Visitor, key: int, act: str) -> HttpResponseBase:
    """Do something with a task; what cannot be done is said on its page, and nothing is lost."""
    if act not in _ACTS:
        raise Http404
    found = task_seen(visitor.person, key)
    try:
        _ACTS[act](request, visitor, key)
    except (InputError, TransitionError, AccessError) as error:
        return _page(request, visitor, key, error.say(visitor.language), error.http_status)
    if act == "accept_evidence" and found.kind == "gap":
        refresh_plan(visitor.pack, found.estate_id, actor=visitor.person.actor, now=visitor.now)
    return redirect("task", key=key)


def _hand_in(request: HttpRequest, visitor: Visitor, key: int) -> object:
    file = request.FILES.get("file")
    issued, until = (
        asked_day(request, "issued_on"),
        asked_day(request, "valid_until"),
    )  # before anything is kept
    kept = None
    if file is not None:
        estate = workflow.require_handing_in(visitor.person, key).estate  # before anything is kept
        kept = attach(visitor.person, estate, file.name or "", file.chunks(), visitor.now).pk
    number = request.POST.get("number", "").strip()[:120]
    if kept is None and not number:
        raise InputError(
            "Neither a file nor the number of the paper was given.",
            hint="Choose a file, or write the number that stands on the paper.",
            zh="未选择文件，也未填写文号；请选择文件或填写文号。",
            code="E-PAPER-EMPTY",
        )
    paper = workflow.Paper(number, issued, until, kept)
    return workflow.hand_in_evidence(visitor.person, key, visitor.now, paper)


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "")


_ACTS: Mapping[str, Callable[[HttpRequest, Visitor, int], object]] = {
    "acknowledge_task": lambda _, who, key: workflow.acknowledge_task(who.person, key, who.now),
    "hand_in_evidence": _hand_in,
    "accept_evidence": lambda asked, who, key: workflow.accept_evidence(
        who.person, key, who.now, _reason(asked)
    ),
    "refuse_evidence": lambda asked, who, key: workflow.refuse_evidence(
        who.person, key, who.now, _reason(asked)
    ),
    "hand_back_task": lambda asked, who, key: workflow.hand_back_task(
        who.person, key, who.now, _reason(asked)
    ),
    "hand_over_task": lambda asked, who, key: workflow.hand_over_task(
        who.person, key, who.now, asked_number(asked, "to")
    ),
    "ask_extension": lambda asked, who, key: workflow.ask_extension(
        who.person, key, who.now, asked_number(asked, "days"), _reason(asked)
    ),
    "decide_extension": lambda asked, who, key: workflow.decide_extension(
        who.person, key, who.now, granted=asked.POST.get("granted") == "yes"
    ),
    "ask_suspension": lambda asked, who, key: suspending.ask_suspension(
        who.person, key, who.now, _reason(asked)
    ),
    "decide_suspension": lambda asked, who, key: suspending.decide_suspension(
        who.person, key, who.now, granted=asked.POST.get("granted") == "yes"
    ),
    "suspend_task": lambda asked, who, key: suspending.suspend_task(who.person, key, who.now, _reason(asked)),
    "resume_task": lambda _, who, key: suspending.resume_task(who.person, key, who.now),
}
assert _ACTS.keys() == ACTS.keys()


@require_GET
@page
def attachment(_: HttpRequest, visitor: Visitor, key: int) -> HttpResponseBase:
    """A file that was handed in; always saved, never shown by the browser within our pages."""
    row, path = open_attachment(visitor.person, key, visitor.now)
    return FileResponse(path.open("rb"), as_attachment=True, filename=row.name, content_type=row.media_type)
