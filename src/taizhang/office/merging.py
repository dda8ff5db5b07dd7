"""The ledger's own workbook, come back: three states of every cell, merged one by one.

*Base* is what the cell said when the workbook was exported, *theirs* what it says in the workbook now,
*ours* what the ledger says now.  What only the workbook changed is taken; what only the ledger changed
is kept; of what both changed otherwise nothing is written unless the importer wants the workbook's.

Reads from: ``accepted``, ``dossier``, ``drafts``, ``ledgerbook``, ``matching``, ``since``, ``ledger.models``.
Read by: ``register``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from taizhang.ledger.models import Estate, JournalEntry
from taizhang.office.accepted import Accepted
from taizhang.office.dossier import value_of
from taizhang.office.drafts import packed
from taizhang.office.household_seals import HouseholdDraft
from taizhang.office.ledgerbook import HOLDER, BookRow, CellConflict, LedgerBook, Merged, PlaceRow, Said
from taizhang.office.matching import Matching
from taizhang.office.since import Key, Recorded, Since, entries, since
from taizhang.rules.terms import Complaint, Held

__all__ = ["Merging"]

_COLUMNS = ("street", "neighbourhood")  # words of an estate that have a column of their own as well


@dataclass(slots=True)
class _Counted:
    """Cells, by what became of them."""

    taken: int = 0
    same: int = 0
    ours: int = 0


@dataclass(slots=True)
class _State:
    """What is recorded of a place, taken apart."""

    facts: dict[str, Any]
    held: dict[str, str]
    until: dict[str, Any]
    words: dict[str, str]
    answers: Said  #: facts and words, cell by cell
    papers: Said  #: state and last day, cell by cell

    def says(self, kind: str, name: str) -> object:
        """What the cell of a field says; ``None``: nothing."""
        return (self.papers if kind == "paper" else self.answers).get(name)

    @property
    def names(self) -> set[str]:
        """The fields of which something is recorded."""
        return {*self.answers, *self.papers}

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


class _States:
    """Records taken apart; papers of which the same is recorded are taken apart once."""

    def __init__(self) -> None:
        self._papers: dict[tuple[str, str], Said] = {}

    def of(self, one: Recorded | None) -> _State:
        if one is None:
            return _State({}, {}, {}, {}, {}, {})
        facts: dict[str, Any] = json.loads(one.facts, object_hook=value_of)
        words: dict[str, str] = json.loads(one.words) if one.words else {}
        held: dict[str, str] = json.loads(one.held)
        until: dict[str, Any] = json.loads(one.valid_until, object_hook=value_of)
        papers = self._papers.get((one.held, one.valid_until))
        if papers is None:
            papers = {
                name: (Held(told), until.get(name) if told == Held.ON_HAND.value else None)
                for name, told in held.items()
            }
            self._papers[one.held, one.valid_until] = papers
        # what cells say is kept as it is while the record is changed
        return _State(facts, held, until, words, {**words, **facts}, papers)

    def alike(self, one: Recorded, row: BookRow) -> bool:
        """Whether a row says exactly what is recorded: looked at first, for most rows do."""
        papers = self._papers.get((one.held, one.valid_until))
        if one.words or papers is None or papers != row.papers:
            return False
        return bool(json.loads(one.facts, object_hook=value_of) == row.answers)


class Merging:
    """The merge of one workbook with the rows as they are within the act.

    Attributes:
        wanted: Place -> the columns of its row that are to be changed.
        places: Of the rows that were merged.
        fresh: Rows that somebody added.
        people: Place of a unit -> whom the workbook names.
        kept: Papers that it calls missing although the office has accepted them.
        unobtainable: Place and paper of which it says that nobody can supply them, likewise.
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
        self.people: dict[str, HouseholdDraft] = {}
        self.kept = 0
        self.unobtainable: list[tuple[str, str]] = []
        self._conflicts: list[CellConflict] = []
        self._counted = _Counted()
        self._states = _States()
        matching = Matching(book, known)
        self.fresh, self._told = matching.fresh, matching.told
        self.places = [row.place for _, row in matching.rows]
        keys = [_key(row) for row in (*(row for _, row in matching.rows), *matching.absent)]
        people = any(one.people for one, _ in matching.rows)
        self._since: Since = since(book.entry, keys, households=people)
        self._removed = self._tell_removed(matching.absent, matching.left_out)
        for one, row in matching.rows:
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

    def _tell_removed(self, absent: Sequence[PlaceRow], left_out: int) -> int:
        gone = [row for row in absent if self._since.before.get(_key(row), row) is not None]
        some = "、".join(row.name for row in gone[:5])
        if gone:
            en = f"{len(gone)} rows of the export are not in the workbook; the ledger keeps them."
            zh = f"导出时的 {len(gone)} 行在工作簿中已不存在；台账予以保留，不会因此删除。"
            self._told.append(Complaint("C-BOOK-REMOVED", "", "", some[:200], en, zh))
        if left_out:
            en = f"{left_out} estates of the export are not in the workbook at all; the ledger keeps them."
            zh = f"导出时的 {left_out} 个小区在工作簿中整体不存在；台账予以保留，不会因此删除。"
            self._told.append(Complaint("C-BOOK-REMOVED", "", "", "", en, zh))
        return len(gone)

    # -------------------------------------------------------------------------- cell by cell

    def _merge(self, one: BookRow, row: PlaceRow) -> None:
        key, now = _key(row), _recorded(row)
        if one.people:
            self._meet(one, row)
        touched = key in self._since.changes
        if not touched and self._states.alike(now, one):
            return  # as it was exported, on both sides
        ours = self._states.of(now)
        base = self._states.of(self._since.before[key]) if touched else ours
        kinds: set[str] = set()
        for name in sorted(one.asked & (base.names | ours.names | one.answers.keys() | one.papers.keys())):
            kind = self._book.kinds[name]
            three = (base.says(kind, name), one.says(kind, name), ours.says(kind, name))
            value = self._settled(one, key, kind, name, three)
            if value != three[2]:
                ours.put(kind, name, value)
                kinds.add(kind)
        if kinds:
            self.wanted[row.place] = ours.columns(kinds)

    def _settled(
        self, one: BookRow, key: Key, kind: str, name: str, three: tuple[object, object, object]
    ) -> object:
        """What the cell is to say; where that is not what the workbook says it is counted or listed."""
        base, theirs, ours = three
        read = self._book.as_read
        if theirs == read(name, base):
            self._counted.ours += base != ours
            return ours
        if theirs == read(name, ours) and (theirs is not None or ours is None):
            self._counted.same += 1
            return ours
        if kind == "paper" and name in self._accepted.papers.get(one.place, ()):
            return self._beside_accepted(one, name, theirs, ours)
        if ours == base:
            self._counted.taken += 1
            return theirs
        entry = self._changed_by(key, kind, name)
        conflict = CellConflict(
            one.level, one.place, name, one.sheet, one.cells[name], base, theirs, ours, entry
        )
        return theirs if self._settle(conflict) else ours

    def _beside_accepted(self, one: BookRow, name: str, theirs: object, ours: object) -> object:
        """An accepted paper stays on hand; a later last day of the workbook counts."""
        state, day = theirs if isinstance(theirs, tuple) else (None, None)
        held = {name: state.value} if state else {}
        beside = self._accepted.beside(one.place, held, {name: day} if day else {})
        value = (Held(beside.held[name]), beside.until.get(name))
        if state is Held.ON_HAND:
            self._counted.taken += value != ours
            return value
        self.kept += len([item for item in beside.missing if item == name])
        self.unobtainable += [(one.place, item) for item in beside.unobtainable if item == name]
        self._told.append(Complaint("C-BOOK-ACCEPTED", one.sheet, one.cells[name], "", *_ACCEPTED))
        return ours

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

    def _changed_by(self, key: Key, kind: str, name: str) -> int:
        """The entry that last gave ours the value it has."""
        said = self._states.of(self._since.before.get(key)).says(kind, name)
        found = 0
        for change in self._since.changes.get(key, ()):
            after = self._states.of(change.recorded).says(kind, name)
            if after != said:
                said, found = after, change.entry
        return found

    def _name_who(self) -> None:
        known = entries([one.entry for one in self._conflicts])
        self._conflicts = [
            replace(one, by=by.actor, at=by.at, act=by.act) if (by := known.get(one.entry)) else one
            for one in self._conflicts
        ]


def _key(row: PlaceRow) -> Key:
    return row._meta.db_table, row.pk


def _recorded(row: PlaceRow) -> Recorded:
    return Recorded(row.facts, row.held, row.valid_until, row.identity if isinstance(row, Estate) else "")


_ACCEPTED = (
    "The office has accepted this paper; it stays on hand. Ask the task force if that is wrong.",
    "此材料已经审核收到，仍按已有处理；如有误，请联系专班。",
)
