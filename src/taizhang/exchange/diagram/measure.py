"""How wide a text will be, and where to break it, without asking a browser.

Chinese characters and full-width punctuation are one em wide, everything else is taken
at its usual share of an em; the sum is a little generous, so that text stays in its box.

Reads from: the standard library's ``unicodedata``.  Read by: ``boxes`` and ``svg``.
"""

from __future__ import annotations

from unicodedata import combining, east_asian_width

__all__ = ["clip", "text_width", "wrap"]

_NARROW = frozenset("iljtfrI.,:;'|!()[]{} -·")
_NO_END = frozenset("（《「『【〔([{“‘")
_NO_START = frozenset("，。、；：！？）》」』】〕”’％%)]},.;:!?·…")


def _ems(character: str) -> float:
    if combining(character):
        return 0.0
    if east_asian_width(character) in "WFA":
        return 1.0
    if character in _NARROW:
        return 0.36
    return 0.68 if character.isupper() else 0.58


def text_width(text: str, size: float) -> float:
    """Return the width of one line in pixels.

    >>> text_width("台账", 12.0)
    24.0
    """
    return sum(map(_ems, text)) * size


def clip(text: str, size: float, limit: float) -> str:
    """Return the text, cut with an ellipsis where it is wider than ``limit``.

    >>> clip("国有建设用地划拨决定书", 10.0, 60.0)
    '国有建设用…'
    """
    if text_width(text, size) <= limit:
        return text
    kept = text
    while kept and text_width(kept + "…", size) > limit:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def _pieces(text: str) -> list[str]:
    """Cut into parts that may begin a line: a Chinese character, or a run of others."""
    pieces: list[str] = []
    for character in text:
        wide = east_asian_width(character) in "WFA"
        glued = bool(pieces) and (
            character in _NO_START
            or pieces[-1][-1] in _NO_END
            or (
                not wide
                and not character.isspace()
                and not pieces[-1][-1].isspace()
                and east_asian_width(pieces[-1][-1]) not in "WFA"
            )
        )
        if glued:
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def _break(pieces: list[str], size: float, limit: float, most: int) -> list[str]:
    lines: list[str] = []
    line = ""
    for number, piece in enumerate(pieces):
        if not line or text_width(line + piece, size) <= limit:
            line += piece
            continue
        if len(lines) == most - 1:
            line += "".join(pieces[number:])
            break
        lines.append(line.rstrip())
        line = piece.lstrip()
    return [part for part in (*lines, line.rstrip()) if part]


def wrap(text: str, size: float, limit: float, most: int = 2) -> tuple[str, ...]:
    """Break a text into at most ``most`` lines; what does not fit ends in an ellipsis.

    No line begins with closing punctuation, words of letters stay whole where they can, and
    a last line of one or two characters is avoided by making the lines before it shorter.

    >>> wrap("建设工程规划许可证及附图", 10.0, 70.0)
    ('建设工程规划许', '可证及附图')
    >>> wrap("建设工程规划许可证件", 10.0, 90.0)
    ('建设工程规划许', '可证件')
    """
    pieces = _pieces(" ".join(text.split()))
    best = _break(pieces, size, limit, most)
    room = limit
    while len(best) > 1 and text_width(best[-1], size) < 2.5 * size and room > limit / 2:
        room -= size / 2
        trial = _break(pieces, size, room, most)
        if len(trial) != len(best) or text_width(trial[-1], size) > limit:
            break
        best = trial
    return tuple(clip(line, size, limit) for line in best)
