"""Papers that a city's plan tells once for many homes, told home by home.

What is sent to an office or compared with last week names every home; the plan of a city holds one
record for the like papers of an estate's homes, with their number.

Reads from: ``rules.terms``.  Read by: the command line.
"""

from __future__ import annotations

from dataclasses import replace

from taizhang.rules.terms import CityPlan, EstatePlan, Gap

__all__ = ["home_by_home"]


def home_by_home(city: CityPlan) -> CityPlan:
    """Return the same plan with one record for each home that lacks a paper.

    Steps of homes stay one record with their number: the plan does not say which homes they are.
    """
    if not any(gap.count > 1 for estate in city.estates for gap in estate.joint.gaps):
        return city
    return replace(city, estates=tuple(map(_spread, city.estates)))


def _spread(estate: EstatePlan) -> EstatePlan:
    lacking: dict[str, list[tuple[str, bool]]] = {}
    for unit in estate.units:
        for item in unit.own:
            lacking.setdefault(item, []).append((unit.place.id, bool(unit.urgent)))
    gaps: list[Gap] = []
    for gap in estate.joint.gaps:
        if gap.count == 1:
            gaps.append(gap)
            continue
        gaps += [
            replace(gap, place=place, units=1, urgent=int(urgent), count=1)
            for place, urgent in lacking.get(gap.item, ())
        ]
    return replace(estate, joint=replace(estate.joint, gaps=tuple(gaps)))
