"""The XML of a sheet of a .xlsx, held against what the reader of values is known to read right.

Nearly all rows of all ledgers are written in one plain form, which one regular expression knows; what
stands in another form is parsed strictly, a row at a time.  A sheet that contradicts itself, as by two
cells at one place, is refused: the reader would keep one of them and tell nobody.

Reads from: ``containers``, ``strictxml``.  Read by: ``opening``.
"""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from operator import itemgetter

from taizhang.exchange.excel.containers import TooLargeError
from taizhang.exchange.excel.strictxml import (
    MAIN,
    NEVER_DEEPER,
    Element,
    StrictParser,
    check_string,
    text_pattern,
)

__all__ = ["Looks", "SoundSheet"]

_LONGEST_ROW = 64 << 20  # bytes
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_BEGIN = re.compile(rb"<(?:[\w.-]+:)?sheetData\b[^<>]*>")
_ROW_END = re.compile(rb"</(?:[\w.-]+:)?row\s*>")
_DATA_END = re.compile(rb"</(?:[\w.-]+:)?sheetData\s*>")
_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_RANGE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})(?::([A-Z]{1,3})([1-9][0-9]{0,6}))?")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_WHOLE = re.compile(r"[0-9]{1,9}")
_DAY = re.compile(r"[0-9]{4}-[01][0-9]-[0-3][0-9](?:T[0-2][0-9]:[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?Z?)?")
_LETTERS = re.compile(rb'<c r="([A-Z]{1,3})[0-9]')
_ROW = re.compile(rb'<row r="([1-9][0-9]{0,6})"')
_AHEAD = 1 << 16  # bytes
_RAW_VALUE = re.compile(rb"<(?:[\w.-]+:)?v(?:\s[^<>]*)?(?:/>|>([^<]*))")
_CHILDREN: tuple[list[str], ...] = ([], ["f"], ["v"], ["f", "v"])
_ERRORS = frozenset({"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#GETTING_DATA"})


@dataclass(frozen=True, slots=True)
class Looks:
    """What the styles of a workbook say of its cells.

    Attributes:
        count: Styles there are.
        days: Styles by which a number may be a day or a time.
        coarse: Styles that show only month or year of a day -> the format.
    """

    count: int = 0
    days: frozenset[int] = frozenset()
    coarse: Mapping[int, str] = field(default_factory=dict)

    def plain_rows(self, digits: bytes, letters: bytes) -> re.Pattern[bytes]:
        """Rows as nearly every writer writes them, as many as stand together.

        Args:
            digits: A pattern of the numbers that they may have.
            letters: A pattern of their columns.
        """
        style = _style_pattern(max(self.count, 1), frozenset())
        other = _style_pattern(max(self.count, 1), self.days)
        number = rb"[0-9]{1,40}+(?:\.[0-9]{0,40}+)?+(?:[eE][-+]?[0-9]{1,2}+)?+"
        formula = rb'(?:<f(?: [\w:]+="[^"<>]*+")*+(?:/>|>' + text_pattern + rb"</f>))?+"
        more = rb'(?: [cv]m="[0-9]+")*+'
        of_text = rb'(?:<t(?: xml:space="preserve")?+>' + text_pattern + rb"</t>|<t/>)"
        cell = (  # the most frequent first
            rb'<c r="' + letters + rb'\1"(?:' + style
            + rb'(?: t="s"><v>[0-9]{1,9}+</v></c>|><v>' + number + rb"</v></c>|/>"
            + rb'|(?: t="n")?+' + more + rb"(?:/>|>"
            + formula + rb"(?:<v>" + number + rb"</v>|<v></v>|<v/>)?+</c>)"
            + rb'| t="inlineStr"><is>' + of_text + rb"</is></c>"
            + rb'| t="b"' + more + rb">" + formula + rb"<v>[01]</v></c>"
            + rb'| t="str"' + more + rb">" + formula + rb"(?:<v>" + text_pattern + rb"</v>|<v/>)?+</c>"
            + rb'| t="e"' + more + rb">" + formula + rb"<v>#[A-Z/0!?_]++</v></c>)"
            + rb"|" + other + rb'(?: t="n")?+' + more + rb">" + formula + rb"<v>-" + number + rb"</v></c>)"
        )  # fmt: skip
        attributes = rb'(?: (?!r=)[\w:]+="[^"<>&]*+")*+'
        row = rb'<row r="(' + digits + rb')"' + attributes + rb"(?:/>|>(?:" + cell + rb")*+</row>)\s*+"
        return re.compile(rb"(?:" + row + rb")++")


