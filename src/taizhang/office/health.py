"""What an installation needs to go on working, looked at one by one: fine, take note, or at fault.

A fault is an error as any other, with its code and what to do; the rest of the list is told all the same.

Reads from: ``keeping``, ``key_ring``, ``sealing``, ``settings``, ``rules.worktime``.  Read by: the doors.
"""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError

from taizhang.errors import InputError, TaizhangError
from taizhang.ledger.models import Anchor, Household, Official
from taizhang.office.installation import law_of
from taizhang.office.keeping import soundness
from taizhang.office.keeping.placing import key_file
from taizhang.office.keeping.remembering import remembered
from taizhang.office.key_ring import KeyRing
from taizhang.office.register import CHINA
from taizhang.office.sealing import rewrap
from taizhang.rules.terms import Label
from taizhang.rules.worktime import WorkCalendar
from taizhang.settings import SETTINGS, data_folder, database, proxies, setting

__all__ = ["FAULT", "FINE", "NOTE", "Check", "examine"]

FINE, NOTE, FAULT = "ok", "notice", "fault"
_LOW, _TOO_LOW = 2**30, 100 * 2**20  # bytes of free space
_BACKUP, _ANCHOR = timedelta(days=2), timedelta(days=8)  # after which an old one is told
_SAMPLE = 100


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        id: Stable name.
        label: Its name.
        state: :data:`FINE`, :data:`NOTE` or :data:`FAULT`.
        found: What was found; of a fault with its code.
        next: What to do; of a fault it stands in ``found``.
        exit_status: Of the error class of a fault, else 0.
    """

    id: str
    label: Label
    state: str
    found: Label
    next: Label = Label("", "")
    exit_status: int = 0


Told = tuple[Label, Label | None]  #: what was found, and what to do where it should be noted
Look = Callable[[], Told]


def examine(now: datetime) -> Iterator[Check]:
    """Look at everything, in an order in which the first fault is the one to put right first.

    Args:
        now: The instant, with its zone.
    """
    looks: list[tuple[str, Label, Look]] = [
        ("programs", Label("程序", "programs"), _programs),
        ("settings", Label("设置", "settings"), _settings),
        ("installation", Label("安装", "installation"), _installation),
        ("folder", Label("数据目录", "data folder"), _folder),
        ("space", Label("磁盘空间", "free space"), _space),
        ("law", Label("规则包", "law"), lambda: _law(now)),
        ("calendar", Label("工作日历", "calendar"), lambda: _calendar(now)),
        ("database", Label("数据库", "database"), soundness.reachable),
        ("migrations", Label("数据表版本", "tables"), soundness.up_to_date),
        ("guarantees", Label("数据库保障", "guarantees"), soundness.guarantees),
        ("triggers", Label("留痕防改", "append-only"), soundness.triggers),
        ("journal", Label("留痕末段", "journal"), soundness.journal),
        ("keys", Label("密钥", "keys"), _keys),
        ("attachments", Label("附件", "attachments"), soundness.attachments),
        ("backup", Label("备份", "backup"), lambda: _backup(now)),
        ("anchor", Label("锚点", "anchor"), lambda: _anchor(now)),
    ]
    for name, label, look in looks:
        check = _looked(name, label, look)
        yield check
        if name in {"installation", "database", "migrations"} and check.state == FAULT:
            return  # nothing behind it can be looked at


def _looked(name: str, label: Label, look: Look) -> Check:
    try:
        found, following = look()
    except TaizhangError as error:
        return Check(name, label, FAULT, _said(error), exit_status=error.exit_status)
    except (OSError, DatabaseError) as error:
        refused = InputError(
            "This cannot be looked at: {why}.",
            hint="See who may read the data folder, and whether the database runs.",
            zh="无法检查（{why}）；请查看数据目录的权限和数据库是否运行。",
            code="E-DOCTOR-READ",
            why=str(error).strip(),
        )
        return Check(name, label, FAULT, _said(refused), exit_status=refused.exit_status)
    if following is None:
        return Check(name, label, FINE, found)
    return Check(name, label, NOTE, found, following)


def _said(error: TaizhangError) -> Label:
    return Label(error.say("zh"), error.say("en"))


def _same(text: str) -> Label:
    return Label(text, text)


# -- the machine


def _programs() -> Told:
    text = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.system()}"
    return _same(text), None


def _settings() -> Told:
    told = [f"{one.name}={setting(one.name)}" for one in SETTINGS if one.name != "TAIZHANG_DATABASE"]
    database()
    proxies()
    return _same("  ".join(told)), None


def _installation() -> Told:
    return _same(law_of().city), None


def _folder() -> Told:
    folder = data_folder()
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise InputError(
            "The data folder cannot be read and written.",
            hint="Give the account under which Taizhang runs all rights to it.",
            zh="数据目录不可读写，请授予台账运行账户全部权限。",
            code="E-DOCTOR-FOLDER",
            where=str(folder),
        )
    mode = stat.S_IMODE(folder.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        following = Label(f"请执行 chmod 700 {folder}", f"run chmod 700 {folder}")
        return Label(
            f"{folder} 对本机其他用户开放（{mode:04o}）", f"{folder} is open to others ({mode:04o})"
        ), following
    return _same(f"{folder} ({mode:04o})"), None


def _space() -> Told:
    free = shutil.disk_usage(data_folder()).free
    if free < _TOO_LOW:
        raise InputError(
            "Only {free} MB are free on the disk of the data folder.",
            hint="Make room: where the disk is full, nothing can be written.",
            zh="数据目录所在磁盘仅剩 {free} MB，请清理空间，否则无法写入。",
            code="E-DOCTOR-SPACE",
            free=free // 2**20,
        )
    size = sum(one.stat().st_size for one in data_folder().glob("taizhang.sqlite3*"))
    found = Label(f"剩余 {free / 2**30:.1f} GB", f"{free / 2**30:.1f} GB free")
    if free < max(_LOW, 2 * size):
        return found, Label("请清理磁盘或扩容", "make room, or take a larger disk")
    return found, None


# -- law and calendar


def _law(now: datetime) -> Told:
    law = law_of()
    pack = law.alone_on(law.today(now))  # what meetings decided is asked of the database, which may be gone
    return _same("  ".join([f"{pack.id} {pack.version}", *law.overlays])), None


def _calendar(now: datetime) -> Told:
    day, calendar = now.astimezone(CHINA).date(), WorkCalendar.china()
    calendar.is_open(day)
    if day.year + 1 not in calendar.years:
        found = Label(
            f"{day.year + 1} 年放假安排尚未录入", f"the holiday notice of {day.year + 1} is not entered"
        )
        return found, Label(
            "国务院办公厅通知公布后（通常在 11 月）请更新程序；此前跨年期限不显示日期",
            "update when it is out (in November, as a rule); until then limits into that year show no date",
        )
    return Label(f"{day.year}、{day.year + 1} 年齐全", f"{day.year} and {day.year + 1} are there"), None


# -- keys


def _keys() -> Told:
    path = key_file()
    ring = KeyRing.open(path)
    wrapped = [one.decode() for one in _subject_keys()]
    for one in wrapped:
        rewrap(ring, one)  # says so where the ring does not fit; what it returns is not kept
    found = Label(
        f"{path}：{len(ring.keys)} 把，抽查 {len(wrapped)} 人相符",
        f"{path}: {len(ring.keys)} keys, they fit {len(wrapped)} people",
    )
    return found, None


def _subject_keys() -> list[bytes]:
    found: list[bytes] = []
    for model in (Official, Household):
        sealed = model._default_manager.exclude(subject_key=b"").order_by("-pk")
        found += map(bytes, sealed.values_list("subject_key", flat=True)[:_SAMPLE])
    return found


# -- what is kept elsewhere


def _backup(now: datetime) -> Told:
    following = Label(
        "请每晚运行 taizhang backup，并把文件放到别处", "run `taizhang backup` every night, to another place"
    )
    told = remembered("backup")
    if told is None:
        return Label("从未备份", "there never was one"), following
    at, what = told
    return _aged(at, now, _BACKUP, str(what.get("file", "")), following)


def _anchor(now: datetime) -> Told:
    following = Label(
        "请每周运行 taizhang anchor -o，文件放在台账管理员写不到的地方",
        "run `taizhang anchor -o` every week, to where the ledger's keeper cannot write",
    )
    told = remembered("anchor")
    recorded = Anchor.objects.order_by("-at").values_list("at", flat=True).first()
    dates = [one for one in (told[0] if told else None, recorded) if one]
    if not dates:
        return Label("没有锚点记录", "none is on record"), following
    return _aged(max(dates), now, _ANCHOR, "", following)


def _aged(at: datetime, now: datetime, allowed: timedelta, where: str, following: Label) -> Told:
    hours = int((now - at).total_seconds() // 3600)
    text = f"{at.astimezone(CHINA):%Y-%m-%d %H:%M} {where}".strip()
    found = Label(f"{text}（{hours} 小时前）", f"{text} ({hours} hours ago)")
    return found, following if now - at > allowed else None
