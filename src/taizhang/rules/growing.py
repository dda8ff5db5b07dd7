"""A column with one value for each piece or solution that is kept: it grows as these are added.

Reads from: nothing but numpy.  Read by: ``workshop``, ``columns``, ``agree``, ``measure``, ``walks``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

__all__ = ["Growing"]

_FIRST = 64  # values there is room for at the beginning


class Growing:
    """Values by number; index -1 is the value where there is nothing.

    Args:
        otherwise: The value where there is nothing; its shape is that of every value.
        dtype: Type of the values.

    >>> doubled = Growing(0, np.int64)
    >>> doubled.upto(3, lambda number: 2 * number)[[0, 2, -1]].tolist()
    [0, 4, 0]
    """

    def __init__(self, otherwise: object, dtype: DTypeLike) -> None:
        self._otherwise = np.asarray(otherwise, dtype)
        self._values = np.repeat(self._otherwise[None], _FIRST, axis=0)
        self._filled = 0

    def upto(self, count: int, value: Callable[[int], object]) -> NDArray[Any]:
        """Return the values of numbers below ``count``; those not asked for before are worked out."""
        if count >= len(self._values):
            values = np.repeat(self._otherwise[None], 2 * count, axis=0)
            values[: self._filled] = self._values[: self._filled]
            self._values = values
        while self._filled < count:
            self._values[self._filled] = value(self._filled)
            self._filled += 1
        return self._values

    def copied(self) -> Growing:
        """The same values, to go on from."""
        other = Growing(self._otherwise, self._otherwise.dtype)
        other._values, other._filled = self._values.copy(), self._filled
        return other
