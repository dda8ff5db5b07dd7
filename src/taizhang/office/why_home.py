"""Why one home is, or is not, among those that a set of papers and decisions opens (突破口).

Reads from: ``access``, ``dossier``, ``rules``, ``ledger.models``.  Read by: the doors.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from taizhang.errors import InputError
from taizhang.ledger.models import Estate, Unit
from taizhang.office.access import Person, visible
from taizhang.office.dossier import dossiers_of
from taizhang.rules.supposing import supply, suppose
from taizhang.rules.terms import Pack, Supposition
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
        helps: Items of the set that make the difference: without any one of them it stands otherwise.
        got: Papers of its plan that the set obtains.
        spared: Papers of its plan that it needs no longer, though nobody obtains them.
        shared, own: Papers it still lacks: those it shares with others, and its own.
    """

    told: WhyNot
    helps: Sequence[Taken]
    got: Sequence[str]
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
        The plan of one home for each item that its estate is concerned by.
    """
    (dossier,) = dossiers_of([unit.estate], pack.as_of)

    def after(some: Sequence[Taken]) -> WhyNot:
        told = supposed(some)
        law = suppose(pack, told)
        return why_not(World(pack, [dossier]), World(law, supply(law, [dossier], told)), 0, unit.place)

    mine = [(item, place) for item, place in items if not place or place in dossier.places]
    told = after(mine)
    papers = {item for item, place in mine if place}
    lowest = pack.levels[-1]
    return HomeWhy(
        told,
        _helping(mine, told, after),
        tuple(one for one in told.gone if one in papers),
        tuple(one for one in told.gone if one not in papers),
        tuple(one for one in told.items if pack.level_of(one) != lowest),
        tuple(one for one in told.items if pack.level_of(one) == lowest),
    )


def _helping(mine: Sequence[Taken], told: WhyNot, after: Callable[[Sequence[Taken]], WhyNot]) -> list[Taken]:
    """A smallest part of a set that does the same for a home: what can be left out is, one after another."""
    kept = list(mine)
    for one in mine:
        rest = [other for other in kept if other != one]
        then = after(rest)
        if (then.after, then.items, then.blocked_by) == (told.after, told.items, told.blocked_by):
            kept = rest
    return kept


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
