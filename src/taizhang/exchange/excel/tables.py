"""Where the table is on a sheet: titles above, headings over several rows, notes and totals below.

Reads from: ``unmerged``, ``rules.terms``.
Read by: ``headings``, ``opening``, ``reading``, ``rows``, ``values``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeAlias

from taizhang.exchange.excel.unmerged import lost_merges
from taizhang.rules.terms import Value

__all__ = [
    "Cell",
    "Grid",
    "Merge",
    "Table",
    "address",
    "as_text",
    "caption_of",
    "column_letters",
    "find_table",
    "plain",
    "spread",
    "word_of",
]

Cell: TypeAlias = Value | float | None
Grid: TypeAlias = Sequence[Sequence[Cell]]
Merge: TypeAlias = tuple[int, int, int, int]  # first row, first column, last row, last column

_LOWEST = 30  # a heading further down is no heading
_DEEPEST = 5  # rows of one heading
_AGAIN = 2  # cells of a heading that stand below it once more, for a row to be that heading
_TOTAL = re.compile(
    r"^(合|小|总|共|累)\s*计\s*((户|套|幢|面积|金额)\S*|[:：(（\d].*)?$|^.{0,12}(合|小|总)\s*计\s*[:：]?$|^(sub)?total$",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"^(注|备注|说明|填表说明|填报说明|填表人|填报人|填报单位|填报日期|审核|审核人|制表|制表人|负责人|联系人)"
    r"\s*(\d*\s*[:：]|$|[\d一(（])"
)
_BAND = re.compile(r"^[(（]?[一二三四五六七八九十]{1,3}[)）]?[、.．]")  # 一、…
_SAMPLE = re.compile(r"^(示例|样例|填写示例|例\s*[:：]|例$|必填|选填)")
_NUMBERING = re.compile(r"^[(（]?(\d{1,3})(?:\.0)?[)）]?$|^([甲乙丙丁戊己庚辛壬癸A-Z])$|^栏次$")
_DECIMAL = re.compile(r"^-?\d+(\.\d*)?(e[+-]?\d+)?$")
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_CAPTION = re.compile(r"(单位|日期|时间|部门|[表审]人)\s*[:：]")


@dataclass(frozen=True, slots=True)
class Table:
    """The table of a sheet.

    Attributes:
        headings: Parts of each column's heading, outermost first; ``()`` for none.
        header_rows: Row numbers of the heading, from 0.
        rows: Row numbers of the records, from 0.
    """

    headings: tuple[tuple[str, ...], ...]
    header_rows: tuple[int, ...]
    rows: tuple[int, ...]


def column_letters(column: int) -> str:
    """``F`` for column 5 (from 0)."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    """``F17`` for row 16, column 5 (both from 0)."""
    return f"{column_letters(column)}{row + 1}"


def spread(grid: Grid, merges: Sequence[Merge]) -> list[Sequence[Cell]]:
    """The grid with the value of a merged cell in each of its cells; a row without one is the same row."""
    full = list(grid)
    changed: dict[int, list[Cell]] = {}
    for top, left, bottom, right in merges:
        if top >= len(full) or left >= len(full[top]):
            continue
        value = full[top][left]
        for row in range(top, min(bottom, len(full) - 1) + 1):
            if row not in changed:
                full[row] = changed[row] = list(grid[row])
            cells = changed[row]
            for column in range(left, min(right, len(cells) - 1) + 1):
                cells[column] = value
    return full


def as_text(cell: Cell) -> str:
    """A cell as text, exactly: whole numbers without a point, dates as written in ISO form."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e18:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time().isoformat() == "00:00:00" else cell.isoformat(" ")
    return str(cell).strip()


def plain(cell: Cell) -> str:
    """Half-width text without any space."""
    return "".join(unicodedata.normalize("NFKC", as_text(cell)).split())


def word_of(cell: Cell) -> str:
    """The same, small and without a full stop: to look up."""
    text = plain(cell)
    return text.rstrip("。.;!").casefold() or text


def find_table(grid: Grid, merges: Sequence[Merge], known: Callable[[str], bool]) -> Table | None:
    """Find the heading by the row with most known headings, and the records below it.

    Args:
        grid: Cells as read.
        merges: Merged ranges.
        known: Whether a text is a heading that is known.

    Returns:
        The table, or ``None`` where fewer than two headings are known.
    """
    texts = [[_text(cell) for cell in row] for row in grid[:_LOWEST]]
    merges = [*merges, *lost_merges(texts, merges, known)]
    top = spread(grid[:_LOWEST], merges)
    scores = [sum(known(_text(cell)) for cell in _distinct(row)) for row in top]
    if not scores or max(scores) < 2:
        return None
    best = scores.index(max(scores))
    first, last = _heading(top, merges, best, scores)
    width = max(len(row) for row in top)
    headings = tuple(_parts(top, first, last, column) for column in range(width))
    return Table(headings, tuple(range(first, last + 1)), tuple(_records(grid, merges, headings, last)))


def caption_of(grid: Grid, table: Table) -> str:
    """What is said of units above the heading, such as ``单位：万元``, or nothing."""
    for row in grid[: table.header_rows[0]]:
        for cell in row:
            text = _text(cell)
            if re.search(r"单位\s*[:：]\s*[^:：]*元", text):
                return text
    return ""


# ------------------------------------------------------------------------------ heading


def _heading(top: Grid, merges: Sequence[Merge], best: int, scores: list[int]) -> tuple[int, int]:
    """The rows of a heading around its best row."""
    first = last = best
    while first > 0 and best - first < _DEEPEST - 1 and _belongs(top, merges, first - 1, first):
        first -= 1
    while (
        last + 1 < len(top) and last - first < _DEEPEST - 1 and _goes_on(top, merges, (first, last), scores)
    ):
        last += 1
    return first, last


