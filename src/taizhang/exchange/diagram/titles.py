"""What a picture says about itself: heading, counts, description, footnote.

Reads from: ``wording``.  Read by: ``svg``, ``drawing`` and ``legend``.
"""

from __future__ import annotations

from dataclasses import dataclass

from taizhang.exchange.diagram.boxes import Picture
from taizhang.exchange.diagram.wording import STATUSES, day_text, due_text, pick, total_text
from taizhang.rules.terms import EstatePlan, Pack

__all__ = ["Title", "plan_title", "whole_title"]


@dataclass(frozen=True, slots=True)
class Title:
    """The words around a picture."""

    heading: str
    lines: tuple[str, ...]
    description: str
    foot: str
    of_plan: bool
    big: float  #: size of the heading
    working: bool = False  #: something is in progress


def whole_title(pack: Pack, picture: Picture, language: str) -> Title:
    """Return the title of a whole pack with its counts."""
    nodes = [pack.nodes[box.id] for box in picture.boxes if box.id in pack.nodes]
    ways = [way for node in nodes for way in node.ways]
    foreign = sum(not way.adopted for way in ways)
    substitutes = sum(way.adopted and way.rank > 0 for way in ways)
    papers = len(picture.boxes) - len(nodes)
    day = day_text(pack.as_of, language)
    goal = pack.nodes[pack.goal].label.in_(language) if pack.goal in pack.nodes else ""
    name = pack.title.in_(language)
    if language == "zh":
        return Title(
            f"{name} · 办理路径总图",
            (
                f"从“{goal}”倒推：要件 {len(nodes)} 项，材料 {papers} 件，办理路径 {len(ways)} 条"
                f"（其中替代路径 {substitutes} 条，外地做法 {foreign} 条）",
                f"规则包版本 {pack.version} · 按 {day} 的规定",
            ),
            f"{name}：{len(picture.boxes)} 个方框，从右端的{goal}向左倒推到各项材料；"
            f"同一方框内各行任一即可，接到同一圆点的各项须全部具备。",
            "＊ 依据待核实，以正式文本为准。工作日为计划值，以各单位承诺为准。"
            "本图由规则包自动生成，不代替法律文书。",
            False,
            34.0,
        )
    return Title(
        f"{name} · all routes",
        (
            f"Backwards from the {goal}: {len(nodes)} requirements, {papers} papers, {len(ways)} ways "
            f"({substitutes} substitutes, {foreign} practised elsewhere only)",
            f"Pack version {pack.version} · law of {day}",
        ),
        f"{name}: {len(picture.boxes)} boxes, from the {goal} at the right back to the papers; any row "
        f"of a box is enough, all lines that end at one joint are needed.",
        "＊ source to be verified. Working days are planning values. Not a legal document.",
        False,
        34.0,
    )


def plan_title(pack: Pack, plan: EstatePlan, language: str, *, working: bool = False) -> Title:
    """Return the title of one estate's plan."""
    name = plan.place.name or plan.place.id
    status = pick(STATUSES[plan.status], language)
    joint = plan.joint
    gaps = sum(gap.count for gap in joint.gaps)
    until = due_text(plan, joint.vector.days, language)
    money = total_text(joint.vector.money_fen, len(joint.unknown_costs), language)
    if language == "zh":
        first = (
            f"状态：{status} · 缺项 {gaps} 件 · 费用 {money} · 工期 {joint.vector.days} 个工作日，至 {until}"
        )
        if not joint.route and plan.status.name == "BLOCKED":
            first = f"状态：{status} · 现有条件下无路可走，图中斜线为卡点"
        return Title(
            f"{name} · 办理路线图",
            (
                first,
                f"{pack.title.zh} {pack.version} · 按 {day_text(pack.as_of)} 的规定"
                f" · 自 {day_text(plan.start)} 起算",
            ),
            f"{name}的办理路线：粗线为选定路径，缺项标明责任单位和应办结日期，未选路径标明代价或原因。",
            "工作日和费用为计划值。已具备的要件不再展开。",
            True,
            22.0,
            working,
        )
    return Title(
        f"{name} · route",
        (
            f"{status} · {gaps} gaps · cost {money} · {joint.vector.days} working days, until {until}",
            f"{pack.title.en} {pack.version} · law of {day_text(pack.as_of, 'en')}",
        ),
        f"Route of {name}: bold is chosen; every gap names its supplier and due date.",
        "Working days and costs are planning values. What is complete is not unfolded.",
        True,
        22.0,
        working,
    )
