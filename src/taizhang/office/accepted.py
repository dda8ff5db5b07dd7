"""Papers that the office has accepted: they stay on hand, whatever an older ledger still says of them.

A ledger that has the paper renewed knows better: of two last days the later one counts.

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

__all__ = ["Accepted", "Beside", "accepted_papers"]


@dataclass(frozen=True, slots=True)
class Beside:
    """What a ledger says of a place, put beside what the office has accepted there.

    Attributes:
        held: State by paper: what was accepted is on hand.
        until: Last days; of an accepted paper and one that the ledger has, the later day.
        missing: Papers that the ledger calls missing although they were accepted.
        unobtainable: Papers of which the ledger says that nobody can supply them, although somebody has.
    """

    held: Mapping[str, object]
    until: Mapping[str, object]
    missing: tuple[str, ...]
    unobtainable: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Accepted:
    """Papers accepted in some counties.

    Attributes:
        papers: By place and paper: the last day on which it counts, ``None`` where it does not lapse.
    """

    papers: Mapping[str, Mapping[str, date | None]]

    def beside(self, place: str, held: Mapping[str, object], until: Mapping[str, object]) -> Beside:
        """Put both beside each other.

        Args:
            place: The place.
            held: State by paper, as the ledger tells it.
            until: Last days, as the ledger tells them.

        >>> last = Accepted({"a": {"survey": date(2024, 5, 1)}})
        >>> last.beside("a", {"survey": "on_hand"}, {"survey": date(2026, 5, 1)}).until
        {'survey': datetime.date(2026, 5, 1)}
        """
        merged, days = dict(held), dict(until)
        said: dict[str, list[str]] = {"missing": [], "unobtainable": []}
        for item, last in self.papers.get(place, {}).items():
            told = str(held.get(item, "on_hand"))
            if told in said:
                said[told].append(item)
            renewed = days.pop(item, None) if told == "on_hand" else None
            merged[item] = "on_hand"
            days.pop(item, None)
            if last is not None:
                days[item] = max(last, renewed) if isinstance(renewed, date) else last
        return Beside(merged, days, tuple(said["missing"]), tuple(said["unobtainable"]))


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
