"""From the cells of one sheet to its rows.

A city has 132,600 homes, and most cells say what another cell of their column has said before:
each is read once.  A row in which every cell was understood is made from what is remembered;
only a row with something to complain of, or to note, is gone through cell by cell.

Reads from: ``headings``, ``identity``, ``tables``, ``values``, ``rules.terms``.  Read by: ``reading``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import compress
from operator import getitem, itemgetter
from typing import Generic, TypeAlias, TypeVar, cast

from taizhang.exchange.excel.cells import Cell, as_text, word_of
from taizhang.exchange.excel.headings import Match
from taizhang.exchange.excel.identity import read_identity
from taizhang.exchange.excel.validity import Dated, last_day, parted
from taizhang.exchange.excel.values import NOT_THERE, Nearly, Read, Refusal, read_day, read_fact, read_held
from taizhang.rules.terms import Complaint, Fact, Held, LedgerRow, Pack, Value

__all__ = ["Column", "Rows", "Understood"]

T = TypeVar("T")
Complain: TypeAlias = Callable[[Complaint], None]

_PLACES = ("estate", "building", "unit")
_SAID = (*_PLACES, "entrance")  # where the place of a row is written
_DITTO = re.compile(r"^(同\s*上|[〃″”“\"'’.·…-]+)$")  # as above: says nothing that could be relied on
_STATES = dict(enumerate(Held, 1))  # papers are remembered by the numbers of their states; 0 says nothing
_NUMBER_OF = {state: number for number, state in _STATES.items()}
_READ = 200  # characters of a cell that a complaint repeats


@dataclass(slots=True)
class Column:
    """A column of a sheet that is understood.

    Attributes:
        match: What its heading was taken for.
        letters: ``F``.
        yuan: What a bare 1 means where it is money.
        numeric: Whether it holds numbers: then a merged cell counts for its first row only.
        words: What the mapping wants read for an office's own words, by how they are looked up.
        nearly: Cells that were read by a part of a choice's name.
    """

    match: Match
    letters: str
    yuan: int
    numeric: bool
    words: Mapping[str, str] = field(default_factory=dict)
    nearly: list[str] = field(default_factory=list)

    def said(self, cell: Cell) -> Cell:
        """What a cell says in everybody's words."""
        return self.words.get(word_of(cell), cell) if self.words else cell


@dataclass(frozen=True, slots=True)
class Understood:
    """A sheet that is understood.

    Attributes:
        name: Its name.
        level: Of its finest rows: estate, building or unit.
        raw: The cells as they stand.
        full: The same with merged cells filled; a row without any is the same object as in ``raw``.
        columns: Column number, from 0 -> what it holds.
        numbers: Columns that only number the rows.
        mixed: Whether cells may be equal and yet differ, as 1 and true.
        date_1904: Whether bare numbers of days count from 1904.
    """

    name: str
    level: str
    raw: Sequence[Sequence[Cell]]
    full: Sequence[Sequence[Cell]]
    columns: Mapping[int, Column]
    numbers: frozenset[int]
    mixed: bool
    date_1904: bool = False


class _Addresses(Mapping[str, str]):
    """Field -> address of its cell in one row."""

    __slots__ = ("_letters", "_row")

    def __init__(self, letters: Mapping[str, str], row: int) -> None:
        self._letters, self._row = letters, row

    def __getitem__(self, field: str) -> str:
        return f"{self._letters[field]}{self._row}"

    def __iter__(self) -> Iterator[str]:
        return iter(self._letters)

    def __len__(self) -> int:
        return len(self._letters)


class _Meanings(dict[object, T], Generic[T]):
    """Cell -> what it means in one column, read when it is first met.

    Where 1, 1.0 and true may all occur they would be one key but are not one answer: then what is
    no text is kept under its type too.
    """

    __slots__ = ("_mixed", "_read")

    def __init__(self, read: Callable[[Cell], T], empty: T, *, mixed: bool) -> None:
        super().__init__({None: empty})
        self._read, self._mixed = read, mixed

    def __missing__(self, cell: Cell) -> T:
        key = (type(cell), cell) if self._mixed and not isinstance(cell, str) else cell
        if key not in self:
            self[key] = self._read(cell)
        return self[key]


def _pick(columns: Sequence[int]) -> Callable[[Sequence[Cell]], Sequence[Cell]]:
    """Some cells of a row, always as a sequence."""
    if len(columns) < 2:
        return lambda row: [row[column] for column in columns]
    picked: Callable[[Sequence[Cell]], Sequence[Cell]] = itemgetter(*columns)
    return picked


def _sooner(until: dict[str, date], paper: str, day: date | None) -> None:
    """Enter a last day; of two the earlier counts."""
    if day is not None:
        until[paper] = min(until.get(paper, day), day)


