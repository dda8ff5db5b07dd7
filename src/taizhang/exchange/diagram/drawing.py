"""A placed picture becomes SVG.

Reads from: ``ink``, ``legend``.  Read by: ``svg``.
"""

from __future__ import annotations

from itertools import groupby

from taizhang.exchange.diagram import ink
from taizhang.exchange.diagram.boxes import EDGE, WIDTH, Box, Edge, Line, Picture, Row
from taizhang.exchange.diagram.layout import Layout
from taizhang.exchange.diagram.legend import draw_legend
from taizhang.exchange.diagram.titles import Title
from taizhang.exchange.diagram.wording import level_name

__all__ = ["draw"]

_MARGIN = 36.0
_LANE_BAR = 30.0
_LARGE = 2200.0  #: wider pictures need A2
_WEIGHTS = {"title": "700", "due": "700", "way": "400"}
_FADED = {"foreign", "expired", "refused"}
#: how lines are drawn: width, dashes
_STROKES = {
    "ordinary": (1.3, ""),
    "substitute": (1.3, "7 4"),
    "foreign": (1.2, "1.5 4"),
    "expired": (1.0, "1.5 4"),
    "refused": (1.0, "1.5 4"),
    "chosen": (2.2, ""),
    "chosen_substitute": (2.2, "9 4"),
    "blocked": (1.8, "3 3"),
}
_DRAWN_FIRST = ("foreign", "expired", "refused", "substitute", "ordinary", "blocked", "chosen")


def _line_ink(line: Line, state: str, colour: str) -> str:
    if state in _FADED or state == "pale":
        return "#7D8793"
    if line.role == "title":
        return ink.STATES[state][2] if state in ink.STATES else ink.INK
    return {"way": ink.INK, "note": "#5B6672", "foot": "#45505C", "price": "#7A4A00", "due": colour}[
        line.role
    ]


def _texts(lines: tuple[Line, ...], x: float, top: float, state: str, colour: str) -> list[str]:
    said = []
    for line in lines:
        top += line.height
        fill = _line_ink(line, state, colour)
        weight = _WEIGHTS.get(line.role, "400")
        if line.role == "way" and state in ("chosen", "chosen_substitute"):
            weight = "700"
        said.append(ink.text(x, top - line.size * 0.3, line.text, line.size, fill=fill, weight=weight))
    return said


def _kind(box: Box, x: float, y: float, colour: str) -> str:
    """Return the mark of a decision or a milestone, on the upper edge of the box."""
    at = x + WIDTH - (15 if box.rows else 27)
    if box.kind == "decision":
        return ink.diamond(at, y, 8.5, colour)
    if box.kind == "milestone":
        return ink.circle(at, y, 8.5, ink.PAPER, colour) + ink.flag(at - 2, y, colour)
    return ""


def _row(box: Box, row: Row, x: float, y: float, colour: str, language: str) -> list[str]:
    said = []
    top = y + row.top
    first = row is box.rows[0]
    dashes = {"stroke_dasharray": "4 3"} if row.state in ("substitute", "chosen_substitute") else {}
    if row.state in ("chosen", "chosen_substitute"):
        said.append(ink.rect(x + 5, top + 2, WIDTH - 9, row.height - 4, fill="#DCE9F5", rx=3))
    elif row.state == "lift":
        said.append(
            ink.rect(x + 5, top + 2, WIDTH - 9, row.height - 4, fill="#FFF6D6", stroke="#C99A1B", rx=3)
        )
    elif row.state == "blocked":
        said.append(ink.hatch(x + 5, top + 1, WIDTH - 6, row.height - 2, "#E6CBD2"))
    elif dashes:
        said.append(
            ink.rect(
                x + 9, top + 3, WIDTH - 14, row.height - 6, fill="none", stroke="#A9B3BF", rx=3, **dashes
            )
        )
    if not first:
        said.append(f'<path d="M{ink.number(x + 4)} {ink.number(top)}h{WIDTH - 4:.0f}" stroke="#DDE2E8"/>')
        said.append(ink.circle(x + WIDTH, top, 7.0, ink.PAPER, "#C3CAD3"))
        word = "或" if language == "zh" else "or"
        said.append(ink.text(x + WIDTH, top + 3.1, word, 8.5, fill="#5B6672", anchor="middle"))
    height = sum(line.height for line in row.lines)
    said += _texts(row.lines, x + EDGE, top + (row.height - height) / 2, row.state, colour)
    return said


