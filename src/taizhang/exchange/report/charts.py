"""Small charts as SVG: bars with their numbers, and one bar of shares.

Reads from: ``diagram.ink`` and ``diagram.measure``.  Read by: ``html``.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from markupsafe import Markup

from taizhang.exchange.diagram import ink
from taizhang.exchange.diagram.measure import clip

__all__ = ["STATUS_INK", "bars", "shares"]

#: colours of proved, open, depends and blocked
STATUS_INK = ("#3C8D4A", "#2F75B5", "#D9A013", "#B3402E")

_WIDTH = 440.0
_LABEL = 160.0
_ROW = 25.0


def _start(width: float, height: float, title: str) -> str:
    size = f'viewBox="0 0 {ink.number(width)} {ink.number(height)}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(title)}"'
        f' font-family="{ink.FONT}"><title>{escape(title)}</title>'
    )


def bars(title: str, rows: Sequence[tuple[str, int]], colour: str = "#2F75B5") -> Markup:
    """Return horizontal bars, each with its number; the longest fills the width."""
    most = max((count for _, count in rows), default=0) or 1
    room = _WIDTH - _LABEL - 70
    said = [_start(_WIDTH, _ROW * len(rows) + 4, title)]
    for number, (name, count) in enumerate(rows):
        y = number * _ROW + 4
        long = max(2.0, room * count / most) if count else 0.0
        short = clip(name, 12.5, _LABEL - 12)
        said.append(ink.text(_LABEL - 8, y + 14, short, 12.5, anchor="end"))
        said.append(ink.rect(_LABEL, y + 2, long, 16, fill=colour, rx=2))
        said.append(ink.text(_LABEL + long + 6, y + 14.5, f"{count:,}", 12.5, fill="#3A4653"))
    said.append(f'<path d="M{ink.number(_LABEL)} 2v{ink.number(_ROW * len(rows))}" stroke="#8995A3"/></svg>')
    return Markup("".join(said))  # every text in it went through ``escape``


def shares(title: str, rows: Sequence[tuple[str, int, str]]) -> Markup:
    """Return one bar cut into shares, with a legend of names and numbers below."""
    total = sum(count for _, count, _ in rows) or 1
    said = [_start(_WIDTH, 40 + 22 * ((len(rows) + 1) // 2), title)]
    x = 0.0
    for _, count, colour in rows:
        wide = _WIDTH * count / total
        if wide:
            said.append(ink.rect(x, 2, wide, 26, fill=colour))
            x += wide
    for number, (name, count, colour) in enumerate(rows):
        at, y = number % 2 * _WIDTH / 2, 40 + number // 2 * 22
        share = f"{100 * count / total:.1f}%"
        said.append(ink.rect(at, y, 11, 11, fill=colour, rx=2))
        said.append(ink.text(at + 16, y + 10, f"{name} {count:,}（{share}）", 12))
    return Markup("".join([*said, "</svg>"]))
