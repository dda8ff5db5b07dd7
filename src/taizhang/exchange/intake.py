"""Files handed in, as the office takes them: estates to register, and what could not be read.

A workbook that this office has exported is told by its mark and read for what it is; one whose mark is of
another ledger, or spoilt, is an ordinary ledger and said to be one.

Reads from: ``excel``, ``ledgerbook``, ``office``.  Read by: the doors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from taizhang.collecting import no_search_for_cycles
from taizhang.errors import InputError
from taizhang.exchange.excel.dossiers import dossiers_of
from taizhang.exchange.excel.mapping import LedgerMapping
from taizhang.exchange.excel.opening import OpenSheet, open_sheets
from taizhang.exchange.excel.reading import read_sheets
from taizhang.exchange.excel.returned.receiving import receive
from taizhang.exchange.ledgerbook.marker import find_mark, looks_exported
from taizhang.exchange.ledgerbook.reading import ReadBook, households, read_book
from taizhang.office.drafts import CaseDraft
from taizhang.office.household_seals import COLUMNS, doubt
from taizhang.office.identity_numbers import masked_identity
from taizhang.office.ledgerbook import Choice, export_entry
from taizhang.rules.terms import Complaint, Ledger, Pack, RecognisedColumn

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
        returned: The office's own workbook, where it is one; then there are no drafts.
    """

    drafts: tuple[CaseDraft, ...]
    columns: tuple[RecognisedColumn, ...]
    told: tuple[Complaint, ...]
    complaints: int
    file_name: str
    sha256: str
    returned: ReadBook | None = None

    @property
    def places(self) -> list[str]:
        """The estates it is about."""
        if self.returned:
            return [place for _, _, place in self.returned.estates]
        return [one.place for one in self.drafts]


def read_intake(
    paths: Sequence[Path],
    pack: Pack,
    *,
    choice: Choice = "keep",
    looked: int = 0,
    progress: Callable[[str, int, int], None] | None = None,
) -> Intake:
    """Read ledgers for the office.

    Args:
        paths: In the order in which they count.
        pack: The law on its day.
        choice: Of the office's own workbook: what becomes of cells that both sides changed.
        looked: Up to which journal entry the importer has seen those; 0: all.
        progress: Called with stage, done, total.

    Raises:
        InputError: As :func:`~taizhang.exchange.excel.reading.read_ledger`; ``E-BOOK-ALONE`` the office's
            own workbook together with other files.
    """
    tell = (lambda done, total: progress("read", done, total)) if progress else None
    with no_search_for_cycles():
        opened = {path: open_sheets(path, tell) for path in paths}
        strange = []
        for path, sheets in opened.items():
            mark = find_mark(sheets)
            entry = export_entry(mark.entry, mark.digest) if mark else None
            if entry is not None:
                _require_alone(path, paths)
                return _returned(path, sheets, entry.pk, pack, choice, looked)
            if mark or looks_exported(sheets):
                strange.append(_strange(path))
    return _ordinary(paths, pack, opened, strange)


def _ordinary(
    paths: Sequence[Path],
    pack: Pack,
    opened: Mapping[Path, list[OpenSheet]],
    strange: Sequence[Complaint],
) -> Intake:
    received = receive(paths, pack, opened=opened)
    found = dossiers_of(received, pack)
    drafts = zip(found.dossiers, found.identities, strict=True)
    doubtful = [one for ledger in received.ledgers for one in _doubtful(ledger)]
    return Intake(
        tuple(
            CaseDraft(one, identity, households(_of(found.people, one.places))) for one, identity in drafts
        ),
        tuple(one for ledger in received.ledgers for one in ledger.columns),
        (*strange, *(one for ledger in received.ledgers for one in _complaints(ledger)), *doubtful),
        found.complaints + len(doubtful) + len(strange),
        *_file(paths),
    )


def _returned(
    path: Path, sheets: list[OpenSheet], entry: int, pack: Pack, choice: Choice, looked: int
) -> Intake:
    ledger = read_sheets(path.name, sheets, pack, LedgerMapping())
    read = read_book(ledger, entry, pack, choice=choice, looked=looked)
    told = (*read.told, *_complaints(ledger), *_doubtful(ledger))
    return Intake((), ledger.columns, told, len(told), *_file([path]), returned=read)


def _file(paths: Sequence[Path]) -> tuple[str, str]:
    """Name and digest of files together."""
    names = "、".join(path.name for path in paths)[:255]
    return names, hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def _of(people: Mapping[str, Mapping[str, str]], places: Iterable[str]) -> dict[str, Mapping[str, str]]:
    return {place: people[place] for place in places if place in people}


def _require_alone(path: Path, paths: Sequence[Path]) -> None:
    if len(paths) > 1:
        raise InputError(
            "{file} was exported from this ledger and is merged with it; other files cannot be read with it.",
            hint="Import it by itself.",
            zh="{file} 系由本台账导出，将与台账逐格合并，不能与其他文件一并导入；请单独导入。",
            where=path.name,
            code="E-BOOK-ALONE",
            file=path.name,
        )


def _strange(path: Path) -> Complaint:
    en = "This workbook was exported from another ledger, or its mark (sheet 台账导出) is lost or changed; "
    en += "it is read as an ordinary ledger, which replaces what it has cells for. Look at the dry run."
    zh = "此工作簿不是由本台账导出，或其导出标识（工作表“台账导出”）缺失、被改动；"
    zh += "现按普通台账读取，不作逐格合并，请先查看试运行结果。"
    return Complaint("C-BOOK-OTHER", "", "", path.name[:200], en, zh)


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
