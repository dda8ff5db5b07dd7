"""An import taken back: an act of its own, which shows what has happened since.

Reads from: ``household_seals``, ``journal``, ``ledger.models``.  Read by: the doors.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models

from taizhang.errors import TransitionError
from taizhang.ledger.models import Household, ImportBatch, JournalEntry, JournalPart
from taizhang.office.household_seals import open_ring, restore_seals
from taizhang.office.journal import Act, act, changed_meanwhile
from taizhang.office.words import act_word, record_word
from taizhang.rules.terms import Label

__all__ = ["Since", "by_people", "undo_import", "what_happened_since"]

_ORDER = ("case", "unit", "building", "estate")  # what depends on others is removed first
Key = tuple[str, Any]


@dataclass(frozen=True, slots=True)
class Since:
    """An act after the import that wrote rows the import had written.

    Attributes:
        entry: Number of its journal entry.
        act, actor, at: What, who and when.
        rows: How many of those rows.
    """

    entry: int
    act: str
    actor: str
    at: datetime
    rows: int


@dataclass(slots=True)
class _Reading:
    """What of the journal an undoing rests on, read as far as the entry ``head``.

    The journal only grows, so that whatever was read while others wrote stays true; what has come since
    is read again by :meth:`read_on` when nobody else writes.
    """

    batch: JournalEntry
    head: int = 0
    digest: str = ""  #: of the entry ``head``
    mine: set[Key] = field(default_factory=set)  #: rows that the batch wrote
    since: list[Since] = field(default_factory=list)
    touched: set[Key] = field(default_factory=set)  #: rows that the acts since have written

    def read_on(self) -> None:
        """Read the entries after ``head``."""
        for entry in JournalEntry.objects.filter(id__gt=self.head).order_by("id"):
            images = list(_images(entry))
            rows = sum(key in self.mine or _depends(image, self.mine) for key, image in images)
            if rows:
                self.since.append(Since(entry.pk, entry.act, entry.actor, entry.at, rows))
                self.touched |= {key for key, _ in images}
            self.head, self.digest = entry.pk, entry.digest

    def require_grown(self) -> None:
        """Refuse to go on with a journal that is not the one which was read, made longer.

        Raises:
            TransitionError: ``E-CHANGED``.
        """
        if not JournalEntry.objects.filter(pk=self.head, digest=self.digest).exists():
            raise changed_meanwhile(record_word("journal"))


def _read(batch_id: int) -> _Reading:
    batch = _entry_of(batch_id)
    reading = _Reading(batch, batch.pk, batch.digest, {key for key, _ in _images(batch)})
    reading.read_on()
    return reading


def what_happened_since(batch_id: int) -> list[Since]:
    """Acts that wrote rows of a batch, or rows that depend on them, after it.

    Raises:
        TransitionError: ``E-NO-BATCH``.
    """
    return _read(batch_id).since


def by_people(since: Sequence[Since]) -> list[Since]:
    """Those acts because of which an import stays: plans that are computed again go with it."""
    return [one for one in since if one.act not in _COMPUTED]


def undo_import(batch_id: int, *, actor: str, now: datetime, reason: str = "") -> int:
    """Take back what an import wrote: new rows are removed, changed ones are as they were before.

    Plans computed since go with them; where a person has acted since, nothing is undone.  The journal is
    read before the turn to write is taken, and in it only what has come since.

    Returns:
        How many rows were removed or restored.

    Raises:
        TransitionError: ``E-UNDO-SINCE`` people have acted since; ``E-UNDONE``, ``E-NO-BATCH``.
        InputError: ``E-SEAL-MISSING`` and others of the key file, where it had changed households.
    """
    reading = _read(batch_id)
    before = _before(reading)
    with act("undo_import", actor=actor, subject=f"batch:{batch_id}", now=now) as doing:
        batch = ImportBatch.objects.get(pk=batch_id)
        if batch.undone_at:
            raise TransitionError(
                "Batch {batch} has been undone.",
                zh="批次 {batch} 已经撤销。",
                code="E-UNDONE",
                batch=batch_id,
            )
        reading.require_grown()
        reading.read_on()
        _require_nobody_acted(batch_id, reading.since)
        doing.detail["batch"] = batch_id
        if reason:
            doing.detail["reason"] = reason
        _remove(doing, reading.touched, before)
        doing.update(batch, undone_at=doing.now)
        return doing.rows - 1


def _require_nobody_acted(batch_id: int, since: Sequence[Since]) -> None:
    acted = by_people(since)
    if acted:
        raise TransitionError(
            "Batch {batch} cannot be undone: {count} acts of people since, the first is {first}.",
            hint="Undo or finish those first; `taizhang undo BATCH --show` lists them.",
            zh="批次 {batch} 不能撤销：其后已有 {count} 次办理，最早为 {first}；"
            "可用 taizhang undo 批次 --show 查看。",
            code="E-UNDO-SINCE",
            batch=batch_id,
            count=len(acted),
            first=_called(acted[0]),
        )


def _called(one: Since) -> Label:
    """An act with who did it."""
    word = act_word(one.act)
    return Label(f"{word.zh}（{one.actor}）", f"{word.en} ({one.actor})")


#: acts of nobody: of plans that are computed again, and of keys that open what they opened before
_COMPUTED = frozenset({"propose_plans", "establish_offices", "rotate_keys"})


def _entry_of(batch_id: int) -> JournalEntry:
    for entry in JournalEntry.objects.filter(act="import_ledger").order_by("id"):
        if json.loads(entry.detail).get("batch") == batch_id:
            return entry
    raise TransitionError(
        "There is no batch {batch}.", zh="没有批次 {batch}。", code="E-NO-BATCH", batch=batch_id
    )


def _images(entry: JournalEntry) -> Iterator[tuple[Key, dict[str, Any] | None]]:
    for part in JournalPart.objects.filter(entry=entry).order_by("number"):
        for line in zlib.decompress(bytes(part.images)).split(b"\n"):
            table, key, image = json.loads(line)
            yield (table, key), image


def _depends(image: dict[str, Any] | None, mine: set[Key]) -> bool:
    told = image or {}
    return any(
        ("ledger_" + name, told.get(name + "_id")) in mine for name in ("estate", "building", "unit", "case")
    )


def _before(reading: _Reading) -> dict[Key, dict[str, Any] | None]:
    """What every row of the batch was before it; ``None``: it was not there."""
    found: dict[Key, dict[str, Any] | None] = dict.fromkeys(reading.mine)
    for earlier in JournalEntry.objects.filter(id__lt=reading.batch.pk).order_by("id"):
        for key, image in _images(earlier):
            if key in found:
                found[key] = image
    return found


def _remove(doing: Act, touched: set[Key], before: dict[Key, dict[str, Any] | None]) -> None:
    """Remove what is new, restore what was changed; what was computed from it goes first."""
    tables = {model._meta.db_table: model for model in apps.get_app_config("ledger").get_models()}
    keep = {
        "ledger_importbatch",
        "ledger_programme",
        "ledger_organisation",
        "ledger_official",
        "ledger_grant",
    }
    computed = [key for key in touched if key not in before and key[0] not in keep]
    _delete(doing, tables, [key for key in computed if key[0] == "ledger_planproposal"])
    new = [key for key, image in before.items() if image is None and key[0] not in keep]
    _delete(doing, tables, new)
    for (table, key), image in before.items():
        if image is not None:
            row = tables[table]._default_manager.get(pk=key)
            doing.update_all([row], _restored(row, image))


def _restored(row: models.Model, image: dict[str, Any]) -> list[str]:
    """Put the columns of an image back; return their names.  Bytes, of which it tells a digest, stay."""
    columns = [one for one in row._meta.concrete_fields if not one.primary_key]
    for one in columns:
        if not isinstance(one, models.BinaryField):
            setattr(row, one.attname, one.to_python(image[str(one.column)]))
    if isinstance(row, Household):
        restore_seals(open_ring(), row)
    return [one.name for one in columns]


def _delete(doing: Act, tables: dict[str, type[models.Model]], keys: list[Key]) -> None:
    order = {f"ledger_{name}": at for at, name in enumerate(_ORDER)}
    for table in sorted({table for table, _ in keys}, key=lambda name: (order.get(name, -1), name)):
        model = tables[table]
        ids = [key for one, key in keys if one == table]
        for at in range(0, len(ids), 500):
            doing.delete(list(model._default_manager.filter(pk__in=ids[at : at + 500])))
