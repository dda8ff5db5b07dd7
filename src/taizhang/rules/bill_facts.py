"""What is known of many units, as columns that formulas read.

Money is kept in fen and read in yuan; a price with VAT stands for the price where that is not given.
Read as ``fees`` reads one unit.

Reads from: ``answers``, ``formula_columns``, ``terms``.  Read by: ``bills``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from itertools import repeat
from operator import is_
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from taizhang.rules.answers import as_read
from taizhang.rules.formula_columns import Column
from taizhang.rules.terms import Pack, Value

__all__ = ["Raw", "columns_of", "known_of"]

Raw: TypeAlias = dict[str, list[Value | None]]  #: by fact, a value for every unit

_KINDS: dict[str, tuple[str, frozenset[type]]] = {
    "bool": ("bool", frozenset({bool})),
    "enum": ("text", frozenset({str})),
    "text": ("text", frozenset({str})),
    "date": ("date", frozenset({date})),
}
_NUMBER = ("number", frozenset({Decimal, int}))


def known_of(pack: Pack, facts: Mapping[str, Sequence[Value | None]]) -> Raw:
    """Return what is known, under the names and in the units of the pack."""
    known: Raw = {}
    for name, given in facts.items():
        fact = pack.facts.get(name) or pack.facts.get(name.removesuffix("_fen"))
        values = list(given)
        if fact and fact.type == "money":
            plain = set(map(type, values)) <= {int, type(None), Decimal}
            values = _yuan(values) if plain else [as_read(fact, value) for value in values]
        key = fact.id if fact else name
        if key in known:  # given under both names: the later one counts where it is known
            values = [old if new is None else new for old, new in zip(known[key], values, strict=True)]
        known[key] = values
    gross, rate = known.get("price_with_vat"), known.get("vat_rate")
    if gross and rate:
        price = known.get("price") or [None] * len(gross)
        known["price"] = [
            _net(two, three) if one is None else one
            for one, two, three in zip(price, gross, rate, strict=True)
        ]
    return known


def columns_of(
    pack: Pack, known: Raw, bits: Mapping[str, np.uint64], size: int
) -> tuple[dict[str, Column], NDArray[np.bool_]]:
    """Return the columns, and the units in which a value has not the type that the pack declares."""
    columns: dict[str, Column] = {}
    odd = np.zeros(size, np.bool_)
    for name, values in known.items():
        kind, allowed = _KINDS.get(pack.facts[name].type, _NUMBER)
        if not set(map(type, values)) <= allowed | {type(None)}:
            wrong = [value is not None and type(value) not in allowed for value in values]
            odd |= np.array(wrong, np.bool_)
            values = [None if bad else value for bad, value in zip(wrong, values, strict=True)]  # noqa: PLW2901
        columns[name] = _column(kind, values, bits.get(name, np.uint64(0)))
    return columns, odd


def _column(kind: str, values: Sequence[Value | None], bit: np.uint64) -> Column:
    size = len(values)
    unknown = np.fromiter(map(is_, values, repeat(None)), np.bool_, size)
    open_ = np.where(unknown, bit, np.uint64(0))
    if kind == "bool":
        return Column(kind, np.fromiter(map(bool, values), np.bool_, size), open_)
    if kind == "number":
        whole = {value: Decimal(value) for value in {one for one in values if type(one) is int}}
        if whole:
            values = [whole[value] if type(value) is int else value for value in values]
    objects = np.empty(size, object)
    objects[:] = values
    return Column(kind, objects, open_)


def _yuan(values: Sequence[Value | None]) -> list[Value | None]:
    hundred = Decimal(100)
    return [Decimal(value) / hundred if type(value) is int else value for value in values]


def _net(gross: Value | None, rate: Value | None) -> Decimal | None:
    if not (isinstance(gross, Decimal) and isinstance(rate, Decimal)):
        return None
    with localcontext(prec=40):
        net = gross / (1 + rate)
    return net.quantize(Decimal("0.01"), ROUND_HALF_UP)