@lru_cache(maxsize=64)
def _style_pattern(count: int, but: frozenset[int]) -> bytes:
    """No style, or one of so many but for some; a number of a style that does not exist is not plain."""
    styles = sorted(str(one) for one in range(count) if one not in but)
    return rb'(?: s="' + _one_of(styles).encode() + rb'")?+'


def _one_of(words: Sequence[str]) -> str:
    """A pattern of these words, which shares their beginnings; ``[]`` matches none."""
    by_rest: dict[str, list[str]] = {}
    for first, some in groupby((one for one in words if one), key=itemgetter(0)):
        by_rest.setdefault(_one_of([one[1:] for one in some]), []).append(first)
    rests = [f"[{''.join(first)}]{rest}" for rest, first in by_rest.items()]
    if not rests:
        return "" if words else "(?!)"
    return f"(?:{'|'.join(rests)}){'?' * ('' in words)}"


class SoundSheet:
    """One sheet that is looked through.

    Attributes:
        rows: Greatest row number of what was parsed strictly.
        columns: Greatest column number of it, from 1.
        unread: As of ``SheetXml``, of what was parsed strictly.
        values: As of ``SheetXml``, of what was parsed strictly.
        corrected: Row and column from 0 -> what stands there and the reader of values does not say.
    """

    def __init__(self, part: str, looks: Looks) -> None:
        self.rows = self.columns = 0
        self.unread: dict[tuple[int, int], str] = {}
        self.corrected: dict[tuple[int, int], float] = {}
        self.values = 0
        self._part, self._looks = part, looks
        self._widest = self._highest = 0  # the columns and rows that the pattern of plain rows knows
        self._letters = b"(?!)"
        self._plain = looks.plain_rows(b"(?!)", self._letters)
        self._parser = StrictParser(part, self._begins, self._ends)
        self._inside = self._had = self._had_merges = False
        self._row = self._column = 0
        self._values: dict[str, str] = {}
        self._raw: deque[bytes] = deque()  # the values of the rows that are parsed, as they are written
        self._referring = False  # the reader of values drops references such as &#53; from a number

    def plain(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Check the sheet, and give its plain rows.

        Raises:
            ValueError: The sheet is damaged, or could be read in two ways.
            TooLargeError: A row is longer than a ledger can have one.
        """
        rest = b""
        for piece in pieces:
            text, at = rest + piece, 0
            while at < len(text):
                begun, at = at, (yield from self._step(text, at))
                if at == begun:
                    break
            rest = text[at:]
            if len(rest) > _LONGEST_ROW:
                raise TooLargeError(f"> {_LONGEST_ROW >> 20} MiB")
        self._feed(rest)
        self._parser.feed(b"", last=True)
        if not self._had:
            raise self._wrong("it has no cells' list")

    def _step(self, text: bytes, at: int) -> Generator[bytes, None, int]:
        """Look through what follows and return where it ends; nowhere, if more must be read first."""
        if not self._inside:
            found = None if self._had else _BEGIN.search(text, at)
            end = found.end() if found else len(text) if self._had else max(at, text.rfind(b"<", at))
            self._parser.feed(text[at:end])
            return end
        if self._parser.between(2) and (found := self._plain.match(text, at) or self._wider(text, at)):
            rows = text[at : found.end()]
            self._continue(rows)
            yield rows
            return found.end()
        found = _ROW_END.search(text, at)
        found = _DATA_END.search(text, at, found.end() if found else len(text)) or found
        if found is None:
            return at
        self._feed(text[at : found.end()])
        return found.end()

    def _wider(self, text: bytes, at: int) -> re.Match[bytes] | None:
        """Try again with the rows and columns that come next; most sheets have few columns.

        So it is known at no cost how far a sheet may reach, whatever the order of its rows.
        """
        columns = max(map(column_number, set(_LETTERS.findall(text, at, at + _AHEAD))), default=1)
        row = int(found[1]) if (found := _ROW.match(text, at)) else 0
        if columns <= self._widest and row <= self._highest:
            return None
        self._highest = max(self._highest, 99_999 if row <= 99_999 else _LAST_ROW)
        if columns > self._widest:
            first = (columns - 1) // 26
            self._widest = 26 * (first + 1) if first <= 26 else _LAST_COLUMN
            letters = (b"[A-Z]", b"(?:[A-Z]|[A-%c][A-Z])" % (64 + max(1, min(first, 26))), b"[A-Z]{1,3}+")
            self._letters = letters[(first > 0) + (first > 26)]
        digits = b"[0-9]{0,4}" if self._highest <= 99_999 else b"[0-9]{0,6}"
        self._plain = self._looks.plain_rows(b"[1-9]" + digits, self._letters)
        return self._plain.match(text, at)

    @property
    def within(self) -> tuple[int, int]:
        """Row and column that no cell lies beyond; roughly, for more would cost time."""
        return max(self._highest, self.rows), max(self._widest, self.columns)

    def _continue(self, rows: bytes) -> None:
        """Note the first and the last of rows that are plain; ``scan`` sees to those between."""
        if int(rows[8 : rows.index(b'"', 8)]) <= self._row:
            raise self._wrong("its rows are not in order")
        last = rows.rindex(b'<row r="') + 8
        self._row = int(rows[last : rows.index(b'"', last)])
        if not rows.isascii():
            rows.decode()

    def _feed(self, text: bytes) -> None:
        if b"<!" in text or b"<?" in text:
            raise self._wrong("something else stands between its cells")
        self._raw = deque(_RAW_VALUE.findall(text))
        self._parser.feed(text)

    def _wrong(self, problem: str) -> ValueError:
        return ValueError(f"{self._part}: {problem}")

    # ------------------------------------------------------------------------- strictly

    def _begins(self, element: Element) -> None:
        path = element.path
        if len(path) == 1 and (path != ("worksheet",) or element.space not in MAIN):
            raise self._wrong("it is no worksheet")
        if path[-1] == "sheetData":
            if self._had or self._inside or len(path) != 2 or element.space not in MAIN:
                raise self._wrong("its cells are listed twice")
            self._inside = True
        elif self._inside:
            self._begins_inside(element)
        elif path[-1] == "mergeCells":
            if self._had_merges:
                raise self._wrong("its merged ranges are listed twice")
            self._had_merges = True
        elif path[-1] == "mergeCell":
            self._check_merge(element)

    def _begins_inside(self, element: Element) -> None:
        name, depth = element.name, len(element.path)
        known = {3: {"row"}, 4: {"c"}, 5: {"f", "v", "is"}}.get(depth)
        if element.space not in MAIN or (known and name not in known):
            raise self._wrong(f"there is a {name} where no {name} can be")
        if depth > 5 and (element.path[4] != "is" or element.path[-2] == "t"):
            raise self._wrong(f"there is a {name} within a value")
        if "rPr" in element.path[:-1] and name in NEVER_DEEPER:
            raise self._wrong(f"there is a {name} within a format")
        if depth == 3:
            self._row = self._number_of(element)
            self._column = 0
            self.rows = max(self.rows, self._row)
        elif depth == 4:
            self._column = self._column_of(element)
            self.columns = max(self.columns, self._column)

    def _ends(self, element: Element) -> None:
        if element.name == "sheetData" and len(element.path) == 2:
            self._inside, self._had = False, True
        elif self._inside and len(element.path) == 4:
            self._check_cell(element, self._values)
            self._values = {}
        elif self._inside and len(element.path) == 5:
            self._values[element.name] = "".join(element.text)
            if element.name == "v":
                self._referring = not self._raw or b"&" in self._raw.popleft()
            if element.name == "is":
                check_string(self._part, element)
        elif self._inside and element.name == "r" and len(element.path) == 6:
            check_string(self._part, element)

    def _number_of(self, row: Element) -> int:
        said = row.attributes.get("r")
        number = self._row + 1 if said is None else int(said) if _WHOLE.fullmatch(said) else 0
        if not self._row < number <= _LAST_ROW:
            raise self._wrong(f"its rows are not in order at {said or number}")
        return number

    def _column_of(self, cell: Element) -> int:
        said = cell.attributes.get("r")
        if said is None:
            column = self._column + 1
        else:
            found = _ADDRESS.fullmatch(said)
            column = column_number(found[1]) if found and int(found[2]) == self._row else 0
        if not self._column < column <= _LAST_COLUMN:
            raise self._wrong(f"its cells are not in order at {said or self._row}")
        return column

    def _check_cell(self, cell: Element, values: dict[str, str]) -> None:
        """Refuse what the reader of values would leave out or take for something else."""
        kind, children = cell.attributes.get("t", "n"), cell.children
        place = f"row {self._row}, column {self._column}"
        known = ([], ["is"]) if kind == "inlineStr" else _CHILDREN
        if children not in known:
            raise self._wrong(f"the cell in {place} has more than one value, or none of its kind")
        value = values.get("v", "")
        style = cell.attributes.get("s", "0")
        if not _WHOLE.fullmatch(style) or int(style) >= max(self._looks.count, 1):
            raise self._wrong(f"the cell in {place} has a style that does not exist")
        if value and (not self._is_value(kind, value) or (self._referring and kind != "str")):
            raise self._wrong(f"the value in {place} is none of its kind")
        self.values += bool(value) or "is" in children
        at = (self._row - 1, self._column - 1)
        if kind == "e" or (kind != "str" and "f" in values and not value):
            self.unread[at] = value
        if kind == "n" and value and float(value) < 0 and int(style) in self._looks.days:
            self.corrected[at] = float(value)  # no day; the reader of values makes it midnight

    @staticmethod
    def _is_value(kind: str, value: str) -> bool:
        match kind:
            case "s":
                return bool(_WHOLE.fullmatch(value))
            case "b":
                return value in {"0", "1", "true", "false"}
            case "n":
                return bool(_NUMBER.fullmatch(value)) and math.isfinite(float(value))
            case "e":
                return value in _ERRORS
            case "d":
                return bool(_DAY.fullmatch(value))
        return kind == "str"

    def _check_merge(self, merge: Element) -> None:
        found = _RANGE.fullmatch(merge.attributes.get("ref", ""))
        if not found or merge.path != ("worksheet", "mergeCells", "mergeCell"):
            raise self._wrong("a merged range is none")
        left, top = column_number(found[1]), int(found[2])
        right, bottom = column_number(found[3] or found[1]), int(found[4] or found[2])
        if not left <= right <= _LAST_COLUMN or not top <= bottom <= _LAST_ROW:
            raise self._wrong(f"a merged range cannot be {found[0]}")


def column_number(letters: str | bytes) -> int:
    """6 for ``F``."""
    number = 0
    for letter in letters if isinstance(letters, bytes) else letters.encode():
        number = number * 26 + letter - 64
    return number
