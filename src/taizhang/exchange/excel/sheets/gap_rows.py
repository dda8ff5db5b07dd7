"""The rows of the sheet 缺项清单, and the numbers that overview and summary both count.

One row stands for each paper missing at an estate or a building, and one for each paper that
units of an estate lack, with their number.  A paper of the city or a county that several
estates wait for is one row.  The overview and ``SUMMARY.json`` count these same rows.

Reads from: ``rules.terms``.  Read by: ``gaps``, ``departments``, ``overview``, ``summary``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from taizhang.rules.terms import (
    Alternative,
    CityPlan,
    EstatePlan,
    Gap,
    Place,
    RouteChoice,
    Status,
    Vector,
)

__all__ = [
    "GapRow",
    "classes_count",
    "gap_rows",
    "gaps_by_supplier",
    "gaps_in",
    "units_by_status",
]

_GRADES = {"convenient": 1, "chosen": 2, "necessary": 3}


@dataclass(frozen=True, slots=True)
class GapRow:
    """One row of 缺项清单: a missing paper, at one place or at many units of one estate."""

    item: str
    level: str
    supplier: str
    estates: tuple[EstatePlan, ...]  #: more than one only for papers above the estate
    place: Place | None  #: ``None`` where the row stands for several units
    places: int  #: how many (place, paper) pairs it stands for
    units: int  #: units whose plan uses it
    urgent: int  #: of these, those that cannot wait
    money_fen: int | None  #: sum of the known prices; ``None`` where none is known
    money_unknown: int  #: pairs whose price is not known
    effort: int
    days: int
    start: int
    end: int
    slack: int
    critical: bool
    grade: str
    refusal: Vector | None
    path: tuple[RouteChoice, ...]
    alternatives: tuple[Alternative, ...]

    @property
    def estate(self) -> EstatePlan:
        """The estate, or the first of several."""
        return self.estates[0]


def gap_rows(city: CityPlan) -> tuple[GapRow, ...]:
    """Return the rows of 缺项清单: what several estates share first, then estate by estate."""
    levels = city.pack.levels
    above = set(levels[: levels.index("estate")]) if "estate" in levels else set()
    finest = levels[-1]
    shared: dict[tuple[str, str], list[tuple[EstatePlan, Gap]]] = {}
    own: list[GapRow] = []
    for estate in city.estates:
        alike: dict[tuple[str, str], list[Gap]] = defaultdict(list)
        for gap in estate.joint.gaps:
            if gap.level in above:
                shared.setdefault((gap.item, gap.place), []).append((estate, gap))
            else:
                alike[gap.item, "" if gap.level == finest else gap.place].append(gap)
        own.extend(_row(estate, found) for found in alike.values())
    return tuple([_shared_row(found) for found in shared.values()] + own)


def gaps_in(rows: Iterable[GapRow]) -> int:
    """Return the number of (place, paper) pairs the rows stand for."""
    return sum(row.places for row in rows)


def gaps_by_supplier(rows: Iterable[GapRow]) -> dict[str, int]:
    """Return the number of (place, paper) pairs of each supplier, most first."""
    counted: Counter[str] = Counter()
    for row in rows:
        counted[row.supplier] += row.places
    return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))


def units_by_status(city: CityPlan) -> dict[str, int]:
    """Return how many units stand where: ``proved``, ``open``, ``depends``, ``blocked``."""
    counted = Counter(unit.status for estate in city.estates for unit in estate.units)
    return {status.word: counted[status] for status in Status}


def classes_count(city: CityPlan) -> dict[str, int]:
    """Return how many estates are in each problem class, in the pack's order."""
    counted = Counter(one for estate in city.estates for one in dict.fromkeys(estate.classes))
    ordered = {one.id: counted.pop(one.id, 0) for one in city.pack.classes}
    return {**ordered, **dict(sorted(counted.items()))}


def _row(estate: EstatePlan, gaps: list[Gap]) -> GapRow:
    """Return one row for gaps of one paper in one estate; a gap may stand for many like units."""
    graded = [gap for gap in gaps if gap.grade]
    first = max(graded, key=lambda gap: _GRADES.get(gap.grade, 0)) if graded else gaps[0]
    priced = [gap for gap in gaps if gap.money_fen is not None]
    places = sum([gap.count for gap in gaps])
    return GapRow(
        item=first.item,
        level=first.level,
        supplier=first.supplier,
        estates=(estate,),
        place=estate.places.get(first.place, estate.place) if places == 1 else None,
        places=places,
        units=sum([gap.units for gap in gaps]),
        urgent=sum([gap.urgent for gap in gaps]),
        money_fen=sum([(gap.money_fen or 0) * gap.count for gap in priced]) if priced else None,
        money_unknown=places - sum([gap.count for gap in priced]),
        effort=sum([gap.effort * gap.count for gap in gaps]),
        days=max([gap.days for gap in gaps]),
        start=min([gap.start for gap in gaps]),
        end=max([gap.end for gap in gaps]),
        slack=min([gap.slack for gap in gaps]),
        critical=any(gap.critical for gap in gaps),
        grade=first.grade,
        refusal=first.price_of_refusal,
        path=first.path,
        alternatives=first.alternatives,
    )


def _shared_row(found: list[tuple[EstatePlan, Gap]]) -> GapRow:
    """Return one row for a paper above the estate: it is needed once, whoever waits for it."""
    estate, first = found[0]
    return GapRow(
        item=first.item,
        level=first.level,
        supplier=first.supplier,
        estates=tuple(estate for estate, _ in found),
        place=estate.places.get(first.place, estate.place),
        places=1,
        units=sum(gap.units for _, gap in found),
        urgent=sum(gap.urgent for _, gap in found),
        money_fen=first.money_fen,
        money_unknown=int(first.money_fen is None),
        effort=first.effort,
        days=first.days,
        start=min(gap.start for _, gap in found),
        end=min(gap.end for _, gap in found),
        slack=min(gap.slack for _, gap in found),
        critical=any(gap.critical for _, gap in found),
        grade=first.grade,
        refusal=first.price_of_refusal,
        path=first.path,
        alternatives=first.alternatives,
    )
