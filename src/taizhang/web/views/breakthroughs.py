"""Breakthroughs (突破口): which decisions the next meeting should take, what they open, and for whom not.

Reads from: ``asked``, ``door``, ``wording``, ``office.breakthroughs``, ``office.jobs``.  Read by: ``urls``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from taizhang.errors import InputError, PackError
from taizhang.office.breakthroughs import (
    KIND,
    MOST_ITEMS,
    Asked,
    found_breakthroughs,
    home_named,
    require_breakthroughs,
    why_home,
)
from taizhang.office.jobs import ask_job
from taizhang.office.selectors.acting import Acting, Paper, acting_on
from taizhang.rules.terms import Pack, Way
from taizhang.rules.whynot import WhyNot
from taizhang.web.asked import asked_number, asked_text
from taizhang.web.door import Visitor, page, shown
from taizhang.web.wording import (
    JOBS,
    STAGES,
    STATUS_LABELS,
    building_name,
    fen_text,
    paper_name,
    source_titles,
    supplier_name,
    word,
)

__all__ = ["breakthroughs"]

_USUAL = 3  # decisions of one meeting


@require_http_methods(["GET", "POST"])
@page
def breakthroughs(request: HttpRequest, visitor: Visitor) -> HttpResponseBase:
    """The newest search with what it found, one home of it explained; another one asked for."""
    require_breakthroughs(visitor.person)
    if request.method != "POST":
        return _page(request, visitor)
    try:
        most = asked_number(request, "most") if asked_text(request, "most") else _USUAL
        if not 1 <= most <= MOST_ITEMS:
            raise InputError(
                "A set has 1 to {most} items.",
                hint="Ask for fewer.",
                zh="一次最多比选 {most} 项，请填写 1 至 {most}。",
                code="E-BREAKTHROUGH-MOST",
                most=MOST_ITEMS,
            )
        before = found_breakthroughs(visitor.person)
        if before is None or not before.moving:  # a second click is no second search
            ask_job(visitor.person, KIND, {"most": most}, visitor.now)
    except InputError as error:
        return _page(request, visitor, error.say(visitor.language), error.http_status)
    return redirect("breakthroughs")


def _page(request: HttpRequest, visitor: Visitor, told: str = "", status: int = 200) -> HttpResponse:
    asked = found_breakthroughs(visitor.person)
    home = request.GET.get("home", "").replace("\0", "").strip()[:200]
    why: Sequence[str] = ()
    if home and asked and asked.found:
        try:
            why = _why(home, asked, visitor)
        except (InputError, PackError) as error:  # the law may have changed since the search
            told, status = error.say(visitor.language), error.http_status
    answer = shown(
        request,
        visitor,
        "breakthroughs",
        job=_job_words(asked, visitor),
        found=_found_words(asked.found, visitor) if asked and asked.found else None,
        most=MOST_ITEMS,
        usual=_USUAL,
        home=home,
        why=why,
        told=told,
    )
    answer.status_code = status
    return answer


def _job_words(asked: Asked | None, visitor: Visitor) -> Mapping[str, Any] | None:
    if asked is None:
        return None
    job = asked.job
    error = json.loads(job.error) if job.error else {}
    return {
        "asked_at": job.asked_at,
        "state_word": word(JOBS, job.state, visitor.language),
        "stage": word(STAGES, job.stage, visitor.language) if job.stage else "",
        "done": job.done,
        "total": job.total,
        "error": error.get(visitor.language, ""),
        "moving": asked.moving,
    }


def _found_words(found: Mapping[str, Any], visitor: Visitor) -> Mapping[str, Any]:
    """What was found, in the visitor's words."""
    pack, language = visitor.pack, visitor.language
    shift = found["shift"]
    items = [item for one in found["sets"] for item in one["items"]]
    papers = {(one["estate"], one["item"], one["place"]) for one in items if one["place"]}
    acted = acting_on(visitor.person, pack, papers)
    return {
        **found,
        "rows": [(paper_name(pack, item, language), *counts) for item, *counts in found["rows"]],
        "opens": [(paper_name(pack, item, language), units) for item, units in found["opens"]],
        "sets": [
            {**one, "items": [_item_words(item, acted, visitor) for item in one["items"]]}
            for one in found["sets"]
        ],
        "decisions": any(not one["place"] for one in items),
        "shift": shift
        and {
            **shift,
            "estates": [
                (name, unlocked, eased, harmed, fen_text(fen, language), effort, days)
                for name, unlocked, eased, harmed, fen, effort, days in shift["estates"]
            ],
        },
    }


