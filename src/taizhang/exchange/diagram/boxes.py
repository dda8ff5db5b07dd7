"""The boxes of a picture: what is written in each, how high it becomes, what it needs.

A box is a node or a paper.  A node's box has one row for every way, because any one of
them is enough; the lines that end at a row's joint are what that way needs together.

Reads from: ``measure`` and ``wording``.  Read by: ``whole``, ``chosen`` and ``svg``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from taizhang.exchange.diagram.measure import text_width, wrap
from taizhang.rules.terms import AtLeast, Each, Need, Pack, Ref, Share, Way

__all__ = [
    "EDGE",
    "WIDTH",
    "Box",
    "Edge",
    "Line",
    "Picture",
    "Row",
    "box_of",
    "foot_of",
    "joint_of",
    "lines_of",
    "mark_of",
    "need_names",
    "row_of",
]

WIDTH = 178.0  #: of every box
EDGE = 13.0  #: white at the left and right inside a box
_SIZES = {"title": 12.5, "way": 11.0, "note": 9.5, "foot": 9.5, "price": 9.5, "due": 10.5}
_LEADING = 1.32


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text: its role gives size, weight and colour."""

    text: str
    role: str  #: title, way, note, foot, price or due

    @property
    def size(self) -> float:
        """Size of the letters in pixels."""
        return _SIZES[self.role]

    @property
    def height(self) -> float:
        """Height of the line in pixels."""
        return self.size * _LEADING


@dataclass(frozen=True, slots=True)
class Row:
    """One way of a node."""

    way: str
    lines: tuple[Line, ...]
    state: str  #: ordinary, substitute, foreign, expired; in a plan chosen, refused or blocked
    joint: str  #: what stands in the joint: 且 for all, a number for so many of them, or nothing
    top: float  #: from the top of the box
    height: float

    @property
    def port(self) -> float:
        """Where its needs arrive, from the top of the box."""
        return self.top + self.height / 2


@dataclass(frozen=True, slots=True)
class Box:
    """A node or a paper."""

    id: str
    kind: str  #: evidence, decision or milestone
    level: str
    state: str  #: plain; in a plan route, held, missing, blocked or pale
    head: tuple[Line, ...]
    rows: tuple[Row, ...]
    head_height: float
    height: float
    critical: bool = False
    goal: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """What a way needs: a line from the box of the need to the row of the way."""

    source: str
    target: str
    row: int
    state: str  #: as of the row
    mark: str = ""  #: 每幢, ≥2/3 户 …


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything to be drawn, before it has a place."""

    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    levels: tuple[str, ...]  #: lanes from top to bottom


def lines_of(text: str, role: str, most: int = 3) -> tuple[Line, ...]:
    """Return a text broken into lines of one role; a title leaves room for the mark at its right."""
    room = WIDTH - 2 * EDGE - (8.0 if role == "title" else 0.0)
    return tuple(Line(part, role) for part in wrap(text, _SIZES[role], room, most)) if text else ()


def foot_of(parts: tuple[str, ...]) -> tuple[Line, ...]:
    """Return who and how long on one line, or one below the other where that is too narrow."""
    said = [part for part in parts if part]
    joined = " · ".join(said)
    if text_width(joined, _SIZES["foot"]) <= WIDTH - 2 * EDGE:
        return lines_of(joined, "foot")
    return tuple(line for part in said for line in lines_of(part, "foot"))


def row_of(way: str, lines: tuple[Line, ...], state: str, joint: str, top: float) -> Row:
    """Return a row as high as its lines, and never too low for its joint."""
    return Row(way, lines, state, joint, top, max(20.0, sum(line.height for line in lines) + 9.0))


def box_of(
    name: str,
    pack: Pack,
    head: tuple[Line, ...],
    rows: list[tuple[str, tuple[Line, ...], str, str]],
    *,
    state: str = "plain",
    critical: bool = False,
) -> Box:
    """Return a box with its rows piled under its head.

    Args:
        name: Node or paper.
        pack: Where its kind and level stand.
        head: Lines of the head.
        rows: Way, lines, state and joint of each row.
        state: See :class:`Box`.
        critical: Whether the last date hangs on it.
    """
    head_height = sum(line.height for line in head) + 14.0
    placed: list[Row] = []
    top = head_height
    for way, lines, row_state, joint in rows:
        placed.append(row_of(way, lines, row_state, joint, top))
        top += placed[-1].height
    kind = (pack.nodes[name] if name in pack.nodes else pack.evidence[name]).kind
    goal = name == pack.goal
    return Box(name, kind, pack.level_of(name), state, head, tuple(placed), head_height, top, critical, goal)


def need_names(way: Way) -> Iterator[tuple[str, Need]]:
    """Yield every node or paper a way names, with the need it stands in."""
    for need in way.needs:
        if isinstance(need, AtLeast):
            yield from ((name, need) for name in need.of)
        else:
            yield need.ref, need


def joint_of(way: Way, language: str) -> str:
    """Return what stands in a way's joint: nothing for a single need."""
    counts = [need for need in way.needs if isinstance(need, AtLeast)]
    if len(way.needs) == 1 and counts:
        return f"{counts[0].k}/{len(counts[0].of)}"
    return ("且" if language == "zh" else "&") if len(way.needs) > 1 else ""


def mark_of(need: Need, language: str, levels: dict[str, str]) -> str:
    """Return the mark on a line: how many places of a finer level a need asks for."""
    zh = language == "zh"
    match need:
        case Each(level=level):
            return f"每{levels.get(level, '')}" if zh else f"each {levels.get(level, '')}"
        case Share(level=level, at_least=share):
            return f"≥{share} {levels.get(level, '')}"
        case AtLeast(k=k, of=of):
            return f"{len(of)} 选 {k}" if zh else f"{k} of {len(of)}"
        case Ref():
            return ""
