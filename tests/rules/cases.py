"""Estates drawn at random under the shipped law, as a ledger might tell of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from typing import TypeVar

import numpy as np

from taizhang.rules import load_pack
from taizhang.rules.answers import answer_classes
from taizhang.rules.terms import Dossier, Held, Pack, Place, Value

V = TypeVar("V")
AS_OF = date(2024, 1, 28)


@cache
def shipped() -> Pack:
    """The shipped pack with the Shandong and the demo city's overlays."""
    return load_pack(
        "title-certificates", overlays=["title-certificates-shandong", "demo-city-rules"], as_of=AS_OF
    )


def random_estate(
    pack: Pack, seed: int, *, buildings: int = 2, units: int = 8, unknown: float = 0.3
) -> Dossier:
    """An estate whose facts and papers are drawn independently, ``unknown`` of the facts left open."""
    draw = np.random.default_rng(seed)
    estate = f"e{seed}"
    places = [
        Place("city", "city", None, ""),
        Place("county", "county", "city", ""),
        Place("estate", estate, "county", estate),
    ]
    for number in range(buildings):
        building = f"{estate}>{number}"
        places.append(Place("building", building, estate, str(number)))
        places += [Place("unit", f"{building}>{unit}", building, str(unit)) for unit in range(units)]
    classes = answer_classes(pack)
    held: dict[tuple[str, str], Held] = {}
    facts: dict[tuple[str, str], Value] = {}
    for place in places:
        for fact in pack.facts.values():
            known = classes.get(fact.id)
            if fact.level != place.level or not known or draw.random() < unknown:
                continue
            value = known[int(draw.integers(len(known)))].value
            facts[fact.id, place.id] = int(value * 100) if fact.type == "money" else value  # type: ignore[operator, call-overload]
        for name in (*pack.evidence, *pack.nodes):
            chance = draw.random() + (0.25 if name in pack.nodes else 0.0)
            if pack.level_of(name) != place.level:
                continue
            if chance < 0.3:
                held[name, place.id] = Held.ON_HAND
            elif chance < 0.303:
                held[name, place.id] = Held.UNOBTAINABLE
    return Dossier(pack.as_of, {place.id: place for place in places}, held, facts)


def with_a_twin(dossier: Dossier, homes: int = 0) -> Dossier:
    """The same estate with its first building a second time, and in it the homes of building ``homes``."""
    buildings = [place for place in dossier.places.values() if place.level == "building"]
    first, other = buildings[0], buildings[homes]
    new = f"{first.parent}>twin"
    twin = {first.id: replace(first, id=new)} | {
        place.id: replace(place, id=place.id.replace(other.id, new, 1), parent=new)
        for place in dossier.places.values()
        if place.parent == other.id
    }

    def doubled(told: Mapping[tuple[str, str], V]) -> dict[tuple[str, str], V]:
        return {**told, **{(n, twin[at].id): value for (n, at), value in told.items() if at in twin}}

    places = {**dossier.places, **{place.id: place for place in twin.values()}}
    return Dossier(dossier.as_of, places, doubled(dossier.held), doubled(dossier.facts))
