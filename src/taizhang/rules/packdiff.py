"""What changed between two states of the law.

Reads from: ``terms``.  Read by: the command ``pack diff``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from taizhang.rules.terms import AtLeast, Each, Need, Node, Pack, Ref, Share, Way

__all__ = ["Difference", "pack_diff"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference.

    Attributes:
        what: ``added``, ``removed``, ``changed``, ``in force`` or ``no longer in force``.
        name: ``node.way``, or the id of a paper, fact, parameter or fee.
        before, after: What stands there, in short; empty where nothing does.
    """

    what: str
    name: str
    before: str
    after: str


def pack_diff(old: Pack, new: Pack) -> list[Difference]:
    """Return every difference that can change a plan or a bill, in id order."""
    found = [*_nodes(old, new)]
    found += _table(
        {name: _cost(paper.cost) + f", {paper.supplier}" for name, paper in old.evidence.items()},
        {name: _cost(paper.cost) + f", {paper.supplier}" for name, paper in new.evidence.items()},
    )
    found += _table(
        {name: f"{fact.type} {','.join(fact.values)}" for name, fact in old.facts.items()},
        {name: f"{fact.type} {','.join(fact.values)}" for name, fact in new.facts.items()},
    )
    found += _table(
        {name: _value(param.on(old.as_of)) for name, param in old.params.items()},
        {name: _value(param.on(new.as_of)) for name, param in new.params.items()},
    )
    found += _table(
        {name: fee.formula.text for name, fee in old.fees.items()},
        {name: fee.formula.text for name, fee in new.fees.items()},
    )
    found += _table(
        {one.id: one.when.text for one in old.urgency}, {one.id: one.when.text for one in new.urgency}
    )
    return found


def _value(value: Decimal | date | None) -> str:
    return "not set" if value is None else str(value)


def _table(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Difference]:
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            what = "added" if name not in old else "removed" if name not in new else "changed"
            yield Difference(what, name, old.get(name, ""), new.get(name, ""))


def _nodes(old: Pack, new: Pack) -> Iterator[Difference]:
    for name in sorted(old.nodes.keys() | new.nodes.keys()):
        before, after = _ways(old, old.nodes.get(name)), _ways(new, new.nodes.get(name))
        for way in sorted(before.keys() | after.keys()):
            (live_before, text_before), (live_after, text_after) = (
                before.get(way, (False, "")),
                after.get(way, (False, "")),
            )
            title = f"{name}.{way}"
            if text_before and text_after and live_before != live_after:
                yield Difference(
                    "in force" if live_after else "no longer in force", title, text_before, text_after
                )
            elif text_before != text_after:
                what = "added" if not text_before else "removed" if not text_after else "changed"
                yield Difference(what, title, text_before, text_after)


def _ways(pack: Pack, node: Node | None) -> dict[str, tuple[bool, str]]:
    return {way.id: (pack.in_force(way), _way(way)) for way in node.ways} if node else {}


def _way(way: Way) -> str:
    when = f" when {way.when.text}" if way.when else ""
    owed = "".join(f"; afterwards {duty.paper} in {duty.days} working days" for duty in way.duties)
    return f"rank {way.rank}, {_cost(way.step)}{when}: {', '.join(_need(need) for need in way.needs)}{owed}"


def _need(need: Need) -> str:
    if isinstance(need, Ref):
        text = need.ref
    elif isinstance(need, AtLeast):
        text = f"{need.k} of {'/'.join(need.of)}"
    elif isinstance(need, Each):
        text = f"each {need.level} {need.ref}"
    else:
        assert isinstance(need, Share)
        text = f"{need.at_least} of {need.level} {need.ref}"
    return f"{text} when {need.when.text}" if need.when else text


def _cost(cost: object) -> str:
    money = getattr(cost, "money_fen", None)
    price = "price unknown" if money is None else f"{money / 100:.2f} yuan"
    return f"{price}, {getattr(cost, 'effort', 0)} h, {getattr(cost, 'days', 0)} working days"
