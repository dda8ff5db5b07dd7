"""An office that has done a little of everything, and its backups.

Read by: the tests of this folder, ``test_doctor``.
"""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path

from django.db import connection

from taizhang.ledger.models import (
    Attachment,
    Estate,
    JournalEntry,
)
from taizhang.office.journal import act
from taizhang.office.keeping.backing_up import back_up
from taizhang.office.keeping.manifest import Manifest
from taizhang.office.keeping.restoring import restore
from taizhang.office.key_ring import KeyRing
from taizhang.office.register import register
from tests.office.builders import NOON

LAW = {"pack": "title-certificates", "overlays": [], "city": "市专班"}

SCANS = {"权属来源.pdf": b"%PDF-1.7 one", "测绘报告.pdf": b"%PDF-1.7 two" * 9_999}


def taken_in(*drafts, now=NOON):
    how = {"programme": "title-certificates", "file_name": "台账.xlsx", "sha256": "0" * 64, "actor": "test"}
    return register(drafts, now=now, **how)


def attach(name: str, content: bytes) -> Path:
    digest = sha256(content).hexdigest()
    path = stored(Path(os.environ["TAIZHANG_DATA"]), digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    estate = Estate.objects.order_by("id").first()
    with act("attach_file", actor="test", subject="estate:1", now=NOON) as doing:
        kind = "application/pdf"
        row = Attachment(
            estate=estate, county="", sha256=digest, name=name, size=len(content), media_type=kind
        )
        doing.insert([row])
    return path


def stored(folder: Path, digest: str) -> Path:
    return folder / "attachments" / digest[:2] / digest


def furnish(folder: Path) -> None:
    """What ``taizhang init`` leaves in a data folder, and what is remembered there."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "installation.json").write_text(json.dumps(LAW), encoding="utf-8")
    (folder / "secret.txt").write_text("the-secret-of-the-sessions", encoding="ascii")
    (folder / "mappings").mkdir()
    (folder / "mappings" / "河西街道.yaml").write_text("headings: {}\n", encoding="utf-8")
    KeyRing.create(folder / "keys.json", NOON)


def kept(path: Path, **how) -> Manifest:
    told = back_up(path, now=NOON, law=LAW, **how)
    connection.close()
    return told.manifest


def brought_back(path: Path):
    found = restore(path, keys=Path(os.environ["TAIZHANG_DATA"]) / "keys.json")
    connection.close()
    return found


def head() -> tuple[int, str]:
    last = JournalEntry.objects.order_by("-id").first()
    connection.close()
    return last.pk, last.digest
