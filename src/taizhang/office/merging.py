"""The ledger's own workbook, come back: three states of every cell, merged one by one.

*Base* is what the cell said when the workbook was exported, *theirs* what it says in the workbook now,
*ours* what the ledger says now.  What only the workbook changed is taken; what only the ledger changed
is kept; of what both changed otherwise nothing is written unless the importer wants the workbook's.

Reads from: ``accepted``, ``dossier``, ``drafts``, ``household_seals``, ``since``, ``ledger.models``.
Read by: ``register``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, TypeAlias

from taizhang.ledger.models import Building, Estate, JournalEntry, Unit
from taizhang.office.accepted import Accepted
from taizhang.office.dossier import value_of
from taizhang.office.drafts import CaseDraft, packed
from taizhang.office.household_seals import HouseholdDraft
from taizhang.office.since import Key, Recorded, Since, entries, since
from taizhang.rules.terms import Complaint, Held

__all__ = [
    "HOLDER",
    "BookRow",
    "CellConflict",
    "Choice",
    "LedgerBook",
    "Merged",
    "Merging",
    "export_entry",
    "row_key",
]

PlaceRow: TypeAlias = Estate | Building | Unit
Said: TypeAlias = Mapping[str, object]  #: field -> text, answer, or state and last day of a paper
Choice: TypeAlias = Literal["keep", "take"]
HOLDER = "holder"  #: the field of a conflict about people, whose values are told to nobody
_LETTERS: Mapping[type[PlaceRow], str] = {Estate: "E", Building: "B", Unit: "U"}
_COLUMNS = ("street", "neighbourhood")  # words of an estate that have a column of their own as well


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
        said: What its filled cells say.
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
    said: Said
    asked: frozenset[str]
    cells: Mapping[str, str]
    people: HouseholdDraft | None = None


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
        removed: Rows of the export that are not in the workbook any more; they stay.
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


@dataclass(slots=True)
class _Counted:
    """Cells, by what became of them."""

    taken: int = 0
    same: int = 0
    ours: int = 0
    accepted: int = 0


@dataclass(slots=True)
class _State:
    """What is recorded of a place, taken apart."""

    facts: dict[str, Any]
    held: dict[str, str]
    until: dict[str, Any]
    words: dict[str, str]
    said: dict[str, object] = field(default_factory=dict)  #: the same, cell by cell

    @classmethod
    def of(cls, one: Recorded | None) -> _State:
        if one is None:
            return cls({}, {}, {}, {})
        state = cls(
            json.loads(one.facts, object_hook=value_of),
            json.loads(one.held),
            json.loads(one.valid_until, object_hook=value_of),
            json.loads(one.words) if one.words else {},
        )
        papers = {
            name: (Held(told), state.until.get(name) if told == Held.ON_HAND.value else None)
            for name, told in state.held.items()
        }
        state.said = {**state.words, **state.facts, **papers}
        return state

    def put(self, kind: str, name: str, value: object) -> None:
        """Let a cell say something else, or nothing."""
        if kind == "paper":
            self.held.pop(name, None)
            self.until.pop(name, None)
            if isinstance(value, tuple):
                self.held[name] = value[0].value
                if value[1] is not None:
                    self.until[name] = value[1]
            return
        told: dict[str, Any] = self.facts if kind == "fact" else self.words
        told.pop(name, None)
        if value is not None:
            told[name] = value

    def columns(self, kinds: set[str]) -> dict[str, object]:
        """The columns of the row for these kinds of cells."""
        found: dict[str, object] = {}
        if "fact" in kinds:
            found["facts"] = packed(self.facts)
        if "paper" in kinds:
            found |= {"held": packed(self.held), "valid_until": packed(self.until)}
        if "words" in kinds:
            found |= {"identity": packed(self.words)}
            found |= {name: self.words.get(name, "") for name in _COLUMNS}
        return found


class Merging:
    """The merge of one workbook with the rows as they are within the act.

    Attributes:
        wanted: Place -> the columns of its row that are to be changed.
        places: Of the rows that were merged.
        fresh: Rows that somebody added.
        people: Place of a unit -> whom the workbook names.
    """

    def __init__(self, book: LedgerBook, known: Mapping[str, PlaceRow], accepted: Accepted) -> None:
        """Merge.

        Args:
            book: As it came back.
            known: The rows of its counties, by place.
            accepted: Papers that stay on hand whatever the workbook says.
        """
        self._book, self._known, self._accepted = book, known, accepted
        self.wanted: dict[str, dict[str, object]] = {}
        self.fresh: list[BookRow] = []
        self.people: dict[str, HouseholdDraft] = {}
        self._told: list[Complaint] = []
        self._conflicts: list[CellConflict] = []
        self._counted = _Counted()
        rows = self._matched()
        self.places = [row.place for _, row in rows]
        absent = self._absent(set(self.places))
        keys = [_key(row) for _, row in rows] + [_key(row) for row in absent]
        people = any(one.people for one, _ in rows)
        self._since: Since = since(book.entry, keys, households=people)
        self._removed = self._tell_removed(absent)
        for one, row in rows:
            self._merge(one, row)
        self._name_who()

    @property
    def merged(self) -> Merged:
        """What came out."""
        last = JournalEntry.objects.order_by("-id").values_list("pk", flat=True).first() or 0
        counted = self._counted
        return Merged(
            self._book.entry,
            last,
            counted.taken,
            counted.same,
            counted.ours,
            tuple(self._conflicts),
            self._removed,
            tuple(self._told),
        )

    @property
    def accepted(self) -> int:
        """Cells that say otherwise of a paper the office has accepted."""
        return self._counted.accepted

    # -------------------------------------------------------------------------- which row is which

    def _matched(self) -> list[tuple[BookRow, PlaceRow]]:
        """Rows of the workbook with their rows of the ledger: by what they name, and their key must fit."""
        by_key = {row_key(row): row for row in self._known.values()}
        names = _Names(self._known.values())
        named = {one.place for one in self._book.rows}
        found: list[tuple[BookRow, PlaceRow]] = []
        self._spared: set[str] = set()
        for one in self._book.rows:
            row, keyed = self._known.get(one.place), by_key.get(one.key)
            if row is None and keyed is not None and names.of(keyed) == one.names:
                row = keyed  # its place was made from other names, as where estates were merged
            if row is not None and (keyed is None or keyed is row):
                found.append((one, row))
            elif row is not None:
                self._say(one, "C-BOOK-KEY", *_KEY)
                self._spared.add(row.place)
            elif not one.key or (keyed is not None and keyed.place in named):
                self.fresh.append(one)  # written in, or copied from a row that is still there
            elif keyed is None:
                self._say(one, "C-BOOK-GONE", *_GONE)
            else:
                self._say(one, "C-BOOK-NAME", *_NAME)
                self._spared.add(keyed.place)
        return found

    def _absent(self, here: set[str]) -> list[PlaceRow]:
        """Rows of the exported estates that the workbook does not have."""
        detail = JournalEntry.objects.values_list("detail", flat=True).get(pk=self._book.entry)
        exported = set(json.loads(detail).get("estates", ()))
        return [
            row
            for row in self._known.values()
            if (row.pk if isinstance(row, Estate) else row.estate_id) in exported
            and row.place not in here
            and row.place not in self._spared
        ]

    def _tell_removed(self, absent: Sequence[PlaceRow]) -> int:
        gone = [row for row in absent if self._since.before.get(_key(row), row) is not None]
        if gone:
            some = "、".join(row.name for row in gone[:5])
            en = f"{len(gone)} rows of the export are not in the workbook; the ledger keeps them."
            zh = f"导出时的 {len(gone)} 行在工作簿中已不存在；台账予以保留，不会因此删除。"
            self._told.append(Complaint("C-BOOK-REMOVED", "", "", some[:200], en, zh))
        return len(gone)

    def _say(self, one: BookRow, code: str, en: str, zh: str) -> None:
        cell = one.cells.get(one.level, f"A{one.row}")
        name = one.place.rpartition("›")[2]
        self._told.append(Complaint(code, one.sheet, cell, name[:200], en, zh))

    # -------------------------------------------------------------------------- cell by cell

    def _merge(self, one: BookRow, row: PlaceRow) -> None:
        key = _key(row)
        now = _recorded(row)
        base = _State.of(self._since.before[key] if key in self._since.changes else now)
        if one.people:
            self._meet(one, row)
        touched = key in self._since.changes
        if not touched and base.said == one.said:
            return  # as it was exported, on both sides: most rows
        ours = _State.of(now) if touched else base
        kinds: set[str] = set()
        for name in sorted(one.asked & (base.said.keys() | ours.said.keys() | one.said.keys())):
            kind = self._book.kinds[name]
            three = (base.said.get(name), one.said.get(name), ours.said.get(name))
            if self._takes(one, key, kind, name, three):
                ours.put(kind, name, three[1])
                kinds.add(kind)
        if kinds:
            self.wanted[row.place] = ours.columns(kinds)

    def _takes(
        self, one: BookRow, key: Key, kind: str, name: str, three: tuple[object, object, object]
    ) -> bool:
        """Whether the workbook's cell is to be written; what is not is counted or listed."""
        base, theirs, ours = three
        read = self._book.as_read
        if theirs == read(name, base):
            self._counted.ours += base != ours
            return False
        if theirs == read(name, ours) and (theirs is not None or ours is None):
            self._counted.same += 1
            return False
        if kind == "paper" and name in self._accepted.papers.get(one.place, ()):
            self._counted.accepted += 1
            cell = one.cells[name]
            self._told.append(Complaint("C-BOOK-ACCEPTED", one.sheet, cell, "", *_ACCEPTED))
            return False
        if ours == base:
            self._counted.taken += 1
            return True
        entry = self._changed_by(key, name)
        conflict = CellConflict(
            one.level, one.place, name, one.sheet, one.cells[name], base, theirs, ours, entry
        )
        return self._settle(conflict)

    def _settle(self, conflict: CellConflict) -> bool:
        """List a conflict; whether the workbook's cell is taken, which it is only as far as it was seen."""
        book = self._book
        taken = book.choice == "take" and (not book.looked or conflict.entry <= book.looked)
        self._conflicts.append(replace(conflict, taken=taken))
        return taken

    def _meet(self, one: BookRow, row: PlaceRow) -> None:
        """Holders are never exported: what was written in is taken, unless they were changed here since."""
        assert one.people is not None
        if row.pk in self._since.households:
            cell = next((one.cells[name] for name in (HOLDER, "id_number", "phone") if name in one.cells), "")
            conflict = CellConflict(one.level, one.place, HOLDER, one.sheet, cell, None, None, None, 0)
            if not self._settle(conflict):
                return
        self.people[row.place] = one.people

    # -------------------------------------------------------------------------- who, and when

    def _changed_by(self, key: Key, name: str) -> int:
        """The entry that last gave ours the value it has."""
        last, found = self._since.before.get(key), 0
        for change in self._since.changes.get(key, ()):
            if _State.of(change.recorded).said.get(name) != _State.of(last).said.get(name):
                found = change.entry
            last = change.recorded
        return found

    def _name_who(self) -> None:
        known = entries([one.entry for one in self._conflicts])
        self._conflicts = [
            replace(one, by=by.actor, at=by.at, act=by.act) if (by := known.get(one.entry)) else one
            for one in self._conflicts
        ]


