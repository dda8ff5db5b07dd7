"""A backup: the whole installation in one file, while the office goes on working.

Tables are read in one snapshot.  Attachments are named by their content and never change, so those that
are there after the snapshot was taken are at least those that it records.  The file is written under
another name beside its own, forced to the disk and renamed: whoever finds it finds it whole.

Reads from: ``archive``, ``tables``, ``settings``.  Read by: the doors.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.db import DatabaseError, OperationalError, connection

from taizhang import __version__
from taizhang.errors import InputError, TaizhangError
from taizhang.office.images import instant
from taizhang.office.keeping import placing, tables
from taizhang.office.keeping.archive import PIECE, Archive, Sink
from taizhang.office.keeping.manifest import FORMAT, Kept, Manifest, Table
from taizhang.settings import data_folder

__all__ = ["BackedUp", "Progress", "back_up", "require_reachable"]

Progress = Callable[[str, int, int], None]
_LARGEST = 10**15  # stands for a number that is not known yet
_UNKNOWN = "0" * 64


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A backup that was written, with its digest and its bytes."""

    path: Path
    manifest: Manifest
    sha256: str
    size: int


def back_up(
    target: Path,
    *,
    now: datetime,
    law: Mapping[str, Any],
    keys: Path | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> BackedUp:
    """Write everything the installation has into one file, readable by its owner alone.

    Args:
        target: The file; one that is there is replaced when the new one is whole.
        now: The instant.
        law: What the installation plans by, as it shall be told.
        keys: The key file, where it shall be in the backup too.
        progress: Called with ``tables`` or ``attachments``, done and total.

    Raises:
        InputError: ``E-BACKUP-WRITE``, ``E-BACKUP-VERSION``, ``E-NO-LEDGER``, ``E-BACKUP-READ``.

    Cost:
        One piece of a file and some rows in memory; the file is read once more before it is sealed.
    """
    require_reachable()
    try:
        with placing.replacing(target) as file:
            work = _BackingUp(file, now, law, keys, progress)
            manifest, digest = work.done()
            size = file.seek(0, os.SEEK_END)
    except OSError as refused:
        raise InputError(
            "The backup cannot be written: {reason}.",
            hint="Name a file in a folder that exists, that you may write, and that has room.",
            zh="无法写入备份（{reason}），请指定存在、可写且空间充足的文件夹。",
            code="E-BACKUP-WRITE",
            where=str(target),
            reason=refused.strerror or str(refused),
        ) from refused
    return BackedUp(target, manifest, digest, size)


def require_reachable() -> None:
    """Connect to the database.

    Raises:
        InputError: ``E-NO-LEDGER`` it is not there, or does not answer.
    """
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite" and not Path(name).is_file():
        raise _no_ledger(f"{name} is not there")  # to connect would make an empty one
    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise _no_ledger(str(error).strip()) from None


def _no_ledger(why: str) -> InputError:
    return InputError(
        "The ledger cannot be read: {why}.",
        hint="See that the database runs and TAIZHANG_DATABASE names it; if it is lost, restore a backup.",
        zh="读不到台账数据库（{why}）。"
        "请检查数据库是否运行、TAIZHANG_DATABASE 是否正确；如已丢失，请恢复备份。",
        code="E-NO-LEDGER",
        why=why,
    )


@dataclass(slots=True)
class _BackingUp:
    """One backup on its way."""

    file: BinaryIO
    now: datetime
    law: Mapping[str, Any]
    keys: Path | None
    progress: Progress
    lacking: list[str] = field(default_factory=list)

    def done(self) -> tuple[Manifest, str]:
        """Write every member; return the manifest and the digest over all."""
        with tables.snapshot():
            migrations = tables.applied()
            if not migrations:  # rather no backup than one of nothing in place of the last
                raise _no_ledger("it has no tables")
            found = tables.records(migrations)
            entry, head = tables.head(found)
            recorded = tables.attachments(found)
            stored = sorted(recorded | set(placing.stored(data_folder())))
            names = list(_files(self.keys))
            draft = Manifest(
                *(
                    FORMAT,
                    instant(self.now),
                    __version__,
                    connection.vendor,
                    entry,
                    head,
                    migrations,
                    self.law,
                ),
                tables=tuple(_table(one, _LARGEST, _UNKNOWN, _LARGEST, _UNKNOWN) for one in found),
                attachments=tuple((one, _LARGEST) for one in stored),
                files=tuple(Kept(name, _LARGEST, _UNKNOWN) for name, _ in names),
                lacking=tuple(stored),
            )
            archive = Archive(self.file, len(draft.text()), self.now.timestamp())
            told = tuple(self._tables(archive, found))
        attachments = tuple(self._attachments(archive, stored, recorded))
        files = tuple(_kept(archive, name, path) for name, path in names)
        manifest = Manifest(
            *(FORMAT, draft.made_at, __version__, draft.database, entry, head, migrations, self.law),
            *(told, attachments, files, tuple(self.lacking)),
        )
        return manifest, archive.close(manifest)

    def _tables(self, archive: Archive, found: Sequence[tables.Record]) -> Iterator[Table]:
        for number, record in enumerate(found, 1):
            digest = tables.Digest()
            name = record._meta.db_table
            with archive.member(f"tables/{name}.jsonl.gz") as sink:
                try:
                    _compress(digest.passing(tables.lines(record)), sink)
                except (DatabaseError, ValueError, TypeError, AttributeError) as error:
                    raise _unreadable(name, error) from error
            yield _table(record, digest.rows, digest.value, sink.size, sink.sha256)
            self.progress("tables", number, len(found))

    def _attachments(
        self, archive: Archive, stored: Sequence[str], recorded: set[str]
    ) -> Iterator[tuple[str, int]]:
        for number, one in enumerate(stored, 1):
            path = placing.attachment(data_folder(), one)
            try:
                with archive.member(f"attachments/{one[:2]}/{one}") as sink, _source(path) as source:
                    _copy(source, sink)
                    if sink.sha256 != one:
                        raise _SpoiltError
                yield one, sink.size
            except _SpoiltError:  # what is lost already must not cost the rest
                if one in recorded:
                    self.lacking.append(one)
            self.progress("attachments", number, len(stored))


class _SpoiltError(Exception):
    """An attachment is not there, or not what its name says."""


@contextmanager
def _source(path: Path) -> Iterator[BinaryIO]:
    try:
        source = path.open("rb")
    except OSError:
        raise _SpoiltError from None
    with source:
        yield source


def _table(record: tables.Record, rows: int, digest: str, size: int, sha256: str) -> Table:
    return Table(record._meta.db_table, tables.columns(record), rows, digest, size, sha256)


def _files(keys: Path | None) -> Iterator[tuple[str, Path]]:
    """Files of the data folder that cannot be made again, by their names in the backup."""
    folder = data_folder()
    for name in ("installation.json", "secret.txt"):
        if (folder / name).is_file():
            yield name, folder / name
    for path in sorted((folder / "mappings").glob("*.yaml")):
        if path.is_file() and not path.name.startswith("."):
            yield f"mappings/{path.name}", path
    if keys:
        yield "keys.json", keys


def _kept(archive: Archive, name: str, path: Path) -> Kept:
    with archive.member(f"folder/{name}") as sink, path.open("rb") as source:
        _copy(source, sink)
    return Kept(name, sink.size, sink.sha256)


def _copy(source: BinaryIO, sink: Sink) -> None:
    while piece := source.read(PIECE):
        sink.write(piece)


def _compress(told: Iterable[bytes], sink: Sink) -> None:
    """Write lines as one gzip stream without a date."""
    packing = zlib.compressobj(1, zlib.DEFLATED, 31)
    waiting, size = [], 0
    for line in told:
        waiting.append(line)
        size += len(line)
        if size >= PIECE:
            sink.write(packing.compress(b"".join(waiting)))
            waiting, size = [], 0
    sink.write(packing.compress(b"".join(waiting)) + packing.flush())


def _unreadable(table: str, error: Exception) -> TaizhangError:
    return TaizhangError(
        "The table {table} cannot be read: {why}.",
        hint="Run `taizhang verify`: it names the rows that were changed behind the office's back.",
        zh="数据表 {table} 无法读取（{why}），请运行 taizhang verify 查明被改动的行。",
        code="E-BACKUP-READ",
        table=table,
        why=str(error).strip() or type(error).__name__,
    )
