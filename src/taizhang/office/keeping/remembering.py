"""When the installation was last kept safe: one small file for each kind, in the data folder.

Reads from: ``placing``, ``settings``.  Read by: ``health``, the doors.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from taizhang.office.images import instant
from taizhang.office.keeping.placing import replacing
from taizhang.settings import data_folder

__all__ = ["remember", "remembered"]


def remember(kind: str, at: datetime, **what: str | int) -> None:
    """Write down that something was done: ``last-backup.json``, ``last-anchor.json``."""
    with replacing(data_folder() / f"last-{kind}.json") as file:
        file.write(json.dumps({"at": instant(at), **what}, ensure_ascii=False).encode() + b"\n")


def remembered(kind: str) -> tuple[datetime, dict[str, Any]] | None:
    """When it was done last, and what was written down; nothing where it never was."""
    try:
        told = json.loads((data_folder() / f"last-{kind}.json").read_text(encoding="utf-8"))
        return datetime.fromisoformat(told["at"]), told
    except (OSError, ValueError, KeyError, TypeError):
        return None
