"""Where the boxes of a layered graph stand, and how their links run between them.

A layout of our own, in four steps after Sugiyama, Tagawa and Toda (1981): a column for
every box by the longest path from the goal; bends where a link passes a column; the order
inside a column by sweeps of barycentres and by exchanging neighbours; heights by least
squares under that order.  No library with a free licence that we looked at does the two
things this picture lives by, boxes that stay in the lane of their level and links that end
at the row of the one way they serve: ``grandalf`` is GPL or EPL, ``networkx`` only piles
columns up, ``graphlay`` and ``fast-sugiyama`` are young compiled parts without lanes.

Links bend only between columns and cross a column only where nothing stands, so none
runs through a box.  Equal input gives equal output: nothing is random.

Reads from: ``cells``, ``ordering``, ``heights``.  Read by: ``svg``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from taizhang.exchange.diagram.cells import Item, Link, Spacing, columns_of, make_cells, spread
from taizhang.exchange.diagram.heights import settle
from taizhang.exchange.diagram.ordering import crossings, improve, in_order

__all__ = ["Item", "Layout", "Link", "Spacing", "arrange"]

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything is; the origin is the top left of the first lane."""

    corners: dict[str, Point]  #: top left of each box
    columns: dict[str, int]  #: 0 is the goal's
    routes: tuple[tuple[Point, ...], ...]  #: for each link: its start, bends and end
    lanes: tuple[tuple[float, float], ...]  #: top and bottom of each lane
    width: float
    height: float
    crossings: int


def arrange(items: Sequence[Item], links: Sequence[Link], spacing: Spacing | None = None) -> Layout:
    """Place boxes of equal width in columns, the goal at the right.

    Args:
        items: Boxes; their order decides where nothing else does.
        links: Lines between them; they should not close a ring.
        spacing: The white between things.

    Cost:
        About ``sweeps x links``; a pack of 160 boxes takes about a second.
    """
    spacing = spacing or Spacing()
    where = columns_of(items, links)
    spread(items, links, where, spacing)
    cells = make_cells(items, links, where, spacing)
    columns = improve(in_order(cells))
    lanes = settle(columns, 1 + max((item.lane for item in items), default=0), spacing)
    width = max((item.width for item in items), default=0.0)
    left = [(len(columns) - 1 - column) * (width + spacing.column) for column in range(len(columns))]

    def route(link: Link) -> tuple[Point, ...]:
        start, end = where[link.source], where[link.target]
        first, last = cells[link.source, start], cells[link.target, end]
        points = [(left[start] + width, first.y + first.exit)]
        for column in range(start - 1, end, -1):
            bend = cells[link.source, column]
            height = bend.y + bend.exit
            points += [(left[column], height), (left[column] + width, height)]
        return (*points, (left[end], last.y + link.port))

    return Layout(
        {item.id: (left[where[item.id]], cells[item.id, where[item.id]].y) for item in items},
        where,
        tuple(route(link) for link in links),
        lanes,
        left[0] + width if left else 0.0,
        lanes[-1][1] if lanes else 0.0,
        crossings(columns),
    )
