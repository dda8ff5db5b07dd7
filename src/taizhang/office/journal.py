"""Every act in one transaction: what it writes, and the journal entry that says so.

An act takes the lock of the journal, writes rows through this door and leaves one entry with the
image of every row as it is afterwards, chained to the entry before.  Whoever reads rows in order to
change them reads them inside the act, so that nothing is lost between.

Reads from: ``queue``, ``images``, ``writing``, ``ledger.models``.  Read by: every act of the office.

Source:
    RFC 6962, section 2, for chaining digests over canonical bytes; ISO/IEC 27037 for what a record of
    an act must show (who, what, when).
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from django.db import connection, models, transaction

from taizhang.errors import TransitionError
from taizhang.ledger.models import JournalEntry, JournalPart
from taizhang.office.images import gone, image, instant
from taizhang.office.queue import waiting_in_line
from taizhang.office.words import record_word
from taizhang.office.writing import rewrite_rows, write_rows
from taizhang.rules.terms import Label

__all__ = ["FIRST", "Act", "act", "changed_meanwhile", "entry_digest", "in_line"]

FIRST = "0" * 64  #: what the first entry follows
_LINES = 20_000  # images in one part

M = TypeVar("M", bound=models.Model)


@dataclass(slots=True)
class Act:
    """An act while it is being done."""

    name: str
    actor: str
    subject: str
    now: datetime
    county: str = ""
    detail: dict[str, Any] = field(default_factory=dict)
    rows: int = 0
    entry: int = 0  #: number of its journal entry, once it is done
    keep: bool = False  #: leave an entry also where no row is written
    _lines: list[bytes] = field(default_factory=list)
    _parts: list[tuple[bytes, str]] = field(default_factory=list)

    # -- numbers

    def numbers(self, series: str, count: int) -> range:
        """The next numbers of a series; none of them is ever issued again."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO ledger_issuednumber (series, last) VALUES (%s, %s) ON CONFLICT (series) "
                "DO UPDATE SET last = ledger_issuednumber.last + excluded.last RETURNING last",
                [series, count],
            )
            last = int(cursor.fetchone()[0])
        return range(last - count + 1, last + 1)

    def number(self, series: str) -> int:
        """The next number of a series."""
        return self.numbers(series, 1)[0]

    # -- rows

    def insert(self, rows: Sequence[models.Model]) -> None:
        """Write new rows of one table, in their order; rows without a key are given one."""
        if not rows:
            return
        table = rows[0]._meta.db_table
        open_ = [row for row in rows if row.pk is None]
        for row, key in zip(open_, self.numbers(table, len(open_)) if open_ else (), strict=True):
            row.pk = key
        write_rows(rows)
        self._told(image(row) for row in rows)

    def update(self, row: M, **changes: object) -> M:
        """Change a row that was read within this act."""
        expected = getattr(row, "version", None)
        found = type(row)._default_manager.filter(pk=row.pk)
        if expected is not None:
            found = found.filter(version=expected)
            changes["version"] = expected + 1
        if found.update(**changes) != 1:
            raise changed_meanwhile(record_word(str(row._meta.model_name), row.pk))
        for name, value in changes.items():
            setattr(row, name, value)
        self._told([image(row)])
        return row

    def update_all(self, rows: Sequence[models.Model], columns: Sequence[str]) -> None:
        """Write these columns of many rows of one table, which were read within this act."""
        if rows:
            rewrite_rows(rows, columns)
            self._told(image(row) for row in rows)

    def delete(self, rows: Sequence[models.Model]) -> None:
        """Remove rows of one table; the journal keeps what they were."""
        if not rows:
            return
        table, keys = rows[0]._meta.db_table, [row.pk for row in rows]
        with connection.cursor() as cursor:
            for at in range(0, len(keys), 500):
                some = keys[at : at + 500]
                marks = ",".join(["%s"] * len(some))
                cursor.execute(f"DELETE FROM {table} WHERE id IN ({marks})", some)
        self._told(gone(table, key) for key in keys)

    def _told(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            self._lines.append(line)
            self.rows += 1
            if len(self._lines) >= _LINES:
                self._flush()

    def _flush(self) -> None:
        if self._lines:
            text = b"\n".join(self._lines)
            self._parts.append((zlib.compress(text, 1), hashlib.sha256(text).hexdigest()))
            self._lines.clear()

    def _close(self) -> None:
        self._flush()
        last, previous = _head()
        detail = json.dumps(self.detail, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        entry = JournalEntry(
            id=last + 1,
            at=self.now,
            actor=self.actor,
            act=self.name,
            subject=self.subject,
            county=self.county,
            detail=detail,
            parts=len(self._parts),
            rows=self.rows,
            previous=previous,
        )
        entry.digest = entry_digest(entry, [digest for _, digest in self._parts])
        write_rows([entry])
        if self._parts:
            before = _last_part()
            write_rows(
                [
                    JournalPart(
                        id=before + number, entry_id=entry.id, number=number, images=images, digest=digest
                    )
                    for number, (images, digest) in enumerate(self._parts, 1)
                ]
            )
        self.entry = entry.id


# Every act asks the same of the journal, so it asks in SQL: to have Django compose these takes longer than
# all of the rest of a small act.


def _lock() -> None:
    """Let nobody else act until this act has ended: on PostgreSQL by a row, on SQLite one stands in line."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT last FROM ledger_issuednumber WHERE series = 'journal' FOR UPDATE")
            if cursor.fetchone():
                return
        cursor.execute(
            "INSERT INTO ledger_issuednumber (series, last) VALUES ('journal', 0) ON CONFLICT DO NOTHING"
        )
        if connection.vendor == "postgresql":
            cursor.execute("SELECT last FROM ledger_issuednumber WHERE series = 'journal' FOR UPDATE")


def _head() -> tuple[int, str]:
    """Number and digest of the last entry."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, digest FROM ledger_journalentry ORDER BY id DESC LIMIT 1")
        return cursor.fetchone() or (0, FIRST)


def _last_part() -> int:
    """Number of the last part; counted without a hole, as entries: a sequence of PostgreSQL leaves some."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM ledger_journalpart")
        return int(cursor.fetchone()[0])


def changed_meanwhile(what: Label) -> TransitionError:
    """Somebody else was quicker."""
    return TransitionError(
        "{what} has been changed by somebody else.",
        hint="Open it again and look at what is there now.",
        zh="{what}已被他人更改，请重新打开后再办理。",
        code="E-CHANGED",
        what=what,
    )


def entry_digest(entry: JournalEntry, parts: Sequence[str]) -> str:
    """The digest of an entry over its canonical bytes, 64 hexadecimal digits."""
    told = [
        entry.id,
        instant(entry.at),
        entry.actor,
        entry.act,
        entry.subject,
        entry.county,
        entry.detail,
        entry.rows,
        list(parts),
        entry.previous,
    ]
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@contextmanager
def act(
    name: str,
    *,
    actor: str,
    subject: str,
    now: datetime,
    county: str = "",
    detail: Mapping[str, Any] | None = None,
) -> Iterator[Act]:
    """Do an act: everything inside is written whole, with its entry, or not at all.

    Args:
        name: ``verb_noun``.
        actor: Who does it.
        subject: What it is done to, as ``task:12``.
        now: The instant, with its zone.
        county: Whose it is; empty for the city.
        detail: What else the entry says; may be added to inside.

    Raises:
        TransitionError: ``E-CHANGED`` a row was changed by somebody else.
    """
    doing = Act(name, actor, subject, now.astimezone(UTC), county, dict(detail or {}))
    with in_line(), transaction.atomic():
        _lock()
        yield doing
        if not doing.rows and not doing.keep:
            return  # nothing happened
        doing._close()


@contextmanager
def in_line() -> Iterator[None]:
    """Wait for one's turn to write."""
    with waiting_in_line(_folder()):
        yield


def _folder() -> Path | None:
    """Where writers stand in line; ``None`` on a database that has a queue, and inside an act's test."""
    if connection.vendor != "sqlite":
        return None
    name = str(connection.settings_dict["NAME"])
    return None if ":memory:" in name or "mode=memory" in name else Path(name).parent
