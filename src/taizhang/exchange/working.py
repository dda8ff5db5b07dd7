"""The kinds of long work that the server does beside its pages.

Reads from: ``importing``, ``ledgerbook``, ``office.jobs``.  Read by: the doors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from taizhang.errors import InputError
from taizhang.exchange.importing import Imported, import_files
from taizhang.exchange.ledgerbook.told import conflicts_told
from taizhang.exchange.otherwise import otherwise_told
from taizhang.office.accounts import person_of_official
from taizhang.office.batches import undo_for
from taizhang.office.breakthroughs import find_breakthroughs
from taizhang.office.installation import Law
from taizhang.office.jobs import Holding, Work
from taizhang.office.ledgerbook import Merged
from taizhang.office.uploads import upload_path
from taizhang.rules.terms import Pack

__all__ = ["kinds_of_work"]

_SHOWN = 500  # complaints on the page; the workbook of ``taizhang plan`` has all


def kinds_of_work(law: Law, clock: Callable[[], datetime], programme: str) -> Mapping[str, Work]:
    """What a worker can do, by the kind of job.

    Args:
        law: What the installation plans by.
        clock: Tells the instant.
        programme: Id of the programme that ledgers are for.
    """

    def importing(argument: Mapping[str, Any], holding: Holding, *, dry_run: bool) -> Mapping[str, Any]:
        now = law.at(clock())
        person = person_of_official(holding.job.asked_by_id, law.today(clock()))
        paths = [upload_path(sha256, name) for sha256, name in argument["files"]]
        gone = [path.name for path in paths if not path.is_file()]
        if gone:
            raise InputError(
                "'{name}' is no longer kept.",
                hint="Hand it in again.",
                zh="“{name}”已不在服务器上，请重新提交。",
                code="E-UPLOAD-GONE",
                name=gone[0],
            )
        told = import_files(
            paths,
            law.on(law.today(clock())),
            programme=programme,
            city=law.city,
            actor=person.actor,
            now=now,
            person=person,
            dry_run=dry_run,
            conflicts=argument.get("conflicts", "keep"),
            looked=argument.get("looked", 0),
            progress=holding.tell,
        )
        return _told(told, law.on(law.today(clock())))

    def undoing(argument: Mapping[str, Any], holding: Holding) -> Mapping[str, Any]:
        person = person_of_official(holding.job.asked_by_id, law.today(clock()))
        batch, reason = argument["batch"], argument["reason"]
        return {"batch": batch, "rows": undo_for(person, batch, now=law.at(clock()), reason=reason)}

    def searching(argument: Mapping[str, Any], holding: Holding) -> Mapping[str, Any]:
        person = person_of_official(holding.job.asked_by_id, law.today(clock()))
        pack = law.on(law.today(clock()))
        return find_breakthroughs(person, pack, argument["most"], holding.tell, holding.keep)

    return {
        "undo": undoing,
        "breakthroughs": searching,
        "dry_run": lambda argument, holding: importing(argument, holding, dry_run=True),
        "import": lambda argument, holding: importing(argument, holding, dry_run=False),
    }


def _told(found: Imported, pack: Pack) -> Mapping[str, Any]:
    merged = found.registered.merged
    complaints = (*(merged.told if merged else ()), *found.intake.told)
    count = found.intake.complaints + (len(merged.told) if merged else 0)
    return {
        "merged": _merged(merged, pack) if merged else None,
        "batch": found.registered.batch,
        "new": found.registered.new,
        "changed": found.registered.changed,
        "same": found.registered.same,
        "planned": found.planned,
        "kept": found.registered.kept,
        "answers": len(found.registered.answers),
        "otherwise": [
            {"zh": told.zh, "en": told.en}
            for told in (otherwise_told(pack, one) for one in found.registered.answers[:_SHOWN])
        ],
        "complaints": count,
        "more": max(0, count - _SHOWN),
        "conflicts": len(found.registered.conflicts),
        "conflicting": [
            {"place": place, **_paper(pack, item)} for place, item in found.registered.conflicts[:_SHOWN]
        ],
        "told": [
            {"code": one.code, "sheet": one.sheet, "cell": one.cell, "read": one.read[:200]}
            | {"zh": one.zh, "en": one.message}
            for one in complaints[:_SHOWN]
        ],
        "columns": _columns(found),
    }


def _merged(merged: Merged, pack: Pack) -> Mapping[str, Any]:
    """The cells of the office's own workbook; the conflicts in both languages."""
    some = merged.conflicts[:_SHOWN]
    both = zip(conflicts_told(some, pack, "zh"), conflicts_told(some, pack, "en"), strict=True)
    return {
        "head": merged.head,
        "taken": merged.taken,
        "ours": merged.ours,
        "same": merged.same,
        "conflicts": len(merged.conflicts),
        "chosen": sum(one.taken for one in merged.conflicts),
        "more": max(0, len(merged.conflicts) - _SHOWN),
        "cells": [{"zh": zh.cells(), "en": en.cells()} for zh, en in both],
    }


def _paper(pack: Pack, item: str) -> Mapping[str, str]:
    known = pack.evidence.get(item) or pack.nodes.get(item)
    return {"zh": known.label.zh, "en": known.label.en} if known else {"zh": item, "en": item}


def _columns(found: Imported) -> Sequence[Mapping[str, str]]:
    return [
        {"sheet": one.sheet, "column": one.column, "heading": one.heading}
        | {"zh": one.reason_zh, "en": one.reason}
        for one in found.intake.columns
    ]
