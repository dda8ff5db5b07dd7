"""The timeline of an estate: gaps and steps over working days, with dates.

Reads from: ``rows``, ``diagram``.  Read by: ``estate``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from markupsafe import Markup

from taizhang.exchange.diagram import ink
from taizhang.exchange.diagram.measure import clip
from taizhang.exchange.report.rows import GapRow, StepRow
from taizhang.rules.terms import EstatePlan

__all__ = ["timeline"]

_WIDTH = 1060.0
_LABEL = 330.0
_AFTER = 120.0  #: room for the date behind the last bar
_ROW = 21.0
_HEAD = 34.0
_TICK = 72.0  #: white between two ticks

_GAP = "#E59A4C"
_STEP = "#6C9CC8"
_CRITICAL = "#C0281C"


@dataclass(frozen=True, slots=True)
class _Bar:
    name: str
    start: int
    end: int
    slack: int
    critical: bool
    step: bool
    until: str


def _bars(gaps: Sequence[GapRow], steps: Sequence[StepRow]) -> list[_Bar]:
    found = [_Bar(gap.item, gap.start, gap.end, gap.slack, gap.critical, False, gap.due) for gap in gaps]
    found += [
        _Bar(step.node, step.start, step.end, step.slack, step.critical, True, step.until) for step in steps
    ]
    return sorted(found, key=lambda bar: (bar.start, bar.end, bar.step, bar.name))


def _ticks(plan: EstatePlan, last: int, scale: float) -> list[tuple[int, date | None]]:
    """Return the offsets that get a tick: those whose date is known, not too close together."""
    known = {0: plan.start, **dict(plan.due)}
    chosen: list[tuple[int, date | None]] = []
    for offset in sorted(known):
        fits = not chosen or (offset - chosen[-1][0]) * scale >= _TICK
        if offset <= last and fits:
            chosen.append((offset, known[offset]))
    return chosen


def _grid(plan: EstatePlan, last: int, scale: float, height: float, language: str) -> list[str]:
    said = []
    for offset, day in _ticks(plan, last, scale):
        x = _LABEL + offset * scale
        word = f"第{offset}日" if language == "zh" else f"day {offset}"
        said.append(f'<path d="M{ink.number(x)} {_HEAD:.0f}V{ink.number(height)}" stroke="#E1E6EC"/>')
        said.append(ink.text(x, 14, word, 11, fill="#5B6672", anchor="middle"))
        said.append(ink.text(x, 27, day.isoformat() if day else "—", 10.5, fill="#5B6672", anchor="middle"))
    return said


def _bar(bar: _Bar, y: float, scale: float) -> list[str]:
    x = _LABEL + bar.start * scale
    long = max(3.0, (bar.end - bar.start) * scale)
    colour = _CRITICAL if bar.critical else _STEP if bar.step else _GAP
    weight = "700" if bar.critical else "400"
    said = [ink.text(_LABEL - 10, y + 14, clip(bar.name, 12, _LABEL - 16), 12, anchor="end", weight=weight)]
    if bar.slack > 0 and not bar.critical:
        end = x + long + bar.slack * scale
        said.append(
            f'<path d="M{ink.number(x + long)} {ink.number(y + 10)}H{ink.number(end)}" stroke="{colour}"'
            f' stroke-dasharray="2 3"/>'
        )
    said.append(ink.rect(x, y + 4, long, 12, fill=colour, rx=2 if bar.step else 6))
    fill = colour if bar.critical else "#45505C"
    date_ = ink.text(x + long + 5, y + 14, bar.until, 10.5, fill=fill)
    said.append(date_.replace("<text ", '<text paint-order="stroke" stroke="#FFFFFF" stroke-width="4" ', 1))
    return said


def _key(y: float, language: str) -> list[str]:
    zh = language == "zh"
    said, x = [], _LABEL
    for word, colour, round_ in (
        ("补缺项" if zh else "gap", _GAP, 6),
        ("办理环节" if zh else "step", _STEP, 2),
        ("关键路线" if zh else "critical", _CRITICAL, 2),
    ):
        said += [ink.rect(x, y, 26, 12, fill=colour, rx=round_), ink.text(x + 32, y + 10.5, word, 11.5)]
        x += 110
    said.append(
        f'<path d="M{ink.number(x)} {ink.number(y + 6)}h26" stroke="#7D8793" stroke-dasharray="2 3"/>'
    )
    said.append(ink.text(x + 32, y + 10.5, "机动时间" if zh else "slack", 11.5))
    return said


def timeline(plan: EstatePlan, gaps: Sequence[GapRow], steps: Sequence[StepRow], language: str) -> Markup:
    """Return gaps and steps as bars over working days; nothing where there is nothing to do."""
    found = _bars(gaps, steps)
    last = max((bar.end for bar in found), default=0)
    if not last:
        return Markup("")
    scale = (_WIDTH - _LABEL - _AFTER) / last
    height = _HEAD + len(found) * _ROW + 30
    title = "时间安排" if language == "zh" else "timeline"
    said = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {ink.number(_WIDTH)} {ink.number(height)}"',
        f' role="img" aria-label="{escape(title)}" font-family="{ink.FONT}"><title>{escape(title)}</title>',
    ]
    for number in range(0, len(found), 2):
        said.append(ink.rect(0, _HEAD + number * _ROW, _WIDTH, _ROW, fill="#F6F8FA"))
    said += _grid(plan, last, scale, height - 26, language)
    for number, bar in enumerate(found):
        said += _bar(bar, _HEAD + number * _ROW, scale)
    said += _key(height - 18, language)
    return Markup("".join([*said, "</svg>"]))  # every text in it went through ``escape``
