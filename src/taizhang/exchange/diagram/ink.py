"""Colours and the smallest shapes of a picture, as SVG text with presentation attributes only.

There are no style sheets and no identifiers, so a picture can stand in a page with a strict
content policy, and many can stand in one page.

Reads from: nothing.  Read by: ``drawing`` and ``legend``.
"""

from __future__ import annotations

from html import escape
from itertools import pairwise

__all__ = [
    "FONT", "INK", "LINE", "PAPER", "STATES", "circle", "curve", "diamond", "flag", "hatch", "level_ink",
    "number", "page", "rect", "text", "tint", "words",
]  # fmt: skip

FONT = "'Noto Sans CJK SC','Noto Sans SC','Microsoft YaHei','PingFang SC','SimHei',sans-serif"
INK = "#1D2733"
PAPER = "#FFFFFF"
LINE = "#B4BDC8"

_SPACES = "\t\u00a0\u3000"

_LEVELS = {
    "city": "#6A4C93",
    "county": "#3E5AA6",
    "estate": "#1F6F9F",
    "building": "#1B7F6B",
    "unit": "#A85B12",
}
_MORE = ("#6B7280", "#8C3B5E", "#4D6B1F")

#: paper, line and ink of each state of a box
STATES: dict[str, tuple[str, str, str]] = {
    "plain": (PAPER, "#8995A3", INK),
    "route": ("#F1F6FB", "#1F4E79", "#12324F"),
    "held": ("#E5F3E6", "#3C8D4A", "#1F5A2C"),
    "missing": ("#FFF0DF", "#D9730D", "#7A3B00"),
    "working": ("#E6F0FB", "#2F6FB5", "#123F70"),
    "critical": ("#FDE7E4", "#C0281C", "#7E150D"),
    "blocked": ("#F7E9EC", "#7D1F3A", "#5C1329"),
    "pale": ("#FAFAFA", "#C9CFD6", "#8A939E"),
}


def level_ink(level: str, number_: int = 0) -> str:
    """Return the colour of a level."""
    return _LEVELS.get(level, _MORE[number_ % len(_MORE)])


def tint(colour: str, share: float) -> str:
    """Return a colour mixed with white.

    >>> tint("#000000", 0.2)
    '#CCCCCC'
    """
    parts = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - part) * share):02X}" for part in parts)


def number(value: float) -> str:
    """Return a coordinate with at most one decimal.

    >>> number(12.0), number(0.25)
    ('12', '0.2')
    """
    said = f"{value:.1f}"
    return said.removesuffix(".0") if said != "-0.0" else "0"


def words(said: str) -> str:
    r"""Return a text as it may stand in XML: escaped, and without what XML cannot hold.

    >>> words("a\x00<b>")
    'a&lt;b&gt;'
    """
    return escape("".join(one for one in said if one.isprintable() or one in _SPACES))


def text(  # noqa: PLR0913 (a text is a place, its words and how they look)
    x: float,
    y: float,
    said: str,
    size: float,
    *,
    fill: str = INK,
    weight: str = "400",
    anchor: str = "start",
) -> str:
    """Return one line of text whose baseline is at ``y``."""
    more = f' font-weight="{weight}"' if weight != "400" else ""
    more += f' text-anchor="{anchor}"' if anchor != "start" else ""
    place = f'x="{number(x)}" y="{number(y)}" font-size="{number(size)}"'
    return f'<text {place} fill="{fill}"{more}>{words(said)}</text>'


def rect(
    x: float, y: float, width: float, height: float, *, fill: str, stroke: str = "none", **more: object
) -> str:
    """Return a rectangle; underscores in further attributes become hyphens."""
    rest = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in more.items())
    return (
        f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
        f' fill="{fill}" stroke="{stroke}"{rest}/>'
    )


def circle(x: float, y: float, radius: float, fill: str, stroke: str = "none") -> str:
    """Return a disc."""
    place = f'cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"'
    return f'<circle {place} fill="{fill}" stroke="{stroke}"/>'


def diamond(x: float, y: float, half: float, fill: str, stroke: str = PAPER) -> str:
    """Return a square on its corner."""
    corners = ((x, y - half), (x + half, y), (x, y + half), (x - half, y))
    points = " ".join(f"{number(a)},{number(b)}" for a, b in corners)
    return f'<polygon points="{points}" fill="{fill}" stroke="{stroke}"/>'


def flag(x: float, y: float, colour: str) -> str:
    """Return a small flag on a pole: a milestone."""
    return (
        f'<path d="M{number(x)} {number(y - 6)}v12M{number(x)} {number(y - 6)}h8l-2 3l2 3h-8"'
        f' fill="{colour}" stroke="{colour}" stroke-linejoin="round"/>'
    )


def page(x: float, y: float, width: float, height: float, fold: float) -> str:
    """Return the outline of a sheet whose top right corner is turned down."""
    return (
        f"M{number(x)} {number(y)}h{number(width - fold)}l{number(fold)} {number(fold)}"
        f"v{number(height - fold)}h{number(-width)}z"
    )


def hatch(x: float, y: float, width: float, height: float, colour: str, step: float = 9.0) -> str:
    """Return slanting lines that fill a rectangle: something is blocked."""
    lines = []
    at = step
    while at < width + height:
        start = (x + max(0.0, at - height), y + min(at, height))
        end = (x + min(at, width), y + max(0.0, at - width))
        lines.append(f"M{number(start[0])} {number(start[1])}L{number(end[0])} {number(end[1])}")
        at += step
    return f'<path d="{"".join(lines)}" stroke="{colour}" stroke-width="1" fill="none"/>'


def curve(points: tuple[tuple[float, float], ...]) -> str:
    """Return the path of a link: level through columns, an S between them."""
    said = [f"M{number(points[0][0])} {number(points[0][1])}"]
    for turn, ((x0, y0), (x1, y1)) in enumerate(pairwise(points)):
        if turn % 2:
            said.append(f"L{number(x1)} {number(y1)}")
            continue
        half = (x1 - x0) / 2
        said.append(
            f"C{number(x0 + half)} {number(y0)} {number(x1 - half)} {number(y1)} {number(x1)} {number(y1)}"
        )
    return "".join(said)
