"""Which papers and decisions open most homes (突破口): what a meeting should take, by all the office knows.

Long work, done as a job; nothing is written.  What comes out is plain data, kept with the job.

Reads from: ``access``, ``dossier``, ``jobs``, ``why_home``, ``rules``,
``ledger.models``.  Read by: the doors.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from taizhang.collecting import no_search_for_cycles
from taizhang.errors import AccessError
from taizhang.ledger.models import Estate, Job
from taizhang.office.access import Person, may_in, visible
from taizhang.office.dossier import dossiers_of, identity_of
from taizhang.office.why_home import supposed
from taizhang.rules.differing import stands
from taizhang.rules.leverage import leverage
from taizhang.rules.outline import drawn
from taizhang.rules.plan import declared_order
from taizhang.rules.supposing import supply, suppose
from taizhang.rules.terms import Bundle, BundleItem, Dossier, EstateShift, Pack
from taizhang.rules.whatif import World, what_if
from taizhang.rules.worktime import WorkCalendar

__all__ = [
    "KIND",
    "MOST_ITEMS",
    "Asked",
    "find_breakthroughs",
    "found_breakthroughs",
    "require_breakthroughs",
]

KIND = "breakthroughs"
MOST_ITEMS = 10  #: papers and decisions of one set
_ROWS = 30  # papers told
_ESTATES = 50  # estates told of what would follow

Tell = Callable[[str, int, int], None]
Keep = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person has searched for.

    Attributes:
        job: The newest search.
        found: What the newest one with a result has found, see :func:`find_breakthroughs`; empty: none yet.
        found_by: Key of that one.
    """

    job: Job
    found: Mapping[str, Any]
    found_by: int = 0

    @property
    def stamp(self) -> str:
        """What has been found, in short: a page that shows it need not be told it again."""
        return f"{self.found_by}{'+' if 'shift' in self.found else '-'}" if self.found else ""

    @property
    def following(self) -> bool:
        """Whether what would follow is still being worked out."""
        return self.moving and bool(self.found) and "shift" not in self.found

    @property
    def moving(self) -> bool:
        """Whether the search is still to come or under way."""
        return self.job.state in {"waiting", "running"}


def require_breakthroughs(person: Person) -> None:
    """Refuse who calls no meetings.

    Raises:
        AccessError: ``E-ACCESS``.
    """
    if not any(may_in(person, "call_meeting", [(one.county, "")]) for one in person.scopes):
        raise AccessError(
            "{person} calls no meetings.",
            hint="Ask the task force of the county.",
            zh="{person}没有召集会商的权限，请联系本县（市、区）专班。",
            code="E-ACCESS",
            person=person.name,
        )


def find_breakthroughs(
    person: Person, pack: Pack, most: int, tell: Tell, keep: Keep = lambda _: None
) -> Mapping[str, Any]:
    """Return which shared papers and decisions open most homes, and what the largest set would change.

    Args:
        person: Whose estates count: those that the person may put on an agenda.
        pack: The law on its day.
        most: Largest set.
        tell: Told the stage (``read``, ``plan``, ``choose``, ``follow``), the rows done and all of them.
        keep: Given what has been found before it is worked out what would follow: all but ``shift``.

    Returns:
        ``scope`` (the rights it was searched with), ``day``, ``estates`` and ``units`` (what was looked at),
        ``waiting`` (units held back by something shared), ``rows`` (paper, estates, units in whose plan it
        stands, units that lack only it), ``opens`` (kind of paper, units it would open everywhere), ``sets``
        (k, units, greedy, proved, bound, items with estate and place), ``shift`` (unlocked, eased, harmed, by
        county and by estate, the weightiest first, with the sums of the rest).
    """
    require_breakthroughs(person)
    rows = visible(person, Estate.objects.all(), "put_on_agenda")
    estates = list(rows.order_by("id"))
    dossiers = []
    for dossier in dossiers_of(estates, pack.as_of):
        dossiers.append(dossier)
        tell("read", len(dossiers), len(estates))
    identities = [identity_of(one) for one in estates]
    with no_search_for_cycles():  # the pieces that are solved are kept: there is little to be found
        calendar = WorkCalendar.china()
        order = declared_order(pack, None)
        library = stands(pack, dossiers, order).memory.library  # as what follows will want them too
        outlines = drawn(
            pack, dossiers, calendar, order, library, lambda done, total: tell("plan", done, total)
        )
        tell("choose", 0, 1)
        found = leverage(
            pack,
            dossiers,
            outlines.of(dossiers),
            most,
            progress=lambda done, total: tell("choose", done, total),
        )
        told = {
            "scope": _scope(person),
            "day": pack.as_of.isoformat(),
            "most": most,
            "estates": len(estates),
            "units": sum(one.units_total for one in estates),
            "waiting": found.waiting,
            "rows": [[one.item, len(one.estates), one.in_plan, one.sole] for one in found.rows[:_ROWS]],
            "opens": [[item, units] for item, units in found.opens if units][:_ROWS],
            "sets": [_set(one, estates, dossiers) for one in found.bundles],
        }
        keep(told)
        tell("follow", 0, 1)
        best = found.bundles[-1].items if found.bundles else ()
        return {**told, "shift": _shift(pack, dossiers, identities, best, tell)}