class Rows:
    """The rows of one sheet."""

    def __init__(self, pack: Pack, sheet: Understood, complain: Complain) -> None:
        """Prepare to read.

        Args:
            pack: Says what the facts are.
            sheet: Its cells and what its columns mean.
            complain: Told of each cell and row that could not be used.
        """
        self._sheet, self._complain = sheet, complain
        self._letters = {one.match.field: one.letters for one in sheet.columns.values()}
        self._fact_of = {
            number: (pack.facts[one.match.field], one.yuan)
            for number, one in sheet.columns.items()
            if one.match.kind == "fact"
        }
        self._dated: set[Cell] = set()  #: cells that say how long a paper counts
        #: Cells that in some column are not understood, or only nearly
        self._unclear: set[Cell] = set()
        self._estates: set[str] = set()  #: names that are names
        self._held: dict[bytes, dict[str, Held]] = {}  #: numbers of states -> paper -> state
        self._numeric = [number for number, one in sheet.columns.items() if one.numeric]
        self._names, self._pick_names = self._of_kind("identity")
        self._facts, self._pick_facts = self._of_kind("fact")
        self._papers, self._pick_papers = self._of_kind("evidence")
        columns = {one.match.field: one for one in sheet.columns.values()}
        self._texts = [self._text_in(columns[name]) for name in self._names]
        self._values = [self._value_in(columns[fact.id], fact, yuan) for fact, yuan in self._fact_of.values()]
        alike = self._state_in(None)  # most offices write of all papers in the same words
        self._states = [
            self._state_in(one) if (one := columns[name]).words else alike for name in self._papers
        ]
        self._kept = [(name, at) for at, name in enumerate(self._names) if name not in _PLACES]
        absent = len(self._names)  # of a text that is always empty
        self._at = [self._names.index(one) if one in self._names else absent for one in _SAID]
        #: Columns of days beside papers: number, paper, kind
        self._ends = [
            (number, one.match.field.partition(":")[0], one)
            for number, one in sheet.columns.items()
            if one.match.kind in ("until", "issued")
        ]
        self._column_of = {one.match.field: number for number, one in sheet.columns.items()}
        self._pack = pack
        self._estate = next(number for number, one in sheet.columns.items() if one.match.field == "estate")

    def _of_kind(self, kind: str) -> tuple[list[str], Callable[[Sequence[Cell]], Sequence[Cell]]]:
        """The fields of a kind, and what takes their cells from a row."""
        found = [number for number, one in self._sheet.columns.items() if one.match.kind == kind]
        return [self._sheet.columns[number].match.field for number in found], _pick(found)

    # ------------------------------------------------------------------- what cells mean

    def _text_in(self, column: Column) -> _Meanings[str]:
        old = self._sheet.date_1904

        def read(cell: Cell) -> str:
            text, wrong = read_identity(column.match.field, column.said(cell), date_1904=old)
            if wrong:
                self._unclear.add(cell)
            return text

        return _Meanings(read, "", mixed=self._sheet.mixed)

    def _value_in(self, column: Column, fact: Fact, yuan: int) -> _Meanings[Read]:
        old = self._sheet.date_1904

        def read(cell: Cell) -> Read:
            value = read_fact(fact, column.said(cell), yuan, date_1904=old)
            if isinstance(value, Nearly | Refusal):
                self._unclear.add(cell)
            return value

        return _Meanings(read, None, mixed=self._sheet.mixed)

    def _state_in(self, column: Column | None) -> _Meanings[int]:
        """The states of the papers of one column, or of all whose words are everybody's."""

        def read(cell: Cell) -> int:
            state = read_held(column.said(cell) if column else cell)
            if isinstance(state, Refusal):
                self._unclear.add(cell)
            elif isinstance(parted(column.said(cell) if column else cell), Dated):
                self._dated.add(cell)
            return _NUMBER_OF[state] if isinstance(state, Held) else 0

        return _Meanings(read, 0, mixed=self._sheet.mixed)

    # -------------------------------------------------------------------------- one row

    def row(self, number: int) -> LedgerRow | None:
        """Return a row by its number from 0; nothing where it is empty or does not say its place."""
        raw = self._sheet.raw[number]
        if raw[self._estate] is None and self._is_empty(raw):
            return None
        cells = self._seen(number)
        texts = [known[cell] for known, cell in zip(self._texts, self._pick_names(cells), strict=True)]
        facts: dict[str, Read] = {
            name: value
            for name, known, cell in zip(self._facts, self._values, self._pick_facts(cells), strict=True)
            if cell is not None and (value := known[cell]) is not None
        }
        states = bytes(map(getitem, self._states, self._pick_papers(cells)))
        if (held := self._held.get(states)) is None:
            said = map(_STATES.__getitem__, filter(None, states))
            held = self._held[states] = dict(zip(compress(self._papers, states), said, strict=True))
        if self._unclear and not self._unclear.isdisjoint(cells):
            facts = self._with_care(number, cells)
        placed = self._placed(number, texts, cast("dict[str, Value]", facts), held)
        if placed is None or not (self._ends or (self._dated and not self._dated.isdisjoint(cells))):
            return placed
        return self._with_days(placed, number, cells)

    def _with_days(self, row: LedgerRow, number: int, cells: Sequence[Cell]) -> LedgerRow:
        """The row with the last days of its papers, from their cells and from columns beside them."""
        held, until = dict(row.held), dict[str, date]()
        for paper in self._papers:
            at = self._column_of[paper]
            said = parted(self._sheet.columns[at].said(cells[at])) if cells[at] in self._dated else None
            if isinstance(said, Dated):
                _sooner(until, paper, last_day(self._pack, paper, said))
        for at, paper, column in self._ends:
            day = read_day(column.said(cells[at]), date_1904=self._sheet.date_1904)
            if isinstance(day, Nearly):
                read = f"{column.letters}{number + 1} {as_text(cells[at])[:30]}"
                column.nearly.append(f"{read} → {day.label.zh}")
                day = cast("date", day.value)
            elif day is not None and held.get(paper, Held.ON_HAND) is not Held.ON_HAND:
                day = NOT_THERE
            if isinstance(day, Refusal):
                self._say(day.code, f"{column.letters}{number + 1}", as_text(cells[at]), day.en, day.zh)
            elif day is not None:
                held[paper] = Held.ON_HAND  # of nothing else there is such a day
                kind = column.match.kind
                said_day = Dated("", until=day) if kind == "until" else Dated("", issued=day)
                _sooner(until, paper, last_day(self._pack, paper, said_day))
        return replace(row, held=held, valid_until=until)

    def _placed(
        self, number: int, texts: list[str], facts: dict[str, Value], held: dict[str, Held]
    ) -> LedgerRow | None:
        """The row with its place; a row that does not say its place is a complaint."""
        level = self._sheet.level
        texts.append("")
        estate, building, unit, entrance = [texts[at] for at in self._at]
        if unit and entrance:  # 单元 in a column of its own
            unit = f"{entrance}单元{unit}" if entrance.isdigit() else f"{entrance}{unit}"
        if estate not in self._estates:
            if not estate or _DITTO.match(estate):
                self._unnamed(number, "estate", estate)
                return None
            self._estates.add(estate)
        if level == "unit" and not unit:
            self._unnamed(number, "unit", unit)
            return None
        if level == "building" and not building:
            level = "estate"
        identity = {name: text for name, at in self._kept if (text := texts[at])}
        at = _Addresses(self._letters, number + 1)
        return LedgerRow(
            level, self._sheet.name, number + 1, estate, building, unit, identity, facts, held, at
        )

    def _unnamed(self, number: int, missing: str, read: str) -> None:
        en = "This row does not say which estate (or unit) it is about; enter the name."
        zh = "此行未写明小区名称（或房号），请补填。"
        self._say("C-NAME", f"{self._letters[missing]}{number + 1}", read, en, zh)

    def _is_empty(self, raw: Sequence[Cell]) -> bool:
        """Whether a row says nothing; its number alone may have been there in advance."""
        return all(cell is None or index in self._sheet.numbers for index, cell in enumerate(raw))

    def _seen(self, number: int) -> Sequence[Cell]:
        """The cells of a row as they are read: merged ones filled, but for numbers."""
        raw, full = self._sheet.raw[number], self._sheet.full[number]
        if full is raw:
            return raw
        cells = list(full)
        for column in self._numeric:
            cells[column] = raw[column]
        return cells

    def _with_care(self, number: int, cells: Sequence[Cell]) -> dict[str, Read]:
        """Say of each cell of a row what is wrong with it, in order; return the facts that are known."""
        facts: dict[str, Read] = {}
        for index, column in self._sheet.columns.items():
            name, cell, at = column.match.field, cells[index], f"{column.letters}{number + 1}"
            value: Read | Held = None
            if cell is None:
                continue
            meant = column.said(cell)
            if column.match.kind in ("until", "issued"):
                continue  # said with the days
            if column.match.kind == "identity":
                value = read_identity(name, meant, date_1904=self._sheet.date_1904)[1]
            elif column.match.kind == "evidence":
                value = read_held(meant)
            else:
                fact, yuan = self._fact_of[index]
                value = facts[name] = read_fact(fact, meant, yuan, date_1904=self._sheet.date_1904)
            if isinstance(value, Refusal):
                facts.pop(name, None)
                self._say(value.code, at, as_text(cell), value.en, value.zh)
            elif isinstance(value, Nearly):
                if column.match.kind == "fact":
                    facts[name] = value.value
                column.nearly.append(f"{at} {as_text(cell)[:30]} → {value.label.zh}")
        return {name: value for name, value in facts.items() if value is not None}

    def _say(self, code: str, at: str, read: str, en: str, zh: str) -> None:
        self._complain(Complaint(code, self._sheet.name, at, read[:_READ], en, zh))
