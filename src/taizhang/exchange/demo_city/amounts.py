"""Areas, prices and days of the made-up city.

Prices follow the year, the county and the kind of estate; they are invented.

Reads from: ``archetypes``, ``drawing``, ``layout``, ``sheet``, ``rules.terms``, numpy.  Read by: ``rows``.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from taizhang.exchange.demo_city.archetypes import ARCHETYPES, KNOWN, KNOWN_OTHERWISE
from taizhang.exchange.demo_city.drawing import care
from taizhang.exchange.demo_city.layout import City, stream
from taizhang.exchange.demo_city.sheet import BLANK_CELL, Cells
from taizhang.rules.terms import Fact

__all__ = ["amount"]

_PLANS = (46.2, 52.8, 58.64, 62.4, 68.35, 72.1, 75.18, 81.06, 86.92, 89.5, 95.73, 104.3, 112.85, 118.6, 126.4)
_MARKET = ((1984, 300.0), (1992, 480.0), (1998, 850.0), (2004, 1450.0), (2010, 2900.0), (2017, 4200.0))
_VAT = 1.05  # a sale by the simple method
_LAST_DAY = date(2023, 12, 31)


def amount(fact: Fact, city: City) -> Cells:
    """The cells of a fact that is a number, an amount, a day or a text.

    Args:
        fact: Of the pack; one that is not known here gets small numbers, or days after completion.
        city: The places of its level.
    """
    estate = city.estates_of(fact.level)
    chance = stream(city.seed, fact.id)
    known = city.draws(chance, fact.level) < KNOWN.get(fact.id, KNOWN_OTHERWISE) * care(city)[estate]
    if fact.type == "text":
        return Cells((), np.full(len(estate), BLANK_CELL))
    if fact.type == "date":
        return _days(city, city.draws(chance, fact.level), known, fact.level)
    if fact.level == "unit" and fact.id == "area_m2":
        numbers = _areas(city)
    elif fact.level == "unit" and fact.id in ("price", "price_with_vat"):
        numbers = _prices(city)
        numbers = np.round(numbers * (_VAT if fact.id == "price_with_vat" else 1.0))
        known &= city.unit_number % 3 != 0 if fact.id == "price_with_vat" else True
    else:
        numbers = _otherwise(fact, city.draws(chance, fact.level))
    return _coded(numbers, known)


def _coded(numbers: NDArray[np.float64], known: NDArray[np.bool_]) -> Cells:
    texts, codes = np.unique(numbers, return_inverse=True)
    return Cells(texts.tolist(), np.where(known, codes, BLANK_CELL))


def _areas(city: City) -> NDArray[np.float64]:
    """Square metres of each home: its place on the landing decides the plan."""
    chance = stream(city.seed, "plans")
    first = chance.integers(0, len(_PLANS) - 3, len(city.units))
    first = np.where(city.year < 1996, first // 2, first)
    landing = city.form[city.unit_estate, 2]
    number = first[city.unit_estate] + np.minimum(city.unit_number % landing, 3)
    return np.asarray(np.array(_PLANS)[number])


def _prices(city: City) -> NDArray[np.float64]:
    """Yuan of each home without VAT: area by the price of its estate, less at the bottom and the top."""
    chance = stream(city.seed, "prices")
    years, market = np.array(_MARKET).T
    price = np.interp(city.year, years, market) * np.array([one.price for one in ARCHETYPES])[city.archetype]
    price = np.round(price * (0.85 + 0.3 * chance.random(len(price))) / 10) * 10
    per_storey = city.form[:, 1] * city.form[:, 2]
    storey = city.unit_number // per_storey[city.unit_estate]
    top = city.form[city.unit_estate, 0] - 1
    factor = np.where(storey == 0, 0.97, np.where(storey >= top, 0.95, 1.0))
    return np.asarray(np.round(_areas(city) * price[city.unit_estate] * factor))


def _days(city: City, draw: NDArray[np.float64], known: NDArray[np.bool_], level: str) -> Cells:
    """Days between completion and the end of 2023, the first of a month."""
    first = city.year[city.estates_of(level)] + 1
    years = np.minimum(_LAST_DAY.year, first + np.floor(draw * 12).astype(np.int64))
    month = 1 + np.floor(draw * 1200).astype(np.int64) % 12
    codes = (years - years.min()) * 12 + month - 1
    start = int(years.min())
    texts = [
        (date(start + number // 12, number % 12 + 1, 1) + timedelta(days=number % 27)).isoformat()
        for number in range(int(codes.max()) + 1)
    ]
    return Cells(texts, np.where(known, codes, BLANK_CELL))


def _otherwise(fact: Fact, draw: NDArray[np.float64]) -> NDArray[np.float64]:
    """Numbers for a fact that is new here: within its bounds, near the lower one."""
    low = float(fact.minimum) if fact.minimum is not None else 0.0
    high = float(fact.maximum) if fact.maximum is not None else low + 10_000.0
    if high - low <= 1:
        return np.asarray(low + np.round(draw * (high - low), 2))
    unit = 1_000.0 if fact.type == "money" else 1.0
    return np.asarray(np.minimum(high, low + unit * np.floor(draw * 6)))
