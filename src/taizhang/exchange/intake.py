"""Files handed in, as the office takes them: estates to register, and what could not be read.

Reads from: ``excel``, ``office.register``.  Read by: the doors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from taizhang.exchange.excel.dossiers import dossiers_of
from taizhang.exchange.excel.returned.receiving import receive
from taizhang.office.register import CaseDraft
from taizhang.rules.terms import Complaint, Pack, RecognisedColumn

__all__ = ["Intake", "read_intake"]


@dataclass(frozen=True, slots=True)
class Intake:
    """What files say.

    Attributes:
        drafts: One for each estate.
        columns: Headings that were recognised, with the reason.
        told: Cells, rows and sheets that could not be used, with where and what to do.
        complaints: Number of them, those of the grouping of rows included.
        file_name: Of all files.
        sha256: Over all files.
    """

    drafts: tuple[CaseDraft, ...]
    columns: tuple[RecognisedColumn, ...]
    told: tuple[Complaint, ...]
    complaints: int
    file_name: str
    sha256: str


def read_intake(
    paths: Sequence[Path], pack: Pack, *, progress: Callable[[str, int, int], None] | None = None
) -> Intake:
    """Read ledgers for the office.

    Args:
        paths: In the order in which they count.
        pack: The law on its day.
        progress: Called with stage, done, total.

    Raises:
        InputError: As :func:`~taizhang.exchange.excel.reading.read_ledger`.
    """
    received = receive(paths, pack, progress=progress)
    found = dossiers_of(received, pack)
    drafts = zip(found.dossiers, found.identities, strict=True)
    return Intake(
        tuple(CaseDraft(dossier, identity) for dossier, identity in drafts),
        tuple(one for ledger in received.ledgers for one in ledger.columns),
        tuple(one for ledger in received.ledgers for one in ledger.complaints),
        found.complaints,
        "、".join(path.name for path in paths)[:255],
        hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest(),
    )
