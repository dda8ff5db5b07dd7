"""What of a pack an example can see: the records its case comes near, and whether two of them are alike.

Reads from: ``packtest``, ``terms``.  Read by: ``mutating``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from taizhang.rules.answers import as_read
from taizhang.rules.document import PackTest
from taizhang.rules.expressions import Expression
from taizhang.rules.lint import needed_names
from taizhang.rules.marked import Scalar
from taizhang.rules.packtest import dossier_of, supposed
from taizhang.rules.terms import Dossier, Held, Need, Node, Pack, Parameter, Span, Value, Way

__all__ = ["Reached", "reached_by", "same_law"]


@dataclass(frozen=True, slots=True)
class Reached:
    """What one example can see.

    Attributes:
        pack: The law of its day.
        case: What it knows; nothing for a bill.
        nodes: Nodes that the goal comes down to by ways and needs whose guards may hold.
        names: Facts and parameters that guards on the way down, or the bill, read.
    """

    pack: Pack
    case: Dossier | None
    nodes: frozenset[str]
    names: frozenset[str]

    def touches(self, chapter: str, name: str, ways: Iterable[Way]) -> bool:
        """Whether leaving something out of a record can change what the example sees.

        Args:
            chapter: Chapter of the record.
            name: Its id.
            ways: For a node, the ways in question, as they are and as they would be.
        """
        if chapter == "nodes":
            return self.case is not None and name in self.nodes and any(map(self._may_hold, ways))
        if chapter == "params":
            return self.case is None or name in self.names
        return chapter == "fees" and self.case is None

    def _may_hold(self, way: Way) -> bool:
        return self.case is not None and _may(self.pack, self.case, way.when)


def reached_by(pack: Pack, test: PackTest) -> Reached:
    """Return what an example can see of the law of its day."""
    if "fees" in test.when:
        return Reached(pack, None, frozenset(), frozenset())
    pack = supposed(pack, test)
    case = dossier_of(pack, test)
    nodes: set[str] = set()
    names: set[str] = set()
    asked = test.when.get("goal")
    pending = [pack.goal, *([asked.text] if isinstance(asked, Scalar) else [])]
    while pending:
        name = pending.pop()
        if name in nodes or name not in pack.nodes:
            continue
        nodes.add(name)
        if _on_hand(pack, case, name):
            continue
        for way in pack.nodes[name].ways:
            names |= way.when.names if way.when else frozenset()
            if pack.in_force(way) and _may(pack, case, way.when):
                for need in way.needs:
                    names |= need.when.names if need.when else frozenset()
                    if _may(pack, case, need.when):
                        pending.extend(needed_names(need))
    names |= {name for one in pack.urgency for name in one.when.names}
    return Reached(pack, case, frozenset(nodes), frozenset(names))


def _place(pack: Pack, case: Dossier) -> str:
    """The finest place of the case, from which everything is seen."""
    return next(one.id for one in case.places.values() if one.level == pack.levels[-1])


def _on_hand(pack: Pack, case: Dossier, name: str) -> bool:
    at = case.ancestor(_place(pack, case), pack.level_of(name))
    return at is not None and case.state(name, at) is Held.ON_HAND


def _may(pack: Pack, case: Dossier, guard: Expression | None) -> bool:
    """Whether a guard may hold for what is known of a case."""
    place = _place(pack, case)

    def value(name: str) -> Value | None:
        if name in pack.facts:
            return as_read(pack.facts[name], case.fact(name, place))
        return pack.params[name].on(pack.as_of)

    return guard is None or guard.truth(value) is not False


def same_law(pack: Pack, record: Any, chapter: str, name: str) -> bool:
    """Whether a record says on the pack's day what the pack's own record says."""
    table = getattr(pack, chapter)
    own = next(one for one in table if one.id == name) if isinstance(table, tuple) else table[name]
    if isinstance(own, Node):
        return _ways(pack, own) == _ways(pack, record)
    if isinstance(own, Parameter):
        return _value(pack, own) == _value(pack, record)
    if chapter == "fees":
        dated = (own.effective.holds(pack.as_of), record.effective.holds(pack.as_of))
        return dated[0] == dated[1] and bool(
            replace(own, effective=Span()) == replace(record, effective=Span())
        )
    return bool(own == record)


def _ways(pack: Pack, node: Node) -> list[tuple[bool, Way, tuple[Need, ...]]]:
    """Ways as they count on the pack's day: dates are what they do."""
    return [
        (way.effective.holds(pack.as_of), replace(way, effective=Span(), where=""), way.needs)
        for way in node.ways
    ]


def _value(pack: Pack, param: Parameter) -> list[object]:
    rows = [row for row in param.values if row.effective.holds(pack.as_of)]
    return [(row.value, row.sources) for row in rows[:1]]
