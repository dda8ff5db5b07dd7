"""What a backup says of itself: everything that has to be there, with its digest.

Reads from: nothing of ours.  Read by: ``archive``, ``backing_up``, ``restoring``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["FORMAT", "Kept", "Manifest", "Table"]

FORMAT = "taizhang backup 1"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TABLE = re.compile(r"ledger_[a-z_]{1,60}")
#: Files of the data folder that a backup may hold; a name is never a way out of the folder.
_FILE = re.compile(r"installation\.json|secret\.txt|keys\.json|mappings/[^/\\\0.][^/\\\0]{0,200}")


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it was: its rows, and the digest of its canonical lines."""

    name: str
    columns: tuple[str, ...]
    rows: int
    digest: str
    size: int  #: bytes of the member, compressed
    sha256: str  #: of the member

    @property
    def member(self) -> str:
        """Its name in the archive."""
        return f"tables/{self.name}.jsonl.gz"


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of the data folder, by its path there."""

    name: str
    size: int
    sha256: str

    @property
    def member(self) -> str:
        """Its name in the archive."""
        return f"folder/{self.name}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything that a backup holds.

    Attributes:
        format: Of the file.
        made_at: ISO 8601.
        version: Of Taizhang.
        database: ``sqlite`` or ``postgresql``, from which it was made.
        entry, head: Number and digest of the last entry of the journal; 0 and empty without one.
        migrations: Of the ledger, that its tables have gone through.
        law: What the installation plans by, with the lock of its packs.
        tables, attachments, files: What is in it; attachments are SHA-256 and size.
        lacking: SHA-256 of attachments that the ledger records and the folder had lost.
    """

    format: str
    made_at: str
    version: str
    database: str
    entry: int
    head: str
    migrations: tuple[str, ...]
    law: Mapping[str, Any]
    tables: tuple[Table, ...]
    attachments: tuple[tuple[str, int], ...]
    files: tuple[Kept, ...]
    lacking: tuple[str, ...]

    def text(self) -> bytes:
        """As it stands in the archive: one line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"

    @classmethod
    def of(cls, text: bytes) -> Manifest:
        """Read it.

        Raises:
            ValueError: It is not of this form.
        """
        try:
            told = json.loads(text)
            if told["format"] != FORMAT:
                raise ValueError(told["format"])
            tables = tuple(Table(**{**one, "columns": tuple(one["columns"])}) for one in told["tables"])
            files = tuple(Kept(**one) for one in told["files"])
            attachments = tuple((str(one), int(size)) for one, size in told["attachments"])
            read = {"tables": tables, "files": files, "attachments": attachments}
            found = cls(**{**told, **read, **{one: tuple(told[one]) for one in ("migrations", "lacking")}})
        except (KeyError, TypeError, AttributeError) as other:
            raise ValueError("no manifest") from other
        found._require_names()
        return found

    def members(self) -> dict[str, str]:
        """SHA-256 of every member by its name."""
        found = {one.member: one.sha256 for one in self.tables}
        found |= {one.member: one.sha256 for one in self.files}
        return found | {f"attachments/{one[:2]}/{one}": one for one, _ in self.attachments}

    def _require_names(self) -> None:
        right = (
            all(_TABLE.fullmatch(one.name) for one in self.tables),
            all(_FILE.fullmatch(one.name) for one in self.files),
            all(_SHA256.fullmatch(one) for one, _ in self.attachments),
            len(self.members()) == len(self.tables) + len(self.files) + len(self.attachments),
        )
        if not all(right):
            raise ValueError("no manifest")