def _joint(row: Row, x: float, y: float, colour: str) -> str:
    at = y + row.port
    fill = "#A7AFB9" if row.state in _FADED else colour
    if not row.joint:
        return ink.circle(x, at, 4.0, fill, ink.PAPER)
    radius = 8.0 if len(row.joint) == 1 else 10.0
    size = 9.5 if len(row.joint) == 1 else 8.0
    word = ink.text(x, at + size * 0.36, row.joint, size, fill=ink.PAPER, weight="700", anchor="middle")
    return ink.circle(x, at, radius, fill, ink.PAPER) + word


def _frame(box: Box, x: float, y: float, colour: str) -> list[str]:
    state = "critical" if box.critical and box.state == "missing" else box.state
    paper, line, _ = ink.STATES[state]
    if state == "plain":
        line = ink.tint(colour, 0.75)
        paper = ink.PAPER if not box.rows else ink.tint(colour, 0.11)
    wide = "2.4" if box.goal or state in ("missing", "critical") or box.critical else "1.2"
    if not box.rows:
        shape = ink.page(x, y, WIDTH, box.height, 11)
        said = [
            f'<path d="{shape}" fill="{paper}" stroke="{line}" stroke-width="{wide}"'
            ' stroke-linejoin="round"/>'
        ]
        fold = f"M{ink.number(x + WIDTH - 11)} {ink.number(y)}v11h11"
        said.append(f'<path d="{fold}" fill="{ink.tint(line, 0.25)}" stroke="{line}"/>')
    else:
        said = [ink.rect(x, y, WIDTH, box.height, fill=ink.PAPER, stroke=line, stroke_width=wide, rx=6)]
        head = f"M{ink.number(x)} {ink.number(y + box.head_height)}v{ink.number(6 - box.head_height)}"
        head += f"q0 -6 6 -6h{WIDTH - 12:.0f}q6 0 6 6v{ink.number(box.head_height - 6)}z"
        fill = colour if box.goal else paper
        said.append(f'<path d="{head}" fill="{fill}" stroke="{line}" stroke-width="{wide}"/>')
    if state == "blocked":
        said.append(ink.hatch(x + 1, y + 1, WIDTH - 12, box.head_height - 2, "#E2C3CB"))
    said.append(ink.rect(x, y + 5, 4, box.height - 10, fill=colour if state == "plain" else line))
    return said


def _box(box: Box, x: float, y: float, colour: str, language: str) -> str:
    state = "critical" if box.critical and box.state == "missing" else box.state
    line = ink.STATES[state][1] if state != "plain" else colour
    said = [f"<g><title>{ink.words(' '.join(part.text for part in box.head))}</title>"]
    said += _frame(box, x, y, colour)
    texts = _texts(box.head, x + EDGE, y + 6, state, line)
    if box.goal:
        texts = [part.replace(ink.STATES[state][2], ink.PAPER) for part in texts]
    said += texts
    for row in box.rows:
        said += _row(box, row, x, y, line, language)
    said += [_joint(row, x, y, line) for row in box.rows]
    said.append(_kind(box, x, y - 3, line))
    said.append("</g>")
    return "".join(said)


def _links(picture: Picture, layout: Layout, colours: dict[str, str]) -> str:
    levels = {box.id: box.level for box in picture.boxes}
    states = {box.id: box.state for box in picture.boxes}
    critical = {box.id for box in picture.boxes if box.critical}

    def colour_of(edge: Edge) -> str:
        if edge.state in ("foreign", "expired", "refused"):
            return "#A7AFB9"
        if edge.state.startswith("chosen"):
            if edge.source in critical and edge.target in critical:
                return ink.STATES["critical"][1]
            return {"held": "#6FB37A", "blocked": "#7D1F3A"}.get(states[edge.source], "#1F4E79")
        if edge.state == "blocked":
            return "#9C4A62"
        return ink.tint(colours[levels[edge.source]], 0.62)

    drawn: list[tuple[int, str, str, str]] = []
    for edge, route in zip(picture.edges, layout.routes, strict=True):
        key = edge.state.partition("_")[0]
        drawn.append((_DRAWN_FIRST.index(key), edge.state, colour_of(edge), ink.curve(route)))
    drawn.sort(key=lambda part: part[:3])
    said = []
    for (_, state, colour), group in groupby(drawn, key=lambda part: part[:3]):
        wide, dashes = _STROKES[state]
        dash = f' stroke-dasharray="{dashes}"' if dashes else ""
        cap = ' stroke-linecap="round"' if dashes.startswith("1.5") else ""
        paths = "".join(f'<path d="{part[3]}"/>' for part in group)
        said.append(f'<g fill="none" stroke="{colour}" stroke-width="{wide}"{dash}{cap}>{paths}</g>')
    return "".join(said)


