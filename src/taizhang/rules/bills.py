"""The bills of many units at once, each equal to the one that ``bill`` writes.

Every fee is computed once over columns.  Units that have the same lines and lack the same things share
what their bills say about that.  Units whose facts have another type than the pack declares are billed
one by one; so are all units where a formula fails in one of them, for the error is then ``bill``'s own.

Reads from: ``fees``, ``bill_facts``, ``formula_columns``, ``terms``.  Read by: whoever bills a city.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP
from itertools import repeat
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from taizhang.rules.bill_facts import Raw, columns_of, known_of
from taizhang.rules.expressions import ExpressionError
from taizhang.rules.fees import bill
from taizhang.rules.formula_columns import Bits, ColumnError, Given, Rows, evaluate
from taizhang.rules.terms import Bill, BillLine, Fee, Pack, Value

__all__ = ["bill_columns"]

_Array: TypeAlias = NDArray[Any]

_MODES = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "up": ROUND_UP, "down": ROUND_DOWN}
_SAMPLE = 64  # amounts looked at to tell whether few objects are repeated


def bill_columns(
    pack: Pack, facts: Mapping[str, Sequence[Value | None]], size: int, on: date
) -> tuple[Bill, ...]:
    """Return the bills of ``size`` units as the law stood on a day.

    Args:
        pack: The law; its parameters are read on ``on``.
        facts: For every fact what is known of each unit, ``None`` where it is unknown; ``size`` values
            each.  Names and money as ``bill`` takes them.
        size: Number of units.
        on: The day on which the duty is declared.

    Returns:
        For each unit the bill that ``bill`` writes for its known facts, equal in every field.  Details
        are put together when they are first looked at; equal mappings may be the same object.

    Raises:
        PackError: ``E-PACK-E06`` a formula that cannot be computed, of the first such unit.
        ValueError: A column has not ``size`` values.

    Cost:
        A few microseconds a unit.

    >>> from taizhang.rules import load_pack
    >>> pack = load_pack("title-certificates", as_of=date(2024, 12, 1))
    >>> one, two = bill_columns(pack, {"residential": [True, None]}, 2, on=date(2024, 12, 1))
    >>> one.lines, two.missing_lines["registration_fee"]
    ({'registration_fee': 8000}, ('residential',))
    """
    for name, values in facts.items():
        if len(values) != size:
            raise ValueError(f"{name} has {len(values)} values for {size} units")
    try:
        return _in_columns(pack, facts, size, on)
    except (ColumnError, ExpressionError, ArithmeticError, LookupError, TypeError):
        return tuple(_alone(pack, facts, unit, on) for unit in range(size))


class _ColumnBill(Bill):
    """A bill that puts its details together when somebody looks at them."""

    __slots__ = ("_source", "_unit")
    __hash__ = Bill.__hash__
    _source: _Source
    _unit: int

    def __getattr__(self, name: str) -> Any:
        """Fill ``details``; every other field is there from the beginning."""
        if name != "details":
            raise AttributeError(name)
        details = self._source.details(self.lines, self._unit)
        object.__setattr__(self, "details", details)
        return details

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Bill):
            return NotImplemented
        return all(getattr(self, one.name) == getattr(other, one.name) for one in fields(Bill))

    def __reduce__(self) -> tuple[type[Bill], tuple[Any, ...]]:
        """Copies and pickles are plain bills, without the columns behind."""
        return Bill, tuple(getattr(self, one.name) for one in fields(Bill))


@dataclass(frozen=True, slots=True, eq=False)
class _Source:
    """What details are made of.

    Attributes:
        reads: The names a fee reads, sorted, by fee.
        known: Facts as the pack declares them, a value for every unit.
        constants: Parameters, and facts of which nothing is given.
    """

    reads: Mapping[str, Sequence[str]]
    known: Raw
    constants: Mapping[str, Value | None]

    def details(self, lines: Mapping[str, int], unit: int) -> tuple[BillLine, ...]:
        """Return the details of a unit's lines."""
        return tuple(BillLine(fee, fen, self._inputs(fee, unit)) for fee, fen in lines.items())

    def _inputs(self, fee: str, unit: int) -> dict[str, Value]:
        found = (
            (name, self.known[name][unit] if name in self.known else self.constants[name])
            for name in self.reads[fee]
        )
        return {name: value for name, value in found if value is not None}


