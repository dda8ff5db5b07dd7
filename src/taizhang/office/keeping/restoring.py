"""The way back: from one file to an installation, whole or not at all.

Everything is read and proved first.  Files, and on SQLite the database, are made in a folder of their own
inside the data folder; on PostgreSQL all tables are filled in one transaction.  What was written is read
again and compared with the manifest, and only then is it moved to its place, ``installation.json`` last:
without it no command works.  A restore that was killed is taken up again by the same command.

Reads from: ``archive``, ``staging``, ``tables``, ``verify``.  Read by: the doors.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from taizhang.errors import InputError, TaizhangError
from taizhang.office.keeping import placing, staging, tables
from taizhang.office.keeping.archive import PIECE, Members, check, damaged, read_manifest
from taizhang.office.keeping.backing_up import Progress, require_reachable
from taizhang.office.keeping.manifest import Manifest, Table
from taizhang.settings import data_folder, setting
from taizhang.verify import verify

__all__ = ["Restored", "restore"]

_DATABASE = "taizhang.sqlite3"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored.

    Attributes:
        manifest: What the backup held, which is what is there now.
        rows: Compared with the journal afterwards, without a finding.
        keys: Whether there is a key file now.
    """

    manifest: Manifest
    rows: int
    keys: bool


def restore(source: Path, *, keys: Path, progress: Progress = lambda stage, done, total: None) -> Restored:
    """Restore a backup into an empty data folder and an empty database.

    Args:
        source: The backup.
        keys: Where the key file is or shall be; one that is there is never replaced.
        progress: Called with ``tables`` or ``attachments``, done and total.

    Raises:
        InputError: ``E-BACKUP-FORM``, ``E-BACKUP-DAMAGED``, ``E-BACKUP-VERSION`` of the file;
            ``E-RESTORE-FOLDER``, ``E-RESTORE-DATABASE`` there is something already; ``E-RESTORE-CUT`` a
            restore of another backup was cut off here; ``E-RESTORE-WRITE``.
        TaizhangError: ``E-RESTORE-DIFFERS`` what was written is not what was read, and was taken back;
            ``E-RESTORE-UNSOUND`` everything is as it was, and it was not what the journal says.
    """
    digest = check(source)
    manifest = read_manifest(source)
    tables.require_known(manifest.migrations)
    folder = data_folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with placing.alone_in(folder):
            work = _Restoring(source, manifest, staging.Staging(folder, digest, keys), progress)
            work.do()
    except (OSError, DatabaseError) as refused:
        raise InputError(
            "The backup cannot be restored: {reason}.",
            hint="Nothing was restored. See that the folder may be written and that there is room.",
            zh="无法恢复（{reason}），没有恢复任何内容；请检查文件夹权限、剩余空间和数据库提示。",
            code="E-RESTORE-WRITE",
            where=str(folder),
            reason=str(refused).strip().partition("\n")[0],
        ) from refused
    return Restored(manifest, _proved(), keys.is_file())


