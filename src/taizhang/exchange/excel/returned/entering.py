"""What was entered in a plan workbook goes where it belongs: into the officer's own cells if there are any.

A paper reported as done is entered as there; an answer as it was given.  Where the ledger says
something else by now, the ledger counts and both are listed.

Reads from: ``headings``, ``joining.citing``, ``validity``, ``values``, ``rules.terms``.
Read by: ``receiving``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from taizhang.exchange.excel.headings import Headings
from taizhang.exchange.excel.joining.citing import Citing
from taizhang.exchange.excel.validity import Dated, last_day, parted
from taizhang.exchange.excel.values import Nearly, Refusal, read_fact, read_held
from taizhang.exchange.excel.wording import Wording
from taizhang.rules.terms import Complaint, Difference, Entry, Held, Ledger, LedgerRow, Pack, Value

__all__ = ["Entered", "enter", "rows_of"]

_PROGRESS = {
    word: key
    for language in ("zh", "en")
    for key in ("not_started", "under_way", "completed", "returned")
    for word in (Wording(language).say(key),)
}
_THERE = "有"


@dataclass(slots=True)
class Entered:
    """What becomes of entries.

    Attributes:
        cells: Ledger, sheet and address -> what is to stand there.
        left: Entries that have no cell.
        differences: What was changed, and what contradicts the ledger.
        complaints: Entries that are not understood.
    """

    cells: dict[tuple[int, str, str], str] = field(default_factory=dict)
    left: list[tuple[int, Entry]] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)


def enter(entries: Iterable[Entry], ledgers: Sequence[Ledger], pack: Pack, known: Headings) -> Entered:
    """Settle where each entry goes.

    Args:
        entries: As they came back; of two about the same thing the first counts.
        ledgers: As they are read without them.
        pack: Says what papers and facts there are.
        known: Finds the paper or fact of a name.
    """
    entering = _Entering(ledgers, pack)
    seen: dict[tuple[tuple[str, ...], str], Entry] = {}
    for entry in entries:
        named = replace(entry, what=known.field_of(entry.what) or entry.what)
        if named.what not in pack.facts and named.what not in pack.evidence and named.what not in pack.nodes:
            entering.found.complaints.append(_stranger(entry))
            continue
        first = seen.setdefault((named.place, named.what), named)
        if first is named:
            entering.take(named)
        elif first.text != named.text:
            entering.found.differences.append(
                Difference("conflict", first.place, first.what, first.origin, named.origin)
            )
    return entering.found


class _Entering:
    """The rows of all ledgers by their place, and where entries go."""

    def __init__(self, ledgers: Sequence[Ledger], pack: Pack) -> None:
        self._pack = pack
        self._citing = [Citing(ledger.path, ledger.sheets) for ledger in ledgers]
        self.found = Entered()
        self._rows: dict[str, list[tuple[int, LedgerRow]]] = defaultdict(list)
        self._at: dict[tuple[str, str, str], list[tuple[int, LedgerRow]]] = defaultdict(list)
        for number, ledger in enumerate(ledgers):
            for row in ledger.rows:
                self._rows[row.estate].append((number, row))
                self._at[row.estate, row.building, row.unit].append((number, row))

    def take(self, entry: Entry) -> None:
        """Enter into every cell of the place that waits for it; else keep the entry."""
        progress = _PROGRESS.get(entry.text)
        paper = entry.what not in self._pack.facts
        if paper and progress and progress != "completed":
            self.found.left.append((self._home(entry), entry))
            return
        text = _THERE if paper and progress == "completed" else entry.text
        wanted = self._read(entry.what, text)
        if isinstance(wanted, Refusal):
            self.found.complaints.append(
                Complaint(
                    wanted.code, entry.origin.sheet, entry.origin.cell, entry.text[:200], wanted.en, wanted.zh
                )
            )
            return
        if wanted is None or not self._into_cells(entry, text, wanted):
            self.found.left.append((self._home(entry), replace(entry, text=text)))

    def _home(self, entry: Entry) -> int:
        """The ledger that an entry is kept with: the first that has its estate."""
        return next((number for number, _ in self._rows.get(entry.place[1], ())), 0)

    def _read(self, what: str, text: str) -> Value | Held | Refusal | None:
        fact = self._pack.facts.get(what)
        read = read_fact(fact, text) if fact else read_held(text)
        return read.value if isinstance(read, Nearly) else read

    def _into_cells(self, entry: Entry, text: str, wanted: Value | Held) -> bool:
        """Whether there was a cell for it."""
        county, estate, building, unit = entry.place
        level = self._pack.level_of(entry.what)
        everywhere = not building and not unit and level != "estate"
        there = False
        for number, row in self._rows[estate] if everywhere else self._at[estate, building, unit]:
            if entry.what not in row.cells or (county and row.identity.get("county", county) != county):
                continue
            own = (row.building, row.unit) == (building, unit)
            if own or row.level == level:
                there = True
                self._into(entry, (number, row), text, wanted, only_empty=not own)
        return there

    def _into(
        self, entry: Entry, at: tuple[int, LedgerRow], text: str, wanted: Value | Held, *, only_empty: bool
    ) -> None:
        """Put it into one cell, unless that says the same, or something else by now."""
        number, row = at
        now: object = row.facts.get(entry.what, row.held.get(entry.what))
        if now == wanted:
            return
        address = row.cells[entry.what]
        old = self._citing[number].cite(row, entry.what)
        place = (row.identity.get("county", entry.place[0]), row.estate, row.building, row.unit)
        if now is None or now is Held.MISSING:
            self.found.cells[number, row.sheet, address] = text
            self.found.differences.append(
                Difference("changed", place, entry.what, replace(entry.origin, text=text), old)
            )
        elif not only_empty:
            self.found.differences.append(Difference("conflict", place, entry.what, old, entry.origin))


def _stranger(entry: Entry) -> Complaint:
    return Complaint(
        "C-ENTRY",
        entry.origin.sheet,
        entry.origin.cell,
        entry.what[:200],
        "No paper or fact of this name is known; use a name from the lists, for example 竣工验收备案表.",
        "没有此名称的材料或事项；请使用清单中的名称，例如“竣工验收备案表”。",
    )


def _last_days(pack: Pack, entry: Entry) -> dict[str, date]:
    """Until when an entered paper counts, where the entry says so."""
    said = parted(entry.text)
    day = last_day(pack, entry.what, said) if isinstance(said, Dated) else None
    return {entry.what: day} if day else {}


def rows_of(left: Iterable[tuple[int, Entry]], pack: Pack) -> dict[int, list[LedgerRow]]:
    """The entries that have no cell as rows of their ledgers; how far work is, is none."""
    found: dict[int, list[LedgerRow]] = defaultdict(list)
    for number, entry in left:
        if entry.what not in pack.facts and entry.text in _PROGRESS:
            continue
        county, estate, building, unit = entry.place
        fact = pack.facts.get(entry.what)
        read = read_fact(fact, entry.text) if fact else read_held(entry.text)
        value = read.value if isinstance(read, Nearly) else read
        facts: Mapping[str, Value] = {}
        held: Mapping[str, Held] = {}
        if isinstance(value, Held):
            held = {entry.what: value}
        elif value is not None and not isinstance(value, Refusal):
            facts = {entry.what: value}
        level = "unit" if unit else "building" if building else "estate"
        identity = {"county": county} if county else {}
        cells = {entry.what: entry.origin.cell, "estate": entry.origin.cell}
        row = int("".join(one for one in entry.origin.cell if one.isdigit()) or 0)
        found[number].append(
            replace(
                LedgerRow(
                    level, entry.origin.sheet, row, estate, building, unit, identity, facts, held, cells
                ),
                entered=True,
                valid_until=_last_days(pack, entry) if held else {},
            )
        )
    return found