def _slot(record: type, name: str) -> Callable[[Any, Any], None]:
    """How a field of a frozen record is filled while the record is made."""
    fill: Callable[[Any, Any], None] = record.__dict__[name].__set__
    return fill


def _alone(pack: Pack, facts: Mapping[str, Sequence[Value | None]], unit: int, on: date) -> Bill:
    given = ((name, values[unit]) for name, values in facts.items())
    return bill(pack, {name: value for name, value in given if value is not None}, on)


def _in_columns(
    pack: Pack, facts: Mapping[str, Sequence[Value | None]], size: int, on: date
) -> tuple[Bill, ...]:
    fees = [pack.fees[name] for name in sorted(pack.fees) if pack.fees[name].effective.holds(on)]
    reads = {
        fee.id: sorted(fee.formula.names | (fee.when.names if fee.when else frozenset())) for fee in fees
    }
    names = sorted({name for read in reads.values() for name in read})
    everything = known_of(pack, facts)
    known = {name: everything[name] for name in names if name in everything and name in pack.facts}
    constants = {
        name: None if name in pack.facts else pack.params[name].on(on) for name in names if name not in known
    }
    unsure = [name for name in names if (None in known[name] if name in known else constants[name] is None)]
    bits = {name: np.uint64(1 << bit) for bit, name in enumerate(unsure)}  # a 65th overflows: unit by unit
    columns, odd = columns_of(pack, known, bits, size)
    given, rows = Given(columns, constants, bits), np.flatnonzero(~odd)
    writer = _Writer(pack, on, bits, _Source(reads, known, constants))
    found = writer.write(fees, [_charge(fee, given, rows) for fee in fees], rows)
    return tuple(found[unit] if unit in found else _alone(pack, facts, unit, on) for unit in range(size))


@dataclass(frozen=True, slots=True, eq=False)
class _Charge:
    """One fee in ``n`` units.

    Attributes:
        there: Units that have the line, ``bool[n]``.
        fen: The amounts, ``object[n]`` of ``int``; of no meaning elsewhere.
        open: What the line lacks, as bits; 0 where it is there or does not apply.
    """

    there: NDArray[np.bool_]
    fen: _Array
    open: Bits


def _charge(fee: Fee, given: Given, rows: Rows) -> _Charge:
    size = len(rows)
    at, unsure = np.arange(size), np.zeros(size, np.uint64)
    if fee.when:
        applies = evaluate(fee.when, given, rows)
        at = np.flatnonzero(applies.truths() | ~applies.known)
        unsure = applies.open[at]
    amount = evaluate(fee.formula, given, rows[at])
    lacks = amount.open | unsure if fee.when else amount.open
    sure = np.flatnonzero(lacks == 0)
    if len(sure) and amount.kind != "number":
        raise ColumnError("not an amount")
    there, fen = np.zeros(size, np.bool_), np.empty(size, object)
    there[at[sure]] = True
    fen[at[sure]] = _fen(fee, amount.values[sure])
    open_ = np.zeros(size, np.uint64)
    open_[at] = lacks
    return _Charge(there, fen, open_)


def _fen(fee: Fee, amounts: _Array) -> _Array:
    """Round; an amount that many units have is the same object in all of them and rounded once."""
    names = np.fromiter(map(id, amounts), np.int64, len(amounts))
    if len(set(names[:_SAMPLE].tolist())) <= _SAMPLE // 2:
        _, first, where = np.unique(names, return_index=True, return_inverse=True)
        return _rounded(fee, amounts[first])[where]
    return _rounded(fee, amounts)


