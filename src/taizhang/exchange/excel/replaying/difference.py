"""A comparison for other programs: ``--json`` of the command ``diff``.

Reads from: ``sides``, ``rules``.  Read by: ``cli``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict

from taizhang.exchange.excel.replaying.sides import Comparison, Side
from taizhang.rules.difftally import Tally, tally
from taizhang.rules.plancontent import Key, Said
from taizhang.rules.plandiff import Change, DiffStep, PlanDiff, caused_by
from taizhang.rules.terms import EstatePlan, Status

__all__ = ["by_estate", "difference", "end_of", "name_of", "units_of"]


def difference(made: Comparison) -> dict[str, object]:
    """Return a comparison, ready for ``json.dumps``.

    Returns:
        ``same``; ``old`` and ``new`` with their days, documents and counts; ``whole`` with the tally
        of all differences; ``steps`` in order of the causes; ``by_estate`` with every change, its
        values before and after, and the causes at which it came about.
    """
    found, (old, new) = made.found, made.not_reproduced()
    trail = caused_by(found)
    return {
        "same": not found.whole,
        "old": _side(made.old, found.former, old),
        "new": _side(made.new, found.plans, new),
        "whole": _tally(tally(found.whole)),
        "steps": [_step(one) for one in found.steps],
        "by_estate": [
            {
                "id": estate,
                "name": name_of(found, estate),
                **_tally(tally(changes)),
                "changes": [_told(found, one, trail[one.estate, one.key]) for one in changes],
            }
            for estate, changes in by_estate(found).items()
        ],
    }


def by_estate(found: PlanDiff) -> dict[str, list[Change]]:
    """The differences of each estate, the estates with most units concerned first."""
    each: dict[str, list[Change]] = {}
    for change in found.whole:
        each.setdefault(change.estate, []).append(change)

    def weight(estate: str) -> tuple[int, int, str]:
        amount = tally(each[estate])
        return (-amount.units_moved, -amount.items_added - amount.items_removed, estate)

    return {estate: each[estate] for estate in sorted(each, key=weight)}


def units_of(plans: Mapping[str, EstatePlan]) -> dict[str, int]:
    """Units by status."""
    counted = Counter(unit.status for plan in plans.values() for unit in plan.units)
    return {status.word: counted[status] for status in Status}


def _side(side: Side, plans: Mapping[str, EstatePlan], other: tuple[str, ...]) -> dict[str, object]:
    conditions = side.conditions
    return {
        "file": side.name,
        "as_of": conditions.as_of.isoformat(),
        "prefer": conditions.prefer,
        "documents": [
            {"role": one.role, "id": one.id, "version": one.version, "sha256": one.sha256}
            for one in conditions.texts
        ],
        "estates": len(plans),
        "units": sum(len(plan.units) for plan in plans.values()),
        "units_by_status": units_of(plans),
        "not_reproduced": list(other),
    }


def _step(step: DiffStep) -> dict[str, object]:
    together = {"together_because": step.reason.say("en")} if step.reason else {}
    return {
        "causes": list(step.causes),
        **together,
        "estates_replanned": step.replanned,
        "changes": len(step.changes),
        **_tally(tally(step.changes)),
    }


def _tally(amount: Tally) -> dict[str, object]:
    told = asdict(amount)
    for name in ("estates", "estates_added", "estates_removed"):
        told[name] = len(told[name])
    return told


def _told(found: PlanDiff, change: Change, steps: tuple[DiffStep, ...]) -> dict[str, object]:
    told = end_of(found, change) if change.key == Key("date", "finish") else (change.before, change.after)
    return {
        **_key(change.key),
        "before": told[0],
        "after": told[1],
        "causes": [cause for step in steps for cause in step.causes],
    }


def _key(key: Key) -> dict[str, str]:
    return {name: text for name, text in key._asdict().items() if text}


def _ends(plan: EstatePlan | None) -> bool:
    """Whether an estate has a day on which it ends: not where every home of it is blocked."""
    return plan is not None and any(unit.status is not Status.BLOCKED for unit in plan.units)


def end_of(found: PlanDiff, change: Change) -> tuple[Said, Said]:
    """When an estate was to end and when it is to now; nothing on a side where there is no end."""
    before = change.before if _ends(found.former.get(change.estate)) else None
    return before, change.after if _ends(found.plans.get(change.estate)) else None


def name_of(found: PlanDiff, estate: str) -> str:
    """The name of an estate of either side."""
    plan = found.plans.get(estate) or found.former[estate]
    return plan.place.name
