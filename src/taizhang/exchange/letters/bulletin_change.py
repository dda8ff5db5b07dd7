"""What changed between two weeks, pair by pair of paper and place; every number balances.

A pair of last week that the plan of this week no longer lacks is *closed*, unless it only left
the plan because its place left the ledger, or because the households it was for are now blocked
and no longer planned: then it *left*.  So last week's pairs, less those closed, less those that
left, plus the new ones, are this week's, in the city, in every county and for every office.

Reads from: ``bulletin_file``.  Read by: ``bulletin``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from taizhang.exchange.letters.bulletin_file import Mark, Snapshot
from taizhang.rules.terms import CityPlan, Status

__all__ = ["Change", "Flow", "Move", "Standing", "compare", "least_units", "planned_places", "standings"]

Pair = tuple[str, str, str]  # estate or nothing, paper, place

_MOST = 500  #: a county with this many units is always ranked
_SHARE = 100  #: or with one in so many of all units


@dataclass(frozen=True, slots=True)
class Flow:
    """Pairs from last week to this week."""

    last: int = 0
    closed: int = 0
    left: int = 0
    new: int = 0

    @property
    def now(self) -> int:
        """What is lacking this week."""
        return self.last - self.closed - self.left + self.new


@dataclass(frozen=True, slots=True)
class Move:
    """One estate that changed: ``ready``, ``unready``, ``blocked``, ``opened``, ``added`` or ``gone``."""

    kind: str
    mark: Mark
    units: int  #: how many it is about


@dataclass(frozen=True, slots=True)
class Change:
    """What changed in a week; without an earlier plan everything is ``new``."""

    total: Flow
    counties: Mapping[str | None, Flow]  #: ``None``: shared by estates of several counties
    suppliers: Mapping[str, Flow]
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """One county in the ranking; without a rank where it is listed apart."""

    county: str
    units: int
    ready: int
    flow: Flow
    share: Fraction | None
    rank: int | None
    apart: str = ""  #: why: ``few``, ``none``, ``unnamed`` or ``gone``


def planned_places(city: CityPlan) -> dict[str, frozenset[str]]:
    """Return for each estate its places, less those of which every unit is blocked.

    Places are written without the id of the estate; the estate itself is the empty text.
    """
    found: dict[str, frozenset[str]] = {}
    for estate in city.estates:
        gone = set(estate.joint.left_out)
        with_units: set[str] = set()
        planned: set[str] = set()
        for unit in estate.units:
            chain = [unit.place.id, estate.place.id]
            above = unit.place.parent
            while above and above != estate.place.id and above in estate.places:
                chain.append(above)
                above = estate.places[above].parent
            (planned if unit.place.id not in gone else with_units).update(chain)
        places = {estate.place.id, *estate.places} - (with_units - planned)
        found[estate.place.id] = frozenset(one.removeprefix(estate.place.id) for one in places)
    return found


def compare(last: Snapshot | None, now: Snapshot, planned: Mapping[str, frozenset[str]]) -> Change:
    """Return what changed.

    Args:
        last: An earlier week, or nothing.
        now: This week.
        planned: As :func:`planned_places` gives it for this week.
    """
    before = _aligned(last, now) if last is not None else ()
    old, new = _pairs(before), _pairs(now.estates)
    counties = {one.id: one.county for one in (*before, *now.estates)}
    offices = {**(last.suppliers if last else {}), **now.suppliers}
    total: Counter[str] = Counter()
    of_county: dict[str | None, Counter[str]] = defaultdict(Counter)
    of_office: dict[str, Counter[str]] = defaultdict(Counter)
    for pair in old.keys() | new.keys():
        owners = old.get(pair, frozenset()) | new.get(pair, frozenset())
        where = {counties[one] for one in owners}
        county = next(iter(where)) if len(where) == 1 else None
        for counted in (total, of_county[county], of_office[offices.get(pair[1], "")]):
            if pair not in old:
                counted["new"] += 1
                continue
            counted["last"] += 1
            if pair not in new:
                counted["left" if _left(pair, old[pair], planned) else "closed"] += 1
    return Change(
        Flow(**total),
        {county: Flow(**counted) for county, counted in of_county.items()},
        {office: Flow(**counted) for office, counted in of_office.items()},
        _moves(before, now) if last else (),
    )


def _aligned(last: Snapshot, now: Snapshot) -> tuple[Mark, ...]:
    """Return last week's estates under the ids of this week.

    An estate whose county was filled in, or taken out, has a new id; it is the same where its
    name is the only one of its kind among those that do not match.
    """
    known = {one.id for one in now.estates}
    older = {one.id for one in last.estates}
    waiting: dict[str, list[Mark]] = defaultdict(list)
    for one in now.estates:
        if one.id not in older:
            waiting[one.name].append(one)
    alike: dict[str, int] = defaultdict(int)
    for one in last.estates:
        alike[one.name] += one.id not in known
    found = []
    for one in last.estates:
        same = waiting.get(one.name, [])
        alone = one.id not in known and len(same) == 1 == alike[one.name]
        if alone and not (one.county and same[0].county):
            found.append(replace(one, id=same[0].id, county=same[0].county))
        else:
            found.append(one)
    return tuple(found)


def _pairs(marks: tuple[Mark, ...]) -> dict[Pair, frozenset[str]]:
    """Return every pair of paper and place with the estates that wait for it."""
    own = {
        (one.id, item, place): frozenset((one.id,))
        for one in marks
        for item, places in one.gaps.items()
        for place in places
    }
    shared: dict[Pair, set[str]] = defaultdict(set)
    for one in marks:
        for item, places in one.shared.items():
            for place in places:
                shared["", item, place].add(one.id)
    return {**own, **{pair: frozenset(owners) for pair, owners in shared.items()}}


def _left(pair: Pair, owners: frozenset[str], planned: Mapping[str, frozenset[str]]) -> bool:
    """Whether a pair only left the plan: its place is gone, or its households are blocked now."""
    estate, _, place = pair
    if not estate:
        return all("" not in planned.get(one, ()) for one in owners)
    return place not in planned.get(estate, ())


def _moves(before: tuple[Mark, ...], now: Snapshot) -> tuple[Move, ...]:
    """Return the estates that changed, kind by kind, in the order of the ledger."""
    old = {one.id: one for one in before}
    here = {one.id for one in now.estates}
    found: dict[str, list[Move]] = {
        kind: [] for kind in ("ready", "opened", "blocked", "unready", "added", "gone")
    }
    for one in now.estates:
        was = old.get(one.id)
        if was is None:
            found["added"].append(Move("added", one, sum(one.units)))
            continue
        if one.ready != was.ready:
            kind, units = ("ready", one.units[Status.PROVED]) if one.ready else ("unready", sum(one.units))
            found[kind].append(Move(kind, one, units))
        if bool(one.blocked) != bool(was.blocked):
            kind = "blocked" if one.blocked else "opened"
            found[kind].append(Move(kind, one, one.blocked or was.blocked))
    found["gone"] = [Move("gone", one, sum(one.units)) for one in before if one.id not in here]
    return tuple(move for moves in found.values() for move in moves)


def least_units(units: int) -> int:
    """Return how many units a county must have to be ranked: 500, or 1 % of all where that is less.

    >>> least_units(132_600), least_units(7_301), least_units(0)
    (500, 74, 0)
    """
    return min(_MOST, -(-units // _SHARE))


def standings(now: Snapshot, change: Change, *, compared: bool) -> tuple[Standing, ...]:
    """Return the counties: those ranked, best first, then those listed apart.

    The share is that of last week's pairs that were closed; where there is nothing to compare
    with, that of units that have all they need.  Equal shares have one rank, and as many
    ranks after it are left out.
    """
    units: dict[str, list[int]] = {}
    for one in now.estates:
        counted = units.setdefault(one.county, [0, 0])
        counted[0] += sum(one.units)
        counted[1] += one.units[Status.PROVED]
    least = least_units(sum(total for total, _ in units.values()))
    ranked: list[Standing] = []
    apart: list[Standing] = []
    for county, (total, ready) in units.items():
        flow = change.counties.get(county, Flow())
        part, whole = (flow.closed, flow.last) if compared else (ready, total)
        share = Fraction(part, whole) if whole else None
        why = "unnamed" if not county else "few" if total < least else "none" if share is None else ""
        (apart if why else ranked).append(Standing(county, total, ready, flow, share, None, why))
    for gone, flow in sorted(change.counties.items(), key=lambda pair: pair[0] or ""):
        if gone is not None and gone not in units:
            apart.append(Standing(gone, 0, 0, flow, None, None, "gone"))
    ranked.sort(key=lambda one: -(one.share or Fraction(0)))
    placed = [
        Standing(
            one.county, one.units, one.ready, one.flow, one.share,
            1 + sum((other.share or 0) > (one.share or 0) for other in ranked),
        )
        for one in ranked
    ]  # fmt: skip
    return (*placed, *apart)
