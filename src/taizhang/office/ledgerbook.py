"""The office's own workbook as it comes back, and what became of it: the records of the merge.

Reads from: ``drafts``, ``household_seals``, ``ledger.models``, ``rules.terms``.  Read by: ``matching``,
``merging``, ``register`` and the exchange.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from taizhang.ledger.models import Building, Estate, JournalEntry, Unit
from taizhang.office.drafts import CaseDraft
from taizhang.office.household_seals import HouseholdDraft
from taizhang.rules.terms import Complaint

__all__ = [
    "HOLDER",
    "BookRow",
    "CellConflict",
    "Choice",
    "LedgerBook",
    "Merged",
    "PlaceRow",
    "Said",
    "export_entry",
    "row_key",
]

PlaceRow: TypeAlias = Estate | Building | Unit
Said: TypeAlias = Mapping[str, object]  #: field -> text, answer, or state and last day of a paper
Choice: TypeAlias = Literal["keep", "take"]
HOLDER = "holder"  #: the field of a conflict about people, whose values are told to nobody
_LETTERS: Mapping[type[PlaceRow], str] = {Estate: "E", Building: "B", Unit: "U"}


@dataclass(frozen=True, slots=True)
class BookRow:
    """One row of the workbook.

    Attributes:
        number: Of the row within the book, from 0.
        level: estate, building or unit.
        names: Of estate, building and unit, as written; empty where the row is coarser.
        place: The place they make.
        estate: The place of its estate.
        county: Of its estate.
        key: As exported, to know the row by; empty where somebody added it.
        sheet, row: Where it stands, the row from 1.
        answers: What its filled cells say: texts and answers.
        papers: The same of papers: state and last day.
        asked: The fields of which it has a readable cell: one that is asked and says nothing is empty.
        cells: Field -> address.
        people: Whom it names as holder.
    """

    number: int
    level: str
    names: tuple[str, str, str]
    place: str
    estate: str
    county: str
    key: str
    sheet: str
    row: int
    answers: Said
    papers: Said
    asked: frozenset[str]
    cells: Mapping[str, str]
    people: HouseholdDraft | None = None

    def says(self, kind: str, name: str) -> object:
        """What the cell of a field says; ``None``: nothing."""
        return (self.papers if kind == "paper" else self.answers).get(name)


@dataclass(frozen=True, slots=True)
class LedgerBook:
    """The ledger's own workbook as it came back.

    Attributes:
        entry: Number of the journal entry of its export.
        rows: Its rows, each place once.
        kinds: Field -> ``words``, ``fact`` or ``paper``.
        as_read: What the reader reads in a cell into which the export has written a value of a field;
            ``None`` where it writes nothing because no cell could say it.
        drafts: The estates of some of its rows, as those of an ordinary ledger.
        choice: Whether of a conflict the ledger's cell is kept or the workbook's taken.
        looked: Number of the entry up to which the importer has seen the conflicts; 0: of all.
    """

    entry: int
    rows: tuple[BookRow, ...]
    kinds: Mapping[str, str]
    as_read: Callable[[str, object], object]
    drafts: Callable[[Sequence[BookRow]], Sequence[CaseDraft]]
    choice: Choice = "keep"
    looked: int = 0


@dataclass(frozen=True, slots=True)
class CellConflict:
    """A cell that both sides changed, and not to the same.

    Attributes:
        level, place: Of the row.
        what: Field; :data:`HOLDER`: the household, whose texts are not told.
        sheet, cell: Where the workbook says it.
        base, theirs, ours: Its three values, ``None`` for an empty cell.
        entry, by, at, act: The journal's entry that last changed ours.
        taken: Whether the workbook's value was chosen.
    """

    level: str
    place: str
    what: str
    sheet: str
    cell: str
    base: object
    theirs: object
    ours: object
    entry: int
    by: str = ""
    at: datetime | None = None
    act: str = ""
    taken: bool = False


@dataclass(frozen=True, slots=True)
class Merged:
    """What the merge of a workbook did, or would do.

    Attributes:
        entry: The journal entry of the export.
        head: The newest journal entry when it was merged.
        taken: Cells that only the workbook changed.
        same: Cells that both changed, to the same.
        ours: Cells that only the ledger changed.
        conflicts: Cells that both changed otherwise.
        removed: Rows that are not in the workbook any more, of estates that are; they stay.
        told: What a person must look at.
    """

    entry: int
    head: int
    taken: int
    same: int
    ours: int
    conflicts: tuple[CellConflict, ...]
    removed: int
    told: tuple[Complaint, ...]


def row_key(row: PlaceRow) -> str:
    """By which a row of the workbook is known again: ``U4711``."""
    return f"{_LETTERS[type(row)]}{row.pk}"


def export_entry(number: int, digest: str) -> JournalEntry | None:
    """The journal's entry of an export; ``None`` where this ledger has made no such export."""
    return JournalEntry.objects.filter(pk=number, digest=digest, act="export_ledger").first()
