"""One sheet in three states: as it was sent, as it came back, and as the ledger has it by now.

Cell by cell: what only one side changed is taken; what both changed is a conflict, in which the
ledger counts and the other is listed.  A row or column that was added is added; one that was
deleted stays, and is listed.

Reads from: ``aligning``, ``cells``, ``prints``.  Read by: ``receiving``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from taizhang.exchange.excel.cells import Cell, Grid, Merge
from taizhang.exchange.excel.prints import Printer
from taizhang.exchange.excel.returned.aligning import Prints, align_columns, align_rows

__all__ = ["CellChange", "Merged", "Sent", "merge_sheet"]

_TOP = 40  # rows in which the heading is looked for again


@dataclass(frozen=True, slots=True)
class Sent:
    """A sheet as it was sent.

    Attributes:
        rows: Fingerprints of its rows.
        header_rows: Rows of its heading, from 0.
        printer: Makes fingerprints that can be compared with these.
        places: Row -> the place it is about.
    """

    rows: tuple[Prints, ...]
    header_rows: tuple[int, ...]
    printer: Printer
    places: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CellChange:
    """What became of one cell or row.

    Attributes:
        kind: changed, conflict, added or deleted.
        row: Row in the merged sheet, from 0; of a deleted row in the sheet as it was sent.
        column: Column there; -1 where the whole row is meant.
        used: What stands there now.
        other: What was there before, or what the other side says.
        came_from: Row and column in the sheet that came back.
    """

    kind: str
    row: int
    column: int
    used: Cell
    other: Cell
    came_from: tuple[int, int]


@dataclass(slots=True)
class Merged:
    """A sheet that was merged."""

    rows: list[list[Cell]]
    merges: list[Merge]
    changes: list[CellChange] = field(default_factory=list)


def merge_sheet(sent: Sent, back: Grid, ours: Grid | None, merges: Sequence[Merge]) -> Merged:
    """Merge a sheet that came back.

    Args:
        sent: As it was sent.
        back: As it came back.
        ours: As the ledger has it now; without a ledger what came back is what counts.
        merges: Merged ranges of ``ours``, or without it of ``back``.
    """
    theirs = _placed(sent, back)
    base = Merged([list(row) for row in (back if ours is None else ours)], list(merges))
    if ours is None:
        _say_what_changed(sent, back, theirs, base)
        return base
    here = _placed(sent, ours)
    at = {then: now for now, then in enumerate(here.rows) if then is not None}
    columns = {then: now for now, then in enumerate(here.columns) if then is not None}
    columns |= _added_columns(back, theirs, base)
    shift = _added_rows(back, theirs, base, at, columns)
    for now, then in enumerate(theirs.rows):
        if then is None:
            continue
        if then not in at:  # deleted from the ledger since; what was edited is not lost
            _report_row("conflict", sent, back, now, then, base)
            continue
        if theirs.prints[now] == sent.rows[then] and not theirs.new:
            continue  # as it was sent: most rows
        for column, into in columns.items():
            source = theirs.sources.get(column)
            if source is not None:
                _merge_cell(sent, back, (now, source), (then, column), (shift[at[then]], into), base)
    gone = set(at).difference(then for then in theirs.rows if then is not None)
    for then in sorted(gone):
        if sent.rows[then]:
            row = shift[at[then]]
            first = next((cell for cell in base.rows[row] if cell is not None), None)
            base.changes.append(
                CellChange("deleted", row, -1, sent.places.get(then) or first, None, (-1, -1))
            )
    return base


@dataclass(frozen=True, slots=True)
class _Placed:
    """Which row and column of the sheet as it was sent each one is.

    Attributes:
        rows: For each row, ``None`` for a new one.
        columns: For each column, ``None`` for a new one.
        sources: Column as it was sent -> where it stands here; -1 - n for a new column n.
        prints: Fingerprints of each row, in the columns as they were sent.
    """

    rows: list[int | None]
    columns: list[int | None]
    sources: dict[int, int]
    prints: list[Prints]

    @property
    def new(self) -> list[int]:
        """Columns that were put in."""
        return [at for at, then in enumerate(self.columns) if then is None]


def _placed(sent: Sent, grid: Grid) -> _Placed:
    width = max((len(row) for row in sent.rows), default=0)
    prints = [tuple(map(sent.printer, row)) for row in grid]
    columns = _columns(sent, prints, width)
    sources = {then if then is not None else -1 - at: at for at, then in enumerate(columns)}
    if columns != list(range(len(columns))):
        taken = [sources.get(at, len(columns)) for at in range(width)]
        prints = [tuple(row[at] if at < len(row) else "" for at in taken) for row in prints]
    trimmed = [_trimmed(row[:width]) for row in prints]
    return _Placed(align_rows(sent.rows, trimmed), columns, sources, trimmed)


def _columns(sent: Sent, prints: Sequence[Prints], width: int) -> list[int | None]:
    """The columns by the lowest row of the heading, wherever it stands now."""
    now = max(map(len, prints), default=0)
    if not sent.header_rows or sent.header_rows[-1] >= len(sent.rows):
        return [at if at < width else None for at in range(now)]
    heading = sent.rows[sent.header_rows[-1]]
    wanted = set(filter(None, heading))
    best = max(prints[:_TOP], key=lambda row: len(wanted.intersection(row)), default=())
    full = (*heading, *[""] * (width - len(heading)))
    return align_columns(full, (*best, *[""] * (now - len(best))))


def _trimmed(row: Prints) -> Prints:
    end = len(row)
    while end and not row[end - 1]:
        end -= 1
    return row[:end]


# --------------------------------------------------------------------------------- cells


def _merge_cell(
    sent: Sent,
    back: Grid,
    source: tuple[int, int],
    origin: tuple[int, int],
    into: tuple[int, int],
    base: Merged,
) -> None:
    """Settle one cell: where it came from, where it was sent from, where it goes."""
    theirs = _cell(back, *source)
    target = base.rows[into[0]]
    ours = target[into[1]] if into[1] < len(target) else None
    printed = sent.printer
    if printed(theirs) == printed(ours):
        return
    was = _print(sent, *origin)
    if printed(theirs) == was:
        return  # only the ledger changed it
    if printed(ours) != was:
        base.changes.append(CellChange("conflict", *into, ours, theirs, source))
        return
    target += [None] * (into[1] + 1 - len(target))
    target[into[1]] = theirs
    base.changes.append(CellChange("changed", *into, theirs, ours, source))


def _say_what_changed(sent: Sent, back: Grid, theirs: _Placed, base: Merged) -> None:
    """Without the ledger: what was there before is not known, only that it was something else."""
    for now, then in enumerate(theirs.rows):
        if then is None:
            _report_row("added", sent, back, now, None, base)
            continue
        for source, column in enumerate(theirs.columns):
            cell = _cell(back, now, source)
            if sent.printer(cell) != (_print(sent, then, column) if column is not None else ""):
                base.changes.append(CellChange("changed", now, source, cell, None, (now, source)))
    for then in sorted(set(range(len(sent.rows))).difference(one for one in theirs.rows if one is not None)):
        if sent.rows[then]:
            base.changes.append(CellChange("deleted", then, -1, None, sent.places.get(then), (-1, -1)))


def _report_row(kind: str, sent: Sent, back: Grid, now: int, then: int | None, base: Merged) -> None:
    """List the cells of a row that were changed, or all of a new one."""
    for column, cell in enumerate(back[now]):
        if cell is not None and (then is None or sent.printer(cell) != _print(sent, then, column)):
            used, other = (cell, None) if kind == "added" else (None, cell)
            base.changes.append(CellChange(kind, now, column, used, other, (now, column)))


# ---------------------------------------------------------------------------- what is new


def _added_columns(back: Grid, theirs: _Placed, base: Merged) -> dict[int, int]:
    """Room for the columns that were put in, behind the others: minus its place -> its new place."""
    width = max(map(len, base.rows), default=0)
    said = [at for at in theirs.new if any(_cell(back, row, at) is not None for row in range(len(back)))]
    return {-1 - at: width + number for number, at in enumerate(said)}


def _added_rows(
    back: Grid, theirs: _Placed, base: Merged, at: dict[int, int], columns: dict[int, int]
) -> list[int]:
    """Put new rows behind the row they follow; return where each row of the ledger stands then."""
    new: dict[int, list[int]] = {}
    last = -1
    for now, then in enumerate(theirs.rows):
        if then is not None:
            last = at.get(then, last)
        elif any(cell is not None for cell in back[now]):
            new.setdefault(last, []).append(now)
    rows: list[list[Cell]] = []
    shift: list[int] = []
    places: list[tuple[int, int]] = []  # row that came back, row it is now
    for number in range(-1, len(base.rows)):
        if number >= 0:
            shift.append(len(rows))
            rows.append(base.rows[number])
        for now in new.get(number, ()):
            places.append((now, len(rows)))
            rows.append(_row(back[now], theirs, columns))
    base.rows[:] = rows
    base.merges[:] = [
        (shift[top], left, shift[min(bottom, len(shift) - 1)], right)
        for top, left, bottom, right in base.merges
        if top < len(shift)
    ]
    for now, row in places:
        for column, cell in enumerate(rows[row]):
            if cell is not None:
                base.changes.append(CellChange("added", row, column, cell, None, (now, column)))
    return shift


def _row(cells: Sequence[Cell], theirs: _Placed, columns: dict[int, int]) -> list[Cell]:
    """A row that came back, in the columns of the ledger."""
    found: list[Cell] = [None] * (max(columns.values(), default=-1) + 1)
    for column, into in columns.items():
        source = theirs.sources.get(column)
        if source is not None and source < len(cells):
            found[into] = cells[source]
    return found


def _cell(grid: Grid, row: int, column: int) -> Cell:
    return grid[row][column] if row < len(grid) and column < len(grid[row]) else None


def _print(sent: Sent, row: int, column: int) -> str:
    cells = sent.rows[row] if 0 <= row < len(sent.rows) else ()
    return cells[column] if 0 <= column < len(cells) else ""
