"""How high every box stands: as level with its neighbours as order and lanes allow.

Reads from: ``cells``.  Read by: ``layout``.
"""

from __future__ import annotations

from taizhang.exchange.diagram.cells import Cell, Spacing

__all__ = ["settle"]

_ROUNDS = 40


def _gap(upper: Cell, lower: Cell, spacing: Spacing) -> float:
    return spacing.box if upper.box or lower.box else 0.0


def _stack(cells: list[Cell], spacing: Spacing) -> list[float]:
    """Return the tops of cells piled up without slack, and the total height as the last entry."""
    tops, at = [], 0.0
    for number, cell in enumerate(cells):
        if number:
            at += _gap(cells[number - 1], cell, spacing)
        tops.append(at)
        at += cell.height
    return [*tops, at]


def _level(wanted: list[float], weights: list[float]) -> list[float]:
    """Return the non-decreasing numbers nearest to ``wanted`` (pool adjacent violators)."""
    blocks: list[list[float]] = []  # mean, weight, count
    for value, weight in zip(wanted, weights, strict=True):
        blocks.append([value, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, total, count = blocks.pop()
            joined = blocks[-1][1] + total
            blocks[-1][0] = (blocks[-1][0] * blocks[-1][1] + mean * total) / joined
            blocks[-1][1] = joined
            blocks[-1][2] += count
    return [mean for mean, _, count in blocks for _ in range(int(count))]


def _wish(cell: Cell, side: str) -> tuple[float, float]:
    """Return where a cell would like its top, and how strongly."""
    if side == "right":
        found = [(user.y + port - cell.exit, user.box) for user, port in cell.right]
    else:
        found = [(need.y + need.exit - port, need.box) for need, port in cell.left]
    if not found:
        return cell.y, 0.05
    weight = 1.0 if cell.box else 6.0
    straight = [top for top, box in found if not box]
    chosen = straight if straight and not cell.box else [top for top, _ in found]
    return sum(chosen) / len(chosen), weight


def _place(cells: list[Cell], side: str, lane: tuple[float, float], spacing: Spacing) -> None:
    offsets = _stack(cells, spacing)
    wishes = [_wish(cell, side) for cell in cells]
    free = _level(
        [top - offset for (top, _), offset in zip(wishes, offsets, strict=False)],
        [weight for _, weight in wishes],
    )
    slack = lane[1] - offsets[-1]
    for cell, start, offset in zip(cells, free, offsets, strict=False):
        cell.y = min(max(start, lane[0]), slack) + offset


def settle(columns: list[list[Cell]], lanes: int, spacing: Spacing) -> tuple[tuple[float, float], ...]:
    """Set ``y`` of every cell; return the top and bottom of each lane.

    A lane is as high as its fullest column; a lane without a box has no height.
    """
    groups = [[[cell for cell in column if cell.lane == lane] for column in columns] for lane in range(lanes)]
    spans: list[tuple[float, float]] = []
    at = 0.0
    for lane in groups:
        tallest = max((_stack(cells, spacing)[-1] for cells in lane if cells), default=0.0)
        pad = spacing.lane if tallest else 0.0
        spans.append((at, at + tallest + 2 * pad))
        at = spans[-1][1]
    inner = [(top + spacing.lane, bottom - spacing.lane) for top, bottom in spans]
    for lane, span in zip(groups, inner, strict=True):
        for cells in lane:
            for cell, top in zip(cells, _stack(cells, spacing), strict=False):
                cell.y = span[0] + top
    for number in range(_ROUNDS):
        leftwards = number % 2 == 0
        order = range(len(columns)) if leftwards else range(len(columns) - 1, -1, -1)
        for column in order:
            for lane, span in zip(groups, inner, strict=True):
                if lane[column]:
                    _place(lane[column], "right" if leftwards else "left", span, spacing)
    return tuple(spans)
