"""An import taken back by the browser: what has happened since is shown before anybody confirms.

Reads from: ``door``, ``office.batches``, ``office.undoing``, ``office.jobs``.  Read by: ``urls``.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from taizhang.errors import InputError
from taizhang.office.batches import batch_seen
from taizhang.office.jobs import ask_job
from taizhang.office.undoing import by_people, what_happened_since
from taizhang.office.workflow import given_reason
from taizhang.web.door import Visitor, page, shown

__all__ = ["batch"]

_SHOWN = 200  # acts on the page


@require_http_methods(["GET", "POST"])
@page
def batch(request: HttpRequest, visitor: Visitor, key: int) -> HttpResponseBase:
    """What an import wrote and what has happened since; by a form with a reason, a job that takes it back."""
    found = batch_seen(visitor.person, key)
    told, status = "", 200
    if request.method == "POST":
        try:
            reason = given_reason(request.POST.get("reason", ""))[:400]
            asked = ask_job(visitor.person, "undo", {"batch": key, "reason": reason}, visitor.now)
            return redirect("job", key=asked.pk)
        except InputError as error:
            told, status = error.say(visitor.language), error.http_status
    since = what_happened_since(key)
    acted = by_people(since)
    answer = shown(
        request,
        visitor,
        "batch",
        batch=found,
        since=since[:_SHOWN],
        more=max(0, len(since) - _SHOWN),
        acted=len(acted),
        told=told,
    )
    answer.status_code = status
    return answer
