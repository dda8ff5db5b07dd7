"""A planned city to which papers and answers come one at a time: only what they touch is planned again.

The result is always what planning the whole city from scratch would give.

Reads from: ``city``, ``template``, ``terms``.  Read by: the doors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from taizhang.rules.city import Prepared, plan_city, prepare
from taizhang.rules.solver import city_library
from taizhang.rules.template import compile_pack
from taizhang.rules.terms import ByPlace, Dossier, Held, Pack, Value, by_place
from taizhang.rules.worktime import WorkCalendar

__all__ = ["LiveCity", "Replanned"]

_V = TypeVar("_V")


@dataclass(frozen=True, slots=True)
class Replanned:
    """What one entry changed.

    Attributes:
        estate: Number of the estate.
        planned: Whether it was planned again; an entry that says nothing new changes nothing, and one of
            which no rule and no fee knows changes only what the plan tells of the facts.
        units: Ids of the units whose part of the plan is another one now.
        opened, closed: Gaps ``(item, place)`` that are new, and that are gone.
    """

    estate: int
    planned: bool
    units: tuple[str, ...] = ()
    opened: tuple[tuple[str, str], ...] = ()
    closed: tuple[tuple[str, str], ...] = ()


class LiveCity:
    """A city with its plans.

    Args:
        pack: The law on its day.
        dossiers: One estate each.
        identities: What the ledger says of each in words.
        calendar: For the dates.
        objective: ``cheapest`` or ``fewest``; the pack's by default.

    Attributes:
        plans: One for each estate, as :func:`taizhang.rules.city.plan_city` would give them now.

    >>> from datetime import date
    >>> from taizhang.rules import Dossier, WorkCalendar, load_pack
    >>> pack = load_pack("title-certificates", as_of=date(2024, 1, 28))
    >>> city = LiveCity(pack, [Dossier.of(pack)], [{}], WorkCalendar.china())
    >>> city.record(0, "building_survey", "building", Held.ON_HAND).closed
    (('building_survey', 'building'),)
    >>> city.record(0, "building_survey", "building", Held.ON_HAND).planned
    False
    """

    def __init__(
        self,
        pack: Pack,
        dossiers: Sequence[Dossier],
        identities: Sequence[Mapping[str, str]],
        calendar: WorkCalendar,
        objective: str | None = None,
    ) -> None:
        self.pack, self.calendar, self.objective = pack, calendar, objective
        self.dossiers = list(dossiers)
        self.identities = list(identities)
        self.library = city_library()
        self.plans = plan_city(
            pack, self.dossiers, self.identities, calendar, objective=objective, library=self.library
        )
        self.prepared: dict[int, Prepared] = {}
        problem = compile_pack(pack).problem
        self.papers = {element.name for element in problem.elements} | _watched(pack)
        self.facts = {fact.name for fact in problem.facts} | _billed(pack) | _asked(pack)

    def record(self, estate: int, name: str, place: str, said: Held | Value | None) -> Replanned:
        """Enter what is said of a paper or a fact at a place, and plan again what that touches.

        Args:
            estate: Number of the estate.
            name: Node, paper or fact.
            place: Place id.
            said: State of the paper or value of the fact; ``None``: nothing is known of it any more.

        Raises:
            KeyError: No such place in the estate, or no such name in the pack.
        """
        dossier = self.dossiers[estate]
        dossier.places[place]
        is_fact = name in self.pack.facts and (said is None or not isinstance(said, Held))
        if not is_fact:
            self.pack.level_of(name)
        old: object = (dossier.facts if is_fact else dossier.held).get((name, place))
        self.dossiers[estate] = self._with(dossier, is_fact, name, place, said)
        if old == said and type(old) is type(said):
            return Replanned(estate, False)
        if name not in (self.facts if is_fact else self.papers):
            if is_fact:  # it decides nothing, and is shown with the plan all the same
                told = self.dossiers[estate].current().facts
                self.plans[estate] = replace(self.plans[estate], facts=told)
            return Replanned(estate, False)
        before = self.plans[estate]
        self._prepare(estate, name, is_fact)
        (after,) = plan_city(
            self.pack,
            [self.dossiers[estate]],
            [self.identities[estate]],
            self.calendar,
            objective=self.objective,
            library=self.library,
            prepared=self.prepared[estate],
        )
        self.plans[estate] = after
        units = tuple(one.place.id for one, two in zip(before.units, after.units, strict=True) if one != two)
        gaps = [{(gap.item, gap.place) for gap in plan.joint.gaps} for plan in (before, after)]
        return Replanned(
            estate, True, units, tuple(sorted(gaps[1] - gaps[0])), tuple(sorted(gaps[0] - gaps[1]))
        )

    def _prepare(self, estate: int, name: str, is_fact: bool) -> None:
        """Keep the columns of an estate up to date; they are made when it is first touched."""
        dossiers = [self.dossiers[estate].current()]
        known = self.prepared.get(estate)
        self.prepared[estate] = (
            known.changed(self.pack, dossiers, name, fact=is_fact) if known else prepare(self.pack, dossiers)
        )

    @staticmethod
    def _with(dossier: Dossier, is_fact: bool, name: str, place: str, said: Held | Value | None) -> Dossier:
        if is_fact:
            assert not isinstance(said, Held), "a fact has a value"
            return replace(dossier, facts=_said(dossier, dossier.facts, name, place, said))
        assert said is None or isinstance(said, Held), "a paper has a state"
        return replace(dossier, held=_said(dossier, dossier.held, name, place, said))


def _said(
    dossier: Dossier, table: Mapping[tuple[str, str], _V], name: str, place: str, said: _V | None
) -> ByPlace[_V]:
    """What is said, with one entry changed."""
    at = by_place(table)
    here = {key: value for key, value in at.at(place).items() if key != name}
    if said is not None:
        here[name] = said
    return ByPlace({**{one: at.at(one) for one in dossier.places if one != place}, place: here})


def _watched(pack: Pack) -> set[str]:
    """Names that classes and duties look at besides the goal."""
    found = {name for one in pack.classes for name in one.unmet}
    ways = [way for node in pack.nodes.values() for way in node.ways]
    return found | {duty.paper for way in ways for duty in way.duties}


def _billed(pack: Pack) -> set[str]:
    """Facts that fees read."""
    names = {name for fee in pack.fees.values() for name in fee.formula.names}
    names |= {name for fee in pack.fees.values() if fee.when for name in fee.when.names}
    return (names | {"price_with_vat", "vat_rate"}) & pack.facts.keys()


def _asked(pack: Pack) -> set[str]:
    """Facts that classes and urgencies read."""
    guards = [one.when for one in pack.classes if one.when is not None]
    guards += [one.when for one in pack.urgency]
    return {name for guard in guards for name in guard.names} & pack.facts.keys()