def _set(one: Bundle, estates: Sequence[Estate], dossiers: Sequence[Dossier]) -> Mapping[str, Any]:
    return {
        "k": one.k,
        "units": one.units,
        "greedy": one.greedy_units,
        "proved": one.proved,
        "bound": one.bound,
        "items": [_item(item, estates, dossiers) for item in one.items],
    }


def _item(one: BundleItem, estates: Sequence[Estate], dossiers: Sequence[Dossier]) -> Mapping[str, Any]:
    if not one.place:
        return {"item": one.item, "place": "", "estate": 0, "name": "", "where": ""}
    at = next(at for at, dossier in enumerate(dossiers) if one.place in dossier.places)
    place = dossiers[at].places[one.place]
    where = "" if place.level == "estate" else place.name
    return {
        "item": one.item,
        "place": one.place,
        "estate": estates[at].pk,
        "name": estates[at].name,
        "where": where,
    }


def _shift(
    pack: Pack,
    dossiers: Sequence[Dossier],
    identities: Sequence[Mapping[str, str]],
    items: Sequence[BundleItem],
    tell: Tell,
) -> Mapping[str, Any] | None:
    """What a set would change; ``None`` where it is empty."""
    if not items:
        return None
    told = supposed([(one.item, one.place) for one in items])
    law = suppose(pack, told)
    after = World(law, supply(law, dossiers, told))
    found = what_if(
        World(pack, dossiers),
        after,
        identities,
        WorkCalendar.china(),
        progress=lambda done, total: tell("follow", done, total),
        classes=False,
    )
    weighty = sorted(found.estates, key=lambda one: (-one.unlocked, -one.eased, one.place.id))
    counties: dict[str, list[int]] = {}
    for one in found.estates:
        sums = counties.setdefault(one.county, [0, 0, 0])
        for at, count in enumerate((one.unlocked, one.eased, one.harmed)):
            sums[at] += count
    return {
        "unlocked": found.count("unlocked"),
        "eased": found.count("eased"),
        "harmed": found.count("harmed"),
        "counties": [[name, *sums] for name, sums in sorted(counties.items())],
        "estates": [_moved(one) for one in weighty[:_ESTATES]],
        "rest": _rest(weighty[_ESTATES:]),
    }


def _rest(estates: Sequence[EstateShift]) -> Mapping[str, int]:
    """The estates that are not told one by one, and their sums; days of plans side by side have no sum."""
    return {
        "estates": len(estates),
        "unlocked": sum(one.unlocked for one in estates),
        "eased": sum(one.eased for one in estates),
        "harmed": sum(one.harmed for one in estates),
        "fen": sum(one.after.money_fen - one.before.money_fen for one in estates),
        "effort": sum(one.after.effort - one.before.effort for one in estates),
    }


def _moved(one: EstateShift) -> Sequence[Any]:
    """Name, unlocked, eased, harmed, fen, hours and working days more than before."""
    more = one.after - one.before
    return [
        one.place.name or one.place.id,
        one.unlocked,
        one.eased,
        one.harmed,
        more.money_fen,
        more.effort,
        more.days,
    ]


def _scope(person: Person) -> list[str]:
    """What a person may do where: a search tells of the estates that these rights show."""
    return sorted(map(repr, person.scopes))


def found_breakthroughs(person: Person) -> Asked | None:
    """What the person has searched for; nothing that was found with other rights than today's."""
    mine = Job.objects.filter(asked_by=person.official, kind=KIND).order_by("-id")
    job, told = mine.first(), mine.exclude(result="{}").first()
    if job is None:
        return None
    found = json.loads(told.result) if told is not None else {}
    if told is None or found.get("scope") != _scope(person):
        return Asked(job, {})
    return Asked(job, found, told.pk)