def _marks(picture: Picture, layout: Layout, colours: dict[str, str]) -> str:
    """Return 每幢 and its like, once beside every box whose lines carry it."""
    levels = {box.id: box.level for box in picture.boxes}
    said: dict[tuple[float, float, str], str] = {}
    for edge, route in zip(picture.edges, layout.routes, strict=True):
        if edge.mark:
            (x, y), fill = route[0], colours[levels[edge.source]]
            word = ink.text(x + 4, y - 3.5, edge.mark, 8.5, fill=fill)
            halo = '<text paint-order="stroke" stroke="#FFFFFF" stroke-width="3" '
            said[x, y, edge.mark] = word.replace("<text ", halo, 1)
    return "".join(said.values())


def _lanes(picture: Picture, layout: Layout, width: float, colours: dict[str, str], language: str) -> str:
    said = []
    for level, (top, bottom) in zip(picture.levels, layout.lanes, strict=False):
        if bottom <= top:
            continue
        colour = colours[level]
        said.append(ink.rect(0, top + 3, width, bottom - top - 6, fill=ink.tint(colour, 0.055), rx=8))
        said.append(ink.rect(0, top + 3, _LANE_BAR, bottom - top - 6, fill=colour, rx=8))
        name = level_name(level, language)
        middle = (top + bottom) / 2
        if language == "zh":
            start = middle - (len(name) - 1) * 9.5 + 6
            for at, character in enumerate(name):
                turned = {"（": "︵", "）": "︶"}.get(character, character)
                said.append(
                    ink.text(15, start + at * 19, turned, 16, fill=ink.PAPER, weight="700", anchor="middle")
                )
        else:
            word = ink.text(0, 5, name, 15, fill=ink.PAPER, weight="700", anchor="middle")
            said.append(f'<g transform="translate(15 {ink.number(middle)}) rotate(-90)">{word}</g>')
    return "".join(said)


def draw(picture: Picture, layout: Layout, title: Title, language: str) -> str:
    """Return the picture as one SVG document."""
    inner = layout.width + _LANE_BAR + 60
    width = max(inner + 2 * _MARGIN, 900.0)
    head, top = draw_legend(title, width - 2 * _MARGIN, language)
    height = top + layout.height + 2 * _MARGIN + 24
    colours = {level: ink.level_ink(level, at) for at, level in enumerate(picture.levels)}
    body = [_lanes(picture, layout, width - 2 * _MARGIN, colours, language)]
    shift = f'<g transform="translate({ink.number(_LANE_BAR + 30)} 0)">'
    body += [shift, _links(picture, layout, colours)]
    for box in picture.boxes:
        x, y = layout.corners[box.id]
        body.append(_box(box, x, y, colours[box.level], language))
    body += [_marks(picture, layout, colours), "</g>"]
    size = f'width="{ink.number(width)}" height="{ink.number(height)}"'
    if not title.of_plan:  # a poster: A2 across, a small pack A3
        size = 'width="594mm" height="420mm"' if width > _LARGE else 'width="420mm" height="297mm"'
    foot = ink.text(_MARGIN, height - _MARGIN + 10, title.foot, 11, fill="#5B6672")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}'
        f' viewBox="0 0 {ink.number(width)} {ink.number(height)}"'
        f' role="img" aria-label="{ink.words(title.heading)}" font-family="{ink.FONT}">'
        f"<title>{ink.words(title.heading)}</title><desc>{ink.words(title.description)}</desc>"
        + ink.rect(0, 0, width, height, fill=ink.PAPER)
        + f'<g transform="translate({ink.number(_MARGIN)} {ink.number(_MARGIN)})">{head}</g>'
        + f'<g transform="translate({ink.number(_MARGIN)} {ink.number(_MARGIN + top)})">{"".join(body)}</g>'
        + foot
        + "</svg>\n"
    )
