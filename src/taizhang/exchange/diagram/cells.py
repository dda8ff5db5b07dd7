"""Boxes, links and bends of a layered graph, and the column each belongs to.

Reads from: nothing.  Read by: ``ordering``, ``heights`` and ``layout``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

__all__ = ["Cell", "Cells", "Item", "Link", "Spacing", "columns_of", "make_cells", "spread"]


@dataclass(frozen=True, slots=True)
class Item:
    """A box to be placed; lanes count from 0 at the top."""

    id: str
    width: float
    height: float
    lane: int = 0
    exit: float = 0.0  #: where its links leave, from its top


@dataclass(frozen=True, slots=True)
class Link:
    """A line from ``source``, which is needed, to a port of ``target``, which needs it."""

    source: str
    target: str
    port: float  #: where it arrives, from the top of ``target``


@dataclass(frozen=True, slots=True)
class Spacing:
    """The white between things, in pixels."""

    column: float = 64.0
    box: float = 12.0
    bend: float = 8.0
    lane: float = 20.0


_FULL = 1.7  #: how much fuller than the mean a column may be

_FAR = 3  #: columns by which a box may stand further away than it must


@dataclass(slots=True, eq=False)
class Cell:
    """A box or a bend in its column, while the layout is being made."""

    name: tuple[str, int]
    column: int
    lane: int
    height: float
    exit: float
    box: bool
    right: list[tuple[Cell, float]] = field(default_factory=list)  #: what it leads to, at which port
    left: list[tuple[Cell, float]] = field(default_factory=list)  #: what leads to it, at which port
    y: float = 0.0


Cells: TypeAlias = dict[tuple[str, int], Cell]


def columns_of(items: Sequence[Item], links: Sequence[Link]) -> dict[str, int]:
    """Give every box the length of its longest path to a box that nothing needs."""
    users: dict[str, list[str]] = defaultdict(list)
    for link in links:
        users[link.source].append(link.target)
    found: dict[str, int] = {}
    path: set[str] = set()

    def visit(name: str) -> int:
        if name not in found:
            path.add(name)
            ahead = [visit(user) for user in users[name] if user not in path]
            path.discard(name)
            found[name] = 1 + max(ahead, default=-1)
        return found[name]

    for item in items:
        visit(item.id)
    return found


def _moved(name: str, columns: dict[str, int], needs: dict[str, list[str]]) -> dict[str, int]:
    """Return the new columns of everything that must move where ``name`` moves away by one."""
    moved: dict[str, int] = {}
    waiting = [(name, columns[name] + 1)]
    while waiting:
        one, column = waiting.pop()
        if moved.get(one, columns[one]) < column:
            moved[one] = column
            waiting += [(need, column + 1) for need in needs[one]]
    return moved


def spread(items: Sequence[Item], links: Sequence[Link], columns: dict[str, int], spacing: Spacing) -> None:
    """Move boxes of overfull columns further from the goal, lane by lane, in place.

    What a box needs moves with it where it must; no move makes the picture wider.
    """
    needs: dict[str, list[str]] = defaultdict(list)
    for link in links:
        needs[link.target].append(link.source)
    last = max(columns.values(), default=0)
    natural = dict(columns)
    tall = {item.id: item.height + spacing.box for item in items}
    lanes: dict[int, list[str]] = defaultdict(list)
    for item in items:
        lanes[item.lane].append(item.id)
    limits = {}
    for lane, names in lanes.items():
        reach = 1 + max(columns[name] for name in names) - min(columns[name] for name in names)
        heights = [tall[name] for name in names]
        limits[lane] = max(*heights, _FULL * sum(heights) / reach)
    for column in range(last):
        for lane in sorted(lanes):
            pile = [name for name in lanes[lane] if columns[name] == column]
            pile.sort(key=lambda name: (len(needs[name]) > 0, len(_moved(name, columns, needs))))
            while pile and sum(tall[name] for name in lanes[lane] if columns[name] == column) > limits[lane]:
                moved = _moved(pile.pop(0), columns, needs)
                near = all(at <= last and at - natural[one] <= _FAR for one, at in moved.items())
                if near:
                    columns.update(moved)


def make_cells(
    items: Sequence[Item], links: Sequence[Link], columns: dict[str, int], spacing: Spacing
) -> Cells:
    """Return boxes and bends, joined; all links of one box share its bends."""
    cells: Cells = {}
    for item in items:
        name = (item.id, columns[item.id])
        cells[name] = Cell(name, name[1], item.lane, item.height, item.exit, True)
    for link in links:
        start, end = columns[link.source], columns[link.target]
        before = cells[link.source, start]
        for column in range(start - 1, end, -1):
            name = (link.source, column)
            if name not in cells:
                cells[name] = Cell(name, column, before.lane, spacing.bend, spacing.bend / 2, False)
                _join(before, cells[name], spacing.bend / 2)
            before = cells[name]
        if start > end:
            _join(before, cells[link.target, end], link.port)
    return cells


def _join(left: Cell, right: Cell, port: float) -> None:
    if all(cell is not right or at != port for cell, at in left.right):
        left.right.append((right, port))
        right.left.append((left, port))
