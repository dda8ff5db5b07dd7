"""The shape of the made-up city: its counties, estates, buildings and homes, and how far each has come.

Everything is held as arrays in the order of the ledger.  With ``n`` estates, ``b`` buildings and
``u`` homes, an array of estates has length ``n``, and so on; places are numbers from 0.

Reads from: ``archetypes``, ``names``, ``named``, numpy.  Read by: ``drawing``, ``papers``, ``rows``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from taizhang.exchange.demo_city.archetypes import ARCHETYPES
from taizhang.exchange.demo_city.named import KNITTING
from taizhang.exchange.demo_city.names import COUNTIES

__all__ = ["BEGUN", "CERTIFIED", "MATERIALS", "REGISTERED", "TAXED", "WAITING", "City", "lay_out", "stream"]

Whole = NDArray[np.int64]

WAITING, BEGUN, REGISTERED = range(3)  #: stages of an estate: first registration is the last
MATERIALS, TAXED, CERTIFIED = range(1, 4)  #: stages of a home; 0 is before them
# The newspaper's figures: estates solved, and homes with a certificate.
_SOLVED, _CERTIFIED = 363 / 732, 48_000 / 132_600
_LARGE_FIRST = 0.2  # how much of the order of registration is size: 49.6 % of estates, 60 % of homes
_BLOCKED = 0.03  # of estates: on land of a collective, or their decision on the land is lost
# Storeys, entrances and homes on a landing; its weight before and after 2005.
_FORMS = (
    *((3, 2, 2, 0.2, 0.0), (4, 2, 2, 0.25, 0.02), (5, 3, 2, 0.3, 0.16), (6, 3, 2, 0.25, 0.45)),
    *((6, 2, 2, 0.1, 0.3), (5, 2, 2, 0.2, 0.2), (11, 1, 4, 0.0, 0.05), (17, 1, 4, 0.0, 0.02)),
)


def stream(seed: int, name: str) -> np.random.Generator:
    """The chance of one subject: what is drawn for others does not change it.

    Args:
        seed: Of the whole city.
        name: The subject, such as the id of a fact.
    """
    return np.random.default_rng([seed, crc32(name.encode())])


@dataclass(frozen=True, slots=True, eq=False)
class City:
    """Where everything is; the estate named in the article is number ``named``, or -1."""

    seed: int
    named: int
    archetype: Whole  #: of each estate, a number in ``ARCHETYPES``
    county: Whole  #: of each estate, a number in ``COUNTIES``
    year: Whole  #: of completion, of each estate
    units: Whole  #: of each estate
    buildings: Whole  #: of each estate
    stage: Whole  #: of each estate: WAITING, BEGUN or REGISTERED
    blocked: NDArray[np.bool_]  #: of each estate: whether no way is open
    form: Whole  #: of each estate: storeys, entrances and homes on a landing, shape (n, 3)
    building_estate: Whole  #: of each building
    building_number: Whole  #: of each building, within its estate, from 1
    unit_building: Whole  #: of each home
    unit_number: Whole  #: of each home, within its building, from 0
    unit_stage: Whole  #: of each home: 0, MATERIALS, TAXED or CERTIFIED

    @property
    def unit_estate(self) -> Whole:
        """The estate of each home."""
        return self.building_estate[self.unit_building]

    def estates_of(self, level: str) -> Whole:
        """The estate of each place of a level; of a county or city, for each estate the one that speaks."""
        if level == "unit":
            return self.unit_estate
        if level == "building":
            return self.building_estate
        if level == "county":
            _, first, county = np.unique(self.county, return_index=True, return_inverse=True)
            return np.asarray(first[county], np.int64)
        return np.zeros_like(self.units) if level == "city" else np.arange(len(self.units))

    def draws(self, chance: np.random.Generator, level: str, alike: float = 0.0) -> NDArray[np.float64]:
        """A number from 0 to 1 for each place of a level, in the order of ``estates_of``.

        Args:
            chance: Of one subject.
            level: Of the places.
            alike: The part of them that has the number of its estate; the others have their own.
        """
        estate = self.estates_of(level)
        own = chance.random(len(estate))
        if level in ("city", "county"):
            return own[estate]
        if alike and level != "estate":
            shared = chance.random(len(self.units))[estate]
            return np.where(chance.random(len(estate)) < alike, shared, own)
        return own


def lay_out(estates: int, units: int, seed: int) -> City:
    """Return a city of a size.

    Args:
        estates: How many, at least 1.
        units: How many homes, at least one for each estate.
        seed: Of every chance.
    """
    chance = stream(seed, "layout")
    archetype = np.repeat(np.arange(len(ARCHETYPES)), _parts([one.share for one in ARCHETYPES], estates))
    archetype = chance.permutation(archetype)
    county = np.repeat(np.arange(len(COUNTIES)), _parts([one[1] for one in COUNTIES], estates))
    named = _named(archetype, county, units - estates)
    first, last = np.array([one.years for one in ARCHETYPES])[archetype].T
    year = chance.integers(first, last + 1)
    if named >= 0:
        year[named] = KNITTING.year
    homes = _sizes(chance, archetype, units, named)
    form = _forms(chance, year)
    buildings = -(-homes // form.prod(axis=1))
    if named >= 0:
        buildings[named], form[named] = 1, KNITTING.form
    stage, blocked = _stages(chance, archetype, homes, named)
    building_estate = np.repeat(np.arange(estates), buildings)
    building_number = np.arange(len(building_estate)) - (np.cumsum(buildings) - buildings)[building_estate]
    in_building = homes[building_estate] // buildings[building_estate]
    in_building += building_number < (homes % buildings)[building_estate]
    unit_building = np.repeat(np.arange(len(in_building)), in_building)
    unit_number = np.arange(units) - (np.cumsum(in_building) - in_building)[unit_building]
    unit_stage = _unit_stages(chance, stage, building_estate[unit_building])
    return City(
        seed, named, archetype, county, year, homes, buildings, stage, blocked, form,
        building_estate, building_number + 1, unit_building, unit_number, unit_stage,
    )  # fmt: skip


def _parts(weights: Sequence[float] | NDArray[np.float64], total: int) -> Whole:
    """Share out a whole number by weights: what is left goes to the largest remainders."""
    exact = np.asarray(weights) / np.sum(weights) * total
    parts = np.floor(exact).astype(np.int64)
    order = np.argsort(parts - exact, kind="stable")
    parts[order[: total - int(parts.sum())]] += 1
    return parts


def _named(archetype: Whole, county: Whole, spare: int) -> int:
    """The place of the estate of the article, if there are homes enough for it: first of its county."""
    if spare < KNITTING.units - 1 or (len(archetype) == 1 and spare >= KNITTING.units):
        return -1
    home = next(number for number, one in enumerate(COUNTIES) if one[0] == KNITTING.county)
    here = np.flatnonzero(county == home)
    named = int(here[0]) if len(here) else 0
    county[named] = home
    alike = np.flatnonzero(archetype == 0)
    if len(alike):  # it takes the place of another of its kind
        archetype[alike[0]] = archetype[named]
    archetype[named] = 0
    return named


def _sizes(chance: np.random.Generator, archetype: Whole, units: int, named: int) -> Whole:
    """Homes of each estate, at least 1: a few large estates and many small ones."""
    weights = np.array([one.size for one in ARCHETYPES])[archetype]
    weights = weights * np.exp(0.75 * chance.standard_normal(len(archetype)))
    others = np.arange(len(archetype)) != named
    homes = np.full(len(archetype), KNITTING.units)
    left = units - (KNITTING.units if named >= 0 else 0)
    if others.any():
        homes[others] = 1 + _parts(weights[others], left - int(others.sum()))
    return homes


def _forms(chance: np.random.Generator, year: Whole) -> Whole:
    """Storeys, entrances and homes on a landing of each estate's buildings."""
    table = np.array(_FORMS)
    drawn = chance.random(len(year))
    form = np.empty((len(year), 3), np.int64)
    for later in (False, True):
        steps = np.cumsum(table[:, 4 if later else 3])
        here = (year >= 2005) == later
        form[here] = table[np.searchsorted(steps / steps[-1], drawn[here], side="right"), :3]
    return form