def _item_words(
    item: Mapping[str, Any], acted: Mapping[Paper, Acting], visitor: Visitor
) -> Mapping[str, Any]:
    """A paper at its place, or a decision for the whole city with what it rests on."""
    pack, language = visitor.pack, visitor.language
    if not item["place"]:
        return {"decision": _way_name(pack, item["item"], language), "sources": _basis(item["item"], visitor)}
    where = building_name(item["where"], language) if item["where"] else ""
    paper = paper_name(pack, item["item"], language)
    told = acted[item["estate"], item["item"], item["place"]]
    return {
        "paper": paper,
        "item": item["item"],
        "estate": item["estate"],
        "name": item["name"],
        "where": where,
        "decided": told.decided,
        "owner": supplier_name(pack, told.supplier, language),
        "task": told.task,
    }


def _way_of(pack: Pack, target: str) -> Way | None:
    """The way that ``node.way`` names; ``None`` where the law no longer has it."""
    node, _, way = target.partition(".")
    ways = pack.nodes[node].ways if node in pack.nodes else ()
    return next((one for one in ways if one.id == way), None)


def _way_name(pack: Pack, target: str, language: str) -> str:
    """A way in words; one that the law no longer has keeps its id."""
    node, _, way = target.partition(".")
    found = _way_of(pack, target)
    return f"{paper_name(pack, node, language)}·{found.label.in_(language) if found else way}"


def _basis(target: str, visitor: Visitor) -> list[tuple[str, bool]]:
    """What a way that is no law here rests on, with whether that is still to be verified."""
    found = _way_of(visitor.pack, target)
    return source_titles(visitor.pack, found.sources if found else (), visitor.language)


def _why(home: str, asked: Asked, visitor: Visitor) -> Sequence[str]:
    """Why a home is, or is not, among those that the largest set opens."""
    unit = home_named(visitor.person, home)
    sets = asked.found["sets"]
    items = [(one["item"], one["place"]) for one in sets[-1]["items"]] if sets else []
    return list(_why_words(why_home(visitor.pack, unit, items), visitor))


def _why_words(found: WhyNot, visitor: Visitor) -> Sequence[str]:
    pack, language, said = visitor.pack, visitor.language, visitor.said

    def listed(names: Sequence[str]) -> str:
        return said("、", ", ").join(_any_name(pack, name, language) for name in names)

    lines = [
        said("现在：", "Now: ")
        + word(STATUS_LABELS, found.before.word, language)
        + said("；采纳之后：", "; then: ")
        + word(STATUS_LABELS, found.after.word, language)
    ]
    if found.blocked_by:
        lines.append(said("仍受阻于：", "Still blocked by: ") + listed(found.blocked_by))
    if found.lift:
        lines.append(said("还须采用或取得：", "It would also take: ") + found.lift_text(pack, language))
    if found.questions:
        lines.append(
            said("取决于尚未查明的事项：", "It depends on what is not known: ") + listed(found.questions)
        )
    if found.gone:
        lines.append(said("不再需要：", "No longer needed: ") + listed(found.gone))
    if found.items:
        lines.append(said("那时仍缺：", "Still missing then: ") + listed(found.items))
    return lines


def _any_name(pack: Pack, name: str, language: str) -> str:
    """A paper, node or fact in words."""
    return pack.facts[name].label.in_(language) if name in pack.facts else paper_name(pack, name, language)
