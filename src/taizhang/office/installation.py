"""The installation: the law it plans by, its city, and the day it works on.

Reads from: ``settings``, ``rules.pack``.  Read by: the doors.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from taizhang.errors import InputError
from taizhang.office.register import CHINA
from taizhang.rules.pack import load_pack
from taizhang.rules.terms import Pack
from taizhang.settings import data_folder

__all__ = ["Law", "law_of", "remember_law", "require_ready"]


@dataclass(frozen=True, slots=True)
class Law:
    """What an installation plans by.

    Attributes:
        pack: Name or folder of the pack.
        overlays: Names or files of its overlays.
        city: Name of the city's task force.
        day: The day on which a demonstration stands still (``2024-01-28``); empty in real work.
    """

    pack: str
    overlays: tuple[str, ...]
    city: str
    day: str = ""

    def at(self, moment: datetime) -> datetime:
        """The instant at which the office takes an act to happen: in a demonstration, on its day."""
        if not self.day:
            return moment
        local = moment.astimezone(CHINA)
        return datetime.combine(date.fromisoformat(self.day), local.timetz())

    def today(self, moment: datetime) -> date:
        """The day in China on which the office works at an instant."""
        return self.at(moment).astimezone(CHINA).date()

    def on(self, day: date) -> Pack:
        """The law of a day."""
        return _loaded(self.pack, self.overlays, day)


@lru_cache(maxsize=4)
def _loaded(pack: str, overlays: tuple[str, ...], day: date) -> Pack:
    return load_pack(pack, overlays=list(overlays), as_of=day)


def _file() -> Path:
    return data_folder() / "installation.json"


def remember_law(law: Law) -> None:
    """Write down what the installation plans by."""
    beside = _file().with_suffix(".part")  # a page that reads meanwhile finds the old or the new one, whole
    beside.write_text(json.dumps(asdict(law), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    beside.replace(_file())


def law_of() -> Law:
    """What the installation plans by.

    Raises:
        InputError: ``E-NOT-INSTALLED``.
    """
    if not _file().is_file():
        raise InputError(
            "There is no installation in {folder}.",
            hint="Run `taizhang init` first, or set TAIZHANG_DATA to the folder of one.",
            zh="{folder} 中没有安装，请先运行 taizhang init，或用 TAIZHANG_DATA 指定已有的数据目录。",
            code="E-NOT-INSTALLED",
            folder=data_folder(),
        )
    told = json.loads(_file().read_text(encoding="utf-8"))
    return Law(told["pack"], tuple(told["overlays"]), told["city"], told.get("day", ""))


def require_ready() -> Law:
    """The law of an installation that has been set up and whose database is of this version.

    Raises:
        InputError: ``E-NOT-INSTALLED``, ``E-MIGRATE``.
    """
    law = law_of()
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise InputError(
            "The database is of another version.",
            hint="Make a backup, then run `taizhang init` again: it brings the tables up to date.",
            zh="数据库版本与程序不一致，请先备份，再运行 taizhang init 升级数据表。",
            code="E-MIGRATE",
        )
    return law
