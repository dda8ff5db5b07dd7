"""Numbers as laws, prices and suppositions write them: exact, and of a size that can be reckoned with.

``Decimal`` also reads ``NaN``, ``Infinity`` and ``1e999999999``.  Those are no law: one poisons every
comparison, another has more digits than any memory.

Reads from: the standard library.  Read by: ``expressions``, ``reading``, ``packtest`` and ``supposing``.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

__all__ = ["MOST_DIGITS", "exact_number"]

MOST_DIGITS = 15  #: before the point, and as many behind it


def exact_number(text: str) -> Decimal | None:
    """Return the number that a text says, ``None`` where it says none that can be reckoned with.

    >>> exact_number("0.03"), exact_number("-1e3")
    (Decimal('0.03'), Decimal('-1E+3'))
    >>> [exact_number(one) for one in ("NaN", "sNaN", "Infinity", "1e999999999", "1e-999", "much")]
    [None, None, None, None, None, None]
    """
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    if not found.is_finite():
        return None
    exponent = found.as_tuple().exponent
    assert isinstance(exponent, int), "a finite number"
    too_large = bool(found) and found.adjusted() >= MOST_DIGITS
    return None if too_large or abs(exponent) > MOST_DIGITS else found
