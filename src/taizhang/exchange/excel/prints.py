"""Fingerprints of cells: enough to see later which of them somebody changed, and nothing of what they say.

A plan workbook carries them in a sheet that is not shown.  The cells themselves would make it
twice as large, and a name that an officer deletes before sending it on must not stay in hiding.
Forty-eight bits of BLAKE2b (RFC 7693): that a changed cell passes for unchanged has a chance of
4e-15.

Reads from: ``cells``.  Read by: ``returned`` and the sheet that is not shown.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b

from taizhang.exchange.excel.cells import Cell, as_text

__all__ = ["Printer", "prints_in"]

_BYTES = 6
_CHARACTERS = 8  # six bytes in base 64
_EMPTY = "."
_REMEMBERED = 200_000


class Printer(dict[object, str]):
    """Cell -> its fingerprint; equal cells have equal ones, whatever program saved them.

    Args:
        salt: Another salt, other fingerprints: those of two workbooks cannot be compared.

    >>> print_of = Printer("a")
    >>> print_of(12) == print_of(12.0) == print_of("12 "), print_of(12) == print_of(13), print_of(None)
    (True, False, '')
    """

    def __init__(self, salt: str) -> None:
        super().__init__()
        self._key = blake2b(salt.encode()).digest()

    def __call__(self, cell: Cell) -> str:
        """The fingerprint of a cell; nothing for an empty one."""
        if cell is None:
            return ""
        text = cell if isinstance(cell, str) else _shown(cell)
        return self[text]

    def __missing__(self, text: object) -> str:
        plain = str(text).replace("\r\n", "\n").strip()
        if not plain:
            return ""
        found = blake2b(plain.encode("utf-8", "replace"), digest_size=_BYTES, key=self._key).digest()
        if len(self) < _REMEMBERED:
            self[text] = b64encode(found).decode()
            return self[text]
        return b64encode(found).decode()

    def row(self, cells: Sequence[Cell]) -> str:
        """The fingerprints of a row in one text; empty cells at its end are left out."""
        return "".join(self(cell) or _EMPTY for cell in cells).rstrip(_EMPTY)


def _shown(cell: Cell) -> str:
    """A cell that is no text, as every program keeps it: fifteen digits, whole seconds."""
    if isinstance(cell, float) and not cell.is_integer():
        return f"{cell:.15g}"
    if isinstance(cell, datetime) and cell.microsecond:
        cell = cell.replace(microsecond=0)
    return as_text(cell)


def prints_in(text: str) -> tuple[str, ...]:
    """The fingerprints of :meth:`Printer.row`.

    >>> prints_in("AAAAAAAA..BBBBBBBB")
    ('AAAAAAAA', '', '', 'BBBBBBBB')
    """
    found: list[str] = []
    at = 0
    while at < len(text):
        if text[at] == _EMPTY:
            found.append("")
            at += 1
        else:
            found.append(text[at : at + _CHARACTERS])
            at += _CHARACTERS
    return tuple(found)
