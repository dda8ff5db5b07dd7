"""Text tables (.csv, .tsv and their kin): the encoding and the delimiter are told by the content.

Nothing is taken for a number here: 007 stays 007, and blanks stay where they stand.

Reads from: ``containers``.  Read by: ``opening``.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TypeAlias

from taizhang.exchange.excel.containers import TooLargeError

__all__ = ["BlankTextError", "NoTableError", "TextRow", "read_text_table", "sheet_name_of"]

TextRow: TypeAlias = tuple[str | None, ...]

_LARGEST = 1 << 30  # bytes
_PIECE = 1 << 20  # bytes, or characters
_LONGEST_LINE = 16 << 20  # characters, also of the lines that one cell goes over
_SAMPLE = 200  # records by which the delimiter is judged
_DELIMITERS = (",", "\t", ";", "，", "|")
_IN_PROSE = frozenset("，|")  # these divide a table only where nearly all rows agree
_AGREED = 0.8
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_MARK = "\ufeff"
_END = "\x01"  # a last record that no text can hold, for it is a control character
_BINARY = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]")
# Web pages and XML (often named .xls), PDF, RTF, web archives and JSON are text too, but no table.
_OTHER = re.compile(r'<[!?a-z]|%PDF-|\{\\rtf|MIME-Version:|[\[{]\s*["\[{}\]]', re.IGNORECASE)
_SEP = re.compile(r'"?sep=([^\w"\r\n])"?[,;\t]*[\r\n]*', re.IGNORECASE)
_AS_TEXT = re.compile(r'="(.*)"', re.DOTALL)  # how a text of digits is written for Excel
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

csv.field_size_limit(max(csv.field_size_limit(), 2**31 - 1))  # the file itself is bounded


class NoTableError(Exception):
    """The content is no text, or a text that is no table."""


class BlankTextError(Exception):
    """There is nothing but blanks."""


@dataclass(frozen=True, slots=True)
class _Text:
    """A file whose encoding is known.

    Attributes:
        content: Its bytes.
        encoding: What they are read by.
        most_cells: More delimiters than this are no ledger.
    """

    content: bytes
    encoding: str
    most_cells: int

    def pieces(self) -> Iterator[str]:
        """The text piece by piece: a whole one would take four times the room."""
        with self._stream() as stream:
            while piece := stream.read(_PIECE):
                yield piece

    def lines(self) -> Iterator[str]:
        """The lines with their ends, without a byte order mark."""
        with self._stream() as stream:
            mark = _MARK
            while line := stream.readline(_LONGEST_LINE):
                if len(line) == _LONGEST_LINE:
                    raise TooLargeError(f"> {_LONGEST_LINE >> 20} MiB in one line")
                yield line.lstrip(mark)
                mark = "\0"  # of the first line only; a text holds no such sign

    def _stream(self) -> io.TextIOWrapper:
        return io.TextIOWrapper(io.BytesIO(self.content), encoding=self.encoding, errors="strict", newline="")

    def declared(self) -> str:
        """The delimiter that a first line ``sep=;`` names; nothing without such a line."""
        found = _SEP.fullmatch(next(self.lines()))
        return found[1] if found else ""

    def records(self, delimiter: str) -> Iterator[list[str]]:
        """The records and, where every quotation mark is closed, a last one that is only the end."""
        lines = islice(self.lines(), 1 if self.declared() else 0, None)
        length = [0]  # of the record that is being made
        for record in csv.reader(chain(self._counted(lines, delimiter, length), [_END]), delimiter=delimiter):
            length[0] = 0
            yield record

    def _counted(self, lines: Iterator[str], delimiter: str, length: list[int]) -> Iterator[str]:
        """Refuse a record of too many cells, or a cell without end, before it is made."""
        seen = 0
        for line in lines:
            seen += line.count(delimiter)
            length[0] += len(line)
            if seen > self.most_cells:
                raise TooLargeError(f"> {self.most_cells} cells")
            if length[0] > _LONGEST_LINE:
                raise ValueError('a quotation mark (") is never closed')
            yield line


def read_text_table(path: Path, most_cells: int) -> list[TextRow]:
    """Read a table of text.

    Args:
        path: Of any ending.
        most_cells: Of the table, empty ones between others included.

    Returns:
        Rows as they stand, blank ones too; ``None`` for an empty cell.

    Raises:
        BlankTextError: There is nothing in it.
        NoTableError: It is no text, or no table.
        TooLargeError: It has more bytes or cells than a ledger.
        ValueError: A quotation mark is never closed.
    """
    size = path.stat().st_size
    if size > _LARGEST:
        raise TooLargeError(f"{size >> 20} MiB")
    text = _decoded(path.read_bytes(), most_cells)
    delimiter = _delimiter_of(text)
    if not delimiter:
        raise NoTableError
    return _rows(text, delimiter)


def sheet_name_of(path: Path) -> str:
    """The name of the only sheet: that of the file, as far as Excel allows it."""
    return _NOT_IN_NAMES.sub("_", path.stem)[:31].strip(" '") or "Sheet1"


# ------------------------------------------------------------------------------ encoding


def _decoded(content: bytes, most_cells: int) -> _Text:
    for encoding in _encodings_of(content):
        text = _Text(content, encoding, most_cells)
        try:
            blank = [not piece.strip(_MARK).strip() for piece in _sound(text)]
        except UnicodeDecodeError:
            continue
        if all(blank):
            raise BlankTextError
        return text
    raise NoTableError


def _encodings_of(content: bytes) -> tuple[str, ...]:
    """The encodings that may be tried, in order."""
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return (encoding,)
    sample = content[:_PIECE]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if not even and not odd:
        return ("utf-8", "gb18030")
    many = max(even, odd)
    if many < 3 * min(even, odd) or many * 50 < len(sample) // 2:
        return ()
    return ("utf-16-le",) if odd > even else ("utf-16-be",)


def _sound(text: _Text) -> Iterator[str]:
    """The pieces of a text that is a text to the end, and neither a page nor a letter."""
    for number, piece in enumerate(text.pieces()):
        if _BINARY.search(piece) or (not number and _OTHER.match(piece.lstrip(_MARK).lstrip())):
            raise NoTableError
        yield piece


# ----------------------------------------------------------------------------- delimiter


def _delimiter_of(text: _Text) -> str:
    """The delimiter by which the records agree best on their number of cells; nothing if none does."""
    declared = text.declared()
    if declared:
        return declared if _score(text, declared) else ""
    scores = {one: score for one in _DELIMITERS if (score := _score(text, one))}
    return max(scores, key=scores.__getitem__, default="")


def _score(text: _Text, delimiter: str) -> tuple[float, int, int] | None:
    """How well records agree, how early they do, and on how many cells.

    The row of headings decides what agreement cannot: in 面积;价 above 86,5;3,2 only the semicolon
    divides the headings too.
    """
    widths = [len(one) for one in islice(text.records(delimiter), _SAMPLE) if one and one != [_END]]
    wide = [width for width in widths if width > 1]
    if len(wide) < 2:
        return None
    width, count = max(Counter(wide).items(), key=lambda one: (one[1], one[0]))
    share = count / len(widths)
    if delimiter in _IN_PROSE and share < _AGREED:
        return None
    return round(share, 1), -widths.index(width), width


# --------------------------------------------------------------------------------- cells


def _rows(text: _Text, delimiter: str) -> list[TextRow]:
    known: dict[str, str | None] = {"": None}  # of equal texts one is kept
    rows: list[TextRow] = []
    widest = 0
    for record in text.records(delimiter):
        widest = max(widest, len(record))
        if widest * len(rows) > text.most_cells:
            raise TooLargeError(f"> {len(rows)} x {widest} cells")
        if record and record[-1].endswith(_END):
            if record != [_END]:
                raise ValueError(f'a quotation mark (") in row {len(rows) + 1} is never closed')
            break
        rows.append(tuple([known.setdefault(one, _unwrapped(one)) for one in record]))
    return rows


def _unwrapped(cell: str) -> str:
    found = _AS_TEXT.fullmatch(cell)
    return found[1].replace('""', '"') if found else cell
