"""Imports that were written, as far as a person may take them back, and taking one back.

Reads from: ``access``, ``undoing``, ``ledger.models``.  Read by: the doors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from taizhang.ledger.models import ImportBatch, JournalEntry
from taizhang.office.access import Person, may_in
from taizhang.office.selectors.estate import not_seen
from taizhang.office.undoing import undo_import
from taizhang.office.workflow import given_reason

__all__ = ["Batch", "batch_seen", "batches_of", "undo_for"]

_LATELY = 200  # imports that are looked at for a list


@dataclass(frozen=True, slots=True)
class Batch:
    """One import.

    Attributes:
        new, changed: Rows by level: ``estate``, ``building``, ``unit``.
        undone_at: When it was taken back; ``None``: it stands.
    """

    number: int
    file_name: str
    imported_at: datetime
    imported_by: str
    new: Mapping[str, int]
    changed: Mapping[str, int]
    undone_at: datetime | None


def batches_of(person: Person, limit: int = 20) -> list[Batch]:
    """The newest imports that a person may take back, those that were taken back among them."""
    found: list[int] = []
    for entry in JournalEntry.objects.filter(act="import_ledger").order_by("-id")[:_LATELY]:
        told = json.loads(entry.detail)
        if len(found) < limit and may_in(person, "undo_import", _places(told)):
            found.append(told["batch"])
    rows = ImportBatch.objects.in_bulk(found)
    return [_batch(rows[key]) for key in found if key in rows]


def batch_seen(person: Person, key: int) -> Batch:
    """An import that a person may take back.

    Raises:
        AccessError: ``E-NOT-SEEN`` none, or one with a place in which the person may not; which, is not said.
    """
    for entry in JournalEntry.objects.filter(act="import_ledger").order_by("-id"):
        told = json.loads(entry.detail)
        if told.get("batch") == key and may_in(person, "undo_import", _places(told)):
            return _batch(ImportBatch.objects.get(pk=key))
    raise not_seen()


def undo_for(person: Person, key: int, *, now: datetime, reason: str) -> int:
    """Take an import back as a person who may do so in all its places; see :func:`undo_import`.

    Raises:
        InputError: ``E-REASON`` no reason.
        AccessError: ``E-NOT-SEEN``.
    """
    told = given_reason(reason)
    batch_seen(person, key)
    return undo_import(key, actor=person.actor, now=now, reason=told)


def _places(told: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Counties and streets of an import; of one that did not write them down, the whole city."""
    return {(county, street) for county, street in told.get("places", [["", ""]])}


def _batch(row: ImportBatch) -> Batch:
    counts = json.loads(row.counts)
    return Batch(
        row.pk,
        row.file_name,
        row.imported_at,
        row.imported_by,
        counts.get("new", {}),
        counts.get("changed", {}),
        row.undone_at,
    )
