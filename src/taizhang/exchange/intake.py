"""Files handed in, as the office takes them: estates to register, and what could not be read.

Reads from: ``excel``, ``office.register``.  Read by: the doors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from taizhang.exchange.excel.dossiers import dossiers_of
from taizhang.exchange.excel.returned.receiving import receive
from taizhang.office.household_seals import COLUMNS, HouseholdDraft, doubt
from taizhang.office.identity_numbers import masked_identity
from taizhang.office.register import CaseDraft
from taizhang.rules.terms import Complaint, Dossier, Ledger, Pack, RecognisedColumn

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
    doubtful = [one for ledger in received.ledgers for one in _doubtful(ledger)]
    return Intake(
        tuple(CaseDraft(one, identity, _households(one, found.people)) for one, identity in drafts),
        tuple(one for ledger in received.ledgers for one in ledger.columns),
        (*(one for ledger in received.ledgers for one in _complaints(ledger)), *doubtful),
        found.complaints + len(doubtful),
        "、".join(path.name for path in paths)[:255],
        hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest(),
    )


def _households(dossier: Dossier, people: Mapping[str, Mapping[str, str]]) -> dict[str, HouseholdDraft]:
    """Whom the ledger names as holder, by place of the unit."""
    found = {}
    for place in dossier.places:
        said = people.get(place)
        if said and (texts := {name: said[name] for name in COLUMNS if said.get(name)}):
            found[place] = HouseholdDraft(**texts)
    return found


_QUOTING = ("C-MERGE-CONFLICT", "C-MERGE-DELETED")  # their sentences say what stands in the other copy


def _complaints(ledger: Ledger) -> Iterator[Complaint]:
    """The complaints of a ledger; they are kept and shown, so what they quote of a person is masked."""
    personal = {(one.sheet, one.column) for one in ledger.columns if one.field in COLUMNS}
    for one in ledger.complaints:
        own = (one.sheet, one.cell.rstrip("0123456789")) in personal
        if one.code in _QUOTING and (own or not one.cell) and personal:
            # its sentences quote what the other copy says, of a row without a cell any column
            en, zh = "The two copies differ here; look at both.", "两份文件在此处不一致，请对照两份文件。"
            yield replace(one, read="", message=en, zh=zh)
        elif own:
            yield replace(one, read=masked_identity(one.read))
        else:
            yield one


def _doubtful(ledger: Ledger) -> Iterator[Complaint]:
    """Identity numbers that cannot be; they are kept as they are written, and quoted masked."""
    for row in ledger.rows:
        number = row.identity.get("id_number") if row.level == "unit" else None
        wrong = doubt(number) if number else None
        if number and wrong:
            en, zh = f"{wrong.message} {wrong.hint}".format(**wrong.values), wrong.zh.format(**wrong.values)
            cell = row.cells.get("id_number", f"A{row.row}")
            yield Complaint("C-ID-NUMBER", row.sheet, cell, masked_identity(number), en, zh)
