"""What is wrong with a pack, and what will go wrong with it later.

Errors (E) make a pack unusable; warnings (W) are for its author.  Codes are those of
rules.md C.16; ``docs/reference/errors.md`` explains each.

Reads from: ``expressions``, ``reading``, ``terms``.  Read by: ``compose``, ``pack``, ``packcheck``,
``unsupported``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from taizhang.errors import PackError
from taizhang.rules.expressions import Expression, ExpressionError, Unknown, name_columns
from taizhang.rules.marked import Mark
from taizhang.rules.reading import Reading, Reference, nearest
from taizhang.rules.terms import AtLeast, Fact, Need, Pack, Ref, Way

__all__ = ["MOST_IN_CHAIN", "errors_of", "look_up", "needed_names"]

MOST_IN_CHAIN = 100  #: nodes that need one another; six times what the shipped pack has


def errors_of(pack: Pack, nodes: Collection[str] | None = None) -> list[PackError]:
    """Return every error of a composed pack (``E04 E05 E06 E08 E13 E15``).

    With ``nodes``, ways and guards of these alone are looked at, and no chains: enough where the
    rest of the pack is known to be sound and nothing new is needed.
    """
    if nodes is not None:
        part = replace(pack, nodes={name: pack.nodes[name] for name in sorted(nodes)}, classes=(), urgency=())
        return [error for check in (_levels, _guards, _duties, _dates) for error in check(part, pack)]
    found: list[PackError] = []
    if pack.goal not in pack.nodes:
        found.append(
            _error(
                "E13",
                pack.id,
                "No node has goal: true.",
                "Mark the node to be reached.",
                "没有标记 goal: true 的节点，请标记目标节点。",
            )
        )
    found += _chains(pack)
    for check in (_levels, _guards, _duties, _dates):
        found += check(pack, pack)
    return found


def _error(code: str, where: str, message: str, hint: str, zh: str, **values: object) -> PackError:
    return PackError(message, hint=hint, zh=zh, where=where, code=f"E-PACK-{code}", **values)


def needed_names(need: Need) -> tuple[str, ...]:
    """The nodes and papers a need names."""
    return need.of if isinstance(need, AtLeast) else (need.ref,)


def _chains(pack: Pack) -> Iterator[PackError]:
    """E04: a node that needs itself, with the chain.  E15: a chain of needs that is too long."""
    deep: dict[str, int] = {}  # nodes of the longest chain of needs that begins here
    for start in sorted(pack.nodes):
        chain = _cycle_from(pack, start, deep)
        if chain:
            yield _error(
                "E04",
                pack.nodes[chain[0]].where,
                "A node needs itself: {chain}.",
                "Cut the chain.",
                "节点循环依赖：{chain}，请断开。",
                chain=" <- ".join(chain),
            )
            return
    longest = max(sorted(deep), key=deep.__getitem__, default="")
    if longest and deep[longest] > MOST_IN_CHAIN:
        yield _error(
            "E15",
            pack.nodes[longest].where,
            "'{node}' begins a chain of {count} nodes that need one another; up to {most} can be planned.",
            "Let one way name the papers at the end of the chain itself.",
            "从“{node}”起相互依赖的节点有 {count} 层，最多 {most} 层。请让上层办理路径直接引用末端材料。",
            node=longest,
            count=deep[longest],
            most=MOST_IN_CHAIN,
        )


def _cycle_from(pack: Pack, start: str, deep: dict[str, int]) -> list[str]:
    """A chain in which a node needs itself; the depth of every node below ``start`` is noted."""
    if start in deep:
        return []
    path = {start: _needed_nodes(pack, start)}
    while path:
        name, pending = next(reversed(path.items()))
        below = next(pending, None)
        if below is None:
            deep[name] = 1 + max((deep[one] for one in _needed_nodes(pack, name)), default=0)
            del path[name]
        elif below in path:
            chain = list(path)
            return [*chain[chain.index(below) :], below]
        elif below not in deep:
            path[below] = _needed_nodes(pack, below)
    return []


def _needed_nodes(pack: Pack, name: str) -> Iterator[str]:
    for way in pack.nodes[name].ways:
        for need in way.needs:
            yield from (one for one in needed_names(need) if one in pack.nodes)


def _levels(part: Pack, pack: Pack) -> Iterator[PackError]:
    """E05: a finer need without a quantifier, or a guard or duty finer than the node."""
    depth = {level: number for number, level in enumerate(pack.levels)}
    for node in part.nodes.values():
        for way in node.ways:
            for need in way.needs:
                here = node.level if isinstance(need, Ref | AtLeast) else need.level
                for name in needed_names(need):
                    if name in (*pack.nodes, *pack.evidence) and _below(pack, depth, name, here):
                        yield _finer(way, node.id, name, pack.level_of(name), node.level)
            for name in _read_there(pack, way):
                if _below(pack, depth, name, node.level):
                    yield _finer(way, node.id, name, pack.level_of(name), node.level)


def _below(pack: Pack, depth: Mapping[str, int], name: str, level: str) -> bool:
    return depth[pack.level_of(name)] > depth.get(level, 99)


def _read_there(pack: Pack, way: Way) -> list[str]:
    """The facts of a way's guards and the papers of its duties, which live at the node's own place."""
    guards = [guard for guard in (way.when, *(need.when for need in way.needs)) if guard]
    facts = sorted({name for guard in guards for name in guard.names & pack.facts.keys()})
    return facts + [duty.paper for duty in way.duties if duty.paper in (*pack.nodes, *pack.evidence)]


def _finer(way: Way, node: str, name: str, level: str, wanted: str) -> PackError:
    return _error(
        "E05",
        way.where,
        "'{node}' lives on level {wanted} and needs '{name}' of the finer level {level}.",
        "Write {{each: {level}, ref: {name}}}, or move one of the two.",
        "“{node}”属于“{wanted}”层级，却直接需要更细层级“{level}”的“{name}”。请写成 each，或调整层级。",
        node=node,
        name=name,
        level=level,
        wanted=wanted,
    )


def _guards(part: Pack, pack: Pack) -> Iterator[PackError]:
    """E06: guards whose parts do not go together; E02: values an enumeration does not have."""
    for node in part.nodes.values():
        for way in node.ways:
            for guard in (way.when, *(need.when for need in way.needs)):
                if guard:
                    yield from _guard(pack, guard)
    for guard in (*(one.when for one in part.classes), *(one.when for one in part.urgency)):
        if guard:
            yield from _guard(pack, guard)


def _guard(pack: Pack, guard: Expression) -> Iterator[PackError]:
    try:
        for name, _, others, column in guard.comparisons(pack.params):
            for other in others:
                value = other.value(lambda one: pack.params[one].on(pack.as_of))
                # a parameter without a value on this day is E08's matter
                unfit = name in pack.facts and not isinstance(value, Unknown)
                problem = _unfit(pack.facts[name], value) if unfit else ""
                if problem:
                    close = nearest(str(value), pack.facts[name].values)
                    yield _error(
                        "E06",
                        _shift(guard.where, column),
                        "'{fact}' cannot be {value!r} in '{text}'.",
                        "Did you mean '{close}'?" if close else "It is {kind}.",
                        "“{text}”中“{fact}”不可能是 {value!r}。"
                        + ("是否应为“{close}”？" if close else "其类型为 {kind}。"),
                        fact=name,
                        value=str(value),
                        text=guard.text,
                        close=close,
                        kind=problem,
                    )
        guard.truth(lambda one: _sample(pack, one))
    except ExpressionError as error:
        yield _error(
            "E06",
            _shift(guard.where, error.column),
            "{problem} in '{text}'.",
            "Correct the guard.",
            "条件“{text}”有误：{problem_zh}。请更正。",
            problem=error.message,
            problem_zh=error.zh,
            text=guard.text,
        )


def _unfit(fact: Fact, value: object) -> str:
    if fact.type == "enum":
        return "" if value in fact.values else "one of " + ", ".join(fact.values)
    kinds: dict[str, type] = {"bool": bool, "date": date, "text": str}
    return "" if isinstance(value, kinds.get(fact.type, Decimal)) else f"of type {fact.type}"


def _sample(pack: Pack, name: str) -> bool | int | str | Decimal | date | None:
    """Some value of the right type."""
    if name in pack.params:
        return pack.params[name].on(pack.as_of)
    fact = pack.facts[name]
    samples: dict[str, bool | str | date] = {"bool": True, "text": "", "date": date(2000, 1, 1)}
    if fact.type == "enum":
        return next(iter(fact.values), "")
    return samples.get(fact.type, Decimal(1))


def _shift(where: str, column: int) -> str:
    """A position some columns further on, where the position has a column."""
    parts = where.rsplit(":", 1)
    return f"{parts[0]}:{int(parts[1]) + column}" if len(parts) == 2 and parts[1].isdigit() else where


def _duties(part: Pack, _: Pack) -> Iterator[PackError]:
    """E13: a duty that nobody owes, or a paper that is put off and needed by the same way."""
    for node in part.nodes.values():
        for way in node.ways:
            needed = {name for need in way.needs for name in needed_names(need)}
            for duty in way.duties:
                values = {"way": f"{node.id}.{way.id}", "paper": duty.paper}
                if not duty.supplier:
                    yield _error(
                        "E13",
                        way.where,
                        "'{way}' puts off '{paper}', and nobody is named who owes it.",
                        "Add 'supplier:' to the duty.",
                        "“{way}”后补的“{paper}”没有责任单位，请在 duties 中写明 supplier。",
                        **values,
                    )
                if duty.paper in needed:
                    yield _error(
                        "E13",
                        way.where,
                        "'{way}' puts off '{paper}' and needs it as well.",
                        "Take it out of needs, or out of duties.",
                        "“{way}”既要求“{paper}”又准予后补，请从 needs 或 duties 中删去一处。",
                        **values,
                    )


def _dates(part: Pack, pack: Pack) -> Iterator[PackError]:
    """E08: a way in force on a day on which a parameter of its guard has no value."""
    for node in part.nodes.values():
        for way in node.ways:
            if not pack.in_force(way):
                continue
            for guard in (way.when, *(need.when for need in way.needs)):
                for name, column in name_columns(guard) if guard else ():
                    if name in pack.params and pack.params[name].on(pack.as_of) is None:
                        yield _error(
                            "E08",
                            _shift(guard.where, column) if guard else way.where,
                            "Parameter '{name}' has no value on {day}, but way '{way}' is in force.",
                            "Give it a value from that day, or end the way.",
                            "参数“{name}”在 {day} 无数值，而办理路径“{way}”仍有效。请补数值或终止该路径。",
                            name=name,
                            day=pack.as_of,
                            way=way.id,
                        )


def look_up(references: Sequence[Reference], pack: Pack) -> list[PackError]:
    """Return one error (E02) for every name that nothing defines."""
    tables: dict[str, Mapping[str, object]] = {
        "node": pack.nodes,
        "evidence": pack.evidence,
        "fact": pack.facts,
        "param": pack.params,
        "source": pack.sources,
        "supplier": pack.suppliers,
        "level": dict.fromkeys(pack.levels),
    }
    reading = Reading()
    for reference in references:
        if not any(reference.name in tables[kind] for kind in reference.kinds):
            close = nearest(reference.name, [name for kind in reference.kinds for name in tables[kind]])
            _unknown(reading, reference, close, _where(pack, close))
    return reading.errors


def _where(pack: Pack, name: str) -> str:
    for table in (pack.nodes, pack.evidence, pack.facts, pack.params):
        if name in table:
            return f" ({table[name].where})"
    return ""


def _unknown(reading: Reading, reference: Reference, close: str, where: str) -> None:
    mark: Mark = reference.mark
    reading.report(
        "E02",
        mark,
        "{within}names {kinds} '{name}', which this pack does not define.",
        "Did you mean '{close}'{at}?" if close else "Define it, or correct the name.",
        "引用了未定义的“{name}”（{kinds}）。"
        + ("是否应为“{close}”{at}？" if close else "请补充定义或更正名称。"),
        within=f"'{reference.within}' " if reference.within else "",
        kinds=" or ".join(reference.kinds),
        name=reference.name,
        close=close,
        at=where,
    )
