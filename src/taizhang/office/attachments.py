"""Files that are handed in: kept by their content, of a kind that offices use, read by leave.

A file lies in the data folder under its digest and is written once; the record says what it is called.
Its kind is told by its first bytes and not by its name.

Reads from: ``access``, ``journal``, ``receiving``, ``ledger.models``, ``settings``.  Read by: the doors.

Source:
    GB/T 33190-2016 (OFD) and the registered signatures of PDF, JPEG, PNG, TIFF, ZIP and OLE2;
    OWASP ASVS 5.0, 5.2 (files that are uploaded).
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from taizhang.errors import InputError
from taizhang.ledger.models import Attachment, Estate
from taizhang.office.access import Person, require, visible
from taizhang.office.journal import act
from taizhang.office.receiving import put_in_place, receive
from taizhang.office.selectors.estate import not_seen
from taizhang.settings import data_folder

__all__ = ["LARGEST", "attach", "content_path", "kind_of", "open_attachment"]

LARGEST = 50 * 2**20  #: bytes
_SIGNS = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)
_INSIDE = (
    ("OFD.xml", "application/ofd"),
    ("word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
)


def content_path(sha256: str) -> Path:
    """Where the content of a digest lies."""
    return data_folder() / "attachments" / sha256[:2] / sha256


def kind_of(path: Path) -> str:
    """The media type of a file by its bytes; empty where it is of no kind that is taken."""
    with path.open("rb") as file:
        head = file.read(16)
    for sign, kind in _SIGNS:
        if head.startswith(sign):
            return kind
    if head.startswith(b"PK\x03\x04") and zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as package:
                names = set(package.namelist())
        except (zipfile.BadZipFile, NotImplementedError, ValueError):
            return ""
        return next((kind for name, kind in _INSIDE if name in names), "")
    return ""


def attach(
    person: Person, task_estate: Estate, name: str, chunks: Iterable[bytes], now: datetime
) -> Attachment:
    """Keep a file that is handed in for an estate.

    Args:
        person: Who hands it in.
        task_estate: The estate it is for.
        name: As the sender calls it.
        chunks: Its bytes.
        now: The instant.

    Raises:
        InputError: ``E-FILE-EMPTY``, ``E-FILE-SIZE``, ``E-FILE-KIND``.
        AccessError: ``E-ACCESS``.
    """
    require(person, "hand_in_evidence", task_estate)
    received = receive(data_folder() / "attachments", name, chunks, LARGEST)
    kept, sha256 = received.path, received.sha256
    try:
        kind = kind_of(kept)
        if not kind:
            raise InputError(
                "'{name}' is of no kind that is taken.",
                hint="Send PDF, OFD, JPEG, PNG, TIFF, Word or Excel.",
                zh="“{name}”的文件类型不受理，请上传 PDF、OFD、JPG、PNG、TIFF、Word 或 Excel 文件。",
                code="E-FILE-KIND",
                name=name,
            )
        with act("attach_file", actor=person.actor, subject=f"estate:{task_estate.pk}", now=now) as doing:
            doing.county = task_estate.county
            known = Attachment.objects.filter(estate=task_estate, sha256=sha256, name=name).first()
            if known is not None:
                return known
            _keep(kept, content_path(sha256))  # before the record: a record never lacks its content
            row = Attachment(
                county=task_estate.county,
                estate=task_estate,
                sha256=sha256,
                name=name[-255:],
                size=received.size,
                media_type=kind,
            )
            doing.insert([row])
        return row
    finally:
        kept.unlink(missing_ok=True)


def open_attachment(person: Person, key: int, now: datetime) -> tuple[Attachment, Path]:
    """A file that a person may read; the reading is recorded.

    Raises:
        AccessError: ``E-NOT-SEEN``.
    """
    row = visible(person, Attachment.objects.filter(pk=key)).first()
    if row is None:
        raise not_seen()
    with act("read_attachment", actor=person.actor, subject=f"estate:{row.estate_id}", now=now) as doing:
        doing.keep, doing.county, doing.detail["attachment"] = True, row.county, row.pk
    return row, content_path(row.sha256)


def _keep(received: Path, path: Path) -> None:
    if not path.exists():
        put_in_place(received, path)
