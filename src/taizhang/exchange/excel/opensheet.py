"""The content of an .ods, held against what the reader of values is known to read right.

It writes its empty cells as repeats, and a repeat may be a bomb; it says each value beside a text, and a
value that is missing or is none of its kind the reader would make false, or leave out.

Reads from: ``containers``, ``strictxml``.  Read by: ``opening``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from taizhang.exchange.excel.containers import TooLargeError, check_extent
from taizhang.exchange.excel.strictxml import Element, StrictParser

__all__ = ["check_open_document"]

_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
_MOST_REPEATED = 1_000_000  # cells with a value that are not written out but repeated
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,2})?")
_VALUE = {  # kind of a value -> the attribute that says it, and how
    "float": ("value", _NUMBER),
    "percentage": ("value", _NUMBER),
    "currency": ("value", _NUMBER),
    "boolean": ("boolean-value", re.compile("true|false")),
    "date": (
        "date-value",
        re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])(?:T[0-9:.]{5,20}Z?)?"),
    ),
    "time": ("time-value", re.compile(r"-?PT?[0-9DHMS.,]+")),
}
_SAID = frozenset(f"{_OFFICE} {name}" for name, _ in _VALUE.values())


class _Document:
    """What has been seen of a document."""

    def __init__(self, part: str) -> None:
        self._part = part
        self._row = self._column = self._times = 0
        self._filled = self._last = 0  # columns to the last value of this row, rows to the last of the sheet
        self._values = self._repeated = self._widest = 0
        self._names: set[str] = set()
        self._in_cell = 0

    def begins(self, element: Element) -> None:
        if element.name in {"tab", "line-break"} and self._in_cell:  # the reader of values leaves them out
            raise self._wrong(
                f"the text in row {self._row + 1}, column {self._column + 1} has a {element.name}"
            )
        if element.space != _TABLE:
            return
        if element.name == "table" and element.path[-2:-1] == ("spreadsheet",):
            name = element.attributes.get(f"{_TABLE} name", "")
            if not name or name in self._names:
                raise self._wrong("a sheet has no name, or the name of another")
            self._names.add(name)
            self._row = self._last = self._widest = self._values = 0
        elif element.name == "table-row":
            self._column = self._filled = 0
            self._times = self._repeat(element, "rows", _LAST_ROW)
        elif element.name in {"table-cell", "covered-table-cell"}:
            self._in_cell += 1
            if self._in_cell > 1:
                raise self._wrong("there is a table within a cell")

    def ends(self, element: Element) -> None:
        if element.space != _TABLE:
            return
        if element.name in {"table-cell", "covered-table-cell"}:
            self._in_cell -= 1
            self._cell(element)
        elif element.name == "table-row":
            self._row += self._times
            if self._filled:
                self._last, self._widest = self._row, max(self._widest, self._filled)
                if self._last > _LAST_ROW or self._widest > _LAST_COLUMN:
                    raise self._wrong(f"it has a cell in row {self._last}, column {self._widest}")
                check_extent(self._last, self._widest, self._values)

    def _cell(self, cell: Element) -> None:
        times = self._repeat(cell, "columns", _LAST_COLUMN)
        self._column += times
        kind = cell.attributes.get(f"{_OFFICE} value-type", "")
        said = {key for key in cell.attributes if key in _SAID}
        if kind in _VALUE:
            name, form = _VALUE[kind]
            key = f"{_OFFICE} {name}"
            if said != {key} or not form.fullmatch(cell.attributes[key]):
                raise self._wrong(f"the value in row {self._row + 1}, column {self._column} is no {kind}")
        elif kind not in {"string", ""} or said or (not kind and "p" in cell.children):
            raise self._wrong(f"the value in row {self._row + 1}, column {self._column} has no known kind")
        if kind:
            self._filled = self._column
            self._values += times * self._times
            self._repeated += times * self._times - 1
            if self._repeated > _MOST_REPEATED:
                raise TooLargeError(f"> {self._repeated} cells that repeat others")

    def _repeat(self, element: Element, what: str, most: int) -> int:
        said = element.attributes.get(f"{_TABLE} number-{what}-repeated", "1")
        if not re.fullmatch("[1-9][0-9]{0,6}", said) or int(said) > most:
            raise self._wrong(f"{what} are repeated {said} times")
        return int(said)

    def _wrong(self, problem: str) -> ValueError:
        return ValueError(f"{self._part}: {problem}")


def check_open_document(pieces: Iterable[bytes]) -> None:
    """Look through ``content.xml``.

    Raises:
        ValueError: It is damaged, or says a value so that it could be read in two ways.
        TooLargeError: Written out it would be more than a ledger can be.
    """
    document = _Document("content.xml")
    parser = StrictParser("content.xml", document.begins, document.ends)
    end = b""
    for piece in pieces:
        if b"<![" in end + piece:  # the reader of values leaves out what stands in it
            raise ValueError("content.xml has a section of raw text")
        parser.feed(piece)
        end = piece[-2:]
    parser.feed(b"", last=True)
