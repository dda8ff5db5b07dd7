"""Papers that the office has accepted: they stay on hand, whatever an older ledger still says of them.

Reads from: ``recorded_steps``, ``ledger.models``.  Read by: ``register``.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from taizhang.ledger.models import Evidence
from taizhang.office.recorded_steps import recorded_steps

__all__ = ["Accepted", "accepted_papers"]


@dataclass(frozen=True, slots=True)
class Accepted:
    """Papers accepted in some counties.

    Attributes:
        papers: By place and paper: the last day on which it counts, ``None`` where it does not lapse.
    """

    papers: Mapping[str, Mapping[str, date | None]]

    def beside(
        self, place: str, held: Mapping[str, object], until: Mapping[str, object]
    ) -> tuple[dict[str, object], dict[str, object], int]:
        """What a ledger says of a place, with what was accepted there; and of how much it says otherwise.

        Args:
            place: The place.
            held: State by paper, as the ledger tells it.
            until: Last days, as the ledger tells them.
        """
        merged, days, otherwise = dict(held), dict(until), 0
        for item, last in self.papers.get(place, {}).items():
            otherwise += held.get(item, "on_hand") != "on_hand"
            merged[item] = "on_hand"
            days.pop(item, None)
            if last is not None:
                days[item] = last
        return merged, days, otherwise


def accepted_papers(counties: Collection[str]) -> Accepted:
    """Papers of gaps that were accepted, the newest of each place, and steps that records show."""
    found: dict[str, dict[str, date | None]] = {}
    for place, item in recorded_steps(counties):
        found.setdefault(place, {})[item] = None
    gap = Q(task__kind="gap") | Q(task__isnull=True)  # without a task: a meeting decided it
    rows = Evidence.objects.filter(gap, accepted=True, county__in=counties).order_by("decided_at", "id")
    for item, place, last, places in rows.values_list(
        "item", "place", "valid_until", "task__places"
    ).iterator():
        for one in json.loads(places or "[]") or [place]:
            found.setdefault(one, {})[item] = last
    return Accepted(found)