def _rounded(fee: Fee, amounts: _Array) -> _Array:
    mode = _MODES[fee.round_mode]
    whole = np.frompyfunc(lambda steps: steps.to_integral_value(mode), 1, 1)
    fen: _Array = np.frompyfunc(int, 1, 1)(whole(amounts / fee.round_to) * fee.round_to * 100)
    return fen


# ---------------------------------------------------------------------------- writing


class _Writer:
    """Writes bills; what units have in common is one object."""

    def __init__(self, pack: Pack, on: date, bits: Mapping[str, np.uint64], source: _Source) -> None:
        self._on = on
        self._source = source
        self._names = [
            (int(bit), f"{name}_fen" if name in pack.facts and pack.facts[name].type == "money" else name)
            for name, bit in bits.items()
        ]
        self._lists: dict[int, tuple[str, ...]] = {}
        self._unknown: dict[frozenset[str], frozenset[str]] = {}
        self._missing: dict[tuple[tuple[str, int], ...], dict[str, tuple[str, ...]]] = {}

    def write(self, fees: Sequence[Fee], charges: Sequence[_Charge], rows: Rows) -> dict[int, Bill]:
        """Return the bills by unit."""
        bills: dict[int, Bill] = {}
        for members in _alike(charges, len(rows)):
            one = members[0]
            there = [number for number, charge in enumerate(charges) if charge.there[one]]
            lacks = tuple(
                (fee.id, int(charge.open[one]))
                for fee, charge in zip(fees, charges, strict=True)
                if charge.open[one]
            )
            missing = self._missing.setdefault(lacks, {name: self._list(open_) for name, open_ in lacks})
            unknown = frozenset(name for names in missing.values() for name in names)
            unknown = self._unknown.setdefault(unknown, unknown)
            names = [fees[number].id for number in there]
            fen = [charges[number].fen[members].tolist() for number in there]
            amounts: Iterable[tuple[int, ...]] = zip(*fen, strict=True) if fen else repeat((), len(members))
            for unit, row in zip(rows[members].tolist(), amounts, strict=True):
                bills[unit] = self._bill(dict(zip(names, row, strict=True)), unknown, missing, unit)
        return bills

    def _bill(
        self,
        lines: dict[str, int],
        unknown: frozenset[str],
        missing: dict[str, tuple[str, ...]],
        unit: int,
    ) -> Bill:
        found = _new(_ColumnBill)
        _set_lines(found, lines)
        _set_total(found, sum(lines.values()))
        _set_unknown(found, unknown)
        _set_on(found, self._on)
        _set_missing(found, missing)
        _set_source(found, self._source)
        _set_unit(found, unit)
        return found

    def _list(self, open_: int) -> tuple[str, ...]:
        if open_ not in self._lists:
            self._lists[open_] = tuple(sorted(name for bit, name in self._names if bit & open_))
        return self._lists[open_]


def _alike(charges: Sequence[_Charge], size: int) -> Iterator[Rows]:
    """Yield the rows that have the same lines and lack the same things, together."""
    if not size:
        return
    shape = np.zeros(size, np.int64)
    for charge in charges:
        _, code = np.unique(charge.open, return_inverse=True)
        shape = (shape * 2 + charge.there) * (int(code.max()) + 1) + code
        if int(shape.max()) >> 24:  # numbers stay small however many fees there are
            _, shape = np.unique(shape, return_inverse=True)
    order = np.argsort(shape, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(shape[order])) + 1)


_new = object.__new__  # a frozen record of eight fields, filled in half the time ``__init__`` takes
_set_lines = _slot(Bill, "lines")
_set_total = _slot(Bill, "total_fen")
_set_unknown = _slot(Bill, "unknown")
_set_on = _slot(Bill, "on")
_set_missing = _slot(Bill, "missing_lines")
_set_source = _slot(_ColumnBill, "_source")
_set_unit = _slot(_ColumnBill, "_unit")
