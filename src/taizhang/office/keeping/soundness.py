"""Whether the database is as an office needs it: there, of this version, and keeping its promises.

Reads from: ``tables``, ``journal``, ``ledger.models``.  Read by: ``health``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from taizhang.errors import InputError, TaizhangError
from taizhang.ledger.models import Attachment, JournalEntry, JournalPart
from taizhang.office.application_role import may_change_journal
from taizhang.office.journal import FIRST, entry_digest
from taizhang.office.keeping import placing, tables
from taizhang.office.keeping.backing_up import require_reachable
from taizhang.rules.terms import Label
from taizhang.settings import data_folder

__all__ = ["attachments", "guarantees", "journal", "reachable", "triggers", "up_to_date"]

_OLDEST = 150_000  # PostgreSQL 15
_APPEND_ONLY = ("ledger_anchor", "ledger_journalentry", "ledger_journalpart")
_ENTRIES, _SAMPLE = 100, 100

Told = tuple[Label, Label | None]


def reachable() -> Told:
    """Whether the database answers.

    Raises:
        InputError: ``E-NO-LEDGER``.
    """
    name = str(connection.settings_dict["NAME"])
    require_reachable()
    version = _asked("SELECT sqlite_version()" if connection.vendor == "sqlite" else "SHOW server_version")
    text = f"{connection.vendor} {version} {name}"
    return Label(text, text), None


def up_to_date() -> Told:
    """Whether the tables are those of this program.

    Raises:
        InputError: ``E-MIGRATE``, ``E-BACKUP-VERSION``.
    """
    found = tables.applied()
    if count := tables.waiting():
        raise InputError(
            "The database is of another version.",
            hint="Make a backup, then run `taizhang init` again: it brings the tables up to date.",
            zh="数据库版本与程序不一致，请先备份，再运行 taizhang init 升级数据表。",
            code="E-MIGRATE",
            count=count,
        )
    return Label(found[-1], found[-1]), None


def guarantees() -> Told:
    """Whether what the office relies on is really switched on.

    Raises:
        TaizhangError: ``E-DOCTOR-DATABASE``.
    """
    if connection.vendor == "sqlite":
        told = {f"PRAGMA {one}": str(_asked(f"PRAGMA {one}")) for one in _PRAGMAS}
        due = {f"PRAGMA {one}": value for one, value in _PRAGMAS.items()}
        told["BEGIN"], due["BEGIN"] = str(getattr(connection, "transaction_mode", "")), "IMMEDIATE"
    else:
        number = int(str(_asked("SHOW server_version_num")))
        told = {"server_version ≥ 15": str(number >= _OLDEST)}
        due = {"server_version ≥ 15": "True"}
        for name, value in (("TimeZone", "UTC"), ("server_encoding", "UTF8"), ("fsync", "on")):
            told[name], due[name] = str(_asked(f"SHOW {name}")), value
        told["synchronous_commit"] = str(_asked("SHOW synchronous_commit"))
        due["synchronous_commit"] = {"off": "on"}.get(told["synchronous_commit"], told["synchronous_commit"])
    if wrong := [f"{name} = {told[name]}, not {value}" for name, value in due.items() if told[name] != value]:
        raise TaizhangError(
            "The database does not promise what the office relies on: {wrong}.",
            hint="Put the database's own settings right; those of Taizhang are not to be changed.",
            zh="数据库没有提供台账所依赖的保障（{wrong}），请纠正数据库设置。",
            code="E-DOCTOR-DATABASE",
            wrong="; ".join(wrong),
        )
    text = "  ".join(f"{name} {value}" for name, value in told.items())
    return Label(text, text), None


_PRAGMAS = {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"}


def triggers() -> Told:
    """Whether the database refuses to change the journal.

    Raises:
        TaizhangError: ``E-DOCTOR-TRIGGERS``.
    """
    if connection.vendor == "sqlite":
        due = {f"{one}_no_{act}" for one in _APPEND_ONLY for act in ("update", "delete")}
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        due = {f"{one}_append_only" for one in _APPEND_ONLY}
        query = "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')"
    with connection.cursor() as cursor:
        cursor.execute(query)
        lacking = sorted(due - {name for (name,) in cursor.fetchall()})
    if lacking:
        raise TaizhangError(
            "The database would let somebody change the journal: the trigger {name} is gone.",
            hint="Run `taizhang verify` with the last anchor, find out who removed it, and restore a backup.",
            zh="留痕防改触发器 {name} 不见了；请用最近的锚点运行 taizhang verify，查明原因并从备份恢复。",
            code="E-DOCTOR-TRIGGERS",
            name=lacking[0],
        )
    zh, en = f"触发器 {len(due)} 个齐全", f"all {len(due)} triggers are there"
    if connection.vendor == "postgresql":
        more = may_change_journal()
        zh += "；当前角色另有改动留痕的权限（见 init --role）" if more else "；当前角色无权改动留痕"
        en += (
            "; this role may change the journal besides (init --role)"
            if more
            else "; this role may not change it"
        )
    return Label(zh, en), None


def journal() -> Told:
    """Whether the last entries follow one another.

    Raises:
        TaizhangError: ``E-DOCTOR-JOURNAL``.
    """
    last = list(JournalEntry.objects.order_by("-id")[: _ENTRIES + 1])[::-1]
    if not last:
        return Label("尚无留痕", "no entries yet"), None
    before = last[0].previous if len(last) > _ENTRIES or last[0].id != 1 else FIRST
    number = last[0].id if len(last) > _ENTRIES else 1
    parts: dict[int, list[str]] = {}
    found = JournalPart.objects.filter(entry__gte=last[0].id).order_by("entry", "number")
    for entry, digest in found.values_list("entry", "digest"):
        parts.setdefault(entry, []).append(digest)
    for one in last:
        told = parts.get(one.id, [])
        right = (one.id, one.previous, one.digest, one.parts) == (
            *(number, before, entry_digest(one, told), len(told)),
        )
        if not right:
            raise TaizhangError(
                "Entry {entry} of the journal is not what its digest says, or follows another one.",
                hint="Run `taizhang verify`; it says what else was changed.",
                zh="第 {entry} 条留痕与摘要不符或前后不衔接，请运行 taizhang verify 查明。",
                code="E-DOCTOR-JOURNAL",
                entry=one.id,
            )
        number, before = one.id + 1, one.digest
    return Label(f"第 {last[-1].id} 条，前后衔接", f"entry {last[-1].id}, each follows the one before"), None


def attachments() -> Told:
    """Whether a sample of the attachments is there: the newest, and some of all.

    Raises:
        TaizhangError: ``E-DOCTOR-ATTACHMENT``.
    """
    count = Attachment.objects.count()
    step = max(1, count // _SAMPLE)
    keys = list(Attachment.objects.order_by("-pk").values_list("pk", flat=True))
    wanted = {*keys[:_SAMPLE], *keys[::step]}
    sample = Attachment.objects.filter(pk__in=sorted(wanted)[: 4 * _SAMPLE])
    for sha256, size, name in sample.values_list("sha256", "size", "name"):
        path = placing.attachment(data_folder(), sha256)
        if not path.is_file() or path.stat().st_size != size:
            raise TaizhangError(
                "The attachment '{name}' is missing, or not of its size.",
                hint="Put it back from a backup: it is the member attachments/{below}/{sha256}.",
                zh="附件“{name}”缺失或大小不符；请从备份中取回 attachments/{below}/{sha256}。",
                code="E-DOCTOR-ATTACHMENT",
                where=str(path),
                name=name,
                below=sha256[:2],
                sha256=sha256,
            )
    return Label(
        f"登记 {count} 个，抽查 {len(wanted)} 个完好", f"{count} recorded, {len(wanted)} looked at"
    ), None


def _asked(query: str, values: Sequence[Any] = ()) -> object:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        row = cursor.fetchone()
    return row[0] if row else ""
