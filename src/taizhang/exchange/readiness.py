"""Which units can have their certificate now, and which cannot wait: counted alike everywhere.

Reads from: ``rules.terms``.  Read by: the workbook and the report.
"""

from __future__ import annotations

from collections.abc import Iterable

from taizhang.rules.terms import EstatePlan, Status, UnitPlan

__all__ = ["is_ready", "units_ready", "units_urgent"]


def is_ready(unit: UnitPlan) -> bool:
    """Whether a unit can have its certificate now: nothing is missing but papers of its own."""
    return unit.status is Status.PROVED or (not unit.shared and unit.status is not Status.BLOCKED)


def units_ready(estates: Iterable[EstatePlan]) -> int:
    """Return how many units can have their certificate now."""
    return sum([is_ready(unit) for estate in estates for unit in estate.units])


def units_urgent(estates: Iterable[EstatePlan]) -> int:
    """Return how many units cannot wait."""
    return sum([unit.urgent != () for estate in estates for unit in estate.units])
