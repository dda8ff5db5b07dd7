"""The route diagram as SVG: of a pack, to hang on a wall, or of one estate's plan.

No script, no reference to anything outside, the same bytes for the same input.

Reads from: ``layout``, ``whole``, ``chosen``, ``drawing``.  Read by: the report and the command line.
"""

from __future__ import annotations

from taizhang.exchange.diagram.boxes import WIDTH, Picture
from taizhang.exchange.diagram.chosen import chosen_picture
from taizhang.exchange.diagram.drawing import draw
from taizhang.exchange.diagram.layout import Item, Layout, Link, Spacing, arrange
from taizhang.exchange.diagram.titles import plan_title, whole_title
from taizhang.exchange.diagram.whole import whole_picture
from taizhang.rules.terms import EstatePlan, Pack

__all__ = ["place", "route_diagram"]

_SHEET_SHAPE = 2**0.5  #: width to height of A2 and A3 laid across
_AROUND = 200.0  #: margins, heading and legend, roughly
_WIDEST = 60.0  #: more white than this between columns tears the picture apart


def place(picture: Picture, spacing: Spacing | None = None) -> Layout:
    """Return where the boxes of a picture stand."""
    lanes = {level: number for number, level in enumerate(picture.levels)}
    items = [Item(box.id, WIDTH, box.height, lanes[box.level], box.head_height / 2) for box in picture.boxes]
    rows = {box.id: box.rows for box in picture.boxes}
    links = [Link(edge.source, edge.target, rows[edge.target][edge.row].port) for edge in picture.edges]
    return arrange(items, links, spacing)


def _poster(picture: Picture) -> Layout:
    """Return the layout of a whole pack, its columns drawn apart until it has the shape of a sheet."""
    layout = place(picture)
    gaps = max(layout.columns.values(), default=0)
    missing = _SHEET_SHAPE * (layout.height + _AROUND) - (layout.width + _AROUND)
    if missing <= 0 or not gaps:
        return layout
    wide = Spacing().column + min(_WIDEST, missing / gaps)
    return place(picture, Spacing(column=wide))


def route_diagram(
    pack: Pack,
    *,
    plan: EstatePlan | None = None,
    language: str = "zh",
    working: frozenset[str] = frozenset(),
) -> str:
    """Return the AND/OR graph of a pack as one SVG document.

    Args:
        pack: The law of the day.
        plan: An estate's plan; then only its route is drawn, with what is held, missing and
            blocked, and with the price of every way that was not chosen.
        language: ``zh`` or ``en``.
        working: Missing papers that somebody is at work on.
    """
    if plan is None:
        picture = whole_picture(pack, language)
        return draw(picture, _poster(picture), whole_title(pack, picture, language), language)
    picture = chosen_picture(pack, plan, language, working)
    title = plan_title(pack, plan, language, working=bool(working))
    return draw(picture, place(picture, Spacing(column=56.0)), title, language)
