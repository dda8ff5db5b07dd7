"""A ledger handed in by the browser: read first and shown, written only when somebody says so.

Both are jobs: they can be left and found again, and survive a crash of the server.

Reads from: ``door``, ``office.jobs``, ``office.uploads``.  Read by: ``urls``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from taizhang.errors import AccessError, InputError, TransitionError
from taizhang.exchange.ledgerbook.told import CONFLICT_HEADINGS
from taizhang.office.access import may_anywhere
from taizhang.office.batches import batches_of
from taizhang.office.jobs import ask_job, jobs_of, seen_job
from taizhang.office.uploads import keep_upload
from taizhang.web.door import Visitor, page, shown
from taizhang.web.wording import JOBS, STAGES, word

__all__ = ["job", "start", "write"]

_KINDS = ("dry_run", "import", "undo")


@require_http_methods(["GET", "POST"])
@page
def start(request: HttpRequest, visitor: Visitor) -> HttpResponseBase:
    """Hand files in, and find the imports of before."""
    _require(visitor)
    told, status = "", 200
    files = request.FILES.getlist("files")
    if request.method == "POST":
        try:
            if not files:
                raise InputError(
                    "No file was chosen.",
                    hint="Choose one or several ledgers.",
                    zh="未选择文件，请选择一份或多份台账。",
                    code="E-FILE-NONE",
                )
            kept = [keep_upload(one.name or "", one.chunks()) for one in files]
            asked = ask_job(visitor.person, "dry_run", {"files": kept}, visitor.now)
            return redirect("job", key=asked.pk)
        except InputError as error:
            told, status = error.say(visitor.language), error.http_status
    jobs = [_job_words(one, visitor) for one in jobs_of(visitor.person, _KINDS)]
    answer = shown(request, visitor, "import", jobs=jobs, batches=batches_of(visitor.person), told=told)
    answer.status_code = status
    return answer


@require_GET
@page
def job(request: HttpRequest, visitor: Visitor, key: int) -> HttpResponseBase:
    """How far a job is, and what came out."""
    _require(visitor)
    return shown(request, visitor, "job", job=_job_words(seen_job(visitor.person, key, _KINDS), visitor))


@require_POST
@page
def write(request: HttpRequest, visitor: Visitor, key: int) -> HttpResponseBase:
    """Write what a dry run has shown; of conflicts the workbook's cells where that was chosen."""
    _require(visitor)
    before = seen_job(visitor.person, key, _KINDS)
    if before.kind != "dry_run" or before.state != "done":
        raise TransitionError(
            "Job {job} is no dry run that has ended.",
            hint="Hand the ledger in, and look at the dry run first.",
            zh="作业 {job} 不是已完成的试运行；请先提交台账并查看试运行结果。",
            code="E-JOB-DRY-RUN",
            job=key,
        )
    argument = json.loads(before.argument)
    merged = json.loads(before.result).get("merged")
    if merged and request.POST.get("conflicts") == "take":
        argument |= {"conflicts": "take", "looked": merged["head"]}
    asked = ask_job(visitor.person, "import", argument, visitor.now)
    return redirect("job", key=asked.pk)


def _require(visitor: Visitor) -> None:
    if not may_anywhere(visitor.person, "import_ledger"):
        raise AccessError(
            "{person} may not import ledgers.",
            hint="Ask the task force of the county.",
            zh="{person}没有导入台账的权限，请联系本县（市、区）专班。",
            code="E-ACCESS",
            person=visitor.person.name,
        )


def _job_words(one: Any, visitor: Visitor) -> Mapping[str, Any]:
    """A job in the visitor's words."""
    argument: Mapping[str, Any] = json.loads(one.argument)
    error: Mapping[str, str] = json.loads(one.error) if one.error else {}
    result = json.loads(one.result)
    merged = result.get("merged") or {}
    return {
        "key": one.pk,
        "kind": one.kind,
        "kind_word": word(JOBS, one.kind, visitor.language),
        "state": one.state,
        "state_word": word(JOBS, one.state, visitor.language),
        "stage": word(STAGES, one.stage, visitor.language) if one.stage else "",
        "done": one.done,
        "total": one.total,
        "files": [name for _, name in argument.get("files", [])],
        "batch": argument.get("batch", 0),
        "asked_at": one.asked_at,
        "result": result,
        "otherwise": [both[visitor.language] for both in result.get("otherwise", ())],
        "conflicts": [both[visitor.language] for both in merged.get("cells", ())],
        "conflict_headings": [visitor.said(*both) for both in CONFLICT_HEADINGS],
        "error": error.get(visitor.language, ""),
        "moving": one.state in {"waiting", "running"},
    }
