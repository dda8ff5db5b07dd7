"""The installation: the law it plans by, its city, and the day it works on.

Reads from: ``settings``, ``ledger.models``, ``rules.pack``.  Read by: the doors.
"""

from __future__ import annotations

import json
import os
import threading
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Q

from taizhang.errors import InputError
from taizhang.ledger.models import Decision, Estate
from taizhang.office.register import CHINA
from taizhang.rules.document import read_document
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
        """The law of a day, with the decisions of meetings that are in force on it.

        Raises:
            PackError: A document that cannot be read.
        """
        return _loaded(self.pack, self.overlays, _decisions_of(day), day)

    def alone_on(self, day: date) -> Pack:
        """The law of a day without what meetings decided: of an installation that has no tables yet."""
        return _loaded(self.pack, self.overlays, (), day)

    def try_decision(self, document: str, estate: Estate, day: date) -> None:
        """Refuse a decision that the law of a day does not take, or that names other estates.

        Raises:
            PackError: What is wrong in it, with line and column.
            InputError: ``E-DECISION-SCOPE``.
        """
        with TemporaryDirectory() as folder:
            path = Path(folder) / "decision.yaml"
            path.write_text(document, encoding="utf-8")
            layer = read_document(path)
            scope = set(layer.scope)
            alone = Estate.objects.filter(name=estate.name).count() == 1
            own = {estate.place, estate.name} if alone else {estate.place}
            if layer.kind != "decision" or not scope or not scope <= own:
                raise InputError(
                    "The document is no decision for {estate} alone.",
                    hint="It needs `kind: decision`, and as the only one of its scope {place}.",
                    zh="该文件不是只及于“{estate}”的会议决定；须写明 kind: decision，scope 只列 {place}。",
                    code="E-DECISION-SCOPE",
                    estate=estate.name,
                    place=" / ".join(sorted(own)),
                )
            _loaded.__wrapped__(self.pack, self.overlays, (*_decisions_of(day), str(path)), day)


@lru_cache(maxsize=4)
def _loaded(pack: str, overlays: tuple[str, ...], decisions: tuple[str, ...], day: date) -> Pack:
    return load_pack(pack, overlays=list(overlays), decisions=list(decisions), as_of=day)


def _decisions_of(day: date) -> tuple[str, ...]:
    """Files of the decisions in force on a day; each is written once, under its digest."""
    rows = Decision.objects.filter(state="taken", decided_on__lte=day).exclude(document="")
    rows = rows.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=day)).order_by("id")
    return tuple(map(_kept, rows.values_list("document", flat=True)))


def _kept(document: str) -> str:
    path = data_folder() / "decisions" / f"{sha256(document.encode()).hexdigest()}.yaml"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        beside.write_text(document, encoding="utf-8")
        beside.replace(path)
    return str(path)


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
