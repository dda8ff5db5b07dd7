"""The heading and the legend above a picture.

Reads from: ``ink``, ``measure``, ``titles``.  Read by: ``drawing``.
"""

from __future__ import annotations

from taizhang.exchange.diagram import ink
from taizhang.exchange.diagram.measure import text_width, wrap
from taizhang.exchange.diagram.titles import Title

__all__ = ["draw_legend"]

_WHOLE = (
    ("paper", "材料（下方为提供单位与工作日）", "paper (supplier and working days below)"),
    ("box", "要件：框内每行是一条办理路径，任一行即可", "requirement: each row is a way, any one is enough"),
    ("decision", "决定（一事一议）", "decision"),
    ("milestone", "环节", "milestone"),
    ("joint", "接到同一圆点的须全部具备", "all lines into one joint are needed"),
    ("ordinary", "普通程序", "ordinary procedure"),
    ("substitute", "替代路径", "substitute"),
    ("foreign", "外地做法（未采用）", "practice elsewhere (not adopted)"),
)
_PLAN = (
    ("chosen", "选定路径", "chosen route"),
    ("chosen_substitute", "选定的替代路径", "chosen substitute"),
    ("held", "已具备", "complete"),
    ("missing", "缺项（注明责任单位与应办结日期）", "gap (owner and due date)"),
    ("working", "办理中", "in progress"),
    ("critical", "关键缺项：决定总工期", "critical gap: decides the last date"),
    ("critical_line", "关键路线", "critical path"),
    ("blocked", "受阻", "blocked"),
    ("lift", "解除卡点的办法", "what would lift the block"),
    ("refused", "未选路径与其代价", "not chosen, with its price"),
    ("decision", "决定（一事一议）", "decision"),
    ("joint", "须全部具备", "all are needed"),
)
_SAMPLES = {
    "critical_line": (3.0, "", "#C0281C"),
    "ordinary": (1.8, "", "#5F7F98"),
    "substitute": (1.8, "7 4", "#5F7F98"),
    "foreign": (1.8, "1.5 4", "#8F99A5"),
    "chosen": (3.0, "", "#1F4E79"),
    "chosen_substitute": (3.0, "9 4", "#1F4E79"),
}


def _glyph(kind: str, x: float, y: float) -> str:
    """Return a sample, 30 wide, centred on ``y``."""
    if kind in _SAMPLES:
        wide, dashes, colour = _SAMPLES[kind]
        dash = f' stroke-dasharray="{dashes}"' if dashes else ""
        path = f"M{ink.number(x)} {ink.number(y)}h30"
        return f'<path d="{path}" stroke="{colour}" stroke-width="{wide}"{dash} fill="none"/>'
    if kind == "decision":
        return ink.diamond(x + 18, y, 8.5, "#3E5AA6")
    if kind == "milestone":
        return ink.circle(x + 18, y, 8.5, ink.PAPER, "#3E5AA6") + ink.flag(x + 16, y, "#3E5AA6")
    if kind == "joint":
        word = ink.text(x + 20, y + 3.4, "且", 9.5, fill=ink.PAPER, weight="700", anchor="middle")
        return ink.circle(x + 20, y, 8, "#1F6F9F") + word
    if kind == "paper":
        return f'<path d="{ink.page(x + 4, y - 8, 24, 16, 6)}" fill="#FFFFFF" stroke="#5F7F98"/>'
    if kind == "box":
        said = ink.rect(x + 3, y - 9, 26, 18, fill="#FFFFFF", stroke="#5F7F98", rx=3)
        return said + f'<path d="M{ink.number(x + 3)} {ink.number(y)}h26" stroke="#5F7F98"/>'
    if kind == "lift":
        return ink.rect(x + 3, y - 8, 26, 16, fill="#FFF6D6", stroke="#C99A1B", rx=3)
    paper, line, _ = ink.STATES["pale" if kind == "refused" else kind]
    said = ink.rect(x + 3, y - 8, 26, 16, fill=paper, stroke=line, stroke_width=1.6, rx=3)
    return said + (ink.hatch(x + 4, y - 7, 24, 14, "#B98794", 5) if kind == "blocked" else "")


def draw_legend(title: Title, width: float, language: str) -> tuple[str, float]:
    """Return heading and legend as SVG, and the height they take."""
    said: list[str] = []
    y = title.big
    for line in wrap(title.heading, title.big, width, 2):
        said.append(ink.text(0, y, line, title.big, fill="#12324F", weight="700"))
        y += title.big * 0.9
    size = 15.0 if not title.of_plan else 13.0
    for paragraph in title.lines:
        for line in wrap(paragraph, size, width, 3):
            said.append(ink.text(0, y, line, size, fill="#3A4653"))
            y += size * 1.5
    y += 8
    x = 0.0
    kinds = [one for one in _PLAN if title.working or one[0] != "working"] if title.of_plan else _WHOLE
    for kind, zh, en in kinds:
        word = zh if language == "zh" else en
        needed = 38 + text_width(word, 12.0) + 26
        if x and x + needed > width:
            x, y = 0.0, y + 24
        said += [_glyph(kind, x, y), ink.text(x + 38, y + 4.3, word, 12.0, fill="#3A4653")]
        x += needed
    return "".join(said), y + 26
