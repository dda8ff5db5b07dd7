"""The picture of one estate's plan: the route, its gaps, and what was not chosen.

Only what the plan goes through is drawn.  What is complete is one green box and is not
unfolded; a way that was not chosen is a pale row with its price or its reason.

Reads from: ``boxes``, ``progress``, ``wording``.  Read by: ``svg``.
"""

from __future__ import annotations

from taizhang.exchange.diagram.boxes import (
    Box,
    Edge,
    Line,
    Picture,
    box_of,
    foot_of,
    joint_of,
    lines_of,
    mark_of,
    need_names,
)
from taizhang.exchange.diagram.progress import Progress
from taizhang.exchange.diagram.reasons import alternative_text
from taizhang.exchange.diagram.whole import step_parts
from taizhang.exchange.diagram.wording import due_text, label, level_name, money_text, supplier
from taizhang.rules.terms import Alternative, EstatePlan, Gap, Node, Pack, Status, Way

__all__ = ["chosen_picture"]

RowParts = tuple[str, tuple[Line, ...], str, str]


def _gap_lines(progress: Progress, gaps: list[Gap], language: str) -> tuple[Line, ...]:
    """Return owner, number of places, money and due date of a missing paper."""
    zh = language == "zh"
    pack, plan = progress.pack, progress.plan
    first = gaps[0]
    levels = level_name(first.level, language)
    count = len({gap.place for gap in gaps})
    many = ""
    if count > 1:
        many = f" · 共 {count} {levels}" if zh else f" · {count} × {levels}"
    known = [gap.money_fen for gap in gaps if gap.money_fen is not None]
    money: int | None = sum(known) if len(known) == len(gaps) else None
    last = max(gap.end for gap in gaps)
    lines = foot_of(
        (supplier(pack, first.supplier, language), f"{first.days} {'工作日' if zh else 'wd'}{many}")
    )
    if money != 0:
        lines += lines_of(f"{'费用' if zh else 'cost'} {money_text(money, language)}", "price")
    return lines + lines_of(f"{'应于' if zh else 'by '}{due_text(plan, last, language)}", "due")


def _chosen_row(progress: Progress, node: Node, way: Way, language: str) -> RowParts:
    zh = language == "zh"
    said = way.label.in_(language)
    lines: list[Line] = []
    if len(node.ways) > 1 or said != node.label.in_(language):
        lines += lines_of(said, "way")
    if len(progress.route[node.id]) > 1:
        part = level_name(node.level, language)
        lines += lines_of(f"适用于部分{part}" if zh else f"for part of the {part}s", "note")
    lines += foot_of(step_parts(progress.pack, way, language))
    steps = progress.steps.get((node.id, way.id), [])
    if steps and max(step.end for step in steps) > 0:
        until = due_text(progress.plan, max(step.end for step in steps), language)
        lines += lines_of(f"{'至' if zh else 'until '}{until}", "foot")
    state = "chosen_substitute" if way.rank else "chosen"
    joint = joint_of(way, language) if len(list(_drawn_needs(progress, way))) > 1 else ""
    return way.id, tuple(lines), state, joint


def _lift_row(progress: Progress, node: Node, way: Way, language: str) -> RowParts | None:
    """Return the row of a way that the lift would adopt, ``None`` for any other way."""
    if f"{node.id}.{way.id}" not in progress.lifted:
        return None
    word = "解除卡点：可提请会商采用此路径" if language == "zh" else "lift: have this way adopted"
    return way.id, lines_of(way.label.in_(language), "way") + lines_of(word, "price"), "lift", ""


def _other_row(progress: Progress, node: Node, way: Way, language: str) -> RowParts | None:
    """Return a pale row for a way that was not chosen; ``None`` where the plan is silent on it."""
    lift = _lift_row(progress, node, way, language)
    other = progress.others.get((node.id, way.id))
    if other is None and not way.adopted:
        other = Alternative(node.id, "", way.id, "not_adopted")
    if lift is not None or other is None:
        return lift
    why = alternative_text(progress.pack, progress.plan, other, language)
    return way.id, lines_of(way.label.in_(language), "way") + lines_of(why, "note", 3), "refused", ""