def _belongs(top: Grid, merges: Sequence[Merge], row: int, below: int) -> bool:
    """Whether a row above belongs to the heading: it groups columns, or reaches down into it."""
    cells = _distinct(top[row])
    if len(cells) < 2 or any(_CAPTION.search(_text(cell)) for cell in cells):
        return False  # a title, or 填报单位：… above the table
    return any(at == row and below <= end < row + _DEEPEST for at, _, end, _ in merges) or _splits(
        merges, row
    )


def _goes_on(top: Grid, merges: Sequence[Merge], rows: tuple[int, int], scores: list[int]) -> bool:
    """Whether the row below still belongs: a merged heading reaches into it, or it names the parts."""
    first, last = rows
    if any(first <= at <= last < end < first + _DEEPEST for at, _, end, _ in merges):
        return True
    groups = [(left, right) for at, left, end, right in merges if at <= last <= end and right > left]
    filled = [column for column, cell in enumerate(top[last + 1]) if _text(cell)]
    below = all(any(left <= column <= right for left, right in groups) for column in filled)
    return bool(groups) and scores[last + 1] >= (1 if below else 2)


def _splits(merges: Sequence[Merge], row: int) -> bool:
    return any(top <= row <= bottom and right > left for top, left, bottom, right in merges)


def _parts(top: Grid, first: int, last: int, column: int) -> tuple[str, ...]:
    parts: list[str] = []
    for row in range(first, last + 1):
        text = _text(top[row][column]) if column < len(top[row]) else ""
        if text and (not parts or parts[-1] != text):
            parts.append(text)
    return tuple(parts)


# ------------------------------------------------------------------------------ records


def _records(
    grid: Grid, merges: Sequence[Merge], headings: Sequence[tuple[str, ...]], last: int
) -> Iterator[int]:
    """Row numbers below the heading that are records."""
    bands = {top for top, left, bottom, right in merges if top == bottom and right - left >= 2}
    named = sum(bool(parts) for parts in headings)
    again, ordinary = _headings_below(grid, headings, last), _Ordinary()
    notes = False  # below the first note, short rows are further notes
    for number in range(last + 1, len(grid)):
        row = grid[number]
        texts = list(islice(filter(None, map(_text, row)), 3))  # enough of almost every row
        if not texts:
            continue
        repeats = _may_repeat(row, again)
        if number > last + 1 and len(texts) == 3 and not repeats and all(ordinary[one] for one in texts[:2]):
            yield number
        elif _NOTE.match(texts[0]) and len(_filled(row)) <= max(2, named // 2):
            notes = True
        elif not (
            (notes and len(texts) <= min(2, named // 3))
            or (len(texts) == 1 and (number in bands or _BAND.match(texts[0])))
            or (number == last + 1 and _numbers(list(_filled(row).values())))
            or _SAMPLE.match(texts[0])
            or any(_TOTAL.match(text) for text in texts[:2])
            or (repeats and _repeats(_filled(row), headings))
        ):
            yield number


class _Ordinary(dict[str, bool]):
    """Whether a text opens a record: no note, sample or total.  Most rows open with what others open with."""

    def __missing__(self, text: str) -> bool:
        if text.replace(".", "", 1).isdecimal():
            return True  # the number of a row: each has its own
        found = self[text] = not (_NOTE.match(text) or _SAMPLE.match(text) or _TOTAL.match(text))
        return found


def _filled(row: Sequence[Cell]) -> dict[int, str]:
    return {column: text for column, cell in enumerate(row) if (text := _text(cell))}


def _headings_below(grid: Grid, headings: Sequence[tuple[str, ...]], last: int) -> set[Cell]:
    """The cells below the heading that say what is said in it: few, so that few rows need be compared."""
    known = {text for parts in headings for text in parts}
    below = {cell for cell in set[Cell]().union(*grid[last + 1 :]) if not isinstance(cell, int | float)}
    found = {cell for cell in below if _text(cell) in known}
    numbers = {float(text) for text in known if _DECIMAL.match(text)}  # 5 and 5.0: one in a set, two as text
    return found | numbers | {float(text == "True") for text in known & {"True", "False"}}


def _may_repeat(row: Sequence[Cell], again: set[Cell]) -> bool:
    """Whether there are cells enough that also stand in the heading, in whichever column."""
    return not again.isdisjoint(row) and sum(map(again.__contains__, row)) >= _AGAIN


def _numbers(texts: Sequence[str]) -> bool:
    """Whether a row only numbers the columns: 1 2 3, (1) (2) (3), 甲 乙 1 2."""
    found = [_NUMBERING.match(text) for text in texts]
    if len(texts) < 3 or None in found:
        return False
    numbers = [int(one[1]) for one in found if one and one[1]]
    letters = [one[2] for one in found if one and one[2]]
    row = _STEMS if letters and letters[0] in _STEMS else "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return numbers == list(range(1, len(numbers) + 1)) and "".join(letters) == row[: len(letters)]


def _repeats(filled: dict[int, str], headings: Sequence[tuple[str, ...]]) -> bool:
    """Whether the heading stands here again, as on a second printed page."""
    same = sum(column < len(headings) and text in headings[column] for column, text in filled.items())
    return same >= _AGAIN and 2 * same > len(filled)


def _distinct(row: Sequence[Cell]) -> list[Cell]:
    return [cell for i, cell in enumerate(row) if _text(cell) and (i == 0 or row[i - 1] != cell)]


def _text(cell: Cell) -> str:
    return "" if cell is None else str(cell).strip()