@dataclass(frozen=True, slots=True)
class _Restoring:
    """One restore on its way."""

    source: Path
    manifest: Manifest
    staging: staging.Staging
    progress: Progress

    def do(self) -> None:
        if not self.staging.taken_up():
            self.staging.begin(self.manifest)
            try:
                with closing(Members(self.source)) as members:
                    self._unpack(members)
                    self._database(members)
                self.staging.ready(_DATABASE if connection.vendor == "sqlite" else "")
            except BaseException:
                self.staging.forget()
                raise
        self.staging.move()

    def _unpack(self, members: Members) -> None:
        for one in self.manifest.files:
            self._file(members, one.member, one.sha256, self.staging.file(one.name))
        for number, (sha256, _) in enumerate(self.manifest.attachments, 1):
            self._file(members, f"attachments/{sha256[:2]}/{sha256}", sha256, self.staging.attachment(sha256))
            self.progress("attachments", number, len(self.manifest.attachments))

    def _file(self, members: Members, member: str, sha256: str, target: Path) -> None:
        if self.staging.write(target, members.pieces(member)) != sha256:
            raise damaged(self.source, member)

    def _database(self, members: Members) -> None:
        if connection.vendor == "sqlite":
            path = self.staging.folder / _DATABASE
            with _leading_to(path):
                connection.cursor().execute("PRAGMA synchronous = OFF")  # forced to the disk once, at the end
                self._fill(members)
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self.staging.settle(path)
            return
        require_reachable()
        if self._is_there_already():
            return
        with transaction.atomic():
            self._fill(members)

    def _is_there_already(self) -> bool:
        """Whether a restore that was cut off has filled the database; refuse any other content."""
        found = [one for one in tables.present() if not _is_empty(one)]
        if not found:
            return False
        if tables.applied() == self.manifest.migrations and not self._different():
            return True
        raise InputError(
            "The database is not empty: {table} has rows.",
            hint="Restore into a new database: create one, and name it in TAIZHANG_DATABASE.",
            zh="数据库不是空的（{table} 中已有数据）；请新建一个数据库，并在 TAIZHANG_DATABASE 中指定。",
            code="E-RESTORE-DATABASE",
            table=found[0],
        )

    def _fill(self, members: Members) -> None:
        if self.manifest.migrations:
            _migrate("ledger", self.manifest.migrations[-1])
        records = {one._meta.db_table: one for one in tables.records(self.manifest.migrations)}
        with transaction.atomic():
            if connection.vendor == "postgresql":  # the migrations have asked for every check at once
                connection.cursor().execute("SET CONSTRAINTS ALL DEFERRED")
            for number, table in enumerate(self.manifest.tables, 1):
                record = records.get(table.name)
                if record is None or tables.columns(record) != table.columns:
                    raise damaged(self.source, table.member)
                self._table(members, table, record)
                self.progress("tables", number, len(self.manifest.tables))
            tables.reset_sequences(list(records.values()))
            connection.check_constraints()  # what is pending keeps later migrations from tables
        if different := self._different():
            raise TaizhangError(
                "What was written into {table} is not what the backup holds.",
                hint="Nothing was restored. Try again on another disk or database, and report this.",
                zh="写入 {table} 的内容与备份不一致，没有恢复任何内容。"
                "请换一块磁盘或数据库重试，并反馈此问题。",
                code="E-RESTORE-DIFFERS",
                table=different,
            )
        _migrate()

    def _table(self, members: Members, table: Table, record: tables.Record) -> None:
        digest = tables.Digest()
        try:
            told = _lines(members.pieces(table.member))
            tables.fill(record, digest.passing(told))
        except (ValueError, TypeError, zlib.error) as error:
            raise damaged(self.source, table.member) from error
        if (digest.rows, digest.value) != (table.rows, table.digest):
            raise damaged(self.source, table.member)

    def _different(self) -> str:
        """The first table that is not as the manifest says; empty for none."""
        records = tables.records(self.manifest.migrations)
        due = {one.name: (one.rows, one.digest) for one in self.manifest.tables}
        for record in records:
            digest = tables.Digest()
            for _ in digest.passing(tables.lines(record)):
                pass
            if due.get(record._meta.db_table) != (digest.rows, digest.value):
                return record._meta.db_table
        head = (self.manifest.entry, self.manifest.head)
        return "" if tables.head(records) == head else "ledger_journalentry"


def _proved() -> int:
    """Compare the ledger with its journal, from its first entry on; return the number of rows."""
    told = connection.settings_dict["NAME"]
    connection.close()
    verdict = verify(str(told) if connection.vendor == "sqlite" else setting("TAIZHANG_DATABASE"))
    if verdict.findings:
        first = verdict.findings[0]
        raise TaizhangError(
            "Everything is as the backup holds it, but {count} things are not as the journal says, "
            "first {place}: {said}.",
            hint="So it was when the backup was made: run `taizhang verify`, and look at earlier backups.",
            zh="已按备份原样恢复，但有 {count} 处与留痕不符，首处 {place}：{said}。"
            "备份之时即已如此，请运行 taizhang verify 并查看更早的备份。",
            code="E-RESTORE-UNSOUND",
            count=len(verdict.findings),
            place=first.where,
            said=f"{first.zh} / {first.en} [{first.code}]",
        )
    return verdict.rows


@contextmanager
def _leading_to(path: Path) -> Iterator[None]:
    """Let Django's connection lead to another file of SQLite."""
    connection.close()
    before = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = str(path)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def _migrate(*what: str) -> None:
    call_command("migrate", *what, verbosity=0, interactive=False)


def _is_empty(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(table)} LIMIT 1")
        return cursor.fetchone() is None


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a compressed table, each with its end."""
    unpacking, rest = zlib.decompressobj(31), b""
    for packed in pieces:
        while packed:
            *found, rest = (rest + unpacking.decompress(packed, PIECE)).split(b"\n")
            packed = unpacking.unconsumed_tail  # noqa: PLW2901 - what a bound on memory has left over
            for line in found:
                yield line + b"\n"
    if rest or not unpacking.eof or unpacking.unused_data:
        raise ValueError("no end")
