"""A plan as it is kept: canonical JSON, compressed, with what pages and tasks are made of.

Reads from: ``rules.terms``.  Read by: ``planning``, ``selectors``.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from taizhang.rules.terms import EstatePlan, Gap, RouteChoice, UnitPlan

__all__ = ["PlanContent", "pack_plan", "unpack_plan"]

PlanContent = Mapping[str, Any]  # see ``pack_plan`` for its keys

_ENCODE = msgspec.json.Encoder(order="sorted").encode
_DECODE = msgspec.json.Decoder().decode


def pack_plan(plan: EstatePlan, law: str, order: tuple[str, ...]) -> bytes:
    """Return what is kept of the plan of an estate.

    Args:
        plan: The plan.
        law: The digest of the law it follows from.
        order: Parts in the declared order.

    Keys: ``law``, ``status``, ``classes``, ``proved``, ``least`` (the first part that is not proved, and what
    it cannot be below, or null), ``vector`` (rank, fen, hours, papers, working days),
    ``unknown_costs``, ``gaps``, ``route``, ``duties``, ``questions``, ``blocked_by``, ``nodes`` (status by
    node), ``units`` (place, status, exact, own papers, number of shared papers, fen or null, urgencies).
    """
    joint = plan.joint
    told = {
        "law": law,
        "status": int(plan.status),
        "classes": list(plan.classes),
        "proved": joint.proved,
        "least": joint.least(order),
        "vector": _vector(joint.vector),
        "unknown_costs": sorted(set(joint.unknown_costs)),
        "gaps": [_gap(one) for one in joint.gaps],
        "route": [_choice(one) for one in joint.route],
        "duties": [
            [one.item, one.place, one.supplier, one.due, one.node, one.way, one.consequence.zh]
            for one in plan.duties
        ],
        "questions": [[one.fact, one.place, one.units] for one in plan.questions],
        "blocked_by": list(plan.blocked_by),
        "nodes": {name: int(status) for name, status in sorted(plan.node_status.items())},
        "units": [_unit(one) for one in plan.units],
    }
    return zlib.compress(_ENCODE(told), 1)


def unpack_plan(content: bytes | memoryview) -> PlanContent:
    """Return what was kept; see :func:`pack_plan`."""
    told: PlanContent = _DECODE(zlib.decompress(bytes(content)))
    return told


def _vector(vector: Any) -> Sequence[int]:
    return [vector.rank, vector.money_fen, vector.effort, vector.items, vector.days]


def _choice(one: RouteChoice) -> Sequence[str]:
    return [one.place, one.node, one.way]


def _gap(one: Gap) -> Mapping[str, Any]:
    return {
        "item": one.item,
        "place": one.place,
        "level": one.level,
        "supplier": one.supplier,
        "fen": one.money_fen,
        "effort": one.effort,
        "days": one.days,
        "start": one.start,
        "end": one.end,
        "critical": one.critical,
        "units": one.units,
        "count": one.count,
        "grade": one.grade,
        "path": [_choice(choice) for choice in one.path],
    }


def _unit(one: UnitPlan) -> Sequence[Any]:
    fen = None if one.bill.unknown else one.bill.total_fen
    return [
        one.place.id,
        int(one.status),
        one.exact,
        list(one.own),
        len(one.shared),
        fen,
        list(one.urgent),
    ]