class _Names:
    """The names of rows, as a workbook writes them."""

    def __init__(self, rows: Iterable[PlaceRow]) -> None:
        self._of = {_key(row): row.name for row in rows if not isinstance(row, Unit)}

    def of(self, row: PlaceRow) -> tuple[str, str, str]:
        if isinstance(row, Estate):
            return row.name, "", ""
        estate = self._of.get((Estate._meta.db_table, row.estate_id), "")
        if isinstance(row, Building):
            return estate, row.name, ""
        return estate, self._of.get((Building._meta.db_table, row.building_id), ""), row.name


def _key(row: PlaceRow) -> Key:
    return row._meta.db_table, row.pk


def _recorded(row: PlaceRow) -> Recorded:
    return Recorded(row.facts, row.held, row.valid_until, row.identity if isinstance(row, Estate) else "")


_KEY = (
    "The name of this row and its key (last column) are of two rows of the ledger, as after sorting a part "
    "of the columns; nothing of it is merged. Sort whole rows, or empty the key of a row that you copied.",
    "此行的名称与行末“台账行”标识不是同一行（可能只排序了部分列）；本行不并入。"
    "请整行排序；如系复制的行，请清空其标识。",
)
_NAME = (
    "The name of this place was changed; a workbook does not rename places, and nothing of the row is "
    "merged. Give the name back; empty the key in the last column if it is another place.",
    "此行的名称已被修改；工作簿不能更改小区、幢、户的名称，本行不并入。"
    "请恢复原名；如确为新的一行，请清空行末“台账行”标识。",
)
_GONE = (
    "This row has been taken out of the ledger since the export; nothing of it is written. "
    "Empty the key in the last column to enter it anew.",
    "导出后，此行已从台账中撤销；本行不写入。如需重新登记，请清空行末“台账行”标识。",
)
_ACCEPTED = (
    "The office has accepted this paper; it stays on hand. Ask the task force if that is wrong.",
    "此材料已经审核收到，仍按已有处理；如有误，请联系专班。",
)
