"""What a pack relies on for one thing: the sources of a way, a need, a duty, a paper, a value or a fee.

Reads from: ``terms``.  Read by: ``packtest``.
"""

from __future__ import annotations

from collections.abc import Container

from taizhang.rules.terms import Pack, Plan, Ref, Way

__all__ = ["cited", "cited_on_bill"]


def cited(pack: Pack, name: str, plan: Plan, have: Container[str] = ()) -> list[str] | str:
    """Return the ids of the sources of one thing that a case came to, or why there are none.

    Args:
        pack: The law on its day.
        name: ``node.way``, ``node.way.paper`` (a need or a duty of the way), or the id of a paper, a
            parameter, a class or a reason for haste.
        plan: The plan of the case; a way must lie on its route, a paper among its gaps.
        have: Papers on hand, which count as well.

    >>> from datetime import date
    >>> from taizhang.rules import Dossier, cheapest_plan, load_pack
    >>> pack = load_pack("title-certificates", as_of=date(2024, 1, 28))
    >>> known = {"purchase_basis": "presale_contract_filed", "invoice": "have", "tax_exempt_reason": "none"}
    >>> plan = cheapest_plan(pack, Dossier.of(pack, on_hand=["first_registration"], facts=known))
    >>> cited(pack, "deed_tax_receipt", plan)
    ['s02']
    >>> cited(pack, "transfer_cause.court", plan)
    'not on the route'
    """
    node, _, rest = name.partition(".")
    way_id, _, item = rest.partition(".")
    if rest:
        way = _taken(pack, plan, node, way_id)
        if way is None:
            return "not on the route"
        return _of_item(way, item) if item else sorted(way.sources)
    if name in pack.evidence:
        needed = name in plan.items or name in have
        return sorted(pack.evidence[name].sources) if needed else "not needed"
    return _of_law(pack, name)


def cited_on_bill(pack: Pack, name: str) -> list[str] | str:
    """Return the ids of the sources of a line of the bill, or of a parameter on its day."""
    if name in pack.fees:
        return sorted(pack.fees[name].sources)
    return _of_law(pack, name)


def _taken(pack: Pack, plan: Plan, node: str, way_id: str) -> Way | None:
    if not any((choice.node, choice.way) == (node, way_id) for choice in plan.route):
        return None
    return next(way for way in pack.nodes[node].ways if way.id == way_id)


def _of_item(way: Way, item: str) -> list[str] | str:
    found = [need.sources for need in way.needs if isinstance(need, Ref) and need.ref == item]
    found += [duty.sources for duty in way.duties if duty.paper == item]
    return sorted(one for sources in found for one in sources) if found else "not there"


def _of_law(pack: Pack, name: str) -> list[str] | str:
    if name in pack.params:
        rows = (row for row in pack.params[name].values if row.effective.holds(pack.as_of))
        row = next(rows, None)
        return [] if row is None else sorted(row.sources)
    named = {one.id: one.sources for one in pack.classes} | {one.id: one.sources for one in pack.urgency}
    return sorted(named[name]) if name in named else "not there"
