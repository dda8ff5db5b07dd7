"""The picture of a whole pack: every node, every way, every paper.

Reads from: ``boxes``, ``guards``, ``wording``.  Read by: ``svg``.
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
from taizhang.exchange.diagram.guards import guard_text
from taizhang.exchange.diagram.wording import level_name, supplier
from taizhang.rules.terms import Evidence, Node, Pack, Way

__all__ = ["reachable", "step_parts", "way_state", "whole_picture"]


def reachable(pack: Pack) -> tuple[str, ...]:
    """Return every node and paper under the goal, in the order of a walk from it."""
    seen: dict[str, None] = {}

    def visit(name: str) -> None:
        if name in seen or not (name in pack.nodes or name in pack.evidence):
            return
        seen[name] = None
        if name in pack.nodes:
            for way in pack.nodes[name].ways:
                for need, _ in need_names(way):
                    visit(need)

    visit(pack.goal)
    return tuple(seen)


def way_state(pack: Pack, way: Way) -> str:
    """Return ordinary, substitute, foreign or expired."""
    if not way.adopted:
        return "foreign"
    if not pack.in_force(way):
        return "expired"
    return "substitute" if way.rank else "ordinary"


def unseen(pack: Pack, sources: tuple[str, ...]) -> str:
    """Return the star of something none of whose sources was seen in its official text."""
    known = [pack.sources[name] for name in sources if name in pack.sources]
    return "＊" if known and all(source.verify for source in known) else ""


def step_parts(pack: Pack, way: Way, language: str) -> tuple[str, str]:
    """Return who does the step of a way and how long it takes; empty where there is none."""
    zh = language == "zh"
    who = supplier(pack, way.step_supplier, language) if way.step_supplier else ""
    long = f"{way.step.days} {'工作日' if zh else 'wd'}" if way.step.days else ""
    if long and way.step.law_days is not None:
        long += f"（法定 {way.step.law_days}）" if zh else f" (limit {way.step.law_days})"
    return who, long


def _row(pack: Pack, node: Node, way: Way, language: str) -> tuple[str, tuple[Line, ...], str, str]:
    state = way_state(pack, way)
    said = way.label.in_(language)
    zh = language == "zh"
    lines: list[Line] = []
    if len(node.ways) > 1 or said != node.label.in_(language):
        lines += lines_of(said + unseen(pack, way.sources), "way")
    if state == "foreign":
        lines += lines_of("外地做法（未采用）" if zh else "practice elsewhere (not adopted)", "note")
    if state == "expired":
        lines += lines_of("当日未生效或已失效" if zh else "not in force on this day", "note")
    if way.when is not None:
        guard = guard_text(pack, way.when.text, language)
        lines += lines_of(f"{'当 ' if zh else 'if '}{guard}", "note", 3)
    lines += foot_of(step_parts(pack, way, language))
    return way.id, tuple(lines), state, joint_of(way, language)


def leaf_foot(pack: Pack, paper: Evidence, language: str) -> tuple[Line, ...]:
    """Return supplier and working days of a paper."""
    zh = language == "zh"
    long = f"{paper.cost.days} {'工作日' if zh else 'wd'}"
    return foot_of((supplier(pack, paper.supplier, language), long))


def _box(pack: Pack, name: str, language: str) -> Box:
    if name in pack.evidence:
        paper = pack.evidence[name]
        title = paper.label.in_(language) + unseen(pack, paper.sources)
        head = lines_of(title, "title") + leaf_foot(pack, paper, language)
        return box_of(name, pack, head, [])
    node = pack.nodes[name]
    rows = [_row(pack, node, way, language) for way in node.ways]
    return box_of(name, pack, lines_of(node.label.in_(language), "title"), rows)


def whole_picture(pack: Pack, language: str) -> Picture:
    """Return all boxes under the goal and all lines between them."""
    names = reachable(pack)
    levels = {level: level_name(level, language) for level in pack.levels}
    edges: list[Edge] = []
    for name in names:
        for number, way in enumerate(pack.nodes[name].ways if name in pack.nodes else ()):
            state = way_state(pack, way)
            for need, kind in need_names(way):
                if need in pack.nodes or need in pack.evidence:
                    edges.append(Edge(need, name, number, state, mark_of(kind, language, levels)))
    return Picture(tuple(_box(pack, name, language) for name in names), tuple(edges), pack.levels)
