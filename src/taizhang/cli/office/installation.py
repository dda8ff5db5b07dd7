"""The installation that a command works with: its folder, its law, its people.

Reads from: ``settings``, ``office``.  Read by: the commands of this folder.
"""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from taizhang.cli.console import today
from taizhang.errors import InputError
from taizhang.rules.pack import load_pack
from taizhang.rules.terms import Pack
from taizhang.settings import data_folder

__all__ = ["Law", "actor", "law_of", "now", "remember_law", "require_ready"]


@dataclass(frozen=True, slots=True)
class Law:
    """What an installation plans by: a pack, its overlays, and the city's name."""

    pack: str
    overlays: tuple[str, ...]
    city: str

    def on(self, day: date | None) -> Pack:
        """The law of a day; today by default."""
        return load_pack(self.pack, overlays=list(self.overlays), as_of=day or today())


def _file() -> Path:
    return data_folder() / "installation.json"


def remember_law(law: Law) -> None:
    """Write down what the installation plans by."""
    _file().write_text(json.dumps(asdict(law), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def law_of() -> Law:
    """What the installation plans by."""
    told = json.loads(_file().read_text(encoding="utf-8"))
    return Law(told["pack"], tuple(told["overlays"]), told["city"])


def require_ready() -> Law:
    """The law of an installation that has been set up and whose database is of this version.

    Raises:
        InputError: ``E-NOT-INSTALLED``, ``E-MIGRATE``.
    """
    if not _file().is_file():
        raise InputError(
            "There is no installation in {folder}.",
            hint="Run `taizhang init` first, or set TAIZHANG_DATA to the folder of one.",
            zh="{folder} 中没有安装，请先运行 taizhang init，或用 TAIZHANG_DATA 指定已有的数据目录。",
            code="E-NOT-INSTALLED",
            folder=data_folder(),
        )
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise InputError(
            "The database is of another version.",
            hint="Make a backup, then run `taizhang init` again: it brings the tables up to date.",
            zh="数据库版本与程序不一致，请先备份，再运行 taizhang init 升级数据表。",
            code="E-MIGRATE",
        )
    return law_of()


def now() -> datetime:
    """The instant; only the doors look at the clock."""
    return datetime.now(UTC)


def actor() -> str:
    """Who is at the terminal, as the journal names them."""
    return f"terminal:{getpass.getuser()}"
