"""Layers of law put together for one day: base pack, overlays, decisions.

Changes are typed operations on stable keys.  They are applied by jurisdiction (nation,
province, city, county, then decisions) and inside one by date.  A way that an overlay adds
keeps its dates, so that a lapsed way can still be explained.

Reads from: ``document``, ``lint``, ``reading``, ``terms``.  Read by: ``pack``, ``packcheck``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from taizhang.errors import PackError
from taizhang.rules.document import Change, Document
from taizhang.rules.lint import look_up
from taizhang.rules.marked import Scalar
from taizhang.rules.reading import Reading, nearest
from taizhang.rules.terms import (
    AtLeast,
    Each,
    Evidence,
    Need,
    Node,
    Pack,
    ParameterValue,
    Ref,
    Share,
    Span,
    Way,
)

__all__ = ["compose"]


def compose(base: Document, layers: Sequence[Document], as_of: date) -> tuple[Pack, list[PackError]]:
    """Compose a pack for one day.

    Args:
        base: A document of kind ``pack``.
        layers: Overlays and decisions, in any order.
        as_of: The day whose law is wanted.

    Returns:
        The pack, and every error found (``E02 E03 E09 E10 E11 E12``); with errors the pack is
        only good for further linting.
    """
    ordered = sorted(layers, key=_layer_key)
    reading = Reading()
    tables = {chapter: dict(table) for chapter, table in base.chapters.items()}
    for layer in ordered:
        _merge(reading, tables, base, layer)
    _conflicts(reading, ordered)
    nodes: dict[str, Node] = {
        name: replace(node, ways=tuple(replace(way, origin=base.id) for way in node.ways))
        for name, node in tables.get("nodes", {}).items()
    }
    tables["nodes"] = nodes
    for layer in ordered:
        for change in sorted(layer.changes, key=lambda one: (one.effective.start or date.min, one.key)):
            _apply(reading, tables, layer, change, as_of)
    tables["nodes"] = _owed(tables["nodes"], tables.get("evidence", {}))
    pack = _pack(base, ordered, tables, as_of)
    errors = [error for document in (base, *ordered) for error in document.errors] + reading.errors
    for document in (base, *ordered):
        errors += look_up(document.references, pack)
    return pack, errors


def _layer_key(layer: Document) -> tuple[int, int, str]:
    return (layer.kind == "decision", len(layer.jurisdiction), layer.id)


def _pack(base: Document, layers: Sequence[Document], tables: Mapping[str, Any], as_of: date) -> Pack:
    documents = [base, *layers]

    def table(chapter: str) -> dict[str, Any]:
        rows = tables.get(chapter, {})
        return {name: rows[name] for name in sorted(rows)}

    return Pack(
        id=base.id,
        version=base.version,
        title=base.title,
        jurisdiction=base.jurisdiction,
        levels=base.levels,
        goal=base.goal,
        objective=base.objective,
        as_of=as_of,
        sources=table("sources"),
        params=table("params"),
        facts=table("facts"),
        suppliers=table("suppliers"),
        evidence=table("evidence"),
        nodes=table("nodes"),
        fees=table("fees"),
        headings=table("headings"),
        classes=tuple(tables.get("classes", {}).values()),
        lock=tuple(sorted((document.id, document.version, document.digest) for document in documents)),
        effective=base.effective,
        urgency=tuple(tables.get("urgency", {}).values()),
    )


def _owed(nodes: Mapping[str, Node], evidence: Mapping[str, Evidence]) -> dict[str, Node]:
    """Give every duty without a supplier the one who supplies its paper."""

    def supplier(name: str) -> str:
        if name in evidence:
            return evidence[name].supplier
        ways = nodes[name].ways if name in nodes else ()
        return next((way.step_supplier for way in ways if way.step_supplier), "")

    def filled(way: Way) -> Way:
        if all(duty.supplier for duty in way.duties):
            return way
        duties = (replace(duty, supplier=duty.supplier or supplier(duty.paper)) for duty in way.duties)
        return replace(way, duties=tuple(duties))

    return {name: replace(node, ways=tuple(map(filled, node.ways))) for name, node in nodes.items()}


def _merge(reading: Reading, tables: dict[str, dict[str, Any]], base: Document, layer: Document) -> None:
    for chapter, rows in layer.chapters.items():
        table = tables.setdefault(chapter, {})
        for name, row in rows.items():
            if name in table and chapter == "headings":
                table[name] = (*table[name], *(one for one in row if one not in table[name]))
            elif name in table:
                reading.report(
                    "E03",
                    layer.marks[f"{chapter}.{name}"],
                    "'{name}' is already defined below this layer.",
                    "Use another id, or a change.",
                    "“{name}”在下层规则中已有定义，请改用其他标识或使用 changes。",
                    name=name,
                )
            else:
                table[name] = row


def _conflicts(reading: Reading, layers: Sequence[Document]) -> None:
    """Two layers of one rank must not change the same key on overlapping dates."""
    seen: dict[tuple[object, ...], list[tuple[Change, Document]]] = {}
    for layer in layers:
        for change in layer.changes:
            rank = (layer.kind, layer.jurisdiction, layer.scope)
            for other, owner in seen.get((rank, change.key), []):
                if _overlap(change.effective, other.effective):
                    reading.report(
                        "E10",
                        change.marks["op"],
                        "{key} is changed here and at {other} on overlapping dates.",
                        "End one of the two, or merge them.",
                        "{key} 在此处与 {other} 被同级文件在重叠日期内修改，请终止其一或合并。",
                        key=".".join(change.key[1:]),
                        other=other.marks["op"],
                        owner=owner.id,
                    )
            seen.setdefault((rank, change.key), []).append((change, layer))


def _overlap(one: Span, two: Span) -> bool:
    return (one.end is None or two.start is None or two.start <= one.end) and (
        two.end is None or one.start is None or one.start <= two.end
    )


def _apply(
    reading: Reading, tables: dict[str, dict[str, Any]], layer: Document, change: Change, as_of: date
) -> None:
    if layer.kind == "decision" and change.op not in ("add_way", "adopt_way"):
        reading.report(
            "E11",
            change.marks["op"],
            "A decision may only add or adopt a way, not '{op}'.",
            "Use add_way, or an overlay.",
            "决定只能新增或采用办理路径，不能“{op}”。",
            op=change.op,
        )
        return
    if change.op == "set_value":
        _set_value(reading, tables, change)
        return
    node = tables["nodes"].get(change.node)
    if node is None:
        _missing(reading, change, "node", change.node, tables["nodes"])
        return
    ways = {way.id: way for way in node.ways}
    if (change.way in ways) == (change.op == "add_way"):
        _missing(reading, change, "way", change.way, ways)
        return
    changed = _changed(reading, layer, change, ways, as_of)
    tables["nodes"][change.node] = replace(
        node, ways=tuple(sorted(changed.values(), key=lambda way: (way.rank, way.id)))
    )


def _changed(
    reading: Reading, layer: Document, change: Change, ways: dict[str, Way], as_of: date
) -> dict[str, Way]:
    """The ways of a node after one change."""
    scope = layer.scope if layer.kind == "decision" else ()
    if change.op == "add_way" and isinstance(change.value, Way):
        added = replace(change.value, id=change.way, effective=change.effective, origin=layer.id, scope=scope)
        return ways | {change.way: added}
    if not change.effective.holds(as_of):
        return ways
    old = ways.get(change.way)
    if change.op == "remove_way":
        return {name: way for name, way in ways.items() if name != change.way}
    if old is None:
        return ways
    if change.op == "adopt_way":
        sources = (*old.sources, *(one for one in change.sources if one not in old.sources))
        adopted = replace(old, adopted=True, sources=sources, origin=layer.id, scope=scope)
        return ways | {change.way: adopted}
    if change.op == "replace_way" and isinstance(change.value, Way):
        return ways | {change.way: replace(change.value, id=change.way, origin=layer.id)}
    return ways | {change.way: replace(old, needs=_needs(reading, change, old.needs), origin=layer.id)}


def _needs(reading: Reading, change: Change, needs: tuple[Need, ...]) -> tuple[Need, ...]:
    named = change.need or getattr(change.value, "ref", "")
    at = [i for i, need in enumerate(needs) if _need_name(need) == named]
    given = change.value if isinstance(change.value, Ref | AtLeast | Each | Share) else None
    if change.op == "add_need":
        return (*needs, given) if given else needs
    if not at:
        _missing(reading, change, "need", named, {_need_name(need): need for need in needs})
        return needs
    kept = [need for i, need in enumerate(needs) if i not in at]
    if change.op == "replace_need" and given:
        kept.insert(at[0], given)
    return tuple(kept)


def _need_name(need: Need) -> str:
    return ",".join(need.of) if isinstance(need, AtLeast) else need.ref


def _set_value(reading: Reading, tables: dict[str, dict[str, Any]], change: Change) -> None:
    param = tables["params"].get(change.param)
    if param is None:
        _missing(reading, change, "param", change.param, tables["params"])
        return
    value: Decimal | date | None = None
    if isinstance(change.value, Scalar):
        dated = change.value.text.count("-") == 2
        value = reading.day(change.value) if dated else reading.number(change.value)
    row = ParameterValue(value, change.effective, change.sources)
    tables["params"][change.param] = replace(param, values=(row, *param.values))


def _missing(reading: Reading, change: Change, kind: str, name: str, names: Mapping[str, object]) -> None:
    close = nearest(name, names)
    stands = change.op == "add_way" and kind == "way"
    reading.report(
        "E09",
        change.marks.get(kind, change.marks["op"]),
        "{kind} '{name}' already stands." if stands else "There is no {kind} '{name}' to change.",
        "Use replace_way." if stands else ("Did you mean '{close}'?" if close else "Check the id."),
        "“{name}”已存在，请用 replace_way。"
        if stands
        else "没有可修改的 {kind}“{name}”。" + ("是否应为“{close}”？" if close else ""),
        kind=kind,
        name=name,
        close=close,
    )
