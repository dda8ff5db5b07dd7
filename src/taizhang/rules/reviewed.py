"""A city's plans, each walked through by the second checker before anybody sees it.

Reads from: ``check``, ``witness``, ``joining``.  Read by: ``city``.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence

from taizhang.rules.check import Verdict, check_in_full
from taizhang.rules.joining import Joined
from taizhang.rules.terms import Dossier, EstatePlan, Pack, Status
from taizhang.rules.witness import Witnesses

__all__ = ["ReviewWarning", "reviewed", "verdicts"]


class ReviewWarning(RuntimeWarning):
    """The second checker did not accept a plan; the estate was planned in another way."""


def verdicts(
    pack: Pack,
    dossiers: Sequence[Dossier],
    plans: Sequence[EstatePlan],
    joined: Joined,
    witnesses: Witnesses,
) -> Iterator[Verdict]:
    """Yield what the second checker says of every plan.

    Args:
        pack: The law on its day.
        dossiers: One estate each, as they were planned.
        plans: What is shown of them.
        joined: What that was made of.
        witnesses: What its homes take and assume.

    Cost:
        About 0.2 ms a home; of homes that answer all that is asked alike one is walked through.
    """
    for number, (dossier, plan) in enumerate(zip(dossiers, plans, strict=True)):
        out = set(plan.joint.left_out)
        rows = [
            row
            for row, unit in zip(joined.ranges[number], plan.units, strict=True)
            if unit.status in (Status.OPEN, Status.DEPENDS) and unit.place.id not in out
        ]
        witness = witnesses.of(number, joined.shared[number], rows)
        yield check_in_full(pack, dossier, plan, witness.route, witness.assumes)


def reviewed(
    plans: Sequence[EstatePlan], told: Iterable[Verdict], whole: Callable[[int], EstatePlan]
) -> Iterator[EstatePlan]:
    """Yield the plans; in place of one that is not accepted, the estate planned as a whole.

    Args:
        plans: Of a city.
        told: What the second checker says of each.
        whole: Plans the estate of some number as a whole, and has that plan checked.

    Raises:
        TaizhangError: ``E-PLAN-CHECK`` that plan is not accepted either; it is not shown.
    """
    for number, (plan, verdict) in enumerate(zip(plans, told, strict=True)):
        if not verdict:
            name, said = plan.place.name or plan.place.id, "; ".join(verdict.problems[:3])
            text = f"{name}: planned as a whole, for the second checker says: {said}"
            warnings.warn(text, ReviewWarning, stacklevel=2)
        yield plan if verdict else whole(number)