def _blocked_row(progress: Progress, node: Node, way: Way, language: str) -> RowParts:
    """Return a row of a node that cannot be established."""
    lift = _lift_row(progress, node, way, language)
    if lift is not None:
        return lift
    reason = ""
    if not way.adopted:
        reason = "not_adopted"
    elif not progress.pack.in_force(way):
        reason = "not_in_force"
    elif progress.truth(way) is False:
        reason = "guard_false"
    if not reason:
        return way.id, lines_of(way.label.in_(language), "way"), "blocked", joint_of(way, language)
    facts = tuple(sorted(way.when.names)) if way.when is not None and reason == "guard_false" else ()
    other = Alternative(node.id, "", way.id, reason, None, facts)
    why = alternative_text(progress.pack, progress.plan, other, language)
    return way.id, lines_of(way.label.in_(language), "way") + lines_of(why, "note", 3), "refused", ""


def _drawn_needs(progress: Progress, way: Way) -> list[tuple[str, str]]:
    """Return the needs of a chosen way that are drawn, with their marks in Chinese."""
    levels = {level: level_name(level) for level in progress.pack.levels}
    return [
        (name, mark_of(need, "zh", levels)) for name, need in need_names(way) if progress.matters(name, need)
    ]


def _blocked_needs(progress: Progress, way: Way) -> list[str]:
    found = []
    for name, need in need_names(way):
        status = progress.plan.node_status.get(name)
        if (name in progress.barred or status is Status.BLOCKED) and (
            need.when is None or progress.holds(need)
        ):
            found.append(name)
    return found


class _Walk:
    """The boxes and lines under the goal, gathered by walking from it."""

    def __init__(self, progress: Progress, language: str) -> None:
        self.progress = progress
        self.language = language
        self.boxes: dict[str, Box | None] = {}
        self.edges: list[Edge] = []
        self.levels = {level: level_name(level, language) for level in progress.pack.levels}

    def visit(self, name: str) -> None:
        if name in self.boxes:
            return
        self.boxes[name] = None  # keeps its turn: boxes are drawn in the order of the walk
        state = self.progress.state(name)
        if name in self.progress.route:
            self.boxes[name] = self._on_route(name)
        elif state == "blocked" and name in self.progress.pack.nodes:
            self.boxes[name] = self._blocked(name)
        else:
            self.boxes[name] = self._leaf(name, state)

    def _leaf(self, name: str, state: str) -> Box:
        zh = self.language == "zh"
        head = lines_of(label(self.progress.pack, name, self.language), "title")
        if state in ("missing", "working"):
            if state == "working":
                head += lines_of("办理中" if zh else "in progress", "foot")
            head += _gap_lines(self.progress, self.progress.gaps[name], self.language)
        elif state == "held":
            head += lines_of("已具备" if zh else "complete", "foot")
        elif state == "blocked":
            word = ("无法取得", "cannot be had")
            if name in self.progress.lifted:
                word = ("无法取得；解除卡点须先取得", "cannot be had; the lift asks for it")
            head += lines_of(word[0] if zh else word[1], "due")
        critical = self.progress.is_critical(name)
        return box_of(name, self.progress.pack, head, [], state=state, critical=critical)

    def _on_route(self, name: str) -> Box:
        progress, language = self.progress, self.language
        node = progress.pack.nodes[name]
        chosen = progress.chosen(name)
        rows = [_chosen_row(progress, node, way, language) for way in chosen]
        drawn = [_drawn_needs(progress, way) for way in chosen]
        for way in node.ways:
            other = _other_row(progress, node, way, language) if way not in chosen else None
            if other is not None:
                rows.append(other)
        for number, needs in enumerate(drawn):
            for need, mark in needs:
                self.edges.append(Edge(need, name, number, rows[number][2], mark))
                self.visit(need)
        head = lines_of(node.label.in_(language), "title")
        critical = progress.is_critical(name)
        return box_of(name, progress.pack, head, rows, state="route", critical=critical)

    def _blocked(self, name: str) -> Box:
        progress, language = self.progress, self.language
        node = progress.pack.nodes[name]
        rows = [_blocked_row(progress, node, way, language) for way in node.ways]
        for number, way in enumerate(node.ways):
            if rows[number][2] == "blocked":
                for need in _blocked_needs(progress, way):
                    self.edges.append(Edge(need, name, number, "blocked"))
                    self.visit(need)
        return box_of(name, progress.pack, lines_of(node.label.in_(language), "title"), rows, state="blocked")


def chosen_picture(
    pack: Pack, plan: EstatePlan, language: str, working: frozenset[str] = frozenset()
) -> Picture:
    """Return the route of a plan; of a blocked estate, the way to what stands in the way."""
    walk = _Walk(Progress.of(pack, plan, working), language)
    walk.visit(pack.goal)
    boxes = tuple(box for box in walk.boxes.values() if box is not None)
    return Picture(boxes, tuple(walk.edges), pack.levels)