def _stages(
    chance: np.random.Generator, archetype: Whole, homes: Whole, named: int
) -> tuple[Whole, NDArray[np.bool_]]:
    """How far each estate has come, and which ones cannot go on."""
    count = len(archetype)
    ease = np.array([one.ease for one in ARCHETYPES])[archetype]
    size = np.argsort(np.argsort(homes, kind="stable"), kind="stable") / max(1, count - 1)
    score = _LARGE_FIRST * size + (1 - _LARGE_FIRST) * chance.random(count) + 0.25 * ease
    if named >= 0:
        score[named] = -1.0
    order = np.argsort(-score, kind="stable")
    stage = np.full(count, WAITING)
    solved = min(round(_SOLVED * count), count - (named >= 0))
    stage[order[:solved]] = REGISTERED
    begun = (stage == WAITING) & (chance.random(count) < 0.55)
    stage[begun] = BEGUN
    blocked = np.zeros(count, np.bool_)
    if count >= 10:
        closed = [one for one in order[::-1] if one != named][: max(1, round(_BLOCKED * count))]
        blocked[closed], stage[closed] = True, WAITING
    if named >= 0:
        stage[named] = WAITING
    return stage, blocked


def _unit_stages(chance: np.random.Generator, estate_stage: Whole, estate: Whole) -> Whole:
    """How far each home has come: certificates only where the estate is registered."""
    draw = chance.random(len(estate))
    registered = np.flatnonzero(estate_stage[estate] == REGISTERED)
    stage = np.where(draw < 0.25, MATERIALS, 0)
    stage[registered] = np.where(
        draw[registered] < 0.4, TAXED, np.where(draw[registered] < 0.8, MATERIALS, 0)
    )
    eager = chance.random(len(estate_stage))  # in some estates nearly all have come, in others few
    turn = chance.random(len(registered)) + 0.9 * eager[estate[registered]]
    first = registered[np.argsort(turn, kind="stable")]
    stage[first[: round(_CERTIFIED * len(estate))]] = CERTIFIED
    return stage
