"""Breakthroughs (突破口): which decisions the next meeting should take, what they open, and for whom not.

Reads from: ``asked``, ``door``, ``breakthrough_words``, ``wording``, ``office``.  Read by: ``urls``.
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
    require_breakthroughs,
)
from taizhang.office.jobs import ask_job
from taizhang.office.why_home import home_named, why_home
from taizhang.web.asked import asked_number
from taizhang.web.breakthrough_words import found_words, why_words
from taizhang.web.door import Visitor, page, shown
from taizhang.web.wording import JOBS, STAGES, word

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
        most = asked_number(request, "most")
        if not 1 <= most <= MOST_ITEMS:
            raise InputError(
                "A set has 1 to {most} items.",
                hint="Write a number from 1 to {most}.",
                zh="未填写项数，或超出范围；一次最多比选 {most} 项，请填写 1 至 {most} 的整数。",
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
    not_told = ""
    stamp = asked.stamp if asked else ""
    fresh = not request.headers.get("HX-Request") or request.GET.get("shown", "") != stamp
    if home and fresh and asked and asked.found:
        try:
            why = _why(home, asked, visitor)
        except (InputError, PackError) as error:  # the law may have changed since the search
            not_told, status = error.say(visitor.language), error.http_status
    answer = shown(
        request,
        visitor,
        "breakthroughs",
        job=_job_words(asked, visitor),
        found=found_words(asked.found, visitor) if fresh and asked and asked.found else None,
        stamp=stamp,
        fresh=fresh,
        most=MOST_ITEMS,
        usual=_USUAL,
        asked_most=asked.found.get("most") if asked else None,
        home=home,
        why=why,
        not_told=not_told,
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
        "following": asked.following,
    }


def _why(home: str, asked: Asked, visitor: Visitor) -> Sequence[str]:
    """Why a home is, or is not, among those that the largest set opens."""
    unit = home_named(visitor.person, home)
    sets = asked.found["sets"]
    items = sets[-1]["items"] if sets else []
    found = why_home(visitor.pack, unit, [(one["item"], one["place"]) for one in items])
    return list(why_words(found, items, visitor))
