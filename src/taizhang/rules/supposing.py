"""The law as it would be: ways adopted, needs waived or added, parameters changed.

Nothing here is law: a supposition is simulated, and the lock of the supposed pack says so.

Reads from: ``lint``, ``numerals``, ``reading``, ``terms``.  Read by: ``curves``, the command ``whatif``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256

from taizhang.errors import InputError
from taizhang.rules.lint import errors_of, needed_names
from taizhang.rules.numerals import MOST_DIGITS, exact_number
from taizhang.rules.reading import nearest
from taizhang.rules.terms import (
    AtLeast,
    Dossier,
    Held,
    Label,
    Node,
    Pack,
    Parameter,
    ParameterValue,
    Place,
    Ref,
    Span,
    Supposition,
    Way,
)

__all__ = ["adoptable", "adopting", "supply", "suppose"]


def suppose(pack: Pack, suppositions: Sequence[Supposition]) -> Pack:
    """Return the pack with suppositions of kind ``enable``, ``waive``, ``require`` and ``set`` applied.

    Others (overlays and decisions are loaded with the pack, papers are supplied to dossiers) are
    passed over.

    Raises:
        InputError: ``E-WHATIF-NAME`` a node, way, need, paper or parameter that is not there,
            ``E-WHATIF-FORCE`` a way that is not in force on the day, ``E-WHATIF-VALUE`` a value
            of the wrong kind, ``E-WHATIF-WAIVE`` one of several papers of which some are needed, or a
            need that is waived twice.
        PackError: The law would contradict itself, for example by a cycle.

    >>> from datetime import date
    >>> from taizhang.rules import load_pack
    >>> pack = load_pack("title-certificates", as_of=date(2024, 1, 28))
    >>> supposed = suppose(pack, [Supposition("enable", "fire_material.commitment")])
    >>> [way.adopted for way in supposed.nodes["fire_material"].ways if way.id == "commitment"]
    [True]
    >>> supposed.digest == pack.digest
    False
    """
    changed = pack
    for number, one in enumerate(suppositions):
        if one.kind == "waive" and one in suppositions[:number]:
            raise _waived_already(one)
        if one.kind in _APPLIED:
            changed = _APPLIED[one.kind](changed, one)
            text = f"{one.kind} {one.target}={one.value}"
            row = ("supposed", one.kind, sha256(text.encode()).hexdigest())
            changed = replace(changed, lock=tuple(sorted((*changed.lock, row))))
    errors = errors_of(changed) if changed is not pack else []
    if errors:
        raise errors[0]
    return changed


def _way(pack: Pack, one: Supposition) -> tuple[Node, Way]:
    """The node and the way that a target names."""
    node_id, _, rest = one.target.partition(".")
    way_id = rest.partition(".")[0]
    node = pack.nodes.get(node_id)
    if node is None:
        raise _unknown(one, node_id, pack.nodes)
    way = next((way for way in node.ways if way.id == way_id), None)
    if way is None:
        raise _unknown(one, f"{node_id}.{way_id}", [f"{node_id}.{way.id}" for way in node.ways])
    return node, way


def _unknown(one: Supposition, name: str, names: Iterable[str]) -> InputError:
    known = [other for other in names if other != name]
    close = nearest(name, known) or ", ".join(sorted(known)[:6])
    return InputError(
        "'{name}' of --{kind} {target} is not in the pack.",
        hint="Did you mean {close}? 'taizhang pack show' lists what there is.",
        zh="--{kind} {target} 中的“{name}”在规则包中不存在。是否应为 {close}？可用 taizhang pack show 查看。",
        code="E-WHATIF-NAME",
        name=name,
        kind=one.kind,
        target=one.target,
        close=close,
    )


def _with(pack: Pack, node: Node, way: Way) -> Pack:
    ways = tuple(way if other.id == way.id else other for other in node.ways)
    return replace(pack, nodes={**pack.nodes, node.id: replace(node, ways=ways)})


def _enable(pack: Pack, one: Supposition) -> Pack:
    node, way = _way(pack, one)
    if not way.effective.holds(pack.as_of):
        raise InputError(
            "The way {target} is not in force on {day}.",
            hint="Choose a day on which it is with --as-of.",
            zh="办理路径 {target} 在 {day} 未生效或已失效，请用 --as-of 指定其有效的日期。",
            code="E-WHATIF-FORCE",
            target=one.target,
            day=pack.as_of,
        )
    return _with(pack, node, replace(way, adopted=True, scope=()))


def _need_of(pack: Pack, one: Supposition) -> tuple[Node, Way, str]:
    node, way = _way(pack, one)
    need = one.target.split(".", 2)[2] if one.target.count(".") > 1 else ""
    if not need or (need not in pack.nodes and need not in pack.evidence):
        raise _unknown(one, need or one.target, [*pack.nodes, *pack.evidence])
    return node, way, need


def _waive(pack: Pack, one: Supposition) -> Pack:
    node, way, name = _need_of(pack, one)
    kept = tuple(need for need in way.needs if name not in needed_names(need) or len(needed_names(need)) > 1)
    if len(kept) == len(way.needs):
        raise _not_waivable(one, way, name)
    return _with(pack, node, replace(way, needs=kept))


def _not_waivable(one: Supposition, way: Way, name: str) -> InputError:
    """Why a need cannot be waived: the way has none of this name, or it is one of several to choose from."""
    for need in way.needs:
        if isinstance(need, AtLeast) and name in need.of:
            return InputError(
                "'{name}' of --waive {target} is one of several of which {k} must be there: {of}. "
                "It cannot be waived by itself.",
                hint="Suppose an overlay that leaves out the whole of it: op: drop_need, need: '{of}'.",
                zh="--waive {target} 中的“{name}”是“{of}”中至少 {k} 项之一，不能单独免除。"
                "如需整体免除，请用 --overlay 推演一份 op: drop_need、need: '{of}' 的叠加规则。",
                where=f"--waive {one.target}",
                code="E-WHATIF-WAIVE",
                name=name,
                target=one.target,
                k=need.k,
                of=",".join(need.of),
            )
    needed = sorted({name for need in way.needs for name in needed_names(need)})
    return InputError(
        "The way of --waive {target} does not need '{name}'.",
        hint="It needs {needed}." if needed else "It needs nothing.",
        zh="--waive {target} 所指的办理路径并不需要“{name}”。"
        + ("它需要：{needed}。" if needed else "它没有任何要件。"),
        where=f"--waive {one.target}",
        code="E-WHATIF-NAME",
        name=name,
        target=one.target,
        needed=", ".join(needed),
    )


def _waived_already(one: Supposition) -> InputError:
    return InputError(
        "The need of --waive {target} is waived already.",
        hint="Give it once.",
        zh="--waive {target} 重复给出，该要件已免除。请只保留一处。",
        where=f"--waive {one.target}",
        code="E-WHATIF-WAIVE",
        target=one.target,
    )


def _require(pack: Pack, one: Supposition) -> Pack:
    node, way, name = _need_of(pack, one)
    return _with(pack, node, replace(way, needs=(*way.needs, Ref(name))))


def _set(pack: Pack, one: Supposition) -> Pack:
    param = pack.params.get(one.target)
    if param is None:
        raise _unknown(one, one.target, pack.params)
    row = ParameterValue(_value(one, param), Span(pack.as_of, pack.as_of), ())
    return replace(pack, params={**pack.params, param.id: replace(param, values=(row, *param.values))})


def _value(one: Supposition, param: Parameter) -> Decimal | date:
    """The supposed value, of the kind that the parameter has; where it never had one, of either."""
    kinds = {isinstance(row.value, date) for row in param.values if row.value is not None} or {True, False}
    dated = one.value.count("-") == 2
    found = _day(one.value) if dated else exact_number(one.value)
    if found is not None and dated in kinds:
        return found
    number = f"a number like 0.03, with at most {MOST_DIGITS} digits before and behind the point"
    told = Label(f"数字（如 0.03，整数与小数部分各不超过 {MOST_DIGITS} 位）", number)
    day = Label("日期（如 2024-01-28）", "a day like 2024-01-28")
    expected = told if kinds == {False} else day
    if len(kinds) > 1:
        expected = Label(f"{told.zh}或{day.zh}", f"{told.en}, or {day.en}")
    raise InputError(
        "'{value}' is no value for the parameter {target}.",
        hint="Write {expected}.",
        zh="“{value}”不是参数 {target} 的取值，应为{expected}。",
        where=f"--set {one.target}",
        code="E-WHATIF-VALUE",
        value=one.value,
        target=one.target,
        expected=expected,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


_APPLIED = {"enable": _enable, "waive": _waive, "require": _require, "set": _set}


def supply(pack: Pack, dossiers: Sequence[Dossier], suppositions: Sequence[Supposition]) -> list[Dossier]:
    """Return the dossiers with papers supplied as suppositions of kind ``supply`` say.

    The place is the name of an estate, of an estate and a building as ``estate/building``, the id of a
    place, or empty for every estate.

    Raises:
        InputError: ``E-WHATIF-NAME`` no such paper, ``E-WHATIF-PLACE`` no such estate or building.
    """
    changed = list(dossiers)
    for one in suppositions:
        if one.kind != "supply":
            continue
        if one.target not in pack.nodes and one.target not in pack.evidence:
            raise _unknown(one, one.target, [*pack.evidence, *pack.nodes])
        found = False
        for number, dossier in enumerate(changed):
            places = _places(pack, dossier, one)
            if places:
                found = True
                held = dict(dossier.held) | {(one.target, place): Held.ON_HAND for place in places}
                changed[number] = replace(dossier, held=held)
        if not found:
            raise InputError(
                "There is no place '{place}' on the level of {target}.",
                hint="Write ITEM@ESTATE or ITEM@ESTATE/BUILDING with the names of the ledger.",
                zh="{target} 没有对应的对象“{place}”。请写作 材料@小区 或 材料@小区/幢号，名称与台账一致。",
                code="E-WHATIF-PLACE",
                place=one.value,
                target=one.target,
            )
    return changed


def _places(pack: Pack, dossier: Dossier, one: Supposition) -> list[str]:
    """Places of a dossier at which a paper is supplied: those of its own level, named or all."""
    estate, _, building = one.value.partition("/")
    level = pack.level_of(one.target)

    def named(place: Place) -> bool:
        chain = [dossier.places[at] for at in dossier.chain(place.id)]
        if any(at.id == one.value for at in chain):
            return True
        inside = not estate or any(estate in (at.name, at.id) for at in chain if at.level == "estate")
        return inside and (not building or any(building in (at.name, at.id) for at in chain))

    return sorted(place.id for place in dossier.places.values() if place.level == level and named(place))


def adoptable(pack: Pack) -> list[str]:
    """Return the ways that are in force but not adopted here, as ``node.way`` in id order."""
    return sorted(
        f"{node.id}.{way.id}"
        for node in pack.nodes.values()
        for way in node.ways
        if not way.adopted and way.effective.holds(pack.as_of)
    )


def adopting(pack: Pack, ways: Sequence[str]) -> Pack:
    """Return the law with some ways adopted in the whole city, as ``node.way``."""
    nodes = dict(pack.nodes)
    for one in ways:
        name, _, way_id = one.partition(".")
        node = nodes[name]
        told = tuple(replace(way, adopted=True, scope=()) if way.id == way_id else way for way in node.ways)
        nodes[name] = replace(node, ways=told)
    return replace(pack, nodes=nodes)
