"""Why one home is, or is not, among those that a set of papers and decisions opens (突破口).

Reads from: ``access``, ``dossier``, ``rules``, ``ledger.models``.  Read by: the doors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from taizhang.errors import InputError
from taizhang.ledger.models import Estate, Unit
from taizhang.office.access import Person, visible
from taizhang.office.dossier import dossiers_of
from taizhang.rules.ground import ground
from taizhang.rules.plan import cheapest_plan, lasting_case
from taizhang.rules.reach import reached
from taizhang.rules.supposing import supply, suppose
from taizhang.rules.terms import Dossier, Pack, Status, Supposition
from taizhang.rules.truth import root_blockers, standing
from taizhang.rules.whatif import World
from taizhang.rules.whynot import WhyNot, why_not

__all__ = ["HomeWhy", "Taken", "home_named", "supposed", "why_home"]

Taken: TypeAlias = tuple[str, str]  #: a paper with the id of its place, or a decision without one
_BETWEEN = re.compile(r"[/／›\s]+")  # what parts an estate, a building and a unit where people write them


@dataclass(frozen=True, slots=True)
class HomeWhy:
    """What a set does for one home.

    Attributes:
        told: The home before and after.
        helps: Items of the set that make the difference for it.
        spared: Papers of its plan that it needs no longer, though nobody obtains them.
        shared, own: Papers it still lacks: those it shares with others, and its own.
    """

    told: WhyNot
    helps: Sequence[Taken]
    spared: Sequence[str]
    shared: Sequence[str]
    own: Sequence[str]


def supposed(items: Sequence[Taken]) -> list[Supposition]:
    """Papers at their places as supplied, and decisions as adopted."""
    return [
        Supposition("supply", item, place) if place else Supposition("enable", item) for item, place in items
    ]


def why_home(pack: Pack, unit: Unit, items: Sequence[Taken]) -> HomeWhy:
    """Return why a unit is, or is not, opened by a set.

    Args:
        pack: The law on its day.
        unit: The unit.
        items: Papers with the ids of their places, and decisions without one.

    Cost:
        The plan of one home twice, and once more for each decision that leaves it where it stands.
    """
    (dossier,) = dossiers_of([unit.estate], pack.as_of)
    mine = [one for one in items if _concerns(pack, dossier, one)]
    is_, would = World(pack, [dossier]), _after(pack, dossier, mine)
    told = why_not(is_, would, 0, unit.place)
    papers = {item for item, place in mine if place}
    lowest = pack.levels[-1]
    return HomeWhy(
        told,
        _helping(pack, dossier, unit.place, mine),
        tuple(one for one in told.gone if one not in papers),
        tuple(one for one in told.items if pack.level_of(one) != lowest),
        tuple(one for one in told.items if pack.level_of(one) == lowest),
    )


def _concerns(pack: Pack, dossier: Dossier, one: Taken) -> bool:
    place = one[1]
    if place:
        return place in dossier.places
    return bool(list(reached(pack, suppose(pack, supposed([one])), [dossier])))


def _after(pack: Pack, dossier: Dossier, some: Sequence[Taken]) -> World:
    told = supposed(some)
    law = suppose(pack, told)
    return World(law, supply(law, [dossier], told))


def _helping(pack: Pack, dossier: Dossier, home: str, mine: Sequence[Taken]) -> list[Taken]:
    """Items without which a home would stand otherwise, or its plan would be another one.

    What can be left out without changing how the home stands is left out, one after another.  Of that, a
    paper helps where the plan would miss it, and a decision where the plan would not be the same.
    """
    full, kept = _stand(_after(pack, dossier, mine), home), list(mine)
    for one in mine:
        rest = [other for other in kept if other != one]
        if _stand(_after(pack, dossier, rest), home) == full:
            kept = rest
    decisions = [one for one in mine if not one[1]]
    missed = _plan(_after(pack, dossier, decisions), home)
    helps = {*kept, *(one for one in mine if one[1] and one[0] in missed)}
    for one in decisions:
        if one not in helps:
            without = _plan(_after(pack, dossier, [other for other in decisions if other != one]), home)
            if without != missed:
                helps.add(one)
    return [one for one in mine if one in helps]


def _stand(world: World, home: str) -> tuple[Status, tuple[str, ...]]:
    """Whether a home can be had, and what blocks it."""
    pack, (dossier,) = world.pack, world.dossiers
    problem = ground(pack, lasting_case(pack, dossier, place=home), [(pack.goal, home)])
    goal, stands = problem.number[pack.goal, home], standing(problem)
    return stands.status(goal), root_blockers(problem, stands, goal)


def _plan(world: World, home: str) -> tuple[str, ...]:
    """What the plan of a home lacks."""
    return cheapest_plan(world.pack, world.dossiers[0], place=home).items


# ------------------------------------------------------------------------------------ the home by its name


def home_named(person: Person, name: str) -> Unit:
    """The unit that a name tells, of those whose estate the person may put on an agenda.

    ``estate/building/unit``, or with blanks or nothing between them, as the list of units shows it.

    Raises:
        InputError: ``E-WHATIF-PLACE`` there is none, or more than one.
    """
    seen = visible(person, Estate.objects.all(), "put_on_agenda")
    slashed = [part.strip() for part in name.replace("／", "/").split("/") if part.strip()]
    found: list[Unit] = []
    for parts in (slashed, _BETWEEN.split(name.strip())):
        if not found and len(parts) >= 2:
            rows = Unit.objects.filter(estate__in=seen, estate__name=parts[0], name=parts[-1])
            if parts[1:-1]:
                rows = rows.filter(building__name__in=_called(parts[1]))
            found = list(rows.select_related("estate", "building")[:2])
    found = found or list(_run_together(person, _BETWEEN.sub("", name)))
    if len(found) != 1:
        raise InputError(
            "There is no single home '{home}' in the ledger.",
            hint="Write ESTATE/BUILDING/UNIT with the names of the ledger, or as the list of units shows it.",
            zh="台账中没有唯一的“{home}”这一户。请写作 小区/幢号/户号，名称与台账一致，或照户清单抄写。",
            code="E-WHATIF-PLACE",
            home=name,
        )
    return found[0]


def _called(building: str) -> set[str]:
    """How a building may be called in the ledger that somebody calls so."""
    bare = building.removesuffix("幢").removesuffix("号楼")
    return {building, bare, f"{bare}幢", f"{bare}号楼"}


def _run_together(person: Person, name: str) -> Iterator[Unit]:
    """Units whose estate, building and own name, one after another without blanks, are a name."""
    seen = visible(person, Estate.objects.all(), "put_on_agenda")
    estates = {
        key: squeezed
        for key, told in seen.values_list("pk", "name")
        if (squeezed := _BETWEEN.sub("", told)) and name.startswith(squeezed)
    }
    for unit in Unit.objects.filter(estate__in=estates).select_related("estate", "building"):
        rest = name[len(estates[unit.estate_id]) :]
        own = _BETWEEN.sub("", unit.name)
        if own and rest in {_BETWEEN.sub("", one) + own for one in _called(unit.building.name)}:
            yield unit
