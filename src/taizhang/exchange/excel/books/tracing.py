"""Which row of which ledger belongs to which estate, so that a copy can be cut without leaks.

A row belongs to an estate if it was understood as a row of it, or if the cell under 小区名称
names it.  Where several estates have that name, the county decides; a row that names none, or
cannot be told apart, is a *stray* and is never given to one of several receivers.

Reads from: ``rules.terms``.  Read by: ``cutting``, ``narrowing``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from taizhang.rules.terms import EstatePlan, Ledger, LedgerRow, SheetCopy

__all__ = ["Traced", "column_number", "trace"]


@dataclass(frozen=True, slots=True)
class Traced:
    """One ledger with its rows told apart; row numbers count from 0."""

    ledger: Ledger
    owned: Mapping[str, Mapping[str, tuple[int, ...]]]  #: sheet -> id of the estate -> its rows
    owner: Mapping[tuple[str, int], str]  #: (sheet, row) -> id of the estate
    strays: Mapping[str, tuple[int, ...]]  #: sheet -> rows with content that no estate can be named for
    rows: Mapping[str, tuple[LedgerRow, ...]]  #: id of the estate -> its rows as understood

    def wholly(self, estates: frozenset[str], sheet: str | None = None) -> bool:
        """Whether everything that is owned, in one sheet or in all, is owned by these estates."""
        sheets = self.owned.values() if sheet is None else [self.owned.get(sheet, {})]
        owners = {estate for one in sheets for estate in one}
        return bool(owners) and owners <= estates


class _Names:
    """Estates by what a ledger calls them."""

    def __init__(self, estates: Sequence[EstatePlan]) -> None:
        self._of: dict[str, list[EstatePlan]] = defaultdict(list)
        for estate in estates:
            self._of[estate.place.name].append(estate)

    def find(self, name: str, county: str) -> str | None:
        """Return the id of the estate, or ``None`` where there is none, or it cannot be told."""
        found = self._of.get(name, [])
        if len(found) > 1 and not county:
            return None
        if county:  # a row that says another county than its estate may hold other people's names
            found = [one for one in found if (one.identity.get("county", "") or county) == county]
        return found[0].place.id if len(found) == 1 else None


def trace(ledgers: Sequence[Ledger], estates: Sequence[EstatePlan]) -> tuple[Traced, ...]:
    """Return every ledger with its rows told apart."""
    names = _Names(estates)
    return tuple(_traced(ledger, names) for ledger in ledgers)


def _traced(ledger: Ledger, names: _Names) -> Traced:
    owner: dict[tuple[str, int], str] = {}
    unclear: set[tuple[str, int]] = set()  # understood, yet two estates have the name
    rows: dict[str, list[LedgerRow]] = defaultdict(list)
    for row in ledger.rows:
        at = (row.sheet, row.row - 1)
        estate = names.find(row.estate, row.identity.get("county", ""))
        if estate is None:
            unclear.add(at)
        else:
            owner[at] = estate
            rows[estate].append(row)
    strays: dict[str, tuple[int, ...]] = {}
    for sheet in ledger.sheets:
        columns = _columns(ledger, sheet.name)
        left: list[int] = []
        for number in range(_below(sheet), len(sheet.rows)):
            at = (sheet.name, number)
            if at in owner or all(cell is None for cell in sheet.rows[number]):
                continue
            found = None if at in unclear else names.find(*_named(sheet, number, columns))
            if found is None:
                left.append(number)
            else:
                owner[at] = found
        strays[sheet.name] = tuple(left)
    owned: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for (name, number), estate in sorted(owner.items()):
        owned[name][estate].append(number)
    fixed = {name: {one: tuple(found) for one, found in of.items()} for name, of in owned.items()}
    return Traced(ledger, fixed, owner, strays, {one: tuple(found) for one, found in rows.items()})


def _below(sheet: SheetCopy) -> int:
    """Return the first row under the headings."""
    return max(sheet.header_rows) + 1 if sheet.header_rows else 0


def _columns(ledger: Ledger, sheet: str) -> dict[str, int]:
    """Return where a sheet has the names of estates and counties."""
    return {
        column.field: column_number(column.column)
        for column in ledger.columns
        if column.sheet == sheet and column.field in ("estate", "county")
    }


def _named(sheet: SheetCopy, number: int, columns: Mapping[str, int]) -> tuple[str, str]:
    row = sheet.rows[number]
    texts = [
        str(row[at]).strip() if (at := columns.get(name, -1)) >= 0 and at < len(row) and row[at] else ""
        for name in ("estate", "county")
    ]
    return texts[0], texts[1]


def column_number(letters: str) -> int:
    """Return the number of a column from 0.

    >>> column_number("A"), column_number("AB")
    (0, 27)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
