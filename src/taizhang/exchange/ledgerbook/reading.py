"""The ledger's own workbook read: every row with its place, its key, and what each of its cells says.

It is read as any ledger is, so that columns may be moved, hidden or added and rows sorted; only what the
cells say is kept apart from what they do not, because an empty cell may be one that somebody emptied.

Reads from: ``cellwords``, ``columns``, ``marker``, ``excel``, ``office.ledgerbook``.  Read by: ``intake``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from taizhang.exchange.excel.cells import as_text, plain
from taizhang.exchange.excel.headings import IDENTITY
from taizhang.exchange.excel.joining.citing import position
from taizhang.exchange.excel.joining.gathered import below, number_of
from taizhang.exchange.excel.joining.gathering import gather_all
from taizhang.exchange.ledgerbook.cellwords import CellWords
from taizhang.exchange.ledgerbook.columns import KEY_HEADING, fits
from taizhang.office.drafts import CaseDraft
from taizhang.office.household_seals import COLUMNS, HouseholdDraft
from taizhang.office.ledgerbook import BookRow, Choice, LedgerBook
from taizhang.rules.terms import Complaint, Dossier, Held, Ledger, LedgerRow, Pack

__all__ = ["ReadBook", "households", "read_book"]

_NAMED = frozenset(("estate", "building", "unit", "entrance", "county", "serial_number", *COLUMNS))


@dataclass(frozen=True, slots=True)
class ReadBook:
    """A workbook that came back, as it was read.

    Attributes:
        book: For the merge.
        told: Columns that say what the ledger does not keep of such a row.
        estates: County, street (``None`` where the workbook does not say it) and place of its estates.
    """

    book: LedgerBook
    told: tuple[Complaint, ...]
    estates: tuple[tuple[str, str | None, str], ...]


def read_book(
    ledger: Ledger, entry: int, pack: Pack, *, choice: Choice = "keep", looked: int = 0
) -> ReadBook:
    """Take a ledger that was read for the workbook it is.

    Args:
        ledger: As it was read.
        entry: The journal entry of its export.
        pack: The law on its day.
        choice: What becomes of conflicts.
        looked: Up to which entry the importer has seen them.
    """
    reading = _Reading(ledger, pack)
    rows = reading.rows()
    words = CellWords(pack)
    book = LedgerBook(entry, rows, reading.kinds, words.as_read, reading.drafts, choice, looked)
    return ReadBook(book, tuple(reading.told), tuple(_estates(rows)))


def _estates(rows: Sequence[BookRow]) -> Iterator[tuple[str, str | None, str]]:
    """Each estate once; a street where its own row has the column."""
    streets = {
        one.place: str(one.answers.get("street", ""))
        for one in rows
        if one.level == "estate" and "street" in one.asked
    }
    for county, estate in dict.fromkeys((one.county, one.estate) for one in rows):
        yield county, streets.get(estate), estate


def households(people: Mapping[str, Mapping[str, str]]) -> dict[str, HouseholdDraft]:
    """Whom rows name as holder, by place of the unit."""
    found = {}
    for place, said in people.items():
        if texts := {name: said[name] for name in COLUMNS if said.get(name)}:
            found[place] = HouseholdDraft(**texts)
    return found


class _Reading:
    """The rows of one workbook."""

    def __init__(self, ledger: Ledger, pack: Pack) -> None:
        self._ledger, self._pack = ledger, pack
        self.told: list[Complaint] = []
        self.kinds: dict[str, str] = dict.fromkeys((*IDENTITY, *pack.headings), "words")
        self.kinds |= {one.field: "words" for one in ledger.columns if one.kind == "identity"}
        self.kinds |= dict.fromkeys((*pack.nodes, *pack.evidence), "paper")
        self.kinds |= dict.fromkeys(pack.facts, "fact")
        self._unread = {(one.sheet, one.cell) for one in ledger.complaints}
        self._unread_sheets = {sheet for sheet, cell in self._unread if cell}
        self._counties = _counties(ledger.rows)
        self._asked: dict[tuple[str, str], frozenset[str]] = {}
        self._states: dict[int, tuple[Mapping[str, Held], dict[str, object]]] = {}
        self._taken: list[LedgerRow] = []

    def rows(self) -> tuple[BookRow, ...]:
        """Each place once: a further row of it says only what the first leaves open."""
        found: dict[tuple[str, str], BookRow] = {}
        keys = {sheet.name: self._keys(sheet.name) for sheet in self._ledger.sheets}
        for row in self._ledger.rows:
            county = row.identity.get("county") or self._counties.get(row.estate, "")
            one = self._row(row, county, keys[row.sheet](row.row))
            first = found.get((one.level, one.place))
            if first is None:
                self._taken.append(replace(row, identity={**row.identity, "county": county}))
                found[one.level, one.place] = one
            else:
                found[one.level, one.place] = _filled(first, one)
        return tuple(found.values())

    def _row(self, row: LedgerRow, county: str, key: str) -> BookRow:
        estate = below(below("county", county), row.estate)
        place = estate
        if row.level != "estate":
            place = below(estate, number_of(row.building))
        if row.level == "unit":
            place = below(place, row.unit)
        asked = self._readable(row)
        answers = {**row.identity, **row.facts} if row.level == "estate" else row.facts
        if not asked.issuperset(answers):
            answers = {name: value for name, value in answers.items() if name in asked}
        papers = self._papers(row)
        if not asked.issuperset(papers):
            papers = {name: value for name, value in papers.items() if name in asked}
        named = {name: text for name in COLUMNS if (text := row.identity.get(name))}
        people = HouseholdDraft(**named) if named and row.level == "unit" else None
        names = (row.estate, row.building, row.unit)
        number = len(self._taken)
        return BookRow(
            number, row.level, names, place, estate, county, key, row.sheet, row.row, answers, papers,
            asked, row.cells, people,
        )  # fmt: skip

    def _papers(self, row: LedgerRow) -> Mapping[str, object]:
        """State and last day of each paper; rows that say the same share one mapping."""
        known = self._states.get(id(row.held))
        if known is None or known[0] is not row.held:
            plain_states: dict[str, object] = {name: (state, None) for name, state in row.held.items()}
            known = self._states[id(row.held)] = (row.held, plain_states)
        if not row.valid_until:
            return known[1]
        return {name: (state, _day(row, name, state)) for name, state in row.held.items()}

    def _readable(self, row: LedgerRow) -> frozenset[str]:
        """The fields of which the row has a cell that could be read."""
        asked = self._asked.get((row.sheet, row.level))
        if asked is None:
            asked = self._asked[row.sheet, row.level] = frozenset(self._kept(row))
        if row.sheet not in self._unread_sheets:
            return asked
        return frozenset(name for name in asked if (row.sheet, row.cells[name]) not in self._unread)

    def _kept(self, row: LedgerRow) -> Iterator[str]:
        """Fields that the ledger keeps of such a row; of others their column is complained of."""
        for name in row.cells:
            if name in _NAMED or ":" in name:
                continue
            kind = self.kinds[name]
            if row.level == "estate" if kind == "words" else fits(self._pack, row.level, name):
                yield name
            else:
                self._complain(row, name)

    def _complain(self, row: LedgerRow, name: str) -> None:
        column = row.cells[name].rstrip("0123456789")
        told = (one for one in self._ledger.columns if (one.sheet, one.column) == (row.sheet, column))
        heading = next((one.heading for one in told), name)
        en = "The ledger keeps this of another level than these rows; the column was not used. "
        en += "Enter it on the sheet of that level."
        zh = "此列内容不属于本表所记的层级，未采用；请填入相应的工作表。"
        self.told.append(Complaint("C-BOOK-LEVEL", row.sheet, row.cells[name], heading[:200], en, zh))

    def _keys(self, name: str) -> Callable[[int], str]:
        """What gives the key of a row by its number, from 1."""
        wanted = plain(KEY_HEADING)
        letters = next(
            (
                one.column
                for one in self._ledger.columns
                if one.sheet == name and plain(one.heading.rpartition("/")[2]) == wanted
            ),
            "",
        )
        sheet = next(one for one in self._ledger.sheets if one.name == name)
        at = position(f"{letters}1") if letters else None
        if at is None:
            return lambda _: ""
        column = at[1]

        def key(row: int) -> str:
            cells = sheet.rows[row - 1]
            return as_text(cells[column]) if column < len(cells) else ""

        return key

    def drafts(self, rows: Sequence[BookRow]) -> list[CaseDraft]:
        """The estates of rows that were added, as those of a ledger of their own."""
        if not rows:
            return []
        some = replace(self._ledger, rows=tuple(self._taken[one.number] for one in rows))
        city = gather_all([some], self._pack)
        return [
            CaseDraft(
                Dossier(self._pack.as_of, one.places, one.held, one.facts, one.valid_until),
                one.identity,
                households({place: said for place, said in city.people.items() if place in one.places}),
            )
            for one in city.estates
        ]


def _counties(rows: Sequence[LedgerRow]) -> dict[str, str]:
    """Name of an estate -> its county, where the workbook has one estate of the name only."""
    found: dict[str, set[str]] = {}
    for row in rows:
        if county := row.identity.get("county"):
            found.setdefault(row.estate, set()).add(county)
    return {name: next(iter(some)) for name, some in found.items() if len(some) == 1}


def _day(row: LedgerRow, name: str, state: Held) -> date | None:
    return row.valid_until.get(name) if state is Held.ON_HAND else None


def _filled(first: BookRow, more: BookRow) -> BookRow:
    """A row with what a further row of its place says beside it."""
    answers = {**more.answers, **first.answers}
    papers = {**more.papers, **first.papers}
    added = (answers.keys() | papers.keys()) - (first.answers.keys() | first.papers.keys())
    cells = {**first.cells, **{name: more.cells[name] for name in added}}
    return replace(first, answers=answers, papers=papers, asked=first.asked | added, cells=cells)
