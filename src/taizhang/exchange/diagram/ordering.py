"""Which box stands above which: few crossings, every lane kept together.

Reads from: ``cells``.  Read by: ``layout``.
"""

from __future__ import annotations

from bisect import bisect_right, insort

from taizhang.exchange.diagram.cells import Cell, Cells

__all__ = ["crossings", "improve", "in_order"]

_SWEEPS = 24
_EXCHANGES = 6


def in_order(cells: Cells) -> list[list[Cell]]:
    """Return the columns, each in lanes, as a walk backwards from the goal meets the cells."""
    seen: dict[int, int] = {}

    def visit(cell: Cell) -> None:
        if id(cell) not in seen:
            seen[id(cell)] = len(seen)
            for left, _ in sorted(cell.left, key=lambda pair: pair[1]):
                visit(left)

    for cell in sorted(cells.values(), key=lambda cell: cell.column):
        visit(cell)
    columns: list[list[Cell]] = [[] for _ in range(1 + max((c.column for c in cells.values()), default=-1))]
    for cell in cells.values():
        columns[cell.column].append(cell)
    for column in columns:
        column.sort(key=lambda cell: (cell.lane, seen[id(cell)]))
    return columns


def _ranks(column: list[Cell]) -> dict[int, int]:
    return {id(cell): number for number, cell in enumerate(column)}


def crossings(columns: list[list[Cell]]) -> int:
    """Return how many pairs of links cross, counted column by column."""
    total = 0
    for left in columns[1:]:
        right = columns[left[0].column - 1] if left else []
        ranks = _ranks(right)
        met: list[tuple[int, float]] = []
        for cell in left:
            ends = sorted((ranks[id(user)], port) for user, port in cell.right if id(user) in ranks)
            total += sum(len(met) - bisect_right(met, end) for end in ends)
            for end in ends:
                insort(met, end)
    return total


def _sweep(columns: list[list[Cell]], leftwards: bool) -> None:
    order = range(1, len(columns)) if leftwards else range(len(columns) - 2, -1, -1)
    for number in order:
        fixed = columns[number - 1 if leftwards else number + 1]
        ranks = _ranks(fixed)
        pulls: dict[int, float] = {}
        for rank, cell in enumerate(columns[number]):
            pulls[id(cell)] = _pull(cell, ranks, leftwards, rank)
        columns[number].sort(key=lambda cell: (cell.lane, pulls[id(cell)]))


def _pull(cell: Cell, ranks: dict[int, int], leftwards: bool, rank: int) -> float:
    """Return the mean position of the neighbours on the fixed side, ports counted as fractions."""
    if leftwards:
        found = [
            ranks[id(user)] + port / (user.height + 1.0) for user, port in cell.right if id(user) in ranks
        ]
    else:
        found = [float(ranks[id(need)]) + port / 1e4 for need, port in cell.left if id(need) in ranks]
    return sum(found) / len(found) if found else float(rank)


def _pair_crossings(upper: Cell, lower: Cell, ranks: dict[int, int]) -> int:
    """Return the crossings of two cells' links on both sides, the first standing above."""
    return sum(
        low < top
        for side in ("right", "left")
        for top in _ends(upper, side, ranks)
        for low in _ends(lower, side, ranks)
    )


def _ends(cell: Cell, side: str, ranks: dict[int, int]) -> list[tuple[int, float]]:
    if side == "right":
        return [(ranks[id(user)], port) for user, port in cell.right]
    return [(ranks[id(need)], 0.0) for need, _ in cell.left]


def _exchange(columns: list[list[Cell]]) -> bool:
    """Exchange neighbours of one lane where that removes crossings; tell whether any moved."""
    ranks = {key: rank for column in columns for key, rank in _ranks(column).items()}
    moved = False
    for column in columns:
        for at in range(len(column) - 1):
            upper, lower = column[at], column[at + 1]
            if upper.lane != lower.lane:
                continue
            if _pair_crossings(lower, upper, ranks) < _pair_crossings(upper, lower, ranks):
                column[at], column[at + 1] = lower, upper
                ranks[id(lower)], ranks[id(upper)] = at, at + 1
                moved = True
    return moved


def improve(columns: list[list[Cell]]) -> list[list[Cell]]:
    """Return the columns in the order with the fewest crossings that the sweeps met."""
    best, fewest = [list(column) for column in columns], crossings(columns)
    for number in range(_SWEEPS):
        _sweep(columns, leftwards=number % 2 == 0)
        trial = [list(column) for column in columns]
        for _ in range(_EXCHANGES):
            if not _exchange(trial):
                break
        found = crossings(trial)
        if found < fewest:
            best, fewest = trial, found
    return best
