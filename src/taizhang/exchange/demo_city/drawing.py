"""The answers: what is so in the made-up city, and what its officers know of it.

First every answer is drawn, then a part of them is forgotten, more in some estates than in
others.  Papers are drawn from what is so, not from what is known.

Reads from: ``archetypes``, ``layout``, ``named``, ``rules.terms``, numpy.  Read by: ``papers``, ``rows``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taizhang.exchange.demo_city.archetypes import (
    ARCHETYPES,
    EVERYWHERE,
    FOLLOWS,
    HABITS,
    KNOWN,
    KNOWN_OTHERWISE,
    Weights,
)
from taizhang.exchange.demo_city.layout import City, Whole, stream
from taizhang.exchange.demo_city.named import KNITTING
from taizhang.rules.terms import Fact, Pack

__all__ = ["Answers", "answers", "care"]

_BOOL = ("yes", "no")
_ALIKE = 0.995  # buildings of an estate are much alike, and a list asks its question of all homes or of none
_FEW = {"yes": 0.12, "no": 0.88}  # a new question is usually about an exception


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What is so of one fact, at every place of its level."""

    values: tuple[str, ...]  #: value ids; yes and no for a bool
    truth: Whole  #: of each place, a number in ``values``
    known: NDArray[np.bool_]  #: of each place: whether the officer knows

    def among(self, wanted: Iterable[str]) -> NDArray[np.bool_]:
        """Whether the answer at each place is one of those wanted."""
        numbers = [number for number, value in enumerate(self.values) if value in set(wanted)]
        return np.isin(self.truth, numbers)


def care(city: City) -> NDArray[np.float64]:
    """How well the ledger of each estate is kept, around 1."""
    return 0.75 + 0.45 * stream(city.seed, "care").random(len(city.units))


def answers(pack: Pack, city: City) -> dict[str, Answers]:
    """Draw every fact of the pack that has a list of answers.

    Args:
        pack: Gives the facts; amounts are left to ``rows``.
        city: The places.

    Returns:
        Fact id -> its answers, at the places of its level.  A fact of the city or of a county has
        one answer for all estates in it.
    """
    found: dict[str, Answers] = {}
    kept = care(city)
    for fact in sorted(pack.facts.values(), key=lambda one: one.id in FOLLOWS):
        if values := _values(fact):
            found[fact.id] = _answers(fact, values, city, found, kept)
    return found


def _values(fact: Fact) -> tuple[str, ...]:
    if fact.type == "bool":
        return _BOOL
    if fact.type == "enum":
        return tuple(fact.values)
    return tuple(EVERYWHERE.get(fact.id, ()))


def _answers(
    fact: Fact,
    values: tuple[str, ...],
    city: City,
    others: Mapping[str, Answers],
    kept: NDArray[np.float64],
) -> Answers:
    chance, estate = stream(city.seed, fact.id), city.estates_of(fact.level)
    draw = city.draws(chance, fact.level, _ALIKE if fact.level == "building" else HABITS.get(fact.id, 0.0))
    forgotten = city.draws(chance, fact.level, _ALIKE)
    table = np.array([_shares(fact.id, values, one.facts) for one in ARCHETYPES])
    truth = _drawn(table[city.archetype[estate]], draw)
    if fact.id in FOLLOWS and FOLLOWS[fact.id][0] in others:
        _follow(fact.id, values, others[FOLLOWS[fact.id][0]], city, (truth, draw))
    known = forgotten < np.clip(KNOWN.get(fact.id, KNOWN_OTHERWISE) * kept[estate], 0.0, 0.97)
    _tell_blocked(fact.id, values, city, truth, known)
    if city.named >= 0 and fact.level in ("estate", "building"):
        told = KNITTING.facts.get(fact.id, "")
        known[estate == city.named] = told in values
        if told in values:
            truth[estate == city.named] = values.index(told)
    return Answers(values, truth, known)


def _shares(name: str, values: tuple[str, ...], own: Mapping[str, Weights]) -> NDArray[np.float64]:
    """The cumulated share of each answer; a fact that no table knows gets a falling one."""
    weights = own.get(name) or EVERYWHERE.get(name) or {}
    parts = np.array([weights.get(value, 0.0) for value in values])
    if not parts.sum():
        falling = {value: 1 / (2 + number) for number, value in enumerate(values)}
        parts = np.array([(_FEW if values == _BOOL else falling)[value] for value in values])
    return np.asarray(np.cumsum(parts) / parts.sum())


def _drawn(shares: NDArray[np.float64], draw: NDArray[np.float64]) -> Whole:
    """Of each row of cumulated shares, the number of the answer."""
    return np.asarray((shares[:, :-1] <= draw[:, None]).sum(axis=1), np.int64)


def _follow(
    name: str, values: tuple[str, ...], other: Answers, city: City, drawn: tuple[Whole, NDArray[np.float64]]
) -> None:
    """Draw again where the answer to another fact leads to other shares."""
    truth, draw = drawn
    for value, weights in FOLLOWS[name][1].items():
        here = other.among([value])
        if len(here) == len(city.units) and len(truth) != len(here):  # the other is one of the estate
            level = "building" if len(truth) == len(city.building_estate) else "unit"
            here = here[city.estates_of(level)]
        if len(here) == len(truth) and here.any():
            shares = _shares(name, values, {name: weights})
            truth[here] = np.searchsorted(shares, draw[here], side="right")


def _tell_blocked(
    name: str, values: tuple[str, ...], city: City, truth: Whole, known: NDArray[np.bool_]
) -> None:
    """In an estate that cannot go on the land is known: of a collective, or allocated long ago."""
    wanted = ("collective_land", "allocated_uncertified")
    if name == "land_status" and set(wanted) <= set(values):
        places = np.flatnonzero(city.blocked)
        known[places] = True
        truth[places] = [values.index(wanted[number % 2]) for number in range(len(places))]
