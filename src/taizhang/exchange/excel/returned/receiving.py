"""Files received together: ledgers, and plan workbooks that were edited and came back.

A plan workbook stands for the ledgers it was made from.  Given beside one of them, or beside
another copy of the same plan, its changes are merged into it cell by cell; given alone, its
sheets 原表 are the ledger.

Reads from: ``entering``, ``finding``, ``listing``, ``merging``, ``opening``, ``reading``, ``rules.terms``.
Read by: ``cli``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from taizhang.collecting import no_search_for_cycles
from taizhang.exchange.excel.cells import Cell, Merge, spread
from taizhang.exchange.excel.headings import Headings
from taizhang.exchange.excel.joining.citing import position
from taizhang.exchange.excel.joining.regrouping import Regrouping
from taizhang.exchange.excel.mapping import LedgerMapping
from taizhang.exchange.excel.opening import OpenSheet, open_sheets
from taizhang.exchange.excel.reading import read_sheets
from taizhang.exchange.excel.remembering import fitting
from taizhang.exchange.excel.returned.entering import enter, rows_of
from taizhang.exchange.excel.returned.finding import Returned, SheetBack, find_returned
from taizhang.exchange.excel.returned.listing import with_changes
from taizhang.exchange.excel.returned.merging import CellChange, merge_sheet
from taizhang.rules.terms import Ledger, Pack

__all__ = ["Received", "read_ledgers", "receive"]


@dataclass(slots=True)
class _Source:
    """A ledger to be read, with what came back for it."""

    file: str
    sheets: list[OpenSheet]
    changes: list[tuple[str, SheetBack, CellChange]] = field(default_factory=list)  #: file it came back in
    lost: list[tuple[str, SheetBack]] = field(default_factory=list)  #: sheets that did not come back


@dataclass(frozen=True, slots=True)
class Received:
    """What was received.

    Attributes:
        ledgers: As they are read, with what came back merged into them.
        regrouping: The estates to merge and to split, of all mappings that were used.
    """

    ledgers: tuple[Ledger, ...]
    regrouping: Regrouping


def read_ledgers(
    paths: Sequence[Path],
    pack: Pack,
    *,
    mapping: LedgerMapping | None = None,
    remembered: Sequence[LedgerMapping] = (),
) -> list[Ledger]:
    """The ledgers of :func:`receive`."""
    return list(receive(paths, pack, mapping=mapping, remembered=remembered).ledgers)


def receive(
    paths: Sequence[Path],
    pack: Pack,
    *,
    mapping: LedgerMapping | None = None,
    remembered: Sequence[LedgerMapping] = (),
    opened: Mapping[Path, list[OpenSheet]] = MappingProxyType({}),
    progress: Callable[[str, int, int], None] | None = None,
) -> Received:
    """Read ledgers, and plan workbooks that were made from them and edited.

    Args:
        paths: In the order in which they count: of two that contradict each other, the first.
        pack: Gives the headings, facts and papers that are known.
        mapping: What the offices mean by their headings and words.
        remembered: Where none is given, those of earlier ledgers.
        opened: Sheets of files that have been opened already.
        progress: Called with stage, done, total.

    Raises:
        InputError: As :func:`~taizhang.exchange.excel.reading.read_ledger`.
    """
    with no_search_for_cycles():
        sources, returned = _received(paths, opened, progress)
        used = [mapping or fitting(one.sheets, remembered) or LedgerMapping() for one in sources]
        ledgers = [
            read_sheets(one.file, one.sheets, pack, told) for one, told in zip(sources, used, strict=True)
        ]
        entries = [entry for one in returned for entry in one.entries]
        if entries:
            entered = enter(entries, ledgers, pack, Headings(pack))
            for number, edits in _by_ledger(entered.cells).items():
                _put(sources[number], edits)
                ledgers[number] = read_sheets(
                    sources[number].file, sources[number].sheets, pack, used[number]
                )
            rows = rows_of(entered.left, pack)
            for number, ledger in enumerate(ledgers):
                kept = tuple(entry for at, entry in entered.left if at == number)
                ledgers[number] = replace(ledger, rows=(*ledger.rows, *rows.get(number, ())), entries=kept)
            ledgers[0] = replace(
                ledgers[0],
                differences=(*ledgers[0].differences, *entered.differences),
                complaints=(*ledgers[0].complaints, *entered.complaints),
            )
        both = zip(ledgers, sources, strict=True)
        told = tuple(with_changes(ledger, one.changes, one.lost) for ledger, one in both)
        mappings = list({id(one): one for one in used}.values())
        merges = [each for one in mappings for each in one.regrouping.merges]
        splits = [each for one in mappings for each in one.regrouping.splits]
        return Received(told, Regrouping(tuple(merges), tuple(splits)))


# ----------------------------------------------------------------------------- receiving


def _received(
    paths: Sequence[Path],
    opened: Mapping[Path, list[OpenSheet]],
    progress: Callable[[str, int, int], None] | None,
) -> tuple[list[_Source], list[Returned]]:
    """Open every file; what came back is merged into the ledger it was made from."""
    sources: list[_Source] = []
    returned: list[Returned] = []
    for path in paths:
        tell = (lambda done, total: progress("read", done, total)) if progress else None
        sheets = opened[path] if path in opened else open_sheets(path, tell)
        back = find_returned(path.name, sheets)
        if back:
            returned.append(back)
        else:
            sources.append(_Source(path.name, sheets))
    for back in returned:
        first = len(sources)
        for file in dict.fromkeys(one.ledger for one in back.sheets):
            own = [one for one in back.sheets if one.ledger == file]
            source = _source_of(file, own, sources)
            if source is None:
                sources.append(_alone(back.file, file, own))
            else:
                _merge(back.file, own, source)
        _add_sheets(back, sources[first] if first < len(sources) else sources[0] if sources else None)
    return sources, returned


def _add_sheets(back: Returned, source: _Source | None) -> None:
    """Sheets that somebody put into the plan workbook are sheets of its ledger from now on."""
    taken = {sheet.name for sheet in source.sheets} if source else set()
    for sheet in back.more:
        if source and sheet.name not in taken:
            source.sheets.append(sheet)


def _source_of(file: str, own: Sequence[SheetBack], sources: Sequence[_Source]) -> _Source | None:
    """The ledger of this name, or one under another name that has the same sheets and headings."""
    for source in sources:
        if source.file == file:
            return source
    return next((source for source in sources if all(_same(one, source) for one in own)), None)


def _same(one: SheetBack, source: _Source) -> bool:
    sheet = next((sheet for sheet in source.sheets if sheet.name == one.name), None)
    if sheet is None:
        return False
    heads = [row for row in one.sent.header_rows if row < len(one.sent.rows)]
    wanted = {mark for row in heads for mark in one.sent.rows[row] if mark}
    there = {one.sent.printer(cell) for row in sheet.rows[:40] for cell in row}
    return len(wanted & there) * 2 > len(wanted) or not wanted


def _alone(came: str, file: str, own: Sequence[SheetBack]) -> _Source:
    """A ledger that is only known by the plan workbook."""
    source = _Source(file, [])
    for one in own:
        if one.back is None:
            source.lost.append((came, one))
            continue
        merged = merge_sheet(one.sent, one.back.rows, None, one.back.merges)
        source.changes += [(came, one, change) for change in merged.changes]
        source.sheets.append(replace(one.back, name=one.name))
    return source


def _merge(came: str, own: Sequence[SheetBack], source: _Source) -> None:
    for one in own:
        at = next((at for at, sheet in enumerate(source.sheets) if sheet.name == one.name), None)
        if one.back is None or at is None:
            source.lost.append((came, one))
            continue
        ours = source.sheets[at]
        merged = merge_sheet(one.sent, one.back.as_it_was(), ours.as_it_was(), ours.merges)
        if merged.changes:
            source.changes += [(came, one, change) for change in merged.changes]
            source.sheets[at] = _changed(ours, merged.rows, merged.merges)


def _changed(sheet: OpenSheet, rows: Sequence[Sequence[Cell]], merges: Sequence[Merge]) -> OpenSheet:
    """The sheet with other cells; all rows are as long as the longest."""
    width = max(map(len, rows), default=0)
    even = tuple((*row, *[None] * (width - len(row))) for row in rows)
    longest = max((len(cell) for row in even for cell in row if isinstance(cell, str)), default=0)
    return replace(
        sheet, rows=even, merges=tuple(merges), unread={}, mixed=True, longest=max(sheet.longest, longest)
    )


# -------------------------------------------------------------------------------- entries


def _by_ledger(cells: dict[tuple[int, str, str], str]) -> dict[int, dict[tuple[str, str], str]]:
    found: dict[int, dict[tuple[str, str], str]] = {}
    for (number, sheet, at), text in cells.items():
        found.setdefault(number, {})[sheet, at] = text
    return found


def _put(source: _Source, edits: dict[tuple[str, str], str]) -> None:
    """Put texts into cells; what was merged over several rows stands in each of them first."""
    for number, sheet in enumerate(source.sheets):
        mine = {position(at) or (0, 0): text for (name, at), text in edits.items() if name == sheet.name}
        if mine:
            apart = [one for one in sheet.merges if one[2] > one[0] and _holds_any(one, mine)]
            rows = [list(row) for row in spread(sheet.rows, apart)]
            for (row, column), text in mine.items():
                rows[row] += [None] * (column + 1 - len(rows[row]))
                rows[row][column] = text
            merges = [one for one in sheet.merges if one not in apart]
            source.sheets[number] = replace(_changed(sheet, rows, merges), unread=sheet.unread)


def _holds_any(merge: Merge, cells: Iterable[tuple[int, int]]) -> bool:
    top, left, bottom, right = merge
    return any(top <= row <= bottom and left <= column <= right for row, column in cells)
