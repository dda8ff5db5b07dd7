"""One estate: its plan, its gaps and why, its tasks, its route as a picture; adopting its plan.

Reads from: ``door``, ``rows``, ``office``, ``exchange.diagram``.  Read by: ``urls``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET, require_POST

from taizhang.errors import CalendarError, InputError, TransitionError
from taizhang.exchange.diagram import route_diagram
from taizhang.office.computing import plan_of
from taizhang.office.dossier import facts_of
from taizhang.office.papers import decision_papers
from taizhang.office.planning import adopt_for
from taizhang.office.selectors.estate import EstateSheet, estate_seen, estate_sheet, happened, in_progress
from taizhang.office.selectors.facts import building_facts, found_out
from taizhang.office.selectors.figures import unit_figures
from taizhang.office.selectors.meetings import estate_matters
from taizhang.office.selectors.reasons import path_to
from taizhang.office.selectors.titles import estate_titles
from taizhang.rules.worktime import WorkCalendar
from taizhang.web.door import Visitor, page, shown
from taizhang.web.finding import (
    AskedFact,
    Buildings,
    asked_fact,
    building_choices,
    found_rows,
    other_facts,
)
from taizhang.web.rows import GapRow, estate_rows, gap_rows, task_rows
from taizhang.web.wording import DECISIONS, day_text, fen_text, paper_name, word

__all__ = ["adopt", "estate", "estate_page", "route"]

_PARTS = {
    "rank": ("办理路径位次合计", "a sum of ranks"),
    "effort": ("工时", "a number of hours"),
    "items": ("补件数", "a number of papers"),
    "days": ("工期（工作日）", "a number of working days"),
}


@require_GET
@page
def estate(request: HttpRequest, visitor: Visitor, key: int) -> HttpResponseBase:
    """The page of an estate."""
    return estate_page(request, visitor, key)


def estate_page(
    request: HttpRequest, visitor: Visitor, key: int, told: str = "", status: int = 200
) -> HttpResponse:
    """The page of an estate, with what could not be done."""
    sheet = estate_sheet(visitor.person, key)
    content = sheet.content or {}
    answer = shown(
        request,
        visitor,
        "estate",
        sheet=sheet,
        row=estate_rows([sheet.estate], visitor)[0],
        plan=_plan_words(sheet, visitor),
        proved=bool(sheet.proposal and sheet.proposal.proved),
        better=_better_words(content.get("least"), visitor),
        tasks=task_rows(sheet.tasks, visitor),
        gaps=[] if sheet.adopted else _gaps(sheet, visitor),
        blocked=[paper_name(visitor.pack, one, visitor.language) for one in content.get("blocked_by", [])],
        shift=_shift_words(sheet, visitor),
        figures=unit_figures(visitor.person, sheet.estate.pk, visitor.today),
        happened=happened(visitor.person, sheet.estate),
        titles=estate_titles(visitor.person, sheet.estate),
        **_matters(sheet, visitor, request.GET.get("item", "")),
        **_facts(sheet, visitor),
        told=told,
    )
    answer.status_code = status
    return answer


@require_POST
@page
def adopt(request: HttpRequest, visitor: Visitor, key: int) -> HttpResponseBase:
    """Adopt the plan of an estate."""
    estate_seen(visitor.person, key)
    try:
        adopt_for(
            visitor.person,
            visitor.pack,
            key,
            now=visitor.now,
            start_on=visitor.today,
            prefer="fewest" if request.POST.get("prefer") == "fewest" else "cheapest",
            reason=request.POST.get("reason", ""),
            seen=request.POST.get("seen", ""),
        )
    except (InputError, TransitionError) as error:
        return estate_page(request, visitor, key, error.say(visitor.language), error.http_status)
    return redirect("estate", key=key)


@require_GET
@page
def route(request: HttpRequest, visitor: Visitor, key: int) -> HttpResponseBase:
    """The route of an estate as a picture: the chosen one, or every way on request (``?whole=1``)."""
    found = estate_seen(visitor.person, key)
    if request.GET.get("whole") == "1":
        svg = route_diagram(visitor.pack, language=visitor.language)
        return HttpResponse(svg, content_type="image/svg+xml; charset=utf-8")
    plan = plan_of(visitor.pack, found)
    working = in_progress(visitor.person, found)
    svg = route_diagram(visitor.pack, plan=plan, language=visitor.language, working=working)
    # the diagram escapes every text itself (tests/exchange/test_diagram.py)
    return shown(request, visitor, "route", svg=mark_safe(svg))


def _matters(sheet: EstateSheet, visitor: Visitor, wanted: str) -> dict[str, object]:
    """What meetings decided, and what could be put on the agenda of one; a paper may be chosen beforehand."""
    found = estate_matters(visitor.person, visitor.pack, sheet.estate)
    papers = [(one, paper_name(visitor.pack, one, visitor.language)) for one in found.papers]
    decisions = [
        (
            one,
            paper_name(visitor.pack, one.item, visitor.language) if one.item else "",
            word(DECISIONS, one.state, visitor.language),
        )
        for one in found.decisions
    ]
    lacking, others = papers[: found.lacking], papers[found.lacking :]
    chosen = wanted if wanted in decision_papers(visitor.pack) else ""
    return {
        "decisions": decisions,
        "meetings": found.meetings,
        "lacking": lacking,
        "others": others,
        "wanted": chosen,
        "wanted_name": paper_name(visitor.pack, chosen, visitor.language) if chosen else "",
    }


def _gaps(sheet: EstateSheet, visitor: Visitor) -> list[GapRow]:
    """Missing papers of the newest plan, with why each is needed."""
    content = sheet.content
    if content is None:
        return []
    facts, route = facts_of(sheet.estate), content["route"]
    items = {gap["item"] for gap in content["gaps"]}
    paths = {item: path_to(visitor.pack, route, facts, item) for item in items}
    return gap_rows(content["gaps"], sheet.estate.place, paths, visitor)


def _facts(sheet: EstateSheet, visitor: Visitor) -> dict[str, object]:
    """What is known of the estate itself, what is asked, what was found out, and where that is recorded."""
    pack, estate = visitor.pack, sheet.estate
    buildings = building_facts(estate)
    asked = _questions((sheet.content or {}).get("questions", []), buildings, visitor)
    facts = {name: told for name, told in sheet.facts.items() if name in pack.facts}
    known = [asked_fact(pack.facts[name], visitor, now=told) for name, told in facts.items()]
    shown = {one.name for one in (*asked, *known)}
    of_buildings = [one for one in pack.facts.values() if one.level == "building" and one.id not in shown]
    known += [
        asked_fact(one, visitor, places=building_choices(one.id, buildings, visitor)) for one in of_buildings
    ]
    finding = reverse("on-estate", args=(estate.pk, "find-out")) if sheet.may_find else ""
    on_hand = sorted(name for name, state in sheet.held.items() if state == "on_hand")
    return {
        "questions": asked,
        "known": known,
        "more_facts": other_facts(visitor, {"city", "county", "estate"}, shown),
        "papers": [paper_name(pack, name, visitor.language) for name in on_hand],
        "found": found_rows(found_out(visitor.person, estate), visitor),
        "finding": finding,
    }


def _plan_words(sheet: EstateSheet, visitor: Visitor) -> dict[str, str]:
    """Money, days and last day of the newest plan."""
    if sheet.content is None or sheet.proposal is None:
        return {}
    days, unknown = sheet.proposal.days, len(sheet.content.get("unknown_costs", ()))
    money = fen_text(sheet.proposal.money_fen, visitor.language)
    if unknown:  # what is not known is not nothing
        money += visitor.said(f"，另有 {unknown} 项费用未知", f" and {unknown} costs unknown")
    return {
        "gaps": str(sheet.proposal.gaps),
        "days": str(days),
        "money": money,
        "until": day_text(_until(visitor.today, days), visitor.language) if days else "",
        "as_of": day_text(sheet.proposal.as_of, visitor.language),
    }


def _better_words(least: tuple[str, int] | None, visitor: Visitor) -> str:
    """In what another plan may be better than one that is not proved."""
    if least is None:
        return ""
    part, value = least
    if part == "money":
        amount = fen_text(value, visitor.language)
        return visitor.said(f"费用或可低至 {amount}", f"another one may cost as little as {amount}")
    zh, en = _PARTS[part]
    return visitor.said(f"{zh}或可低至 {value:,}", f"another one may have {en} as low as {value:,}")


def _until(start: date, days: int) -> date | None:
    try:
        return WorkCalendar.china().due(start, days)
    except CalendarError:
        return None


def _questions(
    questions: Sequence[Sequence[object]], buildings: Buildings, visitor: Visitor
) -> list[AskedFact]:
    """Open facts worth asking for, with who can answer and for how many units."""
    found: dict[str, int] = {}
    for name, _, units in questions:
        found[str(name)] = found.get(str(name), 0) + int(str(units))
    said = []
    for name, units in sorted(found.items(), key=lambda one: -one[1]):
        fact = visitor.pack.facts.get(name)
        if fact is not None:
            places = building_choices(name, buildings, visitor) if fact.level == "building" else ()
            here = fact.level != "unit"
            said.append(asked_fact(fact, visitor, units=units, places=places, here=here))
    return said


def _shift_words(sheet: EstateSheet, visitor: Visitor) -> dict[str, object]:
    if sheet.shift is None:
        return {}

    def names(papers: Sequence[tuple[str, str]]) -> list[str]:
        return list(dict.fromkeys(paper_name(visitor.pack, item, visitor.language) for item, _ in papers))

    return {
        "opened": names(sheet.shift.opened),
        "withdrawn": names(sheet.shift.withdrawn),
        "kept": sheet.shift.kept,
    }
