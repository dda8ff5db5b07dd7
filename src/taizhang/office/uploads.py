"""Files handed in for an import: kept by their content until the import is done.

Reads from: ``receiving``, ``ledger.models``, ``settings``.  Read by: the doors.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from taizhang.errors import InputError
from taizhang.ledger.models import Job
from taizhang.office.receiving import put_in_place, receive
from taizhang.settings import data_folder

__all__ = ["LARGEST", "drop_imported", "drop_uploads", "keep_upload", "upload_path"]

LARGEST = 200 * 2**20  #: bytes
_KEPT = timedelta(days=3)  #: between a dry run and its import
_LATELY = 20  # jobs that are looked at; older ones have been
_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".txt", ".tsv"})


def upload_path(sha256: str, name: str) -> Path:
    """Where a file lies that was handed in; under its own name, which messages quote."""
    return data_folder() / "uploads" / sha256 / name


def keep_upload(name: str, chunks: Iterable[bytes]) -> tuple[str, str]:
    """Keep a file that is handed in; return its digest and its name.

    Raises:
        InputError: ``E-FILE-KIND`` no table by its name; ``E-FILE-SIZE``, ``E-FILE-EMPTY``.
    """
    plain = _short(Path(name.replace("\\", "/")).name)
    if Path(plain).suffix.lower() not in _SUFFIXES or plain.startswith("."):
        raise InputError(
            "'{name}' is of no kind that is taken.",
            hint="Send a workbook (.xlsx, .xls, .ods) or a text table (.csv).",
            zh="“{name}”的文件类型不受理，请提交 .xlsx、.xls、.ods 工作簿或 .csv 文本表。",
            code="E-FILE-KIND",
            name=plain or name,
        )
    received = receive(data_folder() / "uploads", plain, chunks, LARGEST)
    path = upload_path(received.sha256, plain)
    put_in_place(received.path, path)
    return received.sha256, plain


def _short(name: str) -> str:
    """A name that a file system takes: 200 bytes, its ending kept."""
    path = Path(name)
    room = 200 - len(path.suffix.encode())
    return path.stem.encode()[: max(room, 1)].decode(errors="ignore") + path.suffix[:12]


def drop_imported() -> None:
    """Remove files that have been imported: a ledger names people, and lies here as it was handed in."""
    jobs = list(Job.objects.filter(kind__in=["dry_run", "import"]).order_by("-id")[:_LATELY])
    wanted: set[str] = set()  # by a job that is newer than the import: it may be handed in again
    for job in jobs:
        files = {sha256 for sha256, _ in json.loads(job.argument)["files"]}
        if job.kind == "dry_run" or job.state != "done":
            wanted |= files
            continue
        for sha256 in files - wanted:
            shutil.rmtree(data_folder() / "uploads" / sha256, ignore_errors=True)


def drop_uploads(now: datetime) -> int:
    """Remove files that nobody has imported for :data:`_KEPT`; return how many."""
    folder = data_folder() / "uploads"
    old = [
        path
        for path in (folder.iterdir() if folder.is_dir() else ())
        if now.timestamp() - path.stat().st_mtime > _KEPT.total_seconds()
    ]
    for path in old:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(old)
