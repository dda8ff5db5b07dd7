"""My desk, and whether the server is well.

Reads from: ``door``, ``office.selectors``.  Read by: ``urls``.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_GET

from taizhang import __version__
from taizhang.office.pulse import waiting_in_vain
from taizhang.office.selectors.desk import desk as desk_of
from taizhang.web.door import Visitor, page, shown
from taizhang.web.rows import notice_rows, task_rows

__all__ = ["desk", "healthz"]


@require_GET
@page
def desk(request: HttpRequest, visitor: Visitor) -> HttpResponseBase:
    """What I have to do today."""
    told = desk_of(visitor.person, visitor.today)
    return shown(
        request,
        visitor,
        "desk",
        figures=told.figures,
        mine=task_rows(told.mine, visitor),
        waiting=task_rows(told.waiting, visitor),
        extensions=told.extensions,
        suspensions=told.suspensions,
        notices=notice_rows(told.notices, visitor),
    )


@require_GET
def healthz(_: HttpRequest) -> HttpResponse:
    """Whether the database answers and somebody does the long work; for whoever watches the server."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    waiting = waiting_in_vain(datetime.now(UTC))
    told = {"version": __version__, "database": connection.vendor}
    if waiting:
        return JsonResponse({"status": "no worker", "waiting": waiting} | told, status=503)
    return JsonResponse({"status": "ok"} | told)
