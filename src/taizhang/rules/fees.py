"""What a household owes: dated rates, exact decimals, integer fen.

Reads from: ``expressions``, ``answers``, ``terms``.  Read by: ``packtest`` and the office.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal, localcontext

from taizhang.errors import PackError
from taizhang.rules.answers import as_read
from taizhang.rules.expressions import ExpressionError, Unknown
from taizhang.rules.terms import Bill, BillLine, Fee, Pack, Value

__all__ = ["bill"]

_MODES = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "up": ROUND_UP, "down": ROUND_DOWN}


def bill(pack: Pack, facts: Mapping[str, Value], on: date) -> Bill:
    """Return the bill of one unit as the law stood on a day.

    Args:
        pack: The law; its parameters are read on ``on``.
        facts: What is known.  Money is integer fen under its name with ``_fen``
            (``price_fen``).  ``price_with_vat_fen`` with ``vat_rate`` stands for the price
            where the price itself is not given.
        on: The day on which the duty is declared.

    Returns:
        Lines in fen.  A line that needs an unknown fact or a parameter that is not set is
        absent, and the names are in ``unknown``; the total is that of the lines present.

    Raises:
        PackError: ``E-PACK-E06`` a formula that cannot be computed.

    >>> from taizhang.rules import bill, load_pack
    >>> pack = load_pack("title-certificates", as_of=date(2024, 12, 1))
    >>> facts = {"area_m2": Decimal("118.32"), "price_fen": 52_000_000, "family_home_ordinal": 1}
    >>> fees = bill(pack, {**facts, "residential": True, "tax_exempt_reason": "none"}, on=date(2024, 12, 1))
    >>> fees.lines["deed_tax"], fees.lines["registration_fee"], sorted(fees.unknown)
    (520000, 8000, ['maintenance_fund_rate'])

    Source:
        Rates and formulas are the pack's; each carries its own.
    """
    known = _known(pack, facts)
    lines: dict[str, int] = {}
    details: list[BillLine] = []
    lacking: dict[str, tuple[str, ...]] = {}
    for name in sorted(pack.fees):
        fee = pack.fees[name]
        if not fee.effective.holds(on):
            continue
        found = _line(pack, fee, known, on)
        if isinstance(found, int):
            lines[name] = found
            reads = sorted(fee.formula.names | (fee.when.names if fee.when else frozenset()))
            details.append(
                BillLine(
                    name,
                    found,
                    {one: value for one in reads if (value := _value(pack, known, one, on)) is not None},
                )
            )
        elif isinstance(found, Unknown):
            lacking[name] = tuple(sorted(_spelling(pack, one) for one in found.names))
    unknown = frozenset(one for names in lacking.values() for one in names)
    return Bill(lines, sum(lines.values()), unknown, on, tuple(details), lacking)


def _known(pack: Pack, facts: Mapping[str, Value]) -> dict[str, Value]:
    known: dict[str, Value] = {}
    for name, value in facts.items():
        fact = pack.facts.get(name) or pack.facts.get(name.removesuffix("_fen"))
        read = as_read(fact, value) if fact else value
        if read is not None:
            known[fact.id if fact else name] = read
    gross, rate = known.get("price_with_vat"), known.get("vat_rate")
    if "price" not in known and isinstance(gross, Decimal) and isinstance(rate, Decimal):
        with localcontext(prec=40):
            net = gross / (1 + rate)
        known["price"] = net.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return known


def _spelling(pack: Pack, name: str) -> str:
    """Money facts are named as the caller gives them."""
    return f"{name}_fen" if name in pack.facts and pack.facts[name].type == "money" else name


def _value(pack: Pack, known: Mapping[str, Value], name: str, on: date) -> Value | None:
    return known.get(name) if name in pack.facts else pack.params[name].on(on)


def _line(pack: Pack, fee: Fee, known: Mapping[str, Value], on: date) -> int | Unknown | None:
    """Fen; or what it lacks; or ``None`` where the fee does not apply."""
    try:
        applies = fee.when.truth(lambda name: _value(pack, known, name, on)) if fee.when else True
        if applies is False:
            return None
        amount = fee.formula.value(lambda name: _value(pack, known, name, on))
    except ExpressionError as error:
        raise PackError(
            "Fee '{fee}' cannot be computed: {problem}.",
            hint="Correct the formula.",
            zh="费用“{fee}”无法计算：{problem}。请更正公式。",
            where=fee.where,
            code="E-PACK-E06",
            fee=fee.id,
            problem=error.message,
        ) from error
    if isinstance(applies, Unknown):
        return Unknown(applies.names | (amount.names if isinstance(amount, Unknown) else frozenset()))
    if isinstance(amount, Unknown):
        return amount
    if not isinstance(amount, Decimal):
        raise PackError(
            "Fee '{fee}' is not an amount.",
            hint="Let the formula end in a number.",
            zh="费用“{fee}”的结果不是金额，请更正公式。",
            where=fee.where,
            code="E-PACK-E06",
            fee=fee.id,
        )
    steps = (amount / fee.round_to).to_integral_value(_MODES[fee.round_mode])
    return int(steps * fee.round_to * 100)
