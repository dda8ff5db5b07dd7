"""Who and where: the columns that name places and persons.

Reads from: ``archetypes``, ``layout``, ``named``, ``names``, ``sheet``, numpy.  Read by: ``rows``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from taizhang.exchange.demo_city.archetypes import ARCHETYPES
from taizhang.exchange.demo_city.layout import City, Whole, stream
from taizhang.exchange.demo_city.named import KNITTING
from taizhang.exchange.demo_city.names import (
    COUNTIES,
    OFFICES,
    developer_name,
    estate_name,
    holder_names,
    official_names,
    street_names,
)
from taizhang.exchange.demo_city.sheet import BLANK_CELL, Cells

__all__ = ["Identities"]

_STREETS = 7  # of a county
_AREAS = 4  # neighbourhoods of a street
_SPONSORS = 3  # leaders of a county who sponsor estates
_QUIET = 0.06  # of estates have no official or sponsor on the list
_ROADS = ("一路", "路", "街", "南街", "巷", "东路")
_AREA_STEMS = (
    *("向阳", "和平", "朝霞", "新民", "光明", "团结", "复兴"),
    *("长青", "育才", "永安", "文昌", "东关", "北苑", "南湖"),
)


class Identities:
    """The names in a city, made once and then asked for by field."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._of_estates = _estates(city)
        self._makers: Mapping[str, Callable[[str], Cells]] = {
            "serial_number": self._serial,
            "county": lambda sheet: Cells([one[0] for one in COUNTIES], city.county[city.estates_of(sheet)]),
            "building": self._building,
            "unit": lambda _: _rooms(city),
            "holder": lambda _: _holders(city),
            "units_total": self._units_total,
            "buildings_total": lambda _: _numbers(city.buildings),
        }

    def cells(self, field: str, sheet: str) -> Cells:
        """The cells of an identity field on a sheet: ``estate``, ``building`` or ``unit``."""
        if field in self._makers:
            return self._makers[field](sheet)
        texts, codes = _coded(self._of_estates[field])
        return Cells(texts, codes[self._city.estates_of(sheet)])

    def _serial(self, sheet: str) -> Cells:
        count = len(self._city.estates_of(sheet))
        return Cells(range(1, count + 1), np.arange(count))

    def _building(self, sheet: str) -> Cells:
        number = self._city.building_number
        if sheet == "unit":
            number = number[self._city.unit_building]
        return Cells([f"{one}幢" for one in range(1, int(number.max()) + 1)], number - 1)

    def _units_total(self, sheet: str) -> Cells:
        if sheet == "building":
            return _numbers(np.bincount(self._city.unit_building))
        return _numbers(self._city.units)


def _numbers(numbers: Whole) -> Cells:
    texts, codes = np.unique(numbers, return_inverse=True)
    return Cells(texts.tolist(), codes)


def _coded(texts: Sequence[str]) -> tuple[list[str], Whole]:
    """The different texts in order of appearance, and the number of each; an empty one is blank."""
    numbers: dict[str, int] = {}
    codes = [numbers.setdefault(text, len(numbers)) if text else BLANK_CELL for text in texts]
    return list(numbers), np.array(codes, np.int64)


def _estates(city: City) -> dict[str, list[str]]:
    """Names of each estate, by field."""
    chance = stream(city.seed, "names")
    streets = street_names(chance, _STREETS * len(COUNTIES))
    sponsors = [official_names(chance, _SPONSORS) for _ in COUNTIES]
    stewards = official_names(chance, 2 * len(streets))
    taken: list[set[str]] = [set() for _ in COUNTIES]
    rows = [
        _estate(chance, city, number, (streets, stewards, sponsors[city.county[number]]), taken)
        for number in range(len(city.units))
    ]
    if city.named >= 0:
        rows[city.named] = {field: KNITTING.identity.get(field, "") for field in rows[0]}
    return {field: [row[field] for row in rows] for field in rows[0]}


def _estate(
    chance: np.random.Generator,
    city: City,
    number: int,
    people: tuple[list[str], list[str], list[str]],
    taken: list[set[str]],
) -> dict[str, str]:
    """One estate: its names, and those who answer for it."""
    streets, stewards, sponsors = people
    county, kind = int(city.county[number]), ARCHETYPES[city.archetype[number]]
    place = county * _STREETS + int(chance.integers(_STREETS))
    street, stem = streets[place], streets[place][:2]
    name = estate_name(chance, kind.names, taken[county])
    area = _AREA_STEMS[(place * _AREAS + int(chance.integers(_AREAS))) % len(_AREA_STEMS)]
    road = stem + _ROADS[int(chance.integers(len(_ROADS)))]
    title = COUNTIES[county][0]
    steward = stewards[2 * place + int(chance.integers(2))]
    sponsor = sponsors[int(chance.integers(_SPONSORS))]
    year, month = int(city.year[number]), 1 + int(chance.integers(12))
    silent = chance.random(2) < _QUIET
    return {
        "street": street,
        "neighbourhood": f"{area}社区",
        "estate": name,
        "address": f"{road} {1 + int(chance.integers(260))} 号",
        "developer_name": developer_name(chance, kind.names, title, name),
        "completed_on": f"{year}年" if chance.random() < 0.6 else f"{year}年{month}月",
        "responsible_official": ""
        if silent[0]
        else f"{steward}（{'镇' if street.endswith('镇') else '街道'}）",
        "sponsor": "" if silent[1] else sponsor + OFFICES[title[-1]],
        "remarks": "",
    }


def _rooms(city: City) -> Cells:
    """Entrance, storey and door of each home: 2单元301."""
    _, doors, sides = city.form[city.unit_estate].T
    storey, rest = np.divmod(city.unit_number, doors * sides)
    door, side = np.divmod(rest, sides)
    keys, codes = np.unique(((door + 1) * 1000 + storey + 1) * 100 + side + 1, return_inverse=True)
    rooms = [(key // 100_000, key // 100 % 1000, key % 100) for key in keys.tolist()]
    return Cells([f"{door}单元{storey}{side:02d}" for door, storey, side in rooms], codes)


def _holders(city: City) -> Cells:
    """A name for each home, with one character left out; some names are missing."""
    chance, names = stream(city.seed, "holders"), holder_names()
    codes = chance.integers(len(names), size=len(city.unit_building))
    return Cells(names, np.where(chance.random(len(codes)) < 0.02, BLANK_CELL, codes))
