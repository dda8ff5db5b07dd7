"""How a value is written into a cell so that the reader reads the same value again.

What no cell could say is not written at all: an empty cell that comes back empty changes nothing.

Reads from: ``excel``, ``rules.terms``.  Read by: ``columns``, ``reading``, ``told``, ``writing``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from taizhang.exchange.excel.identity import read_identity
from taizhang.exchange.excel.validity import Dated, last_day, parted
from taizhang.exchange.excel.values import read_fact, read_held
from taizhang.rules.terms import Fact, Held, Pack

__all__ = ["CellWords", "shown"]

_STATES = {Held.ON_HAND: "有", Held.MISSING: "缺", Held.UNOBTAINABLE: "灭失"}
_FIRST_DAY = date(1900, 3, 1)  # before it Excel counts a day that never was
_DAY_ZERO = date(1899, 12, 30)


class CellWords:
    """The cells of one pack's values."""

    def __init__(self, pack: Pack) -> None:
        """Begin; what was written once is remembered."""
        self._pack = pack
        self._known: dict[tuple[str, object], str | float | None] = {}

    def written(self, field: str, value: object) -> str | float | None:
        """What is put into a cell: text, a number, or nothing.

        Args:
            field: Identity field, fact, paper or node.
            value: A text, an answer, or a paper's state and last day.
        """
        key = (field, value)
        if key not in self._known:
            self._known[key] = self._written(field, value)
        return self._known[key]

    def as_read(self, field: str, value: object) -> object:
        """What the reader reads in that cell: the value itself, or nothing where no cell can say it."""
        return None if value is None or self.written(field, value) is None else value

    def _written(self, field: str, value: object) -> str | float | None:
        fact = self._pack.facts.get(field)
        if fact is not None:
            return next((cell for cell in _answers(fact, value) if _reads(fact, cell) == value), None)
        if isinstance(value, tuple):
            return self._paper(field, *value)
        text = str(value) if value is not None else ""
        return text if text and read_identity(field, text) == (text, None) else None

    def _paper(self, field: str, state: Held, until: date | None) -> str | None:
        text = _STATES[state]
        if until is None or state is not Held.ON_HAND:
            return text
        text = f"{text}，有效期至{until.isoformat()}"
        said = parted(text)
        same = isinstance(said, Dated) and last_day(self._pack, field, said) == until
        return text if same and read_held(text) is state else None


def _answers(fact: Fact, value: object) -> Iterator[str | float]:
    """Ways to write an answer, the plainest first."""
    if isinstance(value, bool):
        yield from ("是", "否")
    elif isinstance(value, date):
        if value >= _FIRST_DAY:
            yield float((value - _DAY_ZERO).days)
        yield value.isoformat()
    elif isinstance(value, int | Decimal):
        number = Decimal(value).scaleb(-2) if fact.type == "money" else Decimal(value)
        yield float(number)
        yield str(number)
    elif isinstance(value, str):
        label = fact.values.get(value)
        yield from (label.zh, label.en) if label else ()
        yield value


def _reads(fact: Fact, cell: str | float) -> object:
    """What is read in the cell; a number of a day stands in a cell with the format of one."""
    if fact.type == "date" and isinstance(cell, float):
        return date.fromordinal(_DAY_ZERO.toordinal() + int(cell))
    return read_fact(fact, cell)


def shown(words: CellWords, field: str, value: object) -> str:
    """A value as a person reads it: days and numbers as text."""
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    cell = words.written(field, value)
    if isinstance(cell, float):
        return f"{cell:.15g}"
    return str(value) if cell is None else cell
